/* cmd_report_sent.c - mxauth report preview, send, status, bounced: our own
 * reports: aggregate ones from the store, failure reports from the spool. */
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "bounce/bounce.h"
#include "cli/out.h"
#include "cli/progress.h"
#include "cli/report_sent.h"
#include "cli/store_common.h"
#include "conf/conf.h"
#include "config.h"
#include "history/store_state.h"
#include "mail/headers.h"
#include "mail/report_mail.h"
#include "report/sent/deliver.h"
#include "report/sent/failure.h"
#include "report/sent/make.h"

#define MAX_PREVIEW ((size_t)64 << 20)
#define MAX_ID 64 /* bytes of a report id */
#define MAX_BOUNCE ((size_t)16 << 20)

static const char usage[] =
    "usage: mxauth report preview [--domain D] [--day DATE] [OPTION]...\n"
    "       mxauth report send [--to-directory DIR] [OPTION]...\n"
    "       mxauth report status [OPTION]...\n"
    "       mxauth report bounced [OPTION]... FILE|-\n"
    "\n"
    "Our own reports (RFC 9990, RFC 9991): preview shows the XML for a domain,\n"
    "or which domains have reports; send makes what is due and sends what\n"
    "waits, failure reports as well where they are on; status tells what became of it; bounced reads a bounce of one of\n"
    "our reports, and its address gets no more for 30 days.\n"
    "\n"
    "  --store URL          sqlite:PATH or postgresql://...\n"
    "  --now T              as if it were that time\n"
    "  --domain D           the domain whose record asks for reports\n"
    "  --day DATE           the UTC day; default: the last one that is due\n"
    "  --to-directory DIR   write the mails there instead of sending them\n"
    "  --json               answer as JSON\n"
    "\n"
    "Exit status: 0 done, 1 something is to be tried again or nothing was\n"
    "found, 75 the store cannot be used, 78 the configuration does not allow\n"
    "it.\n";

struct sent {
	struct cli_store c;
	struct mxa_arena *a;
	struct mxa_reporter who;
	const char *domain, *directory;
	int64_t day; /* -1: not given */
	int n;
	char **file;
	struct mxa_clock clock; /* that of --now */
	struct progress progress;
};

static int64_t set_wall(void *ctx)
{
	return ((const struct sent *)ctx)->c.now;
}

static uint64_t real_ms(void *ctx)
{
	(void)ctx;
	return mxa_clock_ms(mxa_sysclock());
}

static const struct mxa_clock *clock_of(struct sent *s)
{
	if (s->c.now == 0)
		return mxa_sysclock();
	s->clock = (struct mxa_clock){ real_ms, set_wall, s };
	return &s->clock;
}

/* Unique to this run: a lease of a run that died is waited for. */
static struct mxa_str lease_owner(const struct sent *s)
{
	return mxa_str_from(mxa_arena_printf(s->a, "%s.%ld.%llx",
	    cli_store_host(&s->c), (long)getpid(),
	    (unsigned long long)mxa_clock_ms(mxa_sysclock())));
}

static void show_done(void *ctx, const char *what, int64_t done)
{
	progress_update(ctx, (uint64_t)done, 0, _(what));
}

static bool reporter_is_set(struct sent *s)
{
	if (mxa_reporter_init(
		s->a, s->c.conf, MXA_STR("mxauth " PACKAGE_VERSION), &s->who))
		return true;
	cli_error(&s->c.cli,
	    _("reports.from is not set: reports need an "
	      "author"));
	return false;
}

/* --- send --- */

/* What became of a run. */
struct run_result {
	struct mxa_make_result made;
	struct mxa_deliver_result sent;
	struct mxa_failure_result failures;
};

