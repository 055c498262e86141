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

/* Asks again, in the background, for answers that are often used and expire
 * soon (dns/refresh.c), from any thread; returns the number of questions.  The
 * resolver's thread calls it twice a second, unless options.clock is set. */
unsigned mxa_stub_refresh(struct mxa_dns *d);

/* With options.manual_time: so much time passes; what is due in it happens in
 * its order.  Any thread. */
void mxa_stub_pass(struct mxa_dns *d, uint32_t ms);

/* How often the thread of this resolver has looked for work; makes it look once
 * more.  While it lives, the number is another one soon.  Any thread. */
unsigned mxa_dns_stub_turns(struct mxa_dns *d);

#endif
