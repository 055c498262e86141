/* check_dmarc.c - DMARC results by tree walk: the worked cases of spec/dmarc.md
 * sections 1 to 7, over zones. */
#include "t/support/dmarccase.h"

/* --- tree walk --- */

#define BANK6 D("bank.example", "psd=y; p=none; sp=quarantine; np=reject")

static const struct dmarc_row by_walk[] = {
	/* the worked cases of section 5, by their numbers */
	{ "1: both identifiers under one organizational domain",
	    D("example.com", "p=reject") D("signing.example.com", "p=reject"),
	    "example.com", "pass example.com", "pass signing.example.com",
	    "pass reject org=example.com p@example.com spf dkim" },
	{ "2: eleven labels below the record", D("example.com", "p=reject"),
	    "a.b.c.d.e.f.g.h.i.j.k.example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com" },
	{ "2: sp goes before p", D("example.com", "p=reject; sp=quarantine"),
	    "a.b.c.d.e.f.g.h.i.j.k.example.com", NULL, NULL,
	    "fail quarantine org=example.com sp@example.com" },
	{ "3: below a public suffix domain",
	    D("bank.example", "p=reject; psd=y")
		D("giant.bank.example", "p=quarantine"),
	    "giant.bank.example", "pass mail.giant.bank.example",
	    "pass mail.mega.bank.example",
	    "pass quarantine org=giant.bank.example p@giant.bank.example "
	    "spf" },
	{ "3: and DKIM of the neighbour alone",
	    D("bank.example", "p=reject; psd=y")
		D("giant.bank.example", "p=quarantine"),
	    "giant.bank.example", NULL, "pass mail.mega.bank.example",
	    "fail quarantine org=giant.bank.example p@giant.bank.example" },
	{ "4: a record in between is never applied",
	    D("b.example.com", "p=reject")
		D("example.com", "p=none; sp=quarantine"),
	    "a.b.example.com", NULL, NULL,
	    "fail quarantine org=example.com sp@example.com" },
	{ "5: unless it says psd=n",
	    D("b.example.com", "p=reject; psd=n") D("example.com", "p=none"),
	    "a.b.example.com", NULL, NULL,
	    "fail reject org=b.example.com p@b.example.com" },
	{ "6: the PSD record for an existing name", BANK6 A("foo.bank.example"),
	    "foo.bank.example", NULL, NULL,
	    "fail quarantine org=foo.bank.example sp@bank.example" },
	{ "7: and for one that does not exist", BANK6, "foo.bank.example", NULL,
	    NULL,
	    "fail reject org=foo.bank.example np@bank.example nonexistent" },
	{ "8: a public suffix domain as author aligns with nobody below", BANK6,
	    "bank.example", "pass mail.bank.example", NULL,
	    "fail none org=bank.example p@bank.example" },
	{ "9: two records are none",
	    D("example.com", "p=reject") D("example.com", "p=none"),
	    "example.com", NULL, NULL, "none org=example.com" },
	{ "10: but the walk goes on",
	    D("m.example.com", "p=none") D("m.example.com", "p=quarantine")
		D("example.com", "p=reject"),
	    "m.example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com" },
	{ "11: a record at the top aligns nobody by itself (guard)",
	    D("com", "p=none"), "a.com", "pass evil.com", NULL,
	    "fail none org=com p@com guarded" },
	{ "11: names of one registered domain still align", D("com", "p=none"),
	    "www.a.com", "pass mail.a.com", NULL,
	    "pass none org=com p@com spf" },
	{ "11: psd=n at the top is meant", D("com", "p=none; psd=n"), "a.com",
	    "pass b.com", NULL, "pass none org=com p@com spf" },
	{ "11: the top as author", D("com", "p=reject"), "com", "pass evil.com",
	    NULL, "fail reject org=com p@com guarded" },
	{ "12: a name without records is its own organization",
	    D("example.com", "p=reject"), "example.com", NULL,
	    "pass news.esp.example",
	    "fail reject org=example.com p@example.com" },
	{ "13: strict alignment", D("example.com", "p=reject; aspf=s"),
	    "example.com", "pass bounce.example.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "13: adkim=s as well", D("example.com", "p=reject; adkim=s"),
	    "example.com", NULL, "pass bounce.example.com",
	    "fail reject org=example.com p@example.com" },
	{ "13: strictness of one says nothing of the other",
	    D("example.com", "p=reject; aspf=s"), "example.com",
	    "pass bounce.example.com", "pass bounce.example.com",
	    "pass reject org=example.com p@example.com dkim" },
	{ "13: identical names are strict enough",
	    D("example.com", "p=reject; adkim=s; aspf=s"), "example.com",
	    "pass example.com", "pass example.com",
	    "pass reject org=example.com p@example.com spf dkim" },
	{ "14: np for a name that is not there",
	    D("example.com", "p=reject; sp=none; np=quarantine"),
	    "sub.example.com", NULL, NULL,
	    "fail quarantine org=example.com np@example.com nonexistent" },
	{ "14: sp for a name with only an MX",
	    D("example.com",
		"p=reject; sp=none; np=quarantine") "sub.example.com. IN MX 10 mx.example.com.\n",
	    "sub.example.com", NULL, NULL,
	    "fail none org=example.com sp@example.com" },
	{ "14: names below it make it exist",
	    D("example.com", "p=reject; sp=none; np=quarantine")
		A("host.sub.example.com"),
	    "sub.example.com", NULL, NULL,
	    "fail none org=example.com sp@example.com" },
	{ "14: so does anything at _dmarc below it",
	    D("example.com",
		"p=reject; sp=none; np=quarantine") "_dmarc.sub.example.com. IN TXT \"hello\"\n",
	    "sub.example.com", NULL, NULL,
	    "fail none org=example.com sp@example.com" },
	{ "15: bad sp with rua is p=none",
	    D("example.com", "p=reject; sp=bogus; rua=mailto:d@example.com"),
	    "example.com", NULL, NULL,
	    "fail none org=example.com p@example.com" },
	{ "16: bad np without rua is no policy",
	    D("example.com", "p=reject; np=bogus"), "example.com",
	    "pass example.com", NULL, "none org=example.com" },
	{ "16: and nobody looks further up",
	    D("b.example.com", "p=bogus") D("example.com", "p=reject"),
	    "b.example.com", NULL, NULL, "none org=example.com" },
	{ "17: no p with rua is p=none",
	    D("example.com", "rua=mailto:d@example.com"), "example.com", NULL,
	    NULL, "fail none org=example.com p@example.com" },
	{ "18: bad adkim and fo cost nothing",
	    D("example.com", "p=reject; adkim=x; fo=zz"), "example.com", NULL,
	    "pass mail.example.com",
	    "pass reject org=example.com p@example.com dkim" },

	/* section 4 */
	{ "no record anywhere", "", "example.com", "pass example.com", NULL,
	    "none org=example.com" },
	{ "sp and np of the author's own record are not for it",
	    D("sub.example.com", "p=none; sp=reject; np=reject"),
	    "sub.example.com", NULL, NULL,
	    "fail none org=sub.example.com p@sub.example.com" },
	{ "the PSD record is not used beside the organization's own",
	    D("bank.example", "psd=y; p=reject")
		D("foo.bank.example", "p=none"),
	    "sub.foo.bank.example", NULL, NULL,
	    "fail none org=foo.bank.example p@foo.bank.example" },
	{ "the record at a private suffix applies",
	    D("hosting.example", "p=quarantine"), "alice.hosting.example",
	    "pass bob.hosting.example", NULL,
	    "pass quarantine org=hosting.example p@hosting.example spf" },
	{ "with psd=y it is a fallback, and neighbours do not align",
	    D("hosting.example", "p=quarantine; psd=y"),
	    "alice.hosting.example", "pass bob.hosting.example", NULL,
	    "fail quarantine org=alice.hosting.example p@hosting.example" },
	{ "brand top-level domain", D("brand", "p=reject"), "mail.brand",
	    "pass news.brand", NULL, "fail reject org=brand p@brand guarded" },
	{ "record eight labels up is jumped over",
	    D("b.c.d.e.f.g.example.com", "p=reject"),
	    "mail.a.b.c.d.e.f.g.example.com", NULL, NULL,
	    "none org=mail.a.b.c.d.e.f.g.example.com" },
	{ "np that equals sp asks nothing and stays sp",
	    D("example.com", "p=reject; sp=none; np=none"), "sub.example.com",
	    NULL, NULL, "fail none org=example.com sp@example.com" },
	{ "np also where something passes",
	    D("example.com", "p=reject; sp=none; np=quarantine"),
	    "sub.example.com", NULL, "pass example.com",
	    "pass quarantine org=example.com np@example.com dkim nonexistent" },
	{ "existence not known: as if it existed",
	    ";! servfail sub.example.com\n" D(
		"example.com", "p=reject; sp=none; np=quarantine"),
	    "sub.example.com", NULL, NULL,
	    "fail none org=example.com sp@example.com" },

	/* section 6 */
	{ "t=y lowers reject", D("example.com", "p=reject; t=y"), "example.com",
	    NULL, NULL,
	    "fail quarantine org=example.com p@example.com testing" },
	{ "t=y lowers quarantine", D("example.com", "p=quarantine; t=y"),
	    "example.com", NULL, NULL,
	    "fail none org=example.com p@example.com testing" },
	{ "t=y leaves none", D("example.com", "p=none; t=y"), "example.com",
	    NULL, NULL, "fail none org=example.com p@example.com" },
	{ "t=y lowers sp", D("example.com", "p=none; sp=reject; t=y"),
	    "sub.example.com", NULL, NULL,
	    "fail quarantine org=example.com sp@example.com testing" },
	{ "t=y lowers np", D("example.com", "p=none; np=reject; t=y"),
	    "sub.example.com", NULL, NULL,
	    "fail quarantine org=example.com np@example.com testing "
	    "nonexistent" },
	{ "t=y and a pass", D("example.com", "p=reject; t=y"), "example.com",
	    "pass example.com", NULL,
	    "pass quarantine org=example.com p@example.com spf testing" },
	{ "pct=0 is history", D("example.com", "p=reject; pct=0"),
	    "example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com" },

	/* what counts as an identifier */
	{ "only pass counts: SPF", D("example.com", "p=reject"), "example.com",
	    "softfail example.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "only pass counts: DKIM", D("example.com", "p=reject"), "example.com",
	    NULL,
	    "policy example.com, fail example.com, neutral example.com, "
	    "permerror example.com",
	    "fail reject org=example.com p@example.com" },
	{ "SPF permerror is a completed check", D("example.com", "p=reject"),
	    "example.com", "permerror example.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "the one that aligns among others", D("example.com", "p=reject"),
	    "example.com", NULL,
	    "pass esp.example, fail example.com, pass news.example.com",
	    "pass reject org=example.com p@example.com dkim" },
	{ "a name that merely ends alike", D("example.com", "p=reject"),
	    "example.com", "pass badexample.com", "pass notexample.com",
	    "fail reject org=example.com p@example.com" },

	/* section 7: DNS trouble */
	{ "own record not known", ";! servfail _dmarc.example.com\n",
	    "example.com", NULL, NULL, "temperror org=example.com" },
	{ "own record not known, though DKIM passes: policy or none?",
	    ";! timeout _dmarc.example.com\n", "example.com", NULL,
	    "pass example.com", "temperror org=example.com" },
	{ "refused is no answer, too", ";! refused _dmarc.example.com\n",
	    "example.com", NULL, NULL, "temperror org=example.com" },
	{ "nor is garbage", ";! malformed _dmarc.example.com\n", "example.com",
	    NULL, NULL, "temperror org=example.com" },
	{ "the organization's record not known",
	    ";! servfail _dmarc.example.com\n", "sub.example.com", NULL, NULL,
	    "temperror org=sub.example.com" },
	{ "the top not known: the own record decides",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "example.com", "pass elsewhere.example", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "the top not known: names of one domain align anyhow",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "example.com", "pass bounce.example.com", "pass mail.example.com",
	    "pass reject org=example.com p@example.com spf dkim" },
	{ "the top not known: it might align a stranger (psd=n)",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "example.com", "pass other.com", NULL,
	    "temperror reject org=example.com p@example.com" },
	{ "the top not known: it might hold the policy",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "sub.example.com", NULL, NULL, "temperror org=example.com" },
	{ "the top not known: a pass of the same name stands",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject"),
	    "sub.example.com", "pass sub.example.com", NULL,
	    "pass org=example.com spf" },
	{ "above psd=n it does not matter",
	    ";! servfail _dmarc.com\n" D("example.com", "p=reject; psd=n"),
	    "sub.example.com", NULL, NULL,
	    "fail reject org=example.com p@example.com" },
	{ "an identifier's walk fails below: psd there would part them",
	    ";! servfail _dmarc.bounce.example.com\n" D(
		"example.com", "p=reject"),
	    "example.com", "pass bounce.example.com", NULL,
	    "temperror reject org=example.com p@example.com" },
	{ "but not beside a pass",
	    ";! servfail _dmarc.bounce.example.com\n" D(
		"example.com", "p=reject"),
	    "example.com", "pass bounce.example.com", "pass example.com",
	    "pass reject org=example.com p@example.com dkim" },
	{ "a stranger's walk is not even asked",
	    ";! servfail _dmarc.evil.example\n;! servfail _dmarc.example\n" D(
		"example.com", "p=reject"),
	    "example.com", "pass evil.example", "pass evil.example",
	    "fail reject org=example.com p@example.com" },
	{ "SPF temperror on an aligned name", D("example.com", "p=reject"),
	    "example.com", "temperror bounce.example.com", NULL,
	    "temperror reject org=example.com p@example.com" },
	{ "SPF temperror elsewhere", D("example.com", "p=reject"),
	    "example.com", "temperror esp.example", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "SPF temperror under strict alignment",
	    D("example.com", "p=reject; aspf=s"), "example.com",
	    "temperror bounce.example.com", NULL,
	    "fail reject org=example.com p@example.com" },
	{ "DKIM temperror on an aligned name", D("example.com", "p=reject"),
	    "example.com", "fail example.com",
	    "fail example.com, temperror example.com",
	    "temperror reject org=example.com p@example.com" },
	{ "DKIM temperror elsewhere", D("example.com", "p=reject"),
	    "example.com", NULL, "temperror esp.example",
	    "fail reject org=example.com p@example.com" },
	{ "temperror beside an aligned pass", D("example.com", "p=reject"),
	    "example.com", "temperror example.com", "pass example.com",
	    "pass reject org=example.com p@example.com dkim" },
	{ "temperror without a record", "", "example.com",
	    "temperror example.com", NULL, "none org=example.com" },
	{ "everything fails, beyond what is guessed at",
	    ";! servfail *.example.com\n;! servfail _dmarc.com\n",
	    "a.b.c.d.e.example.com", "pass a.b.c.d.e.example.com", NULL,
	    "temperror org=a.b.c.d.e.example.com" },

	/* several authors: section 1.4 */
	{ "two authors, one passes",
	    D("example.com", "p=reject") D("example.net", "p=quarantine"),
	    "example.com example.net", "pass example.com", NULL,
	    "fail quarantine org=example.net p@example.net" },
	{ "two authors, none passes: the strictest policy",
	    D("example.com", "p=none") D("example.net", "p=reject"),
	    "example.com example.net", NULL, NULL,
	    "fail reject org=example.net p@example.net" },
	{ "two authors, both pass",
	    D("example.com", "p=none") D("example.net", "p=reject"),
	    "example.com example.net", "pass example.com", "pass example.net",
	    "pass reject org=example.net p@example.net dkim" },
	{ "none is worse than pass", D("example.com", "p=reject"),
	    "example.com example.net", "pass example.com", NULL,
	    "none org=example.net" },
	{ "temperror is worse than none", ";! servfail _dmarc.example.com\n",
	    "example.net example.com", NULL, NULL,
	    "temperror org=example.com" },
	{ "fail is worse than temperror",
	    ";! servfail _dmarc.example.com\n" D("example.net", "p=none"),
	    "example.com example.net", NULL, NULL,
	    "fail none org=example.net p@example.net" },
	{ "more than four are never a pass", D("example.com", "p=reject"),
	    "example.com +", "pass example.com", NULL,
	    "permerror reject org=example.com p@example.com spf" },
	{ "but a fail stays one", D("example.com", "p=reject"), "example.com +",
	    NULL, NULL, "fail reject org=example.com p@example.com" },
};

