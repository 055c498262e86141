/* refusal.c - the table of words by which receivers refuse.
 *
 * A row holds when its provider is the one that spoke (or is NULL), its code
 * fits (or is NULL; "5.7.26" also stands for 4.7.26) and both fragments are in
 * the text.  Rows of a provider come before the general ones; within them the
 * first that holds counts.  Sources, by letter:
 *
 *  G  Google, "Email sender guidelines" FAQ and "SMTP error reference"
 *  M  Microsoft, "Fix NDR errors in Exchange Online"; Outlook.com policies
 *  Y  Yahoo Sender Hub, "SMTP error codes"
 *  P  the provider's own postmaster pages
 *  B  seen in public collections of bounces
 *  R  RFC 3463, 7372, 7505, 8601 and the IANA registry of enhanced codes
 *  S  sources of the server or filter that writes it
 */
#include "bounce/refusal.h"

#include <string.h>

#include "base/attr.h"

const char *mxa_refusal_class_name(enum mxa_refusal_class c)
{
	switch (c) {
	case MXA_RF_DMARC:
		return "dmarc-policy";
	case MXA_RF_SPF:
		return "spf-fail";
	case MXA_RF_SPF_ERROR:
		return "spf-error";
	case MXA_RF_DKIM:
		return "dkim-fail";
	case MXA_RF_NO_AUTH:
		return "no-auth";
	case MXA_RF_ALIGN:
		return "alignment";
	case MXA_RF_NO_DMARC:
		return "no-dmarc-record";
	case MXA_RF_UNKNOWN_USER:
		return "unknown-user";
	case MXA_RF_MAILBOX_FULL:
		return "mailbox-full";
	case MXA_RF_BLACKLIST:
		return "blacklist";
	case MXA_RF_RDNS:
		return "rdns";
	case MXA_RF_FROM_HEADER:
		return "from-header";
	case MXA_RF_TLS:
		return "tls";
	case MXA_RF_NULL_MX:
		return "null-mx";
	case MXA_RF_RATE:
		return "rate-limit";
	case MXA_RF_GREYLIST:
		return "greylist";
	case MXA_RF_CONTENT:
		return "content";
	case MXA_RF_SIZE:
		return "too-large";
	case MXA_RF_RELAY:
		return "relay-denied";
	case MXA_RF_ROUTING:
		return "routing";
	case MXA_RF_RULE:
		return "administrator-rule";
	case MXA_RF_DISABLED:
		return "account-disabled";
	case MXA_RF_OTHER:
		return "other";
	}
	return "other";
}

/* --- whose server --- */

static const struct {
	struct mxa_str suffix;
	const char *provider;
} hosts[] = {
	{ MXA_STR_INIT("google.com"), "gmail" },
	{ MXA_STR_INIT("googlemail.com"), "gmail" },
	{ MXA_STR_INIT("gmail.com"), "gmail" },
	{ MXA_STR_INIT("outlook.com"), "microsoft" },
	{ MXA_STR_INIT("hotmail.com"), "microsoft" },
	{ MXA_STR_INIT("office365.us"), "microsoft" },
	{ MXA_STR_INIT("yahoodns.net"), "yahoo" },
	{ MXA_STR_INIT("yahoo.com"), "yahoo" },
	{ MXA_STR_INIT("aol.com"), "yahoo" },
	{ MXA_STR_INIT("yahoo.co.jp"), "yahoo-japan" },
	{ MXA_STR_INIT("icloud.com"), "apple" },
	{ MXA_STR_INIT("me.com"), "apple" },
	{ MXA_STR_INIT("apple.com"), "apple" },
	{ MXA_STR_INIT("mail.ru"), "mail.ru" },
	{ MXA_STR_INIT("zoho.com"), "zoho" },
	{ MXA_STR_INIT("zoho.eu"), "zoho" },
	{ MXA_STR_INIT("comcast.net"), "comcast" },
	{ MXA_STR_INIT("gmx.net"), "gmx" },
	{ MXA_STR_INIT("gmx.de"), "gmx" },
	{ MXA_STR_INIT("web.de"), "gmx" },
	{ MXA_STR_INIT("mail.com"), "gmx" },
	{ MXA_STR_INIT("kundenserver.de"), "ionos" },
	{ MXA_STR_INIT("xs4all.nl"), "xs4all" },
	{ MXA_STR_INIT("qq.com"), "qq" },
	{ MXA_STR_INIT("163.com"), "netease" },
	{ MXA_STR_INIT("126.com"), "netease" },
	{ MXA_STR_INIT("netease.com"), "netease" },
	{ MXA_STR_INIT("laposte.net"), "laposte" },
	{ MXA_STR_INIT("orange.fr"), "orange" },
	{ MXA_STR_INIT("free.fr"), "free" },
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
};

