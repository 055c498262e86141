/* preflight.c - user, group, socket, ports, files. */
#include "milter/preflight.h"

#include <errno.h>
#include <grp.h>
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

static bool is_member(const struct identity *id, gid_t gid)
{
	gid_t group[64];
	int n = 64;

	if (gid == id->gid)
		return true;
	if (id->name[0] == '\0' ||
	    getgrouplist(id->name, id->gid, group, &n) < 0)
		return false;
	for (int i = 0; i < n; i++)
		if (group[i] == gid)
			return true;
	return false;
}

/* Whether the user of 'id' has the permissions 'bits' (of S_IRWXO), as far as
 * owner and mode say. */
static bool is_permitted(
    const struct stat *st, const struct identity *id, mode_t bits)
{
	unsigned shift = 0;

	if (id->uid == 0)
		return true;
	if (st->st_uid == id->uid)
		shift = 6;
	else if (is_member(id, st->st_gid))
		shift = 3;
	return (st->st_mode >> shift & bits) == bits;
}

/* The first name on the way to the file 'path' (changed) that bars the user of
 * 'id' from reading it; NULL: none does. */
static const char *barred_at(char *path, const struct identity *id)
{
	struct stat st;

	for (char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (stat(path, &st) == 0 && !is_permitted(&st, id, S_IXOTH))
			return path;
		*slash = '/';
	}
	return stat(path, &st) == 0 && !is_permitted(&st, id, S_IROTH) ? path
								       : NULL;
}

/* The start reads the files as root, a reload as the user. */
static void check_readable(
    const struct mxa_conf *conf, struct mxa_str path, bool foreground)
{
	char text[4096], error[256];
	struct identity id;
	const char *barred;

	if (path.len == 0 || path.len >= sizeof(text) || path.p[0] != '/' ||
	    !process_identity(
		conf->user, foreground, &id, error, sizeof(error)) ||
	    !id.change)
		return;
	snprintf(text, sizeof(text), "%.*s", MXA_STR_ARG(path));
	barred = barred_at(text, &id);
	if (barred != NULL)
		say_problem(NULL,
		    "%.*s: the user %s cannot read it because of %s: a reload "
		    "will fail",
		    MXA_STR_ARG(path), id.name, barred);
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
	} else if (!is_permitted(&st, &id, S_IWOTH | S_IXOTH)) {
		say_problem(NULL,
		    "journal: %s is not writable for the user %s: owner %u, "
		    "group %u, mode %04o",
		    dir, id.name[0] != '\0' ? id.name : "who starts mxauthd",
		    (unsigned)st.st_uid, (unsigned)st.st_gid,
		    (unsigned)(st.st_mode & 07777));
	}
}

bool preflight_check(
    const struct mxa_conf *conf, const char *file, bool foreground)
{
	bool ok = true;

	check_identity(conf, foreground, &ok);
	check_socket(conf, &ok);
	check_metrics(conf);
	check_pid_file(conf);
	check_readable(conf, mxa_str_from(file), foreground);
	check_readable(conf, conf->policy_file, foreground);
	check_journal(conf, foreground);
	return ok;
}
