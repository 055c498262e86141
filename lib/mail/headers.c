/* headers.c - the header section, kept as DKIM needs it. */
#include "mail/headers.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"

#define FIRST_FIELDS 32

void mxa_headers_init(struct mxa_headers *h, struct mxa_arena *a)
{
	*h = (struct mxa_headers){ .arena = a };
}

/* Whether the LF at s.p[at] lacks its CR. */
static bool lone_lf(struct mxa_str s, size_t at)
{
	return at == 0 || s.p[at - 1] != '\r';
}

static size_t count_lone_lf(struct mxa_str s)
{
	size_t n = 0;

	for (size_t at = mxa_str_chr(s, '\n', 0); at < s.len;
	     at = mxa_str_chr(s, '\n', at + 1))
		n += lone_lf(s, at);
	return n;
}

/* Copy 's' to 'out' with a CR before each LF that lacks one; returns the end.
 * The caller has counted the room. */
static char *copy_crlf(char *out, struct mxa_str s)
{
	size_t from = 0;

	while (from < s.len) {
		size_t at = mxa_str_chr(s, '\n', from);

		memcpy(out, s.p + from, at - from);
		out += at - from;
		from = at;
		if (at == s.len)
			break;
		if (lone_lf(s, at))
			*out++ = '\r';
		*out++ = '\n';
		from = at + 1;
	}
	return out;
}

struct mxa_str mxa_body_crlf(struct mxa_arena *a, struct mxa_str text)
{
	size_t more = count_lone_lf(text);
	char *p;

	if (more == 0)
		return text;
	p = mxa_arena_alloc(a, text.len + more);
	copy_crlf(p, text);
	return mxa_str_make(p, text.len + more);
}

/* From fields are kept beyond the other limits, so that nobody hides the one
 * that a reader shows behind 21,000 others. */
static bool has_room(const struct mxa_headers *h, bool from, size_t len)
{
	if (from && h->from_fields < MXA_MAX_FROM_FIELDS)
		return true;
	return h->n < MXA_MAX_FIELDS && h->bytes + len <= MXA_MAX_HEADER;
}

static struct mxa_field *next_field(struct mxa_headers *h)
{
	size_t cap = h->cap ? 2 * h->cap : FIRST_FIELDS;

	if (h->n == h->cap) {
		h->v = mxa_arena_grow(h->arena, h->v, h->cap * sizeof(*h->v),
		    cap * sizeof(*h->v));
		h->cap = cap;
	}
	return &h->v[h->n++];
}

