/* provider.c - the table of mail providers. */
#include "bounce/provider.h"

#include "base/attr.h"

static const struct {
	struct mxa_str suffix; /* of a host name, at a label */
	const char *provider;
} hosts[] = {
	{ MXA_STR_INIT("google.com"), "gmail" },
	{ MXA_STR_INIT("googlemail.com"), "gmail" },
	{ MXA_STR_INIT("gmail.com"), "gmail" },
	{ MXA_STR_INIT("outlook.com"), "microsoft" },
	{ MXA_STR_INIT("hotmail.com"), "microsoft" },
	{ MXA_STR_INIT("office365.us"), "microsoft" },
	{ MXA_STR_INIT("exchangelabs.com"), "microsoft" },
	{ MXA_STR_INIT("yahoodns.net"), "yahoo" },
	{ MXA_STR_INIT("yahoo.com"), "yahoo" },
	{ MXA_STR_INIT("aol.com"), "yahoo" },
	{ MXA_STR_INIT("yahoo.co.jp"), "yahoo-japan" },
	{ MXA_STR_INIT("icloud.com"), "apple" },
	{ MXA_STR_INIT("me.com"), "apple" },
	{ MXA_STR_INIT("apple.com"), "apple" },
	{ MXA_STR_INIT("mail.ru"), "mailru" },
	{ MXA_STR_INIT("zoho.com"), "zoho" },
	{ MXA_STR_INIT("zohomail.com"), "zoho" },
	{ MXA_STR_INIT("zoho.eu"), "zoho" },
	{ MXA_STR_INIT("comcast.net"), "comcast" },
	{ MXA_STR_INIT("gmx.net"), "gmx" },
	{ MXA_STR_INIT("gmx.de"), "gmx" },
	{ MXA_STR_INIT("gmx.com"), "gmx" },
	{ MXA_STR_INIT("web.de"), "gmx" },
	{ MXA_STR_INIT("mail.com"), "gmx" },
	{ MXA_STR_INIT("kundenserver.de"), "ionos" },
	{ MXA_STR_INIT("ionos.com"), "ionos" },
	{ MXA_STR_INIT("xs4all.nl"), "xs4all" },
	{ MXA_STR_INIT("kpnmail.nl"), "kpn" },
	{ MXA_STR_INIT("qq.com"), "qq" },
	{ MXA_STR_INIT("163.com"), "netease" },
	{ MXA_STR_INIT("126.com"), "netease" },
	{ MXA_STR_INIT("netease.com"), "netease" },
	{ MXA_STR_INIT("laposte.net"), "laposte" },
	{ MXA_STR_INIT("orange.fr"), "orange" },
	{ MXA_STR_INIT("wanadoo.fr"), "orange" },
	{ MXA_STR_INIT("free.fr"), "free" },
	{ MXA_STR_INIT("sfr.fr"), "sfr" },
	{ MXA_STR_INIT("mimecast.com"), "mimecast" },
	{ MXA_STR_INIT("secureserver.net"), "godaddy" },
	{ MXA_STR_INIT("pphosted.com"), "proofpoint" },
	{ MXA_STR_INIT("ppe-hosted.com"), "proofpoint" },
	{ MXA_STR_INIT("iphmx.com"), "cisco" },
	{ MXA_STR_INIT("barracudanetworks.com"), "barracuda" },
	{ MXA_STR_INIT("messagelabs.com"), "broadcom" },
	{ MXA_STR_INIT("docomo.ne.jp"), "docomo" },
	{ MXA_STR_INIT("au.com"), "au" },
	{ MXA_STR_INIT("ezweb.ne.jp"), "au" },
	{ MXA_STR_INIT("softbank.jp"), "softbank" },
	{ MXA_STR_INIT("softbank.ne.jp"), "softbank" },
	{ MXA_STR_INIT("cox.net"), "cox" },
	{ MXA_STR_INIT("yandex.ru"), "yandex" },
	{ MXA_STR_INIT("yandex.net"), "yandex" },
	{ MXA_STR_INIT("fastmail.com"), "fastmail" },
	{ MXA_STR_INIT("messagingengine.com"), "fastmail" },
	{ MXA_STR_INIT("protonmail.ch"), "proton" },
	{ MXA_STR_INIT("t-online.de"), "t-online" },
	{ MXA_STR_INIT("freenet.de"), "freenet" },
	{ MXA_STR_INIT("libero.it"), "libero" },
	{ MXA_STR_INIT("uol.com.br"), "uol" },
	{ MXA_STR_INIT("seznam.cz"), "seznam" },
	{ MXA_STR_INIT("naver.com"), "naver" },
	{ MXA_STR_INIT("amazonses.com"), "amazon-ses" },
	{ MXA_STR_INIT("sendgrid.net"), "sendgrid" },
	{ MXA_STR_INIT("mailgun.net"), "mailgun" },
	{ MXA_STR_INIT("mailgun.org"), "mailgun" },
	{ MXA_STR_INIT("mailjet.com"), "mailjet" },
	{ MXA_STR_INIT("mandrillapp.com"), "mailchimp" },
	{ MXA_STR_INIT("mcsv.net"), "mailchimp" },
	{ MXA_STR_INIT("mtasv.net"), "postmark" },
	{ MXA_STR_INIT("sendinblue.com"), "brevo" },
	{ MXA_STR_INIT("sparkpostmail.com"), "sparkpost" },
	{ MXA_STR_INIT("emailsrvr.com"), "rackspace" },
	{ MXA_STR_INIT("mxroute.com"), "mxroute" },
	{ MXA_STR_INIT("mailchannels.net"), "mailchannels" },
	{ MXA_STR_INIT("smtp2go.com"), "smtp2go" },
	{ MXA_STR_INIT("ovh.net"), "ovh" },
	{ MXA_STR_INIT("gandi.net"), "gandi" },
	{ MXA_STR_INIT("mailbox.org"), "mailbox-org" },
	{ MXA_STR_INIT("lolipop.jp"), "lolipop" },
	{ MXA_STR_INIT("salesforce.com"), "salesforce" },
	{ MXA_STR_INIT("zendesk.com"), "zendesk" },
};

