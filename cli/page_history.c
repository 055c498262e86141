/* page_history.c - see page_history.h. */
#include "cli/page_history.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/ipaddr.h"
#include "cli/store_common.h"
#include "report/received/judge.h"

#define MAX_COLUMNS 8
#define SHOWN_MESSAGES "200" /* of those that were not simply accepted */

/* --- tables of an answer --- */

enum cell {
	CELL_TEXT,
	CELL_NUMBER,
	CELL_DAY,  /* since 1970 */
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
	const struct query *q;
	size_t rows;
};

/* The network of an address: what tells about a person is left out. */
static void put_address(struct history_page *hp, struct mxa_str text)
{
	struct mxa_cidr net;
	char out[MXA_IP_TEXT];

	if (hp->h->full || !mxa_ip_parse(text, &net.ip)) {
		page_text(hp->p, text);
		return;
	}
	net.bits = net.ip.family == 4 ? 24 : 48;
	net = mxa_cidr_network(&net);
	page_printf(hp->p, "%s/%u", mxa_ip_format(&net.ip, out), net.bits);
}

/* A time is left out on small screens, a day is not. */
static void put_time(struct page *p, int64_t seconds, bool day)
{
	char text[MXA_TIME_TEXT];

	fprintf(p->f, "<td class=\"%s\" data-v=\"%lld\">%.*s</td>",
	    day ? "n" : "n small", (long long)seconds, day ? 10 : MXA_TIME_TEXT,
	    mxa_time_format(seconds, text));
}

/* Anchors are made of letters, digits, '.' and '-' of the name. */
static void put_anchor(struct page *p, struct mxa_str name)
{
	for (size_t i = 0; i < name.len; i++)
		fputc(mxa_is_alnum(name.p[i]) || name.p[i] == '.' ||
			    name.p[i] == '-'
			? name.p[i]
			: '_',
		    p->f);
}

static void put_author(struct page *p, struct mxa_str name)
{
	page_markup(p, "<td><a href=\"#a-");
	put_anchor(p, name);
	page_markup(p, "\">");
	page_text(p, name.len > 0 ? name : MXA_STR("-"));
	page_markup(p, "</a></td>");
}

/* Columns with '-' are left out on small screens. */
static void put_number(struct history_page *hp, size_t column, uint64_t n)
{
	if (hp->q->columns[column][0] == '-')
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
	case CELL_NUMBER:
		put_number(hp, i, (uint64_t)mxa_row_int(r, i));
		return;
	case CELL_DAY:
		put_time(p, mxa_row_int(r, i) * MXA_DAY_SECONDS, true);
		return;
	case CELL_TIME:
		put_time(p, mxa_row_int(r, i), false);
		return;
	case CELL_IP:
		page_markup(p, "<td>");
		put_address(hp, r->col[i]);
		page_markup(p, "</td>");
		return;
	case CELL_AUTHOR:
		put_author(p, r->col[i]);
		return;
	}
}

static bool put_row(void *ctx, const struct mxa_row *r)
{
	struct history_page *hp = ctx;

	page_markup(hp->p, "<tr>");
	for (size_t i = 0; i < r->n && hp->q->columns[i] != NULL; i++)
		put_cell(hp, hp->q->cell[i], r, i);
	page_markup(hp->p, "</tr>\n");
	hp->rows++;
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
	struct page *p = hp->p;

	hp->q = q;
	hp->rows = 0;
	page_markup(p, "<section class=\"card\"><div class=\"tools\"></div>\n");
	page_table(p, _(q->title), q->columns);
	ask_store(hp, q->sql, put_row);
	page_table_end(p);
	if (hp->rows == 0)
		page_element(p, "p", "soft", mxa_str_from(_("none")));
	page_markup(p, "</section>\n");
}

/* --- what is asked --- */

#define IN_PERIOD "day >= $3 AND day <= $4 AND time >= $1 AND time < $2 "

