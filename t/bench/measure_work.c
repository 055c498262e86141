/* measure_work.c - CPU a message, side by side. */
#include <stdio.h>
#include <string.h>

#include "t/bench/load.h"
#include "t/bench/measure.h"
#include "t/bench/table.h"

struct work {
	enum bench_kind kind;
	unsigned connections, rounds, batch; /* batch: messages a round */
	struct bench_run run[SYSTEMS];
	double floor; /* seconds a message */
};

static struct work works[] = {
	{ .kind = BENCH_SMALL, .connections = 16, .rounds = 6, .batch = 250 },
	{ .kind = BENCH_UNSIGNED,
	    .connections = 16,
	    .rounds = 4,
	    .batch = 150 },
	{ .kind = BENCH_MEDIUM, .connections = 16, .rounds = 4, .batch = 128 },
	{ .kind = BENCH_LARGE, .connections = 4, .rounds = 3, .batch = 8 },
	{ .kind = BENCH_HUGE, .connections = 1, .rounds = 3, .batch = 1 },
};
#define N_WORKS (sizeof(works) / sizeof(works[0]))

static size_t scaled(const struct bench *b, unsigned n)
{
	size_t m = (size_t)n * b->scale / 100;

	return m > 0 ? m : 1;
}

/* Every message once, so that every cache has what it keeps. */
static void warm(struct bench *b, const struct work *w, unsigned i)
{
	struct bench_run run = { 0 };
	struct bench_load l = { .system = &b->system[i],
		.of = bench_class(b->corpus, w->kind),
		.connections = w->connections };

	l.n = l.of->n;
	bench_load(&l, &run);
	bench_run_free(&run);
}

static void interleave(struct bench *b, struct work *w)
{
	const struct bench_class *of = bench_class(b->corpus, w->kind);
	size_t batch = scaled(b, w->batch);

	for (unsigned i = 0; i < SYSTEMS; i++)
		if (b->system[i].stages > 0)
			warm(b, w, i);
	for (unsigned r = 0; r < w->rounds; r++) {
		w->floor += bench_floor_run(b->floor, of, r * batch, batch);
		for (unsigned i = 0; i < SYSTEMS; i++) {
			struct bench_load l = { &b->system[i], of, r * batch,
				batch, w->connections };

			if (b->system[i].stages > 0)
				bench_load(&l, &w->run[i]);
		}
	}
	w->floor /= (double)(batch * w->rounds);
}

static double each(const struct bench_run *r)
{
	return r->n > 0 ? r->cpu / (double)r->n : 0;
}

static void print(struct bench *b, const struct work *w)
{
	const struct bench_class *of = bench_class(b->corpus, w->kind);

	for (unsigned i = 0; i < SYSTEMS; i++) {
		const struct bench_run *r = &w->run[i];

		if (r->n == 0)
			continue;
		printf("| %s | %s | %.3f | ", of->name, b->system[i].name,
		    each(r) * 1e3);
		if (w->floor > 1e-5)
			printf("%.2f", each(r) / w->floor);
		else
			printf("-");
		printf(" | %.1f | %.1f | %.1f | ", bench_quantile(r, 0.5) * 1e3,
		    bench_quantile(r, 0.99) * 1e3, r->replies);
		if (!b->system[i].judges)
			puts("- |");
		else if (r->wrong == 0)
			puts("all |");
		else
			printf("%zu of %zu (%s) |\n", r->n - r->wrong, r->n,
			    r->what);
		if (i == NATIVE || i == LIBRARIES)
			b->wrong += r->wrong;
	}
	if (w->floor > 1e-5)
		printf("| %s | crypto floor | %.3f | 1.00 | | | | |\n",
		    of->name, w->floor * 1e3);
	fflush(stdout);
}

/* A ratio to a peer counts only when the peer is here. */
static void against(
    const struct work *w, unsigned peer, const char *what, double goal)
{
	if (w->run[peer].n == 0)
		table_absent(what, "not installed, or could not be started");
	else
		table_goal(what, each(&w->run[NATIVE]) / each(&w->run[peer]),
		    goal, "×");
}

static void goals(void)
{
	const struct work *small = &works[0];

	table_goal("small, warm, 16 connections: CPU a message",
	    each(&small->run[NATIVE]) * 1e3, 0.35, "ms");
	against(small, RSPAMD, "small: ratio to rspamd", 0.5);
	against(small, OPENDKIM, "small: ratio to opendkim+opendmarc", 0.1);
	for (unsigned i = 2; i < N_WORKS; i++) {
		static const char *const names[] = { "", "",
			"medium: ratio to the crypto floor",
			"large: ratio to the crypto floor",
			"25 MB: ratio to the crypto floor" };

		table_goal(names[i],
		    each(&works[i].run[NATIVE]) / works[i].floor,
		    i == 2 ? 1.7 : 1.35, "×");
	}
	table_goal(
	    "milter round trips a message", small->run[NATIVE].replies, 1, "");
}

void measure_work(struct bench *b)
{
	puts(
	    "\n| mail | system | CPU a message, ms | × floor | p50 ms | p99 ms "
	    "| milter round trips | verdicts right |\n"
	    "|---|---|---|---|---|---|---|---|");
	for (unsigned i = 0; i < N_WORKS; i++) {
		interleave(b, &works[i]);
		print(b, &works[i]);
	}
	goals();
	for (unsigned i = 0; i < N_WORKS; i++)
		for (unsigned k = 0; k < SYSTEMS; k++)
			bench_run_free(&works[i].run[k]);
}
