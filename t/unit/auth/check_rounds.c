/* check_rounds.c - how long a typical message waits for a DNS that takes its
 * time: the questions of a message with SPF (two includes), two signatures and
 * a DMARC record at the organizational domain leave in two rounds. */
#include <string.h>

#include "auth/evaluate.h"
#include "dns/stub.h"
#include "mail/message.h"
#include "t/support/dnstest.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"
#include "t/support/slowdns.h"

static const char zone[] =
    "bounce.example.com. IN TXT \"v=spf1 include:a.example.net "
    "include:b.example.net -all\"\n"
    "a.example.net. IN TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n"
    "b.example.net. IN TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"
    "_dmarc.example.com. IN TXT \"v=DMARC1; p=reject; np=none\"\n"
    "mx.esp.example. IN A 192.0.2.9\n"
    "mx.esp.example. IN TXT \"v=spf1 a -all\"\n"
    "9.2.0.192.in-addr.arpa. IN PTR mx.esp.example.\n";

static struct sigcase c;
static struct test_dnsd *server;
static struct mxa_dns *dns;
static struct mxa_budget *budget;

static void setup_case(void)
{
	sigcase_init(&c);
	sigcase_zone(&c, zone);
	sigcase_domain(&c, "news.example.com");
	sigcase_domain(&c, "esp.example");
	mxa_auth_options_default(&c.options);
}

/* A DNS whose rounds are counted. */
static void setup_rounds(void)
{
	setup_case();
	dns = slowdns_new(mxa_buf_str(&c.zone));
	slowdns_in_rounds(dns);
	budget = mxa_budget_open(dns, 20000);
}

/* The resolver and a server, which answer in threads of their own. */
static void setup_network(void)
{
	struct test_dnsd_options o = { .held = true };
	struct mxa_dns_options resolver;
	const char *error = NULL, *servers[1];

	setup_case();
	server = test_dnsd_start(mxa_buf_str(&c.zone), &o);
	mxa_dns_options_default(&resolver);
	servers[0] =
	    mxa_arena_printf(c.arena, "127.0.0.1:%u", test_dnsd_port(server));
	resolver.servers = servers;
	resolver.n_servers = 1;
	dns = mxa_dns_stub_new(&resolver, &error);
	ck_assert_msg(dns != NULL, "%s", error);
	budget = mxa_budget_open(dns, 20000);
}

static void teardown(void)
{
	mxa_budget_close(budget);
	mxa_dns_free(dns);
	test_dnsd_stop(server);
	sigcase_done(&c);
}

static struct mxa_str signed_by(const char *domain, struct mxa_str text)
{
	struct sign_options o = { .key = sigcase_key("rsa2048"),
		.domain = domain,
		.selector = "rsa2048" };

	return sigcase_join(&c, sign_dkim(c.arena, text, &o), text);
}

static struct mxa_str typical(void)
{
	return signed_by("esp.example",
	    signed_by("news.example.com",
		MXA_STR("From: a@news.example.com\r\nTo: b@example.net\r\n"
			"Subject: x\r\nDate: Tue, 1 Sep 2026 00:00:00 +0000"
			"\r\n\r\nHello\r\n")));
}

static struct mxa_eval *begin(
    struct mxa_msg *m, struct mxa_engine_env *env, struct mxa_str *body)
{
	struct mxa_str text = typical();
	size_t at;

	*env = (struct mxa_engine_env){ .arena = c.arena,
		.budget = budget,
		.clock = &c.clock.clock,
		.options = &c.options };
	memset(m, 0, sizeof(*m));
	ck_assert(mxa_ip_parse(MXA_STR("192.0.2.9"), &m->ip));
	m->helo = MXA_STR("mx.esp.example");
	m->receiver = MXA_STR("mx.example.net");
	mxa_msg_set_mail_from(m, c.arena, MXA_STR("<a@bounce.example.com>"));
	mxa_headers_init(&m->headers, c.arena);
	mxa_headers_split(&m->headers, text, &at);
	*body = mxa_str_sub(text, at, text.len);
	return mxa_eval_begin(env, m);
}

