/* dnsday.c - how many messages of a simulated day wait for the DNS.
 *
 * The real resolver and its cache, a name server on loopback, and a clock that
 * jumps from message to message.  Author domains are Zipf-distributed; most of
 * them send through a provider, whose hosts and SPF record they share.  A
 * message asks what mxauthd asks about a signed one: SPF and an include, the
 * key, DMARC, PTR and address of its client, SPF of HELO.  It waits when one
 * of the answers is not in the cache.
 *
 * Counted are the last 24 of 30 hours. */
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "dns/stub.h"
#include "t/bench/dayserver.h"

#define WARM_MS (6 * UINT64_C(3600000))
#define END_MS (30 * UINT64_C(3600000))
#define DAY_MS (24 * UINT64_C(3600000))
#define TURN_MS 500 /* as the resolver's timer */

#define PROVIDERS 40
#define PROVIDER_HOSTS 400 /* of the largest; the n-th has an n-th of it */

struct day {
	unsigned long messages; /* a day */
	unsigned domains;
	double exponent;
	unsigned hits; /* refresh-hits */
	bool caches;   /* the server */
	size_t cache_mib;

	double *share; /* of the domains up to this one, cumulated */
	uint64_t random;
	_Atomic uint64_t now_ms;
	struct mxa_clock clock;
	struct day_server *server;
	struct mxa_dns *dns;
	atomic_ulong ended; /* refreshes */
	unsigned long begun;
};

struct tally {
	/* messages: all; that waited for their author's records, for
	 * anything, for more than what the server had */
	unsigned long messages, for_author, waited, recursed;
	unsigned long asked, recursions, refreshes; /* questions */
};

/* --- time and chance --- */

static uint64_t day_clock(void *ctx)
{
	return atomic_load(&((struct day *)ctx)->now_ms);
}

static uint64_t random_u64(struct day *d)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return d->random;
}

/* At least 0, below 1. */
static double random_part(struct day *d)
{
	return (double)(random_u64(d) >> 11) / 9007199254740992.0;
}

static void share_domains(struct day *d)
{
	double sum = 0;

	d->share = mxa_xcalloc(d->domains, sizeof(*d->share));
	for (unsigned i = 0; i < d->domains; i++)
		d->share[i] = sum += pow(i + 1, -d->exponent);
	for (unsigned i = 0; i < d->domains; i++)
		d->share[i] /= sum;
}

