/* cmd_policy.c - mxauth policy: which rules match, what they set, and why the
 * others do not match. */
#include "cli/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sysclock.h"
#include "cli/out.h"
#include "conf/conf.h"
#include "policy/rules.h"

static const char usage[] =
    "usage: mxauth policy [OPTION]... --from DOMAIN [FILE]\n"
    "\n"
    "Shows which rule of the policy file (FILE, else the one that the\n"
    "configuration names) matches a message, what applies to it, and why the\n"
    "other rules do not match.\n"
    "\n"
    "  --from D         author: a domain of From, or an address\n"
    "  --rcpt R         a recipient, address or domain; may be repeated\n"
    "  --ip A           address of the client\n"
    "  --client-name N  its confirmed reverse name\n"
    "  --helo N         what it says in HELO\n"
    "  --mail-from F    envelope sender, address or domain; '' is the null "
    "sender\n"
    "  --signer D       a domain whose DKIM signature passes; may be repeated\n"
    "  --sealer D       the trusted sealer of an ARC chain that passes\n"
    "  --daemon-name N  the MTA's {daemon_name}\n"
    "  --now T          as if it were then (a date, RFC 3339, or seconds)\n"
    "  --config C       this configuration\n"
    "  --json           answer as JSON\n"
    "\n"
    "Exit status: 0 a rule matches, 1 none does.\n";

#define MAX_SIGNERS 100

struct policy {
	struct cli cli;
	struct mxa_arena *arena;
	const char *file;		 /* NULL: the configuration's */
	struct mxa_rule_subject subject; /* without recipient */
	struct mxa_str address;		 /* of the author; empty: domain only */
	struct mxa_str signer[MAX_SIGNERS];
	struct mxa_str rcpt[MXA_MAX_RCPTS];
	size_t n_rcpt;
	struct mxa_ip ip;
	const struct mxa_conf *conf;
	bool given; /* something to match */
	bool any;   /* rule matched */
};

/* A recipient (or none), and what applies to it. */
struct ruled {
	struct mxa_rule_subject subject;
	struct mxa_rule_hits hits;
	struct mxa_ruling ruling;
};

/* --- arguments --- */

static bool set_domain(
    struct policy *p, const char *option, const char *text, struct mxa_str *out)
{
	if (mxa_domain_canonical(p->arena, mxa_str_from(text), out) == MXA_OK)
		return true;
	cli_error(&p->cli, _("--%s wants a domain, not '%s'"), option, text);
	return false;
}

static bool set_author(void *self, const char *text)
{
	struct policy *p = self;
	const char *at = strrchr(text, '@');

	if (!set_domain(
		p, "from", at != NULL ? at + 1 : text, &p->subject.author))
		return false;
	if (at != NULL) {
		p->address = mxa_str_from(text);
		p->subject.author_address = &p->address;
		p->subject.n_author_addresses = 1;
	}
	return true;
}

static bool add_recipient(void *self, const char *text)
{
	struct policy *p = self;

	if (p->n_rcpt == MXA_MAX_RCPTS) {
		cli_error(&p->cli, _("more than %d recipients"), MXA_MAX_RCPTS);
		return false;
	}
	p->rcpt[p->n_rcpt++] = mxa_str_from(text);
	return true;
}

static bool add_signer(void *self, const char *text)
{
	struct policy *p = self;

	if (p->subject.n_signers == MAX_SIGNERS) {
		cli_error(&p->cli, _("more than %d signers"), MAX_SIGNERS);
		return false;
	}
	return set_domain(
	    p, "signer", text, &p->signer[p->subject.n_signers++]);
}

static bool set_sealer(void *self, const char *text)
{
	struct policy *p = self;

	return set_domain(p, "sealer", text, &p->subject.sealer);
}

/* '' is the null sender. */
static bool set_mail_from(void *self, const char *text)
{
	struct policy *p = self;

	p->subject.mail_from =
	    text[0] != '\0' ? mxa_str_from(text) : MXA_STR(MXA_NULL_SENDER);
	return true;
}

