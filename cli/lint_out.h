/* lint_out.h - the lint's findings as JSON and as sentences. */
#ifndef MXA_CLI_LINT_OUT_H
#define MXA_CLI_LINT_OUT_H

#include "cli/out.h"
#include "lint/lint.h"

/* One object; its keys are described in mxauth(1). */
void lint_json(struct mxa_json *j, const struct mxa_lint *l);

void lint_print(struct out *o, const struct mxa_lint *l);

/* Words for how a selector was found, marked for translation. */
const char *lint_source_name(enum mxa_lint_source s);

#endif
