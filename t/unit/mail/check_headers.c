/* check_headers.c - header fields with their original bytes. */
#include "t/support/testing.h"

#include <string.h>

#include "base/limits.h"
#include "mail/headers.h"

static const struct {
	const char *what, *name, *value;
	bool exact;
	const char *raw, *field, *kept;
} added[] = {
	{ "one space is put in", "Subject", "a", false, "Subject: a", "Subject",
	    " a" },
	{ "exact value keeps its own", "Subject", "  a", true, "Subject:  a",
	    "Subject", "  a" },
	{ "exact value without space", "Subject", "a", true, "Subject:a",
	    "Subject", "a" },
	{ "folds become CRLF", "To", "a,\n\tb,\n c", false,
	    "To: a,\r\n\tb,\r\n c", "To", " a,\r\n\tb,\r\n c" },
	{ "a CR that is there stays alone", "To", "a,\r\n\tb", false,
	    "To: a,\r\n\tb", "To", " a,\r\n\tb" },
	{ "fold directly behind the colon", "To", "\n a", true, "To:\r\n a",
	    "To", "\r\n a" },
	{ "bare CR stays", "To", "a\rb", false, "To: a\rb", "To", " a\rb" },
	{ "empty value", "X", "", true, "X:", "X", "" },
	{ "empty value with its space", "X", "", false, "X: ", "X", " " },
	{ "space before the colon stays in raw", "Subject ", " a", true,
	    "Subject : a", "Subject", " a" },
	{ "LF at the end", "X", "a\n", true, "X:a\r\n", "X", "a\r\n" },
};

START_TEST(add_rebuilds_the_field)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;

	mxa_headers_init(&h, a);
	ck_assert_int_eq(mxa_headers_add(&h, mxa_str_from(added[_i].name),
			     mxa_str_from(added[_i].value), added[_i].exact),
	    MXA_OK);
	ck_assert_uint_eq(h.n, 1);
	ck_str_is(h.v[0].raw, added[_i].raw);
	ck_str_is(h.v[0].name, added[_i].field);
	ck_str_is(h.v[0].value, added[_i].kept);
	ck_assert_uint_eq(h.bytes, strlen(added[_i].raw));
	mxa_arena_free(a);
}
END_TEST

START_TEST(nul_bytes_are_bytes)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;

	mxa_headers_init(&h, a);
	mxa_headers_add(&h, MXA_STR("X"), MXA_STR("a\0b\n\tc"), false);
	ck_assert(mxa_str_eq(h.v[0].raw, MXA_STR("X: a\0b\r\n\tc")));
	ck_assert(mxa_str_eq(mxa_field_unfold(a, &h.v[0]), MXA_STR("a\0b\tc")));
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *what;
	struct mxa_str text;
	const char *fields; /* raw, each followed by '|' */
	const char *body;
} split[] = {
	{ "CRLF", MXA_STR_INIT("A: 1\r\nB: 2\r\n\r\nbody\r\n"), "A: 1|B: 2|",
	    "body\r\n" },
	{ "LF", MXA_STR_INIT("A: 1\nB: 2\n\nbody\n"), "A: 1|B: 2|", "body\n" },
	{ "a mixture, folded", MXA_STR_INIT("A: 1\r\n\tx\n y\nB:2\n\r\nbody"),
	    "A: 1\r\n\tx\r\n y|B:2|", "body" },
	{ "no body, no empty line", MXA_STR_INIT("A: 1\n"), "A: 1|", "" },
	{ "no line end at all", MXA_STR_INIT("A: 1"), "A: 1|", "" },
	{ "no body behind the empty line", MXA_STR_INIT("A: 1\n\n"), "A: 1|",
	    "" },
	{ "nothing", MXA_STR_INIT(""), "", "" },
	{ "no header", MXA_STR_INIT("\nbody\n"), "", "body\n" },
	{ "no header, no empty line", MXA_STR_INIT("just text\nmore\n"), "",
	    "just text\nmore\n" },
	{ "a line that is no field ends it",
	    MXA_STR_INIT("A: 1\nnot a field\nB: 2\n\nx"), "A: 1|",
	    "not a field\nB: 2\n\nx" },
	{ "a continuation first is no field", MXA_STR_INIT(" x\nA: 1\n"), "",
	    " x\nA: 1\n" },
	{ "mbox line",
	    MXA_STR_INIT("From u@example.com Tue Sep  1 10:00:00 2026\nA: 1\n"
			 "\nb"),
	    "A: 1|", "b" },
	{ "mbox line only", MXA_STR_INIT("From u@example.com"), "", "" },
	{ "From with a space is a field", MXA_STR_INIT("From : a@b\n\nx"),
	    "From : a@b|", "x" },
	{ "two mbox lines are none", MXA_STR_INIT("From a\nFrom b\nA: 1\n\nx"),
	    "", "From b\nA: 1\n\nx" },
	{ "white space continues a field", MXA_STR_INIT("A: 1\n  \n\tz\n\nx"),
	    "A: 1\r\n  \r\n\tz|", "x" },
	{ "empty lines of the body stay", MXA_STR_INIT("A: 1\n\n\n\nx"),
	    "A: 1|", "\n\nx" },
	{ "8-bit name is no field", MXA_STR_INIT("\xc3\xa9: 1\n\nx"), "",
	    "\xc3\xa9: 1\n\nx" },
	{ "bare CR is no line end", MXA_STR_INIT("A: 1\rB: 2\n\nx"),
	    "A: 1\rB: 2|", "x" },
	{ "colon alone is no field", MXA_STR_INIT(": 1\n\nx"), "", ": 1\n\nx" },
	{ "name alone", MXA_STR_INIT("A:\n\nx"), "A:|", "x" },
};

