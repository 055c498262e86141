/* check_failure_report.c - which messages get a failure report: fo= (RFC 9989
 * section 4.7), the loop rules, and what must not be reported. */
#include "policy/failure_report.h"

#include <stdlib.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "mail/report_mail.h"
#include "policy/load.h"
#include "t/support/testing.h"
#include "t/support/verdicts.h"

static struct mxa_arena *a;
static struct mxa_conf *conf;

static void setup(void)
{
	char *errors = NULL;

	a = mxa_arena_new();
	conf = mxa_policy_parse("c",
	    MXA_STR("reports: { failure-reports = true "
		    "from = \"dmarc@reports.example\" "
		    "bounces = \"b@reports.example\" }"),
	    MXA_STR_NONE, &errors, NULL);
	ck_assert_msg(conf != NULL, "%s", errors);
}

static void teardown(void)
{
	mxa_conf_free(conf);
	mxa_arena_free(a);
}

#define RUF "ruf=mailto:x@a.example"
#define BOTH "spf=fail:b.example dkim=none dmarc=fail:a.example:reject"
#define SPF_ONLY \
	"spf=pass:a.example dkim=fail:a.example dmarc=pass:a.example:none:spf"
#define DKIM_ONLY                                     \
	"spf=softfail:a.example dkim=pass:a.example " \
	"dmarc=pass:a.example:none:dkim"
#define ALL_PASS                                                            \
	"spf=pass:a.example dkim=pass:a.example dmarc=pass:a.example:none:" \
	"spf,dkim"

static const struct {
	const char *name, *record, *words;
	bool want;
} rows[] = {
	{ "nothing aligned, default", RUF, BOTH, true },
	{ "no address", "rua=mailto:x@a.example", BOTH, false },
	{ "fo without an address", "fo=1", BOTH, false },
	{ "fo=0, one passes", RUF "; fo=0", SPF_ONLY, false },
	{ "fo=1, SPF passes, DKIM fails", RUF "; fo=1", SPF_ONLY, true },
	{ "fo=1, DKIM passes, SPF does not", RUF "; fo=1", DKIM_ONLY, true },
	{ "fo=1, both pass", RUF "; fo=1", ALL_PASS, false },
	{ "fo=1, SPF passes for another domain", RUF "; fo=1",
	    "spf=pass:b.example dkim=pass:a.example "
	    "dmarc=pass:a.example:none:dkim",
	    true },
	{ "fo=1, the DNS fails for SPF", RUF "; fo=1",
	    "spf=temperror:a.example dkim=pass:a.example "
	    "dmarc=pass:a.example:none:dkim",
	    false },
	{ "fo=1, the key cannot be asked for", RUF "; fo=1",
	    "spf=pass:a.example dkim=temperror/dns:a.example "
	    "dmarc=pass:a.example:none:spf",
	    false },
	{ "fo=d, an unaligned signature fails", RUF "; fo=d",
	    "spf=pass:a.example dkim=fail/body:list.example "
	    "dmarc=pass:a.example:none:spf",
	    true },
	{ "fo=d, nothing is signed", RUF "; fo=d",
	    "spf=pass:a.example dkim=none dmarc=pass:a.example:none:spf",
	    false },
	{ "fo=d does not ask about SPF", RUF "; fo=d", DKIM_ONLY, false },
	{ "fo=s, SPF fails", RUF "; fo=s", DKIM_ONLY, true },
	{ "fo=s, SPF is neutral", RUF "; fo=s",
	    "spf=neutral:a.example dkim=pass:a.example "
	    "dmarc=pass:a.example:none:dkim",
	    false },
	{ "fo=s does not ask about DKIM", RUF "; fo=s", SPF_ONLY, false },
	{ "options are joined", RUF "; fo=d:s", DKIM_ONLY, true },
	{ "the DNS fails for DMARC", RUF,
	    "spf=fail:b.example dkim=none dmarc=temperror:a.example:reject",
	    false },
	{ "a registry's record", RUF "; psd=y", BOTH, false },
	{ "the null sender", RUF, "mfrom= " BOTH, false },
	{ "an authenticated client", RUF, "exempt=authenticated auth=joe " BOTH,
	    false },
	{ "a trusted network", RUF, "exempt=network " BOTH, false },
	{ "a bounce with another sender", RUF,
	    "field=Content-Type:multipart/report;_report-type=x " BOTH, false },
	{ "an answer of a program", RUF,
	    "field=Auto-Submitted:auto-replied " BOTH, false },
	{ "Auto-Submitted: no", RUF, "field=Auto-Submitted:no;_x=y " BOTH,
	    true },
	{ "an aggregate report", RUF,
	    "field=Subject:Report_Domain:_a.example " BOTH, false },
	{ "mail to the author of our reports", RUF,
	    "rcpt=DMARC@reports.example " BOTH, false },
	{ "a bounce of our report", RUF, "rcpt=b+f1-0@reports.example " BOTH,
	    false },
	{ "somebody else there", RUF, "rcpt=bob@reports.example " BOTH, true },
};

