/* check_daemon.c - mxauthd as a process: options, signals, reload, sockets,
 * privileges, many connections (spec/milter.md section 11, rows 8, 9, 14-16).
 */
#include "t/support/testing.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "t/support/daemon.h"
#include "t/support/dnsd.h"
#include "t/support/milterclient.h"

#define BASE "authserv-id = \"mx.example.jp\"\ntrusted-networks = []\n"

static const char zone_text[] =
    "example.com. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "_dmarc.example.com. 300 IN TXT \"v=DMARC1; p=reject\"\n"
    ";? held dead.example\n"
    ";? held *.dead.example\n"
    ";? held slow.example\n"
    "slow.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";

#define BURST 64
#define HANG_MS 60000 /* only for a test that hangs to end */

static struct daemon d;
static struct mtc *m;
static struct mtc_result r;
static struct mxa_arena *arena;

static void setup(void)
{
	arena = mxa_arena_new();
	daemon_init(&d);
	daemon_zone(&d, zone_text);
	daemon_config(&d, "", BASE);
}

static void teardown(void)
{
	mtc_result_free(&r);
	mtc_close(m);
	m = NULL;
	if (d.pid > 0)
		daemon_stop(&d);
	daemon_done(&d);
	mxa_arena_free(arena);
}

static void started(void)
{
	setup();
	daemon_start(&d);
}

/* --- the MTA --- */

static struct mtc *client_with(
    const char *socket, const struct mtc_offer *offer)
{
	struct mtc *c = mtc_open(socket);

	ck_assert_msg(
	    c != NULL, "cannot connect; log: %s", daemon_log_text(&d));
	ck_assert(mtc_negotiate(c, offer));
	mtc_macros(c, 'C', "j", "mta.example.jp", NULL);
	mtc_connect(c, "mail.example.com", "198.51.100.7");
	mtc_helo(c, "mail.example.com");
	return c;
}

static struct mtc *client(const char *socket)
{
	return client_with(socket, &mtc_postfix);
}

/* One that gets an answer to each step: what it sent has arrived, and a message
 * that it started is known to be open. */
static struct mtc *answered_client(void)
{
	return client_with(d.socket, &mtc_no_noreply);
}

static struct mtc_message message(const char *domain)
{
	return (struct mtc_message){ .queue_id = "4XyZabc",
		.mail_from = mxa_arena_printf(arena, "<a@%s>", domain),
		.rcpt = { "<b@example.jp>" },
		.text = mxa_arena_printf(
		    arena, "From: a@%s\r\n\r\nBody.\r\n", domain) };
}

static void send_domain(const char *domain)
{
	struct mtc_message msg = message(domain);

	mtc_result_free(&r);
	mtc_send(m, &msg, &r);
}

static void is(enum mtc_reply want)
{
	ck_assert_msg(r.reply == want, "answered '%c' %s; log: %s", r.reply,
	    r.text ? r.text : "", daemon_log_text(&d));
}

static void logged(const char *what)
{
	ck_assert_msg(daemon_logged(&d, what, HANG_MS), "no \"%s\" in: %s",
	    what, daemon_log_text(&d));
}

