/* check_sent.c - our own reports: what is due, what is made and what is not,
 * states of deliveries.  t/store/store.sh runs it on PostgreSQL as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/sig/hash.h"
#include "report/sent/deliver.h"
#include "report/sent/mail.h"
#include "report/sent/make.h"
#include "t/support/senttest.h"

#define DAY 20778 /* 2026-11-21 */
#define OVER ((DAY + 1) * INT64_C(86400))

static struct senttest env;

/* The store as seen at 'now', the settings in 'text'. */
static void at(int64_t now, const char *text)
{
	senttest_at(&env, now,
	    mxa_arena_printf(
		env.arena, "organization = \"A \\\"B\\\" & C\" %s", text),
	    "test");
}

static void begin(void)
{
	senttest_begin(
	    &env, ";! servfail x.example._report._dmarc.trouble.example\n");
	at(OVER, "");
}

static void end(void)
{
	senttest_end(&env);
}

static int64_t number(const char *sql)
{
	return senttest_number(&env, sql);
}

static const char *word(const char *sql)
{
	struct mxa_row row;

	mxa_store_row(env.store, env.arena, sql, NULL, 0, &row);
	ck_assert_str_eq(mxa_store_error(env.store), "");
	return row.n > 0 ? mxa_str_cstr(env.arena, row.col[0]) : "(none)";
}

static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...)
{
	va_list ap;
	char *sql;

	va_start(ap, fmt);
	sql = mxa_arena_vprintf(env.arena, fmt, ap);
	va_end(ap);
	mxa_store_run(env.store, sql, NULL, 0);
	ck_assert_str_eq(mxa_store_error(env.store), "");
}

/* Sums of a domain: its policy asks for reports to 'rua'. */
static void put(int64_t day, const char *domain, const char *rua, int n,
    int known, int ordinary)
{
	const char *record =
	    mxa_arena_printf(env.arena, "v=DMARC1; p=none; rua=%s", rua);
	struct mxa_report_line *l = mxa_arena_calloc(env.arena, 1, sizeof(*l));
	struct mxa_arg args[] = { MXA_INT(day), MXA_TEXT(mxa_str_from(domain)),
		MXA_TEXT(mxa_str_from(record)), MXA_TEXT(MXA_STR_NONE),
		MXA_INT(n), MXA_INT(known), MXA_INT(ordinary) };

	l->source_ip = MXA_STR("192.0.2.1");
	l->header_from = mxa_str_from(domain);
	l->disposition = MXA_STR("none");
	l->comment = l->reason = l->envelope_from = MXA_STR("");
	l->spf_domain = l->spf_result = MXA_STR("");
	args[3] = MXA_TEXT(mxa_report_line_format(env.arena, l));
	/* the record's text serves as its id */
	mxa_store_run(env.store,
	    "INSERT INTO policy VALUES ($3, $2, $3, '', '', $1) "
	    "ON CONFLICT DO NOTHING",
	    args, 3);
	mxa_store_run(env.store,
	    "INSERT INTO tally VALUES ($1, $2, $3, 'row', 'mx1', $4, $5, 0, "
	    "$6, $7)",
	    args, 7);
	ck_assert_str_eq(mxa_store_error(env.store), "");
}

static struct mxa_make_result make(const char *owner)
{
	struct mxa_make_options o = { .store = env.store,
		.conf = env.conf,
		.who = &env.who,
		.owner = mxa_str_from(owner) };
	struct mxa_make_result r;

	ck_assert(mxa_reports_make(&o, &r));
	return r;
}

static struct mxa_deliver_result deliver(const char *directory)
{
	struct mxa_deliver_options o = senttest_delivery(&env, directory);
	struct mxa_deliver_result r;

	ck_assert(mxa_reports_deliver(&o, env.arena, &r));
	return r;
}

/* --- due --- */

