/* align.h - DMARC alignment (RFC 9989 sections 3.2.10, 4.4, 5.3): a pure
 * function of what the walks and the other methods found. */
#ifndef MXA_AUTH_ALIGN_H
#define MXA_AUTH_ALIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/orgdom.h"

/* An authenticated identifier, or one that might have been. */
struct mxa_identifier {
	struct mxa_str domain; /* canonical */
	bool dkim;	       /* else SPF */
	bool passed;	       /* else its check was a temperror */
	bool walked;	       /* 'walk' is there; else only equality counts */
	struct mxa_walk walk;
};

enum mxa_alignment_result {
	MXA_ALIGN_NO_RECORD, /* no policy applies */
	MXA_ALIGN_UNUSABLE,  /* the record that applies has no valid policy */
	MXA_ALIGN_PASS,
	MXA_ALIGN_FAIL,
	MXA_ALIGN_OPEN, /* the DNS left open what decides */
};

struct mxa_alignment {
	enum mxa_alignment_result result;
	struct mxa_org org; /* of the author; as if failed questions had no
			       record */
	/* The record that applies, in every world; NULL: none, or open. */
	const struct mxa_walk_step *applied;
	bool spf; /* an aligned identifier passed, in every world */
	bool dkim;
	const struct mxa_identifier *by;   /* pass: one that is aligned */
	const struct mxa_identifier *open; /* open because this check is */
	bool guarded; /* the single-label guard made a difference */
};

/* Results for one author domain, whose walk is 'author'.  'guard': two
 * different names never align by a single-label organizational domain, unless
 * its record says psd=n.  At most one record is
 * applied: the author's own, that of its organizational domain, or that of its
 * public suffix domain, in this order (section 4.10.1). */
void mxa_align(const struct mxa_walk *author, const struct mxa_identifier *id,
    size_t n, bool guard, struct mxa_alignment *out);

/* Whether an identifier of that name could align with the author by a common
 * organizational domain, as far as the author's walk tells: only then its own
 * walk is worth the questions. */
bool mxa_align_possible(const struct mxa_walk *author, struct mxa_str domain);

#endif
