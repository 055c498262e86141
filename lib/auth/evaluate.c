/* evaluate.c - one message through all methods.
 *
 * The order of finish is the order of need: what DMARC is computed from first,
 * evidence last, so that nothing of minor weight uses up the deadline of what
 * decides.  As soon as the rest merely informs, the message is in a hurry
 * (struct mxa_needs). */
#include "auth/evaluate.h"

#include "auth/arc.h"
#include "auth/dmarc.h"
#include "auth/iprev.h"
#include "auth/no_mail.h"
#include "auth/sig/body.h"
#include "auth/spf/plan.h"
#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "mail/message.h"
#include "mail/taglist.h"

struct mxa_eval {
	struct mxa_engine_env env;
	const struct mxa_msg *msg;
	void *dkim;   /* NULL once finished or cancelled */
	void *arc;    /* the same; NULL when ARC is off */
	bool at_body; /* eoh has been called */
	struct mxa_authors authors;
	bool authors_read; /* of the From fields that were there then */

	/* during finish */
	const struct mxa_needs *needs; /* NULL: everything */
	bool sender_checked;
	struct mxa_spf_verdict spf; /* of the sender, then */
};

/* --- SPF's questions --- */

static bool null_sender(const struct mxa_msg *msg)
{
	return msg->mail_from.len == 0;
}

/* RFC 7208 section 2.4: the null sender is postmaster at the HELO name. */
static struct mxa_spf_query mail_from_query(const struct mxa_msg *msg)
{
	struct mxa_spf_query q = { .ip = msg->ip,
		.identity = MXA_SPF_MAILFROM,
		.local = msg->mail_local,
		.domain = msg->mail_domain,
		.helo = msg->helo,
		.receiver = msg->receiver };

	if (null_sender(msg)) {
		q.identity = MXA_SPF_HELO;
		q.local = MXA_STR("postmaster");
		q.domain = msg->helo;
	}
	return q;
}

static struct mxa_spf_query helo_query(const struct mxa_msg *msg)
{
	return (struct mxa_spf_query){ .ip = msg->ip,
		.identity = MXA_SPF_HELO,
		.local = MXA_STR("postmaster"),
		.domain = msg->helo,
		.helo = msg->helo,
		.receiver = msg->receiver,
		.share = MXA_SHARE_OTHER };
}

static bool checks_helo(const struct mxa_eval *ev)
{
	return ev->env.options->check_helo && !null_sender(ev->msg) &&
	    ev->msg->ip.family != 0;
}

/* --- while the message arrives --- */

struct mxa_eval *mxa_eval_begin(
    const struct mxa_engine_env *env, const struct mxa_msg *msg)
{
	struct mxa_eval *ev = mxa_arena_calloc(env->arena, 1, sizeof(*ev));

	ev->env = *env;
	ev->msg = msg;
	/* What DKIM and ARC both want to know of the body is hashed once. */
	if (env->options->arc)
		ev->env.bodies = mxa_bodies_new(env->arena);
	ev->dkim = env->options->dkim_engine->begin(&ev->env, &msg->headers);
	if (env->options->arc)
		ev->arc = mxa_arc_begin(&ev->env, &msg->headers);
	return ev;
}

void mxa_eval_envelope(struct mxa_eval *ev)
{
	struct mxa_spf_query q;

	if (ev->msg->ip.family == 0)
		return;
	q = mail_from_query(ev->msg);
	mxa_spf_plan_start(&ev->env, &q);
	mxa_no_mail_prefetch(&ev->env, q.domain);
	if (checks_helo(ev)) {
		q = helo_query(ev->msg);
		mxa_spf_plan_start(&ev->env, &q);
	}
	if (ev->env.options->check_iprev)
		mxa_iprev_prefetch(&ev->env, &ev->msg->ip);
}

static void read_authors(struct mxa_eval *ev)
{
	mxa_authors_read(ev->env.arena, &ev->msg->headers, &ev->authors);
	ev->authors_read = true;
	for (size_t i = 0; i < ev->authors.n; i++)
		mxa_dmarc_prefetch(&ev->env, ev->authors.domain[i]);
}

void mxa_eval_header(struct mxa_eval *ev, size_t field)
{
	ev->env.options->dkim_engine->header(ev->dkim, field);
	if (ev->arc != NULL)
		mxa_arc_header(ev->arc, field);
	/* One From is what messages have; further ones are read at the end of
	 * the section, all at once. */
	if (!ev->authors_read &&
	    mxa_str_caseis(ev->msg->headers.v[field].name, "From"))
		read_authors(ev);
}

