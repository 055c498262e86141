/* store_schema.c - the tables, as numbered steps that only go forward.
 *
 * Rules that keep other engines with PostgreSQL's protocol possible (doc/
 * scale.md): no sequences, no types but BIGINT, TEXT and bytes, keys that begin
 * with the day or are reached whole, nothing of one session.  Times are seconds
 * since 1970, days are those of UTC since then.
 *
 * A step that was released never changes: append another one. */
#include "history/store.h"
#include "history/store_int.h"

#include <stdio.h>

#include "base/attr.h"

/* One statement; 'sqlite' and 'pgsql' are equal unless both are given. */
struct step_statement {
	const char *sqlite;
	const char *pgsql; /* NULL: the same */
};

static const struct step_statement step_1[] = {
	/* How far each file of a journal has been read.  'pos' and the sums are
	 * committed together. */
	{ "CREATE TABLE journal_file (file_id TEXT PRIMARY KEY, "
	  "host TEXT NOT NULL, begun BIGINT NOT NULL, pos BIGINT NOT NULL, "
	  "lines BIGINT NOT NULL, bad BIGINT NOT NULL, late BIGINT NOT NULL, "
	  "seen_through BIGINT NOT NULL, closed BIGINT NOT NULL)",
	    NULL },
	/* 'through': everything that the host wrote before is in the store. */
	{ "CREATE TABLE host (host TEXT PRIMARY KEY, through BIGINT NOT NULL, "
	  "wrote BIGINT NOT NULL, waiting BIGINT NOT NULL)",
	    NULL },
	/* seen: the newest day of a message under it */
	{ "CREATE TABLE policy (policy_id TEXT PRIMARY KEY, "
	  "domain TEXT NOT NULL, body TEXT NOT NULL, rua TEXT NOT NULL, "
	  "ruf TEXT NOT NULL, seen BIGINT NOT NULL)",
	    NULL },
	/* n: messages; refused: of them; known: passed DMARC and not refused;
	 * ordinary: not themselves reports */
	{ "CREATE TABLE tally (day BIGINT NOT NULL, domain TEXT NOT NULL, "
	  "policy_id TEXT NOT NULL, row_id TEXT NOT NULL, host TEXT NOT NULL, "
	  "body TEXT NOT NULL, n BIGINT NOT NULL, refused BIGINT NOT NULL, "
	  "known BIGINT NOT NULL, ordinary BIGINT NOT NULL, "
	  "PRIMARY KEY (day, domain, policy_id, row_id, host)) WITHOUT ROWID",
	    "CREATE TABLE tally (day BIGINT NOT NULL, domain TEXT NOT NULL, "
	    "policy_id TEXT NOT NULL, row_id TEXT NOT NULL, "
	    "host TEXT NOT NULL, body TEXT NOT NULL, n BIGINT NOT NULL, "
	    "refused BIGINT NOT NULL, known BIGINT NOT NULL, "
	    "ordinary BIGINT NOT NULL, "
	    "PRIMARY KEY (day, domain, policy_id, row_id, host))" },
	{ "CREATE TABLE report (report_id TEXT PRIMARY KEY, "
	  "domain TEXT NOT NULL, policy_id TEXT NOT NULL, "
	  "period_begin BIGINT NOT NULL, period_end BIGINT NOT NULL, "
	  "state TEXT NOT NULL, why TEXT NOT NULL, filename TEXT NOT NULL, "
	  "rows_n BIGINT NOT NULL, messages BIGINT NOT NULL, "
	  "made BIGINT NOT NULL, body_sha256 TEXT NOT NULL, "
	  "UNIQUE (domain, policy_id, period_begin, period_end))",
	    NULL },
	{ "CREATE INDEX report_state ON report (state, period_begin)", NULL },
	{ "CREATE TABLE report_body (report_id TEXT NOT NULL, "
	  "part BIGINT NOT NULL, data BLOB NOT NULL, "
	  "PRIMARY KEY (report_id, part))",
	    "CREATE TABLE report_body (report_id TEXT NOT NULL, "
	    "part BIGINT NOT NULL, data BYTEA NOT NULL, "
	    "PRIMARY KEY (report_id, part))" },
	{ "CREATE TABLE delivery (report_id TEXT NOT NULL, "
	  "uri TEXT NOT NULL, position BIGINT NOT NULL, state TEXT NOT NULL, "
	  "attempts BIGINT NOT NULL, next_try BIGINT NOT NULL, "
	  "give_up BIGINT NOT NULL, lease_owner TEXT NOT NULL, "
	  "lease_until BIGINT NOT NULL, reply TEXT NOT NULL, "
	  "done BIGINT NOT NULL, domain TEXT NOT NULL, host TEXT NOT NULL, "
	  "PRIMARY KEY (report_id, uri))",
	    NULL },
	{ "CREATE INDEX delivery_due ON delivery (state, next_try)", NULL },
	{ "CREATE INDEX delivery_done ON delivery (done)", NULL },
	/* The verification of an address for a domain's reports, and with the
	 * domain '' the address itself: failures, suppression. */
	{ "CREATE TABLE destination (uri TEXT NOT NULL, domain TEXT NOT NULL, "
	  "verdict TEXT NOT NULL, why TEXT NOT NULL, "
	  "failures BIGINT NOT NULL, until BIGINT NOT NULL, "
	  "PRIMARY KEY (uri, domain))",
	    NULL },
	{ "CREATE TABLE lease (name TEXT PRIMARY KEY, owner TEXT NOT NULL, "
	  "until BIGINT NOT NULL)",
	    NULL },
	{ "INSERT INTO lease VALUES ('report', '', 0)", NULL },
	/* Reports of days up to closed_day are being made, of days up to
	 * made_day they all have their row. */
	{ "INSERT INTO meta VALUES ('closed_day', '0'), ('made_day', '0')",
	    NULL },
	{ "CREATE TABLE message (day BIGINT NOT NULL, file_id TEXT NOT NULL, "
	  "pos BIGINT NOT NULL, time BIGINT NOT NULL, host TEXT NOT NULL, "
	  "queue_id TEXT NOT NULL, ip TEXT NOT NULL, author TEXT NOT NULL, "
	  "mail_from_domain TEXT NOT NULL, rcpt_domain TEXT NOT NULL, "
	  "action TEXT NOT NULL, cause TEXT NOT NULL, spf TEXT NOT NULL, "
	  "dkim TEXT NOT NULL, dmarc TEXT NOT NULL, "
	  "PRIMARY KEY (day, file_id, pos)) WITHOUT ROWID",
	    "CREATE TABLE message (day BIGINT NOT NULL, "
	    "file_id TEXT NOT NULL, pos BIGINT NOT NULL, "
	    "time BIGINT NOT NULL, host TEXT NOT NULL, "
	    "queue_id TEXT NOT NULL, ip TEXT NOT NULL, author TEXT NOT NULL, "
	    "mail_from_domain TEXT NOT NULL, rcpt_domain TEXT NOT NULL, "
	    "action TEXT NOT NULL, cause TEXT NOT NULL, spf TEXT NOT NULL, "
	    "dkim TEXT NOT NULL, dmarc TEXT NOT NULL, "
	    "PRIMARY KEY (day, file_id, pos)) PARTITION BY RANGE (day)" },
	{ "CREATE INDEX message_queue_id ON message (queue_id)", NULL },
	{ "CREATE INDEX message_time ON message (time)", NULL },
};

