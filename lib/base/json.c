/* json.c - JSON text (RFC 8259). */
#include "base/json.h"

#include <string.h>

#include "base/utf8.h"

#define MAX_KEY 100	/* ours are shorter */
#define DRAIN_SIZE 8192 /* bytes that are worth a write */

void mxa_json_init(struct mxa_json *j, struct mxa_buf *b)
{
	*j = (struct mxa_json){ .b = b };
}

static void drain_when_long(struct mxa_json *j)
{
	if (j->drain == NULL || j->b->len < DRAIN_SIZE)
		return;
	j->drain(j->ctx, mxa_buf_str(j->b));
	mxa_buf_cut(j->b, 0);
}

static void start_line(struct mxa_json *j, unsigned depth)
{
	mxa_buf_addc(j->b, '\n');
	for (unsigned i = 0; i < depth; i++)
		mxa_buf_add(j->b, "  ", 2);
}

/* Comma and key in one piece: a journal line has 150 of them. */
static void start_element(struct mxa_json *j, const char *key)
{
	char text[MAX_KEY + 4];
	size_t len, n = 0;

	drain_when_long(j);
	if (j->comma)
		text[n++] = ',';
	j->comma = true;
	if (j->depth > 0 && j->depth <= j->lines) {
		mxa_buf_add(j->b, text, n);
		start_line(j, j->depth);
		n = 0;
	}
	if (key != NULL) {
		len = strnlen(key, MAX_KEY);
		text[n++] = '"';
		memcpy(text + n, key, len);
		n += len;
		text[n++] = '"';
		text[n++] = ':';
	}
	mxa_buf_add(j->b, text, n);
	if (key != NULL && j->depth <= j->lines)
		mxa_buf_addc(j->b, ' ');
}

void mxa_json_open(struct mxa_json *j, const char *key, char bracket)
{
	start_element(j, key);
	mxa_buf_addc(j->b, bracket);
	j->comma = false;
	j->depth++;
}

void mxa_json_close(struct mxa_json *j, char bracket)
{
	bool empty = !j->comma;

	if (!empty && j->depth <= j->lines)
		start_line(j, j->depth - 1);
	j->depth--;
	mxa_buf_addc(j->b, bracket);
	j->comma = true;
}

/* Length of the run from 'at' that needs no escape, in pieces that are worth a
 * write. */
static size_t plain_run(struct mxa_str s, size_t at)
{
	if (s.len - at > DRAIN_SIZE)
		s.len = at + DRAIN_SIZE;
	return mxa_str_plain(s, at, "\"\\");
}

/* "\n" and the like, else "\u00XX"; also for the control characters from
 * U+0080 to U+009F, which some terminals obey. */
static void add_control(struct mxa_buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	if (c == '\n' || c == '\r' || c == '\t') {
		text[1] = c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
		mxa_buf_add(b, text, 2);
		return;
	}
	mxa_buf_add(b, text, sizeof(text));
}

/* The character at 'at', which is not in a plain run; returns its length. */
static size_t add_special(struct mxa_buf *b, struct mxa_str s, size_t at)
{
	unsigned char c = (unsigned char)s.p[at];
	size_t len = mxa_utf8_len(s, at);

	if (len == 2 && c == 0xc2 && (unsigned char)s.p[at + 1] < 0xa0)
		add_control(b, (unsigned char)s.p[at + 1]);
	else if (len > 1)
		mxa_buf_add(b, s.p + at, len);
	else if (len == 0)
		mxa_buf_adds(b, "\xef\xbf\xbd"); /* U+FFFD */
	else if (c == '"' || c == '\\')
		mxa_buf_add(b, (char[]){ '\\', (char)c }, 2);
	else
		add_control(b, c);
	return len > 1 ? len : 1;
}

static void add_escaped(struct mxa_json *j, struct mxa_str s)
{
	size_t at = 0;

	while (at < s.len) {
		size_t run = plain_run(s, at);

		mxa_buf_add(j->b, s.p + at, run);
		at += run;
		if (run == 0)
			at += add_special(j->b, s, at);
		drain_when_long(j);
	}
}

void mxa_json_str(struct mxa_json *j, const char *key, struct mxa_str s)
{
	start_element(j, key);
	mxa_buf_addc(j->b, '"');
	add_escaped(j, s);
	mxa_buf_addc(j->b, '"');
}

/* The bytes of 's' that make at most 'most' bytes of text, as whole
 * characters. */
static size_t bytes_that_fit(struct mxa_str s, size_t most)
{
	size_t at = 0, room = most;

	if (s.len <= most && mxa_str_is_ascii(s))
		return s.len;
	while (at < s.len) {
		size_t len = mxa_utf8_len(s, at);
		size_t made = len ? len : 3; /* U+FFFD */

		if (made > room)
			break;
		room -= made;
		at += len ? len : 1;
	}
	return at;
}

void mxa_json_cut(
    struct mxa_json *j, const char *key, struct mxa_str s, size_t most)
{
	if (s.len <= most / 3 || bytes_that_fit(s, most) == s.len) {
		mxa_json_str(j, key, s);
		return;
	}
	start_element(j, key);
	mxa_buf_addc(j->b, '"');
	add_escaped(
	    j, mxa_str_sub(s, 0, bytes_that_fit(s, most > 3 ? most - 3 : 0)));
	mxa_buf_adds(j->b, "...\"");
}

void mxa_json_str_or_null(struct mxa_json *j, const char *key, struct mxa_str s)
{
	if (s.len > 0)
		mxa_json_str(j, key, s);
	else
		mxa_json_null(j, key);
}

void mxa_json_text(struct mxa_json *j, const char *key, const char *text)
{
	if (text != NULL)
		mxa_json_str(j, key, mxa_str_from(text));
	else
		mxa_json_null(j, key);
}

void mxa_json_word(struct mxa_json *j, const char *key, const char *word)
{
	start_element(j, key);
	mxa_buf_addc(j->b, '"');
	mxa_buf_adds(j->b, word);
	mxa_buf_addc(j->b, '"');
}

void mxa_json_int(struct mxa_json *j, const char *key, int64_t v)
{
	start_element(j, key);
	mxa_buf_addint(j->b, v);
}

void mxa_json_bool(struct mxa_json *j, const char *key, bool v)
{
	start_element(j, key);
	mxa_buf_adds(j->b, v ? "true" : "false");
}

void mxa_json_null(struct mxa_json *j, const char *key)
{
	start_element(j, key);
	mxa_buf_adds(j->b, "null");
}

void mxa_json_list(
    struct mxa_json *j, const char *key, const struct mxa_str *v, size_t n)
{
	mxa_json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		mxa_json_str(j, NULL, v[i]);
	mxa_json_close(j, ']');
}

struct mxa_json_mark mxa_json_mark(const struct mxa_json *j)
{
	return (struct mxa_json_mark){ j->b->len, j->comma };
}

bool mxa_json_undo(struct mxa_json *j, struct mxa_json_mark mark, size_t limit)
{
	if (!j->b->full && j->b->len <= limit)
		return false;
	mxa_buf_cut(j->b, mark.len);
	j->b->full = false;
	j->comma = mark.comma;
	return true;
}
