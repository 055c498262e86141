/* cmd_explain.c - mxauth explain: why a message came back, and what repairs it
 * (mxauth-explain(7)). */
#include "cli/cmd.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "auth/orgdom.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "cli/explain_change.h"
#include "cli/explain_json.h"
#include "cli/explain_many.h"
#include "cli/explain_queue.h"
#include "cli/explain_text.h"
#include "cli/explain_wait.h"
#include "cli/out.h"
#include "cli/page_answers.h"
#include "explain/explain.h"
#include "mxauth.h"

static const char usage[] =
    "usage: mxauth explain [OPTION]... FILE...|-|QUEUE-ID\n"
    "\n"
    "Says why a message was refused and what to change.  It reads bounces,\n"
    "pasted text, events of Amazon SES, SendGrid and Mailgun, Received-SPF and\n"
    "Authentication-Results fields; a queue id is looked up in the journal and\n"
    "in the store.  A Maildir, a directory of messages, an mbox or a mail log\n"
    "(Postfix, Sendmail, Exim), also packed, becomes a summary.\n"
    "\n"
    "  --relay NAME       the server that your mail goes out through\n"
    "  --format FORMAT    only the records to publish: zone, nsupdate or json\n"
    "  --check[=SECONDS]  then wait until they are published (600 seconds)\n"
    "  --since T          only what happened at T (RFC 3339, a date) or later\n"
    "  --until T          only what happened before T\n"
    "  --by WHAT          group the summary by cause, domain, provider, ip or day\n"
    "  --list CLASS       print the recipients refused for that class\n"
    "  --each             no summary: each message by itself\n"
    "  --config C         configuration (default: the installed one)\n"
    "  --html PAGE        write a page as well, to hand on to the sender\n"
    "  --json             answer as JSON\n"
    "  --zone FILE        answers from a zone file, no network\n"
    "  --dns A:PORT       ask this server only\n"
    "\n"
    "Exit status: 0 an authentication failure was explained, 1 refused for\n"
    "another reason or nothing failed, 2 not a bounce, or no such queue id;\n"
    "75 with --check: a record was not published in time.\n";

/* DNS deadline of one file: a dead server must not delay the answer long. */
#define FILE_DEADLINE_MS 8000

#define CHECK_LIMIT 600		/* seconds that --check waits */
#define CHECK_LIMIT_MAX 1000000 /* that it may be told to wait */

struct explain {
	struct cli cli;
	struct mxa_arena *arena; /* one file's */
	struct mxa_conf *conf;
	struct mxa_dns *dns;
	struct mxa_psl *psl; /* for JSON; NULL: there is none */
	const char *relay_option;
	struct mxa_str relay;
	struct many_options many;
	bool each;
	bool summary; /* an option was given that only a summary has */
	enum explain_format format;
	bool check;	/* wait for the records */
	unsigned limit; /* seconds */
	struct out out;
	const char *html; /* NULL: no page */
	struct page page;
	char **file;
	int n_files;
};

/* --- one file --- */

static int status_of(const struct mxa_bounce *b, const struct mxa_explained *x)
{
	if (b->kind == MXA_NOT_A_BOUNCE)
		return 2;
	return x->auth_failure ? 0 : 1;
}

/* Whether the DNS gives the record now.  Each time with a resolver of its own,
 * which remembers nothing. */
static bool is_published(void *ctx, struct mxa_str name, struct mxa_str text)
{
	struct explain *e = ctx;
	struct mxa_dns *dns = cli_dns(&e->cli, e->conf);
	const struct mxa_dns_answer *txt;
	struct mxa_budget *budget;
	bool found = false;

	if (dns == NULL)
		return false;
	budget = mxa_budget_open(dns, FILE_DEADLINE_MS);
	txt = mxa_dns_lookup(budget, MXA_SHARE_OTHER, name, MXA_DNS_TXT);
	for (size_t i = 0; i < txt->n; i++)
		found = found || mxa_str_eq(txt->rr[i].text, text);
	mxa_budget_close(budget);
	mxa_dns_free(dns);
	return found;
}

static void pause_for(void *ctx, unsigned seconds)
{
	(void)ctx;
	sleep(seconds);
}

