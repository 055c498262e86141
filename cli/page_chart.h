/* page_chart.h - messages by day, as a chart of stacked bars on a true axis of
 * time, and as a table for those who do not see it. */
#ifndef MXA_CLI_PAGE_CHART_H
#define MXA_CLI_PAGE_CHART_H

#include "cli/page.h"

#define PAGE_CHART_KINDS 5
#define PAGE_CHART_MAX_DAYS 400

struct page_chart_day {
	int64_t day;		      /* since 1970 */
	uint64_t n[PAGE_CHART_KINDS]; /* messages */
	bool known;		      /* false: a gap */
};

struct page_chart_kind {
	const char *class; /* its colour: pass, failed, quarantined, refused */
	const char *label; /* not yet translated */
	bool small;	   /* its column is left out on small screens */
};

struct page_chart {
	const struct page_chart_kind *kind; /* the first ones stand below */
	size_t kinds;			    /* at most PAGE_CHART_KINDS */
	const struct page_chart_day *day;   /* in order, without a gap */
	size_t days;
	const char *label; /* for those who do not see it; translated */
	const char *gap;   /* what a day that is not known is; translated */
};

/* The chart, with its key and the sums, and folded the table of its numbers.
 * Without days: nothing. */
void page_chart(struct page *p, const struct page_chart *c);

#endif
