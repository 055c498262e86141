/* decide.c - from findings to an action.
 *
 * For each recipient and each author domain there is one ruling (policy/
 * rules.h).  Under it every cause that applies wants an action; the strictest
 * is taken.  Over author domains the strictest counts always, since a sender
 * chooses how many there are; over recipients as the configuration says. */
#include "policy/decide.h"

#include "base/arena.h"
#include "base/domain.h"
#include "conf/conf.h"
#include "policy/grounds.h"
#include "policy/override.h"
#include "policy/refusal.h"
#include "policy/rule_subject.h"
#include "policy/rules.h"

/* --- what the profiles want --- */

/* Monitor is what standard would do, and then no more than a tag. */
static const enum mxa_action_kind profile_action[][MXA_CAUSES] = {
	[MXA_PROFILE_STANDARD] = {
		[MXA_CAUSE_DMARC_REJECT] = MXA_ACT_REJECT,
		[MXA_CAUSE_DMARC_QUARANTINE] = MXA_ACT_TAG,
		[MXA_CAUSE_NO_AUTHOR] = MXA_ACT_REJECT,
		[MXA_CAUSE_MALFORMED_FROM] = MXA_ACT_TAG,
		[MXA_CAUSE_DKIM_REQUIRED] = MXA_ACT_TAG,
		[MXA_CAUSE_UNAUTHENTICATED] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_NO_MAIL] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_SPF_FAIL] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_SPF_PERMERROR] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_SPF_SOFTFAIL] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_HELO_FAIL] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_DMARC_NONE] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_TEMPERROR] = MXA_ACT_TAG,
	},
	[MXA_PROFILE_STRICT] = {
		[MXA_CAUSE_DMARC_REJECT] = MXA_ACT_REJECT,
		[MXA_CAUSE_DMARC_QUARANTINE] = MXA_ACT_QUARANTINE,
		[MXA_CAUSE_NO_AUTHOR] = MXA_ACT_REJECT,
		[MXA_CAUSE_MALFORMED_FROM] = MXA_ACT_REJECT,
		[MXA_CAUSE_DKIM_REQUIRED] = MXA_ACT_TAG,
		[MXA_CAUSE_UNAUTHENTICATED] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_NO_MAIL] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_SPF_FAIL] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_SPF_PERMERROR] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_SPF_SOFTFAIL] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_HELO_FAIL] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_DMARC_NONE] = MXA_ACT_ACCEPT,
		[MXA_CAUSE_TEMPERROR] = MXA_ACT_TAG,
	},
};

static enum mxa_action_kind wanted_action(
    const struct mxa_ruling *r, enum mxa_cause cause)
{
	enum mxa_profile p = r->profile == MXA_PROFILE_MONITOR
	    ? MXA_PROFILE_STANDARD
	    : r->profile;

	if (r->action[cause] != MXA_RULE_UNSET)
		return (enum mxa_action_kind)r->action[cause];
	return profile_action[p][cause];
}

enum mxa_action_kind mxa_decide_wanted(
    const struct mxa_ruling *r, enum mxa_cause cause)
{
	return wanted_action(r, cause);
}

/* --- which causes apply --- */

/* A signature of the author's own name, one above or one below it, with that
 * result.  Where DMARC found a policy, alignment knows better. */
static bool author_sig(const struct mxa_facts *f, enum mxa_dkim_result result)
{
	for (size_t i = 0; f->author != NULL && i < f->v->dkim.n; i++) {
		const struct mxa_dkim_sig *s = &f->v->dkim.sig[i];

		if (s->result == result && mxa_domain_labels(s->domain) > 1 &&
		    mxa_domain_related(s->domain, f->author->author))
			return true;
	}
	return false;
}

static bool dmarc_result(const struct mxa_facts *f, enum mxa_dmarc_result r)
{
	return f->author != NULL && f->author->result == r;
}

/* Policy that a failing author asks for.  With more author domains than are
 * evaluated nobody knows the others: at least quarantine, else the strictest
 * seen (RFC 9989 section 11.5). */
static enum mxa_dmarc_policy failing_policy(const struct mxa_facts *f)
{
	enum mxa_dmarc_policy p = MXA_POLICY_QUARANTINE;

