/* json_read.c - JSON text read from front to back. */
#include "base/json_read.h"

#include <string.h>

#include "base/utf8.h"

void mxa_json_reader_init(struct mxa_json_reader *r, char *text, size_t len)
{
	*r = (struct mxa_json_reader){ .at = text, .end = text + len };
}

static void give_up(struct mxa_json_reader *r)
{
	r->bad = true;
	r->at = r->end;
}

static void skip_space(struct mxa_json_reader *r)
{
	while (r->at < r->end && mxa_is_space(*r->at))
		r->at++;
}

char mxa_json_peek(struct mxa_json_reader *r)
{
	skip_space(r);
	return r->at < r->end ? *r->at : '\0';
}

/* --- texts --- */

/* Printable ASCII but for quote and backslash. */
static const bool is_plain[256] = {
	[' '] = true,
	['!'] = true,
	['#' ... '['] = true,
	[']' ... '~'] = true,
	[0x7f] = true,
};

static bool read_hex(struct mxa_json_reader *r, uint32_t *out)
{
	if (r->end - r->at < 4)
		return false;
	*out = 0;
	for (int i = 0; i < 4; i++) {
		char c = *r->at++;

		if (!mxa_is_xdigit(c))
			return false;
		*out = *out << 4 |
		    (uint32_t)(mxa_is_digit(c) ? c - '0'
					       : mxa_lower(c) - 'a' + 10);
	}
	return true;
}

/* What follows "\u": a character, or the two halves of one (RFC 8259 section
 * 7). */
