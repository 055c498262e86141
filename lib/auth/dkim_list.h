/* dkim_list.h - the DKIM-Signature fields of a message: which are tried, in
 * which order their keys are asked, how they are reported.  What both engines
 * have in common. */
#ifndef MXA_AUTH_DKIM_LIST_H
#define MXA_AUTH_DKIM_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/engine.h"
#include "auth/sig/tags.h"
#include "auth/sig/verify.h"

/* The order in which signatures are tried. */
enum mxa_dkim_rank {
	MXA_RANK_ALIGNED, /* could align with an author */
	MXA_RANK_OTHER,
	MXA_RANK_UNUSABLE, /* authenticates nothing, whatever its key */
	MXA_RANKS,
};

struct mxa_dkim_seen {
	struct mxa_sig sig;
	enum mxa_dkim_rank rank;
	bool chosen; /* within maximum-signatures */
	bool author; /* d= is the only author domain itself: a pass settles
			DMARC whatever its record says */
	bool done;   /* verified, or given up */
};

struct mxa_dkim_list {
	const struct mxa_engine_env *env;
	const struct mxa_headers *headers;
	struct mxa_sig_limits limits;
	struct mxa_dkim_seen *seen; /* in order of the header */
	size_t n, cap;
	size_t unseen; /* beyond MXA_MAX_SIGNATURES_SEEN */
	size_t chosen;
	size_t early; /* keys asked for while fields arrived */
};

void mxa_dkim_list_init(struct mxa_dkim_list *l,
    const struct mxa_engine_env *env, const struct mxa_headers *h);

/* headers->v[field] has arrived; may ask for its key. */
void mxa_dkim_list_header(struct mxa_dkim_list *l, size_t field);

/* The header is complete: rank the signatures, choose, ask for their keys.
 * 'authors' may be NULL. */
void mxa_dkim_list_choose(
    struct mxa_dkim_list *l, const struct mxa_authors *authors);

/* What can be said of the chosen signatures without their keys, in order of
 * the header. */
void mxa_dkim_list_describe(
    const struct mxa_dkim_list *l, struct mxa_dkim_verdict *out);

/* Verifies one signature with the answer about its key: 'n' is its index in
 * the verdict, 'checked' comes zeroed. */
typedef void mxa_dkim_verify_fn(void *ctx, const struct mxa_dkim_seen *s,
    size_t n, const struct mxa_dns_answer *answer,
    struct mxa_sig_checked *checked);

/* Verify the chosen usable ones: those that could align first, in the order in
 * which their keys arrive.  Nothing is waited for any more once the author
 * domain's own signature has passed.  What cannot align is not waited for
 * either when env->settled says that DMARC stands, or when a signature has
 * passed that could align. */
void mxa_dkim_list_verify(struct mxa_dkim_list *l, mxa_dkim_verify_fn *fn,
    void *ctx, struct mxa_dkim_verdict *out);

/* When all results are there: policy.dkim-rules, and b= as long as it must be
 * to tell the signatures apart (RFC 6008). */
void mxa_dkim_list_finish(
    const struct mxa_dkim_list *l, struct mxa_dkim_verdict *out);

#endif
