/* stamp.c - Authentication-Results and Received-SPF (RFC 8601, RFC 7208
 * section 9.1). */
#include "policy/stamp.h"

#include <string.h>

#include "auth/dmarc_record.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "mail/authres.h"
#include "conf/conf.h"

#define MAX_PROPS 8
#define MAX_COMMENT 600
#define MAX_SPF_REASON 400 /* escaped it must fit on one line */
/* Longer than any address that can be of use; what is longer is left out, since
 * half of it would be somebody else's. */
#define MAX_VALUE 320

/* --- building one result --- */

static void add_prop(struct mxa_authres_result *r, const char *ptype,
    const char *name, struct mxa_str value)
{
	if (value.len == 0 || value.len > MAX_VALUE || r->n_prop == MAX_PROPS)
		return;
	r->prop[r->n_prop++] = (struct mxa_authres_prop){ mxa_str_from(ptype),
		mxa_str_from(name), value };
}

static void set_result(struct mxa_authres_result *r, struct mxa_arena *a,
    const char *method, const char *result)
{
	r->method = mxa_str_from(method);
	r->result = mxa_str_from(result);
	r->prop = mxa_arena_calloc(a, MAX_PROPS, sizeof(*r->prop));
}

static struct mxa_str ip_text(struct mxa_arena *a, const struct mxa_ip *ip)
{
	char text[MXA_IP_TEXT];

	return mxa_str_dup(a, mxa_str_from(mxa_ip_format(ip, text)));
}

/* "client 192.0.2.1 from the Received field, behind relay 198.51.100.1" */
static struct mxa_str relay_comment(
    struct mxa_arena *a, const struct mxa_msg *m)
{
	if (m->client_unknown)
		return mxa_str_from(mxa_arena_printf(a,
		    "client unknown, behind trusted relay %.*s",
		    MXA_STR_ARG(ip_text(a, &m->peer))));
	if (m->relay_hops == 0)
		return MXA_STR_NONE;
	return mxa_str_from(mxa_arena_printf(a,
	    "client %.*s by Received, behind trusted relay %.*s",
	    MXA_STR_ARG(ip_text(a, &m->ip)),
	    MXA_STR_ARG(ip_text(a, &m->peer))));
}

/* --- the methods --- */

/* An identity that is no usable domain, as the sender wrote it: quoting makes
 * it harmless to a parser, this also to a search for "dmarc=pass". */
static struct mxa_str harmless_identity(struct mxa_arena *a, struct mxa_str s)
{
	char *p = mxa_str_cstr(a, s);

	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)p[i] <= ' ' || p[i] == 0x7f ||
		    memchr("\"();,\\<>=", p[i], 9) != NULL)
			p[i] = '?';
	return mxa_str_make(p, s.len);
}

static void stamp_spf(
    struct mxa_authres_result *r, struct mxa_arena *a, const struct mxa_txn *t)
{
	const struct mxa_spf_verdict *spf = &t->verdict.spf;
	struct mxa_str who = spf->domain;

	set_result(r, a, "spf", mxa_spf_result_name(spf->result));
	r->comment = relay_comment(a, &t->msg);
	if (spf->result != MXA_SPF_PASS && spf->result != MXA_SPF_NONE)
		r->reason = spf->reason.text;
	if (spf->identity == MXA_SPF_HELO) {
		add_prop(r, "smtp", "helo",
		    who.len > 0 ? who : harmless_identity(a, t->msg.helo));
		return;
	}
	/* RFC 8601 section 2.7.2: the local part only where it mattered */
	if (spf->used_local_part)
		who = spf->sender;
	if (who.len == 0)
		who = harmless_identity(a,
		    t->msg.mail_domain.len > 0 ? t->msg.mail_domain
					       : t->msg.mail_from);
	add_prop(r, "smtp", "mailfrom", who);
}

/* How much of the signatures fits into the field. */
struct room {
	size_t sigs;	  /* so many of them, from the top */
	bool brief;	  /* only what tells them apart */
	size_t left_out;  /* behind the last one */
	const char *what; /* was not done with those */
};

