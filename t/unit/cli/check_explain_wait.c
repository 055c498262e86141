/* check_explain_wait.c - mxauth explain --check, with a clock and a DNS of the
 * test's own. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "cli/explain_wait.h"
#include "cli/out.h"
#include "explain/explain.h"

/* A DNS in which the record appears after 'appears' seconds. */
struct world {
	struct test_clock clock;
	struct explain_world w;
	unsigned appears, asked, pauses, longest;
	FILE *said;
	char *text;
	size_t size;
	struct out progress;
};

static bool is_published(void *ctx, struct mxa_str name, struct mxa_str text)
{
	struct world *w = ctx;

	ck_str_is(name, "shop.example");
	ck_str_is(text, "v=spf1 -all");
	w->asked++;
	return w->clock.ms / 1000 >= w->appears;
}

static void pause_for(void *ctx, unsigned seconds)
{
	struct world *w = ctx;

	w->pauses++;
	if (seconds > w->longest)
		w->longest = seconds;
	w->clock.ms += (uint64_t)seconds * 1000;
}

static void begin(struct world *w, unsigned appears)
{
	memset(w, 0, sizeof(*w));
	test_clock_init(&w->clock, 0);
	w->clock.ms = 0;
	w->appears = appears;
	w->w = (struct explain_world){ .clock = &w->clock.clock,
		.published = is_published,
		.pause = pause_for,
		.ctx = w };
	w->said = open_memstream(&w->text, &w->size);
	out_init(&w->progress, w->said);
}

static void end(struct world *w)
{
	fclose(w->said);
	free(w->text);
}

static const struct mxa_advice *proposals(void)
{
	static struct mxa_advice advice[2];

	advice[0].fix.name = MXA_STR("");
	advice[0].fix.new = MXA_STR("");
	advice[1].fix.name = MXA_STR("shop.example");
	advice[1].fix.new = MXA_STR("v=spf1 -all");
	return advice;
}

static const struct {
	const char *name;
	unsigned appears, limit;
	enum explain_waited want;
	unsigned asked, pauses, longest;
} rows[] = {
	{ "there at once", 0, 600, EXPLAIN_PUBLISHED, 1, 0, 0 },
	{ "after the first pause", 5, 600, EXPLAIN_PUBLISHED, 2, 1, 5 },
	/* 5 + 10 + 20 seconds */
	{ "after half a minute", 30, 600, EXPLAIN_PUBLISHED, 4, 3, 20 },
	{ "pauses end at a minute", 300, 600, EXPLAIN_PUBLISHED, 9, 8, 60 },
	{ "never, with a limit", 1000, 12, EXPLAIN_TIMED_OUT, 3, 2, 7 },
	{ "at the limit", 12, 12, EXPLAIN_PUBLISHED, 3, 2, 7 },
	{ "no time at all", 1, 0, EXPLAIN_TIMED_OUT, 1, 0, 0 },
};

START_TEST(waits_until_published)
{
	struct world w;

	begin(&w, rows[_i].appears);
	ck_assert_int_eq(
	    explain_wait(&w.w, proposals(), 2, rows[_i].limit, &w.progress),
	    rows[_i].want);
	ck_assert_uint_eq(w.asked, rows[_i].asked);
	ck_assert_uint_eq(w.pauses, rows[_i].pauses);
	ck_assert_uint_eq(w.longest, rows[_i].longest);
	end(&w);
}
END_TEST

START_TEST(progress_names_domain_and_time)
{
	struct world w;

	begin(&w, 5);
	explain_wait(&w.w, proposals(), 2, 600, &w.progress);
	fflush(w.said);
	ck_assert_str_eq(w.text,
	    "shop.example does not have the record yet (0 of 600 seconds).\n");
	end(&w);
}
END_TEST

START_TEST(nothing_to_publish)
{
	struct world w;

	begin(&w, 0);
	ck_assert_int_eq(explain_wait(&w.w, proposals(), 1, 600, &w.progress),
	    EXPLAIN_NOTHING);
	ck_assert_uint_eq(w.asked, 0);
	end(&w);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("explain_wait");
	TCase *tc = tcase_create("explain_wait");

	tcase_add_loop_test(tc, waits_until_published, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, progress_names_domain_and_time);
	tcase_add_test(tc, nothing_to_publish);
	suite_add_tcase(s, tc);
	return test_main(s);
}
