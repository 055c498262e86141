/* make.c - sums of a day become reports. */
#include "report/sent/make.h"

#include <stdio.h>
#include <stdlib.h>

#include "auth/report_address.h"
#include "auth/sig/hash.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "conf/conf.h"
#include "report/sent/sender.h"
#include "report/sent/write.h"

#define LEASE_SECONDS 120
#define PAGE 1000		    /* rows of one statement */
#define FROZEN_AT_ONCE 200	    /* reports of one transaction */
#define MAX_BODY ((size_t)10 << 20) /* what mail servers still take */
#define PART ((size_t)256 * 1024)
#define PERIODS_KNOWN 30 /* days that tell whether a domain is known */

struct maker {
	const struct mxa_make_options *o;
	struct mxa_make_result *out;
	struct mxa_store *store;
	struct mxa_arena *page;	     /* of a page of rows */
	struct mxa_arena *report;    /* of one report */
	struct mxa_report_line line; /* large */
	int64_t now;
	int64_t leased; /* until then */
};

static bool is_fine(const struct maker *m)
{
	return mxa_store_state(m->store) == MXA_STORE_OK &&
	    (m->o->stop == NULL || *m->o->stop == 0);
}

static void tell_progress(const struct maker *m, const char *what, int64_t done)
{
	if (m->o->progress != NULL)
		m->o->progress(m->o->ctx, what, done);
}

/* --- the lease --- */

static bool take_lease(struct maker *m)
{
	return mxa_store_run(m->store,
		   "UPDATE lease SET owner = $1, until = $3 "
		   "WHERE name = 'report' AND (until < $2 OR owner = $1)",
		   MXA_ARGS(MXA_TEXT(m->o->owner), MXA_INT(m->now),
		       MXA_INT(m->now + LEASE_SECONDS))) == 1;
}

static void give_lease_back(struct maker *m)
{
	mxa_store_run(m->store,
	    "UPDATE lease SET owner = '', until = 0 "
	    "WHERE name = 'report' AND owner = $1",
	    MXA_ARGS(MXA_TEXT(m->o->owner)));
}

/* While it is ours; the clock goes on, unless it is set.  Each renewal is a
 * commit: only when half of the time is over. */
static bool keep_lease(struct maker *m)
{
	m->now = mxa_store_now(m->store);
	if (m->leased - m->now > LEASE_SECONDS / 2)
		return true;
	if (!take_lease(m))
		return false;
	m->leased = m->now + LEASE_SECONDS;
	return true;
}

/* --- days --- */

int64_t mxa_report_due_day(struct mxa_store *s, int64_t now)
{
	int64_t today = now / MXA_REPORT_DAY;
	int64_t yesterday_end = today * MXA_REPORT_DAY;
	int64_t behind;

	if (now - yesterday_end >= MXA_REPORT_GRACE)
		return today - 1;
	behind = mxa_store_number(s,
	    "SELECT count(*) FROM host WHERE wrote >= $1 AND through < $2",
	    MXA_ARGS(MXA_INT(now - MXA_REPORT_HOSTS_SECONDS),
		MXA_INT(yesterday_end)),
	    0);
	if (mxa_store_state(s) != MXA_STORE_OK)
		return -1;
	return behind > 0 ? today - 2 : today - 1;
}

/* Once a day is closed the importer leaves out what comes later.  The update
 * waits for imports that are just being committed. */
static void close_days(struct maker *m)
{
	int64_t due = mxa_report_due_day(m->store, m->now);
	char text[24];
	struct mxa_arg args[] = { MXA_TEXT(MXA_STR_NONE), MXA_INT(due) };

	if (due < 0)
		return;
	snprintf(text, sizeof(text), "%lld", (long long)due);
	args[0] = MXA_TEXT(mxa_str_from(text));
	mxa_store_run(m->store,
	    "UPDATE meta SET value = $1 WHERE name = 'closed_day' "
	    "AND CAST(value AS BIGINT) < $2",
	    args, 2);
}

/* --- a row for each domain and policy --- */

#define REPORT_COLUMNS 12

