/* check_journal.c - the journal's files: written, rotated, bounded, and read
 * line by line. */
#include "t/support/testing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "base/limits.h"
#include "history/journal.h"
#include "history/prune.h"
#include "history/scan.h"
#include "t/support/verdicts.h"

#define DAY 86400
#define WHEN 1795248000 /* 2026-11-21T08:00:00Z */

static char dir[256];
static struct test_clock clk;
static struct mxa_arena *arena;

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(
	    dir, sizeof(dir), "%s/mxauth-journal-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	test_clock_init(&clk, WHEN);
	arena = mxa_arena_new();
}

static void remove_all(void)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

static void teardown(void)
{
	remove_all();
	mxa_arena_free(arena);
}

static struct mxa_journal *journal(uint64_t max_size, uint64_t max_age)
{
	struct mxa_journal_options o = { .directory = dir,
		.max_size = max_size,
		.max_age = max_age,
		.writer = "mxauth 0.1.0",
		.clock = &clk.clock };

	return mxa_journal_new(&o);
}

static void fill_txn(struct mxa_txn *t, const char *id)
{
	test_txn(arena, "spf=none: dmarc=none:example.com", t);
	t->msg.queue_id = mxa_str_from(id);
	t->action.rule = MXA_STR("default");
	t->action.cause = MXA_CAUSE_NOTHING;
}

static const char *put(struct mxa_journal *j, const char *id)
{
	struct mxa_txn t;

	fill_txn(&t, id);
	return mxa_journal_write(j, arena, &t, NULL);
}

/* The files' names, in order; their number. */
static size_t files(struct mxa_dir *d)
{
	mxa_dir_read(dir, d);
	return d->n;
}

static size_t count_files(void)
{
	struct mxa_dir d;
	size_t n = files(&d);

	mxa_dir_free(&d);
	return n;
}

static char *path_of(size_t i)
{
	struct mxa_dir d;
	char *p;

	ck_assert_uint_gt(files(&d), i);
	p = mxa_arena_printf(arena, "%s/%s", dir, d.file[i].name);
	mxa_dir_free(&d);
	return p;
}

/* "file 4A 4B": the lines of all files, "?" for one that cannot be read. */
static const char *contents(const char *path)
{
	struct mxa_scan *s;
	struct mxa_entry e;
	struct mxa_place place;
	struct mxa_buf b;
	enum mxa_rc rc;

	mxa_buf_init(&b, arena, 100000);
	ck_assert_int_eq(mxa_scan_open(path, &s), MXA_OK);
	while ((rc = mxa_scan_next(s, arena, &e, &place)) != MXA_ENOENT) {
		if (b.len > 0)
			mxa_buf_addc(&b, ' ');
		if (rc != MXA_OK)
			mxa_buf_adds(&b, rc == MXA_EIO ? "!" : "?");
		else if (e.kind == MXA_ENTRY_FILE)
			mxa_buf_adds(&b, "file");
		else
			mxa_buf_addstr(&b, e.txn.msg.queue_id);
	}
	mxa_scan_close(s);
	return mxa_buf_cstr(&b);
}

/* --- writing --- */

