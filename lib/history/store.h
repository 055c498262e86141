/* store.h - the database of what happened: SQLite in a file, or PostgreSQL for
 * several hosts.  One thread uses a store at a time.
 *
 * Statements are SQL that both databases understand, with $1, $2, ... for
 * values.  A failed statement makes the store fail until the next
 * mxa_store_begin or mxa_store_retry: later statements do nothing, so that a
 * caller tests once, at the end.  Only the tools use this; mxauthd does not. */
#ifndef MXA_HISTORY_STORE_H
#define MXA_HISTORY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "history/store_row.h"

struct mxa_arena;
struct mxa_store;

struct mxa_store_options {
	/* "sqlite:PATH" or "postgresql://..." (a libpq URL) */
	const char *url;
	/* Seconds since 1970 in place of the database's clock; 0: its clock. */
	int64_t now;
};

/* Opens nothing else than the connection; brings the tables to this version
 * (store_schema.c), which creates them in an empty database.  NULL: '*error'
 * is a phrase (malloc), and 'gone' tells whether trying later may help. */
struct mxa_store *mxa_store_open(
    const struct mxa_store_options *o, char **error, bool *gone);

/* Rolls back what is open.  NULL is fine. */
void mxa_store_close(struct mxa_store *s);

enum mxa_store_state mxa_store_state(const struct mxa_store *s);

/* What went wrong, one line; "" when nothing did. */
const char *mxa_store_error(const struct mxa_store *s);

/* "sqlite" or "postgresql". */
const char *mxa_store_kind(const struct mxa_store *s);

/* Forget a failure; connects again when the connection was lost. */
enum mxa_store_state mxa_store_retry(struct mxa_store *s);

/* The time of the database, or that of the options.  0 on failure. */
int64_t mxa_store_now(struct mxa_store *s);

/* --- transactions --- */

/* Forgets an earlier failure.  Readers that want several statements to agree
 * need one as well. */
void mxa_store_begin(struct mxa_store *s);

/* Commits, or rolls back when anything has failed.  MXA_STORE_GONE leaves open
 * whether it was committed: read again what would tell. */
enum mxa_store_state mxa_store_commit(struct mxa_store *s);

/* Let the transaction fail, as if another client had been first. */
void mxa_store_abort(struct mxa_store *s, const char *why);

/* --- statements --- */

/* Rows that changed; -1 on failure.  'args' may be NULL when n == 0. */
int64_t mxa_store_run(
    struct mxa_store *s, const char *sql, const struct mxa_arg *args, size_t n);

int64_t mxa_row_int(const struct mxa_row *r, size_t i); /* 0: no number */

/* Calls 'fn' for each row as it arrives: an answer of any size takes no more
 * memory than a row.  'fn' must not use the store; false ends it.  Returns
 * false on failure. */
bool mxa_store_query(struct mxa_store *s, const char *sql,
    const struct mxa_arg *args, size_t n,
    bool (*fn)(void *ctx, const struct mxa_row *r), void *ctx);

/* The first row, copied into 'a'; n == 0: there is none (or a failure). */
void mxa_store_row(struct mxa_store *s, struct mxa_arena *a, const char *sql,
    const struct mxa_arg *args, size_t n, struct mxa_row *out);

/* The first column of the first row as a number, 'absent' without a row. */
int64_t mxa_store_number(struct mxa_store *s, const char *sql,
    const struct mxa_arg *args, size_t n, int64_t absent);

/* 'rows' has n_rows times strlen(kinds) values.  All of them are inserted, or
 * none: outside a transaction they get one of their own. */
void mxa_store_insert(struct mxa_store *s, const struct mxa_store_insert *in,
    const struct mxa_arg *rows, size_t n_rows);

/* --- what the databases do differently --- */

/* Make room for the messages of a day (a partition), outside a transaction. */
void mxa_store_make_day(struct mxa_store *s, int64_t day);

/* Remove the messages of all days before 'day', with their stories.  Returns
 * how many days had some, -1 on failure. */
int64_t mxa_store_drop_days(struct mxa_store *s, int64_t day);

/* A value that is read and must not change before this transaction ends. */
int64_t mxa_store_pinned(struct mxa_store *s, const char *meta_name);

/* Bytes on disk, 0 when unknown. */
int64_t mxa_store_size(struct mxa_store *s);

#endif
