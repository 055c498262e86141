/* check_out.c - text and JSON of the commands.  Where lines break in Japanese
 * is written after JIS X 4051 (kinsoku). */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/attr.h"
#include "cli/out.h"
#include "t/support/testing.h"

static FILE *file;
static char *written;
static size_t length;
static struct out o;

static void setup(void)
{
	file = open_memstream(&written, &length);
	out_init(&o, file);
}

static void teardown(void)
{
	fclose(file);
	free(written);
}

static const char *result(void)
{
	fflush(file);
	return written;
}

START_TEST(a_pipe_has_78_columns_and_no_colour)
{
	ck_assert_uint_eq(o.width, 78);
	ck_assert(!o.terminal);
	ck_assert(!o.colour);
	out_style(&o, OUT_ERROR, "error");
	ck_assert_str_eq(result(), "error");
}
END_TEST

#define TEXT(lit)                    \
	{                            \
		lit, sizeof(lit) - 1 \
	}

static const struct {
	struct mxa_str in;
	const char *wanted;
} foreign[] = {
	{ TEXT("plain \xe6\x97\xa5\xf0\x9f\x93\xa7"),
	    "plain \xe6\x97\xa5\xf0\x9f\x93\xa7" },
	{ TEXT("two\nlines\tand"), "two\nlines\tand" },
	{ TEXT("\x1b[31mred"), "?[31mred" },
	{ TEXT("\xc2\x9b[31m"), "?[31m" }, /* CSI in one character */
	{ TEXT("a\0b\x7f\r"), "a?b??" },
	{ TEXT("\xff\xc3"), "??" },
	/* overrides and isolates of the writing direction */
	{ TEXT("a\xe2\x80\xae"
	       "b\xe2\x81\xa6"
	       "c\xe2\x80\x8f"),
	    "a?b?c?" },
	/* what is beside control characters and marks may be shown */
	{ TEXT(" ~\xc2\xa0"), " ~\xc2\xa0" },
	{ TEXT("\x1f\x7f\xc2\x80\xc2\x9f"), "????" },
	{ TEXT("\xd8\x9b\xd8\x9c\xd8\x9d"), "\xd8\x9b?\xd8\x9d" },
	{ TEXT("\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90"),
	    "\xe2\x80\x8d??\xe2\x80\x90" },
	{ TEXT("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf"),
	    "\xe2\x80\xa7??\xe2\x80\xaf" },
	{ TEXT("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa"),
	    "\xe2\x81\xa5??\xe2\x81\xaa" },
	{ { NULL, 0 }, "" },
};

START_TEST(foreign_text_is_harmless)
{
	out_str(&o, foreign[_i].in);
	ck_assert_str_eq(result(), foreign[_i].wanted);
}
END_TEST

START_TEST(formatted_text_is_harmless)
{
	out_printf(&o, "%s: %.*s %d\n", "\x1b]0;x\x07", 3,
	    "a\x9b"
	    "bcd",
	    7);
	ck_assert_str_eq(result(), "?]0;x?: a?b 7\n");
}
END_TEST

static const struct {
	const char *name;
	size_t width, first, rest;
	const char *in, *wanted;
} paragraphs[] = {
	{ "nothing", 20, 4, 4, "", "" },
	{ "only spaces", 20, 4, 4, " \n ", "" },
	{ "fits exactly", 10, 0, 0, "aaaa bbbbb", "aaaa bbbbb\n" },
	{ "one column too much", 10, 0, 0, "aaaa bbbbbb", "aaaa\nbbbbbb\n" },
	{ "indents", 12, 2, 4, "aaaa bbbbb cccc dd",
	    "  aaaa bbbbb\n    cccc dd\n" },
	{ "spaces are one space", 20, 0, 0, "  a   b\t c ", "a b c\n" },
	{ "a long name is not broken", 10, 2, 2,
	    "see _dmarc.mail-out.example.com now",
	    "  see\n  _dmarc.mail-out.example.com\n  now\n" },
	{ "line ends stay", 20, 2, 2, "one\n\ntwo", "  one\n\n  two\n" },
	{ "ideographs take two columns", 10, 0, 0, "認証失敗認証失敗",
	    "認証失敗認\n証失敗\n" },
	{ "ideographs beside a name", 10, 0, 0, "これはexample.jpです",
	    "これは\nexample.jp\nです\n" },
	{ "no comma begins a line", 10, 0, 0, "認証失敗認、証失敗",
	    "認証失敗\n認、証失敗\n" },
	{ "no small kana begins a line", 10, 0, 0, "レコードシャツ",
	    "レコード\nシャツ\n" },
	{ "no long vowel begins a line", 10, 0, 0, "あいうえサーバ",
	    "あいうえ\nサーバ\n" },
	{ "no bracket ends a line", 10, 0, 0, "認証失敗「認証」",
	    "認証失敗\n「認証」\n" },
	{ "two closing marks stay together", 10, 0, 0, "「認証失」。です",
	    "「認証\n失」。です\n" },
	{ "marks over a letter take no column", 5, 0, 0, "cafe\xcc\x81s a",
	    "cafe\xcc\x81s\na\n" },
	{ "a mark stays at its kana", 4, 0, 0, "かか\xe3\x82\x99か",
	    "かか\xe3\x82\x99\nか\n" },
	{ "Korean breaks at spaces", 9, 0, 0, "인증 실패했습니다",
	    "인증\n실패했습니다\n" },
	{ "bytes that are not UTF-8", 4, 0, 0, "a\xff\xff b", "a??\nb\n" },
	{ "escape sequences", 20, 0, 0, "\x1b[2J x", "?[2J x\n" },
};