/* Marks that only one provider writes. */
static const struct {
	struct mxa_str text;
	const char *provider;
} marks[] = {
	{ MXA_STR_INIT("support.google.com"), "gmail" },
	{ MXA_STR_INIT("[PH01]"), "yahoo" },
	{ MXA_STR_INIT("[TSS0"), "yahoo" },
	{ MXA_STR_INIT("postmaster.yahooinc.com"), "yahoo" },
	{ MXA_STR_INIT("prod.outlook.com"), "microsoft" },
	{ MXA_STR_INIT("protection.outlook.com"), "microsoft" },
	{ MXA_STR_INIT("go.microsoft.com"), "microsoft" },
	{ MXA_STR_INIT("aka.ms/"), "microsoft" },
	{ MXA_STR_INIT("[HM"), "apple" },
	{ MXA_STR_INIT("support.apple.com"), "apple" },
	{ MXA_STR_INIT("LPN00"), "laposte" },
	{ MXA_STR_INIT("postmaster.gmx."), "gmx" },
	{ MXA_STR_INIT("community.mimecast.com"), "mimecast" },
	{ MXA_STR_INIT("owner DMARC policy (RFC"), "mail.ru" },
};

static const char *host_provider(struct mxa_str host)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(hosts); i++) {
		struct mxa_str s = hosts[i].suffix;

		if (host.len < s.len ||
		    (host.len > s.len && host.p[host.len - s.len - 1] != '.'))
			continue;
		if (mxa_str_caseeq(
			mxa_str_sub(host, host.len - s.len, host.len), s))
			return hosts[i].provider;
	}
	return "";
}

const char *mxa_provider_of(
    struct mxa_str remote_mta, const struct mxa_said *said)
{
	const char *p = host_provider(remote_mta);

	if (p[0] != '\0')
		return p;
	if (said->gsmtp)
		return "gmail";
	for (size_t i = 0; i < MXA_ARRAY_LEN(marks); i++)
		if (mxa_str_casefind(said->text, marks[i].text) <
		    said->text.len)
			return marks[i].provider;
	return "";
}

/* --- what was said --- */

#define S MXA_BY_SPF
#define D MXA_BY_DKIM
#define P MXA_BY_DMARC

