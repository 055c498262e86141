/* page_journal.c - see page_journal.h.
 *
 * One pass over each journal.  What is kept does not grow with it: kinds of
 * messages have a ceiling, messages are the wanted ones, the slowest, and the
 * newest of those that monitor let pass. */
#include "cli/page_journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/i18n.h"
#include "base/ipaddr.h"
#include "cli/explain_story.h"
#include "cli/progress.h"
#include "history/scan.h"
#include "policy/grounds.h"
#include "policy/refusal.h"

#define MAX_KINDS 5000		      /* that are counted apart */
#define MAX_PASSED 100		      /* messages that monitor let pass */
#define MAX_BYTES ((uint64_t)2 << 30) /* of a journal, the newest */
#define MAX_FACTS 2000
#define MAX_SHORTENED 64 /* addresses of a story */

/* --- messages --- */

static struct page_message *new_message(
    const struct mxa_entry *e, struct mxa_str author)
{
	struct page_message *m = mxa_xcalloc(1, sizeof(*m));
	struct mxa_str id = e->txn.msg.queue_id;

	m->time = e->time;
	m->ms = e->txn.ms;
	m->queue_id = mxa_xstrndup(id.len > 0 ? id.p : "", id.len);
	m->author = mxa_xstrndup(author.len > 0 ? author.p : "", author.len);
	return m;
}

void page_message_free(struct page_message *m)
{
	if (m == NULL)
		return;
	free(m->queue_id);
	free(m->author);
	free(m->facts);
	free(m->story);
	free(m);
}

struct mxa_str page_network(
    struct mxa_arena *a, struct mxa_str address, bool full)
{
	struct mxa_cidr net;
	char text[MXA_IP_TEXT];

	if (full || !mxa_ip_parse(address, &net.ip))
		return address;
	net.bits = net.ip.family == 4 ? 24 : 48;
	net = mxa_cidr_network(&net);
	return mxa_str_from(mxa_arena_printf(
	    a, "%s/%u", mxa_ip_format(&net.ip, text), net.bits));
}

/* As the store has it (history/import.c). */
static struct mxa_str author_of(const struct mxa_verdict *v)
{
	if (v->dmarc.n > 0)
		return v->dmarc.domain[v->dmarc.worst].author;
	return v->authors.n > 0 ? v->authors.domain[0] : MXA_STR_NONE;
}

static struct mxa_str address_of(
    struct mxa_arena *a, const struct mxa_ip *ip, bool full)
{
	char text[MXA_IP_TEXT];

	return page_network(
	    a, mxa_str_dup(a, mxa_str_from(mxa_ip_format(ip, text))), full);
}

static void add_fact(struct mxa_buf *b, const char *key, struct mxa_str value)
{
	if (value.len > 0)
		mxa_buf_printf(b, " %s=%.*s", key, MXA_STR_ARG(value));
}

static void add_word(struct mxa_buf *b, const char *key, const char *word)
{
	add_fact(b, key, mxa_str_from(word));
}

static char *facts_of(struct mxa_arena *a, const struct mxa_entry *e, bool full)
{
	const struct mxa_verdict *v = &e->txn.verdict;
	const struct mxa_action *act = &e->txn.action;
	const struct mxa_dmarc_domain *worst =
	    v->dmarc.n > 0 ? &v->dmarc.domain[v->dmarc.worst] : NULL;
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_FACTS);
	mxa_buf_addstr(&b, address_of(a, &e->txn.msg.ip, full));
	add_fact(&b, "mfrom", e->txn.msg.mail_domain);
	add_word(&b, "action", mxa_action_name(act->kind));
	if (act->would != act->kind)
		add_word(&b, "would", mxa_action_name(act->would));
	if (act->cause != MXA_CAUSE_NOTHING)
		add_word(&b, "cause", mxa_cause_name(act->cause));
	add_word(&b, "spf", mxa_spf_result_name(v->spf.result));
	add_word(&b, "dkim",
	    mxa_dkim_result_name(mxa_dkim_summary(&v->dkim, worst)));
	add_word(&b, "dmarc", mxa_dmarc_result_name(v->dmarc.result));
	return mxa_xstrdup(mxa_buf_cstr(&b));
}

