/* line_write.c - a transaction as one line of JSON. */
#include <stdio.h>
#include <time.h>

#include "auth/dmarc_record.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "history/line.h"

/* Bytes of one text; escapes may make six of one. */
#define MAX_NAME 260
#define MAX_ADDRESS_KEPT 320
#define MAX_PHRASE 400
#define MAX_RECORD_KEPT 1500
#define MAX_DATA_KEPT 600 /* of one DNS record */
#define MAX_RR_KEPT 20	  /* records of one answer */

/* How long the line may be behind each part, so that no part takes the room of
 * those that are needed to decide again. */
#define ROOM_END 512
#define LIMIT (MXA_MAX_JOURNAL_LINE - ROOM_END)
#define LIMIT_DKIM (MXA_MAX_JOURNAL_LINE * 5 / 8)
#define LIMIT_RCPT (MXA_MAX_JOURNAL_LINE * 13 / 16)
#define LIMIT_NOTES (MXA_MAX_JOURNAL_LINE * 7 / 8)

struct line {
	struct mxa_json j;
	bool cut;
};

/* --- small things --- */

/* Absent text is left out. */
static void text(
    struct mxa_json *j, const char *key, struct mxa_str s, size_t most)
{
	if (s.len > 0)
		mxa_json_cut(j, key, s, most);
}

static void flag(struct mxa_json *j, const char *key, bool v)
{
	if (v)
		mxa_json_bool(j, key, true);
}

static void count(struct mxa_json *j, const char *key, uint64_t v)
{
	if (v > 0)
		mxa_json_int(j, key, (int64_t)v);
}

static void ip(struct mxa_json *j, const char *key, const struct mxa_ip *v)
{
	char s[MXA_IP_TEXT];

	if (v->family != 0)
		mxa_json_word(j, key, mxa_ip_format(v, s));
}

