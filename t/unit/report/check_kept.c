/* check_kept.c - reports that keep their rows, and the one copy of each word
 * that they share. */
#include "report/received/kept.h"

#include <stdio.h>

#include "t/support/testing.h"

#define DAY 86400

static struct mxa_kept k;
static int told; /* reports that 'after' was called for */

static void count_report(void *ctx, struct mxa_kept *kept)
{
	ck_assert_ptr_eq(ctx, &told);
	ck_assert_ptr_eq(kept, &k);
	told++;
}

static void setup(void)
{
	told = 0;
	mxa_kept_init(&k);
	k.after = count_report;
	k.ctx = &told;
}

static void teardown(void)
{
	mxa_kept_done(&k);
}

static void put_rows(size_t rows)
{
	struct mxa_report_dkim dkim[2] = { { MXA_STR("d1"), MXA_STR("s1"),
					       MXA_STR("pass") },
		{ MXA_STR("d2"), MXA_STR("s2"), MXA_STR("fail") } };
	struct mxa_report_spf spf = { MXA_STR("d3"), MXA_STR("mfrom"),
		MXA_STR("none") };
	struct mxa_report_reason reason = { MXA_STR("other"), MXA_STR("why") };
	char ip[] = "192.0.2.1"; /* texts of a row live during the call */

	for (size_t i = 0; i < rows; i++) {
		struct mxa_report_row row = { .source_ip = mxa_str_from(ip),
			.count = i + 1,
			.auth_dkim = dkim,
			.n_dkim = 2,
			.auth_spf = &spf,
			.n_spf = 1,
			.reason = &reason,
			.n_reason = 1 };

		mxa_kept_row(&k, &row);
	}
	ip[0] = 'x';
}

static void put_report(const char *id, int day, size_t rows)
{
	struct mxa_report *rep = mxa_report_new(k.reports, MXA_STR("file"));

	rep->report_id = mxa_str_from(id);
	rep->begin = (int64_t)day * DAY;
	rep->end = rep->begin + DAY - 1;
	if (!mxa_reports_add(k.reports, rep))
		return;
	mxa_kept_begin(&k, rep);
	put_rows(rows);
	mxa_kept_end(&k);
}

START_TEST(rows_are_copied)
{
	const struct mxa_report_row *row;

	put_report("1", 1, 20);
	ck_assert_uint_eq(k.n, 1);
	ck_assert_uint_eq(k.rows, 20);
	ck_assert_int_eq(told, 1);
	ck_assert_uint_eq(k.first->n, 20);
	row = &k.first->row[19];
	ck_assert_uint_eq(row->count, 20);
	ck_str_is(row->source_ip, "192.0.2.1");
	ck_str_is(row->auth_dkim[1].domain, "d2");
	ck_str_is(row->auth_dkim[1].selector, "s2");
	ck_str_is(row->auth_dkim[1].result, "fail");
	ck_str_is(row->auth_spf[0].domain, "d3");
	ck_str_is(row->auth_spf[0].scope, "mfrom");
	ck_str_is(row->auth_spf[0].result, "none");
	ck_str_is(row->reason[0].type, "other");
	ck_str_is(row->reason[0].comment, "why");
}
END_TEST

START_TEST(in_their_order)
{
	put_report("1", 1, 1);
	put_report("2", 5, 2);
	put_report("3", 3, 3);
	ck_assert_uint_eq(k.rows, 6);
	ck_str_is(k.first->report->report_id, "1");
	ck_str_is(k.first->next->report->report_id, "2");
	ck_str_is(k.first->next->next->report->report_id, "3");
	ck_assert_ptr_null(k.first->next->next->next);
}
END_TEST

/* What ended before is left out; at that second it did not. */
START_TEST(since_a_time)
{
	k.since = 3 * DAY - 1;
	put_report("1", 1, 5);
	put_report("2", 2, 2);
	ck_assert_uint_eq(k.n, 1);
	ck_assert_uint_eq(k.rows, 2);
	ck_assert_int_eq(told, 1);
	ck_str_is(k.first->report->report_id, "2");
}
END_TEST

