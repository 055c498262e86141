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
	{ "", "", "bank.example", { [MXA_RULE_AUTHOR] = 2 } },
	{ "", "", "www.bank.example", { [MXA_RULE_AUTHOR] = 4 } },
	{ "", "", "a.b.bank.example", { [MXA_RULE_AUTHOR] = 4 } },
	{ "", "", "xbank.example", { 0 } },
	{ "", "", "example", { 0 } },
	{ "", "", "bank.example.org", { 0 } },
	{ "", "", "p.example", { [MXA_RULE_AUTHOR] = 3 } },
	{ "", "", "q.p.example", { [MXA_RULE_AUTHOR] = 3 } },
	/* the first of the file, not the most specific */
	{ "", "", "login.bank.example", { [MXA_RULE_AUTHOR] = 4 } },
	{ "", "", "xn--bcher-kva.example", { [MXA_RULE_AUTHOR] = 16 } },
	/* recipients */
	{ "", "u@lists.example.jp", "", { [MXA_RULE_RECIPIENT] = 6 } },
	{ "", "u@LISTS.Example.JP", "", { [MXA_RULE_RECIPIENT] = 6 } },
	{ "", "lists.example.jp", "", { [MXA_RULE_RECIPIENT] = 6 } },
	{ "", "u@sub.lists.example.jp", "", { [MXA_RULE_RECIPIENT] = 8 } },
	{ "", "u@example.jp", "", { 0 } },
	{ "", "PostMaster@lists.example.jp", "", { [MXA_RULE_RECIPIENT] = 6 } },
	{ "", "PostMaster@www.example.jp", "", { [MXA_RULE_RECIPIENT] = 7 } },
	{ "", "postmaster@other.example", "", { [MXA_RULE_RECIPIENT] = 7 } },
	{ "", "xpostmaster@other.example", "", { 0 } },
	{ "", "abuse@x.example", "", { [MXA_RULE_RECIPIENT] = 7 } },
	{ "", "abuse@y.example", "", { 0 } },
	{ "", "\"a@b\"@lists.example.jp", "", { [MXA_RULE_RECIPIENT] = 6 } },
	{ "", "postmaster", "", { 0 } },
	{ "",
	    "u@b\xc3\x9c"
	    "cher.example",
	    "", { [MXA_RULE_RECIPIENT] = 18 } },
	{ "", "u@\xff\xff.example", "", { 0 } },
	/* networks: first of the file as well */
	{ "192.0.2.200", "", "", { [MXA_RULE_CLIENT] = 9 } },
	{ "192.0.2.1", "", "", { [MXA_RULE_CLIENT] = 10 } },
	{ "192.0.3.1", "", "", { 0 } },
	{ "2001:db8:ffff::1", "", "", { [MXA_RULE_CLIENT] = 10 } },
	{ "2001:db9::1", "", "", { 0 } },
	{ "::ffff:192.0.2.1", "", "", { [MXA_RULE_CLIENT] = 10 } },
	/* all that a rule names must match; its kind is the first named */
	{ "198.51.100.7", "", "crm.example", { [MXA_RULE_CLIENT] = 12 } },
	{ "198.51.100.7", "", "other.example", { 0 } },
	{ "", "", "crm.example", { 0 } },
	{ "198.51.100.7", "u@sales.example.jp", "crm.example",
	    { [MXA_RULE_CLIENT] = 12, [MXA_RULE_RECIPIENT] = 8 } },
	{ "198.51.100.7", "u@sales.example.jp", "a.crm.example",
	    { [MXA_RULE_CLIENT] = 13, [MXA_RULE_RECIPIENT] = 8 } },
	{ "198.51.100.8", "u@sales.example.jp", "a.crm.example",
	    { [MXA_RULE_RECIPIENT] = 8 } },
	{ "", "u@sales.example.jp", "x.example", { [MXA_RULE_RECIPIENT] = 8 } },
	/* each kind on its own */
	{ "192.0.2.1", "u@lists.example.jp", "bank.example",
	    { [MXA_RULE_CLIENT] = 10,
		[MXA_RULE_RECIPIENT] = 6,
		[MXA_RULE_AUTHOR] = 2 } },
	{ "203.0.113.1", "", "own.example", { [MXA_RULE_CLIENT] = 17 } },
	{ "2001:db9::1", "", "own.example", { 0 } },
	{ "", "", "", { 0 } },
};

