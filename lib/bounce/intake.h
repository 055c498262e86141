/* intake.h - the bytes of a file, a pipe or standard input, unpacked when they
 * are gzip, xz, zstd, bzip2 or compress. */
#ifndef MXA_BOUNCE_INTAKE_H
#define MXA_BOUNCE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The most that a packed input unpacks to; a year's mail log is less. */
#define MXA_INTAKE_MAX_UNPACKED (UINT64_C(64) << 30)
/* Bytes of a line that are kept; the rest of it is dropped. */
#define MXA_INTAKE_MAX_LINE 65536

struct mxa_intake;

/* 'path' "-": standard input.  NULL: '*error' (static, or errno's text) says
 * why.  Free with mxa_intake_free. */
struct mxa_intake *mxa_intake_open(const char *path, const char **error);

/* NULL is fine. */
void mxa_intake_free(struct mxa_intake *in);

/* The bytes at the start that a look at them gets, without taking them: up to
 * 'len' as far as there are so many; valid until the next call. */
struct mxa_str mxa_intake_peek(struct mxa_intake *in, size_t len);

/* The next line, without its end (LF or CR LF); valid until the next call.
 * False: the end, or a damaged input (mxa_intake_error). */
bool mxa_intake_line(struct mxa_intake *in, struct mxa_str *out);

/* Whether the line before had its LF. */
bool mxa_intake_line_ended(const struct mxa_intake *in);

/* Bytes taken so far from the file as it is, and its size (0: unknown), for
 * progress. */
void mxa_intake_progress(
    const struct mxa_intake *in, uint64_t *taken, uint64_t *size);

/* Why the input ended early; NULL: it did not.  Static. */
const char *mxa_intake_error(const struct mxa_intake *in);

#endif
