/* check_plan.c - SPF questions asked early: which, when, and how many. */
#include "auth/spf/plan.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/limits.h"
#include "t/support/slowdns.h"
#include "t/support/spfsuite.h"
#include "t/support/spftest.h"

static const char zone[] =
    "$TTL 300\n"
    "typical.example TXT \"v=spf1 include:one.example mx "
    "include:two.example a:www.example exists:%{i}.x.example ptr "
    "redirect=end.example\"\n"
    "typical.example MX 10 mx1.example.\n"
    "typical.example MX 20 mx2.example.\n"
    "mx1.example A 198.51.100.1\n"
    "mx2.example A 198.51.100.2\n"
    "www.example A 198.51.100.3\n"
    "one.example TXT \"v=spf1 a:one1.example mx:one2.example -all\"\n"
    "one1.example A 198.51.100.4\n"
    "one2.example MX 10 mx2.example.\n"
    "two.example TXT \"v=spf1 ip4:203.0.113.1 -all\"\n"
    "end.example TXT \"v=spf1 a:end1.example -all exp=why.example\"\n"
    "end1.example A 198.51.100.5\n"
    "why.example TXT \"because\"\n"
    "1.2.0.192.in-addr.arpa PTR host.example.org.\n"
    "192.0.2.1.x.example AAAA 2001:db8::1\n"
    "first.example TXT \"v=spf1 include:one.example ip4:192.0.2.1 "
    "include:two.example -all\"\n"
    "macro.example TXT \"v=spf1 a:%{d2}.never.example "
    "include:%{l}.never.example a:www.example -all\"\n"
    "exists.example TXT \"v=spf1 exists:%{i}.x.example a:www.example "
    "-all\"\n"
    "ptr.example TXT \"v=spf1 ptr a:www.example -all\"\n"
    "self.example TXT \"v=spf1 include:self.example include:one.example "
    "-all\"\n"
    "two.rounds.example TXT \"v=spf1 include:a.rounds.example "
    "include:b.rounds.example -all\"\n"
    "a.rounds.example TXT \"v=spf1 ip4:198.51.100.1 ~all\"\n"
    "b.rounds.example TXT \"v=spf1 ip4:192.0.2.1 ~all\"\n"
    "none.example A 192.0.2.1\n"
    "bad.example TXT \"v=spf1 include:one.example moo -all\"\n";

static struct mxa_arena *arena;
static struct mxa_dns *dns;
static struct mxa_auth_options options = { .spf_max_voids = 2 };
static struct test_clock tc_clock;
static struct mxa_engine_env env;

static void open_zone(struct mxa_str text)
{
	arena = mxa_arena_new();
	dns = slowdns_new(text);
	test_clock_init(&tc_clock, 1700000000);
	env = (struct mxa_engine_env){ .arena = arena,
		.budget = mxa_budget_open(dns, 20000),
		.clock = &tc_clock.clock,
		.options = &options };
}

static void setup(void)
{
	open_zone(mxa_str_from(zone));
}

static void teardown(void)
{
	mxa_budget_close(env.budget);
	slowdns_answer_all(dns);
	mxa_dns_free(dns);
	mxa_arena_free(arena);
}

static struct mxa_spf_query query(const char *from)
{
	return spftest_query(MXA_STR("192.0.2.1"), MXA_STR("mx.example.org"),
	    mxa_str_from(from));
}

static void start(const char *from)
{
	struct mxa_spf_query q = query(from);

	mxa_spf_plan_start(&env, &q);
}

static void waits_for(const char *want)
{
	ck_assert_str_eq(slowdns_waiting(dns, arena), want);
}

/* Every name of the record is asked as soon as it is there, but not what only
 * the evaluation itself may ask. */
START_TEST(a_record_is_asked_for_at_once)
{
	start("ann@typical.example");
	waits_for("TXT typical.example");
	slowdns_answer(dns, 0);
	waits_for("TXT one.example, MX typical.example, TXT two.example, "
		  "A www.example, TXT end.example");
	/* what an included record needs, when it is there */
	slowdns_answer(dns, 0);
	waits_for("MX typical.example, TXT two.example, A www.example, "
		  "TXT end.example, A one1.example, MX one2.example");
	/* hosts only where the evaluation really is */
	slowdns_answer(dns, 0);
	waits_for("TXT two.example, A www.example, TXT end.example, "
		  "A one1.example, MX one2.example");
	slowdns_answer(dns, 3);
	slowdns_answer(dns, 3);
	waits_for("TXT two.example, A www.example, TXT end.example, "
		  "A mx2.example");
	slowdns_answer(dns, 3);
	/* one.example fails: now the hosts of typical.example are reached */
	waits_for("TXT two.example, A www.example, TXT end.example, "
		  "A mx1.example");
	slowdns_answer_all(dns);
	waits_for("");
}
END_TEST

