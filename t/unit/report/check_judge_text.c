/* check_judge_text.c - a judgement in words: the answer, the first thing to do,
 * what a sender is and what it lacks. */
#include "t/support/testing.h"

#include <string.h>

#include "report/received/judge.h"

static struct mxa_arena *arena;
static struct mxa_buf text;

static void begin(void)
{
	arena = mxa_arena_new();
	mxa_buf_init(&text, arena, 4000);
}

static void end(void)
{
	mxa_arena_free(arena);
}

/* --- the answer, and what to do first --- */

static const struct answered {
	const char *name;
	struct mxa_judgement j; /* of d.example */
	const char *answer, *first_step;
} answers[] = {
	{ "no report", { .ready = MXA_READY_UNKNOWN },
	    "No report is about d.example.",
	    "Let the DMARC record name an address for reports (rua=), and wait "
	    "for them." },
	{ "nothing passed", { .ready = MXA_READY_NO, .messages = 1200 },
	    "Not yet: none of 1,200 messages passed, so no sender of yours is "
	    "known. (If d.example sends no mail at all, p=reject is right at "
	    "once.)",
	    "" },
	{ "one in the way",
	    { .ready = MXA_READY_NO,
		.messages = 9,
		.aligned = 1,
		.blocking = 1 },
	    "Not yet: 1 sender that is yours or seems to be would be refused.",
	    "" },
	{ "two of them",
	    { .ready = MXA_READY_NO,
		.messages = 9,
		.aligned = 1,
		.blocking = 2 },
	    "Not yet: 2 senders that are yours or seem to be would be refused.",
	    "" },
	{ "one is refused today",
	    { .ready = MXA_READY_NO,
		.messages = 9,
		.aligned = 1,
		.blocking = 1,
		.policy = MXA_STR_INIT("reject") },
	    "p=reject is published, and 1 sender that is yours or seems to be "
	    "is refused.",
	    "" },
	{ "two are",
	    { .ready = MXA_READY_NO,
		.messages = 9,
		.aligned = 1,
		.blocking = 2,
		.policy = MXA_STR_INIT("reject") },
	    "p=reject is published, and 2 senders that are yours or seem to be "
	    "are refused.",
	    "" },
	{ "one day", { .ready = MXA_READY_WAIT, .reported_days = 1 },
	    "Nothing stands in the way so far, but the reports are about 1 day "
	    "only; 14 days are needed.",
	    "Go on collecting reports." },
	{ "some days", { .ready = MXA_READY_WAIT, .reported_days = 13 },
	    "Nothing stands in the way so far, but the reports are about 13 "
	    "days only; 14 days are needed.",
	    "Go on collecting reports." },
	{ "much is forwarded",
	    { .ready = MXA_READY_QUARANTINE,
		.messages = 1000,
		.of_kind[MXA_SENDER_FORWARDER] = 25 },
	    "p=quarantine is safe. p=reject would also refuse mail that "
	    "forwarders and mailing lists break: 2.5 % of all.",
	    "Publish p=quarantine." },
	{ "and reject is published",
	    { .ready = MXA_READY_QUARANTINE,
		.messages = 1000,
		.of_kind[MXA_SENDER_FORWARDER] = 25,
		.policy = MXA_STR_INIT("reject") },
	    "p=quarantine is safe. p=reject would also refuse mail that "
	    "forwarders and mailing lists break: 2.5 % of all.",
	    "Nothing is to be done." },
	{ "ready, none is published",
	    { .ready = MXA_READY_REJECT, .policy = MXA_STR_INIT("none") },
	    "p=reject is safe: no sender of yours would be refused.",
	    "Publish p=quarantine, and p=reject after two weeks without "
	    "complaints." },
	{ "ready, quarantine is",
	    { .ready = MXA_READY_REJECT, .policy = MXA_STR_INIT("quarantine") },
	    "p=reject is safe: no sender of yours would be refused.",
	    "Publish p=reject." },
	{ "reject is",
	    { .ready = MXA_READY_REJECT, .policy = MXA_STR_INIT("reject") },
	    "p=reject is published, and no sender of yours is refused.",
	    "Nothing is to be done." },
};

