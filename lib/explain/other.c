/* other.c - names of causes and actions; what is no matter of authentication,
 * in words. */
#include "base/attr.h"
#include "base/i18n.h"
#include "explain/glass.h"

static const char *const why_names[MXA_WHYS] = {
	[MXA_WHY_SPF_MISSING] = "spf-missing",
	[MXA_WHY_SPF_NOT_LISTED] = "spf-not-listed",
	[MXA_WHY_SPF_LOOKUPS] = "spf-lookups",
	[MXA_WHY_SPF_MULTIPLE] = "spf-multiple",
	[MXA_WHY_SPF_SYNTAX] = "spf-syntax",
	[MXA_WHY_SPF_INCLUDE_NONE] = "spf-include-none",
	[MXA_WHY_SPF_TEMPERROR] = "spf-temperror",
	[MXA_WHY_DKIM_NONE] = "dkim-none",
	[MXA_WHY_DKIM_KEY_MISSING] = "dkim-key-missing",
	[MXA_WHY_DKIM_KEY_REVOKED] = "dkim-key-revoked",
	[MXA_WHY_DKIM_CHANGED] = "dkim-changed",
	[MXA_WHY_UNALIGNED] = "unaligned",
	[MXA_WHY_DMARC_MISSING] = "dmarc-missing",
	[MXA_WHY_FORWARDED] = "forwarded",
	[MXA_WHY_RESOLVED] = "resolved",
	[MXA_WHY_UNSPECIFIED] = "unspecified",
};

static const char *const action_names[] = {
	[MXA_FIX_PUBLISH_SPF] = "publish-spf",
	[MXA_FIX_EDIT_SPF] = "edit-spf",
	[MXA_FIX_MERGE_SPF] = "merge-spf",
	[MXA_FIX_SIGN_DKIM] = "sign-dkim",
	[MXA_FIX_PUBLISH_DKIM] = "publish-dkim",
	[MXA_FIX_ALIGN] = "align",
	[MXA_FIX_FORWARDER] = "forwarder",
	[MXA_FIX_PUBLISH_DMARC] = "publish-dmarc",
	[MXA_FIX_WAIT] = "wait",
	[MXA_FIX_NONE] = "none",
};

const char *mxa_why_name(enum mxa_why w)
{
	return w < MXA_WHYS ? why_names[w] : "unspecified";
}

const char *mxa_fix_action_name(enum mxa_fix_action f)
{
	return action_names[f];
}

void mxa_glass_because(struct glass *g, enum mxa_why w)
{
	g->why |= BIT(w);
}

static bool text_in(const struct mxa_str *list, size_t n, struct mxa_str text)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_str_eq(list[i], text))
			return true;
	return false;
}

void mxa_glass_say(struct glass *g, const char *text)
{
	struct mxa_explained *o = g->out;
	struct mxa_str s = mxa_str_from(text);

	if (o->n_findings < MXA_MAX_FINDINGS &&
	    !text_in(o->finding, o->n_findings, s))
		o->finding[o->n_findings++] = s;
}

void mxa_glass_avoid(struct glass *g, const char *text)
{
	struct mxa_explained *o = g->out;
	struct mxa_str s = mxa_str_from(text);

	if (o->n_avoid < MXA_MAX_FIXES && !text_in(o->avoid, o->n_avoid, s))
		o->avoid[o->n_avoid++] = s;
}

/* The same action for the same name once. */
void mxa_glass_fix(struct glass *g, const struct mxa_fix *fix)
{
	struct mxa_explained *o = g->out;

	for (size_t i = 0; i < o->n_fixes; i++)
		if (o->fix[i].action == fix->action &&
		    mxa_str_eq(o->fix[i].name, fix->name) &&
		    (mxa_str_eq(o->fix[i].record, fix->record) ||
			fix->name.len > 0))
			return;
	if (o->n_fixes < MXA_MAX_FIXES)
		o->fix[o->n_fixes++] = *fix;
}

void mxa_glass_fix_text(
    struct glass *g, enum mxa_fix_action action, const char *text)
{
	struct mxa_fix fix = { .action = action,
		.name = MXA_STR(""),
		.record = MXA_STR(""),
		.old = MXA_STR(""),
		.text = mxa_str_from(text) };

	mxa_glass_fix(g, &fix);
}

/* What is no matter of authentication, said once for each kind. */
void mxa_glass_other(struct glass *g)
{
	static const struct {
		enum mxa_refusal_class class;
		const char *text;
	} words[] = {
		{ MXA_RF_UNKNOWN_USER,
		    N_("The recipient's address does not exist there (some "
		       "providers also say so to hide a filter). Check its "
		       "spelling.") },
		{ MXA_RF_MAILBOX_FULL,
		    N_("The recipient's mailbox is full. Only the recipient "
		       "can change that.") },
		{ MXA_RF_BLACKLIST,
		    N_("The sending address is on a list of bad senders or "
		       "has a bad reputation. Find out why, then ask the "
		       "list to take it off.") },
		{ MXA_RF_RDNS,
		    N_("The sending address has no proper name in the DNS "
		       "(PTR record). Who owns the address must set it, to "
		       "a name that leads back to the address.") },
		{ MXA_RF_FROM_HEADER,
		    N_("The From field of the message is missing or "
		       "malformed. The sending program must be mended.") },
		{ MXA_RF_TLS,
		    N_("The receiver wants an encrypted connection (TLS).") },
		{ MXA_RF_NULL_MX,
		    N_("The sender's domain says that it takes no mail (null "
		       "MX), so nobody takes mail from it.") },
		{ MXA_RF_RATE,
		    N_("Too much mail came in a short time. Wait, and send "
		       "more slowly.") },
		{ MXA_RF_GREYLIST,
		    N_("The receiver wants a second try later "
		       "(greylisting). A mail server does that by "
		       "itself.") },
		{ MXA_RF_CONTENT,
		    N_("The receiver does not like the content (spam or "
		       "virus filter).") },
		{ MXA_RF_SIZE, N_("The message is too large.") },
		{ MXA_RF_RELAY,
		    N_("The server does not take mail for that domain from "
		       "this sender (relaying).") },
		{ MXA_RF_ROUTING,
		    N_("No server of the recipient's domain could be found "
		       "or reached.") },
		{ MXA_RF_RULE,
		    N_("A rule of the recipient's own administrator refused "
		       "it. Only the recipient can have it changed.") },
		{ MXA_RF_DISABLED, N_("The recipient's account is disabled.") },
		{ MXA_RF_OTHER,
		    N_("The receiver's words name no matter of "
		       "authentication.") },
	};

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++)
		if (words[i].class == g->f->refusal.class) {
			mxa_glass_say(g, _(words[i].text));
			mxa_glass_fix_text(g,
			    g->f->temporary ? MXA_FIX_WAIT : MXA_FIX_NONE,
			    _(words[i].text));
		}
}
