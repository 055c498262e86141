/* cmd_explain.c - mxauth explain: why a message came back, and what mends it
 * (contract.md section 5). */
#include "cli/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "cli/explain_story.h"
#include "cli/out.h"
#include "explain/diagnose.h"
#include "mxauth.h"

static const char usage[] =
    "usage: mxauth explain [OPTION]... FILE...|-|QUEUE-ID\n"
    "\n"
    "Says why a message was refused and what to change: reads bounces, pasted\n"
    "text, Received-SPF and Authentication-Results fields; a queue id is looked\n"
    "up in the journal.\n"
    "\n"
    "  --relay NAME   the server that your mail goes out through\n"
    "  --config C     configuration (default: the installed one)\n"
    "  --json         answer as JSON\n"
    "  --zone FILE    answers from a zone file, no network\n"
    "  --dns A:PORT   ask this server only\n"
    "\n"
    "Exit status: 0 an authentication failure was explained, 1 refused for\n"
    "another reason or nothing failed, 2 not a bounce, or no such queue id.\n";

/* A file's budget: whoever waits for a dead server does not wait long. */
#define FILE_DEADLINE_MS 8000

enum { OPT_RELAY = CLI_OPT_OWN };

static const struct option options[] = {
	{ "relay", required_argument, NULL, OPT_RELAY },
	CLI_COMMON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

struct explain {
	struct cli cli;
	struct mxa_arena *arena; /* one file's */
	struct mxa_conf *conf;
	struct mxa_dns *dns;
	const char *relay_option;
	struct mxa_str relay;
	struct out out;
	char **file;
	int n_files;
};

/* --- JSON --- */

static void write_causes(struct mxa_json *j, unsigned why)
{
	mxa_json_open(j, "causes", '[');
	for (unsigned w = 0; w < MXA_WHYS; w++)
		if (why & 1u << w)
			mxa_json_word(j, NULL, mxa_why_name(w));
	mxa_json_close(j, ']');
}

static void write_methods(struct mxa_json *j, unsigned methods)
{
	mxa_json_open(j, "methods", '[');
	if (methods & MXA_BY_SPF)
		mxa_json_word(j, NULL, "spf");
	if (methods & MXA_BY_DKIM)
		mxa_json_word(j, NULL, "dkim");
	if (methods & MXA_BY_DMARC)
		mxa_json_word(j, NULL, "dmarc");
	mxa_json_close(j, ']');
}

static void write_failure(
    struct mxa_json *j, const struct mxa_failure *f, unsigned why)
{
	char ip[MXA_IP_TEXT];

	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "recipient", f->recipient);
	mxa_json_bool(j, "auth_failure", mxa_refusal_is_auth(f->refusal.class));
	write_methods(j, f->refusal.methods);
	mxa_json_str(j, "domain", f->domain);
	mxa_json_word(j, "identity", mxa_identity_name(f->identity));
	mxa_json_word(j, "ip", mxa_ip_format(&f->ip, ip));
	mxa_json_str(j, "remote_mta", f->remote_mta);
	mxa_json_str(j, "status", f->status);
	mxa_json_text(j, "reply", f->said.code);
	mxa_json_text(j, "provider", f->refusal.provider);
	mxa_json_word(j, "class", mxa_refusal_class_name(f->refusal.class));
	mxa_json_word(j, "stage", mxa_stage_name(f->said.stage));
	mxa_json_bool(j, "temporary", f->temporary);
	write_causes(j, why);
	mxa_json_str(j, "evidence", f->evidence);
	mxa_json_close(j, '}');
}

static void write_fix(struct mxa_json *j, const struct mxa_fix *fix)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "action", mxa_fix_action_name(fix->action));
	mxa_json_str(j, "name", fix->name);
	mxa_json_word(j, "type", fix->name.len ? "TXT" : "");
	mxa_json_str(j, "record", fix->record);
	mxa_json_str(j, "old", fix->old);
	mxa_json_bool(j, "verified", fix->verified);
	mxa_json_str(j, "text", fix->text);
	mxa_json_close(j, '}');
}

