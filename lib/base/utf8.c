/* utf8.c - characters of UTF-8 text. */
#include "base/utf8.h"

#include "base/attr.h"

size_t mxa_utf8_len(struct mxa_str s, size_t at)
{
	/* by lead byte: length, and the range of the second byte, which keeps
	 * out overlong forms, surrogates and what lies beyond U+10FFFF */
	static const struct {
		unsigned char first, last, len, low, high;
	} leads[] = {
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

	if (p[0] < 0x80)
		return 1;
	while (i < MXA_ARRAY_LEN(leads) &&
	    (p[0] < leads[i].first || p[0] > leads[i].last))
		i++;
	if (i == MXA_ARRAY_LEN(leads) || leads[i].len > s.len - at)
		return 0;
	if (p[1] < leads[i].low || p[1] > leads[i].high)
		return 0;
	for (size_t k = 2; k < leads[i].len; k++)
		if (p[k] < 0x80 || p[k] > 0xbf)
			return 0;
	return leads[i].len;
}

size_t mxa_utf8_get(struct mxa_str s, size_t at, uint32_t *out)
{
	/* payload bits of the lead byte, by length */
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = (const unsigned char *)s.p + at;
	size_t len = mxa_utf8_len(s, at);

	*out = p[0] & mask[len];
	for (size_t i = 1; i < len; i++)
		*out = *out << 6 | (p[i] & 0x3fu);
	return len;
}

size_t mxa_utf8_put(char out[4], uint32_t c)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len;

	if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		c = 0xfffd;
	len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(lead[len] | c);
	return len;
}