START_TEST(file_is_named_and_begun)
{
	struct mxa_journal *j = journal(0, 0);
	struct mxa_entry e;
	struct mxa_place place;
	struct mxa_scan *s;
	const char *name;
	struct stat st;

	umask(077);
	ck_assert_uint_eq(count_files(), 0); /* nothing before a message */
	ck_assert_ptr_null(put(j, "4A"));
	ck_assert_ptr_null(put(j, "4B"));
	ck_assert_uint_eq(count_files(), 1);
	name = strrchr(path_of(0), '/') + 1;
	ck_assert_msg(strncmp(name, "20261121T080000Z-", 17) == 0, "%s", name);
	ck_assert_int_eq(stat(path_of(0), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	ck_assert_str_eq(contents(dir), "file 4A 4B");
	/* the first line's id is the name's */
	ck_assert_int_eq(mxa_scan_open(dir, &s), MXA_OK);
	ck_assert_int_eq(mxa_scan_next(s, arena, &e, &place), MXA_OK);
	ck_assert_int_eq(strncmp(name + 17, e.file_id.p, e.file_id.len), 0);
	ck_assert_uint_eq(e.file_id.len, 16);
	mxa_scan_close(s);
	mxa_journal_free(j);
}
END_TEST

START_TEST(every_process_has_its_file)
{
	struct mxa_journal *one = journal(0, 0);
	struct mxa_journal *two = journal(0, 0);

	put(one, "4A");
	put(two, "4B");
	put(one, "4C");
	ck_assert_uint_eq(count_files(), 2);
	mxa_journal_free(one);
	mxa_journal_free(two);
	/* and a later one does not continue it */
	one = journal(0, 0);
	put(one, "4D");
	ck_assert_uint_eq(count_files(), 3);
	mxa_journal_free(one);
}
END_TEST

START_TEST(day_ends_a_file)
{
	struct mxa_journal *j = journal(0, 0);

	clk.wall = WHEN + 16 * 3600 - 1; /* 23:59:59 */
	put(j, "4A");
	clk.wall++;
	put(j, "4B");
	ck_assert_uint_eq(count_files(), 2);
	ck_assert_str_eq(contents(dir), "file 4A file 4B");
	ck_assert_ptr_nonnull(strstr(path_of(1), "/20261122T000000Z-"));
	mxa_journal_free(j);
}
END_TEST

START_TEST(file_that_was_removed_is_begun_anew)
{
	struct mxa_journal *j = journal(0, 0);

	put(j, "4A");
	unlink(path_of(0));
	clk.wall++;
	ck_assert_ptr_null(put(j, "4B"));
	ck_assert_str_eq(contents(dir), "file 4B");
	mxa_journal_free(j);
}
END_TEST

START_TEST(file_that_was_renamed_is_left)
{
	struct mxa_journal *j = journal(0, 0);
	char *moved = mxa_arena_printf(arena, "%s/moved", dir);

	put(j, "4A");
	ck_assert_int_eq(rename(path_of(0), moved), 0);
	clk.wall++;
	ck_assert_ptr_null(put(j, "4B"));
	ck_assert_str_eq(contents(dir), "file 4B");
	ck_assert_str_eq(contents(moved), "file 4A");
	unlink(moved);
	mxa_journal_free(j);
}
END_TEST

static uint64_t total_size(void)
{
	struct mxa_dir d;
	uint64_t total = 0;

	files(&d);
	for (size_t i = 0; i < d.n; i++)
		total += d.file[i].size;
	mxa_dir_free(&d);
	return total;
}

START_TEST(reopening_begins_a_file)
{
	struct mxa_journal *j = journal(0, 0);

	mxa_journal_reopen(NULL);
	mxa_journal_reopen(j); /* nothing is open */
	put(j, "4A");
	put(j, "4B");
	clk.wall++;
	mxa_journal_reopen(j);
	put(j, "4C");
	put(j, "4D");
	ck_assert_str_eq(contents(dir), "file 4A 4B file 4C 4D");
	ck_assert_uint_eq(mxa_journal_bytes(j), total_size());
	mxa_journal_free(j);
}
END_TEST

static const struct {
	const char *directory, *state;
	bool made;
} directories[] = {
	{ "one", NULL, true },
	{ "one/two", NULL, false },
	{ "one/two", "one", true },
	{ "one/two/three", "one", true },
	{ "one/two/three", "one/two", false },
	{ "one-two/three", "one", false },
};

START_TEST(directory_is_made)
{
	char *path =
	    mxa_arena_printf(arena, "%s/%s", dir, directories[_i].directory);
	char *state = directories[_i].state
	    ? mxa_arena_printf(arena, "%s/%s", dir, directories[_i].state)
	    : NULL;
	struct mxa_journal_options o = { .directory = path,
		.state_directory = state,
		.writer = "mxauth 0.1.0",
		.clock = &clk.clock };
	struct mxa_journal *j = mxa_journal_new(&o);
	struct stat st;

	ck_assert((put(j, "4A") == NULL) == directories[_i].made);
	ck_assert((stat(path, &st) == 0) == directories[_i].made);
	if (directories[_i].made)
		ck_assert_uint_eq(st.st_mode & 07777, 0750);
	mxa_journal_free(j);
	ck_assert_int_eq(
	    system(mxa_arena_printf(arena, "rm -rf %s/one*", dir)), 0);
}
END_TEST

START_TEST(a_directory_that_is_there)
{
	char *missing = mxa_arena_printf(arena, "%s/one/two", dir);
	char *lengthy = mxa_arena_calloc(arena, 1, 5000);

	ck_assert(mxa_journal_make_directory(dir, NULL));
	ck_assert(mxa_journal_make_directory(
	    mxa_arena_printf(arena, "%s/", dir), dir));
	errno = 0;
	ck_assert(!mxa_journal_make_directory(missing, NULL));
	ck_assert_int_eq(errno, ENOENT);
	memset(lengthy, 'x', 4096);
	ck_assert(!mxa_journal_make_directory(lengthy, NULL));
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

/* What the check said is not said again, only that it is over. */
START_TEST(checked_at_the_start)
{
	struct mxa_journal_options o = { .writer = "mxauth 0.1.0",
		.clock = &clk.clock };
	struct mxa_journal *j;
	char text[300] = "";

	o.directory = mxa_arena_printf(arena, "%s/missing/journal", dir);
	j = mxa_journal_new(&o);
	ck_assert(!mxa_journal_check(j, text, sizeof(text)));
	ck_assert_str_eq(text,
	    mxa_arena_printf(arena,
		"journal %s cannot be written: No such file or directory; "
		"mail goes on without it",
		o.directory));
	ck_assert_ptr_null(put(j, "4A"));
	ck_assert_int_eq(
	    mkdir(mxa_arena_printf(arena, "%s/missing", dir), 0700), 0);
	ck_assert(mxa_journal_check(j, text, sizeof(text)));
	clk.wall++;
	ck_assert_ptr_nonnull(strstr(put(j, "4B"), "1 messages are missing"));
	mxa_journal_free(j);
	ck_assert_int_eq(
	    system(mxa_arena_printf(arena, "rm -rf %s/missing", dir)), 0);
}
END_TEST

/* --- bounds --- */

START_TEST(size_is_bounded)
{
	struct mxa_journal *j = journal(64 * 1024, 0);
	const char *all;

	for (int i = 0; i < 1000; i++) {
		char id[16];

		clk.wall++; /* names sort by time */
		snprintf(id, sizeof(id), "4X%d", i);
		ck_assert_ptr_null(put(j, id));
		ck_assert_uint_le(total_size(), 64 * 1024);
	}
	/* most of the room is used, and by the newest */
	ck_assert_uint_gt(total_size(), 40 * 1024);
	all = contents(dir);
	ck_assert_ptr_nonnull(strstr(all, " 4X999"));
	ck_assert_ptr_null(strstr(all, " 4X0 "));
	ck_assert_ptr_null(strchr(all, '?'));
	mxa_journal_free(j);
}
END_TEST

/* A closed file of the given age in days. */
static const char *old_file(int days, const char *id)
{
	struct utimbuf times = { .actime = WHEN - days * DAY,
		.modtime = WHEN - days * DAY };
	char *p = mxa_arena_printf(
	    arena, "%s/202610%02dT000000Z-%s.jsonl", dir, 31 - days, id);
	FILE *f = fopen(p, "w");

	ck_assert_ptr_nonnull(f);
	fputs("old\n", f);
	fclose(f);
	ck_assert_int_eq(utime(p, &times), 0);
	return p;
}

/* A file of each day, 'most' days ago to yesterday. */
static void daily_files(int most)
{
	for (int days = most; days > 0; days--)
		old_file(days, "0123456789abcdef");
}

static bool has_file(int days)
{
	const char *p = mxa_arena_printf(arena,
	    "%s/202610%02dT000000Z-0123456789abcdef.jsonl", dir, 31 - days);

	return access(p, F_OK) == 0;
}

static void pass_time(int64_t seconds)
{
	clk.wall += seconds;
	clk.ms += (uint64_t)seconds * 1000;
}

START_TEST(age_is_bounded)
{
	struct mxa_journal *j = journal(0, 10 * DAY);

	daily_files(12);
	put(j, "4A");
	ck_assert(!has_file(12) && !has_file(11));
	ck_assert(has_file(10) && has_file(1));
	/* it is looked at again and again */
	pass_time(2 * DAY);
	put(j, "4B");
	ck_assert(!has_file(9));
	ck_assert(has_file(8));
	mxa_journal_free(j);
}
END_TEST

/* The last write of the files that this process has made: their names end in
 * another id. */
static void stamp_own(int64_t when)
{
	struct utimbuf times = { .actime = when, .modtime = when };
	struct mxa_dir d;

	files(&d);
	for (size_t i = 0; i < d.n; i++)
		if (strstr(d.file[i].name, "0123456789abcdef") == NULL)
			utime(mxa_arena_printf(
				  arena, "%s/%s", dir, d.file[i].name),
			    &times);
	mxa_dir_free(&d);
}

/* The clock says that a hundred days have passed, and nothing has: that counts
 * as a week, once. */
/* The directory is looked over once a minute, and when the clock went back. */
START_TEST(looked_over_each_minute)
{
	struct mxa_journal *j = journal(0, 3600);

	put(j, "4A");
	daily_files(1);
	pass_time(59);
	put(j, "4B");
	ck_assert(has_file(1));
	pass_time(1);
	put(j, "4C");
	ck_assert(!has_file(1));
	daily_files(1);
	clk.wall--;
	put(j, "4D");
	ck_assert(!has_file(1));
	mxa_journal_free(j);
}
END_TEST

/* As old as files may be is not too old. */
START_TEST(age_has_a_limit)
{
	struct mxa_prune p = { .directory = dir, .max_age = DAY, .now = WHEN };

	daily_files(1);
	ck_assert_uint_eq(mxa_prune(&p, NULL), 0);
	p.now++;
	ck_assert_uint_eq(mxa_prune(&p, NULL), 1);
	ck_assert_uint_eq(count_files(), 0);
}
END_TEST

/* Those of this process go after the others, in their order, as many as must:
 * four files of four bytes, of which the second and third are spared. */
START_TEST(spared_files_go_last)
{
	const char *names[2] = { "20261022T000000Z-0123456789abcdef.jsonl",
		"20261023T000000Z-0123456789abcdef.jsonl" };
	struct mxa_prune p = { .directory = dir,
		.max_size = 4 * (uint64_t)_i,
		.now = WHEN,
		.spared = names,
		.n_spared = 2 };
	static const char *const want[] = { "....", "..3.", ".23.", ".234",
		"1234" };
	char left[5] = "....";

	for (int days = 10; days > 6; days--)
		old_file(days, "0123456789abcdef");
	if (_i == 0)
		p.max_size = 3;
	ck_assert_uint_eq(mxa_prune(&p, NULL), 4 - (size_t)_i);
	for (int i = 0; i < 4; i++)
		if (has_file(10 - i))
			left[i] = (char)('1' + i);
	ck_assert_str_eq(left, want[_i]);
}
END_TEST

START_TEST(a_jump_of_the_clock_costs_little)
{
	struct mxa_journal *j = journal(0, 20 * DAY);

	daily_files(19);
	put(j, "4A");
	stamp_own(WHEN);
	ck_assert(has_file(19));
	clk.wall += 100 * DAY;
	put(j, "4B");
	stamp_own(clk.wall);
	ck_assert(!has_file(19) && !has_file(14));
	ck_assert(has_file(13) && has_file(1));
	/* nor when it is seen again and again, or set right */
	clk.wall += 61;
	put(j, "4C");
	clk.wall -= 100 * DAY;
	put(j, "4D");
	ck_assert(has_file(13) && has_file(1));
	mxa_journal_free(j);
}
END_TEST

START_TEST(own_files_age_as_time_passes)
{
	struct mxa_journal *j = journal(0, DAY);

	put(j, "4A");
	stamp_own(WHEN);
	clk.wall += 100 * DAY;
	put(j, "4B");
	stamp_own(WHEN);
	ck_assert_str_eq(contents(dir), "file 4A file 4B");
	clk.wall += 100 * DAY;
	put(j, "4C");
	stamp_own(WHEN);
	ck_assert_str_eq(contents(dir), "file 4A file 4B file 4C");
	/* once a day has passed for them, too, they are like all others; the
	 * open one ends only now */
	pass_time(DAY + 61);
	put(j, "4D");
	ck_assert_str_eq(contents(dir), "file 4C file 4D");
	mxa_journal_free(j);
}
END_TEST

/* Sizes are 4 bytes a file. */
START_TEST(what_is_not_imported_is_spared)
{
	const char *read = old_file(20, "aaaaaaaaaaaaaaaa");
	const char *unread = old_file(19, "bbbbbbbbbbbbbbbb");
	const char *half = old_file(18, "cccccccccccccccc");
	char *note = mxa_arena_printf(arena, "%s/imported", dir);
	struct mxa_prune p = { .directory = dir,
		.max_age = 6 * DAY,
		.max_unimported = 12,
		.now = WHEN };
	FILE *f = fopen(note, "w");
	size_t lost;

	fprintf(
	    f, "%s 4\n%s 2\n", strrchr(read, '/') + 1, strrchr(half, '/') + 1);
	fclose(f);
	ck_assert_uint_eq(mxa_prune(&p, &lost), 1);
	ck_assert_uint_eq(lost, 0);
	ck_assert_int_ne(access(read, F_OK), 0);
	/* beyond the limit the oldest goes, and that is told */
	p.max_unimported = 7;
	ck_assert_uint_eq(mxa_prune(&p, &lost), 1);
	ck_assert_uint_eq(lost, 1);
	ck_assert_int_ne(access(unread, F_OK), 0);
	ck_assert_int_eq(access(half, F_OK), 0);
	/* without a note nobody imports */
	unlink(note);
	ck_assert_uint_eq(mxa_prune(&p, &lost), 1);
	ck_assert_uint_eq(lost, 0);
}
END_TEST

START_TEST(what_is_lost_is_told_once)
{
	struct mxa_journal_options o = { .directory = dir,
		.max_age = 6 * DAY,
		.max_unimported = 1,
		.writer = "mxauth 0.1.0",
		.clock = &clk.clock };
	struct mxa_journal *j = mxa_journal_new(&o);
	const char *said;

	old_file(20, "aaaaaaaaaaaaaaaa");
	fclose(fopen(mxa_arena_printf(arena, "%s/imported", dir), "w"));
	said = put(j, "4A");
	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(strstr(said, "1 files were removed before"));
	ck_assert_ptr_null(put(j, "4B"));
	mxa_journal_free(j);
}
END_TEST

START_TEST(files_in_use_and_strange_files_stay)
{
	struct mxa_journal *j = journal(0, 6 * DAY);
	const char *locked = old_file(20, "aaaaaaaaaaaaaaaa");
	char *strange = mxa_arena_printf(arena, "%s/notes.jsonl", dir);
	struct utimbuf times = { 0, 0 };
	int fd = open(locked, O_WRONLY);

	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	fclose(fopen(strange, "w"));
	utime(strange, &times);
	put(j, "4A");
	ck_assert_int_eq(access(locked, F_OK), 0);
	ck_assert_int_eq(access(strange, F_OK), 0);
	close(fd);
	clk.wall += 61;
	put(j, "4B");
	ck_assert_int_ne(access(locked, F_OK), 0);
	mxa_journal_free(j);
}
END_TEST

static const struct {
	const char *name;
	bool is;
} names[] = {
	{ "20261121T080000Z-0123456789abcdef.jsonl", true },
	{ "20261121T080000Z-0123456789abcdef.json", false },
	{ "20261121T080000Z-0123456789abcdeg.jsonl", false },
	{ "20261121t080000z-0123456789abcdef.jsonl", false },
	{ "20261121T080000Z-0123456789abcdef.jsonl.gz", false },
	{ "", false },
	{ "..", false },
};

START_TEST(names_of_files)
{
	ck_assert_msg(mxa_dir_is_journal(names[_i].name) == names[_i].is, "%s",
	    names[_i].name);
}
END_TEST

/* --- trouble --- */

START_TEST(missing_directory_is_said_once)
{
	struct mxa_journal_options o = { .writer = "mxauth 0.1.0",
		.clock = &clk.clock };
	struct mxa_journal *j;
	const char *text;

	o.directory = mxa_arena_printf(arena, "%s/missing/journal", dir);
	j = mxa_journal_new(&o);
	text = put(j, "4A");
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, o.directory));
	ck_assert_ptr_nonnull(strstr(text, "No such file or directory"));
	ck_assert_ptr_null(put(j, "4B"));
	ck_assert_ptr_null(put(j, "4C"));
	ck_assert_int_eq(
	    mkdir(mxa_arena_printf(arena, "%s/missing", dir), 0700), 0);
	clk.wall++; /* one attempt a second */
	text = put(j, "4D");
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "3 messages are missing"));
	ck_assert_ptr_null(put(j, "4E"));
	ck_assert_str_eq(contents(o.directory), "file 4D 4E");
	/* and said again when it happens again */
	ck_assert_int_eq(
	    system(mxa_arena_printf(arena, "rm -rf %s/missing", dir)), 0);
	clk.wall++;
	ck_assert_ptr_nonnull(put(j, "4F"));
	mxa_journal_free(j);
}
END_TEST

