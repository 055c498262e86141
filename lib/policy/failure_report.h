/* failure_report.h - whether a message deserves failure reports (RFC 9991). */
#ifndef MXA_POLICY_FAILURE_REPORT_H
#define MXA_POLICY_FAILURE_REPORT_H

#include <stddef.h>

#include "policy/txn.h"

struct mxa_conf;

/* The author domains that get a report, each by the ruf= and fo= of its own
 * record (RFC 9989 section 4.7).  Returns how many there are in 'out', which
 * has room for MXA_MAX_AUTHORS.
 *
 * Never of mail that is exempt (our own users'), that has the null sender, that
 * was sent by a program (Auto-Submitted), that is a report or is addressed to
 * whom our reports come from; nor where the DNS did not answer, for then nobody
 * knows what failed.  The psd=y record of a registry gets none (RFC 9991
 * section 2). */
size_t mxa_failure_reports_wanted(const struct mxa_conf *conf,
    const struct mxa_txn *t, const struct mxa_dmarc_domain **out);

#endif
