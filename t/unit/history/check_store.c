/* check_store.c - the store: statements, transactions, many rows, versions.
 * t/store/store.sh runs it on PostgreSQL and through pgbouncer as well. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "history/store.h"
#include "t/support/storetest.h"

static struct mxa_arena *arena;
static struct mxa_store *store;

static void begin(void)
{
	arena = mxa_arena_new();
	test_store_url();
	store = test_store_open(0);
}

static void end(void)
{
	mxa_store_close(store);
	test_store_done();
	mxa_arena_free(arena);
}

#define ck_store_ok() ck_assert_str_eq(mxa_store_error(store), "")

static int64_t count_rows(const char *table)
{
	return mxa_store_number(store,
	    mxa_arena_printf(arena, "SELECT count(*) FROM %s", table), NULL, 0,
	    -1);
}

static void put_policy(struct mxa_store *s, const char *id, const char *body)
{
	struct mxa_arg args[] = { MXA_TEXT(mxa_str_from(id)),
		MXA_TEXT(mxa_str_from(body)) };

	mxa_store_run(
	    s, "INSERT INTO policy VALUES ($1, 'd', $2, '', '', 0)", args, 2);
}

START_TEST(values_come_back)
{
	const char *body = "quote ' \" \\ {,} \xc3\xa9\n\ttab";
	struct mxa_row row;

	put_policy(store, "1", body);
	put_policy(store, "2", "");
	mxa_store_row(store, arena,
	    "SELECT body, ruf, policy_id FROM policy ORDER BY policy_id", NULL,
	    0, &row);
	ck_store_ok();
	ck_assert_uint_eq(row.n, 3);
	ck_str_is(row.col[0], body);
	ck_str_is(row.col[1], "");
	ck_assert_int_eq(mxa_row_int(&row, 2), 1);
	mxa_store_row(store, arena,
	    "SELECT body FROM policy WHERE policy_id = '3'", NULL, 0, &row);
	ck_assert_uint_eq(row.n, 0);
}
END_TEST

/* $2 before $1, and $1 twice. */
START_TEST(values_go_where_their_number_is)
{
	struct mxa_arg args[] = { MXA_INT(7), MXA_TEXT(MXA_STR("x")),
		MXA_INT(-5000000000) };
	struct mxa_row row;

	mxa_store_run(store,
	    "INSERT INTO lease (owner, until, name) VALUES ($2, $3, $2)", args,
	    3);
	mxa_store_row(store, arena,
	    "SELECT until + $1, owner FROM lease WHERE name = $2 AND $1 > 0",
	    args, 2, &row);
	ck_store_ok();
	ck_str_is(row.col[0], "-4999999993");
	ck_str_is(row.col[1], "x");
}
END_TEST

START_TEST(bytes_come_back)
{
	char all[256];
	struct mxa_arg args[1];
	struct mxa_row row;

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	args[0] = MXA_BYTES(mxa_str_make(all, sizeof(all)));
	mxa_store_run(
	    store, "INSERT INTO report_body VALUES ('r', 0, $1)", args, 1);
	mxa_store_row(
	    store, arena, "SELECT data FROM report_body", NULL, 0, &row);
	ck_store_ok();
	ck_assert(mxa_str_eq(row.col[0], args[0].s));
}
END_TEST

static bool take_two(void *ctx, const struct mxa_row *r)
{
	(void)r;
	return ++*(int *)ctx < 2;
}

START_TEST(an_answer_may_be_left)
{
	int seen = 0;

	for (int i = 0; i < 5; i++)
		put_policy(store, mxa_arena_printf(arena, "%d", i), "b");
	ck_assert(mxa_store_query(
	    store, "SELECT body FROM policy", NULL, 0, take_two, &seen));
	ck_assert_int_eq(seen, 2);
	ck_assert_int_eq(count_rows("policy"), 5);
	ck_store_ok();
}
END_TEST

