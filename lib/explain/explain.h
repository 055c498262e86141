/* explain.h - a bounce and the DNS of today: why a message failed, and what
 * repairs it (mxauth-explain(7)). */
#ifndef MXA_EXPLAIN_EXPLAIN_H
#define MXA_EXPLAIN_EXPLAIN_H

#include "explain/explained.h"

/* Look into each failure of 'b'.  Waits for the DNS, within the budget.  Texts
 * in the arena, in the language of the process. */
void mxa_explain(const struct mxa_explain_env *env, const struct mxa_bounce *b,
    struct mxa_explained *out);

#endif
