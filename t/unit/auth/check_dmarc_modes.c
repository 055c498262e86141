/* check_dmarc_modes.c - DMARC without the single-label guard, by public suffix
 * list and by both; and how much each way asks. */
#include "t/support/dmarccase.h"

/* --- the same with the guard of section 5.1 off --- */

static const struct dmarc_row unguarded[] = {
	{ "11: everything below com aligns", D("com", "p=none"), "a.com",
	    "pass evil.com", NULL, "pass none org=com p@com spf" },
	{ "brand top-level domain", D("brand", "p=reject"), "mail.brand",
	    "pass news.brand", NULL, "pass reject org=brand p@brand spf" },
	{ "the rest does not change", D("example.com", "p=reject"),
	    "example.com", "pass other.com", NULL,
	    "fail reject org=example.com p@example.com" },
};

START_TEST(guard_off)
{
	struct dmarc_setup s;

	dmarc_set_up(&s, unguarded[_i].zone, MXA_ORGDOM_TREEWALK);
	s.options.single_label_guard = false;
	dmarc_run(&s, &unguarded[_i]);
	dmarc_tear_down(&s);
}
END_TEST

/* --- public suffix list: the column "7489" where it differs, and some where
 * it does not --- */

static const struct dmarc_row by_psl[] = {
	{ "record at the organizational domain",
	    D("example.co.uk", "p=reject; sp=quarantine"), "news.example.co.uk",
	    NULL, NULL, "fail quarantine org=example.co.uk sp@example.co.uk" },
	{ "a record in between is not seen", D("b.example.com", "p=reject"),
	    "a.b.example.com", NULL, NULL, "none org=example.com" },
	{ "records in between and at the top",
	    D("b.example.com", "p=reject; psd=n")
		D("example.com", "p=none; sp=quarantine"),
	    "a.b.example.com", NULL, NULL,
	    "fail quarantine org=example.com sp@example.com" },
	{ "private suffix: the parent's record is invisible",
	    D("hosting.example", "p=reject"), "alice.hosting.example",
	    "pass bob.hosting.example", NULL,
	    "none org=alice.hosting.example" },
	{ "private suffix: neighbours do not align",
	    D("alice.hosting.example", "p=reject"), "alice.hosting.example",
	    "pass bob.hosting.example", NULL,
	    "fail reject org=alice.hosting.example "
	    "p@alice.hosting.example" },
	{ "brand top-level domain", D("brand", "p=reject"), "mail.brand", NULL,
	    NULL, "none org=mail.brand" },
	{ "several records end it",
	    D("m.example.com", "p=none") D("m.example.com", "p=none")
		D("example.com", "p=reject"),
	    "m.example.com", NULL, NULL, "none org=example.com" },
	{ "alignment needs no record and no question",
	    ";! servfail *.bounce.example.com\n" D("example.com", "p=reject"),
	    "example.com", "pass a.bounce.example.com", NULL,
	    "pass reject org=example.com p@example.com spf" },
	{ "public suffixes align nobody", D("example.co.uk", "p=reject"),
	    "example.co.uk", "pass other.co.uk", NULL,
	    "fail reject org=example.co.uk p@example.co.uk" },
	{ "no p with rua", D("example.com", "rua=mailto:d@example.com"),
	    "example.com", NULL, NULL,
	    "fail none org=example.com p@example.com" },
	{ "no p, no rua", D("example.com", "sp=reject"), "example.com", NULL,
	    NULL, "none org=example.com" },
	{ "the organization's record not known",
	    ";! servfail _dmarc.example.com\n", "sub.example.com", NULL, NULL,
	    "temperror org=example.com" },
	{ "top-level failures do not matter",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "sub.example.com", "pass other.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "t=y is what its owner wants by any list",
	    D("example.com", "p=reject; t=y"), "example.com", NULL, NULL,
	    "fail quarantine org=example.com p@example.com testing" },
};

START_TEST(public_suffix)
{
	struct dmarc_setup s;

	dmarc_set_up(&s, by_psl[_i].zone, MXA_ORGDOM_PSL);
	dmarc_run(&s, &by_psl[_i]);
	dmarc_tear_down(&s);
}
END_TEST

/* --- auto: the walk's result, and whether the list differs --- */

static const struct dmarc_row by_auto[] = {
	{ "they agree", D("example.com", "p=reject"), "sub.example.com",
	    "pass bounce.example.com", NULL,
	    "pass reject org=example.com p@example.com spf" },
	{ "a record in between", D("b.example.com", "p=reject"),
	    "a.b.example.com", NULL, NULL,
	    "fail reject org=b.example.com p@b.example.com differ" },
	{ "private suffix", D("hosting.example", "p=quarantine"),
	    "alice.hosting.example", "pass bob.hosting.example", NULL,
	    "pass quarantine org=hosting.example p@hosting.example spf "
	    "differ" },
	{ "several records",
	    D("m.example.com", "p=none") D("m.example.com", "p=none")
		D("example.com", "p=reject"),
	    "m.example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com differ" },
};

START_TEST(both_compared)
{
	struct dmarc_setup s;

	dmarc_set_up(&s, by_auto[_i].zone, MXA_ORGDOM_AUTO);
	dmarc_run(&s, &by_auto[_i]);
	dmarc_tear_down(&s);
}
END_TEST