static const struct {
	const char *name;
	int64_t now, wrote, through;
	int64_t want; /* days before the one that just ended */
} due[] = {
	{ "no hosts", OVER, 0, 0, 0 },
	{ "imported through its end", OVER + 60, OVER - 9, OVER, 0 },
	{ "behind", OVER + 60, OVER - 9, OVER - 1, 1 },
	{ "behind, and six hours later", OVER + 6 * 3600, OVER - 9, OVER - 1,
	    0 },
	{ "behind, but silent for long", OVER + 60, OVER - 49 * 3600, OVER - 1,
	    0 },
};

START_TEST(due_day)
{
	if (due[_i].wrote > 0)
		run("INSERT INTO host VALUES ('mx1', %lld, %lld, 0)",
		    (long long)due[_i].through, (long long)due[_i].wrote);
	ck_assert_msg(
	    mxa_report_due_day(env.store, due[_i].now) == DAY - due[_i].want,
	    "%s", due[_i].name);
}
END_TEST

/* --- made, or not --- */

static const struct {
	const char *name, *settings, *rua;
	int known, ordinary;
	int64_t now;
	const char *state, *why;
} made[] = {
	{ "made", "", "mailto:d@x.example", 0, 5, OVER, "generated", "" },
	{ "excluded", "exclude = [\"x.example\"]", "mailto:d@x.example", 5, 5,
	    OVER, "suppressed", "the domain is excluded" },
	{ "only report mail", "", "mailto:d@x.example", 5, 0, OVER,
	    "suppressed", "there was nothing but report mail" },
	{ "not known", "domains = \"known\"", "mailto:d@x.example", 0, 5, OVER,
	    "suppressed", "no mail of the domain has passed" },
	{ "known", "domains = \"known\"", "mailto:d@x.example", 1, 5, OVER,
	    "generated", "" },
	{ "no address", "", "https://x.example/", 5, 5, OVER, "suppressed",
	    "no address of the record can be used" },
	{ "too old", "", "mailto:d@x.example", 5, 5, OVER + 4 * 86400,
	    "expired", "its day is too long ago" },
};

START_TEST(made_or_not)
{
	at(made[_i].now, made[_i].settings);
	put(DAY, "x.example", made[_i].rua, 5, made[_i].known,
	    made[_i].ordinary);
	make("me");
	ck_assert_msg(
	    strcmp(word("SELECT state FROM report"), made[_i].state) == 0,
	    "%s: %s", made[_i].name, word("SELECT state FROM report"));
	ck_assert_str_eq(word("SELECT why FROM report"), made[_i].why);
}
END_TEST

/* Known by an earlier day: whose mail was only forged on this one. */
START_TEST(known_by_an_earlier_day)
{
	at(OVER, "domains = \"known\"");
	put(DAY, "x.example", "mailto:d@x.example", 5, 0, 5);
	put(DAY - 20, "x.example", "mailto:d@x.example", 5, 2, 5);
	make("me");
	ck_assert_int_eq(
	    number("SELECT count(*) FROM report WHERE state = 'generated'"), 1);
}
END_TEST

START_TEST(frozen_once)
{
	struct mxa_make_result r;
	const char *id, *sha;

	put(DAY, "x.example", "mailto:d@x.example", 5, 5, 5);
	r = make("me");
	ck_assert(r.leader);
	ck_assert_int_eq(r.reports, 1);
	id = word("SELECT report_id FROM report");
	sha = word("SELECT body_sha256 FROM report");
	ck_assert_str_eq(word("SELECT filename FROM report"),
	    mxa_arena_printf(env.arena,
		"reports.example.org!x.example!%lld!%lld!%s.xml.gz",
		(long long)DAY * 86400, (long long)OVER - 1, id));
	/* later lines of that day change nothing */
	put(DAY, "y.example", "mailto:d@y.example", 5, 5, 5);
	run("UPDATE tally SET n = 99 WHERE domain = 'x.example'");
	ck_assert_int_eq(make("me").reports, 0);
	ck_assert_str_eq(word("SELECT body_sha256 FROM report"), sha);
	ck_assert_int_eq(number("SELECT count(*) FROM report"), 1);
	/* made again from the same sums: the same bytes */
	run("DELETE FROM report");
	run("DELETE FROM report_body");
	run("DELETE FROM delivery");
	run("DELETE FROM tally WHERE domain = 'y.example'");
	run("UPDATE tally SET n = 5");
	run("UPDATE meta SET value = '0' WHERE name = 'made_day'");
	ck_assert_int_eq(make("other").reports, 1);
	ck_assert_str_eq(word("SELECT report_id FROM report"), id);
	ck_assert_str_eq(word("SELECT body_sha256 FROM report"), sha);
}
END_TEST

