/* suggest.c - which sources and signers an author's own SPF speaks for. */
#include "history/suggest.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "history/counts.h"

#define MAX_PAIRS 200000 /* of authors with addresses or signers */
#define MAX_FAILURES 200000
#define MIN_PASSED 2  /* once may be chance */
#define MAX_KEY 2000  /* three names and some signers */
#define MAX_SIGNERS 8 /* of a message, looked at */

/* Keys are "author address" and "author signer"; 'n' counts the messages that
 * would be refused, 'matches' those that passed by the author's SPF.  A failure
 * is "author address signer..."; */
struct mxa_suggest {
	struct mxa_arena *arena;
	struct mxa_counts *client, *signer, *failure;
	size_t before, covered;
	bool settled; /* 'matches' of a failure: a rule lets it through */
};

struct mxa_suggest *mxa_suggest_new(void)
{
	struct mxa_suggest *s = mxa_xcalloc(1, sizeof(*s));

	s->arena = mxa_arena_new();
	s->client = mxa_counts_new(MAX_PAIRS);
	s->signer = mxa_counts_new(MAX_PAIRS);
	s->failure = mxa_counts_new(MAX_FAILURES);
	return s;
}

void mxa_suggest_free(struct mxa_suggest *s)
{
	if (s == NULL)
		return;
	mxa_counts_free(s->client);
	mxa_counts_free(s->signer);
	mxa_counts_free(s->failure);
	mxa_arena_free(s->arena);
	free(s);
}

/* --- what the journal shows --- */

struct pair {
	char key[MAX_KEY];
};

static const char *pair_key(
    struct pair *p, struct mxa_str author, struct mxa_str other)
{
	size_t len = author.len + 1 + other.len;

	if (author.len == 0 || other.len == 0 || len >= sizeof(p->key))
		return NULL;
	memcpy(p->key, author.p, author.len);
	p->key[author.len] = ' ';
	memcpy(p->key + author.len + 1, other.p, other.len);
	p->key[len] = '\0';
	return p->key;
}

static void count_pair(struct mxa_counts *c, struct mxa_str author,
    struct mxa_str other, struct mxa_str failed_id)
{
	struct mxa_count *count;
	struct pair p;

	if (pair_key(&p, author, other) == NULL ||
	    (count = mxa_counts_at(c, p.key)) == NULL)
		return;
	if (failed_id.len == 0) {
		count->matches++;
		return;
	}
	if (count->n++ == 0 && failed_id.len < sizeof(count->example))
		memcpy(count->example, failed_id.p, failed_id.len);
}

static struct mxa_str client_text(
    const struct mxa_msg *m, char space[MXA_IP_TEXT])
{
	if (m->ip.family == 0)
		return MXA_STR_NONE;
	return mxa_str_from(mxa_ip_format(&m->ip, space));
}

/* 'failed_id' empty: the message passed by the author's SPF. */
static void count_suggested(struct mxa_suggest *s, const struct mxa_entry *e,
    struct mxa_str author, struct mxa_str failed_id)
{
	const struct mxa_dkim_verdict *dkim = &e->txn.verdict.dkim;
	char ip[MXA_IP_TEXT];

	count_pair(s->client, author, client_text(&e->txn.msg, ip), failed_id);
	for (size_t i = 0; i < dkim->n && i < MAX_SIGNERS; i++)
		if (dkim->sig[i].result == MXA_DKIM_PASS &&
		    !mxa_str_eq(dkim->sig[i].domain, author))
			count_pair(
			    s->signer, author, dkim->sig[i].domain, failed_id);
}

/* With more than one author domain nobody knows whom a rule would let in. */
static bool speaks_for_one_author(const struct mxa_entry *e)
{
	return e->txn.verdict.dmarc.n == 1 && !e->txn.verdict.authors.more &&
	    !e->txn.verdict.authors.malformed;
}

static bool is_dmarc_cause(enum mxa_cause c)
{
	return c == MXA_CAUSE_DMARC_REJECT || c == MXA_CAUSE_DMARC_QUARANTINE;
}

/* The author as a failure names it.  No rule can be for "a.example/spf-fail" or
 * "a.example,...": what else fails, or who else is in From, it does not cover.
 */
static void add_author_text(
    struct mxa_buf *b, const struct mxa_entry *e, const struct mxa_replayed *r)
{
	const struct mxa_dmarc_verdict *d = &e->txn.verdict.dmarc;
	size_t i = r->now.author < d->n ? r->now.author : d->worst;

	mxa_buf_addstr(b, d->domain[i].author);
	if (!speaks_for_one_author(e))
		mxa_buf_adds(b, ",...");
	if (!is_dmarc_cause(r->now.cause))
		mxa_buf_printf(b, "/%s", mxa_cause_name(r->now.cause));
}

static void add_failure(struct mxa_suggest *s, const struct mxa_entry *e,
    const struct mxa_replayed *r)
{
	const struct mxa_dkim_verdict *dkim = &e->txn.verdict.dkim;
	struct mxa_str id = e->txn.msg.queue_id;
	char ip[MXA_IP_TEXT];
	struct mxa_count *count;
	struct mxa_buf b;

	mxa_buf_init(&b, s->arena, MAX_KEY);
	add_author_text(&b, e, r);
	mxa_buf_addc(&b, ' ');
	mxa_buf_adds(
	    &b, e->txn.msg.ip.family ? mxa_ip_format(&e->txn.msg.ip, ip) : "-");
	for (size_t i = 0; i < dkim->n && i < MAX_SIGNERS; i++)
		if (dkim->sig[i].result == MXA_DKIM_PASS)
			mxa_buf_printf(
			    &b, " %.*s", MXA_STR_ARG(dkim->sig[i].domain));
	count = mxa_counts_at(s->failure, mxa_buf_cstr(&b));
	if (count != NULL && count->n++ == 0 && id.len < sizeof(count->example))
		memcpy(count->example, id.p, id.len);
	mxa_arena_reset(s->arena);
}

