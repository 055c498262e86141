/* cmd_policy.c - mxauth policy: which rules match, what they set, and why the
 * others do not match. */
#include "cli/cmd.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "conf/conf.h"
#include "policy/rules.h"

static const char usage[] =
    "usage: mxauth policy [OPTION]... --from DOMAIN [FILE]\n"
    "\n"
    "Shows which rule of the policy file (FILE, else the one that the\n"
    "configuration names) matches a message, what applies to it, and why the\n"
    "other rules do not match.\n"
    "\n"
    "  --from D       domain of From (or an address)\n"
    "  --rcpt R       a recipient, address or domain; may be repeated\n"
    "  --ip A         address of the client\n"
    "  --config C     this configuration\n"
    "  --json         answer as JSON\n"
    "\n"
    "Exit status: 0 a rule matches, 1 none does.\n";

enum { OPT_FROM = CLI_OPT_OWN, OPT_RCPT, OPT_IP };

static const struct option options[] = {
	{ "from", required_argument, NULL, OPT_FROM },
	{ "rcpt", required_argument, NULL, OPT_RCPT },
	{ "ip", required_argument, NULL, OPT_IP },
	CLI_COMMON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

struct policy {
	struct cli cli;
	struct mxa_arena *arena;
	const char *file; /* NULL: the configuration's */
	struct mxa_str author;
	struct mxa_str rcpt[MXA_MAX_RCPTS];
	size_t n_rcpt;
	struct mxa_ip ip;
	const struct mxa_conf *conf;
	bool any; /* rule matched */
};

/* Some recipient (or none) with what applies to it. */
struct ruled {
	struct mxa_str rcpt;
	struct mxa_rule_hits hits;
	struct mxa_ruling ruling;
};

/* --- arguments --- */

static bool set_author(struct policy *p, const char *text)
{
	const char *at = strrchr(text, '@');
	struct mxa_str domain = mxa_str_from(at != NULL ? at + 1 : text);

	if (mxa_domain_canonical(p->arena, domain, &p->author) == MXA_OK)
		return true;
	cli_error(&p->cli, _("--from wants a domain, not '%s'"), text);
	return false;
}

static bool set_option(struct policy *p, int opt)
{
	switch (opt) {
	case OPT_FROM:
		return set_author(p, optarg);
	case OPT_IP:
		if (mxa_ip_parse(mxa_str_from(optarg), &p->ip))
			return true;
		cli_error(
		    &p->cli, _("--ip wants an address, not '%s'"), optarg);
		return false;
	case OPT_RCPT:
		if (p->n_rcpt < MXA_MAX_RCPTS) {
			p->rcpt[p->n_rcpt++] = mxa_str_from(optarg);
			return true;
		}
		cli_error(&p->cli, _("more than %d recipients"), MXA_MAX_RCPTS);
		return false;
	}
	return true;
}

static int parse_options(struct policy *p, int argc, char **argv)
{
	int opt, status;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (cli_common(&p->cli, opt, &status)) {
			if (status >= 0)
				return status;
		} else if (!set_option(p, opt)) {
			return EX_USAGE;
		}
	}
	if (optind < argc)
		p->file = argv[optind++];
	if (optind != argc ||
	    (p->author.len == 0 && p->n_rcpt == 0 && p->ip.family == 0)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	return -1;
}

/* --- both forms --- */

static void rule_for(struct policy *p, struct mxa_str rcpt, struct ruled *out)
{
	out->rcpt = rcpt;
	mxa_rules_match(p->conf->rules, &p->ip, rcpt, p->author, &out->hits);
	mxa_ruling_from(p->conf, &out->hits, &out->ruling);
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		p->any |= out->hits.rule[k] != NULL;
}

static bool among(const struct mxa_rule_hits *hits, const struct mxa_rule *r)
{
	return hits->rule[r->kind] == r;
}

static struct mxa_str why_not(
    const struct policy *p, const struct ruled *r, size_t i)
{
	return mxa_rules_why_not(
	    p->conf->rules, i, &p->ip, r->rcpt, p->author, &r->hits, p->arena);
}

/* --- JSON --- */

static json_t *json_str(struct mxa_str s)
{
	json_t *j = json_stringn(s.len ? s.p : "", s.len);

	return j ? j : json_string("(not UTF-8)");
}

static json_t *match_json(const struct mxa_rule *r)
{
	json_t *match = json_object();

	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		json_t *list;

		if (r->n_match[k] == 0)
			continue;
		list = json_array();
		for (size_t i = 0; i < r->n_match[k]; i++)
			json_array_append_new(list, json_str(r->match[k][i]));
		json_object_set_new(match, mxa_rule_kind_name(k), list);
	}
	return json_pack("{s:o s:s s:o}", "rule", json_str(r->where), "kind",
	    mxa_rule_kind_name(r->kind), "match", match);
}