static void start_message(const char *domain)
{
	mtc_mail(m, mxa_arena_printf(arena, "<a@%s>", domain), NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	mtc_header(m, "From", mxa_arena_printf(arena, " a@%s", domain));
	mtc_flush(m);
}

static void finish_message(void)
{
	mtc_result_free(&r);
	mtc_eoh(m);
	mtc_body(m, "Body.\r\n", 7);
	mtc_eom(m);
	mtc_finish(m, &r);
}

/* --- options --- */

static int run(const char *a, const char *b, const char *c)
{
	const char *const args[] = { "mxauthd", a, b, c, NULL };

	return daemon_run(&d, args);
}

START_TEST(checks_configuration)
{
	ck_assert_int_eq(run("-fnc", d.conf, NULL), 0);
	ck_assert_str_eq(daemon_log_text(&d), "");
	ck_assert_int_ne(access(d.socket + 5, F_OK), 0); /* did not start */
}
END_TEST

START_TEST(names_all_mistakes)
{
	daemon_write(d.conf,
	    "listen = \"unix:/tmp/x\"\n"
	    "nonsense = 1\n"
	    "profile = \"lax\"\n");
	ck_assert_int_eq(run("-n", "-c", d.conf), 78);
	logged("mxauth.conf:2: ");
	logged("mxauth.conf:3: ");
	ck_assert_int_eq(run("-f", "-c", d.conf), 78);
}
END_TEST

/* A check is as strict as the start. */
static const struct {
	const char *conf; /* @d@: the test's folder */
	int status;
	const char *says;
} preflights[] = {
	{ "listen = \"unix:@d@/none/x.sock\"\n", 78,
	    "/none/x.sock: its directory does not exist" },
	{ "listen = \"unix:@d@\"\n", 78,
	    ": there is something that is not a socket" },
	{ "listen = \"unix:@d@/ok.sock\"\nsocket-group = \"nobody-has-this\"\n",
	    78, "socket-group: there is no \"nobody-has-this\"" },
	{ "listen = \"unix:@d@/ok.sock\"\nuser = \"nobody-has-this\"\n", 78,
	    "user: there is no \"nobody-has-this\"" },
	{ "listen = \"inet:8891@192.0.2.1\"\n", 78,
	    "inet:8891@192.0.2.1: bind: " },
	{ "listen = \"unix:@d@/ok.sock\"\npid-file = \"@d@/none/pid\"\n", 0,
	    "warning: pid-file: " },
	{ "listen = \"unix:@d@/ok.sock\"\n"
	  "metrics: { listen = \"192.0.2.1:9811\" }\n",
	    0, "warning: metrics.listen: inet:9811@192.0.2.1: bind: " },
};

START_TEST(a_check_is_as_strict_as_the_start)
{
	struct mxa_arena *a = mxa_arena_new();
	const char *dir = mxa_arena_strdup(
	    a, d.conf, (size_t)(strrchr(d.conf, '/') - d.conf));
	const char *from = preflights[_i].conf, *at;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4096);
	while ((at = strstr(from, "@d@")) != NULL) {
		mxa_buf_printf(&b, "%.*s%s", (int)(at - from), from, dir);
		from = at + 3;
	}
	mxa_buf_adds(&b, from);
	daemon_write(d.conf, mxa_buf_cstr(&b));
	ck_assert_int_eq(run("-fnc", d.conf, NULL), preflights[_i].status);
	logged(preflights[_i].says);
	ck_assert_int_ne(access(d.socket + 5, F_OK), 0);
	mxa_arena_free(a);
}
END_TEST

/* Root reads the files at the start, the daemon's user at a reload. */
START_TEST(a_reload_that_will_fail)
{
	if (geteuid() != 0)
		return;
	daemon_write(d.policy, "rules = ()\n");
	daemon_config(&d, "",
	    mxa_arena_printf(arena,
		BASE "user = \"nobody\"\npolicy-file = \"%s\"\n", d.policy));
	ck_assert_int_eq(run("-fnc", d.conf, NULL), 0);
	ck_assert_uint_eq(daemon_log_count(&d, "a reload will fail"), 0);
	ck_assert_int_eq(chmod(d.policy, 0600), 0);
	ck_assert_int_eq(run("-fnc", d.conf, NULL), 0);
	logged(mxa_arena_printf(arena,
	    "warning: %s: the user nobody cannot read it because of %s: a "
	    "reload will fail",
	    d.policy, d.policy));
	ck_assert_uint_eq(daemon_log_count(&d, "a reload will fail"), 1);
	daemon_start(&d);
	logged(mxa_arena_printf(
	    arena, "%s: Permission denied: a reload will fail", d.policy));
}
END_TEST

START_TEST(a_check_beside_the_running_daemon)
{
	pid_t pid;

	daemon_start(&d);
	pid = d.pid; /* daemon_run forgets it */
	ck_assert_int_eq(run("-fnc", d.conf, NULL), 0);
	d.pid = pid;
	logged("warning: listen: somebody answers at ");
	daemon_stop(&d);
}
END_TEST

static const struct {
	const char *a, *b, *c;
	int status;
	const char *says;
} options[] = {
	{ "-n", "-c", "/nonexistent.example", 78, "/nonexistent.example: " },
	{ "-x", NULL, NULL, 64, "usage: mxauthd" },
	{ "-c", NULL, NULL, 64, "usage: mxauthd" },
	{ "-f", "-n", "word", 64, "unexpected \"word\"" },
	{ "-h", NULL, NULL, 0, "usage: mxauthd" },
	{ "-V", NULL, NULL, 0, "\nlibmilter 1." },
	{ "-V", NULL, NULL, 0, "\nldns " },
	{ "-V", NULL, NULL, 0, "\noptions: metrics=" },
};

START_TEST(option)
{
	ck_assert_int_eq(run(options[_i].a, options[_i].b, options[_i].c),
	    options[_i].status);
	logged(options[_i].says);
}
END_TEST

/* Contract section 1: nothing but listen and dns is needed.  What is started
 * does not write into the machine's journal. */
