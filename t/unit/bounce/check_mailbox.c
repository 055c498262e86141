/* check_mailbox.c - messages of an mbox, a Maildir, a directory; packed input.
 */
#include "t/support/testing.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "bounce/mailbox.h"

static struct mxa_arena *arena;
static struct mxa_buf seen;
static char dir[64];

static void setup(void)
{
	arena = mxa_arena_new();
	mxa_buf_init(&seen, arena, 1 << 24);
	snprintf(dir, sizeof(dir), "mailbox.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
	mxa_arena_free(arena);
}

static const char *in_dir(const char *name)
{
	return mxa_arena_printf(arena, "%s/%s", dir, name);
}

static const char *write_file(const char *name, struct mxa_str text)
{
	const char *path = in_dir(name);
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text.p, 1, text.len, f), text.len);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

static bool show_message(void *ctx, struct mxa_str name, struct mxa_str bytes)
{
	int *left = ctx;

	mxa_buf_printf(&seen, "[%.*s|", MXA_STR_ARG(name));
	for (size_t i = 0; i < bytes.len; i++)
		mxa_buf_addc(&seen, bytes.p[i] == '\n' ? '/' : bytes.p[i]);
	mxa_buf_addc(&seen, ']');
	return left == NULL || --*left > 0;
}

static size_t read_mbox(const char *path, int *left)
{
	const char *error = NULL;
	struct mxa_intake *in = mxa_intake_open(path, &error);
	size_t n;

	ck_assert_msg(in != NULL, "%s", error);
	n = mxa_mailbox_mbox(in, MXA_STR("box"), show_message, left);
	mxa_intake_free(in);
	return n;
}

#define FROM "From a@x.example Fri Nov 27 09:14:01 2026\n"

static const struct {
	const char *name, *text;
	size_t n;
	const char *want;
} boxes[] = {
	{ "nothing", "", 0, "" },
	{ "one", FROM "S: 1\n\nbody\n", 1, "[box:1|S: 1//body/]" },
	{ "two", FROM "S: 1\n\nx\n\n" FROM "S: 2\n\ny\n", 2,
	    "[box:1|S: 1//x//][box:2|S: 2//y/]" },
	{ "CR LF", "From - Fri Nov 27 09:14:01 2026\r\nS: 1\r\n\r\nx\r\n", 1,
	    "[box:1|S: 1//x/]" },
	{ "no empty line before: part of the body",
	    FROM "S: 1\n\nx\n" FROM "y\n", 1,
	    "[box:1|S: 1//x/From a@x.example Fri Nov 27 09:14:01 2026/y/]" },
	{ "From that begins a sentence", FROM "S: 1\n\n\nFrom here on\n", 1,
	    "[box:1|S: 1///From here on/]" },
	{ "quoted From", FROM "S: 1\n\n>From me\n>>From us\n> From him\n", 1,
	    "[box:1|S: 1//From me/>From us/> From him/]" },
	{ "cut off", FROM "S: 1", 1, "[box:1|S: 1/]" },
	{ "something else before it", "x\n\n" FROM "S: 1\n", 1,
	    "[box:1|S: 1/]" },
};

START_TEST(an_mbox_is_messages)
{
	const char *path = write_file("m", mxa_str_from(boxes[_i].text));

	ck_assert_uint_eq(read_mbox(path, NULL), boxes[_i].n);
	ck_assert_msg(strcmp(mxa_buf_cstr(&seen), boxes[_i].want) == 0,
	    "%s: got\n%s\nwant\n%s", boxes[_i].name, mxa_buf_cstr(&seen),
	    boxes[_i].want);
	ck_assert(mxa_mailbox_is_mbox(mxa_str_from(boxes[_i].text)) ==
	    (strncmp(boxes[_i].text, "From ", 5) == 0));
}
END_TEST

START_TEST(a_reader_may_stop)
{
	const char *path = write_file(
	    "m", MXA_STR(FROM "S: 1\n\n" FROM "S: 2\n\n" FROM "S: 3\n"));
	int left = 2;

	read_mbox(path, &left);
	ck_assert_str_eq(mxa_buf_cstr(&seen), "[box:1|S: 1//][box:2|S: 2//]");
}
END_TEST

/* --- packed --- */

