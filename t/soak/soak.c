/* soak.c - many messages at once while everything around the daemon fails:
 * servers that are silent, late or talk nonsense; reloads of good and of broken
 * configurations; kill -9; SIGTERM.
 *
 * Whatever happens: an answer that the MTA got is in the journal, and memory
 * and descriptors of the daemon do not grow.  `make soak SOAK_MESSAGES=n`. */
#include "t/support/testing.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attr.h"
#include "t/support/daemon.h"
#include "t/support/milterclient.h"

#define CONNECTIONS 64
#define DEFAULT_MESSAGES 10000
/* Of the resident set, between two looks; the sanitizers keep much for
 * themselves. */
#if MXA_TSAN || MXA_ASAN
#define GROWTH_KB (16 * 16384)
#else
#define GROWTH_KB 16384
#endif
#define GROWTH_FDS 4

static const char zone[] =
    "$TTL 60\n"
    "good.example TXT \"v=spf1 ip4:203.0.113.9 -all\"\n"
    "_dmarc.good.example TXT \"v=DMARC1; p=reject\"\n"
    "deep.example TXT \"v=spf1 include:a.deep.example -all\"\n"
    "a.deep.example TXT \"v=spf1 include:b.deep.example ?all\"\n"
    "b.deep.example TXT \"v=spf1 ip4:203.0.113.0/24 ?all\"\n"
    "_dmarc.deep.example TXT \"v=DMARC1; p=quarantine\"\n"
    "*.ttl.example 0 TXT \"v=spf1 -all\"\n"
    "9.113.0.203.in-addr.arpa PTR mail.good.example\n"
    "mail.good.example A 203.0.113.9\n"
    ";! servfail fail.example\n"
    ";! servfail _dmarc.fail.example\n"
    ";? drop silent.example\n"
    ";? drop _dmarc.silent.example\n"
    ";? delay=400 late.example\n"
    ";? garbage garbage.example\n"
    ";? wrong-id poison.example\n"
    ";? truncate big.example\n"
    ";? truncate-hangup hangup.example\n"
    ";? loop loop.example\n"
    ";? flap=2 flap.example\n"
    ";? no-edns old.example\n";

/* Domains of senders; silent ones are rare, as they are outside. */
static const char *const domains[] = { "good.example", "deep.example",
	"fail.example", "late.example", "garbage.example", "poison.example",
	"big.example", "hangup.example", "loop.example", "flap.example",
	"old.example", "nothing.example", "x.ttl.example", "good.example",
	"deep.example", "good.example", "silent.example" };

static struct daemon d;
static unsigned wanted;		 /* messages in all */
static atomic_uint begun, ended; /* messages */
static atomic_uint cut;		 /* that the daemon did not answer */
static unsigned char *answered;	 /* [wanted]: an answer that must be told */
static atomic_bool stop;
static atomic_bool pause_wanted; /* clients hang up and wait */
static atomic_uint paused;

