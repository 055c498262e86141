/* body.h - body hashes: one pass over the body for each canonicalisation,
 * whatever the number of signatures.  The hash for an l= is a snapshot of that
 * pass (RFC 6376 section 3.5, l=). */
#ifndef MXA_AUTH_SIG_BODY_H
#define MXA_AUTH_SIG_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/sig/canon.h"
#include "auth/sig/hash.h"

struct mxa_arena;
struct mxa_bodies;

struct mxa_bodies *mxa_bodies_new(struct mxa_arena *a);
void mxa_bodies_free(struct mxa_bodies *b); /* NULL is fine */

#define MXA_BODY_WHOLE UINT64_MAX

/* Ask for the hash of the first 'length' octets; before the first feed. */
void mxa_bodies_want(
    struct mxa_bodies *b, enum mxa_canon canon, uint64_t length);

/* Whether anything was asked for. */
bool mxa_bodies_wanted(const struct mxa_bodies *b);

void mxa_bodies_feed(struct mxa_bodies *b, const char *p, size_t len);
void mxa_bodies_finish(struct mxa_bodies *b); /* again: does nothing */

struct mxa_body_digest {
	uint64_t length; /* as asked for */
	uint64_t total;	 /* octets of the whole canonicalised body */
	bool reached;	 /* length <= total, or MXA_BODY_WHOLE */
	bool failed;	 /* OpenSSL refused */
	uint8_t digest[MXA_SHA256];
};

/* After finish: what was asked for; never NULL then. */
const struct mxa_body_digest *mxa_bodies_get(
    const struct mxa_bodies *b, enum mxa_canon canon, uint64_t length);

#endif
