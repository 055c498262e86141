/* explain_text.h - what explain says about one message, as text. */
#ifndef MXA_CLI_EXPLAIN_TEXT_H
#define MXA_CLI_EXPLAIN_TEXT_H

#include "cli/out.h"
#include "explain/explain.h"

/* The answer first, then why, what to do, what not to do, and the receiver's
 * words last. */
void explain_text(
    struct out *o, const struct mxa_bounce *b, const struct mxa_explained *x);

#endif
