/* page_history_tables.c - what was done and why, by cause, author and source:
 * from the store, then what only journals know. */
#include "cli/page_history_int.h"

#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"

#define MAX_COLUMNS 8
#define SHOWN_KINDS 100 /* rows of a table of the journal */

enum cell {
	CELL_TEXT,
	CELL_WORD, /* of ours: it is not broken */
	CELL_NUMBER,
	CELL_TIME, /* seconds */
	CELL_IP,
	CELL_AUTHOR, /* a link to its messages */
};

struct query {
	const char *title;
	const char *columns[MAX_COLUMNS + 1];
	enum cell cell[MAX_COLUMNS];
	const char *sql; /* $1, $2: since and until; $3, $4: their days */
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
		page_element(p, "td", "w", r->col[i]);
		return;
	case CELL_NUMBER:
		page_history_number_cell(hp, i, (uint64_t)mxa_row_int(r, i));
		return;
	case CELL_TIME:
		page_history_time_cell(p, mxa_row_int(r, i));
		return;
	case CELL_IP:
		page_element(
		    p, "td", NULL, page_network(hp->a, r->col[i], hp->h->full));
		return;
	case CELL_AUTHOR:
		page_history_author_cell(hp, r->col[i]);
		return;
	}
}

static bool put_row(void *ctx, const struct mxa_row *r)
{
	struct history_page *hp = ctx;

	page_history_row(hp);
	for (size_t i = 0; i < r->n && hp->columns[i] != NULL; i++)
		put_cell(hp, hp->q->cell[i], r, i);
	page_history_row_end(hp);
	return true;
}

static void put_query(struct history_page *hp, const struct query *q)
{
	hp->q = q;
	page_history_section(hp, _(q->title), q->columns);
	page_history_ask(hp, q->sql, put_row);
	page_history_section_end(hp);
}

static const struct query queries[] = {
	{ N_("What was done, and why"),
	    { N_("action"), N_("cause"), "#" N_("messages"),
		"-" N_("author domains"), "-" N_("last") },
	    { CELL_WORD, CELL_WORD, CELL_NUMBER, CELL_NUMBER, CELL_TIME },
	    "SELECT action, cause, count(*), count(DISTINCT author), "
	    "max(time) FROM message WHERE " IN_PERIOD
	    "GROUP BY action, cause ORDER BY count(*) DESC, action, cause" },
	{ N_("Author domains that were not simply accepted"),
	    { N_("author domain"), "#" N_("messages"), "#" N_("refused"),
		"-" N_("last") },
	    { CELL_AUTHOR, CELL_NUMBER, CELL_NUMBER, CELL_TIME },
	    "SELECT author, count(*), "
	    "sum(CASE WHEN action = 'reject' THEN 1 ELSE 0 END), max(time) "
	    "FROM message WHERE " IN_PERIOD "AND action <> 'accept' "
	    "GROUP BY author ORDER BY count(*) DESC, author LIMIT 100" },
	{ N_("The DNS did not answer"),
	    { N_("author domain"), "#" N_("messages"), "-" N_("last") },
	    { CELL_AUTHOR, CELL_NUMBER, CELL_TIME },
	    "SELECT author, count(*), max(time) FROM message WHERE " IN_PERIOD
	    "AND (spf = 'temperror' OR dkim LIKE '%temperror%' "
	    "OR dmarc = 'temperror') "
	    "GROUP BY author ORDER BY count(*) DESC, author LIMIT 100" },
	{ N_("Our reports"),
	    { N_("domain"), N_("address"), N_("state"), N_("reply"),
		"-" N_("last") },
	    { CELL_TEXT, CELL_TEXT, CELL_TEXT, CELL_TEXT, CELL_TIME },
	    "SELECT domain, uri, state, reply, done FROM delivery "
	    "WHERE done >= $1 AND done < $2 AND $3 <= $4 "
	    "ORDER BY done DESC, domain, uri LIMIT 200" },
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
		.key = { page_network(a, r->col[0], hp->h->full) },
		.n = (uint64_t)mxa_row_int(r, 1),
		.refused = (uint64_t)mxa_row_int(r, 2),
		.last = mxa_row_int(r, 3),
	};

	page_count_add(&hp->journal, &hp->journal.network, &one);
	mxa_arena_free(a);
	return true;
}