static const struct row {
	const char *provider; /* NULL: anybody */
	const char *code;     /* enhanced, reply code, or NULL */
	const char *text;     /* fragment; NULL: any text */
	const char *also;     /* another one that must be there, or NULL */
	enum mxa_refusal_class class;
	unsigned methods;
} rows[] = {
	/* Google [G, B] */
	{ "gmail", NULL, "IPv6 sending guidelines", NULL, MXA_RF_RDNS, 0 },
	{ "gmail", NULL, "DMARC policy", NULL, MXA_RF_DMARC, P },
	{ "gmail", NULL, "DMARC", "temporary DNS", MXA_RF_DMARC, P },
	{ "gmail", NULL, "hard fail policy (-all)", NULL, MXA_RF_SPF, S },
	{ "gmail", NULL, "suspicious entries", NULL, MXA_RF_SPF_ERROR, S },
	{ "gmail", NULL, "authenticate with", "SPF or DKIM", MXA_RF_NO_AUTH,
	    S | D },
	{ "gmail", NULL, "authenticate with", "either SPF", MXA_RF_NO_AUTH,
	    S | D },
	{ "gmail", NULL, "authentication information", NULL, MXA_RF_NO_AUTH,
	    S | D },
	{ "gmail", NULL, "is unauthenticated", NULL, MXA_RF_NO_AUTH, S | D },
	{ "gmail", "5.7.24", NULL, NULL, MXA_RF_SPF_ERROR, S },
	{ "gmail", "5.7.27", NULL, NULL, MXA_RF_SPF, S },
	{ "gmail", "5.7.30", NULL, NULL, MXA_RF_DKIM, D },
	{ "gmail", "5.7.31", NULL, NULL, MXA_RF_NO_DMARC, P },
	{ "gmail", "5.7.40", NULL, NULL, MXA_RF_NO_DMARC, P },
	{ "gmail", "5.7.32", NULL, NULL, MXA_RF_ALIGN, P },
	{ "gmail", "5.7.23", NULL, NULL, MXA_RF_RDNS, 0 },
	{ "gmail", "5.7.25", NULL, NULL, MXA_RF_RDNS, 0 },
	{ "gmail", "5.7.29", NULL, NULL, MXA_RF_TLS, 0 },
	{ "gmail", "5.7.26", NULL, NULL, MXA_RF_NO_AUTH, S | D },
	{ "gmail", NULL, "RFC 5322", "From", MXA_RF_FROM_HEADER, 0 },
	/* Microsoft [M, B]; 515 is refined by the results it lists */
	{ "microsoft", "5.7.509", NULL, NULL, MXA_RF_DMARC, P },
	{ "microsoft", "5.7.515", NULL, NULL, MXA_RF_NO_AUTH, S | D | P },
	{ "microsoft", "5.7.512", NULL, NULL, MXA_RF_FROM_HEADER, 0 },
	{ "microsoft", "5.7.23", NULL, NULL, MXA_RF_SPF, S },
	{ "microsoft", "5.7.26", NULL, NULL, MXA_RF_NO_AUTH, S | D },
	{ "microsoft", "5.7.0", "owner policy restrictions", NULL, MXA_RF_DMARC,
	    P },
	{ "microsoft", NULL, "policy restrictions of the domain", NULL,
	    MXA_RF_DMARC, P },
	{ "microsoft", "5.7.511", NULL, NULL, MXA_RF_BLACKLIST, 0 },
	{ "microsoft", "5.7.501", NULL, NULL, MXA_RF_BLACKLIST, 0 },
	{ "microsoft", "5.7.502", NULL, NULL, MXA_RF_BLACKLIST, 0 },
	{ "microsoft", "5.7.503", NULL, NULL, MXA_RF_BLACKLIST, 0 },
	{ "microsoft", "5.7.606", NULL, NULL, MXA_RF_BLACKLIST, 0 },
	{ "microsoft", "5.7.57", NULL, NULL, MXA_RF_RELAY, 0 },
	{ "microsoft", "5.4.1", NULL, NULL, MXA_RF_UNKNOWN_USER, 0 },
	/* Yahoo, AOL [Y] */
	{ "yahoo", NULL, "sender is unauthenticated", NULL, MXA_RF_NO_AUTH,
	    S | D },
	{ "yahoo", NULL, "[PH01]", NULL, MXA_RF_CONTENT, 0 },
	{ "yahoo", NULL, "[TSS", NULL, MXA_RF_RATE, 0 },
	{ "yahoo", NULL, "not accepted for policy reasons", NULL, MXA_RF_DMARC,
	    P },
	{ "yahoo", "5.7.9", NULL, NULL, MXA_RF_DMARC, P },
	/* Apple [P, B] */
	{ "apple", NULL, "[HME1]", NULL, MXA_RF_NO_AUTH, S | D },
	{ "apple", NULL, "DMARC", NULL, MXA_RF_DMARC, P },
	/* La Poste, Orange [P] */
	{ NULL, NULL, "LPN007_517", NULL, MXA_RF_DMARC, P },
	{ NULL, NULL, "LPN004_401", NULL, MXA_RF_SPF, S },
	/* GoDaddy [P] */
	{ "godaddy", NULL, "IB508", NULL, MXA_RF_SPF, S },
	/* Cox [P] */
	{ "cox", NULL, "no rDNS", NULL, MXA_RF_RDNS, 0 },
	/* MailGates gateways in Japan and Taiwan [B] */
	{ NULL, "550", "sorry, we don't allow this mail", NULL, MXA_RF_DMARC,
	    P },
	/* Workspace: routing rules of the recipient's company are in 'rule' */

	/* --- anybody --- */
	{ NULL, NULL, "no DMARC record", NULL, MXA_RF_NO_DMARC, P }, /* B */
	{ NULL, NULL, "DMARC record", "not found", MXA_RF_NO_DMARC, P },
	{ NULL, NULL, "DMARC record", "missing", MXA_RF_NO_DMARC, P },
	{ NULL, NULL, "null MX", NULL, MXA_RF_NULL_MX, 0 }, /* R: 7505 */
	{ NULL, NULL, "nullMX", NULL, MXA_RF_NULL_MX, 0 },
	{ NULL, NULL, "DMARC", NULL, MXA_RF_DMARC, P }, /* Zoho, GMX, … */
	{ NULL, NULL, "owner policy restrictions", NULL, MXA_RF_DMARC, P },
	/* both named [B] */
	{ NULL, NULL, "neither SPF", "DKIM", MXA_RF_NO_AUTH, S | D },
	{ NULL, NULL, "SPF", "and DKIM", MXA_RF_NO_AUTH, S | D },
	{ NULL, NULL, "SPF", "or DKIM", MXA_RF_NO_AUTH, S | D },
	{ NULL, NULL, "sender is unauthenticated", NULL, MXA_RF_NO_AUTH,
	    S | D },
	{ NULL, NULL, "unauthenticated email", NULL, MXA_RF_NO_AUTH, S | D },
	/* SPF in trouble: RFC 7208 words, policyd-spf, pyspf, Exim [S] */
	{ NULL, NULL, "SPF", "permerror", MXA_RF_SPF_ERROR, S },
	{ NULL, NULL, "SPF", "perm error", MXA_RF_SPF_ERROR, S },
	{ NULL, NULL, "SPF", "permanent error", MXA_RF_SPF_ERROR, S },
	{ NULL, NULL, "SPF", "temperror", MXA_RF_SPF_ERROR, S },
	{ NULL, NULL, "SPF", "temporary error", MXA_RF_SPF_ERROR, S },
	{ NULL, NULL, "SPF", "too many", MXA_RF_SPF_ERROR, S },
	{ NULL, NULL, "SPF", "invalid record", MXA_RF_SPF_ERROR, S },
	{ NULL, NULL, "Sender Policy Framework", NULL, MXA_RF_SPF, S },
	{ NULL, NULL, "openspf.", NULL, MXA_RF_SPF, S }, /* S: the Why? page */
	{ NULL, NULL, "open-spf.", NULL, MXA_RF_SPF, S },
	{ NULL, NULL, "spf.pobox.com", NULL, MXA_RF_SPF, S },
	{ NULL, NULL, "SPF", NULL, MXA_RF_SPF, S },
	{ NULL, NULL, "DKIM", NULL, MXA_RF_DKIM, D },
	{ NULL, NULL, "DomainKeys", NULL, MXA_RF_DKIM, D },
	{ NULL, NULL, "not authorized to send", "domain", MXA_RF_SPF, S },
	{ NULL, NULL, "not permitted to send mail for", NULL, MXA_RF_SPF, S },
	{ NULL, NULL, "not designated", "sender", MXA_RF_SPF, S },
	{ NULL, NULL, "required authentication level", NULL, MXA_RF_NO_AUTH,
	    S | D | P },
	/* reverse DNS [B, S: Postfix, Exim] */
	{ NULL, NULL, "reverse DNS", NULL, MXA_RF_RDNS, 0 },
	{ NULL, NULL, "reverse lookup", NULL, MXA_RF_RDNS, 0 },
	{ NULL, NULL, "reverse hostname", NULL, MXA_RF_RDNS, 0 },
	{ NULL, NULL, "cannot find your hostname", NULL, MXA_RF_RDNS, 0 },
	{ NULL, NULL, "cannot find your reverse", NULL, MXA_RF_RDNS, 0 },
	{ NULL, NULL, "no PTR", NULL, MXA_RF_RDNS, 0 },
	{ NULL, NULL, "PTR record", NULL, MXA_RF_RDNS, 0 },
	{ NULL, NULL, "no rDNS", NULL, MXA_RF_RDNS, 0 },
	/* lists of addresses [B] */
	{ NULL, NULL, "spamhaus", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "blacklist", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "black list", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "blocklist", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "block list", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "blocked using", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "DNSBL", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "RBL", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "poor reputation", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "low reputation", NULL, MXA_RF_BLACKLIST, 0 },
	{ NULL, NULL, "banned", NULL, MXA_RF_BLACKLIST, 0 },
	/* mailbox [B, R] */
	{ NULL, NULL, "mailbox full", NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, NULL, "mailbox is full", NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, NULL, "over quota", NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, NULL, "overquota", NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, NULL, "quota exceeded", NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, NULL, "exceeded storage", NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, NULL, "out of storage", NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, NULL, "insufficient storage", NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, "5.2.2", NULL, NULL, MXA_RF_MAILBOX_FULL, 0 },
	{ NULL, NULL, "account is disabled", NULL, MXA_RF_DISABLED, 0 },
	{ NULL, NULL, "account disabled", NULL, MXA_RF_DISABLED, 0 },
	{ NULL, NULL, "mailbox disabled", NULL, MXA_RF_DISABLED, 0 },
	{ NULL, NULL, "account has been disabled", NULL, MXA_RF_DISABLED, 0 },
	{ NULL, "5.2.1", NULL, NULL, MXA_RF_DISABLED, 0 },
	/* unknown user [B, S] */
	{ NULL, NULL, "user unknown", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "unknown user", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "no such user", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "no such recipient", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "does not exist", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "doesn't exist", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "doesn't have a", "account", MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "no mailbox here", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "recipient not found", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "recipnotfound", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "mailbox unavailable", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "mailbox not found", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "invalid recipient", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "recipient address rejected", "undeliverable",
	    MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "user doesn't", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, NULL, "user not found", NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, "5.1.1", NULL, NULL, MXA_RF_UNKNOWN_USER, 0 },
	{ NULL, "5.1.10", NULL, NULL, MXA_RF_UNKNOWN_USER, 0 },
	/* the rest [R, B] */
	{ NULL, NULL, "greylist", NULL, MXA_RF_GREYLIST, 0 },
	{ NULL, NULL, "graylist", NULL, MXA_RF_GREYLIST, 0 },
	{ NULL, NULL, "greylisted", NULL, MXA_RF_GREYLIST, 0 },
	{ NULL, NULL, "try again in", "seconds", MXA_RF_GREYLIST, 0 },
	{ NULL, NULL, "rate limit", NULL, MXA_RF_RATE, 0 },
	{ NULL, NULL, "too many messages", NULL, MXA_RF_RATE, 0 },
	{ NULL, NULL, "too many connections", NULL, MXA_RF_RATE, 0 },
	{ NULL, NULL, "unusual rate", NULL, MXA_RF_RATE, 0 },
	{ NULL, NULL, "relay", "denied", MXA_RF_RELAY, 0 },
	{ NULL, NULL, "relay", "not permitted", MXA_RF_RELAY, 0 },
	{ NULL, NULL, "unable to relay", NULL, MXA_RF_RELAY, 0 },
	{ NULL, NULL, "relaying", NULL, MXA_RF_RELAY, 0 },
	{ NULL, NULL, "too large", NULL, MXA_RF_SIZE, 0 },
	{ NULL, NULL, "size limit", NULL, MXA_RF_SIZE, 0 },
	{ NULL, NULL, "exceeds", "size", MXA_RF_SIZE, 0 },
	{ NULL, NULL, "maximum", "size", MXA_RF_SIZE, 0 },
	{ NULL, "5.3.4", NULL, NULL, MXA_RF_SIZE, 0 },
	{ NULL, "5.2.3", NULL, NULL, MXA_RF_SIZE, 0 },
	{ NULL, NULL, "host or domain name not found", NULL, MXA_RF_ROUTING,
	    0 },
	{ NULL, NULL, "host not found", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "host unknown", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "connection timed out", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "connection refused", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "no route to host", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "unrouteable address", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "couldn't find any host", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "too many hops", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "loops back", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "hop count", NULL, MXA_RF_ROUTING, 0 },
	{ NULL, "5.4.4", NULL, NULL, MXA_RF_ROUTING, 0 },
	{ NULL, "5.4.6", NULL, NULL, MXA_RF_ROUTING, 0 },
	{ NULL, "5.4.14", NULL, NULL, MXA_RF_ROUTING, 0 },
	{ NULL, "5.4.310", NULL, NULL, MXA_RF_ROUTING, 0 },
	{ NULL, "5.1.2", NULL, NULL, MXA_RF_ROUTING, 0 },
	{ NULL, NULL, "STARTTLS", NULL, MXA_RF_TLS, 0 },
	{ NULL, NULL, "TLS", "require", MXA_RF_TLS, 0 },
	{ NULL, NULL, "virus", NULL, MXA_RF_CONTENT, 0 },
	{ NULL, NULL, "spam", NULL, MXA_RF_CONTENT, 0 },
	{ NULL, NULL, "content", "reject", MXA_RF_CONTENT, 0 },
	{ NULL, NULL, "attachment", NULL, MXA_RF_CONTENT, 0 },
	/* by code alone [R: 7372, 7505, IANA] */
	{ NULL, "5.7.20", NULL, NULL, MXA_RF_DKIM, D },
	{ NULL, "5.7.21", NULL, NULL, MXA_RF_DKIM, D },
	{ NULL, "5.7.22", NULL, NULL, MXA_RF_ALIGN, D },
	{ NULL, "5.7.23", NULL, NULL, MXA_RF_SPF, S },
	{ NULL, "5.7.24", NULL, NULL, MXA_RF_SPF_ERROR, S },
	{ NULL, "5.7.25", NULL, NULL, MXA_RF_RDNS, 0 },
	{ NULL, "5.7.26", NULL, NULL, MXA_RF_NO_AUTH, S | D },
	{ NULL, "5.7.27", NULL, NULL, MXA_RF_NULL_MX, 0 },
	{ NULL, "5.7.29", NULL, NULL, MXA_RF_DKIM, 0 },
	{ NULL, "5.7.30", NULL, NULL, MXA_RF_TLS, 0 },
	{ NULL, "5.1.6", NULL, NULL, MXA_RF_UNKNOWN_USER, 0 },
};

