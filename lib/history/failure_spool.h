/* failure_spool.h - messages that wait for a failure report (RFC 9991): the
 * daemon writes them, `mxauth report send` reads and removes them.
 *
 * A file for each author domain of a message that is told, mode 0640,
 * "ID.failure": a line "mxauth-failure 1 N" with the number of incidents that
 * it stands for, the message as a line of the journal (history/line.h) whose
 * "worst" author domain is the one that is told, then its header section; both
 * without what is private (history/redact.h).  The id is 10 hexadecimal digits
 * of the time and 16 random ones, so that names sort by age.
 *
 * Bounded: MXA_SPOOL_FILES files of at most MXA_SPOOL_FILE bytes, of each
 * policy domain only so many an hour; what is left out counts as an incident of
 * the next one.  Files that nobody took are removed after two days.
 *
 * Nothing here ever refuses mail or waits for anybody: trouble is a phrase for
 * the log, once. */
#ifndef MXA_HISTORY_FAILURE_SPOOL_H
#define MXA_HISTORY_FAILURE_SPOOL_H

#include <stdint.h>

#include "base/clock.h"
#include "base/limits.h"
#include "history/line.h"
#include "history/redact.h"

#define MXA_SPOOL_FILES 1000
#define MXA_SPOOL_FILE (MXA_MAX_JOURNAL_LINE + MXA_MAX_REDACTED + 64)
#define MXA_SPOOL_SECONDS (2 * 86400)
#define MXA_SPOOL_SUFFIX ".failure"
#define MXA_SPOOL_ID 26 /* digits */

struct mxa_arena;
struct mxa_spool;

struct mxa_spool_options {
	const char *directory;
	const char *state_directory; /* as in history/journal.h */
	const struct mxa_clock *clock;
	uint8_t key[MXA_REDACT_KEY]; /* secret, for the hash of local parts */
};

/* Opens nothing; options are copied.  Never NULL. */
struct mxa_spool *mxa_spool_new(const struct mxa_spool_options *o);
void mxa_spool_free(struct mxa_spool *s); /* NULL is fine */

/* Write the message as 'domain', one of t->verdict.dmarc, is to be told, unless
 * there are 'per_hour' of that policy domain already; from any thread.  'dns'
 * may be NULL.  Returns NULL, or what the log should be told (in 'a'): when
 * writing begins to fail, or the directory is full, and when it works again. */
const char *mxa_spool_write(struct mxa_spool *s, struct mxa_arena *a,
    const struct mxa_txn *t, const struct mxa_dmarc_domain *domain,
    const struct mxa_line_dns *dns, uint32_t per_hour);

/* --- reading --- */

struct mxa_spool_entry {
	int64_t incidents; /* at least 1 */
	struct mxa_entry message;
	struct mxa_str headers; /* ASCII with CRLF; may be empty */
};

/* The content of a file; all text in 'a' or in 'bytes'.  False: it is none of
 * ours, or damaged. */
bool mxa_spool_read(
    struct mxa_arena *a, struct mxa_str bytes, struct mxa_spool_entry *out);

/* Whether a file has such a name; the time in it. */
bool mxa_spool_name(struct mxa_str name, int64_t *time);

/* The same file with another number of incidents. */
void mxa_spool_rewrite(
    struct mxa_buf *b, struct mxa_str bytes, int64_t incidents);

#endif
