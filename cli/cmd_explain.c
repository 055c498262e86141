/* cmd_explain.c - mxauth explain: why a message came back, and what mends it
 * (contract.md section 5). */
#include "cli/cmd.h"

#include <errno.h>
#include <jansson.h>
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
	char **file;
	int n_files;
};

/* --- JSON --- */

static json_t *json_str(struct mxa_str s)
{
	json_t *j = json_stringn(s.len ? s.p : "", s.len);
	char *clean;

	if (j != NULL)
		return j;
	/* bytes of no charset: what is ASCII stays */
	clean = mxa_xstrndup(s.p, s.len);
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)clean[i] >= 0x80 || clean[i] == '\0')
			clean[i] = '?';
	j = json_string(clean);
	free(clean);
	return j;
}

static json_t *causes_json(unsigned why)
{
	json_t *list = json_array();

	for (unsigned w = 0; w < MXA_WHYS; w++)
		if (why & 1u << w)
			json_array_append_new(
			    list, json_string(mxa_why_name(w)));
	return list;
}

static json_t *methods_json(unsigned methods)
{
	json_t *list = json_array();

	if (methods & MXA_BY_SPF)
		json_array_append_new(list, json_string("spf"));
	if (methods & MXA_BY_DKIM)
		json_array_append_new(list, json_string("dkim"));
	if (methods & MXA_BY_DMARC)
		json_array_append_new(list, json_string("dmarc"));
	return list;
}

static json_t *failure_json(const struct mxa_failure *f, unsigned why)
{
	char ip[MXA_IP_TEXT];

	return json_pack(
	    "{s:o s:b s:o s:o s:s s:s s:o s:o s:s s:s s:s s:s s:b s:o s:o}",
	    "recipient", json_str(f->recipient), "auth_failure",
	    mxa_refusal_is_auth(f->refusal.class), "methods",
	    methods_json(f->refusal.methods), "domain", json_str(f->domain),
	    "identity", mxa_identity_name(f->identity), "ip",
	    mxa_ip_format(&f->ip, ip), "remote_mta", json_str(f->remote_mta),
	    "status", json_str(f->status), "reply", f->said.code, "provider",
	    f->refusal.provider, "class",
	    mxa_refusal_class_name(f->refusal.class), "stage",
	    mxa_stage_name(f->said.stage), "temporary", f->temporary, "causes",
	    causes_json(why), "evidence", json_str(f->evidence));
}

static json_t *fix_json(const struct mxa_fix *fix)
{
	return json_pack("{s:s s:o s:s s:o s:o s:b s:o}", "action",
	    mxa_fix_action_name(fix->action), "name", json_str(fix->name),
	    "type", fix->name.len ? "TXT" : "", "record", json_str(fix->record),
	    "old", json_str(fix->old), "verified", fix->verified, "text",
	    json_str(fix->text));
}

static json_t *result_json(
    const struct mxa_bounce *b, const struct mxa_explained *x)
{
	json_t *failures = json_array(), *fixes = json_array(), *root;

	for (size_t i = 0; i < b->n; i++)
		json_array_append_new(
		    failures, failure_json(&b->v[i], x->why[i]));
	for (size_t i = 0; i < x->n_fixes; i++)
		json_array_append_new(fixes, fix_json(&x->fix[i]));
	root = json_pack("{s:s s:b s:o s:o}", "kind",
	    mxa_bounce_kind_name(b->kind), "auth_failure", x->auth_failure,
	    "failures", failures, "fixes", fixes);
	if (b->kind == MXA_NOT_A_BOUNCE && b->reason != NULL)
		json_object_set_new(root, "text", json_string(_(b->reason)));
	if (b->more)
		json_object_set_new(root, "truncated", json_true());
	return root;
}

/* --- text --- */

static void print_quoted(struct mxa_str s)
{
	fputs("    ", stdout);
	cli_print_safe(stdout, mxa_str_sub(s, 0, 2000));
	putchar('\n');
}

