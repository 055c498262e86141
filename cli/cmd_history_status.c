/* cmd_history_status.c - mxauth history status: how far each host has been
 * imported, and what waits. */
#include "cli/cmd_history.h"

#include <sysexits.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/out.h"
#include "history/store_state.h"

static void write_counts(struct mxa_json *j, const char *key,
    const struct mxa_state_count *v, size_t n)
{
	mxa_json_open(j, key, '{');
	for (size_t i = 0; i < n; i++)
		mxa_json_int(j, v[i].state.p, v[i].n);
	mxa_json_close(j, '}');
}

static void write_history_time(struct mxa_json *j, const char *key, int64_t t)
{
	char text[MXA_TIME_TEXT];

	if (t > 0)
		mxa_json_word(j, key, mxa_time_format(t, text));
	else
		mxa_json_null(j, key);
}

static void status_json(
    const struct history *h, const struct mxa_store_summary *s)
{
	struct out o;
	struct mxa_json *j;

	out_init(&o, stdout);
	j = out_json(&o, 3);
	mxa_json_open(j, NULL, '{');
	mxa_json_open(j, "store", '{');
	mxa_json_text(j, "kind", mxa_store_kind(h->c.store));
	mxa_json_int(j, "bytes", s->bytes);
	mxa_json_close(j, '}');
	mxa_json_open(j, "hosts", '[');
	for (size_t i = 0; i < s->n_hosts; i++) {
		const struct mxa_host_state *v = &s->host[i];

		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "host", v->host);
		write_history_time(j, "imported_through", v->through);
		write_history_time(j, "last_message", v->wrote);
		if (v->through > 0)
			mxa_json_int(j, "lag", s->now - v->through);
		else
			mxa_json_null(j, "lag");
		mxa_json_int(j, "waiting_bytes", v->waiting);
		mxa_json_int(j, "lines", v->lines);
		mxa_json_int(j, "bad", v->bad);
		mxa_json_int(j, "late", v->late);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
	write_counts(j, "reports", s->report, s->n_reports);
	write_counts(j, "deliveries", s->delivery, s->n_deliveries);
	mxa_json_int(j, "suppressed_addresses", s->suppressed);
	mxa_json_close(j, '}');
	out_json_end(&o);
}

static void status_counts(
    struct out *o, const char *what, const struct mxa_state_count *v, size_t n)
{
	if (n == 0)
		return;
	out_printf(o, "%s:", what);
	for (size_t i = 0; i < n; i++)
		out_printf(o, " %.*s %lld", MXA_STR_ARG(v[i].state),
		    (long long)v[i].n);
	out_text(o, "\n");
}

static const char *time_or_dash(int64_t t, char out[MXA_TIME_TEXT])
{
	return t > 0 ? mxa_time_format(t, out) : "-";
}

static void status_text(const struct mxa_store_summary *s)
{
	struct out o;
	char through[MXA_TIME_TEXT], wrote[MXA_TIME_TEXT];

	out_init(&o, stdout);
	for (size_t i = 0; i < s->n_hosts; i++) {
		const struct mxa_host_state *v = &s->host[i];

		out_printf(&o,
		    _("%.*s: imported through %s, last message %s, %lld bytes "
		      "waiting, %lld lines, %lld broken, %lld late\n"),
		    MXA_STR_ARG(v->host), time_or_dash(v->through, through),
		    time_or_dash(v->wrote, wrote), (long long)v->waiting,
		    (long long)v->lines, (long long)v->bad, (long long)v->late);
	}
	if (s->n_hosts == 0)
		out_text(&o, _("Nothing has been imported yet.\n"));
	status_counts(&o, _("Reports"), s->report, s->n_reports);
	status_counts(&o, _("Deliveries"), s->delivery, s->n_deliveries);
	if (s->suppressed > 0)
		out_printf(&o, _("Suppressed addresses: %lld\n"),
		    (long long)s->suppressed);
}

int history_status(struct history *h)
{
	struct mxa_store_summary *s = mxa_arena_calloc(h->a, 1, sizeof(*s));

	if (!mxa_store_summary_read(h->c.store, h->a, s))
		return cli_store_failed(&h->c);
	if (h->c.cli.json)
		status_json(h, s);
	else
		status_text(s);
	return s->n_hosts > 0 ? EX_OK : 1;
}
