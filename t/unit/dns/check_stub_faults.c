/* check_stub_faults.c - servers that are slow, broken, lame or lying. */
#include "dns/stub.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/support/dnsshow.h"
#include "t/support/dnstest.h"

static struct mxa_arena *arena;
static struct test_dnsd *servers[2];
static struct mxa_dns *dns;
static struct mxa_budget *budget;

static void setup(void)
{
	arena = mxa_arena_new();
}

static void teardown(void)
{
	mxa_budget_close(budget);
	mxa_dns_free(dns);
	for (int i = 0; i < 2; i++)
		test_dnsd_stop(servers[i]);
	mxa_arena_free(arena);
}

static void open_dns_in(size_t n, uint32_t timeout_ms, bool manual_time)
{
	const char *addrs[2];
	struct mxa_dns_options o;
	const char *error;

	for (size_t i = 0; i < n; i++)
		addrs[i] = test_dnsd_server(servers[i]);
	mxa_dns_options_default(&o);
	o.servers = addrs;
	o.n_servers = n;
	o.timeout_ms = timeout_ms;
	o.failure_memory_ms = 0;
	o.manual_time = manual_time;
	dns = mxa_dns_stub_new(&o, &error);
	ck_assert_msg(dns != NULL, "%s", error);
	budget = mxa_budget_open(dns, DNSTEST_HANG_MS);
}

/* A resolver that asks 'n' of our servers, and does not try again soon. */
static void open_dns(size_t n)
{
	open_dns_in(n, DNSTEST_HANG_MS, false);
}

/* One whose time passes when the test says so: five seconds for a question, one
 * for a try. */
static void open_dns_by_hand(size_t n)
{
	open_dns_in(n, 5000, true);
}

static const struct mxa_dns_answer *ask(
    const char *name, enum mxa_dns_type type)
{
	return mxa_dns_lookup(budget, MXA_SHARE_SPF, mxa_str_from(name), type);
}

static const char *shown(const struct mxa_dns_answer *a)
{
	return test_dns_shown(arena, a);
}

/* --- one server that misbehaves --- */

static const char zone[] =
    ";! servfail servfail.example.com\n"
    ";! refused refused.example.com\n"
    ";! timeout silent.example.com\n"
    ";! malformed malformed.example.com\n"
    ";? lame lame.example.com\n"
    ";? drop drop.example.com\n"
    ";? flap=1 flap.example.com\n"
    ";? truncate tc.example.com\n"
    ";? wrong-id wrong-id.example.com\n"
    ";? wrong-question wrong-question.example.com\n"
    ";? wrong-type wrong-type.example.com\n"
    ";? no-qr no-qr.example.com\n"
    ";? opcode opcode.example.com\n"
    ";? wrong-owner wrong-owner.example.com\n"
    ";? class-ch class-ch.example.com\n"
    ";? garbage garbage.example.com\n"
    ";? short short.example.com\n"
    ";? loop loop.example.com\n"
    ";? long-name long-name.example.com\n"
    ";? overrun overrun.example.com\n"
    ";? no-edns no-edns.example.com\n"
    ";? badvers badvers.example.com\n"
    ";? alias-only alias.example.com\n"
    ";? alias-only alias2.example.com\n"
    ";? alias-only missing.example.com\n"
    ";? nxdomain-data nxdata.example.com\n"
    ";? extra extra.example.com\n"
    ";? empty-txt empty.example.com\n"
    "$ORIGIN example.com.\n"
    "$TTL 600\n"
    "plain TXT one two\n"
    "alias CNAME plain\n"
    "alias2 CNAME none\n"
    "missing CNAME gone.example.net.\n"
    "none A 192.0.2.7\n"
    "*.wild MX 10 Mail\n"
    "ptr PTR Host\n"
    "six AAAA 2001:db8::5\n"
    "tc TXT long\ndrop TXT no\nflap TXT again\n"
    "lame TXT no\nwrong-owner TXT no\nclass-ch TXT no\ngarbage TXT no\n"
    "short TXT no\nloop TXT no\nlong-name TXT no\noverrun TXT no\n"
    "no-edns TXT plain\nbadvers TXT plain\nnxdata TXT no\nextra TXT mine\nempty TXT mine\n"
    "wrong-id TXT right\nwrong-question TXT right\nwrong-type TXT right\n"
    "no-qr TXT right\nopcode TXT right\n";

