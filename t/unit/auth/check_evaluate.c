/* check_evaluate.c - one message through all methods: what is asked, in which
 * order it is found out, and what is kept apart. */
#include "auth/evaluate.h"
#include "dns/zone.h"
#include "mail/message.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"

#include <string.h>

#define BASE                                                     \
	"example.com. IN TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n" \
	"_dmarc.example.com. IN TXT \"v=DMARC1; p=reject\"\n"    \
	"mx.example.com. IN TXT \"v=spf1 ip4:192.0.2.9 -all\"\n" \
	"9.2.0.192.in-addr.arpa. IN PTR mx.example.com.\n"       \
	"mx.example.com. IN A 192.0.2.9\n"

#define FROM "From: a@example.com\r\nSubject: x\r\n"

static struct mxa_arena *arena;
static struct mxa_auth_options options;
static struct test_clock test_time;
static struct mxa_dns *dns;
static struct mxa_engine_env env;

static void setup(void)
{
	arena = mxa_arena_new();
	mxa_auth_options_default(&options);
	test_clock_init(&test_time, INT64_C(1788220800));
	env = (struct mxa_engine_env){
		.arena = arena, .clock = &test_time.clock, .options = &options
	};
}

static void open_zone(const char *zone, uint32_t deadline_ms)
{
	char *error = NULL;

	dns = mxa_dns_zone_text("zone", mxa_str_from(zone), NULL, &error);
	ck_assert_msg(dns != NULL, "%s", error);
	env.budget = mxa_budget_open(dns, deadline_ms);
}

static void teardown(void)
{
	mxa_budget_close(env.budget);
	mxa_dns_free(dns);
	mxa_arena_free(arena);
}

static void fill(struct mxa_msg *m, const char *ip, const char *helo,
    const char *sender, const char *text, struct mxa_str *body)
{
	struct mxa_str message = mxa_str_from(text);
	size_t at;

	memset(m, 0, sizeof(*m));
	(void)mxa_ip_parse(mxa_str_from(ip), &m->ip);
	m->peer = m->ip;
	m->helo = mxa_str_from(helo);
	m->receiver = MXA_STR("mx.example.net");
	mxa_msg_set_mail_from(m, arena, mxa_str_from(sender));
	mxa_headers_init(&m->headers, arena);
	mxa_headers_split(&m->headers, message, &at);
	*body = mxa_str_sub(message, at, message.len);
}

static const char *show(const struct mxa_verdict *v)
{
	struct mxa_buf b;

	mxa_buf_init(&b, arena, 65536);
	mxa_buf_printf(&b, "spf=%s %s %.*s", mxa_spf_result_name(v->spf.result),
	    v->spf.identity == MXA_SPF_HELO ? "helo" : "mailfrom",
	    MXA_STR_ARG(v->spf.domain));
	if (v->helo_checked)
		mxa_buf_printf(
		    &b, " helo=%s", mxa_spf_result_name(v->helo.result));
	for (size_t i = 0; i < v->dkim.n; i++)
		mxa_buf_printf(&b, " dkim=%s",
		    mxa_dkim_result_name(v->dkim.sig[i].result));
	if (v->arc.evaluated)
		mxa_buf_printf(
		    &b, " arc=%s", mxa_arc_result_name(v->arc.result));
	mxa_buf_printf(&b, " dmarc=%s", mxa_dmarc_result_name(v->dmarc.result));
	if (v->dmarc.result == MXA_DMARC_FAIL)
		mxa_buf_printf(
		    &b, "/%s", mxa_dmarc_policy_name(v->dmarc.policy));
	mxa_buf_printf(&b, " iprev=%s", mxa_iprev_result_name(v->iprev.result));
	return mxa_buf_cstr(&b);
}

/* --- whole messages --- */

