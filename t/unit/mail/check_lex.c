/* check_lex.c - comments, quoted strings, white space, UTF-8. */
#include "t/support/testing.h"

#include "mail/lex.h"

static const struct {
	const char *name, *in;
	bool ok;
	size_t at;
} cfws[] = {
	{ "nothing", "a", true, 0 },
	{ "white space and folds", " \t\r\n a", true, 5 },
	{ "comment", "(x)a", true, 3 },
	{ "comments and space", " (x) (y)\r\n\ta", true, 11 },
	{ "nested", "(a(b)c)d", true, 7 },
	{ "quoted pair", "(\\))a", true, 4 },
	{ "quote is nothing special in a comment", "(\")a", true, 3 },
	{ "never closed", " (a(b)", false, 1 },
	{ "closed by a quoted pair only", "(a\\)", false, 0 },
	{ "backslash at the end", "(a\\", false, 0 },
	{ "to the end", "  ", true, 2 },
};

START_TEST(cfws_is_passed)
{
	struct mxa_str s = mxa_str_from(cfws[_i].in);
	size_t at = 0;

	ck_assert_int_eq(mxa_lex_cfws(s, &at), cfws[_i].ok);
	ck_assert_uint_eq(at, cfws[_i].at);
}
END_TEST

START_TEST(deep_nesting_is_only_counted)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, a, 1 << 20);
	for (int i = 0; i < 100000; i++)
		mxa_buf_addc(&b, '(');
	ck_assert(!mxa_lex_cfws(mxa_buf_str(&b), &at));
	for (int i = 0; i < 100000; i++)
		mxa_buf_addc(&b, ')');
	ck_assert(mxa_lex_cfws(mxa_buf_str(&b), &at));
	ck_assert_uint_eq(at, 200000);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *in;
	bool ok;
	size_t at;
} quoted[] = {
	{ "\"\"x", true, 2 },
	{ "\"a\\\"b\"x", true, 6 },
	{ "\"a(b\"x", true, 5 },
	{ "\"a", false, 0 },
	{ "\"a\\\"", false, 0 },
	{ "\"a\\", false, 0 },
	{ "\"", false, 0 },
};

START_TEST(quotes_are_passed)
{
	size_t at = 0;

	ck_assert_int_eq(
	    mxa_lex_quoted(mxa_str_from(quoted[_i].in), &at), quoted[_i].ok);
	ck_assert_uint_eq(at, quoted[_i].at);
}
END_TEST

START_TEST(escapes_are_resolved)
{
	struct mxa_arena *a = mxa_arena_new();

	ck_str_is(mxa_lex_unescape(a, MXA_STR("a\\\"b\\\\c")), "a\"b\\c");
	ck_str_is(mxa_lex_unescape(a, MXA_STR("a\r\n b")), "a b");
	ck_str_is(mxa_lex_unescape(a, MXA_STR("a\\")), "a\\");
	ck_str_is(mxa_lex_unescape(a, MXA_STR("")), "");
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lex");
	TCase *tc = tcase_create("lex");

	tcase_add_loop_test(tc, cfws_is_passed, 0, MXA_ARRAY_LEN(cfws));
	tcase_add_test(tc, deep_nesting_is_only_counted);
	tcase_add_loop_test(tc, quotes_are_passed, 0, MXA_ARRAY_LEN(quoted));
	tcase_add_test(tc, escapes_are_resolved);
	suite_add_tcase(s, tc);
	return test_main(s);
}
