/* rules.c - which rules apply. */
#include "policy/rules.h"

#include <string.h>

#include "base/attr.h"
#include "conf/conf.h"
#include "policy/rule_name.h"
#include "policy/rules_index.h"

const char *mxa_rule_kind_name(enum mxa_rule_kind k)
{
	static const char *const names[] = {
		[MXA_RULE_CLIENT] = "client",
		[MXA_RULE_CLIENT_NAME] = "client-name",
		[MXA_RULE_HELO] = "helo",
		[MXA_RULE_DAEMON] = "daemon-name",
		[MXA_RULE_MAIL_FROM] = "mail-from",
		[MXA_RULE_SIGNER] = "signer",
		[MXA_RULE_SEALER] = "sealer",
		[MXA_RULE_RECIPIENT] = "recipient",
		[MXA_RULE_AUTHOR] = "author",
		[MXA_RULE_KINDS] = "",
	};

	return names[k];
}

bool mxa_rule_kind_is_address(enum mxa_rule_kind k)
{
	return k == MXA_RULE_MAIL_FROM || k == MXA_RULE_RECIPIENT ||
	    k == MXA_RULE_AUTHOR;
}

/* --- matching --- */

bool mxa_rules_look_at(const struct mxa_rules *r, enum mxa_rule_kind k)
{
	return r->index.n[k] > 0;
}

/* Add the hits of a name or address as the message gives it. */
static void add_given(const struct mxa_rules_index *x, enum mxa_rule_kind k,
    struct mxa_str given, struct mxa_pattern_hits *out)
{
	if (x->n[k] > 0) {
		MXA_CLEANUP(mxa_rule_name_done) struct mxa_rule_name name;

		mxa_rule_name_init(&name, given);
		mxa_index_name(x, k, name.text, out);
	}
}

static void add_author(const struct mxa_rules_index *x,
    const struct mxa_rule_subject *s, struct mxa_pattern_hits *out)
{
	mxa_index_name(x, MXA_RULE_AUTHOR, s->author, out);
	if (!x->addresses[MXA_RULE_AUTHOR])
		return;
	for (size_t i = 0; i < s->n_author_addresses; i++)
		if (mxa_rule_name_is_at(s->author_address[i], s->author))
			add_given(
			    x, MXA_RULE_AUTHOR, s->author_address[i], out);
}

static void collect_hits(const struct mxa_rules_index *x,
    const struct mxa_rule_subject *s,
    struct mxa_pattern_hits hits[MXA_RULE_KINDS])
{
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		hits[k].n = 0;
	mxa_index_client(x, s->ip, &hits[MXA_RULE_CLIENT]);
	add_given(x, MXA_RULE_CLIENT_NAME, s->client_name,
	    &hits[MXA_RULE_CLIENT_NAME]);
	add_given(x, MXA_RULE_HELO, s->helo, &hits[MXA_RULE_HELO]);
	add_given(x, MXA_RULE_DAEMON, s->daemon_name, &hits[MXA_RULE_DAEMON]);
	add_given(
	    x, MXA_RULE_MAIL_FROM, s->mail_from, &hits[MXA_RULE_MAIL_FROM]);
	for (size_t i = 0; i < s->n_signers; i++)
		mxa_index_name(
		    x, MXA_RULE_SIGNER, s->signer[i], &hits[MXA_RULE_SIGNER]);
	mxa_index_name(x, MXA_RULE_SEALER, s->sealer, &hits[MXA_RULE_SEALER]);
	add_given(x, MXA_RULE_RECIPIENT, s->rcpt, &hits[MXA_RULE_RECIPIENT]);
	add_author(x, s, &hits[MXA_RULE_AUTHOR]);
}

void mxa_rules_match(const struct mxa_rules *r,
    const struct mxa_rule_subject *s, struct mxa_rule_hits *out)
{
	struct mxa_pattern_hits hits[MXA_RULE_KINDS];
	uint32_t rule[MXA_RULE_KINDS];

	memset(out, 0, sizeof(*out));
	if (r->n == 0)
		return;
	collect_hits(&r->index, s, hits);
	mxa_index_first(&r->index, hits, s->now, rule);
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (rule[k] != UINT32_MAX)
			out->rule[k] = &r->rule[rule[k]];
}

const struct mxa_rule *mxa_rules_client_only(
    const struct mxa_rules *r, const struct mxa_ip *ip, int64_t now)
{
	const struct mxa_pattern *p = r->index.pattern[MXA_RULE_CLIENT];
	struct mxa_rule_subject subject = { .ip = ip, .now = now };
	struct mxa_pattern_hits hits = { .n = 0 };
	struct mxa_rule_hits found;
	const struct mxa_rule *rule;

	mxa_rules_match(r, &subject, &found);
	rule = found.rule[MXA_RULE_CLIENT];
	if (rule == NULL)
		return NULL;
	/* an earlier rule with one of these networks names more than that */
	mxa_index_client(&r->index, ip, &hits);
	for (size_t i = 0; i < hits.n; i++)
		if (&r->rule[p[hits.id[i]].first_rule] < rule)
			return NULL;
	return rule;
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
	for (size_t i = 0; i < a->n; i++) {
		size_t j = 0;

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
	struct mxa_pattern_hits ha = { .n = 0 }, hb = { .n = 0 };

	add_given(&r->index, MXA_RULE_RECIPIENT, a, &ha);
	add_given(&r->index, MXA_RULE_RECIPIENT, b, &hb);
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

void mxa_ruling_find(const struct mxa_conf *conf,
    const struct mxa_rule_subject *s, struct mxa_ruling *out)
{
	struct mxa_rule_hits hits;

	mxa_rules_match(conf->rules, s, &hits);
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
