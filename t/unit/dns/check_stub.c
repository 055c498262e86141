/* check_stub.c - the resolver over a healthy server: cache, joining, waiting,
 * watches, where its servers come from. */
#include "dns/stub.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sysclock.h"
#include "t/support/dnstest.h"

static const char zone[] = ";? held slow.example.com\n"
			   ";? held zero.example.com\n"
			   ";? drop dead.example.com\n"
			   ";! ttl0 zero.example.com\n"
			   ";! servfail sf.example.com\n"
			   "$ORIGIN example.com.\n"
			   "$TTL 600\n"
			   "@ SOA ns host 1 2 3 4 30\n"
			   "@ TXT v=spf1\n"
			   "slow TXT late\n"
			   "zero TXT now\n"
			   "dead TXT never\n"
			   "short 10 TXT brief\n"
			   "*.many TXT x\n";

static struct dnstest t;

static void setup(void)
{
	dnstest_begin(&t, zone, NULL);
}

static void teardown(void)
{
	dnstest_end(&t);
}

static const struct mxa_dns_answer *txt(struct mxa_budget *b, const char *name)
{
	return mxa_dns_lookup(
	    b, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT);
}

static const char *once(const char *name)
{
	return dnstest_once(&t, name, NULL);
}

/* --- the cache --- */

START_TEST(an_answer_is_kept_for_its_ttl)
{
	dnstest_open(&t);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(once("example.com"), "data ttl=600 <v=spf1>");
	ck_assert_uint_eq(dnstest_asked(&t, "example.com"), 1);
	t.clock.ms += 599999;
	once("EXAMPLE.com");
	ck_assert_uint_eq(dnstest_asked(&t, "example.com"), 1);
	t.clock.ms += 1;
	once("example.com");
	ck_assert_uint_eq(dnstest_asked(&t, "example.com"), 2);
}
END_TEST

START_TEST(cached_answers_are_free)
{
	struct mxa_budget *b;
	struct mxa_evidence *e;

	dnstest_open(&t);
	once("example.com");
	b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	ck_assert_ptr_nonnull(
	    mxa_dns_peek(b, MXA_STR("example.com"), MXA_DNS_TXT));
	txt(b, "example.com");
	txt(b, "short.example.com");
	ck_assert_uint_eq(mxa_budget_counts(b).questions, 2);
	ck_assert_uint_eq(mxa_budget_counts(b).sent, 1);
	ck_assert_uint_eq(mxa_budget_counts(b).waits, 1);
	ck_assert_uint_eq(mxa_budget_evidence(b, t.arena, &e), 2);
	ck_assert(e[0].cached);
	ck_assert(!e[1].cached);
	mxa_budget_close(b);
}
END_TEST

START_TEST(negative_answers_by_the_soa_minimum)
{
	dnstest_open(&t);
	ck_assert_str_eq(once("none.example.com"), "nxdomain");
	t.clock.ms += 29999;
	once("none.example.com");
	ck_assert_uint_eq(dnstest_asked(&t, "none.example.com"), 1);
	t.clock.ms += 1;
	once("none.example.com");
	ck_assert_uint_eq(dnstest_asked(&t, "none.example.com"), 2);
}
END_TEST

static const struct {
	uint32_t memory_ms;
	uint32_t later_ms;
	unsigned questions;
} memories[] = {
	{ 3000, 0, 1 },
	{ 3000, 2999, 1 },
	{ 3000, 3000, 2 },
	{ 0, 0, 2 },
};

START_TEST(failures_are_remembered)
{
	t.options.failure_memory_ms = memories[_i].memory_ms;
	dnstest_open(&t);
	ck_assert_str_eq(once("sf.example.com"), "servfail");
	t.clock.ms += memories[_i].later_ms;
	ck_assert_str_eq(once("sf.example.com"), "servfail");
	ck_assert_uint_eq(
	    dnstest_asked(&t, "sf.example.com"), memories[_i].questions);
}
END_TEST

struct waiter {
	pthread_t thread;
	const char *name;
	char got[100];
};

static void *wait_for_it(void *arg)
{
	struct waiter *w = arg;
	struct mxa_budget *b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	const struct mxa_dns_answer *a = txt(b, w->name);

	snprintf(w->got, sizeof(w->got), "%s %.*s",
	    mxa_dns_status_name(a->status),
	    a->n > 0 ? (int)a->rr[0].text.len : 0,
	    a->n > 0 ? a->rr[0].text.p : "");
	mxa_budget_close(b);
	return NULL;
}

