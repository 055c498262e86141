/* check_reader.c - the tree of a configuration: kinds, values, lines. */
#include "t/support/testing.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/reader.h"

static struct mxa_arena *arena;
static struct mxa_mistakes mistakes;

static void setup(void)
{
	arena = mxa_arena_new();
	mxa_mistakes_init(&mistakes, arena);
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

static const struct mxa_node *read_text(const char *text)
{
	struct mxa_conf_text *s = mxa_arena_calloc(arena, 1, sizeof(*s));

	if (!mxa_conf_text_parse(
		s, arena, &mistakes, 0, "c", mxa_str_from(text)))
		return NULL;
	return mxa_conf_read(s);
}

static void show_node(struct mxa_buf *b, const struct mxa_node *v)
{
	static const char *const open[] = { "{", "[", "(" };
	static const char *const close[] = { "}", "]", ")" };

	mxa_buf_printf(b, "%s@%zu ", v->name, v->line);
	switch (v->kind) {
	case MXA_NODE_SECTION:
	case MXA_NODE_ARRAY:
	case MXA_NODE_LIST:
		mxa_buf_printf(b, "%s ", open[v->kind]);
		for (size_t i = 0; i < v->n; i++)
			show_node(b, v->child[i]);
		mxa_buf_printf(
		    b, "%s%s ", close[v->kind], v->left_open ? "?" : "");
		break;
	case MXA_NODE_BOOL:
		mxa_buf_printf(b, "bool %lld ", v->integer);
		break;
	case MXA_NODE_INTEGER:
		mxa_buf_printf(b, "int %lld ", v->integer);
		break;
	case MXA_NODE_FLOAT:
		mxa_buf_printf(b, "float %.*s ", MXA_STR_ARG(v->written));
		break;
	case MXA_NODE_STRING:
		mxa_buf_printf(b, "'%.*s' ", MXA_STR_ARG(v->text));
		break;
	}
}

static const struct {
	const char *name;
	const char *text;
	const char *tree;
} trees[] = {
	{ "nothing", "", "@1 { } " },
	{ "a line for each setting", "a = 1\n\nb: 2;\nc\n=\n3\n",
	    "@1 { a@1 int 1 b@3 int 2 c@4 int 3 } " },
	{ "numbers", "a = -5 b = 0x1F c = 7L d = 4294967296 e = 0660 f = 1.5e3",
	    "@1 { a@1 int -5 b@1 int 31 c@1 int 7 d@1 int 4294967296 "
	    "e@1 int 660 f@1 float 1.5e3 } " },
	{ "true and false in any case", "a = TRUE b = False",
	    "@1 { a@1 bool 1 b@1 bool 0 } " },
	{ "escapes", "a = \"q\\\" b\\\\ n\\x41 \\d\"",
	    "@1 { a@1 'q\" b\\ nA \\d' } " },
	{ "texts are joined", "a = \"one \"\n \"two\"",
	    "@1 { a@1 'one two' } " },
	{ "elements have their own lines", "a = [ 1,\n2\n,\n3 ]",
	    "@1 { a@1 [ @1 int 1 @2 int 2 @4 int 3 ] } " },
	{ "sections in a list", "r = (\n { x = 1 },\n { y = \"\" }\n)",
	    "@1 { r@1 ( @2 { x@2 int 1 } @3 { y@3 '' } ) } " },
	{ "a comma at the end", "a = ( 1, \"b\", )",
	    "@1 { a@1 ( @1 int 1 @1 'b' ) } " },
	{ "a mistake leaves only its setting out",
	    "a = word\nb = 2\nc = [ 1, \"x\" ]",
	    "@1 { b@2 int 2 c@3 [ @3 int "
	    "1 ] } " },
	{ "a repeated name keeps the first", "a = 1\na = 2\n",
	    "@1 { a@1 int 1 } " },
	{ "the list's bracket ends a section left open in it",
	    "r = (\n { x = 1\n)\ny = 2",
	    "@1 { r@1 ( @2 { x@2 int 1 } ) y@4 int 2 } " },
	{ "an open section is marked", "s: {\n a = 1\n",
	    "@1 { s@1 { a@2 int 1 }? } " },
};

START_TEST(text_becomes_a_tree)
{
	const struct mxa_node *root = read_text(trees[_i].text);
	struct mxa_buf b;

	ck_assert_ptr_nonnull(root);
	mxa_buf_init(&b, arena, 4096);
	show_node(&b, root);
	ck_assert_msg(strcmp(mxa_buf_cstr(&b), trees[_i].tree) == 0,
	    "%s: got\n%s\nwant\n%s", trees[_i].name, mxa_buf_cstr(&b),
	    trees[_i].tree);
}
END_TEST

static void add_nested(struct mxa_buf *b, int levels)
{
	mxa_buf_adds(b, "a = ");
	for (int i = 0; i < levels; i++)
		mxa_buf_addc(b, '(');
	for (int i = 0; i < levels; i++)
		mxa_buf_addc(b, ')');
}

START_TEST(deep_nesting_is_refused)
{
	struct mxa_buf b;

	mxa_buf_init(&b, arena, 4096);
	add_nested(&b, MXA_MAX_CONF_DEPTH);
	ck_assert_ptr_nonnull(read_text(mxa_buf_cstr(&b)));
	ck_assert_uint_eq(mistakes.errors, 0);
	mxa_buf_cut(&b, 0);
	add_nested(&b, MXA_MAX_CONF_DEPTH + 1);
	ck_assert_ptr_null(read_text(mxa_buf_cstr(&b)));
	ck_assert_uint_eq(mistakes.errors, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("conf/reader");
	TCase *tc = tcase_create("tree");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, text_becomes_a_tree, 0, MXA_ARRAY_LEN(trees));
	tcase_add_test(tc, deep_nesting_is_refused);
	suite_add_tcase(s, tc);
	return test_main(s);
}
