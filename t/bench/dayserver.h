/* dayserver.h - a name server for a simulated day: it knows an answer to every
 * question, with a TTL that is the question's own, by a clock that is given. */
#ifndef MXA_T_BENCH_DAYSERVER_H
#define MXA_T_BENCH_DAYSERVER_H

#include <stdbool.h>

#include "base/clock.h"

struct day_server;

/* 'caches': like a recursive server without prefetch it keeps each answer for
 * its TTL and gives what is left of it.  Ends the program on failure. */
struct day_server *day_server_new(const struct mxa_clock *clock, bool caches);
void day_server_free(struct day_server *d);

/* "127.0.0.1:PORT" */
const char *day_server_address(const struct day_server *d);

/* Questions so far; of them those it had to look up elsewhere. */
unsigned long day_server_questions(struct day_server *d);
unsigned long day_server_recursions(struct day_server *d);

#endif