static void count_call(void *ctx)
{
	atomic_fetch_add((atomic_int *)ctx, 1);
}

static void until_count(atomic_int *counted, int n)
{
	while (atomic_load(counted) < n)
		usleep(1000);
}

/* The answer, which is held, comes when all of them wait. */
static void wait_together(const char *name, int n, const char *want)
{
	struct waiter *all = mxa_arena_calloc(t.arena, (size_t)n, sizeof(*all));
	atomic_int waiting = 0;

	mxa_dns_set_wait_hook(t.dns, count_call, &waiting);
	for (int i = 0; i < n; i++) {
		all[i].name = name;
		pthread_create(&all[i].thread, NULL, wait_for_it, &all[i]);
	}
	until_count(&waiting, n);
	test_dnsd_release(t.server);
	for (int i = 0; i < n; i++) {
		pthread_join(all[i].thread, NULL);
		ck_assert_str_eq(all[i].got, want);
	}
}

START_TEST(equal_questions_in_flight_are_asked_once)
{
	dnstest_open(&t);
	wait_together("slow.example.com", 32, "data late");
	ck_assert_uint_eq(dnstest_asked(&t, "slow.example.com"), 1);
}
END_TEST

START_TEST(ttl_0_serves_those_who_wait)
{
	t.options.ttl_floor = 300;
	dnstest_open(&t);
	wait_together("zero.example.com", 16, "data now");
	ck_assert_uint_eq(dnstest_asked(&t, "zero.example.com"), 1);
	test_dnsd_hold(t.server);
	wait_together("zero.example.com", 16, "data now");
	ck_assert_uint_eq(dnstest_asked(&t, "zero.example.com"), 2);
}
END_TEST

START_TEST(the_floor_lifts_other_ttls)
{
	t.options.ttl_floor = 300;
	dnstest_open(&t);
	ck_assert_str_eq(once("short.example.com"), "data ttl=10 <brief>");
	t.clock.ms += 299999;
	once("short.example.com");
	ck_assert_uint_eq(dnstest_asked(&t, "short.example.com"), 1);
}
END_TEST

/* --- waiting --- */

static void count_and_release(void *ctx)
{
	count_call(ctx);
	test_dnsd_release(t.server);
}

START_TEST(the_hook_runs_before_a_real_wait)
{
	atomic_int hooked = 0;
	struct mxa_budget *b;

	dnstest_open(&t);
	mxa_dns_set_wait_hook(t.dns, count_and_release, &hooked);
	b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	txt(b, "slow.example.com");
	ck_assert_int_eq(hooked, 1);
	txt(b, "slow.example.com");
	ck_assert_int_eq(hooked, 1);
	mxa_budget_close(b);
	once("slow.example.com");
	ck_assert_int_eq(hooked, 1);
}
END_TEST

START_TEST(prefetched_questions_run_together)
{
	struct mxa_budget *b;
	char name[40];

	teardown();
	/* whoever asked one after the other would get no answer */
	dnstest_begin(&t, zone, &(struct test_dnsd_options){ .hold = 20 });
	dnstest_open(&t);
	b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "p%d.many.example.com", i);
		mxa_dns_prefetch(
		    b, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT);
	}
	ck_assert_uint_eq(mxa_budget_counts(b).waits, 0);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "p%d.many.example.com", i);
		ck_assert_int_eq(txt(b, name)->status, MXA_DNS_DATA);
	}
	mxa_budget_close(b);
}
END_TEST

/* Messages wait in a time that is ours: what they would sleep through is over
 * at once. */
static void sleep_at_once(void)
{
	mxa_dns_set_time(t.dns, &t.clock.clock, test_clock_sleep, &t.clock);
}

START_TEST(the_deadline_ends_a_wait)
{
	uint64_t start = t.clock.ms;
	struct mxa_budget *b;
	const struct mxa_dns_answer *a;

	dnstest_open(&t);
	sleep_at_once();
	b = mxa_budget_open(t.dns, 150);
	a = txt(b, "dead.example.com");
	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_assert_uint_eq(t.clock.ms - start, 150);
	ck_assert_uint_eq(mxa_budget_counts(b).waits, 1);
	ck_assert_ptr_eq(txt(b, "dead.example.com"), a);
	/* and the next question does not wait at all */
	ck_assert_int_eq(txt(b, "x.many.example.com")->status, MXA_DNS_TIMEOUT);
	ck_assert_uint_eq(mxa_budget_counts(b).waits, 1);
	mxa_budget_close(b);
	/* another message has its own time */
	mxa_dns_set_time(t.dns, mxa_sysclock(), NULL, NULL);
	ck_assert_str_eq(once("x.many.example.com"), "data ttl=600 <x>");
}
END_TEST

