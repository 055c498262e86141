/* check_import.c - journals into the store: once, twice, two at once, killed,
 * broken lines.  t/store/store.sh runs it on PostgreSQL as well. */
#include "t/support/testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/dmarc_record.h"
#include "history/import.h"
#include "history/journal.h"
#include "history/prune.h"
#include "t/support/storetest.h"
#include "t/support/verdicts.h"

#define WHEN 1795248000 /* 2026-11-21T08:00:00Z, day 20778 */

static char dir[256];
static struct test_clock clk;
static struct mxa_arena *arena;
static struct mxa_store *store;
static uint32_t waited; /* of the messages that put() writes */

static void begin(void)
{
	const char *tmp = getenv("TMPDIR");

	arena = mxa_arena_new();
	snprintf(
	    dir, sizeof(dir), "%s/mxauth-import-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	test_clock_init(&clk, WHEN);
	test_store_url();
	store = test_store_open(WHEN + 60);
}

static void end(void)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
	mxa_store_close(store);
	test_store_done();
	mxa_arena_free(arena);
}

/* --- a journal --- */

static struct mxa_journal *open_journal(void)
{
	struct mxa_journal_options o = { .directory = dir,
		.max_size = 1 << 30,
		.writer = "mxauth test",
		.clock = &clk.clock };

	return mxa_journal_new(&o);
}

static void put(struct mxa_journal *j, const char *words)
{
	struct mxa_txn t;

	test_txn(arena, words, &t);
	for (size_t i = 0; i < t.verdict.dmarc.n; i++) {
		struct mxa_dmarc_domain *d = &t.verdict.dmarc.domain[i];
		struct mxa_dmarc_record *r =
		    mxa_arena_calloc(arena, 1, sizeof(*r));

		mxa_dmarc_record_parse(
		    MXA_STR("v=DMARC1; p=none; rua=mailto:d@example.com"), r);
		d->record = r;
		d->record_domain = d->author;
	}
	t.action.rule = MXA_STR("default");
	t.action.cause = MXA_CAUSE_NOTHING;
	t.ms = waited;
	ck_assert_ptr_null(mxa_journal_write(j, arena, &t, NULL));
}

static void put_many(struct mxa_journal *j, int n)
{
	for (int i = 0; i < n; i++) {
		char words[200];

		snprintf(words, sizeof(words),
		    "id=Q%d ip=192.0.2.%d spf=pass:b%d.example "
		    "dmarc=pass:d%d.example:none:spf",
		    i, i % 200 + 1, i % 7, i % 40);
		put(j, words);
	}
}

static const char *journal_path(void)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	char *path = NULL;

	while ((e = readdir(d)) != NULL)
		if (mxa_dir_is_journal(e->d_name))
			path = mxa_arena_printf(arena, "%s/%s", dir, e->d_name);
	closedir(d);
	ck_assert_ptr_nonnull(path);
	return path;
}

