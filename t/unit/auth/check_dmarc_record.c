/* check_dmarc_record.c - DMARC records: RFC 9989 sections 4.5, 4.7, 4.8 and
 * 4.10.1; spec/dmarc.md section 2. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "auth/dmarc_record.h"

/* --- which texts are records --- */

static const struct {
	const char *text;
	bool is;
} filter[] = {
	{ "v=DMARC1", true },
	{ "v=DMARC1;", true },
	{ "v=DMARC1; p=none", true },
	{ "v = DMARC1 ; p=none", true },
	{ "v\t=\tDMARC1\t;p=none", true },
	{ "V=DMARC1; p=none", true },
	{ "v=DMARC1 p=none", false },
	{ "v=dmarc1; p=none", false },
	{ "v=DMARC1x; p=none", false },
	{ "v=DMARC2; p=none", false },
	{ "v=DMARC1,p=none", false },
	{ " v=DMARC1; p=none", false },
	{ "\"v=DMARC1\"; p=none", false },
	{ "p=none; v=DMARC1", false },
	{ "v=spf1 -all", false },
	{ "v", false },
	{ "v=", false },
	{ "v=DMARC", false },
	{ "", false },
};

START_TEST(filters)
{
	ck_assert_msg(
	    mxa_dmarc_record_is(mxa_str_from(filter[_i].text)) == filter[_i].is,
	    "\"%s\"", filter[_i].text);
}
END_TEST

/* --- what they say --- */

static void show_uris(struct mxa_buf *b, const char *name,
    const struct mxa_dmarc_uri *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mxa_buf_printf(b, " %s=%.*s(%.*s)", name,
		    MXA_STR_ARG(list[i].uri), MXA_STR_ARG(list[i].address));
}

/* Everything that is not at its default, behind the three policies. */
static const char *show(struct mxa_buf *b, const struct mxa_dmarc_record *r)
{
	mxa_buf_printf(b, "%s/%s/%s", mxa_dmarc_policy_name(r->p),
	    mxa_dmarc_policy_name(r->sp), mxa_dmarc_policy_name(r->np));
	mxa_buf_adds(b, r->usable ? "" : " unusable");
	mxa_buf_adds(b, r->as_none ? " as-none" : "");
	mxa_buf_adds(b, r->strict_dkim ? " adkim=s" : "");
	mxa_buf_adds(b, r->strict_spf ? " aspf=s" : "");
	mxa_buf_adds(b, r->psd == MXA_PSD_Y ? " psd=y" : "");
	mxa_buf_adds(b, r->psd == MXA_PSD_N ? " psd=n" : "");
	mxa_buf_adds(b, r->testing ? " t=y" : "");
	if (r->fo != MXA_FO_ALL)
		mxa_buf_printf(b, " fo=%u", r->fo);
	if (r->pct != -1)
		mxa_buf_printf(b, " pct=%d", r->pct);
	show_uris(b, "rua", r->rua, r->n_rua);
	show_uris(b, "ruf", r->ruf, r->n_ruf);
	return mxa_buf_cstr(b);
}

