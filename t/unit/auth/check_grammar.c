/* check_grammar.c - SPF records: what they say, and where they are wrong. */
#include "auth/spf/grammar.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"
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

static void add_net(struct mxa_buf *b, const struct mxa_spf_term *t)
{
	struct mxa_ip ip = { .family = t->kind == MXA_TERM_IP4 ? 4 : 6 };
	char text[MXA_IP_TEXT];

	memcpy(ip.b, t->net, 16);
	mxa_buf_printf(b, "=%s", mxa_ip_format(&ip, text));
}

/* As in a record; "modifier": one that is not ours. */
static const char *kind_name(enum mxa_spf_kind k)
{
	static const char *const names[] = {
		[MXA_TERM_ALL] = "all",
		[MXA_TERM_INCLUDE] = "include",
		[MXA_TERM_A] = "a",
		[MXA_TERM_MX] = "mx",
		[MXA_TERM_PTR] = "ptr",
		[MXA_TERM_IP4] = "ip4",
		[MXA_TERM_IP6] = "ip6",
		[MXA_TERM_EXISTS] = "exists",
		[MXA_TERM_REDIRECT] = "redirect",
		[MXA_TERM_EXP] = "exp",
		[MXA_TERM_UNKNOWN] = "modifier",
	};

	return names[k];
}

/* "+a(arg)/24//64 -all exp(…)"; "all" in front of a '!' when terms were left
 * out; "POSITION: what (term)" for a mistake. */
static const char *shown(const struct mxa_spf_record *r)
{
	struct mxa_buf b;

	mxa_buf_init(&b, arena, 100000);
	if (!r->ok) {
		mxa_buf_printf(&b, "%zu: %s (%.*s)", r->mistake.at + 1,
		    r->mistake.what, MXA_STR_ARG(r->bad_term));
		return mxa_buf_cstr(&b);
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct mxa_spf_term *t = &r->term[i];

		if (i > 0)
			mxa_buf_addc(&b, ' ');
		if (t->qualifier != '\0')
			mxa_buf_addc(&b, t->qualifier);
		mxa_buf_adds(&b, kind_name(t->kind));
		if (t->arg_len > 0)
			mxa_buf_printf(
			    &b, "(%.*s)", MXA_STR_ARG(mxa_spf_term_arg(r, t)));
		if (t->kind == MXA_TERM_IP4 || t->kind == MXA_TERM_IP6)
			add_net(&b, t);
		if (t->bits4 != 32)
			mxa_buf_printf(&b, "/%d", t->bits4);
		if (t->bits6 != 128)
			mxa_buf_printf(&b, "//%d", t->bits6);
	}
	if (r->cut)
		mxa_buf_adds(&b, " !");
	return mxa_buf_cstr(&b);
}

