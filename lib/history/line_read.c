/* line_read.c - a line of the journal back into a transaction.
 *
 * Lenient about what is absent (it was empty, or left out), strict about what
 * contradicts: a word nobody knows makes the line unreadable, since guessing
 * would decide something. */
#include <jansson.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/limits.h"
#include "history/line.h"
#include "policy/grounds.h"

struct reader {
	struct mxa_arena *a;
	bool bad; /* something contradicts */
};

static void drop_json(json_t **p)
{
	json_decref(*p);
}

/* --- small things --- */

static struct mxa_str copy(struct reader *r, const json_t *v)
{
	return mxa_str_dup(
	    r->a, mxa_str_make(json_string_value(v), json_string_length(v)));
}

/* Empty when absent. */
static struct mxa_str text(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_string(v) ? copy(r, v) : MXA_STR_NONE;
}

static bool flag(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

/* 'absent' when there is none; counts are never negative. */
static int64_t integer(const json_t *o, const char *key, int64_t absent)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? (int64_t)json_integer_value(v) : absent;
}

static size_t count(const json_t *o, const char *key)
{
	int64_t v = integer(o, key, 0);

	return v > 0 ? (size_t)v : 0;
}

/* Index of the word at 'key' among name(0) … name(n - 1); 'absent' when there
 * is none. */
static int word(struct reader *r, const json_t *o, const char *key,
    const char *(*name)(int), int n, int absent)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_string(v))
		return absent;
	for (int i = 0; i < n; i++)
		if (strcmp(json_string_value(v), name(i)) == 0)
			return i;
	r->bad = true;
	return absent;
}

#define NAMER(fn, type, real)              \
	static const char *fn(int i)       \
	{                                  \
		return real((enum type)i); \
	}
NAMER(exempt_name, mxa_exempt, mxa_exempt_name)
NAMER(spf_name, mxa_spf_result, mxa_spf_result_name)
NAMER(dkim_name, mxa_dkim_result, mxa_dkim_result_name)
NAMER(dkim_cause_name, mxa_dkim_cause, mxa_dkim_cause_name)
NAMER(arc_name, mxa_arc_result, mxa_arc_result_name)
NAMER(dmarc_name, mxa_dmarc_result, mxa_dmarc_result_name)
NAMER(policy_name, mxa_dmarc_policy, mxa_dmarc_policy_name)
NAMER(iprev_name, mxa_iprev_result, mxa_iprev_result_name)
NAMER(action_name, mxa_action_kind, mxa_action_name)
NAMER(cause_name, mxa_cause, mxa_cause_name)
NAMER(profile_name, mxa_profile, mxa_profile_name)
NAMER(override_name, mxa_override, mxa_override_name)
NAMER(status_name, mxa_dns_status, mxa_dns_status_name)

static const char *identity_name(int i)
{
	return i == MXA_SPF_HELO ? "helo" : "mailfrom";
}

static const char *tag_name(int i)
{
	static const char *const names[] = { "p", "sp", "np" };

	return names[i];
}

static const char *body_name(int i)
{
	static const char *const names[] = { "", "matches", "differs" };

	return names[i];
}

static const char *merge_name(int i)
{
	static const char *const names[] = { "", "strictest", "mildest" };

	return names[i];
}

static void ip(
    struct reader *r, const json_t *o, const char *key, struct mxa_ip *out)
{
	const json_t *v = json_object_get(o, key);

	*out = (struct mxa_ip){ .family = 0 };
	if (json_is_string(v) &&
	    !mxa_ip_parse(
		mxa_str_make(json_string_value(v), json_string_length(v)), out))
		r->bad = true;
}

/* Length of an array, at most 'most'; 0 when it is none. */
static size_t length(const json_t *v, size_t most)
{
	size_t n = json_array_size(v);

	return n < most ? n : most;
}

static bool read_time(const json_t *v, int64_t *out)
{
	return json_is_string(v) &&
	    mxa_time_parse(mxa_str_from(json_string_value(v)), out);
}

/* --- the message --- */

static void read_headers(
    struct reader *r, const json_t *o, struct mxa_headers *h)
{
	const char *key;
	json_t *v;

	mxa_headers_init(h, r->a);
	json_object_foreach((json_t *)o, key,
	    v) if (json_is_string(v)) mxa_headers_add(h, mxa_str_from(key),
	    mxa_str_make(json_string_value(v), json_string_length(v)), false);
}

static void read_recipients(
    struct reader *r, const json_t *o, struct mxa_msg *m)
{
	const json_t *v = json_object_get(o, "rcpt");

