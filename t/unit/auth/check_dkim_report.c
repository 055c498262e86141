/* check_dkim_report.c - what the DKIM engine reports: properties, causes, local
 * policy, and several signatures beside each other. */
#include <string.h>

#include "auth/orgdom.h"
#include "base/attr.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"

static struct sigcase c;

static const char base[] = "From: Ann <ann@example.com>\r\n"
			   "To: Bob <bob@example.net>\r\n"
			   "Subject: greetings\r\n"
			   "Date: Tue, 1 Sep 2026 00:00:00 +0000\r\n"
			   "\r\n"
			   "Hello World.\r\n"
			   "Bye.\r\n";

static void setup(void)
{
	sigcase_init(&c);
	sigcase_domain(&c, "example.com");
	sigcase_domain(&c, "esp.example");
	sigcase_zone(&c, ";! servfail broken._domainkey.example.com TXT");
	sigcase_publish(&c, "revoked", "example.com", "v=DKIM1; k=rsa; p=");
}

static void teardown(void)
{
	sigcase_done(&c);
}

/* Signed by example.com, unless 'o' says otherwise. */
static struct mxa_str sign(
    const char *key, struct sign_options o, struct mxa_str message)
{
	return sigcase_sign(&c, key, &o, message);
}

/* --- what a report says --- */

START_TEST(properties)
{
	struct mxa_dkim_verdict v;
	struct mxa_str m = sign("rsa2048",
	    (struct sign_options){ .domain = "Example.COM",
		.identity = "ann@\r\n\tmail.example.com",
		.time = SIGCASE_NOW - 5 },
	    mxa_str_from(base));

	sigcase_dkim(&c, m, "example.com", &v);
	ck_assert_uint_eq(v.n, 1);
	ck_assert(v.sig[0].result == MXA_DKIM_PASS);
	ck_assert(v.sig[0].cause == MXA_DKIM_OK);
	ck_str_is(v.sig[0].reason.text, "");
	ck_str_is(v.sig[0].rules, "");
	ck_str_is(v.sig[0].domain, "example.com");
	ck_str_is(v.sig[0].identity, "ann@mail.example.com");
	ck_str_is(v.sig[0].selector, "rsa2048");
	ck_str_is(v.sig[0].algorithm, "rsa-sha256");
	ck_assert_uint_eq(v.sig[0].b.len, 8);
	ck_assert_uint_eq(v.sig[0].key_bits, 2048);
	ck_assert(v.sig[0].body == MXA_BODY_MATCHES);
	ck_assert(v.sig[0].covers_subject);
	ck_assert_int_eq(v.sig[0].signed_at, SIGCASE_NOW - 5);
	ck_assert_uint_eq(v.sig[0].field, 0);
	ck_assert_uint_eq(v.untried, 0);
	m = sign("ed25519", (struct sign_options){ .headers = "from:to" },
	    mxa_str_from(base));
	sigcase_dkim(&c, m, "example.com", &v);
	ck_str_is(v.sig[0].identity, "@example.com");
	ck_str_is(v.sig[0].algorithm, "ed25519-sha256");
	ck_assert(!v.sig[0].covers_subject);
	ck_assert_int_eq(v.sig[0].signed_at, -1);
}
END_TEST

/* What could be read of a signature that cannot be used is still shown. */
START_TEST(properties_of_a_broken_one)
{
	struct mxa_dkim_verdict v;
	struct mxa_str m = sigcase_join(&c,
	    MXA_STR("DKIM-Signature: d=example.com; s=s1; d=twice.example;\r\n"
		    " a=rsa-sha256; b=AbCd Ef12 34==\r\n"),
	    mxa_str_from(base));

	sigcase_dkim(&c, m, "example.com", &v);
	ck_assert_uint_eq(v.n, 1);
	ck_assert(v.sig[0].result == MXA_DKIM_NEUTRAL);
	ck_assert(v.sig[0].cause == MXA_DKIM_SYNTAX);
	ck_str_is(v.sig[0].domain, "example.com");
	ck_str_is(v.sig[0].selector, "s1");
	ck_str_is(v.sig[0].algorithm, "rsa-sha256");
	ck_str_is(v.sig[0].b, "AbCdEf12");
	ck_assert(!c.body_needed);
	ck_assert_uint_eq(c.counts.questions, 0);
}
END_TEST

