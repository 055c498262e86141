/* cmd_report.c - mxauth report: received aggregate reports in words
 * (mxauth(1)). */
#include "cli/cmd.h"

#include <sysexits.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/table.h"
#include "cli/out.h"
#include "cli/page_received.h"
#include "cli/report_received.h"
#include "cli/report_sent.h"
#include "cli/reverse_names.h"
#include "report/received/group.h"
#include "report/received/read.h"

static const char usage[] =
    "usage: mxauth report [OPTION]... FILE|DIRECTORY...\n"
    "       mxauth report ready|import [OPTION]...\n"
    "       mxauth report preview|send|status|bounced [OPTION]...\n"
    "\n"
    "Reads aggregate reports (XML, gzip, zip, the mail they came in, an mbox\n"
    "or a folder of these) and says what they mean.  \"-\" is standard input.\n"
    "\n"
    "ready says whether a domain may go to p=reject; import keeps reports in\n"
    "the store: mxauth report ready --help.\n"
    "\n"
    "preview, send, status and bounced are about the reports that we send:\n"
    "mxauth report send --help.\n"
    "\n"
    "  --json         answer as JSON\n"
    "  --html FILE    write a page with charts as well\n"
    "  --names        on the page: ask the DNS whose the addresses are\n"
    "  --config C     configuration, for --names (default: the installed one)\n"
    "  --zone FILE    answers from a zone file, no network\n"
    "  --dns A:PORT   ask this server only\n"
    "\n"
    "Exit status: 0 all read, 1 some file could not be read whole.\n";

/* --- JSON --- */

static void write_auth(struct mxa_json *j, const struct mxa_report_row *row)
{
	mxa_json_open(j, "auth_results", '{');
	mxa_json_open(j, "dkim", '[');
	for (size_t i = 0; i < row->n_dkim; i++) {
		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "domain", row->auth_dkim[i].domain);
		mxa_json_str(j, "selector", row->auth_dkim[i].selector);
		mxa_json_str(j, "result", row->auth_dkim[i].result);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
	mxa_json_open(j, "spf", '[');
	for (size_t i = 0; i < row->n_spf; i++) {
		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "domain", row->auth_spf[i].domain);
		mxa_json_str(j, "scope", row->auth_spf[i].scope);
		mxa_json_str(j, "result", row->auth_spf[i].result);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
}

static void write_report_row(
    struct mxa_json *j, const struct mxa_report_row *row)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "source_ip", row->source_ip);
	mxa_json_int(j, "count", (int64_t)row->count);
	mxa_json_str(j, "disposition", row->disposition);
	mxa_json_str(j, "dkim", row->dkim);
	mxa_json_str(j, "spf", row->spf);
	mxa_json_str(j, "header_from", row->header_from);
	mxa_json_str(j, "envelope_from", row->envelope_from);
	mxa_json_word(
	    j, "cause", mxa_report_cause_name(mxa_report_row_cause(row)));
	mxa_json_open(j, "reasons", '[');
	for (size_t i = 0; i < row->n_reason; i++) {
		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "type", row->reason[i].type);
		mxa_json_str(j, "comment", row->reason[i].comment);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
	write_auth(j, row);
	mxa_json_close(j, '}');
}

/* Everything of a report but its records. */
static void write_head(struct mxa_json *j, const struct mxa_report *rep)
{
	const struct mxa_report_policy *p = &rep->policy;

	mxa_json_str(j, "file", rep->file);
	mxa_json_str(j, "org", rep->org);
	mxa_json_str(j, "email", rep->email);
	mxa_json_str(j, "report_id", rep->report_id);
	mxa_json_str(j, "domain", p->domain);
	mxa_json_int(j, "begin", rep->begin);
	mxa_json_int(j, "end", rep->end);
	mxa_json_open(j, "policy", '{');
	mxa_json_str(j, "p", p->p);
	mxa_json_str(j, "sp", p->sp);
	mxa_json_str(j, "np", p->np);
	mxa_json_str(j, "adkim", p->adkim);
	mxa_json_str(j, "aspf", p->aspf);
	mxa_json_close(j, '}');
}

