/* page_counts.h - equal things, counted, for a table of a page.  What is kept
 * does not grow with what is counted: there is a ceiling of kinds. */
#ifndef MXA_CLI_PAGE_COUNTS_H
#define MXA_CLI_PAGE_COUNTS_H

#include <stdint.h>

#include "base/str.h"
#include "base/table.h"

struct mxa_arena;

/* Messages of a kind. */
struct page_count {
	struct mxa_link link;
	struct mxa_str key;
	uint64_t n;
	uint64_t refused; /* of them */
	int64_t last;	  /* seconds */
};

/* The kinds. */
struct page_counts {
	struct mxa_table table;
	struct mxa_arena *a; /* of the keys */
	uint64_t table_key[2];
	struct page_count **v; /* after page_counts_sort: most first */
	size_t n, cap;
	uint64_t others; /* messages of further kinds */
};

void page_counts_begin(struct page_counts *c);
void page_counts_end(struct page_counts *c);

/* Counts 'more' messages under the key, which is copied: 'n' and 'refused' are
 * added, the later 'last' stays. */
void page_counts_add(struct page_counts *c, const struct page_count *more);

void page_counts_sort(struct page_counts *c);

#endif
