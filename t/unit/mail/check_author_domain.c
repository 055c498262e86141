/* check_author_domain.c - damaged domains read as people do (RFC 9989 section
 * 11.5, UTS 46). */
#include "t/support/testing.h"

#include <string.h>

#include "base/limits.h"
#include "mail/author_domain.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

#define SOUND(name, in, domains)                       \
	{                                              \
		name, MXA_STR_INIT(in), domains, false \
	}
#define DAMAGED(name, in, domains)                    \
	{                                             \
		name, MXA_STR_INIT(in), domains, true \
	}

static const struct {
	const char *name;
	struct mxa_str in;
	const char *domains; /* in order */
	bool damaged;
} rows[] = {
	SOUND("plain", "bank.example", "bank.example"),
	SOUND("case", "BANK.Example", "bank.example"),
	SOUND("trailing dot", "bank.example.", "bank.example"),
	SOUND("trailing dot after a service label", "_x.bank.example.",
	    "_x.bank.example"),
	SOUND("one label", "localhost", "localhost"),
	SOUND("underscore", "_x.bank.example", "_x.bank.example"),
	SOUND("hyphen inside", "my-bank.example", "my-bank.example"),
	SOUND("U-label",
	    "b\xc3\xbc"
	    "cher.example",
	    "xn--bcher-kva.example"),
	SOUND("U-label in capitals",
	    "B\xc3\x9c"
	    "CHER.example",
	    "xn--bcher-kva.example"),
	SOUND("U-label, decomposed",
	    "bu\xcc\x88"
	    "cher.example",
	    "xn--bcher-kva.example"),
	SOUND("address", "192.0.2.1", ""),
	SOUND("number as top-level domain", "bank.123", ""),

	/* what some readers decode before they look for addresses */
	DAMAGED("encoded word", "=?utf-8?q?bank?=.example",
	    "utf-8qbank.example bank.example"),
	DAMAGED("encoded word, base64",
	    "=?utf-8?b?YmFuay5leGFtcGxl?=", "bank.example"),

	/* what nobody sees at the end */
	DAMAGED("NBSP", "bank.example\xc2\xa0", "bank.example"),
	DAMAGED("VT", "bank.example\v", "bank.example"),
	DAMAGED("FF", "bank.example\f", "bank.example"),
	DAMAGED("NUL", "bank.example\0", "bank.example"),
	DAMAGED("BEL", "bank.example\a", "bank.example"),
	DAMAGED("DEL", "bank.example\x7f", "bank.example"),
	DAMAGED("NEL, a C1 control", "bank.example\xc2\x85", "bank.example"),
	DAMAGED("line separator", "bank.example\xe2\x80\xa8", "bank.example"),
	DAMAGED(
	    "paragraph separator", "bank.example\xe2\x80\xa9", "bank.example"),
	DAMAGED("em space", "bank.example\xe2\x80\x83", "bank.example"),
	DAMAGED(
	    "ideographic space", "bank.example\xe3\x80\x80", "bank.example"),
	DAMAGED("zero width space", "bank.example\xe2\x80\x8b", "bank.example"),
	DAMAGED(
	    "zero width joiner", "bank.example\xe2\x80\x8d", "bank.example"),
	DAMAGED("zero width non-joiner", "bank.example\xe2\x80\x8c",
	    "bank.example"),
	DAMAGED("word joiner", "bank.example\xe2\x81\xa0", "bank.example"),
	DAMAGED("byte order mark", "bank.example\xef\xbb\xbf", "bank.example"),
	DAMAGED("soft hyphen", "bank.example\xc2\xad", "bank.example"),
	DAMAGED(
	    "left-to-right mark", "bank.example\xe2\x80\x8e", "bank.example"),
	DAMAGED(
	    "direction isolate", "bank.example\xe2\x81\xa9", "bank.example"),
	DAMAGED(
	    "variation selector", "bank.example\xef\xb8\x8f", "bank.example"),
	DAMAGED("tag", "bank.example\xf3\xa0\x81\xa1", "bank.example"),
	DAMAGED("private use", "bank.example\xee\x80\x80", "bank.example"),
	DAMAGED("U+FFFD", "bank.example\xef\xbf\xbd", "bank.example"),

	/* bytes that are not UTF-8: left out, or as ISO 8859-1 has them */
	DAMAGED(
	    "0xff", "bank.example\xff", "bank.example bank.xn--example-i3a"),
	DAMAGED("Latin-1 NBSP", "bank.example\xa0", "bank.example"),
	DAMAGED("Latin-1 soft hyphen inside",
	    "ba\xad"
	    "nk.example",
	    "nk.example bank.example"),
	DAMAGED("Latin-1 letter",
	    "b\xfc"
	    "cher.example",
	    "cher.example bcher.example xn--bcher-kva.example"),
	DAMAGED("overlong dot",
	    "x\xc0\xae"
	    "bank.example",
	    "bank.example xbank.example"),
	DAMAGED("half a character", "bank.example\xe2\x80",
	    "bank.example bank.xn--example-vwa"),

	/* stray punctuation */
	DAMAGED("!", "bank.example!", "bank.example"),
	DAMAGED("'", "bank.example'", "bank.example"),
	DAMAGED("/", "bank.example/", "bank.example"),
	DAMAGED("backslash", "bank.example\\", "bank.example"),
	DAMAGED("=", "bank.example=", "bank.example"),
	DAMAGED("~", "bank.example~", "bank.example"),
	DAMAGED("*", "bank.example*", "bank.example"),
	DAMAGED("{|}", "bank.example{|}", "bank.example"),
	DAMAGED("#$%&+?^`", "bank.example#$%&+?^`", "bank.example"),
	DAMAGED("hyphen at the end", "bank.example-", "bank.example"),
	DAMAGED("underscore at the end", "bank.example_", "bank.example"),
	DAMAGED("before the name", "!bank.example", "bank.example"),
	DAMAGED("NBSP before the name",
	    "\xc2\xa0"
	    "bank.example",
	    "bank.example"),
	DAMAGED("quoted", "\"bank.example\"", "bank.example"),
	DAMAGED("in brackets", "[bank.example]", "bank.example"),
	DAMAGED(
	    "with a port", "bank.example:25", "bank.example bank.example25"),

	/* dots */
	DAMAGED("doubled dot", "bank..example", "bank.example"),
	DAMAGED("two dots at the end", "bank.example..", "bank.example"),
	DAMAGED("dot at the beginning", ".bank.example", "bank.example"),
	DAMAGED("only dots", "...", ""),
	DAMAGED("ideographic full stop",
	    "bank\xe3\x80\x82"
	    "example",
	    "bank.example"),
	DAMAGED("full-width full stop",
	    "bank\xef\xbc\x8e"
	    "example",
	    "bank.example"),
	DAMAGED("half-width full stop",
	    "bank\xef\xbd\xa1"
	    "example",
	    "bank.example"),
	DAMAGED("one dot leader",
	    "bank\xe2\x80\xa4"
	    "example",
	    "bank.example"),
	DAMAGED("digit with full stop",
	    "\xe2\x92\x88"
	    "bank.example",
	    "bank.example"),

	/* mapped forms */
	DAMAGED("full-width letters",
	    "\xef\xbd\x82\xef\xbd\x81\xef\xbd\x8e\xef\xbd\x8b.example",
	    "bank.example"),
	DAMAGED("circled letter",
	    "\xe2\x93\x91"
	    "ank.example",
	    "bank.example"),
	DAMAGED("mathematical letter",
	    "\xf0\x9d\x90\x9b"
	    "ank.example",
	    "bank.example"),
	DAMAGED("full-width letter in a U-label",
	    "\xef\xbd\x82\xc3\xbc"
	    "cher.example",
	    "xn--bcher-kva.example"),
	DAMAGED("full-width address",
	    "\xef\xbc\x91"
	    "92.0.2.1",
	    ""),

	/* inside the name */
	DAMAGED("soft hyphen inside",
	    "ba\xc2\xad"
	    "nk.example",
	    "bank.example"),
	DAMAGED("zero width joiner inside",
	    "ba\xe2\x80\x8d"
	    "nk.example",
	    "bank.example"),
	DAMAGED("right-to-left override",
	    "\xe2\x80\xae"
	    "elpmaxe.knab",
	    "elpmaxe.knab bank.example"),
	DAMAGED("override that ends",
	    "\xe2\x80\xae"
	    "knab\xe2\x80\xac.example",
	    "knab.example bank.example"),
	DAMAGED(
	    "punctuation inside", "ba!nk.example", "nk.example bank.example"),
	DAMAGED("NBSP between two names",
	    "bank.example\xc2\xa0"
	    "evil.example",
	    "bank.example evil.example bank.exampleevil.example"),
	DAMAGED("path", "evil!bank.example", "bank.example evilbank.example"),

	/* invalid labels: what stands right of them */
	DAMAGED("emoji", "\xf0\x9f\x98\x80.bank.example", "bank.example"),
	DAMAGED("emoji in a label", "x\xf0\x9f\x98\x80.bank.example",
	    "x.bank.example"),
	DAMAGED("emoji between", "a.bank.example.\xf0\x9f\x98\x80.evil.example",
	    "a.bank.example evil.example"),
	DAMAGED("emoji at the end", "bank.example.\xf0\x9f\x98\x80",
	    "bank.example"),
	DAMAGED("emoji at both ends",
	    "\xf0\x9f\x98\x80.bank.example.\xf0\x9f\x98\x80", "bank.example"),
	DAMAGED("emoji and a top-level domain", "\xf0\x9f\x98\x80.example", ""),
	DAMAGED("label of 64", L63 "x.bank.example", "bank.example"),
	DAMAGED("label with a space", "foo bar.bank.example",
	    "bar.bank.example bank.example foobar.bank.example"),
	DAMAGED(
	    "literal below", "[x].bank.example", "bank.example x.bank.example"),
	DAMAGED("leading combining mark",
	    "\xcc\x81"
	    "a.bank.example",
	    "a.bank.example"),
	DAMAGED("single labels", "a b", "a"),
	DAMAGED("space", "exa mple.com", "mple.com example.com"),
	DAMAGED("nothing", "!", ""),
	DAMAGED("empty", "", ""),
	DAMAGED("name of 250",
	    L63 "." L63 "." L63 ".a2345678901234567890123456789012345678901"
		"23456789.bank.example",
	    L63 "." L63 ".a2345678901234567890123456789012345678901"
		"23456789.bank.example"),
};

