/* cmd_lint.c - mxauth lint: what is wrong with a domain's records. */
#include "cli/cmd.h"

#include <sysexits.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "cli/lint_out.h"
#include "cli/page_answers.h"
#include "lint/seen.h"
#include "mxauth.h"

static const char usage[] =
    "usage: mxauth lint [OPTION]... DOMAIN...\n"
    "\n"
    "Looks at the SPF, DKIM, DMARC and MX records of domains and says what is\n"
    "wrong with them, why it matters, and what to publish instead.\n"
    "\n"
    "  --selector S   this DKIM selector must have a key; repeatable\n"
    "  --ip A         mail from this address must pass SPF; repeatable\n"
    "  --html PAGE    write a page as well, to hand on\n"
    "  --json         answer as JSON\n"
    "  --zone FILE    answers from a zone file, no network\n"
    "  --dns A:PORT   ask this server only\n"
    "\n"
    "Exit status: 0 no errors, 1 errors found, 2 could not be checked.\n";

#define MAX_IPS 64

struct lint_cmd {
	struct cli cli;
	struct mxa_arena *arena;
	struct mxa_str selector[MXA_LINT_MAX_SELECTORS];
	struct mxa_ip ip[MAX_IPS];
	struct mxa_lint_options o;
	struct mxa_str *domain;
	size_t n_domains;
	const char *html; /* NULL: no page */
	struct page page;
};

static bool add_selector(void *self, const char *text)
{
	struct lint_cmd *c = self;
	struct mxa_str name;

	if (mxa_domain_canonical(c->arena, mxa_str_from(text), &name) !=
	    MXA_OK) {
		cli_error(
		    &c->cli, _("--selector wants a selector, not '%s'"), text);
		return false;
	}
	if (c->o.n_selectors == MXA_LINT_MAX_SELECTORS) {
		cli_error(&c->cli, _("more than %d selectors"),
		    MXA_LINT_MAX_SELECTORS);
		return false;
	}
	c->selector[c->o.n_selectors++] = name;
	return true;
}

static bool add_ip(void *self, const char *text)
{
	struct lint_cmd *c = self;
	struct mxa_ip ip;

	if (!mxa_ip_parse(mxa_str_from(text), &ip)) {
		cli_error(&c->cli, _("--ip wants an address, not '%s'"), text);
		return false;
	}
	if (c->o.n_ips == MAX_IPS) {
		cli_error(&c->cli, _("more than %d addresses"), MAX_IPS);
		return false;
	}
	c->ip[c->o.n_ips++] = ip;
	return true;
}

static bool take_domains(struct lint_cmd *c, int argc, char **argv)
{
	c->domain =
	    mxa_arena_calloc(c->arena, (size_t)argc + 1, sizeof(*c->domain));
	for (int i = optind; i < argc; i++) {
		if (mxa_domain_canonical(c->arena, mxa_str_from(argv[i]),
			&c->domain[c->n_domains]) != MXA_OK) {
			cli_error(
			    &c->cli, _("'%s' is not a domain name"), argv[i]);
			return false;
		}
		c->n_domains++;
	}
	return true;
}

static int parse_lint_options(struct lint_cmd *c, int argc, char **argv)
{
	const struct cli_opt own[] = {
		{ "selector", .take = add_selector },
		{ "ip", .take = add_ip },
		{ "html", .text = &c->html },
	};
	int status =
	    cli_options(&c->cli, own, MXA_ARRAY_LEN(own), c, argc, argv);

	if (status >= 0)
		return status;
	if (optind == argc)
		return cli_usage(&c->cli);
	return take_domains(c, argc, argv) ? -1 : EX_USAGE;
}

/* Errors outweigh what could not be checked: they are sure. */
static int worse_status(int a, int b)
{
	if (a == 1 || b == 1)
		return 1;
	return a > b ? a : b;
}

/* One domain: its findings, as text or as one object. */
static int lint_domain(struct lint_cmd *c, struct mxa_dns *dns, size_t i,
    const char *journal, struct out *o)
{
	struct mxa_str seen[MXA_LINT_MAX_SELECTORS];
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_lint l;
	int status;

	c->o.seen = seen;
	c->o.n_seen = mxa_lint_selectors_seen(
	    a, journal, c->domain[i], MXA_ARRAY_LEN(seen), seen);
	mxa_lint_run(a, dns, &c->o, c->domain[i], &l);
	status = mxa_lint_status(&l);
	if (c->cli.json)
		lint_json(&o->json, &l);
	else
		lint_print(o, &l);
	if (c->page.f != NULL)
		page_lint(&c->page, &l);
	mxa_arena_free(a);
	return status;
}

static int lint_domains(
    struct lint_cmd *c, const struct mxa_conf *conf, struct mxa_dns *dns)
{
	const char *journal = mxa_str_cstr(c->arena, conf->journal_directory);
	bool list = c->cli.json && c->n_domains > 1;
	struct out o;
	int status = 0;

	c->o.selector = c->selector;
	c->o.ip = c->ip;
	c->o.auth = &conf->auth;
	c->o.deadline_ms = conf->dns_deadline * 1000;
	if (c->html != NULL &&
	    !page_open(&c->page, &c->cli, c->html, _("Mail records")))
		return EX_CANTCREAT;
	out_init(&o, stdout);
	if (c->cli.json)
		out_json(&o, MXA_JSON_LINES);
	if (list)
		mxa_json_open(&o.json, NULL, '[');
	for (size_t i = 0; i < c->n_domains; i++) {
		if (!c->cli.json && i > 0)
			out_text(&o, "\n");
		status =
		    worse_status(status, lint_domain(c, dns, i, journal, &o));
	}
	if (list)
		mxa_json_close(&o.json, ']');
	if (c->cli.json)
		out_json_end(&o);
	if (c->page.f != NULL && !page_close(&c->page))
		status = EX_CANTCREAT;
	return status;
}

int mxa_cmd_lint(int argc, char **argv)
{
	struct lint_cmd c = { .cli = { .name = "lint", .usage = usage } };
	struct mxa_conf *conf = NULL;
	struct mxa_dns *dns = NULL;
	int status;

	c.arena = mxa_arena_new();
	status = parse_lint_options(&c, argc, argv);
	if (status < 0)
		status = cli_conf_and_dns(&c.cli, &conf, &dns);
	if (status < 0)
		status = lint_domains(&c, conf, dns);
	mxa_dns_free(dns);
	mxa_conf_free(conf);
	mxa_arena_free(c.arena);
	return status;
}
