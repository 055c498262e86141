/* rules.c - which rules apply. */
#include "policy/rules.h"

#include <string.h>

#include "base/arena.h"
#include "base/domain.h"
#include "base/limits.h"
#include "conf/conf.h"
#include "policy/rules_index.h"

const char *mxa_rule_kind_name(enum mxa_rule_kind k)
{
	switch (k) {
	case MXA_RULE_CLIENT:
		return "client";
	case MXA_RULE_RECIPIENT:
		return "recipient";
	case MXA_RULE_AUTHOR:
		return "author";
	case MXA_RULE_KINDS:
		break;
	}
	return "";
}

/* --- recipients as patterns have them --- */

/* Local part in lower case, an '@', the canonical domain.  An address without
 * '@' is a domain. */
struct rcpt {
	char ascii[MXA_MAX_ADDRESS + 1];
	struct mxa_arena *arena; /* only for what is not ASCII */
	struct mxa_str text;
};

static void rcpt_done(struct rcpt *r)
{
	mxa_arena_free(r->arena);
}

static bool lower_ascii(struct rcpt *r, struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
		r->ascii[i] = mxa_lower(s.p[i]);
	}
	r->text = mxa_str_make(r->ascii, s.len);
	return true;
}

static size_t last_at(struct mxa_str s)
{
	size_t i = s.len;

	while (i > 0 && s.p[i - 1] != '@')
		i--;
	return i;
}

/* Only the domain counts for what is too long to be an address. */
static void rcpt_init(struct rcpt *r, struct mxa_str s)
{
	struct mxa_str domain, canonical;
	size_t at = last_at(s);

	r->arena = NULL;
	r->text = MXA_STR("");
	if (s.len > MXA_MAX_ADDRESS) {
		s = mxa_str_sub(s, at, s.len);
		at = 0;
	}
	if (s.len > MXA_MAX_ADDRESS)
		return;
	if (s.len > 0 && s.p[s.len - 1] == '.')
		s.len--;
	if (lower_ascii(r, s))
		return;
	r->arena = mxa_arena_new();
	domain = mxa_str_sub(s, at, s.len);
	if (mxa_domain_canonical(r->arena, domain, &canonical) == MXA_OK)
		r->text = mxa_str_from(mxa_arena_printf(r->arena, "%.*s%.*s",
		    MXA_STR_ARG(mxa_str_lower(r->arena, mxa_str_sub(s, 0, at))),
		    MXA_STR_ARG(canonical)));
}

/* --- matching --- */

bool mxa_rules_look_at(const struct mxa_rules *r, enum mxa_rule_kind k)
{
	return r->index.n[k] > 0;
}

void mxa_rules_match(const struct mxa_rules *r, const struct mxa_ip *ip,
    struct mxa_str rcpt, struct mxa_str author, struct mxa_rule_hits *out)
{
	struct mxa_pattern_hits hits[MXA_RULE_KINDS];
	uint32_t rule[MXA_RULE_KINDS];

	memset(out, 0, sizeof(*out));
	if (r->n == 0)
		return;
	mxa_index_client(&r->index, ip, &hits[MXA_RULE_CLIENT]);
	mxa_index_name(
	    &r->index, MXA_RULE_AUTHOR, author, &hits[MXA_RULE_AUTHOR]);
	hits[MXA_RULE_RECIPIENT].n = 1;
	hits[MXA_RULE_RECIPIENT].id[0] = 0;
	if (mxa_rules_look_at(r, MXA_RULE_RECIPIENT)) {
		MXA_CLEANUP(rcpt_done) struct rcpt canonical;

		rcpt_init(&canonical, rcpt);
		mxa_index_name(&r->index, MXA_RULE_RECIPIENT, canonical.text,
		    &hits[MXA_RULE_RECIPIENT]);
	}
	mxa_index_first(&r->index, hits, rule);
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (rule[k] != UINT32_MAX)
			out->rule[k] = &r->rule[rule[k]];
}

const struct mxa_rule *mxa_rules_client_only(
    const struct mxa_rules *r, const struct mxa_ip *ip)
{
	static const struct mxa_pattern_hits any = { .n = 1 };
	const struct mxa_pattern *p = r->index.pattern[MXA_RULE_CLIENT];
	struct mxa_pattern_hits hits[MXA_RULE_KINDS];
	uint32_t rule[MXA_RULE_KINDS];

	mxa_index_client(&r->index, ip, &hits[MXA_RULE_CLIENT]);
	hits[MXA_RULE_RECIPIENT] = hits[MXA_RULE_AUTHOR] = any;
	mxa_index_first(&r->index, hits, rule);
	if (rule[MXA_RULE_CLIENT] == UINT32_MAX)
		return NULL;
	/* an earlier rule with one of these networks names more than that */
	for (size_t i = 1; i < hits[MXA_RULE_CLIENT].n; i++)
		if (p[hits[MXA_RULE_CLIENT].id[i]].first_rule <
		    rule[MXA_RULE_CLIENT])
			return NULL;
	return &r->rule[rule[MXA_RULE_CLIENT]];
}

/* What recipients are told apart by: the rule of a pattern, or the pattern
 * itself when several rules use it. */