/* --- stories --- */

struct substitute {
	struct mxa_str from, to;
};

struct substitutes {
	struct substitute v[MAX_SHORTENED];
	size_t n;
};

static void add_substitute(
    struct substitutes *s, struct mxa_str from, struct mxa_str to)
{
	if (from.len > 0 && s->n < MXA_ARRAY_LEN(s->v))
		s->v[s->n++] = (struct substitute){ from, to };
}

/* "u…@example.com" */
static void add_mailbox(
    struct substitutes *s, struct mxa_arena *a, struct mxa_str address)
{
	struct mxa_str whole, local, domain;
	bool keep;

	mxa_address_split(address, &whole, &local, &domain);
	keep = local.len > 1 && mxa_is_alnum(local.p[0]);
	if (domain.len > 0)
		add_substitute(s, address,
		    mxa_str_from(mxa_arena_printf(a, "%.*s…@%.*s", keep,
			keep ? local.p : "", MXA_STR_ARG(domain))));
}

/* People's addresses in the text, whoever wrote it there. */
static char *shorten_addresses(
    struct mxa_arena *a, const struct mxa_entry *e, struct mxa_str text)
{
	const struct mxa_msg *m = &e->txn.msg;
	struct substitutes *s = mxa_arena_calloc(a, 1, sizeof(*s));
	struct mxa_buf b;

	add_substitute(
	    s, address_of(a, &m->ip, true), address_of(a, &m->ip, false));
	add_substitute(
	    s, address_of(a, &m->peer, true), address_of(a, &m->peer, false));
	add_mailbox(s, a, m->mail_from);
	for (size_t i = 0; i < m->n_rcpt; i++)
		add_mailbox(s, a, m->rcpt[i]);
	mxa_buf_init(&b, a, 2 * text.len + 1);
	for (size_t at = 0, step; at < text.len; at += step) {
		size_t i = 0;

		step = 1;
		while (i < s->n &&
		    !mxa_str_casestarts(
			mxa_str_sub(text, at, text.len), s->v[i].from))
			i++;
		if (i < s->n)
			step = s->v[i].from.len;
		mxa_buf_addstr(
		    &b, i < s->n ? s->v[i].to : mxa_str_sub(text, at, at + 1));
	}
	return mxa_xstrdup(mxa_buf_cstr(&b));
}

static char *story_of(struct mxa_arena *a, const struct mxa_entry *e, bool full)
{
	char *text = cli_story_string(a, e, full), *shorter;

	if (full || text == NULL)
		return text;
	shorter = shorten_addresses(a, e, mxa_str_from(text));
	free(text);
	return shorter;
}

/* --- counts --- */

static struct page_count *find_count(struct page_journal *j,
    struct page_counts *c, const struct mxa_str key[3], uint64_t hash)
{
	for (struct mxa_link *l = mxa_table_first(&c->table, hash); l != NULL;
	     l = mxa_table_next(l)) {
		struct page_count *n = MXA_OWNER(l, struct page_count, link);

		if (mxa_str_eq(n->key[0], key[0]) &&
		    mxa_str_eq(n->key[1], key[1]) &&
		    mxa_str_eq(n->key[2], key[2]))
			return n;
	}
	if (c->n == MAX_KINDS)
		return NULL;
	if (c->n == c->cap) {
		c->cap = c->cap > 0 ? 2 * c->cap : 64;
		c->v = mxa_xrealloc(c->v, c->cap * sizeof(struct page_count *));
	}
	c->v[c->n] = mxa_arena_calloc(j->a, 1, sizeof(struct page_count));
	for (size_t i = 0; i < 3; i++)
		c->v[c->n]->key[i] = mxa_str_dup(j->a, key[i]);
	mxa_table_add(&c->table, &c->v[c->n]->link, hash);
	return c->v[c->n++];
}

void page_count_add(struct page_journal *j, struct page_counts *c,
    const struct page_count *more)
{
	uint64_t hash = 0;
	struct page_count *n;

	for (size_t i = 0; i < 3; i++)
		hash = mxa_table_hash(
		    j->table_key, more->key[i].p, more->key[i].len, hash + i);
	n = find_count(j, c, more->key, hash);
	if (n == NULL) {
		c->others += more->n;
		return;
	}
	n->n += more->n;
	n->refused += more->refused;
	n->last = more->last > n->last ? more->last : n->last;
}

