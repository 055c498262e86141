/* page_received.c - see page_received.h. */
#include "cli/page_received.h"

#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "cli/page_chart.h"
#include "cli/reverse_names.h"

#define MAX_DOMAINS 50	 /* shown by themselves */
#define SHOWN_SENDERS 20 /* before the fold */
#define MAX_SENDERS 1000 /* rows of a table */
#define NAMED_SENDERS 3	 /* in a sentence */
#define MAX_REPORTS 2000 /* rows of a table */
#define MAX_WORDS 8192

static const struct page_chart_kind outcomes[MXA_REPORT_OUTCOMES] = {
	[MXA_REPORT_PASSED] = { "pass", N_("passed"), false },
	[MXA_REPORT_DELIVERED] = { "failed", N_("failed, delivered"), false },
	[MXA_REPORT_QUARANTINED] = { "quarantined", N_("quarantined"), true },
	[MXA_REPORT_REJECTED] = { "refused", N_("refused"), false },
};

_Static_assert(MXA_REPORT_OUTCOMES <= PAGE_CHART_KINDS &&
	MXA_JUDGE_MAX_DAYS <= PAGE_CHART_MAX_DAYS,
    "they fit a chart");

struct received_page {
	struct page p;
	struct mxa_arena *a;
	const struct mxa_kept *k;
	struct mxa_judgement *g;
	size_t n;
};

/* --- the chart --- */

static void put_days(struct received_page *rp, const struct mxa_judgement *g)
{
	struct page_chart_day *day =
	    mxa_arena_calloc(rp->a, g->n_days + 1, sizeof(*day));
	struct page_chart c = { .kind = outcomes,
		.kinds = MXA_REPORT_OUTCOMES,
		.day = day,
		.days = g->n_days,
		.label = mxa_arena_printf(rp->a,
		    P_("Messages by day, %zu day of reports",
			"Messages by day, %zu days of reports",
			g->reported_days),
		    g->reported_days),
		.gap = _("no report") };

	for (size_t i = 0; i < g->n_days; i++) {
		day[i].day = g->day[i].day;
		day[i].known = g->day[i].reported;
		for (size_t o = 0; o < MXA_REPORT_OUTCOMES; o++)
			day[i].n[o] = g->day[i].n[o];
	}
	page_chart(&rp->p, &c);
}

/* --- the five answers --- */

static const char *class_of(const struct mxa_judgement *g)
{
	switch (g->ready) {
	case MXA_READY_NO:
		return "no";
	case MXA_READY_UNKNOWN:
	case MXA_READY_WAIT:
		return "wait";
	case MXA_READY_QUARANTINE:
	case MXA_READY_REJECT:
		break;
	}
	return "ok";
}

typedef void sentence_fn(struct mxa_buf *b, const struct mxa_judgement *g);

static void put_sentence(struct received_page *rp, const char *tag,
    const char *class, const struct mxa_judgement *g, sentence_fn *write)
{
	struct mxa_buf b;

	mxa_buf_init(&b, rp->a, MAX_WORDS);
	write(&b, g);
	page_element(&rp->p, tag, class, mxa_buf_str(&b));
}

static bool sends(const struct mxa_sender *s)
{
	return s->kind != MXA_SENDER_STRANGER &&
	    s->kind != MXA_SENDER_FORWARDER;
}

static bool fails(const struct mxa_sender *s)
{
	return s->sum.aligned < s->sum.messages &&
	    s->kind != MXA_SENDER_STRANGER && s->kind != MXA_SENDER_FIXED;
}

static bool is_own_failure(const struct mxa_sender *s)
{
	return fails(s) && sends(s);
}

static bool is_new(const struct mxa_sender *s)
{
	return s->is_new && s->kind != MXA_SENDER_STRANGER;
}