START_TEST(a_record_that_changed_makes_two)
{
	put(DAY, "x.example", "mailto:a@x.example", 5, 5, 5);
	put(DAY, "x.example", "mailto:b@x.example", 2, 2, 2);
	ck_assert_int_eq(make("me").reports, 2);
	ck_assert_int_eq(
	    number("SELECT count(DISTINCT report_id) FROM report"), 2);
}
END_TEST

START_TEST(one_leader)
{
	put(DAY, "x.example", "mailto:d@x.example", 5, 5, 5);
	run("UPDATE lease SET owner = 'dead', until = %lld",
	    (long long)OVER + 100);
	ck_assert(!make("me").leader);
	ck_assert_int_eq(number("SELECT count(*) FROM report"), 0);
	at(OVER + 101, "");
	ck_assert(make("me").leader);
	ck_assert_int_eq(number("SELECT count(*) FROM report"), 1);
}
END_TEST

/* More domains than a page has, more reports than are frozen at once, more
 * deliveries than a page of them.  The policies of most are not in the store,
 * which takes the fewest statements: they are many for a slow database. */
START_TEST(many_domains)
{
	struct mxa_report_line *l = mxa_arena_calloc(env.arena, 1, sizeof(*l));
	struct mxa_arg args[2] = { MXA_INT(DAY) };
	struct mxa_make_result made_now;

	at(OVER, "maximum-per-hour = 110");
	l->source_ip = MXA_STR("192.0.2.1");
	l->header_from = MXA_STR("d.example");
	l->disposition = MXA_STR("none");
	args[1] = MXA_TEXT(mxa_report_line_format(env.arena, l));
	mxa_store_run(env.store,
	    "INSERT INTO tally WITH RECURSIVE c(i) AS "
	    "(SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1100) "
	    "SELECT $1, 'd' || i || '.example', "
	    "'v=DMARC1; p=none; rua=mailto:d@d' || i || '.example', 'row', "
	    "'mx1', $2, 1, 0, 1, 1 FROM c",
	    args, 2);
	run("INSERT INTO policy SELECT policy_id, domain, policy_id, '', '', "
	    "day FROM tally WHERE domain LIKE 'd%%0.example' "
	    "OR domain LIKE 'd%%5.example'");
	made_now = make("me");
	ck_assert_int_eq(made_now.reports, 220);
	ck_assert_int_eq(made_now.suppressed, 880);
	ck_assert_int_eq(number("SELECT count(*) FROM delivery"), 220);
	ck_assert_int_eq(deliver(env.dir).sent, 110);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM report WHERE state = 'sent'"), 110);
}
END_TEST

/* Rows whose names cannot be compressed. */
static void put_random_rows(size_t n)
{
	static const struct mxa_store_insert into = { "tally",
		"day, domain, policy_id, row_id, host, body, n, refused, "
		"known, ordinary",
		"itttttiiii", "", NULL };
	struct mxa_arg *v = mxa_arena_calloc(env.arena, 10 * n, sizeof(*v));
	struct mxa_report_line *l = mxa_arena_calloc(env.arena, 1, sizeof(*l));
	uint64_t x = 1;

	l->source_ip = MXA_STR("192.0.2.1");
	l->disposition = MXA_STR("none");
	for (size_t i = 0; i < n; i++) {
		uint64_t high = x = x * UINT64_C(6364136223846793005) + 1442695;
		uint64_t low = x = x * UINT64_C(6364136223846793005) + 1442695;
		struct mxa_arg row[10] = { MXA_INT(DAY),
			MXA_TEXT(MXA_STR("x.example")), MXA_TEXT(MXA_STR("p")),
			MXA_TEXT(mxa_str_from(
			    mxa_arena_printf(env.arena, "%zu", i))),
			MXA_TEXT(MXA_STR("mx1")) };

		l->header_from = mxa_str_from(
		    mxa_arena_printf(env.arena, "%016llx%016llx.example",
			(unsigned long long)high, (unsigned long long)low));
		row[5] = MXA_TEXT(mxa_report_line_format(env.arena, l));
		for (size_t k = 6; k < 10; k++)
			row[k] = MXA_INT(1);
		memcpy(v + 10 * i, row, sizeof(row));
	}
	mxa_store_insert(env.store, &into, v, n);
}

