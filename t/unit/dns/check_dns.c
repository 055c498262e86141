/* check_dns.c - a message's account: shares, deadline, memory, watches. */
#include "dns/dns.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "dns/zone.h"
#include "t/support/testing.h"

static const char zone[] = ";! delay 60 slow.example.com\n"
			   ";! delay 60000 dead.example.com\n"
			   ";! servfail sf.example.com\n"
			   "$ORIGIN example.com.\n"
			   "@ TXT v=spf1\n"
			   "a A 192.0.2.1\n"
			   "slow TXT late\n"
			   "dead TXT never\n"
			   "*.many A 192.0.2.2\n";

static struct mxa_arena *arena;
static struct mxa_dns *dns;
static struct test_clock tc_clock; /* in which messages wait */

static void setup(void)
{
	char *error = NULL;

	arena = mxa_arena_new();
	dns = mxa_dns_zone_text("z", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(dns != NULL, "%s", error ? error : "no error text");
	test_clock_init(&tc_clock, 0);
	tc_clock.ms = 5000000;
	mxa_dns_set_time(dns, &tc_clock.clock, test_clock_sleep, &tc_clock);
}

static void teardown(void)
{
	mxa_dns_free(dns);
	mxa_arena_free(arena);
}

static uint64_t now(void)
{
	return tc_clock.ms;
}

static const struct mxa_dns_answer *txt(struct mxa_budget *b, const char *name)
{
	return mxa_dns_lookup(
	    b, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT);
}

static struct mxa_str many(int i)
{
	return mxa_str_from(mxa_arena_printf(arena, "h%d.many.example.com", i));
}

START_TEST(words)
{
	ck_assert_str_eq(mxa_dns_type_name(MXA_DNS_AAAA), "AAAA");
	ck_assert_str_eq(mxa_dns_type_name(MXA_DNS_PTR), "PTR");
	ck_assert_str_eq(mxa_dns_status_name(MXA_DNS_DATA), "data");
	ck_assert_str_eq(mxa_dns_status_name(MXA_DNS_NXDOMAIN), "nxdomain");
	ck_assert_str_eq(mxa_dns_status_name(MXA_DNS_TIMEOUT), "timeout");
}
END_TEST

static const struct {
	enum mxa_dns_status status;
	bool failed;
} failures[] = {
	{ MXA_DNS_DATA, false },
	{ MXA_DNS_NODATA, false },
	{ MXA_DNS_NXDOMAIN, false },
	{ MXA_DNS_SERVFAIL, true },
	{ MXA_DNS_REFUSED, true },
	{ MXA_DNS_TIMEOUT, true },
	{ MXA_DNS_MALFORMED, true },
	{ MXA_DNS_BADNAME, false },
	{ MXA_DNS_SPENT, true },
};

START_TEST(failed)
{
	ck_assert_int_eq(
	    mxa_dns_failed(failures[_i].status), failures[_i].failed);
}
END_TEST

START_TEST(equal_questions_have_one_answer)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	const struct mxa_dns_answer *one = txt(b, "example.com");

	ck_str_is(one->rr[0].text, "v=spf1");
	ck_assert_ptr_eq(txt(b, "Example.COM."), one);
	ck_assert_ptr_eq(
	    mxa_dns_peek(b, MXA_STR("EXAMPLE.com"), MXA_DNS_TXT), one);
	ck_assert_uint_eq(mxa_budget_counts(b).questions, 1);
	ck_assert_uint_eq(mxa_budget_counts(b).waits, 0);
	mxa_budget_close(b);
}
END_TEST

START_TEST(peek_asks_nothing)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);

	ck_assert_ptr_null(
	    mxa_dns_peek(b, MXA_STR("example.com"), MXA_DNS_TXT));
	ck_assert_uint_eq(mxa_budget_counts(b).questions, 0);
	mxa_dns_prefetch(b, MXA_SHARE_SPF, MXA_STR("example.com"), MXA_DNS_TXT);
	ck_assert_ptr_nonnull(
	    mxa_dns_peek(b, MXA_STR("example.com"), MXA_DNS_TXT));
	ck_assert_uint_eq(mxa_budget_counts(b).questions, 1);
	mxa_budget_close(b);
}
END_TEST

