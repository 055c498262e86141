/* check_write.c - our aggregate reports as XML: RFC 9990 appendix A. */
#include "report/sent/write.h"

#include <string.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/attr.h"
#include "t/support/testing.h"

#define MAX_OUT (1 << 16)

static struct mxa_arena *a;
static struct mxa_buf out;

static void setup(void)
{
	a = mxa_arena_new();
	mxa_buf_init(&out, a, MAX_OUT);
}

static void teardown(void)
{
	mxa_arena_free(a);
}

static const struct mxa_reporter who = {
	.organization = MXA_STR_INIT("Example & Co"),
	.from = MXA_STR_INIT("dmarc@rcpt.example"),
	.domain = MXA_STR_INIT("rcpt.example"),
	.contact = MXA_STR_INIT(""),
	.generator = MXA_STR_INIT("mxauth 1"),
};

static const struct mxa_sent_report day = {
	.id = MXA_STR_INIT("abc123"),
	.domain = MXA_STR_INIT("a.example"),
	.policy_id = MXA_STR_INIT("p"),
	.begin = 1795219200,
	.end = 1795305599,
};

static struct mxa_report_line line_of(void)
{
	return (struct mxa_report_line){ .source_ip = MXA_STR("192.0.2.7"),
		.header_from = MXA_STR("a.example"),
		.envelope_from = MXA_STR("b.example"),
		.disposition = MXA_STR("none"),
		.dkim = true,
		.reason = MXA_STR(""),
		.comment = MXA_STR(""),
		.sig = { { .domain = MXA_STR("a.example"),
		    .selector = MXA_STR("s1"),
		    .result = MXA_STR("pass") } },
		.n_sig = 1,
		.spf_domain = MXA_STR("b.example"),
		.spf_result = MXA_STR("fail") };
}

static bool write_report(const char *record, const struct mxa_reporter *by,
    const struct mxa_report_line *l, bool gzip)
{
	struct mxa_dmarc_record r;
	struct mxa_report_writer *w;

	mxa_dmarc_record_parse(mxa_str_from(record), &r);
	w = mxa_report_writer_new(&out, gzip, by, &day, &r);
	if (l != NULL)
		mxa_report_writer_row(w, l, 42);
	return mxa_report_writer_end(w);
}

START_TEST(a_whole_report)
{
	static const char want[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n"
	    " <version>1.0</version>\n"
	    " <report_metadata>\n"
	    "  <org_name>Example &amp; Co</org_name>\n"
	    "  <email>dmarc@rcpt.example</email>\n"
	    "  <report_id>abc123</report_id>\n"
	    "  <date_range>\n"
	    "   <begin>1795219200</begin>\n"
	    "   <end>1795305599</end>\n"
	    "  </date_range>\n"
	    "  <generator>mxauth 1</generator>\n"
	    " </report_metadata>\n"
	    " <policy_published>\n"
	    "  <domain>a.example</domain>\n"
	    "  <p>reject</p>\n"
	    "  <sp>reject</sp>\n"
	    "  <np>reject</np>\n"
	    "  <adkim>r</adkim>\n"
	    "  <aspf>r</aspf>\n"
	    "  <discovery_method>treewalk</discovery_method>\n"
	    "  <fo>0</fo>\n"
	    "  <testing>n</testing>\n"
	    " </policy_published>\n"
	    " <record>\n"
	    "  <row>\n"
	    "   <source_ip>192.0.2.7</source_ip>\n"
	    "   <count>42</count>\n"
	    "   <policy_evaluated>\n"
	    "    <disposition>none</disposition>\n"
	    "    <dkim>pass</dkim>\n"
	    "    <spf>fail</spf>\n"
	    "   </policy_evaluated>\n"
	    "  </row>\n"
	    "  <identifiers>\n"
	    "   <header_from>a.example</header_from>\n"
	    "   <envelope_from>b.example</envelope_from>\n"
	    "  </identifiers>\n"
	    "  <auth_results>\n"
	    "   <dkim>\n"
	    "    <domain>a.example</domain>\n"
	    "    <selector>s1</selector>\n"
	    "    <result>pass</result>\n"
	    "   </dkim>\n"
	    "   <spf>\n"
	    "    <domain>b.example</domain>\n"
	    "    <scope>mfrom</scope>\n"
	    "    <result>fail</result>\n"
	    "   </spf>\n"
	    "  </auth_results>\n"
	    " </record>\n"
	    "</feedback>\n";
	struct mxa_report_line l = line_of();

	ck_assert(write_report("v=DMARC1; p=reject", &who, &l, false));
	ck_assert_str_eq(mxa_buf_cstr(&out), want);
}
END_TEST

/* Elements of the policy; the other tags have their defaults. */
static const struct {
	const char *record, *element;
} policies[] = {
	{ "v=DMARC1; p=quarantine; sp=none", "<p>quarantine</p>" },
	{ "v=DMARC1; p=quarantine; sp=none", "<sp>none</sp>" },
	/* np is sp when it is absent (RFC 9989 section 4.8) */
	{ "v=DMARC1; p=quarantine; sp=none", "<np>none</np>" },
	{ "v=DMARC1; p=none; np=reject", "<np>reject</np>" },
	{ "v=DMARC1; p=none; adkim=s", "<adkim>s</adkim>" },
	{ "v=DMARC1; p=none; aspf=s", "<aspf>s</aspf>" },
	{ "v=DMARC1; p=none; t=y", "<testing>y</testing>" },
	{ "v=DMARC1; p=none; fo=1:d:s", "<fo>1:d:s</fo>" },
	{ "v=DMARC1; p=none; fo=s", "<fo>s</fo>" },
	/* a policy that cannot be read, with rua: as none (section 4.7) */
	{ "v=DMARC1; p=rejct; rua=mailto:d@a.example", "<p>none</p>" },
	{ "v=DMARC1; p=rejct; rua=mailto:d@a.example",
	    "<error>policy record: p: " },
	{ "v=DMARC1; p=rejct; adkim=x; rua=mailto:d@a.example", "; adkim: " },
};

START_TEST(policy_as_it_was_applied)
{
	ck_assert(write_report(policies[_i].record, &who, NULL, false));
	ck_assert_msg(strstr(mxa_buf_cstr(&out), policies[_i].element) != NULL,
	    "%s: no %s in\n%s", policies[_i].record, policies[_i].element,
	    mxa_buf_cstr(&out));
}
END_TEST

/* Tags without effect are no mistake of the record. */
START_TEST(no_error_for_unknown_tags)
{
	ck_assert(
	    write_report("v=DMARC1; p=none; pct=50; x=y", &who, NULL, false));
	ck_assert_ptr_null(strstr(mxa_buf_cstr(&out), "<error>"));
}
END_TEST

START_TEST(what_is_told_only_sometimes)
{
	struct mxa_report_line l = line_of();
	struct mxa_reporter by = who;

	by.contact = MXA_STR("https://rcpt.example/");
	by.psl = true;
	l.reason = MXA_STR("local_policy");
	l.comment = MXA_STR("a < b");
	l.n_sig = 0;
	l.spf = true;
	l.spf_domain = MXA_STR("");
	l.envelope_from = MXA_STR("");
	ck_assert(write_report("v=DMARC1; p=none", &by, &l, false));
	ck_assert_ptr_nonnull(strstr(
	    mxa_buf_cstr(&out), "<extra_contact_info>https://rcpt.example/"));
	ck_assert_ptr_nonnull(
	    strstr(mxa_buf_cstr(&out), "<discovery_method>psl<"));
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&out),
	    "    <reason>\n     <type>local_policy</type>\n"
	    "     <comment>a &lt; b</comment>\n    </reason>\n"));
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&out), "<spf>pass</spf>"));
	ck_assert_ptr_null(strstr(mxa_buf_cstr(&out), "<selector>"));
	ck_assert_ptr_null(strstr(mxa_buf_cstr(&out), "<scope>"));
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&out), "<envelope_from"));
}
END_TEST

