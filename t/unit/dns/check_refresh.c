/* check_refresh.c - answers asked again before they expire. */
#include "dns/stub.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/support/dnstest.h"

static const char zone[] = ";? held slow.example.com\n"
			   "$ORIGIN example.com.\n"
			   "$TTL 600\n"
			   "@ SOA ns host 1 2 3 4 30\n"
			   "@ TXT v=spf1\n"
			   "brief 10 TXT x\n"
			   "slow TXT x\n"
			   "*.many TXT x\n";

static struct dnstest t;
static atomic_uint answered, failed;

static void setup(void)
{
	dnstest_begin(&t, zone, NULL);
}

static void teardown(void)
{
	dnstest_end(&t);
}

static void count_end(void *ctx, bool was_answered)
{
	(void)ctx;
	atomic_fetch_add(was_answered ? &answered : &failed, 1);
}

static void open_dns(void)
{
	dnstest_open(&t);
	mxa_dns_set_refresh_hook(t.dns, count_end, NULL);
}

/* 'n' messages, which all get data; questions sent. */
static unsigned messages(const char *name, int n)
{
	unsigned sent = 0, n_sent;
	const char *got;

	for (int i = 0; i < n; i++) {
		got = dnstest_once(&t, name, &n_sent);
		sent += n_sent;
		ck_assert_msg(strncmp(got, "data ", 5) == 0, "%s", got);
	}
	return sent;
}

/* However long it takes (the test's time is limited). */
static void until_ended(unsigned n)
{
	while (atomic_load(&answered) + atomic_load(&failed) < n)
		usleep(1000);
}

START_TEST(nobody_waits_for_a_popular_name)
{
	open_dns();
	ck_assert_uint_eq(messages("example.com", 4), 1);
	for (unsigned i = 1; i <= 5; i++) {
		t.clock.ms += 539999;
		ck_assert_uint_eq(mxa_stub_refresh(t.dns), 0);
		t.clock.ms += 1;
		ck_assert_uint_eq(mxa_stub_refresh(t.dns), 1);
		until_ended(i);
		ck_assert_uint_eq(mxa_stub_refresh(t.dns), 0);
		ck_assert_uint_eq(messages("example.com", 3), 0);
	}
	ck_assert_uint_eq(dnstest_asked(&t, "example.com"), 6);
	ck_assert_uint_eq(answered, 5);
}
END_TEST

START_TEST(a_cold_name_is_not_asked_again)
{
	open_dns();
	messages("example.com", 2); /* the first one asked: one use */
	t.clock.ms += 599999;
	ck_assert_uint_eq(mxa_stub_refresh(t.dns), 0);
	t.clock.ms += 1;
	ck_assert_uint_eq(mxa_stub_refresh(t.dns), 0);
	ck_assert_uint_eq(dnstest_asked(&t, "example.com"), 1);
}
END_TEST

/* Popular once, and then never again: one question more. */
START_TEST(a_name_that_cools_down)
{
	open_dns();
	messages("example.com", 10);
	for (unsigned i = 0; i < 100; i++) {
		t.clock.ms += 60000;
		mxa_stub_refresh(t.dns);
		if (i == 8)
			until_ended(1);
	}
	ck_assert_uint_eq(dnstest_asked(&t, "example.com"), 2);
}
END_TEST

START_TEST(turned_off)
{
	t.options.refresh_hits = 0;
	open_dns();
	messages("example.com", 100);
	t.clock.ms += 599999;
	ck_assert_uint_eq(mxa_stub_refresh(t.dns), 0);
	t.clock.ms += 1;
	ck_assert_uint_eq(messages("example.com", 1), 1);
}
END_TEST

/* A message whose question gets no answer in the time that passes. */
static void times_out(const char *name)
{
	struct mxa_budget *b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	const struct mxa_dns_answer *a;

	mxa_dns_prefetch(b, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT);
	dnstest_settle(t.dns);
	mxa_stub_pass(t.dns, t.options.timeout_ms);
	a = mxa_dns_lookup(b, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT);
	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_assert_uint_eq(mxa_budget_counts(b).sent, 1);
	mxa_budget_close(b);
}

