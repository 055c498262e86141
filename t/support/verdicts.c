/* verdicts.c - one line of words to a message and its verdict. */
#include "t/support/verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "base/domain.h"
#include "t/support/testing.h"

struct maker {
	struct mxa_arena *a;
	struct mxa_txn *t;
	bool rcpt_given;
};

/* The part before the next 'c'; the rest moves on behind it. */
static struct mxa_str cut(struct mxa_str *rest, char c)
{
	size_t at = mxa_str_chr(*rest, c, 0);
	struct mxa_str part = mxa_str_sub(*rest, 0, at);

	*rest = mxa_str_sub(*rest, at + 1, rest->len);
	return part;
}

/* Index of 'word' among name(0), name(1), …; fails at an unknown word. */
static int index_of(
    struct mxa_str word, const char *(*name)(int), int n, const char *what)
{
	for (int i = 0; i < n; i++)
		if (mxa_str_is(word, name(i)))
			return i;
	ck_abort_msg("%s: unknown word \"%.*s\"", what, MXA_STR_ARG(word));
	return -1;
}

#define NAMER(fn, type, real)              \
	static const char *fn(int i)       \
	{                                  \
		return real((enum type)i); \
	}
NAMER(spf_name, mxa_spf_result, mxa_spf_result_name)
NAMER(dkim_name, mxa_dkim_result, mxa_dkim_result_name)
NAMER(cause_name, mxa_dkim_cause, mxa_dkim_cause_name)
NAMER(arc_name, mxa_arc_result, mxa_arc_result_name)
NAMER(dmarc_name, mxa_dmarc_result, mxa_dmarc_result_name)
NAMER(policy_name, mxa_dmarc_policy, mxa_dmarc_policy_name)
NAMER(iprev_name, mxa_iprev_result, mxa_iprev_result_name)

static struct mxa_ip ip_of(struct mxa_str s)
{
	struct mxa_ip ip;

	ck_assert_msg(mxa_ip_parse(s, &ip), "address \"%.*s\"", MXA_STR_ARG(s));
	return ip;
}

static size_t number(struct mxa_str s)
{
	uint64_t v;

	ck_assert_msg(
	    mxa_str_u64(s, 100000, &v), "number \"%.*s\"", MXA_STR_ARG(s));
	return v;
}

/* --- envelope and header --- */

static void take_field(struct maker *k, struct mxa_str v)
{
	struct mxa_str name = cut(&v, ':');
	char *text = mxa_arena_strdup(k->a, v.p, v.len);

	for (char *p = text; *p; p++)
		if (*p == '_')
			*p = ' ';
	mxa_headers_add(
	    &k->t->msg.headers, name, mxa_str_make(text, v.len), false);
}

static enum mxa_exempt exempt_of(struct mxa_str v)
{
	if (mxa_str_is(v, "network"))
		return MXA_EXEMPT_NETWORK;
	if (mxa_str_is(v, "authenticated"))
		return MXA_EXEMPT_AUTHENTICATED;
	if (mxa_str_is(v, "local"))
		return MXA_EXEMPT_LOCAL;
	ck_assert_msg(mxa_str_is(v, "rule"), "exempt=%.*s", MXA_STR_ARG(v));
	return MXA_EXEMPT_RULE;
}

