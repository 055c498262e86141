/* measure_overload.c - more messages than the cores can do, beside as many as
 * keep them busy; and ten thousand connections that are merely open. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "t/bench/load.h"
#include "t/bench/measure.h"
#include "t/bench/table.h"
#include "t/support/milterclient.h"

#define ROUNDS 3
#define PEAK 16	 /* connections at which the most is done */
#define TWICE 32 /* twice as many messages as the cores can do */
#define CROWD 512
#define IDLE 10000

struct rate {
	struct bench_run run;
	double best; /* messages a second */
};

static void send_round(struct bench *b, const struct bench_system *s,
    unsigned connections, struct rate *out)
{
	struct bench_load l = { s, bench_class(b->corpus, BENCH_SMALL), 0,
		(size_t)80 * b->scale + (size_t)CROWD * 4, connections };
	double wall = out->run.wall;
	double rate;

	bench_load(&l, &out->run);
	rate = (double)l.n / (out->run.wall - wall);
	if (rate > out->best)
		out->best = rate;
}

static void print_rate(struct bench *b, const char *what, struct rate *r)
{
	printf("| %s | %.0f | %.3f | %.1f | %.1f | %s |\n", what, r->best,
	    r->run.cpu / (double)r->run.n * 1e3,
	    bench_quantile(&r->run, 0.5) * 1e3,
	    bench_quantile(&r->run, 0.99) * 1e3,
	    r->run.wrong == 0 ? "all" : r->run.what);
	b->wrong += r->run.wrong;
	bench_run_free(&r->run);
}

/* False: the system does not allow so many descriptors. */
static bool open_idle(const struct bench_system *s, struct mtc **idle)
{
	for (unsigned i = 0; i < IDLE; i++) {
		idle[i] = bench_hold(s, NULL);
		if (idle[i] == NULL)
			return false;
	}
	return true;
}

static void beside_idle(struct bench *b, const struct bench_system *s)
{
	struct mtc **idle = calloc(IDLE, sizeof(struct mtc *));
	struct rate r = { .best = 0 };

	if (idle != NULL && open_idle(s, idle)) {
		send_round(b, s, PEAK, &r);
		print_rate(b, "16 connections beside 10,000 idle ones", &r);
	}
	for (unsigned i = 0; idle != NULL && i < IDLE; i++)
		mtc_close(idle[i]);
	free(idle);
}

void measure_overload(struct bench *b)
{
	static const struct {
		unsigned connections;
		const char *what;
	} rows[] = {
		{ PEAK, "16 connections" },
		{ TWICE, "32 connections" },
		{ CROWD, "512 connections" },
	};
	struct rate rate[3] = { { .best = 0 } };
	struct bench_system s;

	bench_mxauthd(
	    &s, &b->place, "overload", NULL, "profile = \"monitor\"\n");
	if (s.stages == 0)
		return;
	puts("\n| small mail, mxauthd | messages a second | CPU a message, ms "
	     "| p50 ms | p99 ms | verdicts right |\n|---|---|---|---|---|---|");
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < 3; i++)
			send_round(b, &s, rows[i].connections, &rate[i]);
	table_goal("throughput: that of 16 connections beside that of 32",
	    rate[0].best / rate[1].best, 1 / 0.9, "×");
	for (unsigned i = 0; i < 3; i++)
		print_rate(b, rows[i].what, &rate[i]);
	beside_idle(b, &s);
	bench_stop(&s);
}
