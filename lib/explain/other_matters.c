/* other_matters.c - refusals that are not an authentication problem. */
#include "explain/diagnosis.h"

static const char *const class_texts[] = {
	[MXA_RF_UNKNOWN_USER] =
	    N_("The recipient's address does not exist there. Check its "
	       "spelling. (Some providers also say this to hide a filter.)"),
	[MXA_RF_MAILBOX_FULL] = N_("The recipient's mailbox is full. Only the "
				   "recipient can change that."),
	[MXA_RF_DISABLED] = N_("The recipient's account is disabled."),
	[MXA_RF_BLACKLIST] =
	    N_("The sending address is on a block list or has a bad "
	       "reputation. Find out why, then ask the operator of the list "
	       "to remove it. From a home or dynamic address, send through "
	       "your provider's relay."),
	[MXA_RF_RDNS] =
	    N_("The sending address has no valid reverse name (PTR record). "
	       "The owner of the address must set one that leads back to the "
	       "address."),
	[MXA_RF_HELO] =
	    N_("The name that your server gives in HELO is not acceptable. Set "
	       "it to the server's full host name, which must have an "
	       "address."),
	[MXA_RF_SENDER_DNS] =
	    N_("The receiver cannot find the sender's domain in the DNS. Check "
	       "the envelope sender and the domain's MX and address records."),
	[MXA_RF_FROM_HEADER] =
	    N_("The From field of the message is missing or malformed. Correct "
	       "the program that writes the message."),
	[MXA_RF_HEADER_FORMAT] =
	    N_("A header field of the message is missing, duplicate or "
	       "malformed. Correct the program that writes the message."),
	[MXA_RF_TLS] = N_("The receiver requires an encrypted connection "
			  "(TLS)."),
	[MXA_RF_NULL_MX] =
	    N_("The sender's domain declares that it does not accept mail "
	       "(null MX), so receivers do not accept mail from it."),
	[MXA_RF_RATE] =
	    N_("Too much mail came in a short time. Pause for ten minutes, "
	       "then send slowly over one connection."),
	[MXA_RF_GREYLIST] =
	    N_("The receiver wants a second attempt later (greylisting). A "
	       "mail server does that by itself."),
	[MXA_RF_BUSY] = N_("The receiver has no capacity at the moment. A mail "
			   "server tries again by itself."),
	[MXA_RF_CONTENT] =
	    N_("The receiver's filter rejected the content (spam or virus "
	       "filter)."),
	[MXA_RF_SIZE] = N_("The message is too large for the receiver."),
	[MXA_RF_RELAY] =
	    N_("The server does not accept mail for that domain from this "
	       "sender (relaying denied)."),
	[MXA_RF_ROUTING] =
	    N_("No server of the recipient's domain could be found or "
	       "reached."),
	[MXA_RF_FORWARDING] =
	    N_("The recipient's organization does not allow forwarding to "
	       "outside. Only its administrator can change that."),
	[MXA_RF_TENANT] =
	    N_("The sender's own provider blocks the account or tenant. "
	       "Contact the provider of the sender."),
	[MXA_RF_RULE] =
	    N_("A rule of the recipient's administrator refused the message. "
	       "Only the recipient can have it changed."),
	[MXA_RF_OTHER] = N_("The receiver's words do not name an "
			    "authentication problem."),
};

const char *mxa_class_text(const struct mxa_refusal_kind *kind)
{
	if (kind->arc)
		return _("The ARC seal of a forwarder is broken: a server on "
			 "the way changed the message after it was sealed. "
			 "Only that forwarder can repair it.");
	if (mxa_refusal_is_auth(kind->class))
		return "";
	return _(class_texts[kind->class]);
}

/* Of several recipients, which one it is about. */
static const char *named_text(struct mxa_diagnosis *d, const char *text)
{
	if (d->b->n < 2 || d->f->recipient.len == 0)
		return text;
	return mxa_arena_printf(
	    d->a, "%.*s: %s", MXA_STR_ARG(d->f->recipient), text);
}

void mxa_diagnosis_other(struct mxa_diagnosis *d)
{
	const char *text = named_text(d, mxa_class_text(&d->f->refusal));

	mxa_diagnosis_say(d, MXA_TOPIC_REPLY, text);
	mxa_diagnosis_advise_text(
	    d, d->f->temporary ? MXA_FIX_WAIT : MXA_FIX_NONE, text);
}
