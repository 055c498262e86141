/* check_redact.c - what others may read of a header section. */
#include "history/redact.h"

#include <string.h>

#include "t/support/testing.h"

static const uint8_t key[MXA_REDACT_KEY] = "0123456789abcdef0123456789abcde";
static struct mxa_arena *a;
static struct mxa_redactor r;

static void setup(void)
{
	a = mxa_arena_new();
	mxa_redactor_init(&r, a, key);
}

static void teardown(void)
{
	mxa_redactor_done(&r);
	mxa_arena_free(a);
}

/* "redacted.HASH@x" as "*@x": the hash itself is another test's. */
static const char *shown(struct mxa_str s)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 100000);
	for (size_t i = 0; i < s.len; i++) {
		struct mxa_str rest = mxa_str_sub(s, i, s.len);

		if (!mxa_str_starts(rest, MXA_STR("redacted."))) {
			mxa_buf_addc(&b, s.p[i]);
			continue;
		}
		mxa_buf_addc(&b, '*');
		i += sizeof("redacted.") - 2 + 16;
	}
	return mxa_buf_cstr(&b);
}

static const struct {
	const char *name, *in, *want;
} rows[] = {
	{ "no header section", "", "" },
	{ "an author keeps the name", "From: Joe <joe@a.example>\r\n",
	    "From: Joe <*@a.example>\r\n" },
	{ "a bare address", "From: joe@a.example\r\n",
	    "From: *@a.example\r\n" },
	{ "two in a list", "Reply-To: a@x.example,b@y.example\r\n",
	    "Reply-To: *@x.example,*@y.example\r\n" },
	{ "a quoted local part", "From: \"joe doe\"@a.example\r\n",
	    "From: *@a.example\r\n" },
	{ "with a quote in it", "From: \"joe \\\" doe\"@a.example\r\n",
	    "From: *@a.example\r\n" },
	{ "an address in a quoted name",
	    "From: \"joe@b.example\" <x@a.example>\r\n",
	    "From: \"*@b.example\" <*@a.example>\r\n" },
	{ "white space before the sign", "From: joe @a.example\r\n",
	    "From: *@a.example\r\n" },
	{ "two signs", "From: <a@b@c.example>\r\n", "From: <*@c.example>\r\n" },
	{ "an address literal", "From: <joe@[192.0.2.1]>\r\n",
	    "From: <*@[192.0.2.1]>\r\n" },
	{ "nothing before the sign", "From: @a.example\r\n",
	    "From: @a.example\r\n" },
	{ "a local part that is not ASCII", "From: <j\xc3\xb6@a.example>\r\n",
	    "From: <*@a.example>\r\n" },
	{ "recipients lose their names",
	    "To: \"Bob B.\" <bob@b.example>, Eve (x) <eve@b.example>\r\n",
	    "To: *@b.example, *@b.example\r\n" },
	{ "undisclosed ones", "To: undisclosed-recipients:;\r\n", "To: \r\n" },
	{ "a URL among recipients", "To: http://x.example/a@b\r\n",
	    "To: \r\n" },
	{ "Bcc is gone", "Bcc: bob@b.example\r\nDate: now\r\n",
	    "Date: now\r\n" },
	{ "in every case", "BCC: b@b.example\r\nresent-bcc: c@b.example\r\n",
	    "" },
	{ "Received names a recipient",
	    "Received: from a (b [192.0.2.1])\r\n\tby c with SMTP id 4Xyz\r\n"
	    "\tfor <bob@b.example>; now\r\n",
	    "Received: from a (b [192.0.2.1])\r\n\tby c with SMTP id 4Xyz\r\n"
	    "\tfor <*@b.example>; now\r\n" },
	{ "tags stay readable",
	    "DKIM-Signature: v=1; i=joe@a.example; b=AbC=\r\n",
	    "DKIM-Signature: v=1; i=*@a.example; b=AbC=\r\n" },
	{ "results too",
	    "Authentication-Results: m; spf=pass smtp.mailfrom=joe@a.example\r\n",
	    "Authentication-Results: m; spf=pass "
	    "smtp.mailfrom=*@a.example\r\n" },
	{ "VERP is hidden whole", "X-Sender: b-joe=b.example@a.example\r\n",
	    "X-Sender: *@a.example\r\n" },
	{ "the id stays", "Message-ID: <1.2@a.example>\r\n",
	    "Message-ID: <1.2@a.example>\r\n" },
	{ "ids of other messages do not", "References: <1.2@a.example>\r\n",
	    "References: <*@a.example>\r\n" },
	{ "a URL ends after its host",
	    "List-Unsubscribe: <https://a.example/u/t0ken?x=joe@b.example>\r\n",
	    "List-Unsubscribe: <hxxps://a.example/...>\r\n" },
	{ "a URL with a user", "X-A: http://joe:pw@a.example\r\n",
	    "X-A: hxxp://a.example\r\n" },
	{ "a URL after a key", "X-A: href=HTTP://a.example/secret ok\r\n",
	    "X-A: href=hxxp://a.example/... ok\r\n" },
	{ "mailto", "List-Unsubscribe: <mailto:out-joe@a.example>\r\n",
	    "List-Unsubscribe: <mailto:*@a.example>\r\n" },
	{ "an encoded word", "Subject: =?utf-8?Q?joe=40a.example?= hi\r\n",
	    "Subject: =?...?= hi\r\n" },
	{ "bytes that are not text", "Subject: a\x01\x7f\xff z\r\n",
	    "Subject: a??? z\r\n" },
};