#undef S
#undef D
#undef P

/* "5.7.26" also fits "4.7.26"; "550" is the reply's code. */
static bool code_fits(
    const char *code, const struct mxa_said *said, struct mxa_str status)
{
	struct mxa_str e = said->enhanced.len ? said->enhanced : status;

	if (code == NULL)
		return true;
	if (strchr(code, '.') == NULL)
		return strcmp(code, said->code) == 0;
	return e.len > 1 && strlen(code) == e.len &&
	    memcmp(code + 1, e.p + 1, e.len - 1) == 0;
}

/* A fragment of letters and digits only ("RBL", "SPF", "spam") must not stand
 * inside a longer word; others may. */
static bool fragment_in(const char *fragment, struct mxa_str text)
{
	struct mxa_str f = mxa_str_from(fragment);
	size_t at = 0;

	while (at < text.len) {
		struct mxa_str rest = mxa_str_sub(text, at, text.len);
		size_t hit = mxa_str_casefind(rest, f);

		if (hit == rest.len)
			return false;
		at += hit;
		if (f.len > 4 || at == 0 || !mxa_is_alpha(text.p[at - 1]) ||
		    !mxa_is_alpha(f.p[0]))
			return true;
		at++;
	}
	return false;
}

static bool row_holds(const struct row *r, const struct mxa_said *said,
    struct mxa_str status, const char *provider)
{
	if (r->provider != NULL && strcmp(r->provider, provider) != 0)
		return false;
	if (!code_fits(r->code, said, status))
		return false;
	if (r->text != NULL && !fragment_in(r->text, said->text))
		return false;
	return r->also == NULL || fragment_in(r->also, said->text);
}

