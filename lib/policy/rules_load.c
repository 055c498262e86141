/* rules_load.c - one rule after another, then the index over all. */
#include "policy/rules_load.h"

#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/domain.h"
#include "conf/values.h"
#include "conf/words.h"
#include "policy/rule_name.h"
#include "policy/rules_index.h"

#define MAX_COMMENT 200
#define MAX_DAEMON_NAME 64
#define MAX_COMBINATIONS_A_RULE 100000
#define MAX_COMBINATIONS 4000000

struct loader {
	struct mxa_tree *tree;
	struct mxa_arena *arena; /* the configuration's */
	struct mxa_rules *rules;
	size_t patterns[MXA_RULE_KINDS];
	size_t combinations;
};

const struct mxa_rules *mxa_rules_none(void)
{
	static const struct mxa_rules none;

	return &none;
}

/* --- settings of a rule --- */

static void mistake_expected(struct loader *l, const struct mxa_node *v,
    const char *what, const struct mxa_node *culprit)
{
	mxa_tree_error(l->tree, culprit, "%s: expected %s, found %s", v->name,
	    what, mxa_tree_found(l->tree, culprit));
}

static void read_action(
    struct loader *l, const struct mxa_node *v, const char *what, int *out)
{
	enum mxa_action_kind kind;
	struct mxa_str word;

	if (mxa_tree_string(v, &word) && mxa_action_from_name(word, &kind))
		*out = (int)kind;
	else
		mistake_expected(l, v, what, v);
}

static void read_profile(struct loader *l, const struct mxa_node *v, int *out)
{
	enum mxa_profile profile;
	struct mxa_str word;

	if (mxa_tree_string(v, &word) && mxa_profile_from_name(word, &profile))
		*out = (int)profile;
	else
		mistake_expected(l, v, MXA_EXPECT_PROFILE, v);
}

static void read_flag(struct loader *l, const struct mxa_node *v, int *out)
{
	bool flag;

	if (mxa_tree_bool(v, &flag))
		*out = flag;
	else
		mistake_expected(l, v, "true or false", v);
}

/* Of RFC 9990's reasons, those that a receiver's own rule can be. */
static void read_override(struct loader *l, const struct mxa_node *v, int *out)
{
	enum mxa_override o;
	struct mxa_str word;

	if (mxa_tree_string(v, &word) && mxa_override_from_name(word, &o) &&
	    o != MXA_OVERRIDE_NONE && o != MXA_OVERRIDE_POLICY_TEST_MODE)
		*out = (int)o;
	else
		mistake_expected(l, v,
		    "local_policy, mailing_list, trusted_forwarder or other",
		    v);
}

static void read_comment(
    struct loader *l, const struct mxa_node *v, struct mxa_str *out)
{
	struct mxa_str text;
	bool ok = mxa_tree_string(v, &text) && text.len <= MAX_COMMENT;

	for (size_t i = 0; ok && i < text.len; i++)
		ok = text.p[i] >= ' ' && text.p[i] <= '~';
	if (ok)
		*out = mxa_str_dup(l->arena, text);
	else
		mistake_expected(
		    l, v, "at most 200 printable ASCII characters", v);
}

/* The rule is in force through that day, UTC. */
static void read_until(
    struct loader *l, const struct mxa_node *v, struct mxa_rule *rule)
{
	struct mxa_str text;
	int64_t day;

	if (!mxa_tree_string(v, &text) || !mxa_date_parse(text, &day)) {
		mistake_expected(l, v, "a date such as \"2027-03-31\"", v);
		return;
	}
	rule->until = day + MXA_DAY_SECONDS;
	rule->until_text = mxa_str_dup(l->arena, text);
}

static void read_dkim_required(
    struct loader *l, const struct mxa_node *v, struct mxa_rule *rule)
{
	bool flag;

	if (mxa_tree_bool(v, &flag)) {
		rule->dkim_required = flag;
		return;
	}
	rule->dkim_required = true;
	read_action(l, v, "true, false, " MXA_EXPECT_ACTION,
	    &rule->action[MXA_CAUSE_DKIM_REQUIRED]);
}

