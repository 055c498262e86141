/* check_summary.c - many refusals at once: what is one group, what is counted,
 * in which order groups come. */
#include "explain/summary.h"

#include <string.h>

#include "base/attr.h"
#include "t/support/testing.h"

static struct mxa_arena *a;
static struct mxa_buf seen;

static void setup(void)
{
	a = mxa_arena_new();
	mxa_buf_init(&seen, a, 1 << 20);
}

static void teardown(void)
{
	mxa_arena_free(a);
}

/* 2026-11-27T00:00:00Z */
#define DAY 1795737600

struct event {
	enum mxa_delivery_state state;
	int64_t time;
	const char *recipient, *sender, *relay, *words;
};

static void add_event(struct mxa_summary *s, const struct event *e)
{
	struct mxa_delivery d = { .state = e->state,
		.time = e->time,
		.id = MXA_STR("AAAAAA"),
		.sender = mxa_str_from(e->sender),
		.sender_known = true,
		.recipient = mxa_str_from(e->recipient),
		.original = MXA_STR(""),
		.relay = mxa_str_from(e->relay),
		.status = MXA_STR(""),
		.words = mxa_str_from(e->words) };

	mxa_summary_delivery(s, &d);
}

static const char *or_dash(struct mxa_str text)
{
	return text.len > 0 ? mxa_str_cstr(a, text) : "-";
}

/* "CLASS DOMAIN PROVIDER IP REPLY COUNT/RECIPIENTS FIRST..LAST", times and day
 * from DAY on; 'x' where no time was told. */
static const char *group_lines(struct mxa_summary *s)
{
	const struct mxa_group *const *list;
	size_t n;

	list = mxa_summary_groups(s, &n);
	for (size_t i = 0; i < n; i++) {
		const struct mxa_group *g = list[i];

		mxa_buf_printf(&seen, "%s%s %s %s %s %s %u/%u",
		    mxa_refusal_class_name(g->class),
		    g->temporary ? " temporary" : "", or_dash(g->domain),
		    or_dash(g->provider), or_dash(g->ip), or_dash(g->reply),
		    (unsigned)g->count, (unsigned)g->recipients);
		if (g->first != 0)
			mxa_buf_printf(&seen, " %d..%d", (int)(g->first - DAY),
			    (int)(g->last - DAY));
		if (g->day != 0)
			mxa_buf_printf(&seen, " day %d", (int)(g->day - DAY));
		mxa_buf_addc(&seen, '\n');
	}
	return mxa_buf_cstr(&seen);
}

#define REFUSED MXA_DELIVERY_REFUSED
#define DEFERRED MXA_DELIVERY_DEFERRED
#define SENT MXA_DELIVERY_SENT
#define NO_USER "550 5.1.1 no such user"
#define FULL "552 5.2.2 mailbox full"
#define A_ONE "a@one.example", "x@firm.example", "mx.one.example"
#define B_ONE "b@one.example", "x@firm.example", "mx.one.example"
#define A_TWO "a@two.example", "x@firm.example", "mx.two.example"
#define Y_ONE "a@one.example", "y@shop.example", "mx.one.example"
#define SPF_FAIL(ip) \
	"550 5.7.26 SPF check failed for firm.example: " ip " is not allowed"

