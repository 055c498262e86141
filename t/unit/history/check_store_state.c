/* check_store_state.c - what is in the store, and what leaves it by age.
 * t/store/store.sh runs it on PostgreSQL as well. */
#include "history/store_state.h"

#include "t/support/storetest.h"
#include "t/support/testing.h"

#define DAY INT64_C(86400)
#define TODAY INT64_C(20778) /* 2026-11-21 */
#define NOON (TODAY * DAY + DAY / 2)

static struct mxa_arena *arena;
static struct mxa_store *store;

static void begin(void)
{
	arena = mxa_arena_new();
	test_store_url();
	store = test_store_open(NOON);
}

static void end(void)
{
	mxa_store_close(store);
	test_store_done();
	mxa_arena_free(arena);
}

static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mxa_store_run(store, mxa_arena_vprintf(arena, fmt, ap), NULL, 0);
	va_end(ap);
	ck_assert_str_eq(mxa_store_error(store), "");
}

static int64_t count(const char *table)
{
	return mxa_store_number(store,
	    mxa_arena_printf(arena, "SELECT count(*) FROM %s", table), NULL, 0,
	    -1);
}

/* --- what is in it --- */

static struct mxa_store_summary *summary(void)
{
	struct mxa_store_summary *s = mxa_arena_calloc(arena, 1, sizeof(*s));

	ck_assert(mxa_store_summary_read(store, arena, s));
	return s;
}

START_TEST(an_empty_store)
{
	struct mxa_store_summary *s = summary();

	ck_assert_int_eq(s->now, NOON);
	ck_assert_int_gt(s->bytes, 0);
	ck_assert_uint_eq(s->n_hosts + s->n_reports + s->n_deliveries, 0);
	ck_assert_int_eq(s->suppressed, 0);
}
END_TEST

START_TEST(hosts_with_their_files)
{
	const struct mxa_host_state *h;
	struct mxa_store_summary *s;

	run("INSERT INTO host VALUES ('mx2', 30, 20, 10), ('mx1', 3, 2, 1)");
	run("INSERT INTO journal_file VALUES "
	    "('a', 'mx2', 0, 0, 100, 10, 1, 0, 0), "
	    "('b', 'mx2', 0, 0, 200, 20, 2, 0, 1), "
	    "('c', 'mx3', 0, 0, 400, 40, 4, 0, 0)");
	s = summary();
	ck_assert_uint_eq(s->n_hosts, 2);
	h = s->host;
	ck_str_is(h[0].host, "mx1");
	ck_assert_int_eq(h[0].through, 3);
	ck_assert_int_eq(h[0].wrote, 2);
	ck_assert_int_eq(h[0].waiting, 1);
	ck_assert_int_eq(h[0].lines + h[0].bad + h[0].late, 0);
	ck_str_is(h[1].host, "mx2");
	ck_assert_int_eq(h[1].lines, 300);
	ck_assert_int_eq(h[1].bad, 30);
	ck_assert_int_eq(h[1].late, 3);
}
END_TEST

START_TEST(no_more_hosts_than_are_shown)
{
	mxa_store_begin(store);
	for (int i = 0; i <= MXA_MAX_HOSTS_SHOWN; i++)
		run("INSERT INTO host VALUES ('mx%d', 0, 0, 0)", i);
	ck_assert_int_eq(mxa_store_commit(store), MXA_STORE_OK);
	ck_assert_uint_eq(summary()->n_hosts, MXA_MAX_HOSTS_SHOWN);
}
END_TEST

static void put_report(const char *id, int64_t end, const char *state)
{
	run("INSERT INTO report VALUES ('%s', '%s', 'p', 0, %lld, '%s', '', "
	    "'', 1, 1, 0, '')",
	    id, id, (long long)end, state);
	run("INSERT INTO report_body VALUES ('%s', 0, 'x')", id);
}

static void put_delivery(const char *id, int64_t give_up, const char *state)
{
	run("INSERT INTO delivery VALUES ('%s', 'mailto:a@d.example', 0, "
	    "'%s', 0, 0, %lld, '', 0, '', 0, '', '')",
	    id, state, (long long)give_up);
}