static const struct {
	struct sign_options o;
	const char *from, *to;
	enum mxa_dkim_result result;
	enum mxa_dkim_cause cause;
	enum mxa_body_hash body;
	const char *rules;
} causes[] = {
	{ { .key = NULL }, "World", "world", MXA_DKIM_FAIL, MXA_DKIM_BODY,
	    MXA_BODY_DIFFERS, "" },
	{ { .key = NULL }, "greetings", "x", MXA_DKIM_FAIL, MXA_DKIM_SIGNATURE,
	    MXA_BODY_MATCHES, "" },
	{ { .selector = "other2048" }, "World", "world", MXA_DKIM_FAIL,
	    MXA_DKIM_SIGNATURE, MXA_BODY_DIFFERS, "" },
	{ { .selector = "revoked" }, NULL, NULL, MXA_DKIM_PERMERROR,
	    MXA_DKIM_REVOKED, MXA_BODY_MATCHES, "" },
	{ { .selector = "broken" }, "World", "world", MXA_DKIM_TEMPERROR,
	    MXA_DKIM_DNS, MXA_BODY_DIFFERS, "" },
	{ { .algorithm = "rsa-sha1" }, NULL, NULL, MXA_DKIM_POLICY,
	    MXA_DKIM_SHA1, MXA_BODY_UNKNOWN, "sha1" },
	{ { .selector = "rsa768" }, NULL, NULL, MXA_DKIM_POLICY,
	    MXA_DKIM_SHORT_KEY, MXA_BODY_MATCHES, "short-key" },
	{ { .length = "10" }, NULL, NULL, MXA_DKIM_POLICY, MXA_DKIM_PARTIAL,
	    MXA_BODY_MATCHES, "partial-body" },
};

START_TEST(cause)
{
	struct mxa_str m = sign("rsa2048", causes[_i].o, mxa_str_from(base));
	struct mxa_dkim_verdict v;

	if (causes[_i].from != NULL)
		m = sigcase_replace(&c, m, causes[_i].from, causes[_i].to);
	sigcase_dkim(&c, m, "example.com", &v);
	ck_assert_int_eq(v.sig[0].result, causes[_i].result);
	ck_assert_int_eq(v.sig[0].cause, causes[_i].cause);
	ck_assert_int_eq(v.sig[0].body, causes[_i].body);
	ck_str_is(v.sig[0].rules, causes[_i].rules);
}
END_TEST

START_TEST(options)
{
	struct mxa_str m = sign("rsa1024",
	    (struct sign_options){ .length = "10" }, mxa_str_from(base));

	c.options.dkim_accept_partial_body = true;
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"), "pass");
	c.options.dkim_min_rsa_bits = 2048;
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"),
	    "policy: key too small: 1024 bits, 2048 wanted");
	/* nothing lowers the floor of RFC 8301 */
	c.options.dkim_min_rsa_bits = 512;
	m = sign(
	    "rsa768", (struct sign_options){ .key = NULL }, mxa_str_from(base));
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"),
	    "policy: key too small: 768 bits, 1024 wanted");
}
END_TEST

/* --- several signatures --- */

START_TEST(good_and_bad_together)
{
	struct mxa_str m = mxa_str_from(base);

	m = sign(
	    "rsa2048", (struct sign_options){ .domain = "esp.example" }, m);
	m = sign("ed25519", (struct sign_options){ .key = NULL }, m);
	m = sign("rsa2048", (struct sign_options){ .selector = "broken" }, m);
	m = sign("rsa2048", (struct sign_options){ .selector = "revoked" }, m);
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"),
	    "permerror: key revoked at revoked._domainkey.example.com | "
	    "temperror: no answer about the key at "
	    "broken._domainkey.example.com: servfail | pass | pass");
}
END_TEST

START_TEST(equal_questions_are_asked_once)
{
	struct mxa_str m = mxa_str_from(base);

	for (int i = 0; i < 5; i++)
		m = sign("rsa2048", (struct sign_options){ .key = NULL }, m);
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"),
	    "pass | pass | pass | pass | pass");
	ck_assert_uint_eq(c.counts.questions, 1);
}
END_TEST

/* RFC 6008: as much of b= as tells them apart. */
START_TEST(shown_b)
{
	struct mxa_dkim_verdict v;
	struct mxa_str m = sigcase_join(&c,
	    MXA_STR("DKIM-Signature: b=AAAAAAAAAAAAAAAB\r\n"
		    "DKIM-Signature: b=AAAAAAAAAAAAAAAC\r\n"
		    "DKIM-Signature: b=AAAAAAAAAAAA\r\n"
		    "DKIM-Signature: b=BBBBBBBBBBBBBBBBBBBB\r\n"
		    "DKIM-Signature: b=BBBBBBBBBBBBBBBBBBBB\r\n"
		    "DKIM-Signature: b=CC\r\n"
		    "DKIM-Signature: v=1\r\n"),
	    mxa_str_from(base));
	static const char *const want[] = { "AAAAAAAAAAAAAAAB",
		"AAAAAAAAAAAAAAAC", "AAAAAAAAAAAA", "BBBBBBBB", "BBBBBBBB",
		"CC", "" };

	sigcase_dkim(&c, m, "example.com", &v);
	ck_assert_uint_eq(v.n, MXA_ARRAY_LEN(want));
	for (size_t i = 0; i < v.n; i++)
		ck_str_is(v.sig[i].b, want[i]);
}
END_TEST

/* The cap: those that could align first, then the others, then those that
 * cannot be used; reported in the order of the header. */
