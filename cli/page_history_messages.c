/* page_history_messages.c - single messages by author, with their stories. */
#include "cli/page_history_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/i18n.h"

#define SHOWN_MESSAGES "200" /* of those that were not simply accepted */
#define MAX_FACTS 4096
#define MAX_STORY 8000 /* bytes of a story that are shown */

size_t page_history_author_place(
    const struct history_page *hp, struct mxa_str author)
{
	size_t i = 0;

	while (
	    i < hp->n_messages && !mxa_str_is(author, hp->message[i]->author))
		i++;
	return i;
}

size_t page_history_message_place(
    const struct history_page *hp, const struct page_message *m)
{
	size_t i = 0;

	while (i < hp->n_messages &&
	    (hp->message[i]->time != m->time ||
		strcmp(hp->message[i]->queue_id, m->queue_id) != 0))
		i++;
	return i;
}

static const char messages_sql[] =
    "SELECT time, queue_id, author, ip, mail_from_domain, rcpt_domain, "
    "action, cause, spf, dkim, dmarc "
    "FROM message WHERE " IN_PERIOD "AND action <> 'accept' "
    "ORDER BY time DESC, file_id, pos LIMIT " SHOWN_MESSAGES;

static bool want_message(void *ctx, const struct mxa_row *r)
{
	static const char *const words[] = { "", "", "", "", "mfrom=", "rcpt=",
		"action=", "cause=", "spf=", "dkim=", "dmarc=" };
	struct history_page *hp = ctx;
	struct page_message *m = mxa_xcalloc(1, sizeof(*m));
	struct mxa_buf b;

	mxa_buf_init(&b, hp->a, MAX_FACTS);
	mxa_buf_addstr(&b, page_network(hp->a, r->col[3], hp->h->full));
	for (size_t i = 4; i < r->n && i < MXA_ARRAY_LEN(words); i++)
		if (r->col[i].len > 0)
			mxa_buf_printf(
			    &b, " %s%.*s", words[i], MXA_STR_ARG(r->col[i]));
	m->time = mxa_row_int(r, 0);
	m->queue_id = mxa_xstrndup(r->col[1].p, r->col[1].len);
	m->author = mxa_xstrndup(r->col[2].p, r->col[2].len);
	m->facts = mxa_xstrdup(mxa_buf_cstr(&b));
	page_journal_want(&hp->journal, m);
	return true;
}

void page_history_want_messages(struct history_page *hp)
{
	page_history_ask(hp, messages_sql, want_message);
}

static int by_author(const void *pa, const void *pb)
{
	const struct page_message *a = *(struct page_message *const *)pa;
	const struct page_message *b = *(struct page_message *const *)pb;
	int order = strcmp(a->author, b->author);

	if (order != 0)
		return order;
	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return strcmp(a->queue_id, b->queue_id);
}

void page_history_order_messages(struct history_page *hp)
{
	struct page_journal *j = &hp->journal;

	hp->message = mxa_arena_calloc(hp->a, j->n_messages + j->n_slow + 1,
	    sizeof(struct page_message *));
	for (size_t i = 0; i < j->n_messages; i++)
		hp->message[hp->n_messages++] = j->message[i];
	for (size_t i = 0; i < j->n_slow; i++)
		if (page_history_message_place(hp, j->slow[i]) ==
		    hp->n_messages)
			hp->message[hp->n_messages++] = j->slow[i];
	if (hp->n_messages > 0)
		qsort(hp->message, hp->n_messages,
		    sizeof(struct page_message *), by_author);
}

static void put_message(struct history_page *hp, size_t i)
{
	const struct page_message *m = hp->message[i];
	struct page *p = hp->p;
	char time[MXA_TIME_TEXT];

	fprintf(p->f,
	    m->story ? "<details id=\"m%zu\"><summary>" : "<p id=\"m%zu\">", i);
	page_markup(p, "<b>");
	page_words(p, m->queue_id);
	page_markup(p, "</b> <span class=\"soft\">");
	page_words(p, mxa_time_format(m->time, time));
	page_markup(p, "</span> ");
	page_words(p, m->facts);
	if (m->story == NULL) {
		page_markup(p, "</p>\n");
		return;
	}
	page_markup(p, "</summary>");
	page_element(p, "pre", NULL,
	    mxa_str_trim(mxa_str_sub(mxa_str_from(m->story), 0, MAX_STORY)));
	page_markup(p, "</details>\n");
}

void page_history_messages(struct history_page *hp)
{
	struct page *p = hp->p;
	size_t end;

	page_markup(p, "<section class=\"card\">");
	page_element(p, "h2", NULL, mxa_str_from(_("Messages")));
	page_markup(p, "<p class=\"soft\">");
	page_printf(p,
	    _("The newest %s that were not simply accepted, the slowest, and "
	      "those that monitor let pass; \"mxauth explain QUEUE-ID\" tells "
	      "more."),
	    SHOWN_MESSAGES);
	page_markup(p, "</p>\n");
	for (size_t i = 0; i < hp->n_messages; i = end) {
		struct mxa_str author = mxa_str_from(hp->message[i]->author);

		for (end = i; end < hp->n_messages &&
		     mxa_str_is(author, hp->message[end]->author);
		     end++)
			;
		fprintf(p->f, "<details id=\"a%zu\"><summary>", i);
		page_text(p, author.len > 0 ? author : MXA_STR("-"));
		page_printf(p, " (%zu)", end - i);
		page_markup(p, "</summary><div class=\"inner\">\n");
		for (size_t k = i; k < end; k++)
			put_message(hp, k);
		page_markup(p, "</div></details>\n");
	}
	page_markup(p, "</section>\n");
}
