/* sysclock.h - the system's clock as a struct mxa_clock, for programs. */
#ifndef MXA_BASE_SYSCLOCK_H
#define MXA_BASE_SYSCLOCK_H

#include "base/clock.h"

/* Static; usable from any thread. */
const struct mxa_clock *mxa_sysclock(void);

#endif