static void print_happened(const struct mxa_failure *f)
{
	if (f->recipient.len > 0) {
		fputs(f->temporary ? _("Delayed: ") : _("Refused: "), stdout);
		cli_print_safe(stdout, f->recipient);
		putchar('\n');
	}
	if (f->remote_mta.len > 0) {
		fputs(_("By: "), stdout);
		cli_print_safe(stdout, f->remote_mta);
		putchar('\n');
	}
	if (f->said.code[0] != '\0' || f->status.len > 0)
		printf(
		    _("With: %s %.*s\n"), f->said.code, MXA_STR_ARG(f->status));
	if (f->evidence.len > 0)
		print_quoted(f->evidence);
}

#define SHOWN 20 /* recipients told one by one */

static void print_list(const char *title, const struct mxa_str *v, size_t n)
{
	if (n == 0)
		return;
	printf("\n%s\n", title);
	for (size_t i = 0; i < n; i++) {
		fputs("  ", stdout);
		cli_print_safe(stdout, v[i]);
		putchar('\n');
	}
}

static void print_fixes(const struct mxa_explained *x)
{
	if (x->n_fixes == 0)
		return;
	printf("\n%s\n", _("What to do"));
	for (size_t i = 0; i < x->n_fixes; i++) {
		const struct mxa_fix *fix = &x->fix[i];

		if (fix->record.len > 0 && fix->old.len > 0) {
			fputs(_("  old: "), stdout);
			cli_print_safe(stdout, fix->old);
			putchar('\n');
		}
		if (fix->record.len > 0) {
			fputs(fix->old.len ? _("  new: ") : _("  record: "),
			    stdout);
			cli_print_safe(stdout, fix->record);
			putchar('\n');
		}
		fputs("  ", stdout);
		cli_print_safe(stdout, fix->text);
		putchar('\n');
	}
}

static void print_text(
    const struct mxa_bounce *b, const struct mxa_explained *x)
{
	if (b->kind == MXA_NOT_A_BOUNCE) {
		printf("%s %s\n", _("not a bounce:"), _(b->reason));
		return;
	}
	if (b->kind == MXA_HEADER && b->all_passed) {
		puts(_("Everything passed:"));
		print_quoted(b->evidence);
		return;
	}
	for (size_t i = 0; i < b->n && i < SHOWN; i++)
		print_happened(&b->v[i]);
	if (b->n > SHOWN)
		printf(P_("... and %zu more recipient\n",
			   "... and %zu more recipients\n", b->n - SHOWN),
		    b->n - SHOWN);
	if (!x->auth_failure)
		puts(_("This is no matter of authentication."));
	else
		print_list(_("Why"), x->finding, x->n_findings);
	print_fixes(x);
	print_list(_("What not to do"), x->avoid, x->n_avoid);
}

/* --- one file --- */

static int status_of(const struct mxa_bounce *b, const struct mxa_explained *x)
{
	if (b->kind == MXA_NOT_A_BOUNCE)
		return 2;
	return x->auth_failure ? 0 : 1;
}

static int explain_bytes(
    struct explain *e, struct mxa_str bytes, json_t **answer)
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
		*answer = result_json(&b, x);
	else
		print_text(&b, x);
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

static int explain_one(struct explain *e, const char *path, json_t **answer)
{
	struct mxa_str bytes;
	char *block;
	int status;

	*answer = NULL;
	if (strcmp(path, "-") != 0 && access(path, F_OK) != 0 &&
	    cli_looks_like_queue_id(path))
		return cli_explain_queue_id(
		    &e->cli, e->conf, e->arena, path, answer);
	if (!read_input(e, path, &block, &bytes)) {
		free(block);
		return EX_NOINPUT;
	}
	status = explain_bytes(e, bytes, answer);
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

static int run(struct explain *e)
{
	json_t *list = json_array(), *answer;
	int status = -1;

	for (int i = 0; i < e->n_files; i++) {
		int one;

		if (!e->cli.json && e->n_files > 1)
			printf("%s==> %s <==\n", i ? "\n" : "", e->file[i]);
		one = explain_one(e, e->file[i], &answer);
		if (answer != NULL)
			json_array_append_new(list, answer);
		status = i == 0 ? one : worse(status, one);
		mxa_arena_reset(e->arena);
	}
	if (e->cli.json && (e->n_files > 1 || json_array_size(list) > 0)) {
		json_dumpf(e->n_files > 1 ? list : json_array_get(list, 0),
		    stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(list);
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