static const struct {
	const char *name;
	enum mxa_dns_type type;
	const char *want;
	const char *detail; /* behind "server ADDRESS: " */
	unsigned questions;
} faults[] = {
	{ "plain.example.com", MXA_DNS_TXT, "data ttl=600 <onetwo>", "", 1 },
	{ "PLAIN.Example.com.", MXA_DNS_A, "nodata", "", 1 },
	{ "nothing.example.com", MXA_DNS_TXT, "nxdomain", "", 1 },
	{ "x.wild.example.com", MXA_DNS_MX, "data ttl=600 10 mail.example.com",
	    "", 1 },
	{ "ptr.example.com", MXA_DNS_PTR, "data ttl=600 <host.example.com>", "",
	    1 },
	{ "six.example.com", MXA_DNS_AAAA, "data ttl=600 2001:db8::5", "", 1 },
	{ "servfail.example.com", MXA_DNS_TXT, "servfail", "SERVFAIL", 1 },
	{ "refused.example.com", MXA_DNS_TXT, "refused", "REFUSED", 1 },
	{ "lame.example.com", MXA_DNS_TXT, "refused",
	    "it only names other servers", 1 },
	{ "malformed.example.com", MXA_DNS_TXT, "malformed", "a name is broken",
	    1 },
	{ "garbage.example.com", MXA_DNS_TXT, "malformed", "a name is broken",
	    1 },
	{ "short.example.com", MXA_DNS_TXT, "malformed",
	    "it ends inside a record", 1 },
	{ "loop.example.com", MXA_DNS_TXT, "malformed", "a name is broken", 1 },
	{ "long-name.example.com", MXA_DNS_TXT, "malformed", "a name is broken",
	    1 },
	{ "overrun.example.com", MXA_DNS_TXT, "malformed",
	    "a TXT record without strings that fit it is left out", 1 },
	{ "wrong-owner.example.com", MXA_DNS_TXT, "malformed",
	    "its records belong to other names or types", 1 },
	{ "class-ch.example.com", MXA_DNS_TXT, "malformed",
	    "its records belong to other names or types", 1 },
	{ "tc.example.com", MXA_DNS_TXT, "data ttl=600 <long>", "", 2 },
	{ "wrong-id.example.com", MXA_DNS_TXT, "data ttl=600 <right>", "", 1 },
	{ "wrong-question.example.com", MXA_DNS_TXT, "data ttl=600 <right>", "",
	    1 },
	{ "wrong-type.example.com", MXA_DNS_TXT, "data ttl=600 <right>", "",
	    1 },
	{ "no-qr.example.com", MXA_DNS_TXT, "data ttl=600 <right>", "", 1 },
	{ "opcode.example.com", MXA_DNS_TXT, "data ttl=600 <right>", "", 1 },
	{ "no-edns.example.com", MXA_DNS_TXT, "data ttl=600 <plain>", "", 2 },
	{ "badvers.example.com", MXA_DNS_TXT, "data ttl=600 <plain>", "", 2 },
	{ "alias.example.com", MXA_DNS_TXT,
	    "data@plain.example.com ttl=600 <onetwo>", "", 1 },
	{ "alias2.example.com", MXA_DNS_TXT, "nodata@none.example.com", "", 1 },
	{ "missing.example.com", MXA_DNS_TXT, "nxdomain@gone.example.net", "",
	    1 },
	{ "nxdata.example.com", MXA_DNS_TXT, "nxdomain", "", 1 },
	{ "extra.example.com", MXA_DNS_TXT, "data ttl=600 <mine>", "", 1 },
	{ "empty.example.com", MXA_DNS_TXT, "data ttl=600 <mine>",
	    "a TXT record without strings that fit it is left out", 1 },
};

