/* page_history_answers.c - the top of the page: what happened in the period,
 * why, to whom, from where, and the days of it. */
#include "cli/page_history_int.h"

#include "base/attr.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/page_history.h"
#include "history/story.h"
#include "report/received/judge.h"

#define SHOWN_NAMES 3 /* in a sentence */

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

static void put_source_answer(struct history_page *hp)
{
	const struct page_counts *c = &hp->network;

	for (size_t i = 0; i < c->n && i < SHOWN_NAMES; i++)
		add_name(hp, c->v[i]->key, c->v[i]->n);
	put_answer(hp, _("From where"));
}

static bool take_wait(void *ctx, const struct mxa_row *r)
{
	struct history_page *hp = ctx;

	if (mxa_row_int(r, 0) >= MXA_STORY_SLOW_MS)
		mxa_buf_printf(
		    &hp->names, _("%.1f s"), (double)mxa_row_int(r, 0) / 1000);
	else
		mxa_buf_adds(&hp->names, _("less than a second"));
	return true;
}

static void put_wait_answer(struct history_page *hp)
{
	page_history_ask(hp,
	    "SELECT max(ms) FROM message_story WHERE " IN_PERIOD, take_wait);
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
	{ N_("Monitor would have"),
	    "SELECT would, count(*) FROM message_story WHERE " IN_PERIOD
	    "AND would <> '' GROUP BY would ORDER BY count(*) DESC, would" },
	{ N_("Exceptions"),
	    "SELECT override, count(*) FROM message_story WHERE " IN_PERIOD
	    "AND override <> '' "
	    "GROUP BY override ORDER BY count(*) DESC, override" },
};

void page_history_answers(struct history_page *hp)
{
	struct page_chart c = { .kind = actions,
		.kinds = MXA_ARRAY_LEN(actions),
		.day = hp->day,
		.days = hp->days,
		.label = _("Messages by day"),
		.gap = _("no message") };

	begin_days(hp);
	c.days = hp->days;
	page_history_ask(hp, days_sql, take_day);
	page_markup(hp->p, "<section class=\"card\">");
	put_headline(hp);
	page_markup(hp->p, "<dl>");
	for (size_t i = 0; i < MXA_ARRAY_LEN(answers); i++) {
		page_history_ask(hp, answers[i].sql, take_name);
		put_answer(hp, _(answers[i].question));
	}
	put_source_answer(hp);
	put_wait_answer(hp);
	page_markup(hp->p, "</dl>\n");
	page_chart(hp->p, &c);
	page_markup(hp->p, "</section>\n");
}