static void timestamp(struct mxa_json *j, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char s[64];

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(s, sizeof(s), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return;
	mxa_json_word(j, "time", s);
}

/* A part that is left out when the line would grow beyond 'limit'. */
static void part(struct line *l, size_t limit, const struct mxa_txn *t,
    void (*write)(struct mxa_json *j, const struct mxa_txn *t))
{
	struct mxa_json_mark mark = mxa_json_mark(&l->j);

	write(&l->j, t);
	if (mxa_json_undo(&l->j, mark, limit))
		l->cut = true;
}

/* --- the message --- */

static void head(struct mxa_json *j, const struct mxa_txn *t, int64_t time)
{
	const struct mxa_msg *m = &t->msg;

	mxa_json_int(j, "v", MXA_JOURNAL_VERSION);
	timestamp(j, time);
	mxa_json_cut(j, "id", m->queue_id, MAX_NAME);
	text(j, "receiver", m->receiver, MAX_NAME);
	ip(j, "ip", &m->ip);
	if (m->relay_hops > 0) {
		ip(j, "peer", &m->peer);
		count(j, "hops", m->relay_hops);
	}
	text(j, "ptr", m->client_name, MAX_NAME);
	mxa_json_cut(j, "helo", m->helo, MAX_NAME);
	mxa_json_cut(j, "mfrom", m->mail_from, MAX_ADDRESS_KEPT);
	flag(j, "authenticated", m->authenticated);
	text(j, "auth", m->auth_id, MAX_NAME);
	if (m->exempt != MXA_EXEMPT_NO)
		mxa_json_word(j, "exempt", mxa_exempt_name(m->exempt));
	flag(j, "smtputf8", m->smtputf8);
	mxa_json_int(j, "body", (int64_t)m->body_bytes);
	mxa_json_int(j, "ms", t->ms);
	flag(j, "unanswered", t->unanswered);
}

/* Recipients, as many as there is room for; "rcpts" counts all. */
static void recipients(struct line *l, const struct mxa_msg *m)
{
	struct mxa_json *j = &l->j;

	mxa_json_int(j, "rcpts", (int64_t)m->n_rcpt_seen);
	mxa_json_open(j, "rcpt", '[');
	for (size_t i = 0; i < m->n_rcpt; i++) {
		struct mxa_json_mark mark = mxa_json_mark(j);

		mxa_json_cut(j, NULL, m->rcpt[i], MAX_ADDRESS_KEPT);
		if (mxa_json_undo(j, mark, LIMIT_RCPT)) {
			l->cut = true;
			break;
		}
	}
	mxa_json_close(j, ']');
}

/* The fields that decide() or a reader of the journal asks for. */
static void fields(struct mxa_json *j, const struct mxa_txn *t)
{
	static const char *const kept[] = { "List-Id", "List-Post",
		"Message-ID" };
	const struct mxa_headers *h = &t->msg.headers;

	mxa_json_open(j, "header", '{');
	for (size_t i = 0; i < MXA_ARRAY_LEN(kept); i++) {
		const struct mxa_field *f = mxa_headers_find(h, kept[i], 0);

		if (f != NULL)
			mxa_json_cut(j, kept[i], mxa_str_trim(f->value),
			    MAX_ADDRESS_KEPT);
	}
	mxa_json_close(j, '}');
}

/* --- the verdict --- */

static void one_spf(
    struct mxa_json *j, const char *key, const struct mxa_spf_verdict *v)
{
	mxa_json_open(j, key, '{');
	mxa_json_word(j, "result", mxa_spf_result_name(v->result));
	mxa_json_word(
	    j, "identity", v->identity == MXA_SPF_HELO ? "helo" : "mailfrom");
	text(j, "domain", v->domain, MAX_NAME);
	text(j, "sender", v->sender, MAX_ADDRESS_KEPT);
	text(j, "mechanism", v->mechanism, MAX_PHRASE);
	text(j, "record_domain", v->record_domain, MAX_NAME);
	text(j, "reason", v->reason, MAX_PHRASE);
	text(j, "explanation", v->explanation, MAX_PHRASE);
	flag(j, "local_part", v->used_local_part);
	count(j, "lookups", v->lookups);
	count(j, "voids", v->voids);
	mxa_json_close(j, '}');
}

static void spf(struct mxa_json *j, const struct mxa_txn *t)
{
	one_spf(j, "spf", &t->verdict.spf);
}

static void helo_spf(struct mxa_json *j, const struct mxa_txn *t)
{
	if (t->verdict.helo_checked)
		one_spf(j, "spf_helo", &t->verdict.helo);
}

static void signature(struct mxa_json *j, const struct mxa_dkim_sig *s)
{
	static const char *const body[] = {
		[MXA_BODY_MATCHES] = "matches", [MXA_BODY_DIFFERS] = "differs"
	};

	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "result", mxa_dkim_result_name(s->result));
	mxa_json_word(j, "cause", mxa_dkim_cause_name(s->cause));
	text(j, "d", s->domain, MAX_NAME);
	text(j, "i", s->identity, MAX_ADDRESS_KEPT);
	text(j, "s", s->selector, MAX_NAME);
	text(j, "a", s->algorithm, 40);
	text(j, "b", s->b, 80);
	text(j, "rules", s->rules, 80);
	text(j, "reason", s->reason, MAX_PHRASE);
	if (s->body != MXA_BODY_UNKNOWN)
		mxa_json_word(j, "body", body[s->body]);
	count(j, "bits", s->key_bits);
	flag(j, "testing", s->testing);
	flag(j, "subject", s->covers_subject);
	if (s->signed_at >= 0)
		mxa_json_int(j, "t", s->signed_at);
	mxa_json_close(j, '}');
}

static void dkim(struct line *l, const struct mxa_dkim_verdict *v)
{
	struct mxa_json *j = &l->j;

	mxa_json_open(j, "dkim", '[');
	for (size_t i = 0; i < v->n; i++) {
		struct mxa_json_mark mark = mxa_json_mark(j);

		signature(j, &v->sig[i]);
		if (mxa_json_undo(j, mark, LIMIT_DKIM)) {
			l->cut = true;
			break;
		}
	}
	mxa_json_close(j, ']');
	count(j, "dkim_untried", v->untried);
}

