/* logstamp.c - time stamps of syslog and journalctl. */
#include "bounce/logstamp.h"

#include <string.h>
#include <time.h>

#include "base/date.h"

#define DAY MXA_DAY_SECONDS

static bool two_digits(const char *p, int *out)
{
	char high = p[0] == ' ' ? '0' : p[0];

	if (!mxa_is_digit(high) || !mxa_is_digit(p[1]))
		return false;
	*out = (high - '0') * 10 + (p[1] - '0');
	return true;
}

static int month_number(const char *p)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (memcmp(p, months + i * 3, 3) == 0)
			return i;
	return -1;
}

/* "HH:MM:SS" to seconds of the day; false: it is not. */
static bool clock_time(const char *p, int *out)
{
	int h, m, s;

	if (p[2] != ':' || p[5] != ':' || !two_digits(p, &h) ||
	    !two_digits(p + 3, &m) || !two_digits(p + 6, &s) || h > 23 ||
	    m > 59 || s > 60)
		return false;
	*out = h * 3600 + m * 60 + s;
	return true;
}

/* The newest "month day, hour" of local time that is not after now. */
static int64_t newest_hour(int64_t now, int month, int day, int hour)
{
	time_t t = (time_t)now;
	struct tm tm;
	int year;

	if (localtime_r(&t, &tm) == NULL)
		return 0;
	year = tm.tm_year;
	for (int back = 0; back < 5; back++) { /* 29 February */
		struct tm then = { .tm_year = year - back,
			.tm_mon = month,
			.tm_mday = day,
			.tm_hour = hour,
			.tm_isdst = -1 };

		t = mktime(&then);
		if (then.tm_mon == month && then.tm_mday == day &&
		    (int64_t)t <= now)
			return (int64_t)t;
	}
	return 0;
}

/* "Nov 27 09:14:01" */
static bool traditional_time(
    struct mxa_logstamp *s, struct mxa_str line, int64_t *out)
{
	int month, day, hour, seconds;

	if (line.len < 16 || line.p[3] != ' ' || line.p[6] != ' ')
		return false;
	month = month_number(line.p);
	if (month < 0 || !two_digits(line.p + 4, &day) ||
	    !clock_time(line.p + 7, &seconds))
		return false;
	hour = seconds < DAY ? seconds / 3600 : 23; /* 23:59:60 */
	seconds -= hour * 3600;
	if (memcmp(s->hour, line.p, 9) != 0) {
		s->hour_time = newest_hour(s->now, month, day, hour);
		memcpy(s->hour, line.p, 9);
	}
	*out = s->hour_time > 0 ? s->hour_time + seconds : 0;
	if (*out > s->now) /* later in the hour of now, a year ago */
		*out = newest_hour(s->now - DAY, month, day, hour) + seconds;
	return true;
}

/* Seconds from 1970 to the first of January of a year of local time, and the
 * like, are mktime's business; RFC 3339 is base/date's.  journalctl writes the
 * zone as "+0900". */
static bool iso_time(struct mxa_str word, int64_t *out)
{
	char text[40];
	size_t n = word.len;

	if (n < 20 || n > sizeof(text) - 2 || word.p[10] != 'T')
		return false;
	memcpy(text, word.p, n);
	if ((text[n - 5] == '+' || text[n - 5] == '-') && text[n - 3] != ':') {
		memmove(text + n - 1, text + n - 2, 2);
		text[n - 2] = ':';
		n++;
	}
	return mxa_time_parse(mxa_str_make(text, n), out);
}

/* "1764202441.123456" */
static bool unix_time(struct mxa_str word, int64_t *out)
{
	size_t dot = mxa_str_chr(word, '.', 0);
	uint64_t seconds;

	if (dot < 9 || dot == word.len ||
	    !mxa_str_u64(mxa_str_sub(word, 0, dot), INT64_MAX, &seconds))
		return false;
	*out = (int64_t)seconds;
	return true;
}

