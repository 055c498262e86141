/* summary.c - groups in a table by their key. */
#include "explain/summary.h"

#include <stdlib.h>
#include <string.h>

#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/table.h"
#include "explain/receiver.h"

struct group {
	struct mxa_link link;
	struct mxa_group g;
	struct mxa_str key;
	struct mxa_hashes recipients;
};

struct mxa_summary {
	enum mxa_summary_by by;
	int64_t since, until;
	struct mxa_arena *arena;   /* of the groups */
	struct mxa_arena *message; /* of what is read now */
	struct mxa_psl *psl;	   /* NULL: hosts are their own providers */
	uint64_t key[2];
	struct mxa_table table;
	struct group **group;
	size_t n, cap;
	size_t n_recipients; /* in all sets */
	size_t n_samples;    /* bytes */
	struct mxa_summary_counts counts;

	mxa_summary_list_fn *list_fn;
	void *list_ctx;
	enum mxa_refusal_class list_class;
	struct mxa_hashes listed;
};

bool mxa_summary_by_word(const char *word, enum mxa_summary_by *out)
{
	static const char *const words[] = { NULL, "cause", "domain",
		"provider", "ip", "day" };

	for (size_t i = 1; i < MXA_ARRAY_LEN(words); i++)
		if (strcmp(word, words[i]) == 0) {
			*out = (enum mxa_summary_by)i;
			return true;
		}
	return false;
}

/* --- groups --- */

static bool has_part(const struct mxa_summary *s, enum mxa_summary_by part)
{
	return s->by == part ||
	    (s->by == MXA_SUMMARY_BY_ALL && part != MXA_SUMMARY_BY_DAY);
}

/* Whose mail it was: the domain that the reply names, else the sender's. */
static struct mxa_str sender_domain(
    const struct mxa_bounce *b, const struct mxa_failure *f)
{
	if (f->domain.len > 0)
		return f->domain;
	if (b->returned.mail_domain.len > 0)
		return b->returned.mail_domain;
	return b->returned.author;
}

/* What the failure has in common with its group. */
static void describe_failure(const struct mxa_summary *s,
    const struct mxa_bounce *b, const struct mxa_failure *f, int64_t when,
    struct mxa_group *g)
{
	char ip[MXA_IP_TEXT];

	*g = (struct mxa_group){ .class = f->refusal.class,
		.methods = f->refusal.methods,
		.temporary = f->temporary,
		.domain = sender_domain(b, f),
		.provider = mxa_receiver_name(s->message, s->psl, f),
		.status = f->status,
		.reply = mxa_str_from(f->said.code) };
	g->ip =
	    mxa_str_dup(s->message, mxa_str_from(mxa_ip_format(&f->ip, ip)));
	if (s->by == MXA_SUMMARY_BY_DAY)
		g->day = when - when % MXA_DAY_SECONDS;
}

static struct mxa_str key_of(
    const struct mxa_summary *s, const struct mxa_group *g)
{
	struct mxa_buf b;

	mxa_buf_init(&b, s->message, 4096);
	mxa_buf_printf(&b, "%d %u %d", g->class, g->methods, g->temporary);
	if (has_part(s, MXA_SUMMARY_BY_DOMAIN))
		mxa_buf_printf(&b, " d%.*s", MXA_STR_ARG(g->domain));
	if (has_part(s, MXA_SUMMARY_BY_PROVIDER))
		mxa_buf_printf(&b, " p%.*s", MXA_STR_ARG(g->provider));
	if (has_part(s, MXA_SUMMARY_BY_IP))
		mxa_buf_printf(&b, " i%.*s", MXA_STR_ARG(g->ip));
	if (s->by == MXA_SUMMARY_BY_DAY)
		mxa_buf_printf(&b, " t%lld", (long long)g->day);
	return mxa_buf_str(&b);
}

static struct group *find_group(
    const struct mxa_summary *s, struct mxa_str key, uint64_t hash)
{
	struct mxa_link *l = mxa_table_first(&s->table, hash);

	for (; l != NULL; l = mxa_table_next(l)) {
		struct group *g = MXA_OWNER(l, struct group, link);

		if (mxa_str_eq(g->key, key))
			return g;
	}
	return NULL;
}

static struct group *new_group(struct mxa_summary *s,
    const struct mxa_group *like, struct mxa_str key, uint64_t hash)
{
	struct group *g;

	if (s->n == MXA_SUMMARY_MAX_GROUPS) {
		s->counts.more_groups = true;
		return NULL;
	}
	s->group = mxa_xroom(s->group, s->n, &s->cap, sizeof(*s->group));
	g = mxa_xcalloc(1, sizeof(*g));
	g->g = *like;
	g->g.domain = mxa_str_dup(s->arena, like->domain);
	g->g.provider = mxa_str_dup(s->arena, like->provider);
	g->g.ip = mxa_str_dup(s->arena, like->ip);
	g->g.status = mxa_str_dup(s->arena, like->status);
	g->g.reply = mxa_str_dup(s->arena, like->reply);
	g->key = mxa_str_dup(s->arena, key);
	mxa_table_add(&s->table, &g->link, hash);
	s->group[s->n++] = g;
	return g;
}