static const struct {
	const char *name;
	enum mxa_summary_by by;
	struct event event[6];
	const char *want;
} groups[] = {
	{ "nothing", MXA_SUMMARY_BY_ALL, { { 0 } }, "" },
	{ "what is sent is no group", MXA_SUMMARY_BY_ALL,
	    { { SENT, DAY + 1, A_ONE, "250 ok" } }, "" },
	{ "one group, its recipients counted once", MXA_SUMMARY_BY_ALL,
	    { { REFUSED, DAY + 2, A_ONE, NO_USER },
		{ REFUSED, DAY + 3, B_ONE, NO_USER },
		{ REFUSED, DAY + 1, A_ONE, NO_USER } },
	    "unknown-user firm.example one.example - 550 3/2 1..3\n" },
	{ "no time was told", MXA_SUMMARY_BY_ALL,
	    { { REFUSED, 0, A_ONE, NO_USER } },
	    "unknown-user firm.example one.example - 550 1/1\n" },
	{ "a time is told once", MXA_SUMMARY_BY_ALL,
	    { { REFUSED, DAY + 5, A_ONE, NO_USER },
		{ REFUSED, 0, A_ONE, NO_USER } },
	    "unknown-user firm.example one.example - 550 2/1 5..5\n" },
	{ "the class", MXA_SUMMARY_BY_CAUSE,
	    { { REFUSED, DAY + 1, A_ONE, NO_USER },
		{ REFUSED, DAY + 1, A_ONE, FULL },
		{ REFUSED, DAY + 1, A_ONE, FULL } },
	    "mailbox-full firm.example one.example - 552 2/1 1..1\n"
	    "unknown-user firm.example one.example - 550 1/1 1..1\n" },
	{ "whether it waits", MXA_SUMMARY_BY_CAUSE,
	    { { REFUSED, DAY + 1, A_ONE, FULL },
		{ DEFERRED, DAY + 1, B_ONE, FULL },
		{ DEFERRED, DAY + 1, B_ONE, FULL } },
	    "mailbox-full temporary firm.example one.example - 552 2/1 1..1\n"
	    "mailbox-full firm.example one.example - 552 1/1 1..1\n" },
	{ "all: the domain", MXA_SUMMARY_BY_ALL,
	    { { REFUSED, DAY + 1, Y_ONE, NO_USER },
		{ REFUSED, DAY + 1, A_ONE, NO_USER } },
	    "unknown-user firm.example one.example - 550 1/1 1..1\n"
	    "unknown-user shop.example one.example - 550 1/1 1..1\n" },
	{ "all: the provider", MXA_SUMMARY_BY_ALL,
	    { { REFUSED, DAY + 1, A_TWO, NO_USER },
		{ REFUSED, DAY + 1, A_ONE, NO_USER } },
	    "unknown-user firm.example one.example - 550 1/1 1..1\n"
	    "unknown-user firm.example two.example - 550 1/1 1..1\n" },
	{ "all: the address", MXA_SUMMARY_BY_ALL,
	    { { REFUSED, DAY + 1, A_ONE, SPF_FAIL("203.0.113.9") },
		{ REFUSED, DAY + 1, A_ONE, SPF_FAIL("203.0.113.8") } },
	    "spf-fail firm.example one.example 203.0.113.8 550 1/1 1..1\n"
	    "spf-fail firm.example one.example 203.0.113.9 550 1/1 1..1\n" },
	{ "all: not the day", MXA_SUMMARY_BY_ALL,
	    { { REFUSED, DAY + 1, A_ONE, NO_USER },
		{ REFUSED, DAY + 86400, A_ONE, NO_USER } },
	    "unknown-user firm.example one.example - 550 2/1 1..86400\n" },
	{ "by cause: what differs is empty", MXA_SUMMARY_BY_CAUSE,
	    { { REFUSED, DAY + 1, A_ONE, NO_USER },
		{ REFUSED, DAY + 1, A_TWO, NO_USER },
		{ REFUSED, DAY + 1, Y_ONE, "554 5.1.1 no such user" } },
	    "unknown-user - - - - 3/2 1..1\n" },
	{ "by domain", MXA_SUMMARY_BY_DOMAIN,
	    { { REFUSED, DAY + 1, A_ONE, NO_USER },
		{ REFUSED, DAY + 1, A_TWO, NO_USER },
		{ REFUSED, DAY + 1, Y_ONE, NO_USER } },
	    "unknown-user firm.example - - 550 2/2 1..1\n"
	    "unknown-user shop.example one.example - 550 1/1 1..1\n" },
	{ "by provider", MXA_SUMMARY_BY_PROVIDER,
	    { { REFUSED, DAY + 1, A_ONE, NO_USER },
		{ REFUSED, DAY + 1, A_TWO, NO_USER },
		{ REFUSED, DAY + 1, Y_ONE, NO_USER } },
	    "unknown-user - one.example - 550 2/1 1..1\n"
	    "unknown-user firm.example two.example - 550 1/1 1..1\n" },
	{ "by address", MXA_SUMMARY_BY_IP,
	    { { REFUSED, DAY + 1, A_ONE, SPF_FAIL("203.0.113.9") },
		{ REFUSED, DAY + 1, A_TWO, SPF_FAIL("203.0.113.9") },
		{ REFUSED, DAY + 1, A_TWO, SPF_FAIL("203.0.113.8") } },
	    "spf-fail firm.example - 203.0.113.9 550 2/2 1..1\n"
	    "spf-fail firm.example two.example 203.0.113.8 550 1/1 1..1\n" },
	{ "by day, of UTC, the earlier first", MXA_SUMMARY_BY_DAY,
	    { { REFUSED, DAY + 86400, A_ONE, NO_USER },
		{ REFUSED, DAY, A_ONE, NO_USER },
		{ REFUSED, DAY - 1, A_TWO, NO_USER },
		{ REFUSED, DAY - 2, A_ONE, NO_USER } },
	    "unknown-user firm.example - - 550 2/2 -2..-1 day -86400\n"
	    "unknown-user firm.example one.example - 550 1/1 0..0 day 0\n"
	    "unknown-user firm.example one.example - 550 1/1 86400..86400 "
	    "day 86400\n" },
	{ "authentication goes before what is more", MXA_SUMMARY_BY_CAUSE,
	    { { REFUSED, DAY + 1, A_ONE, FULL },
		{ REFUSED, DAY + 1, A_ONE, FULL },
		{ REFUSED, DAY + 1, A_ONE, SPF_FAIL("203.0.113.9") } },
	    "spf-fail firm.example one.example 203.0.113.9 550 1/1 1..1\n"
	    "mailbox-full firm.example one.example - 552 2/1 1..1\n" },
};

