/* store_pgsql.c - the store in PostgreSQL; the only file with <libpq-fe.h>.
 *
 * Nothing here depends on the session, so that pgbouncer may hand each
 * transaction to another one: no prepared statements, no temporary tables, no
 * SET. */
#include "history/store.h"
#include "history/store_int.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

/* Types of the protocol (pg_type.dat). */
#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25
#define OID_TEXT_ARRAY 1009
#define OID_INT8_ARRAY 1016

/* One statement of mxa_store_insert; several are sent when it is more. */
#define MAX_STATEMENT ((size_t)16 << 20)

static void drop_arena(struct mxa_arena **a)
{
	mxa_arena_free(*a);
}

/* Class of an error (PostgreSQL's appendix A). */
static enum mxa_store_state error_state(PGconn *c, const char *code)
{
	if (PQstatus(c) == CONNECTION_BAD || code == NULL)
		return MXA_STORE_GONE;
	if (strcmp(code, "40001") == 0 || strcmp(code, "40P01") == 0 ||
	    strcmp(code, "55P03") == 0)
		return MXA_STORE_CONFLICT;
	/* connection exceptions, shut down, starting up, too many clients */
	if (strncmp(code, "08", 2) == 0 || strncmp(code, "57P0", 4) == 0 ||
	    strcmp(code, "53300") == 0)
		return MXA_STORE_GONE;
	return MXA_STORE_BROKEN;
}

static void pgsql_failed(struct mxa_store *s, const PGresult *r)
{
	PGconn *c = s->handle;
	const char *code = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *text =
	    r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	mxa_store_fail(s, error_state(c, code), "PostgreSQL: %s",
	    text ? text : PQerrorMessage(c));
}

/* --- connection --- */

static void ignore_notice(void *ctx, const char *message)
{
	(void)ctx;
	(void)message;
}

static bool pgsql_connect(struct mxa_store *s, const char *url)
{
	/* what the URL says goes before the first, not before the last ones */
	static const char *const names[] = { "connect_timeout",
		"fallback_application_name", "dbname", "client_encoding",
		NULL };
	const char *values[] = { "10", "mxauth", url, "UTF8", NULL };
	PGconn *c = PQconnectdbParams(names, values, 1);

	s->handle = c;
	if (c == NULL || PQstatus(c) != CONNECTION_OK) {
		mxa_store_fail(s, MXA_STORE_GONE, "PostgreSQL: %s",
		    c ? PQerrorMessage(c) : "out of memory");
		return false;
	}
	PQsetNoticeProcessor(c, ignore_notice, NULL);
	return true;
}

static void pgsql_disconnect(struct mxa_store *s)
{
	PQfinish(s->handle);
	s->handle = NULL;
}

/* --- values --- */

/* Values in the form that libpq wants; texts end with NUL only in a copy. */
struct pgsql_values {
	const char *value[MXA_STORE_MAX_ARGS];
	int length[MXA_STORE_MAX_ARGS];
	int format[MXA_STORE_MAX_ARGS];
	Oid type[MXA_STORE_MAX_ARGS];
};

static void convert_values(struct pgsql_values *out, struct mxa_arena *a,
    const struct mxa_arg *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct mxa_arg *v = &args[i];

		out->length[i] = (int)v->s.len;
		out->format[i] = v->kind == MXA_ARG_BYTES;
		switch (v->kind) {
		case MXA_ARG_INT:
			out->type[i] = OID_INT8;
			out->value[i] =
			    mxa_arena_printf(a, "%lld", (long long)v->n);
			break;
		case MXA_ARG_TEXT:
			out->type[i] = OID_TEXT;
			out->value[i] = mxa_str_cstr(a, v->s);
			break;
		case MXA_ARG_BYTES:
			out->type[i] = OID_BYTEA;
			out->value[i] = v->s.len ? v->s.p : "";
			break;
		}
	}
}

/* Bytes come as "\x2a2b". */
static struct mxa_str decode_bytes(struct mxa_arena *a, struct mxa_str hex)
{
	size_t n = hex.len >= 2 ? (hex.len - 2) / 2 : 0;
	char *out = mxa_arena_alloc(a, n + 1);

	for (size_t i = 0; i < n; i++) {
		char pair[3] = { hex.p[2 + 2 * i], hex.p[3 + 2 * i], '\0' };

		out[i] = (char)strtoul(pair, NULL, 16);
	}
	return mxa_str_make(out, n);
}

