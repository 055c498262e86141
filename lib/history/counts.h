/* counts.h - how often something was seen, by a text that names it. */
#ifndef MXA_HISTORY_COUNTS_H
#define MXA_HISTORY_COUNTS_H

#include <stddef.h>

struct mxa_counts;

struct mxa_count {
	const char *key;
	size_t n;	/* the caller's, from 0 */
	size_t matches; /* the caller's, from 0 */
	char example[64];
};

/* At most 'max' texts are told apart. */
struct mxa_counts *mxa_counts_new(size_t max);
void mxa_counts_free(struct mxa_counts *c);

/* The count of 'key', made when it is new; NULL: there are 'max' others. */
struct mxa_count *mxa_counts_at(struct mxa_counts *c, const char *key);

/* The count of 'key' if there is one. */
struct mxa_count *mxa_counts_find(const struct mxa_counts *c, const char *key);

/* All of them, the largest 'n' first, equal ones by their text; '*n' is their
 * number.  Valid until the next mxa_counts_at. */
struct mxa_count **mxa_counts_sorted(struct mxa_counts *c, size_t *n);

#endif
