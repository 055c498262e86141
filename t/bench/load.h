/* load.h - mail sent as Postfix sends it, over many connections, timed. */
#ifndef MXA_T_BENCH_LOAD_H
#define MXA_T_BENCH_LOAD_H

#include <stddef.h>

#include "t/bench/corpus.h"
#include "t/bench/systems.h"

struct bench_load {
	const struct bench_system *system;
	const struct bench_class *of;
	size_t first;	      /* of the class's messages, which go round */
	size_t n;	      /* messages to send */
	unsigned connections; /* at a time; each message has its own */
	double retreat;	      /* seconds that a connection stays away when its
				 message was deferred; 0: that is wrong */
};

struct bench_run {
	double cpu; /* seconds of the system, all messages */
	double wall;
	double *latency; /* seconds from connect to final reply, sorted */
	size_t n, wrong; /* without those that were deferred */
	size_t deferred;
	double replies;	  /* milter round trips a message */
	const char *what; /* the first thing that was wrong, or NULL */
};

/* Adds to '*out', which begins as { 0 }. */
void bench_load(const struct bench_load *l, struct bench_run *out);

/* Latency that the fraction 'q' of messages does not exceed, in seconds. */
double bench_quantile(const struct bench_run *r, double q);

void bench_run_free(struct bench_run *r);

/* One message on its own: seconds from MAIL to the final reply; negative: no
 * reply or a wrong verdict.  'pause' seconds are spent in the middle of the
 * body, and do not count. */
double bench_once(
    const struct bench_system *s, const struct bench_message *m, double pause);

/* The message up to the middle of its body, on a connection that stays; NULL:
 * it does not work.  'm' NULL: only up to HELO. */
struct mtc;
struct mtc *bench_hold(
    const struct bench_system *s, const struct bench_message *m);

#endif
