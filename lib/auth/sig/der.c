/* der.c - see der.h. */
#include "auth/sig/der.h"

enum { INTEGER = 0x02, BIT_STRING = 0x03, SEQUENCE = 0x30 };

/* The OID 1.2.840.113549.1.1.1 with tag and length. */
static const char rsa_encryption[] =
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
static const char null_value[] = "\x05\x00";

#define BYTES(lit) ((struct mxa_str){ lit, sizeof(lit) - 1 })

static unsigned byte_at(struct mxa_str s, size_t i)
{
	return (unsigned char)s.p[i];
}

/* Definite, minimal length at *at, at most two octets of it: a DNS answer is
 * not longer. */
static bool take_length(struct mxa_str s, size_t *at, size_t *len)
{
	unsigned first;

	if (*at >= s.len)
		return false;
	first = byte_at(s, (*at)++);
	if (first < 0x80) {
		*len = first;
	} else if (first == 0x81 && s.len - *at >= 1) {
		*len = byte_at(s, *at);
		*at += 1;
		if (*len < 0x80)
			return false;
	} else if (first == 0x82 && s.len - *at >= 2) {
		*len = (size_t)byte_at(s, *at) << 8 | byte_at(s, *at + 1);
		*at += 2;
		if (*len < 0x100)
			return false;
	} else {
		return false;
	}
	return *len <= s.len - *at;
}

/* Cut one value with this tag off the front of 's'. */
static bool take_value(struct mxa_str *s, unsigned tag, struct mxa_str *value)
{
	size_t at = 1, len;

	if (s->len < 2 || byte_at(*s, 0) != tag || !take_length(*s, &at, &len))
		return false;
	*value = mxa_str_sub(*s, at, at + len);
	*s = mxa_str_sub(*s, at + len, s->len);
	return true;
}

static bool take_positive(struct mxa_str *s, struct mxa_str *out)
{
	struct mxa_str v;

	if (!take_value(s, INTEGER, &v) || v.len == 0)
		return false;
	if (byte_at(v, 0) >= 0x80)
		return false; /* negative */
	if (byte_at(v, 0) == 0) {
		v = mxa_str_sub(v, 1, v.len);
		if (v.len == 0 || byte_at(v, 0) < 0x80)
			return false; /* zero, or not minimal */
	}
	*out = v;
	return true;
}

/* The inside of RSAPublicKey. */
static bool modulus_exponent(struct mxa_str s, struct mxa_der_rsa *out)
{
	return take_positive(&s, &out->n) && take_positive(&s, &out->e) &&
	    s.len == 0;
}

/* The inside of SubjectPublicKeyInfo. */
static bool key_info(struct mxa_str s, struct mxa_der_rsa *out)
{
	struct mxa_str algorithm, bits, key;

	if (!take_value(&s, SEQUENCE, &algorithm) ||
	    !take_value(&s, BIT_STRING, &bits) || s.len != 0)
		return false;
	if (!mxa_str_starts(algorithm, BYTES(rsa_encryption)))
		return false;
	algorithm =
	    mxa_str_sub(algorithm, sizeof(rsa_encryption) - 1, algorithm.len);
	if (algorithm.len != 0 && !mxa_str_eq(algorithm, BYTES(null_value)))
		return false;
	if (bits.len == 0 || byte_at(bits, 0) != 0)
		return false; /* unused bits */
	bits = mxa_str_sub(bits, 1, bits.len);
	return take_value(&bits, SEQUENCE, &key) && bits.len == 0 &&
	    modulus_exponent(key, out);
}

bool mxa_der_rsa_parse(struct mxa_str der, struct mxa_der_rsa *out)
{
	struct mxa_str inside;

	if (!take_value(&der, SEQUENCE, &inside) || der.len != 0 ||
	    inside.len == 0)
		return false;
	if (byte_at(inside, 0) == INTEGER)
		return modulus_exponent(inside, out);
	return key_info(inside, out);
}
