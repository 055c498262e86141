/* hash.h - SHA-256 over what the canonicalisers write. */
#ifndef MXA_AUTH_SIG_HASH_H
#define MXA_AUTH_SIG_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/sig/canon.h"

struct mxa_arena;

#define MXA_SHA256 32

/* Pieces shorter than the buffer are gathered, longer ones go straight to
 * OpenSSL. */
struct mxa_hash {
	struct evp_md_ctx_st *md;
	bool failed; /* OpenSSL refused; sticks until the next start */
	size_t n;
	char buf[1024];
};

/* In the arena and started; mxa_hash_free gives back what OpenSSL holds. */
struct mxa_hash *mxa_hash_new(struct mxa_arena *a);
void mxa_hash_free(struct mxa_hash *h); /* NULL is fine */

/* Start, also again. */
void mxa_hash_start(struct mxa_hash *h);
void mxa_hash_put(struct mxa_hash *h, const char *p, size_t len);

/* False: OpenSSL refused, there is no digest. */
bool mxa_hash_final(struct mxa_hash *h, uint8_t out[MXA_SHA256]);

/* The first 'n' hexadecimal digits of it (an even number), and NUL; zeros when
 * there is none. */
bool mxa_hash_hex(struct mxa_hash *h, char *out, size_t n);

/* 'to' goes on from where 'from' is; both go their own way then. */
void mxa_hash_copy(struct mxa_hash *to, struct mxa_hash *from);

/* A sink for the canonicalisers. */
struct mxa_canon_sink mxa_hash_sink(struct mxa_hash *h);

#endif
