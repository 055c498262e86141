/* cmd_report.c - mxauth report: received aggregate reports in words
 * (contract.md section 5). */
#include "cli/cmd.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/i18n.h"
#include "cli/report_html.h"
#include "report/received/group.h"
#include "report/received/read.h"

static const char usage[] =
    "usage: mxauth report [OPTION]... FILE...\n"
    "\n"
    "Reads aggregate reports (XML, gzip, zip, or the mail they came in) and\n"
    "says what they mean.  \"-\" is standard input.\n"
    "\n"
    "  --json         answer as JSON\n"
    "  --html FILE    write a page with charts as well\n"
    "\n"
    "Exit status: 0 all read, 1 some file could not be read.\n";

enum { OPT_HTML = CLI_OPT_OWN };

static const struct option options[] = {
	{ "html", required_argument, NULL, OPT_HTML },
	CLI_COMMON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

/* --- JSON --- */

static json_t *json_str(struct mxa_str s)
{
	json_t *j = json_stringn(s.len ? s.p : "", s.len);

	return j ? j : json_string("");
}

static json_t *auth_json(const struct mxa_report_row *row)
{
	json_t *dkim = json_array(), *spf = json_array();

	for (size_t i = 0; i < row->n_dkim; i++)
		json_array_append_new(dkim,
		    json_pack("{s:o s:o s:o}", "domain",
			json_str(row->auth_dkim[i].domain), "selector",
			json_str(row->auth_dkim[i].selector), "result",
			json_str(row->auth_dkim[i].result)));
	for (size_t i = 0; i < row->n_spf; i++)
		json_array_append_new(spf,
		    json_pack("{s:o s:o s:o}", "domain",
			json_str(row->auth_spf[i].domain), "scope",
			json_str(row->auth_spf[i].scope), "result",
			json_str(row->auth_spf[i].result)));
	return json_pack("{s:o s:o}", "dkim", dkim, "spf", spf);
}

static json_t *row_json(const struct mxa_report_row *row)
{
	json_t *reasons = json_array();

	for (size_t i = 0; i < row->n_reason; i++)
		json_array_append_new(reasons,
		    json_pack("{s:o s:o}", "type",
			json_str(row->reason[i].type), "comment",
			json_str(row->reason[i].comment)));
	return json_pack("{s:o s:I s:o s:o s:o s:o s:o s:s s:o s:o}",
	    "source_ip", json_str(row->source_ip), "count",
	    (json_int_t)row->count, "disposition", json_str(row->disposition),
	    "dkim", json_str(row->dkim), "spf", json_str(row->spf),
	    "header_from", json_str(row->header_from), "envelope_from",
	    json_str(row->envelope_from), "cause",
	    mxa_report_cause_name(mxa_report_row_cause(row)), "reasons",
	    reasons, "auth_results", auth_json(row));
}

/* A report without its records. */
static json_t *report_json(const struct mxa_report *rep)
{
	const struct mxa_report_policy *p = &rep->policy;

	return json_pack("{s:o s:o s:o s:o s:o s:I s:I s:o}", "file",
	    json_str(rep->file), "org", json_str(rep->org), "email",
	    json_str(rep->email), "report_id", json_str(rep->report_id),
	    "domain", json_str(p->domain), "begin", (json_int_t)rep->begin,
	    "end", (json_int_t)rep->end, "policy",
	    json_pack("{s:o s:o s:o s:o s:o}", "p", json_str(p->p), "sp",
		json_str(p->sp), "np", json_str(p->np), "adkim",
		json_str(p->adkim), "aspf", json_str(p->aspf)));
}

/* Print a value and let go of it; embedded: without its braces. */
static void dump(json_t *value, bool embedded)
{
	json_dumpf(value, stdout, embedded ? JSON_EMBED : JSON_COMPACT);
	json_decref(value);
}

/* Record by record: a report of 100 MB never becomes one tree. */
static void print_report(const struct mxa_report *rep)
{
	putchar('{');
	dump(report_json(rep), true);
	fputs(", \"records\": [", stdout);
	for (size_t i = 0; i < rep->n; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		dump(row_json(&rep->row[i]), false);
	}
	fputs("]}", stdout);
}

static json_t *remarks_json(const struct mxa_report_error *e)
{
	json_t *list = json_array();

	for (; e != NULL; e = e->next)
		json_array_append_new(list,
		    json_pack("{s:o s:o}", "file", json_str(e->file), "text",
			json_str(e->text)));
	return list;
}

static json_t *totals_json(const struct mxa_report_totals *t)
{
	return json_pack("{s:I s:I s:I s:I s:I s:I s:I s:I}", "reports",
	    (json_int_t)t->reports, "records", (json_int_t)t->rows, "messages",
	    (json_int_t)t->messages, "passed", (json_int_t)t->passed, "failed",
	    (json_int_t)t->failed, "quarantined", (json_int_t)t->quarantined,
	    "rejected", (json_int_t)t->rejected, "sources",
	    (json_int_t)t->sources);
}

static void print_json(
    const struct mxa_reports *r, const struct mxa_report_groups *g)
{
	fputs("{\"reports\": [", stdout);
	for (const struct mxa_report *rep = r->first; rep; rep = rep->next) {
		print_report(rep);
		fputs(rep->next ? ",\n" : "", stdout);
	}
	fputs("],\n", stdout);
	dump(json_pack("{s:o s:o s:o}", "errors", remarks_json(r->errors),
		 "warnings", remarks_json(r->warnings), "totals",
		 totals_json(&g->totals)),
	    true);
	puts("}");
}

/* --- text --- */

static void print_day(int64_t when)
{
	char text[32];
	time_t t = (time_t)when;
	struct tm tm;

	if (when <= 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d", &tm) == 0)
		fputs("?", stdout);
	else
		fputs(text, stdout);
}

static void print_heading(const struct mxa_reports *r)
{
	for (const struct mxa_report *rep = r->first; rep; rep = rep->next) {
		cli_print_safe(stdout, rep->org);
		fputs(": ", stdout);
		cli_print_safe(stdout, rep->policy.domain);
		fputs(", ", stdout);
		print_day(rep->begin);
		if (rep->end / 86400 != rep->begin / 86400) {
			fputs(" - ", stdout);
			print_day(rep->end);
		}
		printf(", p=");
		cli_print_safe(stdout,
		    rep->policy.p.len ? rep->policy.p : MXA_STR("none"));
		if (rep->policy.sp.len > 0) {
			printf(" sp=");
			cli_print_safe(stdout, rep->policy.sp);
		}
		putchar('\n');
	}
}

/* "12 messages from 192.0.2.7 were refused: …" */
static void print_group(const struct mxa_report_group *g)
{
	const char *advice = mxa_report_cause_advice(g->cause);
	unsigned long n = (unsigned long)g->count;

	fputs("  ", stdout);
	if (g->rejected == g->count)
		printf(P_("%lu message from %s was refused: %s",
			   "%lu messages from %s were refused: %s", n),
		    n, g->source_ip.p, mxa_report_cause_text(g->cause));
	else if (g->quarantined == g->count)
		printf(P_("%lu message from %s was quarantined: %s",
			   "%lu messages from %s were quarantined: %s", n),
		    n, g->source_ip.p, mxa_report_cause_text(g->cause));
	else if (g->delivered == g->count)
		printf(P_("%lu message from %s was delivered: %s",
			   "%lu messages from %s were delivered: %s", n),
		    n, g->source_ip.p, mxa_report_cause_text(g->cause));
	else
		printf(P_("%lu message from %s: %s", "%lu messages from %s: %s",
			   n),
		    n, g->source_ip.p, mxa_report_cause_text(g->cause));
	if (g->other.len > 0 && !mxa_str_eq(g->other, g->author)) {
		fputs(" (", stdout);
		cli_print_safe(stdout, g->other);
		putchar(')');
	}
	putchar('\n');
	if (g->rejected > 0 && g->rejected < g->count)
		printf(_("    %lu of them were refused\n"),
		    (unsigned long)g->rejected);
	if (g->quarantined > 0 && g->quarantined < g->count)
		printf(_("    %lu of them were quarantined\n"),
		    (unsigned long)g->quarantined);
	if (g->overridden > 0) {
		printf(_("    for %lu the receiver made an exception: "),
		    (unsigned long)g->overridden);
		cli_print_safe(stdout, g->override);
		putchar('\n');
	}
	if (advice[0] != '\0')
		printf("    -> %s\n", advice);
}

/* The first case that started this project: refused for want of a record,
 * passed once it was there. */
static void print_progress(
    const struct mxa_report_groups *g, const struct mxa_report_group *failed)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct mxa_report_group *p = &g->v[i];

		if (!mxa_str_eq(p->source_ip, failed->source_ip) ||
		    !mxa_str_eq(p->author, failed->author) ||
		    (p->cause != MXA_RC_PASS_SPF &&
			p->cause != MXA_RC_PASS_BOTH) ||
		    p->last < failed->last)
			continue;
		printf(P_("    %lu message from there passed by SPF: a record "
			  "that lists it was published meanwhile\n",
			   "    %lu messages from there passed by SPF: a "
			   "record that lists it was published meanwhile\n",
			   (unsigned long)p->count),
		    (unsigned long)p->count);
		return;
	}
}