START_TEST(changes_are_counted)
{
	put_policy(store, "1", "a");
	put_policy(store, "2", "a");
	ck_assert_int_eq(
	    mxa_store_run(store,
		"UPDATE policy SET body = 'b' WHERE body = 'a'", NULL, 0),
	    2);
	ck_assert_int_eq(
	    mxa_store_run(store,
		"UPDATE policy SET body = 'b' WHERE body = 'a'", NULL, 0),
	    0);
}
END_TEST

START_TEST(a_failure_undoes_the_transaction)
{
	mxa_store_begin(store);
	put_policy(store, "1", "a");
	mxa_store_run(store, "INSERT INTO nowhere VALUES (1)", NULL, 0);
	put_policy(store, "2", "a");
	ck_assert_int_eq(mxa_store_commit(store), MXA_STORE_BROKEN);
	ck_assert_ptr_nonnull(strstr(mxa_store_error(store), "nowhere"));
	mxa_store_begin(store);
	put_policy(store, "3", "a");
	ck_assert_int_eq(mxa_store_commit(store), MXA_STORE_OK);
	ck_assert_int_eq(count_rows("policy"), 1);
}
END_TEST

START_TEST(the_first_failure_is_kept)
{
	ck_assert_str_eq(mxa_store_kind(store),
	    getenv("STORE_URL") ? "postgresql" : "sqlite");
	mxa_store_begin(store);
	put_policy(store, "1", "a");
	mxa_store_abort(store, "the first\nand more");
	mxa_store_abort(store, "the second");
	ck_assert_str_eq(mxa_store_error(store), "the first");
	ck_assert_int_eq(mxa_store_state(store), MXA_STORE_CONFLICT);
	ck_assert_int_eq(mxa_store_run(store, "SELECT 1", NULL, 0), -1);
	ck_assert_int_eq(mxa_store_drop_days(store, 20003), -1);
	ck_assert_int_eq(mxa_store_number(store, "SELECT 1", NULL, 0, -7), -7);
	/* the transaction ends with it, and the store is usable */
	ck_assert_int_eq(mxa_store_retry(store), MXA_STORE_OK);
	ck_store_ok();
	put_policy(store, "2", "a");
	ck_assert_int_eq(count_rows("policy"), 1);
	ck_assert_int_eq(count_rows("policy WHERE policy_id = '2'"), 1);
	mxa_store_close(NULL);
}
END_TEST

/* More statements than stay prepared: the later ones take turns. */
START_TEST(many_statements)
{
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 70; i++)
			ck_assert_int_eq(
			    mxa_store_number(store,
				mxa_arena_printf(arena, "SELECT %d", i), NULL,
				0, -1),
			    i);
	ck_store_ok();
}
END_TEST

START_TEST(numbers_are_read_from_texts)
{
	struct mxa_row row = { .n = 4 };

	row.col[0] = MXA_STR("-9223372036854775808");
	row.col[1] = MXA_STR("");
	row.col[2] = MXA_STR("00000000000000000000042");
	row.col[3] = MXA_STR("000000000000000000000042");
	ck_assert_int_eq(mxa_row_int(&row, 0), INT64_MIN);
	ck_assert_int_eq(mxa_row_int(&row, 1), 0);
	ck_assert_int_eq(mxa_row_int(&row, 2), 42);
	ck_assert_int_eq(mxa_row_int(&row, 3), 0); /* too long */
	row.col[4] = MXA_STR("5");
	ck_assert_int_eq(mxa_row_int(&row, 4), 0); /* beyond the row */
}
END_TEST

START_TEST(no_row_and_null_are_absent)
{
	ck_assert_int_eq(
	    mxa_store_number(store,
		"SELECT until FROM lease WHERE name = 'none'", NULL, 0, 7),
	    7);
	ck_assert_int_eq(
	    mxa_store_number(store, "SELECT max(day) FROM tally", NULL, 0, 7),
	    7);
	ck_assert_int_eq(mxa_store_pinned(store, "version"), 4);
	ck_assert_int_eq(mxa_store_pinned(store, "nothing"), 0);
	ck_store_ok();
}
END_TEST

