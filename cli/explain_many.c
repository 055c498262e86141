/* explain_many.c - inputs into a summary, and the summary in words. */
#include "cli/explain_many.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "bounce/mailbox.h"
#include "cli/explain_json.h"
#include "cli/progress.h"
#include "mxauth.h"

#define LOOK 65536		/* bytes that tell what an input is */
#define MAX_EXPLAINED 200	/* groups whose DNS is looked at */
#define GROUP_DEADLINE_MS 8000	/* for one of them */
#define TOTAL_DEADLINE_MS 60000 /* and for all */
#define EVERY_LINES 4096	/* between looks at the progress */
#define EXAMPLE 300		/* bytes shown of a reply */

enum input_kind { INPUT_MESSAGE, INPUT_MBOX, INPUT_LOG, INPUT_BOX };

struct input {
	const char *path;
	const char *kind; /* as the JSON names it */
	uint64_t messages, lines;
};

struct many {
	struct many_options *o;
	struct out *out;
	struct mxa_summary *summary;
	struct input *input; /* of each path */
	size_t n_inputs;
	struct input *now; /* the one that is read */
	struct progress progress;
	many_each_fn *each; /* in place of the summary; NULL */
	void *each_ctx;
	int status; /* the best answer of 'each', or why an input failed */
	bool unreadable;
};

/* --- what an input is --- */

static enum input_kind kind_of_start(struct mxa_str start)
{
	if (mxa_mailbox_is_mbox(start))
		return INPUT_MBOX;
	return mxa_maillog_is_log(start) ? INPUT_LOG : INPUT_MESSAGE;
}

/* Standard input can be opened only once. */
static struct mxa_intake *open_input(
    struct many_options *o, const char *path, const char **error)
{
	struct mxa_intake *in = o->standard_input;

	if (strcmp(path, "-") != 0 || in == NULL)
		return mxa_intake_open(path, error);
	o->standard_input = NULL;
	return in;
}

bool cli_is_many(struct many_options *o, const char *path)
{
	const char *error;
	struct mxa_intake *in;
	bool many;

	if (mxa_mailbox_kind(path) != MXA_MAILBOX_FILE)
		return true;
	in = open_input(o, path, &error);
	if (in == NULL)
		return false;
	many = kind_of_start(mxa_intake_peek(in, LOOK)) != INPUT_MESSAGE;
	if (strcmp(path, "-") == 0)
		o->standard_input = in;
	else
		mxa_intake_free(in);
	return many;
}

/* --- reading --- */

static void take_answer(struct many *m, int status)
{
	if (m->status < 0 || status < m->status)
		m->status = status;
}

static bool take_message(void *ctx, struct mxa_str name, struct mxa_str bytes)
{
	struct many *m = ctx;

	m->now->messages++;
	if (m->each != NULL)
		take_answer(m, m->each(m->each_ctx, name, bytes));
	else
		mxa_summary_message(m->summary, name, bytes);
	progress_update(&m->progress, m->now->messages, 0, _("messages"));
	return true;
}

static void take_delivery(void *ctx, const struct mxa_delivery *d)
{
	struct many *m = ctx;
	struct mxa_arena *a;

	if (m->each == NULL) {
		mxa_summary_delivery(m->summary, d);
		return;
	}
	if (d->state == MXA_DELIVERY_SENT)
		return;
	a = mxa_arena_new();
	take_answer(
	    m, m->each(m->each_ctx, d->id, mxa_summary_delivery_text(a, d)));
	mxa_arena_free(a);
}

static void read_log(struct many *m, struct mxa_intake *in)
{
	struct mxa_maillog *log =
	    mxa_maillog_new(mxa_clock_wall(mxa_sysclock()), take_delivery, m);
	struct mxa_str line;
	uint64_t taken, size;

	while (mxa_intake_line(in, &line)) {
		(void)mxa_maillog_line(log, line);
		if (++m->now->lines % EVERY_LINES != 0)
			continue;
		mxa_intake_progress(in, &taken, &size);
		progress_update(&m->progress, taken, size, _("bytes"));
	}
	mxa_maillog_end(log);
	mxa_maillog_free(log);
}

