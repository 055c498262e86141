/* listen.h - the socket on which the MTA finds us.
 *
 * Made, bound and put to listen by ourselves, with TCP_NODELAY (libmilter
 * writes twice at end of message and does not set it), mode and group, and
 * handed to libmilter as "fd:N".  Where a libmilter
 * does not know that form it makes the socket itself, from 'plain'. */
#ifndef MXA_MILTER_LISTEN_H
#define MXA_MILTER_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/str.h"

struct listener {
	int fd;		 /* -1: libmilter has its own */
	char conn[32];	 /* "fd:N" */
	char plain[256]; /* "unix:PATH", "inet:PORT@HOST" as libmilter spells
			    it */
	char path[108];	 /* of a UNIX socket, else "" */
	bool in_use;	 /* the address is somebody else's */
	bool ours;	 /* the file is ours to remove */
	dev_t dev;
	ino_t ino;

	/* where a connection to ourselves goes; len 0: nowhere */
	struct sockaddr_storage self;
	socklen_t self_len;

	char error[512]; /* why listen_open failed */
};

struct listen_options {
	struct mxa_str socket; /* "unix:PATH", "local:PATH", "inet:PORT@HOST",
				  "inet6:PORT@HOST", "inet:HOST:PORT", "fd:N";
				  without a host: the loopback address */
	unsigned mode;	       /* of a UNIX socket */
	uid_t uid;	       /* its owner; -1: as created */
	gid_t gid;	       /* its group; -1: as created */
};

/* Make the socket (or take over the one given).  A UNIX socket that is already
 * there is removed only when nobody answers on it; anything else at its path is
 * left alone and an error.  False: 'error' says why. */
bool listen_open(struct listener *l, const struct listen_options *o);

enum listen_trial {
	LISTEN_FREE,
	LISTEN_IN_USE,	   /* somebody listens there: perhaps ourselves */
	LISTEN_IMPOSSIBLE, /* 'error' says why */
};

/* Whether listen_open could succeed for 'socket'; leaves nothing behind.  A
 * descriptor ("fd:N") is taken for good: it exists only at the start. */
enum listen_trial listen_try(struct listener *l, struct mxa_str socket);

/* Forget our descriptor and take the socket file away: libmilter is to make
 * the socket itself. */
void listen_give_up(struct listener *l);

/* A connection to ourselves, ready or being made, that does not block.  -1 with
 * errno; EAGAIN: the queue of a UNIX socket is full. */
int listen_call(const struct listener *l);

/* Connect to ourselves and hang up, without waiting: the new session makes
 * libmilter's pool start a thread, which takes up what is queued behind a
 * callback that waits (doc/design.md).  False: it cannot be done. */
bool listen_wake(const struct listener *l);

/* Remove the socket file if it is still ours.  The descriptor stays
 * libmilter's.
 */
void listen_unlink(struct listener *l);

#endif
