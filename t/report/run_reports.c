/* run_reports.c - every t/report/NAME.case through the report reader.
 *
 *	# what it shows
 *	[wrap]		how the input travels, in this order: utf16, bom,
 *latin1, gzip, zip, zip2 (a second member), mail (base64 attachment), inline
 *(in the text of a mail), forward (the mail in a mail), cut N (only N bytes),
 *twice [input]		the document [expect]	KEY: VALUE, see value_of();
 *"error" and "warning" want the text in one of them
 *
 * usage: run_reports FILE... */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "report/received/group.h"
#include "report/received/read.h"
#include "t/support/signer.h"
#include "t/support/testing.h"

#define MAX_TEXT ((size_t)8 << 20)
#define MAX_ROWS 10

struct run {
	struct mxa_arena *a;
	struct mxa_str title, wrap, input, expect;
	struct mxa_reports *reports;
	struct mxa_report_groups groups;
	struct mxa_report_totals totals;
	struct mxa_report_row row[MAX_ROWS]; /* of the first report */
	enum mxa_report_cause cause[MAX_ROWS];
	size_t rows;
	const char *error;
};

static struct mxa_str next_line(struct mxa_str *text)
{
	size_t end = mxa_str_chr(*text, '\n', 0);
	struct mxa_str line = mxa_str_sub(*text, 0, end);

	*text = mxa_str_sub(*text, end + 1, text->len);
	return line;
}

/* The text between "[name]" and the next section of ours. */
static struct mxa_str section(
    struct run *r, struct mxa_str text, const char *name, const char *until)
{
	const char *mark = mxa_arena_printf(r->a, "\n[%s]\n", name);
	size_t from = mxa_str_casefind(text, mxa_str_from(mark));
	size_t end = text.len;

	if (from == text.len)
		return MXA_STR("");
	from += strlen(mark);
	if (until != NULL) {
		mark = mxa_arena_printf(r->a, "\n[%s]\n", until);
		end = mxa_str_casefind(text, mxa_str_from(mark));
	}
	return mxa_str_sub(text, from, end);
}

/* --- wrapping --- */

static struct mxa_str packed(struct run *r, struct mxa_str in, const char *how)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	bool zip = strncmp(how, "zip", 3) == 0;
	char *out = mxa_arena_alloc(r->a, MAX_TEXT);
	size_t used = 0;
	int members = strcmp(how, "zip2") == 0 ? 2 : 1;

	if (zip) {
		archive_write_set_format_zip(a);
	} else {
		archive_write_add_filter_gzip(a);
		archive_write_set_format_raw(a);
	}
	archive_write_open_memory(a, out, MAX_TEXT, &used);
	for (int i = 0; i < members; i++) {
		struct mxa_str body = i + 1 < members ? MXA_STR("read me") : in;

		archive_entry_set_pathname(e, i ? "second.xml" : "report.xml");
		archive_entry_set_size(e, (la_int64_t)body.len);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		archive_write_header(a, e);
		archive_write_data(a, body.p, body.len);
	}
	archive_write_close(a);
	archive_entry_free(e);
	archive_write_free(a);
	return mxa_str_make(out, used);
}

static struct mxa_str utf16(struct run *r, struct mxa_str in)
{
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, MAX_TEXT);
	mxa_buf_add(&b, "\xff\xfe", 2);
	for (size_t i = 0; i < in.len; i++) {
		mxa_buf_addc(&b, in.p[i]);
		mxa_buf_addc(&b, '\0');
	}
	return mxa_buf_str(&b);
}

static struct mxa_str mail(struct run *r, struct mxa_str in)
{
	struct mxa_str text = sign_base64(r->a, in.p, in.len);
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, MAX_TEXT);
	mxa_buf_adds(&b,
	    "From: reports@receiver.example\r\nSubject: Report Domain\r\n"
	    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
	    "boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
	    "Here is your report.\r\n--b\r\nContent-Type: "
	    "application/octet-stream\r\nContent-Disposition: attachment; "
	    "filename=\"whatever.txt\"\r\nContent-Transfer-Encoding: "
	    "base64\r\n\r\n");
	for (size_t i = 0; i < text.len; i += 72) {
		mxa_buf_addstr(&b, mxa_str_sub(text, i, i + 72));
		mxa_buf_adds(&b, "\r\n");
	}
	mxa_buf_adds(&b, "--b--\r\n");
	return mxa_buf_str(&b);
}

static struct mxa_str around(
    struct run *r, const char *before, struct mxa_str in, const char *after)
{
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, MAX_TEXT);
	mxa_buf_adds(&b, before);
	mxa_buf_addstr(&b, in);
	mxa_buf_adds(&b, after);
	return mxa_buf_str(&b);
}

