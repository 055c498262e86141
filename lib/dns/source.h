/* source.h - between dns.c (budgets) and the sources of answers (stub.c,
 * zone.c).  Private to lib/dns.
 *
 * A source hands out counted, immutable answers.  A question that must be
 * waited for is joined by a subscription, which the source calls exactly once
 * unless it is cancelled first.  Locks are taken in the order budget, source;
 * a source calls 'done' with none of its own held. */
#ifndef MXA_DNS_SOURCE_H
#define MXA_DNS_SOURCE_H

#include <stdatomic.h>

#include "dns/answer.h"
#include "dns/name.h"

struct mxa_dns;

/* --- questions --- */

struct mxa_question {
	struct mxa_str name; /* as mxa_name_asked() makes it */
	enum mxa_dns_type type;
	uint64_t hash;
};

static inline bool mxa_question_eq(
    const struct mxa_question *a, const struct mxa_question *b)
{
	return a->hash == b->hash && a->type == b->type &&
	    mxa_str_eq(a->name, b->name);
}

/* Somebody waits for an answer.  Lies in the waiting object; the source uses
 * the links and 'pending' under its own lock. */
struct mxa_sub {
	struct mxa_sub *next, **prev;
	/* 'answer' is valid during the call. */
	void (*done)(struct mxa_sub *s, const struct mxa_dns_answer *answer);
};

enum mxa_asked {
	MXA_ASKED_CACHED,   /* answered from memory */
	MXA_ASKED_ANSWERED, /* answered at once, but this was a question */
	MXA_ASKED_JOINED,   /* somebody else's question; 'done' will come */
	MXA_ASKED_STARTED,  /* a new question; 'done' will come */
	MXA_ASKED_NOT,	    /* it would have been a question */
};

struct mxa_ask {
	enum mxa_asked how;
	const struct mxa_dns_answer *answer; /* counted for the caller */
	uint32_t delay_ms; /* played: not to be used before that time */
};

struct mxa_dns_ops {
	/* The answer in memory, counted; NULL: would have to be asked. */
	const struct mxa_dns_answer *(*find)(
	    struct mxa_dns *d, const struct mxa_question *q);
	/* Answer, join, or, if 'may_start', begin a question. */
	struct mxa_ask (*ask)(struct mxa_dns *d, const struct mxa_question *q,
	    struct mxa_sub *s, bool may_start);
	/* True: 'done' will not be called.  False: it was or is about to be. */
	bool (*cancel)(struct mxa_dns *d, struct mxa_sub *s);
	void (*free)(struct mxa_dns *d);
};

/* Threads that may wait at once, unless set otherwise. */
#define MXA_MAX_WAITING 2000

/* First member of each source. */
struct mxa_dns {
	const struct mxa_dns_ops *ops;
	uint64_t key[2]; /* of all hashes */
	void (*wait_hook)(void *ctx);
	void *wait_ctx;
	const struct mxa_clock *time; /* in which messages wait */
	void (*sleep_until)(void *ctx, uint64_t ms); /* NULL: really */
	void *sleep_ctx;
	void (*refresh_hook)(void *ctx, bool answered);
	void *refresh_ctx;
	unsigned max_waiting;
	atomic_uint waiting;
};

void mxa_dns_init(
    struct mxa_dns *d, const struct mxa_dns_ops *ops, unsigned max_waiting);

#endif