START_TEST(a_failure_changes_nothing)
{
	t.options.manual_time = true;
	open_dns();
	messages("example.com", 4);
	dnstest_stop_server(&t);
	t.clock.ms += 540000;
	ck_assert_uint_eq(mxa_stub_refresh(t.dns), 1);
	dnstest_settle(t.dns);
	mxa_stub_pass(t.dns, t.options.timeout_ms);
	until_ended(1);
	ck_assert_uint_eq(failed, 1);
	t.clock.ms += 59999;
	ck_assert_uint_eq(messages("example.com", 1), 0);
	ck_assert_uint_eq(mxa_stub_refresh(t.dns), 0);
	/* never stale */
	t.clock.ms += 1;
	times_out("example.com");
}
END_TEST

/* A name whose answer is asked for again, and held. */
static void refresh_held(void)
{
	open_dns();
	test_dnsd_release(t.server);
	messages("slow.example.com", 4);
	test_dnsd_hold(t.server);
	t.clock.ms += 540000;
	ck_assert_uint_eq(mxa_stub_refresh(t.dns), 1);
	test_dnsd_await(t.server, "slow.example.com", MXA_DNS_TXT, 2);
}

static void release(void *unused)
{
	(void)unused;
	test_dnsd_release(t.server);
}

START_TEST(a_message_joins_it)
{
	refresh_held();
	t.clock.ms += 60000; /* expired while it is asked */
	mxa_dns_set_wait_hook(t.dns, release, NULL);
	messages("slow.example.com", 1);
	until_ended(1);
	ck_assert_uint_eq(dnstest_asked(&t, "slow.example.com"), 2);
}
END_TEST

START_TEST(freed_while_it_is_asked)
{
	refresh_held();
	mxa_dns_free(t.dns);
	t.dns = NULL;
	/* its end says nothing about the DNS */
	ck_assert_uint_eq(failed, 0);
}
END_TEST

static void make_popular(const char *below, int n)
{
	char name[64];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "n%d.%s", i, below);
		messages(name, 2);
	}
}

START_TEST(at_most_200_are_open)
{
	t.options.refresh_hits = 1;
	open_dns();
	make_popular("many.example.com", 250);
	dnstest_stop_server(&t); /* silent from now on */
	t.clock.ms += 540000;
	ck_assert_uint_eq(mxa_stub_refresh(t.dns), 200);
	t.clock.ms += 1000;
	ck_assert_uint_eq(mxa_stub_refresh(t.dns), 0);
}
END_TEST

START_TEST(at_most_500_in_a_second)
{
	unsigned first = 0, all = 0;

	t.options.refresh_hits = 1;
	open_dns();
	make_popular("many.example.com", 600);
	t.clock.ms += 540000;
	for (int i = 0; i < 10; i++) {
		first += mxa_stub_refresh(t.dns);
		until_ended(first);
	}
	ck_assert_uint_eq(first, 500);
	t.clock.ms += 1000;
	all = first + mxa_stub_refresh(t.dns);
	until_ended(all);
	ck_assert_uint_eq(all, 600);
}
END_TEST

/* Without a call of ours, under the system's clock. */
START_TEST(the_resolver_does_it_itself)
{
	t.options.clock = NULL;
	open_dns();
	messages("brief.example.com", 4);
	until_ended(1);
	ck_assert_uint_eq(answered, 1);
	ck_assert_uint_eq(dnstest_asked(&t, "brief.example.com"), 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("refresh");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nobody_waits_for_a_popular_name);
	tcase_add_test(tc, a_cold_name_is_not_asked_again);
	tcase_add_test(tc, a_name_that_cools_down);
	tcase_add_test(tc, turned_off);
	tcase_add_test(tc, a_failure_changes_nothing);
	tcase_add_test(tc, a_message_joins_it);
	tcase_add_test(tc, freed_while_it_is_asked);
	tcase_add_test(tc, at_most_200_are_open);
	tcase_add_test(tc, at_most_500_in_a_second);
	tcase_add_test(tc, the_resolver_does_it_itself);
	suite_add_tcase(s, tc);
	return test_main(s);
}