/* Outlook.com lists "Spf= Fail, Dkim= Pass, DMARC= Pass". */
static void refine_listed(
    const struct mxa_said *said, struct mxa_refusal_kind *out)
{
	static const struct {
		struct mxa_str name;
		unsigned method;
	} listed[] = {
		{ MXA_STR_INIT("spf="), MXA_BY_SPF },
		{ MXA_STR_INIT("dkim="), MXA_BY_DKIM },
		{ MXA_STR_INIT("dmarc="), MXA_BY_DMARC },
	};
	unsigned failing = 0, found = 0;

	for (size_t i = 0; i < MXA_ARRAY_LEN(listed); i++) {
		size_t at = mxa_str_casefind(said->text, listed[i].name);
		struct mxa_str rest = mxa_str_trim(mxa_str_sub(
		    said->text, at + listed[i].name.len, said->text.len));

		if (at == said->text.len)
			continue;
		found++;
		if (!mxa_str_casestarts(rest, MXA_STR("pass")))
			failing |= listed[i].method;
	}
	if (found >= 2 && failing != 0)
		out->methods = failing;
	if (found >= 2 && failing == MXA_BY_SPF)
		out->class = MXA_RF_SPF;
	else if (found >= 2 && failing == MXA_BY_DKIM)
		out->class = MXA_RF_DKIM;
	else if (found >= 2 && failing == MXA_BY_DMARC)
		out->class = MXA_RF_DMARC;
}