static struct mxa_str wrapped(
    struct run *r, struct mxa_str in, struct mxa_str how)
{
	if (mxa_str_is(how, "utf16"))
		return utf16(r, in);
	if (mxa_str_is(how, "bom"))
		return around(r, "\xef\xbb\xbf", in, "");
	if (mxa_str_is(how, "mail"))
		return mail(r, in);
	if (mxa_str_is(how, "inline"))
		return around(
		    r, "From: x@example.net\nSubject: report\n\n", in, "");
	if (mxa_str_is(how, "forward"))
		return around(r,
		    "From: boss@example.com\nMIME-Version: 1.0\nContent-Type: "
		    "multipart/mixed; boundary=f\n\n--f\n\nsee below\n--f\n"
		    "Content-Type: message/rfc822\n\n",
		    in, "\n--f--\n");
	if (mxa_str_starts(how, MXA_STR("cut ")))
		return mxa_str_sub(in, 0,
		    (size_t)atoi(
			mxa_str_cstr(r->a, mxa_str_sub(how, 4, how.len))));
	if (mxa_str_is(how, "gzip") || mxa_str_starts(how, MXA_STR("zip")))
		return packed(r, in, mxa_str_cstr(r->a, how));
	if (!mxa_str_is(how, "twice"))
		r->error = "unknown line in [wrap]";
	return in;
}

/* --- expectations --- */

static struct mxa_str number(struct run *r, uint64_t n)
{
	return mxa_str_from(
	    mxa_arena_printf(r->a, "%llu", (unsigned long long)n));
}

static struct mxa_str remarks(struct run *r, const struct mxa_report_error *e)
{
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, MAX_TEXT);
	for (; e != NULL; e = e->next) {
		mxa_buf_addstr(&b, e->text);
		mxa_buf_addc(&b, '\n');
	}
	return mxa_buf_str(&b);
}

static struct mxa_str kept(struct run *r, struct mxa_str s)
{
	return mxa_str_dup(r->a, s);
}

/* The part of a row that row_value() looks at. */
static void keep_row(struct run *r, const struct mxa_report_row *row)
{
	struct mxa_report_row *to = &r->row[r->rows++];
	struct mxa_report_reason *reason =
	    mxa_arena_calloc(r->a, 1, sizeof(*reason));
	struct mxa_report_dkim *dkim = mxa_arena_calloc(r->a, 1, sizeof(*dkim));
	struct mxa_report_spf *spf = mxa_arena_calloc(r->a, 1, sizeof(*spf));

	*to = *row;
	to->source_ip = kept(r, row->source_ip);
	to->disposition = kept(r, row->disposition);
	to->dkim = kept(r, row->dkim);
	to->spf = kept(r, row->spf);
	to->header_from = kept(r, row->header_from);
	to->envelope_from = kept(r, row->envelope_from);
	if (row->n_reason > 0)
		reason->type = kept(r, row->reason[0].type);
	if (row->n_dkim > 0) {
		dkim->domain = kept(r, row->auth_dkim[0].domain);
		dkim->selector = kept(r, row->auth_dkim[0].selector);
		dkim->result = kept(r, row->auth_dkim[0].result);
	}
	if (row->n_spf > 0) {
		spf->domain = kept(r, row->auth_spf[0].domain);
		spf->scope = kept(r, row->auth_spf[0].scope);
		spf->result = kept(r, row->auth_spf[0].result);
	}
	to->reason = reason;
	to->auth_dkim = dkim;
	to->auth_spf = spf;
}

static void begin_report(void *ctx, const struct mxa_report *rep)
{
	(void)rep;
	((struct run *)ctx)->totals.reports++;
}

static void take_row(
    void *ctx, const struct mxa_report *rep, const struct mxa_report_row *row)
{
	struct run *r = ctx;

	mxa_report_totals_add(&r->totals, row);
	mxa_report_groups_add(&r->groups, r->reports, rep, row);
	if (rep == r->reports->first && r->rows < MAX_ROWS) {
		r->cause[r->rows] = mxa_report_row_cause(row);
		keep_row(r, row);
	}
}

static void end_report(void *ctx, const struct mxa_report *rep)
{
	(void)ctx;
	(void)rep;
}

static const struct mxa_report_sink sink = { begin_report, take_row,
	end_report };

/* "row1.count": of the second record of the first report. */
static struct mxa_str row_value(struct run *r, struct mxa_str key)
{
	size_t at = (size_t)(key.p[3] - '0');
	struct mxa_str name = mxa_str_sub(key, 5, key.len);
	const struct mxa_report_row *row;