/* "a (100), b (20) and 3 more" of those that 'is' picks. */
static void write_names(struct mxa_buf *b, const struct mxa_judgement *g,
    bool (*is)(const struct mxa_sender *s))
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct mxa_sender *s = &g->v[i];

		if (!is(s) || n++ >= NAMED_SENDERS)
			continue;
		mxa_buf_adds(b, n > 1 ? ", " : "");
		mxa_buf_addstr(b, s->name);
		mxa_buf_printf(b, " (%s)", mxa_number_text(s->sum.messages).p);
	}
	if (n > NAMED_SENDERS)
		mxa_buf_printf(b, _(" and %zu more"), n - NAMED_SENDERS);
	if (n == 0)
		mxa_buf_adds(b, _("none"));
}

static void write_senders(struct mxa_buf *b, const struct mxa_judgement *g)
{
	write_names(b, g, sends);
	if (g->senders_of_kind[MXA_SENDER_STRANGER] > 0)
		mxa_buf_printf(b, _("; strangers: %zu"),
		    g->senders_of_kind[MXA_SENDER_STRANGER]);
}

static void write_failures(struct mxa_buf *b, const struct mxa_judgement *g)
{
	write_names(b, g, fails);
	for (size_t i = 0; i < g->n; i++)
		if (fails(&g->v[i])) {
			mxa_buf_adds(b, ": ");
			mxa_buf_adds(b, mxa_report_cause_text(g->v[i].cause));
			return;
		}
}

static void write_new(struct mxa_buf *b, const struct mxa_judgement *g)
{
	size_t strangers = 0;

	for (size_t i = 0; i < g->n; i++)
		strangers += g->v[i].is_new && !is_new(&g->v[i]);
	write_names(b, g, is_new);
	if (strangers > 0)
		mxa_buf_printf(b, _("; new strangers: %zu"), strangers);
}

static void put_answer(struct received_page *rp, const char *question,
    const struct mxa_judgement *g, sentence_fn *write)
{
	page_element(&rp->p, "dt", NULL, mxa_str_from(question));
	put_sentence(rp, "dd", NULL, g, write);
}

static void put_answers(struct received_page *rp, const struct mxa_judgement *g)
{
	put_sentence(rp, "p", mxa_arena_printf(rp->a, "answer %s", class_of(g)),
	    g, mxa_judge_answer);
	page_markup(&rp->p, "<dl>");
	put_answer(rp, _("What to do first"), g, mxa_judge_first_step);
	put_answer(rp, _("Who sends as this domain"), g, write_senders);
	put_answer(rp, _("What fails, and why"), g, write_failures);
	put_answer(rp, _("New in the last 7 days"), g, write_new);
	put_answer(rp, _("In numbers"), g, mxa_judge_overview);
	page_markup(&rp->p, "</dl>\n");
}

/* --- senders --- */

static void put_what(struct received_page *rp, const struct mxa_judgement *g,
    const struct mxa_sender *s)
{
	struct page *p = &rp->p;
	struct mxa_buf b;

	page_markup(p, "<td><b>");
	page_text(p, s->name);
	page_markup(p, "</b>");
	if (s->is_new)
		page_element(p, "span", "new", mxa_str_from(_("new")));
	page_markup(p, "<small>");
	page_words(p, mxa_sender_text(s));
	if (!s->is_block) {
		page_markup(p, " (");
		page_text(p, s->sum.ip);
		page_markup(p, s->sources > 1 ? ", …)" : ")");
	}
	page_markup(p, "</small>");
	mxa_buf_init(&b, rp->a, MAX_WORDS);
	if (s->kind != MXA_SENDER_STRANGER)
		mxa_sender_missing(&b, g, s);
	if (b.len > 0)
		page_text(p, mxa_buf_str(&b));
	page_markup(p, "</td>");
}

