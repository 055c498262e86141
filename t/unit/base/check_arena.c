/* check_arena.c - memory with a named lifetime. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

START_TEST(blocks_do_not_overlap)
{
	struct mxa_arena *a = _i == 0 ? mxa_arena_new() : mxa_arena_new_small();
	char *p[200];

	for (int i = 0; i < 200; i++) {
		p[i] = mxa_arena_alloc(a, 997);
		memset(p[i], i, 997);
	}
	for (int i = 0; i < 200; i++)
		for (int j = 0; j < 997; j++)
			ck_assert_int_eq((unsigned char)p[i][j], i);
	ck_assert_uint_ge(mxa_arena_used(a), 200u * 997u);
	mxa_arena_free(a);
}
END_TEST

START_TEST(reset_forgets_and_serves_again)
{
	struct mxa_arena *a = mxa_arena_new();

	mxa_arena_alloc(a, 1 << 20);
	mxa_arena_reset(a);
	ck_assert_uint_eq(mxa_arena_used(a), 0);
	ck_assert_str_eq(mxa_arena_strdup(a, "again", 5), "again");
	mxa_arena_free(a);
	mxa_arena_free(NULL);
}
END_TEST

START_TEST(growing_keeps_the_bytes)
{
	struct mxa_arena *a = mxa_arena_new();
	char *p = mxa_arena_strdup(a, "abc", 3), *other;

	p = mxa_arena_grow(a, p, 4, 5000);
	ck_assert_str_eq(p, "abc");
	memset(p, 'x', 5000);
	other = mxa_arena_strdup(a, "other", 5);
	p = mxa_arena_grow(a, p, 5000, 100000);
	memset(p + 5000, 'y', 95000);
	ck_assert_str_eq(other, "other");
	ck_assert_int_eq(p[4999], 'x');
	ck_assert_ptr_eq(mxa_arena_grow(a, p, 100000, 10), p);
	mxa_arena_free(a);
}
END_TEST

/* Ten elements, one after the other, with other allocations between them. */
START_TEST(an_array_grows_when_it_is_full)
{
	struct mxa_arena *a = mxa_arena_new();
	int *in_arena = NULL, *in_heap = NULL;
	size_t cap = 0, heap_cap = 0;

	for (size_t n = 0; n < 10; n++) {
		int *before = in_arena;
		bool full = n == cap;

		in_arena =
		    mxa_arena_room(a, in_arena, n, &cap, sizeof(*in_arena));
		in_heap = mxa_xroom(in_heap, n, &heap_cap, sizeof(*in_heap));
		ck_assert_uint_gt(cap, n);
		ck_assert_uint_gt(heap_cap, n);
		ck_assert(full || in_arena == before);
		in_arena[n] = in_heap[n] = (int)n;
		memset(mxa_arena_alloc(a, 64), 0xff, 64);
	}
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(in_arena[i], i);
		ck_assert_int_eq(in_heap[i], i);
	}
	free(in_heap);
	mxa_arena_free(a);
}
END_TEST

START_TEST(calloc_is_zero_and_aligned)
{
	struct mxa_arena *a = mxa_arena_new();

	for (int i = 1; i < 50; i++) {
		char *p = mxa_arena_calloc(a, (size_t)i, 3);

		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (int j = 0; j < i * 3; j++)
			ck_assert_int_eq(p[j], 0);
		memset(p, 0xff, (size_t)i * 3);
		if (i % 7 == 0)
			mxa_arena_reset(a);
	}
	mxa_arena_free(a);
}
END_TEST

START_TEST(printf_makes_text)
{
	struct mxa_arena *a = mxa_arena_new();

	ck_assert_str_eq(mxa_arena_printf(a, "%s is %d", "example.com", 7),
	    "example.com is 7");
	mxa_arena_free(a);
}
END_TEST

/* What comes next in the arena does not touch the end of a string. */
START_TEST(strings_have_room_for_their_end)
{
	static const char text[] =
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct mxa_arena *a = mxa_arena_new();

	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = mxa_arena_strdup(a, text, len), *made;

		memset(mxa_arena_alloc(a, 64), 'x', 64);
		ck_assert_uint_eq(strlen(copy), len);
		made = mxa_arena_printf(a, "%.*s", (int)len, text);
		memset(mxa_arena_alloc(a, 64), 'x', 64);
		ck_assert_uint_eq(strlen(made), len);
	}
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("arena");
	TCase *tc = tcase_create("arena");

	tcase_add_loop_test(tc, blocks_do_not_overlap, 0, 2);
	tcase_add_test(tc, reset_forgets_and_serves_again);
	tcase_add_test(tc, growing_keeps_the_bytes);
	tcase_add_test(tc, an_array_grows_when_it_is_full);
	tcase_add_test(tc, calloc_is_zero_and_aligned);
	tcase_add_test(tc, printf_makes_text);
	tcase_add_test(tc, strings_have_room_for_their_end);
	suite_add_tcase(s, tc);
	return test_main(s);
}
