/* metrics.c - counters served by libmicrohttpd.
 *
 * The library is loaded only when metrics are on: with its dependencies
 * (GnuTLS) it would be a quarter of the memory of an idle daemon. */
#include "config.h"

#include "milter/metrics.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/ipaddr.h"
#include "milter/stats.h"

#define MAX_TEXT ((size_t)64 * 1024)
#define MAX_CONNECTIONS 16
#define TIMEOUT_SECONDS 5

struct metrics {
	struct MHD_Daemon *http;
	const struct stats *stats;
};

/* --- the library --- */

static struct {
	__typeof__(MHD_start_daemon) *start;
	__typeof__(MHD_stop_daemon) *stop;
	__typeof__(MHD_create_response_from_buffer) *from_buffer;
	__typeof__(MHD_add_response_header) *add_header;
	__typeof__(MHD_queue_response) *queue;
	__typeof__(MHD_destroy_response) *destroy;
} mhd;

/* Called once, before other threads exist.  False: the library is missing. */
static bool load_library(void)
{
	const struct {
		const char *name;
		void *where;
	} symbols[] = {
		{ "MHD_start_daemon", &mhd.start },
		{ "MHD_stop_daemon", &mhd.stop },
		{ "MHD_create_response_from_buffer", &mhd.from_buffer },
		{ "MHD_add_response_header", &mhd.add_header },
		{ "MHD_queue_response", &mhd.queue },
		{ "MHD_destroy_response", &mhd.destroy },
	};
	void *lib = dlopen(MICROHTTPD_SONAME, RTLD_NOW | RTLD_LOCAL);

	if (lib == NULL)
		return false;
	for (size_t i = 0; i < MXA_ARRAY_LEN(symbols); i++) {
		void *at = dlsym(lib, symbols[i].name);

		if (at == NULL)
			return false;
		memcpy(symbols[i].where, &at, sizeof(at));
	}
	return true;
}

/* --- answers --- */

static enum MHD_Result send_answer(struct MHD_Connection *c, unsigned status,
    const char *type, const void *text, size_t len)
{
	struct MHD_Response *r = mhd.from_buffer(
	    len, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result ok;

	if (r == NULL)
		return MHD_NO;
	mhd.add_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	ok = mhd.queue(c, status, r);
	mhd.destroy(r);
	return ok;
}

static enum MHD_Result send_text(
    struct MHD_Connection *c, unsigned status, const char *text)
{
	return send_answer(c, status, "text/plain", text, strlen(text));
}

/* Ready: the start is complete and the shutdown has not begun. */
static enum MHD_Result send_readiness(
    struct MHD_Connection *c, const struct stats *s)
{
	return atomic_load(&s->ready)
	    ? send_text(c, MHD_HTTP_OK, "ready\n")
	    : send_text(c, MHD_HTTP_SERVICE_UNAVAILABLE, "not ready\n");
}

static enum MHD_Result send_metrics(
    struct MHD_Connection *c, const struct stats *s)
{
	struct mxa_arena *a = mxa_arena_new();
	enum MHD_Result ok;
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_TEXT);
	stats_format(s, &b);
	ok = send_answer(c, MHD_HTTP_OK, "text/plain; version=0.0.4",
	    mxa_buf_cstr(&b), b.len);
	mxa_arena_free(a);
	return ok;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c,
    const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state)
{
	struct metrics *m = ctx;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		return send_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET only\n");
	if (strcmp(url, "/metrics") == 0)
		return send_metrics(c, m->stats);
	if (strcmp(url, "/healthz") == 0)
		return send_text(c, MHD_HTTP_OK, "alive\n");
	if (strcmp(url, "/readyz") == 0)
		return send_readiness(c, m->stats);
	return send_text(
	    c, MHD_HTTP_NOT_FOUND, "see /metrics, /healthz, /readyz\n");
}

/* --- the server --- */

/* "192.0.2.1:9811", "[2001:db8::1]:9811" */
static bool read_address(struct mxa_str where, struct sockaddr_storage *out)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)out;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)out;
	size_t colon = where.len;
	struct mxa_str host;
	struct mxa_ip ip;
	uint64_t port;

	while (colon > 0 && where.p[colon - 1] != ':')
		colon--;
	if (colon == 0 ||
	    !mxa_str_u64(mxa_str_sub(where, colon, where.len), 65535, &port))
		return false;
	host = mxa_str_sub(where, 0, colon - 1);
	if (host.len > 2 && host.p[0] == '[')
		host = mxa_str_sub(host, 1, host.len - 1);
	if (!mxa_ip_parse(host, &ip))
		return false;
	memset(out, 0, sizeof(*out));
	if (ip.family == 4) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons((uint16_t)port);
		memcpy(&sin->sin_addr, ip.b, 4);
	} else {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons((uint16_t)port);
		memcpy(&sin6->sin6_addr, ip.b, 16);
	}
	return true;
}

struct metrics *metrics_start(
    struct mxa_str where, const struct stats *stats, const char **error)
{
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD;
	struct sockaddr_storage address;
	struct metrics *m;

	if (!read_address(where, &address)) {
		*error = "not ADDRESS:PORT";
		return NULL;
	}
	if (!load_library()) {
		*error = MICROHTTPD_SONAME " cannot be loaded";
		return NULL;
	}
	if (address.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	m = mxa_xcalloc(1, sizeof(*m));
	m->stats = stats;
	m->http =
	    mhd.start(flags, 0, NULL, NULL, on_request, m, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)MAX_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)TIMEOUT_SECONDS, MHD_OPTION_END);
	if (m->http != NULL)
		return m;
	*error = "the address cannot be used";
	free(m);
	return NULL;
}

void metrics_stop(struct metrics *m)
{
	if (m == NULL)
		return;
	mhd.stop(m->http);
	free(m);
}
