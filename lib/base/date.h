/* date.h - dates and times as people and files write them, to seconds since
 * 1970, UTC. */
#ifndef MXA_BASE_DATE_H
#define MXA_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define MXA_DAY_SECONDS 86400

/* "2027-03-31": the first second of that day.  False: no date of the calendar
 * from 1970 to 9999. */
bool mxa_date_parse(struct mxa_str s, int64_t *out);

/* A date, a time of RFC 3339 ("2027-03-31T08:00:00Z", "…T17:00:00+09:00", with
 * or without a fraction, which is dropped), or seconds since 1970 as digits. */
bool mxa_time_parse(struct mxa_str s, int64_t *out);

/* The date of a mail (RFC 5322 section 3.3, with the obsolete zones): "Fri, 27
 * Nov 2026 09:14:01 +0900 (JST)".  A zone that nobody knows is +0000. */
bool mxa_date_mail(struct mxa_str s, int64_t *out);

/* "2027-03-31T08:00:00Z", in 'out', which is returned.  A time before 1970 or
 * after 9999 becomes the nearest one between them. */
#define MXA_TIME_TEXT 24
const char *mxa_time_format(int64_t seconds, char out[MXA_TIME_TEXT]);

#endif
