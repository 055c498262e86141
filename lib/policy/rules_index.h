/* rules_index.h - how rules.c finds a rule among thousands: patterns are
 * interned once, a match is a triple of pattern numbers.
 *
 * A client address, a recipient and an author match a handful of patterns that
 * stand in the file; the rules that can match are those whose triple is made
 * of these (0: the rule does not look at that part).  So a message costs some
 * hash look-ups, and two rules with the same triple are a mistake. */
#ifndef MXA_POLICY_RULES_INDEX_H
#define MXA_POLICY_RULES_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/str.h"
#include "policy/rules.h"

/* Patterns of one name or address: the name, its parents, the address. */
#define MXA_MAX_PATTERN_HITS 160

/* One entry of a rule's client, recipient or author list. */
struct mxa_pattern {
	struct mxa_str text; /* canonical; ".d": below d; "u@d", "u@" */
	struct mxa_cidr net; /* client only */
	uint32_t first_rule; /* that uses it */
	bool several;	     /* rules use it */
};

/* Open addressing; holds numbers from 1, 0 is a free place. */
struct mxa_index_table {
	uint32_t *slot;
	uint32_t mask;
};

struct mxa_triple {
	uint32_t id[MXA_RULE_KINDS];
	uint32_t rule;
};

struct mxa_rules_index {
	struct mxa_pattern *pattern[MXA_RULE_KINDS]; /* [0] is unused */
	uint32_t n[MXA_RULE_KINDS];
	struct mxa_index_table table[MXA_RULE_KINDS];
	uint8_t net_bits[2]
			[129]; /* IPv4, IPv6: lengths in use, longest first */
	unsigned n_net_bits[2];
	bool addresses; /* a recipient pattern has an '@' */

	struct mxa_triple *triple;
	uint32_t n_triples;
	struct mxa_index_table triples;
	bool kind_used[MXA_RULE_KINDS]; /* rules of that kind */
};

struct mxa_rules {
	struct mxa_rule *rule;
	size_t n;
	struct mxa_rules_index index;
};

/* Numbers of the patterns that match, 0 ("any") first. */
struct mxa_pattern_hits {
	uint32_t id[MXA_MAX_PATTERN_HITS];
	size_t n;
};

/* Room for 'patterns' in each list and 'triples' in all. */
void mxa_index_init(struct mxa_rules_index *x, struct mxa_arena *a,
    const size_t patterns[MXA_RULE_KINDS], size_t triples);

/* The pattern's number, added when it is new.  'text' is canonical and lives
 * as long as the index. */
uint32_t mxa_index_intern(struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str text, const struct mxa_cidr *net, uint32_t rule);

/* Add a triple; the number of the rule that has it already (then nothing is
 * added), or 'rule'. */
uint32_t mxa_index_add(struct mxa_rules_index *x,
    const uint32_t id[MXA_RULE_KINDS], uint32_t rule);

void mxa_index_client(const struct mxa_rules_index *x, const struct mxa_ip *ip,
    struct mxa_pattern_hits *out);

/* 'name' is canonical, or an address with a canonical domain. */
void mxa_index_name(const struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str name, struct mxa_pattern_hits *out);

/* First rule in the order of the file of each kind; UINT32_MAX: none. */
void mxa_index_first(const struct mxa_rules_index *x,
    const struct mxa_pattern_hits hits[MXA_RULE_KINDS],
    uint32_t rule[MXA_RULE_KINDS]);

#endif
