/* check_host.h - what every SPF engine does before and after it evaluates:
 * which identity, and the verdict in words. */
#ifndef MXA_AUTH_SPF_CHECK_HOST_H
#define MXA_AUTH_SPF_CHECK_HOST_H

#include "auth/engine.h"
#include "auth/spf/eval.h"

/* The macro values of a query, and the canonical domain to evaluate (RFC 7208
 * sections 2.3, 2.4 and 4.3: "postmaster" when there is no local part; names as
 * A-labels, RFC 8616).  All in 'a'.  False: there is nothing to evaluate, no
 * client address or no domain that could publish; 'domain' is empty then. */
bool mxa_spf_prepare(struct mxa_arena *a, const struct mxa_spf_query *q,
    struct mxa_spf_values *values, struct mxa_str *domain);

#endif