START_TEST(groups_failures)
{
	struct mxa_summary *s = mxa_summary_new(groups[_i].by, 0, 0);
	const char *got;

	for (size_t i = 0; i < 6 && groups[_i].event[i].recipient; i++)
		add_event(s, &groups[_i].event[i]);
	got = group_lines(s);
	ck_assert_msg(strcmp(got, groups[_i].want) == 0, "%s: got\n%s",
	    groups[_i].name, got);
	mxa_summary_free(s);
}
END_TEST

/* More groups and more recipients than there is room for at first. */
START_TEST(grows)
{
	struct mxa_summary *s = mxa_summary_new(MXA_SUMMARY_BY_DOMAIN, 0, 0);
	const struct mxa_group *const *list;
	size_t n;

	for (int i = 0; i < 2 * 130; i++) {
		struct event e = { REFUSED, DAY, "u@one.example",
			mxa_arena_printf(a, "x@d%d.example", i % 130),
			"mx.one.example", NO_USER };

		add_event(s, &e);
	}
	for (int i = 0; i < 2 * 50; i++) {
		struct event e = { REFUSED, DAY,
			mxa_arena_printf(a, "u%d@one.example", i % 50),
			"x@many.example", "mx.one.example", NO_USER };

		add_event(s, &e);
	}
	list = mxa_summary_groups(s, &n);
	ck_assert_uint_eq(n, 131);
	ck_str_is(list[0]->domain, "many.example");
	ck_assert_uint_eq(list[0]->count, 100);
	ck_assert_uint_eq(list[0]->recipients, 50);
	for (size_t i = 1; i < n; i++) {
		ck_assert_uint_eq(list[i]->count, 2);
		ck_assert_uint_eq(list[i]->recipients, 1);
	}
	ck_assert(!mxa_summary_counts(s)->more_groups);
	ck_assert(!mxa_summary_counts(s)->more_recipients);
	mxa_summary_free(s);
}
END_TEST

/* Deliveries at 10, 20 and an unknown time within [since, until). */
static const struct {
	int64_t since, until;
	const char *want; /* deliveries refused deferred, FIRST..LAST */
} spans[] = {
	{ 0, 0, "4 1 1 10..20" },
	{ DAY + 10, 0, "2 1 0 10..20" },
	{ DAY + 11, 0, "1 0 0 20..20" },
	{ 0, DAY + 20, "1 1 0 10..10" },
	{ 0, DAY + 21, "2 1 0 10..20" },
	{ DAY + 10, DAY + 20, "1 1 0 10..10" },
	{ DAY + 21, DAY + 30, "0 0 0" },
};

