/* check_answers.c - the parts of an answer leave in order and together; what
 * is no part of one leaves at once; a peer that does not read is waited for as
 * long as libmilter would. */
#include "t/support/testing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/answers.h"
#include "milter/connections.h"
#include "milter/readahead.h"

#define LONG_MS 20000

static int mta, fd;

static void setup(void)
{
	int pair[2];

	signal(SIGPIPE, SIG_DFL); /* it would end the test */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	mta = pair[0];
	fd = pair[1];
	ck_assert(connection_adopt(fd));
}

static void teardown(void)
{
	readahead_close(fd);
	if (mta >= 0)
		close(mta);
}

static int poll_to_write(int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int n = readahead_poll(&p, 1, ms);

	ck_assert_int_eq(p.revents, n > 0 ? POLLOUT : 0);
	return n;
}

/* One packet in libmilter's two pieces; what writev returned. */
static ssize_t write_packet_ms(char cmd, const char *data, size_t len, int ms)
{
	char head[5];
	uint32_t size = htonl((uint32_t)len + 1);
	struct iovec part[2] = { { head, sizeof(head) },
		{ (void *)(uintptr_t)data, len } };

	memcpy(head, &size, sizeof(size));
	head[4] = cmd;
	ck_assert_int_eq(poll_to_write(ms), 1);
	return answers_writev(fd, part, len > 0 ? 2 : 1);
}

static void write_packet(char cmd, const char *data, size_t len)
{
	ck_assert_int_eq(write_packet_ms(cmd, data, len, LONG_MS), len + 5);
}

/* What the MTA has received; "" if nothing. */
static const char *received(void)
{
	static char text[CONNECTION_BUFFER * 2 + 1];
	ssize_t n = recv(mta, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n < 0)
		n = 0;
	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = '.';
	text[n] = '\0';
	return text;
}

/* --- together --- */

static const char kinds[] = { 'i', 'h', 'm', 'q' };

START_TEST(changes_leave_with_the_reply)
{
	char want[64];

	write_packet(kinds[_i], "one", 3);
	ck_assert_str_eq(received(), "");
	write_packet('i', "two", 3);
	ck_assert_str_eq(received(), "");
	write_packet('c', NULL, 0);
	snprintf(want, sizeof(want), "...\4%cone...\4itwo...\1c", kinds[_i]);
	ck_assert_str_eq(received(), want);
	/* The next message on the connection. */
	write_packet('y', "550 no", 6);
	ck_assert_str_eq(received(), "...\7y550 no");
}
END_TEST

START_TEST(nothing_else_waits)
{
	write_packet('p', NULL, 0);
	ck_assert_str_eq(received(), "...\1p");
	write_packet('O', "negotiation", 11);
	ck_assert_str_eq(received(), "...\14Onegotiation");
	write_packet('q', "held", 4);
	write_packet('p', NULL, 0);
	ck_assert_str_eq(received(), "...\5qheld...\1p");
}
END_TEST

/* A filter that waits for its client, or hangs up, leaves nothing behind. */
START_TEST(reading_and_closing_send_what_waits)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char end;

	write_packet('i', "a", 1);
	ck_assert_int_eq(readahead_poll(&p, 1, 0), 0);
	ck_assert_str_eq(received(), "...\2ia");
	write_packet('i', "b", 1);
	readahead_close(fd);
	ck_assert_str_eq(received(), "...\2ib");
	ck_assert_int_eq(recv(mta, &end, 1, 0), 0);
	fd = -1;
}
END_TEST

/* The next connection of that number gets nothing of the last one. */
START_TEST(an_adopted_number_starts_empty)
{
	write_packet('i', "old", 3);
	ck_assert(connection_adopt(fd));
	write_packet('c', NULL, 0);
	ck_assert_str_eq(received(), "...\1c");
}
END_TEST

