/* page_history.c - see page_history.h. */
#include "cli/page_history_int.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"

#define MAX_WORDS 4096 /* of an answer */

void page_history_ask(struct history_page *hp, const char *sql,
    bool (*fn)(void *ctx, const struct mxa_row *r))
{
	const struct page_history *h = hp->h;
	struct mxa_arg args[] = { MXA_INT(h->since), MXA_INT(h->until),
		MXA_INT(h->since / MXA_DAY_SECONDS),
		MXA_INT(h->until / MXA_DAY_SECONDS) };

	mxa_store_query(h->store, sql, args, MXA_ARRAY_LEN(args), fn, hp);
}

/* Where the facts come from, and what is missing. */
static void put_sources(struct history_page *hp)
{
	const struct page_journal *j = &hp->journal;

	page_markup(hp->p, "<p class=\"soft\">");
	page_day(hp->p, hp->h->since);
	page_markup(hp->p, " &ndash; ");
	page_day(hp->p, hp->h->until - 1);
	page_markup(hp->p, ". ");
	if (!j->read) {
		page_words(hp->p,
		    _("No journal could be read: what monitor would have done, "
		      "exceptions, the slowest messages and stories are left "
		      "out."));
	} else if (j->cut) {
		page_words(
		    hp->p, _("The journal is large. What it tells begins on"));
		page_markup(hp->p, " ");
		page_day(hp->p, j->first);
		page_markup(hp->p, ".");
	}
	page_markup(hp->p, "</p>\n");
}

/* What is linked must be known before the tables that link it. */
static void gather(struct history_page *hp)
{
	struct page_journal *j = &hp->journal;

	j->since = hp->h->since;
	j->until = hp->h->until;
	j->full = hp->h->full;
	page_journal_begin(j);
	page_history_want_messages(hp);
	page_history_gather_sources(hp);
	for (int i = 0; i < hp->h->n_journals; i++)
		page_journal_read(j, hp->h->journal[i]);
	page_journal_sort(j);
	page_history_order_messages(hp);
}

bool cli_page_history(struct page *p, const struct page_history *h)
{
	struct history_page *hp = mxa_xcalloc(1, sizeof(*hp));
	bool ok;

	hp->p = p;
	hp->h = h;
	hp->a = mxa_arena_new();
	mxa_buf_init(&hp->names, hp->a, MAX_WORDS);
	gather(hp);
	put_sources(hp);
	page_history_answers(hp);
	page_history_tables(hp);
	page_history_messages(hp);
	ok = mxa_store_state(h->store) == MXA_STORE_OK;
	page_journal_end(&hp->journal);
	mxa_arena_free(hp->a);
	free(hp);
	return ok;
}
