/* storetest.c - an empty store for a test. */
#include "t/support/storetest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/support/testing.h"

static char path[256];

struct mxa_store *test_store_open(int64_t now)
{
	char url[300];
	const char *given = getenv("STORE_URL");
	struct mxa_store_options o = { .url = given, .now = now };
	char *error = NULL;
	bool gone;
	struct mxa_store *s;

	if (given == NULL) {
		snprintf(url, sizeof(url), "sqlite:%s", path);
		o.url = url;
	}
	s = mxa_store_open(&o, &error, &gone);
	ck_assert_msg(s != NULL, "%s: %s", o.url, error ? error : "");
	return s;
}

static void make_path(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(
	    path, sizeof(path), "%s/mxauth-store-XXXXXX", tmp ? tmp : "/tmp");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

const char *test_store_url(void)
{
	static char url[300];
	struct mxa_store *s;

	if (getenv("STORE_URL") == NULL) {
		make_path();
		snprintf(url, sizeof(url), "sqlite:%s", path);
		return url;
	}
	s = test_store_open(0);
	mxa_store_run(s, "DROP SCHEMA public CASCADE", NULL, 0);
	mxa_store_run(s, "CREATE SCHEMA public", NULL, 0);
	ck_assert_str_eq(mxa_store_error(s), "");
	mxa_store_close(s);
	return getenv("STORE_URL");
}

bool test_store_there(void)
{
	struct mxa_store_options o = { .url = "sqlite::memory:" };
	char *error = NULL;
	bool gone;
	struct mxa_store *s;

	if (getenv("STORE_URL") != NULL)
		return true;
	s = mxa_store_open(&o, &error, &gone);
	if (s == NULL)
		printf("skipped: %s\n", error);
	free(error);
	mxa_store_close(s);
	return s != NULL;
}

void test_store_done(void)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; path[0] != '\0' && i < MXA_ARRAY_LEN(ends); i++) {
		char name[300];

		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	path[0] = '\0';
}