/* The ids stay: what was given before is not kept again. */
START_TEST(emptied)
{
	put_report("1", 1, 5);
	mxa_kept_empty(&k);
	ck_assert_uint_eq(k.n + k.rows, 0);
	ck_assert_ptr_null(k.first);
	put_report("1", 1, 5);
	put_report("2", 1, 3);
	ck_assert_uint_eq(k.n, 1);
	ck_assert_uint_eq(k.rows, 3);
	ck_assert_uint_eq(k.reports->duplicates, 1);
}
END_TEST

START_TEST(rows_have_a_limit)
{
	struct mxa_report_row row = { .source_ip = MXA_STR("192.0.2.1") };
	struct mxa_report *rep = mxa_report_new(k.reports, MXA_STR("file"));

	mxa_kept_begin(&k, rep);
	for (size_t i = 0; i < MXA_KEPT_MAX_ROWS + 2; i++)
		mxa_kept_row(&k, &row);
	mxa_kept_end(&k);
	ck_assert_uint_eq(k.rows, MXA_KEPT_MAX_ROWS);
	ck_assert_uint_eq(k.not_kept, 2);
	ck_assert_uint_eq(k.first->n, MXA_KEPT_MAX_ROWS);
}
END_TEST

/* --- the collection --- */

START_TEST(words_are_there_once)
{
	static char text[2000][8];
	struct mxa_str first[2000];

	for (size_t i = 0; i < 2000; i++) {
		snprintf(text[i], sizeof(text[i]), "w%zu", i);
		first[i] = mxa_reports_word(k.reports, mxa_str_from(text[i]));
		ck_str_is(first[i], text[i]);
		ck_assert_ptr_ne(first[i].p, text[i]);
	}
	for (size_t i = 0; i < 2000; i++)
		ck_assert_ptr_eq(
		    mxa_reports_word(k.reports, mxa_str_from(text[i])).p,
		    first[i].p);
	ck_assert_ptr_nonnull(mxa_reports_word(k.reports, MXA_STR_NONE).p);
}
END_TEST

/* One report with the same organization, id, domain and begin. */
static const struct {
	const char *org, *id, *domain;
	int64_t begin;
	bool same;
} others[] = {
	{ "O", "1", "d.example", 10, true },
	{ "o", "1", "d.example", 10, true },
	{ "P", "1", "d.example", 10, false },
	{ "O", "2", "d.example", 10, false },
	{ "O", "1", "e.example", 10, false },
	{ "O", "1", "d.example", 11, false },
};

static bool add_named(
    const char *org, const char *id, const char *domain, int64_t begin)
{
	struct mxa_report *rep = mxa_report_new(k.reports, MXA_STR("file"));

	rep->org = mxa_str_from(org);
	rep->report_id = mxa_str_from(id);
	rep->policy.domain = mxa_str_from(domain);
	rep->begin = begin;
	return mxa_reports_add(k.reports, rep);
}

START_TEST(the_same_report)
{
	ck_assert(add_named("O", "1", "d.example", 10));
	ck_assert(add_named(others[_i].org, others[_i].id, others[_i].domain,
		      others[_i].begin) != others[_i].same);
	ck_assert_uint_eq(k.reports->n, others[_i].same ? 1 : 2);
}
END_TEST

START_TEST(without_an_id_none_is_the_same)
{
	ck_assert(add_named("O", "", "d.example", 10));
	ck_assert(add_named("O", "", "d.example", 10));
	ck_assert_uint_eq(k.reports->duplicates, 0);
}
END_TEST

START_TEST(another_collection)
{
	struct mxa_kept other;

	mxa_kept_attach(&other, k.reports);
	ck_assert_uint_eq(other.n, 0);
	mxa_kept_done(&other);
	ck_assert(add_named("O", "1", "d.example", 10)); /* it is still there */
	mxa_reports_free(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kept");
	TCase *tc = tcase_create("kept");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rows_are_copied);
	tcase_add_test(tc, in_their_order);
	tcase_add_test(tc, since_a_time);
	tcase_add_test(tc, emptied);
	tcase_add_test(tc, rows_have_a_limit);
	tcase_add_test(tc, words_are_there_once);
	tcase_add_loop_test(
	    tc, the_same_report, 0, sizeof(others) / sizeof(others[0]));
	tcase_add_test(tc, without_an_id_none_is_the_same);
	tcase_add_test(tc, another_collection);
	suite_add_tcase(s, tc);
	return test_main(s);
}