START_TEST(counts_within_times)
{
	static const struct event events[] = {
		{ SENT, DAY + 20, A_ONE, "250 ok" },
		{ REFUSED, DAY + 10, A_ONE, NO_USER },
		{ SENT, 0, B_ONE, "250 ok" },
		{ DEFERRED, 0, B_ONE, FULL },
	};
	struct mxa_summary *s = mxa_summary_new(
	    MXA_SUMMARY_BY_ALL, spans[_i].since, spans[_i].until);
	const struct mxa_summary_counts *c = mxa_summary_counts(s);

	for (size_t i = 0; i < 4; i++)
		add_event(s, &events[i]);
	mxa_buf_printf(&seen, "%u %u %u", (unsigned)c->deliveries,
	    (unsigned)c->refused, (unsigned)c->deferred);
	if (c->first != 0)
		mxa_buf_printf(&seen, " %d..%d", (int)(c->first - DAY),
		    (int)(c->last - DAY));
	ck_assert_str_eq(mxa_buf_cstr(&seen), spans[_i].want);
	mxa_summary_free(s);
}
END_TEST

#define BOUNCE(date, words)                                           \
	"From: MAILER-DAEMON@mail.firm.example\n" date                \
	"Content-Type: message/delivery-status\n\n"                   \
	"Reporting-MTA: dns; mail.firm.example\n\n"                   \
	"Final-Recipient: rfc822; a@one.example\nAction: delivered\n" \
	"Status: 2.0.0\n\n"                                           \
	"Final-Recipient: rfc822; b@one.example\nAction: failed\n"    \
	"Status: 5.1.1\nRemote-MTA: dns; mx.one.example\n"            \
	"Diagnostic-Code: smtp; " words "\n"
#define DATE "Date: Fri, 27 Nov 2026 00:00:07 +0000\n"

static const struct {
	const char *name, *text;
	int64_t since;
	const char *want;
} messages[] = {
	{ "its time is its Date", BOUNCE(DATE, NO_USER), 0,
	    "unknown-user - one.example - 550 1/1 7..7\n" },
	{ "a Date in any case",
	    BOUNCE("dATE: Fri, 27 Nov 2026 00:00:07 +0000\n", NO_USER), 0,
	    "unknown-user - one.example - 550 1/1 7..7\n" },
	{ "the first Date that can be read",
	    BOUNCE("Date: yesterday\n" DATE, NO_USER), 0,
	    "unknown-user - one.example - 550 1/1 7..7\n" },
	{ "none", BOUNCE("", NO_USER), 0,
	    "unknown-user - one.example - 550 1/1\n" },
	{ "not of the body", BOUNCE("", NO_USER) "\n" DATE, 0,
	    "unknown-user - one.example - 550 1/1\n" },
	{ "too early", BOUNCE(DATE, NO_USER), DAY + 8, "" },
	{ "late enough", BOUNCE(DATE, NO_USER), DAY + 7,
	    "unknown-user - one.example - 550 1/1 7..7\n" },
	{ "nobody knows whether it is late enough", BOUNCE("", NO_USER),
	    DAY + 7, "" },
};

START_TEST(counts_messages)
{
	struct mxa_summary *s =
	    mxa_summary_new(MXA_SUMMARY_BY_ALL, messages[_i].since, 0);
	const char *got;

	mxa_summary_message(
	    s, MXA_STR("box:1"), mxa_str_from(messages[_i].text));
	got = group_lines(s);
	ck_assert_msg(strcmp(got, messages[_i].want) == 0, "%s: got\n%s",
	    messages[_i].name, got);
	mxa_summary_free(s);
}
END_TEST

/* The first message of a group is its sample, and the first words its
 * example. */
START_TEST(keeps_first_sample)
{
	struct mxa_summary *s = mxa_summary_new(MXA_SUMMARY_BY_ALL, 0, 0);
	const struct mxa_group *const *list;
	size_t n;

	mxa_summary_message(
	    s, MXA_STR("1"), MXA_STR(BOUNCE(DATE, NO_USER " one")));
	mxa_summary_message(
	    s, MXA_STR("2"), MXA_STR(BOUNCE(DATE, NO_USER " two")));
	list = mxa_summary_groups(s, &n);
	ck_assert_uint_eq(n, 1);
	ck_str_is(list[0]->sample, BOUNCE(DATE, NO_USER " one"));
	ck_assert_uint_eq(list[0]->sample_failure, 0);
	ck_str_is(list[0]->example, "no such user one");
	ck_str_is(list[0]->status, "5.1.1");
	mxa_summary_free(s);
}
END_TEST

