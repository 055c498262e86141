/* check_note.c - remarks in order, cleaned and bounded. */
#include "t/support/testing.h"

#include "base/limits.h"
#include "base/note.h"

START_TEST(notes_keep_their_order)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_notes n;

	mxa_notes_init(&n, a);
	ck_assert_ptr_null(n.first);
	mxa_note(&n, "spf: %s timed out", "example.com");
	mxa_note(&n, "dkim: line\r\nbreak");
	ck_str_is(n.first->text, "spf: example.com timed out");
	ck_str_is(n.first->next->text, "dkim: line??break");
	ck_assert_ptr_null(n.first->next->next);
	mxa_arena_free(a);
}
END_TEST

START_TEST(notes_are_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	char long_text[1000];
	struct mxa_notes n;

	memset(long_text, 'x', sizeof(long_text));
	mxa_notes_init(&n, a);
	for (int i = 0; i < MXA_MAX_NOTES + 5; i++)
		mxa_note(&n, "%.*s", (int)sizeof(long_text), long_text);
	ck_assert_uint_eq(n.n, MXA_MAX_NOTES);
	ck_assert_uint_eq(n.dropped, 5);
	ck_assert_uint_eq(n.first->text.len, MXA_MAX_NOTE);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("note");
	TCase *tc = tcase_create("note");

	tcase_add_test(tc, notes_keep_their_order);
	tcase_add_test(tc, notes_are_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
