/* check_json_read.c - JSON text read from front to back.  Which texts are JSON
 * is written after RFC 8259, and compared with another reader. */
#include <jansson.h>
#include <string.h>

#include "base/attr.h"
#include "base/json_read.h"
#include "t/support/testing.h"

static struct mxa_arena *arena;

static void setup(void)
{
	arena = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

static struct mxa_json_reader reader_of(const char *text, size_t len)
{
	struct mxa_json_reader r;

	mxa_json_reader_init(&r, mxa_arena_strdup(arena, text, len), len);
	return r;
}

/* Everything that is there, read and written again in one line. */
static void copy_value(struct mxa_json_reader *r, struct mxa_buf *b)
{
	struct mxa_str key;
	int64_t v;

	switch (mxa_json_peek(r)) {
	case '{':
		mxa_buf_addc(b, '{');
		mxa_json_enter(r, '{');
		while (mxa_json_member(r, &key)) {
			mxa_buf_printf(b, "<%.*s>", MXA_STR_ARG(key));
			copy_value(r, b);
		}
		mxa_buf_addc(b, '}');
		break;
	case '[':
		mxa_buf_addc(b, '[');
		mxa_json_enter(r, '[');
		while (mxa_json_item(r))
			copy_value(r, b);
		mxa_buf_addc(b, ']');
		break;
	case '"':
		mxa_buf_addc(b, '<');
		mxa_buf_addstr(b, mxa_json_take_str(r));
		mxa_buf_addc(b, '>');
		break;
	case 't':
	case 'f':
		mxa_buf_adds(b, mxa_json_take_true(r) ? "T" : "F");
		break;
	case 'n':
		mxa_json_skip(r);
		mxa_buf_adds(b, "N");
		break;
	default:
		if (mxa_json_take_int(r, &v))
			mxa_buf_printf(b, "%lld,", (long long)v);
		else
			mxa_buf_adds(b, "real,");
	}
}

#define TEXT(lit)                    \
	{                            \
		lit, sizeof(lit) - 1 \
	}

static const struct {
	struct mxa_str in;
	const char *wanted; /* NULL: not JSON */
} documents[] = {
	{ TEXT("{}"), "{}" },
	{ TEXT(" [ ] \r\n\t"), "[]" },
	{ TEXT("{\"a\":1}"), "{<a>1,}" },
	{ TEXT("{ \"a\" : [ 1 , -2 , true,false,null ] , \"b\":{} }"),
	    "{<a>[1,-2,TFN]<b>{}}" },
	{ TEXT("[[],[[]],{},\"\"]"), "[[][[]]{}<>]" },
	{ TEXT("[0,-0,9223372036854775807,1.5,1e3,-2E-7,0.0]"),
	    "[0,0,9223372036854775807,real,real,real,real,]" },
	{ TEXT("[9223372036854775808]"), "[real,]" },
	{ TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), "[<\"\\/\b\f\n\r\t>]" },
	{ TEXT("[\"\\u0041\\u00e9\\u3042\"]"), "[<A\xc3\xa9\xe3\x81\x82>]" },
	{ TEXT("[\"\\ud83d\\uDCE7\"]"), "[<\xf0\x9f\x93\xa7>]" },
	{ TEXT("[\"\xe3\x81\x82\x7f\"]"), "[<\xe3\x81\x82\x7f>]" },
	{ TEXT("{\"\\u0061b\":\"c\"}"), "{<ab><c>}" },
	{ TEXT("\"alone\""), "<alone>" },
	{ TEXT("7"), "7," },
	/* what is not JSON */
	{ TEXT(""), NULL },
	{ TEXT("{"), NULL },
	{ TEXT("}"), NULL },
	{ TEXT("{}{}"), NULL },
	{ TEXT("{} x"), NULL },
	{ TEXT("{}\0"), NULL },
	{ TEXT("[1 2]"), NULL },
	{ TEXT("[1,]"), NULL },
	{ TEXT("[,1]"), NULL },
	{ TEXT("{\"a\":1,}"), NULL },
	{ TEXT("{\"a\" 1}"), NULL },
	{ TEXT("{\"a\":}"), NULL },
	{ TEXT("{a:1}"), NULL },
	{ TEXT("{1:1}"), NULL },
	{ TEXT("[1}"), NULL },
	{ TEXT("{\"a\":1]"), NULL },
	{ TEXT("[01]"), NULL },
	{ TEXT("[1.]"), NULL },
	{ TEXT("[.5]"), NULL },
	{ TEXT("[+1]"), NULL },
	{ TEXT("[-]"), NULL },
	{ TEXT("[1e]"), NULL },
	{ TEXT("[0x10]"), NULL },
	{ TEXT("[True]"), NULL },
	{ TEXT("[nul]"), NULL },
	{ TEXT("[NaN]"), NULL },
	{ TEXT("[\"a]"), NULL },
	{ TEXT("[\"a\nb\"]"), NULL },
	{ TEXT("[\"a\0b\"]"), NULL },
	{ TEXT("[\"\\x41\"]"), NULL },
	{ TEXT("[\"\\u00g0\"]"), NULL },
	{ TEXT("[\"\\u00\"]"), NULL },
	{ TEXT("[\"\\ud83d\"]"), NULL },
	{ TEXT("[\"\\ud83dxxxxxx\"]"), NULL },
	{ TEXT("[\"\\ud83d\\u0041\"]"), NULL },
	{ TEXT("[\"\\udce7\"]"), NULL },
	{ TEXT("[\"\\"), NULL },
	{ TEXT("[\"\xff\"]"), NULL },
	{ TEXT("[\"\xc0\xaf\"]"), NULL },
	{ TEXT("[\"\xed\xa0\x80\"]"), NULL },
	{ TEXT("[\"\xe3\x81"), NULL },
};

