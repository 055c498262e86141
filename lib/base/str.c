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

struct mxa_str mxa_str_join(
    struct mxa_arena *a, const struct mxa_str *v, size_t n)
{
	size_t len = 0;
	char *p, *to;

	for (size_t i = 0; i < n; i++)
		len += v[i].len;
	p = to = mxa_arena_alloc(a, len + 1);
	for (size_t i = 0; i < n; i++) {
		if (v[i].len > 0)
			memcpy(to, v[i].p, v[i].len);
		to += v[i].len;
	}
	*to = '\0';
	return mxa_str_make(p, len);
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

int mxa_str_order(struct mxa_str a, struct mxa_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
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

/* --- eight octets at a time --- */

#define EACH(c) (UINT64_C(0x0101010101010101) * (c))
#define HIGHEST EACH(0x80)

static uint64_t eight(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Not 0 in HIGHEST when an octet of 'v' is 'c'; 0 when none is. */
static uint64_t equal(uint64_t v, unsigned char c)
{
	v ^= EACH(c);
	return (v - EACH(1)) & ~v;
}

static bool eight_plain(uint64_t v, const char *special)
{
	/* 8-bit; below SP, which borrows; DEL */
	uint64_t odd = v | (v - EACH(' ')) | equal(v, 0x7f);

	for (; *special != '\0'; special++)
		odd |= equal(v, (unsigned char)*special);
	return (odd & HIGHEST) == 0;
}

static bool is_plain(char c, const char *special)
{
	while (*special != '\0' && c != *special)
		special++;
	return *special == '\0' && c >= ' ' && c < 0x7f;
}

size_t mxa_str_plain(struct mxa_str s, size_t from, const char *special)
{
	size_t i = from;

	while (s.len - i >= 8 && eight_plain(eight(s.p + i), special))
		i += 8;
	while (i < s.len && is_plain(s.p[i], special))
		i++;
	return i - from;
}

bool mxa_str_is_ascii(struct mxa_str s)
{
	size_t i = 0;

	while (s.len - i >= 8 && (eight(s.p + i) & HIGHEST) == 0)
		i += 8;
	while (i < s.len && (unsigned char)s.p[i] < 0x80)
		i++;
	return i == s.len;
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
