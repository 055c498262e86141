/* check_texts.c - placeholders: what is refused, what they become. */
#include "t/support/testing.h"

#include "conf/texts.h"

static const struct {
	const char *text;
	const char *error; /* NULL: fine */
} checks[] = {
	{ "", NULL },
	{ "plain words", NULL },
	{ "%{domain} and %{help-url}", NULL },
	{ "100%%", NULL },
	{ "%%{domain}", NULL },
	{ "100%", "a '%' is neither part of %{name} nor doubled" },
	{ "%s", "a '%' is neither part of %{name} nor doubled" },
	{ "%{domain", "a '%' is neither part of %{name} nor doubled" },
	{ "%%%", "a '%' is neither part of %{name} nor doubled" },
	{ "%{}", "unknown placeholder %{}" },
	{ "%{Domain}", "unknown placeholder %{Domain}" },
	{ "%{domain }", "unknown placeholder %{domain }" },
	{ "a\nb", "only printable ASCII on one line is allowed" },
	{ "a\rb", "only printable ASCII on one line is allowed" },
	{ "a\tb", "only printable ASCII on one line is allowed" },
	{ "a\x7f", "only printable ASCII on one line is allowed" },
	{ "\xe6\x97\xa5", "only printable ASCII on one line is allowed" },
	{ "12345678901234567890123456789012345678901",
	    "the text has 41 bytes, 40 are allowed" },
};

START_TEST(texts_are_checked)
{
	struct mxa_arena *a = mxa_arena_new();
	const char *error = NULL;
	bool ok = mxa_text_check(a, mxa_str_from(checks[_i].text), 40, &error);

	ck_assert_msg(ok == (checks[_i].error == NULL), "%s", checks[_i].text);
	if (!ok)
		ck_assert_str_eq(error, checks[_i].error);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *text, *domain, *want;
	bool url;
} expansions[] = {
	{ "no %{domain}!", "a.example", "no a.example!", false },
	{ "%{domain}%{domain}", "x", "xx", false },
	{ "100%%", "x", "100%", false },
	{ "%%{domain}", "x", "%{domain}", false },
	{ "%{ip}", "x", "-", false },
	{ "%{domain}", "", "-", false },
	/* values are data: neither looked into nor trusted */
	{ "%{domain}", "%{ip}", "%{ip}", false },
	{ "%{domain}", "a\r\nb\xff", "a??b?", false },
	{ "https://h/?d=%{domain}&x=1", "a b/%&\r\xff",
	    "https://h/?d=a%20b%2F%25%26%0D%FF&x=1", true },
	{ "%{domain}", "A-z0.9_~", "A-z0.9_~", true },
	/* what the check would have refused stays as it is */
	{ "100% %{foo} %{domain", "x", "100% %{foo} %{domain", false },
};

START_TEST(placeholders_are_replaced)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str value[MXA_PLACEHOLDERS] = { { NULL, 0 } };
	struct mxa_buf b;

	value[MXA_PH_DOMAIN] = mxa_str_from(expansions[_i].domain);
	mxa_buf_init(&b, a, 1000);
	mxa_text_expand(
	    &b, mxa_str_from(expansions[_i].text), value, expansions[_i].url);
	ck_str_is(mxa_buf_str(&b), expansions[_i].want);
	mxa_arena_free(a);
}
END_TEST

START_TEST(every_placeholder_has_its_name)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str value[MXA_PLACEHOLDERS];
	const char *error;

	for (int p = 0; p < MXA_PLACEHOLDERS; p++) {
		const char *text =
		    mxa_arena_printf(a, "%%{%s}", mxa_placeholder_name(p));
		struct mxa_buf b;

		for (int i = 0; i < MXA_PLACEHOLDERS; i++)
			value[i] = MXA_STR("other");
		value[p] = MXA_STR("me");
		ck_assert_msg(mxa_text_check(a, mxa_str_from(text), 40, &error),
		    "%s", text);
		mxa_buf_init(&b, a, 100);
		mxa_text_expand(&b, mxa_str_from(text), value, false);
		ck_str_is(mxa_buf_str(&b), "me");
	}
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("texts");
	TCase *tc = tcase_create("texts");

	tcase_add_loop_test(tc, texts_are_checked, 0, MXA_ARRAY_LEN(checks));
	tcase_add_loop_test(
	    tc, placeholders_are_replaced, 0, MXA_ARRAY_LEN(expansions));
	tcase_add_test(tc, every_placeholder_has_its_name);
	suite_add_tcase(s, tc);
	return test_main(s);
}