static struct mxa_ip ip_of(const char *text)
{
	struct mxa_ip ip = { 0 };

	if (text[0] != '\0')
		ck_assert(mxa_ip_parse(mxa_str_from(text), &ip));
	return ip;
}

static struct mxa_rule_subject subject_of(
    const struct mxa_ip *ip, struct mxa_str rcpt, struct mxa_str author)
{
	return (struct mxa_rule_subject){
		.ip = ip, .rcpt = rcpt, .author = author
	};
}

START_TEST(rules_match)
{
	struct mxa_conf *c = load("", policy);
	struct mxa_ip ip = ip_of(matches[_i].ip);
	struct mxa_rule_subject subject = subject_of(&ip,
	    mxa_str_from(matches[_i].rcpt), mxa_str_from(matches[_i].author));
	struct mxa_rule_hits hits;
	char want[40];

	mxa_rules_match(c->rules, &subject, &hits);
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
	struct mxa_rule_subject subject =
	    subject_of(&ip, MXA_STR("a@b.example"), MXA_STR("c.example"));
	struct mxa_rule_hits hits;

	mxa_rules_match(c->rules, &subject, &hits);
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
	const struct mxa_rule *r = mxa_rules_client_only(c->rules, &ip, 0);
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
	struct mxa_rule_subject subject;
	struct mxa_rule_hits hits;

	subject =
	    subject_of(NULL, mxa_str_make(rcpt, sizeof(rcpt)), MXA_STR(""));
	memset(rcpt, 'a', sizeof(rcpt));
	mxa_rules_match(c->rules, &subject, &hits);
	ck_assert_ptr_null(hits.rule[MXA_RULE_RECIPIENT]);
	memcpy(rcpt + sizeof(rcpt) - 17, "@lists.example.jp", 17);
	mxa_rules_match(c->rules, &subject, &hits);
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

static void add_names(struct mxa_buf *b, const char *kind, unsigned n)
{
	mxa_buf_printf(b, "%s = [\"", kind);
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			mxa_buf_adds(b, "\", \"");
		add_name(b, true);
	}
	mxa_buf_adds(b, "\"] ");
}

/* One random rule; it may be a duplicate. */
static void add_rule(struct mxa_buf *b)
{
	static const char *const others[] = { "client-name", "helo",
		"mail-from", "signer", "sealer" };
	unsigned parts = 1 + pick(7);

	mxa_buf_adds(b, "{ ");
	if (parts & 1) {
		mxa_buf_adds(b, "client = [\"");
		add_net(b);
		mxa_buf_adds(b, "\"] ");
	}
	if (parts & 2)
		add_names(b, "recipient", 2);
	if (parts & 4)
		add_names(b, "author", 1);
	for (unsigned i = 0; i < MXA_ARRAY_LEN(others); i++)
		if (pick(4) == 0)
			add_names(b, others[i], 1);
	if (pick(5) == 0)
		mxa_buf_printf(b, "until = \"2027-03-%u\" ", 10 + pick(20));
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

static bool rule_has(const struct mxa_rule *r, const struct mxa_rule_subject *s)
{
	return list_has(r, MXA_RULE_CLIENT, MXA_STR(""), s->ip) &&
	    list_has(r, MXA_RULE_CLIENT_NAME, s->client_name, NULL) &&
	    list_has(r, MXA_RULE_HELO, s->helo, NULL) &&
	    list_has(r, MXA_RULE_MAIL_FROM, s->mail_from, NULL) &&
	    (list_has(r, MXA_RULE_SIGNER, s->signer[0], NULL) ||
		list_has(r, MXA_RULE_SIGNER, s->signer[1], NULL)) &&
	    list_has(r, MXA_RULE_SEALER, s->sealer, NULL) &&
	    list_has(r, MXA_RULE_RECIPIENT, s->rcpt, NULL) &&
	    list_has(r, MXA_RULE_AUTHOR, s->author, NULL) && s->now < r->until;
}

static void compare(
    struct mxa_conf *c, struct mxa_arena *a, const struct mxa_rule_subject *s)
{
	const struct mxa_rule *want[MXA_RULE_KINDS] = { NULL };
	struct mxa_rule_hits hits;

	for (size_t i = 0; i < mxa_rules_count(c->rules); i++) {
		const struct mxa_rule *r = mxa_rules_get(c->rules, i);

		if (want[r->kind] == NULL && rule_has(r, s))
			want[r->kind] = r;
	}
	mxa_rules_match(c->rules, s, &hits);
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		ck_assert_ptr_eq(hits.rule[k], want[k]);
	for (size_t i = 0; i < mxa_rules_count(c->rules); i++) {
		const struct mxa_rule *r = mxa_rules_get(c->rules, i);
		struct mxa_str why =
		    mxa_rules_why_not(c->rules, i, s, &hits, a).text;

		ck_assert((why.len == 0) == (r == want[r->kind]));
	}
}

static struct mxa_str random_name(struct mxa_arena *a)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 300);
	add_name(&b, false);
	return mxa_buf_str(&b);
}

