/* scan.h - reading journals: files and directories, line after line. */
#ifndef MXA_HISTORY_SCAN_H
#define MXA_HISTORY_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rc.h"
#include "history/line.h"

struct mxa_arena;
struct mxa_scan;

/* Where a line is: an importer keeps this to continue after the line. */
struct mxa_place {
	const char *path;
	struct mxa_str file_id; /* empty until the first line was read */
	uint64_t from, to;	/* offsets of the line and of its end */
};

/* 'path' is a file of any name, or a directory: then all its journal files in
 * order of their names.  MXA_EIO: cannot be opened, errno tells. */
enum mxa_rc mxa_scan_open(const char *path, struct mxa_scan **out);

/* NULL is fine. */
void mxa_scan_close(struct mxa_scan *s);

/* Parts of a line that are not wanted (MXA_WITHOUT_…, joined by '|'): a line is
 * read in half the time without the answers of the DNS. */
void mxa_scan_without(struct mxa_scan *s, unsigned parts);

/* Continue at 'offset' in the file that is being read, whose first line has
 * been returned already. */
enum mxa_rc mxa_scan_seek(struct mxa_scan *s, uint64_t offset);

/* The next line, text in 'a', '*place' valid until the next call.  MXA_ENOENT:
 * no more.  MXA_ESYNTAX: a line that cannot be read (broken, too long, of a
 * later version); the next call continues after it.  MXA_EIO: a file cannot be
 * read; the next call goes on with the next file.  A last line without its
 * newline is somebody's write in progress and is not returned. */
enum mxa_rc mxa_scan_next(struct mxa_scan *s, struct mxa_arena *a,
    struct mxa_entry *out, struct mxa_place *place);

/* How many files ended, so far, in a line without its newline. */
size_t mxa_scan_unfinished(const struct mxa_scan *s);

/* The newest message with that queue id in the journal's directory (or file)
 * 'path'.  MXA_ENOENT: none; MXA_EIO: cannot be read. */
enum mxa_rc mxa_scan_find(const char *path, struct mxa_str queue_id,
    struct mxa_arena *a, struct mxa_entry *out);

#endif
