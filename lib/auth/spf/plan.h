/* plan.h - SPF questions asked early.
 *
 * A plan is started at the first accepted recipient and runs the evaluator
 * again in the resolver's thread whenever an answer arrives, to ask for the
 * includes, redirect, a and mx targets that may be needed.  It owns copies of
 * everything, so that RSET, abort and close only cancel it
 * (doc/design.md). */
#ifndef MXA_AUTH_SPF_PLAN_H
#define MXA_AUTH_SPF_PLAN_H

#include "auth/engine.h"

/* Asks and returns at once.  The plan frees itself when its last question is
 * answered or its budget is closed. */
void mxa_spf_plan_start(
    const struct mxa_engine_env *env, const struct mxa_spf_query *q);

#endif