START_TEST(cap)
{
	struct mxa_dkim_verdict v;
	struct mxa_str m = sign("rsa2048", (struct sign_options){ .key = NULL },
	    mxa_str_from(base));

	for (int i = 0; i < 30; i++)
		m = sigcase_join(&c, MXA_STR("DKIM-Signature: v=1\r\n"), m);
	for (int i = 0; i < 3; i++)
		m = sign("rsa2048",
		    (struct sign_options){ .domain = "esp.example" }, m);
	c.options.dkim_max_signatures = 3;
	sigcase_dkim(&c, m, "mail.example.com", &v);
	ck_assert_uint_eq(v.n, 3);
	ck_assert_uint_eq(v.untried, 31);
	ck_str_is(v.sig[0].domain, "esp.example");
	ck_str_is(v.sig[1].domain, "esp.example");
	ck_str_is(v.sig[2].domain, "example.com");
	ck_assert(v.sig[2].result == MXA_DKIM_PASS);
	c.options.dkim_max_signatures = 5;
	sigcase_dkim(&c, m, "mail.example.com", &v);
	ck_assert_uint_eq(v.n, 5);
	ck_assert(v.sig[3].cause == MXA_DKIM_SYNTAX);
	ck_str_is(v.sig[4].domain, "example.com");
}
END_TEST

/* What cannot align is not waited for once the author is known to be real. */
START_TEST(unaligned_keys_are_not_waited_for)
{
	struct mxa_str m;

	sigcase_zone(&c, ";! delay 3000 rsa2048._domainkey.esp.example TXT");
	m = sign("rsa2048", (struct sign_options){ .key = NULL },
	    sign("rsa2048", (struct sign_options){ .domain = "esp.example" },
		mxa_str_from(base)));
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"),
	    "pass | neutral: not needed for the verdict: no answer about its "
	    "key yet");
	c.settled = true;
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.org"),
	    "pass | neutral: not needed for the verdict: no answer about its "
	    "key yet");
}
END_TEST

/* Once the author's own signature has passed, nothing is waited for; one that
 * could only align is no such thing. */
START_TEST(aligned_keys_and_waiting)
{
	struct mxa_str m;

	sigcase_domain(&c, "mail.example.com");
	sigcase_domain(&c, "news.example.com");
	sigcase_zone(
	    &c, ";! delay 200 rsa2048._domainkey.mail.example.com TXT");
	m = sign("rsa2048", (struct sign_options){ .key = NULL },
	    sign("rsa2048",
		(struct sign_options){ .domain = "mail.example.com" },
		mxa_str_from(base)));
	ck_assert_str_eq(sigcase_dkim_text(&c, m, "example.com"),
	    "pass | neutral: not needed for the verdict: no answer about its "
	    "key yet");
	ck_assert_str_eq(
	    sigcase_dkim_text(&c, m, "news.example.com"), "pass | pass");
	/* nobody wrote it: nothing can align, everything is waited for */
	ck_assert_str_eq(sigcase_dkim_text(&c, m, NULL), "pass | pass");
}
END_TEST

static const struct {
	const char *domain, *want;
} suffixes[] = {
	{ "city.city.test", "policy: d= is a public suffix: city.city.test" },
	{ "co.uk", "policy: d= is a public suffix: co.uk" },
	{ "example.co.uk",
	    "permerror: no key at "
	    "rsa2048._domainkey.example.co.uk" },
	/* a company's entry for its customers still is a company's name */
	{ "hosting.example",
	    "permerror: no key at rsa2048._domainkey.hosting.example" },
};

START_TEST(public_suffix)
{
	const char *error = NULL;
	struct mxa_psl *psl =
	    mxa_psl_load(test_path("zones/suffixes.psl"), &error);
	struct mxa_str m = sign("rsa2048",
	    (struct sign_options){ .domain = suffixes[_i].domain },
	    mxa_str_from(base));
	struct mxa_dkim_verdict v;

	c.options.psl = psl;
	ck_assert_str_eq(
	    sigcase_dkim_text(&c, m, "example.com"), suffixes[_i].want);
	sigcase_dkim(&c, m, "example.com", &v);
	ck_str_is(
	    v.sig[0].rules, v.sig[0].result == MXA_DKIM_POLICY ? "domain" : "");
	c.options.psl = NULL;
	mxa_psl_free(psl);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dkim_report");
	TCase *tc = tcase_create("dkim_report");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, properties);
	tcase_add_test(tc, properties_of_a_broken_one);
	tcase_add_loop_test(tc, cause, 0, MXA_ARRAY_LEN(causes));
	tcase_add_test(tc, options);
	tcase_add_test(tc, good_and_bad_together);
	tcase_add_test(tc, equal_questions_are_asked_once);
	tcase_add_test(tc, shown_b);
	tcase_add_test(tc, cap);
	tcase_add_test(tc, unaligned_keys_are_not_waited_for);
	tcase_add_test(tc, aligned_keys_and_waiting);
	tcase_add_loop_test(tc, public_suffix, 0, MXA_ARRAY_LEN(suffixes));
	suite_add_tcase(s, tc);
	return test_main(s);
}
