/* failure.h - failure reports (RFC 9991): from the spool of this host
 * (history/failure_spool.h) to the addresses of ruf=.
 *
 * Each address is a delivery of the store like those of aggregate reports: same
 * states, retries, suppression and permissions; its report id is "f-" and the
 * id of the spool's file.  A file is removed when none of its deliveries waits.
 * Files about the same domain, client and kind of failure become one report,
 * which says how many there were. */
#ifndef MXA_REPORT_SENT_FAILURE_H
#define MXA_REPORT_SENT_FAILURE_H

#include "report/sent/deliver.h"

struct mxa_failure_result {
	struct mxa_deliver_result mail; /* deliveries */
	int64_t waiting;		/* files left in the spool */
	int64_t incidents; /* messages that the reports made stand for */
	int64_t dropped;   /* files: too old, nobody to send to, excluded */
	int64_t damaged;   /* files that cannot be read; removed */
	bool busy;	   /* another process is at it */
	struct mxa_str unreadable; /* why the spool cannot be read; empty: it
				      can, or it is not there.  In 'a'. */
};

/* Sends what waits in reports.failure-directory.  False: the store failed. */
bool mxa_failures_deliver(const struct mxa_deliver_options *o,
    struct mxa_arena *a, struct mxa_failure_result *out);

#endif
