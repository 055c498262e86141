/* cache.c - hash tables with a lock each, oldest use thrown out first. */
#include "dns/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/table.h"

#define SHARDS 16
#define SMALL ((size_t)1 << 20) /* a cache below this has one shard */

/* Table, list and allocator take about this for each answer. */
#define ENTRY_BYTES 128

/* Entries checked for expiry each time one is added: the whole shard is checked
 * once while it fills, so that entries nobody asks for again are removed. */
#define SWEEP 4

/* Answers kept for less are not asked again: that would be a question every few
 * seconds. */
#define LEAST_REFRESHED_MS 10000

/* A successor that expires no later than this after its predecessor is the
 * same answer from the server's cache. */
#define SAME_MS 2000

/* After an answer has expired here, it has expired at the server. */
#define SERVER_EXPIRED_MS 1000

/* What is due in one slot is due in the same SLOT_MS, or whole turns of the
 * wheel later. */
#define SLOTS 64
#define SLOT_MS 500

struct entry {
	struct mxa_link link;
	struct entry *newer, *older; /* in order of use */
	const struct mxa_dns_answer *answer;
	uint64_t expires_ms;
	uint64_t due_ms;	   /* to be asked again; 0: not, or not again */
	LIST_ENTRY(entry) in_slot; /* while 'scheduled' */
	unsigned hits;
	bool scheduled;
	bool asked; /* mxa_cache_due gave it */
};

LIST_HEAD(slot, entry);

struct shard {
	pthread_mutex_t lock; /* guards what follows */
	struct mxa_table table;
	struct entry *newest, *oldest;
	struct entry *hand; /* of the sweep; moves towards newer */
	size_t bytes;
	struct slot wheel[SLOTS];
	uint64_t next_slot; /* not yet looked through; counts all turns */
};

struct mxa_cache {
	struct mxa_cache_rules rules;
	size_t n_shards;
	atomic_size_t scheduled;  /* entries in wheels */
	atomic_size_t next_shard; /* whose wheel is looked at first */
	struct shard shards[SHARDS];
};

struct mxa_cache *mxa_cache_new(const struct mxa_cache_rules *rules)
{
	struct mxa_cache *c = mxa_xcalloc(1, sizeof(*c));

	c->rules = *rules;
	c->n_shards = rules->bytes < SMALL ? 1 : SHARDS;
	for (size_t i = 0; i < c->n_shards; i++) {
		pthread_mutex_init(&c->shards[i].lock, NULL);
		mxa_table_init(&c->shards[i].table);
		c->shards[i].next_slot = mxa_clock_ms(rules->clock) / SLOT_MS;
	}
	atomic_init(&c->scheduled, 0);
	atomic_init(&c->next_shard, 0);
	return c;
}

/* Tables use the low bits of the hash. */
static struct shard *shard_of(struct mxa_cache *c, uint64_t hash)
{
	return &c->shards[(hash >> 56) % c->n_shards];
}

static size_t entry_bytes(const struct entry *e)
{
	return ENTRY_BYTES + mxa_answer_bytes(e->answer);
}

static void unlink_use(struct shard *s, struct entry *e)
{
	*(e->newer ? &e->newer->older : &s->newest) = e->older;
	*(e->older ? &e->older->newer : &s->oldest) = e->newer;
	e->newer = e->older = NULL;
}

static void link_newest(struct shard *s, struct entry *e)
{
	e->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = e;
	s->newest = e;
}

/* To be given by mxa_cache_due at its time; true: it is the only one. */
static bool schedule_entry(
    struct mxa_cache *c, struct shard *s, struct entry *e)
{
	uint64_t slot = e->due_ms / SLOT_MS;

	if (slot < s->next_slot)
		slot = s->next_slot;
	LIST_INSERT_HEAD(&s->wheel[slot % SLOTS], e, in_slot);
	e->scheduled = true;
	return atomic_fetch_add(&c->scheduled, 1) == 0;
}

static void unschedule_entry(struct mxa_cache *c, struct entry *e)
{
	if (!e->scheduled)
		return;
	LIST_REMOVE(e, in_slot);
	e->scheduled = false;
	atomic_fetch_sub(&c->scheduled, 1);
}

static void drop_entry(struct mxa_cache *c, struct shard *s, struct entry *e)
{
	unschedule_entry(c, e);
	if (s->hand == e)
		s->hand = e->newer;
	unlink_use(s, e);
	mxa_table_remove(&s->table, &e->link);
	s->bytes -= entry_bytes(e);
	mxa_answer_unref(e->answer);
	free(e);
}