static void write_failures(
    struct mxa_json *j, const struct mxa_failure_result *f)
{
	mxa_json_open(j, "failure_reports", '{');
	mxa_json_int(j, "sent", f->mail.sent);
	mxa_json_int(j, "failed", f->mail.failed);
	mxa_json_int(j, "later", f->mail.later);
	mxa_json_int(j, "waiting", f->waiting);
	mxa_json_int(j, "incidents", f->incidents);
	mxa_json_int(j, "dropped", f->dropped);
	mxa_json_int(j, "damaged", f->damaged);
	mxa_json_bool(j, "capped", f->mail.capped);
	mxa_json_bool(j, "busy", f->busy);
	mxa_json_close(j, '}');
}

static void print_sent(const struct sent *s, const struct run_result *r)
{
	const struct mxa_make_result *m = &r->made;
	const struct mxa_deliver_result *d = &r->sent;
	struct out o;
	struct mxa_json *j;

	if (!s->c.cli.json) {
		printf(_("Reports made: %lld, not made: %lld, to be made: "
			 "%lld\nMails sent: %lld, given up: %lld, to be tried "
			 "again: %lld, waiting: %lld\n"),
		    (long long)m->reports, (long long)m->suppressed,
		    (long long)m->pending, (long long)d->sent,
		    (long long)d->failed, (long long)d->later,
		    (long long)d->waiting);
		if (s->c.conf->failure_reports)
			printf(_("Failure reports sent: %lld (of %lld "
				 "messages), given up: %lld, waiting: %lld\n"),
			    (long long)r->failures.mail.sent,
			    (long long)r->failures.incidents,
			    (long long)(r->failures.mail.failed +
				r->failures.dropped),
			    (long long)r->failures.waiting);
		return;
	}
	out_init(&o, stdout);
	j = out_json(&o, MXA_JSON_LINES);
	mxa_json_open(j, NULL, '{');
	mxa_json_bool(j, "leader", m->leader);
	mxa_json_int(j, "days", m->days);
	mxa_json_int(j, "reports", m->reports);
	mxa_json_int(j, "suppressed", m->suppressed);
	mxa_json_int(j, "pending", m->pending);
	mxa_json_int(j, "sent", d->sent);
	mxa_json_int(j, "failed", d->failed);
	mxa_json_int(j, "later", d->later);
	mxa_json_int(j, "waiting", d->waiting);
	mxa_json_bool(j, "capped", d->capped);
	if (s->c.conf->failure_reports)
		write_failures(j, &r->failures);
	mxa_json_close(j, '}');
	out_json_end(&o);
}

static bool make_reports(struct sent *s, struct mxa_str owner,
    const volatile sig_atomic_t *stop, struct mxa_make_result *out)
{
	struct mxa_make_options o = { .store = s->c.store,
		.conf = s->c.conf,
		.who = &s->who,
		.owner = owner,
		.stop = stop,
		.progress = show_done,
		.ctx = &s->progress };

	return mxa_reports_make(&o, out);
}

/* The aggregate reports, then the failure reports of this host. */
static bool deliver_reports(struct sent *s, struct mxa_str owner,
    struct mxa_dns *dns, const volatile sig_atomic_t *stop,
    struct run_result *r)
{
	struct mxa_deliver_options o = { .store = s->c.store,
		.conf = s->c.conf,
		.who = &s->who,
		.dns = dns,
		.clock = clock_of(s),
		.owner = owner,
		.directory = s->directory,
		.stop = stop,
		.progress = show_done,
		.ctx = &s->progress };

	return mxa_reports_deliver(&o, s->a, &r->sent) &&
	    mxa_failures_deliver(&o, s->a, &r->failures);
}

static void say_troubles(const struct sent *s, const struct run_result *r)
{
	struct mxa_str trouble = r->sent.trouble.len > 0
	    ? r->sent.trouble
	    : r->failures.mail.trouble;

	if (trouble.len > 0)
		cli_error(&s->c.cli, _("no report is sent: %.*s"),
		    MXA_STR_ARG(trouble));
	if (r->failures.unreadable.len > 0)
		cli_error(&s->c.cli, _("no failure report is sent: %.*s"),
		    MXA_STR_ARG(r->failures.unreadable));
	if (r->failures.damaged > 0)
		cli_error(&s->c.cli,
		    P_("%lld file of reports.failure-directory was damaged: "
		       "it is removed",
			"%lld files of reports.failure-directory were damaged: "
			"they are removed",
			(unsigned long)r->failures.damaged),
		    (long long)r->failures.damaged);
}

