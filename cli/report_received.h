/* report_received.h - what the commands share that read received reports, and
 * the commands about them below `mxauth report`: import, ready. */
#ifndef MXA_CLI_REPORT_RECEIVED_H
#define MXA_CLI_REPORT_RECEIVED_H

#include "cli/cmd.h"
#include "report/received/judge.h"

struct mxa_dns;
struct mxa_conf;

bool cli_is_received_verb(const char *word);

/* As a command: argv[0] is its name. */
int cli_report_received(int argc, char **argv);

/* Reads the reports of the files and folders into k->reports, with a line of
 * progress, and says when rows could not be kept. */
void cli_read_reports(struct mxa_kept *k, int n, char **paths);

/* Prints the errors and warnings of the collection. */
void cli_report_remarks(const struct cli *c, const struct mxa_reports *r);

#endif