START_TEST(waiting_threads_are_bounded)
{
	struct waiter w = { .name = "slow.example.com" };
	atomic_int waiting = 0;
	struct mxa_budget *b;
	const struct mxa_dns_answer *a;

	t.options.max_waiting = 1;
	dnstest_open(&t);
	mxa_dns_set_wait_hook(t.dns, count_call, &waiting);
	pthread_create(&w.thread, NULL, wait_for_it, &w);
	until_count(&waiting, 1);
	b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	a = txt(b, "dead.example.com");
	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_str_is(a->detail, "too many messages wait for the DNS");
	mxa_budget_close(b);
	test_dnsd_release(t.server);
	pthread_join(w.thread, NULL);
	ck_assert_str_eq(w.got, "data late");
	ck_assert_str_eq(once("x.many.example.com"), "data ttl=600 <x>");
}
END_TEST

/* --- watches --- */

struct seen {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int calls, nulls, signals_open;
	enum mxa_dns_status status;
	pthread_t thread;
	struct mxa_budget *again;
};

static void see(void *ctx, const struct mxa_dns_answer *answer)
{
	struct seen *s = ctx;
	struct mxa_budget *again;
	sigset_t set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	pthread_mutex_lock(&s->lock);
	s->thread = pthread_self();
	if (!sigismember(&set, SIGTERM) || !sigismember(&set, SIGHUP))
		s->signals_open++;
	again = s->again;
	s->again = NULL;
	if (answer != NULL)
		s->status = answer->status;
	pthread_mutex_unlock(&s->lock);
	if (again != NULL)
		mxa_dns_watch(again, MXA_SHARE_SPF, MXA_STR("sf.example.com"),
		    MXA_DNS_TXT, see, s);
	pthread_mutex_lock(&s->lock);
	s->calls++;
	s->nulls += answer == NULL;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

#define SEEN_INIT                                    \
	{                                            \
		.lock = PTHREAD_MUTEX_INITIALIZER,   \
		.changed = PTHREAD_COND_INITIALIZER, \
	}

static void wait_calls(struct seen *s, int calls)
{
	pthread_mutex_lock(&s->lock);
	while (s->calls < calls)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

START_TEST(a_watch_runs_in_the_resolvers_thread)
{
	struct seen s = SEEN_INIT;
	struct mxa_budget *b;

	dnstest_open(&t);
	b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	s.again = b;
	mxa_dns_watch(b, MXA_SHARE_SPF, MXA_STR("slow.example.com"),
	    MXA_DNS_TXT, see, &s);
	test_dnsd_release(t.server);
	wait_calls(&s, 2);
	ck_assert_int_eq(s.status, MXA_DNS_SERVFAIL);
	ck_assert(!pthread_equal(s.thread, pthread_self()));
	/* which no signal for the process may hit */
	ck_assert_int_eq(s.signals_open, 0);
	mxa_budget_close(b);
	ck_assert_int_eq(s.calls, 2);
	ck_assert_int_eq(s.nulls, 0);
	/* ours is as it was */
	ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, NULL, &(sigset_t){ 0 }), 0);
}
END_TEST

START_TEST(closing_calls_what_did_not_run)
{
	struct seen s = SEEN_INIT;
	struct mxa_budget *b;

	dnstest_open(&t);
	b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	for (int i = 0; i < 3; i++)
		mxa_dns_watch(b, MXA_SHARE_SPF, MXA_STR("dead.example.com"),
		    MXA_DNS_TXT, see, &s);
	mxa_budget_close(b);
	ck_assert_int_eq(s.calls, 3);
	ck_assert_int_eq(s.nulls, 3);
}
END_TEST

START_TEST(a_lookup_that_gives_up_calls_the_watches)
{
	struct seen s = SEEN_INIT;
	struct mxa_budget *b;

	dnstest_open(&t);
	sleep_at_once();
	b = mxa_budget_open(t.dns, 50);
	mxa_dns_watch(b, MXA_SHARE_SPF, MXA_STR("dead.example.com"),
	    MXA_DNS_TXT, see, &s);
	txt(b, "dead.example.com");
	ck_assert_int_eq(s.calls, 1);
	ck_assert_int_eq(s.status, MXA_DNS_TIMEOUT);
	mxa_budget_close(b);
	ck_assert_int_eq(s.calls, 1);
}
END_TEST

