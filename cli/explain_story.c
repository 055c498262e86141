/* explain_story.c - what the journal knows about a message, in sentences. */
#include "cli/explain_story.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "history/scan.h"
#include "conf/conf.h"

bool cli_looks_like_queue_id(const char *s)
{
	size_t n = strlen(s);

	if (n < 4 || n > 64)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!mxa_is_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

/* Whether authentication was why the message was not simply accepted. */
static bool is_failure(const struct mxa_txn *t)
{
	const struct mxa_verdict *v = &t->verdict;

	/* what DMARC passed is authenticated, whatever else did not */
	if (v->dmarc.result == MXA_DMARC_PASS &&
	    (t->action.kind == MXA_ACT_ACCEPT || t->action.kind == MXA_ACT_TAG))
		return false;
	return v->dmarc.result == MXA_DMARC_FAIL ||
	    v->spf.result == MXA_SPF_FAIL ||
	    v->spf.result == MXA_SPF_SOFTFAIL ||
	    (t->action.kind != MXA_ACT_ACCEPT &&
		t->action.cause != MXA_CAUSE_NOTHING);
}

static void print_when(int64_t when)
{
	char text[40] = "?";
	time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fputs(text, stdout);
}

/* A slice that may be printed in a sentence. */
static void print_str(struct mxa_str s)
{
	cli_print_safe(stdout, s);
}

static void print_line(const char *label, struct mxa_str text)
{
	if (text.len == 0)
		return;
	fputs(label, stdout);
	print_str(text);
	putchar('\n');
}

static void print_envelope(const struct mxa_entry *e)
{
	const struct mxa_msg *m = &e->txn.msg;
	char ip[MXA_IP_TEXT];

	fputs(_("Message "), stdout);
	print_str(m->queue_id);
	fputs(", ", stdout);
	print_when(e->time);
	putchar('\n');
	if (m->ip.family != 0)
		printf(_("It came from %s.\n"), mxa_ip_format(&m->ip, ip));
	print_line(_("The server called itself "), m->helo);
	if (m->mail_from.len > 0)
		print_line(_("Envelope sender: "), m->mail_from);
	else
		puts(_("Envelope sender: none (a bounce)"));
	for (size_t i = 0; i < m->n_rcpt && i < 10; i++)
		print_line(_("Recipient: "), m->rcpt[i]);
	if (m->exempt != MXA_EXEMPT_NO)
		printf(_("It was not verified: %s.\n"),
		    mxa_exempt_name(m->exempt));
}

static void print_results(const struct mxa_verdict *v)
{
	printf("SPF: %s", mxa_spf_result_name(v->spf.result));
	if (v->spf.reason.len > 0) {
		fputs(" - ", stdout);
		print_str(v->spf.reason);
	}
	putchar('\n');
	if (v->dkim.n == 0)
		puts(_("DKIM: none - the message was not signed"));
	for (size_t i = 0; i < v->dkim.n; i++) {
		printf(
		    "DKIM: %s, ", mxa_dkim_result_name(v->dkim.sig[i].result));
		print_str(v->dkim.sig[i].domain);
		if (v->dkim.sig[i].reason.len > 0) {
			fputs(" - ", stdout);
			print_str(v->dkim.sig[i].reason);
		}
		putchar('\n');
	}
	for (size_t i = 0; i < v->dmarc.n; i++) {
		const struct mxa_dmarc_domain *d = &v->dmarc.domain[i];

		printf("DMARC: %s, ", mxa_dmarc_result_name(d->result));
		print_str(d->author);
		fputs(" - ", stdout);
		print_str(d->reason);
		putchar('\n');
	}
}

static void print_action(const struct mxa_action *act)
{
	static const char *const words[] = {
		[MXA_ACT_ACCEPT] = N_("It was accepted."),
		[MXA_ACT_TAG] = N_("It was accepted, and its header says what "
				   "was found."),
		[MXA_ACT_QUARANTINE] = N_("It was put into the hold queue."),
		[MXA_ACT_DEFER] = N_("It was put off: the sender tries again."),
		[MXA_ACT_REJECT] = N_("It was refused."),
	};

	puts(_(words[act->kind]));
	for (size_t i = 0; i < act->reply.n; i++) {
		printf("    %s %s ", act->reply.code, act->reply.enhanced);
		print_str(act->reply.line[i]);
		putchar('\n');
	}
	print_line(_("Decided by rule: "), act->rule);
	for (size_t i = 0; i < act->n_grounds; i++)
		printf(_("Ground: %s\n"), act->ground[i]);
}

/* --- JSON --- */

static json_t *json_str(struct mxa_str s)
{
	json_t *j = json_stringn(s.len ? s.p : "", s.len);

	return j ? j : json_string("(not UTF-8)");
}

static json_t *story_json(const struct mxa_entry *e)
{
	const struct mxa_txn *t = &e->txn;
	const struct mxa_verdict *v = &t->verdict;
	json_t *methods = json_array(), *reply = json_array();
	struct mxa_str domain = t->msg.mail_domain;
	char ip[MXA_IP_TEXT];

	if (v->dmarc.n > 0)
		domain = v->dmarc.domain[v->dmarc.worst].author;
	if (v->spf.result != MXA_SPF_PASS)
		json_array_append_new(methods, json_string("spf"));
	if (v->dmarc.result == MXA_DMARC_FAIL)
		json_array_append_new(methods, json_string("dmarc"));
	for (size_t i = 0; i < t->action.reply.n; i++)
		json_array_append_new(reply, json_str(t->action.reply.line[i]));
	return json_pack("{s:s s:b s:o s:I s:s s:o s:o s:o s:s s:s s:s s:o "
			 "s:s s:s s:o s:[] s:[]}",
	    "kind", "journal", "auth_failure", is_failure(t), "queue_id",
	    json_str(t->msg.queue_id), "time", (json_int_t)e->time, "ip",
	    mxa_ip_format(&t->msg.ip, ip), "mail_from",
	    json_str(t->msg.mail_from), "domain", json_str(domain), "methods",
	    methods, "spf", mxa_spf_result_name(v->spf.result), "dmarc",
	    mxa_dmarc_result_name(v->dmarc.result), "action",
	    mxa_action_name(t->action.kind), "rule", json_str(t->action.rule),
	    "code", t->action.reply.code, "status", t->action.reply.enhanced,
	    "text", reply, "failures", "fixes");
}

int cli_explain_queue_id(const struct cli *c, const struct mxa_conf *conf,
    struct mxa_arena *a, const char *id, json_t **answer)
{
	const char *dir = conf->journal_directory.len > 0
	    ? mxa_str_cstr(a, conf->journal_directory)
	    : NULL;
	struct mxa_entry e;
	enum mxa_rc rc;

	if (dir == NULL) {
		cli_error(c,
		    _("%s: there is no such file, and no journal is kept"), id);
		return EX_NOINPUT;
	}
	rc = mxa_scan_find(dir, mxa_str_from(id), a, &e);
	if (rc == MXA_EIO) {
		cli_error(c,
		    _("%s: there is no such file, and the journal in %s cannot "
		      "be read: %s"),
		    id, dir, strerror(errno));
		return EX_NOINPUT;
	}
	if (rc != MXA_OK) {
		cli_error(c,
		    _("%s: there is no such file, and no message with that "
		      "queue id in %s"),
		    id, dir);
		return 2;
	}
	if (c->json) {
		*answer = story_json(&e);
	} else {
		print_envelope(&e);
		putchar('\n');
		print_results(&e.txn.verdict);
		putchar('\n');
		print_action(&e.txn.action);
	}
	return is_failure(&e.txn) ? 0 : 1;
}
