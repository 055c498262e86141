/* check_report_address.c - where DMARC reports may be sent (RFC 9990 section
 * 4). */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "auth/engine.h"
#include "auth/report_address.h"
#include "dns/zone.h"

static const struct {
	const char *uri, *want; /* NULL: cannot be used */
} uris[] = {
	{ "d@example.com", "d@example.com" },
	{ "D.Marc@Example.COM", "D.Marc@example.com" },
	{ "d%2Bx@example.com", "d+x@example.com" },
	{ "d@example.com?subject=x", "d@example.com" },
	{ "d@b\xc3\xbc.example", "d@xn--b-eha.example" },
	{ "", NULL },
	{ "@example.com", NULL },
	{ "d@", NULL },
	{ "d@ex_ample.com", NULL },
	{ "d@192.0.2.1", NULL },
	{ "-f@example.com", NULL },
	{ ".d@example.com", NULL },
	{ "d d@example.com", NULL },
	{ "d%0d%0aBcc:x@example.com", NULL },
	{ "d%00@example.com", NULL },
	{ "d%4@example.com", NULL },
	{ "d%zz@example.com", NULL },
	{ "\"d\"@example.com", NULL },
	{ "a,b@example.com", NULL },
	{ "d%40x@example.com", NULL },
};

START_TEST(address)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_dmarc_uri uri = { .address = mxa_str_from(uris[_i].uri) };
	struct mxa_str out;
	bool ok = mxa_report_address(a, &uri, &out);

	ck_assert_msg(ok == (uris[_i].want != NULL), "%s", uris[_i].uri);
	if (ok)
		ck_str_is(out, uris[_i].want);
	mxa_arena_free(a);
}
END_TEST

#define T(name, text) name ". TXT \"" text "\"\n"
#define BLUE T("_dmarc.example.com", "v=DMARC1; p=none")
#define RED "blue.example.com._report._dmarc.red.example.net"

static const struct {
	const char *name, *domain, *address, *zone, *want;
} targets[] = {
	{ "same name", "example.com", "d@example.com", "", "granted" },
	{ "same organization", "example.com", "d@reports.example.com", BLUE,
	    "granted" },
	{ "another one with the same end", "example.com", "d@notexample.com",
	    BLUE, "refused" },
	{ "agrees", "blue.example.com", "d@red.example.net",
	    BLUE T(RED, "v=DMARC1"), "granted" },
	{ "agrees with a semicolon, beside another record", "blue.example.com",
	    "d@red.example.net", BLUE T(RED, "v=spf1 -all") T(RED, "v=DMARC1;"),
	    "granted" },
	{ "another address there", "blue.example.com", "d@red.example.net",
	    BLUE T(RED, "v=DMARC1; rua=mailto:x@red.example.net"),
	    "granted x@red.example.net" },
	{ "another address elsewhere", "blue.example.com", "d@red.example.net",
	    BLUE T(RED, "v=DMARC1; rua=mailto:x@other.example"), "refused" },
	{ "another address for failure reports only", "blue.example.com",
	    "d@red.example.net",
	    BLUE T(RED, "v=DMARC1; ruf=mailto:x@red.example.net"), "granted" },
	{ "ruf: and that one for those", "blue.example.com",
	    "d@red.example.net",
	    BLUE T(RED,
		"v=DMARC1; rua=mailto:other@red.example.net; "
		"ruf=mailto:x@red.example.net"),
	    "granted x@red.example.net" },
	{ "no record", "blue.example.com", "d@red.example.net", BLUE,
	    "refused" },
	{ "junk only", "blue.example.com", "d@red.example.net",
	    BLUE T(RED, "v=spf1 -all"), "refused" },
	{ "everyone's collector", "blue.example.com", "d@red.example.net",
	    BLUE T("*._report._dmarc.red.example.net", "v=DMARC1"), "granted" },
	{ "the DNS does not answer", "blue.example.com", "d@red.example.net",
	    BLUE ";! servfail " RED "\n", "unknown" },
	{ "the organization is not known", "blue.example.com",
	    "d@red.example.net", ";! timeout _dmarc.example.com\n", "unknown" },
};

START_TEST(target)
{
	static const char *const words[] = { "granted", "refused", "unknown" };
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_auth_options o;
	char *error = NULL;
	struct mxa_dns *dns = mxa_dns_zone_text(
	    "zone", mxa_str_from(targets[_i].zone), NULL, &error);
	struct mxa_report_target t;
	struct mxa_budget *b;
	const char *got;

	ck_assert_msg(dns != NULL, "%s", error);
	mxa_auth_options_default(&o);
	b = mxa_budget_open(dns, 5000);
	mxa_report_target_verify(b, &o, a, mxa_str_from(targets[_i].domain),
	    mxa_str_from(targets[_i].address),
	    strncmp(targets[_i].name, "ruf:", 4) == 0, &t);
	got = words[t.permission];
	for (size_t i = 0; i < t.n_instead; i++)
		got = mxa_arena_printf(
		    a, "%s %.*s", got, MXA_STR_ARG(t.instead[i]));
	ck_assert_msg(strcmp(got, targets[_i].want) == 0, "%s: got %s, want %s",
	    targets[_i].name, got, targets[_i].want);
	ck_assert(t.permission == MXA_REPORT_GRANTED || t.why.len > 0);
	mxa_budget_close(b);
	mxa_dns_free(dns);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("report_address");
	TCase *tc = tcase_create("report_address");

	tcase_add_loop_test(tc, address, 0, MXA_ARRAY_LEN(uris));
	tcase_add_loop_test(tc, target, 0, MXA_ARRAY_LEN(targets));
	suite_add_tcase(s, tc);
	return test_main(s);
}
