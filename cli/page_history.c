/* page_history.c - see page_history.h. */
#include "cli/page_history.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/page_chart.h"
#include "cli/page_journal.h"
#include "report/received/judge.h"

#define MAX_COLUMNS 8
#define SHOWN_ROWS 20	     /* before the fold */
#define SHOWN_NAMES 3	     /* in a sentence */
#define SHOWN_KINDS 100	     /* rows of a table of the journal */
#define SHOWN_MESSAGES "200" /* of those that were not simply accepted */
#define MAX_WORDS 4096
#define MAX_STORY 8000 /* bytes of a story that are shown */

/* --- tables --- */

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

struct history_page {
	struct page *p;
	const struct page_history *h;
	struct mxa_arena *a;
	const char *title; /* of the table that is being written, translated */
	const char *const *columns;
	const struct query *q;
	size_t rows;

	struct page_chart_day day[PAGE_CHART_MAX_DAYS];
	size_t days;
	struct page_journal journal;
	struct page_message **message; /* by author, the newest first */
	size_t n_messages;

	struct mxa_buf names; /* of an answer */
};

/* The table begins with its first row; long ones are folded. */
static void begin_row(struct history_page *hp)
{
	if (hp->rows == SHOWN_ROWS) {
		page_table_end(hp->p);
		page_markup(hp->p, "<details><summary>");
		page_words(hp->p, _("More"));
		page_markup(hp->p, "</summary>\n");
	}
	if (hp->rows == 0 || hp->rows == SHOWN_ROWS)
		page_table(hp->p, hp->title, hp->columns);
	hp->rows++;
	page_markup(hp->p, "<tr>");
}

static void end_row(struct history_page *hp)
{
	page_markup(hp->p, "</tr>\n");
}

static void begin_table(
    struct history_page *hp, const char *title, const char *const *columns)
{
	hp->title = title;
	hp->columns = columns;
	hp->rows = 0;
}

static void end_table(struct history_page *hp)
{
	if (hp->rows > 0) {
		page_table_end(hp->p);
	} else {
		page_element(hp->p, "h3", NULL, mxa_str_from(hp->title));
		page_element(hp->p, "p", "soft", mxa_str_from(_("none")));
	}
	if (hp->rows > SHOWN_ROWS)
		page_markup(hp->p, "</details>");
}

static void begin_section(
    struct history_page *hp, const char *title, const char *const *columns)
{
	page_markup(
	    hp->p, "<section class=\"card\"><div class=\"tools\"></div>\n");
	begin_table(hp, title, columns);
}

static void end_section(struct history_page *hp)
{
	end_table(hp);
	page_markup(hp->p, "</section>\n");
}

static void put_time(struct page *p, int64_t seconds)
{
	char text[MXA_TIME_TEXT];

	fprintf(p->f, "<td class=\"n small\" data-v=\"%lld\">%s</td>",
	    (long long)seconds, mxa_time_format(seconds, text));
}

/* The number of the first message of that author; n_messages: none. */
static size_t messages_of(const struct history_page *hp, struct mxa_str author)
{
	size_t i = 0;

	while (
	    i < hp->n_messages && !mxa_str_is(author, hp->message[i]->author))
		i++;
	return i;
}

static void put_author(struct history_page *hp, struct mxa_str name)
{
	size_t i = messages_of(hp, name);

	page_markup(hp->p, "<td>");
	if (i < hp->n_messages)
		fprintf(hp->p->f, "<a href=\"#a%zu\">", i);
	page_text(hp->p, name.len > 0 ? name : MXA_STR("-"));
	page_markup(hp->p, i < hp->n_messages ? "</a></td>" : "</td>");
}

/* Columns with '-' are left out on small screens. */
static void put_number(struct history_page *hp, size_t column, uint64_t n)
{
	if (hp->columns[column][0] == '-')
		fprintf(hp->p->f,
		    "<td class=\"n small\" data-v=\"%llu\">%s</td>",
		    (unsigned long long)n, mxa_number_text(n).p);
	else
		page_number_cell(hp->p, n);
}

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
		put_number(hp, i, (uint64_t)mxa_row_int(r, i));
		return;
	case CELL_TIME:
		put_time(p, mxa_row_int(r, i));
		return;
	case CELL_IP:
		page_element(
		    p, "td", NULL, page_network(hp->a, r->col[i], hp->h->full));
		return;
	case CELL_AUTHOR:
		put_author(hp, r->col[i]);
		return;
	}
}

