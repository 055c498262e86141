/* cmd_history_import.c - mxauth history import: journals into the store, once
 * or as a service. */
#include "cli/cmd_history.h"

#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "conf/conf.h"

/* Between two looks at the journal, with --follow. */
#define FOLLOW_SECONDS 5
#define MAX_BACKOFF_SECONDS 60
/* Rounds between two writes of the metrics, with --follow. */
#define METRICS_ROUNDS 12

static void show_lines(void *ctx, const char *path, uint64_t lines)
{
	(void)path;
	progress_update(ctx, lines, 0, _("lines"));
}

static void print_import(
    const struct history *h, const struct mxa_import_result *r)
{
	struct out o;
	struct mxa_json *j;

	if (!h->c.cli.json) {
		printf(
		    _("%llu lines of %llu files, %llu of them broken, %llu "
		      "too late for their reports; %llu bytes are waiting\n"),
		    (unsigned long long)r->lines, (unsigned long long)r->files,
		    (unsigned long long)r->bad, (unsigned long long)r->late,
		    (unsigned long long)r->waiting);
		return;
	}
	out_init(&o, stdout);
	j = out_json(&o, MXA_JSON_LINES);
	mxa_json_open(j, NULL, '{');
	mxa_json_int(j, "files", (int64_t)r->files);
	mxa_json_int(j, "lines", (int64_t)r->lines);
	mxa_json_int(j, "messages", (int64_t)r->messages);
	mxa_json_int(j, "bad", (int64_t)r->bad);
	mxa_json_int(j, "late", (int64_t)r->late);
	mxa_json_int(j, "waiting_bytes", (int64_t)r->waiting);
	mxa_json_bool(j, "complete", r->complete);
	mxa_json_close(j, '}');
	out_json_end(&o);
}

/* All paths once. */
enum mxa_store_state history_import_paths(const struct history *h,
    const struct mxa_import_options *o, struct mxa_import_result *r)
{
	enum mxa_store_state state = MXA_STORE_OK;

	mxa_buf_cut(r->complaints, 0);
	r->waiting = 0;
	for (int i = 0; i < h->n && state == MXA_STORE_OK; i++)
		if (o->stop == NULL || *o->stop == 0)
			state = mxa_import(o, h->path[i], r);
	return state;
}

void history_print_complaints(
    const struct history *h, const struct mxa_import_result *r)
{
	struct mxa_str rest = mxa_buf_str(r->complaints);

	while (rest.len > 0) {
		size_t end = mxa_str_chr(rest, '\n', 0);

		cli_error(
		    &h->c.cli, "%.*s", MXA_STR_ARG(mxa_str_sub(rest, 0, end)));
		rest = mxa_str_sub(rest, end + 1, rest.len);
	}
}

static void sleep_seconds(unsigned seconds, const volatile sig_atomic_t *stop)
{
	while (seconds-- > 0 && *stop == 0)
		sleep(1);
}

/* As a service: what is wrong is said once and tried again. */
static int follow_journals(const struct history *h,
    struct mxa_import_options *o, struct mxa_import_result *r)
{
	const volatile sig_atomic_t *stop = cli_stop_flag();
	size_t said = 0; /* length of the complaints that were printed */
	unsigned backoff = 1, round = 0;

	o->stop = stop;
	while (*stop == 0) {
		if (history_import_paths(h, o, r) == MXA_STORE_OK) {
			if (backoff > 1)
				cli_error(&h->c.cli,
				    _("the store can be used again"));
			backoff = 1;
			if (r->complaints->len != said)
				history_print_complaints(h, r);
			said = r->complaints->len;
			if (round++ % METRICS_ROUNDS == 0)
				cli_store_metrics(&h->c);
			sleep_seconds(FOLLOW_SECONDS, stop);
			continue;
		}
		if (backoff == 1)
			cli_store_failed(&h->c);
		sleep_seconds(backoff, stop);
		backoff = 2 * backoff < MAX_BACKOFF_SECONDS
		    ? 2 * backoff
		    : MAX_BACKOFF_SECONDS;
		mxa_store_retry(h->c.store);
	}
	print_import(h, r);
	return EX_OK;
}

int history_import(struct history *h)
{
	const struct mxa_conf *conf = h->c.conf;
	char *journal = mxa_str_cstr(h->a, conf->journal_directory);
	int64_t keep = (int64_t)conf->store_keep_messages;
	struct progress progress;
	struct mxa_buf complaints;
	bool stored;
	struct mxa_import_result r = { .complaints = &complaints };
	struct mxa_import_options o = { .store = h->c.store,
		.host = mxa_str_from(cli_store_host(&h->c)),
		.messages_since = keep > 0
		    ? (mxa_store_now(h->c.store) - keep) / MXA_DAY_SECONDS
		    : INT64_MAX,
		.own_address = { conf->reports_from, conf->reports_bounces } };

	mxa_buf_init(&complaints, h->a, 64 * 1024);
	if (h->n == 0) {
		h->n = 1;
		h->path = &journal;
	}
	if (h->follow)
		return follow_journals(h, &o, &r);
	o.progress = show_lines;
	o.ctx = &progress;
	progress_begin(&progress);
	stored = history_import_paths(h, &o, &r) == MXA_STORE_OK;
	progress_end(&progress);
	if (!stored)
		return cli_store_failed(&h->c);
	history_print_complaints(h, &r);
	cli_store_metrics(&h->c);
	print_import(h, &r);
	return complaints.len > 0 ? 1 : EX_OK;
}
