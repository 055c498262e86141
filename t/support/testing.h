/* testing.h - shared by the unit tests: main(), a clock, an arena per test. */
#ifndef MXA_T_TESTING_H
#define MXA_T_TESTING_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

/* Run a suite and give main()'s result; prints Check's closing line. */
int test_main(Suite *s);

/* A clock that stands until it is told to move; other threads may look. */
struct test_clock {
	struct mxa_clock clock; /* hand out &tc.clock */
	_Atomic uint64_t ms;
	_Atomic int64_t wall;
};

void test_clock_init(struct test_clock *tc, int64_t wall);

/* In place of sleeping, for mxa_dns_set_time(); 'tc' is a struct test_clock. */
void test_clock_sleep(void *tc, uint64_t until_ms);

/* Path of a file below t/, from any build directory.  Static storage. */
const char *test_path(const char *name);

/* Whole file in the arena; false: it cannot be read. */
bool test_load(struct mxa_arena *a, const char *path, struct mxa_str *out);

/* The same in a Check test; fails the test when it cannot be read. */
struct mxa_str test_read(struct mxa_arena *a, const char *path);

/* Slice compared with a C string; a failure shows both. */
#define ck_str_is(got, want)                                                \
	do {                                                                \
		struct mxa_str got_ = (got);                                \
		const char *want_ = (want);                                 \
		ck_assert_msg(mxa_str_is(got_, want_),                      \
		    "got \"%.*s\", want \"%s\"", MXA_STR_ARG(got_), want_); \
	} while (0)

#endif