static bool take_message(struct maker *k, struct mxa_str key, struct mxa_str v)
{
	struct mxa_msg *m = &k->t->msg;

	if (mxa_str_is(key, "ip")) {
		m->ip = v.len > 0 ? ip_of(v) : (struct mxa_ip){ .family = 0 };
	} else if (mxa_str_is(key, "peer")) {
		m->peer = ip_of(v);
	} else if (mxa_str_is(key, "hops")) {
		m->relay_hops = (unsigned)number(v);
	} else if (mxa_str_is(key, "helo")) {
		m->helo = v;
	} else if (mxa_str_is(key, "mfrom")) {
		mxa_msg_set_mail_from(m, k->a, v);
	} else if (mxa_str_is(key, "rcpt")) {
		mxa_msg_add_rcpt(m, k->a, v);
		k->rcpt_given = true;
	} else if (mxa_str_is(key, "id")) {
		m->queue_id = v;
	} else if (mxa_str_is(key, "ptr")) {
		m->client_name = v;
	} else if (mxa_str_is(key, "auth")) {
		m->auth_id = v;
		m->authenticated = true;
	} else if (mxa_str_is(key, "exempt")) {
		m->exempt = exempt_of(v);
	} else if (mxa_str_is(key, "field")) {
		take_field(k, v);
	} else if (mxa_str_is(key, "no-quarantine")) {
		m->no_quarantine = true;
	} else if (mxa_str_is(key, "list")) {
		take_field(k, MXA_STR("List-Id:<talk.lists.example.org>"));
		take_field(
		    k, MXA_STR("List-Post:<mailto:talk@lists.example.org>"));
	} else {
		return false;
	}
	return true;
}

/* --- methods --- */

static void take_spf(
    struct maker *k, struct mxa_spf_verdict *out, struct mxa_str v)
{
	struct mxa_str result = cut(&v, ':');

	out->result = (enum mxa_spf_result)index_of(
	    result, spf_name, MXA_SPF_PERMERROR + 1, "spf");
	out->domain = cut(&v, ':');
	out->mechanism = v;
	out->sender = mxa_str_from(
	    mxa_arena_printf(k->a, "u@%.*s", MXA_STR_ARG(out->domain)));
	out->record_domain = out->domain;
	out->reason.text = mxa_str_from(
	    mxa_arena_printf(k->a, "spf says %.*s", MXA_STR_ARG(result)));
}

static void take_dkim(struct maker *k, struct mxa_str v)
{
	struct mxa_dkim_verdict *d = &k->t->verdict.dkim;
	struct mxa_str head = cut(&v, ':');
	struct mxa_str result = cut(&head, '/');
	struct mxa_dkim_sig *s;

	if (d->sig == NULL)
		d->sig = mxa_arena_calloc(k->a, 20, sizeof(*d->sig));
	ck_assert_uint_lt(d->n, 20);
	s = &d->sig[d->n];
	s->result = (enum mxa_dkim_result)index_of(
	    result, dkim_name, MXA_DKIM_PERMERROR + 1, "dkim");
	if (head.len > 0) {
		s->cause = (enum mxa_dkim_cause)index_of(
		    head, cause_name, MXA_DKIM_NOT_TRIED + 1, "dkim cause");
		s->reason.text = mxa_str_from(mxa_arena_printf(
		    k->a, "dkim says %.*s", MXA_STR_ARG(head)));
	}
	s->domain = cut(&v, ':');
	s->selector = v.len > 0 ? v : MXA_STR("s1");
	if (s->domain.len > 0)
		s->identity = mxa_str_from(
		    mxa_arena_printf(k->a, "@%.*s", MXA_STR_ARG(s->domain)));
	s->algorithm = MXA_STR("rsa-sha256");
	s->b = mxa_str_from(mxa_arena_printf(k->a, "AbCdEf1%zu", d->n));
	s->rules = s->result == MXA_DKIM_POLICY ? head : MXA_STR_NONE;
	s->body =
	    s->cause == MXA_DKIM_BODY ? MXA_BODY_DIFFERS : MXA_BODY_MATCHES;
	s->signed_at = -1;
	s->field = d->n++;
}

static void take_arc(struct maker *k, struct mxa_str v)
{
	struct mxa_arc_verdict *arc = &k->t->verdict.arc;
	struct mxa_str sealers;

	arc->evaluated = true;
	arc->result = (enum mxa_arc_result)index_of(
	    cut(&v, ':'), arc_name, MXA_ARC_FAIL + 1, "arc");
	arc->reason.text = MXA_STR("arc says so");
	arc->set = mxa_arena_calloc(k->a, 8, sizeof(*arc->set));
	for (sealers = cut(&v, ':'); sealers.len > 0;) {
		ck_assert_uint_lt(arc->n, 8);
		arc->set[arc->n].seal_domain = cut(&sealers, ',');
		arc->set[arc->n++].seal_selector = MXA_STR("arc");
	}
	arc->trusted = mxa_str_is(v, "trusted");
	if (arc->trusted)
		arc->trusted_sealer = arc->set[arc->n - 1].seal_domain;
}

