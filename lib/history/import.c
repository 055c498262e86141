/* import.c - one file of a journal into the store, batch by batch. */
#include "history/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "history/import_int.h"
#include "history/scan.h"
#include "history/story.h"
#include "history/tally.h"
#include "mail/report_mail.h"

#define SECONDS_A_DAY 86400
#define BATCH_LINES 100000
/* What a batch may hold: popular domains come again and again in it, which
 * saves the database more than half of the work. */
#define BATCH_BYTES ((size_t)16 << 20)
#define SLICE 1000 /* rows that are handed to the database at once */
/* How often others may be first before we give up for now. */
#define MAX_CONFLICTS 1000

/* What is kept of a single message, until the batch is written. */
struct message {
	int64_t time;
	uint64_t pos;
	struct mxa_ip ip;
	struct mxa_str queue_id, author, mail_domain, rcpt_domain;
	const char *action, *cause, *spf, *dkim, *dmarc; /* their words */
	struct mxa_story *story;			 /* NULL: none */
	struct message *next;
};

void mxa_import_problem(struct importer *im, const char *what)
{
	if (im->out->complaints != NULL)
		mxa_buf_printf(im->out->complaints, "%s: %s\n", im->path, what);
	im->out->complete = false;
}

/* --- one message --- */

/* Whether a message is itself a report, or comes back from one of ours: it is
 * counted, but is never alone a reason for a report, so that two sites do not
 * report on each other's reports for ever. */
static bool is_report(const struct importer *im, const struct mxa_msg *m)
{
	if (mxa_is_aggregate_report(&m->headers))
		return true;
	for (size_t i = 0; i < m->n_rcpt; i++)
		for (size_t k = 0; k < MXA_ARRAY_LEN(im->o->own_address); k++)
			if (mxa_is_address_of(
				im->o->own_address[k], m->rcpt[i]))
				return true;
	return false;
}

static struct mxa_str kept_text(struct importer *im, struct mxa_str s)
{
	return mxa_str_dup(im->batch, mxa_store_text(im->batch, s, 320));
}

static struct mxa_arg word_arg(const char *word)
{
	return MXA_TEXT(mxa_str_from(word));
}

static struct mxa_str domain_part(struct mxa_str address)
{
	struct mxa_str whole, local, domain;

	mxa_address_split(address, &whole, &local, &domain);
	return domain;
}

static enum mxa_dkim_result best_dkim(const struct mxa_dkim_verdict *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->sig[i].result == MXA_DKIM_PASS)
			return MXA_DKIM_PASS;
	return v->n > 0 ? v->sig[0].result : MXA_DKIM_NONE;
}

static struct mxa_story *keep_story(
    struct importer *im, const struct mxa_entry *e)
{
	struct mxa_story s, *kept;

	if (!mxa_story_make(im->line, e, im->o->whole, &s))
		return NULL;
	kept = mxa_arena_calloc(im->batch, 1, sizeof(*kept));
	*kept = s;
	kept->via = kept_text(im, s.via);
	kept->text = mxa_str_dup(
	    im->batch, mxa_store_text(im->batch, s.text, s.text.len));
	return kept;
}

static void keep_message(
    struct importer *im, const struct mxa_entry *e, uint64_t pos)
{
	const struct mxa_msg *m = &e->txn.msg;
	const struct mxa_verdict *v = &e->txn.verdict;
	const struct mxa_action *act = &e->txn.action;
	struct message *k = mxa_arena_calloc(im->batch, 1, sizeof(*k));

	*k = (struct message){ .time = e->time, .pos = pos, .ip = m->ip };
	k->queue_id = kept_text(im, m->queue_id);
	k->author = kept_text(im,
	    v->dmarc.n > 0	   ? v->dmarc.domain[v->dmarc.worst].author
		: v->authors.n > 0 ? v->authors.domain[0]
				   : MXA_STR_NONE);
	k->mail_domain = kept_text(im, m->mail_domain);
	k->rcpt_domain = kept_text(
	    im, m->n_rcpt > 0 ? domain_part(m->rcpt[0]) : MXA_STR_NONE);
	k->action = mxa_action_name(act->kind);
	k->cause =
	    act->cause == MXA_CAUSE_NOTHING ? "" : mxa_cause_name(act->cause);
	k->spf = mxa_spf_result_name(v->spf.result);
	k->dkim = mxa_dkim_result_name(best_dkim(&v->dkim));
	k->dmarc = m->exempt != MXA_EXEMPT_NO
	    ? "exempt"
	    : mxa_dmarc_result_name(v->dmarc.result);
	k->story = keep_story(im, e);
	*im->last = k;
	im->last = &k->next;
}

