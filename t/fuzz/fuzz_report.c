/* fuzz_report.c - any bytes as an aggregate report: XML, archive or mail.
 * What was read is text that fits its places, and comes in order. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "base/ipaddr.h"
#include "report/received/group.h"
#include "report/received/read.h"

struct run {
	struct mxa_reports *reports;
	struct mxa_report_groups groups;
	struct mxa_report_totals totals;
	const struct mxa_report *open;
	size_t rows;
};

static void begin_report(void *ctx, const struct mxa_report *rep)
{
	struct run *r = ctx;

	require(r->open == NULL && rep->org.len > 0);
	r->open = rep;
	r->rows = 0;
}

static void take_row(
    void *ctx, const struct mxa_report *rep, const struct mxa_report_row *row)
{
	struct run *r = ctx;
	struct mxa_ip ip;

	require(r->open == rep);
	require(row->count > 0);
	require(mxa_ip_parse(row->source_ip, &ip));
	require(row->disposition.len == 0 ||
	    memchr(row->disposition.p, '\0', row->disposition.len) == NULL);
	require(mxa_report_cause_name(mxa_report_row_cause(row)) != NULL);
	mxa_report_totals_add(&r->totals, row);
	mxa_report_groups_add(&r->groups, r->reports, rep, row);
	r->rows++;
}

static void end_report(void *ctx, const struct mxa_report *rep)
{
	struct run *r = ctx;

	require(r->open == rep && rep->n == r->rows && rep->n > 0);
	r->open = NULL;
}

static const struct mxa_report_sink sink = { begin_report, take_row,
	end_report };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run r = { .open = NULL };
	uint64_t messages = 0;

	r.reports = mxa_reports_new(&sink, &r);
	mxa_report_groups_init(&r.groups);
	mxa_report_read_bytes(
	    r.reports, MXA_STR("fuzz"), mxa_str_make((const char *)data, size));
	require(r.open == NULL);
	mxa_report_groups_sort(&r.groups);
	for (size_t i = 0; i < r.groups.n; i++)
		messages += r.groups.v[i].count;
	require(r.totals.messages == messages);
	require(r.totals.passed + r.totals.failed == messages);
	mxa_report_groups_done(&r.groups);
	mxa_reports_free(r.reports);
	return 0;
}
