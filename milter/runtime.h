/* runtime.h - what all sessions share: configuration, resolver, journal,
 * counters.  Nothing else is shared, and every lock is in here.
 *
 * A message takes a lease at its beginning: a counted snapshot of configuration
 * and resolver, on which it also ends, and an arena.  A reload makes a new
 * snapshot; the old one goes with its last lease. */
#ifndef MXA_MILTER_RUNTIME_H
#define MXA_MILTER_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>

#include "milter/listen.h"
#include "milter/stats.h"
#include "conf/conf.h"

struct runtime;
struct snapshot;
struct mxa_arena;
struct mxa_dns;
struct mxa_journal;
struct mxa_spool;

/* Takes ownership of 'conf', which was read from 'file'.  'l' must outlive the
 * runtime. */
struct runtime *runtime_new(
    struct mxa_conf *conf, const char *file, const struct listener *l);

/* Start the resolver and open the journal.  Call it after the last fork, as the
 * user who does the work.  A journal that cannot be opened is logged, and mail
 * goes on.  False: the resolver cannot be started (logged). */
bool runtime_start(struct runtime *rt);

/* Read the configuration again; open messages keep the old one.  False: it has
 * mistakes, which are logged, and the old one stays in use. */
bool runtime_reload(struct runtime *rt);

/* --- for one message --- */

struct lease {
	struct snapshot *snapshot; /* NULL: no lease */
	const struct mxa_conf *conf;
	struct mxa_dns *dns;
	struct mxa_arena *arena; /* empty */
};

enum lease_answer {
	LEASE_GIVEN,
	LEASE_STOPPING, /* we are shutting down */
	LEASE_BUSY,	/* maximum-messages */
};

enum lease_answer runtime_lease(struct runtime *rt, struct lease *out);

/* Give back what runtime_lease gave; the arena's content is gone. */
void runtime_return(struct runtime *rt, struct lease *l);

struct stats *runtime_stats(struct runtime *rt);

/* NULL: none is written. */
struct mxa_journal *runtime_journal(const struct runtime *rt);

/* Where messages wait for a failure report; NULL: nowhere. */
struct mxa_spool *runtime_spool(const struct runtime *rt);

/* This host's name, for an MTA that does not tell its own. */
struct mxa_str runtime_hostname(const struct runtime *rt);

/* mxa_dns_stub_turns() of the resolver in use; for the main thread. */
unsigned runtime_resolver_turns(struct runtime *rt);

/* How recipients with different rules are handled now; for the negotiation,
 * when there is no message yet. */
enum mxa_rcpt_merge runtime_recipients(struct runtime *rt);

/* Another connection that an MTA uses; runtime_disconnect takes it back.
 * False: it is one too many (maximum-connections). */
bool runtime_connect(struct runtime *rt);
void runtime_disconnect(struct runtime *rt);

/* Hardly any descriptor is left: connections must be closed at once, or the
 * next ones could not be accepted. */
bool runtime_full(const struct runtime *rt);

/* Things that are logged once a process (and again after a reload). */
enum runtime_once {
	ONCE_NO_QUARANTINE, /* the MTA cannot */
	ONCE_NO_CHANGES,    /* the MTA does not let us touch the header */
	ONCE_WAKE,	    /* the pool cannot be woken */
	ONCE_RELAY,	    /* a relay's Received field is not read */
	ONCE_CONNECTIONS,   /* too many of them */
	ONCE_MESSAGES,	    /* too many of them */
	ONCE_DESCRIPTORS,   /* too few of them */
	ONCES,
};

/* True the first time. */
bool runtime_once(struct runtime *rt, enum runtime_once what);

/* --- shutting down --- */

/* From now on new connections are refused and there are no leases: messages
 * that come are answered with a temporary error. */
void runtime_drain(struct runtime *rt);
bool runtime_draining(const struct runtime *rt);

/* The number of leases that were not returned. */
unsigned long runtime_open(struct runtime *rt);

/* Ends resolver, journal and metrics, frees configuration and arenas; only when
 * runtime_drain was called (or nothing runs yet) and no lease is out.  The
 * object itself stays: connections that libmilter still has look at it. */
void runtime_stop(struct runtime *rt);

#endif