static void read_columns(
    const PGresult *r, struct mxa_arena *a, int at, struct mxa_row *row)
{
	int n = PQnfields(r);

	row->n = (size_t)n;
	for (int i = 0; i < n && i < MXA_STORE_MAX_ARGS; i++) {
		row->col[i] = mxa_str_make(
		    PQgetvalue(r, at, i), (size_t)PQgetlength(r, at, i));
		if (PQftype(r, i) == OID_BYTEA)
			row->col[i] = decode_bytes(a, row->col[i]);
	}
}

/* --- statements --- */

struct row_reader {
	struct mxa_arena *a; /* of a row */
	bool (*fn)(void *ctx, const struct mxa_row *r);
	void *ctx;
	bool ended; /* by 'fn': the rest is dropped as it comes */
	int64_t changed;
};

static bool take_result(
    struct mxa_store *s, const PGresult *r, struct row_reader *reader)
{
	ExecStatusType status = PQresultStatus(r);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
	    status != PGRES_SINGLE_TUPLE) {
		pgsql_failed(s, r);
		return false;
	}
	if (status == PGRES_COMMAND_OK)
		reader->changed = strtoll(PQcmdTuples((PGresult *)r), NULL, 10);
	for (int i = 0;
	     reader->fn != NULL && i < PQntuples(r) && !reader->ended; i++) {
		struct mxa_row row;

		mxa_arena_reset(reader->a);
		read_columns(r, reader->a, i, &row);
		reader->ended = !reader->fn(reader->ctx, &row);
	}
	return true;
}

/* Single rows: libpq would otherwise hold the whole answer. */
static int64_t read_results(struct mxa_store *s, struct row_reader *reader)
{
	PGconn *c = s->handle;
	bool ok = true;
	PGresult *r;

	if (reader->fn != NULL)
		PQsetSingleRowMode(c);
	while ((r = PQgetResult(c)) != NULL) {
		ok = take_result(s, r, reader) && ok;
		PQclear(r);
	}
	if (PQstatus(c) == CONNECTION_BAD) {
		pgsql_failed(s, NULL);
		return -1;
	}
	return ok ? reader->changed : -1;
}

static int64_t run_statement(struct mxa_store *s, const char *sql,
    const struct pgsql_values *v, size_t n, struct row_reader *reader)
{
	if (!PQsendQueryParams(s->handle, sql, (int)n, v->type, v->value,
		v->length, v->format, 0)) {
		pgsql_failed(s, NULL);
		return -1;
	}
	return read_results(s, reader);
}

static int64_t pgsql_run(struct mxa_store *s, const char *sql,
    const struct mxa_arg *args, size_t n,
    bool (*fn)(void *ctx, const struct mxa_row *r), void *ctx)
{
	MXA_CLEANUP(drop_arena) struct mxa_arena *a = mxa_arena_new();
	struct row_reader reader = { .a = a, .fn = fn, .ctx = ctx };
	struct pgsql_values v;

	convert_values(&v, a, args, n);
	return run_statement(s, sql, &v, n, &reader);
}

/* --- many rows: arrays, unnested on the other side --- */

/* Arrays go in the binary form and with their type.  As text with a cast they
 * are parsed twice, once more by the planner, which wants to know their length:
 * a sixth of what the server spends on an import. */

static void add_number(struct mxa_buf *b, uint64_t n, size_t bytes)
{
	while (bytes-- > 0)
		mxa_buf_addc(b, (char)(n >> (8 * bytes)));
}

/* A column as an array: dimensions, no NULLs, type, length, first index, then
 * each element after its length (array_send() in PostgreSQL). */
static void column_array(struct pgsql_values *out, struct mxa_arena *a,
    const struct mxa_arg *rows, size_t width, size_t n_rows, size_t column)
{
	bool ints = rows[column].kind == MXA_ARG_INT;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4 * MAX_STATEMENT);
	add_number(&b, 1, 4);
	add_number(&b, 0, 4);
	add_number(&b, ints ? OID_INT8 : OID_TEXT, 4);
	add_number(&b, n_rows, 4);
	add_number(&b, 1, 4);
	for (size_t i = 0; i < n_rows; i++) {
		const struct mxa_arg *v = &rows[i * width + column];

		add_number(&b, ints ? 8 : v->s.len, 4);
		if (ints)
			add_number(&b, (uint64_t)v->n, 8);
		else
			mxa_buf_addstr(&b, v->s);
	}
	out->type[column] = ints ? OID_INT8_ARRAY : OID_TEXT_ARRAY;
	out->format[column] = 1;
	out->value[column] = b.p;
	out->length[column] = (int)b.len;
}

