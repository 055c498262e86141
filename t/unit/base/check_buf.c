/* check_buf.c - text with a ceiling. */
#include <string.h>

#include "t/support/testing.h"

START_TEST(text_adds_up)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1000);
	ck_assert_str_eq(mxa_buf_cstr(&b), "");
	mxa_buf_adds(&b, "spf=");
	mxa_buf_addstr(&b, MXA_STR("fail"));
	mxa_buf_addc(&b, ';');
	mxa_buf_printf(&b, " n=%d", 12);
	ck_assert_str_eq(mxa_buf_cstr(&b), "spf=fail; n=12");
	ck_assert(!b.full);
	mxa_buf_cut(&b, 8);
	ck_str_is(mxa_buf_str(&b), "spf=fail");
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *name;
	size_t max;
	const char *wanted;
	bool full;
} ceilings[] = {
	{ "exactly full is not too full", 10, "0123456789", false },
	{ "one byte too many drops the piece", 9, "01234", true },
	{ "nothing fits", 0, "", true },
};

START_TEST(ceiling_is_kept)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;

	mxa_buf_init(&b, a, ceilings[_i].max);
	mxa_buf_adds(&b, "01234");
	mxa_buf_printf(&b, "%s", "56789");
	ck_assert_str_eq(mxa_buf_cstr(&b), ceilings[_i].wanted);
	ck_assert_int_eq(b.full, ceilings[_i].full);
	mxa_arena_free(a);
}
END_TEST

START_TEST(after_overflow_nothing_more_is_written)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4);
	mxa_buf_adds(&b, "toolong");
	mxa_buf_adds(&b, "ab");
	ck_assert_str_eq(mxa_buf_cstr(&b), "");
	ck_assert(b.full);
	mxa_arena_free(a);
}
END_TEST

START_TEST(grows_to_a_megabyte)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1 << 20);
	for (int i = 0; i < 1 << 20; i++)
		mxa_buf_addc(&b, (char)('a' + i % 26));
	ck_assert(!b.full);
	ck_assert_uint_eq(b.len, 1u << 20);
	for (int i = 0; i < 1 << 20; i++)
		if (b.p[i] != 'a' + i % 26)
			ck_abort_msg("byte %d is wrong", i);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	int64_t v;
	const char *text;
} numbers[] = {
	{ 0, "0" },
	{ 7, "7" },
	{ -1, "-1" },
	{ 1788220800, "1788220800" },
	{ INT64_MAX, "9223372036854775807" },
	{ INT64_MIN, "-9223372036854775808" },
};

START_TEST(numbers_are_decimal)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;

	mxa_buf_init(&b, a, 30);
	mxa_buf_addint(&b, numbers[_i].v);
	ck_assert_str_eq(mxa_buf_cstr(&b), numbers[_i].text);
	mxa_arena_free(a);
}
END_TEST

/* Text that just fits into what is there, and text that needs more. */
START_TEST(formatted_text_of_every_length)
{
	struct mxa_arena *a = mxa_arena_new();

	for (int n = 0; n < 300; n++) {
		struct mxa_buf b;

		mxa_buf_init(&b, a, 310);
		mxa_buf_adds(&b, "ab");
		mxa_buf_printf(&b, "%*d", n, 5);
		mxa_buf_addc(&b, '.');
		ck_assert_uint_eq(b.len, (n > 1 ? n : 1) + 3u);
		ck_assert_str_eq(mxa_buf_cstr(&b) + b.len - 2, "5.");
		ck_assert(strncmp(b.p, "ab", 2) == 0);
	}
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buf");
	TCase *tc = tcase_create("buf");

	tcase_add_test(tc, text_adds_up);
	tcase_add_loop_test(tc, ceiling_is_kept, 0, MXA_ARRAY_LEN(ceilings));
	tcase_add_test(tc, after_overflow_nothing_more_is_written);
	tcase_add_test(tc, grows_to_a_megabyte);
	tcase_add_loop_test(tc, numbers_are_decimal, 0, MXA_ARRAY_LEN(numbers));
	tcase_add_test(tc, formatted_text_of_every_length);
	suite_add_tcase(s, tc);
	return test_main(s);
}
