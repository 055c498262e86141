/* macro.c - SPF macros.
 *
 * The cost of expanding is linear in the record, whatever the sender writes
 * into it: a target name is expanded from its right end, since only the last
 * 253 octets count, and a value is cut into parts only as far as they are
 * kept. */
#include "auth/spf/macro.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/limits.h"

/* Transformers count up to here; RFC 7208 section 7.3 asks for 127. */
#define MOST_PARTS 1000000u

static const char delimiters[] = ".-+,/_=";

static unsigned delimiter_bit(char c)
{
	const char *d = c == '\0' ? NULL : strchr(delimiters, c);

	return d == NULL ? 0 : 1u << (d - delimiters);
}

static bool set_mistake(
    struct mxa_spf_mistake *bad, size_t at, const char *what)
{
	bad->at = at;
	bad->what = what;
	return false;
}

/* digits of the transformer, at *i */
static bool parse_keep(struct mxa_str text, size_t *i, struct mxa_spf_macro *m,
    struct mxa_spf_mistake *bad)
{
	size_t from = *i;

	for (; *i < text.len && mxa_is_digit(text.p[*i]); (*i)++)
		if (m->keep < MOST_PARTS)
			m->keep = m->keep * 10 + (unsigned)(text.p[*i] - '0');
	if (*i > from && m->keep == 0)
		return set_mistake(
		    bad, from, N_("a macro cannot keep 0 parts"));
	return true;
}

static bool parse_letter(struct mxa_str text, size_t at, bool exp,
    struct mxa_spf_macro *m, struct mxa_spf_mistake *bad)
{
	char c = at < text.len ? text.p[at] : '\0';

	m->letter = mxa_lower(c);
	m->url = m->letter != c;
	if (c != '\0' && strchr("slodipvh", m->letter) != NULL)
		return true;
	if (c != '\0' && strchr("crt", m->letter) != NULL)
		return exp ||
		    set_mistake(bad, at,
			N_("this macro letter exists in explanations only"));
	return set_mistake(bad, at, N_("unknown macro letter"));
}

static bool parse_braces(struct mxa_str text, size_t at, bool exp,
    struct mxa_spf_macro *m, struct mxa_spf_mistake *bad)
{
	size_t i = at + 3;

	if (!parse_letter(text, at + 2, exp, m, bad) ||
	    !parse_keep(text, &i, m, bad))
		return false;
	if (i < text.len && mxa_lower(text.p[i]) == 'r') {
		m->reverse = true;
		i++;
	}
	while (i < text.len && delimiter_bit(text.p[i]) != 0)
		m->delims |= delimiter_bit(text.p[i++]);
	if (i >= text.len || text.p[i] != '}')
		return set_mistake(bad, i, N_("macro without \"}\""));
	if (m->delims == 0)
		m->delims = delimiter_bit('.');
	m->len = i + 1 - at;
	return true;
}

bool mxa_spf_macro_parse(struct mxa_str text, size_t at, bool exp,
    struct mxa_spf_macro *out, struct mxa_spf_mistake *bad)
{
	char c = at + 1 < text.len ? text.p[at + 1] : '\0';

	memset(out, 0, sizeof(*out));
	if (c == '{')
		return parse_braces(text, at, exp, out, bad);
	out->letter = c;
	out->len = 2;
	if (c == '%' || c == '_' || c == '-')
		return true;
	return set_mistake(bad, at, N_("\"%\" starts no macro"));
}

static unsigned letter_uses(char letter)
{
	switch (letter) {
	case '%':
	case '_':
	case '-':
		return 0;
	case 'p':
		return MXA_SPF_USES_MACRO | MXA_SPF_USES_PTR;
	case 'l':
	case 's':
		return MXA_SPF_USES_MACRO | MXA_SPF_USES_LOCAL |
		    MXA_SPF_USES_SENDER;
	case 'o':
		return MXA_SPF_USES_MACRO | MXA_SPF_USES_SENDER;
	default:
		return MXA_SPF_USES_MACRO;
	}
}

bool mxa_spf_macro_check(
    struct mxa_str text, bool exp, unsigned *uses, struct mxa_spf_mistake *bad)
{
	struct mxa_spf_macro m;
	size_t i = 0;

