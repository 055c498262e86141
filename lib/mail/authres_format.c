/* authres_format.c - Authentication-Results as we write it (RFC 8601 section
 * 2.2, strictly). */
#include "mail/authres.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "mail/lex.h"

/* RFC 5322 section 2.1.1, one less for the ';' that may follow. */
#define LINE 77

struct writer {
	struct mxa_buf *b;
	size_t line; /* bytes on the current line */
};

/* Put a piece after a space, or on a new line where this one is full. */
static void add_piece(struct writer *w, struct mxa_str s)
{
	bool fits = w->line + 1 + s.len <= LINE;

	mxa_buf_adds(w->b, fits ? " " : "\n\t");
	mxa_buf_addstr(w->b, s);
	w->line = (fits ? w->line : 0) + 1 + s.len;
}

/* Without what no header may hold: line ends and tabs become spaces, other
 * controls go, bytes that are no UTF-8 become '?'. */
static struct mxa_str clean_text(struct mxa_arena *a, struct mxa_str s)
{
	struct mxa_buf b;
	size_t len;

	if (mxa_str_plain(s, 0, "") == s.len)
		return s;
	mxa_buf_init(&b, a, s.len);
	for (size_t i = 0; i < s.len; i += len ? len : 1) {
		len = mxa_utf8_len(s, i);
		if (len == 0)
			mxa_buf_addc(&b, '?');
		else if (mxa_is_space(s.p[i]))
			mxa_buf_addc(&b, ' ');
		else if (len > 1 || (s.p[i] > 0x1f && s.p[i] != 0x7f))
			mxa_buf_add(&b, s.p + i, len);
	}
	return mxa_buf_str(&b);
}

/* Text between 'open' and 'close' with a backslash before what 'special' names.
 * What is longer than MXA_MAX_AUTHRES_VALUE ends with its last whole word,
 * since half of a name would be another name; '*whole' tells whether it is not.
 */
static struct mxa_str enclosed_text(struct mxa_arena *a, struct mxa_str s,
    const char *special, char open, char close, bool *whole)
{
	struct mxa_buf b;
	size_t i = 0;

	mxa_buf_init(&b, a, MXA_MAX_AUTHRES_VALUE + 8);
	mxa_buf_addc(&b, open);
	while (i < s.len && b.len <= MXA_MAX_AUTHRES_VALUE) {
		size_t room = MXA_MAX_AUTHRES_VALUE + 1 - b.len;
		size_t len =
		    mxa_str_plain(mxa_str_sub(s, 0, i + room), i, special);

		if (len == 0) {
			len = mxa_utf8_len(s, i);
			if (strchr(special, s.p[i]) != NULL)
				mxa_buf_addc(&b, '\\');
		}
		mxa_buf_add(&b, s.p + i, len);
		i += len;
	}
	*whole = i == s.len;
	while (!*whole && b.len > 1 && b.p[b.len - 1] != ' ')
		mxa_buf_cut(&b, b.len - 1);
	while (!*whole && b.len > 1 && b.p[b.len - 1] == ' ')
		mxa_buf_cut(&b, b.len - 1);
	mxa_buf_addc(&b, close);
	return mxa_buf_str(&b);
}

static bool is_token(struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mxa_lex_token_byte(s.p[i]))
			return false;
	return s.len > 0;
}

static bool is_keyword(struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mxa_lex_keyword_byte(s.p[i]))
			return false;
	return s.len > 0 && s.len <= MXA_MAX_KEYWORD;
}

/* atext, RFC 5322 section 3.2.3 and RFC 6532 section 3.2 */
static bool atom_byte(char c)
{
	return mxa_is_alnum(c) || (unsigned char)c >= 0x80 ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool domain_byte(char c)
{
	return mxa_is_alnum(c) || (unsigned char)c >= 0x80 || c == '-' ||
	    c == '_';
}

/* Runs of such bytes with single dots between them. */
static bool is_dotted(struct mxa_str s, bool (*byte)(char))
{
	bool dot = true;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' ? dot : !byte(s.p[i]))
			return false;
		dot = s.p[i] == '.';
	}
	return !dot;
}

