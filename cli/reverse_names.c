/* reverse_names.c - see reverse_names.h. */
#include "cli/reverse_names.h"

#include "auth/iprev.h"
#include "base/arena.h"
#include "base/i18n.h"
#include "base/sysclock.h"
#include "cli/cmd.h"
#include "conf/conf.h"
#include "dns/dns.h"

#define NAME_MS 3000   /* for one address */
#define NAMES_MS 30000 /* and for all */

/* A name counts when it leads back to the address (RFC 8601 section 3). */
static struct mxa_str name_of_address(void *ctx, struct mxa_str text)
{
	struct reverse_names *r = ctx;
	struct mxa_engine_env env = { .clock = mxa_sysclock(),
		.options = &r->conf->auth };
	struct mxa_iprev_verdict v = { .result = MXA_IPREV_SKIPPED };
	struct mxa_str name = MXA_STR_NONE;
	struct mxa_ip ip;

	if (!mxa_ip_parse(text, &ip) ||
	    mxa_clock_ms(mxa_sysclock()) > r->end_ms)
		return name;
	progress_update(&r->progress, ++r->asked, 0, _("names"));
	env.arena = mxa_arena_new();
	env.budget = mxa_budget_open(r->dns, NAME_MS);
	mxa_iprev_prefetch(&env, &ip);
	mxa_iprev_check(&env, &ip, &v);
	if (v.result == MXA_IPREV_PASS)
		name = mxa_str_dup(r->a, v.name);
	mxa_budget_close(env.budget);
	mxa_arena_free(env.arena);
	return name;
}

bool reverse_names_begin(struct reverse_names *r, const struct cli *c)
{
	*r = (struct reverse_names){ .conf = cli_conf(c) };
	if (r->conf == NULL)
		return false;
	r->dns = cli_dns(c, r->conf);
	if (r->dns == NULL) {
		mxa_conf_free(r->conf);
		return false;
	}
	r->a = mxa_arena_new();
	r->end_ms = mxa_clock_ms(mxa_sysclock()) + NAMES_MS;
	progress_begin(&r->progress);
	return true;
}

void reverse_names_end(struct reverse_names *r)
{
	progress_end(&r->progress);
	mxa_dns_free(r->dns);
	mxa_conf_free(r->conf);
	mxa_arena_free(r->a);
}

void reverse_names_use(struct reverse_names *r, struct mxa_judge_options *o)
{
	o->reverse_name = name_of_address;
	o->names = r;
}
