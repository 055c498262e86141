/* refcanon.h - canonicalisation written down as RFC 6376 section 3.4 states it,
 * step by step over whole texts: slow, obvious, and what the library's own is
 * compared with. */
#ifndef MXA_T_REFCANON_H
#define MXA_T_REFCANON_H

#include <stdbool.h>

#include "base/str.h"

struct mxa_arena;

/* 'field' is "Name: value" without its final CRLF; so is the result. */
struct mxa_str ref_canon_header(
    struct mxa_arena *a, bool relaxed, struct mxa_str field);

struct mxa_str ref_canon_body(
    struct mxa_arena *a, bool relaxed, struct mxa_str body);

#endif
