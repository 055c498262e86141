/* check_words.c - fragments in a text, and what says nothing about
 * authentication. */
#include "bounce/words.h"

#include "t/support/testing.h"

static const struct {
	const char *text, *fragment;
	bool have;
} finds[] = {
	{ "SPF check failed", "spf check", true },
	{ "SPF check failed", "failed", true },
	{ "SPF check failed", "spf  check", false },
	{ "marble", "rbl", false }, /* short: not inside a word */
	{ "an RBL", "rbl", true },
	{ "a-rbl", "rbl", true },
	{ "preblocked", "blocked", true }, /* long: anywhere */
	{ "x", "no ", false },
	{ "no way", "no ", true },
	{ "", "spf", false },
	{ "sp", "spf", false },
	{ "spx spf", "spf", true },
	{ "marbl rbl", "rbl", true },
	{ "1rbl", "rbl", true },
	{ "marble", "arble", true },
	{ "spf", "s", true },
	{ "aspf", "s", false },
	{ "失敗しました", "失敗", true },
};

START_TEST(fragments)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_words w;

	mxa_words_make(a, mxa_str_from(finds[_i].text), &w);
	ck_assert_int_eq(
	    mxa_words_have(&w, finds[_i].fragment), finds[_i].have);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *text;
	bool spf, dkim, dmarc; /* still there */
} masks[] = {
	{ "SPF check failed", true, false, false },
	{ "<spf@d.example> mailbox full", false, false, false },
	{ "dmarc-reports@d.example unknown", false, false, false },
	{ "see https://d.example/dmarc for help", false, false, false },
	{ "host spf.d.example is unknown", false, false, false },
	{ "spf.example: SPF failed", true, false, false },
	{ "failed SPF.Please retry", true, false, false },
	{ "duplicate header 'DKIM-Signature'", false, false, false },
	{ "no DKIM-Signature", false, true, false },
	{ "SPF=pass DKIM: PASS dmarc = pass", false, false, false },
	{ "SPF passed, DKIM failed", false, true, false },
	{ "SPF did not pass", true, false, false },
	{ "SPF: passive", true, false, false },
	{ "DMARC passes", false, false, false },
	{ "DMARC passed.", false, false, false },
	{ "DMARC passing", false, false, true },
	{ "SPF:    pass", true, false, false },
	{ "SPFpass", true, false, false },
	{ "spf-pass", true, false, false },
	{ "SPF failed, see www.d.example/spf", true, false, false },
	{ "see www.d.example/spf", false, false, false },
	{ "\"Received-SPF:\" is there twice", false, false, false },
	{ "spf.d.example.", false, false, false },
	{ "spf.d.example:", false, false, false },
	{ ".spf", true, false, false },
	{ "spf.x", true, false, false },
	{ "spf.Pleas", true, false, false },
	{ "spf.PLEASE", false, false, false },
	{ "spf.Pl", false, false, false },
	{ "spf.d.example..", false, false, false },
	{ "spf!d.example", true, false, false },
	{ "SPF pas", true, false, false },
	{ "SPF passx", true, false, false },
	{ "SPF passe", true, false, false },
	{ "spf.1", true, false, false },
	{ "spf_1.d.example", false, false, false },
	{ "x/spf.d.example", true, false, false },
	{ "(spf.d.example)", false, false, false },
	{ "SPF.IT", false, false, false },
	{ "SPF fail, DMARC pass", true, false, false },
};

START_TEST(what_says_nothing_is_masked)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_words w;

	mxa_words_make_masked(a, mxa_str_from(masks[_i].text), &w);
	ck_assert_int_eq(mxa_words_have(&w, "spf"), masks[_i].spf);
	ck_assert_int_eq(mxa_words_have(&w, "dkim"), masks[_i].dkim);
	ck_assert_int_eq(mxa_words_have(&w, "dmarc"), masks[_i].dmarc);
	mxa_arena_free(a);
}
END_TEST

START_TEST(the_page_of_openspf_stays)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_words w;

	mxa_words_make_masked(a,
	    MXA_STR("see http://www.openspf.org/Why?s=helo;id=u@d.example"),
	    &w);
	ck_assert(mxa_words_have(&w, "openspf."));
	ck_assert(mxa_words_have(&w, "s=helo"));
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("words");
	TCase *tc = tcase_create("words");

	tcase_add_loop_test(
	    tc, fragments, 0, (int)(sizeof(finds) / sizeof(finds[0])));
	tcase_add_loop_test(tc, what_says_nothing_is_masked, 0,
	    (int)(sizeof(masks) / sizeof(masks[0])));
	tcase_add_test(tc, the_page_of_openspf_stays);
	suite_add_tcase(s, tc);
	return test_main(s);
}
