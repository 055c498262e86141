/* conf.c - the configuration in use. */
#include "conf/conf.h"

#include "auth/orgdom.h"
#include "base/arena.h"
#include "dns/stub.h"

void mxa_conf_dns_options(const struct mxa_conf *c, struct mxa_dns_options *out)
{
	mxa_dns_options_default(out);
	out->servers = c->dns_servers;
	out->n_servers = c->n_dns_servers;
	out->timeout_ms = c->dns_timeout * 1000;
	out->failure_memory_ms = c->dns_failure_memory * 1000;
	out->ttl_floor = c->dns_ttl_floor;
	out->ttl_ceiling = c->dns_ttl_ceiling;
	out->cache_bytes = (size_t)c->dns_cache_size;
	out->refresh_hits = c->dns_refresh_hits;
	out->max_waiting = c->dns_max_waiting;
	out->trust_ad = c->dns_trust_ad;
}

void mxa_conf_free(struct mxa_conf *c)
{
	if (c == NULL)
		return;
	mxa_psl_free(c->psl);
	mxa_arena_free(c->arena);
}