static const struct {
	const char *name, *zone, *ip, *helo, *sender, *text, *want;
} rows[] = {
	{ "everything passes", BASE, "192.0.2.9", "mx.example.com",
	    "<a@example.com>", FROM "\r\nx\r\n",
	    "spf=pass mailfrom example.com helo=pass dmarc=pass iprev=pass" },
	{ "from elsewhere", BASE, "198.51.100.1", "mx.example.com",
	    "<a@example.com>", FROM "\r\nx\r\n",
	    "spf=fail mailfrom example.com helo=fail dmarc=fail/reject "
	    "iprev=permerror" },
	{ "null sender: postmaster at the HELO name", BASE, "192.0.2.9",
	    "mx.example.com", "<>", FROM "\r\nx\r\n",
	    "spf=pass helo mx.example.com dmarc=pass iprev=pass" },
	{ "null sender, HELO without a record", BASE, "192.0.2.9",
	    "host.example.net", "<>", FROM "\r\nx\r\n",
	    "spf=none helo host.example.net dmarc=fail/reject iprev=pass" },
	{ "the HELO name alone is no author", BASE, "192.0.2.9",
	    "mx.example.com", "<x@example.net>", FROM "\r\nx\r\n",
	    "spf=none mailfrom example.net helo=pass dmarc=fail/reject "
	    "iprev=pass" },
	{ "an address is no HELO name", BASE, "192.0.2.9", "[192.0.2.9]",
	    "<a@example.com>", FROM "\r\nx\r\n",
	    "spf=pass mailfrom example.com helo=none dmarc=pass iprev=pass" },
	{ "a single label is none", BASE, "192.0.2.9", "localhost",
	    "<a@example.com>", FROM "\r\nx\r\n",
	    "spf=pass mailfrom example.com helo=none dmarc=pass iprev=pass" },
	{ "no client address", BASE, "", "mx.example.com", "<a@example.com>",
	    FROM "\r\nx\r\n",
	    "spf=none mailfrom  dmarc=fail/reject iprev=none" },
	{ "no From", BASE, "192.0.2.9", "mx.example.com", "<a@example.com>",
	    "Subject: x\r\n\r\nx\r\n",
	    "spf=pass mailfrom example.com helo=pass dmarc=none iprev=pass" },
	{ "two From fields: both count", BASE, "192.0.2.9", "mx.example.com",
	    "<a@example.net>", "From: x@example.net\r\n" FROM "\r\nx\r\n",
	    "spf=none mailfrom example.net helo=pass dmarc=fail/reject "
	    "iprev=pass" },
	{ "a signature that cannot be read", BASE, "192.0.2.9",
	    "mx.example.com", "<a@example.com>",
	    "DKIM-Signature: x\r\n" FROM "\r\nx\r\n",
	    "spf=pass mailfrom example.com helo=pass dkim=neutral dmarc=pass "
	    "iprev=pass" },
	{ "no body, no empty line", BASE, "192.0.2.9", "mx.example.com",
	    "<a@example.com>", FROM,
	    "spf=pass mailfrom example.com helo=pass dmarc=pass iprev=pass" },
	{ "nothing at all", BASE, "192.0.2.9", "mx.example.com",
	    "<a@example.com>", "",
	    "spf=pass mailfrom example.com helo=pass dmarc=none iprev=pass" },
};

