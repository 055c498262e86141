/* cmd_report_received.c - mxauth report import, ready: what others report about
 * our domains, kept and judged. */
#include "cli/report_received.h"

#include <string.h>
#include <sysexits.h>

#include "auth/engine.h"
#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "cli/out.h"
#include "cli/page_received.h"
#include "cli/progress.h"
#include "cli/reverse_names.h"
#include "cli/store_common.h"
#include "conf/conf.h"
#include "record/spf_try.h"
#include "report/received/keep.h"
#include "report/received/read.h"

/* What one transaction of the store holds. */
#define REPORTS_AT_ONCE 500
#define ROWS_AT_ONCE 20000
#define LOOKUP_MS 3000	   /* for one address */
#define LOOKUPS_MS 30000   /* and for all */
#define MAX_WORDS 4096	   /* bytes of a sentence */
#define SHOWN_STRANGERS 10 /* in the text; --json has all */

static const char usage[] =
    "usage: mxauth report ready [OPTION]... DOMAIN [FILE|DIRECTORY]...\n"
    "       mxauth report import [OPTION]... FILE|DIRECTORY...\n"
    "\n"
    "ready says whether DOMAIN may go to p=quarantine or p=reject, and what\n"
    "stands in the way, by the reports that receivers sent: those in the\n"
    "files, or without any those in the store.  Today's SPF record is asked\n"
    "which of the senders are yours.  import keeps reports in the store, each\n"
    "once.\n"
    "\n"
    "  --since T      only reports of days that ended after that time\n"
    "  --html PAGE    ready: write the page of these reports as well\n"
    "  --names        ready: ask the DNS whose the addresses are, too\n"
    "  --store URL    sqlite:PATH or postgresql://...\n"
    "  --now T        as if it were that time\n"
    "  --json         answer as JSON\n"
    "\n"
    "Exit status: 0 it may (ready), all was read (import); 1 not yet, or some\n"
    "file could not be read; 75 the store cannot be used.\n";

struct received {
	struct cli_store c;
	struct mxa_arena *a;
	int64_t since;
	const char *html; /* NULL: no page */
	bool named;
	struct reverse_names names; /* if 'named' */
	int n;
	char **arg;
};

/* --- files --- */

struct counting {
	struct progress progress;
	uint64_t n;
};

static void count_report(void *ctx, struct mxa_kept *k)
{
	struct counting *c = ctx;

	(void)k;
	progress_update(&c->progress, ++c->n, 0, _("reports"));
}

void cli_read_reports(struct mxa_kept *k, int n, char **paths)
{
	struct counting c = { .n = 0 };

	progress_begin(&c.progress);
	k->after = count_report;
	k->ctx = &c;
	for (int i = 0; i < n; i++)
		mxa_report_read_file(k->reports, paths[i]);
	k->after = NULL;
	progress_end(&c.progress);
	if (k->not_kept > 0)
		mxa_reports_warning(k->reports, MXA_STR("all files"),
		    mxa_arena_printf(k->reports->arena,
			"%zu records are left out: more than %d are not kept",
			k->not_kept, MXA_KEPT_MAX_ROWS));
}

static void print_remarks(const struct cli *c, const struct mxa_report_error *e)
{
	for (; e != NULL; e = e->next)
		cli_error(c, "%.*s: %.*s", MXA_STR_ARG(e->file),
		    MXA_STR_ARG(e->text));
}

void cli_report_remarks(const struct cli *c, const struct mxa_reports *r)
{
	print_remarks(c, r->errors);
	print_remarks(c, r->warnings);
}

/* --- import --- */

struct importer {
	struct received *o;
	struct mxa_kept kept;
	struct progress progress;
	struct mxa_keep_result sum;
	uint64_t n;
	bool failed;
};

/* What is read goes to the store, so that memory does not grow with it. */
static void store_batch(struct importer *im)
{
	if (!im->failed && im->kept.n > 0)
		im->failed =
		    !mxa_reports_keep(im->o->c.store, &im->kept, &im->sum);
	mxa_kept_empty(&im->kept);
}