static void nap(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* --- the MTA --- */

static struct mtc *open_connection(void)
{
	while (!atomic_load(&stop)) {
		struct mtc *m = mtc_open(d.socket);

		if (m != NULL && mtc_negotiate(m, &mtc_postfix)) {
			mtc_macros(m, 'C', "j", "mx.example.jp", NULL);
			mtc_connect(m, "mail.good.example", "203.0.113.9");
			mtc_helo(m, "mail.good.example");
			return m;
		}
		mtc_close(m);
		nap(20);
	}
	return NULL;
}

static void send_one(struct mtc **m, unsigned number)
{
	const char *domain = domains[number % MXA_ARRAY_LEN(domains)];
	struct mtc_result r = { .reply = MTC_GONE };
	char id[16], from[80], text[400];
	struct mtc_message msg = { .queue_id = id,
		.mail_from = from,
		.rcpt = { "<user@example.jp>" },
		.text = text };

	snprintf(id, sizeof(id), "S%08X", number);
	snprintf(from, sizeof(from), "<u%u@%s>", number % 100, domain);
	snprintf(text, sizeof(text),
	    "From: u@%s\r\nSubject: %u\r\nAuthentication-Results: "
	    "mx.example.jp; dmarc=pass\r\n\r\nBody of %u.\r\n",
	    domain, number, number);
	mtc_send(*m, &msg, &r);
	if (r.reply == MTC_GONE) {
		atomic_fetch_add(&cut, 1);
		mtc_close(*m);
		*m = open_connection();
	} else if (r.reply != MTC_TEMPFAIL) {
		answered[number] = 1;
	}
	mtc_result_free(&r);
	atomic_fetch_add(&ended, 1);
}

static void pause_client(struct mtc **m)
{
	mtc_quit(*m);
	mtc_close(*m);
	atomic_fetch_add(&paused, 1);
	while (atomic_load(&pause_wanted))
		nap(20);
	atomic_fetch_sub(&paused, 1);
	*m = open_connection();
}

static void *run_client(void *ctx)
{
	struct mtc *m = open_connection();
	unsigned number;

	(void)ctx;
	while (m != NULL && (number = atomic_fetch_add(&begun, 1)) < wanted) {
		send_one(&m, number);
		if (m != NULL && atomic_load(&pause_wanted))
			pause_client(&m);
		if (m != NULL && number % 50 == 49) { /* a new client */
			mtc_quit(m);
			mtc_close(m);
			m = open_connection();
		}
	}
	mtc_close(m);
	return NULL;
}

/* --- the daemon from outside --- */

static long resident_kb(void)
{
	char path[64], line[200];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)d.pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kb;
}

static long open_files(void)
{
	char path[64];
	struct dirent *e;
	DIR *dir;
	long n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)d.pid);
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		n += e->d_name[0] != '.';
	if (dir != NULL)
		closedir(dir);
	return n;
}

static void await_ended(unsigned n)
{
	while (atomic_load(&ended) < n)
		nap(5);
}

/* Until all connections have messages under way again. */
static void await_busy(void)
{
	await_ended(atomic_load(&ended) + 2 * CONNECTIONS);
}

static void reload_with(const char *rest)
{
	daemon_config(&d, "timeout = 1 deadline = 3 failure-memory = 1", rest);
	daemon_signal(&d, SIGHUP);
}

/* Reloads, one in three of them broken, until 'n' messages have ended. */
static void reload_until(unsigned n)
{
	for (unsigned i = 0; atomic_load(&ended) < n; i++) {
		if (i % 3 == 1)
			reload_with("profile = \"nonsense\"\n");
		else
			reload_with(i % 3 == 0 ? "trusted-networks = []\n"
					       : "trusted-networks = []\n"
						 "profile = \"strict\"\n");
		nap(150);
	}
	reload_with("trusted-networks = []\n");
}

struct look {
	long kb, fds;
};

/* Descriptors when nobody is connected, and when their number has been the same
 * for two seconds: questions to silent servers have ended by then. */
static long settled_files(void)
{
	long n = open_files();

	for (int same = 0, i = 0; same < 20 && i < 300; i++) {
		long now;

		nap(100);
		now = open_files();
		same = now == n ? same + 1 : 0;
		n = now;
	}
	return n;
}

static struct look look_at(void)
{
	struct look l;

	atomic_store(&pause_wanted, true);
	while (atomic_load(&paused) < CONNECTIONS)
		nap(20);
	l = (struct look){ resident_kb(), settled_files() };
	atomic_store(&pause_wanted, false);
	ck_assert_msg(l.kb > 0 && l.fds > 0, "the daemon is gone: %s",
	    daemon_log_text(&d));
	return l;
}

static void no_growth(const char *when, struct look before)
{
	struct look after = look_at();

	printf("# %s: %ld kB, %ld descriptors; later %ld kB, %ld\n", when,
	    before.kb, before.fds, after.kb, after.fds);
	ck_assert_msg(after.kb - before.kb < GROWTH_KB, "%s: %ld kB more", when,
	    after.kb - before.kb);
	ck_assert_msg(after.fds - before.fds < GROWTH_FDS,
	    "%s: %ld descriptors more", when, after.fds - before.fds);
}

