/* check_authres.c - Authentication-Results read, written, recognised (RFC
 * 8601). */
#include "t/support/testing.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "mail/authres.h"

/* "id/version|method=result (comment) {reason} ptype.name=[value]|" */
static const char *show(struct mxa_arena *a, const struct mxa_authres *ar)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	mxa_buf_printf(&b, "%.*s/%u|", MXA_STR_ARG(ar->id), ar->version);
	for (size_t i = 0; i < ar->n; i++) {
		const struct mxa_authres_result *r = &ar->result[i];

		mxa_buf_printf(&b, "%.*s=%.*s", MXA_STR_ARG(r->method),
		    MXA_STR_ARG(r->result));
		if (r->comment.len > 0)
			mxa_buf_printf(&b, " (%.*s)", MXA_STR_ARG(r->comment));
		if (r->reason.len > 0)
			mxa_buf_printf(&b, " {%.*s}", MXA_STR_ARG(r->reason));
		for (size_t k = 0; k < r->n_prop; k++)
			mxa_buf_printf(&b, " %.*s.%.*s=[%.*s]",
			    MXA_STR_ARG(r->prop[k].ptype),
			    MXA_STR_ARG(r->prop[k].name),
			    MXA_STR_ARG(r->prop[k].value));
		mxa_buf_addc(&b, '|');
	}
	return mxa_buf_cstr(&b);
}