static const struct mxa_store_insert into_report = { "report",
	"report_id, domain, policy_id, period_begin, period_end, state, why, "
	"filename, rows_n, messages, made, body_sha256",
	"tttiitttiiit", "ON CONFLICT DO NOTHING", NULL };

struct pending_page {
	struct maker *m;
	int64_t day;
	struct mxa_arg *rows; /* PAGE times REPORT_COLUMNS */
	size_t n;
	struct mxa_str domain, policy; /* of the last row */
};

static bool add_pending(void *ctx, const struct mxa_row *r)
{
	struct pending_page *p = ctx;
	struct mxa_arena *a = p->m->page;
	struct mxa_arg *v = p->rows + REPORT_COLUMNS * p->n++;

	p->domain = mxa_str_dup(a, r->col[0]);
	p->policy = mxa_str_dup(a, r->col[1]);
	v[0] = MXA_TEXT(
	    mxa_sent_report_id(a, p->m->o->who, p->domain, p->policy, p->day));
	v[1] = MXA_TEXT(p->domain);
	v[2] = MXA_TEXT(p->policy);
	v[3] = MXA_INT(p->day * MXA_REPORT_DAY);
	v[4] = MXA_INT((p->day + 1) * MXA_REPORT_DAY - 1);
	v[5] = MXA_TEXT(MXA_STR("pending"));
	v[6] = v[7] = v[11] = MXA_TEXT(MXA_STR(""));
	v[8] = v[10] = MXA_INT(0);
	v[9] = MXA_INT(mxa_row_int(r, 2));
	return true;
}

/* A page from after (domain, policy).  False: that was the last. */
static bool list_page(struct pending_page *p)
{
	p->n = 0;
	mxa_store_query(p->m->store,
	    "SELECT domain, policy_id, sum(n) FROM tally WHERE day = $1 "
	    "AND (domain, policy_id) > ($2, $3) GROUP BY domain, policy_id "
	    "ORDER BY domain, policy_id LIMIT $4",
	    MXA_ARGS(MXA_INT(p->day), MXA_TEXT(p->domain), MXA_TEXT(p->policy),
		MXA_INT(PAGE)),
	    add_pending, p);
	mxa_store_insert(p->m->store, &into_report, p->rows, p->n);
	return p->n == PAGE;
}

static void set_made_day(struct maker *m, int64_t day)
{
	char text[24];
	struct mxa_arg args[1];

	snprintf(text, sizeof(text), "%lld", (long long)day);
	args[0] = MXA_TEXT(mxa_str_from(text));
	mxa_store_run(m->store,
	    "UPDATE meta SET value = $1 WHERE name = 'made_day'", args, 1);
}

/* Every domain and policy of the day has its row. */
static void list_day(struct maker *m, int64_t day)
{
	struct pending_page p = {
		.m = m, .day = day, .domain = MXA_STR(""), .policy = MXA_STR("")
	};
	char domain[MXA_MAX_DOMAIN + 1], policy[64];
	bool more = true;

	while (more && is_fine(m) && keep_lease(m)) {
		/* the last names outlive their page */
		snprintf(domain, sizeof(domain), "%.*s", MXA_STR_ARG(p.domain));
		snprintf(policy, sizeof(policy), "%.*s", MXA_STR_ARG(p.policy));
		p.domain = mxa_str_from(domain);
		p.policy = mxa_str_from(policy);
		mxa_arena_reset(m->page);
		p.rows = mxa_arena_alloc(
		    m->page, PAGE * REPORT_COLUMNS * sizeof(*p.rows));
		more = list_page(&p);
	}
	if (!more && is_fine(m)) {
		set_made_day(m, day);
		m->out->days++;
	}
}

static int64_t meta_number(struct maker *m, const char *name)
{
	return mxa_store_number(m->store,
	    "SELECT value FROM meta WHERE name = $1",
	    MXA_ARGS(MXA_TEXT(mxa_str_from(name))), 0);
}

static void list_days(struct maker *m)
{
	int64_t closed = meta_number(m, "closed_day");
	int64_t made = meta_number(m, "made_day");

	while (is_fine(m)) {
		int64_t day = mxa_store_number(m->store,
		    "SELECT min(day) FROM tally WHERE day > $1 AND day <= $2",
		    MXA_ARGS(MXA_INT(made), MXA_INT(closed)), -1);

		if (day < 0 || !is_fine(m))
			return;
		list_day(m, day);
		made = meta_number(m, "made_day");
	}
}

