/* page_history.h - what the store knows about received mail, as a page. */
#ifndef MXA_CLI_PAGE_HISTORY_H
#define MXA_CLI_PAGE_HISTORY_H

#include "cli/page.h"
#include "history/store.h"

struct page_history {
	struct mxa_store *store;
	int64_t since, until; /* seconds; until: not included */
	bool full;	      /* addresses as they are */
	/* From then on the store has single messages; INT64_MAX: never. */
	int64_t kept_since;
};

/* Writes the page.  False: the store failed. */
bool cli_page_history(struct page *p, const struct page_history *h);

#endif