static const struct {
	const char *name, *in, *out;
} reads[] = {
	{ "none", "a.example; none", "a.example/1|" },
	{ "CFWS wherever it may be",
	    "a.example 1 ; spf=pass(ok) smtp . mailfrom = b.example",
	    "a.example/1|spf=pass (ok) smtp.mailfrom=[b.example]|" },
	{ "method version 1", "a.example; dkim/1=pass header.d=x.example",
	    "a.example/1|dkim=pass header.d=[x.example]|" },
	{ "method version 1 with CFWS", "a.example; dkim (x) / 1 = pass",
	    "a.example/1|dkim=pass|" },
	{ "method version 2 is left out", "a.example; dkim/2=pass; spf=none",
	    "a.example/1|spf=none|" },
	{ "unknown methods are there too", "a.example; foo=bar; spf=fail",
	    "a.example/1|foo=bar|spf=fail|" },
	{ "semicolon and '=' in a comment",
	    "a.example; dmarc=fail (p=none; dis=none) header.from=x.example",
	    "a.example/1|dmarc=fail (p=none; dis=none) "
	    "header.from=[x.example]|" },
	{ "quoted reason",
	    "a.example; spf=pass reason=\"a \\\"b\\\"; c\" smtp.helo=h.example",
	    "a.example/1|spf=pass {a \"b\"; c} smtp.helo=[h.example]|" },
	{ "header version", "a.example 2; spf=pass", "a.example/2|spf=pass|" },
	{ "id alone", "mx.example.net", "mx.example.net/1|" },
	{ "quoted id", "\"mx.example.net/7\"; none", "mx.example.net/7/1|" },
	{ "comment before the id", "(x(y)) a.example(z); spf=pass",
	    "a.example/1|spf=pass|" },
	{ "folded", "\r\n\ta.example;\r\n\tspf=pass\r\n\tsmtp.helo=h.example",
	    "a.example/1|spf=pass smtp.helo=[h.example]|" },
	{ "upper case", "a.example; SPF=Pass SMTP.MailFrom=B.example",
	    "a.example/1|spf=pass smtp.mailfrom=[B.example]|" },
	{ "no authserv-id",
	    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.example; "
	    "dkim=pass (signature was verified) header.d=x.example;dmarc=pass "
	    "action=none header.from=x.example;compauth=pass reason=100",
	    "/1|spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=[x.example]|"
	    "dkim=pass (signature was verified) header.d=[x.example]|"
	    "dmarc=pass header.from=[x.example]|compauth=pass {100}|" },
	{ "no authserv-id behind white space and a comment",
	    " (x)\r\n\tspf=pass smtp.mailfrom=x.example; dkim=none",
	    "/1|spf=pass smtp.mailfrom=[x.example]|dkim=none|" },
	{ "unquoted IPv6", "a.example; iprev=pass policy.iprev=2001:db8::1",
	    "a.example/1|iprev=pass policy.iprev=[2001:db8::1]|" },
	{ "comment behind the property",
	    "a.example; iprev=pass policy.iprev=192.0.2.1 (mail.example.com)",
	    "a.example/1|iprev=pass (mail.example.com) "
	    "policy.iprev=[192.0.2.1]|" },
	{ "unquoted base64", "a.example; dkim=pass header.b=Ab/d+Ef1==",
	    "a.example/1|dkim=pass header.b=[Ab/d+Ef1==]|" },
	{ "quoted base64", "a.example; dkim=pass header.b=\"Ab/dEf12\"",
	    "a.example/1|dkim=pass header.b=[Ab/dEf12]|" },
	{ "trailing semicolon", "a.example; spf=pass;",
	    "a.example/1|spf=pass|" },
	{ "several semicolons", "a.example;; ; spf=pass;;",
	    "a.example/1|spf=pass|" },
	{ "empty value before the end", "a.example; spf=none smtp.mailfrom=",
	    "a.example/1|spf=none smtp.mailfrom=[]|" },
	{ "empty value before a property",
	    "a.example; spf=none smtp.mailfrom= smtp.helo=h.example",
	    "a.example/1|spf=none smtp.mailfrom=[] smtp.helo=[h.example]|" },
	{ "empty value before a property of one letter",
	    "a.example; dkim=none header.i= header.d=x.example",
	    "a.example/1|dkim=none header.i=[] header.d=[x.example]|" },
	{ "empty quoted value", "a.example; spf=none smtp.mailfrom=\"\"",
	    "a.example/1|spf=none smtp.mailfrom=[]|" },
	{ "identities",
	    "a.example; dkim=pass header.i=@x.example; "
	    "dkim=pass header.i=u@x.example; "
	    "dkim=pass header.i=\"a b\"@x.example",
	    "a.example/1|dkim=pass header.i=[@x.example]|"
	    "dkim=pass header.i=[u@x.example]|"
	    "dkim=pass header.i=[\"a b\"@x.example]|" },
	{ "nested comment", "a.example; dkim=pass (2048-bit (rsa) key; x)",
	    "a.example/1|dkim=pass (2048-bit (rsa) key; x)|" },
	{ "only the first comment", "a.example; spf=pass (a) (b)",
	    "a.example/1|spf=pass (a)|" },
	{ "comment before the result is no comment of it",
	    "a.example; spf (a) = (b) pass (c)", "a.example/1|spf=pass (c)|" },
	{ "reason behind a property",
	    "a.example; dkim=fail header.d=x.example "
	    "reason=\"no key\"",
	    "a.example/1|dkim=fail {no key} header.d=[x.example]|" },
	{ "the first reason", "a.example; dkim=fail reason=a reason=b",
	    "a.example/1|dkim=fail {a}|" },
	{ "bad results are skipped, good ones stay",
	    "a.example; =pass; dkim; dkim=; dkim pass; !; spf=pass",
	    "a.example/1|spf=pass|" },
	{ "rubbish between properties",
	    "a.example; spf=pass <x> foo .. smtp.helo=h.example",
	    "a.example/1|spf=pass smtp.helo=[h.example]|" },
	{ "quote never closed ends the field",
	    "a.example; spf=pass reason=\"x; dkim=pass",
	    "a.example/1|spf=pass|" },
	{ "comment never closed ends the field",
	    "a.example; spf=pass (x; dkim=pass", "a.example/1|spf=pass|" },
	{ "semicolon in quotes of a bad result",
	    "a.example; ? \"a;b\"; spf=pass", "a.example/1|spf=pass|" },
	{ "underscore in a name", "a.example; x_y=z policy.a_b=c",
	    "a.example/1|x_y=z policy.a_b=[c]|" },
	{ "fold inside a quoted string",
	    "a.example; spf=fail reason=\"not\r\n\tlisted\"",
	    "a.example/1|spf=fail {not\tlisted}|" },
};

START_TEST(parses)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres ar;

	ck_assert_int_eq(
	    mxa_authres_parse(a, mxa_str_from(reads[_i].in), &ar), MXA_OK);
	ck_assert_str_eq(show(a, &ar), reads[_i].out);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *name, *in;
} unreadable[] = {
	{ "nothing", "" },
	{ "white space", " \r\n\t" },
	{ "semicolon", ";" },
	{ "no id before the semicolon", " ; spf=pass" },
	{ "comment only", "(x)" },
	{ "comment never closed", "(a.example; spf=pass" },
	{ "quote never closed", "\"a.example; spf=pass" },
};

START_TEST(no_id_no_field)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres ar;

	ck_assert_int_eq(
	    mxa_authres_parse(a, mxa_str_from(unreadable[_i].in), &ar),
	    MXA_ESYNTAX);
	ck_assert_uint_eq(ar.n, 0);
	mxa_arena_free(a);
}
END_TEST

