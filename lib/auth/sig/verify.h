/* verify.h - a signature, its key and the hashes: does it hold?  One core for
 * DKIM and ARC. */
#ifndef MXA_AUTH_SIG_VERIFY_H
#define MXA_AUTH_SIG_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/sig/body.h"
#include "auth/sig/hash.h"
#include "auth/sig/select.h"
#include "auth/sig/tags.h"
#include "auth/verdict.h"

struct mxa_arena;
struct mxa_auth_options;
struct mxa_dns_answer;
struct mxa_key;

struct mxa_sig_checked {
	struct mxa_sig_outcome outcome; /* PASS and OK when it holds */
	enum mxa_body_hash body;
	unsigned key_bits;
	bool testing;
};

/* What verification works with, for all signatures of a message. */
struct mxa_verifier {
	struct mxa_arena *arena;
	const struct mxa_auth_options *options;
	struct mxa_field_index *index;
	const struct mxa_bodies *bodies; /* finished */
	struct mxa_hash *hash;		 /* scratch */
};

/* A DKIM-Signature or ARC-Message-Signature that is usable, with the answer to
 * its key question.  The signature over the header is checked even when the
 * body hash is wrong: only then is it known that the domain has signed this
 * header at all (cause MXA_DKIM_BODY; else MXA_DKIM_SIGNATURE). */
void mxa_verify_message(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_dns_answer *answer, struct mxa_sig_checked *out);

/* The same for a digest that the caller has made (ARC-Seal); the signature has
 * no body. */
void mxa_verify_digest(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_dns_answer *answer, const uint8_t digest[MXA_SHA256],
    struct mxa_sig_checked *out);

/* An answer that brings no record; true when that settles the matter, as said
 * in 'out'.  Only arena and options of 'v' are used here and below. */
bool mxa_verify_no_record(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_dns_answer *answer, struct mxa_sig_checked *out);

/* Whether a record may be used for 's': its kind, hash, service and size; else
 * 'out' says why not.  Key size and testing are set in either case. */
bool mxa_verify_key_fits(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_key *k, struct mxa_sig_checked *out);

/* Ask for the body hash that 's' needs. */
void mxa_verify_want_body(struct mxa_bodies *b, const struct mxa_sig *s);

#endif
