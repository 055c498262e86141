/* causes.c - what the DNS of today says about an authentication failure. */
#include "explain/diagnosis.h"

#include <string.h>

#include "record/spf_edit.h"

/* An address that no sender has (RFC 1112 section 4: reserved).  SPF for it
 * tells whether a record can be evaluated; it is never shown. */
static const struct mxa_ip nobody = { 4, { 240, 1, 2, 3 } };

/* --- names --- */

/* The DMARC record that applies to the author, or NULL. */
static const struct mxa_dmarc_record *author_record(
    struct mxa_diagnosis *d, struct mxa_str *at)
{
	struct mxa_guess nothing = { .n = 0 };
	struct mxa_org org = mxa_walk_org(&d->walk, &nothing);
	size_t step = mxa_walk_applied(&d->walk, &nothing, &org);

	if (step == d->walk.n)
		return NULL;
	*at = d->walk.step[step].name;
	return d->walk.step[step].record;
}

/* The author's DMARC record asks for something (p is not none). */
static bool author_has_policy(struct mxa_diagnosis *d)
{
	struct mxa_str at;
	const struct mxa_dmarc_record *r = author_record(d, &at);

	if (r == NULL)
		return false;
	return (mxa_str_caseeq(at, d->author) ? r->p : r->sp) !=
	    MXA_POLICY_NONE;
}

bool mxa_diagnosis_same_org(
    struct mxa_diagnosis *d, struct mxa_str one, struct mxa_str two)
{
	return one.len > 0 && two.len > 0 &&
	    mxa_orgdom_same(
		d->env->engine.budget, d->env->engine.options, one, two);
}

bool mxa_diagnosis_aligned(
    struct mxa_diagnosis *d, struct mxa_str domain, bool dkim)
{
	struct mxa_str at;
	const struct mxa_dmarc_record *r = author_record(d, &at);

	if (r != NULL && (dkim ? r->strict_dkim : r->strict_spf))
		return mxa_str_caseeq(domain, d->author);
	return mxa_diagnosis_same_org(d, domain, d->author);
}

static void find_names(struct mxa_diagnosis *d)
{
	const struct mxa_returned *r = &d->b->returned;
	const struct mxa_failure *f = d->f;
	bool from = f->identity == MXA_IDENTITY_FROM;

	d->author = from && f->domain.len > 0 ? f->domain : r->author;
	if (f->refusal.class == MXA_RF_DKIM && r->author.len > 0)
		d->author = r->author;
	d->mail_domain = !from && f->domain.len > 0 ? f->domain
	    : r->mail_domain.len > 0		    ? r->mail_domain
						    : f->domain;
	if (d->author.len == 0)
		d->author = r->rewritten ? r->domain_before : d->mail_domain;
	if (d->author.len == 0)
		return;
	mxa_walk_begin(d->env->engine.budget, d->env->engine.options->psl,
	    d->author, &d->walk);
	mxa_walk_complete(d->env->engine.budget, &d->walk, true);
}

/* --- SPF --- */

/* SPF for each sender, up to the first that does not pass. */
static void check_spf(struct mxa_diagnosis *d)
{
	const struct mxa_senders *s = &d->senders;
	bool helo = d->f->identity == MXA_IDENTITY_HELO;

	memset(&d->spf, 0, sizeof(d->spf));
	for (size_t i = 0; i == 0 || i < s->n; i++) {
		struct mxa_spf_query q = { .ip = s->n > 0 ? s->ip[i] : nobody,
			.identity = helo ? MXA_SPF_HELO : MXA_SPF_MAILFROM,
			.domain = d->mail_domain,
			.helo = d->mail_domain,
			.receiver = MXA_STR("unknown") };

		mxa_spf_native.check(&d->env->engine, &q, &d->spf);
		if (s->n > 0)
			d->spf_ip = s->ip[i];
		if (d->spf.result != MXA_SPF_PASS)
			return;
	}
}

