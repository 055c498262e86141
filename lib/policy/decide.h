/* decide.h - from findings to an action, as the postmaster has configured it.
 * Pure: no DNS, no clock. */
#ifndef MXA_POLICY_DECIDE_H
#define MXA_POLICY_DECIDE_H

#include "auth/verdict.h"
#include "mail/message.h"
#include "policy/action.h"

struct mxa_arena;
struct mxa_conf;

struct mxa_ruling;

/* What a ruling wants done for a cause: its own word, or the profile's. */
enum mxa_action_kind mxa_decide_wanted(
    const struct mxa_ruling *r, enum mxa_cause cause);

/* Whether it wants something done for a cause that is SPF's alone. */
bool mxa_decide_asks_spf(const struct mxa_ruling *r);

/* 'out' and its texts live in 'a', or are conf's. */
void mxa_decide(const struct mxa_conf *conf, const struct mxa_msg *msg,
    const struct mxa_verdict *v, struct mxa_arena *a, struct mxa_action *out);

#endif
