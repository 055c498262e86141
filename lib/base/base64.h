/* base64.h - base64 as tags carry it (RFC 6376 section 2.10): white space
 * anywhere, '=' at the end or missing. */
#ifndef MXA_BASE_BASE64_H
#define MXA_BASE_BASE64_H

#include <stdbool.h>

#include "base/str.h"

struct mxa_arena;

/* Decode 's' into the arena.  False: a byte that is not base64, or a length
 * that no encoder makes. */
bool mxa_base64_decode(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out);

#endif