/* "2048-bit key; testing; 3 more signatures not tried" */
static struct mxa_str dkim_comment(
    struct mxa_arena *a, const struct mxa_dkim_sig *s, const struct room *last)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_COMMENT);
	if (s->key_bits > 0)
		mxa_buf_printf(&b, "%u-bit key", s->key_bits);
	if (s->testing)
		mxa_buf_printf(&b, "%stesting", b.len ? "; " : "");
	if (last != NULL && last->left_out > 0)
		mxa_buf_printf(&b, "%s%zu more signature%s not %s",
		    b.len ? "; " : "", last->left_out,
		    last->left_out == 1 ? "" : "s", last->what);
	return mxa_buf_str(&b);
}

static void stamp_sig(struct mxa_authres_result *r, struct mxa_arena *a,
    const struct mxa_dkim_sig *s, bool brief, const struct room *last)
{
	set_result(r, a, "dkim", mxa_dkim_result_name(s->result));
	r->comment = dkim_comment(a, s, last);
	if (s->result == MXA_DKIM_POLICY)
		add_prop(r, "policy", "dkim-rules", s->rules);
	add_prop(r, "header", "d", s->domain);
	if (!brief) {
		r->reason = s->reason.text;
		add_prop(r, "header", "i", s->identity);
		add_prop(r, "header", "s", s->selector);
		add_prop(r, "header", "a", s->algorithm);
	}
	add_prop(r, "header", "b", s->b);
}

/* One for each signature; returns how many. */
static size_t stamp_dkim(struct mxa_authres_result *r, struct mxa_arena *a,
    const struct mxa_dkim_verdict *dkim, const struct room *room)
{
	if (dkim->n == 0) {
		set_result(r, a, "dkim", "none");
		return 1;
	}
	for (size_t i = 0; i < room->sigs; i++)
		stamp_sig(&r[i], a, &dkim->sig[i], room->brief,
		    i + 1 == room->sigs ? room : NULL);
	return room->sigs;
}

/* "i=2 d1=list.example d2=fwd.example" */
static struct mxa_str arc_comment(
    struct mxa_arena *a, const struct mxa_arc_verdict *arc)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_COMMENT);
	if (arc->n > 0)
		mxa_buf_printf(&b, "i=%zu", arc->n);
	for (size_t i = 0; i < arc->n; i++)
		mxa_buf_printf(&b, " d%zu=%.*s", i + 1,
		    MXA_STR_ARG(arc->set[i].seal_domain));
	return mxa_buf_str(&b);
}

static void stamp_arc(
    struct mxa_authres_result *r, struct mxa_arena *a, const struct mxa_txn *t)
{
	const struct mxa_arc_verdict *arc = &t->verdict.arc;

	set_result(r, a, "arc", mxa_arc_result_name(arc->result));
	if (arc->result == MXA_ARC_NONE)
		return;
	r->comment = arc_comment(a, arc);
	if (arc->result == MXA_ARC_FAIL) {
		r->reason = arc->reason.text;
		return;
	}
	add_prop(r, "smtp", "remote-ip", ip_text(a, &t->msg.ip));
	add_prop(r, "header", "oldest-pass",
	    mxa_str_from(mxa_arena_printf(a, "%u", arc->oldest_pass)));
}

static void stamp_iprev(
    struct mxa_authres_result *r, struct mxa_arena *a, const struct mxa_txn *t)
{
	const struct mxa_iprev_verdict *v = &t->verdict.iprev;

	set_result(r, a, "iprev", mxa_iprev_result_name(v->result));
	r->comment = v->name;
	add_prop(r, "policy", "iprev", ip_text(a, &t->msg.ip));
}

/* "p=none sp=reject t=y": the tag that applied, and p. */
static void add_policy(struct mxa_buf *b, const struct mxa_dmarc_domain *d)
{
	const char *published = mxa_dmarc_policy_name(d->published);
	const char *p =
	    d->record->as_none ? "none" : mxa_dmarc_policy_name(d->record->p);

	switch (d->tag) {
	case MXA_TAG_P:
		mxa_buf_printf(b, "p=%s", published);
		break;
	case MXA_TAG_SP:
		mxa_buf_printf(b, "p=%s sp=%s", p, published);
		break;
	case MXA_TAG_NP:
		mxa_buf_printf(b, "p=%s np=%s", p, published);
		break;
	}
	if (d->testing)
		mxa_buf_adds(b, " t=y");
}

