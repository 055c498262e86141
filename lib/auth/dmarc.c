/* dmarc.c - DMARC from the results of SPF and DKIM.
 *
 * For each author domain: its record, by the walk (auth/orgdom.h); the
 * identifiers that passed and whether one of them speaks for the author
 * (auth/align.h); the policy that the record has for this name. */
#include "auth/dmarc.h"

#include "auth/align.h"
#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"

struct job {
	const struct mxa_engine_env *env;
	const struct mxa_psl *psl; /* NULL: by tree walk */
	const struct mxa_spf_verdict *spf;
	const struct mxa_dkim_verdict *dkim;
	struct mxa_notes *notes;
	bool result_only; /* the policy of what passes is not looked at */
};

/* One author domain. */
struct author {
	struct mxa_walk walk;
	struct mxa_identifier *id;
	size_t n, cap;
	struct mxa_alignment alignment;
};

static const struct mxa_psl *psl_of(const struct mxa_auth_options *o)
{
	return o->orgdom_mode == MXA_ORGDOM_PSL ? o->psl : NULL;
}

/* --- asking early --- */

void mxa_dmarc_prefetch(const struct mxa_engine_env *env, struct mxa_str author)
{
	const struct mxa_auth_options *o = env->options;

	mxa_walk_prefetch(env->budget, psl_of(o), author);
	/* Nearly always names of the walk, which cost nothing more. */
	if (o->orgdom_mode == MXA_ORGDOM_AUTO && o->psl != NULL)
		mxa_walk_prefetch(env->budget, o->psl, author);
}

/* Organizational domains mostly have two labels or more. */
static bool may_align(struct mxa_str domain, struct mxa_str author)
{
	return mxa_domain_labels(author) >= 2 &&
	    mxa_domain_within(domain, mxa_domain_right(author, 2));
}

void mxa_dmarc_prefetch_identifier(const struct mxa_engine_env *env,
    const struct mxa_authors *authors, struct mxa_str domain)
{
	if (psl_of(env->options) != NULL || domain.len == 0)
		return;
	for (size_t i = 0; i < authors->n; i++)
		if (mxa_str_eq(domain, authors->domain[i]))
			return;
	for (size_t i = 0; i < authors->n; i++)
		if (may_align(domain, authors->domain[i])) {
			mxa_walk_prefetch(env->budget, NULL, domain);
			return;
		}
}

/* --- whether the author domain exists (RFC 9989 section 3.2.13) --- */

enum existence { EXISTS, NONEXISTENT, UNKNOWN };

static enum existence told_by(const struct mxa_dns_answer *answer)
{
	if (answer == NULL || mxa_dns_failed(answer->status))
		return UNKNOWN;
	return answer->status == MXA_DNS_NXDOMAIN ? NONEXISTENT : EXISTS;
}

/* What earlier answers tell: NOERROR for _dmarc.NAME shows that NAME exists
 * too, and any question for NAME itself says it outright. */
static enum existence known_existence(
    const struct mxa_engine_env *env, const struct mxa_walk *w)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_TXT, MXA_DNS_MX,
		MXA_DNS_A, MXA_DNS_AAAA };
	enum existence e = UNKNOWN;

	if (told_by(w->step[0].answer) == EXISTS)
		return EXISTS;
	for (size_t i = 0; i < MXA_ARRAY_LEN(types) && e == UNKNOWN; i++)
		e = told_by(mxa_dns_peek(env->budget, w->start, types[i]));
	return e;
}

/* Whether it makes a difference to the policy of the applied record. */
static bool existence_matters(
    const struct mxa_walk *w, const struct mxa_walk_step *applied)
{
	return applied != NULL && applied->record != NULL &&
	    applied != &w->step[0] && applied->record->has_np &&
	    applied->record->np != applied->record->sp;
}

static void discover_author(
    const struct mxa_engine_env *env, struct mxa_str author)
{
	struct mxa_alignment alignment;
	struct mxa_walk w;

	mxa_walk_begin(env->budget, psl_of(env->options), author, &w);
	if (w.step[0].state == MXA_WALK_RECORD)
		return;
	mxa_walk_complete(env->budget, &w, true);
	mxa_align(&w, NULL, 0, false, &alignment);
	if (existence_matters(&w, alignment.applied) &&
	    known_existence(env, &w) == UNKNOWN)
		mxa_dns_prefetch(
		    env->budget, MXA_SHARE_DMARC, w.start, MXA_DNS_A);
}

