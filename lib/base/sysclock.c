/* sysclock.c - the one file in lib/ that asks the system for the time. */
#include "base/sysclock.h"

#include <stddef.h>
#include <time.h>

static uint64_t mono_ms(void *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int64_t wall_seconds(void *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec;
}

const struct mxa_clock *mxa_sysclock(void)
{
	static const struct mxa_clock clock = { mono_ms, wall_seconds, NULL };

	return &clock;
}
