/* spf_suite.c - the public RFC 7208 suite over our engines.
 *
 * The native engine passes all of it.  libspf2 behind our guards passes all but
 * the cases that are listed here with their reason: one that fails without
 * being listed is a mistake, and so is one that is listed and passes. */
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "t/support/dnsd.h"
#include "t/support/spfsuite.h"
#include "t/support/spftest.h"

#define SKIPPED 77 /* automake */

#define SLASH_0 "its compiler takes a CIDR length of 0 for a mistake"

/* What libspf2 1.2.10 answers otherwise, behind our guards. */
static const struct {
	const char *name, *reason;
} deviations[] = {
	{ "redirect-after-mechanisms1", "it follows redirect where it stands" },
	{ "a-nxdomain", SLASH_0 },
	{ "a-cidr4-0", SLASH_0 },
	{ "a-cidr4-0-ip6", SLASH_0 },
	{ "a-cidr6-0-ip4", SLASH_0 },
	{ "a-cidr6-0-ip4mapped", SLASH_0 },
	{ "a-cidr6-0-ip6", SLASH_0 },
	{ "a-cidr6-0-nxdomain", SLASH_0 },
	{ "mx-nxdomain", SLASH_0 },
	{ "mx-cidr4-0", SLASH_0 },
	{ "mx-cidr4-0-ip6", SLASH_0 },
	{ "mx-cidr6-0-ip4", SLASH_0 },
	{ "mx-cidr6-0-ip4mapped", SLASH_0 },
	{ "mx-cidr6-0-ip6", SLASH_0 },
	{ "mx-cidr6-0-nxdomain", SLASH_0 },
	{ "cidr4-0", SLASH_0 },
	{ "cidr6-0-ip4", SLASH_0 },
	{ "cidr6-ip4", SLASH_0 },
	{ "cidr6-0", SLASH_0 },
};

static struct mxa_arena *arena;
static struct spfsuite_scenario *suite;

static bool result_ok(
    const struct spfsuite_case *c, const struct mxa_spf_verdict *v)
{
	for (size_t i = 0; i < c->n_results; i++)
		if (mxa_str_is(c->result[i], mxa_spf_result_name(v->result)))
			return true;
	return false;
}

static bool explanation_ok(
    const struct spfsuite_case *c, const struct mxa_spf_verdict *v)
{
	if (c->explanation.len == 0 || v->result != MXA_SPF_FAIL)
		return true;
	if (mxa_str_is(c->explanation, "DEFAULT"))
		return v->explanation.len == 0;
	return mxa_str_eq(c->explanation, v->explanation);
}

static void report(const struct spfsuite_scenario *s,
    const struct spfsuite_case *c, const struct mxa_spf_verdict *v)
{
	printf("%.*s: %.*s: %s (%.*s) \"%.*s\", want", MXA_STR_ARG(s->name),
	    MXA_STR_ARG(c->name), mxa_spf_result_name(v->result),
	    MXA_STR_ARG(v->reason.text), MXA_STR_ARG(v->explanation));
	for (size_t i = 0; i < c->n_results; i++)
		printf(" %.*s", MXA_STR_ARG(c->result[i]));
	printf(" \"%.*s\"\n", MXA_STR_ARG(c->explanation));
}

static bool listed(const struct spfsuite_case *c)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(deviations); i++)
		if (mxa_str_is(c->name, deviations[i].name))
			return true;
	return false;
}

/* Where the answers come from: a zone file; the same after questions asked
 * early; the resolver, which asks a server, after questions asked early. */
enum how { ZONE, ZONE_AFTER_PLAN, NETWORK };

/* Run everything; '*passed' counts what the suite calls right.  Returns how
 * many cases came out otherwise than expected here. */
static int run(const struct mxa_spf_engine *engine, enum how how, int *passed)
{
	bool native = engine == &mxa_spf_native;
	struct test_dnsd *server = NULL;
	int surprises = 0;

	*passed = 0;
	for (struct spfsuite_scenario *s = suite; s != NULL; s = s->next) {
		struct spftest t;

		if (how == NETWORK)
			server = spftest_open_network(&t, s->zone, 0, 250);
		else
			spftest_open(&t, s->zone);
		t.plan = how != ZONE;
		for (struct spfsuite_case *c = s->cases; c != NULL;
		     c = c->next) {
			struct mxa_spf_query q =
			    spftest_query(c->host, c->helo, c->mailfrom);
			struct mxa_spf_verdict v;
			bool ok;

			spftest_check(&t, engine, &q, &v);
			ok = result_ok(c, &v) && explanation_ok(c, &v);
			*passed += ok;
			if (ok == (native || !listed(c)))
				continue;
			surprises++;
			report(s, c, &v);
		}
		spftest_close(&t);
		test_dnsd_stop(server);
	}
	printf("%s: %d cases passed\n", engine->name, *passed);
	return surprises;
}

static void read_suite(void)
{
	arena = mxa_arena_new();
	suite = spfsuite_read(arena, spfsuite_path());
}

static void forget_suite(void)
{
	mxa_arena_free(arena);
}

START_TEST(native_passes_all)
{
	int passed;

	ck_assert_int_eq(run(&mxa_spf_native, ZONE, &passed), 0);
	ck_assert_int_eq(passed, 203);
}
END_TEST

START_TEST(native_passes_all_after_a_plan)
{
	int passed;

	ck_assert_int_eq(run(&mxa_spf_native, ZONE_AFTER_PLAN, &passed), 0);
	ck_assert_int_eq(passed, 203);
}
END_TEST

START_TEST(native_passes_all_over_the_network)
{
	int passed;

	ck_assert_int_eq(run(&mxa_spf_native, NETWORK, &passed), 0);
	ck_assert_int_eq(passed, 203);
}
END_TEST

START_TEST(libspf2_passes_all_but_its_deviations)
{
	int passed;

	ck_assert_int_eq(run(&mxa_spf_libspf2, ZONE, &passed), 0);
	ck_assert_int_eq(passed, 203 - (int)MXA_ARRAY_LEN(deviations));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rfc7208");
	TCase *tc = tcase_create("suite");

	if (spfsuite_path() == NULL) {
		puts("no rfc7208-tests.yml in $SPF_SUITE: skipped");
		return SKIPPED;
	}
	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, read_suite, forget_suite);
	tcase_add_test(tc, native_passes_all);
	tcase_add_test(tc, native_passes_all_after_a_plan);
	tcase_add_test(tc, native_passes_all_over_the_network);
	tcase_add_test(tc, libspf2_passes_all_but_its_deviations);
	suite_add_tcase(s, tc);
	return test_main(s);
}
