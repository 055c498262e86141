/* cmd_replay.c - mxauth replay: what would become of journalled mail under
 * another configuration (contract.md section 5). */
#include "cli/cmd.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/arena.h"
#include "base/i18n.h"
#include "history/replay.h"
#include "history/scan.h"
#include "conf/conf.h"

static const char usage[] =
    "usage: mxauth replay --config NEW [OPTION]... JOURNAL...\n"
    "\n"
    "Decides the messages of the journal again under the configuration NEW\n"
    "and lists those that would be treated in another way.  JOURNAL is a file\n"
    "or the journal's directory.  No DNS is asked and no signature verified\n"
    "again: what was found out then stands.\n"
    "\n"
    "  --config NEW   the configuration to try\n"
    "  --json         answer as JSON\n"
    "\n"
    "Exit status: 0 nothing would change, 1 something would.\n";

static const struct option options[] = {
	CLI_COMMON_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

#define TIME_TEXT 32
#define MAX_MOVES 200 /* kinds of change counted on their own */

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
	size_t doubt[MXA_REPLAY_CUT + 1];
	size_t bad_lines;
	size_t unfinished; /* last lines without a newline */
	struct move move[MAX_MOVES];
	size_t n_moves;
	size_t other_moves; /* messages of changes beyond those */
	size_t printed;
	bool unreadable;
};

/* --- counting --- */

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

static int more_first(const void *a, const void *b)
{
	size_t m = ((const struct move *)a)->n, n = ((const struct move *)b)->n;

	return m == n ? 0 : m > n ? -1 : 1;
}

/* --- both forms --- */

static const char *time_text(int64_t when, char out[TIME_TEXT])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(out, TIME_TEXT, "?");
	return out;
}

/* The domain of From that the decision speaks of; empty: there was none. */
static struct mxa_str author_of(
    const struct mxa_entry *e, const struct mxa_replayed *r)
{
	const struct mxa_dmarc_verdict *d = &e->txn.verdict.dmarc;

	if (r->doubt != MXA_REPLAY_NOT_VERIFIED && r->now.author < d->n)
		return d->domain[r->now.author].author;
	return d->n > 0 ? d->domain[d->worst].author : MXA_STR_NONE;
}

/* --- JSON --- */

static json_t *json_str(struct mxa_str s)
{
	json_t *j = json_stringn(s.len ? s.p : "", s.len);

	return j ? j : json_string("(not UTF-8)");
}

static json_t *action_json(const struct mxa_action *act)
{
	json_t *grounds = json_array();

	for (size_t i = 0; i < act->n_grounds; i++)
		json_array_append_new(grounds, json_string(act->ground[i]));
	return json_pack("{s:s s:s s:s s:s s:s s:s s:o s:o}", "action",
	    mxa_action_name(act->kind), "code", act->reply.code, "enhanced",
	    act->reply.enhanced, "disposition",
	    mxa_dmarc_policy_name(act->disposition), "cause",
	    mxa_cause_name(act->cause), "profile",
	    mxa_profile_name(act->profile), "rule", json_str(act->rule),
	    "grounds", grounds);
}

static void print_message_json(
    struct replay *p, const struct mxa_entry *e, const struct mxa_replayed *r)
{
	char when[TIME_TEXT], ip[MXA_IP_TEXT];
	json_t *m = json_pack("{s:o s:s s:s s:o s:o s:o s:b s:s}", "id",
	    json_str(e->txn.msg.queue_id), "time", time_text(e->time, when),
	    "ip", e->txn.msg.ip.family ? mxa_ip_format(&e->txn.msg.ip, ip) : "",
	    "from", json_str(author_of(e, r)), "mfrom",
	    json_str(e->txn.msg.mail_from), "then", action_json(&e->txn.action),
	    "changed", r->changed, "doubt", mxa_replay_doubt_text(r->doubt));

	if (r->doubt == MXA_REPLAY_NOT_VERIFIED)
		json_object_set_new(m, "now", json_null());
	else
		json_object_set_new(m, "now", action_json(&r->now));
	fputs(p->printed ? ",\n" : "\n", stdout);
	json_dumpf(m, stdout, JSON_COMPACT);
	json_decref(m);
}

static void print_totals_json(struct replay *p)
{
	json_t *moves = json_array(), *doubts = json_object(), *root;

	for (size_t i = 0; i < p->n_moves; i++)
		json_array_append_new(moves,
		    json_pack("{s:s s:s s:o s:I}", "then",
			mxa_action_name(p->move[i].then), "now",
			mxa_action_name(p->move[i].now), "rule",
			json_str(mxa_str_from(p->move[i].rule)), "messages",
			(json_int_t)p->move[i].n));
	for (int d = MXA_REPLAY_NOT_VERIFIED; d <= MXA_REPLAY_CUT; d++)
		json_object_set_new(doubts,
		    mxa_replay_doubt_text((enum mxa_replay_doubt)d),
		    json_integer((json_int_t)p->doubt[d]));
	root = json_pack("{s:I s:I s:o s:I s:o s:I s:I}", "messages",
	    (json_int_t)p->totals.messages, "changed",
	    (json_int_t)p->totals.changed, "changes", moves, "other_changes",
	    (json_int_t)p->other_moves, "doubts", doubts, "bad_lines",
	    (json_int_t)p->bad_lines, "unfinished_lines",
	    (json_int_t)p->unfinished);
	fputs("],\n", stdout);
	json_dumpf(root, stdout, JSON_EMBED);
	puts("}");
	json_decref(root);
}

/* --- text --- */

