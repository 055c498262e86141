/* check_waiting.c - messages that wait for the DNS at end of message, and MTAs
 * that do not wait as long. */
#include "t/support/testing.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/support/daemon.h"
#include "t/support/dnsd.h"
#include "t/support/milterclient.h"

#define BASE "authserv-id = \"mx.example.jp\"\ntrusted-networks = []\n"

/* What is held comes when the test says so.  These are the longest times: that
 * none of them is over is certain, as long as no test hangs. */
#define PATIENT "timeout = 60 deadline = 240 "
#define HANG_MS 40000

static const char zone_text[] =
    "_dmarc.slow.example. 300 IN TXT \"v=DMARC1; p=reject\"\n"
    ";? held slow.example\n"
    "slow.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "fine.example. 300 IN TXT \"v=spf1 ip4:198.51.100.7 -all\"\n"
    "_dmarc.fine.example. 300 IN TXT \"v=DMARC1; p=reject\"\n"
    ";? held 7.100.51.198.in-addr.arpa\n"
    "7.100.51.198.in-addr.arpa. 300 IN PTR mail.fine.example.\n"
    "mail.fine.example. 300 IN A 198.51.100.7\n"
    ";? held dead.example\n";

static struct daemon d;
static struct mtc *m;
static struct mtc_result r;
static const char *helo;

static void setup(void)
{
	helo = "mail.example.com";
	daemon_init(&d);
	daemon_zone(&d, zone_text);
}

static void teardown(void)
{
	mtc_result_free(&r);
	mtc_close(m);
	m = NULL;
	daemon_stop(&d);
	daemon_done(&d);
}

static void start_daemon(const char *dns)
{
	daemon_config(&d, dns, BASE);
	daemon_start(&d);
}

/* A message up to and including its end; the answer is not read. */
static void send_from(const char *mail_from, const char *text)
{
	struct mtc_message msg = { .queue_id = "4XyZabc",
		.mail_from = mail_from,
		.rcpt = { "<b@example.jp>" },
		.text = text };

	m = mtc_open(d.socket);
	ck_assert_ptr_nonnull(m);
	ck_assert(mtc_negotiate(m, &mtc_sendmail));
	mtc_macros(m, 'C', "j", "mta.example.jp", NULL);
	mtc_connect(m, "mail.example.com", "198.51.100.7");
	mtc_helo(m, helo);
	ck_assert(mtc_send_begin(m, &msg, &r));
	ck_assert(mtc_flush(m));
}

/* The MTA is told that its message waits: it does so at end of message. */
static void hears_of_progress(void)
{
	ck_assert_int_eq(mtc_reply(m), 'p');
}

/* As long as the DNS does not answer the MTA hears of the message, so that it
 * does not give up; then it gets its answer. */
START_TEST(progress_is_reported)
{
	start_daemon(PATIENT);
	send_from("<a@slow.example>",
	    "From: a@slow.example\r\n"
	    "Authentication-Results: mx.example.jp; dmarc=pass\r\n\r\nHi.\r\n");
	hears_of_progress();
	hears_of_progress();
	test_dnsd_release(d.dns);
	mtc_finish(m, &r);
	ck_assert_msg(r.reply == MTC_REPLYCODE, "answered '%c': %s", r.reply,
	    daemon_log_text(&d));
	ck_assert_ptr_nonnull(strstr(r.text, "550 5.7.26"));
	ck_assert_uint_eq(daemon_log_count(&d, "answered=no"), 0);
}
END_TEST

/* --- an MTA that hangs up --- */

static bool file_has(const char *path, const char *what)
{
	static char text[1 << 16];
	FILE *f = fopen(path, "r");
	size_t n = 0;

	if (f != NULL) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return strstr(text, what) != NULL;
}

