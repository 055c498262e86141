/* check_zone.c - zone files: what they say, and what is wrong in them. */
#include "dns/zone.h"

#include <stdlib.h>
#include <string.h>

#include "t/support/dnsshow.h"
#include "t/support/testing.h"

static struct mxa_arena *arena;
static struct mxa_dns *dns;
static struct mxa_budget *budget;

static void setup(void)
{
	arena = mxa_arena_new();
}

static void teardown(void)
{
	mxa_budget_close(budget);
	mxa_dns_free(dns);
	mxa_arena_free(arena);
	budget = NULL;
	dns = NULL;
}

static void open_zone(struct mxa_str text)
{
	char *error = NULL;

	dns = mxa_dns_zone_text("z", text, NULL, &error);
	ck_assert_msg(dns != NULL, "%s", error ? error : "no error text");
	budget = mxa_budget_open(dns, 5000);
}

static const char *shown(const struct mxa_dns_answer *a)
{
	return test_dns_shown(arena, a);
}

/* --- records --- */

static const char zone[] =
    "$TTL 600\n"
    "$ORIGIN example.com.\n"
    "@ IN SOA ns hostmaster 1 7200 3600 864000 120 ; our zone\n"
    "  NS ns\n"
    "  MX 10 mail\n"
    "  MX 20 MX2.Example.NET.\n"
    "  TXT \"v=spf1 \" \"mx -all\"\n"
    "mail 60 A 192.0.2.1\n"
    "  A 192.0.2.2 ; second\n"
    "  IN AAAA 2001:db8::1\n"
    "first IN 30 TXT class-first\n"
    "s1._domainkey TXT (\n"
    "\t\"v=DKIM1; \"\t; a comment (with parentheses)\n"
    "\t\"p=AbC\" )\n"
    "alias CNAME mail\n"
    "alias2 CNAME alias\n"
    "away CNAME host.example.org.\n"
    "circle CNAME circle2\n"
    "circle2 CNAME circle\n"
    "a.b.deep TXT here\n"
    "*.wild TXT any\n"
    "*.wild MX 5 mail\n"
    "x.only.wild TXT mine\n"
    "*.wcname CNAME mail\n"
    "bin TXT \"\\000\\255;(\\\"\\\\ \"\n"
    "empty TXT \"\"\n"
    "semi TXT \"a;b\" c\\;d\n"
    "inword TXT a\"b\" cd\n"
    "touch IN 30 txt \"a\"\"b\"\n"
    "hex TXT \\# 3 026162\n"
    "null MX 0 .\n"
    "dot\\.ted A 192.0.2.3\n"
    "odd\\032@\\000 A 192.0.2.4\n"
    "ptr PTR x\\.y.Example.COM.\n"
    "\\052.star TXT literal\n"
    "$ORIGIN sub ; relative\n"
    "@ TXT sub\n"
    "$ORIGIN example.net.\n"
    "@ TXT other\n"
    "big 4294967295 TXT t\n"
    "host.example.org. 90 A 192.0.2.9\n"
    "last TXT end";

