/* check_line.c - a message as a line of JSON, and back. */
#include "t/support/testing.h"

#include <jansson.h>
#include <string.h>

#include "base/limits.h"
#include "history/line.h"
#include "t/support/verdicts.h"

#define WHEN 1795248000 /* 2026-11-21T08:00:00Z */
#define HEAD                                                             \
	"{\"v\":1,\"time\":\"2026-11-21T08:00:00Z\",\"id\":\"4XyZabc\"," \
	"\"receiver\":\"mx.example.jp\",\"ip\":\"192.0.2.1\","           \
	"\"helo\":\"h.example.net\",\"mfrom\":\"u@bounce.example.com\","
#define TAIL ",\"rcpts\":1,\"rcpt\":[\"bob@example.jp\"]}\n"

static const char *line_of(struct mxa_arena *a, const struct mxa_txn *t,
    const struct mxa_line_dns *dns)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_JOURNAL_LINE);
	mxa_line_write(&b, t, dns, WHEN);
	ck_assert_msg(!b.full, "the line is too long");
	return mxa_buf_cstr(&b);
}

/* --- exact text --- */

static const struct mxa_action rejected = { .kind = MXA_ACT_REJECT,
	.would = MXA_ACT_REJECT,
	.cause = MXA_CAUSE_DMARC_REJECT,
	.disposition = MXA_POLICY_REJECT,
	.rule = MXA_STR_INIT("policy.conf:12"),
	.ground = { MXA_GROUND_NO_SIGNATURE, MXA_GROUND_SPF_FAIL },
	.n_grounds = 2,
	.reply = { .code = "550",
	    .enhanced = "5.7.26",
	    .line = { MXA_STR_INIT("Mail from example.com is refused"),
		MXA_STR_INIT("ref=4XyZabc@mx.example.jp") },
	    .n = 2 } };

static const struct mxa_action accepted = { .cause = MXA_CAUSE_NOTHING,
	.rule = MXA_STR_INIT("default"),
	.author = MXA_MAX_AUTHORS };

START_TEST(refused_message)
{
	static const char want[] =
	    HEAD "\"body\":1234,\"ms\":38,\"action\":{\"action\":\"reject\","
		 "\"cause\":\"dmarc-reject\",\"profile\":\"standard\","
		 "\"rule\":\"policy.conf:12\",\"disposition\":\"reject\","
		 "\"author\":0,\"grounds\":[\"no-signature\",\"spf-fail\"],"
		 "\"code\":\"550\",\"enhanced\":\"5.7.26\",\"text\":["
		 "\"Mail from example.com is refused\","
		 "\"ref=4XyZabc@mx.example.jp\"]},"
		 "\"spf\":{\"result\":\"fail\",\"identity\":\"mailfrom\","
		 "\"domain\":\"bounce.example.com\","
		 "\"sender\":\"u@bounce.example.com\",\"mechanism\":\"-all\","
		 "\"record_domain\":\"bounce.example.com\","
		 "\"reason\":\"spf says fail\"},"
		 "\"from\":[\"example.com\"],"
		 "\"authors\":{\"fields\":1,\"addresses\":1},"
		 "\"dmarc\":{\"result\":\"fail\",\"worst\":0,"
		 "\"policy\":\"reject\",\"domains\":[{\"result\":\"fail\","
		 "\"domain\":\"example.com\",\"org\":\"example.com\","
		 "\"record_domain\":\"example.com\","
		 "\"record\":\"v=DMARC1; p=reject\",\"tag\":\"p\","
		 "\"published\":\"reject\",\"policy\":\"reject\","
		 "\"reason\":\"dmarc says fail\"}]},\"policy\":\"reject\","
		 "\"dkim\":[],\"header\":{}" TAIL;
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_txn t;

	test_txn(a,
	    "spf=fail:bounce.example.com:-all dmarc=fail:example.com:reject",
	    &t);
	t.msg.body_bytes = 1234;
	t.action = rejected;
	ck_assert_str_eq(line_of(a, &t, NULL), want);
	mxa_arena_free(a);
}
END_TEST

START_TEST(exempt_message)
{
	static const char want[] = HEAD
	    "\"exempt\":\"trusted-network\",\"body\":0,\"ms\":38,"
	    "\"action\":{\"action\":\"accept\",\"profile\":\"standard\","
	    "\"rule\":\"default\",\"disposition\":\"none\",\"grounds\":[]}" TAIL;
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_txn t;

	test_txn(a, "exempt=network", &t);
	t.action = accepted;
	ck_assert_str_eq(line_of(a, &t, NULL), want);
	mxa_arena_free(a);
}
END_TEST