static void unknown_setting(struct loader *l, const struct mxa_node *v)
{
	static const char *const others[] = { "profile", "exempt", "override",
		"comment", "until" };
	enum { OTHERS = MXA_ARRAY_LEN(others) };
	const char *known[MXA_CAUSES + OTHERS + MXA_RULE_KINDS];
	const char *guess;

	memcpy(known, others, sizeof(others));
	for (int c = 0; c < MXA_CAUSES; c++)
		known[OTHERS + c] = mxa_cause_name(c);
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		known[OTHERS + MXA_CAUSES + k] = mxa_rule_kind_name(k);
	guess = mxa_tree_guess(v->name, known, MXA_ARRAY_LEN(known));
	if (guess != NULL)
		mxa_tree_error(l->tree, v,
		    "unknown option %s in a rule; expected %s?", v->name,
		    guess);
	else
		mxa_tree_error(l->tree, v,
		    "unknown option %s in a rule; expected what it matches "
		    "(client, client-name, helo, daemon-name, mail-from, "
		    "signer, sealer, recipient, author), profile, exempt, "
		    "override, comment, until or a cause such as "
		    "dmarc-reject",
		    v->name);
}

static void read_setting(
    struct loader *l, const struct mxa_node *v, struct mxa_rule *rule)
{
	const char *name = v->name;
	enum mxa_cause cause;

	if (mxa_cause_from_name(mxa_str_from(name), &cause)) {
		if (cause == MXA_CAUSE_DKIM_REQUIRED)
			read_dkim_required(l, v, rule);
		else
			read_action(
			    l, v, MXA_EXPECT_ACTION, &rule->action[cause]);
	} else if (strcmp(name, "profile") == 0) {
		read_profile(l, v, &rule->profile);
	} else if (strcmp(name, "exempt") == 0) {
		read_flag(l, v, &rule->exempt);
	} else if (strcmp(name, "override") == 0) {
		read_override(l, v, &rule->override);
	} else if (strcmp(name, "comment") == 0) {
		read_comment(l, v, &rule->comment);
	} else if (strcmp(name, "until") == 0) {
		read_until(l, v, rule);
	} else {
		unknown_setting(l, v);
	}
}

/* --- what a rule matches --- */

typedef bool pattern_fn(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str *out);

static bool client_pattern(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str *out)
{
	struct mxa_cidr net;

	(void)a;
	*out = text;
	return mxa_cidr_parse(text, &net);
}

/* A domain; "user@d"; "user@", that user at any domain. */
static bool recipient_pattern(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str *out)
{
	struct mxa_str user, domain;
	size_t at = mxa_rule_name_local(text);

	if (at == 0)
		return mxa_value_domain(a, text, out);
	user = mxa_str_lower(a, mxa_str_sub(text, 0, at));
	domain = mxa_str_sub(text, at, text.len);
	if (at == 1)
		return false;
	if (domain.len > 0 &&
	    mxa_domain_canonical(a, domain, &domain) != MXA_OK)
		return false;
	*out = mxa_str_from(mxa_arena_printf(
	    a, "%.*s%.*s", MXA_STR_ARG(user), MXA_STR_ARG(domain)));
	return true;
}

/* The same, or "" for the null sender. */
static bool mail_from_pattern(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str *out)
{
	*out = MXA_STR(MXA_NULL_SENDER);
	return text.len == 0 || mxa_str_is(text, MXA_NULL_SENDER) ||
	    recipient_pattern(a, text, out);
}

/* A domain, or "user@d". */
static bool author_pattern(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str *out)
{
	return recipient_pattern(a, text, out) &&
	    !mxa_str_ends(*out, MXA_STR("@"));
}

/* Postfix and Sendmail let the administrator choose: "smtpd", "MTA-v4". */
static bool daemon_pattern(
    struct mxa_arena *a, struct mxa_str text, struct mxa_str *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~' || text.p[i] == '@')
			return false;
	*out = mxa_str_lower(a, text);
	return text.len > 0 && text.len <= MAX_DAEMON_NAME &&
	    text.p[0] != '.' && text.p[text.len - 1] != '.';
}

#define EXPECT_DOMAIN "a domain, or \".domain\" for its subdomains"