static int parse_policy_options(struct policy *p, int argc, char **argv)
{
	struct mxa_rule_subject *s = &p->subject;
	bool *given = &p->given;
	const struct cli_opt own[] = {
		{ "from", .take = set_author, .given = given },
		{ "rcpt", .take = add_recipient, .given = given },
		{ "ip", .ip = &p->ip, .given = given },
		{ "client-name", .str = &s->client_name, .given = given },
		{ "helo", .str = &s->helo, .given = given },
		{ "mail-from", .take = set_mail_from, .given = given },
		{ "signer", .take = add_signer, .given = given },
		{ "sealer", .take = set_sealer, .given = given },
		{ "daemon-name", .str = &s->daemon_name, .given = given },
		{ "now", .time = &s->now },
	};
	int status =
	    cli_options(&p->cli, own, MXA_ARRAY_LEN(own), p, argc, argv);

	if (status >= 0)
		return status;
	if (optind < argc)
		p->file = argv[optind++];
	return optind == argc && p->given ? -1 : cli_usage(&p->cli);
}

/* --- both forms --- */

static void rule_for(struct policy *p, struct mxa_str rcpt, struct ruled *out)
{
	out->subject = p->subject;
	out->subject.rcpt = rcpt;
	mxa_rules_match(p->conf->rules, &out->subject, &out->hits);
	mxa_ruling_from(p->conf, &out->hits, &out->ruling);
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		p->any |= out->hits.rule[k] != NULL;
}

static bool is_among(const struct mxa_rule_hits *hits, const struct mxa_rule *r)
{
	return hits->rule[r->kind] == r;
}

static struct mxa_phrase why_no_match(
    const struct policy *p, const struct ruled *r, size_t i)
{
	return mxa_rules_why_not(
	    p->conf->rules, i, &r->subject, &r->hits, p->arena);
}

/* --- JSON --- */

/* The members of an object; the caller closes it. */
static void open_rule(struct mxa_json *j, const struct mxa_rule *r)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "rule", r->where);
	mxa_json_word(j, "kind", mxa_rule_kind_name(r->kind));
	if (r->trusts)
		mxa_json_bool(j, "trusts", true);
	if (r->until_text.len > 0)
		mxa_json_str(j, "until", r->until_text);
	mxa_json_open(j, "match", '{');
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (r->n_match[k] > 0)
			mxa_json_list(j,
			    mxa_rule_kind_name((enum mxa_rule_kind)k),
			    r->match[k], r->n_match[k]);
	mxa_json_close(j, '}');
}

static void write_setting(
    struct mxa_json *j, const char *key, const char *value, struct mxa_str at)
{
	mxa_json_open(j, key, '{');
	mxa_json_word(j, "value", value);
	mxa_json_str(j, "rule", at);
	mxa_json_close(j, '}');
}

static void write_flag(
    struct mxa_json *j, const char *key, bool value, struct mxa_str at)
{
	mxa_json_open(j, key, '{');
	mxa_json_bool(j, "value", value);
	mxa_json_str_or_null(j, "rule", at);
	mxa_json_close(j, '}');
}

static void write_ruling(struct mxa_json *j, const struct mxa_ruling *r)
{
	mxa_json_open(j, "applies", '{');
	write_setting(
	    j, "profile", mxa_profile_name(r->profile), r->profile_at);
	mxa_json_open(j, "actions", '{');
	for (int c = 0; c < MXA_CAUSES; c++)
		if (r->action[c] != MXA_RULE_UNSET)
			write_setting(j, mxa_cause_name((enum mxa_cause)c),
			    mxa_action_name((enum mxa_action_kind)r->action[c]),
			    r->action_at[c]);
	mxa_json_close(j, '}');
	write_flag(j, "exempt", r->exempt, r->exempt_at);
	write_flag(j, "dkim_required", r->dkim_required, r->dkim_required_at);
	if (r->override != MXA_OVERRIDE_NONE)
		write_setting(j, "override", mxa_override_name(r->override),
		    r->override_at);
	mxa_json_close(j, '}');
}

