/* dkim.c - the signatures of the returned message, and their keys of today. */
#include "base/i18n.h"
#include "explain/glass.h"
#include "record/dkim_key.h"

static const char *signed_advice(struct glass *g, struct mxa_str domain)
{
	return mxa_arena_printf(g->a,
	    _("Sign for %.*s on the last server that touches the message, and "
	      "send a test to a mailbox that shows its header."),
	    MXA_STR_ARG(domain));
}

static const char *new_key_advice(
    struct glass *g, struct mxa_str domain, struct mxa_str selector)
{
	return mxa_arena_printf(g->a,
	    _("Sign for %.*s with a key that is published: make a new one "
	      "under another selector, publish its record, then let the signer "
	      "use it. The selector %.*s cannot be used."),
	    MXA_STR_ARG(domain), MXA_STR_ARG(selector));
}

static const char *publish_advice(
    struct glass *g, struct mxa_str domain, struct mxa_str name)
{
	return mxa_arena_printf(g->a,
	    _("Publish the public half of the key that signs for %.*s as a "
	      "TXT record at %.*s."),
	    MXA_STR_ARG(domain), MXA_STR_ARG(name));
}

static void fix_key(struct glass *g, struct mxa_str name, const char *text)
{
	struct mxa_fix fix = { .action = MXA_FIX_PUBLISH_DKIM,
		.name = name,
		.record = MXA_STR(""),
		.old = MXA_STR(""),
		.text = mxa_str_from(text) };

	mxa_glass_fix(g, &fix);
}

static void look_at_key(
    struct glass *g, struct mxa_str domain, struct mxa_str selector)
{
	struct mxa_str name = mxa_dkim_key_name(g->a, selector, domain);
	const struct mxa_dns_answer *answer = mxa_dns_lookup(
	    g->env->engine.budget, MXA_SHARE_OTHER, name, MXA_DNS_TXT);
	struct mxa_dkim_key key;

	mxa_dkim_key_look(g->a, answer, &key);
	switch (key.state) {
	case MXA_DKIM_KEY_UNKNOWN:
		SAY(g, _("The DKIM key %.*s could not be asked: %s."),
		    MXA_STR_ARG(name), mxa_dns_status_name(answer->status));
		break;
	case MXA_DKIM_KEY_OK:
		mxa_glass_because(g, MXA_WHY_DKIM_CHANGED);
		SAY(g,
		    _("The DKIM key %.*s is there and in order: the message "
		      "was changed after it was signed, or signed with "
		      "another key."),
		    MXA_STR_ARG(name));
		mxa_glass_fix_text(
		    g, MXA_FIX_SIGN_DKIM, signed_advice(g, domain));
		break;
	case MXA_DKIM_KEY_REVOKED:
		mxa_glass_because(g, MXA_WHY_DKIM_KEY_REVOKED);
		SAY(g, _("The DKIM key %.*s is revoked (its p= is empty)."),
		    MXA_STR_ARG(name));
		fix_key(g, name, new_key_advice(g, domain, selector));
		break;
	case MXA_DKIM_KEY_SHORT:
		mxa_glass_because(g, MXA_WHY_DKIM_KEY_MISSING);
		SAY(g,
		    _("The DKIM key %.*s has %u bits; receivers must refuse "
		      "less than 1024 (RFC 8301)."),
		    MXA_STR_ARG(name), key.bits);
		fix_key(g, name, new_key_advice(g, domain, selector));
		break;
	case MXA_DKIM_KEY_CUT:
	case MXA_DKIM_KEY_BAD:
		mxa_glass_because(g, MXA_WHY_DKIM_KEY_MISSING);
		SAY(g,
		    key.state == MXA_DKIM_KEY_CUT
			? _("The DKIM key at %.*s was cut off (%s).")
			: _("The DKIM key at %.*s cannot be used (%s)."),
		    MXA_STR_ARG(name), _(key.problem));
		fix_key(g, name, publish_advice(g, domain, name));
		break;
	case MXA_DKIM_KEY_MISSING:
		mxa_glass_because(g, MXA_WHY_DKIM_KEY_MISSING);
		SAY(g, _("There is no DKIM key at %.*s."), MXA_STR_ARG(name));
		fix_key(g, name, publish_advice(g, domain, name));
		break;
	}
}

void mxa_glass_dkim(struct glass *g)
{
	const struct mxa_returned *r = &g->b->returned;
	bool dmarc = (g->f->refusal.methods & MXA_BY_DMARC) != 0;
	size_t looked = 0;

	if (!r->there && r->n_sigs == 0)
		return;
	if (r->n_sigs == 0) {
		mxa_glass_because(g, MXA_WHY_DKIM_NONE);
		SAY(g, _("The returned message has no DKIM signature."));
		mxa_glass_fix_text(g, MXA_FIX_SIGN_DKIM,
		    mxa_arena_printf(g->a,
			_("Let your mail server sign with DKIM for %.*s "
			  "(d=%.*s) and publish the key: a signature also "
			  "survives forwarding, which SPF does not."),
			MXA_STR_ARG(g->author), MXA_STR_ARG(g->author)));
		return;
	}
	for (size_t i = 0; i < r->n_sigs && looked < 4; i++) {
		if (r->sig[i].domain.len == 0 || r->sig[i].selector.len == 0 ||
		    (dmarc && !mxa_glass_aligned(g, r->sig[i].domain, true)))
			continue;
		looked++;
		look_at_key(g, r->sig[i].domain, r->sig[i].selector);
	}
	if (looked > 0 || !dmarc)
		return;
	mxa_glass_because(g, MXA_WHY_UNALIGNED);
	SAY(g,
	    _("The returned message is signed for %.*s, which does not align "
	      "with the author domain %.*s."),
	    MXA_STR_ARG(r->sig[0].domain), MXA_STR_ARG(g->author));
	mxa_glass_fix_text(g, MXA_FIX_ALIGN,
	    mxa_arena_printf(g->a,
		_("Let the message be signed with d=%.*s, the domain of its "
		  "From address."),
		MXA_STR_ARG(g->author)));
}
