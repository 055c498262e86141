/* readahead.h - what a connection's socket holds, fetched with one call.
 *
 * libmilter polls and reads twice for every packet, and the MTA sends a packet
 * for every header field: 146 system calls for a small message.  These
 * functions stand in place of the four calls of the C library that it makes:
 * they fetch all that a socket holds and serve the next reads and polls from
 * memory.  They behave as the calls do, with one difference: data leaves the
 * socket earlier.  So data never waits unseen: a poll finds the connection
 * readable as long as a byte, the end or an error is kept.
 *
 * Only connections accepted from the descriptor of readahead_listen are kept
 * so; for every other descriptor the functions are the plain system calls.
 * Nothing is read ahead before the connection was polled here: a libmilter
 * that waits by another call reads as before.
 *
 * milter/calls.c gives libmilter these functions for its own calls
 * (doc/design.md, "Reading ahead"). */
#ifndef MXA_MILTER_READAHEAD_H
#define MXA_MILTER_READAHEAD_H

#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The listening socket whose connections are read ahead; -1: none. */
void readahead_listen(int fd);

/* Bytes of 'fd' that are kept now. */
size_t readahead_kept(int fd);

/* accept(2), poll(2), read(2), close(2) */
int readahead_accept(int fd, struct sockaddr *address, socklen_t *len);
int readahead_poll(struct pollfd *fds, nfds_t n, int ms);
ssize_t readahead_read(int fd, void *to, size_t len);
int readahead_close(int fd);

#endif
