/* check_arc.c - ARC chains: the tables of RFC 8617 section 5.2 and of local
 * trust. */
#include "auth/arc.h"
#include <string.h>

#include "auth/dmarc_record.h"
#include "base/domain.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"

static struct sigcase c;

static void setup(void)
{
	sigcase_init(&c);
	sigcase_domain(&c, "list.example");
	sigcase_domain(&c, "fwd.example");
	sigcase_domain(&c, "evil.example");
	sigcase_publish(&c, "revoked", "list.example", "v=DKIM1; p=");
	sigcase_publish(&c, "strict", "list.example",
	    mxa_str_cstr(
		c.arena, sign_key_record(c.arena, sigcase_key("ed25519"))));
	sigcase_zone(&c, ";! timeout slow._domainkey.list.example TXT");
}

static void teardown(void)
{
	sigcase_done(&c);
}

static const char base[] = "From: Ann <ann@a.example>\r\n"
			   "To: list@list.example\r\n"
			   "Subject: hello\r\n"
			   "Date: Tue, 1 Sep 2026 00:00:00 +0000\r\n"
			   "\r\n"
			   "Hello.\r\n";

/* A hop that seals; zero means the usual. */
struct hop {
	const char *cv;
	const char *domain;   /* list.example */
	const char *key;      /* rsa2048; also the selector */
	const char *selector; /* another one than the key's name */
	const char *algorithm;
	const char *canon;
	const char *headers;
	const char *extra;	/* tags of the message signature */
	const char *seal_extra; /* tags of the seal */
	const char *aar;
	const char *footer; /* put behind the message before sealing */
	unsigned instance;  /* another one than the next */
};

static struct mxa_str add_hop(
    struct mxa_str message, const struct hop *hop, unsigned instance)
{
	const char *key = hop->key ? hop->key : "rsa2048";
	struct sign_options o = { .key = sigcase_key(key),
		.domain = hop->domain ? hop->domain : "list.example",
		.selector = hop->selector ? hop->selector : key,
		.algorithm = hop->algorithm,
		.canon = hop->canon,
		.headers = hop->headers,
		.extra = hop->extra };
	struct sign_arc arc = { hop->instance ? hop->instance : instance,
		hop->cv,
		hop->aar ? hop->aar
			 : "mx.list.example; dmarc=pass header.from=a.example",
		hop->seal_extra };

	if (hop->footer != NULL)
		message = sigcase_join(&c, message, mxa_str_from(hop->footer));
	return sigcase_join(&c, sign_arc(c.arena, message, &o, &arc), message);
}

static struct mxa_str chain(const struct hop *hop, size_t n)
{
	struct mxa_str message = mxa_str_from(base);

	for (size_t i = 0; i < n && hop[i].cv != NULL; i++)
		message = add_hop(message, &hop[i], (unsigned)i + 1);
	return message;
}

#define FIRST                \
	{                    \
		.cv = "none" \
	}
#define NEXT                                           \
	{                                              \
		.cv = "pass", .domain = "fwd.example", \
	}

