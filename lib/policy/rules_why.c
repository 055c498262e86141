/* rules_why.c - why a rule does not match, for people. */
#include "policy/rules.h"

#include "base/arena.h"
#include "base/attr.h"
#include "base/domain.h"
#include "base/i18n.h"
#include "policy/rule_name.h"
#include "policy/rules_index.h"

/* One pattern, looked at alone: what the index does for all at once. */
static bool pattern_matches(
    enum mxa_rule_kind k, struct mxa_str pattern, struct mxa_str name)
{
	size_t at = mxa_rule_kind_is_address(k) ? mxa_rule_name_local(name) : 0;
	struct mxa_str domain = mxa_str_sub(name, at, name.len);

	if (mxa_rule_name_local(pattern) > 0)
		return at > 0 &&
		    (mxa_str_eq(pattern, name) ||
			mxa_str_eq(pattern, mxa_str_sub(name, 0, at)));
	if (pattern.len > 0 && pattern.p[0] == '.')
		return domain.len > pattern.len &&
		    mxa_str_ends(domain, pattern);
	return mxa_str_eq(pattern, domain);
}

/* The pattern that misses by a label, and how. */
static struct mxa_phrase near_miss(
    struct mxa_str pattern, struct mxa_str name, struct mxa_arena *a)
{
	struct mxa_str below = mxa_str_sub(pattern, 1, pattern.len);
	struct mxa_str domain =
	    mxa_str_sub(name, mxa_rule_name_local(name), name.len);

	if (pattern.len > 1 && pattern.p[0] == '.' && mxa_str_eq(below, domain))
		return mxa_phrase(a,
		    N_(" (%.*s means its subdomains, not the name itself)"),
		    MXA_STR_ARG(pattern));
	if (domain.len > pattern.len && mxa_domain_within(domain, pattern))
		return mxa_phrase(a, N_(" (subdomains of it would be .%.*s)"),
		    MXA_STR_ARG(pattern));
	return MXA_PHRASE("");
}

/* "a", "a or b", "a, b or c", "a, b, c or 7 others" */
static struct mxa_phrase or_list(
    const struct mxa_str *v, size_t n, struct mxa_arena *a)
{
	if (n == 1)
		return mxa_phrase(a, "%.*s", MXA_STR_ARG(v[0]));
	if (n == 2)
		return mxa_phrase(a, N_("%.*s or %.*s"), MXA_STR_ARG(v[0]),
		    MXA_STR_ARG(v[1]));
	if (n == 3)
		return mxa_phrase(a, N_("%.*s, %.*s or %.*s"),
		    MXA_STR_ARG(v[0]), MXA_STR_ARG(v[1]), MXA_STR_ARG(v[2]));
	return mxa_phrase(a, N_("%.*s, %.*s, %.*s or %zu others"),
	    MXA_STR_ARG(v[0]), MXA_STR_ARG(v[1]), MXA_STR_ARG(v[2]), n - 3);
}

/* Whether the rule names a single author, not only domains. */
static bool names_an_author(const struct mxa_rule *rule)
{
	for (size_t i = 0; i < rule->n_match[MXA_RULE_AUTHOR]; i++)
		if (mxa_rule_name_local(rule->match[MXA_RULE_AUTHOR][i]) > 0)
			return true;
	return false;
}

/* What the subject has of that kind, as it is given. */
static size_t given_names(const struct mxa_rule *rule,
    const struct mxa_rule_subject *s, enum mxa_rule_kind k,
    const struct mxa_str **out)
{
	const struct mxa_str *given[] = {
		[MXA_RULE_CLIENT] = NULL,
		[MXA_RULE_CLIENT_NAME] = &s->client_name,
		[MXA_RULE_HELO] = &s->helo,
		[MXA_RULE_DAEMON] = &s->daemon_name,
		[MXA_RULE_MAIL_FROM] = &s->mail_from,
		[MXA_RULE_SIGNER] = s->signer,
		[MXA_RULE_SEALER] = &s->sealer,
		[MXA_RULE_RECIPIENT] = &s->rcpt,
		[MXA_RULE_AUTHOR] = &s->author,
	};

	*out = given[k];
	if (k == MXA_RULE_SIGNER)
		return s->n_signers;
	if (k == MXA_RULE_AUTHOR && s->n_author_addresses > 0 &&
	    names_an_author(rule)) {
		*out = s->author_address;
		return s->n_author_addresses;
	}
	return 1;
}

