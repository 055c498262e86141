/* postfix_conf.h - what the Postfix of this host is configured to do.  We ask
 * postconf(1), which knows includes, $variables and instances; where it gives
 * no answer we read main.cf as it stands. */
#ifndef MXA_CLI_POSTFIX_CONF_H
#define MXA_CLI_POSTFIX_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct mxa_arena;

#define POSTFIX_INSTANCES 16

struct postfix_conf {
	bool chrooted; /* an smtpd works in the queue directory; true as well
			  where we do not know */
	size_t n;      /* instances (postmulti(1)); 1 or more */
	struct {
		struct mxa_str queue;	/* its queue directory, with a slash */
		struct mxa_str milters; /* every smtpd_milters of main.cf and
					   master.cf, blanks between them */
	} instance[POSTFIX_INSTANCES];
};

/* Texts live in 'a'.  Waits for postconf at most ten seconds a question. */
void postfix_conf_read(struct mxa_arena *a, struct postfix_conf *out);

/* Whether an instance asks 'milter' ("unix:PATH", "inet:HOST:PORT"). */
bool postfix_conf_has(const struct postfix_conf *p, struct mxa_str milter);

/* The part of 'path' below the queue directory of an instance, as Postfix names
 * it; empty: it lies below none. */
struct mxa_str postfix_conf_below(
    const struct postfix_conf *p, struct mxa_str path);

#endif