/* The policy server's page names the identity: s=helo. */
static bool speaks_of_helo(const struct mxa_said *said)
{
	static const struct mxa_str words[] = { MXA_STR_INIT("s=helo"),
		MXA_STR_INIT("identity=helo"), MXA_STR_INIT("HELO/EHLO"),
		MXA_STR_INIT("SPF-HELO"), MXA_STR_INIT("HELO SPF"),
		MXA_STR_INIT("SPF HELO") };

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++)
		if (mxa_str_casefind(said->text, words[i]) < said->text.len)
			return true;
	return false;
}

void mxa_refusal_classify(const struct mxa_said *said, struct mxa_str status,
    struct mxa_str remote_mta, struct mxa_refusal_kind *out)
{
	memset(out, 0, sizeof(*out));
	out->provider = mxa_provider_of(remote_mta, said);
	out->class = MXA_RF_OTHER;
	if (said->rule) {
		out->class = MXA_RF_RULE;
		out->sure = true;
		return;
	}
	for (size_t i = 0; i < MXA_ARRAY_LEN(rows); i++) {
		if (!row_holds(&rows[i], said, status, out->provider))
			continue;
		out->class = rows[i].class;
		out->methods = rows[i].methods;
		out->sure = rows[i].text != NULL || rows[i].provider != NULL;
		break;
	}
	if (mxa_refusal_is_auth(out->class)) {
		refine_listed(said, out);
		out->helo =
		    (out->methods & MXA_BY_SPF) != 0 && speaks_of_helo(said);
	}
}
