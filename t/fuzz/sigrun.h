/* sigrun.h - whole messages for the harnesses: one zone with the public keys of
 * the samples and of t/keys, one message at a time. */
#ifndef MXA_T_SIGRUN_H
#define MXA_T_SIGRUN_H

#include <stdint.h>

#include "auth/arc.h"
#include "auth/engine.h"
#include "base/arena.h"
#include "t/fuzz/fuzz.h"

/* Verify 'message' (line ends as in a file) with its body in pieces of 'chunk'
 * bytes; text in 'a'. */
void sigrun_dkim(struct mxa_arena *a, struct mxa_str message, size_t chunk,
    struct mxa_dkim_verdict *out);
void sigrun_dkim_by(const struct mxa_dkim_engine *engine, struct mxa_arena *a,
    struct mxa_str message, size_t chunk, struct mxa_dkim_verdict *out);
void sigrun_arc(struct mxa_arena *a, struct mxa_str message, size_t chunk,
    struct mxa_arc_verdict *out);

#endif
