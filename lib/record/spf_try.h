/* spf_try.h - an SPF record evaluated before it is published: our text at one
 * name, the DNS of today everywhere else. */
#ifndef MXA_RECORD_SPF_TRY_H
#define MXA_RECORD_SPF_TRY_H

#include "auth/engine.h"
#include "auth/verdict.h"

/* What a record would do. */
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

/* Whether the record may be proposed: it passes for each of 'ip', and for
 * addresses that nobody sends from it can be evaluated to its end and does not
 * pass.  False: '*out' tells which trial failed, by its result. */
bool mxa_spf_stands(const struct mxa_engine_env *env, struct mxa_str domain,
    struct mxa_str record, const struct mxa_ip *ip, size_t n,
    struct mxa_trial *out);

/* Whether the published record of 'domain' passes for the address, and can be
 * evaluated to its end for another, which does not pass. */
bool mxa_spf_covers(const struct mxa_engine_env *env, struct mxa_str domain,
    const struct mxa_ip *ip);

#endif
