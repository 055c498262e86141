/* check_dkim_keys.c - key records as the DKIM engine uses them. */
#include <string.h>

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

/* Key records; @R and @E stand for the public keys. */
static const struct {
	const char *record;
	const char *want; /* of a signature with i=@sub.example.org */
	bool ed25519, testing;
} records[] = {
	{ "v=DKIM1; k=rsa; p=@R", "pass", false, false },
	{ "p=@R", "pass", false, false },
	{ "v=DKIM1;p=@R;", "pass", false, false },
	{ " v = DKIM1 ; k = rsa ; p = @R ; ", "pass", false, false },
	{ "k=rsa; p=@R; n=a note; zz=1", "pass", false, false },
	{ "v=DKIM1; k=ed25519; p=@E", "pass", true, false },
	{ "v=DKIM1; h=sha256; p=@R", "pass", false, false },
	{ "v=DKIM1; h=sha1 : sha256; p=@R", "pass", false, false },
	{ "v=DKIM1; s=*; p=@R", "pass", false, false },
	{ "v=DKIM1; s=foo:email; p=@R", "pass", false, false },
	{ "v=DKIM1; t=y; p=@R", "pass", false, true },
	{ "v=DKIM1; t=y:unknown; p=@R", "pass", false, true },
	{ "v=DKIM1; g=; p=@R", "pass", false, false },
	{ "v=DKIM1; t=s; p=@R",
	    "permerror: the key at k._domainkey.example.org allows no "
	    "subdomain in i=",
	    false, false },
	{ "v=DKIM1; t=y:s; p=@R",
	    "permerror: the key at k._domainkey.example.org allows no "
	    "subdomain in i=",
	    false, false },
	{ "v=DKIM1; h=sha1; p=@R",
	    "permerror: the key at k._domainkey.example.org does not allow "
	    "sha256",
	    false, false },
	{ "v=DKIM1; s=tlsrpt; p=@R",
	    "permerror: the key at k._domainkey.example.org is not for "
	    "e-mail",
	    false, false },
	{ "v=DKIM1; p=", "permerror: key revoked at k._domainkey.example.org",
	    false, false },
	{ "v=DKIM1; k=ed25519; p=",
	    "permerror: key revoked at k._domainkey.example.org", false,
	    false },
	{ "v=DKIM2; p=@R",
	    "permerror: no usable key at k._domainkey.example.org: v= is not "
	    "DKIM1",
	    false, false },
	{ "k=rsa; v=DKIM1; p=@R",
	    "permerror: no usable key at k._domainkey.example.org: v= is not "
	    "the first tag",
	    false, false },
	{ "v=DKIM1; k=dsa; p=@R",
	    "permerror: no usable key at k._domainkey.example.org: k= is "
	    "unknown",
	    false, false },
	{ "v=DKIM1; k=ed25519; p=@R",
	    "permerror: no usable key at k._domainkey.example.org: p= is not "
	    "an Ed25519 key",
	    false, false },
	{ "v=DKIM1; k=rsa; p=@E",
	    "permerror: no usable key at k._domainkey.example.org: p= is not "
	    "an RSA key",
	    false, false },
	{ "v=DKIM1; k=ed25519; p=@E",
	    "permerror: the key at k._domainkey.example.org is not for "
	    "rsa-sha256",
	    false, false },
	{ "v=DKIM1; k=rsa",
	    "permerror: no usable key at k._domainkey.example.org: p= is "
	    "missing",
	    false, false },
	{ "v=DKIM1; p=@R; p=@R",
	    "permerror: no usable key at k._domainkey.example.org: the same "
	    "tag twice",
	    false, false },
	{ "v=DKIM1; p=not!base64",
	    "permerror: no usable key at k._domainkey.example.org: p= is not "
	    "base64",
	    false, false },
	{ "",
	    "permerror: no usable key at k._domainkey.example.org: no tag at "
	    "all",
	    false, false },
};

static const char *with_keys(const char *text)
{
	const char *names[] = { "rsa2048", "ed25519" };
	struct mxa_str s = mxa_str_from(text);
	struct mxa_buf b;

	mxa_buf_init(&b, c.arena, 65535);
	for (size_t i = 0; i < s.len; i++) {
		struct mxa_str key;

		if (s.p[i] != '@') {
			mxa_buf_addc(&b, s.p[i]);
			continue;
		}
		key = sign_key_record(
		    c.arena, sigcase_key(names[s.p[++i] == 'E']));
		mxa_buf_addstr(&b,
		    mxa_str_sub(key, mxa_str_casefind(key, MXA_STR("p=")) + 2,
			key.len));
	}
	return mxa_buf_cstr(&b);
}

START_TEST(key_record)
{
	struct mxa_str m;
	struct mxa_dkim_verdict v;

	sigcase_publish(&c, "k", "example.org", with_keys(records[_i].record));
	m = sign(records[_i].ed25519 ? "ed25519" : "rsa2048",
	    (struct sign_options){ .domain = "example.org",
		.selector = "k",
		.identity = "@sub.example.org" },
	    mxa_str_from(base));
	ck_assert_str_eq(
	    sigcase_dkim_text(&c, m, "example.org"), records[_i].want);
	sigcase_dkim(&c, m, "example.org", &v);
	ck_assert(v.sig[0].testing == records[_i].testing);
}
END_TEST

START_TEST(several_records)
{
	const char *record = with_keys("v=DKIM1; k=rsa; p=@R");

	sigcase_publish(&c, "two", "example.com", record);
	ck_assert_str_eq(
	    sigcase_dkim_text(&c,
		sign("rsa2048", (struct sign_options){ .selector = "two" },
		    mxa_str_from(base)),
		"example.com"),
	    "pass");
	/* the one of the other algorithm is not in the way, nor a revoked */
	sigcase_done(&c);
	sigcase_init(&c);
	sigcase_publish(&c, "k", "example.com", "v=DKIM1; p=");
	sigcase_publish(
	    &c, "k", "example.com", with_keys("v=DKIM1; k=ed25519; p=@E"));
	sigcase_publish(
	    &c, "k", "example.com", with_keys("v=DKIM1; k=rsa; p=@R"));
	ck_assert_str_eq(
	    sigcase_dkim_text(&c,
		sign("rsa2048", (struct sign_options){ .selector = "k" },
		    mxa_str_from(base)),
		"example.com"),
	    "pass");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dkim_keys");
	TCase *tc = tcase_create("dkim_keys");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, key_record, 0, MXA_ARRAY_LEN(records));
	tcase_add_test(tc, several_records);
	suite_add_tcase(s, tc);
	return test_main(s);
}
