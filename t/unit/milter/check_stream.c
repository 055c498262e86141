/* check_stream.c - the milter protocol as a stream of bytes: packets in pieces
 * and many in one, ends and aborts anywhere, over both kinds of sockets, with
 * the real libmilter (and, unless it is configured away, what reads ahead for
 * it: t/unit/milter/check_readahead.c). */
#include "t/support/testing.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "t/support/daemon.h"
#include "t/support/milterclient.h"

#define BASE "authserv-id = \"mx.example.jp\"\ntrusted-networks = []\n"

static const char zone_text[] =
    "example.com. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "_dmarc.example.com. 300 IN TXT \"v=DMARC1; p=reject\"\n"
    "1.2.0.192.in-addr.arpa. 300 IN PTR mail.example.com.\n"
    "7.100.51.198.in-addr.arpa. 300 IN PTR mail.example.com.\n"
    "mail.example.com. 300 IN A 192.0.2.1\n";

#define GOOD_IP "192.0.2.1"
#define BAD_IP "198.51.100.7"

static struct daemon d;
static struct mtc *m;
static struct mtc_result r;

static void setup(void)
{
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

static void start_daemon(bool tcp)
{
	if (tcp)
		daemon_over_tcp(&d);
	daemon_config(&d, "", BASE);
	daemon_start(&d);
}

static struct mtc *open_mta(const char *ip, size_t piece)
{
	struct mtc *c = mtc_open(d.socket);

	ck_assert_ptr_nonnull(c);
	mtc_pieces(c, piece);
	ck_assert(mtc_negotiate(c, &mtc_postfix));
	mtc_macros(c, 'C', "j", "mta.example.jp", NULL);
	mtc_connect(c, "mail.example.com", ip);
	mtc_helo(c, "mail.example.com");
	return c;
}

/* A header of many packets and a body of 'size' bytes. */
static char *make_text(size_t size)
{
	char *text = mxa_xmalloc(size + 4096), *to = text;

	to += sprintf(to, "From: Alice <a@example.com>\r\n");
	for (int i = 0; i < 40; i++)
		to += sprintf(to, "X-Field-%d: value %d\r\n", i, i * i);
	to += sprintf(to, "Subject: hello\r\n\r\n");
	for (size_t i = 0; i < size; i++)
		*to++ = i % 72 == 70 ? '\r' : i % 72 == 71 ? '\n' : 'x';
	*to = '\0';
	return text;
}

static struct mtc_message message_of(const char *text)
{
	return (struct mtc_message){ .queue_id = "4XyZabc",
		.mail_from = "<a@example.com>",
		.rcpt = { "<b@example.jp>" },
		.text = text };
}

static void is_passed(const struct mtc_result *got)
{
	const struct mtc_edit *e =
	    mtc_find(got, 'i', "Authentication-Results", 0);

	ck_assert_msg(got->reply == MTC_CONTINUE, "answered '%c': %s",
	    got->reply, daemon_log_text(&d));
	ck_assert_ptr_nonnull(e);
	ck_assert_ptr_nonnull(strstr(e->value, "dmarc=pass"));
}

static void is_refused(const struct mtc_result *got)
{
	ck_assert_msg(got->reply == MTC_REPLYCODE, "answered '%c': %s",
	    got->reply, daemon_log_text(&d));
	ck_assert_ptr_nonnull(strstr(got->text, "550 5.7.26"));
}

static const struct {
	bool tcp;
	size_t piece, body;
} pieces[] = {
	{ false, 1, 100 },
	{ true, 1, 100 },
	{ false, 2, 100 },
	{ true, 3, 100 },
	{ false, 7, 3000 },
	{ false, 4096, 200000 },
	{ true, 5003, 200000 },
	{ false, 0, 200000 },
	{ true, 0, 3000000 },
};

/* Two messages on each connection, one of which passes. */
START_TEST(packets_in_pieces)
{
	char *text = make_text(pieces[_i].body);
	struct mtc_message msg = message_of(text);

	start_daemon(pieces[_i].tcp);
	for (int i = 0; i < 4; i++) {
		m = open_mta(i % 2 ? BAD_IP : GOOD_IP, pieces[_i].piece);
		for (int k = 0; k < 2; k++) {
			mtc_send(m, &msg, &r);
			(i % 2 ? is_refused : is_passed)(&r);
			mtc_result_free(&r);
		}
		mtc_close(m);
		m = NULL;
	}
	free(text);
}
END_TEST

/* The MTA sends no more, but still listens. */
START_TEST(half_closed)
{
	char *text = make_text(5000);
	struct mtc_message msg = message_of(text);

	start_daemon(_i);
	m = open_mta(GOOD_IP, 0);
	ck_assert(mtc_send_begin(m, &msg, &r));
	ck_assert_int_eq(shutdown(mtc_fd(m), SHUT_WR), 0);
	mtc_finish(m, &r);
	is_passed(&r);
	free(text);
}
END_TEST

/* Everything at once: a message that is aborted, and the next one with its
 * end; then it hangs up within a packet. */
START_TEST(abort_and_next_in_one_write)
{
	char *text = make_text(300);
	struct mtc_message msg = message_of(text);

	start_daemon(_i);
	m = open_mta(GOOD_IP, 0);
	mtc_mail(m, "<a@example.com>", NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	mtc_header(m, "From", " a@example.net");
	mtc_packet(m, 'A', NULL, 0);
	ck_assert(mtc_send_begin(m, &msg, &r));
	mtc_finish(m, &r);
	is_passed(&r);
	ck_assert_int_eq(send(mtc_fd(m), "\0\0\1\0Lhalf", 9, MSG_NOSIGNAL), 9);
	mtc_close(m);
	m = open_mta(BAD_IP, 0);
	mtc_result_free(&r);
	mtc_send(m, &msg, &r);
	is_refused(&r);
	free(text);
}
END_TEST

/* A client that hangs up anywhere takes nothing from the next one, which gets
 * its number. */
START_TEST(hangs_up_anywhere)
{
	char *text = make_text(100);
	struct mtc_message msg = message_of(text);

	start_daemon(_i);
	for (size_t cut = 1; cut < 400; cut += 13) {
		struct mtc *c = open_mta(BAD_IP, 0);

		mtc_mail(c, "<a@example.com>", NULL);
		mtc_flush(c);
		for (size_t i = 0; i < cut; i++)
			(void)send(mtc_fd(c), i % 8 == 3 ? "\4" : "\0", 1,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		mtc_close(c);
	}
	m = open_mta(GOOD_IP, 0);
	mtc_send(m, &msg, &r);
	is_passed(&r);
	free(text);
}
END_TEST

/* --- many --- */

#define MANY 2000
#define SENDERS 8

static struct mtc *open_now[MANY];

static unsigned how_many(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return 100;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
	return l.rlim_cur > MANY + 100 ? MANY : (unsigned)l.rlim_cur - 100;
}

struct range {
	unsigned from, to;
	const struct mtc_message *msg;
};

static void *send_range(void *arg)
{
	const struct range *part = arg;

	for (unsigned i = part->from; i < part->to; i++) {
		struct mtc_result got = { 0 };

		mtc_send(open_now[i], part->msg, &got);
		is_passed(&got);
		mtc_result_free(&got);
		mtc_close(open_now[i]);
	}
	return NULL;
}

/* Open at the same time, with something said; a reload between. */
START_TEST(many_at_once)
{
	char *text = make_text(2000);
	struct mtc_message msg = message_of(text);
	unsigned n = how_many();
	pthread_t thread[SENDERS];
	struct range range[SENDERS];

	start_daemon(_i);
	for (unsigned i = 0; i < n; i++) {
		open_now[i] = open_mta(GOOD_IP, 0);
		mtc_timeout(open_now[i], 60000);
		mtc_macros(open_now[i], 'M', "x", "yz", NULL);
		ck_assert(mtc_flush(open_now[i]));
	}
	daemon_signal(&d, SIGHUP);
	ck_assert(daemon_logged(&d, "configuration reloaded", 20000));
	for (unsigned i = 0; i < SENDERS; i++) {
		range[i] = (struct range){ n * i / SENDERS,
			n * (i + 1) / SENDERS, &msg };
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, send_range, &range[i]), 0);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(daemon_log_count(&d, " dmarc=pass "), n);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stream");
	TCase *tc = tcase_create("stream");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(
	    tc, packets_in_pieces, 0, (int)MXA_ARRAY_LEN(pieces));
	/* _i: a UNIX socket, TCP */
	tcase_add_loop_test(tc, half_closed, 0, 2);
	tcase_add_loop_test(tc, abort_and_next_in_one_write, 0, 2);
	tcase_add_loop_test(tc, hangs_up_anywhere, 0, 2);
	tcase_add_loop_test(tc, many_at_once, 0, 2);
	suite_add_tcase(s, tc);
	return test_main(s);
}
