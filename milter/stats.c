/* stats.c - counters and their text form. */
#include "config.h"

#include "milter/stats.h"

#include <stdio.h>

#include "history/journal.h"

#include "policy/refusal.h"

static const struct {
	const char *name, *help;
} counters[STAT_COUNTERS] = {
	[STAT_CONNECTIONS] = { "connections", "Connections of MTAs" },
	[STAT_MESSAGES] = { "messages", "Messages that reached their end" },
	[STAT_ABORTED] = { "aborted", "Messages given up before their end" },
	[STAT_UNANSWERED] = { "unanswered",
	    "Messages whose MTA hung up before our answer" },
	[STAT_BUSY] = { "busy",
	    "Messages deferred because there were too many at once" },
	[STAT_FORGED] = { "forged_fields",
	    "Forged Authentication-Results fields removed" },
	[STAT_DNS_QUESTIONS] = { "dns_questions", "DNS questions of messages" },
	[STAT_DNS_SENT] = { "dns_sent",
	    "DNS questions that the cache did not answer" },
	[STAT_DNS_WAITS] = { "dns_waits",
	    "Times a message waited for the DNS" },
	[STAT_DNS_REFRESHES] = { "dns_refreshes",
	    "DNS questions of no message, to renew answers that are often "
	    "used" },
	[STAT_DNS_REFRESH_FAILURES] = { "dns_refresh_failures",
	    "Of them those that failed" },
	[STAT_JOURNAL_TROUBLE] = { "journal_troubles",
	    "Times the journal began or ceased to fail, or lost files that were "
	    "not imported" },
	[STAT_RELOADS] = { "reloads", "Configurations taken over" },
	[STAT_RELOAD_FAILURES] = { "reload_failures",
	    "Configurations refused" },
};

static const unsigned eom_bound_ms[STAT_EOM_BUCKETS] = { 1, 5, 10, 25, 50, 100,
	250, 500, 1000, 2500, 5000, 10000, 20000 };

static void count_one(atomic_ulong *v)
{
	atomic_fetch_add_explicit(v, 1, memory_order_relaxed);
}

static unsigned long value_of(const atomic_ulong *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

void stats_begin(struct stats *s, int64_t now)
{
	s->started = now;
	atomic_store(&s->reloaded, now);
}

void stats_reload(struct stats *s, bool taken, int64_t now)
{
	stats_add(s, taken ? STAT_RELOADS : STAT_RELOAD_FAILURES, 1);
	atomic_store(&s->reload_failed, !taken);
	if (taken)
		atomic_store(&s->reloaded, now);
}

void stats_questions(
    struct stats *s, const struct mxa_evidence *evidence, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct mxa_dns_answer *answer = evidence[i].answer;

		if (answer != NULL && mxa_dns_failed(answer->status))
			count_one(&s->dns_failure[answer->status]);
	}
}

static void count_time(struct stats *s, uint32_t ms)
{
	size_t i = 0;

	while (i < STAT_EOM_BUCKETS && ms > eom_bound_ms[i])
		i++;
	count_one(&s->eom[i]);
	atomic_fetch_add_explicit(&s->eom_ms, ms, memory_order_relaxed);
}

static void count_action(struct stats *s, const struct mxa_action *act)
{
	count_one(&s->action[act->kind]);
	if (act->cause < MXA_CAUSES)
		count_one(&s->cause[act->cause][act->kind]);
	if (act->would != act->kind)
		count_one(&s->would[act->would]);
}

