/* check_delivery.c - a frozen report on its way: the mail, its signature, its
 * sender, the addresses it goes to, and when it is tried no more.
 * t/store/store.sh runs it on PostgreSQL as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "report/sent/deliver.h"
#include "t/support/senttest.h"
#include "t/support/signer.h"

#define NOW INT64_C(1795305600)
#define DMARC "_dmarc.reports.example.org. TXT \"v=DMARC1; p=reject\"\n"

static struct senttest env;

static void at(int64_t now, const char *settings)
{
	senttest_at(&env, now, settings, "test");
}

static const char *in_dir(const char *name)
{
	return mxa_arena_printf(env.arena, "%s/%s", env.dir, name);
}

static void begin(void)
{
	struct mxa_arena *a = mxa_arena_new();
	EVP_PKEY *key = sign_key_load(test_path("keys/rsa2048.pem"));
	struct mxa_str record = sign_key_strings(a, sign_key_record(a, key));

	senttest_begin(&env,
	    mxa_arena_printf(a,
		DMARC "good._domainkey.reports.example.org. TXT %.*s\n"
		      ";! servfail x.example._report._dmarc.trouble.example\n",
		MXA_STR_ARG(record)));
	EVP_PKEY_free(key);
	mxa_arena_free(a);
	at(NOW, "");
}

static void end(void)
{
	senttest_end(&env);
}

static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mxa_store_run(
	    env.store, mxa_arena_vprintf(env.arena, fmt, ap), NULL, 0);
	va_end(ap);
	ck_assert_str_eq(mxa_store_error(env.store), "");
}

static const char *word(const char *sql)
{
	struct mxa_row row;

	mxa_store_row(env.store, env.arena, sql, NULL, 0, &row);
	ck_assert_str_eq(mxa_store_error(env.store), "");
	return row.n > 0 ? mxa_str_cstr(env.arena, row.col[0]) : "(none)";
}

static const char *state(void)
{
	return word("SELECT state FROM delivery ORDER BY position LIMIT 1");
}

/* A report about x.example of 2026-11-21, in two parts, for that address. */
static void put(const char *address)
{
	run("INSERT INTO report VALUES ('r1', 'x.example', 'p', 1795219200, "
	    "1795305599, 'generated', '', 'f.xml.gz', 1, 1, %lld, '') "
	    "ON CONFLICT DO NOTHING",
	    (long long)NOW);
	run("INSERT INTO report_body VALUES ('r1', 1, 'bar'), "
	    "('r1', 0, 'foo') ON CONFLICT DO NOTHING");
	mxa_delivery_add(env.store, MXA_STR("r1"), mxa_str_from(address),
	    MXA_STR("x.example"),
	    senttest_number(&env, "SELECT count(*) FROM delivery"), NOW);
}

static struct mxa_deliver_result deliver(const char *directory)
{
	struct mxa_deliver_options o = senttest_delivery(&env, directory);
	struct mxa_deliver_result r;

	ck_assert(mxa_reports_deliver(&o, env.arena, &r));
	return r;
}

/* "sendmail" that keeps its arguments and its input. */
static const char *sendmail(const char *script)
{
	const char *path = in_dir("sendmail");
	FILE *f = fopen(path, "w");

	fprintf(f,
	    "#!/bin/sh\nprintf '[%%s]' \"$@\" >'%s/args'\ncat >'%s/mail'\n%s\n",
	    env.dir, env.dir, script);
	fclose(f);
	ck_assert_int_eq(chmod(path, 0755), 0);
	return mxa_arena_printf(env.arena, "sendmail = \"%s\"", path);
}

/* --- the mail --- */

START_TEST(the_mail_has_both_parts)
{
	struct mxa_str mail;

	put("d@x.example");
	ck_assert_int_eq(deliver(env.dir).sent, 1);
	mail = test_read(env.arena, in_dir("r1-0-0.eml"));
	ck_assert(mxa_str_starts(mail, MXA_STR("From: ")));
	ck_assert(mxa_str_ends(mail,
	    MXA_STR("\r\n filename=\"f.xml.gz\"\r\n\r\nZm9vYmFy\r\n"
		    "--=_r1--\r\n")));
	ck_assert_str_eq(
	    word("SELECT reply FROM delivery"), in_dir("r1-0-0.eml"));
	ck_assert_str_eq(word("SELECT state FROM report"), "sent");
}
END_TEST

