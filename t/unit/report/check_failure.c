/* check_failure.c - failure reports: their mail, which are sent, to whom, how
 * many, and what becomes of the spool.  t/store/store.sh runs it on PostgreSQL
 * as well. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/dmarc_record.h"
#include "conf/conf.h"
#include "history/failure_spool.h"
#include "report/sent/failure.h"
#include "report/sent/feedback.h"
#include "t/support/senttest.h"
#include "t/support/verdicts.h"

#define WHEN INT64_C(1795248000) /* Sat, 21 Nov 2026 08:00:00 UTC */

static struct senttest env;
static struct test_clock clk;
static struct mxa_spool *spool;
static char spool_dir[300], out_dir[300];

/* The store as seen at 'now', the settings in 'text'. */
static void at(int64_t now, const char *text)
{
	senttest_at(&env, now,
	    mxa_arena_printf(env.arena,
		"organization = \"A B\" failure-reports = true "
		"failure-directory = \"%s\" %s",
		spool_dir, text),
	    "mxauth 9");
}

static void begin(void)
{
	struct mxa_spool_options o = { .directory = spool_dir,
		.clock = &clk.clock,
		.key = "0123456789abcdef0123456789abcde" };

	senttest_begin(&env,
	    "_dmarc.a.example. TXT \"v=DMARC1; p=none\"\n"
	    "a.example._report._dmarc.yes.example. TXT \"v=DMARC1; "
	    "rua=mailto:no@yes.example; ruf=mailto:all@yes.example\"\n"
	    ";! servfail a.example._report._dmarc.trouble.example\n");
	snprintf(spool_dir, sizeof(spool_dir), "%s/spool", env.dir);
	snprintf(out_dir, sizeof(out_dir), "%s/out", env.dir);
	ck_assert_int_eq(mkdir(spool_dir, 0700), 0);
	ck_assert_int_eq(mkdir(out_dir, 0700), 0);
	test_clock_init(&clk, WHEN);
	spool = mxa_spool_new(&o);
	at(WHEN + 60, "");
}

static void end(void)
{
	mxa_spool_free(spool);
	senttest_end(&env);
}

#define FAILS                                          \
	"mfrom=joe@a.example spf=fail:a.example:-all " \
	"dkim=fail/body:a.example:s1 dmarc=fail:a.example:reject"

/* A message of the words, of which this author domain has this ruf=, into the
 * spool. */
static void put_author(size_t author, const char *ruf, const char *words)
{
	struct mxa_dns_record rr = { .text = MXA_STR("v=spf1 -all") };
	struct mxa_dns_answer spf = { .name = MXA_STR("a.example"),
		.type = MXA_DNS_TXT,
		.status = MXA_DNS_DATA,
		.rr = &rr,
		.n = 1 };
	struct mxa_evidence e = { &spf, MXA_STR("a.example"), MXA_DNS_TXT,
		false };
	struct mxa_line_dns asked = { .evidence = &e, .n = 1 };
	struct mxa_dmarc_record *r = mxa_arena_calloc(env.arena, 1, sizeof(*r));
	struct mxa_txn t;
	struct mxa_dmarc_domain *d = &t.verdict.dmarc.domain[author];

	test_txn(env.arena, words, &t);
	mxa_dmarc_record_parse(mxa_str_from(mxa_arena_printf(env.arena,
				   "v=DMARC1; p=reject; ruf=%s", ruf)),
	    r);
	d->record = r;
	t.action = (struct mxa_action){ .kind = MXA_ACT_REJECT,
		.cause = MXA_CAUSE_DMARC_REJECT,
		.disposition = MXA_POLICY_REJECT,
		.rule = MXA_STR("default") };
	mxa_headers_add(&t.msg.headers, MXA_STR("From"),
	    MXA_STR("Joe <joe@a.example>"), false);
	mxa_headers_add(&t.msg.headers, MXA_STR("To"),
	    MXA_STR("Bob <bob@b.example>"), false);
	ck_assert_ptr_null(
	    mxa_spool_write(spool, env.arena, &t, d, &asked, 1000));
}