START_TEST(bare_configuration)
{
	const char *bare = mxa_arena_printf(arena,
	    "listen = \"%s\"\nauthserv-id = \"mx.example.jp\"\n"
	    "trusted-networks = []\n"
	    "dns: { servers = [\"%s\"] timeout = 2 }\n",
	    d.socket, test_dnsd_server(d.dns));

	daemon_write(d.conf, bare);
	ck_assert_int_eq(run("-nf", "-c", d.conf), 0);
	daemon_write(d.conf,
	    mxa_arena_printf(
		arena, "%sjournal: { directory = \"%s\" }\n", bare, d.journal));
	daemon_start(&d);
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
}
END_TEST

static unsigned count_files(const char *dir)
{
	DIR *open = opendir(dir);
	const struct dirent *e;
	unsigned n = 0;

	ck_assert_msg(open != NULL, "%s; log: %s", dir, daemon_log_text(&d));
	while ((e = readdir(open)) != NULL)
		n += e->d_name[0] != '.';
	closedir(open);
	return n;
}

/* It is made at the start and again when somebody takes it away, and a file is
 * ended by SIGHUP. */
START_TEST(journal_directory_is_made)
{
	char moved[160];

	ck_assert_int_eq(rmdir(d.journal), 0);
	daemon_start(&d);
	logged(mxa_arena_printf(arena, "journal in %s", d.journal));
	m = client(d.socket);
	send_domain("example.com");
	ck_assert_uint_eq(count_files(d.journal), 1);
	daemon_signal(&d, SIGHUP);
	logged("configuration reloaded");
	send_domain("example.com");
	ck_assert_uint_eq(count_files(d.journal), 2);
	snprintf(moved, sizeof(moved), "%s.moved", d.journal);
	ck_assert_int_eq(rename(d.journal, moved), 0);
	while (access(d.journal, F_OK) != 0) { /* it looks once a second */
		usleep(10000);
		send_domain("example.com");
	}
	ck_assert_uint_eq(count_files(d.journal), 1);
	ck_assert_uint_eq(daemon_log_count(&d, "cannot be written"), 0);
}
END_TEST

START_TEST(journal_switched_off)
{
	ck_assert_int_eq(rmdir(d.journal), 0);
	d.journal[0] = '\0';
	daemon_config(&d, "", BASE);
	ck_assert_int_eq(run("-nf", "-c", d.conf), 0);
	logged("warning: journal: none is kept");
	daemon_start(&d);
	logged("no journal is kept");
}
END_TEST

/* A directory that cannot be made is no reason to refuse mail. */
START_TEST(journal_directory_missing)
{
	ck_assert_int_eq(rmdir(d.journal), 0);
	strncat(d.journal, "/below", sizeof(d.journal) - strlen(d.journal) - 1);
	daemon_config(&d, "", BASE);
	ck_assert_int_eq(run("-nf", "-c", d.conf), 0);
	logged("warning: journal: ");
	unlink(d.log);
	daemon_start(&d);
	m = client(d.socket);
	for (int i = 0; i < 3; i++) {
		send_domain("example.com");
		is(MTC_REPLYCODE);
	}
	ck_assert_uint_eq(daemon_log_count(&d, d.journal), 1);
}
END_TEST

/* --- sockets --- */

START_TEST(listens_on_tcp)
{
	daemon_over_tcp(&d);
	daemon_config(&d, "", BASE);
	daemon_start(&d);
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
}
END_TEST

/* A descriptor, listening already (1) or only bound (0), and far from 3. */
START_TEST(takes_a_descriptor)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char path[128];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(path, sizeof(path), "%s", d.socket);
	memcpy(sun.sun_path, path + 5, strlen(path + 5));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	if (_i == 1)
		ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(dup2(fd, 20), 20);
	close(fd);
	snprintf(d.socket, sizeof(d.socket), "fd:20");
	daemon_config(&d, "", BASE);
	daemon_start_fd(&d, 20);
	m = client(path);
	send_domain("example.com");
	is(MTC_REPLYCODE);
	daemon_stop(&d);
	ck_assert_int_eq(access(path + 5, F_OK), 0); /* not ours to remove */
}
END_TEST

START_TEST(replaces_its_own_stale_socket)
{
	daemon_start(&d);
	daemon_signal(&d, SIGKILL);
	ck_assert_int_eq(daemon_wait(&d, 5000), 256 + SIGKILL);
	ck_assert_int_eq(access(d.socket + 5, F_OK), 0);
	daemon_start(&d);
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
	daemon_stop(&d);
	ck_assert_int_ne(access(d.socket + 5, F_OK), 0);
}
END_TEST