START_TEST(tree_walk)
{
	struct dmarc_setup s;

	dmarc_set_up(&s, by_walk[_i].zone, MXA_ORGDOM_TREEWALK);
	dmarc_run(&s, &by_walk[_i]);
	dmarc_tear_down(&s);
}
END_TEST

/* --- single facts --- */

START_TEST(pct_zero_as_testing)
{
	static const struct dmarc_row row = { "pct=0",
		D("example.com", "p=reject; pct=0"), "example.com", NULL, NULL,
		"fail quarantine org=example.com p@example.com testing" };
	struct dmarc_setup s;

	dmarc_set_up(&s, row.zone, MXA_ORGDOM_TREEWALK);
	s.options.honour_pct_zero = true;
	dmarc_run(&s, &row);
	dmarc_tear_down(&s);
}
END_TEST

START_TEST(no_author)
{
	static const struct dmarc_row row = { "no author", "", "", NULL, NULL,
		"" };
	struct mxa_dmarc_verdict v;
	struct dmarc_setup s;

	dmarc_set_up(&s, "", MXA_ORGDOM_TREEWALK);
	dmarc_evaluate_row(&s, &row, &v);
	ck_assert_uint_eq(v.n, 0);
	ck_assert_int_eq(v.result, MXA_DMARC_NONE);
	dmarc_tear_down(&s);
}
END_TEST

