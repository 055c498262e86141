/* check_utf8.c - the bytes of a document as its reader gets them: UTF-8 without
 * what may not be in XML, whatever was sent. */
#include "report/received/utf8.h"

#include <string.h>

#include "base/attr.h"
#include "t/support/testing.h"

static struct mxa_arena *a;

static void setup(void)
{
	a = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(a);
}

struct source {
	struct mxa_str rest;
	size_t piece; /* bytes that it gives at once */
};

static long give_piece(void *ctx, char *p, size_t len)
{
	struct source *s = ctx;
	size_t n = s->rest.len < s->piece ? s->rest.len : s->piece;

	n = n < len ? n : len;
	memcpy(p, s->rest.p, n);
	s->rest = mxa_str_sub(s->rest, n, s->rest.len);
	return (long)n;
}

/* Read 'room' bytes at a time. */
static struct mxa_str cleaned(struct mxa_str in, size_t piece, size_t room)
{
	struct source s = { in, piece };
	struct mxa_report_clean *c = mxa_report_clean_new(a, give_piece, &s);
	char *p = mxa_arena_alloc(a, room);
	struct mxa_buf b;
	long n;

	mxa_buf_init(&b, a, 4 * in.len + 100);
	while ((n = mxa_report_clean_read(c, p, room)) > 0)
		mxa_buf_add(&b, p, (size_t)n);
	mxa_report_clean_done(c);
	ck_assert(!b.full);
	return mxa_buf_str(&b);
}

#define DECLARED(charset) "<?xml version=\"1.0\" encoding=\"" charset "\"?>"

static const struct {
	const char *name;
	struct mxa_str in, want;
} rows[] = {
	{ "nothing", MXA_STR_INIT(""), MXA_STR_INIT("") },
	{ "ASCII", MXA_STR_INIT("<a>x\t\r\n&amp;</a>"),
	    MXA_STR_INIT("<a>x\t\r\n&amp;</a>") },
	{ "UTF-8 of two, three and four bytes",
	    MXA_STR_INIT("<\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7>"),
	    MXA_STR_INIT("<\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7>") },
	{ "what is before the first tag",
	    MXA_STR_INIT("\xef\xbb\xbf junk\n<a>"), MXA_STR_INIT("<a>") },
	{ "no tag at all", MXA_STR_INIT("junk"), MXA_STR_INIT("junk") },
	{ "bytes that are no UTF-8", MXA_STR_INIT("<a>\xff\xc3z\xe2\x82</a>"),
	    MXA_STR_INIT("<a>?\?z?\?</a>") },
	{ "control characters", MXA_STR_INIT("<a>\x01\x1f\x7f</a>"),
	    MXA_STR_INIT("<a>  \x7f</a>") },
	{ "a NUL", MXA_STR_INIT("<aaa>\0</a>"), MXA_STR_INIT("<aaa> </a>") },
	{ "escaped markup",
	    MXA_STR_INIT(" &lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;lt;&x;"),
	    MXA_STR_INIT("<a b=\"c\" d='e'>&lt;&x;") },
	{ "escaped in a tag is none", MXA_STR_INIT("<a>&lt;&quot;</a>"),
	    MXA_STR_INIT("<a>&lt;&quot;</a>") },
	{ "little-endian UTF-16 that says so",
	    MXA_STR_INIT("\xff\xfe<\0a\0>\0\xac\x20"),
	    MXA_STR_INIT("<a>\xe2\x82\xac") },
	{ "big-endian UTF-16 that says so",
	    MXA_STR_INIT("\xfe\xff\0<\0a\0>\x20\xac"),
	    MXA_STR_INIT("<a>\xe2\x82\xac") },
	{ "little-endian UTF-16 that does not", MXA_STR_INIT("<\0?\0a\0>\0"),
	    MXA_STR_INIT("<?a>") },
	{ "big-endian UTF-16 that does not", MXA_STR_INIT("\0<\0?\0a\0>"),
	    MXA_STR_INIT("<?a>") },
	{ "half a character at the end", MXA_STR_INIT("\xff\xfe<\0a\0>\0x"),
	    MXA_STR_INIT("<a>") },
	{ "Latin-1", MXA_STR_INIT(DECLARED("iso-8859-1") "\xe9"),
	    MXA_STR_INIT(DECLARED("iso-8859-1") "\xc3\xa9") },
	{ "Shift_JIS, with a byte that it does not have",
	    MXA_STR_INIT(DECLARED("Shift_JIS") "\x82\xa0\xff!"),
	    MXA_STR_INIT(DECLARED("Shift_JIS") "\xe3\x81\x82?!") },
	{ "declared as what it is", MXA_STR_INIT(DECLARED("UTF-8") "\xc3\xa9"),
	    MXA_STR_INIT(DECLARED("UTF-8") "\xc3\xa9") },
	{ "also written so", MXA_STR_INIT(DECLARED("utf8") "\xc3\xa9"),
	    MXA_STR_INIT(DECLARED("utf8") "\xc3\xa9") },
	{ "ASCII is taken for UTF-8",
	    MXA_STR_INIT(DECLARED("US-ASCII") "\xc3\xa9"),
	    MXA_STR_INIT(DECLARED("US-ASCII") "\xc3\xa9") },
	{ "and under its short name",
	    MXA_STR_INIT(DECLARED("ascii") "\xc3\xa9"),
	    MXA_STR_INIT(DECLARED("ascii") "\xc3\xa9") },
	{ "a charset that nobody knows",
	    MXA_STR_INIT(DECLARED("x-none") "\xc3\xa9"),
	    MXA_STR_INIT(DECLARED("x-none") "\xc3\xa9") },
	{ "a charset in a later tag",
	    MXA_STR_INIT("<?xml?><a encoding=\"iso-8859-1\"?>\xe9"),
	    MXA_STR_INIT("<?xml?><a encoding=\"iso-8859-1\"?>?") },
	{ "a charset in another tag",
	    MXA_STR_INIT("<axml encoding=\"iso-8859-1\"?>\xe9"),
	    MXA_STR_INIT("<axml encoding=\"iso-8859-1\"?>?") },
	{ "a declaration without an end",
	    MXA_STR_INIT("<?xml encoding=\"iso-8859-1\" \xe9"),
	    MXA_STR_INIT("<?xml encoding=\"iso-8859-1\" ?") },
};

