/* check_waiting.c - messages that wait for the DNS at end of message, and MTAs
 * that do not wait as long. */
#include "t/support/testing.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "t/support/daemon.h"
#include "t/support/milterclient.h"

#define BASE "authserv-id = \"mx.example.jp\"\ntrusted-networks = []\n"

/* Three answers of 4.5 s, one after the other: longer than Sendmail's 10 s. */
static const char zone_text[] =
    "_dmarc.slow.example. 300 IN TXT \"v=DMARC1; p=reject\"\n"
    "slow.example. 300 IN TXT \"v=spf1 include:one.slow.example -all\"\n"
    ";! delay 4500 one.slow.example\n"
    "one.slow.example. 300 IN TXT \"v=spf1 include:two.slow.example -all\"\n"
    ";! delay 4500 two.slow.example\n"
    "two.slow.example. 300 IN TXT \"v=spf1 include:end.slow.example -all\"\n"
    ";! delay 4500 end.slow.example\n"
    "end.slow.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "fine.example. 300 IN TXT \"v=spf1 ip4:198.51.100.7 -all\"\n"
    "_dmarc.fine.example. 300 IN TXT \"v=DMARC1; p=reject\"\n"
    ";! timeout 7.100.51.198.in-addr.arpa\n"
    ";! timeout dead.example\n"
    ";! timeout *.dead.example\n";

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

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
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
}

/* An MTA that gives up when it hears nothing for five seconds hears of the
 * message, and gets its answer after thirteen. */
START_TEST(progress_is_reported)
{
	int64_t start = now_ms();

	start_daemon("");
	send_from("<a@slow.example>",
	    "From: a@slow.example\r\n"
	    "Authentication-Results: mx.example.jp; dmarc=pass\r\n\r\nHi.\r\n");
	mtc_timeout(m, 5000);
	mtc_finish(m, &r);
	ck_assert_msg(r.reply == MTC_REPLYCODE, "answered '%c' after %d ms: %s",
	    r.reply, (int)(now_ms() - start), daemon_log_text(&d));
	ck_assert_ptr_nonnull(strstr(r.text, "550 5.7.26"));
	ck_assert_int_ge(now_ms() - start, 13000);
	ck_assert_uint_eq(daemon_log_count(&d, "answered=no"), 0);
}
END_TEST

/* --- an MTA that hangs up --- */

static int free_port(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	close(fd);
	return ntohs(sin.sin_port);
}

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
	const char *dns; /* seconds a message waits at most */
	int at_most;	 /* ms until the log has it */
} hangups[] = {
	/* seen at the end of the wait */
	{ false, "timeout = 2 deadline = 2", 4000 },
	{ true, "timeout = 2 deadline = 2", 4000 },
	/* seen when progress is reported: the wait ends then */
	{ false, "timeout = 20 deadline = 20", 5000 },
	{ true, "timeout = 20 deadline = 20", 8000 },
};

START_TEST(a_hangup_is_recorded)
{
	if (hangups[_i].tcp)
		snprintf(d.socket, sizeof(d.socket), "inet:%d@127.0.0.1",
		    free_port());
	start_daemon(hangups[_i].dns);
	send_from("<a@dead.example>", "From: a@dead.example\r\n\r\nHi.\r\n");
	ck_assert(mtc_flush(m));
	sleep_ms(300);
	mtc_close(m);
	m = NULL;
	ck_assert_msg(daemon_logged(&d,
			  "4XyZabc: the MTA hung up before our "
			  "answer, after ",
			  hangups[_i].at_most),
	    "not in time: %s", daemon_log_text(&d));
	ck_assert_uint_eq(daemon_log_count(&d, " answered=no action="), 0);
	ck_assert_uint_eq(daemon_log_count(&d, " answered=no from="), 1);
	ck_assert_uint_eq(daemon_log_count(&d, "libmilter refused"), 0);
	ck_assert(journal_has("\"unanswered\":true"));
	ck_assert(journal_has("the MTA hung up before our answer"));
}
END_TEST

/* --- what merely informs --- */

static const struct {
	const char *dns;
	const char *log; /* its line has it */
	int least, most;
} graces[] = {
	{ "", " dmarc=pass ", 900, 3000 },
	{ "grace = 2", " dmarc=pass ", 1900, 4000 },
	{ "grace = 0", " dmarc=pass ", 0, 900 },
};

/* The client's reverse zone and the HELO name are dead, each for 5 s. */
START_TEST(what_informs_gets_a_grace)
{
	int64_t start;

	start_daemon(graces[_i].dns);
	helo = "dead.example";
	send_from("<a@fine.example>", "From: a@fine.example\r\n\r\nHi.\r\n");
	start = now_ms();
	mtc_finish(m, &r);
	ck_assert_int_eq(r.reply, MTC_CONTINUE);
	ck_assert_int_ge(now_ms() - start, graces[_i].least);
	ck_assert_int_lt(now_ms() - start, graces[_i].most);
	ck_assert(daemon_logged(&d, graces[_i].log, 1000));
	ck_assert(journal_has("\"iprev\":{\"result\":\"temperror\""));
	ck_assert(journal_has("not waited for: it would not change"));
}
END_TEST

/* One that waits is answered, and nothing else is said. */
START_TEST(a_long_wait_is_no_hangup)
{
	start_daemon("timeout = 2 deadline = 2");
	send_from("<a@dead.example>", "From: a@dead.example\r\n\r\nHi.\r\n");
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
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, progress_is_reported);
	tcase_add_loop_test(
	    tc, a_hangup_is_recorded, 0, MXA_ARRAY_LEN(hangups));
	tcase_add_loop_test(
	    tc, what_informs_gets_a_grace, 0, MXA_ARRAY_LEN(graces));
	tcase_add_test(tc, a_long_wait_is_no_hangup);
	suite_add_tcase(s, tc);
	return test_main(s);
}
