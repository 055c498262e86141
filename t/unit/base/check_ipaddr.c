/* check_ipaddr.c - addresses and networks. */
#include "t/support/testing.h"

#include <arpa/inet.h>
#include <sys/socket.h>

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
	{ "::ffff:192.0.2.0/96", "203.0.113.9", true, true },
	{ "::ffff:192.0.2.0/95", NULL, false, false },
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

/* First and last address of each network and their neighbours. */
static const struct {
	const char *ip;
	bool loopback, private;
} ranges[] = {
	/* RFC 6890: "this host", private use, shared, loopback, link local */
	{ "0.0.0.0", false, true },
	{ "0.255.255.255", false, true },
	{ "1.0.0.0", false, false },
	{ "9.255.255.255", false, false },
	{ "10.0.0.0", false, true },
	{ "10.255.255.255", false, true },
	{ "11.0.0.0", false, false },
	{ "100.63.255.255", false, false },
	{ "100.64.0.0", false, true },
	{ "100.127.255.255", false, true },
	{ "100.128.0.0", false, false },
	{ "126.255.255.255", false, false },
	{ "127.0.0.0", true, true },
	{ "127.255.255.255", true, true },
	{ "128.0.0.0", false, false },
	{ "169.253.255.255", false, false },
	{ "169.254.0.0", false, true },
	{ "169.254.255.255", false, true },
	{ "169.255.0.0", false, false },
	{ "172.15.255.255", false, false },
	{ "172.16.0.0", false, true },
	{ "172.31.255.255", false, true },
	{ "172.32.0.0", false, false },
	{ "192.0.2.1", false, false },
	{ "192.167.255.255", false, false },
	{ "192.168.0.0", false, true },
	{ "192.168.255.255", false, true },
	{ "192.169.0.0", false, false },
	{ "::", false, true },
	{ "::1", true, true },
	{ "::2", false, false },
	{ "fbff::1", false, false },
	{ "fc00::", false, true },
	{ "fdff::1", false, true },
	{ "fe7f::1", false, false },
	{ "fe80::1", false, true },
	{ "febf::1", false, true },
	{ "fec0::1", false, false },
};

START_TEST(special_ranges)
{
	struct mxa_ip ip;

	ck_assert(mxa_ip_parse(mxa_str_from(ranges[_i].ip), &ip));
	ck_assert_msg(mxa_ip_is_loopback(&ip) == ranges[_i].loopback, "%s",
	    ranges[_i].ip);
	ck_assert_msg(
	    mxa_ip_is_private(&ip) == ranges[_i].private, "%s", ranges[_i].ip);
}
END_TEST

static const struct {
	const char *net, *first;
} networks[] = {
	{ "192.0.2.255/24", "192.0.2.0" },
	{ "192.0.2.255/32", "192.0.2.255" },
	{ "192.0.2.255/31", "192.0.2.254" },
	{ "192.0.2.255/25", "192.0.2.128" },
	{ "192.0.2.255/23", "192.0.2.0" },
	{ "192.0.3.255/23", "192.0.2.0" },
	{ "192.0.2.255/1", "128.0.0.0" },
	{ "192.0.2.255/0", "0.0.0.0" },
	{ "2001:db8::ffff/128", "2001:db8::ffff" },
	{ "2001:db8:ffff::ffff/33", "2001:db8:8000::" },
};

START_TEST(first_address_of_a_network)
{
	struct mxa_cidr net;
	char out[MXA_IP_TEXT];

	ck_assert(mxa_cidr_parse(mxa_str_from(networks[_i].net), &net));
	net = mxa_cidr_network(&net);
	ck_assert_str_eq(mxa_ip_format(&net.ip, out), networks[_i].first);
}
END_TEST

START_TEST(address_of_a_socket)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr un = { .sa_family = AF_UNIX };
	char out[MXA_IP_TEXT];
	struct mxa_ip ip;

	ck_assert_int_eq(inet_pton(AF_INET, "192.0.2.1", &in.sin_addr), 1);
	ck_assert(mxa_ip_from_sockaddr((struct sockaddr *)&in, &ip));
	ck_assert_str_eq(mxa_ip_format(&ip, out), "192.0.2.1");
	ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8::1", &in6.sin6_addr), 1);
	ck_assert(mxa_ip_from_sockaddr((struct sockaddr *)&in6, &ip));
	ck_assert_str_eq(mxa_ip_format(&ip, out), "2001:db8::1");
	/* neither has one */
	ck_assert(!mxa_ip_from_sockaddr(&un, &ip));
	ck_assert_str_eq(mxa_ip_format(&ip, out), "");
	ck_assert(!mxa_ip_from_sockaddr(NULL, &ip));
}
END_TEST

START_TEST(equal_addresses)
{
	static const char *const text[] = { "192.0.2.1", "192.0.2.2",
		"2001:db8::1", "2001:db8::2", "c000:201::" };
	struct mxa_ip a, b;

	for (size_t i = 0; i < MXA_ARRAY_LEN(text); i++)
		for (size_t j = 0; j < MXA_ARRAY_LEN(text); j++) {
			ck_assert(mxa_ip_parse(mxa_str_from(text[i]), &a));
			ck_assert(mxa_ip_parse(mxa_str_from(text[j]), &b));
			ck_assert_msg(mxa_ip_eq(&a, &b) == (i == j), "%s %s",
			    text[i], text[j]);
		}
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
	tcase_add_loop_test(tc, special_ranges, 0, MXA_ARRAY_LEN(ranges));
	tcase_add_loop_test(
	    tc, first_address_of_a_network, 0, MXA_ARRAY_LEN(networks));
	tcase_add_test(tc, address_of_a_socket);
	tcase_add_test(tc, equal_addresses);
	suite_add_tcase(s, tc);
	return test_main(s);
}
