/* judge.c - rows to sources, sources to senders, senders to an answer. */
#include "report/received/judge.h"

#include <stdlib.h>
#include <string.h>

#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/domain.h"
#include "base/ipaddr.h"
#include "base/table.h"

/* Sources whose address is looked for in the SPF record. */
#define MAX_ASKED 200
/* Blocks of addresses whose reverse name is looked for. */
#define MAX_NAMED 100
/* A sender stands in the way when it fails for one in so many of its own
 * messages, and these are one in so many of all. */
#define OWN_SHARE 100
#define ALL_SHARE 1000
/* p=reject costs too much when forwarded mail that fails is one in so many. */
#define FORWARDED_SHARE 100

/* --- rows --- */

/* The receiver knows that the mail was forwarded. */
static bool is_forwarded(const struct mxa_report_row *row)
{
	static const char *const types[] = { "forwarded", "trusted_forwarder",
		"mailing_list" };

	for (size_t i = 0; i < row->n_reason; i++)
		for (size_t k = 0; k < MXA_ARRAY_LEN(types); k++)
			if (mxa_str_is(row->reason[i].type, types[k]))
				return true;
	return false;
}

/* Rows about names below the domain that have a record of their own belong to
 * that record's domain. */
static bool is_about(const struct mxa_report *rep, struct mxa_str domain)
{
	return mxa_domain_within(domain, rep->policy.domain);
}

/* --- the tables --- */

struct named {
	struct mxa_link link;
	struct mxa_str name, second;
	void *value;
};

struct names {
	struct mxa_arena *a;
	struct mxa_table table;
	uint64_t key[2];
};

static void begin_names(struct names *t, struct mxa_arena *a)
{
	t->a = a;
	mxa_table_init(&t->table);
	mxa_table_key(t->key);
}

/* The entry of a pair of texts; NULL: there is none, unless 'add'. */
static struct named *find_name(
    struct names *t, struct mxa_str name, struct mxa_str second, bool add)
{
	uint64_t hash =
	    mxa_table_hash(t->key, second.len ? second.p : "", second.len,
		mxa_table_hash(t->key, name.len ? name.p : "", name.len, 0));
	struct mxa_link *l = mxa_table_first(&t->table, hash);
	struct named *e;

	for (; l != NULL; l = mxa_table_next(l)) {
		e = MXA_OWNER(l, struct named, link);
		if (mxa_str_eq(e->name, name) && mxa_str_eq(e->second, second))
			return e;
	}
	if (!add)
		return NULL;
	e = mxa_arena_calloc(t->a, 1, sizeof(*e));
	e->name = name;
	e->second = second;
	mxa_table_add(&t->table, &e->link, hash);
	return e;
}

/* --- sources --- */

struct judge {
	const struct mxa_judge_options *o;
	struct mxa_judgement *out;
	struct mxa_arena *work;
	struct names keys;    /* domain and selector that verified */
	struct names address; /* to sources */
	struct names name;    /* to senders */
	struct names block;   /* to blocks, with reverse names only */
	struct source **source;
	size_t n_sources, cap_sources;
	size_t cap_senders;
};

struct source {
	struct mxa_judge_source s;
	uint64_t own_count; /* messages of the row that named s.own */
	uint64_t by_record; /* failed, as the author's SPF record says */
};

/* Sources of one network. */
struct block {
	struct mxa_str ip; /* the busiest source */
	uint64_t most, messages;
	struct mxa_str org; /* of its reverse name; empty: none is known */
};

static void note_keys(struct judge *j, const struct mxa_report_row *row)
{
	for (size_t i = 0; i < row->n_dkim; i++)
		if (mxa_str_is(row->auth_dkim[i].result, "pass"))
			find_name(&j->keys, row->auth_dkim[i].domain,
			    row->auth_dkim[i].selector, true);
}

static struct source *source_of(struct judge *j, struct mxa_str ip)
{
	struct named *e = find_name(&j->address, ip, MXA_STR(""), true);
	struct source *s = e->value;

	if (s != NULL)
		return s;
	s = mxa_arena_calloc(j->work, 1, sizeof(*s));
	s->s.ip = ip;
	s->s.first = INT64_MAX;
	e->value = s;
	j->source = mxa_xroom(
	    j->source, j->n_sources, &j->cap_sources, sizeof(struct source *));
	j->source[j->n_sources++] = s;
	return s;
}