START_TEST(an_open_transaction_ends_with_the_store)
{
	mxa_store_begin(store);
	put_policy(store, "1", "a");
	mxa_store_close(store);
	store = test_store_open(0);
	ck_assert_int_eq(count_rows("policy"), 0);
}
END_TEST

static const struct mxa_store_insert into_tally = { "tally",
	"day, domain, policy_id, row_id, host, body, n, refused, "
	"known, ordinary",
	"itttttiiii",
	"ON CONFLICT (day, domain, policy_id, row_id, host) "
	"DO UPDATE SET n = tally.n + excluded.n",
	NULL };

static void put_tallies(size_t n)
{
	struct mxa_arg *row = mxa_arena_calloc(arena, n * 10, sizeof(*row));

	for (size_t i = 0; i < n; i++) {
		struct mxa_arg *v = row + 10 * i;

		v[0] = MXA_INT(20000);
		v[1] = MXA_TEXT(MXA_STR("example.com"));
		v[2] = MXA_TEXT(MXA_STR("p"));
		v[3] =
		    MXA_TEXT(mxa_str_from(mxa_arena_printf(arena, "%05zu", i)));
		v[4] = MXA_TEXT(MXA_STR("mx1"));
		v[5] = MXA_TEXT(MXA_STR("{\"a\\\",\nb}"));
		for (size_t k = 6; k < 10; k++)
			v[k] = MXA_INT(k);
	}
	mxa_store_insert(store, &into_tally, row, n);
}

START_TEST(many_rows_add_up)
{
	struct mxa_row row;

	mxa_store_begin(store);
	put_tallies(3000);
	put_tallies(2000);
	ck_assert_int_eq(mxa_store_commit(store), MXA_STORE_OK);
	ck_assert_int_eq(count_rows("tally"), 3000);
	ck_assert_int_eq(
	    mxa_store_number(store, "SELECT sum(n) FROM tally", NULL, 0, 0),
	    30000);
	mxa_store_row(store, arena,
	    "SELECT body FROM tally WHERE row_id = '00007'", NULL, 0, &row);
	ck_str_is(row.col[0], "{\"a\\\",\nb}");
}
END_TEST

static void put_lease(
    const struct mxa_store_insert *into, const char *owner, int64_t until)
{
	struct mxa_arg row[] = { MXA_TEXT(MXA_STR("x")),
		MXA_TEXT(mxa_str_from(owner)), MXA_INT(until) };

	mxa_store_insert(store, into, row, 1);
}

static const int64_t numbers[] = { 0, -1, 255, 256, INT64_MAX, INT64_MIN };

START_TEST(numbers_of_rows_come_back)
{
	static const struct mxa_store_insert into = { "lease",
		"name, owner, until", "tti", "", NULL };
	struct mxa_row row;

	put_lease(&into, "", numbers[_i]);
	mxa_store_row(store, arena,
	    "SELECT until, owner FROM lease WHERE name = 'x'", NULL, 0, &row);
	ck_store_ok();
	ck_assert_int_eq(mxa_row_int(&row, 0), numbers[_i]);
	ck_str_is(row.col[1], "");
}
END_TEST

/* A row that would change nothing, one that does, and a new one. */
START_TEST(rows_that_change_something)
{
	static const struct mxa_store_insert into = { "lease",
		"name, owner, until", "tti",
		"ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, "
		"until = excluded.until WHERE lease.until < excluded.until",
		"coalesce((SELECT l.until FROM lease l WHERE l.name = "
		"new.name), -1) < new.until" };
	static const char until[] = "SELECT until FROM lease WHERE name = 'x'";

	put_lease(&into, "a", 5);
	ck_assert_int_eq(mxa_store_number(store, until, NULL, 0, -1), 5);
	put_lease(&into, "b", 4);
	ck_assert_int_eq(mxa_store_number(store, until, NULL, 0, -1), 5);
	put_lease(&into, "c", 6);
	ck_assert_int_eq(mxa_store_number(store, until, NULL, 0, -1), 6);
	ck_store_ok();
}
END_TEST

