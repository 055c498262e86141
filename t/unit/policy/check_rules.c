/* check_rules.c - policy.conf: which rule matches, what it sets. */
#include "t/support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "policy/load.h"
#include "policy/rules.h"

static struct mxa_conf *load(const char *conf, const char *policy)
{
	char *errors = NULL;
	struct mxa_conf *c = mxa_policy_parse("mxauth.conf", mxa_str_from(conf),
	    mxa_str_from(policy), &errors, NULL);

	ck_assert_msg(c != NULL, "%s", errors);
	return c;
}

/* --- matching --- */

static const char policy[] =
    "rules = (\n"
    "{ author = \"bank.example\"  dmarc-none = \"reject\" },\n"	     /* 2 */
    "{ author = [\"p.example\", \".p.example\"] },\n"		     /* 3 */
    "{ author = \".bank.example\" },\n"				     /* 4 */
    "{ author = \"login.bank.example\" },\n"			     /* 5 */
    "{ recipient = \"lists.example.jp\" },\n"			     /* 6 */
    "{ recipient = [\"postmaster@\", \"abuse@x.example\"] },\n"	     /* 7 */
    "{ recipient = \".example.jp\" },\n"			     /* 8 */
    "{ client = \"192.0.2.128/25\" },\n"			     /* 9 */
    "{ client = [\"192.0.2.0/24\", \"2001:db8::/32\"] },\n"	     /* 10 */
    "{ client = \"192.0.2.200\" },\n"				     /* 11 */
    "{ client = \"198.51.100.0/24\" author = \"crm.example\" },\n"   /* 12 */
    "{ client = \"198.51.100.7\" author = [\".crm.example\",\n"	     /* 13 */
    "  \"crm.example\"] recipient = \"sales.example.jp\" },\n"	     /* 14 */
    "{ recipient = \"sales.example.jp\" author = \"x.example\" },\n" /* 15 */
    "{ author = \"b\xc3\xbc"
    "cher.example\" },\n"				     /* 16 */
    "{ client = \"0.0.0.0/0\" author = \"own.example\" },\n" /* 17 */
    "{ recipient = \"b\xc3\xbc"
    "cher.example\" }\n" /* 18 */
    ");\n";

static const struct {
	const char *ip, *rcpt, *author;
	int line[MXA_RULE_KINDS]; /* 0: no rule of that kind */
} matches[] = {
	/* author: exact and below are different things */
	{ "", "", "bank.example", { 0, 0, 2 } },
	{ "", "", "www.bank.example", { 0, 0, 4 } },
	{ "", "", "a.b.bank.example", { 0, 0, 4 } },
	{ "", "", "xbank.example", { 0, 0, 0 } },
	{ "", "", "example", { 0, 0, 0 } },
	{ "", "", "bank.example.org", { 0, 0, 0 } },
	{ "", "", "p.example", { 0, 0, 3 } },
	{ "", "", "q.p.example", { 0, 0, 3 } },
	/* the first of the file, not the most specific */
	{ "", "", "login.bank.example", { 0, 0, 4 } },
	{ "", "", "xn--bcher-kva.example", { 0, 0, 16 } },
	/* recipients */
	{ "", "u@lists.example.jp", "", { 0, 6, 0 } },
	{ "", "u@LISTS.Example.JP", "", { 0, 6, 0 } },
	{ "", "lists.example.jp", "", { 0, 6, 0 } },
	{ "", "u@sub.lists.example.jp", "", { 0, 8, 0 } },
	{ "", "u@example.jp", "", { 0, 0, 0 } },
	{ "", "PostMaster@lists.example.jp", "", { 0, 6, 0 } },
	{ "", "PostMaster@www.example.jp", "", { 0, 7, 0 } },
	{ "", "postmaster@other.example", "", { 0, 7, 0 } },
	{ "", "xpostmaster@other.example", "", { 0, 0, 0 } },
	{ "", "abuse@x.example", "", { 0, 7, 0 } },
	{ "", "abuse@y.example", "", { 0, 0, 0 } },
	{ "", "\"a@b\"@lists.example.jp", "", { 0, 6, 0 } },
	{ "", "postmaster", "", { 0, 0, 0 } },
	{ "",
	    "u@b\xc3\x9c"
	    "cher.example",
	    "", { 0, 18, 0 } },
	{ "", "u@\xff\xff.example", "", { 0, 0, 0 } },
	/* networks: first of the file as well */
	{ "192.0.2.200", "", "", { 9, 0, 0 } },
	{ "192.0.2.1", "", "", { 10, 0, 0 } },
	{ "192.0.3.1", "", "", { 0, 0, 0 } },
	{ "2001:db8:ffff::1", "", "", { 10, 0, 0 } },
	{ "2001:db9::1", "", "", { 0, 0, 0 } },
	{ "::ffff:192.0.2.1", "", "", { 10, 0, 0 } },
	/* all that a rule names must match; its kind is the first named */
	{ "198.51.100.7", "", "crm.example", { 12, 0, 0 } },
	{ "198.51.100.7", "", "other.example", { 0, 0, 0 } },
	{ "", "", "crm.example", { 0, 0, 0 } },
	{ "198.51.100.7", "u@sales.example.jp", "crm.example", { 12, 8, 0 } },
	{ "198.51.100.7", "u@sales.example.jp", "a.crm.example", { 13, 8, 0 } },
	{ "198.51.100.8", "u@sales.example.jp", "a.crm.example", { 0, 8, 0 } },
	{ "", "u@sales.example.jp", "x.example", { 0, 8, 0 } },
	/* each kind on its own */
	{ "192.0.2.1", "u@lists.example.jp", "bank.example", { 10, 6, 2 } },
	{ "203.0.113.1", "", "own.example", { 17, 0, 0 } },
	{ "2001:db9::1", "", "own.example", { 0, 0, 0 } },
	{ "", "", "", { 0, 0, 0 } },
};

