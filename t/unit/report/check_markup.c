/* check_markup.c - markup reduced to what the reader of reports needs, and its
 * limits. */
#include "t/support/testing.h"

#include <string.h>

#include "report/received/markup.h"

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "plain", "<a><b>x</b></a>", "<a><b>x</b></a>" },
	{ "declaration", "<?xml version=\"1.0\"?><a/>", "<a/>" },
	{ "attributes", "<a b=\"1\" c = '2>' d>x</a >", "<a>x</a>" },
	{ "empty element", "<a/><b c=\"/\"/><d e='x' />", "<a/><b/><d/>" },
	{ "slash in a value at the end", "<a b='/'>x</a>", "<a>x</a>" },
	{ "prefix", "<n:a xmlns:n=\"urn:x\"><n:b/></n:a>", "<a><b/></a>" },
	{ "comment", "x<!-- <b> -- -->y<!---->z", "xyz" },
	{ "comment that ends in three dashes", "<!-- a --->b", "b" },
	{ "instruction", "x<?y > ? ?\?>z", "xz" },
	{ "section of text", "<a><![CDATA[<b>]]]]></a>",
	    "<a><![CDATA[<b>]]]]></a>" },
	{ "white space in tags", "<a\n\tb='c'\r\n>", "<a>" },
	{ "tag in a tag", "<a b <c>", "<a <<c>" },
	{ "no name", "< a>x", "<>x" },
	{ "entities", "&lt;&amp;&#65;", "&lt;&amp;&#65;" },
	{ "cut in a tag", "<a b=\"", "<a" },
	{ "cut in a name", "x<a", "x" },
	{ "nothing", "", "" },
};

/* In pieces of one byte, of seven, and whole: the same. */
static const size_t pieces[] = { 1, 7, 1000 };

static const char *reduced(
    struct mxa_arena *a, struct mxa_markup *m, struct mxa_str in, size_t piece)
{
	struct mxa_buf out;

	mxa_markup_init(m, a);
	mxa_buf_init(&out, a, (size_t)8 << 20);
	for (size_t at = 0; at < in.len; at += piece)
		if (!mxa_markup_feed(m, mxa_str_sub(in, at, at + piece), &out))
			break;
	return mxa_buf_cstr(&out);
}

START_TEST(reduces)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_markup m;

	for (size_t i = 0; i < MXA_ARRAY_LEN(pieces); i++) {
		const char *got =
		    reduced(a, &m, mxa_str_from(rows[_i].in), pieces[i]);

		ck_assert_msg(strcmp(got, rows[_i].out) == 0,
		    "%s: got \"%s\", want \"%s\"", rows[_i].name, got,
		    rows[_i].out);
		ck_assert_ptr_null(m.error);
	}
	mxa_arena_free(a);
}
END_TEST

/* 'n' times 'what', '#' counting them, between 'before' and 'after'. */
static struct mxa_str many(struct mxa_arena *a, const char *before,
    const char *what, size_t n, const char *after)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)8 << 20);
	mxa_buf_adds(&b, before);
	for (size_t i = 0; i < n; i++) {
		size_t mark = strcspn(what, "#");

		mxa_buf_add(&b, what, mark);
		if (what[mark] == '#')
			mxa_buf_printf(&b, "%zu%s", i, what + mark + 1);
	}
	mxa_buf_adds(&b, after);
	return mxa_buf_str(&b);
}

#define K ((size_t)1024)

static const struct {
	const char *name, *before, *what;
	size_t n; /* that many pass, one more does not */
	const char *after, *error;
} limits[] = {
	{ "name", "<", "x", MXA_MARKUP_MAX_NAME, "/>", "a name" },
	{ "attributes", "<a ", "x", MXA_MARKUP_MAX_TAG - 3, "/>", "a tag" },
	{ "text", "<a>", "x", MXA_MARKUP_MAX_TEXT, "</a>", "of text" },
	{ "text around comments", "<a>", "x<!--y-->", MXA_MARKUP_MAX_TEXT,
	    "</a>", "of text" },
	{ "section of text", "<![CDATA[", "x", MXA_MARKUP_MAX_TEXT - 3, "]]>",
	    "of text" },
	{ "names", "<a>", "<e#/>", MXA_MARKUP_MAX_NAMES - 1, "</a>",
	    "different names" },
	{ "prefixes are no names", "<a>", "<e#:b/>", 5000, "</a>", NULL },
	{ "comments have none", "<!--", "x", 4000 * K, "-->", NULL },
	{ "instructions neither", "<?", "x", 4000 * K, "?>", NULL },
};

START_TEST(has_limits)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_markup m;

	reduced(a, &m,
	    many(a, limits[_i].before, limits[_i].what, limits[_i].n,
		limits[_i].after),
	    65536);
	ck_assert_msg(m.error == NULL, "%s: %s", limits[_i].name, m.error);
	reduced(a, &m,
	    many(a, limits[_i].before, limits[_i].what, limits[_i].n + 1,
		limits[_i].after),
	    65536);
	if (limits[_i].error == NULL)
		ck_assert_ptr_null(m.error);
	else
		ck_assert_msg(m.error != NULL &&
			strstr(m.error, limits[_i].error) != NULL,
		    "%s: %s", limits[_i].name, m.error);
	mxa_arena_free(a);
}
END_TEST

static const char *const declarations[] = { "<!DOCTYPE a>", "<!ENTITY x>",
	"<!-x", "<![INCLUDE[", "<!>" };

START_TEST(refuses_declarations)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_markup m;

	ck_assert_str_eq(reduced(a, &m, mxa_str_from(declarations[_i]), 1), "");
	ck_assert_ptr_nonnull(m.error);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("markup");
	TCase *tc = tcase_create("markup");

	tcase_add_loop_test(tc, reduces, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(tc, has_limits, 0, MXA_ARRAY_LEN(limits));
	tcase_add_loop_test(
	    tc, refuses_declarations, 0, MXA_ARRAY_LEN(declarations));
	suite_add_tcase(s, tc);
	return test_main(s);
}
