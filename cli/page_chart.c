/* page_chart.c - see page_chart.h. */
#include "cli/page_chart.h"

#include "base/date.h"
#include "base/i18n.h"
#include "report/received/judge.h"

#define CHART_WIDTH 900
#define CHART_HEIGHT 160
#define HEADROOM 10
#define MAX_BAR 60
#define LABELLED_DAYS 4 /* so many days have a date each */

struct drawing {
	const struct page_chart *c;
	double step;   /* width of a day */
	uint64_t most; /* messages of a day */
	uint64_t sum[PAGE_CHART_KINDS];
};

static double height_of(const struct drawing *d, uint64_t n)
{
	return (double)n * (CHART_HEIGHT - HEADROOM) / (double)d->most;
}

static void sum_days(struct drawing *d)
{
	d->most = 1;
	for (size_t i = 0; i < d->c->days; i++) {
		uint64_t all = 0;

		for (size_t k = 0; k < d->c->kinds; k++) {
			d->sum[k] += d->c->day[i].n[k];
			all += d->c->day[i].n[k];
		}
		d->most = all > d->most ? all : d->most;
	}
}

/* The bars of one kind are one path; those of kinds before it stand below. */
static void put_bars(struct page *p, const struct drawing *d, size_t kind)
{
	double width = d->step > 3 ? d->step * 0.8 : d->step;

	if (width > MAX_BAR)
		width = MAX_BAR;
	fprintf(p->f, "<path class=\"%s\" d=\"", d->c->kind[kind].class);
	for (size_t i = 0; i < d->c->days; i++) {
		const struct page_chart_day *day = &d->c->day[i];
		double x = d->step * ((double)i + 0.5) - width / 2;
		double y = CHART_HEIGHT, h = height_of(d, day->n[kind]);

		for (size_t k = 0; k < kind; k++)
			y -= height_of(d, day->n[k]);
		if (day->n[kind] > 0)
			fprintf(p->f, "M%.1f %.1fh%.1fv-%.1fh-%.1fz", x, y,
			    width, h, width);
	}
	page_markup(p, "\"/>\n");
}

/* What the pointer finds: a day and its numbers. */
static void put_hit(struct page *p, const struct drawing *d, size_t i)
{
	const struct page_chart_day *day = &d->c->day[i];

	fprintf(p->f,
	    "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
	    "height=\"%d\"><title>",
	    day->known ? "hit" : "gap", d->step * (double)i,
	    day->known ? 0 : CHART_HEIGHT - 3, d->step,
	    day->known ? CHART_HEIGHT : 3);
	page_day(p, day->day * MXA_DAY_SECONDS);
	if (!day->known) {
		page_markup(p, ": ");
		page_words(p, d->c->gap);
	}
	for (size_t k = 0; k < d->c->kinds; k++)
		if (day->n[k] > 0)
			page_printf(p, ", %s %s", _(d->c->kind[k].label),
			    mxa_number_text(day->n[k]).p);
	page_markup(p, "</title></rect>\n");
}

/* Dates are text beside the chart: they stay readable on small screens. */
static void put_dates(struct page *p, const struct page_chart *c)
{
	bool each = c->days <= LABELLED_DAYS;
	size_t n = each ? c->days : 3;

	fprintf(p->f, "<div class=\"dates%s\">", each ? " each" : "");
	for (size_t i = 0; i < n; i++) {
		size_t day = each ? i : i * (c->days - 1) / 2;

		page_markup(p, "<span>");
		page_day(p, c->day[day].day * MXA_DAY_SECONDS);
		page_markup(p, "</span>");
	}
	page_markup(p, "</div>\n");
}

static void put_key(struct page *p, const struct drawing *d)
{
	page_markup(p, "<div class=\"key\">");
	for (size_t k = 0; k < d->c->kinds; k++) {
		fprintf(p->f,
		    "<span><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\">"
		    "<path class=\"%s\" d=\"M0 0h10v10h-10z\"/></svg>",
		    d->c->kind[k].class);
		page_printf(p, "%s %s", _(d->c->kind[k].label),
		    mxa_number_text(d->sum[k]).p);
		page_markup(p, "</span>");
	}
	page_markup(p, "<span class=\"soft\">");
	page_printf(p, _("most on one day: %s"), mxa_number_text(d->most).p);
	page_markup(p, "</span></div>\n");
}

static void put_day_row(struct page *p, const struct page_chart *c,
    const struct page_chart_day *day)
{
	page_markup(p, "<tr><td class=\"n\">");
	page_day(p, day->day * MXA_DAY_SECONDS);
	page_markup(p, "</td>");
	for (size_t k = 0; k < c->kinds; k++)
		page_element(p, "td", c->kind[k].small ? "n small" : "n",
		    mxa_str_from(mxa_number_text(day->n[k]).p));
	page_markup(p, "</tr>\n");
}

/* The newest day first; gaps are left out. */
static void put_days(struct page *p, const struct page_chart *c)
{
	page_markup(p, "<details><summary>");
	page_words(p, _("By day"));
	page_markup(p, "</summary><table>");
	page_element(p, "caption", NULL, mxa_str_from(c->label));
	page_markup(p, "<thead><tr><th scope=\"col\" class=\"n\">");
	page_words(p, _("day"));
	page_markup(p, "</th>");
	for (size_t k = 0; k < c->kinds; k++) {
		page_markup(p,
		    c->kind[k].small ? "<th scope=\"col\" class=\"n small\">"
				     : "<th scope=\"col\" class=\"n\">");
		page_words(p, _(c->kind[k].label));
		page_markup(p, "</th>");
	}
	page_markup(p, "</tr></thead><tbody>\n");
	for (size_t i = c->days; i > 0; i--)
		if (c->day[i - 1].known)
			put_day_row(p, c, &c->day[i - 1]);
	page_markup(p, "</tbody></table></details>\n");
}

void page_chart(struct page *p, const struct page_chart *c)
{
	struct drawing d = { .c = c };

	if (c->days == 0)
		return;
	d.step = (double)CHART_WIDTH / (double)c->days;
	sum_days(&d);
	put_key(p, &d);
	fprintf(p->f,
	    "<svg class=\"days\" role=\"img\" viewBox=\"0 0 %d %d\" "
	    "aria-label=\"",
	    CHART_WIDTH, CHART_HEIGHT);
	page_words(p, c->label);
	page_markup(p, "\">\n");
	fprintf(p->f,
	    "<line x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>"
	    "<line x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n",
	    CHART_WIDTH, HEADROOM, HEADROOM, CHART_WIDTH, CHART_HEIGHT,
	    CHART_HEIGHT);
	for (size_t k = 0; k < c->kinds; k++)
		put_bars(p, &d, k);
	for (size_t i = 0; i < c->days; i++)
		put_hit(p, &d, i);
	page_markup(p, "</svg>\n");
	put_dates(p, c);
	put_days(p, c);
}