START_TEST(ceilings_of_results_and_properties)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres ar;
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	mxa_buf_adds(&b, "a.example; dkim=pass");
	for (int i = 0; i < 1000; i++)
		mxa_buf_printf(&b, " header.x%d=%d", i, i);
	for (int i = 0; i < 1000; i++)
		mxa_buf_adds(&b, "; spf=pass");
	ck_assert_int_eq(mxa_authres_parse(a, mxa_buf_str(&b), &ar), MXA_OK);
	ck_assert_uint_eq(ar.n, MXA_MAX_TAGS);
	ck_assert_uint_eq(ar.result[0].n_prop, MXA_MAX_TAGS);
	ck_str_is(ar.result[0].prop[127].value, "127");
	mxa_arena_free(a);
}
END_TEST

START_TEST(long_keyword_is_no_keyword)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres ar;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 10000);
	mxa_buf_adds(&b, "a.example; ");
	for (int i = 0; i <= MXA_MAX_KEYWORD; i++)
		mxa_buf_addc(&b, 'k');
	mxa_buf_adds(&b, "=pass; spf=pass");
	ck_assert_int_eq(mxa_authres_parse(a, mxa_buf_str(&b), &ar), MXA_OK);
	ck_assert_str_eq(show(a, &ar), "a.example/1|spf=pass|");
	mxa_arena_free(a);
}
END_TEST

/* --- writing --- */

#define PROP(t, n, v)                                             \
	{                                                         \
		MXA_STR_INIT(t), MXA_STR_INIT(n), MXA_STR_INIT(v) \
	}

static struct mxa_authres_prop spf_props[] = {
	PROP("smtp", "mailfrom", "bounce.example.com"),
};
static struct mxa_authres_prop dkim_props[] = {
	PROP("header", "d", "example.com"),
	PROP("header", "i", "@example.com"),
	PROP("header", "s", "s1"),
	PROP("header", "a", "rsa-sha256"),
	PROP("header", "b", "Ab/dEf12"),
};
static struct mxa_authres_prop iprev_props[] = {
	PROP("policy", "iprev", "2001:db8::1"),
};
static struct mxa_authres_prop dmarc_props[] = {
	PROP("header", "from", "example.com"),
	PROP("policy", "dmarc", "reject"),
};

static struct mxa_authres_result contract[] = {
	{ .method = MXA_STR_INIT("spf"),
	    .result = MXA_STR_INIT("fail"),
	    .prop = spf_props,
	    .n_prop = 1 },
	{ .method = MXA_STR_INIT("dkim"),
	    .result = MXA_STR_INIT("pass"),
	    .prop = dkim_props,
	    .n_prop = 5 },
	{ .method = MXA_STR_INIT("arc"), .result = MXA_STR_INIT("none") },
	{ .method = MXA_STR_INIT("iprev"),
	    .result = MXA_STR_INIT("pass"),
	    .prop = iprev_props,
	    .n_prop = 1 },
	{ .method = MXA_STR_INIT("dmarc"),
	    .result = MXA_STR_INIT("pass"),
	    .comment = MXA_STR_INIT("p=reject dis=none"),
	    .reason = MXA_STR_INIT("DKIM is aligned"),
	    .prop = dmarc_props,
	    .n_prop = 2 },
};

static const char *format(
    struct mxa_arena *a, const struct mxa_authres *ar, bool comments)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_AUTHRES);
	mxa_authres_format(&b, ar, comments);
	ck_assert(!b.full);
	return mxa_buf_cstr(&b);
}

START_TEST(field_of_the_contract)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres ar = { MXA_STR("mx.example.jp"), 1, contract, 5 };

	ck_assert_str_eq(format(a, &ar, true),
	    "mx.example.jp;\n"
	    "\tspf=fail smtp.mailfrom=bounce.example.com;\n"
	    "\tdkim=pass header.d=example.com header.i=@example.com "
	    "header.s=s1\n\theader.a=rsa-sha256 header.b=\"Ab/dEf12\";\n"
	    "\tarc=none;\n"
	    "\tiprev=pass policy.iprev=\"2001:db8::1\";\n"
	    "\tdmarc=pass (p=reject dis=none) reason=\"DKIM is aligned\"\n"
	    "\theader.from=example.com policy.dmarc=reject");
	ck_assert_str_eq(
	    format(
		a, &(struct mxa_authres){ ar.id, 1, &contract[4], 1 }, false),
	    "mx.example.jp;\n"
	    "\tdmarc=pass reason=\"DKIM is aligned\" header.from=example.com\n"
	    "\tpolicy.dmarc=reject");
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *id;
	unsigned version;
	const char *out;
} ids[] = {
	{ "mx.example.net", 1, "mx.example.net; none" },
	{ "mx.example.net/job 1", 1, "\"mx.example.net/job 1\"; none" },
	{ "mx.example.net", 2, "mx.example.net 2; none" },
	{ "", 1, "\"\"; none" },
	{ "a\"\r\nX-Evil: b", 1, "\"a\\\"  X-Evil: b\"; none" },
};