static json_t *setting_json(const char *value, struct mxa_str at)
{
	return json_pack("{s:s s:o}", "value", value, "rule", json_str(at));
}

static json_t *flag_json(bool value, struct mxa_str at)
{
	return json_pack("{s:b s:o}", "value", value, "rule",
	    at.len > 0 ? json_str(at) : json_null());
}

static json_t *ruling_json(const struct mxa_ruling *r)
{
	json_t *actions = json_object(), *root;

	for (int c = 0; c < MXA_CAUSES; c++)
		if (r->action[c] != MXA_RULE_UNSET)
			json_object_set_new(actions, mxa_cause_name(c),
			    setting_json(mxa_action_name(r->action[c]),
				r->action_at[c]));
	root = json_pack("{s:o s:o s:o s:o}", "profile",
	    setting_json(mxa_profile_name(r->profile), r->profile_at),
	    "actions", actions, "exempt", flag_json(r->exempt, r->exempt_at),
	    "dkim_required", flag_json(r->dkim_required, r->dkim_required_at));
	if (r->override != MXA_OVERRIDE_NONE)
		json_object_set_new(root, "override",
		    setting_json(
			mxa_override_name(r->override), r->override_at));
	return root;
}

static json_t *ruled_json(const struct policy *p, const struct ruled *r)
{
	json_t *matches = json_array(), *others = json_array();

	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (r->hits.rule[k] != NULL)
			json_array_append_new(
			    matches, match_json(r->hits.rule[k]));
	for (size_t i = 0; i < mxa_rules_count(p->conf->rules); i++) {
		const struct mxa_rule *rule = mxa_rules_get(p->conf->rules, i);
		json_t *j;

		if (among(&r->hits, rule))
			continue;
		j = match_json(rule);
		json_object_set_new(j, "why", json_str(why_not(p, r, i)));
		json_array_append_new(others, j);
	}
	return json_pack("{s:o s:o s:o s:o}", "rcpt",
	    r->rcpt.len > 0 ? json_str(r->rcpt) : json_null(), "matches",
	    matches, "applies", ruling_json(&r->ruling), "others", others);
}

static void print_json(const struct policy *p, const struct ruled *r, size_t n)
{
	char ip[MXA_IP_TEXT];
	json_t *results = json_array(), *root;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(results, ruled_json(p, &r[i]));
	root = json_pack("{s:o s:s s:i s:o}", "from",
	    p->author.len > 0 ? json_str(p->author) : json_null(), "ip",
	    mxa_ip_format(&p->ip, ip), "rules",
	    (int)mxa_rules_count(p->conf->rules), "results", results);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

/* --- text --- */

static void print_match(const struct mxa_rule *r)
{
	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		if (r->n_match[k] == 0)
			continue;
		printf("  %s", mxa_rule_kind_name(k));
		for (size_t i = 0; i < r->n_match[k]; i++) {
			putchar(' ');
			cli_print_safe(stdout, r->match[k][i]);
		}
	}
}

