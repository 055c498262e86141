/* watchdog.h - what systemd's watchdog (WatchdogSec=) hears from us: a word
 * only when all that answers an MTA works.  The main thread asks a question
 * each turn and looks for its answer in the next, so it waits for nothing:
 *
 *   - a connection to our own socket, on which we only hang up.  It is closed
 *     when libmilter has accepted it and one of its threads has read from it.
 *     A message that was decided meanwhile proves the same, so a full queue of
 *     connections alone never ends a daemon that works.
 *   - the resolver's thread must have looked for work since. */
#ifndef MXA_MILTER_WATCHDOG_H
#define MXA_MILTER_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

struct listener;

/* Counters that only grow. */
struct watchdog_counts {
	unsigned long messages; /* that were decided */
	unsigned turns;		/* of the resolver's thread */
};

struct watchdog {
	int pause_ms; /* between turns; -1: nobody listens to us */
	const struct listener *listener;
	struct watchdog_counts (*count)(void *ctx);
	void *ctx;

	int fd;			     /* the connection; -1: none */
	struct watchdog_counts then; /* at the last word */
	bool cannot_ask;	     /* our own socket does not let us in */
	bool complained;	     /* since the last word */
	uint64_t last_proved;	     /* in ms; of the last word */
};

/* 'limit_ms' is WatchdogSec= (-1: there is none); 'now' is any clock that only
 * goes forward.  'listener' and 'ctx' must outlive 'w'. */
void watchdog_init(struct watchdog *w, int limit_ms, uint64_t now,
    const struct listener *listener, struct watchdog_counts (*count)(void *ctx),
    void *ctx);

/* True: all works, tell the watchdog.  False: the answers are not there yet, or
 * there is no watchdog; after half of its time without a word the log says
 * what does not answer. */
bool watchdog_turn(struct watchdog *w, uint64_t now);

/* Close the connection, if there is one. */
void watchdog_end(struct watchdog *w);

#endif