static bool something_remains(const struct run_result *r)
{
	return r->sent.trouble.len > 0 || r->failures.mail.trouble.len > 0 ||
	    r->sent.waiting > 0 || r->made.pending > 0 ||
	    r->failures.waiting > 0 || r->failures.busy ||
	    r->failures.unreadable.len > 0;
}

static int run_send(struct sent *s)
{
	const volatile sig_atomic_t *stop = cli_stop_flag();
	struct mxa_str owner = lease_owner(s);
	struct run_result *r = mxa_arena_calloc(s->a, 1, sizeof(*r));
	struct mxa_dns *dns;
	bool ok;

	if (!s->c.conf->reports_send && s->directory == NULL) {
		cli_error(&s->c.cli,
		    _("reports.send is false: nothing leaves this host"));
		return EX_CONFIG;
	}
	if (!reporter_is_set(s) ||
	    (dns = cli_dns(&s->c.cli, s->c.conf)) == NULL)
		return EX_CONFIG;
	progress_begin(&s->progress);
	ok = make_reports(s, owner, stop, &r->made) &&
	    deliver_reports(s, owner, dns, stop, r);
	progress_end(&s->progress);
	mxa_dns_free(dns);
	if (!ok)
		return cli_store_failed(&s->c);
	say_troubles(s, r);
	cli_store_metrics(&s->c);
	print_sent(s, r);
	return something_remains(r) ? 1 : EX_OK;
}

/* --- preview --- */

struct domain_list {
	struct out *o;
	struct mxa_json *j;
	bool any; /* a domain came */
};

static bool print_domain(void *ctx, const struct mxa_row *r)
{
	struct domain_list *l = ctx;

	l->any = true;
	if (l->j == NULL) {
		out_printf(l->o, _("%.*s: %lld messages, to %.*s\n"),
		    MXA_STR_ARG(r->col[0]), (long long)mxa_row_int(r, 1),
		    MXA_STR_ARG(r->col[2]));
		return true;
	}
	mxa_json_open(l->j, NULL, '{');
	mxa_json_str(l->j, "domain", r->col[0]);
	mxa_json_int(l->j, "messages", mxa_row_int(r, 1));
	mxa_json_str(l->j, "rua", r->col[2]);
	mxa_json_close(l->j, '}');
	return true;
}

static int preview_domains(struct sent *s, int64_t day)
{
	struct out o;
	struct domain_list l = { .o = &o };

	out_init(&o, stdout);
	if (s->c.cli.json) {
		l.j = out_json(&o, 1);
		mxa_json_open(l.j, NULL, '[');
	}
	mxa_store_query(s->c.store,
	    "SELECT t.domain, sum(t.n), p.rua FROM tally t LEFT JOIN policy p "
	    "ON p.policy_id = t.policy_id WHERE t.day = $1 "
	    "GROUP BY t.domain, t.policy_id, p.rua "
	    "ORDER BY t.domain, t.policy_id",
	    MXA_ARGS(MXA_INT(day)), print_domain, &l);
	if (l.j != NULL) {
		mxa_json_close(l.j, ']');
		out_json_end(&o);
	}
	if (mxa_store_state(s->c.store) != MXA_STORE_OK)
		return cli_store_failed(&s->c);
	return l.any ? EX_OK : 1;
}