void mxa_cache_free(struct mxa_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_shards; i++) {
		while (c->shards[i].oldest != NULL)
			drop_entry(c, &c->shards[i], c->shards[i].oldest);
		mxa_table_done(&c->shards[i].table);
		pthread_mutex_destroy(&c->shards[i].lock);
	}
	free(c);
}

static struct entry *find_entry(
    const struct shard *s, const struct mxa_question *q)
{
	struct mxa_link *l = mxa_table_first(&s->table, q->hash);

	for (; l != NULL; l = mxa_table_next(l)) {
		struct entry *e = MXA_OWNER(l, struct entry, link);

		if (e->answer->type == q->type &&
		    mxa_str_eq(e->answer->name, q->name))
			return e;
	}
	return NULL;
}

/* Whether an entry is of no more use.  One that has expired may still be due to
 * be asked again. */
static bool is_over(const struct entry *e, uint64_t now)
{
	return e->expires_ms <= now && !e->scheduled;
}

static void use_entry(struct shard *s, struct entry *e)
{
	if (s->newest == e)
		return;
	if (s->hand == e)
		s->hand = e->newer;
	unlink_use(s, e);
	link_newest(s, e);
}

/* True: this made it one to be asked again, the first one. */
static bool count_hit(struct mxa_cache *c, struct shard *s, struct entry *e)
{
	if (e->due_ms == 0 || e->scheduled || ++e->hits < c->rules.refresh_hits)
		return false;
	return schedule_entry(c, s, e);
}

static void tell_scheduled(const struct mxa_cache *c, bool first)
{
	if (first && c->rules.scheduled != NULL)
		c->rules.scheduled(c->rules.scheduled_ctx);
}

const struct mxa_dns_answer *mxa_cache_find(
    struct mxa_cache *c, const struct mxa_question *q)
{
	struct shard *s = shard_of(c, q->hash);
	const struct mxa_dns_answer *found = NULL;
	uint64_t now = mxa_clock_ms(c->rules.clock);
	bool first = false;
	struct entry *e;

	pthread_mutex_lock(&s->lock);
	e = find_entry(s, q);
	if (e != NULL && is_over(e, now)) {
		drop_entry(c, s, e);
	} else if (e != NULL && e->expires_ms > now) {
		found = mxa_answer_ref(e->answer);
		use_entry(s, e);
		first = count_hit(c, s, e);
	}
	pthread_mutex_unlock(&s->lock);
	tell_scheduled(c, first);
	return found;
}

/* How long an answer is kept; 0: not at all. */
static uint64_t keep_ms(
    const struct mxa_cache_rules *r, const struct mxa_dns_answer *a)
{
	uint32_t ttl = a->ttl;

	if (mxa_dns_failed(a->status))
		return r->failure_memory_ms;
	if (ttl == 0)
		return 0;
	if (ttl < r->ttl_floor)
		ttl = r->ttl_floor;
	if (ttl > r->ttl_ceiling)
		ttl = r->ttl_ceiling;
	return (uint64_t)ttl * 1000;
}

static void sweep_shard(struct mxa_cache *c, struct shard *s, uint64_t now)
{
	for (int i = 0; i < SWEEP; i++) {
		struct entry *e = s->hand ? s->hand : s->oldest;

		if (e == NULL)
			return;
		s->hand = e->newer;
		if (is_over(e, now))
			drop_entry(c, s, e);
	}
}

static struct entry *entry_new(const struct mxa_cache_rules *r,
    const struct mxa_dns_answer *answer, uint64_t now, uint64_t keep)
{
	struct entry *e = mxa_xcalloc(1, sizeof(*e));

	e->answer = mxa_answer_ref(answer);
	e->expires_ms = now + keep;
	if (r->refresh_hits > 0 && keep >= LEAST_REFRESHED_MS &&
	    !mxa_dns_failed(answer->status))
		e->due_ms = now + keep - keep / 10;
	return e;
}

/* A failure to ask again does not replace the answer that is there. */
static bool stays_valid(
    const struct entry *old, const struct mxa_dns_answer *answer, uint64_t now)
{
	return old != NULL && old->expires_ms > now &&
	    mxa_dns_failed(answer->status);
}

/* Whether 'e' is the answer 'old', asked again but from the server's cache. */
static bool is_same_copy(const struct entry *old, const struct entry *e)
{
	return old != NULL && old->asked &&
	    e->expires_ms <= old->expires_ms + SAME_MS;
}

