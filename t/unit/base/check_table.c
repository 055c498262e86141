/* check_table.c - a table with chained buckets. */
#include "t/support/testing.h"

#include "base/table.h"

/* More than enough for the buckets to double three times. */
#define ITEMS 100

struct item {
	struct mxa_link link;
	uint64_t id;
};

static struct mxa_table table;
static struct item items[ITEMS];

static void setup(void)
{
	mxa_table_init(&table);
}

static void teardown(void)
{
	mxa_table_done(&table);
	ck_assert_uint_eq(table.n, 0);
}

static void add_items(uint64_t step)
{
	for (uint64_t i = 0; i < ITEMS; i++) {
		items[i].id = i;
		mxa_table_add(&table, &items[i].link, i * step);
		ck_assert_uint_eq(table.n, i + 1);
	}
}

/* Whether 'item' is under that hash, and how many are. */
static size_t count_of(uint64_t hash, const struct item *item, bool *found)
{
	size_t n = 0;

	*found = false;
	for (struct mxa_link *l = mxa_table_first(&table, hash); l != NULL;
	     l = mxa_table_next(l)) {
		*found |= l == &item->link;
		n++;
	}
	return n;
}

START_TEST(each_is_found_under_its_hash)
{
	/* in buckets of their own, or all in the first one */
	const uint64_t step = _i == 0 ? 1 : UINT64_C(1) << 32;
	bool found;

	add_items(step);
	for (uint64_t i = 0; i < ITEMS; i++) {
		ck_assert_uint_eq(count_of(i * step, &items[i], &found), 1);
		ck_assert(found);
	}
	ck_assert_ptr_null(mxa_table_first(&table, ITEMS * step));
	for (uint64_t i = 0; i < ITEMS; i += 2)
		mxa_table_remove(&table, &items[i].link);
	ck_assert_uint_eq(table.n, ITEMS / 2);
	for (uint64_t i = 0; i < ITEMS; i++) {
		ck_assert_uint_eq(count_of(i * step, &items[i], &found), i % 2);
		ck_assert(found == (i % 2 == 1));
	}
}
END_TEST

START_TEST(equal_hashes_stay_together)
{
	bool found;

	add_items(0);
	ck_assert_uint_eq(count_of(0, &items[ITEMS / 2], &found), ITEMS);
	ck_assert(found);
	mxa_table_remove(&table, &items[ITEMS / 2].link);
	ck_assert_uint_eq(count_of(0, &items[ITEMS / 2], &found), ITEMS - 1);
	ck_assert(!found);
	/* one that is no longer there */
	mxa_table_remove(&table, &items[ITEMS / 2].link);
	ck_assert_uint_eq(table.n, ITEMS - 1);
}
END_TEST

START_TEST(emptied_from_any)
{
	struct mxa_link *l;
	size_t n = 0;

	ck_assert_ptr_null(mxa_table_any(&table));
	add_items(1);
	for (; (l = mxa_table_any(&table)) != NULL; n++)
		mxa_table_remove(&table, l);
	ck_assert_uint_eq(n, ITEMS);
	ck_assert_uint_eq(table.n, 0);
}
END_TEST

/* Every byte, the length, the number and both halves of the key matter. */
START_TEST(hash_depends_on_all)
{
	static const char text[] = "abcdefghijklmnopqrst";
	const uint64_t key[2] = { 1, 2 }, other[2] = { 1, 3 },
		       another[2] = { 2, 2 };
	char copy[sizeof(text)];

	for (size_t len = 0; len < sizeof(text); len++) {
		uint64_t hash = mxa_table_hash(key, text, len, 7);

		ck_assert(mxa_table_hash(key, text, len, 7) == hash);
		ck_assert(mxa_table_hash(key, text, len, 8) != hash);
		ck_assert(mxa_table_hash(other, text, len, 7) != hash);
		ck_assert(mxa_table_hash(another, text, len, 7) != hash);
		ck_assert(
		    len == 0 || mxa_table_hash(key, text, len - 1, 7) != hash);
		for (size_t i = 0; i < sizeof(text); i++) {
			memcpy(copy, text, sizeof(text));
			copy[i] ^= 1;
			ck_assert((mxa_table_hash(key, copy, len, 7) != hash) ==
			    (i < len));
		}
	}
}
END_TEST

/* Every third number twice; 0 is a hash like any other. */
START_TEST(a_hash_is_new_once)
{
	struct mxa_hashes set = { 0 };

	for (uint64_t i = 0; i < 3000; i += 3) {
		ck_assert(mxa_hashes_add(&set, i));
		ck_assert(!mxa_hashes_add(&set, i));
	}
	ck_assert_uint_eq(set.n, 1000);
	ck_assert(mxa_hashes_add(&set, 2));
	mxa_hashes_done(&set);
	ck_assert_uint_eq(set.n, 0);
	ck_assert(mxa_hashes_add(&set, 3));
	mxa_hashes_done(&set);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("table");
	TCase *tc = tcase_create("table");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_is_found_under_its_hash, 0, 2);
	tcase_add_test(tc, equal_hashes_stay_together);
	tcase_add_test(tc, emptied_from_any);
	tcase_add_test(tc, hash_depends_on_all);
	tcase_add_test(tc, a_hash_is_new_once);
	suite_add_tcase(s, tc);
	return test_main(s);
}
