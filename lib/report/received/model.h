/* model.h - aggregate reports as they were sent (RFC 9990, RFC 7489 appendix
 * C), many of them at once.
 *
 * All texts live in the arena of the collection and are kept once, however
 * often they occur, so that a report of 100 MB needs little memory. */
#ifndef MXA_REPORT_RECEIVED_MODEL_H
#define MXA_REPORT_RECEIVED_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

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
	/* in the collection's arena, each an array */
	const struct mxa_report_reason *reason;
	const struct mxa_report_dkim *auth_dkim;
	const struct mxa_report_spf *auth_spf;
	unsigned char n_reason, n_dkim, n_spf;
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
	struct mxa_report_row *row;
	size_t n, cap;
	size_t left_out; /* rows without a readable address or count */
	bool cut;	 /* the document ended early */
	struct mxa_report *next;
};

/* A file, or a part of one, that could not be read. */
struct mxa_report_error {
	struct mxa_str file, text;
	struct mxa_report_error *next;
};

struct mxa_reports {
	struct mxa_arena *arena;
	struct mxa_report *first, **last;
	size_t n;
	size_t duplicates; /* same organisation and id: counted once */
	struct mxa_report_error *errors, **last_error;
	struct mxa_report_error *warnings, **last_warning;
	struct mxa_report_words *words;
};

struct mxa_reports *mxa_reports_new(void);
void mxa_reports_free(struct mxa_reports *r);

/* The one copy of a text; lower-cased when 'lower'. */
struct mxa_str mxa_reports_word(
    struct mxa_reports *r, struct mxa_str put_text, bool lower);

/* A new report, not yet in the list. */
struct mxa_report *mxa_report_new(struct mxa_reports *r, struct mxa_str file);
void mxa_report_add_row(struct mxa_report *rep, const struct mxa_report_row *);

/* Put it in the list; false: the same organisation and report id is there
 * already. */
bool mxa_reports_add(struct mxa_reports *r, struct mxa_report *rep);
void mxa_report_drop(struct mxa_report *rep);

void mxa_reports_error(
    struct mxa_reports *r, struct mxa_str file, const char *text);
void mxa_reports_warning(
    struct mxa_reports *r, struct mxa_str file, const char *text);

/* An aligned identifier passed: what counts as passed, whatever the
 * disposition says (RFC 9990 section 3.1.1.9). */
bool mxa_report_row_passed(const struct mxa_report_row *row);

#endif