/* --- one report --- */

struct pending {
	struct mxa_sent_report r;
	struct mxa_dmarc_record *record; /* NULL: the store has lost it */
};

struct body {
	struct maker *m;
	struct mxa_report_writer *w;
	const struct mxa_buf *buf;
	int64_t rows, messages, left_out;
	int64_t ordinary; /* messages that are not themselves reports */
};

static bool add_row(void *ctx, const struct mxa_row *r)
{
	struct body *b = ctx;
	int64_t n = mxa_row_int(r, 1);

	b->ordinary += mxa_row_int(r, 2);
	if (b->buf->len > MAX_BODY ||
	    !mxa_report_line_parse(r->col[0], &b->m->line)) {
		b->left_out += n;
		return true;
	}
	mxa_report_writer_row(b->w, &b->m->line, n);
	b->rows++;
	b->messages += n;
	return true;
}

/* The report's bytes into 'out'.  False: they could not be made, or the store
 * failed. */
static bool write_body(struct maker *m, const struct pending *p, bool gzip,
    struct mxa_buf *out, struct body *body)
{
	*body = (struct body){ .m = m, .buf = out };
	body->w = mxa_report_writer_new(out, gzip, m->o->who, &p->r, p->record);
	mxa_store_query(m->store,
	    "SELECT min(body), sum(n), sum(ordinary) FROM tally "
	    "WHERE day = $1 AND domain = $2 AND policy_id = $3 "
	    "GROUP BY row_id ORDER BY row_id",
	    MXA_ARGS(MXA_INT(p->r.begin / MXA_REPORT_DAY),
		MXA_TEXT(p->r.domain), MXA_TEXT(p->r.policy_id)),
	    add_row, body);
	return mxa_report_writer_end(body->w) &&
	    mxa_store_state(m->store) == MXA_STORE_OK;
}

static void store_parts(struct maker *m, struct mxa_str id, struct mxa_str body)
{
	int64_t part = 0;

	for (size_t at = 0; at < body.len; at += PART) {
		struct mxa_arg args[] = { MXA_TEXT(id), MXA_INT(part++),
			MXA_BYTES(mxa_str_sub(body, at, at + PART)) };

		mxa_store_run(m->store,
		    "INSERT INTO report_body VALUES ($1, $2, $3)", args, 3);
	}
}

static struct mxa_str hex_digest(struct mxa_arena *a, struct mxa_str bytes)
{
	struct mxa_hash *h = mxa_hash_new(a);
	char *out = mxa_arena_alloc(a, 2 * MXA_SHA256 + 1);

	mxa_hash_put(h, bytes.p, bytes.len);
	(void)mxa_hash_hex(h, out, 2 * MXA_SHA256);
	mxa_hash_free(h);
	return mxa_str_make(out, 2 * MXA_SHA256);
}

/* A delivery for each usable address, in the order of the record. */
static size_t add_deliveries(struct maker *m, const struct pending *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->record->n_rua; i++) {
		struct mxa_str address;

		if (mxa_report_address(m->report, &p->record->rua[i], &address))
			n += mxa_delivery_add(m->store, p->r.id, address,
			    p->r.domain, (int64_t)n, m->now);
	}
	return n;
}

static void set_state(struct maker *m, const struct pending *p,
    const char *state, const char *why)
{
	mxa_store_run(m->store,
	    "UPDATE report SET state = $2, why = $3, made = $4 "
	    "WHERE report_id = $1 AND state = 'pending'",
	    MXA_ARGS(MXA_TEXT(p->r.id), MXA_TEXT(mxa_str_from(state)),
		MXA_TEXT(mxa_str_from(why)), MXA_INT(m->now)));
}

static void store_report(struct maker *m, const struct pending *p,
    struct mxa_str bytes, const struct body *body)
{
	struct mxa_str name =
	    mxa_sent_report_filename(m->report, m->o->who, &p->r);
	const char *why = "";

