/* tags.h - the tags of a DKIM-Signature (RFC 6376 section 3.5), an
 * ARC-Message-Signature and an ARC-Seal (RFC 8617 section 4.1). */
#ifndef MXA_AUTH_SIG_TAGS_H
#define MXA_AUTH_SIG_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/sig/canon.h"
#include "auth/verdict.h"
#include "base/str.h"
#include "mail/headers.h"

struct mxa_arena;

enum mxa_sig_kind { MXA_SIG_DKIM, MXA_SIG_AMS, MXA_SIG_SEAL };

enum mxa_sig_algorithm {
	MXA_SIG_UNKNOWN,
	MXA_SIG_RSA_SHA1,
	MXA_SIG_RSA_SHA256,
	MXA_SIG_ED25519_SHA256,
};

enum mxa_sig_cv { MXA_CV_BAD, MXA_CV_NONE, MXA_CV_PASS, MXA_CV_FAIL };

/* A result with its cause, as the verdict wants it. */
struct mxa_sig_outcome {
	enum mxa_dkim_result result;
	enum mxa_dkim_cause cause;
	struct mxa_phrase reason;
};

/* Slices of the field, except where said. */
struct mxa_sig {
	enum mxa_sig_kind kind;
	size_t field; /* index in the header section */
	struct mxa_field raw;
	enum mxa_sig_algorithm algorithm;
	enum mxa_canon header_canon;
	enum mxa_canon body_canon;
	struct mxa_str a;	 /* a= as given */
	struct mxa_str domain;	 /* d=, canonical; empty: unreadable */
	struct mxa_str selector; /* s= as given */
	struct mxa_str key_name; /* where the key is; empty: cannot be asked */
	struct mxa_str identity; /* i= without white space, or "@" d= */
	struct mxa_str b_text;	 /* b= without white space */
	struct mxa_str b;	 /* decoded */
	struct mxa_str bh;
	struct mxa_str names; /* h= */
	bool has_length;
	uint64_t length;   /* l=; UINT64_MAX also for anything larger */
	int64_t signed_at; /* t=, or -1 */
	int64_t expires;   /* x=, or -1 */
	size_t cut_from;   /* value of b= in raw.raw */
	size_t cut_to;
	bool covers_subject;
	bool strict_ok;	    /* i= is d= itself: a key with t=s may be used */
	unsigned instance;  /* ARC: i=; 0: unreadable */
	enum mxa_sig_cv cv; /* ARC-Seal */
	/* set when the signature authenticates nothing whatever its key says;
	 * cause MXA_DKIM_OK: it can be tried */
	struct mxa_sig_outcome fault;
};

struct mxa_sig_limits {
	int64_t now;
	uint32_t skew; /* seconds */
};

/* Read a field.  'out' holds what could be read also of a faulty one, for the
 * report. */
void mxa_sig_parse(struct mxa_arena *a, enum mxa_sig_kind kind,
    const struct mxa_headers *h, size_t field,
    const struct mxa_sig_limits *limits, struct mxa_sig *out);

/* Instance number of RFC 8617 section 4.2.1: one or two digits, 1 to 50;
 * 0: not one. */
unsigned mxa_sig_instance(struct mxa_str s);

/* Whether 's' can be tried with a key. */
static inline bool mxa_sig_usable(const struct mxa_sig *s)
{
	return s->fault.cause == MXA_DKIM_OK;
}

#endif
