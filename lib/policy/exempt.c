/* exempt.c - who is not verified at all. */
#include "policy/exempt.h"

#include "conf/conf.h"
#include "policy/rules.h"

static bool in_networks(
    const struct mxa_cidr *net, size_t n, const struct mxa_ip *ip)
{
	for (size_t i = 0; i < n; i++)
		if (mxa_cidr_has(&net[i], ip))
			return true;
	return false;
}

/* Only a rule that no recipient or author can change: the others are for
 * decide(). */
static bool client_rule(const struct mxa_conf *conf, const struct mxa_msg *msg)
{
	const struct mxa_rule *rule =
	    mxa_rules_client_only(conf->rules, &msg->ip, msg->received);

	return rule != NULL && rule->exempt == 1;
}

enum mxa_exempt mxa_exempt_check(
    const struct mxa_conf *conf, const struct mxa_msg *msg)
{
	if (msg->authenticated)
		return MXA_EXEMPT_AUTHENTICATED;
	/* not local: a stranger of whom nothing is known */
	if (msg->client_unknown)
		return MXA_EXEMPT_NO;
	if (msg->ip.family == 0)
		return MXA_EXEMPT_LOCAL;
	if (in_networks(
		conf->trusted_networks, conf->n_trusted_networks, &msg->ip))
		return MXA_EXEMPT_NETWORK;
	return client_rule(conf, msg) ? MXA_EXEMPT_RULE : MXA_EXEMPT_NO;
}