void mxa_dmarc_discover(
    const struct mxa_engine_env *env, const struct mxa_authors *authors)
{
	for (size_t i = 0; i < authors->n; i++)
		discover_author(env, authors->domain[i]);
}

static bool is_nonexistent(const struct job *j, const struct mxa_walk *w)
{
	enum existence e = known_existence(j->env, w);

	if (e == UNKNOWN)
		e = told_by(mxa_dns_lookup(
		    j->env->budget, MXA_SHARE_DMARC, w->start, MXA_DNS_A));
	if (e == UNKNOWN)
		mxa_note(j->notes,
		    N_("dmarc: whether %.*s exists is not known, so np is not "
		       "applied"),
		    MXA_STR_ARG(w->start));
	return e == NONEXISTENT;
}

/* A record at the author's name or below it made something pass. */
static bool shown_by_pass(const struct author *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->id[i].passed &&
		    mxa_domain_within(a->id[i].domain, a->walk.start))
			return true;
	return false;
}

/* --- identifiers --- */

static bool is_author(const struct author *a, struct mxa_str domain)
{
	return mxa_str_eq(domain, a->walk.start);
}

/* Before anything is known of organizations: they have a label in common. */
static bool may_share(const struct author *a, struct mxa_str domain)
{
	return mxa_domain_within(domain, mxa_domain_right(a->walk.start, 1));
}

static bool spf_undecided(const struct job *j, const struct author *a)
{
	const struct mxa_dmarc_record *r = a->walk.step[0].record;

	if (j->spf->result != MXA_SPF_PASS &&
	    j->spf->result != MXA_SPF_TEMPERROR)
		return false;
	return !(r && r->strict_spf) && !is_author(a, j->spf->domain) &&
	    may_share(a, j->spf->domain);
}

static bool dkim_undecided(const struct job *j, const struct author *a)
{
	const struct mxa_dmarc_record *r = a->walk.step[0].record;
	bool others = false;

	if (r && r->strict_dkim)
		return false;
	for (size_t i = 0; i < j->dkim->n; i++) {
		const struct mxa_dkim_sig *sig = &j->dkim->sig[i];

		if (sig->result != MXA_DKIM_PASS &&
		    sig->result != MXA_DKIM_TEMPERROR)
			continue;
		if (sig->result == MXA_DKIM_PASS && is_author(a, sig->domain))
			return false;
		others |= may_share(a, sig->domain);
	}
	return others;
}

/* The walk above the author's own record is only waited for when alignment
 * depends on it. */
static void complete_walk(const struct job *j, struct author *a)
{
	bool wait = a->walk.step[0].state != MXA_WALK_RECORD ||
	    spf_undecided(j, a) || dkim_undecided(j, a);

	mxa_walk_complete(j->env->budget, &a->walk, wait);
}

static void add_identifier(const struct job *j, struct author *a, bool dkim,
    bool passed, struct mxa_str domain)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->id[i].dkim == dkim && a->id[i].passed == passed &&
		    mxa_str_eq(a->id[i].domain, domain))
			return;
	a->id =
	    mxa_arena_room(j->env->arena, a->id, a->n, &a->cap, sizeof(*a->id));
	a->id[a->n++] = (struct mxa_identifier){
		.domain = domain, .dkim = dkim, .passed = passed
	};
}

/* Signatures with one result, only those that could align, so that no number
 * of others can crowd them out; and only that of the author's very name when
 * there is one. */
static void add_signatures(
    const struct job *j, struct author *a, enum mxa_dkim_result result)
{
	bool passed = result == MXA_DKIM_PASS;
	size_t most = a->n + MXA_MAX_ALIGN_WALKS;

	for (size_t i = 0; i < j->dkim->n; i++)
		if (j->dkim->sig[i].result == result &&
		    is_author(a, j->dkim->sig[i].domain)) {
			add_identifier(j, a, true, passed, a->walk.start);
			return;
		}
	for (size_t i = 0; i < j->dkim->n; i++) {
		struct mxa_str d = j->dkim->sig[i].domain;

		if (j->dkim->sig[i].result != result || !may_share(a, d) ||
		    !mxa_align_possible(&a->walk, d))
			continue;
		if (a->n == most) {
			mxa_note(j->notes,
			    N_("dmarc: not all signatures were compared with "
			       "%.*s"),
			    MXA_STR_ARG(a->walk.start));
			return;
		}
		add_identifier(j, a, true, passed, d);
	}
}