static const struct {
	const char *name;
	struct hop hop[3];
	const char *from, *to; /* changed on the way */
	const char *want;      /* the result; a prefix of the text */
} chains[] = {
	{ "no ARC field", { { .cv = NULL } }, NULL, NULL, "none" },
	{ "one set", { FIRST }, NULL, NULL, "pass" },
	{ "two sets", { FIRST, NEXT }, NULL, NULL, "pass" },
	{ "three sets", { FIRST, NEXT, NEXT }, NULL, NULL, "pass" },
	{ "ed25519", { { .cv = "none", .key = "ed25519" } }, NULL, NULL,
	    "pass" },
	{ "simple/simple", { { .cv = "none", .canon = "simple/simple" } }, NULL,
	    NULL, "pass" },
	{ "one set, cv=pass", { { .cv = "pass" } }, NULL, NULL,
	    "fail: ARC-Seal i=1: cv= is not none" },
	{ "one set, cv=fail", { { .cv = "fail" } }, NULL, NULL,
	    "fail: the chain was broken before i=1 (cv=fail)" },
	{ "two sets, cv=fail", { FIRST, { .cv = "fail" } }, NULL, NULL,
	    "fail: the chain was broken before i=2 (cv=fail)" },
	{ "cv=fail in the middle", { FIRST, { .cv = "fail" }, NEXT }, NULL,
	    NULL, "fail: ARC-Seal i=2: cv= is not pass" },
	{ "a footer breaks the first message signature",
	    { FIRST, { .cv = "pass", .footer = "--\r\nlist\r\n" } }, NULL, NULL,
	    "pass, oldest-pass 2" },
	{ "a footer before the third hop",
	    { FIRST, NEXT, { .cv = "pass", .footer = "--\r\nlist\r\n" } }, NULL,
	    NULL, "pass, oldest-pass 3" },
	{ "a footer before the second hop of three",
	    { FIRST, { .cv = "pass", .footer = "--\r\nlist\r\n" }, NEXT }, NULL,
	    NULL, "pass, oldest-pass 2" },
	{ "two sets, cv(2)=none", { FIRST, { .cv = "none" } }, NULL, NULL,
	    "fail: ARC-Seal i=2: cv= is not pass" },
	{ "cv unknown", { { .cv = "Pass" } }, NULL, NULL,
	    "fail: ARC-Seal i=1: cv= is unknown" },
	{ "a gap", { FIRST, { .cv = "pass", .instance = 3 } }, NULL, NULL,
	    "fail: 0 ARC-Authentication-Results fields with i=2" },
	{ "the same instance twice", { FIRST, { .cv = "none", .instance = 1 } },
	    NULL, NULL, "fail: 2 ARC-Authentication-Results fields with i=1" },
	{ "body changed after sealing", { FIRST, NEXT }, "Hello.", "Jello.",
	    "fail: ARC-Message-Signature i=2: body hash did not verify" },
	{ "subject changed after sealing", { FIRST }, "hello", "jello",
	    "fail: ARC-Message-Signature i=1: signature did not verify" },
	{ "unsigned field changed after sealing", { FIRST }, "To: list@",
	    "To: other@",
	    "fail: ARC-Message-Signature i=1: signature did not verify" },
	{ "results changed after sealing", { FIRST, NEXT }, "dmarc=pass",
	    "dmarc=fail", "fail: ARC-Seal i=2: signature did not verify" },
	{ "white space of the results changed", { FIRST }, "; dmarc=pass",
	    ";\r\n   dmarc=pass", "pass" },
	{ "seal with h=", { { .cv = "none", .seal_extra = "h=from" } }, NULL,
	    NULL, "fail: ARC-Seal i=1: a seal has no h=" },
	{ "rsa-sha1", { { .cv = "none", .algorithm = "rsa-sha1" } }, NULL, NULL,
	    "fail: ARC-Seal i=1: rsa-sha1 is no longer accepted" },
	{ "512 bits", { { .cv = "none", .key = "rsa512" } }, NULL, NULL,
	    "fail: ARC-Message-Signature i=1: key too small: 512 bits" },
	{ "c= absent is simple/simple", { { .cv = "none", .canon = "" } }, NULL,
	    NULL, "pass" },
	{ "c= absent, white space changed", { { .cv = "none", .canon = "" } },
	    "hello", " hello",
	    "fail: ARC-Message-Signature i=1: signature did not verify" },
	{ "c= empty", { FIRST }, "c=relaxed/relaxed",
	    "c=", "fail: ARC-Message-Signature i=1: c= is empty" },
	{ "h= absent", { FIRST }, "h=from:to:subject:date;", "",
	    "fail: ARC-Message-Signature i=1: h= is missing" },
	{ "h= with arc-seal", { { .cv = "none", .headers = "from:arc-seal" } },
	    NULL, NULL, "fail: ARC-Message-Signature i=1: h= has ARC-Seal" },
	{ "t= fine", { { .cv = "none", .seal_extra = "t=1788220800" } }, NULL,
	    NULL, "pass" },
	{ "t= empty", { { .cv = "none", .seal_extra = "t=" } }, NULL, NULL,
	    "fail: ARC-Seal i=1: t= is empty" },
	{ "t= no number", { { .cv = "none", .seal_extra = "t=now" } }, NULL,
	    NULL, "fail: ARC-Seal i=1: t= is not a time" },
	{ "unknown tags",
	    { { .cv = "none", .extra = "zz=1", .seal_extra = "zz=1" } }, NULL,
	    NULL, "pass" },
	{ "v= of a message signature is ignored",
	    { { .cv = "none", .extra = "v=7" } }, NULL, NULL, "pass" },
	{ "duplicate tag", { { .cv = "none", .seal_extra = "d=x.example" } },
	    NULL, NULL, "fail: ARC-Seal i=1: ARC-Seal cannot be read: " },
	{ "empty element", { { .cv = "none", .seal_extra = "z=1;" } }, NULL,
	    NULL, "fail: ARC-Seal i=1: ARC-Seal cannot be read: " },
	{ "d= of the seal missing", { FIRST }, "cv=none; d=list.example;",
	    "cv=none;", "fail: ARC-Seal i=1: d= is missing" },
	{ "s= of the seal empty", { FIRST }, "d=list.example; s=rsa2048;",
	    "d=list.example; s=;", "fail: ARC-Seal i=1: s= is empty" },
	{ "seal without a=", { FIRST }, "a=rsa-sha256; cv", "cv",
	    "fail: ARC-Seal i=1: a= is missing" },
	{ "bh= missing", { FIRST },
	    "bh=", "xx=", "fail: ARC-Message-Signature i=1: bh= is missing" },
	{ "old message signature is broken in its tags",
	    { { .cv = "none", .extra = "l=x" }, NEXT }, NULL, NULL,
	    "pass, oldest-pass 2" },
	{ "key revoked", { { .cv = "none", .selector = "revoked" } }, NULL,
	    NULL,
	    "fail: ARC-Message-Signature i=1: key revoked at "
	    "revoked._domainkey.list.example" },
	{ "no key", { { .cv = "none", .selector = "none" } }, NULL, NULL,
	    "fail: ARC-Message-Signature i=1: no key at "
	    "none._domainkey.list.example" },
	{ "timeout", { { .cv = "none", .selector = "slow" } }, NULL, NULL,
	    "fail: ARC-Message-Signature i=1: no answer about the key" },
	{ "expired message signature", { { .cv = "none", .extra = "x=1000" } },
	    NULL, NULL,
	    "fail: ARC-Message-Signature i=1: signature expired "
	    "1970-01-01T00:16:40Z" },

};

