/* journal.h - the journal's files: one line a message, appended with one
 * write(2) before the MTA gets its answer (doc/evidence.md).
 *
 * A directory of files, each written by one process: YYYYMMDDTHHMMSSZ-ID.jsonl,
 * mode 0640, the first line an object with the file's random id.  The process
 * holds a lock (flock) on its file while it writes there.  A file ends with the
 * UTC day or when it is large enough; the oldest that nobody writes are removed
 * to keep the directory's files within size and age.
 *
 * The directory is made when it is missing, with mode 0750.  A file that was
 * removed or renamed is left, and another one begun, within a second.
 *
 * Nothing here ever refuses mail: trouble is a phrase for the log, once. */
#ifndef MXA_HISTORY_JOURNAL_H
#define MXA_HISTORY_JOURNAL_H

#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "history/line.h"

struct mxa_arena;
struct mxa_journal;

struct mxa_journal_options {
	const char *directory;
	/* Parents of the directory are made as well where they lie below this
	 * one; NULL: none is. */
	const char *state_directory;
	uint64_t max_size; /* bytes of all files; 0: no bound */
	uint64_t max_age;  /* seconds since a file's last write; 0: no bound */
	/* what is not imported is kept up to here; see history/prune.h */
	uint64_t max_unimported;
	const char *writer; /* program and version, for the first line */
	const struct mxa_clock *clock;
};

/* Opens nothing yet; options are copied.  Never NULL. */
struct mxa_journal *mxa_journal_new(const struct mxa_journal_options *o);

/* Make the directory, if it is missing.  False with errno. */
bool mxa_journal_make_directory(const char *directory, const char *state);

/* Make the directory and see whether a file can be begun in it.  False: 'text'
 * says why not, and it is not said again at the first message. */
bool mxa_journal_check(struct mxa_journal *j, char *text, size_t size);

/* The next message begins a file: what wrote to the old one has been told that
 * it is finished.  From any thread.  NULL is fine. */
void mxa_journal_reopen(struct mxa_journal *j);

/* Bytes written since the start.  From any thread. */
uint64_t mxa_journal_bytes(const struct mxa_journal *j);

/* Closes the file.  NULL is fine. */
void mxa_journal_free(struct mxa_journal *j);

/* Append a message; from any thread.  'a' is the caller's.  Returns NULL, or
 * what the log should be told (in 'a'): when writing begins to fail, with the
 * reason; when it works again, with the number of messages lost; and when
 * files were removed that had not been imported. */
const char *mxa_journal_write(struct mxa_journal *j, struct mxa_arena *a,
    const struct mxa_txn *t, const struct mxa_line_dns *dns);

#endif
