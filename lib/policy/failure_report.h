/* failure_report.h - whether a message deserves a failure report (RFC 9991). */
#ifndef MXA_POLICY_FAILURE_REPORT_H
#define MXA_POLICY_FAILURE_REPORT_H

#include <stdbool.h>

#include "policy/txn.h"

struct mxa_conf;

/* The author domain that a report is about, by its record's ruf= and fo= (RFC
 * 9989 section 4.7); NULL: no report.  Only of the worst author domain, so that
 * a message with many authors makes one report.
 *
 * Never of mail that is exempt (our own users'), that has the null sender, that
 * was sent by a program (Auto-Submitted), that is a report or is addressed to
 * whom our reports come from; nor where the DNS did not answer, for then nobody
 * knows what failed.  The psd=y record of a registry gets none (RFC 9991
 * section 2). */
const struct mxa_dmarc_domain *mxa_failure_report_wanted(
    const struct mxa_conf *conf, const struct mxa_txn *t);

#endif
