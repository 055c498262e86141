/* examine_sender.c - the names of the addresses that send (RFC 8601 section 3,
 * and what Gmail, Yahoo and Microsoft ask of senders). */
#include "auth/iprev.h"
#include "base/i18n.h"
#include "lint/examine.h"

static void no_name(struct lint *l, const struct mxa_lint_sender *s)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_PTR_MISSING, s->ip,
	    _("The address %s has no PTR record: many receivers refuse all "
	      "mail from it."),
	    lint_show(l, s->ip));

	lint_fix(l, f,
	    _("Ask your provider (the owner of the address) to set its PTR "
	      "record to the name of your mail server, and publish the address "
	      "of that name."));
}

static void unconfirmed_name(struct lint *l, const struct mxa_lint_sender *s)
{
	struct mxa_finding *f = lint_add(l, MXA_LINT_PTR_UNCONFIRMED, s->ip,
	    _("The PTR record of %s is %s, but that name does not have the "
	      "address: receivers do not trust the name, and some refuse "
	      "mail."),
	    lint_show(l, s->ip), lint_show(l, s->name));

	lint_fix(l, f,
	    _("Publish the address %s for %s, or ask your provider to change "
	      "the PTR record to a name that has it."),
	    lint_show(l, s->ip), lint_show(l, s->name));
}

static void check_name(
    struct lint *l, const struct mxa_ip *ip, struct mxa_lint_sender *s)
{
	struct mxa_iprev_verdict v = { .result = MXA_IPREV_SKIPPED };

	mxa_iprev_check(&l->env, ip, &v);
	s->iprev = v.result;
	s->name = v.name.len > 0 ? v.name : MXA_STR("");
	switch (v.result) {
	case MXA_IPREV_SKIPPED:
	case MXA_IPREV_PASS:
	case MXA_IPREV_TEMPERROR:
		break;
	case MXA_IPREV_FAIL:
	case MXA_IPREV_PERMERROR:
		if (s->name.len > 0)
			unconfirmed_name(l, s);
		else
			no_name(l, s);
		break;
	}
}

void lint_senders(struct lint *l)
{
	struct mxa_lint_sender *s = l->out->spf.senders;

	for (size_t i = 0; i < l->o->n_ips && s != NULL; i++, s = s->next)
		check_name(l, &l->o->ip[i], s);
}
