/* stub.h - the resolver: asks recursive servers over UDP and TCP, with one
 * event loop in a thread of its own and a bounded shared cache. */
#ifndef MXA_DNS_STUB_H
#define MXA_DNS_STUB_H

#include "dns/dns.h"
#include "dns/stub_options.h"

/* NULL on failure with '*error' a phrase in static storage.  Starts the
 * thread, with all signals blocked. */
struct mxa_dns *mxa_dns_stub_new(
    const struct mxa_dns_options *o, const char **error);

#endif
