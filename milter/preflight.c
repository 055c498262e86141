/* preflight.c - user, group, socket, ports. */
#include "milter/preflight.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "conf/conf.h"
#include "milter/listen.h"
#include "milter/process.h"

static void say_problem(bool *ok, const char *fmt, ...) MXA_PRINTF(2, 3);

/* 'ok' NULL: a warning. */
static void say_problem(bool *ok, const char *fmt, ...)
{
	va_list ap;

	fputs(ok != NULL ? "mxauthd: " : "warning: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (ok != NULL)
		*ok = false;
}

/* An ordinary user may check the configuration of a daemon that root starts. */
static void check_identity(
    const struct mxa_conf *conf, bool foreground, bool *ok)
{
	struct identity id;
	char error[256];
	gid_t gid;

	if (!process_identity(
		conf->user, foreground, &id, error, sizeof(error)))
		say_problem(id.name[0] != '\0' && geteuid() != 0 ? NULL : ok,
		    "%s", error);
	if (conf->socket_group.len > 0 &&
	    !process_group(conf->socket_group, &gid))
		say_problem(ok, "socket-group: there is no \"%.*s\"",
		    MXA_STR_ARG(conf->socket_group));
}

static void check_socket(const struct mxa_conf *conf, bool *ok)
{
	struct listener l;

	switch (listen_try(&l, conf->listen)) {
	case LISTEN_FREE:
		break;
	case LISTEN_IN_USE:
		say_problem(NULL,
		    "listen: somebody answers at %s already; that is right "
		    "only while mxauthd runs",
		    l.plain);
		break;
	case LISTEN_IMPOSSIBLE:
		say_problem(ok, "%s", l.error);
		break;
	}
}

/* A start without its counters or its pid file goes on. */
static void check_metrics(const struct mxa_conf *conf)
{
	struct listener l;
	char text[256];

	if (conf->metrics_listen.len == 0)
		return;
	snprintf(text, sizeof(text), "inet%s:%.*s",
	    conf->metrics_listen.p[0] == '[' ? "6" : "",
	    MXA_STR_ARG(conf->metrics_listen));
	switch (listen_try(&l, mxa_str_from(text))) {
	case LISTEN_FREE:
		break;
	case LISTEN_IN_USE:
		say_problem(NULL,
		    "metrics.listen: somebody answers at %.*s already; that "
		    "is right only while mxauthd runs",
		    MXA_STR_ARG(conf->metrics_listen));
		break;
	case LISTEN_IMPOSSIBLE:
		say_problem(NULL, "metrics.listen: %s", l.error);
		break;
	}
}

static void check_pid_file(const struct mxa_conf *conf)
{
	struct mxa_str path = conf->pid_file;
	char dir[4096];
	char *slash;
	struct stat st;

	if (path.len == 0 || path.len >= sizeof(dir))
		return;
	memcpy(dir, path.p, path.len);
	dir[path.len] = '\0';
	slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return;
	*slash = '\0';
	if (stat(dir, &st) != 0)
		say_problem(NULL, "pid-file: %s: %s", dir, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		say_problem(NULL, "pid-file: %s is not a directory", dir);
}

/* Whether the user of 'id' may write to 'dir', as far as owner and mode say. */
static bool may_write(const struct stat *dir, const struct identity *id)
{
	if (id->uid == 0)
		return true;
	if (dir->st_uid == id->uid)
		return (dir->st_mode & 0300) == 0300;
	if (dir->st_gid == id->gid)
		return (dir->st_mode & 0030) == 0030;
	return (dir->st_mode & 0003) == 0003;
}

/* The daemon creates the directory below the state directory, or in a parent
 * that exists. */
static bool can_be_made(const char *path)
{
	struct mxa_str text = mxa_str_from(path);
	char parent[4096];
	struct stat st;
	char *slash;

	if (mxa_str_starts(text, MXA_STR(MXAUTH_STATEDIR "/")))
		return true;
	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (slash == NULL || slash == parent)
		return false;
	*slash = '\0';
	return stat(parent, &st) == 0 && S_ISDIR(st.st_mode);
}

/* mxauthd starts without a journal, but the operator will miss it later. */
static void check_journal(const struct mxa_conf *conf, bool foreground)
{
	struct mxa_str path = conf->journal_directory;
	struct identity id;
	char dir[4096], error[256];
	struct stat st;

	if (path.len == 0) {
		say_problem(
		    NULL, "journal: none is kept: journal.directory is empty");
		return;
	}
	if (path.len >= sizeof(dir) ||
	    !process_identity(
		conf->user, foreground, &id, error, sizeof(error)))
		return; /* check_identity reports it */
	snprintf(dir, sizeof(dir), "%.*s", MXA_STR_ARG(path));
	if (stat(dir, &st) != 0) {
		if (!can_be_made(dir))
			say_problem(
			    NULL, "journal: %s: %s", dir, strerror(ENOENT));
	} else if (!S_ISDIR(st.st_mode)) {
		say_problem(NULL, "journal: %s is not a directory", dir);
	} else if (!may_write(&st, &id)) {
		say_problem(NULL,
		    "journal: %s is not writable for the user %s: owner %u, "
		    "group %u, mode %04o",
		    dir, id.name[0] != '\0' ? id.name : "who starts mxauthd",
		    (unsigned)st.st_uid, (unsigned)st.st_gid,
		    (unsigned)(st.st_mode & 07777));
	}
}

bool preflight_check(const struct mxa_conf *conf, bool foreground)
{
	bool ok = true;

	check_identity(conf, foreground, &ok);
	check_socket(conf, &ok);
	check_metrics(conf);
	check_pid_file(conf);
	check_journal(conf, foreground);
	return ok;
}