/* d= of a signature as far as it can be read without its engine. */
static struct mxa_str signing_domain(
    struct mxa_arena *a, const struct mxa_field *f)
{
	struct mxa_str domain = MXA_STR_NONE;

	if (!mxa_str_caseis(f->name, "DKIM-Signature") ||
	    mxa_domain_canonical(
		a, mxa_taglist_value(f->value, "d"), &domain) != MXA_OK)
		return MXA_STR_NONE;
	return domain;
}

/* Identifiers that differ from the author may need walks of their own: ask
 * for them now.  Not for signatures when one has the author's very name, which
 * is what usually decides. */
static void prefetch_identifiers(struct mxa_eval *ev)
{
	const struct mxa_headers *h = &ev->msg->headers;
	struct mxa_str domain[MXA_MAX_ALIGN_WALKS];
	struct mxa_str sender;
	size_t n = 0;

	if (mxa_domain_canonical(ev->env.arena, mail_from_query(ev->msg).domain,
		&sender) == MXA_OK)
		mxa_dmarc_prefetch_identifier(&ev->env, &ev->authors, sender);
	for (size_t i = 0; i < h->n && n < MXA_ARRAY_LEN(domain); i++) {
		domain[n] = signing_domain(ev->env.arena, &h->v[i]);
		for (size_t k = 0; k < ev->authors.n; k++)
			if (mxa_str_eq(domain[n], ev->authors.domain[k]))
				return;
		n += domain[n].len > 0;
	}
	for (size_t i = 0; i < n; i++)
		mxa_dmarc_prefetch_identifier(
		    &ev->env, &ev->authors, domain[i]);
}

bool mxa_eval_eoh(struct mxa_eval *ev)
{
	bool dkim, arc;

	ev->at_body = true;
	/* Also without any From: that is a finding, too. */
	if (!ev->authors_read ||
	    ev->authors.fields != mxa_headers_count(&ev->msg->headers, "From"))
		read_authors(ev);
	dkim = ev->env.options->dkim_engine->eoh(ev->dkim, &ev->authors);
	arc = ev->arc != NULL && mxa_arc_eoh(ev->arc);
	prefetch_identifiers(ev);
	return dkim || arc;
}

void mxa_eval_body(struct mxa_eval *ev, const char *p, size_t len)
{
	if (ev->env.bodies != NULL)
		mxa_bodies_feed(ev->env.bodies, p, len);
	ev->env.options->dkim_engine->body(ev->dkim, p, len);
	if (ev->arc != NULL)
		mxa_arc_body(ev->arc, p, len);
}

/* --- the verdict --- */

/* No address, nothing to check: a message read from a file. */
static void spf_without_address(
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	*out = (struct mxa_spf_verdict){ .result = MXA_SPF_NONE,
		.identity = q->identity,
		.domain = MXA_STR(""),
		.sender = MXA_STR(""),
		.mechanism = MXA_STR(""),
		.record_domain = MXA_STR(""),
		.reason = MXA_PHRASE(N_("the client's address is not known")),
		.explanation = MXA_STR("") };
}

/* From here on nothing is asked that the decision needs. */
static void hurry_up(struct mxa_eval *ev)
{
	if (ev->needs != NULL)
		mxa_budget_hurry(ev->env.budget, ev->needs->grace_ms);
}

/* SPF of MAIL FROM; false: not known yet, and 'wait' was not wanted. */
static bool check_sender(struct mxa_eval *ev, bool wait)
{
	const struct mxa_spf_engine *engine = ev->env.options->spf_engine;
	struct mxa_spf_query q = mail_from_query(ev->msg);

	if (ev->sender_checked)
		return true;
	if (ev->msg->ip.family == 0)
		spf_without_address(&q, &ev->spf);
	else if (wait)
		engine->check(&ev->env, &q, &ev->spf);
	else if (!engine->check_now(&ev->env, &q, &ev->spf))
		return false;
	ev->sender_checked = true;
	return true;
}

static void check_helo(struct mxa_eval *ev, struct mxa_verdict *out)
{
	struct mxa_spf_query q = helo_query(ev->msg);

	out->helo_checked = checks_helo(ev);
	if (out->helo_checked)
		ev->env.options->spf_engine->check(&ev->env, &q, &out->helo);
}

static void check_iprev(struct mxa_eval *ev, struct mxa_verdict *out)
{
	if (ev->env.options->check_iprev)
		mxa_iprev_check(&ev->env, &ev->msg->ip, &out->iprev);
}

/* What is left out of a header section makes every signature worthless
 * (distrust_incomplete). */
