/* exempt.c - who is not verified at all. */
#include "policy/exempt.h"

#include "policy/conf.h"
#include "policy/rules.h"

static bool in_networks(
    const struct mxa_cidr *net, size_t n, const struct mxa_ip *ip)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_cidr_has(&net[i], ip))
			return true;
	return false;
}

static bool client_rule(const struct mxa_conf *conf, const struct mxa_msg *msg)
{
	struct mxa_ruling r;

	if (!mxa_rules_look_at(conf->rules, MXA_RULE_CLIENT))
		return false;
	mxa_ruling_find(conf, &msg->ip, MXA_STR_NONE, MXA_STR_NONE, &r);
	return r.exempt;
}

enum mxa_exempt mxa_exempt_check(
    const struct mxa_conf *conf, const struct mxa_msg *msg)
{
	if (msg->authenticated)
		return MXA_EXEMPT_AUTHENTICATED;
	if (msg->ip.family == 0)
		return MXA_EXEMPT_LOCAL;
	if (in_networks(
		conf->trusted_networks, conf->n_trusted_networks, &msg->ip))
		return MXA_EXEMPT_NETWORK;
	return client_rule(conf, msg) ? MXA_EXEMPT_RULE : MXA_EXEMPT_NO;
}
