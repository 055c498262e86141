/* check_log.c - what the daemon writes to standard error, and the facility of
 * syslog that it asks for. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "milter/log.h"

#define LONGEST 4096 /* of a line, without its marks */

static int asked_facility;

/* In place of the C library's. */
void openlog(const char *ident, int option, int facility)
{
	(void)ident;
	(void)option;
	asked_facility = facility;
}

static const struct {
	const char *name;
	int code;
} facilities[] = {
	{ "mail", LOG_MAIL },
	{ "daemon", LOG_DAEMON },
	{ "auth", LOG_AUTH },
	{ "authpriv", LOG_AUTHPRIV },
	{ "user", LOG_USER },
	{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
	/* unknown: mail */
	{ "kern", LOG_MAIL },
	{ "", LOG_MAIL },
};

START_TEST(facility_by_name)
{
	log_open(true, facilities[_i].name);
	ck_assert_int_eq(asked_facility, facilities[_i].code);
}
END_TEST

/* What the calls of 'speak' wrote to standard error. */
static const char *written(void (*speak)(void))
{
	static char text[3 * LONGEST];
	int fds[2], before = dup(STDERR_FILENO);
	ssize_t n;

	ck_assert_int_eq(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	speak();
	dup2(before, STDERR_FILENO);
	close(before);
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	close(fds[0]);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void speak_each(void)
{
	log_info("%d", 1);
	log_warn("%d", 2);
	log_error("%d", 3);
	log_message(MXA_STR("100%d"));
	log_lines(false, "a\nb\n\nc");
	log_lines(true, "\nd\n");
	log_lines(true, "");
	log_lines(true, NULL);
}

START_TEST(marks_of_priorities)
{
	unsetenv("JOURNAL_STREAM");
	log_open(true, "mail");
	ck_assert_str_eq(written(speak_each),
	    "1\nwarning: 2\nerror: 3\n100%d\n"
	    "warning: a\nwarning: b\nwarning: c\nerror: d\n");
}
END_TEST

/* sd-daemon(3): "<N>" with syslog's number of the priority */
START_TEST(marks_for_the_journal_of_systemd)
{
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_open(true, "mail");
	ck_assert_str_eq(written(speak_each),
	    "<6>1\n<4>warning: 2\n<3>error: 3\n<6>100%d\n"
	    "<4>warning: a\n<4>warning: b\n<4>warning: c\n<3>error: d\n");
}
END_TEST

static char many[LONGEST + 2];

static void speak_much(void)
{
	log_warn("%s", many);
	log_message(mxa_str_from(many));
}

START_TEST(a_long_line_is_cut)
{
	const char *text, *second;

	unsetenv("JOURNAL_STREAM");
	log_open(true, "mail");
	memset(many, 'x', LONGEST + 1);
	text = written(speak_much);
	second = strchr(text, '\n') + 1;
	ck_assert_uint_eq(
	    (size_t)(second - text), strlen("warning: \n") + LONGEST - 1);
	ck_assert_uint_eq(strlen(second), LONGEST + 1);
	ck_assert_uint_eq(strcspn(second, "\n"), LONGEST);
}
END_TEST

/* The daemon goes on. */
START_TEST(a_log_that_cannot_be_written)
{
	unsetenv("JOURNAL_STREAM");
	log_open(true, "mail");
	close(STDERR_FILENO);
	log_info("%d", 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_loop_test(tc, facility_by_name, 0, MXA_ARRAY_LEN(facilities));
	tcase_add_test(tc, marks_of_priorities);
	tcase_add_test(tc, marks_for_the_journal_of_systemd);
	tcase_add_test(tc, a_long_line_is_cut);
	tcase_add_test(tc, a_log_that_cannot_be_written);
	suite_add_tcase(s, tc);
	return test_main(s);
}
