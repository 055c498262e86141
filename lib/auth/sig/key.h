/* key.h - key records (RFC 6376 section 3.6.1, RFC 8463 section 4), decoded
 * once and kept with their DNS answer. */
#ifndef MXA_AUTH_SIG_KEY_H
#define MXA_AUTH_SIG_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "dns/dns.h"

enum mxa_key_type { MXA_KEY_RSA, MXA_KEY_ED25519 };

enum mxa_key_state {
	MXA_KEY_OK,
	MXA_KEY_REVOKED, /* p= is empty */
	MXA_KEY_BAD,	 /* see 'problem' */
};

/* An exponent above 64 bits serves nobody but who wants verification to be
 * slow. */
#define MXA_MAX_RSA_EXPONENT 8 /* octets */

struct mxa_key {
	enum mxa_key_state state;
	const char *problem; /* what makes it bad: a phrase, static */
	enum mxa_key_type type;
	struct evp_pkey_st *pkey; /* may serve several threads; NULL: bad,
				     revoked, or an RSA key that nobody may
				     use (below 1024 or above
				     MXA_MAX_RSA_BITS) */
	struct evp_pkey_ctx_st *verifier; /* RSA: PKCS #1 and SHA-256 are set;
					     copied for each verification */
	unsigned bits;			  /* of the modulus; Ed25519: 256 */
	bool testing;			  /* t=y */
	bool strict;			  /* t=s */
	bool sha256;			  /* h= allows it, or is absent */
	bool email;			  /* s= allows it, or is absent */
};

/* Read one record.  Always fills 'out'; mxa_key_done gives back the key. */
void mxa_key_parse(struct mxa_str record, struct mxa_key *out);
void mxa_key_done(struct mxa_key *k);

/* Whether 'pem' is an RSA private key, as a signer needs it; one that a
 * passphrase protects is none. */
bool mxa_key_is_rsa_private(struct mxa_str pem);

/* More records than these at one name are not looked at: what several mean is
 * undefined (section 3.6.2.2), and each costs a verification. */
#define MXA_MAX_KEYS 4

struct mxa_keys {
	struct mxa_key v[MXA_MAX_KEYS];
	size_t n;
};

/* The keys of a TXT answer with data, in its order; decoded at most once for
 * an answer.  Valid as long as the answer. */
const struct mxa_keys *mxa_keys_of(const struct mxa_dns_answer *answer);

#endif
