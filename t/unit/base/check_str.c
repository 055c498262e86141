/* check_str.c - slices. */
#include <string.h>

#include "base/arena.h"
#include "t/support/testing.h"

START_TEST(comparison)
{
	ck_assert(mxa_str_eq(MXA_STR("a\0b"), MXA_STR("a\0b")));
	ck_assert(!mxa_str_eq(MXA_STR("a\0b"), MXA_STR("a\0c")));
	ck_assert(mxa_str_caseeq(MXA_STR("FROM"), MXA_STR("from")));
	ck_assert(!mxa_str_caseeq(MXA_STR("FROM"), MXA_STR("fro")));
	ck_assert(mxa_str_eq(MXA_STR_NONE, MXA_STR("")));
	ck_assert(mxa_str_starts(MXA_STR("v=spf1 -all"), MXA_STR("v=spf1")));
	ck_assert(!mxa_str_starts(MXA_STR("v=s"), MXA_STR("v=spf1")));
	ck_assert(mxa_str_casestarts(MXA_STR("V=SPF1"), MXA_STR("v=spf1")));
	ck_assert(mxa_str_ends(MXA_STR("a.example"), MXA_STR(".example")));
	ck_assert(!mxa_str_ends(MXA_STR("e"), MXA_STR(".example")));
}
END_TEST

START_TEST(order)
{
	ck_assert_int_lt(mxa_str_order(MXA_STR("a"), MXA_STR("b")), 0);
	ck_assert_int_gt(mxa_str_order(MXA_STR("b"), MXA_STR("ab")), 0);
	ck_assert_int_lt(mxa_str_order(MXA_STR("a"), MXA_STR("ab")), 0);
	ck_assert_int_gt(mxa_str_order(MXA_STR("ab"), MXA_STR("a")), 0);
	ck_assert_int_eq(mxa_str_order(MXA_STR("ab"), MXA_STR("ab")), 0);
	ck_assert_int_lt(mxa_str_order(MXA_STR("z"), MXA_STR("\xff")), 0);
	ck_assert_int_eq(mxa_str_order(MXA_STR_NONE, MXA_STR("")), 0);
	ck_assert_int_lt(mxa_str_order(MXA_STR_NONE, MXA_STR("a")), 0);
}
END_TEST

START_TEST(search_and_cut)
{
	struct mxa_str s = MXA_STR("a=b=c");

	ck_assert_uint_eq(mxa_str_chr(s, '=', 0), 1);
	ck_assert_uint_eq(mxa_str_chr(s, '=', 2), 3);
	ck_assert_uint_eq(mxa_str_chr(s, 'x', 0), 5);
	ck_assert_uint_eq(mxa_str_chr(s, 'c', 99), 5);
	ck_assert_uint_eq(
	    mxa_str_casefind(MXA_STR("the DMARC policy"), MXA_STR("dmarc")), 4);
	ck_assert_uint_eq(mxa_str_casefind(s, MXA_STR("=d")), 5);
	ck_str_is(mxa_str_sub(s, 2, 99), "b=c");
	ck_str_is(mxa_str_sub(s, 9, 99), "");
	ck_str_is(mxa_str_trim(MXA_STR(" \t\r\n x y \n")), "x y");
	ck_str_is(mxa_str_trim(MXA_STR(" \t ")), "");
}
END_TEST

static const struct {
	const char *in;
	uint64_t max;
	bool ok;
	uint64_t out;
} numbers[] = {
	{ "0", 10, true, 0 },
	{ "10", 10, true, 10 },
	{ "11", 10, false, 0 },
	{ "007", 10, true, 7 },
	{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, false, 0 },
	{ "99999999999999999999999", UINT64_MAX, false, 0 },
	{ "", 10, false, 0 },
	{ "-1", 10, false, 0 },
	{ "1 ", 10, false, 0 },
	{ "9", 5, false, 0 },
};

static const struct {
	const char *text;
	size_t max;
	const char *want;
} words[] = {
	{ "a b c", 5, "a b c" },
	{ "a b c", 4, "a b" },
	{ "a bcd", 4, "a" },
	{ "a bcd", 1, "a" },
	{ "abc", 2, "" },
	{ "", 0, "" },
	{ "a.example  is", 10, "a.example" },
	{ "a.example  is", 9, "a.example" },
	{ "a.example  is", 8, "" },
	{ "a b", 0, "" },
};

START_TEST(whole_words)
{
	ck_str_is(
	    mxa_str_whole_words(mxa_str_from(words[_i].text), words[_i].max),
	    words[_i].want);
}
END_TEST

START_TEST(decimal_numbers)
{
	uint64_t v = 0;
	bool ok =
	    mxa_str_u64(mxa_str_from(numbers[_i].in), numbers[_i].max, &v);

	ck_assert_msg(ok == numbers[_i].ok, "%s", numbers[_i].in);
	if (ok)
		ck_assert_uint_eq(v, numbers[_i].out);
}
END_TEST

START_TEST(ascii_has_seven_bits)
{
	ck_assert(mxa_str_is_ascii(MXA_STR("")));
	ck_assert(mxa_str_is_ascii(MXA_STR("a\0\x7f~")));
	ck_assert(!mxa_str_is_ascii(MXA_STR("a\x80")));
	ck_assert(!mxa_str_is_ascii(MXA_STR("\xff")));
}
END_TEST

/* Each octet, at each place of a text long enough to be looked at by eights. */
START_TEST(plain_is_printable_ascii)
{
	char text[20];
	struct mxa_str s = { text, sizeof(text) };

	for (int c = 0; c < 256; c++) {
		bool plain = c >= 0x20 && c <= 0x7e;
		bool special = c == '"' || c == '\\';

		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			ck_assert_uint_eq(
			    mxa_str_plain(s, 0, ""), plain ? s.len : at);
			ck_assert_uint_eq(mxa_str_plain(s, 0, "\"\\"),
			    plain && !special ? s.len : at);
			ck_assert_uint_eq(mxa_str_plain(s, at, "\"\\"),
			    plain && !special ? s.len - at : 0);
			ck_assert(mxa_str_is_ascii(s) == (c < 0x80));
		}
	}
	ck_assert_uint_eq(mxa_str_plain(MXA_STR_NONE, 0, "()"), 0);
	ck_assert_uint_eq(mxa_str_plain(MXA_STR("ab"), 2, "()"), 0);
}
END_TEST

START_TEST(joins_pieces)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str all = mxa_str_join(a,
	    (struct mxa_str[]){ MXA_STR("ann"), MXA_STR_NONE, MXA_STR("@"),
		MXA_STR("example") },
	    4);

	ck_str_is(all, "ann@example");
	ck_assert_str_eq(all.p, "ann@example");
	ck_str_is(mxa_str_join(a, &all, 0), "");
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("str");
	TCase *tc = tcase_create("str");

	tcase_add_loop_test(
	    tc, whole_words, 0, sizeof(words) / sizeof(words[0]));
	tcase_add_test(tc, comparison);
	tcase_add_test(tc, order);
	tcase_add_test(tc, search_and_cut);
	tcase_add_loop_test(tc, decimal_numbers, 0, MXA_ARRAY_LEN(numbers));
	tcase_add_test(tc, ascii_has_seven_bits);
	tcase_add_test(tc, plain_is_printable_ascii);
	tcase_add_test(tc, joins_pieces);
	suite_add_tcase(s, tc);
	return test_main(s);
}