/* The override as arc.md section 5 and RFC 9990 call it. */
static void add_override(struct mxa_buf *b, const struct mxa_action *act)
{
	if (act->override == MXA_OVERRIDE_NONE)
		return;
	if (act->turned == MXA_GROUND_SEALER) {
		mxa_buf_adds(b, " override=trusted-arc");
		return;
	}
	mxa_buf_printf(b, " override=%s", mxa_override_name(act->override));
}

/* "p=reject dis=quarantine override=mailing_list; also example.net: pass" */
static struct mxa_str dmarc_comment(
    struct mxa_arena *a, const struct mxa_txn *t)
{
	const struct mxa_dmarc_verdict *v = &t->verdict.dmarc;
	const struct mxa_dmarc_domain *d = &v->domain[v->worst];
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_COMMENT);
	if (d->record != NULL) {
		add_policy(&b, d);
		mxa_buf_printf(&b, " dis=%s",
		    mxa_dmarc_policy_name(t->action.disposition));
	}
	add_override(&b, &t->action);
	for (size_t i = 0; i < v->n; i++)
		if (i != v->worst)
			mxa_buf_printf(&b, "%salso %.*s: %s", b.len ? "; " : "",
			    MXA_STR_ARG(v->domain[i].author),
			    mxa_dmarc_result_name(v->domain[i].result));
	if (t->verdict.authors.more)
		mxa_buf_printf(
		    &b, "%sand more author domains", b.len ? "; " : "");
	return mxa_buf_str(&b);
}

static void stamp_dmarc(
    struct mxa_authres_result *r, struct mxa_arena *a, const struct mxa_txn *t)
{
	const struct mxa_dmarc_verdict *v = &t->verdict.dmarc;
	const struct mxa_authors *au = &t->verdict.authors;
	const struct mxa_dmarc_domain *d;

	set_result(r, a, "dmarc", mxa_dmarc_result_name(v->result));
	if (v->n == 0) {
		r->reason = au->reason.text;
		return;
	}
	d = &v->domain[v->worst];
	r->comment = dmarc_comment(a, t);
	if (au->malformed)
		r->reason = au->reason.text;
	else if (d->unusable ||
	    (d->result != MXA_DMARC_PASS && d->result != MXA_DMARC_NONE))
		r->reason = d->reason.text;
	add_prop(r, "header", "from", d->author);
	if (d->record != NULL)
		add_prop(r, "policy", "dmarc",
		    mxa_str_from(mxa_dmarc_policy_name(d->policy)));
}

/* --- the field --- */

static struct mxa_str authserv_id(
    const struct mxa_conf *c, const struct mxa_msg *m)
{
	return m->receiver.len > 0 ? m->receiver : c->authserv_id;
}

/* False: it did not fit, and 'b' is of no use. */
static bool format_authres(struct mxa_buf *b, const struct mxa_conf *c,
    const struct mxa_txn *t, const struct room *room)
{
	const struct mxa_verdict *v = &t->verdict;
	struct mxa_arena *a = b->arena;
	struct mxa_authres ar = { .id = authserv_id(c, &t->msg), .version = 1 };

	ar.result = mxa_arena_calloc(a, room->sigs + 5, sizeof(*ar.result));
	stamp_spf(&ar.result[ar.n++], a, t);
	ar.n += stamp_dkim(&ar.result[ar.n], a, &v->dkim, room);
	if (v->arc.evaluated)
		stamp_arc(&ar.result[ar.n++], a, t);
	if (t->msg.ip.family != 0 && v->iprev.result != MXA_IPREV_SKIPPED)
		stamp_iprev(&ar.result[ar.n++], a, t);
	stamp_dmarc(&ar.result[ar.n++], a, t);
	mxa_authres_format(b, &ar, c->header_comments);
	return !b->full;
}

/* A sender may write more and longer tags than a header field holds; DMARC's
 * result must get through all the same, so the signatures give way. */
void mxa_stamp_authres(
    struct mxa_buf *b, const struct mxa_conf *c, const struct mxa_txn *t)
{
	const struct mxa_dkim_verdict *dkim = &t->verdict.dkim;
	struct room room = {
		.sigs = dkim->n, .left_out = dkim->untried, .what = "tried"
	};
	size_t start = b->len;

	while (!format_authres(b, c, t, &room)) {
		if (room.brief && room.sigs <= 1)
			return;
		if (room.brief) {
			room.sigs /= 2;
			room.left_out = dkim->n - room.sigs + dkim->untried;
			room.what = "shown";
		}
		room.brief = true;
		mxa_buf_cut(b, start);
		b->full = false;
	}
}

