/* store_metrics.c - the state of the store as a file for the textfile collector
 * of Prometheus's node_exporter. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "cli/store_common.h"
#include "conf/conf.h"
#include "history/store_state.h"

#define MAX_METRICS ((size_t)4 << 20)

static void add_head(struct mxa_buf *b, const char *name, const char *help)
{
	mxa_buf_printf(b,
	    "# HELP mxauth_store_%s %s\n# TYPE mxauth_store_%s gauge\n", name,
	    help, name);
}

/* A label's value: '\' and '"' escaped, no control characters. */
static void add_sample(struct mxa_buf *b, const char *name, const char *label,
    struct mxa_str value, int64_t n)
{
	mxa_buf_printf(b, "mxauth_store_%s{%s=\"", name, label);
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			mxa_buf_addc(b, '\\');
		mxa_buf_addc(
		    b, (unsigned char)value.p[i] < ' ' ? '?' : value.p[i]);
	}
	mxa_buf_printf(b, "\"} %lld\n", (long long)n);
}

static int64_t host_lag(
    const struct mxa_store_summary *s, const struct mxa_host_state *h)
{
	return h->through > 0 ? s->now - h->through : s->now;
}

static void add_hosts(struct mxa_buf *b, const struct mxa_store_summary *s)
{
	add_head(b, "import_lag_seconds",
	    "Age of what has been imported completely");
	for (size_t i = 0; i < s->n_hosts; i++)
		add_sample(b, "import_lag_seconds", "host", s->host[i].host,
		    host_lag(s, &s->host[i]));
	add_head(b, "waiting_bytes", "Bytes of journals not yet imported");
	for (size_t i = 0; i < s->n_hosts; i++)
		add_sample(b, "waiting_bytes", "host", s->host[i].host,
		    s->host[i].waiting);
	add_head(b, "late_messages",
	    "Messages that came after the reports of their day were made");
	for (size_t i = 0; i < s->n_hosts; i++)
		add_sample(b, "late_messages", "host", s->host[i].host,
		    s->host[i].late);
	add_head(b, "bad_lines", "Lines that could not be read");
	for (size_t i = 0; i < s->n_hosts; i++)
		add_sample(
		    b, "bad_lines", "host", s->host[i].host, s->host[i].bad);
}

static void add_states(struct mxa_buf *b, const char *name, const char *help,
    const struct mxa_state_count *v, size_t n)
{
	add_head(b, name, help);
	for (size_t i = 0; i < n; i++)
		add_sample(b, name, "state", v[i].state, v[i].n);
}

/* The collector never sees half of it. */
static bool write_whole(const char *path, const char *tmp, struct mxa_str text)
{
	FILE *f = fopen(tmp, "we");
	bool ok = f != NULL && fwrite(text.p, 1, text.len, f) == text.len;

	if (f != NULL && fclose(f) != 0)
		ok = false;
	if (ok && rename(tmp, path) == 0)
		return true;
	unlink(tmp);
	return false;
}

void cli_store_metrics(const struct cli_store *c)
{
	struct mxa_arena *a;
	struct mxa_store_summary *s;
	struct mxa_buf b;
	char *path, *tmp;

	if (c->conf->store_metrics_file.len == 0)
		return;
	a = mxa_arena_new();
	s = mxa_arena_calloc(a, 1, sizeof(*s));
	mxa_buf_init(&b, a, MAX_METRICS);
	path = mxa_str_cstr(a, c->conf->store_metrics_file);
	tmp = mxa_arena_printf(a, "%s.%ld", path, (long)getpid());
	if (mxa_store_summary_read(c->store, a, s)) {
		add_hosts(&b, s);
		add_states(
		    &b, "reports", "Reports by state", s->report, s->n_reports);
		add_states(&b, "deliveries", "Deliveries by state", s->delivery,
		    s->n_deliveries);
		add_head(&b, "suppressed_addresses",
		    "Addresses that get no reports for now");
		mxa_buf_printf(&b, "mxauth_store_suppressed_addresses %lld\n",
		    (long long)s->suppressed);
		if (!write_whole(path, tmp, mxa_buf_str(&b)))
			cli_error(&c->cli, "%s: %s", path, strerror(errno));
	}
	mxa_arena_free(a);
}
