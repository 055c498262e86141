/* main.c - mxauth, the postmaster's command: a table of subcommands. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/i18n.h"
#include "cli/cmd.h"

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
	{ "policy", mxa_cmd_policy, "show which policy rule matches" },
	{ "replay", mxa_cmd_replay,
	    "decide the journal again under another configuration" },
	{ "selftest", mxa_cmd_selftest, "try the daemon's socket" },
	{ "config", mxa_cmd_config, "show the effective configuration" },
};

static void usage(FILE *out)
{
	fputs("usage: mxauth COMMAND [OPTION]...\n\n", out);
	for (size_t i = 0; i < MXA_ARRAY_LEN(commands); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\nmxauth COMMAND --help tells more; so does mxauth(1).\n", out);
}

/* Take "--lang L" out of the arguments, wherever it stands; NULL: not there. */
static const char *take_lang(int *argc, char **argv)
{
	const char *lang = NULL;
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		if (strncmp(argv[i], "--lang=", 7) == 0)
			lang = argv[i] + 7;
		else if (strcmp(argv[i], "--lang") == 0 && i + 1 < *argc)
			lang = argv[++i];
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	*argc = kept;
	return lang;
}

/* Where the words are: named by the environment, beside a program that was not
 * installed, or where "make install" put them.  Static storage. */
static const char *locale_dir(const char *program)
{
	static char beside[4096];
	const char *dir = getenv("MXAUTH_LOCALEDIR");
	const char *slash = strrchr(program, '/');

	if (dir != NULL)
		return dir;
	if (slash != NULL) {
		snprintf(beside, sizeof(beside), "%.*s/po/locale",
		    (int)(slash - program), program);
		if (access(beside, R_OK) == 0)
			return beside;
	}
	return MXAUTH_LOCALEDIR;
}

/* The language that the environment asks for. */
static const char *wanted_language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return NULL;
}

/* The language of the locale, or of --lang before everything else.  gettext
 * wants any locale but "C", even for a language that has none installed. */
static void set_language(const char *program, const char *lang)
{
	if (setlocale(LC_ALL, "") == NULL && lang == NULL)
		lang = wanted_language();
	if (lang != NULL) {
		setenv("LANGUAGE", strcmp(lang, "en") == 0 ? "C" : lang, 1);
		setlocale(LC_ALL, "C.UTF-8");
	}
	bindtextdomain("mxauth", locale_dir(program));
	bind_textdomain_codeset("mxauth", "UTF-8");
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	static char title[32];

	for (size_t i = 0; i < MXA_ARRAY_LEN(commands); i++)
		if (strcmp(name, commands[i].name) == 0) {
			/* getopt's complaints begin with it */
			snprintf(title, sizeof(title), "mxauth %s", name);
			argv[1] = title;
			return commands[i].run(argc - 1, argv + 1);
		}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
	    strcmp(name, "help") == 0) {
		usage(stdout);
		return EX_OK;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		puts(PACKAGE_STRING);
		return EX_OK;
	}
	if (name[0] != '\0')
		fprintf(stderr, "mxauth: unknown command '%s'\n", name);
	usage(stderr);
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	const char *lang = take_lang(&argc, argv);
	int status;

	set_language(argc > 0 ? argv[0] : "", lang);
	status = run(argc, argv);
	/* a verdict that was not written is none */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("mxauth: standard output");
		return EX_SOFTWARE;
	}
	return status;
}
