/* refusal.h - what a receiver's refusal is about: its class, the methods that
 * failed, the provider that spoke. */
#ifndef MXA_BOUNCE_REFUSAL_H
#define MXA_BOUNCE_REFUSAL_H

#include <stdbool.h>

#include "bounce/reply.h"

struct mxa_arena;

/* Methods, a set. */
enum {
	MXA_BY_SPF = 1,
	MXA_BY_DKIM = 2,
	MXA_BY_DMARC = 4,
};

enum mxa_refusal_class {
	/* authentication */
	MXA_RF_DMARC, /* the author domain's policy */
	MXA_RF_SPF,
	MXA_RF_SPF_ERROR, /* the record cannot be evaluated, or looks wrong */
	MXA_RF_DKIM,
	MXA_RF_NO_AUTH, /* neither SPF nor DKIM passed */
	MXA_RF_ALIGN,
	MXA_RF_NO_DMARC, /* no DMARC record is published */
	MXA_RF_AUTH_LAST = MXA_RF_NO_DMARC,
	/* other matters */
	MXA_RF_UNKNOWN_USER,
	MXA_RF_MAILBOX_FULL,
	MXA_RF_DISABLED,
	MXA_RF_BLACKLIST,
	MXA_RF_RDNS,
	MXA_RF_HELO,	   /* the name in HELO */
	MXA_RF_SENDER_DNS, /* the sender's domain cannot be found */
	MXA_RF_FROM_HEADER,
	MXA_RF_HEADER_FORMAT,
	MXA_RF_TLS,
	MXA_RF_NULL_MX,
	MXA_RF_RATE,
	MXA_RF_GREYLIST,
	MXA_RF_BUSY, /* the receiver has no resources now */
	MXA_RF_CONTENT,
	MXA_RF_SIZE,
	MXA_RF_RELAY,
	MXA_RF_ROUTING,	   /* host not found, no answer, loop */
	MXA_RF_FORWARDING, /* forwarding to outside is forbidden */
	MXA_RF_TENANT,	   /* the sender's account at its provider */
	MXA_RF_RULE,	   /* the recipient's own administrator */
	MXA_RF_OTHER,
};

/* "dmarc-policy", "unknown-user", … */
const char *mxa_refusal_class_name(enum mxa_refusal_class c);

static inline bool mxa_refusal_is_auth(enum mxa_refusal_class c)
{
	return c <= MXA_RF_AUTH_LAST;
}

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
