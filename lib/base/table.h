/* table.h - hash table whose links lie in the objects themselves.
 *
 * The table owns nothing and knows no keys: callers hash with
 * mxa_table_hash(), walk the links of equal hash and compare.  Names come from
 * strangers, so the hash is keyed. */
#ifndef MXA_BASE_TABLE_H
#define MXA_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mxa_link {
	struct mxa_link *next; /* in its bucket */
	uint64_t hash;
};

struct mxa_table {
	struct mxa_link **buckets;
	size_t n_buckets; /* a power of two */
	size_t n;
};

/* The object around a link. */
#define MXA_OWNER(link, type, member) \
	((type *)(void *)((char *)(link)-offsetof(type, member)))

/* A secret of 16 bytes from the system. */
void mxa_table_key(uint64_t key[2]);

/* SipHash-1-3 of the bytes and of a number beside them (a record type). */
uint64_t mxa_table_hash(
    const uint64_t key[2], const void *p, size_t len, uint64_t more);

void mxa_table_init(struct mxa_table *t);

/* Frees the buckets only. */
void mxa_table_done(struct mxa_table *t);

void mxa_table_add(struct mxa_table *t, struct mxa_link *l, uint64_t hash);
void mxa_table_remove(struct mxa_table *t, struct mxa_link *l);

/* First link with this hash, then the next one; NULL: no more. */
struct mxa_link *mxa_table_first(const struct mxa_table *t, uint64_t hash);
struct mxa_link *mxa_table_next(const struct mxa_link *l);

/* Any link, to empty a table; NULL when it is empty. */
struct mxa_link *mxa_table_any(const struct mxa_table *t);

/* Hashes that were seen, by open addressing; zeroed it is empty. */
struct mxa_hashes {
	uint64_t *v; /* 0: an empty place */
	size_t n, cap;
};

/* True: it is new. */
bool mxa_hashes_add(struct mxa_hashes *s, uint64_t hash);
void mxa_hashes_done(struct mxa_hashes *s);

#endif
