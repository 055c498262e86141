/* dnstest.c - see dnstest.h. */
#include "t/support/dnstest.h"

#include <unistd.h>

#include "t/support/dnsshow.h"

void dnstest_begin(
    struct dnstest *t, const char *zone, const struct test_dnsd_options *o)
{
	*t = (struct dnstest){ .arena = mxa_arena_new() };
	t->server = test_dnsd_start(mxa_str_from(zone), o);
	t->address = test_dnsd_server(t->server);
	test_clock_init(&t->clock, 0);
	mxa_dns_options_default(&t->options);
	t->options.servers = &t->address;
	t->options.n_servers = 1;
	t->options.timeout_ms = DNSTEST_HANG_MS;
	t->options.clock = &t->clock.clock;
}

void dnstest_open(struct dnstest *t)
{
	const char *error;

	t->dns = mxa_dns_stub_new(&t->options, &error);
	ck_assert_msg(t->dns != NULL, "%s", error);
}

void dnstest_end(struct dnstest *t)
{
	mxa_dns_free(t->dns);
	test_dnsd_stop(t->server);
	mxa_arena_free(t->arena);
}

void dnstest_stop_server(struct dnstest *t)
{
	test_dnsd_stop(t->server);
	t->server = NULL;
}

const char *dnstest_once(struct dnstest *t, const char *name, unsigned *sent)
{
	struct mxa_budget *b = mxa_budget_open(t->dns, DNSTEST_HANG_MS);
	const char *got = test_dns_shown(t->arena,
	    mxa_dns_lookup(b, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT));

	if (sent != NULL)
		*sent = mxa_budget_counts(b).sent;
	mxa_budget_close(b);
	return got;
}

unsigned dnstest_asked(struct dnstest *t, const char *name)
{
	return test_dnsd_asked(t->server, name, MXA_DNS_TXT);
}

void dnstest_settle(struct mxa_dns *dns)
{
	/* the second turn began after the first was seen */
	for (int i = 0; i < 2; i++) {
		unsigned then = mxa_dns_stub_turns(dns);

		while (mxa_dns_stub_turns(dns) == then)
			usleep(1000);
	}
}