static int by_count(const void *pa, const void *pb)
{
	const struct page_count *a = *(struct page_count *const *)pa;
	const struct page_count *b = *(struct page_count *const *)pb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	for (size_t i = 0; i < 3; i++)
		if (!mxa_str_eq(a->key[i], b->key[i]))
			return strcmp(a->key[i].p, b->key[i].p);
	return 0;
}

/* --- what a message counts for --- */

/* The first signer that passed and is not the author. */
static struct mxa_str signer_of(
    const struct mxa_verdict *v, const struct mxa_dmarc_domain *author)
{
	for (size_t i = 0; i < v->dkim.n; i++)
		if (v->dkim.sig[i].result == MXA_DKIM_PASS &&
		    !mxa_sig_of_author(&v->dkim.sig[i], author))
			return v->dkim.sig[i].domain;
	return MXA_STR_NONE;
}

/* The list, forwarder or sealer that the exception was made for. */
static struct mxa_str handed_by(
    const struct page_journal *j, struct mxa_arena *a, const struct mxa_txn *t)
{
	const struct mxa_verdict *v = &t->verdict;
	enum mxa_ground g = t->action.turned;

	if (g == MXA_GROUND_FORWARDER_NETWORK)
		return address_of(a, &t->msg.ip, j->full);
	if (g == MXA_GROUND_SEALER)
		return v->arc.trusted_sealer;
	if (g == MXA_GROUND_LIST_SPF)
		return t->msg.mail_domain;
	if (g == MXA_GROUND_LIST_SIGNATURE ||
	    g == MXA_GROUND_FORWARDER_SIGNATURE)
		return signer_of(v,
		    v->dmarc.n > 0 ? &v->dmarc.domain[v->dmarc.worst] : NULL);
	return MXA_STR_NONE;
}

static void count_message(
    struct page_journal *j, struct mxa_arena *a, const struct mxa_entry *e)
{
	const struct mxa_action *act = &e->txn.action;
	struct page_count one = { .n = 1, .last = e->time };

	if (act->would > act->kind) {
		one.key[0] = mxa_str_from(mxa_action_name(act->would));
		one.key[1] = mxa_str_from(act->cause != MXA_CAUSE_NOTHING
			? mxa_cause_name(act->cause)
			: "");
		one.key[2] = author_of(&e->txn.verdict);
		page_count_add(j, &j->would, &one);
	}
	if (act->override != MXA_OVERRIDE_NONE) {
		one.key[0] = mxa_str_from(mxa_override_name(act->override));
		one.key[1] = mxa_str_from(act->turned != MXA_GROUND_NONE
			? mxa_ground_name(act->turned)
			: "");
		one.key[2] = handed_by(j, a, &e->txn);
		page_count_add(j, &j->override, &one);
	}
}

static struct page_message *find_wanted(
    const struct page_journal *j, struct mxa_str id, int64_t time)
{
	uint64_t hash = mxa_table_hash(j->table_key, id.p, id.len, 0);

	for (struct mxa_link *l = mxa_table_first(&j->wanted, hash); l != NULL;
	     l = mxa_table_next(l)) {
		struct page_message *m =
		    MXA_OWNER(l, struct page_message, link);

		if (m->time == time && mxa_str_is(id, m->queue_id))
			return m;
	}
	return NULL;
}

static struct page_message *tell_message(const struct page_journal *j,
    struct mxa_arena *a, const struct mxa_entry *e)
{
	struct page_message *m = new_message(e, author_of(&e->txn.verdict));

	m->facts = facts_of(a, e, j->full);
	m->story = story_of(a, e, j->full);
	return m;
}

/* The newest take the place of the oldest. */
static void keep_passed(
    struct page_journal *j, struct mxa_arena *a, const struct mxa_entry *e)
{
	size_t at = j->n_wanted + j->next;

	if (j->n_messages - j->n_wanted == MAX_PASSED)
		page_message_free(j->message[at]);
	else
		j->n_messages++;
	j->message[at] = tell_message(j, a, e);
	j->next = (j->next + 1) % MAX_PASSED;
}

