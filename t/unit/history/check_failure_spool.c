/* check_failure_spool.c - messages that wait for a failure report: what is
 * written, what is not, and what is read. */
#include "history/failure_spool.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/dmarc_record.h"
#include "t/support/testing.h"
#include "t/support/verdicts.h"

#define WHEN 1795248000 /* 2026-11-21T08:00:00Z, hexadecimal 6b014f80 */

static char dir[256];
static struct test_clock clk;
static struct mxa_arena *arena;
static struct mxa_spool *spool;
static struct mxa_txn txn;
static struct mxa_dmarc_record record;

static struct mxa_spool *open_spool(const char *directory)
{
	struct mxa_spool_options o = { .directory = directory,
		.clock = &clk.clock,
		.key = "0123456789abcdef0123456789abcde" };

	return mxa_spool_new(&o);
}

static void fill(const char *words)
{
	struct mxa_dmarc_domain *d;

	test_txn(arena, words, &txn);
	d = &txn.verdict.dmarc.domain[0];
	mxa_dmarc_record_parse(
	    MXA_STR("v=DMARC1; p=reject; ruf=mailto:r@a.example"), &record);
	d->record = &record;
	txn.action.rule = MXA_STR("default");
	txn.action.cause = MXA_CAUSE_DMARC_REJECT;
	mxa_headers_add(&txn.msg.headers, MXA_STR("From"),
	    MXA_STR("Joe <joe@a.example>"), false);
	mxa_headers_add(&txn.msg.headers, MXA_STR("Bcc"),
	    MXA_STR("secret@b.example"), false);
	mxa_headers_add(&txn.msg.headers, MXA_STR("Subject"),
	    MXA_STR("write to eve@b.example"), false);
}

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(
	    dir, sizeof(dir), "%s/mxauth-spool-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	test_clock_init(&clk, WHEN);
	arena = mxa_arena_new();
	spool = open_spool(dir);
	fill("mfrom=joe@a.example auth=joe spf=fail:a.example:-all "
	     "dkim=fail/body:a.example:s1 dmarc=fail:a.example:reject");
}

static void each_file(void (*fn)(const char *name))
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			fn(e->d_name);
	closedir(d);
}

static size_t count;
static char last[300];

static void note_name(const char *name)
{
	count++;
	snprintf(last, sizeof(last), "%s", name);
}

static size_t files(void)
{
	count = 0;
	each_file(note_name);
	return count;
}

static void remove_name(const char *name)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static void teardown(void)
{
	each_file(remove_name);
	rmdir(dir);
	mxa_spool_free(spool);
	mxa_arena_free(arena);
}

static const char *spool_txn(uint32_t per_hour)
{
	return mxa_spool_write(
	    spool, arena, &txn, &txn.verdict.dmarc.domain[0], NULL, per_hour);
}

static struct mxa_str content(void)
{
	ck_assert_uint_ge(files(), 1);
	return test_read(arena, mxa_arena_printf(arena, "%s/%s", dir, last));
}

/* --- what is written --- */

START_TEST(written_and_read)
{
	struct mxa_spool_entry e;
	struct mxa_str text;
	int64_t time;

	ck_assert_ptr_null(spool_txn(10));
	text = content();
	ck_assert(mxa_spool_name(mxa_str_from(last), &time));
	ck_assert_int_eq(time, WHEN);
	ck_assert_msg(strncmp(last, "006b014f80", 10) == 0, "%s", last);
	ck_assert(mxa_spool_read(arena, text, &e));
	ck_assert_int_eq(e.incidents, 1);
	ck_assert_int_eq(e.message.time, WHEN);
	ck_str_is(e.message.txn.verdict.dmarc.domain[0].record->ruf[0].address,
	    "r@a.example");
	ck_assert_int_eq(e.message.txn.verdict.spf.result, MXA_SPF_FAIL);
	ck_assert_int_eq(
	    e.message.txn.verdict.dkim.sig[0].cause, MXA_DKIM_BODY);
	ck_assert(mxa_str_starts(e.headers, MXA_STR("From: Joe <redacted.")));
	ck_assert(
	    mxa_str_ends(e.message.txn.msg.mail_from, MXA_STR("@a.example")));
}
END_TEST

