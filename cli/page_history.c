/* page_history.c - see page_history.h. */
#include "cli/page_history.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/page_history_int.h"

#define MAX_WORDS 4096 /* of an answer */

void page_history_ask(struct history_page *hp, const char *sql,
    bool (*fn)(void *ctx, const struct mxa_row *r))
{
	const struct page_history *h = hp->h;

	mxa_store_query(h->store, sql,
	    MXA_ARGS(MXA_INT(h->since), MXA_INT(h->until),
		MXA_INT(h->since / MXA_DAY_SECONDS),
		MXA_INT(h->until / MXA_DAY_SECONDS)),
	    fn, hp);
}

static void put_since(struct page *p, const char *what, int64_t since)
{
	page_words(p, what);
	page_markup(p, " ");
	page_day(p, since);
	page_markup(p, ". ");
}

/* The period, and what the store does not have of it. */
static void put_period(struct history_page *hp)
{
	const struct page_history *h = hp->h;
	int64_t stories = mxa_store_number(h->store,
	    "SELECT value FROM meta WHERE name = 'stories_since'", NULL, 0, 0);

	page_markup(hp->p, "<p class=\"soft\">");
	page_day(hp->p, h->since);
	page_markup(hp->p, " &ndash; ");
	page_day(hp->p, h->until - 1);
	page_markup(hp->p, ". ");
	if (h->kept_since == INT64_MAX)
		page_words(hp->p,
		    _("store.keep-messages is 0: the store keeps no single "
		      "messages, and this page is made of them.  It can be "
		      "made from a journal."));
	else if (h->kept_since > h->since)
		put_since(hp->p,
		    _("The store keeps single messages "
		      "(store.keep-messages) since"),
		    h->kept_since);
	if (stories > h->since)
		put_since(hp->p,
		    _("An older version of mxauth did not store what monitor "
		      "would have done, exceptions, waits and stories; they "
		      "begin on"),
		    stories);
	page_markup(hp->p, "</p>\n");
}

bool cli_page_history(struct page *p, const struct page_history *h)
{
	struct history_page *hp = mxa_xcalloc(1, sizeof(*hp));
	bool ok;

	hp->p = p;
	hp->h = h;
	hp->a = mxa_arena_new();
	mxa_buf_init(&hp->names, hp->a, MAX_WORDS);
	page_counts_begin(&hp->network);
	/* what is linked must be known before the tables that link it */
	page_history_gather_messages(hp);
	page_history_gather_sources(hp);
	put_period(hp);
	page_history_answers(hp);
	page_history_tables(hp);
	page_history_messages(hp);
	ok = mxa_store_state(h->store) == MXA_STORE_OK;
	page_history_free_messages(hp);
	page_counts_end(&hp->network);
	mxa_arena_free(hp->a);
	free(hp);
	return ok;
}
