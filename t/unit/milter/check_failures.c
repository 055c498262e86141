/* check_failures.c - where mxauthd leaves what becomes failure reports. */
#include "t/support/testing.h"

#include <glob.h>
#include <string.h>

#include "t/support/daemon.h"
#include "t/support/milterclient.h"

static const char zone[] = "example.com. 300 IN TXT \"v=spf1 -all\"\n"
			   "_dmarc.example.com. 300 IN TXT \"v=DMARC1; p=none; "
			   "ruf=mailto:f@example.com\"\n";

static struct daemon d;
static struct mxa_arena *arena;

static void setup(void)
{
	arena = mxa_arena_new();
	daemon_init(&d);
	daemon_zone(&d, zone);
}

static void teardown(void)
{
	daemon_done(&d);
	mxa_arena_free(arena);
}

/* One message that fails DMARC, with failure reports into 'directory'. */
static void take_message(const char *directory)
{
	static const struct mtc_message msg = { .queue_id = "4XyZabc",
		.mail_from = "<a@example.com>",
		.rcpt = { "<b@example.jp>" },
		.text = "From: a@example.com\r\nSubject: x\r\n\r\nx\r\n" };
	struct mtc_result r = { 0 };
	struct mtc *m;

	daemon_config(&d, "",
	    mxa_arena_printf(arena,
		"trusted-networks = []\n"
		"reports: { failure-reports = true\n"
		"from = \"dmarc@example.jp\"\n"
		"failure-directory = \"%s\" }\n",
		directory));
	daemon_start(&d);
	m = mtc_open(d.socket);
	ck_assert_ptr_nonnull(m);
	ck_assert(mtc_negotiate(m, &mtc_postfix));
	mtc_macros(m, 'C', "j", "mta.example.jp", NULL);
	mtc_connect(m, "mail.example.com", "198.51.100.7");
	mtc_helo(m, "mail.example.com");
	mtc_send(m, &msg, &r);
	ck_assert_int_eq(r.reply, MTC_CONTINUE);
	mtc_result_free(&r);
	mtc_close(m);
	ck_assert(daemon_logged(&d, "dmarc=fail", 2000));
	daemon_stop(&d);
}

static size_t files_in(const char *directory)
{
	glob_t found;
	size_t n = 0;

	if (glob(mxa_arena_printf(arena, "%s/*.failure", directory), 0, NULL,
		&found) == 0)
		n = found.gl_pathc;
	globfree(&found);
	return n;
}

START_TEST(one_file_a_message)
{
	const char *directory = mxa_arena_printf(arena, "%s/failures", d.dir);

	take_message(directory);
	ck_assert_uint_eq(files_in(directory), 1);
	ck_assert_uint_eq(daemon_log_count(&d, "failure reports"), 0);
}
END_TEST

START_TEST(a_directory_that_cannot_be)
{
	take_message("/dev/null/failures");
	ck_assert_uint_eq(daemon_log_count(&d, "mail goes on without"), 1);
}
END_TEST

/* Not even in "/". */
START_TEST(no_directory)
{
	size_t before = files_in("");

	take_message("");
	ck_assert_uint_eq(files_in(""), before);
	ck_assert_uint_eq(daemon_log_count(&d, "mail goes on without"), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("failures");
	TCase *tc = tcase_create("failures");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_file_a_message);
	tcase_add_test(tc, a_directory_that_cannot_be);
	tcase_add_test(tc, no_directory);
	suite_add_tcase(s, tc);
	return test_main(s);
}