static const struct {
	pattern_fn *read;
	const char *expected;
} patterns[] = {
	[MXA_RULE_CLIENT] = { client_pattern,
	    "an address or a network (\"192.0.2.0/24\")" },
	[MXA_RULE_CLIENT_NAME] = { mxa_value_domain, EXPECT_DOMAIN },
	[MXA_RULE_HELO] = { mxa_value_domain, EXPECT_DOMAIN },
	[MXA_RULE_DAEMON] = { daemon_pattern,
	    "a name without spaces, such as \"smtpd\"" },
	[MXA_RULE_MAIL_FROM] = { mail_from_pattern,
	    "a domain, \".domain\" for its subdomains, \"user@domain\", "
	    "\"user@\", or \"\" for the null sender" },
	[MXA_RULE_SIGNER] = { mxa_value_domain, EXPECT_DOMAIN },
	[MXA_RULE_SEALER] = { mxa_value_domain, EXPECT_DOMAIN },
	[MXA_RULE_RECIPIENT] = { recipient_pattern,
	    "a domain, \".domain\" for its subdomains, \"user@domain\" "
	    "or \"user@\"" },
	[MXA_RULE_AUTHOR] = { author_pattern,
	    "a domain, \".domain\" for its subdomains, or "
	    "\"user@domain\"" },
};

static bool read_pattern(struct loader *l, enum mxa_rule_kind k,
    const struct mxa_node *list, const struct mxa_node *v, struct mxa_str *out)
{
	struct mxa_str text;

	if (mxa_tree_string(v, &text) &&
	    patterns[k].read(l->arena, mxa_str_dup(l->arena, text), out))
		return true;
	mistake_expected(l, list, patterns[k].expected, v);
	return false;
}

/* '*ok' becomes false when anything is wrong. */
static void read_match(struct loader *l, const struct mxa_node *v,
    enum mxa_rule_kind k, struct mxa_rule *rule, bool *ok)
{
	size_t n = mxa_tree_count(v);
	struct mxa_str *list = mxa_arena_calloc(l->arena, n, sizeof(*list));

	if (n == 0) {
		mxa_tree_error(
		    l->tree, v, "%s: the list is empty", mxa_rule_kind_name(k));
		*ok = false;
	}
	rule->match[k] = list;
	for (size_t i = 0; i < n; i++)
		if (read_pattern(l, k, v, mxa_tree_element(v, i),
			&list[rule->n_match[k]]))
			rule->n_match[k]++;
		else
			*ok = false;
	l->patterns[k] += rule->n_match[k];
}

/* --- a rule --- */

static int find_kind(const char *name)
{
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (strcmp(name, mxa_rule_kind_name(k)) == 0)
			return k;
	return -1;
}

static void rule_init(
    struct loader *l, const struct mxa_node *v, struct mxa_rule *rule)
{
	rule->where = mxa_tree_where(l->tree, l->arena, v);
	rule->kind = MXA_RULE_KINDS;
	rule->profile = rule->exempt = rule->dkim_required = rule->override =
	    MXA_RULE_UNSET;
	rule->comment = rule->until_text = MXA_STR("");
	rule->until = MXA_RULE_FOREVER;
	for (int c = 0; c < MXA_CAUSES; c++)
		rule->action[c] = MXA_RULE_UNSET;
}

static bool count_combinations(
    struct loader *l, const struct mxa_node *v, const struct mxa_rule *rule)
{
	size_t product = 1;

	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		size_t n = rule->n_match[k] > 0 ? rule->n_match[k] : 1;

		if (product > MAX_COMBINATIONS_A_RULE / n) {
			mxa_tree_error(l->tree, v,
			    "the lists of this rule have more than %d "
			    "combinations; expected shorter lists in several "
			    "rules",
			    MAX_COMBINATIONS_A_RULE);
			return false;
		}
		product *= n;
	}
	l->combinations += product;
	return true;
}

/* --- whom a rule trusts --- */

static bool names_kind(const struct mxa_rule *rule, enum mxa_rule_kind k)
{
	return rule->n_match[k] > 0;
}

static bool sets_nothing(const struct mxa_rule *rule)
{
	for (int c = 0; c < MXA_CAUSES; c++)
		if (rule->action[c] != MXA_RULE_UNSET)
			return false;
	return rule->profile == MXA_RULE_UNSET &&
	    rule->exempt == MXA_RULE_UNSET &&
	    rule->dkim_required == MXA_RULE_UNSET;
}

static bool pairs_signer(const struct mxa_rule *rule)
{
	return names_kind(rule, MXA_RULE_SIGNER) &&
	    names_kind(rule, MXA_RULE_AUTHOR) && sets_nothing(rule);
}

/* A rule that pairs a signer with authors and sets nothing trusts the signer
 * for them: mail that it signed is delivered whatever else fails.  A From that
 * cannot be read is not an authentication problem, so that stays. */
