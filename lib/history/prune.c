/* prune.c - the journal's directory. */
#include "history/prune.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

bool mxa_dir_is_journal(const char *name)
{
	/* 20261121T080000Z-0123456789abcdef.jsonl */
	static const char form[] = "dddddddd?dddddd?-xxxxxxxxxxxxxxxx.jsonl";
	size_t len = strlen(name);

	if (len != sizeof(form) - 1 || name[8] != 'T' || name[15] != 'Z')
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == 'd'	 ? !mxa_is_digit(name[i])
			: form[i] == 'x' ? !mxa_is_xdigit(name[i])
					 : form[i] != '?' && form[i] != name[i])
			return false;
	return true;
}

#define MAX_FILES 100000
#define MAX_NOTE ((off_t)16 << 20)

static void close_dir(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct mxa_dir_file *)a)->name,
	    ((const struct mxa_dir_file *)b)->name);
}

static void add_file(
    struct mxa_dir *d, size_t *cap, const char *name, const struct stat *st)
{
	d->file = mxa_xroom(d->file, d->n, cap, sizeof(*d->file));
	d->file[d->n++] = (struct mxa_dir_file){ mxa_xstrdup(name),
		(uint64_t)st->st_size, (int64_t)st->st_mtime };
}

void mxa_dir_read(const char *path, struct mxa_dir *out)
{
	MXA_CLEANUP(close_dir) DIR *d = opendir(path);
	const struct dirent *e;
	size_t cap = 0;

	*out = (struct mxa_dir){ .n = 0 };
	if (d == NULL)
		return;
	while (out->n < MAX_FILES && (e = readdir(d)) != NULL) {
		struct stat st;

		if (mxa_dir_is_journal(e->d_name) &&
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    S_ISREG(st.st_mode))
			add_file(out, &cap, e->d_name, &st);
	}
	if (out->n > 0)
		qsort(out->file, out->n, sizeof(*out->file), by_name);
}

void mxa_dir_free(struct mxa_dir *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->file[i].name);
	free(d->file);
	*d = (struct mxa_dir){ .n = 0 };
}

static void close_dir_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* A file that its writer still has open is not removed: what comes would be
 * lost with it. */
static bool remove_unlocked(int dir, const char *name)
{
	MXA_CLEANUP(close_dir_fd)
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	return unlinkat(dir, name, 0) == 0;
}

/* --- what is imported --- */

static void free_text(char **p)
{
	free(*p);
}

/* The importer's note as one text ended by NUL; NULL: there is none. */
static char *read_note(int dir)
{
	MXA_CLEANUP(close_dir_fd)
	int fd = openat(dir, MXA_IMPORTED_FILE, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size > MAX_NOTE)
		return NULL;
	text = mxa_xmalloc((size_t)st.st_size + 1);
	n = read(fd, text, (size_t)st.st_size);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static bool is_imported(const char *note, const struct mxa_dir_file *f)
{
	const char *line;

	if (note == NULL)
		return true;
	line = strstr(note, f->name);
	return line != NULL &&
	    strtoull(line + strlen(f->name), NULL, 10) >= f->size;
}

/* --- age --- */

static int by_last_write(const void *a, const void *b)
{
	const struct mxa_dir_file *x = a, *y = b;

	if (x->mtime != y->mtime)
		return x->mtime < y->mtime ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int64_t bounded_step(int64_t seconds)
{
	return seconds < MXA_PRUNE_STEP ? seconds : MXA_PRUNE_STEP;
}

/* Sorts the files by their last write.  How many, from the first on, are too
 * old. */
static size_t count_old(const struct mxa_prune *p, struct mxa_dir *d)
{
	int64_t age = 0, next = p->now;

	if (d->n == 0)
		return 0;
	for (size_t i = 0; i < d->n; i++)
		if (d->file[i].mtime > p->now) /* the clock was set back */
			d->file[i].mtime = p->now;
	qsort(d->file, d->n, sizeof(*d->file), by_last_write);
	for (size_t i = d->n; p->max_age > 0 && i > 0; i--) {
		age += bounded_step(next - d->file[i - 1].mtime);
		if (age > (int64_t)p->max_age)
			return i;
		next = d->file[i - 1].mtime;
	}
	return 0;
}

/* --- removal --- */

struct pruning {
	const struct mxa_prune *p;
	int dir;
	const char *note;
	uint64_t total;
	size_t gone, lost;
};

static bool is_spared(const struct mxa_prune *p, const char *name)
{
	for (size_t i = 0; i < p->n_spared; i++)
		if (strcmp(p->spared[i], name) == 0)
			return true;
	return false;
}

/* Remove 'f' if it is too old, or if all files are too large. */
static void prune_file(
    struct pruning *w, const struct mxa_dir_file *f, bool old)
{
	bool big = w->p->max_size > 0 && w->total > w->p->max_size;
	bool imported = is_imported(w->note, f);

	if ((!old && !big) || (!imported && w->total <= w->p->max_unimported) ||
	    !remove_unlocked(w->dir, f->name))
		return;
	w->total -= f->size;
	w->gone++;
	w->lost += !imported;
}

static void prune_spared(
    struct pruning *w, const struct mxa_dir *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->file[i].name, name) == 0)
			prune_file(w, &d->file[i], false);
}

size_t mxa_prune(const struct mxa_prune *p, size_t *lost)
{
	MXA_CLEANUP(mxa_dir_free) struct mxa_dir d;
	MXA_CLEANUP(close_dir_fd)
	int dir = open(p->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MXA_CLEANUP(free_text) char *note = NULL;
	struct pruning w = { .p = p, .dir = dir };
	size_t old;

	mxa_dir_read(p->directory, &d);
	if (dir >= 0 && p->max_unimported > 0)
		w.note = note = read_note(dir);
	for (size_t i = 0; i < d.n; i++)
		w.total += d.file[i].size;
	old = count_old(p, &d);
	for (size_t i = 0; dir >= 0 && i < d.n; i++)
		if (!is_spared(p, d.file[i].name))
			prune_file(&w, &d.file[i], i < old);
	for (size_t i = 0; dir >= 0 && i < p->n_spared; i++)
		prune_spared(&w, &d, p->spared[i]);
	if (lost != NULL)
		*lost = w.lost;
	return w.gone;
}