	m->n_rcpt = length(v, MXA_MAX_RCPTS);
	m->rcpt = mxa_arena_calloc(r->a, m->n_rcpt, sizeof(*m->rcpt));
	for (size_t i = 0; i < m->n_rcpt; i++)
		m->rcpt[i] = copy(r, json_array_get(v, i));
	m->n_rcpt_seen = count(o, "rcpts");
}

static void read_message(struct reader *r, const json_t *o, struct mxa_msg *m)
{
	mxa_msg_init(m, r->a);
	m->queue_id = text(r, o, "id");
	m->receiver = text(r, o, "receiver");
	ip(r, o, "ip", &m->ip);
	ip(r, o, "peer", &m->peer);
	if (m->peer.family == 0)
		m->peer = m->ip;
	m->relay_hops = (unsigned)count(o, "hops");
	m->client_name = text(r, o, "ptr");
	m->helo = text(r, o, "helo");
	m->authenticated = flag(o, "authenticated");
	m->auth_id = text(r, o, "auth");
	m->exempt = (enum mxa_exempt)word(
	    r, o, "exempt", exempt_name, MXA_EXEMPT_RULE + 1, MXA_EXEMPT_NO);
	m->smtputf8 = flag(o, "smtputf8");
	m->body_bytes = count(o, "body");
	mxa_msg_set_mail_from(m, r->a, text(r, o, "mfrom"));
	read_recipients(r, o, m);
	read_headers(r, json_object_get(o, "header"), &m->headers);
}

/* --- the verdict --- */

static void read_spf(
    struct reader *r, const json_t *o, struct mxa_spf_verdict *v)
{
	v->result = (enum mxa_spf_result)word(
	    r, o, "result", spf_name, MXA_SPF_PERMERROR + 1, MXA_SPF_NONE);
	v->identity = (enum mxa_spf_identity)word(
	    r, o, "identity", identity_name, 2, MXA_SPF_MAILFROM);
	v->domain = text(r, o, "domain");
	v->sender = text(r, o, "sender");
	v->mechanism = text(r, o, "mechanism");
	v->record_domain = text(r, o, "record_domain");
	v->reason = text(r, o, "reason");
	v->explanation = text(r, o, "explanation");
	v->used_local_part = flag(o, "local_part");
	v->lookups = (unsigned)count(o, "lookups");
	v->voids = (unsigned)count(o, "voids");
}

static void read_signature(
    struct reader *r, const json_t *o, struct mxa_dkim_sig *s)
{
	s->result = (enum mxa_dkim_result)word(
	    r, o, "result", dkim_name, MXA_DKIM_PERMERROR + 1, MXA_DKIM_NONE);
	s->cause = (enum mxa_dkim_cause)word(r, o, "cause", dkim_cause_name,
	    MXA_DKIM_NOT_TRIED + 1, MXA_DKIM_OK);
	s->reason = text(r, o, "reason");
	s->domain = text(r, o, "d");
	s->identity = text(r, o, "i");
	s->selector = text(r, o, "s");
	s->algorithm = text(r, o, "a");
	s->b = text(r, o, "b");
	s->rules = text(r, o, "rules");
	s->body = (enum mxa_body_hash)word(
	    r, o, "body", body_name, 3, MXA_BODY_UNKNOWN);
	s->key_bits = (unsigned)count(o, "bits");
	s->testing = flag(o, "testing");
	s->covers_subject = flag(o, "subject");
	s->signed_at = integer(o, "t", -1);
}

static void read_dkim(
    struct reader *r, const json_t *o, struct mxa_dkim_verdict *v)
{
	const json_t *sigs = json_object_get(o, "dkim");

	v->n = length(sigs, MXA_MAX_SIGNATURES_SEEN);
	v->sig = mxa_arena_calloc(r->a, v->n, sizeof(*v->sig));
	for (size_t i = 0; i < v->n; i++)
		read_signature(r, json_array_get(sigs, i), &v->sig[i]);
	v->untried = count(o, "dkim_untried");
}

static void read_arc(
    struct reader *r, const json_t *o, struct mxa_arc_verdict *v)
{
	const json_t *sets = json_object_get(o, "sets");