static struct mxa_ip ip_of(const char *text)
{
	struct mxa_ip ip = { 0 };

	if (text[0] != '\0')
		ck_assert(mxa_ip_parse(mxa_str_from(text), &ip));
	return ip;
}

START_TEST(rules_match)
{
	struct mxa_conf *c = load("", policy);
	struct mxa_ip ip = ip_of(matches[_i].ip);
	struct mxa_rule_hits hits;
	char want[40];

	mxa_rules_match(c->rules, &ip, mxa_str_from(matches[_i].rcpt),
	    mxa_str_from(matches[_i].author), &hits);
	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		snprintf(
		    want, sizeof(want), "policy.conf:%d", matches[_i].line[k]);
		ck_assert_msg(
		    (hits.rule[k] == NULL) == (matches[_i].line[k] == 0),
		    "row %d: %s rule %s", _i, mxa_rule_kind_name(k),
		    hits.rule[k] ? hits.rule[k]->where.p : "none");
		if (hits.rule[k] != NULL)
			ck_str_is(hits.rule[k]->where, want);
	}
	mxa_conf_free(c);
}
END_TEST

START_TEST(no_rules_no_hits)
{
	struct mxa_conf *c = load("", "rules = ();");
	struct mxa_ip ip = ip_of("192.0.2.1");
	struct mxa_rule_hits hits;

	mxa_rules_match(
	    c->rules, &ip, MXA_STR("a@b.example"), MXA_STR("c.example"), &hits);
	for (int k = 0; k < MXA_RULE_KINDS; k++) {
		ck_assert_ptr_null(hits.rule[k]);
		ck_assert(!mxa_rules_look_at(c->rules, k));
	}
	ck_assert(mxa_rules_recipients_agree(
	    c->rules, MXA_STR("a@b.example"), MXA_STR("c@d.example")));
	mxa_conf_free(c);
}
END_TEST

static const struct {
	const char *ip;
	int line; /* 0: none, or it depends */
} clients[] = {
	{ "192.0.2.1", 10 },
	{ "192.0.2.200", 9 },
	{ "203.0.113.1", 0 },
	{ "198.51.100.7", 0 },
	{ "2001:db8::1", 10 },
	{ "2001:db9::1", 0 },
	/* line 2 could win for one author */
	{ "192.0.3.1", 0 },
	{ "192.0.3.129", 4 },
	{ "", 0 },
};

START_TEST(clients_alone)
{
	bool other = strncmp(clients[_i].ip, "192.0.3.", 8) == 0;
	struct mxa_conf *c = load("",
	    other ? "rules = (\n"
		    "{ client = \"192.0.3.0/25\" author = \"a.example\" },\n"
		    "{ client = \"192.0.3.0/25\" exempt = true },\n"
		    "{ client = \"192.0.3.0/24\" exempt = true } );\n"
		  : policy);
	struct mxa_ip ip = ip_of(clients[_i].ip);
	const struct mxa_rule *r = mxa_rules_client_only(c->rules, &ip);
	char want[40];

	snprintf(want, sizeof(want), "policy.conf:%d", clients[_i].line);
	ck_assert((r == NULL) == (clients[_i].line == 0));
	if (r != NULL)
		ck_str_is(r->where, want);
	mxa_conf_free(c);
}
END_TEST

