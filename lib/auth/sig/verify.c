/* verify.c - see verify.h. */
#include "auth/sig/verify.h"

#include <openssl/evp.h>
#include <string.h>

#include "auth/options.h"
#include "auth/sig/key.h"
#include "base/attr.h"
#include "base/i18n.h"

static void set_result(struct mxa_sig_checked *out, enum mxa_dkim_result result,
    enum mxa_dkim_cause cause, struct mxa_phrase reason)
{
	out->outcome = (struct mxa_sig_outcome){ result, cause, reason };
}

#define PERMERROR(cause, ...)                                 \
	set_result(out, MXA_DKIM_PERMERROR, MXA_DKIM_##cause, \
	    mxa_phrase(v->arena, __VA_ARGS__))

/* --- the cryptography --- */

static void pctx_done(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

static void mctx_done(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static bool rsa_holds(const EVP_PKEY_CTX *verifier, struct mxa_str b,
    const uint8_t digest[MXA_SHA256])
{
	MXA_CLEANUP(pctx_done) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(verifier);

	return ctx != NULL &&
	    EVP_PKEY_verify(
		ctx, (const uint8_t *)b.p, b.len, digest, MXA_SHA256) == 1;
}

/* RFC 8463 section 3: PureEdDSA over the SHA-256 digest. */
static bool ed25519_holds(
    EVP_PKEY *key, struct mxa_str b, const uint8_t digest[MXA_SHA256])
{
	MXA_CLEANUP(mctx_done) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	return ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(
		ctx, (const uint8_t *)b.p, b.len, digest, MXA_SHA256) == 1;
}

static bool signature_holds(const struct mxa_sig *s, const struct mxa_key *k,
    const uint8_t digest[MXA_SHA256])
{
	if (s->algorithm == MXA_SIG_ED25519_SHA256)
		return ed25519_holds(k->pkey, s->b, digest);
	return rsa_holds(k->verifier, s->b, digest);
}

/* --- the key --- */

bool mxa_verify_no_record(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_dns_answer *answer, struct mxa_sig_checked *out)
{
	if (mxa_dns_failed(answer->status)) {
		set_result(out, MXA_DKIM_TEMPERROR, MXA_DKIM_DNS,
		    mxa_phrase(v->arena,
			N_("no answer about the key at "
			   "%.*s: %s"),
			MXA_STR_ARG(s->key_name),
			mxa_dns_status_name(answer->status)));
		return true;
	}
	if (answer->status != MXA_DNS_DATA || answer->n == 0) {
		PERMERROR(
		    NO_KEY, N_("no key at %.*s"), MXA_STR_ARG(s->key_name));
		return true;
	}
	return false;
}

/* Whether the record may be used for this signature; else says why not. */
static bool key_fits(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_key *k, struct mxa_sig_checked *out)
{
	enum mxa_key_type type = s->algorithm == MXA_SIG_ED25519_SHA256
	    ? MXA_KEY_ED25519
	    : MXA_KEY_RSA;

	if (k->state == MXA_KEY_REVOKED)
		PERMERROR(REVOKED, N_("key revoked at %.*s"),
		    MXA_STR_ARG(s->key_name));
	else if (k->state == MXA_KEY_BAD)
		PERMERROR(BAD_KEY, N_("no usable key at %.*s: %s"),
		    MXA_STR_ARG(s->key_name), k->problem);
	else if (k->type != type)
		PERMERROR(BAD_KEY, N_("the key at %.*s is not for %.*s"),
		    MXA_STR_ARG(s->key_name), MXA_STR_ARG(s->a));
	else if (!k->sha256)
		PERMERROR(BAD_KEY, N_("the key at %.*s does not allow sha256"),
		    MXA_STR_ARG(s->key_name));
	else if (!k->email)
		PERMERROR(BAD_KEY, N_("the key at %.*s is not for e-mail"),
		    MXA_STR_ARG(s->key_name));
	else if (k->strict && s->kind == MXA_SIG_DKIM && !s->strict_ok)
		PERMERROR(IDENTITY,
		    N_("the key at %.*s allows no subdomain in i="),
		    MXA_STR_ARG(s->key_name));
	else
		return true;
	return false;
}

/* Local policy on its size (RFC 8301 section 3.2). */
static bool size_fits(const struct mxa_verifier *v, const struct mxa_key *k,
    struct mxa_sig_checked *out)
{
	unsigned least = v->options->dkim_min_rsa_bits;

	if (k->type != MXA_KEY_RSA)
		return true;
	if (least < 1024)
		least = 1024;
	if (k->bits < least) {
		set_result(out, MXA_DKIM_POLICY, MXA_DKIM_SHORT_KEY,
		    mxa_phrase(v->arena,
			N_("key too small: %u bits, %u wanted"), k->bits,
			least));
		return false;
	}
	if (k->pkey == NULL) {
		set_result(out, MXA_DKIM_POLICY, MXA_DKIM_LONG_KEY,
		    mxa_phrase(v->arena,
			N_("key too large: %u bits, %u at most"), k->bits,
			MXA_MAX_RSA_BITS));
		return false;
	}
	return true;
}

bool mxa_verify_key_fits(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_key *k, struct mxa_sig_checked *out)
{
	if (!key_fits(v, s, k, out))
		return false;
	out->key_bits = k->bits;
	out->testing = k->testing;
	return size_fits(v, k, out);
}

/* How far a record came; the furthest is the one to report. */
enum progress { UNFIT, UNWELCOME, WRONG, HOLDS };

static enum progress try_key(const struct mxa_verifier *v,
    const struct mxa_sig *s, const struct mxa_key *k,
    const uint8_t digest[MXA_SHA256], struct mxa_sig_checked *out)
{
	if (!key_fits(v, s, k, out))
		return UNFIT;
	out->key_bits = k->bits;
	out->testing = k->testing;
	if (!size_fits(v, k, out))
		return UNWELCOME;
	if (!signature_holds(s, k, digest)) {
		set_result(out, MXA_DKIM_FAIL, MXA_DKIM_SIGNATURE,
		    MXA_PHRASE(N_("signature did not verify")));
		return WRONG;
	}
	set_result(out, MXA_DKIM_PASS, MXA_DKIM_OK, MXA_PHRASE(""));
	return HOLDS;
}

/* Several records: any may be the one (section 3.6.2.2 leaves it open). */
static void try_keys(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_keys *keys, const uint8_t digest[MXA_SHA256],
    struct mxa_sig_checked *out)
{
	const struct mxa_sig_checked before = *out;
	enum progress furthest = UNFIT;

	for (size_t i = 0; i < keys->n && furthest != HOLDS; i++) {
		struct mxa_sig_checked one = before;
		enum progress p = try_key(v, s, &keys->v[i], digest, &one);

		if (i == 0 || p > furthest) {
			furthest = p;
			*out = one;
		}
	}
}

void mxa_verify_digest(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_dns_answer *answer, const uint8_t digest[MXA_SHA256],
    struct mxa_sig_checked *out)
{
	memset(out, 0, sizeof(*out));
	if (!mxa_verify_no_record(v, s, answer, out))
		try_keys(v, s, mxa_keys_of(answer), digest, out);
}

/* --- body --- */

static uint64_t wanted_length(const struct mxa_sig *s)
{
	return s->has_length ? s->length : MXA_BODY_WHOLE;
}

void mxa_verify_want_body(struct mxa_bodies *b, const struct mxa_sig *s)
{
	mxa_bodies_want(b, s->body_canon, wanted_length(s));
}

/* The body's part in the outcome of a signature whose header part is known. */
static void add_body(const struct mxa_verifier *v,
    const struct mxa_body_digest *d, struct mxa_sig_checked *out)
{
	if (out->outcome.result == MXA_DKIM_PASS &&
	    out->body == MXA_BODY_DIFFERS)
		set_result(out, MXA_DKIM_FAIL, MXA_DKIM_BODY,
		    MXA_PHRASE(N_("body hash did not verify")));
	else if (out->outcome.cause == MXA_DKIM_SIGNATURE &&
	    out->body == MXA_BODY_DIFFERS)
		set_result(out, MXA_DKIM_FAIL, MXA_DKIM_SIGNATURE,
		    MXA_PHRASE(
			N_("body hash did not verify, nor did the signature")));
	else if (out->outcome.result == MXA_DKIM_PASS && d->length < d->total &&
	    !v->options->dkim_accept_partial_body)
		set_result(out, MXA_DKIM_POLICY, MXA_DKIM_PARTIAL,
		    mxa_phrase(v->arena,
			N_("l= leaves %llu of %llu octets of the body unsigned"),
			(unsigned long long)(d->total - d->length),
			(unsigned long long)d->total));
}

void mxa_verify_message(const struct mxa_verifier *v, const struct mxa_sig *s,
    const struct mxa_dns_answer *answer, struct mxa_sig_checked *out)
{
	const struct mxa_body_digest *d =
	    mxa_bodies_get(v->bodies, s->body_canon, wanted_length(s));
	struct mxa_header_hash header = { s->header_canon, s->names, s->field,
		s->cut_from, s->cut_to };
	uint8_t digest[MXA_SHA256];

	memset(out, 0, sizeof(*out));
	if (d->reached && !d->failed)
		out->body = memcmp(d->digest, s->bh.p, MXA_SHA256) == 0
		    ? MXA_BODY_MATCHES
		    : MXA_BODY_DIFFERS;
	if (mxa_verify_no_record(v, s, answer, out))
		return;
	if (!d->reached) {
		PERMERROR(PARTIAL, N_("l= is beyond the end of the body"));
		return;
	}
	mxa_hash_start(v->hash);
	mxa_select_hash(v->index, &header, v->hash);
	if (!mxa_hash_final(v->hash, digest) || d->failed) {
		set_result(out, MXA_DKIM_TEMPERROR, MXA_DKIM_NOT_TRIED,
		    MXA_PHRASE(N_("the cryptographic library failed")));
		return;
	}
	try_keys(v, s, mxa_keys_of(answer), digest, out);
	add_body(v, d, out);
}
