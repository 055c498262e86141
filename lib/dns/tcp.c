/* tcp.c - one connection for one question, after truncation (RFC 7766). */
#include <stdlib.h>

#include "base/arena.h"
#include "dns/resolver.h"

#define CONNECTIONS 64 /* at once; beyond, tries wait */
#define LENGTH 2       /* octets in front of each packet */

struct mxa_tcp {
	TAILQ_ENTRY(mxa_tcp) waiting;
	uv_tcp_t tcp;
	uv_connect_t connect;
	uv_write_t write;
	struct mxa_try *try; /* NULL: it has left, this is closing */
	struct mxa_stub *stub;
	enum { IDLE, WAITING, OPEN } state; /* OPEN: counted in n_tcp */
	uint8_t out[LENGTH + MXA_WIRE_QUERY];
	uint8_t head[LENGTH];
	uint8_t *in; /* 'size' octets, once the head is there */
	size_t size;
	size_t got; /* of head, then of in */
};

static void handle_freed(uv_handle_t *h)
{
	struct mxa_tcp *c = h->data;

	free(c->in);
	free(c);
}

static void connection_lost(struct mxa_tcp *c)
{
	if (c->try != NULL)
		mxa_query_lost(c->try);
}

/* The room that is left: of the length, then of the packet. */
static void give_room(uv_handle_t *h, size_t hint, uv_buf_t *out)
{
	struct mxa_tcp *c = h->data;

	(void)hint;
	if (c->in == NULL)
		*out = uv_buf_init(
		    (char *)c->head + c->got, (unsigned)(LENGTH - c->got));
	else
		*out = uv_buf_init(
		    (char *)c->in + c->got, (unsigned)(c->size - c->got));
}

static void got_some(uv_stream_t *h, ssize_t len, const uv_buf_t *buf)
{
	struct mxa_tcp *c = h->data;

	(void)buf;
	if (len < 0) {
		connection_lost(c);
		return;
	}
	c->got += (size_t)len;
	if (c->in == NULL && c->got == LENGTH) {
		c->size = (size_t)c->head[0] << 8 | c->head[1];
		c->in = mxa_xmalloc(c->size);
		c->got = 0;
	}
	if (c->in != NULL && c->got == c->size && c->try != NULL) {
		uv_read_stop(h);
		mxa_query_received(c->try, c->in, c->size, true);
	}
}

static void write_done(uv_write_t *w, int rc)
{
	if (rc != 0)
		connection_lost(w->data);
}

static void connect_done(uv_connect_t *request, int rc)
{
	struct mxa_tcp *c = request->data;
	struct mxa_wire_question q;
	uv_buf_t buf;
	size_t len;

	if (c->try == NULL)
		return;
	if (rc != 0) {
		connection_lost(c);
		return;
	}
	mxa_query_wire(c->try, &q);
	len = mxa_wire_ask(&q, c->out + LENGTH);
	c->out[0] = (uint8_t)(len >> 8);
	c->out[1] = (uint8_t)len;
	buf = uv_buf_init((char *)c->out, (unsigned)(LENGTH + len));
	if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, write_done) !=
		0 ||
	    uv_read_start((uv_stream_t *)&c->tcp, give_room, got_some) != 0)
		connection_lost(c);
}

/* False: the system refuses.  A try that had to wait for its place then stays
 * without a connection, and its question goes on when its time comes. */
static bool start_connection(struct mxa_tcp *c)
{
	const struct sockaddr *addr =
	    (const struct sockaddr *)&c->try->server->addr;

	if (uv_tcp_connect(&c->connect, &c->tcp, addr, connect_done) != 0)
		return false;
	c->state = OPEN;
	c->stub->n_tcp++;
	return true;
}

bool mxa_tcp_send(struct mxa_try *t)
{
	struct mxa_stub *s = t->server->stub;
	struct mxa_tcp *c = mxa_xcalloc(1, sizeof(*c));

	c->stub = s;
	c->try = t;
	c->tcp.data = c->connect.data = c->write.data = c;
	if (uv_tcp_init(&s->loop, &c->tcp) != 0) {
		free(c);
		return false;
	}
	t->state = MXA_TRY_TCP;
	t->tcp = c;
	if (s->n_tcp >= CONNECTIONS) {
		c->state = WAITING;
		TAILQ_INSERT_TAIL(&s->tcp_waiting, c, waiting);
	} else if (!start_connection(c)) {
		mxa_tcp_leave(t);
		return false;
	}
	return true;
}

/* A place came free. */
static void start_next(struct mxa_stub *s)
{
	struct mxa_tcp *next;

	while (s->n_tcp < CONNECTIONS &&
	    (next = TAILQ_FIRST(&s->tcp_waiting)) != NULL) {
		TAILQ_REMOVE(&s->tcp_waiting, next, waiting);
		next->state = IDLE;
		start_connection(next);
	}
}

void mxa_tcp_leave(struct mxa_try *t)
{
	struct mxa_tcp *c = t->tcp;
	struct mxa_stub *s = c->stub;
	bool was_open = c->state == OPEN;

	if (c->state == WAITING)
		TAILQ_REMOVE(&s->tcp_waiting, c, waiting);
	c->try = NULL;
	t->tcp = NULL;
	uv_close((uv_handle_t *)&c->tcp, handle_freed);
	if (was_open) {
		s->n_tcp--;
		start_next(s);
	}
}
