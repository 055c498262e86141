/* sender.c - which address sent, and how sure that is. */
#include "explain/diagnosis.h"

#include <string.h>

#include "auth/iprev.h"
#include "base/domain.h"
#include "bounce/provider.h"
#include "record/spf_provider.h"

static void add_sender(struct mxa_senders *s, const struct mxa_ip *ip)
{
	for (size_t i = 0; i < s->n; i++)
		if (mxa_ip_eq(&s->ip[i], ip))
			return;
	if (s->n < MXA_MAX_SENDERS && !mxa_ip_is_loopback(ip) &&
	    !mxa_ip_is_private(ip))
		s->ip[s->n++] = *ip;
}

/* The addresses of a host; false: it has none. */
static bool add_host(struct mxa_diagnosis *d, struct mxa_str host)
{
	static const enum mxa_dns_type types[] = { MXA_DNS_A, MXA_DNS_AAAA };
	struct mxa_senders *s = &d->senders;
	struct mxa_str name;
	size_t before = s->n;

	if (mxa_domain_canonical(d->a, host, &name) != MXA_OK ||
	    mxa_domain_labels(name) < 2)
		return false;
	for (size_t k = 0; k < 2; k++) {
		const struct mxa_dns_answer *answer = mxa_dns_lookup(
		    d->env->engine.budget, MXA_SHARE_OTHER, name, types[k]);

		for (size_t i = 0; i < answer->n; i++)
			add_sender(s, &answer->rr[i].ip);
	}
	if (s->n > before && s->host.len == 0)
		s->host = name;
	return s->n > before;
}

static bool add_mx(struct mxa_diagnosis *d, struct mxa_str domain)
{
	const struct mxa_dns_answer *mx = mxa_dns_lookup(
	    d->env->engine.budget, MXA_SHARE_OTHER, domain, MXA_DNS_MX);

	for (size_t i = 0; i < mx->n && i < 4; i++)
		add_host(d, mx->rr[i].text);
	return d->senders.n > 0;
}

/* The receiver names the address. */
static bool take_said(struct mxa_diagnosis *d)
{
	struct mxa_senders *s = &d->senders;
	struct mxa_iprev_verdict v;

	if (d->f->ip.family == 0)
		return false;
	s->ip[s->n++] = d->f->ip;
	memset(&v, 0, sizeof(v));
	mxa_iprev_check(&d->env->engine, &d->f->ip, &v);
	s->host = v.name.len > 0 ? v.name : MXA_STR("");
	return true;
}

/* Whether the server that wrote the bounce had sent the message.  The one that
 * refused, and others of its organization or provider, had received it. */
static bool reporter_sent(struct mxa_diagnosis *d)
{
	struct mxa_str host = d->b->reporting_mta;
	struct mxa_str remote = d->f->remote_mta;
	const char *provider = mxa_provider_of_host(host);

	/* also when no other host is named as the one that refused it */
	if (mxa_diagnosis_same_org(d, host, d->mail_domain))
		return true;
	if (host.len == 0 || mxa_str_caseeq(host, remote))
		return false;
	if (provider[0] != '\0' &&
	    strcmp(provider, d->f->refusal.provider) == 0)
		return false;
	return !mxa_diagnosis_same_org(d, host, remote);
}

/* A host of somebody who sends for customers: the include is what they need,
 * whichever of his hosts it was. */
static bool take_provider(struct mxa_diagnosis *d)
{
	struct mxa_senders *s = &d->senders;
	struct mxa_str host = d->b->reporting_mta;

	if (!reporter_sent(d) || mxa_domain_related(d->mail_domain, host))
		return false;
	s->include = mxa_spf_documented(host);
	s->host = host;
	return s->include.len > 0;
}

void mxa_diagnosis_find_senders(struct mxa_diagnosis *d)
{
	struct mxa_senders *s = &d->senders;
	struct mxa_str domain = d->mail_domain;

	memset(s, 0, sizeof(*s));
	s->host = s->include = MXA_STR("");
	if (take_said(d))
		s->how = MXA_SENDER_SAID;
	else if (d->env->relay.len > 0 && add_host(d, d->env->relay))
		s->how = MXA_SENDER_RELAY;
	else if (take_provider(d))
		s->how = MXA_SENDER_PROVIDER;
	else if (reporter_sent(d) && add_host(d, d->b->reporting_mta))
		s->how =
		    d->b->reported ? MXA_SENDER_REPORTED : MXA_SENDER_REPORTER;
	else if (domain.len > 0 && add_mx(d, domain))
		s->how = MXA_SENDER_MX;
	else if (domain.len > 0 && add_host(d, domain))
		s->how = MXA_SENDER_HOST;
	else
		s->how = MXA_SENDER_UNKNOWN;
}

bool mxa_senders_known(const struct mxa_senders *s)
{
	return s->how == MXA_SENDER_SAID || s->how == MXA_SENDER_RELAY ||
	    s->how == MXA_SENDER_REPORTED;
}

bool mxa_senders_likely(const struct mxa_senders *s)
{
	return mxa_senders_known(s) || s->how == MXA_SENDER_REPORTER ||
	    s->how == MXA_SENDER_PROVIDER;
}

static void say_name(struct mxa_diagnosis *d)
{
	const struct mxa_senders *s = &d->senders;
	char ip[MXA_IP_TEXT];

	mxa_ip_format(&s->ip[0], ip);
	if (s->host.len > 0)
		MXA_SAY(d, MXA_TOPIC_PTR,
		    _("The reverse name (PTR) of %s is %.*s."), ip,
		    MXA_STR_ARG(s->host));
	else
		MXA_SAY(
		    d, MXA_TOPIC_PTR, _("%s has no reverse name (PTR)."), ip);
}

void mxa_diagnosis_say_sender(struct mxa_diagnosis *d)
{
	const struct mxa_senders *s = &d->senders;
	char ip[MXA_IP_TEXT] = "";

	if (s->n > 0)
		mxa_ip_format(&s->ip[0], ip);
	switch (s->how) {
	case MXA_SENDER_SAID:
		say_name(d);
		break;
	case MXA_SENDER_RELAY:
		MXA_SAY(d, MXA_TOPIC_SENDER,
		    _("The sending address is that of your relay %.*s (%s)."),
		    MXA_STR_ARG(s->host), ip);
		break;
	case MXA_SENDER_PROVIDER:
		MXA_SAY(d, MXA_TOPIC_SENDER,
		    _("The message went out through %.*s, a provider that "
		      "sends for its customers."),
		    MXA_STR_ARG(s->host));
		break;
	case MXA_SENDER_REPORTED:
	case MXA_SENDER_REPORTER:
		MXA_SAY(d, MXA_TOPIC_SENDER,
		    _("The bounce names no address; that of %.*s, which wrote "
		      "it, was taken (%s)."),
		    MXA_STR_ARG(s->host), ip);
		break;
	case MXA_SENDER_MX:
		MXA_SAY(d, MXA_TOPIC_SENDER,
		    _("The bounce names no address; it is inferred that the "
		      "MX of %.*s also sends (%s). This is a guess."),
		    MXA_STR_ARG(d->mail_domain), ip);
		break;
	case MXA_SENDER_HOST:
		MXA_SAY(d, MXA_TOPIC_SENDER,
		    _("The bounce names no address; it is inferred that %.*s "
		      "itself sends (%s). This is a guess."),
		    MXA_STR_ARG(s->host), ip);
		break;
	case MXA_SENDER_UNKNOWN:
		MXA_SAY(d, MXA_TOPIC_SENDER,
		    _("The bounce names no address, and none can be "
		      "inferred."));
		break;
	}
}
