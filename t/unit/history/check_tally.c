/* check_tally.c - what an aggregate report says about a message (RFC 9990
 * section 3.1), and sums of it. */
#include "t/support/testing.h"

#include <string.h>

#include "auth/dmarc_record.h"
#include "history/tally.h"
#include "t/support/verdicts.h"

static struct mxa_arena *arena;

static void begin(void)
{
	arena = mxa_arena_new();
}

static void end(void)
{
	mxa_arena_free(arena);
}

/* Every policy asks for reports. */
static void add_rua(struct mxa_txn *t, const char *rua)
{
	struct mxa_dmarc_verdict *v = &t->verdict.dmarc;

	for (size_t i = 0; i < v->n; i++) {
		struct mxa_dmarc_domain *d = &v->domain[i];
		struct mxa_dmarc_record *r =
		    mxa_arena_calloc(arena, 1, sizeof(*r));

		if (d->record == NULL)
			continue;
		mxa_dmarc_record_parse(
		    mxa_str_from(mxa_arena_printf(
			arena, "%.*s%s", MXA_STR_ARG(d->record->text), rua)),
		    r);
		d->record = r;
		if (d->record_domain.len == 0)
			d->record_domain = d->author;
	}
}

static void make_entry(const char *words, struct mxa_entry *e)
{
	memset(e, 0, sizeof(*e));
	e->kind = MXA_ENTRY_MESSAGE;
	e->time = 1795248000; /* 2026-11-21T08:00:00Z, day 20778 */
	test_txn(arena, words, &e->txn);
	add_rua(&e->txn, "; rua=mailto:d@example.com");
	e->txn.action.author = 0;
}

/* The table of RFC 9990's dispositions: what was decided, and what a report
 * says about it. */
static const struct {
	const char *name;
	const char *words;
	enum mxa_action_kind kind;
	enum mxa_dmarc_policy disposition;
	enum mxa_override override;
	const char *comment;
	const char *want; /* disposition dkim spf reason comment */
} rows[] = {
	{ "aligned pass under reject",
	    "spf=none: dmarc=pass:example.com:reject:dkim", MXA_ACT_ACCEPT,
	    MXA_POLICY_NONE, MXA_OVERRIDE_NONE, "", "pass pass fail - -" },
	{ "aligned pass under none", "dmarc=pass:example.com:none:spf",
	    MXA_ACT_ACCEPT, MXA_POLICY_NONE, MXA_OVERRIDE_NONE, "",
	    "none fail pass - -" },
	{ "fail under none", "dmarc=fail:example.com:none", MXA_ACT_ACCEPT,
	    MXA_POLICY_NONE, MXA_OVERRIDE_NONE, "", "none fail fail - -" },
	{ "rejected", "dmarc=fail:example.com:reject", MXA_ACT_REJECT,
	    MXA_POLICY_REJECT, MXA_OVERRIDE_NONE, "", "reject fail fail - -" },
	{ "quarantined in place of rejected", "dmarc=fail:example.com:reject",
	    MXA_ACT_TAG, MXA_POLICY_QUARANTINE, MXA_OVERRIDE_LOCAL_POLICY, "",
	    "quarantine fail fail local_policy -" },
	{ "test mode", "dmarc=fail:example.com:reject:t", MXA_ACT_TAG,
	    MXA_POLICY_QUARANTINE, MXA_OVERRIDE_POLICY_TEST_MODE, "",
	    "quarantine fail fail policy_test_mode -" },
	{ "a list", "dmarc=fail:example.com:reject", MXA_ACT_ACCEPT,
	    MXA_POLICY_NONE, MXA_OVERRIDE_MAILING_LIST, "signed by a list",
	    "none fail fail mailing_list signed by a list" },
	{ "a trusted sealer", "dmarc=fail:example.com:reject", MXA_ACT_ACCEPT,
	    MXA_POLICY_NONE, MXA_OVERRIDE_LOCAL_POLICY, "arc=pass as[1].d=x\n",
	    "none fail fail local_policy arc=pass "
	    "as[1].d=x?" },
	{ "a local reason", "dmarc=fail:example.com:quarantine", MXA_ACT_REJECT,
	    MXA_POLICY_REJECT, MXA_OVERRIDE_LOCAL_POLICY, "",
	    "reject fail fail local_policy -" },
	{ "the DNS did not say", "dmarc=temperror:example.com:reject:spf",
	    MXA_ACT_ACCEPT, MXA_POLICY_NONE, MXA_OVERRIDE_OTHER, "after 5 s",
	    "none fail pass other temporary DNS error" },
	{ "deferred", "dmarc=fail:example.com:reject", MXA_ACT_DEFER,
	    MXA_POLICY_NONE, MXA_OVERRIDE_NONE, "", "not counted" },
	{ "exempt", "exempt=network dmarc=fail:example.com:reject",
	    MXA_ACT_ACCEPT, MXA_POLICY_NONE, MXA_OVERRIDE_NONE, "",
	    "not counted" },
	{ "no policy", "dmarc=none:example.com", MXA_ACT_ACCEPT,
	    MXA_POLICY_NONE, MXA_OVERRIDE_NONE, "", "not counted" },
};

