/* check_readahead.c - a connection that is read ahead gives the same bytes, the
 * same end and the same errors as one that is not, and no data waits unseen.
 *
 * The reader below is libmilter's: poll, the length and command of a packet,
 * poll, its data (t/unit/milter/check_daemon.c has the real one). */
#include "t/support/testing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "milter/connections.h"
#include "milter/readahead.h"

#define LONG_MS 20000 /* longer than any of these tests */
#define SOON_MS 20    /* nothing comes */

static int listener, client, server;
static char dir[64];

/* --- both ends of a connection --- */

static socklen_t make_address(bool inet, struct sockaddr_storage *out)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)out;
	struct sockaddr_un *sun = (struct sockaddr_un *)out;

	*out = (struct sockaddr_storage){ 0 };
	if (inet) {
		sin->sin_family = AF_INET;
		sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(*sin);
	}
	sun->sun_family = AF_UNIX;
	snprintf(sun->sun_path, sizeof(sun->sun_path), "%s/s", dir);
	return sizeof(*sun);
}

static int start_listening(bool inet)
{
	struct sockaddr_storage address;
	socklen_t len = make_address(inet, &address);
	int fd = socket(address.ss_family, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, 1024), 0);
	return fd;
}

/* A client's end; '*accepted' is ours. */
static int connect_to(int to, int *accepted)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int fd;

	ck_assert_int_eq(getsockname(to, (struct sockaddr *)&address, &len), 0);
	fd = socket(address.ss_family, SOCK_STREAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, len), 0);
	*accepted = readahead_accept(to, NULL, NULL);
	ck_assert_int_ge(*accepted, 0);
	return fd;
}

static void open_connection(bool inet)
{
	listener = start_listening(inet);
	readahead_listen(listener);
	client = connect_to(listener, &server);
}

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_readahead.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	listener = client = server = -1;
}

static void teardown(void)
{
	char path[80];

	readahead_close(server);
	close(client);
	close(listener);
	readahead_listen(-1);
	snprintf(path, sizeof(path), "%s/s", dir);
	unlink(path);
	rmdir(dir);
}

static void send_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		ck_assert_int_gt(n, 0);
		p += n;
		len -= (size_t)n;
	}
}

static int poll_for(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n = readahead_poll(&p, 1, ms);

	ck_assert_int_eq(n, p.revents != 0);
	return n;
}

/* --- libmilter's reader --- */

/* False: the end came first. */
static bool read_exactly(int fd, char *to, size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n;

		ck_assert_int_eq(poll_for(fd, POLLIN | POLLPRI, LONG_MS), 1);
		n = readahead_read(fd, to + at, len - at);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static size_t put_packet(char *to, char cmd, const char *data, size_t len)
{
	uint32_t size = htonl((uint32_t)len + 1);

	memcpy(to, &size, sizeof(size));
	to[4] = cmd;
	memcpy(to + 5, data, len);
	return len + 5;
}

static void expect_packet(int fd, char cmd, const char *data, size_t len)
{
	char *got = mxa_xmalloc(len + 1);
	uint32_t size;
	char head[5];

	ck_assert(read_exactly(fd, head, sizeof(head)));
	memcpy(&size, head, sizeof(size));
	ck_assert_uint_eq(ntohl(size), len + 1);
	ck_assert_int_eq(head[4], cmd);
	ck_assert(read_exactly(fd, got, len));
	ck_assert_int_eq(memcmp(got, data, len), 0);
	free(got);
}

static const char *const header[] = { "From\0 a@example.com", "To\0 b",
	"Subject\0 Hi", "" };
static const size_t header_len[] = { 19, 5, 11, 0 };

static size_t put_header(char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < MXA_ARRAY_LEN(header); i++)
		n += put_packet(to + n, 'L', header[i], header_len[i]);
	return n;
}

static void expect_header(int fd)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(header); i++)
		expect_packet(fd, 'L', header[i], header_len[i]);
}

/* --- streams --- */

START_TEST(several_packets_at_once)
{
	char text[200];
	size_t n = put_header(text);

	open_connection(_i);
	send_all(client, text, n);
	expect_packet(server, 'L', header[0], header_len[0]);
	ck_assert_uint_eq(readahead_kept(server), n - header_len[0] - 5);
	for (size_t i = 1; i < MXA_ARRAY_LEN(header); i++)
		expect_packet(server, 'L', header[i], header_len[i]);
	ck_assert_uint_eq(readahead_kept(server), 0);
	ck_assert_int_eq(poll_for(server, POLLIN, 0), 0);
}
END_TEST

struct pieces {
	const char *text;
	size_t len, split; /* split 0: every byte alone */
};

