/* import_rows.h - what becomes of each keyword of opendkim, opendmarc and
 * policyd-spf; for import*.c only. */
#ifndef MXA_CONF_IMPORT_ROWS_H
#define MXA_CONF_IMPORT_ROWS_H

#include <stddef.h>

#include "base/str.h"

enum mxa_import_program { OPENDKIM, OPENDMARC, POLICYD_SPF, N_PROGRAMS };

enum mxa_import_use {
	REMARK_ONLY,
	AS_TEXT,
	AS_NUMBER,
	AS_LIST, /* a data set: "a, b", "csl:a,b", "file:/x", "/x" */
	AS_GIVEN
};

struct mxa_import_row {
	enum mxa_import_program program;
	const char *keyword;
	const char *when; /* the value this row is for; NULL: any */
	enum mxa_import_use use;
	const char *section, *option; /* ours */
	const char *given;	      /* AS_GIVEN: the value as it is written */
	const char *remark;	      /* NULL: none */
};

/* What a program does when its file is silent and ours would do otherwise. */
struct mxa_import_silent {
	enum mxa_import_program program;
	const char *keyword, *value;
};

/* The first row for this line; NULL: the keyword is not known. */
const struct mxa_import_row *mxa_import_find_row(
    enum mxa_import_program program, struct mxa_str keyword,
    struct mxa_str value);

/* The row after 'r', if it is for the same value; else NULL. */
const struct mxa_import_row *mxa_import_next_row(
    const struct mxa_import_row *r);

/* All of them. */
const struct mxa_import_silent *mxa_import_silent(size_t *n);

#endif