static const char *or_dash(struct mxa_str s)
{
	return s.len > 0 ? mxa_str_cstr(arena, s) : "-";
}

START_TEST(disposition)
{
	struct mxa_report_line *l = mxa_arena_calloc(arena, 1, sizeof(*l));
	struct mxa_entry e;
	const char *got = "not counted";

	make_entry(rows[_i].words, &e);
	e.txn.action.kind = rows[_i].kind;
	e.txn.action.disposition = rows[_i].disposition;
	e.txn.action.override = rows[_i].override;
	e.txn.action.override_comment = mxa_str_from(rows[_i].comment);
	if (mxa_report_line_of(arena, &e, 0, l))
		got = mxa_arena_printf(arena, "%.*s %s %s %s %s",
		    MXA_STR_ARG(l->disposition), l->dkim ? "pass" : "fail",
		    l->spf ? "pass" : "fail", or_dash(l->reason),
		    or_dash(l->comment));
	ck_assert_msg(strcmp(got, rows[_i].want) == 0, "%s: got %s, want %s",
	    rows[_i].name, got, rows[_i].want);
}
END_TEST

START_TEST(no_report_without_rua)
{
	struct mxa_report_line *l = mxa_arena_calloc(arena, 1, sizeof(*l));
	struct mxa_entry e;

	make_entry("dmarc=fail:example.com:reject", &e);
	ck_assert(mxa_report_line_of(arena, &e, 0, l));
	add_rua(&e.txn, "; rua=");
	ck_assert(!mxa_report_line_of(arena, &e, 0, l) ||
	    e.txn.verdict.dmarc.domain[0].record->n_rua > 0);
	test_txn(arena, "dmarc=fail:example.com:reject", &e.txn);
	e.txn.verdict.dmarc.domain[0].record_domain = MXA_STR("example.com");
	ck_assert(!mxa_report_line_of(arena, &e, 0, l));
}
END_TEST

static const char *line_text(const char *words)
{
	struct mxa_report_line *l = mxa_arena_calloc(arena, 1, sizeof(*l));
	struct mxa_report_line *back = mxa_arena_calloc(arena, 1, sizeof(*l));
	struct mxa_entry e;
	struct mxa_str text;

	make_entry(words, &e);
	ck_assert(mxa_report_line_of(arena, &e, 0, l));
	text = mxa_report_line_format(arena, l);
	/* and back */
	ck_assert(mxa_report_line_parse(text, back));
	ck_assert(mxa_str_eq(text, mxa_report_line_format(arena, back)));
	return mxa_str_cstr(arena, text);
}

