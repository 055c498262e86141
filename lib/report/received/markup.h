/* markup.h - the markup of a report as it streams by, reduced to what its
 * reader needs and held to limits before libxml2 sees it.
 *
 * Comments and processing instructions are dropped, attributes and namespace
 * prefixes as well: no element of a report needs them, and what they cost in a
 * parser is up to the sender. */
#ifndef MXA_REPORT_RECEIVED_MARKUP_H
#define MXA_REPORT_RECEIVED_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define MXA_MARKUP_MAX_NAME 128		 /* bytes of an element's name */
#define MXA_MARKUP_MAX_TAG 16384	 /* of a tag */
#define MXA_MARKUP_MAX_TEXT (256 * 1024) /* of text between two tags */
#define MXA_MARKUP_MAX_NAMES 1000	 /* different names of elements */

struct mxa_markup {
	int state;
	size_t n;      /* bytes of the tag so far */
	size_t text;   /* bytes of text since the last tag */
	char quote;    /* in a tag: the value that is open ends with it */
	char last;     /* the byte before, outside of values */
	unsigned tail; /* how much of what ends this has been seen */
	char name[MXA_MARKUP_MAX_NAME];
	size_t name_len;
	bool closing;	 /* "</" */
	uint64_t *names; /* hashes of the names that were seen */
	size_t n_names;
	const char *error; /* static; NULL: none */
};

struct mxa_arena;

void mxa_markup_init(struct mxa_markup *m, struct mxa_arena *a);

/* Pass on what is needed of 'in' (UTF-8) to 'out'.  False: a limit was reached
 * or there is a document type declaration; 'error' says which. */
bool mxa_markup_feed(
    struct mxa_markup *m, struct mxa_str in, struct mxa_buf *out);

#endif
