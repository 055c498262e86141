/* check_cache.c - what is kept, how long, and what goes when it is full. */
#include "dns/cache.h"

#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "t/support/testing.h"

static struct test_clock tc_clock;
static struct mxa_cache_rules rules;
static struct mxa_cache *cache;
static const uint64_t key[2] = { 11, 22 };

static void setup(void)
{
	test_clock_init(&tc_clock, 0);
	rules = (struct mxa_cache_rules){
		.bytes = 1 << 20,
		.failure_memory_ms = 3000,
		.ttl_floor = 0,
		.ttl_ceiling = 86400,
		.clock = &tc_clock.clock,
	};
}

static void teardown(void)
{
	mxa_cache_free(cache);
}

static struct mxa_question question(const char *name, enum mxa_dns_type type)
{
	struct mxa_question q = { .name = mxa_str_from(name), .type = type };

	q.hash = mxa_table_hash(key, name, q.name.len, type);
	return q;
}

static void put_status(
    const char *name, enum mxa_dns_status status, uint32_t ttl)
{
	struct mxa_question q = question(name, MXA_DNS_TXT);
	struct mxa_dns_record rr = { .text = mxa_str_from(name) };
	struct mxa_dns_answer from = { .status = status,
		.type = q.type,
		.name = q.name,
		.canonical = q.name,
		.ttl = ttl };
	const struct mxa_dns_answer *a;

	if (status == MXA_DNS_DATA) {
		from.rr = &rr;
		from.n = 1;
	}
	a = mxa_answer_new(&from);
	mxa_cache_put(cache, &q, a);
	mxa_answer_unref(a);
}

static void put(const char *name, uint32_t ttl)
{
	put_status(name, MXA_DNS_DATA, ttl);
}

static bool there(const char *name)
{
	struct mxa_question q = question(name, MXA_DNS_TXT);
	const struct mxa_dns_answer *a = mxa_cache_find(cache, &q);

	if (a != NULL)
		ck_str_is(a->name, name);
	mxa_answer_unref(a);
	return a != NULL;
}

static const struct {
	const char *what;
	enum mxa_dns_status status;
	uint32_t ttl, floor, ceiling, memory_ms;
	uint64_t kept_ms; /* 0: not at all */
} ages[] = {
	{ "its TTL", MXA_DNS_DATA, 60, 0, 86400, 3000, 60000 },
	{ "at least the floor", MXA_DNS_DATA, 5, 30, 86400, 3000, 30000 },
	{ "at most the ceiling", MXA_DNS_DATA, 1000000, 0, 3600, 3000,
	    3600000 },
	{ "a ceiling below the floor", MXA_DNS_DATA, 5, 60, 30, 3000, 30000 },
	{ "TTL 0: not at all", MXA_DNS_DATA, 0, 0, 86400, 3000, 0 },
	{ "TTL 0: whatever the floor", MXA_DNS_DATA, 0, 300, 86400, 3000, 0 },
	{ "largest TTL", MXA_DNS_DATA, UINT32_MAX, 0, UINT32_MAX, 3000,
	    UINT64_C(4294967295000) },
	{ "no such name", MXA_DNS_NXDOMAIN, 90, 0, 86400, 3000, 90000 },
	{ "no such record", MXA_DNS_NODATA, 90, 0, 86400, 3000, 90000 },
	{ "a no without SOA", MXA_DNS_NODATA, 0, 60, 86400, 3000, 0 },
	{ "SERVFAIL", MXA_DNS_SERVFAIL, 0, 60, 86400, 3000, 3000 },
	{ "REFUSED", MXA_DNS_REFUSED, 0, 0, 86400, 3000, 3000 },
	{ "silence", MXA_DNS_TIMEOUT, 0, 0, 86400, 3000, 3000 },
	{ "nonsense", MXA_DNS_MALFORMED, 0, 0, 86400, 10, 10 },
	{ "no memory for failures", MXA_DNS_SERVFAIL, 0, 60, 86400, 0, 0 },
};

START_TEST(answers_are_kept_for)
{
	rules.ttl_floor = ages[_i].floor;
	rules.ttl_ceiling = ages[_i].ceiling;
	rules.failure_memory_ms = ages[_i].memory_ms;
	cache = mxa_cache_new(&rules);
	put_status("a.example", ages[_i].status, ages[_i].ttl);
	if (ages[_i].kept_ms == 0) {
		ck_assert_msg(!there("a.example"), "%s", ages[_i].what);
		ck_assert_uint_eq(mxa_cache_bytes(cache), 0);
		return;
	}
	tc_clock.ms += ages[_i].kept_ms - 1;
	ck_assert_msg(there("a.example"), "%s", ages[_i].what);
	tc_clock.ms += 1;
	ck_assert_msg(!there("a.example"), "%s", ages[_i].what);
	ck_assert_uint_eq(mxa_cache_bytes(cache), 0);
}
END_TEST