static const char *show(struct mxa_arena *a, const struct mxa_readings *r)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 10000);
	for (size_t i = 0; i < r->n; i++)
		mxa_buf_printf(
		    &b, "%s%.*s", i ? " " : "", MXA_STR_ARG(r->domain[i]));
	return mxa_buf_cstr(&b);
}

START_TEST(readings)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_readings r;

	mxa_readings_find(a, rows[_i].in, &r);
	ck_assert_msg(strcmp(show(a, &r), rows[_i].domains) == 0,
	    "%s: want \"%s\", got \"%s\"", rows[_i].name, rows[_i].domains,
	    show(a, &r));
	ck_assert_msg(r.damaged == rows[_i].damaged, "%s", rows[_i].name);
	ck_assert(!r.more);
	mxa_arena_free(a);
}
END_TEST

/* Damage may be long; the domain before and after it is read all the same. */
START_TEST(long_damage)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_readings r;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 100000);
	mxa_buf_adds(&b, "bank.example");
	for (int i = 0; i < 20000; i++)
		mxa_buf_adds(&b, i % 2 ? "!" : "\xe2\x80\x8b");
	mxa_buf_adds(&b, "evil.example");
	mxa_readings_find(a, mxa_buf_str(&b), &r);
	ck_assert_str_eq(
	    show(a, &r), "bank.example evil.example bank.exampleevil.example");
	ck_assert(r.damaged && r.more);
	mxa_arena_free(a);
}
END_TEST

