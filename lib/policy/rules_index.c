/* rules_index.c - numbered patterns and combinations of them. */
#include "policy/rules_index.h"

#include <string.h>

#include "base/arena.h"
#include "policy/rule_name.h"

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

static uint32_t hash_combination(const uint32_t id[MXA_RULE_KINDS])
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
    const size_t patterns[MXA_RULE_KINDS], size_t combinations)
{
	memset(x, 0, sizeof(*x));
	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		x->pattern[k] = mxa_arena_calloc(
		    a, patterns[k] + 1, sizeof(*x->pattern[k]));
		table_init(&x->table[k], a, patterns[k]);
	}
	x->combination =
	    mxa_arena_calloc(a, combinations + 1, sizeof(*x->combination));
	table_init(&x->combinations, a, combinations);
	x->shape = mxa_arena_calloc(a, MXA_MAX_SHAPES, sizeof(*x->shape));
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

static void add_hit(struct mxa_pattern_hits *out, uint32_t id)
{
	if (id != 0 && out->n < MXA_MAX_PATTERN_HITS)
		out->id[out->n++] = id;
}

static void try_name(const struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str text, uint32_t hash, struct mxa_pattern_hits *out)
{
	add_hit(out, *name_slot(x, k, text, hash));
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
	size_t at;

	if (x->n[k] == 0 || name.len == 0)
		return;
	at = mxa_rule_kind_is_address(k) ? mxa_rule_name_local(name) : 0;
	domain_hits(x, k, mxa_str_sub(name, at, name.len), out);
	if (at > 0 && x->addresses[k]) {
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

	if (ip == NULL || ip->family == 0)
		return;
	for (unsigned i = 0; i < x->n_net_bits[v6]; i++)
		add_hit(out, *net_slot(x, ip, x->net_bits[v6][i]));
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
			x->addresses[k] = true;
		}
	}
	p = &x->pattern[k][*slot];
	p->several |= p->first_rule != rule;
	return *slot;
}

static uint32_t *combination_slot(
    const struct mxa_rules_index *x, const uint32_t id[MXA_RULE_KINDS])
{
	const struct mxa_index_table *t = &x->combinations;
	uint32_t i = hash_end(hash_combination(id)) & t->mask;

	while (t->slot[i] != 0 &&
	    memcmp(x->combination[t->slot[i]].id, id,
		MXA_RULE_KINDS * sizeof(*id)) != 0)
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

static void note_shape(
    struct mxa_rules_index *x, const uint32_t id[MXA_RULE_KINDS])
{
	mxa_shape shape = 0;

	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (id[k] != 0)
			shape |= (mxa_shape)(1u << k);
	for (size_t i = 0; i < x->n_shapes; i++)
		if (x->shape[i] == shape)
			return;
	x->shape[x->n_shapes++] = shape;
}

uint32_t mxa_index_add(struct mxa_rules_index *x,
    const uint32_t id[MXA_RULE_KINDS], uint32_t rule, int64_t until)
{
	uint32_t *place = combination_slot(x, id);
	struct mxa_combination *c;

	while (*place != 0) {
		c = &x->combination[*place];
		if (c->until == MXA_RULE_FOREVER || c->rule == rule)
			return c->rule;
		place = &c->next;
	}
	*place = ++x->n_combinations;
	c = &x->combination[*place];
	memcpy(c->id, id, sizeof(c->id));
	c->rule = rule;
	c->until = until;
	note_shape(x, id);
	return rule;
}

/* --- matching --- */

bool mxa_next_combination(
    size_t at[MXA_RULE_KINDS], const size_t n[MXA_RULE_KINDS])
{
	for (int k = MXA_RULE_KINDS; k-- > 0;) {
		if (++at[k] < n[k])
			return true;
		at[k] = 0;
	}
	return false;
}

static int first_kind(mxa_shape shape)
{
	int k = 0;

	while (!(shape >> k & 1))
		k++;
	return k;
}

/* The earliest rule with that combination that is in force. */
static uint32_t rule_in_force(const struct mxa_rules_index *x,
    const uint32_t id[MXA_RULE_KINDS], int64_t now)
{
	uint32_t i = *combination_slot(x, id);

	while (i != 0 && x->combination[i].until != MXA_RULE_FOREVER &&
	    now >= x->combination[i].until)
		i = x->combination[i].next;
	return i != 0 ? x->combination[i].rule : NONE;
}

/* The first rule of that shape; NONE: no rule of it matches. */
static uint32_t first_of_shape(const struct mxa_rules_index *x, mxa_shape shape,
    const struct mxa_pattern_hits hits[MXA_RULE_KINDS], int64_t now)
{
	size_t at[MXA_RULE_KINDS] = { 0 }, n[MXA_RULE_KINDS];
	uint32_t best = NONE;

	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		n[k] = shape >> k & 1 ? hits[k].n : 1;
		if (n[k] == 0)
			return NONE;
	}
	do {
		uint32_t id[MXA_RULE_KINDS] = { 0 }, rule;

		for (int k = 0; k < MXA_RULE_KINDS; k++)
			if (shape >> k & 1)
				id[k] = hits[k].id[at[k]];
		rule = rule_in_force(x, id, now);
		if (rule < best)
			best = rule;
	} while (mxa_next_combination(at, n));
	return best;
}

void mxa_index_first(const struct mxa_rules_index *x,
    const struct mxa_pattern_hits hits[MXA_RULE_KINDS], int64_t now,
    uint32_t rule[MXA_RULE_KINDS])
{
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		rule[k] = NONE;
	for (size_t i = 0; i < x->n_shapes; i++) {
		int k = first_kind(x->shape[i]);
		uint32_t r = first_of_shape(x, x->shape[i], hits, now);

		if (r < rule[k])
			rule[k] = r;
	}
}
