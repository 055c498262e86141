/* cmd_check.c - mxauth check: a message file through the daemon's own
 * evaluate() and decide(), mxauth(1). */
#include "cli/cmd.h"

#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/sysclock.h"
#include "cli/facts.h"
#include "cli/out.h"
#include "mxauth.h"

static const char usage[] =
    "usage: mxauth check [OPTION]... FILE|-\n"
    "\n"
    "Evaluates a message as mxauthd would and says what would become of it.\n"
    "\n"
    "  --ip A         address of the client that delivered it\n"
    "  --helo H       what it said in HELO\n"
    "  --mail-from F  envelope sender (default: Return-Path of the message)\n"
    "  --rcpt R       recipient; may be repeated\n"
    "  --config C     configuration (default: the installed one)\n"
    "  --json         answer as JSON\n"
    "  --zone FILE    answers from a zone file, no network\n"
    "  --dns A:PORT   ask this server only\n"
    "\n"
    "Exit status: 0 accepted, 1 would be refused, 2 deferred, 3 quarantined.\n";

#define MAX_MESSAGE ((size_t)256 << 20)

struct check {
	struct cli cli;
	struct mxa_arena *arena;
	struct mxa_txn txn;
	struct out out;
	const char *mail_from; /* NULL: take Return-Path */
	const char *file;
};

static bool add_recipient(void *self, const char *value)
{
	struct check *ck = self;

	mxa_msg_add_rcpt(&ck->txn.msg, ck->arena, mxa_str_from(value));
	return true;
}

static int parse_check_options(struct check *ck, int argc, char **argv)
{
	struct mxa_msg *m = &ck->txn.msg;
	const struct cli_opt own[] = {
		{ "ip", .ip = &m->ip },
		{ "helo", .str = &m->helo },
		{ "mail-from", .text = &ck->mail_from },
		{ "rcpt", .take = add_recipient },
	};
	int status =
	    cli_options(&ck->cli, own, MXA_ARRAY_LEN(own), ck, argc, argv);

	if (status >= 0)
		return status;
	if (optind + 1 != argc)
		return cli_usage(&ck->cli);
	m->peer = m->ip;
	ck->file = argv[optind];
	return -1;
}

static struct mxa_str receiver_name(
    struct mxa_arena *a, const struct mxa_conf *conf)
{
	char host[256];

	if (conf->authserv_id.len > 0)
		return conf->authserv_id;
	if (gethostname(host, sizeof(host)) != 0)
		return MXA_STR("localhost");
	host[sizeof(host) - 1] = '\0';
	return mxa_str_dup(a, mxa_str_from(host));
}

/* Envelope facts that the options left open. */
static void complete_envelope(struct check *ck, const struct mxa_conf *conf)
{
	struct mxa_msg *m = &ck->txn.msg;
	const struct mxa_field *path =
	    mxa_headers_find(&m->headers, "Return-Path", 0);

	if (ck->mail_from != NULL)
		mxa_msg_set_mail_from(
		    m, ck->arena, mxa_str_from(ck->mail_from));
	else if (path != NULL)
		mxa_msg_set_mail_from(
		    m, ck->arena, mxa_field_unfold(ck->arena, path));
	m->queue_id = MXA_STR("NOQUEUE");
	m->receiver = receiver_name(ck->arena, conf);
	m->received = mxa_clock_wall(mxa_sysclock());
}

/* --- answers --- */

/* All that is known about the message. */
static void take_evidence(
    struct check *ck, struct mxa_budget *budget, struct mxa_entry *out)
{
	*out = (struct mxa_entry){ .time = ck->txn.msg.received,
		.txn = ck->txn,
		.counts = mxa_budget_counts(budget) };
	out->n_evidence =
	    mxa_budget_evidence(budget, ck->arena, &out->evidence);
}

static void print_check_json(
    struct check *ck, const struct mxa_entry *e, struct mxa_str header)
{
	struct mxa_json *j = out_json(&ck->out, MXA_JSON_LINES);

	mxa_json_open(j, NULL, '{');
	facts_write(j, ck->arena, e);
	mxa_json_str(j, "header", header);
	mxa_json_close(j, '}');
	out_json_end(&ck->out);
}

static void print_result(struct check *ck, const char *label,
    const char *result, struct mxa_str about, struct mxa_phrase reason)
{
	struct mxa_str words = mxa_phrase_words(ck->arena, &reason);

	out_printf(&ck->out, "%-6s %-10s %.*s%s%.*s\n", label, result,
	    MXA_STR_ARG(about), about.len && words.len ? ": " : "",
	    MXA_STR_ARG(words));
}

static void print_results(struct check *ck, const struct mxa_verdict *v)
{
	print_result(ck, "SPF", mxa_spf_result_name(v->spf.result),
	    v->spf.domain, v->spf.reason);
	if (v->dkim.n == 0)
		print_result(ck, "DKIM", "none", MXA_STR_NONE,
		    MXA_PHRASE(N_("no signature")));
	for (size_t i = 0; i < v->dkim.n; i++)
		print_result(ck, "DKIM",
		    mxa_dkim_result_name(v->dkim.sig[i].result),
		    v->dkim.sig[i].domain, v->dkim.sig[i].reason);
	if (v->arc.evaluated)
		print_result(ck, "ARC", mxa_arc_result_name(v->arc.result),
		    MXA_STR_NONE, v->arc.reason);
	for (size_t i = 0; i < v->dmarc.n; i++)
		print_result(ck, "DMARC",
		    mxa_dmarc_result_name(v->dmarc.domain[i].result),
		    v->dmarc.domain[i].author, v->dmarc.domain[i].reason);
	if (v->dmarc.n == 0)
		print_result(
		    ck, "DMARC", "none", MXA_STR_NONE, v->authors.reason);
	for (const struct mxa_note *n = v->notes.first; n; n = n->next)
		print_result(ck, _("note"), "", MXA_STR_NONE, n->said);
}