static bool stands_by_signatures(
    const struct mxa_eval *ev, const struct mxa_dkim_verdict *dkim)
{
	return ev->msg->headers.dropped == 0 &&
	    mxa_dmarc_is_settled(&ev->env, &ev->authors, NULL, dkim);
}

static bool stands_by_sender(const struct mxa_eval *ev)
{
	return ev->sender_checked &&
	    mxa_dmarc_is_settled(&ev->env, &ev->authors, &ev->spf, NULL);
}

/* For the DKIM engine: struct mxa_engine_env. */
static enum mxa_settled dmarc_settled(
    void *ctx, const struct mxa_dkim_verdict *so_far, bool wait)
{
	struct mxa_eval *ev = ctx;
	bool known = check_sender(ev, wait);

	if (!stands_by_sender(ev) && !stands_by_signatures(ev, so_far))
		return known ? MXA_UNSETTLED : MXA_UNKNOWN;
	if (ev->needs != NULL && !ev->needs->keys && (known || !ev->needs->spf))
		hurry_up(ev);
	return MXA_SETTLED;
}

/* A field that was not kept may be one that a signature forbids (more
 * instances than h= names, RFC 6376 section 5.4.2): nothing passes then. */
static void distrust_incomplete(
    const struct mxa_headers *h, struct mxa_dkim_verdict *dkim)
{
	for (size_t i = 0; i < dkim->n && h->dropped > 0; i++) {
		struct mxa_dkim_sig *sig = &dkim->sig[i];

		if (sig->result != MXA_DKIM_PASS)
			continue;
		sig->result = MXA_DKIM_POLICY;
		sig->cause = MXA_DKIM_INCOMPLETE;
		sig->rules =
		    mxa_str_from(mxa_dkim_cause_name(MXA_DKIM_INCOMPLETE));
		sig->reason = MXA_PHRASE(N_(
		    "the header section is larger than what can be checked"));
	}
}

static void finish_dkim(struct mxa_eval *ev, struct mxa_verdict *out)
{
	ev->env.settled = dmarc_settled;
	ev->env.settled_ctx = ev;
	ev->env.options->dkim_engine->finish(ev->dkim, &out->dkim);
	distrust_incomplete(&ev->msg->headers, &out->dkim);
	ev->dkim = NULL;
}

static void finish_sender(struct mxa_eval *ev, struct mxa_verdict *out)
{
	if (ev->needs != NULL && !ev->needs->spf && !check_sender(ev, false) &&
	    stands_by_signatures(ev, &out->dkim))
		hurry_up(ev);
	(void)check_sender(ev, true);
	out->spf = ev->spf;
}

/* A chain vouches for a message only when it vouches for each author that
 * DMARC does not. */
static bool trusted_for_all(const struct mxa_eval *ev,
    const struct mxa_dmarc_verdict *dmarc, struct mxa_arc_verdict *arc)
{
	bool all = false;

	for (size_t i = 0; i < dmarc->n; i++) {
		if (dmarc->domain[i].result != MXA_DMARC_FAIL)
			continue;
		arc->trusted = false;
		mxa_arc_trust(&ev->env, arc, &dmarc->domain[i]);
		all = arc->trusted;
		if (!all)
			break;
	}
	return all;
}

static void finish_arc(struct mxa_eval *ev, struct mxa_verdict *out)
{
	out->arc = (struct mxa_arc_verdict){ .evaluated = ev->arc != NULL };
	if (ev->arc == NULL)
		return;
	mxa_arc_finish(ev->arc, &out->arc);
	ev->arc = NULL;
	mxa_bodies_free(ev->env.bodies);
	ev->env.bodies = NULL;
	if (out->arc.result == MXA_ARC_PASS && ev->msg->headers.dropped > 0) {
		out->arc.result = MXA_ARC_FAIL;
		out->arc.reason = MXA_PHRASE(N_(
		    "the header section is larger than what can be checked"));
	}
	if (out->arc.result != MXA_ARC_PASS)
		return;
	out->arc.trusted = trusted_for_all(ev, &out->dmarc, &out->arc);
	if (!out->arc.trusted)
		out->arc.trusted_sealer = MXA_STR_NONE;
}

static void note_message(const struct mxa_eval *ev, struct mxa_verdict *out)
{
	const struct mxa_headers *h = &ev->msg->headers;

	if (out->authors.malformed)
		mxa_note(&out->notes, N_("from: %p"),
		    (const void *)&out->authors.reason);
	if (h->dropped > 0)
		mxa_note(&out->notes,
		    N_("header: %zu fields beyond the limits were left out"),
		    h->dropped);
	if (h->cut > 0)
		mxa_note(&out->notes,
		    N_("header: %zu fields were cut at the limit of %zu bytes"),
		    h->cut, MXA_MAX_FIELD);
}

