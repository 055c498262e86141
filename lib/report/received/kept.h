/* kept.h - reports with their rows, for questions that need to look at a row
 * more than once. */
#ifndef MXA_REPORT_RECEIVED_KEPT_H
#define MXA_REPORT_RECEIVED_KEPT_H

#include "report/received/model.h"

/* Rows that are kept; further ones are only counted. */
#define MXA_KEPT_MAX_ROWS 500000

struct mxa_kept_report {
	const struct mxa_report *report;
	struct mxa_report_row *row; /* texts in the collection */
	size_t n, cap;
	struct mxa_kept_report *next;
};

struct mxa_kept {
	struct mxa_reports *reports;
	bool attached; /* the collection is another's */
	struct mxa_kept_report *first, **last;
	struct mxa_kept_report *newest;
	size_t n;    /* reports in the list */
	size_t rows; /* of them */
	size_t not_kept;
	int64_t since; /* reports that ended before are left out */
	/* Called after each report, when not NULL. */
	void (*after)(void *ctx, struct mxa_kept *k);
	void *ctx;
};

/* Reports that are read into k->reports come to the list. */
void mxa_kept_init(struct mxa_kept *k);
void mxa_kept_done(struct mxa_kept *k);

/* For a collection with another sink, which calls the functions below; it is
 * not freed by mxa_kept_done. */
void mxa_kept_attach(struct mxa_kept *k, struct mxa_reports *reports);

/* Forget the rows; texts and the ids of the reports stay. */
void mxa_kept_empty(struct mxa_kept *k);

/* The sink's work, for those who have a report from elsewhere. */
void mxa_kept_begin(struct mxa_kept *k, const struct mxa_report *rep);
void mxa_kept_row(struct mxa_kept *k, const struct mxa_report_row *row);
void mxa_kept_end(struct mxa_kept *k);

#endif