static unsigned random_domain(struct day *d)
{
	double at = random_part(d);
	unsigned low = 0, high = d->domains - 1;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (d->share[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Most mail comes by day: between 0.3 and 1.7 times the mean. */
static uint64_t until_next(struct day *d)
{
	double hour = (double)(day_clock(d) % DAY_MS) / 3600000;
	double rate = 1 - 0.7 * cos(hour * 3.14159265358979 / 12);
	double mean = (double)DAY_MS / (double)d->messages / rate;

	return (uint64_t)(-log(1 - random_part(d)) * mean);
}

/* --- one message --- */

/* Half of the domains belong to the four largest providers; a fifth have a
 * host of their own. */
static unsigned provider_of(unsigned domain)
{
	unsigned n = domain * 2654435761u >> 8;

	if (n % 5 == 0)
		return PROVIDERS; /* none */
	return n % 8 < 5 ? (n >> 8) % 4 : (n >> 8) % PROVIDERS;
}

static void name_host(struct day *d, unsigned domain, char host[64])
{
	unsigned provider = provider_of(domain);

	if (provider == PROVIDERS)
		snprintf(host, 64, "mx.d%u.example", domain);
	else
		snprintf(host, 64, "h%u.p%u.example",
		    (unsigned)(random_u64(d) %
			(PROVIDER_HOSTS / (provider + 1) + 2)),
		    provider);
}

struct question {
	char name[80];
	enum mxa_dns_type type;
};

/* About the author first; '*author' of them. */
static size_t list_questions(
    struct day *d, struct question out[8], size_t *author)
{
	unsigned domain = random_domain(d), provider = provider_of(domain);
	char host[64];
	size_t n = 0;

	name_host(d, domain, host);
#define ADD(kind, ...)                                           \
	snprintf(out[n].name, sizeof(out[n].name), __VA_ARGS__), \
	    out[n++].type = (kind)
	ADD(MXA_DNS_TXT, "d%u.example", domain);
	ADD(MXA_DNS_TXT, "s._domainkey.d%u.example", domain);
	ADD(MXA_DNS_TXT, "_dmarc.d%u.example", domain);
	if (provider < PROVIDERS)
		ADD(MXA_DNS_TXT, "_spf.p%u.example", provider);
	*author = n;
	ADD(MXA_DNS_TXT, "%s", host);
	ADD(MXA_DNS_PTR, "%s.in-addr.arpa", host);
	ADD(MXA_DNS_A, "%s", host);
#undef ADD
	return n;
}

static void one_message(struct day *d, struct tally *t)
{
	struct mxa_budget *b = mxa_budget_open(d->dns, 60000);
	unsigned long recursions = day_server_recursions(d->server);
	struct question q[8];
	size_t author, n = list_questions(d, q, &author);

	for (size_t i = 0; i < n; i++) {
		if (i == author)
			t->for_author += mxa_budget_counts(b).sent > 0;
		mxa_dns_prefetch(
		    b, MXA_SHARE_SPF, mxa_str_from(q[i].name), q[i].type);
	}
	for (size_t i = 0; i < n; i++)
		mxa_dns_lookup(
		    b, MXA_SHARE_SPF, mxa_str_from(q[i].name), q[i].type);
	t->messages++;
	t->waited += mxa_budget_counts(b).sent > 0;
	t->recursed += day_server_recursions(d->server) > recursions;
	mxa_budget_close(b);
}

/* --- the day --- */

static void count_end(void *ctx, bool answered)
{
	(void)answered;
	atomic_fetch_add(&((struct day *)ctx)->ended, 1);
}

/* What is due is asked, and the clock stands until it is answered. */
static void refresh(struct day *d)
{
	unsigned n;

	while ((n = mxa_stub_refresh(d->dns)) > 0) {
		d->begun += n;
		while (atomic_load(&d->ended) < d->begun)
			usleep(20);
	}
}

static void run_until(struct day *d, uint64_t end, struct tally *t)
{
	uint64_t turn = day_clock(d), next = turn + until_next(d);

	while (turn < end) {
		for (turn += TURN_MS; next < turn; next += until_next(d)) {
			atomic_store(&d->now_ms, next);
			one_message(d, t);
		}
		atomic_store(&d->now_ms, turn);
		refresh(d);
	}
}

static void open_day(struct day *d)
{
	struct mxa_dns_options o;
	const char *address, *error;

	d->clock = (struct mxa_clock){ .mono_ms = day_clock, .ctx = d };
	d->random = 88172645463325252u;
	share_domains(d);
	d->server = day_server_new(&d->clock, d->caches);
	address = day_server_address(d->server);
	mxa_dns_options_default(&o);
	o.servers = &address;
	o.n_servers = 1;
	o.refresh_hits = d->hits;
	o.cache_bytes = d->cache_mib << 20;
	o.clock = &d->clock;
	d->dns = mxa_dns_stub_new(&o, &error);
	if (d->dns == NULL) {
		fprintf(stderr, "dnsday: %s\n", error);
		exit(71);
	}
	mxa_dns_set_refresh_hook(d->dns, count_end, d);
}

static void close_day(struct day *d)
{
	mxa_dns_free(d->dns);
	day_server_free(d->server);
	free(d->share);
}

static double percent_of(unsigned long n, const struct tally *t)
{
	return 100 * (double)n / (double)t->messages;
}

static void print_head(void)
{
	puts("| messages a day, domains, Zipf | cache, MiB | server | "
	     "refresh-hits | waited for the author's records | for anything | "
	     "for more than the server's cache | questions a message | of them "
	     "refreshes |\n"
	     "|---|---|---|---|---|---|---|---|---|");
}

static void print_day(const struct day *d, const struct tally *t)
{
	printf("| %lu, %u, %.1f | %zu | %s | %u ", d->messages, d->domains,
	    d->exponent, d->cache_mib, d->caches ? "cache" : "full TTL",
	    d->hits);
	printf("| %.1f %% | %.1f %% | %.1f %% | %.2f | %.2f |\n",
	    percent_of(t->for_author, t), percent_of(t->waited, t),
	    percent_of(t->recursed, t), percent_of(t->asked, t) / 100,
	    percent_of(t->refreshes, t) / 100);
	fflush(stdout);
}

static void simulate_day(struct day *d)
{
	struct tally warm = { 0 }, t = { 0 };

	open_day(d);
	run_until(d, WARM_MS, &warm);
	warm.asked = day_server_questions(d->server);
	warm.refreshes = d->begun;
	run_until(d, END_MS, &t);
	t.asked = day_server_questions(d->server) - warm.asked;
	t.refreshes = d->begun - warm.refreshes;
	print_day(d, &t);
	close_day(d);
}

int main(int argc, char **argv)
{
	struct day d = { .messages = 1000000,
		.domains = 100000,
		.exponent = 1.2,
		.hits = 2,
		.cache_mib = 64 };
	int c;

	while ((c = getopt(argc, argv, "m:d:z:H:s:ct")) != -1) {
		switch (c) {
		case 'm':
			d.messages = strtoul(optarg, NULL, 10);
			break;
		case 'd':
			d.domains = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'z':
			d.exponent = strtod(optarg, NULL);
			break;
		case 'H':
			d.hits = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			d.cache_mib = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			d.caches = true;
			break;
		case 't':
			print_head();
			break;
		default:
			fputs("usage: dnsday [-ct] [-m messages] [-d domains] "
			      "[-z exponent] [-H hits] [-s MiB]\n",
			    stderr);
			return 64;
		}
	}
	simulate_day(&d);
	return 0;
}
