/* receiver.h - who refused, for groups and for programs. */
#ifndef MXA_EXPLAIN_RECEIVER_H
#define MXA_EXPLAIN_RECEIVER_H

#include "base/str.h"
#include "bounce/failure.h"

struct mxa_arena;
struct mxa_psl;

/* The provider that we know (bounce/provider.h); else the organizational domain
 * of the server that refused; else its name, if there is no list ('psl' NULL)
 * or the list does not know the name.  Static, or in 'a'. */
struct mxa_str mxa_receiver_name(struct mxa_arena *a, const struct mxa_psl *psl,
    const struct mxa_failure *f);

#endif
