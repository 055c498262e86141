/* spf_provider.c - whose servers an address belongs to. */
#include "record/spf_provider.h"

#include "auth/orgdom.h"
#include "base/attr.h"
#include "base/domain.h"
#include "record/spf_try.h"

/* Hosts of those who send for their customers, and the name that their manuals
 * tell customers to include. */
static const struct {
	struct mxa_str host;
	const char *include;
} documented[] = {
	{ MXA_STR_INIT("google.com"), "_spf.google.com" },
	{ MXA_STR_INIT("googlemail.com"), "_spf.google.com" },
	{ MXA_STR_INIT("outbound.protection.outlook.com"),
	    "spf.protection.outlook.com" },
	{ MXA_STR_INIT("prod.outlook.com"), "spf.protection.outlook.com" },
	{ MXA_STR_INIT("exchangelabs.com"), "spf.protection.outlook.com" },
	{ MXA_STR_INIT("amazonses.com"), "amazonses.com" },
	{ MXA_STR_INIT("sendgrid.net"), "sendgrid.net" },
	{ MXA_STR_INIT("mailgun.net"), "mailgun.org" },
	{ MXA_STR_INIT("mailgun.org"), "mailgun.org" },
	{ MXA_STR_INIT("mcsv.net"), "servers.mcsv.net" },
	{ MXA_STR_INIT("mcdlv.net"), "servers.mcsv.net" },
	{ MXA_STR_INIT("mandrillapp.com"), "spf.mandrillapp.com" },
	{ MXA_STR_INIT("mtasv.net"), "spf.mtasv.net" },
	{ MXA_STR_INIT("mailjet.com"), "spf.mailjet.com" },
	{ MXA_STR_INIT("sparkpostmail.com"), "sparkpostmail.com" },
	{ MXA_STR_INIT("smtp2go.com"), "spf.smtp2go.com" },
	{ MXA_STR_INIT("mailchannels.net"), "relay.mailchannels.net" },
	{ MXA_STR_INIT("zoho.com"), "zohomail.com" },
	{ MXA_STR_INIT("zoho.eu"), "zohomail.eu" },
	{ MXA_STR_INIT("messagingengine.com"), "spf.messagingengine.com" },
	{ MXA_STR_INIT("protonmail.ch"), "_spf.protonmail.ch" },
	{ MXA_STR_INIT("emailsrvr.com"), "emailsrvr.com" },
	{ MXA_STR_INIT("secureserver.net"), "secureserver.net" },
	{ MXA_STR_INIT("mimecast.com"), "_netblocks.mimecast.com" },
	{ MXA_STR_INIT("messagelabs.com"), "spf.messagelabs.com" },
	{ MXA_STR_INIT("mail.ru"), "_spf.mail.ru" },
	{ MXA_STR_INIT("yandex.net"), "_spf.yandex.net" },
};

#define MAX_STEPS 6 /* labels looked at above a host */
#define MAX_NAMES 4 /* PTR records looked at */

static bool is_suffix(const struct mxa_engine_env *env, struct mxa_str name)
{
	const struct mxa_psl *psl = env->options->psl;

	return mxa_domain_labels(name) < 2 ||
	    (psl != NULL && mxa_psl_is_suffix(psl, name));
}

struct mxa_str mxa_spf_documented(struct mxa_str host)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(documented); i++)
		if (mxa_domain_within(host, documented[i].host))
			return mxa_str_from(documented[i].include);
	return MXA_STR("");
}

/* The documented name, when it covers the address today. */
static struct mxa_str documented_include(const struct mxa_engine_env *env,
    struct mxa_str host, const struct mxa_ip *ip)
{
	struct mxa_str name = mxa_spf_documented(host);

	if (name.len > 0 && mxa_spf_covers(env, name, ip))
		return name;
	return MXA_STR("");
}

/* 'host' or a name above it. */
static struct mxa_str include_of_host(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip, struct mxa_str host)
{
	struct mxa_str name;
	unsigned steps = 0;

	if (mxa_domain_related(host, domain))
		return MXA_STR("");
	name = documented_include(env, host, ip);
	if (name.len > 0)
		return name;
	for (name = host; !is_suffix(env, name) && steps < MAX_STEPS;
	     name = mxa_domain_parent(name), steps++) {
		if (mxa_domain_related(name, domain))
			return MXA_STR("");
		if (mxa_spf_covers(env, name, ip))
			return name;
	}
	return MXA_STR("");
}

struct mxa_str mxa_spf_provider(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip, struct mxa_str relay)
{
	const struct mxa_dns_answer *ptr;
	char reverse[MXA_IP_REVERSE];
	struct mxa_str found = MXA_STR(""), host;

	ptr = mxa_dns_lookup(env->budget, MXA_SHARE_OTHER,
	    mxa_str_from(mxa_ip_reverse(ip, reverse)), MXA_DNS_PTR);
	for (size_t i = 0; i < ptr->n && i < MAX_NAMES && found.len == 0; i++)
		if (mxa_domain_canonical(env->arena, ptr->rr[i].text, &host) ==
		    MXA_OK)
			found = include_of_host(env, domain, ip, host);
	if (found.len == 0 && relay.len > 0)
		found = include_of_host(env, domain, ip, relay);
	return found;
}

struct mxa_str mxa_spf_parent(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip)
{
	struct mxa_str name = mxa_domain_parent(domain);

	for (; !is_suffix(env, name); name = mxa_domain_parent(name))
		if (mxa_spf_covers(env, name, ip))
			return name;
	return MXA_STR("");
}