/* "reject 550 5.7.26", "tag (dis=quarantine)" */
static void print_action(const struct mxa_action *act)
{
	fputs(mxa_action_name(act->kind), stdout);
	if (act->reply.code[0] != '\0')
		printf(" %s %s", act->reply.code, act->reply.enhanced);
	else if (act->disposition != MXA_POLICY_NONE)
		printf(" (dis=%s)", mxa_dmarc_policy_name(act->disposition));
}

static void print_message(
    const struct mxa_entry *e, const struct mxa_replayed *r)
{
	struct mxa_str author = author_of(e, r);
	char when[TIME_TEXT], ip[MXA_IP_TEXT];

	printf("%s ", time_text(e->time, when));
	cli_print_safe(stdout, e->txn.msg.queue_id);
	putchar(' ');
	cli_print_safe(stdout, author.len ? author : MXA_STR("-"));
	if (e->txn.msg.ip.family != 0)
		printf(" [%s]", mxa_ip_format(&e->txn.msg.ip, ip));
	printf(": ");
	print_action(&e->txn.action);
	printf(" -> ");
	print_action(&r->now);
	printf(", %s %.*s", _("by"), MXA_STR_ARG(r->now.rule));
	if (r->now.cause != MXA_CAUSE_NOTHING)
		printf(" (%s)", mxa_cause_name(r->now.cause));
	if (r->doubt != MXA_REPLAY_SURE)
		printf("; %s: %s", _("uncertain"),
		    _(mxa_replay_doubt_text(r->doubt)));
	putchar('\n');
}

static void print_totals(const struct replay *p)
{
	unsigned long n = (unsigned long)p->totals.messages;

	if (p->totals.changed > 0)
		putchar('\n');
	printf(P_("%lu message was decided again, %lu would be treated in "
		  "another way.\n",
		   "%lu messages were decided again, %lu would be treated in "
		   "another way.\n",
		   n),
	    n - (unsigned long)p->doubt[MXA_REPLAY_NOT_VERIFIED],
	    (unsigned long)p->totals.changed);
	for (size_t i = 0; i < p->n_moves; i++)
		printf("%7zu  %s -> %s, %s %s\n", p->move[i].n,
		    mxa_action_name(p->move[i].then),
		    mxa_action_name(p->move[i].now), _("by"), p->move[i].rule);
	if (p->other_moves > 0)
		printf("%7zu  %s\n", p->other_moves, _("other changes"));
	for (int d = MXA_REPLAY_NOT_VERIFIED; d <= MXA_REPLAY_CUT; d++)
		if (p->doubt[d] > 0)
			printf("%7zu  %s: %s\n", p->doubt[d], _("uncertain"),
			    _(mxa_replay_doubt_text((enum mxa_replay_doubt)d)));
	if (p->bad_lines > 0)
		printf("%7zu  %s\n", p->bad_lines,
		    _("unreadable lines were left out"));
	if (p->unfinished > 0)
		printf("%7zu  %s\n", p->unfinished,
		    _("unfinished last lines were left out"));
}

/* --- the run --- */

static void replay_message(struct replay *p, const struct mxa_entry *e)
{
	struct mxa_replayed r;

	mxa_replay(p->conf, p->arena, e, &r);
	mxa_replay_count(&p->totals, e, &r);
	p->doubt[r.doubt]++;
	if (r.changed)
		count_move(p, e, &r);
	if (p->cli.json && (r.changed || r.doubt != MXA_REPLAY_SURE)) {
		print_message_json(p, e, &r);
		p->printed++;
	} else if (r.changed) {
		print_message(e, &r);
	}
}

static void complain(struct replay *p, const char *path, const char *what)
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
		complain(p, path, strerror(errno));
		return;
	}
	mxa_scan_without(s, MXA_WITHOUT_DNS);
	while (mxa_arena_reset(p->arena),
	    (rc = mxa_scan_next(s, p->arena, &e, &place)) != MXA_ENOENT) {
		any = any || rc != MXA_ESYNTAX;
		if (rc == MXA_EIO)
			complain(p, place.path, strerror(errno));
		else if (rc != MXA_OK)
			p->bad_lines++;
		else if (e.kind == MXA_ENTRY_MESSAGE)
			replay_message(p, &e);
	}
	/* a wrong path must not look like "nothing would change" */
	if (!any)
		complain(p, path, _("no journal is there"));
	p->unfinished += mxa_scan_unfinished(s);
	mxa_scan_close(s);
}

static int run(struct replay *p, int n, char **paths)
{
	if (p->cli.json)
		fputs("{\"results\": [", stdout);
	for (int i = 0; i < n; i++)
		replay_path(p, paths[i]);
	qsort(p->move, p->n_moves, sizeof(p->move[0]), more_first);
	if (p->cli.json)
		print_totals_json(p);
	else
		print_totals(p);
	if (p->unreadable)
		return EX_NOINPUT;
	return p->totals.changed > 0 ? 1 : 0;
}

static int parse_options(struct replay *p, int argc, char **argv)
{
	int opt, status;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (cli_common(&p->cli, opt, &status) && status >= 0)
			return status;
	if (optind < argc && p->cli.config != NULL)
		return -1;
	fputs(usage, stderr);
	return EX_USAGE;
}

int mxa_cmd_replay(int argc, char **argv)
{
	struct replay *p = mxa_xcalloc(1, sizeof(*p));
	int status;

	p->cli = (struct cli){ .name = "replay", .usage = usage };
	status = parse_options(p, argc, argv);
	if (status < 0 && !cli_readable(&p->cli, p->cli.config))
		status = EX_NOINPUT;
	if (status < 0 && (p->conf = cli_conf(&p->cli)) == NULL)
		status = EX_CONFIG;
	if (status < 0) {
		p->arena = mxa_arena_new();
		status = run(p, argc - optind, argv + optind);
		mxa_arena_free(p->arena);
	}
	mxa_conf_free(p->conf);
	free(p);
	return status;
}
