/* cmd_replay.c - mxauth replay: what would become of journalled mail under
 * another configuration, mxauth(1). */
#include "cli/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/out.h"
#include "cli/replay_suggest.h"
#include "conf/conf.h"
#include "history/counts.h"
#include "history/replay.h"
#include "history/suggest.h"
#include "policy/grounds.h"
#include "history/scan.h"

static const char usage[] =
    "usage: mxauth replay [OPTION]... [JOURNAL]...\n"
    "\n"
    "Decides the messages of the journal again under a configuration and\n"
    "lists those that would be treated in another way, then what would be\n"
    "refused by author domain and cause.  JOURNAL is a file or a journal's\n"
    "directory; without it, the journal of the configuration.  No DNS is\n"
    "asked and no signature verified again: what was found out then stands.\n"
    "\n"
    "  --config NEW   the configuration to try; default: the installed one\n"
    "  --since T      only messages from that time on\n"
    "  --until T      only messages before that time\n"
    "  --suggest      write the rules that a careful postmaster would add\n"
    "                 before refusals are turned on, with what speaks for "
    "them\n"
    "  --json         answer as JSON\n"
    "\n"
    "Times are RFC 3339, dates, or seconds since 1970.\n"
    "Exit status: 0 nothing would change, 1 something would.\n";

#define MAX_SUMS 10000	  /* author domains with causes */
#define MAX_SUMS_SHOWN 50 /* in text */
#define MAX_MOVES 200	  /* kinds of change counted on their own */

/* How many messages go from one action to another, by which rule. */
struct move {
	enum mxa_action_kind then, now;
	char rule[128];
	size_t n;
};

struct replay {
	struct cli cli;
	struct mxa_conf *conf;
	struct mxa_arena *arena; /* of one line */
	struct mxa_replay_totals totals;
	struct out out;
	size_t doubt[MXA_REPLAY_DOUBTS];
	size_t bad_lines;
	size_t unfinished; /* last lines without a newline */
	struct move move[MAX_MOVES];
	size_t n_moves;
	size_t other_moves;	     /* messages of changes beyond those */
	struct mxa_counts *sums;     /* "author cause action" */
	struct mxa_suggest *suggest; /* NULL: not wanted */
	int64_t since, until;	     /* 0: open */
	bool unreadable;
};

/* --- counting --- */

/* The author domain that the decision is about; empty if there was none. */
static struct mxa_str author_of(
    const struct mxa_entry *e, const struct mxa_replayed *r)
{
	const struct mxa_dmarc_verdict *d = &e->txn.verdict.dmarc;

	if (r->doubt != MXA_REPLAY_NOT_VERIFIED && r->now.author < d->n)
		return d->domain[r->now.author].author;
	return d->n > 0 ? d->domain[d->worst].author : MXA_STR_NONE;
}

static void count_move(
    struct replay *p, const struct mxa_entry *e, const struct mxa_replayed *r)
{
	struct move m = { e->txn.action.kind, r->now.kind, "", 1 };

	snprintf(m.rule, sizeof(m.rule), "%.*s", MXA_STR_ARG(r->now.rule));
	for (size_t i = 0; i < p->n_moves; i++)
		if (p->move[i].then == m.then && p->move[i].now == m.now &&
		    strcmp(p->move[i].rule, m.rule) == 0) {
			p->move[i].n++;
			return;
		}
	if (p->n_moves < MAX_MOVES)
		p->move[p->n_moves++] = m;
	else
		p->other_moves++;
}

/* What a profile other than monitor would do, by author domain and cause. */
static void count_sum(
    struct replay *p, const struct mxa_entry *e, const struct mxa_replayed *r)
{
	struct mxa_str author = author_of(e, r), id = e->txn.msg.queue_id;
	struct mxa_count *sum;
	const char *key;

	if (r->doubt == MXA_REPLAY_NOT_VERIFIED ||
	    r->now.would == MXA_ACT_ACCEPT)
		return;
	key = mxa_arena_printf(p->arena, "%.*s %s %s",
	    MXA_STR_ARG(author.len > 0 ? author : MXA_STR("-")),
	    mxa_cause_name(r->now.cause), mxa_action_name(r->now.would));
	sum = mxa_counts_at(p->sums, key);
	if (sum != NULL && sum->n++ == 0 && id.len < sizeof(sum->example))
		memcpy(sum->example, id.p, id.len);
}

static int more_first(const void *a, const void *b)
{
	size_t m = ((const struct move *)a)->n, n = ((const struct move *)b)->n;

	return m == n ? 0 : m > n ? -1 : 1;
}