START_TEST(leaves_a_socket_in_use)
{
	pid_t first;

	daemon_start(&d);
	first = d.pid;
	ck_assert_int_eq(run("-f", "-c", d.conf), 69);
	logged("another process listens there");
	d.pid = first;
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
}
END_TEST

START_TEST(socket_mode_and_group)
{
	struct stat st;

	daemon_config(&d, "", BASE "socket-mode = \"0666\"\n");
	daemon_start(&d);
	ck_assert_int_eq(stat(d.socket + 5, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0666);
}
END_TEST

static char *pid_file(void)
{
	char *path = mxa_arena_printf(arena, "%s/pid", d.dir);

	daemon_config(
	    &d, "", mxa_arena_printf(arena, BASE "pid-file = \"%s\"\n", path));
	daemon_start(&d);
	return path;
}

START_TEST(pid_file_is_removed)
{
	char *path = pid_file();

	ck_assert_int_eq(access(path, F_OK), 0);
	daemon_stop(&d);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(pid_file_of_another_stays)
{
	char *path = pid_file();

	ck_assert_int_eq(unlink(path), 0);
	daemon_write(path, "1\n");
	daemon_stop(&d);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

/* --- word to others --- */

static const char *http(int port, const char *request)
{
	static char text[1 << 16];
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t n = 0;
	ssize_t got;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	ck_assert_int_eq(
	    send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
	while ((got = recv(fd, text + n, sizeof(text) - n - 1, 0)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fd);
	return text;
}

#define GET(path) \
	"GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

START_TEST(metrics)
{
	int port = daemon_free_port();
	const char *text;

	daemon_config(&d, "",
	    mxa_arena_printf(
		arena, BASE "metrics: { listen = \"127.0.0.1:%d\" }\n", port));
	daemon_start(&d);
	if (daemon_log_count(&d, "metrics: ") > 0)
		return; /* built without */
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
	text = http(port, GET("/metrics"));
	ck_assert_ptr_nonnull(strstr(text, "200 OK"));
	ck_assert_ptr_nonnull(strstr(text, "\nmxauth_messages_total 1\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\nmxauth_actions_total{action=\"reject\"} 1\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\nmxauth_spf_total{result=\"fail\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nmxauth_sessions 1\n"));
	ck_assert_ptr_nonnull(strstr(http(port, GET("/")), "404"));
	ck_assert_ptr_nonnull(
	    strstr(http(port,
		       "POST /metrics HTTP/1.1\r\nHost: x\r\n"
		       "Content-Length: 0\r\nConnection: close\r\n\r\n"),
		"405"));
}
END_TEST

/* The address in use is no reason to refuse mail. */
START_TEST(metrics_address_taken)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	daemon_config(&d, "",
	    mxa_arena_printf(arena,
		BASE "metrics: { listen = \"127.0.0.1:%d\" }\n",
		ntohs(sin.sin_port)));
	daemon_start(&d);
	logged("warning: metrics: 127.0.0.1:");
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
	close(fd);
}
END_TEST

/* A socket in systemd's place, at 'path' of the daemon's directory. */
static int notify_socket(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(sun.sun_path, path, strlen(path));
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&sun,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    strlen(path))),
	    0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static const char *next_word(int fd)
{
	static char text[256];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return text;
}

/* systemd's protocol of readiness, over a socket file or an abstract one. */
START_TEST(tells_systemd)
{
	const char *path =
	    mxa_arena_printf(arena, "%s%s/notify", _i ? "@" : "", d.dir);
	int fd = notify_socket(path);

	setenv("NOTIFY_SOCKET", path, 1);
	daemon_start(&d);
	unsetenv("NOTIFY_SOCKET");
	ck_assert_str_eq(next_word(fd), "READY=1");
	daemon_signal(&d, SIGHUP);
	ck_assert(
	    strncmp(next_word(fd), "RELOADING=1\nMONOTONIC_USEC=", 27) == 0);
	ck_assert_str_eq(next_word(fd), "READY=1");
	daemon_stop(&d);
	ck_assert_str_eq(next_word(fd), "STOPPING=1");
	close(fd);
}
END_TEST

/* WatchdogSec=; when a word is due is for check_watchdog.c. */
START_TEST(tells_the_watchdog)
{
	const char *path = mxa_arena_printf(arena, "%s/notify", d.dir);
	int fd = notify_socket(path);

	setenv("NOTIFY_SOCKET", path, 1);
	setenv("WATCHDOG_USEC", "400000", 1);
	daemon_start(&d);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	ck_assert_str_eq(next_word(fd), "READY=1");
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(next_word(fd), "WATCHDOG=1");
	close(fd);
}
END_TEST

/* --- privileges --- */

static bool in_status(const char *what)
{
	char path[64], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)d.pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL)
		found = found || strstr(line, what) == line;
	fclose(f);
	return found;
}

START_TEST(drops_privileges)
{
	struct passwd *pw = getpwnam("nobody");
	struct stat st;

	if (geteuid() != 0 || pw == NULL)
		return; /* nothing to drop */
	daemon_config(&d, "", BASE "user = \"nobody\"\n");
	daemon_start(&d);
	ck_assert(in_status(mxa_arena_printf(arena, "Uid:\t%u\t%u\t%u\t%u",
	    pw->pw_uid, pw->pw_uid, pw->pw_uid, pw->pw_uid)));
	ck_assert(in_status(mxa_arena_printf(arena, "Gid:\t%u\t%u\t%u\t%u",
	    pw->pw_gid, pw->pw_gid, pw->pw_gid, pw->pw_gid)));
	ck_assert_int_eq(stat(d.socket + 5, &st), 0);
	ck_assert_uint_eq(st.st_uid, pw->pw_uid);
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
	daemon_signal(&d, SIGHUP);
	logged("configuration reloaded");
	/* a reload is done by the user who works */
	ck_assert_int_eq(chmod(d.conf, 0600), 0);
	daemon_signal(&d, SIGHUP);
	logged("configuration not reloaded");
	send_domain("example.com");
	is(MTC_REPLYCODE);
}
END_TEST

START_TEST(unknown_user)
{
	daemon_config(&d, "", BASE "user = \"nobody.example\"\n");
	ck_assert_int_eq(run("-f", "-c", d.conf), 78);
	logged("there is no \"nobody.example\"");
}
END_TEST

/* Contract section 1: as root, without a user, in the background: no. */
START_TEST(refuses_to_be_root)
{
	if (geteuid() != 0 || getpwnam("mxauth") != NULL)
		return;
	ck_assert_int_eq(run("-c", d.conf, NULL), 78);
	logged("refusing to work as root");
	ck_assert_int_ne(access(d.socket + 5, F_OK), 0);
}
END_TEST

/* The parent's status tells whether the child serves. */
START_TEST(background)
{
	char pid_file[128];
	FILE *f;
	int pid = 0;

	snprintf(pid_file, sizeof(pid_file), "%s/pid", d.dir);
	daemon_config(&d, "",
	    mxa_arena_printf(arena, BASE "pid-file = \"%s\"\n%s", pid_file,
		geteuid() == 0 ? "user = \"nobody\"\n" : ""));
	ck_assert_int_eq(run("-c", d.conf, NULL), 0);
	f = fopen(pid_file, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%d", &pid), 1);
	fclose(f);
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	while (kill(pid, 0) == 0)
		usleep(10000);
}
END_TEST

/* --- reload --- */

static void monitor_policy(const char *profile)
{
	daemon_write(d.policy,
	    mxa_arena_printf(arena,
		"rules = ( { author = \"example.com\" profile = \"%s\" } )\n",
		profile));
}

static void with_policy(void)
{
	setup();
	monitor_policy("standard");
	daemon_config(&d, "",
	    mxa_arena_printf(arena, BASE "policy-file = \"%s\"\n", d.policy));
	daemon_start(&d);
}

/* Row 9: a message keeps the rules it began with, the next has the new ones,
 * and the connection is the same. */
START_TEST(row_9_reload)
{
	static const int signals[] = { SIGUSR1, SIGHUP };

	m = answered_client();
	send_domain("example.com");
	is(MTC_REPLYCODE);
	start_message("example.com");
	monitor_policy("monitor");
	daemon_signal(&d, signals[_i]);
	logged("configuration reloaded");
	finish_message();
	is(MTC_REPLYCODE);
	send_domain("example.com");
	is(MTC_CONTINUE);
	logged("would=reject");
}
END_TEST

START_TEST(bad_policy_keeps_the_old)
{
	m = client(d.socket);
	daemon_write(d.policy, "rules = (\n { nonsense = 1 }\n)\n");
	daemon_signal(&d, SIGHUP);
	logged("configuration not reloaded: the old one stays");
	logged("policy.conf:2: ");
	send_domain("example.com");
	is(MTC_REPLYCODE);
	monitor_policy("monitor");
	daemon_signal(&d, SIGHUP);
	logged("configuration reloaded");
	send_domain("example.com");
	is(MTC_CONTINUE);
}
END_TEST

/* The day of a rule may be over when the file is read, or later. */
START_TEST(ended_rules_are_warnings)
{
	daemon_write(d.policy,
	    "rules = (\n { author = \"a.example\", until = \"2020-02-29\" })\n");
	daemon_signal(&d, SIGHUP);
	logged("policy.conf:2: the rule ended on 2020-02-29");
	logged("configuration reloaded");
	daemon_stop(&d);
	ck_assert_int_eq(run("-fnc", d.conf, NULL), 0);
	ck_assert_uint_eq(
	    daemon_log_count(&d, "warning: policy.conf:2: the rule ended"), 2);
}
END_TEST

START_TEST(what_a_reload_cannot_change)
{
	daemon_config(&d, "", BASE "socket-mode = \"0600\"\n");
	daemon_signal(&d, SIGHUP);
	logged("socket-mode has changed: a restart is needed");
	logged("configuration reloaded");
	ck_assert_uint_eq(daemon_log_count(&d, "listen has changed"), 0);
}
END_TEST

/* Other DNS settings: another resolver, and the old one ends with its last
 * message. */
START_TEST(new_resolver)
{
	m = client(d.socket);
	start_message("slow.example");
	test_dnsd_await(d.dns, "slow.example", MXA_DNS_TXT, 1);
	daemon_config(&d, "timeout = 3", BASE);
	daemon_signal(&d, SIGHUP);
	logged("configuration reloaded");
	test_dnsd_release(d.dns);
	finish_message();
	is(MTC_CONTINUE);
	send_domain("example.com");
	is(MTC_REPLYCODE);
}
END_TEST

START_TEST(row_15_hundred_hups)
{
	m = client(d.socket);
	start_message("example.com");
	for (int i = 0; i < 100; i++) {
		daemon_signal(&d, i % 2 ? SIGHUP : SIGUSR1);
		if (i % 10 == 0) {
			struct mtc *kept = m;

			m = client(d.socket);
			send_domain("example.com");
			is(MTC_REPLYCODE);
			mtc_close(m);
			m = kept;
		}
	}
	logged("configuration reloaded");
	finish_message();
	is(MTC_REPLYCODE);
	mtc_close(m);
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
}
END_TEST

/* A signal right at the start, when libmilter begins to wait for some itself.
 */
START_TEST(signals_at_once)
{
	daemon_signal(&d, SIGHUP);
	m = client(d.socket);
	send_domain("example.com");
	is(MTC_REPLYCODE);
	/* ThreadSanitizer may keep the first one until the next */
	if (!daemon_logged(&d, "configuration reloaded", 1000))
		daemon_signal(&d, SIGHUP);
	logged("configuration reloaded");
}
END_TEST

/* --- the end --- */

/* For messages that are open it would wait an hour. */
static void long_shutdown(void)
{
	setup();
	daemon_config(&d, "", BASE "shutdown = 3600\n");
	daemon_start(&d);
}

/* The end has begun when connections are turned away. */
static void until_draining(void)
{
	struct mtc *late;
	bool welcome = true;

	while (welcome) {
		usleep(1000);
		late = mtc_open(d.socket);
		welcome = late != NULL && mtc_negotiate(late, &mtc_postfix);
		mtc_close(late);
	}
}

START_TEST(row_8_idle_session)
{
	struct mtc *late;

	m = client(d.socket);
	send_domain("example.com");
	daemon_stop(&d);
	late = mtc_open(d.socket);
	ck_assert_ptr_null(late);
	logged("stopped after 1 messages");
}
END_TEST

/* Connections that come while the last messages finish are turned away, and
 * messages on connections that are there are answered "later". */
START_TEST(turned_away_while_draining)
{
	struct mtc *first;

	first = m = answered_client();
	start_message("example.com");
	m = client(d.socket);
	daemon_signal(&d, SIGTERM);
	until_draining();
	send_domain("example.com");
	is(MTC_TEMPFAIL);
	mtc_close(m);
	m = first;
	finish_message();
	is(MTC_REPLYCODE);
	ck_assert_int_eq(daemon_wait(&d, HANG_MS), 0);
}
END_TEST

START_TEST(row_16_term_while_waiting)
{
	struct mtc_message msg = message("slow.example");

	m = client(d.socket);
	ck_assert(mtc_send_begin(m, &msg, &r));
	test_dnsd_await(d.dns, "slow.example", MXA_DNS_TXT, 1);
	daemon_signal(&d, SIGTERM);
	until_draining();
	test_dnsd_release(d.dns);
	mtc_finish(m, &r);
	is(MTC_CONTINUE);
	ck_assert_int_eq(daemon_wait(&d, HANG_MS), 0);
	logged("stopped after 1 messages");
}
END_TEST

START_TEST(row_16_term_in_transfer)
{
	m = answered_client();
	start_message("example.com");
	daemon_signal(&d, SIGTERM);
	until_draining();
	finish_message(); /* within the time */
	is(MTC_REPLYCODE);
	ck_assert_int_eq(daemon_wait(&d, HANG_MS), 0);
}
END_TEST

START_TEST(second_signal_ends_the_wait)
{
	m = answered_client();
	start_message("example.com");
	daemon_signal(&d, SIGTERM);
	until_draining();
	daemon_signal(&d, SIGINT);
	ck_assert_int_eq(daemon_wait(&d, HANG_MS), 0);
}
END_TEST

static void short_shutdown(void)
{
	setup();
	daemon_config(&d, "", BASE "shutdown = 1\n");
	daemon_start(&d);
}

START_TEST(row_16_cut_after_the_bound)
{
	m = answered_client();
	start_message("example.com");
	daemon_signal(&d, SIGTERM);
	until_draining();
	ck_assert_int_eq(daemon_wait(&d, HANG_MS), 0);
	finish_message();
	is(MTC_GONE);
	logged("1 messages cut");
}
END_TEST

/* --- many connections --- */

static void long_waits(void)
{
	setup();
	daemon_config(&d, "", BASE);
	daemon_start(&d);
}

/* Row 14: who waits for a dead domain does not make others wait.  Without the
 * pool being woken the good ones wait as long as the dead ones, in some runs.
 * The dead ones are answered after the good ones have been. */
START_TEST(row_14_burst)
{
	static struct mtc *dead[BURST], *fine[BURST];
	struct mtc_message bad = message("dead.example");
	struct mtc_message good = message("example.com");

	for (int i = 0; i < BURST; i++) {
		dead[i] = client(d.socket);
		fine[i] = client(d.socket);
	}
	for (int i = 0; i < BURST; i++) {
		ck_assert(mtc_send_begin(dead[i], &bad, &r));
		ck_assert(mtc_send_begin(fine[i], &good, &r));
	}
	for (int i = 0; i < BURST; i++) {
		mtc_result_free(&r);
		mtc_finish(fine[i], &r);
		is(MTC_REPLYCODE);
		mtc_close(fine[i]);
	}
	ck_assert_uint_eq(daemon_log_count(&d, " action="), BURST);
	test_dnsd_release(d.dns);
	for (int i = 0; i < BURST; i++) {
		mtc_result_free(&r);
		mtc_finish(dead[i], &r);
		is(MTC_CONTINUE);
		mtc_close(dead[i]);
	}
	/* our own connections are nobody's */
	ck_assert_uint_eq(daemon_log_count(&d, " action="), 2 * BURST);
	ck_assert_uint_eq(daemon_log_count(&d, "cannot connect to our own"), 0);
}
END_TEST

/* The sanitizers need all the room of an address space. */
#if !MXA_ASAN && !MXA_TSAN
/* In 'what' of /proc/PID/status, KiB. */
static rlim_t size_of_daemon(const char *what)
{
	FILE *f =
	    fopen(mxa_arena_printf(arena, "/proc/%d/status", (int)d.pid), "r");
	unsigned long kb = 0;
	char line[256];

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, what, strlen(what)) == 0)
			kb = strtoul(line + strlen(what), NULL, 10);
	fclose(f);
	ck_assert_uint_gt(kb, 0);
	return kb;
}

