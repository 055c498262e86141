/* session.c - one connection; takes each message through the library. */
#include "milter/session.h"

#include <stdlib.h>
#include <string.h>

#include "auth/evaluate.h"
#include "base/arena.h"
#include "base/sysclock.h"
#include "history/failure_spool.h"
#include "history/journal.h"
#include "history/logline.h"
#include "mail/authres.h"
#include "milter/log.h"
#include "milter/runtime.h"
#include "policy/decide.h"
#include "policy/exempt.h"
#include "policy/failure_report.h"
#include "policy/needs.h"
#include "policy/relays.h"
#include "policy/rules.h"
#include "policy/stamp.h"

/* How often the MTA hears of a message that waits.  Sendmail gives up after
 * 10 s of silence unless its T= says otherwise, and then delivers the message
 * unfiltered unless its F= does. */
#define PROGRESS_MS 3000

/* After such a wait the MTA is asked whether it is still there. */
#define LONG_WAIT_MS 1000

/* Incoming fields of one name that claim to be ours. */
struct claims {
	unsigned seen;	 /* fields of that name */
	unsigned *which; /* of them claim it (1: the topmost), ascending */
	/* Received fields above each: behind a trusted relay it may be the
	 * relay's own. */
	unsigned *received_above;
	size_t n, cap;
};

/* All of it in the arena of the lease. */
struct message {
	struct mxa_txn txn;
	struct mxa_engine_env env;
	struct mxa_budget *budget; /* NULL: nothing is asked */
	struct mxa_eval *eval;	   /* NULL: not verified, or not yet */
	bool relayed; /* the client is known at the end of the header only */
	bool walked;
	bool wants_body;

	unsigned n_received; /* Received fields seen */
	struct claims authres, received_spf;

	struct session_outcome outcome;
};

struct session {
	struct runtime *rt;
	struct session_terms terms;
	bool counted;  /* as a connection */
	bool surplus;  /* one connection too many: no message on it is taken */
	bool deferred; /* the message, since there are too many */

	struct mxa_ip peer;
	char *client_name; /* NULL: none, or not verified */
	char *mta;	   /* NULL: does not say */
	char *daemon;	   /* the MTA's listener; NULL: does not say */
	char *helo;

	struct lease lease;
	struct message *m; /* NULL: no message */
};

/* --- the connection --- */

struct session *session_new(
    struct runtime *rt, const struct session_terms *terms)
{
	struct session *s = mxa_xcalloc(1, sizeof(*s));

	s->rt = rt;
	s->terms = *terms;
	return s;
}

void session_free(struct session *s)
{
	if (s == NULL)
		return;
	session_abort(s);
	if (s->counted)
		runtime_disconnect(s->rt);
	free(s->client_name);
	free(s->mta);
	free(s->daemon);
	free(s->helo);
	free(s);
}

const struct session_terms *session_terms(const struct session *s)
{
	return &s->terms;
}

static void keep_text(char **where, const char *text)
{
	free(*where);
	*where = NULL;
	if (text != NULL && *text != '\0')
		*where = mxa_xstrndup(text, strnlen(text, MXA_MAX_ADDRESS));
}

void session_connect(struct session *s, const char *host,
    const struct sockaddr *sa, const char *mta, const char *daemon)
{
	bool named = host && host[0] != '[' && strcmp(host, "unknown") != 0;

	session_abort(s);
	if (sa == NULL || !mxa_ip_from_sockaddr(sa, &s->peer))
		s->peer = (struct mxa_ip){ 0 };
	keep_text(&s->client_name, named ? host : NULL);
	keep_text(&s->mta, mta);
	keep_text(&s->daemon, daemon);
	keep_text(&s->helo, NULL);
	if (s->counted)
		return;
	s->counted = true;
	s->surplus = !runtime_connect(s->rt);
	if (s->surplus && runtime_once(s->rt, ONCE_CONNECTIONS))
		log_warn("too many connections: messages on those beyond are "
			 "deferred (maximum-connections)");
}

void session_helo(struct session *s, const char *name)
{
	session_abort(s);
	keep_text(&s->helo, name);
}

/* --- envelope --- */