/* --- JSON --- */

static void write_action(
    struct mxa_json *j, const char *key, const struct mxa_action *act)
{
	mxa_json_open(j, key, '{');
	mxa_json_word(j, "action", mxa_action_name(act->kind));
	mxa_json_text(j, "code", act->reply.code);
	mxa_json_text(j, "enhanced", act->reply.enhanced);
	mxa_json_word(
	    j, "disposition", mxa_dmarc_policy_name(act->disposition));
	mxa_json_word(j, "cause", mxa_cause_name(act->cause));
	mxa_json_word(j, "profile", mxa_profile_name(act->profile));
	mxa_json_str(j, "rule", act->rule);
	mxa_json_open(j, "grounds", '[');
	for (size_t i = 0; i < act->n_grounds; i++)
		mxa_json_text(j, NULL, mxa_ground_name(act->ground[i]));
	mxa_json_close(j, ']');
	mxa_json_close(j, '}');
}

static void write_message(
    struct mxa_json *j, const struct mxa_entry *e, const struct mxa_replayed *r)
{
	const struct mxa_msg *m = &e->txn.msg;
	char when[MXA_TIME_TEXT], ip[MXA_IP_TEXT];

	mxa_json_open(j, NULL, '{');
	mxa_json_str(j, "id", m->queue_id);
	mxa_json_word(j, "time", mxa_time_format(e->time, when));
	mxa_json_word(j, "ip", m->ip.family ? mxa_ip_format(&m->ip, ip) : "");
	mxa_json_str(j, "from", author_of(e, r));
	mxa_json_str(j, "mfrom", m->mail_from);
	write_action(j, "then", &e->txn.action);
	mxa_json_bool(j, "changed", r->changed);
	mxa_json_word(j, "doubt", mxa_replay_doubt_name(r->doubt));
	if (r->doubt == MXA_REPLAY_NOT_VERIFIED)
		mxa_json_null(j, "now");
	else
		write_action(j, "now", &r->now);
	mxa_json_close(j, '}');
}

