/* udp.c - connected sockets on random ports.
 *
 * Each question has its own socket, which is closed with it: who forges an
 * answer must guess 16 bits of id and nearly 16 bits of port (RFC 5452).  When
 * very many questions are in flight they share sockets, chosen at random, and
 * no socket lives longer than the questions for which it was opened.
 *
 * A server's receive buffer holds about 270 small packets.  So at most YOUNG
 * packets may be unanswered and younger than YOUNG_MS; the others wait in a
 * queue, first tries before repeated ones.  A server that answers gets the next
 * packet at once; a server that must search for its answers gets about 10,000 a
 * second. */
#include <netinet/in.h>
#include <stdlib.h>

#include "base/arena.h"
#include "dns/resolver.h"

#define PORTS 128      /* sockets for each server */
#define PORT_TRIES 128 /* questions that may share one */
#define LOWEST_PORT 10000
#define BIND_TRIES 10
#define YOUNG 192
#define YOUNG_MS 20

struct mxa_port {
	LIST_ENTRY(mxa_port) of_server;
	uv_udp_t udp;
	struct mxa_server *server;
	struct mxa_try_list tries;
	unsigned n_tries;
	unsigned served; /* tries in its whole life */
};

/* --- sockets --- */

static void port_freed(uv_handle_t *h)
{
	free(h->data);
}

static void port_close(struct mxa_port *p)
{
	LIST_REMOVE(p, of_server);
	p->server->n_ports--;
	uv_close((uv_handle_t *)&p->udp, port_freed);
}

/* All packets of one loop turn share one buffer: each is read before the next
 * comes. */
static void give_buffer(uv_handle_t *h, size_t hint, uv_buf_t *out)
{
	struct mxa_port *p = h->data;

	(void)hint;
	*out = uv_buf_init(p->server->stub->packet, MXA_PACKET);
}

static void port_lost(struct mxa_port *p)
{
	struct mxa_try *t;

	p->served = PORT_TRIES; /* nobody joins meanwhile */
	while ((t = LIST_FIRST(&p->tries)) != NULL)
		mxa_query_lost(t);
}

static void packet_received(uv_udp_t *h, ssize_t len, const uv_buf_t *buf,
    const struct sockaddr *from, unsigned flags)
{
	struct mxa_port *p = h->data;
	const uint8_t *packet = (const uint8_t *)buf->base;
	struct mxa_try *t;
	uint16_t id;

	if (len < 0) {
		port_lost(p);
		return;
	}
	if (from == NULL || len < 2 || (flags & UV_UDP_PARTIAL))
		return;
	id = (uint16_t)(packet[0] << 8 | packet[1]);
	LIST_FOREACH (t, &p->tries, of_port) {
		if (t->id == id) {
			mxa_query_received(t, packet, (size_t)len, false);
			return;
		}
	}
}

static uint16_t random_u16(struct mxa_stub *s)
{
	uint16_t value;

	mxa_stub_random(s, &value, sizeof(value));
	return value;
}

/* On a random port, or on one of the system's choice when all are taken. */
static int port_bind(struct mxa_port *p)
{
	struct sockaddr_storage any = {
		.ss_family = p->server->addr.ss_family,
	};
	struct sockaddr_in6 *a6 = (void *)&any;
	struct sockaddr_in *a4 = (void *)&any;
	int rc = UV_EADDRINUSE;

	for (int i = 0; i <= BIND_TRIES && rc == UV_EADDRINUSE; i++) {
		uint16_t port = (uint16_t)(LOWEST_PORT +
		    random_u16(p->server->stub) % (65536 - LOWEST_PORT));

		if (i == BIND_TRIES)
			port = 0;
		if (any.ss_family == AF_INET6)
			a6->sin6_port = htons(port);
		else
			a4->sin_port = htons(port);
		rc = uv_udp_bind(&p->udp, (struct sockaddr *)&any, 0);
	}
	return rc;
}

static struct mxa_port *port_open(struct mxa_server *server, int *rc)
{
	struct mxa_port *p = mxa_xcalloc(1, sizeof(*p));

	*rc = uv_udp_init(&server->stub->loop, &p->udp);
	if (*rc != 0) {
		free(p);
		return NULL;
	}
	p->udp.data = p;
	p->server = server;
	LIST_INIT(&p->tries);
	LIST_INSERT_HEAD(&server->ports, p, of_server);
	server->n_ports++;
	*rc = port_bind(p);
	if (*rc == 0)
		*rc = uv_udp_connect(
		    &p->udp, (const struct sockaddr *)&server->addr);
	if (*rc == 0)
		*rc = uv_udp_recv_start(&p->udp, give_buffer, packet_received);
	if (*rc == 0)
		return p;
	port_close(p);
	return NULL;
}

/* An open socket that takes another question, chosen at random. */
static struct mxa_port *port_shared(struct mxa_server *server)
{
	struct mxa_port *p, *found = NULL;
	unsigned n = 0;

	LIST_FOREACH (p, &server->ports, of_server)
		n += p->served < PORT_TRIES;
	if (n == 0)
		return NULL;
	n = random_u16(server->stub) % n;
	LIST_FOREACH (p, &server->ports, of_server)
		if (p->served < PORT_TRIES && n-- == 0)
			found = p;
	return found;
}

