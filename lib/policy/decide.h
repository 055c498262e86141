/* decide.h - from findings to an action; pure.  The verdict is science, the
 * decision is the postmaster's. */
#ifndef MXA_POLICY_DECIDE_H
#define MXA_POLICY_DECIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/verdict.h"
#include "conf/words.h"
#include "mail/message.h"
#include "mail/reply.h"

struct mxa_arena;
struct mxa_conf;

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

/* 'out' and its texts live in 'a', or are conf's. */
void mxa_decide(const struct mxa_conf *conf, const struct mxa_msg *msg,
    const struct mxa_verdict *v, struct mxa_arena *a, struct mxa_action *out);

#endif
