/* model.c - names of our reports. */
#include "report/sent/model.h"

#include "auth/options.h"
#include "auth/sig/hash.h"
#include "base/arena.h"
#include "conf/conf.h"

#define ID_BYTES 16

bool mxa_reporter_init(struct mxa_arena *a, const struct mxa_conf *conf,
    struct mxa_str generator, struct mxa_reporter *out)
{
	size_t at = mxa_str_chr(conf->reports_from, '@', 0);

	if (conf->reports_from.len == 0)
		return false;
	out->from = conf->reports_from;
	out->domain =
	    mxa_str_lower(a, mxa_str_sub(out->from, at + 1, out->from.len));
	out->organization = conf->reports_organization.len > 0
	    ? conf->reports_organization
	    : out->domain;
	out->contact = conf->reports_contact;
	out->generator = generator;
	out->psl = conf->auth.orgdom_mode == MXA_ORGDOM_PSL;
	return true;
}

static void add_part(struct mxa_hash *h, struct mxa_str s)
{
	mxa_hash_put(h, s.p, s.len);
	mxa_hash_put(h, "\n", 1);
}

struct mxa_str mxa_sent_report_id(struct mxa_arena *a,
    const struct mxa_reporter *who, struct mxa_str domain,
    struct mxa_str policy_id, int64_t day)
{
	struct mxa_hash *h = mxa_hash_new(a);
	char *id = mxa_arena_alloc(a, 2 * ID_BYTES + 1);

	add_part(h, who->domain);
	add_part(h, domain);
	add_part(h, policy_id);
	add_part(h, mxa_str_from(mxa_arena_printf(a, "%lld", (long long)day)));
	(void)mxa_hash_hex(h, id, 2 * ID_BYTES);
	mxa_hash_free(h);
	return mxa_str_make(id, 2 * ID_BYTES);
}

struct mxa_str mxa_sent_report_filename(struct mxa_arena *a,
    const struct mxa_reporter *who, const struct mxa_sent_report *r)
{
	return mxa_str_from(
	    mxa_arena_printf(a, "%.*s!%.*s!%lld!%lld!%.*s.xml.gz",
		MXA_STR_ARG(who->domain), MXA_STR_ARG(r->domain),
		(long long)r->begin, (long long)r->end, MXA_STR_ARG(r->id)));
}