START_TEST(split_finds_fields_and_body)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	struct mxa_buf b;
	size_t body;

	mxa_headers_init(&h, a);
	mxa_buf_init(&b, a, 10000);
	mxa_headers_split(&h, split[_i].text, &body);
	for (size_t i = 0; i < h.n; i++) {
		mxa_buf_addstr(&b, h.v[i].raw);
		mxa_buf_addc(&b, '|');
	}
	ck_assert_str_eq(mxa_buf_cstr(&b), split[_i].fields);
	ck_str_is(mxa_str_sub(split[_i].text, body, split[_i].text.len),
	    split[_i].body);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *what, *value, *unfolded;
} folds[] = {
	{ "nothing to do", " a b ", "a b" },
	{ "folded field keeps its inner space", " a\n\tb", "a\tb" },
	{ "all white space stays", " a \n   b", "a    b" },
	{ "many folds", "a\n b\n c\n d", "a b c d" },
	{ "fold first and last", "\n a\n ", "a" },
	{ "line of white space only", "a\n \n b", "a  b" },
	{ "nothing", "", "" },
	{ "LF without white space behind it is no fold", "a\nb", "a\r\nb" },
	{ "two line ends", "a\n\n b", "a\r\n b" },
};

START_TEST(unfolds)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;

	mxa_headers_init(&h, a);
	mxa_headers_add(&h, MXA_STR("X"), mxa_str_from(folds[_i].value), true);
	ck_str_is(mxa_field_unfold(a, &h.v[0]), folds[_i].unfolded);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *what, *in, *out;
} bodies[] = {
	{ "LF", "a\nb\n", "a\r\nb\r\n" },
	{ "CRLF stays", "a\r\nb\r\n", "a\r\nb\r\n" },
	{ "a mixture", "a\r\nb\nc", "a\r\nb\r\nc" },
	{ "bare CR stays", "a\rb\r\r\n\n", "a\rb\r\r\n\r\n" },
	{ "empty lines", "\n\n", "\r\n\r\n" },
	{ "nothing", "", "" },
};

START_TEST(body_travels_with_crlf)
{
	struct mxa_arena *a = mxa_arena_new();

	ck_str_is(
	    mxa_body_crlf(a, mxa_str_from(bodies[_i].in)), bodies[_i].out);
	mxa_arena_free(a);
}
END_TEST

START_TEST(names_are_case_less)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	size_t body;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h,
	    MXA_STR("Received: 1\nReceived-SPF: x\nRECEIVED : 2\nTo: y\n"
		    "received: 3\n"),
	    &body);
	ck_assert_uint_eq(mxa_headers_count(&h, "Received"), 3);
	ck_assert_uint_eq(mxa_headers_count(&h, "Cc"), 0);
	ck_str_is(mxa_headers_find(&h, "received", 0)->value, " 1");
	ck_str_is(mxa_headers_find(&h, "received", 1)->value, " 2");
	ck_str_is(mxa_headers_find(&h, "received", 2)->value, " 3");
	ck_assert_ptr_null(mxa_headers_find(&h, "received", 3));
	ck_assert_ptr_null(mxa_headers_find(&h, "Cc", 0));
	mxa_arena_free(a);
}
END_TEST

START_TEST(twenty_thousand_fields_are_kept)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;

	mxa_headers_init(&h, a);
	for (int i = 0; i < 20000; i++)
		ck_assert_int_eq(
		    mxa_headers_add(&h, MXA_STR("X-A"), MXA_STR("b"), false),
		    MXA_OK);
	ck_assert_uint_eq(h.n, 20000);
	ck_assert_uint_eq(h.dropped, 0);
	ck_str_is(h.v[19999].raw, "X-A: b");
	mxa_arena_free(a);
}
END_TEST

