/* check_xml.c - the XML of a received report: each element, what comes twice,
 * in another order or out of range, and the limits. */
#include "report/received/xml.h"

#include <string.h>

#include "base/attr.h"
#include "t/support/testing.h"

static struct mxa_arena *a;
static struct mxa_buf seen; /* what the sink was given */

static void begin_report(void *ctx, const struct mxa_report *rep)
{
	(void)ctx;
	mxa_buf_printf(&seen, "begin %s\n", rep->head_known ? "known" : "open");
}

static void take_row(
    void *ctx, const struct mxa_report *rep, const struct mxa_report_row *row)
{
	(void)ctx;
	(void)rep;
	mxa_buf_printf(&seen, "%.*s %llu %.*s,%.*s,%.*s %.*s,%.*s,%.*s",
	    MXA_STR_ARG(row->source_ip), (unsigned long long)row->count,
	    MXA_STR_ARG(row->disposition), MXA_STR_ARG(row->dkim),
	    MXA_STR_ARG(row->spf), MXA_STR_ARG(row->header_from),
	    MXA_STR_ARG(row->envelope_from), MXA_STR_ARG(row->envelope_to));
	for (size_t i = 0; i < row->n_reason; i++)
		mxa_buf_printf(&seen, " reason=%.*s,%.*s",
		    MXA_STR_ARG(row->reason[i].type),
		    MXA_STR_ARG(row->reason[i].comment));
	for (size_t i = 0; i < row->n_dkim; i++)
		mxa_buf_printf(&seen, " dkim=%.*s,%.*s,%.*s",
		    MXA_STR_ARG(row->auth_dkim[i].domain),
		    MXA_STR_ARG(row->auth_dkim[i].selector),
		    MXA_STR_ARG(row->auth_dkim[i].result));
	for (size_t i = 0; i < row->n_spf; i++)
		mxa_buf_printf(&seen, " spf=%.*s,%.*s,%.*s",
		    MXA_STR_ARG(row->auth_spf[i].domain),
		    MXA_STR_ARG(row->auth_spf[i].scope),
		    MXA_STR_ARG(row->auth_spf[i].result));
	mxa_buf_addc(&seen, '\n');
}

static void end_report(void *ctx, const struct mxa_report *rep)
{
	(void)ctx;
	(void)rep;
	mxa_buf_adds(&seen, "end\n");
}

static const struct mxa_report_sink sink = { begin_report, take_row,
	end_report };

static struct mxa_reports *reports;

static void setup(void)
{
	a = mxa_arena_new();
	mxa_buf_init(&seen, a, 1 << 20);
	reports = mxa_reports_new(&sink, NULL);
}

static void teardown(void)
{
	mxa_reports_free(reports);
	mxa_arena_free(a);
}

static long from_text(void *ctx, char *p, size_t len)
{
	struct mxa_str *rest = ctx;
	size_t n = rest->len < len ? rest->len : len;

	memcpy(p, rest->p, n);
	*rest = mxa_str_sub(*rest, n, rest->len);
	return (long)n;
}

/* NULL: it was read; else the error. */
static const char *read_document(const char *text)
{
	struct mxa_str rest = mxa_str_from(text);
	const char *error = NULL;

	return mxa_report_xml_read(
		   reports, MXA_STR("file"), from_text, &rest, &error)
	    ? NULL
	    : error;
}

#define HEAD                                                              \
	"<report_metadata><org_name>O</org_name><report_id>1</report_id>" \
	"<date_range><begin>1795219200</begin><end>1795305599</end>"      \
	"</date_range></report_metadata>"                                 \
	"<policy_published><domain>D.example</domain><p>none</p>"         \
	"</policy_published>"
#define ROW(ip, count)                                    \
	"<row><source_ip>" ip "</source_ip><count>" count \
	"</count><policy_evaluated><disposition>None"     \
	"</disposition><dkim>PASS</dkim><spf>fail</spf>"  \
	"</policy_evaluated></row>"
#define RECORD(inside) "<record>" inside "</record>"
#define FEEDBACK(inside) "<feedback>" inside "</feedback>"
#define LEAST RECORD(ROW("192.0.2.1", "2"))

/* --- rows --- */

