/* signatures.c - the DKIM signatures of the message. */
#include "explain/diagnosis.h"

bool mxa_diagnosis_is_signed(struct mxa_diagnosis *d)
{
	for (size_t i = 0; i < d->b->returned.n_sigs; i++)
		if (mxa_diagnosis_aligned(
			d, d->b->returned.sig[i].domain, true))
			return true;
	return false;
}

static void not_signed(struct mxa_diagnosis *d)
{
	struct mxa_str author = d->author;

	mxa_diagnosis_because(d, MXA_WHY_DKIM_NONE);
	mxa_diagnosis_say(
	    d, MXA_TOPIC_DKIM, _("The message has no DKIM signature."));
	mxa_diagnosis_advise_text(d, MXA_FIX_SIGN_DKIM,
	    mxa_arena_printf(d->a,
		_("Let your mail server sign with DKIM for %.*s (d=%.*s) and "
		  "publish the key: a signature survives forwarding, SPF does "
		  "not."),
		MXA_STR_ARG(author), MXA_STR_ARG(author)));
}

static void not_aligned(struct mxa_diagnosis *d)
{
	mxa_diagnosis_because(d, MXA_WHY_UNALIGNED);
	MXA_SAY(d, MXA_TOPIC_ALIGNMENT,
	    _("The message is signed for %.*s, which is not aligned with the "
	      "author domain %.*s."),
	    MXA_STR_ARG(d->b->returned.sig[0].domain), MXA_STR_ARG(d->author));
	mxa_diagnosis_advise_text(d, MXA_FIX_ALIGN,
	    mxa_arena_printf(d->a,
		_("Let the message be signed with d=%.*s, the domain of its "
		  "From address."),
		MXA_STR_ARG(d->author)));
}

void mxa_diagnosis_signatures(struct mxa_diagnosis *d)
{
	const struct mxa_returned *r = &d->b->returned;
	bool dmarc = (d->f->refusal.methods & MXA_BY_DMARC) != 0;
	size_t looked = 0;

	if (!r->there && r->n_sigs == 0)
		return;
	if (r->n_sigs == 0) {
		not_signed(d);
		return;
	}
	for (size_t i = 0; i < r->n_sigs && looked < 4; i++) {
		if (r->sig[i].domain.len == 0 || r->sig[i].selector.len == 0 ||
		    (dmarc &&
			!mxa_diagnosis_aligned(d, r->sig[i].domain, true)))
			continue;
		looked++;
		mxa_diagnosis_examine_key(
		    d, r->sig[i].domain, r->sig[i].selector);
	}
	if (looked == 0 && dmarc)
		not_aligned(d);
}