/* It would be asked again after a fifth of its time. */
START_TEST(nobody_waits_nobody_asks_on)
{
	struct mxa_budget *b;

	t.options.timeout_ms = 1000;
	t.options.manual_time = true;
	dnstest_open(&t);
	b = mxa_budget_open(t.dns, 1000);
	mxa_dns_prefetch(
	    b, MXA_SHARE_SPF, MXA_STR("dead.example.com"), MXA_DNS_TXT);
	dnstest_settle(t.dns);
	mxa_budget_close(b);
	mxa_stub_pass(t.dns, 600);
	dnstest_settle(t.dns);
	once("example.com"); /* the t.server has seen what came before */
	ck_assert_uint_eq(dnstest_asked(&t, "dead.example.com"), 1);
}
END_TEST

START_TEST(freed_with_questions_in_flight)
{
	struct mxa_budget *b;

	dnstest_open(&t);
	b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	mxa_dns_prefetch(
	    b, MXA_SHARE_SPF, MXA_STR("dead.example.com"), MXA_DNS_TXT);
	mxa_dns_prefetch(
	    b, MXA_SHARE_SPF, MXA_STR("slow.example.com"), MXA_DNS_TXT);
	mxa_budget_close(b);
	mxa_dns_free(t.dns);
	t.dns = NULL;
}
END_TEST

/* --- ids and ports --- */

START_TEST(ports_cannot_be_foreseen)
{
	struct mxa_budget *b;
	unsigned most, ports;
	char name[40];

	dnstest_open(&t);
	for (int i = 0; i < 400; i++) {
		b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
		snprintf(name, sizeof(name), "p%d.many.example.com", i);
		txt(b, name);
		mxa_budget_close(b);
	}
	ports = test_dnsd_ports(t.server, &most);
	/* of 55,536: two of 400 meet now and then, hardly ever four */
	ck_assert_uint_ge(ports, 390);
	ck_assert_uint_le(most, 3);
}
END_TEST

static void same_octets(void *ctx, void *p, size_t len)
{
	uint8_t *octets = p;

	for (size_t i = 0; i < len; i++)
		octets[i] = 0x3c;
	++*(unsigned *)ctx;
}

START_TEST(random_octets_come_from_the_option)
{
	unsigned calls = 0, most;

	t.options.random = same_octets;
	t.options.random_ctx = &calls;
	dnstest_open(&t);
	once("example.com");
	once("short.example.com");
	ck_assert_uint_ge(calls, 4); /* a port and an id for each */
	ck_assert_uint_eq(test_dnsd_ports(t.server, &most), 1);
	ck_assert_uint_eq(most, 2);
}
END_TEST

/* --- the AD bit --- */

START_TEST(ad_counts_only_when_trusted)
{
	struct mxa_budget *b;

	t.options.trust_ad = _i == 1;
	dnstest_open(&t);
	b = mxa_budget_open(t.dns, DNSTEST_HANG_MS);
	ck_assert_int_eq(txt(b, "example.com")->ad, _i == 1);
	mxa_budget_close(b);
}
END_TEST

/* --- servers --- */

static const struct {
	const char *text;
	bool ok;
} server_texts[] = {
	{ "192.0.2.53", true },
	{ "192.0.2.53:5353", true },
	{ "2001:db8::1", true },
	{ "[2001:db8::1]", true },
	{ "[2001:db8::1]:53", true },
	{ "::1", true },
	{ "", false },
	{ "localhost", false },
	{ "192.0.2.53:", false },
	{ "192.0.2.53:0", false },
	{ "192.0.2.53:65536", false },
	{ "192.0.2.53:t.dns", false },
	{ "192.0.2", false },
	{ "[2001:db8::1", false },
	{ "[2001:db8::1]5353", false },
	{ "[192.0.2.53]x", false },
	{ "2001:db8::1:2:3:4:5:6:7", false },
};

