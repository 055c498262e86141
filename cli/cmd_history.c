/* cmd_history.c - mxauth history: the journals into the store, and questions to
 * it. */
#include "cli/store_common.h"

#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "cli/history_journal.h"
#include "cli/out.h"
#include "cli/page_history.h"
#include "cli/progress.h"
#include "conf/conf.h"
#include "history/import.h"
#include "history/store_state.h"

#define PAGE_DAYS 7 /* unless --since says more */
#define SECONDS_A_DAY 86400
/* Between two looks at the journal, with --follow. */
#define FOLLOW_SECONDS 5
#define MAX_BACKOFF_SECONDS 60
/* Rounds between two writes of the metrics, with --follow. */
#define METRICS_ROUNDS 12

static const char usage[] =
    "usage: mxauth history import [OPTION]... [JOURNAL...]\n"
    "       mxauth history list [OPTION]... [JOURNAL...]\n"
    "       mxauth history status [OPTION]...\n"
    "       mxauth history prune [OPTION]...\n"
    "       mxauth history page --html PAGE [OPTION]... [JOURNAL...]\n"
    "\n"
    "import takes journals (files or directories; default: that of the\n"
    "configuration) into the store, each line once; list shows messages of\n"
    "the store, or of journals; status how far each host has been imported,\n"
    "prune removes what is older than the configuration says, page shows what\n"
    "was refused, by whom and why, as a page for a web server, with the stories\n"
    "of messages if the journal can be read.\n"
    "\n"
    "  --store URL    sqlite:PATH or postgresql://...; default: store.url\n"
    "  --now T        as if it were that time\n"
    "  --follow       import: go on until SIGTERM or SIGINT\n"
    "  --since T      list, page: from that time on (page: the last 7 days)\n"
    "  --until T      list, page: before that time\n"
    "  --html PAGE    page: the file\n"
    "  --full         page: whole addresses of clients and mailboxes\n"
    "  --author D     list: of that author domain (.D: its subdomains, too)\n"
    "  --ip A         list: from that client\n"
    "  --rcpt D       list: to that recipient domain (journals: or address)\n"
    "  --mail-from D  list: with that sender domain (journals: or address)\n"
    "  --message-id I list: with that Message-ID; asks the journals\n"
    "  --action A     list: accept, tag, quarantine, defer or reject\n"
    "  --limit N      list: at most so many, the newest (default 100)\n"
    "  --json         answer as JSON\n"
    "\n"
    "Times are RFC 3339, dates, or seconds since 1970.\n"
    "Exit status: 0 done, 1 something is left or nothing was found,\n"
    "75 the store cannot be used.\n";

enum {
	OPT_FOLLOW = CLI_OPT_STORE_OWN,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_AUTHOR,
	OPT_IP,
	OPT_RCPT,
	OPT_MAIL_FROM,
	OPT_MESSAGE_ID,
	OPT_ACTION,
	OPT_LIMIT,
	OPT_HTML,
	OPT_FULL,
};

static const struct option options[] = {
	{ "follow", no_argument, NULL, OPT_FOLLOW },
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "author", required_argument, NULL, OPT_AUTHOR },
	{ "ip", required_argument, NULL, OPT_IP },
	{ "rcpt", required_argument, NULL, OPT_RCPT },
	{ "mail-from", required_argument, NULL, OPT_MAIL_FROM },
	{ "message-id", required_argument, NULL, OPT_MESSAGE_ID },
	{ "action", required_argument, NULL, OPT_ACTION },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "full", no_argument, NULL, OPT_FULL },
	CLI_STORE_OPTIONS,
	CLI_COMMON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

struct history {
	struct cli_store c;
	struct mxa_arena *a;
	bool follow;
	int64_t since, until; /* 0: open */
	const char *author, *ip, *rcpt, *action, *mail_from, *message_id;
	uint64_t limit;
	const char *html;
	bool full;
	int n;
	char **path;
};

