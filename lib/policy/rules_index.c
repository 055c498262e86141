/* rules_index.c - interned patterns and triples of them. */
#include "policy/rules_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/domain.h"

#define NONE UINT32_MAX

/* --- hashing --- */

/* FNV-1a from the right end, so that all suffixes of a name are hashed in one
 * pass over it. */
#define HASH_START UINT32_C(2166136261)

static uint32_t hash_byte(uint32_t h, unsigned char c)
{
	return (h ^ c) * UINT32_C(16777619);
}

/* The low bits of FNV change little with the last bytes: mix them. */
static uint32_t hash_end(uint32_t h)
{
	h ^= h >> 15;
	h *= UINT32_C(2246822519);
	return h ^ h >> 13;
}

static uint32_t hash_text(struct mxa_str s)
{
	uint32_t h = HASH_START;

	for (size_t i = s.len; i-- > 0;)
		h = hash_byte(h, (unsigned char)s.p[i]);
	return h;
}

static uint32_t hash_net(const struct mxa_ip *ip, unsigned bits)
{
	uint32_t h =
	    hash_byte(hash_byte(HASH_START, ip->family), (unsigned char)bits);

	for (unsigned i = 0; i * 8 < bits; i++) {
		unsigned left = bits - i * 8;
		unsigned mask = left >= 8 ? 0xff : 0xff << (8 - left) & 0xff;

		h = hash_byte(h, (unsigned char)(ip->b[i] & mask));
	}
	return h;
}

static uint32_t hash_triple(const uint32_t id[MXA_RULE_KINDS])
{
	uint32_t h = HASH_START;

	for (int k = 0; k < MXA_RULE_KINDS; k++)
		h = (h ^ id[k]) * UINT32_C(2654435761);
	return h;
}

static void table_init(struct mxa_index_table *t, struct mxa_arena *a, size_t n)
{
	uint32_t size = 8;

	while (size < n * 2)
		size *= 2;
	t->slot = mxa_arena_calloc(a, size, sizeof(*t->slot));
	t->mask = size - 1;
}

void mxa_index_init(struct mxa_rules_index *x, struct mxa_arena *a,
    const size_t patterns[MXA_RULE_KINDS], size_t triples)
{
	memset(x, 0, sizeof(*x));
	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		x->pattern[k] = mxa_arena_calloc(
		    a, patterns[k] + 1, sizeof(*x->pattern[k]));
		table_init(&x->table[k], a, patterns[k]);
	}
	x->triple = mxa_arena_calloc(a, triples + 1, sizeof(*x->triple));
	table_init(&x->triples, a, triples);
}

/* --- names --- */

/* Place of the text in the table: its number, or 0 at the place where it would
 * stand. */
static uint32_t *name_slot(const struct mxa_rules_index *x,
    enum mxa_rule_kind k, struct mxa_str text, uint32_t hash)
{
	const struct mxa_index_table *t = &x->table[k];
	uint32_t i = hash_end(hash) & t->mask;