START_TEST(more_readings_than_are_kept)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_readings r;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1000);
	for (int i = 0; i < 2 * MXA_MAX_READINGS; i++)
		mxa_buf_printf(&b, "a%d.example!", i);
	mxa_readings_find(a, mxa_buf_str(&b), &r);
	ck_assert_uint_eq(r.n, MXA_MAX_READINGS);
	ck_assert(r.damaged && r.more);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	struct mxa_str in;
	const char *shown;
} shows[] = {
	{ MXA_STR_INIT("bank.example"), "bank.example" },
	{ MXA_STR_INIT("bank.example\xc2\xa0"), "bank.example<U+00A0>" },
	{ MXA_STR_INIT("bank.example\xff"), "bank.example<0xFF>" },
	{ MXA_STR_INIT("a\0b"), "a<U+0000>b" },
	{ MXA_STR_INIT("x.dmarc=pass"), "x.dmarc<U+003D>pass" },
	{ MXA_STR_INIT("\xf0\x9f\x98\x80.bank.example"),
	    "<U+1F600>.bank.example" },
	{ MXA_STR_INIT("a\"b\\c;d<e>"),
	    "a<U+0022>b<U+005C>c<U+003B>d<U+003C>e<U+003E>" },
	{ MXA_STR_INIT(L63 "." L63),
	    L63 ".a2345678901234567890123456789012345678901234..." },
};

START_TEST(shown_to_people)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str s = mxa_readings_show(a, shows[_i].in);

	ck_str_is(s, shows[_i].shown);
	ck_assert_uint_le(s.len, MXA_MAX_SHOWN_DOMAIN);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("author_domain");
	TCase *tc = tcase_create("author_domain");

	tcase_add_loop_test(tc, readings, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, long_damage);
	tcase_add_test(tc, more_readings_than_are_kept);
	tcase_add_loop_test(tc, shown_to_people, 0, MXA_ARRAY_LEN(shows));
	suite_add_tcase(s, tc);
	return test_main(s);
}
