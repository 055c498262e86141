/* lint_out.h - the lint's findings as JSON and as sentences. */
#ifndef MXA_CLI_LINT_OUT_H
#define MXA_CLI_LINT_OUT_H

#include <jansson.h>
#include <stdbool.h>

#include "lint/lint.h"

/* contract.md section 5; a new reference. */
json_t *lint_json(const struct mxa_lint *l);

/* On standard output.  'colour': with terminal attributes. */
void lint_print(const struct mxa_lint *l, bool colour);

/* Words for what a key record is, marked for translation. */
const char *lint_source_name(enum mxa_lint_source s);

#endif