	if (!f->v->authors.more)
		return f->author->policy;
	for (size_t i = 0; i < f->v->dmarc.n; i++)
		if (f->v->dmarc.domain[i].policy > p)
			p = f->v->dmarc.domain[i].policy;
	return p;
}

static bool dmarc_fails_under(
    const struct mxa_facts *f, enum mxa_dmarc_policy policy)
{
	return f->author != NULL &&
	    (f->author->result == MXA_DMARC_FAIL || f->v->authors.more) &&
	    failing_policy(f) == policy;
}

static bool is_authenticated(const struct mxa_facts *f)
{
	return f->v->spf.result == MXA_SPF_PASS ||
	    mxa_sig_any(&f->v->dkim, MXA_DKIM_PASS);
}

static bool author_signed(const struct mxa_facts *f)
{
	return f->author != NULL &&
	    (f->author->dkim_aligned || author_sig(f, MXA_DKIM_PASS));
}

static bool dns_trouble(const struct mxa_facts *f)
{
	return f->v->spf.result == MXA_SPF_TEMPERROR ||
	    mxa_sig_any(&f->v->dkim, MXA_DKIM_TEMPERROR);
}

static bool is_wanted(const struct mxa_ruling *r, enum mxa_cause cause)
{
	return wanted_action(r, cause) > MXA_ACT_ACCEPT;
}

bool mxa_decide_asks_spf(const struct mxa_ruling *r)
{
	return is_wanted(r, MXA_CAUSE_SPF_FAIL) ||
	    is_wanted(r, MXA_CAUSE_SPF_SOFTFAIL) ||
	    is_wanted(r, MXA_CAUSE_SPF_PERMERROR) ||
	    is_wanted(r, MXA_CAUSE_NO_MAIL);
}

/* Whether DNS trouble could change the answer: a cause depends on it for which
 * more than acceptance is configured, or the policy is not known.  A domain
 * with p=none is treated like one without a record (RFC 9989 section 5.4). */
static bool temperror_matters(
    const struct mxa_facts *f, const struct mxa_ruling *r)
{
	static const enum mxa_cause of_policy[] = {
		[MXA_POLICY_NONE] = MXA_CAUSE_DMARC_NONE,
		[MXA_POLICY_QUARANTINE] = MXA_CAUSE_DMARC_QUARANTINE,
		[MXA_POLICY_REJECT] = MXA_CAUSE_DMARC_REJECT,
	};

	if (dmarc_result(f, MXA_DMARC_TEMPERROR) &&
	    (f->author->record == NULL ||
		wanted_action(r, of_policy[f->author->policy]) >
		    MXA_ACT_ACCEPT))
		return true;
	if (r->dkim_required && !author_signed(f) &&
	    author_sig(f, MXA_DKIM_TEMPERROR))
		return true;
	if (f->v->spf.result == MXA_SPF_TEMPERROR && mxa_decide_asks_spf(r))
		return true;
	if (is_authenticated(f) || !dns_trouble(f))
		return false;
	return !dmarc_result(f, MXA_DMARC_FAIL) ||
	    wanted_action(r, MXA_CAUSE_UNAUTHENTICATED) > MXA_ACT_ACCEPT;
}

/* No domain at all, or a damaged one that has more readings than are evaluated:
 * the author may be among the others. */
static bool no_author(const struct mxa_facts *f)
{
	const struct mxa_authors *au = &f->v->authors;

	return au->n == 0 || (au->damage.len > 0 && au->more);
}

/* SPF of the null sender is SPF of HELO. */
static bool helo_fails(const struct mxa_verdict *v)
{
	return (v->helo_checked && v->helo.result == MXA_SPF_FAIL) ||
	    (v->spf.identity == MXA_SPF_HELO && v->spf.result == MXA_SPF_FAIL);
}

