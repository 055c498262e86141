/* check_utf8.c - characters of UTF-8 text. */
#include "base/attr.h"
#include "base/utf8.h"
#include "t/support/testing.h"

static const struct {
	const char *in;
	size_t len;
	uint32_t c;
} utf8[] = {
	{ "a", 1, 0x61 },
	{ "\xc3\xa9", 2, 0xe9 },
	{ "\xe3\x80\x82", 3, 0x3002 },
	{ "\xf0\x9f\x93\xa7", 4, 0x1f4e7 },
	{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	{ "\x80", 0, 0 },	  /* continuation alone */
	{ "\xc3", 0, 0 },	  /* cut */
	{ "\xe3\x80", 0, 0 },	  /* cut */
	{ "\xc0\xaf", 0, 0 },	  /* overlong */
	{ "\xe0\x80\xaf", 0, 0 }, /* overlong */
	{ "\xed\xa0\x80", 0, 0 }, /* surrogate */
	{ "\xf4\x90\x80\x80", 0, 0 },
	{ "\xff", 0, 0 },
	{ "\xe3\x80\x28", 0, 0 },
};

START_TEST(characters_are_read)
{
	struct mxa_str s = mxa_str_from(utf8[_i].in);
	uint32_t c;

	ck_assert_uint_eq(mxa_utf8_len(s, 0), utf8[_i].len);
	ck_assert_uint_eq(mxa_utf8_get(s, 0, &c), utf8[_i].len);
	if (utf8[_i].len > 0)
		ck_assert_uint_eq(c, utf8[_i].c);
}
END_TEST

START_TEST(characters_are_written)
{
	char out[4];
	size_t len;

	if (utf8[_i].len == 0)
		return;
	len = mxa_utf8_put(out, utf8[_i].c);
	ck_str_is(mxa_str_make(out, len), utf8[_i].in);
}
END_TEST

/* Code points that are not characters. */
static const uint32_t nothing[] = { 0xd800, 0xdfff, 0x110000, 0xffffffff };

START_TEST(what_is_no_character_is_replaced)
{
	char out[4];
	size_t len = mxa_utf8_put(out, nothing[_i]);

	ck_str_is(mxa_str_make(out, len), "\xef\xbf\xbd");
}
END_TEST

START_TEST(every_character_comes_back)
{
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char out[4];
		uint32_t back;
		size_t len = mxa_utf8_put(out, c);

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		if (mxa_utf8_get(mxa_str_make(out, len), 0, &back) != len ||
		    back != c)
			ck_abort_msg("U+%04X became U+%04X", c, back);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("utf8");
	TCase *tc = tcase_create("utf8");

	tcase_add_loop_test(tc, characters_are_read, 0, MXA_ARRAY_LEN(utf8));
	tcase_add_loop_test(tc, characters_are_written, 0, MXA_ARRAY_LEN(utf8));
	tcase_add_loop_test(
	    tc, what_is_no_character_is_replaced, 0, MXA_ARRAY_LEN(nothing));
	tcase_add_test(tc, every_character_comes_back);
	suite_add_tcase(s, tc);
	return test_main(s);
}
