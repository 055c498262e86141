/* senttest.c - see senttest.h. */
#include "t/support/senttest.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/sysclock.h"
#include "dns/zone.h"
#include "policy/load.h"

void senttest_begin(struct senttest *t, const char *zone)
{
	const char *tmp = getenv("TMPDIR");
	char *error = NULL;

	*t = (struct senttest){ .arena = mxa_arena_new() };
	snprintf(t->dir, sizeof(t->dir), "%s/mxauth-sent-XXXXXX",
	    tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(t->dir));
	t->dns = mxa_dns_zone_text("zone", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(t->dns != NULL, "%s", error);
	test_store_url();
}

static void close_store(struct senttest *t)
{
	mxa_store_close(t->store);
	mxa_conf_free(t->conf);
}

void senttest_at(
    struct senttest *t, int64_t now, const char *text, const char *program)
{
	char *errors = NULL;
	const char *all = mxa_arena_printf(t->arena,
	    "reports: { send = true from = \"noreply@reports.example.org\" "
	    "%s }",
	    text);

	close_store(t);
	t->store = test_store_open(now);
	t->conf = mxa_policy_parse(
	    "c", mxa_str_from(all), MXA_STR_NONE, &errors, NULL);
	ck_assert_msg(t->conf != NULL, "%s", errors);
	ck_assert(mxa_reporter_init(
	    t->arena, t->conf, mxa_str_from(program), &t->who));
}

void senttest_end(struct senttest *t)
{
	close_store(t);
	mxa_dns_free(t->dns);
	test_store_done();
	ck_assert_int_eq(
	    system(mxa_arena_printf(t->arena, "rm -rf '%s'", t->dir)), 0);
	mxa_arena_free(t->arena);
}

struct mxa_deliver_options senttest_delivery(
    const struct senttest *t, const char *directory)
{
	return (struct mxa_deliver_options){ .store = t->store,
		.conf = t->conf,
		.who = &t->who,
		.dns = t->dns,
		.clock = mxa_sysclock(),
		.owner = MXA_STR("me"),
		.directory = directory };
}

int64_t senttest_number(struct senttest *t, const char *sql)
{
	int64_t n = mxa_store_number(t->store, sql, NULL, 0, -1);

	ck_assert_str_eq(mxa_store_error(t->store), "");
	return n;
}