static enum mxa_why permerror_why(enum mxa_spf_cause cause)
{
	switch (cause) {
	case MXA_SPF_CAUSE_MULTIPLE:
		return MXA_WHY_SPF_MULTIPLE;
	case MXA_SPF_CAUSE_NO_TARGET:
		return MXA_WHY_SPF_INCLUDE_NONE;
	case MXA_SPF_CAUSE_LOOKUPS:
	case MXA_SPF_CAUSE_VOIDS:
	case MXA_SPF_CAUSE_MX_HOSTS:
		return MXA_WHY_SPF_LOOKUPS;
	case MXA_SPF_CAUSE_SYNTAX:
	case MXA_SPF_CAUSE_NO_DOMAIN:
	case MXA_SPF_CAUSE_NO_RECORD:
	case MXA_SPF_CAUSE_MATCH:
	case MXA_SPF_CAUSE_DEFAULT:
	case MXA_SPF_CAUSE_DNS:
		break;
	}
	return MXA_WHY_SPF_SYNTAX;
}

static enum mxa_why spf_why(const struct mxa_spf_verdict *v)
{
	switch (v->result) {
	case MXA_SPF_NONE:
		return MXA_WHY_SPF_MISSING;
	case MXA_SPF_TEMPERROR:
		return MXA_WHY_SPF_TEMPERROR;
	case MXA_SPF_PERMERROR:
		return permerror_why(v->cause);
	case MXA_SPF_PASS:
	case MXA_SPF_FAIL:
	case MXA_SPF_SOFTFAIL:
	case MXA_SPF_NEUTRAL:
		break;
	}
	return MXA_WHY_SPF_NOT_LISTED;
}

/* What SPF says today, as far as no examiner tells it; without the address
 * that stands for nobody. */
static const char *spf_text(struct mxa_diagnosis *d)
{
	const struct mxa_spf_verdict *v = &d->spf;
	struct mxa_str domain = d->mail_domain;
	char ip[MXA_IP_TEXT] = "";

	mxa_ip_format(&d->spf_ip, ip);
	switch (v->result) {
	case MXA_SPF_TEMPERROR:
		return mxa_arena_printf(d->a,
		    _("The DNS does not answer the questions for the SPF "
		      "record of %.*s (temperror)."),
		    MXA_STR_ARG(domain));
	case MXA_SPF_NONE:
	case MXA_SPF_PERMERROR:
		return mxa_arena_printf(d->a,
		    _("The SPF record of %.*s cannot be evaluated (%s)."),
		    MXA_STR_ARG(domain), mxa_spf_result_name(v->result));
	case MXA_SPF_PASS:
		return mxa_arena_printf(d->a,
		    _("Today SPF passes for %.*s and %s (%.*s)."),
		    MXA_STR_ARG(domain), ip, MXA_STR_ARG(v->mechanism));
	case MXA_SPF_FAIL:
	case MXA_SPF_SOFTFAIL:
	case MXA_SPF_NEUTRAL:
		break;
	}
	return mxa_arena_printf(d->a,
	    _("%.*s has an SPF record that can be evaluated."),
	    MXA_STR_ARG(domain));
}

static void say_spf(struct mxa_diagnosis *d)
{
	mxa_diagnosis_say(d, MXA_TOPIC_SPF, spf_text(d));
}

/* What the owner must know who is about to change his record. */
static void avoid_spf(struct mxa_diagnosis *d, enum mxa_why why)
{
	if (why == MXA_WHY_SPF_MISSING && author_has_policy(d))
		mxa_diagnosis_avoid(d,
		    _("Do not weaken the DMARC policy instead: the "
		      "SPF record is what is missing."));
	else if (why != MXA_WHY_SPF_MISSING)
		mxa_diagnosis_avoid(d,
		    _("Do not publish a second SPF record next to the first: "
		      "with two records receivers use none."));
}

/* No answer: nothing else can be asked about the record. */
static void spf_unanswered(struct mxa_diagnosis *d)
{
	mxa_diagnosis_because(d, MXA_WHY_SPF_TEMPERROR);
	say_spf(d);
	mxa_diagnosis_advise_text(d, MXA_FIX_WAIT,
	    mxa_arena_printf(d->a,
		_("Check the name servers of %.*s, wait, and send again."),
		MXA_STR_ARG(d->mail_domain)));
}