START_TEST(no_mail_without_a_body)
{
	put("d@x.example");
	run("DELETE FROM report_body");
	ck_assert_int_eq(deliver(env.dir).later, 1);
	ck_assert_str_eq(
	    word("SELECT reply FROM delivery"), "the mail could not be made");
}
END_TEST

START_TEST(no_file_without_a_directory)
{
	put("d@x.example");
	ck_assert_int_eq(deliver("/nonexistent").later, 1);
	ck_assert_str_eq(word("SELECT reply FROM delivery"),
	    "/nonexistent/r1-0-0.eml: No such file or directory");
}
END_TEST

static const struct {
	const char *bounces, *args;
} senders[] = {
	{ "", "[-i][-f][][--][d@x.example]" },
	{ "bounces = \"b@r.example\"",
	    "[-i][-f][b+r1-0@r.example][--][d@x.example]" },
};

START_TEST(handed_to_sendmail)
{
	const char *program = sendmail("exit 0");
	struct mxa_str mail;

	at(NOW,
	    mxa_arena_printf(env.arena, "%s %s", program, senders[_i].bounces));
	put("d@x.example");
	ck_assert_int_eq(deliver(NULL).sent, 1);
	ck_str_is(test_read(env.arena, in_dir("args")), senders[_i].args);
	mail = test_read(env.arena, in_dir("mail"));
	ck_assert_uint_eq(mxa_str_chr(mail, '\r', 0), mail.len);
	ck_assert(mxa_str_ends(mail, MXA_STR("\n\nZm9vYmFy\n--=_r1--\n")));
}
END_TEST

/* --- its signature --- */

static void sign_with(const char *selector, const char *key)
{
	at(NOW,
	    mxa_arena_printf(env.arena,
		"sign: { domain = \"reports.example.org\" selector = \"%s\" "
		"key = \"%s\" }",
		selector, key));
}

START_TEST(signed_reports)
{
	sign_with("good", test_path("keys/rsa2048.pem"));
	put("d@x.example");
	put("e@x.example");
	ck_assert_int_eq(deliver(env.dir).sent, 2);
	ck_assert(mxa_str_starts(test_read(env.arena, in_dir("r1-0-0.eml")),
	    MXA_STR("DKIM-Signature: v=1; ")));
	ck_assert(mxa_str_starts(test_read(env.arena, in_dir("r1-1-0.eml")),
	    MXA_STR("DKIM-Signature: v=1; ")));
}
END_TEST

/* Nothing leaves, and the deliveries go on waiting. */
static const struct {
	const char *name, *selector, *key, *trouble;
} troubles[] = {
	{ "the DNS has no such key", "bad", "keys/rsa2048.pem",
	    "the signature of reports.example.org (selector bad) does not" },
	{ "another key", "good", "keys/other2048.pem",
	    "the signature of reports.example.org (selector good) does not" },
	{ "no RSA key", "good", "keys/ed25519.pem",
	    "the report cannot be signed: is sign-key an RSA key?" },
	{ "no key at all", "good", "unit/report/Makefile.inc",
	    "the report cannot be signed: is sign-key an RSA key?" },
	{ "no such file", "good", "keys/none.pem", "the key " },
};

START_TEST(trouble_with_the_signature)
{
	struct mxa_deliver_result r;

	sign_with(troubles[_i].selector, test_path(troubles[_i].key));
	put("d@x.example");
	put("e@x.example");
	r = deliver(env.dir);
	ck_assert_int_eq(r.sent + r.failed, 0);
	ck_assert_int_eq(r.waiting, 2);
	ck_assert_msg(
	    mxa_str_starts(r.trouble, mxa_str_from(troubles[_i].trouble)),
	    "%s: %.*s", troubles[_i].name, MXA_STR_ARG(r.trouble));
	ck_assert_str_eq(state(), "waiting");
	ck_assert_int_ne(access(in_dir("r1-0-0.eml"), F_OK), 0);
}
END_TEST

/* --- where it goes --- */

static void remember(const char *verdict, const char *why, int64_t until)
{
	run("INSERT INTO destination VALUES ('d@y.example', 'x.example', "
	    "'%s', '%s', 0, %lld)",
	    verdict, why, (long long)until);
}