START_TEST(answered)
{
	struct mxa_judgement j = answers[_i].j;

	j.domain = MXA_STR("d.example");
	mxa_judge_answer(&text, &j);
	ck_assert_str_eq(mxa_buf_cstr(&text), answers[_i].answer);
	mxa_buf_init(&text, arena, 4000);
	mxa_judge_first_step(&text, &j);
	ck_assert_str_eq(mxa_buf_cstr(&text), answers[_i].first_step);
}
END_TEST

START_TEST(the_first_step_is_about_the_first_sender)
{
	struct mxa_sender s[] = { { .name = MXA_STR_INIT("esp.example"),
				      .kind = MXA_SENDER_KEY,
				      .sources = 2 },
		{ .name = MXA_STR_INIT("other.example"),
		    .kind = MXA_SENDER_SERVICE } };
	struct mxa_judgement j = { .ready = MXA_READY_NO,
		.domain = MXA_STR("d.example"),
		.v = s,
		.n = 2 };

	mxa_judge_first_step(&text, &j);
	ck_assert_str_eq(mxa_buf_cstr(&text),
	    "If esp.example is yours, publish the key of its selector and add "
	    "it to the SPF record of d.example. If not, p=reject stops it.");
}
END_TEST

START_TEST(all_senders_in_a_line)
{
	struct mxa_judgement j = { .messages = 2000,
		.aligned = 1500,
		.blocking = 3,
		.senders_of_kind = {
		    [MXA_SENDER_OWN] = 2,
		    [MXA_SENDER_SERVICE] = 4,
		    [MXA_SENDER_KEY] = 8,
		    [MXA_SENDER_FORWARDER] = 5,
		    [MXA_SENDER_FIXED] = 6,
		    [MXA_SENDER_PASSES] = 7,
		    [MXA_SENDER_STRANGER] = 9,
		} };

	mxa_judge_overview(&text, &j);
	ck_assert_str_eq(mxa_buf_cstr(&text),
	    "75.0 % of 2,000 messages are aligned. Senders: passing 7, in the "
	    "way 3, small and unclear 11, forwarders 5, repaired 6, strangers "
	    "9.");
}
END_TEST

START_TEST(strangers_in_a_line)
{
	struct mxa_judgement j = { .domain = MXA_STR("d.example") };

	mxa_judge_strangers(&text, &j);
	ck_assert_str_eq(mxa_buf_cstr(&text),
	    "A stranger that is yours belongs into the SPF record of "
	    "d.example, and must sign with DKIM. The others use your name, and "
	    "p=reject stops them.");
}
END_TEST

/* --- a sender --- */

#define SENDER(what, why)                                 \
	.kind = MXA_SENDER_##what, .cause = MXA_RC_##why, \
	.sum = { .messages = 9, .aligned = 8 }