static void add_text(const char *text)
{
	int fd = open(journal_path(), O_WRONLY | O_APPEND);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* --- the import --- */

static enum mxa_store_state import_with(struct mxa_store *s, size_t batch,
    const char *path, struct mxa_import_result *out)
{
	struct mxa_buf *complaints =
	    mxa_arena_calloc(arena, 1, sizeof(*complaints));
	struct mxa_import_options o = { .store = s,
		.host = MXA_STR("mx1.example"),
		.own_address = { MXA_STR("noreply@reports.example"),
		    MXA_STR("bounces@reports.example") },
		.batch = batch };

	mxa_buf_init(complaints, arena, 10000);
	*out = (struct mxa_import_result){ .complaints = complaints };
	return mxa_import(&o, path, out);
}

static struct mxa_import_result import_all(void)
{
	struct mxa_import_result r;

	ck_assert_int_eq(import_with(store, 0, dir, &r), MXA_STORE_OK);
	ck_assert_str_eq(mxa_store_error(store), "");
	return r;
}

static int64_t number(const char *sql)
{
	int64_t n = mxa_store_number(store, sql, NULL, 0, 0);

	ck_assert_str_eq(mxa_store_error(store), "");
	return n;
}

static void ck_totals(int64_t messages)
{
	ck_assert_int_eq(number("SELECT sum(n) FROM tally"), messages);
	ck_assert_int_eq(number("SELECT count(*) FROM message"), messages);
	ck_assert_int_eq(
	    number("SELECT sum(lines) FROM journal_file"), messages);
}

START_TEST(again_adds_nothing)
{
	struct mxa_journal *j = open_journal();
	struct mxa_import_result r;

	put_many(j, 100);
	r = import_all();
	ck_assert_uint_eq(r.lines, 100);
	ck_assert_uint_eq(r.messages, 100);
	ck_assert(r.complete);
	ck_totals(100);
	r = import_all();
	ck_assert_uint_eq(r.lines, 0);
	ck_totals(100);
	put_many(j, 50);
	r = import_all();
	ck_assert_uint_eq(r.lines, 50);
	ck_totals(150);
	ck_assert_uint_eq(r.waiting, 0);
	mxa_journal_free(j);
	import_all();
	ck_assert_int_eq(number("SELECT closed FROM journal_file"), 1);
	ck_assert_int_eq(
	    number("SELECT through FROM host WHERE host = 'mx1.example'"),
	    WHEN + 58);
	ck_assert_int_eq(number("SELECT wrote FROM host"), WHEN);
}
END_TEST

START_TEST(several_files)
{
	for (int day = 0; day < 3; day++) {
		struct mxa_journal *j = open_journal();

		put_many(j, 10);
		mxa_journal_free(j);
		clk.wall += 86400;
	}
	ck_assert_uint_eq(import_all().files, 3);
	ck_totals(30);
	ck_assert_int_eq(number("SELECT count(DISTINCT day) FROM tally"), 3);
}
END_TEST

/* An unfinished line waits while somebody writes, and is bad when nobody
 * does. */
START_TEST(unfinished_line)
{
	struct mxa_journal *j = open_journal();
	struct mxa_import_result r;

	put_many(j, 3);
	add_text("{\"v\":1,\"time\":");
	r = import_all();
	ck_assert_uint_eq(r.lines, 3);
	ck_assert_uint_eq(r.bad, 0);
	ck_assert_uint_eq(r.waiting, 14);
	mxa_journal_free(j);
	r = import_all();
	ck_assert_uint_eq(r.bad, 1);
	ck_assert_uint_eq(r.waiting, 0);
	ck_assert_uint_eq(import_all().bad, 0);
	ck_totals(3);
}
END_TEST

START_TEST(broken_lines_are_counted_and_passed)
{
	struct mxa_journal *j = open_journal();
	char *huge = mxa_arena_alloc(arena, 70000);

	memset(huge, 'x', 70000);
	huge[69998] = '\n';
	huge[69999] = '\0';
	put_many(j, 2);
	add_text("{\"v\":99,\"time\":\"2026-11-21T08:00:00Z\"}\n");
	add_text("\xff\xfe\n\n{}\n[1,2]\n");
	add_text(huge);
	put_many(j, 2);
	ck_assert_uint_eq(import_all().bad, 6);
	ck_totals(4);
	ck_assert_int_eq(number("SELECT bad FROM journal_file"), 6);
	mxa_journal_free(j);
}
END_TEST

START_TEST(hostile_text_is_kept_harmless)
{
	struct mxa_journal *j = open_journal();
	struct mxa_row row;

	put(j,
	    "id=Q'\"\\{},\x01\x7f mfrom=u@b\x02\x1f.example "
	    "dmarc=fail:example.com:none");
	import_all();
	ck_totals(1);
	mxa_store_row(
	    store, arena, "SELECT queue_id FROM message", NULL, 0, &row);
	ck_str_is(row.col[0], "Q'\"\\{},??");
	mxa_journal_free(j);
}
END_TEST

/* What is kept of a message. */
static const struct {
	const char *words;
	const char *want; /* its columns from ip to dmarc */
} kept[] = {
	{ "ip=2001:db8::1 spf=pass:bounce.example.com "
	  "dkim=fail:example.com dkim=pass:b.example "
	  "dmarc=fail:example.com:none",
	    "2001:db8::1,example.com,bounce.example.com,example.jp,accept,,"
	    "pass,pass,fail" },
	{ "mfrom= rcpt=a@one.example rcpt=b@two.example spf=none: "
	  "dkim=permerror:a.example dkim=fail:b.example "
	  "dmarc=pass:a.example:none:spf dmarc=fail:b.example:none",
	    "192.0.2.1,b.example,,one.example,accept,,none,permerror,"
	    "fail" },
	{ "exempt=network spf=none: dmarc=none:a.example",
	    "192.0.2.1,,bounce.example.com,example.jp,accept,,none,none,"
	    "exempt" },
};

START_TEST(message_rows)
{
	static const char *const columns[] = { "ip", "author",
		"mail_from_domain", "rcpt_domain", "action", "cause", "spf",
		"dkim", "dmarc" };
	struct mxa_journal *j = open_journal();
	struct mxa_row row;
	struct mxa_buf b;

	put(j, kept[_i].words);
	import_all();
	mxa_buf_init(&b, arena, 1000);
	for (size_t i = 0; i < MXA_ARRAY_LEN(columns); i++) {
		mxa_store_row(store, arena,
		    mxa_arena_printf(
			arena, "SELECT %s FROM message", columns[i]),
		    NULL, 0, &row);
		mxa_buf_printf(
		    &b, "%s%.*s", i > 0 ? "," : "", MXA_STR_ARG(row.col[0]));
	}
	ck_assert_str_eq(mxa_buf_cstr(&b), kept[_i].want);
	ck_assert_int_eq(number("SELECT day FROM message"), 20778);
	ck_assert_int_eq(number("SELECT time FROM message"), WHEN);
	mxa_journal_free(j);
}
END_TEST

static void note_progress(void *ctx, const char *path, uint64_t lines)
{
	(void)path;
	*(uint64_t *)ctx = lines;
}

/* Single messages of earlier days are not kept; sums are. */
START_TEST(messages_since_a_day)
{
	struct mxa_journal *j = open_journal();
	uint64_t told = 0;
	struct mxa_import_options o = { .store = store,
		.host = MXA_STR("mx1"),
		.messages_since = 20778 + _i,
		.progress = note_progress,
		.ctx = &told };
	struct mxa_import_result r = { .files = 0 };

	put_many(j, 5);
	ck_assert_int_eq(mxa_import(&o, dir, &r), MXA_STORE_OK);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM message"), _i == 0 ? 5 : 0);
	ck_assert_int_eq(number("SELECT sum(n) FROM tally"), 5);
	ck_assert_uint_eq(told, 5);
	ck_assert_int_eq(r.newest, WHEN);
	mxa_journal_free(j);
}
END_TEST

/* Nothing is begun then, and the host is not complete. */
START_TEST(stopped)
{
	static const volatile sig_atomic_t stop = 1;
	struct mxa_journal *j = open_journal();
	struct mxa_import_options o = {
		.store = store, .host = MXA_STR("mx1"), .stop = &stop
	};
	struct mxa_import_result r = { .files = 0 };

	put_many(j, 5);
	ck_assert_int_eq(mxa_import(&o, dir, &r), MXA_STORE_OK);
	ck_assert(!r.complete);
	ck_assert_uint_eq(r.lines, 0);
	ck_assert_int_eq(number("SELECT count(*) FROM message"), 0);
	ck_assert_int_eq(number("SELECT through FROM host"), 0);
	mxa_journal_free(j);
}
END_TEST

/* A file by itself says nothing about the others of its host. */
START_TEST(a_single_file)
{
	struct mxa_journal *j = open_journal();
	struct mxa_import_result r;

	put_many(j, 5);
	ck_assert_int_eq(
	    import_with(store, 0, journal_path(), &r), MXA_STORE_OK);
	ck_assert(r.complete);
	ck_totals(5);
	ck_assert_int_eq(number("SELECT through FROM host"), 0);
	ck_assert_int_eq(number("SELECT wrote FROM host"), WHEN);
	mxa_journal_free(j);
}
END_TEST

START_TEST(two_files_in_one)
{
	struct mxa_journal *j = open_journal();
	struct mxa_import_result r;

	put_many(j, 2);
	add_text("{\"v\":1,\"time\":\"2026-11-21T08:00:00Z\","
		 "\"file\":\"0123456789abcdef\",\"mxauth\":\"x\"}\n");
	put_many(j, 2);
	ck_assert_int_eq(import_with(store, 0, dir, &r), MXA_STORE_OK);
	ck_assert(!r.complete);
	ck_assert_ptr_nonnull(strstr(
	    mxa_buf_cstr(r.complaints), "holds more than one journal file"));
	ck_assert_int_eq(number("SELECT count(*) FROM message"), 0);
	mxa_journal_free(j);
}
END_TEST

START_TEST(not_a_journal)
{
	struct mxa_import_result r;
	char *path = mxa_arena_printf(arena, "%s/other", dir);
	FILE *f = fopen(path, "w");

	fputs("{\"some\": \"json\"}\n", f);
	fclose(f);
	ck_assert_int_eq(import_with(store, 0, path, &r), MXA_STORE_OK);
	ck_assert(!r.complete);
	ck_assert_ptr_nonnull(
	    strstr(mxa_buf_cstr(r.complaints), "is not a journal file"));
	ck_assert_int_eq(
	    import_with(store, 0, "/nonexistent/journal", &r), MXA_STORE_OK);
	ck_assert_ptr_nonnull(
	    strstr(mxa_buf_cstr(r.complaints), "No such file"));
}
END_TEST

/* Once, however often it is imported; accepted mail has none. */
START_TEST(stories_of_what_was_slow)
{
	struct mxa_journal *j = open_journal();

	put(j, "id=Q1 dmarc=pass:example.com:none:spf");
	waited = 2500;
	put(j, "id=Q2 dmarc=pass:example.com:none:spf");
	waited = 0;
	import_all();
	import_all();
	ck_totals(2);
	ck_assert_int_eq(number("SELECT count(*) FROM message_story"), 1);
	ck_assert_int_eq(
	    number("SELECT s.ms FROM message_story s CROSS JOIN message m "
		   "WHERE m.day = s.day AND m.file_id = s.file_id "
		   "AND m.pos = s.pos AND m.time = s.time "
		   "AND m.queue_id = 'Q2'"),
	    2500);
	mxa_journal_free(j);
}
END_TEST

/* Mail that is itself a report, or comes to our reports' sender. */
START_TEST(report_traffic_is_no_reason)
{
	struct mxa_journal *j = open_journal();

	put(j,
	    "field=Subject:Report_domain:_example.com "
	    "dmarc=pass:a.example:none:spf");
	put(j, "rcpt=NoReply@reports.example dmarc=pass:b.example:none:spf");
	put(j,
	    "rcpt=bounces+4ab@reports.example "
	    "dmarc=pass:c.example:none:spf");
	put(j, "field=Subject:Lunch dmarc=pass:d.example:none:spf");
	import_all();
	ck_totals(4);
	ck_assert_int_eq(number("SELECT sum(ordinary) FROM tally"), 1);
	mxa_journal_free(j);
}
END_TEST

START_TEST(late_lines_are_counted_and_left_out)
{
	struct mxa_journal *j = open_journal();

	put_many(j, 5);
	import_all();
	mxa_store_run(store,
	    "UPDATE meta SET value = '20778' WHERE name = 'closed_day'", NULL,
	    0);
	put_many(j, 3);
	ck_assert_uint_eq(import_all().late, 3);
	ck_assert_int_eq(number("SELECT sum(n) FROM tally"), 5);
	ck_assert_int_eq(number("SELECT late FROM journal_file"), 3);
	ck_assert_int_eq(number("SELECT count(*) FROM message"), 8);
	mxa_journal_free(j);
}
END_TEST

START_TEST(pruning_is_told)
{
	struct mxa_journal *j = open_journal();
	struct mxa_str text;
	struct stat st;

	put_many(j, 5);
	import_all();
	text = test_read(arena, mxa_arena_printf(arena, "%s/imported", dir));
	ck_assert_int_eq(stat(journal_path(), &st), 0);
	ck_assert_str_eq(mxa_str_cstr(arena, text),
	    mxa_arena_printf(arena, "%s %lld\n",
		strrchr(journal_path(), '/') + 1, (long long)st.st_size));
	mxa_journal_free(j);
}
END_TEST

/* --- several at once, and killed --- */

static pid_t start_import(size_t batch)
{
	pid_t pid = fork();
	struct mxa_import_result r;
	struct mxa_store *s;

	if (pid != 0)
		return pid;
	s = test_store_open(WHEN + 60);
	_exit(import_with(s, batch, dir, &r) == MXA_STORE_OK ? 0 : 1);
}

START_TEST(two_at_once)
{
	struct mxa_journal *j = open_journal();
	pid_t pid[3];
	int status;

	put_many(j, 600);
	for (size_t i = 0; i < MXA_ARRAY_LEN(pid); i++)
		pid[i] = start_import(20 + i);
	for (size_t i = 0; i < MXA_ARRAY_LEN(pid); i++) {
		waitpid(pid[i], &status, 0);
		ck_assert_int_eq(status, 0);
	}
	ck_totals(600);
	mxa_journal_free(j);
}
END_TEST

START_TEST(killed_anywhere)
{
	struct mxa_journal *j = open_journal();

	put_many(j, 900);
	for (useconds_t us = 1000; us < 60000; us += 2700) {
		pid_t a = start_import(9), b = start_import(11);

		usleep(us);
		kill(a, SIGKILL);
		usleep(us / 3);
		kill(b, SIGKILL);
		waitpid(a, NULL, 0);
		waitpid(b, NULL, 0);
	}
	import_all();
	ck_totals(900);
	mxa_journal_free(j);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("import");
	TCase *tc = tcase_create("import");

	if (!test_store_there())
		return 77;
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, again_adds_nothing);
	tcase_add_test(tc, several_files);
	tcase_add_test(tc, unfinished_line);
	tcase_add_test(tc, broken_lines_are_counted_and_passed);
	tcase_add_test(tc, hostile_text_is_kept_harmless);
	tcase_add_loop_test(tc, message_rows, 0, MXA_ARRAY_LEN(kept));
	tcase_add_loop_test(tc, messages_since_a_day, 0, 2);
	tcase_add_test(tc, stopped);
	tcase_add_test(tc, a_single_file);
	tcase_add_test(tc, two_files_in_one);
	tcase_add_test(tc, not_a_journal);
	tcase_add_test(tc, stories_of_what_was_slow);
	tcase_add_test(tc, report_traffic_is_no_reason);
	tcase_add_test(tc, late_lines_are_counted_and_left_out);
	tcase_add_test(tc, pruning_is_told);
	tcase_add_test(tc, two_at_once);
	tcase_add_test(tc, killed_anywhere);
	suite_add_tcase(s, tc);
	return test_main(s);
}
