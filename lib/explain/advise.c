/* advise.c - what to do, in words: the fixes that the examiners propose. */
#include "explain/diagnosis.h"

#include "base/buf.h"

#define MAX_TEXT 8000

static const char *publish_text(
    struct mxa_diagnosis *d, const struct mxa_spf_proposal *p)
{
	struct mxa_str domain = d->mail_domain;

	switch (p->kind) {
	case MXA_SPF_PROPOSE_NEW:
		return mxa_arena_printf(d->a,
		    _("Publish this TXT record at %.*s: \"%.*s\"."),
		    MXA_STR_ARG(domain), MXA_STR_ARG(p->record));
	case MXA_SPF_PROPOSE_MERGE:
		return mxa_arena_printf(d->a,
		    _("Delete all SPF records at %.*s but one, and change that "
		      "one to: \"%.*s\"."),
		    MXA_STR_ARG(domain), MXA_STR_ARG(p->record));
	case MXA_SPF_PROPOSE_EDIT:
		return mxa_arena_printf(d->a,
		    _("Change the TXT record at %.*s to: \"%.*s\"."),
		    MXA_STR_ARG(domain), MXA_STR_ARG(p->record));
	case MXA_SPF_PROPOSE_NOTHING:
		break;
	}
	return "";
}

/* What the owner must check himself. */
static const char *check_text(const struct mxa_diagnosis *d)
{
	switch (d->senders.how) {
	case MXA_SENDER_MX:
	case MXA_SENDER_HOST:
		return _("The sending address is a guess: add the address of "
			 "every other server that sends.");
	case MXA_SENDER_UNKNOWN:
		return _("The sending address is not known: add the address "
			 "of every server that sends.");
	case MXA_SENDER_SAID:
	case MXA_SENDER_RELAY:
	case MXA_SENDER_REPORTED:
	case MXA_SENDER_PROVIDER:
	case MXA_SENDER_REPORTER:
		break;
	}
	return "";
}

static struct mxa_str notes_text(
    struct mxa_diagnosis *d, const struct mxa_spf_proposal *p)
{
	struct mxa_buf b;

	mxa_buf_init(&b, d->a, MAX_TEXT);
	for (size_t i = 0; i < p->n_notes && p->record.len > 0; i++)
		mxa_add_sentence(&b, p->note[i]);
	mxa_add_sentence(&b, p->failed);
	mxa_add_sentence(&b, p->tried);
	mxa_add_sentence(&b, mxa_str_from(check_text(d)));
	return mxa_buf_str(&b);
}

static enum mxa_fix_action fix_action(const struct mxa_spf_proposal *p)
{
	if (p->n_old == 0)
		return MXA_FIX_PUBLISH_SPF;
	return p->n_old > 1 ? MXA_FIX_MERGE_SPF : MXA_FIX_EDIT_SPF;
}

static struct mxa_str two_sentences(
    struct mxa_diagnosis *d, const char *first, struct mxa_str second)
{
	struct mxa_buf b;

	mxa_buf_init(&b, d->a, MAX_TEXT);
	mxa_add_sentence(&b, mxa_str_from(first));
	mxa_add_sentence(&b, second);
	return mxa_buf_str(&b);
}

void mxa_diagnosis_advise_spf(
    struct mxa_diagnosis *d, const struct mxa_spf_proposal *p)
{
	struct mxa_advice advice = { .action = fix_action(p),
		.fix = { .name = d->mail_domain,
		    .old = p->old,
		    .new = p->record,
		    .verified = p->record.len > 0,
		    .advice = notes_text(d, p) } };

	advice.text = two_sentences(d, publish_text(d, p), advice.fix.advice);
	mxa_diagnosis_advise(d, &advice);
}

void mxa_diagnosis_advise_fix(struct mxa_diagnosis *d,
    enum mxa_fix_action action, const struct mxa_finding *f, const char *notes)
{
	struct mxa_advice advice = { .action = action, .fix = f->fix };
	const char *publish = "";

	if (f->fix.new.len > 0)
		publish = mxa_arena_printf(d->a,
		    _("Publish this TXT record at %.*s: \"%.*s\"."),
		    MXA_STR_ARG(f->fix.name), MXA_STR_ARG(f->fix.new));
	else
		advice.fix.name = f->name;
	if (notes[0] != '\0')
		advice.fix.advice = mxa_str_from(notes);
	advice.text = two_sentences(d, publish, advice.fix.advice);
	mxa_diagnosis_advise(d, &advice);
}
