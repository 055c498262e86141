/* deliver.h - frozen reports on their way: each address by itself.
 *
 * A delivery is waiting until it is sent, refused (5xx: failed), not wanted
 * (unauthorised), suppressed, excluded, or expired.  Whoever claims one holds
 * it for some minutes; nothing of the database is open while a mail is handed
 * over.  A crash after the mail was taken and before that was noted sends the
 * same mail once more, with the same ids. */
#ifndef MXA_REPORT_SENT_DELIVER_H
#define MXA_REPORT_SENT_DELIVER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "dns/dns.h"
#include "report/sent/model.h"

struct mxa_deliver_options {
	struct mxa_store *store;
	const struct mxa_conf *conf;
	const struct mxa_reporter *who;
	struct mxa_dns *dns;
	const struct mxa_clock *clock;
	struct mxa_str owner;
	const char *directory; /* write mails there instead; NULL: send */
	const volatile sig_atomic_t *stop;
	void (*progress)(void *ctx, const char *what, int64_t done);
	void *ctx;
};

struct mxa_deliver_result {
	int64_t sent;
	int64_t failed;	 /* for good: refused, or not to be sent at all */
	int64_t later;	 /* to be tried again */
	int64_t waiting; /* left in the store */
	bool capped;	 /* the limit of an hour was reached */
	struct mxa_str trouble; /* why nothing was sent at all: the signature;
				   empty: nothing.  In 'a'. */
};

/* Sends what is due.  False: the store failed. */
bool mxa_reports_deliver(const struct mxa_deliver_options *o,
    struct mxa_arena *a, struct mxa_deliver_result *out);

/* An address gets nothing for 30 days, because its mail came back. */
#define MXA_SUPPRESS_SECONDS (30 * 86400)
bool mxa_address_suppress(
    struct mxa_store *s, struct mxa_str address, const char *why);

#endif
