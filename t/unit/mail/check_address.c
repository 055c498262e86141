/* check_address.c - author domains (RFC 9989 sections 4.2, 5.3.1, 11.5). */
#include "t/support/testing.h"

#include <string.h>

#include "base/limits.h"
#include "mail/address.h"
#include "mail/headers.h"

/* "domain domain", a '+' behind them when there are more */
static const char *show(struct mxa_arena *a, const struct mxa_authors *w)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 10000);
	for (size_t i = 0; i < w->n; i++)
		mxa_buf_printf(
		    &b, "%s%.*s", i ? " " : "", MXA_STR_ARG(w->domain[i]));
	if (w->more)
		mxa_buf_adds(&b, " +");
	return mxa_buf_cstr(&b);
}

static void read_one(
    struct mxa_arena *a, struct mxa_str value, struct mxa_authors *out)
{
	struct mxa_headers h;

	mxa_headers_init(&h, a);
	mxa_headers_add(&h, MXA_STR("From"), value, false);
	mxa_authors_read(a, &h, out);
}

#define OK(in, domains)                          \
	{                                        \
		MXA_STR_INIT(in), domains, false \
	}
#define BAD(in, domains)                        \
	{                                       \
		MXA_STR_INIT(in), domains, true \
	}

static const struct {
	struct mxa_str in;
	const char *domains;
	bool malformed;
} rows[] = {
	/* forms of RFC 5322 and their neighbours */
	OK("A <a@Example.COM>", "example.com"),
	OK("a@xn--bcher-kva.example", "xn--bcher-kva.example"),
	OK("a@b\xc3\xbc"
	   "cher.example",
	    "xn--bcher-kva.example"),
	OK("a@example.com, b@example.com", "example.com"),
	OK("a@example.com, b@example.net", "example.com example.net"),
	BAD("a@[192.0.2.1]", ""),
	BAD("a@example.com>", "example.com"),
	BAD("<a@x.example> <b@y.example>", "x.example y.example"),
	OK("Team: a@example.com;", "example.com"),
	BAD("undisclosed:;", ""),
	OK("\"b@paypal.example\" <x@evil.example>", "evil.example"),
	/* display names */
	OK("\"\\\"Medtronic, Inc.\\\"\" <u@example.com>", "example.com"),
	OK("=?utf-8?q?boss=40bank.example?= <x@evil.example>", "evil.example"),
	OK("=?utf-8?b?Ym9zc0BiYW5rLmV4YW1wbGU=?= <x@evil.example>",
	    "evil.example"),
	OK("J. R. \"Bob\" D'Oe <u@example.com>", "example.com"),
	OK("J\xe9r\xf4me <u@example.com>", "example.com"),
	OK("a@example.com <a@example.com>", "example.com"),
	OK("Info a@EXAMPLE.com <b@example.com>", "example.com"),
	BAD("a@bank.example <x@evil.example>", "bank.example evil.example"),
	BAD("a@evil.example b@bank.example <x@evil.example>",
	    "evil.example bank.example"),
	BAD("Doe, John <u@example.com>", "example.com"),
	BAD("John Doe", ""),
	BAD("John a@example.com", "example.com"),
	BAD("a@example.com John", "example.com"),
	BAD("<a@example.com> John", "example.com"),
	BAD("<a@x.example> b@y.example", "x.example y.example"),
	OK("\\John\\ <u@example.com>", "example.com"),
	/* comments */
	OK("a@example.com (b@evil.example)", "example.com"),
	OK("(a@evil.example) a@example.com", "example.com"),
	OK("(a (b \\) c) d) a@example.com", "example.com"),
	OK("a(x)@(y)example.com(z)", "example.com"),
	OK("<(x)a@example.com(y)>", "example.com"),
	BAD("a@example.com (b@evil.example", "example.com evil.example"),
	BAD("a@example.com) <b@evil.example>", "example.com evil.example"),
	BAD("a@bank(x).example", "bank.example"),
	BAD("a@bank.example(x).evil.example",
	    "bank.example evil.example bank.example.evil.example"),
	BAD("a@exa(x)mple.com", "mple.com example.com"),
	/* quotes */
	OK("\"a@x.example\"@example.com", "example.com"),
	OK("<\"a b\"@example.com>", "example.com"),
	OK("\"a b\".c@example.com", "example.com"),
	OK("\"a\\\"@x.example\"@example.com", "example.com"),
	BAD("\"a@bank.example <x@evil.example>", "bank.example evil.example"),
	BAD("a@\"example.com\"", "example.com"),
	/* angle brackets */
	BAD("<a@example.com", "example.com"),
	BAD("<<a@example.com>>", "example.com"),
	BAD("<>", ""),
	BAD("A <>", ""),
	BAD("<a>", ""),
	BAD("<a@>", ""),
	BAD("<@example.com>", "example.com"),
	BAD("<a@x.example@y.example>", "x.example y.example"),
	BAD("<a@x.example, b@y.example>", "x.example y.example"),
	BAD("<a b@example.com>", "example.com"),
	BAD("<a@example.com b>", "example.com example.comb"),
	BAD("<a@x.example <b@y.example>", "x.example y.example"),
	BAD("<a@x.example, \"B\" <b@y.example>", "x.example y.example"),
	OK("< a@example.com >", "example.com"),
	BAD("<mailto:a@example.com>", "example.com"),
	/* routes */
	OK("<@a.example,@b.example:u@example.com>", "example.com"),
	OK("<@a.example:u@example.com>", "example.com"),
	BAD("<@a.example,@b.example>", "a.example b.example"),
	BAD("<@a.example u@example.com>", "a.example example.com"),
	/* domains */
	OK("a@example.com.", "example.com"),
	OK("a@localhost", "localhost"),
	OK("a@EXAMPLE.com, b@example.COM.", "example.com"),
	OK("a@B\xc3\x9c"
	   "CHER.example, b@xn--bcher-kva.EXAMPLE",
	    "xn--bcher-kva.example"),
	BAD("a@example\xe3\x80\x82"
	    "com",
	    "example.com"),
	BAD("a@example . com", "example.com"),
	BAD("a@example.\r\n com", "example.com"),
	BAD("a@192.0.2.1", ""),
	BAD("a@\xef\xbc\x91"
	    "92.0.2.1",
	    ""),
	BAD("a@[IPv6:2001:db8::1]", ""),
	BAD("a@[192.0.2.1", ""),
	BAD("a@exa mple.com", "mple.com example.com"),
	BAD("a@example..com", "example.com"),
	BAD("a@exam!ple.com", "ple.com example.com"),
	BAD("a@b\xfc"
	    "cher.example",
	    "cher.example bcher.example xn--bcher-kva.example"),
	BAD("a@x.example@y.example", "x.example y.example"),
	BAD("@example.com", "example.com"),
	BAD("a @", ""),
	BAD("a@,b@example.com", "example.com"),
	BAD("a@[192.0.2.1], b@example.com", "example.com"),
	BAD("[a@example.com]", "example.com"),
	BAD("[a@bank.example] <x@evil.example>", "bank.example evil.example"),
	OK("[Team] A <a@example.com>", "example.com"),
	BAD("a@example.com [Team]", "example.com"),
	BAD("<a@example.com> [Team]", "example.com"),
	BAD("a@[192.0.2.1 <b@bank.example>]", "bank.example"),
	BAD("a@[x, b@bank.example]", "bank.example"),
	BAD("<[a]@example.com>", "example.com"),
	BAD("[]", ""),
	BAD("a@example.com]", "example.com"),
	/* damaged domains, and what stands around them */
	BAD("CEO <ceo@bank.example\xc2\xa0>", "bank.example"),
	BAD("ceo@bank.example\xc2\xa0", "bank.example"),
	BAD("<ceo@bank.example!> , <x@evil.example>",
	    "bank.example evil.example"),
	BAD("<ceo@\xf0\x9f\x98\x80.bank.example>", "bank.example"),
	BAD("<ceo@foo bar.bank.example>",
	    "bar.bank.example bank.example foobar.bank.example"),
	BAD("ceo@foo bar.bank.example",
	    "bar.bank.example bank.example foobar.bank.example"),
	BAD("<ceo@foo,bar.bank.example>",
	    "bar.bank.example bank.example foobar.bank.example"),
	BAD("<ceo@foo;bar.bank.example>",
	    "bar.bank.example bank.example foobar.bank.example"),
	BAD("<ceo@bank.example:25>", "bank.example bank.example25"),
	BAD("<ceo@,bank.example>", "bank.example"),
	BAD("<ceo@foo.\"bar\".bank.example>",
	    "bank.example foo.bar.bank.example"),
	BAD("<ceo@[x].bank.example>", "bank.example x.bank.example"),
	BAD("ceo@[x].bank.example", "bank.example x.bank.example"),
	BAD("<ceo@bank.example]>", "bank.example"),
	BAD("<ceo@bank.example evil.example>",
	    "bank.example evil.example bank.exampleevil.example"),
	BAD("ceo@bank.ex(x)ample", "bank.ex bank.example"),
	BAD("<ceo@bank.example\xc2\xa0, b@y.example>",
	    "bank.example y.example"),
	BAD("<ceo\xef\xbc\xa0"
	    "bank.example>",
	    "bank.example"),
	BAD("<ceo\xef\xb9\xab"
	    "bank.example>",
	    "bank.example"),
	BAD("ceo\xef\xbc\xa0"
	    "bank.example, x@evil.example",
	    "bank.example evil.example"),
	BAD("<=?utf-8?q?ceo=40bank.example?=>", ""),
	OK("\xe5\xb1\xb1\xef\xbc\xa0\xe5\xb1\xb1 <a@example.com>",
	    "example.com"),
	/* lists and groups */
	OK(",a@example.com,,", "example.com"),
	OK("A: a@x.example, B <b@y.example>;, c@z.example",
	    "x.example y.example z.example"),
	OK("\"A: b\": a@example.com;", "example.com"),
	BAD("Team: a@example.com", "example.com"),
	BAD(":a@example.com;", "example.com"),
	BAD("A: B: a@example.com;", "example.com"),
	BAD("a@x.example; b@y.example", "x.example y.example"),
	BAD("a@x.example: b@y.example;", "x.example y.example"),
	BAD("undisclosed, a@example.com", "example.com"),
	OK("a@v.example, b@w.example, c@x.example, d@y.example",
	    "v.example w.example x.example y.example"),
	OK("a@v.example, b@w.example, c@x.example, d@y.example, e@z.example",
	    "v.example w.example x.example y.example +"),
	/* bytes */
	BAD("", ""),
	BAD(" \t", ""),
	OK("\n A\n\t<a@example.com>", "example.com"),
	BAD("a@exa\0mple.com", "mple.com example.com"),
	BAD("a@example.com\0@evil.example", "example.com evil.example"),
	BAD("A\0 <a@example.com>", "example.com"),
	BAD("a\0@example.com", "example.com"),
	BAD("@@@@", ""),
	BAD("<<<<>>>>", ""),
	BAD("\\", ""),
	BAD(";", ""),
	BAD(":", ""),
};