START_TEST(name_and_type_make_the_question)
{
	struct mxa_question q = question("a.example", MXA_DNS_MX);

	cache = mxa_cache_new(&rules);
	put("a.example", 60);
	ck_assert_ptr_null(mxa_cache_find(cache, &q));
	ck_assert(!there("b.example"));
	ck_assert(there("a.example"));
}
END_TEST

START_TEST(the_newer_answer_replaces)
{
	size_t bytes;

	cache = mxa_cache_new(&rules);
	put("a.example", 60);
	bytes = mxa_cache_bytes(cache);
	ck_assert_uint_gt(bytes, 0);
	put("a.example", 120);
	ck_assert_uint_eq(mxa_cache_bytes(cache), bytes);
	tc_clock.ms += 100000;
	ck_assert(there("a.example"));
}
END_TEST

START_TEST(a_full_cache_forgets_the_oldest_use)
{
	char name[40];
	int kept = 0;

	rules.bytes = 100000;
	cache = mxa_cache_new(&rules);
	put("often.example", 600);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		put(name, 600);
		ck_assert_uint_le(mxa_cache_bytes(cache), rules.bytes);
		ck_assert(there("often.example"));
		ck_assert(there(name));
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		if (there(name)) {
			kept++;
			ck_assert_int_ge(i, 900);
		}
	}
	ck_assert_int_ge(kept, 10);
}
END_TEST

START_TEST(expired_answers_make_room_unasked)
{
	char name[40];
	size_t full;

	rules.bytes = 900000;
	cache = mxa_cache_new(&rules);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "old%d.example", i);
		put(name, 10);
	}
	full = mxa_cache_bytes(cache);
	tc_clock.ms += 10000;
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "new%d.example", i);
		put(name, 600);
	}
	/* there is room for all, but the old ones are gone */
	ck_assert_uint_lt(mxa_cache_bytes(cache), full / 2);
}
END_TEST

START_TEST(an_answer_larger_than_the_cache)
{
	rules.bytes = 100;
	cache = mxa_cache_new(&rules);
	put("a.example", 60);
	ck_assert(!there("a.example"));
	ck_assert_uint_eq(mxa_cache_bytes(cache), 0);
}
END_TEST

START_TEST(an_answer_outlives_its_place)
{
	struct mxa_question q = question("a.example", MXA_DNS_TXT);
	const struct mxa_dns_answer *a;

	cache = mxa_cache_new(&rules);
	put("a.example", 60);
	a = mxa_cache_find(cache, &q);
	mxa_cache_free(cache);
	cache = NULL;
	ck_str_is(a->rr[0].text, "a.example");
	mxa_answer_unref(a);
}
END_TEST

/* --- what should be asked again --- */

static void use(const char *name, int times)
{
	for (int i = 0; i < times; i++)
		ck_assert(there(name));
}

/* How many are due now, of at most 'max'; the name of the last one. */
static size_t due_of(size_t max, char name[64])
{
	const struct mxa_dns_answer *due[1000];
	size_t n = mxa_cache_due(cache, due, max);

	for (size_t i = 0; i < n; i++) {
		snprintf(name, 64, "%.*s", MXA_STR_ARG(due[i]->name));
		mxa_answer_unref(due[i]);
	}
	return n;
}

static size_t due(void)
{
	char name[64];

	return due_of(1000, name);
}

static const struct {
	const char *what;
	enum mxa_dns_status status;
	uint32_t ttl;
	unsigned wanted;
	int uses;
	uint64_t due_ms; /* 0: never */
} hot[] = {
	{ "nine tenths of its TTL", MXA_DNS_DATA, 600, 3, 3, 540000 },
	{ "used more often", MXA_DNS_DATA, 600, 3, 100, 540000 },
	{ "not often enough", MXA_DNS_DATA, 600, 3, 2, 0 },
	{ "never used", MXA_DNS_DATA, 600, 1, 0, 0 },
	{ "once is enough when set so", MXA_DNS_DATA, 600, 1, 1, 540000 },
	{ "turned off", MXA_DNS_DATA, 600, 0, 100, 0 },
	{ "a day: many turns of the wheel", MXA_DNS_DATA, 86400, 3, 3,
	    77760000 },
	{ "beyond the ceiling of a day", MXA_DNS_DATA, 604800, 3, 3, 77760000 },
	{ "the shortest TTL", MXA_DNS_DATA, 10, 3, 3, 9000 },
	{ "a TTL too short", MXA_DNS_DATA, 9, 3, 100, 0 },
	{ "no such name", MXA_DNS_NXDOMAIN, 600, 3, 3, 540000 },
	{ "no such record", MXA_DNS_NODATA, 600, 3, 3, 540000 },
	{ "a failure", MXA_DNS_SERVFAIL, 0, 3, 100, 0 },
};