static void import_message(
    struct importer *im, const struct mxa_entry *e, uint64_t pos)
{
	im->lines++;
	if (e->time > im->newest)
		im->newest = e->time;
	if (e->time / SECONDS_A_DAY >= im->o->messages_since)
		keep_message(im, e, pos);
	if (e->txn.msg.exempt != MXA_EXEMPT_NO)
		return;
	im->messages++;
	mxa_tally_add(im->tally, e, is_report(im, &e->txn.msg));
}

/* --- reading --- */

static bool is_full(const struct importer *im)
{
	size_t lines = im->o->batch > 0 ? im->o->batch : BATCH_LINES;

	return im->lines + im->bad >= lines ||
	    mxa_tally_bytes(im->tally) + mxa_arena_used(im->batch) >=
	    BATCH_BYTES;
}

static void batch_reset(struct importer *im, uint64_t from)
{
	mxa_tally_reset(im->tally);
	mxa_arena_reset(im->batch);
	im->first = NULL;
	im->last = &im->first;
	im->from = im->to = from;
	im->lines = im->messages = im->bad = im->late = 0;
	im->ended = false;
}

/* Lines from 'from' on.  False: the file cannot be read on. */
static bool read_batch(struct importer *im, struct mxa_scan *s)
{
	while (!is_full(im)) {
		struct mxa_place place;
		struct mxa_entry e;
		enum mxa_rc rc;

		mxa_arena_reset(im->line);
		rc = mxa_scan_next(s, im->line, &e, &place);
		if (rc == MXA_ENOENT) {
			im->ended = true;
			return true;
		}
		if (rc != MXA_OK && rc != MXA_ESYNTAX) {
			mxa_import_problem(im, strerror(errno));
			return false;
		}
		if (rc == MXA_OK && e.kind == MXA_ENTRY_FILE) {
			/* positions of several files in one cannot be told
			 * from those of the files themselves */
			mxa_import_problem(
			    im, "holds more than one journal file");
			return false;
		}
		if (rc == MXA_OK)
			import_message(im, &e, place.from);
		else
			im->bad++;
		im->to = place.to;
	}
	return true;
}

/* --- writing --- */

/* Rows on their way to a table; what they point to stays where it is. */
struct slice {
	const struct mxa_store_insert *into;
	size_t columns, n;
	struct mxa_arg *rows; /* SLICE of them */
};

static struct slice begin_slice(
    struct importer *im, const struct mxa_store_insert *into)
{
	struct slice s = { .into = into, .columns = strlen(into->kinds) };

	mxa_arena_reset(im->line);
	s.rows = mxa_arena_alloc(im->line, SLICE * s.columns * sizeof(*s.rows));
	return s;
}

static void write_slice(struct importer *im, struct slice *s)
{
	mxa_store_insert(im->store, s->into, s->rows, s->n);
	s->n = 0;
}

/* The next row; those before it are written when there are enough. */
static struct mxa_arg *next_row(struct importer *im, struct slice *s)
{
	if (s->n == SLICE)
		write_slice(im, s);
	return s->rows + s->columns * s->n++;
}

