/* check_overload.c - more connections, messages or descriptors than there may
 * be: a clean temporary error, and service for all others. */
#include "t/support/testing.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "t/support/daemon.h"
#include "t/support/milterclient.h"

#define BASE "authserv-id = \"mx.example.jp\"\ntrusted-networks = []\n"
#define BUSY "451 4.3.2 Too many messages at once"

static const char zone_text[] =
    "example.com. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "_dmarc.example.com. 300 IN TXT \"v=DMARC1; p=reject\"\n"
    "1.2.0.192.in-addr.arpa. 300 IN PTR mail.example.com.\n"
    "mail.example.com. 300 IN A 192.0.2.1\n";

static const struct mtc_message message = { .queue_id = "4XyZabc",
	.mail_from = "<a@example.com>",
	.rcpt = { "<b@example.jp>" },
	.text = "From: a@example.com\r\nSubject: x\r\n\r\nHello.\r\n" };

static struct daemon d;
static struct mtc_result r;

static void setup(void)
{
	daemon_init(&d);
	daemon_zone(&d, zone_text);
}

static void teardown(void)
{
	mtc_result_free(&r);
	if (d.pid > 0)
		daemon_stop(&d);
	daemon_done(&d);
}

static void start_daemon(const char *rest)
{
	char text[400];

	snprintf(text, sizeof(text), "%s%s", BASE, rest);
	daemon_config(&d, "", text);
	daemon_start(&d);
}

/* NULL: it was closed before or while it was negotiated. */
static struct mtc *try_open(const struct mtc_offer *offer)
{
	struct mtc *m = mtc_open(d.socket);

	if (m == NULL || !mtc_negotiate(m, offer)) {
		mtc_close(m);
		return NULL;
	}
	mtc_macros(m, 'C', "j", "mta.example.jp", NULL);
	mtc_connect(m, "mail.example.com", "192.0.2.1");
	mtc_helo(m, "mail.example.com");
	return m;
}

static struct mtc *open_mta(const struct mtc_offer *offer)
{
	struct mtc *m = try_open(offer);

	ck_assert_ptr_nonnull(m);
	return m;
}

static void send_on(struct mtc *m)
{
	mtc_result_free(&r);
	mtc_send(m, &message, &r);
}

static bool is_passed(void)
{
	return r.reply == MTC_CONTINUE &&
	    mtc_find(&r, 'i', "Authentication-Results", 0) != NULL;
}

static bool is_busy(void)
{
	return r.reply == MTC_REPLYCODE && r.n == 0 &&
	    strncmp(r.text, BUSY, strlen(BUSY)) == 0;
}

static void passes(struct mtc *m)
{
	send_on(m);
	ck_assert_msg(is_passed(), "answered '%c' %s: %s", r.reply,
	    r.text ? r.text : "", daemon_log_text(&d));
}

static void is_deferred(struct mtc *m)
{
	send_on(m);
	ck_assert_msg(is_busy(), "answered '%c' %s: %s", r.reply,
	    r.text ? r.text : "", daemon_log_text(&d));
}

/* --- connections --- */

static const struct mtc_offer *const offers[] = { &mtc_postfix, &mtc_sendmail,
	&mtc_no_noreply, &mtc_version2 };

/* The third of two; it is told at end of message, each time. */
START_TEST(too_many_connections)
{
	struct mtc *m[3], *next;

	start_daemon("maximum-connections = 2\n");
	for (int i = 0; i < 2; i++) {
		m[i] = open_mta(offers[_i]);
		passes(m[i]);
	}
	m[2] = open_mta(offers[_i]);
	for (int round = 0; round < 2; round++) {
		is_deferred(m[2]);
		passes(m[0]);
		passes(m[1]);
	}
	ck_assert_uint_eq(daemon_log_count(&d, "maximum-connections"), 1);
	ck_assert_uint_eq(daemon_log_count(&d, " dmarc=pass "), 6);
	/* There is room again when some have gone, as soon as libmilter has
	 * seen that. */
	mtc_close(m[1]);
	mtc_close(m[2]);
	for (;;) {
		next = open_mta(offers[_i]);
		send_on(next);
		mtc_close(next);
		if (is_passed())
			break;
		ck_assert(is_busy());
		usleep(10000);
	}
	mtc_close(m[0]);
}
END_TEST

/* --- messages --- */

/* A message between MAIL and its end; each step was answered, so that it is
 * known to be open. */
