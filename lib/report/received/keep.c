/* keep.c - reports to rows of the store, and back.
 *
 * What a row of a report says about single results is one text: a line each,
 * "d" (DKIM), "s" (SPF) or "r" (reason), its words separated by tabs. */
#include "report/received/keep.h"

#include <string.h>

#include "auth/sig/hash.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/domain.h"
#include "history/tally.h"

#define MAX_RESULTS ((size_t)256 << 10)
#define MAX_WORD 1000 /* bytes of a word that are kept */
#define MAX_TRIES 8   /* of a transaction in which another was first */
#define ROWS_AT_ONCE 500
#define KEY_TEXT 33 /* hexadecimal digits and NUL */
#define MAX_PER_ROW 100

/* --- writing --- */

struct keeper {
	struct mxa_store *s;
	struct mxa_arena *a;
	struct mxa_hash *hash;
	struct mxa_keep_result sum;
};

static struct mxa_arg text_arg(struct keeper *k, struct mxa_str s)
{
	return MXA_TEXT(mxa_store_text(k->a, s, MAX_WORD));
}

static void hash_word(struct mxa_hash *h, struct mxa_str s)
{
	mxa_hash_put(h, s.len ? s.p : "", s.len);
	mxa_hash_put(h, "\n", 1);
}

/* Without an id the rows tell reports apart. */
static void hash_rows(struct mxa_hash *h, const struct mxa_kept_report *rep)
{
	for (size_t i = 0; i < rep->n; i++) {
		hash_word(h, rep->row[i].source_ip);
		mxa_hash_put(h, (const char *)&rep->row[i].count,
		    sizeof(rep->row[i].count));
	}
}

static struct mxa_str report_key(
    struct keeper *k, const struct mxa_kept_report *kept)
{
	const struct mxa_report *rep = kept->report;
	char *out = mxa_arena_alloc(k->a, KEY_TEXT);

	mxa_hash_start(k->hash);
	hash_word(k->hash, mxa_str_lower(k->a, rep->org));
	hash_word(k->hash, rep->report_id);
	hash_word(k->hash, rep->policy.domain);
	mxa_hash_put(k->hash, (const char *)&rep->begin, sizeof(rep->begin));
	if (rep->report_id.len == 0)
		hash_rows(k->hash, kept);
	(void)mxa_hash_hex(k->hash, out, KEY_TEXT - 1);
	return mxa_str_make(out, KEY_TEXT - 1);
}

/* A word of a line: without control characters it ends neither. */
static void add_word(struct mxa_buf *b, struct mxa_str s)
{
	mxa_buf_addc(b, '\t');
	mxa_buf_addstr(b, mxa_store_text(b->arena, s, MAX_WORD));
}

static void add_line(struct mxa_buf *b, char kind, struct mxa_str one,
    struct mxa_str two, struct mxa_str three)
{
	size_t before = b->len;

	mxa_buf_addc(b, kind);
	add_word(b, one);
	add_word(b, two);
	add_word(b, three);
	mxa_buf_addc(b, '\n');
	if (b->full)
		mxa_buf_cut(b, before);
}

static struct mxa_str results_text(
    struct keeper *k, const struct mxa_report_row *row)
{
	struct mxa_buf b;

	mxa_buf_init(&b, k->a, MAX_RESULTS);
	for (size_t i = 0; i < row->n_dkim; i++)
		add_line(&b, 'd', row->auth_dkim[i].domain,
		    row->auth_dkim[i].selector, row->auth_dkim[i].result);
	for (size_t i = 0; i < row->n_spf; i++)
		add_line(&b, 's', row->auth_spf[i].domain,
		    row->auth_spf[i].scope, row->auth_spf[i].result);
	for (size_t i = 0; i < row->n_reason; i++)
		add_line(&b, 'r', row->reason[i].type, row->reason[i].comment,
		    MXA_STR(""));
	return mxa_buf_str(&b);
}

#define ROW_COLUMNS 11
static const struct mxa_store_insert row_insert = {
	.table = "received_row",
	.columns = "day, report_key, row_n, source_ip, author, n, "
		   "disposition, dkim, spf, mail_from_domain, results",
	.kinds = "itittittttt",
	.conflict = "ON CONFLICT (day, report_key, row_n) DO NOTHING",
};

