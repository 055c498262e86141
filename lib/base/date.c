/* date.c - dates and times to seconds. */
#include "base/date.h"

#include <time.h>

#define MAX_EPOCH UINT64_C(253402300799) /* the end of 9999 */

/* 'n' digits at '*at'; false: there are others. */
static bool take_digits(struct mxa_str s, size_t *at, size_t n, int *out)
{
	*out = 0;
	for (size_t end = *at + n; *at < end; (*at)++) {
		if (*at >= s.len || !mxa_is_digit(s.p[*at]))
			return false;
		*out = *out * 10 + (s.p[*at] - '0');
	}
	return true;
}

static bool take_byte(struct mxa_str s, size_t *at, char c)
{
	if (*at >= s.len || s.p[*at] != c)
		return false;
	(*at)++;
	return true;
}

static bool is_leap_year(int y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int days_of_month(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return days[m - 1] + (m == 2 && is_leap_year(y));
}

/* Days from 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_since_1970(int y, int m, int d)
{
	int last = y - 1; /* the last whole year */
	int64_t days = (int64_t)(y - 1970) * 365 + (last / 4 - 492) -
	    (last / 100 - 19) + (last / 400 - 4);

	for (int i = 1; i < m; i++)
		days += days_of_month(y, i);
	return days + d - 1;
}

static bool take_date(struct mxa_str s, size_t *at, int64_t *out)
{
	int y, m, d;

	if (!take_digits(s, at, 4, &y) || !take_byte(s, at, '-') ||
	    !take_digits(s, at, 2, &m) || !take_byte(s, at, '-') ||
	    !take_digits(s, at, 2, &d))
		return false;
	if (y < 1970 || m < 1 || m > 12 || d < 1 || d > days_of_month(y, m))
		return false;
	*out = days_since_1970(y, m, d) * MXA_DAY_SECONDS;
	return true;
}

