/* examine.h - what the lint's methods share; for lib/lint. */
#ifndef MXA_LINT_EXAMINE_H
#define MXA_LINT_EXAMINE_H

#include "auth/engine.h"
#include "base/attr.h"
#include "dns/dns.h"
#include "lint/finding.h"

struct lint {
	struct mxa_arena *a;
	struct mxa_dns *dns;
	const struct mxa_lint_options *o;
	struct mxa_str domain;
	struct mxa_lint *out;
	bool silent;	      /* the domain says that it sends no mail */
	struct mxa_str meant; /* a DMARC record that nobody finds as it is */

	/* One DNS budget for each kind of question, so that none can exhaust
	 * another. */
	struct mxa_budget *spf, *hosts, *keys, *known, *dmarc, *mx, *trials;
	struct mxa_engine_env env; /* for trials of records */
};

/* Add a finding about 'name'; one that is there already is not added again.
 * NULL when there are too many. */
struct mxa_finding *lint_add(struct lint *l, enum mxa_lint_code code,
    struct mxa_str name, const char *fmt, ...) MXA_PRINTF(4, 5);

/* The finding's fix: a tried record for 'name' in place of 'old', or a sentence
 * where there is no record.  'f' may be NULL, 'record' empty. */
void lint_fix_record(struct mxa_finding *f, struct mxa_str name,
    struct mxa_str old, struct mxa_str record);
void lint_fix(struct lint *l, struct mxa_finding *f, const char *fmt, ...)
    MXA_PRINTF(3, 4);
/* Another severity than the code's. */
void lint_grade(
    struct lint *l, struct mxa_finding *f, enum mxa_lint_severity s);

/* "servfail asking TXT example.com": the finding dns-error. */
struct mxa_finding *lint_dns_error(
    struct lint *l, const struct mxa_dns_answer *answer);

/* "A.B" in the arena. */
struct mxa_str lint_join(struct lint *l, const char *a, struct mxa_str b);

/* No answer, or one without data. */
bool lint_void(const struct mxa_dns_answer *answer);

/* Text for a finding: cut to a bearable length, controls as '?'. */
const char *lint_show(struct lint *l, struct mxa_str s);

void lint_spf(struct lint *l);
void lint_dkim(struct lint *l);
void lint_dmarc(struct lint *l);
void lint_mx(struct lint *l);
void lint_senders(struct lint *l);
void lint_tls(struct lint *l);	/* _smtp._tls, _mta-sts */
void lint_bimi(struct lint *l); /* default._bimi; after lint_dmarc */

/* The records at 'name' that begin with 'version' ("v=STSv1"); '*text' is the
 * first.  '*alike': a text that was meant to be one; empty: none. */
size_t lint_versioned(struct lint *l, struct mxa_str name, const char *version,
    struct mxa_str *text, struct mxa_str *alike);

/* The report addresses of a record, report_uri.c. */
struct mxa_dmarc_record;
void lint_uris(struct lint *l, const struct mxa_dmarc_record *r,
    struct mxa_str policy_domain);

#endif
