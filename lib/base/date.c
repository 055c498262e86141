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

const char *mxa_time_format(int64_t seconds, char out[MXA_TIME_TEXT])
{
	time_t when = (time_t)seconds;
	struct tm tm;

	if (seconds < 0)
		when = 0;
	else if ((uint64_t)seconds > MAX_EPOCH)
		when = (time_t)MAX_EPOCH;
	gmtime_r(&when, &tm);
	strftime(out, MXA_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}
