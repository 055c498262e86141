/* deliver.h - frozen reports on their way: each address by itself.
 *
 * A delivery is waiting until it is sent, refused (5xx: failed), not wanted
 * (unauthorised), suppressed, excluded, or expired.  Whoever claims one holds
 * it for some minutes; nothing of the database is open while a mail is handed
 * over.  A crash after the mail was taken and before that was noted sends the
 * same mail once more, with the same ids. */
#ifndef MXA_REPORT_SENT_DELIVER_H
#define MXA_REPORT_SENT_DELIVER_H

#include "report/sent/sender.h"

/* Sends what is due.  False: the store failed. */
bool mxa_reports_deliver(const struct mxa_deliver_options *o,
    struct mxa_arena *a, struct mxa_deliver_result *out);

#endif
