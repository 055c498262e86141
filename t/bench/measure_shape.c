/* measure_shape.c - how the cost grows: with connections, signatures, header
 * fields, rules. */
#include <stdio.h>
#include <stdlib.h>

#include "t/bench/load.h"
#include "t/bench/measure.h"
#include "t/bench/process.h"
#include "t/bench/table.h"

#define RULES 10000

static double per_message(const struct bench_run *r)
{
	return r->cpu / (double)r->n;
}

static size_t scaled(const struct bench *b, unsigned n)
{
	size_t m = (size_t)n * b->scale / 100;

	return m > 0 ? m : 1;
}

/* --- connections --- */

static void line(struct bench *b, const struct bench_system *s,
    const char *name, unsigned connections, struct bench_run *run)
{
	struct bench_load l = { s, bench_class(b->corpus, BENCH_SMALL), 0,
		scaled(b, 600), connections, 0 };

	bench_load(&l, run);
	printf("| %s, %u | %.3f | %.2f | %.2f | %.0f |\n", name, connections,
	    per_message(run) * 1e3, bench_quantile(run, 0.5) * 1e3,
	    bench_quantile(run, 0.99) * 1e3, (double)run->n / run->wall);
	fflush(stdout);
	b->wrong += run->wrong;
}

static unsigned free_port(const struct bench *b)
{
	char command[4300];
	unsigned port = 0;
	FILE *f;

	snprintf(command, sizeof(command), "%s/t/support/freeport 1",
	    b->place.build);
	f = popen(command, "r");
	if (f == NULL || fscanf(f, "%u", &port) != 1)
		port = 0;
	if (f != NULL)
		pclose(f);
	return port;
}

void measure_connections(struct bench *b)
{
	static const unsigned counts[] = { 1, 16, 64, 256 };
	struct bench_system tcp;
	struct bench_run run = { 0 };
	char socket[64];

	puts(
	    "\n| small mail, mxauthd, connections | CPU a message, ms | p50 ms "
	    "| p99 ms | messages a second |\n|---|---|---|---|---|");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		line(b, &b->system[NATIVE], "UNIX socket", counts[i], &run);
		bench_run_free(&run);
	}
	snprintf(socket, sizeof(socket), "inet:%u@127.0.0.1", free_port(b));
	bench_mxauthd(
	    &tcp, &b->place, "tcp", socket, "profile = \"monitor\"\n");
	line(b, &tcp, "TCP, its cache cold", 1, &run);
	bench_run_free(&run);
	line(b, &tcp, "TCP", 1, &run);
	table_goal("TCP, one connection: p50 of a small message",
	    bench_quantile(&run, 0.5) * 1e3, 1, "ms");
	bench_run_free(&run);
	bench_stop(&tcp);
}

/* --- signatures, fields --- */

