/* cmd.h - the subcommands of mxauth, and what they share. */
#ifndef MXA_CLI_CMD_H
#define MXA_CLI_CMD_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/ipaddr.h"
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

struct cli {
	const char *name;  /* of the command */
	const char *usage; /* what --help prints */
	const char *zone;
	const char *dns;
	const char *config;
	bool json;
	bool warnings; /* of the configuration are shown, too */
};

/* An option of a command: where its value goes, or who takes it; without these
 * it has none. */
struct cli_opt {
	const char *name;
	const char **text;
	struct mxa_str *str;
	int64_t *time;
	struct mxa_ip *ip;
	/* false: a mistake, which has been printed */
	bool (*take)(void *self, const char *value);
	bool optional; /* the value; NULL: it is missing */
	bool *given;   /* becomes true as well */
};

/* Take the options of a command and those that every command has; 'self' is for
 * those of its own that are taken by a function.  Afterwards 'optind' is the
 * first argument.  Returns -1; or the exit status, after --help or a mistake,
 * which has been printed. */
int cli_options(struct cli *c, const struct cli_opt *own, size_t n, void *self,
    int argc, char **argv);

/* Prints how the command is called; returns 64. */
int cli_usage(const struct cli *c);

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

/* Both of the above.  Returns -1; or the exit status, and the reason has been
 * printed. */
int cli_conf_and_dns(
    const struct cli *c, struct mxa_conf **conf, struct mxa_dns **dns);

/* The whole file ("-": standard input), of at most 'max' bytes.  False: the
 * reason has been printed. */
bool cli_read(const struct cli *c, struct mxa_arena *a, const char *path,
    size_t max, struct mxa_str *out);

#endif
