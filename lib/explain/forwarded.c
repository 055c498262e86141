/* forwarded.c - whether the message was forwarded.  Then the sending address
 * is the forwarder's, and does not belong into the author's SPF record. */
#include "explain/diagnosis.h"

#include "bounce/find.h"

/* Whether the name is the author's or the envelope sender's organization. */
static bool is_own(struct mxa_diagnosis *d, struct mxa_str name)
{
	return mxa_diagnosis_same_org(d, name, d->author) ||
	    mxa_diagnosis_same_org(d, name, d->mail_domain);
}

/* A server that is not the author's, nor the relay that was named, wrote the
 * bounce: it had the message last. */
static bool foreign_reporter(struct mxa_diagnosis *d)
{
	struct mxa_str host = d->b->reporting_mta;

	return host.len > 0 && !is_own(d, host) &&
	    !mxa_str_caseeq(host, d->env->relay);
}

/* It was delivered for an address of another organization than the one that
 * refused it. */
static bool went_through(struct mxa_diagnosis *d, struct mxa_str before)
{
	struct mxa_str final = mxa_domain_of(d->a, d->f->recipient);

	return before.len > 0 && final.len > 0 &&
	    !mxa_diagnosis_same_org(d, before, final) && !is_own(d, before);
}

/* The author wrote to others than the address that refused it. */
static bool addressed_elsewhere(struct mxa_diagnosis *d)
{
	const struct mxa_returned *r = &d->b->returned;
	struct mxa_str final = mxa_domain_of(d->a, d->f->recipient);
	bool foreign = false;

	if (final.len == 0 || !foreign_reporter(d))
		return false;
	for (size_t i = 0; i < r->n_addressed; i++) {
		if (mxa_diagnosis_same_org(d, r->addressed[i], final))
			return false;
		foreign = foreign ||
		    (r->addressed[i].len > 0 && !is_own(d, r->addressed[i]));
	}
	return foreign;
}

/* A receiver before this one had accepted it with SPF or DMARC; the author's
 * own servers also check what they are given. */
static bool passed_before(struct mxa_diagnosis *d)
{
	const struct mxa_returned *r = &d->b->returned;

	return r->passed_before &&
	    (d->b->reporting_mta.len == 0 || foreign_reporter(d)) &&
	    (r->passed_ip.family == 0 || d->f->ip.family == 0 ||
		!mxa_ip_eq(&r->passed_ip, &d->f->ip));
}

bool mxa_diagnosis_is_forwarded(struct mxa_diagnosis *d)
{
	const struct mxa_returned *r = &d->b->returned;

	if (d->b->kind != MXA_BOUNCE)
		return false;
	if (passed_before(d) ||
	    went_through(d, mxa_domain_of(d->a, d->f->original)) ||
	    went_through(d, mxa_domain_of(d->a, r->forwarded_by)) ||
	    addressed_elsewhere(d))
		return true;
	if (r->resent && foreign_reporter(d))
		return true;
	return r->list && d->mail_domain.len > 0 &&
	    !mxa_diagnosis_same_org(d, d->mail_domain, d->author);
}

/* Whose record the forwarder's address must not enter. */
static void avoid_forwarder(struct mxa_diagnosis *d, struct mxa_str domain)
{
	char ip[MXA_IP_TEXT];

	if (d->f->ip.family != 0)
		mxa_diagnosis_avoid(d,
		    mxa_arena_printf(d->a,
			_("Do not add %s, the forwarder's address, to the SPF "
			  "record of %.*s: everybody who sends from there "
			  "could use your name."),
			mxa_ip_format(&d->f->ip, ip), MXA_STR_ARG(domain)));
	else
		mxa_diagnosis_avoid(d,
		    mxa_arena_printf(d->a,
			_("Do not add the forwarder's addresses to the SPF "
			  "record of %.*s: everybody who sends from there "
			  "could use your name."),
			MXA_STR_ARG(domain)));
}

/* Whether a signature could have helped, and the message has one. */
static bool is_signed_in_vain(struct mxa_diagnosis *d)
{
	return (d->f->refusal.methods & (MXA_BY_DKIM | MXA_BY_DMARC)) != 0 &&
	    mxa_diagnosis_is_signed(d);
}

