/* check_dkim.c - the native DKIM engine. */
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

/* A signature by example.com with the key of that name; the selector is the
 * key's name unless given. */
static struct mxa_str sign(
    const char *key, struct sign_options o, struct mxa_str message)
{
	o.key = sigcase_key(key);
	o.domain = o.domain ? o.domain : "example.com";
	o.selector = o.selector ? o.selector : key;
	return sigcase_join(&c, sign_dkim(c.arena, message, &o), message);
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
	{ .name = "an empty name in h=",
	    .o = { .headers = "from::to" },
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
	    "neutral: DKIM-Signature cannot be read: no '=' behind the "
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
	ck_str_is(v.sig[0].reason, "");
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
	tcase_add_loop_test(tc, key_record, 0, MXA_ARRAY_LEN(records));
	tcase_add_test(tc, several_records);
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
