/* signatures.c - the DKIM signatures of the message, and their keys of today.
 */
#include "explain/diagnosis.h"

#include "record/dkim_key.h"

static const char *signed_advice(struct mxa_diagnosis *d, struct mxa_str domain)
{
	return mxa_arena_printf(d->a,
	    _("Sign for %.*s on the last server that touches the message, and "
	      "send a test to a mailbox that shows its header."),
	    MXA_STR_ARG(domain));
}

static const char *new_key_advice(
    struct mxa_diagnosis *d, struct mxa_str domain, struct mxa_str selector)
{
	return mxa_arena_printf(d->a,
	    _("Sign for %.*s with a key that is published: make a new one "
	      "under another selector, publish its record, then let the signer "
	      "use it. The selector %.*s cannot be used."),
	    MXA_STR_ARG(domain), MXA_STR_ARG(selector));
}

static const char *publish_advice(
    struct mxa_diagnosis *d, struct mxa_str domain, struct mxa_str name)
{
	return mxa_arena_printf(d->a,
	    _("Publish the public half of the key that signs for %.*s as a "
	      "TXT record at %.*s."),
	    MXA_STR_ARG(domain), MXA_STR_ARG(name));
}

static void fix_key(
    struct mxa_diagnosis *d, struct mxa_str name, const char *text)
{
	struct mxa_fix fix = { .action = MXA_FIX_PUBLISH_DKIM,
		.name = name,
		.record = MXA_STR(""),
		.old = MXA_STR(""),
		.text = mxa_str_from(text),
		.notes = mxa_str_from(text) };

	mxa_diagnosis_fix(d, &fix);
}

static void look_at_key(
    struct mxa_diagnosis *d, struct mxa_str domain, struct mxa_str selector)
{
	struct mxa_str name = mxa_dkim_key_name(d->a, selector, domain);
	const struct mxa_dns_answer *answer = mxa_dns_lookup(
	    d->env->engine.budget, MXA_SHARE_OTHER, name, MXA_DNS_TXT);
	struct mxa_dkim_key key;

	mxa_dkim_key_look(d->a, answer, &key);
	switch (key.state) {
	case MXA_DKIM_KEY_UNKNOWN:
		MXA_SAY(d, MXA_FOUND_DKIM,
		    _("The DKIM key %.*s could not be asked: %s."),
		    MXA_STR_ARG(name), mxa_dns_status_name(answer->status));
		break;
	case MXA_DKIM_KEY_OK:
		mxa_diagnosis_because(d, MXA_WHY_DKIM_CHANGED);
		MXA_SAY(d, MXA_FOUND_DKIM,
		    _("The DKIM key %.*s is there and in order: the message "
		      "was changed after it was signed, or signed with "
		      "another key."),
		    MXA_STR_ARG(name));
		mxa_diagnosis_fix_text(
		    d, MXA_FIX_SIGN_DKIM, signed_advice(d, domain));
		break;
	case MXA_DKIM_KEY_REVOKED:
		mxa_diagnosis_because(d, MXA_WHY_DKIM_KEY_REVOKED);
		MXA_SAY(d, MXA_FOUND_DKIM,
		    _("The DKIM key %.*s is revoked (its p= is empty)."),
		    MXA_STR_ARG(name));
		fix_key(d, name, new_key_advice(d, domain, selector));
		break;
	case MXA_DKIM_KEY_SHORT:
		mxa_diagnosis_because(d, MXA_WHY_DKIM_KEY_MISSING);
		MXA_SAY(d, MXA_FOUND_DKIM,
		    _("The DKIM key %.*s has %u bits; receivers must refuse "
		      "less than 1024 (RFC 8301)."),
		    MXA_STR_ARG(name), key.bits);
		fix_key(d, name, new_key_advice(d, domain, selector));
		break;
	case MXA_DKIM_KEY_CUT:
	case MXA_DKIM_KEY_BAD:
		mxa_diagnosis_because(d, MXA_WHY_DKIM_KEY_MISSING);
		MXA_SAY(d, MXA_FOUND_DKIM,
		    key.state == MXA_DKIM_KEY_CUT
			? _("The DKIM key at %.*s was cut off (%s).")
			: _("The DKIM key at %.*s cannot be used (%s)."),
		    MXA_STR_ARG(name), _(key.problem));
		fix_key(d, name, publish_advice(d, domain, name));
		break;
	case MXA_DKIM_KEY_MISSING:
		mxa_diagnosis_because(d, MXA_WHY_DKIM_KEY_MISSING);
		MXA_SAY(d, MXA_FOUND_DKIM, _("There is no DKIM key at %.*s."),
		    MXA_STR_ARG(name));
		fix_key(d, name, publish_advice(d, domain, name));
		break;
	}
}

static void not_signed(struct mxa_diagnosis *d)
{
	struct mxa_str author = d->author;

	mxa_diagnosis_because(d, MXA_WHY_DKIM_NONE);
	mxa_diagnosis_say(
	    d, MXA_FOUND_DKIM, _("The message has no DKIM signature."));
	mxa_diagnosis_fix_text(d, MXA_FIX_SIGN_DKIM,
	    mxa_arena_printf(d->a,
		_("Let your mail server sign with DKIM for %.*s (d=%.*s) and "
		  "publish the key: a signature survives forwarding, SPF does "
		  "not."),
		MXA_STR_ARG(author), MXA_STR_ARG(author)));
}

static void not_aligned(struct mxa_diagnosis *d)
{
	mxa_diagnosis_because(d, MXA_WHY_UNALIGNED);
	MXA_SAY(d, MXA_FOUND_ALIGNMENT,
	    _("The message is signed for %.*s, which is not aligned with the "
	      "author domain %.*s."),
	    MXA_STR_ARG(d->b->returned.sig[0].domain), MXA_STR_ARG(d->author));
	mxa_diagnosis_fix_text(d, MXA_FIX_ALIGN,
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
		look_at_key(d, r->sig[i].domain, r->sig[i].selector);
	}
	if (looked == 0 && dmarc)
		not_aligned(d);
}
