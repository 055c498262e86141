/* check_encoded_word.c - encoded words in a text (RFC 2047). */
#include "mail/encoded_word.h"

#include "base/arena.h"
#include "base/attr.h"
#include "t/support/testing.h"

static const struct {
	const char *in, *out; /* NULL: there is none */
} words[] = {
	{ "=?utf-8?q?bank?=", "bank" },
	{ "=?UTF-8?Q?bank?=.example", "bank.example" },
	{ "=?us-ascii*en?q?a_b=2Ec?=", "a b.c" },
	{ "=?utf-8?b?YmFuaw==?=.example", "bank.example" },
	{ "=?utf-8?B?YmFuaw?=", "bank" },
	{ "=?utf-8?q?caf=C3=A9?=", "caf\xc3\xa9" },
	{ "a=?utf-8?q?b?=c=?utf-8?q?d?=e", "abcde" },
	{ "=?utf-8?q?"
	  "?=x",
	    "x" },
	{ "=?utf-8?q?=4?=", "=4" },	/* no hexadecimal number */
	{ "=?utf-8?q?=GG=?=", "=GG=" }, /* nor these */
	{ "=?utf-8?b?Y?=", NULL },	/* no base64 */
	{ "=?utf-8?x?bank?=", NULL },	/* no encoding */
	{ "=?utf-8?qq?bank?=", NULL },
	{ "=?utf-8?q?bank?", NULL }, /* cut */
	{ "=?utf-8?q?bank", NULL },
	{ "=?utf-8?q?", NULL },
	{ "=?utf-8?q", NULL },
	{ "=?utf-8?", NULL },
	{ "=?", NULL },
	{ "=", NULL },
	{ "", NULL },
	{ "bank.example", NULL },
};

START_TEST(words_are_decoded)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str out =
	    mxa_encoded_words_decode(a, mxa_str_from(words[_i].in));

	if (words[_i].out == NULL)
		ck_assert_ptr_null(out.p);
	else
		ck_str_is(out, words[_i].out);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("encoded words");
	TCase *tc = tcase_create("words");

	tcase_add_loop_test(tc, words_are_decoded, 0, MXA_ARRAY_LEN(words));
	suite_add_tcase(s, tc);
	return test_main(s);
}