/* Outside a transaction as well: the third one has the key of the first. */
START_TEST(rows_are_inserted_together_or_not)
{
	static const struct mxa_store_insert into = { "lease",
		"name, owner, until", "tti", "", NULL };
	static const char *const names[] = { "a", "b", "a" };
	struct mxa_arg row[9];

	for (size_t i = 0; i < 3; i++) {
		row[3 * i] = MXA_TEXT(mxa_str_from(names[i]));
		row[3 * i + 1] = MXA_TEXT(MXA_STR("me"));
		row[3 * i + 2] = MXA_INT(i);
	}
	mxa_store_insert(store, &into, row, 3);
	ck_assert_int_eq(mxa_store_state(store), MXA_STORE_BROKEN);
	ck_assert_int_eq(mxa_store_retry(store), MXA_STORE_OK);
	ck_assert_int_eq(count_rows("lease"), 1); /* that of the reports */
	mxa_store_insert(store, &into, row, 2);
	ck_store_ok();
	ck_assert_int_eq(count_rows("lease"), 3);
}
END_TEST

START_TEST(a_lease_has_one_owner)
{
	struct mxa_store *other = test_store_open(0);
	static const char take[] =
	    "UPDATE lease SET owner = $1, until = $2 + 60 "
	    "WHERE name = 'report' AND (until < $2 OR owner = $1)";
	struct mxa_arg a[] = { MXA_TEXT(MXA_STR("a")), MXA_INT(1000) };
	struct mxa_arg b[] = { MXA_TEXT(MXA_STR("b")), MXA_INT(1001) };

	ck_assert_int_eq(mxa_store_run(store, take, a, 2), 1);
	ck_assert_int_eq(mxa_store_run(other, take, b, 2), 0);
	ck_assert_int_eq(mxa_store_run(store, take, a, 2), 1);
	b[1] = MXA_INT(1061);
	ck_assert_int_eq(mxa_store_run(other, take, b, 2), 1);
	mxa_store_close(other);
}
END_TEST

START_TEST(the_clock_may_be_set)
{
	struct mxa_store *other = test_store_open(1795248000);

	ck_assert_int_eq(mxa_store_now(other), 1795248000);
	ck_assert_int_gt(mxa_store_now(store), 1700000000);
	mxa_store_close(other);
}
END_TEST

START_TEST(messages_go_by_days)
{
	for (int64_t day = 20000; day < 20005; day++) {
		struct mxa_arg arg = MXA_INT(day);

		mxa_store_make_day(store, day);
		mxa_store_make_day(store, day);
		mxa_store_run(store,
		    "INSERT INTO message VALUES ($1, 'f', 1, 2, 'h', 'q', '', "
		    "'', '', '', '', '', '', '', '')",
		    &arg, 1);
		mxa_store_run(store,
		    "INSERT INTO message_story VALUES ($1, 'f', 1, 2, 3, '', "
		    "'', '', '', '')",
		    &arg, 1);
	}
	ck_store_ok();
	ck_assert_int_eq(count_rows("message"), 5);
	ck_assert_int_eq(count_rows("message_story"), 5);
	ck_assert_int_eq(mxa_store_drop_days(store, 20003), 3);
	ck_assert_int_eq(count_rows("message"), 2);
	ck_assert_int_eq(count_rows("message_story"), 2);
	ck_assert_int_eq(mxa_store_drop_days(store, 20003), 0);
	ck_store_ok();
}
END_TEST

/* Messages of a store of version 3 have no stories, new ones have. */
START_TEST(stories_begin_after_the_old_messages)
{
	static const char since[] =
	    "SELECT value FROM meta WHERE name = 'stories_since'";

	ck_assert_int_eq(mxa_store_number(store, since, NULL, 0, -1), 0);
	mxa_store_make_day(store, 20000);
	mxa_store_run(store,
	    "INSERT INTO message VALUES (20000, 'f', 1, 1728000005, 'h', 'q', "
	    "'', '', '', '', '', '', '', '', '')",
	    NULL, 0);
	mxa_store_run(store, "DROP TABLE message_story", NULL, 0);
	mxa_store_run(
	    store, "DELETE FROM meta WHERE name = 'stories_since'", NULL, 0);
	mxa_store_run(store,
	    "UPDATE meta SET value = '3' WHERE name = 'version'", NULL, 0);
	ck_store_ok();
	mxa_store_close(store);
	store = test_store_open(0);
	ck_assert_int_eq(count_rows("message_story"), 0);
	ck_assert_int_eq(
	    mxa_store_number(store, since, NULL, 0, -1), 1728000006);
	ck_store_ok();
}
END_TEST

