/* arc.h - ARC chain validation (RFC 8617), same streaming shape as an engine
 * of auth/engine.h, on the same signature core as native DKIM. */
#ifndef MXA_AUTH_ARC_H
#define MXA_AUTH_ARC_H

#include "auth/engine.h"

void *mxa_arc_begin(
    const struct mxa_engine_env *env, const struct mxa_headers *h);
void mxa_arc_header(void *state, size_t field);
bool mxa_arc_eoh(void *state);
void mxa_arc_body(void *state, const char *p, size_t len);

/* Result, sets and oldest-pass.  'trusted' stays false. */
void mxa_arc_finish(void *state, struct mxa_arc_verdict *out);
void mxa_arc_cancel(void *state);

/* Whether trusted-sealers names that domain. */
bool mxa_arc_trusts(const struct mxa_auth_options *o, struct mxa_str sealer);

/* The trusted-sealer override (RFC 8617 section 7.2.1): sets arc->trusted when
 * an AAR of the trusted part of a passing chain says that 'author' passed.
 * Only such an AAR is ever read. */
void mxa_arc_trust(const struct mxa_engine_env *env,
    struct mxa_arc_verdict *arc, const struct mxa_dmarc_domain *author);

#endif
