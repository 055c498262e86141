/* check_stub_load.c - very many questions, very many threads. */
#include "dns/stub.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t/support/dnsd.h"
#include "t/support/testing.h"

#define EACH 100 /* questions of a message */
#define MANY 10000
#define MESSAGES (MANY / EACH)

static struct mxa_arena *arena;
static struct test_dnsd *server;
static struct mxa_dns *dns;

static void setup(void)
{
	arena = mxa_arena_new();
}

static void teardown(void)
{
	mxa_dns_free(dns);
	test_dnsd_stop(server);
	mxa_arena_free(arena);
}

static void start(struct mxa_str zone, struct mxa_dns_options *o,
    const struct test_dnsd_options *how)
{
	const char *addr, *error;

	server = test_dnsd_start(zone, how);
	addr = test_dnsd_server(server);
	o->servers = &addr;
	o->n_servers = 1;
	dns = mxa_dns_stub_new(o, &error);
	ck_assert_msg(dns != NULL, "%s", error);
}

static struct mxa_str numbered(char space[64], const char *below, int n)
{
	snprintf(space, 64, "q%d.%s", n, below);
	return mxa_str_from(space);
}

static void prefetch_many(struct mxa_budget **all, const char *below)
{
	char space[64];

	for (int i = 0; i < MESSAGES; i++) {
		all[i] = mxa_budget_open(dns, 600000);
		for (int j = 0; j < EACH; j++)
			mxa_dns_prefetch(all[i], MXA_SHARE_SPF,
			    numbered(space, below, i * EACH + j), MXA_DNS_A);
	}
}

/* The server answers nobody before all have asked: all are open together. */
START_TEST(ten_thousand_in_flight)
{
	struct mxa_budget *all[MESSAGES];
	struct mxa_dns_options o;
	char space[64];

	mxa_dns_options_default(&o);
	o.timeout_ms = 600000;
	start(MXA_STR("*.slow.example.com. A 192.0.2.1\n"), &o,
	    &(struct test_dnsd_options){ .hold = MANY });
	prefetch_many(all, "slow.example.com");
	for (int i = 0; i < MESSAGES; i++) {
		for (int j = 0; j < EACH; j++) {
			const struct mxa_dns_answer *a = mxa_dns_lookup(all[i],
			    MXA_SHARE_SPF,
			    numbered(space, "slow.example.com", i * EACH + j),
			    MXA_DNS_A);

			ck_assert_int_eq(a->status, MXA_DNS_DATA);
		}
		mxa_budget_close(all[i]);
	}
	/* hardly any was lost */
	ck_assert_uint_lt(test_dnsd_questions(server), MANY * 11 / 10);
}
END_TEST

/* Twenty questions are answered while ten thousand others wait for nothing. */
START_TEST(dead_domains_do_not_hold_up_others)
{
	struct mxa_budget *all[MESSAGES], *good;
	struct mxa_dns_options o;
	char space[64];

	mxa_dns_options_default(&o);
	o.timeout_ms = 600000;
	start(MXA_STR(";? drop *.dead.example.com\n"
		      "*.good.example.com. A 192.0.2.1\n"),
	    &o, NULL);
	prefetch_many(all, "dead.example.com");
	for (int i = 0; i < 20; i++) {
		good = mxa_budget_open(dns, 600000);
		ck_assert_int_eq(
		    mxa_dns_lookup(good, MXA_SHARE_SPF,
			numbered(space, "good.example.com", i), MXA_DNS_A)
			->status,
		    MXA_DNS_DATA);
		mxa_budget_close(good);
	}
	for (int i = 0; i < MESSAGES; i++) {
		ck_assert_ptr_null(mxa_dns_peek(all[i],
		    numbered(space, "dead.example.com", i * EACH), MXA_DNS_A));
		mxa_budget_close(all[i]);
	}
}
END_TEST

/* --- threads that open, ask, watch, and close in the middle --- */

#define THREADS 64
#define ROUNDS 40
#define NAMES 100

