/* check_spf_edit.c - SPF records edited word by word. */
#include "record/spf_edit.h"
#include "t/support/testing.h"

static struct mxa_arena *a;
static struct mxa_spf_words w;

static void setup(void)
{
	a = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(a);
}

static void read_words(const char *record)
{
	mxa_spf_words_read(&w, a, mxa_str_from(record));
}

/* --- reading and writing --- */

static const struct {
	const char *record;
	size_t n;
	const char *text;
} readings[] = {
	{ "v=spf1 mx -all", 2, "v=spf1 mx -all" },
	{ "V=SPF1 mx -all", 2, "v=spf1 mx -all" },
	{ "v=spf1", 0, "v=spf1" },
	{ "", 0, "v=spf1" },
	{ "  v=spf1   mx\t-all  ", 2, "v=spf1 mx -all" },
	{ "mx -all", 2, "v=spf1 mx -all" },
	/* a second version is a word like others */
	{ "v=spf1 v=spf1 -all", 1, "v=spf1 -all" },
	{ "v=spf1 mx v=spf1 -all", 3, "v=spf1 mx v=spf1 -all" },
};

START_TEST(reads)
{
	read_words(readings[_i].record);
	ck_assert_uint_eq(w.n, readings[_i].n);
	ck_assert(!w.full);
	ck_str_is(mxa_spf_words_text(&w), readings[_i].text);
}
END_TEST

START_TEST(knows_places)
{
	read_words("v=spf1 mx  ip4:192.0.2.1 -all");
	ck_assert_uint_eq(w.v[0].at, 7);
	ck_assert_uint_eq(w.v[1].at, 11);
	ck_assert_uint_eq(w.v[2].at, 25);
	mxa_spf_words_insert(&w, 1, MXA_STR("a"));
	ck_assert_uint_eq(w.v[1].at, MXA_SPF_OURS);
	ck_str_is(mxa_spf_words_text(&w), "v=spf1 mx a ip4:192.0.2.1 -all");
	mxa_spf_words_remove(&w, 0);
	ck_str_is(mxa_spf_words_text(&w), "v=spf1 a ip4:192.0.2.1 -all");
}
END_TEST

/* 400 words are kept; with one more the record is not to be proposed. */
START_TEST(is_bounded)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 100000);
	mxa_buf_adds(&b, "v=spf1");
	for (int i = 0; i < MXA_MAX_SPF_WORDS; i++)
		mxa_buf_printf(&b, " ip4:192.0.2.%d", i % 256);
	mxa_spf_words_read(&w, a, mxa_buf_str(&b));
	ck_assert_uint_eq(w.n, MXA_MAX_SPF_WORDS);
	ck_assert(!w.full);
	mxa_spf_words_insert(&w, 0, MXA_STR("mx"));
	ck_assert(w.full);
	ck_assert_uint_eq(w.n, MXA_MAX_SPF_WORDS);
	ck_str_is(w.v[0].text, "ip4:192.0.2.0");
}
END_TEST

/* --- words --- */

static const struct {
	const char *word;
	char all;
	bool modifier;
} kinds[] = {
	{ "all", '+', false },
	{ "+all", '+', false },
	{ "-all", '-', false },
	{ "~ALL", '~', false },
	{ "?all", '?', false },
	{ "xall", '\0', false },
	{ "--all", '\0', false },
	{ "mx", '\0', false },
	{ "redirect=a.example", '\0', true },
	{ "exp=a.example", '\0', true },
	{ "x=a:b", '\0', true },
	{ "a:b=c.example", '\0', false },
	{ "a/24=1", '\0', false },
	{ "=x", '\0', false },
	{ "1=x", '\0', false },
};

START_TEST(knows_words)
{
	struct mxa_str word = mxa_str_from(kinds[_i].word);

	ck_assert_int_eq(mxa_spf_word_all(word), kinds[_i].all);
	ck_assert_int_eq(mxa_spf_word_is_modifier(word), kinds[_i].modifier);
}
END_TEST

START_TEST(finds)
{
	read_words("v=spf1 MX +a ip4:192.0.2.1 mx");
	ck_assert_uint_eq(mxa_spf_words_find(&w, MXA_STR("mx"), 0), 0);
	ck_assert_uint_eq(mxa_spf_words_find(&w, MXA_STR("mx"), 1), 3);
	ck_assert_uint_eq(mxa_spf_words_find(&w, MXA_STR("+mx"), 1), 3);
	ck_assert_uint_eq(mxa_spf_words_find(&w, MXA_STR("a"), 0), 1);
	ck_assert_uint_eq(mxa_spf_words_find(&w, MXA_STR("-a"), 0), 4);
	ck_assert_uint_eq(mxa_spf_words_find(&w, MXA_STR("+"), 0), 4);
}
END_TEST

static const struct {
	const char *record, *want;
} additions[] = {
	{ "v=spf1 mx -all", "v=spf1 mx NEW -all" },
	{ "v=spf1 mx", "v=spf1 mx NEW" },
	{ "v=spf1", "v=spf1 NEW" },
	{ "v=spf1 mx redirect=a.example", "v=spf1 mx NEW redirect=a.example" },
	{ "v=spf1 mx exp=a.example -all", "v=spf1 mx NEW exp=a.example -all" },
	{ "v=spf1 mx -all exp=a.example", "v=spf1 mx NEW -all exp=a.example" },
	{ "v=spf1 exp=a.example mx", "v=spf1 exp=a.example mx NEW" },
};

START_TEST(adds)
{
	read_words(additions[_i].record);
	mxa_spf_words_add(&w, MXA_STR("NEW"));
	ck_str_is(mxa_spf_words_text(&w), additions[_i].want);
}
END_TEST