static const struct {
	const char *name, *text, *want;
} records[] = {
	{ "the policies inherit: sp from p, np from sp", "v=DMARC1; p=reject",
	    "reject/reject/reject" },
	{ "sp passes on to np", "v=DMARC1; p=reject; sp=quarantine",
	    "reject/quarantine/quarantine" },
	{ "np stands alone", "v=DMARC1; p=none; np=reject",
	    "none/none/reject" },
	{ "all three", "v=DMARC1; p=none; sp=quarantine; np=reject",
	    "none/quarantine/reject" },
	{ "p need not be second", "v=DMARC1; sp=none; adkim=s; p=reject",
	    "reject/none/none adkim=s" },
	{ "words and names in any case",
	    "V=DMARC1; P=Reject; ADKIM=S; aSPF=s; T=Y; PSD=N",
	    "reject/reject/reject adkim=s aspf=s psd=n t=y" },
	{ "white space around = and ;, and a last ;",
	    "v=DMARC1 ;\tp = reject ; sp= none ; ", "reject/none/none" },
	{ "defaults written out",
	    "v=DMARC1;p=none;adkim=r;aspf=r;psd=u;t=n;fo=0", "none/none/none" },
	{ "psd=y", "v=DMARC1; p=none; psd=y", "none/none/none psd=y" },
	{ "fo takes several", "v=DMARC1; p=none; fo=1:d:s",
	    "none/none/none fo=14" },
	{ "fo with white space and case", "v=DMARC1; p=none; fo=D : S",
	    "none/none/none fo=12" },
	{ "fo=0:1 contradicts itself", "v=DMARC1; p=none; fo=0:1",
	    "none/none/none" },
	{ "case 18: bad adkim and fo keep their defaults",
	    "v=DMARC1; p=reject; adkim=x; fo=zz", "reject/reject/reject" },
	{ "pct is read and has no effect", "v=DMARC1; p=reject; pct=0",
	    "reject/reject/reject pct=0" },
	{ "pct above 100 is none", "v=DMARC1; p=reject; pct=101",
	    "reject/reject/reject" },
	{ "rf, ri and unknown tags are ignored",
	    "v=DMARC1; p=reject; rf=afrf; ri=86400; foo=bar",
	    "reject/reject/reject" },
	{ "an element without = is passed over",
	    "v=DMARC1; p=reject; nonsense; sp=none", "reject/none/none" },
	{ "empty elements are passed over", "v=DMARC1;; p=reject;; sp=none",
	    "reject/none/none" },
	{ "the first of two equal tags counts", "v=DMARC1; p=none; p=reject",
	    "none/none/none" },
	{ "also when they differ in case", "v=DMARC1; p=none; P=reject",
	    "none/none/none" },
	{ "a second v changes nothing", "v=DMARC1; p=reject; v=DMARC2",
	    "reject/reject/reject" },

	/* RFC 9989 section 4.10.1, rule 0.7 */
	{ "no p, no rua", "v=DMARC1", "none/none/none unusable" },
	{ "case 17: no p, but rua", "v=DMARC1; rua=mailto:d@example.com",
	    "none/none/none as-none "
	    "rua=mailto:d@example.com(d@example.com)" },
	{ "case 15: bad sp with rua",
	    "v=DMARC1; p=reject; sp=bogus; rua=mailto:d@example.com",
	    "none/none/none as-none "
	    "rua=mailto:d@example.com(d@example.com)" },
	{ "case 16: bad np without rua", "v=DMARC1; p=reject; np=bogus",
	    "none/none/none unusable" },
	{ "bad p, with an rua that is no URI",
	    "v=DMARC1; p=bogus; rua=d@example.com", "none/none/none unusable" },
	{ "empty p", "v=DMARC1; p=; sp=reject", "none/none/none unusable" },
	{ "p with something behind it", "v=DMARC1; p=reject now",
	    "none/none/none unusable" },
	{ "control character in p", "v=DMARC1; p=re\x01ject",
	    "none/none/none unusable" },
	{ "8-bit in p", "v=DMARC1; p=\xc3\xa9", "none/none/none unusable" },
	{ "psd and modes of an unusable record stay",
	    "v=DMARC1; adkim=s; psd=y",
	    "none/none/none unusable adkim=s psd=y" },

	/* URIs */
	{ "several, with white space",
	    "v=DMARC1; p=none; rua=mailto:a@example.com , mailto:b@example.net",
	    "none/none/none rua=mailto:a@example.com(a@example.com) "
	    "rua=mailto:b@example.net(b@example.net)" },
	{ "rua and ruf",
	    "v=DMARC1; p=none; ruf=mailto:f@example.com; "
	    "rua=mailto:a@example.com",
	    "none/none/none rua=mailto:a@example.com(a@example.com) "
	    "ruf=mailto:f@example.com(f@example.com)" },
	{ "a size limit is cut off",
	    "v=DMARC1; p=none; rua=mailto:a@example.com!10m",
	    "none/none/none rua=mailto:a@example.com(a@example.com)" },
	{ "also without a unit",
	    "v=DMARC1; p=none; rua=mailto:a@example.com!512",
	    "none/none/none rua=mailto:a@example.com(a@example.com)" },
	{ "another ! must be encoded",
	    "v=DMARC1; p=none; rua=mailto:a!b@example.com", "none/none/none" },
	{ "encoded it may stand",
	    "v=DMARC1; p=none; rua=mailto:a%21b@example.com",
	    "none/none/none rua=mailto:a%21b@example.com(a%21b@example.com)" },
	{ "broken encoding", "v=DMARC1; p=none; rua=mailto:a%2@example.com",
	    "none/none/none" },
	{ "other schemes are kept without an address",
	    "v=DMARC1; p=none; rua=https://example.com/dmarc",
	    "none/none/none rua=https://example.com/dmarc()" },
	{ "a good one beside bad ones",
	    "v=DMARC1; p=none; rua=,a@example.com,mailto:,mailto:@example.com,"
	    "mailto:a@,mailto:a@b@c,MAILTO:ok@example.com,x y",
	    "none/none/none rua=MAILTO:ok@example.com(ok@example.com)" },
	{ "headers of a mailto are no part of the address",
	    "v=DMARC1; p=none; rua=mailto:a@example.com?subject=x",
	    "none/none/none "
	    "rua=mailto:a@example.com?subject=x(a@example.com)" },
};

START_TEST(says)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_dmarc_record r;
	struct mxa_buf b;

	ck_assert(mxa_dmarc_record_is(mxa_str_from(records[_i].text)));
	mxa_dmarc_record_parse(mxa_str_from(records[_i].text), &r);
	mxa_buf_init(&b, a, 4096);
	ck_assert_str_eq(show(&b, &r), records[_i].want);
	mxa_arena_free(a);
}
END_TEST