static struct mxa_str pack(int (*filter)(struct archive *), struct mxa_str s)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	char *out = mxa_arena_alloc(arena, s.len + 4096);
	size_t used = 0;

	archive_write_set_format_raw(a);
	ck_assert_int_eq(filter(a), ARCHIVE_OK);
	archive_write_set_bytes_per_block(a, 0);
	archive_write_open_memory(a, out, s.len + 4096, &used);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_write_header(a, e);
	archive_write_data(a, s.p, s.len);
	archive_write_close(a);
	archive_entry_free(e);
	archive_write_free(a);
	return mxa_str_make(out, used);
}

static int (*const filters[])(struct archive *) = {
	archive_write_add_filter_none,
	archive_write_add_filter_gzip,
	archive_write_add_filter_xz,
	archive_write_add_filter_zstd,
	archive_write_add_filter_bzip2,
};

START_TEST(packed_boxes_are_unpacked)
{
	struct mxa_buf b;
	struct mxa_str packed;

	mxa_buf_init(&b, arena, 1 << 22);
	for (int i = 0; i < 20000; i++)
		mxa_buf_printf(&b, FROM "S: %d\n\n", i);
	packed = pack(filters[_i], mxa_buf_str(&b));
	ck_assert_uint_eq(read_mbox(write_file("m", packed), NULL), 20000);
}
END_TEST

START_TEST(damage_is_an_error)
{
	struct mxa_str packed = pack(archive_write_add_filter_gzip,
	    MXA_STR(FROM "S: 1\n\nbody body body body body\n"));
	const char *error = NULL;
	struct mxa_intake *in = mxa_intake_open(
	    write_file("m", mxa_str_sub(packed, 0, packed.len - 12)), &error);
	struct mxa_str line;

	while (in != NULL && mxa_intake_line(in, &line))
		;
	ck_assert(in == NULL || mxa_intake_error(in) != NULL);
	mxa_intake_free(in);
}
END_TEST

/* --- lines --- */

START_TEST(lines_have_a_ceiling)
{
	struct mxa_buf b;
	struct mxa_intake *in;
	struct mxa_str line;
	const char *error;

	mxa_buf_init(&b, arena, 1 << 24);
	mxa_buf_adds(&b, "one\r\n\n");
	for (int i = 0; i < 3000000; i++)
		mxa_buf_addc(&b, 'x');
	mxa_buf_adds(&b, "\nlast");
	in = mxa_intake_open(write_file("l", mxa_buf_str(&b)), &error);
	ck_assert_str_eq(mxa_str_cstr(arena, mxa_intake_peek(in, 3)), "one");
	ck_assert(mxa_intake_line(in, &line) && mxa_str_is(line, "one"));
	ck_assert_str_eq(mxa_str_cstr(arena, mxa_intake_peek(in, 3)), "\nxx");
	ck_assert(mxa_intake_line(in, &line) && line.len == 0);
	ck_assert(mxa_intake_line(in, &line));
	ck_assert_uint_eq(line.len, MXA_INTAKE_MAX_LINE);
	ck_assert(mxa_intake_line(in, &line) && mxa_str_is(line, "last"));
	ck_assert(!mxa_intake_line_ended(in));
	ck_assert(!mxa_intake_line(in, &line));
	mxa_intake_free(in);
}
END_TEST

START_TEST(what_is_not_there_is_said)
{
	const char *error = NULL;

	ck_assert_ptr_null(mxa_intake_open(in_dir("none"), &error));
	ck_assert_str_eq(error, "No such file or directory");
	ck_assert_ptr_null(mxa_intake_open(dir, &error));
	ck_assert_str_eq(error, "Is a directory");
}
END_TEST

/* --- directories --- */

static void show_path(void *ctx, const char *path)
{
	(void)ctx;
	mxa_buf_printf(&seen, "%s ", path + strlen(dir) + 1);
}

