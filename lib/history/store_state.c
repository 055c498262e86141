/* store_state.c - what is in the store, and what leaves it. */
#include "history/store_state.h"

#define SECONDS_A_DAY 86400

struct summary_reader {
	struct mxa_arena *a;
	struct mxa_store_summary *out;
};

static bool read_host(void *ctx, const struct mxa_row *r)
{
	struct summary_reader *s = ctx;

	if (s->out->n_hosts == MXA_MAX_HOSTS_SHOWN)
		return false;
	s->out->host[s->out->n_hosts++] = (struct mxa_host_state){
		.host = mxa_str_dup(s->a, r->col[0]),
		.through = mxa_row_int(r, 1),
		.wrote = mxa_row_int(r, 2),
		.waiting = mxa_row_int(r, 3),
		.lines = mxa_row_int(r, 4),
		.bad = mxa_row_int(r, 5),
		.late = mxa_row_int(r, 6),
	};
	return true;
}

struct state_reader {
	struct mxa_arena *a;
	struct mxa_state_count *out;
	size_t *n;
};

static bool read_state(void *ctx, const struct mxa_row *r)
{
	struct state_reader *s = ctx;

	if (*s->n == MXA_MAX_STATES)
		return false;
	s->out[(*s->n)++] =
	    (struct mxa_state_count){ mxa_str_dup(s->a, r->col[0]),
		    mxa_row_int(r, 1) };
	return true;
}

bool mxa_store_summary_read(
    struct mxa_store *s, struct mxa_arena *a, struct mxa_store_summary *out)
{
	struct summary_reader hosts = { a, out };
	struct state_reader reports = { a, out->report, &out->n_reports };
	struct state_reader deliveries = { a, out->delivery,
		&out->n_deliveries };

	out->n_hosts = out->n_reports = out->n_deliveries = 0;
	out->now = mxa_store_now(s);
	out->bytes = mxa_store_size(s);
	mxa_store_query(s,
	    "SELECT h.host, h.through, h.wrote, h.waiting, "
	    "coalesce(sum(f.lines), 0), coalesce(sum(f.bad), 0), "
	    "coalesce(sum(f.late), 0) FROM host h "
	    "LEFT JOIN journal_file f ON f.host = h.host "
	    "GROUP BY h.host, h.through, h.wrote, h.waiting ORDER BY h.host",
	    NULL, 0, read_host, &hosts);
	mxa_store_query(s,
	    "SELECT state, count(*) FROM report GROUP BY state ORDER BY state",
	    NULL, 0, read_state, &reports);
	mxa_store_query(s,
	    "SELECT state, count(*) FROM delivery GROUP BY state "
	    "ORDER BY state",
	    NULL, 0, read_state, &deliveries);
	out->suppressed = mxa_store_number(s,
	    "SELECT count(*) FROM destination "
	    "WHERE domain = '' AND verdict = 'suppressed' AND until > $1",
	    (struct mxa_arg[]){ MXA_INT(out->now) }, 1, 0);
	return mxa_store_state(s) == MXA_STORE_OK;
}

/* --- removal --- */

static int64_t remove_rows(struct mxa_store *s, const char *sql, int64_t before)
{
	return mxa_store_run(s, sql, MXA_ARGS(MXA_INT(before)));
}

/* A day at a time: no transaction grows with the size of the store. */
static int64_t remove_sums(struct mxa_store *s, int64_t before)
{
	int64_t gone = 0;

	while (mxa_store_state(s) == MXA_STORE_OK) {
		int64_t day = mxa_store_number(
		    s, "SELECT min(day) FROM tally", NULL, 0, INT64_MAX);

		if (day >= before)
			break;
		gone +=
		    remove_rows(s, "DELETE FROM tally WHERE day <= $1", day);
	}
	return gone;
}

static int64_t remove_reports(struct mxa_store *s, int64_t before)
{
	int64_t gone = 0;

	mxa_store_begin(s);
	remove_rows(s,
	    "DELETE FROM report_body WHERE report_id IN "
	    "(SELECT report_id FROM report WHERE period_end < $1)",
	    before);
	remove_rows(s,
	    "DELETE FROM delivery WHERE report_id IN "
	    "(SELECT report_id FROM report WHERE period_end < $1)",
	    before);
	/* failure reports have no row in report */
	remove_rows(s,
	    "DELETE FROM delivery WHERE report_id LIKE 'f-%' "
	    "AND give_up < $1",
	    before);
	gone =
	    remove_rows(s, "DELETE FROM report WHERE period_end < $1", before);
	return mxa_store_commit(s) == MXA_STORE_OK ? gone : 0;
}

/* The rows first: a report whose rows are gone is known for a moment longer,
 * and not imported again. */
static int64_t remove_received(struct mxa_store *s, int64_t before)
{
	while (mxa_store_state(s) == MXA_STORE_OK) {
		int64_t day = mxa_store_number(
		    s, "SELECT min(day) FROM received_row", NULL, 0, INT64_MAX);

		if (day >= before / SECONDS_A_DAY)
			break;
		remove_rows(s, "DELETE FROM received_row WHERE day <= $1", day);
	}
	return remove_rows(s, "DELETE FROM received_report WHERE begun < $1",
	    before - before % SECONDS_A_DAY);
}

bool mxa_store_prune(struct mxa_store *s, const struct mxa_store_ages *ages,
    struct mxa_store_pruned *out)
{
	int64_t now = mxa_store_now(s);

	*out = (struct mxa_store_pruned){ .sums = 0 };
	if (mxa_store_state(s) != MXA_STORE_OK)
		return false;
	out->message_days =
	    mxa_store_drop_days(s, (now - ages->messages) / SECONDS_A_DAY);
	out->sums = remove_sums(s, (now - ages->days) / SECONDS_A_DAY);
	out->reports = remove_reports(s, now - ages->reports);
	out->received = remove_received(s, now - ages->reports);
	out->policies = remove_rows(s, "DELETE FROM policy WHERE seen < $1",
	    (now - ages->days) / SECONDS_A_DAY);
	/* the position of a file that may come back must stay: as long as
	 * reports, which is longer than a journal is kept */
	out->files = remove_rows(s,
	    "DELETE FROM journal_file WHERE closed = 1 AND begun < $1",
	    now - ages->reports);
	remove_rows(s, "DELETE FROM destination WHERE until < $1", now);
	return mxa_store_state(s) == MXA_STORE_OK;
}
