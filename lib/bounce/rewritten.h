/* rewritten.h - envelope senders that a forwarder made of another one. */
#ifndef MXA_BOUNCE_REWRITTEN_H
#define MXA_BOUNCE_REWRITTEN_H

#include <stdbool.h>

#include "base/str.h"

struct mxa_arena;

/* Whether a forwarder put 'address' in place of the envelope sender: SRS0= and
 * SRS1= of the Sender Rewriting Scheme, also behind a BATV tag (prvs=), "+SRS="
 * as Exchange Online writes it, "+caf_=" as Gmail does.  '*before': the domain
 * that the address had before, canonical; empty: it does not tell (Gmail).
 * A BATV tag alone changes neither sender nor domain. */
bool mxa_address_is_rewritten(
    struct mxa_arena *a, struct mxa_str address, struct mxa_str *before);

#endif