	store_parts(m, p->r.id, bytes);
	if (body->left_out > 0)
		why = mxa_arena_printf(m->report,
		    "%lld messages are left out: the report would be too large",
		    (long long)body->left_out);
	mxa_store_run(m->store,
	    "UPDATE report SET state = 'generated', why = $2, filename = $3, "
	    "rows_n = $4, messages = $5, made = $6, body_sha256 = $7 "
	    "WHERE report_id = $1 AND state = 'pending'",
	    (struct mxa_arg[]){ MXA_TEXT(p->r.id), MXA_TEXT(mxa_str_from(why)),
		MXA_TEXT(name), MXA_INT(body->rows), MXA_INT(body->messages),
		MXA_INT(m->now), MXA_TEXT(hex_digest(m->report, bytes)) },
	    7);
	m->out->reports++;
}

/* Returns why there is none; NULL: it is made, or that failed. */
static const char *freeze_report(struct maker *m, const struct pending *p)
{
	struct mxa_buf out;
	struct body body;

	mxa_buf_init(&out, m->report, MAX_BODY + (1 << 20));
	if (!write_body(m, p, true, &out, &body)) {
		set_state(m, p, "failed", "the report could not be written");
		return NULL;
	}
	if (body.ordinary == 0)
		return "there was nothing but report mail";
	if (add_deliveries(m, p) == 0)
		return "no address of the record can be used";
	store_report(m, p, mxa_buf_str(&out), &body);
	return NULL;
}

/* --- whether there is one --- */

bool mxa_domain_is_excluded(const struct mxa_conf *conf, struct mxa_str domain)
{
	for (size_t i = 0; i < conf->n_reports_exclude; i++)
		if (mxa_str_eq(conf->reports_exclude[i], domain))
			return true;
	return false;
}

bool mxa_domain_is_known(
    struct mxa_store *s, struct mxa_str domain, int64_t day)
{
	for (int64_t i = 0; i < PERIODS_KNOWN; i++) {
		if (mxa_store_number(s,
			"SELECT 1 FROM tally WHERE day = $1 AND domain = $2 "
			"AND known > 0 LIMIT 1",
			MXA_ARGS(MXA_INT(day - i), MXA_TEXT(domain)), 0) > 0)
			return true;
	}
	return false;
}

/* NULL: it is made. */
static const char *no_report_because(struct maker *m, const struct pending *p)
{
	const struct mxa_conf *conf = m->o->conf;

	if (p->record == NULL)
		return "its policy is not in the store";
	if (mxa_domain_is_excluded(conf, p->r.domain))
		return "the domain is excluded";
	if (conf->reports_domains == MXA_REPORT_KNOWN &&
	    !mxa_domain_is_known(
		m->store, p->r.domain, p->r.begin / MXA_REPORT_DAY))
		return "no mail of the domain has passed";
	return NULL;
}

static void make_report(struct maker *m, const struct pending *p)
{
	const char *why;

	if (m->now - p->r.end > MXA_REPORT_TOO_OLD) {
		set_state(m, p, "expired", "its day is too long ago");
		return;
	}
	why = no_report_because(m, p);
	if (why == NULL)
		why = freeze_report(m, p);
	if (why != NULL) {
		set_state(m, p, "suppressed", why);
		m->out->suppressed++;
	}
}

/* --- all pending ones --- */

struct pending_list {
	struct maker *m;
	struct pending v[FROZEN_AT_ONCE];
	size_t n;
};

static struct mxa_dmarc_record *parse_record(
    struct mxa_arena *a, struct mxa_str body)
{
	struct mxa_dmarc_record *r;

	if (!mxa_dmarc_record_is(body))
		return NULL;
	r = mxa_arena_calloc(a, 1, sizeof(*r));
	mxa_dmarc_record_parse(body, r);
	return r;
}

static bool note_pending(void *ctx, const struct mxa_row *r)
{
	struct pending_list *l = ctx;
	struct mxa_arena *a = l->m->page;
	struct pending *p = &l->v[l->n++];

	p->r.id = mxa_str_dup(a, r->col[0]);
	p->r.domain = mxa_str_dup(a, r->col[1]);
	p->r.policy_id = mxa_str_dup(a, r->col[2]);
	p->r.begin = mxa_row_int(r, 3);
	p->r.end = mxa_row_int(r, 4);
	p->record = parse_record(a, mxa_str_dup(a, r->col[5]));
	return l->n < FROZEN_AT_ONCE;
}