	if (!json_is_object(o))
		return;
	v->evaluated = true;
	v->result = (enum mxa_arc_result)word(
	    r, o, "result", arc_name, MXA_ARC_FAIL + 1, MXA_ARC_NONE);
	v->reason = text(r, o, "reason");
	v->oldest_pass = (unsigned)count(o, "oldest_pass");
	v->dns_trouble = flag(o, "dns_trouble");
	v->trusted = flag(o, "trusted");
	v->trusted_sealer = text(r, o, "trusted_sealer");
	v->n = length(sets, MXA_MAX_ARC_SETS);
	v->set = mxa_arena_calloc(r->a, v->n, sizeof(*v->set));
	for (size_t i = 0; i < v->n; i++) {
		const json_t *s = json_array_get(sets, i);

		v->set[i].seal_domain = text(r, s, "d");
		v->set[i].seal_selector = text(r, s, "s");
		v->set[i].aar = text(r, s, "aar");
	}
}

static void read_authors(
    struct reader *r, const json_t *o, struct mxa_authors *au)
{
	const json_t *from = json_object_get(o, "from");
	const json_t *more = json_object_get(o, "authors");

	au->n = length(from, MXA_MAX_AUTHORS);
	for (size_t i = 0; i < au->n; i++)
		au->domain[i] = copy(r, json_array_get(from, i));
	au->fields = count(more, "fields");
	au->addresses = count(more, "addresses");
	au->more = flag(more, "more");
	au->malformed = flag(more, "malformed");
	au->reason = text(r, more, "reason");
}

static const struct mxa_dmarc_record *read_record(
    struct reader *r, const json_t *o)
{
	struct mxa_str s = text(r, o, "record");
	struct mxa_dmarc_record *out;

	if (s.len == 0 || !mxa_dmarc_record_is(s))
		return NULL;
	out = mxa_arena_calloc(r->a, 1, sizeof(*out));
	mxa_dmarc_record_parse(s, out);
	return out;
}

static void read_dmarc_domain(
    struct reader *r, const json_t *o, struct mxa_dmarc_domain *d)
{
	d->result = (enum mxa_dmarc_result)word(r, o, "result", dmarc_name,
	    MXA_DMARC_PERMERROR + 1, MXA_DMARC_NONE);
	d->author = text(r, o, "domain");
	d->organizational = text(r, o, "org");
	d->record_domain = text(r, o, "record_domain");
	d->record = read_record(r, o);
	d->tag = (enum mxa_dmarc_tag)word(r, o, "tag", tag_name, 3, MXA_TAG_P);
	d->published = (enum mxa_dmarc_policy)word(
	    r, o, "published", policy_name, 3, MXA_POLICY_NONE);
	d->policy = (enum mxa_dmarc_policy)word(
	    r, o, "policy", policy_name, 3, MXA_POLICY_NONE);
	d->testing = flag(o, "testing");
	d->nonexistent = flag(o, "nonexistent");
	d->spf_aligned = flag(o, "spf_aligned");
	d->dkim_aligned = flag(o, "dkim_aligned");
	d->reason = text(r, o, "reason");
}

static void read_dmarc(
    struct reader *r, const json_t *o, struct mxa_dmarc_verdict *v)
{
	const json_t *domains = json_object_get(o, "domains");

	v->result = (enum mxa_dmarc_result)word(r, o, "result", dmarc_name,
	    MXA_DMARC_PERMERROR + 1, MXA_DMARC_NONE);
	v->policy = (enum mxa_dmarc_policy)word(
	    r, o, "policy", policy_name, 3, MXA_POLICY_NONE);
	v->guarded = flag(o, "guarded");
	v->modes_differ = flag(o, "modes_differ");
	v->n = length(domains, MXA_MAX_AUTHORS);
	for (size_t i = 0; i < v->n; i++)
		read_dmarc_domain(r, json_array_get(domains, i), &v->domain[i]);
	v->worst = count(o, "worst");
	if (v->worst >= v->n) {
		r->bad = r->bad || v->worst > 0;
		v->worst = 0;
	}
}

static void read_notes(struct reader *r, const json_t *v, struct mxa_notes *out)
{
	mxa_notes_init(out, r->a);
	for (size_t i = 0; i < length(v, MXA_MAX_NOTES); i++) {
		const char *s = json_string_value(json_array_get(v, i));

		if (s != NULL)
			mxa_note(out, "%s", s);
	}
}

static void read_verdict(
    struct reader *r, const json_t *o, struct mxa_verdict *v)
{
	const json_t *helo = json_object_get(o, "spf_helo");
	const json_t *iprev = json_object_get(o, "iprev");

