/* callbacks.h - libmilter's callbacks: translate in, call the session,
 * translate out.  The only place with a global: libmilter passes no pointer of
 * ours. */
#ifndef MXA_MILTER_CALLBACKS_H
#define MXA_MILTER_CALLBACKS_H

#include <stdbool.h>

struct runtime;

/* Registers with libmilter; 'rt' must outlive smfi_main.  False: refused. */
bool callbacks_register(struct runtime *rt);

#endif
