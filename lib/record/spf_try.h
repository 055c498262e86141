/* spf_try.h - an SPF record evaluated before it is published: our text at one
 * name, the DNS of today everywhere else. */
#ifndef MXA_RECORD_SPF_TRY_H
#define MXA_RECORD_SPF_TRY_H

#include "auth/engine.h"
#include "auth/verdict.h"

/* What a record would do, with everything else as published. */
struct mxa_trial {
	enum mxa_spf_result result;
	enum mxa_spf_cause cause;
	unsigned lookups;
	struct mxa_str term;  /* that decided */
	struct mxa_str owner; /* whose record held it */
};

/* Evaluate 'record' at 'domain' (canonical) for 'ip'.  Waits for the DNS. */
void mxa_spf_try(const struct mxa_engine_env *env, struct mxa_str domain,
    struct mxa_str record, const struct mxa_ip *ip, struct mxa_trial *out);

/* The domain above one of the address's names, or above 'relay' (empty: not
 * known), that publishes a record which covers the address and is not the
 * sender's own; empty: none. */
struct mxa_str mxa_spf_provider(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip, struct mxa_str relay);

/* A parent of 'domain' whose record lists the address; empty: none. */
struct mxa_str mxa_spf_parent(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip);

#endif
