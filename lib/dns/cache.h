/* cache.h - answers kept for later messages: bounded in bytes, shared by all
 * threads.  Private to lib/dns.
 *
 * An answer is kept as long as its TTL says, between a floor and a ceiling; a
 * failure for 'failure_memory_ms'.  TTL 0 is never kept, whatever the floor:
 * its owner asks for that.  So is a negative answer that no SOA vouches for
 * (RFC 2308 section 5).
 *
 * An answer that is used often is due to be asked again when nine tenths of its
 * time are over (mxa_cache_due), so that nobody waits when it expires.  Its
 * successor replaces it; a failure does not, and the answer stays until its
 * own time is over, never longer.
 *
 * Most servers are caches: asked before the end, they give the same answer
 * with the rest of its TTL.  Such an answer is due once more, one second after
 * it has expired here: servers count whole seconds, and theirs has surely
 * expired then. */
#ifndef MXA_DNS_CACHE_H
#define MXA_DNS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "dns/source.h"

struct mxa_cache_rules {
	size_t bytes;
	uint32_t failure_memory_ms;
	uint32_t ttl_floor; /* seconds */
	uint32_t ttl_ceiling;
	unsigned refresh_hits; /* uses that make an answer one to be asked
				  again; 0: none is */
	/* NULL, or called, without a lock, when an answer will be due and none
	 * was before. */
	void (*scheduled)(void *ctx);
	void *scheduled_ctx;
	const struct mxa_clock *clock;
};

struct mxa_cache;

struct mxa_cache *mxa_cache_new(const struct mxa_cache_rules *rules);

/* NULL is fine. */
void mxa_cache_free(struct mxa_cache *c);

/* Counted for the caller; NULL: not there.  A short lock, no system call. */
const struct mxa_dns_answer *mxa_cache_find(
    struct mxa_cache *c, const struct mxa_question *q);

/* Answers whose questions should be asked again now, counted for the caller,
 * each given once; returns how many, at most 'max'.  Called again and again, at
 * least once a second: it looks only at what became due since. */
size_t mxa_cache_due(
    struct mxa_cache *c, const struct mxa_dns_answer **out, size_t max);

/* Whether any answer is or will be due. */
bool mxa_cache_has_scheduled(struct mxa_cache *c);

/* Keeps a count of its own when the rules allow it.  'q->hash' must be the
 * hash of the answer's name and type. */
void mxa_cache_put(struct mxa_cache *c, const struct mxa_question *q,
    const struct mxa_dns_answer *answer);

/* What the answers are charged with now; at most 'rules.bytes'. */
size_t mxa_cache_bytes(struct mxa_cache *c);

#endif