void stats_message(struct stats *s, const struct mxa_txn *t)
{
	const struct mxa_verdict *v = &t->verdict;
	const struct mxa_dmarc_verdict *dm = &v->dmarc;

	stats_add(s, STAT_MESSAGES, 1);
	count_time(s, t->ms);
	if (t->msg.exempt != MXA_EXEMPT_NO) {
		count_one(&s->exempt[t->msg.exempt]);
		return;
	}
	count_action(s, &t->action);
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

static void add_gauge(
    struct mxa_buf *b, const char *name, const char *help, long long value)
{
	add_head(b, name, "gauge", help);
	mxa_buf_printf(b, "mxauth_%s %lld\n", name, value);
}

static void add_counter(
    struct mxa_buf *b, const char *name, const char *help, uint64_t value)
{
	add_head(b, name, "counter", help);
	mxa_buf_printf(b, "mxauth_%s %llu\n", name, (unsigned long long)value);
}

static void format_actions(const struct stats *s, struct mxa_buf *b)
{
	add_head(b, "actions_total", "counter", "What was done with messages");
	for (int k = 0; k <= MXA_ACT_REJECT; k++)
		add_labelled(b, "actions_total", "action", mxa_action_name(k),
		    &s->action[k]);
	add_head(b, "decisions_total", "counter",
	    "Messages that had a cause, by it and by what was done");
	for (int c = 0; c < MXA_CAUSES; c++)
		for (int k = 0; k <= MXA_ACT_REJECT; k++)
			mxa_buf_printf(b,
			    "mxauth_decisions_total{cause=\"%s\","
			    "action=\"%s\"} %lu\n",
			    mxa_cause_name(c), mxa_action_name(k),
			    value_of(&s->cause[c][k]));
	add_head(b, "would_be_actions_total", "counter",
	    "What monitor, or an MTA without quarantine, kept from being done");
	for (int k = 0; k <= MXA_ACT_REJECT; k++)
		add_labelled(b, "would_be_actions_total", "action",
		    mxa_action_name(k), &s->would[k]);
	add_head(
	    b, "exempt_total", "counter", "Messages that were not verified");
	for (int e = MXA_EXEMPT_NO + 1; e <= MXA_EXEMPT_RULE; e++)
		add_labelled(b, "exempt_total", "reason", mxa_exempt_name(e),
		    &s->exempt[e]);
}

/* In the text form each bucket also counts all smaller values. */
static void format_times(const struct stats *s, struct mxa_buf *b)
{
	unsigned long n = 0;

	add_head(b, "eom_seconds", "histogram",
	    "Time from end of message to the answer");
	for (int i = 0; i < STAT_EOM_BUCKETS; i++) {
		n += value_of(&s->eom[i]);
		mxa_buf_printf(b, "mxauth_eom_seconds_bucket{le=\"%g\"} %lu\n",
		    eom_bound_ms[i] / 1000.0, n);
	}
	n += value_of(&s->eom[STAT_EOM_BUCKETS]);
	mxa_buf_printf(b,
	    "mxauth_eom_seconds_bucket{le=\"+Inf\"} %lu\n"
	    "mxauth_eom_seconds_sum %.3f\n"
	    "mxauth_eom_seconds_count %lu\n",
	    n, (double)value_of(&s->eom_ms) / 1000.0, n);
}

static void format_failures(const struct stats *s, struct mxa_buf *b)
{
	add_head(b, "dns_failures_total", "counter",
	    "DNS questions of messages without a usable answer");
	for (int k = 0; k <= MXA_DNS_SPENT; k++)
		if (mxa_dns_failed(k))
			add_labelled(b, "dns_failures_total", "kind",
			    mxa_dns_status_name(k), &s->dns_failure[k]);
}

static void format_process(const struct stats *s, struct mxa_buf *b)
{
	const struct mxa_journal *journal = atomic_load(&s->journal);

	add_head(b, "build_info", "gauge", "Always 1; the labels tell");
	mxa_buf_printf(b,
	    "mxauth_build_info{version=\"" PACKAGE_VERSION
	    "\",libmilter=\"%s\"} 1\n",
	    s->libmilter ? s->libmilter : "");
	add_gauge(b, "start_time_seconds", "When the process was started",
	    s->started);
	add_gauge(
	    b, "ready", "Whether messages are taken", atomic_load(&s->ready));
	add_gauge(b, "config_last_reload_successful",
	    "Whether the last configuration was taken over",
	    !atomic_load(&s->reload_failed));
	add_gauge(b, "config_last_reload_success_timestamp_seconds",
	    "When a configuration was last taken over",
	    atomic_load(&s->reloaded));
	add_counter(b, "journal_bytes_total", "Bytes written to the journal",
	    journal != NULL ? mxa_journal_bytes(journal) : 0);
	add_gauge(b, "sessions", "Connections of MTAs now",
	    atomic_load(&s->sessions));
	add_gauge(b, "open_messages", "Messages on their way now",
	    atomic_load(&s->open_messages));
}

void stats_format(const struct stats *s, struct mxa_buf *b)
{
	for (int i = 0; i < STAT_COUNTERS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s_total", counters[i].name);
		add_counter(
		    b, name, counters[i].help, value_of(&s->counter[i]));
	}
	format_actions(s, b);
	format_results(s, b);
	format_failures(s, b);
	format_times(s, b);
	format_process(s, b);
}
