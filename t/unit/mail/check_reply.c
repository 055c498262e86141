/* check_reply.c - text of an SMTP refusal. */
#include "t/support/testing.h"

#include <string.h>

#include "mail/reply.h"

static const struct {
	const char *code, *enhanced;
	bool ok;
} codes[] = {
	{ "550", "5.7.26", true },
	{ "451", "4.7.5", true },
	{ "554", "5.0.0", true },
	{ "550", "5.999.999", true },
	{ "550", "4.7.26", false },
	{ "450", "5.7.1", false },
	{ "250", "2.0.0", false },
	{ "560", "5.7.1", false },
	{ "55x", "5.7.1", false },
	{ "5500", "5.7.1", false },
	{ "55", "5.7.1", false },
	{ "550", "5.7", false },
	{ "550", "5.7.", false },
	{ "550", "5..1", false },
	{ "550", "5.7.1000", false },
	{ "550", "5.7.01", false },
	{ "550", "5.7.1.1", false },
	{ "550", "55.7.1", false },
	{ "550", "5.7.1 ", false },
	{ "550", "", false },
	{ "", "", false },
};

START_TEST(codes_agree)
{
	ck_assert_msg(mxa_reply_codes_ok(mxa_str_from(codes[_i].code),
			  mxa_str_from(codes[_i].enhanced)) == codes[_i].ok,
	    "%s %s", codes[_i].code, codes[_i].enhanced);
}
END_TEST

/* All lines, '|' behind each. */
static const char *show(struct mxa_arena *a, const struct mxa_reply *r)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 10000);
	for (size_t i = 0; i < r->n; i++) {
		mxa_buf_addstr(&b, r->line[i]);
		mxa_buf_addc(&b, '|');
	}
	return mxa_buf_cstr(&b);
}

static const struct {
	const char *name;
	struct mxa_str text;
	size_t width, most;
	const char *lines;
} wraps[] = {
	{ "fits", MXA_STR_INIT("one two"), 72, 4, "one two|" },
	{ "exactly", MXA_STR_INIT("one two"), 7, 4, "one two|" },
	{ "broken at a space", MXA_STR_INIT("one two three"), 8, 4,
	    "one two|three|" },
	{ "space behind the width", MXA_STR_INIT("one two three"), 7, 4,
	    "one two|three|" },
	{ "several spaces at the break", MXA_STR_INIT("one    two"), 5, 4,
	    "one|two|" },
	{ "spaces around", MXA_STR_INIT("  one  "), 5, 4, "one|" },
	{ "long word is broken hard", MXA_STR_INIT("abcdefghij kl"), 4, 4,
	    "abcd|efgh|ij|kl|" },
	{ "cut with dots", MXA_STR_INIT("one two three four"), 8, 2,
	    "one two|three...|" },
	{ "cut makes room for the dots", MXA_STR_INIT("one two three four"), 8,
	    1, "one t...|" },
	{ "never more than four lines", MXA_STR_INIT("a b c d e f"), 1, 9,
	    "a|b|c|...|" },
	{ "nothing", MXA_STR_INIT(""), 72, 4, "" },
	{ "only spaces", MXA_STR_INIT("   "), 72, 4, "" },
	{ "no line left", MXA_STR_INIT("one"), 72, 0, "" },
	{ "controls, NUL and 8-bit are replaced",
	    MXA_STR_INIT("a\r\n550 b\0c\td\x7f\xc3\xa9"), 72, 4,
	    "a??550 b?c?d???|" },
	{ "percent is not doubled here", MXA_STR_INIT("100%"), 72, 4, "100%|" },
};

START_TEST(text_wraps)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_reply r;

	mxa_reply_init(&r, "550", "5.7.26");
	mxa_reply_wrap(&r, a, wraps[_i].text, wraps[_i].width, wraps[_i].most);
	ck_assert_str_eq(show(a, &r), wraps[_i].lines);
	mxa_arena_free(a);
}
END_TEST

START_TEST(refusal_of_the_contract)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_reply r;

	mxa_reply_init(&r, "550", "5.7.26");
	mxa_reply_wrap(&r, a,
	    MXA_STR("Mail from example.com is refused: its DMARC policy is "
		    "reject, and neither SPF nor DKIM passes for example.com. "
		    "SPF: fail for bounce.example.com at [192.0.2.1]; DKIM: no "
		    "signature."),
	    72, 3);
	mxa_reply_line(&r, a,
	    MXA_STR("ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=fail"));
	ck_assert_str_eq(r.code, "550");
	ck_assert_str_eq(r.enhanced, "5.7.26");
	ck_assert_str_eq(show(a, &r),
	    "Mail from example.com is refused: its DMARC policy is reject, and|"
	    "neither SPF nor DKIM passes for example.com. SPF: fail for|"
	    "bounce.example.com at [192.0.2.1]; DKIM: no signature.|"
	    "ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=fail|");
	mxa_reply_line(&r, a, MXA_STR("a fifth line"));
	ck_assert_uint_eq(r.n, MXA_MAX_REPLY_LINES);
	mxa_arena_free(a);
}
END_TEST

START_TEST(second_text_does_not_touch_the_first)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_reply r;

	mxa_reply_init(&r, "550", "5.7.1");
	mxa_reply_wrap(&r, a, MXA_STR("one two"), 3, 2);
	mxa_reply_wrap(&r, a, MXA_STR("three"), 72, 2);
	ck_assert_str_eq(show(a, &r), "one|two|");
	mxa_reply_wrap(&r, a, MXA_STR("three four"), 5, 3);
	ck_assert_str_eq(show(a, &r), "one|two|th...|");
	mxa_arena_free(a);
}
END_TEST

START_TEST(line_with_codes_keeps_the_ceiling)
{
	struct mxa_arena *a = mxa_arena_new();
	char *word = memset(mxa_arena_alloc(a, 3000), 'w', 3000);
	struct mxa_reply r;

	mxa_reply_init(&r, "550", "5.7.26");
	mxa_reply_wrap(&r, a, mxa_str_make(word, 3000), 9999, 2);
	mxa_reply_line(&r, a, mxa_str_make(word, 3000));
	ck_assert_uint_eq(r.n, 3);
	for (size_t i = 0; i < r.n; i++)
		ck_assert_uint_eq(
		    r.line[i].len + strlen("550-5.7.26 "), MXA_MAX_REPLY_LINE);
	mxa_arena_free(a);
}
END_TEST

START_TEST(only_ldh_domains_are_shown)
{
	ck_str_is(
	    mxa_reply_domain(MXA_STR("mail.example.com")), "mail.example.com");
	ck_str_is(
	    mxa_reply_domain(MXA_STR("a b.example")), "(unprintable domain)");
	ck_str_is(mxa_reply_domain(MXA_STR("x\r\n250 ok.example")),
	    "(unprintable domain)");
	ck_str_is(mxa_reply_domain(MXA_STR("")), "(unprintable domain)");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("reply");
	TCase *tc = tcase_create("reply");

	tcase_add_loop_test(tc, codes_agree, 0, MXA_ARRAY_LEN(codes));
	tcase_add_loop_test(tc, text_wraps, 0, MXA_ARRAY_LEN(wraps));
	tcase_add_test(tc, refusal_of_the_contract);
	tcase_add_test(tc, second_text_does_not_touch_the_first);
	tcase_add_test(tc, line_with_codes_keeps_the_ceiling);
	tcase_add_test(tc, only_ldh_domains_are_shown);
	suite_add_tcase(s, tc);
	return test_main(s);
}