START_TEST(chain_rows)
{
	struct mxa_str m = chain(chains[_i].hop, 3);
	const char *got;

	if (chains[_i].from != NULL)
		m = sigcase_replace(&c, m, chains[_i].from, chains[_i].to);
	got = sigcase_arc_text(&c, m);
	if (strcmp(chains[_i].want, "pass") == 0)
		ck_assert_msg(strcmp(got, "pass") == 0, "%s: got \"%s\"",
		    chains[_i].name, got);
	else
		ck_assert_msg(mxa_str_starts(mxa_str_from(got),
				  mxa_str_from(chains[_i].want)),
		    "%s: got \"%s\", want \"%s\"", chains[_i].name, got,
		    chains[_i].want);
}
END_TEST

/* Fields that are no chain: each alone on top of a message. */
static const struct {
	const char *fields, *want;
} lonely[] = {
	{ "ARC-Authentication-Results: i=1; mx.example; none\r\n",
	    "fail: 0 ARC-Message-Signature fields with i=1" },
	{ "ARC-Authentication-Results: mx.example; dkim=pass\r\n",
	    "fail: ARC-Authentication-Results without a valid instance" },
	{ "ARC-Authentication-Results: i=0; mx.example; none\r\n",
	    "fail: ARC-Authentication-Results without a valid instance" },
	{ "ARC-Authentication-Results: i=51; mx.example; none\r\n",
	    "fail: ARC-Authentication-Results without a valid instance" },
	{ "ARC-Authentication-Results: i=4294967297; mx.example; none\r\n",
	    "fail: ARC-Authentication-Results without a valid instance" },
	{ "ARC-Authentication-Results: i=-1; mx.example; none\r\n",
	    "fail: ARC-Authentication-Results without a valid instance" },
	{ "ARC-Authentication-Results: (a) i (b) = (c) 1 (d) ; mx; none\r\n",
	    "fail: 0 ARC-Message-Signature fields with i=1" },
	{ "ARC-Authentication-Results: (((((( i=1; mx; none\r\n",
	    "fail: ARC-Authentication-Results without a valid instance" },
	{ "ARC-Authentication-Results:\r\n",
	    "fail: ARC-Authentication-Results without a valid instance" },
	{ "ARC-Seal: garbage\r\n", "fail: ARC-Seal without a valid instance" },
	{ "ARC-Seal: i=50; cv=pass; a=rsa-sha256; d=x.example; s=s; b=AA==\r\n",
	    "fail: 0 ARC-Authentication-Results fields with i=1" },
	{ "ARC-Message-Signature:\r\n",
	    "fail: ARC-Message-Signature without a valid instance" },
	{ "ARC-SEAL: i=1; cv=fail; a=rsa-sha256; d=x.example; s=s; b=AA==\r\n",
	    "fail: the chain was broken before i=1 (cv=fail)" },
	{ "ARC-Sealed: i=1\r\nARC: x\r\n", "none" },
};