START_TEST(fields_beyond_the_limit_are_counted_but_not_from)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	size_t n = MXA_MAX_FIELDS + 500;

	mxa_headers_init(&h, a);
	for (size_t i = 0; i < n; i++)
		mxa_headers_add(&h, MXA_STR("X"), MXA_STR("b"), false);
	ck_assert_uint_eq(h.n, MXA_MAX_FIELDS);
	ck_assert_uint_eq(h.dropped, 500);
	for (size_t i = 0; i < MXA_MAX_FROM_FIELDS; i++)
		ck_assert_int_eq(mxa_headers_add(&h, MXA_STR("fRoM "),
				     MXA_STR("a@example.com"), false),
		    MXA_OK);
	ck_assert_int_eq(
	    mxa_headers_add(&h, MXA_STR("From"), MXA_STR("a@b"), false),
	    MXA_ELIMIT);
	ck_assert_uint_eq(h.from_fields, MXA_MAX_FROM_FIELDS);
	ck_assert_uint_eq(h.dropped, 501);
	mxa_arena_free(a);
}
END_TEST

/* 'n' bytes, a fold after each three letters */
static struct mxa_str folded(struct mxa_arena *a, size_t n)
{
	char *p = mxa_arena_alloc(a, n);

	for (size_t i = 0; i < n; i++)
		p[i] = "abc\n\t"[i % 5];
	return mxa_str_make(p, n);
}

START_TEST(fifteen_thousand_folds)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str v = folded(a, 75000);
	struct mxa_headers h;

	mxa_headers_init(&h, a);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(
		    mxa_headers_add(&h, MXA_STR("X"), v, true), MXA_OK);
		ck_assert_uint_eq(h.v[i].value.len, 90000);
		/* the last fold is trimmed away with its tab */
		ck_assert_uint_eq(
		    mxa_field_unfold(a, &h.v[i]).len, 15000 * 4 - 1);
	}
	mxa_arena_free(a);
}
END_TEST

START_TEST(long_field_is_cut_and_says_so)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	struct mxa_str v = folded(a, MXA_MAX_FIELD + 1);

	v.p = memset((char *)v.p, 'a', v.len);
	mxa_headers_init(&h, a);
	mxa_headers_add(&h, MXA_STR("X"), v, false);
	ck_assert_uint_eq(h.v[0].raw.len, MXA_MAX_FIELD);
	ck_assert(h.v[0].cut);
	ck_assert_uint_eq(h.cut, 1);
	v.len = MXA_MAX_FIELD - 3;
	mxa_headers_add(&h, MXA_STR("X"), v, false);
	ck_assert(!h.v[1].cut);
	ck_assert_uint_eq(h.cut, 1);
	/* a name alone that long is no field to keep */
	v.len = MXA_MAX_FIELD;
	ck_assert_int_eq(
	    mxa_headers_add(&h, v, MXA_STR("x"), false), MXA_ELIMIT);
	ck_assert_uint_eq(h.n, 2);
	ck_assert_uint_eq(h.dropped, 1);
	mxa_arena_free(a);
}
END_TEST

START_TEST(bytes_of_the_section_are_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	struct mxa_str v = folded(a, MXA_MAX_FIELD);

	mxa_headers_init(&h, a);
	for (int i = 0; i < 30; i++)
		mxa_headers_add(&h, MXA_STR("X"), v, false);
	ck_assert_uint_gt(h.dropped, 0);
	/* CRs come on top of what arrived: at most as much again */
	ck_assert_uint_le(h.bytes, 2 * MXA_MAX_HEADER);
	ck_assert_int_eq(mxa_headers_add(&h, MXA_STR("From"),
			     MXA_STR("a@example.com"), false),
	    MXA_OK);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("headers");
	TCase *tc = tcase_create("headers");

	tcase_add_loop_test(
	    tc, add_rebuilds_the_field, 0, MXA_ARRAY_LEN(added));
	tcase_add_test(tc, nul_bytes_are_bytes);
	tcase_add_loop_test(
	    tc, split_finds_fields_and_body, 0, MXA_ARRAY_LEN(split));
	tcase_add_loop_test(tc, unfolds, 0, MXA_ARRAY_LEN(folds));
	tcase_add_loop_test(
	    tc, body_travels_with_crlf, 0, MXA_ARRAY_LEN(bodies));
	tcase_add_test(tc, names_are_case_less);
	tcase_add_test(tc, twenty_thousand_fields_are_kept);
	tcase_add_test(tc, fields_beyond_the_limit_are_counted_but_not_from);
	tcase_add_test(tc, fifteen_thousand_folds);
	tcase_add_test(tc, long_field_is_cut_and_says_so);
	tcase_add_test(tc, bytes_of_the_section_are_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