static void print_text(
    const struct mxa_reports *r, const struct mxa_report_groups *g)
{
	const struct mxa_report_totals *t = &g->totals;
	struct mxa_str author = MXA_STR_NONE;

	if (r->n == 0)
		return;
	print_heading(r);
	printf(_("\nReports: %zu, messages: %lu, passed: %lu, failed: %lu "
		 "(refused: %lu, quarantined: %lu), sources: %zu\n"),
	    t->reports, (unsigned long)t->messages, (unsigned long)t->passed,
	    (unsigned long)t->failed, (unsigned long)t->rejected,
	    (unsigned long)t->quarantined, t->sources);
	for (size_t i = 0; i < g->n; i++) {
		if (author.p == NULL || !mxa_str_eq(author, g->v[i].author)) {
			author = g->v[i].author;
			putchar('\n');
			cli_print_safe(stdout, author);
			putchar('\n');
		}
		print_group(&g->v[i]);
		if (g->v[i].cause == MXA_RC_NO_SPF_RECORD ||
		    g->v[i].cause == MXA_RC_NOT_LISTED)
			print_progress(g, &g->v[i]);
	}
}

static void print_remarks(const struct cli *c, const struct mxa_report_error *e)
{
	for (; e != NULL; e = e->next) {
		fprintf(stderr, "mxauth %s: ", c->name);
		cli_print_safe(stderr, e->file);
		fputs(": ", stderr);
		cli_print_safe(stderr, e->text);
		fputc('\n', stderr);
	}
}