	if (at >= r->rows)
		return MXA_STR("(no such record)");
	row = &r->row[at];
	if (mxa_str_is(name, "source_ip"))
		return row->source_ip;
	if (mxa_str_is(name, "count"))
		return number(r, row->count);
	if (mxa_str_is(name, "disposition"))
		return row->disposition;
	if (mxa_str_is(name, "dkim"))
		return row->dkim;
	if (mxa_str_is(name, "spf"))
		return row->spf;
	if (mxa_str_is(name, "header_from"))
		return row->header_from;
	if (mxa_str_is(name, "envelope_from"))
		return row->envelope_from;
	if (mxa_str_is(name, "cause"))
		return mxa_str_from(mxa_report_cause_name(r->cause[at]));
	if (mxa_str_is(name, "reason"))
		return row->n_reason ? row->reason[0].type : MXA_STR("");
	if (mxa_str_is(name, "selector"))
		return row->n_dkim ? row->auth_dkim[0].selector : MXA_STR("");
	if (mxa_str_is(name, "signatures"))
		return number(r, row->n_dkim);
	return MXA_STR("(unknown key)");
}

static struct mxa_str value_of(struct run *r, struct mxa_str key)
{
	static const struct mxa_report none;
	const struct mxa_report *rep =
	    r->reports->first ? r->reports->first : &none;
	const struct mxa_report_totals *t = &r->totals;

	if (mxa_str_starts(key, MXA_STR("row")) && key.len > 5 &&
	    key.p[4] == '.')
		return row_value(r, key);
	if (mxa_str_is(key, "reports"))
		return number(r, r->reports->n);
	if (mxa_str_is(key, "records"))
		return number(r, t->rows);
	if (mxa_str_is(key, "messages"))
		return number(r, t->messages);
	if (mxa_str_is(key, "passed"))
		return number(r, t->passed);
	if (mxa_str_is(key, "failed"))
		return number(r, t->failed);
	if (mxa_str_is(key, "rejected"))
		return number(r, t->rejected);
	if (mxa_str_is(key, "groups"))
		return number(r, r->groups.n);
	if (mxa_str_is(key, "org"))
		return rep->org;
	if (mxa_str_is(key, "id"))
		return rep->report_id;
	if (mxa_str_is(key, "domain"))
		return rep->policy.domain;
	if (mxa_str_is(key, "p"))
		return rep->policy.p;
	if (mxa_str_is(key, "np"))
		return rep->policy.np;
	if (mxa_str_is(key, "begin"))
		return number(r, (uint64_t)rep->begin);
	if (mxa_str_is(key, "end"))
		return number(r, (uint64_t)rep->end);
	if (mxa_str_is(key, "error"))
		return remarks(r, r->reports->errors);
	if (mxa_str_is(key, "warning"))
		return remarks(r, r->reports->warnings);
	return MXA_STR("(unknown key)");
}

static void expect(struct run *r, struct mxa_str line)
{
	size_t colon = mxa_str_chr(line, ':', 0);
	struct mxa_str key = mxa_str_trim(mxa_str_sub(line, 0, colon));
	struct mxa_str want =
	    mxa_str_trim(mxa_str_sub(line, colon + 1, line.len));
	struct mxa_str got = value_of(r, key);
	bool text = mxa_str_is(key, "error") || mxa_str_is(key, "warning");
	bool holds = text ? mxa_str_casefind(got, want) < got.len
			  : mxa_str_eq(got, want);

	if (!holds && r->error == NULL)
		r->error =
		    mxa_arena_printf(r->a, "%.*s: want \"%.*s\", got \"%.*s\"",
			MXA_STR_ARG(key), MXA_STR_ARG(want), MXA_STR_ARG(got));
}

static void play(struct run *r, struct mxa_str text)
{
	struct mxa_str lines = section(r, text, "wrap", "input");
	struct mxa_str doc = section(r, text, "input", "expect");
	bool twice = false;

	r->title = next_line(&text);
	while (lines.len > 0) {
		struct mxa_str how = mxa_str_trim(next_line(&lines));

		twice |= mxa_str_is(how, "twice");
		if (how.len > 0)
			doc = wrapped(r, doc, how);
	}
	mxa_report_read_bytes(r->reports, MXA_STR("file"), doc);
	if (twice)
		mxa_report_read_bytes(r->reports, MXA_STR("again"), doc);
	mxa_report_groups_sort(&r->groups);
	lines = section(r, text, "expect", NULL);
	if (mxa_str_trim(lines).len == 0)
		r->error = "nothing expected";
	while (lines.len > 0) {
		struct mxa_str line = next_line(&lines);

		if (mxa_str_trim(line).len > 0)
			expect(r, line);
	}
}

static bool run_file(const char *path)
{
	struct run r = { .a = mxa_arena_new() };
	struct mxa_str text;

	r.reports = mxa_reports_new(&sink, &r);
	mxa_report_groups_init(&r.groups);
	if (test_load(r.a, path, &text))
		play(&r, text);
	else
		r.error = "cannot be read";
	if (r.error != NULL)
		printf("FAIL: %s: %.*s\n  %s\n", path, MXA_STR_ARG(r.title),
		    r.error);
	mxa_report_groups_done(&r.groups);
	mxa_reports_free(r.reports);
	mxa_arena_free(r.a);
	return r.error == NULL;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;

	for (int i = 1; i < argc; i++) {
		if (run_file(argv[i]))
			passed++;
		else
			failed++;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