/* A message file, whole. */
static void read_one_message(
    struct many *m, const char *path, struct mxa_intake *in)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str line;
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAILBOX_MAX_MESSAGE);
	while (mxa_intake_line(in, &line)) {
		mxa_buf_addstr(&b, line);
		if (mxa_intake_line_ended(in))
			mxa_buf_addc(&b, '\n');
	}
	take_message(m, mxa_str_from(path), mxa_buf_str(&b));
	mxa_arena_free(a);
}

static void report_input_problem(
    struct many *m, const char *path, const char *why)
{
	cli_error(m->o->cli, "%s: %s", path, why);
	m->unreadable = true;
}

/* A file, or standard input. */
static void read_file(struct many *m, const char *path)
{
	const char *error = NULL;
	struct mxa_intake *in = open_input(m->o, path, &error);

	if (in == NULL) {
		report_input_problem(m, path, error);
		return;
	}
	switch (kind_of_start(mxa_intake_peek(in, LOOK))) {
	case INPUT_MBOX:
		m->now->kind = "mbox";
		(void)mxa_mailbox_mbox(in, mxa_str_from(path), take_message, m);
		break;
	case INPUT_LOG:
		m->now->kind = "log";
		read_log(m, in);
		break;
	case INPUT_MESSAGE:
	case INPUT_BOX:
		read_one_message(m, path, in);
		break;
	}
	if (mxa_intake_error(in) != NULL)
		report_input_problem(m, path, mxa_intake_error(in));
	mxa_intake_free(in);
}

/* A file of a directory keeps the directory's kind. */
static void read_member(void *ctx, const char *path)
{
	struct many *m = ctx;
	const char *kind = m->now->kind;

	read_file(m, path);
	m->now->kind = kind;
}

static void read_input(struct many *m, const char *path)
{
	enum mxa_mailbox_kind kind = mxa_mailbox_kind(path);

	m->now->path = path;
	m->now->kind = "message";
	if (kind == MXA_MAILBOX_FILE) {
		read_file(m, path);
		return;
	}
	m->now->kind = kind == MXA_MAILBOX_MAILDIR ? "maildir" : "directory";
	if (!mxa_mailbox_walk(path, kind, read_member, m))
		report_input_problem(m, path, strerror(errno));
}

static void read_inputs(struct many *m, char **paths, int n)
{
	m->input = mxa_xcalloc((size_t)n, sizeof(*m->input));
	progress_begin(&m->progress);
	for (int i = 0; i < n; i++) {
		m->now = &m->input[m->n_inputs++];
		read_input(m, paths[i]);
	}
	progress_end(&m->progress);
}

/* --- what mends a group --- */

struct looked {
	struct mxa_arena *arena;
	uint64_t end_ms;
	unsigned left;
};

/* The diagnosis of the group's sample; NULL: it is none of authentication, or
 * there is no time left. */
static const struct mxa_explained *look_into(
    struct many *m, struct looked *l, const struct mxa_group *g)
{
	struct mxa_explain_env env = { .dns = m->o->dns,
		.deadline_ms = GROUP_DEADLINE_MS,
		.relay = m->o->relay };
	struct mxa_explained *x;
	struct mxa_bounce b;

