/* base64.c - see base64.h. */
#include "base/base64.h"

#include "base/arena.h"

/* The value of a digit; -1: it is none. */
static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (mxa_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* What may stand behind the digits: padding to a multiple of four. */
static bool padding_ok(struct mxa_str s, size_t from, size_t digits)
{
	size_t pads = 0;

	for (size_t i = from; i < s.len; i++) {
		if (s.p[i] == '=')
			pads++;
		else if (!mxa_is_space(s.p[i]))
			return false;
	}
	if (digits % 4 == 1 || pads > 2)
		return false;
	return pads == 0 || (digits + pads) % 4 == 0;
}

bool mxa_base64_decode(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out)
{
	char *p = mxa_arena_alloc(a, s.len / 4 * 3 + 3);
	size_t n = 0, digits = 0, i;
	uint32_t bits = 0;

	for (i = 0; i < s.len && s.p[i] != '='; i++) {
		int d = digit_value(s.p[i]);

		if (d < 0 && mxa_is_space(s.p[i]))
			continue;
		if (d < 0)
			return false;
		bits = bits << 6 | (unsigned)d;
		if (digits++ % 4 != 0)
			p[n++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	*out = mxa_str_make(p, n);
	return padding_ok(s, i, digits);
}