START_TEST(one_server)
{
	const struct mxa_dns_answer *a;
	const char *got, *detail = faults[_i].detail;
	struct mxa_str name;

	servers[0] = test_dnsd_start(mxa_str_from(zone), NULL);
	open_dns(1);
	a = ask(faults[_i].name, faults[_i].type);
	got = shown(a);
	ck_assert_msg(strcmp(got, faults[_i].want) == 0,
	    "%s: got \"%s\", want \"%s\" (%.*s)", faults[_i].name, got,
	    faults[_i].want, MXA_STR_ARG(a->detail));
	/* of data there is more to say than who is to blame */
	if (detail[0] != '\0' && a->status != MXA_DNS_DATA)
		detail = mxa_arena_printf(arena, "server %s: %s",
		    test_dnsd_server(servers[0]), detail);
	ck_str_is(a->detail, detail);
	/* a server that was understood is not asked twice */
	name = mxa_str_lower(arena, mxa_str_from(faults[_i].name));
	name.len -= name.p[name.len - 1] == '.';
	ck_assert_uint_eq(test_dnsd_asked(servers[0], mxa_str_cstr(arena, name),
			      faults[_i].type),
	    faults[_i].questions);
}
END_TEST

/* A question in whose time 'ms' pass when it has been sent. */
static const struct mxa_dns_answer *ask_for(const char *name, uint32_t ms)
{
	mxa_dns_prefetch(
	    budget, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT);
	dnstest_settle(dns);
	mxa_stub_pass(dns, ms);
	return ask(name, MXA_DNS_TXT);
}

static void until_asked(int i, const char *name, unsigned n)
{
	test_dnsd_await(servers[i], name, MXA_DNS_TXT, n);
}

START_TEST(a_lost_packet_is_sent_again)
{
	servers[0] = test_dnsd_start(mxa_str_from(zone), NULL);
	open_dns_by_hand(1);
	ck_assert_str_eq(
	    shown(ask_for("flap.example.com", 1000)), "data ttl=600 <again>");
	ck_assert_uint_eq(test_dnsd_questions(servers[0]), 2);
}
END_TEST

START_TEST(no_answer_is_a_timeout)
{
	struct mxa_str name = MXA_STR("drop.example.com");
	const struct mxa_dns_answer *a;

	servers[0] = test_dnsd_start(mxa_str_from(zone), NULL);
	open_dns_by_hand(1);
	mxa_dns_prefetch(budget, MXA_SHARE_SPF, name, MXA_DNS_TXT);
	for (unsigned i = 1; i <= 5; i++) {
		until_asked(0, name.p, i);
		ck_assert_ptr_null(mxa_dns_peek(budget, name, MXA_DNS_TXT));
		mxa_stub_pass(dns, 1000);
	}
	a = ask(name.p, MXA_DNS_TXT);
	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_str_is(a->detail,
	    mxa_arena_printf(arena, "no answer from server %s",
		test_dnsd_server(servers[0])));
	ck_assert_uint_eq(a->ms, 5000);
	ck_assert_uint_eq(test_dnsd_asked(servers[0], name.p, MXA_DNS_TXT), 5);
}
END_TEST

/* --- truncation --- */

static struct mxa_str long_zone(size_t strings)
{
	struct mxa_buf b;

	mxa_buf_init(&b, arena, 200000);
	mxa_buf_adds(&b,
	    ";? truncate-hangup hangup.example.com\n"
	    ";? truncate-silent mute.example.com\n"
	    "hangup.example.com. TXT no\nmute.example.com. TXT no\n"
	    "long.example.com. TXT (");
	for (size_t i = 0; i < strings; i++) {
		mxa_buf_adds(&b, "\n \"");
		for (int j = 0; j < 255; j++)
			mxa_buf_addc(&b, (char)('a' + i % 26));
		mxa_buf_adds(&b, "\"");
	}
	mxa_buf_adds(&b, ")\n");
	return mxa_buf_str(&b);
}