static size_t skip_stamp_blanks(struct mxa_str s, size_t i)
{
	while (i < s.len && s.p[i] == ' ')
		i++;
	return i;
}

/* "2026-11-27 09:14:01 JST" after the day of the week: the zone's name tells
 * nothing that can be relied on, local time is what journalctl shows. */
static bool full_time(struct mxa_str s, int64_t *out)
{
	struct tm tm = { .tm_isdst = -1 };
	int64_t midnight;
	int seconds, month, day;

	if (s.len < 20 || s.p[10] != ' ' ||
	    !mxa_date_parse(mxa_str_sub(s, 0, 10), &midnight) ||
	    !clock_time(s.p + 11, &seconds) || !two_digits(s.p + 5, &month) ||
	    !two_digits(s.p + 8, &day))
		return false;
	tm.tm_year = (s.p[0] - '0') * 1000 + (s.p[1] - '0') * 100 +
	    (s.p[2] - '0') * 10 + (s.p[3] - '0') - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_sec = seconds;
	*out = (int64_t)mktime(&tm);
	return true;
}

/* Offset after the time; 0: no time stamp. */
static size_t read_time(
    struct mxa_logstamp *s, struct mxa_str line, int64_t *when)
{
	size_t space = mxa_str_chr(line, ' ', 0);
	struct mxa_str word = mxa_str_sub(line, 0, space);

	*when = 0;
	if (traditional_time(s, line, when))
		return mxa_str_chr(line, ' ', 15);
	if (line.len > 0 && mxa_is_digit(line.p[0]))
		return iso_time(word, when) || unix_time(word, when) ? space
								     : 0;
	if (line.len > 0 && line.p[0] == '[')
		return mxa_str_chr(line, ']', 0) + 1;
	if (space == 3 && full_time(mxa_str_sub(line, 4, line.len), when))
		return mxa_str_chr(line, ' ', 24);
	return 0;
}

bool mxa_logstamp_split(struct mxa_logstamp *s, struct mxa_str line,
    int64_t *when, struct mxa_str *program, struct mxa_str *rest)
{
	size_t at = read_time(s, line, when), host, end, colon;

	if (at == 0 || at >= line.len)
		return false;
	host = skip_stamp_blanks(line, at);
	at = skip_stamp_blanks(line, mxa_str_chr(line, ' ', host));
	end = at;
	while (end < line.len && line.p[end] != '[' && line.p[end] != ':' &&
	    line.p[end] != ' ')
		end++;
	colon = end;
	if (end < line.len && line.p[end] == '[')
		colon = mxa_str_chr(line, ']', end) + 1;
	if (end == at || colon >= line.len || line.p[colon] != ':')
		return false;
	*program = mxa_str_sub(line, at, end);
	*rest = mxa_str_sub(line, skip_stamp_blanks(line, colon + 1), line.len);
	return true;
}

/* The hour of "2026-11-27 09:14:02" in local time, kept for the next line. */
static bool exim_time(struct mxa_logstamp *s, struct mxa_str line, int64_t *out)
{
	int seconds;

	if (line.len < 20 || !clock_time(line.p + 11, &seconds))
		return false;
	if (memcmp(s->hour, line.p, 13) != 0) {
		if (!full_time(line, out))
			return false;
		memcpy(s->hour, line.p, 13);
		s->hour_time = *out - seconds % 3600;
	}
	*out = s->hour_time + seconds % 3600;
	return true;
}

size_t mxa_logstamp_exim(
    struct mxa_logstamp *s, struct mxa_str line, int64_t *when)
{
	size_t at;

	if (line.len < 20 || line.p[4] != '-' || line.p[10] != ' ' ||
	    !exim_time(s, line, when))
		return 0;
	at = skip_stamp_blanks(line, mxa_str_chr(line, ' ', 19));
	/* the process, with log_selector = +pid */
	if (at < line.len && line.p[at] == '[')
		at = skip_stamp_blanks(line, mxa_str_chr(line, ' ', at));
	return at;
}
