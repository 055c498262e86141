/* advise.h - the fix of an SPF failure.  Private to lib/explain. */
#ifndef MXA_EXPLAIN_ADVISE_H
#define MXA_EXPLAIN_ADVISE_H

#include "auth/verdict.h"
#include "explain/diagnose.h"

#define MXA_MAX_SENDERS 8

/* The addresses that must pass, and how they are known. */
struct mxa_senders {
	struct mxa_ip ip[MXA_MAX_SENDERS];
	size_t n;
	enum {
		MXA_SENDER_SAID,     /* in the bounce */
		MXA_SENDER_RELAY,    /* of the relay that was named */
		MXA_SENDER_REPORTER, /* of the server that wrote the bounce */
		MXA_SENDER_MX,	     /* of the domain's MX hosts */
		MXA_SENDER_HOST,     /* of the domain's own name */
		MXA_SENDER_UNKNOWN,
	} how;
	struct mxa_str host; /* whose addresses they are */
};

struct mxa_spf_case {
	const struct mxa_explain_env *env;
	struct mxa_str domain; /* canonical */
	enum mxa_spf_identity identity;
	const struct mxa_senders *senders;
};

/* Fill 'fix' for an SPF failure. */
void mxa_advise_spf(const struct mxa_spf_case *c, struct mxa_fix *fix);

#endif