static bool cause_applies(
    const struct mxa_facts *f, const struct mxa_ruling *r, enum mxa_cause cause)
{
	switch (cause) {
	case MXA_CAUSE_DMARC_REJECT:
		return dmarc_fails_under(f, MXA_POLICY_REJECT);
	case MXA_CAUSE_DMARC_QUARANTINE:
		return dmarc_fails_under(f, MXA_POLICY_QUARANTINE);
	case MXA_CAUSE_DMARC_NONE:
		return dmarc_fails_under(f, MXA_POLICY_NONE);
	case MXA_CAUSE_NO_AUTHOR:
		return no_author(f);
	case MXA_CAUSE_MALFORMED_FROM:
		return f->v->authors.malformed || f->v->authors.n == 0;
	case MXA_CAUSE_DKIM_REQUIRED:
		return r->dkim_required && !author_signed(f) &&
		    !author_sig(f, MXA_DKIM_TEMPERROR);
	case MXA_CAUSE_UNAUTHENTICATED:
		return !is_authenticated(f) && !dns_trouble(f);
	case MXA_CAUSE_SPF_FAIL:
		return f->v->spf.result == MXA_SPF_FAIL;
	case MXA_CAUSE_SPF_SOFTFAIL:
		return f->v->spf.result == MXA_SPF_SOFTFAIL;
	case MXA_CAUSE_SPF_PERMERROR:
		return f->v->spf.result == MXA_SPF_PERMERROR;
	case MXA_CAUSE_HELO_FAIL:
		return helo_fails(f->v);
	case MXA_CAUSE_NO_MAIL:
		return f->v->no_mail != MXA_NO_MAIL_UNSAID;
	case MXA_CAUSE_TEMPERROR:
		return temperror_matters(f, r);
	case MXA_CAUSE_NOTHING:
		break;
	}
	return false;
}

/* --- one author under one ruling --- */

struct want {
	enum mxa_action_kind kind;
	enum mxa_cause cause;
	struct mxa_str rule;
	enum mxa_ground ground; /* what turned it, or NONE */
};

/* RFC 9989 section 7.4: p=reject alone is no reason to reject.  In standard,
 * unless the operator has said what to do, signs of indirect mail turn it into
 * quarantine. */
static struct want want_dmarc_reject(
    const struct mxa_facts *f, const struct mxa_ruling *r)
{
	struct want w = { wanted_action(r, MXA_CAUSE_DMARC_REJECT),
		MXA_CAUSE_DMARC_REJECT, r->action_at[MXA_CAUSE_DMARC_REJECT],
		MXA_GROUND_NONE };

	if (r->profile == MXA_PROFILE_STRICT ||
	    r->action[MXA_CAUSE_DMARC_REJECT] != MXA_RULE_UNSET)
		return w;
	w.ground = mxa_ground_first(f, MXA_GROUND_INDIRECT);
	if (w.ground != MXA_GROUND_NONE) {
		w.kind = wanted_action(r, MXA_CAUSE_DMARC_QUARANTINE);
		w.rule = r->action_at[MXA_CAUSE_DMARC_QUARANTINE];
	}
	return w;
}

/* Where the trust is configured. */
static struct mxa_str trusted_at(
    const struct mxa_facts *f, enum mxa_ground trusted)
{
	if (trusted == MXA_GROUND_SEALER)
		return f->conf->sealers_at;
	return f->conf->forwarders_at;
}

static struct want want_for_cause(const struct mxa_facts *f,
    const struct mxa_ruling *r, enum mxa_cause cause, enum mxa_ground trusted)
{
	struct want w = { wanted_action(r, cause), cause, r->action_at[cause],
		MXA_GROUND_NONE };

	if (cause == MXA_CAUSE_DMARC_REJECT)
		w = want_dmarc_reject(f, r);
	if (cause == MXA_CAUSE_DKIM_REQUIRED &&
	    r->action[cause] == MXA_RULE_UNSET)
		w.rule = r->dkim_required_at;
	/* A trusted host answers for every result of authentication, but not
	 * for a From that cannot be read. */
	if (trusted != MXA_GROUND_NONE && w.kind > MXA_ACT_ACCEPT &&
	    cause != MXA_CAUSE_NO_AUTHOR && cause != MXA_CAUSE_MALFORMED_FROM)
		return (struct want){ MXA_ACT_ACCEPT, cause,
			trusted_at(f, trusted), trusted };
	return w;
}

