/* metrics.h - the counters over HTTP, for Prometheus and the like.
 *
 * Two implementations: metrics.c on libmicrohttpd, metrics_none.c for builds
 * without. */
#ifndef MXA_MILTER_METRICS_H
#define MXA_MILTER_METRICS_H

#include "base/str.h"

struct metrics;
struct stats;

/* Serve GET /metrics, /healthz and /readyz on "ADDRESS:PORT" ("[ADDRESS]:PORT"
 * for IPv6) from a thread of its own.  'stats' must live until metrics_stop.
 * NULL when it cannot be done, with '*error' a phrase in static storage. */
struct metrics *metrics_start(
    struct mxa_str where, const struct stats *stats, const char **error);

/* NULL is fine. */
void metrics_stop(struct metrics *m);

#endif