/* A write beyond 'bytes' stops there, as on a full disk.  Each assertion, one
 * that holds too, makes Check write to a file of its own, which the limit would
 * cut as well: none while it holds, in the functions called either. */
static void limit_file_size(rlim_t bytes)
{
	struct rlimit r = { bytes, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &r);
}

START_TEST(short_write_is_cut_back)
{
	struct mxa_journal *j = journal(0, 0);
	struct stat before, after;
	const char *text, *again, *p;
	struct mxa_txn b, c;

	put(j, "4A");
	fill_txn(&b, "4B");
	fill_txn(&c, "4C");
	p = path_of(0);
	ck_assert_int_eq(stat(p, &before), 0);
	limit_file_size((rlim_t)before.st_size + 100);
	text = mxa_journal_write(j, arena, &b, NULL);
	again = mxa_journal_write(j, arena, &c, NULL);
	stat(p, &after);
	limit_file_size(RLIM_INFINITY);
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "mail goes on"));
	ck_assert_ptr_null(again);
	ck_assert_int_eq(after.st_size, before.st_size);
	ck_assert_ptr_nonnull(put(j, "4D"));
	ck_assert_uint_eq(count_files(), 1);
	ck_assert_str_eq(contents(dir), "file 4A 4D");
	mxa_journal_free(j);
}
END_TEST

