/* metrics_none.c - built without libmicrohttpd. */
#include "milter/metrics.h"

#include <stddef.h>

struct metrics *metrics_start(
    struct mxa_str where, const struct stats *stats, const char **error)
{
	(void)where;
	(void)stats;
	*error = "not built in (libmicrohttpd)";
	return NULL;
}

void metrics_stop(struct metrics *m)
{
	(void)m;
}