static const struct query queries[] = {
	{ N_("What was done, and why"),
	    { N_("action"), N_("cause"), "#" N_("messages"),
		"#" N_("author domains"), "-" N_("last") },
	    { CELL_TEXT, CELL_TEXT, CELL_NUMBER, CELL_NUMBER, CELL_TIME },
	    "SELECT action, cause, count(*), count(DISTINCT author), "
	    "max(time) FROM message WHERE " IN_PERIOD
	    "GROUP BY action, cause ORDER BY count(*) DESC, action, cause" },
	{ N_("By day"),
	    { "#" N_("day"), "#" N_("messages"), "#" N_("refused"),
		"-" N_("quarantined"), "-" N_("deferred") },
	    { CELL_DAY, CELL_NUMBER, CELL_NUMBER, CELL_NUMBER, CELL_NUMBER },
	    "SELECT day, count(*), "
	    "sum(CASE WHEN action = 'reject' THEN 1 ELSE 0 END), "
	    "sum(CASE WHEN action = 'quarantine' THEN 1 ELSE 0 END), "
	    "sum(CASE WHEN action = 'defer' THEN 1 ELSE 0 END) "
	    "FROM message WHERE " IN_PERIOD "GROUP BY day ORDER BY day DESC" },
	{ N_("Author domains that were not simply accepted"),
	    { N_("author domain"), "#" N_("messages"), "#" N_("refused"),
		"-" N_("last") },
	    { CELL_AUTHOR, CELL_NUMBER, CELL_NUMBER, CELL_TIME },
	    "SELECT author, count(*), "
	    "sum(CASE WHEN action = 'reject' THEN 1 ELSE 0 END), max(time) "
	    "FROM message WHERE " IN_PERIOD "AND action <> 'accept' "
	    "GROUP BY author ORDER BY count(*) DESC, author LIMIT 100" },
	{ N_("Sources that were not simply accepted"),
	    { N_("source"), "#" N_("messages"), "#" N_("refused"),
		"#" N_("author domains") },
	    { CELL_IP, CELL_NUMBER, CELL_NUMBER, CELL_NUMBER },
	    "SELECT ip, count(*), "
	    "sum(CASE WHEN action = 'reject' THEN 1 ELSE 0 END), "
	    "count(DISTINCT author) "
	    "FROM message WHERE " IN_PERIOD "AND action <> 'accept' "
	    "GROUP BY ip ORDER BY count(*) DESC, ip LIMIT 100" },
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

/* --- the messages of an author domain --- */

struct story {
	struct history_page hp; /* first: ask_store hands it on */
	char *author;		/* whose messages are open; NULL: none */
};

static bool put_message(void *ctx, const struct mxa_row *r)
{
	static const char *const words[] = { "", "", "", "from=", "mfrom=",
		"rcpt=", "action=", "cause=", "spf=", "dkim=", "dmarc=" };
	struct story *s = (struct story *)ctx;
	struct page *p = s->hp.p;

	if (s->author == NULL || !mxa_str_is(r->col[3], s->author)) {
		page_markup(p,
		    s->author ? "</ul></details>\n<details id=\"a-"
			      : "<details id=\"a-");
		put_anchor(p, r->col[3]);
		page_markup(p, "\"><summary>");
		page_text(p, r->col[3].len > 0 ? r->col[3] : MXA_STR("-"));
		page_markup(p, "</summary><ul>\n");
		free(s->author);
		s->author = mxa_xstrndup(r->col[3].p, r->col[3].len);
	}
	page_markup(p, "<li><b>");
	page_text(p, r->col[1]);
	page_markup(p, "</b> ");
	put_address(&s->hp, r->col[2]);
	for (size_t i = 4; i < r->n && i < MXA_ARRAY_LEN(words); i++)
		if (r->col[i].len > 0)
			page_printf(
			    p, " %s%.*s", words[i], MXA_STR_ARG(r->col[i]));
	page_markup(p, "</li>\n");
	return true;
}

static void put_messages(struct page *p, const struct page_history *h)
{
	struct story s = { .hp = { .p = p, .h = h } };

	page_markup(p, "<section class=\"card\">");
	page_element(p, "h2", NULL, mxa_str_from(_("Messages")));
	page_printf(p,
	    _("The newest %s that were not simply accepted; \"mxauth explain "
	      "QUEUE-ID\" tells more."),
	    SHOWN_MESSAGES);
	ask_store(&s.hp,
	    "SELECT * FROM (SELECT time, queue_id, ip, author, "
	    "mail_from_domain, rcpt_domain, action, cause, spf, dkim, dmarc "
	    "FROM message WHERE " IN_PERIOD "AND action <> 'accept' "
	    "ORDER BY time DESC, file_id, pos LIMIT " SHOWN_MESSAGES
	    ") AS newest ORDER BY author, time DESC",
	    put_message);
	if (s.author != NULL)
		page_markup(p, "</ul></details>\n");
	free(s.author);
	page_markup(p, "</section>\n");
}

bool cli_page_history(struct page *p, const struct page_history *h)
{
	struct history_page hp = { .p = p, .h = h };

	page_markup(p, "<p class=\"soft\">");
	page_day(p, h->since);
	page_markup(p, " &ndash; ");
	page_day(p, h->until - 1);
	page_markup(p, "</p>\n");
	for (size_t i = 0; i < MXA_ARRAY_LEN(queries); i++)
		put_query(&hp, &queries[i]);
	put_messages(p, h);
	return mxa_store_state(h->store) == MXA_STORE_OK;
}
