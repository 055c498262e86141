/* check_dmarc_words.c - what is said of a DMARC result: its reason, and the
 * notes beside it. */
#include "t/support/dmarccase.h"

#define REJECT D("example.com", "p=reject")

/* 'want': the reason, and "| " with each note */
static const struct dmarc_row rows[] = {
	{ "SPF passes", REJECT, "example.com", "pass m.example.com", NULL,
	    "SPF passes for m.example.com" },
	{ "DKIM passes", REJECT, "example.com", "fail example.com",
	    "pass d.example.com", "DKIM passes for d.example.com" },
	{ "nothing passes", REJECT, "example.com", "fail example.com",
	    "fail example.com", "neither SPF nor DKIM passes for example.com" },
	{ "SPF passes for another", REJECT, "example.com", "pass example.net",
	    "fail example.com",
	    "SPF passes for example.net only, not aligned with example.com" },
	{ "DKIM passes for another, below one that fails", REJECT,
	    "example.com", "fail example.com",
	    "fail example.com, pass example.org",
	    "DKIM passes for example.org only, not aligned with example.com" },
	{ "both pass for others", REJECT, "example.com", "pass example.net",
	    "pass example.org",
	    "SPF passes for example.net and DKIM for example.org, but neither "
	    "is aligned with example.com" },
	{ "no record", "", "a.example.com", NULL, NULL,
	    "no DMARC record for a.example.com" },
	{ "two records at the domain", REJECT REJECT, "example.com", NULL, NULL,
	    "example.com has more than one DMARC record, so none counts"
	    "| dmarc: several DMARC records at _dmarc.example.com, all of them "
	    "ignored" },
	{ "two records above it", REJECT REJECT, "a.example.com", NULL, NULL,
	    "example.com has more than one DMARC record, so none counts"
	    "| dmarc: several DMARC records at _dmarc.example.com, all of them "
	    "ignored" },
	{ "two records at the domain, one above",
	    D("a.example.com", "p=none") D("a.example.com", "p=reject") REJECT,
	    "a.example.com", NULL, NULL,
	    "neither SPF nor DKIM passes for a.example.com"
	    "| dmarc: several DMARC records at _dmarc.a.example.com, all of "
	    "them ignored" },
	/* RFC 9989 section 4.7: a bad policy with an address counts as none */
	{ "a bad policy with rua",
	    D("example.com", "p=rejct; rua=mailto:a@example.com"),
	    "example.com", NULL, NULL,
	    "neither SPF nor DKIM passes for example.com"
	    "| dmarc: the record of example.com has an invalid policy and "
	    "counts as p=none" },
	{ "the domain itself does not answer",
	    ";! servfail _dmarc.example.com\n", "example.com", NULL, NULL,
	    "no answer for _dmarc.example.com (servfail)" },
	{ "the domain above does not answer",
	    ";! servfail _dmarc.example.com\n", "a.example.com", NULL, NULL,
	    "no answer for _dmarc.example.com (servfail)" },
	{ "SPF is open", REJECT, "example.com", "temperror example.com", NULL,
	    "SPF for example.com could not be checked for now, and nothing "
	    "else passes" },
	{ "DKIM is open", REJECT, "example.com", "fail example.com",
	    "temperror example.com",
	    "DKIM for example.com could not be checked for now, and nothing "
	    "else passes" },
	{ "only the top-level domain in common", D("com", "p=none"), "a.com",
	    "pass evil.com", NULL,
	    "SPF passes for evil.com only, not aligned with a.com"
	    "| dmarc: a.com and another name have only the top-level domain "
	    "com in common, which does not align them here" },
};

START_TEST(reason_and_notes)
{
	const struct dmarc_row *row = &rows[_i];
	struct mxa_dmarc_verdict v;
	struct dmarc_setup s;
	struct mxa_buf b;

	dmarc_set_up(&s, row->zone, MXA_ORGDOM_TREEWALK);
	dmarc_evaluate_row(&s, row, &v);
	mxa_buf_init(&b, s.env.arena, 4096);
	mxa_buf_addstr(&b, v.domain[0].reason.text);
	for (const struct mxa_note *n = s.notes.first; n; n = n->next)
		mxa_buf_printf(&b, "| %.*s", MXA_STR_ARG(n->text));
	ck_assert_msg(mxa_str_is(mxa_buf_str(&b), row->want),
	    "%s: got \"%s\", want \"%s\"", row->name, mxa_buf_cstr(&b),
	    row->want);
	dmarc_tear_down(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dmarc_words");
	TCase *tc = tcase_create("dmarc_words");

	tcase_add_loop_test(tc, reason_and_notes, 0, MXA_ARRAY_LEN(rows));
	suite_add_tcase(s, tc);
	return test_main(s);
}
