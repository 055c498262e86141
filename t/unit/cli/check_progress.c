/* check_progress.c - the line that tells how far long work is. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "cli/progress.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/support/testing.h"

static int standard_error; /* the test's own */

static void setup(void)
{
	standard_error = dup(STDERR_FILENO);
}

static void teardown(void)
{
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
}

/* Standard error becomes a terminal; its other end.  -1: there are none. */
static int open_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	if (master < 0)
		return -1;
	ck_assert(grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(slave, 0);
	dup2(slave, STDERR_FILENO);
	close(slave);
	return master;
}

static const char *read_terminal(int master)
{
	static char text[1000];
	ssize_t n = read(master, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

START_TEST(nothing_without_a_terminal)
{
	struct progress p;
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	dup2(pipes[1], STDERR_FILENO);
	progress_begin(&p);
	p.next_ms = 0;
	progress_update(&p, 5, 0, "lines");
	ck_assert(!p.shown);
	progress_end(&p);
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	ck_assert_str_eq(read_terminal(pipes[0]), "");
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

/* Short work shows nothing: the first second has not passed. */
START_TEST(nothing_at_first)
{
	struct progress p;
	int master = open_terminal();

	if (master < 0)
		return;
	progress_begin(&p);
	ck_assert(p.on);
	p.next_ms += 3600 * 1000;
	progress_update(&p, 5, 0, "lines");
	ck_assert(!p.shown);
	progress_end(&p);
	fcntl(master, F_SETFL, O_NONBLOCK);
	ck_assert_str_eq(read_terminal(master), "");
	close(master);
}
END_TEST

static const struct {
	uint64_t done, total;
	const char *want;
} rows[] = {
	{ 5, 0, "\r5 lines\033[K" },
	{ 5, 10, "\r 50 %  5 lines\033[K" },
	{ 10, 10, "\r100 %  10 lines\033[K" },
};

START_TEST(says_how_far_it_is)
{
	struct progress p;
	int master = open_terminal();

	if (master < 0)
		return;
	progress_begin(&p);
	p.next_ms = 0;
	progress_update(&p, rows[_i].done, rows[_i].total, "lines");
	ck_assert(p.shown);
	ck_assert_str_eq(read_terminal(master), rows[_i].want);
	progress_end(&p);
	ck_assert_str_eq(read_terminal(master), "\r\033[K");
	close(master);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("progress");
	TCase *tc = tcase_create("line");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_without_a_terminal);
	tcase_add_test(tc, nothing_at_first);
	tcase_add_loop_test(
	    tc, says_how_far_it_is, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, tc);
	return test_main(s);
}
