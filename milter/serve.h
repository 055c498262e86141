/* serve.h - the main thread while the daemon works. */
#ifndef MXA_MILTER_SERVE_H
#define MXA_MILTER_SERVE_H

#include "milter/listen.h"
#include "milter/runtime.h"

/* Serve until SIGTERM or SIGINT, reload on SIGHUP and SIGUSR1.  At the end the
 * messages that are open get 'shutdown_seconds' to finish.  Frees the runtime
 * where nothing uses it any more, else ends the process itself.  Exit status.
 */
int serve(struct runtime *rt, struct listener *l, unsigned shutdown_seconds);

#endif
