/* measure_memory.c - resident memory, idle, crowded, and after long work. */
#include <pthread.h>
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

struct crowd {
	struct bench_load load;
	struct bench_run run;
};

static void *send_crowd(void *arg)
{
	struct crowd *c = arg;

	bench_load(&c->load, &c->run);
	return NULL;
}

/* MiB while BUSY messages wait for a DNS that is silent, each with a thread. */
static double waiting_for_dns(struct bench *b, const struct bench_system *s)
{
	struct crowd c = { .load = { s, bench_class(b->corpus, BENCH_DEAD), 0,
			       BUSY, BUSY, 0 } };
	pthread_t thread;
	double got;

	pthread_create(&thread, NULL, send_crowd, &c);
	bench_sleep(2);
	got = mib(s);
	pthread_join(thread, NULL);
	bench_run_free(&c.run);
	return got;
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
		16, 0 };

	bench_load(&l, &run);
	b->wrong += run.wrong;
	bench_run_free(&run);
}

void measure_memory(struct bench *b)
{
	struct bench_system s;
	double idle, pss, open, busy, waiting, early, late, huge;
	char what[100];

	bench_mxauthd(&s, &b->place, "memory", NULL, "profile = \"monitor\"\n");
	if (s.stages == 0)
		return;
	bench_sleep(0.3);
	idle = mib(&s);
	pss = (double)bench_system_pss(&s) / 1024;
	if (idle <= 0) {
		puts("\nNo /proc here: memory is not measured.");
		bench_stop(&s);
		return;
	}
	open = crowded(&s, NULL, IDLE);
	bench_stop(&s);
	bench_mxauthd(&s, &b->place, "memory", NULL, "profile = \"monitor\"\n");
	busy = crowded(&s, bench_class(b->corpus, BENCH_SMALL), BUSY);
	bench_stop(&s);
	bench_mxauthd(&s, &b->place, "memory", NULL, "profile = \"monitor\"\n");
	waiting = waiting_for_dns(b, &s);
	bench_stop(&s);
	bench_mxauthd(&s, &b->place, "memory", NULL, "profile = \"monitor\"\n");
	work(b, &s, 5000);
	early = mib(&s);
	work(b, &s, b->growth_to - 5000);
	late = mib(&s);
	bench_once(&s, &bench_class(b->corpus, BENCH_HUGE)->m[0], 0);
	huge = mib(&s);
	printf("\nMemory of mxauthd, MiB: idle %.1f (PSS %.1f: what others "
	       "share counts in part), %u idle connections %.1f, %u in a "
	       "message %.1f, %u waiting for the DNS %.1f, after 5000 messages "
	       "%.1f, after %lu %.1f, after one of 25 MB %.1f.\n",
	    idle, pss, IDLE, open, BUSY, busy, BUSY, waiting, early,
	    b->growth_to, late, huge);
	table_goal("memory, idle, PSS", pss, 4, "MiB");
	table_goal("memory, 2000 idle connections", open, 8, "MiB");
	table_goal("memory, 256 connections in a message", busy, 24, "MiB");
	table_goal(
	    "memory, 256 messages that wait for the DNS", waiting, 24, "MiB");
	snprintf(what, sizeof(what), "memory, message 5000 to %lu: growth",
	    b->growth_to);
	table_goal(what, late > early ? late - early : 0, 0.5, "MiB");
	table_goal("memory, growth by a message of 25 MB",
	    huge > late ? huge - late : 0, 0.5, "MiB");
	bench_stop(&s);
}