START_TEST(lonely_fields)
{
	struct mxa_str m = sigcase_join(
	    &c, mxa_str_from(lonely[_i].fields), mxa_str_from(base));

	ck_assert_str_eq(sigcase_arc_text(&c, m), lonely[_i].want);
	/* a chain that cannot be one asks nobody and needs no body */
	ck_assert_uint_eq(c.counts.questions, 0);
	ck_assert(!c.body_needed);
}
END_TEST

static struct mxa_str long_chain(unsigned n)
{
	struct hop hop = { .cv = "none", .key = "ed25519" };
	struct mxa_str message = mxa_str_from(base);

	for (unsigned i = 1; i <= n; i++) {
		message = add_hop(message, &hop, i);
		hop.cv = "pass";
	}
	return message;
}

START_TEST(limits)
{
	struct mxa_str fifty = long_chain(50);
	struct mxa_str more;

	ck_assert_str_eq(sigcase_arc_text(&c, fifty), "pass");
	ck_assert_uint_eq(c.counts.questions, 1);
	more = sigcase_join(&c,
	    MXA_STR("ARC-Seal: i=51; cv=pass; a=rsa-sha256; d=x.example; "
		    "s=s; b=AA==\r\n"),
	    fifty);
	ck_assert_str_eq(sigcase_arc_text(&c, more), "fail: more than 50 sets");
	more = sigcase_join(
	    &c, mxa_str_sub(fifty, 0, fifty.len - strlen(base)), fifty);
	ck_assert_str_eq(sigcase_arc_text(&c, more), "fail: more than 50 sets");
	c.options.arc_max_sets = 49;
	ck_assert_str_eq(
	    sigcase_arc_text(&c, fifty), "fail: more than 49 sets");
	ck_assert_uint_eq(c.counts.questions, 0);
}
END_TEST

START_TEST(dns_trouble_is_told)
{
	const struct hop slow = { .cv = "none", .selector = "slow" };
	const struct hop none = { .cv = "none", .selector = "none" };
	struct mxa_arc_verdict v;

	sigcase_arc(&c, chain(&slow, 1), &v);
	ck_assert(v.result == MXA_ARC_FAIL && v.dns_trouble);
	sigcase_arc(&c, chain(&none, 1), &v);
	ck_assert(v.result == MXA_ARC_FAIL && !v.dns_trouble);
}
END_TEST