static struct mxa_str own_name(const struct session *s)
{
	if (s->lease.conf->authserv_id.len > 0)
		return s->lease.conf->authserv_id;
	return s->mta ? mxa_str_from(s->mta) : runtime_hostname(s->rt);
}

/* Verification begins: the connection part of the message is complete. */
static void start_eval(struct session *s)
{
	struct message *m = s->m;

	m->budget =
	    mxa_budget_open(s->lease.dns, s->lease.conf->dns_deadline * 1000);
	m->env = (struct mxa_engine_env){
		.arena = s->lease.arena,
		.budget = m->budget,
		.clock = mxa_sysclock(),
		.options = &s->lease.conf->auth,
	};
	m->eval = mxa_eval_begin(&m->env, &m->txn.msg);
}

/* False: there is none for this message. */
static bool take_lease(struct session *s)
{
	enum lease_answer answer =
	    s->surplus ? LEASE_BUSY : runtime_lease(s->rt, &s->lease);

	s->deferred = answer == LEASE_BUSY;
	if (!s->deferred)
		return answer == LEASE_GIVEN;
	stats_add(runtime_stats(s->rt), STAT_BUSY, 1);
	if (!s->surplus && runtime_once(s->rt, ONCE_MESSAGES))
		log_warn("too many messages at once: those beyond are "
			 "deferred (maximum-messages)");
	return false;
}

bool session_deferred(const struct session *s)
{
	return s->deferred;
}

void session_mail(struct session *s, const struct session_sender *from)
{
	struct mxa_msg *msg;
	struct mxa_arena *a;

	session_abort(s);
	if (!take_lease(s))
		return;
	a = s->lease.arena;
	s->m = mxa_arena_calloc(a, 1, sizeof(*s->m));
	msg = &s->m->txn.msg;
	msg->ip = msg->peer = s->peer;
	msg->client_name = mxa_str_from(s->client_name);
	msg->helo = mxa_str_from(s->helo);
	msg->daemon_name = mxa_str_from(s->daemon);
	msg->authenticated = from->authenticated;
	if (from->login != NULL)
		msg->auth_id = mxa_str_dup(a, mxa_str_from(from->login));
	msg->smtputf8 = from->smtputf8;
	msg->no_quarantine = !s->terms.may_quarantine;
	msg->receiver = own_name(s);
	msg->received = mxa_clock_wall(mxa_sysclock());
	msg->queue_id = from->queue_id
	    ? mxa_str_dup(a, mxa_str_from(from->queue_id))
	    : MXA_STR("NOQUEUE");
	mxa_headers_init(&msg->headers, a);
	mxa_msg_set_mail_from(msg, a, mxa_str_from(from->path));
	mxa_verdict_begin(&s->m->txn.verdict, a);
	s->m->relayed =
	    !msg->authenticated && mxa_relays_trusts(s->lease.conf, &msg->peer);
	if (s->m->relayed)
		return;
	msg->exempt = mxa_exempt_check(s->lease.conf, msg);
	if (msg->exempt == MXA_EXEMPT_NO)
		start_eval(s);
}

/* Whether this recipient may be in the same transaction as the first. */
static bool recipient_fits(const struct session *s, struct mxa_str path)
{
	const struct mxa_msg *msg = &s->m->txn.msg;
	struct mxa_str whole, local, domain;

	if (!s->terms.answers_rcpt || msg->n_rcpt == 0 ||
	    s->lease.conf->recipients != MXA_RCPT_SPLIT)
		return true;
	mxa_address_split(path, &whole, &local, &domain);
	return mxa_rules_recipients_agree(
	    s->lease.conf->rules, msg->rcpt[0], whole);
}

bool session_rcpt(struct session *s, const char *path)
{
	struct message *m = s->m;

	if (m == NULL)
		return true;
	if (!recipient_fits(s, mxa_str_from(path)))
		return false;
	mxa_msg_add_rcpt(&m->txn.msg, s->lease.arena, mxa_str_from(path));
	if (m->eval != NULL && m->txn.msg.n_rcpt_seen == 1)
		mxa_eval_envelope(m->eval);
	return true;
}

/* --- header --- */

static void add_claim(
    struct claims *c, struct mxa_arena *a, unsigned received_above)
{
	size_t cap = c->cap;

