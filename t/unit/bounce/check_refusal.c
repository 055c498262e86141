/* check_refusal.c - every row of the table of refusals is reached, and gives
 * its class.  What the rows mean is tested by the texts of receivers in
 * check_texts.c. */
#include "bounce/refusal.h"

#include <string.h>

#include "base/attr.h"
#include "bounce/provider.h"
#include "bounce/refusal_table.h"
#include "t/support/testing.h"

/* A host of each provider that rows name. */
static const char *const hosts[] = { "mx.google.com", "mx.outlook.com",
	"mx.yahoodns.net", "mx.icloud.com", "mx.secureserver.net", "mx.cox.net",
	"mx.netease.com", "mx.qq.com", "mx.orange.fr" };

static struct mxa_str host_of(const char *provider)
{
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strcmp(mxa_provider_of_host(mxa_str_from(hosts[i])),
			provider) == 0)
			return mxa_str_from(hosts[i]);
	ck_abort_msg("no host of %s", provider);
	return MXA_STR("");
}

/* A reply with all that the row asks for, and nothing else. */
static void make_reply(struct mxa_arena *a, const struct mxa_refusal_row *r,
    const char *code, const char *fragment, struct mxa_said *out)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1000);
	mxa_buf_printf(&b, "%s ",
	    strchr(code, '.') == NULL ? code
		: code[0] == '4'      ? "450"
				      : "550");
	if (strchr(code, '.') != NULL)
		mxa_buf_printf(&b, "%s ", code);
	for (size_t i = 0; i < MXA_ARRAY_LEN(r->with) && r->with[i]; i++)
		mxa_buf_printf(&b, "%s / ", r->with[i]);
	mxa_buf_adds(&b, fragment);
	mxa_buf_adds(&b, r->failing ? " refused" : " x");
	/* a bracket that is not closed is cut off with what follows */
	if (mxa_str_chr(mxa_buf_str(&b), '(', 0) < b.len)
		mxa_buf_addc(&b, ')');
	mxa_said_read(a, mxa_buf_str(&b), out);
}

/* What each class is about; those that are not here are about no method. */
static const struct {
	enum mxa_refusal_class class;
	unsigned methods;
} about[] = {
	{ MXA_RF_DMARC, MXA_BY_DMARC },
	{ MXA_RF_ALIGN, MXA_BY_DMARC },
	{ MXA_RF_NO_DMARC, MXA_BY_DMARC },
	{ MXA_RF_SPF, MXA_BY_SPF },
	{ MXA_RF_SPF_ERROR, MXA_BY_SPF },
	{ MXA_RF_DKIM, MXA_BY_DKIM },
	{ MXA_RF_NO_AUTH, MXA_BY_SPF | MXA_BY_DKIM },
};

/* Microsoft's 5.7.515 wants all three. */
static unsigned methods_of(const struct mxa_refusal_row *r, const char *code)
{
	if (strcmp(code, "5.7.515") == 0)
		return MXA_BY_SPF | MXA_BY_DKIM | MXA_BY_DMARC;
	for (size_t i = 0; i < MXA_ARRAY_LEN(about); i++)
		if (about[i].class == r->class)
			return about[i].methods;
	return 0;
}

static void must_reach(
    const struct mxa_refusal_row *r, const char *code, const char *fragment)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_refusal_kind kind;
	struct mxa_said said;

	make_reply(a, r, code, fragment, &said);
	mxa_refusal_classify(a, &said, MXA_STR(""),
	    r->provider ? host_of(r->provider) : MXA_STR("mx.rcpt.example"),
	    &kind);
	ck_assert_msg(
	    kind.class == r->class && kind.methods == methods_of(r, code),
	    "\"%.*s\" (%s): %s, the row says %s", MXA_STR_ARG(said.text),
	    said.code, mxa_refusal_class_name(kind.class),
	    mxa_refusal_class_name(r->class));
	mxa_arena_free(a);
}

/* Each code of the row with each of its fragments. */
START_TEST(row_is_reached)
{
	static const char *const usual[] = { "550", NULL };
	static const char *const nothing[] = { "", NULL };
	const struct mxa_refusal_row *r = &mxa_refusal_rows[_i];

	for (const char *const *c = r->codes ? r->codes : usual; *c; c++)
		for (const char *const *f = r->any ? r->any : nothing; *f; f++)
			must_reach(r, *c, *f);
}
END_TEST

static const struct {
	const char *host, *provider;
} owners[] = {
	{ "gmail-smtp-in.l.google.com", "gmail" },
	{ "GOOGLE.com.", "gmail" },
	{ "notgoogle.com", "" },
	{ "google.com.example", "" },
	{ "com", "" },
	{ "mx.zendesk.com", "zendesk" },
	{ "", "" },
};

START_TEST(a_host_has_an_owner)
{
	ck_assert_str_eq(mxa_provider_of_host(mxa_str_from(owners[_i].host)),
	    owners[_i].provider);
}
END_TEST

/* What is known of a reply beside its class. */
static const struct {
	const char *raw;
	enum mxa_refusal_class class;
	unsigned methods;
	bool helo, arc, codes_differ;
} kinds[] = {
	{ "550 5.7.23 SPF check failed", MXA_RF_SPF, MXA_BY_SPF, false, false,
	    false },
	{ "550 5.7.23 SPF HELO check failed", MXA_RF_SPF, MXA_BY_SPF, true,
	    false, false },
	{ "550 4.7.23 SPF check failed", MXA_RF_SPF, MXA_BY_SPF, false, false,
	    true },
	{ "550 5.7.1 DKIM failed for helo identity x.example", MXA_RF_DKIM,
	    MXA_BY_DKIM, false, false, false },
};

START_TEST(what_else_is_known)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_refusal_kind kind;
	struct mxa_said said;

	mxa_said_read(a, mxa_str_from(kinds[_i].raw), &said);
	mxa_refusal_classify(
	    a, &said, MXA_STR(""), MXA_STR("mx.rcpt.example"), &kind);
	ck_assert_str_eq(mxa_refusal_class_name(kind.class),
	    mxa_refusal_class_name(kinds[_i].class));
	ck_assert_uint_eq(kind.methods, kinds[_i].methods);
	ck_assert_int_eq(kind.helo, kinds[_i].helo);
	ck_assert_int_eq(kind.arc, kinds[_i].arc);
	ck_assert_int_eq(kind.codes_differ, kinds[_i].codes_differ);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("refusal");
	TCase *tc = tcase_create("rows");

	tcase_add_loop_test(tc, row_is_reached, 0, (int)mxa_refusal_n_rows);
	tcase_add_loop_test(
	    tc, a_host_has_an_owner, 0, (int)MXA_ARRAY_LEN(owners));
	tcase_add_loop_test(
	    tc, what_else_is_known, 0, (int)MXA_ARRAY_LEN(kinds));
	suite_add_tcase(s, tc);
	return test_main(s);
}
