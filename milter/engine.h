/* engine.h - libmilter itself: its socket and its main loop.
 *
 * It is never asked to stop: on its way out it destroys locks that its other
 * threads still use (ThreadSanitizer shows it), and takes up to five seconds.
 * The process ends under it instead, when no message needs it any more. */
#ifndef MXA_MILTER_ENGINE_H
#define MXA_MILTER_ENGINE_H

#include <stdbool.h>

#include "milter/listen.h"

/* Hand the socket over; a libmilter that does not take "fd:N" makes its own
 * from l->plain.  callbacks_register comes before.  False: refused. */
bool engine_open(struct listener *l);

/* Start libmilter's threads; signals_poke is called when its main loop ends.
 * False with errno. */
bool engine_start(void);

/* libmilter's version, static. */
const char *engine_version(void);

#endif
