/* iprev.h - reverse and forward confirmation of the client's name (RFC 8601
 * section 3).  Evidence: nothing is decided by it alone. */
#ifndef MXA_AUTH_IPREV_H
#define MXA_AUTH_IPREV_H

#include "auth/engine.h"

#define MXA_MAX_IPREV_NAMES 10 /* of a PTR answer; the others are ignored */

/* Ask for the PTR records and, when they arrive, for the addresses of their
 * names; never waits. */
void mxa_iprev_prefetch(
    const struct mxa_engine_env *env, const struct mxa_ip *ip);

/* Waits for both. */
void mxa_iprev_check(const struct mxa_engine_env *env, const struct mxa_ip *ip,
    struct mxa_iprev_verdict *out);

#endif
