/* stats.c - counters and their text form. */
#include "milter/stats.h"

#include <stdio.h>

#include "policy/refusal.h"

static const struct {
	const char *name, *help;
} counters[STAT_COUNTERS] = {
	[STAT_CONNECTIONS] = { "connections", "Connections of MTAs" },
	[STAT_MESSAGES] = { "messages", "Messages that reached their end" },
	[STAT_ABORTED] = { "aborted", "Messages given up before their end" },
	[STAT_UNANSWERED] = { "unanswered",
	    "Messages whose MTA hung up before our answer" },
	[STAT_FORGED] = { "forged_fields",
	    "Forged Authentication-Results fields removed" },
	[STAT_DNS_QUESTIONS] = { "dns_questions", "DNS questions of messages" },
	[STAT_DNS_SENT] = { "dns_sent",
	    "DNS questions that the cache did not answer" },
	[STAT_DNS_WAITS] = { "dns_waits",
	    "Times a message waited for the DNS" },
	[STAT_EOM_MS] = { "eom_milliseconds",
	    "Milliseconds spent at end of message" },
	[STAT_JOURNAL_TROUBLE] = { "journal_troubles",
	    "Times the journal began or ceased to fail, or lost files that were "
	    "not imported" },
	[STAT_RELOADS] = { "reloads", "Configurations taken over" },
	[STAT_RELOAD_FAILURES] = { "reload_failures",
	    "Configurations refused" },
};

static void count_one(atomic_ulong *v)
{
	atomic_fetch_add_explicit(v, 1, memory_order_relaxed);
}

void stats_message(struct stats *s, const struct mxa_txn *t)
{
	const struct mxa_verdict *v = &t->verdict;
	const struct mxa_dmarc_verdict *dm = &v->dmarc;

	stats_add(s, STAT_MESSAGES, 1);
	stats_add(s, STAT_EOM_MS, t->ms);
	if (t->msg.exempt != MXA_EXEMPT_NO) {
		count_one(&s->exempt[t->msg.exempt]);
		return;
	}
	count_one(&s->action[t->action.kind]);
	count_one(&s->spf[v->spf.result]);
	count_one(&s->dkim[mxa_dkim_summary(
	    &v->dkim, dm->n > 0 ? &dm->domain[dm->worst] : NULL)]);
	if (v->arc.evaluated)
		count_one(&s->arc[v->arc.result]);
	count_one(&s->dmarc[v->dmarc.result]);
}

/* --- text --- */

static void add_head(
    struct mxa_buf *b, const char *name, const char *type, const char *help)
{
	mxa_buf_printf(b, "# HELP mxauth_%s %s\n# TYPE mxauth_%s %s\n", name,
	    help, name, type);
}

static void add_labelled(struct mxa_buf *b, const char *name, const char *label,
    const char *value, const atomic_ulong *v)
{
	mxa_buf_printf(b, "mxauth_%s{%s=\"%s\"} %lu\n", name, label, value,
	    atomic_load_explicit(v, memory_order_relaxed));
}

static void format_results(const struct stats *s, struct mxa_buf *b)
{
	add_head(b, "spf_total", "counter", "SPF results");
	for (int r = 0; r <= MXA_SPF_PERMERROR; r++)
		add_labelled(b, "spf_total", "result", mxa_spf_result_name(r),
		    &s->spf[r]);
	add_head(b, "dkim_total", "counter", "DKIM results, one a message");
	for (int r = 0; r <= MXA_DKIM_PERMERROR; r++)
		add_labelled(b, "dkim_total", "result", mxa_dkim_result_name(r),
		    &s->dkim[r]);
	add_head(b, "arc_total", "counter", "ARC results");
	for (int r = 0; r <= MXA_ARC_FAIL; r++)
		add_labelled(b, "arc_total", "result", mxa_arc_result_name(r),
		    &s->arc[r]);
	add_head(b, "dmarc_total", "counter", "DMARC results");
	for (int r = 0; r <= MXA_DMARC_PERMERROR; r++)
		add_labelled(b, "dmarc_total", "result",
		    mxa_dmarc_result_name(r), &s->dmarc[r]);
}

void stats_format(const struct stats *s, struct mxa_buf *b)
{
	for (int i = 0; i < STAT_COUNTERS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s_total", counters[i].name);
		add_head(b, name, "counter", counters[i].help);
		mxa_buf_printf(b, "mxauth_%s %lu\n", name,
		    atomic_load_explicit(&s->counter[i], memory_order_relaxed));
	}
	add_head(b, "actions_total", "counter", "What was done with messages");
	for (int k = 0; k <= MXA_ACT_REJECT; k++)
		add_labelled(b, "actions_total", "action", mxa_action_name(k),
		    &s->action[k]);
	add_head(
	    b, "exempt_total", "counter", "Messages that were not verified");
	for (int e = MXA_EXEMPT_NO + 1; e <= MXA_EXEMPT_RULE; e++)
		add_labelled(b, "exempt_total", "reason", mxa_exempt_name(e),
		    &s->exempt[e]);
	format_results(s, b);
	add_head(b, "sessions", "gauge", "Connections of MTAs now");
	mxa_buf_printf(b, "mxauth_sessions %ld\n", atomic_load(&s->sessions));
	add_head(b, "open_messages", "gauge", "Messages on their way now");
	mxa_buf_printf(
	    b, "mxauth_open_messages %ld\n", atomic_load(&s->open_messages));
}
