/* listen.c - sockets made by ourselves. */
#include "milter/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"

#define BACKLOG 1024

static bool set_error(struct listener *l, const char *fmt, ...)
    MXA_PRINTF(2, 3);

static bool set_error(struct listener *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->error, sizeof(l->error), fmt, ap);
	va_end(ap);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	return false;
}

static void no_delay(int fd)
{
	int one = 1;

	/* Accepted sockets inherit it on Linux. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static bool start_listening(struct listener *l, const char *what)
{
	if (listen(l->fd, BACKLOG) != 0)
		return set_error(l, "%s: listen: %s", what, strerror(errno));
	snprintf(l->conn, sizeof(l->conn), "fd:%d", l->fd);
	return true;
}

/* --- UNIX sockets --- */

static bool unix_address(
    struct listener *l, struct mxa_str path, struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (path.len == 0)
		return set_error(l, "listen: the socket has no path");
	if (path.len >= sizeof(sun->sun_path))
		return set_error(l,
		    "%.*s: longer than the %zu bytes of a socket",
		    MXA_STR_ARG(path), sizeof(sun->sun_path) - 1);
	memcpy(sun->sun_path, path.p, path.len);
	memcpy(l->path, path.p, path.len);
	l->path[path.len] = '\0';
	snprintf(l->plain, sizeof(l->plain), "unix:%s", l->path);
	return true;
}

/* Whether 'path' is free: nothing there, or a socket that nobody answers, which
 * is removed. */
static bool remove_stale(struct listener *l, const struct sockaddr_un *sun)
{
	struct stat st;
	int probe, err;

	if (lstat(l->path, &st) != 0)
		return errno == ENOENT ||
		    set_error(l, "%s: %s", l->path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return set_error(
		    l, "%s: there is something that is not a socket", l->path);
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return set_error(l, "socket: %s", strerror(errno));
	err = connect(probe, (const struct sockaddr *)sun, sizeof(*sun)) == 0
	    ? 0
	    : errno;
	close(probe);
	if (err == 0 || err == EAGAIN)
		return set_error(
		    l, "%s: another process listens there", l->path);
	if (err != ECONNREFUSED)
		return set_error(l, "%s: %s", l->path, strerror(err));
	if (unlink(l->path) != 0)
		return set_error(l, "%s: cannot remove the stale socket: %s",
		    l->path, strerror(errno));
	return true;
}

/* chmod() of what 'fd' names; its file may have another name by now. */
static bool change_mode(int fd, mode_t mode)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return chmod(path, mode) == 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Owner, group and mode, before anyone can connect.  By a descriptor of what
 * bind() made: others may be able to put something else at its path. */
static bool dress_socket(struct listener *l, const struct listen_options *o)
{
	mode_t mode = o->mode & 0777;
	struct stat st;
	MXA_CLEANUP(close_fd)
	int fd = open(l->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		return set_error(l, "%s: %s", l->path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return set_error(
		    l, "%s: somebody has put something else there", l->path);
	if ((o->uid != (uid_t)-1 || o->gid != (gid_t)-1) &&
	    fchownat(fd, "", o->uid, o->gid, AT_EMPTY_PATH) != 0)
		return set_error(l, "%s: chown: %s", l->path, strerror(errno));
	/* The umask has done it, unless the directory has a default ACL. */
	if ((st.st_mode & 0777) != mode && !change_mode(fd, mode))
		return set_error(l, "%s: chmod: %s", l->path, strerror(errno));
	l->ours = true;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return true;
}

static bool open_unix(
    struct listener *l, const struct listen_options *o, struct mxa_str path)
{
	struct sockaddr_un sun;
	mode_t before;
	int err;

	if (!unix_address(l, path, &sun) || !remove_stale(l, &sun))
		return false;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return set_error(l, "socket: %s", strerror(errno));
	before = umask(~o->mode & 0777);
	err =
	    bind(l->fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 ? 0 : errno;
	umask(before);
	if (err == ENOENT)
		return set_error(
		    l, "%s: its directory does not exist", l->path);
	if (err != 0)
		return set_error(l, "%s: bind: %s", l->path, strerror(err));
	if (!dress_socket(l, o) || !start_listening(l, l->path)) {
		unlink(l->path);
		return false;
	}
	memcpy(&l->self, &sun, sizeof(sun));
	l->self_len = sizeof(sun);
	return true;
}

/* --- TCP sockets --- */

/* The address for a connection to ourselves: the bound address, or loopback if
 * we listen on all addresses. */
static void self_address(struct listener *l)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&l->self;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&l->self;

	l->self_len = sizeof(l->self);
	if (getsockname(l->fd, (struct sockaddr *)&l->self, &l->self_len) != 0)
		l->self_len = 0;
	if (l->self.ss_family == AF_INET && sin->sin_addr.s_addr == INADDR_ANY)
		sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (l->self.ss_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&sin6->sin6_addr))
		sin6->sin6_addr = in6addr_loopback;
}

static bool bind_inet(struct listener *l, const struct addrinfo *ai)
{
	int one = 1;

	l->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return set_error(l, "socket: %s", strerror(errno));
	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	no_delay(l->fd);
	if (bind(l->fd, ai->ai_addr, ai->ai_addrlen) != 0) {
		l->in_use = errno == EADDRINUSE;
		return set_error(l, "%s: bind: %s", l->plain, strerror(errno));
	}
	return start_listening(l, l->plain);
}

/* "PORT@HOST", "PORT", or Postfix's "HOST:PORT", "[HOST]:PORT". */
static void split_host_port(
    struct mxa_str s, struct mxa_str *host, struct mxa_str *port)
{
	size_t at = mxa_str_chr(s, '@', 0), colon = s.len;

	if (at < s.len) {
		*port = mxa_str_sub(s, 0, at);
		*host = mxa_str_sub(s, at + 1, s.len);
	} else {
		for (size_t i = 0; i < s.len; i++)
			if (s.p[i] == ':')
				colon = i;
		*host = mxa_str_sub(s, 0, colon < s.len ? colon : 0);
		*port = mxa_str_sub(s, colon < s.len ? colon + 1 : 0, s.len);
	}
	if (host->len >= 2 && host->p[0] == '[' &&
	    host->p[host->len - 1] == ']')
		*host = mxa_str_sub(*host, 1, host->len - 1);
}

/* getaddrinfo accepts 99999 as a port. */
static bool port_ok(struct mxa_str p)
{
	uint64_t n;

	return p.len > 0 &&
	    (!mxa_is_digit(p.p[0]) || mxa_str_u64(p, 65535, &n));
}

static bool open_inet(struct listener *l, struct mxa_str rest, int family)
{
	struct addrinfo hints = { .ai_family = family,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	struct mxa_str h, p;
	char host[200], port[32];
	int err;

	split_host_port(rest, &h, &p);
	if (!port_ok(p) || p.len >= sizeof(port) || h.len >= sizeof(host))
		return set_error(
		    l, "listen: \"%.*s\" is not PORT@HOST", MXA_STR_ARG(rest));
	snprintf(port, sizeof(port), "%.*s", MXA_STR_ARG(p));
	snprintf(host, sizeof(host), "%.*s", MXA_STR_ARG(h));
	snprintf(l->plain, sizeof(l->plain), "%s:%s@%s",
	    family == AF_INET6 ? "inet6" : "inet", port,
	    host[0]		     ? host
		: family == AF_INET6 ? "::1"
				     : "127.0.0.1");
	err = getaddrinfo(host[0] ? host : NULL, port, &hints, &list);
	if (err != 0)
		return set_error(l, "%s: %s", l->plain, gai_strerror(err));
	if (bind_inet(l, list))
		self_address(l);
	freeaddrinfo(list);
	return l->fd >= 0;
}

/* --- a descriptor given to us --- */

static bool open_fd(struct listener *l, struct mxa_str number)
{
	int type = 0, listening = 0;
	socklen_t len = sizeof(type);
	uint64_t fd;

	if (!mxa_str_u64(number, 65535, &fd))
		return set_error(l, "listen: \"fd:%.*s\" names no descriptor",
		    MXA_STR_ARG(number));
	if (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
		return set_error(l, "fd:%d: %s", (int)fd, strerror(errno));
	if (type != SOCK_STREAM)
		return set_error(l, "fd:%d: not a stream socket", (int)fd);
	l->fd = (int)fd;
	snprintf(l->plain, sizeof(l->plain), "fd:%d", l->fd);
	fcntl(l->fd, F_SETFD, FD_CLOEXEC);
	self_address(l);
	if (l->self.ss_family != AF_UNIX)
		no_delay(l->fd);
	len = sizeof(listening);
	if (getsockopt(l->fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) ==
		0 &&
	    listening) {
		snprintf(l->conn, sizeof(l->conn), "fd:%d", l->fd);
		return true;
	}
	return start_listening(l, l->plain);
}

/* --- the module --- */

static bool has_prefix(
    struct mxa_str s, struct mxa_str prefix, struct mxa_str *rest)
{
	if (!mxa_str_casestarts(s, prefix))
		return false;
	*rest = mxa_str_sub(s, prefix.len, s.len);
	return true;
}

bool listen_open(struct listener *l, const struct listen_options *o)
{
	struct mxa_str rest;

	*l = (struct listener){ .fd = -1 };
	if (has_prefix(o->socket, MXA_STR("fd:"), &rest))
		return open_fd(l, rest);
	if (has_prefix(o->socket, MXA_STR("unix:"), &rest) ||
	    has_prefix(o->socket, MXA_STR("local:"), &rest))
		return open_unix(l, o, rest);
	if (has_prefix(o->socket, MXA_STR("inet6:"), &rest))
		return open_inet(l, rest, AF_INET6);
	if (has_prefix(o->socket, MXA_STR("inet:"), &rest))
		return open_inet(l, rest, AF_INET);
	if (o->socket.len > 0 && o->socket.p[0] == '/')
		return open_unix(l, o, o->socket);
	return set_error(l,
	    "listen: \"%.*s\" is no socket (unix:PATH, "
	    "inet:PORT@HOST, inet6:PORT@HOST, fd:N)",
	    MXA_STR_ARG(o->socket));
}

/* --- without leaving a trace --- */

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool has_directory(struct listener *l)
{
	char dir[sizeof(l->path)];
	char *slash;

	memcpy(dir, l->path, sizeof(dir));
	slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return true;
	*slash = '\0';
	return is_directory(dir) ||
	    set_error(l, "%s: its directory does not exist", l->path);
}

static enum listen_trial try_unix(struct listener *l, struct mxa_str path)
{
	struct sockaddr_un sun;
	struct stat st;
	int probe;
	bool answers;

	if (!unix_address(l, path, &sun) || !has_directory(l))
		return LISTEN_IMPOSSIBLE;
	if (lstat(l->path, &st) != 0)
		return LISTEN_FREE;
	if (!S_ISSOCK(st.st_mode)) {
		set_error(
		    l, "%s: there is something that is not a socket", l->path);
		return LISTEN_IMPOSSIBLE;
	}
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return LISTEN_FREE;
	answers =
	    connect(probe, (const struct sockaddr *)&sun, sizeof(sun)) == 0 ||
	    errno == EAGAIN;
	close(probe);
	return answers ? LISTEN_IN_USE : LISTEN_FREE;
}

static enum listen_trial try_inet(
    struct listener *l, struct mxa_str rest, int family)
{
	if (open_inet(l, rest, family)) {
		close(l->fd);
		l->fd = -1;
		return LISTEN_FREE;
	}
	return l->in_use ? LISTEN_IN_USE : LISTEN_IMPOSSIBLE;
}

enum listen_trial listen_try(struct listener *l, struct mxa_str socket)
{
	struct mxa_str rest;

	*l = (struct listener){ .fd = -1 };
	if (has_prefix(socket, MXA_STR("unix:"), &rest))
		return try_unix(l, rest);
	if (has_prefix(socket, MXA_STR("inet6:"), &rest))
		return try_inet(l, rest, AF_INET6);
	if (has_prefix(socket, MXA_STR("inet:"), &rest))
		return try_inet(l, rest, AF_INET);
	return LISTEN_FREE;
}

void listen_give_up(struct listener *l)
{
	listen_unlink(l);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

int listen_call(const struct listener *l)
{
	int fd, error;

	errno = EADDRNOTAVAIL;
	if (l->self_len == 0)
		return -1;
	fd = socket(
	    l->self.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&l->self, l->self_len) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

bool listen_wake(const struct listener *l)
{
	int fd = listen_call(l);

	/* EAGAIN: the queue is full of others that wake the pool as well. */
	if (fd < 0)
		return errno == EAGAIN;
	close(fd);
	return true;
}

void listen_unlink(struct listener *l)
{
	struct stat st;

	if (l->ours && lstat(l->path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->path);
	l->ours = false;
}