static void put(const char *ruf, const char *words)
{
	put_author(0, ruf, words);
}

static struct mxa_failure_result deliver(const char *directory)
{
	struct mxa_deliver_options o = senttest_delivery(&env, directory);
	struct mxa_failure_result r;

	ck_assert(mxa_failures_deliver(&o, env.arena, &r));
	return r;
}

static char last[600];

static int count_in(const char *directory)
{
	DIR *d = opendir(directory);
	const struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.') {
			n++;
			snprintf(
			    last, sizeof(last), "%s/%s", directory, e->d_name);
		}
	closedir(d);
	return n;
}

static int64_t number(const char *sql)
{
	return senttest_number(&env, sql);
}

/* --- the mail --- */

#define ID "f-006b014f800123456789abcdef"

/* Written by hand from RFC 9991, RFC 6591 and RFC 5965. */
static const char whole_mail[] =
    "From: \"A B\" <noreply@reports.example.org>\r\n"
    "To: r@a.example\r\n"
    "Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n"
    "Subject: Failure report for a.example\r\n"
    "Message-ID: <" ID "@reports.example.org>\r\n"
    "Auto-Submitted: auto-generated\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=feedback-report;\r\n"
    " boundary=\"=_" ID "\"\r\n"
    "\r\n"
    "--=_" ID "\r\n"
    "Content-Type: text/plain; charset=us-ascii\r\n"
    "\r\n"
    "This is a DMARC failure report (RFC 9991) about mail that claims to be\r\n"
    "from a.example and came from 192.0.2.1\r\n"
    "on Sat, 21 Nov 2026 08:00:00 +0000.\r\n"
    "You get it because the DMARC record of a.example asks for\r\n"
    "it (ruf=). Local parts are hidden; equal ones have the same hash.\r\n"
    "\r\n"
    "--=_" ID "\r\n"
    "Content-Type: message/feedback-report\r\n"
    "\r\n"
    "Feedback-Type: auth-failure\r\n"
    "Version: 1\r\n"
    "User-Agent: mxauth/9\r\n"
    "Auth-Failure: dmarc\r\n"
    "Identity-Alignment: dkim, spf\r\n"
    "Authentication-Results: mx.example.jp;\r\n"
    "\tspf=fail reason=\"spf says fail\" smtp.mailfrom=a.example;\r\n"
    "\tdkim=fail reason=\"dkim says body\" header.d=a.example "
    "header.i=@a.example\r\n"
    "\theader.s=s1 header.a=rsa-sha256 header.b=AbCdEf10;\r\n"
    "\tdmarc=fail (p=reject dis=reject) reason=\"dmarc says fail\"\r\n"
    "\theader.from=a.example policy.dmarc=reject\r\n"
    "Reported-Domain: a.example\r\n"
    "Original-Mail-From: <redacted.a4c448603aff1238@a.example>\r\n"
    "Source-IP: 192.0.2.1\r\n"
    "Arrival-Date: Sat, 21 Nov 2026 08:00:00 +0000\r\n"
    "Delivery-Result: reject\r\n"
    "Incidents: 1\r\n"
    "DKIM-Domain: a.example\r\n"
    "DKIM-Identity: @a.example\r\n"
    "DKIM-Selector: s1\r\n"
    "SPF-DNS: txt : a.example : \"v=spf1 -all\"\r\n"
    "\r\n"
    "--=_" ID "\r\n"
    "Content-Type: text/rfc822-headers\r\n"
    "\r\n"
    "From: Joe <redacted.a4c448603aff1238@a.example>\r\n"
    "To: redacted.0d1ba6268abe4bf9@b.example\r\n"
    "\r\n"
    "--=_" ID "--\r\n";

