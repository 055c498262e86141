/* rule.h - one rule of policy.conf: what it matches and what it sets. */
#ifndef MXA_POLICY_RULE_H
#define MXA_POLICY_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "conf/words.h"

/* What rules can match, in the order in which their settings count. */
enum mxa_rule_kind {
	MXA_RULE_CLIENT,      /* address of the client */
	MXA_RULE_CLIENT_NAME, /* its confirmed reverse name */
	MXA_RULE_HELO,
	MXA_RULE_DAEMON, /* {daemon_name}: the MTA's listener */
	MXA_RULE_MAIL_FROM,
	MXA_RULE_SIGNER, /* d= of a DKIM signature that passes */
	MXA_RULE_SEALER, /* newest seal of a passing ARC chain, if trusted */
	MXA_RULE_RECIPIENT,
	MXA_RULE_AUTHOR,
	MXA_RULE_KINDS,
};

const char *mxa_rule_kind_name(enum mxa_rule_kind k); /* "client", … */

/* Whether a pattern of that kind may be an address. */
bool mxa_rule_kind_is_address(enum mxa_rule_kind k);

/* The null sender as a pattern and in struct mxa_rule_subject. */
#define MXA_NULL_SENDER "<>"

/* The end of a rule without 'until'. */
#define MXA_RULE_FOREVER INT64_MAX

/* A setting that the rule does not give. */
#define MXA_RULE_UNSET (-1)

struct mxa_rule {
	struct mxa_str where; /* "policy.conf:12": basename and line */
	enum mxa_rule_kind kind;
	/* what it matches, as written; n == 0: anything */
	const struct mxa_str *match[MXA_RULE_KINDS];
	size_t n_match[MXA_RULE_KINDS];

	int profile;		/* enum mxa_profile, or MXA_RULE_UNSET */
	int action[MXA_CAUSES]; /* enum mxa_action_kind, or MXA_RULE_UNSET */
	int exempt;		/* 0, 1, or MXA_RULE_UNSET */
	int dkim_required;	/* 0, 1, or MXA_RULE_UNSET */
	int override;		/* enum mxa_override, or MXA_RULE_UNSET */
	struct mxa_str comment; /* goes with the override; empty: none */

	bool trusts;		   /* it pairs a signer with authors and sets
				      nothing: see rules_load.c */
	int64_t until;		   /* in force before that second */
	struct mxa_str until_text; /* "2027-03-31"; empty: forever */
};

#endif