START_TEST(canonical_text)
{
	ck_assert_str_eq(
	    line_text("ip=2001:db8::1 mfrom=U@Bounce.Example.com "
		      "spf=pass:bounce.example.com "
		      "dkim=fail:z.example:s2 dkim=pass:esp.example:s1 "
		      "dkim=pass:example.com:k dkim=pass:mail.example.com:m "
		      "dmarc=pass:example.com:reject:dkim,org=example.com"),
	    "2001:db8::1\nexample.com\nbounce.example.com\npass\npass\nfail\n"
	    "\t\nbounce.example.com\tpass\n"
	    "example.com\tk\tpass\nmail.example.com\tm\tpass\n"
	    "esp.example\ts1\tpass\nz.example\ts2\tfail\n");
}
END_TEST

/* The null sender: HELO's domain with scope mfrom, no envelope_from. */
START_TEST(null_sender)
{
	ck_assert_ptr_nonnull(
	    strstr(line_text("mfrom= helo=h.example.net spf=pass:h.example.net "
			     "dmarc=fail:example.com:none"),
		"\nexample.com\n\nnone\n"));
}
END_TEST

START_TEST(order_of_signatures_makes_no_row)
{
	ck_assert_str_eq(
	    line_text("dkim=pass:a.example:1 dkim=pass:b.example:2 "
		      "dkim=pass:a.example:1 dmarc=fail:example.com:none"),
	    line_text("dkim=pass:b.example:2 dkim=pass:a.example:1 "
		      "dmarc=fail:example.com:none"));
}
END_TEST

/* By domain, selector and result, whatever came first. */
START_TEST(signatures_have_an_order)
{
	ck_assert_ptr_nonnull(
	    strstr(line_text("dkim=pass:d.example.net:s dkim=pass:d.example:st "
			     "dkim=pass:d.example:s dkim=pass:c.example:z "
			     "dmarc=fail:example.com:none"),
		"\nc.example\tz\tpass\nd.example\ts\tpass\n"
		"d.example\tst\tpass\nd.example.net\ts\tpass\n"));
	ck_assert_ptr_nonnull(
	    strstr(line_text("dkim=permerror:d.example:s "
			     "dkim=fail:d.example:s dkim=fail:d.example:s "
			     "dmarc=fail:example.com:none"),
		"\nd.example\ts\tfail\nd.example\ts\tpermerror\n"));
}
END_TEST

/* Before those of others: the author's, then those of its organization. */
START_TEST(the_authors_signatures_come_first)
{
	ck_assert_ptr_nonnull(
	    strstr(line_text("dkim=pass:a.example:s dkim=fail:example.com:f "
			     "dkim=pass:x.example.com:s "
			     "dkim=pass:m.example.com:s "
			     "dmarc=pass:m.example.com:none:dkim,"
			     "org=example.com"),
		"\nm.example.com\ts\tpass\nx.example.com\ts\tpass\n"
		"a.example\ts\tpass\nexample.com\tf\tfail\n"));
}
END_TEST

static const struct {
	const char *in;
	size_t most;
	const char *want;
} stored[] = {
	{ "", 3, "" },
	{ "abc", 3, "abc" },
	{ "abcd", 3, "abc" },
	{ "ab\xc3\xa9", 4, "ab\xc3\xa9" },
	{ "ab\xc3\xa9", 3, "ab" },
	{ "\xe2\x82\xac.", 3, "\xe2\x82\xac" },
	{ "\xe2\x82\xac.", 2, "" },
	{ "a\x1f\x7f b", 9, "a?\? b" },
	{ "a\tb\n", 3, "a?b" },
	{ "abc", 0, "" },
};

START_TEST(text_for_the_store)
{
	struct mxa_str got =
	    mxa_store_text(arena, mxa_str_from(stored[_i].in), stored[_i].most);

	ck_str_is(got, stored[_i].want);
	ck_assert_ptr_nonnull(got.p);
}
END_TEST

