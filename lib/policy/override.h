/* override.h - when a published policy is not applied as it stands, and how
 * that is called (RFC 9990 section 3.1.1.9, RFC 8617 section 7.2.1). */
#ifndef MXA_POLICY_OVERRIDE_H
#define MXA_POLICY_OVERRIDE_H

#include "policy/action.h"
#include "policy/grounds.h"
#include "policy/rules.h"

struct mxa_arena;

/* From what was decided: disposition, override and its comment. */
void mxa_override_settle(const struct mxa_facts *f, const struct mxa_ruling *r,
    struct mxa_action *act);

/* For an override by a trusted sealer: the chain in the form of RFC 8617
 * section 7.2.2, "arc=pass as[2].d=… as[2].s=… … remote-ip[1]=…". */
struct mxa_str mxa_override_arc_comment(
    struct mxa_arena *a, const struct mxa_arc_verdict *arc);

#endif
