/* fuzz_spf.c - whole checks over a made-up zone: the native engine keeps its
 * limits and gives one verdict, with a plan and with a trace, too; libspf2
 * behind our guards survives what a sender can write.
 *
 * The first byte of the input tells what the rest is: choices of the generator;
 * the text of a record; or local part, HELO and record, each on a line. */
#include "t/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "auth/engine.h"
#include "auth/spf/plan.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "dns/zone.h"
#include "t/support/spfgen.h"
#include "t/support/spfsuite.h"
#include "t/support/testing.h"

/* A record of any bytes, in a zone where its names may lead somewhere. */
static void raw_case(
    struct mxa_arena *a, struct mxa_str text, struct spfgen_case *out)
{
	struct mxa_buf b;

	out->ip = MXA_STR("192.0.2.1");
	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	mxa_buf_adds(&b, "v=spf1 ");
	mxa_buf_addstr(&b, mxa_str_sub(text, 0, MXA_MAX_RECORD / 2));
	out->record = mxa_buf_str(&b);
	mxa_buf_init(&b, a, (size_t)1 << 20);
	mxa_buf_adds(&b, "$TTL 300\ns0.example TXT");
	zone_add_text(&b, out->record);
	mxa_buf_adds(&b,
	    "\n*.example A 192.0.2.9\ns1.example TXT \"v=spf1 a:%{d} ?all\"\n"
	    "s0.example MX 10 h.s0.example\nh.s0.example A 192.0.2.7\n"
	    "1.2.0.192.in-addr.arpa PTR h.s0.example\n"
	    "1.2.0.192.in-addr.arpa PTR s0.example\n"
	    "s0.example A 192.0.2.1\n;! servfail broken.example\n");
	out->zone = mxa_buf_str(&b);
}

/* The text up to a line break, cut off. */
static struct mxa_str line(struct mxa_str *text)
{
	size_t end = mxa_str_chr(*text, '\n', 0);
	struct mxa_str s = mxa_str_sub(*text, 0, end);

	*text = mxa_str_sub(*text, end + 1, text->len);
	return s;
}

/* The same with any sender and HELO. */
static void raw_sender(
    struct mxa_arena *a, struct mxa_str text, struct spfgen_case *out)
{
	struct mxa_str local = line(&text);
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	mxa_buf_addstr(&b, mxa_str_sub(local, 0, MXA_MAX_ADDRESS));
	mxa_buf_adds(&b, "@s0.example");
	out->mailfrom = mxa_buf_str(&b);
	out->helo = mxa_str_sub(line(&text), 0, MXA_MAX_ADDRESS);
	raw_case(a, text, out);
}

static struct mxa_spf_query query(const struct spfgen_case *c)
{
	struct mxa_spf_query q = { .helo = c->helo,
		.receiver = MXA_STR_INIT("mx.example.org") };
	size_t at = c->mailfrom.len;

	while (at > 0 && c->mailfrom.p[--at] != '@')
		;

	require(mxa_ip_parse(c->ip, &q.ip));
	q.local = mxa_str_sub(c->mailfrom, 0, at);
	q.domain = mxa_str_sub(c->mailfrom, at + 1, c->mailfrom.len);
	return q;
}

static void check_verdict(const struct mxa_spf_verdict *v)
{
	require(v->reason.text.len > 0);
	require(v->lookups <= MXA_SPF_MAX_TERMS + 1);
	require(v->voids <= MXA_SPF_MAX_TERMS + 1);
	require(v->explanation.len <= 255);
	require(v->explanation.len == 0 || v->result == MXA_SPF_FAIL);
}

static void run(struct mxa_arena *a, struct mxa_dns *dns,
    const struct mxa_spf_query *q, const struct mxa_spf_engine *engine,
    bool plan, struct mxa_spf_verdict *v)
{
	struct mxa_auth_options options = { .spf_max_voids = MXA_SPF_MAX_VOID };
	struct mxa_engine_env env = { .arena = a, .options = &options };
	struct test_clock clock;

	test_clock_init(&clock, 1700000000);
	env.clock = &clock.clock;
	env.budget = mxa_budget_open(dns, 20000);
	if (plan)
		mxa_spf_plan_start(&env, q);
	engine->check(&env, q, v);
	check_verdict(v);
	require(
	    mxa_budget_counts(env.budget).questions <= MXA_MAX_QUESTIONS_SPF);
	mxa_budget_close(env.budget);
}

static void check_case(struct mxa_arena *a, const struct spfgen_case *c)
{
	struct mxa_spf_query q = query(c);
	struct mxa_spf_verdict v, again;
	char *error = NULL;
	struct mxa_dns *dns = mxa_dns_zone_text("zone", c->zone, NULL, &error);

	if (dns == NULL) { /* a name too long for a zone */
		free(error);
		return;
	}
	run(a, dns, &q, &mxa_spf_native, false, &v);
	q.trace = true;
	run(a, dns, &q, &mxa_spf_native, true, &again);
	require(v.result == again.result && v.lookups == again.lookups);
	require(mxa_str_eq(v.reason.text, again.reason.text));
	run(a, dns, &q, &mxa_spf_libspf2, false, &again);
	mxa_dns_free(dns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spfgen_case c = { .helo = MXA_STR_INIT("mx.example.org"),
		.mailfrom = MXA_STR_INIT("ann-lee@s0.example") };
	struct mxa_arena *a;
	struct mxa_str text;
	struct spfgen g;

	if (size == 0)
		return 0;
	a = mxa_arena_new();
	text = mxa_str_make((const char *)data + 1, size - 1);
	g = (struct spfgen){ .data = data + 1, .len = size - 1 };
	if (data[0] % 3 == 0)
		spfgen_case(&g, a, &c);
	else if (data[0] % 3 == 1)
		raw_case(a, text, &c);
	else
		raw_sender(a, text, &c);
	check_case(a, &c);
	mxa_arena_free(a);
	return 0;
}
