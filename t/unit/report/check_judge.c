/* check_judge.c - what a sender is, and may the domain go to p=reject. */
#include "t/support/testing.h"

#include <string.h>

#include "base/buf.h"
#include "report/received/judge.h"

#define DAY 86400
#define FIRST 1795132800 /* 2026-11-20T00:00:00Z */
#define END_OF_ROWS \
	{           \
		0   \
	}
#define MAX_ROWS 12

/* What was reported each day of [from, from + days). */
struct told {
	int from, days;
	const char *ip;
	unsigned n;
	const char *aligned; /* "spf", "dkim", "both", "" */
	const char *own;     /* result of the signature of d.example, selector
				s1; NULL: none */
	const char *other;   /* domain of another signature that passed */
	const char *spf_domain, *spf;
	const char *reason;
	const char *disposition;
};

struct judged {
	const char *name;
	struct told row[MAX_ROWS];
	const char *listed;    /* the address that today's record lists */
	const char *ready;     /* readiness */
	const char *sender;    /* the first one: NAME KIND [in-the-way] */
	const char *strangers; /* number */
};

#define GOOD                                                                \
	{                                                                   \
		0, 14, "192.0.2.1", 100, "both", "pass", NULL, "d.example", \
		    "pass", NULL, NULL                                      \
	}
#define STRANGER                                                               \
	{                                                                      \
		0, 14, "203.0.113.9", 50, "", NULL, NULL, "d.example", "fail", \
		    NULL, NULL                                                 \
	}