static struct mxa_ip random_address(struct mxa_arena *a)
{
	struct mxa_ip ip;

	ck_assert(mxa_ip_parse(mxa_str_from(mxa_arena_printf(
				   a, "192.0.%u.%u", pick(5), pick(256))),
	    &ip));
	return ip;
}

START_TEST(index_agrees_with_a_walk)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c;

	seed = (unsigned long long)_i + 1;
	c = random_policy(a, 40);
	for (int i = 0; i < 300; i++) {
		struct mxa_str signer[2] = { random_name(a), random_name(a) };
		struct mxa_ip address = random_address(a);
		struct mxa_rule_subject subject = {
			.ip = &address,
			.client_name = random_name(a),
			.helo = random_name(a),
			.mail_from = random_name(a),
			.signer = signer,
			.n_signers = 2,
			.sealer = random_name(a),
			.rcpt = random_name(a),
			.author = random_name(a),
			/* 2027-03-01 and the days after it */
			.now = INT64_C(1803859200) + pick(40) * 86400,
		};

		compare(c, a, &subject);
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
	struct mxa_rule_subject subject = subject_of(&ip,
	    mxa_str_from(rulings[_i].rcpt), mxa_str_from(rulings[_i].author));
	struct mxa_ruling r;

	mxa_ruling_find(c, &subject, &r);
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
	struct mxa_rule_subject subject = subject_of(
	    &ip, mxa_str_from(whys[_i].rcpt), mxa_str_from(whys[_i].author));
	struct mxa_rule_hits hits;
	size_t i = 0;
	char where[40];

	snprintf(where, sizeof(where), "policy.conf:%d", whys[_i].line);
	while (!mxa_str_is(mxa_rules_get(c->rules, i)->where, where))
		ck_assert_uint_lt(++i, mxa_rules_count(c->rules));
	mxa_rules_match(c->rules, &subject, &hits);
	ck_str_is(mxa_rules_why_not(c->rules, i, &subject, &hits, a).text,
	    whys[_i].why);
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

/* --- what else rules match by --- */

static const char by_all[] =
    "rules = (\n"
    "{ signer = \"news.vendor.example\" spf-softfail = \"tag\" },\n" /* 2 */
    "{ signer = \".vendor.example\" author = \"p.example\"\n"	     /* 3 */
    "  dmarc-reject = \"tag\" },\n"				     /* 4 */
    "{ sealer = \"lists.example.org\" author = \"p.example\" },\n"   /* 5 */
    "{ mail-from = \"\" unauthenticated = \"reject\" },\n"	     /* 6 */
    "{ mail-from = [\"bounce@v.example\", \".v.example\"] },\n"	     /* 7 */
    "{ helo = \"mail.p.example\" },\n"				     /* 8 */
    "{ client-name = \".provider.example\" recipient = \"a@r.example\" "
    "},\n"							     /* 9 */
    "{ daemon-name = \"Submission\" },\n"			     /* 10 */
    "{ author = [\"CEO@bank.example\"] dmarc-none = \"reject\" },\n" /* 11 */
    "{ author = \"bank.example\" },\n"				     /* 12 */
    "{ helo = \"x.example\" signer = \"s.example\" author = \"a.example\"\n"
    "  recipient = \"r.example\" mail-from = \"m.example\" }\n"
    ");\n";

static const struct {
	const char *name;
	struct {
		const char *client_name, *helo, *daemon, *mail_from, *sealer,
		    *rcpt, *author, *address;
		const char *signer[3];
	} s;
	const char *want; /* "kind:line …" */
} all_kinds[] = {
	{ "nothing", { 0 }, "" },
	{ "a signer", { .signer = { "news.vendor.example" } }, "signer:2" },
	{ "one of several signers",
	    { .signer = { "a.example", "b.example", "news.vendor.example" } },
	    "signer:2" },
	{ "a signer without the author he is paired with",
	    { .signer = { "eu.vendor.example" }, .author = "q.example" }, "" },
	{ "a signer with the author",
	    { .signer = { "eu.vendor.example" }, .author = "p.example" },
	    "signer:3" },
	{ "the first of the file",
	    { .signer = { "news.vendor.example" }, .author = "p.example" },
	    "signer:2" },
	{ "not the name itself",
	    { .signer = { "vendor.example" }, .author = "p.example" }, "" },
	{ "a sealer and an author",
	    { .sealer = "lists.example.org", .author = "p.example" },
	    "sealer:5" },
	{ "a sealer alone", { .sealer = "lists.example.org" }, "" },
	{ "the null sender", { .mail_from = "<>" }, "mail-from:6" },
	{ "an address", { .mail_from = "Bounce@V.example" }, "mail-from:7" },
	{ "another address", { .mail_from = "b@v.example" }, "" },
	{ "a subdomain", { .mail_from = "b@x.v.example" }, "mail-from:7" },
	{ "HELO, case and dot", { .helo = "MAIL.p.example." }, "helo:8" },
	{ "no HELO", { .helo = "[192.0.2.1]" }, "" },
	{ "HELO with an at sign", { .helo = "x@mail.p.example" }, "" },
	{ "a confirmed name",
	    { .client_name = "mx1.provider.example", .rcpt = "A@r.example" },
	    "client-name:9" },
	{ "its recipient is another",
	    { .client_name = "mx1.provider.example", .rcpt = "b@r.example" },
	    "" },
	{ "a listener", { .daemon = "submission" }, "daemon-name:10" },
	{ "another listener", { .daemon = "smtpd" }, "" },
	{ "an author's address",
	    { .author = "bank.example", .address = "ceo@bank.example" },
	    "author:11" },
	{ "another address of his domain",
	    { .author = "bank.example", .address = "cfo@bank.example" },
	    "author:12" },
	{ "five kinds at once",
	    { .helo = "x.example",
		.signer = { "s.example" },
		.author = "a.example",
		.rcpt = "u@r.example",
		.mail_from = "m@m.example" },
	    "helo:13" },
	{ "four of the five",
	    { .helo = "x.example",
		.signer = { "s.example" },
		.author = "a.example",
		.rcpt = "u@other.example",
		.mail_from = "m@m.example" },
	    "" },
	{ "several kinds, each on its own",
	    { .helo = "mail.p.example",
		.mail_from = "<>",
		.signer = { "news.vendor.example" },
		.author = "bank.example" },
	    "helo:8 mail-from:6 signer:2 author:12" },
};

static struct mxa_str given_name(const char *text)
{
	return text != NULL ? mxa_str_from(text) : MXA_STR_NONE;
}

START_TEST(all_kinds_match)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c = load("", by_all);
	struct mxa_str signer[3], address = given_name(all_kinds[_i].s.address);
	struct mxa_rule_subject subject = {
		.client_name = given_name(all_kinds[_i].s.client_name),
		.helo = given_name(all_kinds[_i].s.helo),
		.daemon_name = given_name(all_kinds[_i].s.daemon),
		.mail_from = given_name(all_kinds[_i].s.mail_from),
		.sealer = given_name(all_kinds[_i].s.sealer),
		.rcpt = given_name(all_kinds[_i].s.rcpt),
		.author = given_name(all_kinds[_i].s.author),
		.signer = signer,
		.author_address = &address,
		.n_author_addresses = address.len > 0,
	};
	struct mxa_rule_hits hits;
	struct mxa_buf got;

	while (subject.n_signers < 3 &&
	    all_kinds[_i].s.signer[subject.n_signers] != NULL) {
		size_t n = subject.n_signers++;

		signer[n] = mxa_str_from(all_kinds[_i].s.signer[n]);
	}
	mxa_rules_match(c->rules, &subject, &hits);
	mxa_buf_init(&got, a, 1000);
	for (int k = 0; k < MXA_RULE_KINDS; k++)
		if (hits.rule[k] != NULL)
			mxa_buf_printf(&got, "%s%s:%s", got.len > 0 ? " " : "",
			    mxa_rule_kind_name(k),
			    hits.rule[k]->where.p + strlen("policy.conf:"));
	ck_assert_msg(mxa_str_is(mxa_buf_str(&got), all_kinds[_i].want),
	    "%s: got %s, want %s", all_kinds[_i].name, mxa_buf_cstr(&got),
	    all_kinds[_i].want);
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

/* --- rules with an end --- */

#define MARCH_31 INT64_C(1806451200) /* 2027-03-31T00:00:00Z */

static const struct {
	int64_t now;
	int line; /* of the rule for a.example */
	const char *why;
} ends[] = {
	{ 0, 2, "" },
	{ MARCH_31, 2, "" },
	{ MARCH_31 + 86399, 2, "" },
	{ MARCH_31 + 86400, 3, "it ended on 2027-03-31" },
	{ INT64_C(4000000000), 3, "it ended on 2027-03-31" },
};

START_TEST(rules_end)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c = load("",
	    "rules = (\n"
	    "{ author = \"a.example\" until = \"2027-03-31\" },\n"
	    "{ author = \"a.example\" profile = \"strict\" } );\n");
	struct mxa_rule_subject s =
	    subject_of(NULL, MXA_STR(""), MXA_STR("a.example"));
	struct mxa_rule_hits hits;
	char where[40];

	s.now = ends[_i].now;
	snprintf(where, sizeof(where), "policy.conf:%d", ends[_i].line);
	mxa_rules_match(c->rules, &s, &hits);
	ck_str_is(hits.rule[MXA_RULE_AUTHOR]->where, where);
	ck_str_is(
	    mxa_rules_why_not(c->rules, 0, &s, &hits, a).text, ends[_i].why);
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

/* --- a signer paired with authors --- */

START_TEST(a_pair_trusts)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c = load("profile = \"strict\"",
	    "rules = ( { author = \"p.example\" signer = \"v.example\" } );");
	struct mxa_str signer = MXA_STR("v.example");
	struct mxa_rule_subject s =
	    subject_of(NULL, MXA_STR(""), MXA_STR("p.example"));
	struct mxa_ruling r;

	mxa_ruling_find(c, &s, &r);
	ck_assert_int_eq(r.action[MXA_CAUSE_DMARC_REJECT], MXA_RULE_UNSET);
	s.signer = &signer;
	s.n_signers = 1;
	mxa_ruling_find(c, &s, &r);
	for (int i = 0; i < MXA_CAUSES; i++)
		ck_assert_int_eq(r.action[i],
		    i == MXA_CAUSE_MALFORMED_FROM || i == MXA_CAUSE_NO_AUTHOR
			? MXA_RULE_UNSET
			: MXA_ACT_ACCEPT);
	ck_assert_int_eq(r.override, MXA_OVERRIDE_TRUSTED_FORWARDER);
	ck_assert(!r.exempt);
	s.author = MXA_STR("victim.example");
	mxa_ruling_find(c, &s, &r);
	ck_assert_int_eq(r.action[MXA_CAUSE_DMARC_REJECT], MXA_RULE_UNSET);
	mxa_conf_free(c);
	mxa_arena_free(a);
}
END_TEST

