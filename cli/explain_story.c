/* explain_story.c - what the journal knows about a message: in sentences, then
 * fact by fact. */
#include "cli/explain_story.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/facts.h"
#include "cli/out.h"
#include "cli/page.h"
#include "policy/grounds.h"

#define SHOWN 10 /* recipients told one by one */

bool cli_story_is_failure(const struct mxa_txn *t)
{
	const struct mxa_verdict *v = &t->verdict;

	/* DMARC pass authenticates the message, whatever the other results */
	if (v->dmarc.result == MXA_DMARC_PASS &&
	    (t->action.kind == MXA_ACT_ACCEPT || t->action.kind == MXA_ACT_TAG))
		return false;
	return v->dmarc.result == MXA_DMARC_FAIL ||
	    v->spf.result == MXA_SPF_FAIL ||
	    v->spf.result == MXA_SPF_SOFTFAIL ||
	    (t->action.kind != MXA_ACT_ACCEPT &&
		t->action.cause != MXA_CAUSE_NOTHING);
}

/* --- text --- */

static void print_line(struct out *o, const char *label, struct mxa_str text)
{
	if (text.len == 0)
		return;
	out_text(o, label);
	out_line(o, 0, text);
}

static void print_envelope(struct out *o, const struct mxa_entry *e)
{
	const struct mxa_msg *m = &e->txn.msg;
	char ip[MXA_IP_TEXT], when[MXA_TIME_TEXT];

	out_printf(o, _("Message %.*s, %s\n"), MXA_STR_ARG(m->queue_id),
	    mxa_time_format(e->time, when));
	if (m->ip.family != 0)
		out_printf(
		    o, _("It came from %s.\n"), mxa_ip_format(&m->ip, ip));
	print_line(o, _("The server called itself "), m->helo);
	if (m->mail_from.len > 0)
		print_line(o, _("Envelope sender: "), m->mail_from);
	else
		out_printf(o, "%s\n", _("Envelope sender: none (a bounce)"));
	for (size_t i = 0; i < m->n_rcpt && i < SHOWN; i++)
		print_line(o, _("Recipient: "), m->rcpt[i]);
	if (m->n_rcpt > SHOWN)
		out_printf(o,
		    P_("... and %zu more recipient\n",
			"... and %zu more recipients\n", m->n_rcpt - SHOWN),
		    m->n_rcpt - SHOWN);
	if (m->exempt != MXA_EXEMPT_NO)
		out_printf(o, _("It was not verified: %s.\n"),
		    mxa_exempt_name(m->exempt));
}

/* Words of the journal, which are English, in the language of the process. */
static struct mxa_str journal_words(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_phrase said;

	if (mxa_phrase_read(a, text, &said))
		return mxa_phrase_words(a, &said);
	return mxa_str_from(mxa_arena_printf(
	    a, _("in the journal's words: \"%.*s\""), MXA_STR_ARG(text)));
}

/* "DKIM: fail, example.com - the body was changed" */
static void print_result(struct out *o, struct mxa_arena *a, const char *method,
    const char *result, struct mxa_str about, struct mxa_str reason)
{
	out_printf(o, "%s: %s", method, result);
	if (about.len > 0)
		out_printf(o, ", %.*s", MXA_STR_ARG(about));
	if (reason.len > 0)
		out_printf(o, " - %.*s", MXA_STR_ARG(journal_words(a, reason)));
	out_text(o, "\n");
}

static void print_results(
    struct out *o, struct mxa_arena *a, const struct mxa_verdict *v)
{
	print_result(o, a, "SPF", mxa_spf_result_name(v->spf.result),
	    MXA_STR_NONE, v->spf.reason.text);
	if (v->dkim.n == 0)
		out_printf(
		    o, "%s\n", _("DKIM: none - the message was not signed"));
	for (size_t i = 0; i < v->dkim.n; i++)
		print_result(o, a, "DKIM",
		    mxa_dkim_result_name(v->dkim.sig[i].result),
		    v->dkim.sig[i].domain, v->dkim.sig[i].reason.text);
	for (size_t i = 0; i < v->dmarc.n; i++)
		print_result(o, a, "DMARC",
		    mxa_dmarc_result_name(v->dmarc.domain[i].result),
		    v->dmarc.domain[i].author, v->dmarc.domain[i].reason.text);
	for (const struct mxa_note *n = v->notes.first; n != NULL; n = n->next)
		out_printf(o, "%s: %.*s\n", _("note"),
		    MXA_STR_ARG(journal_words(a, n->text)));
}

