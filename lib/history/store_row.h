/* store_row.h - what goes into a database and comes out of it: values, rows,
 * the state of a statement. */
#ifndef MXA_HISTORY_STORE_ROW_H
#define MXA_HISTORY_STORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct mxa_store;

/* What became of the statements since the last mxa_store_begin. */
enum mxa_store_state {
	MXA_STORE_OK,
	MXA_STORE_CONFLICT, /* another client was first: do it again */
	MXA_STORE_GONE,	    /* no connection, or it was lost */
	MXA_STORE_BROKEN,   /* anything else: no table, disk full, read-only */
};

struct mxa_arg {
	enum mxa_arg_kind {
		MXA_ARG_INT,
		MXA_ARG_TEXT, /* valid UTF-8 without NUL */
		MXA_ARG_BYTES,
	} kind;
	int64_t n;
	struct mxa_str s;
};

#define MXA_INT(v) ((struct mxa_arg){ MXA_ARG_INT, (int64_t)(v), { NULL, 0 } })
#define MXA_TEXT(v) ((struct mxa_arg){ MXA_ARG_TEXT, 0, (v) })
#define MXA_BYTES(v) ((struct mxa_arg){ MXA_ARG_BYTES, 0, (v) })

/* The values of a statement, and their number: two arguments. */
#define MXA_ARGS(...)                                         \
	(const struct mxa_arg[]){ __VA_ARGS__ },              \
	    sizeof((const struct mxa_arg[]){ __VA_ARGS__ }) / \
	    sizeof(struct mxa_arg)

/* At most this many values in a statement, and columns in an answer. */
#define MXA_STORE_MAX_ARGS 24

/* A row of an answer, valid during the call.  NULL comes as an empty text. */
struct mxa_row {
	struct mxa_str col[MXA_STORE_MAX_ARGS];
	size_t n;
};

struct mxa_store_insert {
	const char *table;
	const char *columns;  /* "day, domain, n" */
	const char *kinds;    /* a letter each: i, t (of MXA_ARG_...) */
	const char *conflict; /* "ON CONFLICT ...", or "" */
	/* NULL, or a condition that is false when the row "new" would change
	 * nothing.  Only PostgreSQL needs it, which locks a row that conflicts,
	 * and logs that, also when "ON CONFLICT ... WHERE" leaves it alone. */
	const char *changes;
};

#endif