static bool would_not_arrive(const struct mxa_action *act)
{
	return act->would == MXA_ACT_REJECT || act->would == MXA_ACT_QUARANTINE;
}

void mxa_suggest_add(struct mxa_suggest *s, const struct mxa_entry *e,
    const struct mxa_replayed *r)
{
	const struct mxa_dmarc_verdict *d = &e->txn.verdict.dmarc;
	struct mxa_str id = e->txn.msg.queue_id;

	if (r->doubt == MXA_REPLAY_NOT_VERIFIED || d->n == 0)
		return;
	if (speaks_for_one_author(e) && d->domain[0].spf_aligned &&
	    d->domain[0].result == MXA_DMARC_PASS) {
		count_suggested(s, e, d->domain[0].author, MXA_STR_NONE);
		return;
	}
	if (!would_not_arrive(&r->now))
		return;
	s->before++;
	add_failure(s, e, r);
	if (speaks_for_one_author(e) && is_dmarc_cause(r->now.cause))
		count_suggested(
		    s, e, d->domain[0].author, id.len > 0 ? id : MXA_STR("-"));
}

/* --- what follows from it --- */

static bool is_earned(const struct mxa_count *c)
{
	return c != NULL && c->n > 0 && c->matches >= MIN_PASSED;
}

/* The word at 'at' of a key; NULL: there is none. */
static const char *key_word(struct mxa_suggest *s, const char *key, size_t at)
{
	const char *end;

	for (; at > 0; at--) {
		key = strchr(key, ' ');
		if (key == NULL)
			return NULL;
		key++;
	}
	end = strchr(key, ' ');
	return mxa_arena_strdup(
	    s->arena, key, end != NULL ? (size_t)(end - key) : strlen(key));
}

static bool fill_rule(struct mxa_suggest *s, const struct mxa_count *c,
    bool client, struct mxa_suggestion *out)
{
	const char *other = key_word(s, c->key, 1);

	*out = (struct mxa_suggestion){
		.author = key_word(s, c->key, 0),
		.client = client ? other : NULL,
		.signer = client ? NULL : other,
		.failed = c->n,
		.passed = c->matches,
		.example = c->example,
	};
	return true;
}

bool mxa_suggest_rule(
    struct mxa_suggest *s, size_t i, struct mxa_suggestion *out)
{
	for (int client = 1; client >= 0; client--) {
		size_t n;
		struct mxa_count **all =
		    mxa_counts_sorted(client ? s->client : s->signer, &n);

		for (size_t j = 0; j < n; j++)
			if (is_earned(all[j]) && i-- == 0)
				return fill_rule(s, all[j], client, out);
	}
	return false;
}

static bool pair_is_earned(
    const struct mxa_counts *c, const char *author, const char *other)
{
	struct pair p;

	return pair_key(&p, mxa_str_from(author), mxa_str_from(other)) !=
	    NULL &&
	    is_earned(mxa_counts_find(c, p.key));
}

/* Whether one of the rules lets that failure through. */
static bool failure_is_covered(struct mxa_suggest *s, const struct mxa_count *c)
{
	const char *author = key_word(s, c->key, 0), *word;

	if (pair_is_earned(s->client, author, key_word(s, c->key, 1)))
		return true;
	for (size_t i = 2; (word = key_word(s, c->key, i)) != NULL; i++)
		if (pair_is_earned(s->signer, author, word))
			return true;
	return false;
}

/* Once, when all messages have been added. */
static void settle_failures(struct mxa_suggest *s)
{
	size_t n;
	struct mxa_count **all = mxa_counts_sorted(s->failure, &n);

	if (s->settled)
		return;
	s->settled = true;
	for (size_t i = 0; i < n; i++)
		if (failure_is_covered(s, all[i])) {
			all[i]->matches = 1;
			s->covered += all[i]->n;
		}
}

bool mxa_suggest_refused(
    struct mxa_suggest *s, size_t i, struct mxa_refused *out)
{
	size_t n;
	struct mxa_count **all = mxa_counts_sorted(s->failure, &n);

	settle_failures(s);

	for (size_t j = 0; j < n; j++) {
		const char *rest;

		if (all[j]->matches > 0 || i-- > 0)
			continue;
		rest = strchr(strchr(all[j]->key, ' ') + 1, ' ');
		*out = (struct mxa_refused){
			.author = key_word(s, all[j]->key, 0),
			.client = key_word(s, all[j]->key, 1),
			.n = all[j]->n,
			.signers = rest != NULL ? rest + 1 : "",
			.example = all[j]->example,
		};
		return true;
	}
	return false;
}

size_t mxa_suggest_before(const struct mxa_suggest *s)
{
	return s->before;
}

size_t mxa_suggest_after(struct mxa_suggest *s)
{
	settle_failures(s);
	return s->before - s->covered;
}