/* What a sender chose writes no element. */
START_TEST(hostile_texts)
{
	struct mxa_report_line l = line_of();
	char *letters = mxa_arena_alloc(a, 5000);

	memset(letters, 'x', 5000);
	l.sig[0].selector = MXA_STR("</selector><p>none</p>&\"");
	l.sig[0].domain = (struct mxa_str){ letters, 5000 };
	ck_assert(write_report("v=DMARC1; p=reject", &who, &l, false));
	ck_assert_ptr_null(strstr(mxa_buf_cstr(&out), "<p>none"));
	ck_assert_ptr_nonnull(
	    strstr(mxa_buf_cstr(&out), "&lt;/selector&gt;&lt;p&gt;"));
	/* cut at 4095 bytes */
	letters[4096] = '\0';
	ck_assert_ptr_null(strstr(mxa_buf_cstr(&out), letters));
	letters[4095] = '\0';
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&out), letters));
}
END_TEST

/* RFC 9990 section 3.1.4: gzip; the same bytes each time, for no time is in
 * its header. */
START_TEST(gzip)
{
	struct mxa_report_line l = line_of();
	z_stream z = { .next_in = NULL };
	char text[MAX_OUT];
	struct mxa_str first;

	ck_assert(write_report("v=DMARC1; p=none", &who, &l, true));
	first = mxa_str_dup(a, mxa_buf_str(&out));
	ck_assert_uint_eq((unsigned char)first.p[0], 0x1f);
	ck_assert_uint_eq((unsigned char)first.p[1], 0x8b);
	ck_assert(memcmp(first.p + 4, "\0\0\0\0", 4) == 0);
	ck_assert_int_eq(inflateInit2(&z, 31), Z_OK);
	z.next_in = (unsigned char *)first.p;
	z.avail_in = (unsigned)first.len;
	z.next_out = (unsigned char *)text;
	z.avail_out = sizeof(text) - 1;
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	text[z.total_out] = '\0';
	inflateEnd(&z);
	ck_assert_ptr_nonnull(strstr(text, "<count>42</count>"));
	ck_assert_ptr_nonnull(strstr(text, "</feedback>"));
	mxa_buf_init(&out, a, MAX_OUT);
	ck_assert(write_report("v=DMARC1; p=none", &who, &l, true));
	ck_assert(mxa_str_eq(first, mxa_buf_str(&out)));
}
END_TEST

START_TEST(a_full_buffer_is_an_error)
{
	struct mxa_report_line l = line_of();

	mxa_buf_init(&out, a, 300);
	ck_assert(!write_report("v=DMARC1; p=none", &who, &l, false));
	mxa_buf_init(&out, a, 20);
	ck_assert(!write_report("v=DMARC1; p=none", &who, &l, true));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("write");
	TCase *tc = tcase_create("xml");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_whole_report);
	tcase_add_loop_test(
	    tc, policy_as_it_was_applied, 0, MXA_ARRAY_LEN(policies));
	tcase_add_test(tc, no_error_for_unknown_tags);
	tcase_add_test(tc, what_is_told_only_sometimes);
	tcase_add_test(tc, hostile_texts);
	tcase_add_test(tc, gzip);
	tcase_add_test(tc, a_full_buffer_is_an_error);
	suite_add_tcase(s, tc);
	return test_main(s);
}