static const struct judged cases[] = {
	{ "all passes", { GOOD }, NULL, "reject", "192.0.2.0/24 passes", "0" },
	{ "strangers are in nobody's way", { GOOD, STRANGER }, NULL, "reject",
	    "192.0.2.0/24 passes", "1" },
	{ "thirteen days are too few",
	    { { 0, 13, "192.0.2.1", 9, "both", "pass", NULL, "d.example",
		"pass", NULL, NULL } },
	    NULL, "wait", "192.0.2.0/24 passes", "0" },
	{ "a day without a report is none of them",
	    { { 0, 7, "192.0.2.1", 9, "both", "pass", NULL, "d.example", "pass",
		  NULL, NULL },
		{ 8, 6, "192.0.2.1", 9, "both", "pass", NULL, "d.example",
		    "pass", NULL, NULL } },
	    NULL, "wait", "192.0.2.0/24 passes", "0" },
	{ "a service that authenticates for itself",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, "esp.example",
		    "b.esp.example", "pass", NULL, NULL } },
	    NULL, "no", "esp.example service in-the-way", "0" },
	{ "by MAIL FROM alone",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "b.esp.example",
		    "pass", NULL, NULL } },
	    NULL, "no", "esp.example service in-the-way", "0" },
	{ "a small one is not in the way",
	    { { 0, 14, "192.0.2.1", 20000, "both", "pass", NULL, "d.example",
		  "pass", NULL, NULL },
		{ 0, 14, "198.51.100.1", 1, "", NULL, NULL, "b.esp.example",
		    "pass", NULL, NULL } },
	    NULL, "reject", "192.0.2.0/24 passes", "0" },
	{ "the same servers send aligned mail, too",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "b.esp.example",
		    "pass", NULL, NULL },
		{ 0, 14, "198.51.100.2", 10, "spf", NULL, "esp.example",
		    "d.example", "pass", NULL, NULL } },
	    NULL, "no", "esp.example own in-the-way", "0" },
	{ "today's record lists it: MAIL FROM is another's",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "h.example",
		    "fail", NULL, NULL } },
	    "198.51.100.1", "no", "198.51.100.0/24 own in-the-way", "0" },
	{ "today's record lists it: that was missing",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "d.example",
		    "fail", NULL, NULL } },
	    "198.51.100.1", "reject", "192.0.2.0/24 passes", "0" },
	{ "it failed, and passes since",
	    { { 0, 3, "192.0.2.1", 9, "", NULL, NULL, "d.example", "none", NULL,
		  "reject" },
		{ 3, 11, "192.0.2.1", 9, "spf", NULL, NULL, "d.example", "pass",
		    NULL, NULL } },
	    NULL, "reject", "192.0.2.0/24 repaired", "0" },
	{ "it passed, and fails since",
	    { { 0, 11, "192.0.2.1", 9, "spf", NULL, NULL, "d.example", "pass",
		  NULL, NULL },
		{ 11, 3, "192.0.2.1", 9, "", NULL, NULL, "d.example",
		    "permerror", NULL, NULL } },
	    NULL, "no", "192.0.2.0/24 own in-the-way", "0" },
	{ "the receiver names a forwarder",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "d.example",
		    "fail", "forwarded", NULL } },
	    NULL, "quarantine", "192.0.2.0/24 passes", "0" },
	{ "a list breaks the signature",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", "fail", NULL, "l.example",
		    "pass", NULL, NULL } },
	    NULL, "quarantine", "192.0.2.0/24 passes", "0" },
	{ "a key that never verified",
	    { { 0, 14, "192.0.2.1", 100, "spf", NULL, NULL, "d.example", "pass",
		  NULL, NULL },
		{ 0, 14, "198.51.100.1", 10, "", "fail", NULL, "d.example",
		    "fail", NULL, NULL } },
	    NULL, "no", "198.51.100.0/24 key in-the-way", "0" },
	{ "forwarded as it was",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 1000, "dkim", "pass", NULL,
		    "d.example", "fail", NULL, NULL } },
	    NULL, "reject", "198.51.100.0/24 forwarder", "0" },
	{ "one in a hundred of its own mail fails",
	    { { 0, 14, "192.0.2.1", 99, "spf", NULL, NULL, "d.example", "pass",
		  NULL, NULL },
		{ 0, 14, "192.0.2.1", 1, "", NULL, NULL, "d.example", "fail",
		    NULL, NULL } },
	    NULL, "no", "192.0.2.0/24 own in-the-way", "0" },
	{ "fewer than one in a hundred fail",
	    { { 0, 14, "192.0.2.1", 107, "spf", NULL, NULL, "d.example", "pass",
		  NULL, NULL },
		{ 0, 14, "192.0.2.1", 1, "", NULL, NULL, "d.example", "fail",
		    NULL, NULL } },
	    NULL, "reject", "192.0.2.0/24 own", "0" },
	{ "one in a thousand of all mail",
	    { { 0, 14, "192.0.2.1", 999, "both", "pass", NULL, "d.example",
		  "pass", NULL, NULL },
		{ 0, 14, "198.51.100.1", 1, "", NULL, NULL, "b.esp.example",
		    "pass", NULL, NULL } },
	    NULL, "no", "esp.example service in-the-way", "0" },
	{ "one in a hundred of all mail is forwarded",
	    { { 0, 14, "192.0.2.1", 99, "both", "pass", NULL, "d.example",
		  "pass", NULL, NULL },
		{ 0, 14, "198.51.100.1", 1, "", NULL, NULL, "d.example", "fail",
		    "mailing_list", NULL } },
	    NULL, "reject", "192.0.2.0/24 passes", "0" },
	{ "half of what failed was forwarded",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "d.example",
		    "fail", "trusted_forwarder", NULL },
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "d.example",
		    "fail", NULL, NULL } },
	    NULL, "quarantine", "192.0.2.0/24 passes", "0" },
	{ "less than half of it",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 9, "", NULL, NULL, "d.example", "fail",
		    "trusted_forwarder", NULL },
		{ 0, 14, "198.51.100.1", 11, "", NULL, NULL, "d.example",
		    "fail", "sampled_out", NULL } },
	    NULL, "reject", "192.0.2.0/24 passes", "1" },
	{ "it passes by DKIM for its own name: no forwarder",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 1000, "dkim", "pass", "esp.example",
		    "esp.example", "pass", NULL, NULL } },
	    NULL, "reject", "esp.example passes", "0" },
	{ "listed, but some of what failed was not missing in the record",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "d.example",
		    "fail", NULL, NULL },
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "h.example",
		    "fail", NULL, NULL } },
	    "198.51.100.1", "no", "198.51.100.0/24 own in-the-way", "0" },
	{ "the record was broken, and lists it today",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "d.example",
		    "permerror", NULL, NULL } },
	    "198.51.100.1", "reject", "192.0.2.0/24 passes", "0" },
	{ "IPv6: blocks of 48 bits",
	    { { 0, 14, "2001:db8:0:1::1", 9, "both", "pass", NULL, "d.example",
		  "pass", NULL, NULL },
		{ 0, 14, "2001:db8:0:2::1", 9, "both", "pass", NULL,
		    "d.example", "pass", NULL, NULL } },
	    NULL, "reject", "2001:db8::/48 passes", "0" },
	{ "the domain of a row that names most messages",
	    { GOOD,
		{ 0, 14, "198.51.100.1", 2, "", NULL, NULL, "b.one.example",
		    "pass", NULL, NULL },
		{ 0, 14, "198.51.100.1", 3, "", NULL, NULL, "b.two.example",
		    "pass", NULL, NULL },
		{ 0, 14, "198.51.100.1", 3, "", NULL, NULL, "b.three.example",
		    "pass", NULL, NULL } },
	    NULL, "no", "two.example service in-the-way", "0" },
	{ "nothing passes", { STRANGER }, NULL, "no", "203.0.113.0/24 stranger",
	    "1" },
	{ "no report", { END_OF_ROWS }, NULL, "unknown", "", "0" },
};