static void write_remarks(
    struct mxa_json *j, const char *key, const struct mxa_report_error *e)
{
	mxa_json_open(j, key, '[');
	for (; e != NULL; e = e->next) {
		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "file", e->file);
		mxa_json_str(j, "text", e->text);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
}

static void write_totals(struct mxa_json *j, const struct mxa_report_totals *t)
{
	mxa_json_open(j, "totals", '{');
	mxa_json_int(j, "reports", (int64_t)t->reports);
	mxa_json_int(j, "records", (int64_t)t->rows);
	mxa_json_int(j, "messages", (int64_t)t->messages);
	mxa_json_int(j, "passed", (int64_t)t->passed);
	mxa_json_int(j, "failed", (int64_t)t->failed);
	mxa_json_int(j, "quarantined", (int64_t)t->quarantined);
	mxa_json_int(j, "rejected", (int64_t)t->rejected);
	mxa_json_int(j, "sources", (int64_t)t->sources);
	mxa_json_close(j, '}');
}

static void write_group(struct mxa_json *j, const struct mxa_report_groups *all,
    const struct mxa_report_group *g)
{
	const struct mxa_report_group *later =
	    mxa_report_group_published(all, g);

	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "author", g->author);
	mxa_json_str(j, "source_ip", g->source_ip);
	mxa_json_word(j, "cause", mxa_report_cause_name(g->cause));
	mxa_json_text(j, "text", mxa_report_cause_text(g->cause));
	mxa_json_text(j, "advice", mxa_report_cause_advice(g->cause));
	mxa_json_str(j, "other", g->other);
	mxa_json_int(j, "messages", (int64_t)g->count);
	mxa_json_int(j, "delivered", (int64_t)g->delivered);
	mxa_json_int(j, "quarantined", (int64_t)g->quarantined);
	mxa_json_int(j, "rejected", (int64_t)g->rejected);
	mxa_json_int(j, "overridden", (int64_t)g->overridden);
	mxa_json_str(j, "override", g->override);
	mxa_json_int(j, "begin", g->first);
	mxa_json_int(j, "end", g->last);
	mxa_json_int(
	    j, "published_since", later != NULL ? (int64_t)later->count : 0);
	mxa_json_close(j, '}');
}

static void write_groups(struct mxa_json *j, const struct mxa_report_groups *g)
{
	mxa_json_open(j, "groups", '[');
	for (size_t i = 0; i < g->n; i++)
		write_group(j, g, &g->v[i]);
	mxa_json_close(j, ']');
}

/* A record is one line. */
#define LINES 4

/* --- what becomes of the records --- */

struct reading {
	struct mxa_reports *reports;
	struct mxa_report_totals totals;
	struct mxa_hashes sources;
	struct mxa_report_groups groups;
	struct mxa_kept kept; /* for the page */
	bool page;
	struct mxa_json *j; /* records are written as they come; or NULL */
};

static void begin_report(void *ctx, const struct mxa_report *rep)
{
	struct reading *rd = ctx;

	rd->totals.reports++;
	if (rd->page)
		mxa_kept_begin(&rd->kept, rep);
	if (rd->j == NULL)
		return;
	mxa_json_open(rd->j, NULL, '{');
	if (rep->head_known)
		write_head(rd->j, rep);
	mxa_json_open(rd->j, "records", '[');
}

static void count_report_row(
    void *ctx, const struct mxa_report *rep, const struct mxa_report_row *row)
{
	struct reading *rd = ctx;

	mxa_report_totals_add(&rd->totals, row);
	mxa_hashes_add(&rd->sources, mxa_report_hash(row->source_ip));
	mxa_report_groups_add(&rd->groups, rd->reports, rep, row);
	if (rd->page)
		mxa_kept_row(&rd->kept, row);
	if (rd->j != NULL)
		write_report_row(rd->j, row);
}

static void end_report(void *ctx, const struct mxa_report *rep)
{
	struct reading *rd = ctx;

	if (rd->page)
		mxa_kept_end(&rd->kept);
	if (rd->j == NULL)
		return;
	mxa_json_close(rd->j, ']');
	if (!rep->head_known)
		write_head(rd->j, rep);
	mxa_json_close(rd->j, '}');
}