static void arc(struct mxa_json *j, const struct mxa_txn *t)
{
	const struct mxa_arc_verdict *v = &t->verdict.arc;

	if (!v->evaluated)
		return;
	mxa_json_open(j, "arc", '{');
	mxa_json_word(j, "result", mxa_arc_result_name(v->result));
	text(j, "reason", v->reason, MAX_PHRASE);
	count(j, "oldest_pass", v->oldest_pass);
	flag(j, "dns_trouble", v->dns_trouble);
	flag(j, "trusted", v->trusted);
	text(j, "trusted_sealer", v->trusted_sealer, MAX_NAME);
	mxa_json_open(j, "sets", '[');
	for (size_t i = 0; i < v->n; i++) {
		mxa_json_open(j, NULL, '{');
		mxa_json_cut(j, "d", v->set[i].seal_domain, MAX_NAME);
		mxa_json_cut(j, "s", v->set[i].seal_selector, MAX_NAME);
		/* what the override comment quotes (spec/arc.md section 5) */
		if (i == 0)
			text(j, "aar", v->set[i].aar, MAX_RECORD_KEPT);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
}

static void authors(struct mxa_json *j, const struct mxa_txn *t)
{
	const struct mxa_authors *au = &t->verdict.authors;

	mxa_json_open(j, "from", '[');
	for (size_t i = 0; i < au->n; i++)
		mxa_json_cut(j, NULL, au->domain[i], MAX_NAME);
	mxa_json_close(j, ']');
	mxa_json_open(j, "authors", '{');
	mxa_json_int(j, "fields", (int64_t)au->fields);
	mxa_json_int(j, "addresses", (int64_t)au->addresses);
	flag(j, "more", au->more);
	flag(j, "malformed", au->malformed);
	text(j, "reason", au->reason, MAX_PHRASE);
	mxa_json_close(j, '}');
}

static void dmarc_domain(struct mxa_json *j, const struct mxa_dmarc_domain *d)
{
	static const char *const tag[] = {
		[MXA_TAG_P] = "p", [MXA_TAG_SP] = "sp", [MXA_TAG_NP] = "np"
	};

	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "result", mxa_dmarc_result_name(d->result));
	mxa_json_cut(j, "domain", d->author, MAX_NAME);
	text(j, "org", d->organizational, MAX_NAME);
	text(j, "record_domain", d->record_domain, MAX_NAME);
	if (d->record != NULL) {
		mxa_json_cut(j, "record", d->record->text, MAX_RECORD_KEPT);
		mxa_json_word(j, "tag", tag[d->tag]);
		mxa_json_word(
		    j, "published", mxa_dmarc_policy_name(d->published));
		mxa_json_word(j, "policy", mxa_dmarc_policy_name(d->policy));
	}
	flag(j, "testing", d->testing);
	flag(j, "nonexistent", d->nonexistent);
	flag(j, "spf_aligned", d->spf_aligned);
	flag(j, "dkim_aligned", d->dkim_aligned);
	text(j, "reason", d->reason, MAX_PHRASE);
	mxa_json_close(j, '}');
}

static void dmarc(struct mxa_json *j, const struct mxa_txn *t)
{
	const struct mxa_dmarc_verdict *v = &t->verdict.dmarc;

	mxa_json_open(j, "dmarc", '{');
	mxa_json_word(j, "result", mxa_dmarc_result_name(v->result));
	mxa_json_int(j, "worst", (int64_t)v->worst);
	mxa_json_word(j, "policy", mxa_dmarc_policy_name(v->policy));
	flag(j, "guarded", v->guarded);
	flag(j, "modes_differ", v->modes_differ);
	mxa_json_open(j, "domains", '[');
	for (size_t i = 0; i < v->n; i++)
		dmarc_domain(j, &v->domain[i]);
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
	/* the log's key: what applies to the worst of them */
	if (v->n > 0 && v->domain[v->worst].record != NULL)
		mxa_json_word(j, "policy",
		    mxa_dmarc_policy_name(v->domain[v->worst].policy));
}

