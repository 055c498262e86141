/* check_spf_useless.c - terms that a proposal leaves out. */
#include "record/spf_useless.h"

#include "t/unit/record/spf_zone.h"

static const char zone[] =
    "d.example. A 192.0.2.1\nd.example. MX 10 m.example.\n"
    "d.example. TXT \"v=spf1 -all\"\n"
    "m.example. AAAA 2001:db8::1\n"
    "v6.example. AAAA 2001:db8::2\nv4.example. A 192.0.2.2\n"
    "null.example. MX 0 .\n"
    "dead.example. MX 10 gone.example.\ndead.example. MX 20 .\n"
    "half.example. MX 10 gone.example.\nhalf.example. MX 20 v4.example.\n"
    "many.example. MX 1 g1.example.\nmany.example. MX 2 g2.example.\n"
    "many.example. MX 3 g3.example.\nmany.example. MX 4 g4.example.\n"
    "many.example. MX 5 g5.example.\nmany.example. MX 6 g6.example.\n"
    "many.example. MX 7 g7.example.\nmany.example. MX 8 g8.example.\n"
    "many.example. MX 9 g9.example.\nmany.example. MX 10 ga.example.\n"
    "many.example. MX 11 gb.example.\n"
    "ok.example. TXT \"v=spf1 ip4:198.51.100.1 -all\"\n"
    "two.example. TXT \"v=spf1 -all\"\ntwo.example. TXT \"v=spf1 ~all\"\n"
    "text.example. TXT \"hello\"\n"
    "back.example. TXT \"v=spf1 include:back2.example -all\"\n"
    "back2.example. TXT \"v=spf1 redirect=D.example\"\n"
    "ended.example. TXT \"v=spf1 -all redirect=d.example\"\n"
    "own.example. TXT \"v=spf1 include:own.example -all\"\n"
    ";! servfail broken.example\n";

static struct spf_zone z;
static struct mxa_spf_words w;

static void setup(void)
{
	zone_open(&z, zone);
}

static void teardown(void)
{
	zone_close(&z);
}

/* The first of the terms is judged, unless 'at' says another. */
static const struct {
	const char *terms;
	size_t at;
	enum mxa_spf_useless why;
} rows[] = {
	{ "ip4:192.0.2.1 -all", 0, MXA_SPF_USEFUL },
	{ "-all", 0, MXA_SPF_USEFUL },
	{ "all all", 1, MXA_SPF_USEFUL },
	{ "x=y -all", 0, MXA_SPF_UNKNOWN_MODIFIER },
	{ "exp=gone.example -all", 0, MXA_SPF_USEFUL },
	{ "a +A -all", 1, MXA_SPF_REPEATED },
	{ "a a:d.example -all", 1, MXA_SPF_USEFUL },
	{ "redirect=ok.example -all", 0, MXA_SPF_REDIRECT_IGNORED },
	{ "redirect=ok.example", 0, MXA_SPF_USEFUL },
	{ "redirect=text.example", 0, MXA_SPF_NO_TARGET },
	{ "ptr -all", 0, MXA_SPF_PTR },
	{ "?ptr:d.example -all", 0, MXA_SPF_PTR },
	{ "ip4:10.1.2.3 -all", 0, MXA_SPF_PRIVATE },
	{ "ip4:192.168.0.0/16 -all", 0, MXA_SPF_PRIVATE },
	{ "ip4:192.168.0.0/15 -all", 0, MXA_SPF_USEFUL },
	{ "ip6:fd00::1 -all", 0, MXA_SPF_PRIVATE },
	{ "ip6:2001:db8::1 -all", 0, MXA_SPF_USEFUL },
	{ "a -all", 0, MXA_SPF_USEFUL },
	{ "a:v4.example -all", 0, MXA_SPF_USEFUL },
	{ "a:v6.example -all", 0, MXA_SPF_USEFUL },
	{ "a:gone.example -all", 0, MXA_SPF_NO_ADDRESS },
	{ "a:ok.example -all", 0, MXA_SPF_NO_ADDRESS },
	{ "a:broken.example -all", 0, MXA_SPF_USEFUL },
	{ "mx -all", 0, MXA_SPF_USEFUL },
	{ "mx:gone.example -all", 0, MXA_SPF_NO_ADDRESS },
	{ "mx:null.example -all", 0, MXA_SPF_NO_ADDRESS },
	{ "mx:dead.example -all", 0, MXA_SPF_NO_ADDRESS },
	{ "mx:half.example -all", 0, MXA_SPF_USEFUL },
	/* more than ten hosts are another mistake */
	{ "mx:many.example -all", 0, MXA_SPF_USEFUL },
	{ "mx:broken.example -all", 0, MXA_SPF_USEFUL },
	{ "exists:gone.example -all", 0, MXA_SPF_NO_ADDRESS },
	{ "exists:v4.example -all", 0, MXA_SPF_USEFUL },
	{ "exists:v6.example -all", 0, MXA_SPF_NO_ADDRESS },
	{ "exists:%{i}.gone.example -all", 0, MXA_SPF_USEFUL },
	{ "include:ok.example -all", 0, MXA_SPF_USEFUL },
	{ "include:two.example -all", 0, MXA_SPF_USEFUL },
	{ "include:text.example -all", 0, MXA_SPF_NO_TARGET },
	{ "include:gone.example -all", 0, MXA_SPF_NO_TARGET },
	{ "include:broken.example -all", 0, MXA_SPF_USEFUL },
	{ "include:d.example -all", 0, MXA_SPF_LOOP },
	{ "include:back.example -all", 0, MXA_SPF_LOOP },
	{ "redirect=back.example", 0, MXA_SPF_LOOP },
	{ "include:ended.example -all", 0, MXA_SPF_USEFUL },
	/* a circle of others, which does not come back here */
	{ "include:own.example -all", 0, MXA_SPF_USEFUL },
	{ "nonsense: -all", 0, MXA_SPF_USEFUL },
};

START_TEST(judges)
{
	mxa_spf_words_read(&w, z.a, mxa_str_from(rows[_i].terms));
	ck_assert_int_eq(
	    mxa_spf_useless_word(&z.env, MXA_STR("d.example"), &w, rows[_i].at),
	    rows[_i].why);
}
END_TEST

static const struct {
	const char *ip;
	unsigned bits;
	bool private;
} networks[] = {
	{ "10.0.0.0", 8, true },
	{ "10.0.0.0", 7, false },
	{ "172.16.0.0", 12, true },
	{ "172.16.0.0", 11, false },
	{ "172.31.255.255", 32, true },
	{ "172.32.0.0", 32, false },
	{ "192.168.3.0", 24, true },
	{ "192.0.2.1", 32, false },
	{ "127.0.0.1", 32, true },
	{ "fc00::", 7, true },
	{ "fc00::", 6, false },
	{ "2001:db8::", 32, false },
};

START_TEST(knows_private)
{
	struct mxa_ip ip = ip_of(networks[_i].ip);

	ck_assert_int_eq(
	    mxa_spf_is_private(&ip, networks[_i].bits), networks[_i].private);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spf_useless");
	TCase *tc = tcase_create("terms");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, judges, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, knows_private, 0, MXA_ARRAY_LEN(networks));
	suite_add_tcase(s, tc);
	return test_main(s);
}
