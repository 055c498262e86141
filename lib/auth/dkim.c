/* dkim.c - the native DKIM engine: all DKIM-Signature fields of a message
 * (RFC 6376 section 6), on the core in auth/sig/.
 *
 * Signatures are read as their fields arrive, and the first few keys are asked
 * for at once.  At the end of the header it is known who the author is: the
 * signatures that could align come first, when not all may be tried and when
 * keys are waited for. */
#include <string.h>

#include "auth/dkim_list.h"
#include "auth/engine.h"
#include "auth/sig/body.h"
#include "auth/sig/hash.h"
#include "auth/sig/select.h"
#include "auth/sig/verify.h"
#include "base/arena.h"

struct state {
	struct mxa_dkim_list list;
	bool complete; /* eoh was called */
	struct mxa_bodies *bodies;
};

static void *native_begin(
    const struct mxa_engine_env *env, const struct mxa_headers *h)
{
	struct state *st = mxa_arena_calloc(env->arena, 1, sizeof(*st));

	mxa_dkim_list_init(&st->list, env, h);
	return st;
}

static void native_header(void *state, size_t field)
{
	mxa_dkim_list_header(&((struct state *)state)->list, field);
}

static bool native_eoh(void *state, const struct mxa_authors *authors)
{
	struct state *st = state;
	const struct mxa_engine_env *env = st->list.env;

	st->complete = true;
	if (st->list.n == 0)
		return false;
	st->bodies = env->bodies ? env->bodies : mxa_bodies_new(env->arena);
	mxa_dkim_list_choose(&st->list, authors);
	for (size_t i = 0; i < st->list.n; i++)
		if (st->list.seen[i].chosen &&
		    st->list.seen[i].rank != MXA_RANK_UNUSABLE)
			mxa_verify_want_body(st->bodies, &st->list.seen[i].sig);
	return mxa_bodies_wanted(st->bodies);
}

static void native_body(void *state, const char *p, size_t len)
{
	struct state *st = state;

	if (st->bodies != NULL && st->bodies != st->list.env->bodies)
		mxa_bodies_feed(st->bodies, p, len);
}

static void verify_native(void *ctx, const struct mxa_dkim_seen *s, size_t n,
    const struct mxa_dns_answer *answer, struct mxa_sig_checked *out)
{
	(void)n;
	mxa_verify_message(ctx, &s->sig, answer, out);
}

static void verify_all(struct state *st, struct mxa_dkim_verdict *out)
{
	const struct mxa_engine_env *env = st->list.env;
	struct mxa_verifier v = { .arena = env->arena,
		.options = env->options,
		.bodies = st->bodies };

	mxa_bodies_finish(st->bodies);
	v.index = mxa_field_index_new(env->arena, st->list.headers);
	v.hash = mxa_hash_new(env->arena);
	mxa_dkim_list_verify(&st->list, verify_native, &v, out);
	mxa_hash_free(v.hash);
}

static void native_cancel(void *state)
{
	struct state *st = state;

	if (st->bodies != st->list.env->bodies)
		mxa_bodies_free(st->bodies);
	st->bodies = NULL;
}

static void native_finish(void *state, struct mxa_dkim_verdict *out)
{
	struct state *st = state;

	memset(out, 0, sizeof(*out));
	if (!st->complete)
		native_eoh(st, NULL);
	if (st->list.n == 0)
		return;
	mxa_dkim_list_describe(&st->list, out);
	if (mxa_bodies_wanted(st->bodies))
		verify_all(st, out);
	mxa_dkim_list_finish(&st->list, out);
	native_cancel(st);
}

const struct mxa_dkim_engine mxa_dkim_native = {
	.name = "native",
	.begin = native_begin,
	.header = native_header,
	.eoh = native_eoh,
	.body = native_body,
	.finish = native_finish,
	.cancel = native_cancel,
};
