/* failure.c - failure reports on their way. */
#include "report/sent/failure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "auth/report_address.h"
#include "base/arena.h"
#include "conf/conf.h"
#include "history/failure_spool.h"
#include "report/sent/feedback.h"
#include "report/sent/make.h"
#include "report/sent/sender.h"

#define HOUR 3600
#define MAX_FILES (2 * MXA_SPOOL_FILES) /* taken in one run */
#define NAME_ROOM (MXA_SPOOL_ID + sizeof(MXA_SPOOL_SUFFIX))

/* A file of the spool. */
struct spooled {
	char name[NAME_ROOM];
	int64_t time;
	struct mxa_str kind; /* equal ones become one report; in s->page */
	int64_t incidents;
	bool begun; /* there are deliveries */
	bool gone;  /* the file is no more */
};

struct failures {
	struct mxa_sender *s;
	struct mxa_failure_result *out;
	int dir;
	struct spooled *v; /* by age */
	size_t n;
};

/* --- files --- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct spooled *)a)->name,
	    ((const struct spooled *)b)->name);
}

/* What a process left that died while it wrote: ours (we hold the lock) at
 * once, that of mxauthd when it can no longer be at work. */
static void clean_up(struct failures *f, struct mxa_str name)
{
	size_t end = name.len > 4 ? name.len - 4 : 0;
	int64_t time;

	if (!mxa_spool_name(mxa_str_sub(name, 0, end), &time))
		return;
	if (mxa_str_ends(name, MXA_STR(".new")) ||
	    (mxa_str_ends(name, MXA_STR(".tmp")) && time + HOUR < f->s->now))
		unlinkat(f->dir, name.p, 0);
}

static void list_files(struct failures *f)
{
	int fd = dup(f->dir);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	int64_t time;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (f->n < MAX_FILES && (e = readdir(d)) != NULL) {
		struct mxa_str name = mxa_str_from(e->d_name);

		if (!mxa_spool_name(name, &time)) {
			clean_up(f, name);
			continue;
		}
		f->v[f->n] = (struct spooled){ .time = time };
		memcpy(f->v[f->n++].name, e->d_name, name.len + 1);
	}
	closedir(d);
	qsort(f->v, f->n, sizeof(*f->v), by_name);
}

static void remove_file(struct failures *f, struct spooled *file)
{
	file->gone = unlinkat(f->dir, file->name, 0) == 0 || errno == ENOENT;
}

