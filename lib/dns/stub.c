/* stub.c - the resolver as a source of answers.
 *
 * A thread that asks looks into the cache first, then into the table of
 * questions in flight: an equal question is joined.  A new one is added to the
 * table for the thread of the loop, which is woken once for all new questions.
 * When the answer arrives, the thread of the loop removes the question from the
 * table and calls everybody who waits for it. */
#include "dns/stub.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/sysclock.h"
#include "dns/resolver.h"

/* Questions in flight, far above what a busy host reaches; they take about
 * 1 KB each. */
#define MAX_IN_FLIGHT 50000

void mxa_dns_options_default(struct mxa_dns_options *o)
{
	*o = (struct mxa_dns_options){
		.timeout_ms = 5000,
		.failure_memory_ms = 3000,
		.ttl_floor = 0,
		.ttl_ceiling = 86400,
		.cache_bytes = (size_t)64 << 20,
		.max_waiting = MXA_MAX_WAITING,
		.refresh_hits = 2,
	};
}

/* --- random octets --- */

/* From the system; where that refuses (a sandbox without the call), from the
 * keyed hash of a counter and the time. */
static void refill_entropy(struct mxa_stub *s)
{
	uint64_t now = uv_hrtime(), word;

	s->entropy_left = sizeof(s->entropy);
	if (getentropy(s->entropy, sizeof(s->entropy)) == 0)
		return;
	for (size_t i = 0; i < sizeof(s->entropy); i += sizeof(word)) {
		s->refills++;
		word =
		    mxa_table_hash(s->dns.key, &now, sizeof(now), s->refills);
		memcpy(s->entropy + i, &word, sizeof(word));
	}
}

static void system_random(struct mxa_stub *s, uint8_t *p, size_t len)
{
	if (s->entropy_left < len)
		refill_entropy(s);
	s->entropy_left -= len;
	memcpy(p, s->entropy + s->entropy_left, len);
}

void mxa_stub_random(struct mxa_stub *s, void *p, size_t len)
{
	if (s->options.random != NULL)
		s->options.random(s->options.random_ctx, p, len);
	else
		system_random(s, p, len);
}

/* --- questions in flight, from any thread --- */

/* s->lock is held. */
static struct mxa_query *find_in_flight(
    const struct mxa_stub *s, const struct mxa_question *q)
{
	struct mxa_link *l = mxa_table_first(&s->in_flight, q->hash);

	for (; l != NULL; l = mxa_table_next(l)) {
		struct mxa_query *found = MXA_OWNER(l, struct mxa_query, link);

		if (mxa_question_eq(&found->q, q))
			return found;
	}
	return NULL;
}

static void join_query(struct mxa_query *query, struct mxa_sub *sub)
{
	sub->next = query->subs;
	sub->prev = &query->subs;
	if (sub->next != NULL)
		sub->next->prev = &sub->next;
	query->subs = sub;
}

/* A new question for the thread of the loop; s->lock is held.  Returns whether
 * that thread must be woken. */
static bool add_question(
    struct mxa_stub *s, const struct mxa_question *q, struct mxa_sub *sub)
{
	struct mxa_query *query = mxa_xcalloc(1, sizeof(*query));
	bool wake = s->new_first == NULL;

	memcpy(query->name, q->name.p, q->name.len);
	query->q = *q;
	query->q.name.p = query->name;
	query->stub = s;
	mxa_table_add(&s->in_flight, &query->link, q->hash);
	join_query(query, sub);
	*s->new_last = query;
	s->new_last = &query->next_new;
	return wake;
}

/* After the cache was asked without the lock; s->lock is held. */
static struct mxa_ask ask_or_join(struct mxa_stub *s,
    const struct mxa_question *q, struct mxa_sub *sub, bool may_start,
    bool *wake)
{
	struct mxa_query *query = find_in_flight(s, q);
	struct mxa_ask out = { .how = MXA_ASKED_JOINED };

	if (query != NULL) {
		join_query(query, sub);
		return out;
	}
	/* it may have been answered meanwhile */
	out.answer = mxa_cache_find(s->cache, q);
	if (out.answer != NULL)
		out.how = MXA_ASKED_CACHED;
	else if (!may_start)
		out.how = MXA_ASKED_NOT;
	else if (s->in_flight.n >= MAX_IN_FLIGHT) {
		out.how = MXA_ASKED_ANSWERED;
		out.answer = mxa_answer_failure(q->name, q->type,
		    MXA_DNS_TIMEOUT, 0, "too many questions are open");
	} else {
		out.how = MXA_ASKED_STARTED;
		*wake = add_question(s, q, sub);
	}
	return out;
}