START_TEST(first_line_of_a_file)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_entry e;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1000);
	mxa_line_write_file(
	    &b, MXA_STR("0123456789abcdef"), MXA_STR("mxauth 0.1.0"), WHEN);
	ck_assert_str_eq(mxa_buf_cstr(&b),
	    "{\"v\":1,\"time\":\"2026-11-21T08:00:00Z\","
	    "\"file\":\"0123456789abcdef\",\"mxauth\":\"mxauth 0.1.0\"}\n");
	ck_assert_int_eq(mxa_line_read(a, mxa_buf_str(&b), &e), MXA_OK);
	ck_assert_int_eq(e.kind, MXA_ENTRY_FILE);
	ck_str_is(e.file_id, "0123456789abcdef");
	ck_assert_int_eq(e.time, WHEN);
	mxa_arena_free(a);
}
END_TEST

/* --- there and back --- */

static const char *const messages[] = {
	"spf=none: dmarc=none:example.com",
	"spf=fail:bounce.example.com:-all dmarc=fail:example.com:reject",
	"mfrom= spf=pass:h.example.net helo-spf=pass:h.example.net local "
	"dmarc=pass:example.com:none:spf,t iprev=pass:h.example.net",
	"ip=2001:db8::7 peer=198.51.100.1 hops=2 ptr=h.example.net list "
	"field=Message-ID:<1@example.com> spf=softfail:a.example "
	"dkim=fail/body:example.com dkim=pass:lists.example.org:l1 "
	"dkim=policy/short-key:x.example untried=7 "
	"dmarc=fail:example.com:quarantine:sp,nx,org=b.example,at=b.example "
	"dmarc=pass:c.example:reject:dkim from=more",
	"auth=alice exempt=authenticated rcpt=a@x.example rcpt=b@y.example",
	"spf=temperror:a.example arc=pass:l.example,f.example:trusted "
	"dmarc=temperror:a.example iprev=temperror",
	"ip= spf=none: from=none arc=fail:l.example",
};

/* What was read writes the same line again: nothing was lost on the way. */
START_TEST(line_comes_back)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_entry e;
	struct mxa_txn t;
	const char *first, *second;

	test_txn(a, messages[_i], &t);
	t.action = _i % 2 ? rejected : accepted;
	t.action.override = (enum mxa_override)(_i % 6);
	t.action.override_comment = MXA_STR("why");
	t.action.turned = _i % 2 ? MXA_GROUND_LIST_SIGNATURE : MXA_GROUND_NONE;
	t.action.merge = _i % 3 ? MXA_MERGE_STRICTEST : MXA_MERGE_NONE;
	mxa_note(&t.verdict.notes, "a note with \"quotes\"");
	t.verdict.spf.lookups = 3;
	first = line_of(a, &t, NULL);
	ck_assert_int_eq(mxa_line_read(a, mxa_str_from(first), &e), MXA_OK);
	ck_assert_int_eq(e.kind, MXA_ENTRY_MESSAGE);
	ck_assert(!e.cut);
	/* the second one has the counts that the first was written without */
	second = line_of(a, &e.txn, NULL);
	/* notes of exempt messages, too */
	ck_assert_str_eq(second, first);
	mxa_arena_free(a);
}
END_TEST