/* --- shares --- */

static const struct {
	enum mxa_dns_share share;
	int limit;
} shares[] = {
	{ MXA_SHARE_SPF, MXA_MAX_QUESTIONS_SPF },
	{ MXA_SHARE_DMARC, MXA_MAX_QUESTIONS_DMARC },
	{ MXA_SHARE_AUTHOR_KEYS, MXA_MAX_QUESTIONS_AUTHOR_KEYS },
	{ MXA_SHARE_OTHER, MXA_MAX_QUESTIONS_OTHER },
};

START_TEST(a_share_ends_at_its_limit)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	enum mxa_dns_share share = shares[_i].share;
	enum mxa_dns_share other = shares[(_i + 1) % 4].share;
	const struct mxa_dns_answer *a;

	for (int i = 0; i < shares[_i].limit; i++) {
		a = mxa_dns_lookup(b, share, many(i), MXA_DNS_A);
		ck_assert_int_eq(a->status, MXA_DNS_DATA);
	}
	a = mxa_dns_lookup(b, share, many(1000), MXA_DNS_A);
	ck_assert_int_eq(a->status, MXA_DNS_SPENT);
	ck_str_is(a->name, "h1000.many.example.com");
	ck_assert_ptr_eq(mxa_dns_lookup(b, share, many(1000), MXA_DNS_A), a);
	/* what was asked before is free, and the other shares are there */
	a = mxa_dns_lookup(b, share, many(3), MXA_DNS_A);
	ck_assert_int_eq(a->status, MXA_DNS_DATA);
	a = mxa_dns_lookup(b, other, many(1000), MXA_DNS_A);
	ck_assert_int_eq(a->status, MXA_DNS_DATA);
	a = mxa_dns_lookup(b, share, many(1000), MXA_DNS_A);
	ck_assert_int_eq(a->status, MXA_DNS_DATA);
	ck_assert_uint_eq(
	    mxa_budget_counts(b).questions, (unsigned)shares[_i].limit + 1);
	mxa_budget_close(b);
}
END_TEST

START_TEST(names_that_cannot_be_asked_cost_nothing)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);

	for (int i = 0; i < 1000; i++) {
		const struct mxa_dns_answer *a = txt(b, "a..example.com");

		ck_assert_int_eq(a->status, MXA_DNS_BADNAME);
		ck_str_is(a->name, "a..example.com");
		mxa_dns_prefetch(b, MXA_SHARE_SPF, MXA_STR("."), MXA_DNS_TXT);
	}
	ck_assert_int_eq(txt(b, "example.com")->status, MXA_DNS_DATA);
	ck_assert_uint_eq(mxa_budget_counts(b).questions, 1);
	mxa_budget_close(b);
}
END_TEST

/* --- waiting --- */

static void count_call(void *ctx)
{
	++*(int *)ctx;
}

START_TEST(a_delay_is_waited_for)
{
	int hooked = 0;
	uint64_t start = now();
	struct mxa_budget *b;

	mxa_dns_set_wait_hook(dns, count_call, &hooked);
	b = mxa_budget_open(dns, 5000);
	txt(b, "example.com");
	ck_assert_int_eq(hooked, 0);
	ck_str_is(txt(b, "slow.example.com")->rr[0].text, "late");
	ck_assert_uint_eq(now() - start, 60);
	ck_assert_int_eq(hooked, 1);
	txt(b, "slow.example.com");
	ck_assert_int_eq(hooked, 1);
	ck_assert_uint_eq(mxa_budget_counts(b).waits, 1);
	mxa_budget_close(b);
}
END_TEST

START_TEST(a_delay_runs_from_the_asking)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	struct mxa_str name = MXA_STR("slow.example.com");

	mxa_dns_prefetch(b, MXA_SHARE_SPF, name, MXA_DNS_TXT);
	tc_clock.ms += 59;
	ck_assert_ptr_null(mxa_dns_peek(b, name, MXA_DNS_TXT));
	tc_clock.ms += 1;
	ck_assert_ptr_nonnull(mxa_dns_peek(b, name, MXA_DNS_TXT));
	txt(b, "slow.example.com");
	ck_assert_uint_eq(mxa_budget_counts(b).waits, 0);
	mxa_budget_close(b);
}
END_TEST

