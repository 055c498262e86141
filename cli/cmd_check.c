/* cmd_check.c - mxauth check: a message file through the daemon's own
 * evaluate() and decide() (contract.md section 5). */
#include "cli/cmd.h"

#include <jansson.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/sysclock.h"
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

enum { OPT_IP = CLI_OPT_OWN, OPT_HELO, OPT_MAIL_FROM, OPT_RCPT };

static const struct option options[] = {
	{ "ip", required_argument, NULL, OPT_IP },
	{ "helo", required_argument, NULL, OPT_HELO },
	{ "mail-from", required_argument, NULL, OPT_MAIL_FROM },
	{ "rcpt", required_argument, NULL, OPT_RCPT },
	CLI_COMMON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

struct check {
	struct cli cli;
	struct mxa_arena *arena;
	struct mxa_txn txn;
	const char *mail_from; /* NULL: take Return-Path */
	const char *file;
};

static int parse_options(struct check *ck, int argc, char **argv)
{
	struct mxa_msg *m = &ck->txn.msg;
	int opt, status;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (cli_common(&ck->cli, opt, &status)) {
			if (status >= 0)
				return status;
			continue;
		}
		switch (opt) {
		case OPT_IP:
			if (!mxa_ip_parse(mxa_str_from(optarg), &m->ip)) {
				cli_error(&ck->cli,
				    "--ip wants an address, not '%s'", optarg);
				return EX_USAGE;
			}
			m->peer = m->ip;
			break;
		case OPT_HELO:
			m->helo = mxa_str_from(optarg);
			break;
		case OPT_MAIL_FROM:
			ck->mail_from = optarg;
			break;
		case OPT_RCPT:
			mxa_msg_add_rcpt(m, ck->arena, mxa_str_from(optarg));
			break;
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
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

static json_t *json_str(struct mxa_str s)
{
	json_t *j = json_stringn(s.len ? s.p : "", s.len);

	return j ? j : json_string("(not UTF-8)");
}

/* What an answer held, on one line. */
static struct mxa_str answer_text(
    struct mxa_arena *a, const struct mxa_dns_answer *answer)
{
	char ip[MXA_IP_TEXT];
	struct mxa_buf b;

	if (answer == NULL)
		return MXA_STR("unanswered");
	if (answer->status != MXA_DNS_DATA)
		return mxa_str_from(mxa_dns_status_name(answer->status));
	mxa_buf_init(&b, a, 4000);
	for (size_t i = 0; i < answer->n && !b.full; i++) {
		const struct mxa_dns_record *rr = &answer->rr[i];

		if (i > 0)
			mxa_buf_adds(&b, ", ");
		if (answer->type == MXA_DNS_MX)
			mxa_buf_printf(&b, "%u ", rr->preference);
		if (rr->ip.family != 0)
			mxa_buf_adds(&b, mxa_ip_format(&rr->ip, ip));
		else
			mxa_buf_addstr(&b, rr->text);
	}
	return mxa_buf_str(&b);
}

static json_t *spf_json(const struct mxa_spf_verdict *v)
{
	return json_pack("{s:s s:o s:s s:o}", "result",
	    mxa_spf_result_name(v->result), "domain", json_str(v->domain),
	    "identity", v->identity == MXA_SPF_HELO ? "helo" : "mailfrom",
	    "reason", json_str(v->reason));
}

static json_t *dkim_json(const struct mxa_dkim_verdict *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++) {
		const struct mxa_dkim_sig *s = &v->sig[i];

		json_array_append_new(list,
		    json_pack("{s:s s:o s:o s:o s:o}", "result",
			mxa_dkim_result_name(s->result), "d",
			json_str(s->domain), "s", json_str(s->selector), "a",
			json_str(s->algorithm), "reason", json_str(s->reason)));
	}
	return list;
}

static json_t *dmarc_json(const struct mxa_dmarc_verdict *v)
{
	static const struct mxa_dmarc_domain nobody;
	const struct mxa_dmarc_domain *d =
	    v->n ? &v->domain[v->worst] : &nobody;

	return json_pack("{s:s s:o s:s s:o s:o s:o}", "result",
	    mxa_dmarc_result_name(v->result), "domain", json_str(d->author),
	    "policy", mxa_dmarc_policy_name(d->policy), "org",
	    json_str(d->organizational), "record_domain",
	    json_str(d->record_domain), "reason", json_str(d->reason));
}

static json_t *action_json(const struct mxa_action *act)
{
	json_t *text = json_array(), *grounds = json_array();

	for (size_t i = 0; i < act->reply.n; i++)
		json_array_append_new(text, json_str(act->reply.line[i]));
	for (size_t i = 0; i < act->n_grounds; i++)
		json_array_append_new(grounds, json_string(act->ground[i]));
	return json_pack("{s:s s:s s:s s:o s:o s:o}", "action",
	    mxa_action_name(act->kind), "code", act->reply.code, "enhanced",
	    act->reply.enhanced, "text", text, "rule", json_str(act->rule),
	    "grounds", grounds);
}

static json_t *dns_json(struct mxa_arena *a, struct mxa_budget *budget)
{
	struct mxa_evidence *ev;
	size_t n = mxa_budget_evidence(budget, a, &ev);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
		    json_pack("{s:o s:s s:o s:i}", "name", json_str(ev[i].name),
			"type", mxa_dns_type_name(ev[i].type), "answer",
			json_str(answer_text(a, ev[i].answer)), "ms",
			ev[i].answer ? (int)ev[i].answer->ms : 0));
	return list;
}

static void print_json(
    struct check *ck, struct mxa_budget *budget, struct mxa_str header)
{
	const struct mxa_verdict *v = &ck->txn.verdict;
	json_t *notes = json_array(), *root;

	for (const struct mxa_note *n = v->notes.first; n; n = n->next)
		json_array_append_new(notes, json_str(n->text));
	root = json_pack("{s:o s:o s:o s:o s:o s:o s:o s:o}", "spf",
	    spf_json(&v->spf), "dkim", dkim_json(&v->dkim), "arc",
	    json_pack("{s:s}", "result", mxa_arc_result_name(v->arc.result)),
	    "dmarc", dmarc_json(&v->dmarc), "action",
	    action_json(&ck->txn.action), "header", json_str(header), "notes",
	    notes, "dns", dns_json(ck->arena, budget));
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

static void print_line(const char *label, const char *result,
    struct mxa_str about, struct mxa_str reason)
{
	printf("%-6s %-10s ", label, result);
	cli_print_safe(stdout, about);
	if (reason.len > 0) {
		fputs(about.len ? ": " : "", stdout);
		cli_print_safe(stdout, reason);
	}
	putchar('\n');
}

static void print_action(const struct mxa_action *act)
{
	printf("\nAction: %s, by rule ", mxa_action_name(act->kind));
	cli_print_safe(stdout, act->rule);
	if (act->n_grounds > 0)
		fputs("; grounds:", stdout);
	for (size_t i = 0; i < act->n_grounds; i++)
		printf("%s %s", i ? "," : "", act->ground[i]);
	putchar('\n');
	for (size_t i = 0; i < act->reply.n; i++) {
		printf("  %s%c%s ", act->reply.code,
		    i + 1 < act->reply.n ? '-' : ' ', act->reply.enhanced);
		cli_print_safe(stdout, act->reply.line[i]);
		putchar('\n');
	}
}

static void print_text(
    struct check *ck, struct mxa_budget *budget, struct mxa_str header)
{
	const struct mxa_verdict *v = &ck->txn.verdict;
	struct mxa_evidence *ev;
	size_t n;

	print_line("SPF", mxa_spf_result_name(v->spf.result), v->spf.domain,
	    v->spf.reason);
	if (v->dkim.n == 0)
		print_line(
		    "DKIM", "none", MXA_STR("no signature"), MXA_STR_NONE);
	for (size_t i = 0; i < v->dkim.n; i++)
		print_line("DKIM", mxa_dkim_result_name(v->dkim.sig[i].result),
		    v->dkim.sig[i].domain, v->dkim.sig[i].reason);
	if (v->arc.evaluated)
		print_line("ARC", mxa_arc_result_name(v->arc.result),
		    MXA_STR_NONE, v->arc.reason);
	for (size_t i = 0; i < v->dmarc.n; i++)
		print_line("DMARC",
		    mxa_dmarc_result_name(v->dmarc.domain[i].result),
		    v->dmarc.domain[i].author, v->dmarc.domain[i].reason);
	if (v->dmarc.n == 0)
		print_line("DMARC", "none", MXA_STR_NONE, v->authors.reason);
	for (const struct mxa_note *note = v->notes.first; note;
	     note = note->next)
		print_line("note", "", MXA_STR_NONE, note->text);
	print_action(&ck->txn.action);
	putchar('\n');
	cli_print_safe(stdout, header);
	n = mxa_budget_evidence(budget, ck->arena, &ev);
	fputs(n ? "\n\nDNS:\n" : "\n", stdout);
	for (size_t i = 0; i < n; i++) {
		printf("  %-5s ", mxa_dns_type_name(ev[i].type));
		cli_print_safe(stdout, ev[i].name);
		fputs(": ", stdout);
		cli_print_safe(stdout, answer_text(ck->arena, ev[i].answer));
		putchar('\n');
	}
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

static int run(struct check *ck, const struct mxa_conf *conf,
    struct mxa_dns *dns, struct mxa_str text)
{
	struct mxa_budget *budget =
	    mxa_budget_open(dns, conf->dns_deadline * 1000);
	struct mxa_engine_env env = { .arena = ck->arena,
		.budget = budget,
		.clock = mxa_sysclock(),
		.options = &conf->auth };
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
	if (ck->cli.json)
		print_json(ck, budget, mxa_buf_str(&header));
	else
		print_text(ck, budget, mxa_buf_str(&header));
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
	status = parse_options(&ck, argc, argv);
	if (status < 0 &&
	    !cli_read(&ck.cli, ck.arena, ck.file, MAX_MESSAGE, &text))
		status = EX_NOINPUT;
	if (status < 0 && (conf = cli_conf(&ck.cli)) == NULL)
		status = EX_CONFIG;
	if (status < 0 && (dns = cli_dns(&ck.cli, conf)) == NULL)
		status = ck.cli.zone ? EX_NOINPUT : EX_USAGE;
	if (status < 0)
		status = run(&ck, conf, dns, text);
	mxa_dns_free(dns);
	mxa_conf_free(conf);
	mxa_arena_free(ck.arena);
	return status;
}