START_TEST(an_answer_is_due)
{
	uint64_t end = hot[_i].due_ms > 0 ? hot[_i].due_ms : 100000000;

	rules.refresh_hits = hot[_i].wanted;
	rules.failure_memory_ms = 60000;
	cache = mxa_cache_new(&rules);
	put_status("a.example", hot[_i].status, hot[_i].ttl);
	use("a.example", hot[_i].uses);
	ck_assert_uint_eq(due(), 0);
	tc_clock.ms += end - 1;
	ck_assert_msg(due() == 0, "%s: too early", hot[_i].what);
	tc_clock.ms += 1;
	ck_assert_msg(
	    due() == (hot[_i].due_ms > 0), "%s: not at its time", hot[_i].what);
	/* once only, however often it is used from now on */
	if (hot[_i].due_ms > 0)
		use("a.example", 10);
	ck_assert_uint_eq(due(), 0);
	ck_assert(!mxa_cache_has_scheduled(cache));
	tc_clock.ms += 100000000;
	ck_assert_uint_eq(due(), 0);
}
END_TEST

static void start_hot(uint32_t ttl)
{
	rules.refresh_hits = 3;
	cache = mxa_cache_new(&rules);
	put("a.example", ttl);
	use("a.example", 3);
}

START_TEST(popular_only_at_the_end)
{
	rules.refresh_hits = 3;
	cache = mxa_cache_new(&rules);
	put("a.example", 600);
	tc_clock.ms += 599000;
	use("a.example", 2);
	ck_assert_uint_eq(due(), 0);
	use("a.example", 1);
	ck_assert_uint_eq(due(), 1);
}
END_TEST

START_TEST(a_successor_begins_anew)
{
	start_hot(600);
	tc_clock.ms += 540000;
	ck_assert_uint_eq(due(), 1);
	put("a.example", 600);
	use("a.example", 2);
	tc_clock.ms += 599999;
	ck_assert(there("a.example"));
	ck_assert_uint_eq(due(), 1); /* that was the third use */
	tc_clock.ms += 1;
	ck_assert(!there("a.example"));
	ck_assert_uint_eq(mxa_cache_bytes(cache), 0);
}
END_TEST

START_TEST(a_failure_leaves_the_answer_until_its_ttl)
{
	start_hot(600);
	tc_clock.ms += 540000;
	ck_assert_uint_eq(due(), 1);
	put_status("a.example", MXA_DNS_SERVFAIL, 0);
	tc_clock.ms += 59999;
	use("a.example", 10);
	ck_assert_uint_eq(due(), 0);
	tc_clock.ms += 1;
	ck_assert(!there("a.example"));
	put_status("a.example", MXA_DNS_SERVFAIL, 0);
	ck_assert(there("a.example"));
}
END_TEST

START_TEST(a_no_replaces_the_answer)
{
	struct mxa_question q = question("a.example", MXA_DNS_TXT);
	const struct mxa_dns_answer *a;

	start_hot(600);
	tc_clock.ms += 540000;
	put_status("a.example", MXA_DNS_NXDOMAIN, 60);
	a = mxa_cache_find(cache, &q);
	ck_assert_int_eq(a->status, MXA_DNS_NXDOMAIN);
	mxa_answer_unref(a);
}
END_TEST

/* The server answers from its own cache: TTL 600, then the 60 that are left. */
START_TEST(the_rest_of_a_ttl_is_due_after_its_end)
{
	start_hot(600);
	tc_clock.ms += 540000;
	ck_assert_uint_eq(due(), 1);
	put("a.example", 60);
	tc_clock.ms += 59999;
	ck_assert(there("a.example"));
	tc_clock.ms += 1;
	/* never used beyond its TTL */
	ck_assert(!there("a.example"));
	ck_assert(!there("a.example"));
	ck_assert_uint_eq(due(), 0);
	tc_clock.ms += 999;
	ck_assert_uint_eq(due(), 0);
	tc_clock.ms += 1;
	ck_assert_uint_eq(due(), 1);
	ck_assert_uint_eq(due(), 0);
	ck_assert_uint_eq(mxa_cache_bytes(cache), 0);
	/* what comes then is new */
	put("a.example", 600);
	tc_clock.ms += 540000;
	ck_assert_uint_eq(due(), 0);
}
END_TEST

