/* select.c - see select.h. */
#include "auth/sig/select.h"

#include "base/arena.h"
#include "mail/headers.h"

#define NONE UINT32_MAX

/* Fields of one name form a chain from the bottom of the header to its top. */
struct chain {
	struct mxa_str name;
	uint32_t bottom; /* index of the lowest field */
	uint32_t next;	 /* next chain in the same bucket */
	/* where the current selection is; belongs to it when the number fits */
	uint32_t at;
	unsigned selection;
};

struct mxa_field_index {
	const struct mxa_headers *h;
	uint32_t *above; /* for each field: the next higher one of its name */
	uint32_t *bucket;
	size_t mask;
	struct chain *chain;
	uint32_t n;
	unsigned selection;
};

/* FNV-1a over the lower-case name.  A sender who makes names collide gets long
 * buckets only among the chains of his own message, and pays for them with
 * bytes: hence the seed. */
static uint32_t name_hash(const struct mxa_field_index *x, struct mxa_str name)
{
	uint32_t v = 2166136261u ^ (uint32_t)((uintptr_t)x >> 4);

	for (size_t i = 0; i < name.len; i++)
		v = (v ^ (unsigned char)mxa_lower(name.p[i])) * 16777619u;
	return v ^ v >> 15;
}

static struct chain *find_chain(struct mxa_field_index *x, struct mxa_str name)
{
	uint32_t i = x->bucket[name_hash(x, name) & x->mask];

	while (i != NONE && !mxa_str_caseeq(x->chain[i].name, name))
		i = x->chain[i].next;
	return i == NONE ? NULL : &x->chain[i];
}

static void add_field(struct mxa_field_index *x, uint32_t field)
{
	struct mxa_str name = x->h->v[field].name;
	struct chain *c = find_chain(x, name);

	if (c == NULL) {
		uint32_t *slot = &x->bucket[name_hash(x, name) & x->mask];

		c = &x->chain[x->n];
		*c = (struct chain){ name, NONE, *slot, NONE, 0 };
		*slot = x->n++;
	}
	x->above[field] = c->bottom;
	c->bottom = field;
}

struct mxa_field_index *mxa_field_index_new(
    struct mxa_arena *a, const struct mxa_headers *h)
{
	struct mxa_field_index *x = mxa_arena_calloc(a, 1, sizeof(*x));
	size_t buckets = 16;

	while (buckets < h->n)
		buckets *= 2;
	x->h = h;
	x->mask = buckets - 1;
	x->above = mxa_arena_alloc(a, h->n * sizeof(*x->above));
	x->chain = mxa_arena_alloc(a, h->n * sizeof(*x->chain));
	x->bucket = mxa_arena_alloc(a, buckets * sizeof(*x->bucket));
	for (size_t i = 0; i < buckets; i++)
		x->bucket[i] = NONE;
	for (size_t i = 0; i < h->n; i++)
		add_field(x, (uint32_t)i);
	return x;
}

bool mxa_names_next(struct mxa_str *list, struct mxa_str *name)
{
	while (list->p != NULL) {
		size_t colon = mxa_str_chr(*list, ':', 0);

		*name = mxa_str_trim(mxa_str_sub(*list, 0, colon));
		*list = colon < list->len
		    ? mxa_str_sub(*list, colon + 1, list->len)
		    : MXA_STR_NONE;
		if (name->len > 0)
			return true;
	}
	return false;
}

/* The next field of that name for this selection, or NONE. */
static uint32_t pick_field(
    struct mxa_field_index *x, struct mxa_str name, size_t self)
{
	struct chain *c = find_chain(x, name);
	uint32_t field;

	if (c == NULL)
		return NONE;
	if (c->selection != x->selection) {
		c->selection = x->selection;
		c->at = c->bottom;
	}
	if (c->at == self)
		c->at = x->above[c->at];
	field = c->at;
	if (field != NONE)
		c->at = x->above[field];
	return field;
}

void mxa_select_hash(struct mxa_field_index *x,
    const struct mxa_header_hash *what, struct mxa_hash *hash)
{
	struct mxa_canon_sink sink = mxa_hash_sink(hash);
	struct mxa_str rest = what->names, name;

	x->selection++;
	while (mxa_names_next(&rest, &name)) {
		uint32_t field = pick_field(x, name, what->self);

		if (field == NONE)
			continue;
		mxa_canon_field(what->canon, &x->h->v[field], 0, 0, &sink);
		mxa_hash_put(hash, "\r\n", 2);
	}
	mxa_canon_field(what->canon, &x->h->v[what->self], what->cut_from,
	    what->cut_to, &sink);
}