/* The policy of those that fail counts, not of the one that is shown. */
START_TEST(strictest_of_the_failing)
{
	static const struct dmarc_row row = { "mixed",
		D("example.com", "p=quarantine") D("example.net", "p=reject")
		    D("example.org", "p=reject"),
		"example.com example.net example.org", NULL, "pass example.org",
		"" };
	struct mxa_dmarc_verdict v;
	struct dmarc_setup s;

	dmarc_set_up(&s, row.zone, MXA_ORGDOM_TREEWALK);
	dmarc_evaluate_row(&s, &row, &v);
	ck_assert_int_eq(v.result, MXA_DMARC_FAIL);
	ck_assert_int_eq(v.policy, MXA_POLICY_REJECT);
	ck_assert_uint_eq(v.worst, 1);
	ck_assert_int_eq(v.domain[0].result, MXA_DMARC_FAIL);
	ck_assert_int_eq(v.domain[2].result, MXA_DMARC_PASS);
	dmarc_tear_down(&s);
}
END_TEST

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

START_TEST(name_too_long)
{
	static const struct dmarc_row row = { "long", "",
		L63 "." L63 "." L63 "." L63, NULL, NULL, "" };
	struct mxa_dmarc_verdict v;
	struct dmarc_setup s;

	dmarc_set_up(&s, "", MXA_ORGDOM_TREEWALK);
	dmarc_evaluate_row(&s, &row, &v);
	ck_assert_int_eq(v.result, MXA_DMARC_PERMERROR);
	ck_assert_ptr_null(v.domain[0].record);
	dmarc_tear_down(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dmarc");
	TCase *tc = tcase_create("treewalk");

	tcase_add_loop_test(tc, tree_walk, 0, MXA_ARRAY_LEN(by_walk));
	tcase_add_test(tc, pct_zero_as_testing);
	tcase_add_test(tc, no_author);
	tcase_add_test(tc, strictest_of_the_failing);
	tcase_add_test(tc, name_too_long);
	suite_add_tcase(s, tc);
	return test_main(s);
}