/* Not even the first line fits: the next file begins with one. */
START_TEST(first_line_that_does_not_fit)
{
	struct mxa_journal *j = journal(0, 0);
	const char *text;
	struct mxa_txn a;

	fill_txn(&a, "4A");
	limit_file_size(10);
	text = mxa_journal_write(j, arena, &a, NULL);
	limit_file_size(RLIM_INFINITY);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(count_files(), 0);
	clk.wall++;
	ck_assert_ptr_nonnull(put(j, "4B"));
	ck_assert_str_eq(contents(dir), "file 4B");
	mxa_journal_free(j);
}
END_TEST

/* --- threads --- */

#define THREADS 4
#define EACH 250

static void *writer(void *ctx)
{
	struct mxa_journal *j = ctx;

	for (int i = 0; i < EACH; i++) {
		struct mxa_arena *a = mxa_arena_new();
		struct mxa_txn t;

		test_txn(
		    a, "spf=fail:a.example dmarc=fail:b.example:reject", &t);
		t.action.rule = MXA_STR("default");
		mxa_journal_write(j, a, &t, NULL);
		mxa_arena_free(a);
	}
	return NULL;
}

START_TEST(threads_write_whole_lines)
{
	struct mxa_journal *j = journal(0, 0);
	pthread_t thread[THREADS];
	struct mxa_scan *s;
	struct mxa_entry e;
	struct mxa_place place;
	size_t n = 0;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, writer, j);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	mxa_journal_free(j);
	ck_assert_int_eq(mxa_scan_open(dir, &s), MXA_OK);
	while (mxa_scan_next(s, arena, &e, &place) == MXA_OK)
		n++;
	ck_assert_uint_eq(n, 1 + THREADS * EACH);
	mxa_scan_close(s);
}
END_TEST

