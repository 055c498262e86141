/* lint.h - a domain's published records, and what is wrong with them
 * (mxauth-lint in mxauth(1)).
 *
 * Each method has its file: examine_spf.c, examine_dkim.c, examine_dmarc.c,
 * examine_mx.c.  They write findings, in words for the domain's owner, and a
 * view of what is published.  Questions are bounded whatever the records say.
 */
#ifndef MXA_LINT_LINT_H
#define MXA_LINT_LINT_H

#include "dns/dns.h"
#include "lint/finding.h"

/* Look at 'domain', which is canonical, with all examiners or with those that
 * 'o' chooses.  Waits for the DNS.  Text in 'a', in the language of the
 * process. */
void mxa_lint_run(struct mxa_arena *a, struct mxa_dns *dns,
    const struct mxa_lint_options *o, struct mxa_str domain,
    struct mxa_lint *out);

/* 0: no error; 1: errors; 2: could not be checked. */
int mxa_lint_status(const struct mxa_lint *l);

#endif
