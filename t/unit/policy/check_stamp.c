/* check_stamp.c - the exact text of Authentication-Results and Received-SPF.
 */
#include "t/support/testing.h"

#include <string.h>

#include "base/limits.h"
#include "conf/conf.h"
#include "policy/stamp.h"
#include "t/support/verdicts.h"

/* What a stamp reads of the configuration. */
static struct mxa_conf conf_with(bool comments)
{
	return (struct mxa_conf){ .header_comments = comments };
}

/* --- Authentication-Results --- */

static const struct {
	const char *name, *words;
	struct mxa_action act;
	bool comments;
	const char *want;
} authres[] = {
	{ "nothing known at all", "spf=none: dmarc=none:example.com", { 0 },
	    true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=none header.from=example.com" },
	{ "everything passes",
	    "spf=pass:bounce.example.com dkim=pass:example.com arc=none "
	    "iprev=pass dmarc=pass:example.com:reject:spf,dkim",
	    { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=pass smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=pass header.d=example.com header.i=@example.com "
	    "header.s=s1\n"
	    "\theader.a=rsa-sha256 header.b=AbCdEf10;\n"
	    "\tarc=none;\n"
	    "\tiprev=pass policy.iprev=192.0.2.1;\n"
	    "\tdmarc=pass (p=reject dis=none) header.from=example.com\n"
	    "\tpolicy.dmarc=reject" },
	{ "causes go to reason, also without comments",
	    "spf=fail:bounce.example.com dkim=fail/body:example.com "
	    "dmarc=fail:example.com:reject",
	    { .disposition = MXA_POLICY_REJECT }, false,
	    "mx.example.jp;\n"
	    "\tspf=fail reason=\"spf says fail\" "
	    "smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=fail reason=\"dkim says body\" header.d=example.com\n"
	    "\theader.i=@example.com header.s=s1 header.a=rsa-sha256 "
	    "header.b=AbCdEf10;\n"
	    "\tdmarc=fail reason=\"dmarc says fail\" header.from=example.com\n"
	    "\tpolicy.dmarc=reject" },
	{ "null sender", "mfrom= spf=pass:h.example.net dmarc=none:a.example",
	    { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=pass smtp.helo=h.example.net;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=none header.from=a.example" },
	{ "null sender with an unusable HELO",
	    "mfrom= helo=[192.0.2.1] spf=none: dmarc=none:a.example", { 0 },
	    true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.helo=\"[192.0.2.1]\";\n"
	    "\tdkim=none;\n"
	    "\tdmarc=none header.from=a.example" },
	{ "the local part only where it mattered",
	    "spf=pass:example.com local dmarc=none:a.example", { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=pass smtp.mailfrom=u@example.com;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=none header.from=a.example" },
	{ "sender without a usable domain, quoted",
	    "mfrom=u@[192.0.2.9] spf=none: dmarc=none:a.example", { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=\"[192.0.2.9]\";\n"
	    "\tdkim=none;\n"
	    "\tdmarc=none header.from=a.example" },
	{ "IPv6 client is quoted",
	    "ip=2001:db8::1 spf=none: iprev=permerror dmarc=none:a.example",
	    { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tiprev=permerror policy.iprev=\"2001:db8::1\";\n"
	    "\tdmarc=none header.from=a.example" },
	{ "no client address, no iprev",
	    "ip= spf=none: iprev=pass dmarc=none:a.example", { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=none header.from=a.example" },
	{ "confirmed name in a comment",
	    "spf=none: iprev=pass:h.example.net dmarc=none:a.example", { 0 },
	    true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tiprev=pass (h.example.net) policy.iprev=192.0.2.1;\n"
	    "\tdmarc=none header.from=a.example" },
	{ "each signature, also one that cannot be read, and the untried",
	    "spf=none: dkim=neutral/syntax: dkim=policy/short-key:a.example "
	    "untried=3 dmarc=none:a.example",
	    { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=neutral reason=\"dkim says syntax\" header.s=s1\n"
	    "\theader.a=rsa-sha256 header.b=AbCdEf10;\n"
	    "\tdkim=policy (3 more signatures not tried)\n"
	    "\treason=\"dkim says short-key\" policy.dkim-rules=short-key\n"
	    "\theader.d=a.example header.i=@a.example header.s=s1\n"
	    "\theader.a=rsa-sha256 header.b=AbCdEf11;\n"
	    "\tdmarc=none header.from=a.example" },
	{ "ARC chain that passes",
	    "spf=none: arc=pass:list.example,fwd.example dmarc=none:a.example",
	    { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tarc=pass (i=2 d1=list.example d2=fwd.example)\n"
	    "\tsmtp.remote-ip=192.0.2.1 header.oldest-pass=0;\n"
	    "\tdmarc=none header.from=a.example" },
	{ "ARC chain that fails",
	    "spf=none: arc=fail:list.example dmarc=none:a.example", { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tarc=fail (i=1 d1=list.example) reason=\"arc says so\";\n"
	    "\tdmarc=none header.from=a.example" },
	{ "quarantine instead of rejection, and why",
	    "spf=pass:lists.example.org dmarc=fail:example.com:reject",
	    { .disposition = MXA_POLICY_QUARANTINE,
		.override = MXA_OVERRIDE_MAILING_LIST,
		.turned = MXA_GROUND_LIST_SPF },
	    true,
	    "mx.example.jp;\n"
	    "\tspf=pass smtp.mailfrom=lists.example.org;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=fail (p=reject dis=quarantine override=mailing_list)\n"
	    "\treason=\"dmarc says fail\" header.from=example.com "
	    "policy.dmarc=reject" },
	/* spec/arc.md section 5.1: the result itself stays what it is */
	{ "trusted sealer",
	    "spf=none: arc=pass:l.example:trusted dmarc=fail:a.example:reject",
	    { .override = MXA_OVERRIDE_LOCAL_POLICY,
		.turned = MXA_GROUND_SEALER },
	    true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tarc=pass (i=1 d1=l.example) smtp.remote-ip=192.0.2.1\n"
	    "\theader.oldest-pass=0;\n"
	    "\tdmarc=fail (p=reject dis=none override=trusted-arc)\n"
	    "\treason=\"dmarc says fail\" header.from=a.example "
	    "policy.dmarc=reject" },
	{ "t=y: policy.dmarc is what is left of it",
	    "spf=none: dmarc=fail:a.example:reject:t",
	    { .disposition = MXA_POLICY_QUARANTINE,
		.override = MXA_OVERRIDE_POLICY_TEST_MODE },
	    true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=fail\n"
	    "\t(p=reject t=y dis=quarantine override=policy_test_mode)\n"
	    "\treason=\"dmarc says fail\" header.from=a.example\n"
	    "\tpolicy.dmarc=quarantine" },
	{ "the tag that applied",
	    "spf=none: dmarc=fail:x.a.example:quarantine:np,at=a.example",
	    { .disposition = MXA_POLICY_QUARANTINE }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=fail (p=quarantine np=quarantine dis=quarantine)\n"
	    "\treason=\"dmarc says fail\" header.from=x.a.example\n"
	    "\tpolicy.dmarc=quarantine" },
	{ "several author domains: the worst, the others in a comment",
	    "spf=none: dmarc=pass:a.example:none "
	    "dmarc=fail:b.example:quarantine dmarc=none:c.example",
	    { .disposition = MXA_POLICY_QUARANTINE }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=fail\n"
	    "\t(p=quarantine dis=quarantine; also a.example: pass; also "
	    "c.example: none)\n"
	    "\treason=\"dmarc says fail\" header.from=b.example\n"
	    "\tpolicy.dmarc=quarantine" },
	{ "no author domain", "spf=none: from=none", { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=none smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=none reason=\"the From field is broken\"" },
	{ "client found behind a relay",
	    "ip=192.0.2.7 peer=198.51.100.1 hops=1 spf=none: "
	    "dmarc=none:a.example",
	    { 0 }, true,
	    "mx.example.jp;\n"
	    "\tspf=none\n"
	    "\t(client 192.0.2.7 by Received, behind trusted relay "
	    "198.51.100.1)\n"
	    "\tsmtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=none;\n"
	    "\tdmarc=none header.from=a.example" },
};

/* Where a line is broken is check_authres's business. */
static const char *unfolded(struct mxa_arena *a, struct mxa_str s)
{
	char *out = mxa_arena_strdup(a, s.p, s.len);
	char *w = out;

	for (const char *r = out; *r != '\0'; r++) {
		if (r[0] == '\n' && r[1] == '\t') {
			*w++ = ' ';
			r++;
		} else {
			*w++ = *r;
		}
	}
	*w = '\0';
	return out;
}

START_TEST(authres_text)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf conf = conf_with(authres[_i].comments);
	struct mxa_txn t;
	struct mxa_buf b;

	test_txn(a, authres[_i].words, &t);
	t.action = authres[_i].act;
	mxa_buf_init(&b, a, MXA_MAX_AUTHRES);
	mxa_stamp_authres(&b, &conf, &t);
	ck_assert_msg(!b.full, "%s", authres[_i].name);
	ck_assert_msg(strcmp(unfolded(a, mxa_buf_str(&b)),
			  unfolded(a, mxa_str_from(authres[_i].want))) == 0,
	    "%s: got\n%s\nwant\n%s", authres[_i].name, mxa_buf_cstr(&b),
	    authres[_i].want);
	mxa_arena_free(a);
}
END_TEST

/* Whatever the sender puts into his fields, it stays inside its value. */
START_TEST(authres_holds_hostile_text)
{
	static const struct mxa_str evil =
	    MXA_STR_INIT("a\r\nX-Evil: 1\0; dmarc=pass\") (");
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf conf = conf_with(true);
	struct mxa_txn t;
	struct mxa_buf b;
	struct mxa_str s;

	test_txn(
	    a, "spf=fail: dkim=fail/body:a.example dmarc=none:a.example", &t);
	t.verdict.spf.reason.text = t.msg.mail_domain = evil;
	t.verdict.dkim.sig[0].identity = evil;
	t.verdict.dkim.sig[0].selector = evil;
	t.verdict.dkim.sig[0].reason.text = evil;
	t.verdict.iprev.result = MXA_IPREV_PASS;
	t.verdict.iprev.name = evil;
	mxa_buf_init(&b, a, MXA_MAX_AUTHRES);
	mxa_stamp_authres(&b, &conf, &t);
	mxa_stamp_received_spf(&b, &conf, &t, &t.verdict.spf);
	s = mxa_buf_str(&b);
	ck_assert_ptr_null(memchr(s.p, '\0', s.len));
	ck_assert_ptr_null(memchr(s.p, '\r', s.len));
	ck_assert_uint_eq(mxa_str_casefind(s, MXA_STR("\nX-Evil")), s.len);
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.p[i] == '\n')
			ck_assert_int_eq(s.p[i + 1], '\t');
	mxa_arena_free(a);
}
END_TEST

/* More signatures, with longer tags, than a field holds: what they say is cut,
 * then some are left out; the other methods' results are there all the same. */
START_TEST(authres_makes_room)
{
	static const struct {
		size_t sigs, text;
		bool brief;
		const char *want;
	} rows[] = {
		{ 16, 20, false, NULL },
		{ 16, 800, true, NULL },
		{ 500, 200, true, "more signatures not shown" },
	};
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf conf = conf_with(true);
	struct mxa_str long_text, s;
	struct mxa_dkim_sig *sig;
	struct mxa_txn t;
	struct mxa_buf b;
	char *x;

	test_txn(a,
	    "spf=pass:a.example dkim=pass:a.example "
	    "dmarc=pass:a.example:reject",
	    &t);
	x = mxa_arena_alloc(a, rows[_i].text);
	memset(x, 'x', rows[_i].text);
	long_text = mxa_str_make(x, rows[_i].text);
	sig = mxa_arena_calloc(a, rows[_i].sigs, sizeof(*sig));
	for (size_t i = 0; i < rows[_i].sigs; i++) {
		sig[i] = t.verdict.dkim.sig[0];
		sig[i].domain = sig[i].identity = long_text;
		sig[i].selector = sig[i].reason.text = long_text;
	}
	t.verdict.dkim.sig = sig;
	t.verdict.dkim.n = rows[_i].sigs;
	mxa_buf_init(&b, a, MXA_MAX_AUTHRES);
	mxa_stamp_authres(&b, &conf, &t);
	ck_assert(!b.full);
	s = mxa_buf_str(&b);
	ck_assert(mxa_str_starts(s, MXA_STR("mx.example.jp;\n\tspf=pass")));
	ck_assert_uint_lt(mxa_str_casefind(s, MXA_STR("\tdkim=pass")), s.len);
	ck_assert_uint_lt(mxa_str_casefind(s, MXA_STR("\tdmarc=pass")), s.len);
	ck_assert_int_eq(
	    mxa_str_casefind(s, MXA_STR("header.s=")) == s.len, rows[_i].brief);
	if (rows[_i].want != NULL)
		ck_assert_uint_lt(
		    mxa_str_casefind(s, mxa_str_from(rows[_i].want)), s.len);
	mxa_arena_free(a);
}
END_TEST

/* --- Received-SPF --- */

static const struct {
	const char *name, *words;
	bool comments;
	const char *want;
} received[] = {
	{ "fail", "spf=fail:bounce.example.com:-all", true,
	    "fail (mx.example.jp: spf says fail)\n"
	    "\treceiver=mx.example.jp;\n"
	    "\tidentity=mailfrom;\n"
	    "\tenvelope-from=\"u@bounce.example.com\";\n"
	    "\thelo=h.example.net;\n"
	    "\tclient-ip=192.0.2.1;\n"
	    "\tmechanism=-all" },
	{ "without comments, IPv6",
	    "ip=2001:db8::1 spf=pass:example.com:ip6:2001:db8::/32", false,
	    "pass\n"
	    "\treceiver=mx.example.jp;\n"
	    "\tidentity=mailfrom;\n"
	    "\tenvelope-from=\"u@bounce.example.com\";\n"
	    "\thelo=h.example.net;\n"
	    "\tclient-ip=\"2001:db8::1\";\n"
	    "\tmechanism=\"ip6:2001:db8::/32\"" },
	{ "null sender", "mfrom= spf=none:h.example.net", false,
	    "none\n"
	    "\treceiver=mx.example.jp;\n"
	    "\tidentity=helo;\n"
	    "\tenvelope-from=\"<>\";\n"
	    "\thelo=h.example.net;\n"
	    "\tclient-ip=192.0.2.1" },
	{ "a mechanism of one letter", "spf=pass:a.example:a", false,
	    "pass\n"
	    "\treceiver=mx.example.jp;\n"
	    "\tidentity=mailfrom;\n"
	    "\tenvelope-from=\"u@bounce.example.com\";\n"
	    "\thelo=h.example.net;\n"
	    "\tclient-ip=192.0.2.1;\n"
	    "\tmechanism=a" },
	{ "an error has a problem", "spf=permerror:example.com", true,
	    "permerror (mx.example.jp: spf says permerror)\n"
	    "\treceiver=mx.example.jp;\n"
	    "\tidentity=mailfrom;\n"
	    "\tenvelope-from=\"u@bounce.example.com\";\n"
	    "\thelo=h.example.net;\n"
	    "\tclient-ip=192.0.2.1;\n"
	    "\tproblem=\"spf says permerror\"" },
	{ "HELO is no dot-atom", "helo=[192.0.2.1] spf=none:a.example", false,
	    "none\n"
	    "\treceiver=mx.example.jp;\n"
	    "\tidentity=mailfrom;\n"
	    "\tenvelope-from=\"u@bounce.example.com\";\n"
	    "\thelo=\"[192.0.2.1]\";\n"
	    "\tclient-ip=192.0.2.1" },
};

START_TEST(received_spf_text)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf conf = conf_with(received[_i].comments);
	struct mxa_txn t;
	struct mxa_buf b;

	test_txn(a, received[_i].words, &t);
	mxa_buf_init(&b, a, MXA_MAX_AUTHRES);
	mxa_stamp_received_spf(&b, &conf, &t, &t.verdict.spf);
	ck_assert_msg(strcmp(mxa_buf_cstr(&b), received[_i].want) == 0,
	    "%s: got\n%s\nwant\n%s", received[_i].name, mxa_buf_cstr(&b),
	    received[_i].want);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stamp");
	TCase *tc = tcase_create("stamp");

	tcase_add_loop_test(tc, authres_text, 0, MXA_ARRAY_LEN(authres));
	tcase_add_test(tc, authres_holds_hostile_text);
	tcase_add_loop_test(tc, authres_makes_room, 0, 3);
	tcase_add_loop_test(tc, received_spf_text, 0, MXA_ARRAY_LEN(received));
	suite_add_tcase(s, tc);
	return test_main(s);
}