static bool is_wrong_key(struct judge *j, const struct mxa_report_row *row)
{
	const struct mxa_report_dkim *own = mxa_report_row_signature(row);

	return own != NULL &&
	    find_name(&j->keys, own->domain, own->selector, false) == NULL;
}

static bool is_of_record(
    const struct mxa_report_row *row, enum mxa_report_cause cause)
{
	const struct mxa_report_spf *spf = mxa_report_row_spf(row);

	return spf != NULL && mxa_str_eq(spf->domain, row->header_from) &&
	    (cause == MXA_RC_NO_SPF_RECORD || cause == MXA_RC_SPF_ERROR ||
		cause == MXA_RC_NOT_LISTED);
}

static void count_failure(struct judge *j, struct source *s,
    const struct mxa_report *rep, const struct mxa_report_row *row,
    enum mxa_report_cause cause)
{
	if (is_forwarded(row))
		s->s.forwarded += row->count;
	else if (cause == MXA_RC_DKIM_BROKEN && is_wrong_key(j, row))
		s->s.wrong_key += row->count;
	if (is_of_record(row, cause))
		s->by_record += row->count;
	if (rep->begin > s->s.failed)
		s->s.failed = rep->begin;
}

static void count_pass(struct source *s, const struct mxa_report *rep,
    const struct mxa_report_row *row)
{
	s->s.aligned += row->count;
	if (mxa_str_is(row->spf, "pass"))
		s->s.by_spf += row->count;
	if (rep->begin > s->s.passed)
		s->s.passed = rep->begin;
}

static void count_row(struct judge *j, const struct mxa_report *rep,
    const struct mxa_report_row *row)
{
	struct source *s = source_of(j, row->source_ip);
	enum mxa_report_cause cause = mxa_report_row_cause(row);
	struct mxa_str own = mxa_report_row_elsewhere(row);

	s->s.messages += row->count;
	s->s.cause[cause] += row->count;
	s->s.outcome[mxa_report_row_outcome(row)] += row->count;
	if (mxa_report_row_passed(row))
		count_pass(s, rep, row);
	else
		count_failure(j, s, rep, row, cause);
	if (own.len > 0 && row->count > s->own_count) {
		s->s.own = own;
		s->own_count = row->count;
	}
	s->s.first = rep->begin < s->s.first ? rep->begin : s->s.first;
	s->s.last = rep->end > s->s.last ? rep->end : s->s.last;
}

/* --- days --- */

static void note_period(struct mxa_judgement *out, const struct mxa_report *rep)
{
	if (out->reports++ == 0 || rep->begin < out->first)
		out->first = rep->begin;
	if (out->reports == 1 || rep->end >= out->last) {
		out->last = rep->end;
		out->policy = rep->policy.p;
	}
}

static void make_days(struct judge *j)
{
	struct mxa_judgement *out = j->out;
	int64_t first = out->first / MXA_DAY_SECONDS;
	int64_t last = (out->last > out->first ? out->last - 1 : out->last) /
	    MXA_DAY_SECONDS;

	if (out->reports == 0)
		return;
	if (last - first >= MXA_JUDGE_MAX_DAYS)
		first = last - MXA_JUDGE_MAX_DAYS + 1;
	out->n_days = (size_t)(last - first) + 1;
	out->day = mxa_arena_calloc(j->o->a, out->n_days, sizeof(*out->day));
	for (size_t i = 0; i < out->n_days; i++)
		out->day[i].day = first + (int64_t)i;
}

/* A report of several days counts for the day of its begin. */
static struct mxa_judge_day *day_of(
    struct mxa_judgement *out, const struct mxa_report *rep)
{
	int64_t at = rep->begin / MXA_DAY_SECONDS;

	if (out->n_days == 0 || at < out->day[0].day ||
	    at - out->day[0].day >= (int64_t)out->n_days)
		return NULL;
	return &out->day[at - out->day[0].day];
}