START_TEST(what_rules_look_at)
{
	struct mxa_conf *c = load("",
	    "rules = ( { author = \"a.example\" client = "
	    "\"192.0.2.1\" } );");

	ck_assert(mxa_rules_look_at(c->rules, MXA_RULE_CLIENT));
	ck_assert(!mxa_rules_look_at(c->rules, MXA_RULE_RECIPIENT));
	ck_assert(mxa_rules_look_at(c->rules, MXA_RULE_AUTHOR));
	mxa_conf_free(c);
}
END_TEST

/* A recipient longer than an address may be: only its domain counts. */
START_TEST(long_recipients)
{
	struct mxa_conf *c = load("", policy);
	char rcpt[5000];
	struct mxa_rule_hits hits;

	memset(rcpt, 'a', sizeof(rcpt));
	mxa_rules_match(c->rules, NULL, mxa_str_make(rcpt, sizeof(rcpt)),
	    MXA_STR(""), &hits);
	ck_assert_ptr_null(hits.rule[MXA_RULE_RECIPIENT]);
	memcpy(rcpt + sizeof(rcpt) - 17, "@lists.example.jp", 17);
	mxa_rules_match(c->rules, NULL, mxa_str_make(rcpt, sizeof(rcpt)),
	    MXA_STR(""), &hits);
	ck_str_is(hits.rule[MXA_RULE_RECIPIENT]->where, "policy.conf:6");
	mxa_conf_free(c);
}
END_TEST

static const struct {
	const char *a, *b;
	bool agree;
} recipients[] = {
	{ "u@lists.example.jp", "v@lists.example.jp", true },
	{ "u@other.example", "v@another.example", true },
	{ "u@lists.example.jp", "u@www.example.jp", false },
	{ "u@www.example.jp", "u@ftp.example.jp", true },
	{ "u@www.example.jp", "postmaster@www.example.jp", false },
	/* two patterns of one rule */
	{ "postmaster@y.example", "abuse@x.example", true },
	{ "u@www.example.jp", "u@sales.example.jp", false },
	{ "u@other.example", "u@www.example.jp", false },
};

START_TEST(recipients_agree)
{
	struct mxa_conf *c = load("", policy);
	struct mxa_str a = mxa_str_from(recipients[_i].a);
	struct mxa_str b = mxa_str_from(recipients[_i].b);

	ck_assert_msg(
	    mxa_rules_recipients_agree(c->rules, a, b) == recipients[_i].agree,
	    "%s, %s", a.p, b.p);
	ck_assert(
	    mxa_rules_recipients_agree(c->rules, b, a) == recipients[_i].agree);
	mxa_conf_free(c);
}
END_TEST

/* --- the index against a walk through all rules --- */

static unsigned long long seed = 1;

static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % n;
}

static void add_name(struct mxa_buf *b, bool dot)
{
	static const char *const labels[] = { "a", "b", "c", "dd", "e" };

	if (dot && pick(3) == 0)
		mxa_buf_addc(b, '.');
	for (unsigned n = 1 + pick(3); n > 0; n--)
		mxa_buf_printf(b, "%s.", labels[pick(5)]);
	mxa_buf_adds(b, "example");
}

static void add_net(struct mxa_buf *b)
{
	mxa_buf_printf(
	    b, "192.0.%u.%u/%u", pick(4), pick(4) * 64, 22 + pick(11));
}

/* One random rule; it may be a duplicate. */
static void add_rule(struct mxa_buf *b)
{
	unsigned parts = 1 + pick(7);

	mxa_buf_adds(b, "{ ");
	if (parts & 1) {
		mxa_buf_adds(b, "client = [\"");
		add_net(b);
		mxa_buf_adds(b, "\"] ");
	}
	if (parts & 2) {
		mxa_buf_adds(b, "recipient = [\"");
		add_name(b, true);
		mxa_buf_adds(b, "\", \"");
		add_name(b, true);
		mxa_buf_adds(b, "\"] ");
	}
	if (parts & 4) {
		mxa_buf_adds(b, "author = \"");
		add_name(b, true);
		mxa_buf_adds(b, "\" ");
	}
	mxa_buf_adds(b, "},\n");
}