START_TEST(author_domains)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authors w;

	read_one(a, rows[_i].in, &w);
	ck_assert_str_eq(show(a, &w), rows[_i].domains);
	ck_assert_msg(w.malformed == rows[_i].malformed, "%s: \"%.*s\"",
	    rows[_i].in.p, MXA_STR_ARG(w.reason.text));
	ck_assert_int_eq(w.reason.text.len > 0, w.malformed);
	ck_assert_uint_eq(w.fields, 1);
	mxa_arena_free(a);
}
END_TEST

/* What is damage, and how it is told. */
static const struct {
	struct mxa_str in;
	const char *damage, *reason;
} damages[] = {
	{ MXA_STR_INIT("a@example.com"), "", "" },
	{ MXA_STR_INIT("John a@example.com"), "",
	    "From has text beside an address" },
	{ MXA_STR_INIT("a@[192.0.2.1]"), "",
	    "From has an address literal as domain" },
	{ MXA_STR_INIT("a@[IPv6:2001:db8::1]"), "",
	    "From has an address literal as domain" },
	{ MXA_STR_INIT("a@192.0.2.1"), "",
	    "From has a number in place of a domain" },
	{ MXA_STR_INIT("John a@x.example <b@bank.example\xc2\xa0>"),
	    "bank.example<U+00A0>",
	    "From has a damaged domain: bank.example<U+00A0>" },
	{ MXA_STR_INIT("<a@bank.example!>, <b@bank.example?>"),
	    "bank.example<U+0021>",
	    "From has a damaged domain: bank.example<U+0021>" },
	{ MXA_STR_INIT("<a@bank . example>"), "bank<U+0020>.<U+0020>example",
	    "From has a damaged domain: bank<U+0020>.<U+0020>example" },
	{ MXA_STR_INIT("<ceo\xef\xbc\xa0"
		       "bank.example>"),
	    "<U+FF20>", "From has a damaged domain: <U+FF20>" },
	{ MXA_STR_INIT("<=?utf-8?q?a=40b?=>, x@evil.example"),
	    "<U+003D><U+003F>utf-8<U+003F>q<U+003F>a<U+003D>40b<U+003F>"
	    "<U+003D>",
	    "From has a damaged domain: "
	    "<U+003D><U+003F>utf-8<U+003F>q<U+003F>a<U+003D>40b<U+003F>"
	    "<U+003D>" },
};

