/* import_rows.c - one table says what becomes of each keyword. */
#include "conf/import_rows.h"

#include <string.h>

#include "base/attr.h"

#define SIGNING "signing: keep opendkim for it, with \"Mode s\""
#define ITS_OWN "mxauthd has its own socket, user and process settings"
#define NOT_ALONE                                                            \
	"a failed signature alone is no reason to refuse (RFC 6376 section " \
	"6.1); a rule with dkim-required is, policy.conf(5)"
#define FORGEABLE                                                             \
	"anybody can write this name; write a rule with signer or client in " \
	"policy.conf(5)"
#define ALWAYS "mxauthd always does this"
#define NO_NEED "has no counterpart and needs none"
#define EVIDENCE "the journal and the store take its place: mxauth-journal(5)"

/* In the order of the programs; of equal keywords the first that fits counts.
 */
static const struct mxa_import_row rows[] = {
	{ OPENDKIM, "Mode", "s", REMARK_ONLY, NULL, NULL, NULL,
	    "this opendkim only signs: keep it as it is" },
	{ OPENDKIM, "Mode", "v", REMARK_ONLY, NULL, NULL, NULL,
	    "this opendkim only verifies: it is no longer needed" },
	{ OPENDKIM, "Mode", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "mxauth verifies: keep opendkim for signing, with \"Mode s\"" },
	{ OPENDKIM, "AuthservID", "HOSTNAME", REMARK_ONLY, NULL, NULL, NULL,
	    "that is the default" },
	{ OPENDKIM, "AuthservID", NULL, AS_TEXT, "", "authserv-id", NULL,
	    NULL },
	{ OPENDKIM, "AuthservIDWithJobID", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "the queue id is in log, journal and reply" },
	{ OPENDKIM, "InternalHosts", NULL, AS_LIST, "", "trusted-networks",
	    NULL, NULL },
	{ OPENDKIM, "PeerList", NULL, AS_LIST, "", "trusted-networks", NULL,
	    NULL },
	{ OPENDKIM, "ExternalIgnoreList", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    SIGNING },
	{ OPENDKIM, "ExemptDomains", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    FORGEABLE },
	{ OPENDKIM, "Nameservers", NULL, AS_LIST, "dns", "servers", NULL,
	    NULL },
	{ OPENDKIM, "DNSTimeout", NULL, AS_NUMBER, "dns", "timeout", NULL,
	    NULL },
	{ OPENDKIM, "MinimumKeyBits", NULL, AS_NUMBER, "dkim",
	    "minimum-rsa-bits", NULL, NULL },
	{ OPENDKIM, "MaximumSignaturesToVerify", NULL, AS_NUMBER, "dkim",
	    "maximum-signatures", NULL, NULL },
	{ OPENDKIM, "ClockDrift", NULL, AS_NUMBER, "dkim", "clock-skew", NULL,
	    NULL },
	{ OPENDKIM, "RemoveARFrom", NULL, AS_LIST, "header", "aliases", NULL,
	    NULL },
	{ OPENDKIM, "RemoveARAll", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "fields with our name are always removed; others are not ours" },
	{ OPENDKIM, "AlwaysAddARHeader", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    ALWAYS },
	{ OPENDKIM, "On-DNSError", "tempfail", AS_GIVEN, "actions", "temperror",
	    "\"defer\"", NULL },
	{ OPENDKIM, "On-DNSError", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "see actions: temperror in mxauth.conf(5)" },
	{ OPENDKIM, "On-BadSignature", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NOT_ALONE },
	{ OPENDKIM, "On-KeyNotFound", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NOT_ALONE },
	{ OPENDKIM, "On-NoSignature", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NOT_ALONE },
	{ OPENDKIM, "On-Security", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NOT_ALONE },
	{ OPENDKIM, "On-SignatureError", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NOT_ALONE },
	{ OPENDKIM, "On-Default", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NOT_ALONE },
	{ OPENDKIM, "On-InternalError", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "the MTA's answer: milter_default_action, F=T" },
	{ OPENDKIM, "SyslogFacility", NULL, AS_TEXT, "log", "facility", NULL,
	    NULL },
	{ OPENDKIM, "TrustAnchorFile", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "let a validating resolver on this host do it, and see dns: "
	    "trust-ad" },
	{ OPENDKIM, "ResolverConfiguration", NULL, REMARK_ONLY, NULL, NULL,
	    NULL, "see dns: servers" },
	{ OPENDKIM, "AllowSHA1Only", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "rsa-sha1 never passes (RFC 8301)" },
	{ OPENDKIM, "Domain", NULL, REMARK_ONLY, NULL, NULL, NULL, SIGNING },
	{ OPENDKIM, "Selector", NULL, REMARK_ONLY, NULL, NULL, NULL, SIGNING },
	{ OPENDKIM, "KeyFile", NULL, REMARK_ONLY, NULL, NULL, NULL, SIGNING },
	{ OPENDKIM, "KeyTable", NULL, REMARK_ONLY, NULL, NULL, NULL, SIGNING },
	{ OPENDKIM, "SigningTable", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    SIGNING },
	{ OPENDKIM, "Canonicalization", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    SIGNING },
	{ OPENDKIM, "SignatureAlgorithm", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    SIGNING },
	{ OPENDKIM, "SignHeaders", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    SIGNING },
	{ OPENDKIM, "OversignHeaders", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    SIGNING },
	{ OPENDKIM, "SubDomains", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    SIGNING },
	{ OPENDKIM, "MultipleSignatures", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    SIGNING },
	{ OPENDKIM, "Socket", NULL, REMARK_ONLY, NULL, NULL, NULL, ITS_OWN },
	{ OPENDKIM, "UserID", NULL, REMARK_ONLY, NULL, NULL, NULL, ITS_OWN },
	{ OPENDKIM, "PidFile", NULL, REMARK_ONLY, NULL, NULL, NULL, ITS_OWN },
	{ OPENDKIM, "UMask", NULL, REMARK_ONLY, NULL, NULL, NULL, ITS_OWN },
	{ OPENDKIM, "Syslog", NULL, REMARK_ONLY, NULL, NULL, NULL, ALWAYS },
	{ OPENDKIM, "SyslogSuccess", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    ALWAYS },
	{ OPENDKIM, "LogWhy", NULL, REMARK_ONLY, NULL, NULL, NULL, ALWAYS },
	{ OPENDKIM, "SoftwareHeader", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },
	{ OPENDKIM, "SendReports", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },
	{ OPENDKIM, "Statistics", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    EVIDENCE },
	{ OPENDKIM, "AutoRestart", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "systemd does it: Restart=on-failure in the unit" },
	{ OPENDKIM, "TemporaryDirectory", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },

	{ OPENDMARC, "AuthservID", "HOSTNAME", REMARK_ONLY, NULL, NULL, NULL,
	    "that is the default" },
	{ OPENDMARC, "AuthservID", NULL, AS_TEXT, "", "authserv-id", NULL,
	    NULL },
	{ OPENDMARC, "AuthservIDWithJobID", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "the queue id is in log, journal and reply" },
	{ OPENDMARC, "TrustedAuthservIDs", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "no field that came in is ever read as a result; names of this "
	    "host belong in header: aliases" },
	{ OPENDMARC, "RejectFailures", "true", AS_GIVEN, "", "profile",
	    "\"standard\"",
	    "\"strict\" refuses all that opendmarc refused, also lists and "
	    "forwarders" },
	{ OPENDMARC, "RejectFailures", NULL, AS_GIVEN, "", "profile",
	    "\"monitor\"",
	    "nothing was refused: now it is said what would be" },
	{ OPENDMARC, "HoldQuarantinedMessages", "true", AS_GIVEN, "actions",
	    "dmarc-quarantine", "\"quarantine\"", NULL },
	{ OPENDMARC, "HoldQuarantinedMessages", NULL, REMARK_ONLY, NULL, NULL,
	    NULL, "that is the default: dis=quarantine in the header" },
	{ OPENDMARC, "RejectMultiValueFrom", "true", AS_GIVEN, "actions",
	    "malformed-from", "\"reject\"", NULL },
	{ OPENDMARC, "RejectMultiValueFrom", NULL, REMARK_ONLY, NULL, NULL,
	    NULL, "every author domain counts, the worst result decides" },
	{ OPENDMARC, "RequiredHeaders", "true", AS_GIVEN, "actions",
	    "malformed-from", "\"reject\"", "Date is not looked at" },
	{ OPENDMARC, "RequiredHeaders", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "see actions: malformed-from" },
	{ OPENDMARC, "IgnoreAuthenticatedClients", "true", REMARK_ONLY, NULL,
	    NULL, NULL, ALWAYS },
	{ OPENDMARC, "IgnoreAuthenticatedClients", NULL, REMARK_ONLY, NULL,
	    NULL, NULL, "authenticated clients are never verified" },
	{ OPENDMARC, "IgnoreHosts", NULL, AS_LIST, "", "trusted-networks", NULL,
	    NULL },
	{ OPENDMARC, "IgnoreMailFrom", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    FORGEABLE },
	{ OPENDMARC, "IgnoreMailTo", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "write a rule with recipient and exempt in policy.conf(5)" },
	{ OPENDMARC, "DomainWhitelist", NULL, AS_LIST, "arc", "trusted-sealers",
	    NULL, NULL },
	{ OPENDMARC, "DomainWhitelistFile", NULL, AS_LIST, "arc",
	    "trusted-sealers", NULL, NULL },
	{ OPENDMARC, "PublicSuffixList", NULL, AS_TEXT, "dmarc",
	    "public-suffix-list", NULL,
	    "used with organizational-domain = \"psl\" only; the default is "
	    "the tree walk of RFC 9989" },
	{ OPENDMARC, "DNSTimeout", NULL, AS_NUMBER, "dns", "timeout", NULL,
	    NULL },
	{ OPENDMARC, "Nameservers", NULL, AS_LIST, "dns", "servers", NULL,
	    NULL },
	{ OPENDMARC, "SPFSelfValidate", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    ALWAYS },
	{ OPENDMARC, "SPFIgnoreResults", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "only our own SPF result counts" },
	{ OPENDMARC, "FailureReports", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "see reports: failure-reports in mxauth.conf(5)" },
	{ OPENDMARC, "FailureReportsSentBy", NULL, REMARK_ONLY, NULL, NULL,
	    NULL, "see reports: from in mxauth.conf(5)" },
	{ OPENDMARC, "FailureReportsBcc", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },
	{ OPENDMARC, "CopyFailuresTo", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    EVIDENCE },
	{ OPENDMARC, "ReportCommand", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "see reports: mailer in mxauth.conf(5)" },
	{ OPENDMARC, "HistoryFile", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    EVIDENCE },
	{ OPENDMARC, "RecordAllMessages", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    EVIDENCE },
	{ OPENDMARC, "SyslogFacility", NULL, AS_TEXT, "log", "facility", NULL,
	    NULL },
	{ OPENDMARC, "Syslog", NULL, REMARK_ONLY, NULL, NULL, NULL, ALWAYS },
	{ OPENDMARC, "Socket", NULL, REMARK_ONLY, NULL, NULL, NULL, ITS_OWN },
	{ OPENDMARC, "UserID", NULL, REMARK_ONLY, NULL, NULL, NULL, ITS_OWN },
	{ OPENDMARC, "PidFile", NULL, REMARK_ONLY, NULL, NULL, NULL, ITS_OWN },
	{ OPENDMARC, "UMask", NULL, REMARK_ONLY, NULL, NULL, NULL, ITS_OWN },
	{ OPENDMARC, "Background", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    ITS_OWN },
	{ OPENDMARC, "BaseDirectory", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    ITS_OWN },
	{ OPENDMARC, "ChangeRootDirectory", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    ITS_OWN },
	{ OPENDMARC, "AutoRestart", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "systemd does it: Restart=on-failure in the unit" },
	{ OPENDMARC, "SoftwareHeader", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },
	{ OPENDMARC, "TemporaryDirectory", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },
	{ OPENDMARC, "MilterDebug", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },

	{ POLICYD_SPF, "Mail_From_reject", "Fail", AS_GIVEN, "actions",
	    "spf-fail", "\"reject\"",
	    "forwarded mail is refused by this, as it was before" },
	{ POLICYD_SPF, "Mail_From_reject", "Softfail", AS_GIVEN, "actions",
	    "spf-fail", "\"reject\"", NULL },
	{ POLICYD_SPF, "Mail_From_reject", "Softfail", AS_GIVEN, "actions",
	    "spf-softfail", "\"reject\"",
	    "forwarded mail is refused by this, as it was before" },
	{ POLICYD_SPF, "Mail_From_reject", "SPF_Not_Pass", AS_GIVEN, "actions",
	    "spf-fail", "\"reject\"", NULL },
	{ POLICYD_SPF, "Mail_From_reject", "SPF_Not_Pass", AS_GIVEN, "actions",
	    "spf-softfail", "\"reject\"",
	    "neutral and permerror do not refuse" },
	{ POLICYD_SPF, "Mail_From_reject", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "that is the default: SPF alone refuses nothing" },
	{ POLICYD_SPF, "HELO_reject", "Fail", AS_GIVEN, "actions", "helo-fail",
	    "\"reject\"", NULL },
	{ POLICYD_SPF, "HELO_reject", "Null", REMARK_ONLY, NULL, NULL, NULL,
	    "for bounces MAIL FROM is the HELO name: see spf-fail" },
	{ POLICYD_SPF, "HELO_reject", "False", REMARK_ONLY, NULL, NULL, NULL,
	    "that is the default: HELO alone refuses nothing" },
	{ POLICYD_SPF, "HELO_reject", "No_Check", AS_GIVEN, "spf", "check-helo",
	    "false", NULL },
	{ POLICYD_SPF, "HELO_reject", NULL, AS_GIVEN, "actions", "helo-fail",
	    "\"reject\"", "only fail refuses" },
	{ POLICYD_SPF, "PermError_reject", "True", AS_GIVEN, "actions",
	    "spf-permerror", "\"reject\"", NULL },
	{ POLICYD_SPF, "PermError_reject", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "that is the default: a broken SPF record refuses nothing" },
	{ POLICYD_SPF, "TempError_Defer", "True", AS_GIVEN, "actions",
	    "temperror", "\"defer\"", NULL },
	{ POLICYD_SPF, "TempError_Defer", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "see actions: temperror" },
	{ POLICYD_SPF, "TestOnly", "0", AS_GIVEN, "", "profile", "\"monitor\"",
	    NULL },
	{ POLICYD_SPF, "TestOnly", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "see profile" },
	{ POLICYD_SPF, "skip_addresses", NULL, AS_LIST, "", "trusted-networks",
	    NULL, NULL },
	{ POLICYD_SPF, "Whitelist", NULL, AS_LIST, "", "trusted-forwarders",
	    NULL, NULL },
	{ POLICYD_SPF, "HELO_Whitelist", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    FORGEABLE },
	{ POLICYD_SPF, "Domain_Whitelist", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    FORGEABLE },
	{ POLICYD_SPF, "Domain_Whitelist_PTR", NULL, REMARK_ONLY, NULL, NULL,
	    NULL, "write a rule with client-name in policy.conf(5)" },
	{ POLICYD_SPF, "Header_Type", "SPF", REMARK_ONLY, NULL, NULL, NULL,
	    "both fields are written" },
	{ POLICYD_SPF, "Header_Type", NULL, AS_GIVEN, "header", "received-spf",
	    "false", NULL },
	{ POLICYD_SPF, "Authserv_Id", "HOSTNAME", REMARK_ONLY, NULL, NULL, NULL,
	    "that is the default" },
	{ POLICYD_SPF, "Authserv_Id", NULL, AS_TEXT, "", "authserv-id", NULL,
	    NULL },
	{ POLICYD_SPF, "Lookup_Time", NULL, AS_NUMBER, "dns", "deadline", NULL,
	    "for SPF, DKIM and DMARC together" },
	{ POLICYD_SPF, "Void_Limit", NULL, AS_NUMBER, "spf",
	    "maximum-void-lookups", NULL, NULL },
	{ POLICYD_SPF, "Reason_Message", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    "see texts: reject" },
	{ POLICYD_SPF, "debugLevel", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },
	{ POLICYD_SPF, "Hide_Receiver", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },
	{ POLICYD_SPF, "Prospective", NULL, REMARK_ONLY, NULL, NULL, NULL,
	    NO_NEED },
};

