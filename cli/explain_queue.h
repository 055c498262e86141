/* explain_queue.h - `mxauth explain QUEUE-ID`: the message in the journal, else
 * in the store. */
#ifndef MXA_CLI_EXPLAIN_QUEUE_H
#define MXA_CLI_EXPLAIN_QUEUE_H

#include "cli/cmd.h"

struct mxa_arena;
struct mxa_conf;
struct out;
struct page;

/* Letters, digits and '-' only: what MTAs use. */
bool cli_looks_like_queue_id(const char *s);

/* Write the newest message with that id, as text, or with --json as an object,
 * and as a section of 'page' if one is open.
 * Returns the exit status: 0 an authentication failure, 1 none, 2 not found,
 * EX_NOINPUT when there is no journal. */
int cli_explain_queue_id(const struct cli *c, const struct mxa_conf *conf,
    struct mxa_arena *a, const char *id, struct out *o, struct page *page);

#endif