static void write_policies(struct importer *im)
{
	static const struct mxa_store_insert into = { "policy",
		"policy_id, domain, body, rua, ruf, seen", "ttttti",
		"ON CONFLICT (policy_id) DO UPDATE SET seen = excluded.seen "
		"WHERE policy.seen < excluded.seen",
		/* no NOT EXISTS: it may be planned as a scan of the table */
		"coalesce((SELECT p.seen FROM policy p "
		"WHERE p.policy_id = new.policy_id), -1) < new.seen" };
	struct slice slice = begin_slice(im, &into);
	size_t n;
	struct mxa_policy_seen **p = mxa_tally_policies(im->tally, &n);

	for (size_t i = 0; i < n; i++) {
		struct mxa_arg *v = next_row(im, &slice);

		v[0] = word_arg(p[i]->policy_id);
		v[1] = MXA_TEXT(p[i]->domain);
		v[2] = MXA_TEXT(p[i]->body);
		v[3] = MXA_TEXT(p[i]->rua);
		v[4] = MXA_TEXT(p[i]->ruf);
		v[5] = MXA_INT(p[i]->day);
	}
	write_slice(im, &slice);
}

static void sum_row(
    const struct importer *im, const struct mxa_sum *s, struct mxa_arg *v)
{
	v[0] = MXA_INT(s->day);
	v[1] = MXA_TEXT(s->domain);
	v[2] = word_arg(s->policy_id);
	v[3] = word_arg(s->row_id);
	v[4] = MXA_TEXT(im->o->host);
	v[5] = MXA_TEXT(s->body);
	v[6] = MXA_INT(s->n);
	v[7] = MXA_INT(s->refused);
	v[8] = MXA_INT(s->known);
	v[9] = MXA_INT(s->ordinary);
}

/* What comes after the reports of its day were made is counted and left out:
 * a report that was sent is never sent again with other numbers. */
static void write_sums(struct importer *im)
{
	static const struct mxa_store_insert into = { "tally",
		"day, domain, policy_id, row_id, host, body, n, refused, "
		"known, ordinary",
		"itttttiiii",
		"ON CONFLICT (day, domain, policy_id, row_id, host) "
		"DO UPDATE SET n = tally.n + excluded.n, "
		"refused = tally.refused + excluded.refused, "
		"known = tally.known + excluded.known, "
		"ordinary = tally.ordinary + excluded.ordinary",
		NULL };
	int64_t closed = mxa_store_pinned(im->store, "closed_day");
	struct slice slice = begin_slice(im, &into);
	size_t n;
	struct mxa_sum **s = mxa_tally_sums(im->tally, &n);

	for (size_t i = 0; i < n; i++) {
		if (s[i]->day <= closed)
			im->late += (uint64_t)s[i]->n;
		else
			sum_row(im, s[i], next_row(im, &slice));
	}
	write_slice(im, &slice);
}

static void message_row(
    struct importer *im, const struct message *m, struct mxa_arg *v)
{
	char ip[MXA_IP_TEXT];

	v[0] = MXA_INT(m->time / SECONDS_A_DAY);
	v[1] = word_arg(im->file_id);
	v[2] = MXA_INT(m->pos);
	v[3] = MXA_INT(m->time);
	v[4] = MXA_TEXT(im->o->host);
	v[5] = MXA_TEXT(m->queue_id);
	v[6] = MXA_TEXT(
	    mxa_str_dup(im->line, mxa_str_from(mxa_ip_format(&m->ip, ip))));
	v[7] = MXA_TEXT(m->author);
	v[8] = MXA_TEXT(m->mail_domain);
	v[9] = MXA_TEXT(m->rcpt_domain);
	v[10] = word_arg(m->action);
	v[11] = word_arg(m->cause);
	v[12] = word_arg(m->spf);
	v[13] = word_arg(m->dkim);
	v[14] = word_arg(m->dmarc);
}

static void write_messages(struct importer *im)
{
	static const struct mxa_store_insert into = { "message",
		"day, file_id, pos, time, host, queue_id, ip, author, "
		"mail_from_domain, rcpt_domain, action, cause, spf, dkim, "
		"dmarc",
		"itiittttttttttt", "ON CONFLICT (day, file_id, pos) DO NOTHING",
		NULL };
	struct slice slice = begin_slice(im, &into);

	for (const struct message *m = im->first; m != NULL; m = m->next)
		message_row(im, m, next_row(im, &slice));
	write_slice(im, &slice);
}