/* A policy without duplicates: rules that are complained about are left out,
 * by loading again. */
static struct mxa_conf *random_policy(struct mxa_arena *a, unsigned n)
{
	struct mxa_str rules[64];
	size_t kept = 0;
	struct mxa_conf *c = NULL;

	while (kept < n) {
		struct mxa_buf rule, all;
		struct mxa_conf *next;

		mxa_buf_init(&rule, a, 1000);
		add_rule(&rule);
		mxa_buf_init(&all, a, 1 << 16);
		mxa_buf_adds(&all, "rules = (\n");
		for (size_t i = 0; i < kept; i++)
			mxa_buf_addstr(&all, rules[i]);
		mxa_buf_addstr(&all, mxa_buf_str(&rule));
		mxa_buf_adds(&all, ");\n");
		next = mxa_policy_parse(
		    "c", MXA_STR(""), mxa_buf_str(&all), NULL, NULL);
		if (next == NULL)
			continue;
		mxa_conf_free(c);
		c = next;
		rules[kept++] = mxa_buf_str(&rule);
	}
	return c;
}

static bool list_has(const struct mxa_rule *r, enum mxa_rule_kind k,
    struct mxa_str name, const struct mxa_ip *ip)
{
	struct mxa_cidr net;

	if (r->n_match[k] == 0)
		return true;
	for (size_t i = 0; i < r->n_match[k]; i++) {
		struct mxa_str p = r->match[k][i];

		if (k == MXA_RULE_CLIENT) {
			ck_assert(mxa_cidr_parse(p, &net));
			if (mxa_cidr_has(&net, ip))
				return true;
		} else if (p.p[0] != '.' ? mxa_str_eq(p, name)
					 : mxa_str_ends(name, p)) {
			return true;
		}
	}
	return false;
}

static void compare(struct mxa_conf *c, struct mxa_arena *a,
    const struct mxa_ip *ip, struct mxa_str rcpt, struct mxa_str author)
{
	const struct mxa_rule *want[MXA_RULE_KINDS] = { NULL };
	struct mxa_rule_hits hits;

	for (size_t i = 0; i < mxa_rules_count(c->rules); i++) {
		const struct mxa_rule *r = mxa_rules_get(c->rules, i);

		if (want[r->kind] == NULL &&
		    list_has(r, MXA_RULE_CLIENT, MXA_STR(""), ip) &&
		    list_has(r, MXA_RULE_RECIPIENT, rcpt, NULL) &&
		    list_has(r, MXA_RULE_AUTHOR, author, NULL))
			want[r->kind] = r;
	}
	mxa_rules_match(c->rules, ip, rcpt, author, &hits);
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		ck_assert_ptr_eq(hits.rule[k], want[k]);
	for (size_t i = 0; i < mxa_rules_count(c->rules); i++) {
		const struct mxa_rule *r = mxa_rules_get(c->rules, i);
		struct mxa_str why =
		    mxa_rules_why_not(c->rules, i, ip, rcpt, author, &hits, a);

		ck_assert((why.len == 0) == (r == want[r->kind]));
	}
}

START_TEST(index_agrees_with_a_walk)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c;

	seed = (unsigned long long)_i + 1;
	c = random_policy(a, 40);
	for (int i = 0; i < 300; i++) {
		struct mxa_buf rcpt, author, ip;
		struct mxa_ip address;

		mxa_buf_init(&rcpt, a, 300);
		mxa_buf_init(&author, a, 300);
		mxa_buf_init(&ip, a, 300);
		add_name(&rcpt, false);
		add_name(&author, false);
		mxa_buf_printf(&ip, "192.0.%u.%u", pick(5), pick(256));
		ck_assert(mxa_ip_parse(mxa_buf_str(&ip), &address));
		compare(
		    c, a, &address, mxa_buf_str(&rcpt), mxa_buf_str(&author));
	}
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

/* --- rulings: settings from the first kind that gives them --- */

static const char layered[] =
    "rules = (\n"
    "{ client = \"192.0.2.0/24\" profile = \"monitor\"\n"	/* 2 */
    "  dmarc-none = \"tag\" exempt = false },\n"		/* 3 */
    "{ recipient = \"r.example\" dmarc-none = \"quarantine\"\n" /* 4 */
    "  spf-fail = \"defer\" dkim-required = false },\n"		/* 5 */
    "{ author = \"a.example\" profile = \"strict\"\n"		/* 6 */
    "  dmarc-none = \"reject\" spf-fail = \"reject\"\n"		/* 7 */
    "  dkim-required = \"reject\" exempt = true\n"		/* 8 */
    "  override = \"mailing_list\" comment = \"list\" },\n"	/* 9 */
    "{ author = \"b.example\" dkim-required = true },\n"	/* 10 */
    "{ author = \"c.example\" spf-softfail = \"tag\" } );\n";	/* 11 */

