/* cmd_spf.c - mxauth spf: the evaluation of a sender's record, term by term. */
#include "cli/cmd.h"

#include <jansson.h>
#include <string.h>
#include <sysexits.h>

#include "auth/spf/trace.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "mxauth.h"

static const char usage[] =
    "usage: mxauth spf [OPTION]... ADDRESS|DOMAIN\n"
    "\n"
    "Evaluates the SPF record of a sender and shows every term of it.\n"
    "\n"
    "  --ip A         the client; without it: what the record permits\n"
    "  --helo H       what the client said in HELO (macro %{h})\n"
    "  --json         answer as JSON\n"
    "  --zone FILE    answers from a zone file, no network\n"
    "  --dns A:PORT   ask this server only\n"
    "\n"
    "Exit status: 0 pass (without --ip: a usable record), 1 anything else,\n"
    "2 the DNS did not answer.\n";

enum { OPT_IP = CLI_OPT_OWN, OPT_HELO };

static const struct option options[] = {
	{ "ip", required_argument, NULL, OPT_IP },
	{ "helo", required_argument, NULL, OPT_HELO },
	CLI_COMMON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

struct spf {
	struct cli cli;
	struct mxa_arena *arena;
	struct mxa_spf_query query;
	bool nobody; /* no --ip: evaluated for an address that nobody has */
	struct mxa_spf_verdict verdict;
};

static int parse_options(struct spf *s, int argc, char **argv)
{
	struct mxa_spf_query *q = &s->query;
	struct mxa_str whole;
	int opt, status;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (cli_common(&s->cli, opt, &status)) {
			if (status >= 0)
				return status;
		} else if (opt == OPT_IP &&
		    !mxa_ip_parse(mxa_str_from(optarg), &q->ip)) {
			cli_error(&s->cli, _("--ip wants an address, not '%s'"),
			    optarg);
			return EX_USAGE;
		} else if (opt == OPT_HELO) {
			q->helo = mxa_str_from(optarg);
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	mxa_address_split(
	    mxa_str_from(argv[optind]), &whole, &q->local, &q->domain);
	if (q->domain.len == 0) {
		q->domain = whole;
		q->local = MXA_STR("");
	}
	s->nobody = q->ip.family == 0;
	if (s->nobody)
		mxa_ip_parse(MXA_STR("0.0.0.0"), &q->ip);
	q->trace = true;
	q->receiver = MXA_STR("unknown");
	return -1;
}

/* --- JSON --- */

static json_t *json_str(struct mxa_str s)
{
	json_t *j = json_stringn(s.len ? s.p : "", s.len);

	return j ? j : json_string("(not UTF-8)");
}

static json_t *step_json(const struct mxa_spf_step *step)
{
	json_t *found = json_array();

	for (size_t i = 0; i < step->n; i++)
		json_array_append_new(found, json_str(step->found[i]));
	return json_pack("{s:i s:o s:b s:o s:o s:o s:s s:o s:i s:i}", "depth",
	    (int)step->depth, "domain", json_str(step->domain), "record",
	    step->is_record, "text", json_str(step->text), "target",
	    json_str(step->target), "found", found, "outcome",
	    mxa_spf_outcome_name(step->outcome), "why", json_str(step->why),
	    "lookups", (int)step->lookups, "void_lookups", (int)step->voids);
}

static void print_json(const struct spf *s)
{
	const struct mxa_spf_verdict *v = &s->verdict;
	json_t *trace = json_array(), *root;

	for (const struct mxa_spf_step *t = v->trace ? v->trace->first : NULL;
	     t; t = t->next)
		json_array_append_new(trace, step_json(t));
	root = json_pack("{s:s s:o s:s s:o s:o s:o s:o s:i s:i s:o}", "result",
	    mxa_spf_result_name(v->result), "domain", json_str(v->domain),
	    "identity", "mailfrom", "reason", json_str(v->reason), "mechanism",
	    json_str(v->mechanism), "record_domain", json_str(v->record_domain),
	    "explanation", json_str(v->explanation), "lookups", (int)v->lookups,
	    "void_lookups", (int)v->voids, "trace", trace);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

/* --- text --- */

static void print_found(const struct mxa_spf_step *step)
{
	for (size_t i = 0; i < step->n; i++) {
		fputs(i ? ", " : " -> ", stdout);
		cli_print_safe(stdout, step->found[i]);
	}
	if (step->more > 0)
		printf(_(" and %zu more"), step->more);
}

static void print_term(const struct spf *s, const struct mxa_spf_step *step)
{
	static const char *const marks[] = {
		[MXA_STEP_NO_MATCH] = N_("no match"),
		[MXA_STEP_MATCH] = N_("MATCH"),
		[MXA_STEP_ERROR] = N_("ERROR"),
		[MXA_STEP_INFO] = "",
	};

	cli_print_safe(stdout, step->text);
	if (step->target.len > 0 && step->n == 0) {
		fputs(" -> ", stdout);
		cli_print_safe(stdout, step->target);
	}
	print_found(step);
	if (s->nobody && step->outcome == MXA_STEP_NO_MATCH) {
		putchar('\n');
		return;
	}
	if (marks[step->outcome][0] != '\0')
		printf(": %s", _(marks[step->outcome]));
	if (step->why.len > 0) {
		fputs(" (", stdout);
		cli_print_safe(stdout, step->why);
		putchar(')');
	}
	putchar('\n');
}

static void print_tree(const struct spf *s)
{
	const struct mxa_spf_trace *t = s->verdict.trace;

	for (const struct mxa_spf_step *step = t ? t->first : NULL; step;
	     step = step->next) {
		printf("%*s", (int)step->depth * 4 + (step->is_record ? 0 : 2),
		    "");
		if (!step->is_record) {
			print_term(s, step);
			continue;
		}
		cli_print_safe(stdout, step->domain);
		fputs(": ", stdout);
		cli_print_safe(stdout, step->text);
		putchar('\n');
	}
	if (t != NULL && t->dropped > 0)
		printf(_("... and %zu further terms\n"), t->dropped);
}

static void print_text(const struct spf *s)
{
	const struct mxa_spf_verdict *v = &s->verdict;

	if (s->nobody)
		printf(_("SPF record of %.*s\n"), MXA_STR_ARG(v->domain));
	else
		printf(_("Result: %s\n"), mxa_spf_result_name(v->result));
	if (!s->nobody || v->result == MXA_SPF_NONE ||
	    v->result == MXA_SPF_PERMERROR || v->result == MXA_SPF_TEMPERROR) {
		cli_print_safe(stdout, v->reason);
		putchar('\n');
	}
	printf(_("DNS lookups: %u of %u; without an answer: %u of %u\n\n"),
	    v->lookups, MXA_SPF_MAX_TERMS, v->voids, MXA_SPF_MAX_VOID);
	print_tree(s);
	if (v->explanation.len > 0) {
		printf(_("\nThe sender's domain explains: "));
		cli_print_safe(stdout, v->explanation);
		putchar('\n');
	}
}

static int exit_status(const struct spf *s)
{
	switch (s->verdict.result) {
	case MXA_SPF_PASS:
		return 0;
	case MXA_SPF_TEMPERROR:
		return 2;
	case MXA_SPF_NONE:
	case MXA_SPF_PERMERROR:
		return 1;
	case MXA_SPF_NEUTRAL:
	case MXA_SPF_FAIL:
	case MXA_SPF_SOFTFAIL:
		return s->nobody ? 0 : 1;
	}
	return EX_SOFTWARE;
}

static int run(struct spf *s, const struct mxa_conf *conf, struct mxa_dns *dns)
{
	struct mxa_budget *budget =
	    mxa_budget_open(dns, conf->dns_deadline * 1000);
	struct mxa_engine_env env = { .arena = s->arena,
		.budget = budget,
		.clock = mxa_sysclock(),
		.options = &conf->auth };

	mxa_spf_native.check(&env, &s->query, &s->verdict);
	if (s->cli.json)
		print_json(s);
	else
		print_text(s);
	mxa_budget_close(budget);
	return exit_status(s);
}

int mxa_cmd_spf(int argc, char **argv)
{
	struct spf s = { .cli = { .name = "spf", .usage = usage } };
	struct mxa_conf *conf = NULL;
	struct mxa_dns *dns = NULL;
	int status;

	s.arena = mxa_arena_new();
	status = parse_options(&s, argc, argv);
	if (status < 0 && (conf = cli_conf(&s.cli)) == NULL)
		status = EX_CONFIG;
	if (status < 0 && (dns = cli_dns(&s.cli, conf)) == NULL)
		status = s.cli.zone ? EX_NOINPUT : EX_USAGE;
	if (status < 0)
		status = run(&s, conf, dns);
	mxa_dns_free(dns);
	mxa_conf_free(conf);
	mxa_arena_free(s.arena);
	return status;
}
