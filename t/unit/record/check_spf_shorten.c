/* check_spf_shorten.c - names replaced by their addresses. */
#include "record/spf_shorten.h"

#include "t/unit/record/spf_zone.h"

static const char zone[] =
    "d.example. A 192.0.2.1\nd.example. AAAA 2001:db8::1\n"
    "d.example. MX 10 m1.example.\nd.example. MX 20 m2.example.\n"
    "m1.example. A 192.0.2.11\nm2.example. A 192.0.2.12\n"
    "null.example. MX 0 .\n"
    "big.example. TXT \"v=spf1 ip4:198.51.100.1 ip4:198.51.100.2 "
    "+ip4:198.51.100.3 ?all\"\n"
    "small.example. TXT \"v=spf1 ip4:198.51.100.9 a:m1.example -all\"\n"
    "nested.example. TXT \"v=spf1 include:small.example exp=x.example y=z "
    "~all\"\n"
    "moved.example. TXT \"v=spf1 redirect=small.example\"\n"
    "ended.example. TXT \"v=spf1 ip4:198.51.100.9 -all "
    "redirect=small.example\"\n"
    "soft.example. TXT \"v=spf1 ~ip4:198.51.100.9 -all\"\n"
    "open.example. TXT \"v=spf1 ip4:198.51.100.9 +all\"\n"
    "macro.example. TXT \"v=spf1 exists:%{i}.example -all\"\n"
    "two.example. TXT \"v=spf1 -all\"\ntwo.example. TXT \"v=spf1 ~all\"\n"
    "wrong.example. TXT \"v=spf1 ip4:1 -all\"\n"
    "ptr.example. TXT \"v=spf1 ptr -all\"\n"
    "empty.example. TXT \"v=spf1 -all\"\n"
    "l1.example. TXT \"v=spf1 include:l2.example -all\"\n"
    "l2.example. TXT \"v=spf1 include:l3.example -all\"\n"
    "l3.example. TXT \"v=spf1 include:l4.example -all\"\n"
    "l4.example. TXT \"v=spf1 include:l5.example -all\"\n"
    "l5.example. TXT \"v=spf1 include:l6.example -all\"\n"
    "l6.example. TXT \"v=spf1 include:l7.example -all\"\n"
    "l7.example. TXT \"v=spf1 ip4:198.51.100.7 -all\"\n"
    "loop.example. TXT \"v=spf1 include:loop.example -all\"\n"
    "half.example. A 192.0.2.50\n;! servfail half.example AAAA\n"
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

/* "": no term can be replaced. */
static const struct {
	const char *terms, *replaced, *want;
} rows[] = {
	{ "a -all", "a", "ip4:192.0.2.1 ip6:2001:db8::1 -all" },
	{ "+a -all", "+a", "ip4:192.0.2.1 ip6:2001:db8::1 -all" },
	{ "a:m1.example -all", "a:m1.example", "ip4:192.0.2.11 -all" },
	{ "mx -all", "mx", "ip4:192.0.2.11 ip4:192.0.2.12 -all" },
	{ "mx:d.example -all", "mx:d.example",
	    "ip4:192.0.2.11 ip4:192.0.2.12 -all" },
	{ "include:big.example -all", "include:big.example",
	    "ip4:198.51.100.1 ip4:198.51.100.2 ip4:198.51.100.3 -all" },
	{ "include:nested.example -all", "include:nested.example",
	    "ip4:198.51.100.9 ip4:192.0.2.11 -all" },
	{ "include:ended.example -all", "include:ended.example",
	    "ip4:198.51.100.9 -all" },
	{ "include:l2.example -all", "include:l2.example",
	    "ip4:198.51.100.7 -all" },
	/* hosts before includes, the smallest include first */
	{ "include:small.example a:m1.example -all", "a:m1.example",
	    "include:small.example ip4:192.0.2.11 -all" },
	{ "include:big.example include:small.example -all",
	    "include:small.example",
	    "include:big.example ip4:198.51.100.9 ip4:192.0.2.11 -all" },
	{ "+include:small.example +include:big.example -all",
	    "+include:small.example",
	    "ip4:198.51.100.9 ip4:192.0.2.11 +include:big.example -all" },
	/* what is listed already is not listed again */
	{ "ip4:192.0.2.12 mx -all", "mx",
	    "ip4:192.0.2.12 ip4:192.0.2.11 -all" },
	/* a network around hosts, macros, other results, other mechanisms */
	{ "a/24 -all", "", "" },
	{ "a//64 -all", "", "" },
	{ "mx/24 -all", "", "" },
	{ "~a -all", "", "" },
	{ "-include:small.example -all", "", "" },
	{ "a:%{d} -all", "", "" },
	{ "exists:d.example -all", "", "" },
	{ "ptr -all", "", "" },
	{ "ip4:192.0.2.1 -all", "", "" },
	{ "nonsense: -all", "", "" },
	{ "redirect=small.example", "", "" },
	/* includes that say more than addresses can */
	{ "include:moved.example -all", "", "" },
	{ "include:soft.example -all", "", "" },
	{ "include:open.example -all", "", "" },
	{ "include:macro.example -all", "", "" },
	{ "include:two.example -all", "", "" },
	{ "include:wrong.example -all", "", "" },
	{ "include:ptr.example -all", "", "" },
	{ "include:l1.example -all", "", "" },
	{ "include:loop.example -all", "", "" },
	{ "include:gone.example -all", "", "" },
	{ "include:broken.example -all", "", "" },
	{ "a:half.example -all", "", "" },
	/* nothing behind it */
	{ "include:empty.example -all", "", "" },
	{ "a:gone.example -all", "", "" },
	{ "mx:null.example -all", "", "" },
};

START_TEST(shortens)
{
	const char *want = rows[_i].want;
	struct mxa_str replaced;
	bool done;

	mxa_spf_words_read(&w, z.a, mxa_str_from(rows[_i].terms));
	done = mxa_spf_shorten(&z.env, MXA_STR("d.example"), &w, &replaced);
	ck_assert_int_eq(done, want[0] != '\0');
	if (!done)
		want = rows[_i].terms;
	else
		ck_str_is(replaced, rows[_i].replaced);
	ck_str_is(
	    mxa_spf_words_text(&w), mxa_arena_printf(z.a, "v=spf1 %s", want));
}
END_TEST

/* Sixty addresses may replace a term, not more. */
START_TEST(is_bounded)
{
	for (int n = 60; n <= 61; n++) {
		struct spf_zone y;
		struct mxa_str replaced;
		struct mxa_buf b;

		mxa_buf_init(&b, z.a, 10000);
		for (int i = 1; i <= n; i++)
			mxa_buf_printf(&b, "h.example. A 192.0.2.%d\n", i);
		zone_open(&y, mxa_buf_cstr(&b));
		mxa_spf_words_read(&w, y.a, MXA_STR("a:h.example -all"));
		ck_assert_int_eq(mxa_spf_shorten(&y.env, MXA_STR("d.example"),
				     &w, &replaced),
		    n == 60);
		ck_assert_uint_eq(w.n, n == 60 ? 61 : 2);
		zone_close(&y);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spf_shorten");
	TCase *tc = tcase_create("terms");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, shortens, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, is_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
