/* check_logline.c - the exact text of the log line. */
#include "history/logline.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"
#include "t/support/testing.h"
#include "t/support/verdicts.h"

static const struct {
	const char *name, *words;
	struct mxa_action act;
	const char *want;
} loglines[] = {
	{ "refused",
	    "spf=fail:bounce.example.com dmarc=fail:example.com:reject",
	    { .kind = MXA_ACT_REJECT,
		.would = MXA_ACT_REJECT,
		.cause = MXA_CAUSE_DMARC_REJECT,
		.disposition = MXA_POLICY_REJECT,
		.reply = { .code = "550", .enhanced = "5.7.26", .n = 1 },
		.rule = MXA_STR_INIT("policy.conf:12"),
		.ground = { MXA_GROUND_NO_SIGNATURE, MXA_GROUND_SPF_FAIL },
		.n_grounds = 2 },
	    "4XyZabc: ip=192.0.2.1 helo=h.example.net "
	    "mfrom=u@bounce.example.com from=example.com spf=fail dkim=none "
	    "arc=none dmarc=fail policy=reject action=reject "
	    "rule=policy.conf:12 ms=38 dns=7/2 cause=dmarc-reject dis=reject "
	    "grounds=no-signature,spf-fail reply=550/5.7.26" },
	{ "accepted, signed, null sender, HELO checked",
	    "mfrom= spf=pass:h.example.net helo-spf=pass:h.example.net "
	    "dkim=pass:example.com dkim=permerror/no-key:esp.example "
	    "dmarc=pass:example.com:none:dkim",
	    { .cause = MXA_CAUSE_NOTHING, .rule = MXA_STR_INIT("default") },
	    "4XyZabc: ip=192.0.2.1 helo=h.example.net mfrom=<> "
	    "from=example.com spf=pass dkim=pass arc=none dmarc=pass "
	    "policy=none action=accept rule=default ms=38 dns=7/2 "
	    "spf-helo=pass sig=example.com:pass,esp.example:permerror(no-key)" },
	{ "damaged domain",
	    "spf=pass:bank.example "
	    "dmarc=permerror:bank.example:reject:spf from=damaged",
	    { .kind = MXA_ACT_TAG,
		.would = MXA_ACT_TAG,
		.cause = MXA_CAUSE_MALFORMED_FROM,
		.rule = MXA_STR_INIT("default") },
	    "4XyZabc: ip=192.0.2.1 helo=h.example.net "
	    "mfrom=u@bounce.example.com from=bank.example "
	    "damaged=bank.example<U+00A0> spf=pass dkim=none arc=none "
	    "dmarc=permerror policy=reject action=tag rule=default ms=38 "
	    "dns=7/2 cause=malformed-from" },
	{ "no record, no author", "spf=none: from=none",
	    { .kind = MXA_ACT_TAG,
		.would = MXA_ACT_TAG,
		.cause = MXA_CAUSE_MALFORMED_FROM,
		.rule = MXA_STR_INIT("default") },
	    "4XyZabc: ip=192.0.2.1 helo=h.example.net "
	    "mfrom=u@bounce.example.com from=- spf=none dkim=none arc=none "
	    "dmarc=none policy=- action=tag rule=default ms=38 dns=7/2 "
	    "cause=malformed-from" },
	{ "monitor", "spf=none: dmarc=fail:a.example:reject",
	    { .kind = MXA_ACT_TAG,
		.would = MXA_ACT_REJECT,
		.cause = MXA_CAUSE_DMARC_REJECT,
		.override = MXA_OVERRIDE_LOCAL_POLICY,
		.merge = MXA_MERGE_STRICTEST,
		.rule = MXA_STR_INIT("mxauth.conf:1") },
	    "4XyZabc: ip=192.0.2.1 helo=h.example.net "
	    "mfrom=u@bounce.example.com from=a.example spf=none dkim=none "
	    "arc=none dmarc=fail policy=reject action=tag rule=mxauth.conf:1 "
	    "ms=38 dns=7/2 cause=dmarc-reject would=reject "
	    "override=local_policy recipients=strictest" },
	{ "exempt", "exempt=network ip=127.0.0.1",
	    { .cause = MXA_CAUSE_NOTHING, .rule = MXA_STR_INIT("default") },
	    "4XyZabc: ip=127.0.0.1 helo=h.example.net "
	    "mfrom=u@bounce.example.com action=accept "
	    "exempt=trusted-network rule=default" },
	{ "behind a relay", "ip=192.0.2.7 peer=198.51.100.1 hops=1 exempt=rule",
	    { .cause = MXA_CAUSE_NOTHING,
		.rule = MXA_STR_INIT("policy.conf:3") },
	    "4XyZabc: ip=192.0.2.7 relay=198.51.100.1 helo=h.example.net "
	    "mfrom=u@bounce.example.com action=accept exempt=rule "
	    "rule=policy.conf:3" },
};

