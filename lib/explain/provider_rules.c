/* provider_rules.c - what a provider demands of senders, beyond the standards:
 * from its pages for senders, as of 2026. */
#include "explain/diagnosis.h"

#include <string.h>

#include "base/attr.h"

/* Failures of which the rule speaks. */
#define ANY_AUTH                                                            \
	(1u << MXA_RF_DMARC | 1u << MXA_RF_SPF | 1u << MXA_RF_SPF_ERROR |   \
	    1u << MXA_RF_DKIM | 1u << MXA_RF_NO_AUTH | 1u << MXA_RF_ALIGN | \
	    1u << MXA_RF_NO_DMARC)
#define BULK (ANY_AUTH & ~(1u << MXA_RF_DMARC | 1u << MXA_RF_SPF_ERROR))

static const struct {
	const char *provider;
	unsigned classes;
	bool forwarded; /* only of forwarded mail */
	const char *text;
} rules[] = {
	{ "gmail", BULK, false,
	    N_("Gmail requires SPF and DKIM, DMARC and alignment of bulk "
	       "senders, and has enforced this since November 2025.") },
	{ "laposte", ANY_AUTH, false,
	    N_("Since September 2025 laposte.net treats SPF or DKIM that is "
	       "not aligned with the From domain as if there were none.") },
	{ "gmx", ANY_AUTH, false,
	    N_("GMX and WEB.DE require an aligned DKIM signature of bulk "
	       "senders, and have enforced p=reject since May 2026.") },
	{ "apple", ANY_AUTH, true,
	    N_("Apple asks forwarders of bulk mail to add ARC.") },
};

void mxa_diagnosis_provider_rules(struct mxa_diagnosis *d)
{
	const struct mxa_refusal_kind *kind = &d->f->refusal;
	bool forwarded = (d->why & MXA_WHY_BIT(MXA_WHY_FORWARDED)) != 0;

	for (size_t i = 0; i < MXA_ARRAY_LEN(rules); i++)
		if (strcmp(rules[i].provider, kind->provider) == 0 &&
		    (rules[i].classes >> kind->class & 1) != 0 &&
		    (!rules[i].forwarded || forwarded))
			mxa_diagnosis_say(d, MXA_TOPIC_REPLY, _(rules[i].text));
}
