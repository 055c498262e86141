/* measure_dns.c - what a slow or silent DNS costs. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t/bench/load.h"
#include "t/bench/measure.h"
#include "t/bench/process.h"
#include "t/bench/table.h"

#define DELAY_MS 50
#define MESSAGES 8

/* The server of the zone, each answer after 'ms'. */
static void serve(struct bench *b, unsigned ms)
{
	struct test_dnsd_options o = { .address = b->place.dns_address,
		.port = b->place.port53 ? 53 : 0,
		.delay_ms = ms };
	static char where[80];
	char *error = NULL;

	test_dnsd_stop(b->dns);
	b->dns = test_dnsd_new(b->corpus->zone, &o, &error);
	if (b->dns == NULL) {
		fprintf(stderr, "bench: name server: %s\n", error);
		exit(1);
	}
	snprintf(where, sizeof(where), "%s", test_dnsd_server(b->dns));
	b->place.dns = where;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Cold messages, one after the other; the median from MAIL to the final reply,
 * or negative. */
static double cold(struct bench *b, const struct bench_system *s, size_t first,
    double pause, double *questions)
{
	const struct bench_class *of = bench_class(b->corpus, BENCH_COLD);
	unsigned before = test_dnsd_questions(b->dns);
	double took[MESSAGES];

	/* what the system asks once only: the first message does not count */
	if (bench_once(s, &of->m[first], pause) < 0)
		return -1;
	before = test_dnsd_questions(b->dns);
	for (size_t i = 0; i < MESSAGES; i++) {
		took[i] = bench_once(s, &of->m[first + 1 + i], pause);
		if (took[i] < 0)
			return -1;
	}
	*questions = (double)(test_dnsd_questions(b->dns) - before) / MESSAGES;
	qsort(took, MESSAGES, sizeof(*took), by_size);
	return took[MESSAGES / 2];
}

static double print(
    struct bench *b, const struct bench_system *s, const char *name)
{
	double questions = 0, ms;

	if (s->stages == 0)
		return -1;
	ms = cold(b, s, 0, 0, &questions) * 1e3;
	if (ms < 0)
		printf("| %s | a wrong verdict | | |\n", name);
	else
		printf("| %s | %.1f | %.1f | %.1f |\n", name, questions,
		    ms / DELAY_MS, ms);
	fflush(stdout);
	return ms;
}

void measure_cold(struct bench *b)
{
	struct bench_system native, libraries, rspamd, opendkim;
	double ms, questions, late;

	printf("\n| typical mail, cold, %u ms a DNS question | questions | "
	       "rounds | MAIL to final reply, ms |\n|---|---|---|---|\n",
	    DELAY_MS);
	serve(b, DELAY_MS);
	bench_mxauthd(
	    &native, &b->place, "cold", NULL, "profile = \"monitor\"\n");
	bench_mxauthd(&libraries, &b->place, "coldlib", NULL,
	    "profile = \"monitor\"\nspf: { engine = \"libspf2\" }\n"
	    "dkim: { engine = \"libopendkim\" }\n");
	bench_rspamd(&rspamd, &b->place, "coldrspamd");
	bench_opendkim(&opendkim, &b->place, "coldod");
	ms = print(b, &native, "mxauthd");
	late = cold(b, &native, 20, 4 * DELAY_MS / 1e3, &questions) * 1e3;
	printf(
	    "| mxauthd, the client takes %u ms more: end of message to final "
	    "reply | %.1f | %.1f | %.1f |\n",
	    4 * DELAY_MS, questions, late / DELAY_MS, late);
	print(b, &libraries, "mxauthd, libspf2 and libopendkim");
	print(b, &rspamd, "rspamd");
	print(b, &opendkim, "opendkim+opendmarc");
	table_goal("typical mail, cold, 50 ms a question: MAIL to final reply",
	    ms < 0 ? 9999 : ms, 2 * DELAY_MS + 3, "ms");
	table_goal("the same, a slow client: end of message to final reply",
	    late < 0 ? 9999 : late, 5, "ms");
	bench_stop(&native);
	bench_stop(&libraries);
	bench_stop(&rspamd);
	bench_stop(&opendkim);
	serve(b, 0);
}

/* --- dead domains --- */

struct crowd {
	struct bench_load load;
	struct bench_run run;
};

static void *crowd(void *arg)
{
	struct crowd *c = arg;

	bench_load(&c->load, &c->run);
	return NULL;
}

void measure_dead(struct bench *b)
{
	struct bench_system s;
	struct crowd live = { .load = { &s, bench_class(b->corpus, BENCH_SMALL),
				  0, 300, 64, 0 } };
	struct crowd dead = { .load = { &s, bench_class(b->corpus, BENCH_DEAD),
				  0, 64, 64, 0 } };
	pthread_t thread;
	double worst;

	bench_mxauthd(&s, &b->place, "dead", NULL, "profile = \"monitor\"\n");
	if (s.stages == 0)
		return;
	crowd(&live); /* caches */
	bench_run_free(&live.run);
	live.load.n = 64;
	pthread_create(&thread, NULL, crowd, &dead);
	crowd(&live);
	worst = bench_quantile(&live.run, 0.99);
	b->wrong += live.run.wrong;
	pthread_join(thread, NULL);
	printf("\n64 messages of domains whose DNS is silent waited %.1f s; "
	       "64 others in the same burst: p50 %.1f ms, p99 %.1f ms.\n",
	    bench_quantile(&dead.run, 0.5),
	    bench_quantile(&live.run, 0.5) * 1e3, worst * 1e3);
	table_goal("64 wait for a dead domain, others beside them: p99", worst,
	    0.1, "s");
	bench_run_free(&live.run);
	bench_run_free(&dead.run);
	bench_stop(&s);
}