/* Wait for the proposed records; the exit status. */
static int wait_for_records(
    struct explain *e, const struct mxa_explained *x, int status)
{
	struct explain_world w = { .clock = mxa_sysclock(),
		.published = is_published,
		.pause = pause_for,
		.ctx = e };
	struct out progress;

	fflush(stdout);
	out_init(&progress, stderr);
	switch (explain_wait(&w, x->advice, x->n_advice, e->limit, &progress)) {
	case EXPLAIN_NOTHING:
		return status;
	case EXPLAIN_PUBLISHED:
		out_printf(&progress, "%s\n", _("Published."));
		return status;
	case EXPLAIN_TIMED_OUT:
		break;
	}
	cli_error(&e->cli, _("the record was not published in time"));
	return EX_TEMPFAIL;
}

static int explain_bytes(struct explain *e, struct mxa_str bytes)
{
	struct mxa_explain_env env = { .dns = e->dns,
		.deadline_ms = FILE_DEADLINE_MS,
		.relay = e->relay };
	struct mxa_explained *x = mxa_arena_calloc(e->arena, 1, sizeof(*x));
	struct mxa_bounce b;
	int status;

	mxa_bounce_read(e->arena, bytes, &b);
	env.engine = (struct mxa_engine_env){ .arena = e->arena,
		.budget = mxa_budget_open(e->dns, FILE_DEADLINE_MS),
		.clock = mxa_sysclock(),
		.options = &e->conf->auth };
	mxa_explain(&env, &b, x);
	if (e->format != EXPLAIN_ANSWER)
		explain_change(&e->out, e->format, env.engine.budget, x);
	else if (e->cli.json)
		cli_write_explained(&e->out.json, e->arena, e->psl, &b, x);
	else
		explain_text(&e->out, &b, x);
	if (e->page.f != NULL)
		page_explained(&e->page, &b, x);
	mxa_budget_close(env.engine.budget);
	status = status_of(&b, x);
	return e->check ? wait_for_records(e, x, status) : status;
}

static int explain_message(void *ctx, struct mxa_str name, struct mxa_str bytes)
{
	struct explain *e = ctx;
	int status;

	if (!e->cli.json && (e->n_files > 1 || e->each))
		out_printf(&e->out, "==> %.*s <==\n", MXA_STR_ARG(name));
	status = explain_bytes(e, bytes);
	if (!e->cli.json && e->each)
		out_text(&e->out, "\n");
	mxa_arena_reset(e->arena);
	return status;
}

static int explain_one(struct explain *e, const char *path)
{
	if (strcmp(path, "-") != 0 && access(path, F_OK) != 0 &&
	    cli_looks_like_queue_id(path))
		return cli_explain_queue_id(
		    &e->cli, e->conf, e->arena, path, &e->out, &e->page);
	return cli_explain_each(&e->many, path, explain_message, e);
}

/* The first failure to read counts; else the best: an explained failure. */
static int worse_status(int all, int one)
{
	if (all >= EX__BASE || one >= EX__BASE)
		return all >= EX__BASE ? all : one;
	return one < all ? one : all;
}

static int run_files(struct explain *e)
{
	bool list = e->cli.json && (e->n_files > 1 || e->each);
	int status = -1;

	if (list)
		mxa_json_open(&e->out.json, NULL, '[');
	for (int i = 0; i < e->n_files; i++) {
		int one = explain_one(e, e->file[i]);

		status = i == 0 ? one : worse_status(status, one);
		mxa_arena_reset(e->arena);
	}
	if (list)
		mxa_json_close(&e->out.json, ']');
	return status;
}

static bool wants_summary(struct explain *e)
{
	if (e->summary || e->each)
		return !e->each;
	for (int i = 0; i < e->n_files; i++)
		if (cli_is_many(&e->many, e->file[i]))
			return true;
	return false;
}

/* The page of messages one by one; a summary has none. */
static int run_with_page(struct explain *e)
{
	int status;

	if (e->html == NULL)
		return run_files(e);
	if (!page_open(&e->page, &e->cli, e->html, _("Why mail was refused")))
		return EX_CANTCREAT;
	status = run_files(e);
	return page_close(&e->page) ? status : EX_CANTCREAT;
}