#define TWO_AUTHORS                                                            \
	"spf=pass:news.a.example dmarc=fail:b.example:reject "                 \
	"dmarc=pass:news.a.example:none:spf,at=a.example dmarc=fail:a.example" \
	":none:at=a.example"

/* A file of its own for the second author, with its result. */
START_TEST(another_author)
{
	const struct mxa_dmarc_verdict *v;
	struct mxa_spool_entry e;

	fill(TWO_AUTHORS);
	ck_assert_ptr_null(mxa_spool_write(
	    spool, arena, &txn, &txn.verdict.dmarc.domain[1], NULL, 10));
	ck_assert(mxa_spool_read(arena, content(), &e));
	v = &e.message.txn.verdict.dmarc;
	ck_assert_uint_eq(v->n, 3);
	ck_str_is(v->domain[v->worst].author, "news.a.example");
	ck_assert_int_eq(v->result, MXA_DMARC_PASS);
	ck_assert(v->domain[v->worst].spf_aligned);
}
END_TEST

/* What a policy domain gets in an hour is for all author domains under it. */
START_TEST(authors_of_one_policy_domain)
{
	fill(TWO_AUTHORS);
	for (size_t i = 1; i < 3; i++)
		ck_assert_ptr_null(mxa_spool_write(
		    spool, arena, &txn, &txn.verdict.dmarc.domain[i], NULL, 1));
	ck_assert_uint_eq(files(), 1);
	ck_assert_ptr_null(mxa_spool_write(
	    spool, arena, &txn, &txn.verdict.dmarc.domain[0], NULL, 1));
	ck_assert_uint_eq(files(), 2);
}
END_TEST

/* Neither in the line nor in the header section. */
START_TEST(nobody_is_named)
{
	static const char *const people[] = { "joe", "bob", "secret", "eve" };
	struct mxa_str text;

	ck_assert_ptr_null(spool_txn(10));
	text = content();
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		struct mxa_str who =
		    mxa_str_from(mxa_arena_printf(arena, "%s@", people[i]));

		ck_assert_msg(
		    mxa_str_casefind(text, who) == text.len, "%s", people[i]);
	}
}
END_TEST

START_TEST(only_the_spf_record)
{
	struct mxa_dns_record rr = { .text = MXA_STR("v=spf1 -all") };
	struct mxa_dns_answer spf = { .name = MXA_STR("a.example"),
		.type = MXA_DNS_TXT,
		.status = MXA_DNS_DATA,
		.rr = &rr,
		.n = 1 };
	struct mxa_evidence all[] = { { NULL, MXA_STR("x.example"), MXA_DNS_TXT,
					  false },
		{ &spf, MXA_STR("a.example"), MXA_DNS_TXT, false } };
	struct mxa_line_dns dns = { .evidence = all, .n = 2 };
	struct mxa_spool_entry e;

	ck_assert_ptr_null(mxa_spool_write(
	    spool, arena, &txn, &txn.verdict.dmarc.domain[0], &dns, 10));
	ck_assert(mxa_spool_read(arena, content(), &e));
	ck_assert_uint_eq(e.message.n_evidence, 1);
	ck_str_is(e.message.evidence[0].answer->rr[0].text, "v=spf1 -all");
}
END_TEST