START_TEST(tables_of_a_later_version_are_refused)
{
	struct mxa_store_options o = { .url = test_store_url() };
	char *error = NULL;
	bool gone = true;
	struct mxa_arg version;
	struct mxa_row row;

	mxa_store_close(store);
	store = test_store_open(0);
	mxa_store_row(store, arena,
	    "SELECT value FROM meta WHERE name = 'version'", NULL, 0, &row);
	version = MXA_TEXT(row.col[0]);
	mxa_store_run(store,
	    "UPDATE meta SET value = '99' WHERE name = 'version'", NULL, 0);
	ck_store_ok();
	ck_assert_ptr_null(mxa_store_open(&o, &error, &gone));
	ck_assert_ptr_nonnull(strstr(error, "version 99"));
	ck_assert(!gone);
	free(error);
	mxa_store_run(store,
	    "UPDATE meta SET value = $1 WHERE name = 'version'", &version, 1);
}
END_TEST

static const struct {
	const char *name, *url, *error;
	bool gone;
} bad_urls[] = {
	{ "no scheme", "/var/lib/x.db", "begins with", false },
	{ "another one", "mysql://h/d", "begins with", false },
	{ "no such directory", "sqlite:/nonexistent/x.db", "unable to open",
	    true },
	{ "nobody there", "postgresql://u@127.0.0.1:1/d", "", true },
	{ "not a database", "sqlite:/dev/null/x", "unable to open", true },
};

START_TEST(bad_url)
{
	struct mxa_store_options o = { .url = bad_urls[_i].url };
	char *error = NULL;
	bool gone = false;

	ck_assert_ptr_null(mxa_store_open(&o, &error, &gone));
	ck_assert_ptr_nonnull(error);
	if (strstr(error, "built without") == NULL) {
		ck_assert_msg(
		    strstr(error, bad_urls[_i].error) != NULL, "%s", error);
		ck_assert_int_eq(gone, bad_urls[_i].gone);
	}
	free(error);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store");
	TCase *tc = tcase_create("store");

	if (!test_store_there())
		return 77;
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, values_come_back);
	tcase_add_test(tc, values_go_where_their_number_is);
	tcase_add_test(tc, bytes_come_back);
	tcase_add_test(tc, an_answer_may_be_left);
	tcase_add_test(tc, changes_are_counted);
	tcase_add_test(tc, a_failure_undoes_the_transaction);
	tcase_add_test(tc, the_first_failure_is_kept);
	tcase_add_test(tc, many_statements);
	tcase_add_test(tc, numbers_are_read_from_texts);
	tcase_add_test(tc, no_row_and_null_are_absent);
	tcase_add_test(tc, an_open_transaction_ends_with_the_store);
	tcase_add_test(tc, many_rows_add_up);
	tcase_add_loop_test(
	    tc, numbers_of_rows_come_back, 0, MXA_ARRAY_LEN(numbers));
	tcase_add_test(tc, rows_that_change_something);
	tcase_add_test(tc, rows_are_inserted_together_or_not);
	tcase_add_test(tc, a_lease_has_one_owner);
	tcase_add_test(tc, the_clock_may_be_set);
	tcase_add_test(tc, messages_go_by_days);
	tcase_add_test(tc, stories_begin_after_the_old_messages);
	tcase_add_test(tc, tables_of_a_later_version_are_refused);
	tcase_add_loop_test(tc, bad_url, 0, MXA_ARRAY_LEN(bad_urls));
	suite_add_tcase(s, tc);
	return test_main(s);
}
