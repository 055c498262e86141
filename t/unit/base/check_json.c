/* check_json.c - JSON text.  What is wanted is written after RFC 8259. */
#include <jansson.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "t/support/testing.h"

static struct mxa_arena *arena;
static struct mxa_buf buf;
static struct mxa_json j;

static void setup(void)
{
	arena = mxa_arena_new();
	mxa_buf_init(&buf, arena, 1 << 20);
	mxa_json_init(&j, &buf);
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

#define TEXT(lit)                    \
	{                            \
		lit, sizeof(lit) - 1 \
	}

static const struct {
	struct mxa_str in;
	const char *wanted;
} strings[] = {
	{ TEXT(""), "\"\"" },
	{ TEXT("plain text ~!"), "\"plain text ~!\"" },
	{ TEXT("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"" },
	{ TEXT("a\0b"), "\"a\\u0000b\"" },
	{ TEXT("\t\r\n\x1b"), "\"\\t\\r\\n\\u001b\"" },
	{ TEXT("\x7f"), "\"\\u007f\"" },
	{ TEXT("\xc2\x9b\xc2\x80"), "\"\\u009b\\u0080\"" }, /* C1 */
	{ TEXT("\xc2\xa0"), "\"\xc2\xa0\"" },
	{ TEXT("r\xc3\xa9sum\xc3\xa9"), "\"r\xc3\xa9sum\xc3\xa9\"" },
	{ TEXT("\xe6\x97\xa5\xf0\x9f\x93\xa7"),
	    "\"\xe6\x97\xa5\xf0\x9f\x93\xa7\"" },
	/* not UTF-8: each byte becomes U+FFFD */
	{ TEXT("a\xff"), "\"a\xef\xbf\xbd\"" },
	{ TEXT("\xc3"), "\"\xef\xbf\xbd\"" },
	{ TEXT("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ TEXT("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ { NULL, 0 }, "\"\"" },
};

START_TEST(strings_are_escaped)
{
	mxa_json_str(&j, NULL, strings[_i].in);
	ck_assert_str_eq(mxa_buf_cstr(&buf), strings[_i].wanted);
}
END_TEST

static const struct {
	const char *in;
	size_t most;
	const char *wanted;
} cuts[] = {
	{ "abcdef", 6, "\"abcdef\"" },
	{ "abcdef", 5, "\"ab...\"" },
	{ "abcdef", 3, "\"...\"" },
	/* no half of a character */
	{ "ab\xe6\x97\xa5xy", 7, "\"ab\xe6\x97\xa5xy\"" },
	{ "ab\xe6\x97\xa5xyz", 7, "\"ab...\"" },
	{ "ab\xe6\x97\xa5xyzu", 8, "\"ab\xe6\x97\xa5...\"" },
	{ "\xf0\x9f\x93\xa7xyzu", 6, "\"...\"" },
	/* what is not UTF-8 takes three bytes each */
	{ "\xff\xff", 6, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xff\xff", 5, "\"...\"" },
	{ "\xff\xff\xff", 8, "\"\xef\xbf\xbd...\"" },
	/* escapes do not count */
	{ "\n\n\n", 3, "\"\\n\\n\\n\"" },
};

START_TEST(long_strings_are_cut)
{
	mxa_json_cut(&j, NULL, mxa_str_from(cuts[_i].in), cuts[_i].most);
	ck_assert_str_eq(mxa_buf_cstr(&buf), cuts[_i].wanted);
}
END_TEST

static void write_document(void)
{
	struct mxa_str list[] = { MXA_STR("x"), MXA_STR("y") };

	mxa_json_open(&j, NULL, '{');
	mxa_json_word(&j, "a", "w");
	mxa_json_int(&j, "n", -5);
	mxa_json_bool(&j, "yes", true);
	mxa_json_bool(&j, "no", false);
	mxa_json_null(&j, "nil");
	mxa_json_open(&j, "empty", '[');
	mxa_json_close(&j, ']');
	mxa_json_open(&j, "none", '{');
	mxa_json_close(&j, '}');
	mxa_json_list(&j, "list", list, 2);
	mxa_json_str_or_null(&j, "s", MXA_STR_NONE);
	mxa_json_text(&j, "t", NULL);
	mxa_json_open(&j, "rows", '[');
	for (int i = 1; i < 3; i++) {
		mxa_json_open(&j, NULL, '{');
		mxa_json_int(&j, "i", i);
		mxa_json_text(&j, "t", "\n");
		mxa_json_close(&j, '}');
	}
	mxa_json_close(&j, ']');
	mxa_json_close(&j, '}');
}

START_TEST(a_document_on_one_line)
{
	write_document();
	ck_assert_str_eq(mxa_buf_cstr(&buf),
	    "{\"a\":\"w\",\"n\":-5,\"yes\":true,\"no\":false,\"nil\":null,"
	    "\"empty\":[],\"none\":{},\"list\":[\"x\",\"y\"],\"s\":null,"
	    "\"t\":null,\"rows\":[{\"i\":1,\"t\":\"\\n\"},"
	    "{\"i\":2,\"t\":\"\\n\"}]}");
}
END_TEST

START_TEST(a_document_with_rows_on_lines)
{
	j.lines = 2;
	mxa_json_open(&j, NULL, '{');
	mxa_json_open(&j, "rows", '[');
	for (int i = 1; i < 3; i++) {
		mxa_json_open(&j, NULL, '{');
		mxa_json_int(&j, "i", i);
		mxa_json_int(&j, "k", i);
		mxa_json_close(&j, '}');
	}
	mxa_json_close(&j, ']');
	mxa_json_open(&j, "empty", '[');
	mxa_json_close(&j, ']');
	mxa_json_close(&j, '}');
	ck_assert_str_eq(mxa_buf_cstr(&buf),
	    "{\n  \"rows\": [\n    {\"i\":1,\"k\":1},\n    {\"i\":2,\"k\":2}\n"
	    "  ],\n  \"empty\": []\n}");
}
END_TEST

START_TEST(an_indented_document)
{
	j.lines = MXA_JSON_LINES;
	mxa_json_open(&j, NULL, '[');
	mxa_json_open(&j, NULL, '{');
	mxa_json_int(&j, "i", 1);
	mxa_json_close(&j, '}');
	mxa_json_close(&j, ']');
	ck_assert_str_eq(mxa_buf_cstr(&buf), "[\n  {\n    \"i\": 1\n  }\n]");
}
END_TEST

/* Another reader understands every form in the same way. */
START_TEST(other_readers_agree)
{
	json_t *first, *again;

	write_document();
	first = json_loadb(buf.p, buf.len, 0, NULL);
	ck_assert_ptr_nonnull(first);
	mxa_buf_cut(&buf, 0);
	mxa_json_init(&j, &buf);
	j.lines = (unsigned)_i;
	write_document();
	again = json_loadb(buf.p, buf.len, 0, NULL);
	ck_assert(json_equal(first, again));
	json_decref(first);
	json_decref(again);
}
END_TEST

START_TEST(an_element_is_taken_back)
{
	struct mxa_json_mark mark;

	mxa_json_open(&j, NULL, '[');
	mark = mxa_json_mark(&j);
	mxa_json_int(&j, NULL, 1234567);
	ck_assert(mxa_json_undo(&j, mark, 5));
	mxa_json_int(&j, NULL, 1);
	mark = mxa_json_mark(&j);
	mxa_json_int(&j, NULL, 2);
	ck_assert(!mxa_json_undo(&j, mark, 5));
	mxa_json_close(&j, ']');
	ck_assert_str_eq(mxa_buf_cstr(&buf), "[1,2]");
}
END_TEST

struct sum {
	size_t bytes, most, calls;
};

static void count_drained(void *ctx, struct mxa_str text)
{
	struct sum *sum = ctx;

	sum->calls++;
	sum->bytes += text.len;
	if (text.len > sum->most)
		sum->most = text.len;
}

/* A document of 5 MB, two strings of 1 MB in it, through a small buffer. */
START_TEST(a_long_document_is_drained)
{
	static char big[1 << 20];
	struct sum sum = { 0 };

	mxa_buf_init(&buf, arena, 20000);
	j.drain = count_drained;
	j.ctx = &sum;
	memset(big, '\n', sizeof(big));
	mxa_json_open(&j, NULL, '[');
	for (int i = 0; i < 200000; i++)
		mxa_json_int(&j, NULL, 123456789);
	mxa_json_str(&j, NULL, mxa_str_make(big, sizeof(big)));
	memset(big, 'x', sizeof(big));
	mxa_json_str(&j, NULL, mxa_str_make(big, sizeof(big)));
	mxa_json_close(&j, ']');
	ck_assert(!buf.full);
	ck_assert_uint_eq(
	    sum.bytes + buf.len, 2 + 200000 * 10 + 5 + 3 * sizeof(big));
	ck_assert_uint_lt(sum.most, 20000);
	ck_assert_uint_gt(sum.calls, 200);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");
	TCase *tc = tcase_create("json");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, strings_are_escaped, 0, MXA_ARRAY_LEN(strings));
	tcase_add_loop_test(tc, long_strings_are_cut, 0, MXA_ARRAY_LEN(cuts));
	tcase_add_test(tc, a_document_on_one_line);
	tcase_add_test(tc, a_document_with_rows_on_lines);
	tcase_add_test(tc, an_indented_document);
	tcase_add_loop_test(tc, other_readers_agree, 0, 5);
	tcase_add_test(tc, an_element_is_taken_back);
	tcase_add_test(tc, a_long_document_is_drained);
	suite_add_tcase(s, tc);
	return test_main(s);
}
