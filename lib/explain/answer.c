/* answer.c - the answer in one sentence: what is wrong at which domain, and
 * what to publish. */
#include "explain/diagnosis.h"

#include "base/buf.h"

#define MAX_ANSWER 4000

/* Causes in the order in which they answer the question: what happened to this
 * message, then what is wrong in the DNS, then what nobody knows. */
static const enum mxa_why ranking[] = { MXA_WHY_RESOLVED, MXA_WHY_FORWARDED,
	MXA_WHY_SPF_MULTIPLE, MXA_WHY_SPF_SYNTAX, MXA_WHY_SPF_INCLUDE_NONE,
	MXA_WHY_SPF_LOOKUPS, MXA_WHY_SPF_MISSING, MXA_WHY_SPF_NOT_LISTED,
	MXA_WHY_SPF_TEMPERROR, MXA_WHY_DKIM_KEY_MISSING,
	MXA_WHY_DKIM_KEY_REVOKED, MXA_WHY_UNALIGNED, MXA_WHY_DMARC_MISSING,
	MXA_WHY_DKIM_NONE, MXA_WHY_DKIM_CHANGED, MXA_WHY_UNSPECIFIED };

static enum mxa_why first_why(unsigned why)
{
	/* a forwarded message whose key is not there would fail anyway */
	if (why & MXA_WHY_BIT(MXA_WHY_DKIM_KEY_MISSING))
		why &= ~MXA_WHY_BIT(MXA_WHY_FORWARDED);
	if (why & MXA_WHY_BIT(MXA_WHY_DKIM_KEY_REVOKED))
		why &= ~MXA_WHY_BIT(MXA_WHY_FORWARDED);
	for (size_t i = 0; i < sizeof(ranking) / sizeof(ranking[0]); i++)
		if (why & MXA_WHY_BIT(ranking[i]))
			return ranking[i];
	return MXA_WHY_UNSPECIFIED;
}

/* "203.0.113.77 (web.shop.example)" */
static const char *sender_text(struct mxa_diagnosis *d)
{
	const struct mxa_senders *s = &d->senders;
	char text[MXA_IP_TEXT];

	/* a provider, whichever of his hosts it was */
	if (d->spf_ip.family == 0)
		return mxa_arena_printf(d->a, "%.*s", MXA_STR_ARG(s->host));
	mxa_ip_format(&d->spf_ip, text);
	if (s->host.len == 0)
		return mxa_arena_printf(d->a, "%s", text);
	return mxa_arena_printf(d->a, "%s (%.*s)", text, MXA_STR_ARG(s->host));
}

static const char *spf_answer(struct mxa_diagnosis *d, enum mxa_why why)
{
	struct mxa_str domain = d->mail_domain;

	switch (why) {
	case MXA_WHY_SPF_MISSING:
		return mxa_arena_printf(d->a,
		    _("%.*s: there is no SPF record."), MXA_STR_ARG(domain));
	case MXA_WHY_SPF_NOT_LISTED:
		if (d->spf.result == MXA_SPF_PASS)
			return mxa_arena_printf(d->a,
			    _("%.*s: the SPF record lets anybody pass (%.*s)."),
			    MXA_STR_ARG(domain), MXA_STR_ARG(d->spf.mechanism));
		return mxa_arena_printf(d->a, _("%.*s: SPF does not list %s."),
		    MXA_STR_ARG(domain), sender_text(d));
	case MXA_WHY_SPF_LOOKUPS:
		return mxa_arena_printf(d->a,
		    _("%.*s: the SPF record needs too many DNS lookups."),
		    MXA_STR_ARG(domain));
	case MXA_WHY_SPF_MULTIPLE:
		return mxa_arena_printf(d->a,
		    _("%.*s: there is more than one SPF record."),
		    MXA_STR_ARG(domain));
	case MXA_WHY_SPF_INCLUDE_NONE:
		return mxa_arena_printf(d->a,
		    _("%.*s: the SPF record leads to a name without SPF record "
		      "(%.*s)."),
		    MXA_STR_ARG(domain), MXA_STR_ARG(d->spf.mechanism));
	case MXA_WHY_SPF_TEMPERROR:
		return mxa_arena_printf(d->a,
		    _("%.*s: the DNS does not answer for the SPF record. Check "
		      "the name servers and send again."),
		    MXA_STR_ARG(domain));
	default:
		return mxa_arena_printf(d->a,
		    _("%.*s: the SPF record has a syntax error."),
		    MXA_STR_ARG(domain));
	}
}

