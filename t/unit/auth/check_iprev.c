/* check_iprev.c - reverse and forward confirmation: spec/authres.md section
 * 4.2. */
#include "auth/iprev.h"
#include "dns/zone.h"
#include "t/support/testing.h"

#include <string.h>

#define PTR(name) "9.2.0.192.in-addr.arpa. IN PTR " name ".\n"
#define PTR6(name)                                                         \
	"9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2." \
	"ip6.arpa. IN PTR " name ".\n"

static const struct {
	const char *name, *zone, *ip, *want; /* result, name */
} rows[] = {
	{ "confirmed",
	    PTR("mail.example.com") "mail.example.com. A 192.0.2.9\n",
	    "192.0.2.9", "pass mail.example.com" },
	{ "confirmed by one of its addresses",
	    PTR("mail.example.com") "mail.example.com. A 192.0.2.1\n"
				    "mail.example.com. A 192.0.2.9\n",
	    "192.0.2.9", "pass mail.example.com" },
	{ "confirmed by the second name",
	    PTR("a.example.com")
		PTR("b.example.com") "b.example.com. A 192.0.2.9\n",
	    "192.0.2.9", "pass b.example.com" },
	{ "IPv6",
	    PTR6("mail.example.com") "mail.example.com. AAAA 2001:db8::9\n",
	    "2001:db8::9", "pass mail.example.com" },
	{ "behind an alias",
	    PTR("mail.example.com") "mail.example.com. CNAME mx.example.net.\n"
				    "mx.example.net. A 192.0.2.9\n",
	    "192.0.2.9", "pass mail.example.com" },
	{ "another address",
	    PTR("mail.example.com") "mail.example.com. A 192.0.2.8\n",
	    "192.0.2.9", "fail mail.example.com" },
	{ "only the other family",
	    PTR("mail.example.com") "mail.example.com. AAAA 2001:db8::9\n",
	    "192.0.2.9", "fail mail.example.com" },
	{ "the name does not exist", PTR("mail.example.com"), "192.0.2.9",
	    "fail mail.example.com" },
	{ "no PTR", "", "192.0.2.9", "permerror " },
	{ "something else than a PTR", "9.2.0.192.in-addr.arpa. IN TXT \"x\"\n",
	    "192.0.2.9", "permerror " },
	{ "PTR not known", ";! servfail 9.2.0.192.in-addr.arpa\n", "192.0.2.9",
	    "temperror " },
	{ "PTR timed out", ";! timeout 9.2.0.192.in-addr.arpa\n", "192.0.2.9",
	    "temperror " },
	{ "forward not known",
	    PTR("mail.example.com") ";! servfail mail.example.com\n",
	    "192.0.2.9", "temperror mail.example.com" },
	{ "one name not known, another confirms",
	    PTR("a.example.com") PTR(
		"b.example.com") ";! servfail a.example.com\nb.example.com. A 192.0.2.9\n",
	    "192.0.2.9", "pass b.example.com" },
	{ "one name not known, another does not confirm",
	    PTR("a.example.com") PTR(
		"b.example.com") ";! servfail b.example.com\na.example.com. A 192.0.2.8\n",
	    "192.0.2.9", "temperror a.example.com" },
	{ "a name that is no host name is not shown", PTR("x\\;y.example.com"),
	    "192.0.2.9", "fail " },
	{ "no client address", "", "", "none " },
};

/* One zone asked through one budget. */
struct net {
	struct mxa_dns *dns;
	struct mxa_engine_env env;
};

static void open_net(struct net *n, const char *zone)
{
	char *error = NULL;

	n->dns = mxa_dns_zone_text("row", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(n->dns != NULL, "%s", error);
	n->env = (struct mxa_engine_env){ .arena = mxa_arena_new(),
		.budget = mxa_budget_open(n->dns, 2000) };
}

static void close_net(struct net *n)
{
	mxa_budget_close(n->env.budget);
	mxa_arena_free(n->env.arena);
	mxa_dns_free(n->dns);
}

static void check(size_t i, bool early)
{
	struct mxa_ip ip = { .family = 0 };
	struct mxa_iprev_verdict v;
	struct mxa_buf b;
	struct net n;

	open_net(&n, rows[i].zone);
	(void)mxa_ip_parse(mxa_str_from(rows[i].ip), &ip);
	if (early)
		mxa_iprev_prefetch(&n.env, &ip);
	mxa_iprev_check(&n.env, &ip, &v);
	mxa_buf_init(&b, n.env.arena, 1024);
	mxa_buf_printf(&b, "%s %.*s", mxa_iprev_result_name(v.result),
	    MXA_STR_ARG(v.name));
	ck_assert_str_eq(mxa_buf_cstr(&b), rows[i].want);
	close_net(&n);
}

START_TEST(says)
{
	check((size_t)_i, false);
}
END_TEST

START_TEST(says_the_same_when_asked_early)
{
	check((size_t)_i, true);
}
END_TEST

/* Ten names are looked at, whatever the zone's owner publishes. */
START_TEST(names_have_a_ceiling)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_iprev_verdict v;
	struct mxa_buf zone;
	struct mxa_ip ip;
	struct net n;

	mxa_buf_init(&zone, a, 65536);
	for (int i = 0; i < 200; i++)
		mxa_buf_printf(&zone,
		    "9.2.0.192.in-addr.arpa. IN PTR h%d.example.com.\n", i);
	mxa_buf_adds(&zone, "h199.example.com. A 192.0.2.9\n");
	open_net(&n, mxa_buf_cstr(&zone));
	ck_assert(mxa_ip_parse(MXA_STR("192.0.2.9"), &ip));
	mxa_iprev_prefetch(&n.env, &ip);
	mxa_iprev_check(&n.env, &ip, &v);
	ck_assert_int_eq(v.result, MXA_IPREV_FAIL);
	ck_assert_uint_eq(mxa_budget_counts(n.env.budget).questions, 11);
	close_net(&n);
	mxa_arena_free(a);
}
END_TEST

/* Closing the budget before anything was answered frees what was planned (the
 * sanitizers look). */
START_TEST(can_be_given_up)
{
	struct mxa_ip ip;
	struct net n;

	open_net(&n,
	    ";! delay 60000 9.2.0.192.in-addr.arpa\n" PTR("mail.example.com"));
	ck_assert(mxa_ip_parse(MXA_STR("192.0.2.9"), &ip));
	mxa_iprev_prefetch(&n.env, &ip);
	close_net(&n);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("iprev");
	TCase *tc = tcase_create("iprev");

	tcase_add_loop_test(tc, says, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(
	    tc, says_the_same_when_asked_early, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, names_have_a_ceiling);
	tcase_add_test(tc, can_be_given_up);
	suite_add_tcase(s, tc);
	return test_main(s);
}
