/* utf8.c - cleaning the bytes of a document as they stream by. */
#include "report/received/utf8.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"

#define CHUNK 32768
#define LOOK 512 /* bytes in which the kind of a document shows */

struct mxa_report_clean {
	mxa_report_source *source;
	void *ctx;
	char in[CHUNK];
	size_t at, len;
	bool started, ended;
	bool raw;     /* another charset: hands off */
	bool escaped; /* &lt;feedback&gt; */
};

struct mxa_report_clean *mxa_report_clean_new(
    struct mxa_arena *a, mxa_report_source *source, void *ctx)
{
	struct mxa_report_clean *c = mxa_arena_alloc(a, sizeof(*c));

	memset(c, 0, sizeof(*c));
	c->source = source;
	c->ctx = ctx;
	return c;
}

/* Bytes not yet looked at: at least 'want' if the document has them. */
static size_t fill_input(struct mxa_report_clean *c, size_t want)
{
	if (c->len - c->at >= want)
		return c->len - c->at;
	memmove(c->in, c->in + c->at, c->len - c->at);
	c->len -= c->at;
	c->at = 0;
	while (c->len < want && !c->ended) {
		long n = c->source(c->ctx, c->in + c->len, CHUNK - c->len);

		if (n <= 0)
			c->ended = true;
		else
			c->len += (size_t)n;
	}
	return c->len;
}

static bool is_utf16(const char *p, size_t n)
{
	if (n < 4)
		return false;
	if (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0)
		return true;
	return memcmp(p, "<\0?\0", 4) == 0 || memcmp(p, "\0<\0?", 4) == 0;
}

/* encoding="…" of the declaration names something other than UTF-8. */
static bool other_charset(struct mxa_str head)
{
	size_t from = mxa_str_casefind(head, MXA_STR("encoding="));
	size_t end = mxa_str_casefind(head, MXA_STR("?>"));
	struct mxa_str name;

	if (!mxa_str_casestarts(head, MXA_STR("<?xml")) || end == head.len ||
	    from > end)
		return false;
	name = mxa_str_sub(head, from + 10, end);
	return !mxa_str_casestarts(name, MXA_STR("utf-8")) &&
	    !mxa_str_casestarts(name, MXA_STR("utf8")) &&
	    !mxa_str_casestarts(name, MXA_STR("us-ascii")) &&
	    !mxa_str_casestarts(name, MXA_STR("ascii"));
}

static void look_at_start(struct mxa_report_clean *c)
{
	size_t n = fill_input(c, LOOK);
	struct mxa_str head = { c->in + c->at, n };
	size_t open, escaped;

	c->started = true;
	if (is_utf16(head.p, head.len)) {
		c->raw = true;
		return;
	}
	head.len = n < LOOK ? n : LOOK;
	open = mxa_str_chr(head, '<', 0);
	escaped = mxa_str_casefind(head, MXA_STR("&lt;"));
	c->escaped = escaped < open;
	if (c->escaped)
		open = escaped;
	if (open < head.len)
		c->at += open;
	head = mxa_str_sub(head, open, head.len);
	c->raw = other_charset(head);
}

/* One character of escaped markup; the bytes it took. */
static size_t unescape_one(const char *p, size_t n, char *out)
{
	static const struct {
		const char *text;
		char c;
	} names[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&#39;", '\'' }, { "&amp;", '&' } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i].text);

		if (n >= len && memcmp(p, names[i].text, len) == 0) {
			*out = names[i].c;
			return len;
		}
	}
	return 0;
}

/* Write one clean character, at most 4 bytes; their number. */
static size_t clean_one(struct mxa_report_clean *c, char *out)
{
	const char *p = c->in + c->at;
	size_t n = c->len - c->at, len;
	unsigned char first = (unsigned char)*p;

	if (c->escaped && first == '&' && (len = unescape_one(p, n, out)) > 0) {
		c->at += len;
		return 1;
	}
	len = mxa_utf8_len(mxa_str_make(p, n), 0);
	if (len == 0 || (first < ' ' && !mxa_is_space((char)first))) {
		*out = len == 0 ? '?' : ' ';
		c->at++;
		return 1;
	}
	memcpy(out, p, len);
	c->at += len;
	return len;
}

/* A run of plain ASCII, which is nearly everything, as it stands. */
static size_t copy_plain(struct mxa_report_clean *c, char *out, size_t len)
{
	size_t n = c->len - c->at, i = 0;
	const char *p = c->in + c->at;

	n = n < len ? n : len;
	while (i < n && (p[i] >= ' ' || p[i] == '\n') && p[i] != '&')
		i++;
	memcpy(out, p, i);
	c->at += i;
	return i;
}

long mxa_report_clean_read(struct mxa_report_clean *c, char *p, size_t len)
{
	size_t out = 0;

	if (!c->started)
		look_at_start(c);
	if (c->raw) {
		out = fill_input(c, 1);
		out = out < len ? out : len;
		memcpy(p, c->in + c->at, out);
		c->at += out;
		return (long)out;
	}
	/* 8: the longest thing that must not be cut in two */
	while (out + 4 <= len && fill_input(c, 8) > 0) {
		out += copy_plain(c, p + out, len - out - 3);
		if (c->at < c->len && out + 4 <= len)
			out += clean_one(c, p + out);
	}
	return (long)out;
}
