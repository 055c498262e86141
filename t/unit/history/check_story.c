/* check_story.c - of which messages the store keeps a story, and what it is. */
#include "history/story.h"

#include "base/arena.h"
#include "base/attr.h"
#include "history/line.h"
#include "t/support/testing.h"
#include "t/support/verdicts.h"

static struct mxa_arena *arena;

static void begin(void)
{
	arena = mxa_arena_new();
}

static void end(void)
{
	mxa_arena_free(arena);
}

static struct mxa_entry entry_of(
    const char *words, const struct mxa_action *act, uint32_t ms)
{
	struct mxa_entry e = { .kind = MXA_ENTRY_MESSAGE, .time = 1795248000 };

	test_txn(arena, words, &e.txn);
	e.txn.action = *act;
	e.txn.action.rule = MXA_STR("default");
	e.txn.ms = ms;
	return e;
}

#define ACT(done, otherwise) \
	.act = { .kind = MXA_ACT_##done, .would = MXA_ACT_##otherwise }
#define EXCEPTION(why, ground_)                  \
	.act = { .override = MXA_OVERRIDE_##why, \
		.turned = MXA_GROUND_##ground_ }

static const struct {
	const char *name, *words;
	struct mxa_action act;
	uint32_t ms;
	bool kept;
	const char *would, *override, *ground, *via;
} kinds[] = {
	{ "accepted", "spf=pass:a.example", ACT(ACCEPT, ACCEPT), .ms = 999 },
	{ "tagged", "spf=softfail:a.example", ACT(TAG, TAG) },
	{ "held", "", ACT(QUARANTINE, QUARANTINE), .kept = true },
	{ "deferred", "", ACT(DEFER, DEFER), .kept = true },
	{ "refused", "", ACT(REJECT, REJECT), .kept = true },
	{ "monitor let it pass", "", ACT(ACCEPT, REJECT), .kept = true,
	    .would = "reject" },
	{ "monitor tagged it", "", ACT(TAG, DEFER), .kept = true,
	    .would = "defer" },
	{ "waited long", "", ACT(ACCEPT, ACCEPT), .ms = 1000, .kept = true },
	{ "a list that signs",
	    "dkim=fail/body:a.example dkim=pass:lists.example "
	    "dmarc=fail:a.example:reject",
	    EXCEPTION(MAILING_LIST, LIST_SIGNATURE), .kept = true,
	    .override = "mailing_list", .ground = "list-signature",
	    .via = "lists.example" },
	{ "a list that SPF knows",
	    "mfrom=bounces@lists.example spf=pass:lists.example "
	    "dmarc=fail:a.example:reject",
	    EXCEPTION(MAILING_LIST, LIST_SPF), .kept = true,
	    .override = "mailing_list", .ground = "list-spf",
	    .via = "lists.example" },
	{ "a forwarder, IPv4", "ip=192.0.2.9 dmarc=fail:a.example:reject",
	    EXCEPTION(TRUSTED_FORWARDER, FORWARDER_NETWORK), .kept = true,
	    .override = "trusted_forwarder",
	    .ground = "trusted-forwarder-network", .via = "192.0.2.0/24" },
	{ "a forwarder, IPv6", "ip=2001:db8:1:2::3 dmarc=fail:a.example:reject",
	    EXCEPTION(TRUSTED_FORWARDER, FORWARDER_NETWORK), .kept = true,
	    .override = "trusted_forwarder",
	    .ground = "trusted-forwarder-network", .via = "2001:db8:1::/48" },
	{ "a sealer",
	    "arc=pass:sealer.example:trusted dmarc=fail:a.example:reject",
	    EXCEPTION(LOCAL_POLICY, SEALER), .kept = true,
	    .override = "local_policy", .ground = "trusted-sealer",
	    .via = "sealer.example" },
	{ "a rule, no ground", "dmarc=fail:a.example:reject",
	    EXCEPTION(LOCAL_POLICY, NONE), .kept = true,
	    .override = "local_policy" },
};

static void ck_word(const char *got, const char *want)
{
	ck_assert_str_eq(got, want != NULL ? want : "");
}

START_TEST(kept)
{
	struct mxa_entry e =
	    entry_of(kinds[_i].words, &kinds[_i].act, kinds[_i].ms);
	struct mxa_story s;
	bool got = mxa_story_make(arena, &e, false, &s);

	ck_assert_msg(got == kinds[_i].kept, "%s: %d", kinds[_i].name, got);
	if (!got)
		return;
	ck_assert_uint_eq(s.ms, kinds[_i].ms);
	ck_word(s.would, kinds[_i].would);
	ck_word(s.override, kinds[_i].override);
	ck_word(s.ground, kinds[_i].ground);
	ck_str_is(s.via, kinds[_i].via != NULL ? kinds[_i].via : "");
}
END_TEST

/* What a reader of the store gets back. */
static const struct mxa_txn *read_back(const struct mxa_entry *e, bool whole)
{
	struct mxa_entry *out = mxa_arena_calloc(arena, 1, sizeof(*out));
	struct mxa_story s;

	ck_assert(mxa_story_make(arena, e, whole, &s));
	ck_assert_uint_eq(mxa_str_chr(s.text, '\n', 0), s.text.len);
	ck_assert_int_eq(mxa_line_read(arena, s.text, out), MXA_OK);
	ck_assert_int_eq(out->kind, MXA_ENTRY_MESSAGE);
	ck_assert_int_eq(out->time, e->time);
	return &out->txn;
}

static const struct mxa_action refused = { .kind = MXA_ACT_REJECT,
	.would = MXA_ACT_REJECT,
	.cause = MXA_CAUSE_DMARC_REJECT,
	.ground = { MXA_GROUND_SPF_FAIL },
	.n_grounds = 1 };

START_TEST(results_and_decision)
{
	struct mxa_entry e =
	    entry_of("ip=192.0.2.9 helo=h.example mfrom=anna@a.example id=4Aaa "
		     "spf=fail:a.example dkim=fail/body:a.example:s1 "
		     "dmarc=fail:a.example:reject",
		&refused, 70);
	const struct mxa_txn *t;

	e.txn.verdict.spf.reason =
	    MXA_PHRASE_QUOTED(MXA_STR("192.0.2.9 is not listed"));
	t = read_back(&e, false);
	ck_str_is(t->msg.queue_id, "4Aaa");
	ck_str_is(t->msg.helo, "h.example");
	ck_assert_int_eq(t->verdict.spf.result, MXA_SPF_FAIL);
	ck_str_is(t->verdict.spf.reason.text, "192.0.2.9 is not listed");
	ck_assert_uint_eq(t->verdict.dkim.n, 1);
	ck_assert_int_eq(t->verdict.dkim.sig[0].cause, MXA_DKIM_BODY);
	ck_str_is(t->verdict.dkim.sig[0].domain, "a.example");
	ck_assert_int_eq(t->verdict.dmarc.result, MXA_DMARC_FAIL);
	ck_str_is(t->verdict.dmarc.domain[0].author, "a.example");
	ck_assert_int_eq(t->action.kind, MXA_ACT_REJECT);
	ck_assert_int_eq(t->action.cause, MXA_CAUSE_DMARC_REJECT);
	ck_assert_int_eq(t->action.ground[0], MXA_GROUND_SPF_FAIL);
	ck_assert_uint_eq(t->ms, 70);
}
END_TEST

static const struct {
	const char *address, *want;
} mailboxes[] = {
	{ "anna@example.com", "a…@example.com" },
	{ "a@example.com", "…@example.com" },
	{ "\"x y\"@example.com", "…@example.com" },
	{ "a…@example.com", "a…@example.com" },
	{ "postmaster", "…" },
	{ "", "" },
};

START_TEST(mailbox)
{
	ck_str_is(mxa_story_mailbox(arena, mxa_str_from(mailboxes[_i].address)),
	    mailboxes[_i].want);
}
END_TEST

START_TEST(no_mailbox_unless_it_is_wanted)
{
	struct mxa_entry e =
	    entry_of("mfrom=anna@a.example rcpt=taro@b.example local "
		     "field=Message-ID:<x.anna@a.example> dkim=pass:a.example",
		&refused, 0);
	struct mxa_str names[] = { MXA_STR("anna"), MXA_STR("taro") };
	struct mxa_story s;

	e.txn.verdict.spf.sender = MXA_STR("anna@a.example");
	e.txn.verdict.spf.reason =
	    MXA_PHRASE_QUOTED(MXA_STR("anna.spf.a.example does not exist"));
	e.txn.verdict.dkim.sig[0].identity = MXA_STR("anna@a.example");
	ck_assert(mxa_story_make(arena, &e, false, &s));
	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		ck_assert_msg(mxa_str_casefind(s.text, names[i]) == s.text.len,
		    "%.*s", MXA_STR_ARG(s.text));
	ck_str_is(read_back(&e, true)->msg.mail_from, "anna@a.example");
	ck_str_is(read_back(&e, true)->msg.rcpt[0], "taro@b.example");
}
END_TEST

START_TEST(many_recipients_and_signatures)
{
	struct mxa_entry e = entry_of(
	    "rcpt=r1@b.example rcpt=r2@b.example rcpt=r3@b.example "
	    "rcpt=r4@b.example rcpt=r5@b.example rcpt=r6@b.example "
	    "rcpt=r7@b.example rcpt=r8@b.example rcpt=r9@b.example "
	    "rcpt=r10@b.example rcpt=r11@b.example "
	    "dkim=pass:d1.example dkim=pass:d2.example dkim=pass:d3.example "
	    "dkim=pass:d4.example dkim=pass:d5.example dkim=pass:d6.example "
	    "dkim=pass:d7.example dkim=pass:d8.example dkim=pass:d9.example",
	    &refused, 0);
	const struct mxa_txn *t = read_back(&e, true);

	ck_assert_uint_eq(t->msg.n_rcpt, 10);
	ck_assert_uint_eq(t->msg.n_rcpt_seen, 11);
	ck_assert_uint_eq(t->verdict.dkim.n, 8);
	ck_assert_uint_eq(t->verdict.dkim.untried, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("story");
	TCase *tc = tcase_create("story");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(tc, kept, 0, MXA_ARRAY_LEN(kinds));
	tcase_add_test(tc, results_and_decision);
	tcase_add_loop_test(tc, mailbox, 0, MXA_ARRAY_LEN(mailboxes));
	tcase_add_test(tc, no_mailbox_unless_it_is_wanted);
	tcase_add_test(tc, many_recipients_and_signatures);
	suite_add_tcase(s, tc);
	return test_main(s);
}