/* Whatever comes at once, whatever is asked for at once. */
static const size_t sizes[][2] = { { 1, 4 }, { 7, 5 }, { 100000, 9 },
	{ 3, 100000 } };

START_TEST(cleans)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(sizes); i++) {
		struct mxa_str got =
		    cleaned(rows[_i].in, sizes[i][0], sizes[i][1]);

		ck_assert_msg(mxa_str_eq(got, rows[_i].want),
		    "%s: got \"%.*s\" (%zu, %zu)", rows[_i].name,
		    MXA_STR_ARG(got), sizes[i][0], sizes[i][1]);
	}
}
END_TEST

/* Larger than any buffer, of characters that are cut everywhere. */
static const struct {
	const char *head, *in, *want;
} large[] = {
	{ "<a>", "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "<a>", "xyz", "xyz" },
	{ DECLARED("iso-8859-1"), "\xe9z", "\xc3\xa9z" },
	{ DECLARED("Shift_JIS"), "\x82\xa0!", "\xe3\x81\x82!" },
};

static struct mxa_str repeated(const char *head, const char *text)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1 << 20);
	mxa_buf_adds(&b, head);
	for (int i = 0; i < 50000; i++)
		mxa_buf_adds(&b, text);
	return mxa_buf_str(&b);
}

START_TEST(large_documents)
{
	struct mxa_str got =
	    cleaned(repeated(large[_i].head, large[_i].in), 50001, 65536);

	ck_assert(mxa_str_eq(got, repeated(large[_i].head, large[_i].want)));
}
END_TEST

/* The first tag is looked for in 512 bytes, also by its escaped name. */
START_TEST(the_start_is_looked_for)
{
	char *text = mxa_arena_alloc(a, 600);

	memset(text, 'x', 600);
	text[511] = '<';
	ck_assert_uint_eq(
	    cleaned(mxa_str_make(text, 600), 600, 1000).len, 600 - 511);
	text[511] = 'x';
	text[512] = '<';
	ck_assert_uint_eq(cleaned(mxa_str_make(text, 600), 600, 1000).len, 600);
	memcpy(text + 508, "&lt;", 4);
	ck_assert_uint_eq(
	    cleaned(mxa_str_make(text, 600), 600, 1000).len, 600 - 511);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("utf8 of reports");
	TCase *tc = tcase_create("utf8");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, cleans, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, large_documents, 0, MXA_ARRAY_LEN(large));
	tcase_add_test(tc, the_start_is_looked_for);
	suite_add_tcase(s, tc);
	return test_main(s);
}