static void keep_sample(struct mxa_summary *s, struct group *g,
    const struct mxa_failure *f, size_t index, struct mxa_str bytes)
{
	g->g.example = mxa_str_dup(s->arena, mxa_str_sub(f->evidence, 0, 2000));
	bytes = mxa_str_sub(bytes, 0, MXA_SUMMARY_MAX_SAMPLE);
	if (s->n_samples + bytes.len > MXA_SUMMARY_MAX_SAMPLES)
		return;
	s->n_samples += bytes.len;
	g->g.sample = mxa_str_dup(s->arena, bytes);
	g->g.sample_failure = index;
}

static void keep_common(struct mxa_str *text, struct mxa_str other)
{
	if (!mxa_str_eq(*text, other))
		*text = MXA_STR("");
}

static void span_time(int64_t *first, int64_t *last, int64_t when)
{
	if (when == 0)
		return;
	if (*first == 0 || when < *first)
		*first = when;
	if (when > *last)
		*last = when;
}

static void count_recipient(
    struct mxa_summary *s, struct group *g, struct mxa_str recipient)
{
	uint64_t hash = mxa_table_hash(s->key, recipient.p, recipient.len, 1);

	if (recipient.len == 0)
		return;
	if (s->n_recipients >= MXA_SUMMARY_MAX_RECIPIENTS) {
		s->counts.more_recipients = true;
		return;
	}
	if (mxa_hashes_add(&g->recipients, hash)) {
		g->g.recipients++;
		s->n_recipients++;
	}
}

static void count_failure(struct mxa_summary *s, const struct mxa_bounce *b,
    size_t index, int64_t when, struct mxa_str bytes)
{
	const struct mxa_failure *f = &b->v[index];
	struct mxa_group like;
	struct mxa_str key;
	struct group *g;
	uint64_t hash;

	describe_failure(s, b, f, when, &like);
	key = key_of(s, &like);
	hash = mxa_table_hash(s->key, key.p, key.len, 0);
	g = find_group(s, key, hash);
	if (g == NULL && (g = new_group(s, &like, key, hash)) != NULL)
		keep_sample(s, g, f, index, bytes);
	if (g == NULL)
		return;
	keep_common(&g->g.domain, like.domain);
	keep_common(&g->g.provider, like.provider);
	keep_common(&g->g.ip, like.ip);
	keep_common(&g->g.status, like.status);
	keep_common(&g->g.reply, like.reply);
	g->g.count++;
	span_time(&g->g.first, &g->g.last, when);
	count_recipient(s, g, f->recipient);
}

static void list_recipient(struct mxa_summary *s, const struct mxa_failure *f)
{
	struct mxa_str r = f->recipient;

	if (s->list_fn == NULL || f->refusal.class != s->list_class ||
	    r.len == 0)
		return;
	if (s->listed.n >= MXA_SUMMARY_MAX_RECIPIENTS ||
	    mxa_hashes_add(&s->listed, mxa_table_hash(s->key, r.p, r.len, 1)))
		s->list_fn(s->list_ctx, r);
}

/* --- what comes in --- */

static bool counts_at(const struct mxa_summary *s, int64_t when)
{
	if (s->since == 0 && s->until == 0)
		return true;
	return when != 0 && when >= s->since &&
	    (s->until == 0 || when < s->until);
}

static void count_bounce(struct mxa_summary *s, const struct mxa_bounce *b,
    int64_t when, struct mxa_str bytes)
{
	span_time(&s->counts.first, &s->counts.last, when);
	for (size_t i = 0; i < b->n; i++) {
		const struct mxa_failure *f = &b->v[i];

		s->counts.deliveries++;
		*(f->temporary ? &s->counts.deferred : &s->counts.refused) += 1;
		s->counts.auth += mxa_refusal_is_auth(f->refusal.class);
		list_recipient(s, f);
		count_failure(s, b, i, when, bytes);
	}
}

/* The Date of a message; 0: none that can be read. */
static int64_t message_time(struct mxa_str bytes)
{
	size_t at = 0;
	int64_t when;

	while (at < bytes.len) {
		size_t end = mxa_str_chr(bytes, '\n', at);
		struct mxa_str line = mxa_str_trim(mxa_str_sub(bytes, at, end));

		if (line.len == 0)
			break;
		if (mxa_str_casestarts(line, MXA_STR("Date:")) &&
		    mxa_date_mail(mxa_str_sub(line, 5, line.len), &when))
			return when;
		at = end + 1;
	}
	return 0;
}

static void note_example(struct mxa_summary *s, struct mxa_str name)
{
	s->counts.not_understood++;
	if (s->counts.n_examples < MXA_SUMMARY_MAX_EXAMPLES)
		s->counts.not_understood_example[s->counts.n_examples++] =
		    mxa_str_dup(s->arena, name);
}