START_TEST(paragraphs_are_wrapped)
{
	o.width = paragraphs[_i].width;
	out_paragraph(&o, paragraphs[_i].first, paragraphs[_i].rest,
	    mxa_str_from(paragraphs[_i].in));
	ck_assert_msg(strcmp(result(), paragraphs[_i].wanted) == 0,
	    "%s: got\n%s, want\n%s", paragraphs[_i].name, written,
	    paragraphs[_i].wanted);
}
END_TEST

START_TEST(a_formatted_paragraph)
{
	o.width = 20;
	out_paragraphf(&o, 2, 4, "%s is not in %s", "192.0.2.1",
	    "the record of example.com");
	ck_assert_str_eq(result(),
	    "  192.0.2.1 is not\n    in the record of\n    example.com\n");
}
END_TEST

START_TEST(items_have_a_label)
{
	o.width = 20;
	out_item(&o, 2, 8, MXA_STR("ip"), MXA_STR("192.0.2.1 and others"));
	out_item(&o, 2, 8, MXA_STR("認証"), MXA_STR("a"));
	out_item(&o, 2, 8, MXA_STR("longer-than-it"), MXA_STR("b c"));
	out_item(&o, 2, 8, MXA_STR("none"), MXA_STR(""));
	ck_assert_str_eq(result(),
	    "  ip    192.0.2.1\n        and others\n  認証  a\n"
	    "  longer-than-it b c\n  none  \n");
}
END_TEST

START_TEST(a_line_is_never_wrapped)
{
	o.width = 10;
	out_line(&o, 4, MXA_STR("v=spf1 ip4:192.0.2.1 -all"));
	ck_assert_str_eq(result(), "    v=spf1 ip4:192.0.2.1 -all\n");
}
END_TEST

START_TEST(an_answer_is_wrapped_for_people_only)
{
	o.width = 10;
	out_answer(&o, MXA_STR("aaaa bbbb cccc"));
	o.terminal = true;
	out_answer(&o, MXA_STR("aaaa bbbb cccc"));
	ck_assert_str_eq(result(), "aaaa bbbb cccc\naaaa bbbb\ncccc\n");
}
END_TEST

/* The other end of a terminal; -1 when the system has none. */
static int open_terminal(unsigned short columns, FILE **f)
{
	struct winsize size = { .ws_col = columns, .ws_row = 24 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	if (master < 0)
		return -1;
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(slave, 0);
	ck_assert_int_eq(ioctl(slave, TIOCSWINSZ, &size), 0);
	*f = fdopen(slave, "w");
	return master;
}

static const struct {
	unsigned short columns;
	const char *term, *no_color;
	size_t width;
	bool colour;
} terminals[] = {
	{ 80, "xterm", NULL, 79, true },
	{ 80, "xterm", "", 79, true },
	{ 80, "xterm", "1", 79, false },
	{ 80, "dumb", NULL, 79, false },
	{ 80, NULL, NULL, 79, false },
	{ 0, "xterm", NULL, 78, true },
	{ 80, "", NULL, 79, false },
	{ 20, "xterm", NULL, 40, true },
	{ 39, "xterm", NULL, 40, true },
	{ 40, "xterm", NULL, 39, true },
	{ 100, "xterm", NULL, 99, true },
	{ 101, "xterm", NULL, 100, true },
	{ 250, "xterm", NULL, 100, true },
};

static void set_variable(const char *name, const char *value)
{
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

START_TEST(a_terminal_has_its_own_width_and_colours)
{
	char text[100];
	int master;
	ssize_t n;
	FILE *f;

	set_variable("TERM", terminals[_i].term);
	set_variable("NO_COLOR", terminals[_i].no_color);
	master = open_terminal(terminals[_i].columns, &f);
	if (master < 0)
		return;
	out_init(&o, f);
	ck_assert(o.terminal);
	ck_assert_uint_eq(o.width, terminals[_i].width);
	ck_assert_int_eq(o.colour, terminals[_i].colour);
	out_style(&o, OUT_WARNING, "w\x1b");
	fclose(f);
	n = read(master, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	ck_assert_str_eq(
	    text, terminals[_i].colour ? "\033[33mw?\033[0m" : "w?");
	close(master);
}
END_TEST

START_TEST(json_is_streamed)
{
	struct mxa_json *j = out_json(&o, 1);
	json_t *all;

	mxa_json_open(j, NULL, '[');
	for (int i = 0; i < 100000; i++)
		mxa_json_str(j, NULL, MXA_STR("row \"\x1b\""));
	mxa_json_close(j, ']');
	ck_assert_uint_lt(o.buf.cap, 65536);
	out_json_end(&o);
	result();
	ck_assert_uint_gt(length, 1000000);
	ck_assert_int_eq(written[length - 1], '\n');
	all = json_loadb(written, length, 0, NULL);
	ck_assert_uint_eq(json_array_size(all), 100000);
	json_decref(all);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("out");
	TCase *tc = tcase_create("out");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_pipe_has_78_columns_and_no_colour);
	tcase_add_loop_test(
	    tc, foreign_text_is_harmless, 0, MXA_ARRAY_LEN(foreign));
	tcase_add_test(tc, formatted_text_is_harmless);
	tcase_add_loop_test(
	    tc, paragraphs_are_wrapped, 0, MXA_ARRAY_LEN(paragraphs));
	tcase_add_test(tc, a_formatted_paragraph);
	tcase_add_test(tc, items_have_a_label);
	tcase_add_test(tc, a_line_is_never_wrapped);
	tcase_add_test(tc, an_answer_is_wrapped_for_people_only);
	tcase_add_loop_test(tc, a_terminal_has_its_own_width_and_colours, 0,
	    MXA_ARRAY_LEN(terminals));
	tcase_add_test(tc, json_is_streamed);
	suite_add_tcase(s, tc);
	return test_main(s);
}
