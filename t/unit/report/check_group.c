/* check_group.c - rows of received reports put together: why they came out so,
 * and what became of each group. */
#include "report/received/group.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/attr.h"
#include "t/support/testing.h"

static struct mxa_reports *reports;
static struct mxa_report_groups groups;
static const struct mxa_report_sink nobody = { NULL, NULL, NULL };

static void setup(void)
{
	reports = mxa_reports_new(&nobody, NULL);
	mxa_report_groups_init(&groups);
}

static void teardown(void)
{
	mxa_report_groups_done(&groups);
	mxa_reports_free(reports);
}

/* --- causes --- */

static const struct {
	const char *name;
	const char *dkim, *spf;	      /* as evaluated */
	struct mxa_report_spf by_spf; /* domain empty: not reported */
	struct mxa_report_dkim by_dkim;
	const char *want;
} rows[] = {
	{ "both", "pass", "pass",
	    { MXA_STR_INIT("a.example"), MXA_STR_INIT("mfrom"),
		MXA_STR_INIT("pass") },
	    { MXA_STR_INIT("a.example"), MXA_STR_INIT("s"),
		MXA_STR_INIT("pass") },
	    "pass" },
	{ "no record, nothing signed", "fail", "fail",
	    { MXA_STR_INIT("a.example"), MXA_STR_INIT("mfrom"),
		MXA_STR_INIT("none") },
	    { MXA_STR_INIT(""), MXA_STR_INIT(""), MXA_STR_INIT("") },
	    "spf-missing" },
	{ "not listed, nothing signed", "fail", "fail",
	    { MXA_STR_INIT("a.example"), MXA_STR_INIT("mfrom"),
		MXA_STR_INIT("softfail") },
	    { MXA_STR_INIT(""), MXA_STR_INIT(""), MXA_STR_INIT("") },
	    "spf-not-listed" },
	{ "a record with a mistake", "fail", "fail",
	    { MXA_STR_INIT("a.example"), MXA_STR_INIT("mfrom"),
		MXA_STR_INIT("permerror") },
	    { MXA_STR_INIT(""), MXA_STR_INIT(""), MXA_STR_INIT("") },
	    "spf-error" },
	{ "passed for another domain", "fail", "fail",
	    { MXA_STR_INIT("b.example"), MXA_STR_INIT("mfrom"),
		MXA_STR_INIT("pass") },
	    { MXA_STR_INIT(""), MXA_STR_INIT(""), MXA_STR_INIT("") },
	    "unaligned" },
	{ "the own signature broke", "fail", "fail",
	    { MXA_STR_INIT("a.example"), MXA_STR_INIT("mfrom"),
		MXA_STR_INIT("fail") },
	    { MXA_STR_INIT("a.example"), MXA_STR_INIT("s"),
		MXA_STR_INIT("fail") },
	    "dkim-failed" },
	{ "no results", "fail", "fail",
	    { MXA_STR_INIT(""), MXA_STR_INIT(""), MXA_STR_INIT("") },
	    { MXA_STR_INIT(""), MXA_STR_INIT(""), MXA_STR_INIT("") },
	    "unspecified" },
};

static struct mxa_report_row row_of(size_t i, const char *ip, uint64_t count)
{
	return (struct mxa_report_row){ .source_ip = mxa_str_from(ip),
		.count = count,
		.disposition = MXA_STR("none"),
		.dkim = mxa_str_from(rows[i].dkim),
		.spf = mxa_str_from(rows[i].spf),
		.header_from = MXA_STR("a.example"),
		.envelope_from = MXA_STR("a.example"),
		.envelope_to = MXA_STR(""),
		.auth_spf = &rows[i].by_spf,
		.n_spf = rows[i].by_spf.domain.len > 0,
		.auth_dkim = &rows[i].by_dkim,
		.n_dkim = rows[i].by_dkim.domain.len > 0 };
}

START_TEST(causes)
{
	struct mxa_report_row row = row_of((size_t)_i, "192.0.2.7", 1);

	ck_assert_msg(mxa_str_is(mxa_str_from(mxa_report_cause_name(
				     mxa_report_row_cause(&row))),
			  rows[_i].want),
	    "%s: %s", rows[_i].name,
	    mxa_report_cause_name(mxa_report_row_cause(&row)));
}
END_TEST