static struct want strictest_want(
    const struct mxa_facts *f, const struct mxa_ruling *r)
{
	enum mxa_ground trusted = mxa_ground_first(f, MXA_GROUND_TRUSTED);
	struct want best = { MXA_ACT_ACCEPT, MXA_CAUSE_NOTHING, r->profile_at,
		MXA_GROUND_NONE };

	if (r->exempt) {
		best.rule = r->exempt_at;
		return best;
	}
	/* worst cause first, so that the worst of equals is named */
	for (int c = 0; c < MXA_CAUSES; c++) {
		struct want w;

		if (!cause_applies(f, r, (enum mxa_cause)c))
			continue;
		w = want_for_cause(f, r, (enum mxa_cause)c, trusted);
		/* an acceptance that is not configured decides nothing */
		if (w.kind == MXA_ACT_ACCEPT && w.ground == MXA_GROUND_NONE &&
		    r->action[c] == MXA_RULE_UNSET)
			continue;
		if (best.cause == MXA_CAUSE_NOTHING || w.kind > best.kind)
			best = w;
	}
	return best;
}

static void judge_facts(const struct mxa_facts *f, const struct mxa_ruling *r,
    struct mxa_action *out)
{
	struct want w = strictest_want(f, r);

	*out = (struct mxa_action){
		.kind = w.kind,
		.would = w.kind,
		.cause = w.cause,
		.profile = r->profile,
		.rule = w.rule,
	};
	if (r->profile == MXA_PROFILE_MONITOR && out->kind > MXA_ACT_TAG) {
		out->kind = MXA_ACT_TAG;
		out->rule = r->profile_at;
	}
	/* the tag says dis=quarantine, so that delivery can still file it */
	if (out->kind == MXA_ACT_QUARANTINE && f->msg->no_quarantine)
		out->kind = MXA_ACT_TAG;
	out->turned = w.ground;
	mxa_override_settle(f, r, out);
}

/* --- all of them --- */

/* Above 0: 'a' is stricter than 'b'. */
static int compare_actions(
    const struct mxa_action *a, const struct mxa_action *b)
{
	if (a->kind != b->kind)
		return (int)a->kind - (int)b->kind;
	if (a->would != b->would)
		return (int)a->would - (int)b->would;
	return (int)b->cause - (int)a->cause;
}

/* What the rules say for one recipient ('rcpt' empty: any): the strictest over
 * the author domains. */
static void for_recipient(const struct mxa_facts *facts, size_t n,
    const struct mxa_rule_subject *subject, struct mxa_str rcpt,
    struct mxa_action *out)
{
	struct mxa_rule_subject s = *subject;

	s.rcpt = rcpt;
	for (size_t i = 0; i < n; i++) {
		const struct mxa_facts *f = &facts[i];
		struct mxa_action act;
		struct mxa_ruling r;

		s.author = f->author ? f->author->author : MXA_STR_NONE;
		mxa_ruling_find(f->conf, &s, &r);
		judge_facts(f, &r, &act);
		act.author = f->author ? i : MXA_MAX_AUTHORS;
		if (i == 0 || compare_actions(&act, out) > 0)
			*out = act;
	}
}

static bool actions_differ(
    const struct mxa_action *a, const struct mxa_action *b)
{
	return compare_actions(a, b) != 0 || a->profile != b->profile ||
	    !mxa_str_eq(a->rule, b->rule);
}

static void for_all_recipients(const struct mxa_conf *conf,
    const struct mxa_facts *facts, size_t n,
    const struct mxa_rule_subject *subject, struct mxa_action *out)
{
	const struct mxa_msg *msg = facts[0].msg;
	bool mildest = conf->recipients == MXA_RCPT_MILDEST;
	bool by_rcpt = mxa_rules_look_at(conf->rules, MXA_RULE_RECIPIENT);
	bool differed = false;
	size_t i = 0;

	/* Recipients beyond those remembered count as any. */
	if (!by_rcpt || msg->n_rcpt == 0 || msg->n_rcpt_seen > msg->n_rcpt)
		for_recipient(facts, n, subject, MXA_STR_NONE, out);
	else
		for_recipient(facts, n, subject, msg->rcpt[i++], out);
	for (; by_rcpt && i < msg->n_rcpt; i++) {
		struct mxa_action act;
		int stricter;

		for_recipient(facts, n, subject, msg->rcpt[i], &act);
		differed = differed || actions_differ(&act, out);
		stricter = compare_actions(&act, out);
		if (mildest ? stricter < 0 : stricter > 0)
			*out = act;
	}
	if (differed)
		out->merge = mildest ? MXA_MERGE_MILDEST : MXA_MERGE_STRICTEST;
}

