/* page_history_tables.c - what was done and why, by cause, author and source;
 * what monitor would have done, exceptions, the slowest. */
#include "cli/page_history_int.h"

#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"
#include "cli/page_history.h"
#include "cli/page_story.h"
#include "history/story.h"

#define MAX_COLUMNS 8
#define SHOWN_NETWORKS 100

enum cell {
	CELL_TEXT,
	CELL_WORD, /* of ours: it is not broken */
	CELL_NUMBER,
	CELL_TIME,    /* seconds */
	CELL_AUTHOR,  /* a link to its messages */
	CELL_SECONDS, /* of milliseconds */
	CELL_MESSAGE, /* its queue id, a link to it; the last column: its time
		       */
};

struct query {
	const char *title;
	const char *columns[MAX_COLUMNS + 1];
	enum cell cell[MAX_COLUMNS];
	const char *sql;     /* $1, $2: since and until; $3, $4: their days */
	const char *nothing; /* when no row comes; NULL: "none" */
};

static void put_cell(
    struct history_page *hp, enum cell kind, const struct mxa_row *r, size_t i)
{
	struct page *p = hp->p;

	switch (kind) {
	case CELL_TEXT:
		page_element(p, "td", NULL, r->col[i]);
		return;
	case CELL_WORD:
		page_element(p, "td",
		    hp->columns[i][0] == '~' ? "w small" : "w", r->col[i]);
		return;
	case CELL_NUMBER:
		page_history_number_cell(hp, i, (uint64_t)mxa_row_int(r, i));
		return;
	case CELL_TIME:
		page_history_time_cell(hp, i, mxa_row_int(r, i));
		return;
	case CELL_AUTHOR:
		page_history_author_cell(hp, r->col[i]);
		return;
	case CELL_SECONDS:
		fprintf(p->f, "<td class=\"n\" data-v=\"%lld\">%.1f</td>",
		    (long long)mxa_row_int(r, i),
		    (double)mxa_row_int(r, i) / 1000);
		return;
	case CELL_MESSAGE:
		fprintf(p->f, "<td><a href=\"#m%zu\">",
		    page_history_message_place(
			hp, r->col[i], mxa_row_int(r, r->n - 1)));
		page_text(p, r->col[i]);
		page_markup(p, "</a></td>");
		return;
	}
}

static bool put_row(void *ctx, const struct mxa_row *r)
{
	struct history_page *hp = ctx;

	page_history_row(hp);
	for (size_t i = 0; hp->columns[i] != NULL; i++)
		put_cell(hp, hp->q->cell[i], r, i);
	page_history_row_end(hp);
	return true;
}

static void put_query(struct history_page *hp, const struct query *q)
{
	hp->q = q;
	page_history_section(hp, _(q->title), q->columns);
	page_history_ask(hp, q->sql, put_row);
	page_history_section_end(
	    hp, q->nothing != NULL ? _(q->nothing) : _("none"));
}

static const struct query queries[] = {
	{ N_("What was done, and why"),
	    { N_("action"), N_("cause"), "#" N_("messages"),
		"-" N_("author domains"), "-" N_("last") },
	    { CELL_WORD, CELL_WORD, CELL_NUMBER, CELL_NUMBER, CELL_TIME },
	    "SELECT action, cause, count(*), count(DISTINCT author), "
	    "max(time) FROM message WHERE " IN_PERIOD
	    "GROUP BY action, cause ORDER BY count(*) DESC, action, cause",
	    NULL },
	{ N_("Author domains that were not simply accepted"),
	    { N_("author domain"), "#" N_("messages"), "#" N_("refused"),
		"-" N_("last") },
	    { CELL_AUTHOR, CELL_NUMBER, CELL_NUMBER, CELL_TIME },
	    "SELECT author, count(*), "
	    "sum(CASE WHEN action = 'reject' THEN 1 ELSE 0 END), max(time) "
	    "FROM message WHERE " IN_PERIOD "AND action <> 'accept' "
	    "GROUP BY author ORDER BY count(*) DESC, author LIMIT 100",
	    NULL },
	{ N_("The DNS did not answer"),
	    { N_("author domain"), "#" N_("messages"), "-" N_("last") },
	    { CELL_AUTHOR, CELL_NUMBER, CELL_TIME },
	    "SELECT author, count(*), max(time) FROM message WHERE " IN_PERIOD
	    "AND (spf = 'temperror' OR dkim LIKE '%temperror%' "
	    "OR dmarc = 'temperror') "
	    "GROUP BY author ORDER BY count(*) DESC, author LIMIT 100",
	    NULL },
	{ N_("Our reports"),
	    { N_("domain"), N_("address"), N_("state"), N_("reply"),
		"-" N_("last") },
	    { CELL_TEXT, CELL_TEXT, CELL_TEXT, CELL_TEXT, CELL_TIME },
	    "SELECT domain, uri, state, reply, done FROM delivery "
	    "WHERE done >= $1 AND done < $2 AND $3 <= $4 "
	    "ORDER BY done DESC, domain, uri LIMIT 200",
	    NULL },
};

