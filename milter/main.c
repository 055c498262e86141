/* main.c - mxauthd: options, privileges, wiring; no decisions. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/sysclock.h"
#include "milter/callbacks.h"
#include "milter/engine.h"
#include "milter/listen.h"
#include "milter/log.h"
#include "milter/preflight.h"
#include "milter/process.h"
#include "milter/runtime.h"
#include "milter/serve.h"
#include "milter/signals.h"
#include "milter/threads.h"
#include "policy/load.h"

#define DEFAULT_FILE MXAUTH_SYSCONFDIR "/mxauth.conf"

struct options {
	const char *file;
	bool foreground;
	bool check_only;
};

static void print_usage(FILE *to)
{
	fputs("usage: mxauthd [-c FILE] [-f] [-n] [-V] [-h]\n"
	      "  -c FILE  configuration (" DEFAULT_FILE ")\n"
	      "  -f       stay in the foreground, log to standard error\n"
	      "  -n       check the configuration and exit: 0, or 78\n"
	      "  -V       version and what is built in\n"
	      "  -h       this text\n",
	    to);
}

static void print_version(void)
{
	puts("mxauthd " PACKAGE_VERSION);
	printf("libmilter %s\n", engine_version());
	puts(LIBRARY_VERSIONS);
	puts(BUILD_OPTIONS);
}

/* Fills 'o'; -1: go on, else the exit status. */
static int read_options(int argc, char **argv, struct options *o)
{
	int c;

	*o = (struct options){ .file = DEFAULT_FILE };
	while ((c = getopt(argc, argv, "c:fnVh")) != -1) {
		switch (c) {
		case 'c':
			o->file = optarg;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 'n':
			o->check_only = true;
			break;
		case 'V':
			print_version();
			return EX_OK;
		case 'h':
			print_usage(stdout);
			return EX_OK;
		default:
			print_usage(stderr);
			return EX_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "mxauthd: unexpected \"%s\"\n", argv[optind]);
	print_usage(stderr);
	return EX_USAGE;
}

/* The loader's messages begin with file and line; we print them as they are. */
static void print_lines(char *text)
{
	if (text != NULL)
		fputs(text, stderr);
	free(text);
}

static struct mxa_conf *load_conf(const char *file)
{
	char *errors = NULL, *warnings = NULL;
	struct mxa_conf *conf = mxa_policy_load(file, &errors, &warnings);

	print_lines(errors);
	print_lines(warnings);
	if (conf != NULL)
		print_lines(
		    mxa_policy_ended(conf, mxa_clock_wall(mxa_sysclock())));
	return conf;
}

static char *c_string(struct mxa_str s, char *out, size_t size)
{
	snprintf(out, size, "%.*s", MXA_STR_ARG(s));
	return out;
}

/* Make the socket while we still have all privileges. */
static bool open_socket(
    struct listener *l, const struct mxa_conf *conf, const struct identity *id)
{
	struct listen_options o = { .socket = conf->listen,
		.mode = conf->socket_mode,
		.uid = id->change ? id->uid : (uid_t)-1,
		.gid = id->change ? id->gid : (gid_t)-1 };

	if (conf->socket_group.len > 0 &&
	    !process_group(conf->socket_group, &o.gid)) {
		fprintf(stderr, "mxauthd: socket-group: there is no \"%.*s\"\n",
		    MXA_STR_ARG(conf->socket_group));
		return false;
	}
	if (!listen_open(l, &o)) {
		fprintf(stderr, "mxauthd: %s\n", l->error);
		return false;
	}
	if (engine_open(l))
		return true;
	fprintf(stderr, "mxauthd: %s: libmilter cannot use this socket\n",
	    l->plain);
	listen_unlink(l);
	return false;
}

/* The default place of journal and store.  The user that we become may create
 * files and directories below it. */
static void make_state_directory(
    const struct mxa_conf *conf, const struct identity *id)
{
	if (!id->change ||
	    !mxa_str_starts(
		conf->journal_directory, MXA_STR(MXAUTH_STATEDIR "/")) ||
	    mkdir(MXAUTH_STATEDIR, 0750) != 0)
		return; /* it exists, or the journal will report the error */
	if (lchown(MXAUTH_STATEDIR, id->uid, id->gid) != 0)
		log_warn("%s: chown: %s", MXAUTH_STATEDIR, strerror(errno));
}

/* Go into the background, write the pid file, change the user. */
static int settle_process(const struct options *o, const struct mxa_conf *conf,
    const struct identity *id)
{
	char text[4096];

	process_raise_limits();
	threads_set_stack();
	threads_set_arenas();
	if (!signals_init()) {
		fprintf(stderr, "mxauthd: signals: %s\n", strerror(errno));
		return EX_OSERR;
	}
	threads_watch(signals_poke);
	if (!o->foreground && !process_background()) {
		fprintf(stderr, "mxauthd: fork: %s\n", strerror(errno));
		return EX_OSERR;
	}
	log_open(
	    o->foreground, c_string(conf->syslog_facility, text, sizeof(text)));
	if (conf->pid_file.len > 0 &&
	    !process_pid_file(c_string(conf->pid_file, text, sizeof(text))))
		log_warn("%s: %s", text, strerror(errno));
	make_state_directory(conf, id);
	if (!process_become(id)) {
		fprintf(stderr, "mxauthd: cannot become %s: %s\n", id->name,
		    strerror(errno));
		return EX_NOPERM;
	}
	if (id->root)
		log_warn("working as root: set \"user\", or make a user "
			 "\"mxauth\"");
	return EX_OK;
}

/* A reload reads the files as the user that we have become. */
static void say_unreadable(const char *file)
{
	if (file[0] != '\0' && access(file, R_OK) != 0)
		log_warn("%s: %s: a reload will fail", file, strerror(errno));
}

static int run_daemon(
    const struct options *o, struct mxa_conf *conf, char *file)
{
	struct identity id;
	struct listener listener;
	struct runtime *rt;
	char error[256], policy[4096];
	int status;

	if (!process_identity(
		conf->user, o->foreground, &id, error, sizeof(error))) {
		fprintf(stderr, "mxauthd: %s\n", error);
		mxa_conf_free(conf);
		return EX_CONFIG;
	}
	c_string(conf->policy_file, policy, sizeof(policy));
	rt = runtime_new(conf, file, &listener);
	runtime_stats(rt)->libmilter = engine_version();
	if (!callbacks_register(rt) || !open_socket(&listener, conf, &id)) {
		runtime_stop(rt);
		return EX_UNAVAILABLE;
	}
	status = settle_process(o, conf, &id);
	if (status == EX_OK && !runtime_start(rt))
		status = EX_UNAVAILABLE;
	if (status != EX_OK) {
		listen_unlink(&listener);
		process_remove_pid_file();
		runtime_stop(rt);
		return status;
	}
	say_unreadable(file);
	say_unreadable(policy);
	serve(rt, &listener, conf->shutdown_seconds);
}

static int check_start(
    const struct options *o, struct mxa_conf *conf, const char *file)
{
	bool ok = preflight_check(conf, file, o->foreground);

	mxa_conf_free(conf);
	return ok ? EX_OK : EX_CONFIG;
}

int main(int argc, char **argv)
{
	struct options o;
	struct mxa_conf *conf;
	char *file;
	int status = read_options(argc, argv, &o);

	if (status >= 0)
		return status;
	file = realpath(o.file, NULL);
	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", o.file, strerror(errno));
		return EX_CONFIG;
	}
	conf = load_conf(o.file);
	if (conf == NULL)
		status = EX_CONFIG;
	else if (o.check_only)
		status = check_start(&o, conf, file);
	else
		status = run_daemon(&o, conf, file);
	free(file);
	return status < 0 ? EX_OK : status;
}
