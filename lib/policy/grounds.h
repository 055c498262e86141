/* grounds.h - what else we know about a message that fails DMARC, as a table of
 * named predicates.
 *
 * RFC 9989 section 7.4 forbids to reject solely because of p=reject; the
 * grounds are the second reason, or the reason not to.  They are named in the
 * reply, the log, the journal and the reports. */
#ifndef MXA_POLICY_GROUNDS_H
#define MXA_POLICY_GROUNDS_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/verdict.h"
#include "mail/message.h"
#include "policy/action.h"

struct mxa_conf;

enum mxa_ground_kind {
	/* The operator trusts who hands the message over: delivered. */
	MXA_GROUND_TRUSTED,
	/* It looks like mail on its way through a list or a forwarder.  A
	 * forger can make each of these alone, so they lead to quarantine
	 * instead of rejection and never to less. */
	MXA_GROUND_INDIRECT,
	/* It looks like mail that came straight from whoever wrote it. */
	MXA_GROUND_DIRECT,
};

/* What a predicate looks at. */
struct mxa_facts {
	const struct mxa_conf *conf;
	const struct mxa_msg *msg;
	const struct mxa_verdict *v;
	const struct mxa_dmarc_domain *author; /* NULL: no author domain */
	bool list_fields;		       /* mxa_facts_init sets it */
};

struct mxa_ground_info {
	const char *name; /* "list-signature" */
	enum mxa_ground_kind kind;
	const char *text; /* for people: "a mailing list signed it" */
	bool (*holds)(const struct mxa_facts *f);
};

/* 'author' NULL: the message has no author domain. */
void mxa_facts_init(struct mxa_facts *f, const struct mxa_conf *conf,
    const struct mxa_msg *msg, const struct mxa_verdict *v,
    const struct mxa_dmarc_domain *author);

/* Whether 'domain', which passed, is not aligned with the author's domain;
 * 'aligned': what was found under the author's record.  Without a record
 * nothing was looked for, and a name is still aligned with itself. */
bool mxa_facts_unaligned(
    const struct mxa_facts *f, struct mxa_str domain, bool aligned);

/* The first ground of that kind that holds, or MXA_GROUND_NONE. */
enum mxa_ground mxa_ground_first(
    const struct mxa_facts *f, enum mxa_ground_kind kind);

/* All grounds that hold, trusted and indirect ones first.  Returns their
 * number. */
size_t mxa_grounds_collect(
    const struct mxa_facts *f, enum mxa_ground out[MXA_GROUNDS]);

/* "list-signature", …; "none", "other". */
const char *mxa_ground_name(enum mxa_ground g);

/* MXA_GROUND_OTHER: no such name. */
enum mxa_ground mxa_ground_from_name(struct mxa_str name);

/* 'g' is one of the table: neither MXA_GROUND_NONE nor MXA_GROUND_OTHER. */
const struct mxa_ground_info *mxa_ground_info(enum mxa_ground g);

/* Whether any signature has that result. */
bool mxa_sig_any(
    const struct mxa_dkim_verdict *dkim, enum mxa_dkim_result result);

/* Whether 'sig' claims the organization of the author (whatever its result). */
bool mxa_sig_of_author(
    const struct mxa_dkim_sig *sig, const struct mxa_dmarc_domain *author);

#endif