START_TEST(server_texts_are_checked)
{
	const char *error = NULL, *bad = server_texts[_i].text;

	ck_assert_msg(
	    mxa_dns_server_ok(mxa_str_from(bad)) == server_texts[_i].ok,
	    "\"%s\"", bad);
	t.options.servers = &bad;
	t.dns = mxa_dns_stub_new(&t.options, &error);
	ck_assert_int_eq(t.dns != NULL, server_texts[_i].ok);
	ck_assert_int_eq(error == NULL, server_texts[_i].ok);
}
END_TEST

START_TEST(a_server_over_ipv6)
{
	teardown();
	dnstest_begin(
	    &t, zone, &(struct test_dnsd_options){ .address = "::1" });
	dnstest_open(&t);
	ck_assert_str_eq(once("example.com"), "data ttl=600 <v=spf1>");
}
END_TEST

static void write_conf(const char *path, const char *text)
{
	char fresh[300];
	FILE *f;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	f = fopen(fresh, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(rename(fresh, path), 0);
}

START_TEST(resolv_conf_is_read_and_watched)
{
	struct test_dnsd *second =
	    test_dnsd_start(MXA_STR("*.example.com. TXT second\n"), NULL);
	char path[] = "/tmp/mxa-resolv-XXXXXX";
	int fd = mkstemp(path);

	close(fd);
	write_conf(path,
	    mxa_arena_printf(t.arena,
		"# nameserver 192.0.2.1\nsearch example\nnameserver\n"
		"nameserver not-an-address\n"
		"nameserver\t%s # ours\noptions timeout:1\n",
		test_dnsd_server(t.server)));
	t.options.servers = NULL;
	t.options.n_servers = 0;
	t.options.resolv_conf = path;
	t.options.manual_time = true;
	dnstest_open(&t);
	mxa_stub_pass(t.dns, 1000);
	ck_assert_str_eq(once("x.many.example.com"), "data ttl=600 <x>");
	write_conf(path,
	    mxa_arena_printf(
		t.arena, "nameserver %s\n", test_dnsd_server(second)));
	mxa_stub_pass(t.dns, 999); /* it looks once a second */
	ck_assert_str_eq(once("w.many.example.com"), "data ttl=600 <x>");
	mxa_stub_pass(t.dns, 1);
	ck_assert_str_eq(once("y.many.example.com"), "data ttl=3600 <second>");
	/* a file that is gone or empty changes nothing */
	unlink(path);
	mxa_stub_pass(t.dns, 1000);
	ck_assert_str_eq(once("z.many.example.com"), "data ttl=3600 <second>");
	test_dnsd_stop(second);
}
END_TEST

START_TEST(without_resolv_conf)
{
	t.options.servers = NULL;
	t.options.n_servers = 0;
	t.options.resolv_conf = "/nonexistent/resolv.conf";
	dnstest_open(&t);
	ck_assert_ptr_nonnull(t.dns);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stub");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_answer_is_kept_for_its_ttl);
	tcase_add_test(tc, cached_answers_are_free);
	tcase_add_test(tc, negative_answers_by_the_soa_minimum);
	tcase_add_loop_test(
	    tc, failures_are_remembered, 0, MXA_ARRAY_LEN(memories));
	tcase_add_test(tc, equal_questions_in_flight_are_asked_once);
	tcase_add_test(tc, ttl_0_serves_those_who_wait);
	tcase_add_test(tc, the_floor_lifts_other_ttls);
	tcase_add_test(tc, the_hook_runs_before_a_real_wait);
	tcase_add_test(tc, prefetched_questions_run_together);
	tcase_add_test(tc, the_deadline_ends_a_wait);
	tcase_add_test(tc, waiting_threads_are_bounded);
	tcase_add_test(tc, a_watch_runs_in_the_resolvers_thread);
	tcase_add_test(tc, closing_calls_what_did_not_run);
	tcase_add_test(tc, a_lookup_that_gives_up_calls_the_watches);
	tcase_add_test(tc, nobody_waits_nobody_asks_on);
	tcase_add_test(tc, freed_with_questions_in_flight);
	tcase_add_test(tc, ports_cannot_be_foreseen);
	tcase_add_test(tc, random_octets_come_from_the_option);
	tcase_add_loop_test(tc, ad_counts_only_when_trusted, 0, 2);
	tcase_add_loop_test(
	    tc, server_texts_are_checked, 0, MXA_ARRAY_LEN(server_texts));
	tcase_add_test(tc, a_server_over_ipv6);
	tcase_add_test(tc, resolv_conf_is_read_and_watched);
	tcase_add_test(tc, without_resolv_conf);
	suite_add_tcase(s, tc);
	return test_main(s);
}