/* A host that is not imported is missing in all of it. */
static const struct query host_query = { N_("Hosts"),
	{ N_("host"), "-" N_("messages"), "#" N_("imported through") },
	{ CELL_TEXT, CELL_NUMBER, CELL_TIME },
	"SELECT h.host, count(m.pos), h.through FROM host h "
	"LEFT JOIN message m ON m.host = h.host AND m.day >= $3 "
	"AND m.day <= $4 AND m.time >= $1 AND m.time < $2 "
	"GROUP BY h.host, h.through ORDER BY h.host",
	NULL };

/* Of message_story: the rows of 'message' are found by its key. */
#define STORY_PERIOD                                                       \
	"FROM message_story s CROSS JOIN message m "                       \
	"WHERE m.day = s.day AND m.file_id = s.file_id AND m.pos = s.pos " \
	"AND s.day >= $3 AND s.day <= $4 AND s.time >= $1 AND s.time < $2 "

static const struct query story_queries[] = {
	{ N_("What profile monitor would have done"),
	    { N_("action"), N_("cause"), N_("author domain"),
		"#" N_("messages"), "-" N_("last") },
	    { CELL_WORD, CELL_WORD, CELL_AUTHOR, CELL_NUMBER, CELL_TIME },
	    "SELECT would, cause, author, count(*), max(s.time) " STORY_PERIOD
	    "AND would <> '' GROUP BY would, cause, author "
	    "ORDER BY count(*) DESC, would, cause, author LIMIT 100",
	    NULL },
	{ N_("Exceptions from published policies: lists, forwarders, sealers"),
	    { N_("exception"), "~" N_("ground"), N_("handed over by"),
		"#" N_("messages"), "-" N_("last") },
	    { CELL_WORD, CELL_WORD, CELL_TEXT, CELL_NUMBER, CELL_TIME },
	    "SELECT override, ground, via, count(*), max(time) "
	    "FROM message_story WHERE " IN_PERIOD "AND override <> '' "
	    "GROUP BY override, ground, via "
	    "ORDER BY count(*) DESC, override, ground, via LIMIT 100",
	    NULL },
	{ N_("Slowest messages"),
	    { "#" N_("seconds"), N_("queue id"), N_("author domain"),
		"-" N_("time") },
	    { CELL_SECONDS, CELL_MESSAGE, CELL_AUTHOR, CELL_TIME },
	    "SELECT ms, queue_id, author, s.time " STORY_PERIOD
	    "AND ms >= " PAGE_TEXT(
		MXA_STORY_SLOW_MS) " "
				   "ORDER BY ms DESC, s.time DESC, s.file_id, s.pos "
				   "LIMIT " PAGE_TEXT(PAGE_SLOW),
	    N_("No message waited a second or longer.") },
};

/* --- sources --- */

static const char sources_sql[] =
    "SELECT ip, count(*), "
    "sum(CASE WHEN action = 'reject' THEN 1 ELSE 0 END), max(time) "
    "FROM message WHERE " IN_PERIOD "AND action <> 'accept' GROUP BY ip";

static bool take_source(void *ctx, const struct mxa_row *r)
{
	struct history_page *hp = ctx;
	struct mxa_arena *a = mxa_arena_new();
	const struct page_count one = {
		.key = page_network(a, r->col[0], hp->h->full),
		.n = (uint64_t)mxa_row_int(r, 1),
		.refused = (uint64_t)mxa_row_int(r, 2),
		.last = mxa_row_int(r, 3),
	};

	page_counts_add(&hp->network, &one);
	mxa_arena_free(a);
	return true;
}

static void put_networks(struct history_page *hp)
{
	static const char *const columns[] = { N_("source"), "#" N_("messages"),
		"#" N_("refused"), "-" N_("last"), NULL };
	const struct page_counts *c = &hp->network;

	page_history_section(
	    hp, _("Sources that were not simply accepted"), columns);
	for (size_t i = 0; i < c->n && i < SHOWN_NETWORKS; i++) {
		page_history_row(hp);
		page_element(hp->p, "td", NULL, c->v[i]->key);
		page_number_cell(hp->p, c->v[i]->n);
		page_number_cell(hp->p, c->v[i]->refused);
		page_history_time_cell(hp, 3, c->v[i]->last);
		page_history_row_end(hp);
	}
	page_history_section_end(hp, _("none"));
}

/* --- all of them --- */

void page_history_gather_sources(struct history_page *hp)
{
	page_history_ask(hp, sources_sql, take_source);
	page_counts_sort(&hp->network);
}

void page_history_tables(struct history_page *hp)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(queries); i++)
		put_query(hp, &queries[i]);
	put_networks(hp);
	for (size_t i = 0; i < MXA_ARRAY_LEN(story_queries); i++)
		put_query(hp, &story_queries[i]);
	put_query(hp, &host_query);
}
