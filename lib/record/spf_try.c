/* spf_try.c - a record evaluated before it is published: our text at one name,
 * the DNS of today everywhere else. */
#include "record/spf_try.h"

#include <string.h>

#include "auth/spf/check_host.h"
#include "base/attr.h"

struct overlay {
	struct mxa_budget *budget;
	struct mxa_str name;
	struct mxa_dns_record rr;
	struct mxa_dns_answer answer;
	struct mxa_spf_published published;
};

static const struct mxa_dns_answer *ask_trial(
    void *ctx, struct mxa_str name, enum mxa_dns_type type)
{
	struct overlay *o = ctx;

	if (type == MXA_DNS_TXT && mxa_str_caseeq(name, o->name))
		return &o->answer;
	return mxa_dns_lookup(o->budget, MXA_SHARE_SPF, name, type);
}

static const struct mxa_spf_published *trial_published(
    void *ctx, const struct mxa_dns_answer *answer)
{
	struct overlay *o = ctx;

	return answer == &o->answer ? &o->published : mxa_spf_published(answer);
}

void mxa_spf_try(const struct mxa_engine_env *env, struct mxa_str domain,
    struct mxa_str record, const struct mxa_ip *ip, struct mxa_trial *out)
{
	struct mxa_spf_query q = { .ip = *ip,
		.domain = domain,
		.local = MXA_STR("postmaster"),
		.helo = domain,
		.receiver = MXA_STR("unknown") };
	struct overlay o = { .budget = env->budget, .name = domain };
	struct mxa_spf_source source = { ask_trial, trial_published, &o };
	struct mxa_spf_eval e = { .arena = env->arena,
		.source = &source,
		.max_voids = env->options->spf_max_voids };
	struct mxa_str canonical;

	memset(out, 0, sizeof(*out));
	out->term = out->owner = MXA_STR("");
	out->result = MXA_SPF_NONE;
	o.rr.text = record;
	o.answer.status = MXA_DNS_DATA;
	o.answer.type = MXA_DNS_TXT;
	o.answer.name = o.answer.canonical = domain;
	o.answer.rr = &o.rr;
	o.answer.n = 1;
	o.published.count = 1;
	if (!mxa_spf_prepare(env->arena, &q, &e.values, &canonical))
		return;
	mxa_spf_parse(&o.published.record, record, false);
	out->result = mxa_spf_evaluate(&e, canonical);
	out->cause = e.finding.cause;
	out->lookups = e.lookups;
	out->term = mxa_str_dup(env->arena, e.finding.term);
	out->owner = mxa_str_dup(env->arena, e.finding.domain);
	mxa_spf_record_done(&o.published.record);
}

/* Addresses of nobody: reserved ones.  A provider's include covers the
 * neighbours of a sender, and rightly so. */
static const struct mxa_ip nobody[] = {
	{ 4, { 240, 1, 2, 3 } },
	{ 4, { 198, 18, 77, 7 } },
	{ 4, { 100, 64, 3, 3 } },
	{ 6, { 0x01, 0x00, 0, 0, 0, 0, 0, 0, 7, 7 } },
	{ 6, { 0x20, 0x01, 0, 2, 0, 0, 7 } },
};

/* Hosts without IPv6 addresses make void lookups for every client that comes
 * over IPv6.  The limit of two is a SHOULD (RFC 7208 section 4.6.4), and
 * senders with such an address are tried by themselves. */
static bool is_tolerable(const struct mxa_ip *ip, const struct mxa_trial *t)
{
	return ip->family == 6 && t->cause == MXA_SPF_CAUSE_VOIDS;
}

static bool refuses_strangers(const struct mxa_engine_env *env,
    struct mxa_str domain, struct mxa_str record, struct mxa_trial *out)
{
	for (size_t i = 0; i < MXA_ARRAY_LEN(nobody); i++) {
		mxa_spf_try(env, domain, record, &nobody[i], out);
		if (out->result == MXA_SPF_PASS ||
		    out->result == MXA_SPF_TEMPERROR ||
		    (out->result == MXA_SPF_PERMERROR &&
			!is_tolerable(&nobody[i], out)))
			return false;
	}
	return true;
}

bool mxa_spf_stands(const struct mxa_engine_env *env, struct mxa_str domain,
    struct mxa_str record, const struct mxa_ip *ip, size_t n,
    struct mxa_trial *out)
{
	for (size_t i = 0; i < n; i++) {
		mxa_spf_try(env, domain, record, &ip[i], out);
		if (out->result != MXA_SPF_PASS)
			return false;
	}
	return refuses_strangers(env, domain, record, out);
}

static enum mxa_spf_result check_published(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip)
{
	struct mxa_spf_query q = { .ip = *ip,
		.domain = domain,
		.helo = domain,
		.receiver = MXA_STR("unknown") };
	struct mxa_spf_verdict v;

	mxa_spf_native.check(env, &q, &v);
	return v.result;
}

bool mxa_spf_covers(const struct mxa_engine_env *env, struct mxa_str domain,
    const struct mxa_ip *ip)
{
	const struct mxa_ip *stranger = &nobody[ip->family == 6 ? 3 : 0];
	enum mxa_spf_result others;

	if (check_published(env, domain, ip) != MXA_SPF_PASS)
		return false;
	others = check_published(env, domain, stranger);
	return others == MXA_SPF_FAIL || others == MXA_SPF_SOFTFAIL ||
	    others == MXA_SPF_NEUTRAL;
}