/* --- Received-SPF --- */

/* RFC 5322 dot-atom, which is what a value may be without quotes. */
static bool is_dot_atom(struct mxa_str s)
{
	bool dot = true;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' && dot)
			return false;
		dot = s.p[i] == '.';
		if (!dot && !mxa_is_alnum(s.p[i]) &&
		    memchr("!#$%&'*+-/=?^_`{|}~", s.p[i], 19) == NULL)
			return false;
	}
	/* "/" and "=" are atom text, but readers split at them */
	return !dot && memchr(s.p, '=', s.len) == NULL &&
	    memchr(s.p, '/', s.len) == NULL;
}

/* Text of a quoted string or a comment: what would end it gets a backslash,
 * controls and bytes that are not UTF-8 become '?'. */
static void add_escaped(
    struct mxa_buf *b, struct mxa_str s, const char *special)
{
	for (size_t i = 0, len; i<s.len; i += len> 0 ? len : 1) {
		unsigned char c = (unsigned char)s.p[i];

		len = mxa_str_plain(s, i, special);
		if (len > 0) {
			mxa_buf_add(b, s.p + i, len);
			continue;
		}
		len = mxa_utf8_len(s, i);
		if (c < 0x20 || c == 0x7f || len == 0) {
			mxa_buf_addc(b, c == '\t' ? ' ' : '?');
			continue;
		}
		if (strchr(special, c) != NULL)
			mxa_buf_addc(b, '\\');
		mxa_buf_add(b, s.p + i, len);
	}
}

/* "key=value" on a line of its own; a value that is too long is left out. */
static void add_pair(
    struct mxa_buf *b, bool first, const char *key, struct mxa_str value)
{
	if (value.len > MAX_VALUE)
		return;
	if (!first)
		mxa_buf_addc(b, ';');
	mxa_buf_adds(b, "\n\t");
	mxa_buf_adds(b, key);
	mxa_buf_addc(b, '=');
	if (is_dot_atom(value)) {
		mxa_buf_addstr(b, value);
		return;
	}
	mxa_buf_addc(b, '"');
	add_escaped(b, value, "\"\\");
	mxa_buf_addc(b, '"');
}

static void add_spf_comment(struct mxa_buf *b, const struct mxa_conf *c,
    const struct mxa_txn *t, const struct mxa_spf_verdict *v)
{
	struct mxa_str relay = relay_comment(b->arena, &t->msg);

	if (!c->header_comments)
		return;
	mxa_buf_adds(b, " (");
	add_escaped(b, authserv_id(c, &t->msg), "()\\");
	mxa_buf_adds(b, ": ");
	add_escaped(
	    b, mxa_str_whole_words(v->reason.text, MAX_SPF_REASON), "()\\");
	if (relay.len > 0)
		mxa_buf_printf(b, "; %.*s", MXA_STR_ARG(relay));
	mxa_buf_addc(b, ')');
}

void mxa_stamp_received_spf(struct mxa_buf *b, const struct mxa_conf *c,
    const struct mxa_txn *t, const struct mxa_spf_verdict *v)
{
	const struct mxa_msg *m = &t->msg;
	bool error =
	    v->result == MXA_SPF_TEMPERROR || v->result == MXA_SPF_PERMERROR;

	mxa_buf_adds(b, mxa_spf_result_name(v->result));
	add_spf_comment(b, c, t, v);
	add_pair(b, true, "receiver", authserv_id(c, m));
	add_pair(b, false, "identity",
	    v->identity == MXA_SPF_HELO ? MXA_STR("helo")
					: MXA_STR("mailfrom"));
	add_pair(b, false, "envelope-from",
	    m->mail_from.len > 0 ? m->mail_from : MXA_STR("<>"));
	if (m->helo.len > 0)
		add_pair(b, false, "helo", m->helo);
	if (m->ip.family != 0)
		add_pair(b, false, "client-ip", ip_text(b->arena, &m->ip));
	if (v->mechanism.len > 0)
		add_pair(b, false, "mechanism", v->mechanism);
	if (error)
		add_pair(b, false, "problem",
		    mxa_str_whole_words(v->reason.text, MAX_VALUE));
}
