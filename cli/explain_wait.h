/* explain_wait.h - mxauth explain --check: the DNS is asked again until the
 * proposed records are published. */
#ifndef MXA_CLI_EXPLAIN_WAIT_H
#define MXA_CLI_EXPLAIN_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"

struct out;
struct mxa_advice;

/* The world outside, which tests replace. */
struct explain_world {
	const struct mxa_clock *clock;
	/* Whether the TXT record is published now; nothing is remembered from
	 * one call to the next. */
	bool (*published)(void *ctx, struct mxa_str name, struct mxa_str text);
	void (*pause)(void *ctx, unsigned seconds);
	void *ctx;
};

enum explain_waited {
	EXPLAIN_NOTHING,   /* no record was proposed */
	EXPLAIN_PUBLISHED, /* all of them */
	EXPLAIN_TIMED_OUT,
};

/* Ask until every record of 'fix' is published, at most 'limit' seconds; the
 * pauses grow from 5 to 60 seconds.  Progress goes to 'progress'. */
enum explain_waited explain_wait(const struct explain_world *w,
    const struct mxa_advice *advice, size_t n, unsigned limit,
    struct out *progress);

#endif
