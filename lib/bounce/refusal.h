/* refusal.h - what a receiver's refusal is about: its class, the methods that
 * failed, the provider that spoke. */
#ifndef MXA_BOUNCE_REFUSAL_H
#define MXA_BOUNCE_REFUSAL_H

#include "bounce/refusal_class.h"
#include "bounce/reply.h"

struct mxa_arena;

struct mxa_refusal_kind {
	enum mxa_refusal_class class;
	unsigned methods;
	const char *provider; /* "gmail"; "" unknown */
	bool helo;	      /* the words speak of the HELO name */
	bool sure;	      /* by words; else by code only */
	bool arc;	      /* a forwarder's ARC seal is broken */
	bool codes_differ;    /* temporary and permanent code in one reply */
};

/* What the reply means.  'status' is the Status field of the DSN: it counts
 * where the reply has no enhanced code, or only a generic one. */
void mxa_refusal_classify(struct mxa_arena *a, const struct mxa_said *said,
    struct mxa_str status, struct mxa_str remote_mta,
    struct mxa_refusal_kind *out);

#endif
