/* reply.c - text of an SMTP refusal. */
#include "mail/reply.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/domain.h"

/* RFC 3463 section 2: one to three digits without leading zeros. */
static bool detail_ok(struct mxa_str s)
{
	uint64_t v;

	if (s.len > 1 && s.p[0] == '0')
		return false;
	return s.len <= 3 && mxa_str_u64(s, 999, &v);
}

bool mxa_reply_codes_ok(struct mxa_str code, struct mxa_str enhanced)
{
	size_t first = mxa_str_chr(enhanced, '.', 0);
	size_t second = mxa_str_chr(enhanced, '.', first + 1);

	if (code.len != 3 || (code.p[0] != '4' && code.p[0] != '5'))
		return false;
	/* RFC 5321 section 4.2: the second digit is 0 to 5 */
	if (code.p[1] < '0' || code.p[1] > '5' || !mxa_is_digit(code.p[2]))
		return false;
	if (first != 1 || second == enhanced.len || enhanced.p[0] != code.p[0])
		return false;
	return detail_ok(mxa_str_sub(enhanced, first + 1, second)) &&
	    detail_ok(mxa_str_sub(enhanced, second + 1, enhanced.len));
}

void mxa_reply_init(struct mxa_reply *r, const char *code, const char *enhanced)
{
	*r = (struct mxa_reply){ .n = 0 };
	snprintf(r->code, sizeof(r->code), "%s", code);
	snprintf(r->enhanced, sizeof(r->enhanced), "%s", enhanced);
}

/* Room for text in a line that begins "550-5.7.26 " (RFC 5321 section
 * 4.5.3.1.5 counts the codes). */
static size_t longest_line(const struct mxa_reply *r)
{
	size_t codes =
	    mxa_str_from(r->code).len + 1 + mxa_str_from(r->enhanced).len + 1;

	return MXA_MAX_REPLY_LINE - codes;
}

static struct mxa_str printable_text(struct mxa_arena *a, struct mxa_str s)
{
	char *p = mxa_arena_alloc(a, s.len);

	for (size_t i = 0; i < s.len; i++)
		p[i] = s.p[i] >= ' ' && s.p[i] <= '~' ? s.p[i] : '?';
	return mxa_str_make(p, s.len);
}

void mxa_reply_line(
    struct mxa_reply *r, struct mxa_arena *a, struct mxa_str text)
{
	if (r->n < MXA_MAX_REPLY_LINES)
		r->line[r->n++] =
		    printable_text(a, mxa_str_sub(text, 0, longest_line(r)));
}

static struct mxa_str skip_spaces(struct mxa_str s)
{
	while (s.len > 0 && s.p[0] == ' ')
		s = mxa_str_sub(s, 1, s.len);
	return s;
}

static struct mxa_str trim_end(struct mxa_str s)
{
	while (s.len > 0 && s.p[s.len - 1] == ' ')
		s.len--;
	return s;
}

/* As much of 's' as goes into a line: up to the last space, or, of a longer
 * word, its first 'width' bytes. */
static struct mxa_str first_line(struct mxa_str s, size_t width)
{
	size_t at = width;

	if (s.len <= width)
		return s;
	while (at > 0 && s.p[at] != ' ')
		at--;
	return mxa_str_sub(s, 0, at > 0 ? at : width);
}

/* The last line ends in "..." instead of what did not fit. */
static void mark_cut(struct mxa_reply *r, struct mxa_arena *a, size_t width)
{
	struct mxa_str *last = &r->line[r->n - 1];
	struct mxa_str kept = *last;

	if (kept.len + 3 > width)
		kept =
		    trim_end(mxa_str_sub(kept, 0, width > 3 ? width - 3 : 0));
	*last = mxa_str_from(mxa_arena_printf(a, "%.*s...", MXA_STR_ARG(kept)));
}

void mxa_reply_wrap(struct mxa_reply *r, struct mxa_arena *a,
    struct mxa_str text, size_t width, size_t most)
{
	struct mxa_str rest = skip_spaces(trim_end(text));
	size_t before = r->n;

	if (width == 0 || width > longest_line(r))
		width = longest_line(r);
	if (most > MXA_MAX_REPLY_LINES)
		most = MXA_MAX_REPLY_LINES;
	while (rest.len > 0 && r->n < most) {
		struct mxa_str line = first_line(rest, width);

		mxa_reply_line(r, a, trim_end(line));
		rest = skip_spaces(mxa_str_sub(rest, line.len, rest.len));
	}
	if (rest.len > 0 && r->n > before)
		mark_cut(r, a, width);
}

struct mxa_str mxa_reply_domain(struct mxa_str domain)
{
	return mxa_domain_is_ldh(domain) ? domain
					 : MXA_STR("(unprintable domain)");
}
