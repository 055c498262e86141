/* glass.h - one failure under the glass: what diagnose.c, dkim.c and other.c
 * share.  Private to lib/explain. */
#ifndef MXA_EXPLAIN_GLASS_H
#define MXA_EXPLAIN_GLASS_H

#include "auth/orgdom.h"
#include "base/arena.h"
#include "explain/advise.h"

/* One failure under the glass. */
struct glass {
	const struct mxa_explain_env *env;
	struct mxa_arena *a;
	const struct mxa_bounce *b;
	const struct mxa_failure *f;
	struct mxa_explained *out;
	struct mxa_senders senders;
	struct mxa_str author;	    /* From domain; empty: not known */
	struct mxa_str mail_domain; /* whose SPF record counts */
	struct mxa_walk walk;	    /* of the author */
	struct mxa_spf_verdict spf;
	unsigned why;
};

#define BIT(w) (1u << (w))

void mxa_glass_because(struct glass *g, enum mxa_why w);

/* A sentence of the findings, of what not to do: each once. */
void mxa_glass_say(struct glass *g, const char *text);
void mxa_glass_avoid(struct glass *g, const char *text);

/* The same action for the same name once. */
void mxa_glass_fix(struct glass *g, const struct mxa_fix *fix);
void mxa_glass_fix_text(
    struct glass *g, enum mxa_fix_action action, const char *text);

#define SAY(g, ...) mxa_glass_say(g, mxa_arena_printf((g)->a, __VA_ARGS__))

/* Whether a domain aligns with the author's (RFC 9989 section 4.4). */
bool mxa_glass_aligned(struct glass *g, struct mxa_str domain, bool dkim);

/* Signatures of the returned message and their keys (dkim.c). */
void mxa_glass_dkim(struct glass *g);

/* What is no matter of authentication (other.c). */
void mxa_glass_other(struct glass *g);

#endif
