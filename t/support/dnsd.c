/* dnsd.c - one thread with poll(2): UDP, TCP, and answers that wait. */
#include "t/support/dnsd.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/sysclock.h"
#include "base/table.h"
#include "t/support/dnsreply.h"

#define CONNECTIONS 256
#define FIXED 3 /* in the poll array: control pipe, UDP, TCP */
#define RECEIVE_BUFFER (4 << 20)

/* An answer that is sent later. */
struct later {
	TAILQ_ENTRY(later) link;
	uint64_t due_ms;
	struct sockaddr_storage to;
	socklen_t to_len;
	int tcp; /* -1: UDP */
	size_t len;
	uint8_t packet[];
};

struct counted {
	struct mxa_link link;
	struct mxa_str name;
	unsigned type;
	unsigned n;
};

struct conn {
	int fd;
	size_t got;
	uint8_t in[2 + 65535];
};

struct test_dnsd {
	struct reply_zone *zone;
	uint32_t delay_ms;
	unsigned hold; /* 0: not, or not any more */
	bool all_held;
	atomic_bool released; /* no question is held */
	struct sockaddr_storage addr;
	socklen_t addr_len;
	char server[80];
	int control[2]; /* a byte: release; closed: stop */
	int udp, tcp;
	struct conn *conns[CONNECTIONS];
	size_t n_conns;
	TAILQ_HEAD(later_queue, later) queue; /* in the order of 'due_ms' */
	struct reply reply;
	pthread_t thread;

	pthread_mutex_t lock; /* guards the counts */
	struct mxa_arena *arena;
	struct mxa_table names;
	unsigned questions, over_tcp, different;
	unsigned per_port[65536];
};

static const uint64_t key[2] = { 1, 2 };

static uint64_t now(void)
{
	return mxa_clock_ms(mxa_sysclock());
}

/* --- counts --- */

static struct counted *counted(
    struct test_dnsd *d, struct mxa_str name, unsigned type, bool make)
{
	uint64_t hash = mxa_table_hash(key, name.p, name.len, type);
	struct mxa_link *l = mxa_table_first(&d->names, hash);
	struct counted *c;

	for (; l != NULL; l = mxa_table_next(l)) {
		c = MXA_OWNER(l, struct counted, link);
		if (c->type == type && mxa_str_eq(c->name, name))
			return c;
	}
	if (!make)
		return NULL;
	c = mxa_arena_calloc(d->arena, 1, sizeof(*c));
	c->name = mxa_str_dup(d->arena, name);
	c->type = type;
	mxa_table_add(&d->names, &c->link, hash);
	return c;
}

static void count(
    struct test_dnsd *d, const struct sockaddr_storage *from, bool tcp)
{
	const struct sockaddr_in *a4 = (const void *)from;
	struct counted *c;

	pthread_mutex_lock(&d->lock);
	d->questions++;
	d->over_tcp += tcp;
	c = counted(d, mxa_str_from(d->reply.name), d->reply.type, true);
	d->different += c->n++ == 0;
	if (!tcp) /* the port stands in the same place for IPv6 */
		d->per_port[ntohs(a4->sin_port)]++;
	pthread_mutex_unlock(&d->lock);
}

unsigned test_dnsd_questions(struct test_dnsd *d)
{
	unsigned n;

	pthread_mutex_lock(&d->lock);
	n = d->questions;
	pthread_mutex_unlock(&d->lock);
	return n;
}

unsigned test_dnsd_tcp(struct test_dnsd *d)
{
	unsigned n;

	pthread_mutex_lock(&d->lock);
	n = d->over_tcp;
	pthread_mutex_unlock(&d->lock);
	return n;
}

unsigned test_dnsd_asked(
    struct test_dnsd *d, const char *name, enum mxa_dns_type type)
{
	struct counted *c;
	unsigned n;

	pthread_mutex_lock(&d->lock);
	c = counted(d, mxa_str_from(name), type, false);
	n = c != NULL ? c->n : 0;
	pthread_mutex_unlock(&d->lock);
	return n;
}

void test_dnsd_await(
    struct test_dnsd *d, const char *name, enum mxa_dns_type type, unsigned n)
{
	while (test_dnsd_asked(d, name, type) < n)
		usleep(1000);
}