/* "08:00:00", with a fraction; the leap second counts as the next minute. */
static bool take_clock(struct mxa_str s, size_t *at, int64_t *out)
{
	int h, m, sec;

	if (!take_digits(s, at, 2, &h) || !take_byte(s, at, ':') ||
	    !take_digits(s, at, 2, &m) || !take_byte(s, at, ':') ||
	    !take_digits(s, at, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	*out += h * 3600 + m * 60 + sec;
	if (!take_byte(s, at, '.'))
		return true;
	if (*at >= s.len || !mxa_is_digit(s.p[*at]))
		return false;
	while (*at < s.len && mxa_is_digit(s.p[*at]))
		(*at)++;
	return true;
}

/* "Z" or "+09:00" */
static bool take_zone(struct mxa_str s, size_t *at, int64_t *out)
{
	int h, m, sign;

	if (take_byte(s, at, 'Z') || take_byte(s, at, 'z'))
		return true;
	sign = take_byte(s, at, '+') ? 1 : take_byte(s, at, '-') ? -1 : 0;
	if (sign == 0 || !take_digits(s, at, 2, &h) || !take_byte(s, at, ':') ||
	    !take_digits(s, at, 2, &m) || h > 23 || m > 59)
		return false;
	*out -= sign * (h * 3600 + m * 60);
	return true;
}

/* --- mail --- */

static void skip_blanks(struct mxa_str s, size_t *at)
{
	while (*at < s.len && mxa_is_space(s.p[*at]))
		(*at)++;
}

/* 1 to 'most' digits. */
static bool take_number(struct mxa_str s, size_t *at, size_t most, int *out)
{
	size_t from = *at;

	*out = 0;
	while (*at < s.len && *at < from + most && mxa_is_digit(s.p[*at]))
		*out = *out * 10 + (s.p[(*at)++] - '0');
	return *at > from;
}

static bool take_month(struct mxa_str s, size_t *at, int *out)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (*at + 3 > s.len)
		return false;
	for (int i = 0; i < 12; i++)
		if (mxa_str_caseeq(mxa_str_sub(s, *at, *at + 3),
			mxa_str_make(names + i * 3, 3))) {
			*at += 3;
			*out = i + 1;
			return true;
		}
	return false;
}

/* Two digits are of this or the last century (RFC 5322 section 4.3). */
static bool take_year(struct mxa_str s, size_t *at, int *out)
{
	size_t from = *at;

	if (!take_number(s, at, 4, out))
		return false;
	if (*at - from == 2)
		*out += *out < 50 ? 2000 : 1900;
	else if (*at - from == 3)
		*out += 1900;
	return *out >= 1970;
}

/* "09:14" or "09:14:01" */
static bool take_mail_clock(struct mxa_str s, size_t *at, int64_t *out)
{
	int h, m, sec = 0;

	if (!take_number(s, at, 2, &h) || !take_byte(s, at, ':') ||
	    !take_digits(s, at, 2, &m))
		return false;
	if (take_byte(s, at, ':') && !take_digits(s, at, 2, &sec))
		return false;
	*out += h * 3600 + m * 60 + sec;
	return h < 24 && m < 60 && sec <= 60;
}

/* Seconds east of UTC. */
static int mail_zone(struct mxa_str s)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = { { "EST", -5 }, { "EDT", -4 }, { "CST", -6 },
		{ "CDT", -5 }, { "MST", -7 }, { "MDT", -6 }, { "PST", -8 },
		{ "PDT", -7 } };
	size_t at = 1;
	int h, m;

	if (s.len >= 5 && (s.p[0] == '+' || s.p[0] == '-') &&
	    take_digits(s, &at, 2, &h) && take_digits(s, &at, 2, &m))
		return (s.p[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (mxa_str_casestarts(s, mxa_str_from(zones[i].name)))
			return zones[i].hours * 3600;
	return 0;
}

bool mxa_date_mail(struct mxa_str s, int64_t *out)
{
	size_t comma = mxa_str_chr(s, ',', 0), at = 0;
	int d, m, y;

	if (comma < s.len)
		s = mxa_str_sub(s, comma + 1, s.len);
	skip_blanks(s, &at);
	if (!take_number(s, &at, 2, &d))
		return false;
	skip_blanks(s, &at);
	if (!take_month(s, &at, &m))
		return false;
	skip_blanks(s, &at);
	if (!take_year(s, &at, &y) || d < 1 || d > days_of_month(y, m))
		return false;
	skip_blanks(s, &at);
	*out = days_since_1970(y, m, d) * MXA_DAY_SECONDS;
	if (!take_mail_clock(s, &at, out))
		return false;
	skip_blanks(s, &at);
	*out -= mail_zone(mxa_str_sub(s, at, s.len));
	return true;
}

/* --- the module --- */

bool mxa_date_parse(struct mxa_str s, int64_t *out)
{
	size_t at = 0;

	return take_date(s, &at, out) && at == s.len;
}

bool mxa_time_parse(struct mxa_str s, int64_t *out)
{
	uint64_t epoch;
	size_t at = 0;

	if (mxa_date_parse(s, out))
		return true;
	if (s.len > 0 && mxa_is_digit(s.p[0]) &&
	    mxa_str_u64(s, MAX_EPOCH, &epoch)) {
		*out = (int64_t)epoch;
		return true;
	}
	if (!take_date(s, &at, out))
		return false;
	if (!take_byte(s, &at, 'T') && !take_byte(s, &at, 't') &&
	    !take_byte(s, &at, ' '))
		return false;
	return take_clock(s, &at, out) && take_zone(s, &at, out) && at == s.len;
}

/* The date of a day since 1970-01-01. */
static void fill_date(int64_t day, struct tm *tm)
{
	int y = 1970 + (int)(day / 366); /* that year or one before */
	int m = 1;

	while (day >= days_since_1970(y + 1, 1, 1))
		y++;
	day -= days_since_1970(y, 1, 1);
	for (; day >= days_of_month(y, m); m++)
		day -= days_of_month(y, m);
	tm->tm_year = y - 1900;
	tm->tm_mon = m - 1;
	tm->tm_mday = (int)day + 1;
}

/* Not by gmtime_r: time_t ends in 2038 on 32-bit systems. */
const char *mxa_time_format(int64_t seconds, char out[MXA_TIME_TEXT])
{
	struct tm tm = { 0 };
	int of_day;

	if (seconds < 0)
		seconds = 0;
	else if ((uint64_t)seconds > MAX_EPOCH)
		seconds = (int64_t)MAX_EPOCH;
	of_day = (int)(seconds % 86400);
	fill_date(seconds / 86400, &tm);
	tm.tm_hour = of_day / 3600;
	tm.tm_min = of_day / 60 % 60;
	tm.tm_sec = of_day % 60;
	strftime(out, MXA_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}
