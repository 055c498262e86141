/* check_receiver.c - who refused. */
#include "explain/receiver.h"

#include "auth/orgdom.h"
#include "t/support/testing.h"

static const struct {
	const char *host, *provider, *name;
} rows[] = {
	{ "gmail-smtp-in.l.google.com", "gmail", "gmail" },
	/* known by its words, not by its host */
	{ "", "yahoo", "yahoo" },
	{ "mx2.eu.shop.example.co.uk", "", "example.co.uk" },
	{ "MX1.Example.NET", "", "example.net" },
	{ "example.net", "", "example.net" },
	{ "co.uk", "", "co.uk" },
	{ "localhost", "", "localhost" },
	{ "[192.0.2.1]", "", "[192.0.2.1]" },
	{ "", "", "" },
};

START_TEST(receiver_has_a_name)
{
	struct mxa_arena *a = mxa_arena_new();
	const char *error;
	struct mxa_psl *psl = mxa_psl_load(NULL, &error);
	struct mxa_failure f = { .remote_mta = mxa_str_from(rows[_i].host) };

	ck_assert_ptr_nonnull(psl);
	f.refusal.provider = rows[_i].provider;
	ck_str_is(mxa_receiver_name(a, psl, &f), rows[_i].name);
	mxa_psl_free(psl);
	mxa_arena_free(a);
}
END_TEST

START_TEST(without_a_list_the_host)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_failure f = { .remote_mta = MXA_STR("MX1.example.net") };

	f.refusal.provider = "";
	ck_str_is(mxa_receiver_name(a, NULL, &f), "mx1.example.net");
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("receiver");
	TCase *tc = tcase_create("receiver");

	tcase_add_loop_test(
	    tc, receiver_has_a_name, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, without_a_list_the_host);
	suite_add_tcase(s, tc);
	return test_main(s);
}
