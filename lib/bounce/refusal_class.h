/* refusal_class.h - what a refusal can be about. */
#ifndef MXA_BOUNCE_REFUSAL_CLASS_H
#define MXA_BOUNCE_REFUSAL_CLASS_H

#include <stdbool.h>

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

#endif
