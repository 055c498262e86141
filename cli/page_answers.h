/* page_answers.h - what explain and lint say, as sections of a page that a help
 * desk hands on to the sender. */
#ifndef MXA_CLI_PAGE_ANSWERS_H
#define MXA_CLI_PAGE_ANSWERS_H

#include "cli/page.h"
#include "explain/explain.h"
#include "lint/lint.h"

void page_explained(
    struct page *p, const struct mxa_bounce *b, const struct mxa_explained *x);
void page_lint(struct page *p, const struct mxa_lint *l);

#endif
