/* check_milter_probe.c - a milter that says what the test tells it to. */
#include "cli/milter_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "t/support/testing.h"

/* Its answers: bytes of packets, the length before each is added. */
struct answer {
	const char *bytes;
	size_t len;
};

#define ANSWER(text)                   \
	{                              \
		text, sizeof(text) - 1 \
	}
#define MAX_ANSWERS 20

/* version, actions, steps that it does without */
#define AGREE(steps) ANSWER("O\0\0\0\6\0\0\1\x1f\0\0" steps)
#define GO_ON ANSWER("c")
/* connect, HELO, MAIL, RCPT, DATA, two fields, end of header, body */
#define ALL_STEPS GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON

static struct {
	int listening;
	const struct answer *answer;
	char heard[2000]; /* commands and data, without their lengths */
	size_t len;
} milter;

static char dir[] = "/tmp/mxauth-probe.XXXXXX";
static char path[60], name[80];
static struct mxa_arena *arena;
static struct probe_result result;
static const struct probe_message message = { .ip = "192.0.2.1",
	.helo = "client.example",
	.mail_from = "<a@b.example>",
	.rcpt = "<c@d.example>",
	.queue_id = "Q1",
	.field = { "From: a@b.example", "Subject: hello" },
	.body = "text\r\n" };

/* --- the milter --- */

