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

/* How rows are written: the keyword, the value that it is for, what becomes of
 * it, what is said about it. */
#define DKIM(key) .program = OPENDKIM, .keyword = key
#define DMARC(key) .program = OPENDMARC, .keyword = key
#define SPF(key) .program = POLICYD_SPF, .keyword = key
#define WHEN(value) .when = value
#define TEXT(s, o) .use = AS_TEXT, .section = s, .option = o
#define NUMBER(s, o) .use = AS_NUMBER, .section = s, .option = o
#define LIST(s, o) .use = AS_LIST, .section = s, .option = o
#define GIVEN(s, o, v) .use = AS_GIVEN, .section = s, .option = o, .given = v
#define SAY(text) .remark = text

/* In the order of the programs; of equal keywords the first that fits counts.
 */
static const struct mxa_import_row rows[] = {
	{ DKIM("Mode"), WHEN("s"),
	    SAY("this opendkim only signs: keep it as it is") },
	{ DKIM("Mode"), WHEN("v"),
	    SAY("this opendkim only verifies: it is no longer needed") },
	{ DKIM("Mode"),
	    SAY("mxauth verifies: keep opendkim for signing, with \"Mode s\"") },
	{ DKIM("AuthservID"), WHEN("HOSTNAME"), SAY("that is the default") },
	{ DKIM("AuthservID"), TEXT("", "authserv-id") },
	{ DKIM("AuthservIDWithJobID"),
	    SAY("the queue id is in log, journal and reply") },
	{ DKIM("InternalHosts"), LIST("", "trusted-networks") },
	{ DKIM("PeerList"), LIST("", "trusted-networks") },
	{ DKIM("ExternalIgnoreList"), SAY(SIGNING) },
	{ DKIM("ExemptDomains"), SAY(FORGEABLE) },
	{ DKIM("Nameservers"), LIST("dns", "servers") },
	{ DKIM("DNSTimeout"), NUMBER("dns", "timeout") },
	{ DKIM("MinimumKeyBits"), NUMBER("dkim", "minimum-rsa-bits") },
	{ DKIM("MaximumSignaturesToVerify"),
	    NUMBER("dkim", "maximum-signatures") },
	{ DKIM("ClockDrift"), NUMBER("dkim", "clock-skew") },
	{ DKIM("RemoveARFrom"), LIST("header", "aliases") },
	{ DKIM("RemoveARAll"),
	    SAY("fields with our name are always removed; others are not ours") },
	{ DKIM("AlwaysAddARHeader"), SAY(ALWAYS) },
	{ DKIM("On-DNSError"), WHEN("tempfail"),
	    GIVEN("actions", "temperror", "\"defer\"") },
	{ DKIM("On-DNSError"),
	    SAY("see actions: temperror in mxauth.conf(5)") },
	{ DKIM("On-BadSignature"), SAY(NOT_ALONE) },
	{ DKIM("On-KeyNotFound"), SAY(NOT_ALONE) },
	{ DKIM("On-NoSignature"), SAY(NOT_ALONE) },
	{ DKIM("On-Security"), SAY(NOT_ALONE) },
	{ DKIM("On-SignatureError"), SAY(NOT_ALONE) },
	{ DKIM("On-Default"), SAY(NOT_ALONE) },
	{ DKIM("On-InternalError"),
	    SAY("the MTA's answer: milter_default_action, F=T") },
	{ DKIM("SyslogFacility"), TEXT("log", "facility") },
	{ DKIM("TrustAnchorFile"),
	    SAY("let a validating resolver on this host do it, and see dns: "
		"trust-ad") },
	{ DKIM("ResolverConfiguration"), SAY("see dns: servers") },
	{ DKIM("AllowSHA1Only"), SAY("rsa-sha1 never passes (RFC 8301)") },
	{ DKIM("Domain"), SAY(SIGNING) },
	{ DKIM("Selector"), SAY(SIGNING) },
	{ DKIM("KeyFile"), SAY(SIGNING) },
	{ DKIM("KeyTable"), SAY(SIGNING) },
	{ DKIM("SigningTable"), SAY(SIGNING) },
	{ DKIM("Canonicalization"), SAY(SIGNING) },
	{ DKIM("SignatureAlgorithm"), SAY(SIGNING) },
	{ DKIM("SignHeaders"), SAY(SIGNING) },
	{ DKIM("OversignHeaders"), SAY(SIGNING) },
	{ DKIM("SubDomains"), SAY(SIGNING) },
	{ DKIM("MultipleSignatures"), SAY(SIGNING) },
	{ DKIM("Socket"), SAY(ITS_OWN) },
	{ DKIM("UserID"), SAY(ITS_OWN) },
	{ DKIM("PidFile"), SAY(ITS_OWN) },
	{ DKIM("UMask"), SAY(ITS_OWN) },
	{ DKIM("Syslog"), SAY(ALWAYS) },
	{ DKIM("SyslogSuccess"), SAY(ALWAYS) },
	{ DKIM("LogWhy"), SAY(ALWAYS) },
	{ DKIM("SoftwareHeader"), SAY(NO_NEED) },
	{ DKIM("SendReports"), SAY(NO_NEED) },
	{ DKIM("Statistics"), SAY(EVIDENCE) },
	{ DKIM("AutoRestart"),
	    SAY("systemd does it: Restart=on-failure in the unit") },
	{ DKIM("TemporaryDirectory"), SAY(NO_NEED) },

	{ DMARC("AuthservID"), WHEN("HOSTNAME"), SAY("that is the default") },
	{ DMARC("AuthservID"), TEXT("", "authserv-id") },
	{ DMARC("AuthservIDWithJobID"),
	    SAY("the queue id is in log, journal and reply") },
	{ DMARC("TrustedAuthservIDs"),
	    SAY("no field that came in is ever read as a result; names of this "
		"host belong in header: aliases") },
	{ DMARC("RejectFailures"), WHEN("true"),
	    GIVEN("", "profile", "\"standard\""),
	    SAY("\"strict\" refuses all that opendmarc refused, also lists and "
		"forwarders") },
	{ DMARC("RejectFailures"), GIVEN("", "profile", "\"monitor\""),
	    SAY("nothing was refused: now it is said what would be") },
	{ DMARC("HoldQuarantinedMessages"), WHEN("true"),
	    GIVEN("actions", "dmarc-quarantine", "\"quarantine\"") },
	{ DMARC("HoldQuarantinedMessages"),
	    SAY("that is the default: dis=quarantine in the header") },
	{ DMARC("RejectMultiValueFrom"), WHEN("true"),
	    GIVEN("actions", "malformed-from", "\"reject\"") },
	{ DMARC("RejectMultiValueFrom"),
	    SAY("every author domain counts, the worst result decides") },
	{ DMARC("RequiredHeaders"), WHEN("true"),
	    GIVEN("actions", "malformed-from", "\"reject\""),
	    SAY("Date is not looked at") },
	{ DMARC("RequiredHeaders"), SAY("see actions: malformed-from") },
	{ DMARC("IgnoreAuthenticatedClients"), WHEN("true"), SAY(ALWAYS) },
	{ DMARC("IgnoreAuthenticatedClients"),
	    SAY("authenticated clients are never verified") },
	{ DMARC("IgnoreHosts"), LIST("", "trusted-networks") },
	{ DMARC("IgnoreMailFrom"), SAY(FORGEABLE) },
	{ DMARC("IgnoreMailTo"),
	    SAY("write a rule with recipient and exempt in policy.conf(5)") },
	{ DMARC("DomainWhitelist"), LIST("arc", "trusted-sealers") },
	{ DMARC("DomainWhitelistFile"), LIST("arc", "trusted-sealers") },
	{ DMARC("PublicSuffixList"), TEXT("dmarc", "public-suffix-list"),
	    SAY("used with organizational-domain = \"psl\" only; the default is "
		"the tree walk of RFC 9989") },
	{ DMARC("DNSTimeout"), NUMBER("dns", "timeout") },
	{ DMARC("Nameservers"), LIST("dns", "servers") },
	{ DMARC("SPFSelfValidate"), SAY(ALWAYS) },
	{ DMARC("SPFIgnoreResults"), SAY("only our own SPF result counts") },
	{ DMARC("FailureReports"),
	    SAY("see reports: failure-reports in mxauth.conf(5)") },
	{ DMARC("FailureReportsSentBy"),
	    SAY("see reports: from in mxauth.conf(5)") },
	{ DMARC("FailureReportsBcc"), SAY(NO_NEED) },
	{ DMARC("CopyFailuresTo"), SAY(EVIDENCE) },
	{ DMARC("ReportCommand"),
	    SAY("see reports: mailer in mxauth.conf(5)") },
	{ DMARC("HistoryFile"), SAY(EVIDENCE) },
	{ DMARC("RecordAllMessages"), SAY(EVIDENCE) },
	{ DMARC("SyslogFacility"), TEXT("log", "facility") },
	{ DMARC("Syslog"), SAY(ALWAYS) },
	{ DMARC("Socket"), SAY(ITS_OWN) },
	{ DMARC("UserID"), SAY(ITS_OWN) },
	{ DMARC("PidFile"), SAY(ITS_OWN) },
	{ DMARC("UMask"), SAY(ITS_OWN) },
	{ DMARC("Background"), SAY(ITS_OWN) },
	{ DMARC("BaseDirectory"), SAY(ITS_OWN) },
	{ DMARC("ChangeRootDirectory"), SAY(ITS_OWN) },
	{ DMARC("AutoRestart"),
	    SAY("systemd does it: Restart=on-failure in the unit") },
	{ DMARC("SoftwareHeader"), SAY(NO_NEED) },
	{ DMARC("TemporaryDirectory"), SAY(NO_NEED) },
	{ DMARC("MilterDebug"), SAY(NO_NEED) },

	{ SPF("Mail_From_reject"), WHEN("Fail"),
	    GIVEN("actions", "spf-fail", "\"reject\""),
	    SAY("forwarded mail is refused by this, as it was before") },
	{ SPF("Mail_From_reject"), WHEN("Softfail"),
	    GIVEN("actions", "spf-fail", "\"reject\"") },
	{ SPF("Mail_From_reject"), WHEN("Softfail"),
	    GIVEN("actions", "spf-softfail", "\"reject\""),
	    SAY("forwarded mail is refused by this, as it was before") },
	{ SPF("Mail_From_reject"), WHEN("SPF_Not_Pass"),
	    GIVEN("actions", "spf-fail", "\"reject\"") },
	{ SPF("Mail_From_reject"), WHEN("SPF_Not_Pass"),
	    GIVEN("actions", "spf-softfail", "\"reject\""),
	    SAY("neutral and permerror do not refuse") },
	{ SPF("Mail_From_reject"),
	    SAY("that is the default: SPF alone refuses nothing") },
	{ SPF("HELO_reject"), WHEN("Fail"),
	    GIVEN("actions", "helo-fail", "\"reject\"") },
	{ SPF("HELO_reject"), WHEN("Null"),
	    SAY("for bounces MAIL FROM is the HELO name: see spf-fail") },
	{ SPF("HELO_reject"), WHEN("False"),
	    SAY("that is the default: HELO alone refuses nothing") },
	{ SPF("HELO_reject"), WHEN("No_Check"),
	    GIVEN("spf", "check-helo", "false") },
	{ SPF("HELO_reject"), GIVEN("actions", "helo-fail", "\"reject\""),
	    SAY("only fail refuses") },
	{ SPF("PermError_reject"), WHEN("True"),
	    GIVEN("actions", "spf-permerror", "\"reject\"") },
	{ SPF("PermError_reject"),
	    SAY("that is the default: a broken SPF record refuses nothing") },
	{ SPF("TempError_Defer"), WHEN("True"),
	    GIVEN("actions", "temperror", "\"defer\"") },
	{ SPF("TempError_Defer"), SAY("see actions: temperror") },
	{ SPF("TestOnly"), WHEN("0"), GIVEN("", "profile", "\"monitor\"") },
	{ SPF("TestOnly"), SAY("see profile") },
	{ SPF("skip_addresses"), LIST("", "trusted-networks") },
	{ SPF("Whitelist"), LIST("", "trusted-forwarders") },
	{ SPF("HELO_Whitelist"), SAY(FORGEABLE) },
	{ SPF("Domain_Whitelist"), SAY(FORGEABLE) },
	{ SPF("Domain_Whitelist_PTR"),
	    SAY("write a rule with client-name in policy.conf(5)") },
	{ SPF("Header_Type"), WHEN("SPF"), SAY("both fields are written") },
	{ SPF("Header_Type"), GIVEN("header", "received-spf", "false") },
	{ SPF("Authserv_Id"), WHEN("HOSTNAME"), SAY("that is the default") },
	{ SPF("Authserv_Id"), TEXT("", "authserv-id") },
	{ SPF("Lookup_Time"), NUMBER("dns", "deadline"),
	    SAY("for SPF, DKIM and DMARC together") },
	{ SPF("Void_Limit"), NUMBER("spf", "maximum-void-lookups") },
	{ SPF("Reason_Message"), SAY("see texts: reject") },
	{ SPF("debugLevel"), SAY(NO_NEED) },
	{ SPF("Hide_Receiver"), SAY(NO_NEED) },
	{ SPF("Prospective"), SAY(NO_NEED) },
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
