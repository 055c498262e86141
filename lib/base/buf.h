/* buf.h - growing text with a ceiling that is named at its birth.
 *
 * Writing past the ceiling sets 'full' and drops the rest; test it once, at the
 * end.  The bytes live in the arena. */
#ifndef MXA_BASE_BUF_H
#define MXA_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct mxa_arena;

struct mxa_buf {
	struct mxa_arena *arena;
	char *p;
	size_t len;
	size_t cap;
	size_t max;
	bool full; /* something did not fit and was dropped */
};

void mxa_buf_init(struct mxa_buf *b, struct mxa_arena *a, size_t max);

void mxa_buf_add(struct mxa_buf *b, const void *p, size_t len);
void mxa_buf_addc(struct mxa_buf *b, char c);
void mxa_buf_adds(struct mxa_buf *b, const char *s);
void mxa_buf_addstr(struct mxa_buf *b, struct mxa_str s);
void mxa_buf_addint(struct mxa_buf *b, int64_t v); /* decimal */
void mxa_buf_printf(struct mxa_buf *b, const char *fmt, ...) MXA_PRINTF(2, 3);

/* Cut back to 'len' bytes; clears nothing else. */
void mxa_buf_cut(struct mxa_buf *b, size_t len);

/* What was written so far; valid until the next write. */
struct mxa_str mxa_buf_str(const struct mxa_buf *b);

/* The same, NUL-terminated. */
const char *mxa_buf_cstr(struct mxa_buf *b);

#endif