START_TEST(other_addresses_instead)
{
	remember("granted", "a@y.example b@y.example", NOW + 1);
	put("d@y.example");
	ck_assert_int_eq(deliver(env.dir).sent, 1);
	ck_assert_uint_lt(
	    mxa_str_casefind(test_read(env.arena, in_dir("r1-0-0.eml")),
		MXA_STR("\r\nTo: a@y.example\r\n")),
	    200);
	ck_assert_uint_lt(
	    mxa_str_casefind(test_read(env.arena, in_dir("r1-0-1.eml")),
		MXA_STR("\r\nTo: b@y.example\r\n")),
	    200);
	ck_assert_int_ne(access(in_dir("r1-0-2.eml"), F_OK), 0);
}
END_TEST

START_TEST(granted_as_it_is)
{
	remember("granted", "", NOW + 1);
	put("d@y.example");
	ck_assert_int_eq(deliver(env.dir).sent, 1);
	ck_assert_uint_lt(
	    mxa_str_casefind(test_read(env.arena, in_dir("r1-0-0.eml")),
		MXA_STR("\r\nTo: d@y.example\r\n")),
	    200);
}
END_TEST

START_TEST(refused_lately)
{
	remember("refused", "said no", NOW + 1);
	put("d@y.example");
	deliver(env.dir);
	ck_assert_str_eq(state(), "unauthorised");
	ck_assert_str_eq(word("SELECT reply FROM delivery"), "said no");
}
END_TEST

/* What was remembered until now is asked again, and kept for a day. */
START_TEST(asked_again_after_a_day)
{
	remember("granted", "", NOW);
	put("d@y.example");
	deliver(env.dir);
	ck_assert_str_eq(state(), "unauthorised");
	ck_assert_str_eq(word("SELECT verdict FROM destination"), "refused");
	ck_assert_int_eq(senttest_number(&env, "SELECT until FROM destination"),
	    NOW + 86400);
}
END_TEST

START_TEST(no_answer_is_not_remembered)
{
	put("d@trouble.example");
	deliver(env.dir);
	ck_assert_str_eq(state(), "waiting");
	ck_assert_int_eq(
	    senttest_number(&env, "SELECT count(*) FROM destination"), 0);
}
END_TEST

/* Of two addresses, the better result. */
static const struct {
	int first, second; /* exit status of sendmail for it */
	const char *state;
} both[] = {
	{ 0, 67, "sent" },
	{ 67, 0, "sent" },
	{ 67, 75, "waiting" },
	{ 75, 67, "waiting" },
	{ 67, 67, "failed" },
};

START_TEST(the_better_result_counts)
{
	at(NOW,
	    sendmail(mxa_arena_printf(env.arena,
		"case $5 in a@*) exit %d ;; *) exit %d ;; esac", both[_i].first,
		both[_i].second)));
	remember("granted", "a@y.example b@y.example", NOW + 1);
	put("d@y.example");
	deliver(NULL);
	ck_assert_str_eq(state(), both[_i].state);
}
END_TEST

static void suppress(int64_t until)
{
	run("INSERT INTO destination VALUES ('d@x.example', '', 'suppressed', "
	    "'', 0, %lld)",
	    (long long)until);
}

START_TEST(suppressed_for_a_time)
{
	suppress(NOW + _i);
	put("d@x.example");
	deliver(env.dir);
	ck_assert_str_eq(state(), _i == 0 ? "sent" : "suppressed");
	if (_i > 0)
		ck_assert_str_eq(
		    word("SELECT reply FROM delivery"), "its mail came back");
}
END_TEST

/* A success ends a row of refusals. */
START_TEST(a_success_is_noted)
{
	run("INSERT INTO destination VALUES ('d@x.example', '', 'refusing', "
	    "'', 2, %lld)",
	    (long long)NOW + 1);
	put("d@x.example");
	ck_assert_int_eq(deliver(env.dir).sent, 1);
	ck_assert_int_eq(
	    senttest_number(&env, "SELECT count(*) FROM destination"), 0);
}
END_TEST

/* --- how long --- */

static const struct {
	const char *name;
	int64_t now, give_up; /* seconds after NOW */
	int status;	      /* of sendmail */
	const char *state, *reply;
} ends[] = {
	{ "the last moment", 86400, 86400, 0, "sent", NULL },
	{ "after it", 86401, 86400, 0, "expired", "too late" },
	{ "time for one more try", 0, 300, 75, "waiting", NULL },
	{ "none for another", 0, 299, 75, "expired", NULL },
};

