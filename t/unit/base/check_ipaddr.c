/* check_ipaddr.c - addresses and networks. */
#include "t/support/testing.h"

#include "base/ipaddr.h"

static const struct {
	const char *in, *out; /* out NULL: not an address */
	int family;
} texts[] = {
	{ "192.0.2.1", "192.0.2.1", 4 },
	{ "0.0.0.0", "0.0.0.0", 4 },
	{ "255.10.100.99", "255.10.100.99", 4 },
	{ "9.109.200.205", "9.109.200.205", 4 },
	{ "::ffff:192.0.2.1", "192.0.2.1", 4 },
	{ "2001:DB8::1", "2001:db8::1", 6 },
	{ "IPv6:2001:db8::1", "2001:db8::1", 6 },
	{ "::1", "::1", 6 },
	{ "192.0.2", NULL, 0 },
	{ "192.0.2.256", NULL, 0 },
	{ "192.0.2.01", NULL, 0 },
	{ "192.0.2.1 ", NULL, 0 },
	{ "2001:db8::g", NULL, 0 },
	{ "fe80::1%eth0", NULL, 0 },
	{ "", NULL, 0 },
};

START_TEST(text_to_address_and_back)
{
	struct mxa_ip ip = { 0 };
	char out[MXA_IP_TEXT];
	bool ok = mxa_ip_parse(mxa_str_from(texts[_i].in), &ip);

	ck_assert_msg(ok == (texts[_i].out != NULL), "%s", texts[_i].in);
	if (!ok)
		return;
	ck_assert_int_eq(ip.family, texts[_i].family);
	ck_assert_str_eq(mxa_ip_format(&ip, out), texts[_i].out);
}
END_TEST

static const struct {
	const char *net, *ip;
	bool valid, has;
} nets[] = {
	{ "192.0.2.0/24", "192.0.2.255", true, true },
	{ "192.0.2.0/24", "192.0.3.0", true, false },
	{ "192.0.2.128/25", "192.0.2.127", true, false },
	{ "192.0.2.128/25", "192.0.2.128", true, true },
	{ "192.0.2.7", "192.0.2.7", true, true },
	{ "0.0.0.0/0", "203.0.113.9", true, true },
	{ "0.0.0.0/0", "2001:db8::1", true, false },
	{ "2001:db8::/33", "2001:db8:7fff::1", true, true },
	{ "2001:db8::/33", "2001:db8:8000::1", true, false },
	{ "::ffff:192.0.2.0/120", "192.0.2.200", true, true },
	{ "192.0.2.0/33", NULL, false, false },
	{ "192.0.2.0/", NULL, false, false },
	{ "2001:db8::/129", NULL, false, false },
	{ "example.com/24", NULL, false, false },
};

START_TEST(networks_contain_addresses)
{
	struct mxa_cidr net;
	struct mxa_ip ip;

	ck_assert_msg(
	    mxa_cidr_parse(mxa_str_from(nets[_i].net), &net) == nets[_i].valid,
	    "%s", nets[_i].net);
	if (!nets[_i].valid)
		return;
	ck_assert(mxa_ip_parse(mxa_str_from(nets[_i].ip), &ip));
	ck_assert_msg(mxa_cidr_has(&net, &ip) == nets[_i].has, "%s in %s",
	    nets[_i].ip, nets[_i].net);
}
END_TEST

START_TEST(reverse_names)
{
	struct mxa_ip ip;
	char out[MXA_IP_REVERSE];

	ck_assert(mxa_ip_parse(MXA_STR("192.0.2.3"), &ip));
	ck_assert_str_eq(mxa_ip_reverse(&ip, out), "3.2.0.192.in-addr.arpa");
	ck_assert(mxa_ip_parse(MXA_STR("2001:db8::cb01"), &ip));
	ck_assert_str_eq(mxa_ip_reverse(&ip, out),
	    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	    "8.b.d.0.1.0.0.2.ip6.arpa");
}
END_TEST

START_TEST(special_ranges)
{
	struct mxa_ip ip;

	ck_assert(mxa_ip_parse(MXA_STR("127.9.9.9"), &ip));
	ck_assert(mxa_ip_is_loopback(&ip) && mxa_ip_is_private(&ip));
	ck_assert(mxa_ip_parse(MXA_STR("::1"), &ip));
	ck_assert(mxa_ip_is_loopback(&ip));
	ck_assert(mxa_ip_parse(MXA_STR("172.31.0.1"), &ip));
	ck_assert(mxa_ip_is_private(&ip) && !mxa_ip_is_loopback(&ip));
	ck_assert(mxa_ip_parse(MXA_STR("172.32.0.1"), &ip));
	ck_assert(!mxa_ip_is_private(&ip));
	ck_assert(mxa_ip_parse(MXA_STR("192.0.2.1"), &ip));
	ck_assert(!mxa_ip_is_private(&ip));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ipaddr");
	TCase *tc = tcase_create("ipaddr");

	tcase_add_loop_test(
	    tc, text_to_address_and_back, 0, MXA_ARRAY_LEN(texts));
	tcase_add_loop_test(
	    tc, networks_contain_addresses, 0, MXA_ARRAY_LEN(nets));
	tcase_add_test(tc, reverse_names);
	tcase_add_test(tc, special_ranges);
	suite_add_tcase(s, tc);
	return test_main(s);
}
