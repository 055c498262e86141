/* connections.h - what is kept of libmilter's connections in this process:
 * data that was read ahead (milter/readahead.h) and parts of an answer that
 * leave together (milter/answers.h).
 *
 * A connection belongs to one thread at a time (libmilter's own lock hands it
 * on); only 'ours' and 'holds' are looked at by others. */
#ifndef MXA_MILTER_CONNECTIONS_H
#define MXA_MILTER_CONNECTIONS_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Bytes of a buffer.  A connection that waits holds none. */
#define CONNECTION_BUFFER (16 * 1024)

struct connection {
	atomic_bool ours;
	atomic_bool holds; /* a byte, the end or an error */

	/* reading */
	bool polled;
	bool ended;	/* read() gives 0 from here on */
	int error;	/* of the next read(); 0: none */
	char *buf;	/* NULL: nothing is kept */
	size_t at, end; /* the bytes kept */

	/* writing */
	bool asked_to_write; /* a poll was answered without asking the kernel */
	int write_ms;	     /* what it would have waited */
	char *out;	     /* NULL: nothing is kept */
	size_t out_len;
};

/* NULL: not a connection of ours. */
struct connection *connection_find(int fd);

/* 'fd' is one from now on, and nothing is kept of it.  False: its number is too
 * high, or there is no memory. */
bool connection_adopt(int fd);

/* It is none any more. */
void connection_forget(struct connection *c);

/* After a change of the fields for reading: sets 'holds'. */
void connection_note_held(struct connection *c);

/* A buffer of CONNECTION_BUFFER bytes; NULL: there is no memory. */
char *connection_take_buffer(void);
void connection_give_buffer(char **buffer);

/* read(2), writev(2), close(2), poll(2) of the kernel, by calls that libmilter
 * does not make: those that it makes may come here (milter/calls.c). */
ssize_t system_read(int fd, void *to, size_t len);
ssize_t system_writev(int fd, const struct iovec *part, int n);
int system_close(int fd);
int system_poll(struct pollfd *fds, nfds_t n, int ms);

#endif
