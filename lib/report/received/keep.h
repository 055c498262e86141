/* keep.h - received reports in the store: each once, however often and by
 * however many it is imported, so that later questions ("what is new?") have an
 * answer. */
#ifndef MXA_REPORT_RECEIVED_KEEP_H
#define MXA_REPORT_RECEIVED_KEEP_H

#include "history/store.h"
#include "report/received/kept.h"

struct mxa_keep_result {
	uint64_t kept, known; /* reports */
	uint64_t rows;	      /* of those that were kept */
};

/* Stores every report of the list, in one transaction that is repeated
 * when another importer was in the way.  A report is known by its organization,
 * id, domain and begin.  Adds to '*out'; false: the store failed, and nothing
 * of the list was stored. */
bool mxa_reports_keep(struct mxa_store *s, const struct mxa_kept *reports,
    struct mxa_keep_result *out);

/* Adds the kept reports that are about 'domain' (canonical), or a parent of it,
 * and ended after 'since'; an empty domain: all.  False: the store failed. */
bool mxa_reports_load(struct mxa_store *s, struct mxa_str domain, int64_t since,
    struct mxa_kept *out);

#endif