static void trust_signer(struct mxa_rule *rule)
{
	rule->trusts = true;
	for (int c = 0; c < MXA_CAUSES; c++)
		if (c != MXA_CAUSE_MALFORMED_FROM && c != MXA_CAUSE_NO_AUTHOR)
			rule->action[c] = MXA_ACT_ACCEPT;
	if (rule->override == MXA_RULE_UNSET)
		rule->override = MXA_OVERRIDE_TRUSTED_FORWARDER;
}

/* Whether mail gets through by this rule that fails DMARC. */
static bool lets_through(const struct mxa_rule *rule)
{
	int reject = rule->action[MXA_CAUSE_DMARC_REJECT];
	int quarantine = rule->action[MXA_CAUSE_DMARC_QUARANTINE];

	return rule->exempt == 1 || rule->profile == MXA_PROFILE_MONITOR ||
	    reject == MXA_ACT_ACCEPT || reject == MXA_ACT_TAG ||
	    quarantine == MXA_ACT_ACCEPT;
}

/* A stranger chooses HELO and envelope sender freely, and gets the signature of
 * a mail service when he becomes its customer.  Such a rule is not a mistake (a
 * forwarder may sign only what it forwards), but its author should know. */
static void warn_of_strangers(
    struct loader *l, const struct mxa_node *v, const struct mxa_rule *rule)
{
	if (!lets_through(rule) || names_kind(rule, MXA_RULE_AUTHOR) ||
	    names_kind(rule, MXA_RULE_CLIENT) ||
	    names_kind(rule, MXA_RULE_CLIENT_NAME) ||
	    names_kind(rule, MXA_RULE_SEALER))
		return;
	if (names_kind(rule, MXA_RULE_SIGNER))
		mxa_tree_warning(l->tree, v,
		    "whoever gets a signature of %.*s can write as any author "
		    "by this rule; expected author = ... beside signer",
		    MXA_STR_ARG(rule->match[MXA_RULE_SIGNER][0]));
	else if (names_kind(rule, MXA_RULE_HELO) ||
	    names_kind(rule, MXA_RULE_MAIL_FROM))
		mxa_tree_warning(l->tree, v,
		    "anybody can give that name and then write as any author "
		    "by this rule; expected client, client-name or signer "
		    "beside it");
}

/* Profile monitor never does more than tag, whatever the rule says beside it.
 */
static void warn_of_monitor(
    struct loader *l, const struct mxa_node *v, const struct mxa_rule *rule)
{
	for (int c = 0; c < MXA_CAUSES; c++)
		if (rule->profile == MXA_PROFILE_MONITOR &&
		    rule->action[c] > (int)MXA_ACT_TAG)
			mxa_tree_warning(l->tree, v,
			    "%s = \"%s\" has no effect: profile monitor never "
			    "does more than tag",
			    mxa_cause_name((enum mxa_cause)c),
			    mxa_action_name(
				(enum mxa_action_kind)rule->action[c]));
}

/* '*' is an ordinary byte here, and no address has one. */
static void warn_of_stars(
    struct loader *l, const struct mxa_node *v, const struct mxa_rule *rule)
{
	static const enum mxa_rule_kind kinds[] = { MXA_RULE_RECIPIENT,
		MXA_RULE_MAIL_FROM, MXA_RULE_AUTHOR };

	for (size_t k = 0; k < MXA_ARRAY_LEN(kinds); k++)
		for (size_t i = 0; i < rule->n_match[kinds[k]]; i++) {
			struct mxa_str text = rule->match[kinds[k]][i];

			if (mxa_str_chr(text, '*', 0) < text.len)
				mxa_tree_warning(l->tree, v,
				    "%s \"%.*s\" never matches: \"d\" is all "
				    "of a domain, \".d\" its subdomains",
				    mxa_rule_kind_name(kinds[k]),
				    MXA_STR_ARG(text));
		}
}

/* Its settings; false: it cannot go into the index. */
static bool read_settings(
    struct loader *l, const struct mxa_node *v, struct mxa_rule *rule)
{
	bool ok = true;

