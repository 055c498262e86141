/* provider.c - the table of mail providers. */
#include "bounce/provider.h"

#include "base/attr.h"
#include "base/domain.h"
#include "bounce/find.h"

static const struct {
	const char *provider;
	const char *suffix[6]; /* of its hosts, at a label; NULL: no more */
} hosts[] = {
	{ "gmail", { "google.com", "googlemail.com", "gmail.com" } },
	{ "microsoft",
	    { "outlook.com", "hotmail.com", "office365.us",
		"exchangelabs.com" } },
	{ "yahoo", { "yahoodns.net", "yahoo.com", "aol.com" } },
	{ "yahoo-japan", { "yahoo.co.jp" } },
	{ "apple", { "icloud.com", "me.com", "apple.com" } },
	{ "mailru", { "mail.ru" } },
	{ "zoho", { "zoho.com", "zohomail.com", "zoho.eu" } },
	{ "comcast", { "comcast.net" } },
	{ "gmx", { "gmx.net", "gmx.de", "gmx.com", "web.de", "mail.com" } },
	{ "ionos", { "kundenserver.de", "ionos.com" } },
	{ "xs4all", { "xs4all.nl" } },
	{ "kpn", { "kpnmail.nl" } },
	{ "qq", { "qq.com" } },
	{ "netease", { "163.com", "126.com", "netease.com" } },
	{ "laposte", { "laposte.net" } },
	{ "orange", { "orange.fr", "wanadoo.fr" } },
	{ "free", { "free.fr" } },
	{ "sfr", { "sfr.fr" } },
	{ "mimecast", { "mimecast.com" } },
	{ "godaddy", { "secureserver.net" } },
	{ "proofpoint", { "pphosted.com", "ppe-hosted.com" } },
	{ "cisco", { "iphmx.com" } },
	{ "barracuda", { "barracudanetworks.com" } },
	{ "broadcom", { "messagelabs.com" } },
	{ "docomo", { "docomo.ne.jp" } },
	{ "au", { "au.com", "ezweb.ne.jp" } },
	{ "softbank", { "softbank.jp", "softbank.ne.jp" } },
	{ "cox", { "cox.net" } },
	{ "yandex", { "yandex.ru", "yandex.net" } },
	{ "fastmail", { "fastmail.com", "messagingengine.com" } },
	{ "proton", { "protonmail.ch" } },
	{ "t-online", { "t-online.de" } },
	{ "freenet", { "freenet.de" } },
	{ "libero", { "libero.it" } },
	{ "uol", { "uol.com.br" } },
	{ "seznam", { "seznam.cz" } },
	{ "naver", { "naver.com" } },
	{ "amazon-ses", { "amazonses.com" } },
	{ "sendgrid", { "sendgrid.net" } },
	{ "mailgun", { "mailgun.net", "mailgun.org" } },
	{ "mailjet", { "mailjet.com" } },
	{ "mailchimp", { "mandrillapp.com", "mcsv.net" } },
	{ "postmark", { "mtasv.net" } },
	{ "brevo", { "sendinblue.com" } },
	{ "sparkpost", { "sparkpostmail.com" } },
	{ "rackspace", { "emailsrvr.com" } },
	{ "mxroute", { "mxroute.com" } },
	{ "mailchannels", { "mailchannels.net" } },
	{ "smtp2go", { "smtp2go.com" } },
	{ "ovh", { "ovh.net" } },
	{ "gandi", { "gandi.net" } },
	{ "mailbox-org", { "mailbox.org" } },
	{ "lolipop", { "lolipop.jp" } },
	{ "salesforce", { "salesforce.com" } },
	{ "zendesk", { "zendesk.com" } },
};

/* Marks that only one provider writes. */
static const struct {
	const char *provider;
	const char *text[8]; /* the last is NULL */
} marks[] = {
	{ "gmail", { "support.google.com", "gsmtp" } },
	{ "yahoo", { "[PH01]", "[TSS0", "postmaster.yahooinc.com" } },
	{ "microsoft",
	    { "prod.outlook.com", "protection.outlook.com", "go.microsoft.com",
		"sender.office.com", "aka.ms/", "mail.live.com" } },
	{ "apple", { "[HM", "[CS01]", "support.apple.com" } },
	{ "laposte", { "LPN00" } },
	{ "gmx", { "postmaster.gmx." } },
	{ "mimecast", { "mimecast.com" } },
	{ "mailru", { "owner DMARC policy (RFC" } },
	{ "zoho", { "ERROR_CODE :" } },
};

const char *mxa_provider_of_host(struct mxa_str host)
{
	while (host.len > 0 && host.p[host.len - 1] == '.')
		host.len--;
	for (size_t i = 0; i < MXA_ARRAY_LEN(hosts); i++)
		for (const char *const *s = hosts[i].suffix; *s != NULL; s++)
			if (mxa_domain_within(host, mxa_str_from(*s)))
				return hosts[i].provider;
	return "";
}

const char *mxa_provider_of_text(struct mxa_str text)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(marks); i++)
		if (mxa_any_in(text, marks[i].text))
			return marks[i].provider;
	return "";
}