/* No room for another thread: a clear word, and an end, rather than messages
 * that wait for nobody. */
START_TEST(threads_are_refused)
{
	static struct mtc *waiting[BURST];
	struct mtc_message bad = message("dead.example");
	struct rlimit room;
	int status;

	room.rlim_cur = room.rlim_max =
	    (size_of_daemon("VmSize:") + 480) * 1024;
	ck_assert_int_eq(prlimit(d.pid, RLIMIT_AS, &room, NULL), 0);
	for (int i = 0; i < BURST; i++) {
		waiting[i] = mtc_open(d.socket);
		if (waiting[i] == NULL ||
		    !mtc_negotiate(waiting[i], &mtc_postfix))
			break;
		mtc_connect(waiting[i], "mail.example.com", "198.51.100.7");
		mtc_helo(waiting[i], "mail.example.com");
		if (!mtc_send_begin(waiting[i], &bad, &r))
			break;
		mtc_flush(waiting[i]);
	}
	status = daemon_wait(&d, HANG_MS);
	ck_assert_msg(
	    status == 71, "status %d: %s", status, daemon_log_text(&d));
	logged("error: the system refuses another thread: ");
	for (int i = 0; i < BURST; i++)
		mtc_close(waiting[i]);
}
END_TEST
#endif

/* More connections than messages at a time, opened and used in all orders. */
START_TEST(many_connections)
{
	enum { N = 256 };
	static struct mtc *c[N];
	struct mtc_message msg = message("example.com");

	for (int i = 0; i < N; i++)
		c[i] = client(d.socket);
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < N; i++)
			ck_assert(mtc_send_begin(c[i * 91 % N], &msg, &r));
		for (int i = 0; i < N; i++) {
			mtc_result_free(&r);
			mtc_finish(c[i * 57 % N], &r);
			is(MTC_REPLYCODE);
		}
		if (round == 1)
			daemon_signal(&d, SIGHUP);
	}
	for (int i = 0; i < N; i++)
		mtc_close(c[i]);
	ck_assert_uint_eq(daemon_log_count(&d, " action="), 4 * N);
}
END_TEST