void mxa_summary_message(
    struct mxa_summary *s, struct mxa_str name, struct mxa_str bytes)
{
	int64_t when = message_time(bytes);
	struct mxa_bounce b;

	if (!counts_at(s, when))
		return;
	mxa_bounce_read(s->message, bytes, &b);
	if (b.kind == MXA_NOT_A_BOUNCE)
		note_example(s, name);
	else
		count_bounce(s, &b, when, bytes);
	mxa_arena_reset(s->message);
}

struct mxa_str mxa_summary_delivery_text(
    struct mxa_arena *a, const struct mxa_delivery *d)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 2 * MXA_MAX_SAID + 8192);
	if (d->sender_known && d->sender.len > 0)
		mxa_buf_printf(&b, "X-Postfix-Sender: rfc822; %.*s\n",
		    MXA_STR_ARG(d->sender));
	mxa_buf_printf(
	    &b, "\nFinal-Recipient: rfc822; %.*s\n", MXA_STR_ARG(d->recipient));
	if (d->original.len > 0)
		mxa_buf_printf(&b, "Original-Recipient: rfc822;%.*s\n",
		    MXA_STR_ARG(d->original));
	mxa_buf_printf(&b, "Action: %s\n",
	    d->state == MXA_DELIVERY_DEFERRED ? "delayed" : "failed");
	if (d->status.len > 0)
		mxa_buf_printf(&b, "Status: %.*s\n", MXA_STR_ARG(d->status));
	if (d->relay.len > 0)
		mxa_buf_printf(
		    &b, "Remote-MTA: dns; %.*s\n", MXA_STR_ARG(d->relay));
	mxa_buf_printf(
	    &b, "Diagnostic-Code: smtp; %.*s\n", MXA_STR_ARG(d->words));
	return mxa_buf_str(&b);
}

void mxa_summary_delivery(struct mxa_summary *s, const struct mxa_delivery *d)
{
	struct mxa_bounce b;
	struct mxa_str text;

	if (!counts_at(s, d->time))
		return;
	if (d->state == MXA_DELIVERY_SENT) {
		s->counts.deliveries++;
		span_time(&s->counts.first, &s->counts.last, d->time);
		return;
	}
	text = mxa_summary_delivery_text(s->message, d);
	mxa_bounce_read(s->message, text, &b);
	for (size_t i = 0; i < b.n; i++)
		b.v[i].temporary = d->state == MXA_DELIVERY_DEFERRED;
	if (b.n == 0) {
		s->counts.deliveries++;
		note_example(s, d->words);
	}
	count_bounce(s, &b, d->time, text);
	mxa_arena_reset(s->message);
}

/* --- what comes out --- */

static int by_weight(const void *a, const void *b)
{
	const struct group *x = *(const struct group *const *)a;
	const struct group *y = *(const struct group *const *)b;
	bool x_auth = mxa_refusal_is_auth(x->g.class);

	if (x_auth != mxa_refusal_is_auth(y->g.class))
		return x_auth ? -1 : 1;
	if (x->g.count != y->g.count)
		return x->g.count > y->g.count ? -1 : 1;
	if (x->g.day != y->g.day)
		return x->g.day < y->g.day ? -1 : 1;
	return strcmp(x->key.p, y->key.p);
}

const struct mxa_group *const *mxa_summary_groups(
    struct mxa_summary *s, size_t *n)
{
	const struct mxa_group **list =
	    mxa_arena_calloc(s->message, s->n + 1, sizeof(*list));

	if (s->n > 0)
		qsort(s->group, s->n, sizeof(struct group *), by_weight);
	for (size_t i = 0; i < s->n; i++)
		list[i] = &s->group[i]->g;
	*n = s->n;
	return list;
}

const struct mxa_summary_counts *mxa_summary_counts(const struct mxa_summary *s)
{
	return &s->counts;
}

/* --- the module --- */

struct mxa_summary *mxa_summary_new(
    enum mxa_summary_by by, int64_t since, int64_t until)
{
	struct mxa_summary *s = mxa_xcalloc(1, sizeof(*s));
	const char *error;

	s->by = by;
	s->since = since;
	s->until = until;
	s->arena = mxa_arena_new();
	s->message = mxa_arena_new();
	s->psl = mxa_psl_load(NULL, &error);
	mxa_table_key(s->key);
	mxa_table_init(&s->table);
	return s;
}

void mxa_summary_list(struct mxa_summary *s, enum mxa_refusal_class class,
    mxa_summary_list_fn *fn, void *ctx)
{
	s->list_class = class;
	s->list_fn = fn;
	s->list_ctx = ctx;
}

void mxa_summary_free(struct mxa_summary *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++) {
		mxa_hashes_done(&s->group[i]->recipients);
		free(s->group[i]);
	}
	free(s->group);
	mxa_hashes_done(&s->listed);
	mxa_psl_free(s->psl);
	mxa_table_done(&s->table);
	mxa_arena_free(s->message);
	mxa_arena_free(s->arena);
	free(s);
}