START_TEST(damage_is_named)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authors w;

	read_one(a, damages[_i].in, &w);
	ck_str_is(w.damage, damages[_i].damage);
	ck_str_is(w.reason.text, damages[_i].reason);
	ck_assert_int_eq(w.damaged > 0, w.damage.len > 0);
	mxa_arena_free(a);
}
END_TEST

/* Each costs more than an address in order, so fewer are read. */
START_TEST(too_much_damage_is_told)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authors w;
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	for (int i = 0; i < MXA_MAX_FROM_DAMAGED; i++)
		mxa_buf_adds(&b, "a@bank.example!,");
	read_one(a, mxa_buf_str(&b), &w);
	ck_assert_str_eq(show(a, &w), "bank.example");
	mxa_buf_adds(&b, "a@bank.example!");
	read_one(a, mxa_buf_str(&b), &w);
	ck_assert_str_eq(show(a, &w), "bank.example +");
	mxa_buf_cut(&b, 0);
	mxa_buf_adds(&b, "<a@");
	for (int i = 0; i < MXA_MAX_FROM_DOMAIN; i++)
		mxa_buf_adds(&b, "b .");
	mxa_buf_adds(&b, "bank.example>");
	read_one(a, mxa_buf_str(&b), &w);
	ck_assert(w.damaged > 0 && w.more);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *header, *domains;
	size_t fields;
	bool malformed;
	const char *reason;
} sections[] = {
	{ "To: a@example.com\n", "", 0, true, "there is no From field" },
	{ "From: a@example.com\nFrom: b@example.com\n", "example.com", 2, true,
	    "there is more than one From field" },
	{ "From: a@x.example\nTo: t@t.example\nfrom : b@y.example\n",
	    "x.example y.example", 2, true,
	    "there is more than one From field" },
	{ "From:\nFROM: b@y.example\n", "y.example", 2, true,
	    "there is more than one From field" },
	{ "Resent-From: r@r.example\nSender: s@s.example\nFrom: a@x.example\n",
	    "x.example", 1, false, "" },
	{ "From: undisclosed:;\n", "", 1, true, "From names no domain" },
	{ "From: a@[192.0.2.1]\n", "", 1, true,
	    "From has an address literal as domain" },
};

