/* explain_wait.c - wait until the proposed records are published. */
#include "cli/explain_wait.h"

#include "base/i18n.h"
#include "cli/out.h"
#include "explain/explain.h"

#define FIRST_PAUSE 5 /* seconds */
#define LONGEST_PAUSE 60

/* The first record that is not there; n: all are. */
static size_t first_missing(
    const struct explain_world *w, const struct mxa_advice *advice, size_t n)
{
	size_t i = 0;

	while (i < n &&
	    (advice[i].fix.new.len == 0 ||
		w->published(w->ctx, advice[i].fix.name, advice[i].fix.new)))
		i++;
	return i;
}

static bool has_record(const struct mxa_advice *advice, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (advice[i].fix.new.len > 0)
			return true;
	return false;
}

static void say_waiting(
    struct out *progress, struct mxa_str name, unsigned passed, unsigned limit)
{
	out_printf(progress,
	    _("%.*s does not have the record yet (%u of %u seconds).\n"),
	    MXA_STR_ARG(name), passed, limit);
}

enum explain_waited explain_wait(const struct explain_world *w,
    const struct mxa_advice *advice, size_t n, unsigned limit,
    struct out *progress)
{
	uint64_t start = mxa_clock_ms(w->clock);
	unsigned pause = FIRST_PAUSE;

	if (!has_record(advice, n))
		return EXPLAIN_NOTHING;
	for (;;) {
		size_t missing = first_missing(w, advice, n);
		unsigned passed =
		    (unsigned)((mxa_clock_ms(w->clock) - start) / 1000);

		if (missing == n)
			return EXPLAIN_PUBLISHED;
		say_waiting(progress, advice[missing].fix.name, passed, limit);
		if (passed >= limit)
			return EXPLAIN_TIMED_OUT;
		if (pause > limit - passed)
			pause = limit - passed;
		w->pause(w->ctx, pause);
		pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE;
	}
}