static void iprev(struct mxa_json *j, const struct mxa_txn *t)
{
	const struct mxa_iprev_verdict *v = &t->verdict.iprev;

	if (v->result == MXA_IPREV_SKIPPED)
		return;
	mxa_json_open(j, "iprev", '{');
	mxa_json_word(j, "result", mxa_iprev_result_name(v->result));
	text(j, "name", v->name, MAX_NAME);
	mxa_json_close(j, '}');
}

/* --- the decision --- */

static void reply(struct mxa_json *j, const struct mxa_reply *r)
{
	if (r->n == 0)
		return;
	mxa_json_word(j, "code", r->code);
	mxa_json_word(j, "enhanced", r->enhanced);
	mxa_json_open(j, "text", '[');
	for (size_t i = 0; i < r->n; i++)
		mxa_json_cut(j, NULL, r->line[i], MXA_MAX_REPLY_LINE);
	mxa_json_close(j, ']');
}

static void action(struct mxa_json *j, const struct mxa_txn *t)
{
	const struct mxa_action *act = &t->action;

	mxa_json_open(j, "action", '{');
	mxa_json_word(j, "action", mxa_action_name(act->kind));
	if (act->would != act->kind)
		mxa_json_word(j, "would", mxa_action_name(act->would));
	if (act->cause != MXA_CAUSE_NOTHING)
		mxa_json_word(j, "cause", mxa_cause_name(act->cause));
	mxa_json_word(j, "profile", mxa_profile_name(act->profile));
	mxa_json_cut(j, "rule", act->rule, MAX_NAME);
	mxa_json_word(
	    j, "disposition", mxa_dmarc_policy_name(act->disposition));
	if (act->override != MXA_OVERRIDE_NONE)
		mxa_json_word(j, "override", mxa_override_name(act->override));
	text(j, "override_comment", act->override_comment, MAX_PHRASE);
	if (act->turned != NULL)
		mxa_json_word(j, "turned", act->turned);
	if (act->merge != NULL)
		mxa_json_word(j, "recipients", act->merge);
	if (act->author < MXA_MAX_AUTHORS)
		mxa_json_int(j, "author", (int64_t)act->author);
	text(j, "quarantine", act->quarantine_reason, MAX_PHRASE);
	mxa_json_open(j, "grounds", '[');
	for (size_t i = 0; i < act->n_grounds; i++)
		mxa_json_word(j, NULL, act->ground[i]);
	mxa_json_close(j, ']');
	reply(j, &act->reply);
	mxa_json_close(j, '}');
}

/* --- evidence --- */

static void notes(struct line *l, const struct mxa_notes *n)
{
	struct mxa_json *j = &l->j;

	if (n->n == 0)
		return;
	mxa_json_open(j, "notes", '[');
	for (const struct mxa_note *note = n->first; note; note = note->next) {
		struct mxa_json_mark mark = mxa_json_mark(j);

		mxa_json_cut(j, NULL, note->text, MXA_MAX_NOTE);
		if (mxa_json_undo(j, mark, LIMIT_NOTES)) {
			l->cut = true;
			break;
		}
	}
	mxa_json_close(j, ']');
}

/* A record as people write it: "10 mail.example.com", "192.0.2.1", a text. */
static void record(
    struct mxa_json *j, enum mxa_dns_type type, const struct mxa_dns_record *rr)
{
	switch (type) {
	case MXA_DNS_A:
	case MXA_DNS_AAAA:
		ip(j, NULL, &rr->ip);
		return;
	case MXA_DNS_MX: {
		char s[MXA_MAX_DOMAIN * 4 + 16];
		struct mxa_str v = { s, 0 };

		v.len = (size_t)snprintf(s, sizeof(s), "%u %.*s",
		    rr->preference,
		    MXA_STR_ARG(mxa_str_sub(rr->text, 0, MXA_MAX_DOMAIN * 4)));
		mxa_json_cut(j, NULL, v, MAX_DATA_KEPT);
		return;
	}
	case MXA_DNS_PTR:
	case MXA_DNS_TXT:
		break;
	}
	mxa_json_cut(j, NULL, rr->text, MAX_DATA_KEPT);
}

