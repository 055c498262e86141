/* check_dmarc_edit.c - DMARC records edited and proposed. */
#include "record/dmarc_edit.h"
#include "t/support/testing.h"

static struct mxa_arena *a;

static void setup(void)
{
	a = mxa_arena_new();
}

static void teardown(void)
{
	mxa_arena_free(a);
}

static const struct {
	const char *record, *tag, *value, *want;
} edits[] = {
	{ "v=DMARC1; p=none", "p", "reject", "v=DMARC1; p=reject" },
	{ "v=DMARC1;p=none;", "p", "reject", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=none", "rua", "mailto:a@b.example",
	    "v=DMARC1; p=none; rua=mailto:a@b.example" },
	{ "v=DMARC1; p=none; t=y", "t", NULL, "v=DMARC1; p=none" },
	{ "v=DMARC1; T=y; p=none", "t", NULL, "v=DMARC1; p=none" },
	{ "v=DMARC1; p=none", "t", NULL, "v=DMARC1; p=none" },
	{ "v=DMARC1; p=none; P=reject", "p", "none", "v=DMARC1; p=none" },
};

START_TEST(edits_tags)
{
	ck_str_is(mxa_dmarc_edit(a, mxa_str_from(edits[_i].record),
		      edits[_i].tag, edits[_i].value),
	    edits[_i].want);
}
END_TEST

