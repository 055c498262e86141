/* check_reply.c - one reply out of the pieces in which bounces show it. */
#include "bounce/reply.h"

#include <string.h>

#include "t/support/testing.h"

static const struct {
	const char *name, *raw;
	const char *code, *enhanced, *text;
	enum mxa_stage stage;
	bool gsmtp, rule;
} replies[] = {
	{ "one line", "550 5.1.1 User unknown", "550", "5.1.1", "User unknown",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "no enhanced code", "550 User unknown", "550", "", "User unknown",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "lines with their codes",
	    "550-5.7.26 one\n550-5.7.26 two\n"
	    "550 5.7.26 three",
	    "550", "5.7.26", "one two three", MXA_STAGE_UNKNOWN, false, false },
	{ "codes in the running text",
	    "550-5.7.26 one 550-5.7.26 two 550 5.7.26"
	    " three",
	    "550", "5.7.26", "one two three", MXA_STAGE_UNKNOWN, false, false },
	{ "another code is a word of the text", "550 5.1.1 was 551 before",
	    "550", "5.1.1", "was 551 before", MXA_STAGE_UNKNOWN, false, false },
	{ "Postfix tells the stage",
	    "550 5.7.1 no (in reply to RCPT TO "
	    "command)",
	    "550", "5.7.1", "no", MXA_STAGE_RCPT, false, false },
	{ "end of DATA goes before DATA",
	    "550 no (in reply to end of DATA "
	    "command)",
	    "550", "", "no", MXA_STAGE_DATA, false, false },
	{ "Google's id is cut",
	    "550 5.7.1 no. a1-2b3c4d5e6f7si123456pla.8 - "
	    "gsmtp",
	    "550", "5.7.1", "no.", MXA_STAGE_UNKNOWN, true, false },
	{ "a word is no id", "550 5.7.1 has been blocked. - gsmtp", "550",
	    "5.7.1", "has been blocked.", MXA_STAGE_UNKNOWN, true, false },
	{ "digits alone are no id", "550 5.7.1 limit 123456 - gsmtp", "550",
	    "5.7.1", "limit 123456", MXA_STAGE_UNKNOWN, true, false },
	{ "rule of a Workspace administrator",
	    "550 5.7.1 no. - gcdp a1si2345pla.8 - gsmtp", "550", "5.7.1", "no.",
	    MXA_STAGE_UNKNOWN, true, true },
	{ "Microsoft's tail is cut",
	    "550 5.7.509 no [HOST.prod 2026-11-01T"
	    "00:00:00.000Z 08AB]",
	    "550", "5.7.509", "no", MXA_STAGE_UNKNOWN, false, false },
	{ "an address in brackets stays", "550 5.7.1 no [192.0.2.1]", "550",
	    "5.7.1", "no [192.0.2.1]", MXA_STAGE_UNKNOWN, false, false },
	{ "qmail's code at the end", "550 sorry (#5.1.1)", "550", "5.1.1",
	    "sorry", MXA_STAGE_UNKNOWN, false, false },
	{ "a code right after a word", "550 sorry(#5.1.1)", "550", "5.1.1",
	    "sorry", MXA_STAGE_UNKNOWN, false, false },
	{ "a code at the end without its mark", "550 sorry (5.2.2)", "550",
	    "5.2.2", "sorry", MXA_STAGE_UNKNOWN, false, false },
	{ "the first specific code counts", "550 5.7.1 sorry (#5.1.1)", "550",
	    "5.7.1", "sorry", MXA_STAGE_UNKNOWN, false, false },
	{ "a specific code after a generic one", "550 5.0.0 sorry (#5.1.1)",
	    "550", "5.1.1", "sorry", MXA_STAGE_UNKNOWN, false, false },
	{ "Yahoo", "550: 5.2.2 over quota", "550", "5.2.2", "over quota",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "Zoho", "ERROR_CODE :550, ERROR_CODE :5.1.1 User Unknown", "550",
	    "5.1.1", "User Unknown", MXA_STAGE_UNKNOWN, false, false },
	{ "Exchange", "#550 5.1.1 not found ##", "550", "5.1.1", "not found",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "qmail gives up on the receiver's address",
	    "550 5.7.1 no\nGiving up on 192.0.2.9.", "550", "5.7.1", "no",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "words before it", "host mx said: 452 4.2.2 full", "452", "4.2.2",
	    "full", MXA_STAGE_UNKNOWN, false, false },
	{ "a code with an enhanced one goes first", "550 bytes; 554 5.7.1 no",
	    "554", "5.7.1", "no", MXA_STAGE_UNKNOWN, false, false },
	{ "a quote that nothing opens", "550 5.7.1 no'", "550", "5.7.1", "no",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "a quote and nothing else", "550 5.7.1 '", "550", "5.7.1", "",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "a quotation stays", "550 5.7.1 no 'x'", "550", "5.7.1", "no 'x'",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "no code at all", "The mailbox is full.", "", "",
	    "The mailbox is full.", MXA_STAGE_UNKNOWN, false, false },
	{ "no success", "250 2.1.5 Ok", "", "2.1.5", "250 2.1.5 Ok",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "not inside a number", "x1550 5.1.1 y", "", "", "x1550 5.1.1 y",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "what a quotation opened", "550 5.7.1 no <u@d.example>", "550",
	    "5.7.1", "no <u@d.example>", MXA_STAGE_UNKNOWN, false, false },
	{ "a bracket that nothing opens", "550 5.7.1 no u@d.example>)", "550",
	    "5.7.1", "no u@d.example", MXA_STAGE_UNKNOWN, false, false },
	{ "a bracket that nothing closes", "550 5.7.1 no (state 13", "550",
	    "5.7.1", "no", MXA_STAGE_UNKNOWN, false, false },
	{ "a long one that nothing closes stays",
	    "550 5.7.1 no (it is more than forty bytes long, all of it", "550",
	    "5.7.1", "no (it is more than forty bytes long, all of it",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "parentheses in the text stay", "550 5.7.1 no (state 13) today",
	    "550", "5.7.1", "no (state 13) today", MXA_STAGE_UNKNOWN, false,
	    false },
	{ "words in parentheses at the end are no code", "550 5.7.1 no (yet)",
	    "550", "5.7.1", "no (yet)", MXA_STAGE_UNKNOWN, false, false },
	{ "a figure in parentheses is no code", "550 no (5.7)", "550", "",
	    "no (5.7)", MXA_STAGE_UNKNOWN, false, false },
	{ "marks of a transcript", "550-5.7.1 one\n<<< 550 5.7.1 two", "550",
	    "5.7.1", "one two", MXA_STAGE_UNKNOWN, false, false },
	{ "white space runs", "550  5.7.1 \t one \r\n\ttwo ", "550", "5.7.1",
	    "one two", MXA_STAGE_UNKNOWN, false, false },
	{ "codes without a space after them", "550-5.7.1 no", "550", "5.7.1",
	    "no", MXA_STAGE_UNKNOWN, false, false },
	{ "the code alone", "550", "550", "", "", MXA_STAGE_UNKNOWN, false,
	    false },
	{ "its hyphen alone", "550-", "550", "", "", MXA_STAGE_UNKNOWN, false,
	    false },
	{ "a code of another class belongs to something else",
	    "550 4.2.2 bytes; 554 5.7.1 no", "554", "5.7.1", "no",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "a code far behind is not its own",
	    "550 pieces in all 5.7.1; 554 5.7.1 no", "554", "5.7.1", "no",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "the first code, where none has an enhanced one", "550 no, 554 never",
	    "550", "", "no, 554 never", MXA_STAGE_UNKNOWN, false, false },
	{ "no reply has such a second digit", "583 5.1.1 x", "", "",
	    "583 5.1.1 x", MXA_STAGE_UNKNOWN, false, false },
	{ "no figure", "5x0 5.1.1 x", "", "", "5x0 5.1.1 x", MXA_STAGE_UNKNOWN,
	    false, false },
	{ "a longer number", "5501 5.1.1 x", "", "", "5501 5.1.1 x",
	    MXA_STAGE_UNKNOWN, false, false },
	{ "an enhanced code in brackets", "550 [5.7.1] no", "550", "5.7.1",
	    "no", MXA_STAGE_UNKNOWN, false, false },
	{ "an enhanced code later in the text is a word", "550 no 5.7.1 today",
	    "550", "", "no 5.7.1 today", MXA_STAGE_UNKNOWN, false, false },
	{ "Microsoft's tail is more than one word", "550 5.7.1 no [x y] z",
	    "550", "5.7.1", "no [x y] z", MXA_STAGE_UNKNOWN, false, false },
	{ "empty", "", "", "", "", MXA_STAGE_UNKNOWN, false, false },
};