static struct mxa_str mail_of(struct mxa_spool_entry *e)
{
	struct mxa_feedback f = { .who = &env.who,
		.conf = env.conf,
		.id = MXA_STR(ID),
		.made = WHEN,
		.to = MXA_STR("r@a.example"),
		.entry = e };
	struct mxa_buf b;

	mxa_buf_init(&b, env.arena, 1 << 20);
	mxa_feedback_write(&b, env.arena, &f);
	ck_assert(!b.full);
	return mxa_buf_str(&b);
}

static void spooled_entry(struct mxa_spool_entry *e)
{
	ck_assert_int_eq(count_in(spool_dir), 1);
	ck_assert(mxa_spool_read(env.arena, test_read(env.arena, last), e));
}

START_TEST(mail)
{
	struct mxa_spool_entry e;

	put("mailto:r@a.example", FAILS);
	spooled_entry(&e);
	ck_str_is(mail_of(&e), whole_mail);
}
END_TEST

/* RFC 9991 section 4: what failed, not what passed. */
static const struct {
	const char *words, *want;
} alignment[] = {
	{ FAILS, "\nIdentity-Alignment: dkim, spf\r" },
	{ "spf=pass:a.example dkim=fail:a.example "
	  "dmarc=pass:a.example:none:spf",
	    "\nIdentity-Alignment: dkim\r" },
	{ "spf=fail:a.example dkim=pass:a.example "
	  "dmarc=pass:a.example:none:dkim",
	    "\nIdentity-Alignment: spf\r" },
	{ "spf=pass:a.example dkim=pass:a.example "
	  "dmarc=pass:a.example:none:spf,dkim",
	    "\nIdentity-Alignment: none\r" },
	/* the author's signature before that of another */
	{ "spf=fail:a.example dkim=fail:list.example:x "
	  "dkim=fail:m.a.example:s2 dmarc=fail:a.example:none",
	    "\nDKIM-Domain: m.a.example\r\nDKIM-Identity: @m.a.example\r\n"
	    "DKIM-Selector: s2\r" },
	{ "ip=2001:db8::5 " FAILS, "\nSource-IP: 2001:db8::5\r" },
	/* a sender chooses this one */
	{ "mfrom=joe@a\x01\xc3\xa9.example spf=fail:a.example "
	  "dmarc=fail:a.example:reject",
	    "@a???.example>\r" },
};

START_TEST(fields)
{
	struct mxa_spool_entry e;
	struct mxa_str text;

	put("mailto:r@a.example", alignment[_i].words);
	spooled_entry(&e);
	text = mail_of(&e);
	ck_assert_msg(
	    mxa_str_casefind(text, mxa_str_from(alignment[_i].want)) < text.len,
	    "%s: %.*s", alignment[_i].want, MXA_STR_ARG(text));
	for (size_t i = 0; i < text.len; i++)
		ck_assert_int_lt((unsigned char)text.p[i], 0x7f);
}
END_TEST

/* --- sending --- */

START_TEST(sent)
{
	struct mxa_failure_result r;

	put("mailto:r@a.example", FAILS);
	r = deliver(out_dir);
	ck_assert_int_eq(r.mail.sent, 1);
	ck_assert_int_eq(r.waiting, 0);
	ck_assert_int_eq(r.incidents, 1);
	ck_assert_int_eq(count_in(spool_dir), 0);
	ck_assert_int_eq(count_in(out_dir), 1);
	ck_assert(mxa_str_starts(test_read(env.arena, last),
	    MXA_STR("From: \"A B\" <noreply@reports.example.org>\r\n"
		    "To: r@a.example\r\n")));
	ck_assert_int_eq(deliver(out_dir).mail.sent, 0);
}
END_TEST

START_TEST(off)
{
	put("mailto:r@a.example", FAILS);
	env.conf->failure_reports = false;
	ck_assert_int_eq(deliver(out_dir).mail.sent, 0);
	ck_assert_int_eq(count_in(spool_dir), 1);
}
END_TEST