static bool add_bytes(void *ctx, const struct mxa_row *r)
{
	mxa_hash_put(ctx, r->col[0].p, r->col[0].len);
	return true;
}

/* Parts of 256 KiB, which together are what was made. */
START_TEST(a_large_report_has_parts)
{
	struct mxa_hash *h = mxa_hash_new(env.arena);
	uint8_t raw[MXA_SHA256];
	struct mxa_buf hex;

	put(DAY - 1, "x.example", "mailto:d@x.example", 1, 1, 1);
	run("UPDATE policy SET policy_id = 'p'");
	run("DELETE FROM tally");
	put_random_rows(14000);
	ck_assert_int_eq(make("me").reports, 1);
	ck_assert_int_eq(number("SELECT count(*) FROM report_body"), 2);
	ck_assert_int_eq(
	    number("SELECT length(data) FROM report_body WHERE part = 0"),
	    256 * 1024);
	ck_assert_int_eq(number("SELECT rows_n FROM report"), 14000);
	ck_assert_int_eq(number("SELECT messages FROM report"), 14000);
	mxa_hash_start(h);
	ck_assert(mxa_store_query(env.store,
	    "SELECT data FROM report_body ORDER BY part", NULL, 0, add_bytes,
	    h));
	ck_assert(mxa_hash_final(h, raw));
	mxa_hash_free(h);
	mxa_buf_init(&hex, env.arena, 100);
	for (size_t i = 0; i < sizeof(raw); i++)
		mxa_buf_printf(&hex, "%02x", raw[i]);
	ck_assert_str_eq(
	    mxa_buf_cstr(&hex), word("SELECT body_sha256 FROM report"));
}
END_TEST

/* --- deliveries --- */

static void make_one(const char *rua)
{
	put(DAY, "x.example", rua, 5, 5, 5);
	make("me");
}

static void put_sendmail(const char *script)
{
	const char *path = mxa_arena_printf(env.arena, "%s/sendmail", env.dir);
	FILE *f = fopen(path, "w");

	fprintf(f, "#!/bin/sh\n%s\n", script);
	fclose(f);
	chmod(path, 0755);
}

static const char *sendmail_setting(void)
{
	return mxa_arena_printf(
	    env.arena, "sendmail = \"%s/sendmail\"", env.dir);
}

static const struct {
	const char *name, *rua, *script;
	const char *delivery, *report;
} handed[] = {
	{ "taken", "mailto:d@x.example", "cat >/dev/null; exit 0", "sent",
	    "sent" },
	{ "later", "mailto:d@x.example", "cat >/dev/null; exit 75", "waiting",
	    "generated" },
	{ "no such user", "mailto:d@x.example", "cat >/dev/null; exit 67",
	    "failed", "failed" },
	{ "not even read", "mailto:d@x.example", "exit 75", "waiting",
	    "generated" },
	{ "killed", "mailto:d@x.example", "kill -9 $$", "waiting",
	    "generated" },
	{ "external, no agreement", "mailto:d@stranger.example", "exit 0",
	    "unauthorised", "suppressed" },
	{ "external, no answer", "mailto:d@trouble.example", "exit 0",
	    "waiting", "generated" },
};

