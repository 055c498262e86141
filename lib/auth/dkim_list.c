/* dkim_list.c - see dkim_list.h. */
#include "auth/dkim_list.h"

#include <string.h>

#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "mail/headers.h"

#define EARLY_KEYS 8 /* asked before the author is known */
#define SHOWN_B 8    /* characters of b= in a report, at least (RFC 6008) */

void mxa_dkim_list_init(struct mxa_dkim_list *l,
    const struct mxa_engine_env *env, const struct mxa_headers *h)
{
	memset(l, 0, sizeof(*l));
	l->env = env;
	l->headers = h;
	l->limits.now = mxa_clock_wall(env->clock);
	l->limits.skew = env->options->clock_skew;
}

static struct mxa_dkim_seen *next_seen(struct mxa_dkim_list *l)
{
	l->seen = mxa_arena_room(
	    l->env->arena, l->seen, l->n, &l->cap, sizeof(*l->seen));
	return &l->seen[l->n++];
}

/* A registry's suffix signs for nobody (RFC 6376 section 6.1.1); known where
 * the public suffix list is loaded. */
static void refuse_suffix(const struct mxa_dkim_list *l, struct mxa_sig *s)
{
	const struct mxa_psl *psl = l->env->options->psl;

	if (psl == NULL || !mxa_sig_usable(s) ||
	    !mxa_psl_is_suffix(psl, s->domain))
		return;
	s->fault.result = MXA_DKIM_POLICY;
	s->fault.cause = MXA_DKIM_DOMAIN;
	s->fault.reason = mxa_phrase(l->env->arena,
	    N_("d= is a public suffix: %.*s"), MXA_STR_ARG(s->domain));
}

void mxa_dkim_list_header(struct mxa_dkim_list *l, size_t field)
{
	struct mxa_dkim_seen *s;

	if (!mxa_str_caseis(l->headers->v[field].name, "DKIM-Signature"))
		return;
	if (l->n == MXA_MAX_SIGNATURES_SEEN) {
		l->unseen++;
		return;
	}
	s = next_seen(l);
	memset(s, 0, sizeof(*s));
	mxa_sig_parse(l->env->arena, MXA_SIG_DKIM, l->headers, field,
	    &l->limits, &s->sig);
	refuse_suffix(l, &s->sig);
	if (mxa_sig_usable(&s->sig) && l->early < EARLY_KEYS) {
		l->early++;
		mxa_dns_prefetch(l->env->budget, MXA_SHARE_OTHER,
		    s->sig.key_name, MXA_DNS_TXT);
	}
}

/* --- end of the header: which signatures are tried --- */

/* Whether a signature by 'domain' could align with 'author'.  What counts in
 * the end is DMARC's business; here a guess is enough that never leaves out a
 * domain that does align: one within the other, or the same parent domain. */
static bool could_align(struct mxa_str domain, struct mxa_str author)
{
	return mxa_domain_related(domain, author) ||
	    mxa_str_eq(
		mxa_domain_right(domain, 2), mxa_domain_right(author, 2));
}

static enum mxa_dkim_rank rank_of(
    const struct mxa_sig *s, const struct mxa_authors *authors)
{
	if (!mxa_sig_usable(s))
		return MXA_RANK_UNUSABLE;
	for (size_t i = 0; authors != NULL && i < authors->n; i++)
		if (could_align(s->domain, authors->domain[i]))
			return MXA_RANK_ALIGNED;
	return MXA_RANK_OTHER;
}

static enum mxa_dns_share share_of(enum mxa_dkim_rank rank)
{
	return rank == MXA_RANK_ALIGNED ? MXA_SHARE_AUTHOR_KEYS
					: MXA_SHARE_OTHER;
}

static void choose_fields(struct mxa_dkim_list *l, enum mxa_dkim_rank rank)
{
	for (size_t i = 0; i < l->n; i++) {
		struct mxa_dkim_seen *s = &l->seen[i];

		if (l->chosen == l->env->options->dkim_max_signatures)
			return;
		if (s->rank != rank)
			continue;
		s->chosen = true;
		l->chosen++;
		if (rank != MXA_RANK_UNUSABLE)
			mxa_dns_prefetch(l->env->budget, share_of(rank),
			    s->sig.key_name, MXA_DNS_TXT);
	}
}

void mxa_dkim_list_choose(
    struct mxa_dkim_list *l, const struct mxa_authors *authors)
{
	for (size_t i = 0; i < l->n; i++) {
		struct mxa_dkim_seen *s = &l->seen[i];

		s->rank = rank_of(&s->sig, authors);
		s->author = authors != NULL && authors->n == 1 &&
		    !authors->more &&
		    mxa_str_eq(s->sig.domain, authors->domain[0]);
	}
	for (enum mxa_dkim_rank r = MXA_RANK_ALIGNED; r < MXA_RANKS; r++)
		choose_fields(l, r);
}

/* --- the verdict --- */

static void describe_sig(
    const struct mxa_dkim_seen *s, struct mxa_dkim_sig *out)
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

void mxa_dkim_list_describe(
    const struct mxa_dkim_list *l, struct mxa_dkim_verdict *out)
{
	memset(out, 0, sizeof(*out));
	out->sig =
	    mxa_arena_alloc(l->env->arena, l->chosen * sizeof(*out->sig));
	for (size_t i = 0; i < l->n; i++)
		if (l->seen[i].chosen)
			describe_sig(&l->seen[i], &out->sig[out->n++]);
	out->untried = l->n - out->n + l->unseen;
}