/* --- suite --- */

static TCase *tcase(Suite *s, const char *name, SFun before)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, before, teardown);
	tcase_set_timeout(tc, 180);
	suite_add_tcase(s, tc);
	return tc;
}

static void add_start(Suite *s)
{
	TCase *tc = tcase(s, "start", setup);

	tcase_add_test(tc, checks_configuration);
	tcase_add_loop_test(tc, a_check_is_as_strict_as_the_start, 0,
	    MXA_ARRAY_LEN(preflights));
	tcase_add_test(tc, a_reload_that_will_fail);
	tcase_add_test(tc, a_check_beside_the_running_daemon);
	tcase_add_test(tc, names_all_mistakes);
	tcase_add_loop_test(tc, option, 0, MXA_ARRAY_LEN(options));
	tcase_add_test(tc, bare_configuration);
	tcase_add_test(tc, journal_directory_is_made);
	tcase_add_test(tc, journal_switched_off);
	tcase_add_test(tc, journal_directory_missing);
	tcase_add_test(tc, pid_file_is_removed);
	tcase_add_test(tc, pid_file_of_another_stays);
	tcase_add_test(tc, listens_on_tcp);
	tcase_add_loop_test(tc, takes_a_descriptor, 0, 2);
	tcase_add_test(tc, replaces_its_own_stale_socket);
	tcase_add_test(tc, leaves_a_socket_in_use);
	tcase_add_test(tc, socket_mode_and_group);
	tcase_add_test(tc, metrics);
	tcase_add_test(tc, metrics_address_taken);
	tcase_add_loop_test(tc, tells_systemd, 0, 2);
	tcase_add_test(tc, tells_the_watchdog);
	tcase_add_test(tc, drops_privileges);
	tcase_add_test(tc, unknown_user);
	tcase_add_test(tc, refuses_to_be_root);
	tcase_add_test(tc, background);
}

