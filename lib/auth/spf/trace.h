/* trace.h - what an SPF evaluation did, step by step, for `mxauth spf` and the
 * lint.  In the message's arena. */
#ifndef MXA_AUTH_SPF_TRACE_H
#define MXA_AUTH_SPF_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/verdict.h"
#include "base/ipaddr.h"
#include "base/str.h"

struct mxa_arena;

/* A sender chooses the number of terms and of addresses behind them. */
#define MXA_SPF_MAX_STEPS 4000
#define MXA_SPF_MAX_FOUND 100

enum mxa_spf_outcome {
	MXA_STEP_NO_MATCH,
	MXA_STEP_MATCH,
	MXA_STEP_ERROR, /* the evaluation ended here */
	MXA_STEP_INFO,	/* a record, a modifier: cannot match */
};

/* "match", "no match", "error", "info".  Static. */
const char *mxa_spf_outcome_name(enum mxa_spf_outcome o);

/* A record that was fetched ('term' empty) or one term of it. */
struct mxa_spf_step {
	struct mxa_spf_step *next;
	unsigned depth;	       /* 0: the sender's own record; a redirect's
				  target has the depth of its source */
	struct mxa_str domain; /* whose record */
	struct mxa_str text;   /* the record's text, or the term as published */
	bool is_record;
	struct mxa_str target; /* the name it expanded to; empty: none */
	struct mxa_str *found; /* names and addresses it led to, as text */
	size_t n;
	size_t more; /* beyond MXA_SPF_MAX_FOUND */
	enum mxa_spf_outcome outcome;
	struct mxa_phrase why; /* why it matched or not; may be empty */
	unsigned lookups;      /* terms that asked so far, this one included */
	unsigned voids;
};

struct mxa_spf_trace {
	struct mxa_arena *arena;
	struct mxa_spf_step *first, **last;
	size_t n;
	size_t dropped; /* beyond MXA_SPF_MAX_STEPS */
};

struct mxa_spf_trace *mxa_spf_trace_new(struct mxa_arena *a);

/* The functions below take NULL for "no trace", give NULL then and when there
 * are too many steps, and do nothing for a NULL step. */

struct mxa_spf_step *mxa_spf_trace_add(struct mxa_spf_trace *t, unsigned depth,
    struct mxa_str domain, struct mxa_str text);
void mxa_spf_trace_name(
    struct mxa_spf_trace *t, struct mxa_spf_step *s, struct mxa_str name);
void mxa_spf_trace_ip(
    struct mxa_spf_trace *t, struct mxa_spf_step *s, const struct mxa_ip *ip);

#endif