static struct mxa_arena *arena;

static void begin(void)
{
	arena = mxa_arena_new();
}

static void end(void)
{
	mxa_arena_free(arena);
}

static void put_results(const struct told *t, struct mxa_report_row *row)
{
	struct mxa_report_dkim *d = mxa_arena_calloc(arena, 2, sizeof(*d));
	struct mxa_report_spf *s = mxa_arena_calloc(arena, 1, sizeof(*s));
	struct mxa_report_reason *r = mxa_arena_calloc(arena, 1, sizeof(*r));

	if (t->own != NULL)
		d[row->n_dkim++] =
		    (struct mxa_report_dkim){ MXA_STR("d.example"),
			    MXA_STR("s1"), mxa_str_from(t->own) };
	if (t->other != NULL)
		d[row->n_dkim++] =
		    (struct mxa_report_dkim){ mxa_str_from(t->other),
			    MXA_STR("k"), MXA_STR("pass") };
	*s = (struct mxa_report_spf){ mxa_str_from(t->spf_domain),
		MXA_STR("mfrom"), mxa_str_from(t->spf) };
	row->n_spf = 1;
	if (t->reason != NULL)
		r[row->n_reason++].type = mxa_str_from(t->reason);
	row->auth_dkim = d;
	row->auth_spf = s;
	row->reason = r;
}

static void put_row(struct mxa_kept *k, const struct told *t)
{
	bool both = strcmp(t->aligned, "both") == 0;
	bool dkim = both || strcmp(t->aligned, "dkim") == 0;
	bool spf = both || strcmp(t->aligned, "spf") == 0;
	struct mxa_report_row row = {
		.source_ip = mxa_str_from(t->ip),
		.count = t->n,
		.disposition =
		    mxa_str_from(t->disposition ? t->disposition : "none"),
		.dkim = dkim ? MXA_STR("pass") : MXA_STR("fail"),
		.spf = spf ? MXA_STR("pass") : MXA_STR("fail"),
		.header_from = MXA_STR("d.example"),
	};

	put_results(t, &row);
	mxa_kept_row(k, &row);
}

static void add_report(
    struct mxa_kept *k, const char *domain, int day, const struct told *t)
{
	struct mxa_report *rep = mxa_report_new(k->reports, MXA_STR("test"));

	rep->policy.domain = mxa_str_from(domain);
	rep->policy.p = MXA_STR("none");
	rep->begin = FIRST + (int64_t)day * DAY;
	rep->end = rep->begin + DAY - 1;
	mxa_reports_add(k->reports, rep);
	mxa_kept_begin(k, rep);
	put_row(k, t);
	mxa_kept_end(k);
}

static void make_reports(struct mxa_kept *k, const struct told *row)
{
	mxa_kept_init(k);
	for (; row->ip != NULL; row++)
		for (int day = row->from; day < row->from + row->days; day++)
			add_report(k, "d.example", day, row);
}

static bool is_listed(void *ctx, struct mxa_str domain, struct mxa_str ip)
{
	ck_str_is(domain, "d.example");
	return ctx != NULL && mxa_str_is(ip, ctx);
}

static void judge(
    const struct mxa_kept *k, const char *listed, struct mxa_judgement *out)
{
	struct mxa_judge_options o = {
		.a = arena, .lists = is_listed, .ctx = (void *)(uintptr_t)listed
	};

	mxa_judge(k, MXA_STR("d.example"), &o, out);
}