static const struct {
	const char *what, *name;
	enum mxa_dns_type type;
	const char *want;
} answers[] = {
	{ "TXT strings joined", "example.com", MXA_DNS_TXT,
	    "data ttl=600 <v=spf1 mx -all>" },
	{ "case and the trailing dot do not matter", "EXAMPLE.Com.",
	    MXA_DNS_TXT, "data ttl=600 <v=spf1 mx -all>" },
	{ "MX lower-cased, relative and absolute", "example.com", MXA_DNS_MX,
	    "data ttl=600 10 mail.example.com 20 mx2.example.net" },
	{ "two addresses, smaller TTL of the set", "mail.example.com",
	    MXA_DNS_A, "data ttl=60 192.0.2.1 192.0.2.2" },
	{ "owner repeated", "mail.example.com", MXA_DNS_AAAA,
	    "data ttl=600 2001:db8::1" },
	{ "class before TTL", "first.example.com", MXA_DNS_TXT,
	    "data ttl=30 <class-first>" },
	{ "parentheses over lines, comments inside",
	    "s1._domainkey.example.com", MXA_DNS_TXT,
	    "data ttl=600 <v=DKIM1; p=AbC>" },
	{ "CNAME", "alias.example.com", MXA_DNS_AAAA,
	    "data@mail.example.com ttl=600 2001:db8::1" },
	{ "CNAME of a CNAME", "alias2.example.com", MXA_DNS_A,
	    "data@mail.example.com ttl=60 192.0.2.1 192.0.2.2" },
	{ "CNAME into another zone", "away.example.com", MXA_DNS_A,
	    "data@host.example.org ttl=90 192.0.2.9" },
	{ "CNAME to a name without the type", "alias.example.com", MXA_DNS_TXT,
	    "nodata@mail.example.com" },
	{ "CNAMEs in a circle", "circle.example.com", MXA_DNS_A, "servfail" },
	{ "name without the type", "example.com", MXA_DNS_A, "nodata" },
	{ "name above others", "b.deep.example.com", MXA_DNS_TXT, "nodata" },
	{ "name above a zone", "com", MXA_DNS_TXT, "nodata" },
	{ "name with other types only", "ns.example.com", MXA_DNS_A,
	    "nxdomain" },
	{ "name that is not there", "nope.example.com", MXA_DNS_A, "nxdomain" },
	{ "outside of the file", "example.jp", MXA_DNS_A, "nxdomain" },
	{ "wildcard", "foo.wild.example.com", MXA_DNS_TXT,
	    "data ttl=600 <any>" },
	{ "wildcard over several labels", "foo.bar.wild.example.com",
	    MXA_DNS_MX, "data ttl=600 5 mail.example.com" },
	{ "wildcard without the type", "foo.wild.example.com", MXA_DNS_A,
	    "nodata" },
	{ "a name that exists hides the wildcard", "x.only.wild.example.com",
	    MXA_DNS_MX, "nodata" },
	{ "so does one that only has names below it", "only.wild.example.com",
	    MXA_DNS_TXT, "nodata" },
	{ "and what is below it does not match either",
	    "y.only.wild.example.com", MXA_DNS_TXT, "nxdomain" },
	{ "the wildcard's parent", "wild.example.com", MXA_DNS_TXT, "nodata" },
	{ "wildcard CNAME", "q.wcname.example.com", MXA_DNS_A,
	    "data@mail.example.com ttl=60 192.0.2.1 192.0.2.2" },
	{ "any octets in a text", "bin.example.com", MXA_DNS_TXT,
	    "data ttl=600 <\\000\\377;(\"\\ >" },
	{ "empty text", "empty.example.com", MXA_DNS_TXT, "data ttl=600 <>" },
	{ "quotes inside a word", "inword.example.com", MXA_DNS_TXT,
	    "data ttl=600 <a\"b\"cd>" },
	{ "strings that touch", "touch.example.com", MXA_DNS_TXT,
	    "data ttl=30 <ab>" },
	{ "octets in hexadecimal", "hex.example.com", MXA_DNS_TXT,
	    "data ttl=600 <ab>" },
	{ "semicolons quoted and escaped", "semi.example.com", MXA_DNS_TXT,
	    "data ttl=600 <a;bc;d>" },
	{ "null MX", "null.example.com", MXA_DNS_MX, "data ttl=600 0 " },
	{ "a dot in a label is not two labels", "dot.ted.example.com",
	    MXA_DNS_A, "nxdomain" },
	{ "nor does a label's dot end a domain", "ptr.example.com", MXA_DNS_PTR,
	    "data ttl=600 <x\\046y.example.com>" },
	{ "$ORIGIN relative to the one before", "sub.example.com", MXA_DNS_TXT,
	    "data ttl=600 <sub>" },
	{ "second zone", "example.net", MXA_DNS_TXT, "data ttl=600 <other>" },
	{ "last line without its end", "last.example.net", MXA_DNS_TXT,
	    "data ttl=600 <end>" },
	{ "empty name", "", MXA_DNS_A, "badname" },
	{ "the root", ".", MXA_DNS_A, "badname" },
	{ "empty label", "a..example.com", MXA_DNS_A, "badname" },
	{ "leading dot", ".example.com", MXA_DNS_A, "badname" },
	{ "two trailing dots", "example.com..", MXA_DNS_A, "badname" },
	{ "label of 63",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    ".example.com",
	    MXA_DNS_A, "nxdomain" },
	{ "label of 64",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    ".example.com",
	    MXA_DNS_A, "badname" },
};

