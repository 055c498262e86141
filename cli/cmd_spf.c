/* cmd_spf.c - mxauth spf: the evaluation of a sender's record, term by term. */
#include "cli/cmd.h"

#include <sysexits.h>

#include "auth/spf/trace.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "cli/out.h"
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

struct spf {
	struct cli cli;
	struct out out;
	struct mxa_arena *arena;
	struct mxa_spf_query query;
	bool nobody; /* no --ip: evaluated for an address that nobody has */
	struct mxa_spf_verdict verdict;
};

static int parse_spf_options(struct spf *s, int argc, char **argv)
{
	struct mxa_spf_query *q = &s->query;
	const struct cli_opt own[] = {
		{ "ip", .ip = &q->ip },
		{ "helo", .str = &q->helo },
	};
	struct mxa_str whole;
	int status =
	    cli_options(&s->cli, own, MXA_ARRAY_LEN(own), NULL, argc, argv);

	if (status >= 0)
		return status;
	if (optind + 1 != argc)
		return cli_usage(&s->cli);
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

/* Whether the result is one of the record, or of a client that was named: what
 * a record says of nobody means nothing. */
static bool has_result(const struct spf *s)
{
	enum mxa_spf_result r = s->verdict.result;

	return !s->nobody || r == MXA_SPF_NONE || r == MXA_SPF_PERMERROR ||
	    r == MXA_SPF_TEMPERROR;
}

/* --- JSON --- */

static void write_step(struct mxa_json *j, const struct mxa_spf_step *step)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_int(j, "depth", step->depth);
	mxa_json_str(j, "domain", step->domain);
	mxa_json_bool(j, "record", step->is_record);
	mxa_json_str(j, "text", step->text);
	mxa_json_str(j, "target", step->target);
	mxa_json_list(j, "found", step->found, step->n);
	mxa_json_int(j, "more", (int64_t)step->more);
	mxa_json_word(j, "outcome", mxa_spf_outcome_name(step->outcome));
	mxa_json_str(j, "why", step->why.text);
	mxa_json_int(j, "lookups", step->lookups);
	mxa_json_int(j, "void_lookups", step->voids);
	mxa_json_close(j, '}');
}

static void write_trace(struct mxa_json *j, const struct mxa_spf_trace *t)
{
	mxa_json_open(j, "trace", '[');
	for (const struct mxa_spf_step *s = t ? t->first : NULL; s; s = s->next)
		write_step(j, s);
	mxa_json_close(j, ']');
	mxa_json_int(j, "trace_dropped", t ? (int64_t)t->dropped : 0);
}

static void print_spf_json(struct spf *s)
{
	const struct mxa_spf_verdict *v = &s->verdict;
	struct mxa_json *j = out_json(&s->out, MXA_JSON_LINES);
	bool known = has_result(s);

	mxa_json_open(j, NULL, '{');
	mxa_json_str_or_null(j, "result",
	    known ? mxa_str_from(mxa_spf_result_name(v->result)) : MXA_STR(""));
	mxa_json_str(j, "domain", v->domain);
	mxa_json_word(j, "identity", "mailfrom");
	mxa_json_str(j, "reason", known ? v->reason.text : MXA_STR(""));
	mxa_json_str(j, "mechanism", known ? v->mechanism : MXA_STR(""));
	mxa_json_str(j, "record_domain", v->record_domain);
	mxa_json_str(j, "explanation", known ? v->explanation : MXA_STR(""));
	mxa_json_int(j, "lookups", v->lookups);
	mxa_json_int(j, "void_lookups", v->voids);
	write_trace(j, v->trace);
	mxa_json_close(j, '}');
	out_json_end(&s->out);
}

/* --- text --- */

static void print_found(struct out *o, const struct mxa_spf_step *step)
{
	for (size_t i = 0; i < step->n; i++) {
		out_text(o, i ? ", " : " -> ");
		out_str(o, step->found[i]);
	}
	if (step->more > 0)
		out_printf(o, _(" and %zu more"), step->more);
}