static void take_report(void *ctx, struct mxa_kept *k)
{
	struct importer *im = ctx;

	progress_update(&im->progress, ++im->n, 0, _("reports"));
	if (k->n >= REPORTS_AT_ONCE || k->rows >= ROWS_AT_ONCE)
		store_batch(im);
}

static void print_import(const struct importer *im, uint64_t errors)
{
	uint64_t known = im->sum.known + im->kept.reports->duplicates;
	struct out o;
	struct mxa_json *j;

	out_init(&o, stdout);
	if (!im->o->c.cli.json) {
		out_printf(&o,
		    _("%llu new reports with %llu rows, %llu known ones, %llu "
		      "errors\n"),
		    (unsigned long long)im->sum.kept,
		    (unsigned long long)im->sum.rows, (unsigned long long)known,
		    (unsigned long long)errors);
		return;
	}
	j = out_json(&o, MXA_JSON_LINES);
	mxa_json_open(j, NULL, '{');
	mxa_json_int(j, "new", (int64_t)im->sum.kept);
	mxa_json_int(j, "rows", (int64_t)im->sum.rows);
	mxa_json_int(j, "known", (int64_t)known);
	mxa_json_int(j, "errors", (int64_t)errors);
	mxa_json_close(j, '}');
	out_json_end(&o);
}

static int finish_import(struct importer *im)
{
	uint64_t errors = 0;

	for (const struct mxa_report_error *e = im->kept.reports->errors; e;
	     e = e->next)
		errors++;
	cli_report_remarks(&im->o->c.cli, im->kept.reports);
	if (im->failed)
		return cli_store_failed(&im->o->c);
	print_import(im, errors);
	return errors > 0 ? 1 : EX_OK;
}

static int run_import(struct received *o)
{
	struct importer im = { .o = o };
	int status;

	if (o->n == 0)
		return cli_usage(&o->c.cli);
	if (!cli_store_open(&o->c, &status))
		return status;
	mxa_kept_init(&im.kept);
	im.kept.since = o->since;
	im.kept.after = take_report;
	im.kept.ctx = &im;
	progress_begin(&im.progress);
	for (int i = 0; i < o->n && !im.failed; i++)
		mxa_report_read_file(im.kept.reports, o->arg[i]);
	store_batch(&im);
	progress_end(&im.progress);
	status = finish_import(&im);
	mxa_kept_done(&im.kept);
	cli_store_close(&o->c);
	return status;
}

/* --- ready: today's record --- */

struct record_asker {
	struct mxa_dns *dns;
	const struct mxa_conf *conf;
	uint64_t end_ms;
};

static bool record_lists(void *ctx, struct mxa_str domain, struct mxa_str text)
{
	struct record_asker *r = ctx;
	struct mxa_engine_env env = { .clock = mxa_sysclock(),
		.options = &r->conf->auth };
	struct mxa_ip ip;
	bool listed;

	if (!mxa_ip_parse(text, &ip) ||
	    mxa_clock_ms(mxa_sysclock()) > r->end_ms)
		return false;
	env.arena = mxa_arena_new();
	env.budget = mxa_budget_open(r->dns, LOOKUP_MS);
	listed = mxa_spf_covers(&env, domain, &ip);
	mxa_budget_close(env.budget);
	mxa_arena_free(env.arena);
	return listed;
}

/* --- ready: the answer --- */

static void write_sender(struct mxa_json *j, struct mxa_arena *a,
    const struct mxa_judgement *g, const struct mxa_sender *s)
{
	char time[MXA_TIME_TEXT];
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_WORDS);
	mxa_sender_missing(&b, g, s);
	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "sender", s->name);
	mxa_json_word(j, "kind", mxa_sender_kind_name(s->kind));
	mxa_json_bool(j, "blocks", s->blocks);
	mxa_json_bool(j, "new", s->is_new);
	mxa_json_int(j, "sources", (int64_t)s->sources);
	mxa_json_str(j, "source_ip", s->sum.ip);
	mxa_json_int(j, "messages", (int64_t)s->sum.messages);
	mxa_json_int(j, "aligned", (int64_t)s->sum.aligned);
	mxa_json_word(j, "cause", mxa_report_cause_name(s->cause));
	mxa_json_word(j, "first", mxa_time_format(s->sum.first, time));
	mxa_json_word(j, "last", mxa_time_format(s->sum.last, time));
	mxa_json_text(j, "text", mxa_sender_text(s));
	mxa_json_str(j, "missing", mxa_buf_str(&b));
	mxa_json_close(j, '}');
}