static const struct mxa_report_sink sink = { begin_report, count_report_row,
	end_report };

static void finish_json(struct out *o, struct reading *rd)
{
	mxa_json_close(rd->j, ']');
	write_remarks(rd->j, "errors", rd->reports->errors);
	write_remarks(rd->j, "warnings", rd->reports->warnings);
	write_totals(rd->j, &rd->totals);
	write_groups(rd->j, &rd->groups);
	mxa_json_close(rd->j, '}');
	out_json_end(o);
}

/* --- text --- */

static void print_day(struct out *o, int64_t when)
{
	char text[MXA_TIME_TEXT];

	out_printf(o, "%.10s", when > 0 ? mxa_time_format(when, text) : "?");
}

static void print_heading(struct out *o, const struct mxa_report *rep)
{
	const struct mxa_report_policy *p = &rep->policy;
	struct mxa_str policy = p->p.len > 0 ? p->p : MXA_STR("none");

	out_printf(
	    o, "%.*s: %.*s, ", MXA_STR_ARG(rep->org), MXA_STR_ARG(p->domain));
	print_day(o, rep->begin);
	if (rep->end / MXA_DAY_SECONDS != rep->begin / MXA_DAY_SECONDS) {
		out_text(o, " - ");
		print_day(o, rep->end);
	}
	out_printf(o, ", p=%.*s", MXA_STR_ARG(policy));
	if (p->sp.len > 0)
		out_printf(o, " sp=%.*s", MXA_STR_ARG(p->sp));
	out_text(o, "\n");
}

/* "12 messages from 192.0.2.7 were refused: …" */
static void print_treatment(struct out *o, const struct mxa_report_group *g)
{
	const char *ip = g->source_ip.p, *why = mxa_report_cause_text(g->cause);
	unsigned long n = (unsigned long)g->count;

	if (g->rejected == g->count)
		out_printf(o,
		    P_("%lu message from %s was refused: %s",
			"%lu messages from %s were refused: %s", n),
		    n, ip, why);
	else if (g->quarantined == g->count)
		out_printf(o,
		    P_("%lu message from %s was quarantined: %s",
			"%lu messages from %s were quarantined: %s", n),
		    n, ip, why);
	else if (g->delivered == g->count)
		out_printf(o,
		    P_("%lu message from %s was delivered: %s",
			"%lu messages from %s were delivered: %s", n),
		    n, ip, why);
	else
		out_printf(o,
		    P_("%lu message from %s: %s", "%lu messages from %s: %s",
			n),
		    n, ip, why);
}

static void print_group(struct out *o, const struct mxa_report_group *g)
{
	const char *advice = mxa_report_cause_advice(g->cause);

	out_indent(o, 2);
	print_treatment(o, g);
	if (g->other.len > 0 && !mxa_str_eq(g->other, g->author))
		out_printf(o, " (%.*s)", MXA_STR_ARG(g->other));
	out_text(o, "\n");
	if (g->rejected > 0 && g->rejected < g->count)
		out_printf(o, _("    %lu of them were refused\n"),
		    (unsigned long)g->rejected);
	if (g->quarantined > 0 && g->quarantined < g->count)
		out_printf(o, _("    %lu of them were quarantined\n"),
		    (unsigned long)g->quarantined);
	if (g->overridden > 0) {
		out_printf(o, _("    for %lu the receiver made an exception: "),
		    (unsigned long)g->overridden);
		out_line(o, 0, g->override);
	}
	if (advice[0] != '\0')
		out_printf(o, "    -> %s\n", advice);
}

static void print_published(struct out *o, const struct mxa_report_group *p)
{
	unsigned long n = p != NULL ? (unsigned long)p->count : 0;

	if (p != NULL)
		out_printf(o,
		    P_("    %lu message from there passed by SPF: a record "
		       "that lists it was published meanwhile\n",
			"    %lu messages from there passed by SPF: a "
			"record that lists it was published meanwhile\n",
			n),
		    n);
}

