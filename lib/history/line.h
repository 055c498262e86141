/* line.h - a message as one line of JSON, and back
 * (mxauth-journal(5)). */
#ifndef MXA_HISTORY_LINE_H
#define MXA_HISTORY_LINE_H

#include "base/buf.h"
#include "base/rc.h"
#include "dns/dns.h"
#include "history/fields.h"

struct mxa_arena;

/* What the journal keeps beside the transaction. */
struct mxa_line_dns {
	const struct mxa_evidence *evidence; /* mxa_budget_evidence() */
	size_t n;
	struct mxa_dns_counts counts;
};

/* The line, newline included.  'b' must hold MXA_MAX_JOURNAL_LINE: when a
 * message does not fit, the least important parts are left out ("cut" tells),
 * never half of one.  'dns' may be NULL.  'time' is seconds since 1970. */
void mxa_line_write(struct mxa_buf *b, const struct mxa_txn *t,
    const struct mxa_line_dns *dns, int64_t time);

/* The first line of a file. */
void mxa_line_write_file(struct mxa_buf *b, struct mxa_str file_id,
    struct mxa_str version, int64_t time);

enum mxa_entry_kind { MXA_ENTRY_FILE, MXA_ENTRY_MESSAGE };

/* A line that was read. */
struct mxa_entry {
	enum mxa_entry_kind kind;
	int64_t time;
	/* MXA_ENTRY_FILE: its id.  MXA_ENTRY_MESSAGE: that of the file it was
	 * found in, when the reader knows (history/scan.h). */
	struct mxa_str file_id;
	/* MXA_ENTRY_MESSAGE: everything that decide() reads, the old decision,
	 * and the evidence.  There is no body; msg.headers holds only the
	 * fields that the journal keeps. */
	struct mxa_txn txn;
	struct mxa_evidence *evidence;
	size_t n_evidence;
	struct mxa_dns_counts counts;
	bool cut; /* parts were left out when it was written */
};

/* Read a line (with or without its newline); all text in 'a'.  MXA_ESYNTAX:
 * not JSON, or not a line of ours; MXA_EINVAL: of a later version. */
enum mxa_rc mxa_line_read(
    struct mxa_arena *a, struct mxa_str line, struct mxa_entry *out);

/* The same without some parts (MXA_WITHOUT_…, joined by '|'), which stay empty:
 * a mass import does not need the answers of the DNS, which are most of a
 * line. */
enum mxa_rc mxa_line_read_parts(struct mxa_arena *a, struct mxa_str line,
    unsigned without, struct mxa_entry *out);

#endif