START_TEST(header_sections)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	struct mxa_authors w;
	size_t body;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h, mxa_str_from(sections[_i].header), &body);
	mxa_authors_read(a, &h, &w);
	ck_assert_str_eq(show(a, &w), sections[_i].domains);
	ck_assert_uint_eq(w.fields, sections[_i].fields);
	ck_assert_int_eq(w.malformed, sections[_i].malformed);
	ck_str_is(w.reason.text, sections[_i].reason);
	mxa_arena_free(a);
}
END_TEST

START_TEST(four_thousand_addresses_are_fine)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authors w;
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	for (int i = 0; i < 4100; i++)
		mxa_buf_printf(
		    &b, "%s\"U, %d\" <u%d@example.com>", i ? ",\n " : "", i, i);
	read_one(a, mxa_buf_str(&b), &w);
	ck_assert_str_eq(show(a, &w), "example.com");
	ck_assert_uint_eq(w.addresses, 4100);
	ck_assert(!w.malformed);
	mxa_arena_free(a);
}
END_TEST

/* The dearest kind: a U-label each, which libidn2 converts one by one. */
START_TEST(too_many_addresses_are_told)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authors w;
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	for (int i = 0; i <= MXA_MAX_FROM_ADDRESSES; i++)
		mxa_buf_printf(&b, "a@b\xc3\xbc%d.example,", i % 4);
	read_one(a, mxa_buf_str(&b), &w);
	ck_assert_uint_eq(w.addresses, MXA_MAX_FROM_ADDRESSES);
	ck_assert_uint_eq(w.n, 4);
	ck_assert(w.more);
	ck_assert(w.malformed);
	mxa_arena_free(a);
}
END_TEST

