/* model.h - aggregate reports as they were sent (RFC 9990, RFC 7489 appendix
 * C), many of them at once.
 *
 * Records are handed to a sink one by one and never kept, so that a report with
 * millions of them needs little memory.  What is kept of a report are its
 * metadata and sums. */
#ifndef MXA_REPORT_RECEIVED_MODEL_H
#define MXA_REPORT_RECEIVED_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"

struct mxa_arena;

struct mxa_report_dkim {
	struct mxa_str domain, selector, result;
};

struct mxa_report_spf {
	struct mxa_str domain, scope, result;
};

struct mxa_report_reason {
	struct mxa_str type, comment;
};

struct mxa_report_row {
	struct mxa_str source_ip; /* usual short form */
	uint64_t count;
	struct mxa_str disposition, dkim, spf; /* as reported, lower case */
	struct mxa_str header_from, envelope_from, envelope_to;
	const struct mxa_report_reason *reason;
	const struct mxa_report_dkim *auth_dkim;
	const struct mxa_report_spf *auth_spf;
	size_t n_reason, n_dkim, n_spf;
};

/* What became of a message, as the report says. */
enum mxa_report_outcome {
	MXA_REPORT_PASSED,    /* delivered, an aligned identifier passed */
	MXA_REPORT_DELIVERED, /* delivered although none did */
	MXA_REPORT_QUARANTINED,
	MXA_REPORT_REJECTED,
	MXA_REPORT_OUTCOMES,
};

struct mxa_report_policy {
	struct mxa_str domain, p, sp, np, adkim, aspf, pct, fo, testing,
	    discovery;
};

struct mxa_report {
	struct mxa_str file; /* where it was found */
	struct mxa_str org, email, report_id, contact, error;
	int64_t begin, end; /* seconds since 1970 */
	struct mxa_report_policy policy;
	size_t n;	 /* usable rows */
	size_t left_out; /* rows without a readable address or count */
	uint64_t messages[MXA_REPORT_OUTCOMES];
	/* The metadata and the policy came before the rows, as they do in
	 * practice; else they are known at the end only. */
	bool head_known;
	struct mxa_report *next;
	struct mxa_link link; /* among those with an id */
};

/* Who takes the rows.  'row' and its texts are valid during the call. */
struct mxa_report_sink {
	/* before its first row */
	void (*begin)(void *ctx, const struct mxa_report *rep);
	void (*row)(void *ctx, const struct mxa_report *rep,
	    const struct mxa_report_row *row);
	void (*end)(void *ctx, const struct mxa_report *rep);
};

/* A file, or a part of one, that could not be read. */
struct mxa_report_error {
	struct mxa_str file, text;
	struct mxa_report_error *next;
};

struct mxa_reports {
	struct mxa_arena *arena;
	const struct mxa_report_sink *sink;
	void *ctx; /* of the sink */
	struct mxa_report *first, **last;
	size_t n;
	/* same organization, id, domain and begin: counted once */
	size_t duplicates;
	struct mxa_table ids;
	struct mxa_report_error *errors, **last_error;
	struct mxa_report_error *warnings, **last_warning;
	struct mxa_report_words *words;
};

struct mxa_reports *mxa_reports_new(
    const struct mxa_report_sink *sink, void *ctx);
void mxa_reports_free(struct mxa_reports *r);

/* The one copy of a text, in the arena of the collection. */
struct mxa_str mxa_reports_word(struct mxa_reports *r, struct mxa_str text);

/* A new report, not yet in the list. */
struct mxa_report *mxa_report_new(struct mxa_reports *r, struct mxa_str file);

/* Put it in the list; false: the same one (organization, id, domain, begin) is
 * there already. */
bool mxa_reports_add(struct mxa_reports *r, struct mxa_report *rep);

void mxa_reports_error(
    struct mxa_reports *r, struct mxa_str file, const char *text);
void mxa_reports_warning(
    struct mxa_reports *r, struct mxa_str file, const char *text);

/* An aligned identifier passed: what counts as passed, whatever the
 * disposition says (RFC 9990 section 3.1.1.9). */
bool mxa_report_row_passed(const struct mxa_report_row *row);

enum mxa_report_outcome mxa_report_row_outcome(
    const struct mxa_report_row *row);

/* 64 bits of a text, different in every process: for hash tables whose keys
 * strangers choose. */
uint64_t mxa_report_hash(struct mxa_str s);

#endif
