/* make.h - sums of a day become reports that never change again.
 *
 *	due days -> closed (later lines are left out) -> a row for each domain
 *	and policy, "pending" -> XML frozen, deliveries: "generated"
 *
 * One host at a time does this: whoever holds the lease.  Everything may be
 * interrupted anywhere and is taken up by the next run, on any host. */
#ifndef MXA_REPORT_SENT_MAKE_H
#define MXA_REPORT_SENT_MAKE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "report/sent/model.h"

struct mxa_make_options {
	struct mxa_store *store;
	const struct mxa_conf *conf;
	const struct mxa_reporter *who;
	struct mxa_str owner;		   /* of leases: unique to this run */
	const volatile sig_atomic_t *stop; /* not 0: end soon */
	/* Called now and then; may be NULL. */
	void (*progress)(void *ctx, const char *what, int64_t done);
	void *ctx;
};

struct mxa_make_result {
	bool leader;	    /* false: another host makes reports now */
	int64_t days;	    /* that were closed now */
	int64_t reports;    /* frozen now */
	int64_t suppressed; /* not made, and why is in the store */
	int64_t pending;    /* left for the next run */
};

/* Makes all reports that are due.  False: the store failed. */
bool mxa_reports_make(
    const struct mxa_make_options *o, struct mxa_make_result *out);

/* The last day that is due at 'now' (UTC days since 1970): it is over, and all
 * hosts that wrote lately were imported through its end, or it ended
 * MXA_REPORT_GRACE ago.  -1: the store failed. */
int64_t mxa_report_due_day(struct mxa_store *s, int64_t now);

/* Whether reports.exclude names the policy domain. */
bool mxa_domain_is_excluded(const struct mxa_conf *conf, struct mxa_str domain);

/* Whether some mail of the domain passed, and was not refused, in the 30 days
 * up to 'day'. */
bool mxa_domain_is_known(
    struct mxa_store *s, struct mxa_str domain, int64_t day);

/* The XML of a domain's day as it would be sent now, for each of its policies
 * one after another.  Returns how many; -1: the store failed. */
int mxa_report_preview(const struct mxa_make_options *o, struct mxa_arena *a,
    struct mxa_str domain, int64_t day, struct mxa_buf *out);

#endif