	while (t->slot[i] != 0 &&
	    !mxa_str_eq(x->pattern[k][t->slot[i]].text, text))
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

static void hit(struct mxa_pattern_hits *out, uint32_t id)
{
	if (id != 0 && out->n < MXA_MAX_PATTERN_HITS)
		out->id[out->n++] = id;
}

static void try_name(const struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str text, uint32_t hash, struct mxa_pattern_hits *out)
{
	hit(out, *name_slot(x, k, text, hash));
}

/* "a.b.c": itself, and ".b.c" and ".c" of it. */
static void domain_hits(const struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str name, struct mxa_pattern_hits *out)
{
	uint32_t h = HASH_START;

	for (size_t i = name.len; i-- > 0;) {
		h = hash_byte(h, (unsigned char)name.p[i]);
		if (i > 0 && name.p[i] == '.')
			try_name(x, k, mxa_str_sub(name, i, name.len), h, out);
	}
	try_name(x, k, name, h, out);
}

void mxa_index_name(const struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str name, struct mxa_pattern_hits *out)
{
	size_t at = name.len;

	out->id[0] = 0;
	out->n = 1;
	if (x->n[k] == 0 || name.len == 0)
		return;
	while (at > 0 && name.p[at - 1] != '@')
		at--;
	domain_hits(x, k, mxa_str_sub(name, at, name.len), out);
	if (at > 0 && k == MXA_RULE_RECIPIENT && x->addresses) {
		struct mxa_str user = mxa_str_sub(name, 0, at);

		try_name(x, k, name, hash_text(name), out);
		try_name(x, k, user, hash_text(user), out);
	}
}

/* --- networks --- */

static bool same_net(
    const struct mxa_cidr *net, const struct mxa_ip *ip, unsigned bits)
{
	return net->bits == bits && mxa_cidr_has(net, ip);
}

static uint32_t *net_slot(
    const struct mxa_rules_index *x, const struct mxa_ip *ip, unsigned bits)
{
	const struct mxa_index_table *t = &x->table[MXA_RULE_CLIENT];
	const struct mxa_pattern *p = x->pattern[MXA_RULE_CLIENT];
	uint32_t i = hash_end(hash_net(ip, bits)) & t->mask;

	while (t->slot[i] != 0 && !same_net(&p[t->slot[i]].net, ip, bits))
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

static void note_bits(struct mxa_rules_index *x, const struct mxa_cidr *net)
{
	int v6 = net->ip.family == 6;
	unsigned n = x->n_net_bits[v6];
	unsigned i = 0;

	while (i < n && x->net_bits[v6][i] > net->bits)
		i++;
	if (i < n && x->net_bits[v6][i] == net->bits)
		return;
	memmove(&x->net_bits[v6][i + 1], &x->net_bits[v6][i], n - i);
	x->net_bits[v6][i] = (uint8_t)net->bits;
	x->n_net_bits[v6]++;
}

void mxa_index_client(const struct mxa_rules_index *x, const struct mxa_ip *ip,
    struct mxa_pattern_hits *out)
{
	int v6 = ip != NULL && ip->family == 6;

	out->id[0] = 0;
	out->n = 1;
	if (ip == NULL || ip->family == 0)
		return;
	for (unsigned i = 0; i < x->n_net_bits[v6]; i++)
		hit(out, *net_slot(x, ip, x->net_bits[v6][i]));
}

/* --- building --- */

uint32_t mxa_index_intern(struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str text, const struct mxa_cidr *net, uint32_t rule)
{
	uint32_t *slot = k == MXA_RULE_CLIENT
	    ? net_slot(x, &net->ip, net->bits)
	    : name_slot(x, k, text, hash_text(text));
	struct mxa_pattern *p;

	if (*slot == 0) {
		*slot = ++x->n[k];
		p = &x->pattern[k][*slot];
		p->text = text;
		p->first_rule = rule;
		if (k == MXA_RULE_CLIENT) {
			p->net = *net;
			note_bits(x, net);
		} else if (memchr(text.p, '@', text.len) != NULL) {
			x->addresses = true;
		}
	}
	p = &x->pattern[k][*slot];
	p->several |= p->first_rule != rule;
	return *slot;
}

static uint32_t *triple_slot(
    const struct mxa_rules_index *x, const uint32_t id[MXA_RULE_KINDS])
{
	const struct mxa_index_table *t = &x->triples;
	uint32_t i = hash_end(hash_triple(id)) & t->mask;

	while (t->slot[i] != 0 &&
	    memcmp(x->triple[t->slot[i]].id, id,
		MXA_RULE_KINDS * sizeof(*id)) != 0)
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

uint32_t mxa_index_add(
    struct mxa_rules_index *x, const uint32_t id[MXA_RULE_KINDS], uint32_t rule)
{
	uint32_t *slot = triple_slot(x, id);
	struct mxa_triple *t;
	int k = 0;

	if (*slot != 0)
		return x->triple[*slot].rule;
	*slot = ++x->n_triples;
	t = &x->triple[*slot];
	memcpy(t->id, id, sizeof(t->id));
	t->rule = rule;
	while (k < MXA_RULE_KINDS - 1 && id[k] == 0)
		k++;
	x->kind_used[k] = true;
	return rule;
}

/* --- matching --- */

/* Rules of kind 'k' have no pattern before it, one of it, any behind it. */
static uint32_t first_of_kind(const struct mxa_rules_index *x, int k,
    const struct mxa_pattern_hits hits[MXA_RULE_KINDS])
{
	uint32_t best = NONE;
	size_t from[MXA_RULE_KINDS], n[MXA_RULE_KINDS];

	for (int i = 0; i < MXA_RULE_KINDS; i++) {
		from[i] = i == k;
		n[i] = i < k ? 1 : hits[i].n;
	}
	for (size_t c = from[0]; c < n[0]; c++) {
		for (size_t r = from[1]; r < n[1]; r++) {
			for (size_t a = from[2]; a < n[2]; a++) {
				uint32_t id[MXA_RULE_KINDS] = { hits[0].id[c],
					hits[1].id[r], hits[2].id[a] };
				uint32_t t = *triple_slot(x, id);

				if (t != 0 && x->triple[t].rule < best)
					best = x->triple[t].rule;
			}
		}
	}
	return best;
}

void mxa_index_first(const struct mxa_rules_index *x,
    const struct mxa_pattern_hits hits[MXA_RULE_KINDS],
    uint32_t rule[MXA_RULE_KINDS])
{
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		rule[k] = x->kind_used[k] ? first_of_kind(x, k, hits) : NONE;
}