	read_spf(r, json_object_get(o, "spf"), &v->spf);
	v->helo_checked = json_is_object(helo);
	if (v->helo_checked)
		read_spf(r, helo, &v->helo);
	read_dkim(r, o, &v->dkim);
	read_arc(r, json_object_get(o, "arc"), &v->arc);
	read_authors(r, o, &v->authors);
	read_dmarc(r, json_object_get(o, "dmarc"), &v->dmarc);
	v->iprev.result = (enum mxa_iprev_result)word(r, iprev, "result",
	    iprev_name, MXA_IPREV_PERMERROR + 1, MXA_IPREV_SKIPPED);
	v->iprev.name = text(r, iprev, "name");
	read_notes(r, json_object_get(o, "notes"), &v->notes);
}

/* --- the decision --- */

static void read_reply(struct reader *r, const json_t *o, struct mxa_reply *out)
{
	const json_t *lines = json_object_get(o, "text");
	struct mxa_str code = text(r, o, "code");
	struct mxa_str enhanced = text(r, o, "enhanced");

	if (code.len == 0)
		return;
	if (!mxa_reply_codes_ok(code, enhanced)) {
		r->bad = true;
		return;
	}
	mxa_reply_init(
	    out, mxa_str_cstr(r->a, code), mxa_str_cstr(r->a, enhanced));
	for (size_t i = 0; i < length(lines, MXA_MAX_REPLY_LINES); i++)
		mxa_reply_line(out, r->a, copy(r, json_array_get(lines, i)));
}

/* The table's own name for a ground, so that it lives as long as the program; a
 * name of another version is kept when it looks like one. */
static const char *ground_name(struct reader *r, const json_t *v)
{
	const char *s = json_string_value(v);
	const struct mxa_ground *g;

	if (s == NULL)
		return NULL;
	g = mxa_ground_find(s);
	if (g != NULL)
		return g->name;
	for (size_t i = 0; s[i] != '\0'; i++)
		if (i >= 40 || (!mxa_is_alnum(s[i]) && s[i] != '-'))
			return NULL;
	return mxa_arena_strdup(r->a, s, strlen(s));
}

static void read_grounds(
    struct reader *r, const json_t *v, struct mxa_action *act)
{
	for (size_t i = 0; i < length(v, MXA_MAX_GROUNDS); i++) {
		const char *name = ground_name(r, json_array_get(v, i));

		if (name != NULL)
			act->ground[act->n_grounds++] = name;
	}
}

static void read_action(
    struct reader *r, const json_t *o, struct mxa_action *act)
{
	static const char *const merges[] = { NULL, "strictest", "mildest" };

	act->kind = (enum mxa_action_kind)word(
	    r, o, "action", action_name, MXA_ACT_REJECT + 1, MXA_ACT_ACCEPT);
	act->would = (enum mxa_action_kind)word(
	    r, o, "would", action_name, MXA_ACT_REJECT + 1, (int)act->kind);
	act->cause = (enum mxa_cause)word(
	    r, o, "cause", cause_name, MXA_CAUSES, MXA_CAUSE_NOTHING);
	act->profile = (enum mxa_profile)word(r, o, "profile", profile_name,
	    MXA_PROFILE_MONITOR + 1, MXA_PROFILE_STANDARD);
	act->rule = text(r, o, "rule");
	act->disposition = (enum mxa_dmarc_policy)word(
	    r, o, "disposition", policy_name, 3, MXA_POLICY_NONE);
	act->override = (enum mxa_override)word(r, o, "override", override_name,
	    MXA_OVERRIDE_OTHER + 1, MXA_OVERRIDE_NONE);
	act->override_comment = text(r, o, "override_comment");
	act->turned = ground_name(r, json_object_get(o, "turned"));
	act->merge = merges[word(r, o, "recipients", merge_name, 3, 0)];
	act->author = count(o, "author");
	if (!json_is_integer(json_object_get(o, "author")) ||
	    act->author > MXA_MAX_AUTHORS)
		act->author = MXA_MAX_AUTHORS;
	act->quarantine_reason = text(r, o, "quarantine");
	read_grounds(r, json_object_get(o, "grounds"), act);
	read_reply(r, o, &act->reply);
}

/* --- evidence --- */

static enum mxa_dns_type read_type(struct reader *r, const json_t *o)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_TXT, MXA_DNS_A,
		MXA_DNS_AAAA, MXA_DNS_MX, MXA_DNS_PTR };
	const char *s = json_string_value(json_object_get(o, "type"));

	for (size_t i = 0; s != NULL && i < MXA_ARRAY_LEN(types); i++)
		if (strcmp(s, mxa_dns_type_name(types[i])) == 0)
			return types[i];
	r->bad = true;
	return MXA_DNS_TXT;
}