/* --- import --- */

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
static enum mxa_store_state import_paths(const struct history *h,
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

static void print_complaints(
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
		if (import_paths(h, o, r) == MXA_STORE_OK) {
			if (backoff > 1)
				cli_error(&h->c.cli,
				    _("the store can be used again"));
			backoff = 1;
			if (r->complaints->len != said)
				print_complaints(h, r);
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

static int run_import(struct history *h)
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
		    ? (mxa_store_now(h->c.store) - keep) / SECONDS_A_DAY
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
	stored = import_paths(h, &o, &r) == MXA_STORE_OK;
	progress_end(&progress);
	if (!stored)
		return cli_store_failed(&h->c);
	print_complaints(h, &r);
	cli_store_metrics(&h->c);
	print_import(h, &r);
	return complaints.len > 0 ? 1 : EX_OK;
}

/* --- list --- */

static const char list_sql[] =
    "SELECT time, host, queue_id, ip, author, mail_from_domain, rcpt_domain, "
    "action, cause, spf, dkim, dmarc FROM message "
    "WHERE day >= $1 AND day <= $2 AND time >= $3 AND time < $4 "
    "AND ($5 = '' OR author = $5 OR author LIKE $6) "
    "AND ($7 = '' OR ip = $7) AND ($8 = '' OR rcpt_domain = $8) "
    "AND ($9 = '' OR action = $9) "
    "AND ($10 = '' OR mail_from_domain = $10) "
    "ORDER BY time DESC, file_id, pos LIMIT $11";

struct list_writer {
	struct out *o;
	struct mxa_json *j; /* NULL: text */
	uint64_t n;
};

static const char *const list_keys[] = { "time", "host", "id", "ip", "author",
	"mail_from_domain", "rcpt_domain", "action", "cause", "spf", "dkim",
	"dmarc" };

static bool write_list_row(void *ctx, const struct mxa_row *r)
{
	struct list_writer *w = ctx;
	char time[24];

	cli_time_text(mxa_row_int(r, 0), time);
	w->n++;
	if (w->j != NULL) {
		mxa_json_open(w->j, NULL, '{');
		mxa_json_word(w->j, "time", time);
		for (size_t i = 1; i < r->n; i++)
			mxa_json_str(w->j, list_keys[i], r->col[i]);
		mxa_json_close(w->j, '}');
		return true;
	}
	/* as the log line of mxauthd: KEY=VALUE, the queue id first */
	out_printf(w->o, "%s %.*s %.*s:", time, MXA_STR_ARG(r->col[1]),
	    MXA_STR_ARG(r->col[2]));
	for (size_t i = 3; i < r->n; i++)
		if (r->col[i].len > 0)
			out_printf(w->o, " %s=%.*s", list_keys[i],
			    MXA_STR_ARG(r->col[i]));
	out_text(w->o, "\n");
	return true;
}

/* The A-label form of what the operator typed; ".d" keeps its dot. */
static struct mxa_str domain_filter(struct mxa_arena *a, const char *s)
{
	struct mxa_str given = mxa_str_from(s ? s : ""), out;
	bool dot = mxa_str_starts(given, MXA_STR("."));

	if (mxa_domain_canonical(a, mxa_str_sub(given, dot, given.len), &out) !=
	    MXA_OK)
		return given;
	return dot
	    ? mxa_str_from(mxa_arena_printf(a, ".%.*s", MXA_STR_ARG(out)))
	    : out;
}

static struct mxa_str ip_filter(struct mxa_arena *a, const char *s)
{
	char text[MXA_IP_TEXT];
	struct mxa_ip ip;

	if (s == NULL || !mxa_ip_parse(mxa_str_from(s), &ip))
		return mxa_str_from(s ? s : "");
	return mxa_str_dup(a, mxa_str_from(mxa_ip_format(&ip, text)));
}

/* From journals: those that are named, or that of the configuration. */
static int list_journals(struct history *h)
{
	struct mxa_conf *conf = h->n == 0 ? cli_conf(&h->c.cli) : NULL;
	const struct journal_filter f = {
		.since = h->since,
		.until = h->until > 0 ? h->until : INT64_MAX,
		.author = domain_filter(h->a, h->author),
		.ip = ip_filter(h->a, h->ip),
		.rcpt = mxa_str_from(h->rcpt),
		.mail_from = mxa_str_from(h->mail_from),
		.message_id = mxa_str_from(h->message_id),
		.action = mxa_str_from(h->action),
	};
	struct out o;
	struct list_writer w = { .o = &o };
	char *configured;
	int status;

	if (h->n == 0 && conf == NULL)
		return EX_CONFIG;
	if (conf != NULL) {
		configured = mxa_str_cstr(h->a, conf->journal_directory);
		h->n = 1;
		h->path = &configured;
	}
	out_init(&o, stdout);
	if (h->c.cli.json) {
		w.j = out_json(&o, 1);
		mxa_json_open(w.j, NULL, '[');
	}
	status = journal_list(
	    &h->c.cli, h->path, h->n, &f, h->limit, write_list_row, &w);
	if (w.j != NULL) {
		mxa_json_close(w.j, ']');
		out_json_end(&o);
	}
	mxa_conf_free(conf);
	return status;
}

static int run_list(struct history *h)
{
	struct mxa_str author = domain_filter(h->a, h->author);
	bool below = mxa_str_starts(author, MXA_STR("."));
	int64_t until = h->until > 0 ? h->until : INT64_MAX / 2;
	struct out o;
	struct list_writer w = { .o = &o };
	struct mxa_arg args[] = { MXA_INT(h->since / SECONDS_A_DAY),
		MXA_INT(until / SECONDS_A_DAY), MXA_INT(h->since),
		MXA_INT(until),
		MXA_TEXT(mxa_str_sub(author, below, author.len)),
		MXA_TEXT(below ? mxa_str_from(mxa_arena_printf(
				     h->a, "%%%.*s", MXA_STR_ARG(author)))
			       : MXA_STR("")),
		MXA_TEXT(ip_filter(h->a, h->ip)),
		MXA_TEXT(domain_filter(h->a, h->rcpt)),
		MXA_TEXT(mxa_str_from(h->action ? h->action : "")),
		MXA_TEXT(domain_filter(h->a, h->mail_from)),
		MXA_INT(h->limit) };

	out_init(&o, stdout);
	if (h->c.cli.json) {
		w.j = out_json(&o, 1);
		mxa_json_open(w.j, NULL, '[');
	}
	mxa_store_query(h->c.store, list_sql, args, MXA_ARRAY_LEN(args),
	    write_list_row, &w);
	if (w.j != NULL) {
		mxa_json_close(w.j, ']');
		out_json_end(&o);
	}
	if (mxa_store_state(h->c.store) != MXA_STORE_OK)
		return cli_store_failed(&h->c);
	return w.n > 0 ? EX_OK : 1;
}

/* --- status --- */

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
	char text[24];

	if (t > 0)
		mxa_json_word(j, key, cli_time_text(t, text));
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

static void status_text(const struct mxa_store_summary *s)
{
	struct out o;
	char through[24], wrote[24];

	out_init(&o, stdout);
	for (size_t i = 0; i < s->n_hosts; i++) {
		const struct mxa_host_state *v = &s->host[i];

		out_printf(&o,
		    _("%.*s: imported through %s, last message %s, %lld bytes "
		      "waiting, %lld lines, %lld broken, %lld late\n"),
		    MXA_STR_ARG(v->host), cli_time_text(v->through, through),
		    cli_time_text(v->wrote, wrote), (long long)v->waiting,
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

static int run_status(struct history *h)
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

/* --- prune --- */

static int run_prune(struct history *h)
{
	const struct mxa_conf *conf = h->c.conf;
	struct mxa_store_ages ages = { (int64_t)conf->store_keep_messages,
		(int64_t)conf->store_keep_days,
		(int64_t)conf->store_keep_reports };
	struct mxa_store_pruned p;
	struct out o;
	struct mxa_json *j;

	if (!mxa_store_prune(h->c.store, &ages, &p))
		return cli_store_failed(&h->c);
	if (!h->c.cli.json) {
		printf(_("Removed: %lld days of messages, %lld sums, %lld "
			 "reports\n"),
		    (long long)p.message_days, (long long)p.sums,
		    (long long)p.reports);
		return EX_OK;
	}
	out_init(&o, stdout);
	j = out_json(&o, 0);
	mxa_json_open(j, NULL, '{');
	mxa_json_int(j, "message_days", p.message_days);
	mxa_json_int(j, "sums", p.sums);
	mxa_json_int(j, "reports", p.reports);
	mxa_json_int(j, "received_reports", p.received);
	mxa_json_close(j, '}');
	out_json_end(&o);
	return EX_OK;
}

/* --- page --- */

/* Into the store of this run.  Returns the exit status. */
static int read_journals(struct history *h, int64_t since)
{
	const struct mxa_conf *conf = h->c.conf;
	struct mxa_buf complaints;
	struct mxa_import_result r = { .complaints = &complaints };
	struct mxa_import_options o = { .store = h->c.store,
		.host = mxa_str_from(cli_store_host(&h->c)),
		.messages_since = since / SECONDS_A_DAY,
		.own_address = { conf->reports_from, conf->reports_bounces } };

	mxa_buf_init(&complaints, h->a, 64 * 1024);
	if (import_paths(h, &o, &r) != MXA_STORE_OK)
		return cli_store_failed(&h->c);
	print_complaints(h, &r);
	return complaints.len > 0 ? 1 : EX_OK;
}

static int run_page(struct history *h)
{
	int status = EX_OK;
	struct page_history ph = { .store = h->c.store,
		.since = h->since,
		.until = h->until,
		.full = h->full };
	char *configured = mxa_str_cstr(h->a, h->c.conf->journal_directory);
	struct page p;
	bool ok;

	if (h->html == NULL) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (ph.until == 0)
		ph.until = mxa_store_now(h->c.store) + 1;
	if (ph.since == 0)
		ph.since = ph.until - PAGE_DAYS * SECONDS_A_DAY;
	if (h->n > 0)
		status = read_journals(h, ph.since);
	if (status > 1)
		return status;
	ph.journal = h->n > 0 ? h->path : &configured;
	ph.n_journals = h->n > 0 ? h->n : configured[0] != '\0';
	if (!page_open(&p, &h->c.cli, h->html, _("Received mail")))
		return EX_CANTCREAT;
	ok = cli_page_history(&p, &ph);
	if (!ok) {
		page_abandon(&p);
		return cli_store_failed(&h->c);
	}
	return page_close(&p) ? status : EX_CANTCREAT;
}

/* --- the command --- */

static const struct {
	const char *name;
	int (*run)(struct history *h);
	bool paths; /* takes arguments */
} verbs[] = {
	{ "import", run_import, true },
	{ "list", run_list, true },
	{ "status", run_status, false },
	{ "prune", run_prune, false },
	{ "page", run_page, true },
};

/* False: bad usage, and that has been said. */
static bool take_history_option(struct history *h, int opt)
{
	switch (opt) {
	case OPT_FOLLOW:
		h->follow = true;
		return true;
	case OPT_SINCE:
		return cli_take_time(&h->c.cli, "--since", &h->since);
	case OPT_UNTIL:
		return cli_take_time(&h->c.cli, "--until", &h->until);
	case OPT_AUTHOR:
		h->author = optarg;
		return true;
	case OPT_IP:
		h->ip = optarg;
		return true;
	case OPT_RCPT:
		h->rcpt = optarg;
		return true;
	case OPT_MAIL_FROM:
		h->mail_from = optarg;
		return true;
	case OPT_MESSAGE_ID:
		h->message_id = optarg;
		return true;
	case OPT_ACTION:
		h->action = optarg;
		return true;
	case OPT_HTML:
		h->html = optarg;
		return true;
	case OPT_FULL:
		h->full = true;
		return true;
	case OPT_LIMIT:
		if (mxa_str_u64(mxa_str_from(optarg), 1000000000, &h->limit))
			return true;
		cli_error(&h->c.cli, _("--limit expects a number, found '%s'"),
		    optarg);
		return false;
	}
	return true;
}

static int run_verb(struct history *h, int verb)
{
	int status;

	h->a = mxa_arena_new();
	if (verbs[verb].run == run_list &&
	    (h->n > 0 || h->message_id != NULL)) {
		status = list_journals(h);
		mxa_arena_free(h->a);
		return status;
	}
	/* a page of journals needs no store but that of this run */
	if (verbs[verb].run == run_page && h->n > 0)
		h->c.url = "sqlite::memory:";
	if (!cli_store_open(&h->c, &status)) {
		mxa_arena_free(h->a);
		return status;
	}
	status = verbs[verb].run(h);
	mxa_arena_free(h->a);
	cli_store_close(&h->c);
	return status;
}

int mxa_cmd_history(int argc, char **argv)
{
	struct history h = {
		.c = { .cli = { .name = "history", .usage = usage } },
		.limit = 100
	};
	int opt, status, verb = -1;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (cli_store_option(&h.c, opt, &status)) {
			if (status >= 0)
				return status;
		} else if (!take_history_option(&h, opt)) {
			return EX_USAGE;
		}
	}
	for (size_t i = 0; optind < argc && i < MXA_ARRAY_LEN(verbs); i++)
		if (strcmp(argv[optind], verbs[i].name) == 0)
			verb = (int)i;
	if (verb < 0 || (!verbs[verb].paths && optind + 1 < argc)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	h.n = argc - optind - 1;
	h.path = argv + optind + 1;
	return run_verb(&h, verb);
}