/* Thousands of rules of all kinds: all are found, and loading and matching
 * stay quick enough to run in a test (Check's limit of 4 s is the alarm; a walk
 * through all rules for each message would take some 10^9 comparisons). */
#define THOUSANDS 10000

static void add_numbered_rule(struct mxa_buf *b, int i)
{
	switch (i % 4) {
	case 0:
		mxa_buf_printf(b, "{ author = \"d%d.example\"", i);
		break;
	case 1:
		mxa_buf_printf(b,
		    "{ signer = \"s%d.example\" author = \"d%d.example\"", i,
		    i);
		break;
	case 2:
		mxa_buf_printf(b,
		    "{ mail-from = \"m%d.example\" recipient = "
		    "[\"u%d@r.example\", \"r%d.example\"]",
		    i, i, i);
		break;
	default:
		mxa_buf_printf(b,
		    "{ helo = \"h%d.example\" client = \"10.%d.%d.0/24\"", i,
		    i / 256, i % 256);
		break;
	}
	mxa_buf_adds(b, " dmarc-none = \"reject\" },\n");
}

static void match_numbered(const struct mxa_conf *c, struct mxa_arena *a, int i)
{
	static const enum mxa_rule_kind kind[] = { MXA_RULE_AUTHOR,
		MXA_RULE_SIGNER, MXA_RULE_MAIL_FROM, MXA_RULE_CLIENT };
	struct mxa_str signer =
	    mxa_str_from(mxa_arena_printf(a, "s%d.example", i));
	struct mxa_ip ip;
	struct mxa_rule_subject s = {
		.ip = &ip,
		.author = mxa_str_from(mxa_arena_printf(a, "d%d.example", i)),
		.signer = &signer,
		.n_signers = 1,
		.mail_from =
		    mxa_str_from(mxa_arena_printf(a, "x@m%d.example", i)),
		.rcpt = mxa_str_from(mxa_arena_printf(a, "v@r%d.example", i)),
		.helo = mxa_str_from(mxa_arena_printf(a, "h%d.example", i)),
	};
	struct mxa_rule_hits hits;

	ck_assert(mxa_ip_parse(
	    mxa_str_from(mxa_arena_printf(a, "10.%d.%d.7", i / 256, i % 256)),
	    &ip));
	mxa_rules_match(c->rules, &s, &hits);
	ck_assert_ptr_nonnull(hits.rule[kind[i % 4]]);
	ck_assert_ptr_eq(
	    hits.rule[kind[i % 4]], mxa_rules_get(c->rules, (size_t)i));
}

START_TEST(thousands_of_rules)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *c;
	struct mxa_buf b;

	mxa_buf_init(&b, a, 4 << 20);
	mxa_buf_adds(&b, "rules = (\n");
	for (int i = 0; i < THOUSANDS; i++)
		add_numbered_rule(&b, i);
	mxa_buf_adds(&b, ");\n");
	c = load("", mxa_buf_cstr(&b));
	ck_assert_uint_eq(mxa_rules_count(c->rules), THOUSANDS);
	for (int i = 0; i < THOUSANDS; i++)
		match_numbered(c, a, i);
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
	tcase_add_loop_test(tc, all_kinds_match, 0, MXA_ARRAY_LEN(all_kinds));
	tcase_add_loop_test(tc, rules_end, 0, MXA_ARRAY_LEN(ends));
	tcase_add_test(tc, a_pair_trusts);
	tcase_add_test(tc, thousands_of_rules);
	suite_add_tcase(s, tc);
	return test_main(s);
}