static void add_spf(
    const struct job *j, struct author *a, enum mxa_spf_result result)
{
	struct mxa_str d = j->spf->domain;

	if (j->spf->result == result &&
	    (is_author(a, d) ||
		(may_share(a, d) && mxa_align_possible(&a->walk, d))))
		add_identifier(j, a, false, result == MXA_SPF_PASS, d);
}

/* Whether an identifier's organizational domain can matter. */
static bool to_walk(const struct author *a, const struct mxa_identifier *id)
{
	const struct mxa_dmarc_record *r = a->walk.step[0].record;

	if (id->walked || is_author(a, id->domain))
		return false;
	return r == NULL || !(id->dkim ? r->strict_dkim : r->strict_spf);
}

static void walk_identifiers(const struct job *j, struct author *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (j->psl == NULL && to_walk(a, &a->id[i]))
			mxa_walk_prefetch(
			    j->env->budget, NULL, a->id[i].domain);
	for (size_t i = 0; i < a->n; i++)
		if (to_walk(a, &a->id[i])) {
			mxa_walk_identifier(j->env->budget, j->psl,
			    a->id[i].domain, &a->id[i].walk);
			a->id[i].walked = true;
		}
}

static void align_author(const struct job *j, struct author *a)
{
	bool guard = j->env->options->single_label_guard;

	a->n = 0;
	add_spf(j, a, MXA_SPF_PASS);
	add_signatures(j, a, MXA_DKIM_PASS);
	walk_identifiers(j, a);
	mxa_align(&a->walk, a->id, a->n, guard, &a->alignment);
	if (a->alignment.result != MXA_ALIGN_FAIL)
		return;
	/* Nothing passes: could something have, that was not answered? */
	add_spf(j, a, MXA_SPF_TEMPERROR);
	add_signatures(j, a, MXA_DKIM_TEMPERROR);
	walk_identifiers(j, a);
	mxa_align(&a->walk, a->id, a->n, guard, &a->alignment);
}

/* --- the policy --- */

static enum mxa_dmarc_policy lowered_policy(enum mxa_dmarc_policy p)
{
	switch (p) {
	case MXA_POLICY_NONE:
	case MXA_POLICY_QUARANTINE:
		break;
	case MXA_POLICY_REJECT:
		return MXA_POLICY_QUARANTINE;
	}
	return MXA_POLICY_NONE;
}

/* Section 4.10.1: p for the name that has the record, sp or np below it.  Also
 * where something passes, for policy.dmarc in the header and the reports. */
static void select_policy(
    const struct job *j, const struct author *a, struct mxa_dmarc_domain *out)
{
	const struct mxa_walk_step *step = a->alignment.applied;
	const struct mxa_dmarc_record *r = step->record;

	out->record = mxa_dmarc_record_dup(j->env->arena, r);
	out->record_domain = step->name;
	out->tag = MXA_TAG_P;
	out->published = r->p;
	if (step != &a->walk.step[0]) {
		out->tag = r->has_sp ? MXA_TAG_SP : MXA_TAG_P;
		out->published = r->sp;
	}
	if (existence_matters(&a->walk, step) && !j->result_only &&
	    !shown_by_pass(a))
		out->nonexistent = is_nonexistent(j, &a->walk);
	if (out->nonexistent) {
		out->tag = MXA_TAG_NP;
		out->published = r->np;
	}
	out->policy = out->published;
	/* pct=0 was an earlier way to ask for what t=y asks (appendix A.6). */
	if (r->testing || (j->env->options->honour_pct_zero && r->pct == 0))
		out->policy = lowered_policy(out->published);
	out->testing = out->policy != out->published;
}

/* --- words --- */

#define PHRASE(j, ...) mxa_phrase((j)->env->arena, __VA_ARGS__)

static const struct mxa_walk_step *failed_step(const struct mxa_walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->step[i].state == MXA_WALK_FAILED)
			return &w->step[i];
	return NULL;
}

