/* dnsd_main.c - test_dnsd as a program, for shell tests and the bench.
 *
 *	dnsd [--port N] [--address A] [--delay MS] ZONEFILE
 *
 * Prints its port, then serves until it is killed. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "t/support/dnsd.h"

static int usage(void)
{
	fputs("usage: dnsd [--port N] [--address A] [--delay MS] ZONEFILE\n",
	    stderr);
	return 64;
}

static bool number(const char *s, uint64_t max, uint64_t *out)
{
	return mxa_str_u64(mxa_str_from(s), max, out);
}

/* False: bad usage. */
static bool options(int argc, char **argv, struct test_dnsd_options *o)
{
	static const struct option longs[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "address", required_argument, NULL, 'a' },
		{ "delay", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t value;
	int c;

	while ((c = getopt_long(argc, argv, "p:a:d:", longs, NULL)) != -1) {
		if (c == 'a')
			o->address = optarg;
		else if (c == 'p' && number(optarg, 65535, &value))
			o->port = (unsigned)value;
		else if (c == 'd' && number(optarg, 1000000, &value))
			o->delay_ms = (uint32_t)value;
		else
			return false;
	}
	return optind + 1 == argc;
}

static bool read_file(
    struct mxa_arena *a, const char *path, struct mxa_str *out)
{
	FILE *f = fopen(path, "rb");
	char chunk[8192];
	struct mxa_buf b;
	size_t got;

	if (f == NULL)
		return false;
	mxa_buf_init(&b, a, (size_t)64 << 20);
	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		mxa_buf_add(&b, chunk, got);
	fclose(f);
	*out = mxa_buf_str(&b);
	return !b.full;
}

int main(int argc, char **argv)
{
	struct test_dnsd_options o = { .address = NULL };
	struct mxa_arena *a = mxa_arena_new();
	struct test_dnsd *d;
	struct mxa_str text;
	char *error = NULL;

	if (!options(argc, argv, &o))
		return usage();
	if (!read_file(a, argv[optind], &text)) {
		perror(argv[optind]);
		return 66;
	}
	d = test_dnsd_new(text, &o, &error);
	if (d == NULL) {
		fprintf(stderr, "dnsd: %s: %s\n", argv[optind], error);
		return 70;
	}
	printf("%u\n", test_dnsd_port(d));
	fflush(stdout);
	for (;;)
		pause();
}