START_TEST(given_up)
{
	at(NOW + ends[_i].now,
	    sendmail(mxa_arena_printf(env.arena, "exit %d", ends[_i].status)));
	put("d@x.example");
	run("UPDATE delivery SET give_up = %lld",
	    (long long)(NOW + ends[_i].give_up));
	deliver(NULL);
	ck_assert_str_eq(state(), ends[_i].state);
	if (ends[_i].reply != NULL)
		ck_assert_str_eq(
		    word("SELECT reply FROM delivery"), ends[_i].reply);
}
END_TEST

/* Mails of the hour before, this one not counted. */
START_TEST(an_hour_is_3600_seconds)
{
	run("INSERT INTO delivery VALUES ('old', 'o@o.example', 0, 'sent', 1, "
	    "0, 0, '', 0, '', %lld, 'o.example', 'o.example')",
	    (long long)(NOW - 3600 + _i));
	at(NOW, "maximum-per-hour = 1");
	put("d@x.example");
	ck_assert_int_eq(deliver(env.dir).sent, 1 - _i);
	run("DELETE FROM delivery WHERE report_id <> 'old'");
}
END_TEST

/* The report's state, when some of its addresses have theirs. */
static const struct {
	const char *others; /* states of further deliveries */
	const char *want;
} ended[] = {
	{ "'sent'", "sent" },
	{ "'failed'", "partial" },
	{ "'expired'", "partial" },
	{ "'unauthorised'", "partial" },
	{ "'waiting'", "generated" },
};

START_TEST(a_report_ends_with_its_last_delivery)
{
	put("d@x.example");
	run("INSERT INTO delivery VALUES ('r1', 'o@x.example', 1, %s, 1, "
	    "%lld, %lld, '', 0, '', 0, 'x.example', 'x.example')",
	    ended[_i].others, (long long)NOW + 60, (long long)NOW + 600);
	deliver(env.dir);
	ck_assert_str_eq(word("SELECT state FROM report"), ended[_i].want);
}
END_TEST

/* When none was sent: refused before given up before not to be sent. */
static const struct {
	const char *others, *want;
} unsent[] = {
	{ "'failed'", "failed" },
	{ "'expired'", "expired" },
	{ "'excluded'", "suppressed" },
};

START_TEST(a_report_that_nobody_got)
{
	suppress(NOW + 60);
	put("d@x.example");
	run("INSERT INTO delivery VALUES ('r1', 'o@x.example', 1, %s, 1, "
	    "0, 0, '', 0, '', 0, 'x.example', 'x.example')",
	    unsent[_i].others);
	deliver(env.dir);
	ck_assert_str_eq(word("SELECT state FROM report"), unsent[_i].want);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("delivery");
	TCase *tc = tcase_create("delivery");

	if (!test_store_there())
		return 77;
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, the_mail_has_both_parts);
	tcase_add_test(tc, no_mail_without_a_body);
	tcase_add_test(tc, no_file_without_a_directory);
	tcase_add_loop_test(tc, handed_to_sendmail, 0, MXA_ARRAY_LEN(senders));
	tcase_add_test(tc, signed_reports);
	tcase_add_loop_test(
	    tc, trouble_with_the_signature, 0, MXA_ARRAY_LEN(troubles));
	tcase_add_test(tc, other_addresses_instead);
	tcase_add_test(tc, granted_as_it_is);
	tcase_add_test(tc, refused_lately);
	tcase_add_test(tc, asked_again_after_a_day);
	tcase_add_test(tc, no_answer_is_not_remembered);
	tcase_add_loop_test(
	    tc, the_better_result_counts, 0, MXA_ARRAY_LEN(both));
	tcase_add_loop_test(tc, suppressed_for_a_time, 0, 2);
	tcase_add_test(tc, a_success_is_noted);
	tcase_add_loop_test(tc, given_up, 0, MXA_ARRAY_LEN(ends));
	tcase_add_loop_test(tc, an_hour_is_3600_seconds, 0, 2);
	tcase_add_loop_test(
	    tc, a_report_ends_with_its_last_delivery, 0, MXA_ARRAY_LEN(ended));
	tcase_add_loop_test(
	    tc, a_report_that_nobody_got, 0, MXA_ARRAY_LEN(unsent));
	suite_add_tcase(s, tc);
	return test_main(s);
}