static void put_sender(struct received_page *rp, const struct mxa_judgement *g,
    const struct mxa_sender *s)
{
	struct page *p = &rp->p;
	struct mxa_number_text share =
	    mxa_percent_text(s->sum.aligned, s->sum.messages);

	page_markup(p, "<tr>");
	put_what(rp, g, s);
	page_number_cell(p, s->sum.messages);
	fprintf(p->f, "<td class=\"n\" data-v=\"%.3f\">%s</td>",
	    s->sum.messages ? (double)s->sum.aligned / (double)s->sum.messages
			    : 0,
	    share.p);
	fprintf(p->f, "<td class=\"n small\" data-v=\"%lld\">",
	    (long long)s->sum.first);
	page_day(p, s->sum.first);
	page_markup(p, "<br>");
	page_day(p, s->sum.last);
	page_markup(p, "</td></tr>\n");
}

static void put_sender_table(struct received_page *rp,
    const struct mxa_judgement *g, const char *caption, size_t from, size_t to)
{
	static const char *const columns[] = { N_("sender"), "#" N_("messages"),
		"#" N_("aligned"), "-" N_("first, last"), NULL };

	page_table(&rp->p, caption, columns);
	for (size_t i = from; i < to; i++)
		put_sender(rp, g, &g->v[i]);
	page_table_end(&rp->p);
}

static void put_senders(struct received_page *rp, const struct mxa_judgement *g)
{
	struct page *p = &rp->p;
	size_t shown = 0, all = g->n < MAX_SENDERS ? g->n : MAX_SENDERS;

	while (shown < all && shown < SHOWN_SENDERS &&
	    g->v[shown].kind != MXA_SENDER_STRANGER)
		shown++;
	page_markup(p, "<div><div class=\"tools\"></div>\n");
	put_sender_table(rp, g, _("Senders"), 0, shown);
	if (shown < all) {
		page_markup(p, "<details><summary>");
		page_printf(p, _("%zu more senders"), g->n - shown);
		page_markup(p, "</summary>\n");
		put_sentence(rp, "p", "soft", g, mxa_judge_strangers);
		put_sender_table(rp, g, _("More senders"), shown, all);
		if (all < g->n)
			page_printf(p, _("%zu further ones are not shown."),
			    g->n - all);
		page_markup(p, "</details>\n");
	}
	page_markup(p, "</div>\n");
}

/* --- domains --- */

static void put_domain(struct received_page *rp, size_t i)
{
	const struct mxa_judgement *g = &rp->g[i];
	struct page *p = &rp->p;

	fprintf(p->f,
	    "<section class=\"card\" id=\"d%zu\" "
	    "aria-labelledby=\"h%zu\"><h2 id=\"h%zu\">",
	    i, i, i);
	page_text(p, g->domain);
	page_markup(p, " <span class=\"soft\">p=");
	page_text(p, g->policy.len > 0 ? g->policy : MXA_STR("none"));
	page_markup(p, "</span></h2>\n");
	put_answers(rp, g);
	put_days(rp, g);
	put_senders(rp, g);
	page_markup(p, "</section>\n");
}

static void write_own_failures(struct mxa_buf *b, const struct mxa_judgement *g)
{
	write_names(b, g, is_own_failure);
}

static void put_brief(struct received_page *rp, const struct mxa_judgement *g,
    const char *question, sentence_fn *write)
{
	page_markup(&rp->p, "<div>");
	put_answer(rp, question, g, write);
	page_markup(&rp->p, "</div>");
}

/* The five answers in short: a reader of several domains sees them without
 * turning the page. */