START_TEST(no_spool)
{
	struct mxa_failure_result r;

	ck_assert_int_eq(rmdir(spool_dir), 0);
	r = deliver(out_dir);
	ck_assert_uint_eq(r.unreadable.len, 0);
	ck_assert_int_eq(r.waiting, 0);
	ck_assert_int_eq(mkdir(spool_dir, 0700), 0);
}
END_TEST

static const struct {
	const char *name, *ruf, *settings;
	int sent, failed, dropped, waiting;
} targets[] = {
	{ "two addresses", "mailto:r@a.example,mailto:s@m.a.example", "", 2, 0,
	    0, 0 },
	{ "another organization agrees, and names another address",
	    "mailto:x@yes.example", "", 1, 0, 0, 0 },
	{ "another one does not", "mailto:x@no.example", "", 0, 1, 0, 0 },
	{ "one of two may", "mailto:x@no.example,mailto:r@a.example", "", 1, 1,
	    0, 0 },
	{ "the DNS does not answer: later", "mailto:x@trouble.example", "", 0,
	    0, 0, 1 },
	{ "no address that can be used", "https://a.example/", "", 0, 0, 1, 0 },
	{ "the domain is excluded", "mailto:r@a.example",
	    "exclude = [\"a.example\"]", 0, 0, 1, 0 },
	{ "the address is excluded", "mailto:r@a.example",
	    "exclude = [\"@a.example\"]", 0, 1, 0, 0 },
	{ "only domains that are known", "mailto:r@a.example",
	    "domains = \"known\"", 0, 0, 1, 0 },
};

START_TEST(target)
{
	struct mxa_failure_result r;

	at(WHEN + 60, targets[_i].settings);
	put(targets[_i].ruf, FAILS);
	r = deliver(out_dir);
	ck_assert_msg(r.mail.sent == targets[_i].sent &&
		r.mail.failed == targets[_i].failed &&
		r.dropped == targets[_i].dropped &&
		r.waiting == targets[_i].waiting,
	    "%s: %d %d %d %d", targets[_i].name, (int)r.mail.sent,
	    (int)r.mail.failed, (int)r.dropped, (int)r.waiting);
	ck_assert_int_eq(count_in(spool_dir), targets[_i].waiting);
}
END_TEST

START_TEST(named_by_its_owner)
{
	put("mailto:x@yes.example", FAILS);
	ck_assert_int_eq(deliver(out_dir).mail.sent, 1);
	count_in(out_dir);
	ck_assert_uint_lt(mxa_str_casefind(test_read(env.arena, last),
			      MXA_STR("\r\nTo: all@yes.example\r\n")),
	    200);
}
END_TEST

/* Like ones become one; another client is another kind. */
START_TEST(incidents)
{
	struct mxa_failure_result r;

	for (int i = 0; i < 5; i++)
		put("mailto:r@a.example", FAILS);
	put("mailto:r@a.example", "ip=192.0.2.2 " FAILS);
	r = deliver(out_dir);
	ck_assert_int_eq(r.mail.sent, 2);
	ck_assert_int_eq(r.incidents, 6);
	ck_assert_int_eq(count_in(spool_dir), 0);
	ck_assert_int_eq(system(mxa_arena_printf(env.arena,
			     "grep -q '^Incidents: 5' '%s'/*.eml && "
			     "grep -q '^Incidents: 1' '%s'/*.eml",
			     out_dir, out_dir)),
	    0);
}
END_TEST

