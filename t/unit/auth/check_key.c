/* check_key.c - RSA keys out of DER, and what a key record yields. */
#include "auth/sig/key.h"

#include <openssl/x509.h>
#include <string.h>

#include "auth/sig/der.h"
#include "base/attr.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"

static struct sigcase c;

static void setup(void)
{
	sigcase_init(&c);
}

static void teardown(void)
{
	sigcase_done(&c);
}

/* --- DER, written by hand --- */

#define B(lit) MXA_STR_INIT(lit)
#define OID "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"

static const struct {
	const char *name;
	struct mxa_str der;
	const char *n; /* NULL: refused */
} ders[] = {
	{ "bare RSAPublicKey", B("\x30\x08\x02\x02\x01\x05\x02\x02\x01\x01"),
	    "\x01\x05" },
	{ "leading zero where it must be",
	    B("\x30\x07\x02\x02\x00\x85\x02\x01\x03"), "\x85" },
	{ "SubjectPublicKeyInfo",
	    B("\x30\x1a\x30\x0d" OID "\x05\x00\x03\x09\x00\x30\x06\x02\x01"
	      "\x05\x02\x01\x03"),
	    "\x05" },
	{ "without NULL",
	    B("\x30\x18\x30\x0b" OID "\x03\x09\x00\x30\x06\x02\x01\x05\x02"
	      "\x01\x03"),
	    "\x05" },
	{ "nothing", B(""), NULL },
	{ "tag alone", B("\x30"), NULL },
	{ "empty sequence", B("\x30\x00"), NULL },
	{ "no exponent", B("\x30\x03\x02\x01\x05"), NULL },
	{ "three numbers", B("\x30\x09\x02\x01\x05\x02\x01\x03\x02\x01\x03"),
	    NULL },
	{ "bytes behind it", B("\x30\x06\x02\x01\x05\x02\x01\x03\x00"), NULL },
	{ "longer than it is", B("\x30\x07\x02\x01\x05\x02\x01\x03"), NULL },
	{ "zero", B("\x30\x06\x02\x01\x00\x02\x01\x03"), NULL },
	{ "negative", B("\x30\x06\x02\x01\x85\x02\x01\x03"), NULL },
	{ "number without bytes", B("\x30\x05\x02\x00\x02\x01\x03"), NULL },
	{ "superfluous zero", B("\x30\x07\x02\x02\x00\x05\x02\x01\x03"), NULL },
	{ "length not minimal", B("\x30\x81\x06\x02\x01\x05\x02\x01\x03"),
	    NULL },
	{ "length of two octets not minimal",
	    B("\x30\x82\x00\x06\x02\x01\x05\x02\x01\x03"), NULL },
	{ "indefinite length", B("\x30\x80\x02\x01\x05\x02\x01\x03\x00\x00"),
	    NULL },
	{ "length of length beyond the end", B("\x30\x82\x01"), NULL },
	{ "wrong outer tag", B("\x31\x06\x02\x01\x05\x02\x01\x03"), NULL },
	{ "another algorithm",
	    B("\x30\x1a\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
	      "\x05\x00\x03\x09\x00\x30\x06\x02\x01\x05\x02\x01\x03"),
	    NULL },
	{ "parameters that are not NULL",
	    B("\x30\x1a\x30\x0d" OID "\x30\x00\x03\x09\x00\x30\x06\x02\x01"
	      "\x05\x02\x01\x03"),
	    NULL },
	{ "unused bits",
	    B("\x30\x1a\x30\x0d" OID "\x05\x00\x03\x09\x01\x30\x06\x02\x01"
	      "\x05\x02\x01\x03"),
	    NULL },
	{ "bytes behind the key in the bit string",
	    B("\x30\x1b\x30\x0d" OID "\x05\x00\x03\x0a\x00\x30\x06\x02\x01"
	      "\x05\x02\x01\x03\x00"),
	    NULL },
};

START_TEST(der_rows)
{
	struct mxa_der_rsa out;
	bool ok = mxa_der_rsa_parse(ders[_i].der, &out);

	ck_assert_msg(ok == (ders[_i].n != NULL), "%s", ders[_i].name);
	if (ok)
		ck_str_is(out.n, ders[_i].n);
	/* cut anywhere, nothing is left of it */
	for (size_t len = 0; len < ders[_i].der.len; len++)
		ck_assert(!mxa_der_rsa_parse(
			      mxa_str_sub(ders[_i].der, 0, len), &out) ||
		    ders[_i].n == NULL);
}
END_TEST

/* --- whole records --- */

/* TLV with a length of up to two octets. */
static struct mxa_str tlv(unsigned char tag, struct mxa_str value)
{
	struct mxa_buf b;

	mxa_buf_init(&b, c.arena, 65536);
	mxa_buf_addc(&b, (char)tag);
	if (value.len >= 0x100) {
		mxa_buf_addc(&b, (char)0x82);
		mxa_buf_addc(&b, (char)(value.len >> 8));
	} else if (value.len >= 0x80) {
		mxa_buf_addc(&b, (char)0x81);
	}
	mxa_buf_addc(&b, (char)value.len);
	mxa_buf_addstr(&b, value);
	return mxa_buf_str(&b);
}

/* A positive number of 'len' octets with the top bit set, ending in 'last'. */
static struct mxa_str number(size_t len, unsigned char last)
{
	char *p = mxa_arena_alloc(c.arena, len + 1);

	memset(p, 0xa5, len + 1);
	p[0] = 0;
	p[len] = (char)last;
	return tlv(0x02, mxa_str_make(p, len + 1));
}

static struct mxa_str join(struct mxa_str a, struct mxa_str b)
{
	return sigcase_join(&c, a, b);
}

