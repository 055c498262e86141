/* corpus.h - the bench's mail: generated messages with the verdict each must
 * get, and the zone that decides it.  The same seed gives the same mail. */
#ifndef MXA_T_BENCH_CORPUS_H
#define MXA_T_BENCH_CORPUS_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

struct bench_message {
	struct mxa_str text;
	size_t header_len; /* up to and without the empty line */
	unsigned signatures;
	char ip[40], helo[64], from[80]; /* from with its brackets */
	const char *spf, *dkim, *dmarc;	 /* the verdict, in RFC 8601's words */
};

struct bench_class {
	const char *name;
	struct bench_message *m;
	size_t n;
};

enum bench_kind {
	BENCH_SMALL,	/* 4-10 KB, one or two signatures */
	BENCH_UNSIGNED, /* the same without any */
	BENCH_MEDIUM,	/* 30-80 KB */
	BENCH_LARGE,	/* 1-5 MB */
	BENCH_HUGE,	/* 25 MB */
	BENCH_SIG1,	/* small, all good, with so many signatures */
	BENCH_SIG9,
	BENCH_FIELDS,  /* small, 1000 fields more, unsigned ones */
	BENCH_FIELDS5, /* 5000, 20,000 */
	BENCH_FIELDS20,
	BENCH_PLAIN,  /* 1 MB of text, no blank of which changes */
	BENCH_SPACED, /* some of which change in each line */
	BENCH_FLAT,   /* small, with a thousand recipients in one line */
	BENCH_FOLDED, /* and in a line each */
	BENCH_COLD,   /* typical ones, each of a domain of its own */
	BENCH_DEAD,   /* of domains whose DNS never answers */
	BENCH_KINDS
};

struct bench_corpus {
	struct mxa_arena *arena;
	struct bench_class of[BENCH_KINDS]; /* bench_class() */
	struct mxa_str zone;
	EVP_PKEY *key;
	unsigned seed;
};

/* 'keys': the folder of the test keys.  Ends the program when it cannot. */
struct bench_corpus *bench_corpus_new(const char *keys, unsigned seed);
/* The messages of a kind, made when they are first asked for; one thread. */
const struct bench_class *bench_class(
    struct bench_corpus *c, enum bench_kind kind);

void bench_corpus_free(struct bench_corpus *c);

/* What of 'm' the header fields in 'stamped' got wrong: "dkim is not pass", or
 * NULL.  'stamped' is what a filter added, fields separated by line ends. */
const char *bench_wrong(const struct bench_message *m, const char *stamped);

#endif
