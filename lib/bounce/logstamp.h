/* logstamp.h - the time and the program that a line of syslog begins with. */
#ifndef MXA_BOUNCE_LOGSTAMP_H
#define MXA_BOUNCE_LOGSTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct mxa_logstamp {
	int64_t now; /* no date without a year is after it */
	/* the hour of the line before: most lines are of the same */
	char hour[16];
	int64_t hour_time;
};

/* Splits "Nov 27 09:14:01 mx postfix/smtp[123]: REST", "2026-11-27T09:14:01.5
 * +09:00 mx …", "1764202441.5 mx …", "[ 12.3] mx …", "Fri 2026-11-27 09:14:01
 * JST mx …".  'program' is "postfix/smtp"; 'when' 0: the line tells none.
 * False: another form. */
bool mxa_logstamp_split(struct mxa_logstamp *s, struct mxa_str line,
    int64_t *when, struct mxa_str *program, struct mxa_str *rest);

/* The offset after "2026-11-27 09:14:02 ", of local time, that a line of Exim
 * begins with; 0: it begins with something else, and '*when' stays. */
size_t mxa_logstamp_exim(
    struct mxa_logstamp *s, struct mxa_str line, int64_t *when);

#endif