START_TEST(whole_messages)
{
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_msg m;

	open_zone(rows[_i].zone, 2000);
	fill(&m, rows[_i].ip, rows[_i].helo, rows[_i].sender, rows[_i].text,
	    &body);
	mxa_evaluate(&env, &m, body, &v);
	ck_assert_msg(strcmp(show(&v), rows[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", rows[_i].name, show(&v),
	    rows[_i].want);
}
END_TEST

/* --- options --- */

START_TEST(checks_can_be_switched_off)
{
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_msg m;

	open_zone(BASE, 2000);
	options.check_helo = options.check_iprev = false;
	options.arc = true;
	fill(&m, "192.0.2.9", "mx.example.com", "<a@example.com>",
	    FROM "\r\nx\r\n", &body);
	mxa_evaluate(&env, &m, body, &v);
	ck_assert_str_eq(show(&v),
	    "spf=pass mailfrom example.com arc=none dmarc=pass iprev=none");
}
END_TEST

START_TEST(engines_have_names)
{
	ck_assert_ptr_eq(
	    mxa_spf_engine_find(MXA_STR("native")), &mxa_spf_native);
	ck_assert_ptr_eq(
	    mxa_spf_engine_find(MXA_STR("libspf2")), &mxa_spf_libspf2);
	ck_assert_ptr_null(mxa_spf_engine_find(MXA_STR("Native")));
	ck_assert_ptr_eq(
	    mxa_dkim_engine_find(MXA_STR("native")), &mxa_dkim_native);
	ck_assert_ptr_eq(mxa_dkim_engine_find(MXA_STR("libopendkim")),
	    &mxa_dkim_libopendkim);
	ck_assert_ptr_null(mxa_dkim_engine_find(MXA_STR("")));
	open_zone("", 1);
}
END_TEST

/* --- notes --- */

static bool noted(const struct mxa_verdict *v, const char *what)
{
	for (const struct mxa_note *n = v->notes.first; n; n = n->next)
		if (mxa_str_casefind(n->text, mxa_str_from(what)) < n->text.len)
			return true;
	return false;
}

START_TEST(takes_notes)
{
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_msg m;

	open_zone("_dmarc.example.com. IN TXT \"v=DMARC1; p=none\"\n"
		  "_dmarc.example.com. IN TXT \"v=DMARC1; p=reject\"\n",
	    2000);
	fill(&m, "192.0.2.9", "mx.example.com", "<a@example.com>",
	    "From: a@example.com\r\nFrom: b@example.com\r\n\r\nx\r\n", &body);
	m.headers.dropped = 3;
	m.headers.cut = 1;
	mxa_evaluate(&env, &m, body, &v);
	ck_assert(noted(&v, "from: "));
	ck_assert(noted(&v, "several DMARC records at _dmarc.example.com"));
	ck_assert(noted(&v, "3 fields beyond the limits"));
	ck_assert(noted(&v, "1 fields were cut"));
}
END_TEST

/* --- piece by piece --- */

START_TEST(the_body_is_needed_for_signatures_only)
{
	struct mxa_str body;
	struct mxa_eval *ev;
	struct mxa_verdict v;
	struct mxa_msg m;

	open_zone(BASE, 2000);
	fill(&m, "192.0.2.9", "mx.example.com", "<a@example.com>",
	    FROM "\r\nx\r\n", &body);
	ev = mxa_eval_begin(&env, &m);
	mxa_eval_envelope(ev);
	ck_assert(!mxa_eval_eoh(ev));
	mxa_verdict_begin(&v, env.arena);
	mxa_eval_finish(ev, NULL, &v);
}
END_TEST

/* What will be needed is asked while the message arrives; finish asks nothing
 * new. */
START_TEST(asks_early)
{
	struct mxa_str body;
	struct mxa_eval *ev;
	struct mxa_verdict v;
	struct mxa_msg m;
	size_t fields;
	unsigned n;

	open_zone(BASE, 2000);
	fill(&m, "192.0.2.9", "mx.example.com", "<a@bounce.example.com>",
	    FROM "\r\nx\r\n", &body);
	fields = m.headers.n;
	m.headers.n = 0;
	ev = mxa_eval_begin(&env, &m);
	ck_assert_uint_eq(mxa_budget_counts(env.budget).questions, 0);
	mxa_eval_envelope(ev);
	n = mxa_budget_counts(env.budget).questions;
	/* two SPF records, PTR and the address of its name */
	ck_assert_uint_eq(n, 4);
	while (m.headers.n < fields) {
		mxa_eval_header(ev, m.headers.n++);
	}
	/* _dmarc.example.com, _dmarc.com */
	ck_assert_uint_eq(mxa_budget_counts(env.budget).questions, n + 2);
	mxa_eval_eoh(ev);
	/* _dmarc.bounce.example.com */
	n = mxa_budget_counts(env.budget).questions;
	ck_assert_uint_eq(n, 7);
	mxa_verdict_begin(&v, env.arena);
	mxa_eval_finish(ev, NULL, &v);
	ck_assert_uint_eq(mxa_budget_counts(env.budget).questions, n);
	ck_assert_uint_eq(mxa_budget_counts(env.budget).waits, 0);
}
END_TEST

/* Each call is about the field that it names, whatever else is there. */
START_TEST(fields_are_named)
{
	struct mxa_str body;
	struct mxa_eval *ev;
	struct mxa_verdict v;
	struct mxa_msg m;

	open_zone(BASE, 2000);
	fill(&m, "192.0.2.9", "mx.example.com", "<a@example.com>",
	    "DKIM-Signature: x\r\nDKIM-Signature: y\r\n" FROM "\r\n", &body);
	ev = mxa_eval_begin(&env, &m);
	mxa_eval_header(ev, 1);
	mxa_verdict_begin(&v, env.arena);
	mxa_eval_finish(ev, NULL, &v);
	ck_assert_uint_eq(v.dkim.n, 1);
	ck_assert_uint_eq(v.dkim.sig[0].field, 1);
	ck_assert_uint_eq(v.authors.n, 1);
}
END_TEST

/* What was noted before the end stays. */
START_TEST(notes_are_kept)
{
	struct mxa_str body;
	struct mxa_eval *ev;
	struct mxa_verdict v;
	struct mxa_msg m;

	open_zone(BASE, 2000);
	fill(&m, "192.0.2.9", "mx.example.com", "<a@example.com>",
	    "From: a@example.com, b\r\n\r\n", &body);
	mxa_verdict_begin(&v, env.arena);
	mxa_note(&v.notes, "first");
	ev = mxa_eval_begin(&env, &m);
	mxa_eval_header(ev, 0);
	mxa_eval_finish(ev, NULL, &v);
	ck_str_is(v.notes.first->text, "first");
	ck_assert_uint_eq(v.notes.n, 2);
	ck_str_is(v.notes.first->next->text,
	    "from: From has an address without a domain");
}
END_TEST

/* RSET, abort and close may come at any step, and never wait. */
START_TEST(can_be_cancelled)
{
	struct mxa_str body;
	struct mxa_eval *ev;
	struct mxa_msg m;

	open_zone(";! delay 60000 example.com\n;! delay 60000 _dmarc.com\n"
		  ";! delay 60000 9.2.0.192.in-addr.arpa\n" BASE,
	    60000);
	options.arc = true;
	if (_i % 2)
		options.dkim_engine = &mxa_dkim_libopendkim;
	fill(&m, "192.0.2.9", "mx.example.com", "<a@example.com>",
	    "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s; h=from; "
	    "b=AAAA; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n" FROM
	    "\r\nx\r\n",
	    &body);
	ev = mxa_eval_begin(&env, &m);
	m.headers.n = 1;
	if (_i / 2 > 0)
		mxa_eval_envelope(ev);
	if (_i / 2 > 1)
		mxa_eval_header(ev, 0);
	if (_i / 2 > 2)
		ck_assert(mxa_eval_eoh(ev));
	if (_i / 2 > 3)
		mxa_eval_body(ev, body.p, body.len);
	mxa_eval_cancel(ev);
	mxa_eval_cancel(ev);
	ck_assert_uint_eq(mxa_budget_counts(env.budget).waits, 0);
}
END_TEST

/* Two messages of a connection have nothing in common. */
START_TEST(messages_do_not_leak)
{
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_msg m;

	open_zone(BASE, 2000);
	fill(&m, "192.0.2.9", "mx.example.com", "<a@example.com>",
	    "DKIM-Signature: x\r\n" FROM "\r\nx\r\n", &body);
	mxa_evaluate(&env, &m, body, &v);
	ck_assert_uint_eq(v.dkim.n, 1);
	ck_assert_int_eq(v.dmarc.result, MXA_DMARC_PASS);
	mxa_budget_close(env.budget);
	mxa_arena_reset(arena);
	env.budget = mxa_budget_open(dns, 2000);
	fill(&m, "198.51.100.1", "x.example.net", "<>",
	    "From: b@example.org\r\n\r\n", &body);
	mxa_evaluate(&env, &m, body, &v);
	ck_assert_str_eq(
	    show(&v), "spf=none helo x.example.net dmarc=none iprev=permerror");
	ck_assert_uint_eq(v.notes.n, 0);
}
END_TEST

/* --- ARC --- */

/* A sealer's word must cover every author that DMARC does not pass. */
static const struct {
	const char *from;
	bool trusted;
} sealed[] = {
	{ "From: a@example.com\r\n", true },
	{ "From: a@example.com, b@example.org\r\n", false },
	{ "From: b@example.org\r\n", false },
};

START_TEST(sealers_vouch_for_all_authors)
{
	static const struct mxa_str sealers[] = { MXA_STR_INIT(
	    "list.example") };
	EVP_PKEY *key = sigcase_key("ed25519");
	struct sign_options o = {
		.key = key, .domain = "list.example", .selector = "s"
	};
	struct sign_arc set = { .instance = 1,
		.cv = "none",
		.aar = "mx.list.example; dmarc=pass header.from=example.com" };
	struct mxa_str text, record, body;
	struct mxa_verdict v;
	struct mxa_msg m;

	options.arc = true;
	options.trusted_sealers = sealers;
	options.n_trusted_sealers = 1;
	record = sign_key_strings(arena, sign_key_record(arena, key));
	open_zone(
	    mxa_arena_printf(arena,
		BASE "s._domainkey.list.example. IN TXT %.*s\n"
		     "_dmarc.example.org. IN TXT \"v=DMARC1; p=reject\"\n",
		MXA_STR_ARG(record)),
	    2000);
	text = mxa_str_from(mxa_arena_printf(
	    arena, "%sSubject: x\r\n\r\nx\r\n", sealed[_i].from));
	fill(&m, "198.51.100.1", "list.example", "<x@list.example>",
	    mxa_arena_printf(arena, "%.*s%.*s",
		MXA_STR_ARG(sign_arc(arena, text, &o, &set)),
		MXA_STR_ARG(text)),
	    &body);
	mxa_evaluate(&env, &m, body, &v);
	ck_assert_int_eq(v.dmarc.result, MXA_DMARC_FAIL);
	ck_assert_int_eq(v.arc.result, MXA_ARC_PASS);
	ck_assert(v.arc.trusted == sealed[_i].trusted);
	ck_str_is(
	    v.arc.trusted_sealer, sealed[_i].trusted ? "list.example" : "");
}
END_TEST

/* --- what a sender can make slow --- */

#define ASLEEP(name) ";! delay 60000 " name "\n"

/* A sender whose own SPF record never comes uses up the deadline, and yet the
 * policy for a name that does not exist is applied. */
START_TEST(slow_spf_does_not_soften_the_policy)
{
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_msg m;

	open_zone(
	    ASLEEP(
		"slow.example.net") "_dmarc.example.com. IN TXT "
				    "\"v=DMARC1; p=reject; sp=none; np=reject\"\n",
	    300);
	fill(&m, "192.0.2.9", "slow.example.net", "<a@slow.example.net>",
	    "From: a@gone.example.com\r\n\r\nx\r\n", &body);
	mxa_evaluate(&env, &m, body, &v);
	ck_assert_int_eq(v.spf.result, MXA_SPF_TEMPERROR);
	ck_assert_int_eq(v.dmarc.result, MXA_DMARC_FAIL);
	ck_assert_int_eq(v.dmarc.policy, MXA_POLICY_REJECT);
	ck_assert(v.dmarc.domain[0].nonexistent);
}
END_TEST

/* Keys that cannot align are not waited for once SPF has authenticated the
 * author, also by alignment. */
START_TEST(unaligned_keys_do_not_delay)
{
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_msg m;

	open_zone(
	    ASLEEP(
		"s._domainkey.esp.example") "bounce.example.com. IN TXT \"v=spf1 ip4:192.0.2.9 -all\"\n" BASE,
	    60000);
	fill(&m, "192.0.2.9", "mx.example.com", "<a@bounce.example.com>",
	    "DKIM-Signature: v=1; a=rsa-sha256; d=esp.example; s=s; h=from; "
	    "b=AAAA; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n" FROM
	    "\r\nx\r\n",
	    &body);
	mxa_evaluate(&env, &m, body, &v);
	ck_assert_str_eq(show(&v),
	    "spf=pass mailfrom bounce.example.com helo=pass dkim=neutral "
	    "dmarc=pass iprev=pass");
	ck_assert_uint_eq(mxa_budget_counts(env.budget).waits, 0);
}
END_TEST

/* The HELO check has a share of its own: a HELO name with a greedy record
 * leaves the questions for MAIL FROM alone. */
START_TEST(greedy_helo_does_not_starve_the_sender)
{
	struct mxa_buf zone;
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_msg m;

	mxa_buf_init(&zone, arena, 1 << 20);
	mxa_buf_adds(&zone,
	    BASE "mail.example.com. IN TXT \"v=spf1 mx:m0.example.com "
		 "mx:m1.example.com ip4:192.0.2.9 -all\"\n"
		 "greedy.example.net. IN TXT \"v=spf1");
	for (int i = 0; i < 10; i++)
		mxa_buf_printf(&zone, " mx:m%d.example.net", i);
	mxa_buf_adds(&zone, " -all\"\n");
	for (int i = 0; i < 100; i++)
		mxa_buf_printf(&zone,
		    "m%d.example.net. MX 1 h%d.example.net.\n"
		    "m%d.example.com. MX 1 h%d.example.com.\n"
		    "h%d.example.net. A 198.51.100.1\n"
		    "h%d.example.com. A 198.51.100.1\n",
		    i / 10, i, i / 10, i, i, i);
	open_zone(mxa_buf_cstr(&zone), 2000);
	fill(&m, "192.0.2.9", "greedy.example.net", "<a@mail.example.com>",
	    FROM "\r\nx\r\n", &body);
	mxa_evaluate(&env, &m, body, &v);
	ck_assert_int_eq(v.spf.result, MXA_SPF_PASS);
	ck_assert_int_eq(v.dmarc.result, MXA_DMARC_PASS);
	ck_assert_int_eq(v.helo.result, MXA_SPF_TEMPERROR);
}
END_TEST

/* --- what a decision waits for --- */

#define DELAYED(ms, name) ";! delay " ms " " name "\n"
#define PTR "9.2.0.192.in-addr.arpa"
#define KEY "s._domainkey.example.com"
#define KEY2 "s2._domainkey.example.com"
/* a sender that is no author, HELO and PTR as in BASE */
#define BOUNCE                                                               \
	"bounce.example.net. IN TXT \"v=spf1 include:i.example.net -all\"\n" \
	"i.example.net. IN TXT \"v=spf1 ip4:192.0.2.9 -all\"\n"

enum { GRACE_MS = 150, DEADLINE_MS = 1300 };

static const struct {
	const char *name, *zone;
	const char *sender;
	const char *selectors; /* of example.com's signatures, a letter each */
	struct mxa_needs needs;
	const char *want;
	uint64_t ms; /* that it waits */
} patience[] = {
	{ "all alive", BASE, "<a@example.com>", "s", { .grace_ms = GRACE_MS },
	    "spf=pass mailfrom example.com helo=pass dkim=pass dmarc=pass "
	    "iprev=pass",
	    0 },
	{ "all alive, slowly",
	    BASE DELAYED("40", "example.com TXT") DELAYED("40", PTR)
		DELAYED("40", "mx.example.com") DELAYED("40", KEY),
	    "<a@example.com>", "s", { .grace_ms = GRACE_MS },
	    "spf=pass mailfrom example.com helo=pass dkim=pass dmarc=pass "
	    "iprev=pass",
	    40 },
	{ "a dead reverse zone", BASE ASLEEP(PTR), "<a@example.com>", "",
	    { .grace_ms = GRACE_MS },
	    "spf=pass mailfrom example.com helo=pass dmarc=pass "
	    "iprev=temperror",
	    GRACE_MS },
	{ "a dead HELO name", BASE ASLEEP("mx.example.com TXT"),
	    "<a@example.com>", "", { .grace_ms = GRACE_MS },
	    "spf=pass mailfrom example.com helo=temperror dmarc=pass "
	    "iprev=pass",
	    GRACE_MS },
	{ "a dead sender beside the author's signature",
	    BASE ASLEEP("bounce.example.net"), "<x@bounce.example.net>", "s",
	    { .grace_ms = GRACE_MS },
	    "spf=temperror mailfrom bounce.example.net helo=pass dkim=pass "
	    "dmarc=pass iprev=pass",
	    GRACE_MS },
	{ "a dead include of a sender beside the author's signature",
	    BASE BOUNCE ASLEEP("i.example.net"), "<x@bounce.example.net>", "s",
	    { .grace_ms = GRACE_MS },
	    "spf=temperror mailfrom bounce.example.net helo=pass dkim=pass "
	    "dmarc=pass iprev=pass",
	    GRACE_MS },
	{ "all dead that merely informs: one grace",
	    BASE ASLEEP("bounce.example.net") ASLEEP(PTR)
		ASLEEP("mx.example.com TXT"),
	    "<x@bounce.example.net>", "s", { .grace_ms = GRACE_MS },
	    "spf=temperror mailfrom bounce.example.net helo=temperror "
	    "dkim=pass dmarc=pass iprev=temperror",
	    GRACE_MS },
	{ "no grace at all", BASE ASLEEP("bounce.example.net") ASLEEP(PTR),
	    "<x@bounce.example.net>", "s", { .grace_ms = 0 },
	    "spf=temperror mailfrom bounce.example.net helo=pass dkim=pass "
	    "dmarc=pass iprev=temperror",
	    0 },
	{ "a dead key beside an aligned sender", BASE ASLEEP(KEY),
	    "<a@example.com>", "s", { .grace_ms = GRACE_MS },
	    "spf=pass mailfrom example.com helo=pass dkim=temperror dmarc=pass "
	    "iprev=pass",
	    GRACE_MS },
	{ "a dead key beside one that passes, sender dead as well",
	    BASE ASLEEP(KEY) ASLEEP("bounce.example.net"),
	    "<x@bounce.example.net>", "st", { .grace_ms = GRACE_MS },
	    "spf=temperror mailfrom bounce.example.net helo=pass dkim=pass "
	    "dkim=neutral dmarc=pass iprev=pass",
	    GRACE_MS },
	{ "a slow key, sender dead: the key is waited for",
	    BASE DELAYED("250", KEY) ASLEEP("bounce.example.net"),
	    "<x@bounce.example.net>", "s", { .grace_ms = GRACE_MS },
	    "spf=temperror mailfrom bounce.example.net helo=pass dkim=pass "
	    "dmarc=pass iprev=pass",
	    250 + GRACE_MS },
	{ "a slow sender, key dead: the sender is waited for",
	    BASE DELAYED("250", "example.com TXT") ASLEEP(KEY),
	    "<a@example.com>", "s", { .grace_ms = GRACE_MS },
	    "spf=pass mailfrom example.com helo=pass dkim=temperror dmarc=pass "
	    "iprev=pass",
	    250 + GRACE_MS },
	{ "nothing authenticates the author: all of it is waited for",
	    BASE ASLEEP("bounce.example.net"), "<x@bounce.example.net>", "",
	    { .grace_ms = GRACE_MS },
	    "spf=temperror mailfrom bounce.example.net helo=pass "
	    "dmarc=fail/reject iprev=pass",
	    DEADLINE_MS },
	{ "a rule looks at SPF", BASE ASLEEP("bounce.example.net"),
	    "<x@bounce.example.net>", "s",
	    { .grace_ms = GRACE_MS, .spf = true },
	    "spf=temperror mailfrom bounce.example.net helo=pass dkim=pass "
	    "dmarc=pass iprev=pass",
	    DEADLINE_MS },
	{ "a rule looks at the author's signature", BASE ASLEEP(KEY),
	    "<a@example.com>", "s", { .grace_ms = GRACE_MS, .keys = true },
	    "spf=pass mailfrom example.com helo=pass dkim=temperror dmarc=pass "
	    "iprev=pass",
	    DEADLINE_MS },
	{ "a rule looks at HELO", BASE DELAYED("300", "mx.example.com TXT"),
	    "<a@example.com>", "", { .grace_ms = GRACE_MS, .helo = true },
	    "spf=pass mailfrom example.com helo=pass dmarc=pass iprev=pass",
	    300 },
	{ "a rule looks at the client's name", BASE DELAYED("300", PTR),
	    "<a@example.com>", "", { .grace_ms = GRACE_MS, .iprev = true },
	    "spf=pass mailfrom example.com helo=pass dmarc=pass iprev=pass",
	    300 },
};

/* FROM with a signature for each letter, 's' on top; the key of 't' is at KEY2,
 * which passes as well. */
static const char *signed_message(const char *letters, EVP_PKEY *key)
{
	struct mxa_str text = MXA_STR(FROM "\r\nx\r\n");
	struct sign_options o = { .key = key, .domain = "example.com" };

	for (; *letters != '\0'; letters++) {
		o.selector = *letters == 's' ? "s" : "s2";
		text = mxa_str_from(mxa_arena_printf(arena, "%.*s%.*s",
		    MXA_STR_ARG(sign_dkim(arena, text, &o)),
		    MXA_STR_ARG(text)));
	}
	return text.p;
}

static void evaluate_in_need(const struct mxa_msg *m, struct mxa_str body,
    const struct mxa_needs *needs, struct mxa_verdict *v)
{
	struct mxa_eval *ev = mxa_eval_begin(&env, m);

	mxa_verdict_begin(v, env.arena);
	mxa_eval_envelope(ev);
	for (size_t i = 0; i < m->headers.n; i++)
		mxa_eval_header(ev, i);
	if (mxa_eval_eoh(ev))
		mxa_eval_body(ev, body.p, body.len);
	mxa_eval_finish(ev, needs, v);
}

/* With both DKIM and both SPF engines. */
START_TEST(waits_for_what_decides)
{
	int row = _i / 4;
	EVP_PKEY *key = sigcase_key("ed25519");
	struct mxa_str record =
	    sign_key_strings(arena, sign_key_record(arena, key));
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_msg m;
	struct test_clock waits;
	uint64_t waited;

	if (_i & 1)
		options.dkim_engine = &mxa_dkim_libopendkim;
	if (_i & 2)
		options.spf_engine = &mxa_spf_libspf2;
	open_zone(
	    mxa_arena_printf(arena,
		KEY ". IN TXT %.*s\n" KEY2 ". IN TXT %.*s\n%s",
		MXA_STR_ARG(record), MXA_STR_ARG(record), patience[row].zone),
	    DEADLINE_MS);
	fill(&m, "192.0.2.9", "mx.example.com", patience[row].sender,
	    signed_message(patience[row].selectors, key), &body);
	test_clock_init(&waits, 0);
	mxa_dns_set_time(dns, &waits.clock, test_clock_sleep, &waits);
	waited = waits.ms;
	evaluate_in_need(&m, body, &patience[row].needs, &v);
	waited = waits.ms - waited;
	ck_assert_msg(strcmp(show(&v), patience[row].want) == 0,
	    "%s: got \"%s\", want \"%s\"", patience[row].name, show(&v),
	    patience[row].want);
	ck_assert_msg(waited == patience[row].ms, "%s: waited %d ms, not %d",
	    patience[row].name, (int)waited, (int)patience[row].ms);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("evaluate");
	TCase *tc = tcase_create("evaluate");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, whole_messages, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, checks_can_be_switched_off);
	tcase_add_test(tc, engines_have_names);
	tcase_add_test(tc, takes_notes);
	tcase_add_test(tc, the_body_is_needed_for_signatures_only);
	tcase_add_test(tc, asks_early);
	tcase_add_test(tc, fields_are_named);
	tcase_add_test(tc, notes_are_kept);
	tcase_add_loop_test(tc, can_be_cancelled, 0, 10);
	tcase_add_test(tc, messages_do_not_leak);
	tcase_add_loop_test(
	    tc, sealers_vouch_for_all_authors, 0, MXA_ARRAY_LEN(sealed));
	tcase_add_test(tc, slow_spf_does_not_soften_the_policy);
	tcase_add_test(tc, unaligned_keys_do_not_delay);
	tcase_add_test(tc, greedy_helo_does_not_starve_the_sender);
	tcase_add_loop_test(
	    tc, waits_for_what_decides, 0, 4 * MXA_ARRAY_LEN(patience));
	suite_add_tcase(s, tc);
	return test_main(s);
}