START_TEST(senders_are_judged)
{
	const struct judged *c = &cases[_i];
	struct mxa_kept k;
	struct mxa_judgement g;
	const char *first = "";

	make_reports(&k, c->row);
	judge(&k, c->listed, &g);
	if (g.n > 0)
		first = mxa_arena_printf(arena, "%.*s %s%s",
		    MXA_STR_ARG(g.v[0].name), mxa_sender_kind_name(g.v[0].kind),
		    g.v[0].blocks ? " in-the-way" : "");
	ck_assert_msg(strcmp(mxa_readiness_name(g.ready), c->ready) == 0 &&
		strcmp(first, c->sender) == 0,
	    "%s: want %s, '%s', got %s, '%s'", c->name, c->ready, c->sender,
	    mxa_readiness_name(g.ready), first);
	ck_assert_str_eq(mxa_arena_printf(arena, "%zu",
			     g.senders_of_kind[MXA_SENDER_STRANGER]),
	    c->strangers);
	mxa_kept_done(&k);
}
END_TEST

START_TEST(days_have_gaps_and_sums)
{
	static const struct told rows[] = { { 0, 1, "192.0.2.1", 3, "spf", NULL,
						NULL, "d.example", "pass", NULL,
						NULL },
		{ 3, 1, "192.0.2.1", 5, "", NULL, NULL, "d.example", "fail",
		    NULL, "quarantine" },
		{ 3, 1, "192.0.2.1", 7, "", NULL, NULL, "d.example", "fail",
		    NULL, "reject" },
		END_OF_ROWS };
	struct mxa_kept k;
	struct mxa_judgement g;

	make_reports(&k, rows);
	judge(&k, NULL, &g);
	ck_assert_uint_eq(g.n_days, 4);
	ck_assert_int_eq(g.day[0].day, FIRST / DAY);
	ck_assert_uint_eq(g.day[0].n[MXA_REPORT_PASSED], 3);
	ck_assert(g.day[0].reported && !g.day[1].reported);
	ck_assert_uint_eq(g.day[3].n[MXA_REPORT_QUARANTINED], 5);
	ck_assert_uint_eq(g.day[3].n[MXA_REPORT_REJECTED], 7);
	ck_assert_uint_eq(g.messages, 15);
	ck_assert_uint_eq(g.aligned, 3);
	ck_assert_uint_eq(g.reported_days, 2);
	mxa_kept_done(&k);
}
END_TEST

START_TEST(a_late_sender_is_new)
{
	static const struct told rows[] = { GOOD,
		{ 12, 2, "198.51.100.1", 3, "", NULL, NULL, "d.example", "fail",
		    NULL, NULL },
		END_OF_ROWS };
	struct mxa_kept k;
	struct mxa_judgement g;

	make_reports(&k, rows);
	judge(&k, NULL, &g);
	ck_assert_uint_eq(g.n, 2);
	ck_assert(!g.v[0].is_new && g.v[1].is_new);
	ck_assert_uint_eq(g.new_senders, 1);
	mxa_kept_done(&k);
}
END_TEST

START_TEST(a_sender_of_a_week_ago_is_not_new)
{
	static const struct told rows[] = { GOOD,
		{ 6, 8, "198.51.100.1", 3, "", NULL, NULL, "d.example", "fail",
		    NULL, NULL },
		{ 7, 7, "203.0.113.1", 3, "", NULL, NULL, "d.example", "fail",
		    NULL, NULL },
		END_OF_ROWS };
	struct mxa_kept k;
	struct mxa_judgement g;

	make_reports(&k, rows);
	judge(&k, NULL, &g);
	ck_assert_uint_eq(g.n, 3);
	ck_str_is(g.v[1].name, "198.51.100.0/24");
	ck_assert(!g.v[1].is_new && g.v[2].is_new);
	mxa_kept_done(&k);
}
END_TEST

