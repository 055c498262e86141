/* check_macro.c - SPF macros (RFC 7208 section 7). */
#include "auth/spf/macro.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/limits.h"
#include "t/support/testing.h"

static struct mxa_arena *arena;
static struct mxa_spf_values values;

static void setup(void)
{
	arena = mxa_arena_new();
	memset(&values, 0, sizeof(values));
	ck_assert(mxa_ip_parse(MXA_STR("192.0.2.3"), &values.ip));
	values.local = MXA_STR("strong-bad");
	values.sender = MXA_STR("strong-bad@email.example.com");
	values.origin = MXA_STR("email.example.com");
	values.domain = MXA_STR("email.example.com");
	values.helo = MXA_STR("mx.example.org");
	values.receiver = MXA_STR("mx.example.net");
	values.ptr = MXA_STR("mx.example.org");
	values.now = 1700000000;
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

static const struct {
	const char *spec, *want;
} names[] = {
	/* nothing to expand; one trailing dot goes */
	{ "h.example", "h.example" },
	{ "h.example.", "h.example" },
	/* letters */
	{ "%{s}", "strong-bad@email.example.com" },
	{ "%{l}", "strong-bad" },
	{ "%{o}", "email.example.com" },
	{ "%{d}", "email.example.com" },
	{ "%{i}", "192.0.2.3" },
	{ "%{v}", "in-addr" },
	{ "%{h}", "mx.example.org" },
	{ "%{p}", "mx.example.org" },
	/* rightmost parts */
	{ "%{d4}", "email.example.com" },
	{ "%{d3}", "email.example.com" },
	{ "%{d2}", "example.com" },
	{ "%{d1}", "com" },
	{ "%{d99999999999}", "email.example.com" },
	/* reversed, then rightmost */
	{ "%{dr}", "com.example.email" },
	{ "%{d2r}", "example.email" },
	{ "%{d1r}", "email" },
	{ "%{dR}", "com.example.email" },
	/* other delimiters */
	{ "%{l-}", "strong.bad" },
	{ "%{lr}", "strong-bad" },
	{ "%{lr-}", "bad.strong" },
	{ "%{l1r-}", "strong" },
	{ "%{l1-}", "bad" },
	{ "%{s1@}", NULL },
	{ "%{s2.-}", "example.com" },
	{ "%{sr-.}", "com.example.bad@email.strong" },
	{ "%{d2r}.%{l1-}.%{ir}", "example.email.bad.3.2.0.192" },
	{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
	{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	    "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
	{ "%{d2}.trusted-domains.example.net",
	    "example.com.trusted-domains.example.net" },
	/* escapes */
	{ "a%%b%_c%-d.example", "a%b c%20d.example" },
	/* URL-escaped */
	{ "%{S}", "strong-bad%40email.example.com" },
	{ "%{L1R-}", "strong" },
	/* two dots in a row stay: the DNS says what that is */
	{ "x..%{d}", "x..email.example.com" },
	/* mistakes */
	{ "%", NULL },
	{ "%(d)", NULL },
	{ "%{d", NULL },
	{ "%{}", NULL },
	{ "%{d0}", NULL },
	{ "%{d00}", NULL },
	{ "%{dr2}", NULL },
	{ "%{d;}", NULL },
	{ "%{a}", NULL },
	{ "%{c}.x.example", NULL },
	{ "%{r}.x.example", NULL },
	{ "%{T}.x.example", NULL },
	{ "x y.example", NULL },
};

START_TEST(target_names)
{
	struct mxa_str spec = mxa_str_from(names[_i].spec);
	struct mxa_spf_mistake bad;
	unsigned uses;
	bool ok = mxa_spf_macro_check(spec, false, &uses, &bad);

	ck_assert_msg(ok == (names[_i].want != NULL), "\"%s\"", names[_i].spec);
	if (ok)
		ck_str_is(mxa_spf_expand_domain(arena, spec, &values),
		    names[_i].want);
}
END_TEST

START_TEST(ip6_is_nibbles)
{
	ck_assert(mxa_ip_parse(MXA_STR("2001:db8::cb01"), &values.ip));
	ck_str_is(mxa_spf_expand_domain(
		      arena, MXA_STR("%{ir}.%{v}._spf.%{d2}"), &values),
	    "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2."
	    "ip6._spf.example.com");
	ck_str_is(
	    mxa_spf_expand_domain(arena, MXA_STR("%{i2}.example"), &values),
	    "0.1.example");
}
END_TEST

#define L60 "a23456789012345678901234567890123456789012345678901234567890"
#define L50 "b2345678901234567890123456789012345678901234567890"

/* Section 7.3: leading labels go until the name has at most 253 octets. */
START_TEST(long_names_lose_their_left)
{
	struct mxa_str name;

	/* 4 * 61 + 9 = 253 fits */
	name = mxa_spf_expand_domain(arena,
	    MXA_STR(L60 "." L60 "." L60 "." L60 "."
			"%{d1}.exampl"),
	    &values);
	ck_assert_uint_eq(name.len, 4 * 61 + 10 - 61);
	ck_str_is(name, L60 "." L60 "." L60 ".com.exampl");
	name = mxa_spf_expand_domain(arena,
	    MXA_STR(L60 "." L60 "." L60 "." L60 "."
			"%{d1}.examp"),
	    &values);
	ck_assert_uint_eq(name.len, 253);
	name = mxa_spf_expand_domain(arena,
	    MXA_STR(L60 "." L60 "." L60 "." L60 "."
			"%{d1}.examp."),
	    &values);
	ck_assert_uint_eq(name.len, 253);
	/* without a macro */
	name = mxa_spf_expand_domain(arena,
	    MXA_STR("x.y." L60 "." L60 "." L60 "." L50 "12345.example.com"),
	    &values);
	ck_str_is(name, "y." L60 "." L60 "." L60 "." L50 "12345.example.com");
	/* no label fits */
	values.local =
	    mxa_str_make(memset(mxa_arena_alloc(arena, 1000), 'x', 1000), 1000);
	ck_str_is(mxa_spf_expand_domain(arena, MXA_STR("%{l}"), &values), "");
	ck_str_is(
	    mxa_spf_expand_domain(arena, MXA_STR("%{l}.example.com"), &values),
	    "example.com");
}
END_TEST

/* The work is linear in the record, not in record times value. */
START_TEST(many_macros_of_a_long_value)
{
	size_t n = 16000;
	char *spec = mxa_arena_alloc(arena, 4 * n + 20);
	struct mxa_str name;
	size_t before;

	for (size_t i = 0; i < n; i++)
		memcpy(spec + 4 * i, "%{s}", 4);
	memcpy(spec + 4 * n, ".x.example", 10);
	values.sender =
	    mxa_str_make(memset(mxa_arena_alloc(arena, 1000), 'x', 1000), 1000);
	before = mxa_arena_used(arena);
	name = mxa_spf_expand_domain(
	    arena, mxa_str_make(spec, 4 * n + 10), &values);
	ck_str_is(name, "x.example");
	/* offsets of the pieces, grown by doubling */
	ck_assert_uint_lt(mxa_arena_used(arena) - before, 64 * n);
}
END_TEST

static const struct {
	const char *text, *want;
} texts[] = {
	{ "See http://%{d}/why.html?s=%{S}&i=%{i}",
	    "See http://email.example.com/why.html?"
	    "s=strong-bad%40email.example.com&i=192.0.2.3" },
	{ "%{c} %{r} %{t}", "192.0.2.3 mx.example.net 1700000000" },
	{ "two  spaces%_and%-more%%", "two  spaces and%20more%" },
	{ "ends with a dot.", "ends with a dot." },
	{ "", "" },
	{ "lone % here", NULL },
	{ "tab\there", NULL },
	{ "caf\xc3\xa9", NULL },
};

START_TEST(explanations)
{
	struct mxa_str out;
	bool ok = mxa_spf_expand_text(
	    arena, mxa_str_from(texts[_i].text), &values, 255, &out);

	ck_assert_msg(ok == (texts[_i].want != NULL), "\"%s\"", texts[_i].text);
	if (ok)
		ck_str_is(out, texts[_i].want);
}
END_TEST

START_TEST(explanations_are_clean_and_short)
{
	struct mxa_str out;

	values.local = MXA_STR("a\r\nb\0\xc3\xa9");
	ck_assert(
	    mxa_spf_expand_text(arena, MXA_STR("[%{l}]"), &values, 255, &out));
	ck_str_is(out, "[a??b???]");
	ck_assert(
	    mxa_spf_expand_text(arena, MXA_STR("%{d}%{d}"), &values, 20, &out));
	ck_str_is(out, "email.example.comema");
}
END_TEST

START_TEST(uses_are_told)
{
	static const struct {
		const char *text;
		unsigned uses;
	} u[] = {
		{ "h.example", 0 },
		{ "%%%_%-", 0 },
		{ "%{d}", MXA_SPF_USES_MACRO },
		{ "%{o}", MXA_SPF_USES_MACRO | MXA_SPF_USES_SENDER },
		{ "x%{L1r-}",
		    MXA_SPF_USES_MACRO | MXA_SPF_USES_SENDER |
			MXA_SPF_USES_LOCAL },
		{ "%{s}",
		    MXA_SPF_USES_MACRO | MXA_SPF_USES_SENDER |
			MXA_SPF_USES_LOCAL },
		{ "%{h}.%{P}", MXA_SPF_USES_MACRO | MXA_SPF_USES_PTR },
	};
	struct mxa_spf_mistake bad;
	unsigned uses;

	for (size_t i = 0; i < MXA_ARRAY_LEN(u); i++) {
		ck_assert(mxa_spf_macro_check(
		    mxa_str_from(u[i].text), false, &uses, &bad));
		ck_assert_msg(uses == u[i].uses, "%s", u[i].text);
	}
}
END_TEST

/* Empty parts are parts. */
START_TEST(odd_values)
{
	values.local = MXA_STR("-a--b-");
	ck_str_is(mxa_spf_expand_domain(arena, MXA_STR("%{l-}x"), &values),
	    ".a..b.x");
	ck_str_is(mxa_spf_expand_domain(arena, MXA_STR("%{lr-}x"), &values),
	    ".b..a.x");
	ck_str_is(
	    mxa_spf_expand_domain(arena, MXA_STR("%{l1-}x"), &values), "x");
	ck_str_is(
	    mxa_spf_expand_domain(arena, MXA_STR("%{l2r-}x"), &values), "a.x");
	values.helo = MXA_STR("");
	ck_str_is(mxa_spf_expand_domain(arena, MXA_STR("%{h}"), &values), "");
	ck_str_is(
	    mxa_spf_expand_domain(arena, MXA_STR("%{h1r}x"), &values), "x");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("macro");
	TCase *tc = tcase_create("macro");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, target_names, 0, MXA_ARRAY_LEN(names));
	tcase_add_test(tc, ip6_is_nibbles);
	tcase_add_test(tc, long_names_lose_their_left);
	tcase_add_test(tc, many_macros_of_a_long_value);
	tcase_add_loop_test(tc, explanations, 0, MXA_ARRAY_LEN(texts));
	tcase_add_test(tc, explanations_are_clean_and_short);
	tcase_add_test(tc, uses_are_told);
	tcase_add_test(tc, odd_values);
	suite_add_tcase(s, tc);
	return test_main(s);
}
