/* words.h - the words with which an operator says what to do: actions,
 * profiles, causes, overrides. */
#ifndef MXA_CONF_WORDS_H
#define MXA_CONF_WORDS_H

#include <stdbool.h>

#include "base/str.h"

enum mxa_action_kind {
	MXA_ACT_ACCEPT,
	MXA_ACT_TAG,	    /* delivered; the header says what it is */
	MXA_ACT_QUARANTINE, /* the MTA's hold queue */
	MXA_ACT_DEFER,	    /* 4xx */
	MXA_ACT_REJECT,	    /* 5xx */
};

const char *mxa_action_name(enum mxa_action_kind k); /* "accept", … */

enum mxa_profile {
	MXA_PROFILE_STANDARD,
	MXA_PROFILE_STRICT,
	MXA_PROFILE_MONITOR,
};

const char *mxa_profile_name(enum mxa_profile p);

/* What an action can be configured for, worst first. */
enum mxa_cause {
	MXA_CAUSE_DMARC_REJECT, /* DMARC fail, effective policy reject */
	MXA_CAUSE_DMARC_QUARANTINE,
	MXA_CAUSE_NO_AUTHOR, /* no author domain can be read */
	MXA_CAUSE_MALFORMED_FROM,
	MXA_CAUSE_DKIM_REQUIRED,   /* author domain must sign and did not */
	MXA_CAUSE_UNAUTHENTICATED, /* neither SPF nor DKIM passed */
	MXA_CAUSE_NO_MAIL, /* the sender's domain says that it sends none */
	MXA_CAUSE_SPF_FAIL,
	MXA_CAUSE_SPF_PERMERROR,
	MXA_CAUSE_SPF_SOFTFAIL,
	MXA_CAUSE_HELO_FAIL,  /* SPF of the HELO name */
	MXA_CAUSE_DMARC_NONE, /* DMARC fail under p=none */
	MXA_CAUSE_TEMPERROR,
	MXA_CAUSES,
	MXA_CAUSE_NOTHING = MXA_CAUSES, /* accept */
};

const char *mxa_cause_name(enum mxa_cause c); /* "dmarc-reject", … */

/* Why a published policy was not applied as it stands (RFC 9990 words). */
enum mxa_override {
	MXA_OVERRIDE_NONE,
	MXA_OVERRIDE_LOCAL_POLICY,
	MXA_OVERRIDE_MAILING_LIST,
	MXA_OVERRIDE_TRUSTED_FORWARDER,
	MXA_OVERRIDE_POLICY_TEST_MODE,
	MXA_OVERRIDE_OTHER,
};

const char *mxa_override_name(enum mxa_override o); /* "local_policy", … */

/* The words above to their values; false: no such word ("nothing" is no cause
 * that could be configured). */
bool mxa_action_from_name(struct mxa_str name, enum mxa_action_kind *out);
bool mxa_profile_from_name(struct mxa_str name, enum mxa_profile *out);
bool mxa_cause_from_name(struct mxa_str name, enum mxa_cause *out);
bool mxa_override_from_name(struct mxa_str name, enum mxa_override *out);

/* What a mistake says was expected. */
#define MXA_EXPECT_ACTION "accept, tag, quarantine, defer or reject"
#define MXA_EXPECT_PROFILE "standard, strict or monitor"

#endif
