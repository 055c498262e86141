/* store_sqlite.c - the store in a file; the only file with <sqlite3.h>.
 *
 * Write-ahead log: readers never wait for the importer.  It needs shared memory
 * between its users, so the file must not lie on a network file system. */
#include "history/store.h"
#include "history/store_int.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* So long another writer is waited for. */
#define BUSY_MS 60000
/* Statements that stay prepared; the programs use fewer. */
#define MAX_PREPARED 64

struct prepared {
	char *sql;
	sqlite3_stmt *stmt;
	int at[MXA_STORE_MAX_ARGS]; /* where "$1" and so on are; 0: nowhere */
};

struct sqlite_handle {
	sqlite3 *db;
	struct prepared prepared[MAX_PREPARED];
	size_t n;
};

static void sqlite_failed(struct mxa_store *s, sqlite3 *db)
{
	enum mxa_store_state state = MXA_STORE_BROKEN;

	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		state = MXA_STORE_CONFLICT;
		break;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		state = MXA_STORE_GONE;
		break;
	default:
		break;
	}
	mxa_store_fail(s, state, "%s: %s", s->url, sqlite3_errmsg(db));
}

/* --- connection --- */

static void sqlite_disconnect(struct mxa_store *s)
{
	struct sqlite_handle *h = s->handle;

	for (size_t i = 0; i < h->n; i++) {
		sqlite3_finalize(h->prepared[i].stmt);
		free(h->prepared[i].sql);
	}
	sqlite3_close(h->db);
	free(h);
	s->handle = NULL;
}

/* A batch of the importer touches pages all over the sums of a day: with the 2
 * MB that SQLite keeps by default it reads them again and again, and copies
 * them to the file (every 1000 pages) more often than they change.  The log is
 * synced at every commit: what was committed is not lost with the power. */
static const char settings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
    "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4096;";

static bool sqlite_connect(struct mxa_store *s, const char *url)
{
	struct sqlite_handle *h = mxa_xcalloc(1, sizeof(*h));
	int rc = sqlite3_open_v2(url + strlen("sqlite:"), &h->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	s->handle = h;
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(h->db, BUSY_MS);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(h->db, settings, NULL, NULL, NULL);
	/* a file that may only be read can still be asked */
	if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_READONLY)
		return true;
	sqlite_failed(s, h->db);
	return false;
}

/* --- statements --- */

/* "$3" is a name for SQLite; it may stand anywhere, or nowhere. */
static void find_parameters(struct prepared *p)
{
	for (int i = 0; i < MXA_STORE_MAX_ARGS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "$%d", i + 1);
		p->at[i] = sqlite3_bind_parameter_index(p->stmt, name);
	}
}

static struct prepared *prepare_statement(struct mxa_store *s, const char *sql)
{
	struct sqlite_handle *h = s->handle;
	struct prepared *p;

	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->prepared[i].sql, sql) == 0)
			return &h->prepared[i];
	if (h->n == MAX_PREPARED) {
		p = &h->prepared[--h->n];
		sqlite3_finalize(p->stmt);
		free(p->sql);
	}
	p = &h->prepared[h->n];
	if (sqlite3_prepare_v2(h->db, sql, -1, &p->stmt, NULL) != SQLITE_OK) {
		sqlite_failed(s, h->db);
		return NULL;
	}
	p->sql = mxa_xstrdup(sql);
	find_parameters(p);
	h->n++;
	return p;
}

static void bind_values(
    const struct prepared *p, const struct mxa_arg *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct mxa_arg *v = &args[i];
		int at = p->at[i];

		if (at == 0)
			continue;
		switch (v->kind) {
		case MXA_ARG_INT:
			sqlite3_bind_int64(p->stmt, at, v->n);
			break;
		case MXA_ARG_TEXT:
			sqlite3_bind_text(p->stmt, at, v->s.len ? v->s.p : "",
			    (int)v->s.len, SQLITE_STATIC);
			break;
		case MXA_ARG_BYTES:
			sqlite3_bind_blob(p->stmt, at, v->s.len ? v->s.p : "",
			    (int)v->s.len, SQLITE_STATIC);
			break;
		}
	}
}

