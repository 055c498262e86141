/* key.c - see key.h. */
#include "auth/sig/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "auth/sig/der.h"
#include "auth/sig/select.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "mail/taglist.h"

#define MIN_RSA_BITS 1024 /* RFC 8301 section 3.2 */

/* --- keys for OpenSSL --- */

static unsigned bit_length(struct mxa_str n)
{
	unsigned bits = (unsigned)n.len * 8;
	unsigned top = (unsigned char)n.p[0];

	for (; top < 0x80; top <<= 1)
		bits--;
	return bits;
}

static bool is_odd(struct mxa_str n)
{
	return (n.p[n.len - 1] & 1) != 0;
}

/* OpenSSL takes numbers in the machine's byte order. */
static OSSL_PARAM number(const char *name, struct mxa_str big, uint8_t *room)
{
	BIGNUM *bn = BN_bin2bn((const uint8_t *)big.p, (int)big.len, NULL);

	if (bn == NULL || BN_bn2nativepad(bn, room, (int)big.len) < 0)
		memset(room, 0, big.len);
	BN_free(bn);
	return OSSL_PARAM_construct_BN(name, room, big.len);
}

static void ctx_done(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

static EVP_PKEY *rsa_key(struct mxa_arena *a, const struct mxa_der_rsa *rsa)
{
	OSSL_PARAM params[] = {
		number(OSSL_PKEY_PARAM_RSA_N, rsa->n,
		    mxa_arena_alloc(a, rsa->n.len)),
		number(OSSL_PKEY_PARAM_RSA_E, rsa->e,
		    mxa_arena_alloc(a, rsa->e.len)),
		OSSL_PARAM_construct_end(),
	};
	MXA_CLEANUP(ctx_done)
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return NULL;
	return key;
}

/* Setting one up searches OpenSSL's providers for each verification, a copy
 * does not. */
static EVP_PKEY_CTX *rsa_verifier(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	if (ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static const char *decode_rsa(
    struct mxa_arena *a, struct mxa_str der, struct mxa_key *out)
{
	struct mxa_der_rsa rsa;

	if (!mxa_der_rsa_parse(der, &rsa))
		return N_("p= is not an RSA key");
	out->bits = bit_length(rsa.n);
	if (!is_odd(rsa.n))
		return N_("the modulus is even");
	if (!is_odd(rsa.e) || (rsa.e.len == 1 && rsa.e.p[0] == 1))
		return N_("the exponent is impossible");
	if (rsa.e.len > MXA_MAX_RSA_EXPONENT)
		return N_("the exponent is too large");
	if (out->bits < MIN_RSA_BITS || out->bits > MXA_MAX_RSA_BITS)
		return NULL;
	out->pkey = rsa_key(a, &rsa);
	if (out->pkey != NULL)
		out->verifier = rsa_verifier(out->pkey);
	if (out->verifier != NULL)
		return NULL;
	mxa_key_done(out);
	return N_("OpenSSL refuses the RSA key");
}

static const char *decode_ed25519(struct mxa_str raw, struct mxa_key *out)
{
	if (raw.len != 32)
		return N_("p= is not an Ed25519 key");
	out->bits = 256;
	out->pkey = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, (const uint8_t *)raw.p, raw.len);
	return out->pkey ? NULL : N_("OpenSSL refuses the Ed25519 key");
}

/* --- the record --- */

/* Whether a colon-separated list has one of two words. */
static bool list_has(struct mxa_str list, const char *a, const char *b)
{
	struct mxa_str word;

	while (mxa_names_next(&list, &word))
		if (mxa_str_is(word, a) || mxa_str_is(word, b))
			return true;
	return false;
}

/* An absent list allows everything. */
static bool tag_allows(const struct mxa_tag *t, const char *a, const char *b)
{
	return t == NULL || list_has(t->value, a, b);
}

static const char *key_type(const struct mxa_tag *k, enum mxa_key_type *out)
{
	*out = MXA_KEY_RSA;
	if (k == NULL || mxa_str_is(k->value, "rsa"))
		return NULL;
	*out = MXA_KEY_ED25519;
	return mxa_str_is(k->value, "ed25519") ? NULL : N_("k= is unknown");
}

/* v= is optional, but then the first tag and DKIM1. */
static const char *check_version(const struct mxa_taglist *list)
{
	const struct mxa_tag *v = mxa_taglist_find(list, "v");

	if (v == NULL)
		return NULL;
	if (v != &list->v[0])
		return N_("v= is not the first tag");
	return mxa_str_is(v->value, "DKIM1") ? NULL : N_("v= is not DKIM1");
}

static const char *decode_key(
    struct mxa_arena *a, const struct mxa_tag *p, struct mxa_key *out)
{
	struct mxa_str bytes;

	if (p->value.len == 0) {
		out->state = MXA_KEY_REVOKED;
		return NULL;
	}
	if (!mxa_base64_decode(a, p->value, &bytes))
		return N_("p= is not base64");
	switch (out->type) {
	case MXA_KEY_RSA:
		return decode_rsa(a, bytes, out);
	case MXA_KEY_ED25519:
		return decode_ed25519(bytes, out);
	}
	return N_("k= is unknown");
}

static const char *parse_key(
    struct mxa_arena *a, struct mxa_str record, struct mxa_key *out)
{
	const struct mxa_tag *p, *t;
	struct mxa_taglist list;
	const char *wrong;

	if (mxa_taglist_parse(record, &list) != MXA_OK)
		return list.error;
	wrong = check_version(&list);
	if (wrong != NULL)
		return wrong;
	p = mxa_taglist_find(&list, "p");
	if (p == NULL)
		return N_("p= is missing");
	out->sha256 =
	    tag_allows(mxa_taglist_find(&list, "h"), "sha256", "sha256");
	out->email = tag_allows(mxa_taglist_find(&list, "s"), "*", "email");
	t = mxa_taglist_find(&list, "t");
	out->testing = t != NULL && list_has(t->value, "y", "y");
	out->strict = t != NULL && list_has(t->value, "s", "s");
	wrong = key_type(mxa_taglist_find(&list, "k"), &out->type);
	return wrong ? wrong : decode_key(a, p, out);
}

static void arena_done(struct mxa_arena **a)
{
	mxa_arena_free(*a);
}

void mxa_key_parse(struct mxa_str record, struct mxa_key *out)
{
	MXA_CLEANUP(arena_done) struct mxa_arena *a = mxa_arena_new();

	memset(out, 0, sizeof(*out));
	out->problem = parse_key(a, record, out);
	if (out->problem != NULL)
		out->state = MXA_KEY_BAD;
}

void mxa_key_done(struct mxa_key *k)
{
	EVP_PKEY_CTX_free(k->verifier);
	EVP_PKEY_free(k->pkey);
	k->verifier = NULL;
	k->pkey = NULL;
}

/* --- the answer --- */

/* Usable and revoked records are kept; of those that are no keys (a wildcard's
 * text, say) only the first, when there is nothing better. */
static void *decode_answer(const struct mxa_dns_answer *answer)
{
	struct mxa_keys *keys = mxa_xcalloc(1, sizeof(*keys));
	struct mxa_key key, bad = { .state = MXA_KEY_OK };

	for (size_t i = 0; i < answer->n && keys->n < MXA_MAX_KEYS; i++) {
		mxa_key_parse(answer->rr[i].text, &key);
		if (key.state != MXA_KEY_BAD)
			keys->v[keys->n++] = key;
		else if (bad.state != MXA_KEY_BAD)
			bad = key;
	}
	if (keys->n == 0 && bad.state == MXA_KEY_BAD)
		keys->v[keys->n++] = bad;
	return keys;
}

static void drop_key(void *p)
{
	struct mxa_keys *keys = p;

	for (size_t i = 0; i < keys->n; i++)
		mxa_key_done(&keys->v[i]);
	free(keys);
}

const struct mxa_keys *mxa_keys_of(const struct mxa_dns_answer *answer)
{
	return mxa_dns_decoded(answer, MXA_SLOT_KEY, decode_answer, drop_key);
}

/* --- private keys --- */

/* Nobody is there to be asked. */
static int no_passphrase(char *buf, int size, int writing, void *data)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

bool mxa_key_is_rsa_private(struct mxa_str pem)
{
	BIO *text = BIO_new_mem_buf(pem.p, (int)pem.len);
	EVP_PKEY *key = text == NULL
	    ? NULL
	    : PEM_read_bio_PrivateKey(text, NULL, no_passphrase, NULL);
	bool rsa = key != NULL && EVP_PKEY_base_id(key) == EVP_PKEY_RSA;

	EVP_PKEY_free(key);
	BIO_free(text);
	return rsa;
}
