/* action.h - what is done with a message, and why: the result of decide(). */
#ifndef MXA_POLICY_ACTION_H
#define MXA_POLICY_ACTION_H

#include <stddef.h>

#include "auth/verdict.h"
#include "base/str.h"
#include "conf/words.h"
#include "mail/reply.h"

/* What else is known about a message that fails DMARC (policy/grounds.h), in
 * the order in which they are looked at. */
enum mxa_ground {
	MXA_GROUND_NONE,
	/* trusted */
	MXA_GROUND_FORWARDER_NETWORK,
	MXA_GROUND_SEALER,
	/* indirect */
	MXA_GROUND_FORWARDER_SIGNATURE,
	MXA_GROUND_LIST_SIGNATURE,
	MXA_GROUND_LIST_SPF,
	MXA_GROUND_AUTHOR_SIGNATURE_BODY,
	MXA_GROUND_AUTHOR_SIGNATURE_PARTIAL,
	/* direct */
	MXA_GROUND_TOO_MANY_AUTHORS,
	MXA_GROUND_AUTHOR_NXDOMAIN,
	MXA_GROUND_NO_SIGNATURE,
	MXA_GROUND_NO_AUTHOR_SIGNATURE,
	MXA_GROUND_AUTHOR_SIGNATURE_BAD,
	MXA_GROUND_LIST_FIELDS_ALONE,
	MXA_GROUND_NO_LIST_FIELDS,
	MXA_GROUND_SPF_FAIL,
	MXA_GROUND_SPF_SOFTFAIL,
	MXA_GROUND_SPF_UNALIGNED,
	MXA_GROUND_NO_REVERSE_NAME,
	MXA_GROUNDS,
	/* in a journal: one that another version of mxauth knows */
	MXA_GROUND_OTHER = MXA_GROUNDS,
};

/* Whose rules were taken when those of the recipients differ. */
enum mxa_merge { MXA_MERGE_NONE, MXA_MERGE_STRICTEST, MXA_MERGE_MILDEST };

const char *mxa_merge_name(enum mxa_merge m); /* "none", "strictest", … */

struct mxa_action {
	enum mxa_action_kind kind;
	enum mxa_action_kind would; /* what monitor would have done otherwise */
	enum mxa_cause cause;
	enum mxa_profile profile;
	enum mxa_override override;
	enum mxa_ground turned; /* what turned the published policy, or NONE */
	/* goes with the override into reports; may be empty */
	struct mxa_str override_comment;
	struct mxa_reply reply; /* n > 0 for defer and reject */
	struct mxa_str rule;	/* "policy.conf:12", or "default" */
	enum mxa_ground ground[MXA_GROUNDS]; /* those that hold */
	size_t n_grounds;
	/* dis= of Authentication-Results: what becomes of the message by DMARC
	 * policy: none, quarantine, reject */
	enum mxa_dmarc_policy disposition;
	struct mxa_str quarantine_reason; /* for smfi_quarantine, non-empty */
	/* the author domain that decided: index in verdict.dmarc.domain, or
	 * MXA_MAX_AUTHORS when the message has none */
	size_t author;
	enum mxa_merge merge; /* NONE: the recipients' rules agreed */
};

#endif
