/* rule_subject.h - what a message shows to the rules. */
#ifndef MXA_POLICY_RULE_SUBJECT_H
#define MXA_POLICY_RULE_SUBJECT_H

#include "auth/verdict.h"
#include "mail/message.h"
#include "policy/rules.h"

struct mxa_arena;
struct mxa_conf;

/* All but recipient and author.  'v' NULL: nothing was verified, only the
 * connection and the envelope count.  Texts are the message's and the
 * verdict's, the list of signers lives in 'a'. */
void mxa_rule_subject_init(struct mxa_rule_subject *s,
    const struct mxa_conf *conf, const struct mxa_msg *msg,
    const struct mxa_verdict *v, struct mxa_arena *a);

#endif
