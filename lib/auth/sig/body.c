/* body.c - see body.h. */
#include "auth/sig/body.h"

#include <string.h>

#include "base/arena.h"

/* One canonicalisation's pass. */
struct pass {
	struct mxa_canon_body canon;
	struct mxa_hash *hash;	      /* NULL: nobody asked */
	struct mxa_hash *copy;	      /* for snapshots */
	struct mxa_body_digest *want; /* by rising length */
	size_t n, cap;
	size_t next;   /* the first that is not reached */
	uint64_t done; /* octets written */
};

struct mxa_bodies {
	struct mxa_arena *arena;
	struct pass pass[2];
	bool finished;
};

struct mxa_bodies *mxa_bodies_new(struct mxa_arena *a)
{
	struct mxa_bodies *b = mxa_arena_calloc(a, 1, sizeof(*b));

	b->arena = a;
	return b;
}

void mxa_bodies_free(struct mxa_bodies *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < 2; i++) {
		mxa_hash_free(b->pass[i].hash);
		mxa_hash_free(b->pass[i].copy);
	}
}

bool mxa_bodies_wanted(const struct mxa_bodies *b)
{
	return b->pass[0].n > 0 || b->pass[1].n > 0;
}

/* The hash of the first 'length' octets, once that many are written. */
static void take_snapshot(struct pass *p, struct mxa_body_digest *w)
{
	mxa_hash_copy(p->copy, p->hash);
	w->failed = !mxa_hash_final(p->copy, w->digest);
	w->reached = true;
}

static bool wants_more(const struct pass *p)
{
	return p->next < p->n;
}

/* Sink of the canonicaliser.  Behind the last length that somebody wants,
 * octets are only counted. */
static void body_put(void *ctx, const char *bytes, size_t len)
{
	struct pass *p = ctx;

	while (wants_more(p) && p->want[p->next].length - p->done <= len) {
		size_t n = (size_t)(p->want[p->next].length - p->done);

		mxa_hash_put(p->hash, bytes, n);
		bytes += n;
		len -= n;
		p->done += n;
		take_snapshot(p, &p->want[p->next++]);
	}
	if (wants_more(p))
		mxa_hash_put(p->hash, bytes, len);
	p->done += len;
}

static void pass_start(
    struct mxa_bodies *b, struct pass *p, enum mxa_canon canon)
{
	p->hash = mxa_hash_new(b->arena);
	mxa_canon_body_init(
	    &p->canon, canon, (struct mxa_canon_sink){ body_put, p });
}

void mxa_bodies_want(
    struct mxa_bodies *b, enum mxa_canon canon, uint64_t length)
{
	struct pass *p = &b->pass[canon];
	size_t at = 0;

	while (at < p->n && p->want[at].length < length)
		at++;
	if (at < p->n && p->want[at].length == length)
		return;
	if (p->hash == NULL)
		pass_start(b, p, canon);
	if (length != MXA_BODY_WHOLE && p->copy == NULL)
		p->copy = mxa_hash_new(b->arena);
	p->want =
	    mxa_arena_room(b->arena, p->want, p->n, &p->cap, sizeof(*p->want));
	memmove(&p->want[at + 1], &p->want[at], (p->n - at) * sizeof(*p->want));
	p->want[at] = (struct mxa_body_digest){ .length = length };
	p->n++;
}

/* A slice is looked through and hashed while it is in the processor's nearest
 * cache. */
#define SLICE ((size_t)16 * 1024)

void mxa_bodies_feed(struct mxa_bodies *b, const char *p, size_t len)
{
	while (len > 0) {
		size_t n = len < SLICE ? len : SLICE;

		for (size_t i = 0; i < 2; i++)
			if (b->pass[i].n > 0)
				mxa_canon_body_feed(&b->pass[i].canon, p, n);
		p += n;
		len -= n;
	}
}

static void pass_finish(struct pass *p)
{
	if (p->n == 0)
		return;
	mxa_canon_body_finish(&p->canon);
	body_put(p, "", 0); /* l=0 of a body that is nothing */
	if (p->want[p->n - 1].length == MXA_BODY_WHOLE) {
		struct mxa_body_digest *w = &p->want[p->n - 1];

		w->failed = !mxa_hash_final(p->hash, w->digest);
		w->reached = true;
	}
	for (size_t i = 0; i < p->n; i++)
		p->want[i].total = p->done;
}

void mxa_bodies_finish(struct mxa_bodies *b)
{
	if (b->finished)
		return;
	b->finished = true;
	pass_finish(&b->pass[0]);
	pass_finish(&b->pass[1]);
}

const struct mxa_body_digest *mxa_bodies_get(
    const struct mxa_bodies *b, enum mxa_canon canon, uint64_t length)
{
	const struct pass *p = &b->pass[canon];

	for (size_t i = 0; i < p->n; i++)
		if (p->want[i].length == length)
			return &p->want[i];
	return NULL;
}