START_TEST(documents_are_read)
{
	struct mxa_json_reader r =
	    reader_of(documents[_i].in.p, documents[_i].in.len);
	const char *wanted = documents[_i].wanted;
	struct mxa_buf b;
	json_t *other;

	mxa_buf_init(&b, arena, 1000);
	copy_value(&r, &b);
	ck_assert_msg(
	    mxa_json_finish(&r) == (wanted != NULL), "%s", documents[_i].in.p);
	if (wanted != NULL)
		ck_assert_str_eq(mxa_buf_cstr(&b), wanted);
	/* another reader says the same of what is JSON */
	other = json_loadb(documents[_i].in.p, documents[_i].in.len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
	ck_assert_int_eq(other != NULL, wanted != NULL);
	json_decref(other);
}
END_TEST

START_TEST(a_nul_in_a_text)
{
	struct mxa_json_reader r = reader_of("\"a\\u0000b\"", 10);
	struct mxa_str s = mxa_json_take_str(&r);

	ck_assert(mxa_str_eq(s, MXA_STR("a\0b")));
	ck_assert_int_eq(s.p[s.len], '\0');
	ck_assert(mxa_json_finish(&r));
}
END_TEST

/* Values of each kind, where each taker stands before each of them. */
static const char *const values[] = { "{\"a\":[\"]\",{}]}", "[1,\"}\\\"\",2]",
	"\"te\\\\\"", "12", "1.5", "true", "null" };

START_TEST(other_kinds_are_passed)
{
	for (int taker = 0; taker < 6; taker++) {
		const char *text =
		    mxa_arena_printf(arena, "[%s,\"next\"]", values[_i]);
		struct mxa_json_reader r = reader_of(text, strlen(text));
		char first = values[_i][0];
		int64_t v;

		ck_assert(mxa_json_enter(&r, '['));
		ck_assert(mxa_json_item(&r));
		if (taker == 0)
			mxa_json_skip(&r);
		else if (taker == 1)
			ck_assert_int_eq(
			    mxa_json_take_str(&r).p != NULL, first == '"');
		else if (taker == 2)
			ck_assert_int_eq(mxa_json_take_int(&r, &v), _i == 3);
		else if (taker == 3)
			ck_assert_int_eq(mxa_json_take_true(&r), first == 't');
		else if (taker == 4 && first != '{')
			ck_assert(!mxa_json_enter(&r, '{'));
		else if (taker == 5 && first != '[')
			ck_assert(!mxa_json_enter(&r, '['));
		else
			continue;
		ck_assert(mxa_json_item(&r));
		ck_str_is(mxa_json_take_str(&r), "next");
		ck_assert(!mxa_json_item(&r));
		ck_assert(mxa_json_finish(&r));
	}
}
END_TEST

START_TEST(deep_nesting_is_only_counted)
{
	size_t n = 200000;
	char *text = mxa_arena_alloc(arena, 2 * n);
	struct mxa_json_reader r;

	memset(text, '[', n);
	memset(text + n, ']', n);
	mxa_json_reader_init(&r, text, 2 * n);
	mxa_json_skip(&r);
	ck_assert(mxa_json_finish(&r));
	mxa_json_reader_init(&r, text, 2 * n - 1);
	mxa_json_skip(&r);
	ck_assert(!mxa_json_finish(&r));
}
END_TEST

/* After the first mistake nothing more is returned. */
START_TEST(a_mistake_ends_the_reading)
{
	struct mxa_json_reader r = reader_of("[1 \"a\",2,{\"b\":3}]", 18);
	struct mxa_str key;
	int64_t v;

	ck_assert(mxa_json_enter(&r, '['));
	ck_assert(mxa_json_item(&r));
	ck_assert(mxa_json_take_int(&r, &v));
	ck_assert(!mxa_json_item(&r));
	ck_assert(!mxa_json_item(&r));
	ck_assert(!mxa_json_member(&r, &key));
	ck_assert(mxa_json_take_str(&r).p == NULL);
	ck_assert(!mxa_json_take_int(&r, &v));
	ck_assert(!mxa_json_take_true(&r));
	ck_assert(!mxa_json_enter(&r, '{'));
	ck_assert(!mxa_json_finish(&r));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json_read");
	TCase *tc = tcase_create("json_read");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, documents_are_read, 0, MXA_ARRAY_LEN(documents));
	tcase_add_test(tc, a_nul_in_a_text);
	tcase_add_loop_test(
	    tc, other_kinds_are_passed, 0, MXA_ARRAY_LEN(values));
	tcase_add_test(tc, deep_nesting_is_only_counted);
	tcase_add_test(tc, a_mistake_ends_the_reading);
	suite_add_tcase(s, tc);
	return test_main(s);
}
