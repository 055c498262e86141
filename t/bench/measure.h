/* measure.h - the bench's parts: each measures something, prints it, and
 * enters its goals (table.h). */
#ifndef MXA_T_BENCH_MEASURE_H
#define MXA_T_BENCH_MEASURE_H

#include "t/bench/corpus.h"
#include "t/bench/floor.h"
#include "t/bench/systems.h"
#include "t/support/dnsd.h"

/* Systems that are measured side by side. */
enum {
	NATIVE,
	LIBRARIES,
	EMPTY,
	EMPTY_AHEAD, /* with our read-ahead */
	RSPAMD,
	RSPAMD_ALL, /* with the modules that Debian switches on */
	OPENDKIM,
	SYSTEMS
};

struct bench {
	struct bench_corpus *corpus;
	struct bench_floor *floor;
	struct bench_place place;
	struct bench_system system[SYSTEMS];
	struct test_dnsd *dns;
	unsigned scale;		 /* percent of the usual numbers of messages */
	unsigned long growth_to; /* messages of the memory test */
	unsigned long wrong;	 /* verdicts, all systems of ours */
};

void measure_work(struct bench *b);	   /* CPU, by kind of message */
void measure_connections(struct bench *b); /* 1 to 256; TCP */
void measure_slopes(struct bench *b); /* each further signature, field; rules */
void measure_cold(struct bench *b);   /* questions and rounds of the DNS */
void measure_dead(struct bench *b);   /* beside a domain that is silent */
void measure_memory(struct bench *b);
void measure_overload(struct bench *b); /* more than the cores can do */

#endif