START_TEST(handed_over)
{
	at(OVER, sendmail_setting());
	put_sendmail(handed[_i].script);
	make_one(handed[_i].rua);
	deliver(NULL);
	ck_assert_msg(strcmp(word("SELECT state FROM delivery"),
			  handed[_i].delivery) == 0,
	    "%s: %s (%s)", handed[_i].name, word("SELECT state FROM delivery"),
	    word("SELECT reply FROM delivery"));
	ck_assert_str_eq(word("SELECT state FROM report"), handed[_i].report);
}
END_TEST

START_TEST(one_address_of_two)
{
	make_one("mailto:d@x.example,mailto:d@stranger.example");
	deliver(env.dir);
	ck_assert_str_eq(word("SELECT state FROM report"), "partial");
}
END_TEST

/* 5, 15, 60, 180, 360 minutes; given up after a day. */
START_TEST(retries)
{
	static const int minutes[] = { 5, 15, 60, 180, 360, 360 };
	int64_t now = OVER;

	at(now, sendmail_setting());
	put_sendmail("exit 75");
	make_one("mailto:d@x.example");
	for (size_t i = 0; i < MXA_ARRAY_LEN(minutes); i++) {
		at(now, sendmail_setting());
		ck_assert_int_eq(deliver(NULL).later, 1);
		ck_assert_int_eq(number("SELECT next_try FROM delivery"),
		    now + 60 * minutes[i]);
		/* not before */
		at(now + 60 * minutes[i] - 1, sendmail_setting());
		ck_assert_int_eq(deliver(NULL).later, 0);
		now += 60 * minutes[i];
	}
	at(now, sendmail_setting());
	deliver(NULL);
	ck_assert_str_eq(word("SELECT state FROM delivery"), "waiting");
	at(OVER + 86401, sendmail_setting());
	deliver(NULL);
	ck_assert_str_eq(word("SELECT state FROM delivery"), "expired");
	ck_assert_str_eq(word("SELECT state FROM report"), "expired");
}
END_TEST

START_TEST(three_refusals_suppress)
{
	for (int i = 0; i < 4; i++) {
		at(OVER + i * 86400, sendmail_setting());
		put_sendmail("exit 67");
		put(DAY + i, "x.example", "mailto:d@x.example", 5, 5, 5);
		make("me");
		deliver(NULL);
	}
	ck_assert_int_eq(
	    number("SELECT count(*) FROM delivery WHERE state = 'failed'"), 3);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM delivery WHERE state = 'suppressed'"),
	    1);
	/* for 30 days */
	at(OVER + 40 * 86400, sendmail_setting());
	put_sendmail("exit 0");
	put(DAY + 40, "x.example", "mailto:d@x.example", 5, 5, 5);
	make("me");
	ck_assert_int_eq(deliver(NULL).sent, 1);
}
END_TEST

START_TEST(excluded_addresses)
{
	at(OVER, "exclude = [\"D@x.example\", \"@a.x.example\"]");
	run("UPDATE meta SET value = '0' WHERE name = 'made_day'");
	make_one("mailto:d@x.example,mailto:q@a.x.example,mailto:e@x.example");
	run("INSERT INTO destination VALUES ('q@a.x.example', 'x.example', "
	    "'granted', '', 0, %lld)",
	    (long long)OVER * 2);
	deliver(env.dir);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM delivery WHERE state = 'excluded'"),
	    2);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM delivery WHERE state = 'sent'"), 1);
}
END_TEST

START_TEST(caps_of_an_hour)
{
	const char *two = "maximum-per-hour = 3 maximum-per-hour-each = 2";

	for (int i = 0; i < 3; i++)
		put(DAY, mxa_arena_printf(env.arena, "s%d.big.example", i),
		    mxa_arena_printf(
			env.arena, "mailto:u%d@s%d.big.example", i, i),
		    1, 1, 1);
	at(OVER, two);
	make("me");
	run("UPDATE delivery SET host = 'big.example'");
	ck_assert_int_eq(deliver(env.dir).sent, 2);
	at(OVER + 10, two);
	ck_assert(deliver(env.dir).capped);
	at(OVER + 3700, two);
	ck_assert_int_eq(deliver(env.dir).sent, 1);
}
END_TEST

