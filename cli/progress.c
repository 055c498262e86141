/* progress.c - a line on standard error. */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/sysclock.h"

#define FIRST_MS 1000
#define EVERY_MS 200

static uint64_t progress_now_ms(void)
{
	return mxa_clock_ms(mxa_sysclock());
}

void progress_begin(struct progress *p)
{
	*p = (struct progress){ .on = isatty(STDERR_FILENO) == 1 };
	p->next_ms = progress_now_ms() + FIRST_MS;
}

void progress_update(
    struct progress *p, uint64_t done, uint64_t total, const char *what)
{
	uint64_t now;

	if (!p->on || (now = progress_now_ms()) < p->next_ms)
		return;
	p->next_ms = now + EVERY_MS;
	p->shown = true;
	if (total > 0)
		fprintf(stderr, "\r%3" PRIu64 " %%  %" PRIu64 " %s\033[K",
		    done * 100 / total, done, what);
	else
		fprintf(stderr, "\r%" PRIu64 " %s\033[K", done, what);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->on = p->shown = false;
}
