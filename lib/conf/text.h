/* text.h - the text of a configuration file: read, includes put in, and for
 * each line of the result the file and line it came from.
 *
 * libconfig 1.5 could read files itself, but opens all includes in one
 * directory, wraps large numbers, truncates at NUL and stops at the first
 * mistake.  So it is handed text that is known to be well-formed
 * (conf/reader.h) and only builds the tree. */
#ifndef MXA_CONF_TEXT_H
#define MXA_CONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "conf/mistakes.h"

#define MXA_MAX_CONF_TEXT ((size_t)64 << 20) /* all includes together */
#define MXA_MAX_CONF_NESTED 10		     /* one inside the other */
#define MXA_MAX_CONF_INCLUDES 1000	     /* in all */

struct mxa_source_span;

struct mxa_source {
	struct mxa_arena *arena;
	struct mxa_mistakes *mistakes;
	unsigned rank; /* of the file among all, for sorting */
	const char *name;
	bool includes; /* @include is allowed */
	unsigned included;

	struct mxa_buf text; /* includes put in; comments are still there */
	size_t lines;	     /* begun in 'text' */
	struct mxa_source_span *span;
	size_t n_spans, cap_spans;
};

/* Read 'path' with its includes (relative ones from the directory of the file
 * that includes).  False: errno tells why 'path' itself could not be read, or
 * it is 0 and the mistakes have been added. */
bool mxa_source_read(struct mxa_source *s, struct mxa_arena *a,
    struct mxa_mistakes *m, unsigned rank, const char *path);

/* The same from memory; @include is a mistake. */
bool mxa_source_parse(struct mxa_source *s, struct mxa_arena *a,
    struct mxa_mistakes *m, unsigned rank, const char *name,
    struct mxa_str text);

/* File and line (from 1) of line 'line' (from 1) of the text. */
const char *mxa_source_file(
    const struct mxa_source *s, size_t line, size_t *file_line);

/* The last line of the text that comes from the same reading of the same file
 * as 'line', what that includes counted in. */
size_t mxa_source_end(const struct mxa_source *s, size_t line);

/* "mxauth.conf:7" in 'a': without its directory, for reply and journal. */
struct mxa_str mxa_source_where(
    const struct mxa_source *s, struct mxa_arena *a, size_t line);

/* A mistake at a line of the text; 0: at the file as a whole. */
void mxa_source_error(struct mxa_source *s, size_t line, const char *fmt, ...)
    MXA_PRINTF(3, 4);
void mxa_source_warning(struct mxa_source *s, size_t line, const char *fmt, ...)
    MXA_PRINTF(3, 4);

#endif