/* Five signatures have room; that there are more is said. */
static const struct {
	const char *words, *want;
} signatures[] = {
	{ "dkim=pass:a.example dkim=pass:b.example dkim=pass:c.example "
	  "dkim=pass:d.example dkim=pass:e.example",
	    " sig=a.example:pass,b.example:pass,c.example:pass,d.example:pass,"
	    "e.example:pass" },
	{ "dkim=pass:a.example dkim=pass:b.example dkim=pass:c.example "
	  "dkim=pass:d.example dkim=pass:e.example dkim=pass:f.example "
	  "dkim=pass:g.example",
	    " sig=a.example:pass,b.example:pass,c.example:pass,d.example:pass,"
	    "e.example:pass,+2" },
};

static const char *line_of(struct mxa_arena *a, const struct mxa_txn *t)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_LOG_LINE);
	mxa_log_line(&b, t, 0, 0);
	return mxa_buf_cstr(&b);
}

START_TEST(signatures_are_listed)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_txn t;

	test_txn(a, signatures[_i].words, &t);
	ck_assert(mxa_str_ends(
	    mxa_str_from(line_of(a, &t)), mxa_str_from(signatures[_i].want)));
	mxa_arena_free(a);
}
END_TEST

START_TEST(what_is_not_known)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_txn t;

	test_txn(a,
	    "dmarc=fail:a.example:none dmarc=fail:b.example:none from=more",
	    &t);
	t.msg.ip.family = 0;
	t.msg.client_unknown = true;
	t.unanswered = true;
	t.action.rule = MXA_STR("default");
	ck_assert_ptr_nonnull(strstr(line_of(a, &t),
	    ": ip=- relay=192.0.2.1 helo=h.example.net "
	    "mfrom=u@bounce.example.com answered=no "
	    "from=a.example,b.example,... spf="));
	mxa_arena_free(a);
}
END_TEST

/* 256 bytes, the quotation mark before them counted. */
static const struct {
	char c;
	size_t n, shown;
	const char *before, *after;
} lengths[] = {
	{ 'a', 256, 256, " helo=", " " },
	{ 'a', 257, 255, " helo=\"", "...\" " },
	{ ' ', 255, 255, " helo=\"", "\" " },
	{ ' ', 256, 255, " helo=\"", "...\" " },
};

START_TEST(values_have_a_limit)
{
	struct mxa_arena *a = mxa_arena_new();
	char *text = mxa_arena_calloc(a, 1, 300);
	struct mxa_txn t;

	test_txn(a, "spf=none: dmarc=none:a.example", &t);
	memset(text, lengths[_i].c, lengths[_i].n);
	t.msg.helo = mxa_str_from(text);
	ck_assert_ptr_nonnull(strstr(line_of(a, &t),
	    mxa_arena_printf(a, "%s%.*s%s", lengths[_i].before,
		(int)lengths[_i].shown, text, lengths[_i].after)));
	mxa_arena_free(a);
}
END_TEST