unsigned test_dnsd_ports(struct test_dnsd *d, unsigned *most)
{
	unsigned n = 0;

	*most = 0;
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < MXA_ARRAY_LEN(d->per_port); i++) {
		n += d->per_port[i] > 0;
		if (d->per_port[i] > *most)
			*most = d->per_port[i];
	}
	pthread_mutex_unlock(&d->lock);
	return n;
}

/* --- sending --- */

static void send_now(struct test_dnsd *d, const struct later *l)
{
	if (l->tcp < 0)
		sendto(d->udp, l->packet, l->len, 0,
		    (const struct sockaddr *)&l->to, l->to_len);
	else if (send(l->tcp, l->packet, l->len, MSG_NOSIGNAL) < 0)
		return; /* it went away */
}

/* What waits for no time is due now. */
static void let_go(struct test_dnsd *d)
{
	struct later *l, *next;

	for (l = TAILQ_FIRST(&d->queue); l != NULL; l = next) {
		next = TAILQ_NEXT(l, link);
		if (l->due_ms != UINT64_MAX)
			continue;
		TAILQ_REMOVE(&d->queue, l, link);
		send_now(d, l);
		free(l);
	}
}

/* All have come that were waited for. */
static void end_hold(struct test_dnsd *d)
{
	if (d->hold == 0 || d->different < d->hold)
		return;
	d->hold = 0;
	let_go(d);
}

static void send_later(struct test_dnsd *d, struct later *l)
{
	struct later *before = TAILQ_LAST(&d->queue, later_queue);

	while (before != NULL && before->due_ms > l->due_ms)
		before = TAILQ_PREV(before, later_queue, link);
	if (before != NULL)
		TAILQ_INSERT_AFTER(&d->queue, before, l, link);
	else
		TAILQ_INSERT_HEAD(&d->queue, l, link);
}

static void send_packet(struct test_dnsd *d, const uint8_t *packet, size_t len,
    const struct sockaddr_storage *to, socklen_t to_len, int tcp)
{
	size_t head = tcp >= 0 ? 2 : 0;
	uint32_t delay = d->reply.delay_ms + d->delay_ms;
	bool held;
	struct later *l = mxa_xcalloc(1, sizeof(*l) + head + len);

	if (to != NULL)
		l->to = *to;
	l->to_len = to_len;
	l->tcp = tcp;
	l->len = head + len;
	if (head > 0) {
		l->packet[0] = (uint8_t)(len >> 8);
		l->packet[1] = (uint8_t)len;
	}
	memcpy(l->packet + head, packet, len);
	end_hold(d);
	held = d->hold > 0 || ((d->reply.held || d->all_held) && !d->released);
	l->due_ms = held ? UINT64_MAX : now() + delay;
	if (held || delay > 0) {
		send_later(d, l);
		return;
	}
	send_now(d, l);
	free(l);
}

static void send_due(struct test_dnsd *d)
{
	struct later *l;

	while ((l = TAILQ_FIRST(&d->queue)) != NULL && l->due_ms <= now()) {
		TAILQ_REMOVE(&d->queue, l, link);
		send_now(d, l);
		free(l);
	}
}

/* --- UDP --- */

static bool udp_one(struct test_dnsd *d)
{
	struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
	socklen_t from_len = sizeof(from);
	uint8_t packet[2048];
	ssize_t len = recvfrom(d->udp, packet, sizeof(packet), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &from_len);

	if (len < 0)
		return false;
	if (!reply_make(d->zone, packet, (size_t)len, false, &d->reply))
		return true;
	count(d, &from, false);
	for (size_t i = 0; i < d->reply.n; i++)
		send_packet(d, d->reply.packets[i], d->reply.len[i], &from,
		    from_len, -1);
	return true;
}

/* --- TCP --- */

static void conn_close(struct test_dnsd *d, size_t i)
{
	struct conn *c = d->conns[i];
	struct later *l, *next;

	for (l = TAILQ_FIRST(&d->queue); l != NULL; l = next) {
		next = TAILQ_NEXT(l, link);
		if (l->tcp == c->fd) {
			TAILQ_REMOVE(&d->queue, l, link);
			free(l);
		}
	}
	close(c->fd);
	free(c);
	d->conns[i] = d->conns[--d->n_conns];
}

