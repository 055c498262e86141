/* check_taglist.c - tag=value lists (RFC 6376 section 3.2). */
#include "t/support/testing.h"

#include <string.h>

#include "mail/taglist.h"

/* "name=value|name=value" of all tags that were read. */
static const char *show(struct mxa_arena *a, const struct mxa_taglist *t)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	for (size_t i = 0; i < t->n; i++)
		mxa_buf_printf(&b, "%s%.*s=%.*s", i ? "|" : "",
		    MXA_STR_ARG(t->v[i].name), MXA_STR_ARG(t->v[i].value));
	return mxa_buf_cstr(&b);
}

static const struct {
	const char *name, *in, *tags;
} good[] = {
	{ "one tag", "v=1", "v=1" },
	{ "several", "v=1; a=rsa-sha256;d=example.com",
	    "v=1|a=rsa-sha256|d=example.com" },
	{ "one ';' may end it", "v=DMARC1;", "v=DMARC1" },
	{ "white space behind the last ';'", "v=DMARC1; \r\n\t", "v=DMARC1" },
	{ "white space everywhere", " v = 1 ; a\t= \r\n x ", "v=1|a=x" },
	{ "folds stay inside a value", "b=ab\r\n\tcd; c=x",
	    "b=ab\r\n\tcd|c=x" },
	{ "empty value", "p=; k=rsa", "p=|k=rsa" },
	{ "empty value at the end", "k=rsa; p=", "k=rsa|p=" },
	{ "'=' belongs to the value", "bh=ab==; d=x", "bh=ab==|d=x" },
	{ "names are case-sensitive", "v=1; V=2", "v=1|V=2" },
	{ "digits and '_' in a name", "a_1=x", "a_1=x" },
	{ "8-bit value (RFC 8616)",
	    "d=b\xc3\xbc"
	    "cher.example",
	    "d=b\xc3\xbc"
	    "cher.example" },
	{ "space inside a value", "n=two  words", "n=two  words" },
};

START_TEST(reads)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_taglist t;

	ck_assert_int_eq(
	    mxa_taglist_parse(mxa_str_from(good[_i].in), &t), MXA_OK);
	ck_assert_ptr_null(t.error);
	ck_assert_str_eq(show(a, &t), good[_i].tags);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *name;
	struct mxa_str in;
	size_t at;
	const char *tags;
} bad[] = {
	{ "nothing", MXA_STR_INIT(""), 0, "" },
	{ "only white space", MXA_STR_INIT(" \t "), 0, "" },
	{ "only ';'", MXA_STR_INIT(";"), 0, "" },
	{ "empty element first", MXA_STR_INIT("; v=1"), 0, "v=1" },
	{ "empty element inside", MXA_STR_INIT("v=1; ; p=x"), 4, "v=1|p=x" },
	{ "two ';' at the end", MXA_STR_INIT("v=1;;"), 4, "v=1" },
	{ "no '='", MXA_STR_INIT("v=1; nonsense; p=x"), 5, "v=1|p=x" },
	{ "no '=' at the end", MXA_STR_INIT("v=1; p"), 5, "v=1" },
	{ "no name", MXA_STR_INIT("v=1; =x; p=y"), 5, "v=1|p=y" },
	{ "digit first", MXA_STR_INIT("1v=1"), 0, "" },
	{ "space in the name", MXA_STR_INIT("v=1; p q=x"), 5, "v=1" },
	{ "hyphen in the name", MXA_STR_INIT("a-b=1; v=2"), 0, "v=2" },
	{ "8-bit name", MXA_STR_INIT("\xc3\xa9=1"), 0, "" },
	{ "twice: the first stays", MXA_STR_INIT("d=a; s=x; d=b; t=1"), 10,
	    "d=a|s=x|t=1" },
	{ "the first mistake is told", MXA_STR_INIT("v=1; x; =y"), 5, "v=1" },
	{ "NUL in a value", MXA_STR_INIT("v=1; p=re\0ject; q=1"), 9,
	    "v=1|q=1" },
	{ "DEL in a value", MXA_STR_INIT("p=\x7f"), 2, "" },
	{ "NUL in a name", MXA_STR_INIT("v=1; p\0=x"), 5, "v=1" },
};

