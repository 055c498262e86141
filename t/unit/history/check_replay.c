/* check_replay.c - what was journalled is decided again. */
#include "t/support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "history/replay.h"
#include "policy/load.h"
#include "policy/decide.h"
#include "t/support/verdicts.h"

#define WHEN 1795248000 /* 2026-11-21T08:00:00Z */
#define FORGED "spf=fail:bounce.example.com dmarc=fail:example.com:reject "

static struct mxa_conf *load(const char *conf)
{
	char *errors = NULL, *warnings = NULL;
	struct mxa_conf *c = mxa_policy_parse("mxauth.conf", mxa_str_from(conf),
	    MXA_STR_NONE, &errors, &warnings);

	ck_assert_msg(c != NULL, "%s", errors);
	free(warnings);
	return c;
}

/* Decide under 'conf', write the line, read it. */
static void journalled(struct mxa_arena *a, const char *conf_text,
    const char *words, struct mxa_entry *out)
{
	struct mxa_conf *conf = load(conf_text);
	struct mxa_txn t;
	struct mxa_buf b;

	test_txn(a, words, &t);
	mxa_decide(conf, &t.msg, &t.verdict, a, &t.action);
	mxa_buf_init(&b, a, MXA_MAX_JOURNAL_LINE);
	mxa_line_write(&b, &t, NULL, WHEN);
	ck_assert_int_eq(mxa_line_read(a, mxa_buf_str(&b), out), MXA_OK);
	mxa_conf_free(conf);
}

/* "reject -> tag"; "reject = reject" when nothing changed. */
static const char *sentence(struct mxa_arena *a, const struct mxa_entry *e,
    const struct mxa_replayed *r)
{
	if (r->doubt == MXA_REPLAY_NOT_VERIFIED)
		return "not verified";
	return mxa_arena_printf(a, "%s %s %s%s",
	    mxa_action_name(e->txn.action.kind), r->changed ? "->" : "=",
	    mxa_action_name(r->now.kind),
	    r->doubt == MXA_REPLAY_SURE ? "" : " ?");
}

static const struct {
	const char *name, *then, *now, *words, *want;
} rows[] = {
	{ "the same configuration", "", "", FORGED, "reject = reject" },
	{ "a list's message", "", "",
	    FORGED "dkim=fail/body:example.com dkim=pass:lists.example.org "
		   "list",
	    "tag = tag" },
	{ "to monitor", "", "profile = \"monitor\"\n", FORGED,
	    "reject -> tag" },
	{ "to strict", "", "profile = \"strict\"\n",
	    FORGED "dkim=pass:lists.example.org list", "tag -> reject" },
	{ "held under the same rules", "profile = \"strict\"\n",
	    "profile = \"strict\"\n",
	    "spf=fail:a.example dmarc=fail:example.com:quarantine",
	    "quarantine = quarantine" },
	{ "not held, since the MTA cannot", "profile = \"strict\"\n",
	    "profile = \"strict\"\n",
	    "spf=fail:a.example dmarc=fail:example.com:quarantine "
	    "no-quarantine",
	    "tag = tag" },
	{ "another code", "", "texts: { reject-code = \"554 5.7.1\" }\n",
	    FORGED, "reject -> reject" },
	{ "a forwarder is trusted", "",
	    "trusted-forwarders = [\"192.0.2.1\"]\n", FORGED,
	    "reject -> accept" },
	{ "a forwarder by its signature", "",
	    "trusted-forwarders = [\"fwd.example\"]\n",
	    FORGED "dkim=pass:fwd.example", "reject -> tag" },
	{ "the client is exempt now", "",
	    "trusted-networks = [\"192.0.2.0/24\"]\n", FORGED,
	    "reject -> accept" },
	{ "it was exempt then, and is", "", "", "exempt=network ip=127.0.0.1",
	    "accept = accept" },
	{ "it was exempt then, and is not", "", "trusted-networks = []\n",
	    "exempt=network ip=127.0.0.1", "not verified" },
	{ "SPF refuses now", "", "actions: { spf-fail = \"reject\" }\n",
	    "spf=fail:a.example dmarc=none:a.example", "accept -> reject" },
	{ "broken From refuses now", "actions: { no-author = \"tag\" }\n",
	    "profile = \"strict\"\n", "spf=pass:a.example from=twice",
	    "tag -> reject" },
	{ "a deferral is lifted", "actions: { temperror = \"defer\" }\n", "",
	    "spf=temperror:a.example dmarc=temperror:a.example",
	    "defer -> tag" },
	{ "the sealer is still trusted",
	    "arc: { trusted-sealers = [\"l.example\"] }\n",
	    "arc: { trusted-sealers = [\"l.example\", \"x.example\"] }\n",
	    FORGED "arc=pass:l.example:trusted", "accept = accept" },
	{ "by a name above it",
	    "arc: { trusted-sealers = [\"a.l.example\"] }\n",
	    "arc: { trusted-sealers = [\".l.example\"] }\n",
	    FORGED "arc=pass:a.l.example:trusted", "accept = accept" },
	{ "the sealer is trusted no more",
	    "arc: { trusted-sealers = [\"l.example\"] }\n",
	    "arc: { trusted-sealers = [\"*\"] }\n",
	    FORGED "arc=pass:l.example:trusted", "accept -> reject" },
	{ "the sealer is trusted only now",
	    "arc: { trusted-sealers = [\"*\"] }\n",
	    "arc: { trusted-sealers = [\"l.example\"] }\n",
	    FORGED "arc=pass:l.example", "reject = reject ?" },
};

