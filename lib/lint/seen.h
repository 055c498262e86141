/* seen.h - selectors with which a domain's mail came in. */
#ifndef MXA_LINT_SEEN_H
#define MXA_LINT_SEEN_H

#include <stddef.h>

#include "base/str.h"

struct mxa_arena;

/* Selectors of signatures by 'domain' in the newest part of the journal 'path'
 * (a directory, or a file), at most 'max', in 'a'.  Returns their number; 0
 * also when the journal cannot be read. */
size_t mxa_lint_selectors_seen(struct mxa_arena *a, const char *path,
    struct mxa_str domain, size_t max, struct mxa_str *out);

#endif