static const char *record_of(struct mxa_str n, struct mxa_str e)
{
	struct mxa_str der = tlv(0x30, join(n, e));
	struct mxa_str p = sign_base64(c.arena, der.p, der.len);

	return mxa_arena_printf(c.arena, "p=%.*s", MXA_STR_ARG(p));
}

static const struct {
	const char *name;
	size_t n_len;
	unsigned char n_last;
	size_t e_len;
	unsigned char e_last;
	const char *problem; /* NULL: none */
	unsigned bits;
	bool pkey;
} sizes[] = {
	{ "1024", 128, 1, 3, 1, NULL, 1024, true },
	{ "1016", 127, 1, 3, 1, NULL, 1016, false },
	{ "8192", 1024, 1, 3, 1, NULL, 8192, true },
	{ "8200", 1025, 1, 3, 1, NULL, 8200, false },
	{ "16384", 2048, 1, 3, 1, NULL, 16384, false },
	{ "even modulus", 256, 2, 3, 1, "the modulus is even", 2048, false },
	{ "even exponent", 256, 1, 3, 2, "the exponent is impossible", 2048,
	    false },
	{ "exponent of 64 bits", 256, 1, 8, 1, NULL, 2048, true },
	{ "exponent as long as the modulus", 256, 1, 256, 1,
	    "the exponent is too large", 2048, false },
};

START_TEST(rsa_sizes)
{
	struct mxa_key k;

	mxa_key_parse(
	    mxa_str_from(record_of(number(sizes[_i].n_len, sizes[_i].n_last),
		number(sizes[_i].e_len, sizes[_i].e_last))),
	    &k);
	if (sizes[_i].problem == NULL)
		ck_assert_msg(k.problem == NULL, "%s: %s", sizes[_i].name,
		    k.problem ? k.problem : "");
	else
		ck_assert_str_eq(k.problem, sizes[_i].problem);
	ck_assert_uint_eq(k.bits, sizes[_i].bits);
	ck_assert_msg((k.pkey != NULL) == sizes[_i].pkey, "%s", sizes[_i].name);
	mxa_key_done(&k);
}
END_TEST

START_TEST(exponent_one)
{
	struct mxa_key k;

	mxa_key_parse(
	    mxa_str_from(record_of(number(256, 1), MXA_STR("\x02\x01\x01"))),
	    &k);
	ck_assert_str_eq(k.problem, "the exponent is impossible");
	mxa_key_done(&k);
}
END_TEST

/* Both forms of the same key give the same key as OpenSSL's own decoder. */
START_TEST(same_as_openssl)
{
	static const char *const names[] = { "rsa1024", "rsa2048", "rsa4096" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++) {
		EVP_PKEY *key = sigcase_key(names[i]);
		unsigned char *der = NULL;
		int len = i2d_PublicKey(key, &der);
		struct mxa_str p = sign_base64(c.arena, der, (size_t)len);
		struct mxa_key info, bare;

		OPENSSL_free(der);
		mxa_key_parse(sign_key_record(c.arena, key), &info);
		mxa_key_parse(mxa_str_from(mxa_arena_printf(
				  c.arena, "p=%.*s", MXA_STR_ARG(p))),
		    &bare);
		ck_assert(info.pkey != NULL && bare.pkey != NULL);
		ck_assert_int_eq(EVP_PKEY_eq(info.pkey, key), 1);
		ck_assert_int_eq(EVP_PKEY_eq(bare.pkey, key), 1);
		ck_assert_uint_eq(info.bits, (unsigned)EVP_PKEY_get_bits(key));
		mxa_key_done(&info);
		mxa_key_done(&bare);
	}
}
END_TEST

/* Keys nobody may use are reported as such, not as broken. */
START_TEST(long_key_is_policy)
{
	struct sign_options o = { .key = sigcase_key("rsa2048"),
		.domain = "example.com",
		.selector = "long" };
	struct mxa_str m = MXA_STR("From: a@example.com\r\n\r\nx\r\n");

	sigcase_publish(&c, "long", "example.com",
	    record_of(number(2048, 1), number(3, 1)));
	ck_assert_str_eq(sigcase_dkim_text(&c,
			     join(sign_dkim(c.arena, m, &o), m), "example.com"),
	    "policy: key too large: 16384 bits, 8192 at most");
}
END_TEST

static const struct {
	const char *key; /* in t/keys, or a text */
	bool rsa;
} private_keys[] = {
	{ "rsa2048", true },
	{ "rsa512", true },
	{ "ed25519", false },
	{ "", false },
	{ "no key", false },
	{ "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	    false },
	/* a passphrase is not asked for */
	{ "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
	  "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
	  "AAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n",
	    false },
};

START_TEST(who_can_sign)
{
	const char *key = private_keys[_i].key;
	struct mxa_str text = mxa_str_from(key);

	if (key[0] != '\0' && strchr(key, ' ') == NULL)
		text = test_read(c.arena,
		    test_path(mxa_arena_printf(c.arena, "keys/%s.pem", key)));
	ck_assert_int_eq(mxa_key_is_rsa_private(text), private_keys[_i].rsa);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("key");
	TCase *tc = tcase_create("key");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, der_rows, 0, MXA_ARRAY_LEN(ders));
	tcase_add_loop_test(tc, rsa_sizes, 0, MXA_ARRAY_LEN(sizes));
	tcase_add_test(tc, exponent_one);
	tcase_add_test(tc, same_as_openssl);
	tcase_add_test(tc, long_key_is_policy);
	tcase_add_loop_test(tc, who_can_sign, 0, MXA_ARRAY_LEN(private_keys));
	suite_add_tcase(s, tc);
	return test_main(s);
}
