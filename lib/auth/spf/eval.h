/* eval.h - check_host() of RFC 7208 section 4 as a pure function of the answers
 * that are there.
 *
 * Answers come from a source.  One that knows every answer (the budget, which
 * waits) gives the result.  One that says "not yet" lets the evaluation run on
 * with what is open taken as not matching, so that it comes past the names of
 * all terms that may be needed: that is how the plan (plan.c) learns what to
 * ask.  Both run the same code. */
#ifndef MXA_AUTH_SPF_EVAL_H
#define MXA_AUTH_SPF_EVAL_H

#include "auth/spf/macro.h"
#include "auth/spf/published.h"
#include "auth/verdict.h"
#include "dns/dns.h"

struct mxa_arena;
struct mxa_spf_trace;

struct mxa_spf_source {
	/* NULL: not there yet. */
	const struct mxa_dns_answer *(*ask)(
	    void *ctx, struct mxa_str name, enum mxa_dns_type type);
	/* The record in an answer that ask() gave. */
	const struct mxa_spf_published *(*published)(
	    void *ctx, const struct mxa_dns_answer *answer);
	void *ctx;
};

/* What decided: enough to say it in words. */
struct mxa_spf_finding {
	enum mxa_spf_cause cause;
	struct mxa_str domain;		/* whose record */
	struct mxa_str term;		/* as published; empty: none */
	struct mxa_spf_mistake mistake; /* SYNTAX */
	struct mxa_str name;		/* what was asked: NO_RECORD, MULTIPLE,
					   NO_TARGET, DNS */
	enum mxa_dns_type type;
	enum mxa_dns_status status;
};

struct mxa_spf_eval {
	/* set by the caller; values.domain and values.ptr are ours */
	struct mxa_arena *arena;
	const struct mxa_spf_source *source;
	struct mxa_spf_values values;
	unsigned max_voids;
	struct mxa_spf_trace *trace; /* NULL: none */

	/* left by the evaluation */
	unsigned lookups;
	unsigned voids;
	bool pending;	  /* an answer was not there: no result */
	bool used_sender; /* a part of the sender's address was expanded */
	struct mxa_spf_finding finding;
	struct mxa_str explanation; /* cleaned; empty: none */
};

/* Explanations are cut here: they are shown in a reply at most. */
#define MXA_SPF_MAX_EXPLANATION 255

/* The client's validated name that is nearest to 'domain', or "unknown"
 * (RFC 7208 section 7.3, %{p}).  In e->arena or static. */
struct mxa_str mxa_spf_validated_name(
    struct mxa_spf_eval *e, struct mxa_str domain);

/* Section 4.3: whether a name could have a record: labels of 1 to 63 octets,
 * more than one of them. */
bool mxa_spf_usable(struct mxa_str domain);

/* Evaluate 'domain', without trailing dot.  When e->pending is set afterwards
 * the result means nothing. */
enum mxa_spf_result mxa_spf_evaluate(
    struct mxa_spf_eval *e, struct mxa_str domain);

#endif