START_TEST(mistakes_are_placed)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_taglist t;

	ck_assert_int_eq(mxa_taglist_parse(bad[_i].in, &t), MXA_ESYNTAX);
	ck_assert_ptr_nonnull(t.error);
	ck_assert_uint_eq(t.error_at, bad[_i].at);
	ck_assert_str_eq(show(a, &t), bad[_i].tags);
	mxa_arena_free(a);
}
END_TEST

START_TEST(finds_by_name_and_offset)
{
	struct mxa_str text = MXA_STR(" v=1;\r\n\tdara=2; d = x");
	struct mxa_taglist t;

	ck_assert_int_eq(mxa_taglist_parse(text, &t), MXA_OK);
	ck_str_is(mxa_taglist_find(&t, "d")->value, "x");
	ck_assert_uint_eq(mxa_taglist_find(&t, "d")->at, 16);
	ck_assert_uint_eq(mxa_taglist_find(&t, "dara")->at, 8);
	ck_assert_ptr_null(mxa_taglist_find(&t, "D"));
	ck_assert_ptr_null(mxa_taglist_find(&t, "da"));
	ck_assert_ptr_null(mxa_taglist_find(&t, ""));
}
END_TEST

/* "t0=; t1=; ..." */
static struct mxa_str many(struct mxa_arena *a, int n)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	for (int i = 0; i < n; i++)
		mxa_buf_printf(&b, "t%d=;", i);
	return mxa_buf_str(&b);
}

START_TEST(ceiling_of_tags)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_taglist t;

	ck_assert_int_eq(mxa_taglist_parse(many(a, MXA_MAX_TAGS), &t), MXA_OK);
	ck_assert_uint_eq(t.n, MXA_MAX_TAGS);
	ck_assert_int_eq(
	    mxa_taglist_parse(many(a, MXA_MAX_TAGS + 1), &t), MXA_ELIMIT);
	ck_assert_uint_eq(t.n, MXA_MAX_TAGS);
	ck_assert_ptr_nonnull(t.error);
	mxa_arena_free(a);
}
END_TEST

/* Quadratic work on any of these would take minutes, Check allows seconds. */
static const struct {
	const char *name, *piece;
} heavy[] = {
	{ "semicolons", ";" },
	{ "spaces", " " },
	{ "equal signs", "=" },
	{ "folds", "\r\n\t" },
	{ "repeated tag", "a=1;" },
};

START_TEST(megabytes_are_cheap)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_taglist t;
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)8 << 20);
	while (b.len < (size_t)2 << 20)
		mxa_buf_adds(&b, heavy[_i].piece);
	while (b.len < (size_t)4 << 20)
		mxa_buf_addc(&b, ' ');
	ck_assert_int_eq(mxa_taglist_parse(mxa_buf_str(&b), &t), MXA_ESYNTAX);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *text, *d;
} values[] = {
	{ "v=1; d=a.example; s=x", "a.example" },
	{ "d=a.example", "a.example" },
	{ "v=1;\r\n\td = a.example \r\n\t; s=x", "a.example" },
	{ "d=first.example; d=second.example", "first.example" },
	{ "v=1; D=a.example", NULL },
	{ "bd=a.example; dd=b.example", NULL },
	{ "d=", "" },
	{ "d", "" },
	{ "", NULL },
	{ ";;\001;d=a.example", "a.example" },
};

START_TEST(one_value)
{
	struct mxa_str d =
	    mxa_taglist_value(mxa_str_from(values[_i].text), "d");

	if (values[_i].d == NULL)
		ck_assert_ptr_null(d.p);
	else
		ck_str_is(d, values[_i].d);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("taglist");
	TCase *tc = tcase_create("taglist");

	tcase_add_loop_test(tc, reads, 0, MXA_ARRAY_LEN(good));
	tcase_add_loop_test(tc, mistakes_are_placed, 0, MXA_ARRAY_LEN(bad));
	tcase_add_test(tc, finds_by_name_and_offset);
	tcase_add_loop_test(tc, one_value, 0, MXA_ARRAY_LEN(values));
	tcase_add_test(tc, ceiling_of_tags);
	tcase_add_loop_test(tc, megabytes_are_cheap, 0, MXA_ARRAY_LEN(heavy));
	suite_add_tcase(s, tc);
	return test_main(s);
}
