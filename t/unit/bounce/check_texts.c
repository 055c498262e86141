/* check_texts.c - what each refusal is about, in every form in which people
 * have it. */
#include "t/support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "bounce/bounce.h"
#include "bounce/provider.h"
#include "t/unit/bounce/forms.h"
#include "t/unit/bounce/texts.h"

static struct mxa_arena *arena;

/* What is not as it should be; NULL: all is. */
static const char *wrong_failure(const struct form *form,
    const struct text *text, const struct letter *l,
    const struct mxa_failure *f)
{
	char ip[MXA_IP_TEXT];

	if (f->refusal.class != text->class)
		return mxa_arena_printf(arena, "class %s",
		    mxa_refusal_class_name(f->refusal.class));
	if (f->refusal.methods != text->methods)
		return mxa_arena_printf(
		    arena, "methods %u", f->refusal.methods);
	if (!mxa_str_is(f->recipient, l->recipient))
		return mxa_arena_printf(
		    arena, "recipient %.*s", MXA_STR_ARG(f->recipient));
	if (strcmp(mxa_ip_format(&f->ip, ip), text->ip) != 0)
		return mxa_arena_printf(arena, "address %s", ip);
	if (!mxa_str_is(f->domain, text->domain) &&
	    !(form->no_sender && f->domain.len == 0))
		return mxa_arena_printf(
		    arena, "domain %.*s", MXA_STR_ARG(f->domain));
	if (memcmp(f->said.code, l->reply, 3) != 0)
		return mxa_arena_printf(arena, "code %s", f->said.code);
	if (!form->no_remote && !mxa_str_is(f->remote_mta, l->remote))
		return mxa_arena_printf(
		    arena, "remote %.*s", MXA_STR_ARG(f->remote_mta));
	return NULL;
}

static const char *wrong_bounce(
    const struct form *form, const struct letter *l, const struct mxa_bounce *b)
{
	if (b->kind != MXA_BOUNCE || b->n != 1)
		return mxa_arena_printf(arena, "%s with %zu failures",
		    mxa_bounce_kind_name(b->kind), b->n);
	if (!form->no_host && !mxa_str_is(b->reporting_mta, l->host))
		return mxa_arena_printf(
		    arena, "written by %.*s", MXA_STR_ARG(b->reporting_mta));
	if (!form->no_sender && !mxa_str_is(b->returned.mail_from, l->sender))
		return mxa_arena_printf(
		    arena, "sender %.*s", MXA_STR_ARG(b->returned.mail_from));
	return NULL;
}

/* A provider whose rows need its name is told by its host only. */
static bool is_told(const struct form *form, const struct text *text)
{
	struct mxa_str host = mxa_str_from(text->host);

	return !form->no_remote || mxa_provider_of_host(host)[0] == '\0' ||
	    strcmp(mxa_provider_of_host(host),
		mxa_provider_of_text(mxa_str_from(text->reply))) == 0;
}

static const char *wrong_text(const struct form *form, const struct text *text)
{
	struct letter l = { arena, "sales@firm.example", "sales@firm.example",
		"u@rcpt.example", "mail.firm.example", text->host,
		text->reply };
	struct mxa_bounce b;
	struct mxa_buf in;
	const char *wrong;

	mxa_buf_init(&in, arena, 1 << 20);
	form->write(&in, &l);
	mxa_bounce_read(arena, mxa_buf_str(&in), &b);
	wrong = wrong_bounce(form, &l, &b);
	if (wrong == NULL)
		wrong = wrong_failure(form, text, &l, &b.v[0]);
	return wrong;
}

/* All texts in one form. */
START_TEST(texts_are_understood)
{
	const struct form *form = &forms[_i];
	size_t failed = 0;

	arena = mxa_arena_new();
	for (size_t i = 0; i < MXA_ARRAY_LEN(texts); i++) {
		const char *wrong;

		if (!is_told(form, &texts[i]))
			continue;
		wrong = wrong_text(form, &texts[i]);
		if (wrong != NULL && failed++ < 20)
			printf(
			    "%s: %s: %s\n", form->name, texts[i].reply, wrong);
		mxa_arena_reset(arena);
	}
	mxa_arena_free(arena);
	ck_assert_uint_eq(failed, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("texts");
	TCase *tc = tcase_create("forms");

	tcase_add_loop_test(tc, texts_are_understood, 0, (int)n_forms);
	suite_add_tcase(s, tc);
	return test_main(s);
}
