/* dkim.c - the native DKIM engine: all DKIM-Signature fields of a message
 * (RFC 6376 section 6), on the core in auth/sig/.
 *
 * Signatures are read as their fields arrive, and the first few keys are asked
 * for at once.  At the end of the header it is known who the author is: the
 * signatures that could align come first, when not all may be tried and when
 * keys are waited for. */
#include <string.h>

#include "auth/engine.h"
#include "auth/sig/body.h"
#include "auth/sig/hash.h"
#include "auth/sig/select.h"
#include "auth/sig/tags.h"
#include "auth/sig/verify.h"
#include "base/arena.h"
#include "base/domain.h"
#include "base/limits.h"
#include "mail/headers.h"

#define EARLY_KEYS 8 /* asked before the author is known */
#define SHOWN_B 8    /* characters of b= in a report, at least (RFC 6008) */

/* The order in which signatures are tried. */
enum rank { ALIGNED, OTHER, UNUSABLE, RANKS };

struct seen {
	struct mxa_sig sig;
	enum rank rank;
	bool chosen;
};

struct state {
	const struct mxa_engine_env *env;
	const struct mxa_headers *headers;
	struct mxa_sig_limits limits;
	struct seen *seen;
	size_t n, cap;
	size_t unseen; /* beyond MXA_MAX_SIGNATURES_SEEN */
	size_t chosen;
	size_t early;  /* keys asked for while fields arrived */
	bool complete; /* eoh was called */
	struct mxa_bodies *bodies;
};

static void *native_begin(
    const struct mxa_engine_env *env, const struct mxa_headers *h)
{
	struct state *st = mxa_arena_calloc(env->arena, 1, sizeof(*st));

	st->env = env;
	st->headers = h;
	st->limits.now = mxa_clock_wall(env->clock);
	st->limits.skew = env->options->clock_skew;
	return st;
}

static struct seen *next_seen(struct state *st)
{
	if (st->n == st->cap) {
		size_t cap = st->cap ? 2 * st->cap : 4;

		st->seen = mxa_arena_grow(st->env->arena, st->seen,
		    st->cap * sizeof(*st->seen), cap * sizeof(*st->seen));
		st->cap = cap;
	}
	return &st->seen[st->n++];
}

static void native_header(void *state)
{
	struct state *st = state;
	size_t field = st->headers->n - 1;
	struct seen *s;

	if (!mxa_str_caseis(st->headers->v[field].name, "DKIM-Signature"))
		return;
	if (st->n == MXA_MAX_SIGNATURES_SEEN) {
		st->unseen++;
		return;
	}
	s = next_seen(st);
	memset(s, 0, sizeof(*s));
	mxa_sig_parse(st->env->arena, MXA_SIG_DKIM, st->headers, field,
	    &st->limits, &s->sig);
	if (mxa_sig_usable(&s->sig) && st->early < EARLY_KEYS) {
		st->early++;
		mxa_dns_prefetch(st->env->budget, MXA_SHARE_OTHER,
		    s->sig.key_name, MXA_DNS_TXT);
	}
}

/* --- end of the header: which signatures are tried --- */

/* Whether a signature by 'domain' could align with 'author'.  What counts in
 * the end is DMARC's business; here a guess is enough that never leaves out a
 * domain that does align: one within the other, or the same parent domain. */
static bool could_align(struct mxa_str domain, struct mxa_str author)
{
	return mxa_domain_within(domain, author) ||
	    mxa_domain_within(author, domain) ||
	    mxa_str_eq(
		mxa_domain_right(domain, 2), mxa_domain_right(author, 2));
}

static enum rank rank_of(
    const struct mxa_sig *s, const struct mxa_authors *authors)
{
	if (!mxa_sig_usable(s))
		return UNUSABLE;
	for (size_t i = 0; authors != NULL && i < authors->n; i++)
		if (could_align(s->domain, authors->domain[i]))
			return ALIGNED;
	return OTHER;
}

static enum mxa_dns_share share_of(enum rank rank)
{
	return rank == ALIGNED ? MXA_SHARE_AUTHOR_KEYS : MXA_SHARE_OTHER;
}

static void choose(struct state *st, enum rank rank)
{
	for (size_t i = 0; i < st->n; i++) {
		struct seen *s = &st->seen[i];

		if (st->chosen == st->env->options->dkim_max_signatures)
			return;
		if (s->rank != rank)
			continue;
		s->chosen = true;
		st->chosen++;
		if (rank == UNUSABLE)
			continue;
		mxa_dns_prefetch(st->env->budget, share_of(rank),
		    s->sig.key_name, MXA_DNS_TXT);
		mxa_verify_want_body(st->bodies, &s->sig);
	}
}

static bool native_eoh(void *state, const struct mxa_authors *authors)
{
	struct state *st = state;

	st->complete = true;
	if (st->n == 0)
		return false;
	st->bodies = st->env->bodies ? st->env->bodies
				     : mxa_bodies_new(st->env->arena);
	for (size_t i = 0; i < st->n; i++)
		st->seen[i].rank = rank_of(&st->seen[i].sig, authors);
	for (enum rank r = ALIGNED; r < RANKS; r++)
		choose(st, r);
	return mxa_bodies_wanted(st->bodies);
}

static void native_body(void *state, const char *p, size_t len)
{
	struct state *st = state;

	if (st->bodies != NULL && st->bodies != st->env->bodies)
		mxa_bodies_feed(st->bodies, p, len);
}

/* --- the verdict --- */