	c->which = mxa_arena_room(a, c->which, c->n, &cap, sizeof(*c->which));
	c->received_above = mxa_arena_room(
	    a, c->received_above, c->n, &c->cap, sizeof(*c->received_above));
	c->which[c->n] = c->seen;
	c->received_above[c->n++] = received_above;
}

/* Names that are ours: in 'out', which has room for all. */
static size_t own_names(const struct session *s, struct mxa_str **out)
{
	const struct mxa_conf *c = s->lease.conf;
	size_t n = c->n_authserv_aliases;

	*out = mxa_arena_alloc(s->lease.arena, (n + 1) * sizeof(**out));
	(*out)[0] = s->m->txn.msg.receiver;
	if (n > 0)
		memcpy(*out + 1, c->authserv_aliases, n * sizeof(**out));
	return n + 1;
}

static void check_authres(struct session *s, struct mxa_str value)
{
	struct message *m = s->m;
	struct mxa_str *ids;
	size_t n = own_names(s, &ids);
	bool untrusted = !m->relayed && m->txn.msg.exempt == MXA_EXEMPT_NO;

	m->authres.seen++;
	if (mxa_authres_is_forged(s->lease.arena, value, ids, n, untrusted))
		add_claim(&m->authres, s->lease.arena, m->n_received);
}

static void check_received_spf(struct session *s, struct mxa_str value)
{
	struct message *m = s->m;
	struct mxa_str *ids;
	size_t n = own_names(s, &ids);

	m->received_spf.seen++;
	if (s->lease.conf->remove_received_spf &&
	    mxa_received_spf_is_forged(s->lease.arena, value, ids, n))
		add_claim(&m->received_spf, s->lease.arena, m->n_received);
}

/* What claims to be ours: nobody but a trusted relay may bring it, above the
 * Received field at which the walk to the client ended (RFC 8601 section 5). */
static void drop_relay_claims(
    struct claims *c, const struct mxa_relays_end *end)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->received_above[i] >= end->field)
			c->which[n++] = c->which[i];
	c->n = n;
}

static void check_field(
    struct session *s, struct mxa_str name, struct mxa_str value)
{
	if (mxa_str_caseis(name, "Authentication-Results"))
		check_authres(s, value);
	else if (mxa_str_caseis(name, "Received-SPF"))
		check_received_spf(s, value);
	else if (mxa_str_caseis(name, "Received"))
		s->m->n_received++;
}

void session_header(struct session *s, const char *name, const char *value)
{
	struct message *m = s->m;
	struct mxa_str n = mxa_str_from(name), v = mxa_str_from(value);
	size_t before;

	if (m == NULL)
		return;
	check_field(s, mxa_str_trim(n), v);
	before = m->txn.msg.headers.n;
	(void)mxa_headers_add(&m->txn.msg.headers, n, v, s->terms.exact);
	if (m->eval != NULL && m->txn.msg.headers.n > before)
		mxa_eval_header(m->eval, before);
}

/* Behind a trusted relay: the header section names the client, and only now
 * does verification begin. */
static void start_relayed(struct session *s)
{
	struct message *m = s->m;
	struct mxa_relays_end end;
	char peer[MXA_IP_TEXT];

	m->walked = true;
	end = mxa_relays_walk(s->lease.conf, s->lease.arena, &m->txn.msg);
	if (end.note != NULL)
		mxa_note(&m->txn.verdict.notes, "%s", end.note);
	if (end.note != NULL && runtime_once(s->rt, ONCE_RELAY))
		log_warn("trusted-relays: the client behind %s is unknown; "
			 "the notes of the message in the journal say why",
		    mxa_ip_format(&m->txn.msg.peer, peer));
	drop_relay_claims(&m->authres, &end);
	drop_relay_claims(&m->received_spf, &end);
	m->txn.msg.exempt = mxa_exempt_check(s->lease.conf, &m->txn.msg);
	if (m->txn.msg.exempt != MXA_EXEMPT_NO)
		return;
	start_eval(s);
	if (m->txn.msg.n_rcpt_seen > 0)
		mxa_eval_envelope(m->eval);
	for (size_t i = 0; i < m->txn.msg.headers.n; i++)
		mxa_eval_header(m->eval, i);
}

