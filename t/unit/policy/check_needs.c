/* check_needs.c - what the rules in force look at besides DMARC. */
#include "policy/needs.h"

#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "t/support/testing.h"
#include "t/support/verdicts.h"

static struct mxa_arena *a;

static void setup(void)
{
	a = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(a);
}

/* "example.com" is the author unless the words say otherwise. */
static const struct {
	const char *name, *conf, *rules, *words, *want;
} rows[] = {
	{ "by default nothing", "", "", "", "1000" },
	{ "the grace", "dns: { grace = 3 }", "", "", "3000" },
	{ "no grace", "dns: { grace = 0 }", "", "", "0" },
	{ "strict looks at no more", "profile = \"strict\"", "", "", "1000" },
	{ "SPF by mxauth.conf", "actions: { spf-fail = \"reject\" }", "", "",
	    "1000 spf" },
	{ "a softfail as well", "actions: { spf-softfail = \"tag\" }", "", "",
	    "1000 spf" },
	{ "a permerror as well", "actions: { spf-permerror = \"defer\" }", "",
	    "", "1000 spf" },
	{ "SPF of HELO", "actions: { helo-fail = \"reject\" }", "", "",
	    "1000 helo" },
	{ "domains without mail", "actions: { no-mail = \"reject\" }", "", "",
	    "1000 spf mx" },
	{ "HELO for this author", "",
	    "{ author = \"example.com\" helo-fail = \"tag\" }", "",
	    "1000 helo" },
	{ "accepting is no look", "actions: { spf-fail = \"accept\" }", "", "",
	    "1000" },
	{ "other causes are none of SPF's",
	    "actions: { unauthenticated = \"reject\" }", "", "", "1000" },
	{ "SPF for this author", "",
	    "{ author = \"example.com\" spf-fail = \"reject\" }", "",
	    "1000 spf" },
	{ "SPF for another author", "",
	    "{ author = \"example.org\" spf-fail = \"reject\" }", "", "1000" },
	{ "one author of two", "",
	    "{ author = \"example.org\" spf-fail = \"reject\" }",
	    "dmarc=fail:example.com:none dmarc=fail:example.org:none",
	    "1000 spf" },
	{ "SPF for one recipient of two", "",
	    "{ recipient = \"carol@example.jp\" spf-fail = \"reject\" }",
	    "rcpt=bob@example.jp rcpt=carol@example.jp", "1000 spf" },
	{ "SPF for nobody here", "",
	    "{ recipient = \"carol@example.jp\" spf-fail = \"reject\" }", "",
	    "1000" },
	{ "SPF for this client", "",
	    "{ client = \"192.0.2.0/24\" spf-softfail = \"defer\" }", "",
	    "1000 spf" },
	{ "a mild rule takes it back", "actions: { spf-fail = \"reject\" }",
	    "{ author = \"example.com\" spf-fail = \"accept\" }",
	    "rcpt=bob@example.jp", "1000" },
	{ "who is exempt is not looked at",
	    "actions: { spf-fail = \"reject\" }",
	    "{ author = \"example.com\" exempt = true }", "", "1000" },
	{ "signatures of the author", "",
	    "{ author = \"example.com\" dkim-required = true }", "",
	    "1000 keys" },
	{ "no author: rules for everybody", "",
	    "{ client = \"192.0.2.1\" dkim-required = true }", "from=none",
	    "1000 keys" },
	{ "rules by name", "",
	    "{ client-name = \".provider.example\" profile = \"strict\" }", "",
	    "1000 spf keys iprev" },
	{ "rules by signer", "",
	    "{ signer = \"news.example\" profile = \"monitor\" }", "",
	    "1000 spf keys" },
	{ "failure reports want to know what failed",
	    "reports: { failure-reports = true }", "", "", "1000 spf keys" },
};

static const char *needs_text(const struct mxa_needs *n)
{
	return mxa_arena_printf(a, "%u%s%s%s%s%s", n->grace_ms,
	    n->spf ? " spf" : "", n->keys ? " keys" : "",
	    n->helo ? " helo" : "", n->iprev ? " iprev" : "",
	    n->mx ? " mx" : "");
}

START_TEST(needs)
{
	char *errors = NULL;
	const char *policy =
	    mxa_arena_printf(a, "rules = ( %s )\n", rows[_i].rules);
	const char *words =
	    strstr(rows[_i].words, "dmarc=") || strstr(rows[_i].words, "from=")
	    ? rows[_i].words
	    : mxa_arena_printf(
		  a, "%s dmarc=fail:example.com:none", rows[_i].words);
	struct mxa_conf *conf = mxa_policy_parse("mxauth.conf",
	    mxa_str_from(rows[_i].conf), mxa_str_from(policy), &errors, NULL);
	struct mxa_needs n;
	struct mxa_txn t;

	ck_assert_msg(conf != NULL, "%s: %s", rows[_i].name, errors);
	test_txn(a, words, &t);
	mxa_needs_find(conf, &t.msg, &t.verdict.authors, &n);
	ck_assert_msg(strcmp(needs_text(&n), rows[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", rows[_i].name, needs_text(&n),
	    rows[_i].want);
	mxa_conf_free(conf);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("needs");
	TCase *tc = tcase_create("needs");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, needs, 0, MXA_ARRAY_LEN(rows));
	suite_add_tcase(s, tc);
	return test_main(s);
}