/* Everything of a report that does not depend on the key. */
static void describe(const struct seen *s, struct mxa_dkim_sig *out)
{
	memset(out, 0, sizeof(*out));
	out->result = s->sig.fault.result;
	out->cause = s->sig.fault.cause;
	out->reason = s->sig.fault.reason;
	out->domain = s->sig.domain;
	out->identity = s->sig.identity;
	out->selector = s->sig.selector;
	out->algorithm = s->sig.a;
	out->b = s->sig.b_text;
	out->rules = MXA_STR("");
	out->covers_subject = s->sig.covers_subject;
	out->signed_at = s->sig.signed_at;
	out->field = s->sig.field;
}

static void report(
    const struct mxa_sig_checked *checked, struct mxa_dkim_sig *out)
{
	out->result = checked->outcome.result;
	out->cause = checked->outcome.cause;
	out->reason = checked->outcome.reason;
	out->body = checked->body;
	out->key_bits = checked->key_bits;
	out->testing = checked->testing;
}

/* The key's answer.  What cannot align is not waited for when the author has
 * been authenticated already: NULL then. */
static const struct mxa_dns_answer *key_answer(
    struct state *st, const struct seen *s, bool settled)
{
	struct mxa_budget *budget = st->env->budget;

	if (s->rank == OTHER && settled)
		return mxa_dns_peek(budget, s->sig.key_name, MXA_DNS_TXT);
	return mxa_dns_lookup(
	    budget, share_of(s->rank), s->sig.key_name, MXA_DNS_TXT);
}

static void verify_one(struct state *st, const struct mxa_verifier *v,
    const struct seen *s, bool settled, struct mxa_dkim_sig *out)
{
	const struct mxa_dns_answer *answer = key_answer(st, s, settled);
	struct mxa_sig_checked checked;

	if (answer == NULL) {
		out->result = MXA_DKIM_NEUTRAL;
		out->cause = MXA_DKIM_NOT_TRIED;
		out->reason = MXA_STR("not needed for the verdict: no answer "
				      "about its key yet");
		return;
	}
	mxa_verify_message(v, &s->sig, answer, &checked);
	report(&checked, out);
}

/* Verify the chosen ones of a rank; true when one passed.  out->sig[] holds
 * the chosen ones in the order of the header. */
static bool verify_rank(struct state *st, const struct mxa_verifier *v,
    enum rank rank, bool settled, struct mxa_dkim_verdict *out)
{
	bool passed = false;
	size_t n = 0;

	for (size_t i = 0; i < st->n; i++) {
		if (!st->seen[i].chosen)
			continue;
		if (st->seen[i].rank == rank) {
			verify_one(st, v, &st->seen[i], settled, &out->sig[n]);
			passed |= out->sig[n].result == MXA_DKIM_PASS;
		}
		n++;
	}
	return passed;
}

static void verify_all(struct state *st, struct mxa_dkim_verdict *out)
{
	struct mxa_arena *a = st->env->arena;
	struct mxa_verifier v = { .arena = a, .options = st->env->options };
	bool settled = st->env->settled;

	mxa_bodies_finish(st->bodies);
	v.bodies = st->bodies;
	v.index = mxa_field_index_new(a, st->headers);
	v.hash = mxa_hash_new(a);
	settled |= verify_rank(st, &v, ALIGNED, settled, out);
	verify_rank(st, &v, OTHER, settled, out);
	mxa_hash_free(v.hash);
}

static size_t common_prefix(struct mxa_str a, struct mxa_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	size_t i = 0;

	while (i < len && a.p[i] == b.p[i])
		i++;
	return i;
}

/* As much of b= as tells the signatures of this message apart (RFC 6008);
 * nothing tells copies apart. */
static void shorten_b(struct mxa_arena *a, struct mxa_dkim_verdict *out)
{
	size_t *shown = mxa_arena_alloc(a, out->n * sizeof(*shown));

	for (size_t i = 0; i < out->n; i++)
		shown[i] = SHOWN_B;
	for (size_t i = 0; i < out->n; i++)
		for (size_t j = 0; j < i; j++) {
			struct mxa_str x = out->sig[i].b, y = out->sig[j].b;
			size_t same = common_prefix(x, y);

			if (same == x.len && same == y.len)
				continue;
			if (shown[i] < same + 1)
				shown[i] = same + 1;
			if (shown[j] < same + 1)
				shown[j] = same + 1;
		}
	for (size_t i = 0; i < out->n; i++)
		out->sig[i].b = mxa_str_sub(out->sig[i].b, 0, shown[i]);
}

static void describe_all(struct state *st, struct mxa_dkim_verdict *out)
{
	out->sig =
	    mxa_arena_alloc(st->env->arena, st->chosen * sizeof(*out->sig));
	for (size_t i = 0; i < st->n; i++)
		if (st->seen[i].chosen)
			describe(&st->seen[i], &out->sig[out->n++]);
	out->untried = st->n - out->n + st->unseen;
}

static void native_cancel(void *state)
{
	struct state *st = state;

	if (st->bodies != st->env->bodies)
		mxa_bodies_free(st->bodies);
	st->bodies = NULL;
}

static void native_finish(void *state, struct mxa_dkim_verdict *out)
{
	struct state *st = state;

	memset(out, 0, sizeof(*out));
	if (!st->complete)
		native_eoh(st, NULL);
	if (st->n == 0)
		return;
	describe_all(st, out);
	if (mxa_bodies_wanted(st->bodies))
		verify_all(st, out);
	for (size_t i = 0; i < out->n; i++)
		if (out->sig[i].result == MXA_DKIM_POLICY)
			out->sig[i].rules = mxa_str_from(
			    mxa_dkim_cause_name(out->sig[i].cause));
	shorten_b(st->env->arena, out);
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
