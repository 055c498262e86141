/* spfgen.h - SPF checks made up from chance or from a fuzzer's bytes: a zone
 * with a handful of records that use each other, and a client.  The records
 * follow the grammar, or nearly. */
#ifndef MXA_T_SPFGEN_H
#define MXA_T_SPFGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct spfgen {
	const uint8_t *data; /* choices, until they are used up */
	size_t len;
	uint32_t seed; /* choices after that; 0: always the first */
};

struct spfgen_case {
	struct mxa_str zone;
	struct mxa_str record; /* of the sender's domain, s0.example */
	struct mxa_str ip, helo, mailfrom;
};

/* 0 .. n-1 */
unsigned spfgen_below(struct spfgen *g, unsigned n);

/* One check; all text in 'a'. */
void spfgen_case(
    struct spfgen *g, struct mxa_arena *a, struct spfgen_case *out);

#endif
