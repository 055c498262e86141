/* page_counts.c - see page_counts.h. */
#include "cli/page_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define MAX_KINDS 5000 /* that are counted apart */

void page_counts_begin(struct page_counts *c)
{
	c->a = mxa_arena_new();
	mxa_table_key(c->table_key);
	mxa_table_init(&c->table);
}

void page_counts_end(struct page_counts *c)
{
	mxa_table_done(&c->table);
	free(c->v);
	mxa_arena_free(c->a);
}

/* NULL: there are too many kinds. */
static struct page_count *find_count(
    struct page_counts *c, struct mxa_str key, uint64_t hash)
{
	for (struct mxa_link *l = mxa_table_first(&c->table, hash); l != NULL;
	     l = mxa_table_next(l)) {
		struct page_count *n = MXA_OWNER(l, struct page_count, link);

		if (mxa_str_eq(n->key, key))
			return n;
	}
	if (c->n == MAX_KINDS)
		return NULL;
	c->v = mxa_xroom(c->v, c->n, &c->cap, sizeof(struct page_count *));
	c->v[c->n] = mxa_arena_calloc(c->a, 1, sizeof(struct page_count));
	c->v[c->n]->key = mxa_str_dup(c->a, key);
	mxa_table_add(&c->table, &c->v[c->n]->link, hash);
	return c->v[c->n++];
}

void page_counts_add(struct page_counts *c, const struct page_count *more)
{
	struct page_count *n = find_count(c, more->key,
	    mxa_table_hash(c->table_key, more->key.p, more->key.len, 0));

	if (n == NULL) {
		c->others += more->n;
		return;
	}
	n->n += more->n;
	n->refused += more->refused;
	n->last = more->last > n->last ? more->last : n->last;
}

static int by_count(const void *pa, const void *pb)
{
	const struct page_count *a = *(struct page_count *const *)pa;
	const struct page_count *b = *(struct page_count *const *)pb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return strcmp(a->key.p, b->key.p);
}

void page_counts_sort(struct page_counts *c)
{
	if (c->n > 0)
		qsort(c->v, c->n, sizeof(struct page_count *), by_count);
}