/* A whole question; false: hang up. */
static bool conn_question(struct test_dnsd *d, struct conn *c, size_t len)
{
	struct sockaddr_storage nobody = { .ss_family = AF_UNSPEC };

	if (!reply_make(d->zone, c->in + 2, len, true, &d->reply))
		return false;
	if (d->reply.hangup) /* before it is counted: who sees that goes on */
		shutdown(c->fd, SHUT_RDWR);
	count(d, &nobody, true);
	if (d->reply.hangup)
		return false;
	for (size_t i = 0; i < d->reply.n; i++)
		send_packet(
		    d, d->reply.packets[i], d->reply.len[i], NULL, 0, c->fd);
	return true;
}

static void conn_read(struct test_dnsd *d, size_t i)
{
	struct conn *c = d->conns[i];
	ssize_t got = read(c->fd, c->in + c->got, sizeof(c->in) - c->got);
	size_t len;

	if (got <= 0) {
		conn_close(d, i);
		return;
	}
	c->got += (size_t)got;
	while (c->got >= 2) {
		len = (size_t)c->in[0] << 8 | c->in[1];
		if (c->got < 2 + len)
			return;
		if (!conn_question(d, c, len)) {
			conn_close(d, i);
			return;
		}
		c->got -= 2 + len;
		memmove(c->in, c->in + 2 + len, c->got);
	}
}

static void conn_accept(struct test_dnsd *d)
{
	int fd = accept(d->tcp, NULL, NULL);
	struct conn *c;

	if (fd < 0)
		return;
	if (d->n_conns == CONNECTIONS) {
		close(fd);
		return;
	}
	c = mxa_xcalloc(1, sizeof(*c));
	c->fd = fd;
	d->conns[d->n_conns++] = c;
}

/* --- the thread --- */

static int until_due(const struct test_dnsd *d)
{
	const struct later *l = TAILQ_FIRST(&d->queue);
	uint64_t t = now();

	if (l == NULL || l->due_ms == UINT64_MAX)
		return -1;
	return l->due_ms > t ? (int)(l->due_ms - t) : 0;
}

/* What the test's thread says; false: stop. */
static bool obey(struct test_dnsd *d, short revents)
{
	char byte;

	if (revents == 0)
		return true;
	if (read(d->control[0], &byte, 1) != 1)
		return false;
	let_go(d);
	return true;
}

static void *serve(void *arg)
{
	struct test_dnsd *d = arg;
	struct pollfd fds[FIXED + CONNECTIONS];

	for (;;) {
		size_t n = d->n_conns;

		fds[0] =
		    (struct pollfd){ .fd = d->control[0], .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = d->udp, .events = POLLIN };
		fds[2] = (struct pollfd){ .fd = d->tcp, .events = POLLIN };
		for (size_t i = 0; i < n; i++)
			fds[FIXED + i] = (struct pollfd){
				.fd = d->conns[i]->fd,
				.events = POLLIN,
			};
		if (poll(fds, FIXED + n, until_due(d)) < 0 && errno != EINTR)
			break;
		if (!obey(d, fds[0].revents))
			break;
		/* from the end: closing moves the last one down */
		for (size_t i = n; i-- > 0;)
			if (fds[FIXED + i].revents != 0)
				conn_read(d, i);
		if (fds[2].revents != 0)
			conn_accept(d);
		for (int i = 0; i < 200 && udp_one(d); i++)
			;
		send_due(d);
	}
	return NULL;
}

/* --- life --- */

