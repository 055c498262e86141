/* dkim_key.h - the key record of a selector: what is wrong with it, and the
 * record without what is.  The only diagnosis of keys: lint and explain ask
 * it. */
#ifndef MXA_RECORD_DKIM_KEY_H
#define MXA_RECORD_DKIM_KEY_H

#include <stdbool.h>

#include "auth/sig/key.h"
#include "base/str.h"
#include "dns/dns.h"

struct mxa_arena;

enum mxa_dkim_key_state {
	MXA_DKIM_KEY_OK,
	MXA_DKIM_KEY_SHORT,   /* RSA below 1024 bits: verifiers must refuse it
				 (RFC 8301 section 3.2) */
	MXA_DKIM_KEY_REVOKED, /* p= is empty */
	MXA_DKIM_KEY_CUT,     /* p= ends before the key does */
	MXA_DKIM_KEY_BAD,     /* see 'problem' */
	MXA_DKIM_KEY_MISSING, /* the name has no TXT record */
	MXA_DKIM_KEY_UNKNOWN, /* the DNS does not answer */
};

/* "ok", "weak", "revoked", "syntax" (cut and bad), "missing", "unknown".
 * Static. */
const char *mxa_dkim_key_state_name(enum mxa_dkim_key_state s);

#define MXA_DKIM_SHORT_BITS 1024
#define MXA_DKIM_GOOD_BITS 2048
#define MXA_DKIM_LONG_BITS                               \
	4096 /* RFC 8301 section 3.2: verifiers need not \
		accept more */

struct mxa_dkim_key {
	enum mxa_dkim_key_state state;
	struct mxa_str record; /* as published; empty: none */
	const char *problem;   /* BAD, CUT: a phrase, static */
	/* OK and SHORT: */
	const char *type; /* "rsa", "ed25519"; NULL: not known */
	unsigned bits;	  /* of the modulus; Ed25519: 256; 0: not known */
	bool testing;	  /* t=y */
	bool strict;	  /* t=s */
	bool sha256;	  /* h= allows it */
	bool email;	  /* s= allows it */
};

/* "S._domainkey.D" in 'a'. */
struct mxa_str mxa_dkim_key_name(
    struct mxa_arena *a, struct mxa_str selector, struct mxa_str domain);

/* Judge one record.  Text in 'a'. */
void mxa_dkim_key_judge(
    struct mxa_arena *a, struct mxa_str record, struct mxa_dkim_key *out);

/* The best of the records in the answer for a key's name: a verifier that
 * takes another one cannot be helped. */
void mxa_dkim_key_look(struct mxa_arena *a, const struct mxa_dns_answer *answer,
    struct mxa_dkim_key *out);

/* The record without 'tag', if it then can be used; else empty. */
struct mxa_str mxa_dkim_key_without(
    struct mxa_arena *a, struct mxa_str record, const char *tag);

#endif
