/* serve.h - the main thread while the daemon works. */
#ifndef MXA_MILTER_SERVE_H
#define MXA_MILTER_SERVE_H

#include "base/attr.h"
#include "milter/listen.h"
#include "milter/runtime.h"

/* Serve until SIGTERM or SIGINT, reload on SIGHUP and SIGUSR1.  Then the
 * messages that are open get 'shutdown_seconds' to finish, and the process
 * ends. */
MXA_NORETURN void serve(
    struct runtime *rt, struct listener *l, unsigned shutdown_seconds);

#endif
