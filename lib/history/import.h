/* import.h - journals into the store.
 *
 * What a batch of lines adds and how far the file has been read are committed
 * together, the latter only if nobody else has moved it.  So nothing is lost
 * and nothing counts twice, whatever is interrupted wherever, and however many
 * import the same file at once. */
#ifndef MXA_HISTORY_IMPORT_H
#define MXA_HISTORY_IMPORT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "history/store.h"

struct mxa_import_options {
	struct mxa_store *store;
	struct mxa_str host;	/* whose journals these are */
	int64_t messages_since; /* rows for messages of this day (UTC, since
				   1970) and later; INT64_MAX: sums only */
	/* Addresses of our reports' senders: mail to them is report traffic. */
	struct mxa_str own_address[2];
	bool whole;   /* mailboxes in stories are not cut (story.h) */
	size_t batch; /* lines; 0: a good number */
	const volatile sig_atomic_t *stop; /* not 0: end after this batch */
	/* Called after each batch; may be NULL. */
	void (*progress)(void *ctx, const char *path, uint64_t lines);
	void *ctx;
};

struct mxa_import_result {
	uint64_t files;	   /* read at all */
	uint64_t lines;	   /* read now */
	uint64_t messages; /* of them not exempt from verification */
	uint64_t bad;	   /* lines that could not be read */
	uint64_t late;	   /* sums for days whose reports are made already */
	uint64_t waiting;  /* bytes not read yet */
	int64_t newest;	   /* time of the newest message seen */
	bool complete;	   /* everything up to the end of every file */
	/* What is wrong with the files, one line each, in the arena of the
	 * caller. */
	struct mxa_buf *complaints;
};

/* A journal's directory, or one file.  What there was is in the store when the
 * state is MXA_STORE_OK; otherwise call it again later.  'out' is added to. */
enum mxa_store_state mxa_import(const struct mxa_import_options *o,
    const char *path, struct mxa_import_result *out);

#endif
