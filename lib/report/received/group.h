/* group.h - rows of all reports put together by author domain, source and
 * cause, with what each group means and what to do about it. */
#ifndef MXA_REPORT_RECEIVED_GROUP_H
#define MXA_REPORT_RECEIVED_GROUP_H

#include "report/received/model.h"

/* Why the rows of a group came out as they did. */
enum mxa_report_cause {
	MXA_RC_PASS_BOTH,
	MXA_RC_PASS_SPF,      /* unsigned, or the signature is not aligned */
	MXA_RC_PASS_DKIM,     /* SPF did not: forwarded, or not listed */
	MXA_RC_NO_SPF_RECORD, /* nothing passed, the domain had no record */
	MXA_RC_SPF_ERROR,     /* nothing passed, permerror or temperror */
	MXA_RC_UNALIGNED,     /* something passed, for another domain */
	MXA_RC_DKIM_BROKEN,   /* the domain's own signature failed */
	MXA_RC_NOT_LISTED,    /* SPF fails and nothing signed */
	MXA_RC_NO_RESULTS,    /* the report gives no reasons */
	MXA_RCAUSES,
};

/* A stable word for JSON: "pass", "spf-missing", … */
const char *mxa_report_cause_name(enum mxa_report_cause c);

/* What it means, a sentence (translated). */
const char *mxa_report_cause_text(enum mxa_report_cause c);

/* What to do, a sentence (translated); "" when nothing is to be done. */
const char *mxa_report_cause_advice(enum mxa_report_cause c);

enum mxa_report_cause mxa_report_row_cause(const struct mxa_report_row *row);

/* The SPF result about MAIL FROM; that about HELO only when there is no other.
 * NULL: none was reported. */
const struct mxa_report_spf *mxa_report_row_spf(
    const struct mxa_report_row *row);

/* The signature of the author's domain, its parent or one below; NULL. */
const struct mxa_report_dkim *mxa_report_row_signature(
    const struct mxa_report_row *row);

/* The domain of a result that passed, of another organization than the
 * author's; "" if none did. */
struct mxa_str mxa_report_row_elsewhere(const struct mxa_report_row *row);

struct mxa_report_group {
	struct mxa_str author; /* header_from */
	struct mxa_str source_ip;
	enum mxa_report_cause cause;
	struct mxa_str other; /* the unaligned domain, or the SPF domain */
	uint64_t count;
	/* of them */
	uint64_t delivered, quarantined, rejected;
	uint64_t overridden;	 /* a receiver made an exception */
	struct mxa_str override; /* its first reason's type */
	int64_t first, last;	 /* periods: earliest begin, latest end */
};

struct mxa_report_totals {
	uint64_t messages, passed, failed, quarantined, rejected;
	size_t reports, rows, sources;
};

/* Sums of all rows. */
void mxa_report_totals_add(
    struct mxa_report_totals *t, const struct mxa_report_row *row);

/* --- groups --- */

/* Groups that are kept; rows of further ones count in the sums only. */
#define MXA_REPORT_MAX_GROUPS 300000

struct mxa_report_groups {
	struct mxa_report_group *v;
	size_t n;
	size_t not_kept; /* rows of further groups */
	struct mxa_report_table *table;
};

/* Texts of the groups live in the collection. */
void mxa_report_groups_init(struct mxa_report_groups *g);
void mxa_report_groups_add(struct mxa_report_groups *g, struct mxa_reports *r,
    const struct mxa_report *rep, const struct mxa_report_row *row);

/* The group of mail from the same source that passed by SPF after 'failed'
 * did not for want of a record that lists it: one was published meanwhile.
 * NULL: there is none, or it failed for another cause. */
const struct mxa_report_group *mxa_report_group_published(
    const struct mxa_report_groups *g, const struct mxa_report_group *failed);

/* Author by author; what fails first, then by count. */
void mxa_report_groups_sort(struct mxa_report_groups *g);
void mxa_report_groups_done(struct mxa_report_groups *g);

#endif