/* --- how much is asked --- */

static const struct {
	const char *name, *zone, *author, *spf, *dkim;
	unsigned questions;
} costs[] = {
	{ "the walk and nothing else", D("example.com", "p=reject"),
	    "example.com", "pass example.com", "pass example.com", 2 },
	{ "names on the author's way up are free", D("example.com", "p=reject"),
	    "mail.example.com", "pass example.com", "pass com", 3 },
	{ "an identifier below costs its own labels",
	    D("example.com", "p=reject"), "example.com",
	    "pass bounce.example.com", NULL, 3 },
	{ "strangers cost nothing", D("example.com", "p=reject"), "example.com",
	    "pass other.com", "pass a.b.c.esp.example", 2 },
	{ "np costs one question", D("example.com", "p=reject; np=none"),
	    "sub.example.com", NULL, NULL, 4 },
	{ "and none when _dmarc shows that the name exists",
	    D("example.com",
		"p=reject; np=none") "_dmarc.sub.example.com. IN TXT \"x\"\n",
	    "sub.example.com", NULL, NULL, 3 },
};

START_TEST(asks_no_more)
{
	const struct dmarc_row row = { costs[_i].name, costs[_i].zone,
		costs[_i].author, costs[_i].spf, costs[_i].dkim, "" };
	struct mxa_dmarc_verdict v;
	struct dmarc_setup s;

	dmarc_set_up(&s, row.zone, MXA_ORGDOM_TREEWALK);
	dmarc_evaluate_row(&s, &row, &v);
	ck_assert_uint_eq(
	    mxa_budget_counts(s.env.budget).questions, costs[_i].questions);
	dmarc_tear_down(&s);
}
END_TEST

/* Twenty passing signatures of subdomains: ten are walked, and a further one
 * of the author's own name still counts. */
START_TEST(signatures_cannot_crowd_out)
{
	struct mxa_dkim_sig sig[40];
	struct mxa_dkim_verdict dkim = { .sig = sig, .n = 40 };
	struct mxa_spf_verdict spf = { .result = MXA_SPF_NONE };
	struct mxa_authors authors = { .n = 1 };
	struct mxa_dmarc_verdict v;
	struct dmarc_setup s;

	dmarc_set_up(&s,
	    D("example.com", "p=reject") D("example", "p=none; psd=y"),
	    MXA_ORGDOM_TREEWALK);
	authors.domain[0] = MXA_STR("example.com");
	for (int i = 0; i < 39; i++)
		sig[i] = (struct mxa_dkim_sig){ .result = MXA_DKIM_PASS,
			.domain = mxa_str_from(
			    mxa_arena_printf(s.env.arena, "s%d.com", i)) };
	sig[39] = (struct mxa_dkim_sig){ .result = MXA_DKIM_PASS,
		.domain = MXA_STR("example.com") };
	mxa_dmarc_evaluate(&s.env, &authors, &spf, &dkim, &s.notes, &v);
	ck_assert_int_eq(v.result, MXA_DMARC_PASS);
	ck_assert(v.domain[0].dkim_aligned);
	ck_assert_uint_le(mxa_budget_counts(s.env.budget).questions, 2);
	dmarc_tear_down(&s);
}
END_TEST

/* The early questions are the ones that are needed: afterwards nothing new is
 * asked. */
START_TEST(asks_early)
{
	static const struct dmarc_row row = { "early",
		D("example.com", "p=reject"), "mail.example.com",
		"pass bounce.example.com", "pass news.example.com", "" };
	struct mxa_authors authors;
	struct mxa_dmarc_verdict v;
	struct dmarc_setup s;
	unsigned early;

	dmarc_set_up(&s, row.zone, MXA_ORGDOM_TREEWALK);
	dmarc_read_authors(row.authors, &authors);
	mxa_dmarc_prefetch(&s.env, authors.domain[0]);
	mxa_dmarc_prefetch_identifier(
	    &s.env, &authors, MXA_STR("bounce.example.com"));
	mxa_dmarc_prefetch_identifier(
	    &s.env, &authors, MXA_STR("news.example.com"));
	mxa_dmarc_prefetch_identifier(&s.env, &authors, MXA_STR("other.com"));
	mxa_dmarc_prefetch_identifier(&s.env, &authors, MXA_STR_NONE);
	early = mxa_budget_counts(s.env.budget).questions;
	ck_assert_uint_eq(early, 5);
	dmarc_evaluate_row(&s, &row, &v);
	ck_assert_int_eq(v.result, MXA_DMARC_PASS);
	ck_assert_uint_eq(mxa_budget_counts(s.env.budget).questions, early);
	dmarc_tear_down(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dmarc_modes");
	TCase *tc = tcase_create("modes");

	tcase_add_loop_test(tc, guard_off, 0, MXA_ARRAY_LEN(unguarded));
	tcase_add_loop_test(tc, public_suffix, 0, MXA_ARRAY_LEN(by_psl));
	tcase_add_loop_test(tc, both_compared, 0, MXA_ARRAY_LEN(by_auto));
	tcase_add_loop_test(tc, asks_no_more, 0, MXA_ARRAY_LEN(costs));
	tcase_add_test(tc, signatures_cannot_crowd_out);
	tcase_add_test(tc, asks_early);
	suite_add_tcase(s, tc);
	return test_main(s);
}