/* A cause in SPF and its fix. */
static void spf_failed(struct mxa_diagnosis *d)
{
	enum mxa_why why = spf_why(&d->spf);
	const struct mxa_lint *found;
	bool said;

	if (why == MXA_WHY_SPF_TEMPERROR) {
		spf_unanswered(d);
		return;
	}
	found = mxa_diagnosis_examine_spf(d, why, &said);
	if (!said)
		say_spf(d);
	/* a guessed address proves nothing about who is listed */
	if (why == MXA_WHY_SPF_NOT_LISTED && !mxa_senders_likely(&d->senders))
		return;
	mxa_diagnosis_because(d, why);
	mxa_diagnosis_advise_spf(d, &found->spf.proposal);
	avoid_spf(d, why);
}

/* "+all": the record is wrong, whatever the receiver made of it. */
static void anybody_passes(struct mxa_diagnosis *d)
{
	bool said;
	const struct mxa_lint *found =
	    mxa_diagnosis_examine_spf(d, MXA_WHY_SPF_NOT_LISTED, &said);

	say_spf(d);
	if (!mxa_senders_known(&d->senders) || d->why != 0)
		return;
	mxa_diagnosis_because(d, MXA_WHY_SPF_NOT_LISTED);
	mxa_diagnosis_advise_spf(d, &found->spf.proposal);
}

/* SPF passes today.  That answers the question only for an address that is
 * known. */
static void spf_passed(struct mxa_diagnosis *d)
{
	char ip[MXA_IP_TEXT];

	if (mxa_spf_word_all(d->spf.mechanism) == '+') {
		anybody_passes(d);
		return;
	}
	if (!mxa_senders_known(&d->senders) || d->why != 0) {
		say_spf(d);
		return;
	}
	mxa_diagnosis_because(d, MXA_WHY_RESOLVED);
	MXA_SAY(d, MXA_TOPIC_SPF,
	    _("Today SPF passes for %.*s and %s (%.*s): the record was "
	      "probably corrected since."),
	    MXA_STR_ARG(d->mail_domain), mxa_ip_format(&d->spf_ip, ip),
	    MXA_STR_ARG(d->spf.mechanism));
	if (d->senders.how == MXA_SENDER_REPORTED) {
		mxa_diagnosis_advise_text(d, MXA_FIX_NONE,
		    mxa_arena_printf(d->a,
			_("If %s is the address that sent, nothing needs to "
			  "be changed at %.*s: send the message again. If "
			  "another one sent, name its server with --relay."),
			ip, MXA_STR_ARG(d->mail_domain)));
		return;
	}
	mxa_diagnosis_advise_text(d, MXA_FIX_NONE,
	    mxa_arena_printf(d->a,
		_("Nothing needs to be changed at %.*s: send the message "
		  "again. Receivers may remember the old record until its TTL "
		  "ends."),
		MXA_STR_ARG(d->mail_domain)));
}

/* --- DMARC --- */

/* The receiver found none, but there is one today. */
static void record_came_since(struct mxa_diagnosis *d)
{
	mxa_diagnosis_because(d, MXA_WHY_RESOLVED);
	mxa_diagnosis_advise_text(d, MXA_FIX_NONE,
	    mxa_arena_printf(d->a,
		_("Nothing needs to be changed at %.*s: send the message "
		  "again. Receivers may remember for some time that there was "
		  "no record."),
		MXA_STR_ARG(d->author)));
}

static void look_at_dmarc_record(struct mxa_diagnosis *d)
{
	struct mxa_str at;
	const struct mxa_dmarc_record *r = author_record(d, &at);
	bool missed = d->f->refusal.class == MXA_RF_NO_DMARC;

	if (r != NULL)
		MXA_SAY(d, MXA_TOPIC_DMARC,
		    _("The DMARC record at _dmarc.%.*s is: %.*s"),
		    MXA_STR_ARG(at), MXA_STR_ARG(r->text));
	if (missed && (r == NULL || !r->usable))
		mxa_diagnosis_examine_dmarc(d);
	else if (missed)
		record_came_since(d);
}

