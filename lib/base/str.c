/* str.c - slices: comparison, search, trimming. */
#include "base/str.h"

#include <string.h>

#include "base/arena.h"

struct mxa_str mxa_str_make(const char *p, size_t len)
{
	return (struct mxa_str){ p, len };
}

struct mxa_str mxa_str_from(const char *s)
{
	return (struct mxa_str){ s, s ? strlen(s) : 0 };
}

struct mxa_str mxa_str_dup(struct mxa_arena *a, struct mxa_str s)
{
	if (s.p == NULL)
		return s;
	return (struct mxa_str){ mxa_arena_strdup(a, s.p, s.len), s.len };
}

char *mxa_str_cstr(struct mxa_arena *a, struct mxa_str s)
{
	return mxa_arena_strdup(a, s.p, s.len);
}

struct mxa_str mxa_str_lower(struct mxa_arena *a, struct mxa_str s)
{
	char *p;

	if (s.p == NULL)
		return s;
	p = mxa_arena_strdup(a, s.p, s.len);
	for (size_t i = 0; i < s.len; i++)
		p[i] = mxa_lower(p[i]);
	return (struct mxa_str){ p, s.len };
}

bool mxa_str_eq(struct mxa_str a, struct mxa_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static bool case_equal(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (mxa_lower(a[i]) != mxa_lower(b[i]))
			return false;
	return true;
}

bool mxa_str_caseeq(struct mxa_str a, struct mxa_str b)
{
	return a.len == b.len && case_equal(a.p, b.p, a.len);
}

bool mxa_str_is(struct mxa_str a, const char *b)
{
	return mxa_str_eq(a, mxa_str_from(b));
}

bool mxa_str_caseis(struct mxa_str a, const char *b)
{
	return mxa_str_caseeq(a, mxa_str_from(b));
}

bool mxa_str_starts(struct mxa_str s, struct mxa_str prefix)
{
	return s.len >= prefix.len &&
	    mxa_str_eq(mxa_str_make(s.p, prefix.len), prefix);
}

bool mxa_str_casestarts(struct mxa_str s, struct mxa_str prefix)
{
	return s.len >= prefix.len && case_equal(s.p, prefix.p, prefix.len);
}

bool mxa_str_ends(struct mxa_str s, struct mxa_str suffix)
{
	return s.len >= suffix.len &&
	    mxa_str_eq(mxa_str_sub(s, s.len - suffix.len, s.len), suffix);
}

size_t mxa_str_chr(struct mxa_str s, char c, size_t from)
{
	const char *hit;

	if (from >= s.len)
		return s.len;
	hit = memchr(s.p + from, c, s.len - from);
	return hit ? (size_t)(hit - s.p) : s.len;
}

size_t mxa_str_casefind(struct mxa_str s, struct mxa_str what)
{
	char first = what.len > 0 ? mxa_lower(what.p[0]) : '\0';

	for (size_t i = 0; what.len <= s.len && i <= s.len - what.len; i++)
		if ((what.len == 0 || mxa_lower(s.p[i]) == first) &&
		    case_equal(s.p + i, what.p, what.len))
			return i;
	return s.len;
}

struct mxa_str mxa_str_sub(struct mxa_str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return (struct mxa_str){ s.p ? s.p + from : NULL, to - from };
}

struct mxa_str mxa_str_trim(struct mxa_str s)
{
	while (s.len > 0 && mxa_is_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && mxa_is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct mxa_str mxa_str_whole_words(struct mxa_str s, size_t max)
{
	size_t end = max;

	if (s.len <= max)
		return s;
	while (end > 0 && !mxa_is_space(s.p[end]))
		end--;
	while (end > 0 && mxa_is_space(s.p[end - 1]))
		end--;
	return mxa_str_sub(s, 0, end);
}

bool mxa_str_is_ascii(struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

bool mxa_str_u64(struct mxa_str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t digit;

		if (!mxa_is_digit(s.p[i]))
			return false;
		digit = (uint64_t)(s.p[i] - '0');
		if (digit > max || v > (max - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}
