/* author_domain.c - reading damaged domains as people do. */
#include "mail/author_domain.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/domain.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "mail/encoded_word.h"

/* A name can be asked for only with "_dmarc." before it. */
#define MAX_READING (MXA_MAX_DOMAIN - (sizeof("_dmarc.") - 1))
/* Of a longer text, only the two ends are read. */
#define MAX_TEXT ((size_t)1024)
/* Stands for something that a reader may show, leave out or stop at. */
#define BREAK '\n'

/* --- characters --- */

enum looks {
	LOOKS_SOUND,  /* part of a label, as it is */
	LOOKS_MAPPED, /* another way to write something, which UTS 46 knows */
	LOOKS_DOT,
	LOOKS_ABSENT, /* nothing is shown */
	LOOKS_BROKEN, /* a space, or what no domain holds */
};

/* What UTS 46 ignores, maps or forbids and mail readers hide or fold.  Whether
 * the rest is valid in a label is known to libidn2. */
static const struct {
	uint32_t first, last;
	enum looks looks;
} ranges[] = {
	{ 0x0000, 0x002c, LOOKS_BROKEN }, { 0x002f, 0x002f, LOOKS_BROKEN },
	{ 0x003a, 0x0040, LOOKS_BROKEN }, { 0x005b, 0x005e, LOOKS_BROKEN },
	{ 0x0060, 0x0060, LOOKS_BROKEN },
	{ 0x007b, 0x00a0, LOOKS_BROKEN },   /* C1 controls, NBSP */
	{ 0x00aa, 0x00aa, LOOKS_MAPPED },   /* feminine ordinal */
	{ 0x00ad, 0x00ad, LOOKS_ABSENT },   /* soft hyphen */
	{ 0x00b2, 0x00b3, LOOKS_MAPPED },   /* superscript digits */
	{ 0x00b9, 0x00ba, LOOKS_MAPPED },   /* and masculine ordinal */
	{ 0x034f, 0x034f, LOOKS_ABSENT },   /* grapheme joiner */
	{ 0x061c, 0x061c, LOOKS_ABSENT },   /* Arabic letter mark */
	{ 0x115f, 0x1160, LOOKS_ABSENT },   /* Hangul fillers */
	{ 0x1680, 0x1680, LOOKS_BROKEN },   /* Ogham space */
	{ 0x17b4, 0x17b5, LOOKS_ABSENT },   /* Khmer inherent vowels */
	{ 0x180b, 0x180f, LOOKS_ABSENT },   /* Mongolian selectors */
	{ 0x2000, 0x200a, LOOKS_BROKEN },   /* spaces of all widths */
	{ 0x200b, 0x200b, LOOKS_ABSENT },   /* zero width space */
	{ 0x200e, 0x200f, LOOKS_ABSENT },   /* direction marks */
	{ 0x2024, 0x2024, LOOKS_DOT },	    /* one dot leader */
	{ 0x2028, 0x2029, LOOKS_BROKEN },   /* line, paragraph separator */
	{ 0x202a, 0x202e, LOOKS_ABSENT },   /* embeddings, overrides */
	{ 0x202f, 0x202f, LOOKS_BROKEN },   /* narrow NBSP */
	{ 0x205f, 0x205f, LOOKS_BROKEN },   /* mathematical space */
	{ 0x2060, 0x206f, LOOKS_ABSENT },   /* word joiner, isolates */
	{ 0x2070, 0x209f, LOOKS_MAPPED },   /* super- and subscripts */
	{ 0x2100, 0x218f, LOOKS_MAPPED },   /* letterlike, numerals */
	{ 0x2460, 0x24ff, LOOKS_MAPPED },   /* enclosed */
	{ 0x3000, 0x3000, LOOKS_BROKEN },   /* ideographic space */
	{ 0x3002, 0x3002, LOOKS_DOT },	    /* ideographic full stop */
	{ 0x3164, 0x3164, LOOKS_ABSENT },   /* Hangul filler */
	{ 0x3200, 0x33ff, LOOKS_MAPPED },   /* enclosed CJK, squared */
	{ 0xe000, 0xf8ff, LOOKS_BROKEN },   /* private use */
	{ 0xf900, 0xfaff, LOOKS_MAPPED },   /* CJK compatibility */
	{ 0xfb00, 0xfdff, LOOKS_MAPPED },   /* ligatures, Arabic forms */
	{ 0xfe00, 0xfe0f, LOOKS_ABSENT },   /* variation selectors */
	{ 0xfe52, 0xfe52, LOOKS_DOT },	    /* small full stop */
	{ 0xfe70, 0xfefe, LOOKS_MAPPED },   /* Arabic forms */
	{ 0xfeff, 0xfeff, LOOKS_ABSENT },   /* byte order mark */
	{ 0xff0e, 0xff0e, LOOKS_DOT },	    /* full-width full stop */
	{ 0xff61, 0xff61, LOOKS_DOT },	    /* half-width one */
	{ 0xff01, 0xff9f, LOOKS_MAPPED },   /* full- and half-width forms */
	{ 0xffa0, 0xffa0, LOOKS_ABSENT },   /* half-width Hangul filler */
	{ 0xffa1, 0xffef, LOOKS_MAPPED },   /* half-width forms */
	{ 0xfff0, 0xfffd, LOOKS_BROKEN },   /* specials, U+FFFD */
	{ 0x1bca0, 0x1bca3, LOOKS_ABSENT }, /* shorthand controls */
	{ 0x1d173, 0x1d17a, LOOKS_ABSENT }, /* musical controls */
	{ 0x1d400, 0x1d7ff, LOOKS_MAPPED }, /* mathematical letters */
	{ 0x1f100, 0x1f2ff, LOOKS_MAPPED }, /* enclosed letters */
	{ 0x2f800, 0x2fa1f, LOOKS_MAPPED }, /* CJK compatibility */
	{ 0xe0000, 0xe0fff, LOOKS_ABSENT }, /* tags, selectors */
	{ 0xf0000, 0x10ffff, LOOKS_BROKEN } /* private use */
};

