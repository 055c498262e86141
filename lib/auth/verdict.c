/* verdict.c - the words of the results. */
#include "auth/verdict.h"

void mxa_verdict_begin(struct mxa_verdict *v, struct mxa_arena *a)
{
	*v = (struct mxa_verdict){ .helo_checked = false };
	mxa_notes_init(&v->notes, a);
}

const char *mxa_spf_result_name(enum mxa_spf_result r)
{
	switch (r) {
	case MXA_SPF_NONE:
		return "none";
	case MXA_SPF_NEUTRAL:
		return "neutral";
	case MXA_SPF_PASS:
		return "pass";
	case MXA_SPF_FAIL:
		return "fail";
	case MXA_SPF_SOFTFAIL:
		return "softfail";
	case MXA_SPF_TEMPERROR:
		return "temperror";
	case MXA_SPF_PERMERROR:
		return "permerror";
	}
	return "none";
}

const char *mxa_no_mail_name(enum mxa_no_mail n)
{
	static const char *const names[] = {
		[MXA_NO_MAIL_UNSAID] = "unsaid",
		[MXA_NO_MAIL_SPF] = "spf",
		[MXA_NO_MAIL_MX] = "mx",
	};

	return names[n];
}

const char *mxa_dkim_result_name(enum mxa_dkim_result r)
{
	switch (r) {
	case MXA_DKIM_NONE:
		return "none";
	case MXA_DKIM_PASS:
		return "pass";
	case MXA_DKIM_FAIL:
		return "fail";
	case MXA_DKIM_POLICY:
		return "policy";
	case MXA_DKIM_NEUTRAL:
		return "neutral";
	case MXA_DKIM_TEMPERROR:
		return "temperror";
	case MXA_DKIM_PERMERROR:
		return "permerror";
	}
	return "none";
}

const char *mxa_arc_result_name(enum mxa_arc_result r)
{
	switch (r) {
	case MXA_ARC_NONE:
		return "none";
	case MXA_ARC_PASS:
		return "pass";
	case MXA_ARC_FAIL:
		return "fail";
	}
	return "none";
}

const char *mxa_dmarc_result_name(enum mxa_dmarc_result r)
{
	switch (r) {
	case MXA_DMARC_NONE:
		return "none";
	case MXA_DMARC_PASS:
		return "pass";
	case MXA_DMARC_FAIL:
		return "fail";
	case MXA_DMARC_TEMPERROR:
		return "temperror";
	case MXA_DMARC_PERMERROR:
		return "permerror";
	}
	return "none";
}

const char *mxa_dmarc_policy_name(enum mxa_dmarc_policy p)
{
	switch (p) {
	case MXA_POLICY_NONE:
		return "none";
	case MXA_POLICY_QUARANTINE:
		return "quarantine";
	case MXA_POLICY_REJECT:
		return "reject";
	}
	return "none";
}

const char *mxa_iprev_result_name(enum mxa_iprev_result r)
{
	switch (r) {
	case MXA_IPREV_SKIPPED:
		return "none";
	case MXA_IPREV_PASS:
		return "pass";
	case MXA_IPREV_FAIL:
		return "fail";
	case MXA_IPREV_TEMPERROR:
		return "temperror";
	case MXA_IPREV_PERMERROR:
		return "permerror";
	}
	return "none";
}

const char *mxa_dkim_cause_name(enum mxa_dkim_cause c)
{
	switch (c) {
	case MXA_DKIM_OK:
		return "ok";
	case MXA_DKIM_SYNTAX:
		return "syntax";
	case MXA_DKIM_ALGORITHM:
		return "algorithm";
	case MXA_DKIM_SHA1:
		return "sha1";
	case MXA_DKIM_SHORT_KEY:
		return "short-key";
	case MXA_DKIM_LONG_KEY:
		return "long-key";
	case MXA_DKIM_EXPIRED:
		return "expired";
	case MXA_DKIM_FUTURE:
		return "future";
	case MXA_DKIM_NO_KEY:
		return "no-key";
	case MXA_DKIM_REVOKED:
		return "revoked";
	case MXA_DKIM_BAD_KEY:
		return "bad-key";
	case MXA_DKIM_DNS:
		return "dns";
	case MXA_DKIM_BODY:
		return "body";
	case MXA_DKIM_SIGNATURE:
		return "signature";
	case MXA_DKIM_FROM:
		return "from-unsigned";
	case MXA_DKIM_IDENTITY:
		return "identity";
	case MXA_DKIM_PARTIAL:
		return "partial-body";
	case MXA_DKIM_DOMAIN:
		return "domain";
	case MXA_DKIM_INCOMPLETE:
		return "header-limit";
	case MXA_DKIM_NOT_TRIED:
		return "not-tried";
	}
	return "unknown";
}

const char *mxa_spf_cause_name(enum mxa_spf_cause c)
{
	switch (c) {
	case MXA_SPF_CAUSE_NO_DOMAIN:
		return "no-domain";
	case MXA_SPF_CAUSE_NO_RECORD:
		return "no-record";
	case MXA_SPF_CAUSE_MATCH:
		return "match";
	case MXA_SPF_CAUSE_DEFAULT:
		return "default";
	case MXA_SPF_CAUSE_SYNTAX:
		return "syntax";
	case MXA_SPF_CAUSE_MULTIPLE:
		return "multiple";
	case MXA_SPF_CAUSE_LOOKUPS:
		return "lookups";
	case MXA_SPF_CAUSE_VOIDS:
		return "voids";
	case MXA_SPF_CAUSE_MX_HOSTS:
		return "mx-hosts";
	case MXA_SPF_CAUSE_NO_TARGET:
		return "no-target";
	case MXA_SPF_CAUSE_DNS:
		return "dns";
	}
	return "unknown";
}
