/* check_sign.c - DKIM signatures on our report mails, as our own verifier sees
 * them, and what it says of mails that would be refused. */
#include "report/sent/sign.h"

#include <string.h>

#include "auth/engine.h"
#include "conf/conf.h"
#include "dns/zone.h"
#include "t/support/signer.h"
#include "t/support/testing.h"

#define NOW INT64_C(1795305600)

static struct mxa_arena *a;
static struct test_clock test_time;

static void setup(void)
{
	a = mxa_arena_new();
	test_clock_init(&test_time, NOW);
}

static void teardown(void)
{
	mxa_arena_free(a);
}

static struct mxa_str key_text(const char *name)
{
	return test_read(
	    a, test_path(mxa_arena_printf(a, "keys/%s.pem", name)));
}

/* The signed field of 'message'; empty: it could not be signed. */
static struct mxa_str sign(
    struct mxa_str message, const char *domain, struct mxa_str key)
{
	const char *error = NULL;
	struct mxa_signer *s =
	    mxa_signer_new(mxa_str_from(domain), MXA_STR("s"), key, &error);
	struct mxa_str field = MXA_STR("");
	bool ok;

	ck_assert_msg(s != NULL, "%s", error);
	ok = mxa_sign(s, a, message, NOW, &field);
	mxa_signer_free(s);
	return ok ? field : MXA_STR("");
}

static const char *join(struct mxa_str field, const char *message)
{
	return mxa_arena_printf(a, "%.*s%s", MXA_STR_ARG(field), message);
}

#define MAIL(from)                                                 \
	"From: " from "\r\nTo: x@y.example\r\nSubject: report\r\n" \
	"Date: Sun, 22 Nov 2026 00:00:00 +0000\r\n\r\nA\r\n.\r\nb\r\n"

static bool has(struct mxa_str text, const char *word)
{
	return mxa_str_casefind(text, mxa_str_from(word)) < text.len;
}

START_TEST(a_field_of_whole_lines)
{
	struct mxa_str f = sign(
	    MXA_STR(MAIL("r@example.com")), "example.com", key_text("rsa2048"));

	ck_assert(mxa_str_starts(f, MXA_STR("DKIM-Signature: v=1; ")));
	ck_assert(mxa_str_ends(f, MXA_STR("\r\n")));
	ck_assert(!has(f, "\r\r") && !has(f, "\r\n\r\n"));
	for (size_t i = 0; i < f.len; i++)
		if (f.p[i] == '\n')
			ck_assert(i > 0 && f.p[i - 1] == '\r');
	ck_assert(has(f, "a=rsa-sha256; c=relaxed/relaxed; d=example.com"));
	ck_assert(has(f, "; s=s;"));
	ck_assert(has(f, "t=1795305600"));
}
END_TEST

START_TEST(what_is_not_an_rsa_key)
{
	ck_assert_uint_eq(sign(MXA_STR(MAIL("r@example.com")), "example.com",
			      MXA_STR("no key"))
			      .len,
	    0);
	mxa_signer_free(NULL);
}
END_TEST

/* --- the check --- */

#define DMARC "_dmarc.example.com. IN TXT \"v=DMARC1; p=reject\"\n"
#define ANY_FROM MAIL("r@example.com")

static const struct {
	const char *name;
	const char *message;
	const char *domain; /* that signs; NULL: nobody */
	const char *key;    /* that the DNS has; NULL: none */
	const char *zone;
	const char *why; /* its begin; NULL: all is well */
} rows[] = {
	{ "signed and aligned", ANY_FROM, "example.com", "rsa2048", DMARC,
	    NULL },
	{ "not signed", ANY_FROM, NULL, "rsa2048", DMARC,
	    "there is no signature" },
	{ "the key is not in the DNS", ANY_FROM, "example.com", NULL, DMARC,
	    "the signature of example.com (selector s) does not pass: " },
	{ "another key is", ANY_FROM, "example.com", "other2048", DMARC,
	    "the signature of example.com (selector s) does not pass: " },
	{ "no DMARC record", ANY_FROM, "example.com", "rsa2048", "",
	    "example.com has no DMARC record (RFC 9990 section 3.5.2 asks for "
	    "one): mxauth lint example.com proposes it" },
	{ "another domain signs", ANY_FROM, "example.net", "rsa2048", DMARC,
	    "DMARC says fail for example.com: " },
	{ "no domain in From", MAIL("nobody"), "example.com", "rsa2048", DMARC,
	    "reports.from has no domain" },
};

static struct mxa_dns *open_zone(size_t i)
{
	const char *zone = rows[i].zone;
	char *error = NULL;
	struct mxa_dns *dns;

	if (rows[i].key != NULL && rows[i].domain != NULL) {
		EVP_PKEY *key = sign_key_load(
		    test_path(mxa_arena_printf(a, "keys/%s.pem", rows[i].key)));
		struct mxa_str record =
		    sign_key_strings(a, sign_key_record(a, key));

		EVP_PKEY_free(key);
		zone = mxa_arena_printf(a, "%ss._domainkey.%s. IN TXT %.*s\n",
		    zone, rows[i].domain, MXA_STR_ARG(record));
	}
	dns = mxa_dns_zone_text("zone", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(dns != NULL, "%s", error);
	return dns;
}

START_TEST(checked_before_it_is_sent)
{
	struct mxa_conf *conf = mxa_arena_calloc(a, 1, sizeof(*conf));
	struct mxa_str message = mxa_str_from(rows[_i].message);
	struct mxa_str why = MXA_STR("");
	struct mxa_dns *dns = open_zone((size_t)_i);
	bool ok;

	conf->dns_deadline = 10;
	mxa_auth_options_default(&conf->auth);
	if (rows[_i].domain != NULL)
		message = mxa_str_from(
		    join(sign(message, rows[_i].domain, key_text("rsa2048")),
			rows[_i].message));
	ok = mxa_sign_check(dns, conf, &test_time.clock, a, message, &why);
	mxa_dns_free(dns);
	ck_assert_msg(ok == (rows[_i].why == NULL), "%s: %.*s", rows[_i].name,
	    MXA_STR_ARG(why));
	ck_assert_msg(ok || mxa_str_starts(why, mxa_str_from(rows[_i].why)),
	    "%s: \"%.*s\"", rows[_i].name, MXA_STR_ARG(why));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sign");
	TCase *tc = tcase_create("sign");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_field_of_whole_lines);
	tcase_add_test(tc, what_is_not_an_rsa_key);
	tcase_add_loop_test(
	    tc, checked_before_it_is_sent, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, tc);
	return test_main(s);
}