START_TEST(what_was_not_kept_may_hold_more)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str from = MXA_STR("a@example.com");
	struct mxa_str long_name = mxa_str_make(
	    memset(mxa_arena_alloc(a, MXA_MAX_FIELD), 'x', MXA_MAX_FIELD),
	    MXA_MAX_FIELD);
	struct mxa_headers h;
	struct mxa_authors w;

	read_one(a, long_name, &w);
	ck_assert(w.more && w.malformed);
	mxa_headers_init(&h, a);
	for (int i = 0; i < MXA_MAX_FROM_FIELDS; i++)
		mxa_headers_add(&h, MXA_STR("From"), from, false);
	mxa_authors_read(a, &h, &w);
	ck_assert(!w.more && w.malformed);
	for (int i = 0; i < MXA_MAX_FIELDS; i++)
		mxa_headers_add(&h, MXA_STR("From"), from, false);
	mxa_authors_read(a, &h, &w);
	ck_assert(w.more && w.malformed);
	mxa_arena_free(a);
}
END_TEST

/* Quadratic work on these would take minutes, Check allows seconds. */
static const char *const heavy[] = { "(", "()", "(\\)", ")", "\"", "\\\"", "[",
	"[]", "<", "<@", "<@a,", "@", "a@", ".", "a.", ",", ":", ";", "a:;",
	"a@b.c,", "a@b .", "<a@b>", "\xc3\xbc.", "a@\xc3\xbc,", "\n\t" };

START_TEST(megabytes_are_cheap)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_authors w;
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_FIELD);
	while (b.len + 100 < MXA_MAX_FIELD)
		mxa_buf_adds(&b, heavy[_i]);
	mxa_buf_adds(&b, " <a@example.com>");
	read_one(a, mxa_buf_str(&b), &w);
	ck_assert_uint_eq(w.fields, 1);
	ck_assert_uint_le(w.addresses, MXA_MAX_FROM_ADDRESSES);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("address");
	TCase *tc = tcase_create("address");

	tcase_add_loop_test(tc, author_domains, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, damage_is_named, 0, MXA_ARRAY_LEN(damages));
	tcase_add_test(tc, too_much_damage_is_told);
	tcase_add_loop_test(tc, header_sections, 0, MXA_ARRAY_LEN(sections));
	tcase_add_test(tc, four_thousand_addresses_are_fine);
	tcase_add_test(tc, too_many_addresses_are_told);
	tcase_add_test(tc, what_was_not_kept_may_hold_more);
	tcase_add_loop_test(tc, megabytes_are_cheap, 0, MXA_ARRAY_LEN(heavy));
	suite_add_tcase(s, tc);
	return test_main(s);
}