	*uses = 0;
	while (i < text.len) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '%') {
			if (!mxa_spf_macro_parse(text, i, exp, &m, bad))
				return false;
			*uses |= letter_uses(m.letter);
			i += m.len;
			continue;
		}
		if ((c < 0x21 || c > 0x7e) && !(exp && c == ' '))
			return set_mistake(
			    bad, i, N_("a byte outside visible ASCII"));
		i++;
	}
	return true;
}

/* --- values --- */

/* Dotted quad, or the nibbles of an IPv6 address with dots between, in the
 * capitals that section 7.4 shows. */
static struct mxa_str dotted_ip(struct mxa_arena *a, const struct mxa_ip *ip)
{
	static const char hex[] = "0123456789ABCDEF";
	char out[MXA_IP_TEXT + 32], *p = out;

	if (ip->family != 6)
		return mxa_str_dup(a, mxa_str_from(mxa_ip_format(ip, out)));
	for (size_t i = 0; i < 16; i++) {
		*p++ = hex[ip->b[i] >> 4];
		*p++ = '.';
		*p++ = hex[ip->b[i] & 15];
		*p++ = '.';
	}
	return mxa_str_dup(a, mxa_str_make(out, (size_t)(p - out) - 1));
}

static struct mxa_str address_text(struct mxa_arena *a, const struct mxa_ip *ip)
{
	char out[MXA_IP_TEXT];

	return mxa_str_dup(a, mxa_str_from(mxa_ip_format(ip, out)));
}

static struct mxa_str letter_value(
    struct mxa_arena *a, char letter, const struct mxa_spf_values *v)
{
	char number[24];

	switch (letter) {
	case 's':
		return v->sender;
	case 'l':
		return v->local;
	case 'o':
		return v->origin;
	case 'd':
		return v->domain;
	case 'h':
		return v->helo;
	case 'r':
		return v->receiver;
	case 'p':
		return v->ptr;
	case 'i':
		return dotted_ip(a, &v->ip);
	case 'c':
		return address_text(a, &v->ip);
	case 'v':
		return v->ip.family == 6 ? MXA_STR("ip6") : MXA_STR("in-addr");
	case 't':
		snprintf(number, sizeof(number), "%lld", (long long)v->now);
		return mxa_str_dup(a, mxa_str_from(number));
	case '_':
		return MXA_STR(" ");
	case '-':
		return MXA_STR("%20");
	default:
		return MXA_STR("%");
	}
}

/* The last 'keep' parts (0: all), joined with dots. */
static struct mxa_str right_parts(
    struct mxa_arena *a, struct mxa_str value, const struct mxa_spf_macro *m)
{
	size_t from = value.len;
	unsigned parts = 1;
	char *out;

	for (; from > 0; from--) {
		if (delimiter_bit(value.p[from - 1]) & m->delims)
			if (parts++ == m->keep)
				break;
	}
	value = mxa_str_sub(value, from, value.len);
	out = mxa_arena_strdup(a, value.p, value.len);
	for (size_t i = 0; i < value.len; i++)
		if (delimiter_bit(out[i]) & m->delims)
			out[i] = '.';
	return mxa_str_make(out, value.len);
}

/* The first 'keep' parts (0: all) backwards: what "r" leaves of the value. */
static struct mxa_str reversed_parts(
    struct mxa_arena *a, struct mxa_str value, const struct mxa_spf_macro *m)
{
	size_t end = 0, part, w;
	unsigned parts = 1;
	char *out;

	for (; end < value.len; end++) {
		if (delimiter_bit(value.p[end]) & m->delims)
			if (parts++ == m->keep)
				break;
	}
	out = mxa_arena_alloc(a, end + 1);
	w = end;
	part = 0;
	for (size_t i = 0; i <= end; i++) {
		if (i < end && !(delimiter_bit(value.p[i]) & m->delims))
			continue;
		/* part [part, i) goes before what is there, then a dot */
		w -= i - part;
		if (i > part)
			memcpy(out + w, value.p + part, i - part);
		if (i < end)
			out[--w] = '.';
		part = i + 1;
	}
	out[end] = '\0';
	return mxa_str_make(out, end);
}