START_TEST(sets_are_listed)
{
	const struct hop hops[] = { FIRST, NEXT };
	struct mxa_arc_verdict v;

	c.chunk = 3;
	sigcase_arc(&c, chain(hops, 2), &v);
	ck_assert(v.result == MXA_ARC_PASS);
	ck_assert_uint_eq(v.n, 2);
	ck_str_is(v.set[0].seal_domain, "list.example");
	ck_str_is(v.set[1].seal_domain, "fwd.example");
	ck_str_is(v.set[1].seal_selector, "rsa2048");
	ck_str_is(
	    v.set[0].aar, "mx.list.example; dmarc=pass header.from=a.example");
	ck_str_is(v.reason.text, "");
}
END_TEST

/* --- local trust, spec/arc.md section 4 --- */

#define AAR(text)                                        \
	{                                                \
		.cv = "none", .aar = "mx.example; " text \
	}

static const struct {
	const char *name;
	const char *trusted; /* comma-separated */
	const char *author;
	struct hop hop[3];
	const char *sealer; /* who vouches; NULL: nobody */
} trust[] = {
	{ "trusted, pass", "list.example", "a.example", { FIRST },
	    "list.example" },
	{ "another author", "list.example", "b.example", { FIRST }, NULL },
	{ "a subdomain of the author", "list.example", "x.a.example", { FIRST },
	    NULL },
	{ "dmarc=fail there", "list.example", "a.example",
	    { AAR("dmarc=fail header.from=a.example; dkim=pass "
		  "header.d=a.example") },
	    NULL },
	{ "nobody is trusted", "", "a.example", { FIRST }, NULL },
	{ "everybody is validated, nobody trusted", "*", "a.example", { FIRST },
	    NULL },
	{ "first set is a stranger's", "list.example", "a.example",
	    { { .cv = "none", .domain = "evil.example" },
		{ .cv = "pass",
		    .aar = "mx; dmarc=fail header.from=a.example" } },
	    NULL },
	{ "both trusted, the first says pass", "list.example,fwd.example",
	    "a.example",
	    { FIRST,
		{ .cv = "pass",
		    .domain = "fwd.example",
		    .aar = "mx; dmarc=fail header.from=a.example" } },
	    "list.example" },
	{ "both trusted, the second says pass", "list.example,fwd.example",
	    "a.example", { AAR("dmarc=fail header.from=a.example"), NEXT },
	    "fwd.example" },
	{ "the newest is a stranger's", "list.example", "a.example",
	    { FIRST, NEXT }, NULL },
	{ "a stranger in the middle", "list.example", "a.example",
	    { FIRST, { .cv = "pass", .domain = "evil.example" },
		{ .cv = "pass", .aar = "mx; none" } },
	    NULL },
	{ "a subdomain by .suffix", ".example", "a.example", { FIRST },
	    "list.example" },
	{ ".suffix is not the domain itself", ".list.example", "a.example",
	    { FIRST }, NULL },
	{ "no dmarc result: dkim of the author", "list.example", "a.example",
	    { AAR("dkim=pass header.d=a.example") }, "list.example" },
	{ "no dmarc result: dkim, relaxed", "list.example", "a.example",
	    { AAR("dkim=pass header.i=@mail.a.example") }, "list.example" },
	{ "no dmarc result: dkim of another", "list.example", "a.example",
	    { AAR("dkim=pass header.d=list.example") }, NULL },
	{ "no dmarc result: dkim=fail", "list.example", "a.example",
	    { AAR("dkim=fail header.d=a.example") }, NULL },
	{ "no dmarc result: spf", "list.example", "a.example",
	    { AAR("spf=pass smtp.mailfrom=bounce@a.example") },
	    "list.example" },
	{ "no dmarc result: spf of HELO only", "list.example", "a.example",
	    { AAR("spf=pass smtp.helo=a.example") }, NULL },
	{ "comments and no id", "list.example", "a.example",
	    { { .cv = "none",
		.aar = "dmarc=pass (p=none; x) header.from=a.example" } },
	    "list.example" },
	{ "the semicolon of a comment hides nothing", "list.example",
	    "a.example",
	    { AAR("dmarc=fail (; dmarc=pass header.from=a.example) "
		  "header.from=a.example") },
	    NULL },
	{ "two results for the author", "list.example", "a.example",
	    { AAR("dmarc=pass header.from=a.example; dmarc=fail "
		  "header.from=a.example") },
	    NULL },
	{ "unreadable", "list.example", "a.example",
	    { { .cv = "none", .aar = "((((" } }, NULL },
};

