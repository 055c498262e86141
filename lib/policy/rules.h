/* rules.h - policy.conf: what the postmaster wants for single clients, senders,
 * signers, recipients and authors.
 *
 * A rule names what it matches (all that it names must match) and what it sets.
 * Its kind is the first of enum mxa_rule_kind that it names.  Within a kind the
 * first rule of the file that matches wins; of the rules that are left, each
 * setting is taken from the first kind that gives it, then from mxauth.conf. */
#ifndef MXA_POLICY_RULES_H
#define MXA_POLICY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/phrase.h"
#include "policy/rule.h"

struct mxa_arena;
struct mxa_conf;
struct mxa_rules; /* immutable: any number of threads may match at once */

/* The rule of each kind that matches; NULL: none. */
struct mxa_rule_hits {
	const struct mxa_rule *rule[MXA_RULE_KINDS];
};

/* What a message shows to the rules, for one recipient and one author.  What is
 * empty is not there, and a rule that names it does not match. */
struct mxa_rule_subject {
	const struct mxa_ip *ip;    /* NULL or of family 0: none */
	struct mxa_str client_name; /* confirmed */
	struct mxa_str helo;
	struct mxa_str daemon_name;
	struct mxa_str mail_from;     /* MXA_NULL_SENDER: the null sender */
	const struct mxa_str *signer; /* canonical domains */
	size_t n_signers;
	struct mxa_str sealer;		      /* canonical */
	struct mxa_str rcpt;		      /* an address or a domain */
	struct mxa_str author;		      /* canonical domain */
	const struct mxa_str *author_address; /* others are passed over: a rule
						 for one says nothing about
						 authors of other domains */
	size_t n_author_addresses;
	int64_t now; /* seconds since 1970, for rules with an end */
};

/* Costs a few hash look-ups, whatever the number of rules; nothing with no
 * rules. */
void mxa_rules_match(const struct mxa_rules *r,
    const struct mxa_rule_subject *s, struct mxa_rule_hits *out);

/* The client rule that wins for 'ip' whatever the rest of the message is; NULL:
 * none, or it depends on that. */
const struct mxa_rule *mxa_rules_client_only(
    const struct mxa_rules *r, const struct mxa_ip *ip, int64_t now);

/* Whether any rule looks at that: when none looks at recipients, a caller need
 * not go through all of them. */
bool mxa_rules_look_at(const struct mxa_rules *r, enum mxa_rule_kind k);

/* Whether the same rules could match for both recipients, whatever client and
 * author are (recipients = "split" asks it at RCPT).  In doubt false. */
bool mxa_rules_recipients_agree(
    const struct mxa_rules *r, struct mxa_str a, struct mxa_str b);

/* What applies to one subject: rules, then mxauth.conf. */
struct mxa_ruling {
	enum mxa_profile profile;
	struct mxa_str profile_at; /* "policy.conf:12", "mxauth.conf:7",
				      "default" */
	/* enum mxa_action_kind, or MXA_RULE_UNSET: as the profile says.  The
	 * actions of mxauth.conf are not among them when a rule sets the
	 * profile.  Monitor's ceiling is decide()'s business. */
	int action[MXA_CAUSES];
	struct mxa_str action_at[MXA_CAUSES]; /* profile_at when unset */
	bool exempt;
	struct mxa_str exempt_at; /* empty: not exempt */
	bool dkim_required;
	struct mxa_str dkim_required_at; /* empty: not required */
	enum mxa_override override;	 /* MXA_OVERRIDE_NONE: no rule says */
	struct mxa_str override_at;
	struct mxa_str override_comment;
};

/* From hits (any of them may be NULL) to settings; texts are conf's. */
void mxa_ruling_from(const struct mxa_conf *conf,
    const struct mxa_rule_hits *hits, struct mxa_ruling *out);

/* mxa_rules_match on conf->rules, and mxa_ruling_from. */
void mxa_ruling_find(const struct mxa_conf *conf,
    const struct mxa_rule_subject *s, struct mxa_ruling *out);

/* --- for the tools --- */

size_t mxa_rules_count(const struct mxa_rules *r);

/* In the order of the file. */
const struct mxa_rule *mxa_rules_get(const struct mxa_rules *r, size_t i);

/* Why rule 'i' is not among 'hits' for that subject: one phrase in 'a'
 * ("recipient example.jp is not lists.example.jp"); empty: it is among them. */
struct mxa_phrase mxa_rules_why_not(const struct mxa_rules *r, size_t i,
    const struct mxa_rule_subject *s, const struct mxa_rule_hits *hits,
    struct mxa_arena *a);

#endif
