/* tally.c - sums of a batch, in memory. */
#include "history/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/dmarc_record.h"
#include "auth/sig/hash.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

#define BUCKETS ((size_t)1 << 16)
#define SECONDS_A_DAY 86400

struct mxa_tally {
	struct mxa_arena *lasting; /* as long as the tally */
	struct mxa_arena *a;	   /* of the batch */
	struct mxa_arena *scratch; /* of a message */
	struct mxa_hash *hash;
	struct mxa_sum **bucket;
	size_t n_sums;
	struct mxa_policy_seen **policy;
	size_t n_policies;
	struct mxa_report_line line; /* large */
};

struct mxa_tally *mxa_tally_new(void)
{
	struct mxa_tally *t = mxa_xcalloc(1, sizeof(*t));

	t->lasting = mxa_arena_new();
	t->a = mxa_arena_new();
	t->scratch = mxa_arena_new();
	t->hash = mxa_hash_new(t->lasting);
	t->bucket = mxa_xcalloc(BUCKETS, sizeof(struct mxa_sum *));
	t->policy = mxa_xcalloc(BUCKETS, sizeof(struct mxa_policy_seen *));
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
	free(t->bucket);
	free(t->policy);
	free(t);
}

void mxa_tally_reset(struct mxa_tally *t)
{
	mxa_arena_reset(t->a);
	memset(t->bucket, 0, BUCKETS * sizeof(struct mxa_sum *));
	memset(t->policy, 0, BUCKETS * sizeof(struct mxa_policy_seen *));
	t->n_sums = t->n_policies = 0;
}

size_t mxa_tally_bytes(const struct mxa_tally *t)
{
	return mxa_arena_used(t->a);
}

/* --- keys --- */

/* The first half of a SHA-256 in hexadecimal digits; returns its first bytes
 * as a number. */
static size_t hash_texts(struct mxa_tally *t, struct mxa_str first,
    struct mxa_str second, char out[MXA_ROW_ID])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t raw[MXA_SHA256] = { 0 };
	size_t n = 0;

	mxa_hash_start(t->hash);
	mxa_hash_put(t->hash, first.p, first.len);
	mxa_hash_put(t->hash, "\n", 1);
	mxa_hash_put(t->hash, second.p, second.len);
	(void)mxa_hash_final(t->hash, raw);
	for (size_t i = 0; i < (MXA_ROW_ID - 1) / 2; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[MXA_ROW_ID - 1] = '\0';
	memcpy(&n, raw, sizeof(n));
	return n;
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

static void note_policy(struct mxa_tally *t, const struct mxa_dmarc_domain *d,
    struct mxa_str domain, int64_t day, char id[MXA_ROW_ID])
{
	struct mxa_str body =
	    mxa_store_text(t->scratch, mxa_str_trim(d->record->text), 4000);
	size_t at = hash_texts(t, domain, body, id) % BUCKETS;
	struct mxa_policy_seen *p;

	for (p = t->policy[at]; p != NULL; p = p->next)
		if (strcmp(p->policy_id, id) == 0) {
			p->day = day > p->day ? day : p->day;
			return;
		}
	p = mxa_arena_calloc(t->a, 1, sizeof(*p));
	memcpy(p->policy_id, id, MXA_ROW_ID);
	p->domain = mxa_str_dup(t->a, domain);
	p->body = mxa_str_dup(t->a, body);
	p->rua = join_uris(t->a, d->record->rua, d->record->n_rua);
	p->ruf = join_uris(t->a, d->record->ruf, d->record->n_ruf);
	p->day = day;
	p->next = t->policy[at];
	t->policy[at] = p;
	t->n_policies++;
}

/* --- sums --- */

static struct mxa_sum *find_sum(struct mxa_tally *t, int64_t day,
    const char *policy_id, struct mxa_str domain, struct mxa_str body)
{
	char row_id[MXA_ROW_ID];
	size_t at = hash_texts(t, MXA_STR("row"), body, row_id);
	struct mxa_sum *s;

	at = (at ^ (size_t)day ^ (size_t)policy_id[0]) % BUCKETS;
	for (s = t->bucket[at]; s != NULL; s = s->next)
		if (s->day == day && strcmp(s->row_id, row_id) == 0 &&
		    strcmp(s->policy_id, policy_id) == 0)
			return s;
	s = mxa_arena_calloc(t->a, 1, sizeof(*s));
	s->day = day;
	memcpy(s->policy_id, policy_id, MXA_ROW_ID);
	memcpy(s->row_id, row_id, MXA_ROW_ID);
	s->domain = mxa_str_dup(t->a, domain);
	s->body = mxa_str_dup(t->a, body);
	s->next = t->bucket[at];
	t->bucket[at] = s;
	t->n_sums++;
	return s;
}

static void add_author(
    struct mxa_tally *t, const struct mxa_entry *e, size_t i, bool report)
{
	const struct mxa_dmarc_domain *d = &e->txn.verdict.dmarc.domain[i];
	bool refused = e->txn.action.kind == MXA_ACT_REJECT;
	int64_t day = e->time / SECONDS_A_DAY;
	char policy_id[MXA_ROW_ID];
	struct mxa_str domain;
	struct mxa_sum *s;

	if (!mxa_report_line_of(t->scratch, e, i, &t->line))
		return;
	domain = mxa_store_text(t->scratch, d->record_domain, MXA_MAX_DOMAIN);
	note_policy(t, d, domain, day, policy_id);
	s = find_sum(t, day, policy_id, domain,
	    mxa_report_line_format(t->scratch, &t->line));
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

static int compare_text(struct mxa_str a, struct mxa_str b)
{
	int c = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

static int compare_sums(const void *a, const void *b)
{
	const struct mxa_sum *x = *(struct mxa_sum *const *)a;
	const struct mxa_sum *y = *(struct mxa_sum *const *)b;
	int c = (x->day > y->day) - (x->day < y->day);

	if (c == 0)
		c = compare_text(x->domain, y->domain);
	if (c == 0)
		c = strcmp(x->policy_id, y->policy_id);
	return c != 0 ? c : strcmp(x->row_id, y->row_id);
}

struct mxa_sum **mxa_tally_sums(struct mxa_tally *t, size_t *n)
{
	struct mxa_sum **v = mxa_arena_calloc(t->a, t->n_sums, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct mxa_sum *s = t->bucket[i]; s != NULL; s = s->next)
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
	    mxa_arena_calloc(t->a, t->n_policies, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct mxa_policy_seen *p = t->policy[i]; p; p = p->next)
			v[(*n)++] = p;
	if (*n > 0)
		qsort(v, *n, sizeof(*v), compare_policies);
	return v;
}
