/* check_manual.c - mxauth-explain(7) names every word of the JSON. */
#include "explain/explain.h"

#include <stdlib.h>

#include "t/support/testing.h"

static struct mxa_arena *arena;
static struct mxa_str page;

static void read_page(void)
{
	const char *top = getenv("srcdir");

	arena = mxa_arena_new();
	page = test_read(arena,
	    mxa_arena_printf(
		arena, "%s/cli/mxauth-explain.7", top ? top : "."));
}

static void drop_page(void)
{
	mxa_arena_free(arena);
}

/* The word stands in the page by itself. */
static bool has_word(const char *word)
{
	struct mxa_str w = mxa_str_from(word);
	size_t at = 0;

	while (at < page.len) {
		struct mxa_str rest = mxa_str_sub(page, at, page.len);
		size_t hit = mxa_str_casefind(rest, w);

		if (hit == rest.len)
			return false;
		at += hit + w.len;
		if ((hit == 0 || mxa_is_space(rest.p[hit - 1])) &&
		    (at == page.len || mxa_is_space(page.p[at])))
			return true;
	}
	return false;
}

START_TEST(causes)
{
	ck_assert_msg(has_word(mxa_why_name(_i)), "%s", mxa_why_name(_i));
}
END_TEST

START_TEST(actions)
{
	ck_assert_msg(
	    has_word(mxa_fix_action_name(_i)), "%s", mxa_fix_action_name(_i));
}
END_TEST

START_TEST(findings)
{
	ck_assert_msg(has_word(mxa_topic_name(_i)), "%s", mxa_topic_name(_i));
}
END_TEST

START_TEST(classes)
{
	ck_assert_msg(has_word(mxa_refusal_class_name(_i)), "%s",
	    mxa_refusal_class_name(_i));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("manual");
	TCase *tc = tcase_create("words");

	tcase_add_checked_fixture(tc, read_page, drop_page);
	tcase_add_loop_test(tc, causes, 0, MXA_WHYS);
	tcase_add_loop_test(tc, actions, 0, MXA_FIX_NONE + 1);
	tcase_add_loop_test(tc, findings, 0, MXA_TOPIC_UNKNOWN + 1);
	tcase_add_loop_test(tc, classes, 0, MXA_RF_OTHER + 1);
	suite_add_tcase(s, tc);
	return test_main(s);
}
