/* refusal.h - the words of a refusal: RFC 7372 codes by cause, at most four
 * lines that the sender's postmaster can act on (mxauthd(8)). */
#ifndef MXA_POLICY_REFUSAL_H
#define MXA_POLICY_REFUSAL_H

#include "policy/action.h"
#include "policy/grounds.h"

struct mxa_arena;

/* Fill act->reply for a decision to reject or defer, from its cause. */
void mxa_refusal_write(
    const struct mxa_facts *f, struct mxa_arena *a, struct mxa_action *act);

/* One word for all signatures: pass if any passes (the author's first), else
 * the result of the author's signature, else of the topmost.  'author' may be
 * NULL. */
enum mxa_dkim_result mxa_dkim_summary(
    const struct mxa_dkim_verdict *dkim, const struct mxa_dmarc_domain *author);

/* The signature that the word is about; NULL: there is none. */
const struct mxa_dkim_sig *mxa_dkim_telling(
    const struct mxa_dkim_verdict *dkim, const struct mxa_dmarc_domain *author);

#endif
