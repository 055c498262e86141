/* journal.c - the journal's files. */
#include "history/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "history/prune.h"

#define ID_BYTES 8
#define MODE 0640
#define DIRECTORY_MODE 0750
#define PATH_ROOM 4096
#define SECONDS_A_DAY 86400
/* A file ends here, or at an eighth of all files' size: that much is kept free
 * for the one that is being written. */
#define MAX_FILE ((uint64_t)256 << 20)
#define SHARES 8
#define CREATE_FLAGS \
	(O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
/* How often the directory is looked over, and whether our file is still in
 * it. */
#define LOOK_SECONDS 60

/* A clock that jumps says nothing about them: their age is measured. */
struct own_file {
	char *name;
	uint64_t ended_ms; /* of the clock that only goes forward; 0: open */
};

struct mxa_journal {
	char *directory;
	char *state; /* NULL: none */
	char *writer;
	uint64_t max_size;
	uint64_t max_age;
	uint64_t max_unimported;
	const struct mxa_clock *clock;

	/* below: under 'lock' */
	pthread_mutex_t lock;
	int fd;		 /* -1: none is open */
	uint64_t size;	 /* of the open file */
	int64_t day;	 /* UTC day it belongs to */
	int64_t looked;	 /* when the directory was last looked over */
	int64_t tried;	 /* when a file was last begun */
	bool failing;	 /* and said so */
	uint64_t missed; /* messages since then */
	size_t lost;	 /* files removed before they were imported, unsaid */
	int64_t checked; /* when the open file was last looked for */
	char path[PATH_ROOM]; /* of the open file */

	/* what this process wrote, the oldest first; the last may be open */
	struct own_file *own;
	size_t n_own, own_cap;

	atomic_bool reopen;
	atomic_ullong bytes;
};

struct mxa_journal *mxa_journal_new(const struct mxa_journal_options *o)
{
	struct mxa_journal *j = mxa_xcalloc(1, sizeof(*j));

	j->directory = mxa_xstrdup(o->directory);
	j->state = o->state_directory ? mxa_xstrdup(o->state_directory) : NULL;
	j->writer = mxa_xstrdup(o->writer);
	j->max_size = o->max_size;
	j->max_age = o->max_age;
	j->max_unimported = o->max_unimported;
	j->clock = o->clock;
	j->fd = -1;
	pthread_mutex_init(&j->lock, NULL);
	return j;
}

static void close_journal_file(struct mxa_journal *j)
{
	if (j->fd < 0)
		return;
	close(j->fd);
	j->fd = -1;
	if (j->n_own > 0 && j->own[j->n_own - 1].ended_ms == 0)
		j->own[j->n_own - 1].ended_ms = mxa_clock_ms(j->clock) + 1;
}

/* The file of j->path is ours and open. */
static void remember_file(struct mxa_journal *j)
{
	const char *slash = strrchr(j->path, '/');

	j->own = mxa_xroom(j->own, j->n_own, &j->own_cap, sizeof(*j->own));
	j->own[j->n_own++] =
	    (struct own_file){ .name =
				   mxa_xstrdup(slash ? slash + 1 : j->path) };
}

/* Those that are too old as this process has lived it are like any other's. */
static void forget_old_files(struct mxa_journal *j)
{
	uint64_t now = mxa_clock_ms(j->clock);
	size_t old = 0;

	while (j->max_age > 0 && old < j->n_own && j->own[old].ended_ms > 0 &&
	    now >= j->own[old].ended_ms + j->max_age * 1000)
		free(j->own[old++].name);
	if (old == 0)
		return;
	j->n_own -= old;
	memmove(j->own, j->own + old, j->n_own * sizeof(*j->own));
}

void mxa_journal_free(struct mxa_journal *j)
{
	if (j == NULL)
		return;
	close_journal_file(j);
	for (size_t i = 0; i < j->n_own; i++)
		free(j->own[i].name);
	free(j->own);
	free(j->state);
	pthread_mutex_destroy(&j->lock);
	free(j->directory);
	free(j->writer);
	free(j);
}

/* --- writing bytes --- */

/* All of it or nothing: what a full disk cut short is cut off again.  One
 * write(2) is one line, also for readers that follow the file. */
static bool append_line(struct mxa_journal *j, struct mxa_str line)
{
	ssize_t n;

	do
		n = write(j->fd, line.p, line.len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)line.len) {
		j->size += line.len;
		atomic_fetch_add(&j->bytes, line.len);
		return true;
	}
	if (n >= 0) {
		if (ftruncate(j->fd, (off_t)j->size) != 0)
			close_journal_file(
			    j); /* readers skip the broken line */
		errno = ENOSPC;
	}
	return false;
}

