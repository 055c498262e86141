/* utf8.c - cleaning the bytes of a document as they stream by. */
#include "report/received/utf8.h"

#include <errno.h>
#include <iconv.h>
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
	bool escaped; /* &lt;feedback&gt; */
	/* from another charset to UTF-8; CHARSET_NONE: it is UTF-8 */
	iconv_t charset;
	char foreign[CHUNK]; /* bytes in that charset */
	size_t n_foreign;
};

#define CHARSET_NONE ((iconv_t)-1)

struct mxa_report_clean *mxa_report_clean_new(
    struct mxa_arena *a, mxa_report_source *source, void *ctx)
{
	struct mxa_report_clean *c = mxa_arena_alloc(a, sizeof(*c));

	memset(c, 0, sizeof(*c));
	c->source = source;
	c->ctx = ctx;
	c->charset = CHARSET_NONE;
	return c;
}

void mxa_report_clean_done(struct mxa_report_clean *c)
{
	if (c->charset != CHARSET_NONE)
		iconv_close(c->charset);
	c->charset = CHARSET_NONE;
}

/* --- other charsets --- */

/* More bytes of the document; 0 at its end. */
static size_t read_source(struct mxa_report_clean *c, char *p, size_t len)
{
	long n = c->ended || len == 0 ? 0 : c->source(c->ctx, p, len);

	c->ended |= n <= 0 && len > 0;
	return n > 0 ? (size_t)n : 0;
}

/* The same in UTF-8.  What the charset does not have becomes '?'. */
static size_t read_foreign(struct mxa_report_clean *c, char *p, size_t len)
{
	char *in = c->foreign, *out = p;
	size_t left = len, n;

	c->n_foreign += read_source(
	    c, c->foreign + c->n_foreign, sizeof(c->foreign) - c->n_foreign);
	n = c->n_foreign;
	while (iconv(c->charset, &in, &n, &out, &left) == (size_t)-1 &&
	    errno == EILSEQ && left > 0) {
		*out++ = '?';
		left--;
		in++;
		n--;
	}
	/* half a character at the end of the document */
	if (c->ended && out == p)
		n = 0;
	memmove(c->foreign, in, n);
	c->n_foreign = n;
	return len - left;
}

static size_t read_more(struct mxa_report_clean *c, char *p, size_t len)
{
	if (c->charset == CHARSET_NONE)
		return read_source(c, p, len);
	return read_foreign(c, p, len);
}

/* Bytes not yet looked at: at least 'want' if the document has them. */
static size_t fill_input(struct mxa_report_clean *c, size_t want)
{
	if (c->len - c->at >= want)
		return c->len - c->at;
	memmove(c->in, c->in + c->at, c->len - c->at);
	c->len -= c->at;
	c->at = 0;
	while (c->len < want && (!c->ended || c->n_foreign > 0)) {
		size_t n = read_more(c, c->in + c->len, CHUNK - c->len);

		c->len += n;
		if (n == 0 && c->ended)
			break;
	}
	return c->len;
}

static const char *utf16_name(const char *p, size_t n)
{
	if (n < 4)
		return NULL;
	if (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0)
		return "UTF-16";
	if (memcmp(p, "<\0?\0", 4) == 0)
		return "UTF-16LE";
	return memcmp(p, "\0<\0?", 4) == 0 ? "UTF-16BE" : NULL;
}

/* encoding="…" of the declaration when it names something other than UTF-8;
 * false: it does not. */
static bool declared_charset(struct mxa_str head, char name[64])
{
	size_t from = mxa_str_casefind(head, MXA_STR("encoding="));
	size_t end = mxa_str_casefind(head, MXA_STR("?>")), n = 0;
	struct mxa_str s;

	if (!mxa_str_casestarts(head, MXA_STR("<?xml")) || end == head.len ||
	    from > end)
		return false;
	s = mxa_str_sub(head, from + 10, end);
	while (n < s.len && n < 63 &&
	    (mxa_is_alnum(s.p[n]) || s.p[n] == '-' || s.p[n] == '_'))
		n++;
	memcpy(name, s.p, n);
	name[n] = '\0';
	s.len = n;
	return n > 0 && !mxa_str_caseis(s, "utf-8") &&
	    !mxa_str_caseis(s, "utf8") && !mxa_str_caseis(s, "us-ascii") &&
	    !mxa_str_caseis(s, "ascii");
}

/* From here on the document comes through iconv, if that knows the charset. */
static void use_charset(struct mxa_report_clean *c, const char *name)
{
	c->charset = iconv_open("UTF-8", name);
	if (c->charset == CHARSET_NONE)
		return;
	c->n_foreign = c->len - c->at;
	memcpy(c->foreign, c->in + c->at, c->n_foreign);
	c->at = c->len = 0;
}

/* Skip what stands before the first markup. */
static void look_at_start(struct mxa_report_clean *c)
{
	size_t n = fill_input(c, LOOK);
	struct mxa_str head = { c->in + c->at, n };
	const char *utf16 = utf16_name(head.p, head.len);
	size_t open, escaped;
	char name[64];

	c->started = true;
	if (utf16 != NULL) {
		use_charset(c, utf16);
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
	if (declared_charset(head, name))
		use_charset(c, name);
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
	/* 8: the longest thing that must not be cut in two */
	while (out + 4 <= len && fill_input(c, 8) > 0) {
		out += copy_plain(c, p + out, len - out - 3);
		if (c->at < c->len && out + 4 <= len)
			out += clean_one(c, p + out);
	}
	return (long)out;
}