static const size_t lengths[] = { 4, 5, 20, 255 };

START_TEST(long_answers_come_over_tcp)
{
	size_t strings = lengths[_i];
	const struct mxa_dns_answer *a;

	servers[0] = test_dnsd_start(long_zone(strings), NULL);
	open_dns(1);
	a = ask("long.example.com", MXA_DNS_TXT);
	ck_assert_int_eq(a->status, MXA_DNS_DATA);
	ck_assert_uint_eq(a->n, 1);
	ck_assert_uint_eq(a->rr[0].text.len, strings * 255);
	ck_assert_int_eq(a->rr[0].text.p[(strings - 1) * 255],
	    (int)('a' + (strings - 1) % 26));
	/* 1232 octets hold four strings with their frame */
	ck_assert_uint_eq(test_dnsd_tcp(servers[0]), strings > 4);
}
END_TEST

static void until_tcp(unsigned n)
{
	while (test_dnsd_tcp(servers[0]) < n)
		usleep(1000);
	dnstest_settle(dns);
}

/* It is given up with the second try, before the question's time is over. */
START_TEST(a_hangup_after_truncation_costs_little)
{
	const struct mxa_dns_answer *a;

	servers[0] = test_dnsd_start(long_zone(1), NULL);
	open_dns_by_hand(1);
	mxa_dns_prefetch(
	    budget, MXA_SHARE_SPF, MXA_STR("hangup.example.com"), MXA_DNS_TXT);
	until_tcp(1);
	mxa_stub_pass(dns, 1000);
	until_tcp(2);
	a = ask("hangup.example.com", MXA_DNS_TXT);
	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_str_is(a->detail,
	    mxa_arena_printf(arena,
		"server %s: truncates, and gives no answer over TCP",
		test_dnsd_server(servers[0])));
	ck_assert_uint_eq(a->ms, 1000);
	ck_assert_uint_eq(test_dnsd_tcp(servers[0]), 2);
}
END_TEST

START_TEST(silence_after_truncation_ends_in_time)
{
	const struct mxa_dns_answer *a;

	servers[0] = test_dnsd_start(long_zone(1), NULL);
	open_dns_by_hand(1);
	mxa_dns_prefetch(
	    budget, MXA_SHARE_SPF, MXA_STR("mute.example.com"), MXA_DNS_TXT);
	until_tcp(1);
	a = ask_for("mute.example.com", 5000);
	ck_assert_int_eq(a->status, MXA_DNS_TIMEOUT);
	ck_assert_uint_eq(a->ms, 5000);
	ck_assert_uint_eq(test_dnsd_tcp(servers[0]), 1);
}
END_TEST

START_TEST(more_truncated_answers_than_connections)
{
	struct mxa_buf b;
	char name[40];

	mxa_buf_init(&b, arena, 100000);
	mxa_buf_adds(&b, ";? truncate *.example.com\n");
	for (int i = 0; i < 120; i++)
		mxa_buf_printf(&b, "t%d.example.com. TXT %d\n", i, i);
	servers[0] = test_dnsd_start(mxa_buf_str(&b), NULL);
	open_dns(1);
	for (int i = 0; i < 120; i++) {
		snprintf(name, sizeof(name), "t%d.example.com", i);
		mxa_dns_prefetch(
		    budget, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT);
	}
	for (int i = 0; i < 120; i++) {
		snprintf(name, sizeof(name), "t%d.example.com", i);
		ck_assert_str_eq(shown(ask(name, MXA_DNS_TXT)),
		    mxa_arena_printf(arena, "data ttl=3600 <%d>", i));
	}
	ck_assert_uint_eq(test_dnsd_tcp(servers[0]), 120);
}
END_TEST

/* --- a server that does not know EDNS --- */

