/* maillog.h - what a mail log tells of deliveries: Exim, Postfix and Sendmail,
 * through syslog (traditional and ISO 8601 time stamps) or journalctl -o
 * short*.
 *
 * A delivery is a pair of queue id and recipient.  It is handed over once, with
 * its last state: when the message leaves the queue, when the log ends, or when
 * too many are open. */
#ifndef MXA_BOUNCE_MAILLOG_H
#define MXA_BOUNCE_MAILLOG_H

#include "bounce/delivery.h"

/* Messages whose deliveries are kept at the same time; the oldest goes first.
 */
#define MXA_MAILLOG_MAX_OPEN 200000
/* Deliveries of one message that are kept; further ones are handed over at
 * once. */
#define MXA_MAILLOG_MAX_RECIPIENTS 10000

/* The strings are valid during the call. */
typedef void mxa_delivery_fn(void *ctx, const struct mxa_delivery *d);

struct mxa_maillog;

/* 'now': a date without a year is the newest that is not after it.  Such dates
 * are local time of the process (TZ). */
struct mxa_maillog *mxa_maillog_new(
    int64_t now, mxa_delivery_fn *fn, void *ctx);

/* One line, without its end.  True: it is a line of a mail system. */
bool mxa_maillog_line(struct mxa_maillog *log, struct mxa_str line);

/* The end of the log: what is open is handed over, oldest first. */
void mxa_maillog_end(struct mxa_maillog *log);

/* NULL is fine. */
void mxa_maillog_free(struct mxa_maillog *log);

/* Whether text looks like a mail log: one of its first lines is a mail
 * system's. */
bool mxa_maillog_is_log(struct mxa_str start);

#endif