static void print_action(struct out *o, const struct mxa_action *act)
{
	static const char *const words[] = {
		[MXA_ACT_ACCEPT] = N_("It was accepted."),
		[MXA_ACT_TAG] = N_("It was accepted, and its header says what "
				   "was found."),
		[MXA_ACT_QUARANTINE] = N_("It was put into the hold queue."),
		[MXA_ACT_DEFER] =
		    N_("It was deferred: the sender tries again."),
		[MXA_ACT_REJECT] = N_("It was refused."),
	};

	static const char *const would[] = {
		[MXA_ACT_ACCEPT] = "",
		[MXA_ACT_TAG] = "",
		[MXA_ACT_QUARANTINE] =
		    N_("A profile other than monitor would have put it into "
		       "the hold queue."),
		[MXA_ACT_DEFER] = N_("A profile other than monitor would have "
				     "deferred it."),
		[MXA_ACT_REJECT] = N_("A profile other than monitor would have "
				      "refused it."),
	};

	out_printf(o, "%s\n", _(words[act->kind]));
	if (act->would != act->kind && would[act->would][0] != '\0')
		out_printf(o, "%s\n", _(would[act->would]));
	for (size_t i = 0; i < act->reply.n; i++)
		out_printf(o, "    %s %s %.*s\n", act->reply.code,
		    act->reply.enhanced, MXA_STR_ARG(act->reply.line[i]));
	print_line(o, _("Decided by rule: "), act->rule);
	for (size_t i = 0; i < act->n_grounds; i++)
		out_printf(
		    o, _("Ground: %s\n"), mxa_ground_name(act->ground[i]));
}

void cli_story_text(
    struct out *o, struct mxa_arena *a, const struct mxa_entry *e, bool facts)
{
	print_envelope(o, e);
	out_text(o, "\n");
	if (e->txn.msg.exempt == MXA_EXEMPT_NO) {
		print_results(o, a, &e->txn.verdict);
		out_text(o, "\n");
	}
	print_action(o, &e->txn.action);
	if (!facts)
		return;
	out_text(o, "\n");
	out_style(o, OUT_HEADING, _("All facts, as in mxauth-journal(5)"));
	out_text(o, "\n");
	facts_print(o, a, e);
}

char *cli_story_string(
    struct mxa_arena *a, const struct mxa_entry *e, bool facts)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct out o;

	if (f == NULL)
		return NULL;
	out_init(&o, f);
	cli_story_text(&o, a, e, facts);
	fclose(f);
	return text;
}

/* --- JSON --- */

static void write_methods(struct mxa_json *j, const struct mxa_verdict *v)
{
	mxa_json_open(j, "methods", '[');
	if (v->spf.result != MXA_SPF_PASS)
		mxa_json_word(j, NULL, "spf");
	if (v->dmarc.result == MXA_DMARC_FAIL)
		mxa_json_word(j, NULL, "dmarc");
	mxa_json_close(j, ']');
}

void cli_story_json(
    struct mxa_json *j, struct mxa_arena *a, const struct mxa_entry *e)
{
	const struct mxa_txn *t = &e->txn;
	const struct mxa_verdict *v = &t->verdict;
	struct mxa_str domain = t->msg.mail_domain;
	char ip[MXA_IP_TEXT];

	if (v->dmarc.n > 0)
		domain = v->dmarc.domain[v->dmarc.worst].author;
	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "kind", "journal");
	mxa_json_bool(j, "auth_failure", cli_story_is_failure(t));
	mxa_json_str(j, "queue_id", t->msg.queue_id);
	mxa_json_int(j, "time", e->time);
	mxa_json_word(j, "ip", mxa_ip_format(&t->msg.ip, ip));
	mxa_json_str(j, "mail_from", t->msg.mail_from);
	mxa_json_str(j, "domain", domain);
	write_methods(j, v);
	mxa_json_word(j, "spf", mxa_spf_result_name(v->spf.result));
	mxa_json_word(j, "dmarc", mxa_dmarc_result_name(v->dmarc.result));
	mxa_json_word(j, "action", mxa_action_name(t->action.kind));
	mxa_json_str(j, "rule", t->action.rule);
	mxa_json_text(j, "code", t->action.reply.code);
	mxa_json_text(j, "status", t->action.reply.enhanced);
	mxa_json_list(j, "text", t->action.reply.line, t->action.reply.n);
	mxa_json_list(j, "failures", NULL, 0);
	mxa_json_list(j, "fixes", NULL, 0);
	mxa_json_open(j, "transaction", '{');
	facts_write(j, a, e);
	mxa_json_close(j, '}');
	mxa_json_close(j, '}');
}

void cli_story_page(struct page *p, char *text)
{
	page_markup(p, "<section class=\"card\">");
	page_element(p, "pre", NULL, mxa_str_trim(mxa_str_from(text)));
	page_markup(p, "</section>\n");
	free(text);
}
