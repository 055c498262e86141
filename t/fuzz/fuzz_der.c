/* fuzz_der.c - what our DER reader takes, OpenSSL takes for the same numbers;
 * and what OpenSSL would itself write, ours takes. */
#include "t/fuzz/fuzz.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "auth/sig/der.h"

static bool same(EVP_PKEY *key, const char *name, struct mxa_str ours)
{
	BIGNUM *theirs = NULL;
	BIGNUM *mine =
	    BN_bin2bn((const unsigned char *)ours.p, (int)ours.len, NULL);
	bool equal = EVP_PKEY_get_bn_param(key, name, &theirs) == 1 &&
	    BN_cmp(mine, theirs) == 0;

	BN_free(mine);
	BN_free(theirs);
	return equal;
}

/* OpenSSL's reading of exactly these bytes, or NULL. */
static EVP_PKEY *theirs(const uint8_t *data, size_t size, bool info)
{
	const unsigned char *p = data;
	EVP_PKEY *key = info
	    ? d2i_PUBKEY(NULL, &p, (long)size)
	    : d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)size);

	if (key == NULL)
		return NULL;
	if (p != data + size || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
		EVP_PKEY_free(key);
		return NULL;
	}
	return key;
}

/* Whether OpenSSL would write the key as it was read. */
static bool canonical(
    EVP_PKEY *key, const uint8_t *data, size_t size, bool info)
{
	unsigned char *out = NULL;
	int len = info ? i2d_PUBKEY(key, &out) : i2d_PublicKey(key, &out);
	bool equal =
	    len > 0 && (size_t)len == size && memcmp(out, data, size) == 0;

	OPENSSL_free(out);
	return equal;
}

static void compare(const uint8_t *data, size_t size, bool info, bool ok,
    const struct mxa_der_rsa *rsa, bool *taken)
{
	EVP_PKEY *key = theirs(data, size, info);
	BIGNUM *n = NULL;

	if (key == NULL)
		return;
	*taken = true;
	if (ok) {
		require(same(key, OSSL_PKEY_PARAM_RSA_N, rsa->n));
		require(same(key, OSSL_PKEY_PARAM_RSA_E, rsa->e));
	} else if (canonical(key, data, size, info) && size < 65536) {
		BIGNUM *e = NULL;

		/* a zero is the only canonical number that ours refuses */
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n);
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e);
		require(
		    n == NULL || e == NULL || BN_is_zero(n) || BN_is_zero(e));
		BN_free(e);
	}
	BN_free(n);
	EVP_PKEY_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_der_rsa rsa;
	bool ok =
	    mxa_der_rsa_parse(mxa_str_make((const char *)data, size), &rsa);
	bool taken = false;

	compare(data, size, true, ok, &rsa, &taken);
	compare(data, size, false, ok, &rsa, &taken);
	require(!ok || taken);
	return 0;
}
