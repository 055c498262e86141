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
    unsigned connections, double retreat, struct rate *out)
{
	struct bench_load l = { s, bench_class(b->corpus, BENCH_SMALL), 0,
		(size_t)80 * b->scale + (size_t)CROWD * 4, connections,
		retreat };
	double wall = out->run.wall;
	size_t n = out->run.n;
	double rate;

	bench_load(&l, &out->run);
	rate = (double)(out->run.n - n) / (out->run.wall - wall);
	if (rate > out->best)
		out->best = rate;
}

static void print_rate(struct bench *b, const char *what, struct rate *r)
{
	printf("| %s | %.0f | %.3f | %.1f | %.1f | %.0f %% | %s |\n", what,
	    r->best, r->run.cpu / (double)r->run.n * 1e3,
	    bench_quantile(&r->run, 0.5) * 1e3,
	    bench_quantile(&r->run, 0.99) * 1e3,
	    (double)r->run.deferred / (double)(r->run.n + r->run.deferred) *
		100,
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
		send_round(b, s, PEAK, 0, &r);
		print_rate(b, "16 connections beside 10,000 idle ones", &r);
	}
	for (unsigned i = 0; idle != NULL && i < IDLE; i++)
		mtc_close(idle[i]);
	free(idle);
}

enum { AT_PEAK, AT_TWICE, IN_CROWD, ADMITTED, ROWS };

static const struct {
	unsigned connections;
	bool limited;
	const char *what;
} rows[ROWS] = {
	[AT_PEAK] = { PEAK, false, "16 connections" },
	[AT_TWICE] = { TWICE, false, "32 connections" },
	[IN_CROWD] = { CROWD, false, "512 connections" },
	[ADMITTED] = { TWICE, true, "32 connections, `maximum-messages = 16`" },
};

static void goals(const struct rate *rate)
{
	const struct rate *peak = &rate[AT_PEAK], *admitted = &rate[ADMITTED];

	table_goal("throughput: that of 16 connections beside that of 32",
	    peak->best / rate[AT_TWICE].best, 1 / 0.9, "×");
	table_goal("the same, `maximum-messages` in force: beside that of what "
		   "is admitted",
	    peak->best / admitted->best, 1 / 0.9, "×");
	table_goal("2 × overload, `maximum-messages` in force: p99 of what is "
		   "admitted beside that of 16 connections",
	    bench_quantile(&admitted->run, 0.99) /
		bench_quantile(&peak->run, 0.99),
	    2, "×");
}

/* Where messages are limited, one that was deferred comes back after the time
 * that a message takes at the peak: twice as many are offered as are admitted.
 */
void measure_overload(struct bench *b)
{
	struct rate rate[ROWS] = { { .best = 0 } };
	struct bench_system all, some;

	bench_mxauthd(
	    &all, &b->place, "overload", NULL, "profile = \"monitor\"\n");
	bench_mxauthd(&some, &b->place, "limited", NULL,
	    "profile = \"monitor\"\nmaximum-messages = 16\n");
	if (all.stages == 0 || some.stages == 0)
		return;
	puts("\n| small mail, mxauthd | messages a second | CPU a message, ms "
	     "| p50 ms | p99 ms | deferred | verdicts right |\n"
	     "|---|---|---|---|---|---|---|");
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < ROWS; i++)
			send_round(b, rows[i].limited ? &some : &all,
			    rows[i].connections,
			    rows[i].limited
				? bench_quantile(&rate[AT_PEAK].run, 0.5)
				: 0,
			    &rate[i]);
	goals(rate);
	for (unsigned i = 0; i < ROWS; i++)
		print_rate(b, rows[i].what, &rate[i]);
	beside_idle(b, &all);
	bench_stop(&some);
	bench_stop(&all);
}
