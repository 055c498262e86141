/* check_page_counts.c - equal things, counted for a table. */
#include "cli/page_counts.h"

#include <stdio.h>

#include "t/support/testing.h"

static struct page_counts counts;

static void setup(void)
{
	page_counts_begin(&counts);
}

static void teardown(void)
{
	page_counts_end(&counts);
}

static void add(const char *key, uint64_t n, uint64_t refused, int64_t last)
{
	struct page_count more = { .key = mxa_str_from(key),
		.n = n,
		.refused = refused,
		.last = last };

	page_counts_add(&counts, &more);
}

static void is(size_t i, const char *key, uint64_t n)
{
	ck_assert_uint_lt(i, counts.n);
	ck_assert_str_eq(counts.v[i]->key.p, key);
	ck_assert_uint_eq(counts.v[i]->n, n);
}

START_TEST(nothing)
{
	page_counts_sort(&counts);
	ck_assert_uint_eq(counts.n, 0);
	ck_assert_uint_eq(counts.others, 0);
}
END_TEST

/* Numbers are added, of times the newest stays. */
START_TEST(equal_keys)
{
	add("a", 2, 1, 100);
	add("a", 3, 1, 300);
	add("a", 1, 0, 200);
	ck_assert_uint_eq(counts.n, 1);
	is(0, "a", 6);
	ck_assert_uint_eq(counts.v[0]->refused, 2);
	ck_assert_int_eq(counts.v[0]->last, 300);
	ck_assert_uint_eq(counts.others, 0);
}
END_TEST

/* The most first, then by name. */
START_TEST(order)
{
	add("c", 1, 0, 0);
	add("b", 1, 0, 0);
	add("e", 5, 0, 0);
	add("d", 7, 0, 0);
	page_counts_sort(&counts);
	ck_assert_uint_eq(counts.n, 4);
	is(0, "d", 7);
	is(1, "e", 5);
	is(2, "b", 1);
	is(3, "c", 1);
}
END_TEST

/* One kind is found again among as many as there may be; further kinds are
 * counted together. */
START_TEST(many_kinds)
{
	char key[20];

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "k%u", i);
		add(key, 1, 0, 0);
	}
	ck_assert_uint_eq(counts.n, 5000);
	ck_assert_uint_eq(counts.others, 0);
	add("k4999", 1, 0, 0);
	add("more", 3, 0, 0);
	add("further", 4, 0, 0);
	ck_assert_uint_eq(counts.n, 5000);
	is(4999, "k4999", 2);
	ck_assert_uint_eq(counts.others, 7);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("page_counts");
	TCase *tc = tcase_create("counts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing);
	tcase_add_test(tc, equal_keys);
	tcase_add_test(tc, order);
	tcase_add_test(tc, many_kinds);
	suite_add_tcase(s, tc);
	return test_main(s);
}
