/* base64.c - see base64.h. */
#include "base/base64.h"

#include "base/arena.h"

/* The value of each digit plus one; 0: no digit. */
static const unsigned char digit_plus_one[256] = {
	['A'] = 1,
	['B'] = 2,
	['C'] = 3,
	['D'] = 4,
	['E'] = 5,
	['F'] = 6,
	['G'] = 7,
	['H'] = 8,
	['I'] = 9,
	['J'] = 10,
	['K'] = 11,
	['L'] = 12,
	['M'] = 13,
	['N'] = 14,
	['O'] = 15,
	['P'] = 16,
	['Q'] = 17,
	['R'] = 18,
	['S'] = 19,
	['T'] = 20,
	['U'] = 21,
	['V'] = 22,
	['W'] = 23,
	['X'] = 24,
	['Y'] = 25,
	['Z'] = 26,
	['a'] = 27,
	['b'] = 28,
	['c'] = 29,
	['d'] = 30,
	['e'] = 31,
	['f'] = 32,
	['g'] = 33,
	['h'] = 34,
	['i'] = 35,
	['j'] = 36,
	['k'] = 37,
	['l'] = 38,
	['m'] = 39,
	['n'] = 40,
	['o'] = 41,
	['p'] = 42,
	['q'] = 43,
	['r'] = 44,
	['s'] = 45,
	['t'] = 46,
	['u'] = 47,
	['v'] = 48,
	['w'] = 49,
	['x'] = 50,
	['y'] = 51,
	['z'] = 52,
	['0'] = 53,
	['1'] = 54,
	['2'] = 55,
	['3'] = 56,
	['4'] = 57,
	['5'] = 58,
	['6'] = 59,
	['7'] = 60,
	['8'] = 61,
	['9'] = 62,
	['+'] = 63,
	['/'] = 64,
};

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
		unsigned d = digit_plus_one[(unsigned char)s.p[i]];

		if (d == 0 && mxa_is_space(s.p[i]))
			continue;
		if (d == 0)
			return false;
		bits = bits << 6 | (d - 1);
		if (digits++ % 4 != 0)
			p[n++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	*out = mxa_str_make(p, n);
	return padding_ok(s, i, digits);
}