static void print_matches(const struct ruled *r)
{
	bool none = true;

	puts(_("Rules that match:"));
	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		const struct mxa_rule *rule = r->hits.rule[k];

		if (rule == NULL)
			continue;
		none = false;
		printf("  %.*s ", MXA_STR_ARG(rule->where));
		print_match(rule);
		putchar('\n');
	}
	if (none)
		printf("  %s\n", _("none"));
}

static void print_setting(
    const char *name, const char *value, struct mxa_str at)
{
	printf("  %-18s %-12s %.*s\n", name, value, MXA_STR_ARG(at));
}

static void print_ruling(const struct mxa_ruling *r)
{
	puts(_("What applies:"));
	if (r->exempt)
		print_setting("exempt", "true", r->exempt_at);
	print_setting("profile", mxa_profile_name(r->profile), r->profile_at);
	for (int c = 0; c < MXA_CAUSES; c++)
		if (r->action[c] != MXA_RULE_UNSET)
			print_setting(mxa_cause_name(c),
			    mxa_action_name(r->action[c]), r->action_at[c]);
	if (r->dkim_required)
		print_setting(
		    "DKIM signature", "required", r->dkim_required_at);
	if (r->override != MXA_OVERRIDE_NONE)
		print_setting(
		    "override", mxa_override_name(r->override), r->override_at);
}

static void print_others(const struct policy *p, const struct ruled *r)
{
	bool first = true;

	for (size_t i = 0; i < mxa_rules_count(p->conf->rules); i++) {
		const struct mxa_rule *rule = mxa_rules_get(p->conf->rules, i);

		if (among(&r->hits, rule))
			continue;
		if (first)
			puts(_("Rules that do not:"));
		first = false;
		printf("  %.*s  ", MXA_STR_ARG(rule->where));
		cli_print_safe(stdout, why_not(p, r, i));
		putchar('\n');
	}
}

/* In the words of the policy file. */
static void print_subject(const struct policy *p, const struct ruled *r)
{
	char ip[MXA_IP_TEXT];
	const char *gap = "";

	if (p->ip.family != 0) {
		printf("client %s", mxa_ip_format(&p->ip, ip));
		gap = "  ";
	}
	if (r->rcpt.len > 0) {
		printf("%srecipient ", gap);
		cli_print_safe(stdout, r->rcpt);
		gap = "  ";
	}
	if (p->author.len > 0)
		printf("%sauthor %.*s", gap, MXA_STR_ARG(p->author));
	putchar('\n');
}

static void print_text(const struct policy *p, const struct ruled *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putchar('\n');
		print_subject(p, &r[i]);
		print_matches(&r[i]);
		print_ruling(&r[i].ruling);
		print_others(p, &r[i]);
	}
}

static int run(struct policy *p)
{
	size_t n = p->n_rcpt > 0 ? p->n_rcpt : 1;
	struct ruled *r = mxa_arena_calloc(p->arena, n, sizeof(*r));

	for (size_t i = 0; i < n; i++)
		rule_for(p, i < p->n_rcpt ? p->rcpt[i] : MXA_STR_NONE, &r[i]);
	if (p->cli.json)
		print_json(p, r, n);
	else
		print_text(p, r, n);
	return p->any ? 0 : 1;
}

int mxa_cmd_policy(int argc, char **argv)
{
	struct policy *p = mxa_xcalloc(1, sizeof(*p));
	struct mxa_conf *conf = NULL;
	int status;

	p->cli =
	    (struct cli){ .name = "policy", .usage = usage, .warnings = true };
	p->arena = mxa_arena_new();
	status = parse_options(p, argc, argv);
	if (status < 0 &&
	    (!cli_readable(&p->cli, p->cli.config) ||
		!cli_readable(&p->cli, p->file)))
		status = EX_NOINPUT;
	if (status < 0 &&
	    (conf = cli_conf_with_policy(&p->cli, p->file)) == NULL)
		status = EX_CONFIG;
	if (status < 0) {
		p->conf = conf;
		status = run(p);
	}
	mxa_conf_free(conf);
	mxa_arena_free(p->arena);
	free(p);
	return status;
}