static int run_explain(struct explain *e)
{
	const char *error;
	int status;

	out_init(&e->out, stdout);
	e->many.cli = &e->cli;
	e->many.conf = e->conf;
	e->many.dns = e->dns;
	e->many.relay = e->relay;
	if (e->html != NULL && wants_summary(e)) {
		cli_error(&e->cli,
		    _("--html is for single messages, not for a summary"));
		return EX_USAGE;
	}
	if (wants_summary(e))
		return cli_explain_many(&e->many, e->file, e->n_files, &e->out);
	if (!e->cli.json)
		return run_with_page(e);
	out_json(&e->out, MXA_JSON_LINES);
	e->psl = mxa_psl_load(NULL, &error);
	status = run_with_page(e);
	out_json_end(&e->out);
	return status;
}

static bool take_format(void *self, const char *value)
{
	struct explain *e = self;

	if (explain_format_read(value, &e->format))
		return true;
	cli_error(&e->cli, _("--format wants zone, nsupdate or json, not '%s'"),
	    value);
	return false;
}

static bool take_check(void *self, const char *value)
{
	struct explain *e = self;
	uint64_t seconds = CHECK_LIMIT;

	if (value != NULL &&
	    !mxa_str_u64(mxa_str_from(value), CHECK_LIMIT_MAX, &seconds)) {
		cli_error(&e->cli, _("--check wants seconds, not '%s'"), value);
		return false;
	}
	e->limit = (unsigned)seconds;
	return true;
}

static bool take_by(void *self, const char *value)
{
	struct explain *e = self;

	if (mxa_summary_by_word(value, &e->many.by))
		return true;
	cli_error(&e->cli,
	    _("--by wants cause, domain, provider, ip or day, not '%s'"),
	    value);
	return false;
}

static int parse_explain_options(struct explain *e, int argc, char **argv)
{
	const struct cli_opt own[] = {
		{ "relay", .text = &e->relay_option },
		{ "format", .take = take_format },
		{ "check", .take = take_check, .optional = true,
		    .given = &e->check },
		{ "since", .time = &e->many.since, .given = &e->summary },
		{ "until", .time = &e->many.until, .given = &e->summary },
		{ "by", .take = take_by, .given = &e->summary },
		{ "list", .text = &e->many.list, .given = &e->summary },
		{ "each", .given = &e->each },
		{ "html", .text = &e->html },
	};
	int status =
	    cli_options(&e->cli, own, MXA_ARRAY_LEN(own), e, argc, argv);

	if (status >= 0)
		return status;
	if (e->format == EXPLAIN_JSON)
		e->cli.json = true;
	if (optind == argc)
		return cli_usage(&e->cli);
	e->file = argv + optind;
	e->n_files = argc - optind;
	return -1;
}

/* "[smtp.example.net]:587", as in Postfix's relayhost, is understood. */
static int read_relay(struct explain *e, struct mxa_arena *keep)
{
	struct mxa_str s = mxa_str_from(e->relay_option);
	size_t end;

	if (e->relay_option == NULL) {
		e->relay = MXA_STR("");
		return -1;
	}
	if (mxa_str_starts(s, MXA_STR("[")))
		s = mxa_str_sub(s, 1, s.len);
	for (end = 0; end < s.len && s.p[end] != ']' && s.p[end] != ':'; end++)
		;
	if (mxa_domain_canonical(keep, mxa_str_sub(s, 0, end), &e->relay) ==
	    MXA_OK)
		return -1;
	cli_error(
	    &e->cli, _("--relay wants a host name, not '%s'"), e->relay_option);
	return EX_USAGE;
}

int mxa_cmd_explain(int argc, char **argv)
{
	struct explain e = { .cli = { .name = "explain", .usage = usage } };
	struct mxa_arena *keep = mxa_arena_new();
	int status = parse_explain_options(&e, argc, argv);

	e.arena = mxa_arena_new();
	if (status < 0)
		status = read_relay(&e, keep);
	if (status < 0)
		status = cli_conf_and_dns(&e.cli, &e.conf, &e.dns);
	if (status < 0)
		status = run_explain(&e);
	mxa_intake_free(e.many.standard_input);
	mxa_psl_free(e.psl);
	mxa_dns_free(e.dns);
	mxa_conf_free(e.conf);
	mxa_arena_free(e.arena);
	mxa_arena_free(keep);
	return status;
}
