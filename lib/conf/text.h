/* text.h - the text of a configuration file: read, includes put in, and for
 * each line of the result the file and line it came from. */
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

struct mxa_conf_text_span;

struct mxa_conf_text {
	struct mxa_arena *arena;
	struct mxa_mistakes *mistakes;
	unsigned rank; /* of the file among all, for sorting */
	const char *name;
	bool includes; /* @include is allowed */
	unsigned included;

	struct mxa_buf text; /* includes put in; comments are still there */
	size_t lines;	     /* begun in 'text' */
	struct mxa_conf_text_span *span;
	size_t n_spans, cap_spans;
};

/* Read 'path' with its includes (relative ones from the directory of the file
 * that includes).  False: errno tells why 'path' itself could not be read, or
 * it is 0 and the mistakes have been added. */
bool mxa_conf_text_read(struct mxa_conf_text *s, struct mxa_arena *a,
    struct mxa_mistakes *m, unsigned rank, const char *path);

/* The same from memory; @include is a mistake. */
bool mxa_conf_text_parse(struct mxa_conf_text *s, struct mxa_arena *a,
    struct mxa_mistakes *m, unsigned rank, const char *name,
    struct mxa_str text);

/* File and line (from 1) of line 'line' (from 1) of the text. */
const char *mxa_conf_text_file(
    const struct mxa_conf_text *s, size_t line, size_t *file_line);

/* The last line of the text that comes from the same reading of the same file
 * as 'line', what that includes counted in. */
size_t mxa_conf_text_end(const struct mxa_conf_text *s, size_t line);

/* "mxauth.conf:7" in 'a': without its directory, for reply and journal. */
struct mxa_str mxa_conf_text_where(
    const struct mxa_conf_text *s, struct mxa_arena *a, size_t line);

/* A mistake at a line of the text; 0: at the file as a whole. */
void mxa_conf_text_error(struct mxa_conf_text *s, size_t line, const char *fmt,
    ...) MXA_PRINTF(3, 4);
void mxa_conf_text_warning(struct mxa_conf_text *s, size_t line,
    const char *fmt, ...) MXA_PRINTF(3, 4);

#endif