static const char layered_conf[] = "profile = \"standard\"\n"
				   "actions: {\n"
				   "\tspf-fail = \"tag\"\n"
				   "\ttemperror = \"defer\"\n"
				   "}\n";

static const struct {
	const char *ip, *rcpt, *author;
	const char *want; /* all settings in one line, see ruling_text */
} rulings[] = {
	{ "", "", "",
	    "standard@mxauth.conf:1 spf-fail=tag@mxauth.conf:3 "
	    "temperror=defer@mxauth.conf:4" },
	{ "", "", "a.example",
	    "strict@policy.conf:6 dkim-required=reject@policy.conf:6 "
	    "spf-fail=reject@policy.conf:6 dmarc-none=reject@policy.conf:6 "
	    "exempt@policy.conf:6 dkim@policy.conf:6 "
	    "mailing_list(list)@policy.conf:6" },
	/* no profile in the rule: mxauth.conf's actions stay */
	{ "", "", "b.example",
	    "standard@mxauth.conf:1 spf-fail=tag@mxauth.conf:3 "
	    "temperror=defer@mxauth.conf:4 dkim@policy.conf:10" },
	{ "", "", "c.example",
	    "standard@mxauth.conf:1 spf-fail=tag@mxauth.conf:3 "
	    "spf-softfail=tag@policy.conf:11 temperror=defer@mxauth.conf:4" },
	{ "", "u@r.example", "a.example",
	    "strict@policy.conf:6 dkim-required=reject@policy.conf:6 "
	    "spf-fail=defer@policy.conf:4 dmarc-none=quarantine@policy.conf:4 "
	    "exempt@policy.conf:6 mailing_list(list)@policy.conf:6" },
	{ "192.0.2.1", "u@r.example", "a.example",
	    "monitor@policy.conf:2 dkim-required=reject@policy.conf:6 "
	    "spf-fail=defer@policy.conf:4 dmarc-none=tag@policy.conf:2 "
	    "mailing_list(list)@policy.conf:6" },
	{ "192.0.2.1", "", "",
	    "monitor@policy.conf:2 dmarc-none=tag@policy.conf:2" },
};

static const char *ruling_text(const struct mxa_ruling *r, struct mxa_arena *a)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 10000);
	mxa_buf_printf(&b, "%s@%.*s", mxa_profile_name(r->profile),
	    MXA_STR_ARG(r->profile_at));
	for (int i = 0; i < MXA_CAUSES; i++) {
		if (r->action[i] == MXA_RULE_UNSET) {
			ck_assert(mxa_str_eq(r->action_at[i], r->profile_at));
			continue;
		}
		mxa_buf_printf(&b, " %s=%s@%.*s", mxa_cause_name(i),
		    mxa_action_name(r->action[i]),
		    MXA_STR_ARG(r->action_at[i]));
	}
	if (r->exempt)
		mxa_buf_printf(&b, " exempt@%.*s", MXA_STR_ARG(r->exempt_at));
	if (r->dkim_required)
		mxa_buf_printf(
		    &b, " dkim@%.*s", MXA_STR_ARG(r->dkim_required_at));
	if (r->override != MXA_OVERRIDE_NONE)
		mxa_buf_printf(&b, " %s(%.*s)@%.*s",
		    mxa_override_name(r->override),
		    MXA_STR_ARG(r->override_comment),
		    MXA_STR_ARG(r->override_at));
	return mxa_buf_cstr(&b);
}

START_TEST(rulings_take_the_first_kind)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c = load(layered_conf, layered);
	struct mxa_ip ip = ip_of(rulings[_i].ip);
	struct mxa_ruling r;

	mxa_ruling_find(c, &ip, mxa_str_from(rulings[_i].rcpt),
	    mxa_str_from(rulings[_i].author), &r);
	ck_assert_str_eq(ruling_text(&r, a), rulings[_i].want);
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

/* --- why not --- */

