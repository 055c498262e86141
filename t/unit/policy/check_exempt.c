/* check_exempt.c - who is not verified at all. */
#include "t/support/testing.h"

#include <stdlib.h>

#include "policy/load.h"
#include "policy/exempt.h"
#include "t/support/verdicts.h"

#define RULE                                                       \
	"rules = (\n"                                              \
	"{ client = \"198.51.100.0/24\" exempt = true },\n"        \
	"{ recipient = \"abuse@\" exempt = true },\n"              \
	"{ author = \"example.com\" exempt = true },\n"            \
	"{ client = \"203.0.113.0/24\" recipient = \"a.example\" " \
	"exempt = true }\n"                                        \
	")\n"

static const struct {
	const char *name, *conf, *words;
	enum mxa_exempt want;
} rows[] = {
	{ "a stranger", "", "ip=192.0.2.1", MXA_EXEMPT_NO },
	{ "loopback by default", "", "ip=127.0.0.1", MXA_EXEMPT_NETWORK },
	{ "IPv6 loopback by default", "", "ip=::1", MXA_EXEMPT_NETWORK },
	{ "loopback when nobody is trusted", "trusted-networks = []\n",
	    "ip=127.0.0.1", MXA_EXEMPT_NO },
	{ "our network", "trusted-networks = [\"192.0.2.0/24\"]\n",
	    "ip=192.0.2.200", MXA_EXEMPT_NETWORK },
	{ "a login", "", "ip=192.0.2.1 auth=alice", MXA_EXEMPT_AUTHENTICATED },
	{ "a login when nobody is trusted", "trusted-networks = []\n",
	    "ip=192.0.2.1 auth=alice", MXA_EXEMPT_AUTHENTICATED },
	{ "no address", "", "ip=", MXA_EXEMPT_LOCAL },
	{ "a client that a rule exempts", "", "ip=198.51.100.7",
	    MXA_EXEMPT_RULE },
	{ "recipients and authors are decided later", "",
	    "ip=192.0.2.1 rcpt=abuse@example.jp dmarc=fail:example.com:none",
	    MXA_EXEMPT_NO },
	{ "a client's rule that asks for more than the client", "",
	    "ip=203.0.113.7", MXA_EXEMPT_NO },
};

START_TEST(exemptions)
{
	struct mxa_arena *a = mxa_arena_new();
	char *errors = NULL, *warnings = NULL;
	struct mxa_conf *conf = mxa_policy_parse("mxauth.conf",
	    mxa_str_from(rows[_i].conf), MXA_STR(RULE), &errors, &warnings);
	struct mxa_txn t;

	ck_assert_msg(conf != NULL, "%s", errors);
	test_txn(a, rows[_i].words, &t);
	ck_assert_msg(mxa_exempt_check(conf, &t.msg) == rows[_i].want, "%s",
	    rows[_i].name);
	free(warnings);
	mxa_conf_free(conf);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("exempt");
	TCase *tc = tcase_create("exempt");

	tcase_add_loop_test(tc, exemptions, 0, MXA_ARRAY_LEN(rows));
	suite_add_tcase(s, tc);
	return test_main(s);
}
