/* engine.h - libmilter itself: its socket, its main loop, its end. */
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

/* Ask libmilter to stop and wait until its main loop has ended, at most 'ms'.
 * Callbacks that run go on and still get their answer out. */
bool engine_stop(const struct listener *l, unsigned ms);

/* libmilter's version, static. */
const char *engine_version(void);

#endif