/* What fails has advice; what passes by both needs none. */
START_TEST(advice)
{
	const char *text = mxa_report_cause_advice((enum mxa_report_cause)_i);

	ck_assert_ptr_nonnull(mxa_report_cause_text((enum mxa_report_cause)_i));
	if (_i == MXA_RC_PASS_BOTH)
		ck_assert_str_eq(text, "");
	if (_i == MXA_RC_NO_SPF_RECORD || _i == MXA_RC_NOT_LISTED)
		ck_assert_str_ne(text, "");
}
END_TEST

/* --- groups --- */

static void add(size_t i, const char *ip, const char *disposition,
    uint64_t count, int64_t day)
{
	struct mxa_report rep = { .begin = day * 86400,
		.end = day * 86400 + 86399 };
	struct mxa_report_row row = row_of(i, ip, count);

	row.disposition = mxa_str_from(disposition);
	mxa_report_groups_add(&groups, reports, &rep, &row);
}

START_TEST(same_rows_are_one_group)
{
	add(1, "192.0.2.7", "none", 2, 10);
	add(1, "192.0.2.7", "reject", 3, 8);
	add(1, "192.0.2.7", "quarantine", 4, 12);
	add(1, "192.0.2.8", "none", 1, 10);
	mxa_report_groups_sort(&groups);
	ck_assert_uint_eq(groups.n, 2);
	ck_str_is(groups.v[0].source_ip, "192.0.2.7");
	ck_assert_uint_eq(groups.v[0].count, 9);
	ck_assert_uint_eq(groups.v[0].delivered, 2);
	ck_assert_uint_eq(groups.v[0].rejected, 3);
	ck_assert_uint_eq(groups.v[0].quarantined, 4);
	ck_assert_int_eq(groups.v[0].first, 8 * 86400);
	ck_assert_int_eq(groups.v[0].last, 12 * 86400 + 86399);
}
END_TEST

START_TEST(what_fails_comes_first)
{
	add(0, "192.0.2.7", "none", 100, 10);
	add(1, "192.0.2.8", "none", 1, 10);
	mxa_report_groups_sort(&groups);
	ck_str_is(groups.v[0].source_ip, "192.0.2.8");
}
END_TEST

/* Authors by name, then what fails, the larger, the address, the cause. */
START_TEST(groups_are_sorted)
{
	static const struct {
		size_t row;
		const char *author, *ip;
		uint64_t n;
	} in[] = {
		{ 0, "a.example", "192.0.2.1", 9 },
		{ 1, "a.example", "192.0.2.3", 2 },
		{ 5, "a.example", "192.0.2.2", 2 },
		{ 1, "a.example", "192.0.2.2", 2 },
		{ 1, "a.example", "192.0.2.4", 3 },
		{ 1, "a.examples", "192.0.2.1", 1 },
		{ 1, "B.example", "192.0.2.1", 1 },
	};
	static const char *const want[] = { "B.example 192.0.2.1 spf-missing",
		"a.example 192.0.2.4 spf-missing",
		"a.example 192.0.2.2 spf-missing",
		"a.example 192.0.2.2 dkim-failed",
		"a.example 192.0.2.3 spf-missing", "a.example 192.0.2.1 pass",
		"a.examples 192.0.2.1 spf-missing" };
	struct mxa_report rep = { .begin = 0 };

	for (size_t i = 0; i < MXA_ARRAY_LEN(in); i++) {
		struct mxa_report_row row =
		    row_of(in[i].row, in[i].ip, in[i].n);

		row.header_from = mxa_str_from(in[i].author);
		mxa_report_groups_add(&groups, reports, &rep, &row);
	}
	mxa_report_groups_sort(&groups);
	ck_assert_uint_eq(groups.n, MXA_ARRAY_LEN(want));
	for (size_t i = 0; i < groups.n; i++)
		ck_assert_str_eq(
		    mxa_arena_printf(reports->arena, "%.*s %.*s %s",
			MXA_STR_ARG(groups.v[i].author),
			MXA_STR_ARG(groups.v[i].source_ip),
			mxa_report_cause_name(groups.v[i].cause)),
		    want[i]);
}
END_TEST

