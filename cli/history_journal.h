/* history_journal.h - mxauth history list from journals, without the store. */
#ifndef MXA_CLI_HISTORY_JOURNAL_H
#define MXA_CLI_HISTORY_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cmd.h"
#include "history/store.h"

/* What a message must have; an empty text: anything. */
struct journal_filter {
	int64_t since, until;  /* until is not in it */
	struct mxa_str author; /* domain; ".d": with its subdomains */
	struct mxa_str ip;
	struct mxa_str rcpt;	  /* domain or address */
	struct mxa_str mail_from; /* domain or address */
	struct mxa_str message_id;
	struct mxa_str action;
};

/* The newest 'limit' messages that fit, the newest first, each with the columns
 * of the store's list.  Returns an exit status: 1 none was found, EX_NOINPUT a
 * journal cannot be read (that has been said). */
int journal_list(const struct cli *c, char **path, int n,
    const struct journal_filter *f, uint64_t limit,
    bool (*row)(void *ctx, const struct mxa_row *r), void *ctx);

#endif
