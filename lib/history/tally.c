/* tally.c - sums of a batch, in memory. */
#include "history/tally.h"

#include <stdlib.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "auth/sig/hash.h"
#include "base/arena.h"
#include "base/buf.h"

#define SECONDS_A_DAY 86400

struct mxa_tally {
	struct mxa_arena *lasting; /* as long as the tally */
	struct mxa_arena *a;	   /* of the batch */
	struct mxa_arena *scratch; /* of a message */
	struct mxa_hash *hash;
	uint64_t key[2]; /* of the tables */
	struct mxa_table sums, policies;
	struct mxa_sum *last_sum;
	struct mxa_policy_seen *last_policy;
	struct mxa_report_line line; /* large */
};

static void clear_tables(struct mxa_tally *t)
{
	mxa_table_init(&t->sums);
	mxa_table_init(&t->policies);
	t->last_sum = NULL;
	t->last_policy = NULL;
}

static void free_tables(struct mxa_tally *t)
{
	mxa_table_done(&t->sums);
	mxa_table_done(&t->policies);
}

struct mxa_tally *mxa_tally_new(void)
{
	struct mxa_tally *t = mxa_xcalloc(1, sizeof(*t));

	t->lasting = mxa_arena_new();
	t->a = mxa_arena_new();
	t->scratch = mxa_arena_new();
	t->hash = mxa_hash_new(t->lasting);
	mxa_table_key(t->key);
	clear_tables(t);
	return t;
}

void mxa_tally_free(struct mxa_tally *t)
{
	if (t == NULL)
		return;
	mxa_hash_free(t->hash);
	mxa_arena_free(t->lasting);
	mxa_arena_free(t->a);
	mxa_arena_free(t->scratch);
	free_tables(t);
	free(t);
}

/* The tables begin small: a batch may be a single line. */
void mxa_tally_reset(struct mxa_tally *t)
{
	free_tables(t);
	clear_tables(t);
	mxa_arena_reset(t->a);
}

size_t mxa_tally_bytes(const struct mxa_tally *t)
{
	return mxa_arena_used(t->a);
}

/* --- keys --- */

/* The first half of a SHA-256 in hexadecimal digits: what the store calls a
 * row.  Made only once for each row of a batch. */
static void make_id(struct mxa_tally *t, struct mxa_str first,
    struct mxa_str second, char out[MXA_ROW_ID])
{
	mxa_hash_start(t->hash);
	mxa_hash_put(t->hash, first.p, first.len);
	mxa_hash_put(t->hash, "\n", 1);
	mxa_hash_put(t->hash, second.p, second.len);
	(void)mxa_hash_hex(t->hash, out, MXA_ROW_ID - 1);
}

static uint64_t hash_text(
    const struct mxa_tally *t, struct mxa_str s, uint64_t more)
{
	return mxa_table_hash(t->key, s.p, s.len, more);
}

/* --- policies --- */

static struct mxa_str join_uris(
    struct mxa_arena *a, const struct mxa_dmarc_uri *uri, size_t n)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 8192);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			mxa_buf_addc(&b, ',');
		mxa_buf_addstr(&b, mxa_store_text(a, uri[i].uri, 1000));
	}
	return mxa_buf_str(&b);
}

static struct mxa_policy_seen *add_policy(struct mxa_tally *t,
    const struct mxa_dmarc_domain *d, struct mxa_str domain,
    struct mxa_str body, uint64_t hash)
{
	struct mxa_policy_seen *p = mxa_arena_calloc(t->a, 1, sizeof(*p));

	p->domain = mxa_str_dup(t->a, domain);
	p->body = mxa_str_dup(t->a, body);
	make_id(t, domain, body, p->policy_id);
	p->rua = join_uris(t->a, d->record->rua, d->record->n_rua);
	p->ruf = join_uris(t->a, d->record->ruf, d->record->n_ruf);
	p->day = INT64_MIN;
	p->before = t->last_policy;
	t->last_policy = p;
	mxa_table_add(&t->policies, &p->link, hash);
	return p;
}

static const struct mxa_policy_seen *note_policy(struct mxa_tally *t,
    const struct mxa_dmarc_domain *d, struct mxa_str domain, int64_t day)
{
	struct mxa_str body =
	    mxa_store_text(t->scratch, mxa_str_trim(d->record->text), 4000);
	uint64_t hash = hash_text(t, body, hash_text(t, domain, 0));
	struct mxa_link *l = mxa_table_first(&t->policies, hash);
	struct mxa_policy_seen *p = NULL;

	for (; l != NULL; l = mxa_table_next(l)) {
		p = MXA_OWNER(l, struct mxa_policy_seen, link);
		if (mxa_str_eq(p->body, body) && mxa_str_eq(p->domain, domain))
			break;
	}
	if (l == NULL)
		p = add_policy(t, d, domain, body, hash);
	if (day > p->day)
		p->day = day;
	return p;
}