START_TEST(readable_by_the_group_only)
{
	struct stat st;
	mode_t old = umask(0);

	ck_assert_ptr_null(spool_txn(10));
	umask(old);
	ck_assert_uint_eq(files(), 1);
	ck_assert_int_eq(
	    stat(mxa_arena_printf(arena, "%s/%s", dir, last), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
}
END_TEST

/* --- limits --- */

START_TEST(so_many_an_hour)
{
	struct mxa_spool_entry e;

	for (int i = 0; i < 5; i++)
		ck_assert_ptr_null(spool_txn(2));
	ck_assert_uint_eq(files(), 2);
	each_file(remove_name);
	clk.wall += 3600;
	ck_assert_ptr_null(spool_txn(2));
	ck_assert(mxa_spool_read(arena, content(), &e));
	ck_assert_int_eq(e.incidents, 4);
}
END_TEST

START_TEST(another_domain_has_its_own)
{
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_null(spool_txn(1));
	fill("spf=fail:b.example dmarc=fail:b.example:reject");
	ck_assert_ptr_null(spool_txn(1));
	ck_assert_uint_eq(files(), 2);
}
END_TEST

static void make_files(int64_t time, int n)
{
	for (int i = 0; i < n; i++) {
		FILE *f =
		    fopen(mxa_arena_printf(arena, "%s/%010llx%016x%s", dir,
			      (unsigned long long)time, i, MXA_SPOOL_SUFFIX),
			"w");

		ck_assert_ptr_nonnull(f);
		fclose(f);
	}
}

START_TEST(full)
{
	const char *said;

	make_files(WHEN - 10, MXA_SPOOL_FILES);
	said = spool_txn(10);
	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(strstr(said, "it is full"));
	ck_assert_ptr_null(spool_txn(10));
	ck_assert_uint_eq(files(), MXA_SPOOL_FILES);
	each_file(remove_name);
	clk.wall += 60;
	said = spool_txn(10);
	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(
	    strstr(said, "is written again, 2 messages are missing"));
}
END_TEST

START_TEST(old_ones_go)
{
	make_files(WHEN - MXA_SPOOL_SECONDS - 1, MXA_SPOOL_FILES);
	ck_assert_ptr_null(spool_txn(10));
	ck_assert_uint_eq(files(), 1);
}
END_TEST

/* A disk that takes nothing: said once, and again when it is over. */
START_TEST(cannot_be_written)
{
	struct mxa_spool *other =
	    open_spool(mxa_arena_printf(arena, "%s/a/b", dir));
	struct mxa_spool *disk = open_spool("/dev/full");
	const char *said;

	said = mxa_spool_write(
	    other, arena, &txn, &txn.verdict.dmarc.domain[0], NULL, 10);
	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(strstr(said, "mail goes on"));
	ck_assert_ptr_null(mxa_spool_write(
	    other, arena, &txn, &txn.verdict.dmarc.domain[0], NULL, 10));
	ck_assert_ptr_nonnull(mxa_spool_write(
	    disk, arena, &txn, &txn.verdict.dmarc.domain[0], NULL, 10));
	mxa_spool_free(other);
	mxa_spool_free(disk);
}
END_TEST

/* A file that the disk cuts short is not left there. */
START_TEST(cut_by_a_full_disk)
{
	struct rlimit r = { 100, RLIM_INFINITY };
	const char *said;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &r), 0);
	said = spool_txn(10);
	r.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &r), 0);
	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(strstr(said, "mail goes on"));
	ck_assert_uint_eq(files(), 0);
	ck_assert_ptr_nonnull(spool_txn(10)); /* it works again */
	ck_assert_uint_eq(files(), 1);
}
END_TEST

/* 10,000 fields, large ones: the file has its ceiling. */
START_TEST(hostile_header)
{
	struct mxa_spool_entry e;
	char *large = mxa_arena_alloc(arena, 70000);

	memset(large, 'x', 70000);
	for (int i = 0; i < 10000; i++)
		mxa_headers_add(&txn.msg.headers, MXA_STR("X-Field"),
		    mxa_str_make(large, i % 100 == 0 ? 70000 : 20), false);
	ck_assert_ptr_null(spool_txn(10));
	ck_assert_uint_le(content().len, MXA_SPOOL_FILE);
	ck_assert(mxa_spool_read(arena, content(), &e));
	ck_assert_uint_le(e.headers.len, MXA_MAX_REDACTED);
}
END_TEST

/* --- what is read --- */

#define ONE "mxauth-failure 1 1\n"

