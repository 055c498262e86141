/* exempt.h - who is not verified at all (policy.conf(5)): authenticated
 * clients, trusted networks, mail without a network address, clients for which
 * a rule says so. */
#ifndef MXA_POLICY_EXEMPT_H
#define MXA_POLICY_EXEMPT_H

#include "mail/message.h"

struct mxa_conf;

/* From what is known at MAIL: connection and authentication.  Exemptions of
 * recipients and authors come later, in decide(), because they must not cover
 * the others of the same message. */
enum mxa_exempt mxa_exempt_check(
    const struct mxa_conf *conf, const struct mxa_msg *msg);

#endif
