/* check_charwidth.c - widths and line breaks of characters, by hand from the
 * data of Unicode Standard Annexes 11 (EastAsianWidth) and 14 (LineBreak). */
#include "cli/charwidth.h"

#include "base/attr.h"
#include "t/support/testing.h"

static const struct {
	const char *name;
	uint32_t c;
	size_t width;
	bool ideographic, never_first, never_last;
} characters[] = {
	{ "a letter", 'a', 1, false, false, false },
	{ "a full stop", '.', 1, false, true, false },
	{ "a closing bracket", ')', 1, false, true, false },
	{ "an opening bracket", '(', 1, false, false, true },
	{ "a quotation mark that opens", 0x201c, 1, false, false, true },
	{ "a letter with an accent", 0x00e9, 1, false, false, false },
	{ "the last before the marks", 0x02ff, 1, false, false, false },
	{ "the first mark over a letter", 0x0300, 0, false, false, false },
	{ "a zero width space", 0x200b, 0, false, false, false },
	{ "hangul", 0xac00, 2, false, false, false },
	{ "hiragana", 0x3042, 2, true, false, false },
	{ "small hiragana", 0x3041, 2, true, true, false },
	{ "katakana", 0x30a2, 2, true, false, false },
	{ "the mark that lengthens", 0x30fc, 2, true, true, false },
	{ "an ideograph", 0x8a8d, 2, true, false, false },
	{ "the mark that repeats", 0x3005, 2, true, true, false },
	{ "the ideographic full stop", 0x3002, 2, true, true, false },
	{ "the ideographic comma", 0x3001, 2, true, true, false },
	{ "a corner bracket that opens", 0x300c, 2, true, false, true },
	{ "a corner bracket that closes", 0x300d, 2, true, true, false },
	{ "a full-width bracket that opens", 0xff08, 2, true, false, true },
	{ "a full-width bracket that closes", 0xff09, 2, true, true, false },
	{ "a full-width letter", 0xff21, 2, true, false, false },
	{ "half-width katakana", 0xff71, 1, true, false, false },
	{ "the half-width mark that lengthens", 0xff70, 1, true, true, false },
	{ "an ideograph beyond the first plane", 0x20000, 2, true, false,
	    false },
	{ "a picture", 0x1f4e7, 2, false, false, false },
};

START_TEST(characters_behave)
{
	uint32_t c = characters[_i].c;
	const char *name = characters[_i].name;

	ck_assert_msg(char_width(c) == characters[_i].width, "%s: width %zu",
	    name, char_width(c));
	ck_assert_msg(char_is_ideographic(c) == characters[_i].ideographic,
	    "%s: ideographic", name);
	ck_assert_msg(char_never_first(c) == characters[_i].never_first,
	    "%s: never first", name);
	ck_assert_msg(char_never_last(c) == characters[_i].never_last,
	    "%s: never last", name);
}
END_TEST

/* Only the quotation marks of ASCII open and close. */
START_TEST(only_two_marks_are_both)
{
	for (uint32_t c = 0; c < 0x20000; c++)
		ck_assert_msg((char_never_first(c) && char_never_last(c)) ==
			(c == '"' || c == '\''),
		    "U+%04X", c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("charwidth");
	TCase *tc = tcase_create("characters");

	tcase_add_loop_test(
	    tc, characters_behave, 0, MXA_ARRAY_LEN(characters));
	tcase_add_test(tc, only_two_marks_are_both);
	suite_add_tcase(s, tc);
	return test_main(s);
}