static void not_needed(struct mxa_dkim_sig *out)
{
	out->result = MXA_DKIM_NEUTRAL;
	out->cause = MXA_DKIM_NOT_TRIED;
	out->reason = MXA_PHRASE(
	    N_("not needed for the verdict: no answer about its key yet"));
}

static void report_sig(
    const struct mxa_sig_checked *checked, struct mxa_dkim_sig *out)
{
	out->result = checked->outcome.result;
	out->cause = checked->outcome.cause;
	out->reason = checked->outcome.reason;
	out->body = checked->body;
	out->key_bits = checked->key_bits;
	out->testing = checked->testing;
}

/* One verification of the list. */
struct verification {
	struct mxa_dkim_list *l;
	mxa_dkim_verify_fn *fn;
	void *ctx;
	struct mxa_dkim_verdict *out;
	bool author;  /* the author domain's own signature passed */
	bool aligned; /* one passed that could align */
};

enum patience {
	CACHED, /* the key as far as it is known */
	ASK,	/* asked for, not waited for */
	WAIT,
};

static const struct mxa_dns_answer *key_answer(const struct verification *v,
    const struct mxa_dkim_seen *s, enum patience patience)
{
	struct mxa_budget *b = v->l->env->budget;
	enum mxa_dns_share share = share_of(s->rank);

	if (patience == CACHED)
		return mxa_dns_peek(b, s->sig.key_name, MXA_DNS_TXT);
	if (patience == ASK)
		return mxa_dns_ask(b, share, s->sig.key_name, MXA_DNS_TXT);
	return mxa_dns_lookup(b, share, s->sig.key_name, MXA_DNS_TXT);
}

/* 'n': its index in the verdict. */
static void verify_one(struct verification *v, struct mxa_dkim_seen *s,
    size_t n, const struct mxa_dns_answer *answer)
{
	struct mxa_sig_checked checked = { .key_bits = 0 };

	s->done = true;
	v->fn(v->ctx, s, n, answer, &checked);
	report_sig(&checked, &v->out->sig[n]);
	if (checked.outcome.result != MXA_DKIM_PASS)
		return;
	v->author |= s->author;
	v->aligned |= s->rank == MXA_RANK_ALIGNED;
}

/* One rank; nothing is asked or waited for once the author's own signature has
 * passed.  Returns how many have no key yet.  'seen' and out->sig run in step:
 * out->sig has the chosen ones only. */
static size_t verify_rank(
    struct verification *v, enum mxa_dkim_rank rank, enum patience patience)
{
	struct mxa_dkim_list *l = v->l;
	size_t n = 0, open = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct mxa_dkim_seen *s = &l->seen[i];
		const struct mxa_dns_answer *answer;

		n += s->chosen;
		if (!s->chosen || s->rank != rank || s->done)
			continue;
		answer = key_answer(v, s, v->author ? CACHED : patience);
		if (answer != NULL)
			verify_one(v, s, n - 1, answer);
		else
			open++;
	}
	return open;
}

static enum mxa_settled is_settled(const struct verification *v, bool wait)
{
	const struct mxa_engine_env *env = v->l->env;

	return env->settled == NULL
	    ? MXA_UNSETTLED
	    : env->settled(env->settled_ctx, v->out, wait);
}

/* Signatures that could align, in the order in which their keys arrive, until
 * DMARC stands, by them or by another method. */
static enum mxa_settled verify_aligned(struct verification *v)
{
	(void)verify_rank(v, MXA_RANK_ALIGNED, CACHED);
	for (;;) {
		size_t open = verify_rank(v, MXA_RANK_ALIGNED, ASK);
		enum mxa_settled by_others;

		if (v->author)
			return MXA_SETTLED;
		by_others = is_settled(v, false);
		if (by_others == MXA_SETTLED ||
		    (open == 0 && by_others == MXA_UNSETTLED) ||
		    !mxa_budget_wait_any(v->l->env->budget))
			return by_others;
	}
}

void mxa_dkim_list_verify(struct mxa_dkim_list *l, mxa_dkim_verify_fn *fn,
    void *ctx, struct mxa_dkim_verdict *out)
{
	struct verification v = { l, fn, ctx, out, false, false };
	enum mxa_settled stands = verify_aligned(&v);
	size_t n = 0;

	(void)verify_rank(&v, MXA_RANK_ALIGNED, WAIT);
	if (stands == MXA_UNKNOWN && !v.aligned)
		stands = is_settled(&v, true);
	(void)verify_rank(&v, MXA_RANK_OTHER,
	    v.aligned || stands == MXA_SETTLED ? CACHED : WAIT);
	for (size_t i = 0; i < l->n; i++) {
		const struct mxa_dkim_seen *s = &l->seen[i];

		n += s->chosen;
		if (s->chosen && !s->done && s->rank != MXA_RANK_UNUSABLE)
			not_needed(&out->sig[n - 1]);
	}
}

static size_t common_prefix(struct mxa_str a, struct mxa_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	size_t i = 0;

	while (i < len && a.p[i] == b.p[i])
		i++;
	return i;
}

/* Nothing tells copies apart. */
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

void mxa_dkim_list_finish(
    const struct mxa_dkim_list *l, struct mxa_dkim_verdict *out)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->sig[i].result == MXA_DKIM_POLICY)
			out->sig[i].rules = mxa_str_from(
			    mxa_dkim_cause_name(out->sig[i].cause));
	shorten_b(l->env->arena, out);
}