START_TEST(no_result_is_none)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres ar = { .id = mxa_str_from(ids[_i].id),
		.version = ids[_i].version };

	ck_assert_str_eq(format(a, &ar, true), ids[_i].out);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *name;
	struct mxa_str value;
	const char *written;
} values[] = {
	{ "token", MXA_STR_INIT("s1.x_y+z"), "s1.x_y+z" },
	{ "empty", MXA_STR_INIT(""), "\"\"" },
	{ "IPv4", MXA_STR_INIT("192.0.2.1"), "192.0.2.1" },
	{ "IPv6", MXA_STR_INIT("2001:db8::1"), "\"2001:db8::1\"" },
	{ "base64 with '/'", MXA_STR_INIT("Ab/dEf12"), "\"Ab/dEf12\"" },
	{ "base64 with '='", MXA_STR_INIT("AbdEf1=="), "\"AbdEf1==\"" },
	{ "base64 with '+'", MXA_STR_INIT("Ab+dEf12"), "Ab+dEf12" },
	{ "domain of an identity", MXA_STR_INIT("@example.com"),
	    "@example.com" },
	{ "identity", MXA_STR_INIT("user@example.com"), "user@example.com" },
	{ "dkim-quoted-printable in it", MXA_STR_INIT("a=20b/c@example.com"),
	    "a=20b/c@example.com" },
	{ "quoted local part", MXA_STR_INIT("\"a b\"@example.com"),
	    "\"a b\"@example.com" },
	{ "local part that ought to be quoted", MXA_STR_INIT("a b@example.com"),
	    "\"a b@example.com\"" },
	{ "dots at the edge", MXA_STR_INIT(".a@example.com"),
	    "\".a@example.com\"" },
	{ "two at signs", MXA_STR_INIT("a@b@example.com"),
	    "\"a@b@example.com\"" },
	{ "no domain", MXA_STR_INIT("a@"), "\"a@\"" },
	{ "quotes that are no local part", MXA_STR_INIT("\"a\"b@c.example"),
	    "\"\\\"a\\\"b@c.example\"" },
	{ "quote and backslash", MXA_STR_INIT("a\"b\\c"), "\"a\\\"b\\\\c\"" },
	{ "a field of the sender's own", MXA_STR_INIT("x\r\nX-Evil: 1"),
	    "\"x  X-Evil: 1\"" },
	{ "fold of the sender's own", MXA_STR_INIT("x\n\ty"), "\"x  y\"" },
	{ "NUL and other controls go", MXA_STR_INIT("a\0b\x01\x7f"), "ab" },
	{ "a result of the sender's own",
	    MXA_STR_INIT("x; dmarc=pass header.from=bank.example"),
	    "\"x; dmarc=pass header.from=bank.example\"" },
	{ "comment of the sender's own", MXA_STR_INIT("x(y"), "\"x(y\"" },
	{ "UTF-8 stays, quoted",
	    MXA_STR_INIT("b\xc3\xbc"
			 "cher.example"),
	    "\"b\xc3\xbc"
	    "cher.example\"" },
	{ "UTF-8 in an address",
	    MXA_STR_INIT("\xc3\xa9@b\xc3\xbc"
			 "cher.example"),
	    "\xc3\xa9@b\xc3\xbc"
	    "cher.example" },
	{ "what is no UTF-8 does not", MXA_STR_INIT("a\xff\xc3"), "\"a??\"" },
};

START_TEST(values_follow_the_grammar)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres_prop prop = { MXA_STR("header"), MXA_STR("i"),
		values[_i].value };
	struct mxa_authres_result res = { .method = MXA_STR("dkim"),
		.result = MXA_STR("pass"),
		.prop = &prop,
		.n_prop = 1 };
	struct mxa_authres ar = { MXA_STR("a.example"), 1, &res, 1 };

	ck_assert_str_eq(format(a, &ar, true),
	    mxa_arena_printf(
		a, "a.example;\n\tdkim=pass header.i=%s", values[_i].written));
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *comment, *reason, *out;
} words[] = {
	{ "a (b) \\c", "", "spf=fail (a \\(b\\) \\\\c)" },
	{ " ok ", "", "spf=fail (ok)" },
	{ "\r\n", "", "spf=fail" },
	{ "x)\r\nX-Evil: y", "", "spf=fail (x\\)  X-Evil: y)" },
	{ "", "timeout", "spf=fail reason=timeout" },
	{ "", "\x01\x7f", "spf=fail" },
	{ "", "not listed; \"-all\"",
	    "spf=fail reason=\"not listed; \\\"-all\\\"\"" },
	{ "c", "u@example.com", "spf=fail (c) reason=\"u@example.com\"" },
};

