/* der.h - an RSA public key out of its DER, strictly.
 *
 * OpenSSL's decoder searches for the format and takes 25 times as long; it
 * also takes encodings that are not DER. */
#ifndef MXA_AUTH_SIG_DER_H
#define MXA_AUTH_SIG_DER_H

#include <stdbool.h>

#include "base/str.h"

/* Unsigned, big-endian, no leading zero octet, never empty; slices of the
 * input. */
struct mxa_der_rsa {
	struct mxa_str n;
	struct mxa_str e;
};

/* Both forms that key records hold: SubjectPublicKeyInfo with rsaEncryption
 * (RFC 3279 section 2.3.1; its NULL may be missing) and the bare RSAPublicKey
 * of RFC 6376 section 3.6.1.  False: anything else, also bytes behind it,
 * lengths or integers that are not minimal, values that are not positive. */
bool mxa_der_rsa_parse(struct mxa_str der, struct mxa_der_rsa *out);

#endif
