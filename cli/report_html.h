/* report_html.h - aggregate reports as one self-contained page: tables and
 * charts that a browser shows without a network or a script. */
#ifndef MXA_CLI_REPORT_HTML_H
#define MXA_CLI_REPORT_HTML_H

#include <stdio.h>

#include "report/received/group.h"

void cli_report_html(FILE *f, const struct mxa_reports *r,
    const struct mxa_report_totals *t, const struct mxa_report_groups *g);

#endif
