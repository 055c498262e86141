/* check_slips.c - what people write in place of SPF and DMARC. */
#include "record/slips.h"
#include "t/support/testing.h"

static struct mxa_arena *a;
static struct mxa_spf_words w;
static struct mxa_slip slip[MXA_MAX_SLIPS];

static void setup(void)
{
	a = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(a);
}

/* Terms after "v=spf1", what becomes of them, and the number of changes. */
static const struct {
	const char *terms, *want;
	size_t n;
} repairs[] = {
	{ "mx ip4:192.0.2.1 -all", "mx ip4:192.0.2.1 -all", 0 },
	{ "exists:%{i}.example.com -all", "exists:%{i}.example.com -all", 0 },
	{ "a:%{d2}/24 x=y", "a:%{d2}/24 x=y", 0 },
	/* the end */
	{ "mx all-", "mx -all", 1 },
	{ "mx all~", "mx ~all", 1 },
	{ "mx all?", "mx ?all", 1 },
	{ "mx --all", "mx -all", 1 },
	{ "mx ~~all", "mx ~all", 1 },
	{ "mx -~all", "mx ~all", 1 },
	{ "mx _all", "mx -all", 1 },
	{ "mx -al", "mx -all", 1 },
	{ "mx ~al", "mx ~all", 1 },
	{ "mx -alll", "mx -all", 1 },
	{ "mx ~alll", "mx ~all", 1 },
	{ "mx -all:", "mx -all", 1 },
	{ "mx ~all:", "mx ~all", 1 },
	{ "mx -all,", "mx -all", 1 },
	{ "mx \xe2\x80\x93"
	  "all",
	    "mx -all", 1 },
	{ "mx \xe2\x80\x94"
	  "all",
	    "mx -all", 1 },
	{ "mx \xe2\x88\x92"
	  "all",
	    "mx -all", 1 },
	{ "mx - all", "mx -all", 1 },
	{ "mx ~ all", "mx ~all", 1 },
	{ "mx all -", "mx -all", 1 },
	{ "all -", "-all", 1 },
	{ "mx all ~", "mx ~all", 1 },
	{ "mx -", "mx", 1 },
	{ "- mx", "-mx", 1 },
	{ "mx-all", "mx -all", 1 },
	{ "ip4:192.0.2.1~all", "ip4:192.0.2.1 ~all", 1 },
	{ "xyz-all", "", 1 },
	/* names of mechanisms */
	{ "ipv4:192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "IPV4:192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "-ipv4:192.0.2.1", "-ip4:192.0.2.1", 1 },
	{ "~192.0.2.1", "~ip4:192.0.2.1", 1 },
	{ "ipv6:2001:db8::1", "ip6:2001:db8::1", 1 },
	{ "ipv4=192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "ipv6=2001:db8::1", "ip6:2001:db8::1", 1 },
	{ "ip4=192.0.2.1/24", "ip4:192.0.2.1/24", 1 },
	{ "ip6=2001:db8::1", "ip6:2001:db8::1", 1 },
	{ "ip=192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "ip=2001:db8::1", "ip6:2001:db8::1", 1 },
	{ "ip:192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "ip:2001:db8::/32", "ip6:2001:db8::/32", 1 },
	{ "ip4;192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "includes:a.example", "include:a.example", 1 },
	{ "inlcude:a.example", "include:a.example", 1 },
	{ "incldue:a.example", "include:a.example", 1 },
	{ "incude:a.example", "include:a.example", 1 },
	{ "inclue:a.example", "include:a.example", 1 },
	{ "includ:a.example", "include:a.example", 1 },
	{ "included:a.example", "include:a.example", 1 },
	{ "include=a.example", "include:a.example", 1 },
	{ "~include=a.example", "~include:a.example", 1 },
	{ "include;a.example", "include:a.example", 1 },
	{ "include::a.example", "include:a.example", 1 },
	{ "include:@a.example", "include:a.example", 1 },
	{ "include:http://a.example", "include:a.example", 1 },
	{ "include:https://a.example/", "include:a.example", 1 },
	{ "exist:a.example", "exists:a.example", 1 },
	{ "exists=a.example", "exists:a.example", 1 },
	{ "redirect:a.example", "redirect=a.example", 1 },
	{ "redirect=http://a.example", "redirect=a.example", 1 },
	{ "exp:a.example", "exp=a.example", 1 },
	{ "ptr=a.example", "ptr:a.example", 1 },
	{ "a=a.example", "a:a.example", 1 },
	{ "a::a.example", "a:a.example", 1 },
	{ "mx=a.example", "mx:a.example", 1 },
	{ "mx::a.example", "mx:a.example", 1 },
	/* addresses */
	{ "192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "+192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "192.0.2.0/24", "ip4:192.0.2.0/24", 1 },
	{ "2001:db8::1", "ip6:2001:db8::1", 1 },
	{ "2001:db8::/32", "ip6:2001:db8::/32", 1 },
	{ "a:192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "ip4:2001:db8::1", "ip6:2001:db8::1", 1 },
	{ "ip6:192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "ip4:192.0.2.0/255.255.255.0", "ip4:192.0.2.0/24", 1 },
	{ "ip4:192.0.2.0/255.255.255.240", "ip4:192.0.2.0/28", 1 },
	{ "192.0.2.0/255.255.255.255", "ip4:192.0.2.0/32", 1 },
	{ "ip4:192.0.2.0/255.0.255.0", "", 1 },
	{ "ip4:192.0.2.0/2001:db8::", "", 1 },
	{ "ip6:2001:db8::/255.255.0.0", "", 1 },
	{ "ip4:192.0.2.300", "", 1 },
	{ "ip4:192.0.2.0/33", "", 1 },
	/* punctuation */
	{ "mx, a:a.example;", "mx a:a.example", 2 },
	{ "'mx' \"a\"", "mx a", 2 },
	{ "mx. a/", "mx a", 2 },
	{ "; mx", "mx", 1 },
	{ "\"\" mx", "mx", 1 },
	/* lists */
	{ "ip4:192.0.2.1,192.0.2.2", "ip4:192.0.2.1 ip4:192.0.2.2", 1 },
	{ "ip4:192.0.2.1;ip4:192.0.2.2;", "ip4:192.0.2.1 ip4:192.0.2.2", 1 },
	{ "include:a.example,b.example", "include:a.example include:b.example",
	    1 },
	{ "include:a.example,,mx", "include:a.example mx", 1 },
	{ "a,mx", "a mx", 1 },
	{ "ip4:192.0.2.1,nonsense:x", "", 1 },
	{ "exists:%{i},a.example.com", "exists:%{i},a.example.com", 0 },
	/* torn words */
	{ "include: a.example", "include:a.example", 1 },
	{ "include a.example", "include:a.example", 1 },
	{ "~include a.example", "~include:a.example", 1 },
	{ "ip4 192.0.2.1", "ip4:192.0.2.1", 1 },
	{ "ip6 2001:db8::1", "ip6:2001:db8::1", 1 },
	{ "exists a.example", "exists:a.example", 1 },
	{ "redirect a.example", "redirect=a.example", 1 },
	{ "redirect= a.example", "redirect=a.example", 1 },
	{ "ip4: 192.0.2.1 ip4: 192.0.2.2", "ip4:192.0.2.1 ip4:192.0.2.2", 2 },
	{ "include:", "", 1 },
	{ "include mx/x", "", 2 },
	/* what is wrong only beside others */
	{ "redirect=a.example redirect=b.example", "redirect=a.example", 1 },
	{ "exp=a.example mx exp=b.example", "exp=a.example mx", 1 },
	{ "foo bar", "", 2 },
};

START_TEST(repairs_words)
{
	const char *want = repairs[_i].want;
	size_t n;

	mxa_spf_words_read(&w, a, mxa_str_from(repairs[_i].terms));
	n = mxa_slips_repair(&w, slip);
	ck_str_is(mxa_spf_words_text(&w),
	    mxa_arena_printf(a, "v=spf1%s%s", *want ? " " : "", want));
	ck_assert_uint_eq(n, repairs[_i].n);
}
END_TEST

START_TEST(tells_changes)
{
	mxa_spf_words_read(&w, a, MXA_STR("mx ip4: 192.0.2.1 foo all-"));
	ck_assert_uint_eq(mxa_slips_repair(&w, slip), 3);
	ck_str_is(slip[0].wrong, "ip4: 192.0.2.1");
	ck_str_is(slip[0].right, "ip4:192.0.2.1");
	ck_str_is(slip[1].wrong, "foo");
	ck_str_is(slip[1].right, "");
	ck_str_is(slip[2].wrong, "all-");
	ck_str_is(slip[2].right, "-all");
}
END_TEST

/* A NUL does not end the check. */
START_TEST(sees_controls)
{
	static const char text[] = "mx\0x -all";

	mxa_spf_words_read(&w, a, mxa_str_make(text, sizeof(text) - 1));
	ck_assert_uint_eq(mxa_slips_repair(&w, slip), 1);
	ck_str_is(mxa_spf_words_text(&w), "v=spf1 -all");
}
END_TEST

/* More changes than are told. */
START_TEST(is_bounded)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 10000);
	for (int i = 0; i < MXA_MAX_SLIPS + 5; i++)
		mxa_buf_adds(&b, " foo");
	mxa_spf_words_read(&w, a, mxa_buf_str(&b));
	ck_assert_uint_eq(mxa_slips_repair(&w, slip), MXA_MAX_SLIPS + 5);
	ck_assert_uint_eq(w.n, 0);
}
END_TEST

static const struct {
	const char *word;
	bool mechanism;
} modifiers[] = {
	{ "include=a.example", true },
	{ "IP4=192.0.2.1", true },
	{ "a=b.example", true },
	{ "ip=x", true },
	{ "redirect=a.example", false },
	{ "redirect=http://a.example", false },
	{ "exp=a.example", false },
	{ "all=x", false },
	{ "mx", false },
};

START_TEST(knows_mechanisms)
{
	ck_assert_int_eq(
	    mxa_slips_is_mechanism(mxa_str_from(modifiers[_i].word)),
	    modifiers[_i].mechanism);
}
END_TEST

static const struct {
	const char *text, *want;
} beginnings[] = {
	{ "spf1 mx -all", "v=spf1 mx -all" },
	{ "\"v=spf1 mx -all", "v=spf1 mx -all" },
	{ " \t\r\n'v=spf1 mx -all", "v=spf1 mx -all" },
	{ "v=spf10 mx -all", "v=spf1 mx -all" },
	{ "v=spf2 mx", "v=spf1 mx" },
	{ "v=spf mx", "v=spf1 mx" },
	{ "V=SPF1;mx", "v=spf1 mx" },
	{ "v=spf1:mx", "v=spf1 mx" },
	{ "v=spf1,. mx", "v=spf1 mx" },
	{ "v=spf1mx", "v=spf1 mx" },
	{ "v:spf1 mx", "v=spf1 mx" },
	{ "v-spf1 mx", "v=spf1 mx" },
	{ "v = spf1 mx", "v=spf1 mx" },
	{ "v= spf1 mx", "v=spf1 mx" },
	{ "v =spf1 mx", "v=spf1 mx" },
	{ "v spf1 mx", "v=spf1 mx" },
	{ "vspf1 mx", "v=spf1 mx" },
	{ "=spf1 mx", "v=spf1 mx" },
	{ "spf=v1 mx", "v=spf1 mx" },
	{ "spf2.0/pra mx", "" },
	{ "v=DMARC1; p=none", "" },
	{ "hello", "" },
	{ "", "" },
	{ "\"", "" },
};

START_TEST(knows_beginnings)
{
	ck_str_is(mxa_slips_spf_record(a, mxa_str_from(beginnings[_i].text)),
	    beginnings[_i].want);
}
END_TEST

static const struct {
	const char *word, *want;
} policies[] = {
	{ "no", "none" },
	{ "non", "none" },
	{ "nome", "none" },
	{ "Monitor", "none" },
	{ "quarantain", "quarantine" },
	{ "quarantaine", "quarantine" },
	{ "quarantined", "quarantine" },
	{ "quarantin", "quarantine" },
	{ "quarintine", "quarantine" },
	{ "quarentine", "quarantine" },
	{ "quaratine", "quarantine" },
	{ "qurantine", "quarantine" },
	{ "rejected", "reject" },
	{ "rejects", "reject" },
	{ "rejet", "reject" },
	{ "rejct", "reject" },
	{ "block", NULL },
	{ "", NULL },
};

START_TEST(knows_policies)
{
	const char *got = mxa_slips_policy(mxa_str_from(policies[_i].word));

	if (policies[_i].want == NULL)
		ck_assert_ptr_null(got);
	else
		ck_assert_str_eq(got, policies[_i].want);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("slips");
	TCase *tc = tcase_create("slips");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, repairs_words, 0, MXA_ARRAY_LEN(repairs));
	tcase_add_test(tc, tells_changes);
	tcase_add_test(tc, sees_controls);
	tcase_add_test(tc, is_bounded);
	tcase_add_loop_test(tc, knows_mechanisms, 0, MXA_ARRAY_LEN(modifiers));
	tcase_add_loop_test(tc, knows_beginnings, 0, MXA_ARRAY_LEN(beginnings));
	tcase_add_loop_test(tc, knows_policies, 0, MXA_ARRAY_LEN(policies));
	suite_add_tcase(s, tc);
	return test_main(s);
}