/* What stands in the way by its failures, then by size; strangers last. */
START_TEST(senders_come_by_need)
{
	static const struct told rows[] = { GOOD,
		{ 0, 14, "203.0.113.9", 900, "", NULL, NULL, "d.example",
		    "fail", NULL, NULL },
		{ 0, 14, "198.51.100.1", 10, "", NULL, NULL, "b.one.example",
		    "pass", NULL, NULL },
		{ 0, 14, "198.51.100.1", 90, "spf", NULL, "b.one.example",
		    "d.example", "pass", NULL, NULL },
		{ 0, 14, "198.51.100.2", 20, "", NULL, NULL, "b.two.example",
		    "pass", NULL, NULL },
		{ 0, 14, "198.51.100.3", 10, "", NULL, NULL, "b.four.example",
		    "pass", NULL, NULL },
		{ 0, 14, "198.51.100.4", 10, "", NULL, NULL, "b.tree.example",
		    "pass", NULL, NULL },
		{ 0, 14, "192.0.2.200", 50, "both", "pass", "z.example",
		    "d.example", "pass", NULL, NULL },
		END_OF_ROWS };
	static const char *const want[] = { "two.example", "one.example",
		"four.example", "tree.example", "192.0.2.0/24", "z.example",
		"203.0.113.0/24" };
	struct mxa_kept k;
	struct mxa_judgement g;

	make_reports(&k, rows);
	judge(&k, NULL, &g);
	ck_assert_uint_eq(g.n, MXA_ARRAY_LEN(want));
	for (size_t i = 0; i < g.n; i++)
		ck_str_is(g.v[i].name, want[i]);
	ck_assert_uint_eq(g.blocking, 4);
	ck_assert_uint_eq(g.of_kind[MXA_SENDER_STRANGER], 900 * 14);
	mxa_kept_done(&k);
}
END_TEST

/* "p" of the newest report, read first or last. */
START_TEST(the_newest_policy_counts)
{
	struct told row = { 0, 1, "192.0.2.1", 3, "spf", NULL, NULL,
		"d.example", "pass", NULL, NULL };
	static const int days[][2] = { { 3, 5 }, { 5, 3 } };
	struct mxa_kept k;
	struct mxa_judgement g;

	mxa_kept_init(&k);
	for (size_t i = 0; i < 2; i++)
		add_report(&k, "d.example", days[_i][i], &row);
	for (struct mxa_report *r = k.reports->first; r != NULL; r = r->next)
		if (r->begin == FIRST + 5 * DAY)
			r->policy.p = MXA_STR("reject");
	judge(&k, NULL, &g);
	ck_str_is(g.policy, "reject");
	ck_assert_int_eq(g.first, FIRST + 3 * DAY);
	ck_assert_int_eq(g.last, FIRST + 6 * DAY - 1);
	ck_assert_uint_eq(g.reports, 2);
	mxa_kept_done(&k);
}
END_TEST

/* Days that are kept: MXA_JUDGE_MAX_DAYS. */
static const struct {
	int last;
	size_t days;
	int first;
	uint64_t messages; /* of the first day kept */
} series[] = { { 0, 1, 0, 6 }, { 399, 400, 0, 3 }, { 400, 400, 1, 0 } };

START_TEST(a_long_series_has_400_days)
{
	struct told row = { 0, 1, "192.0.2.1", 3, "spf", NULL, NULL,
		"d.example", "pass", NULL, NULL };
	struct mxa_kept k;
	struct mxa_judgement g;

	mxa_kept_init(&k);
	add_report(&k, "d.example", 0, &row);
	add_report(&k, "d.example", series[_i].last, &row);
	judge(&k, NULL, &g);
	ck_assert_uint_eq(g.n_days, series[_i].days);
	ck_assert_int_eq(g.day[0].day, FIRST / DAY + series[_i].first);
	ck_assert_uint_eq(g.day[0].n[MXA_REPORT_PASSED], series[_i].messages);
	ck_assert_uint_eq(g.messages, 6);
	mxa_kept_done(&k);
}
END_TEST

/* --- what is asked --- */

struct asked {
	size_t n;
	bool least; /* the address that sent least was among them */
};

static bool note_address(void *ctx, struct mxa_str domain, struct mxa_str ip)
{
	struct asked *asked = ctx;

	(void)domain;
	asked->n++;
	asked->least |= mxa_str_is(ip, "10.0.0.1");
	return false;
}

static struct mxa_str no_name(void *ctx, struct mxa_str ip)
{
	(void)note_address(ctx, MXA_STR(""), ip);
	return MXA_STR("");
}

