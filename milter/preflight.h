/* preflight.h - what a start needs from the system besides a configuration,
 * looked at without changing anything: `mxauthd -n`. */
#ifndef MXA_MILTER_PREFLIGHT_H
#define MXA_MILTER_PREFLIGHT_H

#include <stdbool.h>

struct mxa_conf;

/* Looks at user, group, socket, ports, directories and files ('file' is the
 * path of mxauth.conf), and prints each problem to standard error, a line each;
 * those that a start survives begin with "warning: ".  'foreground': as with
 * -f. False: a start would fail. */
bool preflight_check(
    const struct mxa_conf *conf, const char *file, bool foreground);

#endif
