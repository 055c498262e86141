/* check_refusal.c - the words of refusals, line by line. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/decide.h"
#include "policy/refusal.h"
#include "t/support/verdicts.h"

static struct mxa_conf *load(const char *conf)
{
	char *errors = NULL, *warnings = NULL;
	struct mxa_conf *c = mxa_policy_parse("mxauth.conf", mxa_str_from(conf),
	    MXA_STR_NONE, &errors, &warnings);

	ck_assert_msg(c != NULL, "%s", errors);
	free(warnings);
	return c;
}

/* As a client sees it, without CR. */
static const char *reply_text(struct mxa_arena *a, const struct mxa_reply *r)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4000);
	for (size_t i = 0; i < r->n; i++)
		mxa_buf_printf(&b, "%s%c%s %.*s\n", r->code,
		    i + 1 < r->n ? '-' : ' ', r->enhanced,
		    MXA_STR_ARG(r->line[i]));
	return mxa_buf_cstr(&b);
}

#define FORGED                         \
	"spf=fail:bounce.example.com " \
	"dmarc=fail:example.com:reject "

static const struct {
	const char *name, *conf, *words, *want;
} replies[] = {
	{ "forged author", "", FORGED,
	    "550-5.7.26 Mail from example.com is refused: its DMARC policy is reject, and\n"
	    "550-5.7.26 neither SPF nor DKIM passes for example.com. SPF: fail for\n"
	    "550-5.7.26 bounce.example.com at [192.0.2.1]; DKIM: no signature.\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields,spf-fail\n" },
	{ "help and contact",
	    "texts: { help-url = \"https://help.example.jp/?id=%{id}\" "
	    "contact = \"postmaster@example.jp\" }\n",
	    FORGED "iprev=fail dkim=fail/signature:example.com",
	    "550-5.7.26 Mail from example.com is refused: its DMARC policy is reject, and neither SPF nor DKIM passes\n"
	    "550-5.7.26 for example.com. SPF: fail for bounce.example.com at [192.0.2.1]; DKIM: fail for example.com\n"
	    "550-5.7.26 (signature does not match). See https://help.example.jp/?id=4XyZabc or ask postmaster@example.jp\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=fail dkim=fail dmarc=fail rule=default grounds=author-signature-bad,no-list-fields,spf-fail,no-reverse-name\n" },
	{ "inherited policy, unaligned passes", "",
	    "spf=pass:esp.example dkim=pass:esp.example:x "
	    "dmarc=fail:news.example.com:reject:sp,at=example.com",
	    "550-5.7.26 Mail from news.example.com is refused: its DMARC policy is reject (from _dmarc.example.com), and neither\n"
	    "550-5.7.26 SPF nor DKIM passes for news.example.com. SPF: pass for esp.example at [192.0.2.1], which is not aligned\n"
	    "550-5.7.26 with news.example.com; DKIM: pass for esp.example, which is not aligned with news.example.com.\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=pass dkim=pass dmarc=fail rule=default grounds=no-author-signature,no-list-fields,spf-unaligned\n" },
	{ "own words",
	    "texts: { reject = \"No mail from %{domain} (%{policy}, "
	    "%{cause}), %{ip} %{helo} 100%%\" }\n",
	    FORGED,
	    "550-5.7.26 No mail from example.com (reject, dmarc-reject), 192.0.2.1 h.example.net\n"
	    "550-5.7.26 100%\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields,spf-fail\n" },
	{ "own codes", "texts: { reject-code = \"554 5.7.1\" }\n", FORGED,
	    "554-5.7.1 Mail from example.com is refused: its DMARC policy is reject, and\n"
	    "554-5.7.1 neither SPF nor DKIM passes for example.com. SPF: fail for\n"
	    "554-5.7.1 bounce.example.com at [192.0.2.1]; DKIM: no signature.\n"
	    "554 5.7.1 ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields,spf-fail\n" },
	{ "sender's domain that is no host name", "",
	    "spf=fail:a_b.example dmarc=fail:ex_ample.com:reject",
	    "550-5.7.26 Mail from (unprintable domain) is refused: its DMARC policy is reject,\n"
	    "550-5.7.26 and neither SPF nor DKIM passes for (unprintable domain). SPF: fail for\n"
	    "550-5.7.26 (unprintable domain) at [192.0.2.1]; DKIM: no signature.\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields,spf-fail\n" },
	{ "null sender without a name", "",
	    "mfrom= helo=[192.0.2.1] spf=none: "
	    "dmarc=fail:example.com:reject",
	    "550-5.7.26 Mail from example.com is refused: its DMARC policy is reject, and\n"
	    "550-5.7.26 neither SPF nor DKIM passes for example.com. SPF: none, the sender has\n"
	    "550-5.7.26 no usable domain; DKIM: no signature.\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=none dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields\n" },
	{ "client without an address", "",
	    "ip= spf=none: dmarc=fail:example.com:reject",
	    "550-5.7.26 Mail from example.com is refused: its DMARC policy is reject, and\n"
	    "550-5.7.26 neither SPF nor DKIM passes for example.com. SPF: none, the client's\n"
	    "550-5.7.26 address is not known; DKIM: no signature.\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=none dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields\n" },
	{ "SPF", "actions: { spf-fail = \"reject\" }\n",
	    "spf=fail:bounce.example.com dmarc=none:example.com",
	    "550-5.7.23 Mail from bounce.example.com is refused: its SPF record does not permit\n"
	    "550-5.7.23 the client. SPF: fail for bounce.example.com at [192.0.2.1]; DKIM: no\n"
	    "550-5.7.23 signature.\n"
	    "550 5.7.23 ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=none rule=mxauth.conf:1 grounds=no-signature,no-list-fields,spf-fail\n" },
	{ "SPF of HELO", "actions: { helo-fail = \"reject\" }\n",
	    "spf=pass:b.example helo-spf=fail:h.example.net "
	    "dmarc=none:a.example",
	    "550-5.7.23 Mail from a.example is refused: the SPF record of the HELO name does not\n"
	    "550-5.7.23 permit the client. SPF: pass for b.example at [192.0.2.1], which is not\n"
	    "550-5.7.23 aligned with a.example; DKIM: no signature.\n"
	    "550 5.7.23 ref=4XyZabc@mx.example.jp spf=pass dkim=none dmarc=none rule=mxauth.conf:1 grounds=no-signature,no-list-fields,spf-unaligned\n" },
	{ "SPF record with a mistake",
	    "actions: { spf-permerror = \"reject\" }\n",
	    "spf=permerror:a.example dmarc=none:a.example",
	    "550-5.7.24 Mail from a.example is refused: its SPF record cannot be used. SPF:\n"
	    "550-5.7.24 permerror for a.example at [192.0.2.1]; DKIM: no signature.\n"
	    "550 5.7.24 ref=4XyZabc@mx.example.jp spf=permerror dkim=none dmarc=none rule=mxauth.conf:1 grounds=no-signature,no-list-fields\n" },
	{ "values of a page's address are percent-encoded",
	    "texts: { help-url = \"https://help.example.jp/%{rule}\" }\n"
	    "actions: { spf-fail = \"reject\" }\n",
	    "spf=fail:a.example dmarc=none:a.example",
	    "550-5.7.23 Mail from a.example is refused: its SPF record does not permit the\n"
	    "550-5.7.23 client. SPF: fail for a.example at [192.0.2.1]; DKIM: no signature. See\n"
	    "550-5.7.23 https://help.example.jp/mxauth.conf%3A2\n"
	    "550 5.7.23 ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=none rule=mxauth.conf:2 grounds=no-signature,no-list-fields,spf-fail\n" },
	{ "a word longer than a line",
	    "texts: { reject = \"a23456789a23456789a23456789a23456789a23456789"
	    "a23456789a23456789a23456789a23456789a23456789 b\" }\n",
	    FORGED,
	    "550-5.7.26 a23456789a23456789a23456789a23456789a23456789a23456789a23456789a23456789\n"
	    "550-5.7.26 a23456789a23456789 b\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields,spf-fail\n" },
	{ "unauthenticated", "actions: { unauthenticated = \"reject\" }\n",
	    "spf=none:example.com dmarc=none:example.com",
	    "550-5.7.26 Mail from example.com is refused: neither SPF nor DKIM passes. SPF:\n"
	    "550-5.7.26 none, example.com has no SPF record; DKIM: no signature.\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=none dkim=none dmarc=none rule=mxauth.conf:1 grounds=no-signature,no-list-fields\n" },
	{ "damaged domain that fails", "",
	    "spf=fail:bounce.example.com dmarc=fail:bank.example:reject "
	    "from=damaged",
	    "550-5.7.26 Mail from bank.example is refused: its DMARC policy is reject, and neither SPF nor DKIM\n"
	    "550-5.7.26 passes for bank.example. Its From field has the damaged domain bank.example<U+00A0>.\n"
	    "550-5.7.26 SPF: fail for bounce.example.com at [192.0.2.1]; DKIM: no signature.\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=fail dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields,spf-fail\n" },
	{ "no author in From", "", "spf=pass:a.example from=unreadable",
	    "550-5.7.1 The message is refused: no author domain can be read in its From field.\n"
	    "550-5.7.1 RFC 5322 asks for one From field with the address of the author.\n"
	    "550 5.7.1 ref=4XyZabc@mx.example.jp spf=pass dkim=none dmarc=none rule=default\n" },
	{ "more readings than are checked", "",
	    "spf=pass:a.example dmarc=permerror:bank.example:none:spf "
	    "from=damaged from=more",
	    "550-5.7.1 The message is refused: its From field can be read in more ways than can\n"
	    "550-5.7.1 be checked. Its From field has the damaged domain bank.example<U+00A0>.\n"
	    "550-5.7.1 RFC 5322 asks for one From field with the address of the author.\n"
	    "550 5.7.1 ref=4XyZabc@mx.example.jp spf=pass dkim=none dmarc=permerror rule=default grounds=too-many-authors,no-signature,no-list-fields\n" },
	{ "damaged From, refused by the setting",
	    "actions: { malformed-from = \"reject\" }\n",
	    "spf=pass:a.example dmarc=permerror:bank.example:none:spf "
	    "from=damaged",
	    "550-5.7.1 Mail from bank.example is refused: its From field is malformed. Its From\n"
	    "550-5.7.1 field has the damaged domain bank.example<U+00A0>. RFC 5322 asks for one\n"
	    "550-5.7.1 From field with the address of the author.\n"
	    "550 5.7.1 ref=4XyZabc@mx.example.jp spf=pass dkim=none dmarc=permerror rule=mxauth.conf:1\n" },
	{ "no From", "", "spf=pass:a.example from=none",
	    "550-5.7.1 The message is refused: it has no From field. RFC 5322 asks for one From\n"
	    "550-5.7.1 field with the address of the author.\n"
	    "550 5.7.1 ref=4XyZabc@mx.example.jp spf=pass dkim=none dmarc=none rule=default\n" },
	{ "DNS trouble", "actions: { temperror = \"defer\" }\n",
	    "spf=temperror:example.com dmarc=temperror:example.com:reject",
	    "451-4.7.24 Mail from example.com is not accepted now: a DNS question that decides\n"
	    "451-4.7.24 about it was not answered (SPF result). SPF: temperror for example.com\n"
	    "451-4.7.24 at [192.0.2.1]; DKIM: no signature. Please try again later.\n"
	    "451 4.7.24 ref=4XyZabc@mx.example.jp spf=temperror dkim=none dmarc=temperror rule=mxauth.conf:1\n" },
	{ "own words for later",
	    "actions: { temperror = \"defer\" }\n"
	    "texts: { defer = \"%{domain}: DNS\" defer-code = \"450 4.4.3\" "
	    "}\n",
	    "spf=none: dmarc=temperror:example.com",
	    "450-4.4.3 example.com: DNS\n"
	    "450 4.4.3 ref=4XyZabc@mx.example.jp spf=none dkim=none dmarc=temperror rule=mxauth.conf:1\n" },
	{ "too many authors", "", "spf=pass:a.example dmarc=pass:a.example:reject:spf from=more",
	    "550-5.7.26 Mail from a.example is refused because its From field names a.example\n"
	    "550-5.7.26 and more domains than can be authenticated. SPF: pass for a.example at\n"
	    "550-5.7.26 [192.0.2.1]; DKIM: no signature.\n"
	    "550 5.7.26 ref=4XyZabc@mx.example.jp spf=pass dkim=none dmarc=pass rule=default grounds=too-many-authors,no-signature,no-list-fields\n" },
};

