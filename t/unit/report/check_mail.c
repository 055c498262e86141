/* check_mail.c - the mail that carries an aggregate report: by hand from RFC
 * 9990 section 3.5, RFC 5322 and RFC 2045. */
#include "report/sent/mail.h"

#include "t/support/testing.h"

static struct mxa_arena *a;
static struct mxa_buf b;

static void setup(void)
{
	a = mxa_arena_new();
	mxa_buf_init(&b, a, 8000);
}

static void teardown(void)
{
	mxa_arena_free(a);
}

#define BEFORE(name)                                                          \
	"From: \"" name "\" <noreply@reports.example.org>\r\n"                \
	"To: d@x.example\r\n"                                                 \
	"Date: Sun, 22 Nov 2026 00:10:09 +0000\r\n"                           \
	"Subject: Report Domain: x.example\r\n"                               \
	" Submitter: reports.example.org\r\n"                                 \
	" Report-ID: <abc1>\r\n"                                              \
	"Message-ID: <abc1@reports.example.org>\r\n"                          \
	"Auto-Submitted: auto-generated\r\n"                                  \
	"MIME-Version: 1.0\r\n"                                               \
	"Content-Type: multipart/mixed; boundary=\"=_abc1\"\r\n"              \
	"\r\n"                                                                \
	"--=_abc1\r\n"                                                        \
	"Content-Type: text/plain; charset=us-ascii\r\n"                      \
	"\r\n"                                                                \
	"This is a DMARC aggregate report (RFC 9990) about mail from\r\n"     \
	"x.example that arrived at reports.example.org\r\n"                   \
	"from Sat, 21 Nov 2026 00:00:00 +0000\r\n"                            \
	"to   Sat, 21 Nov 2026 23:59:59 +0000.\r\n"                           \
	"You get it because the DMARC record of the domain asks for it (rua=" \
	").\r\n"
#define AFTER                                   \
	"\r\n"                                  \
	"--=_abc1\r\n"                          \
	"Content-Type: application/gzip;\r\n"   \
	" name=\"r!x.xml.gz\"\r\n"              \
	"Content-Transfer-Encoding: base64\r\n" \
	"Content-Disposition: attachment;\r\n"  \
	" filename=\"r!x.xml.gz\"\r\n"          \
	"\r\n"                                  \
	"Zm9vYmFy\r\n"                          \
	"--=_abc1--\r\n"

static const struct {
	const char *name;
	struct mxa_str organization, contact;
	const char *want;
} rows[] = {
	{ "no contact", MXA_STR_INIT("Example"), MXA_STR_INIT(""),
	    BEFORE("Example") AFTER },
	{ "a contact", MXA_STR_INIT("Example"),
	    MXA_STR_INIT("https://reports.example.org/"),
	    BEFORE("Example") "More: https://reports.example.org/\r\n" AFTER },
	{ "what a display name may not hold as it is",
	    MXA_STR_INIT("A \"B\" \\ \t\x7f~\xc3\xa9"), MXA_STR_INIT(""),
	    BEFORE("A \\\"B\\\" \\\\ ~") AFTER },
};

START_TEST(whole_mail)
{
	struct mxa_reporter who = { .organization = rows[_i].organization,
		.from = MXA_STR("noreply@reports.example.org"),
		.domain = MXA_STR("reports.example.org"),
		.contact = rows[_i].contact };
	struct mxa_report_mail m = { .who = &who,
		.id = MXA_STR("abc1"),
		.domain = MXA_STR("x.example"),
		.filename = MXA_STR("r!x.xml.gz"),
		.begin = 1795219200,
		.end = 1795305599,
		.made = 1795306209,
		.to = MXA_STR("d@x.example"),
		.body = MXA_STR("foobar") };

	mxa_report_mail_write(&b, &m);
	ck_assert_str_eq(mxa_buf_cstr(&b), rows[_i].want);
}
END_TEST

static const struct {
	int64_t t;
	const char *want;
} dates[] = {
	{ 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
	{ 951868799, "Tue, 29 Feb 2000 23:59:59 +0000" },
	{ INT64_C(4102444799), "Thu, 31 Dec 2099 23:59:59 +0000" },
};

START_TEST(date)
{
	mxa_mail_date(&b, dates[_i].t);
	ck_assert_str_eq(mxa_buf_cstr(&b), dates[_i].want);
}
END_TEST

START_TEST(bytes_of_all_values)
{
	mxa_base64_lines(&b, MXA_STR("\xff\xfe\0\x80\xfb\xf0"));
	ck_assert_str_eq(mxa_buf_cstr(&b), "//4AgPvw\r\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mail");
	TCase *tc = tcase_create("mail");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, whole_mail, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(tc, date, 0, sizeof(dates) / sizeof(dates[0]));
	tcase_add_test(tc, bytes_of_all_values);
	suite_add_tcase(s, tc);
	return test_main(s);
}
