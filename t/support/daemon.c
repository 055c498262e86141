/* daemon.c - processes for tests. */
#include "t/support/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "t/support/dnsd.h"
#include "t/support/testing.h"

#define START_MS 20000
#define STOP_MS 30000

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A program of this build. */
static const char *program(const char *name)
{
	static char path[4096];
	const char *build = getenv("builddir");

	snprintf(path, sizeof(path), "%s/%s", build ? build : ".", name);
	return path;
}

/* --- files --- */

static void in_dir(struct daemon *d, char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/%s", d->dir, name);
}

void daemon_init(struct daemon *d)
{
	*d = (struct daemon){ .pid = 0 };
	snprintf(d->dir, sizeof(d->dir), "/tmp/mxauth-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(d->dir));
	ck_assert_int_eq(chmod(d->dir, 0755), 0);
	snprintf(d->socket, sizeof(d->socket), "unix:%s/mxauth.sock", d->dir);
	in_dir(d, d->conf, sizeof(d->conf), "mxauth.conf");
	in_dir(d, d->policy, sizeof(d->policy), "policy.conf");
	in_dir(d, d->log, sizeof(d->log), "log");
	in_dir(d, d->journal, sizeof(d->journal), "journal");
	ck_assert_int_eq(mkdir(d->journal, 0777), 0);
}

void daemon_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
	fputs(text, f);
	fclose(f);
}

void daemon_config(struct daemon *d, const char *dns, const char *rest)
{
	char text[8192], servers[64] = "";

	if (d->dns != NULL)
		snprintf(servers, sizeof(servers), "servers = [\"%s\"]",
		    test_dnsd_server(d->dns));
	if (dns[0] == '\0')
		dns = "timeout = 60 deadline = 240";
	snprintf(text, sizeof(text),
	    "listen = \"%s\"\njournal: { directory = \"%s\" }\n"
	    "dns: { %s %s }\n%s",
	    d->socket, d->journal, servers, dns, rest);
	daemon_write(d->conf, text);
}

int daemon_free_port(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	close(fd);
	return ntohs(sin.sin_port);
}

void daemon_over_tcp(struct daemon *d)
{
	snprintf(d->socket, sizeof(d->socket), "inet:%d@127.0.0.1",
	    daemon_free_port());
}

void daemon_zone(struct daemon *d, const char *zone)
{
	d->dns = test_dnsd_start(mxa_str_from(zone), NULL);
}

static char *read_log(struct daemon *d)
{
	static char text[1 << 20];
	FILE *f = fopen(d->log, "r");
	size_t n = 0;

	if (f != NULL) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}

const char *daemon_log_text(struct daemon *d)
{
	return read_log(d);
}

unsigned daemon_log_count(struct daemon *d, const char *what)
{
	unsigned n = 0;

	for (const char *p = read_log(d); (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

bool daemon_logged(struct daemon *d, const char *what, int ms)
{
	int64_t end = now_ms() + ms;

	while (daemon_log_count(d, what) == 0) {
		if (now_ms() >= end)
			return false;
		nap();
	}
	return true;
}

/* --- processes --- */

/* What it says into the log, then the program; never returns. */
static void become(struct daemon *d, const char *path, const char *const *args)
{
	int fd = open(d->log, O_WRONLY | O_CREAT | O_APPEND, 0644);

	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	execv(path, (char *const *)(uintptr_t)args);
	_exit(127);
}

static pid_t spawn(struct daemon *d, const char *path, const char *const *args)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* not longer than the test */
		become(d, path, args);
	}
	return pid;
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

void daemon_start(struct daemon *d)
{
	const char *const args[] = { "mxauthd", "-f", "-c", d->conf, NULL };
	unsigned before = daemon_log_count(d, "listening on");
	int64_t end = now_ms() + START_MS;

	d->pid = spawn(d, program("mxauthd"), args);
	while (daemon_log_count(d, "listening on") == before) {
		ck_assert_msg(
		    daemon_wait(d, 0) == -1, "mxauthd ended: %s", read_log(d));
		ck_assert_msg(now_ms() < end, "no start: %s", read_log(d));
		nap();
	}
}

void daemon_start_fd(struct daemon *d, int fd)
{
	fcntl(fd, F_SETFD, 0);
	daemon_start(d);
	close(fd);
}

int daemon_run(struct daemon *d, const char *const *args)
{
	int status;

	d->pid = spawn(d, program("mxauthd"), args);
	status = daemon_wait(d, STOP_MS);
	ck_assert_msg(status >= 0, "mxauthd does not end: %s", read_log(d));
	return status;
}

void daemon_signal(struct daemon *d, int sig)
{
	ck_assert_int_gt(d->pid, 0);
	ck_assert_int_eq(kill(d->pid, sig), 0);
}

int daemon_wait(struct daemon *d, int ms)
{
	int64_t end = now_ms() + ms;
	int status;

	for (;;) {
		pid_t got = waitpid(d->pid, &status, WNOHANG);

		if (got == d->pid) {
			d->pid = 0;
			return status_of(status);
		}
		if (now_ms() >= end)
			return -1;
		nap();
	}
}

void daemon_stop(struct daemon *d)
{
	int status;

	daemon_signal(d, SIGTERM);
	status = daemon_wait(d, STOP_MS);
	ck_assert_msg(
	    status == 0, "mxauthd ended with %d: %s", status, read_log(d));
}

static void end_process(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

static int remove_one(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void daemon_done(struct daemon *d)
{
	end_process(&d->pid);
	test_dnsd_stop(d->dns);
	if (getenv("KEEP") == NULL)
		nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
