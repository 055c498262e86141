/* logline.c - the one log line of a message (mxauthd(8)). */
#include "history/logline.h"

#include <string.h>

#include "base/buf.h"
#include "history/fields.h"
#include "policy/grounds.h"
#include "policy/refusal.h"

#define MAX_LOG_VALUE 256 /* bytes of a value, escapes counted */
#define MAX_LOG_SIGS 5

/* --- values --- */

/* Whether 's' ends in a key of the line; the tables name them.  A '=' after one
 * of them is escaped in a stranger's text, so that grep for "dmarc=pass" finds
 * only what we say. */
static bool ends_in_key(const struct mxa_field_table *t, struct mxa_str s)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct mxa_field_row *f = &t->row[i];
		size_t len = f->log != NULL ? strlen(f->log) : 0;

		if (len > 0 && len <= s.len &&
		    mxa_str_caseis(mxa_str_sub(s, s.len - len, s.len), f->log))
			return true;
		if (f->table != NULL && ends_in_key(f->table, s))
			return true;
	}
	return false;
}

static bool imitates_key(struct mxa_str s, size_t at)
{
	return ends_in_key(&mxa_fields, mxa_str_sub(s, 0, at));
}

/* What may stand in a log without quotes. */
static bool is_plain(struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!mxa_is_alnum(s.p[i]) &&
		    memchr("._-@+:/[]=~<>,", s.p[i], 14) == NULL)
			return false;
		if (s.p[i] == '=' && imitates_key(s, i))
			return false;
	}
	return s.len > 0;
}

/* Text from outside: as it is when plain, else in quotes with every byte that
 * is not printable ASCII as \xHH, and a '=' that would imitate us.  Long ones
 * are cut and say so. */
static void add_log_text(struct mxa_buf *b, struct mxa_str s)
{
	size_t start = b->len;
	size_t i;

	if (s.len <= MAX_LOG_VALUE && is_plain(s)) {
		mxa_buf_addstr(b, s);
		return;
	}
	mxa_buf_addc(b, '"');
	for (i = 0; i < s.len && b->len - start < MAX_LOG_VALUE; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c >= 0x7f || (c == '=' && imitates_key(s, i)))
			mxa_buf_printf(b, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			mxa_buf_printf(b, "\\%c", c);
		else
			mxa_buf_addc(b, (char)c);
	}
	mxa_buf_adds(b, i < s.len ? "...\"" : "\"");
}

static void add_key(struct mxa_buf *b, const char *key)
{
	mxa_buf_addc(b, ' ');
	mxa_buf_adds(b, key);
	mxa_buf_addc(b, '=');
}

static void add_pair(struct mxa_buf *b, const char *key, struct mxa_str value)
{
	add_key(b, key);
	add_log_text(b, value);
}

static void add_log_word(struct mxa_buf *b, const char *key, const char *word)
{
	add_key(b, key);
	mxa_buf_adds(b, word);
}

static void add_ip(struct mxa_buf *b, const char *key, const struct mxa_ip *ip)
{
	char text[MXA_IP_TEXT];

	add_log_word(b, key, ip->family ? mxa_ip_format(ip, text) : "-");
}

/* --- parts --- */

static void add_envelope(struct mxa_buf *b, const struct mxa_msg *m)
{
	add_ip(b, "ip", &m->ip);
	if (m->relay_hops > 0 || m->client_unknown)
		add_ip(b, "relay", &m->peer);
	add_pair(b, "helo", m->helo);
	add_pair(b, "mfrom", m->mail_from.len ? m->mail_from : MXA_STR("<>"));
}

static void add_authors(struct mxa_buf *b, const struct mxa_authors *au)
{
	mxa_buf_adds(b, " from=");
	for (size_t i = 0; i < au->n; i++) {
		if (i > 0)
			mxa_buf_addc(b, ',');
		add_log_text(b, au->domain[i]);
	}
	if (au->n == 0)
		mxa_buf_addc(b, '-');
	if (au->more)
		mxa_buf_adds(b, ",...");
	if (au->damage.len > 0)
		add_pair(b, "damaged", au->damage);
}

