/* check_page_chart.c - messages by day: bars, what the pointer finds, dates,
 * the key and the table. */
#include "cli/page_chart.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "t/support/testing.h"

#define DAY 20778 /* 2026-11-21 */

static const struct page_chart_kind kinds[] = {
	{ "pass", "passed", false },
	{ "failed", "failed", true },
	{ "refused", "refused", false },
};

/* The chart of these days as markup, for the caller to free. */
static char *chart_of(const struct page_chart_day *day, size_t n)
{
	struct page_chart c = { .kind = kinds,
		.kinds = MXA_ARRAY_LEN(kinds),
		.day = day,
		.days = n,
		.label = "Messages by day",
		.gap = "no report" };
	struct page p = { 0 };
	char *text = NULL;
	size_t len;

	p.f = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(p.f);
	page_chart(&p, &c);
	fclose(p.f);
	return text;
}

/* 'n' days, all known, the last one with 'last' passed messages. */
static char *chart_of_many(size_t n, uint64_t last)
{
	struct page_chart_day *day = calloc(n, sizeof(*day));
	char *text;

	for (size_t i = 0; i < n; i++) {
		day[i].day = DAY + (int64_t)i;
		day[i].known = true;
	}
	day[n - 1].n[0] = last;
	text = chart_of(day, n);
	free(day);
	return text;
}

/* Two days: a step of 450, bars of at most 60; the most is 4 messages, which
 * are 150 high: 37.5 each. */
START_TEST(two_days)
{
	static const struct page_chart_day days[] = {
		{ .day = DAY, .n = { 3, 1, 0 }, .known = true },
		{ .day = DAY + 1 },
	};
	static const char *const want[] = {
		"<path class=\"pass\" d=\"M195.0 160.0h60.0v-112.5h-60.0z\"/>",
		"<path class=\"failed\" d=\"M195.0 47.5h60.0v-37.5h-60.0z\"/>",
		"<path class=\"refused\" d=\"\"/>",
		"<rect class=\"hit\" x=\"0.0\" y=\"0\" width=\"450.0\" "
		"height=\"160\"><title>2026-11-21, passed 3, failed 1</title>",
		"<rect class=\"gap\" x=\"450.0\" y=\"157\" width=\"450.0\" "
		"height=\"3\"><title>2026-11-22: no report</title>",
		"<line x1=\"0\" x2=\"900\" y1=\"10\" y2=\"10\"/>"
		"<line x1=\"0\" x2=\"900\" y1=\"160\" y2=\"160\"/>",
		"viewBox=\"0 0 900 160\" aria-label=\"Messages by day\">",
		"<div class=\"dates each\"><span>2026-11-21</span>"
		"<span>2026-11-22</span></div>",
		"</svg>passed 3</span>",
		"</svg>failed 1</span>",
		"</svg>refused 0</span>",
		"most on one day: 4",
		"<thead><tr><th scope=\"col\" class=\"n\">day</th>"
		"<th scope=\"col\" class=\"n\">passed</th>"
		"<th scope=\"col\" class=\"n small\">failed</th>"
		"<th scope=\"col\" class=\"n\">refused</th></tr></thead>"
		"<tbody>\n"
		"<tr><td class=\"n\">2026-11-21</td><td class=\"n\">3</td>"
		"<td class=\"n small\">1</td><td class=\"n\">0</td></tr>\n"
		"</tbody>",
	};
	char *text = chart_of(days, MXA_ARRAY_LEN(days));

	ck_assert_msg(
	    strstr(text, want[_i]) != NULL, "no %s in %s", want[_i], text);
	free(text);
}
END_TEST

/* The sum of all days, and the newest day first. */
START_TEST(sums_and_order)
{
	static const struct page_chart_day days[] = {
		{ .day = DAY, .n = { 1200, 2, 0 }, .known = true },
		{ .day = DAY + 1, .n = { 34, 1, 5 }, .known = true },
	};
	char *text = chart_of(days, MXA_ARRAY_LEN(days));
	const char *second = strstr(text,
	    "<tr><td class=\"n\">2026-11-22</td>"
	    "<td class=\"n\">34</td>");

	ck_assert_ptr_nonnull(strstr(text, "</svg>passed 1,234</span>"));
	ck_assert_ptr_nonnull(strstr(text, "</svg>failed 3</span>"));
	ck_assert_ptr_nonnull(strstr(text, "most on one day: 1,202"));
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_nonnull(
	    strstr(second, "<tr><td class=\"n\">2026-11-21</td>"));
	free(text);
}
END_TEST

/* A bar takes 0.8 of a step of more than 3, all of one up to 3. */
static const struct {
	size_t days;
	const char *bar, *dates;
} rows[] = {
	{ 1, "M420.0 160.0h60.0v-150.0h-60.0z",
	    "<div class=\"dates each\"><span>2026-11-21</span></div>" },
	{ 4, "M757.5 160.0h60.0v-150.0h-60.0z",
	    "<div class=\"dates each\"><span>2026-11-21</span>"
	    "<span>2026-11-22</span><span>2026-11-23</span>"
	    "<span>2026-11-24</span></div>" },
	{ 5, "M780.0 160.0h60.0v-150.0h-60.0z",
	    "<div class=\"dates\"><span>2026-11-21</span>"
	    "<span>2026-11-23</span><span>2026-11-25</span></div>" },
	{ 15, "M846.0 160.0h48.0v-150.0h-48.0z",
	    "<div class=\"dates\"><span>2026-11-21</span>"
	    "<span>2026-11-28</span><span>2026-12-05</span></div>" },
	{ 225, "M896.4 160.0h3.2v-150.0h-3.2z", "" },
	{ 300, "M897.0 160.0h3.0v-150.0h-3.0z", "" },
};

START_TEST(width_and_dates)
{
	char *text = chart_of_many(rows[_i].days, 7);

	ck_assert_msg(strstr(text, rows[_i].bar) != NULL, "no %s in %s",
	    rows[_i].bar, text);
	ck_assert_msg(strstr(text, rows[_i].dates) != NULL, "no %s in %s",
	    rows[_i].dates, text);
	free(text);
}
END_TEST

START_TEST(no_day)
{
	char *text = chart_of(NULL, 0);

	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

/* Without a message the axis is that of one, not of none. */
START_TEST(no_message)
{
	char *text = chart_of_many(2, 0);

	ck_assert_ptr_nonnull(strstr(text, "most on one day: 1<"));
	ck_assert_ptr_nonnull(strstr(text, "<title>2026-11-21</title>"));
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("page_chart");
	TCase *tc = tcase_create("chart");

	tcase_add_loop_test(tc, two_days, 0, 13);
	tcase_add_test(tc, sums_and_order);
	tcase_add_loop_test(tc, width_and_dates, 0, (int)MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, no_day);
	tcase_add_test(tc, no_message);
	suite_add_tcase(s, tc);
	return test_main(s);
}
