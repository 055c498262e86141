/* cmd_config.c - mxauth config: the values in effect, or the reference of all
 * options. */
#include "cli/cmd.h"

#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/json_read.h"
#include "cli/out.h"
#include "conf/conf.h"
#include "conf/import.h"
#include "conf/schema.h"

static const char usage[] =
    "usage: mxauth config [OPTION]...\n"
    "       mxauth config --import FILE...\n"
    "\n"
    "Shows the value of every option that is in effect, as a configuration\n"
    "file.  Mistakes in the file are reported, all of them.\n"
    "\n"
    "  --config C     this file; without it the installed one, else defaults\n"
    "  --default      all options with their meaning and default instead:\n"
    "                 the sample configuration\n"
    "  --import       FILEs are opendkim.conf, opendmarc.conf or\n"
    "                 policyd-spf.conf: what they say as a configuration of\n"
    "                 ours, with a remark for what has no counterpart\n"
    "  --json         answer as JSON\n"
    "\n"
    "Exit status: 0, or 78 with mistakes in the configuration; --import: 66\n"
    "if a file cannot be read or is of none of these programs.\n";

#define MAX_OUTPUT ((size_t)16 << 20)

struct config {
	struct cli cli;
	struct mxa_arena *arena;
	bool reference;
	bool import;
	char **files; /* to import */
	int n_files;
};

static int parse_config_options(struct config *c, int argc, char **argv)
{
	const struct cli_opt own[] = {
		{ "default", .given = &c->reference },
		{ "import", .given = &c->import },
	};
	int status =
	    cli_options(&c->cli, own, MXA_ARRAY_LEN(own), NULL, argc, argv);

	if (status >= 0)
		return status;
	c->files = argv + optind;
	c->n_files = argc - optind;
	return c->import == (c->n_files > 0) ? -1 : cli_usage(&c->cli);
}

/* --- JSON --- */

/* One value of JSON text, as it is. */
static void copy_value(
    struct mxa_json *j, const char *key, struct mxa_json_reader *r)
{
	int64_t v;

	switch (mxa_json_peek(r)) {
	case '"':
		mxa_json_str(j, key, mxa_json_take_str(r));
		break;
	case '[':
		mxa_json_open(j, key, '[');
		mxa_json_enter(r, '[');
		while (mxa_json_item(r))
			copy_value(j, NULL, r);
		mxa_json_close(j, ']');
		break;
	case 't':
	case 'f':
		mxa_json_bool(j, key, mxa_json_take_true(r));
		break;
	default:
		if (mxa_json_take_int(r, &v))
			mxa_json_int(j, key, v);
		else
			mxa_json_null(j, key);
	}
}

/* A value as the configuration has it is JSON as well, if it is UTF-8. */
static void write_value(struct mxa_json *j, const char *key,
    struct mxa_arena *arena, const char *text)
{
	size_t len = strlen(text);
	struct mxa_json_reader r;

	mxa_json_reader_init(&r, mxa_arena_strdup(arena, text, len), len);
	if (mxa_json_peek(&r) == '"')
		mxa_json_take_str(&r);
	else
		mxa_json_skip(&r);
	if (!mxa_json_finish(&r)) {
		mxa_json_text(j, key, text);
		return;
	}
	mxa_json_reader_init(&r, mxa_arena_strdup(arena, text, len), len);
	copy_value(j, key, &r);
}

static void write_reference(
    struct mxa_json *j, const struct mxa_opt *o, struct mxa_arena *arena)
{
	struct mxa_buf expects;

	mxa_buf_init(&expects, arena, MAX_OUTPUT);
	mxa_schema_expects(o, &expects);
	mxa_json_open(j, o->name, '{');
	write_value(j, "default", arena, o->preset);
	mxa_json_str(j, "expects", mxa_buf_str(&expects));
	mxa_json_text(j, "help", o->help);
	if (o->example != NULL)
		write_value(j, "example", arena, o->example);
	mxa_json_close(j, '}');
}

/* 'conf' NULL: the reference. */
static void write_option(struct mxa_json *j, const struct mxa_opt *o,
    const struct mxa_conf *conf, struct mxa_arena *arena)
{
	struct mxa_buf value;

	if (conf == NULL) {
		write_reference(j, o, arena);
		return;
	}
	mxa_buf_init(&value, arena, MAX_OUTPUT);
	mxa_schema_show(o, conf, &value);
	write_value(j, o->name, arena, mxa_buf_cstr(&value));
}

/* The options without section are members of the document. */
static void write_section(struct mxa_json *j, const char *name,
    const struct mxa_conf *conf, struct mxa_arena *arena)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	if (name[0] != '\0')
		mxa_json_open(j, name, '{');
	for (size_t i = 0; i < n; i++)
		if (strcmp(o[i].section, name) == 0)
			write_option(j, &o[i], conf, arena);
	if (name[0] != '\0')
		mxa_json_close(j, '}');
}

static void print_config_json(
    const struct mxa_conf *conf, struct mxa_arena *arena)
{
	size_t n;
	const struct mxa_opt_section *s = mxa_schema_sections(&n);
	struct mxa_json *j;
	struct out o;

	out_init(&o, stdout);
	j = out_json(&o, MXA_JSON_LINES);
	mxa_json_open(j, NULL, '{');
	for (size_t i = 0; i < n; i++)
		write_section(j, s[i].name, conf, arena);
	mxa_json_close(j, '}');
	out_json_end(&o);
}

/* --- text --- */

static void print_config_text(
    const struct mxa_conf *conf, struct mxa_arena *arena)
{
	struct mxa_buf b;
	struct out o;

	mxa_buf_init(&b, arena, MAX_OUTPUT);
	if (conf != NULL)
		mxa_schema_effective(conf, &b);
	else
		mxa_schema_reference(&b);
	out_init(&o, stdout);
	out_str(&o, mxa_buf_str(&b));
}

static int show_config(struct config *c)
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
		print_config_json(conf, c->arena);
	else
		print_config_text(conf, c->arena);
	mxa_conf_free(conf);
	return EX_OK;
}

/* --- other programs' files --- */

static bool read_value_list(void *ctx, const char *path, struct mxa_str *out)
{
	struct config *c = ctx;

	return cli_read(&c->cli, c->arena, path, MAX_OUTPUT, out);
}

static int import_files(struct config *c)
{
	struct mxa_import *im = mxa_import_new(c->arena, read_value_list, c);
	struct mxa_buf b;
	struct out o;

	for (int i = 0; i < c->n_files; i++) {
		struct mxa_str text;

		if (!cli_read(
			&c->cli, c->arena, c->files[i], MAX_OUTPUT, &text))
			return EX_NOINPUT;
		if (mxa_import_add(im, c->files[i], text))
			continue;
		cli_error(&c->cli,
		    "%s: nothing in it is of opendkim, opendmarc or "
		    "policyd-spf",
		    c->files[i]);
		return EX_NOINPUT;
	}
	mxa_buf_init(&b, c->arena, MAX_OUTPUT);
	mxa_import_write(im, &b);
	out_init(&o, stdout);
	out_str(&o, mxa_buf_str(&b));
	return EX_OK;
}

int mxa_cmd_config(int argc, char **argv)
{
	struct config c = {
		.cli = { .name = "config", .usage = usage, .warnings = true }
	};
	int status;

	c.arena = mxa_arena_new();
	status = parse_config_options(&c, argc, argv);
	if (status < 0)
		status = c.import ? import_files(&c) : show_config(&c);
	mxa_arena_free(c.arena);
	return status;
}
