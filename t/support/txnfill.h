/* txnfill.h - a transaction in which no field is empty, filled by walking the
 * tables of history/fields.h. */
#ifndef MXA_T_TXNFILL_H
#define MXA_T_TXNFILL_H

#include "history/fields.h"

#define TEST_FILL_TIME 1795248000 /* 2026-11-21T08:00:00Z */

/* Where the values come from. */
struct test_fill {
	struct mxa_arena *a;
	struct mxa_str (*text)(void *ctx);
	uint64_t (*number)(void *ctx);
	void *ctx;
};

/* Flags are true where the number is not 0; words are chosen by it.  What must
 * agree does: there are two author domains, one of them the worst, two
 * signatures, sets, recipients, notes, reply lines and answers. */
void test_fill_txn(
    const struct test_fill *f, struct mxa_txn *t, struct mxa_line *line);

#endif