/* What a report cannot tell is not counted. */
START_TEST(not_counted)
{
	struct mxa_report_line *l = mxa_arena_calloc(arena, 1, sizeof(*l));
	struct mxa_entry e;
	struct mxa_dmarc_domain *d = &e.txn.verdict.dmarc.domain[0];

	make_entry("dmarc=fail:example.com:reject", &e);
	ck_assert(mxa_report_line_of(arena, &e, 0, l));
	if (_i == 0)
		e.txn.msg.ip.family = 0;
	else if (_i == 1)
		d->record_domain = MXA_STR("");
	else
		d->author = MXA_STR("");
	ck_assert(!mxa_report_line_of(arena, &e, 0, l));
}
END_TEST

START_TEST(at_most_a_hundred_signatures)
{
	struct mxa_report_line *l = mxa_arena_calloc(arena, 1, sizeof(*l));
	struct mxa_dkim_sig *sig = mxa_arena_calloc(arena, 150, sizeof(*sig));
	struct mxa_entry e;

	make_entry("dmarc=pass:example.com:none:dkim", &e);
	for (int i = 0; i < 150; i++) {
		sig[i].result = MXA_DKIM_FAIL;
		sig[i].domain =
		    mxa_str_from(mxa_arena_printf(arena, "d%d.example", i));
		sig[i].selector = MXA_STR("s");
	}
	sig[149].result = MXA_DKIM_PASS;
	sig[149].domain = MXA_STR("example.com");
	e.txn.verdict.dkim.sig = sig;
	e.txn.verdict.dkim.n = 150;
	ck_assert(mxa_report_line_of(arena, &e, 0, l));
	ck_assert_uint_eq(l->n_sig, 100);
	ck_str_is(l->sig[0].domain, "example.com");
}
END_TEST

static const struct {
	const char *name, *text;
} not_lines[] = {
	{ "empty", "" },
	{ "cut", "192.0.2.1\nexample.com\n" },
	{ "no end", "1\n2\n3\n4\n5\n6\n\t\n\tpass" },
	{ "half a signature", "1\n2\n3\n4\n5\n6\n\t\n\t\nexample.com\ts\n" },
};

START_TEST(not_a_line)
{
	struct mxa_report_line *l = mxa_arena_calloc(arena, 1, sizeof(*l));

	ck_assert_msg(
	    !mxa_report_line_parse(mxa_str_from(not_lines[_i].text), l), "%s",
	    not_lines[_i].name);
}
END_TEST

/* --- sums --- */

START_TEST(equal_rows_add_up)
{
	static const char *const words[] = {
		"dmarc=pass:example.com:none:spf",
		"dmarc=pass:example.com:none:spf",
		"dmarc=fail:example.com:none",
		"dmarc=pass:news.example.com:none:spf,at=example.com",
		/* two authors count in both reports */
		"dmarc=fail:other.example:reject dmarc=fail:example.com:none",
	};
	struct mxa_tally *t = mxa_tally_new();
	struct mxa_sum **s;
	struct mxa_policy_seen **p;
	size_t n, n_policies;
	int64_t total = 0, known = 0, ordinary = 0;

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++) {
		struct mxa_entry e;

		make_entry(words[i], &e);
		mxa_tally_add(t, &e, i == 1);
	}
	s = mxa_tally_sums(t, &n);
	p = mxa_tally_policies(t, &n_policies);
	/* example.com: pass, fail, news; other.example */
	ck_assert_uint_eq(n, 4);
	ck_assert_uint_eq(n_policies, 2);
	ck_str_is(p[0]->rua, "mailto:d@example.com");
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(s[i]->day, 20778);
		total += s[i]->n;
		known += s[i]->known;
		ordinary += s[i]->ordinary;
	}
	ck_assert_int_eq(total, 6);
	ck_assert_int_eq(known, 3);
	ck_assert_int_eq(ordinary, 5);
	ck_str_is(s[3]->domain, "other.example");
	mxa_tally_reset(t);
	mxa_tally_sums(t, &n);
	ck_assert_uint_eq(n, 0);
	mxa_tally_free(t);
}
END_TEST