START_TEST(edns_is_not_tried_again_at_once)
{
	servers[0] = test_dnsd_start(
	    MXA_STR(";? no-edns *.example.com\n"
		    "a.example.com. TXT a\nb.example.com. TXT b\n"),
	    NULL);
	open_dns(1);
	ck_assert_str_eq(
	    shown(ask("a.example.com", MXA_DNS_TXT)), "data ttl=3600 <a>");
	ck_assert_str_eq(
	    shown(ask("b.example.com", MXA_DNS_TXT)), "data ttl=3600 <b>");
	ck_assert_uint_eq(test_dnsd_questions(servers[0]), 3);
}
END_TEST

/* --- CNAMEs --- */

START_TEST(cnames_end_somewhere)
{
	const struct mxa_dns_answer *a;

	servers[0] =
	    test_dnsd_start(MXA_STR(";? endless *.example.com\n"), NULL);
	open_dns(1);
	a = ask("a.example.com", MXA_DNS_TXT);
	ck_assert_str_eq(shown(a), "servfail");
	ck_str_is(a->detail,
	    mxa_arena_printf(arena,
		"server %s: CNAMEs that lead in a circle, or too many",
		test_dnsd_server(servers[0])));
	/* eight are followed, the ninth is seen */
	ck_assert_uint_eq(test_dnsd_questions(servers[0]), 9);
}
END_TEST

/* --- two servers --- */

static const char *const first_faults[] = { ";! servfail a.example.com",
	";! refused a.example.com", ";? lame a.example.com",
	";? garbage a.example.com", ";? wrong-owner a.example.com",
	";? truncate-hangup a.example.com", ";? drop a.example.com" };
#define SILENT (MXA_ARRAY_LEN(first_faults) - 1)

START_TEST(the_next_server_is_asked)
{
	const char *text = mxa_arena_printf(
	    arena, "%s\na.example.com. TXT bad\n", first_faults[_i]);

	servers[0] = test_dnsd_start(mxa_str_from(text), NULL);
	servers[1] =
	    test_dnsd_start(MXA_STR("a.example.com. TXT good\n"), NULL);
	open_dns_by_hand(2);
	ck_assert_str_eq(
	    shown(ask_for("a.example.com", _i == SILENT ? 1000 : 0)),
	    "data ttl=3600 <good>");
}
END_TEST

START_TEST(the_first_failure_is_told)
{
	servers[0] =
	    test_dnsd_start(MXA_STR(";! servfail a.example.com\n"), NULL);
	servers[1] =
	    test_dnsd_start(MXA_STR(";! refused a.example.com\n"), NULL);
	open_dns(2);
	ck_assert_str_eq(shown(ask("a.example.com", MXA_DNS_TXT)), "servfail");
	ck_assert_uint_eq(test_dnsd_questions(servers[0]), 1);
	ck_assert_uint_eq(test_dnsd_questions(servers[1]), 1);
}
END_TEST

START_TEST(a_dead_server_is_asked_last)
{
	char name[40];

	servers[0] = test_dnsd_start(MXA_STR(";? drop *.example.com\n"), NULL);
	servers[1] =
	    test_dnsd_start(MXA_STR("*.example.com. TXT good\n"), NULL);
	open_dns_by_hand(2);
	for (int i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "a%d.example.com", i);
		mxa_dns_prefetch(
		    budget, MXA_SHARE_SPF, mxa_str_from(name), MXA_DNS_TXT);
		until_asked(0, name, 1);
		mxa_stub_pass(dns, 1000);
		ask(name, MXA_DNS_TXT);
	}
	for (int i = 2; i < 30; i++) {
		snprintf(name, sizeof(name), "a%d.example.com", i);
		ck_assert_str_eq(
		    shown(ask(name, MXA_DNS_TXT)), "data ttl=3600 <good>");
	}
	ck_assert_uint_eq(test_dnsd_questions(servers[0]), 2);
}
END_TEST

