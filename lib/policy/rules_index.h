/* rules_index.h - how rules.c finds a rule among thousands: each pattern of the
 * file gets a number, and a rule is a combination of such numbers, one for each
 * kind that it names.
 *
 * What a message shows (client, signers, recipient, author, ...) matches a
 * handful of patterns of each kind.  The rules that can match are combinations
 * of these, for each shape (set of kinds) that rules of the file have.  So a
 * message costs some hash look-ups, whatever the number of rules, and two rules
 * with the same match are found when the file is read. */
#ifndef MXA_POLICY_RULES_INDEX_H
#define MXA_POLICY_RULES_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/str.h"
#include "policy/rule.h"

struct mxa_arena;

/* Patterns of one name or address: the name, its parents, the address. */
#define MXA_MAX_PATTERN_HITS 160

/* One entry of a list that a rule matches by. */
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

struct mxa_combination {
	uint32_t id[MXA_RULE_KINDS]; /* 0: not looked at */
	uint32_t rule;
	uint32_t next; /* the same match by a later rule; 0: none */
	int64_t until; /* of the rule */
};

/* Kinds that a rule names, a bit each. */
typedef uint16_t mxa_shape;

#define MXA_MAX_SHAPES (1 << MXA_RULE_KINDS)

struct mxa_rules_index {
	struct mxa_pattern *pattern[MXA_RULE_KINDS]; /* [0] is unused */
	uint32_t n[MXA_RULE_KINDS];
	struct mxa_index_table table[MXA_RULE_KINDS];
	uint8_t net_bits[2]
			[129]; /* IPv4, IPv6: lengths in use, longest first */
	unsigned n_net_bits[2];
	bool addresses[MXA_RULE_KINDS]; /* a pattern has an '@' */

	struct mxa_combination *combination; /* [0] is unused */
	uint32_t n_combinations;
	struct mxa_index_table combinations;
	mxa_shape *shape;
	size_t n_shapes;
};

struct mxa_rules {
	struct mxa_rule *rule;
	size_t n;
	struct mxa_rules_index index;
};

/* Numbers of the patterns that match. */
struct mxa_pattern_hits {
	uint32_t id[MXA_MAX_PATTERN_HITS];
	size_t n;
};

/* Room for 'patterns' in each list and 'combinations' in all. */
void mxa_index_init(struct mxa_rules_index *x, struct mxa_arena *a,
    const size_t patterns[MXA_RULE_KINDS], size_t combinations);

/* The pattern's number, added when it is new.  'text' is canonical and lives
 * as long as the index. */
uint32_t mxa_index_intern(struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str text, const struct mxa_cidr *net, uint32_t rule);

/* Add a combination of rule 'rule', which is in force until 'until'.  Returns
 * 'rule'; or an earlier rule without end that has it already: then nothing is
 * added. */
uint32_t mxa_index_add(struct mxa_rules_index *x,
    const uint32_t id[MXA_RULE_KINDS], uint32_t rule, int64_t until);

/* Both add to 'out' what matches. */
void mxa_index_client(const struct mxa_rules_index *x, const struct mxa_ip *ip,
    struct mxa_pattern_hits *out);

/* 'name' is canonical, or an address with a canonical domain. */
void mxa_index_name(const struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str name, struct mxa_pattern_hits *out);

/* First rule in the order of the file of each kind that is in force at 'now';
 * UINT32_MAX: none. */
void mxa_index_first(const struct mxa_rules_index *x,
    const struct mxa_pattern_hits hits[MXA_RULE_KINDS], int64_t now,
    uint32_t rule[MXA_RULE_KINDS]);

/* The next of all combinations of places below n[k], the last kind fastest;
 * false: that was the last one.  Begin with zeros; no n[k] may be 0. */
bool mxa_next_combination(
    size_t at[MXA_RULE_KINDS], const size_t n[MXA_RULE_KINDS]);

#endif