START_TEST(the_deadline_is_the_messages)
{
	struct mxa_budget *b = mxa_budget_open(dns, 100);
	uint64_t start = now();
	const struct mxa_dns_answer *a = txt(b, "dead.example.com");

	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_assert_uint_eq(now() - start, 100);
	ck_assert_ptr_eq(txt(b, "dead.example.com"), a);
	/* what is there stays there, nothing new is asked */
	a = mxa_dns_lookup(
	    b, MXA_SHARE_SPF, MXA_STR("dead.example.com"), MXA_DNS_A);
	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_assert_int_eq(txt(b, "example.com")->status, MXA_DNS_TIMEOUT);
	ck_assert_uint_eq(now() - start, 100);
	ck_assert_uint_eq(mxa_budget_counts(b).questions, 1);
	mxa_budget_close(b);
}
END_TEST

START_TEST(the_deadline_starts_with_the_first_wait)
{
	struct mxa_budget *b = mxa_budget_open(dns, 150);

	txt(b, "example.com");
	tc_clock.ms += 200;
	ck_assert_int_eq(txt(b, "slow.example.com")->status, MXA_DNS_DATA);
	mxa_budget_close(b);
}
END_TEST

/* --- whichever comes first --- */

START_TEST(waits_for_any)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	uint64_t start = now();

	ck_assert(!mxa_budget_wait_any(b)); /* nothing was asked */
	ck_assert_ptr_null(mxa_dns_ask(
	    b, MXA_SHARE_SPF, MXA_STR("dead.example.com"), MXA_DNS_TXT));
	ck_assert_ptr_null(mxa_dns_ask(
	    b, MXA_SHARE_SPF, MXA_STR("slow.example.com"), MXA_DNS_TXT));
	ck_assert_ptr_nonnull(
	    mxa_dns_ask(b, MXA_SHARE_SPF, MXA_STR("a.example.com"), MXA_DNS_A));
	ck_assert(mxa_budget_wait_any(b)); /* the one that is there */
	ck_assert_uint_eq(now() - start, 0);
	ck_assert(mxa_budget_wait_any(b));
	ck_assert_uint_eq(now() - start, 60);
	ck_assert_int_eq(txt(b, "slow.example.com")->status, MXA_DNS_DATA);
	mxa_budget_hurry(b, 50);
	ck_assert(!mxa_budget_wait_any(b));
	ck_assert_uint_eq(now() - start, 110);
	ck_assert_ptr_null(
	    mxa_dns_peek(b, MXA_STR("dead.example.com"), MXA_DNS_TXT));
	mxa_budget_close(b);
}
END_TEST

START_TEST(a_hurry_is_shared)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	const struct mxa_dns_answer *a;
	uint64_t start = now();

	mxa_budget_hurry(b, 100);
	mxa_budget_hurry(b, 5000); /* the first counts */
	ck_assert_int_eq(txt(b, "slow.example.com")->status, MXA_DNS_DATA);
	a = txt(b, "dead.example.com");
	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_assert_ptr_nonnull(
	    strstr(mxa_arena_printf(arena, "%.*s", MXA_STR_ARG(a->detail)),
		"not waited for"));
	ck_assert_uint_eq(now() - start, 100);
	mxa_budget_close(b);
}
END_TEST

/* --- progress --- */

struct listening {
	int calls;
	int hangs_up_at; /* the call that is answered "false"; 0: none */
};

static bool listen_to(void *ctx)
{
	struct listening *l = ctx;

	return ++l->calls != l->hangs_up_at;
}

START_TEST(progress_while_waiting_only)
{
	struct mxa_budget *b = mxa_budget_open(dns, 210);
	struct listening l = { .calls = 0 };

	mxa_budget_set_progress(b, 40, listen_to, &l);
	txt(b, "example.com"); /* there at once */
	ck_assert_int_eq(l.calls, 0);
	ck_assert_int_eq(txt(b, "dead.example.com")->status, MXA_DNS_TIMEOUT);
	ck_assert_int_eq(l.calls, 210 / 40);
	mxa_budget_close(b);
}
END_TEST