START_TEST(a_server_that_is_back_is_found_without_waiting)
{
	struct test_dnsd_options o = { .address = NULL };

	servers[0] = test_dnsd_start(MXA_STR("*.example.com. TXT 1\n"), NULL);
	servers[1] = test_dnsd_start(MXA_STR("*.example.com. TXT 2\n"), NULL);
	open_dns_by_hand(2);
	o.port = test_dnsd_port(servers[0]);
	test_dnsd_stop(servers[0]);
	ask("a.example.com", MXA_DNS_TXT);
	ask("b.example.com", MXA_DNS_TXT);
	servers[0] = test_dnsd_start(MXA_STR("*.example.com. TXT 1\n"), &o);
	ck_assert_str_eq(
	    shown(ask("c.example.com", MXA_DNS_TXT)), "data ttl=3600 <2>");
	ck_assert_uint_eq(test_dnsd_questions(servers[0]), 0);
	mxa_stub_pass(dns, 4999);
	ask("d.example.com", MXA_DNS_TXT);
	ck_assert_uint_eq(test_dnsd_questions(servers[0]), 0);
	mxa_stub_pass(dns, 1);
	/* asked beside the good one */
	ask("e.example.com", MXA_DNS_TXT);
	until_asked(0, "e.example.com", 1);
	until_asked(1, "e.example.com", 1);
	ck_assert_uint_eq(test_dnsd_questions(servers[0]), 1);
}
END_TEST

START_TEST(an_outage_ends_with_the_outage)
{
	struct test_dnsd_options o = { .address = NULL };
	char name[40];

	servers[0] = test_dnsd_start(MXA_STR("*.example.com. TXT x\n"), NULL);
	servers[1] = test_dnsd_start(MXA_STR("*.example.com. TXT x\n"), NULL);
	open_dns_by_hand(2);
	o.port = test_dnsd_port(servers[0]);
	for (int i = 0; i < 2; i++) {
		test_dnsd_stop(servers[i]);
		servers[i] = NULL;
	}
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "b%d.example.com", i);
		ck_assert_str_eq(shown(ask_for(name, 5000)), "timeout");
	}
	servers[0] = test_dnsd_start(MXA_STR("*.example.com. TXT x\n"), &o);
	ck_assert_str_eq(
	    shown(ask("good.example.com", MXA_DNS_TXT)), "data ttl=3600 <x>");
}
END_TEST

START_TEST(a_server_that_comes_back_within_the_question)
{
	struct test_dnsd_options o = { .address = NULL };

	servers[0] = test_dnsd_start(MXA_STR("a.example.com. TXT x\n"), NULL);
	open_dns_by_hand(1);
	o.port = test_dnsd_port(servers[0]);
	test_dnsd_stop(servers[0]);
	mxa_dns_prefetch(
	    budget, MXA_SHARE_SPF, MXA_STR("a.example.com"), MXA_DNS_TXT);
	dnstest_settle(dns);
	servers[0] = test_dnsd_start(MXA_STR("a.example.com. TXT x\n"), &o);
	ck_assert_str_eq(
	    shown(ask_for("a.example.com", 1000)), "data ttl=3600 <x>");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stub_faults");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, one_server, 0, MXA_ARRAY_LEN(faults));
	tcase_add_test(tc, a_lost_packet_is_sent_again);
	tcase_add_test(tc, no_answer_is_a_timeout);
	tcase_add_loop_test(
	    tc, long_answers_come_over_tcp, 0, MXA_ARRAY_LEN(lengths));
	tcase_add_test(tc, a_hangup_after_truncation_costs_little);
	tcase_add_test(tc, silence_after_truncation_ends_in_time);
	tcase_add_test(tc, more_truncated_answers_than_connections);
	tcase_add_test(tc, edns_is_not_tried_again_at_once);
	tcase_add_test(tc, cnames_end_somewhere);
	tcase_add_loop_test(
	    tc, the_next_server_is_asked, 0, MXA_ARRAY_LEN(first_faults));
	tcase_add_test(tc, the_first_failure_is_told);
	tcase_add_test(tc, a_dead_server_is_asked_last);
	tcase_add_test(tc, a_server_that_is_back_is_found_without_waiting);
	tcase_add_test(tc, an_outage_ends_with_the_outage);
	tcase_add_test(tc, a_server_that_comes_back_within_the_question);
	suite_add_tcase(s, tc);
	return test_main(s);
}