START_TEST(evidence_comes_back)
{
	static const struct mxa_dns_record mx = {
		.text = MXA_STR_INIT("mail.example.com"), .preference = 10
	};
	static const struct mxa_dns_record txt = { .text = MXA_STR_INIT(
						       "v=spf1 -all") };
	struct mxa_dns_record ip = { .preference = 0 };
	struct mxa_dns_answer answers[] = {
		{ .status = MXA_DNS_DATA,
		    .type = MXA_DNS_MX,
		    .rr = &mx,
		    .n = 1,
		    .ttl = 300,
		    .ms = 12 },
		{ .status = MXA_DNS_DATA,
		    .type = MXA_DNS_TXT,
		    .rr = &txt,
		    .n = 1,
		    .ttl = 60,
		    .ad = true },
		{ .status = MXA_DNS_DATA,
		    .type = MXA_DNS_AAAA,
		    .rr = &ip,
		    .n = 1 },
		{ .status = MXA_DNS_SERVFAIL,
		    .type = MXA_DNS_TXT,
		    .detail = MXA_STR_INIT("server 192.0.2.53: SERVFAIL") },
	};
	struct mxa_evidence ev[] = {
		{ &answers[0], MXA_STR_INIT("example.com"), MXA_DNS_MX, true },
		{ &answers[1], MXA_STR_INIT("example.com"), MXA_DNS_TXT,
		    false },
		{ &answers[2], MXA_STR_INIT("h.example"), MXA_DNS_AAAA, false },
		{ &answers[3], MXA_STR_INIT("x.example"), MXA_DNS_TXT, false },
		{ NULL, MXA_STR_INIT("late.example"), MXA_DNS_A, false },
	};
	struct mxa_line_dns dns = { ev, MXA_ARRAY_LEN(ev),
		{ .questions = 5, .sent = 4 } };
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_entry e;
	struct mxa_line_dns again;
	struct mxa_txn t;
	const char *first;

	ck_assert(mxa_ip_parse(MXA_STR("2001:db8::1"), &ip.ip));
	test_txn(a, "spf=none: dmarc=none:a.example", &t);
	first = line_of(a, &t, &dns);
	ck_assert_ptr_nonnull(strstr(first,
	    "\"questions\":5,\"sent\":4,\"dns\":[{\"name\":\"example.com\","
	    "\"type\":\"MX\",\"cached\":true,"));
	ck_assert_ptr_nonnull(
	    strstr(first, "\"answer\":[\"10 mail.example.com\"]"));
	ck_assert_ptr_nonnull(strstr(first, "\"answer\":[\"2001:db8::1\"]"));
	ck_assert_ptr_nonnull(
	    strstr(first, "{\"name\":\"late.example\",\"type\":\"A\"}"));
	ck_assert_int_eq(mxa_line_read(a, mxa_str_from(first), &e), MXA_OK);
	again = (struct mxa_line_dns){ e.evidence, e.n_evidence, e.counts };
	ck_assert_str_eq(line_of(a, &e.txn, &again), first);
	mxa_arena_free(a);
}
END_TEST

/* --- hostile text --- */

static json_t *parsed(const char *line)
{
	json_error_t error;
	json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(o != NULL, "%s: %s", error.text, line);
	return o;
}

static const struct {
	const char *name;
	struct mxa_str helo;
	const char *want;
} hostile[] = {
	{ "quote and backslash", MXA_STR_INIT("a\"b\\c"), "a\"b\\c" },
	{ "line ends and controls", MXA_STR_INIT("a\r\n\x01\x7f"),
	    "a\r\n\x01\x7f" },
	{ "UTF-8 stays", MXA_STR_INIT("b\xc3\xbc"), "b\xc3\xbc" },
	{ "Latin-1 becomes U+FFFD", MXA_STR_INIT("b\xfc!"), "b\xef\xbf\xbd!" },
	{ "overlong and surrogate", MXA_STR_INIT("\xc0\xaf\xed\xa0\x80"),
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "a character cut at the end", MXA_STR_INIT("\xe3\x81"),
	    "\xef\xbf\xbd\xef\xbf\xbd" },
};

START_TEST(text_of_senders_is_escaped)
{
	struct mxa_arena *a = mxa_arena_new();
	const char *line;
	struct mxa_txn t;
	json_t *o;

	test_txn(a, "spf=none: dmarc=none:a.example", &t);
	t.msg.helo = hostile[_i].helo;
	line = line_of(a, &t, NULL);
	/* one line, whatever is in it */
	ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
	o = parsed(line);
	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "helo")), hostile[_i].want);
	json_decref(o);
	mxa_arena_free(a);
}
END_TEST

START_TEST(nul_is_escaped)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_txn t;

	test_txn(a, "spf=none: dmarc=none:a.example", &t);
	t.msg.helo = MXA_STR("a\0b");
	ck_assert_ptr_nonnull(
	    strstr(line_of(a, &t, NULL), "\"helo\":\"a\\u0000b\""));
	mxa_arena_free(a);
}
END_TEST