/* --- the directory --- */

/* True if 'path' is 'state' or below it. */
static bool lies_below(const char *path, size_t len, const char *state)
{
	size_t n = strlen(state);

	return len >= n && memcmp(path, state, n) == 0 &&
	    (len == n || path[n] == '/');
}

bool mxa_journal_make_directory(const char *directory, const char *state)
{
	size_t len = strlen(directory);
	char path[PATH_ROOM];

	if (len >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(path, directory, len + 1);
	for (size_t i = 1; state != NULL && i < len; i++) {
		if (path[i] != '/' || !lies_below(path, i, state))
			continue;
		path[i] = '\0';
		if (mkdir(path, DIRECTORY_MODE) != 0 && errno != EEXIST)
			return false;
		path[i] = '/';
	}
	return mkdir(path, DIRECTORY_MODE) == 0 || errno == EEXIST;
}

/* --- opening --- */

static bool random_id(char id[2 * ID_BYTES + 1])
{
	uint8_t raw[ID_BYTES];

	if (getentropy(raw, sizeof(raw)) != 0)
		return false;
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(id + 2 * i, 3, "%02x", raw[i]);
	return true;
}

/* Create "DIRECTORY/20261121T080000Z-ID.jsonl"; nobody else's file is ever
 * continued. */
static int create_file(struct mxa_journal *j, int64_t now, const char *id)
{
	char stamp[32];
	time_t when = (time_t)now;
	struct tm tm;
	int fd;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) == 0 ||
	    (size_t)snprintf(j->path, PATH_ROOM, "%s/%s-%s.jsonl", j->directory,
		stamp, id) >= PATH_ROOM) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(j->path, CREATE_FLAGS, MODE);
	if (fd < 0 && errno == ENOENT &&
	    mxa_journal_make_directory(j->directory, j->state))
		fd = open(j->path, CREATE_FLAGS, MODE);
	if (fd < 0)
		return -1;
	/* The umask is the operator's for other things; the lock tells other
	 * processes that this file is in use. */
	if (fchmod(fd, MODE) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool open_file(struct mxa_journal *j, struct mxa_arena *a, int64_t now)
{
	char id[2 * ID_BYTES + 1];
	struct mxa_buf first;
	int error;

	/* one attempt a second, not one a message */
	if ((j->failing && now == j->tried) || !random_id(id))
		return false;
	j->tried = now;
	j->fd = create_file(j, now, id);
	if (j->fd < 0)
		return false;
	j->size = 0;
	j->day = now / SECONDS_A_DAY;
	mxa_buf_init(&first, a, 1024);
	mxa_line_write_file(
	    &first, mxa_str_from(id), mxa_str_from(j->writer), now);
	if (append_line(j, mxa_buf_str(&first))) {
		remember_file(j);
		atomic_store(&j->reopen, false);
		return true;
	}
	error = errno;
	close_journal_file(j);
	unlink(j->path); /* else a full disk collects empty files */
	errno = error;
	return false;
}

/* --- rotation --- */

static uint64_t file_limit(const struct mxa_journal *j)
{
	uint64_t share = j->max_size / SHARES;

	return j->max_size > 0 && share < MAX_FILE ? share : MAX_FILE;
}

/* Whether the file was taken away or renamed (an operator cleaning up, or
 * logrotate). */
static bool was_moved(const struct mxa_journal *j)
{
	struct stat open, there;

	return fstat(j->fd, &open) != 0 || lstat(j->path, &there) != 0 ||
	    open.st_dev != there.st_dev || open.st_ino != there.st_ino;
}

/* The open file counts as one of those that are spared: it is locked. */
static void prune_files(struct mxa_journal *j, int64_t now)
{
	const char **spared;
	size_t lost = 0;
	struct mxa_prune p = {
		.directory = j->directory,
		.max_age = j->max_age,
		.max_unimported = j->max_unimported,
		.now = now,
	};

	forget_old_files(j);
	spared = mxa_xcalloc(j->n_own + 1, sizeof(*spared));
	for (size_t i = 0; i < j->n_own; i++)
		spared[i] = j->own[i].name;
	p.spared = spared;
	p.n_spared = j->n_own;
	if (j->max_size > 0)
		p.max_size = j->max_size - file_limit(j);
	mxa_prune(&p, &lost);
	j->lost += lost;
	free(spared);
}

static bool file_is_over(struct mxa_journal *j, int64_t now)
{
	/* a file with its first line only is continued */
	bool full = j->size >= file_limit(j) && j->size > 1024;
	bool check = now != j->checked;

	j->checked = now;
	return full || now / SECONDS_A_DAY != j->day ||
	    atomic_exchange(&j->reopen, false) || (check && was_moved(j));
}

/* A file to write to is open; false: errno says why not. */
static bool file_ready(struct mxa_journal *j, struct mxa_arena *a, int64_t now)
{
	bool look = now - j->looked >= LOOK_SECONDS || now < j->looked;

	if (j->fd >= 0 && file_is_over(j, now)) {
		close_journal_file(j);
		look = true;
	}
	if (look) {
		prune_files(j, now);
		j->looked = now;
	}
	return j->fd >= 0 || open_file(j, a, now);
}

static const char unwritable[] =
    "journal %s cannot be written: %s; mail goes on without it";

bool mxa_journal_check(struct mxa_journal *j, char *text, size_t size)
{
	if (mxa_journal_make_directory(j->directory, j->state) &&
	    access(j->directory, W_OK | X_OK) == 0)
		return true;
	snprintf(text, size, unwritable, j->directory, strerror(errno));
	j->failing = true;
	return false;
}

void mxa_journal_reopen(struct mxa_journal *j)
{
	if (j != NULL)
		atomic_store(&j->reopen, true);
}

uint64_t mxa_journal_bytes(const struct mxa_journal *j)
{
	return atomic_load(&j->bytes);
}

/* --- a message --- */

static const char *report_state(
    struct mxa_journal *j, struct mxa_arena *a, bool written, int error)
{
	const char *text;

	if (written && j->failing) {
		text = mxa_arena_printf(a,
		    "journal %s is written again, %llu messages are missing",
		    j->directory, (unsigned long long)j->missed);
		j->failing = false;
		j->missed = 0;
		return text;
	}
	if (written && j->lost > 0) {
		text = mxa_arena_printf(a,
		    "journal %s: %zu files were removed before mxauth history "
		    "import had read them: maximum-unimported was reached",
		    j->directory, j->lost);
		j->lost = 0;
		return text;
	}
	if (written)
		return NULL;
	j->missed++;
	if (j->failing)
		return NULL;
	j->failing = true;
	return mxa_arena_printf(a, unwritable, j->directory, strerror(error));
}

const char *mxa_journal_write(struct mxa_journal *j, struct mxa_arena *a,
    const struct mxa_txn *t, const struct mxa_line_dns *dns)
{
	int64_t now = mxa_clock_wall(j->clock);
	struct mxa_buf line;
	const char *text;
	bool written;
	int error;

	mxa_buf_init(&line, a, MXA_MAX_JOURNAL_LINE);
	mxa_line_write(&line, t, dns, now);
	pthread_mutex_lock(&j->lock);
	written = file_ready(j, a, now) && append_line(j, mxa_buf_str(&line));
	error = errno;
	text = report_state(j, a, written, error);
	pthread_mutex_unlock(&j->lock);
	return text;
}