/* Whoever died with a delivery in his hands keeps it for ten minutes. */
START_TEST(claims_run_out)
{
	make_one("mailto:d@x.example");
	run("UPDATE delivery SET lease_owner = 'dead', lease_until = %lld",
	    (long long)OVER + 600);
	ck_assert_int_eq(deliver(env.dir).sent, 0);
	at(OVER + 600, "");
	ck_assert_int_eq(deliver(env.dir).sent, 1);
}
END_TEST

START_TEST(nothing_unsigned)
{
	at(OVER,
	    "sign: { domain = \"reports.example.org\" selector = \"r1\" "
	    "key = \"/nonexistent\" }");
	make_one("mailto:d@x.example");
	ck_assert_ptr_nonnull(strstr(
	    mxa_str_cstr(env.arena, deliver(env.dir).trouble), "/nonexistent"));
	ck_assert_str_eq(word("SELECT state FROM delivery"), "waiting");
}
END_TEST

/* --- text --- */

static const struct {
	const char *in, *want;
} base64[] = {
	{ "", "" },
	{ "f", "Zg==\r\n" },
	{ "fo", "Zm8=\r\n" },
	{ "foo", "Zm9v\r\n" },
	{ "foobar", "Zm9vYmFy\r\n" },
	{ "012345678901234567890123456789012345678901234567890123456",
	    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3"
	    "ODkwMTIzNDU2\r\n" },
	{ "0123456789012345678901234567890123456789012345678901234567",
	    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3"
	    "ODkwMTIzNDU2\r\nNw==\r\n" },
};

START_TEST(base64_lines)
{
	struct mxa_buf b;

	mxa_buf_init(&b, env.arena, 1000);
	mxa_base64_lines(&b, mxa_str_from(base64[_i].in));
	ck_assert_str_eq(mxa_buf_cstr(&b), base64[_i].want);
}
END_TEST

START_TEST(preview_is_escaped)
{
	struct mxa_make_options o = {
		.store = env.store, .conf = env.conf, .who = &env.who
	};
	struct mxa_buf xml;

	put(DAY, "x.example", "mailto:d@x.example", 7, 5, 5);
	mxa_buf_init(&xml, env.arena, 100000);
	ck_assert_int_eq(
	    mxa_report_preview(&o, env.arena, MXA_STR("x.example"), DAY, &xml),
	    1);
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&xml),
	    "<org_name>A &quot;B&quot; &amp; C</org_name>"));
	ck_assert_ptr_nonnull(strstr(mxa_buf_cstr(&xml), "<count>7</count>"));
	ck_assert_ptr_nonnull(
	    strstr(mxa_buf_cstr(&xml), "<envelope_from></envelope_from>"));
	ck_assert_int_eq(
	    mxa_report_preview(&o, env.arena, MXA_STR("y.example"), DAY, &xml),
	    0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sent");
	TCase *tc = tcase_create("sent");

	if (!test_store_there())
		return 77;
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc, due_day, 0, MXA_ARRAY_LEN(due));
	tcase_add_loop_test(tc, made_or_not, 0, MXA_ARRAY_LEN(made));
	tcase_add_test(tc, known_by_an_earlier_day);
	tcase_add_test(tc, frozen_once);
	tcase_add_test(tc, a_record_that_changed_makes_two);
	tcase_add_test(tc, one_leader);
	tcase_add_test(tc, many_domains);
	tcase_add_test(tc, a_large_report_has_parts);
	tcase_add_loop_test(tc, handed_over, 0, MXA_ARRAY_LEN(handed));
	tcase_add_test(tc, one_address_of_two);
	tcase_add_test(tc, retries);
	tcase_add_test(tc, three_refusals_suppress);
	tcase_add_test(tc, excluded_addresses);
	tcase_add_test(tc, caps_of_an_hour);
	tcase_add_test(tc, claims_run_out);
	tcase_add_test(tc, nothing_unsigned);
	tcase_add_loop_test(tc, base64_lines, 0, MXA_ARRAY_LEN(base64));
	tcase_add_test(tc, preview_is_escaped);
	suite_add_tcase(s, tc);
	return test_main(s);
}