static const struct {
	const char *name;
	struct mxa_sender s; /* esp.example, of several addresses */
	const char *is, *lacks;
} senders[] = {
	{ "own, SPF lists it",
	    { SENDER(OWN, NOT_LISTED), .proof = MXA_PROOF_RECORD },
	    "yours: your SPF record lists it",
	    "Add esp.example to the SPF record of d.example, and sign with "
	    "DKIM (d=d.example)." },
	{ "own, other mail passes",
	    { SENDER(OWN, NO_RESULTS), .proof = MXA_PROOF_PASSED },
	    "yours: other mail of it passes",
	    "Add esp.example to the SPF record of d.example, and sign with "
	    "DKIM (d=d.example)." },
	{ "own, no record",
	    { SENDER(OWN, NO_SPF_RECORD), .proof = MXA_PROOF_PASSED },
	    "yours: other mail of it passes",
	    "Publish an SPF record for d.example that lists esp.example, and "
	    "sign with DKIM." },
	{ "own, a broken record",
	    { SENDER(OWN, SPF_ERROR), .proof = MXA_PROOF_PASSED },
	    "yours: other mail of it passes",
	    "Repair the SPF record of d.example (mxauth lint d.example); "
	    "esp.example needs it." },
	{ "own, unaligned",
	    { SENDER(OWN, UNALIGNED), .proof = MXA_PROOF_PASSED },
	    "yours: other mail of it passes",
	    "Let esp.example sign with DKIM for d.example (d=d.example), or "
	    "use d.example in MAIL FROM." },
	{ "own, signatures fail",
	    { SENDER(OWN, DKIM_BROKEN), .proof = MXA_PROOF_PASSED },
	    "yours: other mail of it passes",
	    "Check selector and key of esp.example: its signatures for "
	    "d.example fail." },
	{ "a service", { SENDER(SERVICE, UNALIGNED) },
	    "authenticates, but for its own domain: a service that sends for "
	    "you, or somebody who uses your name",
	    "If esp.example works for you, let it sign with DKIM for d.example "
	    "(d=d.example), or give it a name below d.example for MAIL FROM. "
	    "If not, p=reject stops it." },
	{ "an unknown key", { SENDER(KEY, DKIM_BROKEN) },
	    "signs in your name, but no signature with its key ever verified",
	    "If esp.example is yours, publish the key of its selector and add "
	    "it to the SPF record of d.example. If not, p=reject stops it." },
	{ "a forwarder", { SENDER(FORWARDER, DKIM_BROKEN) },
	    "a forwarder or mailing list: your mail breaks on its way",
	    "Nothing of yours is wrong. Signed mail that esp.example forwards "
	    "unchanged passes; a list that changes mail must rewrite From." },
	{ "a forwarder that breaks nothing",
	    { .kind = MXA_SENDER_FORWARDER,
		.sum = { .messages = 9, .aligned = 9 } },
	    "passes by DKIM alone: a forwarder, or a server that your SPF "
	    "record does not list",
	    "" },
	{ "a stranger", { SENDER(STRANGER, NOT_LISTED) },
	    "a stranger: nothing speaks for it",
	    "If esp.example is yours, add it to the SPF record of d.example "
	    "and sign with DKIM. If not, p=reject stops it." },
	{ "repaired", { SENDER(FIXED, NOT_LISTED) },
	    "repaired: it failed earlier and passes now", "" },
	{ "passes by both", { SENDER(PASSES, PASS_BOTH) }, "passes", "" },
	{ "passes by SPF only",
	    { .kind = MXA_SENDER_PASSES,
		.sum = { .messages = 9, .cause[MXA_RC_PASS_SPF] = 9 } },
	    "passes",
	    "Sign with DKIM: without a signature mail of esp.example fails "
	    "when somebody forwards it." },
	{ "some of it is signed",
	    { .kind = MXA_SENDER_PASSES,
		.sum = { .messages = 9, .cause[MXA_RC_PASS_SPF] = 8 } },
	    "passes", "" },
};

static const char *what_is_missing(
    const struct mxa_sender *sender, size_t sources)
{
	struct mxa_judgement j = { .domain = MXA_STR("d.example") };
	struct mxa_sender s = *sender;

	s.name = MXA_STR("esp.example");
	s.sum.ip = MXA_STR("192.0.2.1");
	s.sources = sources;
	mxa_buf_init(&text, arena, 4000);
	mxa_sender_missing(&text, &j, &s);
	return mxa_buf_cstr(&text);
}

START_TEST(what_a_sender_is_and_lacks)
{
	const struct mxa_sender *s = &senders[_i].s;

	ck_assert_str_eq(mxa_sender_text(s), senders[_i].is);
	ck_assert_str_eq(what_is_missing(s, 2), senders[_i].lacks);
}
END_TEST

START_TEST(a_single_source_is_its_address)
{
	struct mxa_sender s = { SENDER(STRANGER, NOT_LISTED) };

	ck_assert_str_eq(what_is_missing(&s, 1),
	    "If 192.0.2.1 is yours, add it to the SPF record of d.example and "
	    "sign with DKIM. If not, p=reject stops it.");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("judge_text");
	TCase *tc = tcase_create("judge_text");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(
	    tc, answered, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tc, the_first_step_is_about_the_first_sender);
	tcase_add_test(tc, all_senders_in_a_line);
	tcase_add_test(tc, strangers_in_a_line);
	tcase_add_loop_test(tc, what_a_sender_is_and_lacks, 0,
	    sizeof(senders) / sizeof(senders[0]));
	tcase_add_test(tc, a_single_source_is_its_address);
	suite_add_tcase(s, tc);
	return test_main(s);
}
