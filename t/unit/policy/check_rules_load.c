/* check_rules_load.c - policy.conf: mistakes with their lines, rules that are
 * never used. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "policy/load.h"

static const struct {
	const char *name, *policy, *errors;
} mistakes[] = {
	{ "an empty file", "",
	    "policy.conf:1: expected rules = ( ... ), found none; no rules at "
	    "all are rules = ();\n" },
	{ "only comments", "# nothing\n\n",
	    "policy.conf:1: expected rules = ( ... ), found none; no rules at "
	    "all are rules = ();\n" },
	{ "something else", "rule = ();\n",
	    "policy.conf:1: unknown option rule; expected rules = ( ... )\n" },
	{ "not a list", "\nrules = { author = \"a.example\" };\n",
	    "policy.conf:2: rules: expected a list ( ), found a section\n" },
	{ "an array", "rules = [ \"a.example\" ];\n",
	    "policy.conf:1: rules: expected a list ( ), found a list in [ "
	    "]\n" },
	{ "a rule without braces",
	    "rules = ( \"a.example\",\n { author = \"b.example\" } );\n",
	    "policy.conf:1: rules: expected a rule in braces, { }, found "
	    "\"a.example\"\n" },
	{ "no match", "rules = (\n\t{ profile = \"strict\" },\n\t{ } );\n",
	    "policy.conf:2: the rule matches nothing; expected client, "
	    "client-name, helo, daemon-name, mail-from, signer, sealer, "
	    "recipient or author\n"
	    "policy.conf:3: the rule matches nothing; expected client, "
	    "client-name, helo, daemon-name, mail-from, signer, sealer, "
	    "recipient or author\n" },
	{ "the same match",
	    "rules = (\n"
	    "{ author = \"a.example\"  profile = \"strict\" },\n"
	    "{ author = [\"b.example\", \"A.Example.\"] },\n"
	    "{ client = \"192.0.2.7/24\" },\n"
	    "{ client = \"192.0.2.0/24\" },\n"
	    "{ recipient = \"a.example\" },\n"
	    "{ recipient = \"a.example\" author = \"a.example\" },\n"
	    "{ author = \"a.example\" recipient = [\"x.example\",\n"
	    " \"a.example\"] } );\n",
	    "policy.conf:3: the same match as policy.conf:2: author "
	    "a.example\n"
	    "policy.conf:5: the same match as policy.conf:4: client "
	    "192.0.2.0/24\n"
	    "policy.conf:8: the same match as policy.conf:7: recipient "
	    "a.example author a.example\n" },
	{ "the same match, found beside other mistakes",
	    "rules = (\n{ author = \"a.example\" exempt = 1 },\n"
	    "{ author = \"a.example\" } );\n",
	    "policy.conf:2: exempt: expected true or false, found 1\n"
	    "policy.conf:3: the same match as policy.conf:2: author "
	    "a.example\n" },
	{ "a brace missing in the middle",
	    "rules = (\n"
	    "\t{ author = \"a.example\"  dmarc-none = \"reject\",\n"
	    "\t{ author = \"b.example\"  dmarc-nothing = \"reject\" }\n"
	    ");\n",
	    "policy.conf:3: expected '}' to end the section that begins in "
	    "line 2, found '{'\n"
	    "policy.conf:3: unknown option dmarc-nothing in a rule; expected "
	    "what it matches (client, client-name, helo, daemon-name, "
	    "mail-from, signer, sealer, recipient, author), profile, exempt, "
	    "override, comment, until or a cause such as dmarc-reject\n" },
	{ "a comma missing",
	    "rules = (\n{ author = \"a.example\" }\n"
	    "{ author = \"b c\" }\n);\n",
	    "policy.conf:2: expected ',' or ')' behind this element, found "
	    "'{'\n"
	    "policy.conf:3: author: expected a domain, \".domain\" for its "
	    "subdomains, or \"user@domain\", found \"b c\"\n" },
	{ "what is matched",
	    "rules = (\n"
	    "{ author = \"*.a.example\" },\n"
	    "{ author = 5 },\n"
	    "{ author = [] },\n"
	    "{ author = \"\" },\n"
	    "{ author = \".\" },\n"
	    "{ author = \"u@\" },\n"
	    "{ recipient = \"@a.example\" },\n"
	    "{ recipient = \"u@a..example\" },\n"
	    "{ client = \"mx.a.example\" },\n"
	    "{ client = [\"192.0.2.1\",\n\"192.0.2.0/33\"] }\n"
	    ");\n",
	    "policy.conf:2: author: expected a domain, \".domain\" for its "
	    "subdomains, or \"user@domain\", found \"*.a.example\"\n"
	    "policy.conf:3: author: expected a domain, \".domain\" for its "
	    "subdomains, or \"user@domain\", found 5\n"
	    "policy.conf:4: author: the list is empty\n"
	    "policy.conf:5: author: expected a domain, \".domain\" for its "
	    "subdomains, or \"user@domain\", found \"\"\n"
	    "policy.conf:6: author: expected a domain, \".domain\" for its "
	    "subdomains, or \"user@domain\", found \".\"\n"
	    "policy.conf:7: author: expected a domain, \".domain\" for its "
	    "subdomains, or \"user@domain\", found \"u@\"\n"
	    "policy.conf:8: recipient: expected a domain, \".domain\" for its "
	    "subdomains, \"user@domain\" or \"user@\", found \"@a.example\"\n"
	    "policy.conf:9: recipient: expected a domain, \".domain\" for its "
	    "subdomains, \"user@domain\" or \"user@\", found "
	    "\"u@a..example\"\n"
	    "policy.conf:10: client: expected an address or a network "
	    "(\"192.0.2.0/24\"), found \"mx.a.example\"\n"
	    "policy.conf:12: client: expected an address or a network "
	    "(\"192.0.2.0/24\"), found \"192.0.2.0/33\"\n" },
	{ "what else is matched",
	    "rules = (\n"
	    "{ signer = \"u@v.example\" },\n"
	    "{ sealer = \"*\" },\n"
	    "{ helo = \"[192.0.2.1]\" },\n"
	    "{ client-name = \"\" },\n"
	    "{ mail-from = \"a b@v.example\" },\n"
	    "{ mail-from = \"@v.example\" },\n"
	    "{ daemon-name = \"two words\" },\n"
	    "{ daemon-name = \"\" },\n"
	    "{ client_name = \"a.example\" }\n"
	    ");\n",
	    "policy.conf:2: signer: expected a domain, or \".domain\" for its "
	    "subdomains, found \"u@v.example\"\n"
	    "policy.conf:3: sealer: expected a domain, or \".domain\" for its "
	    "subdomains, found \"*\"\n"
	    "policy.conf:4: helo: expected a domain, or \".domain\" for its "
	    "subdomains, found \"[192.0.2.1]\"\n"
	    "policy.conf:5: client-name: expected a domain, or \".domain\" for "
	    "its subdomains, found \"\"\n"
	    "policy.conf:7: mail-from: expected a domain, \".domain\" for its "
	    "subdomains, \"user@domain\", \"user@\", or \"\" for the null "
	    "sender, found \"@v.example\"\n"
	    "policy.conf:8: daemon-name: expected a name without spaces, such "
	    "as \"smtpd\", found \"two words\"\n"
	    "policy.conf:9: daemon-name: expected a name without spaces, such "
	    "as \"smtpd\", found \"\"\n"
	    "policy.conf:10: unknown option client_name in a rule; expected "
	    "client-name?\n"
	    "policy.conf:10: the rule matches nothing; expected client, "
	    "client-name, helo, daemon-name, mail-from, signer, sealer, "
	    "recipient or author\n" },
	{ "ends",
	    "rules = (\n"
	    "{ author = \"a.example\" until = \"2027-02-29\" },\n"
	    "{ author = \"b.example\" until = 2027 },\n"
	    "{ author = \"c.example\" until = \"31.3.2027\" },\n"
	    "{ author = \"d.example\" until = \"2027-03-31\" },\n"
	    "{ author = \"d.example\" },\n"
	    "{ author = \"d.example\" until = \"2027-04-30\" } );\n",
	    "policy.conf:2: until: expected a date such as \"2027-03-31\", "
	    "found \"2027-02-29\"\n"
	    "policy.conf:3: until: expected a date such as \"2027-03-31\", "
	    "found 2027\n"
	    "policy.conf:4: until: expected a date such as \"2027-03-31\", "
	    "found \"31.3.2027\"\n"
	    "policy.conf:7: the same match as policy.conf:6: author "
	    "d.example\n" },
	{ "what is set",
	    "rules = (\n{ author = \"a.example\"\n"
	    "profile = \"harsh\"\n"
	    "dmarc_none = \"reject\"\n"
	    "dmarc-none = \"bounce\"\n"
	    "dmarc-reject = \"\"\n"
	    "exempt = \"yes\"\n"
	    "dkim-required = \"drop\"\n"
	    "override = \"policy_test_mode\"\n"
	    "comment = \"caf\xc3\xa9\"\n"
	    "} );\n",
	    "policy.conf:3: profile: expected standard, strict or monitor, "
	    "found \"harsh\"\n"
	    "policy.conf:4: unknown option dmarc_none in a rule; expected "
	    "dmarc-none?\n"
	    "policy.conf:5: dmarc-none: expected accept, tag, quarantine, "
	    "defer or reject, found \"bounce\"\n"
	    "policy.conf:6: dmarc-reject: expected accept, tag, quarantine, "
	    "defer or reject, found \"\"\n"
	    "policy.conf:7: exempt: expected true or false, found \"yes\"\n"
	    "policy.conf:8: dkim-required: expected true, false, accept, tag, "
	    "quarantine, defer or reject, found \"drop\"\n"
	    "policy.conf:9: override: expected local_policy, mailing_list, "
	    "trusted_forwarder or other, found \"policy_test_mode\"\n"
	    "policy.conf:10: comment: expected at most 200 printable ASCII "
	    "characters, found \"caf\xc3\xa9\"\n" },
	{ "given twice in a rule",
	    "rules = ( { author = \"a.example\",\n author = \"b.example\" } );",
	    "policy.conf:2: author is given twice, first in line 1\n" },
};

START_TEST(mistakes_are_named)
{
	char *errors = NULL;
	struct mxa_conf *c = mxa_policy_parse(
	    "c", MXA_STR(""), mxa_str_from(mistakes[_i].policy), &errors, NULL);

	ck_assert_msg(c == NULL, "%s: was accepted", mistakes[_i].name);
	ck_assert_msg(strcmp(errors, mistakes[_i].errors) == 0,
	    "%s:\ngot\n%swant\n%s", mistakes[_i].name, errors,
	    mistakes[_i].errors);
	free(errors);
}
END_TEST

static const struct {
	const char *name, *policy, *warnings;
} warned[] = {
	{ "a subdomain behind all subdomains",
	    "rules = (\n{ author = \".a.example\" },\n"
	    "{ author = \"x.a.example\" } );",
	    "warning: policy.conf:3: this rule is never used: policy.conf:2 comes first "
	    "and matches the same\n" },
	{ "subdomains behind subdomains of more",
	    "rules = (\n{ author = \".example\" },\n"
	    "{ author = [\".a.example\", \"b.example\"] } );",
	    "warning: policy.conf:3: this rule is never used: policy.conf:2 comes first "
	    "and matches the same\n" },
	{ "only some of them",
	    "rules = (\n{ author = \".a.example\" },\n"
	    "{ author = [\"x.a.example\", \"a.example\"] } );",
	    NULL },
	{ "the other order",
	    "rules = (\n{ author = \"x.a.example\" },\n"
	    "{ author = \".a.example\" } );",
	    NULL },
	{ "a network in another",
	    "rules = (\n{ client = \"192.0.2.0/24\" },\n"
	    "{ client = \"192.0.2.0/25\" } );",
	    "warning: policy.conf:3: this rule is never used: policy.conf:2 comes first "
	    "and matches the same\n" },
	{ "a network around another",
	    "rules = (\n{ client = \"192.0.2.0/25\" },\n"
	    "{ client = \"192.0.2.0/24\" } );",
	    NULL },
	{ "fewer conditions before more",
	    "rules = (\n{ client = \"192.0.2.0/24\" },\n"
	    "{ client = \"192.0.2.1\" author = \"a.example\" } );",
	    "warning: policy.conf:3: this rule is never used: policy.conf:2 comes first "
	    "and matches the same\n" },
	{ "more conditions before fewer",
	    "rules = (\n{ client = \"192.0.2.0/24\" author = \"a.example\" },\n"
	    "{ client = \"192.0.2.1\" } );",
	    NULL },
	{ "another kind takes nothing away",
	    "rules = (\n{ author = \"a.example\" },\n"
	    "{ client = \"192.0.2.1\" author = \"a.example\" } );",
	    NULL },
	{ "one address of all that have that name",
	    "rules = (\n{ recipient = \"postmaster@\" },\n"
	    "{ recipient = \"Postmaster@a.example\" } );",
	    "warning: policy.conf:3: this rule is never used: policy.conf:2 comes first "
	    "and matches the same\n" },
	{ "one address in a domain",
	    "rules = (\n{ recipient = \"a.example\" },\n"
	    "{ recipient = \"u@a.example\" } );",
	    "warning: policy.conf:3: this rule is never used: policy.conf:2 comes first "
	    "and matches the same\n" },
	{ "actions that monitor annuls",
	    "rules = (\n{ author = \"a.example\" profile = \"monitor\"\n"
	    "dmarc-reject = \"reject\" spf-fail = \"tag\" } );",
	    "warning: policy.conf:2: dmarc-reject = \"reject\" has no effect: "
	    "profile monitor never does more than tag\n" },
	{ "a star where none is understood",
	    "rules = (\n{ recipient = \"*@a.example\" } );",
	    "warning: policy.conf:2: recipient \"*@a.example\" never matches: "
	    "\"d\" is all of a domain, \".d\" its subdomains\n" },
	{ "one address before its domain",
	    "rules = (\n{ recipient = \"u@a.example\" },\n"
	    "{ recipient = \"a.example\" } );",
	    NULL },
	{ "a rule that ends takes nothing away",
	    "rules = (\n{ author = \"a.example\" until = \"2027-03-31\" },\n"
	    "{ author = \"a.example\" } );",
	    NULL },
	{ "a rule that ends behind one that does not",
	    "rules = (\n{ author = \".a.example\" },\n"
	    "{ author = \"x.a.example\" until = \"2027-03-31\" } );",
	    "warning: policy.conf:3: this rule is never used: policy.conf:2 comes first "
	    "and matches the same\n" },
	{ "a signer for every author",
	    "rules = (\n{ signer = \"v.example\" exempt = true } );",
	    "warning: policy.conf:2: whoever gets a signature of v.example can write as "
	    "any author by this rule; expected author = ... beside signer\n" },
	{ "the same in milder words",
	    "rules = (\n{ signer = \"v.example\" recipient = \"r.example\"\n"
	    "dmarc-reject = \"tag\" } );",
	    "warning: policy.conf:2: whoever gets a signature of v.example can write as "
	    "any author by this rule; expected author = ... beside signer\n" },
	{ "a signer from a network",
	    "rules = (\n{ signer = \"v.example\" client = \"192.0.2.0/24\"\n"
	    "exempt = true } );",
	    NULL },
	{ "a signer with authors",
	    "rules = (\n{ signer = \"v.example\" author = \"p.example\" } );",
	    NULL },
	{ "a signer, and nothing lets through",
	    "rules = (\n{ signer = \"v.example\" dmarc-none = \"tag\" } );",
	    NULL },
	{ "what anybody can say",
	    "rules = (\n{ helo = \"h.example\" profile = \"monitor\" },\n"
	    "{ mail-from = \"m.example\" dmarc-quarantine = \"accept\" },\n"
	    "{ mail-from = \"n.example\" dmarc-quarantine = \"reject\" },\n"
	    "{ helo = \"i.example\" client-name = \".i.example\" exempt = "
	    "true } );",
	    "warning: policy.conf:2: anybody can give that name and then write as any "
	    "author by this rule; expected client, client-name or signer beside "
	    "it\n"
	    "warning: policy.conf:3: anybody can give that name and then write as any "
	    "author by this rule; expected client, client-name or signer beside "
	    "it\n" },
};

START_TEST(warnings_are_named)
{
	char *errors = NULL, *warnings = NULL;
	struct mxa_conf *c = mxa_policy_parse("c", MXA_STR(""),
	    mxa_str_from(warned[_i].policy), &errors, &warnings);

	ck_assert_msg(c != NULL, "%s: %s", warned[_i].name, errors);
	ck_assert_msg((warnings == NULL) == (warned[_i].warnings == NULL),
	    "%s: %s", warned[_i].name, warnings ? warnings : "no warning");
	if (warnings != NULL)
		ck_assert_str_eq(warnings, warned[_i].warnings);
	free(warnings);
	mxa_conf_free(c);
}
END_TEST

/* A rule is in force through its day, UTC: 2027-03-31 ends with second
 * 1806537600. */
