/* lex.c - comments, quoted strings, white space. */
#include "mail/lex.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"

bool mxa_lex_comment(struct mxa_str s, size_t *at)
{
	size_t depth = 0;

	for (size_t i = *at; i < s.len; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '(') {
			depth++;
		} else if (s.p[i] == ')' && --depth == 0) {
			*at = i + 1;
			return true;
		}
	}
	return false;
}

bool mxa_lex_quoted(struct mxa_str s, size_t *at)
{
	for (size_t i = *at + 1; i < s.len; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '"') {
			*at = i + 1;
			return true;
		}
	}
	return false;
}

bool mxa_lex_cfws(struct mxa_str s, size_t *at)
{
	while (*at < s.len) {
		if (mxa_is_space(s.p[*at]))
			(*at)++;
		else if (s.p[*at] != '(')
			return true;
		else if (!mxa_lex_comment(s, at))
			return false;
	}
	return true;
}

struct mxa_str mxa_lex_unescape(struct mxa_arena *a, struct mxa_str inner)
{
	char *p = mxa_arena_alloc(a, inner.len);
	size_t n = 0;

	for (size_t i = 0; i < inner.len; i++) {
		if (inner.p[i] == '\r' || inner.p[i] == '\n')
			continue;
		if (inner.p[i] == '\\' && i + 1 < inner.len)
			i++;
		p[n++] = inner.p[i];
	}
	return mxa_str_make(p, n);
}

bool mxa_lex_token_byte(char c)
{
	return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

bool mxa_lex_keyword_byte(char c)
{
	return mxa_is_alnum(c) || c == '-' || c == '_';
}

size_t mxa_lex_utf8(struct mxa_str s, size_t at)
{
	/* by lead byte: length, and the range of the second byte, which keeps
	 * out overlong forms, surrogates and what lies beyond U+10FFFF */
	static const struct {
		unsigned char first, last, len, low, high;
	} leads[] = {
		{ 0x00, 0x7f, 1, 0, 0 },
		{ 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
		{ 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f },
		{ 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf },
		{ 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f },
	};
	const unsigned char *p = (const unsigned char *)s.p + at;
	size_t i = 0;

	while (i < MXA_ARRAY_LEN(leads) &&
	    (p[0] < leads[i].first || p[0] > leads[i].last))
		i++;
	if (i == MXA_ARRAY_LEN(leads) || leads[i].len > s.len - at)
		return 0;
	if (leads[i].len > 1 && (p[1] < leads[i].low || p[1] > leads[i].high))
		return 0;
	for (size_t k = 2; k < leads[i].len; k++)
		if (p[k] < 0x80 || p[k] > 0xbf)
			return 0;
	return leads[i].len;
}