START_TEST(states_are_counted)
{
	struct mxa_store_summary *s;

	put_report("1", 0, "made");
	put_report("2", 0, "empty");
	put_report("3", 0, "made");
	put_delivery("1", 0, "sent");
	s = summary();
	ck_assert_uint_eq(s->n_reports, 2);
	ck_str_is(s->report[0].state, "empty");
	ck_assert_int_eq(s->report[0].n, 1);
	ck_str_is(s->report[1].state, "made");
	ck_assert_int_eq(s->report[1].n, 2);
	ck_assert_uint_eq(s->n_deliveries, 1);
	ck_str_is(s->delivery[0].state, "sent");
}
END_TEST

START_TEST(no_more_states_than_there_is_room_for)
{
	for (int i = 0; i <= MXA_MAX_STATES; i++)
		put_report(mxa_arena_printf(arena, "%d", i), 0,
		    mxa_arena_printf(arena, "s%d", i));
	ck_assert_uint_eq(summary()->n_reports, MXA_MAX_STATES);
}
END_TEST

START_TEST(suppressed_addresses_are_counted)
{
	run("INSERT INTO destination VALUES "
	    "('mailto:a@d.example', '', 'suppressed', '', 9, %lld), "
	    "('mailto:b@d.example', '', 'suppressed', '', 9, %lld), "
	    "('mailto:c@d.example', '', 'suppressed', '', 9, %lld), "
	    "('mailto:d@d.example', '', '', '', 1, %lld), "
	    "('mailto:e@d.example', 'x.example', 'suppressed', '', 1, %lld)",
	    (long long)NOON, (long long)NOON + 1, (long long)NOON + 2,
	    (long long)NOON + 1, (long long)NOON + 1);
	ck_assert_int_eq(summary()->suppressed, 2);
}
END_TEST

/* --- what leaves it --- */

static const struct mxa_store_ages ages = { 2 * DAY, 3 * DAY, 4 * DAY };

static struct mxa_store_pruned prune(void)
{
	struct mxa_store_pruned p;

	ck_assert(mxa_store_prune(store, &ages, &p));
	return p;
}

START_TEST(nothing_leaves_an_empty_store)
{
	struct mxa_store_pruned p = prune();

	ck_assert_int_eq(p.message_days + p.sums + p.reports + p.received +
		p.policies + p.files,
	    0);
}
END_TEST

START_TEST(messages_stay_two_days)
{
	for (int64_t day = TODAY - 4; day <= TODAY; day++) {
		mxa_store_make_day(store, day);
		run("INSERT INTO message VALUES (%lld, 'f', 1, 2, 'h', 'q', "
		    "'', '', '', '', '', '', '', '', '')",
		    (long long)day);
		run("INSERT INTO message_story VALUES (%lld, 'f', 1, 2, 3, '', "
		    "'', '', '', '')",
		    (long long)day);
	}
	ck_assert_int_eq(prune().message_days, 2);
	ck_assert_int_eq(count("message"), 3);
	ck_assert_int_eq(count("message_story"), 3);
}
END_TEST

START_TEST(sums_and_policies_stay_three_days)
{
	struct mxa_store_pruned p;

	for (int64_t day = TODAY - 5; day <= TODAY; day++) {
		for (int row = 0; row < 2; row++)
			run("INSERT INTO tally VALUES (%lld, 'd', 'p', 'r%d', "
			    "'h', '', 1, 0, 0, 1)",
			    (long long)day, row);
		run("INSERT INTO policy VALUES ('%lld', 'd', '', '', '', "
		    "%lld)",
		    (long long)day, (long long)day);
	}
	p = prune();
	ck_assert_int_eq(p.sums, 4);
	ck_assert_int_eq(p.policies, 2);
	ck_assert_int_eq(count("tally"), 8);
	ck_assert_int_eq(count("policy"), 4);
}
END_TEST

