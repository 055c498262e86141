/* explain_store.h - what the store knows about a message of another host. */
#ifndef MXA_CLI_EXPLAIN_STORE_H
#define MXA_CLI_EXPLAIN_STORE_H

#include "cli/cmd.h"

struct mxa_arena;
struct mxa_conf;
struct out;
struct page;

/* Write the newest message of the store with that queue id, as text or as an
 * object, and on the page where there is one.  A store that is not there is
 * passed over; trouble with one that is there is printed; with --zone only a
 * file is opened.  Returns the exit status, 0 an authentication failure, 1
 * none; -1: the store does not know it. */
int cli_explain_from_store(const struct cli *c, const struct mxa_conf *conf,
    struct mxa_arena *a, const char *id, struct out *o, struct page *page);

#endif
