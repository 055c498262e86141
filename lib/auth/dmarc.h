/* dmarc.h - DMARC (RFC 9989): policy discovery, alignment, result. */
#ifndef MXA_AUTH_DMARC_H
#define MXA_AUTH_DMARC_H

#include "auth/engine.h"

/* Ask for the names of the author domain's tree walk; never waits. */
void mxa_dmarc_prefetch(
    const struct mxa_engine_env *env, struct mxa_str author);

/* 'domain' may turn out to be an authenticated identifier: ask for its walk if
 * it could align with an author without being equal; never waits.  Canonical or
 * empty. */
void mxa_dmarc_prefetch_identifier(const struct mxa_engine_env *env,
    const struct mxa_authors *authors, struct mxa_str domain);

/* Wait for the policy records of all authors and ask what they depend on, so
 * that nothing a sender can make slow comes first and uses up the deadline.
 * The answers stay with the budget. */
void mxa_dmarc_discover(
    const struct mxa_engine_env *env, const struct mxa_authors *authors);

/* All author domains of 'authors' against the results of the other methods.
 * Waits for the DNS.  Notes go to 'notes'. */
void mxa_dmarc_evaluate(const struct mxa_engine_env *env,
    const struct mxa_authors *authors, const struct mxa_spf_verdict *spf,
    const struct mxa_dkim_verdict *dkim, struct mxa_notes *notes,
    struct mxa_dmarc_verdict *out);

/* Whether what is known gives a result that nothing else changes: DMARC passes,
 * or no policy is published and one method passes.  NULL: not known.  Waits for
 * the DNS. */
bool mxa_dmarc_is_settled(const struct mxa_engine_env *env,
    const struct mxa_authors *authors, const struct mxa_spf_verdict *spf,
    const struct mxa_dkim_verdict *dkim);

#endif
