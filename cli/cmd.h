/* cmd.h - the subcommands of mxauth, and what they share. */
#ifndef MXA_CLI_CMD_H
#define MXA_CLI_CMD_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

struct mxa_arena;
struct mxa_conf;
struct mxa_dns;

/* A command: argv[0] is its own name; returns the exit status. */
int mxa_cmd_check(int argc, char **argv);
int mxa_cmd_config(int argc, char **argv);
int mxa_cmd_explain(int argc, char **argv);
int mxa_cmd_history(int argc, char **argv);
int mxa_cmd_lint(int argc, char **argv);
int mxa_cmd_policy(int argc, char **argv);
int mxa_cmd_replay(int argc, char **argv);
int mxa_cmd_report(int argc, char **argv);
int mxa_cmd_selftest(int argc, char **argv);
int mxa_cmd_spf(int argc, char **argv);

/* Options that every command takes; values above any character. */
enum {
	CLI_OPT_ZONE = 1000,
	CLI_OPT_DNS,
	CLI_OPT_JSON,
	CLI_OPT_CONFIG,
	CLI_OPT_HELP,
	CLI_OPT_OWN, /* a command's own options start here */
};

#define CLI_COMMON_OPTIONS                                         \
	{ "zone", required_argument, NULL, CLI_OPT_ZONE },         \
	    { "dns", required_argument, NULL, CLI_OPT_DNS },       \
	    { "json", no_argument, NULL, CLI_OPT_JSON },           \
	    { "config", required_argument, NULL, CLI_OPT_CONFIG }, \
	{                                                          \
		"help", no_argument, NULL, CLI_OPT_HELP            \
	}

struct cli {
	const char *name;  /* of the command */
	const char *usage; /* what --help prints */
	const char *zone;
	const char *dns;
	const char *config;
	bool json;
	bool warnings; /* of the configuration are shown, too */
};

/* Take a common option; false when 'opt' is none of them.  Prints --help and
 * usage errors itself and then sets '*status' to the exit status (else -1). */
bool cli_common(struct cli *c, int opt, int *status);

/* The argument of an option that names a time.  False: it is none, and that
 * has been printed. */
bool cli_take_time(const struct cli *c, const char *option, int64_t *out);

/* "mxauth check: what" on standard error; control characters become '?'. */
void cli_error(const struct cli *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The configuration of --config, else the installed one if it can be read, else
 * the defaults.  NULL: it has mistakes, which have been printed. */
struct mxa_conf *cli_conf(const struct cli *c);

/* The same with another policy file (NULL: the one that it names). */
struct mxa_conf *cli_conf_with_policy(const struct cli *c, const char *policy);

/* True if 'path' is NULL or can be read; otherwise prints the error. */
bool cli_readable(const struct cli *c, const char *path);

/* The source of DNS answers: --zone, --dns, or what 'conf' says.  NULL: the
 * reason has been printed.  Free it with mxa_dns_free. */
struct mxa_dns *cli_dns(const struct cli *c, const struct mxa_conf *conf);

/* The whole file ("-": standard input), of at most 'max' bytes.  False: the
 * reason has been printed. */
bool cli_read(const struct cli *c, struct mxa_arena *a, const char *path,
    size_t max, struct mxa_str *out);

#endif