static void take_flag(struct mxa_dmarc_domain *d, struct mxa_str flag)
{
	struct mxa_str key = cut(&flag, '=');

	if (mxa_str_is(key, "t")) {
		d->testing = true;
		if (d->policy > MXA_POLICY_NONE)
			d->policy--;
	} else if (mxa_str_is(key, "sp")) {
		d->tag = MXA_TAG_SP;
	} else if (mxa_str_is(key, "np")) {
		d->tag = MXA_TAG_NP;
	} else if (mxa_str_is(key, "nx")) {
		d->nonexistent = true;
	} else if (mxa_str_is(key, "spf")) {
		d->spf_aligned = true;
	} else if (mxa_str_is(key, "dkim")) {
		d->dkim_aligned = true;
	} else if (mxa_str_is(key, "org")) {
		d->organizational = flag;
	} else {
		ck_assert_msg(
		    mxa_str_is(key, "at"), "dmarc flag %.*s", MXA_STR_ARG(key));
		d->record_domain = flag;
	}
}

static const struct mxa_dmarc_record *record_of(
    struct mxa_arena *a, enum mxa_dmarc_policy p)
{
	struct mxa_dmarc_record *r = mxa_arena_alloc(a, sizeof(*r));

	mxa_dmarc_record_parse(mxa_str_from(mxa_arena_printf(a,
				   "v=DMARC1; p=%s", mxa_dmarc_policy_name(p))),
	    r);
	return r;
}

/* The published tag is the given policy, before flag t lowers it. */
static void take_dmarc(struct maker *k, struct mxa_str v)
{
	struct mxa_dmarc_verdict *dm = &k->t->verdict.dmarc;
	struct mxa_authors *au = &k->t->verdict.authors;
	struct mxa_dmarc_domain *d = &dm->domain[dm->n];

	ck_assert_uint_lt(dm->n, MXA_MAX_AUTHORS);
	d->result = (enum mxa_dmarc_result)index_of(
	    cut(&v, ':'), dmarc_name, MXA_DMARC_PERMERROR + 1, "dmarc");
	d->author = cut(&v, ':');
	d->organizational = d->author;
	d->reason.text = mxa_str_from(mxa_arena_printf(
	    k->a, "dmarc says %s", mxa_dmarc_result_name(d->result)));
	if (v.len > 0) {
		d->published = (enum mxa_dmarc_policy)index_of(
		    cut(&v, ':'), policy_name, MXA_POLICY_REJECT + 1, "policy");
		d->policy = d->published;
		d->record_domain = d->author;
		d->record = record_of(k->a, d->published);
	}
	while (v.len > 0)
		take_flag(d, cut(&v, ','));
	au->domain[au->n++] = d->author;
	au->addresses++;
	au->fields = 1;
	dm->n++;
}

static void take_from(struct maker *k, struct mxa_str v)
{
	struct mxa_authors *au = &k->t->verdict.authors;

	if (mxa_str_is(v, "none")) {
		au->fields = 0;
	} else if (mxa_str_is(v, "twice")) {
		au->fields = 2;
	} else if (mxa_str_is(v, "more")) {
		au->more = true;
		return;
	} else if (mxa_str_is(v, "unreadable")) {
		au->fields = 1;
	} else if (mxa_str_is(v, "damaged")) {
		au->damaged = 1;
		au->damage = MXA_STR("bank.example<U+00A0>");
	} else {
		ck_assert_msg(
		    mxa_str_is(v, "malformed"), "from=%.*s", MXA_STR_ARG(v));
	}
	au->malformed = true;
	au->reason.text = MXA_STR("the From field is broken");
}