static const char *signature_answer(struct mxa_diagnosis *d, enum mxa_why why)
{
	struct mxa_str author = d->author;

	switch (why) {
	case MXA_WHY_DKIM_NONE:
		return mxa_arena_printf(d->a,
		    _("%.*s: the message was not signed. Sign with DKIM for "
		      "d=%.*s."),
		    MXA_STR_ARG(author), MXA_STR_ARG(author));
	case MXA_WHY_DKIM_KEY_MISSING:
		return mxa_arena_printf(d->a,
		    _("%.*s: the DKIM key of the signature is not published."),
		    MXA_STR_ARG(author));
	case MXA_WHY_DKIM_KEY_REVOKED:
		return mxa_arena_printf(d->a,
		    _("%.*s: the DKIM key of the signature is revoked. Sign "
		      "with a new one."),
		    MXA_STR_ARG(author));
	case MXA_WHY_DKIM_CHANGED:
		return mxa_arena_printf(d->a,
		    _("%.*s: the message was changed after it was signed. Sign "
		      "on the last server that touches it."),
		    MXA_STR_ARG(author));
	default:
		return mxa_arena_printf(d->a,
		    _("%.*s: neither the envelope sender nor a signature is "
		      "aligned with the From domain. Sign with DKIM for "
		      "d=%.*s."),
		    MXA_STR_ARG(author), MXA_STR_ARG(author));
	}
}

/* SPF is checked for the forwarder. */
static const char *rewritten_answer(struct mxa_diagnosis *d, bool changed)
{
	struct mxa_str author = d->author, by = d->b->returned.mail_domain;

	if (d->f->refusal.methods == MXA_BY_SPF)
		return mxa_arena_printf(d->a,
		    _("%.*s: SPF failed for this forwarder of the message, "
		      "which rewrote the envelope sender. Only its operator "
		      "can correct that; do not add the forwarder to the SPF "
		      "record of %.*s."),
		    MXA_STR_ARG(by), MXA_STR_ARG(author));
	if (changed)
		return mxa_arena_printf(d->a,
		    _("%.*s: %.*s forwarded the message and rewrote the "
		      "envelope sender, so that only DKIM counts, and the "
		      "signature did not pass: the message was probably "
		      "changed on the way. Do not add the forwarder to SPF."),
		    MXA_STR_ARG(author), MXA_STR_ARG(by));
	return mxa_arena_printf(d->a,
	    _("%.*s: %.*s forwarded the message and rewrote the envelope "
	      "sender, so that SPF is checked for %.*s. Only a DKIM signature "
	      "for d=%.*s helps; do not add the forwarder to SPF."),
	    MXA_STR_ARG(author), MXA_STR_ARG(by), MXA_STR_ARG(by),
	    MXA_STR_ARG(author));
}

static const char *forwarded_answer(struct mxa_diagnosis *d)
{
	struct mxa_str author = d->author;
	bool changed = (d->why & MXA_WHY_BIT(MXA_WHY_DKIM_CHANGED)) != 0;

	if (mxa_diagnosis_is_rewritten(d))
		return rewritten_answer(d, changed);
	if (changed)
		return mxa_arena_printf(d->a,
		    _("%.*s: the message was forwarded, so that SPF fails, and "
		      "the DKIM signature did not pass: the message was "
		      "probably changed on the way. Do not add the forwarder "
		      "to SPF."),
		    MXA_STR_ARG(author));
	return mxa_arena_printf(d->a,
	    _("%.*s: the message was forwarded, and SPF fails when mail is "
	      "forwarded. Sign with DKIM for d=%.*s; do not add the forwarder "
	      "to SPF."),
	    MXA_STR_ARG(author), MXA_STR_ARG(author));
}