/* Everything as large as a sender can make it, of bytes that take most room. */
START_TEST(line_is_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	char *big = mxa_arena_alloc(a, 70000);
	struct mxa_str s = mxa_str_make(big, 70000);
	struct mxa_entry e;
	const char *line;
	struct mxa_txn t;

	memset(big, 1, 70000);
	test_txn(a,
	    "spf=fail:a.example helo-spf=fail:a.example list "
	    "dmarc=fail:a.example:reject dmarc=fail:b.example:reject "
	    "dmarc=fail:c.example:reject dmarc=fail:d.example:reject "
	    "arc=fail:a,b,c,d,e,f,g iprev=pass:x from=more",
	    &t);
	t.action = rejected;
	t.msg.helo = t.msg.mail_from = t.msg.client_name = s;
	t.verdict.spf.reason.text = t.verdict.spf.explanation = s;
	t.verdict.spf.mechanism = t.verdict.spf.sender = s;
	t.verdict.helo = t.verdict.spf;
	t.verdict.dkim.n = MXA_MAX_SIGNATURES_SEEN;
	t.verdict.dkim.sig =
	    mxa_arena_calloc(a, t.verdict.dkim.n, sizeof(*t.verdict.dkim.sig));
	for (size_t i = 0; i < t.verdict.dkim.n; i++)
		t.verdict.dkim.sig[i].identity =
		    t.verdict.dkim.sig[i].selector = s;
	for (size_t i = 0; i < t.verdict.dmarc.n; i++)
		t.verdict.dmarc.domain[i].reason.text = s;
	for (int i = 0; i < MXA_MAX_RCPTS; i++)
		mxa_msg_add_rcpt(&t.msg, a, mxa_str_sub(s, 0, 900));
	for (int i = 0; i < MXA_MAX_NOTES; i++)
		mxa_note(&t.verdict.notes, "%0399d", i);
	line = line_of(a, &t, NULL);
	ck_assert_uint_le(strlen(line), MXA_MAX_JOURNAL_LINE);
	json_decref(parsed(line));
	ck_assert_int_eq(mxa_line_read(a, mxa_str_from(line), &e), MXA_OK);
	ck_assert(e.cut);
	/* what decides is there */
	ck_assert_int_eq(e.txn.action.kind, MXA_ACT_REJECT);
	ck_assert_uint_eq(e.txn.verdict.dmarc.n, 4);
	ck_assert_uint_gt(e.txn.verdict.dkim.n, 0);
	ck_assert_uint_gt(e.txn.msg.n_rcpt, 0);
	ck_assert_uint_eq(e.txn.msg.n_rcpt_seen, MXA_MAX_RCPTS + 1);
	mxa_arena_free(a);
}
END_TEST

/* --- lines that are none --- */

#define MSG(time, id, rest)                                                   \
	"{\"v\":1,\"time\":\"" time "\",\"id\":\"" id "\",\"action\":{}" rest \
	"}"

#define QUESTION(type, answer)                     \
	"{\"name\":\"q.example\",\"type\":\"" type \
	"\",\"status\":\"data\",\"answer\":[\"" answer "\"]}"

