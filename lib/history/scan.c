/* scan.c - reading journals. */
#include "history/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/limits.h"
#include "history/prune.h"

#define BUFFER (4 * MXA_MAX_JOURNAL_LINE)

struct mxa_scan {
	char *path;	    /* as given */
	struct mxa_dir dir; /* its files; n == 0 and 'single' for a file */
	bool single;
	size_t next; /* file to open next */

	FILE *f; /* NULL: none open */
	char *name;
	char *file_id;
	char *buffer; /* BUFFER bytes; those from 'from' to 'filled' are read */
	size_t from, filled;
	uint64_t at;	  /* offset of the next line */
	const char *line; /* in the buffer, until the next one is read */
	size_t line_len;
	unsigned without;  /* MXA_WITHOUT_… */
	size_t unfinished; /* last lines without a newline */
};

enum mxa_rc mxa_scan_open(const char *path, struct mxa_scan **out)
{
	struct mxa_scan *s;
	struct stat st;

	*out = NULL;
	if (stat(path, &st) != 0)
		return MXA_EIO;
	s = mxa_xcalloc(1, sizeof(*s));
	s->path = mxa_xstrdup(path);
	s->buffer = mxa_xmalloc(BUFFER);
	s->single = !S_ISDIR(st.st_mode);
	if (!s->single)
		mxa_dir_read(path, &s->dir);
	*out = s;
	return MXA_OK;
}

static void close_scan_file(struct mxa_scan *s)
{
	if (s->f != NULL)
		fclose(s->f);
	s->f = NULL;
	free(s->name);
	free(s->file_id);
	s->name = s->file_id = NULL;
}

void mxa_scan_close(struct mxa_scan *s)
{
	if (s == NULL)
		return;
	close_scan_file(s);
	mxa_dir_free(&s->dir);
	free(s->path);
	free(s->buffer);
	free(s);
}

static size_t n_files(const struct mxa_scan *s)
{
	return s->single ? 1 : s->dir.n;
}

static char *file_path(const struct mxa_scan *s, size_t i)
{
	size_t len;
	char *p;

	if (s->single)
		return mxa_xstrdup(s->path);
	len = strlen(s->path) + strlen(s->dir.file[i].name) + 2;
	p = mxa_xmalloc(len);
	snprintf(p, len, "%s/%s", s->path, s->dir.file[i].name);
	return p;
}

/* Open the next file; MXA_ENOENT: there is none. */
static enum mxa_rc next_file(struct mxa_scan *s)
{
	close_scan_file(s);
	if (s->next >= n_files(s))
		return MXA_ENOENT;
	s->name = file_path(s, s->next++);
	s->at = s->from = s->filled = 0;
	s->f = fopen(s->name, "re");
	return s->f != NULL ? MXA_OK : MXA_EIO;
}

enum mxa_rc mxa_scan_seek(struct mxa_scan *s, uint64_t offset)
{
	if (s->f == NULL || fseeko(s->f, (off_t)offset, SEEK_SET) != 0)
		return MXA_EIO;
	s->at = offset;
	s->from = s->filled = 0;
	return MXA_OK;
}

void mxa_scan_without(struct mxa_scan *s, unsigned parts)
{
	s->without = parts;
}

/* More bytes after those that are read; false: there are no more. */
static bool fill_buffer(struct mxa_scan *s)
{
	size_t n;

	memmove(s->buffer, s->buffer + s->from, s->filled - s->from);
	s->filled -= s->from;
	s->from = 0;
	n = fread(s->buffer + s->filled, 1, BUFFER - s->filled, s->f);
	s->filled += n;
	return n > 0;
}

/* Read up to a newline.  MXA_ENOENT: end of file before it; MXA_ELIMIT: longer
 * than a line may be (it is read to its end). */
static enum mxa_rc read_journal_line(struct mxa_scan *s)
{
	size_t seen = 0, dropped = 0;

	do {
		const char *start = s->buffer + s->from;
		const char *end =
		    memchr(start + seen, '\n', s->filled - s->from - seen);

		if (end != NULL) {
			s->line = start;
			s->line_len = (size_t)(end + 1 - start);
			s->from += s->line_len;
			s->at += dropped + s->line_len;
			return dropped + s->line_len <= MXA_MAX_JOURNAL_LINE
			    ? MXA_OK
			    : MXA_ELIMIT;
		}
		seen = s->filled - s->from;
		if (seen > MXA_MAX_JOURNAL_LINE) {
			dropped += seen;
			s->from = s->filled;
			seen = 0;
		}
	} while (fill_buffer(s));
	s->unfinished += dropped + seen > 0;
	return ferror(s->f) ? MXA_EIO : MXA_ENOENT;
}

