/* cmd_config.c - mxauth config: the values in effect, or the reference of all
 * options. */
#include "cli/cmd.h"

#include <jansson.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "conf/conf.h"
#include "conf/schema.h"

static const char usage[] =
    "usage: mxauth config [OPTION]...\n"
    "\n"
    "Shows the value of every option that is in effect, as a configuration\n"
    "file.  Mistakes in the file are reported, all of them.\n"
    "\n"
    "  --config C     this file; without it the installed one, else defaults\n"
    "  --default      all options with their meaning and default instead:\n"
    "                 the sample configuration\n"
    "  --json         answer as JSON\n"
    "\n"
    "Exit status: 0, or 78 with mistakes in the configuration.\n";

enum { OPT_DEFAULT = CLI_OPT_OWN };

static const struct option options[] = {
	{ "default", no_argument, NULL, OPT_DEFAULT },
	CLI_COMMON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

#define MAX_OUTPUT ((size_t)16 << 20)

struct config {
	struct cli cli;
	struct mxa_arena *arena;
	bool reference;
};

static int parse_options(struct config *c, int argc, char **argv)
{
	int opt, status;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (cli_common(&c->cli, opt, &status)) {
			if (status >= 0)
				return status;
		} else if (opt == OPT_DEFAULT) {
			c->reference = true;
		}
	}
	if (optind != argc) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	return -1;
}

/* --- JSON --- */

/* A value as the configuration has it is JSON as well. */
static json_t *value_json(const char *text)
{
	json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);

	return j ? j : json_string("(not UTF-8)");
}

static json_t *option_reference(
    const struct mxa_opt *o, struct mxa_arena *arena)
{
	struct mxa_buf expects;
	json_t *j;

	mxa_buf_init(&expects, arena, MAX_OUTPUT);
	mxa_schema_expects(o, &expects);
	j = json_pack("{s:o s:s s:s}", "default", value_json(o->preset),
	    "expects", mxa_buf_cstr(&expects), "help", o->help);
	if (o->example != NULL)
		json_object_set_new(j, "example", value_json(o->example));
	return j;
}

static json_t *option_value(const struct mxa_opt *o,
    const struct mxa_conf *conf, struct mxa_arena *arena)
{
	struct mxa_buf value;

	mxa_buf_init(&value, arena, MAX_OUTPUT);
	mxa_schema_show(o, conf, &value);
	return value_json(mxa_buf_cstr(&value));
}

/* The object that holds the options of a section. */
static json_t *section_of(json_t *root, const char *name)
{
	json_t *section = json_object_get(root, name);

	if (name[0] == '\0')
		return root;
	if (section == NULL) {
		section = json_object();
		json_object_set_new(root, name, section);
	}
	return section;
}

/* 'conf' NULL: the reference. */
static void print_json(const struct mxa_conf *conf, struct mxa_arena *arena)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);
	json_t *root = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(section_of(root, o[i].section), o[i].name,
		    conf != NULL ? option_value(&o[i], conf, arena)
				 : option_reference(&o[i], arena));
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

/* --- text --- */

static void print_text(const struct mxa_conf *conf, struct mxa_arena *arena)
{
	struct mxa_buf b;

	mxa_buf_init(&b, arena, MAX_OUTPUT);
	if (conf != NULL)
		mxa_schema_effective(conf, &b);
	else
		mxa_schema_reference(&b);
	cli_print_safe(stdout, mxa_buf_str(&b));
}

static int run(struct config *c)
{
	struct mxa_conf *conf = NULL;

	if (!c->reference) {
		if (!cli_readable(&c->cli, c->cli.config))
			return EX_NOINPUT;
		conf = cli_conf(&c->cli);
		if (conf == NULL)
			return EX_CONFIG;
	}
	if (c->cli.json)
		print_json(conf, c->arena);
	else
		print_text(conf, c->arena);
	mxa_conf_free(conf);
	return EX_OK;
}

int mxa_cmd_config(int argc, char **argv)
{
	struct config c = {
		.cli = { .name = "config", .usage = usage, .warnings = true }
	};
	int status;

	c.arena = mxa_arena_new();
	status = parse_options(&c, argc, argv);
	if (status < 0)
		status = run(&c);
	mxa_arena_free(c.arena);
	return status;
}
