/* fuzz_readahead.c - a connection that is read ahead beside a model of it: the
 * bytes that were sent and not yet read.
 *
 * Each pair of input bytes is a step of the client or of the reader; after it
 * polls and reads must say what the kernel's would. */
#include "t/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/connections.h"
#include "milter/readahead.h"

#define ROOM 40000 /* less than a socket takes without a reader */

struct model {
	int client, server; /* client -1: closed */
	bool half_closed;
	size_t sent, got; /* bytes so far */
};

/* The nth byte that a client sends. */
static char nth_byte(size_t n)
{
	return (char)(n ^ n >> 8);
}

static void open_pair(struct model *m)
{
	int pair[2];

	require(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	*m = (struct model){ .client = pair[0], .server = pair[1] };
	require(connection_adopt(m->server));
	require(readahead_kept(m->server) == 0);
}

static void close_pair(struct model *m)
{
	if (m->client >= 0)
		close(m->client);
	require(readahead_close(m->server) == 0);
}

static bool can_send(const struct model *m)
{
	return m->client >= 0 && !m->half_closed;
}

static bool is_readable(const struct model *m)
{
	return m->sent > m->got || !can_send(m);
}

static void send_some(struct model *m, size_t n)
{
	static char text[ROOM];
	ssize_t sent;

	if (!can_send(m) || m->sent - m->got + n > ROOM)
		return;
	for (size_t i = 0; i < n; i++)
		text[i] = nth_byte(m->sent + i);
	/* a socket may be full of small pieces */
	sent = send(m->client, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent > 0)
		m->sent += (size_t)sent;
}

static void poll_one(const struct model *m)
{
	struct pollfd p = { .fd = m->server, .events = POLLIN | POLLPRI };
	int n = readahead_poll(&p, 1, 0);

	require(n == (is_readable(m) ? 1 : 0));
	require(n == 0 || (p.revents & POLLIN) != 0);
}

static void poll_two(const struct model *m)
{
	struct pollfd p[2] = { { .fd = -1, .events = POLLIN },
		{ .fd = m->server, .events = POLLIN | POLLOUT } };

	require(readahead_poll(p, 2, 0) == 1 || m->client < 0);
	require(((p[1].revents & POLLIN) != 0) == is_readable(m));
}

static void read_some(struct model *m, size_t want)
{
	static char text[ROOM];
	size_t left = m->sent - m->got;
	ssize_t n;

	if (want == 0 || !is_readable(m))
		return; /* it would wait */
	n = readahead_read(m->server, text, want);
	if (left == 0) {
		require(n == 0);
		return;
	}
	require(n > 0 && (size_t)n <= want && (size_t)n <= left);
	for (ssize_t i = 0; i < n; i++)
		require(text[i] == nth_byte(m->got + (size_t)i));
	m->got += (size_t)n;
}

static void end_client(struct model *m, bool half)
{
	if (m->client < 0)
		return;
	if (half) {
		require(shutdown(m->client, SHUT_WR) == 0);
		m->half_closed = true;
		return;
	}
	close(m->client);
	m->client = -1;
}

static void take_step(struct model *m, uint8_t what, uint8_t how)
{
	switch (what % 16) {
	case 0:
	case 1:
		send_some(m, how);
		break;
	case 2:
		send_some(m, (size_t)how * 130);
		break;
	case 3:
	case 4:
		poll_one(m);
		break;
	case 5:
		poll_two(m);
		break;
	case 6:
	case 7:
	case 8:
		poll_one(m);
		read_some(m, how % 9);
		break;
	case 9:
		read_some(m, how);
		break;
	case 10:
	case 11:
		poll_one(m);
		read_some(m, (size_t)how * 150);
		break;
	case 12:
		end_client(m, how % 2);
		break;
	case 13: /* the next client, whose number may be the same */
		close_pair(m);
		open_pair(m);
		break;
	default:
		send_some(m, how % 7);
		poll_one(m);
		read_some(m, 5);
		break;
	}
	require(readahead_kept(m->server) <= CONNECTION_BUFFER);
	require(readahead_kept(m->server) <= m->sent - m->got);
}

/* What is left arrives, whatever was done before. */
static void read_to_the_end(struct model *m)
{
	end_client(m, false);
	while (m->got < m->sent) {
		poll_one(m);
		read_some(m, 1000);
	}
	poll_one(m);
	read_some(m, 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model m;

	open_pair(&m);
	for (size_t i = 0; i + 1 < size && i < 2000; i += 2)
		take_step(&m, data[i], data[i + 1]);
	read_to_the_end(&m);
	close_pair(&m);
	return 0;
}