static struct mxa_ask stub_ask(struct mxa_dns *d, const struct mxa_question *q,
    struct mxa_sub *sub, bool may_start)
{
	struct mxa_stub *s = (struct mxa_stub *)d;
	struct mxa_ask out = { .how = MXA_ASKED_CACHED };
	bool wake = false;

	out.answer = mxa_cache_find(s->cache, q);
	if (out.answer != NULL)
		return out;
	pthread_mutex_lock(&s->lock);
	out = ask_or_join(s, q, sub, may_start, &wake);
	pthread_mutex_unlock(&s->lock);
	if (wake)
		uv_async_send(&s->wake);
	return out;
}

bool mxa_stub_begin(
    struct mxa_stub *s, const struct mxa_question *q, struct mxa_sub *sub)
{
	bool wake = false, begin;

	pthread_mutex_lock(&s->lock);
	begin = !s->stopping && s->in_flight.n < MAX_IN_FLIGHT &&
	    find_in_flight(s, q) == NULL;
	if (begin)
		wake = add_question(s, q, sub);
	pthread_mutex_unlock(&s->lock);
	if (wake)
		uv_async_send(&s->wake);
	return begin;
}

static const struct mxa_dns_answer *stub_find(
    struct mxa_dns *d, const struct mxa_question *q)
{
	return mxa_cache_find(((struct mxa_stub *)d)->cache, q);
}

/* The question goes on until its next try: the answer may arrive at any moment
 * and is worth caching. */
static bool stub_cancel(struct mxa_dns *d, struct mxa_sub *sub)
{
	struct mxa_stub *s = (struct mxa_stub *)d;
	bool joined;

	pthread_mutex_lock(&s->lock);
	joined = sub->prev != NULL;
	if (joined) {
		*sub->prev = sub->next;
		if (sub->next != NULL)
			sub->next->prev = sub->prev;
		sub->prev = NULL;
	}
	pthread_mutex_unlock(&s->lock);
	return joined;
}

/* --- questions in flight, from the thread of the loop --- */

bool mxa_stub_abandon(struct mxa_query *q)
{
	struct mxa_stub *s = q->stub;
	bool abandoned;

	pthread_mutex_lock(&s->lock);
	abandoned = q->subs == NULL;
	if (abandoned)
		mxa_table_remove(&s->in_flight, &q->link);
	pthread_mutex_unlock(&s->lock);
	return abandoned;
}

void mxa_stub_deliver(struct mxa_query *q, const struct mxa_dns_answer *answer)
{
	struct mxa_stub *s = q->stub;
	struct mxa_sub *subs, *next;

	mxa_cache_put(s->cache, &q->q, answer);
	pthread_mutex_lock(&s->lock);
	mxa_table_remove(&s->in_flight, &q->link);
	subs = q->subs;
	q->subs = NULL;
	for (struct mxa_sub *sub = subs; sub != NULL; sub = sub->next)
		sub->prev = NULL; /* cannot be cancelled any more */
	pthread_mutex_unlock(&s->lock);
	for (; subs != NULL; subs = next) {
		next = subs->next; /* 'done' may free it */
		subs->done(subs, answer);
	}
	mxa_answer_unref(answer);
}

static struct mxa_query *take_new(struct mxa_stub *s, bool *stopping)
{
	struct mxa_query *first;

	pthread_mutex_lock(&s->lock);
	first = s->new_first;
	s->new_first = NULL;
	s->new_last = &s->new_first;
	*stopping = s->stopping;
	pthread_mutex_unlock(&s->lock);
	return first;
}

/* Every handle closes, and so the loop ends. */
static void close_all(struct mxa_stub *s)
{
	struct mxa_link *l;

	while ((l = mxa_table_any(&s->in_flight)) != NULL)
		mxa_query_stop(MXA_OWNER(l, struct mxa_query, link));
	mxa_servers_done(s);
	mxa_refresh_done(s);
	uv_close((uv_handle_t *)&s->wake, NULL);
}