static void data(struct mxa_eval *ev, struct mxa_msg *m, struct mxa_str body)
{
	size_t n = m->headers.n;

	for (m->headers.n = 0; m->headers.n < n;) {
		m->headers.n++;
		mxa_eval_header(ev, m->headers.n - 1);
	}
	ck_assert(mxa_eval_eoh(ev));
	mxa_eval_body(ev, body.p, body.len);
}

static void all_is_well(const struct mxa_verdict *v)
{
	ck_assert_int_eq(v->spf.result, MXA_SPF_PASS);
	ck_assert_uint_eq(v->dkim.n, 2);
	ck_assert_int_eq(v->dkim.sig[0].result, MXA_DKIM_PASS);
	ck_assert_int_eq(v->dkim.sig[1].result, MXA_DKIM_PASS);
	ck_assert_int_eq(v->dmarc.result, MXA_DMARC_PASS);
	ck_assert(v->dmarc.domain[0].spf_aligned);
	ck_assert(v->dmarc.domain[0].dkim_aligned);
	ck_assert_int_eq(v->helo.result, MXA_SPF_PASS);
	ck_assert_int_eq(v->iprev.result, MXA_IPREV_PASS);
}

/* A client that sends everything at once. */
START_TEST(two_rounds)
{
	struct mxa_engine_env env;
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_eval *ev;
	struct mxa_msg m;

	ev = begin(&m, &env, &body);
	mxa_eval_envelope(ev);
	data(ev, &m, body);
	mxa_verdict_begin(&v, c.arena);
	mxa_eval_finish(ev, NULL, &v);
	all_is_well(&v);
	ck_assert_uint_eq(mxa_budget_counts(budget).waits, 2);
}
END_TEST

/* One that takes longer than the DNS waits for nothing at the end. */
START_TEST(no_round_for_slow_clients)
{
	struct mxa_engine_env env;
	struct mxa_verdict v;
	struct mxa_str body;
	struct mxa_eval *ev;
	struct mxa_msg m;

	ev = begin(&m, &env, &body);
	mxa_eval_envelope(ev);
	data(ev, &m, body);
	slowdns_answer_all(dns);
	mxa_verdict_begin(&v, c.arena);
	mxa_eval_finish(ev, NULL, &v);
	all_is_well(&v);
	ck_assert_uint_eq(mxa_budget_counts(budget).waits, 0);
}
END_TEST

/* RSET, QUIT, crash of the client, before the answers come or while they do:
 * nobody waits, and nothing is touched that is no longer there (the sanitizers
 * look). */
START_TEST(given_up_while_asked)
{
	struct mxa_engine_env env;
	struct mxa_str body;
	struct mxa_eval *ev;
	struct mxa_msg m;

	ev = begin(&m, &env, &body);
	mxa_eval_envelope(ev);
	if (_i > 0)
		data(ev, &m, body);
	if (_i > 1)
		test_dnsd_release(server);
	mxa_eval_cancel(ev);
	mxa_budget_close(budget);
	budget = NULL;
	mxa_arena_reset(c.arena);
	test_dnsd_release(server);
	dnstest_settle(dns);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rounds");
	TCase *rounds = tcase_create("rounds");
	TCase *network = tcase_create("network");

	tcase_add_checked_fixture(rounds, setup_rounds, teardown);
	tcase_add_test(rounds, two_rounds);
	tcase_add_test(rounds, no_round_for_slow_clients);
	suite_add_tcase(s, rounds);
	tcase_add_checked_fixture(network, setup_network, teardown);
	tcase_set_timeout(network, 30);
	tcase_add_loop_test(network, given_up_while_asked, 0, 3);
	suite_add_tcase(s, network);
	return test_main(s);
}
