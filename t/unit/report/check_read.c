/* check_read.c - what a file, a folder or an mbox is, and the reports inside:
 * how many are found, and what is said of the rest.  t/report/NAME.case has the
 * forms in which receivers send them. */
#include "report/received/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "t/support/testing.h"

static struct mxa_arena *a;
static struct mxa_reports *reports;
static char dir[256];

static void begin_report(void *ctx, const struct mxa_report *rep)
{
	(void)ctx;
	(void)rep;
}

static void take_row(
    void *ctx, const struct mxa_report *rep, const struct mxa_report_row *row)
{
	(void)ctx;
	(void)rep;
	(void)row;
}

static const struct mxa_report_sink sink = { begin_report, take_row,
	begin_report };

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	a = mxa_arena_new();
	reports = mxa_reports_new(&sink, NULL);
	snprintf(dir, sizeof(dir), "%s/mxauth-read-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	ck_assert_int_eq(system(mxa_arena_printf(a, "rm -rf '%s'", dir)), 0);
	mxa_reports_free(reports);
	mxa_arena_free(a);
}

static const char *in_dir(const char *name)
{
	return mxa_arena_printf(a, "%s/%s", dir, name);
}

static const char *put_file(const char *name, const char *text)
{
	const char *path = in_dir(name);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

/* What was said, "-" for nothing. */
static const char *text_of(const struct mxa_report_error *e)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4000);
	for (; e != NULL; e = e->next)
		mxa_buf_printf(
		    &b, "%s%.*s", b.len > 0 ? "; " : "", MXA_STR_ARG(e->text));
	return b.len > 0 ? mxa_buf_cstr(&b) : "-";
}

#define REPORT(id)                                                        \
	"<feedback><report_metadata><report_id>" id "</report_id>"        \
	"</report_metadata><record><row><source_ip>192.0.2.1</source_ip>" \
	"<count>1</count></row></record></feedback>"
#define MAIL "Subject: x\n\n"
#define NONE "neither XML nor an archive, nor a mail that has one"

/* --- bytes --- */

static const struct {
	const char *name, *in;
	size_t n; /* reports */
	const char *errors;
} bytes[] = {
	{ "nothing", "", 0, "the file is empty" },
	{ "white space", " \r\n\t", 0, "the file is empty" },
	{ "text", "hello", 0, NONE },
	{ "a report", REPORT("1"), 1, "-" },
	{ "escaped", "&lt;feedback&gt;", 0, "it is not well-formed XML" },
	{ "a mail without one", MAIL "hello\n", 0, NONE },
	{ "one in the text of a mail", MAIL REPORT("1"), 1, "-" },
	{ "an mbox of one mail", "From x\n" MAIL REPORT("1"), 1, "-" },
	{ "the first bytes of gzip only", "\x1f\x8b garbage", 0,
	    "it is not well-formed XML" },
	{ "a zip that is none", "PK\x03\x04 garbage", 0,
	    "the archive is damaged" },
	{ "markup that is no report", "<?xml?><html></html>", 0,
	    "it is XML, but not an aggregate report" },
	{ "four mails around it", MAIL MAIL MAIL MAIL REPORT("1"), 1, "-" },
	{ "five of them", MAIL MAIL MAIL MAIL MAIL REPORT("1"), 0,
	    "packed too many times" },
};

START_TEST(bytes_are_read)
{
	bool found = mxa_report_read_bytes(
	    reports, MXA_STR("name"), mxa_str_from(bytes[_i].in));

	ck_assert_msg(reports->n == bytes[_i].n &&
		strcmp(text_of(reports->errors), bytes[_i].errors) == 0,
	    "%s: %zu, %s", bytes[_i].name, reports->n,
	    text_of(reports->errors));
	ck_assert(found == (bytes[_i].n > 0));
}
END_TEST

/* --- files --- */