static void count_day(
    struct mxa_judge_day *day, const struct mxa_report_row *row)
{
	if (day == NULL)
		return;
	day->reported = true;
	day->n[mxa_report_row_outcome(row)] += row->count;
}

/* --- reading all rows --- */

typedef void row_fn(struct judge *j, const struct mxa_report *rep,
    const struct mxa_report_row *row);

static void each_row(struct judge *j, const struct mxa_kept *k, row_fn *fn)
{
	struct mxa_str domain = j->out->domain;

	for (const struct mxa_kept_report *r = k->first; r; r = r->next) {
		if (!is_about(r->report, domain))
			continue;
		for (size_t i = 0; i < r->n; i++)
			if (mxa_domain_within(r->row[i].header_from, domain))
				fn(j, r->report, &r->row[i]);
	}
}

static void read_first(struct judge *j, const struct mxa_report *rep,
    const struct mxa_report_row *row)
{
	(void)rep;
	note_keys(j, row);
}

static void read_second(struct judge *j, const struct mxa_report *rep,
    const struct mxa_report_row *row)
{
	count_row(j, rep, row);
	count_day(day_of(j->out, rep), row);
}

static void read_reports(struct judge *j, const struct mxa_kept *k)
{
	for (const struct mxa_kept_report *r = k->first; r; r = r->next)
		if (is_about(r->report, j->out->domain))
			note_period(j->out, r->report);
	make_days(j);
	each_row(j, k, read_first);
	each_row(j, k, read_second);
	for (size_t i = 0; i < j->out->n_days; i++)
		j->out->reported_days += j->out->day[i].reported;
}

/* --- today's record --- */

static int by_failed(const void *pa, const void *pb)
{
	const struct source *a = *(struct source *const *)pa;
	const struct source *b = *(struct source *const *)pb;
	uint64_t fa = a->s.messages - a->s.aligned;
	uint64_t fb = b->s.messages - b->s.aligned;

	if (fa != fb)
		return fa > fb ? -1 : 1;
	return strcmp(a->s.ip.p, b->s.ip.p);
}

static void ask_record(struct judge *j)
{
	size_t asked = 0;

	if (j->n_sources == 0)
		return;
	qsort(j->source, j->n_sources, sizeof(*j->source), by_failed);
	for (size_t i = 0; i < j->n_sources && asked < MAX_ASKED; i++) {
		struct mxa_judge_source *s = &j->source[i]->s;

		if (j->o->lists == NULL || s->messages == s->aligned)
			return;
		if (s->by_spf > 0)
			continue;
		s->listed = j->o->lists(j->o->ctx, j->out->domain, s->ip);
		asked++;
	}
}

/* --- senders --- */

static struct mxa_str organization_of(struct judge *j, struct mxa_str domain)
{
	struct mxa_str name, org;

	if (mxa_domain_canonical(j->o->a, domain, &name) != MXA_OK)
		return domain;
	org = j->o->psl ? mxa_psl_org(j->o->psl, name)
			: mxa_domain_right(name, 2);
	return org.len > 0 ? org : name;
}

static struct mxa_str block_of(struct judge *j, struct mxa_str ip)
{
	struct mxa_cidr net;
	char text[MXA_IP_TEXT];

	if (!mxa_ip_parse(ip, &net.ip))
		return ip;
	net.bits = net.ip.family == 4 ? 24 : 48;
	net = mxa_cidr_network(&net);
	return mxa_str_from(mxa_arena_printf(
	    j->o->a, "%s/%u", mxa_ip_format(&net.ip, text), net.bits));
}

static struct block *find_block(struct judge *j, const struct source *s)
{
	struct named *e =
	    find_name(&j->block, block_of(j, s->s.ip), MXA_STR(""), true);

	if (e->value == NULL)
		e->value = mxa_arena_calloc(j->work, 1, sizeof(struct block));
	return e->value;
}

static int by_size(const void *pa, const void *pb)
{
	const struct block *a = *(struct block *const *)pa;
	const struct block *b = *(struct block *const *)pb;

	if (a->messages != b->messages)
		return a->messages > b->messages ? -1 : 1;
	return strcmp(a->ip.p, b->ip.p);
}

/* All blocks, the busiest first; malloc. */
static struct block **sum_blocks(struct judge *j, size_t *n)
{
	struct block **v =
	    mxa_xcalloc(j->n_sources + 1, sizeof(struct block *));