static void *send_pieces(void *arg)
{
	const struct pieces *p = arg;

	if (p->split > 0) {
		send_all(client, p->text, p->split);
		usleep(1000);
		send_all(client, p->text + p->split, p->len - p->split);
		return NULL;
	}
	for (size_t i = 0; i < p->len; i++)
		send_all(client, p->text + i, 1);
	return NULL;
}

START_TEST(split_at_every_byte)
{
	char text[200];
	struct pieces p = { .text = text, .len = put_header(text) };
	pthread_t sender;

	open_connection(_i);
	for (p.split = 0; p.split <= p.len; p.split++) {
		ck_assert_int_eq(
		    pthread_create(&sender, NULL, send_pieces, &p), 0);
		expect_header(server);
		pthread_join(sender, NULL);
		ck_assert_uint_eq(readahead_kept(server), 0);
	}
}
END_TEST

static char *random_bytes(size_t n)
{
	char *p = mxa_xmalloc(n);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 2654435761u >> 13);
	return p;
}

/* Around the size of the buffer, and packets that are much longer. */
static const size_t body_sizes[] = { CONNECTION_BUFFER - 6,
	CONNECTION_BUFFER - 5, CONNECTION_BUFFER - 4, CONNECTION_BUFFER,
	CONNECTION_BUFFER + 1, 65535, 199990 };

struct sender {
	char *text;
	size_t len;
};

static void *send_text(void *arg)
{
	struct sender *s = arg;

	send_all(client, s->text, s->len);
	return NULL;
}

START_TEST(long_packets)
{
	size_t len = body_sizes[_i / 2];
	char *body = random_bytes(len), *text = mxa_xmalloc(3 * len + 400);
	struct sender s = { .text = text };
	pthread_t sender;

	open_connection(_i % 2);
	s.len = put_header(text);
	for (int i = 0; i < 3; i++)
		s.len += put_packet(text + s.len, 'B', body, len);
	s.len += put_header(text + s.len);
	ck_assert_int_eq(pthread_create(&sender, NULL, send_text, &s), 0);
	expect_header(server);
	for (int i = 0; i < 3; i++)
		expect_packet(server, 'B', body, len);
	expect_header(server);
	pthread_join(sender, NULL);
	free(body);
	free(text);
}
END_TEST

/* --- polls --- */

