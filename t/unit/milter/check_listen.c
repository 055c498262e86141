/* check_listen.c - the daemon's socket: its forms, stale files, mode, waking.
 */
#include "t/support/testing.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "milter/listen.h"

static char dir[64];
static char path[96];
static char spec[128];
static struct listener l;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/check_listen.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	snprintf(spec, sizeof(spec), "unix:%s", path);
}

static void teardown(void)
{
	listen_give_up(&l);
	unlink(path);
	rmdir(dir);
}

static bool try_open(const char *socket)
{
	struct listen_options o = { .socket = mxa_str_from(socket),
		.mode = 0660,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1 };

	return listen_open(&l, &o);
}

static int unix_socket(bool listening)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sun.sun_path, path, strlen(path));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	if (listening)
		ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

/* Whether somebody knocks within a second. */
static bool knocked(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 1000) == 1;
}

/* --- UNIX --- */

START_TEST(unix_forms)
{
	static const char *const prefix[] = { "unix:", "local:", "" };
	char text[256];
	struct stat st;

	snprintf(text, sizeof(text), "%s%s", prefix[_i], path);
	ck_assert_msg(try_open(text), "%s", l.error);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
	ck_assert_str_eq(l.plain, spec);
	ck_assert(strncmp(l.conn, "fd:", 3) == 0);
	ck_assert(listen_wake(&l));
	ck_assert(knocked(l.fd));
	listen_unlink(&l);
	ck_assert_int_ne(stat(path, &st), 0);
}
END_TEST

/* Root can give it to another group. */
START_TEST(group_of_the_socket)
{
	gid_t gid = geteuid() == 0 ? 1 : getegid();
	struct listen_options o = { .socket = mxa_str_from(spec),
		.mode = 0660,
		.uid = (uid_t)-1,
		.gid = gid };
	struct stat st;

	ck_assert_msg(listen_open(&l, &o), "%s", l.error);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_gid, gid);
	ck_assert_uint_eq(st.st_uid, geteuid());
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
}
END_TEST

START_TEST(stale_socket_is_replaced)
{
	close(unix_socket(true));
	ck_assert_msg(try_open(spec), "%s", l.error);
	ck_assert(listen_wake(&l) && knocked(l.fd));
}
END_TEST

START_TEST(socket_in_use_stays)
{
	int other = unix_socket(true);

	ck_assert(!try_open(spec));
	ck_assert_ptr_nonnull(strstr(l.error, "another process listens"));
	ck_assert(knocked(other)); /* our question */
	ck_assert_int_eq(access(path, F_OK), 0);
	close(other);
}
END_TEST

