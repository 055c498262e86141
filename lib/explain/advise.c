/* advise.c - an SPF failure's fix: the record that lib/record proposes for the
 * addresses that sent, in words. */
#include "explain/advise.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "record/spf_propose.h"

#define MAX_TEXT 8000

static void add_sentence(struct mxa_buf *b, struct mxa_str text)
{
	if (text.len == 0)
		return;
	if (b->len > 0)
		mxa_buf_addc(b, ' ');
	mxa_buf_addstr(b, text);
}

/* --- words --- */

static const char *publish_text(const struct mxa_spf_case *c,
    const struct mxa_spf_proposal *p, struct mxa_arena *a)
{
	const char *format = NULL;

	switch (p->kind) {
	case MXA_SPF_PROPOSE_NEW:
		format = _("Publish this TXT record at %.*s: \"%.*s\".");
		break;
	case MXA_SPF_PROPOSE_MERGE:
		format = _("Delete all SPF records at %.*s but one, and let "
			   "that one be: \"%.*s\".");
		break;
	case MXA_SPF_PROPOSE_EDIT:
		format = _("Change the TXT record at %.*s to: \"%.*s\".");
		break;
	case MXA_SPF_PROPOSE_NOTHING:
		return "";
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return mxa_arena_printf(
	    a, format, MXA_STR_ARG(c->domain), MXA_STR_ARG(p->record));
#pragma GCC diagnostic pop
}

static const char *origin_text(const struct mxa_spf_case *c)
{
	const struct mxa_senders *s = c->senders;
	struct mxa_arena *a = c->env->engine.arena;

	switch (s->how) {
	case MXA_SENDER_SAID:
		break;
	case MXA_SENDER_RELAY:
		return mxa_arena_printf(a,
		    _("The bounce names no address; those of the relay %.*s "
		      "were taken."),
		    MXA_STR_ARG(s->host));
	case MXA_SENDER_REPORTER:
		return mxa_arena_printf(a,
		    _("The bounce names no address; that of %.*s, which wrote "
		      "it, was taken."),
		    MXA_STR_ARG(s->host));
	case MXA_SENDER_MX:
		return mxa_arena_printf(a,
		    _("The bounce names no address; it is inferred that the "
		      "MX of %.*s also sends. Add every other server that "
		      "does."),
		    MXA_STR_ARG(c->domain));
	case MXA_SENDER_HOST:
		return mxa_arena_printf(a,
		    _("The bounce names no address; that of %.*s itself was "
		      "taken."),
		    MXA_STR_ARG(s->host));
	case MXA_SENDER_UNKNOWN:
		return _("The bounce names no address and none could be "
			 "inferred: add the address of each server that "
			 "sends.");
	}
	return "";
}

static const char *trial_text(const struct mxa_spf_case *c)
{
	const struct mxa_senders *s = c->senders;
	struct mxa_arena *a = c->env->engine.arena;
	char ip[MXA_IP_TEXT];
	struct mxa_buf b;

	if (s->n == 0)
		return _("Tried before you publish it: receivers can evaluate "
			 "it, and unrelated addresses do not pass.");
	mxa_buf_init(&b, a, MAX_TEXT);
	for (size_t i = 0; i < s->n; i++)
		mxa_buf_printf(
		    &b, "%s%s", i ? ", " : "", mxa_ip_format(&s->ip[i], ip));
	return mxa_arena_printf(a,
	    _("Tried before you publish it: %s passes, and unrelated "
	      "addresses do not."),
	    mxa_buf_cstr(&b));
}

static struct mxa_str fix_text(
    const struct mxa_spf_case *c, const struct mxa_spf_proposal *p)
{
	struct mxa_arena *a = c->env->engine.arena;
	struct mxa_buf b;

	mxa_buf_init(&b, a, MAX_TEXT);
	add_sentence(&b, mxa_str_from(publish_text(c, p, a)));
	for (size_t i = 0; i < p->n_notes && p->record.len > 0; i++)
		add_sentence(&b, p->note[i]);
	add_sentence(&b, p->failed);
	add_sentence(&b, mxa_str_from(origin_text(c)));
	if (p->record.len > 0)
		add_sentence(&b, mxa_str_from(trial_text(c)));
	return mxa_buf_str(&b);
}

/* --- the fix --- */

static enum mxa_fix_action fix_action(const struct mxa_spf_proposal *p)
{
	if (p->n_old == 0)
		return MXA_FIX_PUBLISH_SPF;
	return p->n_old > 1 ? MXA_FIX_MERGE_SPF : MXA_FIX_EDIT_SPF;
}

static bool is_sure(const struct mxa_senders *s)
{
	return s->how == MXA_SENDER_SAID || s->how == MXA_SENDER_RELAY;
}

void mxa_advise_spf(const struct mxa_spf_case *c, struct mxa_fix *fix)
{
	struct mxa_spf_wish wish = { .domain = c->domain,
		.ip = c->senders->ip,
		.n_ips = c->senders->n,
		.relay = c->env->relay,
		.guessed = !is_sure(c->senders),
		.helo = c->identity == MXA_SPF_HELO };
	struct mxa_spf_proposal p;

	mxa_spf_propose(&c->env->engine, &wish, &p);
	memset(fix, 0, sizeof(*fix));
	fix->action = fix_action(&p);
	fix->name = c->domain;
	fix->old = p.old;
	fix->record = p.record;
	fix->verified = p.record.len > 0;
	fix->text = fix_text(c, &p);
}
