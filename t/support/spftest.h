/* spftest.h - SPF checks over a zone, for tests. */
#ifndef MXA_T_SPFTEST_H
#define MXA_T_SPFTEST_H

#include "auth/engine.h"
#include "dns/zone.h"
#include "t/support/testing.h"

struct spftest {
	struct mxa_arena *arena;
	struct mxa_dns *dns;
	struct mxa_budget *budget; /* of the check at hand */
	struct mxa_auth_options options;
	struct test_clock clock;
	struct mxa_engine_env env;
	bool trace;
	bool plan; /* start a plan before the check */
};

/* Over the zone in 'text'; a mistake in it fails the test. */
void spftest_open(struct spftest *t, struct mxa_str text);

/* Over any source; it is freed with the rest. */
void spftest_open_dns(struct spftest *t, struct mxa_dns *dns);

/* The same zone served by a real name server on loopback and asked by the
 * resolver, which gives a question 'timeout_ms'. */
struct test_dnsd;
struct test_dnsd *spftest_open_network(struct spftest *t, struct mxa_str text,
    uint32_t delay_ms, uint32_t timeout_ms);

void spftest_close(struct spftest *t);

/* The query of a client that said MAIL FROM:<mailfrom>; empty: the null
 * sender. */
struct mxa_spf_query spftest_query(
    struct mxa_str ip, struct mxa_str helo, struct mxa_str mailfrom);

/* Evaluate with a fresh budget, which stays open until the next check. */
void spftest_check(struct spftest *t, const struct mxa_spf_engine *engine,
    const struct mxa_spf_query *q, struct mxa_spf_verdict *out);

#endif
