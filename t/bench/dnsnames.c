/* dnsnames.c - the cache under very many different names: what it takes.
 *
 * The cache of the resolver with its usual size, answers of all lengths, each
 * name once (what a sender can make up), each name often enough to be asked
 * again (what keeps entries in its wheel), and decoded records (what it cannot
 * see grow).  Prints a line a million names; fails when memory grows after the
 * cache is full. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/table.h"
#include "dns/cache.h"
#include "t/bench/process.h"

#define CACHE ((size_t)64 << 20)
#define MIB (1024.0 * 1024)
#define DECODED 1500 /* octets of a parsed record */

static uint64_t now_ms;

static uint64_t names_clock(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static void *decode_record(const struct mxa_dns_answer *a)
{
	void *record = mxa_xmalloc(DECODED);

	memset(record, a->type, DECODED);
	return record;
}

/* The 'i'-th name: asked, kept, decoded, used 'uses' times. */
static void one_name(
    struct mxa_cache *c, const uint64_t key[2], unsigned long i, int uses)
{
	char name[64], text[400];
	struct mxa_question q = { .type = MXA_DNS_TXT };
	struct mxa_dns_record rr = { .text = { text, 20 + i * 7919 % 380 } };
	struct mxa_dns_answer from = { .status = MXA_DNS_DATA,
		.type = MXA_DNS_TXT,
		.rr = &rr,
		.n = 1,
		.ttl = 300 + (uint32_t)(i % 7) * 3600 };
	const struct mxa_dns_answer *a;

	snprintf(name, sizeof(name), "s%lu._domainkey.n%lu.example", i % 97, i);
	memset(text, 'x', sizeof(text));
	q.name = from.name = from.canonical = mxa_str_from(name);
	q.hash = mxa_table_hash(key, name, q.name.len, q.type);
	a = mxa_answer_new(&from);
	mxa_cache_put(c, &q, a);
	if (i % 4 != 0)
		mxa_dns_decoded(a, MXA_SLOT_KEY, decode_record, free);
	mxa_answer_unref(a);
	for (int use = 0; use < uses; use++)
		mxa_answer_unref(mxa_cache_find(c, &q));
}

/* What is due is taken, as the resolver does; nobody answers. */
static unsigned long take_due(struct mxa_cache *c)
{
	const struct mxa_dns_answer *due[200];
	unsigned long all = 0;
	size_t n;

	while ((n = mxa_cache_due(c, due, 200)) > 0) {
		all += n;
		while (n > 0)
			mxa_answer_unref(due[--n]);
	}
	return all;
}

/* 'names' names at 20 a second; true: memory stayed flat. */
static bool many_names(unsigned long names, int uses)
{
	static const struct mxa_clock clock = { .mono_ms = names_clock };
	struct mxa_cache_rules rules = { .bytes = CACHE,
		.failure_memory_ms = 3000,
		.ttl_ceiling = 86400,
		.refresh_hits = 3,
		.clock = &clock };
	struct mxa_cache *c = mxa_cache_new(&rules);
	unsigned long due = 0;
	double full = 0, rss = 0;
	uint64_t key[2];

	mxa_table_key(key);
	for (unsigned long i = 1; i <= names; i++) {
		one_name(c, key, i, uses);
		now_ms += 50;
		if (i % 10 == 0)
			due += take_due(c);
		if (i % 1000000 != 0)
			continue;
		rss = (double)bench_rss(getpid()) / 1024;
		full = full > 0 ? full : rss;
		printf("| %d | %lu | %.1f | %.1f | %lu |\n", uses, i / 1000000,
		    (double)mxa_cache_bytes(c) / MIB, rss, due);
		fflush(stdout);
	}
	mxa_cache_free(c);
	return rss <= full * 1.05;
}

int main(int argc, char **argv)
{
	unsigned long names =
	    (argc > 1 ? strtoul(argv[1], NULL, 10) : 10) * 1000000;
	bool flat;

	puts("| uses of each name | million names | charged, MiB | RSS of the "
	     "program, MiB | given to be asked again |\n"
	     "|---|---|---|---|---|");
	flat = many_names(names, 0);
	flat = many_names(names, 3) && flat;
	puts(flat ? "\nMemory stayed flat." : "\nMemory GREW.");
	return !flat;
}
