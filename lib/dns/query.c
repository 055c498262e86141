/* query.c - the course of one question.
 *
 * The best server is asked first.  After each fifth of the question's time
 * without an answer the next server is asked; earlier tries stay open, since a
 * server may only be slow.  A server that reports a failure is not asked again.
 * The question ends with the first real answer, with the failure of all
 * servers, or with its time. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "dns/resolver.h"

#define TRIES 5 /* times a server is asked, if it stays silent */
#define LEAST_PAUSE_MS 50
#define HANGUPS 2      /* failed TCP connections, of one server */
#define PLAIN_MS 60000 /* no EDNS for a server that rejects it */
#define MAX_DETAIL 400

static uint64_t now_ms(const struct mxa_query *q)
{
	return mxa_stub_now(q->stub);
}

/* --- the end --- */

static void try_drop(struct mxa_try *t)
{
	if (t->state == MXA_TRY_TCP)
		mxa_tcp_leave(t);
	else
		mxa_udp_leave(t);
	LIST_REMOVE(t, of_query);
	free(t);
}

static void drop_tries(struct mxa_query *q)
{
	while (!LIST_EMPTY(&q->tries))
		try_drop(LIST_FIRST(&q->tries));
}

static void query_freed(uv_handle_t *h)
{
	free(h->data);
}

/* The question is not in flight any more. */
static void query_free(struct mxa_query *q)
{
	drop_tries(q);
	mxa_timer_close(&q->timer, query_freed);
}

static void end_query(struct mxa_query *q, const struct mxa_dns_answer *answer)
{
	drop_tries(q);
	mxa_stub_deliver(q, answer);
	query_free(q);
}

static void describe_failure(const struct mxa_query *q, struct mxa_buf *b)
{
	if (q->failure_server != NULL) {
		mxa_buf_printf(b, "server %s: %s", q->failure_server->text,
		    q->failure_text);
		return;
	}
	mxa_buf_adds(b, "no answer from server ");
	for (size_t i = 0; i < q->n_candidates; i++)
		mxa_buf_printf(b, "%s%s", i > 0 ? ", " : "",
		    q->candidates[i].server->text);
}

/* No server had an answer. */
static void end_failed(struct mxa_query *q)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_DETAIL);
	describe_failure(q, &b);
	end_query(q,
	    mxa_answer_failure(q->q.name, q->q.type,
		q->failure_server ? q->failure : MXA_DNS_TIMEOUT,
		(uint32_t)(now_ms(q) - q->start_ms), mxa_buf_cstr(&b)));
	mxa_arena_free(a);
}

void mxa_query_stop(struct mxa_query *q)
{
	end_failed(q);
}

static void end_answered(struct mxa_query *q, const struct mxa_wire_answer *got)
{
	char space[MXA_NAME_TEXT];
	struct mxa_dns_answer from = {
		.status = got->status,
		.type = q->q.type,
		.name = q->q.name,
		.canonical =
		    mxa_name_from_wire(q->owner.octets, q->owner.len, space),
		.rr = got->rr,
		.n = got->n,
		.ttl = q->ttl,
		.ms = (uint32_t)(now_ms(q) - q->start_ms),
		.ad = q->ad && q->stub->options.trust_ad,
		.detail = mxa_str_from(got->detail),
	};

	end_query(q, mxa_answer_new(&from));
}

/* --- tries --- */

void mxa_query_wire(const struct mxa_try *t, struct mxa_wire_question *out)
{
	*out = (struct mxa_wire_question){
		.name = t->query->owner,
		.type = t->query->q.type,
		.id = t->id,
		.edns = t->edns,
		.ad = t->query->stub->options.trust_ad,
	};
}

static struct mxa_candidate *candidate_of(
    struct mxa_query *q, const struct mxa_server *server)
{
	for (size_t i = 0; i < q->n_candidates; i++)
		if (q->candidates[i].server == server)
			return &q->candidates[i];
	return NULL;
}

static bool has_try(
    const struct mxa_query *q, const struct mxa_server *server, int state)
{
	const struct mxa_try *t;

	LIST_FOREACH (t, &q->tries, of_query)
		if (t->server == server && (int)t->state == state)
			return true;
	return false;
}

static struct mxa_try *try_new(struct mxa_query *q, struct mxa_server *server)
{
	struct mxa_try *t = mxa_xcalloc(1, sizeof(*t));

