/* spf_edit.h - an SPF record as words that can be edited. */
#ifndef MXA_RECORD_SPF_EDIT_H
#define MXA_RECORD_SPF_EDIT_H

#include "auth/engine.h"
#include "auth/spf/grammar.h"

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
bool mxa_terms_flatten(const struct mxa_engine_env *env, struct mxa_str domain,
    struct mxa_terms *t);

/* --- texts --- */

/* The record 'text' with term 't' replaced by 'instead' (NULL: left out) and
 * with 'append' behind it (NULL: nothing).  't' NULL: all terms stay. */
struct mxa_str mxa_spf_edit(struct mxa_arena *a, struct mxa_str text,
    const struct mxa_spf_term *t, const char *instead, const char *append);

/* The record with 'all' behind all other terms, in place of its own. */
struct mxa_str mxa_spf_end(
    struct mxa_arena *a, struct mxa_str text, const char *all);

/* "include=d" as "include:d". */
struct mxa_str mxa_spf_colon(struct mxa_arena *a, struct mxa_str term);

/* One record with the terms of all of 'text'. */
struct mxa_str mxa_spf_merge(
    struct mxa_arena *a, const struct mxa_str *text, size_t n);

/* The usual mistakes of a record put right; empty: it is not one of those. */
struct mxa_str mxa_spf_repair(struct mxa_arena *a, struct mxa_str text);

#endif