START_TEST(many_groups)
{
	static char ip[1500][16];

	for (int round = 1; round <= 2; round++)
		for (size_t i = 0; i < 1500; i++) {
			snprintf(ip[i], sizeof(ip[i]), "10.0.%zu.%zu", i / 250,
			    i % 250);
			add(1, ip[i], "none", (uint64_t)round, 10);
		}
	ck_assert_uint_eq(groups.n, 1500);
	ck_assert_uint_eq(groups.not_kept, 0);
	for (size_t i = 0; i < groups.n; i++)
		ck_assert_uint_eq(groups.v[i].count, 3);
}
END_TEST

START_TEST(exceptions_are_counted)
{
	struct mxa_report_reason reasons[] = { { MXA_STR("forwarded"),
						   MXA_STR("") },
		{ MXA_STR("other"), MXA_STR("") } };
	struct mxa_report_row row = row_of(1, "192.0.2.7", 2);
	struct mxa_report rep = { .begin = 0 };

	mxa_report_groups_add(&groups, reports, &rep, &row);
	ck_assert_uint_eq(groups.v[0].overridden, 0);
	row.reason = reasons;
	row.n_reason = 2;
	mxa_report_groups_add(&groups, reports, &rep, &row);
	row.reason = &reasons[1];
	row.n_reason = 1;
	mxa_report_groups_add(&groups, reports, &rep, &row);
	ck_assert_uint_eq(groups.v[0].count, 6);
	ck_assert_uint_eq(groups.v[0].overridden, 4);
	ck_str_is(groups.v[0].override, "forwarded");
}
END_TEST

START_TEST(rows_add_up)
{
	struct mxa_report_totals t = { .rows = 0 };
	static const struct {
		size_t row;
		const char *disposition;
		uint64_t n;
	} in[] = { { 0, "none", 1 }, { 0, "reject", 2 }, { 1, "none", 4 },
		{ 1, "reject", 8 }, { 1, "quarantine", 16 } };

	for (size_t i = 0; i < MXA_ARRAY_LEN(in); i++) {
		struct mxa_report_row row =
		    row_of(in[i].row, "192.0.2.1", in[i].n);

		row.disposition = mxa_str_from(in[i].disposition);
		mxa_report_totals_add(&t, &row);
	}
	ck_assert_uint_eq(t.rows, 5);
	ck_assert_uint_eq(t.messages, 31);
	ck_assert_uint_eq(t.passed, 3);
	ck_assert_uint_eq(t.failed, 28);
	ck_assert_uint_eq(t.rejected, 10);
	ck_assert_uint_eq(t.quarantined, 16);
}
END_TEST

/* Rows 1: no record; 2: not listed; 6: no results; 0: passed. */
static const struct {
	const char *name;
	size_t failed;
	const char *ip; /* from where it passed */
	int64_t failed_day, passed_day;
	bool want;
} published[] = {
	{ "no record, then it passed", 1, "192.0.2.7", 10, 20, true },
	{ "not listed, then it passed", 2, "192.0.2.7", 10, 20, true },
	{ "on the same day", 1, "192.0.2.7", 10, 10, true },
	{ "it passed before", 1, "192.0.2.7", 10, 9, false },
	{ "another source passed", 1, "192.0.2.8", 10, 20, false },
	{ "it failed for another cause", 5, "192.0.2.7", 10, 20, false },
};

START_TEST(a_record_was_published_meanwhile)
{
	const struct mxa_report_group *failed, *later;

	add(published[_i].failed, "192.0.2.7", "reject", 1,
	    published[_i].failed_day);
	add(0, published[_i].ip, "none", 5, published[_i].passed_day);
	mxa_report_groups_sort(&groups);
	failed = &groups.v[0];
	ck_assert_uint_eq(failed->rejected, 1);
	later = mxa_report_group_published(&groups, failed);
	ck_assert_msg(
	    (later != NULL) == published[_i].want, "%s", published[_i].name);
	if (later != NULL)
		ck_assert_uint_eq(later->count, 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("group");
	TCase *tc = tcase_create("groups");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, causes, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, advice, 0, MXA_RCAUSES);
	tcase_add_test(tc, same_rows_are_one_group);
	tcase_add_test(tc, what_fails_comes_first);
	tcase_add_test(tc, groups_are_sorted);
	tcase_add_test(tc, many_groups);
	tcase_add_test(tc, exceptions_are_counted);
	tcase_add_test(tc, rows_add_up);
	tcase_add_loop_test(
	    tc, a_record_was_published_meanwhile, 0, MXA_ARRAY_LEN(published));
	suite_add_tcase(s, tc);
	return test_main(s);
}