START_TEST(decided_again)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *conf = load(rows[_i].now);
	struct mxa_replayed r;
	struct mxa_entry e;
	const char *got;

	journalled(a, rows[_i].then, rows[_i].words, &e);
	mxa_replay(conf, a, &e, &r);
	got = sentence(a, &e, &r);
	ck_assert_msg(strcmp(got, rows[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\"", rows[_i].name, got, rows[_i].want);
	mxa_conf_free(conf);
	mxa_arena_free(a);
}
END_TEST

/* A line under its own configuration gives the same action in every part. */
START_TEST(nothing_is_lost_on_the_way)
{
	static const char *const words[] = {
		FORGED "dkim=fail/body:mail.example.com",
		FORGED "dkim=policy/partial-body:example.com",
		"ip=2001:db8::1 mfrom= spf=fail:h.example.net "
		"dmarc=fail:example.com:quarantine:sp,t,org=b.example",
		"spf=pass:a.example dmarc=pass:a.example:reject:spf from=more",
		"spf=none: from=none",
		FORGED "list rcpt=a@example.jp rcpt=b@example.jp iprev=fail",
		"spf=fail:a.example dmarc=fail:a.example:none "
		"dmarc=fail:b.example:reject:nx",
	};
	struct mxa_conf *conf = load("");

	for (size_t i = 0; i < MXA_ARRAY_LEN(words); i++) {
		struct mxa_arena *a = mxa_arena_new();
		struct mxa_entry e;
		struct mxa_replayed r;
		struct mxa_action *then = &e.txn.action;

		journalled(a, "", words[i], &e);
		mxa_replay(conf, a, &e, &r);
		ck_assert(!r.changed);
		ck_assert_int_eq(r.now.cause, then->cause);
		ck_assert_int_eq(r.now.override, then->override);
		ck_assert_uint_eq(r.now.author, then->author);
		ck_assert_uint_eq(r.now.n_grounds, then->n_grounds);
		for (size_t g = 0; g < then->n_grounds; g++)
			ck_assert_int_eq(r.now.ground[g], then->ground[g]);
		ck_assert_uint_eq(r.now.reply.n, then->reply.n);
		for (size_t l = 0; l < then->reply.n; l++)
			ck_assert(mxa_str_eq(
			    r.now.reply.line[l], then->reply.line[l]));
		mxa_arena_free(a);
	}
	mxa_conf_free(conf);
}
END_TEST

START_TEST(totals_add_up)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *monitor = load("profile = \"monitor\"\n");
	struct mxa_conf *everybody = load("trusted-networks = []\n");
	struct mxa_replay_totals t = { 0 };
	struct mxa_replayed r;
	struct mxa_entry e;

	journalled(a, "", FORGED, &e);
	mxa_replay(monitor, a, &e, &r);
	mxa_replay_count(&t, &e, &r);
	journalled(a, "", "spf=pass:a.example dmarc=none:a.example", &e);
	mxa_replay(monitor, a, &e, &r);
	mxa_replay_count(&t, &e, &r);
	journalled(a, "", "exempt=network ip=127.0.0.1", &e);
	mxa_replay(everybody, a, &e, &r);
	mxa_replay_count(&t, &e, &r);
	ck_assert_uint_eq(t.messages, 3);
	ck_assert_uint_eq(t.changed, 1);
	ck_assert_uint_eq(t.doubtful, 1);
	ck_assert_uint_eq(t.action[MXA_ACT_REJECT][MXA_ACT_TAG], 1);
	ck_assert_uint_eq(t.action[MXA_ACT_ACCEPT][MXA_ACT_ACCEPT], 1);
	mxa_conf_free(monitor);
	mxa_conf_free(everybody);
	mxa_arena_free(a);
}
END_TEST

START_TEST(what_was_cut_is_doubtful)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_conf *conf = load("");
	struct mxa_replayed r;
	struct mxa_entry e;

	journalled(a, "", FORGED, &e);
	e.cut = true;
	mxa_replay(conf, a, &e, &r);
	ck_assert_int_eq(r.doubt, MXA_REPLAY_CUT);
	for (int d = MXA_REPLAY_NOT_VERIFIED; d <= MXA_REPLAY_CUT; d++)
		ck_assert_uint_gt(
		    strlen(mxa_replay_doubt_text((enum mxa_replay_doubt)d)), 0);
	mxa_conf_free(conf);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("replay");
	TCase *tc = tcase_create("replay");

	tcase_add_loop_test(tc, decided_again, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, nothing_is_lost_on_the_way);
	tcase_add_test(tc, totals_add_up);
	tcase_add_test(tc, what_was_cut_is_doubtful);
	suite_add_tcase(s, tc);
	return test_main(s);
}