static void add_result_words(struct mxa_buf *b, const struct mxa_verdict *v)
{
	const struct mxa_dmarc_verdict *dm = &v->dmarc;
	const struct mxa_dmarc_domain *d =
	    dm->n > 0 ? &dm->domain[dm->worst] : NULL;

	add_log_word(b, "spf", mxa_spf_result_name(v->spf.result));
	add_log_word(
	    b, "dkim", mxa_dkim_result_name(mxa_dkim_summary(&v->dkim, d)));
	add_log_word(b, "arc", mxa_arc_result_name(v->arc.result));
	add_log_word(b, "dmarc", mxa_dmarc_result_name(dm->result));
	add_log_word(b, "policy",
	    d != NULL && d->record != NULL ? mxa_dmarc_policy_name(d->policy)
					   : "-");
}

/* "sig=example.com/s1:pass,esp.example/x:permerror(no-key)" */
static void add_sigs(struct mxa_buf *b, const struct mxa_dkim_verdict *dkim)
{
	for (size_t i = 0; i < dkim->n && i < MAX_LOG_SIGS; i++) {
		const struct mxa_dkim_sig *s = &dkim->sig[i];

		mxa_buf_adds(b, i ? "," : " sig=");
		add_log_text(b, s->domain.len ? s->domain : MXA_STR("-"));
		mxa_buf_printf(b, ":%s", mxa_dkim_result_name(s->result));
		if (s->result != MXA_DKIM_PASS)
			mxa_buf_printf(
			    b, "(%s)", mxa_dkim_cause_name(s->cause));
	}
	if (dkim->n > MAX_LOG_SIGS)
		mxa_buf_printf(b, ",+%zu", dkim->n - MAX_LOG_SIGS);
}

/* Keys that only some messages have. */
static void add_details(struct mxa_buf *b, const struct mxa_txn *t)
{
	const struct mxa_action *act = &t->action;

	if (act->cause != MXA_CAUSE_NOTHING)
		add_log_word(b, "cause", mxa_cause_name(act->cause));
	if (act->would != act->kind)
		add_log_word(b, "would", mxa_action_name(act->would));
	if (act->disposition != MXA_POLICY_NONE)
		add_log_word(b, "dis", mxa_dmarc_policy_name(act->disposition));
	if (act->override != MXA_OVERRIDE_NONE)
		add_log_word(b, "override", mxa_override_name(act->override));
	if (act->merge != MXA_MERGE_NONE)
		add_log_word(b, "recipients", mxa_merge_name(act->merge));
	for (size_t i = 0; i < act->n_grounds; i++)
		mxa_buf_printf(b, "%s%s",
		    i ? "," : " grounds=", mxa_ground_name(act->ground[i]));
	if (act->reply.n > 0)
		mxa_buf_printf(
		    b, " reply=%s/%s", act->reply.code, act->reply.enhanced);
	if (t->verdict.helo_checked)
		add_log_word(
		    b, "spf-helo", mxa_spf_result_name(t->verdict.helo.result));
	add_sigs(b, &t->verdict.dkim);
}

void mxa_log_line(struct mxa_buf *b, const struct mxa_txn *t,
    unsigned questions, unsigned sent)
{
	const struct mxa_action *act = &t->action;
	bool exempt = t->msg.exempt != MXA_EXEMPT_NO;

	add_log_text(b, t->msg.queue_id);
	mxa_buf_addc(b, ':');
	add_envelope(b, &t->msg);
	if (t->unanswered)
		add_log_word(b, "answered", "no");
	if (exempt) {
		add_log_word(b, "action", mxa_action_name(act->kind));
		add_log_word(b, "exempt", mxa_exempt_name(t->msg.exempt));
		add_pair(b, "rule", act->rule);
		return;
	}
	add_authors(b, &t->verdict.authors);
	add_result_words(b, &t->verdict);
	add_log_word(b, "action", mxa_action_name(act->kind));
	add_pair(b, "rule", act->rule);
	mxa_buf_printf(b, " ms=%u dns=%u/%u", t->ms, questions, sent);
	add_details(b, t);
}
