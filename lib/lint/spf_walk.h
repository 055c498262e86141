/* spf_walk.h - between examine_spf.c, which walks the tree of records, and
 * spf_terms.c, which judges what terms permit. */
#ifndef MXA_LINT_SPF_WALK_H
#define MXA_LINT_SPF_WALK_H

#include "auth/spf/grammar.h"
#include "lint/examine.h"

/* Terms shown in the tree; the rest is judged all the same. */
#define MAX_TERMS 2000

/* A finding whose fix is a record: it is proposed when all is found. */
struct spf_pending {
	struct spf_pending *next;
	struct mxa_finding *finding;
	struct mxa_str domain;
	bool included;
};

struct spf_walk {
	struct lint *l;
	struct mxa_lint_spf *out;
	/* terms without an answer: for any client, and for those of one family
	 * only */
	unsigned voids, voids4, voids6;
	size_t terms;
	struct spf_pending *pending;
	struct mxa_lint_term spare; /* in place of one that is not shown */
};

/* A record on the way from the domain's own. */
struct spf_visit {
	const struct spf_visit *up;
	struct mxa_str domain;
	const struct mxa_spf_record *r;
	bool include;	/* came here by include, not by redirect */
	bool decides;	/* its "all" is the domain's answer */
	bool passes;	/* what it passes, the domain passes */
	bool published; /* out: there is a record, or nobody knows */
};

struct mxa_lint_record *spf_visit_record(
    struct spf_walk *w, struct spf_visit *v);

/* The name that a term is about; false: it depends on the message. */
bool spf_target(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_str *name);

bool spf_own(const struct spf_walk *w, struct mxa_str record);

/* The fix: the record as it should be, or whom to tell when the record is not
 * the owner's.  'f' may be NULL. */
void spf_fix(
    struct spf_walk *w, const struct spf_visit *v, struct mxa_finding *f);

void spf_show_found(
    struct spf_walk *w, struct mxa_lint_term *node, struct mxa_str text);

/* --- spf_terms.c --- */

/* ip4, ip6 */
void spf_check_network(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t);
/* The addresses that a term led to, with its CIDR length. */
void spf_check_addresses(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, const struct mxa_dns_answer *answer);
void spf_mx_hosts(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t, struct mxa_lint_term *node,
    const struct mxa_dns_answer *mx);
/* Whether 't' stands in the record a second time. */
void spf_check_twice(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t);
void spf_check_modifier(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *t);
/* How the record ends.  'all', 'redirect' may be NULL. */
void spf_check_all(struct spf_walk *w, const struct spf_visit *v,
    const struct mxa_spf_term *all, const struct mxa_spf_term *redirect);

#endif
