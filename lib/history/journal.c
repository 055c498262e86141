/* journal.c - the journal's files. */
#include "history/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "history/prune.h"

#define ID_BYTES 8
#define MODE 0640
#define PATH_ROOM 4096
#define SECONDS_A_DAY 86400
/* A file ends here, or at an eighth of all files' size: that much is kept free
 * for the one that is being written. */
#define MAX_FILE ((uint64_t)256 << 20)
#define SHARES 8
/* How often the directory is looked over, and whether our file is still in
 * it. */
#define LOOK_SECONDS 60

struct mxa_journal {
	char *directory;
	char *writer;
	uint64_t max_size;
	uint64_t max_age;
	uint64_t max_unimported;
	const struct mxa_clock *clock;

	/* below: held by whoever writes */
	pthread_mutex_t lock;
	int fd;		 /* -1: none is open */
	uint64_t size;	 /* of the open file */
	int64_t day;	 /* UTC day it belongs to */
	int64_t looked;	 /* when the directory was last looked over */
	int64_t tried;	 /* when a file was last begun */
	bool failing;	 /* and said so */
	uint64_t missed; /* messages since then */
	size_t lost;	 /* files removed before they were imported, unsaid */
};

struct mxa_journal *mxa_journal_new(const struct mxa_journal_options *o)
{
	struct mxa_journal *j = mxa_xcalloc(1, sizeof(*j));

	j->directory = mxa_xstrdup(o->directory);
	j->writer = mxa_xstrdup(o->writer);
	j->max_size = o->max_size;
	j->max_age = o->max_age;
	j->max_unimported = o->max_unimported;
	j->clock = o->clock;
	j->fd = -1;
	pthread_mutex_init(&j->lock, NULL);
	return j;
}

static void close_file(struct mxa_journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
}

void mxa_journal_free(struct mxa_journal *j)
{
	if (j == NULL)
		return;
	close_file(j);
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
		return true;
	}
	if (n >= 0) {
		if (ftruncate(j->fd, (off_t)j->size) != 0)
			close_file(j); /* readers skip the broken line */
		errno = ENOSPC;
	}
	return false;
}

/* --- opening --- */

static bool random_id(char id[2 * ID_BYTES + 1])
{
	uint8_t raw[ID_BYTES];

	if (getrandom(raw, sizeof(raw), 0) != sizeof(raw))
		return false;
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(id + 2 * i, 3, "%02x", raw[i]);
	return true;
}

/* Create "DIRECTORY/20261121T080000Z-ID.jsonl"; nobody else's file is ever
 * continued. */
static int create_file(const struct mxa_journal *j, int64_t now, const char *id,
    char path[PATH_ROOM])
{
	char stamp[32];
	time_t when = (time_t)now;
	struct tm tm;
	int fd;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) == 0 ||
	    (size_t)snprintf(path, PATH_ROOM, "%s/%s-%s.jsonl", j->directory,
		stamp, id) >= PATH_ROOM) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
	    MODE);
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
	char id[2 * ID_BYTES + 1], path[PATH_ROOM];
	struct mxa_buf first;
	int error;

	/* one attempt a second, not one a message */
	if ((j->failing && now == j->tried) || !random_id(id))
		return false;
	j->tried = now;
	j->fd = create_file(j, now, id, path);
	if (j->fd < 0)
		return false;
	j->size = 0;
	j->day = now / SECONDS_A_DAY;
	mxa_buf_init(&first, a, 1024);
	mxa_line_write_file(
	    &first, mxa_str_from(id), mxa_str_from(j->writer), now);
	if (append_line(j, mxa_buf_str(&first)))
		return true;
	error = errno;
	close_file(j);
	unlink(path); /* else a full disk collects empty files */
	errno = error;
	return false;
}

/* --- rotation --- */

static uint64_t file_limit(const struct mxa_journal *j)
{
	uint64_t share = j->max_size / SHARES;

	return j->max_size > 0 && share < MAX_FILE ? share : MAX_FILE;
}

/* Whether the file was taken away from under us (an operator cleaning up). */
static bool was_removed(int fd)
{
	struct stat st;

	return fstat(fd, &st) != 0 || st.st_nlink == 0;
}

static void prune_files(struct mxa_journal *j, int64_t now)
{
	size_t lost = 0;
	struct mxa_prune p = {
		.directory = j->directory,
		.max_age = j->max_age,
		.max_unimported = j->max_unimported,
		.now = now,
	};

	if (j->max_size > 0)
		p.max_size = j->max_size - file_limit(j);
	mxa_prune(&p, &lost);
	j->lost += lost;
}

static bool file_is_over(const struct mxa_journal *j, int64_t now, bool look)
{
	/* the first line alone is no file's end */
	bool full = j->size >= file_limit(j) && j->size > 1024;

	return full || now / SECONDS_A_DAY != j->day ||
	    (look && was_removed(j->fd));
}

/* A file to write to is open; false: errno says why not. */
static bool file_ready(struct mxa_journal *j, struct mxa_arena *a, int64_t now)
{
	bool look = now - j->looked >= LOOK_SECONDS || now < j->looked;

	if (j->fd >= 0 && file_is_over(j, now, look)) {
		close_file(j);
		look = true;
	}
	if (look) {
		prune_files(j, now);
		j->looked = now;
	}
	return j->fd >= 0 || open_file(j, a, now);
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
	return mxa_arena_printf(a,
	    "journal %s cannot be written: %s; mail goes on without it",
	    j->directory, strerror(error));
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