static const struct {
	const char *text, *want;
} rows[] = {
	/* 4.5, 4.6.1: version, separators, names */
	{ "v=spf1", "" },
	{ "v=spf1 ", "" },
	{ "V=SPF1 -ALL", "-all" },
	{ "v=spf1   a    -all  ", "+a -all" },
	{ "v=spf1 a\t-all", "9: a byte that no term has here (a\t-all)" },
	{ "v=spf1 a\r", "9: a byte that no term has here (a\r)" },
	{ "v=spf1 \xc3\xa9", "8: a term starts with a letter (\xc3\xa9)" },
	{ "v=spf1 a:\xef\xbb\xbfx.example",
	    "10: a byte outside visible ASCII (a:\xef\xbb\xbfx.example)" },
	{ "v=spf1 moo -all", "8: unknown mechanism (moo)" },
	{ "v=spf1 -all moo", "13: unknown mechanism (moo)" },
	{ "v=spf1 -", "9: a term starts with a letter (-)" },
	{ "v=spf1 --all", "9: a term starts with a letter (--all)" },
	{ "v=spf1 =x", "8: a term starts with a letter (=x)" },
	{ "v=spf1 4all", "8: a term starts with a letter (4all)" },
	{ "v=spf1 a;", "9: a byte that no term has here (a;)" },

	/* 5.1 all */
	{ "v=spf1 all", "+all" },
	{ "v=spf1 ?all ~all", "?all !" },
	{ "v=spf1 -all.", "9: unknown mechanism (-all.)" },
	{ "v=spf1 -all:x.example",
	    "12: this cannot follow here (-all:x.example)" },
	{ "v=spf1 -all/8", "12: this cannot follow here (-all/8)" },

	/* 5.2 include, 5.7 exists: a name, no CIDR length */
	{ "v=spf1 include:_spf.example.com", "+include(_spf.example.com)" },
	{ "v=spf1 ~INCLUDE:_spf.example.com.", "~include(_spf.example.com.)" },
	{ "v=spf1 include",
	    "15: \":\" and what it names are missing (include)" },
	{ "v=spf1 include:", "16: a domain name is missing (include:)" },
	{ "v=spf1 include:x.example/24",
	    "25: a byte that no top-level label has (include:x.example/24)" },
	{ "v=spf1 exists:%{ir}.%{v}._spf.%{d2}",
	    "+exists(%{ir}.%{v}._spf.%{d2})" },
	{ "v=spf1 exists", "14: \":\" and what it names are missing (exists)" },

	/* 5.3 a, 5.4 mx: optional name, two CIDR lengths */
	{ "v=spf1 a mx", "+a +mx" },
	{ "v=spf1 a/24 mx//64 a/8//16", "+a/24 +mx//64 +a/8//16" },
	{ "v=spf1 a/0 mx//0", "+a/0 +mx//0" },
	{ "v=spf1 a:h.example/24 mx:h.example/1//2",
	    "+a(h.example)/24 +mx(h.example)/1//2" },
	{ "v=spf1 a:h:p/q.example/24", "+a(h:p/q.example)/24" },
	{ "v=spf1 a:%{d}/24", "+a(%{d})/24" },
	{ "v=spf1 a:%{d1r/}/24", "+a(%{d1r/})/24" },
	{ "v=spf1 a:", "10: a domain name is missing (a:)" },
	{ "v=spf1 a:/24", "10: a domain name is missing (a:/24)" },
	{ "v=spf1 a/", "9: this cannot follow here (a/)" },
	{ "v=spf1 a/33", "10: a CIDR length is a number up to 32 (a/33)" },
	{ "v=spf1 a//129", "11: a CIDR length is a number up to 128 (a//129)" },
	{ "v=spf1 a/024", "10: a CIDR length starts with 0 (a/024)" },
	{ "v=spf1 a//00", "11: a CIDR length starts with 0 (a//00)" },
	{ "v=spf1 a/24/64",
	    "13: a CIDR length is a number up to 32 (a/24/64)" },
	{ "v=spf1 a//64/24", "9: this cannot follow here (a//64/24)" },
	{ "v=spf1 a///64", "9: this cannot follow here (a///64)" },
	{ "v=spf1 a/4294967320",
	    "10: a CIDR length is a number up to 32 (a/4294967320)" },
	{ "v=spf1 mx:h.example:25",
	    "20: a byte that no top-level label has (mx:h.example:25)" },

	/* 5.5 ptr */
	{ "v=spf1 ptr ptr:h.example", "+ptr +ptr(h.example)" },
	{ "v=spf1 ptr/24", "11: this cannot follow here (ptr/24)" },
	{ "v=spf1 ptr:", "12: a domain name is missing (ptr:)" },

	/* 5.6 ip4, ip6 */
	{ "v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 ip4:0.0.0.0/0",
	    "+ip4(192.0.2.1)=192.0.2.1 -ip4(192.0.2.0)=192.0.2.0/24 "
	    "+ip4(0.0.0.0)=0.0.0.0/0" },
	{ "v=spf1 ip4:1.2.3", "17: not an IPv4 address (ip4:1.2.3)" },
	{ "v=spf1 ip4:1.2.3.4.5", "19: not an IPv4 address (ip4:1.2.3.4.5)" },
	{ "v=spf1 ip4:1.2.3.256", "20: not an IPv4 address (ip4:1.2.3.256)" },
	{ "v=spf1 ip4:1.2.3.04", "19: not an IPv4 address (ip4:1.2.3.04)" },
	{ "v=spf1 ip4:1..3.4", "14: not an IPv4 address (ip4:1..3.4)" },
	{ "v=spf1 ip4:1.2.3.4:25", "19: not an IPv4 address (ip4:1.2.3.4:25)" },
	{ "v=spf1 ip4:1.2.3.4/33",
	    "20: a CIDR length is a number up to 32 (ip4:1.2.3.4/33)" },
	{ "v=spf1 ip4:1.2.3.4/032",
	    "20: a CIDR length starts with 0 (ip4:1.2.3.4/032)" },
	{ "v=spf1 ip4:1.2.3.4/",
	    "20: a CIDR length is a number up to 32 (ip4:1.2.3.4/)" },
	{ "v=spf1 ip4:1.2.3.4//32",
	    "20: a CIDR length is a number up to 32 (ip4:1.2.3.4//32)" },
	{ "v=spf1 ip4:h.example", "12: not an IPv4 address (ip4:h.example)" },
	{ "v=spf1 ip4", "11: \":\" and what it names are missing (ip4)" },
	{ "v=spf1 ip4:", "12: an address is missing (ip4:)" },
	{ "v=spf1 ip4/24", "11: this cannot follow here (ip4/24)" },
	{ "v=spf1 ip6:2001:db8::/32 ip6:::1",
	    "+ip6(2001:db8::)=2001:db8:://32 +ip6(::1)=::1" },
	{ "v=spf1 ip6:::FFFF:192.0.2.1",
	    "+ip6(::FFFF:192.0.2.1)=::ffff:192.0.2.1" },
	{ "v=spf1 ip6:2001:db8::/129",
	    "23: a CIDR length is a number up to 128 (ip6:2001:db8::/129)" },
	{ "v=spf1 ip6:2001::db8::1",
	    "12: not an IPv6 address (ip6:2001::db8::1)" },
	{ "v=spf1 ip6:2001:db8::g",
	    "22: not an IPv6 address (ip6:2001:db8::g)" },
	{ "v=spf1 ip6:192.0.2.1", "12: not an IPv6 address (ip6:192.0.2.1)" },

	/* 6: modifiers */
	{ "v=spf1 redirect=_spf.example.com", "redirect(_spf.example.com)" },
	{ "v=spf1 a redirect=%{d1}._spf.example.com exp=e.example",
	    "+a redirect(%{d1}._spf.example.com) exp(e.example)" },
	{ "v=spf1 redirect:x.example",
	    "8: unknown mechanism (redirect:x.example)" },
	{ "v=spf1 redirect=", "17: a domain name is missing (redirect=)" },
	{ "v=spf1 exp=", "12: a domain name is missing (exp=)" },
	{ "v=spf1 -exp=e.example",
	    "8: a modifier has no qualifier (-exp=e.example)" },
	{ "v=spf1 redirect=a.example redirect=a.example",
	    "27: a second redirect= (redirect=a.example)" },
	{ "v=spf1 exp=a.example a exp=b.example",
	    "24: a second exp= (exp=b.example)" },
	{ "v=spf1 ra=x moo.cow-far_out=man:dog/cat rr= -all", "-all !" },
	{ "v=spf1 moo=%{x}", "14: unknown macro letter (moo=%{x})" },
	{ "v=spf1 redirect=%{c}.example",
	    "19: this macro letter exists in explanations only "
	    "(redirect=%{c}.example)" },
	{ "v=spf1 moo.cow/far_out=man",
	    "8: unknown mechanism (moo.cow/far_out=man)" },
	{ "v=spf1 moo:cow=x", "8: unknown mechanism (moo:cow=x)" },

	/* 7.1: domain-spec ends in a macro or a top-level label */
	{ "v=spf1 a:example",
	    "10: a name of more than one label is needed (a:example)" },
	{ "v=spf1 a:example.",
	    "10: a name of more than one label is needed (a:example.)" },
	{ "v=spf1 a:h.123", "12: a top-level label of digits only (a:h.123)" },
	{ "v=spf1 a:192.0.2.1",
	    "18: a top-level label of digits only (a:192.0.2.1)" },
	{ "v=spf1 a:h.-com",
	    "12: \"-\" at an edge of the top-level label (a:h.-com)" },
	{ "v=spf1 a:h.com-",
	    "15: \"-\" at an edge of the top-level label (a:h.com-)" },
	{ "v=spf1 a:h.xn--zckzah a:h.3com a:h.1-2",
	    "+a(h.xn--zckzah) +a(h.3com) +a(h.1-2)" },
	{ "v=spf1 a:h.e_x",
	    "13: a byte that no top-level label has (a:h.e_x)" },
	{ "v=spf1 a:h..", "12: empty top-level label (a:h..)" },
	{ "v=spf1 a:%{d} a:x%{d} a:x.%%", "+a(%{d}) +a(x%{d}) +a(x.%%)" },
	{ "v=spf1 a:%{d}.", "14: empty top-level label (a:%{d}.)" },
	{ "v=spf1 a:%{d}com",
	    "14: a dot is missing after the macro (a:%{d}com)" },
	{ "v=spf1 a:%{d.}com",
	    "15: a dot is missing after the macro (a:%{d.}com)" },
	{ "v=spf1 a:h...example", "+a(h...example)" },
};

