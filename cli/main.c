/* main.c - mxauth, the postmaster's command: a table of subcommands. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attr.h"
#include "cli/cmd.h"
#include "cli/language.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "check", mxa_cmd_check, "evaluate a message as mxauthd would" },
	{ "spf", mxa_cmd_spf, "evaluate SPF, term by term" },
	{ "explain", mxa_cmd_explain, "say why a message came back" },
	{ "lint", mxa_cmd_lint, "say what is wrong with a domain's records" },
	{ "report", mxa_cmd_report, "say what aggregate reports mean" },
	{ "history", mxa_cmd_history,
	    "import the journals into the store and ask it" },
	{ "policy", mxa_cmd_policy, "show which policy rule matches" },
	{ "replay", mxa_cmd_replay,
	    "decide the journal again under another configuration" },
	{ "selftest", mxa_cmd_selftest, "try the daemon's socket" },
	{ "config", mxa_cmd_config, "show the effective configuration" },
};

static void print_usage(FILE *out)
{
	fputs("usage: mxauth COMMAND [OPTION]...\n\n", out);
	for (size_t i = 0; i < MXA_ARRAY_LEN(commands); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\nmxauth COMMAND --help tells more; so does mxauth(1).\n", out);
}

static int run_command(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	static char title[32];

	for (size_t i = 0; i < MXA_ARRAY_LEN(commands); i++)
		if (strcmp(name, commands[i].name) == 0) {
			/* getopt's error messages begin with it */
			snprintf(title, sizeof(title), "mxauth %s", name);
			argv[1] = title;
			return commands[i].run(argc - 1, argv + 1);
		}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    strcmp(name, "help") == 0) {
		print_usage(stdout);
		return EX_OK;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		puts(PACKAGE_STRING);
		return EX_OK;
	}
	if (name[0] != '\0')
		fprintf(stderr, "mxauth: unknown command '%s'\n", name);
	print_usage(stderr);
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	int status;

	language_choose(&argc, argv);
	status = run_command(argc, argv);
	/* an answer that could not be written is a failure */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("mxauth: standard output");
		return EX_SOFTWARE;
	}
	return status;
}
