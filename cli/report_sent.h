/* report_sent.h - the part of `mxauth report` that is about our own reports. */
#ifndef MXA_CLI_REPORT_SENT_H
#define MXA_CLI_REPORT_SENT_H

#include <stdbool.h>

/* preview, send, status, bounced */
bool cli_is_report_verb(const char *word);

/* As a command: argv[0] is its name. */
int cli_report_sent(int argc, char **argv);

#endif