static void set_trusted(const char *list)
{
	struct mxa_str rest = mxa_str_from(list);
	struct mxa_str *v = mxa_arena_alloc(c.arena, 8 * sizeof(*v));

	c.options.trusted_sealers = v;
	for (size_t at = 0; at < rest.len;) {
		size_t comma = mxa_str_chr(rest, ',', at);

		v[c.options.n_trusted_sealers++] = mxa_str_sub(rest, at, comma);
		at = comma + 1;
	}
}

static void ask_trust(
    struct mxa_arc_verdict *v, const struct mxa_dmarc_domain *author)
{
	struct mxa_engine_env env = {
		.arena = c.arena, .clock = &c.clock.clock, .options = &c.options
	};

	mxa_arc_trust(&env, v, author);
}

START_TEST(trust_rows)
{
	struct mxa_dmarc_domain author = { .author =
					       mxa_str_from(trust[_i].author) };
	struct mxa_arc_verdict v;

	author.organizational = mxa_domain_right(author.author, 2);
	set_trusted(trust[_i].trusted);
	sigcase_arc(&c, chain(trust[_i].hop, 3), &v);
	ck_assert_msg(v.result == MXA_ARC_PASS, "%s: %.*s", trust[_i].name,
	    MXA_STR_ARG(v.reason.text));
	ask_trust(&v, &author);
	ck_assert_msg(v.trusted == (trust[_i].sealer != NULL), "%s: %s",
	    trust[_i].name, v.trusted ? "trusted" : "not trusted");
	if (v.trusted)
		ck_str_is(v.trusted_sealer, trust[_i].sealer);
}
END_TEST

START_TEST(trust_needs_a_pass)
{
	const struct hop first = FIRST;
	struct mxa_dmarc_domain author = { .author = MXA_STR("a.example"),
		.organizational = MXA_STR("a.example") };
	struct mxa_arc_verdict v;

	set_trusted("list.example");
	sigcase_arc(
	    &c, sigcase_replace(&c, chain(&first, 1), "Hello.", "Jello."), &v);
	ck_assert_uint_eq(v.n, 1);
	ask_trust(&v, &author);
	ck_assert(!v.trusted);
}
END_TEST

START_TEST(trust_obeys_strict_alignment)
{
	const struct hop hop =
	    AAR("dkim=pass header.d=mail.a.example; spf=pass "
		"smtp.mailfrom=mail.a.example");
	struct mxa_dmarc_record record = { .strict_dkim = true };
	struct mxa_dmarc_domain author = { .author = MXA_STR("a.example"),
		.organizational = MXA_STR("a.example"),
		.record = &record };
	struct mxa_arc_verdict v;

	set_trusted("list.example");
	sigcase_arc(&c, chain(&hop, 1), &v);
	ask_trust(&v, &author);
	ck_assert(v.trusted); /* by SPF */
	record.strict_spf = true;
	v.trusted = false;
	ask_trust(&v, &author);
	ck_assert(!v.trusted);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("arc");
	TCase *tc = tcase_create("arc");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, chain_rows, 0, MXA_ARRAY_LEN(chains));
	tcase_add_loop_test(tc, lonely_fields, 0, MXA_ARRAY_LEN(lonely));
	tcase_add_test(tc, limits);
	tcase_add_test(tc, dns_trouble_is_told);
	tcase_add_test(tc, sets_are_listed);
	tcase_add_loop_test(tc, trust_rows, 0, MXA_ARRAY_LEN(trust));
	tcase_add_test(tc, trust_needs_a_pass);
	tcase_add_test(tc, trust_obeys_strict_alignment);
	suite_add_tcase(s, tc);
	return test_main(s);
}