static void add_running(Suite *s)
{
	TCase *tc = tcase(s, "reload", with_policy);

	tcase_add_loop_test(tc, row_9_reload, 0, 2);
	tcase_add_test(tc, bad_policy_keeps_the_old);
	tcase_add_test(tc, ended_rules_are_warnings);
	tc = tcase(s, "reload of settings", started);
	tcase_add_test(tc, what_a_reload_cannot_change);
	tcase_add_test(tc, new_resolver);
	tcase_add_test(tc, row_15_hundred_hups);
	tcase_add_loop_test(tc, signals_at_once, 0, 20);
	tcase_add_test(tc, many_connections);
	tc = tcase(s, "burst", long_waits);
	tcase_add_test(tc, row_14_burst);
#if !MXA_ASAN && !MXA_TSAN
	tcase_add_test(tc, threads_are_refused); /* they need all the room */
#endif
}

static void add_stop(Suite *s)
{
	TCase *tc = tcase(s, "stop", long_shutdown);

	tcase_add_test(tc, row_8_idle_session);
	tcase_add_test(tc, turned_away_while_draining);
	tcase_add_test(tc, row_16_term_while_waiting);
	tcase_add_test(tc, row_16_term_in_transfer);
	tcase_add_test(tc, second_signal_ends_the_wait);
	tc = tcase(s, "short stop", short_shutdown);
	tcase_add_test(tc, row_16_cut_after_the_bound);
}

int main(void)
{
	Suite *s = suite_create("daemon");

	add_start(s);
	add_running(s);
	add_stop(s);
	return test_main(s);
}
