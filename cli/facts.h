/* facts.h - all facts of a transaction, by the tables of history/fields.h. */
#ifndef MXA_CLI_FACTS_H
#define MXA_CLI_FACTS_H

#include "base/json.h"
#include "history/line.h"

struct mxa_arena;
struct out;

/* The members of an object that the caller opens and closes: empty ones as
 * well, and nothing is cut. */
void facts_write(
    struct mxa_json *j, struct mxa_arena *a, const struct mxa_entry *e);

/* One paragraph each, "  spf       result=fail domain=example.com"; without
 * what is empty, as in the journal. */
void facts_print(struct out *o, struct mxa_arena *a, const struct mxa_entry *e);

#endif