/* Marks that only one provider writes. */
static const struct {
	struct mxa_str text;
	const char *provider;
} marks[] = {
	{ MXA_STR_INIT("support.google.com"), "gmail" },
	{ MXA_STR_INIT("gsmtp"), "gmail" },
	{ MXA_STR_INIT("[PH01]"), "yahoo" },
	{ MXA_STR_INIT("[TSS0"), "yahoo" },
	{ MXA_STR_INIT("postmaster.yahooinc.com"), "yahoo" },
	{ MXA_STR_INIT("prod.outlook.com"), "microsoft" },
	{ MXA_STR_INIT("protection.outlook.com"), "microsoft" },
	{ MXA_STR_INIT("go.microsoft.com"), "microsoft" },
	{ MXA_STR_INIT("sender.office.com"), "microsoft" },
	{ MXA_STR_INIT("aka.ms/"), "microsoft" },
	{ MXA_STR_INIT("mail.live.com"), "microsoft" },
	{ MXA_STR_INIT("[HM"), "apple" },
	{ MXA_STR_INIT("[CS01]"), "apple" },
	{ MXA_STR_INIT("support.apple.com"), "apple" },
	{ MXA_STR_INIT("LPN00"), "laposte" },
	{ MXA_STR_INIT("postmaster.gmx."), "gmx" },
	{ MXA_STR_INIT("mimecast.com"), "mimecast" },
	{ MXA_STR_INIT("owner DMARC policy (RFC"), "mailru" },
	{ MXA_STR_INIT("ERROR_CODE :"), "zoho" },
};

/* The row of the host's owner; MXA_ARRAY_LEN(hosts): none. */
static size_t host_row(struct mxa_str host)
{
	size_t i = 0;

	while (host.len > 0 && host.p[host.len - 1] == '.')
		host.len--;
	for (; i < MXA_ARRAY_LEN(hosts); i++) {
		struct mxa_str s = hosts[i].suffix;

		if (host.len < s.len ||
		    (host.len > s.len && host.p[host.len - s.len - 1] != '.'))
			continue;
		if (mxa_str_caseeq(
			mxa_str_sub(host, host.len - s.len, host.len), s))
			break;
	}
	return i;
}

const char *mxa_provider_of_host(struct mxa_str host)
{
	size_t i = host_row(host);

	return i < MXA_ARRAY_LEN(hosts) ? hosts[i].provider : "";
}

const char *mxa_provider_of_text(struct mxa_str text)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(marks); i++)
		if (mxa_str_casefind(text, marks[i].text) < text.len)
			return marks[i].provider;
	return "";
}
