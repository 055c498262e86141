/* bench.c - mxauthd beside its peers and beside the cryptography alone.
 *
 *	bench KEYS BUILD [ADDRESS]
 *
 * KEYS: the folder of the test keys, BUILD: of the programs; ADDRESS: an
 *address of ours that /etc/resolv.conf names, for those that know no port
 *but 53. t/bench/run.sh makes such a place.  In the environment:
 *
 *	BENCH_N=PERCENT of the usual numbers of messages (100)
 *	BENCH_SEED=N	other mail (1)
 *	BENCH_GROWTH=N	messages of the memory test (15000)
 *	BENCH_KEEP=1	leave configurations and logs where they are
 *	BENCH_ALL=1	rspamd also with its default modules
 *	BENCH_WORK="small medium large 25": these kinds of mail only
 *	BENCH_PARTS="work connections slopes cold dead memory overload": these
 *			only
 *
 * Exit status 1 when a verdict of ours was wrong; no time decides anything. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "t/bench/load.h"
#include "t/bench/measure.h"
#include "t/bench/process.h"
#include "t/bench/table.h"

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoul(value, NULL, 10) : otherwise;
}

static void remove_folder(const char *dir)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (getenv("BENCH_KEEP") == NULL && system(command) != 0)
		perror(dir);
}

static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

static void start_dns(struct bench *b)
{
	struct test_dnsd_options o = { .address = b->place.dns_address,
		.port = b->place.port53 ? 53 : 0 };
	static char where[80];
	char *error = NULL;

	b->dns = test_dnsd_new(b->corpus->zone, &o, &error);
	if (b->dns == NULL) {
		fprintf(stderr, "bench: name server: %s\n", error);
		exit(1);
	}
	snprintf(where, sizeof(where), "%s", test_dnsd_server(b->dns));
	b->place.dns = where;
}

static void start_systems(struct bench *b)
{
	bench_mxauthd(&b->system[NATIVE], &b->place, "native", NULL,
	    "profile = \"monitor\"\n");
	bench_mxauthd(&b->system[LIBRARIES], &b->place, "libraries", NULL,
	    "profile = \"monitor\"\nspf: { engine = \"libspf2\" }\n"
	    "dkim: { engine = \"libopendkim\" }\n");
	b->system[LIBRARIES].name = "mxauthd, libspf2 and libopendkim";
	bench_empty(&b->system[EMPTY], &b->place, false);
	bench_empty(&b->system[EMPTY_AHEAD], &b->place, true);
	bench_rspamd(&b->system[RSPAMD], &b->place, "rspamd");
	if (getenv("BENCH_ALL") != NULL)
		bench_rspamd_all(&b->system[RSPAMD_ALL], &b->place);
	bench_opendkim(&b->system[OPENDKIM], &b->place, "od");
	if (b->system[NATIVE].stages == 0)
		exit(1);
}

static void measure(struct bench *b)
{
	static const struct {
		const char *name;
		void (*part)(struct bench *b);
	} parts[] = {
		{ "work", measure_work },
		{ "connections", measure_connections },
		{ "slopes", measure_slopes },
		{ "dead", measure_dead },
		{ "memory", measure_memory },
		{ "overload", measure_overload },
		{ "cold", measure_cold },
	};
	const char *wanted = getenv("BENCH_PARTS");

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (wanted != NULL && strstr(wanted, parts[i].name) == NULL)
			continue;
		/* its server takes the port of the one that runs */
		parts[i].part(b);
		fflush(stdout);
	}
	table_print_goals();
}

/* --floor N, --only N: a part for callgrind.sh, N small messages. */
static int part(char **argv)
{
	static struct bench b;
	size_t n = strtoul(argv[2], NULL, 10);
	const struct bench_class *of;
	struct bench_run run = { 0 };
	char dir[] = "/tmp/mxauth-bench.XXXXXX";

	b.corpus = bench_corpus_new(argv[3], 1);
	of = bench_class(b.corpus, BENCH_SMALL);
	if (strcmp(argv[1], "--floor") == 0) {
		b.floor = bench_floor_new(b.corpus->key);
		bench_floor_run(b.floor, of, 0, n);
		return 0;
	}
	if (mkdtemp(dir) == NULL)
		return 73;
	b.place = (struct bench_place){
		.dir = dir, .build = argv[4], .dns_address = "127.0.0.1"
	};
	start_dns(&b);
	bench_mxauthd(&b.system[NATIVE], &b.place, "native", NULL,
	    "profile = \"monitor\"\n");
	if (b.system[NATIVE].stages > 0)
		bench_load(
		    &(struct bench_load){ &b.system[NATIVE], of, 0, n, 4, 0 },
		    &run);
	bench_stop(&b.system[NATIVE]);
	test_dnsd_stop(b.dns);
	remove_folder(dir);
	return run.n != n || run.wrong > 0;
}

int main(int argc, char **argv)
{
	static struct bench b;
	char dir[] = "/tmp/mxauth-bench.XXXXXX";
	double start = bench_now();

	if (argc == 5 && argv[1][0] == '-')
		return part(argv);
	if (argc < 3 || argc > 4) {
		fputs("usage: bench KEYS BUILD [ADDRESS]\n", stderr);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	raise_limit();
	if (mkdtemp(dir) == NULL) {
		perror(dir);
		return 73;
	}
	b.place = (struct bench_place){ .dir = dir,
		.build = argv[2],
		.port53 = argc == 4,
		.dns_address = argc == 4 ? argv[3] : "127.0.0.1" };
	b.scale = (unsigned)number("BENCH_N", 100);
	b.growth_to = number("BENCH_GROWTH", 15000);
	table_machine(argv[2]);
	b.corpus = bench_corpus_new(argv[1], (unsigned)number("BENCH_SEED", 1));
	b.floor = bench_floor_new(b.corpus->key);
	start_dns(&b);
	start_systems(&b);
	measure(&b);
	for (unsigned i = 0; i < SYSTEMS; i++)
		bench_stop(&b.system[i]);
	test_dnsd_stop(b.dns);
	bench_floor_free(b.floor);
	bench_corpus_free(b.corpus);
	printf("\nWrong verdicts of ours: %lu.  %.0f seconds.\n", b.wrong,
	    bench_now() - start);
	remove_folder(dir);
	return b.wrong > 0;
}
