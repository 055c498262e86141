/* select.h - the header fields that a signature covers, picked from the bottom
 * up (RFC 6376 section 5.4.2), and their hash (section 3.7). */
#ifndef MXA_AUTH_SIG_SELECT_H
#define MXA_AUTH_SIG_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/sig/canon.h"
#include "auth/sig/hash.h"
#include "base/str.h"

struct mxa_arena;
struct mxa_headers;
struct mxa_field;

/* Fields by name, so that 200 names in h= against 20,000 equal fields cost 200
 * steps.  Built once, when the header section is complete; used by one thread
 * at a time. */
struct mxa_field_index;

struct mxa_field_index *mxa_field_index_new(
    struct mxa_arena *a, const struct mxa_headers *h);

/* Cut the next name off the front of h=, without white space around it; false
 * at the end.  'list->p' is NULL then. */
bool mxa_names_next(struct mxa_str *list, struct mxa_str *name);

struct mxa_header_hash {
	enum mxa_canon canon;
	struct mxa_str names; /* h= */
	size_t self;	      /* index of the signature's own field, which is
				 never picked and comes last */
	size_t cut_from;      /* value of its b=, left out: offsets in raw */
	size_t cut_to;
};

/* Put the picked fields and the signature's own into 'hash'; names without a
 * field (oversigning) add nothing. */
void mxa_select_hash(struct mxa_field_index *index,
    const struct mxa_header_hash *what, struct mxa_hash *hash);

#endif