/* All threads that poll hear of what is kept, at once. */
START_TEST(kept_data_is_seen_by_every_poll)
{
	char text[200];
	int other[2];
	struct pollfd p[3];

	open_connection(_i);
	ck_assert_int_eq(pipe(other), 0);
	send_all(client, text, put_header(text));
	expect_packet(server, 'L', header[0], header_len[0]);
	p[0] = (struct pollfd){ .fd = other[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = server, .events = POLLIN | POLLPRI };
	p[2] = (struct pollfd){ .fd = -1, .events = POLLIN };
	ck_assert_int_eq(readahead_poll(p, 3, LONG_MS), 1);
	ck_assert_int_eq(p[0].revents, 0);
	ck_assert_int_eq(p[1].revents, POLLIN);
	ck_assert_int_eq(p[2].revents, 0);
	/* Others are not starved. */
	ck_assert_int_eq(write(other[1], "x", 1), 1);
	ck_assert_int_eq(readahead_poll(p, 3, -1), 2);
	ck_assert_int_eq(p[0].revents, POLLIN);
	ck_assert_int_eq(p[1].revents, POLLIN);
	/* One that asks to write as well. */
	p[1].events = POLLIN | POLLOUT;
	ck_assert_int_eq(readahead_poll(&p[1], 1, LONG_MS), 1);
	ck_assert_int_eq(p[1].revents, POLLIN | POLLOUT);
	close(other[0]);
	close(other[1]);
}
END_TEST

/* A poll of several does not fetch: another thread may read. */
START_TEST(the_watcher_fetches_nothing)
{
	char text[200];
	struct pollfd p[2] = { { .fd = -1 }, { .events = POLLIN } };

	open_connection(_i);
	p[1].fd = server;
	send_all(client, text, put_header(text));
	ck_assert_int_eq(readahead_poll(p, 2, LONG_MS), 1);
	ck_assert_int_eq(p[1].revents, POLLIN);
	ck_assert_uint_eq(readahead_kept(server), 0);
	expect_header(server);
}
END_TEST

START_TEST(a_silent_client_times_out)
{
	open_connection(_i);
	ck_assert_int_eq(poll_for(server, POLLIN | POLLPRI, SOON_MS), 0);
	ck_assert_int_eq(poll_for(server, POLLIN, 0), 0);
	send_all(client, "\0\0", 2);
	ck_assert_int_eq(poll_for(server, POLLIN, LONG_MS), 1);
	ck_assert_int_eq(readahead_read(server, dir, 5), 2);
	ck_assert_int_eq(poll_for(server, POLLIN, SOON_MS), 0);
	ck_assert_uint_eq(readahead_kept(server), 0);
	ck_assert_int_eq(poll_for(server, POLLOUT, LONG_MS), 1);
}
END_TEST

/* Without a poll before it a read waits, and takes what was asked for. */
START_TEST(reads_without_a_poll)
{
	char text[200], got[5];
	size_t n = put_header(text);

	open_connection(_i);
	send_all(client, text, n);
	ck_assert_int_eq(readahead_read(server, got, 5), 5);
	ck_assert_uint_eq(readahead_kept(server), 0);
	ck_assert_int_eq(poll_for(server, POLLIN, LONG_MS), 1);
	ck_assert_uint_eq(readahead_kept(server), n - 5);
}
END_TEST

static void *send_later(void *arg)
{
	(void)arg;
	usleep(20000);
	send_all(client, "x", 1);
	return NULL;
}

/* A poll that was spurious: the read waits as that of the kernel does. */
START_TEST(a_read_of_nothing_waits)
{
	pthread_t sender;
	char got[5];

	open_connection(_i);
	ck_assert_int_eq(poll_for(server, POLLIN, 0), 0);
	ck_assert_int_eq(pthread_create(&sender, NULL, send_later, NULL), 0);
	ck_assert_int_eq(readahead_read(server, got, 5), 1);
	pthread_join(sender, NULL);
	ck_assert_int_eq(fcntl(server, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(readahead_read(server, got, 5), -1);
	ck_assert_int_eq(errno, EAGAIN);
}
END_TEST

/* --- the end --- */

/* What was sent before the end arrives; the end stays. */
START_TEST(the_end_comes_last)
{
	char text[200], got[8];
	struct pollfd p[2] = { { .fd = -1 }, { .events = POLLIN } };

	open_connection(_i % 2);
	p[1].fd = server;
	send_all(client, text, put_header(text));
	if (_i < 2)
		close(client);
	else
		shutdown(client, SHUT_WR);
	expect_header(server);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(poll_for(server, POLLIN, LONG_MS), 1);
		ck_assert_int_eq(readahead_read(server, got, 5), 0);
		ck_assert_int_eq(readahead_poll(p, 2, LONG_MS), 1);
	}
	if (_i < 2) {
		client = -1;
		return;
	}
	/* A half-closed client still gets its answer. */
	ck_assert_int_eq(poll_for(server, POLLOUT, LONG_MS), 1);
	send_all(server, "answer", 6);
	ck_assert_int_eq(recv(client, got, sizeof(got), 0), 6);
}
END_TEST

/* In the middle of a packet. */
START_TEST(an_end_within_a_packet)
{
	char text[200];

	open_connection(_i);
	(void)put_header(text);
	send_all(client, text, 12);
	close(client);
	client = -1;
	ck_assert(read_exactly(server, text, 5));
	ck_assert(!read_exactly(server, text, header_len[0]));
}
END_TEST

START_TEST(a_reset_is_told)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	char got[5];

	open_connection(true);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(client);
	client = -1;
	ck_assert_int_eq(poll_for(server, POLLIN, LONG_MS), 1);
	ck_assert_int_eq(readahead_read(server, got, 5), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	ck_assert_int_eq(poll_for(server, POLLIN, LONG_MS), 1);
	ck_assert_int_eq(readahead_read(server, got, 5), 0);
}
END_TEST

/* --- descriptors --- */

/* The next connection of the same number sees nothing of the last one. */
START_TEST(a_number_is_used_again)
{
	char text[200], got[8];
	int first, pair[2];
	size_t n = put_header(text);

	open_connection(_i);
	first = server;
	send_all(client, text, n);
	expect_packet(server, 'L', header[0], header_len[0]);
	ck_assert_uint_gt(readahead_kept(server), 0);
	ck_assert_int_eq(readahead_close(server), 0);
	close(client);
	client = connect_to(listener, &server);
	if (server != first) /* the client has it */
		first = server;
	ck_assert_uint_eq(readahead_kept(server), 0);
	ck_assert_int_eq(poll_for(server, POLLIN, 0), 0);
	send_all(client, text, n);
	expect_header(server);
	/* Then somebody else's. */
	send_all(client, text, n);
	ck_assert_int_eq(poll_for(server, POLLIN, LONG_MS), 1);
	ck_assert_int_eq(readahead_close(server), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	if (pair[0] != first)
		ck_assert_int_eq(dup2(pair[0], first), first);
	ck_assert_int_eq(poll_for(first, POLLIN, 0), 0);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	ck_assert_int_eq(poll_for(first, POLLIN, LONG_MS), 1);
	ck_assert_uint_eq(readahead_kept(first), 0);
	ck_assert_int_eq(readahead_read(first, got, 5), 1);
	if (pair[0] != first)
		close(pair[0]);
	close(pair[1]);
	server = first;
}
END_TEST

/* One that was closed by other means. */
START_TEST(an_adopted_number_starts_empty)
{
	char text[200];

	open_connection(_i);
	send_all(client, text, put_header(text));
	expect_packet(server, 'L', header[0], header_len[0]);
	ck_assert(connection_adopt(server));
	ck_assert_uint_eq(readahead_kept(server), 0);
	ck_assert_int_eq(poll_for(server, POLLIN, 0), 0);
}
END_TEST

START_TEST(others_are_left_alone)
{
	int ends[2], strange = start_listening(true), accepted, own;
	char text[200], got[8];

	open_connection(_i);
	own = connect_to(strange, &accepted); /* not from our listener */
	send_all(own, text, put_header(text));
	ck_assert_int_eq(poll_for(accepted, POLLIN, LONG_MS), 1);
	ck_assert_int_eq(readahead_read(accepted, got, 5), 5);
	ck_assert_uint_eq(readahead_kept(accepted), 0);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "abc", 3), 3);
	ck_assert_int_eq(poll_for(ends[0], POLLIN, LONG_MS), 1);
	ck_assert_int_eq(readahead_read(ends[0], got, 2), 2);
	ck_assert_int_eq(readahead_read(ends[0], got, 2), 1);
	ck_assert_int_eq(readahead_close(ends[0]), 0);
	ck_assert_int_eq(readahead_close(ends[0]), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(readahead_read(-1, got, 2), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(readahead_poll(NULL, 0, 0), 0);
	ck_assert(!connection_adopt(-1));
	ck_assert(!connection_adopt(1 << 30));
	close(ends[1]);
	close(own);
	close(accepted);
	close(strange);
}
END_TEST

/* --- many --- */

#define MANY 2000
#define READERS 8

static int clients[MANY], servers[MANY];

static unsigned how_many(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return 100;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
	return l.rlim_cur > 2 * MANY + 50 ? MANY
					  : (unsigned)(l.rlim_cur - 50) / 2;
}

struct range {
	unsigned from, to;
};

static void *read_range(void *arg)
{
	const struct range *r = arg;

	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = r->from; i < r->to; i++)
			expect_header(servers[i]);
	return NULL;
}

START_TEST(many_connections)
{
	struct pollfd *all = mxa_xcalloc(MANY, sizeof(*all));
	unsigned n = how_many();
	pthread_t reader[READERS];
	struct range range[READERS];
	char text[200];
	size_t len = put_header(text);

	listener = start_listening(_i);
	readahead_listen(listener);
	for (unsigned i = 0; i < n; i++) {
		clients[i] = connect_to(listener, &servers[i]);
		send_all(clients[i], text, len);
		all[i] = (struct pollfd){ servers[i], POLLIN, 0 };
	}
	ck_assert_int_eq(readahead_poll(all, n, LONG_MS), (int)n);
	for (unsigned i = 0; i < READERS; i++) {
		range[i] =
		    (struct range){ n * i / READERS, n * (i + 1) / READERS };
		ck_assert_int_eq(
		    pthread_create(&reader[i], NULL, read_range, &range[i]), 0);
	}
	for (unsigned i = 0; i < n; i++)
		send_all(clients[i], text, len);
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(reader[i], NULL);
	ck_assert_int_eq(readahead_poll(all, n, 0), 0);
	for (unsigned i = 0; i < n; i++) {
		ck_assert_int_eq(readahead_close(servers[i]), 0);
		close(clients[i]);
	}
	free(all);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("readahead");
	TCase *tc = tcase_create("readahead");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	/* _i % 2: a UNIX socket, TCP */
	tcase_add_loop_test(tc, several_packets_at_once, 0, 2);
	tcase_add_loop_test(tc, split_at_every_byte, 0, 2);
	tcase_add_loop_test(
	    tc, long_packets, 0, 2 * (int)MXA_ARRAY_LEN(body_sizes));
	tcase_add_loop_test(tc, kept_data_is_seen_by_every_poll, 0, 2);
	tcase_add_loop_test(tc, the_watcher_fetches_nothing, 0, 2);
	tcase_add_loop_test(tc, a_silent_client_times_out, 0, 2);
	tcase_add_loop_test(tc, reads_without_a_poll, 0, 2);
	tcase_add_loop_test(tc, a_read_of_nothing_waits, 0, 2);
	tcase_add_loop_test(tc, the_end_comes_last, 0, 4);
	tcase_add_loop_test(tc, an_end_within_a_packet, 0, 2);
	tcase_add_test(tc, a_reset_is_told);
	tcase_add_loop_test(tc, a_number_is_used_again, 0, 2);
	tcase_add_loop_test(tc, an_adopted_number_starts_empty, 0, 2);
	tcase_add_loop_test(tc, others_are_left_alone, 0, 2);
	tcase_add_loop_test(tc, many_connections, 0, 2);
	suite_add_tcase(s, tc);
	return test_main(s);
}
