/* daemon.h - a real mxauthd for tests: temporary directory, name server over a
 * zone, configuration, process, log. */
#ifndef MXA_T_DAEMON_H
#define MXA_T_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct test_dnsd;

struct daemon {
	char dir[64];	       /* of everything below */
	char socket[128];      /* "unix:DIR/mxauth.sock" */
	char conf[128];	       /* DIR/mxauth.conf */
	char policy[128];      /* DIR/policy.conf */
	char log[128];	       /* DIR/log: what it says */
	char journal[128];     /* DIR/journal, a directory */
	struct test_dnsd *dns; /* NULL until daemon_zone */
	pid_t pid;
};

/* A directory, and nothing in it. */
void daemon_init(struct daemon *d);

/* A name server on loopback that serves 'zone' (t/support/dnsd.h). */
void daemon_zone(struct daemon *d, const char *zone);

/* A port of loopback that was free a moment ago. */
int daemon_free_port(void);

/* It will listen on a free port of 127.0.0.1, not on a UNIX socket. */
void daemon_over_tcp(struct daemon *d);

/* Write the configuration: listen, journal and dns ('dns' goes into that
 * section, "" for the longest times), then 'rest'. */
void daemon_config(struct daemon *d, const char *dns, const char *rest);

/* Write a file of the directory; 'path' is one of the names above. */
void daemon_write(const char *path, const char *text);

/* Start "mxauthd -f" and wait until it listens. */
void daemon_start(struct daemon *d);

/* The same with the descriptor 'fd' left open for it. */
void daemon_start_fd(struct daemon *d, int fd);

/* Run "mxauthd ARGS..." to its end; what it says is in the log.  Exit
 * status, or 256 + signal. */
int daemon_run(struct daemon *d, const char *const *args);

void daemon_signal(struct daemon *d, int sig);

/* Wait at most 'ms' for its end: exit status, 256 + signal, or -1: still there.
 */
int daemon_wait(struct daemon *d, int ms);

/* SIGTERM and wait: fails the test unless it ends with status 0. */
void daemon_stop(struct daemon *d);

/* Whether the log holds 'text', after at most 'ms'. */
bool daemon_logged(struct daemon *d, const char *text, int ms);

/* How often the log holds it now. */
unsigned daemon_log_count(struct daemon *d, const char *text);

/* Prints the log; for messages of failed tests.  Static. */
const char *daemon_log_text(struct daemon *d);

/* Kills what runs and removes the directory. */
void daemon_done(struct daemon *d);

#endif
