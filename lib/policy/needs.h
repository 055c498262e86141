/* needs.h - what the rules in force look at even when DMARC does not need it:
 * the evaluation waits for that, and for nothing else. */
#ifndef MXA_POLICY_NEEDS_H
#define MXA_POLICY_NEEDS_H

#include "auth/evaluate.h"
#include "mail/message.h"

struct mxa_conf;

/* For a message whose recipients and header section are known. */
void mxa_needs_find(const struct mxa_conf *conf, const struct mxa_msg *msg,
    const struct mxa_authors *authors, struct mxa_needs *out);

#endif
