/* measure_work.c - CPU a message, side by side. */
#include <stdio.h>
#include <stdlib.h>
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
				batch, w->connections, 0 };

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

/* An empty libmilter and the cryptography: what a milter cannot do without. */
static double sum(const struct work *w)
{
	return each(&w->run[EMPTY]) + w->floor;
}

static void print_ratio(double value, double to)
{
	if (to > 1e-5 && value > 0)
		printf("%.2f | ", value / to);
	else
		printf("- | ");
}

static void print_run(const struct bench_class *of,
    const struct bench_system *s, const struct work *w,
    const struct bench_run *r)
{
	printf("| %s | %s | ", of->name, s->name);
	if (r->cpu > 0)
		printf("%.3f | ", each(r) * 1e3);
	else
		printf("its process died | ");
	print_ratio(each(r), w->floor);
	print_ratio(each(r), sum(w));
	printf("%.1f | %.1f | %.1f | ", bench_quantile(r, 0.5) * 1e3,
	    bench_quantile(r, 0.99) * 1e3, r->replies);
	if (!s->judges)
		puts("- |");
	else if (r->wrong == 0)
		puts("all |");
	else
		printf("%zu of %zu (%s) |\n", r->n - r->wrong, r->n, r->what);
}

static void print_work(struct bench *b, const struct work *w)
{
	const struct bench_class *of = bench_class(b->corpus, w->kind);

	for (unsigned i = 0; i < SYSTEMS; i++)
		if (w->run[i].n > 0)
			print_run(of, &b->system[i], w, &w->run[i]);
	b->wrong += w->run[NATIVE].wrong + w->run[LIBRARIES].wrong;
	if (w->floor > 1e-5) {
		printf("| %s | crypto floor | %.3f | 1.00 | ", of->name,
		    w->floor * 1e3);
		print_ratio(w->floor, sum(w));
		puts("| | | |");
	}
	printf("| %s | sum: libmilter, empty, and floor | %.3f | ", of->name,
	    sum(w) * 1e3);
	print_ratio(sum(w), w->floor);
	puts("1.00 | | | | |");
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
	static const struct {
		unsigned work;
		const char *what;
		double goal;
	} sums[] = {
		{ 2, "medium: ratio to the sum of empty libmilter and floor",
		    1.1 },
		{ 3, "large: ratio to the sum", 1.05 },
		{ 4, "25 MB: ratio to the sum", 1.2 },
	};
	const struct work *small = &works[0];

	if (small->run[NATIVE].n > 0) {
		against(
		    small, EMPTY, "small: ratio to an empty libmilter", 0.9);
		against(
		    small, RSPAMD, "small: ratio to rspamd, four modules", 0.4);
		against(small, OPENDKIM, "small: ratio to opendkim+opendmarc",
		    0.06);
		table_goal("small: p99 beside that of the empty libmilter",
		    bench_quantile(&small->run[NATIVE], 0.99) /
			bench_quantile(&small->run[EMPTY], 0.99),
		    1, "×");
		table_goal("milter round trips a message",
		    small->run[NATIVE].replies, 1, "");
	}
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		const struct work *w = &works[sums[i].work];

		if (w->run[NATIVE].n > 0)
			table_goal(sums[i].what, each(&w->run[NATIVE]) / sum(w),
			    sums[i].goal, "×");
	}
}

static bool is_wanted(const struct bench_class *of)
{
	const char *wanted = getenv("BENCH_WORK");
	char first[16];

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(of->name, " "),
	    of->name);
	return wanted == NULL ||
	    (strstr(wanted, first) != NULL && strchr(of->name, ',') == NULL);
}

void measure_work(struct bench *b)
{
	puts(
	    "\n| mail | system | CPU a message, ms | × floor | × sum | p50 ms | p99 ms "
	    "| milter round trips | verdicts right |\n"
	    "|---|---|---|---|---|---|---|---|---|");
	for (unsigned i = 0; i < N_WORKS; i++) {
		if (!is_wanted(bench_class(b->corpus, works[i].kind)))
			continue;
		interleave(b, &works[i]);
		print_work(b, &works[i]);
	}
	goals();
	for (unsigned i = 0; i < N_WORKS; i++)
		for (unsigned k = 0; k < SYSTEMS; k++)
			bench_run_free(&works[i].run[k]);
}
