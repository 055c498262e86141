/* page_history.h - what is known about received mail, as a page: from the
 * store, and from journals what the store does not keep. */
#ifndef MXA_CLI_PAGE_HISTORY_H
#define MXA_CLI_PAGE_HISTORY_H

#include "cli/page.h"
#include "history/store.h"

struct page_history {
	struct mxa_store *store;
	int64_t since, until; /* seconds; until: not included */
	bool full;	      /* addresses as they are */
	char **journal;	      /* files or directories; may be unreadable */
	int n_journals;
};

/* Writes the page.  False: the store failed. */
bool cli_page_history(struct page *p, const struct page_history *h);

#endif