static const char *other_answer(struct mxa_diagnosis *d, enum mxa_why why)
{
	struct mxa_str author = d->author.len > 0 ? d->author : d->f->domain;

	switch (why) {
	case MXA_WHY_RESOLVED:
		if (d->f->refusal.class == MXA_RF_NO_DMARC)
			return mxa_arena_printf(d->a,
			    _("%.*s: there is a DMARC record today. Nothing "
			      "needs to be changed; send the message again."),
			    MXA_STR_ARG(author));
		if (d->senders.how == MXA_SENDER_REPORTED)
			return mxa_arena_printf(d->a,
			    _("%.*s: SPF passes today for %s. If that is the "
			      "address that sent, nothing needs to be changed; "
			      "send the message again."),
			    MXA_STR_ARG(d->mail_domain), sender_text(d));
		return mxa_arena_printf(d->a,
		    _("%.*s: SPF passes today for %s. Nothing needs to be "
		      "changed; send the message again."),
		    MXA_STR_ARG(d->mail_domain), sender_text(d));
	case MXA_WHY_FORWARDED:
		return forwarded_answer(d);
	case MXA_WHY_DMARC_MISSING:
		return mxa_arena_printf(d->a,
		    _("%.*s: there is no DMARC record."), MXA_STR_ARG(author));
	default:
		break;
	}
	if (author.len == 0)
		return _("Authentication failed, but neither the sender's "
			 "domain nor the cause is named.");
	return mxa_arena_printf(d->a,
	    _("%.*s: authentication failed, but what exactly cannot be told "
	      "from here."),
	    MXA_STR_ARG(author));
}

static const char *why_answer(struct mxa_diagnosis *d, enum mxa_why why)
{
	if (why <= MXA_WHY_SPF_TEMPERROR)
		return spf_answer(d, why);
	if (why <= MXA_WHY_UNALIGNED)
		return signature_answer(d, why);
	return other_answer(d, why);
}

/* The record of the first fix of this failure, if that is its answer. */
static const struct mxa_fix *record_fix(
    const struct mxa_diagnosis *d, enum mxa_why why)
{
	if (why == MXA_WHY_RESOLVED || why == MXA_WHY_FORWARDED)
		return NULL;
	for (size_t i = 0; i < d->out->n_advice; i++) {
		const struct mxa_advice *advice = &d->out->advice[i];

		if (advice->fix.new.len > 0 &&
		    (advice->cases >> d->number & 1) != 0)
			return &advice->fix;
	}
	return NULL;
}

struct mxa_str mxa_diagnosis_answer(struct mxa_diagnosis *d)
{
	enum mxa_why why = first_why(d->why);
	const struct mxa_fix *fix = record_fix(d, why);
	struct mxa_buf b;

	if (!mxa_refusal_is_auth(d->f->refusal.class))
		return mxa_str_from(mxa_arena_printf(d->a,
		    _("Not an authentication problem: %s"),
		    mxa_class_text(&d->f->refusal)));
	mxa_buf_init(&b, d->a, MAX_ANSWER);
	mxa_buf_adds(&b, why_answer(d, why));
	if (fix != NULL)
		mxa_add_sentence(&b,
		    mxa_str_from(
			mxa_arena_printf(d->a, _("Publish at %.*s: %.*s"),
			    MXA_STR_ARG(fix->name), MXA_STR_ARG(fix->new))));
	return mxa_buf_str(&b);
}