static int preview_report(struct sent *s, int64_t day)
{
	struct mxa_make_options o = {
		.store = s->c.store, .conf = s->c.conf, .who = &s->who
	};
	struct mxa_str domain;
	struct mxa_buf xml;
	struct out out;
	int n;

	if (mxa_domain_canonical(s->a, mxa_str_from(s->domain), &domain) !=
	    MXA_OK) {
		cli_error(&s->c.cli, _("--domain expects a domain, found '%s'"),
		    s->domain);
		return EX_USAGE;
	}
	mxa_buf_init(&xml, s->a, MAX_PREVIEW);
	n = mxa_report_preview(&o, s->a, domain, day, &xml);
	if (n < 0)
		return cli_store_failed(&s->c);
	out_init(&out, stdout);
	if (s->c.cli.json) {
		struct mxa_json *j = out_json(&out, 1);

		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "domain", domain);
		mxa_json_int(j, "reports", n);
		mxa_json_str(j, "xml", mxa_buf_str(&xml));
		mxa_json_close(j, '}');
		out_json_end(&out);
	} else {
		fwrite(xml.len ? xml.p : "", 1, xml.len, stdout);
	}
	return n > 0 ? EX_OK : 1;
}

static int run_preview(struct sent *s)
{
	int64_t day = s->day;

	if (!reporter_is_set(s))
		return EX_CONFIG;
	if (day < 0)
		day = mxa_report_due_day(s->c.store, mxa_store_now(s->c.store));
	if (mxa_store_state(s->c.store) != MXA_STORE_OK)
		return cli_store_failed(&s->c);
	return s->domain != NULL ? preview_report(s, day)
				 : preview_domains(s, day);
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

static void print_counts(
    struct out *o, const char *title, const struct mxa_state_count *v, size_t n)
{
	out_printf(o, "%s:", title);
	for (size_t i = 0; i < n; i++)
		out_printf(o, " %.*s %lld", MXA_STR_ARG(v[i].state),
		    (long long)v[i].n);
	out_text(o, n > 0 ? "\n" : " -\n");
}

static bool print_trouble(void *ctx, const struct mxa_row *r)
{
	struct domain_list *l = ctx;

	if (l->j == NULL) {
		out_printf(l->o, "  %.*s -> %.*s: %.*s: %.*s\n",
		    MXA_STR_ARG(r->col[0]), MXA_STR_ARG(r->col[1]),
		    MXA_STR_ARG(r->col[2]), MXA_STR_ARG(r->col[3]));
		return true;
	}
	mxa_json_open(l->j, NULL, '{');
	mxa_json_str(l->j, "domain", r->col[0]);
	mxa_json_str(l->j, "address", r->col[1]);
	mxa_json_str(l->j, "state", r->col[2]);
	mxa_json_str(l->j, "reply", r->col[3]);
	mxa_json_int(l->j, "attempts", mxa_row_int(r, 4));
	mxa_json_close(l->j, '}');
	return true;
}

static void list_troubles(struct sent *s, struct domain_list *l)
{
	mxa_store_query(s->c.store,
	    "SELECT domain, uri, state, reply, attempts FROM delivery "
	    "WHERE state NOT IN ('sent', 'waiting') "
	    "OR (state = 'waiting' AND attempts > 0) "
	    "ORDER BY next_try DESC LIMIT 50",
	    NULL, 0, print_trouble, l);
}

static int run_status(struct sent *s)
{
	struct mxa_store_summary *sum = mxa_arena_calloc(s->a, 1, sizeof(*sum));
	struct out o;
	struct domain_list l = { .o = &o };

	if (!mxa_store_summary_read(s->c.store, s->a, sum))
		return cli_store_failed(&s->c);
	out_init(&o, stdout);
	if (!s->c.cli.json) {
		print_counts(&o, _("Reports"), sum->report, sum->n_reports);
		print_counts(
		    &o, _("Deliveries"), sum->delivery, sum->n_deliveries);
		list_troubles(s, &l);
	} else {
		l.j = out_json(&o, 2);
		mxa_json_open(l.j, NULL, '{');
		write_counts(l.j, "reports", sum->report, sum->n_reports);
		write_counts(
		    l.j, "deliveries", sum->delivery, sum->n_deliveries);
		mxa_json_int(l.j, "suppressed_addresses", sum->suppressed);
		mxa_json_open(l.j, "troubles", '[');
		list_troubles(s, &l);
		mxa_json_close(l.j, ']');
		mxa_json_close(l.j, '}');
		out_json_end(&o);
	}
	if (mxa_store_state(s->c.store) != MXA_STORE_OK)
		return cli_store_failed(&s->c);
	return sum->n_reports > 0 ? EX_OK : 1;
}

/* --- bounced --- */

/* Whether we ever sent a report there. */
static bool is_our_address(struct sent *s, struct mxa_str address)
{
	return mxa_store_number(s->c.store,
		   "SELECT count(*) FROM delivery WHERE uri = $1",
		   MXA_ARGS(MXA_TEXT(address)), 0) > 0;
}

/* Only what is ours can be named: a forged bounce suppresses no stranger, and
 * an owner who is cut off by one gets reports again after 30 days. */
static bool suppress_failure(struct sent *s, const struct mxa_failure *f)
{
	size_t at = mxa_str_chr(f->recipient, '@', 0);
	struct mxa_str address, domain;

	if (f->temporary ||
	    mxa_domain_canonical(s->a,
		mxa_str_sub(f->recipient, at + 1, f->recipient.len),
		&domain) != MXA_OK)
		return false;
	address = mxa_str_from(mxa_arena_printf(
	    s->a, "%.*s@%.*s", (int)at, f->recipient.p, MXA_STR_ARG(domain)));
	if (!is_our_address(s, address) ||
	    !mxa_address_suppress(s->c.store, address, "its mail came back"))
		return false;
	printf(_("%.*s gets no reports for 30 days\n"), MXA_STR_ARG(address));
	return true;
}

/* "bounces+ID-POSITION@d" in a field of the bounce's own header: the sender
 * that we gave the mail.  Absent: there is none. */
static struct mxa_str sender_of_ours(struct sent *s, const struct mxa_field *f)
{
	struct mxa_str own = s->c.conf->reports_bounces;
	struct mxa_str v = mxa_field_unfold(s->a, f);
	size_t at = mxa_str_chr(own, '@', 0), from = 0, end;

	if (own.len == 0)
		return MXA_STR_NONE;
	for (; from < v.len; from = end + 1) {
		end = from;
		while (end < v.len && strchr("<>,; \t", v.p[end]) == NULL)
			end++;
		if (mxa_is_address_of(own, mxa_str_sub(v, from, end)) &&
		    end - from > own.len)
			return mxa_str_sub(
			    v, from + at + 1, end - (own.len - at));
	}
	return MXA_STR_NONE;
}

/* The address of the delivery with that id and position; empty: none. */
static struct mxa_str address_of_sender(struct sent *s, struct mxa_str verp)
{
	size_t dash = verp.len;
	struct mxa_arg args[2];
	struct mxa_row row;
	uint64_t position;

	while (dash > 0 && verp.p[dash - 1] != '-')
		dash--;
	if (dash == 0 ||
	    !mxa_str_u64(mxa_str_sub(verp, dash, verp.len), 1000, &position))
		return MXA_STR("");
	args[0] = MXA_TEXT(
	    mxa_store_text(s->a, mxa_str_sub(verp, 0, dash - 1), MAX_ID));
	args[1] = MXA_INT((int64_t)position);
	mxa_store_row(s->c.store, s->a,
	    "SELECT uri FROM delivery WHERE report_id = $1 AND position = $2",
	    args, 2, &row);
	return row.n > 0 ? row.col[0] : MXA_STR("");
}

/* A bounce says who could not be reached in its own words, and may name an
 * address that ours forwards to, or none; the sender that we gave the mail
 * tells which of our deliveries it was. */
static bool suppress_by_sender(
    struct sent *s, struct mxa_str text, const struct mxa_bounce *b)
{
	static const char *const fields[] = { "X-Original-To", "Delivered-To",
		"Envelope-To", "To" };
	struct mxa_headers h;
	bool final = false;
	size_t body;

	for (size_t i = 0; i < b->n; i++)
		final |= !b->v[i].temporary;
	mxa_headers_init(&h, s->a);
	mxa_headers_split(&h, text, &body);
	for (size_t i = 0; final && i < MXA_ARRAY_LEN(fields); i++) {
		const struct mxa_field *f = mxa_headers_find(&h, fields[i], 0);
		struct mxa_str address, verp = MXA_STR_NONE;

		if (f != NULL)
			verp = sender_of_ours(s, f);
		if (verp.p == NULL)
			continue;
		address = address_of_sender(s, verp);
		if (address.len == 0 ||
		    !mxa_address_suppress(
			s->c.store, address, "its mail came back"))
			continue;
		printf(_("%.*s gets no reports for 30 days\n"),
		    MXA_STR_ARG(address));
		return true;
	}
	return false;
}

static int run_bounced(struct sent *s)
{
	struct mxa_bounce *b = mxa_arena_calloc(s->a, 1, sizeof(*b));
	struct mxa_str text;
	size_t n = 0;

	if (s->n != 1)
		return cli_usage(&s->c.cli);
	if (!cli_read(&s->c.cli, s->a, s->file[0], MAX_BOUNCE, &text))
		return EX_NOINPUT;
	mxa_bounce_read(s->a, text, b);
	if (suppress_by_sender(s, text, b))
		n = 1;
	else
		for (size_t i = 0; i < b->n; i++)
			n += suppress_failure(s, &b->v[i]);
	if (mxa_store_state(s->c.store) != MXA_STORE_OK)
		return cli_store_failed(&s->c);
	if (n == 0)
		cli_error(&s->c.cli,
		    _("%s is not a bounce of one of our reports"), s->file[0]);
	return n > 0 ? EX_OK : 1;
}

/* --- the command --- */

static const struct {
	const char *name;
	int (*run)(struct sent *s);
} verbs[] = {
	{ "preview", run_preview },
	{ "send", run_send },
	{ "status", run_status },
	{ "bounced", run_bounced },
};

bool cli_is_report_verb(const char *word)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(verbs); i++)
		if (strcmp(word, verbs[i].name) == 0)
			return true;
	return false;
}

