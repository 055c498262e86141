/* check_suggest.c - which rules the journal speaks for, and which a forger
 * could bring about. */
#include "t/support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "history/suggest.h"
#include "policy/load.h"
#include "t/support/verdicts.h"

#define FAIL "spf=pass:bounce.v.example dmarc=fail:a.example:reject "
#define PASS "spf=pass:a.example dmarc=pass:a.example:reject:spf "

static const struct {
	const char *name;
	const char *words[5]; /* messages, as test_txn reads them */
	const char *rules;    /* "author client|signer failed/passed;…" */
	size_t before, after;
} rows[] = {
	{ "nothing", { NULL }, "", 0, 0 },
	{ "a signer that the author's SPF speaks for",
	    { PASS "ip=192.0.2.1 dkim=pass:v.example",
		PASS "ip=192.0.2.2 dkim=pass:v.example",
		FAIL "ip=198.51.100.9 dkim=pass:v.example" },
	    "a.example d=v.example 1/2;", 1, 0 },
	{ "once is chance",
	    { PASS "ip=192.0.2.1 dkim=pass:v.example",
		FAIL "ip=198.51.100.9 dkim=pass:v.example" },
	    "", 1, 1 },
	{ "a customer of the signer, and no word of the author",
	    { FAIL "ip=198.51.100.9 dkim=pass:v.example",
		FAIL "ip=198.51.100.9 dkim=pass:v.example",
		FAIL "ip=198.51.100.9 dkim=pass:v.example" },
	    "", 3, 3 },
	{ "a replayed signature of the author proves nothing",
	    { "spf=none: dmarc=pass:a.example:reject:dkim ip=198.51.100.9 "
	      "dkim=pass:a.example dkim=pass:v.example",
		"spf=none: dmarc=pass:a.example:reject:dkim ip=198.51.100.9 "
		"dkim=pass:a.example dkim=pass:v.example",
		FAIL "ip=198.51.100.9 dkim=pass:v.example" },
	    "", 1, 1 },
	{ "a host that the author's SPF speaks for",
	    { PASS "ip=192.0.2.1", PASS "ip=192.0.2.1", FAIL "ip=192.0.2.1",
		FAIL "ip=198.51.100.9" },
	    "a.example [192.0.2.1] 1/2;", 2, 1 },
	{ "another author from that host",
	    { PASS "ip=192.0.2.1", PASS "ip=192.0.2.1",
		"spf=pass:a.example dmarc=fail:bank.example:reject "
		"ip=192.0.2.1" },
	    "", 1, 1 },
	{ "a signature that does not pass",
	    { PASS "ip=192.0.2.1 dkim=pass:v.example",
		PASS "ip=192.0.2.2 dkim=pass:v.example",
		FAIL "ip=198.51.100.9 dkim=fail/signature:v.example" },
	    "", 1, 1 },
	{ "a second author is not covered",
	    { PASS "ip=192.0.2.1", PASS "ip=192.0.2.1",
		FAIL "dmarc=fail:bank.example:reject ip=192.0.2.1" },
	    "", 1, 1 },
};

static void add_message(struct mxa_suggest *s, struct mxa_arena *a,
    const struct mxa_conf *conf, const char *words)
{
	struct mxa_entry e = { .kind = MXA_ENTRY_MESSAGE };
	struct mxa_replayed r;

	test_txn(a, words, &e.txn);
	mxa_replay(conf, a, &e, &r);
	mxa_suggest_add(s, &e, &r);
}

static const char *rules_text(struct mxa_suggest *s, struct mxa_arena *a)
{
	struct mxa_suggestion rule;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4000);
	for (size_t i = 0; mxa_suggest_rule(s, i, &rule); i++)
		mxa_buf_printf(&b, "%s %s%s%s %zu/%zu;", rule.author,
		    rule.client ? "[" : "d=",
		    rule.client ? rule.client : rule.signer,
		    rule.client ? "]" : "", rule.failed, rule.passed);
	return mxa_buf_cstr(&b);
}

START_TEST(rules_are_earned_by_authors_only)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_suggest *s = mxa_suggest_new();
	struct mxa_conf *conf = mxa_policy_load(NULL, NULL, NULL);

	for (int i = 0; i < 5 && rows[_i].words[i] != NULL; i++)
		add_message(s, a, conf, rows[_i].words[i]);
	ck_assert_msg(strcmp(rules_text(s, a), rows[_i].rules) == 0,
	    "%s: got \"%s\"", rows[_i].name, rules_text(s, a));
	ck_assert_uint_eq(mxa_suggest_before(s), rows[_i].before);
	ck_assert_uint_eq(mxa_suggest_after(s), rows[_i].after);
	mxa_conf_free(conf);
	mxa_suggest_free(s);
	mxa_arena_free(a);
}
END_TEST

static const char *refused_text(struct mxa_suggest *s, struct mxa_arena *a)
{
	struct mxa_refused r;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4000);
	for (size_t i = 0; mxa_suggest_refused(s, i, &r); i++)
		mxa_buf_printf(&b, "%s %s %zu %s(%s);", r.author, r.client, r.n,
		    r.example, r.signers);
	return mxa_buf_cstr(&b);
}

/* Those for most messages first; what a rule lets through is not among them. */
START_TEST(what_is_still_refused)
{
	static const char *const words[] = {
		FAIL "id=Q1 ip=198.51.100.9 dkim=pass:w.example "
		     "dkim=pass:z.example",
		FAIL "id=Q2 ip=203.0.113.9",
		FAIL "id=Q3 ip=203.0.113.9",
		PASS "id=Q4 ip=192.0.2.1 dkim=pass:v.example",
		PASS "id=Q5 ip=192.0.2.2 dkim=pass:v.example",
		FAIL "id=Q6 ip=198.51.100.9 dkim=pass:v.example",
	};
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_suggest *s = mxa_suggest_new();
	struct mxa_conf *conf = mxa_policy_load(NULL, NULL, NULL);

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++)
		add_message(s, a, conf, words[i]);
	ck_assert_str_eq(refused_text(s, a),
	    "a.example 203.0.113.9 2 Q2();"
	    "a.example 198.51.100.9 1 Q1(w.example z.example);");
	ck_assert_uint_eq(mxa_suggest_before(s), 4);
	ck_assert_uint_eq(mxa_suggest_after(s), 3);
	mxa_conf_free(conf);
	mxa_suggest_free(s);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("suggest");
	TCase *tc = tcase_create("suggest");

	tcase_add_loop_test(
	    tc, rules_are_earned_by_authors_only, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, what_is_still_refused);
	suite_add_tcase(s, tc);
	return test_main(s);
}
