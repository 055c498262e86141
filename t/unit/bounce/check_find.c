/* check_find.c - addresses, hosts and domains in words. */
#include "bounce/find.h"

#include "t/support/testing.h"

static const struct {
	const char *in, *want;
} addresses[] = {
	{ "u@d.example", "u@d.example" },
	{ "<u@d.example>:", "u@d.example" },
	{ "to u@d.example.", "u@d.example" },
	{ "Name <first.last+x@d.example> said", "first.last+x@d.example" },
	{ "u@ d.example> said", "u@ d.example" },
	{ "ü@müller.example", "ü@müller.example" },
	{ "@d.example", "" },
	{ "u@", "" },
	{ "no address", "" },
	{ "", "" },
};

START_TEST(finds_addresses)
{
	size_t end;

	ck_str_is(mxa_find_address(mxa_str_from(addresses[_i].in), &end),
	    addresses[_i].want);
}
END_TEST

static const struct {
	const char *in, *want;
} domains[] = {
	{ "<u@D.example>.", "d.example" },
	{ "[d.example] did", "d.example" },
	{ "d.example, then", "d.example" },
	{ "user%40d.example&ip=1", "d.example" },
	{ "192.0.2.1", "" },
	{ "localhost", "" },
	{ "", "" },
};

START_TEST(finds_domains)
{
	struct mxa_arena *a = mxa_arena_new();

	ck_str_is(
	    mxa_domain_at(a, mxa_str_from(domains[_i].in)), domains[_i].want);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *in, *want;
} hosts[] = {
	{ "MX.d.example[192.0.2.1] said", "mx.d.example" },
	{ "mx.d.example.", "mx.d.example" },
	{ "192.0.2.1", "" },
	{ "mx", "" },
	{ "-x.d.example", "" },
	{ "メール.example", "" },
	{ "", "" },
};

START_TEST(finds_hosts)
{
	struct mxa_arena *a = mxa_arena_new();

	ck_str_is(mxa_host_at(a, mxa_str_from(hosts[_i].in)), hosts[_i].want);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *in;
	size_t at;
	const char *want;
} ips[] = {
	{ "192.0.2.1", 0, "192.0.2.1" },
	{ "[192.0.2.1]", 1, "192.0.2.1" },
	{ "192.0.2.1.", 0, "192.0.2.1" },
	{ "2001:db8::1 x", 0, "2001:db8::1" },
	{ "v192.0.2.1", 1, "" },
	{ "192.0.2.1x", 0, "" },
	{ "5.7.26", 0, "" },
	{ "::", 0, "" },
};

START_TEST(finds_ips)
{
	char text[MXA_IP_TEXT] = "";
	struct mxa_ip ip;

	if (mxa_ip_at(mxa_str_from(ips[_i].in), ips[_i].at, &ip))
		mxa_ip_format(&ip, text);
	ck_assert_str_eq(text, ips[_i].want);
}
END_TEST

START_TEST(paragraphs_end_at_blank_lines)
{
	struct mxa_str s = MXA_STR("\n\na\nb\n \nc\n\n\n"), p;
	size_t at = 0;

	ck_assert(mxa_next_paragraph(s, &at, &p));
	ck_str_is(p, "a\nb\n");
	ck_assert(mxa_next_paragraph(s, &at, &p));
	ck_str_is(p, "c\n");
	ck_assert(!mxa_next_paragraph(s, &at, &p));
}
END_TEST

#define N_ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("find");
	TCase *tc = tcase_create("find");

	tcase_add_loop_test(tc, finds_addresses, 0, N_ROWS(addresses));
	tcase_add_loop_test(tc, finds_domains, 0, N_ROWS(domains));
	tcase_add_loop_test(tc, finds_hosts, 0, N_ROWS(hosts));
	tcase_add_loop_test(tc, finds_ips, 0, N_ROWS(ips));
	tcase_add_test(tc, paragraphs_end_at_blank_lines);
	suite_add_tcase(s, tc);
	return test_main(s);
}