START_TEST(reply_lines)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *conf = load(replies[_i].conf);
	struct mxa_txn t;
	const char *got;

	test_txn(a, replies[_i].words, &t);
	mxa_decide(conf, &t.msg, &t.verdict, a, &t.action);
	got = reply_text(a, &t.action.reply);
	ck_assert_msg(strcmp(got, replies[_i].want) == 0,
	    "%s: got\n%s\nwant\n%s", replies[_i].name, got, replies[_i].want);
	mxa_conf_free(conf);
	mxa_arena_free(a);
}
END_TEST

/* Names of 253 bytes everywhere: still four lines that SMTP can carry, and the
 * last one is whole. */
START_TEST(reply_is_bounded)
{
	static const char label[] =
	    "a23456789012345678901234567890123456789012345678901234567890123";
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *conf = load("");
	const char *name = mxa_arena_printf(
	    a, "%s.%s.%s.%.*s", label, label, label, 61, label);
	const struct mxa_reply *r;
	struct mxa_txn t;

	test_txn(a,
	    mxa_arena_printf(a,
		"spf=fail:%s dkim=fail/body:x%.200s "
		"dmarc=fail:%s:reject:at=%.60s.example",
		name, name, name, label),
	    &t);
	mxa_decide(conf, &t.msg, &t.verdict, a, &t.action);
	r = &t.action.reply;
	ck_assert_uint_eq(r->n, MXA_MAX_REPLY_LINES);
	for (size_t i = 0; i < r->n; i++)
		ck_assert_uint_le(
		    r->line[i].len, MXA_MAX_REPLY_LINE - strlen("550-5.7.26 "));
	ck_assert(mxa_str_starts(r->line[3],
	    MXA_STR("ref=4XyZabc@mx.example.jp spf=fail dkim=fail "
		    "dmarc=fail ")));
	mxa_conf_free(conf);
	mxa_arena_free(a);
}
END_TEST