START_TEST(reports_stay_four_days)
{
	put_report("old", NOON - 4 * DAY - 1, "made");
	put_report("new", NOON - 4 * DAY, "made");
	put_delivery("old", NOON, "sent");
	put_delivery("new", 0, "sent");
	put_delivery("f-old", NOON - 4 * DAY - 1, "sent");
	put_delivery("f-new", NOON - 4 * DAY, "sent");
	ck_assert_int_eq(prune().reports, 1);
	ck_assert_int_eq(count("report WHERE report_id = 'new'"), 1);
	ck_assert_int_eq(count("report"), 1);
	ck_assert_int_eq(count("report_body"), 1);
	ck_assert_int_eq(count("delivery"), 2);
	ck_assert_int_eq(count("delivery WHERE report_id LIKE '%old'"), 0);
}
END_TEST

static void put_received(const char *key, int64_t day)
{
	run("INSERT INTO received_report VALUES ('%s', 'd', 'o', '', '%s', "
	    "%lld, 0, '', '', '', '', 1, 0)",
	    key, key, (long long)(day * DAY));
	run("INSERT INTO received_row VALUES (%lld, '%s', 0, '', '', 1, '', "
	    "'', '', '', '')",
	    (long long)day, key);
}

START_TEST(received_reports_stay_four_days)
{
	for (int64_t day = TODAY - 6; day <= TODAY - 3; day++)
		put_received(
		    mxa_arena_printf(arena, "%lld", (long long)day), day);
	ck_assert_int_eq(prune().received, 2);
	ck_assert_int_eq(count("received_report"), 2);
	ck_assert_int_eq(count("received_row"), 2);
}
END_TEST

/* Of files only those that were read to their end. */
START_TEST(files_stay_four_days)
{
	run("INSERT INTO journal_file VALUES "
	    "('a', 'h', %lld, 0, 0, 0, 0, 0, 1), "
	    "('b', 'h', %lld, 0, 0, 0, 0, 0, 1), "
	    "('c', 'h', 0, 0, 0, 0, 0, 0, 0)",
	    (long long)(NOON - 4 * DAY - 1), (long long)(NOON - 4 * DAY));
	ck_assert_int_eq(prune().files, 1);
	ck_assert_int_eq(count("journal_file"), 2);
	ck_assert_int_eq(count("journal_file WHERE file_id = 'a'"), 0);
}
END_TEST

START_TEST(verdicts_stay_until_they_end)
{
	run("INSERT INTO destination VALUES ('a', '', '', '', 0, %lld), "
	    "('b', '', '', '', 0, %lld)",
	    (long long)NOON - 1, (long long)NOON);
	prune();
	ck_assert_int_eq(count("destination"), 1);
	ck_assert_int_eq(count("destination WHERE uri = 'b'"), 1);
}
END_TEST

START_TEST(a_store_that_failed_is_left_alone)
{
	struct mxa_store_summary *s = mxa_arena_calloc(arena, 1, sizeof(*s));
	struct mxa_store_pruned p;

	put_report("old", 0, "made");
	mxa_store_abort(store, "for the test");
	ck_assert(!mxa_store_prune(store, &ages, &p));
	ck_assert(!mxa_store_summary_read(store, arena, s));
	ck_assert_int_eq(mxa_store_retry(store), MXA_STORE_OK);
	ck_assert_int_eq(count("report"), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store_state");
	TCase *tc = tcase_create("store_state");

	if (!test_store_there())
		return 77;
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, an_empty_store);
	tcase_add_test(tc, hosts_with_their_files);
	tcase_add_test(tc, no_more_hosts_than_are_shown);
	tcase_add_test(tc, states_are_counted);
	tcase_add_test(tc, no_more_states_than_there_is_room_for);
	tcase_add_test(tc, suppressed_addresses_are_counted);
	tcase_add_test(tc, nothing_leaves_an_empty_store);
	tcase_add_test(tc, messages_stay_two_days);
	tcase_add_test(tc, sums_and_policies_stay_three_days);
	tcase_add_test(tc, reports_stay_four_days);
	tcase_add_test(tc, received_reports_stay_four_days);
	tcase_add_test(tc, files_stay_four_days);
	tcase_add_test(tc, verdicts_stay_until_they_end);
	tcase_add_test(tc, a_store_that_failed_is_left_alone);
	suite_add_tcase(s, tc);
	return test_main(s);
}