static int run_verb(struct sent *s, const char *name)
{
	int status = EX_USAGE;

	if (!cli_store_open(&s->c, &status))
		return status;
	s->a = mxa_arena_new();
	for (size_t i = 0; i < MXA_ARRAY_LEN(verbs); i++)
		if (strcmp(name, verbs[i].name) == 0)
			status = verbs[i].run(s);
	mxa_arena_free(s->a);
	cli_store_close(&s->c);
	return status;
}

static bool take_day(void *self, const char *value)
{
	struct sent *s = self;
	int64_t t;

	if (!mxa_date_parse(mxa_str_from(value), &t)) {
		cli_error(&s->c.cli,
		    _("--day expects a date such as 2027-03-31, found "
		      "'%s'"),
		    value);
		return false;
	}
	s->day = t / MXA_DAY_SECONDS;
	return true;
}

int cli_report_sent(int argc, char **argv)
{
	struct sent s = { .c = { .cli = { .name = "report", .usage = usage } },
		.day = -1 };
	const struct cli_opt own[] = {
		{ "domain", .text = &s.domain },
		{ "day", .take = take_day },
		{ "to-directory", .text = &s.directory },
		CLI_STORE_OPTIONS(&s.c),
	};
	int status =
	    cli_options(&s.c.cli, own, MXA_ARRAY_LEN(own), &s, argc, argv);

	if (status >= 0)
		return status;
	if (optind == argc || !cli_is_report_verb(argv[optind]) ||
	    (optind + 1 < argc && strcmp(argv[optind], "bounced") != 0))
		return cli_usage(&s.c.cli);
	s.n = argc - optind - 1;
	s.file = argv + optind + 1;
	return run_verb(&s, argv[optind]);
}