/* [local] "@" domain, which a pvalue may hold unquoted; the local part may be
 * a quoted string. */
static bool is_address(struct mxa_str s)
{
	size_t at = 0;
	struct mxa_str local;

	if (s.len > 0 && s.p[0] == '"') {
		if (!mxa_lex_quoted(s, &at))
			return false;
	} else {
		at = mxa_str_chr(s, '@', 0);
		local = mxa_str_sub(s, 0, at);
		if (local.len > 0 && !is_dotted(local, atom_byte))
			return false;
	}
	return at < s.len && s.p[at] == '@' &&
	    is_dotted(mxa_str_sub(s, at + 1, s.len), domain_byte);
}

/* 's' as a value of the grammar; '*whole' is false when it is too long. */
static struct mxa_str as_value(
    struct mxa_arena *a, struct mxa_str s, bool address, bool *whole)
{
	struct mxa_str v = clean_text(a, s);

	*whole = v.len <= MXA_MAX_AUTHRES_VALUE;
	if (*whole && (is_token(v) || (address && is_address(v))))
		return v;
	return enclosed_text(a, v, "\"\\", '"', '"', whole);
}

/* A property whose value is too long is left out: cut it would say something
 * else. */
static void add_property(struct writer *w, const struct mxa_authres_prop *p)
{
	struct mxa_arena *a = w->b->arena;
	struct mxa_buf b;
	struct mxa_str v;
	bool whole;

	if (!is_keyword(p->ptype) || !is_keyword(p->name))
		return;
	v = as_value(a, p->value, true, &whole);
	if (!whole)
		return;
	mxa_buf_init(&b, a, v.len + 2 * MXA_MAX_KEYWORD + 2);
	mxa_buf_addstr(&b, p->ptype);
	mxa_buf_addc(&b, '.');
	mxa_buf_addstr(&b, p->name);
	mxa_buf_addc(&b, '=');
	mxa_buf_addstr(&b, v);
	add_piece(w, mxa_buf_str(&b));
}

static void add_reason(struct writer *w, struct mxa_str text)
{
	struct mxa_arena *a = w->b->arena;
	struct mxa_str s = clean_text(a, text), value;
	struct mxa_buf b;
	bool whole;

	value = as_value(a, s, false, &whole);
	if (s.len == 0 || mxa_str_is(value, "\"\""))
		return;
	mxa_buf_init(&b, a, MXA_MAX_AUTHRES_VALUE + 20);
	mxa_buf_adds(&b, "reason=");
	mxa_buf_addstr(&b, value);
	add_piece(w, mxa_buf_str(&b));
}

static void add_comment(struct writer *w, struct mxa_str text)
{
	struct mxa_str s = mxa_str_trim(clean_text(w->b->arena, text));
	bool whole;

	s = enclosed_text(w->b->arena, s, "()\\", '(', ')', &whole);
	if (!mxa_str_is(s, "()"))
		add_piece(w, s);
}

static void add_result(
    struct writer *w, const struct mxa_authres_result *r, bool comments)
{
	mxa_buf_adds(w->b, ";\n\t");
	mxa_buf_addstr(w->b, r->method);
	mxa_buf_addc(w->b, '=');
	mxa_buf_addstr(w->b, r->result);
	w->line = 1 + r->method.len + 1 + r->result.len;
	if (comments)
		add_comment(w, r->comment);
	add_reason(w, r->reason);
	for (size_t i = 0; i < r->n_prop; i++)
		add_property(w, &r->prop[i]);
}

void mxa_authres_format(
    struct mxa_buf *b, const struct mxa_authres *ar, bool comments)
{
	struct writer w = { .b = b };
	size_t none = 0;
	bool whole;

	mxa_buf_addstr(b, as_value(b->arena, ar->id, false, &whole));
	if (ar->version != 1)
		mxa_buf_printf(b, " %u", ar->version);
	for (size_t i = 0; i < ar->n; i++) {
		const struct mxa_authres_result *r = &ar->result[i];

		if (is_keyword(r->method) && is_keyword(r->result))
			add_result(&w, r, comments);
		else
			none++;
	}
	if (none == ar->n)
		mxa_buf_adds(b, "; none");
}