START_TEST(replies_are_read)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_said said;

	mxa_said_read(a, mxa_str_from(replies[_i].raw), &said);
	ck_assert_str_eq(said.code, replies[_i].code);
	ck_str_is(said.text, replies[_i].text);
	if (replies[_i].code[0] != '\0')
		ck_str_is(said.enhanced, replies[_i].enhanced);
	ck_assert_int_eq(said.stage, replies[_i].stage);
	ck_assert_int_eq(said.gsmtp, replies[_i].gsmtp);
	ck_assert_int_eq(said.rule, replies[_i].rule);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *in;
	size_t len;
} codes[] = {
	{ "5.7.26", 6 },
	{ "4.7.1 x", 5 },
	{ "2.0.0", 5 },
	{ "5.1.1>", 5 },
	{ "5.1.1.", 5 },
	{ "3.1.1", 0 },
	{ "5.1", 0 },
	{ "5.1.", 0 },
	{ "5..1", 0 },
	{ "5.1.1234", 0 },
	{ "5.1.1.2", 0 },
	{ "5.1.1x", 0 },
	{ "51.1.1", 0 },
	{ "5.1x1", 0 },
	{ "5.123.123", 9 },
	{ "", 0 },
};

START_TEST(enhanced_codes)
{
	/* what stands behind the slice is not looked at */
	ck_assert_uint_eq(mxa_enhanced_len(mxa_str_make("5.7.26", 5)), 5);
	ck_assert_uint_eq(mxa_enhanced_len(mxa_str_make("5.7.26", 4)), 0);
	ck_assert_uint_eq(mxa_enhanced_len(mxa_str_make("5.7.2x", 5)), 5);
	ck_assert_uint_eq(mxa_enhanced_len(mxa_str_make("5.7.2.1", 6)), 5);
	ck_assert_uint_eq(
	    mxa_enhanced_len(mxa_str_from(codes[_i].in)), codes[_i].len);
}
END_TEST

