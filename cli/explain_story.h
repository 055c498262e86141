/* explain_story.h - what the journal knows about a message, for
 * `mxauth explain QUEUE-ID`. */
#ifndef MXA_CLI_EXPLAIN_STORY_H
#define MXA_CLI_EXPLAIN_STORY_H

#include <stdbool.h>

#include "cli/cmd.h"

struct mxa_arena;
struct mxa_conf;
struct out;

/* Letters, digits and '-' only: what MTAs use. */
bool cli_looks_like_queue_id(const char *s);

/* Write the newest message with that id, as text, or with --json as an object.
 * Returns the exit status: 0 an authentication failure, 1 none, 2 not found,
 * EX_NOINPUT when there is no journal. */
int cli_explain_queue_id(const struct cli *c, const struct mxa_conf *conf,
    struct mxa_arena *a, const char *id, struct out *o);

#endif
