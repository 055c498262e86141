/* squeeze.h - the white space of a relaxed body (RFC 6376 section 3.4.4), 64
 * octets at a time, with the vector instructions of the processor.
 *
 * Which octet goes can be told from the two behind it: of white space only the
 * last octet of a run stays, as SP, and none before CRLF. */
#ifndef MXA_AUTH_SIG_SQUEEZE_H
#define MXA_AUTH_SIG_SQUEEZE_H

#include "auth/sig/squeezer.h"

/* What this processor can do, the fastest first; the last one is portable.
 * NULL behind it. */
const struct mxa_squeezer *const *mxa_squeezers(void);

#endif