static bool read_code_point(struct mxa_json_reader *r, uint32_t *out)
{
	uint32_t low;

	if (!read_hex(r, out) || (*out >= 0xdc00 && *out <= 0xdfff))
		return false;
	if (*out < 0xd800 || *out > 0xdbff)
		return true;
	if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u')
		return false;
	r->at += 2;
	if (!read_hex(r, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* The escape at the backslash, decoded to 'to'; returns its bytes there, 0 for
 * none.  It is never longer than what it was. */
static size_t decode_escape(struct mxa_json_reader *r, char *to)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name;
	uint32_t c;

	r->at++;
	if (r->at == r->end || *r->at == '\0')
		return 0;
	if (*r->at == 'u') {
		r->at++;
		return read_code_point(r, &c) ? mxa_utf8_put(to, c) : 0;
	}
	name = strchr(names, *r->at++);
	if (name == NULL)
		return 0;
	*to = values[name - names];
	return 1;
}

/* The character at r->at, which is not plain, to 'to'; 0: not allowed. */
static size_t decode_special(struct mxa_json_reader *r, char *to)
{
	struct mxa_str rest = { r->at, (size_t)(r->end - r->at) };
	size_t len;

	if (*r->at == '\\')
		return decode_escape(r, to);
	len = (unsigned char)*r->at < 0x80 ? 0 : mxa_utf8_len(rest, 0);
	memmove(to, r->at, len);
	r->at += len;
	return len;
}

/* The text at the quote, decoded in place. */
static struct mxa_str read_text(struct mxa_json_reader *r)
{
	char *start = ++r->at, *to = start;

	for (;;) {
		char *from = r->at;
		size_t len;

		while (r->at < r->end && is_plain[(unsigned char)*r->at])
			r->at++;
		len = (size_t)(r->at - from);
		if (to != from)
			memmove(to, from, len);
		to += len;
		if (r->at == r->end)
			break;
		if (*r->at == '"') {
			r->at++;
			*to = '\0';
			return mxa_str_make(start, (size_t)(to - start));
		}
		len = decode_special(r, to);
		if (len == 0)
			break;
		to += len;
	}
	give_up(r);
	return MXA_STR_NONE;
}

/* --- containers --- */

bool mxa_json_enter(struct mxa_json_reader *r, char bracket)
{
	if (mxa_json_peek(r) != bracket) {
		mxa_json_skip(r);
		return false;
	}
	r->at++;
	r->first = true;
	return true;
}

/* To the next element of a container that ends in 'close'. */
static bool next_element(struct mxa_json_reader *r, char close)
{
	char c = mxa_json_peek(r);

	if (r->bad)
		return false;
	if (c == close) {
		r->at++;
		r->first = false;
		return false;
	}
	if (r->first) {
		r->first = false;
		return true;
	}
	if (c != ',') {
		give_up(r);
		return false;
	}
	r->at++;
	return true;
}

bool mxa_json_member(struct mxa_json_reader *r, struct mxa_str *key)
{
	if (!next_element(r, '}'))
		return false;
	if (mxa_json_peek(r) != '"') {
		give_up(r);
		return false;
	}
	*key = read_text(r);
	if (mxa_json_peek(r) != ':') {
		give_up(r);
		return false;
	}
	r->at++;
	return true;
}

bool mxa_json_item(struct mxa_json_reader *r)
{
	return next_element(r, ']');
}

/* --- values --- */

struct mxa_str mxa_json_take_str(struct mxa_json_reader *r)
{
	if (mxa_json_peek(r) == '"')
		return read_text(r);
	mxa_json_skip(r);
	return MXA_STR_NONE;
}

/* Bytes of a number, true, false or null. */
static struct mxa_str read_bare_word(struct mxa_json_reader *r)
{
	char *start = r->at;

	while (r->at < r->end &&
	    (mxa_is_alnum(*r->at) || *r->at == '-' || *r->at == '+' ||
		*r->at == '.'))
		r->at++;
	return mxa_str_make(start, (size_t)(r->at - start));
}

static size_t digits_at(struct mxa_str s, size_t at)
{
	size_t n = 0;

	while (at + n < s.len && mxa_is_digit(s.p[at + n]))
		n++;
	return n;
}

/* A number of RFC 8259 section 6. */
static bool is_number(struct mxa_str s)
{
	size_t at = s.len > 0 && s.p[0] == '-';
	size_t n = digits_at(s, at);

	if (n == 0 || (n > 1 && s.p[at] == '0'))
		return false;
	at += n;
	if (at < s.len && s.p[at] == '.') {
		n = digits_at(s, at + 1);
		if (n == 0)
			return false;
		at += 1 + n;
	}
	if (at < s.len && mxa_lower(s.p[at]) == 'e') {
		at++;
		at += at < s.len && (s.p[at] == '+' || s.p[at] == '-');
		n = digits_at(s, at);
		if (n == 0)
			return false;
		at += n;
	}
	return at == s.len;
}

/* The word that stands there; anything else ends the reading. */
static struct mxa_str take_word(struct mxa_json_reader *r)
{
	struct mxa_str word;

	mxa_json_peek(r);
	word = read_bare_word(r);
	if (!is_number(word) && !mxa_str_is(word, "true") &&
	    !mxa_str_is(word, "false") && !mxa_str_is(word, "null"))
		give_up(r);
	return word;
}

/* A text or container comes next. */
static bool at_bracket(struct mxa_json_reader *r)
{
	char c = mxa_json_peek(r);

	return c == '"' || c == '{' || c == '[';
}

bool mxa_json_take_int(struct mxa_json_reader *r, int64_t *out)
{
	struct mxa_str word;
	bool minus;
	uint64_t v;

	if (at_bracket(r)) {
		mxa_json_skip(r);
		return false;
	}
	word = take_word(r);
	minus = word.len > 0 && word.p[0] == '-';
	if (r->bad ||
	    !mxa_str_u64(mxa_str_sub(word, minus, word.len), INT64_MAX, &v))
		return false;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

bool mxa_json_take_true(struct mxa_json_reader *r)
{
	if (at_bracket(r)) {
		mxa_json_skip(r);
		return false;
	}
	return mxa_str_is(take_word(r), "true");
}

/* The character at 'at' has an odd number of backslashes before it. */
static bool is_escaped(const char *start, const char *at)
{
	const char *p = at;

	while (p > start && p[-1] == '\\')
		p--;
	return (at - p) % 2 == 1;
}

/* Pass over the text at the quote. */
static void skip_text(struct mxa_json_reader *r)
{
	const char *start = r->at + 1, *at = start;

	for (;; at++) {
		at = memchr(at, '"', (size_t)(r->end - at));
		if (at == NULL) {
			give_up(r);
			return;
		}
		if (!is_escaped(start, at))
			break;
	}
	r->at += at + 1 - r->at;
}

/* Pass over the container at the bracket. */
static void skip_container(struct mxa_json_reader *r)
{
	static const signed char steps[256] = {
		['{'] = 1, ['['] = 1, ['}'] = -1, [']'] = -1
	};
	size_t depth = 0;

	while (r->at < r->end) {
		if (*r->at == '"') {
			skip_text(r);
			continue;
		}
		depth += (size_t)steps[(unsigned char)*r->at++];
		if (depth == 0)
			return;
	}
	give_up(r);
}

void mxa_json_skip(struct mxa_json_reader *r)
{
	char c = mxa_json_peek(r);

	if (c == '"')
		skip_text(r);
	else if (c == '{' || c == '[')
		skip_container(r);
	else
		take_word(r);
}

bool mxa_json_finish(struct mxa_json_reader *r)
{
	return mxa_json_peek(r) == '\0' && r->at == r->end && !r->bad;
}