START_TEST(answers_as_written)
{
	const char *got;

	open_zone(mxa_str_from(zone));
	got = shown(mxa_dns_lookup(budget, MXA_SHARE_SPF,
	    mxa_str_from(answers[_i].name), answers[_i].type));
	ck_assert_msg(strcmp(got, answers[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", answers[_i].what, got,
	    answers[_i].want);
}
END_TEST

START_TEST(any_octets_in_a_name)
{
	open_zone(mxa_str_from(zone));
	ck_assert_str_eq(
	    shown(mxa_dns_lookup(budget, MXA_SHARE_SPF,
		mxa_str_make("ODD @\0.example.com", 18), MXA_DNS_A)),
	    "data ttl=600 192.0.2.4");
}
END_TEST

START_TEST(nul_octets_under_a_wildcard)
{
	open_zone(mxa_str_from(zone));
	ck_assert_str_eq(
	    shown(mxa_dns_lookup(budget, MXA_SHARE_SPF,
		mxa_str_make("a\0b\0.wild.example.com", 21), MXA_DNS_TXT)),
	    "data ttl=600 <any>");
	ck_assert_str_eq(
	    shown(mxa_dns_lookup(budget, MXA_SHARE_SPF,
		mxa_str_make("a.\0.example.com", 15), MXA_DNS_TXT)),
	    "nxdomain");
}
END_TEST

START_TEST(names_up_to_253_octets)
{
	char name[300];
	const struct mxa_dns_answer *a;

	open_zone(mxa_str_from(zone));
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	a = mxa_dns_lookup(
	    budget, MXA_SHARE_SPF, mxa_str_make(name, 253), MXA_DNS_A);
	ck_assert_str_eq(shown(a), "nxdomain");
	a = mxa_dns_lookup(
	    budget, MXA_SHARE_SPF, mxa_str_make(name, 254), MXA_DNS_A);
	ck_assert_str_eq(shown(a), "badname");
}
END_TEST

START_TEST(negative_ttl_is_the_soa_minimum)
{
	open_zone(mxa_str_from(zone));
	ck_assert_uint_eq(mxa_dns_lookup(budget, MXA_SHARE_SPF,
			      MXA_STR("nope.example.com"), MXA_DNS_A)
			      ->ttl,
	    120);
	ck_assert_uint_eq(mxa_dns_lookup(budget, MXA_SHARE_SPF,
			      MXA_STR("example.com"), MXA_DNS_A)
			      ->ttl,
	    120);
}
END_TEST

START_TEST(long_text_in_many_strings)
{
	struct mxa_buf b;
	const struct mxa_dns_answer *a;

	mxa_buf_init(&b, arena, 200000);
	mxa_buf_adds(&b, "example.com. TXT ( ");
	for (int i = 0; i < 255; i++) {
		mxa_buf_adds(&b, "\n \"");
		for (int j = 0; j < 255; j++)
			mxa_buf_addc(&b, (char)('a' + i % 26));
		mxa_buf_adds(&b, "\"");
	}
	mxa_buf_adds(&b, ")\n");
	open_zone(mxa_buf_str(&b));
	a = mxa_dns_lookup(
	    budget, MXA_SHARE_SPF, MXA_STR("example.com"), MXA_DNS_TXT);
	ck_assert_uint_eq(a->n, 1);
	ck_assert_uint_eq(a->rr[0].text.len, 255 * 255);
	ck_assert_int_eq(a->rr[0].text.p[254 * 255], 'a' + 254 % 26);
}
END_TEST

/* --- faults --- */

static const char faulty[] = ";! servfail sf.example.com\n"
			     ";! timeout to.example.com TXT\n"
			     ";!refused *.below.example.com\n"
			     ";! malformed bad.example.com A\r\n"
			     ";! ttl0 zero.example.com TXT\n"
			     ";! delay 0 nodelay.example.com\n"
			     ";! servfail own.below.example.com MX\n"
			     "$ORIGIN example.com.\n"
			     "sf TXT x\n"
			     "to TXT x\n"
			     "to A 192.0.2.1\n"
			     "below TXT x\n"
			     "here.below TXT x\n"
			     "own.below TXT x\n"
			     "zero TXT x\n"
			     "alias CNAME sf\n"
			     "par TXT ( a\n"
			     ";! servfail inner.example.com\n"
			     "b )\n"
			     " ;! servfail notatstart.example.com\n"
			     "quoted TXT \"a;! b\"\n";

static const struct {
	const char *what, *name;
	enum mxa_dns_type type;
	const char *want;
} faults[] = {
	{ "every type", "sf.example.com", MXA_DNS_TXT, "servfail" },
	{ "also one that is not there", "sf.example.com", MXA_DNS_MX,
	    "servfail" },
	{ "one type", "to.example.com", MXA_DNS_TXT, "timeout" },
	{ "not another", "to.example.com", MXA_DNS_A,
	    "data ttl=3600 192.0.2.1" },
	{ "everything below", "here.below.example.com", MXA_DNS_TXT,
	    "refused" },
	{ "also what is not there", "a.b.below.example.com", MXA_DNS_A,
	    "refused" },
	{ "not the name itself", "below.example.com", MXA_DNS_TXT,
	    "data ttl=3600 <x>" },
	{ "a name's own faults come before those of *.",
	    "own.below.example.com", MXA_DNS_TXT, "data ttl=3600 <x>" },
	{ "and hold", "own.below.example.com", MXA_DNS_MX, "servfail" },
	{ "a name that owns nothing", "bad.example.com", MXA_DNS_A,
	    "malformed" },
	{ "does not exist for other types", "bad.example.com", MXA_DNS_TXT,
	    "nxdomain" },
	{ "ttl0", "zero.example.com", MXA_DNS_TXT, "data ttl=0 <x>" },
	{ "behind a CNAME", "alias.example.com", MXA_DNS_TXT,
	    "servfail@sf.example.com" },
	{ "between parentheses", "inner.example.com", MXA_DNS_A, "servfail" },
	{ "which go on", "par.example.com", MXA_DNS_TXT, "data ttl=3600 <ab>" },
	{ "not at the start of the line: a comment", "notatstart.example.com",
	    MXA_DNS_A, "nxdomain" },
	{ "in quotes", "quoted.example.com", MXA_DNS_TXT,
	    "data ttl=3600 <a;! b>" },
};

START_TEST(faults_are_played)
{
	const char *got;

	open_zone(mxa_str_from(faulty));
	got = shown(mxa_dns_lookup(budget, MXA_SHARE_SPF,
	    mxa_str_from(faults[_i].name), faults[_i].type));
	ck_assert_msg(strcmp(got, faults[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", faults[_i].what, got,
	    faults[_i].want);
}
END_TEST

/* --- mistakes --- */

static const struct {
	const char *what, *text, *want;
} mistakes[] = {
	{ "bad address", "\n\nexample.com. A 192.0.2\n",
	    "z:3: Syntax error, could not parse the RR's rdata" },
	{ "the line where the entry starts",
	    "\nexample.com. A ( 192.0.2.1\n\n x )\n",
	    "z:2: Syntax error, superfluous text present" },
	{ "TXT without strings", "a. TXT\n",
	    "z:1: Syntax error, value expected" },
	{ "broken escape", "a. TXT \"\\300\"\n",
	    "z:1: a string is longer than 255 octets, or has a broken "
	    "escape" },
	{ "generic data that are cut", "a. SOA \\# 0\n",
	    "z:1: the record's data are incomplete" },
	{ "no owner", " A 192.0.2.1\n",
	    "z:1: there is no owner before this line" },
	{ "bad owner", "a..b A 192.0.2.1\n",
	    "z:1: the owner is no domain name" },
	{ "parenthesis left open", "a. TXT ( x\n\n",
	    "z:1: parentheses do not match" },
	{ "parenthesis closed twice", "a. TXT ( x ) )\n",
	    "z:1: parentheses do not match" },
	{ "quote left open", "a. TXT \"x\nb. TXT y\"\n",
	    "z:1: a quoted string does not end on its line" },
	{ "other class", "a. CH TXT x\n", "z:1: the class is not IN" },
	{ "include", "$INCLUDE other.zone\n",
	    "z:1: only $ORIGIN and $TTL are understood" },
	{ "origin without value", "$ORIGIN\n",
	    "z:1: a directive takes one value" },
	{ "origin that is no name", "$ORIGIN a..b.\n",
	    "z:1: this is no domain name" },
	{ "TTL that is no time", "$TTL soon\n", "z:1: this is no time" },
	{ "fault unknown", "a. TXT x\n;! explode a.example.com\n",
	    "z:2: no such fault" },
	{ "fault without name", ";! servfail\n",
	    "z:1: the fault needs a domain name" },
	{ "fault with unknown type", ";! servfail a.example.com SOA\n",
	    "z:1: no such type" },
	{ "text behind a fault", ";! servfail a.example.com A B\n",
	    "z:1: text behind the fault" },
	{ "delay without number", ";! delay a.example.com\n",
	    "z:1: the delay is no number" },
};

START_TEST(mistakes_are_named)
{
	char *error = NULL;
	struct mxa_dns *d = mxa_dns_zone_text(
	    "z", mxa_str_from(mistakes[_i].text), NULL, &error);

	ck_assert_msg(d == NULL, "%s: accepted", mistakes[_i].what);
	ck_assert_str_eq(error, mistakes[_i].want);
	free(error);
}
END_TEST

START_TEST(a_string_holds_255_octets)
{
	struct mxa_buf b;
	char *error = NULL;

	mxa_buf_init(&b, arena, 2000);
	mxa_buf_adds(&b, "a. TXT \"");
	for (int i = 0; i < 256; i++)
		mxa_buf_addc(&b, 'x');
	mxa_buf_adds(&b, "\"\n");
	ck_assert(
	    mxa_dns_zone_text("z", mxa_buf_str(&b), NULL, &error) == NULL);
	ck_assert_str_eq(error,
	    "z:1: a string is longer than 255 octets, or has a broken "
	    "escape");
	free(error);
}
END_TEST

START_TEST(nul_bytes_are_mistakes)
{
	char *error = NULL;

	ck_assert(mxa_dns_zone_text("z", mxa_str_make("a. TXT \0x\n", 10), NULL,
		      &error) == NULL);
	ck_assert_str_eq(error, "z:1: a NUL byte");
	free(error);
}
END_TEST

START_TEST(files_that_are_not_there)
{
	char *error = NULL;

	ck_assert(mxa_dns_zone_open("/nonexistent/z", NULL, &error) == NULL);
	ck_assert_str_eq(error, "/nonexistent/z: No such file or directory");
	free(error);
}
END_TEST

START_TEST(an_empty_file_answers_nxdomain)
{
	open_zone(MXA_STR(""));
	ck_assert_str_eq(shown(mxa_dns_lookup(budget, MXA_SHARE_SPF,
			     MXA_STR("example.com"), MXA_DNS_A)),
	    "nxdomain");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("zone");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, answers_as_written, 0, MXA_ARRAY_LEN(answers));
	tcase_add_test(tc, any_octets_in_a_name);
	tcase_add_test(tc, nul_octets_under_a_wildcard);
	tcase_add_test(tc, names_up_to_253_octets);
	tcase_add_test(tc, negative_ttl_is_the_soa_minimum);
	tcase_add_test(tc, long_text_in_many_strings);
	tcase_add_loop_test(tc, faults_are_played, 0, MXA_ARRAY_LEN(faults));
	tcase_add_loop_test(tc, mistakes_are_named, 0, MXA_ARRAY_LEN(mistakes));
	tcase_add_test(tc, a_string_holds_255_octets);
	tcase_add_test(tc, nul_bytes_are_mistakes);
	tcase_add_test(tc, files_that_are_not_there);
	tcase_add_test(tc, an_empty_file_answers_nxdomain);
	suite_add_tcase(s, tc);
	return test_main(s);
}
