/* report_mail.h - which mail is itself a report, so that two sites do not
 * report on each other's reports for ever. */
#ifndef MXA_MAIL_REPORT_MAIL_H
#define MXA_MAIL_REPORT_MAIL_H

#include <stdbool.h>

#include "base/str.h"

struct mxa_headers;

/* An aggregate report by its Subject (RFC 9990 section 3.5.1). */
bool mxa_is_aggregate_report(const struct mxa_headers *h);

/* A mail of a program about another mail: multipart/report (bounces,
 * dispositions, failure reports), or Auto-Submitted with another word than "no"
 * (RFC 3834). */
bool mxa_is_automatic_mail(const struct mxa_headers *h);

/* Whether 'address' is 'own', or "bounces+ID@d" where own is "bounces@d".
 * 'own' may be empty. */
bool mxa_is_address_of(struct mxa_str own, struct mxa_str address);

#endif