static void print_check_action(struct out *o, const struct mxa_action *act)
{
	out_printf(o, _("\nAction: %s, by rule %.*s"),
	    mxa_action_name(act->kind), MXA_STR_ARG(act->rule));
	if (act->would != act->kind)
		out_printf(o, _("; would be: %s"), mxa_action_name(act->would));
	for (size_t i = 0; i < act->n_grounds; i++)
		out_printf(o, "%s %s", i ? "," : _("; grounds:"),
		    mxa_ground_name(act->ground[i]));
	out_text(o, "\n");
	for (size_t i = 0; i < act->reply.n; i++)
		out_printf(o, "  %s%c%s %.*s\n", act->reply.code,
		    i + 1 < act->reply.n ? '-' : ' ', act->reply.enhanced,
		    MXA_STR_ARG(act->reply.line[i]));
}

/* "  TXT   example.com: v=spf1 -all", "  TXT   example.org: (nxdomain)" */
static void print_question(struct check *ck, const struct mxa_evidence *e)
{
	struct mxa_str text = mxa_evidence_text(ck->arena, e);
	bool data = e->answer != NULL && e->answer->status == MXA_DNS_DATA;

	out_printf(&ck->out, "  %-5s %.*s: %s%.*s%s\n",
	    mxa_dns_type_name(e->type), MXA_STR_ARG(e->name), data ? "" : "(",
	    MXA_STR_ARG(text), data ? "" : ")");
}

static void print_check_text(
    struct check *ck, const struct mxa_entry *e, struct mxa_str header)
{
	struct out *o = &ck->out;

	print_results(ck, &e->txn.verdict);
	print_check_action(o, &e->txn.action);
	out_text(o, "\n");
	out_line(o, 0, header);
	if (e->n_evidence > 0)
		out_text(o, "\nDNS:\n");
	for (size_t i = 0; i < e->n_evidence; i++)
		print_question(ck, &e->evidence[i]);
}

static int exit_status(enum mxa_action_kind kind)
{
	switch (kind) {
	case MXA_ACT_ACCEPT:
	case MXA_ACT_TAG:
		return 0;
	case MXA_ACT_REJECT:
		return 1;
	case MXA_ACT_DEFER:
		return 2;
	case MXA_ACT_QUARANTINE:
		return 3;
	}
	return EX_SOFTWARE;
}

static int check_message(struct check *ck, const struct mxa_conf *conf,
    struct mxa_dns *dns, struct mxa_str text)
{
	struct mxa_budget *budget =
	    mxa_budget_open(dns, conf->dns_deadline * 1000);
	struct mxa_engine_env env = { .arena = ck->arena,
		.budget = budget,
		.clock = mxa_sysclock(),
		.options = &conf->auth };
	struct mxa_entry entry;
	struct mxa_buf header;
	size_t body;

	mxa_headers_split(&ck->txn.msg.headers, text, &body);
	complete_envelope(ck, conf);
	text = mxa_body_crlf(ck->arena, mxa_str_sub(text, body, text.len));
	ck->txn.msg.body_bytes = text.len;
	mxa_evaluate(&env, &ck->txn.msg, text, &ck->txn.verdict);
	mxa_decide(
	    conf, &ck->txn.msg, &ck->txn.verdict, ck->arena, &ck->txn.action);
	mxa_buf_init(&header, ck->arena, MXA_MAX_AUTHRES);
	mxa_buf_adds(&header, "Authentication-Results: ");
	mxa_stamp_authres(&header, conf, &ck->txn);
	take_evidence(ck, budget, &entry);
	out_init(&ck->out, stdout);
	if (ck->cli.json)
		print_check_json(ck, &entry, mxa_buf_str(&header));
	else
		print_check_text(ck, &entry, mxa_buf_str(&header));
	mxa_budget_close(budget);
	return exit_status(ck->txn.action.kind);
}

int mxa_cmd_check(int argc, char **argv)
{
	struct check ck = { .cli = { .name = "check", .usage = usage } };
	struct mxa_conf *conf = NULL;
	struct mxa_dns *dns = NULL;
	struct mxa_str text;
	int status;

	ck.arena = mxa_arena_new();
	mxa_headers_init(&ck.txn.msg.headers, ck.arena);
	status = parse_check_options(&ck, argc, argv);
	if (status < 0 &&
	    !cli_read(&ck.cli, ck.arena, ck.file, MAX_MESSAGE, &text))
		status = EX_NOINPUT;
	if (status < 0)
		status = cli_conf_and_dns(&ck.cli, &conf, &dns);
	if (status < 0)
		status = check_message(&ck, conf, dns, text);
	mxa_dns_free(dns);
	mxa_conf_free(conf);
	mxa_arena_free(ck.arena);
	return status;
}