static enum looks looks_of(uint32_t c)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].looks;
	return LOOKS_SOUND;
}

/* --- the text without what nobody sees --- */

struct cleaned {
	struct mxa_buf b;
	bool damaged;
	bool invalid; /* not all of it is UTF-8 */
};

static void add_character(
    struct cleaned *c, struct mxa_str bytes, enum looks looks)
{
	c->damaged |= looks != LOOKS_SOUND;
	switch (looks) {
	case LOOKS_SOUND:
	case LOOKS_MAPPED:
		mxa_buf_addstr(&c->b, bytes);
		break;
	case LOOKS_DOT:
		mxa_buf_addc(&c->b, '.');
		break;
	case LOOKS_ABSENT:
		break;
	case LOOKS_BROKEN:
		mxa_buf_addc(&c->b, BREAK);
		break;
	}
}

/* A byte that is not UTF-8: with 'latin1' the character that a reader of
 * ISO 8859-1 shows. */
static void add_invalid(struct cleaned *c, unsigned char byte, bool latin1)
{
	char utf8[4];
	size_t len = mxa_utf8_put(utf8, byte);

	c->invalid = c->damaged = true;
	if (latin1)
		add_character(c, mxa_str_make(utf8, len), looks_of(byte));
	else
		mxa_buf_addc(&c->b, BREAK);
}

static void clean_text(
    struct cleaned *c, struct mxa_arena *a, struct mxa_str s, bool latin1)
{
	size_t at = 0;

	*c = (struct cleaned){ .damaged = false };
	mxa_buf_init(&c->b, a, 2 * s.len + 1);
	while (at < s.len) {
		uint32_t code;
		size_t len = mxa_utf8_get(s, at, &code);

		if (len == 0)
			add_invalid(c, (unsigned char)s.p[at++], latin1);
		else
			add_character(
			    c, mxa_str_sub(s, at, at + len), looks_of(code));
		at += len;
	}
}

/* --- names --- */

struct reader {
	struct mxa_arena *arena;
	struct mxa_readings *out;
	bool damaged;
	struct mxa_str single; /* the prefix when it is one label only */
};

/* An IP address, or the end of one: no top-level domain is a number. */
static bool ends_in_number(struct mxa_str name)
{
	struct mxa_str last = mxa_domain_right(name, 1);

	for (size_t i = 0; i < last.len; i++)
		if (!mxa_is_digit(last.p[i]))
			return false;
	return true;
}

static void add_reading(struct reader *r, struct mxa_str name)
{
	struct mxa_readings *out = r->out;

	if (ends_in_number(name))
		return;
	for (size_t i = 0; i < out->n; i++)
		if (mxa_str_eq(out->domain[i], name))
			return;
	if (out->n == MXA_MAX_READINGS)
		out->more = true;
	else
		out->domain[out->n++] = name;
}

