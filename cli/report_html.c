/* report_html.c - the page: totals, volume by day, sources by outcome, groups.
 * The charts are inline SVG. */
#include "cli/report_html.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/i18n.h"

#define MAX_DAYS 400
#define SHOWN_SOURCES 20
#define CHART_WIDTH 860
#define CHART_HEIGHT 220

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:60em;"
    "padding:0 1em}"
    "h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.35em .6em;border-bottom:1px solid #8884;"
    "vertical-align:top}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".tiles{display:flex;flex-wrap:wrap;gap:1em}"
    ".tile{border:1px solid #8886;border-radius:.5em;padding:.6em 1em;"
    "min-width:7em}.tile b{display:block;font-size:1.5em}"
    "svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;"
    "fill:currentColor}"
    ".pass{fill:#2e8b57;background:#2e8b57}"
    ".failed{fill:#d9a400;background:#d9a400}"
    ".quarantined{fill:#e07020;background:#e07020}"
    ".rejected{fill:#c0392b;background:#c0392b}"
    ".key i{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em;"
    "border-radius:.15em}small{opacity:.75}";

/* In the order of enum mxa_report_outcome. */
#define OUTCOMES MXA_REPORT_OUTCOMES

static const char *const classes[OUTCOMES] = { "pass", "failed", "quarantined",
	"rejected" };

static const char *const labels[OUTCOMES] = { N_("passed"),
	N_("failed, delivered"), N_("quarantined"), N_("refused") };

struct bar {
	struct mxa_str label;
	int64_t day;
	uint64_t n[OUTCOMES], total;
};

static void put_text(FILE *f, struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		switch (s.p[i]) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(s.p[i], f);
		}
	}
}

static void put_words(FILE *f, const char *s)
{
	put_text(f, mxa_str_from(s));
}

static void day_text(FILE *f, int64_t day)
{
	time_t t = (time_t)(day * 86400);
	struct tm tm;
	char out[32];

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(out, sizeof(out), "%Y-%m-%d", &tm) > 0)
		fputs(out, f);
}

static void add_count(struct bar *b, int o, uint64_t n)
{
	b->n[o] += n;
	b->total += n;
}

/* --- volume by day --- */

