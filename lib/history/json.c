/* json.c - JSON text (RFC 8259). */
#include "history/json.h"

#include <string.h>

#include "mail/lex.h"

#define MAX_KEY 60 /* ours are shorter */

void mxa_json_init(struct mxa_json *j, struct mxa_buf *b)
{
	*j = (struct mxa_json){ .b = b };
}

/* Comma and key in one piece: a journal line has 150 of them. */
static void begin(struct mxa_json *j, const char *key)
{
	char text[MAX_KEY + 4];
	size_t len, n = 0;

	if (j->comma)
		text[n++] = ',';
	j->comma = true;
	if (key != NULL) {
		len = strnlen(key, MAX_KEY);
		text[n++] = '"';
		memcpy(text + n, key, len);
		n += len;
		text[n++] = '"';
		text[n++] = ':';
	}
	mxa_buf_add(j->b, text, n);
}

void mxa_json_open(struct mxa_json *j, const char *key, char bracket)
{
	begin(j, key);
	mxa_buf_addc(j->b, bracket);
	j->comma = false;
}

void mxa_json_close(struct mxa_json *j, char bracket)
{
	mxa_buf_addc(j->b, bracket);
	j->comma = true;
}

/* Printable ASCII but for what JSON escapes. */
static const bool is_plain[256] = {
	[' '] = true,
	['!'] = true,
	['#' ... '['] = true,
	[']' ... '~'] = true,
};

/* Length of the run from 'at' that needs no escape. */
static size_t plain_run(struct mxa_str s, size_t at)
{
	size_t i = at;

	while (i < s.len && is_plain[(unsigned char)s.p[i]])
		i++;
	return i - at;
}

/* What stands at 'at' and is no plain run; returns its length. */
static size_t add_special(struct mxa_json *j, struct mxa_str s, size_t at)
{
	unsigned char c = (unsigned char)s.p[at];
	size_t len = mxa_lex_utf8(s, at);

	if (len > 1)
		mxa_buf_add(j->b, s.p + at, len);
	else if (len == 0)
		mxa_buf_adds(j->b, "\xef\xbf\xbd"); /* U+FFFD */
	else if (c == '"' || c == '\\')
		mxa_buf_printf(j->b, "\\%c", c);
	else
		mxa_buf_printf(j->b, "\\u%04x", c);
	return len > 1 ? len : 1;
}

void mxa_json_str(
    struct mxa_json *j, const char *key, struct mxa_str s, size_t most)
{
	bool cut = s.len > most;
	size_t at = 0;

	if (cut)
		s.len = most;
	begin(j, key);
	mxa_buf_addc(j->b, '"');
	while (at < s.len) {
		size_t run = plain_run(s, at);

		mxa_buf_add(j->b, s.p + at, run);
		at += run;
		if (at < s.len)
			at += add_special(j, s, at);
	}
	mxa_buf_adds(j->b, cut ? "...\"" : "\"");
}

void mxa_json_word(struct mxa_json *j, const char *key, const char *word)
{
	begin(j, key);
	mxa_buf_addc(j->b, '"');
	mxa_buf_adds(j->b, word);
	mxa_buf_addc(j->b, '"');
}

void mxa_json_int(struct mxa_json *j, const char *key, int64_t v)
{
	begin(j, key);
	mxa_buf_addint(j->b, v);
}

void mxa_json_true(struct mxa_json *j, const char *key)
{
	begin(j, key);
	mxa_buf_adds(j->b, "true");
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
