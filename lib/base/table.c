/* table.c - chained buckets that double when they fill. */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

#define FIRST_BUCKETS 16

void mxa_table_key(uint64_t key[2])
{
	if (getentropy(key, 2 * sizeof(key[0])) == 0)
		return;
	/* without a random device the address space's layout must do */
	key[0] = (uint64_t)(uintptr_t)key;
	key[1] = (uint64_t)(uintptr_t)&mxa_table_key;
}

static uint64_t rotate_left(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate_left(v[1], 13) ^ v[0];
	v[0] = rotate_left(v[0], 32);
	v[2] += v[3];
	v[3] = rotate_left(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate_left(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate_left(v[1], 17) ^ v[2];
	v[2] = rotate_left(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t mxa_table_hash(
    const uint64_t key[2], const void *p, size_t len, uint64_t more)
{
	uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575),
		key[1] ^ UINT64_C(0x646f72616e646f6d),
		key[0] ^ UINT64_C(0x6c7967656e657261),
		key[1] ^ UINT64_C(0x7465646279746573) };
	const unsigned char *bytes = p;
	size_t left = len;
	uint64_t word;

	sip_word(v, more);
	for (; left >= sizeof(word); left -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sip_word(v, word);
		bytes += sizeof(word);
	}
	word = (uint64_t)len << 56;
	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)bytes[i] << (8 * i);
	sip_word(v, word);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void mxa_table_init(struct mxa_table *t)
{
	*t = (struct mxa_table){ .n_buckets = FIRST_BUCKETS };
	t->buckets = mxa_xcalloc(t->n_buckets, sizeof(struct mxa_link *));
}

void mxa_table_done(struct mxa_table *t)
{
	free(t->buckets);
	*t = (struct mxa_table){ 0 };
}

static struct mxa_link **bucket_of(const struct mxa_table *t, uint64_t hash)
{
	return &t->buckets[hash & (t->n_buckets - 1)];
}

static void push_link(struct mxa_table *t, struct mxa_link *l)
{
	struct mxa_link **b = bucket_of(t, l->hash);

	l->next = *b;
	*b = l;
}

static void grow_table(struct mxa_table *t)
{
	struct mxa_table bigger = { .n_buckets = t->n_buckets * 2, .n = t->n };

	bigger.buckets =
	    mxa_xcalloc(bigger.n_buckets, sizeof(struct mxa_link *));
	for (size_t i = 0; i < t->n_buckets; i++) {
		struct mxa_link *l = t->buckets[i];

		while (l != NULL) {
			struct mxa_link *next = l->next;

			push_link(&bigger, l);
			l = next;
		}
	}
	free(t->buckets);
	*t = bigger;
}

void mxa_table_add(struct mxa_table *t, struct mxa_link *l, uint64_t hash)
{
	if (t->n >= t->n_buckets)
		grow_table(t);
	l->hash = hash;
	push_link(t, l);
	t->n++;
}

void mxa_table_remove(struct mxa_table *t, struct mxa_link *l)
{
	struct mxa_link **p = bucket_of(t, l->hash);

	while (*p != NULL && *p != l)
		p = &(*p)->next;
	if (*p == NULL)
		return;
	*p = l->next;
	l->next = NULL;
	t->n--;
}

static struct mxa_link *same_hash(struct mxa_link *l, uint64_t hash)
{
	while (l != NULL && l->hash != hash)
		l = l->next;
	return l;
}

struct mxa_link *mxa_table_first(const struct mxa_table *t, uint64_t hash)
{
	return same_hash(*bucket_of(t, hash), hash);
}

struct mxa_link *mxa_table_next(const struct mxa_link *l)
{
	return same_hash(l->next, l->hash);
}

struct mxa_link *mxa_table_any(const struct mxa_table *t)
{
	for (size_t i = 0; t->n > 0 && i < t->n_buckets; i++)
		if (t->buckets[i] != NULL)
			return t->buckets[i];
	return NULL;
}

/* --- hashes --- */

static bool place_hash(struct mxa_hashes *s, uint64_t hash)
{
	size_t i = (size_t)hash & (s->cap - 1);

	while (s->v[i] != 0 && s->v[i] != hash)
		i = (i + 1) & (s->cap - 1);
	if (s->v[i] == hash)
		return false;
	s->v[i] = hash;
	s->n++;
	return true;
}

static void grow_hashes(struct mxa_hashes *s)
{
	struct mxa_hashes larger = { .cap = s->cap ? s->cap * 2 : 8 };

	larger.v = mxa_xcalloc(larger.cap, sizeof(*larger.v));
	for (size_t i = 0; i < s->cap; i++)
		if (s->v[i] != 0)
			(void)place_hash(&larger, s->v[i]);
	free(s->v);
	*s = larger;
}

bool mxa_hashes_add(struct mxa_hashes *s, uint64_t hash)
{
	if (s->n * 2 >= s->cap)
		grow_hashes(s);
	return place_hash(s, hash != 0 ? hash : 1);
}

void mxa_hashes_done(struct mxa_hashes *s)
{
	free(s->v);
	*s = (struct mxa_hashes){ 0 };
}