	mxa_arena_reset(l->arena);
	if (!mxa_refusal_is_auth(g->class) || g->sample.len == 0 ||
	    l->left == 0 || mxa_clock_ms(mxa_sysclock()) > l->end_ms)
		return NULL;
	l->left--;
	mxa_bounce_read(l->arena, g->sample, &b);
	if (g->sample_failure >= b.n)
		return NULL;
	b.v += g->sample_failure;
	b.n = 1;
	x = mxa_arena_calloc(l->arena, 1, sizeof(*x));
	env.engine = (struct mxa_engine_env){ .arena = l->arena,
		.budget = mxa_budget_open(m->o->dns, GROUP_DEADLINE_MS),
		.clock = mxa_sysclock(),
		.options = &m->o->conf->auth };
	mxa_explain(&env, &b, x);
	mxa_budget_close(env.engine.budget);
	return x;
}

static void looked_begin(struct looked *l)
{
	l->arena = mxa_arena_new();
	l->end_ms = mxa_clock_ms(mxa_sysclock()) + TOTAL_DEADLINE_MS;
	l->left = MAX_EXPLAINED;
}

/* --- JSON --- */

static void write_rfc3339(struct mxa_json *j, const char *key, int64_t when)
{
	char text[MXA_TIME_TEXT];

	mxa_json_word(j, key, when != 0 ? mxa_time_format(when, text) : "");
}

static void write_group(struct mxa_json *j, const struct mxa_group *g,
    const struct mxa_explained *x)
{
	mxa_json_open(j, NULL, '{');
	mxa_json_bool(j, "auth_failure", mxa_refusal_is_auth(g->class));
	mxa_json_word(j, "class", mxa_refusal_class_name(g->class));
	cli_write_causes(j, x != NULL ? x->why[0] : 0);
	cli_write_methods(j, g->methods);
	mxa_json_str(j, "domain", g->domain);
	mxa_json_str(j, "provider", g->provider);
	mxa_json_str(j, "ip", g->ip);
	mxa_json_str(j, "status", g->status);
	mxa_json_str(j, "reply", g->reply);
	mxa_json_bool(j, "temporary", g->temporary);
	mxa_json_int(j, "count", (int64_t)g->count);
	mxa_json_int(j, "recipients", (int64_t)g->recipients);
	write_rfc3339(j, "first", g->first);
	write_rfc3339(j, "last", g->last);
	mxa_json_str(j, "example", g->example);
	mxa_json_open(j, "fixes", '[');
	for (size_t i = 0; x != NULL && i < x->n_advice; i++)
		cli_write_fix(j, &x->advice[i]);
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
}