static void freeze_page(struct maker *m, struct pending_list *l)
{
	for (size_t i = 0; i < l->n && is_fine(m); i++) {
		mxa_arena_reset(m->report);
		make_report(m, &l->v[i]);
	}
}

/* One transaction: reports and their deliveries are there together or not at
 * all.  False: there are no more. */
static bool make_page(struct maker *m, struct pending_list *l)
{
	struct mxa_arg limit = MXA_INT(FROZEN_AT_ONCE);
	struct mxa_make_result before = *m->out;

	mxa_arena_reset(m->page);
	*l = (struct pending_list){ .m = m };
	mxa_store_begin(m->store);
	mxa_store_query(m->store,
	    "SELECT r.report_id, r.domain, r.policy_id, r.period_begin, "
	    "r.period_end, coalesce(p.body, '') FROM report r "
	    "LEFT JOIN policy p ON p.policy_id = r.policy_id "
	    "WHERE r.state = 'pending' ORDER BY r.period_begin LIMIT $1",
	    &limit, 1, note_pending, l);
	freeze_page(m, l);
	if (mxa_store_commit(m->store) == MXA_STORE_OK)
		return l->n > 0;
	*m->out = before;
	return false;
}

static void make_all(struct maker *m)
{
	struct pending_list *l = mxa_xcalloc(1, sizeof(*l));

	while (is_fine(m) && keep_lease(m) && make_page(m, l))
		tell_progress(m, N_("reports"), m->out->reports);
	free(l);
	if (is_fine(m))
		m->out->pending = mxa_store_number(m->store,
		    "SELECT count(*) FROM report WHERE state = 'pending'", NULL,
		    0, 0);
}

bool mxa_reports_make(
    const struct mxa_make_options *o, struct mxa_make_result *out)
{
	struct maker *m = mxa_xcalloc(1, sizeof(*m));
	bool ok;

	*out = (struct mxa_make_result){ .leader = false };
	m->o = o;
	m->out = out;
	m->store = o->store;
	m->page = mxa_arena_new();
	m->report = mxa_arena_new();
	out->leader = keep_lease(m);
	if (out->leader) {
		close_days(m);
		list_days(m);
		make_all(m);
		give_lease_back(m);
	}
	ok = mxa_store_state(o->store) == MXA_STORE_OK;
	mxa_arena_free(m->page);
	mxa_arena_free(m->report);
	free(m);
	return ok;
}

/* --- preview --- */

int mxa_report_preview(const struct mxa_make_options *o, struct mxa_arena *a,
    struct mxa_str domain, int64_t day, struct mxa_buf *out)
{
	struct mxa_make_result nothing;
	struct maker *m = mxa_arena_calloc(a, 1, sizeof(*m));
	struct pending_list *l = mxa_arena_calloc(a, 1, sizeof(*l));
	int n = 0;

	m->o = o;
	m->out = &nothing;
	m->store = o->store;
	m->page = m->report = a;
	l->m = m;
	mxa_store_query(o->store,
	    "SELECT '', t.domain, t.policy_id, 0, 0, coalesce(p.body, '') "
	    "FROM tally t LEFT JOIN policy p ON p.policy_id = t.policy_id "
	    "WHERE t.day = $1 AND t.domain = $2 "
	    "GROUP BY t.domain, t.policy_id, p.body ORDER BY t.policy_id",
	    MXA_ARGS(MXA_INT(day), MXA_TEXT(domain)), note_pending, l);
	for (size_t i = 0; i < l->n; i++) {
		struct pending *p = &l->v[i];
		struct body body;

		p->r.begin = day * MXA_REPORT_DAY;
		p->r.end = p->r.begin + MXA_REPORT_DAY - 1;
		p->r.id =
		    mxa_sent_report_id(a, o->who, domain, p->r.policy_id, day);
		if (p->record != NULL && write_body(m, p, false, out, &body))
			n++;
	}
	return mxa_store_state(o->store) == MXA_STORE_OK ? n : -1;
}
