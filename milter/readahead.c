/* readahead.c - see readahead.h.
 *
 * The functions below may be those that this file itself would call by the
 * names of the C library: the kernel is reached by calls that libmilter does
 * not make. */
#include "milter/readahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Descriptors are numbered from 0: a table of pages that are made when needed
 * and stay. */
#define PAGE_SLOTS 1024
#define PAGES 1024

#define TO_READ (POLLIN | POLLRDNORM)
#define TO_WRITE (POLLOUT | POLLWRNORM)

/* Buffers that wait for their next use. */
#define SPARE_BUFFERS 64

struct connection {
	atomic_bool ours;
	atomic_bool holds; /* a byte, the end or an error */
	bool polled;
	bool ended;	/* read() gives 0 from here on */
	int error;	/* of the next read(); 0: none */
	char *buf;	/* NULL: nothing is kept */
	size_t at, end; /* the bytes kept */
};

struct spare {
	struct spare *next;
};

static _Atomic(struct connection *) pages[PAGES];
static atomic_int listening = -1;

static pthread_mutex_t spares_lock = PTHREAD_MUTEX_INITIALIZER;
static struct spare *spares;
static unsigned n_spares;

/* --- the system's own calls --- */

static ssize_t system_read(int fd, void *to, size_t len)
{
	return (ssize_t)syscall(SYS_read, fd, to, len);
}

static int system_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

static int system_poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	return ppoll(fds, n, ms < 0 ? NULL : &t, NULL);
}

/* --- buffers --- */

/* NULL: there is no memory; then nothing is read ahead. */
static char *take_buffer(void)
{
	struct spare *s;

	pthread_mutex_lock(&spares_lock);
	s = spares;
	if (s != NULL) {
		spares = s->next;
		n_spares--;
	}
	pthread_mutex_unlock(&spares_lock);
	return s != NULL ? (char *)s : malloc(READAHEAD_SIZE);
}

static void give_buffer(struct connection *c)
{
	struct spare *s = (struct spare *)(void *)c->buf;

	c->buf = NULL;
	c->at = c->end = 0;
	if (s == NULL)
		return;
	pthread_mutex_lock(&spares_lock);
	if (n_spares < SPARE_BUFFERS) {
		s->next = spares;
		spares = s;
		n_spares++;
		s = NULL;
	}
	pthread_mutex_unlock(&spares_lock);
	free(s);
}

/* --- connections --- */

static struct connection *find_slot(int fd)
{
	struct connection *page;

	if (fd < 0 || fd >= PAGES * PAGE_SLOTS)
		return NULL;
	page =
	    atomic_load_explicit(&pages[fd / PAGE_SLOTS], memory_order_acquire);
	return page != NULL ? &page[fd % PAGE_SLOTS] : NULL;
}

static struct connection *make_slot(int fd)
{
	struct connection *page, *other = NULL;

	if (fd < 0 || fd >= PAGES * PAGE_SLOTS || find_slot(fd) != NULL)
		return find_slot(fd);
	page = calloc(PAGE_SLOTS, sizeof(*page));
	if (page == NULL)
		return NULL;
	if (!atomic_compare_exchange_strong(
		&pages[fd / PAGE_SLOTS], &other, page))
		free(page); /* another thread was first */
	return find_slot(fd);
}

/* NULL: not a connection of ours. */
static struct connection *find_connection(int fd)
{
	struct connection *c = find_slot(fd);

	return c != NULL && atomic_load_explicit(&c->ours, memory_order_acquire)
	    ? c
	    : NULL;
}

static bool holds(const struct connection *c)
{
	return atomic_load_explicit(&c->holds, memory_order_acquire);
}

static void note_held(struct connection *c)
{
	atomic_store_explicit(&c->holds,
	    c->at < c->end || c->ended || c->error != 0, memory_order_release);
}

static void forget_connection(struct connection *c)
{
	give_buffer(c);
	c->polled = c->ended = false;
	c->error = 0;
	note_held(c);
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
		c->buf = take_buffer();
	if (c->buf != NULL)
		part[1] = (struct iovec){ c->buf, READAHEAD_SIZE };
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
	note_held(c);
	return n <= 0 ? 0 : (size_t)n - c->end;
}

/* --- the calls --- */

void readahead_listen(int fd)
{
	atomic_store(&listening, fd);
}

bool readahead_adopt(int fd)
{
	struct connection *c = make_slot(fd);

	if (c == NULL)
		return false;
	/* Its number may have belonged to a connection that was closed by
	 * other means. */
	forget_connection(c);
	atomic_store_explicit(&c->ours, true, memory_order_release);
	return true;
}

size_t readahead_kept(int fd)
{
	const struct connection *c = find_connection(fd);

	return c != NULL ? c->end - c->at : 0;
}

int readahead_accept(int fd, struct sockaddr *address, socklen_t *len)
{
	int accepted = accept4(fd, address, len, 0);

	if (accepted >= 0 && fd == atomic_load(&listening))
		(void)readahead_adopt(accepted);
	return accepted;
}

/* A thread that polls one connection is about to read it. */
static int poll_one(struct connection *c, struct pollfd *p, int ms)
{
	c->polled = true;
	if (!holds(c))
		(void)fetch(c, p->fd, NULL, 0);
	if (!holds(c)) {
		give_buffer(c);
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
	c = find_connection(p->fd);
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

	if (n != 1 || (fds->events & TO_WRITE) != 0)
		return poll_many(fds, n, ms);
	c = find_connection(fds->fd);
	if (c == NULL || (fds->events & TO_READ) == 0)
		return system_poll(fds, n, ms);
	return poll_one(c, fds, ms);
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
	note_held(c);
	return n;
}

/* Nothing is kept but the end or an error. */
static ssize_t read_last(struct connection *c)
{
	if (c->error == 0)
		return 0;
	errno = c->error;
	c->error = 0; /* the kernel tells it once, too */
	note_held(c);
	return -1;
}

ssize_t readahead_read(int fd, void *to, size_t len)
{
	struct connection *c = find_connection(fd);
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
	give_buffer(c);
	return system_read(fd, to, len); /* waits, if the socket does */
}

int readahead_close(int fd)
{
	struct connection *c = find_connection(fd);

	if (c != NULL) {
		/* Before the number can belong to another. */
		atomic_store_explicit(&c->ours, false, memory_order_release);
		forget_connection(c);
	}
	return system_close(fd);
}