	*n = 0;
	for (size_t i = 0; i < j->n_sources; i++) {
		const struct source *s = j->source[i];
		struct block *b;

		if (s->s.own.len > 0)
			continue;
		b = find_block(j, s);
		if (b->ip.len == 0)
			v[(*n)++] = b;
		if (b->ip.len == 0 || s->s.messages > b->most) {
			b->ip = s->s.ip;
			b->most = s->s.messages;
		}
		b->messages += s->s.messages;
	}
	qsort(v, *n, sizeof(struct block *), by_size);
	return v;
}

static void ask_names(struct judge *j)
{
	struct block **v;
	size_t n;

	if (j->o->reverse_name == NULL)
		return;
	v = sum_blocks(j, &n);
	for (size_t i = 0; i < n && i < MAX_NAMED; i++) {
		struct mxa_str name = j->o->reverse_name(j->o->names, v[i]->ip);

		if (name.len > 0)
			v[i]->org = organization_of(j, name);
	}
	free(v);
}

static struct mxa_sender *new_sender(struct judge *j)
{
	struct mxa_judgement *out = j->out;

	out->v = mxa_arena_room(
	    j->o->a, out->v, out->n, &j->cap_senders, sizeof(*out->v));
	memset(&out->v[out->n], 0, sizeof(*out->v));
	return &out->v[out->n++];
}

/* Senders move when their array grows: the table holds their number. */
static struct mxa_sender *sender_at(
    struct judge *j, struct named *e, struct mxa_str name, bool is_block)
{
	struct mxa_sender *sender;

	if (e->value != NULL)
		return &j->out->v[*(size_t *)e->value];
	e->value = mxa_arena_alloc(j->work, sizeof(size_t));
	*(size_t *)e->value = j->out->n;
	sender = new_sender(j);
	sender->name = mxa_str_dup(j->o->a, name);
	sender->is_block = is_block;
	sender->sum.first = INT64_MAX;
	return sender;
}

/* By a reverse name: another sender than one that authenticates for it. */
static struct mxa_sender *sender_of_block(
    struct judge *j, const struct source *s)
{
	struct mxa_str block = block_of(j, s->s.ip), org = MXA_STR_NONE, name;
	struct mxa_sender *sender;

	if (j->o->reverse_name != NULL)
		org = find_block(j, s)->org;
	if (org.len == 0)
		return sender_at(j,
		    find_name(&j->name, block, MXA_STR(""), true), block, true);
	name = mxa_str_from(mxa_arena_printf(
	    j->o->a, "%.*s (%.*s)", MXA_STR_ARG(org), MXA_STR_ARG(block)));
	sender = sender_at(
	    j, find_name(&j->name, org, MXA_STR("reverse"), true), name, true);
	if (!mxa_str_eq(sender->name, name) &&
	    !mxa_str_ends(sender->name, MXA_STR("…)")))
		sender->name = mxa_str_from(mxa_arena_printf(j->o->a,
		    "%.*s, …)", (int)sender->name.len - 1, sender->name.p));
	return sender;
}

static struct mxa_sender *sender_of(struct judge *j, const struct source *s)
{
	struct mxa_str name;

	if (s->s.own.len == 0)
		return sender_of_block(j, s);
	name = organization_of(j, s->s.own);
	return sender_at(
	    j, find_name(&j->name, name, MXA_STR(""), true), name, false);
}

static void add_sums(struct mxa_judge_source *to, const struct source *from)
{
	const struct mxa_judge_source *s = &from->s;

	to->messages += s->messages;
	to->aligned += s->aligned;
	to->by_spf += s->by_spf;
	to->forwarded += s->forwarded;
	to->wrong_key += s->wrong_key;
	to->listed |= s->listed;
	for (size_t i = 0; i < MXA_REPORT_OUTCOMES; i++)
		to->outcome[i] += s->outcome[i];
	for (size_t i = 0; i < MXA_RCAUSES; i++)
		to->cause[i] += s->cause[i];
	to->first = s->first < to->first ? s->first : to->first;
	to->last = s->last > to->last ? s->last : to->last;
	to->failed = s->failed > to->failed ? s->failed : to->failed;
	to->passed = s->passed > to->passed ? s->passed : to->passed;
}