/* The verdict afterwards finds everything there. */
START_TEST(the_verdict_does_not_wait)
{
	struct mxa_spf_query q = query("ann@typical.example");
	struct mxa_dns_counts before, after;
	struct mxa_spf_verdict v;

	mxa_spf_plan_start(&env, &q);
	slowdns_answer_all(dns);
	before = mxa_budget_counts(env.budget);
	mxa_spf_native.check(&env, &q, &v);
	after = mxa_budget_counts(env.budget);
	ck_assert_int_eq(v.result, MXA_SPF_FAIL);
	ck_str_is(v.explanation, "because");
	ck_assert_uint_eq(v.lookups, 10);
	ck_assert_uint_eq(after.waits, 0);
	ck_assert_uint_eq(after.sent, before.sent);
}
END_TEST

START_TEST(all_in_the_cache_asks_nothing)
{
	start("ann@typical.example");
	slowdns_answer_all(dns);
	mxa_budget_close(env.budget);
	env.budget = mxa_budget_open(dns, 20000);
	start("ann@typical.example");
	ck_assert_uint_eq(mxa_budget_counts(env.budget).sent, 0);
}
END_TEST

static const struct {
	const char *from, *after_the_record;
} rows[] = {
	/* a match ends what may be needed */
	{ "ann@first.example", "TXT one.example" },
	/* a macro term is asked when reached, and no later one of them */
	{ "ann@macro.example", "A macro.example.never.example, A www.example" },
	{ "ann@exists.example", "A 192.0.2.1.x.example, A www.example" },
	{ "ann@ptr.example", "PTR 1.2.0.192.in-addr.arpa, A www.example" },
	/* a circle ends at the limit */
	{ "ann@self.example", "" },
	{ "ann@none.example", "" },
	{ "ann@nowhere.example", "" },
	{ "ann@bad.example", "" },
};

START_TEST(what_a_record_leads_to)
{
	start(rows[_i].from);
	slowdns_answer(dns, 0);
	waits_for(rows[_i].after_the_record);
}
END_TEST

START_TEST(nothing_to_ask_for)
{
	start("ann@localhost");
	start("ann@[192.0.2.1]");
	waits_for("");
}
END_TEST

/* Closed at every moment: nothing leaks, nothing is called. */
START_TEST(closed_early)
{
	start("ann@typical.example");
	for (int i = 0; i < _i; i++)
		slowdns_answer(dns, (size_t)i % 3);
	mxa_budget_close(env.budget);
	env.budget = NULL;
	slowdns_answer_all(dns);
}
END_TEST

/* Answers in any order lead to the same verdict. */
START_TEST(any_order)
{
	struct mxa_spf_query q = query("ann@typical.example");
	struct mxa_spf_verdict v;
	unsigned seed = 4711 + (unsigned)_i;

	mxa_spf_plan_start(&env, &q);
	while (slowdns_count(dns) > 0)
		slowdns_answer(dns, (size_t)rand_r(&seed) % slowdns_count(dns));
	mxa_spf_native.check(&env, &q, &v);
	ck_assert_int_eq(v.result, MXA_SPF_FAIL);
	ck_assert_uint_eq(mxa_budget_counts(env.budget).waits, 0);
}
END_TEST

static void *answer_in_a_thread(void *d)
{
	for (int i = 0; i < 2000; i++)
		slowdns_answer(d, (size_t)i % 2);
	return NULL;
}

/* The resolver's thread brings answers while the message goes away. */
START_TEST(closed_while_answers_come)
{
	pthread_t thread;

	ck_assert_int_eq(
	    pthread_create(&thread, NULL, answer_in_a_thread, dns), 0);
	for (int i = 0; i < 50; i++) {
		start("ann@typical.example");
		start("ann@first.example");
		mxa_budget_close(env.budget);
		env.budget = mxa_budget_open(dns, 20000);
	}
	pthread_join(thread, NULL);
}
END_TEST

/* A record with two includes costs two rounds to the DNS, also when the verdict
 * is wanted at once; one after the other they are three. */
