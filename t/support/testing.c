/* testing.c - helpers of the unit tests. */
#include "t/support/testing.h"

#include <stdio.h>
#include <stdlib.h>

int test_main(Suite *s)
{
	SRunner *runner = srunner_create(s);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static uint64_t clock_ms(void *ctx)
{
	return ((struct test_clock *)ctx)->ms;
}

static int64_t clock_wall(void *ctx)
{
	return ((struct test_clock *)ctx)->wall;
}

void test_clock_init(struct test_clock *tc, int64_t wall)
{
	tc->clock.mono_ms = clock_ms;
	tc->clock.wall = clock_wall;
	tc->clock.ctx = tc;
	tc->ms = 1000;
	tc->wall = wall;
}

void test_clock_sleep(void *tc, uint64_t until_ms)
{
	struct test_clock *c = tc;

	if (c->ms < until_ms)
		c->ms = until_ms;
}

const char *test_path(const char *name)
{
	static char path[4096];
	const char *top = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/t/%s", top ? top : ".", name);
	return path;
}

bool test_load(struct mxa_arena *a, const char *path, struct mxa_str *out)
{
	FILE *f = fopen(path, "rb");
	struct mxa_buf b;
	char chunk[8192];
	size_t got;

	if (f == NULL)
		return false;
	mxa_buf_init(&b, a, (size_t)64 << 20);
	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
		mxa_buf_add(&b, chunk, got);
	fclose(f);
	*out = mxa_buf_str(&b);
	return !b.full;
}

struct mxa_str test_read(struct mxa_arena *a, const char *path)
{
	struct mxa_str text = MXA_STR_NONE;

	ck_assert_msg(test_load(a, path, &text), "cannot read %s", path);
	return text;
}
