/* replay_suggest.h - the answer of mxauth replay --suggest. */
#ifndef MXA_CLI_REPLAY_SUGGEST_H
#define MXA_CLI_REPLAY_SUGGEST_H

#include "cli/out.h"
#include "history/suggest.h"

/* Rules for the policy file with what speaks for each, as comments, and what
 * would still be refused. */
void replay_print_suggestions(
    struct out *o, struct mxa_suggest *s, size_t messages);

/* The same as members of an object that is open. */
void replay_write_suggestions(struct mxa_json *j, struct mxa_suggest *s);

#endif