START_TEST(log_line)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_txn t;
	struct mxa_buf b;

	test_txn(a, loglines[_i].words, &t);
	t.action = loglines[_i].act;
	mxa_buf_init(&b, a, MXA_MAX_LOG_LINE);
	mxa_log_line(&b, &t, 7, 2);
	ck_assert_msg(strcmp(mxa_buf_cstr(&b), loglines[_i].want) == 0,
	    "%s: got\n%s\nwant\n%s", loglines[_i].name, mxa_buf_cstr(&b),
	    loglines[_i].want);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *name;
	struct mxa_str helo;
	const char *want;
} quoting[] = {
	{ "space", MXA_STR_INIT("a b"), " helo=\"a b\" " },
	{ "empty", MXA_STR_INIT(""), " helo=\"\" " },
	{ "pretends to be a result", MXA_STR_INIT("x dmarc=pass"),
	    " helo=\"x dmarc\\x3dpass\" " },
	{ "pretends without a space", MXA_STR_INIT("dmarc=pass"),
	    " helo=\"dmarc\\x3dpass\" " },
	{ "pretends in capitals, behind letters",
	    MXA_STR_INIT("xACTION=reject"), " helo=\"xACTION\\x3dreject\" " },
	{ "a sender's mark that is no key of ours",
	    MXA_STR_INIT("b+bob=example.jp@x.example"),
	    " helo=b+bob=example.jp@x.example " },
	{ "quote and backslash", MXA_STR_INIT("a\"b\\c"),
	    " helo=\"a\\\"b\\\\c\" " },
	{ "line end, NUL, 8-bit", MXA_STR_INIT("a\n\0\xff"),
	    " helo=\"a\\x0a\\x00\\xff\" " },
};

START_TEST(log_quotes_what_senders_wrote)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_txn t;
	struct mxa_buf b;
	struct mxa_str want = mxa_str_from(quoting[_i].want);

	test_txn(a, "spf=none: dmarc=none:a.example", &t);
	t.msg.helo = quoting[_i].helo;
	mxa_buf_init(&b, a, MXA_MAX_LOG_LINE);
	mxa_log_line(&b, &t, 0, 0);
	ck_assert_msg(mxa_str_casefind(mxa_buf_str(&b), want) < b.len, "%s: %s",
	    quoting[_i].name, mxa_buf_cstr(&b));
	mxa_arena_free(a);
}
END_TEST

/* Whatever key a line has, nobody can write it into a value. */
START_TEST(no_key_can_be_imitated)
{
	struct mxa_str line = mxa_str_from(loglines[_i].want);
	struct mxa_arena *a = mxa_arena_new();

	for (size_t at = 0; (at = mxa_str_chr(line, '=', at)) < line.len;
	     at++) {
		struct mxa_txn t;
		struct mxa_buf b;
		size_t from = at;
		const char *key;

		while (line.p[from - 1] != ' ')
			from--;
		key = mxa_str_cstr(a, mxa_str_sub(line, from, at));
		test_txn(a, "spf=none: dmarc=none:a.example", &t);
		t.msg.helo =
		    mxa_str_from(mxa_arena_printf(a, "x %s=sham", key));
		mxa_buf_init(&b, a, MXA_MAX_LOG_LINE);
		mxa_log_line(&b, &t, 0, 0);
		ck_assert_msg(strstr(mxa_buf_cstr(&b), "=sham") == NULL &&
			strstr(mxa_buf_cstr(&b), "\\x3dsham") != NULL,
		    "%s: %s", key, mxa_buf_cstr(&b));
	}
	mxa_arena_free(a);
}
END_TEST

START_TEST(log_line_is_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	char *big = mxa_arena_alloc(a, 100000);
	struct mxa_txn t;
	struct mxa_buf b;

	memset(big, 0xff, 100000);
	test_txn(a, "spf=fail:b.example dmarc=fail:a.example:reject", &t);
	t.msg.helo = t.msg.mail_from = mxa_str_make(big, 100000);
	t.action.rule = MXA_STR("default");
	mxa_buf_init(&b, a, MXA_MAX_LOG_LINE);
	mxa_log_line(&b, &t, 0, 0);
	ck_assert_uint_le(b.len, MXA_MAX_LOG_LINE);
	/* what decided is still there */
	ck_assert_uint_lt(mxa_str_casefind(mxa_buf_str(&b),
			      MXA_STR(" dmarc=fail policy=reject action=")),
	    b.len);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("logline");
	TCase *tc = tcase_create("line");

	tcase_add_loop_test(tc, log_line, 0, MXA_ARRAY_LEN(loglines));
	tcase_add_loop_test(
	    tc, log_quotes_what_senders_wrote, 0, MXA_ARRAY_LEN(quoting));
	tcase_add_loop_test(
	    tc, no_key_can_be_imitated, 0, MXA_ARRAY_LEN(loglines));
	tcase_add_loop_test(
	    tc, signatures_are_listed, 0, MXA_ARRAY_LEN(signatures));
	tcase_add_test(tc, what_is_not_known);
	tcase_add_loop_test(tc, values_have_a_limit, 0, MXA_ARRAY_LEN(lengths));
	tcase_add_test(tc, log_line_is_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
