/* page_history_messages.c - single messages by author, with their stories. */
#include "cli/page_history_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/page_history.h"
#include "cli/page_story.h"
#include "history/story.h"

#define MAX_FACTS 4096
#define MAX_STORY 8000 /* bytes of a story that are shown */

size_t page_history_author_place(
    const struct history_page *hp, struct mxa_str author)
{
	size_t i = 0;

	while (i < hp->n_messages && !mxa_str_is(author, hp->message[i].author))
		i++;
	return i;
}

size_t page_history_message_place(
    const struct history_page *hp, struct mxa_str queue_id, int64_t time)
{
	size_t i = 0;

	while (i < hp->n_messages &&
	    (hp->message[i].time != time ||
		!mxa_str_is(queue_id, hp->message[i].queue_id)))
		i++;
	return i;
}

/* --- out of the store --- */

/* Messages whose keys a statement finds, with their stories.  The keys come
 * first, so that a database sorts nothing but keys. */
#define MESSAGES_OF(keys)                                                     \
	"SELECT m.time, m.queue_id, m.author, m.ip, m.mail_from_domain, "     \
	"m.rcpt_domain, m.action, s.would, m.cause, m.spf, m.dkim, m.dmarc, " \
	"s.story FROM (SELECT day, file_id, pos FROM " keys ") k "            \
	"CROSS JOIN message m LEFT JOIN message_story s ON s.day = m.day "    \
	"AND s.file_id = m.file_id AND s.pos = m.pos "                        \
	"WHERE m.day = k.day AND m.file_id = k.file_id AND m.pos = k.pos"

static const char *const messages_sql[] = {
	MESSAGES_OF("message WHERE " IN_PERIOD "AND action <> 'accept' "
		    "ORDER BY time DESC, file_id, pos "
		    "LIMIT " PAGE_TEXT(PAGE_REFUSED)),
	MESSAGES_OF("message_story WHERE " IN_PERIOD "AND would <> '' "
		    "ORDER BY time DESC, file_id, pos "
		    "LIMIT " PAGE_TEXT(PAGE_PASSED)),
	MESSAGES_OF("message_story WHERE " IN_PERIOD "AND ms >= " PAGE_TEXT(
	    MXA_STORY_SLOW_MS) " "
			       "ORDER BY ms DESC, time DESC, file_id, pos "
			       "LIMIT " PAGE_TEXT(PAGE_SLOW)),
};

static bool take_message(void *ctx, const struct mxa_row *r)
{
	static const char *const words[] = { "mfrom", "rcpt", "action", "would",
		"cause", "spf", "dkim", "dmarc" };
	struct history_page *hp = ctx;
	struct mxa_arena *a;
	struct page_message *m;
	struct mxa_buf b;

	if (hp->n_messages == PAGE_MAX_MESSAGES ||
	    page_history_message_place(hp, r->col[1], mxa_row_int(r, 0)) <
		hp->n_messages)
		return true;
	a = mxa_arena_new();
	m = &hp->message[hp->n_messages++];
	mxa_buf_init(&b, a, MAX_FACTS);
	mxa_buf_addstr(&b, page_network(a, r->col[3], hp->h->full));
	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++)
		if (r->col[4 + i].len > 0)
			mxa_buf_printf(&b, " %s=%.*s", words[i],
			    MXA_STR_ARG(r->col[4 + i]));
	m->time = mxa_row_int(r, 0);
	m->queue_id = mxa_xstrndup(r->col[1].p, r->col[1].len);
	m->author = mxa_xstrndup(r->col[2].p, r->col[2].len);
	m->facts = mxa_xstrdup(mxa_buf_cstr(&b));
	m->story = page_story(a, r->col[12], hp->h->full);
	mxa_arena_free(a);
	return true;
}

static int by_author(const void *pa, const void *pb)
{
	const struct page_message *a = pa, *b = pb;
	int order = strcmp(a->author, b->author);

	if (order != 0)
		return order;
	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return strcmp(a->queue_id, b->queue_id);
}

void page_history_gather_messages(struct history_page *hp)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(messages_sql); i++)
		page_history_ask(hp, messages_sql[i], take_message);
	qsort(hp->message, hp->n_messages, sizeof(struct page_message),
	    by_author);
}

void page_history_free_messages(struct history_page *hp)
{
	for (size_t i = 0; i < hp->n_messages; i++) {
		free(hp->message[i].queue_id);
		free(hp->message[i].author);
		free(hp->message[i].facts);
		free(hp->message[i].story);
	}
}

/* --- onto the page --- */

static void put_message(struct history_page *hp, size_t i)
{
	const struct page_message *m = &hp->message[i];
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

/* Which messages stand here, and what is known about them. */
static void put_choice(const struct history_page *hp)
{
	struct page *p = hp->p;

	page_markup(p, "<p class=\"soft\">");
	page_printf(p,
	    _("The newest %d that were not simply accepted, the newest %d that "
	      "monitor let pass, the slowest %d."),
	    PAGE_REFUSED, PAGE_PASSED, PAGE_SLOW);
	page_markup(p, "</p><p class=\"soft\">");
	page_words(p,
	    _("The store keeps the stories of messages that were refused, held "
	      "or deferred, that monitor let pass, for which an exception was "
	      "made, or that waited a second or longer; mailboxes are cut.  "
	      "\"mxauth explain QUEUE-ID\" on the host that had a message "
	      "tells more."));
	page_markup(p, "</p>\n");
}

void page_history_messages(struct history_page *hp)
{
	struct page *p = hp->p;
	size_t end;

	page_markup(p, "<section class=\"card\">");
	page_element(p, "h2", NULL, mxa_str_from(_("Messages")));
	put_choice(hp);
	for (size_t i = 0; i < hp->n_messages; i = end) {
		struct mxa_str author = mxa_str_from(hp->message[i].author);

		for (end = i; end < hp->n_messages &&
		     mxa_str_is(author, hp->message[end].author);
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