/* The second author of a message: its address, its results. */
START_TEST(another_author)
{
	put_author(1, "mailto:r@b.example",
	    "spf=pass:b.example dkim=none dmarc=fail:a.example:reject "
	    "dmarc=pass:b.example:none:spf");
	ck_assert_int_eq(deliver(out_dir).mail.sent, 1);
	ck_assert_int_eq(count_in(out_dir), 1);
	ck_assert_int_eq(
	    system(mxa_arena_printf(env.arena,
		"tr -d '\r' <'%s' >'%s/lf' && "
		"grep -q '^To: r@b.example$' '%s/lf' && "
		"grep -q '^Subject: Failure report for b.example$' '%s/lf' && "
		"grep -q '^Reported-Domain: b.example$' '%s/lf' && "
		"grep -q '^Identity-Alignment: dkim$' '%s/lf' && "
		"grep -q 'dmarc=pass.*also a.example: fail' '%s/lf' && "
		"grep -q 'header.from=b.example' '%s/lf'",
		last, env.dir, env.dir, env.dir, env.dir, env.dir, env.dir,
		env.dir)),
	    0);
}
END_TEST

START_TEST(so_many_an_hour)
{
	struct mxa_failure_result r;

	at(WHEN + 60, "failure-reports-per-hour = 2");
	for (int i = 1; i <= 5; i++)
		put("mailto:r@a.example",
		    mxa_arena_printf(env.arena, "ip=192.0.2.%d %s", i, FAILS));
	r = deliver(out_dir);
	ck_assert_int_eq(r.mail.sent, 2);
	ck_assert(r.mail.capped);
	ck_assert_int_eq(r.waiting, 3);
	ck_assert_int_eq(deliver(out_dir).mail.sent, 0);
	at(WHEN + 3700, "failure-reports-per-hour = 2");
	ck_assert_int_eq(deliver(out_dir).mail.sent, 2);
	at(WHEN + 7400, "failure-reports-per-hour = 2");
	ck_assert_int_eq(deliver(out_dir).waiting, 0);
	ck_assert_int_eq(count_in(out_dir), 5);
}
END_TEST

START_TEST(too_late)
{
	struct mxa_failure_result r;

	put("mailto:x@trouble.example", FAILS);
	ck_assert_int_eq(deliver(out_dir).waiting, 1);
	at(WHEN + 86401, "");
	r = deliver(out_dir);
	ck_assert_int_eq(r.dropped, 1);
	ck_assert_int_eq(r.waiting, 0);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM delivery WHERE state = 'expired'"), 1);
}
END_TEST

START_TEST(refused_by_the_server)
{
	char *script = mxa_arena_printf(env.arena, "%s/sendmail", env.dir);
	FILE *f = fopen(script, "w");

	ck_assert_ptr_nonnull(f);
	fputs("#!/bin/sh\ncat >/dev/null\necho no such user\nexit 67\n", f);
	fclose(f);
	ck_assert_int_eq(chmod(script, 0700), 0);
	at(WHEN + 60, mxa_arena_printf(env.arena, "sendmail = \"%s\"", script));
	put("mailto:r@a.example", FAILS);
	ck_assert_int_eq(deliver(NULL).mail.failed, 1);
	ck_assert_int_eq(count_in(spool_dir), 0);
	ck_assert_int_eq(
	    number("SELECT failures FROM destination WHERE domain = ''"), 1);
}
END_TEST

/* --- trouble --- */