START_TEST(single_files)
{
	ck_assert(!mxa_report_read_file(reports, in_dir("missing")));
	ck_assert_str_eq(text_of(reports->errors), "No such file or directory");
	ck_assert(!mxa_report_read_file(reports, put_file("empty", "")));
	ck_assert_str_eq(text_of(reports->errors->next), "the file is empty");
	ck_assert(!mxa_report_read_file(reports, put_file("text", "hello")));
	ck_assert_str_eq(text_of(reports->errors->next->next), NONE);
	ck_assert(mxa_report_read_file(reports, put_file("1", REPORT("1"))));
	ck_assert(
	    mxa_report_read_file(reports, put_file("2", MAIL REPORT("2"))));
	ck_assert_uint_eq(reports->n, 2);
	ck_assert_ptr_null(reports->warnings);
	ck_assert(
	    !mxa_report_read_file(reports, put_file("bad", "<feedback>")));
	ck_assert_str_eq(text_of(reports->errors->next->next->next),
	    "it is not well-formed XML");
}
END_TEST

/* Mails without a report are no errors among others. */
START_TEST(a_folder)
{
	put_file("1", REPORT("1"));
	put_file("2", MAIL REPORT("2"));
	put_file("3", MAIL "hello\n");
	put_file("4", "hello");
	ck_assert(mxa_report_read_file(reports, dir));
	ck_assert_uint_eq(reports->n, 2);
	ck_assert_str_eq(text_of(reports->errors), "-");
	ck_assert_str_eq(text_of(reports->warnings),
	    "2 messages without a report were passed over");
	/* known ones are reports, too */
	ck_assert(mxa_report_read_file(reports, dir));
	ck_assert_uint_eq(reports->n, 2);
	ck_assert_uint_eq(reports->duplicates, 2);
}
END_TEST

START_TEST(a_folder_without_a_report)
{
	put_file("1", MAIL "hello\n");
	put_file("2", "\x1f\x8b garbage");
	ck_assert(!mxa_report_read_file(reports, dir));
	ck_assert_str_eq(text_of(reports->errors),
	    "it is not well-formed XML; there is no report in it");
	ck_assert_str_eq(text_of(reports->warnings), "-");
}
END_TEST

START_TEST(a_maildir)
{
	ck_assert_int_eq(mkdir(in_dir("cur"), 0700), 0);
	ck_assert_int_eq(mkdir(in_dir("new"), 0700), 0);
	put_file("cur/1", MAIL REPORT("1"));
	put_file("new/2", MAIL REPORT("2"));
	put_file("3", MAIL REPORT("3"));
	ck_assert(mxa_report_read_file(reports, dir));
	ck_assert_uint_eq(reports->n, 2);
	ck_assert_str_eq(text_of(reports->warnings), "-");
}
END_TEST

#define FROM "From x@y.example Sat Nov 21 08:00:00 2026\n"

START_TEST(an_mbox)
{
	ck_assert(mxa_report_read_file(reports,
	    put_file("mbox",
		FROM MAIL REPORT("1") "\n\n" FROM MAIL
				      "hello\n\n" FROM MAIL REPORT("2") "\n")));
	ck_assert_uint_eq(reports->n, 2);
	ck_assert_str_eq(text_of(reports->errors), "-");
	ck_assert_str_eq(text_of(reports->warnings),
	    "1 messages without a report were passed over");
}
END_TEST

START_TEST(an_mbox_without_a_report)
{
	ck_assert(!mxa_report_read_file(
	    reports, put_file("mbox", FROM MAIL "hello\n")));
	ck_assert_str_eq(text_of(reports->errors), "there is no report in it");
}
END_TEST

/* What is no file is read to its end first. */
START_TEST(a_pipe)
{
	const char *path = in_dir("pipe");

	put_file("report", REPORT("1"));
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(system(mxa_arena_printf(
			     a, "cat '%s/report' >'%s' & exit 0", dir, path)),
	    0);
	ck_assert(mxa_report_read_file(reports, path));
	ck_assert_uint_eq(reports->n, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("read");
	TCase *tc = tcase_create("read");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, bytes_are_read, 0, MXA_ARRAY_LEN(bytes));
	tcase_add_test(tc, single_files);
	tcase_add_test(tc, a_folder);
	tcase_add_test(tc, a_folder_without_a_report);
	tcase_add_test(tc, a_maildir);
	tcase_add_test(tc, an_mbox);
	tcase_add_test(tc, an_mbox_without_a_report);
	tcase_add_test(tc, a_pipe);
	suite_add_tcase(s, tc);
	return test_main(s);
}