START_TEST(files_of_a_maildir)
{
	ck_assert_int_eq(mkdir(in_dir("cur"), 0777), 0);
	write_file("cur/2", MXA_STR("x"));
	ck_assert_int_eq(mxa_mailbox_kind(dir), MXA_MAILBOX_DIRECTORY);
	ck_assert_int_eq(mkdir(in_dir("new"), 0777), 0);
	write_file("new/1", MXA_STR("x"));
	write_file("cur/1", MXA_STR("x"));
	write_file("cur/.hidden", MXA_STR("x"));
	write_file("outside", MXA_STR("x"));
	ck_assert_int_eq(symlink("/etc/passwd", in_dir("cur/link")), 0);
	ck_assert_int_eq(mxa_mailbox_kind(dir), MXA_MAILBOX_MAILDIR);
	ck_assert(mxa_mailbox_walk(dir, MXA_MAILBOX_MAILDIR, show_path, NULL));
	ck_assert(
	    mxa_mailbox_walk(dir, MXA_MAILBOX_DIRECTORY, show_path, NULL));
	ck_assert_str_eq(mxa_buf_cstr(&seen), "cur/1 cur/2 new/1 outside ");
	ck_assert_int_eq(mxa_mailbox_kind(in_dir("outside")), MXA_MAILBOX_FILE);
}
END_TEST

START_TEST(a_folder_that_cannot_be_read)
{
	ck_assert(!mxa_mailbox_walk(
	    in_dir("none"), MXA_MAILBOX_DIRECTORY, show_path, NULL));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(mxa_mailbox_kind(in_dir("none")), MXA_MAILBOX_FILE);
	/* no cur; then no new, and then a file in its place */
	ck_assert(!mxa_mailbox_walk(dir, MXA_MAILBOX_MAILDIR, show_path, NULL));
	ck_assert_int_eq(mkdir(in_dir("cur"), 0777), 0);
	write_file("cur/1", MXA_STR("x"));
	ck_assert(!mxa_mailbox_walk(dir, MXA_MAILBOX_MAILDIR, show_path, NULL));
	write_file("new", MXA_STR("x"));
	ck_assert_int_eq(mxa_mailbox_kind(dir), MXA_MAILBOX_DIRECTORY);
	ck_assert(!mxa_mailbox_walk(dir, MXA_MAILBOX_MAILDIR, show_path, NULL));
	ck_assert_int_eq(errno, ENOTDIR);
}
END_TEST

/* What begins a message (RFC 4155 appendix A), and what only looks like it. */
static const struct {
	const char *line;
	bool begins;
} from_lines[] = {
	{ "From a@x.example Fri Nov 27 09:14:01 2026", true },
	{ "From - Fri Nov 27 09:14:01 2026", true },
	{ "From a@x.example Fri Nov 27 09:14:01 2026 +0900\nS: 1", true },
	{ "From a@x.example Sun Jan  1 09:14:01 2026", true },
	{ "From a@x.example xFri Nov 27 09:14:01 2026", false },
	{ "From a@x.example Fri Now 27 09:14:01 2026", false },
	{ "From a@x.example Fry Nov 27 09:14:01 2026", false },
	{ "From a@x.example Fri Nov 27", false },
	{ "From a@x.example Fri/Nov 27 09:14:01 2026", false },
	{ "From a@x.example Fri Nov/27 09:14:01 2026", false },
	{ "From: a@x.example Fri Nov 27 09:14:01 2026", false },
	{ "From a@x.example\nFri Nov 27 09:14:01 2026", false },
};

START_TEST(an_mbox_begins_with_from)
{
	ck_assert_int_eq(mxa_mailbox_is_mbox(mxa_str_from(from_lines[_i].line)),
	    from_lines[_i].begins);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bounce/mailbox");
	TCase *tc = tcase_create("mailbox");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, an_mbox_is_messages, 0, MXA_ARRAY_LEN(boxes));
	tcase_add_test(tc, a_reader_may_stop);
	tcase_add_loop_test(
	    tc, packed_boxes_are_unpacked, 0, MXA_ARRAY_LEN(filters));
	tcase_add_test(tc, damage_is_an_error);
	tcase_add_test(tc, lines_have_a_ceiling);
	tcase_add_test(tc, what_is_not_there_is_said);
	tcase_add_test(tc, files_of_a_maildir);
	tcase_add_test(tc, a_folder_that_cannot_be_read);
	tcase_add_loop_test(
	    tc, an_mbox_begins_with_from, 0, MXA_ARRAY_LEN(from_lines));
	suite_add_tcase(s, tc);
	return test_main(s);
}