START_TEST(without_a_poll_nothing_waits)
{
	char head[5] = { 0, 0, 0, 2, 'i' };
	struct iovec part[2] = { { head, 5 }, { head, 1 } };

	ck_assert_int_eq(answers_writev(fd, part, 2), 6);
	ck_assert_str_eq(received(), "...\2i.");
}
END_TEST

/* --- much --- */

static void *read_slowly(void *arg)
{
	size_t *left = arg;
	static char got[1000];

	while (*left > 0) {
		ssize_t n = recv(mta, got, sizeof(got), 0);

		ck_assert_int_gt(n, 0);
		*left -= (size_t)n;
		if (*left % 7 == 0)
			usleep(200);
	}
	return NULL;
}

/* More than a buffer and more than a socket takes. */
START_TEST(long_answers)
{
	size_t len = _i == 0 ? CONNECTION_BUFFER - 5 : 60000, left;
	char *text = mxa_xmalloc(len);
	unsigned n = _i == 0 ? 3 : 40;
	pthread_t reader;

	memset(text, 'x', len);
	left = n * (len + 5) + 5;
	ck_assert_int_eq(pthread_create(&reader, NULL, read_slowly, &left), 0);
	for (unsigned i = 0; i < n; i++)
		write_packet('i', text, len);
	write_packet('c', NULL, 0);
	pthread_join(reader, NULL);
	ck_assert_uint_eq(left, 0);
	free(text);
}
END_TEST

/* In order, when the second does not fit beside the first. */
START_TEST(order_is_kept)
{
	static char text[CONNECTION_BUFFER];

	memset(text, 'y', sizeof(text));
	write_packet('i', "first", 5);
	write_packet('i', text, sizeof(text));
	write_packet('i', "last", 4);
	write_packet('c', NULL, 0);
	ck_assert_int_eq(strncmp(received(), "...\6ifirst..@\1iyyy", 17), 0);
	ck_assert_str_eq(received(), "");
}
END_TEST

/* --- trouble --- */

START_TEST(a_peer_that_does_not_read)
{
	static char text[60000];
	ssize_t n;

	do
		n = write_packet_ms('x', text, sizeof(text), 10);
	while (n > 0);
	ck_assert_int_eq(n, -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
}
END_TEST

START_TEST(a_peer_that_is_gone)
{
	close(mta);
	mta = -1;
	write_packet('i', "change", 6);
	ck_assert_int_eq(write_packet_ms('c', NULL, 0, LONG_MS), -1);
	ck_assert_int_eq(errno, EPIPE);
	/* Nothing is left over. */
	ck_assert(answers_send(connection_find(fd), fd));
}
END_TEST

START_TEST(others_are_left_alone)
{
	int ends[2];
	char head[5] = { 0, 0, 0, 1, 'i' }, got[8];
	struct iovec part = { head, 5 };
	struct pollfd p = { .events = POLLOUT };

	ck_assert_int_eq(pipe(ends), 0);
	p.fd = ends[1];
	ck_assert_int_eq(readahead_poll(&p, 1, LONG_MS), 1);
	ck_assert_int_eq(answers_writev(ends[1], &part, 1), 5);
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(read(ends[0], got, sizeof(got)), 5);
	ck_assert_int_eq(answers_writev(-1, &part, 1), -1);
	ck_assert_int_eq(errno, EBADF);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("answers");
	TCase *tc = tcase_create("answers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
	    tc, changes_leave_with_the_reply, 0, (int)sizeof(kinds));
	tcase_add_test(tc, nothing_else_waits);
	tcase_add_test(tc, reading_and_closing_send_what_waits);
	tcase_add_test(tc, an_adopted_number_starts_empty);
	tcase_add_test(tc, without_a_poll_nothing_waits);
	tcase_add_loop_test(tc, long_answers, 0, 2);
	tcase_add_test(tc, order_is_kept);
	tcase_add_test(tc, a_peer_that_does_not_read);
	tcase_add_test(tc, a_peer_that_is_gone);
	tcase_add_test(tc, others_are_left_alone);
	suite_add_tcase(s, tc);
	return test_main(s);
}