void session_eoh(struct session *s)
{
	struct message *m = s->m;

	if (m == NULL)
		return;
	if (m->relayed && !m->walked)
		start_relayed(s);
	if (m->eval != NULL)
		m->wants_body = mxa_eval_eoh(m->eval);
}

void session_body(struct session *s, const char *p, size_t len)
{
	struct message *m = s->m;

	if (m == NULL)
		return;
	m->txn.msg.body_bytes += len;
	if (m->wants_body)
		mxa_eval_body(m->eval, p, len);
}

/* --- end of message --- */

static const char *stamp_text(struct mxa_buf *b)
{
	/* A field that was cut at its limit would not be valid. */
	return b->full ? NULL : mxa_buf_cstr(b);
}

static void stamp_headers(struct session *s)
{
	const struct mxa_conf *c = s->lease.conf;
	struct message *m = s->m;
	struct mxa_buf b;

	mxa_buf_init(&b, s->lease.arena, MXA_MAX_AUTHRES);
	mxa_stamp_authres(&b, c, &m->txn);
	m->outcome.authres = stamp_text(&b);
	if (!c->received_spf)
		return;
	mxa_buf_init(&b, s->lease.arena, MXA_MAX_AUTHRES);
	mxa_stamp_received_spf(&b, c, &m->txn, &m->txn.verdict.spf);
	m->outcome.received_spf = stamp_text(&b);
}

static void verify_message(
    struct session *s, const struct session_progress *progress)
{
	struct message *m = s->m;
	struct mxa_needs needs;

	mxa_budget_set_progress(
	    m->budget, PROGRESS_MS, progress->tell, progress->ctx);
	mxa_needs_find(
	    s->lease.conf, &m->txn.msg, mxa_eval_authors(m->eval), &needs);
	mxa_eval_finish(m->eval, &needs, &m->txn.verdict);
	m->eval = NULL;
}

static void add_notes(struct message *m)
{
	struct mxa_notes *notes = &m->txn.verdict.notes;

	if (m->txn.unanswered)
		mxa_note(notes,
		    "the MTA hung up before our answer, after %u ms: it "
		    "decided about the message without us",
		    m->txn.ms);
	if (m->authres.n > 0)
		mxa_note(notes,
		    "%zu Authentication-Results removed that claimed to be "
		    "ours",
		    m->authres.n);
	if (m->received_spf.n > 0)
		mxa_note(notes,
		    "%zu Received-SPF removed that claimed to be ours",
		    m->received_spf.n);
}

/* Warn that a message is delivered with a tag because the MTA cannot hold it.
 */
static void warn_no_quarantine(struct session *s)
{
	const struct mxa_action *act = &s->m->txn.action;

	if (act->kind == MXA_ACT_TAG && act->would == MXA_ACT_QUARANTINE &&
	    s->m->txn.msg.no_quarantine &&
	    runtime_once(s->rt, ONCE_NO_QUARANTINE))
		log_warn("the MTA does not let us quarantine: such messages "
			 "are delivered with dis=quarantine in their header");
}

/* Before the MTA gets its answer, so that every answered message is in the
 * journal. */
static void write_journal(struct session *s, const struct mxa_line_dns *dns)
{
	struct mxa_journal *j = runtime_journal(s->rt);
	const char *trouble;

	if (j == NULL)
		return;
	trouble = mxa_journal_write(j, s->lease.arena, &s->m->txn, dns);
	if (trouble == NULL)
		return;
	stats_add(runtime_stats(s->rt), STAT_JOURNAL_TROUBLE, 1);
	log_warn("%s", trouble);
}

/* Failure reports (RFC 9991), when they are on. */
static void spool_failure(struct session *s, const struct mxa_line_dns *dns)
{
	const struct mxa_conf *conf = s->lease.conf;
	const struct mxa_dmarc_domain *d[MXA_MAX_AUTHORS];
	struct mxa_spool *spool = runtime_spool(s->rt);
	size_t n =
	    spool != NULL ? mxa_failure_reports_wanted(conf, &s->m->txn, d) : 0;

	for (size_t i = 0; i < n; i++) {
		const char *trouble = mxa_spool_write(spool, s->lease.arena,
		    &s->m->txn, d[i], dns, conf->failure_reports_per_hour);

		if (trouble != NULL)
			log_warn("%s", trouble);
	}
}