/* A run of valid labels, which ends in a dot. */
static void add_run(struct reader *r, struct mxa_buf *run, bool first)
{
	struct mxa_str name = mxa_buf_str(run);

	if (name.len == 0)
		return;
	name.len--;
	while (name.len > MAX_READING && mxa_domain_labels(name) > 1) {
		name = mxa_domain_parent(name);
		r->damaged = true;
	}
	name = mxa_str_dup(r->arena, name);
	mxa_buf_cut(run, 0);
	if (mxa_domain_labels(name) > 1)
		add_reading(r, name);
	else if (first && r->single.len == 0)
		r->single = name;
}

static struct mxa_str ascii_only(struct mxa_arena *a, struct mxa_str label)
{
	char *p = mxa_arena_alloc(a, label.len);
	size_t n = 0;

	for (size_t i = 0; i < label.len; i++)
		if ((unsigned char)label.p[i] < 0x80)
			p[n++] = label.p[i];
	return mxa_str_make(p, n);
}

/* The label's canonical form; of one that IDNA does not allow what is ASCII. */
static bool read_label(
    struct reader *r, struct mxa_str label, struct mxa_str *out)
{
	bool mapped = false;

	for (size_t i = 0; i < label.len; i++)
		mapped |= (unsigned char)label.p[i] >= 0x80;
	if (mxa_domain_canonical(r->arena, label, out) == MXA_OK) {
		/* "xn--" or not: a label of plain letters was mapped */
		if (mapped && !mxa_str_starts(*out, MXA_STR("xn--")))
			r->damaged = true;
		return true;
	}
	r->damaged = true;
	return mapped &&
	    mxa_domain_canonical(r->arena, ascii_only(r->arena, label), out) ==
	    MXA_OK;
}

/* All runs of valid labels in 's', which has no BREAK.  'first': it begins
 * where the domain begins. */
static void read_runs(struct reader *r, struct mxa_str s, bool first)
{
	struct mxa_buf run;
	size_t at = 0;

	mxa_buf_init(&run, r->arena, 8 * s.len + 2 * MXA_MAX_DOMAIN);
	while (at <= s.len) {
		size_t dot = mxa_str_chr(s, '.', at);
		struct mxa_str label = mxa_str_sub(s, at, dot), name;

		/* one dot may end a name, any other empty label is damage */
		r->damaged |= label.len == 0 && (at == 0 || dot < s.len);
		if (label.len > 0 && read_label(r, label, &name)) {
			mxa_buf_addstr(&run, name);
			mxa_buf_addc(&run, '.');
		} else if (label.len > 0) {
			add_run(r, &run, first);
			first = false;
		}
		at = dot + 1;
	}
	add_run(r, &run, first);
}

/* No top-level domain ends so, and an eye passes over it. */
static struct mxa_str without_tail(struct reader *r, struct mxa_str s)
{
	size_t len = s.len;

	while (s.len > 0 && memchr("-_.", s.p[s.len - 1], 3) != NULL)
		s.len--;
	if (s.len + 1 < len || (s.len < len && s.p[s.len] != '.'))
		r->damaged = true;
	return s;
}

/* The text between two breaks.  One that begins inside a label is read both
 * with and without the rest of that label. */
static void read_segment(struct reader *r, struct mxa_str s, bool first)
{
	size_t dot = mxa_str_chr(s, '.', 0);

	s = without_tail(r, s);
	read_runs(r, s, first);
	if (!first && dot < s.len)
		read_runs(r, mxa_str_sub(s, dot + 1, s.len), false);
}

static void read_segments(struct reader *r, struct mxa_str s)
{
	size_t at = 0;

	while (at <= s.len) {
		size_t end = mxa_str_chr(s, BREAK, at);

		read_segment(r, mxa_str_sub(s, at, end), at == 0);
		at = end + 1;
	}
}

static struct mxa_str without_breaks(struct mxa_arena *a, struct mxa_str s)
{
	char *p = mxa_arena_alloc(a, s.len);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != BREAK)
			p[n++] = s.p[i];
	return mxa_str_make(p, n);
}

static void read_squeezed(struct reader *r, struct mxa_str s)
{
	read_runs(r, without_tail(r, without_breaks(r->arena, s)), false);
}

/* U+202E shows what follows it from right to left, up to U+202C. */
#define OVERRIDE MXA_STR("\xe2\x80\xae")
#define END_OF_OVERRIDE MXA_STR("\xe2\x80\xac")

