/* check_explain.c - every refusal of t/unit/bounce/texts.h in every form of
 * forms.c: the advice is one that can be used, and never a wrong one. */
#include "explain/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "bounce/provider.h"
#include "t/unit/bounce/forms.h"
#include "t/unit/bounce/texts.h"
#include "t/unit/record/spf_zone.h"

/* The sending host is not listed; it has no other name. */
#define ZONE                                                     \
	"firm.example. TXT \"v=spf1 ip4:192.0.2.5 -all\"\n"      \
	"firm.example. MX 10 mx.firm.example.\n"                 \
	"mx.firm.example. A 192.0.2.5\n"                         \
	"_dmarc.firm.example. TXT \"v=DMARC1; p=reject\"\n"      \
	"mail.firm.example. A 203.0.113.77\n"                    \
	"mail.firm.example. TXT \"v=spf1 ip4:192.0.2.5 -all\"\n" \
	"sendgrid.net. TXT \"v=spf1 ip4:203.0.113.0/24 ~all\"\n" \
	"mailgun.org. TXT \"v=spf1 ip4:203.0.113.0/24 ~all\"\n"

static struct mxa_arena *arena;

static bool has_action(const struct mxa_explained *x, enum mxa_fix_action a)
{
	for (size_t i = 0; i < x->n_advice; i++)
		if (x->advice[i].action == a)
			return true;
	return false;
}

/* The SPF record of 'name' gets the sender, by its address or its provider's
 * include, and nothing else changes. */
static const char *wrong_spf(const struct mxa_explained *x, const char *name)
{
	static const char *const want[] = {
		"v=spf1 ip4:192.0.2.5 ip4:203.0.113.77 -all",
		"v=spf1 ip4:192.0.2.5 include:sendgrid.net -all",
		"v=spf1 ip4:192.0.2.5 include:mailgun.org -all"
	};
	const struct mxa_advice *advice = &x->advice[0];

	if (x->n_advice == 0 || advice->action != MXA_FIX_EDIT_SPF ||
	    !mxa_str_is(advice->fix.name, name) || !advice->fix.verified)
		return "no change of SPF";
	for (size_t i = 0; i < MXA_ARRAY_LEN(want); i++)
		if (mxa_str_is(advice->fix.new, want[i]) &&
		    mxa_str_ends(x->summary, advice->fix.new))
			return NULL;
	return mxa_arena_printf(
	    arena, "record %.*s", MXA_STR_ARG(advice->fix.new));
}

static const char *wrong_auth(const struct form *form, const struct text *text,
    const struct mxa_explained *x)
{
	if (!x->auth_failure)
		return "no authentication failure";
	/* firm.example has a DMARC record */
	if (text->class == MXA_RF_NO_DMARC && !form->no_sender)
		return x->why[0] == 1u << MXA_WHY_RESOLVED ? NULL
							   : "not resolved";
	if (x->why[0] & 1u << MXA_WHY_RESOLVED)
		return text->class == MXA_RF_NO_DMARC ? NULL : "resolved";
	if (text->class == MXA_RF_NO_DMARC)
		return NULL;
	if (text->class == MXA_RF_DKIM)
		return has_action(x, MXA_FIX_EDIT_SPF) ? "SPF for DKIM" : NULL;
	if (form->no_sender && text->ip[0] == '\0')
		return NULL;
	/* the domain or the sending host cannot be known */
	if (x->n_advice == 1 && x->advice[0].fix.new.len == 0 &&
	    form->no_sender)
		return NULL;
	return wrong_spf(x, text->domain);
}

static const char *wrong_other(const struct mxa_explained *x)
{
	if (x->auth_failure)
		return "called an authentication failure";
	if (x->n_advice != 1 || x->advice[0].fix.new.len > 0)
		return "a record is proposed";
	return mxa_str_starts(x->summary, MXA_STR("Not an authentication"))
	    ? NULL
	    : "another summary";
}

static const char *wrong_text(
    const struct spf_zone *z, const struct form *form, const struct text *text)
{
	struct letter l = { arena, "sales@firm.example", "sales@firm.example",
		"u@rcpt.example", "mail.firm.example", text->host,
		text->reply };
	struct mxa_explain_env env = { .engine = z->env,
		.dns = z->dns,
		.deadline_ms = 1000,
		.relay = MXA_STR("") };
	struct mxa_explained *x = mxa_arena_calloc(arena, 1, sizeof(*x));
	struct mxa_bounce b;
	struct mxa_buf in;

	mxa_buf_init(&in, arena, 1 << 20);
	form->write(&in, &l);
	mxa_bounce_read(arena, mxa_buf_str(&in), &b);
	if (b.n != 1)
		return "not one failure";
	env.engine.arena = arena;
	mxa_explain(&env, &b, x);
	if (mxa_str_casefind(x->summary, MXA_STR("240.1.2.3")) < x->summary.len)
		return "the address of nobody";
	return mxa_refusal_is_auth(text->class) ? wrong_auth(form, text, x)
						: wrong_other(x);
}

/* As in check_texts: a provider whose rows need its name. */
static bool is_told(const struct form *form, const struct text *text)
{
	const char *host = mxa_provider_of_host(mxa_str_from(text->host));

	return !form->no_remote || host[0] == '\0' ||
	    strcmp(host, mxa_provider_of_text(mxa_str_from(text->reply))) == 0;
}

START_TEST(advice_can_be_used)
{
	const struct form *form = &forms[_i];
	size_t failed = 0;

	for (size_t i = 0; i < MXA_ARRAY_LEN(texts); i++) {
		struct spf_zone z;
		const char *wrong;

		if (!is_told(form, &texts[i]))
			continue;
		arena = mxa_arena_new();
		zone_open(&z, ZONE);
		wrong = wrong_text(&z, form, &texts[i]);
		if (wrong != NULL && failed++ < 20)
			printf(
			    "%s: %s: %s\n", form->name, texts[i].reply, wrong);
		zone_close(&z);
		mxa_arena_free(arena);
	}
	ck_assert_uint_eq(failed, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("explain");
	TCase *tc = tcase_create("texts");

	tcase_add_loop_test(tc, advice_can_be_used, 0, (int)n_forms);
	suite_add_tcase(s, tc);
	return test_main(s);
}