START_TEST(the_rest_of_a_ttl_once_only)
{
	start_hot(600);
	tc_clock.ms += 540000;
	ck_assert_uint_eq(due(), 1);
	put("a.example", 60);
	tc_clock.ms += 60000;
	/* a message asked meanwhile; the TTL is really one second now */
	for (int i = 0; i < 10; i++) {
		put("a.example", 1);
		use("a.example", 5);
		ck_assert_uint_eq(due(), 0);
		tc_clock.ms += 1000;
	}
}
END_TEST

START_TEST(no_more_than_wanted_at_a_time)
{
	char name[64], last[64] = "";
	size_t n, all = 0;

	rules.refresh_hits = 1;
	rules.bytes = (size_t)64 << 20; /* several shards */
	cache = mxa_cache_new(&rules);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		put(name, 600);
		use(name, 1);
	}
	tc_clock.ms += 540000;
	while ((n = due_of(70, last)) > 0) {
		ck_assert_uint_le(n, 70);
		all += n;
		tc_clock.ms += 1;
	}
	ck_assert_uint_eq(all, 1000);
}
END_TEST

START_TEST(due_long_ago)
{
	char name[64];

	rules.refresh_hits = 1;
	cache = mxa_cache_new(&rules);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		put(name, 20 + 10 * (uint32_t)i);
		use(name, 1);
	}
	/* the host slept */
	tc_clock.ms += 7 * UINT64_C(86400000) + 123;
	ck_assert_uint_eq(due(), 100);
	ck_assert_uint_eq(mxa_cache_bytes(cache), 0);
}
END_TEST

START_TEST(what_was_forgotten_is_not_due)
{
	char name[64];

	rules.bytes = 100000;
	start_hot(600);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		put(name, 600);
	}
	ck_assert(!mxa_cache_has_scheduled(cache));
	tc_clock.ms += 540000;
	ck_assert_uint_eq(due(), 0);
}
END_TEST

static void count_call(void *ctx)
{
	++*(int *)ctx;
}

START_TEST(the_first_that_will_be_due_is_told)
{
	int told = 0;

	rules.scheduled = count_call;
	rules.scheduled_ctx = &told;
	start_hot(600);
	ck_assert_int_eq(told, 1);
	put("b.example", 600);
	use("b.example", 3);
	ck_assert_int_eq(told, 1);
	ck_assert(mxa_cache_has_scheduled(cache));
	tc_clock.ms += 540000;
	ck_assert_uint_eq(due(), 2);
	ck_assert(!mxa_cache_has_scheduled(cache));
	put("a.example", 600);
	use("a.example", 3);
	ck_assert_int_eq(told, 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cache");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, answers_are_kept_for, 0, MXA_ARRAY_LEN(ages));
	tcase_add_test(tc, name_and_type_make_the_question);
	tcase_add_test(tc, the_newer_answer_replaces);
	tcase_add_test(tc, a_full_cache_forgets_the_oldest_use);
	tcase_add_test(tc, expired_answers_make_room_unasked);
	tcase_add_test(tc, an_answer_larger_than_the_cache);
	tcase_add_test(tc, an_answer_outlives_its_place);
	tcase_add_loop_test(tc, an_answer_is_due, 0, MXA_ARRAY_LEN(hot));
	tcase_add_test(tc, popular_only_at_the_end);
	tcase_add_test(tc, a_successor_begins_anew);
	tcase_add_test(tc, a_failure_leaves_the_answer_until_its_ttl);
	tcase_add_test(tc, a_no_replaces_the_answer);
	tcase_add_test(tc, the_rest_of_a_ttl_is_due_after_its_end);
	tcase_add_test(tc, the_rest_of_a_ttl_once_only);
	tcase_add_test(tc, no_more_than_wanted_at_a_time);
	tcase_add_test(tc, due_long_ago);
	tcase_add_test(tc, what_was_forgotten_is_not_due);
	tcase_add_test(tc, the_first_that_will_be_due_is_told);
	suite_add_tcase(s, tc);
	return test_main(s);
}