static bool same_class(const struct mxa_pattern *p, uint32_t id, uint32_t other)
{
	return id == other ||
	    (!p[id].several && !p[other].several &&
		p[id].first_rule == p[other].first_rule);
}

static bool all_in(const struct mxa_pattern *p,
    const struct mxa_pattern_hits *a, const struct mxa_pattern_hits *b)
{
	for (size_t i = 1; i < a->n; i++) {
		size_t j = 1;

		while (j < b->n && !same_class(p, a->id[i], b->id[j]))
			j++;
		if (j == b->n)
			return false;
	}
	return true;
}

bool mxa_rules_recipients_agree(
    const struct mxa_rules *r, struct mxa_str a, struct mxa_str b)
{
	const struct mxa_pattern *p = r->index.pattern[MXA_RULE_RECIPIENT];
	MXA_CLEANUP(rcpt_done) struct rcpt ra;
	MXA_CLEANUP(rcpt_done) struct rcpt rb;
	struct mxa_pattern_hits ha, hb;

	rcpt_init(&ra, a);
	rcpt_init(&rb, b);
	mxa_index_name(&r->index, MXA_RULE_RECIPIENT, ra.text, &ha);
	mxa_index_name(&r->index, MXA_RULE_RECIPIENT, rb.text, &hb);
	return all_in(p, &ha, &hb) && all_in(p, &hb, &ha);
}

/* --- rulings --- */

static void ruling_from_conf(
    const struct mxa_conf *conf, bool profile_is_set, struct mxa_ruling *out)
{
	if (!profile_is_set) {
		out->profile = conf->profile;
		out->profile_at = conf->profile_at;
	}
	for (int c = 0; c < MXA_CAUSES; c++) {
		if (out->action[c] == MXA_RULE_UNSET && !profile_is_set &&
		    conf->action[c] != MXA_ACTION_UNSET) {
			out->action[c] = conf->action[c];
			out->action_at[c] = conf->action_at[c];
		}
		if (out->action[c] == MXA_RULE_UNSET)
			out->action_at[c] = out->profile_at;
	}
}

/* Settings that no kind before has given. */
struct given {
	bool profile, exempt, dkim_required, override;
};

static void ruling_add(
    struct mxa_ruling *out, struct given *given, const struct mxa_rule *r)
{
	if (!given->profile && r->profile != MXA_RULE_UNSET) {
		given->profile = true;
		out->profile = (enum mxa_profile)r->profile;
		out->profile_at = r->where;
	}
	if (!given->exempt && r->exempt != MXA_RULE_UNSET) {
		given->exempt = true;
		out->exempt = r->exempt;
		out->exempt_at = r->exempt ? r->where : MXA_STR("");
	}
	if (!given->dkim_required && r->dkim_required != MXA_RULE_UNSET) {
		given->dkim_required = true;
		out->dkim_required = r->dkim_required;
		out->dkim_required_at =
		    r->dkim_required ? r->where : MXA_STR("");
	}
	/* a comment alone goes with whatever the override is called then */
	if (!given->override &&
	    (r->override != MXA_RULE_UNSET || r->comment.len > 0)) {
		given->override = true;
		if (r->override != MXA_RULE_UNSET)
			out->override = (enum mxa_override)r->override;
		out->override_at = r->where;
		out->override_comment = r->comment;
	}
	for (int c = 0; c < MXA_CAUSES; c++) {
		if (out->action[c] == MXA_RULE_UNSET &&
		    r->action[c] != MXA_RULE_UNSET) {
			out->action[c] = r->action[c];
			out->action_at[c] = r->where;
		}
	}
}

void mxa_ruling_from(const struct mxa_conf *conf,
    const struct mxa_rule_hits *hits, struct mxa_ruling *out)
{
	struct given given = { .profile = false };

	*out = (struct mxa_ruling){ .exempt_at = MXA_STR(""),
		.dkim_required_at = MXA_STR(""),
		.override = MXA_OVERRIDE_NONE,
		.override_at = MXA_STR(""),
		.override_comment = MXA_STR("") };
	for (int c = 0; c < MXA_CAUSES; c++)
		out->action[c] = MXA_RULE_UNSET;
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (hits->rule[k] != NULL)
			ruling_add(out, &given, hits->rule[k]);
	ruling_from_conf(conf, given.profile, out);
}

void mxa_ruling_find(const struct mxa_conf *conf, const struct mxa_ip *ip,
    struct mxa_str rcpt, struct mxa_str author, struct mxa_ruling *out)
{
	struct mxa_rule_hits hits;

	mxa_rules_match(conf->rules, ip, rcpt, author, &hits);
	mxa_ruling_from(conf, &hits, out);
}

/* --- for the tools --- */

size_t mxa_rules_count(const struct mxa_rules *r)
{
	return r->n;
}

const struct mxa_rule *mxa_rules_get(const struct mxa_rules *r, size_t i)
{
	return &r->rule[i];
}

/* One pattern, looked at alone: what the index does for all at once. */
static bool pattern_matches(
    enum mxa_rule_kind k, struct mxa_str pattern, struct mxa_str name)
{
	size_t at = last_at(name);
	struct mxa_str domain = mxa_str_sub(name, at, name.len);