/* ThreadSanitizer may keep a signal until the next one comes. */
static void stop_gently(void)
{
	int status = -1;

	for (int i = 0; i < 5 && status < 0; i++) {
		daemon_signal(&d, SIGTERM);
		status = daemon_wait(&d, 15000);
	}
	ck_assert_int_eq(status, 0);
}

static void start_again(void)
{
	d.pid = 0;
	ck_assert_int_eq(truncate(d.log, 0), 0); /* daemon_start reads 1 MB */
	daemon_start(&d);
}

/* --- the journal --- */

static void note_ids(const char *path, unsigned char *told)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str text = test_read(a, path);
	const char *p = text.p, *end = text.p + text.len;
	unsigned number;

	while ((p = memmem(p, (size_t)(end - p), "\"id\":\"S", 7)) != NULL) {
		p += 7;
		if (end - p > 8 && sscanf(p, "%8X", &number) == 1 &&
		    number < wanted)
			told[number] = 1;
	}
	mxa_arena_free(a);
}

static void every_answer_is_told(void)
{
	unsigned char *told = mxa_xcalloc(wanted, 1);
	DIR *dir = opendir(d.journal);
	unsigned n = 0, lost = 0;
	struct dirent *e;
	char path[400];

	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir)) != NULL) {
		if (strstr(e->d_name, ".jsonl") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", d.journal, e->d_name);
		note_ids(path, told);
	}
	closedir(dir);
	for (unsigned i = 0; i < wanted; i++) {
		n += answered[i];
		lost += answered[i] && !told[i];
	}
	printf("# %u messages, %u answered, %u cut off, %u answers not in the "
	       "journal\n",
	    wanted, n, atomic_load(&cut), lost);
	ck_assert_uint_eq(lost, 0);
	ck_assert_uint_gt(n, wanted / 2);
	free(told);
}

START_TEST(nothing_is_lost)
{
	pthread_t client[CONNECTIONS];
	struct look before;

	answered = mxa_xcalloc(wanted, 1);
	daemon_init(&d);
	daemon_zone(&d, zone);
	daemon_config(&d, "timeout = 1 deadline = 3 failure-memory = 1",
	    "trusted-networks = []\n");
	daemon_start(&d);
	for (int i = 0; i < CONNECTIONS; i++)
		ck_assert_int_eq(
		    pthread_create(&client[i], NULL, run_client, NULL), 0);
	await_ended(wanted / 10);
	before = look_at();
	await_ended(wanted * 3 / 10);
	no_growth("messages alone", before);
	reload_until(wanted * 5 / 10);
	no_growth("with reloads", before);
	await_busy();
	daemon_signal(&d, SIGKILL);
	ck_assert_int_eq(daemon_wait(&d, 5000), 256 + SIGKILL);
	start_again();
	await_ended(atomic_load(&ended) + wanted / 10); /* all are back */
	before = look_at();
	reload_until(wanted * 8 / 10);
	no_growth("after kill -9", before);
	await_busy();
	stop_gently();
	start_again();
	await_ended(wanted);
	atomic_store(&stop, true);
	for (int i = 0; i < CONNECTIONS; i++)
		pthread_join(client[i], NULL);
	stop_gently();
	every_answer_is_told();
	daemon_done(&d);
	free(answered);
}
END_TEST

int main(void)
{
	const char *n = getenv("SOAK_MESSAGES");
	Suite *s = suite_create("soak");
	TCase *tc = tcase_create("soak");

	wanted = n != NULL ? (unsigned)strtoul(n, NULL, 10) : 0;
	if (wanted < 100)
		wanted = DEFAULT_MESSAGES;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, nothing_is_lost);
	suite_add_tcase(s, tc);
	return test_main(s);
}