static void loop_woken(uv_async_t *h)
{
	struct mxa_stub *s = h->data;
	struct mxa_query *q;
	bool stopping;

	mxa_timers_woken(s);
	q = take_new(s, &stopping);
	atomic_fetch_add(&s->turns, 1);
	while (q != NULL) {
		struct mxa_query *next = q->next_new;

		mxa_query_start(q);
		q = next;
	}
	if (stopping)
		close_all(s);
	else
		mxa_refresh_woken(s);
}

/* --- life --- */

static void *run_loop(void *arg)
{
	struct mxa_stub *s = arg;

	uv_run(&s->loop, UV_RUN_DEFAULT);
	return NULL;
}

static int start_thread(struct mxa_stub *s)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&s->thread, NULL, run_loop, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static void stub_destroy(struct mxa_stub *s)
{
	mxa_servers_free(s);
	mxa_cache_free(s->cache);
	mxa_table_done(&s->in_flight);
	mxa_arena_free(s->scratch);
	pthread_mutex_destroy(&s->lock);
	free(s->packet);
	free(s);
}

static void stub_free(struct mxa_dns *d)
{
	struct mxa_stub *s = (struct mxa_stub *)d;

	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_mutex_unlock(&s->lock);
	uv_async_send(&s->wake);
	pthread_join(s->thread, NULL);
	uv_loop_close(&s->loop);
	stub_destroy(s);
}

static const struct mxa_dns_ops stub_ops = {
	.find = stub_find,
	.ask = stub_ask,
	.cancel = stub_cancel,
	.free = stub_free,
};

/* From any thread: the loop starts its timer. */
static void cache_scheduled(void *ctx)
{
	struct mxa_stub *s = ctx;

	uv_async_send(&s->wake);
}

static struct mxa_stub *stub_make(const struct mxa_dns_options *o)
{
	struct mxa_stub *s = mxa_xcalloc(1, sizeof(*s));
	struct mxa_cache_rules rules = {
		.bytes = o->cache_bytes,
		.failure_memory_ms = o->failure_memory_ms,
		.ttl_floor = o->ttl_floor,
		.ttl_ceiling = o->ttl_ceiling,
		.refresh_hits = o->refresh_hits,
		.scheduled = o->clock == NULL ? cache_scheduled : NULL,
		.scheduled_ctx = s,
		.clock = o->clock ? o->clock : mxa_sysclock(),
	};

	mxa_dns_init(&s->dns, &stub_ops, o->max_waiting);
	s->options = *o;
	s->options.servers = NULL;
	s->options.resolv_conf = NULL;
	s->clock = rules.clock;
	s->cache = mxa_cache_new(&rules);
	pthread_mutex_init(&s->lock, NULL);
	mxa_table_init(&s->in_flight);
	s->new_last = &s->new_first;
	s->scratch = mxa_arena_new();
	s->packet = mxa_xmalloc(MXA_PACKET);
	TAILQ_INIT(&s->tcp_waiting);
	LIST_INIT(&s->manual.running);
	return s;
}

static bool loop_make(struct mxa_stub *s)
{
	if (uv_loop_init(&s->loop) != 0)
		return false;
	if (uv_async_init(&s->loop, &s->wake, loop_woken) != 0) {
		uv_loop_close(&s->loop);
		return false;
	}
	s->wake.data = s;
	mxa_refresh_init(s);
	return true;
}

struct mxa_dns *mxa_dns_stub_new(
    const struct mxa_dns_options *o, const char **error)
{
	struct mxa_stub *s = stub_make(o);

	*error = NULL;
	if (!loop_make(s)) {
		*error = "the event loop cannot be made";
		stub_destroy(s);
		return NULL;
	}
	if (!mxa_servers_init(s, o))
		*error = "a DNS server is not given as an IP address";
	else if (start_thread(s) != 0)
		*error = "the resolver's thread cannot be started";
	if (*error == NULL)
		return &s->dns;
	close_all(s);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
	stub_destroy(s);
	return NULL;
}

unsigned mxa_dns_stub_turns(struct mxa_dns *d)
{
	struct mxa_stub *s = (struct mxa_stub *)d;
	unsigned turns = atomic_load(&s->turns);

	uv_async_send(&s->wake);
	return turns;
}