static int by_day(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

static size_t make_days(const struct mxa_reports *r, struct bar *day)
{
	size_t n = 0;

	for (const struct mxa_report *rep = r->first; rep; rep = rep->next) {
		int64_t when = rep->begin / 86400;
		size_t at = 0;

		while (at < n && day[at].day != when)
			at++;
		if (at == n && n == MAX_DAYS)
			continue;
		if (at == n)
			day[n++] = (struct bar){ .day = when };
		for (int o = 0; o < OUTCOMES; o++)
			add_count(&day[at], o, rep->messages[o]);
	}
	qsort(day, n, sizeof(*day), by_day);
	return n;
}

static void put_column(
    FILE *f, const struct bar *b, double x, double width, uint64_t most)
{
	double y = CHART_HEIGHT - 20;

	for (int o = 0; o < OUTCOMES; o++) {
		double height = most
		    ? (double)b->n[o] * (CHART_HEIGHT - 40) / (double)most
		    : 0;

		if (b->n[o] == 0)
			continue;
		y -= height;
		fprintf(f,
		    "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		    "height=\"%.1f\"><title>",
		    classes[o], x, y, width, height);
		day_text(f, b->day);
		fputs(": ", f);
		put_words(f, _(labels[o]));
		fprintf(f, " %lu</title></rect>\n", (unsigned long)b->n[o]);
	}
}

static void chart_days(FILE *f, const struct bar *day, size_t n)
{
	double step = (double)(CHART_WIDTH - 60) / (double)(n ? n : 1);
	double width = step * 0.8 < 60 ? step * 0.8 : 60;
	size_t every = n > 10 ? n / 10 + 1 : 1;
	uint64_t most = 0;

	for (size_t i = 0; i < n; i++)
		most = day[i].total > most ? day[i].total : most;
	fprintf(f,
	    "<svg id=\"by-day\" role=\"img\" viewBox=\"0 0 %d %d\">\n"
	    "<text x=\"0\" y=\"25\">%lu</text><text x=\"0\" y=\"%d\">0</text>\n"
	    "<line x1=\"50\" x2=\"%d\" y1=\"%d\" y2=\"%d\" "
	    "stroke=\"currentColor\"/>\n",
	    CHART_WIDTH, CHART_HEIGHT, (unsigned long)most, CHART_HEIGHT - 20,
	    CHART_WIDTH, CHART_HEIGHT - 20, CHART_HEIGHT - 20);
	for (size_t i = 0; i < n; i++) {
		double x = 55 + step * (double)i;

		put_column(f, &day[i], x, width, most);
		if (i % every != 0)
			continue;
		fprintf(f, "<text x=\"%.1f\" y=\"%d\">", x, CHART_HEIGHT - 5);
		day_text(f, day[i].day);
		fputs("</text>\n", f);
	}
	fputs("</svg>\n", f);
}

/* --- sources by outcome --- */

static int by_label(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	return strcmp(x->label.p, y->label.p);
}

static int by_total(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	if (x->total != y->total)
		return x->total > y->total ? -1 : 1;
	return strcmp(x->label.p, y->label.p);
}

/* One bar a source, the busiest first; malloc. */
static struct bar *make_sources(
    const struct mxa_report_groups *g, size_t *count)
{
	struct bar *v = mxa_xcalloc(g->n, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct mxa_report_group *from = &g->v[i];
		bool passed = from->cause <= MXA_RC_PASS_DKIM;

		v[i].label = from->source_ip;
		add_count(&v[i],
		    passed ? MXA_REPORT_PASSED : MXA_REPORT_DELIVERED,
		    from->delivered);
		add_count(&v[i], MXA_REPORT_QUARANTINED, from->quarantined);
		add_count(&v[i], MXA_REPORT_REJECTED, from->rejected);
	}
	qsort(v, g->n, sizeof(*v), by_label);
	for (size_t i = 0; i < g->n; i++) {
		if (n == 0 || !mxa_str_eq(v[n - 1].label, v[i].label)) {
			v[n++] = v[i];
			continue;
		}
		for (int o = 0; o < OUTCOMES; o++)
			add_count(&v[n - 1], o, v[i].n[o]);
	}
	qsort(v, n, sizeof(*v), by_total);
	*count = n;
	return v;
}

static void source_bar(FILE *f, const struct bar *b, size_t row, uint64_t most)
{
	double x = 300, y = (double)row * 22 + 4;

	fprintf(f, "<text x=\"0\" y=\"%.0f\">", y + 13);
	put_text(f, b->label);
	fputs("</text>\n", f);
	for (int o = 0; o < OUTCOMES; o++) {
		double width = (double)b->n[o] * 480 / (double)most;

		if (b->n[o] == 0)
			continue;
		fprintf(f,
		    "<rect class=\"%s\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" "
		    "height=\"16\"><title>",
		    classes[o], x, y, width);
		put_words(f, _(labels[o]));
		fprintf(f, " %lu</title></rect>\n", (unsigned long)b->n[o]);
		x += width;
	}
	fprintf(f, "<text x=\"%.1f\" y=\"%.0f\">%lu</text>\n", x + 6, y + 13,
	    (unsigned long)b->total);
}

static void chart_sources(FILE *f, const struct mxa_report_groups *g)
{
	size_t n = 0, shown;
	struct bar *v = make_sources(g, &n);

	shown = n < SHOWN_SOURCES ? n : SHOWN_SOURCES;
	fprintf(f,
	    "<svg id=\"by-source\" role=\"img\" viewBox=\"0 0 %d %zu\">\n",
	    CHART_WIDTH, shown * 22 + 8);
	for (size_t i = 0; i < shown; i++)
		source_bar(f, &v[i], i, v[0].total ? v[0].total : 1);
	fputs("</svg>\n", f);
	if (n > shown) {
		fputs("<p><small>", f);
		fprintf(
		    f, _("%zu further sources are in the table."), n - shown);
		fputs("</small></p>\n", f);
	}
	free(v);
}

static void colour_key(FILE *f)
{
	fputs("<p class=\"key\">", f);
	for (int o = 0; o < OUTCOMES; o++) {
		fprintf(f, "<i class=\"%s\"></i>", classes[o]);
		put_words(f, _(labels[o]));
	}
	fputs("</p>\n", f);
}

/* --- tables --- */

static void put_tile(FILE *f, const char *label, uint64_t n)
{
	fprintf(f, "<div class=\"tile\"><b>%lu</b>", (unsigned long)n);
	put_words(f, label);
	fputs("</div>\n", f);
}

static void put_tiles(FILE *f, const struct mxa_report_totals *t)
{
	fputs("<div class=\"tiles\">\n", f);
	put_tile(f, _("reports"), t->reports);
	put_tile(f, _("messages"), t->messages);
	put_tile(f, _("passed"), t->passed);
	put_tile(f, _("failed"), t->failed);
	put_tile(f, _("quarantined"), t->quarantined);
	put_tile(f, _("refused"), t->rejected);
	put_tile(f, _("sources"), t->sources);
	fputs("</div>\n", f);
}

static void put_cell(FILE *f, struct mxa_str s)
{
	fputs("<td>", f);
	put_text(f, s);
	fputs("</td>", f);
}

static void group_table(FILE *f, const struct mxa_report_groups *g)
{
	fprintf(f,
	    "<table id=\"groups\"><thead><tr><th>%s</th><th>%s</th>"
	    "<th class=\"n\">%s</th><th class=\"n\">%s</th><th>%s</th></tr>"
	    "</thead><tbody>\n",
	    _("author domain"), _("source"), _("messages"), _("refused"),
	    _("what it means"));
	for (size_t i = 0; i < g->n; i++) {
		const struct mxa_report_group *v = &g->v[i];

		fputs("<tr>", f);
		put_cell(f, v->author);
		put_cell(f, v->source_ip);
		fprintf(f, "<td class=\"n\">%lu</td><td class=\"n\">%lu</td>",
		    (unsigned long)v->count, (unsigned long)v->rejected);
		fputs("<td>", f);
		put_words(f, mxa_report_cause_text(v->cause));
		if (v->other.len > 0 && !mxa_str_eq(v->other, v->author)) {
			fputs(" (", f);
			put_text(f, v->other);
			fputs(")", f);
		}
		fputs("<br><small>", f);
		put_words(f, mxa_report_cause_advice(v->cause));
		fputs("</small></td></tr>\n", f);
	}
	fputs("</tbody></table>\n", f);
}

static void report_table(FILE *f, const struct mxa_reports *r)
{
	fprintf(f,
	    "<table id=\"reports\"><thead><tr><th>%s</th><th>%s</th>"
	    "<th>%s</th><th>%s</th><th class=\"n\">%s</th></tr></thead>"
	    "<tbody>\n",
	    _("reporter"), _("domain"), _("day"), _("policy"), _("records"));
	for (const struct mxa_report *rep = r->first; rep; rep = rep->next) {
		fputs("<tr>", f);
		put_cell(f, rep->org);
		put_cell(f, rep->policy.domain);
		fputs("<td>", f);
		day_text(f, rep->begin / 86400);
		fputs("</td><td>p=", f);
		put_text(f, rep->policy.p);
		fprintf(f, "</td><td class=\"n\">%zu</td></tr>\n", rep->n);
	}
	fputs("</tbody></table>\n", f);
}

static void put_heading(FILE *f, const char *s)
{
	fputs("<h2>", f);
	put_words(f, s);
	fputs("</h2>\n", f);
}

void cli_report_html(FILE *f, const struct mxa_reports *r,
    const struct mxa_report_totals *t, const struct mxa_report_groups *g)
{
	struct bar *day = mxa_xcalloc(MAX_DAYS, sizeof(*day));
	size_t days = make_days(r, day);

	fputs("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
	      "<meta name=\"viewport\" content=\"width=device-width\">"
	      "<title>mxauth</title><style>",
	    f);
	fputs(style, f);
	fputs("</style></head><body>\n<h1>", f);
	put_words(f, _("DMARC aggregate reports"));
	fputs("</h1>\n", f);
	put_tiles(f, t);
	put_heading(f, _("Messages by day and result"));
	colour_key(f);
	chart_days(f, day, days);
	put_heading(f, _("Sources by outcome"));
	chart_sources(f, g);
	put_heading(f, _("What the sources did, and what to do"));
	group_table(f, g);
	put_heading(f, _("Reports"));
	report_table(f, r);
	fputs("</body></html>\n", f);
	free(day);
}