/* The envelope sender is of another domain than From: SPF cannot help. */
static bool spf_unaligned(struct mxa_diagnosis *d)
{
	if (d->mail_domain.len == 0 ||
	    mxa_diagnosis_aligned(d, d->mail_domain, false))
		return false;
	if (mxa_diagnosis_is_signed(d))
		return true;
	mxa_diagnosis_because(d, MXA_WHY_UNALIGNED);
	MXA_SAY(d, MXA_TOPIC_ALIGNMENT,
	    _("The envelope sender's domain %.*s is not aligned with the "
	      "author domain %.*s: for DMARC it does not count that SPF passes "
	      "for %.*s."),
	    MXA_STR_ARG(d->mail_domain), MXA_STR_ARG(d->author),
	    MXA_STR_ARG(d->mail_domain));
	mxa_diagnosis_advise_text(d, MXA_FIX_ALIGN,
	    mxa_arena_printf(d->a,
		_("Use an envelope sender at %.*s, or sign with DKIM for "
		  "d=%.*s."),
		MXA_STR_ARG(d->author), MXA_STR_ARG(d->author)));
	return true;
}

/* --- all of it --- */

static void look_at_spf(struct mxa_diagnosis *d)
{
	if (d->spf.result == MXA_SPF_PASS)
		spf_passed(d);
	else
		spf_failed(d);
}

static void examine_domain(struct mxa_diagnosis *d)
{
	unsigned m = d->f->refusal.methods;
	bool no_record = d->f->refusal.class == MXA_RF_NO_DMARC;
	bool dmarc = (m & MXA_BY_DMARC) != 0 && !no_record;
	bool spf = ((m & MXA_BY_SPF) != 0 || dmarc) && d->mail_domain.len > 0;

	if (!no_record && mxa_diagnosis_is_rewritten(d)) {
		if (m & MXA_BY_DMARC)
			look_at_dmarc_record(d);
		mxa_diagnosis_rewritten(d);
		return;
	}
	if (spf) {
		mxa_diagnosis_find_senders(d);
		mxa_diagnosis_say_sender(d);
		check_spf(d);
	}
	if (m & MXA_BY_DMARC)
		look_at_dmarc_record(d);
	/* a record that is not there is missed wherever the mail comes from */
	if ((spf ? d->spf.result != MXA_SPF_PASS ||
			!mxa_senders_known(&d->senders)
		 : !no_record) &&
	    mxa_diagnosis_is_forwarded(d)) {
		mxa_diagnosis_forwarded(d);
		return;
	}
	if (dmarc && spf_unaligned(d))
		spf = (m & MXA_BY_SPF) != 0;
	if (spf)
		look_at_spf(d);
	if ((m & MXA_BY_DKIM) != 0 || dmarc)
		if ((d->why & MXA_WHY_BIT(MXA_WHY_RESOLVED)) == 0)
			mxa_diagnosis_signatures(d);
}

static void add_unspecified(struct mxa_diagnosis *d)
{
	const struct mxa_failure *f = d->f;

	mxa_diagnosis_because(d, MXA_WHY_UNSPECIFIED);
	MXA_SAY(d, MXA_TOPIC_UNKNOWN,
	    _("The receiver does not say what exactly failed, and the DNS "
	      "shows no mistake that can be seen from here."));
	if (f->temporary)
		mxa_diagnosis_advise_text(d, MXA_FIX_WAIT,
		    _("The refusal is temporary: wait for the next attempt."));
	else
		mxa_diagnosis_advise_text(d, MXA_FIX_NONE,
		    _("Name the server that sends your mail with --relay, or "
		      "give the whole returned message, and ask again."));
}

void mxa_diagnosis_causes(struct mxa_diagnosis *d)
{
	find_names(d);
	if (d->author.len > 0)
		examine_domain(d);
	if (d->f->refusal.codes_differ)
		MXA_SAY(d, MXA_TOPIC_REPLY,
		    _("The two codes of the reply disagree about whether the "
		      "refusal is final (%s and %.*s); the first one decides."),
		    d->f->said.code, MXA_STR_ARG(d->f->said.enhanced));
	if (d->why == 0)
		add_unspecified(d);
	mxa_diagnosis_provider_rules(d);
}
