/* cache.c - hash tables with a lock each, oldest use thrown out first. */
#include "dns/cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/table.h"

#define SHARDS 16
#define SMALL ((size_t)1 << 20) /* a cache below this has one shard */

/* Table, list and allocator take about this for each answer. */
#define ENTRY_BYTES 128

/* Entries checked for expiry each time one is added: the whole shard is checked
 * once while it fills, so that entries nobody asks for again are removed. */
#define SWEEP 4

struct entry {
	struct mxa_link link;
	struct entry *newer, *older; /* in order of use */
	const struct mxa_dns_answer *answer;
	uint64_t expires_ms;
};

struct shard {
	pthread_mutex_t lock; /* guards what follows */
	struct mxa_table table;
	struct entry *newest, *oldest;
	struct entry *hand; /* of the sweep; moves towards newer */
	size_t bytes;
};

struct mxa_cache {
	struct mxa_cache_rules rules;
	size_t n_shards;
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
	}
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

static void drop_entry(struct shard *s, struct entry *e)
{
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
			drop_entry(&c->shards[i], c->shards[i].oldest);
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

const struct mxa_dns_answer *mxa_cache_find(
    struct mxa_cache *c, const struct mxa_question *q)
{
	struct shard *s = shard_of(c, q->hash);
	const struct mxa_dns_answer *found = NULL;
	uint64_t now = mxa_clock_ms(c->rules.clock);
	struct entry *e;

	pthread_mutex_lock(&s->lock);
	e = find_entry(s, q);
	if (e != NULL && e->expires_ms <= now) {
		drop_entry(s, e);
	} else if (e != NULL) {
		found = mxa_answer_ref(e->answer);
		if (s->newest != e) {
			if (s->hand == e)
				s->hand = e->newer;
			unlink_use(s, e);
			link_newest(s, e);
		}
	}
	pthread_mutex_unlock(&s->lock);
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

static void sweep_shard(struct shard *s, uint64_t now)
{
	for (int i = 0; i < SWEEP; i++) {
		struct entry *e = s->hand ? s->hand : s->oldest;

		if (e == NULL)
			return;
		s->hand = e->newer;
		if (e->expires_ms <= now)
			drop_entry(s, e);
	}
}

void mxa_cache_put(struct mxa_cache *c, const struct mxa_question *q,
    const struct mxa_dns_answer *answer)
{
	uint64_t keep = keep_ms(&c->rules, answer);
	size_t room = c->rules.bytes / c->n_shards;
	struct shard *s = shard_of(c, q->hash);
	uint64_t now = mxa_clock_ms(c->rules.clock);
	struct entry *e, *old;

	e = mxa_xcalloc(1, sizeof(*e));
	e->answer = answer;
	e->expires_ms = now + keep;
	if (keep == 0 || entry_bytes(e) > room) {
		free(e);
		return;
	}
	mxa_answer_ref(answer);
	pthread_mutex_lock(&s->lock);
	old = find_entry(s, q);
	if (old != NULL)
		drop_entry(s, old);
	sweep_shard(s, now);
	while (s->bytes + entry_bytes(e) > room)
		drop_entry(s, s->oldest);
	s->bytes += entry_bytes(e);
	mxa_table_add(&s->table, &e->link, q->hash);
	link_newest(s, e);
	pthread_mutex_unlock(&s->lock);
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