static void print_groups(struct out *o, const struct mxa_report_groups *g)
{
	struct mxa_str author = MXA_STR_NONE;

	for (size_t i = 0; i < g->n; i++) {
		if (author.p == NULL || !mxa_str_eq(author, g->v[i].author)) {
			author = g->v[i].author;
			out_text(o, "\n");
			out_line(o, 0, author);
		}
		print_group(o, &g->v[i]);
		print_published(o, mxa_report_group_published(g, &g->v[i]));
	}
}

static void print_reports(struct out *o, const struct reading *rd)
{
	const struct mxa_report_totals *t = &rd->totals;
	const struct mxa_reports *r = rd->reports;

	if (r->n == 0)
		return;
	for (const struct mxa_report *rep = r->first; rep; rep = rep->next)
		print_heading(o, rep);
	out_printf(o,
	    _("\nReports: %zu, messages: %lu, passed: %lu, failed: %lu "
	      "(refused: %lu, quarantined: %lu), sources: %zu\n"),
	    t->reports, (unsigned long)t->messages, (unsigned long)t->passed,
	    (unsigned long)t->failed, (unsigned long)t->rejected,
	    (unsigned long)t->quarantined, t->sources);
	print_groups(o, &rd->groups);
}

static void read_all(struct reading *rd, int n, char **files)
{
	for (int i = 0; i < n; i++)
		mxa_report_read_file(rd->reports, files[i]);
	rd->totals.sources = rd->sources.n;
	mxa_report_groups_sort(&rd->groups);
	if (rd->groups.not_kept > 0)
		mxa_reports_warning(rd->reports, MXA_STR("all files"),
		    mxa_arena_printf(rd->reports->arena,
			"%zu records of further sources count in the sums "
			"only: more than %d groups are not kept",
			rd->groups.not_kept, MXA_REPORT_MAX_GROUPS));
}

/* The exit status. */
static int write_page(
    const struct cli *c, const char *html, bool named, const struct mxa_kept *k)
{
	struct reverse_names names;
	bool ok;

	if (named && !reverse_names_begin(&names, c))
		return EX_CONFIG;
	ok = cli_page_received_file(c, html, k, named ? &names : NULL);
	if (named)
		reverse_names_end(&names);
	return ok ? EX_OK : EX_CANTCREAT;
}

static int run_report(
    struct cli *c, const char *html, bool named, int n, char **files)
{
	struct reading rd = { .page = html != NULL };
	struct out o;
	int status, page = EX_OK;

	rd.reports = mxa_reports_new(&sink, &rd);
	mxa_kept_attach(&rd.kept, rd.reports);
	mxa_report_groups_init(&rd.groups);
	out_init(&o, stdout);
	if (c->json) {
		rd.j = out_json(&o, LINES);
		mxa_json_open(rd.j, NULL, '{');
		mxa_json_open(rd.j, "reports", '[');
	}
	read_all(&rd, n, files);
	if (c->json)
		finish_json(&o, &rd);
	else
		print_reports(&o, &rd);
	cli_report_remarks(c, rd.reports);
	status = rd.reports->errors != NULL ? 1 : 0;
	if (html != NULL)
		page = write_page(c, html, named, &rd.kept);
	status = page != EX_OK ? page : status;
	mxa_kept_done(&rd.kept);
	mxa_report_groups_done(&rd.groups);
	mxa_hashes_done(&rd.sources);
	mxa_reports_free(rd.reports);
	return status;
}

int mxa_cmd_report(int argc, char **argv)
{
	struct cli c = { .name = "report", .usage = usage };
	const char *html = NULL;
	bool named = false;
	const struct cli_opt own[] = {
		{ "html", .text = &html },
		{ "names", .given = &named },
	};
	int status;

	if (argc > 1 && cli_is_report_verb(argv[1]))
		return cli_report_sent(argc, argv);
	if (argc > 1 && cli_is_received_verb(argv[1]))
		return cli_report_received(argc, argv);
	status = cli_options(&c, own, MXA_ARRAY_LEN(own), NULL, argc, argv);
	if (status >= 0)
		return status;
	if (optind == argc)
		return cli_usage(&c);
	return run_report(&c, html, named, argc - optind, argv + optind);
}
