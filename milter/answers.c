/* answers.c - see answers.h. */
#include "milter/answers.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Pieces of one write: what waits, and libmilter's two. */
#define PIECES 4

/* Length and command of a packet, as libmilter's first piece has them. */
#define HEAD_LEN 5
#define COMMAND_AT 4

/* Changes of a message: a reply always follows. */
static const char changes[] = { 'i', /* insert a header field */
	'h',			     /* add one */
	'm',			     /* change or delete one */
	'q' };			     /* quarantine */

static bool is_change(const struct iovec *part, int n)
{
	return n > 0 && part[0].iov_len == HEAD_LEN &&
	    memchr(changes, ((const char *)part[0].iov_base)[COMMAND_AT],
		sizeof(changes)) != NULL;
}

static size_t total_len(const struct iovec *part, int n)
{
	size_t len = 0;

	for (int i = 0; i < n; i++)
		len += part[i].iov_len;
	return len;
}

int answers_poll(struct connection *c, struct pollfd *p, int ms)
{
	c->asked_to_write = true;
	c->write_ms = ms;
	p->revents = p->events;
	return 1;
}

/* --- what waits --- */

/* False: there is no room. */
static bool keep_parts(
    struct connection *c, const struct iovec *part, int n, size_t len)
{
	if (c->out_len + len > CONNECTION_BUFFER)
		return false;
	if (c->out == NULL)
		c->out = connection_take_buffer();
	if (c->out == NULL)
		return false;
	for (int i = 0; i < n; i++) {
		if (part[i].iov_len == 0)
			continue;
		memcpy(c->out + c->out_len, part[i].iov_base, part[i].iov_len);
		c->out_len += part[i].iov_len;
	}
	return true;
}

static void drop_kept(struct connection *c)
{
	connection_give_buffer(&c->out);
	c->out_len = 0;
}

/* --- writing --- */

/* Until the peer has read; as long as libmilter was ready to wait. */
static bool wait_for_room(const struct connection *c, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int n;

	do
		n = system_poll(&p, 1, c->write_ms);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	return n > 0;
}

/* Drop the first 'len' bytes of the message. */
static void skip_written(struct msghdr *msg, size_t len)
{
	while (msg->msg_iovlen > 0 && len >= msg->msg_iov->iov_len) {
		len -= msg->msg_iov->iov_len;
		msg->msg_iov++;
		msg->msg_iovlen--;
	}
	if (msg->msg_iovlen == 0)
		return;
	msg->msg_iov->iov_base = (char *)msg->msg_iov->iov_base + len;
	msg->msg_iov->iov_len -= len;
}

static bool write_all(
    const struct connection *c, int fd, struct iovec *part, int n)
{
	struct msghdr msg = { .msg_iov = part, .msg_iovlen = (size_t)n };

	skip_written(&msg, 0);
	while (msg.msg_iovlen > 0) {
		ssize_t written =
		    sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (written >= 0)
			skip_written(&msg, (size_t)written);
		else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!wait_for_room(c, fd))
				return false;
		} else if (errno != EINTR)
			return false;
	}
	return true;
}

bool answers_send(struct connection *c, int fd)
{
	struct iovec part = { c->out, c->out_len };
	bool ok;

	if (c->out_len == 0)
		return true;
	ok = write_all(c, fd, &part, 1);
	drop_kept(c);
	return ok;
}

ssize_t answers_writev(int fd, const struct iovec *part, int n)
{
	struct connection *c = connection_find(fd);
	struct iovec all[PIECES] = { { NULL, 0 } };
	size_t len = total_len(part, n);
	bool ok;

	if (c == NULL || !c->asked_to_write || n < 1 || n >= PIECES)
		return system_writev(fd, part, n);
	if (is_change(part, n) && keep_parts(c, part, n, len))
		return (ssize_t)len;
	all[0] = (struct iovec){ c->out, c->out_len };
	memcpy(all + 1, part, (size_t)n * sizeof(*part));
	ok = write_all(c, fd, all, n + 1);
	drop_kept(c);
	return ok ? (ssize_t)len : -1;
}
