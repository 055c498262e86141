/* check_watchdog.c - when the watchdog gets its word, with a listener that
 * answers and one that does not, and a resolver likewise; the clock is ours. */
#include "t/support/testing.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/stub.h"
#include "milter/listen.h"
#include "milter/process.h"
#include "milter/watchdog.h"

static char dir[64];
static struct listener l;
static struct watchdog w;
static struct watchdog_counts counts;
static bool resolver_hangs;

static struct watchdog_counts next_turn(void *ctx)
{
	(void)ctx;
	counts.turns += resolver_hangs ? 0 : 1;
	return counts;
}

static void begin(const char *spec)
{
	struct listen_options o = {
		.mode = 0600, .uid = (uid_t)-1, .gid = (gid_t)-1
	};

	o.socket = mxa_str_from(spec);
	ck_assert_msg(listen_open(&l, &o), "%s", l.error);
	resolver_hangs = false;
	watchdog_init(&w, 60000, 0, &l, next_turn, NULL);
}

static void setup(void)
{
	char spec[128];

	snprintf(dir, sizeof(dir), "/tmp/check_watchdog.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(spec, sizeof(spec), "unix:%s/s", dir);
	begin(spec);
}

static void teardown(void)
{
	watchdog_end(&w);
	listen_give_up(&l);
	rmdir(dir);
}

/* As libmilter: accept one connection, read its end, close it. */
static void answer_one(void)
{
	struct pollfd pfd = { .fd = l.fd, .events = POLLIN };
	char byte;
	int fd;

	ck_assert_int_eq(poll(&pfd, 1, 10000), 1);
	fd = accept(l.fd, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read(fd, &byte, 1), 0);
	close(fd);
}

/* What was closed on the other side arrives here. */
static void await_answer(void)
{
	struct pollfd pfd = { .fd = w.fd, .events = POLLIN };

	ck_assert_int_eq(poll(&pfd, 1, 10000), 1);
}

START_TEST(a_word_while_all_answers)
{
	ck_assert_int_eq(w.pause_ms, 15000);
	for (unsigned i = 1; i <= 3; i++) {
		answer_one();
		await_answer();
		ck_assert(watchdog_turn(&w, i * 15000));
	}
}
END_TEST

START_TEST(none_while_no_connection_is_accepted)
{
	for (unsigned i = 1; i <= 4; i++)
		ck_assert(!watchdog_turn(&w, i * 15000));
	ck_assert(w.complained);
	answer_one(); /* it comes late: the same connection */
	await_answer();
	ck_assert(watchdog_turn(&w, 75000));
	ck_assert(!w.complained);
}
END_TEST

/* The queue may be full while messages are decided. */
START_TEST(a_message_proves_it_as_well)
{
	ck_assert(!watchdog_turn(&w, 15000));
	counts.messages++;
	ck_assert(watchdog_turn(&w, 30000));
	ck_assert(!watchdog_turn(&w, 45000));
}
END_TEST

/* A thread has the connection, and hangs. */
START_TEST(none_while_it_is_only_accepted)
{
	int fd = accept(l.fd, NULL, NULL);

	ck_assert_int_ge(fd, 0);
	ck_assert(!watchdog_turn(&w, 15000));
	ck_assert(!w.complained);
	ck_assert(!watchdog_turn(&w, 30000));
	ck_assert(w.complained);
	close(fd);
	await_answer();
	ck_assert(watchdog_turn(&w, 45000));
}
END_TEST

START_TEST(none_while_the_resolver_hangs)
{
	resolver_hangs = true;
	answer_one();
	await_answer();
	ck_assert(!watchdog_turn(&w, 15000));
	ck_assert(!watchdog_turn(&w, 30000));
	ck_assert(w.complained);
	resolver_hangs = false;
	ck_assert(watchdog_turn(&w, 45000));
}
END_TEST

/* A connection over TCP may still be being made when we hang up. */
START_TEST(a_word_over_tcp)
{
	teardown();
	begin("inet:0@127.0.0.1");
	for (unsigned i = 1; i <= 3; i++) {
		answer_one();
		await_answer();
		ck_assert(watchdog_turn(&w, i * 15000));
	}
	ck_assert(!watchdog_turn(&w, 60000));
}
END_TEST

/* The socket was taken away: no MTA gets in. */
START_TEST(none_without_the_socket)
{
	answer_one();
	await_answer();
	ck_assert_int_eq(unlink(l.path), 0);
	ck_assert(watchdog_turn(&w, 15000));
	ck_assert(!watchdog_turn(&w, 30000));
	ck_assert(!watchdog_turn(&w, 45000));
}
END_TEST

/* Where we cannot connect to ourselves the resolver alone is asked. */
START_TEST(nowhere_to_connect)
{
	struct listener none = { .fd = -1 };
	struct watchdog own;

	watchdog_init(&own, 60000, 0, &none, next_turn, NULL);
	ck_assert(watchdog_turn(&own, 15000));
	resolver_hangs = true;
	ck_assert(!watchdog_turn(&own, 30000));
}
END_TEST

START_TEST(nobody_listens)
{
	struct watchdog own;

	watchdog_init(&own, -1, 0, &l, next_turn, NULL);
	ck_assert_int_eq(own.pause_ms, -1);
	ck_assert_int_eq(own.fd, -1);
	ck_assert(!watchdog_turn(&own, 15000));
}
END_TEST

static const struct {
	const char *usec, *pid; /* NULL: not set; "own": ours */
	int ms;
} environments[] = {
	{ NULL, NULL, -1 },
	{ "400000", NULL, 400 },
	{ "400000", "own", 400 },
	{ "400000", "1", -1 }, /* meant for another process */
	{ "400000", "x", -1 },
	{ "999", NULL, -1 },
	{ "0", NULL, -1 },
	{ "soon", NULL, -1 },
};

static void set(const char *name, const char *value)
{
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/* sd_watchdog_enabled(3): WATCHDOG_USEC= and WATCHDOG_PID=. */
START_TEST(the_time_is_systemds)
{
	const char *pid = environments[_i].pid;
	char own[32];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	set("WATCHDOG_USEC", environments[_i].usec);
	set("WATCHDOG_PID", pid && strcmp(pid, "own") == 0 ? own : pid);
	ck_assert_int_eq(process_watchdog_ms(), environments[_i].ms);
}
END_TEST

START_TEST(the_resolver_turns)
{
	static const char *const servers[] = { "127.0.0.1" };
	struct mxa_dns_options o;
	const char *error = NULL;
	struct mxa_dns *dns;
	unsigned then;

	mxa_dns_options_default(&o);
	o.servers = servers;
	o.n_servers = 1;
	dns = mxa_dns_stub_new(&o, &error);
	ck_assert_msg(dns != NULL, "%s", error);
	then = mxa_dns_stub_turns(dns);
	while (mxa_dns_stub_turns(dns) == then)
		usleep(1000);
	mxa_dns_free(dns);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("watchdog");
	TCase *tc = tcase_create("watchdog");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_word_while_all_answers);
	tcase_add_test(tc, none_while_no_connection_is_accepted);
	tcase_add_test(tc, a_message_proves_it_as_well);
	tcase_add_test(tc, none_while_it_is_only_accepted);
	tcase_add_test(tc, none_while_the_resolver_hangs);
	tcase_add_test(tc, a_word_over_tcp);
	tcase_add_test(tc, none_without_the_socket);
	tcase_add_test(tc, nowhere_to_connect);
	tcase_add_test(tc, nobody_listens);
	tcase_add_loop_test(
	    tc, the_time_is_systemds, 0, MXA_ARRAY_LEN(environments));
	tcase_add_test(tc, the_resolver_turns);
	suite_add_tcase(s, tc);
	return test_main(s);
}