static void write_ruled(
    struct mxa_json *j, const struct policy *p, const struct ruled *r)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_str_or_null(j, "rcpt", r->subject.rcpt);
	mxa_json_open(j, "matches", '[');
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (r->hits.rule[k] != NULL) {
			open_rule(j, r->hits.rule[k]);
			mxa_json_close(j, '}');
		}
	mxa_json_close(j, ']');
	write_ruling(j, &r->ruling);
	mxa_json_open(j, "others", '[');
	for (size_t i = 0; i < mxa_rules_count(p->conf->rules); i++) {
		const struct mxa_rule *rule = mxa_rules_get(p->conf->rules, i);

		if (is_among(&r->hits, rule))
			continue;
		open_rule(j, rule);
		mxa_json_str(j, "why", why_no_match(p, r, i).text);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
}

static void print_policy_json(
    struct out *o, const struct policy *p, const struct ruled *r, size_t n)
{
	const struct mxa_rule_subject *s = &p->subject;
	char ip[MXA_IP_TEXT];
	struct mxa_json *j = out_json(o, 5);

	mxa_json_open(j, NULL, '{');
	mxa_json_str_or_null(j, "from", s->author);
	mxa_json_str_or_null(j, "ip", mxa_str_from(mxa_ip_format(&p->ip, ip)));
	mxa_json_str_or_null(j, "client_name", s->client_name);
	mxa_json_str_or_null(j, "helo", s->helo);
	mxa_json_str_or_null(j, "daemon_name", s->daemon_name);
	mxa_json_str_or_null(j, "mail_from", s->mail_from);
	mxa_json_list(j, "signers", s->signer, s->n_signers);
	mxa_json_str_or_null(j, "sealer", s->sealer);
	mxa_json_int(j, "rules", (int64_t)mxa_rules_count(p->conf->rules));
	mxa_json_open(j, "results", '[');
	for (size_t i = 0; i < n; i++)
		write_ruled(j, p, &r[i]);
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
	out_json_end(o);
}

/* --- text --- */

static void print_match(struct out *o, const struct mxa_rule *r)
{
	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		if (r->n_match[k] == 0)
			continue;
		out_printf(o, "  %s", mxa_rule_kind_name(k));
		for (size_t i = 0; i < r->n_match[k]; i++) {
			out_text(o, " ");
			out_str(o, r->match[k][i]);
		}
	}
}

static void print_matches(struct out *o, const struct ruled *r)
{
	bool none = true;

	out_printf(o, "%s\n", _("Rules that match:"));
	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		const struct mxa_rule *rule = r->hits.rule[k];

		if (rule == NULL)
			continue;
		none = false;
		out_printf(o, "  %.*s ", MXA_STR_ARG(rule->where));
		print_match(o, rule);
		if (rule->until_text.len > 0)
			out_printf(
			    o, "  until %.*s", MXA_STR_ARG(rule->until_text));
		out_text(o, "\n");
		if (rule->trusts)
			out_printf(o, "    %s\n",
			    _("it trusts the signer for these authors"));
	}
	if (none)
		out_printf(o, "  %s\n", _("none"));
}

static void print_setting(
    struct out *o, const char *name, const char *value, struct mxa_str at)
{
	out_printf(o, "  %-18s %-12s %.*s\n", name, value, MXA_STR_ARG(at));
}

static void print_ruling(struct out *o, const struct mxa_ruling *r)
{
	out_printf(o, "%s\n", _("What applies:"));
	if (r->exempt)
		print_setting(o, "exempt", "true", r->exempt_at);
	print_setting(
	    o, "profile", mxa_profile_name(r->profile), r->profile_at);
	for (int c = 0; c < MXA_CAUSES; c++)
		if (r->action[c] != MXA_RULE_UNSET)
			print_setting(o, mxa_cause_name(c),
			    mxa_action_name(r->action[c]), r->action_at[c]);
	if (r->dkim_required)
		print_setting(
		    o, "DKIM signature", "required", r->dkim_required_at);
	if (r->override != MXA_OVERRIDE_NONE)
		print_setting(o, "override", mxa_override_name(r->override),
		    r->override_at);
}

