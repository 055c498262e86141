/* no_mail.c - "v=spf1 -all" and the null MX (RFC 7505). */
#include "auth/no_mail.h"

#include "auth/spf/published.h"
#include "dns/dns.h"

/* A record of nothing but "-all": no host sends for the domain. */
static bool record_permits_nobody(
    const struct mxa_engine_env *env, struct mxa_str domain)
{
	const struct mxa_spf_published *p = mxa_spf_published(
	    mxa_dns_lookup(env->budget, MXA_SHARE_SPF, domain, MXA_DNS_TXT));
	struct mxa_str rest;

	if (p->count != 1 || !p->record.ok)
		return false;
	rest = mxa_str_trim(mxa_str_sub(
	    p->record.text, sizeof("v=spf1") - 1, p->record.text.len));
	return mxa_str_caseis(rest, "-all");
}

/* RFC 7505 section 3: one record, whose name is the root. */
static bool has_null_mx(const struct mxa_engine_env *env, struct mxa_str domain)
{
	const struct mxa_dns_answer *mx =
	    mxa_dns_lookup(env->budget, MXA_SHARE_OTHER, domain, MXA_DNS_MX);

	return mx->status == MXA_DNS_DATA && mx->n == 1 &&
	    mx->rr[0].text.len == 0;
}

void mxa_no_mail_prefetch(
    const struct mxa_engine_env *env, struct mxa_str domain)
{
	if (env->options->check_null_mx && domain.len > 0)
		mxa_dns_prefetch(
		    env->budget, MXA_SHARE_OTHER, domain, MXA_DNS_MX);
}

enum mxa_no_mail mxa_no_mail_check(
    const struct mxa_engine_env *env, const struct mxa_spf_verdict *spf)
{
	if (spf->domain.len == 0)
		return MXA_NO_MAIL_UNSAID;
	if (spf->result == MXA_SPF_FAIL && spf->lookups == 0 &&
	    mxa_str_eq(spf->domain, spf->record_domain) &&
	    record_permits_nobody(env, spf->domain))
		return MXA_NO_MAIL_SPF;
	if (env->options->check_null_mx && has_null_mx(env, spf->domain))
		return MXA_NO_MAIL_MX;
	return MXA_NO_MAIL_UNSAID;
}