static bool is_unreserved(char c)
{
	return mxa_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static struct mxa_str url_escape(struct mxa_arena *a, struct mxa_str s)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = mxa_arena_alloc(a, 3 * s.len + 1), *p = out;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_unreserved(s.p[i])) {
			*p++ = s.p[i];
			continue;
		}
		*p++ = '%';
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	return mxa_str_make(out, (size_t)(p - out));
}

static struct mxa_str macro_value(struct mxa_arena *a,
    const struct mxa_spf_macro *m, const struct mxa_spf_values *v)
{
	struct mxa_str value = letter_value(a, m->letter, v);

	if (m->reverse)
		value = reversed_parts(a, value, m);
	else if (m->keep != 0 || m->delims != delimiter_bit('.'))
		value = right_parts(a, value, m);
	return m->url ? url_escape(a, value) : value;
}

/* The piece of 'text' that starts at 'at': literal run or macro.  'len' is
 * what it takes in the text. */
static struct mxa_str expand_piece(struct mxa_arena *a, struct mxa_str text,
    size_t at, bool exp, const struct mxa_spf_values *v, size_t *len)
{
	struct mxa_spf_mistake bad;
	struct mxa_spf_macro m;

	if (text.p[at] != '%') {
		*len = mxa_str_chr(text, '%', at) - at;
		return mxa_str_sub(text, at, at + *len);
	}
	/* checked text has no mistakes */
	if (!mxa_spf_macro_parse(text, at, exp, &m, &bad)) {
		*len = text.len - at;
		return MXA_STR("");
	}
	*len = m.len;
	return v == NULL ? MXA_STR("") : macro_value(a, &m, v);
}

/* --- target names --- */

/* Drop leading labels until the name fits. */
static struct mxa_str fit_name(struct mxa_str name)
{
	size_t from;

	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	if (name.len <= MXA_MAX_DOMAIN)
		return name;
	from = mxa_str_chr(name, '.', name.len - MXA_MAX_DOMAIN - 1);
	return mxa_str_sub(name, from + 1, name.len);
}

/* Write the pieces before text[end] in front of each other until 'room' is
 * full.  'start' holds where each of the 'n' pieces begins. */
static size_t fill_backwards(struct mxa_arena *a, struct mxa_str text,
    const size_t *start, size_t n, const struct mxa_spf_values *v, char *room,
    size_t size)
{
	size_t w = size, len;

	while (n-- > 0 && w > 0) {
		struct mxa_str p =
		    expand_piece(a, text, start[n], false, v, &len);
		size_t take = p.len < w ? p.len : w;

		w -= take;
		if (take > 0)
			memcpy(room + w, p.p + p.len - take, take);
	}
	return w;
}

struct mxa_str mxa_spf_expand_domain(
    struct mxa_arena *a, struct mxa_str spec, const struct mxa_spf_values *v)
{
	/* one octet more than fits, and one for the trailing dot */
	const size_t size = MXA_MAX_DOMAIN + 2;
	size_t n = 0, cap = 0, len, w;
	size_t *start = NULL;
	char *room;

	if (mxa_str_chr(spec, '%', 0) == spec.len)
		return fit_name(spec);
	for (size_t i = 0; i < spec.len; i += len) {
		start = mxa_arena_room(a, start, n, &cap, sizeof(*start));
		start[n++] = i;
		expand_piece(a, spec, i, false, NULL, &len);
	}
	room = mxa_arena_alloc(a, size);
	w = fill_backwards(a, spec, start, n, v, room, size);
	return fit_name(mxa_str_make(room + w, size - w));
}

/* --- explanations --- */

bool mxa_spf_expand_text(struct mxa_arena *a, struct mxa_str text,
    const struct mxa_spf_values *v, size_t max, struct mxa_str *out)
{
	struct mxa_spf_mistake bad;
	unsigned uses;
	struct mxa_buf b;
	size_t len;

	if (!mxa_spf_macro_check(text, true, &uses, &bad))
		return false;
	mxa_buf_init(&b, a, max);
	for (size_t i = 0; i < text.len && b.len < max; i += len) {
		struct mxa_str p = expand_piece(a, text, i, true, v, &len);

		mxa_buf_addstr(&b, mxa_str_sub(p, 0, max - b.len));
	}
	for (size_t i = 0; i < b.len; i++)
		if (b.p[i] < 0x20 || b.p[i] > 0x7e)
			b.p[i] = '?';
	*out = mxa_buf_str(&b);
	return true;
}
