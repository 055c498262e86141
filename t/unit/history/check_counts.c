/* check_counts.c - counts by text. */
#include "t/support/testing.h"

#include <stdio.h>

#include "history/counts.h"

START_TEST(counts_are_found_and_sorted)
{
	struct mxa_counts *c = mxa_counts_new(1000);
	struct mxa_count **sorted;
	char key[32];
	size_t n;

	for (int i = 0; i < 500; i++)
		for (int j = 0; j <= i % 7; j++) {
			snprintf(key, sizeof(key), "k%d", i);
			mxa_counts_at(c, key)->n++;
		}
	ck_assert_uint_eq(mxa_counts_find(c, "k6")->n, 7);
	ck_assert_uint_eq(mxa_counts_find(c, "k7")->n, 1);
	ck_assert_ptr_null(mxa_counts_find(c, "k500"));
	sorted = mxa_counts_sorted(c, &n);
	ck_assert_uint_eq(n, 500);
	ck_assert_uint_eq(sorted[0]->n, 7);
	ck_assert_str_eq(sorted[0]->key, "k104");
	ck_assert_str_eq(sorted[1]->key, "k111");
	ck_assert_uint_eq(sorted[n - 1]->n, 1);
	mxa_counts_free(c);
}
END_TEST

START_TEST(counts_are_bounded)
{
	struct mxa_counts *c = mxa_counts_new(2);

	ck_assert_ptr_nonnull(mxa_counts_at(c, "a"));
	ck_assert_ptr_nonnull(mxa_counts_at(c, ""));
	ck_assert_ptr_null(mxa_counts_at(c, "b"));
	ck_assert_ptr_nonnull(mxa_counts_at(c, "a"));
	mxa_counts_free(c);
	mxa_counts_free(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("counts");
	TCase *tc = tcase_create("counts");

	tcase_add_test(tc, counts_are_found_and_sorted);
	tcase_add_test(tc, counts_are_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