static void keep_rows(
    struct keeper *k, const struct mxa_kept_report *kept, struct mxa_str key)
{
	int64_t day = kept->report->begin / MXA_DAY_SECONDS;
	struct mxa_arg *v =
	    mxa_arena_alloc(k->a, ROWS_AT_ONCE * ROW_COLUMNS * sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < kept->n; i++) {
		const struct mxa_report_row *row = &kept->row[i];
		const struct mxa_arg args[ROW_COLUMNS] = { MXA_INT(day),
			MXA_TEXT(key), MXA_INT(i), text_arg(k, row->source_ip),
			text_arg(k, row->header_from), MXA_INT(row->count),
			text_arg(k, row->disposition), text_arg(k, row->dkim),
			text_arg(k, row->spf), text_arg(k, row->envelope_from),
			MXA_TEXT(results_text(k, row)) };

		memcpy(v + n++ * ROW_COLUMNS, args, sizeof(args));
		if (n == ROWS_AT_ONCE || i + 1 == kept->n) {
			mxa_store_insert(k->s, &row_insert, v, n);
			n = 0;
		}
	}
}

/* Whoever inserts the report's row first keeps its rows. */
static void keep_report(struct keeper *k, const struct mxa_kept_report *kept)
{
	const struct mxa_report *rep = kept->report;
	const struct mxa_report_policy *p = &rep->policy;
	struct mxa_str key = report_key(k, kept);

	if (mxa_store_run(k->s,
		"INSERT INTO received_report (report_key, domain, org, email, "
		"report_id, begun, ended, p, sp, adkim, aspf, rows_n, "
		"imported) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
		"$11, $12, $13) ON CONFLICT (report_key) DO NOTHING",
		MXA_ARGS(MXA_TEXT(key), text_arg(k, p->domain),
		    text_arg(k, rep->org), text_arg(k, rep->email),
		    text_arg(k, rep->report_id), MXA_INT(rep->begin),
		    MXA_INT(rep->end), text_arg(k, p->p), text_arg(k, p->sp),
		    text_arg(k, p->adkim), text_arg(k, p->aspf),
		    MXA_INT(kept->n), MXA_INT(mxa_store_now(k->s)))) != 1) {
		k->sum.known++;
		return;
	}
	keep_rows(k, kept, key);
	k->sum.kept++;
	k->sum.rows += kept->n;
}

static enum mxa_store_state keep_once(
    struct keeper *k, const struct mxa_kept *reports)
{
	k->sum = (struct mxa_keep_result){ 0, 0, 0 };
	mxa_arena_reset(k->a);
	k->hash = mxa_hash_new(k->a);
	mxa_store_begin(k->s);
	for (const struct mxa_kept_report *r = reports->first; r; r = r->next)
		keep_report(k, r);
	mxa_hash_free(k->hash);
	return mxa_store_commit(k->s);
}

bool mxa_reports_keep(struct mxa_store *s, const struct mxa_kept *reports,
    struct mxa_keep_result *out)
{
	struct keeper k = { .s = s, .a = mxa_arena_new() };
	enum mxa_store_state state = MXA_STORE_CONFLICT;

	for (int i = 0; i < MAX_TRIES && state == MXA_STORE_CONFLICT; i++)
		state = keep_once(&k, reports);
	if (state == MXA_STORE_OK) {
		out->kept += k.sum.kept;
		out->known += k.sum.known;
		out->rows += k.sum.rows;
	}
	mxa_arena_free(k.a);
	return state == MXA_STORE_OK;
}

/* --- reading --- */

struct loader {
	struct mxa_kept *out;
	struct mxa_report *report; /* the one whose rows come; NULL: none */
	char key[KEY_TEXT];
	struct mxa_report_dkim dkim[MAX_PER_ROW];
	struct mxa_report_spf spf[MAX_PER_ROW];
	struct mxa_report_reason reason[MAX_PER_ROW];
};

static struct mxa_str next_part(struct mxa_str *rest, char end)
{
	size_t at = mxa_str_chr(*rest, end, 0);
	struct mxa_str part = mxa_str_sub(*rest, 0, at);

	*rest = mxa_str_sub(*rest, at + 1, rest->len);
	return part;
}

static void read_kept_result(
    struct loader *l, struct mxa_report_row *row, struct mxa_str line)
{
	struct mxa_str kind = next_part(&line, '\t');
	struct mxa_str one = next_part(&line, '\t');
	struct mxa_str two = next_part(&line, '\t');
	struct mxa_str three = line;

	if (mxa_str_is(kind, "d") && row->n_dkim < MAX_PER_ROW)
		l->dkim[row->n_dkim++] =
		    (struct mxa_report_dkim){ one, two, three };
	else if (mxa_str_is(kind, "s") && row->n_spf < MAX_PER_ROW)
		l->spf[row->n_spf++] =
		    (struct mxa_report_spf){ one, two, three };
	else if (mxa_str_is(kind, "r") && row->n_reason < MAX_PER_ROW)
		l->reason[row->n_reason++] =
		    (struct mxa_report_reason){ one, two };
}