	for (size_t i = 0; i < v->n; i++) {
		const struct mxa_node *s = v->child[i];
		int kind = find_kind(s->name);

		if (kind < 0) {
			read_setting(l, s, rule);
			continue;
		}
		read_match(l, s, (enum mxa_rule_kind)kind, rule, &ok);
		if ((enum mxa_rule_kind)kind < rule->kind)
			rule->kind = (enum mxa_rule_kind)kind;
	}
	if (rule->kind == MXA_RULE_KINDS) {
		mxa_tree_error(l->tree, v,
		    "the rule matches nothing; expected client, client-name, "
		    "helo, daemon-name, mail-from, signer, sealer, recipient "
		    "or author");
		return false;
	}
	warn_of_monitor(l, v, rule);
	warn_of_stars(l, v, rule);
	if (pairs_signer(rule))
		trust_signer(rule);
	else
		warn_of_strangers(l, v, rule);
	return ok && count_combinations(l, v, rule);
}

static bool read_rule(
    struct loader *l, const struct mxa_node *v, struct mxa_rule *rule)
{
	rule_init(l, v, rule);
	if (v->kind == MXA_NODE_SECTION)
		return read_settings(l, v, rule);
	mxa_tree_error(l->tree, v,
	    "rules: expected a rule in braces, { }, found %s",
	    mxa_tree_found(l->tree, v));
	return false;
}

/* --- the index --- */

static size_t intern_list(
    struct loader *l, uint32_t i, enum mxa_rule_kind k, uint32_t **out)
{
	struct mxa_rule *rule = &l->rules->rule[i];
	size_t n = rule->n_match[k];
	uint32_t *id = mxa_arena_calloc(
	    l->tree->source->arena, n > 0 ? n : 1, sizeof(*id));
	struct mxa_cidr net = { .bits = 0 };

	for (size_t j = 0; j < n; j++) {
		if (k == MXA_RULE_CLIENT)
			(void)mxa_cidr_parse(rule->match[k][j], &net);
		id[j] = mxa_index_intern(
		    &l->rules->index, k, rule->match[k][j], &net, i);
	}
	*out = id;
	return n > 0 ? n : 1;
}

static void same_match(struct loader *l, const struct mxa_node *v, uint32_t i,
    uint32_t other, const size_t at[MXA_RULE_KINDS])
{
	const struct mxa_rule *rule = &l->rules->rule[i];
	struct mxa_arena *a = l->tree->source->arena;
	const char *match = "";

	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (rule->n_match[k] > 0)
			match = mxa_arena_printf(a, "%s %s %.*s", match,
			    mxa_rule_kind_name(k),
			    MXA_STR_ARG(rule->match[k][at[k]]));
	mxa_tree_error(l->tree, v, "the same match as %.*s:%s",
	    MXA_STR_ARG(l->rules->rule[other].where), match);
}

static void index_rule(struct loader *l, const struct mxa_node *v, uint32_t i)
{
	const struct mxa_rule *rule = &l->rules->rule[i];
	size_t n[MXA_RULE_KINDS], at[MXA_RULE_KINDS] = { 0 };
	uint32_t *id[MXA_RULE_KINDS];

	for (int k = 0; k < MXA_RULE_KINDS; k++)
		n[k] = intern_list(l, i, k, &id[k]);
	do {
		uint32_t combination[MXA_RULE_KINDS], other;

		for (int k = 0; k < MXA_RULE_KINDS; k++)
			combination[k] = id[k][at[k]];
		other = mxa_index_add(
		    &l->rules->index, combination, i, rule->until);
		if (other != i)
			same_match(l, v, i, other, at);
	} while (mxa_next_combination(at, n));
}

/* Patterns that match whatever pattern 'text' of kind 'k' matches. */
static void find_covering(const struct mxa_rules_index *x, struct mxa_arena *a,
    enum mxa_rule_kind k, struct mxa_str text, struct mxa_pattern_hits *out)
{
	const struct mxa_pattern *p = x->pattern[MXA_RULE_CLIENT];
	struct mxa_cidr net;
	size_t n = 0;

	out->n = 0;
	if (k != MXA_RULE_CLIENT) {
		/* "*.d" is below ".d", and no rule can have that name */
		if (text.p[0] == '.')
			text = mxa_str_from(
			    mxa_arena_printf(a, "*%.*s", MXA_STR_ARG(text)));
		mxa_index_name(x, k, text, out);
		return;
	}
	(void)mxa_cidr_parse(text, &net);
	mxa_index_client(x, &net.ip, out);
	for (size_t i = 0; i < out->n; i++)
		if (p[out->id[i]].net.bits <= net.bits)
			out->id[n++] = out->id[i];
	out->n = n;
}

