/* spf_provider.h - whose servers an address belongs to, as far as SPF knows. */
#ifndef MXA_RECORD_SPF_PROVIDER_H
#define MXA_RECORD_SPF_PROVIDER_H

#include "auth/engine.h"

/* The name to include for 'ip' in the record of 'domain': what the provider
 * documents, or the domain above one of the address's names or above 'relay'
 * (empty: not known) whose own record covers the address.  Never a name of the
 * domain itself.  Empty: none.  Waits for the DNS. */
struct mxa_str mxa_spf_provider(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip, struct mxa_str relay);

/* The name that the owner of 'host' documents for customers, whether or not it
 * covers anything; empty: none is known.  Static. */
struct mxa_str mxa_spf_documented(struct mxa_str host);

/* A parent of 'domain' whose record lists the address; empty: none. */
struct mxa_str mxa_spf_parent(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip);

#endif