size_t mxa_scan_unfinished(const struct mxa_scan *s)
{
	return s->unfinished;
}

static enum mxa_rc take_line(
    struct mxa_scan *s, struct mxa_arena *a, struct mxa_entry *out)
{
	enum mxa_rc rc = mxa_line_read_parts(
	    a, mxa_str_make(s->line, s->line_len), s->without, out);

	if (rc != MXA_OK)
		return MXA_ESYNTAX;
	if (out->kind == MXA_ENTRY_FILE) {
		free(s->file_id);
		s->file_id = mxa_xstrndup(out->file_id.p, out->file_id.len);
	} else if (s->file_id != NULL) {
		out->file_id = mxa_str_dup(a, mxa_str_from(s->file_id));
	}
	return MXA_OK;
}

enum mxa_rc mxa_scan_next(struct mxa_scan *s, struct mxa_arena *a,
    struct mxa_entry *out, struct mxa_place *place)
{
	enum mxa_rc rc = MXA_ENOENT;
	uint64_t from = s->at;

	if (s->f != NULL)
		rc = read_journal_line(s);
	while (rc == MXA_ENOENT) {
		rc = next_file(s);
		if (rc == MXA_ENOENT)
			return rc;
		from = 0;
		if (rc == MXA_OK)
			rc = read_journal_line(s);
	}
	if (rc == MXA_OK)
		rc = take_line(s, a, out);
	else if (rc == MXA_ELIMIT)
		rc = MXA_ESYNTAX;
	*place = (struct mxa_place){ s->name, mxa_str_from(s->file_id), from,
		s->at };
	if (rc == MXA_EIO && s->f != NULL) {
		fclose(s->f);
		s->f = NULL;
	}
	return rc;
}

/* --- one message --- */

/* True if the line may be that message; costs less than to read it. */
static bool line_mentions(const struct mxa_scan *s, struct mxa_str needle)
{
	return memmem(s->line, s->line_len, needle.p, needle.len) != NULL;
}

/* The last message of the open file with that id, if newer than '*best'. */
static enum mxa_rc find_in_file(struct mxa_scan *s, struct mxa_str queue_id,
    struct mxa_str needle, struct mxa_arena *a, struct mxa_entry *best,
    bool *found)
{
	enum mxa_rc rc;

	while ((rc = read_journal_line(s)) == MXA_OK || rc == MXA_ELIMIT) {
		struct mxa_entry e;

		if (rc == MXA_ELIMIT)
			continue;
		if (s->at == s->line_len)
			take_line(s, a, &e); /* the file's own line */
		if (!line_mentions(s, needle) ||
		    take_line(s, a, &e) != MXA_OK ||
		    e.kind != MXA_ENTRY_MESSAGE ||
		    !mxa_str_eq(e.txn.msg.queue_id, queue_id))
			continue;
		if (!*found || e.time >= best->time) {
			*best = e;
			*found = true;
		}
	}
	return rc == MXA_EIO ? rc : MXA_OK;
}

static void scan_done(struct mxa_scan **s)
{
	mxa_scan_close(*s);
}

enum mxa_rc mxa_scan_find(const char *path, struct mxa_str queue_id,
    struct mxa_arena *a, struct mxa_entry *out)
{
	MXA_CLEANUP(scan_done) struct mxa_scan *s = NULL;
	enum mxa_rc rc = mxa_scan_open(path, &s);
	struct mxa_str needle;
	bool found = false;

	if (rc != MXA_OK)
		return rc;
	needle = mxa_str_from(
	    mxa_arena_printf(a, "\"id\":\"%.*s\"", MXA_STR_ARG(queue_id)));
	/* newest files first; an older one is read only when it was written to
	 * after the message that was found (another process's) */
	for (size_t i = n_files(s); i > 0; i--) {
		if (found && !s->single && s->dir.file[i - 1].mtime < out->time)
			continue;
		s->next = i - 1;
		if (next_file(s) == MXA_OK &&
		    find_in_file(s, queue_id, needle, a, out, &found) ==
			MXA_EIO)
			rc = MXA_EIO;
	}
	if (found)
		return MXA_OK;
	return rc == MXA_OK ? MXA_ENOENT : rc;
}
