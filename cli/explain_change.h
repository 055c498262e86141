/* explain_change.h - the proposed records as something to paste: lines of a
 * zone file, commands of nsupdate(1), or JSON. */
#ifndef MXA_CLI_EXPLAIN_CHANGE_H
#define MXA_CLI_EXPLAIN_CHANGE_H

#include "cli/out.h"
#include "dns/dns.h"
#include "explain/explain.h"

enum explain_format {
	EXPLAIN_ANSWER, /* not the change, but the whole answer */
	EXPLAIN_ZONE,
	EXPLAIN_NSUPDATE,
	EXPLAIN_JSON,
};

/* Write what is to be published, with what it replaces, which 'budget' is asked
 * for.  Text without a record is the summary as a comment; JSON goes to
 * o->json. */
void explain_change(struct out *o, enum explain_format format,
    struct mxa_budget *budget, const struct mxa_explained *x);

/* "zone", "nsupdate", "json"; false: another word. */
bool explain_format_read(const char *word, enum explain_format *out);

#endif
