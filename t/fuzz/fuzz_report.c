/* fuzz_report.c - any bytes as an aggregate report: XML, archive or mail.
 * What was read is text that fits its places. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "base/ipaddr.h"
#include "report/received/group.h"
#include "report/received/read.h"

static void check_row(const struct mxa_report_row *row)
{
	struct mxa_ip ip;

	require(row->count > 0);
	require(mxa_ip_parse(row->source_ip, &ip));
	require(memchr(row->disposition.len ? row->disposition.p : "x", '\0',
		    row->disposition.len) == NULL);
	require(mxa_report_cause_name(mxa_report_row_cause(row)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_reports *r = mxa_reports_new();
	struct mxa_report_groups g;
	uint64_t messages = 0;

	mxa_report_read_bytes(
	    r, MXA_STR("fuzz"), mxa_str_make((const char *)data, size));
	for (const struct mxa_report *rep = r->first; rep; rep = rep->next) {
		require(rep->n > 0);
		for (size_t i = 0; i < rep->n; i++) {
			check_row(&rep->row[i]);
			messages += rep->row[i].count;
		}
	}
	mxa_report_groups_make(r, &g);
	require(g.totals.messages == messages);
	require(g.totals.passed + g.totals.failed == messages);
	mxa_report_groups_done(&g);
	mxa_reports_free(r);
	return 0;
}