START_TEST(comment_and_reason_are_escaped)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres_result res = { .method = MXA_STR("spf"),
		.result = MXA_STR("fail"),
		.comment = mxa_str_from(words[_i].comment),
		.reason = mxa_str_from(words[_i].reason) };
	struct mxa_authres ar = { MXA_STR("a.example"), 1, &res, 1 };

	ck_assert_str_eq(format(a, &ar, true),
	    mxa_arena_printf(a, "a.example;\n\t%s", words[_i].out));
	mxa_arena_free(a);
}
END_TEST

START_TEST(what_is_no_keyword_is_left_out)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres_prop prop = PROP("header\r\n", "d", "x.example");
	struct mxa_authres_result res[] = {
		{ .method = MXA_STR("spf=pass; dmarc"),
		    .result = MXA_STR("pass") },
		{ .method = MXA_STR("dkim"), .result = MXA_STR("") },
		{ .method = MXA_STR("dkim"),
		    .result = MXA_STR("pass"),
		    .prop = &prop,
		    .n_prop = 1 },
	};
	struct mxa_authres ar = { MXA_STR("a.example"), 1, res, 3 };

	ck_assert_str_eq(format(a, &ar, true), "a.example;\n\tdkim=pass");
	ar.n = 2;
	ck_assert_str_eq(format(a, &ar, true), "a.example; none");
	mxa_arena_free(a);
}
END_TEST

/* 'n' times 'c' */
static struct mxa_str repeat(struct mxa_arena *a, char c, size_t n)
{
	return mxa_str_make(memset(mxa_arena_alloc(a, n), c, n), n);
}

START_TEST(no_line_reaches_998)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres_prop props[] = {
		{ MXA_STR("header"), MXA_STR("i"), repeat(a, 'i', 5000) },
		{ MXA_STR("header"), MXA_STR("s"), repeat(a, 's', 700) },
		{ MXA_STR("header"), MXA_STR("d"), MXA_STR("x.example") },
		{ MXA_STR("header"), MXA_STR("b"), repeat(a, '"', 401) },
	};
	struct mxa_authres_result res = { .method = MXA_STR("dkim"),
		.result = MXA_STR("pass"),
		.comment = repeat(a, '(', 5000),
		.reason = repeat(a, '\\', 5000),
		.prop = props,
		.n_prop = 4 };
	struct mxa_authres ar = { repeat(a, 'm', 3000), 1, &res, 1 };
	struct mxa_str out = mxa_str_from(format(a, &ar, true));

	for (size_t from = 0; from < out.len;) {
		size_t end = mxa_str_chr(out, '\n', from);

		ck_assert_uint_lt(end - from, 960);
		from = end + 1;
	}
	/* the too long identity is not there, cut it would be another's */
	ck_assert_uint_eq(mxa_str_casefind(out, MXA_STR("header.i")), out.len);
	ck_assert_uint_eq(mxa_str_casefind(out, MXA_STR("header.b")), out.len);
	ck_assert_uint_lt(
	    mxa_str_casefind(out, MXA_STR("header.d=x.example")), out.len);
	ck_assert_uint_lt(mxa_str_casefind(out, MXA_STR("header.s=")), out.len);
	mxa_arena_free(a);
}
END_TEST

