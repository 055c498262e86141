/* stats.h - what the daemon counts, and its text form (Prometheus).
 *
 * Counters are atomic: any thread may count at any time. */
#ifndef MXA_MILTER_STATS_H
#define MXA_MILTER_STATS_H

#include <stdatomic.h>

#include "base/buf.h"
#include "policy/txn.h"

enum stat_counter {
	STAT_CONNECTIONS,
	STAT_MESSAGES,	 /* that reached end of message */
	STAT_ABORTED,	 /* that did not */
	STAT_UNANSWERED, /* the MTA hung up before our answer */
	STAT_FORGED,	 /* Authentication-Results fields removed */
	STAT_DNS_QUESTIONS,
	STAT_DNS_SENT,	      /* not answered by the cache */
	STAT_DNS_WAITS,	      /* times a thread waited */
	STAT_EOM_MS,	      /* spent at end of message */
	STAT_JOURNAL_TROUBLE, /* times it began or ceased to fail, or
				 lost what was not imported */
	STAT_RELOADS,
	STAT_RELOAD_FAILURES,
	STAT_COUNTERS,
};

/* Results as methods, for the messages that were verified. */
enum { STAT_MAX_RESULTS = 8 };

struct stats {
	atomic_ulong counter[STAT_COUNTERS];
	atomic_ulong action[MXA_ACT_REJECT + 1];
	atomic_ulong exempt[MXA_EXEMPT_RULE + 1]; /* [0] stays 0 */
	atomic_ulong spf[STAT_MAX_RESULTS];
	atomic_ulong dkim[STAT_MAX_RESULTS];
	atomic_ulong arc[STAT_MAX_RESULTS];
	atomic_ulong dmarc[STAT_MAX_RESULTS];
	atomic_long sessions;	   /* connections now */
	atomic_long open_messages; /* between MAIL and its end, now */
};

static inline void stats_add(
    struct stats *s, enum stat_counter c, unsigned long n)
{
	atomic_fetch_add_explicit(&s->counter[c], n, memory_order_relaxed);
}

/* A message at its end: action or exemption, and results. */
void stats_message(struct stats *s, const struct mxa_txn *t);

/* Text exposition format 0.0.4 of Prometheus. */
void stats_format(const struct stats *s, struct mxa_buf *b);

#endif
