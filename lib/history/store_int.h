/* store_int.h - what a database implements; for store*.c only. */
#ifndef MXA_HISTORY_STORE_INT_H
#define MXA_HISTORY_STORE_INT_H

#include "base/attr.h"
#include "history/store_row.h"

#define MXA_STORE_VERSION 4 /* of the tables */

struct mxa_store_backend {
	const char *kind;
	/* Begins of URLs that are its own, ended by NULL. */
	const char *const *schemes;
	/* Connects; NULL and a state that mxa_store_fail() was told. */
	bool (*connect)(struct mxa_store *s, const char *url);
	void (*disconnect)(struct mxa_store *s);
	/* Runs one statement; 'fn' may be NULL.  Returns the changed rows, or
	 * -1 after mxa_store_fail(). */
	int64_t (*run)(struct mxa_store *s, const char *sql,
	    const struct mxa_arg *args, size_t n,
	    bool (*fn)(void *ctx, const struct mxa_row *r), void *ctx);
	void (*insert)(struct mxa_store *s, const struct mxa_store_insert *in,
	    const struct mxa_arg *rows, size_t n_rows);
	void (*make_day)(struct mxa_store *s, int64_t day);
	int64_t (*drop_days)(struct mxa_store *s, int64_t day);
	const char *begin; /* statement */
	const char *now;   /* asks for seconds since 1970 */
	const char *pin;   /* end of a SELECT that locks its row */
	const char *size;  /* asks for bytes on disk */
};

extern const struct mxa_store_backend mxa_store_sqlite;
extern const struct mxa_store_backend mxa_store_pgsql;

struct mxa_store {
	const struct mxa_store_backend *backend;
	void *handle; /* NULL: not connected */
	char *url;
	int64_t now;
	bool in_transaction;
	enum mxa_store_state state;
	char error[512];
};

/* Note the first failure. */
void mxa_store_fail(struct mxa_store *s, enum mxa_store_state state,
    const char *fmt, ...) MXA_PRINTF(3, 4);

/* Bring the tables to MXA_STORE_VERSION. */
void mxa_store_migrate(struct mxa_store *s);

#endif
