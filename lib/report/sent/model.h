/* model.h - one of our aggregate reports: who reports, about which domain and
 * day, its names.  All of it follows from the store and the settings, so that
 * a report that is made again has the same names and bytes. */
#ifndef MXA_REPORT_SENT_MODEL_H
#define MXA_REPORT_SENT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "history/store.h"
#include "history/tally.h"

struct mxa_arena;
struct mxa_conf;

#define MXA_REPORT_DAY 86400
/* A period is due at the latest so long after its end. */
#define MXA_REPORT_GRACE (6 * 3600)
/* Hosts that wrote in this time are waited for. */
#define MXA_REPORT_HOSTS_SECONDS (48 * 3600)
/* Days that ended longer ago get no report any more. */
#define MXA_REPORT_TOO_OLD (3 * 86400)

/* Who reports. */
struct mxa_reporter {
	struct mxa_str organization;
	struct mxa_str from;	  /* address */
	struct mxa_str domain;	  /* of it: "receiver", "Submitter" */
	struct mxa_str contact;	  /* may be empty */
	struct mxa_str generator; /* program and version */
	bool psl; /* discovery by public suffix list, not by tree walk */
};

/* False: reports.from is not set. */
bool mxa_reporter_init(struct mxa_arena *a, const struct mxa_conf *conf,
    struct mxa_str generator, struct mxa_reporter *out);

struct mxa_sent_report {
	struct mxa_str id; /* letters and digits only, so that it may stand in
			      the file name (RFC 9990 section 3.1.4) */
	struct mxa_str domain;
	struct mxa_str policy_id;
	int64_t begin, end; /* seconds, end inclusive */
};

/* The id of the report about a domain's policy on a day; in 'a'. */
struct mxa_str mxa_sent_report_id(struct mxa_arena *a,
    const struct mxa_reporter *who, struct mxa_str domain,
    struct mxa_str policy_id, int64_t day);

/* "receiver!domain!begin!end!id.xml.gz" */
struct mxa_str mxa_sent_report_filename(struct mxa_arena *a,
    const struct mxa_reporter *who, const struct mxa_sent_report *r);

#endif