/* --- reading --- */

#define LINE(id, time)                                \
	"{\"v\":1,\"time\":\"" time "\",\"id\":\"" id \
	"\",\"ip\":\"192.0.2.1\",\"action\":{\"action\":\"tag\"}}\n"
#define FILE_LINE                                     \
	"{\"v\":1,\"time\":\"2026-11-21T08:00:00Z\"," \
	"\"file\":\"0123456789abcdef\"}\n"

static char *text_file(const char *name, const char *text)
{
	char *p = mxa_arena_printf(arena, "%s/%s", dir, name);
	FILE *f = fopen(p, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return p;
}

static const struct {
	const char *name, *text, *want;
} texts[] = {
	{ "empty", "", "" },
	{ "only its first line", FILE_LINE, "file" },
	{ "messages",
	    FILE_LINE LINE("4A", "2026-11-21T08:00:01Z")
		LINE("4B", "2026-11-21T08:00:02Z"),
	    "file 4A 4B" },
	{ "no first line", LINE("4A", "2026-11-21T08:00:01Z"), "4A" },
	{ "a line being written",
	    FILE_LINE LINE(
		"4A", "2026-11-21T08:00:01Z") "{\"v\":1,\"time\":\"20",
	    "file 4A" },
	{ "a line that broke off in the middle",
	    FILE_LINE
	    "{\"v\":1,\"time\":\"20\n" LINE("4B", "2026-11-21T08:00:02Z"),
	    "file ? 4B" },
	{ "a later version",
	    FILE_LINE "{\"v\":9}\n" LINE("4B", "2026-11-21T08:00:02Z"),
	    "file ? 4B" },
	{ "empty lines", "\n\n" FILE_LINE, "? ? file" },
};

START_TEST(files_are_read)
{
	char *p = text_file("any-name", texts[_i].text);

	ck_assert_msg(strcmp(contents(p), texts[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", texts[_i].name, contents(p),
	    texts[_i].want);
}
END_TEST

START_TEST(line_too_long_is_passed_over)
{
	char *p = mxa_arena_printf(arena, "%s/long", dir);
	FILE *f = fopen(p, "w");

	fputs(FILE_LINE, f);
	for (int i = 0; i < 200000; i++)
		fputc('x', f);
	fputs("\n" LINE("4A", "2026-11-21T08:00:01Z"), f);
	fclose(f);
	ck_assert_str_eq(contents(p), "file ? 4A");
}
END_TEST

/* A message of 'bytes', the newline included. */
static char *message_of(size_t bytes)
{
	static const char begin[] =
	    "{\"v\":1,\"time\":\"2026-11-21T08:00:01Z\",\"id\":\"4A\",";
	static const char end[] = "\"ip\":\"192.0.2.1\",\"action\":"
				  "{\"action\":\"tag\"}}\n";
	size_t pad = bytes - strlen(begin) - strlen(end);

	return mxa_arena_printf(arena, "%s%*s%s", begin, (int)pad, "", end);
}

START_TEST(a_line_has_a_limit)
{
	ck_assert_str_eq(
	    contents(text_file("most", message_of(MXA_MAX_JOURNAL_LINE))),
	    "4A");
	ck_assert_str_eq(
	    contents(text_file("more", message_of(MXA_MAX_JOURNAL_LINE + 1))),
	    "?");
}
END_TEST

static size_t unfinished(const char *text)
{
	char *p = text_file("unfinished", text);
	struct mxa_scan *s;
	struct mxa_entry e;
	struct mxa_place place;
	size_t n;

	ck_assert_int_eq(mxa_scan_open(p, &s), MXA_OK);
	while (mxa_scan_next(s, arena, &e, &place) != MXA_ENOENT)
		;
	n = mxa_scan_unfinished(s);
	mxa_scan_close(s);
	return n;
}

START_TEST(unfinished_lines_are_counted)
{
	ck_assert_uint_eq(unfinished(""), 0);
	ck_assert_uint_eq(unfinished(FILE_LINE), 0);
	ck_assert_uint_eq(unfinished(FILE_LINE "{"), 1);
	ck_assert_uint_eq(
	    unfinished(mxa_arena_printf(arena, "%300000s", "x")), 1);
}
END_TEST

START_TEST(no_file_is_open_yet)
{
	struct mxa_scan *s;

	ck_assert_int_eq(mxa_scan_open("/nonexistent", &s), MXA_EIO);
	ck_assert_ptr_null(s);
	ck_assert_int_eq(mxa_scan_open(dir, &s), MXA_OK);
	ck_assert_int_eq(mxa_scan_seek(s, 0), MXA_EIO);
	mxa_scan_close(s);
	mxa_scan_close(NULL);
}
END_TEST

START_TEST(places_lead_back)
{
	char *p = text_file("places",
	    FILE_LINE LINE("4A", "2026-11-21T08:00:01Z")
		LINE("4B", "2026-11-21T08:00:02Z"));
	struct mxa_scan *s;
	struct mxa_entry e;
	struct mxa_place place;
	uint64_t first = sizeof(FILE_LINE) - 1;
	uint64_t each = sizeof(LINE("4A", "2026-11-21T08:00:01Z")) - 1;

	ck_assert_int_eq(mxa_scan_open(p, &s), MXA_OK);
	ck_assert_int_eq(mxa_scan_next(s, arena, &e, &place), MXA_OK);
	ck_assert_uint_eq(place.from, 0);
	ck_assert_uint_eq(place.to, first);
	ck_str_is(place.file_id, "0123456789abcdef");
	ck_assert_int_eq(mxa_scan_next(s, arena, &e, &place), MXA_OK);
	ck_assert_uint_eq(place.from, first);
	ck_assert_uint_eq(place.to, first + each);
	ck_str_is(e.file_id, "0123456789abcdef");
	ck_assert_str_eq(place.path, p);
	/* an importer goes on behind what it has */
	ck_assert_int_eq(mxa_scan_seek(s, first + each), MXA_OK);
	ck_assert_int_eq(mxa_scan_next(s, arena, &e, &place), MXA_OK);
	ck_str_is(e.txn.msg.queue_id, "4B");
	ck_assert_uint_eq(place.to, first + 2 * each);
	ck_assert_int_eq(mxa_scan_next(s, arena, &e, &place), MXA_ENOENT);
	mxa_scan_close(s);
}
END_TEST

START_TEST(newest_message_with_an_id)
{
	struct mxa_entry e;

	text_file("20261120T000000Z-aaaaaaaaaaaaaaaa.jsonl",
	    FILE_LINE LINE("4A", "2026-11-20T01:00:00Z")
		LINE("4OLD", "2026-11-20T02:00:00Z"));
	text_file("20261121T000000Z-bbbbbbbbbbbbbbbb.jsonl",
	    FILE_LINE LINE("4A", "2026-11-21T01:00:00Z") LINE("4A",
		"2026-11-21T02:00:00Z") LINE("4AB", "2026-11-21T03:00:00Z"));
	/* another process began later and wrote it earlier */
	text_file("20261121T000001Z-cccccccccccccccc.jsonl",
	    FILE_LINE LINE("4A", "2026-11-21T01:30:00Z"));
	ck_assert_int_eq(mxa_scan_find(dir, MXA_STR("4A"), arena, &e), MXA_OK);
	ck_assert_int_eq(e.time, 1795226400); /* 2026-11-21T02:00:00Z */
	ck_assert_int_eq(
	    mxa_scan_find(dir, MXA_STR("4OLD"), arena, &e), MXA_OK);
	ck_assert_int_eq(
	    mxa_scan_find(dir, MXA_STR("4NONE"), arena, &e), MXA_ENOENT);
	ck_assert_int_eq(
	    mxa_scan_find(dir, MXA_STR("192.0.2.1"), arena, &e), MXA_ENOENT);
	ck_assert_int_eq(
	    mxa_scan_find("/nonexistent", MXA_STR("4A"), arena, &e), MXA_EIO);
	/* a file of its own, too */
	ck_assert_int_eq(
	    mxa_scan_find(path_of(0), MXA_STR("4A"), arena, &e), MXA_OK);
	ck_assert_int_eq(e.time, 1795136400); /* 2026-11-20T01:00:00Z */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("journal");
	TCase *tc = tcase_create("journal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, file_is_named_and_begun);
	tcase_add_test(tc, every_process_has_its_file);
	tcase_add_test(tc, day_ends_a_file);
	tcase_add_test(tc, file_that_was_removed_is_begun_anew);
	tcase_add_test(tc, a_directory_that_is_there);
	tcase_add_test(tc, checked_at_the_start);
	tcase_add_test(tc, size_is_bounded);
	tcase_add_test(tc, looked_over_each_minute);
	tcase_add_test(tc, age_has_a_limit);
	tcase_add_loop_test(tc, spared_files_go_last, 0, 5);
	tcase_add_test(tc, age_is_bounded);
	tcase_add_test(tc, a_jump_of_the_clock_costs_little);
	tcase_add_test(tc, own_files_age_as_time_passes);
	tcase_add_test(tc, file_that_was_renamed_is_left);
	tcase_add_test(tc, reopening_begins_a_file);
	tcase_add_loop_test(
	    tc, directory_is_made, 0, MXA_ARRAY_LEN(directories));
	tcase_add_test(tc, what_is_not_imported_is_spared);
	tcase_add_test(tc, what_is_lost_is_told_once);
	tcase_add_test(tc, files_in_use_and_strange_files_stay);
	tcase_add_loop_test(tc, names_of_files, 0, MXA_ARRAY_LEN(names));
	tcase_add_test(tc, missing_directory_is_said_once);
	tcase_add_test(tc, short_write_is_cut_back);
	tcase_add_test(tc, first_line_that_does_not_fit);
	tcase_add_test(tc, threads_write_whole_lines);
	tcase_add_loop_test(tc, files_are_read, 0, MXA_ARRAY_LEN(texts));
	tcase_add_test(tc, line_too_long_is_passed_over);
	tcase_add_test(tc, a_line_has_a_limit);
	tcase_add_test(tc, unfinished_lines_are_counted);
	tcase_add_test(tc, no_file_is_open_yet);
	tcase_add_test(tc, places_lead_back);
	tcase_add_test(tc, newest_message_with_an_id);
	suite_add_tcase(s, tc);
	return test_main(s);
}