/* Two waits, each shorter than the interval: what counts is the time since the
 * last report. */
START_TEST(progress_over_several_waits)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	struct listening l = { .calls = 0 };

	mxa_budget_set_progress(b, 90, listen_to, &l);
	tc_clock.ms += 100;
	ck_assert_int_eq(txt(b, "slow.example.com")->status, MXA_DNS_DATA);
	ck_assert_int_eq(l.calls, 1);
	mxa_budget_close(b);
}
END_TEST

START_TEST(nobody_listens_any_more)
{
	struct mxa_budget *b = mxa_budget_open(dns, 20000);
	struct listening l = { .hangs_up_at = 2 };
	uint64_t start = now();

	mxa_budget_set_progress(b, 30, listen_to, &l);
	ck_assert_int_eq(txt(b, "dead.example.com")->status, MXA_DNS_TIMEOUT);
	ck_assert_uint_eq(now() - start, 60);
	/* and no further question waits */
	ck_assert_int_eq(txt(b, "slow.example.com")->status, MXA_DNS_TIMEOUT);
	ck_assert_int_eq(l.calls, 2);
	mxa_budget_close(b);
}
END_TEST

/* --- watches --- */

struct seen {
	int calls;
	int nulls;
	enum mxa_dns_status status;
	struct mxa_budget *again; /* ask there for more, once */
};

static void see(void *ctx, const struct mxa_dns_answer *answer)
{
	struct seen *s = ctx;
	struct mxa_budget *again = s->again;

	s->calls++;
	s->nulls += answer == NULL;
	if (answer != NULL)
		s->status = answer->status;
	s->again = NULL;
	if (again != NULL)
		mxa_dns_watch(again, MXA_SHARE_SPF, MXA_STR("sf.example.com"),
		    MXA_DNS_TXT, see, s);
}

START_TEST(a_watch_is_called_once)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	struct seen s = { .calls = 0 };

	mxa_dns_watch(
	    b, MXA_SHARE_SPF, MXA_STR("example.com"), MXA_DNS_TXT, see, &s);
	ck_assert_int_eq(s.calls, 1);
	ck_assert_int_eq(s.status, MXA_DNS_DATA);
	mxa_dns_watch(b, MXA_SHARE_SPF, MXA_STR(".."), MXA_DNS_TXT, see, &s);
	ck_assert_int_eq(s.calls, 2);
	ck_assert_int_eq(s.status, MXA_DNS_BADNAME);
	mxa_budget_close(b);
	ck_assert_int_eq(s.calls, 2);
	ck_assert_int_eq(s.nulls, 0);
}
END_TEST

START_TEST(a_watch_may_watch_again)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	struct seen s = { .again = b };

	mxa_dns_watch(
	    b, MXA_SHARE_SPF, MXA_STR("example.com"), MXA_DNS_TXT, see, &s);
	ck_assert_int_eq(s.calls, 2);
	ck_assert_int_eq(s.status, MXA_DNS_SERVFAIL);
	mxa_budget_close(b);
}
END_TEST

START_TEST(a_watch_with_a_spent_share_is_told)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	struct seen s = { .calls = 0 };

	for (int i = 0; i < MXA_MAX_QUESTIONS_OTHER; i++)
		mxa_dns_prefetch(b, MXA_SHARE_OTHER, many(i), MXA_DNS_A);
	mxa_dns_watch(b, MXA_SHARE_OTHER, many(1000), MXA_DNS_A, see, &s);
	ck_assert_int_eq(s.calls, 1);
	ck_assert_int_eq(s.status, MXA_DNS_SPENT);
	mxa_budget_close(b);
}
END_TEST

/* --- evidence --- */