static bool open_sockets(struct test_dnsd *d)
{
	struct sockaddr *sa = (struct sockaddr *)&d->addr;
	int buffer = RECEIVE_BUFFER, one = 1;

	d->udp = socket(sa->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	d->tcp = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (d->udp < 0 || d->tcp < 0)
		return false;
	setsockopt(d->tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* as much as we are allowed */
	setsockopt(d->udp, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (bind(d->tcp, sa, d->addr_len) != 0 ||
	    getsockname(d->tcp, sa, &d->addr_len) != 0 ||
	    bind(d->udp, sa, d->addr_len) != 0 || listen(d->tcp, 128) != 0)
		return false;
	return true;
}

static void close_sockets(struct test_dnsd *d)
{
	if (d->udp >= 0)
		close(d->udp);
	if (d->tcp >= 0)
		close(d->tcp);
	d->udp = d->tcp = -1;
}

static void set_address(struct test_dnsd *d, const struct test_dnsd_options *o)
{
	const char *text = o->address ? o->address : "127.0.0.1";
	struct sockaddr_in6 *a6 = (void *)&d->addr;
	struct sockaddr_in *a4 = (void *)&d->addr;

	memset(&d->addr, 0, sizeof(d->addr));
	if (inet_pton(AF_INET6, text, &a6->sin6_addr) == 1) {
		a6->sin6_family = AF_INET6;
		a6->sin6_port = htons((uint16_t)o->port);
		d->addr_len = sizeof(*a6);
	} else {
		memset(&d->addr, 0, sizeof(d->addr));
		inet_pton(AF_INET, text, &a4->sin_addr);
		a4->sin_family = AF_INET;
		a4->sin_port = htons((uint16_t)o->port);
		d->addr_len = sizeof(*a4);
	}
}

/* The free TCP port may be taken for UDP: then another one. */
static bool find_port(struct test_dnsd *d, const struct test_dnsd_options *o)
{
	const char *text = o->address ? o->address : "127.0.0.1";

	for (int i = 0; i < 20; i++) {
		set_address(d, o);
		if (open_sockets(d)) {
			snprintf(d->server, sizeof(d->server),
			    d->addr.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u",
			    text, test_dnsd_port(d));
			return true;
		}
		close_sockets(d);
		if (o->port != 0)
			break;
	}
	return false;
}

static bool start_thread(struct test_dnsd *d)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&d->thread, NULL, serve, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

static void dnsd_free(struct test_dnsd *d)
{
	struct later *l;

	while (d->n_conns > 0)
		conn_close(d, 0);
	while ((l = TAILQ_FIRST(&d->queue)) != NULL) {
		TAILQ_REMOVE(&d->queue, l, link);
		free(l);
	}
	close_sockets(d);
	if (d->control[0] >= 0) {
		close(d->control[0]);
		close(d->control[1]);
	}
	reply_zone_free(d->zone);
	mxa_table_done(&d->names);
	mxa_arena_free(d->arena);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

struct test_dnsd *test_dnsd_new(
    struct mxa_str zone, const struct test_dnsd_options *o, char **error)
{
	static const struct test_dnsd_options none;
	struct test_dnsd *d = mxa_xcalloc(1, sizeof(*d));

	if (o == NULL)
		o = &none;
	d->udp = d->tcp = d->control[0] = d->control[1] = -1;
	d->delay_ms = o->delay_ms;
	d->hold = o->hold;
	d->all_held = o->held;
	TAILQ_INIT(&d->queue);
	pthread_mutex_init(&d->lock, NULL);
	mxa_table_init(&d->names);
	d->arena = mxa_arena_new();
	*error = NULL;
	d->zone = reply_zone_new(zone, error);
	if (d->zone == NULL) {
		dnsd_free(d);
		return NULL;
	}
	if (find_port(d, o) && pipe2(d->control, O_CLOEXEC) == 0 &&
	    start_thread(d))
		return d;
	*error = mxa_xstrdup(strerror(errno));
	dnsd_free(d);
	return NULL;
}

struct test_dnsd *test_dnsd_start(
    struct mxa_str zone, const struct test_dnsd_options *o)
{
	char *error;
	struct test_dnsd *d = test_dnsd_new(zone, o, &error);

	ck_assert_msg(d != NULL, "dnsd: %s", error);
	return d;
}

void test_dnsd_stop(struct test_dnsd *d)
{
	if (d == NULL)
		return;
	close(d->control[1]);
	d->control[1] = -1;
	pthread_join(d->thread, NULL);
	close(d->control[0]);
	d->control[0] = -1;
	dnsd_free(d);
}

void test_dnsd_release(struct test_dnsd *d)
{
	d->released = true;
	ck_assert_int_eq(write(d->control[1], "", 1), 1);
}

void test_dnsd_hold(struct test_dnsd *d)
{
	d->released = false;
}

const char *test_dnsd_server(const struct test_dnsd *d)
{
	return d->server;
}

unsigned test_dnsd_port(const struct test_dnsd *d)
{
	/* the port stands in the same place for IPv6 */
	return ntohs(
	    ((const struct sockaddr_in *)(const void *)&d->addr)->sin_port);
}