/* The same in canonical form, without what is empty. */
static size_t names_of(const struct mxa_rule *rule,
    const struct mxa_rule_subject *s, enum mxa_rule_kind k, struct mxa_arena *a,
    struct mxa_str **out)
{
	const struct mxa_str *given;
	size_t n = given_names(rule, s, k, &given), kept = 0;

	*out = mxa_arena_calloc(a, n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++) {
		MXA_CLEANUP(mxa_rule_name_done) struct mxa_rule_name name;
		bool other = given == s->author_address &&
		    !mxa_rule_name_is_at(given[i], s->author);

		mxa_rule_name_init(&name, given[i]);
		if (name.text.len > 0 && !other)
			(*out)[kept++] = mxa_str_dup(a, name.text);
	}
	return kept;
}

static struct mxa_phrase name_miss(const struct mxa_rule *rule,
    enum mxa_rule_kind k, const struct mxa_rule_subject *s, struct mxa_arena *a)
{
	struct mxa_str *name;
	size_t n = names_of(rule, s, k, a, &name);
	struct mxa_phrase near = MXA_PHRASE(""), own, wanted;

	if (n == 0)
		return mxa_phrase(
		    a, N_("no %s is given"), mxa_rule_kind_name(k));
	for (size_t i = 0; i < rule->n_match[k]; i++) {
		for (size_t j = 0; j < n; j++) {
			if (pattern_matches(k, rule->match[k][i], name[j]))
				return MXA_PHRASE("");
			if (near.text.len == 0)
				near = near_miss(rule->match[k][i], name[j], a);
		}
	}
	own = or_list(name, n, a);
	wanted = or_list(rule->match[k], rule->n_match[k], a);
	return mxa_phrase(a, N_("%s %p is not %p%p"), mxa_rule_kind_name(k),
	    (const void *)&own, (const void *)&wanted, (const void *)&near);
}

static struct mxa_phrase client_miss(
    const struct mxa_rule *rule, const struct mxa_ip *ip, struct mxa_arena *a)
{
	char text[MXA_IP_TEXT];
	struct mxa_phrase nets;
	struct mxa_cidr net;

	if (ip == NULL || ip->family == 0)
		return MXA_PHRASE(N_("no client address is given"));
	for (size_t i = 0; i < rule->n_match[MXA_RULE_CLIENT]; i++)
		if (mxa_cidr_parse(rule->match[MXA_RULE_CLIENT][i], &net) &&
		    mxa_cidr_has(&net, ip))
			return MXA_PHRASE("");
	nets = or_list(
	    rule->match[MXA_RULE_CLIENT], rule->n_match[MXA_RULE_CLIENT], a);
	return mxa_phrase(a, N_("client %s is not in %p"),
	    mxa_ip_format(ip, text), (const void *)&nets);
}

/* What the rule names and the subject does not have; empty: nothing. */
static struct mxa_phrase first_miss(const struct mxa_rule *rule,
    const struct mxa_rule_subject *s, struct mxa_arena *a)
{
	struct mxa_phrase why = MXA_PHRASE("");

	for (int k = 0; k < MXA_RULE_KINDS && why.text.len == 0; k++) {
		if (rule->n_match[k] == 0)
			continue;
		if (k == MXA_RULE_CLIENT)
			why = client_miss(rule, s->ip, a);
		else
			why = name_miss(rule, (enum mxa_rule_kind)k, s, a);
	}
	return why;
}

struct mxa_phrase mxa_rules_why_not(const struct mxa_rules *r, size_t i,
    const struct mxa_rule_subject *s, const struct mxa_rule_hits *hits,
    struct mxa_arena *a)
{
	const struct mxa_rule *rule = &r->rule[i];
	const struct mxa_rule *winner = hits->rule[rule->kind];
	struct mxa_phrase why;

	if (rule == winner)
		return MXA_PHRASE("");
	if (rule->until != MXA_RULE_FOREVER && s->now >= rule->until)
		return mxa_phrase(
		    a, N_("it ended on %.*s"), MXA_STR_ARG(rule->until_text));
	why = first_miss(rule, s, a);
	if (why.text.len == 0 && winner != NULL)
		why = mxa_phrase(a,
		    N_("it matches, but %.*s comes first among the %s rules"),
		    MXA_STR_ARG(winner->where), mxa_rule_kind_name(rule->kind));
	return why;
}