/* Reports that others sent about our domains: mxauth report import. */
static const struct step_statement step_2[] = {
	{ "CREATE TABLE received_report (report_key TEXT PRIMARY KEY, "
	  "domain TEXT NOT NULL, org TEXT NOT NULL, email TEXT NOT NULL, "
	  "report_id TEXT NOT NULL, begun BIGINT NOT NULL, "
	  "ended BIGINT NOT NULL, p TEXT NOT NULL, sp TEXT NOT NULL, "
	  "adkim TEXT NOT NULL, aspf TEXT NOT NULL, rows_n BIGINT NOT NULL, "
	  "imported BIGINT NOT NULL)",
	    NULL },
	{ "CREATE INDEX received_report_domain ON received_report "
	  "(domain, begun)",
	    NULL },
	/* day: of the begin of the report; results: report/received/keep.c */
	{ "CREATE TABLE received_row (day BIGINT NOT NULL, "
	  "report_key TEXT NOT NULL, row_n BIGINT NOT NULL, "
	  "source_ip TEXT NOT NULL, author TEXT NOT NULL, n BIGINT NOT NULL, "
	  "disposition TEXT NOT NULL, dkim TEXT NOT NULL, spf TEXT NOT NULL, "
	  "mail_from_domain TEXT NOT NULL, results TEXT NOT NULL, "
	  "PRIMARY KEY (day, report_key, row_n))",
	    NULL },
};