static void exempt_action(const struct mxa_conf *conf,
    const struct mxa_msg *msg, struct mxa_action *out)
{
	struct mxa_rule_subject s = { .ip = &msg->ip, .now = msg->received };
	struct mxa_ruling r;

	mxa_ruling_find(conf, &s, &r);
	*out = (struct mxa_action){
		.kind = MXA_ACT_ACCEPT,
		.would = MXA_ACT_ACCEPT,
		.cause = MXA_CAUSE_NOTHING,
		.profile = r.profile,
		.rule = r.exempt ? r.exempt_at : r.profile_at,
		.author = MXA_MAX_AUTHORS,
	};
}

/* Postfix shows at most 100 bytes of the reason; a domain that does not fit is
 * left out, cut it would be another one. */
#define MAX_QUARANTINE_DOMAIN 60

/* "mxauth: dmarc-reject for example.com" */
static struct mxa_str quarantine_reason(struct mxa_arena *a,
    const struct mxa_facts *f, const struct mxa_action *act)
{
	struct mxa_str domain =
	    f->author ? mxa_reply_domain(f->author->author) : MXA_STR_NONE;

	if (domain.len == 0 || domain.len > MAX_QUARANTINE_DOMAIN)
		return mxa_str_from(mxa_arena_printf(
		    a, "mxauth: %s", mxa_cause_name(act->cause)));
	return mxa_str_from(mxa_arena_printf(a, "mxauth: %s for %.*s",
	    mxa_cause_name(act->cause), MXA_STR_ARG(domain)));
}

/* Grounds say nothing about a broken From or a silent DNS. */
static bool speaks_of_authentication(const struct mxa_action *act)
{
	switch (act->cause) {
	case MXA_CAUSE_NOTHING:
	case MXA_CAUSE_NO_AUTHOR:
	case MXA_CAUSE_MALFORMED_FROM:
	case MXA_CAUSE_TEMPERROR:
		return act->override != MXA_OVERRIDE_NONE &&
		    act->override != MXA_OVERRIDE_OTHER;
	case MXA_CAUSE_DMARC_REJECT:
	case MXA_CAUSE_DMARC_QUARANTINE:
	case MXA_CAUSE_DKIM_REQUIRED:
	case MXA_CAUSE_UNAUTHENTICATED:
	case MXA_CAUSE_NO_MAIL:
	case MXA_CAUSE_SPF_FAIL:
	case MXA_CAUSE_SPF_PERMERROR:
	case MXA_CAUSE_SPF_SOFTFAIL:
	case MXA_CAUSE_HELO_FAIL:
	case MXA_CAUSE_DMARC_NONE:
		break;
	}
	return true;
}

void mxa_decide(const struct mxa_conf *conf, const struct mxa_msg *msg,
    const struct mxa_verdict *v, struct mxa_arena *a, struct mxa_action *out)
{
	struct mxa_facts facts[MXA_MAX_AUTHORS];
	const struct mxa_facts *f = &facts[0];
	struct mxa_rule_subject subject;
	size_t n = v->dmarc.n;

	if (msg->exempt != MXA_EXEMPT_NO) {
		exempt_action(conf, msg, out);
		return;
	}
	if (n == 0)
		mxa_facts_init(&facts[n++], conf, msg, v, NULL);
	else
		for (size_t i = 0; i < n; i++)
			mxa_facts_init(
			    &facts[i], conf, msg, v, &v->dmarc.domain[i]);
	mxa_rule_subject_init(&subject, conf, msg, v, a);
	for_all_recipients(conf, facts, n, &subject, out);
	if (out->author < n)
		f = &facts[out->author];
	if (speaks_of_authentication(out))
		out->n_grounds = mxa_grounds_collect(f, out->ground);
	if (out->turned == MXA_GROUND_SEALER)
		out->override_comment = mxa_override_arc_comment(a, &v->arc);
	if (out->kind == MXA_ACT_QUARANTINE)
		out->quarantine_reason = quarantine_reason(a, f, out);
	if (out->kind == MXA_ACT_DEFER || out->kind == MXA_ACT_REJECT)
		mxa_refusal_write(f, a, out);
}