/* --- which signature speaks --- */

static const struct {
	const char *name, *words, *want;
} telling[] = {
	{ "none", "", "none -" },
	{ "a pass before a failure",
	    "dkim=fail/body:example.com dkim=pass:esp.example",
	    "pass esp.example" },
	{ "the author's pass before another",
	    "dkim=pass:esp.example dkim=pass:example.com", "pass example.com" },
	{ "the author's failure before another's",
	    "dkim=permerror/no-key:esp.example dkim=fail/body:example.com",
	    "fail example.com" },
	{ "the topmost of equals",
	    "dkim=fail/body:a.example dkim=permerror/no-key:b.example",
	    "fail a.example" },
};

START_TEST(one_signature_speaks)
{
	struct mxa_arena *a = mxa_arena_new();
	const struct mxa_dmarc_domain *author;
	const struct mxa_dkim_sig *s;
	struct mxa_txn t;

	test_txn(a,
	    mxa_arena_printf(
		a, "%s dmarc=fail:example.com:none", telling[_i].words),
	    &t);
	author = &t.verdict.dmarc.domain[0];
	s = mxa_dkim_telling(&t.verdict.dkim, author);
	ck_assert_str_eq(
	    mxa_arena_printf(a, "%s %.*s",
		mxa_dkim_result_name(mxa_dkim_summary(&t.verdict.dkim, author)),
		MXA_STR_ARG(s ? s->domain : MXA_STR("-"))),
	    telling[_i].want);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("refusal");
	TCase *tc = tcase_create("refusal");

	tcase_add_loop_test(tc, reply_lines, 0, MXA_ARRAY_LEN(replies));
	tcase_add_test(tc, reply_is_bounded);
	tcase_add_loop_test(
	    tc, one_signature_speaks, 0, MXA_ARRAY_LEN(telling));
	suite_add_tcase(s, tc);
	return test_main(s);
}