static bool journal_has(const char *what)
{
	DIR *dir = opendir(d.journal);
	const struct dirent *e;
	bool found = false;
	char path[512];

	ck_assert_ptr_nonnull(dir);
	while (!found && (e = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", d.journal, e->d_name);
		found = e->d_name[0] != '.' && file_has(path, what);
	}
	closedir(dir);
	return found;
}

static const struct {
	bool tcp;
	bool answers; /* the DNS, after the MTA has hung up */
} hangups[] = {
	/* seen at the end of the wait */
	{ false, true },
	{ true, true },
	/* seen when progress is reported: the wait ends then */
	{ false, false },
	{ true, false },
};

START_TEST(a_hangup_is_recorded)
{
	if (hangups[_i].tcp)
		daemon_over_tcp(&d);
	start_daemon(PATIENT);
	send_from("<a@dead.example>", "From: a@dead.example\r\n\r\nHi.\r\n");
	hears_of_progress(); /* a short wait is not looked at */
	mtc_close(m);
	m = NULL;
	if (hangups[_i].answers)
		test_dnsd_release(d.dns);
	ck_assert_msg(daemon_logged(&d,
			  "4XyZabc: the MTA hung up before our "
			  "answer, after ",
			  HANG_MS),
	    "not seen: %s", daemon_log_text(&d));
	ck_assert_uint_eq(daemon_log_count(&d, " answered=no action="), 0);
	ck_assert_uint_eq(daemon_log_count(&d, " answered=no from="), 1);
	ck_assert_uint_eq(daemon_log_count(&d, "libmilter refused"), 0);
	ck_assert(journal_has("\"unanswered\":true"));
	ck_assert(journal_has("the MTA hung up before our answer"));
	ck_assert(hangups[_i].answers ||
	    journal_has("nobody waits for this message any more"));
}
END_TEST

/* --- what merely informs --- */

static const struct {
	const char *dns;
	bool waited;	   /* for the name of the client */
	const char *iprev; /* what came of it */
} graces[] = {
	{ PATIENT, false, "\"iprev\":{\"result\":\"temperror\"" },
	{ PATIENT "grace = 0", false, "\"iprev\":{\"result\":\"temperror\"" },
	{ PATIENT "grace = 60", true, "\"iprev\":{\"result\":\"pass\"" },
};

/* The client's reverse zone and the HELO name do not answer, unless they are
 * waited for. */
START_TEST(what_informs_gets_a_grace)
{
	start_daemon(graces[_i].dns);
	helo = "dead.example";
	send_from("<a@fine.example>", "From: a@fine.example\r\n\r\nHi.\r\n");
	if (graces[_i].waited) {
		hears_of_progress();
		test_dnsd_release(d.dns);
	}
	mtc_finish(m, &r);
	ck_assert_int_eq(r.reply, MTC_CONTINUE);
	ck_assert(daemon_logged(&d, " dmarc=pass ", HANG_MS));
	ck_assert(journal_has(graces[_i].iprev));
	ck_assert(journal_has("not waited for: it would not change") !=
	    graces[_i].waited);
}
END_TEST

/* One that waits is answered, and nothing else is said. */
START_TEST(a_long_wait_is_no_hangup)
{
	start_daemon(PATIENT);
	send_from("<a@dead.example>", "From: a@dead.example\r\n\r\nHi.\r\n");
	hears_of_progress();
	test_dnsd_release(d.dns);
	mtc_finish(m, &r);
	ck_assert_int_eq(r.reply, MTC_CONTINUE);
	ck_assert_uint_eq(daemon_log_count(&d, "hung up"), 0);
	ck_assert(journal_has("\"id\":\"4XyZabc\""));
	ck_assert(!journal_has("unanswered"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("waiting");
	TCase *tc = tcase_create("waiting");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 180);
	tcase_add_test(tc, progress_is_reported);
	tcase_add_loop_test(
	    tc, a_hangup_is_recorded, 0, MXA_ARRAY_LEN(hangups));
	tcase_add_loop_test(
	    tc, what_informs_gets_a_grace, 0, MXA_ARRAY_LEN(graces));
	tcase_add_test(tc, a_long_wait_is_no_hangup);
	suite_add_tcase(s, tc);
	return test_main(s);
}
