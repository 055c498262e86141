/* check_postfix_conf.c - what postconf says, or main.cf where it says nothing.
 */
#include "cli/postfix_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "t/support/testing.h"

/* A postconf that says what lies in the folder of -c, else in the first one:
 * main-x to "-x ...", main-Px to -Px, main-F to -F. */
static const char postconf[] =
    "#!/bin/sh\n"
    "where=${0%/*}\n"
    "[ \"$1\" != -c ] || { where=$2; shift 2; }\n"
    "[ \"$1\" != -x ] || [ \"$*\" = "
    "'-x smtpd_milters queue_directory multi_instance_directories' ] || "
    "exit 1\n"
    "while IFS= read -r line || [ -n \"$line\" ]; do echo \"$line\"; done "
    "<\"$where/main$1\"\n";

static char dir[] = "/tmp/mxauth-postfix.XXXXXX";
static struct mxa_arena *arena;
static struct postfix_conf conf;

static void write_file(const char *name, const char *text)
{
	char path[100];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void setup(void)
{
	char path[100];

	strcpy(dir, "/tmp/mxauth-postfix.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	write_file("postconf", postconf);
	snprintf(path, sizeof(path), "%s/postconf", dir);
	chmod(path, 0755);
	setenv("PATH", dir, 1);
	setenv("MAIL_CONFIG", dir, 1);
	arena = mxa_arena_new();
}

static void teardown(void)
{
	static const char *const names[] = { "postconf", "main-x", "main-Px",
		"main-F", "main.cf", "second/main-x", "second" };
	char path[100];

	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	rmdir(dir);
	mxa_arena_free(arena);
}

/* --- one instance --- */

static const struct {
	const char *values, *services, *chroot;
	const char *queue, *milters;
	bool chrooted;
} rows[] = {
	{ "queue_directory = /q\nsmtpd_milters = unix:a, inet:h:1\n", "",
	    "smtp/inet/chroot = n\n", "/q/", "unix:a, inet:h:1", false },
	{ "queue_directory = /q/\nsmtpd_milters =\n",
	    "smtps/inet/smtpd_milters = unix:b\n"
	    "smtps/inet/smtpd_tls_wrappermode = yes\n"
	    "25/inet/smtpd_milters = unix:c\n",
	    "smtp/inet/chroot = y\n", "/q/", " unix:b unix:c", true },
	/* the last one counts, and lines that begin with a blank go on */
	{ "smtpd_milters = unix:a\nsmtpd_milters = unix:b\n\tunix:c\n unix:d\n",
	    "", "smtp/inet/chroot = n\n", "/var/spool/postfix/",
	    "unix:b\n\tunix:c\n unix:d", false },
	{ "smtpd_milters = a=b\nno value\n", "", "", "/var/spool/postfix/",
	    "a=b", true },
	/* an smtpd is of type inet or pass */
	{ "smtpd_milters = a\n", "",
	    "pickup/unix/chroot = y\nsmtp/inet/chroot = n\n",
	    "/var/spool/postfix/", "a", false },
	{ "smtpd_milters = a\n", "",
	    "smtp/inet/chroot = n\nsmtpd/pass/chroot = y\n",
	    "/var/spool/postfix/", "a", true },
	{ "smtpd_milters = a\n", "", "smtp/inet/chroot = -\n",
	    "/var/spool/postfix/", "a", true },
};

START_TEST(one_instance)
{
	write_file("main-x", rows[_i].values);
	write_file("main-Px", rows[_i].services);
	write_file("main-F", rows[_i].chroot);
	postfix_conf_read(arena, &conf);
	ck_assert_uint_eq(conf.n, 1);
	ck_assert_str_eq(
	    mxa_str_cstr(arena, conf.instance[0].queue), rows[_i].queue);
	ck_assert_str_eq(
	    mxa_str_cstr(arena, conf.instance[0].milters), rows[_i].milters);
	ck_assert(conf.chrooted == rows[_i].chrooted);
}
END_TEST

/* --- several instances --- */

START_TEST(two_instances)
{
	char text[400], second[100];

	snprintf(second, sizeof(second), "%s/second", dir);
	mkdir(second, 0700);
	write_file("second/main-x",
	    "smtpd_milters = unix:two\nqueue_directory = /two\n");
	snprintf(text, sizeof(text),
	    "smtpd_milters = unix:one\nqueue_directory = /one\n"
	    "multi_instance_directories = %s/none, %s\n",
	    dir, second);
	write_file("main-x", text);
	write_file("main-F", "smtp/inet/chroot = n\n");
	postfix_conf_read(arena, &conf);
	ck_assert_uint_eq(conf.n, 2);
	ck_assert(mxa_str_is(conf.instance[1].queue, "/two/"));
	ck_assert(postfix_conf_has(&conf, MXA_STR("unix:one")));
	ck_assert(postfix_conf_has(&conf, MXA_STR("unix:two")));
	/* what is not known about the second may be so */
	ck_assert(conf.chrooted);
	ck_assert(
	    mxa_str_is(postfix_conf_below(&conf, MXA_STR("/two/m/s")), "m/s"));
	ck_assert(
	    mxa_str_is(postfix_conf_below(&conf, MXA_STR("/one/s")), "s"));
	ck_assert(mxa_str_is(postfix_conf_below(&conf, MXA_STR("/on/s")), ""));
}
END_TEST

START_TEST(not_more_than_there_is_room_for)
{
	char text[4000];
	size_t len;

	len = (size_t)snprintf(text, sizeof(text),
	    "smtpd_milters = a\nmulti_instance_directories =");
	for (size_t i = 0; i < 2 * POSTFIX_INSTANCES; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, " %s", dir);
	write_file("main-x", text);
	postfix_conf_read(arena, &conf);
	ck_assert_uint_eq(conf.n, POSTFIX_INSTANCES);
}
END_TEST

/* --- main.cf --- */

/* Its words do not count when it fails, also later than its last word. */
START_TEST(postconf_fails)
{
	write_file("postconf",
	    "#!/bin/sh\n"
	    "echo smtpd_milters = unix:a\n"
	    "exec >&-\n"
	    "i=0\n"
	    "while [ $i -lt 1000 ]; do i=$((i + 1)); done\n"
	    "exit 1\n");
	write_file("main.cf", "smtpd_milters = unix:b\n");
	postfix_conf_read(arena, &conf);
	ck_assert(mxa_str_is(conf.instance[0].milters, "unix:b"));
}
END_TEST

START_TEST(main_cf)
{
	write_file("main.cf",
	    "# smtpd_milters = unix:none\n"
	    "smtpd_milters = unix:a,\n"
	    "  # between\n"
	    "\tunix:b\n"
	    "queue_directory = /q");
	postfix_conf_read(arena, &conf);
	ck_assert_uint_eq(conf.n, 1);
	ck_assert(conf.chrooted);
	ck_assert(mxa_str_is(conf.instance[0].queue, "/q/"));
	ck_assert(mxa_str_is(conf.instance[0].milters, "unix:a,\n\tunix:b"));
}
END_TEST

START_TEST(no_main_cf)
{
	postfix_conf_read(arena, &conf);
	ck_assert_uint_eq(conf.n, 1);
	ck_assert(mxa_str_is(conf.instance[0].queue, "/var/spool/postfix/"));
	ck_assert(mxa_str_is(conf.instance[0].milters, ""));
	ck_assert(!postfix_conf_has(&conf, MXA_STR("unix:a")));
}
END_TEST

/* --- the values --- */

static const struct {
	const char *milters, *milter;
	bool want;
} values[] = {
	{ "unix:a", "unix:a", true },
	{ "unix:ab", "unix:a", false },
	{ "unix:b,unix:a", "unix:a", true },
	{ " \t{ unix:a, connect_timeout=3s }", "unix:a", true },
	{ "unix:b\n\tunix:a\r\n", "unix:a", true },
	{ "", "unix:a", false },
	{ " , {}", "unix:a", false },
};

START_TEST(milters)
{
	conf = (struct postfix_conf){ .n = 1 };
	conf.instance[0].milters = mxa_str_from(values[_i].milters);
	ck_assert(postfix_conf_has(&conf, mxa_str_from(values[_i].milter)) ==
	    values[_i].want);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("postfix_conf");
	TCase *tc = tcase_create("postfix_conf");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, one_instance, 0, (int)MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, two_instances);
	tcase_add_test(tc, not_more_than_there_is_room_for);
	tcase_add_test(tc, postconf_fails);
	tcase_add_test(tc, main_cf);
	tcase_add_test(tc, no_main_cf);
	tcase_add_loop_test(tc, milters, 0, (int)MXA_ARRAY_LEN(values));
	suite_add_tcase(s, tc);
	return test_main(s);
}
