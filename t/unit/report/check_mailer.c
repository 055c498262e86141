/* check_mailer.c - handing a mail to a server: what goes over the wire, when a
 * password does, and what the answers mean. */
#include "t/support/testing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/sent/mailer.h"
#include "t/support/smtpsink.h"

static struct mxa_arena *a;
static char dir[256];

/* An authority, a certificate of it for localhost, one for another name, and
 * one that nobody vouches for. */
static const char make_certificates[] =
    "set -e; cd '%s'; key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
    "{ openssl req -x509 $key -keyout ca.key -out ca.pem -subj /CN=CA -days 9\n"
    "for name in localhost other.example; do\n"
    "openssl req $key -keyout $name.key -out $name.csr -subj /CN=$name\n"
    "echo subjectAltName=DNS:$name >$name.ext\n"
    "openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -days 9 \\\n"
    "-set_serial 1 -extfile $name.ext -out $name.pem; done\n"
    "openssl req -x509 $key -keyout self.key -out self.pem \\\n"
    "-subj /CN=localhost -addext subjectAltName=DNS:localhost -days 9\n"
    "} >log 2>&1";

static void begin_all(void)
{
	const char *tmp = getenv("TMPDIR");
	char command[2000];

	snprintf(dir, sizeof(dir), "%s/mxauth-smtp-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(command, sizeof(command), make_certificates, dir);
	ck_assert_int_eq(system(command), 0);
}

static void end_all(void)
{
	char command[300];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static void setup(void)
{
	a = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(a);
}

static const char *in_dir(const char *name, const char *suffix)
{
	return name != NULL ? mxa_arena_printf(a, "%s/%s%s", dir, name, suffix)
			    : NULL;
}

#define MESSAGE "Subject: x\r\n\r\n.\r\n..a\r\nend\r\n"
#define HEARD "MESSAGE\nSubject: x\n\n.\n..a\nend\n"

static const struct {
	const char *name;
	const char *cert; /* of the server; NULL: no TLS */
	struct smtp_sink sink;
	const char *url; /* %u: the port */
	const char *password;
	enum mxa_mailed want;
	const char *heard, *not_heard;
} rows[] = {
	{ "in clear, for want of anything else", NULL, { 0 },
	    "smtp://localhost:%u", NULL, MXA_MAILED, "MAIL FROM:<>", "TLS" },
	{ "lines that begin with a dot", NULL, { 0 }, "smtp://localhost:%u",
	    NULL, MXA_MAILED, HEARD, "TLS" },
	{ "any TLS is better than none", "self", { 0 }, "smtp://localhost:%u",
	    NULL, MXA_MAILED, "TLS\n", "LOGIN" },
	{ "a password through TLS", "localhost", { .login = "joe secret" },
	    "smtp://joe@localhost:%u", "secret", MXA_MAILED, "TLS\n", NULL },
	{ "it is the right one", "localhost", { .login = "joe secret" },
	    "smtp://joe@localhost:%u", "secret", MXA_MAILED,
	    "LOGIN joe secret\n", NULL },
	{ "TLS from the first byte", "localhost",
	    { .login = "joe secret", .implicit = true },
	    "smtps://joe@localhost:%u", "secret", MXA_MAILED,
	    "LOGIN joe secret\n", NULL },
	{ "no password to whom nobody vouches for", "self",
	    { .login = "joe secret" }, "smtp://joe@localhost:%u", "secret",
	    MXA_MAIL_LATER, NULL, "LOGIN" },
	{ "no password to another name", "other.example",
	    { .login = "joe secret" }, "smtp://joe@localhost:%u", "secret",
	    MXA_MAIL_LATER, NULL, "LOGIN" },
	{ "the same with TLS from the first byte", "other.example",
	    { .login = "joe secret", .implicit = true },
	    "smtps://joe@localhost:%u", "secret", MXA_MAIL_LATER, NULL,
	    "LOGIN" },
	{ "no password in clear", NULL,
	    { .login = "joe secret", .login_without_tls = true },
	    "smtp://joe@localhost:%u", "secret", MXA_MAIL_LATER, NULL,
	    "LOGIN" },
	{ "a wrong password is our trouble", "localhost",
	    { .login = "joe secret" }, "smtp://joe@localhost:%u", "wrong",
	    MXA_MAIL_LATER, "LOGIN joe wrong\n", "MESSAGE" },
	{ "the server wants a login", NULL, { .login = "joe secret" },
	    "smtp://localhost:%u", NULL, MXA_MAIL_LATER, "MAIL FROM", "RCPT" },
	{ "the server takes nothing at all", NULL,
	    { .greeting = "554 5.3.2 go away" }, "smtp://localhost:%u", NULL,
	    MXA_MAIL_LATER, NULL, "MAIL" },
	{ "no such user", NULL, { .rcpt_reply = "550 5.1.1 no such user" },
	    "smtp://localhost:%u", NULL, MXA_MAIL_REFUSED,
	    "RCPT TO:<x@y.example>", "MESSAGE" },
	{ "not now", NULL, { .rcpt_reply = "451 4.7.1 greylisted" },
	    "smtp://localhost:%u", NULL, MXA_MAIL_LATER, NULL, "MESSAGE" },
	{ "the message is refused", NULL, { .data_reply = "552 5.3.4 large" },
	    "smtp://localhost:%u", NULL, MXA_MAIL_REFUSED, HEARD, NULL },
	{ "the message not now", NULL, { .data_reply = "452 4.3.1 full" },
	    "smtp://localhost:%u", NULL, MXA_MAIL_LATER, HEARD, NULL },
	{ "the wire is cut before the answer", NULL, { .data_reply = "" },
	    "smtp://localhost:%u", NULL, MXA_MAIL_LATER, HEARD, NULL },
	{ "no TLS where it must be", NULL, { 0 }, "smtps://localhost:%u", NULL,
	    MXA_MAIL_LATER, NULL, "MAIL" },
	{ "no server", NULL, { 0 }, "smtp://localhost:1", NULL, MXA_MAIL_LATER,
	    NULL, NULL },
	{ "no such way", NULL, { 0 }, "http://localhost:%u", NULL,
	    MXA_MAIL_LATER, NULL, NULL },
};

static const char *url_of(const char *pattern, unsigned port)
{
	size_t at = strcspn(pattern, "%");

	return pattern[at] == '\0'
	    ? pattern
	    : mxa_arena_printf(a, "%.*s%u", (int)at, pattern, port);
}

static bool connects(const char *url)
{
	return strncmp(url, "smtp", 4) == 0 && strchr(url, '%') != NULL;
}

START_TEST(handed_over)
{
	struct smtp_sink sink = rows[_i].sink;
	const char *seen = in_dir("seen", "");
	struct mxa_mail mail = { .from = MXA_STR(""),
		.to = MXA_STR("x@y.example"),
		.message = MXA_STR(MESSAGE) };
	struct mxa_str reply, heard;
	struct mxa_smtp smtp = { .password = rows[_i].password,
		.ca_file = in_dir("ca.pem", "") };
	enum mxa_mailed got;
	unsigned port = 0;
	pid_t child;

	sink.cert = in_dir(rows[_i].cert, ".pem");
	sink.key = in_dir(rows[_i].cert, ".key");
	unlink(seen);
	child = smtp_sink_start(&sink, seen, &port);
	ck_assert_int_gt(child, 0);
	smtp.url = url_of(rows[_i].url, port);
	got = mxa_mail_smtp(&smtp, a, &mail, &reply);
	if (!connects(rows[_i].url))
		kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ck_assert_msg(got == rows[_i].want, "%s: %d, \"%.*s\"", rows[_i].name,
	    (int)got, MXA_STR_ARG(reply));
	ck_assert_uint_gt(reply.len, 0);
	if (!test_load(a, seen, &heard))
		heard = MXA_STR("");
	ck_assert_msg(rows[_i].heard == NULL ||
		mxa_str_casefind(heard, mxa_str_from(rows[_i].heard)) <
		    heard.len,
	    "%s: %.*s", rows[_i].name, MXA_STR_ARG(heard));
	ck_assert_msg(rows[_i].not_heard == NULL ||
		mxa_str_casefind(heard, mxa_str_from(rows[_i].not_heard)) ==
		    heard.len,
	    "%s: %.*s", rows[_i].name, MXA_STR_ARG(heard));
}
END_TEST

START_TEST(sender_of_bounces)
{
	struct smtp_sink sink = { 0 };
	const char *seen = in_dir("seen", "");
	struct mxa_mail mail = { .from = MXA_STR("b+1-0@r.example"),
		.to = MXA_STR("x@y.example"),
		.message = MXA_STR(MESSAGE) };
	struct mxa_str reply, heard;
	struct mxa_smtp smtp = { 0 };
	unsigned port = 0;
	pid_t child = smtp_sink_start(&sink, seen, &port);

	ck_assert_int_gt(child, 0);
	smtp.url = url_of("smtp://localhost:%u", port);
	ck_assert_int_eq(mxa_mail_smtp(&smtp, a, &mail, &reply), MXA_MAILED);
	waitpid(child, NULL, 0);
	ck_assert(test_load(a, seen, &heard));
	ck_assert_uint_lt(
	    mxa_str_casefind(heard, MXA_STR("MAIL FROM:<b+1-0@r.example>")),
	    heard.len);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mailer");
	TCase *tc = tcase_create("mailer");
	struct mxa_arena *probe = mxa_arena_new();
	struct mxa_str reply;
	struct mxa_mail nothing = { .from = MXA_STR("") };
	struct mxa_smtp nowhere = { .url = "smtp://localhost:1" };
	bool there = mxa_mail_smtp(&nowhere, probe, &nothing, &reply) ==
		MXA_MAIL_LATER &&
	    mxa_str_casefind(reply, MXA_STR("built without")) == reply.len;

	mxa_arena_free(probe);
	if (!there) {
		puts("skipped: built without libcurl");
		return 77;
	}
	tcase_add_unchecked_fixture(tc, begin_all, end_all);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, handed_over, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, sender_of_bounces);
	suite_add_tcase(s, tc);
	return test_main(s);
}
