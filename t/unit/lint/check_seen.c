/* check_seen.c - selectors that the lint takes from the journal. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lint/seen.h"
#include "history/line.h"
#include "t/support/testing.h"

#define NOW 1795262400

static struct mxa_arena *a;
static char dir[40];
static const char *path;

/* One message with these signatures. */
static void add(struct mxa_buf *b, struct mxa_dkim_sig *sig, size_t n)
{
	struct mxa_txn *t = mxa_arena_calloc(a, 1, sizeof(*t));

	t->msg.queue_id = MXA_STR("4XyZ");
	t->verdict.dkim.sig = sig;
	t->verdict.dkim.n = n;
	mxa_line_write(b, t, NULL, NOW);
}

static struct mxa_dkim_sig signature(
    const char *d, const char *s, enum mxa_dkim_result result)
{
	return (struct mxa_dkim_sig){ .result = result,
		.domain = mxa_str_from(d),
		.selector = mxa_str_from(s),
		.identity = MXA_STR(""),
		.algorithm = MXA_STR("rsa-sha256"),
		.signed_at = -1 };
}

static void write_file(const char *name, const struct mxa_buf *b)
{
	FILE *f = fopen(name, "w");

	ck_assert(f != NULL);
	fwrite(b->p, 1, b->len, f);
	fclose(f);
}

static void setup(void)
{
	struct mxa_dkim_sig sig[] = {
		signature("example.com", "s1", MXA_DKIM_PASS),
		signature("example.net", "other", MXA_DKIM_PASS),
		signature("example.com", "forged", MXA_DKIM_PERMERROR),
		signature("example.com", "broken", MXA_DKIM_FAIL),
		signature("example.com", "S1", MXA_DKIM_PASS),
	};
	struct mxa_buf b;

	a = mxa_arena_new();
	snprintf(dir, sizeof(dir), "/tmp/mxauth-seen.XXXXXX");
	mxa_buf_init(&b, a, (size_t)4 << 20);
	mxa_line_write_file(
	    &b, MXA_STR("0123456789abcdef"), MXA_STR("0.1"), NOW);
	add(&b, sig, 5);
	ck_assert(mkdtemp(dir) != NULL);
	path = mxa_arena_printf(a, "%s/journal", dir);
	write_file(path, &b);
}

static void teardown(void)
{
	unlink(path);
	rmdir(dir);
	mxa_arena_free(a);
}

/* Each once, of this domain only, and none without a key. */
START_TEST(selectors)
{
	struct mxa_str out[4];
	size_t n =
	    mxa_lint_selectors_seen(a, path, MXA_STR("example.com"), 4, out);

	ck_assert_uint_eq(n, 2);
	ck_str_is(out[0], "s1");
	ck_str_is(out[1], "broken");
}
END_TEST

START_TEST(at_most)
{
	struct mxa_str out[1];

	ck_assert_uint_eq(
	    mxa_lint_selectors_seen(a, path, MXA_STR("example.com"), 1, out),
	    1);
}
END_TEST

/* Of a directory the four newest files are read, and nothing else in it. */
START_TEST(of_directory)
{
	struct mxa_str out[9];
	size_t n;

	for (int i = 1; i <= 6; i++) {
		struct mxa_dkim_sig sig[] = { signature("example.com",
		    mxa_arena_printf(a, "d%d", i), MXA_DKIM_PASS) };
		struct mxa_buf b;

		mxa_buf_init(&b, a, (size_t)4 << 20);
		mxa_line_write_file(
		    &b, MXA_STR("0123456789abcdef"), MXA_STR("0.1"), NOW);
		add(&b, sig, 1);
		write_file(
		    mxa_arena_printf(a,
			"%s/2026112%dT080000Z-0123456789abcdef.jsonl", dir, i),
		    &b);
	}
	n = mxa_lint_selectors_seen(a, dir, MXA_STR("example.com"), 9, out);
	ck_assert_uint_eq(n, 4);
	ck_str_is(out[0], "d6");
	ck_str_is(out[3], "d3");
	for (int i = 1; i <= 6; i++)
		unlink(mxa_arena_printf(
		    a, "%s/2026112%dT080000Z-0123456789abcdef.jsonl", dir, i));
}
END_TEST

START_TEST(no_journal)
{
	struct mxa_str out[1];

	ck_assert_uint_eq(mxa_lint_selectors_seen(a, "/nonexistent/journal",
			      MXA_STR("example.com"), 1, out),
	    0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("seen");
	TCase *tc = tcase_create("journal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, selectors);
	tcase_add_test(tc, at_most);
	tcase_add_test(tc, of_directory);
	tcase_add_test(tc, no_journal);
	suite_add_tcase(s, tc);
	return test_main(s);
}