/* What is known only while the sources are at hand. */
struct record_sum {
	uint64_t repaired; /* failed then, listed by today's record */
};

static void make_senders(struct judge *j, struct record_sum **repaired)
{
	*repaired = mxa_arena_calloc(
	    j->work, j->n_sources + 1, sizeof(struct record_sum));
	for (size_t i = 0; i < j->n_sources; i++) {
		const struct source *s = j->source[i];
		struct mxa_sender *sender = sender_of(j, s);
		size_t at = (size_t)(sender - j->out->v);

		/* sources come sorted: the first one fails most */
		if (sender->sources++ == 0) {
			sender->sum.ip = s->s.ip;
			sender->sum.own = s->s.own;
		}
		add_sums(&sender->sum, s);
		if (s->s.listed)
			(*repaired)[at].repaired += s->by_record;
	}
}

/* --- what a sender is --- */

static uint64_t failed_of(const struct mxa_sender *s)
{
	return s->sum.messages - s->sum.aligned;
}

static enum mxa_report_cause main_cause(const struct mxa_sender *s)
{
	enum mxa_report_cause most = MXA_RC_NO_RESULTS;

	for (int c = MXA_RC_NO_SPF_RECORD; c < MXA_RCAUSES; c++)
		if (s->sum.cause[c] > s->sum.cause[most])
			most = (enum mxa_report_cause)c;
	return most;
}

static bool is_most(uint64_t part, uint64_t all)
{
	return 2 * part >= all && part > 0;
}

static enum mxa_sender_kind kind_of_known(
    const struct mxa_sender *s, uint64_t repaired)
{
	if (s->sum.passed > s->sum.failed || repaired == failed_of(s))
		return MXA_SENDER_FIXED;
	return MXA_SENDER_OWN;
}

static enum mxa_sender_kind kind_of(
    const struct mxa_sender *s, uint64_t repaired)
{
	uint64_t failed = failed_of(s);

	if (failed == 0)
		return s->is_block &&
			s->sum.cause[MXA_RC_PASS_DKIM] == s->sum.messages
		    ? MXA_SENDER_FORWARDER
		    : MXA_SENDER_PASSES;
	if (s->proof != MXA_PROOF_NONE)
		return kind_of_known(s, repaired);
	if (is_most(s->sum.forwarded, failed))
		return MXA_SENDER_FORWARDER;
	if (is_most(s->sum.wrong_key, failed))
		return MXA_SENDER_KEY;
	if (is_most(s->sum.cause[MXA_RC_DKIM_BROKEN], failed))
		return MXA_SENDER_FORWARDER;
	if (is_most(s->sum.cause[MXA_RC_UNALIGNED], failed))
		return MXA_SENDER_SERVICE;
	return MXA_SENDER_STRANGER;
}

static bool stands_in_the_way(
    const struct mxa_sender *s, const struct mxa_judgement *j)
{
	uint64_t failed = failed_of(s);

	return s->kind <= MXA_SENDER_KEY &&
	    failed >= s->sum.messages / OWN_SHARE &&
	    failed >= j->messages / ALL_SHARE;
}

static void judge_sender(
    const struct mxa_judgement *j, struct mxa_sender *s, uint64_t repaired)
{
	int64_t recent = j->last - MXA_JUDGE_NEW_DAYS * MXA_DAY_SECONDS;

	s->proof = s->sum.by_spf > 0 ? MXA_PROOF_PASSED
	    : s->sum.listed	     ? MXA_PROOF_RECORD
				     : MXA_PROOF_NONE;
	s->cause = main_cause(s);
	s->kind = kind_of(s, repaired);
	s->blocks = stands_in_the_way(s, j);
	s->is_new = s->sum.first >= recent && j->first < recent;
}

/* --- the answer --- */

/* Strangers come last. */
static int place_of(const struct mxa_sender *s)
{
	if (s->blocks)
		return 0;
	return s->kind == MXA_SENDER_STRANGER ? 2 : 1;
}