static void read_rr(struct reader *r, const json_t *v, enum mxa_dns_type type,
    struct mxa_dns_record *rr)
{
	struct mxa_str s = copy(r, v);
	uint64_t preference;
	size_t space;

	rr->text = s;
	if (type == MXA_DNS_A || type == MXA_DNS_AAAA) {
		if (!mxa_ip_parse(s, &rr->ip))
			r->bad = true;
		rr->text = MXA_STR_NONE;
	} else if (type == MXA_DNS_MX) {
		space = mxa_str_chr(s, ' ', 0);
		if (!mxa_str_u64(
			mxa_str_sub(s, 0, space), 65535, &preference)) {
			r->bad = true;
			return;
		}
		rr->preference = (uint16_t)preference;
		rr->text = mxa_str_sub(s, space + 1, s.len);
	}
}

static void read_answer(
    struct reader *r, const json_t *o, struct mxa_evidence *e)
{
	const json_t *list = json_object_get(o, "answer");
	struct mxa_dns_answer *ans = mxa_arena_calloc(r->a, 1, sizeof(*ans));
	struct mxa_dns_record *rr;

	ans->status = (enum mxa_dns_status)word(
	    r, o, "status", status_name, MXA_DNS_SPENT + 1, MXA_DNS_SPENT);
	ans->type = e->type;
	ans->name = ans->canonical = e->name;
	ans->n = length(list, MXA_MAX_DNS_RECORDS);
	rr = mxa_arena_calloc(r->a, ans->n, sizeof(*rr));
	for (size_t i = 0; i < ans->n; i++)
		read_rr(r, json_array_get(list, i), e->type, &rr[i]);
	ans->rr = rr;
	ans->ttl = (uint32_t)count(o, "ttl");
	ans->ms = (uint32_t)count(o, "ms");
	ans->ad = flag(o, "ad");
	ans->detail = text(r, o, "detail");
	e->answer = ans;
}

static void read_evidence(
    struct reader *r, const json_t *o, struct mxa_entry *out)
{
	const json_t *dns = json_object_get(o, "dns");

	out->counts.questions = (unsigned)count(o, "questions");
	out->counts.sent = (unsigned)count(o, "sent");
	out->n_evidence = length(dns, 1000);
	out->evidence =
	    mxa_arena_calloc(r->a, out->n_evidence, sizeof(*out->evidence));
	for (size_t i = 0; i < out->n_evidence; i++) {
		const json_t *q = json_array_get(dns, i);
		struct mxa_evidence *e = &out->evidence[i];

		e->name = text(r, q, "name");
		e->type = read_type(r, q);
		e->cached = flag(q, "cached");
		if (json_object_get(q, "status") != NULL)
			read_answer(r, q, e);
	}
}

/* --- the line --- */

static void read_transaction(
    struct reader *r, const json_t *o, struct mxa_entry *out)
{
	out->kind = MXA_ENTRY_MESSAGE;
	read_message(r, o, &out->txn.msg);
	out->txn.msg.received = out->time;
	read_verdict(r, o, &out->txn.verdict);
	read_action(r, json_object_get(o, "action"), &out->txn.action);
	out->txn.ms = (uint32_t)count(o, "ms");
	out->txn.unanswered = flag(o, "unanswered");
	read_evidence(r, o, out);
	out->cut = flag(o, "cut");
}

enum mxa_rc mxa_line_read(
    struct mxa_arena *a, struct mxa_str line, struct mxa_entry *out)
{
	MXA_CLEANUP(drop_json)
	json_t *o = json_loadb(line.p, line.len, JSON_ALLOW_NUL, NULL);
	struct reader r = { .a = a };
	int64_t version = integer(o, "v", 0);

	*out = (struct mxa_entry){ .kind = MXA_ENTRY_FILE };
	if (!json_is_object(o) || version < 1)
		return MXA_ESYNTAX;
	if (version > MXA_JOURNAL_VERSION)
		return MXA_EINVAL;
	if (!read_time(json_object_get(o, "time"), &out->time))
		return MXA_ESYNTAX;
	out->file_id = text(&r, o, "file");
	if (out->file_id.len > 0)
		return MXA_OK;
	if (!json_is_string(json_object_get(o, "id")) ||
	    !json_is_object(json_object_get(o, "action")))
		return MXA_ESYNTAX;
	read_transaction(&r, o, out);
	return r.bad ? MXA_ESYNTAX : MXA_OK;
}
