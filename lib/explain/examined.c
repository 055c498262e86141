/* examined.c - what the examiners of lib/lint find, as causes and advice. */
#include "explain/diagnosis.h"

#include "base/attr.h"
#include "lint/lint.h"

static const struct {
	enum mxa_lint_code code;
	enum mxa_why why;
} causes[] = {
	{ MXA_LINT_SPF_MISSING, MXA_WHY_SPF_MISSING },
	{ MXA_LINT_SPF_MULTIPLE, MXA_WHY_SPF_MULTIPLE },
	{ MXA_LINT_SPF_SYNTAX, MXA_WHY_SPF_SYNTAX },
	{ MXA_LINT_SPF_TOO_MANY_LOOKUPS, MXA_WHY_SPF_LOOKUPS },
	{ MXA_LINT_SPF_VOID_LOOKUPS, MXA_WHY_SPF_LOOKUPS },
	{ MXA_LINT_SPF_VOID_IPV6, MXA_WHY_SPF_LOOKUPS },
	{ MXA_LINT_SPF_LOOP, MXA_WHY_SPF_LOOKUPS },
	{ MXA_LINT_SPF_INCLUDE_NONE, MXA_WHY_SPF_INCLUDE_NONE },
	{ MXA_LINT_SPF_NOT_LISTED, MXA_WHY_SPF_NOT_LISTED },
	{ MXA_LINT_SPF_PLUS_ALL, MXA_WHY_SPF_NOT_LISTED },
	{ MXA_LINT_DKIM_MISSING, MXA_WHY_DKIM_KEY_MISSING },
	{ MXA_LINT_DKIM_SYNTAX, MXA_WHY_DKIM_KEY_MISSING },
	{ MXA_LINT_DKIM_KEY_WEAK, MXA_WHY_DKIM_KEY_MISSING },
	{ MXA_LINT_DKIM_SHA1, MXA_WHY_DKIM_KEY_MISSING },
	{ MXA_LINT_DKIM_SERVICE, MXA_WHY_DKIM_KEY_MISSING },
	{ MXA_LINT_DKIM_KEY_REVOKED, MXA_WHY_DKIM_KEY_REVOKED },
	{ MXA_LINT_DMARC_MISSING, MXA_WHY_DMARC_MISSING },
	{ MXA_LINT_DMARC_MULTIPLE, MXA_WHY_DMARC_MISSING },
	{ MXA_LINT_DMARC_SYNTAX, MXA_WHY_DMARC_MISSING },
	{ MXA_LINT_DMARC_WRONG_PLACE, MXA_WHY_DMARC_MISSING },
};

/* MXA_WHYS: the finding is no cause. */
static enum mxa_why finding_why(const struct mxa_finding *f)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(causes); i++)
		if (causes[i].code == f->code)
			return causes[i].why;
	return MXA_WHYS;
}

static const struct mxa_lint *run_examiners(
    struct mxa_diagnosis *d, struct mxa_lint_options *o, struct mxa_str domain)
{
	struct mxa_lint *out = mxa_arena_alloc(d->a, sizeof(*out));

	o->auth = d->env->engine.options;
	o->deadline_ms = d->env->deadline_ms;
	mxa_lint_run(d->a, d->env->dns, o, domain, out);
	return out;
}

/* --- SPF --- */

const struct mxa_lint *mxa_diagnosis_examine_spf(
    struct mxa_diagnosis *d, enum mxa_why why, bool *said)
{
	const struct mxa_senders *s = &d->senders;
	struct mxa_lint_mail mail = { .relay = d->env->relay.len > 0
		    ? d->env->relay
		    : d->b->reporting_mta,
		.include = s->include,
		.guessed = !mxa_senders_known(s),
		.helo = d->f->identity == MXA_IDENTITY_HELO };
	struct mxa_lint_options o = { .methods = MXA_LINT_BY_SPF,
		.ip = s->ip,
		.n_ips = s->n,
		.mail = &mail };
	const struct mxa_lint *found = run_examiners(d, &o, d->mail_domain);

	*said = false;
	for (const struct mxa_finding *f = found->first; f; f = f->next)
		if (finding_why(f) == why) {
			mxa_diagnosis_found(d, MXA_TOPIC_SPF, f);
			*said = true;
		}
	return found;
}

/* --- DMARC --- */

static const char *record_notes(
    struct mxa_diagnosis *d, const struct mxa_finding *f)
{
	if (f->code != MXA_LINT_DMARC_MISSING || f->fix.old.len > 0)
		return "";
	return mxa_arena_printf(d->a,
	    _("p=none is for monitoring only and asks for nothing. Make sure "
	      "that SPF or DKIM passes for %.*s."),
	    MXA_STR_ARG(d->author));
}

void mxa_diagnosis_examine_dmarc(struct mxa_diagnosis *d)
{
	struct mxa_lint_mail mail = { .relay = MXA_STR("") };
	struct mxa_lint_options o = {
		.methods = MXA_LINT_BY_MX | MXA_LINT_BY_DMARC, .mail = &mail
	};
	const struct mxa_lint *found = run_examiners(d, &o, d->author);

	for (const struct mxa_finding *f = found->first; f; f = f->next) {
		if (finding_why(f) == MXA_WHYS)
			continue;
		mxa_diagnosis_because(d, finding_why(f));
		mxa_diagnosis_found(d, MXA_TOPIC_DMARC, f);
		mxa_diagnosis_advise_fix(
		    d, MXA_FIX_PUBLISH_DMARC, f, record_notes(d, f));
	}
}

/* --- DKIM --- */

/* The key is in order, but the signature did not pass. */
static void signature_broke(struct mxa_diagnosis *d, struct mxa_str domain,
    const struct mxa_lint_key *key)
{
	mxa_diagnosis_because(d, MXA_WHY_DKIM_CHANGED);
	MXA_SAY(d, MXA_TOPIC_DKIM,
	    _("The DKIM key %.*s is there and in order: the message was "
	      "changed after it was signed, or signed with another key."),
	    MXA_STR_ARG(key->name));
	/* the last server that touches it is the forwarder's */
	if ((d->why & MXA_WHY_BIT(MXA_WHY_FORWARDED)) != 0)
		return;
	mxa_diagnosis_advise_text(d, MXA_FIX_SIGN_DKIM,
	    mxa_arena_printf(d->a,
		_("Sign for %.*s on the last server that touches the message, "
		  "and send a test to a mailbox that shows its header."),
		MXA_STR_ARG(domain)));
}

void mxa_diagnosis_examine_key(
    struct mxa_diagnosis *d, struct mxa_str domain, struct mxa_str selector)
{
	struct mxa_lint_mail mail = { .relay = MXA_STR("") };
	struct mxa_lint_options o = { .methods = MXA_LINT_BY_DKIM,
		.selector = &selector,
		.n_selectors = 1,
		.mail = &mail };
	const struct mxa_lint *found = run_examiners(d, &o, domain);
	bool usable = true;

	for (const struct mxa_finding *f = found->first; f; f = f->next) {
		if (f->severity == MXA_LINT_INFO)
			continue;
		mxa_diagnosis_found(d, MXA_TOPIC_DKIM, f);
		if (finding_why(f) == MXA_WHYS)
			continue;
		usable = false;
		mxa_diagnosis_because(d, finding_why(f));
		mxa_diagnosis_advise_fix(d, MXA_FIX_PUBLISH_DKIM, f, "");
	}
	if (usable && found->keys->key.state == MXA_DKIM_KEY_OK)
		signature_broke(d, domain, found->keys);
}