START_TEST(evidence_in_order_of_asking)
{
	static const struct {
		const char *name;
		enum mxa_dns_type type;
		enum mxa_dns_status status;
	} want[] = {
		{ "sf.example.com", MXA_DNS_TXT, MXA_DNS_SERVFAIL },
		{ "a.example.com", MXA_DNS_A, MXA_DNS_DATA },
		{ "sf.example.com", MXA_DNS_A, MXA_DNS_SERVFAIL },
	};
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	struct mxa_evidence *e;

	txt(b, "SF.example.com");
	mxa_dns_prefetch(
	    b, MXA_SHARE_OTHER, MXA_STR("a.example.com"), MXA_DNS_A);
	txt(b, "sf.example.com");
	mxa_dns_lookup(
	    b, MXA_SHARE_OTHER, MXA_STR("sf.example.com"), MXA_DNS_A);
	ck_assert_uint_eq(
	    mxa_budget_evidence(b, arena, &e), MXA_ARRAY_LEN(want));
	for (size_t i = 0; i < MXA_ARRAY_LEN(want); i++) {
		ck_str_is(e[i].name, want[i].name);
		ck_assert_int_eq(e[i].type, want[i].type);
		ck_assert_int_eq(e[i].answer->status, want[i].status);
		ck_assert(!e[i].cached);
	}
	mxa_budget_close(b);
}
END_TEST

START_TEST(an_unused_budget_closes)
{
	mxa_budget_close(mxa_budget_open(dns, 5000));
	mxa_budget_close(NULL);
	mxa_dns_free(NULL);
}
END_TEST

/* --- what is decoded --- */

#define DECODERS 8

static atomic_int arrived, decodings, drops;

static void *decode(const struct mxa_dns_answer *a)
{
	atomic_fetch_add(&decodings, 1);
	while (atomic_load(&arrived) < DECODERS) /* the others are there */
		sched_yield();
	return strndup(a->rr[0].text.p, a->rr[0].text.len);
}

static void drop(void *p)
{
	atomic_fetch_add(&drops, 1);
	free(p);
}

static void *decoder(void *answer)
{
	atomic_fetch_add(&arrived, 1);
	return (void *)mxa_dns_decoded(answer, MXA_SLOT_SPF, decode, drop);
}

START_TEST(an_answer_is_decoded_once)
{
	struct mxa_budget *b = mxa_budget_open(dns, 5000);
	const struct mxa_dns_answer *a = txt(b, "example.com");
	pthread_t threads[DECODERS];
	void *got;

	for (int i = 0; i < DECODERS; i++)
		pthread_create(&threads[i], NULL, decoder, (void *)a);
	for (int i = 0; i < DECODERS; i++) {
		pthread_join(threads[i], &got);
		ck_assert_str_eq(got, "v=spf1");
		ck_assert_ptr_eq(got, decoder((void *)a));
	}
	ck_assert_int_eq(decodings, 1);
	/* another kind has its own place */
	mxa_dns_decoded(a, MXA_SLOT_KEY, decode, drop);
	ck_assert_int_eq(decodings, 2);
	ck_assert_int_eq(drops, 0);
	mxa_budget_close(b);
	ck_assert_int_eq(drops, 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dns");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, words);
	tcase_add_loop_test(tc, failed, 0, MXA_ARRAY_LEN(failures));
	tcase_add_test(tc, equal_questions_have_one_answer);
	tcase_add_test(tc, peek_asks_nothing);
	tcase_add_loop_test(
	    tc, a_share_ends_at_its_limit, 0, MXA_ARRAY_LEN(shares));
	tcase_add_test(tc, names_that_cannot_be_asked_cost_nothing);
	tcase_add_test(tc, a_delay_is_waited_for);
	tcase_add_test(tc, a_delay_runs_from_the_asking);
	tcase_add_test(tc, the_deadline_is_the_messages);
	tcase_add_test(tc, the_deadline_starts_with_the_first_wait);
	tcase_add_test(tc, waits_for_any);
	tcase_add_test(tc, a_hurry_is_shared);
	tcase_add_test(tc, progress_while_waiting_only);
	tcase_add_test(tc, progress_over_several_waits);
	tcase_add_test(tc, nobody_listens_any_more);
	tcase_add_test(tc, a_watch_is_called_once);
	tcase_add_test(tc, a_watch_may_watch_again);
	tcase_add_test(tc, a_watch_with_a_spent_share_is_told);
	tcase_add_test(tc, evidence_in_order_of_asking);
	tcase_add_test(tc, an_unused_budget_closes);
	tcase_add_test(tc, an_answer_is_decoded_once);
	suite_add_tcase(s, tc);
	return test_main(s);
}
