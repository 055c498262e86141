/* no_mail.h - domains that say of themselves that they send no mail. */
#ifndef MXA_AUTH_NO_MAIL_H
#define MXA_AUTH_NO_MAIL_H

#include "auth/engine.h"

/* Ask for the MX of the domain of MAIL FROM, if the options want it. */
void mxa_no_mail_prefetch(
    const struct mxa_engine_env *env, struct mxa_str domain);

/* What 'spf' (of MAIL FROM, or of HELO for the null sender) and the MX say.
 * Never waits for the SPF record, which has been answered. */
enum mxa_no_mail mxa_no_mail_check(
    const struct mxa_engine_env *env, const struct mxa_spf_verdict *spf);

#endif