START_TEST(other_file_stays)
{
	close(open(path, O_CREAT | O_WRONLY, 0600));
	ck_assert(!try_open(spec));
	ck_assert_ptr_nonnull(strstr(l.error, "not a socket"));
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(link_to_a_socket_stays)
{
	char other[128];

	snprintf(other, sizeof(other), "%s/other", dir);
	close(unix_socket(true));
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert(!try_open(spec));
	ck_assert_ptr_nonnull(strstr(l.error, "not a socket"));
	ck_assert_int_eq(access(other, F_OK), 0);
	unlink(other);
}
END_TEST

START_TEST(foreign_file_is_not_removed)
{
	ck_assert(try_open(spec));
	unlink(path);
	close(unix_socket(true)); /* somebody else's by now */
	listen_unlink(&l);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

/* --- TCP --- */

static const struct {
	const char *name, *before, *after;
	int family;
} inet_forms[] = {
	{ "libmilter", "inet:", "@127.0.0.1", AF_INET },
	{ "name", "inet:", "@localhost", AF_INET },
	{ "every address", "inet:", "@0.0.0.0", AF_INET },
	{ "no host", "inet:", "", AF_INET },
	{ "Postfix", "inet:127.0.0.1:", "", AF_INET },
	{ "Postfix, name", "inet:localhost:", "", AF_INET },
	{ "IPv6", "inet6:", "@::1", AF_INET6 },
	{ "IPv6 in brackets", "inet6:", "@[::1]", AF_INET6 },
	{ "Postfix, IPv6", "inet6:[::1]:", "", AF_INET6 },
};

START_TEST(inet_form)
{
	char text[64];
	int on = 0;
	socklen_t len = sizeof(on);

	snprintf(text, sizeof(text), "%s0%s", inet_forms[_i].before,
	    inet_forms[_i].after);
	ck_assert_msg(try_open(text), "%s: %s", inet_forms[_i].name, l.error);
	ck_assert_int_eq(l.self.ss_family, inet_forms[_i].family);
	ck_assert_int_eq(
	    getsockopt(l.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
	ck_assert_int_ne(on, 0);
	ck_assert_msg(listen_wake(&l), "%s", inet_forms[_i].name);
	ck_assert_msg(knocked(l.fd), "%s", inet_forms[_i].name);
}
END_TEST

START_TEST(no_delay_is_inherited)
{
	int on = 0, fd;
	socklen_t len = sizeof(on);

	ck_assert(try_open("inet:0@127.0.0.1"));
	ck_assert(listen_wake(&l) && knocked(l.fd));
	fd = accept(l.fd, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
	ck_assert_int_ne(on, 0);
	close(fd);
}
END_TEST

/* --- a descriptor --- */

START_TEST(given_descriptor)
{
	int fd = unix_socket(_i == 1);
	char text[32];

	snprintf(text, sizeof(text), "fd:%d", fd);
	ck_assert_msg(try_open(text), "%s", l.error);
	ck_assert_str_eq(l.conn, text);
	ck_assert(listen_wake(&l));
	ck_assert(knocked(fd));
	listen_unlink(&l);
	ck_assert_int_eq(access(path, F_OK), 0); /* not ours */
}
END_TEST

/* --- what is refused --- */

static const struct {
	const char *spec, *error;
} refused[] = {
	{ "", "no socket" },
	{ "tcp:25", "no socket" },
	{ "unix:", "no path" },
	{ "unix:/nonexistent.example/s", "directory does not exist" },
	{ "inet:", "not PORT@HOST" },
	{ "inet:@127.0.0.1", "not PORT@HOST" },
	{ "inet:65536@127.0.0.1", "not PORT@HOST" },
	{ "inet:0@192.0.2.1", "bind" },
	{ "fd:x", "names no descriptor" },
	{ "fd:", "names no descriptor" },
	{ "fd:-1", "names no descriptor" },
	{ "fd:999", "Bad file descriptor" },
	{ "fd:0", "" }, /* standard input is no socket */
	{ "unix:/tmp/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "longer than" },
};

START_TEST(refusal)
{
	int null = open("/dev/null", O_RDONLY);

	dup2(null, 0);
	close(null);
	ck_assert_msg(!try_open(refused[_i].spec), "%s", refused[_i].spec);
	ck_assert_msg(l.error[0] && strstr(l.error, refused[_i].error),
	    "%s: %s", refused[_i].spec, l.error);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("listen");
	TCase *tc = tcase_create("listen");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, unix_forms, 0, 3);
	tcase_add_test(tc, group_of_the_socket);
	tcase_add_test(tc, stale_socket_is_replaced);
	tcase_add_test(tc, socket_in_use_stays);
	tcase_add_test(tc, other_file_stays);
	tcase_add_test(tc, link_to_a_socket_stays);
	tcase_add_test(tc, foreign_file_is_not_removed);
	tcase_add_loop_test(tc, inet_form, 0, MXA_ARRAY_LEN(inet_forms));
	tcase_add_test(tc, no_delay_is_inherited);
	tcase_add_loop_test(tc, given_descriptor, 0, 2);
	tcase_add_loop_test(tc, refusal, 0, MXA_ARRAY_LEN(refused));
	suite_add_tcase(s, tc);
	return test_main(s);
}