START_TEST(records)
{
	struct mxa_spf_record r;

	mxa_spf_parse(&r, mxa_str_from(rows[_i].text), false);
	ck_assert_str_eq(shown(&r), rows[_i].want);
	mxa_spf_record_done(&r);
}
END_TEST

static const struct {
	const char *text;
	size_t len;
	bool is;
} claims[] = {
	{ "v=spf1", 6, true },
	{ "v=spf1 a", 8, true },
	{ "v=SpF1 ", 7, true },
	{ "v=spf10 a", 9, false },
	{ "v=spf1,a", 8, false },
	{ "v=spf1\0 a", 9, false },
	{ " v=spf1 a", 9, false },
	{ "v=spf2.0/pra a", 14, false },
	{ "v=spf", 5, false },
	{ "", 0, false },
};

START_TEST(what_claims_to_be_spf)
{
	struct mxa_str s = mxa_str_make(claims[_i].text, claims[_i].len);

	ck_assert_int_eq(mxa_spf_is_record(s), claims[_i].is);
}
END_TEST

START_TEST(nul_is_a_mistake)
{
	struct mxa_spf_record r;

	mxa_spf_parse(&r, MXA_STR("v=spf1 a:h.example\0"), false);
	ck_assert(!r.ok);
	ck_assert_uint_eq(r.mistake.at, 18);
	mxa_spf_parse(&r, MXA_STR("v=spf1 \0all"), false);
	ck_assert(!r.ok);
	ck_assert_uint_eq(r.mistake.at, 7);
}
END_TEST