/* 's' is locked and 'e' fits.  True: it is the first that will be due. */
static bool add_entry(struct mxa_cache *c, struct shard *s, struct entry *e,
    struct entry *old, uint64_t hash)
{
	size_t room = c->rules.bytes / c->n_shards;
	bool first = false;

	if (is_same_copy(old, e)) {
		e->due_ms = e->expires_ms + SERVER_EXPIRED_MS;
		first = schedule_entry(c, s, e);
	}
	if (old != NULL)
		drop_entry(c, s, old);
	while (s->bytes + entry_bytes(e) > room)
		drop_entry(c, s, s->oldest);
	s->bytes += entry_bytes(e);
	mxa_table_add(&s->table, &e->link, hash);
	link_newest(s, e);
	return first;
}

void mxa_cache_put(struct mxa_cache *c, const struct mxa_question *q,
    const struct mxa_dns_answer *answer)
{
	uint64_t keep = keep_ms(&c->rules, answer);
	size_t room = c->rules.bytes / c->n_shards;
	struct shard *s = shard_of(c, q->hash);
	uint64_t now = mxa_clock_ms(c->rules.clock);
	struct entry *old;
	bool first = false;

	if (keep == 0 || ENTRY_BYTES + mxa_answer_bytes(answer) > room)
		return;
	pthread_mutex_lock(&s->lock);
	sweep_shard(c, s, now);
	old = find_entry(s, q);
	if (!stays_valid(old, answer, now))
		first = add_entry(c, s, entry_new(&c->rules, answer, now, keep),
		    old, q->hash);
	pthread_mutex_unlock(&s->lock);
	tell_scheduled(c, first);
}

/* --- what should be asked again --- */

/* Gives an entry's answer; what has expired is not kept any longer. */
static const struct mxa_dns_answer *take_due(
    struct mxa_cache *c, struct shard *s, struct entry *e, uint64_t now)
{
	const struct mxa_dns_answer *answer = mxa_answer_ref(e->answer);

	unschedule_entry(c, e);
	e->asked = true;
	e->due_ms = 0;
	if (is_over(e, now))
		drop_entry(c, s, e);
	return answer;
}

static size_t take_slot(struct mxa_cache *c, struct shard *s, uint64_t slot,
    uint64_t now, const struct mxa_dns_answer **out, size_t max)
{
	struct entry *e = LIST_FIRST(&s->wheel[slot % SLOTS]);
	size_t n = 0;

	while (e != NULL && n < max) {
		struct entry *next = LIST_NEXT(e, in_slot);

		if (e->due_ms <= now)
			out[n++] = take_due(c, s, e, now);
		e = next;
	}
	return n;
}

/* The slots since the last time; 's' is locked. */
static size_t take_shard(struct mxa_cache *c, struct shard *s, uint64_t now,
    const struct mxa_dns_answer **out, size_t max)
{
	uint64_t last = now / SLOT_MS;
	size_t n = 0;

	if (s->next_slot + SLOTS <= last)
		s->next_slot = last - SLOTS + 1;
	while (n < max && s->next_slot <= last) {
		n += take_slot(c, s, s->next_slot, now, out + n, max - n);
		if (n == max || s->next_slot == last)
			break; /* there may be more in this slot */
		s->next_slot++;
	}
	return n;
}

size_t mxa_cache_due(
    struct mxa_cache *c, const struct mxa_dns_answer **out, size_t max)
{
	uint64_t now = mxa_clock_ms(c->rules.clock);
	size_t first = atomic_fetch_add(&c->next_shard, 1), n = 0;

	for (size_t i = 0; i < c->n_shards && n < max; i++) {
		struct shard *s = &c->shards[(first + i) % c->n_shards];

		pthread_mutex_lock(&s->lock);
		n += take_shard(c, s, now, out + n, max - n);
		pthread_mutex_unlock(&s->lock);
	}
	return n;
}

bool mxa_cache_has_scheduled(struct mxa_cache *c)
{
	return atomic_load(&c->scheduled) > 0;
}

size_t mxa_cache_bytes(struct mxa_cache *c)
{
	size_t bytes = 0;

	for (size_t i = 0; i < c->n_shards; i++) {
		pthread_mutex_lock(&c->shards[i].lock);
		bytes += c->shards[i].bytes;
		pthread_mutex_unlock(&c->shards[i].lock);
	}
	return bytes;
}
