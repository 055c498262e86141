/* measure_memory.c - resident memory, idle, crowded, and after long work. */
#include <stdio.h>

#include "t/bench/load.h"
#include "t/bench/measure.h"
#include "t/bench/process.h"
#include "t/bench/table.h"
#include "t/support/milterclient.h"

#define IDLE 2000
#define BUSY 256

static double mib(const struct bench_system *s)
{
	return (double)bench_system_rss(s) / 1024;
}

/* MiB while 'n' connections are open: idle ones, or in a body. */
static double crowded(
    const struct bench_system *s, const struct bench_class *of, unsigned n)
{
	static struct mtc *open[IDLE];
	double got;

	for (unsigned i = 0; i < n; i++)
		open[i] = bench_hold(s, of ? &of->m[i % of->n] : NULL);
	bench_sleep(0.5);
	got = mib(s);
	for (unsigned i = 0; i < n; i++)
		mtc_close(open[i]);
	bench_sleep(0.2);
	return got;
}

static void work(struct bench *b, const struct bench_system *s, size_t n)
{
	struct bench_run run = { 0 };
	struct bench_load l = { s, bench_class(b->corpus, BENCH_SMALL), 0, n,
		16 };

	bench_load(&l, &run);
	b->wrong += run.wrong;
	bench_run_free(&run);
}

void measure_memory(struct bench *b)
{
	struct bench_system s;
	double idle, waiting, busy, early, late, huge;
	char what[100];

	bench_mxauthd(&s, &b->place, "memory", NULL, "profile = \"monitor\"\n");
	if (s.stages == 0)
		return;
	bench_sleep(0.3);
	idle = mib(&s);
	if (idle <= 0) {
		puts("\nNo /proc here: memory is not measured.");
		bench_stop(&s);
		return;
	}
	waiting = crowded(&s, NULL, IDLE);
	bench_stop(&s);
	bench_mxauthd(&s, &b->place, "memory", NULL, "profile = \"monitor\"\n");
	busy = crowded(&s, bench_class(b->corpus, BENCH_SMALL), BUSY);
	bench_stop(&s);
	bench_mxauthd(&s, &b->place, "memory", NULL, "profile = \"monitor\"\n");
	work(b, &s, 5000);
	early = mib(&s);
	work(b, &s, b->growth_to - 5000);
	late = mib(&s);
	bench_once(&s, &bench_class(b->corpus, BENCH_HUGE)->m[0], 0);
	huge = mib(&s);
	printf("\nMemory of mxauthd, MiB: idle %.1f, %u idle connections %.1f, "
	       "%u in a message %.1f, after 5000 messages %.1f, after %lu "
	       "%.1f, after one of 25 MB %.1f.\n",
	    idle, IDLE, waiting, BUSY, busy, early, b->growth_to, late, huge);
	table_goal("memory, idle", idle, 8, "MiB");
	table_goal("memory, 2000 idle connections", waiting, 16, "MiB");
	table_goal("memory, 256 connections in a message", busy, 40, "MiB");
	snprintf(what, sizeof(what), "memory, message 5000 to %lu: growth",
	    b->growth_to);
	table_goal(what, late > early ? late - early : 0, 0.5, "MiB");
	table_goal("memory, growth by a message of 25 MB",
	    huge > late ? huge - late : 0, 0.5, "MiB");
	bench_stop(&s);
}