static void write_result(struct mxa_json *j, const struct mxa_bounce *b,
    const struct mxa_explained *x)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "kind", mxa_bounce_kind_name(b->kind));
	mxa_json_bool(j, "auth_failure", x->auth_failure);
	mxa_json_open(j, "failures", '[');
	for (size_t i = 0; i < b->n; i++)
		write_failure(j, &b->v[i], x->why[i]);
	mxa_json_close(j, ']');
	mxa_json_open(j, "fixes", '[');
	for (size_t i = 0; i < x->n_fixes; i++)
		write_fix(j, &x->fix[i]);
	mxa_json_close(j, ']');
	mxa_json_list(j, "avoid", x->avoid, x->n_avoid);
	if (b->kind == MXA_NOT_A_BOUNCE && b->reason != NULL)
		mxa_json_text(j, "text", _(b->reason));
	if (b->more)
		mxa_json_bool(j, "truncated", true);
	mxa_json_close(j, '}');
}

/* --- text --- */

static void print_quoted(struct out *o, struct mxa_str s)
{
	out_line(o, 4, mxa_str_sub(s, 0, 2000));
}

static void print_labelled(struct out *o, const char *label, struct mxa_str s)
{
	out_text(o, label);
	out_line(o, 0, s);
}

static void print_happened(struct out *o, const struct mxa_failure *f)
{
	if (f->recipient.len > 0)
		print_labelled(o,
		    f->temporary ? _("Delayed: ") : _("Refused: "),
		    f->recipient);
	if (f->remote_mta.len > 0)
		print_labelled(o, _("By: "), f->remote_mta);
	if (f->said.code[0] != '\0' || f->status.len > 0)
		out_printf(o, _("With: %s %.*s\n"), f->said.code,
		    MXA_STR_ARG(f->status));
	if (f->evidence.len > 0)
		print_quoted(o, f->evidence);
}

#define SHOWN 20 /* recipients told one by one */

static void print_heading(struct out *o, const char *title)
{
	out_text(o, "\n");
	out_style(o, OUT_HEADING, title);
	out_text(o, "\n");
}

static void print_list(
    struct out *o, const char *title, const struct mxa_str *v, size_t n)
{
	if (n == 0)
		return;
	print_heading(o, title);
	for (size_t i = 0; i < n; i++)
		out_line(o, 2, v[i]);
}

static void print_fixes(struct out *o, const struct mxa_explained *x)
{
	if (x->n_fixes == 0)
		return;
	print_heading(o, _("What to do"));
	for (size_t i = 0; i < x->n_fixes; i++) {
		const struct mxa_fix *fix = &x->fix[i];

		if (fix->record.len > 0 && fix->old.len > 0)
			print_labelled(o, _("  old: "), fix->old);
		if (fix->record.len > 0)
			print_labelled(o,
			    fix->old.len ? _("  new: ") : _("  record: "),
			    fix->record);
		out_line(o, 2, fix->text);
	}
}

static void print_text(
    struct out *o, const struct mxa_bounce *b, const struct mxa_explained *x)
{
	if (b->kind == MXA_NOT_A_BOUNCE) {
		out_printf(o, "%s %s\n", _("not a bounce:"), _(b->reason));
		return;
	}
	if (b->kind == MXA_HEADER && b->all_passed) {
		out_printf(o, "%s\n", _("Everything passed:"));
		print_quoted(o, b->evidence);
		return;
	}
	for (size_t i = 0; i < b->n && i < SHOWN; i++)
		print_happened(o, &b->v[i]);
	if (b->n > SHOWN)
		out_printf(o,
		    P_("... and %zu more recipient\n",
			"... and %zu more recipients\n", b->n - SHOWN),
		    b->n - SHOWN);
	if (!x->auth_failure)
		out_printf(
		    o, "%s\n", _("This is not an authentication problem."));
	else
		print_list(o, _("Why"), x->finding, x->n_findings);
	print_fixes(o, x);
	print_list(o, _("What not to do"), x->avoid, x->n_avoid);
}

/* --- one file --- */

static int status_of(const struct mxa_bounce *b, const struct mxa_explained *x)
{
	if (b->kind == MXA_NOT_A_BOUNCE)
		return 2;
	return x->auth_failure ? 0 : 1;
}

static int explain_bytes(struct explain *e, struct mxa_str bytes)
{
	struct mxa_explain_env env = { .relay = e->relay };
	struct mxa_explained *x = mxa_arena_calloc(e->arena, 1, sizeof(*x));
	struct mxa_bounce b;

	mxa_bounce_read(e->arena, bytes, &b);
	env.engine = (struct mxa_engine_env){ .arena = e->arena,
		.budget = mxa_budget_open(e->dns, FILE_DEADLINE_MS),
		.clock = mxa_sysclock(),
		.options = &e->conf->auth };
	mxa_explain(&env, &b, x);
	if (e->cli.json)
		write_result(&e->out.json, &b, x);
	else
		print_text(&e->out, &b, x);
	mxa_budget_close(env.engine.budget);
	return status_of(&b, x);
}

