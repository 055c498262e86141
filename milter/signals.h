/* signals.h - the signals that steer the daemon, as events for its main thread.
 *
 * libmilter waits for HUP, TERM and INT in a thread of its own and would stop
 * on the first of them.  Two things keep them from it.  The main thread alone
 * keeps them unblocked, also while a handler runs (SA_NODEFER), and Linux
 * prefers the main thread for a signal to the process; smfi_main runs
 * elsewhere.  But a signal that has come and is not yet handled goes to whoever
 * calls sigwait() in that moment, as libmilter does once, at its start
 * (measured: one in two hundred starts with a signal at once).  So sigwait() is
 * ours: it never returns.  Nothing else in the process uses it. */
#ifndef MXA_MILTER_SIGNALS_H
#define MXA_MILTER_SIGNALS_H

#include <stdbool.h>

/* What came since the last signals_wait. */
struct signals_seen {
	bool reload; /* HUP, USR1 */
	bool stop;   /* TERM, INT */
	bool poked;  /* signals_poke */
};

/* Install the handlers, ignore PIPE, and block the four in this thread, from
 * which all others inherit it.  False with errno. */
bool signals_init(void);

/* In the main thread, once no more threads are started from it: from now on
 * signals arrive. */
void signals_open(void);

/* Wait at most 'ms' (-1: for ever). */
struct signals_seen signals_wait(int ms);

/* From any thread: makes signals_wait return. */
void signals_poke(void);

#endif