/* --- where the mistakes are --- */

static const char *const kinds[] = { "policy", "syntax", "value", "uri",
	"duplicate", "historic", "unknown" };

static const struct {
	const char *name, *text, *want; /* "kind@offset tag" each */
} mistakes[] = {
	{ "none", "v=DMARC1; p=none; rua=mailto:a@example.com", "" },
	{ "the bad word", "v=DMARC1; p=bogus", "policy@12 p" },
	{ "a missing p comes last", "v=DMARC1; adkim=x",
	    "value@16 adkim,policy@17 p" },
	{ "no =", "v=DMARC1; p reject; sp=none", "syntax@10 ,policy@27 p" },
	{ "twice", "v=DMARC1; p=none; P=reject", "duplicate@18 P" },
	{ "history and the unknown",
	    "v=DMARC1; p=none; pct=50; foo=1; rf=afrf; ri=1",
	    "historic@18 pct,unknown@26 foo,historic@33 rf,historic@42 ri" },
	{ "in order of the text", "v=DMARC1; t=x; p=none; ; psd=z; fo=9",
	    "value@12 t,syntax@22 ,value@29 psd,value@35 fo" },
	{ "the bad element of a list",
	    "v=DMARC1; p=none; rua=mailto:a@example.com,oops,x:",
	    "uri@43 rua,uri@48 rua" },
	{ "the size limit", "v=DMARC1; p=none; ruf=mailto:a@example.com!10m",
	    "historic@42 ruf" },
};

START_TEST(finds_mistakes)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_dmarc_record r;
	struct mxa_buf b;

	mxa_dmarc_record_parse(mxa_str_from(mistakes[_i].text), &r);
	mxa_buf_init(&b, a, 4096);
	for (size_t i = 0; i < r.n_mistakes; i++) {
		ck_assert_uint_gt(strlen(r.mistake[i].what), 0);
		mxa_buf_printf(&b, "%s%s@%zu %.*s", i ? "," : "",
		    kinds[r.mistake[i].kind], r.mistake[i].at,
		    MXA_STR_ARG(r.mistake[i].tag));
	}
	ck_assert_str_eq(mxa_buf_cstr(&b), mistakes[_i].want);
	mxa_arena_free(a);
}
END_TEST

/* --- ceilings --- */

START_TEST(keeps_to_its_ceilings)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_dmarc_record r;
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	mxa_buf_adds(&b, "v=DMARC1; p=reject; rua=mailto:a0@example.com");
	for (int i = 1; i < 100; i++)
		mxa_buf_printf(&b, ",mailto:a%d@example.com", i);
	for (int i = 0; i < 500; i++)
		mxa_buf_printf(&b, "; x%d=%d", i, i);
	mxa_dmarc_record_parse(mxa_buf_str(&b), &r);
	ck_assert_uint_eq(r.n_rua, MXA_MAX_DMARC_URIS);
	ck_str_is(r.rua[MXA_MAX_DMARC_URIS - 1].address, "a7@example.com");
	ck_assert_uint_eq(r.n_mistakes, MXA_MAX_DMARC_MISTAKES);
	ck_assert(r.usable);
	ck_assert_int_eq(r.p, MXA_POLICY_REJECT);
	mxa_arena_free(a);
}
END_TEST

START_TEST(copies_stand_alone)
{
	struct mxa_arena *a = mxa_arena_new();
	char *text = strdup("v=DMARC1; rua=mailto:a@example.com!5k; foo=1");
	struct mxa_dmarc_record r, *copy;

	mxa_dmarc_record_parse(mxa_str_from(text), &r);
	copy = mxa_dmarc_record_dup(a, &r);
	memset(text, 'X', strlen(text));
	free(text);
	ck_str_is(copy->text, "v=DMARC1; rua=mailto:a@example.com!5k; foo=1");
	ck_str_is(copy->rua[0].uri, "mailto:a@example.com");
	ck_str_is(copy->rua[0].address, "a@example.com");
	ck_assert_uint_eq(copy->n_mistakes, 3);
	ck_str_is(copy->mistake[0].tag, "rua");
	ck_str_is(copy->mistake[1].tag, "foo");
	ck_str_is(copy->mistake[2].tag, "p");
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dmarc_record");
	TCase *tc = tcase_create("record");

	tcase_add_loop_test(tc, filters, 0, MXA_ARRAY_LEN(filter));
	tcase_add_loop_test(tc, says, 0, MXA_ARRAY_LEN(records));
	tcase_add_loop_test(tc, finds_mistakes, 0, MXA_ARRAY_LEN(mistakes));
	tcase_add_test(tc, keeps_to_its_ceilings);
	tcase_add_test(tc, copies_stand_alone);
	suite_add_tcase(s, tc);
	return test_main(s);
}
