/* cmd_history.h - what the verbs of mxauth history share; for cmd_history*.c
 * only. */
#ifndef MXA_CLI_CMD_HISTORY_H
#define MXA_CLI_CMD_HISTORY_H

#include "cli/store_common.h"
#include "history/import.h"

/* The command line, and what a verb works with. */
struct history {
	struct cli_store c;
	struct mxa_arena *a; /* of the run */
	bool follow;
	int64_t since, until; /* 0: open */
	const char *author, *ip, *rcpt, *action, *mail_from, *message_id;
	uint64_t limit;
	const char *html;
	bool full;
	int n; /* paths */
	char **path;
};

/* The verbs.  Each returns the exit status of mxauth. */
int history_import(struct history *h);
int history_list(struct history *h);
int history_status(struct history *h);
int history_prune(struct history *h);
int history_page(struct history *h);

/* history list from journals: those that are named, or that of the
 * configuration.  Needs no store. */
int history_list_journals(struct history *h);

/* Imports every path once. */
enum mxa_store_state history_import_paths(const struct history *h,
    const struct mxa_import_options *o, struct mxa_import_result *r);

/* Prints what is wrong with the journals, a line each. */
void history_print_complaints(
    const struct history *h, const struct mxa_import_result *r);

#endif
