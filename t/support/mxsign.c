/* mxsign.c - signs a message from standard input, for shell tests and the
 * demonstration.  The library verifies only; this is no tool for real mail. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "t/support/signer.h"

static const char usage_text[] =
    "usage: mxsign --domain D --selector S --key FILE [options] < in > out\n"
    "       mxsign --print-key FILE\n"
    "  --algorithm A   rsa-sha256, rsa-sha1, ed25519-sha256\n"
    "  --canon H/B     simple or relaxed; default relaxed/relaxed\n"
    "  --headers H:H   signed fields; default from:to:subject:date\n"
    "  --identity I    i=\n"
    "  --length N      l=\n"
    "  --time N        t=\n"
    "  --extra TAGS    further tags\n"
    "  --arc N         an ARC set with this instance instead\n"
    "  --cv WORD       its chain result; default none\n"
    "  --aar TEXT      its results; default \"mx.example.net; none\"\n";

static int usage(void)
{
	fputs(usage_text, stderr);
	return EX_USAGE;
}

/* Standard input with CRLF line ends; '*lf' tells that it had bare LFs. */
static struct mxa_str read_message(struct mxa_arena *a, bool *lf)
{
	struct mxa_buf b;
	int c, last = '\n';

	mxa_buf_init(&b, a, (size_t)128 << 20);
	while ((c = getchar()) != EOF) {
		if (c == '\n' && last != '\r') {
			*lf = true;
			mxa_buf_addc(&b, '\r');
		}
		mxa_buf_addc(&b, (char)c);
		last = c;
	}
	return mxa_buf_str(&b);
}

static void write_text(struct mxa_str s, bool lf)
{
	for (size_t i = 0; i < s.len; i++)
		if (!lf || s.p[i] != '\r' || i + 1 == s.len ||
		    s.p[i + 1] != '\n')
			putchar(s.p[i]);
}

static int print_key(struct mxa_arena *a, const char *file)
{
	EVP_PKEY *key = sign_key_load(file);
	struct mxa_str record;

	if (key == NULL) {
		fprintf(stderr, "mxsign: no key in %s\n", file);
		return EX_NOINPUT;
	}
	record = sign_key_record(a, key);
	printf("%.*s\n", MXA_STR_ARG(record));
	EVP_PKEY_free(key);
	return EX_OK;
}

static int sign(struct mxa_arena *a, struct sign_options *o,
    const struct sign_arc *arc, const char *file)
{
	bool lf = false;
	struct mxa_str message;

	o->key = file ? sign_key_load(file) : NULL;
	if (o->domain == NULL || o->selector == NULL || file == NULL)
		return usage();
	if (o->key == NULL) {
		fprintf(stderr, "mxsign: no key in %s\n", file);
		return EX_NOINPUT;
	}
	message = read_message(a, &lf);
	write_text(arc->instance ? sign_arc(a, message, o, arc)
				 : sign_dkim(a, message, o),
	    lf);
	write_text(message, lf);
	EVP_PKEY_free(o->key);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int run(struct mxa_arena *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "domain", required_argument, NULL, 'd' },
		{ "selector", required_argument, NULL, 's' },
		{ "key", required_argument, NULL, 'k' },
		{ "algorithm", required_argument, NULL, 'a' },
		{ "canon", required_argument, NULL, 'c' },
		{ "headers", required_argument, NULL, 'h' },
		{ "identity", required_argument, NULL, 'i' },
		{ "length", required_argument, NULL, 'l' },
		{ "time", required_argument, NULL, 't' },
		{ "extra", required_argument, NULL, 'x' },
		{ "arc", required_argument, NULL, 'A' },
		{ "cv", required_argument, NULL, 'C' },
		{ "aar", required_argument, NULL, 'R' },
		{ "print-key", required_argument, NULL, 'P' },
		{ NULL, 0, NULL, 0 },
	};
	struct sign_options o = { .key = NULL };
	struct sign_arc arc = { 0, "none", "mx.example.net; none", NULL };
	const char *key = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			o.domain = optarg;
			break;
		case 's':
			o.selector = optarg;
			break;
		case 'k':
			key = optarg;
			break;
		case 'a':
			o.algorithm = optarg;
			break;
		case 'c':
			o.canon = optarg;
			break;
		case 'h':
			o.headers = optarg;
			break;
		case 'i':
			o.identity = optarg;
			break;
		case 'l':
			o.length = optarg;
			break;
		case 't':
			o.time = strtoll(optarg, NULL, 10);
			break;
		case 'x':
			o.extra = optarg;
			break;
		case 'A':
			arc.instance = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'C':
			arc.cv = optarg;
			break;
		case 'R':
			arc.aar = optarg;
			break;
		case 'P':
			return print_key(a, optarg);
		default:
			return usage();
		}
	}
	return optind < argc ? usage() : sign(a, &o, &arc, key);
}

int main(int argc, char **argv)
{
	struct mxa_arena *a = mxa_arena_new();
	int rc = run(a, argc, argv);

	mxa_arena_free(a);
	return rc;
}
