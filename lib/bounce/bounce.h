/* bounce.h - whatever a person has of a bounce, read: recipients with what
 * their servers said, and what is known of the returned message.
 *
 * A whole DSN, nested or forwarded, a part of one, text pasted from a screen,
 * Received-SPF or Authentication-Results fields; any line ends, cut off
 * anywhere.  Nothing is asked, fetched or sent. */
#ifndef MXA_BOUNCE_H
#define MXA_BOUNCE_H

#include "bounce/failure.h"

/* Read 'bytes'; everything in 'a', or a slice of 'bytes'.  Never fails: what
 * cannot be read is kind MXA_NOT_A_BOUNCE with its reason.  Keeps nothing from
 * one call to the next and may run in several threads. */
void mxa_bounce_read(
    struct mxa_arena *a, struct mxa_str bytes, struct mxa_bounce *out);

#endif