/* Which failure of a message its sample is about. */
START_TEST(knows_failure_of_sample)
{
	struct mxa_summary *s = mxa_summary_new(MXA_SUMMARY_BY_CAUSE, 0, 0);
	const struct mxa_group *const *list;
	size_t n;

	mxa_summary_message(s, MXA_STR("1"),
	    MXA_STR(
		BOUNCE(DATE, NO_USER) "\n"
				      "Final-Recipient: rfc822; c@one.example\n"
				      "Action: failed\nStatus: 5.2.2\n"));
	list = mxa_summary_groups(s, &n);
	ck_assert_uint_eq(n, 2);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(list[i]->sample_failure,
		    list[i]->class == MXA_RF_MAILBOX_FULL ? 1 : 0);
	mxa_summary_free(s);
}
END_TEST

/* A long message is cut. */
START_TEST(cuts_sample)
{
	struct mxa_summary *s = mxa_summary_new(MXA_SUMMARY_BY_ALL, 0, 0);
	const struct mxa_group *const *list;
	struct mxa_buf b;
	size_t n;

	mxa_buf_init(&b, a, 1 << 20);
	mxa_buf_adds(&b, BOUNCE(DATE, NO_USER) "\n");
	while (b.len <= MXA_SUMMARY_MAX_SAMPLE)
		mxa_buf_adds(&b, "a line that says nothing\n");
	mxa_summary_message(s, MXA_STR("1"), mxa_buf_str(&b));
	list = mxa_summary_groups(s, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(list[0]->sample.len, MXA_SUMMARY_MAX_SAMPLE);
	mxa_summary_free(s);
}
END_TEST

/* What is not understood is counted, and the first five are named. */
START_TEST(names_not_understood)
{
	struct mxa_summary *s = mxa_summary_new(MXA_SUMMARY_BY_ALL, 0, 0);
	const struct mxa_summary_counts *c = mxa_summary_counts(s);

	for (int i = 1; i <= 6; i++)
		mxa_summary_message(s,
		    mxa_str_from(mxa_arena_printf(a, "box:%d", i)),
		    MXA_STR("Subject: hello\n\nHello.\n"));
	ck_assert_uint_eq(c->not_understood, 6);
	ck_assert_uint_eq(c->deliveries, 0);
	ck_assert_uint_eq(c->n_examples, MXA_SUMMARY_MAX_EXAMPLES);
	ck_str_is(c->not_understood_example[0], "box:1");
	ck_str_is(c->not_understood_example[4], "box:5");
	mxa_summary_free(s);
}
END_TEST

START_TEST(counts_authentication)
{
	static const struct event events[] = {
		{ REFUSED, DAY, A_ONE, NO_USER },
		{ REFUSED, DAY, A_ONE, SPF_FAIL("203.0.113.9") },
		{ REFUSED, DAY, B_ONE, SPF_FAIL("203.0.113.9") },
	};
	struct mxa_summary *s = mxa_summary_new(MXA_SUMMARY_BY_ALL, 0, 0);

	for (size_t i = 0; i < 3; i++)
		add_event(s, &events[i]);
	ck_assert_uint_eq(mxa_summary_counts(s)->auth, 2);
	mxa_summary_free(s);
}
END_TEST

static void list_recipient(void *ctx, struct mxa_str recipient)
{
	mxa_buf_printf(ctx, "%.*s\n", MXA_STR_ARG(recipient));
}

/* Each recipient of the class once, as it comes. */
START_TEST(lists_recipients)
{
	static const struct event events[] = {
		{ REFUSED, DAY, B_ONE, NO_USER },
		{ REFUSED, DAY, A_TWO, FULL },
		{ REFUSED, DAY, "", "x@firm.example", "mx.one.example",
		    NO_USER },
		{ REFUSED, DAY, A_ONE, NO_USER },
		{ REFUSED, DAY, B_ONE, NO_USER },
	};
	struct mxa_summary *s = mxa_summary_new(MXA_SUMMARY_BY_ALL, 0, 0);

	mxa_summary_list(s, MXA_RF_UNKNOWN_USER, list_recipient, &seen);
	for (size_t i = 0; i < MXA_ARRAY_LEN(events); i++)
		add_event(s, &events[i]);
	ck_assert_str_eq(mxa_buf_cstr(&seen), "b@one.example\na@one.example\n");
	mxa_summary_free(s);
}
END_TEST

static const struct {
	const char *name;
	struct mxa_delivery d;
	const char *want;
} texts[] = {
	{ "all fields",
	    { .state = REFUSED,
		.sender = MXA_STR_INIT("x@firm.example"),
		.sender_known = true,
		.recipient = MXA_STR_INIT("a@one.example"),
		.original = MXA_STR_INIT("o@old.example"),
		.relay = MXA_STR_INIT("mx.one.example"),
		.status = MXA_STR_INIT("5.1.1"),
		.words = MXA_STR_INIT(NO_USER) },
	    "X-Postfix-Sender: rfc822; x@firm.example\n\n"
	    "Final-Recipient: rfc822; a@one.example\n"
	    "Original-Recipient: rfc822;o@old.example\n"
	    "Action: failed\nStatus: 5.1.1\n"
	    "Remote-MTA: dns; mx.one.example\n"
	    "Diagnostic-Code: smtp; " NO_USER "\n" },
	{ "few, and still waiting",
	    { .state = DEFERRED,
		.sender = MXA_STR_INIT("x@firm.example"),
		.recipient = MXA_STR_INIT("a@one.example"),
		.words = MXA_STR_INIT(FULL) },
	    "\nFinal-Recipient: rfc822; a@one.example\n"
	    "Action: delayed\nDiagnostic-Code: smtp; " FULL "\n" },
	{ "the null sender",
	    { .state = REFUSED,
		.sender_known = true,
		.recipient = MXA_STR_INIT("a@one.example"),
		.words = MXA_STR_INIT(FULL) },
	    "\nFinal-Recipient: rfc822; a@one.example\n"
	    "Action: failed\nDiagnostic-Code: smtp; " FULL "\n" },
};

START_TEST(writes_delivery)
{
	ck_str_is(mxa_summary_delivery_text(a, &texts[_i].d), texts[_i].want);
}
END_TEST

static const struct {
	const char *word;
	enum mxa_summary_by by;
} words[] = {
	{ "cause", MXA_SUMMARY_BY_CAUSE },
	{ "domain", MXA_SUMMARY_BY_DOMAIN },
	{ "provider", MXA_SUMMARY_BY_PROVIDER },
	{ "ip", MXA_SUMMARY_BY_IP },
	{ "day", MXA_SUMMARY_BY_DAY },
};

START_TEST(knows_words)
{
	enum mxa_summary_by by;

	ck_assert(mxa_summary_by_word(words[_i].word, &by));
	ck_assert_int_eq(by, words[_i].by);
	ck_assert(!mxa_summary_by_word("moon", &by));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("explain/summary");
	TCase *tc = tcase_create("summary");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, groups_failures, 0, MXA_ARRAY_LEN(groups));
	tcase_add_test(tc, grows);
	tcase_add_loop_test(tc, counts_within_times, 0, MXA_ARRAY_LEN(spans));
	tcase_add_loop_test(tc, counts_messages, 0, MXA_ARRAY_LEN(messages));
	tcase_add_test(tc, keeps_first_sample);
	tcase_add_test(tc, knows_failure_of_sample);
	tcase_add_test(tc, cuts_sample);
	tcase_add_test(tc, names_not_understood);
	tcase_add_test(tc, counts_authentication);
	tcase_add_test(tc, lists_recipients);
	tcase_add_loop_test(tc, writes_delivery, 0, MXA_ARRAY_LEN(texts));
	tcase_add_loop_test(tc, knows_words, 0, MXA_ARRAY_LEN(words));
	suite_add_tcase(s, tc);
	return test_main(s);
}
