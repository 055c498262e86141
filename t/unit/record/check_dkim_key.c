/* check_dkim_key.c - what is wrong with a key record. */
#include <string.h>

#include "dns/zone.h"
#include "record/dkim_key.h"
#include "t/support/testing.h"

/* RFC 8463 appendix A.2. */
#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

static struct mxa_arena *a;
static struct mxa_dns *dns;
static struct mxa_budget *budget;

static void setup(void)
{
	a = mxa_arena_new();
}

static void teardown(void)
{
	mxa_budget_close(budget);
	mxa_dns_free(dns);
	budget = NULL;
	dns = NULL;
	mxa_arena_free(a);
}

/* An RSA public key of 'len' octets of base64, which the case cuts. */
static const char rsa2048[] =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvBwR1C+OWZSYGuxa4lCa"
    "NPvSrGCaZgtAUfsaYuQfvELqKFZaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static const struct {
	const char *name;
	const char *record;
	enum mxa_dkim_key_state state;
	const char *word;
} records[] = {
	{ "usable", "v=DKIM1; k=ed25519; p=" ED25519, MXA_DKIM_KEY_OK, "ok" },
	{ "revoked", "v=DKIM1; p=", MXA_DKIM_KEY_REVOKED, "revoked" },
	{ "no key", "v=DKIM1; k=rsa", MXA_DKIM_KEY_BAD, "syntax" },
	{ "another version", "v=DKIM2; p=" ED25519, MXA_DKIM_KEY_BAD,
	    "syntax" },
	{ "not base64", "v=DKIM1; p=????", MXA_DKIM_KEY_BAD, "syntax" },
	{ "no key at all", "hello", MXA_DKIM_KEY_BAD, "syntax" },
};

START_TEST(judges)
{
	struct mxa_dkim_key key;

	mxa_dkim_key_judge(a, mxa_str_from(records[_i].record), &key);
	ck_assert_int_eq(key.state, records[_i].state);
	ck_assert_str_eq(mxa_dkim_key_state_name(key.state), records[_i].word);
	ck_str_is(key.record, records[_i].record);
	ck_assert_int_eq(key.problem != NULL, key.state == MXA_DKIM_KEY_BAD);
}
END_TEST

START_TEST(names_states)
{
	ck_assert_str_eq(mxa_dkim_key_state_name(MXA_DKIM_KEY_SHORT), "weak");
	ck_assert_str_eq(mxa_dkim_key_state_name(MXA_DKIM_KEY_CUT), "syntax");
	ck_assert_str_eq(
	    mxa_dkim_key_state_name(MXA_DKIM_KEY_MISSING), "missing");
	ck_assert_str_eq(
	    mxa_dkim_key_state_name(MXA_DKIM_KEY_UNKNOWN), "unknown");
	ck_str_is(mxa_dkim_key_name(a, MXA_STR("s1"), MXA_STR("d.example")),
	    "s1._domainkey.d.example");
}
END_TEST

/* DER headers by hand (X.690 section 8.1.3): a SEQUENCE of 4, 128 and 256
 * octets, of which all but one are there, or all. */
static const struct {
	const char *name;
	unsigned char der[4];
	size_t head;
	size_t content;
	bool cut;
} sequences[] = {
	{ "short, all there", { 0x30, 4 }, 2, 4, false },
	{ "short, one missing", { 0x30, 4 }, 2, 3, true },
	{ "one octet of length, all there", { 0x30, 0x81, 128 }, 3, 128,
	    false },
	{ "one octet of length, one missing", { 0x30, 0x81, 128 }, 3, 127,
	    true },
	{ "two octets of length, all there", { 0x30, 0x82, 1, 4 }, 4, 260,
	    false },
	{ "two octets of length, one missing", { 0x30, 0x82, 1, 4 }, 4, 259,
	    true },
	{ "no sequence", { 0x31, 4 }, 2, 2, false },
};

static struct mxa_str to_base64(const unsigned char *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				     "opqrstuvwxyz0123456789+/";
	struct mxa_buf b;

	mxa_buf_init(&b, a, 10000);
	for (size_t i = 0; i < len; i += 3) {
		unsigned v = (unsigned)p[i] << 16;

		v |= i + 1 < len ? (unsigned)p[i + 1] << 8 : 0;
		v |= i + 2 < len ? p[i + 2] : 0;
		mxa_buf_addc(&b, digits[v >> 18]);
		mxa_buf_addc(&b, digits[v >> 12 & 63]);
		mxa_buf_addc(&b, i + 1 < len ? digits[v >> 6 & 63] : '=');
		mxa_buf_addc(&b, i + 2 < len ? digits[v & 63] : '=');
	}
	return mxa_buf_str(&b);
}