/* CPU seconds a message of two kinds, interleaved. */
static void compare(struct bench *b, const struct bench_system *s[2],
    const enum bench_kind kind[2], unsigned batch, double out[2])
{
	struct bench_run run[2] = { { 0 } };

	for (unsigned r = 0; r < 5; r++) {
		for (unsigned i = 0; i < 2; i++) {
			struct bench_load l = { s[i],
				bench_class(b->corpus, kind[i]), 0,
				scaled(b, batch), 16, 0 };

			bench_load(&l, &run[i]);
			if (r == 0) { /* that one was to warm the caches */
				b->wrong += run[i].wrong;
				bench_run_free(&run[i]);
			}
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		out[i] = per_message(&run[i]);
		b->wrong += run[i].wrong;
		bench_run_free(&run[i]);
	}
}

/* What one of 'by' things costs that 'more' has; 'batch': messages. */
static double slope(struct bench *b, unsigned system, enum bench_kind more,
    unsigned by, unsigned batch, const char *what)
{
	const struct bench_system *s[2] = { &b->system[system],
		&b->system[system] };
	const enum bench_kind kind[2] = { BENCH_SIG1, more };
	double cpu[2], each;

	if (b->system[system].stages == 0)
		return 0;
	compare(b, s, kind, batch, cpu);
	each = (cpu[1] - cpu[0]) / by;
	printf("| each further %s | %s | %.2f |\n", what,
	    b->system[system].name, each * 1e6);
	fflush(stdout);
	return each;
}

static void fields(struct bench *b)
{
	static const struct {
		enum bench_kind kind;
		unsigned n, batch;
		const char *what, *goal;
	} rows[] = {
		{ BENCH_FIELDS, 1000, 100, "header field of 1000",
		    "each further header field of 1000" },
		{ BENCH_FIELDS5, 5000, 40, "header field of 5000",
		    "each further header field of 5000" },
		{ BENCH_FIELDS20, 20000, 10, "header field of 20,000",
		    "each further header field of 20,000" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		table_goal(rows[i].goal,
		    slope(b, NATIVE, rows[i].kind, rows[i].n, rows[i].batch,
			rows[i].what) *
			1e6,
		    1, "µs");
		slope(b, EMPTY, rows[i].kind, rows[i].n, rows[i].batch,
		    rows[i].what);
		slope(b, EMPTY_AHEAD, rows[i].kind, rows[i].n, rows[i].batch,
		    rows[i].what);
	}
}

/* What is much work in itself beside what is not. */
static void beside(struct bench *b, enum bench_kind plain,
    enum bench_kind other, unsigned batch, const char *what)
{
	const struct bench_system *s[2] = { &b->system[NATIVE],
		&b->system[NATIVE] };
	const enum bench_kind kind[2] = { plain, other };
	double cpu[2];

	compare(b, s, kind, batch, cpu);
	for (unsigned i = 0; i < 2; i++)
		printf("| a message of the kind \"%s\" | mxauthd | %.0f |\n",
		    bench_class(b->corpus, kind[i])->name, cpu[i] * 1e6);
	table_goal(what, cpu[1] / cpu[0], 1.2, "×");
	fflush(stdout);
}

static void write_rules(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	fputs("rules = (\n", f);
	for (unsigned i = 0; i < RULES; i++)
		fprintf(f,
		    "%s{ author = \"r%u.example\"; profile = "
		    "\"strict\"; }",
		    i ? ",\n" : "", i);
	fputs("\n);\n", f);
	fclose(f);
}

static void rules(struct bench *b)
{
	struct bench_system with;
	const struct bench_system *s[2] = { &b->system[NATIVE], &with };
	const enum bench_kind kind[2] = { BENCH_SIG1, BENCH_SIG1 };
	char path[200], conf[300];
	double cpu[2];

	snprintf(path, sizeof(path), "%s/policy.rules", b->place.dir);
	write_rules(path);
	snprintf(conf, sizeof(conf),
	    "profile = \"monitor\"\npolicy-file = \"%s\"\n", path);
	bench_mxauthd(&with, &b->place, "rules", NULL, conf);
	if (with.stages == 0)
		return;
	compare(b, s, kind, 250, cpu);
	printf("| %u rules of policy, a message | mxauthd | %+.1f |\n", RULES,
	    (cpu[1] - cpu[0]) * 1e6);
	table_goal("10,000 rules of policy: CPU beside none", cpu[1] / cpu[0],
	    1.1, "×");
	bench_stop(&with);
}

void measure_slopes(struct bench *b)
{
	puts("\n| | system | CPU, µs |\n|---|---|---|");
	table_goal("each further signature",
	    slope(b, NATIVE, BENCH_SIG9, 8, 100, "signature") * 1e3, 0.05,
	    "ms");
	fields(b);
	beside(b, BENCH_PLAIN, BENCH_SPACED, 16,
	    "text with double blanks beside text without");
	beside(b, BENCH_FLAT, BENCH_FOLDED, 100,
	    "a long header field, folded beside not folded");
	rules(b);
}
