/* spftest.c - SPF checks over a zone. */
#include "t/support/spftest.h"

#include <stdlib.h>
#include <string.h>

#include "auth/spf/plan.h"
#include "base/limits.h"
#include "dns/stub.h"
#include "t/support/dnsd.h"

void spftest_open_dns(struct spftest *t, struct mxa_dns *dns)
{
	memset(t, 0, sizeof(*t));
	t->arena = mxa_arena_new();
	test_clock_init(&t->clock, 1700000000);
	t->dns = dns;
	t->options.spf_max_voids = MXA_SPF_MAX_VOID;
	t->env = (struct mxa_engine_env){ .arena = t->arena,
		.clock = &t->clock.clock,
		.options = &t->options };
}

void spftest_open(struct spftest *t, struct mxa_str text)
{
	char *error = NULL;
	struct mxa_dns *dns = mxa_dns_zone_text("zone", text, NULL, &error);

	ck_assert_msg(dns != NULL, "%s", error ? error : "no error text");
	spftest_open_dns(t, dns);
}

struct test_dnsd *spftest_open_network(struct spftest *t, struct mxa_str text,
    uint32_t delay_ms, uint32_t timeout_ms)
{
	struct test_dnsd_options at = { .delay_ms = delay_ms };
	struct test_dnsd *server = test_dnsd_start(text, &at);
	const char *addresses[1] = { test_dnsd_server(server) };
	struct mxa_dns_options o;
	const char *error = NULL;
	struct mxa_dns *dns;

	mxa_dns_options_default(&o);
	o.servers = addresses;
	o.n_servers = 1;
	o.timeout_ms = timeout_ms;
	dns = mxa_dns_stub_new(&o, &error);
	ck_assert_msg(dns != NULL, "%s", error ? error : "no error text");
	spftest_open_dns(t, dns);
	return server;
}

void spftest_close(struct spftest *t)
{
	mxa_budget_close(t->budget);
	mxa_dns_free(t->dns);
	mxa_arena_free(t->arena);
}

struct mxa_spf_query spftest_query(
    struct mxa_str ip, struct mxa_str helo, struct mxa_str mailfrom)
{
	struct mxa_spf_query q = { .helo = helo,
		.receiver = MXA_STR("mx.example.org") };
	size_t at = mailfrom.len;

	ck_assert_msg(mxa_ip_parse(ip, &q.ip), "%.*s", MXA_STR_ARG(ip));
	while (at > 0 && mailfrom.p[at - 1] != '@')
		at--;
	q.identity = mailfrom.len == 0 ? MXA_SPF_HELO : MXA_SPF_MAILFROM;
	q.domain =
	    mailfrom.len == 0 ? helo : mxa_str_sub(mailfrom, at, mailfrom.len);
	q.local = at == 0 ? MXA_STR("") : mxa_str_sub(mailfrom, 0, at - 1);
	return q;
}

void spftest_check(struct spftest *t, const struct mxa_spf_engine *engine,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out)
{
	struct mxa_spf_query asked = *q;

	mxa_budget_close(t->budget);
	t->budget = mxa_budget_open(t->dns, 20000);
	t->env.budget = t->budget;
	asked.trace |= t->trace;
	if (t->plan)
		mxa_spf_plan_start(&t->env, &asked);
	engine->check(&t->env, &asked, out);
}
