/* import_directory.c - the files of a journal into the store, and how far each
 * host and each file is. */
#include "history/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "history/import_int.h"
#include "history/prune.h"

static char *join_path(struct mxa_arena *a, const char *dir, const char *name)
{
	return mxa_arena_printf(a, "%s/%s", dir, name);
}

/* Everything of this host that happened before 'through' is in the store. */
static void note_host(struct importer *im, int64_t through)
{
	mxa_store_run(im->store,
	    "INSERT INTO host VALUES ($1, $2, (SELECT "
	    "coalesce(max(seen_through), 0) FROM journal_file "
	    "WHERE host = $1), $3) "
	    "ON CONFLICT (host) DO UPDATE SET "
	    "through = CASE WHEN excluded.through > host.through "
	    "THEN excluded.through ELSE host.through END, "
	    "wrote = CASE WHEN excluded.wrote > host.wrote "
	    "THEN excluded.wrote ELSE host.wrote END, "
	    "waiting = excluded.waiting",
	    MXA_ARGS(MXA_TEXT(im->o->host), MXA_INT(through),
		MXA_INT(im->out->waiting)));
}

/* For mxauthd's pruning; a directory that cannot be written keeps its files
 * until its limit. */
static void write_positions(struct importer *im, const char *dir,
    const struct mxa_dir *d, const uint64_t *reached)
{
	char *path = join_path(im->batch, dir, MXA_IMPORTED_FILE);
	char *tmp = mxa_arena_printf(im->batch, "%s.%ld", path, (long)getpid());
	FILE *f = fopen(tmp, "we");
	bool ok = f != NULL;

	for (size_t i = 0; ok && i < d->n; i++)
		ok = fprintf(f, "%s %llu\n", d->file[i].name,
			 (unsigned long long)reached[i]) > 0;
	if (f != NULL && (fclose(f) != 0 || !ok || rename(tmp, path) != 0))
		unlink(tmp);
}

static enum mxa_store_state import_directory(
    struct importer *im, const char *dir)
{
	MXA_CLEANUP(mxa_dir_free) struct mxa_dir d;
	/* what is written while we read counts from the next run on */
	int64_t through = mxa_store_now(im->store) - 2;
	uint64_t *reached;

	mxa_dir_read(dir, &d);
	reached = mxa_arena_calloc(im->lasting, d.n, sizeof(*reached));
	for (size_t i = 0; i < d.n; i++) {
		enum mxa_store_state state = mxa_import_file(
		    im, join_path(im->lasting, dir, d.file[i].name));

		if (state != MXA_STORE_OK)
			return state;
		reached[i] = im->reached;
		if (d.file[i].size > im->reached)
			im->out->waiting += d.file[i].size - im->reached;
		if (mxa_import_stopped(im))
			break;
	}
	write_positions(im, dir, &d, reached);
	note_host(
	    im, im->out->complete && !mxa_import_stopped(im) ? through : 0);
	return mxa_store_state(im->store);
}

enum mxa_store_state mxa_import(const struct mxa_import_options *o,
    const char *path, struct mxa_import_result *out)
{
	struct importer im = { .o = o,
		.out = out,
		.store = o->store,
		.path = path,
		.made_day = INT64_MIN };
	enum mxa_store_state state = MXA_STORE_OK;
	struct stat st;

	out->complete = true;
	if (stat(path, &st) != 0) {
		mxa_import_problem(&im, strerror(errno));
		return MXA_STORE_OK;
	}
	im.tally = mxa_tally_new();
	im.line = mxa_arena_new();
	im.batch = mxa_arena_new();
	im.lasting = mxa_arena_new();
	if (S_ISDIR(st.st_mode)) {
		state = import_directory(&im, path);
	} else {
		state = mxa_import_file(&im, path);
		if (state == MXA_STORE_OK)
			note_host(&im, 0);
	}
	mxa_tally_free(im.tally);
	mxa_arena_free(im.line);
	mxa_arena_free(im.batch);
	mxa_arena_free(im.lasting);
	return state;
}