static void put_domain_row(struct received_page *rp, size_t i)
{
	const struct mxa_judgement *g = &rp->g[i];
	struct page *p = &rp->p;

	fprintf(p->f, "<tr><td><a href=\"#d%zu\">", i);
	page_text(p, g->domain);
	page_markup(p, "</a>");
	put_sentence(rp, "small", class_of(g), g, mxa_judge_answer);
	page_markup(p, "<dl class=\"brief\">");
	put_brief(rp, g, _("What to do first"), mxa_judge_first_step);
	put_brief(rp, g, _("Who sends"), write_senders);
	put_brief(rp, g, _("Fails and is yours"), write_own_failures);
	put_brief(rp, g, _("New in the last 7 days"), write_new);
	page_markup(p, "</dl></td>");
	fprintf(p->f, "<td class=\"n small\" data-v=\"%llu\">%s</td>",
	    (unsigned long long)g->messages, mxa_number_text(g->messages).p);
	fprintf(p->f, "<td class=\"n small\" data-v=\"%.3f\">%s</td></tr>\n",
	    g->messages ? (double)g->aligned / (double)g->messages : 0,
	    mxa_percent_text(g->aligned, g->messages).p);
}

static void put_index(struct received_page *rp)
{
	static const char *const columns[] = { N_("domain"), "-" N_("messages"),
		"-" N_("aligned"), NULL };

	if (rp->n < 2)
		return;
	page_table(&rp->p, _("Domains"), columns);
	for (size_t i = 0; i < rp->n; i++)
		put_domain_row(rp, i);
	page_table_end(&rp->p);
}

/* --- reports --- */

static void put_report(struct page *p, const struct mxa_kept_report *r)
{
	page_markup(p, "<tr>");
	page_element(p, "td", NULL, r->report->org);
	page_element(p, "td", NULL, r->report->policy.domain);
	fprintf(p->f, "<td class=\"n\" data-v=\"%lld\">",
	    (long long)r->report->begin);
	page_day(p, r->report->begin);
	page_markup(p, "</td>");
	page_number_cell(p, r->n);
	page_markup(p, "</tr>\n");
}

static void put_reports(struct received_page *rp)
{
	static const char *const columns[] = { N_("reporter"), N_("domain"),
		"#" N_("day"), "#" N_("records"), NULL };
	size_t n = 0;

	page_markup(&rp->p, "<details><summary>");
	page_printf(&rp->p, _("Reports: %s"), mxa_number_text(rp->k->n).p);
	page_markup(&rp->p, "</summary>\n");
	page_table(&rp->p, _("Reports"), columns);
	for (const struct mxa_kept_report *r = rp->k->first;
	     r != NULL && n < MAX_REPORTS; r = r->next, n++)
		put_report(&rp->p, r);
	page_table_end(&rp->p);
	page_markup(&rp->p, "</details>\n");
}

static void judge_domains(struct received_page *rp, const struct mxa_psl *psl,
    struct reverse_names *names)
{
	struct mxa_judge_options o = { .a = rp->a, .psl = psl };
	struct mxa_str *domain;
	size_t n = mxa_judge_domains(rp->k, rp->a, &domain);

	if (names != NULL)
		reverse_names_use(names, &o);
	rp->n = n < MAX_DOMAINS ? n : MAX_DOMAINS;
	rp->g = mxa_arena_calloc(rp->a, rp->n + 1, sizeof(*rp->g));
	for (size_t i = 0; i < rp->n; i++)
		mxa_judge(rp->k, domain[i], &o, &rp->g[i]);
}

static void put_received(
    struct page *p, const struct mxa_kept *k, struct reverse_names *names)
{
	struct received_page rp = { .p = *p, .a = mxa_arena_new(), .k = k };
	const char *error;
	struct mxa_psl *psl = mxa_psl_load(NULL, &error);

	judge_domains(&rp, psl, names);
	put_index(&rp);
	for (size_t i = 0; i < rp.n; i++)
		put_domain(&rp, i);
	put_reports(&rp);
	mxa_psl_free(psl);
	mxa_arena_free(rp.a);
}

bool cli_page_received_file(const struct cli *c, const char *path,
    const struct mxa_kept *k, struct reverse_names *names)
{
	struct page p;

	if (!page_open(&p, c, path, _("DMARC aggregate reports")))
		return false;
	put_received(&p, k, names);
	return page_close(&p);
}