/* What may be read of an input, in one block; false: the reason has been
 * printed. */
static bool read_input(
    struct explain *e, const char *path, char **block, struct mxa_str *out)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	size_t cap = 65536, len = 0, n;
	struct stat st;
	bool ok;

	*block = NULL;
	if (f == NULL) {
		cli_error(&e->cli, "%s: %s", path, strerror(errno));
		return false;
	}
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		cli_error(&e->cli, "%s: %s", path, strerror(EISDIR));
		if (f != stdin)
			fclose(f);
		return false;
	}
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		cap = (size_t)st.st_size + 1;
	if (cap > MXA_BOUNCE_MAX_INPUT)
		cap = MXA_BOUNCE_MAX_INPUT;
	*block = mxa_xmalloc(cap);
	while ((n = fread(*block + len, 1, cap - len, f)) > 0) {
		len += n;
		if (len < cap || cap == MXA_BOUNCE_MAX_INPUT)
			continue;
		cap = cap * 2 < MXA_BOUNCE_MAX_INPUT ? cap * 2
						     : MXA_BOUNCE_MAX_INPUT;
		*block = mxa_xrealloc(*block, cap);
	}
	ok = !ferror(f);
	if (!ok)
		cli_error(&e->cli, "%s: %s", path, strerror(errno));
	if (f != stdin)
		fclose(f);
	*out = mxa_str_make(*block, len);
	return ok;
}

static int explain_one(struct explain *e, const char *path)
{
	struct mxa_str bytes;
	char *block;
	int status;

	if (strcmp(path, "-") != 0 && access(path, F_OK) != 0 &&
	    cli_looks_like_queue_id(path))
		return cli_explain_queue_id(
		    &e->cli, e->conf, e->arena, path, &e->out);
	if (!read_input(e, path, &block, &bytes)) {
		free(block);
		return EX_NOINPUT;
	}
	status = explain_bytes(e, bytes);
	free(block);
	return status;
}

/* The first failure to read counts; else the best: an explained failure. */
static int worse(int all, int one)
{
	if (all >= EX__BASE || one >= EX__BASE)
		return all >= EX__BASE ? all : one;
	return one < all ? one : all;
}

static int run_files(struct explain *e)
{
	bool list = e->cli.json && e->n_files > 1;
	int status = -1;

	if (list)
		mxa_json_open(&e->out.json, NULL, '[');
	for (int i = 0; i < e->n_files; i++) {
		int one;

		if (!e->cli.json && e->n_files > 1)
			out_printf(&e->out, "%s==> %s <==\n", i ? "\n" : "",
			    e->file[i]);
		one = explain_one(e, e->file[i]);
		status = i == 0 ? one : worse(status, one);
		mxa_arena_reset(e->arena);
	}
	if (list)
		mxa_json_close(&e->out.json, ']');
	return status;
}

static int run(struct explain *e)
{
	int status;

	out_init(&e->out, stdout);
	if (!e->cli.json)
		return run_files(e);
	out_json(&e->out, MXA_JSON_LINES);
	status = run_files(e);
	out_json_end(&e->out);
	return status;
}

static int parse_options(struct explain *e, int argc, char **argv)
{
	int opt, status;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (cli_common(&e->cli, opt, &status)) {
			if (status >= 0)
				return status;
		} else if (opt == OPT_RELAY) {
			e->relay_option = optarg;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
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
	int status = parse_options(&e, argc, argv);

	e.arena = mxa_arena_new();
	if (status < 0)
		status = read_relay(&e, keep);
	if (status < 0 && (e.conf = cli_conf(&e.cli)) == NULL)
		status = EX_CONFIG;
	if (status < 0 && (e.dns = cli_dns(&e.cli, e.conf)) == NULL)
		status = e.cli.zone ? EX_NOINPUT : EX_USAGE;
	if (status < 0)
		status = run(&e);
	mxa_dns_free(e.dns);
	mxa_conf_free(e.conf);
	mxa_arena_free(e.arena);
	mxa_arena_free(keep);
	return status;
}