/* The author domains that get a report, separated by spaces. */
static const char *told(const struct mxa_txn *t)
{
	const struct mxa_dmarc_domain *d[MXA_MAX_AUTHORS];
	size_t n = mxa_failure_reports_wanted(conf, t, d);
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1000);
	for (size_t i = 0; i < n; i++)
		mxa_buf_printf(
		    &b, "%s%.*s", i > 0 ? " " : "", MXA_STR_ARG(d[i]->author));
	return mxa_buf_cstr(&b);
}

static void publish(struct mxa_dmarc_domain *d, const char *tags)
{
	struct mxa_dmarc_record *r = mxa_arena_calloc(a, 1, sizeof(*r));

	mxa_dmarc_record_parse(
	    mxa_str_from(mxa_arena_printf(a, "v=DMARC1; p=none; %s", tags)), r);
	d->record = r;
}

START_TEST(wanted)
{
	struct mxa_txn t;

	test_txn(a, rows[_i].words, &t);
	publish(&t.verdict.dmarc.domain[0], rows[_i].record);
	ck_assert_msg(strcmp(told(&t), rows[_i].want ? "a.example" : "") == 0,
	    "%s", rows[_i].name);
}
END_TEST

#define RUF_B "ruf=mailto:x@b.example"

/* Of a message of a.example, b.example and c.example, each with its record. */
static const struct {
	const char *name, *record[3], *words, *want;
} authors[] = {
	{ "all fail, all ask", { RUF, RUF_B, "ruf=mailto:x@c.example" },
	    "dmarc=fail:a.example dmarc=fail:b.example dmarc=fail:c.example",
	    "a.example b.example c.example" },
	{ "the worst does not ask", { "fo=1", RUF_B, "fo=1" },
	    "dmarc=fail:a.example:reject dmarc=fail:b.example:none "
	    "dmarc=fail:c.example",
	    "b.example" },
	{ "one passes", { RUF, RUF_B, "fo=1" },
	    "spf=pass:b.example dmarc=fail:a.example "
	    "dmarc=pass:b.example:none:spf dmarc=fail:c.example",
	    "a.example" },
	{ "one passes and asks for DKIM", { RUF, RUF_B "; fo=1", "fo=1" },
	    "spf=pass:b.example dmarc=fail:a.example "
	    "dmarc=pass:b.example:none:spf dmarc=fail:c.example",
	    "a.example b.example" },
	{ "the DNS fails for one", { RUF, RUF_B, "fo=1" },
	    "dmarc=temperror:a.example dmarc=fail:b.example "
	    "dmarc=fail:c.example",
	    "b.example" },
	{ "the record of a registry", { RUF "; psd=y", RUF_B, "fo=1" },
	    "dmarc=fail:a.example dmarc=fail:b.example dmarc=fail:c.example",
	    "b.example" },
	{ "exempt mail", { RUF, RUF_B, "fo=1" },
	    "exempt=network dmarc=fail:a.example dmarc=fail:b.example "
	    "dmarc=fail:c.example",
	    "" },
};

START_TEST(each_author)
{
	struct mxa_txn t;

	test_txn(a, authors[_i].words, &t);
	for (size_t i = 0; i < 3; i++)
		publish(&t.verdict.dmarc.domain[i], authors[_i].record[i]);
	ck_assert_msg(strcmp(told(&t), authors[_i].want) == 0, "%s: %s",
	    authors[_i].name, told(&t));
}
END_TEST

START_TEST(off_by_default)
{
	struct mxa_txn t;

	test_txn(a, BOTH, &t);
	publish(&t.verdict.dmarc.domain[0], RUF);
	conf->failure_reports = false;
	ck_assert_str_eq(told(&t), "");
}
END_TEST

/* No author: nobody to report to. */
START_TEST(no_author)
{
	struct mxa_txn t;

	test_txn(a, "from=none", &t);
	ck_assert_str_eq(told(&t), "");
}
END_TEST

static const struct {
	const char *own, *address;
	bool want;
} addresses[] = {
	{ "b@r.example", "b@r.example", true },
	{ "b@r.example", "B@R.EXAMPLE", true },
	{ "b@r.example", "b+x-1@r.example", true },
	{ "b@r.example", "b+@r.example", true },
	{ "b@r.example", "bb@r.example", false },
	{ "b@r.example", "b+x@s.example", false },
	{ "b@r.example", "b", false },
	{ "", "b@r.example", false },
	{ "", "", false },
};

START_TEST(own_address)
{
	ck_assert_msg(
	    mxa_is_address_of(mxa_str_from(addresses[_i].own),
		mxa_str_from(addresses[_i].address)) == addresses[_i].want,
	    "%s %s", addresses[_i].own, addresses[_i].address);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("failure_report");
	TCase *tc = tcase_create("failure_report");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, wanted, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, each_author, 0, MXA_ARRAY_LEN(authors));
	tcase_add_test(tc, off_by_default);
	tcase_add_test(tc, no_author);
	tcase_add_loop_test(tc, own_address, 0, MXA_ARRAY_LEN(addresses));
	suite_add_tcase(s, tc);
	return test_main(s);
}