static void write_moves(struct mxa_json *j, const struct replay *p)
{
	mxa_json_open(j, "changes", '[');
	for (size_t i = 0; i < p->n_moves; i++) {
		const struct move *m = &p->move[i];

		mxa_json_open(j, NULL, '{');
		mxa_json_word(j, "then", mxa_action_name(m->then));
		mxa_json_word(j, "now", mxa_action_name(m->now));
		mxa_json_text(j, "rule", m->rule);
		mxa_json_int(j, "messages", (int64_t)m->n);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
}

static void write_sums(struct mxa_json *j, const struct replay *p)
{
	size_t n;
	struct mxa_count **sum = mxa_counts_sorted(p->sums, &n);

	mxa_json_open(j, "sums", '[');
	for (size_t i = 0; i < n; i++) {
		struct mxa_str key = mxa_str_from(sum[i]->key);
		size_t cause = mxa_str_chr(key, ' ', 0) + 1;
		size_t action = mxa_str_chr(key, ' ', cause) + 1;

		mxa_json_open(j, NULL, '{');
		mxa_json_str(j, "from", mxa_str_sub(key, 0, cause - 1));
		mxa_json_str(j, "cause", mxa_str_sub(key, cause, action - 1));
		mxa_json_str(j, "would", mxa_str_sub(key, action, key.len));
		mxa_json_int(j, "messages", (int64_t)sum[i]->n);
		mxa_json_text(j, "example", sum[i]->example);
		mxa_json_close(j, '}');
	}
	mxa_json_close(j, ']');
}

static void write_totals(struct mxa_json *j, const struct replay *p)
{
	mxa_json_int(j, "messages", (int64_t)p->totals.messages);
	mxa_json_int(j, "changed", (int64_t)p->totals.changed);
	write_moves(j, p);
	write_sums(j, p);
	if (p->suggest != NULL)
		replay_write_suggestions(j, p->suggest);
	mxa_json_int(j, "other_changes", (int64_t)p->other_moves);
	mxa_json_open(j, "doubts", '{');
	for (int d = MXA_REPLAY_NOT_VERIFIED; d < MXA_REPLAY_DOUBTS; d++)
		mxa_json_int(j, mxa_replay_doubt_name((enum mxa_replay_doubt)d),
		    (int64_t)p->doubt[d]);
	mxa_json_close(j, '}');
	mxa_json_int(j, "bad_lines", (int64_t)p->bad_lines);
	mxa_json_int(j, "unfinished_lines", (int64_t)p->unfinished);
}

/* --- text --- */

/* "reject 550 5.7.26", "tag (dis=quarantine)" */
static void print_replay_action(struct out *o, const struct mxa_action *act)
{
	out_text(o, mxa_action_name(act->kind));
	if (act->reply.code[0] != '\0')
		out_printf(o, " %s %s", act->reply.code, act->reply.enhanced);
	else if (act->disposition != MXA_POLICY_NONE)
		out_printf(
		    o, " (dis=%s)", mxa_dmarc_policy_name(act->disposition));
}

static void print_message(
    struct out *o, const struct mxa_entry *e, const struct mxa_replayed *r)
{
	struct mxa_str author = author_of(e, r);
	char when[MXA_TIME_TEXT], ip[MXA_IP_TEXT];

	out_printf(o, "%s %.*s %.*s", mxa_time_format(e->time, when),
	    MXA_STR_ARG(e->txn.msg.queue_id),
	    MXA_STR_ARG(author.len ? author : MXA_STR("-")));
	if (e->txn.msg.ip.family != 0)
		out_printf(o, " [%s]", mxa_ip_format(&e->txn.msg.ip, ip));
	out_text(o, ": ");
	print_replay_action(o, &e->txn.action);
	out_text(o, " -> ");
	print_replay_action(o, &r->now);
	out_printf(o, ", %s %.*s", _("by"), MXA_STR_ARG(r->now.rule));
	if (r->now.cause != MXA_CAUSE_NOTHING)
		out_printf(o, " (%s)", mxa_cause_name(r->now.cause));
	if (r->doubt != MXA_REPLAY_SURE)
		out_printf(o, "; %s: %s", _("uncertain"),
		    _(mxa_replay_doubt_text(r->doubt)));
	out_text(o, "\n");
}

static void print_count(struct out *o, size_t n, const char *what)
{
	if (n > 0)
		out_printf(o, "%7zu  %s\n", n, what);
}

static void print_sums(struct out *o, const struct replay *p)
{
	size_t n;
	struct mxa_count **sum = mxa_counts_sorted(p->sums, &n);

	if (n > 0)
		out_printf(o, "\n%s\n",
		    _("By author domain and cause, if the profile is not "
		      "monitor:"));
	for (size_t i = 0; i < n && i < MAX_SUMS_SHOWN; i++)
		out_printf(o, "%7zu  %s  (%s)\n", sum[i]->n, sum[i]->key,
		    sum[i]->example);
	if (n > MAX_SUMS_SHOWN)
		out_printf(o, "%7zu  %s\n", n - MAX_SUMS_SHOWN,
		    _("further domains and causes"));
}

static void print_totals(struct out *o, const struct replay *p)
{
	unsigned long n = (unsigned long)p->totals.messages;

	if (p->totals.changed > 0)
		out_text(o, "\n");
	out_printf(o,
	    P_("%lu message was decided again, %lu would be treated in "
	       "another way.\n",
		"%lu messages were decided again, %lu would be treated in "
		"another way.\n",
		n),
	    n - (unsigned long)p->doubt[MXA_REPLAY_NOT_VERIFIED],
	    (unsigned long)p->totals.changed);
	for (size_t i = 0; i < p->n_moves; i++)
		out_printf(o, "%7zu  %s -> %s, %s %s\n", p->move[i].n,
		    mxa_action_name(p->move[i].then),
		    mxa_action_name(p->move[i].now), _("by"), p->move[i].rule);
	print_count(o, p->other_moves, _("other changes"));
	for (int d = MXA_REPLAY_NOT_VERIFIED; d < MXA_REPLAY_DOUBTS; d++)
		if (p->doubt[d] > 0)
			out_printf(o, "%7zu  %s: %s\n", p->doubt[d],
			    _("uncertain"),
			    _(mxa_replay_doubt_text((enum mxa_replay_doubt)d)));
	print_count(o, p->bad_lines, _("unreadable lines were left out"));
	print_count(o, p->unfinished, _("unfinished last lines were left out"));
	print_sums(o, p);
}

/* --- the run --- */

static void replay_message(struct replay *p, const struct mxa_entry *e)
{
	struct mxa_replayed r;

	if (e->time < p->since || (p->until != 0 && e->time >= p->until))
		return;
	mxa_replay(p->conf, p->arena, e, &r);
	mxa_replay_count(&p->totals, e, &r);
	p->doubt[r.doubt]++;
	count_sum(p, e, &r);
	if (r.changed)
		count_move(p, e, &r);
	if (p->suggest != NULL) {
		mxa_suggest_add(p->suggest, e, &r);
		return;
	}
	if (p->cli.json && (r.changed || r.doubt != MXA_REPLAY_SURE))
		write_message(&p->out.json, e, &r);
	else if (r.changed && !p->cli.json)
		print_message(&p->out, e, &r);
}

static void report_replay_problem(
    struct replay *p, const char *path, const char *what)
{
	cli_error(&p->cli, "%s: %s", path, what);
	p->unreadable = true;
}

static void replay_path(struct replay *p, const char *path)
{
	struct mxa_scan *s = NULL;
	struct mxa_place place;
	struct mxa_entry e;
	bool any = false;
	enum mxa_rc rc;

	if (mxa_scan_open(path, &s) != MXA_OK) {
		report_replay_problem(p, path, strerror(errno));
		return;
	}
	mxa_scan_without(s, MXA_WITHOUT_DNS);
	while (mxa_arena_reset(p->arena),
	    (rc = mxa_scan_next(s, p->arena, &e, &place)) != MXA_ENOENT) {
		any = any || rc != MXA_ESYNTAX;
		if (rc == MXA_EIO)
			report_replay_problem(p, place.path, strerror(errno));
		else if (rc != MXA_OK)
			p->bad_lines++;
		else if (e.kind == MXA_ENTRY_MESSAGE)
			replay_message(p, &e);
	}
	/* a wrong path must not look like "nothing would change" */
	if (!any)
		report_replay_problem(p, path, _("no journal is there"));
	p->unfinished += mxa_scan_unfinished(s);
	mxa_scan_close(s);
}

static void replay_paths(struct replay *p, int n, char **paths)
{
	for (int i = 0; i < n; i++)
		replay_path(p, paths[i]);
	qsort(p->move, p->n_moves, sizeof(p->move[0]), more_first);
}

/* A line for each message, however many there are. */
static void write_all(struct replay *p, int n, char **paths)
{
	struct mxa_json *j = out_json(&p->out, 2);

	mxa_json_open(j, NULL, '{');
	mxa_json_open(j, "results", '[');
	replay_paths(p, n, paths);
	mxa_json_close(j, ']');
	write_totals(j, p);
	mxa_json_close(j, '}');
	out_json_end(&p->out);
}

static int run_replay(struct replay *p, int n, char **paths)
{
	out_init(&p->out, stdout);
	if (p->cli.json) {
		write_all(p, n, paths);
	} else {
		replay_paths(p, n, paths);
		if (p->suggest != NULL)
			replay_print_suggestions(
			    &p->out, p->suggest, p->totals.messages);
		else
			print_totals(&p->out, p);
	}
	if (p->unreadable)
		return EX_NOINPUT;
	return p->totals.changed > 0 ? 1 : 0;
}

static int parse_replay_options(struct replay *p, int argc, char **argv)
{
	bool suggest = false;
	const struct cli_opt own[] = {
		{ "since", .time = &p->since },
		{ "until", .time = &p->until },
		{ "suggest", .given = &suggest },
	};
	int status =
	    cli_options(&p->cli, own, MXA_ARRAY_LEN(own), NULL, argc, argv);

	if (suggest)
		p->suggest = mxa_suggest_new();
	return status;
}

/* The journals that were named, or that of the configuration. */
static int replay_named(struct replay *p, int n, char **paths)
{
	char *journal;

	if (n > 0)
		return run_replay(p, n, paths);
	if (p->conf->journal_directory.len == 0) {
		cli_error(
		    &p->cli, _("the configuration has no journal; name one"));
		return EX_USAGE;
	}
	journal = mxa_xstrndup(
	    p->conf->journal_directory.p, p->conf->journal_directory.len);
	n = run_replay(p, 1, &journal);
	free(journal);
	return n;
}

int mxa_cmd_replay(int argc, char **argv)
{
	struct replay *p = mxa_xcalloc(1, sizeof(*p));
	int status;

	p->cli = (struct cli){ .name = "replay", .usage = usage };
	p->sums = mxa_counts_new(MAX_SUMS);
	status = parse_replay_options(p, argc, argv);
	if (status < 0 && !cli_readable(&p->cli, p->cli.config))
		status = EX_NOINPUT;
	if (status < 0 && (p->conf = cli_conf(&p->cli)) == NULL)
		status = EX_CONFIG;
	if (status < 0) {
		p->arena = mxa_arena_new();
		status = replay_named(p, argc - optind, argv + optind);
		mxa_arena_free(p->arena);
	}
	mxa_suggest_free(p->suggest);
	mxa_counts_free(p->sums);
	mxa_conf_free(p->conf);
	free(p);
	return status;
}