static void print_others(
    struct out *o, const struct policy *p, const struct ruled *r)
{
	bool first = true;

	for (size_t i = 0; i < mxa_rules_count(p->conf->rules); i++) {
		const struct mxa_rule *rule = mxa_rules_get(p->conf->rules, i);
		struct mxa_phrase why;

		if (is_among(&r->hits, rule))
			continue;
		if (first)
			out_printf(o, "%s\n", _("Rules that do not:"));
		first = false;
		out_printf(o, "  %.*s  ", MXA_STR_ARG(rule->where));
		why = why_no_match(p, r, i);
		out_str(o, mxa_phrase_words(p->arena, &why));
		out_text(o, "\n");
	}
}

static void print_named(
    struct out *o, enum mxa_rule_kind k, struct mxa_str value, const char **gap)
{
	if (value.len == 0)
		return;
	out_printf(o, "%s%s ", *gap, mxa_rule_kind_name(k));
	out_str(o, value);
	*gap = "  ";
}

/* In the words of the policy file. */
static void print_subject(
    struct out *o, const struct policy *p, const struct ruled *r)
{
	const struct mxa_rule_subject *s = &r->subject;
	char ip[MXA_IP_TEXT];
	const char *gap = "";

	if (p->ip.family != 0)
		print_named(o, MXA_RULE_CLIENT,
		    mxa_str_from(mxa_ip_format(&p->ip, ip)), &gap);
	print_named(o, MXA_RULE_CLIENT_NAME, s->client_name, &gap);
	print_named(o, MXA_RULE_HELO, s->helo, &gap);
	print_named(o, MXA_RULE_DAEMON, s->daemon_name, &gap);
	print_named(o, MXA_RULE_MAIL_FROM, s->mail_from, &gap);
	for (size_t i = 0; i < s->n_signers; i++)
		print_named(o, MXA_RULE_SIGNER, s->signer[i], &gap);
	print_named(o, MXA_RULE_SEALER, s->sealer, &gap);
	print_named(o, MXA_RULE_RECIPIENT, s->rcpt, &gap);
	print_named(o, MXA_RULE_AUTHOR,
	    s->n_author_addresses > 0 ? s->author_address[0] : s->author, &gap);
	out_text(o, "\n");
}

static void print_policy_text(
    struct out *o, const struct policy *p, const struct ruled *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			out_text(o, "\n");
		print_subject(o, p, &r[i]);
		print_matches(o, &r[i]);
		print_ruling(o, &r[i].ruling);
		print_others(o, p, &r[i]);
	}
}

static int show_rules(struct policy *p)
{
	size_t n = p->n_rcpt > 0 ? p->n_rcpt : 1;
	struct ruled *r = mxa_arena_calloc(p->arena, n, sizeof(*r));
	struct out o;

	out_init(&o, stdout);
	for (size_t i = 0; i < n; i++)
		rule_for(p, i < p->n_rcpt ? p->rcpt[i] : MXA_STR_NONE, &r[i]);
	if (p->cli.json)
		print_policy_json(&o, p, r, n);
	else
		print_policy_text(&o, p, r, n);
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
	p->subject.ip = &p->ip;
	p->subject.signer = p->signer;
	p->subject.now = mxa_clock_wall(mxa_sysclock());
	status = parse_policy_options(p, argc, argv);
	if (status < 0 &&
	    (!cli_readable(&p->cli, p->cli.config) ||
		!cli_readable(&p->cli, p->file)))
		status = EX_NOINPUT;
	if (status < 0 &&
	    (conf = cli_conf_with_policy(&p->cli, p->file)) == NULL)
		status = EX_CONFIG;
	if (status < 0) {
		p->conf = conf;
		status = show_rules(p);
	}
	mxa_conf_free(conf);
	mxa_arena_free(p->arena);
	free(p);
	return status;
}