static void write_sentence(struct mxa_json *j, const char *key,
    struct mxa_arena *a, const struct mxa_judgement *g,
    void (*write)(struct mxa_buf *b, const struct mxa_judgement *g))
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_WORDS);
	write(&b, g);
	mxa_json_str(j, key, mxa_buf_str(&b));
}

static void print_json(struct received *o, const struct mxa_judgement *g)
{
	struct out out;
	struct mxa_json *j;

	out_init(&out, stdout);
	j = out_json(&out, 2);
	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "domain", g->domain);
	mxa_json_word(j, "ready", mxa_readiness_name(g->ready));
	mxa_json_str(j, "policy", g->policy);
	mxa_json_int(j, "reports", (int64_t)g->reports);
	mxa_json_int(j, "days", (int64_t)g->reported_days);
	mxa_json_int(j, "messages", (int64_t)g->messages);
	mxa_json_int(j, "aligned", (int64_t)g->aligned);
	mxa_json_int(j, "blocking", (int64_t)g->blocking);
	mxa_json_int(j, "new_senders", (int64_t)g->new_senders);
	write_sentence(j, "answer", o->a, g, mxa_judge_answer);
	write_sentence(j, "first_step", o->a, g, mxa_judge_first_step);
	mxa_json_open(j, "senders", '[');
	for (size_t i = 0; i < g->n; i++)
		write_sender(j, o->a, g, &g->v[i]);
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
	out_json_end(&out);
}

static void print_sender(struct out *out, struct mxa_arena *a,
    const struct mxa_judgement *g, const struct mxa_sender *s)
{
	struct mxa_number_text n = mxa_number_text(s->sum.messages);
	struct mxa_number_text share =
	    mxa_percent_text(s->sum.aligned, s->sum.messages);
	struct mxa_buf b;

	out_printf(out,
	    P_("\n%.*s (%zu address): %s messages, %s aligned%s\n",
		"\n%.*s (%zu addresses): %s messages, %s aligned%s\n",
		s->sources),
	    MXA_STR_ARG(s->name), s->sources, n.p, share.p,
	    s->is_new ? _(", new") : "");
	out_paragraph(out, 2, 2, mxa_str_from(mxa_sender_text(s)));
	if (s->kind == MXA_SENDER_STRANGER)
		return;
	mxa_buf_init(&b, a, MAX_WORDS);
	mxa_sender_missing(&b, g, s);
	if (b.len > 0)
		out_paragraphf(
		    out, 2, 5, "-> %.*s", MXA_STR_ARG(mxa_buf_str(&b)));
}

static void print_sentence(struct out *out, struct mxa_arena *a,
    const char *before, const struct mxa_judgement *g,
    void (*write)(struct mxa_buf *b, const struct mxa_judgement *g))
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_WORDS);
	mxa_buf_adds(&b, before);
	write(&b, g);
	out_answer(out, mxa_buf_str(&b));
}

static void print_text(struct received *o, const struct mxa_judgement *g)
{
	size_t strangers = 0;
	struct out out;

	out_init(&out, stdout);
	print_sentence(&out, o->a,
	    mxa_arena_printf(o->a, "%.*s: ", MXA_STR_ARG(g->domain)), g,
	    mxa_judge_answer);
	if (g->ready == MXA_READY_UNKNOWN)
		return;
	print_sentence(&out, o->a, "", g, mxa_judge_overview);
	print_sentence(&out, o->a, _("First: "), g, mxa_judge_first_step);
	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].kind != MXA_SENDER_STRANGER ||
		    strangers++ < SHOWN_STRANGERS)
			print_sender(&out, o->a, g, &g->v[i]);
	if (strangers > SHOWN_STRANGERS)
		out_printf(&out, _("\n... and %zu more strangers\n"),
		    strangers - SHOWN_STRANGERS);
	if (strangers > 0)
		print_sentence(&out, o->a, "\n", g, mxa_judge_strangers);
}