/* Pages of what waits, among all that was ever sent. */
static const struct step_statement step_3[] = {
	{ "CREATE INDEX delivery_waiting ON delivery (report_id, uri) "
	  "WHERE state = 'waiting'",
	    NULL },
	{ "DROP INDEX delivery_due", NULL },
};

/* What people ask about a message that was not simply accepted (story.h), for
 * the page and for explain of a fleet. */
static const struct step_statement step_4[] = {
	{ "CREATE TABLE message_story (day BIGINT NOT NULL, "
	  "file_id TEXT NOT NULL, pos BIGINT NOT NULL, time BIGINT NOT NULL, "
	  "ms BIGINT NOT NULL, would TEXT NOT NULL, override TEXT NOT NULL, "
	  "ground TEXT NOT NULL, via TEXT NOT NULL, story TEXT NOT NULL, "
	  "PRIMARY KEY (day, file_id, pos)) WITHOUT ROWID",
	    "CREATE TABLE message_story (day BIGINT NOT NULL, "
	    "file_id TEXT NOT NULL, pos BIGINT NOT NULL, "
	    "time BIGINT NOT NULL, ms BIGINT NOT NULL, would TEXT NOT NULL, "
	    "override TEXT NOT NULL, ground TEXT NOT NULL, "
	    "via TEXT NOT NULL, story TEXT NOT NULL, "
	    "PRIMARY KEY (day, file_id, pos))" },
	/* From this time on no story is missing. */
	{ "INSERT INTO meta SELECT 'stories_since', "
	  "CAST(coalesce(max(time) + 1, 0) AS TEXT) FROM message",
	    NULL },
};

static const struct {
	const struct step_statement *statement;
	size_t n;
} steps[] = {
	{ step_1, MXA_ARRAY_LEN(step_1) },
	{ step_2, MXA_ARRAY_LEN(step_2) },
	{ step_3, MXA_ARRAY_LEN(step_3) },
	{ step_4, MXA_ARRAY_LEN(step_4) },
};

_Static_assert(MXA_ARRAY_LEN(steps) == MXA_STORE_VERSION,
    "a step for every version of the tables");

/* The version that the database has; 0: it is empty. */
static int64_t read_version(struct mxa_store *s)
{
	int64_t version = mxa_store_number(
	    s, "SELECT value FROM meta WHERE name = 'version'", NULL, 0, 0);

	if (s->state != MXA_STORE_BROKEN)
		return version;
	mxa_store_retry(s); /* most likely there is no table yet */
	return 0;
}

static void create_meta(struct mxa_store *s)
{
	mxa_store_run(s,
	    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, "
	    "value TEXT NOT NULL)",
	    NULL, 0);
	/* two that create it at once: one of them is told so */
	if (s->backend == &mxa_store_pgsql && s->state != MXA_STORE_GONE)
		mxa_store_retry(s);
	mxa_store_run(s,
	    "INSERT INTO meta VALUES ('version', '0') "
	    "ON CONFLICT (name) DO NOTHING",
	    NULL, 0);
}

/* The row of the version is locked by its update: whoever comes second finds
 * it changed. */
static void take_step(struct mxa_store *s, size_t step)
{
	char from[24], to[24];
	struct mxa_arg args[2];

	snprintf(from, sizeof(from), "%zu", step);
	snprintf(to, sizeof(to), "%zu", step + 1);
	args[0] = MXA_TEXT(mxa_str_from(to));
	args[1] = MXA_TEXT(mxa_str_from(from));
	mxa_store_begin(s);
	if (mxa_store_run(s,
		"UPDATE meta SET value = $1 "
		"WHERE name = 'version' AND value = $2",
		args, 2) == 1)
		for (size_t i = 0; i < steps[step].n; i++) {
			const struct step_statement *st =
			    &steps[step].statement[i];

			mxa_store_run(s,
			    s->backend == &mxa_store_pgsql && st->pgsql != NULL
				? st->pgsql
				: st->sqlite,
			    NULL, 0);
		}
	mxa_store_commit(s);
}

void mxa_store_migrate(struct mxa_store *s)
{
	int64_t version = read_version(s);

	if (version == 0 && s->state == MXA_STORE_OK)
		create_meta(s);
	if (version > MXA_STORE_VERSION)
		mxa_store_fail(s, MXA_STORE_BROKEN,
		    "its tables are of version %lld, this program knows %d: "
		    "it is older than the one that wrote them",
		    (long long)version, MXA_STORE_VERSION);
	while (version < MXA_STORE_VERSION && s->state == MXA_STORE_OK)
		take_step(s, (size_t)version++);
}
