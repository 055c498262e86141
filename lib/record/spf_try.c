/* spf_try.c - a record evaluated before it is published: our text at one name,
 * the DNS of today everywhere else. */
#include "record/spf_try.h"

#include <string.h>

#include "auth/orgdom.h"
#include "auth/spf/check_host.h"
#include "base/arena.h"
#include "base/domain.h"
#include "mail/message.h"

struct overlay {
	struct mxa_budget *budget;
	struct mxa_str name;
	struct mxa_dns_record rr;
	struct mxa_dns_answer answer;
	struct mxa_spf_published published;
};

static const struct mxa_dns_answer *ask(
    void *ctx, struct mxa_str name, enum mxa_dns_type type)
{
	struct overlay *o = ctx;

	if (type == MXA_DNS_TXT && mxa_str_caseeq(name, o->name))
		return &o->answer;
	return mxa_dns_lookup(o->budget, MXA_SHARE_SPF, name, type);
}

static const struct mxa_spf_published *published(
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
	struct mxa_spf_source source = { ask, published, &o };
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

/* --- who covers an address --- */

static enum mxa_spf_result check(const struct mxa_engine_env *env,
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

/* Its record lists the address, and not just everybody. */
static bool covers(const struct mxa_engine_env *env, struct mxa_str domain,
    const struct mxa_ip *ip)
{
	static const struct mxa_ip nobody[] = { { 4, { 240, 9, 8, 7 } },
		{ 6, { 0x01, 0x00, 0, 0, 0, 0, 0, 0, 9, 8, 7 } } };

	return check(env, domain, ip) == MXA_SPF_PASS &&
	    check(env, domain, &nobody[ip->family == 6]) != MXA_SPF_PASS;
}

static bool is_suffix(const struct mxa_engine_env *env, struct mxa_str name)
{
	const struct mxa_psl *psl = env->options->psl;

	return mxa_domain_labels(name) < 2 ||
	    (psl != NULL && mxa_psl_is_suffix(psl, name));
}

/* From 'name' upwards. */
static struct mxa_str walk_up(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip, struct mxa_str name)
{
	unsigned steps = 0;

	for (; !is_suffix(env, name) && steps < 6;
	     name = mxa_domain_parent(name), steps++) {
		if (mxa_domain_within(name, domain) ||
		    mxa_domain_within(domain, name))
			return MXA_STR("");
		if (covers(env, name, ip))
			return name;
	}
	return MXA_STR("");
}

struct mxa_str mxa_spf_provider(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip, struct mxa_str relay)
{
	const struct mxa_dns_answer *ptr;
	char reverse[MXA_IP_REVERSE];
	struct mxa_str found = MXA_STR(""), name;

	ptr = mxa_dns_lookup(env->budget, MXA_SHARE_OTHER,
	    mxa_str_from(mxa_ip_reverse(ip, reverse)), MXA_DNS_PTR);
	for (size_t i = 0; i < ptr->n && i < 4 && found.len == 0; i++)
		if (mxa_domain_canonical(env->arena, ptr->rr[i].text, &name) ==
		    MXA_OK)
			found = walk_up(env, domain, ip, name);
	if (found.len == 0 && relay.len > 0)
		found = walk_up(env, domain, ip, relay);
	return found;
}

struct mxa_str mxa_spf_parent(const struct mxa_engine_env *env,
    struct mxa_str domain, const struct mxa_ip *ip)
{
	struct mxa_str name = mxa_domain_parent(domain);

	for (; !is_suffix(env, name); name = mxa_domain_parent(name))
		if (covers(env, name, ip))
			return name;
	return MXA_STR("");
}