static struct mxa_str without_trailing_wsp(struct mxa_str s)
{
	while (s.len > 0 && mxa_is_wsp(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Store "name:", a space if 'space', and 'value' with CRLF at its folds. */
static void store_field(struct mxa_headers *h, struct mxa_field *f,
    struct mxa_str name, bool space, struct mxa_str value)
{
	size_t len = name.len + 1 + space + value.len + count_lone_lf(value);
	char *raw = mxa_arena_alloc(h->arena, len);
	char *p = raw;

	if (name.len > 0)
		memcpy(p, name.p, name.len);
	p += name.len;
	*p++ = ':';
	if (space)
		*p++ = ' ';
	copy_crlf(p, value);
	f->raw = mxa_str_make(raw, len);
	f->name = without_trailing_wsp(mxa_str_make(raw, name.len));
	f->value = mxa_str_sub(f->raw, name.len + 1, len);
	h->bytes += len;
}

enum mxa_rc mxa_headers_add(struct mxa_headers *h, struct mxa_str name,
    struct mxa_str value, bool exact)
{
	bool from = mxa_str_caseis(without_trailing_wsp(name), "From");
	size_t head = name.len + 1 + !exact;
	struct mxa_field *f;
	bool cut = false;

	if (head <= MXA_MAX_FIELD && value.len > MXA_MAX_FIELD - head) {
		value.len = MXA_MAX_FIELD - head;
		cut = true;
	}
	if (head > MXA_MAX_FIELD || !has_room(h, from, head + value.len)) {
		h->dropped++;
		return MXA_ELIMIT;
	}
	f = next_field(h);
	f->cut = cut;
	store_field(h, f, name, !exact, value);
	h->cut += cut;
	h->from_fields += from;
	return MXA_OK;
}

/* End of the line that starts at 'from', behind its LF. */
static size_t line_end(struct mxa_str text, size_t from)
{
	size_t lf = mxa_str_chr(text, '\n', from);

	return lf < text.len ? lf + 1 : text.len;
}

/* Without its LF or CRLF. */
static struct mxa_str chomp_line(struct mxa_str line)
{
	if (line.len > 0 && line.p[line.len - 1] == '\n') {
		line.len--;
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
	}
	return line;
}

/* Length of the field name with white space behind it, up to the colon; 0 when
 * the line is no field (RFC 5322 section 3.6.8; section 4.5 for the space). */
static size_t name_length(struct mxa_str line)
{
	size_t i = 0, name;

	while (i < line.len && line.p[i] > ' ' && line.p[i] < 0x7f &&
	    line.p[i] != ':')
		i++;
	name = i;
	while (i < line.len && mxa_is_wsp(line.p[i]))
		i++;
	return name > 0 && i < line.len && line.p[i] == ':' ? i : 0;
}

static bool is_mbox_line(struct mxa_str line)
{
	return mxa_str_starts(line, MXA_STR("From ")) && name_length(line) == 0;
}

void mxa_headers_split(struct mxa_headers *h, struct mxa_str text, size_t *body)
{
	size_t at = 0, end = line_end(text, 0);

	if (is_mbox_line(mxa_str_sub(text, 0, end)))
		at = end;
	while (at < text.len) {
		struct mxa_str field;
		size_t name;

		end = line_end(text, at);
		name = name_length(mxa_str_sub(text, at, end));
		if (name == 0)
			break;
		while (end < text.len && mxa_is_wsp(text.p[end]))
			end = line_end(text, end);
		field = chomp_line(mxa_str_sub(text, at, end));
		mxa_headers_add(h, mxa_str_sub(field, 0, name),
		    mxa_str_sub(field, name + 1, field.len), true);
		at = end;
	}
	/* the empty line belongs to neither part */
	end = line_end(text, at);
	if (end > at && chomp_line(mxa_str_sub(text, at, end)).len == 0)
		at = end;
	*body = at;
}

size_t mxa_headers_count(const struct mxa_headers *h, const char *name)
{
	struct mxa_str wanted = mxa_str_from(name);
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += mxa_str_caseeq(h->v[i].name, wanted);
	return n;
}

const struct mxa_field *mxa_headers_find(
    const struct mxa_headers *h, const char *name, size_t nth)
{
	struct mxa_str wanted = mxa_str_from(name);

	for (size_t i = 0; i < h->n; i++)
		if (mxa_str_caseeq(h->v[i].name, wanted) && nth-- == 0)
			return &h->v[i];
	return NULL;
}

/* Length of the fold's line end at s.p[at] (an LF): 2 for CRLF before white
 * space, else 0. */
static size_t fold_at(struct mxa_str s, size_t at)
{
	bool crlf = at > 0 && s.p[at - 1] == '\r';

	return crlf && at + 1 < s.len && mxa_is_wsp(s.p[at + 1]) ? 2 : 0;
}

struct mxa_str mxa_field_unfold(struct mxa_arena *a, const struct mxa_field *f)
{
	struct mxa_str v = mxa_str_trim(f->value);
	size_t at = mxa_str_chr(v, '\n', 0), from = 0;
	char *p, *out;

	if (at == v.len)
		return v;
	p = out = mxa_arena_alloc(a, v.len);
	for (; at < v.len; at = mxa_str_chr(v, '\n', at + 1)) {
		size_t fold = fold_at(v, at);
		size_t keep = at + 1 - fold - from;

		memcpy(out, v.p + from, keep);
		out += keep;
		from = at + 1;
	}
	memcpy(out, v.p + from, v.len - from);
	return mxa_str_make(p, (size_t)(out - p) + v.len - from);
}
