/* check_find.c - addresses, hosts and domains in words. */
#include "bounce/find.h"

#include "base/attr.h"
#include "t/support/testing.h"

static const struct {
	const char *in, *want;
} addresses[] = {
	{ "u@d.example", "u@d.example" },
	{ "<u@d.example>:", "u@d.example" },
	{ "to u@d.example.", "u@d.example" },
	{ "Name <first.last+x@d.example> said", "first.last+x@d.example" },
	{ "u@ d.example> said", "u@ d.example" },
	{ "u@ d.example said", "" },
	{ "u@ 89012345678901234567890123456789012345678901234567890123456789"
	  "0123456789012345>",
	    "u@ 89012345678901234567890123456789012345678901234567890123456789"
	    "0123456789012345" },
	{ "u@ 89012345678901234567890123456789012345678901234567890123456789"
	  "0123456789012345678>",
	    "" },
	{ "ü@müller.example", "ü@müller.example" },
	{ "À@Àb.example", "À@Àb.example" }, /* U+00C0: it ends in 0x80 */
	{ "u@d.example-", "u@d.example" },
	{ "u@d.example..., v@d.example", "u@d.example" },
	{ "u@@d.example", "" },
	{ "u@  d.example> v@d.example", "v@d.example" },
	{ "x<!#$%&'*+-/=?^_`{|}~.@d.example",
	    "!#$%&'*+-/=?^_`{|}~.@d.example" },
	{ "x,u@d_1.example,y", "u@d_1.example" },
	{ "@d.example", "" },
	{ "u@", "" },
	{ "no address", "" },
	{ "", "" },
};

START_TEST(finds_addresses)
{
	size_t end;

	struct mxa_str in = mxa_str_from(addresses[_i].in);
	struct mxa_str found = mxa_find_address(in, &end);

	ck_str_is(found, addresses[_i].want);
	/* to go on behind it */
	ck_assert_uint_ge(end, found.len);
	ck_assert_uint_le(end, in.len);
	if (found.len > 0)
		ck_assert_ptr_eq(found.p + found.len, in.p + end);
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
	{ "(d.example)", "d.example" },
	{ "'d.example'", "d.example" },
	{ "<[d.example]>", "d.example" },
	{ "d.example: no", "d.example" },
	{ "d.example;x", "d.example" },
	{ "d.example...", "d.example" },
	{ "u@v@d.example", "d.example" },
	{ "d.example!", "d.example" },
	{ "a.bc", "a.bc" },
	{ "a.b", "" },
	{ "<[\"d.example\"]>", "" },
	{ "x.123", "" },
	{ " d.example", "" },
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
	{ "mx_1.d.example", "" },
	{ "mx.d.example...", "mx.d.example" },
	{ " mx.d.example", "" },
	{ "a.b", "a.b" },
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
	{ "x.192.0.2.1", 2, "" },
	{ "-192.0.2.1", 1, "" },
	{ "_192.0.2.1", 1, "" },
	{ "192.0.2.1-2", 0, "" },
	{ "192.0.2.1_2", 0, "" },
	{ "192.0.2.1/24", 0, "192.0.2.1" },
	{ "2001:db8::1:", 0, "2001:db8::1" },
	{ "2001:db8::", 0, "2001:db8::" },
	{ "2001:db8::1.", 0, "2001:db8::1" },
	{ "::", 0, "" },
	{ "::1", 0, "" },
	{ "a::b", 0, "" },
	{ "a::bc", 0, "a::bc" },
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

static const struct {
	const char *in, *want;
} domains_of[] = {
	{ "u@D.example", "d.example" },
	{ " <u@d.example> ", "d.example" },
	{ "\"u@d.example\"", "d.example" },
	{ "@d.example", "d.example" },
	{ "d.example", "d.example" },
	{ "u@müller.example", "xn--mller-kva.example" },
	{ "u@", "" },
	{ "\"", "" },
	{ "", "" },
};

START_TEST(domains_of_addresses)
{
	struct mxa_arena *a = mxa_arena_new();

	ck_str_is(mxa_domain_of(a, mxa_str_from(domains_of[_i].in)),
	    domains_of[_i].want);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *in, *want;
} after[] = {
	{ "host mx.d.example said", "mx.d.example" },
	{ "Host\n\tmx.d.example said", "mx.d.example" },
	{ "hosting host mx.d.example", "mx.d.example" },
	{ "host x, host mx.d.example", "mx.d.example" },
	{ "server:mx.d.example", "mx.d.example" },
	{ "server:mx1.d.example, host mx2.d.example", "mx2.d.example" },
	{ "hostmx.d.example", "" },
	{ "the host", "" },
	{ "", "" },
};

START_TEST(hosts_after_words)
{
	static const char *const before[] = { "host ", "server:", NULL };
	struct mxa_arena *a = mxa_arena_new();

	ck_str_is(mxa_host_after(a, mxa_str_from(after[_i].in), before),
	    after[_i].want);
	mxa_arena_free(a);
}
END_TEST

/* What stands behind the slice is not looked at. */
START_TEST(slices_end)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str s = MXA_STR("u@d.example.net");
	struct mxa_ip ip;
	size_t end;

	ck_str_is(mxa_find_address(mxa_str_sub(s, 0, 11), &end), "u@d.example");
	ck_str_is(mxa_domain_at(a, mxa_str_sub(s, 2, 11)), "d.example");
	ck_str_is(mxa_host_at(a, mxa_str_sub(s, 2, 11)), "d.example");
	ck_assert(mxa_ip_at(mxa_str_make("192.0.2.12x", 9), 0, &ip));
	mxa_arena_free(a);
}
END_TEST

/* NUL is no sign, and no byte of a name. */
START_TEST(nul_is_no_sign)
{
	static const char text[] = "<\0d.example";
	struct mxa_arena *a = mxa_arena_new();
	size_t end;

	ck_str_is(mxa_domain_at(a, mxa_str_make(text, 11)), "");
	ck_str_is(mxa_domain_at(a, mxa_str_make(text + 1, 10)), "");
	ck_str_is(mxa_domain_at(a, mxa_str_make("d.ex\0x", 6)), "d.ex");
	ck_str_is(mxa_find_address(mxa_str_make("x\0u@d.example\0x", 15), &end),
	    "u@d.example");
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *in, *want;
} mail_from[] = {
	{ "after MAIL FROM:<u@d.example> SIZE=1: 550", "u@d.example" },
	{ ">>> MAIL From:<u@d.example>", "u@d.example" },
	{ "MAIL FROM:<>", "" },
	{ "MAIL FROM:<u@d.example", "u@d.example" },
	{ "MAIL FROM u@d.example", "" },
	{ "", "" },
};

START_TEST(finds_mail_from)
{
	ck_str_is(mxa_find_mail_from(mxa_str_from(mail_from[_i].in)),
	    mail_from[_i].want);
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
	tcase_add_loop_test(tc, domains_of_addresses, 0, N_ROWS(domains_of));
	tcase_add_loop_test(tc, hosts_after_words, 0, N_ROWS(after));
	tcase_add_test(tc, slices_end);
	tcase_add_test(tc, nul_is_no_sign);
	tcase_add_loop_test(tc, finds_mail_from, 0, N_ROWS(mail_from));
	tcase_add_test(tc, paragraphs_end_at_blank_lines);
	suite_add_tcase(s, tc);
	return test_main(s);
}
