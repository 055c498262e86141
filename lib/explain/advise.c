/* advise.c - an SPF failure's fix: the record that lib/record proposes for the
 * addresses that sent, in words. */
#include "explain/diagnosis.h"

#include <string.h>

#include "base/buf.h"
#include "record/spf_propose.h"

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

/* The addresses that were tried. */
static const char *trial_text(struct mxa_diagnosis *d)
{
	const struct mxa_senders *s = &d->senders;
	char ip[MXA_IP_TEXT];
	struct mxa_buf b;

	if (s->n == 0)
		return _("Tried before you publish it: receivers can evaluate "
			 "it, and unrelated addresses do not pass.");
	mxa_buf_init(&b, d->a, MAX_TEXT);
	for (size_t i = 0; i < s->n; i++)
		mxa_buf_printf(
		    &b, "%s%s", i ? ", " : "", mxa_ip_format(&s->ip[i], ip));
	return mxa_arena_printf(d->a,
	    _("Tried before you publish it: %s passes, and unrelated "
	      "addresses do not."),
	    mxa_buf_cstr(&b));
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
	if (p->record.len > 0)
		mxa_add_sentence(&b, mxa_str_from(trial_text(d)));
	mxa_add_sentence(&b, mxa_str_from(check_text(d)));
	return mxa_buf_str(&b);
}

static enum mxa_fix_action fix_action(const struct mxa_spf_proposal *p)
{
	if (p->n_old == 0)
		return MXA_FIX_PUBLISH_SPF;
	return p->n_old > 1 ? MXA_FIX_MERGE_SPF : MXA_FIX_EDIT_SPF;
}

void mxa_diagnosis_advise_spf(struct mxa_diagnosis *d)
{
	const struct mxa_senders *s = &d->senders;
	struct mxa_spf_wish wish = { .domain = d->mail_domain,
		.ip = s->ip,
		.n_ips = s->n,
		.relay =
		    d->env->relay.len > 0 ? d->env->relay : d->b->reporting_mta,
		.include = s->include,
		.guessed = !mxa_senders_known(s),
		.helo = d->f->identity == MXA_IDENTITY_HELO };
	struct mxa_fix fix = { .verified = false };
	struct mxa_spf_proposal p;
	struct mxa_buf text;

	mxa_spf_propose(&d->env->engine, &wish, &p);
	fix.action = fix_action(&p);
	fix.name = d->mail_domain;
	fix.old = p.old;
	fix.record = p.record;
	fix.verified = p.record.len > 0;
	fix.notes = notes_text(d, &p);
	mxa_buf_init(&text, d->a, MAX_TEXT);
	mxa_add_sentence(&text, mxa_str_from(publish_text(d, &p)));
	mxa_add_sentence(&text, fix.notes);
	fix.text = mxa_buf_str(&text);
	mxa_diagnosis_fix(d, &fix);
}
