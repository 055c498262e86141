/* dns.h - questions to the DNS, for everything that asks one.
 *
 * struct mxa_dns is the source of answers, one for a process: the resolver
 * (dns/stub.h) or a zone file (dns/zone.h).  struct mxa_budget is one message's
 * account with it: shares of questions, one deadline, the answers the message
 * has seen (they stay valid until it is closed), and the evidence for the
 * journal.  A budget is used by one thread at a time, except where said. */
#ifndef MXA_DNS_DNS_H
#define MXA_DNS_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "dns/answer.h"

struct mxa_arena;
struct mxa_clock;

/* --- the source --- */

struct mxa_dns;

/* Ends the resolver's thread; every budget must be closed before.  NULL is
 * fine. */
void mxa_dns_free(struct mxa_dns *d);

/* Called by a thread right before it really waits (libmilter's pool must be
 * woken then, milter/runtime.c).  Set once, before threads start. */
void mxa_dns_set_wait_hook(
    struct mxa_dns *d, void (*hook)(void *ctx), void *ctx);

/* For tests: messages wait in the time of 'clock', and 'sleep_until' moves it
 * in place of waiting.  Only for a source that answers at once or after played
 * delays (a zone file): nothing arrives while it sleeps.  Set before budgets
 * are opened. */
void mxa_dns_set_time(struct mxa_dns *d, const struct mxa_clock *clock,
    void (*sleep_until)(void *ctx, uint64_t ms), void *ctx);

/* Called by the resolver's thread when a question that nobody waited for has
 * ended (dns/stub.h); 'answered' is false after a failure, which leaves the
 * answer that is there until its TTL.  Set once, before threads start. */
void mxa_dns_set_refresh_hook(
    struct mxa_dns *d, void (*hook)(void *ctx, bool answered), void *ctx);

/* --- one message's account --- */

/* Whose questions: what a sender can multiply never uses up what the verdict
 * needs.  A share pays for what must be asked because of
 * this message; cached answers, questions in flight and what the message asked
 * before cost nothing.  What one share may not ask, another still may. */
enum mxa_dns_share {
	MXA_SHARE_SPF,
	MXA_SHARE_DMARC,
	MXA_SHARE_AUTHOR_KEYS, /* keys of domains that could align */
	MXA_SHARE_OTHER,       /* other keys, HELO, iprev, ARC */
	MXA_SHARES,
};

struct mxa_budget;

/* 'deadline_ms' is for the message as a whole and starts with its first wait
 * (a slow client does not use it up).  Questions in each share: the constants
 * of base/limits.h. */
struct mxa_budget *mxa_budget_open(struct mxa_dns *d, uint32_t deadline_ms);

/* What the waiting thread calls every 'every_ms' (from now on) while it waits:
 * an MTA wants to hear that its message is still being worked on.  False:
 * nobody wants the answers any more, and no lookup waits from then on.  Without
 * a lock: it may write to a socket, but must not use the budget. */
void mxa_budget_set_progress(struct mxa_budget *b, uint32_t every_ms,
    bool (*progress)(void *ctx), void *ctx);

/* Drops the answers and cancels what nobody else waits for.  Watchers of this
 * budget that have not run get their call with a NULL answer.  Never waits for
 * the network.  NULL is fine. */
void mxa_budget_close(struct mxa_budget *b);

/* Ask and do not wait; free when cached, in flight or asked before. */
void mxa_dns_prefetch(struct mxa_budget *b, enum mxa_dns_share share,
    struct mxa_str name, enum mxa_dns_type type);

/* The answer: cached, or waited for until the message's deadline.  'name' may
 * hold any octets between its dots (SPF macros); case does not matter; one
 * trailing dot is ignored.  Never NULL; valid until the budget is closed.  The
 * same question always gets the same answer within one budget. */
const struct mxa_dns_answer *mxa_dns_lookup(struct mxa_budget *b,
    enum mxa_dns_share share, struct mxa_str name, enum mxa_dns_type type);

/* The same without waiting: NULL while the question is in flight. */
const struct mxa_dns_answer *mxa_dns_ask(struct mxa_budget *b,
    enum mxa_dns_share share, struct mxa_str name, enum mxa_dns_type type);

/* Wait until one of the message's questions is answered that this function has
 * not reported yet, whichever it is.  False: none is in flight, or the
 * message's time is over. */
bool mxa_budget_wait_any(struct mxa_budget *b);

/* From now on the message waits 'grace_ms' at most, all its lookups together:
 * what is left to ask merely informs.  The first call counts. */
void mxa_budget_hurry(struct mxa_budget *b, uint32_t grace_ms);

/* The answer if it is there already, else NULL; asks nothing. */
const struct mxa_dns_answer *mxa_dns_peek(
    struct mxa_budget *b, struct mxa_str name, enum mxa_dns_type type);

/* Ask, and call 'fn' exactly once with the answer: at once when it is there
 * already, else from the resolver's thread, or from a lookup that gives up
 * waiting for it, else with NULL when the budget is closed first (from the
 * closing thread, perhaps while another 'fn' of this budget still runs in the
 * resolver's).  'fn' must not block; it may watch and prefetch again with the
 * same budget, even one being closed (this call is safe from any thread).
 * 'answer' is valid during the call. */
void mxa_dns_watch(struct mxa_budget *b, enum mxa_dns_share share,
    struct mxa_str name, enum mxa_dns_type type,
    void (*fn)(void *ctx, const struct mxa_dns_answer *answer), void *ctx);

/* What was asked, in order of first asking, for the journal and the tools. */
struct mxa_evidence {
	const struct mxa_dns_answer *answer; /* NULL: never answered */
	struct mxa_str name;
	enum mxa_dns_type type;
	bool cached; /* answered without asking a server */
};

/* Array in 'a'; returns its length. */
size_t mxa_budget_evidence(
    struct mxa_budget *b, struct mxa_arena *a, struct mxa_evidence **out);

struct mxa_dns_counts {
	unsigned questions; /* distinct ones this message asked */
	unsigned sent;	    /* of them not answered by the cache */
	unsigned waits;	    /* times its thread really waited */
};

struct mxa_dns_counts mxa_budget_counts(struct mxa_budget *b);

#endif
