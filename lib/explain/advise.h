/* advise.h - the SPF record that would mend it: made, evaluated, and only then
 * proposed.  Private to lib/explain. */
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
	const struct mxa_spf_verdict *verdict; /* of today */
};

/* What a record would do, with everything else as published. */
struct mxa_trial {
	enum mxa_spf_result result;
	enum mxa_spf_cause cause;
	unsigned lookups;
	struct mxa_str term;  /* that decided */
	struct mxa_str owner; /* whose record held it */
};

void mxa_spf_try(const struct mxa_explain_env *env, struct mxa_str domain,
    struct mxa_str record, const struct mxa_ip *ip, struct mxa_trial *out);

/* The domain above one of the address's names, or above the relay's, that
 * publishes a record which covers it and is not the sender's own; empty:
 * none. */
struct mxa_str mxa_spf_provider(const struct mxa_explain_env *env,
    struct mxa_str domain, const struct mxa_ip *ip);

/* A parent of 'domain' whose record lists the address; empty: none. */
struct mxa_str mxa_spf_parent(const struct mxa_explain_env *env,
    struct mxa_str domain, const struct mxa_ip *ip);

/* Fill 'fix' for an SPF failure. */
void mxa_advise_spf(const struct mxa_spf_case *c, struct mxa_fix *fix);

#endif
