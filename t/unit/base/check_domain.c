/* check_domain.c - canonical names, labels, suffixes. */
#include "t/support/testing.h"

#include <string.h>

#include "base/domain.h"

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"

static const struct {
	const char *name, *in;
	enum mxa_rc rc;
	const char *out;
} canonical[] = {
	{ "case is lowered", "Mail.Example.COM", MXA_OK, "mail.example.com" },
	{ "one trailing dot goes", "example.com.", MXA_OK, "example.com" },
	{ "U-label becomes A-label",
	    "b\xc3\xbc"
	    "cher.example",
	    MXA_OK, "xn--bcher-kva.example" },
	{ "upper-case U-label maps first (UTS 46)",
	    "B\xc3\x9c"
	    "CHER.example",
	    MXA_OK, "xn--bcher-kva.example" },
	{ "A-label stays", "XN--BCHER-KVA.example", MXA_OK,
	    "xn--bcher-kva.example" },
	{ "ideographic full stop is a dot",
	    "example\xe3\x80\x82"
	    "com",
	    MXA_OK, "example.com" },
	{ "underscore is a name byte", "_dmarc.example.com", MXA_OK,
	    "_dmarc.example.com" },
	{ "single label", "localhost", MXA_OK, "localhost" },
	{ "empty name", "", MXA_ESYNTAX, NULL },
	{ "only a dot", ".", MXA_ESYNTAX, NULL },
	{ "empty label", "a..example", MXA_ESYNTAX, NULL },
	{ "leading dot", ".example", MXA_ESYNTAX, NULL },
	{ "two trailing dots", "example.com..", MXA_ESYNTAX, NULL },
	{ "space", "exa mple.com", MXA_ESYNTAX, NULL },
	{ "stray bracket", "example.net>", MXA_ESYNTAX, NULL },
	{ "address literal", "[192.0.2.1]", MXA_ESYNTAX, NULL },
	{ "broken UTF-8",
	    "b\xfc"
	    "cher.example",
	    MXA_ESYNTAX, NULL },
	{ "label of 63", L63 ".example", MXA_OK, L63 ".example" },
	{ "label of 64", L63 "x.example", MXA_ELIMIT, NULL },
	{ "name of 253",
	    L63 "." L63 "." L63 "."
		"a234567890123456789012345678901234567890123456789012345678901",
	    MXA_OK,
	    L63
	    "." L63 "." L63 "."
	    "a234567890123456789012345678901234567890123456789012345678901" },
	{ "name of 254",
	    L63
	    "." L63 "." L63 "."
	    "a2345678901234567890123456789012345678901234567890123456789012",
	    MXA_ELIMIT, NULL },
	{ "name of 255", L63 "." L63 "." L63 "." L63, MXA_ELIMIT, NULL },
};

START_TEST(canonical_form)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str out = MXA_STR_NONE;

	ck_assert_int_eq(
	    mxa_domain_canonical(a, mxa_str_from(canonical[_i].in), &out),
	    canonical[_i].rc);
	if (canonical[_i].out != NULL)
		ck_str_is(out, canonical[_i].out);
	mxa_arena_free(a);
}
END_TEST

START_TEST(nul_is_no_name_byte)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str out;

	ck_assert_int_eq(
	    mxa_domain_canonical(a, MXA_STR("exam\0ple.com"), &out),
	    MXA_ESYNTAX);
	ck_assert_int_eq(
	    mxa_domain_canonical(a, MXA_STR("b\xc3\xbc\0.example"), &out),
	    MXA_ESYNTAX);
	mxa_arena_free(a);
}
END_TEST

static const struct {
	const char *in;
	bool ok;
} ldh[] = {
	{ "mail.example.com", true },
	{ "xn--bcher-kva.example", true },
	{ "a-b.example", true },
	{ L63 ".example", true },
	{ L63 "x.example", false },
	{ L63 "." L63 "." L63 "."
	      "a234567890123456789012345678901234567890123456789012345678901",
	    true },
	{ L63 "." L63 "." L63 "."
	      "a2345678901234567890123456789012345678901234567890123456789012",
	    false },
	{ "3com.example", true },
	{ "192.0.2.1", false },
	{ "-a.example", false },
	{ "a-.example", false },
	{ "a_b.example", false },
	{ "a..example", false },
	{ "", false },
	{ "example.com.", false },
};

START_TEST(ldh_names_may_be_shown)
{
	ck_assert_msg(mxa_domain_is_ldh(mxa_str_from(ldh[_i].in)) == ldh[_i].ok,
	    "%s", ldh[_i].in);
}
END_TEST

START_TEST(labels_count_from_the_right)
{
	struct mxa_str n = MXA_STR("a.b.c.example.com");

	ck_assert_uint_eq(mxa_domain_labels(n), 5);
	ck_assert_uint_eq(mxa_domain_labels(MXA_STR("com")), 1);
	ck_assert_uint_eq(mxa_domain_labels(MXA_STR("a")), 1);
	ck_assert_uint_eq(mxa_domain_labels(MXA_STR("")), 0);
	ck_str_is(mxa_domain_right(n, 2), "example.com");
	ck_str_is(mxa_domain_right(n, 1), "com");
	ck_str_is(mxa_domain_right(n, 9), "a.b.c.example.com");
	ck_str_is(mxa_domain_right(n, 0), "");
	ck_str_is(mxa_domain_parent(n), "b.c.example.com");
	ck_str_is(mxa_domain_parent(MXA_STR("com")), "");
}
END_TEST

static const struct {
	const char *name, *parent;
	bool within;
} suffix[] = {
	{ "example.com", "example.com", true },
	{ "mail.EXAMPLE.com", "example.com", true },
	{ "notexample.com", "example.com", false },
	{ "com", "example.com", false },
	{ "example.com", "", false },
};

START_TEST(within_compares_whole_labels)
{
	ck_assert_int_eq(mxa_domain_within(mxa_str_from(suffix[_i].name),
			     mxa_str_from(suffix[_i].parent)),
	    suffix[_i].within);
}
END_TEST

START_TEST(either_may_be_within_the_other)
{
	struct mxa_str org = MXA_STR("example.com");

	ck_assert(mxa_domain_related(org, MXA_STR("mail.example.com")));
	ck_assert(mxa_domain_related(MXA_STR("mail.example.com"), org));
	ck_assert(mxa_domain_related(org, org));
	ck_assert(!mxa_domain_related(org, MXA_STR("example.net")));
	ck_assert(!mxa_domain_related(org, MXA_STR("")));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("domain");
	TCase *tc = tcase_create("domain");

	tcase_add_loop_test(tc, canonical_form, 0, MXA_ARRAY_LEN(canonical));
	tcase_add_test(tc, nul_is_no_name_byte);
	tcase_add_loop_test(tc, ldh_names_may_be_shown, 0, MXA_ARRAY_LEN(ldh));
	tcase_add_test(tc, labels_count_from_the_right);
	tcase_add_loop_test(
	    tc, within_compares_whole_labels, 0, MXA_ARRAY_LEN(suffix));
	tcase_add_test(tc, either_may_be_within_the_other);
	suite_add_tcase(s, tc);
	return test_main(s);
}