static struct mxa_phrase reason_open(
    const struct job *j, const struct author *a)
{
	const struct mxa_walk_step *s = failed_step(&a->walk);
	const struct mxa_identifier *id = a->alignment.open;

	if (id != NULL)
		return PHRASE(j,
		    N_("%s for %.*s could not be checked for now, and nothing "
		       "else passes"),
		    id->dkim ? "DKIM" : "SPF", MXA_STR_ARG(id->domain));
	for (size_t i = 0; i < a->n && s == NULL; i++)
		if (a->id[i].walked)
			s = failed_step(&a->id[i].walk);
	if (s == NULL)
		return MXA_PHRASE(N_("the DNS left the result open"));
	return PHRASE(j, N_("no answer for _dmarc.%.*s (%s)"),
	    MXA_STR_ARG(s->name),
	    s->answer ? mxa_dns_status_name(s->answer->status) : "timeout");
}

static struct mxa_phrase reason_none(
    const struct job *j, const struct author *a, bool *unusable)
{
	for (size_t i = 0; i < a->walk.n; i++) {
		if (!a->walk.step[i].several)
			continue;
		*unusable = true;
		return PHRASE(j,
		    N_("%.*s has more than one DMARC record, so none counts"),
		    MXA_STR_ARG(a->walk.step[i].name));
	}
	return PHRASE(
	    j, N_("no DMARC record for %.*s"), MXA_STR_ARG(a->walk.start));
}

static struct mxa_phrase reason_unusable(
    const struct job *j, const struct author *a)
{
	const struct mxa_walk_step *s = a->alignment.applied;
	const struct mxa_dmarc_record *r = s ? s->record : NULL;

	for (size_t i = 0; r != NULL && i < r->n_mistakes; i++)
		if (r->mistake[i].kind == MXA_DMARC_BAD_POLICY)
			return PHRASE(j,
			    N_("the DMARC record of %.*s cannot be used: %.*s: %s"),
			    MXA_STR_ARG(s->name),
			    MXA_STR_ARG(r->mistake[i].tag), r->mistake[i].what);
	return MXA_PHRASE(N_("the DMARC record cannot be used"));
}

/* The topmost signature that passes, for whomever. */
static struct mxa_str passing_signature(const struct job *j)
{
	for (size_t i = 0; i < j->dkim->n; i++)
		if (j->dkim->sig[i].result == MXA_DKIM_PASS)
			return j->dkim->sig[i].domain;
	return MXA_STR_NONE;
}

static struct mxa_phrase reason_fail(
    const struct job *j, const struct author *a)
{
	struct mxa_str d = passing_signature(j);
	struct mxa_str name = a->walk.start;

	if (j->spf->result == MXA_SPF_PASS && d.len > 0)
		return PHRASE(j,
		    N_("SPF passes for %.*s and DKIM for %.*s, but neither is "
		       "aligned with %.*s"),
		    MXA_STR_ARG(j->spf->domain), MXA_STR_ARG(d),
		    MXA_STR_ARG(name));
	if (j->spf->result == MXA_SPF_PASS || d.len > 0)
		return PHRASE(j,
		    N_("%s passes for %.*s only, not aligned with %.*s"),
		    d.len > 0 ? "DKIM" : "SPF",
		    MXA_STR_ARG(d.len > 0 ? d : j->spf->domain),
		    MXA_STR_ARG(name));
	return PHRASE(
	    j, N_("neither SPF nor DKIM passes for %.*s"), MXA_STR_ARG(name));
}

static struct mxa_phrase reason_pass(
    const struct job *j, const struct author *a)
{
	const struct mxa_identifier *by = a->alignment.by;

	return PHRASE(j, N_("%s passes for %.*s"), by->dkim ? "DKIM" : "SPF",
	    MXA_STR_ARG(by->domain));
}

/* --- one author domain --- */

static void conclude_domain(
    const struct job *j, const struct author *a, struct mxa_dmarc_domain *out)
{
	switch (a->alignment.result) {
	case MXA_ALIGN_NO_RECORD:
		out->result = MXA_DMARC_NONE;
		out->reason = reason_none(j, a, &out->unusable);
		return;
	case MXA_ALIGN_UNUSABLE:
		out->result = MXA_DMARC_NONE;
		out->unusable = true;
		out->reason = reason_unusable(j, a);
		return;
	case MXA_ALIGN_PASS:
		out->result = MXA_DMARC_PASS;
		out->reason = reason_pass(j, a);
		break;
	case MXA_ALIGN_FAIL:
		out->result = MXA_DMARC_FAIL;
		out->reason = reason_fail(j, a);
		break;
	case MXA_ALIGN_OPEN:
		out->result = MXA_DMARC_TEMPERROR;
		out->reason = reason_open(j, a);
		break;
	}
	if (a->alignment.applied != NULL &&
	    a->alignment.applied->record->usable)
		select_policy(j, a, out);
}

