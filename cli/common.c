/* common.c - what the subcommands share: options, files, configuration. */
#include "cli/cmd.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "cli/out.h"
#include "dns/stub.h"
#include "dns/zone.h"
#include "policy/load.h"

#define MAX_OPTIONS 24
#define FIRST_OPTION 256 /* beyond what getopt_long itself returns */

static const char common_usage[] =
    "\n"
    "Every command knows --json, --config FILE, --zone FILE, --dns ADDRESS,\n"
    "--lang en|ja and --help: see mxauth(1).\n";

static bool take_time(const struct cli *c, const char *option, int64_t *out)
{
	if (mxa_time_parse(mxa_str_from(optarg), out))
		return true;
	cli_error(c,
	    _("--%s wants a time such as 2026-11-27 or 2026-11-27T09:00:00Z, "
	      "not '%s'"),
	    option, optarg);
	return false;
}

static bool take_ip(const struct cli *c, struct mxa_ip *out)
{
	if (mxa_ip_parse(mxa_str_from(optarg), out))
		return true;
	cli_error(c, _("--ip wants an address, not '%s'"), optarg);
	return false;
}

static bool take_option(
    const struct cli *c, const struct cli_opt *o, void *self)
{
	if (o->given != NULL)
		*o->given = true;
	if (o->text != NULL)
		*o->text = optarg;
	if (o->str != NULL)
		*o->str = mxa_str_from(optarg);
	if (o->time != NULL)
		return take_time(c, o->name, o->time);
	if (o->ip != NULL)
		return take_ip(c, o->ip);
	return o->take == NULL || o->take(self, optarg);
}

static int argument_of(const struct cli_opt *o)
{
	if (o->optional)
		return optional_argument;
	return o->text || o->str || o->time || o->ip || o->take
	    ? required_argument
	    : no_argument;
}

/* An option that the usage does not name is a mistake in the program. */
static bool is_in_usage(const struct cli *c, const char *option)
{
	const char *at = c->usage;
	size_t len = strlen(option);

	while ((at = strstr(at, "--")) != NULL) {
		at += 2;
		if (strncmp(at, option, len) == 0 && !mxa_is_alnum(at[len]) &&
		    at[len] != '-')
			return true;
	}
	return false;
}

static void print_help(const struct cli *c, const struct cli_opt *own, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert(is_in_usage(c, own[i].name));
	fputs(c->usage, stdout);
	fputs(common_usage, stdout);
}

int cli_options(struct cli *c, const struct cli_opt *own, size_t n, void *self,
    int argc, char **argv)
{
	bool help = false;
	const struct cli_opt common[] = {
		{ "zone", .text = &c->zone },
		{ "dns", .text = &c->dns },
		{ "json", .given = &c->json },
		{ "config", .text = &c->config },
		{ "help", .given = &help },
	};
	struct option longs[MAX_OPTIONS + 1] = { 0 };
	const struct cli_opt *row[MAX_OPTIONS];
	int opt;

	assert(n + MXA_ARRAY_LEN(common) <= MAX_OPTIONS);
	for (size_t i = 0; i < n + MXA_ARRAY_LEN(common); i++) {
		row[i] = i < n ? &own[i] : &common[i - n];
		longs[i] = (struct option){ row[i]->name, argument_of(row[i]),
			NULL, FIRST_OPTION + (int)i };
	}
	optind = 1;
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt == '?')
			return cli_usage(c);
		if (!take_option(c, row[opt - FIRST_OPTION], self))
			return EX_USAGE;
		if (!help)
			continue;
		print_help(c, own, n);
		return EX_OK;
	}
	return -1;
}

int cli_usage(const struct cli *c)
{
	fputs(c->usage, stderr);
	return EX_USAGE;
}

void cli_error(const struct cli *c, const char *fmt, ...)
{
	struct out o;
	va_list ap;

	out_init(&o, stderr);
	out_printf(&o, "mxauth %s: ", c->name);
	va_start(ap, fmt);
	out_vprintf(&o, fmt, ap);
	va_end(ap);
	out_text(&o, "\n");
}

struct mxa_conf *cli_conf(const struct cli *c)
{
	return cli_conf_with_policy(c, NULL);
}

bool cli_readable(const struct cli *c, const char *path)
{
	if (path == NULL || access(path, R_OK) == 0)
		return true;
	cli_error(c, "%s: %s", path, strerror(errno));
	return false;
}

static void print_lines(const char *text)
{
	if (text != NULL)
		fputs(text, stderr);
}

struct mxa_conf *cli_conf_with_policy(const struct cli *c, const char *policy)
{
	static const char installed[] = MXAUTH_SYSCONFDIR "/mxauth.conf";
	const char *file = c->config;
	char *errors = NULL, *warnings = NULL, *ended = NULL;
	struct mxa_conf *conf;

	if (file == NULL && access(installed, R_OK) == 0)
		file = installed;
	conf = mxa_policy_load_with(file, policy, &errors, &warnings);
	print_lines(errors);
	print_lines(c->warnings ? warnings : NULL);
	if (conf != NULL && c->warnings) {
		ended = mxa_policy_ended(conf, mxa_clock_wall(mxa_sysclock()));
		print_lines(ended);
	}
	free(errors);
	free(warnings);
	free(ended);
	return conf;
}

static struct mxa_dns *open_zone(const struct cli *c)
{
	char *error = NULL;
	struct mxa_dns *dns = mxa_dns_zone_open(c->zone, NULL, &error);

	if (dns == NULL)
		cli_error(c, "%s", error);
	free(error);
	return dns;
}

struct mxa_dns *cli_dns(const struct cli *c, const struct mxa_conf *conf)
{
	struct mxa_dns_options o;
	const char *error = NULL;
	struct mxa_dns *dns;

	if (c->zone != NULL)
		return open_zone(c);
	if (conf != NULL)
		mxa_conf_dns_options(conf, &o);
	else
		mxa_dns_options_default(&o);
	if (c->dns != NULL) {
		if (!mxa_dns_server_ok(mxa_str_from(c->dns))) {
			cli_error(c,
			    "--dns wants ADDRESS or ADDRESS:PORT, "
			    "not '%s'",
			    c->dns);
			return NULL;
		}
		o.servers = &c->dns;
		o.n_servers = 1;
	}
	dns = mxa_dns_stub_new(&o, &error);
	if (dns == NULL)
		cli_error(c, "%s", error);
	return dns;
}

int cli_conf_and_dns(
    const struct cli *c, struct mxa_conf **conf, struct mxa_dns **dns)
{
	if ((*conf = cli_conf(c)) == NULL)
		return EX_CONFIG;
	if ((*dns = cli_dns(c, *conf)) == NULL)
		return c->zone != NULL ? EX_NOINPUT : EX_USAGE;
	return -1;
}

bool cli_read(const struct cli *c, struct mxa_arena *a, const char *path,
    size_t max, struct mxa_str *out)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	struct mxa_buf b;
	char chunk[65536];
	bool bad;
	size_t n;

	if (f == NULL) {
		cli_error(c, "%s: %s", path, strerror(errno));
		return false;
	}
	mxa_buf_init(&b, a, max);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		mxa_buf_add(&b, chunk, n);
	bad = ferror(f);
	if (bad)
		cli_error(c, "%s: %s", path, strerror(errno));
	if (f != stdin)
		fclose(f);
	if (b.full) {
		cli_error(c, "%s: larger than %zu bytes", path, max);
		return false;
	}
	*out = mxa_buf_str(&b);
	return !bad;
}