START_TEST(fields)
{
	struct mxa_headers h;
	struct mxa_buf b;
	size_t body;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h, mxa_str_from(rows[_i].in), &body);
	mxa_buf_init(&b, a, MXA_MAX_REDACTED);
	ck_assert(mxa_redact_headers(&r, &h, &b));
	ck_assert_msg(strcmp(shown(mxa_buf_str(&b)), rows[_i].want) == 0,
	    "%s: got \"%s\"", rows[_i].name, shown(mxa_buf_str(&b)));
}
END_TEST

/* SHA-256 of key and local part, by openssl dgst. */
START_TEST(hash)
{
	struct mxa_redactor other;
	uint8_t second[MXA_REDACT_KEY] = { 1 };
	struct mxa_str one = mxa_redact_address(&r, MXA_STR("joe@a.example"));

	ck_str_is(one, "redacted.a4c448603aff1238@a.example");
	ck_assert(
	    mxa_str_eq(one, mxa_redact_address(&r, MXA_STR("joe@a.example"))));
	ck_assert(
	    !mxa_str_eq(one, mxa_redact_address(&r, MXA_STR("Joe@a.example"))));
	mxa_redactor_init(&other, a, second);
	ck_assert(!mxa_str_eq(
	    one, mxa_redact_address(&other, MXA_STR("joe@a.example"))));
	mxa_redactor_done(&other);
	ck_str_is(mxa_redact_address(&r, MXA_STR("")), "");
	ck_assert(mxa_str_starts(
	    mxa_redact_address(&r, MXA_STR("joe")), MXA_STR("redacted.")));
}
END_TEST

/* What a sender can make large. */
static struct mxa_str of_many(const char *name, const char *text, size_t n)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4 << 20);
	mxa_buf_printf(&b, "%s: ", name);
	for (size_t i = 0; i < n; i++)
		mxa_buf_adds(&b, text);
	mxa_buf_adds(&b, "\r\n");
	return mxa_buf_str(&b);
}

static const struct {
	const char *name, *text;
	size_t n;
	const char *want;
} large[] = {
	{ "To", "a@b.example,", 10000, "To: (too long)\r\n" },
	{ "To", "\\\"", 8000, "To: \r\n" },
	{ "Subject", "x ", 3000, "Subject: (too long)\r\n" },
	{ "Subject", "\"", 100000, "Subject: (too long)\r\n" },
};

START_TEST(too_long)
{
	struct mxa_headers h;
	struct mxa_buf b;
	size_t body;

	mxa_headers_init(&h, a);
	mxa_headers_split(
	    &h, of_many(large[_i].name, large[_i].text, large[_i].n), &body);
	mxa_buf_init(&b, a, MXA_MAX_REDACTED);
	ck_assert(mxa_redact_headers(&r, &h, &b));
	ck_str_is(mxa_buf_str(&b), large[_i].want);
}
END_TEST

START_TEST(lines_are_short)
{
	struct mxa_headers h;
	struct mxa_buf b;
	size_t body, line = 0;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h, of_many("X-A", "y", 3000), &body);
	mxa_buf_init(&b, a, MXA_MAX_REDACTED);
	ck_assert(mxa_redact_headers(&r, &h, &b));
	ck_assert_uint_gt(b.len, 3000);
	for (size_t i = 0; i < b.len; i++) {
		line = b.p[i] == '\n' ? 0 : line + 1;
		ck_assert_uint_le(line, 998);
	}
}
END_TEST

START_TEST(too_many_fields)
{
	struct mxa_headers h;
	struct mxa_buf b;

	mxa_headers_init(&h, a);
	for (int i = 0; i < 20000; i++)
		mxa_headers_add(&h, MXA_STR("X"), MXA_STR("some text"), false);
	mxa_buf_init(&b, a, MXA_MAX_REDACTED);
	ck_assert(!mxa_redact_headers(&r, &h, &b));
	ck_assert(!b.full);
	ck_assert_int_eq(b.p[b.len - 1], '\n');
}
END_TEST

int main(void)
{
	Suite *s = suite_create("redact");
	TCase *tc = tcase_create("redact");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, fields, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, hash);
	tcase_add_loop_test(tc, too_long, 0, sizeof(large) / sizeof(large[0]));
	tcase_add_test(tc, lines_are_short);
	tcase_add_test(tc, too_many_fields);
	suite_add_tcase(s, tc);
	return test_main(s);
}