static void keep_slow(
    struct page_journal *j, struct mxa_arena *a, const struct mxa_entry *e)
{
	size_t at = j->n_slow;

	if (e->txn.ms == 0 ||
	    (at == PAGE_JOURNAL_SLOW && j->slow[at - 1]->ms >= e->txn.ms))
		return;
	if (at == PAGE_JOURNAL_SLOW)
		page_message_free(j->slow[--at]);
	else
		j->n_slow++;
	for (; at > 0 && j->slow[at - 1]->ms < e->txn.ms; at--)
		j->slow[at] = j->slow[at - 1];
	j->slow[at] = tell_message(j, a, e);
}

static void take_message(
    struct page_journal *j, struct mxa_arena *a, const struct mxa_entry *e)
{
	struct page_message *m;

	if (e->time < j->since || e->time >= j->until)
		return;
	if (j->messages++ == 0 || e->time < j->first)
		j->first = e->time;
	count_message(j, a, e);
	keep_slow(j, a, e);
	m = find_wanted(j, e->txn.msg.queue_id, e->time);
	if (m != NULL && m->story == NULL)
		m->story = story_of(a, e, j->full);
	else if (m == NULL && e->txn.action.would > e->txn.action.kind)
		keep_passed(j, a, e);
}

/* --- the whole --- */

void page_journal_begin(struct page_journal *j)
{
	j->a = mxa_arena_new();
	mxa_table_key(j->table_key);
	mxa_table_init(&j->wanted);
	mxa_table_init(&j->would.table);
	mxa_table_init(&j->override.table);
	mxa_table_init(&j->network.table);
}

void page_journal_want(struct page_journal *j, struct page_message *m)
{
	j->message = mxa_xrealloc(j->message,
	    (j->n_wanted + 1 + MAX_PASSED) * sizeof(struct page_message *));
	j->message[j->n_wanted++] = m;
	j->n_messages = j->n_wanted;
	mxa_table_add(&j->wanted, &m->link,
	    mxa_table_hash(j->table_key, m->queue_id, strlen(m->queue_id), 0));
}

void page_journal_read(struct page_journal *j, const char *path)
{
	struct mxa_arena *a = mxa_arena_new();
	struct progress progress;
	struct mxa_scan *s = NULL;
	struct mxa_place place;
	struct mxa_entry e;
	enum mxa_rc rc = mxa_scan_open(path, &s);
	uint64_t lines = 0;

	if (j->message == NULL)
		j->message =
		    mxa_xcalloc(MAX_PASSED, sizeof(struct page_message *));
	if (rc == MXA_OK) {
		mxa_scan_without(s, MXA_WITHOUT_DNS | MXA_WITHOUT_NOTES);
		j->cut = mxa_scan_recent(s, j->since, MAX_BYTES) || j->cut;
	}
	progress_begin(&progress);
	while (
	    s != NULL && (rc = mxa_scan_next(s, a, &e, &place)) != MXA_ENOENT) {
		j->read = j->read || rc == MXA_OK;
		if (rc == MXA_OK && e.kind == MXA_ENTRY_MESSAGE)
			take_message(j, a, &e);
		mxa_arena_reset(a);
		progress_update(&progress, ++lines, 0, _("lines"));
	}
	progress_end(&progress);
	mxa_scan_close(s);
	mxa_arena_free(a);
}

static void sort_counts(struct page_counts *c)
{
	if (c->n > 0)
		qsort(c->v, c->n, sizeof(struct page_count *), by_count);
}

void page_journal_sort(struct page_journal *j)
{
	sort_counts(&j->would);
	sort_counts(&j->override);
	sort_counts(&j->network);
}

void page_journal_end(struct page_journal *j)
{
	for (size_t i = 0; i < j->n_messages; i++)
		page_message_free(j->message[i]);
	for (size_t i = 0; i < j->n_slow; i++)
		page_message_free(j->slow[i]);
	mxa_table_done(&j->wanted);
	mxa_table_done(&j->would.table);
	mxa_table_done(&j->override.table);
	mxa_table_done(&j->network.table);
	free(j->message);
	free(j->would.v);
	free(j->override.v);
	free(j->network.v);
	mxa_arena_free(j->a);
}
