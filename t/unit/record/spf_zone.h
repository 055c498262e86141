/* spf_zone.h - a zone and an environment for the tests of lib/record. */
#ifndef MXA_T_SPF_ZONE_H
#define MXA_T_SPF_ZONE_H

#include "auth/engine.h"
#include "dns/zone.h"
#include "t/support/testing.h"

struct spf_zone {
	struct mxa_arena *a;
	struct mxa_dns *dns;
	struct mxa_auth_options options;
	struct test_clock clock;
	struct mxa_engine_env env;
};

static inline void zone_open(struct spf_zone *z, const char *text)
{
	char *error = NULL;

	z->a = mxa_arena_new();
	z->dns = mxa_dns_zone_text("zone", mxa_str_from(text), NULL, &error);
	ck_assert_msg(error == NULL, "%s", error ? error : "");
	mxa_auth_options_default(&z->options);
	test_clock_init(&z->clock, 1795262400);
	z->env = (struct mxa_engine_env){ .arena = z->a,
		.budget = mxa_budget_open(z->dns, 1000),
		.clock = &z->clock.clock,
		.options = &z->options };
}

static inline void zone_close(struct spf_zone *z)
{
	mxa_budget_close(z->env.budget);
	mxa_dns_free(z->dns);
	mxa_arena_free(z->a);
}

static inline struct mxa_ip ip_of(const char *text)
{
	struct mxa_ip ip;

	ck_assert_msg(mxa_ip_parse(mxa_str_from(text), &ip), "%s", text);
	return ip;
}

#endif