static void story_row(
    const struct importer *im, const struct message *m, struct mxa_arg *v)
{
	const struct mxa_story *s = m->story;

	v[0] = MXA_INT(m->time / SECONDS_A_DAY);
	v[1] = word_arg(im->file_id);
	v[2] = MXA_INT(m->pos);
	v[3] = MXA_INT(m->time);
	v[4] = MXA_INT(s->ms);
	v[5] = word_arg(s->would);
	v[6] = word_arg(s->override);
	v[7] = word_arg(s->ground);
	v[8] = MXA_TEXT(s->via);
	v[9] = MXA_TEXT(s->text);
}

static void write_stories(struct importer *im)
{
	static const struct mxa_store_insert into = { "message_story",
		"day, file_id, pos, time, ms, would, override, ground, via, "
		"story",
		"itiiittttt", "ON CONFLICT (day, file_id, pos) DO NOTHING",
		NULL };
	struct slice slice = begin_slice(im, &into);

	for (const struct message *m = im->first; m != NULL; m = m->next)
		if (m->story != NULL)
			story_row(im, m, next_row(im, &slice));
	write_slice(im, &slice);
}

static void make_days(struct importer *im)
{
	for (const struct message *m = im->first; m != NULL; m = m->next) {
		int64_t day = m->time / SECONDS_A_DAY;

		if (day != im->made_day)
			mxa_store_make_day(im->store, day);
		im->made_day = day;
	}
}

/* Move the position, unless somebody else has done so.  It comes first, so
 * that a second importer waits here and not after all its work. */
static void move_position(struct importer *im)
{
	if (mxa_store_run(im->store,
		"UPDATE journal_file SET pos = $3, lines = lines + $4, "
		"bad = bad + $5, seen_through = CASE WHEN seen_through < $6 "
		"THEN $6 ELSE seen_through END WHERE file_id = $1 AND pos = $2",
		MXA_ARGS(word_arg(im->file_id), MXA_INT(im->from),
		    MXA_INT(im->to), MXA_INT(im->lines), MXA_INT(im->bad),
		    MXA_INT(im->newest))) == 0)
		mxa_store_abort(im->store, "another importer was first");
}

static void count_late(struct importer *im)
{
	if (im->late > 0)
		mxa_store_run(im->store,
		    "UPDATE journal_file SET late = late + $2 "
		    "WHERE file_id = $1",
		    MXA_ARGS(word_arg(im->file_id), MXA_INT(im->late)));
}

static enum mxa_store_state write_batch(struct importer *im)
{
	mxa_store_retry(im->store);
	make_days(im);
	if (mxa_store_state(im->store) != MXA_STORE_OK)
		return mxa_store_state(im->store);
	mxa_store_begin(im->store);
	move_position(im);
	write_policies(im);
	write_sums(im);
	write_messages(im);
	write_stories(im);
	count_late(im);
	return mxa_store_commit(im->store);
}

static void add_batch(struct importer *im)
{
	im->out->lines += im->lines;
	im->out->messages += im->messages;
	im->out->bad += im->bad;
	im->out->late += im->late;
	if (im->newest > im->out->newest)
		im->out->newest = im->newest;
	if (im->o->progress != NULL)
		im->o->progress(im->o->ctx, im->path, im->out->lines);
}

/* --- a file --- */