static bool put_row(void *ctx, const struct mxa_row *r)
{
	struct history_page *hp = ctx;

	begin_row(hp);
	for (size_t i = 0; i < r->n && hp->columns[i] != NULL; i++)
		put_cell(hp, hp->q->cell[i], r, i);
	end_row(hp);
	return true;
}

static void ask_store(struct history_page *hp, const char *sql,
    bool (*fn)(void *ctx, const struct mxa_row *r))
{
	const struct page_history *h = hp->h;
	struct mxa_arg args[] = { MXA_INT(h->since), MXA_INT(h->until),
		MXA_INT(h->since / MXA_DAY_SECONDS),
		MXA_INT(h->until / MXA_DAY_SECONDS) };

	mxa_store_query(h->store, sql, args, MXA_ARRAY_LEN(args), fn, hp);
}

static void put_query(struct history_page *hp, const struct query *q)
{
	hp->q = q;
	begin_section(hp, _(q->title), q->columns);
	ask_store(hp, q->sql, put_row);
	end_section(hp);
}

/* --- what is asked --- */

#define IN_PERIOD "day >= $3 AND day <= $4 AND time >= $1 AND time < $2 "

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

/* --- the answers --- */

enum { DAY_ACCEPTED, DAY_TAGGED, DAY_HELD, DAY_DEFERRED, DAY_REFUSED };

static const struct page_chart_kind actions[] = {
	[DAY_ACCEPTED] = { "pass", N_("accepted"), false },
	[DAY_TAGGED] = { "tagged", N_("tagged"), true },
	[DAY_HELD] = { "quarantined", N_("held"), false },
	[DAY_DEFERRED] = { "failed", N_("deferred"), true },
	[DAY_REFUSED] = { "refused", N_("refused"), false },
};

_Static_assert(MXA_ARRAY_LEN(actions) <= PAGE_CHART_KINDS, "they fit a chart");

static const char days_sql[] =
    "SELECT day, "
    "sum(CASE WHEN action = 'accept' THEN 1 ELSE 0 END), "
    "sum(CASE WHEN action = 'tag' THEN 1 ELSE 0 END), "
    "sum(CASE WHEN action = 'quarantine' THEN 1 ELSE 0 END), "
    "sum(CASE WHEN action = 'defer' THEN 1 ELSE 0 END), "
    "sum(CASE WHEN action = 'reject' THEN 1 ELSE 0 END) "
    "FROM message WHERE " IN_PERIOD "GROUP BY day ORDER BY day";

/* All days of the period, or the last ones of a longer one. */
static void begin_days(struct history_page *hp)
{
	int64_t last = (hp->h->until - 1) / MXA_DAY_SECONDS;
	int64_t n = last - hp->h->since / MXA_DAY_SECONDS + 1;

	hp->days = n < 1	      ? 0
	    : n < PAGE_CHART_MAX_DAYS ? (size_t)n
				      : PAGE_CHART_MAX_DAYS;
	for (size_t i = 0; i < hp->days; i++)
		hp->day[i].day = last - (int64_t)(hp->days - 1 - i);
}

static bool take_day(void *ctx, const struct mxa_row *r)
{
	struct history_page *hp = ctx;
	int64_t at = mxa_row_int(r, 0);

	if (hp->days == 0 || at < hp->day[0].day ||
	    at - hp->day[0].day >= (int64_t)hp->days)
		return true;
	at -= hp->day[0].day;
	hp->day[at].known = true;
	for (size_t k = 0; k < MXA_ARRAY_LEN(actions); k++)
		hp->day[at].n[k] = (uint64_t)mxa_row_int(r, k + 1);
	return true;
}

static uint64_t sum_of(const struct history_page *hp, size_t kind)
{
	uint64_t n = 0;

	for (size_t i = 0; i < hp->days; i++)
		n += hp->day[i].n[kind];
	return n;
}

static void put_headline(struct history_page *hp)
{
	uint64_t all = 0;

	for (size_t k = 0; k < MXA_ARRAY_LEN(actions); k++)
		all += sum_of(hp, k);
	page_markup(hp->p, "<p class=\"answer\">");
	page_printf(hp->p,
	    _("Messages: %s, of them refused: %s, held: %s, deferred: %s, "
	      "tagged: %s"),
	    mxa_number_text(all).p, mxa_number_text(sum_of(hp, DAY_REFUSED)).p,
	    mxa_number_text(sum_of(hp, DAY_HELD)).p,
	    mxa_number_text(sum_of(hp, DAY_DEFERRED)).p,
	    mxa_number_text(sum_of(hp, DAY_TAGGED)).p);
	page_markup(hp->p, "</p>\n");
}