/* What a pass does not say by itself. */
static void note_signatures(struct mxa_verdict *out)
{
	for (size_t i = 0; i < out->dkim.n; i++) {
		const struct mxa_dkim_sig *sig = &out->dkim.sig[i];

		if (sig->result != MXA_DKIM_PASS)
			continue;
		if (!sig->covers_subject)
			mxa_note(&out->notes,
			    N_("dkim: the signature of %.*s does not cover the "
			       "Subject"),
			    MXA_STR_ARG(sig->domain));
		if (sig->key_bits > 0 && sig->key_bits < 2048 &&
		    mxa_str_starts(sig->algorithm, MXA_STR("rsa-")))
			mxa_note(&out->notes,
			    N_("dkim: the key of %.*s has only %u bits"),
			    MXA_STR_ARG(sig->domain), sig->key_bits);
		if (sig->testing)
			mxa_note(&out->notes,
			    N_("dkim: the key of %.*s is marked as a test"),
			    MXA_STR_ARG(sig->domain));
	}
	if (out->dkim.untried > 0)
		mxa_note(&out->notes,
		    N_("dkim: %zu further signatures were not looked at"),
		    out->dkim.untried);
}

const struct mxa_authors *mxa_eval_authors(const struct mxa_eval *ev)
{
	return &ev->authors;
}

/* Answers of which a part was left out. */
static void note_answers(struct mxa_eval *ev, struct mxa_verdict *out)
{
	struct mxa_evidence *e;
	size_t n = mxa_budget_evidence(ev->env.budget, ev->env.arena, &e);

	for (size_t i = 0; i < n; i++)
		if (e[i].answer != NULL &&
		    e[i].answer->status == MXA_DNS_DATA &&
		    e[i].answer->detail.len > 0)
			mxa_note(&out->notes, N_("dns: %.*s %s: %.*s"),
			    MXA_STR_ARG(e[i].name),
			    mxa_dns_type_name(e[i].type),
			    MXA_STR_ARG(e[i].answer->detail));
}

void mxa_eval_finish(
    struct mxa_eval *ev, const struct mxa_needs *needs, struct mxa_verdict *out)
{
	bool needs_helo = needs != NULL && needs->helo;
	bool needs_iprev = needs != NULL && needs->iprev;
	bool needs_mx = needs != NULL && needs->mx;

	if (!ev->at_body)
		(void)mxa_eval_eoh(ev);
	ev->needs = needs;
	out->authors = ev->authors;
	note_message(ev, out);
	mxa_dmarc_discover(&ev->env, &ev->authors);
	if (needs_helo)
		check_helo(ev, out);
	if (needs_iprev)
		check_iprev(ev, out);
	finish_dkim(ev, out);
	finish_sender(ev, out);
	if (needs_mx)
		out->no_mail = mxa_no_mail_check(&ev->env, &out->spf);
	note_signatures(out);
	mxa_dmarc_evaluate(&ev->env, &out->authors, &out->spf, &out->dkim,
	    &out->notes, &out->dmarc);
	if (out->dmarc.result == MXA_DMARC_PASS ||
	    out->dmarc.result == MXA_DMARC_NONE)
		hurry_up(ev);
	finish_arc(ev, out);
	hurry_up(ev);
	if (!needs_helo)
		check_helo(ev, out);
	if (!needs_iprev)
		check_iprev(ev, out);
	if (!needs_mx)
		out->no_mail = mxa_no_mail_check(&ev->env, &out->spf);
	note_answers(ev, out);
}

void mxa_eval_cancel(struct mxa_eval *ev)
{
	if (ev->dkim != NULL)
		ev->env.options->dkim_engine->cancel(ev->dkim);
	if (ev->arc != NULL)
		mxa_arc_cancel(ev->arc);
	mxa_bodies_free(ev->env.bodies);
	ev->env.bodies = NULL;
	ev->dkim = ev->arc = NULL;
}

void mxa_evaluate(const struct mxa_engine_env *env, const struct mxa_msg *msg,
    struct mxa_str body, struct mxa_verdict *out)
{
	struct mxa_eval *ev = mxa_eval_begin(env, msg);

	mxa_verdict_begin(out, env->arena);
	mxa_eval_envelope(ev);
	for (size_t i = 0; i < msg->headers.n; i++)
		mxa_eval_header(ev, i);
	if (mxa_eval_eoh(ev))
		mxa_eval_body(ev, body.p, body.len);
	mxa_eval_finish(ev, NULL, out);
}