static void question(struct mxa_json *j, const struct mxa_evidence *e)
{
	const struct mxa_dns_answer *ans = e->answer;

	mxa_json_open(j, NULL, '{');
	mxa_json_cut(j, "name", e->name, MAX_NAME);
	mxa_json_word(j, "type", mxa_dns_type_name(e->type));
	flag(j, "cached", e->cached);
	if (ans != NULL) {
		mxa_json_word(j, "status", mxa_dns_status_name(ans->status));
		mxa_json_int(j, "ms", ans->ms);
		count(j, "ttl", ans->ttl);
		flag(j, "ad", ans->ad);
		text(j, "detail", ans->detail, MAX_PHRASE);
		if (ans->n > 0)
			mxa_json_open(j, "answer", '[');
		for (size_t i = 0; i < ans->n && i < MAX_RR_KEPT; i++)
			record(j, e->type, &ans->rr[i]);
		if (ans->n > 0)
			mxa_json_close(j, ']');
		if (ans->n > MAX_RR_KEPT)
			mxa_json_int(
			    j, "more", (int64_t)(ans->n - MAX_RR_KEPT));
	}
	mxa_json_close(j, '}');
}

static void dns(struct line *l, const struct mxa_line_dns *d)
{
	struct mxa_json *j = &l->j;

	mxa_json_int(j, "questions", d->counts.questions);
	mxa_json_int(j, "sent", d->counts.sent);
	mxa_json_open(j, "dns", '[');
	for (size_t i = 0; i < d->n; i++) {
		struct mxa_json_mark mark = mxa_json_mark(j);

		question(j, &d->evidence[i]);
		if (mxa_json_undo(j, mark, LIMIT)) {
			l->cut = true;
			break;
		}
	}
	mxa_json_close(j, ']');
}

/* --- the line --- */

static void verdict(struct line *l, const struct mxa_txn *t)
{
	part(l, LIMIT, t, spf);
	part(l, LIMIT, t, helo_spf);
	part(l, LIMIT, t, authors);
	part(l, LIMIT, t, dmarc);
	dkim(l, &t->verdict.dkim);
	part(l, LIMIT, t, arc);
	part(l, LIMIT, t, iprev);
}

void mxa_line_write(struct mxa_buf *b, const struct mxa_txn *t,
    const struct mxa_line_dns *evidence, int64_t time)
{
	struct line l = { .cut = false };

	mxa_json_init(&l.j, b);
	mxa_json_open(&l.j, NULL, '{');
	head(&l.j, t, time);
	action(&l.j, t);
	if (t->msg.exempt == MXA_EXEMPT_NO) {
		verdict(&l, t);
		part(&l, LIMIT, t, fields);
	}
	recipients(&l, &t->msg);
	notes(&l, &t->verdict.notes);
	if (evidence != NULL)
		dns(&l, evidence);
	flag(&l.j, "cut", l.cut);
	mxa_json_close(&l.j, '}');
	mxa_buf_addc(b, '\n');
}

void mxa_line_write_file(struct mxa_buf *b, struct mxa_str file_id,
    struct mxa_str version, int64_t time)
{
	struct mxa_json j;

	mxa_json_init(&j, b);
	mxa_json_open(&j, NULL, '{');
	mxa_json_int(&j, "v", MXA_JOURNAL_VERSION);
	timestamp(&j, time);
	mxa_json_cut(&j, "file", file_id, MAX_NAME);
	mxa_json_cut(&j, "mxauth", version, MAX_NAME);
	mxa_json_close(&j, '}');
	mxa_buf_addc(b, '\n');
}
