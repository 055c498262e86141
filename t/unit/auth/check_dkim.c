/* check_dkim.c - the native DKIM engine: the worked cases of spec/dkim.md, and
 * signatures that nobody could make. */
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
	sigcase_domain(&c, "single");
	sigcase_domain(&c, "xn--bcher-kva.example");
	sigcase_zone(&c,
	    ";! servfail broken._domainkey.example.com TXT\n"
	    ";! timeout slow._domainkey.example.com TXT\n"
	    ";! refused refused._domainkey.example.com TXT\n"
	    ";! malformed mangled._domainkey.example.com TXT\n"
	    "nodata._domainkey.example.com. 300 IN A 192.0.2.1\n"
	    "wild._domainkey.example.com. 300 IN TXT \"v=spf1 -all\"\n"
	    "two._domainkey.example.com. 300 IN TXT \"v=spf1 -all\"");
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

static const struct {
	const char *name;
	const char *key; /* NULL: rsa2048 */
	struct sign_options o;
	const char *from, *to; /* changed on the way */
	const char *want;
} rows[] = {
	/* spec/dkim.md section 7, in its order */
	{ .name = "rsa-2048", .want = "pass" },
	{ .name = "body changed",
	    .from = "World",
	    .to = "world",
	    .want = "fail: body hash did not verify" },
	{ .name = "subject changed",
	    .from = "greetings",
	    .to = "bargains",
	    .want = "fail: signature did not verify" },
	{ .name = "subject and body changed",
	    .from = "greetings\r\nDate: Tue, 1 Sep 2026 00:00:00 +0000\r\n\r\n",
	    .to = "bargains\r\nDate: Tue, 1 Sep 2026 00:00:00 +0000\r\n\r\nx",
	    .want = "fail: body hash did not verify, nor did the signature" },
	{ .name = "second From on top, From once in h=",
	    .from = "DKIM-Signature:",
	    .to = "From: eve@example.org\r\nDKIM-Signature:",
	    .want = "pass" },
	{ .name = "second From on top, oversigned",
	    .o = { .headers = "from:from:to:subject:date" },
	    .from = "DKIM-Signature:",
	    .to = "From: eve@example.org\r\nDKIM-Signature:",
	    .want = "fail: signature did not verify" },
	{ .name = "second From below",
	    .from = "From: Ann",
	    .to = "From: eve@example.org\r\nFrom: Ann",
	    .want = "pass" },
	{ .name = "second From at the bottom",
	    .from = "Date: ",
	    .to = "From: eve@example.org\r\nDate: ",
	    .want = "fail: signature did not verify" },
	{ .name = "oversigned, untouched",
	    .o = { .headers = "from:from:to:subject:reply-to:subject:date" },
	    .want = "pass" },
	{ .name = "an absent field was signed, then added",
	    .o = { .headers = "from:reply-to" },
	    .from = "To: ",
	    .to = "Reply-To: eve@example.org\r\nTo: ",
	    .want = "fail: signature did not verify" },
	{ .name = "rsa-sha1",
	    .o = { .algorithm = "rsa-sha1" },
	    .want = "policy: rsa-sha1 is no longer accepted" },
	{ .name = "rsa-768",
	    .key = "rsa768",
	    .want = "policy: key too small: 768 bits, 1024 wanted" },
	{ .name = "rsa-512",
	    .key = "rsa512",
	    .want = "policy: key too small: 512 bits, 1024 wanted" },
	{ .name = "rsa-1024", .key = "rsa1024", .want = "pass" },
	{ .name = "rsa-4096", .key = "rsa4096", .want = "pass" },
	{ .name = "ed25519", .key = "ed25519", .want = "pass" },
	{ .name = "ed25519, body changed",
	    .key = "ed25519",
	    .from = "World",
	    .to = "world",
	    .want = "fail: body hash did not verify" },
	{ .name = "ed25519, subject changed",
	    .key = "ed25519",
	    .from = "greetings",
	    .to = "bargains",
	    .want = "fail: signature did not verify" },
	{ .name = "another domain's key",
	    .o = { .selector = "other2048" },
	    .want = "fail: signature did not verify" },
	{ .name = "p= empty",
	    .o = { .selector = "revoked" },
	    .want = "permerror: key revoked at "
		    "revoked._domainkey.example.com" },
	{ .name = "NXDOMAIN",
	    .o = { .selector = "s1" },
	    .want = "permerror: no key at s1._domainkey.example.com" },
	{ .name = "NODATA",
	    .o = { .selector = "nodata" },
	    .want = "permerror: no key at nodata._domainkey.example.com" },
	{ .name = "SERVFAIL",
	    .o = { .selector = "broken" },
	    .want = "temperror: no answer about the key at "
		    "broken._domainkey.example.com: servfail" },
	{ .name = "timeout",
	    .o = { .selector = "slow" },
	    .want = "temperror: no answer about the key at "
		    "slow._domainkey.example.com: timeout" },
	{ .name = "refused",
	    .o = { .selector = "refused" },
	    .want = "temperror: no answer about the key at "
		    "refused._domainkey.example.com: refused" },
	{ .name = "malformed",
	    .o = { .selector = "mangled" },
	    .want = "temperror: no answer about the key at "
		    "mangled._domainkey.example.com: malformed" },
	{ .name = "i= below d=",
	    .o = { .identity = "@sub.example.com" },
	    .want = "pass" },
	{ .name = "i= with a local part, quoted-printable",
	    .o = { .identity = "an=20n@example.com" },
	    .want = "pass" },
	{ .name = "i= of another domain",
	    .o = { .identity = "@example.org" },
	    .want = "permerror: i= is not within d=: example.org" },
	{ .name = "i= only looks like d=",
	    .o = { .identity = "@badexample.com" },
	    .want = "permerror: i= is not within d=: badexample.com" },
	{ .name = "i= above d=",
	    .o = { .domain = "sub.example.com", .identity = "@example.com" },
	    .want = "permerror: i= is not within d=: example.com" },
	{ .name = "i= without @",
	    .o = { .identity = "example.com" },
	    .want = "permerror: i= is not an identity" },
	{ .name = "h= without From",
	    .o = { .headers = "to:subject" },
	    .want = "permerror: From is not signed" },
	{ .name = "v=2",
	    .o = { .version = "2" },
	    .want = "permerror: v= is not 1" },
	{ .name = "v=1.0",
	    .o = { .version = "1.0" },
	    .want = "permerror: v= is not 1" },
	{ .name = "v= missing",
	    .o = { .version = "" },
	    .want = "permerror: v= is missing" },
	{ .name = "x=1000",
	    .o = { .extra = "x=1000" },
	    .want = "permerror: signature expired 1970-01-01T00:16:40Z" },
	{ .name = "l= short of the body by ten",
	    .o = { .length = "10" },
	    .want = "policy: l= leaves 10 of 20 octets of the body "
		    "unsigned" },

	/* l= */
	{ .name = "l= of the whole body",
	    .o = { .length = "20" },
	    .want = "pass" },
	{ .name = "l= and a tail added on the way",
	    .o = { .length = "20" },
	    .from = "Bye.\r\n",
	    .to = "Bye.\r\nP.S.\r\n",
	    .want = "policy: l= leaves 6 of 26 octets of the body "
		    "unsigned" },
	{ .name = "l= too long",
	    .o = { .length = "21" },
	    .want = "permerror: l= is beyond the end of the body" },
	{ .name = "l=0",
	    .o = { .length = "0" },
	    .want = "policy: l= leaves 20 of 20 octets of the body "
		    "unsigned" },
	{ .name = "l= and the signed part changed",
	    .o = { .length = "10" },
	    .from = "Hello",
	    .to = "Jello",
	    .want = "fail: body hash did not verify" },
	{ .name = "l= beyond any number",
	    .o = { .length = "99999999999999999999999999999" },
	    .want = "permerror: l= is beyond the end of the body" },
	{ .name = "l= negative",
	    .o = { .length = "-1" },
	    .want = "permerror: l= is not a number" },

	/* t= and x=: the clock may be five minutes off */
	{ .name = "t= now", .o = { .time = SIGCASE_NOW }, .want = "pass" },
	{ .name = "t= within the skew",
	    .o = { .time = SIGCASE_NOW + 300 },
	    .want = "pass" },
	{ .name = "t= in the future",
	    .o = { .time = SIGCASE_NOW + 301 },
	    .want = "permerror: signed in the future: "
		    "2026-09-01T00:05:01Z" },
	{ .name = "x= within the skew",
	    .o = { .extra = "x=1788220500" },
	    .want = "pass" },
	{ .name = "x= beyond the skew",
	    .o = { .extra = "x=1788220499" },
	    .want = "permerror: signature expired 2026-08-31T23:54:59Z" },
	{ .name = "x= not above t=",
	    .o = { .time = SIGCASE_NOW, .extra = "x=1788220800" },
	    .want = "permerror: x= is not above t=" },
	{ .name = "x= of thirteen digits",
	    .o = { .extra = "x=1788220800000" },
	    .want = "permerror: x= is not a time" },

	/* other tags */
	{ .name = "simple/simple",
	    .o = { .canon = "simple/simple" },
	    .want = "pass" },
	{ .name = "simple/relaxed",
	    .o = { .canon = "simple/relaxed" },
	    .want = "pass" },
	{ .name = "relaxed/simple",
	    .o = { .canon = "relaxed/simple" },
	    .want = "pass" },
	{ .name = "relaxed alone: body is simple",
	    .o = { .canon = "relaxed" },
	    .want = "pass" },
	{ .name = "no c=", .o = { .canon = "" }, .want = "pass" },
	{ .name = "relaxed bears blanks",
	    .from = "Hello World",
	    .to = "Hello   World  ",
	    .want = "fail: body hash did not verify" },
	{ .name = "relaxed bears folding",
	    .from = "Subject: greetings",
	    .to = "SUBJECT :\r\n\tgreetings \t",
	    .want = "pass" },
	{ .name = "simple does not bear folding",
	    .o = { .canon = "simple/relaxed" },
	    .from = "Subject: greetings",
	    .to = "Subject:  greetings",
	    .want = "fail: signature did not verify" },
	{ .name = "c= unknown",
	    .o = { .extra = "x-c=1" },
	    .from = "c=relaxed/relaxed",
	    .to = "c=nowsp/relaxed",
	    .want = "neutral: DKIM-Signature cannot be read: not the name "
		    "of a tag" },
	{ .name = "c= unknown",
	    .from = "c=relaxed/relaxed",
	    .to = "c=nowsp/relaxed",
	    .want = "permerror: c= is unknown" },
	{ .name = "c= empty",
	    .from = "c=relaxed/relaxed",
	    .to = "c=",
	    .want = "permerror: c= is empty" },
	{ .name = "unknown algorithm",
	    .from = "rsa-sha256",
	    .to = "rsa-sha512",
	    .want = "neutral: unknown algorithm rsa-sha512" },
	{ .name = "q= usable",
	    .o = { .extra = "q=dns/nsec : dns/txt" },
	    .want = "pass" },
	{ .name = "q= unusable",
	    .o = { .extra = "q=dns/nsec" },
	    .want = "permerror: q= has no method that is known" },
	{ .name = "unknown tags are hashed and ignored",
	    .o = { .extra = "zz=1; z=From:x|To:y" },
	    .want = "pass" },
	{ .name = "the same tag twice",
	    .o = { .extra = "d=example.com" },
	    .want = "neutral: DKIM-Signature cannot be read: the same tag "
		    "twice" },
	{ .name = "names of h= in any case, with folding",
	    .o = { .headers = "FROM : To:\r\n\tSubject  :date" },
	    .want = "pass" },
	{ .name = "empty elements in h= are skipped",
	    .o = { .headers = "from:to::date: :subject:" },
	    .want = "pass" },
	{ .name = "empty elements do not hide an unsigned From",
	    .o = { .headers = ":to::date" },
	    .want = "permerror: From is not signed" },
	{ .name = "a name in h= with a space",
	    .o = { .headers = "from:to to" },
	    .want = "permerror: h= is not a list of field names" },
	{ .name = "h= empty",
	    .from = "h=from:to:subject:date",
	    .to = "h=",
	    .want = "permerror: h= is empty" },
	{ .name = "the signature itself is never picked",
	    .o = { .headers = "from:dkim-signature" },
	    .want = "pass" },
	{ .name = "d= with one label",
	    .o = { .domain = "single" },
	    .want = "permerror: d= has a single label: single" },
	{ .name = "d= no domain",
	    .o = { .domain = "exa mple.com" },
	    .want = "permerror: d= is not a domain name" },
	{ .name = "d= in capitals",
	    .o = { .domain = "EXAMPLE.com" },
	    .want = "pass" },
	{ .name = "d= with U-labels",
	    .o = { .domain = "b\xc3\xbc"
			     "cher.example" },
	    .want = "pass" },
	{ .name = "i= with U-labels, d= with A-labels",
	    .o = { .domain = "xn--bcher-kva.example",
		.identity = "@b\xc3\xbc"
			    "cher.example" },
	    .want = "pass" },
	{ .name = "bh= of SHA-1",
	    .o = { .bh = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" },
	    .want = "permerror: bh= is not a SHA-256 hash" },
	{ .name = "bh= no base64",
	    .o = { .bh = "!!!!" },
	    .want = "permerror: bh= is not base64" },
	{ .name = "bh= empty",
	    .o = { .bh = "" },
	    .want = "permerror: bh= is empty" },
	{ .name = "wildcard garbage instead of a key",
	    .o = { .selector = "wild" },
	    .want = "permerror: no usable key at "
		    "wild._domainkey.example.com: v= is not DKIM1" },
};

START_TEST(row)
{
	struct mxa_str m = sign(rows[_i].key ? rows[_i].key : "rsa2048",
	    rows[_i].o, mxa_str_from(base));
	const char *got;

	if (rows[_i].from != NULL)
		m = sigcase_replace(&c, m, rows[_i].from, rows[_i].to);
	c.chunk = (size_t)_i % 7;
	got = sigcase_dkim_text(&c, m, "example.com");
	ck_assert_msg(strcmp(got, rows[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", rows[_i].name, got, rows[_i].want);
}
END_TEST

/* Signatures that nobody could make. */
static const struct {
	const char *field, *want;
} broken[] = {
	{ "DKIM-Signature:",
	    "neutral: DKIM-Signature cannot be read: no tag at all" },
	{ "DKIM-Signature: v",
	    "neutral: DKIM-Signature cannot be read: no '=' after the "
	    "tag's name" },
	{ "DKIM-Signature: v=1;; a=rsa-sha256",
	    "neutral: DKIM-Signature cannot be read: nothing between two "
	    "semicolons" },
	{ "DKIM-Signature: v=1; v=1",
	    "neutral: DKIM-Signature cannot be read: the same tag twice" },
	{ "DKIM-Signature: v=1", "permerror: a= is missing" },
	{ "DKIM-Signature: v=1; a=rsa-sha256", "permerror: b= is missing" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=", "permerror: b= is empty" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=A",
	    "permerror: b= is not base64" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=AAAA",
	    "permerror: bh= is missing" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=AAAA; bh=AAAA",
	    "permerror: d= is missing" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=AAAA; bh=AAAA; d=",
	    "permerror: d= is empty" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=AAAA; bh=AAAA; d=a.example",
	    "permerror: h= is missing" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=AAAA; bh=AAAA; d=a.example; "
	  "h=from",
	    "permerror: s= is missing" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=AAAA; bh=AAAA; d=a.example; "
	  "h=from; s=a..b",
	    "permerror: s= is not a selector" },
	{ "DKIM-Signature: v=1; b=AAAA; bh=AAAA; d=a.example; h=from; s=a",
	    "permerror: a= is missing" },
	{ "DKIM-Signature: v=1; a=; b=AAAA; bh=AAAA; d=a.example; h=from; "
	  "s=a",
	    "permerror: a= is empty" },
	{ "DKIM-Signature: v=1; a=RSA-SHA256; b=AAAA; bh=AAAA; d=a.example; "
	  "h=from; s=a",
	    "neutral: unknown algorithm RSA-SHA256" },
	{ "DKIM-Signature: v=1; a=rsa-sha256; b=AAAA; "
	  "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; d=example.com; "
	  "h=from; s=rsa2048",
	    "fail: body hash did not verify, nor did the signature" },
	{ "DKIM-Signature: v=1; a=ed25519-sha256; b=AAAA; "
	  "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; d=example.com; "
	  "h=from; s=ed25519",
	    "fail: body hash did not verify, nor did the signature" },
	{ "DKIM-Signature: v=1; a=ed25519-sha256; b=AAAA; "
	  "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; d=example.com; "
	  "h=from; s=rsa2048",
	    "permerror: the key at rsa2048._domainkey.example.com is not for "
	    "ed25519-sha256" },
};

START_TEST(broken_field)
{
	struct mxa_str m = sigcase_join(&c,
	    mxa_str_from(
		mxa_arena_printf(c.arena, "%s\r\n%s", broken[_i].field, base)),
	    MXA_STR(""));
	struct mxa_str good;

	ck_assert_str_eq(
	    sigcase_dkim_text(&c, m, "example.com"), broken[_i].want);
	/* it never spoils a good one, above or below */
	good = sigcase_join(&c,
	    mxa_str_from(mxa_arena_printf(c.arena, "%s\r\n", broken[_i].field)),
	    sign("rsa2048", (struct sign_options){ .key = NULL },
		mxa_str_from(base)));
	ck_assert_str_eq(sigcase_dkim_text(&c, good, "example.com"),
	    mxa_arena_printf(c.arena, "%s | pass", broken[_i].want));
}
END_TEST

START_TEST(rfc_samples)
{
	sigcase_publish(&c, "brisbane", "example.com",
	    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEm"
	    "GqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631u"
	    "BItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6m"
	    "cwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB");
	sigcase_publish(&c, "brisbane", "football.example.com",
	    "v=DKIM1; k=ed25519; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	sigcase_publish(&c, "test", "football.example.com",
	    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQ"
	    "oBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb"
	    "3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9Pz"
	    "oxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB");
	ck_assert_str_eq(sigcase_dkim_text(
			     &c, sigcase_file(&c, "mail/rfc6376-a2.eml"), NULL),
	    "pass");
	ck_assert_str_eq(
	    sigcase_dkim_text(&c, sigcase_file(&c, "mail/rfc8463-a3.eml"),
		"football.example.com"),
	    "pass | pass");
}
END_TEST

START_TEST(nothing_to_do)
{
	ck_assert_str_eq(
	    sigcase_dkim_text(&c, mxa_str_from(base), "example.com"), "none");
	ck_assert(!c.body_needed);
	ck_assert_uint_eq(c.counts.questions, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dkim");
	TCase *tc = tcase_create("dkim");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rfc_samples);
	tcase_add_test(tc, nothing_to_do);
	tcase_add_loop_test(tc, row, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, broken_field, 0, MXA_ARRAY_LEN(broken));
	suite_add_tcase(s, tc);
	return test_main(s);
}
