/* check_refresh.c - answers asked again before they expire. */
#include "dns/stub.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/support/dnsd.h"
#include "t/support/dnsshow.h"
#include "t/support/testing.h"

static const char zone[] = ";? delay=300 slow.example.com\n"
			   ";? delay=300 *.slow.example.com\n"
			   "$ORIGIN example.com.\n"
			   "$TTL 600\n"
			   "@ SOA ns host 1 2 3 4 30\n"
			   "@ TXT v=spf1\n"
			   "brief 10 TXT x\n"
			   "slow TXT x\n"
			   "*.slow TXT x\n"
			   "*.many TXT x\n";

static struct mxa_arena *arena;
static struct test_dnsd *server;
static struct mxa_dns *dns;
static struct test_clock tc_clock;
static struct mxa_dns_options options;
static const char *addrs[1];
static atomic_uint answered, failed;

static void setup(void)
{
	arena = mxa_arena_new();
	server = test_dnsd_start(mxa_str_from(zone), NULL);
	addrs[0] = test_dnsd_server(server);
	test_clock_init(&tc_clock, 0);
	mxa_dns_options_default(&options);
	options.servers = addrs;
	options.n_servers = 1;
	options.clock = &tc_clock.clock;
}

static void teardown(void)
{
	mxa_dns_free(dns);
	test_dnsd_stop(server);
	mxa_arena_free(arena);
}

static void count_end(void *ctx, bool was_answered)
{
	(void)ctx;
	atomic_fetch_add(was_answered ? &answered : &failed, 1);
}

static void open_dns(void)
{
	const char *error;

	dns = mxa_dns_stub_new(&options, &error);
	ck_assert_msg(dns != NULL, "%s", error);
	mxa_dns_set_refresh_hook(dns, count_end, NULL);
}

/* A message with one question; how many of it were sent. */
static unsigned once(const char *name, const char **got)
{
	struct mxa_budget *b = mxa_budget_open(dns, 20000);
	unsigned sent;

	*got = test_dns_shown(arena,
	    mxa_dns_lookup(b, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT));
	sent = mxa_budget_counts(b).sent;
	mxa_budget_close(b);
	return sent;
}

/* 'n' messages, which all get data; questions sent. */
static unsigned messages(const char *name, int n)
{
	unsigned sent = 0;
	const char *got;

	for (int i = 0; i < n; i++) {
		sent += once(name, &got);
		ck_assert_msg(strncmp(got, "data ", 5) == 0, "%s", got);
	}
	return sent;
}

static unsigned asked(const char *name)
{
	return test_dnsd_asked(server, name, MXA_DNS_TXT);
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
		tc_clock.ms += 539999;
		ck_assert_uint_eq(mxa_stub_refresh(dns), 0);
		tc_clock.ms += 1;
		ck_assert_uint_eq(mxa_stub_refresh(dns), 1);
		until_ended(i);
		ck_assert_uint_eq(mxa_stub_refresh(dns), 0);
		ck_assert_uint_eq(messages("example.com", 3), 0);
	}
	ck_assert_uint_eq(asked("example.com"), 6);
	ck_assert_uint_eq(answered, 5);
}
END_TEST

START_TEST(a_cold_name_is_not_asked_again)
{
	open_dns();
	messages("example.com", 2); /* the first one asked: one use */
	tc_clock.ms += 599999;
	ck_assert_uint_eq(mxa_stub_refresh(dns), 0);
	tc_clock.ms += 1;
	ck_assert_uint_eq(mxa_stub_refresh(dns), 0);
	ck_assert_uint_eq(asked("example.com"), 1);
}
END_TEST

/* Popular once, and then never again: one question more. */
START_TEST(a_name_that_cools_down)
{
	open_dns();
	messages("example.com", 10);
	for (unsigned i = 0; i < 100; i++) {
		tc_clock.ms += 60000;
		mxa_stub_refresh(dns);
		if (i == 8)
			until_ended(1);
	}
	ck_assert_uint_eq(asked("example.com"), 2);
}
END_TEST

START_TEST(turned_off)
{
	options.refresh_hits = 0;
	open_dns();
	messages("example.com", 100);
	tc_clock.ms += 599999;
	ck_assert_uint_eq(mxa_stub_refresh(dns), 0);
	tc_clock.ms += 1;
	ck_assert_uint_eq(messages("example.com", 1), 1);
}
END_TEST

START_TEST(a_failure_changes_nothing)
{
	const char *got;

	options.timeout_ms = 100;
	open_dns();
	messages("example.com", 4);
	test_dnsd_stop(server);
	server = NULL;
	tc_clock.ms += 540000;
	ck_assert_uint_eq(mxa_stub_refresh(dns), 1);
	until_ended(1);
	ck_assert_uint_eq(failed, 1);
	tc_clock.ms += 59999;
	ck_assert_uint_eq(messages("example.com", 1), 0);
	ck_assert_uint_eq(mxa_stub_refresh(dns), 0);
	/* never stale */
	tc_clock.ms += 1;
	ck_assert_uint_eq(once("example.com", &got), 1);
	ck_assert_msg(strncmp(got, "timeout", 7) == 0, "%s", got);
}
END_TEST

START_TEST(a_message_joins_it)
{
	open_dns();
	messages("slow.example.com", 4);
	tc_clock.ms += 540000;
	ck_assert_uint_eq(mxa_stub_refresh(dns), 1);
	tc_clock.ms += 60000; /* expired while it is asked */
	messages("slow.example.com", 1);
	until_ended(1);
	ck_assert_uint_eq(asked("slow.example.com"), 2);
}
END_TEST

START_TEST(freed_while_it_is_asked)
{
	open_dns();
	messages("slow.example.com", 4);
	tc_clock.ms += 540000;
	ck_assert_uint_eq(mxa_stub_refresh(dns), 1);
	mxa_dns_free(dns);
	dns = NULL;
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
	options.refresh_hits = 1;
	options.timeout_ms = 60000;
	open_dns();
	make_popular("many.example.com", 250);
	test_dnsd_stop(server); /* silent from now on */
	server = NULL;
	tc_clock.ms += 540000;
	ck_assert_uint_eq(mxa_stub_refresh(dns), 200);
	tc_clock.ms += 1000;
	ck_assert_uint_eq(mxa_stub_refresh(dns), 0);
}
END_TEST

START_TEST(at_most_500_in_a_second)
{
	unsigned first = 0, all = 0;

	options.refresh_hits = 1;
	open_dns();
	make_popular("many.example.com", 600);
	tc_clock.ms += 540000;
	for (int i = 0; i < 10; i++) {
		first += mxa_stub_refresh(dns);
		until_ended(first);
	}
	ck_assert_uint_eq(first, 500);
	tc_clock.ms += 1000;
	all = first + mxa_stub_refresh(dns);
	until_ended(all);
	ck_assert_uint_eq(all, 600);
}
END_TEST

/* Without a call of ours, under the system's clock. */
START_TEST(the_resolver_does_it_itself)
{
	options.clock = NULL;
	open_dns();
	messages("brief.example.com", 4);
	until_ended(1);
	ck_assert_uint_eq(answered, 1);
	ck_assert_uint_eq(asked("brief.example.com"), 2);
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