static atomic_int watched, called, wrong;

static void see(void *ctx, const struct mxa_dns_answer *answer)
{
	struct mxa_budget *again = ctx;

	atomic_fetch_add(&called, 1);
	if (answer == NULL)
		return;
	if (answer->status != MXA_DNS_DATA)
		atomic_fetch_add(&wrong, 1);
	if (again == NULL)
		return;
	/* from the resolver's thread, perhaps while it is being closed */
	atomic_fetch_add(&watched, 1);
	mxa_dns_watch(again, MXA_SHARE_OTHER, MXA_STR("q0.mix.example.com"),
	    MXA_DNS_A, see, NULL);
}

static void one_message(unsigned *seed)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	char space[64];

	for (int i = 0; i < 4; i++)
		mxa_dns_prefetch(b, MXA_SHARE_SPF,
		    numbered(space, "mix.example.com", rand_r(seed) % NAMES),
		    MXA_DNS_A);
	for (int i = 0; i < 2; i++) {
		atomic_fetch_add(&watched, 1);
		mxa_dns_watch(b, MXA_SHARE_SPF,
		    numbered(space, "mix.example.com", rand_r(seed) % NAMES),
		    MXA_DNS_A, see, i > 0 ? b : NULL);
	}
	if (rand_r(seed) % 2 == 0 &&
	    mxa_dns_lookup(b, MXA_SHARE_SPF,
		numbered(space, "mix.example.com", rand_r(seed) % NAMES),
		MXA_DNS_A)
		    ->status != MXA_DNS_DATA)
		atomic_fetch_add(&wrong, 1);
	mxa_budget_close(b);
}

static void *messages(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (int i = 0; i < ROUNDS; i++)
		one_message(&seed);
	return NULL;
}

START_TEST(many_threads_close_in_flight)
{
	pthread_t threads[THREADS];
	struct mxa_dns_options o;

	mxa_dns_options_default(&o);
	/* ttl0: every message asks anew */
	start(MXA_STR(";? delay=3 *.mix.example.com\n"
		      ";! ttl0 *.mix.example.com\n"
		      "*.mix.example.com. A 192.0.2.1\n"),
	    &o, NULL);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, messages, (void *)(i + 1));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	mxa_dns_free(dns);
	dns = NULL;
	ck_assert_int_eq(called, watched);
	ck_assert_int_eq(wrong, 0);
	/* equal questions were joined: fewer questions than messages */
	ck_assert_uint_lt(test_dnsd_questions(server), THREADS * ROUNDS * 6);
}
END_TEST

/* --- threads that read what is cached --- */

static void *readers(void *arg)
{
	char space[64];

	(void)arg;
	for (int i = 0; i < 2000; i++) {
		struct mxa_budget *b = mxa_budget_open(dns, 5000);
		const struct mxa_dns_answer *a = mxa_dns_lookup(b,
		    MXA_SHARE_SPF,
		    numbered(space, "mix.example.com", i % NAMES), MXA_DNS_A);

		if (a->status != MXA_DNS_DATA || a->n != 1)
			atomic_fetch_add(&wrong, 1);
		mxa_budget_close(b);
	}
	return NULL;
}

START_TEST(a_small_cache_under_many_threads)
{
	pthread_t threads[16];
	struct mxa_dns_options o;

	mxa_dns_options_default(&o);
	o.cache_bytes = 20000; /* not enough for all */
	start(MXA_STR("*.mix.example.com. A 192.0.2.1\n"), &o, NULL);
	for (int i = 0; i < 16; i++)
		pthread_create(&threads[i], NULL, readers, NULL);
	for (int i = 0; i < 16; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stub_load");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, ten_thousand_in_flight);
	tcase_add_test(tc, dead_domains_do_not_hold_up_others);
	tcase_add_test(tc, many_threads_close_in_flight);
	tcase_add_test(tc, a_small_cache_under_many_threads);
	suite_add_tcase(s, tc);
	return test_main(s);
}
