/* check_spf_provider.c - whose servers an address belongs to. */
#include "record/spf_provider.h"

#include "t/unit/record/spf_zone.h"

static const char zone[] =
    "d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "www.d.example. A 192.0.2.1\n"
    "isp.example. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n"
    "1.100.51.198.in-addr.arpa. PTR out1.mail.isp.example.\n"
    "2.100.51.198.in-addr.arpa. PTR host.d.example.\n"
    "3.100.51.198.in-addr.arpa. PTR a.gone.example.\n"
    "3.100.51.198.in-addr.arpa. PTR b.isp.example.\n"
    "4.100.51.198.in-addr.arpa. PTR a.b.c.d.e.f.isp.example.\n"
    "5.100.51.198.in-addr.arpa. PTR a.b.c.d.e.isp.example.\n"
    "host.d.example. TXT \"v=spf1 ip4:198.51.100.2 -all\"\n"
    /* a host of Google's, as far as names tell */
    "1.113.0.203.in-addr.arpa. PTR mail-1.google.com.\n"
    "2.113.0.203.in-addr.arpa. PTR mail-2.google.com.\n"
    "google.com. TXT \"v=spf1 ip4:203.0.113.0/24 -all\"\n"
    "_spf.google.com. TXT \"v=spf1 ip4:203.0.113.1 -all\"\n"
    "example. TXT \"v=spf1 ip4:198.51.100.9 -all\"\n"
    "9.100.51.198.in-addr.arpa. PTR out.example.\n";

static struct spf_zone z;

static void setup(void)
{
	zone_open(&z, zone);
}

static void teardown(void)
{
	zone_close(&z);
}

static const struct {
	const char *domain, *ip, *relay, *want;
} providers[] = {
	{ "d.example", "198.51.100.1", "", "isp.example" },
	/* a host of the domain itself */
	{ "d.example", "198.51.100.2", "", "" },
	{ "www.d.example", "198.51.100.2", "", "host.d.example" },
	/* the second name */
	{ "d.example", "198.51.100.3", "", "isp.example" },
	/* six labels at most */
	{ "d.example", "198.51.100.4", "", "" },
	{ "d.example", "198.51.100.5", "", "isp.example" },
	/* no name: by the relay */
	{ "d.example", "198.51.100.6", "", "" },
	{ "d.example", "198.51.100.6", "smtp.isp.example", "isp.example" },
	{ "d.example", "192.0.2.9", "smtp.isp.example", "" },
	/* what the provider documents, when it covers the address */
	{ "d.example", "203.0.113.1", "", "_spf.google.com" },
	{ "d.example", "203.0.113.2", "", "google.com" },
	{ "mail.google.com", "203.0.113.1", "", "_spf.google.com" },
	/* a name above the domain, and a top-level domain */
	{ "d.isp.example", "198.51.100.1", "", "" },
	{ "d.example", "198.51.100.9", "", "" },
};

START_TEST(finds_provider)
{
	struct mxa_ip ip = ip_of(providers[_i].ip);

	ck_str_is(mxa_spf_provider(&z.env, mxa_str_from(providers[_i].domain),
		      &ip, mxa_str_from(providers[_i].relay)),
	    providers[_i].want);
}
END_TEST

static const struct {
	const char *domain, *ip, *want;
} parents[] = {
	{ "www.d.example", "192.0.2.1", "d.example" },
	{ "a.b.d.example", "192.0.2.1", "d.example" },
	{ "www.d.example", "192.0.2.2", "" },
	{ "d.example", "192.0.2.1", "" },
	/* not a top-level domain */
	{ "www.example", "198.51.100.9", "" },
};

START_TEST(finds_parent)
{
	struct mxa_ip ip = ip_of(parents[_i].ip);

	ck_str_is(mxa_spf_parent(&z.env, mxa_str_from(parents[_i].domain), &ip),
	    parents[_i].want);
}
END_TEST

static const struct {
	const char *host, *want;
} documented[] = {
	{ "mail-1.google.com", "_spf.google.com" },
	{ "google.com", "_spf.google.com" },
	{ "notgoogle.com", "" },
	{ "a.outbound.protection.outlook.com", "spf.protection.outlook.com" },
	{ "outlook.com", "" },
	{ "d.example", "" },
};

START_TEST(knows_documented)
{
	ck_str_is(mxa_spf_documented(mxa_str_from(documented[_i].host)),
	    documented[_i].want);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spf_provider");
	TCase *tc = tcase_create("providers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, finds_provider, 0, MXA_ARRAY_LEN(providers));
	tcase_add_loop_test(tc, knows_documented, 0, MXA_ARRAY_LEN(documented));
	tcase_add_loop_test(tc, finds_parent, 0, MXA_ARRAY_LEN(parents));
	suite_add_tcase(s, tc);
	return test_main(s);
}