static void read_questions(struct session *s, struct mxa_line_dns *out)
{
	struct mxa_evidence *evidence;

	*out = (struct mxa_line_dns){ .n = 0 };
	if (s->m->budget == NULL)
		return;
	out->counts = mxa_budget_counts(s->m->budget);
	out->n = mxa_budget_evidence(s->m->budget, s->lease.arena, &evidence);
	out->evidence = evidence;
}

static void count_message(struct session *s, const struct mxa_line_dns *dns)
{
	struct stats *stats = runtime_stats(s->rt);
	struct message *m = s->m;

	stats_message(stats, &m->txn);
	stats_questions(stats, dns->evidence, dns->n);
	stats_add(stats, STAT_FORGED, m->authres.n + m->received_spf.n);
	stats_add(stats, STAT_DNS_QUESTIONS, dns->counts.questions);
	stats_add(stats, STAT_DNS_SENT, dns->counts.sent);
	stats_add(stats, STAT_DNS_WAITS, dns->counts.waits);
	stats_add(stats, STAT_UNANSWERED, m->txn.unanswered);
}

static void record_message(struct session *s)
{
	struct message *m = s->m;
	struct mxa_line_dns dns;
	struct mxa_buf line;

	read_questions(s, &dns);
	write_journal(s, &dns);
	spool_failure(s, &dns);
	count_message(s, &dns);
	mxa_buf_init(&line, s->lease.arena, MXA_MAX_LOG_LINE);
	mxa_log_line(&line, &m->txn, dns.counts.questions, dns.counts.sent);
	if (m->authres.n + m->received_spf.n > 0)
		mxa_buf_printf(
		    &line, " forged=%zu", m->authres.n + m->received_spf.n);
	log_message(mxa_buf_str(&line));
	if (m->txn.unanswered)
		log_warn("%.*s: the MTA hung up before our answer, after %u "
			 "ms: see the timeouts of its milter settings",
		    MXA_STR_ARG(m->txn.msg.queue_id), m->txn.ms);
}

/* Whether the MTA gave the message up while we were deciding.  Twice: over TCP
 * only the second write fails after the other side has closed. */
static void look_for_hangup(
    struct message *m, const struct session_progress *progress)
{
	if (m->txn.ms < LONG_WAIT_MS)
		return;
	m->txn.unanswered =
	    !progress->tell(progress->ctx) || !progress->tell(progress->ctx);
}

const struct session_outcome *session_eom(struct session *s,
    const char *queue_id, const struct session_progress *progress)
{
	const struct mxa_clock *clock = mxa_sysclock();
	struct message *m = s->m;
	uint64_t start = mxa_clock_ms(clock);

	if (m == NULL)
		return NULL;
	if (queue_id != NULL)
		m->txn.msg.queue_id =
		    mxa_str_dup(s->lease.arena, mxa_str_from(queue_id));
	m->txn.msg.received = mxa_clock_wall(clock);
	if (m->relayed && !m->walked)
		start_relayed(s); /* a message without header section */
	if (m->eval != NULL)
		verify_message(s, progress);
	m->txn.ms = (uint32_t)(mxa_clock_ms(clock) - start);
	look_for_hangup(m, progress);
	add_notes(m);
	mxa_decide(s->lease.conf, &m->txn.msg, &m->txn.verdict, s->lease.arena,
	    &m->txn.action);
	if (m->txn.msg.exempt == MXA_EXEMPT_NO) {
		warn_no_quarantine(s);
		stamp_headers(s);
	}
	m->outcome.txn = &m->txn;
	m->outcome.forged = m->authres.which;
	m->outcome.n_forged = m->authres.n;
	m->outcome.forged_spf = m->received_spf.which;
	m->outcome.n_forged_spf = m->received_spf.n;
	record_message(s);
	return &m->outcome;
}

void session_end(struct session *s)
{
	struct message *m = s->m;

	if (m == NULL)
		return;
	if (m->eval != NULL)
		mxa_eval_cancel(m->eval);
	mxa_budget_close(m->budget);
	s->m = NULL;
	runtime_return(s->rt, &s->lease);
}

void session_abort(struct session *s)
{
	if (s->m == NULL)
		return;
	stats_add(runtime_stats(s->rt), STAT_ABORTED, 1);
	session_end(s);
}
