/* stats.h - what the daemon counts, and its text form (Prometheus).
 *
 * Counters are atomic: any thread may count at any time. */
#ifndef MXA_MILTER_STATS_H
#define MXA_MILTER_STATS_H

#include <stdatomic.h>

#include "base/buf.h"
#include "dns/dns.h"
#include "policy/txn.h"

struct mxa_journal;

enum stat_counter {
	STAT_CONNECTIONS,
	STAT_MESSAGES,	 /* that reached end of message */
	STAT_ABORTED,	 /* that did not */
	STAT_UNANSWERED, /* the MTA hung up before our answer */
	STAT_BUSY,	 /* deferred because there were too many */
	STAT_FORGED,	 /* Authentication-Results fields removed */
	STAT_DNS_QUESTIONS,
	STAT_DNS_SENT,	    /* not answered by the cache */
	STAT_DNS_WAITS,	    /* times a thread waited */
	STAT_DNS_REFRESHES, /* answers asked again before they expired */
	STAT_DNS_REFRESH_FAILURES,
	STAT_JOURNAL_TROUBLE, /* times it began or ceased to fail, or
				 lost what was not imported */
	STAT_RELOADS,
	STAT_RELOAD_FAILURES,
	STAT_COUNTERS,
};

/* Upper bounds of the histogram of the time at end of message, in ms; one more
 * for what is longer. */
enum { STAT_EOM_BUCKETS = 13 };

/* Results as methods, for the messages that were verified. */
enum { STAT_MAX_RESULTS = 8 };

struct stats {
	atomic_ulong counter[STAT_COUNTERS];
	atomic_ulong action[MXA_ACT_REJECT + 1];
	/* of them those that had a cause, and what monitor would have done */
	atomic_ulong cause[MXA_CAUSES][MXA_ACT_REJECT + 1];
	atomic_ulong would[MXA_ACT_REJECT + 1];
	atomic_ulong exempt[MXA_EXEMPT_RULE + 1]; /* [0] stays 0 */
	atomic_ulong spf[STAT_MAX_RESULTS];
	atomic_ulong dkim[STAT_MAX_RESULTS];
	atomic_ulong arc[STAT_MAX_RESULTS];
	atomic_ulong dmarc[STAT_MAX_RESULTS];
	atomic_ulong dns_failure[MXA_DNS_SPENT + 1]; /* questions */
	atomic_ulong eom[STAT_EOM_BUCKETS + 1];
	atomic_ulong eom_ms; /* all of them together */

	const char *libmilter; /* its version; NULL: not told */
	int64_t started;       /* seconds since 1970 */
	atomic_llong reloaded; /* when a configuration was last taken over */
	atomic_bool reload_failed; /* the last one was not */
	atomic_bool ready;	   /* messages are taken */
	/* bytes that were written; NULL: no journal */
	_Atomic(const struct mxa_journal *) journal;

	atomic_long sessions;	   /* connections now */
	atomic_long open_messages; /* between MAIL and its end, now */
};

static inline void stats_add(
    struct stats *s, enum stat_counter c, unsigned long n)
{
	atomic_fetch_add_explicit(&s->counter[c], n, memory_order_relaxed);
}

/* Before anything is counted; 'now': seconds since 1970. */
void stats_begin(struct stats *s, int64_t now);

/* A message at its end: action or exemption, and results. */
void stats_message(struct stats *s, const struct mxa_txn *t);

/* What a message asked. */
void stats_questions(
    struct stats *s, const struct mxa_evidence *evidence, size_t n);

void stats_reload(struct stats *s, bool taken, int64_t now);

/* Text exposition format 0.0.4 of Prometheus. */
void stats_format(const struct stats *s, struct mxa_buf *b);

#endif