/* Names in a reason or a comment that is too long: whole or not at all. */
START_TEST(no_name_is_cut)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf names;
	struct mxa_authres_result res = { .method = MXA_STR("spf"),
		.result = MXA_STR("fail") };
	struct mxa_authres ar = { MXA_STR("mx.example"), 1, &res, 1 };
	struct mxa_str out;

	mxa_buf_init(&names, a, 4000);
	for (int i = 0; i < 150; i++)
		mxa_buf_adds(&names, "bank.example.com \xc3\xa9 ");
	res.comment = res.reason = mxa_buf_str(&names);
	out = mxa_str_from(format(a, &ar, true));
	for (size_t at = 0; (at = mxa_str_chr(out, 'b', at)) < out.len; at++)
		ck_assert(mxa_str_starts(mxa_str_sub(out, at, out.len),
		    MXA_STR("bank.example.com")));
	for (size_t at = 0; at < out.len; at += mxa_utf8_len(out, at))
		ck_assert_uint_gt(mxa_utf8_len(out, at), 0);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *name;
	struct mxa_str in;
	bool forged;
} spf_claims[] = {
#define ROW(name, in, forged)                  \
	{                                      \
		name, MXA_STR_INIT(in), forged \
	}
	ROW("receiver", "pass receiver=mx.example.net; client-ip=192.0.2.1",
	    true),
	ROW("no space", "pass;receiver=mx.example.net", true),
	ROW("capitals", "PASS Receiver=MX.Example.NET", true),
	ROW("quoted", "pass receiver=\"mx.example.net\"", true),
	ROW("quoted with escapes", "pass receiver=\"mx.exam\\ple.net\"", true),
	ROW("comments around", "pass (x) receiver (y) = (z) mx.example.net",
	    true),
	ROW("folded", "pass\r\n\treceiver=\r\n\tmx.example.net", true),
	ROW("trailing dot", "pass receiver=mx.example.net.", true),
	ROW("alias", "pass receiver=mail.example.net", true),
	ROW("the comment names us",
	    "pass (mx.example.net: domain of a@b.example designates 192.0.2.1) "
	    "client-ip=192.0.2.1",
	    true),
	ROW("the comment names us alone", "pass (mx.example.net)", true),
	ROW("a later comment", "pass (x) (mx.example.net: y)", true),
	ROW("a nested comment", "pass (x (mx.example.net: y))", true),
	ROW("an open comment", "pass (mx.example.net: x", true),
	ROW("an open quote", "pass receiver=\"mx.example.net", true),
	ROW("a second receiver",
	    "pass receiver=a.example; receiver=mx.example.net", true),
	ROW("spaces inside", "pass receiver=mx.\r\n example.net", true),
	ROW("U-label",
	    "pass receiver=mx.b\xc3\xbc"
	    "cher.example",
	    true),
	ROW("A-label", "pass receiver=mx.xn--bcher-kva.example", true),
	ROW("another receiver", "pass receiver=other.example", false),
	ROW("a longer name", "pass receiver=mx.example.net.evil.example",
	    false),
	ROW("a name below", "pass receiver=a.mx.example.net", false),
	ROW("we as HELO", "pass receiver=other.example; helo=mx.example.net",
	    false),
	ROW("we in the text of another's comment",
	    "pass (other.example: domain of a@mx.example.net) x=y", false),
	ROW("a sender", "pass envelope-from=\"a@mx.example.net\"", false),
	ROW("nothing", "", false),
	ROW("only the key", "pass receiver", false),
	ROW("only the key and =", "pass receiver=", false),
#undef ROW
};

START_TEST(spf_forged_or_not)
{
	struct mxa_arena *a = mxa_arena_new();
	const struct mxa_str ours[] = {
		MXA_STR("mx.example.net"),
		MXA_STR("mail.example.net"),
		MXA_STR("mx.b\xc3\xbc"
			"cher.example"),
	};

	ck_assert_msg(mxa_received_spf_is_forged(a, spf_claims[_i].in, ours,
			  MXA_ARRAY_LEN(ours)) == spf_claims[_i].forged,
	    "%s", spf_claims[_i].name);
	mxa_arena_free(a);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres first, second;
	const char *text;

	if (mxa_authres_parse(a, mxa_str_from(reads[_i].in), &first) != MXA_OK)
		ck_abort_msg("%s", reads[_i].in);
	text = format(a, &first, true);
	ck_assert_int_eq(
	    mxa_authres_parse(a, mxa_str_from(text), &second), MXA_OK);
	if (strchr(reads[_i].out, '\t') == NULL)
		ck_assert_str_eq(show(a, &second), show(a, &first));
	ck_assert_str_eq(format(a, &second, true), text);
	mxa_arena_free(a);
}
END_TEST

/* --- forgery --- */