/* Sources 10.0.0.1, 10.0.1.1, ... that fail, the later ones more often. */
static void many_sources(struct mxa_kept *k, unsigned n)
{
	mxa_kept_init(k);
	for (unsigned i = 0; i < n; i++) {
		struct told row = { 0, 1,
			mxa_arena_printf(arena, "10.0.%u.1", i), i + 1, "",
			NULL, NULL, "d.example", "fail", NULL, NULL };

		add_report(k, "d.example", 0, &row);
	}
}

START_TEST(the_busiest_are_looked_up)
{
	struct asked record = { 0, false }, names = { 0, false };
	struct mxa_judge_options o = { .a = arena,
		.lists = note_address,
		.ctx = &record,
		.reverse_name = no_name,
		.names = &names };
	struct mxa_kept k;
	struct mxa_judgement g;

	many_sources(&k, 201);
	mxa_judge(&k, MXA_STR("d.example"), &o, &g);
	ck_assert_uint_eq(record.n, 200);
	ck_assert_uint_eq(names.n, 100);
	ck_assert(!record.least && !names.least);
	mxa_kept_done(&k);
}
END_TEST

START_TEST(who_passes_is_not_looked_up)
{
	static const struct told rows[] = { GOOD,
		{ 0, 1, "198.51.100.1", 5, "spf", NULL, NULL, "d.example",
		    "pass", NULL, NULL },
		{ 0, 1, "198.51.100.1", 5, "", NULL, NULL, "d.example", "fail",
		    NULL, NULL },
		{ 0, 1, "203.0.113.1", 1, "", NULL, NULL, "d.example", "fail",
		    NULL, NULL },
		END_OF_ROWS };
	struct asked record = { 0, false };
	struct mxa_judge_options o = {
		.a = arena, .lists = note_address, .ctx = &record
	};
	struct mxa_kept k;
	struct mxa_judgement g;

	make_reports(&k, rows);
	mxa_judge(&k, MXA_STR("d.example"), &o, &g);
	ck_assert_uint_eq(record.n, 1);
	mxa_kept_done(&k);
}
END_TEST

/* --- reverse names --- */

static struct mxa_str name_of(void *ctx, struct mxa_str ip)
{
	static const struct {
		const char *ip, *name;
	} names[] = { { "192.0.2.9", "out9.isp.example" },
		{ "198.51.100.9", "mx.isp.example" },
		{ "203.0.113.9", "mx.isp.example" } };

	(void)ctx;
	for (size_t i = 0; i < MXA_ARRAY_LEN(names); i++)
		if (mxa_str_is(ip, names[i].ip))
			return mxa_str_from(names[i].name);
	return MXA_STR("");
}

/* The busiest address of a block is the one that is asked for. */
static const struct told one_block[] = { { 0, 1, "192.0.2.8", 1, "", NULL, NULL,
					     "d.example", "fail", NULL, NULL },
	{ 0, 1, "192.0.2.9", 5, "", NULL, NULL, "d.example", "fail", NULL,
	    NULL },
	END_OF_ROWS };
static const struct told three_blocks[] = { { 0, 1, "192.0.2.9", 5, "", NULL,
						NULL, "d.example", "fail", NULL,
						NULL },
	{ 0, 1, "198.51.100.9", 4, "", NULL, NULL, "d.example", "fail", NULL,
	    NULL },
	{ 0, 1, "203.0.113.9", 3, "", NULL, NULL, "d.example", "fail", NULL,
	    NULL },
	END_OF_ROWS };
static const struct told nameless[] = { { 0, 1, "192.0.2.8", 5, "", NULL, NULL,
					    "d.example", "fail", NULL, NULL },
	{ 0, 1, "192.0.2.9", 1, "", NULL, NULL, "d.example", "fail", NULL,
	    NULL },
	END_OF_ROWS };
/* Who authenticates for isp.example is not who only has its reverse name. */
static const struct told authenticates[] = { { 0, 1, "192.0.2.9", 5, "", NULL,
						 NULL, "d.example", "fail",
						 NULL, NULL },
	{ 0, 1, "192.0.2.8", 4, "", NULL, NULL, "isp.example", "pass", NULL,
	    NULL },
	END_OF_ROWS };

