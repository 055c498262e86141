/* iprev.c - the client's name, confirmed by its addresses. */
#include "auth/iprev.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/domain.h"

static enum mxa_dns_type forward_type(const struct mxa_ip *ip)
{
	return ip->family == 6 ? MXA_DNS_AAAA : MXA_DNS_A;
}

static struct mxa_str reverse_name(
    const struct mxa_ip *ip, char text[MXA_IP_REVERSE])
{
	return mxa_str_from(mxa_ip_reverse(ip, text));
}

static size_t count_names(const struct mxa_dns_answer *ptr)
{
	return ptr->n < MXA_MAX_IPREV_NAMES ? ptr->n : MXA_MAX_IPREV_NAMES;
}

/* --- asking early; runs in the resolver's thread, hence no arena --- */

struct ahead {
	struct mxa_budget *budget;
	enum mxa_dns_type type;
};

static void ptr_arrived(void *ctx, const struct mxa_dns_answer *answer)
{
	(void)ctx;
	(void)answer;
}

static void got_names(void *ctx, const struct mxa_dns_answer *ptr)
{
	struct ahead *ahead = ctx;

	for (size_t i = 0; ptr != NULL && i < count_names(ptr); i++)
		if (ptr->rr[i].text.len > 0)
			mxa_dns_watch(ahead->budget, MXA_SHARE_OTHER,
			    ptr->rr[i].text, ahead->type, ptr_arrived, NULL);
	free(ahead);
}

void mxa_iprev_prefetch(
    const struct mxa_engine_env *env, const struct mxa_ip *ip)
{
	char text[MXA_IP_REVERSE];
	struct ahead *ahead;

	if (ip->family == 0)
		return;
	ahead = mxa_xmalloc(sizeof(*ahead));
	*ahead = (struct ahead){ env->budget, forward_type(ip) };
	mxa_dns_watch(env->budget, MXA_SHARE_OTHER, reverse_name(ip, text),
	    MXA_DNS_PTR, got_names, ahead);
}

/* --- the check --- */

static bool has_address(
    const struct mxa_dns_answer *answer, const struct mxa_ip *ip)
{
	for (size_t i = 0; i < answer->n; i++)
		if (mxa_ip_eq(&answer->rr[i].ip, ip))
			return true;
	return false;
}

/* A name as evidence: only what may be shown (RFC 1123 host names). */
static struct mxa_str shown_name(struct mxa_arena *a, struct mxa_str name)
{
	return mxa_domain_is_ldh(name) ? mxa_str_dup(a, name) : MXA_STR("");
}

static void confirm_name(const struct mxa_engine_env *env,
    const struct mxa_ip *ip, const struct mxa_dns_answer *ptr,
    struct mxa_iprev_verdict *out)
{
	enum mxa_dns_type type = forward_type(ip);
	bool failed = false;

	for (size_t i = 0; i < count_names(ptr); i++)
		mxa_dns_prefetch(
		    env->budget, MXA_SHARE_OTHER, ptr->rr[i].text, type);
	for (size_t i = 0; i < count_names(ptr); i++) {
		const struct mxa_dns_answer *answer = mxa_dns_lookup(
		    env->budget, MXA_SHARE_OTHER, ptr->rr[i].text, type);

		failed |= mxa_dns_failed(answer->status);
		if (answer->status != MXA_DNS_DATA || !has_address(answer, ip))
			continue;
		out->result = MXA_IPREV_PASS;
		out->name = shown_name(env->arena, ptr->rr[i].text);
		return;
	}
	out->result = failed ? MXA_IPREV_TEMPERROR : MXA_IPREV_FAIL;
	out->name = shown_name(env->arena, ptr->rr[0].text);
}

void mxa_iprev_check(const struct mxa_engine_env *env, const struct mxa_ip *ip,
    struct mxa_iprev_verdict *out)
{
	const struct mxa_dns_answer *ptr;
	char text[MXA_IP_REVERSE];

	*out = (struct mxa_iprev_verdict){ .name = MXA_STR("") };
	if (ip->family == 0) {
		out->result = MXA_IPREV_SKIPPED;
		return;
	}
	ptr = mxa_dns_lookup(
	    env->budget, MXA_SHARE_OTHER, reverse_name(ip, text), MXA_DNS_PTR);
	if (ptr->status == MXA_DNS_DATA && ptr->n > 0)
		confirm_name(env, ip, ptr, out);
	else if (mxa_dns_failed(ptr->status))
		out->result = MXA_IPREV_TEMPERROR;
	else
		out->result = MXA_IPREV_PERMERROR;
}
