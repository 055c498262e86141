/* check_date.c - dates and times to seconds since 1970. */
#include "t/support/testing.h"

#include "base/attr.h"
#include "base/date.h"

#define NOT_ONE INT64_C(-1)

static const struct {
	const char *text;
	int64_t date; /* as a date, NOT_ONE: none */
	int64_t time; /* as a time */
} rows[] = {
	{ "1970-01-01", 0, 0 },
	{ "2027-03-31", INT64_C(1806451200), INT64_C(1806451200) },
	{ "2024-02-29", INT64_C(1709164800), INT64_C(1709164800) },
	{ "2000-02-29", INT64_C(951782400), INT64_C(951782400) },
	{ "9999-12-31", INT64_C(253402214400), INT64_C(253402214400) },
	{ "2027-02-29", NOT_ONE, NOT_ONE },
	{ "2100-02-29", NOT_ONE, NOT_ONE },
	{ "2027-04-31", NOT_ONE, NOT_ONE },
	{ "2027-13-01", NOT_ONE, NOT_ONE },
	{ "2027-00-10", NOT_ONE, NOT_ONE },
	{ "2027-01-00", NOT_ONE, NOT_ONE },
	{ "1969-12-31", NOT_ONE, NOT_ONE },
	{ "2027-3-31", NOT_ONE, NOT_ONE },
	{ "2027-03-31 ", NOT_ONE, NOT_ONE },
	{ "20270331", NOT_ONE, INT64_C(20270331) },
	{ "31.03.2027", NOT_ONE, NOT_ONE },
	{ "", NOT_ONE, NOT_ONE },
	{ "0", NOT_ONE, 0 },
	{ "1806451200", NOT_ONE, INT64_C(1806451200) },
	{ "253402300800", NOT_ONE, NOT_ONE },
	{ "-1", NOT_ONE, NOT_ONE },
	{ "2026-11-21T08:00:00Z", NOT_ONE, INT64_C(1795248000) },
	{ "2026-11-21t08:00:00z", NOT_ONE, INT64_C(1795248000) },
	{ "2026-11-21 08:00:00Z", NOT_ONE, INT64_C(1795248000) },
	{ "2026-11-21T08:00:00.25Z", NOT_ONE, INT64_C(1795248000) },
	{ "2026-11-21T17:00:00+09:00", NOT_ONE, INT64_C(1795248000) },
	{ "2026-11-20T20:30:00-11:30", NOT_ONE, INT64_C(1795248000) },
	{ "2026-11-21T08:00:00", NOT_ONE, NOT_ONE },
	{ "2026-11-21T08:00Z", NOT_ONE, NOT_ONE },
	{ "2026-11-21T24:00:00Z", NOT_ONE, NOT_ONE },
	{ "2026-11-21T08:60:00Z", NOT_ONE, NOT_ONE },
	{ "2026-11-21T08:00:00.Z", NOT_ONE, NOT_ONE },
	{ "2026-11-21T08:00:00+0900", NOT_ONE, NOT_ONE },
	{ "2026-11-21T08:00:00Zx", NOT_ONE, NOT_ONE },
};

START_TEST(texts_to_seconds)
{
	struct mxa_str s = mxa_str_from(rows[_i].text);
	int64_t date = 0, time = 0;

	if (!mxa_date_parse(s, &date))
		date = NOT_ONE;
	if (!mxa_time_parse(s, &time))
		time = NOT_ONE;
	ck_assert_msg(date == rows[_i].date, "date %s: got %lld", rows[_i].text,
	    (long long)date);
	ck_assert_msg(time == rows[_i].time, "time %s: got %lld", rows[_i].text,
	    (long long)time);
}
END_TEST

static const struct {
	int64_t seconds;
	const char *text;
} times[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ INT64_C(951868799), "2000-02-29T23:59:59Z" },
	{ INT64_C(1795248000), "2026-11-21T08:00:00Z" },
	{ INT64_C(1735689599), "2024-12-31T23:59:59Z" },
	{ INT64_C(1735689600), "2025-01-01T00:00:00Z" },
	{ INT64_C(4107542399), "2100-02-28T23:59:59Z" },
	{ INT64_C(4107542400), "2100-03-01T00:00:00Z" },
	{ INT64_C(253402300799), "9999-12-31T23:59:59Z" },
	/* outside: the nearest */
	{ -1, "1970-01-01T00:00:00Z" },
	{ INT64_MIN, "1970-01-01T00:00:00Z" },
	{ INT64_C(253402300800), "9999-12-31T23:59:59Z" },
	{ INT64_MAX, "9999-12-31T23:59:59Z" },
};

START_TEST(seconds_to_text)
{
	char text[MXA_TIME_TEXT];

	ck_assert_str_eq(
	    mxa_time_format(times[_i].seconds, text), times[_i].text);
}
END_TEST

static const struct {
	const char *text;
	int64_t time; /* NOT_ONE: no date of a mail */
} mail[] = {
	{ "Fri, 27 Nov 2026 09:14:01 +0900", INT64_C(1795738441) },
	{ " Fri, 27 Nov 2026 00:14:01 +0000 (UTC)", INT64_C(1795738441) },
	{ "27 Nov 2026 00:14:01 GMT", INT64_C(1795738441) },
	{ "Thu, 26 Nov 26 19:14:01 EST", INT64_C(1795738441) },
	{ "Fri, 27 Nov 126 00:14:01 +0000", INT64_C(1795738441) },
	{ "fri,27 nov 2026 0:14:01 -0000", INT64_C(1795738441) },
	{ "Fri, 27 Nov 2026 00:14 Z", INT64_C(1795738440) },
	{ "Thu, 1 Jan 1970 00:00:00 +0000", 0 },
	{ "Fri, 31 Nov 2026 00:14:01 +0000", NOT_ONE },
	{ "Fri, 27 Nov 2026", NOT_ONE },
	{ "Fri, 27 Nov 2026 25:00:00 +0000", NOT_ONE },
	{ "2026-11-27T00:14:01Z", NOT_ONE },
	{ "", NOT_ONE },
	{ ",", NOT_ONE },
};

START_TEST(dates_of_mails)
{
	int64_t time = 0;

	if (!mxa_date_mail(mxa_str_from(mail[_i].text), &time))
		time = NOT_ONE;
	ck_assert_msg(time == mail[_i].time, "%s: got %lld", mail[_i].text,
	    (long long)time);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("date");
	TCase *tc = tcase_create("date");

	tcase_add_loop_test(tc, texts_to_seconds, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, seconds_to_text, 0, MXA_ARRAY_LEN(times));
	tcase_add_loop_test(tc, dates_of_mails, 0, MXA_ARRAY_LEN(mail));
	suite_add_tcase(s, tc);
	return test_main(s);
}
