/* counts.c - a hash table of texts with open addressing. */
#include "history/counts.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct mxa_counts {
	struct mxa_arena *arena; /* of the counts and their keys */
	struct mxa_count **slot;
	struct mxa_count **sorted;
	size_t cap, n, max; /* cap is a power of two, above 2 * n */
	bool touched;	    /* since they were sorted */
};

struct mxa_counts *mxa_counts_new(size_t max)
{
	struct mxa_counts *c = mxa_xcalloc(1, sizeof(*c));

	c->arena = mxa_arena_new();
	c->cap = 64;
	c->slot = mxa_xcalloc(c->cap, sizeof(struct mxa_count *));
	c->max = max;
	return c;
}

void mxa_counts_free(struct mxa_counts *c)
{
	if (c == NULL)
		return;
	mxa_arena_free(c->arena);
	free(c->slot);
	free(c->sorted);
	free(c);
}

static size_t hash_key(const char *key)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

	while (*key != '\0')
		h = (h ^ (unsigned char)*key++) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32);
}

/* Where 'key' is or would be. */
static size_t find_count_slot(const struct mxa_counts *c, const char *key)
{
	size_t i = hash_key(key) & (c->cap - 1);

	while (c->slot[i] != NULL && strcmp(c->slot[i]->key, key) != 0)
		i = (i + 1) & (c->cap - 1);
	return i;
}

static void grow_slots(struct mxa_counts *c)
{
	struct mxa_count **old = c->slot;
	size_t n = c->cap;

	c->cap *= 2;
	c->slot = mxa_xcalloc(c->cap, sizeof(struct mxa_count *));
	for (size_t i = 0; i < n; i++)
		if (old[i] != NULL)
			c->slot[find_count_slot(c, old[i]->key)] = old[i];
	free(old);
}

struct mxa_count *mxa_counts_find(const struct mxa_counts *c, const char *key)
{
	return c->slot[find_count_slot(c, key)];
}

struct mxa_count *mxa_counts_at(struct mxa_counts *c, const char *key)
{
	struct mxa_count *found = mxa_counts_find(c, key);

	c->touched = true;
	if (found != NULL || c->n == c->max)
		return found;
	if (c->n * 2 >= c->cap)
		grow_slots(c);
	found = mxa_arena_calloc(c->arena, 1, sizeof(*found));
	found->key = mxa_arena_strdup(c->arena, key, strlen(key));
	c->slot[find_count_slot(c, key)] = found;
	c->n++;
	return found;
}

static int larger_first(const void *a, const void *b)
{
	const struct mxa_count *x = *(struct mxa_count *const *)a;
	const struct mxa_count *y = *(struct mxa_count *const *)b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->key, y->key);
}

struct mxa_count **mxa_counts_sorted(struct mxa_counts *c, size_t *n)
{
	size_t kept = 0;

	*n = c->n;
	if (!c->touched && c->sorted != NULL)
		return c->sorted;
	free(c->sorted);
	c->sorted = mxa_xcalloc(c->n + 1, sizeof(struct mxa_count *));
	for (size_t i = 0; i < c->cap; i++)
		if (c->slot[i] != NULL)
			c->sorted[kept++] = c->slot[i];
	qsort(c->sorted, kept, sizeof(c->sorted[0]), larger_first);
	c->touched = false;
	return c->sorted;
}