	if (k == MXA_RULE_RECIPIENT && last_at(pattern) > 0 && at > 0)
		return mxa_str_eq(pattern, name) ||
		    mxa_str_eq(pattern, mxa_str_sub(name, 0, at));
	if (pattern.len > 0 && pattern.p[0] == '.')
		return domain.len > pattern.len &&
		    mxa_str_ends(domain, pattern);
	return mxa_str_eq(pattern, domain);
}

/* The pattern that misses by a label, and how. */
static const char *near_miss(
    struct mxa_str pattern, struct mxa_str domain, struct mxa_arena *a)
{
	struct mxa_str below = mxa_str_sub(pattern, 1, pattern.len);

	if (pattern.len > 1 && pattern.p[0] == '.' && mxa_str_eq(below, domain))
		return mxa_arena_printf(a,
		    " (%.*s means its subdomains, not the name itself)",
		    MXA_STR_ARG(pattern));
	if (domain.len > pattern.len && mxa_domain_within(domain, pattern))
		return mxa_arena_printf(a, " (subdomains of it would be .%.*s)",
		    MXA_STR_ARG(pattern));
	return NULL;
}

/* "a", "a or b", "a, b, c or 7 others" */
static const char *pattern_list(
    const struct mxa_rule *rule, enum mxa_rule_kind k, struct mxa_arena *a)
{
	size_t n = rule->n_match[k];
	const struct mxa_str *v = rule->match[k];

	if (n == 1)
		return mxa_arena_printf(a, "%.*s", MXA_STR_ARG(v[0]));
	if (n == 2)
		return mxa_arena_printf(
		    a, "%.*s or %.*s", MXA_STR_ARG(v[0]), MXA_STR_ARG(v[1]));
	if (n == 3)
		return mxa_arena_printf(a, "%.*s, %.*s or %.*s",
		    MXA_STR_ARG(v[0]), MXA_STR_ARG(v[1]), MXA_STR_ARG(v[2]));
	return mxa_arena_printf(a, "%.*s, %.*s, %.*s or %zu others",
	    MXA_STR_ARG(v[0]), MXA_STR_ARG(v[1]), MXA_STR_ARG(v[2]), n - 3);
}

static const char *name_miss(const struct mxa_rule *rule, enum mxa_rule_kind k,
    struct mxa_str name, struct mxa_arena *a)
{
	struct mxa_str domain = mxa_str_sub(name, last_at(name), name.len);
	const char *near = NULL;

	if (rule->n_match[k] == 0)
		return NULL;
	if (name.len == 0)
		return mxa_arena_printf(
		    a, "no %s is given", mxa_rule_kind_name(k));
	for (size_t i = 0; i < rule->n_match[k]; i++) {
		if (pattern_matches(k, rule->match[k][i], name))
			return NULL;
		if (near == NULL)
			near = near_miss(rule->match[k][i], domain, a);
	}
	return mxa_arena_printf(a, "%s %.*s is not %s%s", mxa_rule_kind_name(k),
	    MXA_STR_ARG(name), pattern_list(rule, k, a),
	    near != NULL ? near : "");
}

static const char *client_miss(
    const struct mxa_rule *rule, const struct mxa_ip *ip, struct mxa_arena *a)
{
	char text[MXA_IP_TEXT];
	struct mxa_cidr net;

	if (rule->n_match[MXA_RULE_CLIENT] == 0)
		return NULL;
	if (ip == NULL || ip->family == 0)
		return "no client address is given";
	for (size_t i = 0; i < rule->n_match[MXA_RULE_CLIENT]; i++)
		if (mxa_cidr_parse(rule->match[MXA_RULE_CLIENT][i], &net) &&
		    mxa_cidr_has(&net, ip))
			return NULL;
	return mxa_arena_printf(a, "client %s is not in %s",
	    mxa_ip_format(ip, text), pattern_list(rule, MXA_RULE_CLIENT, a));
}

struct mxa_str mxa_rules_why_not(const struct mxa_rules *r, size_t i,
    const struct mxa_ip *ip, struct mxa_str rcpt, struct mxa_str author,
    const struct mxa_rule_hits *hits, struct mxa_arena *a)
{
	const struct mxa_rule *rule = &r->rule[i];
	const struct mxa_rule *winner = hits->rule[rule->kind];
	MXA_CLEANUP(rcpt_done) struct rcpt canonical;
	const char *why;

	rcpt_init(&canonical, rcpt);
	if (rule == winner)
		return MXA_STR("");
	why = client_miss(rule, ip, a);
	if (why == NULL)
		why = name_miss(rule, MXA_RULE_RECIPIENT, canonical.text, a);
	if (why == NULL)
		why = name_miss(rule, MXA_RULE_AUTHOR, author, a);
	if (why == NULL && winner != NULL)
		why = mxa_arena_printf(a,
		    "it matches, but %.*s comes first among the %s rules",
		    MXA_STR_ARG(winner->where), mxa_rule_kind_name(rule->kind));
	return mxa_str_from(why != NULL ? why : "");
}