static const struct {
	const char *name, *document, *want;
} rows[] = {
	{ "a row of little", FEEDBACK(HEAD LEAST),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,,\nend\n" },
	{ "all of its parts",
	    FEEDBACK(HEAD RECORD(
		"<row><source_ip> 2001:DB8::0:1%eth0 </source_ip><count> 3 "
		"</count><policy_evaluated><disposition>Reject</disposition>"
		"<dkim>fail</dkim><spf>PASS</spf><reason><type>Forwarded</type>"
		"<comment>A b</comment></reason><reason><type>other</type>"
		"</reason></policy_evaluated></row><identifiers><header_from>"
		"A.example</header_from><envelope_from>u@B.example"
		"</envelope_from><envelope_to>C.example</envelope_to>"
		"</identifiers><auth_results><dkim><domain>K.example</domain>"
		"<selector>S1</selector><result>Pass</result></dkim><dkim>"
		"<domain>l.example</domain></dkim><spf><domain>@M.example"
		"</domain><scope>HELO</scope><result>SoftFail</result></spf>"
		"</auth_results>")),
	    "begin known\n2001:db8::1 3 reject,fail,pass "
	    "a.example,b.example,c.example reason=forwarded,A b reason=other, "
	    "dkim=k.example,S1,pass dkim=l.example,, "
	    "spf=m.example,helo,softfail\nend\n" },
	{ "no envelope: that of SPF",
	    FEEDBACK(HEAD RECORD(
		ROW("192.0.2.1", "2") "<auth_results><spf><domain>b.example"
				      "</domain></spf></auth_results>")),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,b.example, "
	    "spf=b.example,,\nend\n" },
	{ "an empty one is one",
	    FEEDBACK(HEAD RECORD(ROW("192.0.2.1",
		"2") "<identifiers><envelope_from></envelope_from>"
		     "</identifiers><auth_results><spf><domain>b.example"
		     "</domain></spf></auth_results>")),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,, "
	    "spf=b.example,,\nend\n" },
	{ "what comes twice: the first",
	    FEEDBACK(HEAD RECORD(ROW("192.0.2.1", "2") ROW("192.0.2.9",
		"7") "<identifiers><header_from>a.example</header_from>"
		     "<header_from>b.example</header_from></identifiers>")),
	    "begin known\n192.0.2.1 7 none,pass,fail a.example,,\nend\n" },
	{ "a second policy",
	    FEEDBACK(HEAD "<policy_published><domain>e.example</domain>"
			  "</policy_published>" LEAST),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,,\nend\n" },
	{ "elements in other places say nothing",
	    FEEDBACK("<source_ip>192.0.2.9</source_ip>" HEAD
		     "<row><source_ip>192.0.2.9</source_ip><count>9</count>"
		     "</row>" RECORD(ROW("192.0.2.1",
			 "2") "<count>8</count><dkim><domain>x.example"
			      "</domain></dkim>")),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,,\nend\n" },
	{ "the head comes after the rows",
	    FEEDBACK(LEAST RECORD(ROW("192.0.2.2", "3")) HEAD),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,,\n"
	    "192.0.2.2 3 none,pass,fail d.example,,\nend\n" },
	{ "the head comes between them",
	    FEEDBACK(LEAST HEAD RECORD(ROW("192.0.2.2", "3"))),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,,\n"
	    "192.0.2.2 3 none,pass,fail d.example,,\nend\n" },
	{ "no head at all", FEEDBACK(LEAST),
	    "begin open\n192.0.2.1 2 none,pass,fail ,,\nend\n" },
	{ "counts",
	    FEEDBACK(HEAD RECORD(ROW("192.0.2.1", "1")) RECORD(
		ROW("192.0.2.2", "0")) RECORD(ROW("192.0.2.3", "4294967295"))
		    RECORD(ROW("192.0.2.4", "4294967296"))
			RECORD(ROW("192.0.2.5", "x"))),
	    "begin known\n192.0.2.1 1 none,pass,fail d.example,,\n"
	    "192.0.2.3 4294967295 none,pass,fail d.example,,\nend\n" },
	{ "a row without an address, first or later",
	    FEEDBACK(HEAD RECORD(ROW("nowhere", "1")) LEAST RECORD(
		ROW("192.0.2", "1")) RECORD(ROW("192.0.2.2", "1"))),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,,\n"
	    "192.0.2.2 1 none,pass,fail d.example,,\nend\n" },
};

START_TEST(rows_are_read)
{
	const char *error = read_document(rows[_i].document);

	ck_assert_msg(error == NULL, "%s: %s", rows[_i].name, error);
	ck_assert_msg(strcmp(mxa_buf_cstr(&seen), rows[_i].want) == 0,
	    "%s: got\n%s\nwant\n%s", rows[_i].name, mxa_buf_cstr(&seen),
	    rows[_i].want);
}
END_TEST

/* --- what is said of the report --- */

START_TEST(head_of_a_report)
{
	const struct mxa_report *r;

	ck_assert_ptr_null(read_document(FEEDBACK(
	    "<report_metadata><org_name> O &amp; P </org_name><org_name>Q"
	    "</org_name><email>E@e.example</email><extra_contact_info>c"
	    "</extra_contact_info><report_id>Id1</report_id><error>bad"
	    "</error></report_metadata><policy_published><domain>D.Example"
	    "</domain><p>Reject</p><sp>none</sp><np>quarantine</np><adkim>S"
	    "</adkim><aspf>r</aspf><pct>50</pct><fo>1:d</fo><testing>y"
	    "</testing><discovery_method>TreeWalk</discovery_method>"
	    "</policy_published>" LEAST RECORD("<row/>"))));
	r = reports->first;
	ck_str_is(r->org, "O & P");
	ck_str_is(r->email, "E@e.example");
	ck_str_is(r->contact, "c");
	ck_str_is(r->report_id, "Id1");
	ck_str_is(r->error, "bad");
	ck_str_is(r->policy.domain, "d.example");
	ck_str_is(r->policy.p, "reject");
	ck_str_is(r->policy.sp, "none");
	ck_str_is(r->policy.np, "quarantine");
	ck_str_is(r->policy.adkim, "s");
	ck_str_is(r->policy.aspf, "r");
	ck_str_is(r->policy.pct, "50");
	ck_str_is(r->policy.fo, "1:d");
	ck_str_is(r->policy.testing, "y");
	ck_str_is(r->policy.discovery, "treewalk");
	ck_assert_uint_eq(r->n, 1);
	ck_assert_uint_eq(r->left_out, 1);
	ck_assert_uint_eq(r->messages[MXA_REPORT_PASSED], 2);
	ck_str_is(reports->warnings->text,
	    "1 rows without a readable address or count were left out");
}
END_TEST

static const struct {
	const char *text;
	int64_t want;
} times[] = {
	{ "1795219200", 1795219200 },
	{ " 1795219200.75 ", 1795219200 },
	{ "1795219200000", 1795219200 },
	{ "100000000000", INT64_C(100000000000) },
	{ "100000000001", 100000000 },
	{ "9007199254740992", INT64_C(9007199254740) },
	{ "9007199254740993", 0 },
	{ "yesterday", 0 },
	{ "", 0 },
};

START_TEST(times_are_read)
{
	ck_assert_ptr_null(read_document(mxa_arena_printf(a,
	    "<feedback><report_metadata><date_range><begin>%s</begin><end>%s"
	    "</end></date_range></report_metadata>" LEAST "</feedback>",
	    times[_i].text, times[_i].text)));
	ck_assert_int_eq(reports->first->begin, times[_i].want);
	ck_assert_int_eq(reports->first->end, times[_i].want);
}
END_TEST

static const struct {
	const char *metadata, *want;
} names[] = {
	{ "<org_name>O</org_name><email>e@e.example</email>", "O" },
	{ "<email>e@e.example</email>", "e@e.example" },
	{ "", "(unnamed)" },
};

START_TEST(a_report_has_a_name)
{
	ck_assert_ptr_null(read_document(mxa_arena_printf(a,
	    "<feedback><report_metadata>%s</report_metadata>" LEAST
	    "</feedback>",
	    names[_i].metadata)));
	ck_str_is(reports->first->org, names[_i].want);
}
END_TEST

/* --- not, or not to the end --- */

static const struct {
	const char *document, *error;
} bad[] = {
	{ "<html></html>", "it is XML, but not an aggregate report" },
	{ FEEDBACK(HEAD), "it has no usable record" },
	{ FEEDBACK(HEAD RECORD(ROW("192.0.2.1", "0"))),
	    "it has no usable record" },
	{ "<feedback>", "it is not well-formed XML" },
	{ "no XML", "it is not well-formed XML" },
};

START_TEST(not_a_report)
{
	ck_assert_str_eq(read_document(bad[_i].document), bad[_i].error);
	ck_assert_str_eq(mxa_buf_cstr(&seen), "");
	ck_assert_uint_eq(reports->n, 0);
}
END_TEST

START_TEST(broken_off_after_a_row)
{
	ck_assert_ptr_null(read_document("<feedback>" HEAD LEAST "<record>"));
	ck_assert_str_eq(mxa_buf_cstr(&seen),
	    "begin known\n192.0.2.1 2 none,pass,fail d.example,,\nend\n");
	ck_str_is(reports->errors->text,
	    "it is not well-formed XML: only the 1 records before that were "
	    "read");
}
END_TEST

START_TEST(the_same_report_counts_once)
{
	ck_assert_ptr_null(read_document(FEEDBACK(HEAD LEAST)));
	mxa_buf_cut(&seen, 0);
	ck_assert_ptr_null(
	    read_document(FEEDBACK(HEAD LEAST RECORD(ROW("192.0.2.2", "1")))));
	ck_assert_str_eq(mxa_buf_cstr(&seen), "");
	ck_assert_uint_eq(reports->n, 1);
	ck_assert_uint_eq(reports->duplicates, 1);
	ck_str_is(reports->warnings->text,
	    "this report was given before; it counts once");
}
END_TEST

/* --- limits --- */

static const char *repeated(const char *text, int n)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1 << 24);
	for (int i = 0; i < n; i++)
		mxa_buf_adds(&b, text);
	return mxa_buf_cstr(&b);
}

/* The root is one of them. */
START_TEST(nesting_has_a_limit)
{
	const char *error = read_document(
	    mxa_arena_printf(a, "<feedback>" HEAD LEAST "%s%s</feedback>",
		repeated("<x>", 249 + _i), repeated("</x>", 249 + _i)));

	ck_assert_ptr_null(error);
	if (_i == 0)
		ck_assert_ptr_null(reports->errors);
	else
		ck_str_is(reports->errors->text,
		    "its elements are nested more than 250 deep: only the 1 "
		    "records before that were read");
}
END_TEST

/* RFC 9990 section 3.1.3 */
START_TEST(a_hundred_results_of_a_row)
{
	const char *signature = "<dkim><domain>k.example</domain></dkim>";
	size_t n = 0;

	ck_assert_ptr_null(read_document(mxa_arena_printf(a,
	    "<feedback>" HEAD "<record>" ROW("192.0.2.1",
		"2") "<auth_results>%s</auth_results></record></feedback>",
	    repeated(signature, 101))));
	for (const char *p = mxa_buf_cstr(&seen);
	     (p = strstr(p, "dkim=k.example")) != NULL; p++)
		n++;
	ck_assert_uint_eq(n, 100);
}
END_TEST

START_TEST(texts_have_a_limit)
{
	ck_assert_ptr_null(read_document(mxa_arena_printf(a,
	    "<feedback><report_metadata><org_name>%s%s</org_name>"
	    "</report_metadata>" LEAST "</feedback>",
	    repeated("x", 4095), repeated("y", _i))));
	ck_assert_uint_eq(reports->first->org.len, _i == 0 ? 4095 : 4096);
}
END_TEST

/* More than wait for the head: the report begins without it. */
START_TEST(rows_wait_for_the_head)
{
	size_t rows_n = 9999 + (size_t)_i;

	mxa_buf_init(&seen, a, 1 << 21);
	ck_assert_ptr_null(
	    read_document(mxa_arena_printf(a, "<feedback>%s" HEAD "</feedback>",
		repeated("<record>" ROW("192.0.2.1", "2") "</record>",
		    (int)rows_n))));
	ck_assert(reports->first->head_known == (_i == 0));
	ck_assert_uint_eq(reports->first->n, rows_n);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("xml");
	TCase *tc = tcase_create("xml");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, rows_are_read, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, head_of_a_report);
	tcase_add_loop_test(tc, times_are_read, 0, MXA_ARRAY_LEN(times));
	tcase_add_loop_test(tc, a_report_has_a_name, 0, MXA_ARRAY_LEN(names));
	tcase_add_loop_test(tc, not_a_report, 0, MXA_ARRAY_LEN(bad));
	tcase_add_test(tc, broken_off_after_a_row);
	tcase_add_test(tc, the_same_report_counts_once);
	tcase_add_loop_test(tc, nesting_has_a_limit, 0, 2);
	tcase_add_test(tc, a_hundred_results_of_a_row);
	tcase_add_loop_test(tc, texts_have_a_limit, 0, 3);
	tcase_add_loop_test(tc, rows_wait_for_the_head, 0, 2);
	suite_add_tcase(s, tc);
	return test_main(s);
}