static const struct {
	const char *name, *before, *after;
} bad[] = {
	{ "empty", "", NULL },
	{ "no newline", "mxauth-failure 1 1", NULL },
	{ "first line only", ONE, NULL },
	{ "another version", "mxauth-failure 2 1\n", "" },
	{ "no incidents", "mxauth-failure 1 0\n", "" },
	{ "no number", "mxauth-failure 1 x\n", "" },
	{ "a large number", "mxauth-failure 1 99999999999\n", "" },
	{ "not JSON", ONE "{\n", NULL },
	{ "the first line of a journal",
	    ONE "{\"v\":1,\"time\":\"2026-11-21T08:00:00Z\",\"file\":\"x\"}\n",
	    NULL },
	{ "of a later version", ONE "{\"v\":9}\n", NULL },
	{ "a header that was cut", ONE, "Subject: x" },
	{ "a line without CR", ONE, "Subject: x\n" },
	{ "a CR alone", ONE, "Subject: x\ry\r\n" },
	{ "not ASCII", ONE, "Subject: \xff\r\n" },
	{ "a control character", ONE, "Subject: \x01\r\n" },
};

START_TEST(damaged)
{
	struct mxa_spool_entry e;
	struct mxa_str text;
	size_t from, to;

	ck_assert_ptr_null(spool_txn(10));
	text = content();
	from = mxa_str_chr(text, '\n', 0) + 1;
	to = mxa_str_chr(text, '\n', from) + 1;
	text = bad[_i].after == NULL
	    ? mxa_str_from(bad[_i].before)
	    : mxa_str_from(mxa_arena_printf(arena, "%s%.*s%s", bad[_i].before,
		  MXA_STR_ARG(mxa_str_sub(text, from, to)), bad[_i].after));
	ck_assert_msg(!mxa_spool_read(arena, text, &e), "%s", bad[_i].name);
}
END_TEST

START_TEST(rewritten)
{
	struct mxa_spool_entry e;
	struct mxa_str text;
	struct mxa_buf b;

	ck_assert_ptr_null(spool_txn(10));
	text = content();
	mxa_buf_init(&b, arena, MXA_SPOOL_FILE);
	mxa_spool_rewrite(&b, text, 7);
	ck_assert(mxa_spool_read(arena, mxa_buf_str(&b), &e));
	ck_assert_int_eq(e.incidents, 7);
	ck_assert(mxa_str_starts(e.headers, MXA_STR("From: ")));
}
END_TEST

static const struct {
	const char *name;
	bool ok;
} names[] = {
	{ "006b014f800123456789abcdef.failure", true },
	{ "006b014f800123456789abcdef.failure.tmp", false },
	{ "006b014f800123456789abcde.failure", false },
	{ "006B0157800123456789ABCDEF.failure", false },
	{ "../b0157800123456789abcdef.failure", false },
	{ "", false },
	{ ".failure", false },
};

START_TEST(file_names)
{
	int64_t time;

	ck_assert_msg(
	    mxa_spool_name(mxa_str_from(names[_i].name), &time) == names[_i].ok,
	    "%s", names[_i].name);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("failure_spool");
	TCase *tc = tcase_create("failure_spool");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, written_and_read);
	tcase_add_test(tc, another_author);
	tcase_add_test(tc, authors_of_one_policy_domain);
	tcase_add_test(tc, nobody_is_named);
	tcase_add_test(tc, only_the_spf_record);
	tcase_add_test(tc, readable_by_the_group_only);
	tcase_add_test(tc, so_many_an_hour);
	tcase_add_test(tc, another_domain_has_its_own);
	tcase_add_test(tc, full);
	tcase_add_test(tc, old_ones_go);
	tcase_add_test(tc, cannot_be_written);
	tcase_add_test(tc, cut_by_a_full_disk);
	tcase_add_test(tc, hostile_header);
	tcase_add_loop_test(tc, damaged, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, rewritten);
	tcase_add_loop_test(
	    tc, file_names, 0, sizeof(names) / sizeof(names[0]));
	suite_add_tcase(s, tc);
	return test_main(s);
}
