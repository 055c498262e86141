/* terms.h - an SPF record as words that can be edited.  Private to
 * lib/explain. */
#ifndef MXA_EXPLAIN_TERMS_H
#define MXA_EXPLAIN_TERMS_H

#include "explain/diagnose.h"

#define MXA_MAX_TERMS_EDITED 400

struct mxa_terms {
	struct mxa_str v[MXA_MAX_TERMS_EDITED]; /* behind "v=spf1" */
	size_t n;
};

void mxa_terms_parse(struct mxa_terms *t, struct mxa_str record);
struct mxa_str mxa_terms_text(struct mxa_arena *a, const struct mxa_terms *t);

/* Before "all", else before the modifiers. */
void mxa_terms_insert(struct mxa_terms *t, struct mxa_str term);
void mxa_terms_insert_first(struct mxa_terms *t, struct mxa_str term);
bool mxa_terms_remove(struct mxa_terms *t, struct mxa_str term);

/* The terms of a second record put in; of two "all" the milder of "~all" and
 * "-all" stays. */
void mxa_terms_merge(struct mxa_terms *t, struct mxa_str record);

/* Terms that stand there twice, once. */
void mxa_terms_unique(struct mxa_terms *t);

/* Correct, or take out, the first word that is not SPF; false: there is none.
 * '*wrong': what stood there. */
bool mxa_terms_correct(
    struct mxa_arena *a, struct mxa_terms *t, struct mxa_str *wrong);

/* Replace one term that asks the DNS by the addresses it stands for today;
 * false: none can be. */
bool mxa_terms_flatten(const struct mxa_explain_env *env, struct mxa_str domain,
    struct mxa_terms *t);

#endif