/* NULL with '*rc' 0: wait until one comes free. */
static struct mxa_port *port_for(struct mxa_server *server, int *rc)
{
	struct mxa_port *p = NULL;

	*rc = 0;
	if (server->n_ports < PORTS)
		p = port_open(server, rc);
	if (p == NULL)
		p = port_shared(server);
	if (*rc == UV_EMFILE || *rc == UV_ENFILE || *rc == UV_ENOBUFS ||
	    *rc == UV_ENOMEM)
		*rc = 0;
	return p;
}

static bool id_taken(const struct mxa_port *p, uint16_t id)
{
	const struct mxa_try *t;

	LIST_FOREACH (t, &p->tries, of_port)
		if (t->id == id)
			return true;
	return false;
}

/* --- sending --- */

static void put_on_wire(struct mxa_port *p, const struct mxa_try *t)
{
	struct mxa_wire_question q;
	uint8_t packet[MXA_WIRE_QUERY];
	uv_buf_t buf;
	size_t len;

	mxa_query_wire(t, &q);
	len = mxa_wire_ask(&q, packet);
	buf = uv_buf_init((char *)packet, (unsigned)len);
	/* A socket first reports that its last packet was refused.  What cannot
	 * be sent now is like lost on the way: the next try comes. */
	if (uv_udp_try_send(&p->udp, &buf, 1, NULL) < 0)
		uv_udp_try_send(&p->udp, &buf, 1, NULL);
}

static void send_on(struct mxa_port *p, struct mxa_try *t)
{
	struct mxa_server *server = p->server;

	t->id = random_u16(server->stub);
	while (id_taken(p, t->id)) /* at most PORT_TRIES of 65,536 */
		t->id++;
	t->port = p;
	LIST_INSERT_HEAD(&p->tries, t, of_port);
	p->n_tries++;
	p->served++;
	t->state = MXA_TRY_YOUNG;
	t->sent_ms = mxa_stub_now(server->stub);
	TAILQ_INSERT_TAIL(&server->young, t, in_gate);
	server->n_young++;
	put_on_wire(p, t);
}

static void grow_old(struct mxa_try *t)
{
	TAILQ_REMOVE(&t->server->young, t, in_gate);
	t->server->n_young--;
	t->state = MXA_TRY_OLD;
}

/* Whether another packet may be sent now. */
static bool open_gate(struct mxa_server *server)
{
	uint64_t now = mxa_stub_now(server->stub);
	struct mxa_try *t;

	while ((t = TAILQ_FIRST(&server->young)) != NULL &&
	    t->sent_ms + YOUNG_MS <= now)
		grow_old(t);
	return server->n_young < YOUNG;
}

static void pump_queues(struct mxa_server *server);

static void pump_timer(void *owner)
{
	pump_queues(owner);
}

static struct mxa_try_queue *queue_of(const struct mxa_try *t)
{
	return t->again ? &t->server->again : &t->server->queue;
}

/* The next try to send: repeated questions to dead domains never delay a new
 * question. */
static struct mxa_try *first_queued(const struct mxa_server *server)
{
	struct mxa_try *t = TAILQ_FIRST(&server->queue);

	return t != NULL ? t : TAILQ_FIRST(&server->again);
}

/* Send from the queues what may be sent. */
static void pump_queues(struct mxa_server *server)
{
	struct mxa_try *t;
	int rc;

	while ((t = first_queued(server)) != NULL && open_gate(server)) {
		struct mxa_port *p = port_for(server, &rc);

		if (p == NULL)
			break;
		TAILQ_REMOVE(queue_of(t), t, in_gate);
		send_on(p, t);
	}
	if (t == NULL)
		mxa_timer_stop(&server->pump);
	else if (!mxa_timer_runs(&server->pump))
		mxa_timer_start(&server->pump, YOUNG_MS / 2);
}

bool mxa_udp_send(struct mxa_try *t)
{
	struct mxa_server *server = t->server;
	struct mxa_port *p;
	int rc = 0;

	if (first_queued(server) == NULL && open_gate(server)) {
		p = port_for(server, &rc);
		if (p != NULL) {
			send_on(p, t);
			return true;
		}
	}
	t->state = MXA_TRY_QUEUED;
	if (rc != 0)
		return false;
	TAILQ_INSERT_TAIL(queue_of(t), t, in_gate);
	pump_queues(server);
	return true;
}

void mxa_udp_leave(struct mxa_try *t)
{
	struct mxa_server *server = t->server;

	if (t->state == MXA_TRY_QUEUED) {
		TAILQ_REMOVE(queue_of(t), t, in_gate);
		return;
	}
	if (t->state == MXA_TRY_YOUNG)
		grow_old(t);
	LIST_REMOVE(t, of_port);
	if (--t->port->n_tries == 0)
		port_close(t->port);
	if (first_queued(server) != NULL)
		pump_queues(server);
}

void mxa_udp_init(struct mxa_server *server)
{
	LIST_INIT(&server->ports);
	TAILQ_INIT(&server->queue);
	TAILQ_INIT(&server->again);
	TAILQ_INIT(&server->young);
	mxa_timer_init(server->stub, &server->pump, pump_timer, server);
}

void mxa_udp_done(struct mxa_server *server)
{
	while (!LIST_EMPTY(&server->ports))
		port_close(LIST_FIRST(&server->ports));
	mxa_timer_close(&server->pump, NULL);
}