static bool read_all(int fd, void *to, size_t len)
{
	return recv(fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

/* A packet of the MTA; 0: there is none. */
static char hear_packet(int fd)
{
	uint32_t len;
	char *start = milter.heard + milter.len;

	if (!read_all(fd, &len, sizeof(len)))
		return 0;
	len = ntohl(len);
	ck_assert_uint_le(milter.len + len, sizeof(milter.heard));
	if (!read_all(fd, start, len))
		return 0;
	milter.len += len;
	return *start;
}

static void say_packet(int fd, const struct answer *answer)
{
	uint32_t len = htonl((uint32_t)answer->len);

	(void)send(fd, &len, sizeof(len), MSG_NOSIGNAL);
	(void)send(fd, answer->bytes, answer->len, MSG_NOSIGNAL);
}

/* One answer to each step; to the end of the message all that are left.  With
 * none left it waits for the end. */
static void *run_milter(void *arg)
{
	const struct answer *answer = milter.answer;
	int fd = accept(milter.listening, NULL, NULL);
	char cmd;

	(void)arg;
	while ((cmd = hear_packet(fd)) != 0) {
		if (cmd == 'D' || cmd == 'Q')
			continue;
		do
			if (answer->bytes != NULL)
				say_packet(fd, answer++);
		while (cmd == 'E' && answer->bytes != NULL);
	}
	close(fd);
	return NULL;
}

static void setup(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	strcpy(dir, "/tmp/mxauth-probe.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	snprintf(name, sizeof(name), "unix:%s", path);
	strcpy(sun.sun_path, path);
	milter.listening = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(
	    bind(milter.listening, (struct sockaddr *)&sun, sizeof(sun)), 0);
	milter.len = 0;
	arena = mxa_arena_new();
}

static void teardown(void)
{
	close(milter.listening);
	unlink(path);
	rmdir(dir);
	mxa_arena_free(arena);
}

/* The message goes to a milter with these answers. */
static void probe(const struct answer *answers, unsigned timeout_ms)
{
	pthread_t thread;

	milter.answer = answers;
	ck_assert_int_eq(listen(milter.listening, 1), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_milter, NULL), 0);
	probe_run(arena, mxa_str_from(name), timeout_ms, &message, &result);
	pthread_join(thread, NULL);
}

/* --- a whole conversation --- */

static const char conversation[] = "O\0\0\0\6\0\0\1\xff\0\0\3\x7f"
				   "Cclient.example\0"
				   "4\0\31"
				   "192.0.2.1\0"
				   "Hclient.example\0"
				   "DMi\0Q1\0"
				   "M<a@b.example>\0"
				   "R<c@d.example>\0"
				   "T"
				   "LFrom\0a@b.example\0"
				   "LSubject\0hello\0"
				   "N"
				   "Btext\r\n"
				   "DEi\0Q1\0"
				   "E"
				   "Q";

START_TEST(what_the_milter_hears)
{
	static const struct answer answers[] = { AGREE("\0\0"), ALL_STEPS,
		ANSWER("a"), { 0 } };

	probe(answers, 60000);
	ck_assert_str_eq(probe_trouble_name(result.trouble), "ok");
	ck_assert_uint_eq(result.version, 6);
	ck_assert_int_eq(result.reply, 'a');
	ck_assert_str_eq(result.step, "end of message");
	ck_assert_uint_eq(milter.len, sizeof(conversation) - 1);
	ck_assert_mem_eq(milter.heard, conversation, milter.len);
}
END_TEST

/* One that does without every step that it may do without. */
START_TEST(only_the_end)
{
	static const struct answer answers[] = { AGREE("\3\x7f"), ANSWER("a"),
		{ 0 } };
	static const char heard[] = "O\0\0\0\6\0\0\1\xff\0\0\3\x7f"
				    "DMi\0Q1\0DEi\0Q1\0EQ";

	probe(answers, 60000);
	ck_assert_int_eq(result.trouble, PROBE_OK);
	ck_assert_uint_eq(milter.len, sizeof(heard) - 1);
	ck_assert_mem_eq(milter.heard, heard, milter.len);
}
END_TEST

/* The bits by which it says so, and how many packets do not come then. */
static const struct {
	const char *bits;
	size_t packets;
} without[] = {
	{ "\0\1", 1 },
	{ "\0\2", 1 },
	{ "\0\4", 1 },
	{ "\0\10", 1 },
	{ "\0\20", 1 },
	{ "\0\40", 2 }, /* fields */
	{ "\0\100", 1 },
	{ "\2\0", 1 },
};

START_TEST(does_without_a_step)
{
	char agree[] = "O\0\0\0\6\0\0\1\x1f\0\0\0\0";
	struct answer answers[MAX_ANSWERS] = { { agree, 13 } };
	size_t n = 1;

	memcpy(agree + 11, without[_i].bits, 2);
	while (n <= 9 - without[_i].packets)
		answers[n++] = (struct answer)ANSWER("c");
	answers[n] = (struct answer)ANSWER("a");
	probe(answers, 60000);
	ck_assert_int_eq(result.trouble, PROBE_OK);
	ck_assert_int_eq(result.reply, 'a');
	ck_assert_str_eq(result.step, "end of message");
}
END_TEST

/* --- what it may say --- */

static const struct {
	struct answer answers[MAX_ANSWERS];
	enum probe_trouble trouble;
	char reply;
	const char *step, *text, *header, *quarantine;
} rows[] = {
	{ { AGREE("\0\0"), ALL_STEPS, ANSWER("hX-Other\0a\0"),
	      ANSWER("i\0\0\0\1authentication-results\0 mx; spf=pass\0"),
	      ANSWER("hAuthentication-Results\0second\0"),
	      ANSWER("m\0\0\0\1Authentication-Results\0\0"), ANSWER("p"),
	      ANSWER("qbecause\0"), ANSWER("c") },
	    PROBE_OK, 'c', "end of message", "", "mx; spf=pass", "because" },
	{ { AGREE("\0\0"), ALL_STEPS,
	      ANSWER("hAuthentication-Results\0mx; none\0"), ANSWER("r") },
	    PROBE_OK, 'r', "end of message", "", "mx; none", "" },
	{ { AGREE("\0\0"), ALL_STEPS, ANSWER("y550 5.7.1 no\0") }, PROBE_OK,
	    'y', "end of message", "550 5.7.1 no", "", "" },
	{ { AGREE("\0\0"), ALL_STEPS, ANSWER("t") }, PROBE_OK, 't',
	    "end of message", "", "", "" },
	{ { AGREE("\0\0"), ALL_STEPS, ANSWER("d") }, PROBE_OK, 'd',
	    "end of message", "", "", "" },
	/* no answer to the end of a message */
	{ { AGREE("\0\0"), ALL_STEPS, ANSWER("s") }, PROBE_NOT_A_MILTER, 's',
	    "end of message", "", "", "" },
	{ { AGREE("\0\0"), ALL_STEPS, ANSWER("\0") }, PROBE_NOT_A_MILTER, 0,
	    "end of message", "", "", "" },
	/* the end of the conversation at an earlier step */
	{ { AGREE("\0\0"), ANSWER("a") }, PROBE_OK, 'a', "connect", "", "",
	    "" },
	{ { AGREE("\0\0"), GO_ON, ANSWER("r") }, PROBE_OK, 'r', "HELO", "", "",
	    "" },
	{ { AGREE("\0\0"), GO_ON, GO_ON, ANSWER("t") }, PROBE_OK, 't', "MAIL",
	    "", "", "" },
	{ { AGREE("\0\0"), GO_ON, GO_ON, GO_ON, ANSWER("y451 later\0") },
	    PROBE_OK, 'y', "RCPT", "451 later", "", "" },
	{ { AGREE("\0\0"), GO_ON, GO_ON, GO_ON, GO_ON, ANSWER("d") }, PROBE_OK,
	    'd', "DATA", "", "", "" },
	{ { AGREE("\0\0"), GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON,
	      ANSWER("a") },
	    PROBE_OK, 'a', "header", "", "", "" },
	{ { AGREE("\0\0"), GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON,
	      ANSWER("a") },
	    PROBE_OK, 'a', "end of header", "", "", "" },
	/* no more of this step: the conversation goes on */
	{ { AGREE("\0\0"), GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON, GO_ON,
	      GO_ON, ANSWER("s"), ANSWER("a") },
	    PROBE_OK, 'a', "end of message", "", "", "" },
	{ { AGREE("\0\0"), ANSWER("i") }, PROBE_NOT_A_MILTER, 0, "connect", "",
	    "", "" },
	{ { AGREE("\0\0"), ANSWER("\0") }, PROBE_NOT_A_MILTER, 0, "connect", "",
	    "", "" },
	/* negotiation: version 2, fewer actions; what it must not say */
	{ { ANSWER("O\0\0\0\2\0\0\0\0\0\0\3\x7f"), ANSWER("a") }, PROBE_OK, 'a',
	    "end of message", "", "", "" },
	{ { ANSWER("O\0\0\0\7\0\0\0\0\0\0\3\x7f") }, PROBE_NOT_A_MILTER, 0,
	    "negotiation", "", "", "" },
	{ { ANSWER("O\0\0\0\6\0\0\2\0\0\0\3\x7f") }, PROBE_NOT_A_MILTER, 0,
	    "negotiation", "", "", "" },
	{ { ANSWER("O\0\0\0\6\0\0\0\0\0\0\0\x80") }, PROBE_NOT_A_MILTER, 0,
	    "negotiation", "", "", "" },
	{ { ANSWER("O\0\0\0\6\0\0\0\0\0\0\0") }, PROBE_NOT_A_MILTER, 0,
	    "negotiation", "", "", "" },
	{ { ANSWER("o\0\0\0\6\0\0\0\0\0\0\0\0") }, PROBE_NOT_A_MILTER, 0,
	    "negotiation", "", "", "" },
	{ { { "", 0 } }, PROBE_NOT_A_MILTER, 0, "negotiation", "", "", "" },
};

START_TEST(what_the_milter_says)
{
	probe(rows[_i].answers, 60000);
	ck_assert_int_eq(result.trouble, rows[_i].trouble);
	ck_assert_int_eq(result.reply, rows[_i].reply);
	ck_assert_str_eq(result.step, rows[_i].step);
	ck_assert(mxa_str_is(result.text, rows[_i].text));
	ck_assert(mxa_str_is(result.header, rows[_i].header));
	ck_assert(mxa_str_is(result.quarantine, rows[_i].quarantine));
}
END_TEST

/* A packet of a megabyte and one byte is none. */
START_TEST(a_length_that_cannot_be)
{
	static char bytes[(1 << 20) + 1] = "c";
	struct answer answers[] = { AGREE("\0\0"), { bytes, 1 << 20 },
		{ bytes, sizeof(bytes) }, { 0 } };

	probe(answers, 60000);
	ck_assert_int_eq(result.trouble, PROBE_NOT_A_MILTER);
	ck_assert_str_eq(result.step, "HELO");
}
END_TEST

START_TEST(no_answer)
{
	static const struct answer answers[] = { AGREE("\0\0"), GO_ON, { 0 } };

	probe(answers, 20);
	ck_assert_int_eq(result.trouble, PROBE_SILENT);
	ck_assert_str_eq(result.step, "HELO");
	ck_assert_uint_ge(result.ms, 20);
}
END_TEST

/* IPv6 addresses have another letter. */
START_TEST(a_client_with_ipv6)
{
	static const struct answer answers[] = { AGREE("\0\0"), ANSWER("a"),
		{ 0 } };
	struct probe_message m = message;
	static const char connect_v6[] = "Cclient.example\0"
					 "6\0\31"
					 "2001:db8::1";
	pthread_t thread;

	m.ip = "2001:db8::1";
	milter.answer = answers;
	ck_assert_int_eq(listen(milter.listening, 1), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_milter, NULL), 0);
	probe_run(arena, mxa_str_from(name), 60000, &m, &result);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(milter.len, 13 + sizeof(connect_v6));
	ck_assert_mem_eq(milter.heard + 13, connect_v6, sizeof(connect_v6));
}
END_TEST

/* --- no connection --- */

static void fails(const char *socket, enum probe_trouble want, int error)
{
	probe_run(arena, mxa_str_from(socket), 60000, &message, &result);
	ck_assert_str_eq(
	    probe_trouble_name(result.trouble), probe_trouble_name(want));
	ck_assert_int_eq(result.error, error);
	ck_assert_str_eq(result.step, "connection");
}

START_TEST(no_connection)
{
	char other[200];
	size_t most = sizeof(((struct sockaddr_un *)0)->sun_path);

	fails(name, PROBE_NOBODY, ECONNREFUSED); /* nobody listens yet */
	snprintf(other, sizeof(other), "unix:%s/none", dir);
	fails(other, PROBE_MISSING, ENOENT);
	snprintf(other, sizeof(other), "unix:%s/below", path);
	fails(other, PROBE_MISSING, ENOTDIR);
	snprintf(other, sizeof(other), "unix:%s", dir);
	fails(other, PROBE_NOT_A_SOCKET, 0);
	memset(other, 'x', sizeof(other));
	memcpy(other, "unix:", 5);
	other[5 + most] = '\0';
	fails(other, PROBE_UNREACHABLE, ENAMETOOLONG);
	other[5 + most - 1] = '\0';
	fails(other, PROBE_MISSING, ENOENT);
	fails(
	    "inet:no-such-service@127.0.0.1", PROBE_UNREACHABLE, EADDRNOTAVAIL);
}
END_TEST

/* A port of loopback at which nobody listens, and that stays ours; 0: the
 * family is not to be had. */
static unsigned closed_port(int family, int *fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to = { .any = { .sa_family = (sa_family_t)family } };
	socklen_t len = family == AF_INET ? sizeof(to.v4) : sizeof(to.v6);

	if (family == AF_INET)
		to.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		to.v6.sin6_addr = in6addr_loopback;
	*fd = socket(family, SOCK_STREAM, 0);
	if (*fd < 0 || bind(*fd, &to.any, len) != 0 ||
	    getsockname(*fd, &to.any, &len) != 0)
		return 0;
	return ntohs(family == AF_INET ? to.v4.sin_port : to.v6.sin6_port);
}

static const struct {
	int family;
	const char *prefix, *host;
} ports[] = {
	{ AF_INET, "inet:", "@127.0.0.1" },
	{ AF_INET, "inet:", "@" },
	{ AF_INET, "inet:", "" },
	{ AF_INET6, "inet6:", "@::1" },
	{ AF_INET6, "inet6:", "@" },
};

START_TEST(nobody_at_a_port)
{
	char socket[40];
	int fd;
	unsigned port = closed_port(ports[_i].family, &fd);

	if (port > 0) {
		snprintf(socket, sizeof(socket), "%s%u%s", ports[_i].prefix,
		    port, ports[_i].host);
		fails(socket, PROBE_NOBODY, ECONNREFUSED);
	}
	close(fd);
}
END_TEST

START_TEST(names)
{
	static const char *const want[] = { "ok", "missing", "not-a-socket",
		"no-permission", "nobody-listens", "unreachable", "no-answer",
		"closed", "not-a-milter" };

	ck_assert_str_eq(probe_trouble_name((enum probe_trouble)_i), want[_i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("milter_probe");
	TCase *tc = tcase_create("conversation");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_the_milter_hears);
	tcase_add_test(tc, only_the_end);
	tcase_add_loop_test(
	    tc, does_without_a_step, 0, (int)MXA_ARRAY_LEN(without));
	tcase_add_loop_test(
	    tc, what_the_milter_says, 0, (int)MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, a_length_that_cannot_be);
	tcase_add_test(tc, no_answer);
	tcase_add_test(tc, a_client_with_ipv6);
	tcase_add_test(tc, no_connection);
	tcase_add_loop_test(tc, nobody_at_a_port, 0, (int)MXA_ARRAY_LEN(ports));
	tcase_add_loop_test(tc, names, 0, PROBE_NOT_A_MILTER + 1);
	suite_add_tcase(s, tc);
	return test_main(s);
}