/* Its content in 'a'; absent: it cannot be read. */
static struct mxa_str read_file(
    const struct failures *f, const struct spooled *file, struct mxa_arena *a)
{
	int fd = openat(
	    f->dir, file->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	char *p = mxa_arena_alloc(a, MXA_SPOOL_FILE + 1);
	size_t n = 0;
	ssize_t got = 1;

	if (fd < 0)
		return MXA_STR_NONE;
	while (n <= MXA_SPOOL_FILE && got != 0) {
		got = read(fd, p + n, MXA_SPOOL_FILE + 1 - n);
		if (got < 0 && errno != EINTR)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	return got == 0 ? mxa_str_make(p, n) : MXA_STR_NONE;
}

static bool read_entry(const struct failures *f, const struct spooled *file,
    struct mxa_arena *a, struct mxa_spool_entry *out)
{
	struct mxa_str text = read_file(f, file, a);

	return text.p != NULL && mxa_spool_read(a, text, out);
}

/* The file now stands for more incidents. */
static bool rewrite_file(
    const struct failures *f, const struct spooled *file, int64_t incidents)
{
	struct mxa_arena *a = f->s->one;
	struct mxa_str text = read_file(f, file, a);
	char *tmp = mxa_arena_printf(a, "%s.new", file->name);
	struct mxa_buf b;
	bool ok;
	int fd;

	if (text.p == NULL)
		return false;
	mxa_buf_init(&b, a, MXA_SPOOL_FILE + 20);
	mxa_spool_rewrite(&b, text, incidents);
	fd = openat(f->dir, tmp,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return false;
	ok = b.len <= MXA_SPOOL_FILE && write(fd, b.p, b.len) == (ssize_t)b.len;
	ok = close(fd) == 0 && ok &&
	    renameat(f->dir, tmp, f->dir, file->name) == 0;
	if (!ok)
		unlinkat(f->dir, tmp, 0);
	return ok;
}

/* --- deliveries of a file --- */

static struct mxa_str report_id(struct mxa_arena *a, const struct spooled *file)
{
	return mxa_str_from(mxa_arena_printf(
	    a, MXA_FAILURE_PREFIX "%.*s", MXA_SPOOL_ID, file->name));
}

static int64_t count_deliveries(
    struct failures *f, const struct spooled *file, bool waiting)
{
	return mxa_store_number(f->s->store,
	    waiting ? "SELECT count(*) FROM delivery WHERE report_id = $1 "
		      "AND state = 'waiting'"
		    : "SELECT count(*) FROM delivery WHERE report_id = $1",
	    MXA_ARGS(MXA_TEXT(report_id(f->s->one, file))), 0);
}

static void expire_deliveries(struct failures *f, const struct spooled *file)
{
	mxa_store_run(f->s->store,
	    "UPDATE delivery SET state = 'expired', done = $2, "
	    "reply = 'too late' WHERE report_id = $1 AND state = 'waiting'",
	    MXA_ARGS(MXA_TEXT(report_id(f->s->one, file)), MXA_INT(f->s->now)));
}

/* A delivery for each usable address; together or not at all. */
static int64_t add_deliveries(struct failures *f, const struct spooled *file,
    const struct mxa_dmarc_domain *d)
{
	struct mxa_sender *s = f->s;
	int64_t n = 0;

	mxa_store_begin(s->store);
	for (size_t i = 0; i < d->record->n_ruf; i++) {
		struct mxa_str address;

		if (mxa_report_address(s->one, &d->record->ruf[i], &address))
			n += mxa_delivery_add(s->store, report_id(s->one, file),
			    address, d->record_domain, n, s->now);
	}
	return mxa_store_commit(s->store) == MXA_STORE_OK ? n : 0;
}

/* --- limits --- */

/* How many the host had in the last hour. */
static bool host_is_full(struct failures *f, struct mxa_str host)
{
	return mxa_sender_over_limit(f->s, host) ||
	    mxa_store_number(f->s->store,
		"SELECT count(*) FROM delivery WHERE done > $1 "
		"AND host = $2 AND state = 'sent' AND report_id LIKE '" MXA_FAILURE_PREFIX
		"%'",
		MXA_ARGS(MXA_INT(f->s->now - HOUR), MXA_TEXT(host)),
		0) >= f->s->o->conf->failure_reports_per_hour;
}

/* Every address of the record would have to wait. */
static bool must_wait(struct failures *f, const struct mxa_dmarc_domain *d)
{
	bool any = false;

	for (size_t i = 0; i < d->record->n_ruf; i++) {
		struct mxa_str address;

		if (!mxa_report_address(
			f->s->one, &d->record->ruf[i], &address))
			continue;
		any = true;
		if (!host_is_full(f, mxa_report_address_host(address)))
			return false;
	}
	return any;
}

/* --- one file --- */

static struct mxa_str write_mail(
    struct mxa_sender *s, const struct mxa_delivery *d, struct mxa_str to)
{
	const struct mxa_spool_entry *e = d->what;
	struct mxa_feedback f = { .who = s->o->who,
		.conf = s->o->conf,
		.id = d->report_id,
		.made = e->message.time,
		.to = to,
		.entry = e };
	struct mxa_buf mail;

	mxa_buf_init(&mail, s->one, 2 * MXA_SPOOL_FILE);
	mxa_feedback_write(&mail, s->one, &f);
	return mail.full ? MXA_STR_NONE : mxa_buf_str(&mail);
}

struct due_list {
	struct mxa_arena *a;
	struct mxa_delivery v[MXA_MAX_DMARC_URIS];
	size_t n;
};

static bool note_due(void *ctx, const struct mxa_row *r)
{
	struct due_list *l = ctx;

	l->v[l->n++] = (struct mxa_delivery){
		.report_id = mxa_str_dup(l->a, r->col[0]),
		.address = mxa_str_dup(l->a, r->col[1]),
		.domain = mxa_str_dup(l->a, r->col[2]),
		.host = mxa_str_dup(l->a, r->col[3]),
		.position = mxa_row_int(r, 4),
		.attempts = mxa_row_int(r, 5),
		.give_up = mxa_row_int(r, 6),
		.failure = true,
		.write = write_mail,
	};
	return l->n < MXA_MAX_DMARC_URIS;
}

static void send_due(struct failures *f, const struct spooled *file,
    const struct mxa_spool_entry *e)
{
	struct due_list l = { .a = f->s->one };

	mxa_store_query(f->s->store,
	    "SELECT report_id, uri, domain, host, position, attempts, give_up "
	    "FROM delivery WHERE report_id = $1 AND state = 'waiting' "
	    "AND next_try <= $2 AND lease_until <= $2 ORDER BY position",
	    MXA_ARGS(MXA_TEXT(report_id(f->s->one, file)), MXA_INT(f->s->now)),
	    note_due, &l);
	for (size_t i = 0; i < l.n && mxa_sender_is_fine(f->s); i++) {
		l.v[i].what = e;
		if (host_is_full(f, l.v[i].host))
			f->out->mail.capped = true;
		else
			mxa_delivery_send(f->s, &l.v[i]);
	}
}

/* Later files of the same kind, none of which was begun, become part of this
 * one.  Its number is written before they go: whoever dies in between counts
 * some twice, and loses none. */
static bool take_together(struct failures *f, struct spooled *first)
{
	int64_t sum = first->incidents;
	struct spooled *end = f->v + f->n;

	for (struct spooled *p = first + 1; p < end; p++)
		if (!p->gone && !p->begun && mxa_str_eq(p->kind, first->kind))
			sum += p->incidents;
	if (sum == first->incidents)
		return true;
	if (!rewrite_file(f, first, sum))
		return false;
	first->incidents = sum;
	for (struct spooled *p = first + 1; p < end; p++)
		if (!p->gone && !p->begun && mxa_str_eq(p->kind, first->kind))
			remove_file(f, p);
	return true;
}

static bool is_wanted(struct failures *f, const struct mxa_dmarc_domain *d)
{
	const struct mxa_conf *conf = f->s->o->conf;

	return !mxa_domain_is_excluded(conf, d->record_domain) &&
	    (conf->reports_domains != MXA_REPORT_KNOWN ||
		mxa_domain_is_known(
		    f->s->store, d->record_domain, f->s->now / MXA_REPORT_DAY));
}

/* False: it stays as it is, or goes (file->gone). */
static bool begin_file(
    struct failures *f, struct spooled *file, const struct mxa_dmarc_domain *d)
{
	if (!is_wanted(f, d)) {
		f->out->dropped++;
		remove_file(f, file);
		return false;
	}
	if (must_wait(f, d)) {
		f->out->mail.capped = true;
		return false;
	}
	if (!take_together(f, file))
		return false;
	file->begun = add_deliveries(f, file, d) > 0;
	if (file->begun) {
		f->out->incidents += file->incidents;
	} else if (mxa_sender_is_fine(f->s)) {
		f->out->dropped++;
		remove_file(f, file); /* no address can be used */
	}
	return file->begun;
}

static void handle_file(struct failures *f, struct spooled *file)
{
	struct mxa_spool_entry *e;
	const struct mxa_dmarc_verdict *v;

	mxa_arena_reset(f->s->one);
	e = mxa_arena_calloc(f->s->one, 1, sizeof(*e));
	if (!read_entry(f, file, f->s->one, e))
		return;
	v = &e->message.txn.verdict.dmarc;
	if (!file->begun) {
		if (!begin_file(f, file, &v->domain[v->worst]))
			return;
		e->incidents = file->incidents;
	}
	send_due(f, file, e);
	if (mxa_sender_is_fine(f->s) && count_deliveries(f, file, true) == 0 &&
	    mxa_store_state(f->s->store) == MXA_STORE_OK)
		remove_file(f, file);
}

/* --- all of them --- */

static struct mxa_str kind_of(
    struct mxa_arena *a, const struct mxa_spool_entry *e)
{
	const struct mxa_txn *t = &e->message.txn;
	const struct mxa_dmarc_domain *d =
	    &t->verdict.dmarc.domain[t->verdict.dmarc.worst];
	char ip[MXA_IP_TEXT] = "-";

	if (t->msg.ip.family != 0)
		mxa_ip_format(&t->msg.ip, ip);
	return mxa_str_from(mxa_arena_printf(a, "%.*s %.*s %s %d%d %d",
	    MXA_STR_ARG(d->record_domain), MXA_STR_ARG(d->author), ip,
	    d->spf_aligned, d->dkim_aligned, (int)t->action.kind));
}

/* What is damaged or too old goes; the others get their kind. */
static void look_at_file(struct failures *f, struct spooled *file)
{
	struct mxa_sender *s = f->s;
	struct mxa_spool_entry *e;
	const struct mxa_dmarc_verdict *v;

	mxa_arena_reset(s->one);
	e = mxa_arena_calloc(s->one, 1, sizeof(*e));
	if (file->time + MXA_GIVE_UP_SECONDS < s->now) {
		expire_deliveries(f, file);
		if (!mxa_sender_is_fine(s))
			return;
		f->out->dropped++;
		remove_file(f, file);
		return;
	}
	if (read_entry(f, file, s->one, e)) {
		v = &e->message.txn.verdict.dmarc;
		if (v->domain[v->worst].record != NULL) {
			file->kind = kind_of(s->page, e);
			file->incidents = e->incidents;
			file->begun = count_deliveries(f, file, false) > 0;
			return;
		}
	}
	f->out->damaged++;
	remove_file(f, file);
}

static void handle_files(struct failures *f)
{
	list_files(f);
	for (size_t i = 0; i < f->n && mxa_sender_is_fine(f->s); i++)
		look_at_file(f, &f->v[i]);
	for (size_t i = 0; i < f->n && mxa_sender_is_fine(f->s); i++)
		if (!f->v[i].gone)
			handle_file(f, &f->v[i]);
	for (size_t i = 0; i < f->n; i++)
		f->out->waiting += !f->v[i].gone;
}

/* The directory, locked; -1: not there, or another process has it. */
static int open_spool(const struct mxa_conf *conf, struct mxa_arena *a,
    struct mxa_failure_result *out)
{
	const char *path = mxa_str_cstr(a, conf->failure_directory);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		if (errno != ENOENT)
			out->unreadable = mxa_str_from(mxa_arena_printf(
			    a, "%s: %s", path, strerror(errno)));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	out->busy = true;
	close(fd);
	return -1;
}

bool mxa_failures_deliver(const struct mxa_deliver_options *o,
    struct mxa_arena *a, struct mxa_failure_result *out)
{
	struct failures f = { .out = out };
	bool ok;

	*out = (struct mxa_failure_result){ .unreadable = MXA_STR(""),
		.mail.trouble = MXA_STR("") };
	if (!o->conf->failure_reports || o->conf->failure_directory.len == 0)
		return true;
	f.dir = open_spool(o->conf, a, out);
	if (f.dir < 0)
		return true;
	f.s = mxa_sender_open(o, a, &out->mail);
	f.v = mxa_xcalloc(MAX_FILES, sizeof(*f.v));
	handle_files(&f);
	ok = mxa_store_state(o->store) == MXA_STORE_OK;
	mxa_sender_close(f.s);
	free(f.v);
	close(f.dir);
	return ok;
}