static const struct {
	int line;
	const char *ip, *rcpt, *author, *why;
} whys[] = {
	{ 2, "", "", "bank.example", "" },
	{ 2, "", "", "", "no author is given" },
	{ 2, "", "", "evil.example",
	    "author evil.example is not bank.example" },
	{ 2, "", "", "www.bank.example",
	    "author www.bank.example is not bank.example (subdomains of it "
	    "would be .bank.example)" },
	{ 4, "", "", "bank.example",
	    "author bank.example is not .bank.example (.bank.example means its "
	    "subdomains, not the name itself)" },
	{ 5, "", "", "login.bank.example",
	    "it matches, but policy.conf:4 comes first among the author "
	    "rules" },
	{ 3, "", "", "q.example",
	    "author q.example is not p.example or .p.example" },
	{ 7, "", "u@x.example", "",
	    "recipient u@x.example is not postmaster@ or abuse@x.example" },
	{ 9, "192.0.2.1", "", "", "client 192.0.2.1 is not in 192.0.2.128/25" },
	{ 9, "", "", "", "no client address is given" },
	{ 10, "192.0.3.1", "", "",
	    "client 192.0.3.1 is not in 192.0.2.0/24 or 2001:db8::/32" },
	{ 12, "198.51.100.7", "", "bank.example",
	    "author bank.example is not crm.example" },
	{ 12, "203.0.113.1", "", "crm.example",
	    "client 203.0.113.1 is not in 198.51.100.0/24" },
	{ 13, "198.51.100.7", "u@other.example", "crm.example",
	    "recipient u@other.example is not sales.example.jp" },
};

START_TEST(why_a_rule_does_not_match)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c = load("", policy);
	struct mxa_ip ip = ip_of(whys[_i].ip);
	struct mxa_str rcpt = mxa_str_from(whys[_i].rcpt);
	struct mxa_str author = mxa_str_from(whys[_i].author);
	struct mxa_rule_hits hits;
	size_t i = 0;
	char where[40];

	snprintf(where, sizeof(where), "policy.conf:%d", whys[_i].line);
	while (!mxa_str_is(mxa_rules_get(c->rules, i)->where, where))
		ck_assert_uint_lt(++i, mxa_rules_count(c->rules));
	mxa_rules_match(c->rules, &ip, rcpt, author, &hits);
	ck_str_is(mxa_rules_why_not(c->rules, i, &ip, rcpt, author, &hits, a),
	    whys[_i].why);
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

/* Thousands of rules: all are found, and loading stays quick enough to run in
 * a test (Check's limit of 4 s is the alarm). */
START_TEST(thousands_of_rules)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_rule_hits hits;
	struct mxa_conf *c;
	struct mxa_buf b;
	char name[40], where[40];

	mxa_buf_init(&b, a, 4 << 20);
	mxa_buf_adds(&b, "rules = (\n");
	for (int i = 0; i < 10000; i++)
		mxa_buf_printf(&b,
		    "{ author = \"d%d.example\" dmarc-none = \"reject\" },\n",
		    i);
	mxa_buf_adds(&b, ");\n");
	c = load("", mxa_buf_cstr(&b));
	ck_assert_uint_eq(mxa_rules_count(c->rules), 10000);
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "d%d.example", i);
		snprintf(where, sizeof(where), "policy.conf:%d", i + 2);
		mxa_rules_match(
		    c->rules, NULL, MXA_STR(""), mxa_str_from(name), &hits);
		ck_assert_ptr_nonnull(hits.rule[MXA_RULE_AUTHOR]);
		ck_str_is(hits.rule[MXA_RULE_AUTHOR]->where, where);
	}
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rules");
	TCase *tc = tcase_create("rules");

	tcase_add_loop_test(tc, rules_match, 0, MXA_ARRAY_LEN(matches));
	tcase_add_test(tc, no_rules_no_hits);
	tcase_add_loop_test(tc, clients_alone, 0, MXA_ARRAY_LEN(clients));
	tcase_add_test(tc, what_rules_look_at);
	tcase_add_test(tc, long_recipients);
	tcase_add_loop_test(tc, recipients_agree, 0, MXA_ARRAY_LEN(recipients));
	tcase_add_loop_test(tc, index_agrees_with_a_walk, 0, 20);
	tcase_add_loop_test(
	    tc, rulings_take_the_first_kind, 0, MXA_ARRAY_LEN(rulings));
	tcase_add_loop_test(
	    tc, why_a_rule_does_not_match, 0, MXA_ARRAY_LEN(whys));
	tcase_add_test(tc, thousands_of_rules);
	suite_add_tcase(s, tc);
	return test_main(s);
}
