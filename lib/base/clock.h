/* clock.h - time as an argument, so that tests own it. */
#ifndef MXA_BASE_CLOCK_H
#define MXA_BASE_CLOCK_H

#include <stdint.h>

struct mxa_clock {
	/* Milliseconds that only go forward, for deadlines and durations. */
	uint64_t (*mono_ms)(void *ctx);
	/* Seconds since 1970, UTC, for signatures and the journal. */
	int64_t (*wall)(void *ctx);
	void *ctx;
};

static inline uint64_t mxa_clock_ms(const struct mxa_clock *c)
{
	return c->mono_ms(c->ctx);
}

static inline int64_t mxa_clock_wall(const struct mxa_clock *c)
{
	return c->wall(c->ctx);
}

#endif
