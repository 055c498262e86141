/* check_spf_try.c - records evaluated before they are published. */
#include "record/spf_try.h"

#include "t/unit/record/spf_zone.h"

static const char zone[] =
    "d.example. TXT \"v=spf1 -all\"\n"
    "net.example. TXT \"v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 -all\"\n"
    "open.example. TXT \"v=spf1 +all\"\n"
    "open6.example. TXT \"v=spf1 ip4:192.0.2.1 ip6:::/0 -all\"\n"
    "broken.example. TXT \"v=spf1 ip4:192.0.2.5 include:gone.example -all\"\n"
    "half.example. TXT \"v=spf1 ip4:128.0.0.0/1 -all\"\n"
    "cgn.example. TXT \"v=spf1 ip4:100.64.0.0/10 -all\"\n"
    "bench.example. TXT \"v=spf1 ip4:198.18.0.0/15 -all\"\n"
    "discard.example. TXT \"v=spf1 ip6:100::/64 -all\"\n"
    "bench6.example. TXT \"v=spf1 ip6:2001:2::/48 -all\"\n"
    "bad.example. TXT \"v=spf1 ip4:1 -all\"\n"
    "h1.example. A 192.0.2.1\nh2.example. A 192.0.2.1\n"
    "h3.example. A 192.0.2.1\n"
    ";! servfail broken.example\n";

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
	const char *record;
	const char *ip; /* "": none must pass */
	bool stands;
	enum mxa_spf_result result; /* of the trial that failed */
} trials[] = {
	{ "v=spf1 ip4:192.0.2.1 -all", "192.0.2.1", true, MXA_SPF_FAIL },
	{ "v=spf1 ip4:192.0.2.1 -all", "192.0.2.2", false, MXA_SPF_FAIL },
	{ "v=spf1 ip4:192.0.2.1 ~all", "192.0.2.2", false, MXA_SPF_SOFTFAIL },
	{ "v=spf1 ip4:192.0.2.1 -all", "", true, MXA_SPF_FAIL },
	{ "v=spf1 ip4:192.0.2.1 ?all", "192.0.2.1", true, MXA_SPF_NEUTRAL },
	{ "v=spf1 +all", "192.0.2.1", false, MXA_SPF_PASS },
	{ "v=spf1 include:net.example -all", "198.51.100.7", true,
	    MXA_SPF_FAIL },
	{ "v=spf1 include:open.example -all", "192.0.2.1", false,
	    MXA_SPF_PASS },
	{ "v=spf1 include:open6.example -all", "192.0.2.1", false,
	    MXA_SPF_PASS },
	{ "v=spf1 include:half.example -all", "192.0.2.1", false,
	    MXA_SPF_PASS },
	{ "v=spf1 include:cgn.example -all", "", false, MXA_SPF_PASS },
	{ "v=spf1 include:bench.example -all", "", false, MXA_SPF_PASS },
	{ "v=spf1 include:discard.example -all", "", false, MXA_SPF_PASS },
	{ "v=spf1 include:bench6.example -all", "", false, MXA_SPF_PASS },
	{ "v=spf1 ip4:192.0.2.1 include:bad.example -all", "192.0.2.1", false,
	    MXA_SPF_PERMERROR },
	{ "v=spf1 ip4:192.0.2.1 include:broken.example -all", "192.0.2.1",
	    false, MXA_SPF_TEMPERROR },
	{ "v=spf1 ip4:192.0.2.1 nonsense -all", "", false, MXA_SPF_PERMERROR },
	/* three void lookups over IPv6 are no reason against it, but a sender
	 * there must pass; over IPv4 they are */
	{ "v=spf1 a:h1.example a:h2.example a:h3.example -all", "192.0.2.1",
	    true, MXA_SPF_FAIL },
	{ "v=spf1 a:h1.example a:h2.example a:h3.example ip6:2001:db8::1 -all",
	    "2001:db8::1", false, MXA_SPF_PERMERROR },
	{ "v=spf1 a:x1.example a:x2.example a:x3.example -all", "", false,
	    MXA_SPF_PERMERROR },
};

START_TEST(stands)
{
	struct mxa_ip ip = { .family = 0 };
	struct mxa_trial t;
	size_t n = trials[_i].ip[0] != '\0';

	if (n > 0)
		ip = ip_of(trials[_i].ip);
	ck_assert_int_eq(mxa_spf_stands(&z.env, MXA_STR("d.example"),
			     mxa_str_from(trials[_i].record), &ip, n, &t),
	    trials[_i].stands);
	if (!trials[_i].stands)
		ck_assert_int_eq(t.result, trials[_i].result);
}
END_TEST

/* Every address must pass, not only the first. */
START_TEST(stands_for_all)
{
	struct mxa_ip ip[] = { ip_of("192.0.2.1"), ip_of("192.0.2.2") };
	struct mxa_str record = MXA_STR("v=spf1 ip4:192.0.2.1 -all");
	struct mxa_trial t;

	ck_assert(
	    mxa_spf_stands(&z.env, MXA_STR("d.example"), record, ip, 1, &t));
	ck_assert(
	    !mxa_spf_stands(&z.env, MXA_STR("d.example"), record, ip, 2, &t));
}
END_TEST

/* The trial tells what decided; other names are asked as they are. */
START_TEST(tells_why)
{
	struct mxa_ip ip = ip_of("192.0.2.1");
	struct mxa_trial t;

	mxa_spf_try(&z.env, MXA_STR("d.example"),
	    MXA_STR("v=spf1 include:net.example a:h1.example -all"), &ip, &t);
	ck_assert_int_eq(t.result, MXA_SPF_PASS);
	ck_assert_uint_eq(t.lookups, 2);
	ck_str_is(t.term, "a:h1.example");
	ck_str_is(t.owner, "d.example");
	mxa_spf_try(&z.env, MXA_STR("d.example"),
	    MXA_STR("v=spf1 include:gone.example -all"), &ip, &t);
	ck_assert_int_eq(t.result, MXA_SPF_PERMERROR);
	ck_assert_int_eq(t.cause, MXA_SPF_CAUSE_NO_TARGET);
	/* a name that can have no record */
	mxa_spf_try(&z.env, MXA_STR(""), MXA_STR("v=spf1 +all"), &ip, &t);
	ck_assert_int_eq(t.result, MXA_SPF_NONE);
}
END_TEST

static const struct {
	const char *domain, *ip;
	bool covers;
} covered[] = {
	{ "net.example", "198.51.100.7", true },
	{ "net.example", "2001:db8::7", true },
	{ "net.example", "192.0.2.7", false },
	{ "open.example", "198.51.100.7", false },
	{ "open6.example", "2001:db8::7", false },
	{ "open6.example", "192.0.2.1", true },
	{ "h1.example", "192.0.2.1", false },
	/* it passes, but is broken behind the term that lets it pass */
	{ "broken.example", "192.0.2.5", false },
	{ "broken.example", "192.0.2.6", false },
};

START_TEST(covers)
{
	struct mxa_ip ip = ip_of(covered[_i].ip);

	ck_assert_int_eq(
	    mxa_spf_covers(&z.env, mxa_str_from(covered[_i].domain), &ip),
	    covered[_i].covers);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spf_try");
	TCase *tc = tcase_create("trials");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, stands, 0, MXA_ARRAY_LEN(trials));
	tcase_add_test(tc, stands_for_all);
	tcase_add_test(tc, tells_why);
	tcase_add_loop_test(tc, covers, 0, MXA_ARRAY_LEN(covered));
	suite_add_tcase(s, tc);
	return test_main(s);
}
