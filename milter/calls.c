/* calls.c - libmilter's calls of accept, poll, read, writev and close come
 * here, as those of pthread_create do (milter/threads.c): the program is
 * searched for a name before the C library.  So do the calls of other
 * libraries, which lead straight to the kernel (milter/readahead.h).
 *
 * Only in mxauthd, and only with --enable-readahead. */
#undef _FORTIFY_SOURCE /* its inline functions have these names */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "milter/answers.h"
#include "milter/readahead.h"

/* What a libmilter built with _FORTIFY_SOURCE may call instead. */
int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size);
ssize_t __read_chk(int fd, void *to, size_t len, size_t size);

int accept(int fd, struct sockaddr *address, socklen_t *len)
{
	return readahead_accept(fd, address, len);
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	return readahead_poll(fds, n, ms);
}

ssize_t read(int fd, void *to, size_t len)
{
	return readahead_read(fd, to, len);
}

ssize_t writev(int fd, const struct iovec *part, int n)
{
	return answers_writev(fd, part, n);
}

int close(int fd)
{
	return readahead_close(fd);
}

int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size)
{
	if (n > size / sizeof(*fds))
		abort();
	return readahead_poll(fds, n, ms);
}

ssize_t __read_chk(int fd, void *to, size_t len, size_t size)
{
	if (len > size)
		abort();
	return readahead_read(fd, to, len);
}