static void put_networks(struct history_page *hp)
{
	static const char *const columns[] = { N_("source"), "#" N_("messages"),
		"#" N_("refused"), "-" N_("last"), NULL };
	const struct page_counts *c = &hp->journal.network;

	page_history_section(
	    hp, _("Sources that were not simply accepted"), columns);
	for (size_t i = 0; i < c->n && i < SHOWN_KINDS; i++) {
		page_history_row(hp);
		page_element(hp->p, "td", NULL, c->v[i]->key[0]);
		page_number_cell(hp->p, c->v[i]->n);
		page_number_cell(hp->p, c->v[i]->refused);
		page_history_time_cell(hp->p, c->v[i]->last);
		page_history_row_end(hp);
	}
	page_history_section_end(hp);
}

/* --- what only journals know --- */

static void put_kinds(struct history_page *hp, const char *title,
    const char *const *columns, const struct page_counts *c, bool author)
{
	page_history_section(hp, title, columns);
	for (size_t i = 0; i < c->n && i < SHOWN_KINDS; i++) {
		const struct page_count *k = c->v[i];

		page_history_row(hp);
		page_element(hp->p, "td", "w", k->key[0]);
		page_element(hp->p, "td",
		    columns[1][0] == '~' ? "w small" : "w", k->key[1]);
		if (author)
			page_history_author_cell(hp, k->key[2]);
		else
			page_element(hp->p, "td", NULL, k->key[2]);
		page_number_cell(hp->p, k->n);
		page_history_time_cell(hp->p, k->last);
		page_history_row_end(hp);
	}
	page_history_section_end(hp);
}

static void put_slow(struct history_page *hp)
{
	static const char *const columns[] = { "#" N_("seconds"),
		N_("queue id"), N_("author domain"), "-" N_("time"), NULL };

	page_history_section(hp, _("Slowest messages"), columns);
	for (size_t i = 0; i < hp->journal.n_slow; i++) {
		const struct page_message *m = hp->journal.slow[i];

		page_history_row(hp);
		fprintf(hp->p->f, "<td class=\"n\" data-v=\"%lu\">%.1f</td>",
		    (unsigned long)m->ms, (double)m->ms / 1000);
		fprintf(hp->p->f, "<td><a href=\"#m%zu\">",
		    page_history_message_place(hp, m));
		page_words(hp->p, m->queue_id);
		page_markup(hp->p, "</a></td>");
		page_history_author_cell(hp, mxa_str_from(m->author));
		page_history_time_cell(hp->p, m->time);
		page_history_row_end(hp);
	}
	page_history_section_end(hp);
}

static void put_journal(struct history_page *hp)
{
	static const char *const would[] = { N_("action"), N_("cause"),
		N_("author domain"), "#" N_("messages"), "-" N_("last"), NULL };
	static const char *const overrides[] = { N_("exception"),
		"~" N_("ground"), N_("handed over by"), "#" N_("messages"),
		"-" N_("last"), NULL };
	const struct page_journal *j = &hp->journal;

	if (!j->read)
		return;
	put_kinds(hp, _("What profile monitor would have done"), would,
	    &j->would, true);
	put_kinds(hp,
	    _("Exceptions from published policies: lists, forwarders, sealers"),
	    overrides, &j->override, false);
	put_slow(hp);
}

/* --- all of them --- */

void page_history_gather_sources(struct history_page *hp)
{
	page_history_ask(hp, sources_sql, take_source);
}

void page_history_tables(struct history_page *hp)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(queries); i++)
		put_query(hp, &queries[i]);
	put_networks(hp);
	put_journal(hp);
}