START_TEST(sees_cut)
{
	unsigned char der[300] = { 0 };
	struct mxa_dkim_key key;
	struct mxa_str p;

	memcpy(der, sequences[_i].der, sequences[_i].head);
	p = to_base64(der, sequences[_i].head + sequences[_i].content);
	mxa_dkim_key_judge(a,
	    mxa_str_from(
		mxa_arena_printf(a, "v=DKIM1; p=%.*s", MXA_STR_ARG(p))),
	    &key);
	ck_assert_int_eq(
	    key.state, sequences[_i].cut ? MXA_DKIM_KEY_CUT : MXA_DKIM_KEY_BAD);
}
END_TEST

/* A group of base64 may be torn, too. */
START_TEST(sees_torn_group)
{
	struct mxa_dkim_key key;

	for (size_t n = 120; n < 124; n++) {
		mxa_dkim_key_judge(a,
		    mxa_str_from(mxa_arena_printf(
			a, "v=DKIM1; p=%.*s", (int)n, rsa2048)),
		    &key);
		ck_assert_int_eq(key.state, MXA_DKIM_KEY_CUT);
	}
}
END_TEST

static const struct {
	const char *record, *tag, *want;
} edits[] = {
	{ "v=DKIM1; k=ed25519; t=y; p=" ED25519, "t",
	    "v=DKIM1; k=ed25519; p=" ED25519 },
	{ "v=DKIM1; h=sha1; k=ed25519; p=" ED25519, "h",
	    "v=DKIM1; k=ed25519; p=" ED25519 },
	/* a record that is of no use without it */
	{ "v=DKIM1; k=ed25519; p=" ED25519, "p", "" },
	{ "v=DKIM1; p=; t=y", "t", "" },
	{ "nonsense", "t", "" },
};

START_TEST(edits_tags)
{
	ck_str_is(mxa_dkim_key_without(
		      a, mxa_str_from(edits[_i].record), edits[_i].tag),
	    edits[_i].want);
}
END_TEST

/* --- answers --- */

static const struct mxa_dns_answer *ask_zone(const char *zone)
{
	char *error = NULL;

	dns = mxa_dns_zone_text("zone", mxa_str_from(zone), NULL, &error);
	ck_assert_ptr_null(error);
	budget = mxa_budget_open(dns, 1000);
	return mxa_dns_lookup(budget, MXA_SHARE_OTHER,
	    MXA_STR("s1._domainkey.d.example"), MXA_DNS_TXT);
}

#define KEY "s1._domainkey.d.example. TXT "

static const struct {
	const char *zone;
	enum mxa_dkim_key_state state;
	const char *record;
} answers[] = {
	{ "d.example. TXT \"x\"\n", MXA_DKIM_KEY_MISSING, "" },
	{ ";! servfail s1._domainkey.d.example\n", MXA_DKIM_KEY_UNKNOWN, "" },
	{ KEY "\"v=DKIM1; p=\"\n" KEY "\"v=DKIM1; k=ed25519; p=" ED25519 "\"\n",
	    MXA_DKIM_KEY_OK, "v=DKIM1; k=ed25519; p=" ED25519 },
	{ KEY "\"v=DKIM1; k=ed25519; p=" ED25519 "\"\n" KEY "\"hello\"\n",
	    MXA_DKIM_KEY_OK, "v=DKIM1; k=ed25519; p=" ED25519 },
	{ KEY "\"hello\"\n" KEY "\"v=DKIM1; p=\"\n", MXA_DKIM_KEY_REVOKED,
	    "v=DKIM1; p=" },
};

START_TEST(looks)
{
	struct mxa_dkim_key key;

	mxa_dkim_key_look(a, ask_zone(answers[_i].zone), &key);
	ck_assert_int_eq(key.state, answers[_i].state);
	ck_str_is(key.record, answers[_i].record);
}
END_TEST

START_TEST(reads_flags)
{
	struct mxa_dkim_key key;

	mxa_dkim_key_judge(a, MXA_STR("v=DKIM1; k=ed25519; p=" ED25519), &key);
	ck_assert_str_eq(key.type, "ed25519");
	ck_assert_uint_eq(key.bits, 256);
	ck_assert(!key.testing && !key.strict && key.sha256 && key.email);
	mxa_dkim_key_judge(a,
	    MXA_STR("v=DKIM1; k=ed25519; t=y:s; h=sha1; s=tlsrpt; p=" ED25519),
	    &key);
	ck_assert(key.testing && key.strict && !key.sha256 && !key.email);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dkim_key");
	TCase *tc = tcase_create("keys");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, judges, 0, MXA_ARRAY_LEN(records));
	tcase_add_test(tc, names_states);
	tcase_add_loop_test(tc, sees_cut, 0, MXA_ARRAY_LEN(sequences));
	tcase_add_test(tc, sees_torn_group);
	tcase_add_loop_test(tc, edits_tags, 0, MXA_ARRAY_LEN(edits));
	tcase_add_loop_test(tc, looks, 0, MXA_ARRAY_LEN(answers));
	tcase_add_test(tc, reads_flags);
	suite_add_tcase(s, tc);
	return test_main(s);
}
