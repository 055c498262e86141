/* check_phrase.c - sentences with their arguments, in English and translated.
 */
#include "t/support/testing.h"

#include "base/i18n.h"
#include "base/phrase.h"
#include "t/support/catalogue.h"

static struct mxa_arena *arena;

static void open_arena(void)
{
	arena = mxa_arena_new();
}

static void close_arena(void)
{
	mxa_words_use(NULL);
	mxa_arena_free(arena);
}

START_TEST(english_is_printf)
{
	struct mxa_phrase inner =
	    mxa_phrase(arena, "%.*s used by %s", 3, "abcdef", "x");
	struct mxa_phrase p =
	    mxa_phrase(arena, "100%% %d %u %lu %llu %zu %s %.*s %p.", -1, 2u,
		3ul, 4ull, (size_t)5, "six", 2, "seven", (const void *)&inner);

	ck_str_is(p.text, "100% -1 2 3 4 5 six se abc used by x.");
	ck_str_is(mxa_phrase_words(arena, &p),
	    "100% -1 2 3 4 5 six se abc used by x.");
}
END_TEST

START_TEST(arguments_may_die)
{
	char host[] = "a.example";
	struct mxa_phrase p = mxa_phrase(arena, "%s!", host);

	memset(host, 'x', sizeof(host) - 1);
	ck_str_is(mxa_phrase_words(arena, &p), "a.example!");
}
END_TEST

START_TEST(what_was_read_back_stays)
{
	struct mxa_phrase p = MXA_PHRASE_QUOTED(MXA_STR("100%s"));

	ck_str_is(mxa_phrase_words(arena, &p), "100%s");
}
END_TEST

static const char *const texts[][2] = {
	{ "%.*s used by %s", "%3$s no %2$.*1$s" },
	{ "key", "kagi" },
	{ "%s of %.*s: %p, %zu", "%5$zu%% %4$p %3$.*2$s no %1$s" },
	{ "%d keys of %.*s, 100%%", "%3$.*2$s no kagi %1$d" },
	{ "%s used by nobody", "%1$s dake" },
	{ "signed by %.*s: %p", "%3$p: %2$.*1$s" },
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

START_TEST(translation_changes_the_order)
{
	struct mxa_phrase inner =
	    mxa_phrase(arena, "%.*s used by %s", 1, "ab", "c");
	struct mxa_phrase p = mxa_phrase(arena, "%s of %.*s: %p, %zu", "key", 3,
	    "key", (const void *)&inner, (size_t)7);

	use_catalogue(texts, TEXTS);
	ck_str_is(p.text, "key of key: a used by c, 7");
	/* a word of ours is translated, text from outside is not */
	ck_str_is(mxa_phrase_words(arena, &p), "7% c no a key no kagi");
}
END_TEST

START_TEST(words_of_a_form_without_translation)
{
	struct mxa_phrase p = mxa_phrase(arena, "%s %.*s", "key", 1, "x");

	use_catalogue(texts, TEXTS);
	ck_str_is(mxa_phrase_words(arena, &p), "kagi x");
}
END_TEST

static const struct {
	const char *text;
	bool known;
	const char *want;
} read_back[] = {
	{ "a.example used by key", true, "kagi no a.example" },
	{ "key", false, "key" }, /* has too few letters to be sure */
	/* the argument ends as soon as it can */
	{ "a used by b used by c", true, "b used by c no a" },
	/* the form with more words of its own */
	{ "key used by nobody", true, "kagi dake" },
	/* a phrase within, known and unknown */
	{ "signed by a: b used by key", true, "kagi no b: a" },
	{ "signed by a: whatever", true, "whatever: a" },
	/* phrases within phrases, as deep as they are read and one deeper */
	{ "signed by a: signed by b: signed by c: d used by key", true,
	    "kagi no d: c: b: a" },
	{ "signed by a: signed by b: signed by c: signed by d: e used by key",
	    true, "e used by key: d: c: b: a" },
	/* numbers, and %% */
	{ "-2 keys of a, 100%", true, "a no kagi -2" },
	{ "two keys of a, 100%", false, "two keys of a, 100%" },
	{ "12 keys of a, 100", false, "12 keys of a, 100" },
	{ "%s used by %s", true, "%s no %s" },
	{ "none of ours", false, "none of ours" },
	{ "", false, "" },
};

START_TEST(text_becomes_its_phrase_again)
{
	struct mxa_str text = mxa_str_from(read_back[_i].text);
	struct mxa_phrase p;

	use_catalogue(texts, TEXTS);
	ck_assert(mxa_phrase_read(arena, text, &p) == read_back[_i].known);
	ck_str_is(p.text, read_back[_i].text);
	ck_str_is(mxa_phrase_words(arena, &p), read_back[_i].want);
}
END_TEST

START_TEST(word_with_a_nul_is_none_of_ours)
{
	struct mxa_phrase p;

	use_catalogue(texts, TEXTS);
	ck_assert(mxa_phrase_read(arena, MXA_STR("key\0s used by nobody"), &p));
	ck_assert(
	    mxa_str_eq(mxa_phrase_words(arena, &p), MXA_STR("key\0s dake")));
}
END_TEST

START_TEST(words_of_a_long_text_are_not_cut)
{
	static char text[20000];
	const struct mxa_str used = MXA_STR(" used by key");
	struct mxa_phrase p;

	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - used.len, used.p, used.len);
	use_catalogue(texts, TEXTS);
	ck_assert(mxa_phrase_read(arena, mxa_str_make(text, sizeof(text)), &p));
	ck_assert_uint_eq(mxa_phrase_words(arena, &p).len,
	    sizeof(text) - used.len + strlen("kagi no "));
}
END_TEST

START_TEST(english_needs_no_forms)
{
	struct mxa_phrase p;

	ck_assert(mxa_phrase_read(arena, MXA_STR("none of ours"), &p));
	ck_str_is(mxa_phrase_words(arena, &p), "none of ours");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("phrase");
	TCase *tc = tcase_create("phrase");

	tcase_add_checked_fixture(tc, open_arena, close_arena);
	tcase_add_test(tc, english_is_printf);
	tcase_add_test(tc, arguments_may_die);
	tcase_add_test(tc, what_was_read_back_stays);
	tcase_add_test(tc, translation_changes_the_order);
	tcase_add_test(tc, words_of_a_form_without_translation);
	tcase_add_loop_test(tc, text_becomes_its_phrase_again, 0,
	    (int)(sizeof(read_back) / sizeof(read_back[0])));
	tcase_add_test(tc, word_with_a_nul_is_none_of_ours);
	tcase_add_test(tc, words_of_a_long_text_are_not_cut);
	tcase_add_test(tc, english_needs_no_forms);
	suite_add_tcase(s, tc);
	return test_main(s);
}