/* What may stand right before a code, with no space between: signs, also those
 * of Chinese and Japanese. */
static const char *const signs[] = { ":", ";", "'", "\"", "<", "(", "#", ">",
	"=", "[", ",", "：", "；", "，", "、", "。", "（", "「", "『", "“", "‘",
	"\xc2\xa0" };

START_TEST(a_code_after_a_sign)
{
	struct mxa_arena *a = mxa_arena_new();
	const char *raw = mxa_arena_printf(a, "no%s550 x", signs[_i]);

	ck_assert_uint_eq(
	    mxa_said_find(mxa_str_from(raw)), 2 + strlen(signs[_i]));
	mxa_arena_free(a);
}
END_TEST

static const char *const no_signs[] = { "x", "1", "/", ".", "-", "_", "@",
	"語" };

START_TEST(no_code_inside_a_word)
{
	struct mxa_arena *a = mxa_arena_new();
	const char *raw = mxa_arena_printf(a, "no%s550 x", no_signs[_i]);

	ck_assert_uint_eq(mxa_said_find(mxa_str_from(raw)), strlen(raw));
	mxa_arena_free(a);
}
END_TEST

/* What may stand right behind it. */
static const struct {
	const char *raw;
	bool code;
} behind[] = {
	{ "550", true },
	{ "550-x", true },
	{ "550#5.1.1", true },
	{ "550:5.1.1", true },
	{ "550;5.1.1", true },
	{ "550,5.1.1", true },
	{ "571 x", true },
	{ "550x", false },
	{ "550.1", false },
	{ "550/x", false },
	{ "55", false },
};

START_TEST(what_stands_behind_a_code)
{
	struct mxa_str s = mxa_str_from(behind[_i].raw);

	ck_assert_uint_eq(mxa_said_find(s), behind[_i].code ? 0 : s.len);
}
END_TEST

START_TEST(a_long_reply_is_cut)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_said said;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1 << 20);
	mxa_buf_adds(&b, "550 5.7.1 ");
	while (b.len < 100000)
		mxa_buf_adds(&b, "word ");
	mxa_said_read(a, mxa_buf_str(&b), &said);
	ck_assert_str_eq(said.code, "550");
	ck_assert_uint_le(said.text.len, MXA_MAX_SAID);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("reply");
	TCase *tc = tcase_create("reply");

	tcase_add_loop_test(tc, replies_are_read, 0,
	    (int)(sizeof(replies) / sizeof(replies[0])));
	tcase_add_loop_test(
	    tc, enhanced_codes, 0, (int)(sizeof(codes) / sizeof(codes[0])));
	tcase_add_loop_test(tc, a_code_after_a_sign, 0,
	    (int)(sizeof(signs) / sizeof(signs[0])));
	tcase_add_loop_test(tc, no_code_inside_a_word, 0,
	    (int)(sizeof(no_signs) / sizeof(no_signs[0])));
	tcase_add_loop_test(tc, what_stands_behind_a_code, 0,
	    (int)(sizeof(behind) / sizeof(behind[0])));
	tcase_add_test(tc, a_long_reply_is_cut);
	suite_add_tcase(s, tc);
	return test_main(s);
}