static void read_results(
    struct loader *l, struct mxa_report_row *row, struct mxa_str text)
{
	while (text.len > 0)
		read_kept_result(l, row, next_part(&text, '\n'));
	row->auth_dkim = l->dkim;
	row->auth_spf = l->spf;
	row->reason = l->reason;
}

/* Columns of load_sql. */
enum {
	COL_KEY,
	COL_DOMAIN,
	COL_ORG,
	COL_EMAIL,
	COL_ID,
	COL_BEGUN,
	COL_ENDED,
	COL_P,
	COL_SP,
	COL_ADKIM,
	COL_ASPF,
	COL_IP,
	COL_AUTHOR,
	COL_N,
	COL_DISPOSITION,
	COL_DKIM,
	COL_SPF,
	COL_MAIL_FROM,
	COL_RESULTS,
};

static void end_loaded(struct loader *l)
{
	if (l->report != NULL)
		mxa_kept_end(l->out);
	l->report = NULL;
}

static void start_report(struct loader *l, const struct mxa_row *r)
{
	struct mxa_reports *all = l->out->reports;
	struct mxa_report *rep = mxa_report_new(all, MXA_STR("store"));

	rep->org = mxa_reports_word(all, r->col[COL_ORG]);
	rep->email = mxa_reports_word(all, r->col[COL_EMAIL]);
	rep->report_id = mxa_str_dup(all->arena, r->col[COL_ID]);
	rep->begin = mxa_row_int(r, COL_BEGUN);
	rep->end = mxa_row_int(r, COL_ENDED);
	rep->policy.domain = mxa_reports_word(all, r->col[COL_DOMAIN]);
	rep->policy.p = mxa_reports_word(all, r->col[COL_P]);
	rep->policy.sp = mxa_reports_word(all, r->col[COL_SP]);
	rep->policy.adkim = mxa_reports_word(all, r->col[COL_ADKIM]);
	rep->policy.aspf = mxa_reports_word(all, r->col[COL_ASPF]);
	end_loaded(l);
	l->report = mxa_reports_add(all, rep) ? rep : NULL;
	if (l->report != NULL)
		mxa_kept_begin(l->out, rep);
	memcpy(l->key, r->col[COL_KEY].p, KEY_TEXT - 1);
}

static bool load_row(void *ctx, const struct mxa_row *r)
{
	struct loader *l = ctx;
	struct mxa_report_row row = { .count =
					  (uint64_t)mxa_row_int(r, COL_N) };

	if (r->col[COL_KEY].len != KEY_TEXT - 1)
		return true;
	if (memcmp(l->key, r->col[COL_KEY].p, KEY_TEXT - 1) != 0)
		start_report(l, r);
	if (l->report == NULL)
		return true;
	row.source_ip = r->col[COL_IP];
	row.header_from = r->col[COL_AUTHOR];
	row.disposition = r->col[COL_DISPOSITION];
	row.dkim = r->col[COL_DKIM];
	row.spf = r->col[COL_SPF];
	row.envelope_from = r->col[COL_MAIL_FROM];
	read_results(l, &row, r->col[COL_RESULTS]);
	mxa_kept_row(l->out, &row);
	return true;
}

static const char load_sql[] =
    "SELECT r.report_key, r.domain, r.org, r.email, r.report_id, r.begun, "
    "r.ended, r.p, r.sp, r.adkim, r.aspf, w.source_ip, w.author, w.n, "
    "w.disposition, w.dkim, w.spf, w.mail_from_domain, w.results "
    "FROM received_report r JOIN received_row w "
    "ON w.report_key = r.report_key AND w.day = r.begun / 86400 "
    "WHERE ($1 = '' OR r.domain = $1) AND r.ended >= $2 "
    "ORDER BY r.begun, r.report_key, w.row_n";

bool mxa_reports_load(struct mxa_store *s, struct mxa_str domain, int64_t since,
    struct mxa_kept *out)
{
	struct loader *l = mxa_arena_calloc(out->reports->arena, 1, sizeof(*l));
	bool all = domain.len == 0;

	l->out = out;
	do {
		mxa_store_query(s, load_sql,
		    MXA_ARGS(MXA_TEXT(domain), MXA_INT(since)), load_row, l);
		end_loaded(l);
		domain = mxa_domain_parent(domain);
	} while (!all && domain.len > 0);
	return mxa_store_state(s) == MXA_STORE_OK;
}
