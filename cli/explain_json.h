/* explain_json.h - what explain says, as JSON: one message or parts of it. */
#ifndef MXA_CLI_EXPLAIN_JSON_H
#define MXA_CLI_EXPLAIN_JSON_H

#include "base/json.h"
#include "explain/explain.h"

struct mxa_psl;

/* "causes": the set 'why', and "methods". */
void cli_write_causes(struct mxa_json *j, unsigned why);
void cli_write_methods(struct mxa_json *j, unsigned methods);

/* An object of "fixes". */
void cli_write_fix(struct mxa_json *j, const struct mxa_advice *advice);

/* The whole object of one message (mxauth-explain(7)).  'psl', which may be
 * NULL, tells the domain of a receiver that is no known provider. */
void cli_write_explained(struct mxa_json *j, struct mxa_arena *a,
    const struct mxa_psl *psl, const struct mxa_bounce *b,
    const struct mxa_explained *x);

#endif