static void add_at(
    struct mxa_tally *t, int64_t day, const char *words, const char *rua)
{
	struct mxa_entry e;

	memset(&e, 0, sizeof(e));
	e.time = day * 86400;
	test_txn(arena, words, &e.txn);
	add_rua(&e.txn, rua);
	mxa_tally_add(t, &e, false);
}

/* By day, domain, policy and row; the same for the same mail. */
START_TEST(sums_are_in_order)
{
	struct mxa_tally *t = mxa_tally_new();
	struct mxa_policy_seen **p;
	struct mxa_sum **s;
	size_t n;

	add_at(
	    t, 20001, "dmarc=fail:a.example:none", "; rua=mailto:a@a.example");
	add_at(t, 20000, "dmarc=fail:a.example.net:none",
	    "; rua=mailto:a@a.example");
	add_at(t, 20000, "dmarc=fail:a.example:none",
	    "; rua=mailto:b@a.example,mailto:c@a.example");
	add_at(
	    t, 20000, "dmarc=fail:a.example:none", "; rua=mailto:a@a.example");
	add_at(
	    t, 19999, "dmarc=fail:z.example:none", "; rua=mailto:a@a.example");
	s = mxa_tally_sums(t, &n);
	ck_assert_uint_eq(n, 5);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(s[i]->n, 1);
	ck_str_is(s[0]->domain, "z.example");
	ck_str_is(s[1]->domain, "a.example");
	ck_str_is(s[2]->domain, "a.example");
	ck_assert_int_lt(strcmp(s[1]->policy_id, s[2]->policy_id), 0);
	ck_str_is(s[3]->domain, "a.example.net");
	ck_assert_int_eq(s[4]->day, 20001);
	p = mxa_tally_policies(t, &n);
	ck_assert_uint_eq(n, 4);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			ck_assert_int_lt(
			    strcmp(p[i - 1]->policy_id, p[i]->policy_id), 0);
		if (mxa_str_starts(p[i]->rua, MXA_STR("mailto:b")))
			ck_str_is(
			    p[i]->rua, "mailto:b@a.example,mailto:c@a.example");
		/* the newest day of a message under it */
		else if (mxa_str_is(p[i]->domain, "a.example"))
			ck_assert_int_eq(p[i]->day, 20001);
	}
	mxa_tally_free(t);
	mxa_tally_free(NULL);
}
END_TEST

START_TEST(refused_and_passed)
{
	struct mxa_tally *t = mxa_tally_new();
	struct mxa_sum **s;
	size_t n;
	struct mxa_entry e;

	make_entry("dmarc=pass:a.example:none:spf", &e);
	mxa_tally_add(t, &e, false);
	e.txn.action.kind = MXA_ACT_REJECT; /* for another reason */
	mxa_tally_add(t, &e, false);
	s = mxa_tally_sums(t, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(s[0]->n, 2);
	ck_assert_int_eq(s[0]->refused, 1);
	ck_assert_int_eq(s[0]->known, 1);
	mxa_tally_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tally");
	TCase *tc = tcase_create("tally");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc, disposition, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, no_report_without_rua);
	tcase_add_test(tc, canonical_text);
	tcase_add_test(tc, null_sender);
	tcase_add_test(tc, order_of_signatures_makes_no_row);
	tcase_add_test(tc, signatures_have_an_order);
	tcase_add_test(tc, the_authors_signatures_come_first);
	tcase_add_loop_test(tc, text_for_the_store, 0, MXA_ARRAY_LEN(stored));
	tcase_add_loop_test(tc, not_counted, 0, 3);
	tcase_add_test(tc, at_most_a_hundred_signatures);
	tcase_add_loop_test(tc, not_a_line, 0, MXA_ARRAY_LEN(not_lines));
	tcase_add_test(tc, equal_rows_add_up);
	tcase_add_test(tc, sums_are_in_order);
	tcase_add_test(tc, refused_and_passed);
	suite_add_tcase(s, tc);
	return test_main(s);
}