	t->query = q;
	t->server = server;
	t->edns = server->plain_until <= now_ms(q);
	t->again = q->late;
	LIST_INSERT_HEAD(&q->tries, t, of_query);
	return t;
}

static void try_unsent(struct mxa_try *t)
{
	LIST_REMOVE(t, of_query);
	free(t);
}

static bool send_udp(struct mxa_query *q, struct mxa_candidate *candidate)
{
	struct mxa_try *t = try_new(q, candidate->server);

	candidate->tries++;
	q->last = candidate;
	if (mxa_udp_send(t))
		return true;
	try_unsent(t);
	return false;
}

/* Of the servers that have not failed, the one asked least often; not one that
 * is being asked over TCP, nor one whose last try is still queued. */
static struct mxa_candidate *next_candidate(struct mxa_query *q)
{
	struct mxa_candidate *best = NULL;

	for (size_t i = 0; i < q->n_candidates; i++) {
		struct mxa_candidate *s = &q->candidates[i];

		if (s->failed || has_try(q, s->server, MXA_TRY_TCP) ||
		    has_try(q, s->server, MXA_TRY_QUEUED))
			continue;
		if (best == NULL || s->tries < best->tries)
			best = s;
	}
	return best;
}

static bool all_failed(const struct mxa_query *q)
{
	for (size_t i = 0; i < q->n_candidates; i++)
		if (!q->candidates[i].failed)
			return false;
	return true;
}

static void arm_timer(struct mxa_query *q)
{
	uint64_t pause = q->stub->options.timeout_ms / TRIES;
	uint64_t now = now_ms(q);
	uint64_t left = q->end_ms > now ? q->end_ms - now : 0;

	if (pause < LEAST_PAUSE_MS)
		pause = LEAST_PAUSE_MS;
	mxa_timer_start(&q->timer, pause < left ? pause : left);
}

/* Ask the next server, or end. */
static void advance_query(struct mxa_query *q)
{
	struct mxa_candidate *candidate;

	while ((candidate = next_candidate(q)) != NULL) {
		if (send_udp(q, candidate))
			break;
		candidate->failed = true; /* it cannot be reached */
	}
	if (all_failed(q))
		end_failed(q);
	else
		arm_timer(q);
}

/* A server failed: ask the next untried one, or wait for the pending replies.
 */
static void advance_or_wait(struct mxa_query *q)
{
	const struct mxa_candidate *candidate = next_candidate(q);

	if (all_failed(q))
		end_failed(q);
	else if (candidate != NULL && candidate->tries == 0)
		advance_query(q);
}

/* Whether the server asked last has not answered. */
static bool last_is_silent(const struct mxa_query *q)
{
	const struct mxa_try *t;

	LIST_FOREACH (t, &q->tries, of_query)
		if (q->last != NULL && t->server == q->last->server &&
		    t->state != MXA_TRY_QUEUED)
			return true;
	return false;
}

static void query_timer(void *owner)
{
	struct mxa_query *q = owner;

	q->late = true;
	if (last_is_silent(q))
		mxa_server_silent(q->last->server);
	if (now_ms(q) >= q->end_ms)
		end_failed(q);
	else if (mxa_stub_abandon(q))
		query_free(q);
	else
		advance_query(q);
}

void mxa_query_start(struct mxa_query *q)
{
	struct mxa_candidate *probe;

	mxa_timer_init(q->stub, &q->timer, query_timer, q);
	LIST_INIT(&q->tries);
	q->start_ms = now_ms(q);
	q->end_ms = q->start_ms + q->stub->options.timeout_ms;
	q->owner.len = mxa_name_to_wire(q->q.name, q->owner.octets);
	q->ttl = UINT32_MAX;
	q->ad = true;
	q->failure = MXA_DNS_DATA;
	if (mxa_stub_abandon(q)) {
		query_free(q);
		return;
	}
	q->n_candidates = mxa_servers_list(q->stub, q->candidates);
	probe = mxa_servers_probe(q->stub, q->candidates, q->n_candidates);
	if (probe != NULL)
		send_udp(q, probe);
	advance_query(q);
}

/* --- what comes back --- */

static void drop_tries_of(struct mxa_query *q, const struct mxa_server *server)
{
	struct mxa_try *t = LIST_FIRST(&q->tries);

	while (t != NULL) {
		struct mxa_try *next = LIST_NEXT(t, of_query);

		if (t->server == server)
			try_drop(t);
		t = next;
	}
}

