/* refusal_table.h - the rows by which a refusal is recognised.  Private to
 * lib/bounce. */
#ifndef MXA_BOUNCE_REFUSAL_TABLE_H
#define MXA_BOUNCE_REFUSAL_TABLE_H

#include <stddef.h>

#include "bounce/refusal_class.h"

/* A row holds when all that it names is there. */
struct mxa_refusal_row {
	const char *provider; /* who spoke; NULL: anybody */
	/* One of them: "5.7.26" (also stands for 4.7.26), "504".  This list and
	 * the other end with NULL; NULL in their place: no matter what. */
	const char *const *codes;
	/* fragments in lower case: all of the first, one of the others */
	const char *with[2];
	const char *const *any;
	enum mxa_refusal_class class;
	unsigned methods; /* 0: those of the class */
	bool failing;	  /* a word that tells of a failure is needed too */
};

extern const struct mxa_refusal_row mxa_refusal_rows[];
extern const size_t mxa_refusal_n_rows;

/* Words that tell of a failure, or demand something; the last is NULL. */
extern const char *const mxa_failing_words[];

#endif