static void plant(const char *name, const char *text, size_t len)
{
	FILE *f =
	    fopen(mxa_arena_printf(env.arena, "%s/%s", spool_dir, name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	fclose(f);
}

START_TEST(damaged)
{
	struct mxa_failure_result r;
	char *large = mxa_arena_calloc(env.arena, 1, MXA_SPOOL_FILE + 1);

	put("mailto:r@a.example", FAILS);
	plant("006b014f800000000000000001.failure", "", 0);
	plant(
	    "006b014f800000000000000002.failure", "mxauth-failure 1 1\n{", 20);
	plant("006b014f800000000000000003.failure", large, MXA_SPOOL_FILE + 1);
	plant("somebody's file", "x", 1);
	ck_assert_int_eq(
	    symlink("/etc/passwd",
		mxa_arena_printf(env.arena,
		    "%s/006b014f800000000000000004.failure", spool_dir)),
	    0);
	r = deliver(out_dir);
	ck_assert_int_eq(r.damaged, 4);
	ck_assert_int_eq(r.mail.sent, 1);
	ck_assert_int_eq(count_in(spool_dir), 1);
}
END_TEST

/* Who was killed after the mail was settled left the file: nothing again. */
START_TEST(left_by_the_dead)
{
	char *copy;

	put("mailto:r@a.example", FAILS);
	count_in(spool_dir);
	copy =
	    mxa_arena_printf(env.arena, "cp '%s' '%s/kept' && ", last, env.dir);
	ck_assert_int_eq(
	    system(mxa_arena_printf(env.arena, "%s true", copy)), 0);
	copy = mxa_arena_printf(env.arena, "cp '%s/kept' '%s'", env.dir, last);
	ck_assert_int_eq(deliver(out_dir).mail.sent, 1);
	ck_assert_int_eq(system(copy), 0);
	ck_assert_int_eq(deliver(out_dir).mail.sent, 0);
	ck_assert_int_eq(count_in(spool_dir), 0);
	ck_assert_int_eq(count_in(out_dir), 1);
}
END_TEST

START_TEST(halves_go)
{
	plant("006b014f800000000000000001.failure.new", "x", 1);
	plant("006b014f800000000000000001.failure.tmp", "x", 1);
	plant("006b014f800000000000000001.other", "x", 1);
	deliver(out_dir);
	ck_assert_int_eq(count_in(spool_dir), 2);
	at(WHEN + 3601, "");
	deliver(out_dir);
	ck_assert_int_eq(count_in(spool_dir), 1);
}
END_TEST

START_TEST(one_at_a_time)
{
	int fd = open(spool_dir, O_RDONLY | O_DIRECTORY);
	struct mxa_failure_result r;

	put("mailto:r@a.example", FAILS);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	r = deliver(out_dir);
	ck_assert(r.busy);
	ck_assert_int_eq(r.mail.sent, 0);
	close(fd);
	ck_assert_int_eq(deliver(out_dir).mail.sent, 1);
}
END_TEST

START_TEST(key_is_missing)
{
	struct mxa_failure_result r;

	at(WHEN + 60,
	    "sign: { domain = \"reports.example.org\" selector = \"r\" "
	    "key = \"/nonexistent\" }");
	put("mailto:r@a.example", FAILS);
	r = deliver(out_dir);
	ck_assert_uint_gt(r.mail.trouble.len, 0);
	ck_assert_int_eq(r.mail.sent, 0);
	ck_assert_int_eq(count_in(spool_dir), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("failure");
	TCase *tc = tcase_create("failure");

	if (!test_store_there())
		return 77;
	tcase_add_checked_fixture(tc, begin, end);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, mail);
	tcase_add_loop_test(
	    tc, fields, 0, sizeof(alignment) / sizeof(alignment[0]));
	tcase_add_test(tc, sent);
	tcase_add_test(tc, off);
	tcase_add_test(tc, no_spool);
	tcase_add_loop_test(
	    tc, target, 0, sizeof(targets) / sizeof(targets[0]));
	tcase_add_test(tc, named_by_its_owner);
	tcase_add_test(tc, incidents);
	tcase_add_test(tc, another_author);
	tcase_add_test(tc, so_many_an_hour);
	tcase_add_test(tc, too_late);
	tcase_add_test(tc, refused_by_the_server);
	tcase_add_test(tc, damaged);
	tcase_add_test(tc, left_by_the_dead);
	tcase_add_test(tc, halves_go);
	tcase_add_test(tc, one_at_a_time);
	tcase_add_test(tc, key_is_missing);
	suite_add_tcase(s, tc);
	return test_main(s);
}
