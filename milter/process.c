/* process.c - user, limits, background. */

#include "milter/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#if MXA_ASAN
#include <sanitizer/lsan_interface.h>
#endif

#define DEFAULT_USER "mxauth"
#define WANTED_FILES 65536

/* --- user --- */

bool process_group(struct mxa_str name, gid_t *out)
{
	char text[64];
	struct group *gr;
	uint64_t number;

	if (mxa_str_u64(name, INT32_MAX, &number)) {
		*out = (gid_t)number;
		return true;
	}
	if (name.len == 0 || name.len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", MXA_STR_ARG(name));
	gr = getgrnam(text);
	if (gr == NULL)
		return false;
	*out = gr->gr_gid;
	return true;
}

static bool look_up(struct mxa_str name, struct identity *out)
{
	struct passwd *pw;

	if (name.len == 0 || name.len >= sizeof(out->name))
		return false;
	snprintf(out->name, sizeof(out->name), "%.*s", MXA_STR_ARG(name));
	pw = getpwnam(out->name);
	if (pw == NULL)
		return false;
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	return true;
}

bool process_identity(struct mxa_str user, bool foreground,
    struct identity *out, char *error, size_t size)
{
	bool am_root = geteuid() == 0;

	*out = (struct identity){ .uid = geteuid(), .gid = getegid() };
	if (user.len > 0) {
		if (!look_up(user, out)) {
			snprintf(error, size, "user: there is no \"%.*s\"",
			    MXA_STR_ARG(user));
			out->name[0] = '\0';
			return false;
		}
		if (!am_root && out->uid != geteuid()) {
			snprintf(error, size,
			    "user: only root can become \"%s\"", out->name);
			return false;
		}
		out->root = am_root && out->uid == 0;
		out->change = am_root && out->uid != 0;
		return true;
	}
	if (!am_root)
		return true;
	if (look_up(MXA_STR(DEFAULT_USER), out) && out->uid != 0) {
		out->change = true;
		return true;
	}
	*out = (struct identity){ .root = true };
	if (foreground)
		return true;
	snprintf(error, size,
	    "refusing to work as root: set \"user\", or make a user \"%s\"",
	    DEFAULT_USER);
	return false;
}

bool process_become(const struct identity *id)
{
	if (!id->change)
		return true;
	if (initgroups(id->name, id->gid) != 0 ||
	    setresgid(id->gid, id->gid, id->gid) != 0 ||
	    setresuid(id->uid, id->uid, id->uid) != 0)
		return false;
	if (setuid(0) == 0) { /* must fail */
		errno = EPERM;
		return false;
	}
	return true;
}

/* --- limits --- */

void process_raise_limits(void)
{
	struct rlimit r;
	rlim_t want = WANTED_FILES;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= want)
		return;
	if (r.rlim_max < want && geteuid() == 0) {
		struct rlimit higher = { want, want };

		if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
			return;
	}
	r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
	(void)setrlimit(RLIMIT_NOFILE, &r); /* the old limit is acceptable */
}

/* --- background --- */

static int ready_pipe = -1;

static int parent_waits(int fd, pid_t child)
{
	char ok;
	int status;
	ssize_t n;

	while ((n = read(fd, &ok, 1)) < 0 && errno == EINTR)
		;
	if (n == 1)
		return EXIT_SUCCESS;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

bool process_background(void)
{
	int ends[2], null;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	child = fork();
	if (child < 0)
		return false;
	if (child > 0) {
		close(ends[1]);
		_exit(parent_waits(ends[0], child));
	}
	close(ends[0]);
	ready_pipe = ends[1];
	setsid();
	if (chdir("/") != 0)
		return false;
	/* Standard error stays open until process_ready, for error messages. */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0)
		return false;
	close(null);
	return true;
}

/* Stays open: the user that we become may not be able to open it. */
static struct {
	char path[4096];
	int fd;
} pid_file = { .fd = -1 };

bool process_pid_file(const char *path)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, (size_t)n) == n;
	pid_file.fd = fd;
	snprintf(pid_file.path, sizeof(pid_file.path), "%s", path);
	return ok;
}

void process_remove_pid_file(void)
{
	struct stat ours, there;

	if (pid_file.fd < 0)
		return;
	if (fstat(pid_file.fd, &ours) == 0 &&
	    lstat(pid_file.path, &there) == 0 && ours.st_dev == there.st_dev &&
	    ours.st_ino == there.st_ino && unlink(pid_file.path) != 0)
		(void)!ftruncate(pid_file.fd, 0);
	close(pid_file.fd);
	pid_file.fd = -1;
}

/* --- notification of the parent and of systemd --- */

static void tell_parent(void)
{
	if (ready_pipe < 0)
		return;
	if (write(ready_pipe, "", 1) != 1)
		return; /* the parent has ended */
	close(ready_pipe);
	ready_pipe = -1;
	if (dup2(STDIN_FILENO, STDERR_FILENO) < 0)
		close(STDERR_FILENO);
}

/* The protocol of sd_notify(3) is one datagram.  We do not use libsystemd: it
 * would load six libraries into a process that reads mail of strangers. */
static void tell_systemd(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (len < 2 || len >= sizeof(sun.sun_path))
		return;
	memcpy(sun.sun_path, path, len);
	if (path[0] == '@')
		sun.sun_path[0] = '\0'; /* abstract */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* We go on if nobody listens there. */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void process_ready(void)
{
	tell_parent();
	tell_systemd("READY=1");
}

void process_reloading(void)
{
	struct timespec now;
	char text[80];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	tell_systemd(text);
}

void process_reloaded(void)
{
	tell_systemd("READY=1");
}

void process_stopping(void)
{
	tell_systemd("STOPPING=1");
}

int process_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t time, wanted;

	if (usec == NULL || !mxa_str_u64(mxa_str_from(usec), INT64_MAX, &time))
		return -1;
	if (pid != NULL &&
	    (!mxa_str_u64(mxa_str_from(pid), INT32_MAX, &wanted) ||
		wanted != (uint64_t)getpid()))
		return -1;
	time /= 1000;
	return time == 0 || time > INT_MAX ? -1 : (int)time;
}

void process_alive(void)
{
	tell_systemd("WATCHDOG=1");
}

#if MXA_ASAN
static void look_for_leaks(void)
{
	__lsan_do_leak_check(); /* ends the process itself when it finds some */
}
#else
static void look_for_leaks(void)
{
}
#endif

void process_end(int status)
{
	look_for_leaks();
	_exit(status);
}