/* ": no match (why)" */
static void print_outcome(struct spf *s, const struct mxa_spf_step *step)
{
	struct out *o = &s->out;
	static const char *const marks[] = {
		[MXA_STEP_NO_MATCH] = N_("no match"),
		[MXA_STEP_MATCH] = N_("MATCH"),
		[MXA_STEP_ERROR] = N_("ERROR"),
		[MXA_STEP_INFO] = "",
	};
	const char *mark = marks[step->outcome];

	if (mark[0] != '\0') {
		out_text(o, ": ");
		if (step->outcome == MXA_STEP_MATCH)
			out_style(o, OUT_HEADING, _(mark));
		else if (step->outcome == MXA_STEP_ERROR)
			out_style(o, OUT_ERROR, _(mark));
		else
			out_text(o, _(mark));
	}
	if (step->why.text.len > 0)
		out_printf(o, " (%.*s)",
		    MXA_STR_ARG(mxa_phrase_words(s->arena, &step->why)));
}

static void print_term(struct spf *s, const struct mxa_spf_step *step)
{
	struct out *o = &s->out;

	out_str(o, step->text);
	if (step->target.len > 0 && step->n == 0)
		out_printf(o, " -> %.*s", MXA_STR_ARG(step->target));
	print_found(o, step);
	/* for an address that nobody has it means nothing */
	if (!s->nobody || step->outcome != MXA_STEP_NO_MATCH)
		print_outcome(s, step);
	out_text(o, "\n");
}

static void print_tree(struct spf *s)
{
	const struct mxa_spf_trace *t = s->verdict.trace;

	for (const struct mxa_spf_step *step = t ? t->first : NULL; step;
	     step = step->next) {
		out_indent(
		    &s->out, step->depth * 4 + (step->is_record ? 0 : 2));
		if (step->is_record)
			out_printf(&s->out, "%.*s: %.*s\n",
			    MXA_STR_ARG(step->domain), MXA_STR_ARG(step->text));
		else
			print_term(s, step);
	}
	if (t != NULL && t->dropped > 0)
		out_printf(
		    &s->out, _("... and %zu further terms\n"), t->dropped);
}

static void print_spf_text(struct spf *s)
{
	const struct mxa_spf_verdict *v = &s->verdict;
	struct out *o = &s->out;

	if (s->nobody)
		out_printf(
		    o, _("SPF record of %.*s\n"), MXA_STR_ARG(v->domain));
	else
		out_printf(
		    o, _("Result: %s\n"), mxa_spf_result_name(v->result));
	if (has_result(s))
		out_line(o, 0, mxa_phrase_words(s->arena, &v->reason));
	out_printf(o,
	    _("DNS lookups: %u of %u; without an answer: %u of %u\n\n"),
	    v->lookups, MXA_SPF_MAX_TERMS, v->voids, MXA_SPF_MAX_VOID);
	print_tree(s);
	if (has_result(s) && v->explanation.len > 0)
		out_printf(o, "%s%.*s\n", _("\nThe sender's domain explains: "),
		    MXA_STR_ARG(v->explanation));
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

static int evaluate_sender(
    struct spf *s, const struct mxa_conf *conf, struct mxa_dns *dns)
{
	struct mxa_budget *budget =
	    mxa_budget_open(dns, conf->dns_deadline * 1000);
	struct mxa_engine_env env = { .arena = s->arena,
		.budget = budget,
		.clock = mxa_sysclock(),
		.options = &conf->auth };

	mxa_spf_native.check(&env, &s->query, &s->verdict);
	out_init(&s->out, stdout);
	if (s->cli.json)
		print_spf_json(s);
	else
		print_spf_text(s);
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
	status = parse_spf_options(&s, argc, argv);
	if (status < 0)
		status = cli_conf_and_dns(&s.cli, &conf, &dns);
	if (status < 0)
		status = evaluate_sender(&s, conf, dns);
	mxa_dns_free(dns);
	mxa_conf_free(conf);
	mxa_arena_free(s.arena);
	return status;
}