static const struct mxa_import_silent silent[] = {
	{ OPENDMARC, "RejectFailures", "false" },
	{ POLICYD_SPF, "Mail_From_reject", "Fail" },
	{ POLICYD_SPF, "HELO_reject", "Fail" },
};

const struct mxa_import_row *mxa_import_find_row(
    enum mxa_import_program program, struct mxa_str keyword,
    struct mxa_str value)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(rows); i++) {
		const struct mxa_import_row *r = &rows[i];
		bool truth = r->when != NULL &&
		    mxa_str_is(MXA_STR("true"), r->when) &&
		    (mxa_str_caseis(value, "yes") || mxa_str_is(value, "1"));

		if (r->program == program &&
		    mxa_str_caseis(keyword, r->keyword) &&
		    (r->when == NULL || truth ||
			mxa_str_caseis(value, r->when)))
			return r;
	}
	return NULL;
}

const struct mxa_import_row *mxa_import_next_row(const struct mxa_import_row *r)
{
	const struct mxa_import_row *next = r + 1;

	if (next == rows + MXA_ARRAY_LEN(rows) || r->when == NULL ||
	    next->when == NULL || next->program != r->program ||
	    strcmp(next->keyword, r->keyword) != 0 ||
	    strcmp(next->when, r->when) != 0)
		return NULL;
	return next;
}

const struct mxa_import_silent *mxa_import_silent(size_t *n)
{
	*n = MXA_ARRAY_LEN(silent);
	return silent;
}