static const struct {
	const char *name;
	const struct told *row;
	const char *senders; /* NAME SOURCES, */
	const char *ip;	     /* of the first one: the source that fails most */
} reverse[] = {
	{ "one block", one_block, "isp.example (192.0.2.0/24) 2,",
	    "192.0.2.9" },
	{ "three blocks of one name", three_blocks,
	    "isp.example (192.0.2.0/24, …) 3,", "192.0.2.9" },
	{ "the busiest address has no name", nameless, "192.0.2.0/24 2,",
	    "192.0.2.8" },
	{ "authenticated or by its name", authenticates,
	    "isp.example 1,isp.example (192.0.2.0/24) 1,", "192.0.2.8" },
};

START_TEST(blocks_with_one_name_are_a_sender)
{
	struct mxa_judge_options o = { .a = arena, .reverse_name = name_of };
	struct mxa_kept k;
	struct mxa_judgement g;
	struct mxa_buf b;

	make_reports(&k, reverse[_i].row);
	mxa_judge(&k, MXA_STR("d.example"), &o, &g);
	mxa_buf_init(&b, arena, 1000);
	for (size_t i = 0; i < g.n; i++)
		mxa_buf_printf(
		    &b, "%.*s %zu,", MXA_STR_ARG(g.v[i].name), g.v[i].sources);
	ck_assert_str_eq(mxa_buf_cstr(&b), reverse[_i].senders);
	ck_str_is(g.v[0].sum.ip, reverse[_i].ip);
	mxa_kept_done(&k);
}
END_TEST

/* A name below with a record of its own is another domain's matter; without
 * one its rows stand in the report of the domain above. */
START_TEST(subdomains_with_a_record_are_apart)
{
	struct told row = { 0, 1, "192.0.2.1", 3, "spf", NULL, NULL,
		"d.example", "pass", NULL, NULL };
	struct mxa_kept k;
	struct mxa_judgement g;
	struct mxa_str *domain;

	mxa_kept_init(&k);
	add_report(&k, "d.example", 0, &row);
	add_report(&k, "sub.d.example", 0, &row);
	add_report(&k, "sub.d.example", 0, &row);
	add_report(&k, "notd.example", 0, &row);
	judge(&k, NULL, &g);
	ck_assert_uint_eq(g.messages, 3);
	ck_assert_uint_eq(mxa_judge_domains(&k, arena, &domain), 3);
	ck_str_is(domain[0], "sub.d.example");
	mxa_kept_done(&k);
}
END_TEST

START_TEST(numbers_are_words)
{
	ck_assert_str_eq(mxa_number_text(0).p, "0");
	ck_assert_str_eq(mxa_number_text(999).p, "999");
	ck_assert_str_eq(mxa_number_text(1234567).p, "1,234,567");
	ck_assert_str_eq(
	    mxa_number_text(UINT64_MAX).p, "18,446,744,073,709,551,615");
	ck_assert_str_eq(mxa_percent_text(0, 0).p, "0 %");
	ck_assert_str_eq(mxa_percent_text(1, 100000).p, "0.1 %");
	ck_assert_str_eq(mxa_percent_text(99999, 100000).p, "99.9 %");
	ck_assert_str_eq(mxa_percent_text(7, 7).p, "100 %");
	ck_assert_str_eq(mxa_percent_text(972, 1000).p, "97.2 %");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("judge");
	TCase *tc = tcase_create("judge");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_loop_test(
	    tc, senders_are_judged, 0, (int)MXA_ARRAY_LEN(cases));
	tcase_add_test(tc, days_have_gaps_and_sums);
	tcase_add_test(tc, a_late_sender_is_new);
	tcase_add_test(tc, a_sender_of_a_week_ago_is_not_new);
	tcase_add_test(tc, senders_come_by_need);
	tcase_add_loop_test(tc, the_newest_policy_counts, 0, 2);
	tcase_add_loop_test(
	    tc, a_long_series_has_400_days, 0, (int)MXA_ARRAY_LEN(series));
	tcase_add_test(tc, the_busiest_are_looked_up);
	tcase_add_test(tc, who_passes_is_not_looked_up);
	tcase_add_loop_test(tc, blocks_with_one_name_are_a_sender, 0,
	    (int)MXA_ARRAY_LEN(reverse));
	tcase_add_test(tc, subdomains_with_a_record_are_apart);
	tcase_add_test(tc, numbers_are_words);
	suite_add_tcase(s, tc);
	return test_main(s);
}
