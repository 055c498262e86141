/* log.h - where the daemon speaks: syslog, or standard error with -f.
 *
 * One call is one line and one write.  Usable from any thread once log_open was
 * called; before, everything goes to standard error. */
#ifndef MXA_MILTER_LOG_H
#define MXA_MILTER_LOG_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

/* 'facility' is syslog's name for one ("mail"); unknown: mail.  With
 * 'foreground' lines go to standard error, with syslog's priority in front when
 * the journal of systemd reads it. */
void log_open(bool foreground, const char *facility);

/* What an operator wants to know, can mend, must mend. */
void log_info(const char *fmt, ...) MXA_PRINTF(1, 2);
void log_warn(const char *fmt, ...) MXA_PRINTF(1, 2);
void log_error(const char *fmt, ...) MXA_PRINTF(1, 2);

/* The one line of a message, as it is. */
void log_message(struct mxa_str line);

/* Each line of 'text' with a warning's or an error's priority (what the
 * configuration loader says).  NULL is fine. */
void log_lines(bool error, const char *text);

#endif