static void note_walk(const struct job *j, const struct author *a)
{
	for (size_t i = 0; i < a->walk.n; i++)
		if (a->walk.step[i].several)
			mxa_note(j->notes,
			    N_("dmarc: several DMARC records at _dmarc.%.*s, all "
			       "of them ignored"),
			    MXA_STR_ARG(a->walk.step[i].name));
	if (a->alignment.applied != NULL &&
	    a->alignment.applied->record->as_none)
		mxa_note(j->notes,
		    N_("dmarc: the record of %.*s has an invalid policy and "
		       "counts as p=none"),
		    MXA_STR_ARG(a->alignment.applied->name));
	if (a->alignment.guarded)
		mxa_note(j->notes,
		    N_("dmarc: %.*s and another name have only the top-level "
		       "domain %.*s in common, which does not align them here"),
		    MXA_STR_ARG(a->walk.start),
		    MXA_STR_ARG(mxa_domain_right(a->walk.start, 1)));
}

/* Returns whether the single-label guard changed the result. */
static bool evaluate_author(
    const struct job *j, struct mxa_str name, struct mxa_dmarc_domain *out)
{
	struct author a = { .n = 0 };

	*out = (struct mxa_dmarc_domain){ .author = name,
		.organizational = name,
		.record_domain = MXA_STR("") };
	mxa_walk_begin(j->env->budget, j->psl, name, &a.walk);
	if (a.walk.step[0].answer->status == MXA_DNS_BADNAME) {
		out->result = MXA_DMARC_PERMERROR;
		out->reason = PHRASE(
		    j, N_("_dmarc.%.*s is too long a name"), MXA_STR_ARG(name));
		return false;
	}
	complete_walk(j, &a);
	align_author(j, &a);
	out->organizational = a.alignment.org.name;
	out->spf_aligned = a.alignment.spf;
	out->dkim_aligned = a.alignment.dkim;
	conclude_domain(j, &a, out);
	note_walk(j, &a);
	return a.alignment.guarded;
}

/* organizational-domain = auto: what would the public suffix list have said?
 * Its questions are nearly always among those of the walk. */
static bool differs_by_psl(
    const struct job *walked, const struct mxa_dmarc_domain *d)
{
	struct mxa_notes unheard;
	struct mxa_dmarc_domain other;
	struct job j = *walked;

	mxa_notes_init(&unheard, j.env->arena);
	j.notes = &unheard;
	j.psl = j.env->options->psl;
	evaluate_author(&j, d->author, &other);
	if (other.result == d->result && other.policy == d->policy)
		return false;
	mxa_note(walked->notes,
	    N_("dmarc: by the public suffix list %.*s would be %s, policy %s, "
	       "organizational domain %.*s"),
	    MXA_STR_ARG(d->author), mxa_dmarc_result_name(other.result),
	    mxa_dmarc_policy_name(other.policy),
	    MXA_STR_ARG(other.organizational));
	return true;
}

/* --- all of them --- */

static unsigned result_rank(enum mxa_dmarc_result r)
{
	switch (r) {
	case MXA_DMARC_PASS:
		break;
	case MXA_DMARC_NONE:
		return 1;
	case MXA_DMARC_PERMERROR:
		return 2;
	case MXA_DMARC_TEMPERROR:
		return 3;
	case MXA_DMARC_FAIL:
		return 4;
	}
	return 0;
}

static bool domain_worse(
    const struct mxa_dmarc_domain *a, const struct mxa_dmarc_domain *b)
{
	if (result_rank(a->result) != result_rank(b->result))
		return result_rank(a->result) > result_rank(b->result);
	return a->policy > b->policy;
}

/* Section 11.5: the worst result counts, with the strictest policy among those
 * that fail. */
