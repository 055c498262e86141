/* check_process.c - who the daemon is, as root and as an ordinary user. */
#include "t/support/testing.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "milter/process.h"

#define NOBODY_HERE "no-such-name-here"
#define X63 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *name;
	bool known;
	gid_t gid;
} groups[] = {
	{ "0", true, 0 },
	{ "1", true, 1 },
	{ "2147483647", true, 2147483647 },
	{ "2147483648", false, 0 },
	{ "root", true, 0 },
	{ NOBODY_HERE, false, 0 },
	{ X63, false, 0 },
	{ X63 "x", false, 0 },
	{ "", false, 0 },
};

START_TEST(groups_by_name_and_number)
{
	gid_t gid = 4711;

	ck_assert_msg(process_group(mxa_str_from(groups[_i].name), &gid) ==
		groups[_i].known,
	    "%s", groups[_i].name);
	ck_assert_uint_eq(gid, groups[_i].known ? groups[_i].gid : 4711);
}
END_TEST

static struct identity who;
static char error[200];

static bool identify(const char *user, bool foreground)
{
	error[0] = '\0';
	return process_identity(
	    mxa_str_from(user), foreground, &who, error, sizeof(error));
}

START_TEST(a_user_that_is_not_there)
{
	ck_assert(!identify(NOBODY_HERE, _i == 1));
	ck_assert_str_eq(error, "user: there is no \"" NOBODY_HERE "\"");
	ck_assert_str_eq(who.name, "");
	ck_assert(!identify(X63 "x", _i == 1));
}
END_TEST

START_TEST(the_user_that_we_are)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (pw == NULL)
		return; /* a number without a name */
	ck_assert(identify(pw->pw_name, _i == 1));
	ck_assert(!who.change);
	ck_assert(who.root == (geteuid() == 0));
	ck_assert_uint_eq(who.uid, geteuid());
	ck_assert_uint_eq(who.gid, pw->pw_gid);
}
END_TEST

START_TEST(another_user)
{
	bool am_root = geteuid() == 0;
	const char *name = am_root ? "nobody" : "root";
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return;
	ck_assert(identify(name, _i == 1) == am_root);
	if (am_root) {
		ck_assert(who.change && !who.root);
		ck_assert_uint_eq(who.uid, pw->pw_uid);
		ck_assert_uint_eq(who.gid, pw->pw_gid);
	} else {
		ck_assert_str_eq(error, "user: only root can become \"root\"");
	}
}
END_TEST

START_TEST(no_user_is_named)
{
	bool foreground = _i == 1, am_root = geteuid() == 0;
	const struct passwd *pw = getpwnam("mxauth");
	bool ok = identify("", foreground);

	if (!am_root) {
		ck_assert(ok && !who.change && !who.root);
		ck_assert_uint_eq(who.uid, geteuid());
		ck_assert_uint_eq(who.gid, getegid());
	} else if (pw != NULL) {
		ck_assert(ok && who.change && !who.root);
		ck_assert_uint_eq(who.uid, pw->pw_uid);
	} else {
		ck_assert(ok == foreground);
		ck_assert(who.root && !who.change);
		ck_assert((strstr(error, "refusing to work as root") != NULL) ==
		    !foreground);
	}
}
END_TEST

START_TEST(no_background_without_descriptors)
{
	struct rlimit before, none;
	bool ok;
	int err;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ok = process_background();
	err = errno;
	setrlimit(RLIMIT_NOFILE, &before);
	ck_assert(!ok);
	ck_assert_int_eq(err, EMFILE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("process");
	TCase *tc = tcase_create("process");

	tcase_add_loop_test(
	    tc, groups_by_name_and_number, 0, MXA_ARRAY_LEN(groups));
	tcase_add_loop_test(tc, a_user_that_is_not_there, 0, 2);
	tcase_add_loop_test(tc, the_user_that_we_are, 0, 2);
	tcase_add_loop_test(tc, another_user, 0, 2);
	tcase_add_loop_test(tc, no_user_is_named, 0, 2);
	tcase_add_test(tc, no_background_without_descriptors);
	suite_add_tcase(s, tc);
	return test_main(s);
}
