/* answers.h - libmilter's answer to a message leaves with one write.
 *
 * At end of message libmilter writes each change and then the reply, each after
 * a poll; every write wakes the MTA.  Here the polls are answered without the
 * kernel, and changes wait for the packet that must follow them.  Anything else
 * is written at once, what waits before it. */
#ifndef MXA_MILTER_ANSWERS_H
#define MXA_MILTER_ANSWERS_H

#include "milter/connections.h"

/* poll(2) for one connection, for writing only: it can always be written.  A
 * write that cannot go on waits as long as this poll would have. */
int answers_poll(struct connection *c, struct pollfd *p, int ms);

/* Write what waits.  False with errno: the connection is broken, or its peer
 * did not read in time; nothing waits any more. */
bool answers_send(struct connection *c, int fd);

/* writev(2).  The whole of 'part' is written, or waits, or the connection is
 * broken. */
ssize_t answers_writev(int fd, const struct iovec *part, int n);

#endif