/* From the files that were named, else from the store. */
static int collect_reports(
    struct received *o, struct mxa_str domain, struct mxa_kept *k)
{
	int status = EX_OK;

	if (o->n > 1) {
		k->since = o->since;
		cli_read_reports(k, o->n - 1, o->arg + 1);
		o->c.conf = cli_conf(&o->c.cli);
		return o->c.conf != NULL ? EX_OK : EX_CONFIG;
	}
	if (!cli_store_open(&o->c, &status))
		return status;
	if (!mxa_reports_load(o->c.store, domain, o->since, k))
		return cli_store_failed(&o->c);
	return EX_OK;
}

static int judge_domain(
    struct received *o, struct mxa_str domain, const struct mxa_kept *k)
{
	const char *error;
	struct mxa_psl *psl = mxa_psl_load(NULL, &error);
	struct record_asker asker = { .conf = o->c.conf,
		.end_ms = mxa_clock_ms(mxa_sysclock()) + LOOKUPS_MS };
	struct mxa_judge_options jo = {
		.a = o->a, .psl = psl, .lists = record_lists, .ctx = &asker
	};
	struct mxa_judgement g;

	asker.dns = cli_dns(&o->c.cli, o->c.conf);
	if (asker.dns == NULL) {
		mxa_psl_free(psl);
		return EX_USAGE;
	}
	if (o->named)
		reverse_names_use(&o->names, &jo);
	mxa_judge(k, domain, &jo, &g);
	if (o->c.cli.json)
		print_json(o, &g);
	else
		print_text(o, &g);
	mxa_dns_free(asker.dns);
	mxa_psl_free(psl);
	return g.ready >= MXA_READY_QUARANTINE ? EX_OK : 1;
}

/* In words, and as a page. */
static int answer_ready(
    struct received *o, struct mxa_str domain, const struct mxa_kept *k)
{
	int status;

	if (o->named && !reverse_names_begin(&o->names, &o->c.cli))
		return EX_CONFIG;
	status = judge_domain(o, domain, k);
	if (status == EX_OK && k->reports->errors != NULL)
		status = 1;
	if (o->html != NULL && status <= 1 &&
	    !cli_page_received_file(
		&o->c.cli, o->html, k, o->named ? &o->names : NULL))
		status = EX_CANTCREAT;
	if (o->named)
		reverse_names_end(&o->names);
	return status;
}

static int run_ready(struct received *o)
{
	struct mxa_kept k;
	struct mxa_str domain;
	int status;

	if (o->n == 0)
		return cli_usage(&o->c.cli);
	if (mxa_domain_canonical(o->a, mxa_str_from(o->arg[0]), &domain) !=
	    MXA_OK) {
		cli_error(&o->c.cli, _("'%s' is not a domain"), o->arg[0]);
		return EX_USAGE;
	}
	mxa_kept_init(&k);
	status = collect_reports(o, domain, &k);
	cli_report_remarks(&o->c.cli, k.reports);
	if (status == EX_OK)
		status = answer_ready(o, domain, &k);
	mxa_kept_done(&k);
	cli_store_close(&o->c);
	return status;
}

/* --- the commands --- */

bool cli_is_received_verb(const char *word)
{
	return strcmp(word, "import") == 0 || strcmp(word, "ready") == 0;
}

int cli_report_received(int argc, char **argv)
{
	struct received o = { .c = { .cli = {
					 .name = "report", .usage = usage } } };
	const struct cli_opt own[] = {
		{ "since", .time = &o.since },
		{ "html", .text = &o.html },
		{ "names", .given = &o.named },
		CLI_STORE_OPTIONS(&o.c),
	};
	bool ready;
	int status =
	    cli_options(&o.c.cli, own, MXA_ARRAY_LEN(own), &o, argc, argv);

	if (status >= 0)
		return status;
	if (optind == argc || !cli_is_received_verb(argv[optind]))
		return cli_usage(&o.c.cli);
	ready = strcmp(argv[optind], "ready") == 0;
	o.n = argc - optind - 1;
	o.arg = argv + optind + 1;
	o.a = mxa_arena_new();
	status = ready ? run_ready(&o) : run_import(&o);
	mxa_arena_free(o.a);
	return status;
}