static int by_need(const void *pa, const void *pb)
{
	const struct mxa_sender *a = pa, *b = pb;
	int places = place_of(a) - place_of(b);

	if (places != 0)
		return places;
	if (a->blocks && failed_of(a) != failed_of(b))
		return failed_of(a) > failed_of(b) ? -1 : 1;
	if (a->sum.messages != b->sum.messages)
		return a->sum.messages > b->sum.messages ? -1 : 1;
	return strcmp(a->name.p, b->name.p);
}

static void sum_sender(struct mxa_judgement *j, const struct mxa_sender *s)
{
	j->of_kind[s->kind] += failed_of(s);
	j->senders_of_kind[s->kind]++;
	j->blocking += s->blocks;
	j->new_senders += s->is_new;
}

static enum mxa_readiness readiness_of(const struct mxa_judgement *j)
{
	if (j->messages == 0)
		return MXA_READY_UNKNOWN;
	if (j->blocking > 0 || j->aligned == 0)
		return MXA_READY_NO;
	if (j->reported_days < MXA_JUDGE_DAYS)
		return MXA_READY_WAIT;
	if (j->of_kind[MXA_SENDER_FORWARDER] > j->messages / FORWARDED_SHARE)
		return MXA_READY_QUARANTINE;
	return MXA_READY_REJECT;
}

static void judge_senders(struct judge *j)
{
	struct mxa_judgement *out = j->out;
	struct record_sum *repaired;

	make_senders(j, &repaired);
	for (size_t i = 0; i < out->n; i++) {
		out->messages += out->v[i].sum.messages;
		out->aligned += out->v[i].sum.aligned;
		for (size_t k = 0; k < MXA_REPORT_OUTCOMES; k++)
			out->outcome[k] += out->v[i].sum.outcome[k];
	}
	for (size_t i = 0; i < out->n; i++) {
		judge_sender(out, &out->v[i], repaired[i].repaired);
		sum_sender(out, &out->v[i]);
	}
	if (out->n > 0)
		qsort(out->v, out->n, sizeof(*out->v), by_need);
	out->ready = readiness_of(out);
}

void mxa_judge(const struct mxa_kept *k, struct mxa_str domain,
    const struct mxa_judge_options *o, struct mxa_judgement *out)
{
	struct judge j = { .o = o, .out = out, .work = mxa_arena_new() };

	memset(out, 0, sizeof(*out));
	out->domain = domain;
	begin_names(&j.keys, j.work);
	begin_names(&j.address, j.work);
	begin_names(&j.name, j.work);
	begin_names(&j.block, j.work);
	read_reports(&j, k);
	ask_record(&j);
	ask_names(&j);
	judge_senders(&j);
	mxa_table_done(&j.keys.table);
	mxa_table_done(&j.address.table);
	mxa_table_done(&j.name.table);
	mxa_table_done(&j.block.table);
	free(j.source);
	mxa_arena_free(j.work);
}

/* --- domains --- */

struct domain_sum {
	struct mxa_str domain;
	uint64_t messages;
};

static int by_messages(const void *pa, const void *pb)
{
	const struct domain_sum *a = pa, *b = pb;

	if (a->messages != b->messages)
		return a->messages > b->messages ? -1 : 1;
	return strcmp(a->domain.p, b->domain.p);
}

size_t mxa_judge_domains(
    const struct mxa_kept *k, struct mxa_arena *a, struct mxa_str **out)
{
	struct names t;
	struct domain_sum *v = mxa_xcalloc(k->n + 1, sizeof(*v));
	size_t n = 0;

	begin_names(&t, a);
	for (const struct mxa_kept_report *r = k->first; r; r = r->next) {
		struct mxa_str domain = r->report->policy.domain;
		struct named *e = find_name(&t, domain, MXA_STR(""), true);
		struct domain_sum *d = e->value;

		if (domain.len == 0)
			continue;
		if (d == NULL)
			e->value = d = &v[n++];
		d->domain = domain;
		for (size_t i = 0; i < r->n; i++)
			d->messages += r->row[i].count;
	}
	mxa_table_done(&t.table);
	qsort(v, n, sizeof(*v), by_messages);
	*out = mxa_arena_calloc(a, n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++)
		(*out)[i] = v[i].domain;
	free(v);
	return n;
}