/* --- sums --- */

static struct mxa_sum *add_sum(struct mxa_tally *t, int64_t day,
    const struct mxa_policy_seen *policy, struct mxa_str body, uint64_t hash)
{
	struct mxa_sum *s = mxa_arena_calloc(t->a, 1, sizeof(*s));

	s->day = day;
	memcpy(s->policy_id, policy->policy_id, MXA_ROW_ID);
	make_id(t, MXA_STR("row"), body, s->row_id);
	s->domain = policy->domain;
	s->body = mxa_str_dup(t->a, body);
	s->before = t->last_sum;
	t->last_sum = s;
	mxa_table_add(&t->sums, &s->link, hash);
	return s;
}

static struct mxa_sum *find_sum(struct mxa_tally *t, int64_t day,
    const struct mxa_policy_seen *policy, struct mxa_str body)
{
	uint64_t hash = hash_text(t, body, policy->link.hash ^ (uint64_t)day);

	for (struct mxa_link *l = mxa_table_first(&t->sums, hash); l != NULL;
	     l = mxa_table_next(l)) {
		struct mxa_sum *s = MXA_OWNER(l, struct mxa_sum, link);

		if (s->day == day && mxa_str_eq(s->body, body) &&
		    strcmp(s->policy_id, policy->policy_id) == 0)
			return s;
	}
	return add_sum(t, day, policy, body, hash);
}

static void add_author(
    struct mxa_tally *t, const struct mxa_entry *e, size_t i, bool report)
{
	const struct mxa_dmarc_domain *d = &e->txn.verdict.dmarc.domain[i];
	bool refused = e->txn.action.kind == MXA_ACT_REJECT;
	int64_t day = e->time / SECONDS_A_DAY;
	const struct mxa_policy_seen *policy;
	struct mxa_str domain;
	struct mxa_sum *s;

	if (!mxa_report_line_of(t->scratch, e, i, &t->line))
		return;
	domain = mxa_store_text(t->scratch, d->record_domain, MXA_MAX_DOMAIN);
	policy = note_policy(t, d, domain, day);
	s = find_sum(
	    t, day, policy, mxa_report_line_format(t->scratch, &t->line));
	s->n++;
	s->refused += refused;
	s->known += d->result == MXA_DMARC_PASS && !refused;
	s->ordinary += !report;
}

void mxa_tally_add(struct mxa_tally *t, const struct mxa_entry *e, bool report)
{
	for (size_t i = 0; i < e->txn.verdict.dmarc.n; i++)
		add_author(t, e, i, report);
	mxa_arena_reset(t->scratch);
}

/* --- in order --- */

static int compare_sums(const void *a, const void *b)
{
	const struct mxa_sum *x = *(struct mxa_sum *const *)a;
	const struct mxa_sum *y = *(struct mxa_sum *const *)b;
	int c = (x->day > y->day) - (x->day < y->day);

	if (c == 0)
		c = mxa_str_order(x->domain, y->domain);
	if (c == 0)
		c = strcmp(x->policy_id, y->policy_id);
	return c != 0 ? c : strcmp(x->row_id, y->row_id);
}

struct mxa_sum **mxa_tally_sums(struct mxa_tally *t, size_t *n)
{
	struct mxa_sum **v = mxa_arena_calloc(t->a, t->sums.n, sizeof(*v));

	*n = 0;
	for (struct mxa_sum *s = t->last_sum; s != NULL; s = s->before)
		v[(*n)++] = s;
	if (*n > 0)
		qsort(v, *n, sizeof(*v), compare_sums);
	return v;
}

static int compare_policies(const void *a, const void *b)
{
	return strcmp((*(struct mxa_policy_seen *const *)a)->policy_id,
	    (*(struct mxa_policy_seen *const *)b)->policy_id);
}

struct mxa_policy_seen **mxa_tally_policies(struct mxa_tally *t, size_t *n)
{
	struct mxa_policy_seen **v =
	    mxa_arena_calloc(t->a, t->policies.n, sizeof(*v));

	*n = 0;
	for (struct mxa_policy_seen *p = t->last_policy; p; p = p->before)
		v[(*n)++] = p;
	if (*n > 0)
		qsort(v, *n, sizeof(*v), compare_policies);
	return v;
}
