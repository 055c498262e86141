/* daemon.h - who speaks: a mail system that reports a failure, or a person.
 * The one list of each. */
#ifndef MXA_BOUNCE_DAEMON_H
#define MXA_BOUNCE_DAEMON_H

#include <stdbool.h>

#include "base/str.h"

struct mxa_arena;

/* Whether a From or Return-Path value is that of a mail system. */
bool mxa_is_daemon(struct mxa_str from);

/* Whether a Subject is that of a bounce. */
bool mxa_is_bounce_subject(struct mxa_str subject);

/* Whether a text has words that only mail systems begin their reports with. */
bool mxa_has_bounce_words(struct mxa_arena *a, struct mxa_str text);

/* The host that a text says it comes from ("This is the mail system at host
 * X", "Generating server: X"); empty: it does not say. */
struct mxa_str mxa_host_that_wrote(struct mxa_arena *a, struct mxa_str text);

/* Whether a copy of the returned message begins with this line. */
bool mxa_begins_copy(struct mxa_str line);

#endif
