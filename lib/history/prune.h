/* prune.h - the journal's directory: its files in order, and the removal of
 * those beyond its bounds. */
#ifndef MXA_HISTORY_PRUNE_H
#define MXA_HISTORY_PRUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mxa_dir_file {
	char *name; /* without the directory */
	uint64_t size;
	int64_t mtime;
};

struct mxa_dir {
	struct mxa_dir_file *file; /* by name, which is by time of creation */
	size_t n;
};

/* The journal's files in 'path'; other files are passed over.  Free with
 * mxa_dir_free.  An unreadable directory has none: errno tells. */
void mxa_dir_read(const char *path, struct mxa_dir *out);
void mxa_dir_free(struct mxa_dir *d);

/* Whether a file name is one of a journal. */
bool mxa_dir_is_journal(const char *name);

struct mxa_prune {
	const char *directory;
	uint64_t max_size; /* of the files that are not written; 0: no bound */
	/* Seconds since the last write; 0: no bound.  A clock that jumps must
	 * not cost the journal: a file's age is the time from each file to the
	 * next one written, up to now, in which a longer step counts as
	 * MXA_PRUNE_STEP. */
	uint64_t max_age;
	/* Files that are not yet in the store are spared until all files
	 * together are larger; 0: they are not spared. */
	uint64_t max_unimported;
	int64_t now;
	/* Names of files that are spared whatever their age, the oldest first:
	 * removed for their size only, after all others. */
	const char *const *spared;
	size_t n_spared;
};

#define MXA_PRUNE_STEP (7 * 86400)

/* In the journal's directory the importer notes how far it has read each file:
 * lines "NAME BYTES".  Where the note is missing, nobody imports. */
#define MXA_IMPORTED_FILE "imported"

/* Remove files, the oldest first, that nobody has locked.  Returns how many;
 * '*lost' (may be NULL): how many of them were not imported. */
size_t mxa_prune(const struct mxa_prune *p, size_t *lost);

#endif