static const struct {
	int64_t now;
	const char *says; /* NULL: nothing */
} ended[] = {
	{ 1806537599,
	    "warning: policy.conf:3: the rule ended on 2020-02-29 and does "
	    "nothing any more\n" },
	{ 1806537600,
	    "warning: policy.conf:2: the rule ended on 2027-03-31 and does "
	    "nothing any more\n"
	    "warning: policy.conf:3: the rule ended on 2020-02-29 and does "
	    "nothing any more\n" },
	{ 0, NULL },
};

START_TEST(ended_rules_are_named)
{
	struct mxa_conf *c = mxa_policy_parse("c", MXA_STR(""),
	    MXA_STR("rules = (\n"
		    "{ author = \"a.example\", until = \"2027-03-31\" },\n"
		    "{ author = \"b.example\", until = \"2020-02-29\" },\n"
		    "{ author = \"c.example\" } );"),
	    NULL, NULL);
	char *got = mxa_policy_ended(c, ended[_i].now);

	if (ended[_i].says == NULL)
		ck_assert_ptr_null(got);
	else
		ck_assert_str_eq(got, ended[_i].says);
	free(got);
	mxa_conf_free(c);
}
END_TEST

/* A rule whose lists multiply to more than can be meant. */
START_TEST(combinations_are_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	char *errors = NULL;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1 << 20);
	mxa_buf_adds(&b, "rules = (\n{ author = [");
	for (int i = 0; i < 400; i++)
		mxa_buf_printf(&b, "\"a%d.example\",", i);
	mxa_buf_adds(&b, "] recipient = [");
	for (int i = 0; i < 400; i++)
		mxa_buf_printf(&b, "\"r%d.example\",", i);
	mxa_buf_adds(&b, "] } );");
	ck_assert_ptr_null(
	    mxa_policy_parse("c", MXA_STR(""), mxa_buf_str(&b), &errors, NULL));
	ck_assert_str_eq(errors,
	    "policy.conf:2: the lists of this rule have more than 100000 "
	    "combinations; expected shorter lists in several rules\n");
	free(errors);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rules_load");
	TCase *tc = tcase_create("rules_load");

	tcase_add_loop_test(tc, mistakes_are_named, 0, MXA_ARRAY_LEN(mistakes));
	tcase_add_loop_test(tc, warnings_are_named, 0, MXA_ARRAY_LEN(warned));
	tcase_add_loop_test(tc, ended_rules_are_named, 0, MXA_ARRAY_LEN(ended));
	tcase_add_test(tc, combinations_are_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