START_TEST(two_rounds)
{
	struct mxa_spf_query q = query("ann@two.rounds.example");
	struct mxa_dns_counts counts;
	struct mxa_spf_verdict v;

	slowdns_in_rounds(dns);
	mxa_spf_plan_start(&env, &q);
	mxa_spf_native.check(&env, &q, &v);
	ck_assert_int_eq(v.result, MXA_SPF_PASS);
	counts = mxa_budget_counts(env.budget);
	ck_assert_uint_eq(counts.waits, 2);
	ck_assert_uint_eq(counts.sent, 3);
}
END_TEST

/* The same without the plan. */
START_TEST(three_rounds_one_after_the_other)
{
	struct mxa_spf_query q = query("ann@two.rounds.example");
	struct mxa_spf_verdict v;

	slowdns_in_rounds(dns);
	mxa_spf_native.check(&env, &q, &v);
	ck_assert_int_eq(v.result, MXA_SPF_PASS);
	ck_assert_uint_eq(mxa_budget_counts(env.budget).waits, 3);
}
END_TEST

/* --- hostile records --- */

/* NAME with ten MX hosts that do not exist. */
static void add_hosts(struct mxa_buf *b, const char *name)
{
	for (int i = 0; i < 10; i++)
		mxa_buf_printf(b, "%s MX 10 h%d.%s\n", name, i, name);
}

/* NAME with ten terms: includes of the next level, at last mx. */
static void add_record(struct mxa_buf *b, const char *name, int level)
{
	const char *kind = level > 0 ? "include" : "mx";
	struct mxa_buf text;
	char sub[200];

	mxa_buf_init(&text, b->arena, MXA_MAX_RECORD);
	mxa_buf_adds(&text, "v=spf1");
	for (int i = 0; i < 10; i++)
		mxa_buf_printf(&text, " %s:n%d.%s.example", kind, i, name);
	mxa_buf_printf(b, "%s TXT", name);
	zone_add_text(b, mxa_buf_str(&text));
	mxa_buf_addc(b, '\n');
	for (int i = 0; i < 10; i++) {
		snprintf(sub, sizeof(sub), "n%d.%s", i, name);
		if (level > 0)
			add_record(b, sub, level - 1);
		else
			add_hosts(b, sub);
	}
}

/* Ten includes in each record, ten mx in the last ones, ten hosts behind each:
 * read without limit they are 11,000 questions. */
START_TEST(questions_are_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_spf_query q = query("ann@bomb.example");
	unsigned seed = 42 + (unsigned)_i;
	struct mxa_dns_counts counts;
	struct mxa_spf_verdict v;
	struct spftest t;
	struct mxa_buf b;

	teardown();
	mxa_buf_init(&b, a, (size_t)64 << 20);
	mxa_buf_adds(&b, "$TTL 300\n$ORIGIN example.\n");
	add_record(&b, "bomb", 2);
	ck_assert(!b.full);
	open_zone(mxa_buf_str(&b));
	mxa_spf_plan_start(&env, &q);
	while (slowdns_count(dns) > 0)
		slowdns_answer(dns, (size_t)rand_r(&seed) % slowdns_count(dns));
	counts = mxa_budget_counts(env.budget);
	ck_assert_uint_le(counts.questions, 48);
	/* what the verdict adds: no more than it asks without a plan */
	spftest_open(&t, mxa_buf_str(&b));
	t.plan = _i % 2;
	spftest_check(&t, &mxa_spf_native, &q, &v);
	ck_assert_int_eq(v.result, MXA_SPF_PERMERROR);
	ck_assert_uint_eq(v.lookups, 11);
	counts = mxa_budget_counts(t.budget);
	/* the record, two includes, eight mx with their hosts */
	ck_assert_uint_le(
	    counts.questions, t.plan ? MXA_MAX_QUESTIONS_SPF : 1 + 2 + 8 * 11);
	spftest_close(&t);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan");
	TCase *tc = tcase_create("plan");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_record_is_asked_for_at_once);
	tcase_add_test(tc, the_verdict_does_not_wait);
	tcase_add_test(tc, all_in_the_cache_asks_nothing);
	tcase_add_loop_test(tc, what_a_record_leads_to, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, nothing_to_ask_for);
	tcase_add_loop_test(tc, closed_early, 0, 16);
	tcase_add_loop_test(tc, any_order, 0, 40);
	tcase_add_test(tc, closed_while_answers_come);
	tcase_add_test(tc, two_rounds);
	tcase_add_test(tc, three_rounds_one_after_the_other);
	tcase_add_loop_test(tc, questions_are_bounded, 0, 4);
	suite_add_tcase(s, tc);
	return test_main(s);
}