static void write_inputs(struct mxa_json *j, const struct many *m)
{
	mxa_json_open(j, "inputs", '[');
	for (size_t i = 0; i < m->n_inputs; i++) {
		mxa_json_open(j, NULL, '{');
		mxa_json_text(j, "path", m->input[i].path);
		mxa_json_word(j, "kind", m->input[i].kind);
		mxa_json_int(j, "messages", (int64_t)m->input[i].messages);
		mxa_json_int(j, "lines", (int64_t)m->input[i].lines);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
}

static void write_summary(struct many *m)
{
	const struct mxa_summary_counts *c = mxa_summary_counts(m->summary);
	struct mxa_json *j = out_json(m->out, MXA_JSON_LINES);
	const struct mxa_group *const *g;
	struct looked l;
	size_t n;

	looked_begin(&l);
	mxa_json_open(j, NULL, '{');
	mxa_json_word(j, "kind", "summary");
	write_inputs(j, m);
	mxa_json_int(j, "deliveries", (int64_t)c->deliveries);
	mxa_json_int(j, "refused", (int64_t)c->refused);
	mxa_json_int(j, "deferred", (int64_t)c->deferred);
	write_rfc3339(j, "first", c->first);
	write_rfc3339(j, "last", c->last);
	mxa_json_open(j, "groups", '[');
	g = mxa_summary_groups(m->summary, &n);
	for (size_t i = 0; i < n; i++)
		write_group(j, g[i], look_into(m, &l, g[i]));
	mxa_json_close(j, ']');
	mxa_json_open(j, "not_understood", '{');
	mxa_json_int(j, "count", (int64_t)c->not_understood);
	mxa_json_list(j, "examples", c->not_understood_example, c->n_examples);
	mxa_json_close(j, '}');
	if (c->more_groups || c->more_recipients)
		mxa_json_bool(j, "truncated", true);
	mxa_json_close(j, '}');
	out_json_end(m->out);
	mxa_arena_free(l.arena);
}

/* --- text --- */

static void print_day(struct out *o, int64_t when)
{
	char text[MXA_TIME_TEXT];

	if (when != 0)
		out_printf(o, "%.10s", mxa_time_format(when, text));
}

static void print_answer(
    struct out *o, const struct mxa_summary_counts *c, size_t n)
{
	struct mxa_arena *a = mxa_arena_new();

	if (c->refused + c->deferred == 0)
		out_answer(o,
		    mxa_str_from(mxa_arena_printf(a,
			_("Deliveries: %llu, none refused."),
			(unsigned long long)c->deliveries)));
	else
		out_answer(o,
		    mxa_str_from(mxa_arena_printf(a,
			_("Deliveries: %llu. Refused: %llu, still "
			  "waiting: %llu; for authentication: %llu. Groups: "
			  "%zu."),
			(unsigned long long)c->deliveries,
			(unsigned long long)c->refused,
			(unsigned long long)c->deferred,
			(unsigned long long)c->auth, n)));
	mxa_arena_free(a);
}

static void print_group_line(struct out *o, const struct mxa_group *g)
{
	out_printf(o, "\n%8llu ", (unsigned long long)g->count);
	out_style(o, mxa_refusal_is_auth(g->class) ? OUT_ERROR : OUT_HEADING,
	    mxa_refusal_class_name(g->class));
	if (g->temporary)
		out_printf(o, " (%s)", _("still waiting"));
	if (g->domain.len > 0)
		out_printf(o, ", %.*s", MXA_STR_ARG(g->domain));
	if (g->ip.len > 0)
		out_printf(o, " [%.*s]", MXA_STR_ARG(g->ip));
	if (g->provider.len > 0)
		out_printf(o, ", %.*s", MXA_STR_ARG(g->provider));
	if (g->reply.len > 0 || g->status.len > 0)
		out_printf(o, ", %.*s%s%.*s", MXA_STR_ARG(g->reply),
		    g->reply.len > 0 ? " " : "", MXA_STR_ARG(g->status));
	out_text(o, "\n         ");
	out_printf(o, P_("%llu recipient", "%llu recipients", g->recipients),
	    (unsigned long long)g->recipients);
	if (g->first != 0) {
		out_text(o, ", ");
		print_day(o, g->first);
		if (g->last / MXA_DAY_SECONDS != g->first / MXA_DAY_SECONDS) {
			out_text(o, " .. ");
			print_day(o, g->last);
		}
	}
	out_text(o, "\n");
}

static void print_group_fixes(struct out *o, const struct mxa_explained *x)
{
	for (size_t i = 0; x != NULL && i < x->n_advice; i++) {
		const struct mxa_advice *advice = &x->advice[i];

		/* the text of a change has the record in its sentence */
		if (advice->fix.new.len == 0) {
			out_paragraph(o, 9, 9, advice->text);
			continue;
		}
		out_paragraphf(o, 9, 9, _("Publish this TXT record at %.*s:"),
		    MXA_STR_ARG(advice->fix.name));
		out_line(o, 13, advice->fix.new);
		out_paragraph(o, 9, 9, advice->fix.advice);
	}
}

static void print_not_understood(
    struct out *o, const struct mxa_summary_counts *c)
{
	if (c->not_understood == 0)
		return;
	out_printf(o,
	    P_("\n%llu message is not a bounce that can be read:\n",
		"\n%llu messages are not bounces that can be read:\n",
		c->not_understood),
	    (unsigned long long)c->not_understood);
	for (size_t i = 0; i < c->n_examples; i++)
		out_line(o, 4, c->not_understood_example[i]);
}

/* At most EXAMPLE bytes, and no half character. */
static struct mxa_str shown_example(struct mxa_str s)
{
	size_t end = s.len < EXAMPLE ? s.len : EXAMPLE;

	while (
	    end > 0 && end < s.len && ((unsigned char)s.p[end] & 0xc0) == 0x80)
		end--;
	return mxa_str_sub(s, 0, end);
}

static void print_summary(struct many *m)
{
	const struct mxa_summary_counts *c = mxa_summary_counts(m->summary);
	const struct mxa_group *const *g;
	struct looked l;
	size_t n;

	looked_begin(&l);
	g = mxa_summary_groups(m->summary, &n);
	print_answer(m->out, c, n);
	for (size_t i = 0; i < n; i++) {
		const struct mxa_explained *x = look_into(m, &l, g[i]);

		print_group_line(m->out, g[i]);
		out_paragraph(m->out, 9, 9, shown_example(g[i]->example));
		print_group_fixes(m->out, x);
	}
	print_not_understood(m->out, c);
	if (c->more_groups)
		out_printf(m->out, "%s\n",
		    _("There are more groups than can be kept: narrow the "
		      "input with --since, or group with --by."));
	mxa_arena_free(l.arena);
}

/* --- lists of recipients --- */

static void list_recipient(void *ctx, struct mxa_str recipient)
{
	struct many *m = ctx;

	if (m->o->cli->json)
		mxa_json_str(&m->out->json, NULL, recipient);
	else
		out_line(m->out, 0, recipient);
}

static bool class_by_name(const char *name, enum mxa_refusal_class *out)
{
	for (int c = 0; c <= MXA_RF_OTHER; c++)
		if (strcmp(name,
			mxa_refusal_class_name((enum mxa_refusal_class)c)) ==
		    0) {
			*out = (enum mxa_refusal_class)c;
			return true;
		}
	return false;
}

static int list_class(struct many *m, char **paths, int n)
{
	enum mxa_refusal_class class;

	if (!class_by_name(m->o->list, &class)) {
		cli_error(m->o->cli,
		    _("--list wants a class such as unknown-user, not '%s'"),
		    m->o->list);
		return EX_USAGE;
	}
	mxa_summary_list(m->summary, class, list_recipient, m);
	if (m->o->cli->json)
		mxa_json_open(out_json(m->out, MXA_JSON_LINES), NULL, '[');
	read_inputs(m, paths, n);
	if (m->o->cli->json) {
		mxa_json_close(&m->out->json, ']');
		out_json_end(m->out);
	}
	return -1;
}

/* --- the module --- */

static int summary_status(const struct many *m)
{
	const struct mxa_summary_counts *c = mxa_summary_counts(m->summary);

	if (m->unreadable)
		return EX_NOINPUT;
	if (c->auth > 0)
		return 0;
	return c->deliveries > 0 ? 1 : 2;
}

int cli_explain_many(
    struct many_options *o, char **paths, int n, struct out *out)
{
	struct many m = { .o = o, .out = out, .status = -1 };
	int status = -1;

	m.summary = mxa_summary_new(o->by, o->since, o->until);
	if (o->list != NULL) {
		status = list_class(&m, paths, n);
	} else {
		read_inputs(&m, paths, n);
		if (o->cli->json)
			write_summary(&m);
		else
			print_summary(&m);
	}
	if (status < 0)
		status = summary_status(&m);
	mxa_summary_free(m.summary);
	free(m.input);
	return status;
}

int cli_explain_each(
    struct many_options *o, const char *path, many_each_fn *fn, void *ctx)
{
	struct input input = { .path = path };
	struct many m = {
		.o = o, .now = &input, .each = fn, .each_ctx = ctx, .status = -1
	};

	read_input(&m, path);
	if (m.unreadable)
		return EX_NOINPUT;
	return m.status < 0 ? 2 : m.status;
}
