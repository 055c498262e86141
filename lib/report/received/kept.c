/* kept.c - the sink that keeps rows. */
#include "report/received/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* The newest report stands apart until its end. */
void mxa_kept_begin(struct mxa_kept *k, const struct mxa_report *rep)
{
	struct mxa_kept_report *kept = mxa_xcalloc(1, sizeof(*kept));

	kept->report = rep;
	k->newest = kept;
}

/* --- copies --- */

static struct mxa_str word_of(struct mxa_kept *k, struct mxa_str s)
{
	return mxa_reports_word(k->reports, s);
}

static const struct mxa_report_dkim *copy_dkim(
    struct mxa_kept *k, const struct mxa_report_row *row)
{
	struct mxa_report_dkim *v =
	    mxa_arena_calloc(k->reports->arena, row->n_dkim, sizeof(*v));

	for (size_t i = 0; i < row->n_dkim; i++) {
		v[i].domain = word_of(k, row->auth_dkim[i].domain);
		v[i].selector = word_of(k, row->auth_dkim[i].selector);
		v[i].result = word_of(k, row->auth_dkim[i].result);
	}
	return v;
}

static const struct mxa_report_spf *copy_spf(
    struct mxa_kept *k, const struct mxa_report_row *row)
{
	struct mxa_report_spf *v =
	    mxa_arena_calloc(k->reports->arena, row->n_spf, sizeof(*v));

	for (size_t i = 0; i < row->n_spf; i++) {
		v[i].domain = word_of(k, row->auth_spf[i].domain);
		v[i].scope = word_of(k, row->auth_spf[i].scope);
		v[i].result = word_of(k, row->auth_spf[i].result);
	}
	return v;
}

static const struct mxa_report_reason *copy_reasons(
    struct mxa_kept *k, const struct mxa_report_row *row)
{
	struct mxa_report_reason *v =
	    mxa_arena_calloc(k->reports->arena, row->n_reason, sizeof(*v));

	for (size_t i = 0; i < row->n_reason; i++) {
		v[i].type = word_of(k, row->reason[i].type);
		v[i].comment = word_of(k, row->reason[i].comment);
	}
	return v;
}

static struct mxa_report_row *next_kept_row(struct mxa_kept_report *kept)
{
	kept->row =
	    mxa_xroom(kept->row, kept->n, &kept->cap, sizeof(*kept->row));
	return &kept->row[kept->n++];
}

void mxa_kept_row(struct mxa_kept *k, const struct mxa_report_row *row)
{
	struct mxa_report_row *to;

	if (k->rows == MXA_KEPT_MAX_ROWS) {
		k->not_kept++;
		return;
	}
	k->rows++;
	to = next_kept_row(k->newest);
	*to = *row;
	to->source_ip = word_of(k, row->source_ip);
	to->disposition = word_of(k, row->disposition);
	to->dkim = word_of(k, row->dkim);
	to->spf = word_of(k, row->spf);
	to->header_from = word_of(k, row->header_from);
	to->envelope_from = word_of(k, row->envelope_from);
	to->envelope_to = word_of(k, row->envelope_to);
	to->auth_dkim = copy_dkim(k, row);
	to->auth_spf = copy_spf(k, row);
	to->reason = copy_reasons(k, row);
}

/* --- the list --- */

static void free_report(struct mxa_kept_report *kept)
{
	if (kept == NULL)
		return;
	free(kept->row);
	free(kept);
}

void mxa_kept_end(struct mxa_kept *k)
{
	struct mxa_kept_report *kept = k->newest;

	k->newest = NULL;
	if (kept->report->end < k->since) {
		k->rows -= kept->n;
		free_report(kept);
		return;
	}
	*k->last = kept;
	k->last = &kept->next;
	k->n++;
	if (k->after != NULL)
		k->after(k->ctx, k);
}

void mxa_kept_empty(struct mxa_kept *k)
{
	struct mxa_kept_report *next;

	for (struct mxa_kept_report *kept = k->first; kept; kept = next) {
		next = kept->next;
		free_report(kept);
	}
	k->first = NULL;
	k->last = &k->first;
	k->n = k->rows = 0;
}

/* --- as a sink --- */

static void begin_report(void *ctx, const struct mxa_report *rep)
{
	mxa_kept_begin(ctx, rep);
}

static void keep_row(
    void *ctx, const struct mxa_report *rep, const struct mxa_report_row *row)
{
	(void)rep;
	mxa_kept_row(ctx, row);
}

static void end_report(void *ctx, const struct mxa_report *rep)
{
	(void)rep;
	mxa_kept_end(ctx);
}

static const struct mxa_report_sink kept_sink = { begin_report, keep_row,
	end_report };

void mxa_kept_init(struct mxa_kept *k)
{
	memset(k, 0, sizeof(*k));
	k->last = &k->first;
	k->reports = mxa_reports_new(&kept_sink, k);
}

void mxa_kept_attach(struct mxa_kept *k, struct mxa_reports *reports)
{
	memset(k, 0, sizeof(*k));
	k->last = &k->first;
	k->reports = reports;
	k->attached = true;
}

void mxa_kept_done(struct mxa_kept *k)
{
	free_report(k->newest);
	mxa_kept_empty(k);
	if (!k->attached)
		mxa_reports_free(k->reports);
	k->reports = NULL;
}