static void server_failed(struct mxa_query *q, struct mxa_server *server,
    enum mxa_dns_status status, const char *text)
{
	struct mxa_candidate *candidate = candidate_of(q, server);

	if (q->failure_server == NULL) {
		q->failure = status;
		q->failure_text = text;
		q->failure_server = server;
	}
	candidate->failed = true;
	drop_tries_of(q, server);
	advance_or_wait(q);
}

/* A connection failed; its try no longer exists. */
static void hung_up(struct mxa_query *q, struct mxa_server *server)
{
	struct mxa_candidate *candidate = candidate_of(q, server);

	if (++candidate->hangups < HANGUPS) {
		advance_or_wait(q);
		return;
	}
	server_failed(q, server, MXA_DNS_TIMEOUT,
	    "truncates, and gives no answer over TCP");
}

void mxa_query_lost(struct mxa_try *t)
{
	struct mxa_server *server = t->server;
	struct mxa_query *q = t->query;
	bool tcp = t->state == MXA_TRY_TCP;

	try_drop(t);
	if (tcp) {
		hung_up(q, server);
		return;
	}
	mxa_server_silent(server);
	advance_or_wait(q);
}

static void ask_over_tcp(struct mxa_query *q, struct mxa_server *server)
{
	struct mxa_try *t;

	if (has_try(q, server, MXA_TRY_TCP))
		return;
	drop_tries_of(q, server);
	t = try_new(q, server);
	mxa_stub_random(q->stub, &t->id, sizeof(t->id));
	if (mxa_tcp_send(t))
		return;
	try_unsent(t);
	hung_up(q, server);
}

static void ask_without_edns(struct mxa_query *q, struct mxa_server *server)
{
	server->plain_until = now_ms(q) + PLAIN_MS;
	drop_tries_of(q, server);
	if (!send_udp(q, candidate_of(q, server)))
		server_failed(q, server, MXA_DNS_TIMEOUT, "cannot be reached");
}

/* The CNAMEs lead to a name about which the answer says nothing. */
static void ask_for_alias(struct mxa_query *q)
{
	drop_tries(q);
	for (size_t i = 0; i < q->n_candidates; i++)
		q->candidates[i] = (struct mxa_candidate){
			.server = q->candidates[i].server,
		};
	q->failure_server = NULL;
	advance_query(q);
}

/* Add what a packet says to what is known about the question. */
static void learn_from_answer(
    struct mxa_query *q, const struct mxa_wire_answer *got)
{
	q->owner = got->owner;
	q->cnames += got->cnames;
	q->ad = q->ad && got->ad;
	if (got->ttl < q->ttl)
		q->ttl = got->ttl;
}

static void take_answer(struct mxa_query *q, struct mxa_server *server,
    const struct mxa_wire_answer *got)
{
	switch (got->kind) {
	case MXA_WIRE_FOREIGN:
		return;
	case MXA_WIRE_TRUNCATED:
		ask_over_tcp(q, server);
		return;
	case MXA_WIRE_NO_EDNS:
		ask_without_edns(q, server);
		return;
	case MXA_WIRE_FAILED:
		server_failed(q, server, got->status, got->detail);
		return;
	case MXA_WIRE_ALIAS:
	case MXA_WIRE_ANSWER:
		break;
	}
	learn_from_answer(q, got);
	if (q->cnames > MXA_MAX_CNAMES)
		server_failed(q, server, MXA_DNS_SERVFAIL,
		    "CNAMEs that lead in a circle, or too many");
	else if (got->kind == MXA_WIRE_ALIAS)
		ask_for_alias(q);
	else
		end_answered(q, got);
}

void mxa_query_received(
    struct mxa_try *t, const uint8_t *packet, size_t len, bool tcp)
{
	struct mxa_stub *s = t->server->stub;
	struct mxa_wire_question asked;
	struct mxa_wire_answer got;

	mxa_query_wire(t, &asked);
	mxa_arena_reset(s->scratch);
	mxa_wire_read(packet, len, &asked, s->scratch, &got);
	if (got.kind != MXA_WIRE_FOREIGN)
		mxa_server_answered(t->server);
	if (tcp &&
	    (got.kind == MXA_WIRE_FOREIGN || got.kind == MXA_WIRE_TRUNCATED)) {
		mxa_query_lost(t);
		return;
	}
	take_answer(t->query, t->server, &got);
}