/* What no evaluation reaches is checked, but not kept. */
START_TEST(unreachable_terms_are_left_out)
{
	struct mxa_spf_record r;
	struct mxa_str text = MXA_STR(
	    "v=spf1 x=y a a a a a a a a a a a a ip4:192.0.2.1 exp=e.example "
	    "redirect=r.example");

	mxa_spf_parse(&r, text, false);
	ck_assert(r.ok);
	ck_assert(r.cut);
	ck_assert_uint_eq(r.n, 13); /* eleven a, exp, redirect */
	ck_assert_int_eq(r.exp, 11);
	ck_assert_int_eq(r.redirect, 12);
	mxa_spf_record_done(&r);

	mxa_spf_parse(&r, text, true);
	ck_assert(r.ok);
	ck_assert(!r.cut);
	ck_assert_uint_eq(r.n, 16);
	ck_assert_int_eq(r.exp, 14);
	ck_assert_int_eq(r.redirect, 15);
	mxa_spf_record_done(&r);
}
END_TEST

/* A record as long as the DNS carries, of the shortest terms there are. */
START_TEST(longest_record)
{
	char *text = mxa_arena_alloc(arena, MXA_MAX_RECORD + 1);
	struct mxa_spf_record r;
	size_t n = 0;

	for (size_t i = 0; i < MXA_MAX_RECORD; i++)
		text[i] = (i - 6) % 2 ? 'a' : ' ';
	memcpy(text, "v=spf1", 6);
	mxa_spf_parse(&r, mxa_str_make(text, MXA_MAX_RECORD), true);
	ck_assert(r.ok);
	n = r.n;
	mxa_spf_record_done(&r);
	ck_assert_uint_eq(n, (MXA_MAX_RECORD - 6) / 2);

	mxa_spf_parse(&r, mxa_str_make(text, MXA_MAX_RECORD), false);
	ck_assert_uint_eq(r.n, MXA_SPF_MAX_TERMS + 1);
	mxa_spf_record_done(&r);

	text[MXA_MAX_RECORD] = 'a';
	mxa_spf_parse(&r, mxa_str_make(text, MXA_MAX_RECORD + 1), false);
	ck_assert(!r.ok);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("grammar");
	TCase *tc = tcase_create("grammar");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, records, 0, MXA_ARRAY_LEN(rows));
	tcase_add_loop_test(
	    tc, what_claims_to_be_spf, 0, MXA_ARRAY_LEN(claims));
	tcase_add_test(tc, nul_is_a_mistake);
	tcase_add_test(tc, unreachable_terms_are_left_out);
	tcase_add_test(tc, longest_record);
	suite_add_tcase(s, tc);
	return test_main(s);
}