/* How far the file has been read; creates its row.  -1: the store failed. */
static int64_t read_position(struct importer *im, bool *closed)
{
	struct mxa_arg args[] = { word_arg(im->file_id), MXA_TEXT(im->o->host),
		MXA_INT(im->begun) };
	struct mxa_row row;

	mxa_store_run(im->store,
	    "INSERT INTO journal_file VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0) "
	    "ON CONFLICT (file_id) DO NOTHING",
	    args, 3);
	mxa_store_row(im->store, im->line,
	    "SELECT pos, closed FROM journal_file WHERE file_id = $1", args, 1,
	    &row);
	if (mxa_store_state(im->store) != MXA_STORE_OK || row.n == 0)
		return -1;
	*closed = mxa_row_int(&row, 1) != 0;
	return mxa_row_int(&row, 0);
}

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void close_lock_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Whoever writes a journal's file holds its lock. */
static bool is_written(const char *path)
{
	MXA_CLEANUP(close_lock_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 || flock(fd, LOCK_SH | LOCK_NB) != 0;
}

/* Nobody will add to the file: what is left of it is a line that was never
 * finished. */
static void close_journal(struct importer *im)
{
	uint64_t size, pos = im->to;
	struct mxa_arg args[4];

	if (is_written(im->path))
		return;
	size = file_size(im->path);
	args[0] = word_arg(im->file_id);
	args[1] = MXA_INT(pos);
	args[2] = MXA_INT(size > pos ? size : pos);
	args[3] = MXA_INT(size > pos);
	if (mxa_store_run(im->store,
		"UPDATE journal_file SET closed = 1, pos = $3, bad = bad + $4 "
		"WHERE file_id = $1 AND pos = $2",
		args, 4) != 1)
		return;
	im->out->bad += size > pos;
	im->reached = size;
}

/* The first line, which names the file.  False: there is none (yet), or it is
 * no journal. */
static bool read_first_line(
    struct importer *im, struct mxa_scan *s, bool *empty)
{
	struct mxa_place place;
	struct mxa_entry e;
	enum mxa_rc rc;

	mxa_arena_reset(im->line);
	rc = mxa_scan_next(s, im->line, &e, &place);
	*empty = rc == MXA_ENOENT;
	if (*empty)
		return false;
	if (rc != MXA_OK || e.kind != MXA_ENTRY_FILE ||
	    e.file_id.len >= sizeof(im->file_id)) {
		mxa_import_problem(im,
		    rc == MXA_EIO ? strerror(errno) : "is not a journal file");
		return false;
	}
	snprintf(im->file_id, sizeof(im->file_id), "%.*s",
	    MXA_STR_ARG(mxa_store_text(im->line, e.file_id, 32)));
	im->begun = e.time;
	im->to = place.to;
	return true;
}

bool mxa_import_stopped(const struct importer *im)
{
	return im->o->stop != NULL && *im->o->stop != 0;
}

/* From where the store says to the end. */
static enum mxa_store_state import_rest(
    struct importer *im, struct mxa_scan *s, uint64_t size)
{
	enum mxa_store_state state = MXA_STORE_OK;
	uint64_t begin = im->to;
	bool closed;
	int64_t pos = read_position(im, &closed);

	im->newest = 0;
	im->reached = 0;
	if (pos < 0)
		return mxa_store_state(im->store);
	im->reached = (uint64_t)pos;
	if (closed && (uint64_t)pos == size)
		return MXA_STORE_OK;
	batch_reset(im, (uint64_t)pos);
	if ((uint64_t)pos < begin)
		im->to = begin; /* the first line is not a message */
	else if (mxa_scan_seek(s, (uint64_t)pos) != MXA_OK)
		return MXA_STORE_OK;
	while (!im->ended && !mxa_import_stopped(im) && read_batch(im, s)) {
		if (im->to > im->from)
			state = write_batch(im);
		if (state != MXA_STORE_OK)
			return state;
		add_batch(im);
		im->reached = im->to;
		if (im->ended)
			close_journal(im);
		else
			batch_reset(im, im->to);
	}
	if (!im->ended)
		im->out->complete = false;
	return mxa_store_state(im->store);
}

static void scan_done(struct mxa_scan **s)
{
	mxa_scan_close(*s);
}

static enum mxa_store_state import_once(struct importer *im)
{
	MXA_CLEANUP(scan_done) struct mxa_scan *s = NULL;
	uint64_t size = file_size(im->path);
	bool empty;

	if (mxa_scan_open(im->path, &s) != MXA_OK) {
		mxa_import_problem(im, strerror(errno));
		return MXA_STORE_OK;
	}
	mxa_scan_without(s, MXA_WITHOUT_DNS | MXA_WITHOUT_NOTES);
	if (!read_first_line(im, s, &empty))
		return MXA_STORE_OK;
	return import_rest(im, s, size);
}

enum mxa_store_state mxa_import_file(struct importer *im, const char *path)
{
	enum mxa_store_state state;
	int conflicts = 0;

	im->path = path;
	im->out->files++;
	do {
		mxa_store_retry(im->store);
		state = import_once(im);
	} while (state == MXA_STORE_CONFLICT && ++conflicts < MAX_CONFLICTS);
	return state;
}
