/* values.h - sizes, times, addresses and codes as an operator writes them. */
#ifndef MXA_CONF_VALUES_H
#define MXA_CONF_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct mxa_arena;

/* "512", "64k", "10M", "1G", "2T" (powers of 1024; either case) to bytes. */
bool mxa_value_size(struct mxa_str s, uint64_t *out);

/* "5", "5s", "10m", "2h", "90d" to seconds. */
bool mxa_value_time(struct mxa_str s, uint64_t *out);

/* Back, in the largest unit that fits: "1G", "90d". */
void mxa_value_size_show(struct mxa_buf *b, uint64_t v);
void mxa_value_time_show(struct mxa_buf *b, uint64_t v);

/* A socket: "unix:PATH", "local:PATH", "inet:PORT@HOST", "inet6:PORT@HOST",
 * "fd:N", or Postfix's "inet:HOST:PORT", "inet6:[HOST]:PORT".  '*out' (in 'a'):
 * unix:, inet:PORT@HOST, inet6:PORT@HOST or fd:N; HOST may be empty (all
 * addresses).  False: none of these. */
bool mxa_value_listen(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out);

/* "d" or ".d" (its subdomains), canonical, in 'a'. */
bool mxa_value_domain(
    struct mxa_arena *a, struct mxa_str s, struct mxa_str *out);

/* "192.0.2.1:80", "[2001:db8::1]:80"; 'host' without brackets. */
bool mxa_value_host_port(
    struct mxa_str s, struct mxa_str *host, uint16_t *port);

#endif
