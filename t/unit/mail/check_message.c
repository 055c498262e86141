/* check_message.c - envelope addresses and the facts of a message. */
#include "t/support/testing.h"

#include <string.h>

#include "base/limits.h"
#include "mail/message.h"

static const struct {
	const char *name, *path, *whole, *local, *domain;
} paths[] = {
	{ "usual", "<u@example.com>", "u@example.com", "u", "example.com" },
	{ "no brackets", "u@example.com", "u@example.com", "u", "example.com" },
	{ "null sender", "<>", "", "", "" },
	{ "nothing", "", "", "", "" },
	{ "source route", "<@a.example,@b.example:u@example.com>",
	    "u@example.com", "u", "example.com" },
	{ "no domain", "<postmaster>", "postmaster", "postmaster", "" },
	{ "quoted at sign", "<\"a@b\"@example.com>", "\"a@b\"@example.com",
	    "\"a@b\"", "example.com" },
	{ "escaped quote", "<\"a\\\"@b\"@example.com>",
	    "\"a\\\"@b\"@example.com", "\"a\\\"@b\"", "example.com" },
	{ "the last at sign splits", "<a@b@example.com>", "a@b@example.com",
	    "a@b", "example.com" },
	{ "at sign quoted behind the last", "<a@example.com\"@b\">",
	    "a@example.com\"@b\"", "a", "example.com\"@b\"" },
	{ "quote never closed", "<\"a@example.com>", "\"a@example.com", "\"a",
	    "example.com" },
	{ "empty domain", "<u@>", "u@", "u", "" },
	{ "empty local part", "<@example.com>", "@example.com", "",
	    "example.com" },
	{ "address literal", "<u@[IPv6:2001:db8::1]>", "u@[IPv6:2001:db8::1]",
	    "u", "[IPv6:2001:db8::1]" },
	{ "colon without route", "<a:b@example.com>", "a:b@example.com", "a:b",
	    "example.com" },
	{ "bracket missing", "<u@example.com", "u@example.com", "u",
	    "example.com" },
	{ "white space around", " <u@example.com> ", "u@example.com", "u",
	    "example.com" },
};

START_TEST(address_splits)
{
	struct mxa_str whole, local, domain;

	mxa_address_split(
	    mxa_str_from(paths[_i].path), &whole, &local, &domain);
	ck_str_is(whole, paths[_i].whole);
	ck_str_is(local, paths[_i].local);
	ck_str_is(domain, paths[_i].domain);
}
END_TEST

START_TEST(mail_from_is_copied)
{
	struct mxa_arena *a = mxa_arena_new();
	char path[] = "<u@example.com>";
	struct mxa_msg m;

	mxa_msg_init(&m, a);
	ck_str_is(m.queue_id, "NOQUEUE");
	mxa_msg_set_mail_from(&m, a, mxa_str_from(path));
	memset(path, 'x', sizeof(path));
	ck_str_is(m.mail_from, "u@example.com");
	ck_str_is(m.mail_local, "u");
	ck_str_is(m.mail_domain, "example.com");
	mxa_msg_set_mail_from(&m, a, MXA_STR("<>"));
	ck_assert_uint_eq(m.mail_from.len, 0);
	ck_assert_uint_eq(m.mail_domain.len, 0);
	mxa_arena_free(a);
}
END_TEST

START_TEST(long_address_keeps_its_domain)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_msg m;
	struct mxa_buf b;

	mxa_msg_init(&m, a);
	mxa_buf_init(&b, a, 10000);
	mxa_buf_adds(&b, "<\"@evil.example");
	for (int i = 0; i < 2000; i++)
		mxa_buf_addc(&b, 'l');
	mxa_buf_adds(&b, "\"@example.com>");
	mxa_msg_set_mail_from(&m, a, mxa_buf_str(&b));
	ck_assert_uint_eq(m.mail_from.len, MXA_MAX_ADDRESS);
	ck_str_is(m.mail_domain, "example.com");
	mxa_arena_free(a);
}
END_TEST

START_TEST(recipients_are_kept_up_to_the_limit)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_msg m;

	mxa_msg_init(&m, a);
	for (int i = 0; i < MXA_MAX_RCPTS + 5; i++)
		mxa_msg_add_rcpt(&m, a,
		    mxa_str_from(mxa_arena_printf(a, "<r%d@example.net>", i)));
	ck_assert_uint_eq(m.n_rcpt, MXA_MAX_RCPTS);
	ck_assert_uint_eq(m.n_rcpt_seen, MXA_MAX_RCPTS + 5);
	ck_str_is(m.rcpt[0], "r0@example.net");
	ck_str_is(m.rcpt[4], "r4@example.net");
	ck_str_is(m.rcpt[999], "r999@example.net");
	mxa_arena_free(a);
}
END_TEST

START_TEST(exemptions_have_names)
{
	ck_assert_str_eq(mxa_exempt_name(MXA_EXEMPT_NO), "no");
	ck_assert_str_eq(
	    mxa_exempt_name(MXA_EXEMPT_AUTHENTICATED), "authenticated");
	ck_assert_str_eq(
	    mxa_exempt_name(MXA_EXEMPT_NETWORK), "trusted-network");
	ck_assert_str_eq(mxa_exempt_name(MXA_EXEMPT_LOCAL), "local");
	ck_assert_str_eq(mxa_exempt_name(MXA_EXEMPT_RULE), "rule");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("message");
	TCase *tc = tcase_create("message");

	tcase_add_loop_test(tc, address_splits, 0, MXA_ARRAY_LEN(paths));
	tcase_add_test(tc, mail_from_is_copied);
	tcase_add_test(tc, long_address_keeps_its_domain);
	tcase_add_test(tc, recipients_are_kept_up_to_the_limit);
	tcase_add_test(tc, exemptions_have_names);
	suite_add_tcase(s, tc);
	return test_main(s);
}