static const struct {
	const char *name;
	struct mxa_str in;
	bool untrusted, forged;
} claims[] = {
#define ROW(name, in, untrusted, forged)                  \
	{                                                 \
		name, MXA_STR_INIT(in), untrusted, forged \
	}
	/* the table of spec/authres.md section 6 */
	ROW("plain", "mx.example.net; dkim=pass header.d=x.example", true,
	    true),
	ROW("other case, version", "MX.Example.NET 1; spf=pass", true, true),
	ROW("quoted", "\"mx.example.net\"; none", true, true),
	ROW("comments", "(c) mx.example.net(d) ; none", true, true),
	ROW("longer name", "mx.example.net.evil.org; dkim=pass", true, false),
	ROW("own id, unknown version", "mx.example.net 2; dkim=pass", true,
	    true),
	ROW("unknown version", "other.example 7; dkim=pass", true, true),
	ROW("unknown version, trusted peer", "other.example 7; dkim=pass",
	    false, false),
	ROW("no authserv-id",
	    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.example; "
	    "dkim=none",
	    true, false),
	/* folding, case, dots, IDN */
	ROW("folded LF", "\n\tmx.example.net; spf=pass", true, true),
	ROW("folded CRLF", "\r\n mx.example.net\r\n ;\r\n spf=pass", true,
	    true),
	ROW("trailing dot", "mx.example.net.; spf=pass", true, true),
	ROW("alias", "mail.example.net; spf=pass", true, true),
	ROW("A-label of our U-label", "mx.xn--bcher-kva.example; spf=pass",
	    true, true),
	ROW("U-label in upper case",
	    "mx.B\xc3\x9c"
	    "CHER.example; spf=pass",
	    true, true),
	ROW("fullwidth letters", "\xef\xbd\x8dx.example.net; spf=pass", true,
	    true),
	ROW("ideographic full stop",
	    "mx\xe3\x80\x82"
	    "example.net; spf=pass",
	    true, true),
	ROW("id alone", "mx.example.net", true, true),
	ROW("quoted pairs", "\"mx.ex\\ample.net\"; spf=pass", true, true),
	ROW("space in the quotes", "\" mx.example.net \"; spf=pass", true,
	    true),
	ROW("id that is no domain", "Farm/Job-1; spf=pass", true, true),
	ROW("id with white space", "\"Farm job 2\"; spf=pass", true, true),
	ROW("quoted id that is no domain", "\"farm/job-1\"; spf=pass", true,
	    true),
	ROW("ideographic space before it",
	    " \xe3\x80\x80mx.example.net; spf=pass", true, true),
	ROW("no-break space before it", "\xc2\xa0mx.example.net; spf=pass",
	    true, true),
	ROW("em space around it",
	    "\xe2\x80\x83mx.example.net\xe2\x80\x83; spf=pass", true, true),
	ROW("no space, another's name", "\xe3\x81\x80mx.example.net; spf=pass",
	    true, false),
	/* only the id decides, whatever follows */
	ROW("8-bit rubbish behind it", "mx.example.net\xff\xfe dkim=pass", true,
	    true),
	ROW("slash behind it", "mx.example.net/x; dkim=pass", true, true),
	ROW("comma behind it", "mx.example.net, dkim=pass", true, true),
	ROW("NUL behind it", "mx.example.net\0.x; dkim=pass", true, true),
	ROW("comment never closed behind it", "mx.example.net (x; dkim=pass",
	    true, true),
	ROW("quote behind it", "mx.example.net\"x; dkim=pass", true, true),
	/* no id can be read, and ours is in it */
	ROW("comment never closed", "(x mx.example.net; dkim=pass", true, true),
	ROW("quote never closed", "\"mx.example.net; dkim=pass", true, true),
	ROW("all in a comment", "((x)mx.example.net; dkim=pass)", true, true),
	ROW("NUL before it", "\0mx.example.net; dkim=pass", true, true),
	ROW("semicolon before it", "; mx.example.net; dkim=pass", true, true),
	ROW("broken by a fold", "mx.example.\r\n\tnet; dkim=pass", true, true),
	ROW("broken by a comment", "mx.(x)example.net; dkim=pass", true, true),
	ROW("half quoted", "mx.\"example\".net; dkim=pass", true, true),
	ROW("word before it", "x mx.example.net; dkim=pass", true, true),
	ROW("A-label in a comment never closed",
	    "(mx.xn--bcher-kva.example; dkim=pass", true, true),
	/* others */
	ROW("nothing", "", true, false),
	ROW("comment never closed without us", "(x; dkim=pass", true, false),
	ROW("quote never closed without us", "\"x; dkim=pass", true, false),
	ROW("only in a property",
	    "other.example; spf=pass smtp.helo=mx.example.net", true, false),
	ROW("only in a comment", "other.example (mx.example.net); spf=pass",
	    true, false),
	ROW("parent", "example.net; spf=pass", true, false),
	ROW("subdomain", "a.mx.example.net; spf=pass", true, false),
	ROW("prefix", "xmx.example.net; spf=pass", true, false),
	ROW("version 1", "other.example 1; spf=pass", true, false),
	ROW("version 01", "other.example 01; spf=pass", true, false),
	ROW("version beyond all numbers",
	    "other.example 99999999999999999999; spf=pass", true, true),
#undef ROW
};

START_TEST(forged_or_not)
{
	struct mxa_arena *a = mxa_arena_new();
	const struct mxa_str ours[] = {
		MXA_STR("mx.example.net"),
		MXA_STR("mail.example.net"),
		MXA_STR("mx.b\xc3\xbc"
			"cher.example"),
		MXA_STR("farm/job-1"),
		MXA_STR("farm job 2"),
	};

	ck_assert_msg(
	    mxa_authres_is_forged(a, claims[_i].in, ours, MXA_ARRAY_LEN(ours),
		claims[_i].untrusted) == claims[_i].forged,
	    "%s", claims[_i].name);
	mxa_arena_free(a);
}
END_TEST

