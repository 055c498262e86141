/* decide.h - from findings to an action; pure.  The verdict is science, the
 * decision is the postmaster's (design.md section 6, spec/dmarc.md section
 * 12). */
#ifndef MXA_POLICY_DECIDE_H
#define MXA_POLICY_DECIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/verdict.h"
#include "mail/message.h"
#include "mail/reply.h"

struct mxa_arena;
struct mxa_conf;

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
	MXA_CAUSE_MALFORMED_FROM,
	MXA_CAUSE_DKIM_REQUIRED,   /* author domain must sign and did not */
	MXA_CAUSE_UNAUTHENTICATED, /* neither SPF nor DKIM passed */
	MXA_CAUSE_SPF_FAIL,
	MXA_CAUSE_SPF_SOFTFAIL,
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

#define MXA_MAX_GROUNDS 16

struct mxa_action {
	enum mxa_action_kind kind;
	enum mxa_action_kind would; /* what monitor would have done otherwise */
	enum mxa_cause cause;
	enum mxa_profile profile;
	enum mxa_override override;
	const char *turned; /* the ground that turned the published policy, or
			       NULL */
	/* goes with the override into reports; may be empty */
	struct mxa_str override_comment;
	struct mxa_reply reply; /* n > 0 for defer and reject */
	struct mxa_str rule;	/* "policy.conf:12", or "default" */
	const char *ground[MXA_MAX_GROUNDS]; /* names of policy/grounds.h */
	size_t n_grounds;
	/* dis= of Authentication-Results: what becomes of the message by DMARC
	 * policy: none, quarantine, reject */
	enum mxa_dmarc_policy disposition;
	struct mxa_str quarantine_reason; /* for smfi_quarantine, non-empty */
	/* the author domain that decided: index in verdict.dmarc.domain, or
	 * MXA_MAX_AUTHORS when the message has none */
	size_t author;
	/* The recipients' rules wanted different things: "strictest" or
	 * "mildest", whichever was applied; NULL: they agreed. */
	const char *merge;
};

/* The words above to their values; false: no such word ("nothing" is no cause
 * that could be configured). */
bool mxa_action_from_name(struct mxa_str name, enum mxa_action_kind *out);
bool mxa_profile_from_name(struct mxa_str name, enum mxa_profile *out);
bool mxa_cause_from_name(struct mxa_str name, enum mxa_cause *out);
bool mxa_override_from_name(struct mxa_str name, enum mxa_override *out);

/* 'out' and its texts live in 'a', or are conf's. */
void mxa_decide(const struct mxa_conf *conf, const struct mxa_msg *msg,
    const struct mxa_verdict *v, struct mxa_arena *a, struct mxa_action *out);

#endif