static void insert_slice(struct mxa_store *s, const struct mxa_store_insert *in,
    const struct mxa_arg *rows, size_t n_rows)
{
	MXA_CLEANUP(drop_arena) struct mxa_arena *a = mxa_arena_new();
	struct row_reader reader = { .a = a };
	size_t width = strlen(in->kinds);
	struct pgsql_values v;
	struct mxa_buf sql;

	mxa_buf_init(&sql, a, 4096);
	mxa_buf_printf(&sql, "INSERT INTO %s (%s) SELECT * FROM unnest(",
	    in->table, in->columns);
	for (size_t i = 0; i < width; i++) {
		column_array(&v, a, rows, width, n_rows, i);
		mxa_buf_printf(&sql, "%s$%zu", i > 0 ? ", " : "", i + 1);
	}
	mxa_buf_printf(&sql, ") AS new (%s) ", in->columns);
	if (in->changes != NULL)
		mxa_buf_printf(&sql, "WHERE %s ", in->changes);
	mxa_buf_adds(&sql, in->conflict);
	run_statement(s, mxa_buf_cstr(&sql), &v, width, &reader);
}

static size_t row_bytes(const struct mxa_arg *row, size_t width)
{
	size_t n = 0;

	for (size_t i = 0; i < width; i++)
		n += 24 + row[i].s.len;
	return n;
}

static void pgsql_insert(struct mxa_store *s, const struct mxa_store_insert *in,
    const struct mxa_arg *rows, size_t n_rows)
{
	size_t width = strlen(in->kinds);

	while (n_rows > 0 && s->state == MXA_STORE_OK) {
		size_t take = 0, bytes = 0;

		while (take < n_rows && bytes < MAX_STATEMENT)
			bytes += row_bytes(rows + width * take++, width);
		insert_slice(s, in, rows, take);
		rows += width * take;
		n_rows -= take;
	}
}

/* --- days --- */

static bool has_table(struct mxa_store *s, const char *name)
{
	return mxa_store_number(s,
		   "SELECT count(*) FROM pg_class WHERE relname = $1",
		   MXA_ARGS(MXA_TEXT(mxa_str_from(name))), 0) > 0;
}

static void pgsql_make_day(struct mxa_store *s, int64_t day)
{
	char name[40], sql[200];

	snprintf(name, sizeof(name), "message_%lld", (long long)day);
	if (has_table(s, name) || s->state != MXA_STORE_OK)
		return;
	snprintf(sql, sizeof(sql),
	    "CREATE TABLE IF NOT EXISTS %s PARTITION OF message "
	    "FOR VALUES FROM (%lld) TO (%lld)",
	    name, (long long)day, (long long)day + 1);
	mxa_store_run(s, sql, NULL, 0);
	/* another importer made it at the same time */
	if (s->state == MXA_STORE_BROKEN &&
	    mxa_store_retry(s) == MXA_STORE_OK && !has_table(s, name))
		mxa_store_run(s, sql, NULL, 0);
}

struct old_days {
	int64_t before;
	int64_t day[400];
	size_t n;
};

static bool note_day(void *ctx, const struct mxa_row *r)
{
	struct old_days *old = ctx;
	int64_t day = mxa_row_int(r, 0);

	if (day > 0 && day < old->before && old->n < MXA_ARRAY_LEN(old->day))
		old->day[old->n++] = day;
	return true;
}

static int64_t pgsql_drop_days(struct mxa_store *s, int64_t day)
{
	struct old_days old = { .before = day };

	mxa_store_query(s,
	    "SELECT substr(relname, 9) FROM pg_class "
	    "WHERE relkind = 'r' AND relname ~ '^message_[0-9]{1,9}$'",
	    NULL, 0, note_day, &old);
	for (size_t i = 0; i < old.n; i++) {
		char sql[80];

		snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS message_%lld",
		    (long long)old.day[i]);
		mxa_store_run(s, sql, NULL, 0);
	}
	return s->state == MXA_STORE_OK ? (int64_t)old.n : -1;
}

static const char *const pgsql_schemes[] = { "postgresql:", "postgres:", NULL };

const struct mxa_store_backend mxa_store_pgsql = {
	.kind = "postgresql",
	.schemes = pgsql_schemes,
	.connect = pgsql_connect,
	.disconnect = pgsql_disconnect,
	.run = pgsql_run,
	.insert = pgsql_insert,
	.make_day = pgsql_make_day,
	.drop_days = pgsql_drop_days,
	.begin = "BEGIN",
	.now = "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint",
	.pin = " FOR SHARE",
	.size = "SELECT pg_database_size(current_database())",
};