START_TEST(without_ids_nothing_is_ours)
{
	struct mxa_arena *a = mxa_arena_new();
	const struct mxa_str empty[] = { MXA_STR("") };

	ck_assert(!mxa_authres_is_forged(
	    a, MXA_STR("mx.example.net; spf=pass"), NULL, 0, true));
	ck_assert(!mxa_authres_is_forged(
	    a, MXA_STR("\"\"; spf=pass"), empty, 1, true));
	ck_assert(!mxa_authres_is_forged(a, MXA_STR("(x"), empty, 1, true));
	mxa_arena_free(a);
}
END_TEST

/* Quadratic work on these would take minutes, Check allows seconds. */
static const struct {
	const char *name, *piece, *tail;
	bool forged;
} heavy[] = {
	{ "comments never closed", "(", " mx.example.net", true },
	{ "closed ones", "()", " mx.example.net; spf=pass", true },
	{ "quotes", "\"\" ", "mx.example.net", true },
	{ "semicolons", ";", "mx.example.net", true },
	{ "half an id", "mx.example.", "", false },
	{ "backslashes", "\\", "", false },
	{ "open behind closed ones", "()(", "", false },
	{ "properties", "a; b=c d.e=f ", "", false },
	{ "empty properties", "a; b=c d.e= ", "", false },
	{ "receivers", "receiver=", "", false },
	{ "receivers and open comments", "receiver(", "mx.example.net", true },
	{ "receivers and open quotes", "receiver=\"", "", false },
};

START_TEST(megabytes_are_cheap)
{
	const struct mxa_str ours = MXA_STR("mx.example.net");
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authres ar;
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)8 << 20);
	while (b.len < (size_t)1 << 20)
		mxa_buf_adds(&b, heavy[_i].piece);
	mxa_buf_adds(&b, heavy[_i].tail);
	ck_assert_int_eq(
	    mxa_authres_is_forged(a, mxa_buf_str(&b), &ours, 1, true),
	    heavy[_i].forged);
	(void)mxa_received_spf_is_forged(a, mxa_buf_str(&b), &ours, 1);
	/* whatever it says, it says so soon */
	if (mxa_authres_parse(a, mxa_buf_str(&b), &ar) == MXA_OK)
		ck_assert_uint_le(ar.n, MXA_MAX_TAGS);
	mxa_arena_free(a);
}
END_TEST

static void add_forgery(Suite *s)
{
	TCase *tc = tcase_create("forgery");

	tcase_add_loop_test(tc, forged_or_not, 0, MXA_ARRAY_LEN(claims));
	tcase_add_loop_test(
	    tc, spf_forged_or_not, 0, MXA_ARRAY_LEN(spf_claims));
	tcase_add_test(tc, without_ids_nothing_is_ours);
	tcase_add_loop_test(tc, megabytes_are_cheap, 0, MXA_ARRAY_LEN(heavy));
	suite_add_tcase(s, tc);
}

static void add_writer(Suite *s)
{
	TCase *tc = tcase_create("format");

	tcase_add_test(tc, field_of_the_contract);
	tcase_add_loop_test(tc, no_result_is_none, 0, MXA_ARRAY_LEN(ids));
	tcase_add_loop_test(
	    tc, values_follow_the_grammar, 0, MXA_ARRAY_LEN(values));
	tcase_add_loop_test(
	    tc, comment_and_reason_are_escaped, 0, MXA_ARRAY_LEN(words));
	tcase_add_test(tc, what_is_no_keyword_is_left_out);
	tcase_add_test(tc, no_line_reaches_998);
	tcase_add_test(tc, no_name_is_cut);
	tcase_add_loop_test(
	    tc, what_is_written_is_read, 0, MXA_ARRAY_LEN(reads));
	suite_add_tcase(s, tc);
}

int main(void)
{
	Suite *s = suite_create("authres");
	TCase *tc = tcase_create("parse");

	tcase_add_loop_test(tc, parses, 0, MXA_ARRAY_LEN(reads));
	tcase_add_loop_test(tc, no_id_no_field, 0, MXA_ARRAY_LEN(unreadable));
	tcase_add_test(tc, ceilings_of_results_and_properties);
	tcase_add_test(tc, long_keyword_is_no_keyword);
	suite_add_tcase(s, tc);
	add_writer(s);
	add_forgery(s);
	return test_main(s);
}