static void add_name(struct history_page *hp, struct mxa_str name, uint64_t n)
{
	mxa_buf_printf(&hp->names, "%s%.*s (%s)", hp->names.len > 0 ? ", " : "",
	    MXA_STR_ARG(name.len > 0 ? name : MXA_STR("-")),
	    mxa_number_text(n).p);
}

static bool take_name(void *ctx, const struct mxa_row *r)
{
	struct history_page *hp = ctx;

	add_name(hp, r->col[0], (uint64_t)mxa_row_int(r, 1));
	return true;
}

static void put_answer(struct history_page *hp, const char *question)
{
	page_element(hp->p, "dt", NULL, mxa_str_from(question));
	page_element(hp->p, "dd", NULL,
	    hp->names.len > 0 ? mxa_buf_str(&hp->names)
			      : mxa_str_from(_("none")));
	mxa_buf_cut(&hp->names, 0);
}

/* Kinds of the journal, put together by one of their keys. */
static void add_kinds(
    struct history_page *hp, const struct page_counts *c, size_t key)
{
	/* words of ours: there are few */
	for (size_t i = 0; i < c->n; i++) {
		struct mxa_str name = c->v[i]->key[key];
		uint64_t n = 0;
		bool told = false;

		for (size_t k = 0; k < i; k++)
			told = told || mxa_str_eq(c->v[k]->key[key], name);
		if (told)
			continue;
		for (size_t k = i; k < c->n; k++)
			if (mxa_str_eq(c->v[k]->key[key], name))
				n += c->v[k]->n;
		add_name(hp, name, n);
	}
}

static void put_source_answer(struct history_page *hp)
{
	const struct page_counts *c = &hp->journal.network;

	for (size_t i = 0; i < c->n && i < SHOWN_NAMES; i++)
		add_name(hp, c->v[i]->key[0], c->v[i]->n);
	put_answer(hp, _("From where"));
}

static void put_journal_answers(struct history_page *hp)
{
	const struct page_journal *j = &hp->journal;

	if (!j->read)
		return;
	add_kinds(hp, &j->would, 0);
	put_answer(hp, _("Monitor would have"));
	add_kinds(hp, &j->override, 0);
	put_answer(hp, _("Exceptions"));
	if (j->n_slow > 0)
		mxa_buf_printf(
		    &hp->names, _("%.1f s"), (double)j->slow[0]->ms / 1000);
	put_answer(hp, _("Longest wait"));
}

static const struct {
	const char *question, *sql;
} answers[] = {
	{ N_("Why not accepted"),
	    "SELECT cause, count(*) FROM message WHERE " IN_PERIOD
	    "AND action IN ('reject', 'quarantine', 'defer') "
	    "GROUP BY cause ORDER BY count(*) DESC, cause LIMIT 3" },
	{ N_("Refused most often"),
	    "SELECT author, count(*) FROM message WHERE " IN_PERIOD
	    "AND action = 'reject' "
	    "GROUP BY author ORDER BY count(*) DESC, author LIMIT 3" },
	{ N_("DNS did not answer for"),
	    "SELECT author, count(*) FROM message WHERE " IN_PERIOD
	    "AND (spf = 'temperror' OR dkim LIKE '%temperror%' "
	    "OR dmarc = 'temperror') "
	    "GROUP BY author ORDER BY count(*) DESC, author LIMIT 3" },
	{ N_("Our reports"),
	    "SELECT state, count(*) FROM delivery "
	    "WHERE done >= $1 AND done < $2 AND $3 <= $4 "
	    "GROUP BY state ORDER BY count(*) DESC, state" },
};