static void combine_results(const struct job *j,
    const struct mxa_authors *authors, struct mxa_dmarc_verdict *out)
{
	struct mxa_dmarc_domain *worst;

	for (size_t i = 0; i < out->n; i++) {
		if (domain_worse(&out->domain[i], &out->domain[out->worst]))
			out->worst = i;
		if (out->domain[i].result == MXA_DMARC_FAIL &&
		    out->domain[i].policy > out->policy)
			out->policy = out->domain[i].policy;
	}
	if (out->n == 0)
		return;
	worst = &out->domain[out->worst];
	out->result = worst->result;
	if (result_rank(worst->result) >= result_rank(MXA_DMARC_PERMERROR))
		return;
	/* What was not evaluated cannot have passed; and nobody knows which
	 * reading of a damaged domain people see. */
	if (authors->more)
		worst->reason =
		    PHRASE(j, N_("the message has more than %d author domains"),
			MXA_MAX_AUTHORS);
	else if (authors->damaged > 0)
		worst->reason = PHRASE(j,
		    N_("From has the damaged domain %.*s, read as %.*s"),
		    MXA_STR_ARG(authors->damage), MXA_STR_ARG(worst->author));
	else
		return;
	out->result = worst->result = MXA_DMARC_PERMERROR;
}

/* One round for everything that can be foreseen. */
static void prefetch_all(const struct job *j, const struct mxa_authors *authors)
{
	for (size_t i = 0; i < authors->n; i++)
		mxa_dmarc_prefetch(j->env, authors->domain[i]);
	if (j->spf->result == MXA_SPF_PASS)
		mxa_dmarc_prefetch_identifier(j->env, authors, j->spf->domain);
	for (size_t i = 0; i < j->dkim->n; i++)
		if (j->dkim->sig[i].result == MXA_DKIM_PASS)
			mxa_dmarc_prefetch_identifier(
			    j->env, authors, j->dkim->sig[i].domain);
}

static void evaluate_all(const struct job *j, const struct mxa_authors *authors,
    struct mxa_dmarc_verdict *out)
{
	const struct mxa_auth_options *o = j->env->options;
	bool both = o->orgdom_mode == MXA_ORGDOM_AUTO && o->psl != NULL;

	*out = (struct mxa_dmarc_verdict){ .result = MXA_DMARC_NONE };
	prefetch_all(j, authors);
	for (size_t i = 0; i < authors->n; i++) {
		struct mxa_dmarc_domain *d = &out->domain[out->n++];

		out->guarded |= evaluate_author(j, authors->domain[i], d);
		if (both)
			out->modes_differ |= differs_by_psl(j, d);
	}
	combine_results(j, authors, out);
}

void mxa_dmarc_evaluate(const struct mxa_engine_env *env,
    const struct mxa_authors *authors, const struct mxa_spf_verdict *spf,
    const struct mxa_dkim_verdict *dkim, struct mxa_notes *notes,
    struct mxa_dmarc_verdict *out)
{
	struct job j = { .env = env,
		.psl = psl_of(env->options),
		.spf = spf,
		.dkim = dkim,
		.notes = notes };

	evaluate_all(&j, authors, out);
}

static bool any_passes(const struct mxa_dkim_verdict *dkim)
{
	for (size_t i = 0; i < dkim->n; i++)
		if (dkim->sig[i].result == MXA_DKIM_PASS)
			return true;
	return false;
}

bool mxa_dmarc_is_settled(const struct mxa_engine_env *env,
    const struct mxa_authors *authors, const struct mxa_spf_verdict *spf,
    const struct mxa_dkim_verdict *dkim)
{
	const struct mxa_spf_verdict unknown = { .result = MXA_SPF_NONE };
	const struct mxa_dkim_verdict unsigned_mail = { .n = 0 };
	struct mxa_dmarc_verdict v;
	struct mxa_notes unheard;
	struct job j = { .env = env,
		.psl = psl_of(env->options),
		.spf = spf ? spf : &unknown,
		.dkim = dkim ? dkim : &unsigned_mail,
		.notes = &unheard,
		.result_only = true };

	if (j.spf->result != MXA_SPF_PASS && !any_passes(j.dkim))
		return false;
	mxa_notes_init(&unheard, env->arena);
	evaluate_all(&j, authors, &v);
	return v.result == MXA_DMARC_PASS || v.result == MXA_DMARC_NONE;
}