static bool take_verdict(struct maker *k, struct mxa_str key, struct mxa_str v)
{
	struct mxa_verdict *out = &k->t->verdict;

	if (mxa_str_is(key, "spf")) {
		take_spf(k, &out->spf, v);
	} else if (mxa_str_is(key, "helo-spf")) {
		take_spf(k, &out->helo, v);
		out->helo.identity = MXA_SPF_HELO;
		out->helo_checked = true;
	} else if (mxa_str_is(key, "local")) {
		out->spf.used_local_part = true;
	} else if (mxa_str_is(key, "dkim")) {
		take_dkim(k, v);
	} else if (mxa_str_is(key, "untried")) {
		out->dkim.untried = number(v);
	} else if (mxa_str_is(key, "arc")) {
		take_arc(k, v);
	} else if (mxa_str_is(key, "dmarc")) {
		take_dmarc(k, v);
	} else if (mxa_str_is(key, "from")) {
		take_from(k, v);
	} else if (mxa_str_is(key, "iprev")) {
		out->iprev.result = (enum mxa_iprev_result)index_of(
		    cut(&v, ':'), iprev_name, MXA_IPREV_PERMERROR + 1, "iprev");
		out->iprev.name = v;
	} else {
		return false;
	}
	return true;
}

/* --- all of it --- */

/* fail, temperror, permerror, none, pass (spec/dmarc.md section 1.4) */
static int badness(enum mxa_dmarc_result r)
{
	switch (r) {
	case MXA_DMARC_FAIL:
		return 4;
	case MXA_DMARC_TEMPERROR:
		return 3;
	case MXA_DMARC_PERMERROR:
		return 2;
	case MXA_DMARC_NONE:
		return 1;
	case MXA_DMARC_PASS:
		break;
	}
	return 0;
}

static void finish_dmarc(struct mxa_dmarc_verdict *dm)
{
	for (size_t i = 0; i < dm->n; i++) {
		if (badness(dm->domain[i].result) >
		    badness(dm->domain[dm->worst].result))
			dm->worst = i;
		if (dm->domain[i].result == MXA_DMARC_FAIL &&
		    dm->domain[i].policy > dm->policy)
			dm->policy = dm->domain[i].policy;
	}
	if (dm->n > 0)
		dm->result = dm->domain[dm->worst].result;
}

void test_txn(struct mxa_arena *a, const char *words, struct mxa_txn *out)
{
	struct maker k = { .a = a, .t = out };
	struct mxa_str rest = mxa_str_from(words);

	*out = (struct mxa_txn){ .ms = 38 };
	mxa_msg_init(&out->msg, a);
	mxa_notes_init(&out->verdict.notes, a);
	out->msg.ip = ip_of(MXA_STR("192.0.2.1"));
	out->msg.peer = out->msg.ip;
	out->msg.helo = MXA_STR("h.example.net");
	out->msg.queue_id = MXA_STR("4XyZabc");
	out->msg.receiver = MXA_STR("mx.example.jp");
	out->msg.received = 1795248000; /* 2026-11-21T08:00:00Z */
	mxa_msg_set_mail_from(&out->msg, a, MXA_STR("u@bounce.example.com"));
	out->verdict.spf.reason.text = MXA_STR("no SPF record");
	while (rest.len > 0) {
		struct mxa_str value = cut(&rest, ' ');
		struct mxa_str key;

		if (value.len == 0)
			continue;
		key = cut(&value, '=');
		ck_assert_msg(take_message(&k, key, value) ||
			take_verdict(&k, key, value),
		    "unknown word \"%.*s\" in: %s", MXA_STR_ARG(key), words);
	}
	if (out->msg.mail_from.len == 0)
		out->verdict.spf.identity = MXA_SPF_HELO;
	if (!k.rcpt_given)
		mxa_msg_add_rcpt(&out->msg, a, MXA_STR("bob@example.jp"));
	finish_dmarc(&out->verdict.dmarc);
}