static void put_answers(struct history_page *hp)
{
	struct page_chart c = { .kind = actions,
		.kinds = MXA_ARRAY_LEN(actions),
		.day = hp->day,
		.days = hp->days,
		.label = _("Messages by day"),
		.gap = _("no message") };

	begin_days(hp);
	c.days = hp->days;
	ask_store(hp, days_sql, take_day);
	page_markup(hp->p, "<section class=\"card\">");
	put_headline(hp);
	page_markup(hp->p, "<dl>");
	for (size_t i = 0; i < MXA_ARRAY_LEN(answers); i++) {
		ask_store(hp, answers[i].sql, take_name);
		put_answer(hp, _(answers[i].question));
	}
	put_source_answer(hp);
	put_journal_answers(hp);
	page_markup(hp->p, "</dl>\n");
	page_chart(hp->p, &c);
	page_markup(hp->p, "</section>\n");
}

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

	begin_section(hp, _("Sources that were not simply accepted"), columns);
	for (size_t i = 0; i < c->n && i < SHOWN_KINDS; i++) {
		begin_row(hp);
		page_element(hp->p, "td", NULL, c->v[i]->key[0]);
		page_number_cell(hp->p, c->v[i]->n);
		page_number_cell(hp->p, c->v[i]->refused);
		put_time(hp->p, c->v[i]->last);
		end_row(hp);
	}
	end_section(hp);
}

/* --- what only journals know --- */

static void put_kinds(struct history_page *hp, const char *title,
    const char *const *columns, const struct page_counts *c, bool author)
{
	begin_section(hp, title, columns);
	for (size_t i = 0; i < c->n && i < SHOWN_KINDS; i++) {
		const struct page_count *k = c->v[i];

		begin_row(hp);
		page_element(hp->p, "td", "w", k->key[0]);
		page_element(hp->p, "td",
		    columns[1][0] == '~' ? "w small" : "w", k->key[1]);
		if (author)
			put_author(hp, k->key[2]);
		else
			page_element(hp->p, "td", NULL, k->key[2]);
		page_number_cell(hp->p, k->n);
		put_time(hp->p, k->last);
		end_row(hp);
	}
	end_section(hp);
}

static size_t place_of_message(
    const struct history_page *hp, const struct page_message *m)
{
	size_t i = 0;

	while (i < hp->n_messages &&
	    (hp->message[i]->time != m->time ||
		strcmp(hp->message[i]->queue_id, m->queue_id) != 0))
		i++;
	return i;
}

static void put_slow(struct history_page *hp)
{
	static const char *const columns[] = { "#" N_("seconds"),
		N_("queue id"), N_("author domain"), "-" N_("time"), NULL };

	begin_section(hp, _("Slowest messages"), columns);
	for (size_t i = 0; i < hp->journal.n_slow; i++) {
		const struct page_message *m = hp->journal.slow[i];

		begin_row(hp);
		fprintf(hp->p->f, "<td class=\"n\" data-v=\"%lu\">%.1f</td>",
		    (unsigned long)m->ms, (double)m->ms / 1000);
		fprintf(hp->p->f, "<td><a href=\"#m%zu\">",
		    place_of_message(hp, m));
		page_words(hp->p, m->queue_id);
		page_markup(hp->p, "</a></td>");
		put_author(hp, mxa_str_from(m->author));
		put_time(hp->p, m->time);
		end_row(hp);
	}
	end_section(hp);
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

/* --- messages --- */

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

	mxa_buf_init(&b, hp->a, MAX_WORDS);
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

static void collect_messages(struct history_page *hp)
{
	struct page_journal *j = &hp->journal;

	hp->message = mxa_arena_calloc(hp->a, j->n_messages + j->n_slow + 1,
	    sizeof(struct page_message *));
	for (size_t i = 0; i < j->n_messages; i++)
		hp->message[hp->n_messages++] = j->message[i];
	for (size_t i = 0; i < j->n_slow; i++)
		if (place_of_message(hp, j->slow[i]) == hp->n_messages)
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

static void put_messages(struct history_page *hp)
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

/* --- the page --- */

/* What is linked must be known before the tables that link it. */
static void gather(struct history_page *hp)
{
	struct page_journal *j = &hp->journal;

	j->since = hp->h->since;
	j->until = hp->h->until;
	j->full = hp->h->full;
	page_journal_begin(j);
	ask_store(hp, messages_sql, want_message);
	ask_store(hp, sources_sql, take_source);
	for (int i = 0; i < hp->h->n_journals; i++)
		page_journal_read(j, hp->h->journal[i]);
	page_journal_sort(j);
	collect_messages(hp);
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
	put_answers(hp);
	for (size_t i = 0; i < MXA_ARRAY_LEN(queries); i++)
		put_query(hp, &queries[i]);
	put_networks(hp);
	put_journal(hp);
	put_messages(hp);
	ok = mxa_store_state(h->store) == MXA_STORE_OK;
	page_journal_end(&hp->journal);
	mxa_arena_free(hp->a);
	free(hp);
	return ok;
}