static bool write_html(const struct cli *c, const char *path,
    const struct mxa_reports *r, const struct mxa_report_groups *g)
{
	FILE *f = fopen(path, "wb");
	bool ok;

	if (f == NULL) {
		cli_error(c, "%s: %s", path, strerror(errno));
		return false;
	}
	cli_report_html(f, r, g);
	ok = !ferror(f);
	if (fclose(f) != 0 || !ok) {
		cli_error(c, "%s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

static int run(struct cli *c, const char *html, int n, char **files)
{
	struct mxa_reports *r = mxa_reports_new();
	struct mxa_report_groups groups;
	int status;

	for (int i = 0; i < n; i++)
		mxa_report_read_file(r, files[i]);
	mxa_report_groups_make(r, &groups);
	if (c->json)
		print_json(r, &groups);
	else
		print_text(r, &groups);
	print_remarks(c, r->errors);
	print_remarks(c, r->warnings);
	status = r->errors != NULL ? 1 : 0;
	if (html != NULL && !write_html(c, html, r, &groups))
		status = EX_CANTCREAT;
	mxa_report_groups_done(&groups);
	mxa_reports_free(r);
	return status;
}

int mxa_cmd_report(int argc, char **argv)
{
	struct cli c = { .name = "report", .usage = usage };
	const char *html = NULL;
	int opt, status;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (cli_common(&c, opt, &status)) {
			if (status >= 0)
				return status;
		} else if (opt == OPT_HTML) {
			html = optarg;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	return run(&c, html, argc - optind, argv + optind);
}