void mxa_diagnosis_forwarded(struct mxa_diagnosis *d)
{
	struct mxa_str domain = d->mail_domain;

	mxa_diagnosis_because(d, MXA_WHY_FORWARDED);
	MXA_SAY(d, MXA_TOPIC_FORWARDED,
	    _("The message was forwarded (by a forwarding address, an alias or "
	      "a mailing list): the server that delivered it last does not "
	      "belong to %.*s."),
	    MXA_STR_ARG(domain));
	if (is_signed_in_vain(d)) {
		mxa_diagnosis_advise_text(d, MXA_FIX_FORWARDER,
		    _("The forwarder must rewrite the envelope sender (SRS) "
		      "and must not change signed parts; or the recipient "
		      "fetches the mail instead."));
		mxa_diagnosis_signatures(d);
	} else {
		mxa_diagnosis_advise_text(d, MXA_FIX_FORWARDER,
		    mxa_arena_printf(d->a,
			_("The forwarder must rewrite the envelope sender "
			  "(SRS) and must not change signed parts; or the "
			  "recipient fetches the mail instead. What %.*s can "
			  "do: sign with DKIM, because a signature survives "
			  "forwarding."),
			MXA_STR_ARG(d->author)));
	}
	avoid_forwarder(d, domain);
}

/* --- a forwarder that rewrites the envelope sender --- */

bool mxa_diagnosis_is_rewritten(struct mxa_diagnosis *d)
{
	const struct mxa_returned *r = &d->b->returned;

	return r->rewritten && !d->f->refusal.helo && r->mail_domain.len > 0 &&
	    !mxa_diagnosis_same_org(d, r->mail_domain, d->author) &&
	    !mxa_diagnosis_same_org(d, r->mail_domain, r->domain_before);
}

static void say_rewritten(struct mxa_diagnosis *d)
{
	const struct mxa_returned *r = &d->b->returned;
	struct mxa_str by = r->mail_domain, before = r->domain_before;

	MXA_SAY(d, MXA_TOPIC_FORWARDED,
	    _("%.*s forwarded the message and put an address of its own in "
	      "place of the envelope sender (SRS): SPF is checked for %.*s, "
	      "not for %.*s."),
	    MXA_STR_ARG(by), MXA_STR_ARG(by), MXA_STR_ARG(d->author));
	if (before.len > 0 && !mxa_str_caseeq(before, d->author))
		MXA_SAY(d, MXA_TOPIC_FORWARDED,
		    _("Before, the envelope sender was an address at %.*s."),
		    MXA_STR_ARG(before));
}

/* What the forwarder's operator must do where SPF counts by itself. */
static void advise_operator(struct mxa_diagnosis *d, struct mxa_str by)
{
	mxa_diagnosis_advise_text(d, MXA_FIX_FORWARDER,
	    mxa_arena_printf(d->a,
		_("The operator of %.*s must list its servers in the SPF "
		  "record of %.*s. No record of %.*s can change that result."),
		MXA_STR_ARG(by), MXA_STR_ARG(by), MXA_STR_ARG(d->author)));
}

static void advise_rewritten(struct mxa_diagnosis *d)
{
	struct mxa_str by = d->b->returned.mail_domain;
	unsigned methods = d->f->refusal.methods;

	if (is_signed_in_vain(d))
		mxa_diagnosis_advise_text(d, MXA_FIX_FORWARDER,
		    mxa_arena_printf(d->a,
			_("%.*s must not change signed parts of the message; "
			  "or the recipient fetches the mail instead."),
			MXA_STR_ARG(by)));
	else if (methods != MXA_BY_SPF)
		mxa_diagnosis_advise_text(d, MXA_FIX_SIGN_DKIM,
		    mxa_arena_printf(d->a,
			_("Sign with DKIM for %.*s (d=%.*s): a signature "
			  "survives forwarding as long as no signed part is "
			  "changed. SPF can only pass for %.*s, which DMARC "
			  "does not count for %.*s."),
			MXA_STR_ARG(d->author), MXA_STR_ARG(d->author),
			MXA_STR_ARG(by), MXA_STR_ARG(d->author)));
	if ((methods & MXA_BY_SPF) != 0)
		advise_operator(d, by);
}

void mxa_diagnosis_rewritten(struct mxa_diagnosis *d)
{
	mxa_diagnosis_because(d, MXA_WHY_FORWARDED);
	say_rewritten(d);
	if (is_signed_in_vain(d))
		mxa_diagnosis_signatures(d);
	advise_rewritten(d);
	avoid_forwarder(d, d->author);
}