/* --- the end --- */

static const struct {
	const char *record;
	enum mxa_spf_ending how;
	const char *want;
} endings[] = {
	{ "v=spf1 mx -all", MXA_SPF_END_KEPT, "v=spf1 mx -all" },
	{ "v=spf1 mx ~all", MXA_SPF_END_KEPT, "v=spf1 mx ~all" },
	{ "v=spf1 -all exp=a.example", MXA_SPF_END_KEPT,
	    "v=spf1 -all exp=a.example" },
	{ "v=spf1 -all mx", MXA_SPF_END_MOVED, "v=spf1 mx -all" },
	{ "v=spf1 mx -all ~all", MXA_SPF_END_MOVED, "v=spf1 mx -all" },
	{ "v=spf1 mx ~all -all", MXA_SPF_END_MOVED, "v=spf1 mx ~all" },
	{ "v=spf1 ?all mx -all", MXA_SPF_END_MOVED, "v=spf1 mx -all" },
	{ "v=spf1 mx -all +all", MXA_SPF_END_MOVED, "v=spf1 mx -all" },
	{ "v=spf1 mx", MXA_SPF_END_ADDED, "v=spf1 mx ~all" },
	{ "v=spf1", MXA_SPF_END_ADDED, "v=spf1 ~all" },
	{ "v=spf1 mx +all", MXA_SPF_END_REPLACED, "v=spf1 mx ~all" },
	{ "v=spf1 mx all", MXA_SPF_END_REPLACED, "v=spf1 mx ~all" },
	{ "v=spf1 mx ?all", MXA_SPF_END_REPLACED, "v=spf1 mx ~all" },
	{ "v=spf1 +all ?all mx", MXA_SPF_END_REPLACED, "v=spf1 mx ~all" },
	{ "v=spf1 mx redirect=a.example", MXA_SPF_END_REDIRECT,
	    "v=spf1 mx redirect=a.example" },
	{ "v=spf1 ?all redirect=a.example", MXA_SPF_END_REPLACED,
	    "v=spf1 redirect=a.example ~all" },
	{ "v=spf1 mx exp=a.example", MXA_SPF_END_ADDED,
	    "v=spf1 mx exp=a.example ~all" },
};

START_TEST(ends)
{
	read_words(endings[_i].record);
	ck_assert_int_eq(mxa_spf_words_end(&w), endings[_i].how);
	ck_str_is(mxa_spf_words_text(&w), endings[_i].want);
}
END_TEST

/* --- several records --- */

static const struct {
	const char *one, *two, *want;
} merges[] = {
	{ "v=spf1 mx -all", "v=spf1 a -all", "v=spf1 mx a -all" },
	{ "v=spf1 mx -all", "v=spf1 a ~all", "v=spf1 mx a ~all" },
	{ "v=spf1 mx ~all", "v=spf1 a -all", "v=spf1 mx a ~all" },
	{ "v=spf1 mx -all", "v=spf1 a", "v=spf1 mx a ~all" },
	{ "v=spf1 mx -all", "v=spf1 a ?all", "v=spf1 mx a ~all" },
	{ "v=spf1 mx -all", "v=spf1 a +all", "v=spf1 mx a ~all" },
	{ "v=spf1 mx -all", "v=spf1 +MX -all", "v=spf1 mx -all" },
	{ "v=spf1 mx -all", "v=spf1 redirect=b.example",
	    "v=spf1 mx include:b.example ~all" },
	{ "v=spf1 redirect=a.example", "v=spf1 redirect=b.example",
	    "v=spf1 include:a.example include:b.example ~all" },
};

START_TEST(merges_two)
{
	struct mxa_str text[] = { mxa_str_from(merges[_i].one),
		mxa_str_from(merges[_i].two) };

	mxa_spf_words_merge(&w, a, text, 2);
	ck_str_is(mxa_spf_words_text(&w), merges[_i].want);
}
END_TEST

/* One record stays as it is, none is empty. */
START_TEST(merges_less)
{
	struct mxa_str text[] = { MXA_STR("v=spf1 redirect=a.example") };

	mxa_spf_words_merge(&w, a, text, 1);
	ck_str_is(mxa_spf_words_text(&w), "v=spf1 redirect=a.example");
	mxa_spf_words_merge(&w, a, text, 0);
	ck_str_is(mxa_spf_words_text(&w), "v=spf1");
}
END_TEST

START_TEST(merges_too_long)
{
	struct mxa_str text[2] = { MXA_STR("v=spf1 -all") };
	struct mxa_buf b;

	mxa_buf_init(&b, a, 100000);
	for (int i = 0; i < MXA_MAX_SPF_WORDS + 1; i++)
		mxa_buf_printf(&b, " ip4:192.0.%d.%d", i / 256, i % 256);
	text[1] = mxa_buf_str(&b);
	mxa_spf_words_merge(&w, a, text, 2);
	ck_assert(w.full);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spf_edit");
	TCase *tc = tcase_create("words");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads, 0, MXA_ARRAY_LEN(readings));
	tcase_add_test(tc, knows_places);
	tcase_add_test(tc, is_bounded);
	tcase_add_loop_test(tc, knows_words, 0, MXA_ARRAY_LEN(kinds));
	tcase_add_test(tc, finds);
	tcase_add_loop_test(tc, adds, 0, MXA_ARRAY_LEN(additions));
	tcase_add_loop_test(tc, ends, 0, MXA_ARRAY_LEN(endings));
	tcase_add_loop_test(tc, merges_two, 0, MXA_ARRAY_LEN(merges));
	tcase_add_test(tc, merges_less);
	tcase_add_test(tc, merges_too_long);
	suite_add_tcase(s, tc);
	return test_main(s);
}