/* 'text' in the order in which it is shown; absent: in that of its bytes. */
static struct mxa_str shown_order(struct mxa_arena *a, struct mxa_str text)
{
	size_t from = mxa_str_casefind(text, OVERRIDE) + OVERRIDE.len;
	struct mxa_str turned = mxa_str_sub(text, from, text.len);
	size_t end = mxa_str_casefind(turned, END_OF_OVERRIDE);
	char *p;

	if (from > text.len)
		return MXA_STR_NONE;
	p = mxa_arena_alloc(a, text.len);
	memcpy(p, text.p, text.len);
	for (size_t i = 0; i < end; i++)
		p[from + i] = turned.p[end - 1 - i];
	return mxa_str_make(p, text.len);
}

/* The two ends of a text that is too long to read whole. */
static struct mxa_str both_ends(struct reader *r, struct mxa_str s)
{
	struct mxa_buf b;

	if (s.len <= MAX_TEXT)
		return s;
	r->damaged = r->out->more = true;
	mxa_buf_init(&b, r->arena, MAX_TEXT + 1);
	mxa_buf_addstr(&b, mxa_str_sub(s, 0, MAX_TEXT / 2));
	mxa_buf_addc(&b, BREAK);
	mxa_buf_addstr(&b, mxa_str_sub(s, s.len - MAX_TEXT / 2, s.len));
	return mxa_buf_str(&b);
}

/* Another text that a mail reader may show in place of the field's. */
static void read_other_way(struct reader *r, struct mxa_str text)
{
	struct cleaned c;

	clean_text(&c, r->arena, text, false);
	read_squeezed(r, both_ends(r, mxa_buf_str(&c.b)));
}

static void read_damaged(struct reader *r, struct mxa_str text)
{
	struct mxa_str turned = shown_order(r->arena, text);
	struct mxa_str decoded = mxa_encoded_words_decode(r->arena, text);
	struct cleaned c;
	struct mxa_str s;

	clean_text(&c, r->arena, text, false);
	r->damaged |= c.damaged;
	s = both_ends(r, mxa_buf_str(&c.b));
	read_segments(r, s);
	if (mxa_str_chr(s, BREAK, 0) < s.len)
		read_squeezed(r, s);
	if (c.invalid) {
		clean_text(&c, r->arena, text, true);
		read_squeezed(r, both_ends(r, mxa_buf_str(&c.b)));
	}
	if (turned.p != NULL)
		read_other_way(r, turned);
	if (decoded.p != NULL)
		read_other_way(r, decoded);
	if (r->out->n == 0 && r->single.len > 0)
		add_reading(r, r->single);
}

/* Nearly every domain: letters, digits, hyphens, dots. */
static bool is_plain_domain(struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mxa_is_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != '-')
			return false;
	return s.len > 0 && s.len <= MAX_READING && s.p[s.len - 1] != '-';
}

void mxa_readings_find(
    struct mxa_arena *a, struct mxa_str text, struct mxa_readings *out)
{
	struct reader r = { .arena = a, .out = out };
	struct mxa_str name;

	*out = (struct mxa_readings){ .n = 0 };
	if (is_plain_domain(text) &&
	    mxa_domain_canonical(a, text, &name) == MXA_OK) {
		add_reading(&r, name);
		return;
	}
	read_damaged(&r, text);
	out->damaged = r.damaged;
}

/* --- for people --- */

/* Room for one character and the dots at the end. */
#define SHOWN_ROOM (sizeof("<U+10FFFF>...") - 1)

struct mxa_str mxa_readings_show(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, a, MXA_MAX_SHOWN_DOMAIN);
	while (at < text.len && b.len + SHOWN_ROOM <= MXA_MAX_SHOWN_DOMAIN) {
		uint32_t code;
		size_t len = mxa_utf8_get(text, at, &code);
		char c = text.p[at];

		if (len == 0)
			mxa_buf_printf(&b, "<0x%02X>", (unsigned char)c);
		else if (mxa_is_alnum(c) || memchr(".-_", c, 3) != NULL)
			mxa_buf_addc(&b, c);
		else
			mxa_buf_printf(&b, "<U+%04X>", (unsigned)code);
		at += len > 0 ? len : 1;
	}
	if (at < text.len)
		mxa_buf_adds(&b, "...");
	return mxa_buf_str(&b);
}
