/* connections.c - see connections.h. */
#include "milter/connections.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Descriptors are numbered from 0: a table of pages that are made when needed
 * and stay. */
#define PAGE_SLOTS 1024
#define PAGES 1024

/* Buffers that wait for their next use. */
#define SPARE_BUFFERS 64

struct spare {
	struct spare *next;
};

static _Atomic(struct connection *) pages[PAGES];

static pthread_mutex_t spares_lock = PTHREAD_MUTEX_INITIALIZER;
static struct spare *spares;
static unsigned n_spares;

/* --- the system's own calls --- */

ssize_t system_read(int fd, void *to, size_t len)
{
	return (ssize_t)syscall(SYS_read, fd, to, len);
}

ssize_t system_writev(int fd, const struct iovec *part, int n)
{
	return (ssize_t)syscall(SYS_writev, fd, part, n);
}

int system_close(int fd)
{
	return (int)syscall(SYS_close, fd);
}

int system_poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	return ppoll(fds, n, ms < 0 ? NULL : &t, NULL);
}

/* --- buffers --- */

char *connection_take_buffer(void)
{
	struct spare *s;

	pthread_mutex_lock(&spares_lock);
	s = spares;
	if (s != NULL) {
		spares = s->next;
		n_spares--;
	}
	pthread_mutex_unlock(&spares_lock);
	return s != NULL ? (char *)s : malloc(CONNECTION_BUFFER);
}

void connection_give_buffer(char **buffer)
{
	struct spare *s = (struct spare *)(void *)*buffer;

	*buffer = NULL;
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

/* --- the table --- */

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

struct connection *connection_find(int fd)
{
	struct connection *c = find_slot(fd);

	return c != NULL && atomic_load_explicit(&c->ours, memory_order_acquire)
	    ? c
	    : NULL;
}

void connection_note_held(struct connection *c)
{
	atomic_store_explicit(&c->holds,
	    c->at < c->end || c->ended || c->error != 0, memory_order_release);
}

static void forget_all(struct connection *c)
{
	connection_give_buffer(&c->buf);
	connection_give_buffer(&c->out);
	c->at = c->end = c->out_len = 0;
	c->polled = c->ended = c->asked_to_write = false;
	c->error = 0;
	connection_note_held(c);
}

bool connection_adopt(int fd)
{
	struct connection *c = make_slot(fd);

	if (c == NULL)
		return false;
	/* Its number may have belonged to a connection that was closed by
	 * other means. */
	forget_all(c);
	atomic_store_explicit(&c->ours, true, memory_order_release);
	return true;
}

void connection_forget(struct connection *c)
{
	atomic_store_explicit(&c->ours, false, memory_order_release);
	forget_all(c);
}