static void read_columns(sqlite3_stmt *stmt, struct mxa_row *row)
{
	int n = sqlite3_column_count(stmt);

	row->n = (size_t)n;
	for (int i = 0; i < n && i < MXA_STORE_MAX_ARGS; i++) {
		const char *p = sqlite3_column_type(stmt, i) == SQLITE_BLOB
		    ? sqlite3_column_blob(stmt, i)
		    : (const char *)sqlite3_column_text(stmt, i);

		row->col[i] = mxa_str_make(
		    p ? p : "", (size_t)sqlite3_column_bytes(stmt, i));
	}
}

static bool step_statement(struct mxa_store *s, sqlite3_stmt *stmt,
    bool (*fn)(void *ctx, const struct mxa_row *r), void *ctx)
{
	struct sqlite_handle *h = s->handle;
	struct mxa_row row;
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		read_columns(stmt, &row);
		if (fn != NULL && !fn(ctx, &row))
			break;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		sqlite_failed(s, h->db);
		sqlite3_reset(stmt);
		return false;
	}
	sqlite3_reset(stmt);
	return true;
}

static int64_t sqlite_run(struct mxa_store *s, const char *sql,
    const struct mxa_arg *args, size_t n,
    bool (*fn)(void *ctx, const struct mxa_row *r), void *ctx)
{
	struct sqlite_handle *h = s->handle;
	struct prepared *p = prepare_statement(s, sql);
	bool ok;

	if (p == NULL)
		return -1;
	bind_values(p, args, n);
	ok = step_statement(s, p->stmt, fn, ctx);
	sqlite3_clear_bindings(p->stmt);
	return ok ? sqlite3_changes(h->db) : -1;
}

static void sqlite_insert(struct mxa_store *s,
    const struct mxa_store_insert *in, const struct mxa_arg *rows,
    size_t n_rows)
{
	size_t width = strlen(in->kinds);
	struct prepared *p;
	char sql[1024];
	size_t len = (size_t)snprintf(sql, sizeof(sql),
	    "INSERT INTO %s (%s) VALUES ($1", in->table, in->columns);

	for (size_t i = 2; i <= width; i++)
		len +=
		    (size_t)snprintf(sql + len, sizeof(sql) - len, ", $%zu", i);
	snprintf(sql + len, sizeof(sql) - len, ") %s", in->conflict);
	p = prepare_statement(s, sql);
	if (p == NULL)
		return;
	/* every row binds all values anew */
	for (size_t i = 0; i < n_rows && s->state == MXA_STORE_OK; i++) {
		bind_values(p, rows + i * width, width);
		step_statement(s, p->stmt, NULL, NULL);
	}
	sqlite3_clear_bindings(p->stmt);
}

/* --- days --- */

static void sqlite_make_day(struct mxa_store *s, int64_t day)
{
	(void)s;
	(void)day;
}

/* A day at a time, so that the importer waits for no more than that. */
static int64_t sqlite_drop_days(struct mxa_store *s, int64_t day)
{
	int64_t gone = 0;

	while (s->state == MXA_STORE_OK) {
		int64_t oldest = mxa_store_number(
		    s, "SELECT min(day) FROM message", NULL, 0, INT64_MAX);

		if (oldest >= day)
			return gone;
		mxa_store_run(s, "DELETE FROM message WHERE day = $1",
		    MXA_ARGS(MXA_INT(oldest)));
		gone++;
	}
	return -1;
}

static const char *const sqlite_schemes[] = { "sqlite:", NULL };

const struct mxa_store_backend mxa_store_sqlite = {
	.kind = "sqlite",
	.schemes = sqlite_schemes,
	.connect = sqlite_connect,
	.disconnect = sqlite_disconnect,
	.run = sqlite_run,
	.insert = sqlite_insert,
	.make_day = sqlite_make_day,
	.drop_days = sqlite_drop_days,
	.begin = "BEGIN IMMEDIATE",
	.now = "SELECT CAST(strftime('%s', 'now') AS INTEGER)",
	.pin = "",
	.size = "SELECT page_count * page_size "
		"FROM pragma_page_count(), pragma_page_size()",
};