static void begin_message(struct mtc *m)
{
	ck_assert_int_eq(mtc_mail(m, message.mail_from, NULL), MTC_CONTINUE);
	ck_assert_int_eq(mtc_rcpt(m, message.rcpt[0], NULL), MTC_CONTINUE);
	ck_assert_int_eq(mtc_header(m, "From", " a@example.com"), MTC_CONTINUE);
}

START_TEST(too_many_messages)
{
	struct mtc *m[4];

	start_daemon("maximum-messages = 2\n");
	for (int i = 0; i < 4; i++)
		m[i] = open_mta(&mtc_no_noreply);
	begin_message(m[0]);
	begin_message(m[1]);
	is_deferred(m[2]);
	is_deferred(m[3]);
	is_deferred(m[2]);
	ck_assert_uint_eq(daemon_log_count(&d, "maximum-messages"), 1);
	/* Those that were taken get their answer. */
	mtc_eoh(m[0]);
	mtc_eom(m[0]);
	mtc_result_free(&r);
	mtc_finish(m[0], &r);
	ck_assert(is_passed());
	passes(m[2]);
	passes(m[3]);
	/* An aborted one makes room as well, as soon as libmilter has read
	 * that. */
	begin_message(m[0]);
	is_deferred(m[3]);
	mtc_abort(m[1]);
	while (!is_passed()) {
		ck_assert(is_busy());
		usleep(10000);
		send_on(m[3]);
	}
	for (int i = 0; i < 4; i++)
		mtc_close(m[i]);
}
END_TEST

/* A reload brings the new number, for the next message. */
START_TEST(reloaded)
{
	struct mtc *m, *other;

	start_daemon("maximum-messages = 1\n");
	m = open_mta(&mtc_no_noreply);
	other = open_mta(&mtc_postfix);
	begin_message(m);
	is_deferred(other);
	daemon_config(&d, "", BASE);
	daemon_signal(&d, SIGHUP);
	ck_assert(daemon_logged(&d, "configuration reloaded", 20000));
	passes(other);
	mtc_close(m);
	mtc_close(other);
}
END_TEST

/* --- descriptors --- */

#define DESCRIPTORS 160
#define TRIED 400

/* Too many are closed before anything is agreed, nothing hangs, and there is
 * service again when the others have gone. */
START_TEST(too_few_descriptors)
{
	static struct mtc *m[TRIED];
	const struct rlimit few = { DESCRIPTORS, DESCRIPTORS };
	unsigned closed = 0;

	start_daemon("");
	ck_assert_int_eq(prlimit(d.pid, RLIMIT_NOFILE, &few, NULL), 0);
	daemon_config(&d, "", BASE);
	daemon_signal(&d, SIGHUP); /* reads the limit again */
	ck_assert(daemon_logged(&d, "configuration reloaded", 20000));
	for (int i = 0; i < TRIED && closed < 20; i++) {
		m[i] = try_open(&mtc_postfix);
		if (m[i] != NULL)
			ck_assert(mtc_flush(m[i]));
		else
			closed++;
	}
	ck_assert_uint_eq(closed, 20);
	passes(m[0]);
	ck_assert_uint_eq(daemon_log_count(&d, "too few descriptors"), 1);
	for (int i = 0; i < TRIED; i++)
		mtc_close(m[i]);
	while ((m[0] = try_open(&mtc_postfix)) == NULL)
		usleep(10000);
	passes(m[0]);
	mtc_close(m[0]);
}
END_TEST

/* --- many --- */

#define MANY 10000

/* Ten thousand open connections, and messages on some of them. */
START_TEST(ten_thousand_connections)
{
	static struct mtc *m[MANY];
	struct rlimit l;
	unsigned n = MANY;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &l), 0);
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
	if (l.rlim_cur < MANY * 4 / 3 + 100)
		n = (unsigned)(l.rlim_cur / 2);
	start_daemon("");
	for (unsigned i = 0; i < n; i++) {
		m[i] = open_mta(&mtc_postfix);
		ck_assert(mtc_flush(m[i]));
	}
	for (unsigned i = 0; i < n; i += n / 20)
		passes(m[i]);
	passes(m[n - 1]);
	ck_assert_uint_eq(daemon_log_count(&d, "too "), 0);
	for (unsigned i = 0; i < n; i++)
		mtc_close(m[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("overload");
	TCase *tc = tcase_create("overload");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(
	    tc, too_many_connections, 0, (int)MXA_ARRAY_LEN(offers));
	tcase_add_test(tc, too_many_messages);
	tcase_add_test(tc, reloaded);
	tcase_add_test(tc, too_few_descriptors);
	tcase_add_test(tc, ten_thousand_connections);
	suite_add_tcase(s, tc);
	return test_main(s);
}
