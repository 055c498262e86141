/* stub_options.h - whom the resolver asks, and how. */
#ifndef MXA_DNS_STUB_OPTIONS_H
#define MXA_DNS_STUB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"

struct mxa_dns_options {
	const char *const *servers; /* "192.0.2.53", "192.0.2.53:5353",
				       "[2001:db8::1]:53"; n == 0: resolv.conf,
				       watched for change */
	size_t n_servers;
	const char *resolv_conf;    /* NULL: /etc/resolv.conf */
	uint32_t timeout_ms;	    /* one question, all tries; default 5000 */
	uint32_t failure_memory_ms; /* default 3000; 0: none */
	uint32_t ttl_floor;	    /* seconds; default 0 */
	uint32_t ttl_ceiling;	    /* seconds; default 86400 */
	size_t cache_bytes;	    /* default 64 MiB */
	unsigned max_waiting;	    /* threads that may wait at once; beyond:
				       TIMEOUT at once; default 2000 */
	unsigned refresh_hits;	    /* messages that use an answer within its
				       TTL, for it to be asked again before it
				       expires; default 2; 0: none is */
	bool trust_ad;
	/* Of the cache; NULL: the system's.  With a clock of its own the caller
	 * calls mxa_stub_refresh() when it has moved. */
	const struct mxa_clock *clock;
	/* For tests: the time of tries and timeouts stands until
	 * mxa_stub_pass() moves it. */
	bool manual_time;
	/* Random bytes for ids and ports; NULL: the system's. */
	void (*random)(void *ctx, void *p, size_t len);
	void *random_ctx;
};

/* The values above. */
void mxa_dns_options_default(struct mxa_dns_options *o);

/* Whether a server string can be used; "host" names cannot. */
bool mxa_dns_server_ok(struct mxa_str server);

#endif
