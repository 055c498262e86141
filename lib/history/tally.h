/* tally.h - sums over messages, from which aggregate reports are made.
 *
 * A message adds one to a row for each of its author domains whose policy asks
 * for reports.  A row is what RFC 9990 section 3.1 calls a record: everything
 * of it but the count, in a canonical text, so that equal rows have equal
 * text. */
#ifndef MXA_HISTORY_TALLY_H
#define MXA_HISTORY_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/table.h"
#include "history/line.h"

struct mxa_arena;

#define MXA_ROW_MAX_DKIM 100 /* RFC 9990 section 3.1.3 */
#define MXA_ROW_MAX_COMMENT 200
#define MXA_ROW_ID 33 /* hexadecimal digits of a hash, and NUL */

struct mxa_row_dkim {
	struct mxa_str domain, selector, result;
};

struct mxa_report_line {
	struct mxa_str source_ip;
	struct mxa_str header_from;   /* the author domain */
	struct mxa_str envelope_from; /* empty: the null sender */
	struct mxa_str disposition;   /* none, pass, quarantine, reject */
	bool dkim, spf;		      /* an aligned identifier passed */
	struct mxa_str reason;	      /* type; empty: none */
	struct mxa_str comment;
	struct mxa_row_dkim sig[MXA_ROW_MAX_DKIM];
	size_t n_sig;
	struct mxa_str spf_domain, spf_result; /* both empty: none */
};

/* The row of the author domain 'i' of a message; texts in 'a' or the entry's.
 * False: nobody asks for a report about it, or it is not counted (exempt, or
 * deferred: it comes again). */
bool mxa_report_line_of(struct mxa_arena *a, const struct mxa_entry *e,
    size_t i, struct mxa_report_line *out);

/* The canonical text, in 'a', and back.  False: not such a text. */
struct mxa_str mxa_report_line_format(
    struct mxa_arena *a, const struct mxa_report_line *l);
bool mxa_report_line_parse(struct mxa_str text, struct mxa_report_line *out);

/* Text as the store keeps it: control characters become '?', what goes beyond
 * 'most' bytes is left out.  In 'a', or 's' itself. */
struct mxa_str mxa_store_text(
    struct mxa_arena *a, struct mxa_str s, size_t most);

/* --- sums --- */

struct mxa_sum {
	int64_t day; /* UTC, since 1970 */
	struct mxa_str domain;
	char policy_id[MXA_ROW_ID];
	char row_id[MXA_ROW_ID];
	struct mxa_str body;	/* of the row */
	int64_t n;		/* messages */
	int64_t refused;	/* of them rejected */
	int64_t known;		/* of them passed DMARC and were accepted */
	int64_t ordinary;	/* of them not themselves reports */
	struct mxa_link link;	/* in the table of the batch */
	struct mxa_sum *before; /* that was made before it */
};

struct mxa_policy_seen {
	char policy_id[MXA_ROW_ID];
	struct mxa_str domain, body, rua, ruf;
	int64_t day;			/* the newest of its messages */
	struct mxa_link link;		/* in the table of the batch */
	struct mxa_policy_seen *before; /* that was made before it */
};

struct mxa_tally;

/* Sums of a batch, in an arena of their own. */
struct mxa_tally *mxa_tally_new(void);
void mxa_tally_free(struct mxa_tally *t); /* NULL is fine */
void mxa_tally_reset(struct mxa_tally *t);

/* 'report': the message is itself a report, or goes to our report address. */
void mxa_tally_add(struct mxa_tally *t, const struct mxa_entry *e, bool report);

/* Sums in the order of their keys, policies in that of their ids; arrays in
 * the tally.  Ordered writes are what keeps two importers from waiting for each
 * other in a circle. */
struct mxa_sum **mxa_tally_sums(struct mxa_tally *t, size_t *n);
struct mxa_policy_seen **mxa_tally_policies(struct mxa_tally *t, size_t *n);

/* Bytes held. */
size_t mxa_tally_bytes(const struct mxa_tally *t);

#endif
