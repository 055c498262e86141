/* page_received.h - received aggregate reports as a page. */
#ifndef MXA_CLI_PAGE_RECEIVED_H
#define MXA_CLI_PAGE_RECEIVED_H

#include "cli/page.h"
#include "report/received/judge.h"

struct reverse_names;

/* For each domain: may it go to p=reject, who sends, what fails and why, what
 * is new, what to do first; then charts and tables.  'names' NULL: nothing is
 * looked up.  False: the page could not be written, which has been printed. */
bool cli_page_received_file(const struct cli *c, const char *path,
    const struct mxa_kept *k, struct reverse_names *names);

#endif
