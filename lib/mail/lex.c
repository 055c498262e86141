/* lex.c - comments, quoted strings, white space. */
#include "mail/lex.h"

#include <string.h>

#include "base/arena.h"

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
