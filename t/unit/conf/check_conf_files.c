/* check_conf_files.c - configuration in files: includes, the policy file, what
 * is cut off or not there. */
#include "t/support/testing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/load.h"
#include "policy/rules.h"

static char dir[4200];

static void make_dir(void)
{
	ck_assert_ptr_nonnull(getcwd(dir, 4096));
	strncat(dir, "/check_conf.XXXXXX", 32);
	ck_assert_msg(mkdtemp(dir) != NULL, "mkdtemp: %s", strerror(errno));
}

static void remove_dir(void)
{
	char command[4300];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static const char *path(const char *name)
{
	static char p[4300];

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	return p;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* Errors of loading DIR/a.conf with the directory's name taken out; NULL: it
 * was loaded. */
static char *load_errors(struct mxa_conf **conf)
{
	char *errors = NULL, *p;
	size_t len = strlen(dir) + 1;

	*conf = mxa_policy_load(path("a.conf"), &errors, NULL);
	ck_assert((*conf == NULL) == (errors != NULL));
	while (errors != NULL && (p = strstr(errors, path(""))) != NULL)
		memmove(p, p + len, strlen(p + len) + 1);
	return errors;
}

static void expect_errors(const char *want)
{
	struct mxa_conf *c;
	char *errors = load_errors(&c);

	ck_assert_msg(errors != NULL, "was accepted");
	ck_assert_str_eq(errors, want);
	free(errors);
}

static struct mxa_conf *expect_good(void)
{
	struct mxa_conf *c;
	char *errors = load_errors(&c);

	ck_assert_msg(errors == NULL, "%s", errors);
	return c;
}

START_TEST(includes_keep_their_lines)
{
	struct mxa_conf *c;

	ck_assert_int_eq(mkdir(path("d"), 0700), 0);
	write_file("d/c.conf", "\n timeout = 7\n  bogus = 1");
	write_file("d/b.conf",
	    "# b\ndns: {\n  @include \"c.conf\" # from here\n foo = 1\n}\n");
	write_file("a.conf",
	    "# @include \"nothing\"\npolicy-file = \"\"\n"
	    "@include \"d/b.conf\" // and on\n/*\n@include \"no\"\n*/\n"
	    "bar = \"@include\"\n");
	expect_errors("d/c.conf:3: unknown option bogus in section dns\n"
		      "d/b.conf:4: unknown option foo in section dns\n"
		      "a.conf:7: unknown option bar\n");
	write_file("d/c.conf", "timeout = 7");
	write_file("d/b.conf",
	    "dns: {\n@include \"c.conf\"\n}\n"
	    "profile = \"monitor\"\n");
	write_file("a.conf", "\n@include \"d/b.conf\"\npolicy-file = \"\"\n");
	c = expect_good();
	ck_assert_uint_eq(c->dns_timeout, 7);
	ck_str_is(c->profile_at, "b.conf:4");
	mxa_conf_free(c);
}
END_TEST

START_TEST(brace_missing_in_an_included_file)
{
	write_file("b.conf", "# b\n\ndns: {\n  timeout = 5\n");
	write_file("a.conf", "@include \"b.conf\"\nprofile = \"strict\"\n");
	expect_errors("b.conf:4: expected '}' to end the section \"dns\" that "
		      "begins in line 3, found the end of the file\n");
	write_file("b.conf", "# b\ndns: { servers = [\n");
	write_file("a.conf", "@include \"b.conf\"\n}\n\nfoo = 1\n");
	expect_errors("b.conf:2: expected ']' to end the list \"servers\" that "
		      "begins in line 2, found the end of the file\n"
		      "a.conf:4: unknown option foo\n");
	write_file("b.conf", "profile = \"strict\"\n");
	write_file("a.conf", "@include \"b.conf\"\n\nprofile = \"monitor\"\n");
	expect_errors("a.conf:3: profile is given twice, first in b.conf:1\n");
}
END_TEST

START_TEST(includes_that_cannot_be)
{
	write_file("a.conf", "profile = \"strict\"\n\n@include \"b.conf\"\n");
	expect_errors("a.conf:3: cannot include b.conf: No such file or "
		      "directory\n");
	write_file("b.conf", "# me\n@include \"b.conf\"\n");
	expect_errors("b.conf:2: too many files are included: does b.conf "
		      "include itself?\n");
	write_file("b.conf", "/* never\n");
	expect_errors("b.conf:1: expected '*/': the comment that begins here "
		      "does not end\n");
}
END_TEST

START_TEST(policy_file_named_or_not)
{
	struct mxa_conf *c;

	write_file("a.conf", "policy-file = \"p.conf\"\n");
	expect_errors("a.conf:1: policy-file: cannot read p.conf: No such file "
		      "or directory\n");
	write_file("p.conf",
	    "rules = (\n{ author = \"bank.example\" profile = \"strict\" });\n");
	c = expect_good();
	ck_assert_uint_eq(mxa_rules_count(c->rules), 1);
	ck_str_is(mxa_rules_get(c->rules, 0)->where, "p.conf:2");
	ck_assert(mxa_str_ends(c->policy_file, MXA_STR("/p.conf")));
	mxa_conf_free(c);
	write_file("p.conf", "rules = (\n{ author = \"bank example\" });\n");
	write_file("a.conf", "foo = 1\npolicy-file = \"p.conf\"\n");
	expect_errors(
	    "a.conf:1: unknown option foo\n"
	    "p.conf:2: author: expected a domain, \".domain\" for its "
	    "subdomains, or \"user@domain\", found \"bank example\"\n");
	/* a directory is no policy, and not the same as none */
	write_file("a.conf", "policy-file = \".\"\n");
	expect_errors("a.conf:1: policy-file: cannot read .: Is a directory\n");
}
END_TEST

/* Wherever the file is cut off, it is not taken for a policy. */
START_TEST(a_policy_cut_off_is_refused)
{
	static const char policy[] =
	    "# rules\nrules = (\n"
	    "\t{ author = [\"a.example\", \".b.example\"]\n"
	    "\t  dmarc-none = \"reject\" },\t# the bank\n"
	    "\t{ client = \"192.0.2.0/24\"  exempt = true; },\n"
	    "\t{ recipient = \"c.example\"; profile = \"monitor\" })";
	char *errors;

	for (size_t len = 0; len < sizeof(policy) - 1; len++) {
		struct mxa_conf *c = mxa_policy_parse(
		    "c", MXA_STR(""), mxa_str_make(policy, len), &errors, NULL);

		ck_assert_msg(c == NULL, "accepted: %.*s", (int)len, policy);
		ck_assert_msg(
		    strncmp(errors, "policy.conf:", 12) == 0, "%s", errors);
		free(errors);
	}
	mxa_conf_free(mxa_policy_parse("c", MXA_STR(""),
	    mxa_str_make(policy, sizeof(policy) - 1), &errors, NULL));
	ck_assert_ptr_null(errors);
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
	expect_errors("a.conf: No such file or directory\n");
}
END_TEST

START_TEST(a_policy_in_place_of_the_named_one)
{
	char *errors = NULL;
	struct mxa_conf *c;
	char policy[4300];

	write_file("q.conf", "rules = ( { author = \"q.example\" } );");
	snprintf(policy, sizeof(policy), "%s", path("q.conf"));
	c = mxa_policy_load_with(NULL, policy, &errors, NULL);
	ck_assert_msg(c != NULL, "%s", errors);
	ck_assert_uint_eq(mxa_rules_count(c->rules), 1);
	mxa_conf_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("conf_files");
	TCase *tc = tcase_create("conf_files");

	tcase_add_checked_fixture(tc, make_dir, remove_dir);
	tcase_add_test(tc, includes_keep_their_lines);
	tcase_add_test(tc, brace_missing_in_an_included_file);
	tcase_add_test(tc, includes_that_cannot_be);
	tcase_add_test(tc, policy_file_named_or_not);
	tcase_add_test(tc, a_policy_cut_off_is_refused);
	tcase_add_test(tc, a_file_that_is_not_there);
	tcase_add_test(tc, a_policy_in_place_of_the_named_one);
	suite_add_tcase(s, tc);
	return test_main(s);
}
