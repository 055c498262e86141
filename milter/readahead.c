/* readahead.c - see readahead.h. */
#include "milter/readahead.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "milter/answers.h"
#include "milter/connections.h"

#define TO_READ (POLLIN | POLLRDNORM)
#define TO_WRITE (POLLOUT | POLLWRNORM)

static atomic_int listening = -1;

static bool holds(const struct connection *c)
{
	return atomic_load_explicit(&c->holds, memory_order_acquire);
}

static void drop_buffer(struct connection *c)
{
	connection_give_buffer(&c->buf);
	c->at = c->end = 0;
}

/* Fetch what the socket holds without waiting: first into 'to', the rest into
 * the buffer, which is empty.  Returns the bytes in 'to'; an end or an error is
 * kept for the next read. */
static size_t fetch(struct connection *c, int fd, void *to, size_t want)
{
	struct iovec part[2] = { { to, want }, { NULL, 0 } };
	struct msghdr msg = { .msg_iov = part, .msg_iovlen = 2 };
	ssize_t n;

	if (c->buf == NULL)
		c->buf = connection_take_buffer();
	if (c->buf != NULL)
		part[1] = (struct iovec){ c->buf, CONNECTION_BUFFER };
	if (want == 0 && c->buf == NULL)
		return 0;
	n = recvmsg(fd, &msg, MSG_DONTWAIT);
	if (n == 0)
		c->ended = true;
	else if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
	    errno != EINTR)
		c->error = errno;
	c->at = 0;
	c->end = n > (ssize_t)want ? (size_t)n - want : 0;
	connection_note_held(c);
	return n <= 0 ? 0 : (size_t)n - c->end;
}

/* --- the calls --- */

void readahead_listen(int fd)
{
	atomic_store(&listening, fd);
}

size_t readahead_kept(int fd)
{
	const struct connection *c = connection_find(fd);

	return c != NULL ? c->end - c->at : 0;
}

int readahead_accept(int fd, struct sockaddr *address, socklen_t *len)
{
	int accepted = accept4(fd, address, len, 0);

	if (accepted >= 0 && fd == atomic_load(&listening))
		(void)connection_adopt(accepted);
	return accepted;
}

/* A thread that polls one connection is about to read it. */
static int poll_one(struct connection *c, struct pollfd *p, int ms)
{
	c->polled = true;
	(void)answers_send(c, p->fd); /* the peer may wait for it */
	if (!holds(c))
		(void)fetch(c, p->fd, NULL, 0);
	if (!holds(c)) {
		drop_buffer(c);
		return system_poll(p, 1, ms);
	}
	p->revents = p->events & TO_READ;
	return 1;
}

static bool is_kept(const struct pollfd *p)
{
	const struct connection *c;

	if ((p->events & TO_READ) == 0)
		return false;
	c = connection_find(p->fd);
	return c != NULL && holds(c);
}

/* The thread that watches the idle connections: it fetches nothing, since
 * other threads read them. */
static int poll_many(struct pollfd *fds, nfds_t n, int ms)
{
	nfds_t kept = 0;
	int ready;

	for (nfds_t i = 0; i < n; i++)
		kept += is_kept(&fds[i]);
	if (kept == 0)
		return system_poll(fds, n, ms);
	ready = system_poll(fds, n, 0);
	if (ready < 0)
		return ready;
	for (nfds_t i = 0; i < n; i++) {
		if (!is_kept(&fds[i]))
			continue;
		ready += fds[i].revents == 0;
		fds[i].revents |= fds[i].events & TO_READ;
	}
	return ready;
}

int readahead_poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct connection *c;

	c = n == 1 ? connection_find(fds->fd) : NULL;
	if (c != NULL && (fds->events & ~TO_WRITE) == 0)
		return answers_poll(c, fds, ms);
	if (c != NULL && (fds->events & TO_WRITE) == 0)
		return poll_one(c, fds, ms);
	return poll_many(fds, n, ms);
}

static size_t take_kept(struct connection *c, char *to, size_t len)
{
	size_t n = c->end - c->at;

	if (n > len)
		n = len;
	if (n == 0)
		return 0;
	memcpy(to, c->buf + c->at, n);
	c->at += n;
	connection_note_held(c);
	return n;
}

/* Nothing is kept but the end or an error. */
static ssize_t read_last(struct connection *c)
{
	if (c->error == 0)
		return 0;
	errno = c->error;
	c->error = 0; /* the kernel tells it once, too */
	connection_note_held(c);
	return -1;
}

ssize_t readahead_read(int fd, void *to, size_t len)
{
	struct connection *c = connection_find(fd);
	size_t n;

	if (c == NULL || !c->polled || len == 0)
		return system_read(fd, to, len);
	n = take_kept(c, to, len);
	if (n < len && !c->ended && c->error == 0)
		n += fetch(c, fd, (char *)to + n, len - n);
	if (n > 0)
		return (ssize_t)n;
	if (holds(c))
		return read_last(c);
	drop_buffer(c);
	return system_read(fd, to, len); /* waits, if the socket does */
}

int readahead_close(int fd)
{
	struct connection *c = connection_find(fd);

	if (c != NULL) {
		(void)answers_send(c, fd);
		connection_forget(c); /* before another can have the number */
	}
	return system_close(fd);
}