static const struct {
	const char *name, *line;
	enum mxa_rc rc;
} lines[] = {
	{ "the least", MSG("2026-11-21T08:00:00Z", "4X", ""), MXA_OK },
	{ "empty", "", MXA_ESYNTAX },
	{ "not JSON", "hello", MXA_ESYNTAX },
	{ "broken off", "{\"v\":1,\"time\":\"2026-11-21T08:0", MXA_ESYNTAX },
	{ "an array", "[1]", MXA_ESYNTAX },
	{ "no version", "{\"time\":\"2026-11-21T08:00:00Z\"}", MXA_ESYNTAX },
	{ "a later version",
	    "{\"v\":2,\"time\":\"2026-11-21T08:00:00Z\",\"id\":\"4X\"}",
	    MXA_EINVAL },
	{ "no time", "{\"v\":1,\"id\":\"4X\",\"action\":{}}", MXA_ESYNTAX },
	{ "time in another form", MSG("2026-11-21 08:00:00", "4X", ""),
	    MXA_ESYNTAX },
	{ "month 13", MSG("2026-13-21T08:00:00Z", "4X", ""), MXA_ESYNTAX },
	{ "a year that nobody wrote", MSG("0226-11-21T08:00:00Z", "4X", ""),
	    MXA_ESYNTAX },
	{ "no id", "{\"v\":1,\"time\":\"2026-11-21T08:00:00Z\"}", MXA_ESYNTAX },
	{ "a result nobody knows",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"spf\":{\"result\":\"maybe\"}"),
	    MXA_ESYNTAX },
	{ "an action nobody knows",
	    "{\"v\":1,\"time\":\"2026-11-21T08:00:00Z\",\"id\":\"4X\","
	    "\"action\":{\"action\":\"explode\"}}",
	    MXA_ESYNTAX },
	{ "no address",
	    MSG("2026-11-21T08:00:00Z", "4X", ",\"ip\":\"192.0.2\""),
	    MXA_ESYNTAX },
	{ "a worst domain that is not there",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dmarc\":{\"worst\":3,\"domains\":[]}"),
	    MXA_ESYNTAX },
	{ "more author domains than there can be",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"from\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]"),
	    MXA_OK },
	{ "other types than ours",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"spf\":[],\"dkim\":{},\"rcpt\":7,\"notes\":\"x\","
		"\"dns\":\"y\",\"header\":[],\"from\":\"z\""),
	    MXA_OK },
	{ "a question that is no object",
	    MSG("2026-11-21T08:00:00Z", "4X", ",\"dns\":[[]]"), MXA_ESYNTAX },
	{ "a member whose name goes on after a NUL",
	    MSG("2026-11-21T08:00:00Z", "4X", ",\"ms\\u0000\":7"), MXA_OK },
	{ "an action that is followed by a number in its place",
	    MSG("2026-11-21T08:00:00Z", "4X", ",\"action\":1"), MXA_OK },
	{ "a question of two types",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dns\":[{\"name\":\"a.example\",\"type\":\"MX\","
		"\"status\":\"data\",\"answer\":[\"10 b.example\"],"
		"\"type\":\"A\"}]"),
	    MXA_ESYNTAX },
	{ "records before the type that explains them",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dns\":[{\"name\":\"a.example\",\"status\":\"data\","
		"\"answer\":[\"10 b.example\"],\"type\":\"A\"}]"),
	    MXA_ESYNTAX },
	{ "the least record of each type",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dns\":[" QUESTION("MX", "65535 a.example") "," QUESTION(
		    "A", "192.0.2.1") "," QUESTION("TXT", "") "]"),
	    MXA_OK },
	{ "a preference that is too large",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dns\":[" QUESTION("MX", "65536 a.example") "]"),
	    MXA_ESYNTAX },
	{ "no preference",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dns\":[" QUESTION("MX", "a.example") "]"),
	    MXA_ESYNTAX },
	{ "a record of type A that is no address",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dns\":[" QUESTION("A", "a.example") "," QUESTION(
		    "AAAA", "2001:db8::1") "]"),
	    MXA_ESYNTAX },
	{ "a question without a type",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dns\":[{\"name\":\"a.example\"}]"),
	    MXA_ESYNTAX },
	{ "the first domain is the worst, and there is none",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"dmarc\":{\"worst\":0,\"domains\":[]}"),
	    MXA_OK },
	{ "version 0",
	    "{\"v\":0,\"time\":\"2026-11-21T08:00:00Z\",\"id\":\"4X\","
	    "\"action\":{}}",
	    MXA_ESYNTAX },
	{ "before 1970", MSG("1969-12-31T23:59:59Z", "4X", ""), MXA_ESYNTAX },
	{ "a ground nobody knows",
	    MSG("2026-11-21T08:00:00Z", "4X",
		",\"action\":{\"turned\":\"luck\",\"grounds\":[\"luck\"]}"),
	    MXA_OK },
	{ "a domain that is no object",
	    MSG("2026-11-21T08:00:00Z", "4X", ",\"dmarc\":{\"domains\":[7]}"),
	    MXA_ESYNTAX },
};

START_TEST(only_our_lines_are_read)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_entry e;

	ck_assert_msg(
	    mxa_line_read(a, mxa_str_from(lines[_i].line), &e) == lines[_i].rc,
	    "%s", lines[_i].name);
	if (lines[_i].rc == MXA_OK) /* all words have their names */
		line_of(a, &e.txn, NULL);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *text;
	int64_t seconds;
} times[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2000-02-29T23:59:59Z", 951868799 },
	{ "2000-03-01T00:00:00Z", 951868800 },
	{ "2026-11-21T08:00:00Z", WHEN },
	{ "2038-01-19T03:14:08Z", INT64_C(2147483648) },
};

START_TEST(times_are_utc)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_entry e;
	const char *line = mxa_arena_printf(a,
	    "{\"v\":1,\"time\":\"%s\",\"id\":\"x\",\"action\":{}}",
	    times[_i].text);

	ck_assert_int_eq(mxa_line_read(a, mxa_str_from(line), &e), MXA_OK);
	ck_assert_int_eq(e.time, times[_i].seconds);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("line");
	TCase *tc = tcase_create("line");

	tcase_add_test(tc, refused_message);
	tcase_add_test(tc, exempt_message);
	tcase_add_test(tc, first_line_of_a_file);
	tcase_add_loop_test(tc, line_comes_back, 0, MXA_ARRAY_LEN(messages));
	tcase_add_test(tc, evidence_comes_back);
	tcase_add_loop_test(
	    tc, text_of_senders_is_escaped, 0, MXA_ARRAY_LEN(hostile));
	tcase_add_test(tc, nul_is_escaped);
	tcase_add_test(tc, line_is_bounded);
	tcase_add_loop_test(
	    tc, only_our_lines_are_read, 0, MXA_ARRAY_LEN(lines));
	tcase_add_loop_test(tc, times_are_utc, 0, MXA_ARRAY_LEN(times));
	suite_add_tcase(s, tc);
	return test_main(s);
}