static const struct {
	const char *record, *want; /* "": nothing was wrong, or no repair */
} repairs[] = {
	{ "v=DMARC1; p=reject", "" },
	{ "v=DMARC1; p=quarentine", "v=DMARC1; p=quarantine" },
	{ "v=DMARC1; p=block", "v=DMARC1; p=none" },
	{ "v=DMARC1", "v=DMARC1; p=none" },
	{ "v=DMARC1; sp=none", "v=DMARC1; p=none; sp=none" },
	{ "v=DMARC1; p=; sp=none", "v=DMARC1; p=none; sp=none" },
	{ "v=DMARC1; p=reject; sp=rejct", "v=DMARC1; p=reject; sp=reject" },
	{ "v=DMARC1; p=reject; np=block", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; adkim=x", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; pct=50", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; rf=afrf; ri=1", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; foo=bar", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; p=none", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; nonsense; t=y", "v=DMARC1; p=reject; t=y" },
	{ "v=DMARC1; p=reject;; t=y", "v=DMARC1; p=reject; t=y" },
	{ "v=DMARC1; p=reject; rua=d@example.com",
	    "v=DMARC1; p=reject; rua=mailto:d@example.com" },
	{ "v=DMARC1; p=reject; rua=mailto:d@example.com!10m",
	    "v=DMARC1; p=reject; rua=mailto:d@example.com" },
	{ "v=DMARC1; p=reject; ruf=mailto:d@example.com!1g",
	    "v=DMARC1; p=reject; ruf=mailto:d@example.com" },
	{ "v=DMARC1; p=reject; rua=mailto:a@example.com, b@example.com ,"
	  "c d@example.com,x",
	    "v=DMARC1; p=reject; rua=mailto:a@example.com,mailto:b@example."
	    "com" },
	{ "v=DMARC1; p=reject; rua=nobody", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; rua=@example.com", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; rua=d@", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=reject; rua=https://example.com/report", "" },
	{ "v=DMARC1; p:reject; rua=mailto:d@example.com",
	    "v=DMARC1; p=reject; rua=mailto:d@example.com" },
	{ "v=DMARC1; p=reject rua=mailto:d@example.com",
	    "v=DMARC1; p=reject; rua=mailto:d@example.com" },
	{ "v=DMARC1; p=reject, sp=none,rua=mailto:a@example.com,"
	  "mailto:b@example.com, t=y",
	    "v=DMARC1; p=reject; sp=none; rua=mailto:a@example.com,"
	    "mailto:b@example.com; t=y" },
	{ "v=DMARC1; p=\xe2\x80\x9creject\xe2\x80\x9d; sp='none'",
	    "v=DMARC1; p=reject; sp=none" },
	{ "v=DMARC1; P = Reject; x", "v=DMARC1; p=Reject" },
	{ "v=DMARC1; reject", "v=DMARC1; p=reject" },
	{ "v=DMARC1; p=none; fo=1:d:s x", "v=DMARC1; p=none" },
	{ "v=DMARC1; p=reject; fo=1:d:s; x", "v=DMARC1; p=reject; fo=1:d:s" },
	{ "v=DMARC1; p=reject; rua=a:b@example.com!1m", "v=DMARC1; p=reject" },
};

START_TEST(repairs_records)
{
	ck_str_is(mxa_dmarc_repair(a, mxa_str_from(repairs[_i].record)),
	    repairs[_i].want);
}
END_TEST

static const struct {
	const char *text;
	bool meant;
	const char *want;
} restorations[] = {
	{ "v=DMARC 1; p=reject", true, "v=DMARC1; p=reject" },
	{ "v=dmarc1; p=reject", true, "v=DMARC1; p=reject" },
	{ "V=DMARC1 p=reject", true, "v=DMARC1; p=reject" },
	{ "\"v=DMARC1; p=none\"", true, "v=DMARC1; p=none" },
	{ "DMARC1; p=none", true, "v=DMARC1; p=none" },
	{ "v=DMARC2; p=quarentine", true, "v=DMARC1; p=quarantine" },
	{ "p=none; v=DMARC1", true, "v=DMARC1; p=none" },
	{ "p=reject; rua=mailto:d@example.com", true,
	    "v=DMARC1; p=reject; rua=mailto:d@example.com" },
	{ "rua=mailto:d@example.com", true,
	    "v=DMARC1; p=none; rua=mailto:d@example.com" },
	{ "v=dmarc1; rua=mailto:d@example.com; t=y", true,
	    "v=DMARC1; p=none; rua=mailto:d@example.com; t=y" },
	{ "v=DMARC1, p=reject, rua=mailto:d@example.com", true,
	    "v=DMARC1; p=reject; rua=mailto:d@example.com" },
	{ "\"v=DMARC1\"; \"p=reject\"", true, "v=DMARC1; p=reject" },
	{ "v=DMARC1:p=quarantine", true, "v=DMARC1; p=quarantine" },
	{ "v=DMARC1.0; t=y", true, "" },
	{ "v=spf1 -all", false, "" },
	{ "see dmarc.example", true, "" },
	{ "a long text about everything else, and dmarc at its end", false,
	    "" },
	{ " p=none", true, "v=DMARC1; p=none" },
	{ "", false, "" },
};

START_TEST(restores_records)
{
	struct mxa_str text = mxa_str_from(restorations[_i].text);

	ck_assert_int_eq(mxa_dmarc_was_meant(text), restorations[_i].meant);
	ck_str_is(mxa_dmarc_restore(a, text), restorations[_i].want);
}
END_TEST

static const struct {
	bool silent, mail;
	const char *want;
} firsts[] = {
	{ false, true, "v=DMARC1; p=none; rua=mailto:dmarc-reports@d.example" },
	{ false, false, "v=DMARC1; p=none" },
	{ true, true, "v=DMARC1; p=reject" },
	{ true, false, "v=DMARC1; p=reject" },
};

START_TEST(proposes_first)
{
	struct mxa_str got = mxa_dmarc_first(
	    a, MXA_STR("d.example"), firsts[_i].silent, firsts[_i].mail);

	ck_str_is(got, firsts[_i].want);
	ck_assert(mxa_dmarc_stands(got));
}
END_TEST

static const struct {
	const char *text;
	bool stands;
} trials[] = {
	{ "v=DMARC1; p=reject", true },
	{ "v=DMARC1; p=reject;", true },
	{ "v=DMARC1", false },
	{ "v=DMARC1; p=block; rua=mailto:d@example.com", false },
	{ "v=DMARC1; p=none; foo=bar", false },
	{ "v=spf1 -all", false },
};

START_TEST(tries)
{
	ck_assert_int_eq(
	    mxa_dmarc_stands(mxa_str_from(trials[_i].text)), trials[_i].stands);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dmarc_edit");
	TCase *tc = tcase_create("records");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, edits_tags, 0, MXA_ARRAY_LEN(edits));
	tcase_add_loop_test(tc, repairs_records, 0, MXA_ARRAY_LEN(repairs));
	tcase_add_loop_test(
	    tc, restores_records, 0, MXA_ARRAY_LEN(restorations));
	tcase_add_loop_test(tc, proposes_first, 0, MXA_ARRAY_LEN(firsts));
	tcase_add_loop_test(tc, tries, 0, MXA_ARRAY_LEN(trials));
	suite_add_tcase(s, tc);
	return test_main(s);
}
