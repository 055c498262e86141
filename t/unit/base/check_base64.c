/* check_base64.c - base64 of tags and encoded words. */
#include "base/base64.h"

#include "base/arena.h"
#include "base/attr.h"
#include "t/support/testing.h"

static struct mxa_arena *arena;

static void setup(void)
{
	arena = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

static const struct {
	const char *in;
	bool ok;
	const char *out;
} base64[] = {
	{ "", true, "" },
	{ "TQ==", true, "M" },
	{ "TWE=", true, "Ma" },
	{ "TWFu", true, "Man" },
	{ "TWFuTWFu", true, "ManMan" },
	{ " T W\r\n\tF u ", true, "Man" },
	{ "TQ", true, "M" }, /* padding is optional in RFC 6376's grammar */
	{ "TWE", true, "Ma" },
	{ "TQ= =", true, "M" },
	{ "T", false, NULL },
	{ "TWFuT", false, NULL },
	{ "TQ=", false, NULL },
	{ "TWE==", false, NULL },
	{ "TWFu====", false, NULL },
	{ "TWFu=", false, NULL },
	{ "TQ==TQ==", false, NULL },
	{ "TW-u", false, NULL },
	{ "TW_u", false, NULL },
	{ "TW\x80u", false, NULL },
	{ "=", false, NULL },
};

START_TEST(base64_rows)
{
	struct mxa_str out;
	bool ok = mxa_base64_decode(arena, mxa_str_from(base64[_i].in), &out);

	ck_assert_msg(ok == base64[_i].ok, "%s", base64[_i].in);
	if (ok)
		ck_str_is(out, base64[_i].out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base64");
	TCase *tc = tcase_create("base64");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, base64_rows, 0, MXA_ARRAY_LEN(base64));
	suite_add_tcase(s, tc);
	return test_main(s);
}