/* The first rule without end that matches all that one entry of each list of
 * 'rule' does. */
static uint32_t first_covering(struct loader *l, const struct mxa_rule *rule,
    const size_t at[MXA_RULE_KINDS])
{
	struct mxa_pattern_hits hits[MXA_RULE_KINDS];
	uint32_t first[MXA_RULE_KINDS];

	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		hits[k].n = 0;
		if (rule->n_match[k] > 0)
			find_covering(&l->rules->index, l->tree->source->arena,
			    k, rule->match[k][at[k]], &hits[k]);
	}
	mxa_index_first(&l->rules->index, hits, MXA_RULE_FOREVER, first);
	return first[rule->kind];
}

/* A rule whose matches are all taken by earlier rules is not a mistake: it may
 * be kept for later.  Its author should know. */
static void check_reached(
    struct loader *l, const struct mxa_node *v, uint32_t i)
{
	const struct mxa_rule *rule = &l->rules->rule[i];
	size_t n[MXA_RULE_KINDS], at[MXA_RULE_KINDS] = { 0 };
	uint32_t other;

	for (int k = 0; k < MXA_RULE_KINDS; k++)
		n[k] = rule->n_match[k] > 0 ? rule->n_match[k] : 1;
	do {
		other = first_covering(l, rule, at);
		if (other >= i)
			return;
	} while (mxa_next_combination(at, n));
	mxa_tree_warning(l->tree, v,
	    "this rule is never used: %.*s comes first and matches the same",
	    MXA_STR_ARG(l->rules->rule[other].where));
}

/* 'sound' tells for each rule whether it can be looked up. */
static void build_index(
    struct loader *l, const struct mxa_node *list, const bool *sound)
{
	mxa_index_init(
	    &l->rules->index, l->arena, l->patterns, l->combinations);
	for (size_t i = 0; i < l->rules->n; i++)
		if (sound[i])
			index_rule(l, mxa_tree_element(list, i), (uint32_t)i);
	for (size_t i = 0; i < l->rules->n; i++)
		if (sound[i])
			check_reached(
			    l, mxa_tree_element(list, i), (uint32_t)i);
}

/* --- the file --- */

/* The one setting of the file, a list. */
static const struct mxa_node *find_list(struct mxa_tree *t)
{
	const struct mxa_node *root = t->root;
	const struct mxa_node *list = NULL;

	for (size_t i = 0; i < root->n; i++) {
		const struct mxa_node *v = root->child[i];

		if (strcmp(v->name, "rules") == 0)
			list = v;
		else
			mxa_tree_error(t, v,
			    "unknown option %s; expected rules = ( ... )",
			    v->name);
	}
	if (list == NULL) {
		/* an empty file is more likely cut off than meant */
		if (t->source->mistakes->errors == 0)
			mxa_conf_text_error(t->source, 1,
			    "expected rules = ( ... ), found none; no rules "
			    "at all are rules = ();");
		return NULL;
	}
	if (list->kind != MXA_NODE_LIST) {
		mxa_tree_error(t, list, "rules: expected a list ( ), found %s",
		    mxa_tree_found(t, list));
		return NULL;
	}
	return list;
}

const struct mxa_rules *mxa_rules_load(struct mxa_tree *t, struct mxa_arena *a)
{
	const struct mxa_node *list = find_list(t);
	struct loader l = { .tree = t, .arena = a };
	bool *sound;

	if (list == NULL || mxa_tree_count(list) == 0)
		return mxa_rules_none();
	l.rules = mxa_arena_calloc(a, 1, sizeof(*l.rules));
	l.rules->n = mxa_tree_count(list);
	l.rules->rule = mxa_arena_calloc(a, l.rules->n, sizeof(*l.rules->rule));
	sound = mxa_arena_calloc(t->source->arena, l.rules->n, sizeof(*sound));
	for (size_t i = 0; i < l.rules->n; i++)
		sound[i] =
		    read_rule(&l, mxa_tree_element(list, i), &l.rules->rule[i]);
	if (l.combinations > MAX_COMBINATIONS) {
		mxa_tree_error(t, list, "more than %d rules and combinations",
		    MAX_COMBINATIONS);
		return mxa_rules_none();
	}
	build_index(&l, list, sound);
	return l.rules;
}
