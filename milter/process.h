/* process.h - what makes a program a daemon: user, limits, background, pid
 * file, notification of systemd. */
#ifndef MXA_MILTER_PROCESS_H
#define MXA_MILTER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/str.h"

/* Who does the work. */
struct identity {
	bool change;   /* we are root and become uid and gid */
	bool root;     /* we are root and stay so (-f only) */
	char name[64]; /* of the user, for messages; "": there is none */
	uid_t uid;
	gid_t gid;
};

/* From the setting 'user' (a name; empty: the user "mxauth" if there is one) to
 * an identity, whose group is the user's own.  False: 'error' says why we must
 * not start. */
bool process_identity(struct mxa_str user, bool foreground,
    struct identity *out, char *error, size_t size);

/* Become 'id' for good.  False with errno. */
bool process_become(const struct identity *id);

/* Group by name or number.  False: no such group. */
bool process_group(struct mxa_str name, gid_t *out);

/* As many descriptors as we may have: three or more a connection. */
void process_raise_limits(void);

/* Go into the background.  Returns in the child; the parent waits until the
 * child calls process_ready, and ends with its exit status when it ends before.
 * False with errno: no child could be made. */
bool process_background(void);

/* Write our number to 'path', readable by all, before privileges go.  False
 * with errno. */
bool process_pid_file(const char *path);

/* Remove that file, if it is still ours; where its directory does not let us,
 * empty it: nobody is to take another process for us. */
void process_remove_pid_file(void);

/* The daemon serves, reloads, serves again, stops: for the waiting parent and
 * for systemd. */
void process_ready(void);
void process_reloading(void);
void process_reloaded(void);
void process_stopping(void);

/* systemd's watchdog (WatchdogSec=): when process_alive has not been called for
 * that long, in milliseconds, systemd kills and restarts us; -1: nobody waits
 * for it. */
int process_watchdog_ms(void);
void process_alive(void);

/* End the process as it is: no destructors, for libmilter's threads still run
 * and its own would take their locks away.  AddressSanitizer's builds look for
 * leaks before. */
MXA_NORETURN void process_end(int status);

#endif
