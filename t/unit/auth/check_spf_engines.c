/* check_spf_engines.c - libspf2 as the oracle of the native engine, and the
 * guards around it.
 *
 * Over thousands of made-up records both give the same result, except where a
 * record has one of the listed properties, for which libspf2 1.2.10 is known
 * to be wrong. */
#include "auth/engine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf/grammar.h"
#include "base/attr.h"
#include "base/limits.h"
#include "t/support/spfgen.h"
#include "t/support/spftest.h"

#define CASES 20000
#define SEED 20240229

/* --- libspf2's deviations --- */

/* A term, and what its macros stand for. */
struct term {
	const struct mxa_spf_record *r;
	const struct mxa_spf_term *t;
	const struct spfgen_case *c;
	struct mxa_str domain; /* whose record */
};

static bool has_zero_length(const struct term *t)
{
	return t->t->bits4 == 0 || t->t->bits6 == 0;
}

static bool is_early_redirect(const struct term *t)
{
	const struct mxa_spf_record *r = t->r;

	if (t->t->kind != MXA_TERM_REDIRECT)
		return false;
	for (const struct mxa_spf_term *o = r->term; o < r->term + r->n; o++)
		if (o->kind == MXA_TERM_ALL ||
		    (o > t->t && o->qualifier != '\0'))
			return true;
	return false;
}

static bool any_macro(const struct term *t,
    bool (*property)(const struct term *t, struct mxa_str text,
	const struct mxa_spf_macro *m))
{
	struct mxa_str arg = mxa_spf_term_arg(t->r, t->t);
	struct mxa_spf_mistake bad;
	struct mxa_spf_macro m;

	for (size_t i = mxa_str_chr(arg, '%', 0); i < arg.len;
	     i = mxa_str_chr(arg, '%', i + m.len)) {
		if (!mxa_spf_macro_parse(arg, i, false, &m, &bad))
			return false;
		if (property(t, mxa_str_sub(arg, i, i + m.len), &m))
			return true;
	}
	return false;
}

static bool has(struct mxa_str text, char c)
{
	return mxa_str_chr(text, c, 0) < text.len;
}

static bool unknown_delimiter(
    const struct term *t, struct mxa_str text, const struct mxa_spf_macro *m)
{
	(void)t;
	(void)m;
	return has(text, ',') || has(text, '/');
}

static bool has_unknown_delimiter(const struct term *t)
{
	return any_macro(t, unknown_delimiter);
}

static bool keeps_many(
    const struct term *t, struct mxa_str text, const struct mxa_spf_macro *m)
{
	(void)t;
	(void)text;
	return m->keep > 128;
}

static bool has_many_parts(const struct term *t)
{
	return any_macro(t, keeps_many);
}

/* The letter's value as the library has it before it counts parts. */
static struct mxa_str value_of(const struct term *t, char letter)
{
	struct mxa_str from = t->c->mailfrom;

	switch (letter) {
	case 's':
		return from;
	case 'l':
		return mxa_str_sub(from, 0, mxa_str_chr(from, '@', 0));
	case 'o':
		return MXA_STR("s0.example");
	case 'd':
		return t->domain;
	case 'h':
		return t->c->helo;
	case 'i':
		return has(t->c->ip, ':')
		    ? MXA_STR("2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
			      "0.0.0.0.0.0.0.1")
		    : t->c->ip;
	case 'v':
		return has(t->c->ip, ':') ? MXA_STR("ip6") : MXA_STR("in-addr");
	default:
		return MXA_STR("");
	}
}

/* It counts dots and delimiters as parts, and when there are no more parts
 * than are to be kept, the first octet is lost. */
static bool miscounted(
    const struct term *t, struct mxa_str text, const struct mxa_spf_macro *m)
{
	struct mxa_str value = value_of(t, m->letter);
	bool dot = false, by_dot = has(text, '.');
	unsigned parts = 1;

	for (const char *d = ".-+_="; *d != '\0'; d++)
		by_dot |= has(text, *d);
	by_dot = has(text, '.') || !by_dot;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.p[i];

		dot |= c == '.';
		parts += c == '.' || (strchr("-+_=", c) && has(text, c));
	}
	if (m->keep == 0)
		return false;
	return m->letter == 'p' || m->keep >= parts || (dot && !by_dot);
}

static bool has_miscounted_parts(const struct term *t)
{
	return any_macro(t, miscounted);
}

static struct deviation {
	const char *reason;
	bool (*has)(const struct term *t);
	unsigned seen;
} deviations[] = {
	{ "a CIDR length of 0 is a mistake to it", has_zero_length, 0 },
	{ "redirect= is followed where it stands, also beside \"all\"",
	    is_early_redirect, 0 },
	{ "\",\" and \"/\" are no delimiters to it", has_unknown_delimiter, 0 },
	{ "it keeps at most 128 parts of a macro", has_many_parts, 0 },
	{ "%{d9} loses its first octet, and dots always divide",
	    has_miscounted_parts, 0 },
};

static bool term_deviates(const struct term *t)
{
	bool any = false;

	for (size_t d = 0; d < MXA_ARRAY_LEN(deviations); d++)
		if (deviations[d].has(t)) {
			deviations[d].seen++;
			any = true;
		}
	return any;
}

/* Count a deviation of a record that was asked for; false: there is none. */
static bool deviates(
    const struct spfgen_case *c, const struct mxa_dns_answer *answer)
{
	bool any = false;

	for (size_t i = 0; i < answer->n; i++) {
		struct mxa_spf_record r;

		if (!mxa_spf_is_record(answer->rr[i].text))
			continue;
		mxa_spf_parse(&r, answer->rr[i].text, true);
		for (size_t j = 0; r.ok && j < r.n; j++)
			any |= term_deviates(
			    &(struct term){ &r, &r.term[j], c, answer->name });
		mxa_spf_record_done(&r);
	}
	return any;
}

static bool known(const struct spfgen_case *c, struct spftest *t)
{
	struct mxa_evidence *e;
	size_t n = mxa_budget_evidence(t->budget, t->arena, &e);
	bool any = false;

	for (size_t i = 0; i < n; i++)
		if (e[i].type == MXA_DNS_TXT && e[i].answer != NULL)
			any |= deviates(c, e[i].answer);
	return any;
}

/* --- the comparison --- */

static unsigned results[MXA_SPF_PERMERROR + 1];

/* True when both agree or the difference is known. */
static bool compare(const struct spfgen_case *c, uint32_t seed)
{
	struct mxa_spf_query q = spftest_query(c->ip, c->helo, c->mailfrom);
	struct mxa_spf_verdict native, spf2;
	struct spftest t;
	bool ok;

	spftest_open(&t, c->zone);
	spftest_check(&t, &mxa_spf_native, &q, &native);
	spftest_check(&t, &mxa_spf_libspf2, &q, &spf2);
	results[native.result]++;
	ok = native.result == spf2.result || known(c, &t);
	if (!ok)
		printf("seed %u: native %s (%.*s), libspf2 %s\n"
		       "\"%.*s\" %.*s %.*s %.*s\n%.*s\n",
		    seed, mxa_spf_result_name(native.result),
		    MXA_STR_ARG(native.reason.text),
		    mxa_spf_result_name(spf2.result), MXA_STR_ARG(c->record),
		    MXA_STR_ARG(c->ip), MXA_STR_ARG(c->helo),
		    MXA_STR_ARG(c->mailfrom), MXA_STR_ARG(c->zone));
	spftest_close(&t);
	return ok;
}

START_TEST(both_engines_agree)
{
	int different = 0;

	for (uint32_t i = 0; i < CASES && different < 5; i++) {
		struct mxa_arena *a = mxa_arena_new();
		struct spfgen g = { .seed = SEED + i * 2654435761u };
		struct spfgen_case c;

		spfgen_case(&g, a, &c);
		different += !compare(&c, SEED + i * 2654435761u);
		mxa_arena_free(a);
	}
	ck_assert_int_eq(different, 0);
	/* the records were worth it: every result came often */
	for (size_t r = 0; r < MXA_ARRAY_LEN(results); r++) {
		printf("%s: %u\n", mxa_spf_result_name(r), results[r]);
		ck_assert(r == MXA_SPF_NONE || results[r] > CASES / 200);
	}
	/* and every deviation is still one */
	for (size_t d = 0; d < MXA_ARRAY_LEN(deviations); d++) {
		printf("%u: %s\n", deviations[d].seen, deviations[d].reason);
		ck_assert_msg(
		    deviations[d].seen > 0, "%s", deviations[d].reason);
	}
}
END_TEST

/* --- in threads --- */

#define THREADS 4
#define THREAD_CASES 400

/* No assertions here: Check has them in one thread only. */
static enum mxa_spf_result result_of(
    const struct spfgen_case *c, const struct mxa_spf_engine *engine)
{
	struct mxa_auth_options options = { .spf_max_voids = MXA_SPF_MAX_VOID };
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_spf_query q = { .helo = c->helo,
		.domain = MXA_STR_INIT("s0.example") };
	struct mxa_spf_verdict v = { .result = MXA_SPF_NONE };
	struct test_clock clock;
	struct mxa_engine_env env = {
		.arena = a, .clock = &clock.clock, .options = &options
	};
	char *error = NULL;
	struct mxa_dns *dns = mxa_dns_zone_text("z", c->zone, NULL, &error);

	test_clock_init(&clock, 1700000000);
	q.local = mxa_str_sub(c->mailfrom, 0, mxa_str_chr(c->mailfrom, '@', 0));
	if (dns != NULL && mxa_ip_parse(c->ip, &q.ip)) {
		env.budget = mxa_budget_open(dns, 20000);
		engine->check(&env, &q, &v);
		mxa_budget_close(env.budget);
		mxa_dns_free(dns);
	}
	mxa_arena_free(a);
	return v.result;
}

struct thread {
	pthread_t id;
	enum mxa_spf_result result[THREAD_CASES];
};

static void *run_thread(void *ctx)
{
	struct thread *t = ctx;

	for (uint32_t i = 0; i < THREAD_CASES; i++) {
		struct mxa_arena *a = mxa_arena_new();
		struct spfgen g = { .seed = SEED + i * 2654435761u };
		struct spfgen_case c;

		spfgen_case(&g, a, &c);
		t->result[i] = result_of(&c, &mxa_spf_libspf2);
		mxa_arena_free(a);
	}
	return NULL;
}

START_TEST(threads_do_not_meet)
{
	static struct thread thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i].id, NULL, run_thread, &thread[i]),
		    0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i].id, NULL);
	for (int i = 1; i < THREADS; i++)
		ck_assert_mem_eq(thread[0].result, thread[i].result,
		    sizeof(thread[0].result));
}
END_TEST

/* --- the same over our own zone --- */

/* Owner of a line 'OWNER TXT "v=spf1…'; empty: it is another line. */
static struct mxa_str owner_of_record(struct mxa_str line)
{
	size_t end = 0;

	while (end < line.len && !mxa_is_wsp(line.p[end]))
		end++;
	if (mxa_str_casefind(line, MXA_STR("TXT \"v=spf1")) == line.len)
		return MXA_STR("");
	return mxa_str_sub(line, 0, end);
}

START_TEST(both_agree_over_our_zone)
{
	static const char *const clients[] = { "192.0.2.1", "192.0.2.2",
		"192.0.2.4", "192.0.2.5", "198.51.100.1", "203.0.113.1",
		"2001:db8::1", "2001:db8::2", "::ffff:192.0.2.1", "127.0.0.1",
		"::1" };
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str zone = test_read(a, test_path("zones/spf.zone"));
	struct spfgen_case c = { .zone = zone,
		.helo = MXA_STR_INIT("mx.example.org") };
	size_t from = 0, domains = 0;
	int different = 0;

	while (from < zone.len) {
		size_t end = mxa_str_chr(zone, '\n', from);

		c.record = owner_of_record(mxa_str_sub(zone, from, end));
		from = end + 1;
		if (c.record.len == 0 || c.record.p[0] == '*')
			continue;
		domains++;
		c.mailfrom = mxa_str_from(
		    mxa_arena_printf(a, "ann-x@%.*s", MXA_STR_ARG(c.record)));
		for (size_t i = 0; i < MXA_ARRAY_LEN(clients); i++) {
			c.ip = mxa_str_from(clients[i]);
			different += !compare(&c, 0);
		}
	}
	ck_assert_uint_gt(domains, 80);
	ck_assert_int_eq(different, 0);
	mxa_arena_free(a);
}
END_TEST

/* --- what the guards are for --- */

static struct spftest guarded;

static void open_guarded(struct mxa_str zone)
{
	spftest_open(&guarded, zone);
}

static void close_guarded(void)
{
	if (guarded.arena != NULL)
		spftest_close(&guarded);
	memset(&guarded, 0, sizeof(guarded));
}

static struct mxa_spf_verdict spf2(
    const char *ip, struct mxa_str helo, struct mxa_str from)
{
	struct mxa_spf_query q = spftest_query(mxa_str_from(ip), helo, from);
	struct mxa_spf_verdict v;

	spftest_check(&guarded, &mxa_spf_libspf2, &q, &v);
	return v;
}

/* Its own "localhost is always allowed" would let a tunnel be anybody. */
START_TEST(loopback_is_no_pass)
{
	static const char *const ips[] = { "127.0.0.1", "127.9.9.9", "::1",
		"::ffff:127.0.0.1" };

	open_guarded(MXA_STR("s.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"));
	for (size_t i = 0; i < MXA_ARRAY_LEN(ips); i++)
		ck_assert_int_eq(spf2(ips[i], MXA_STR("mx.example.org"),
				     MXA_STR("ann@s.example"))
				     .result,
		    MXA_SPF_FAIL);
}
END_TEST

/* It keeps 511 octets of compiled terms and forgets the rest. */
START_TEST(long_records_keep_their_terms)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_buf zone;

	mxa_buf_init(&zone, a, MXA_MAX_RECORD);
	mxa_buf_adds(&zone, "s.example TXT \"v=spf1\"");
	for (int i = 0; i < 200; i++)
		mxa_buf_printf(&zone, " \" ip4:198.51.100.%d\"", i);
	mxa_buf_adds(&zone, " \" -ip4:192.0.2.1 +all\"\n");
	open_guarded(mxa_buf_str(&zone));
	ck_assert_int_eq(spf2("192.0.2.1", MXA_STR("mx.example.org"),
			     MXA_STR("ann@s.example"))
			     .result,
	    MXA_SPF_FAIL);
	ck_assert_int_eq(spf2("198.51.100.199", MXA_STR("mx.example.org"),
			     MXA_STR("ann@s.example"))
			     .result,
	    MXA_SPF_PASS);
	mxa_arena_free(a);
}
END_TEST

/* Values that its macros are not made for. */
START_TEST(odd_values)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str many =
	    mxa_str_make(memset(mxa_arena_alloc(a, 900), 'x', 900), 900);
	const struct {
		struct mxa_str helo, from;
	} rows[] = {
		{ MXA_STR("mx.example.org"), MXA_STR("\xe9\xff@s.example") },
		{ MXA_STR("\x80\x81"), MXA_STR("ann@s.example") },
		{ MXA_STR("a\0b"), MXA_STR("a\0b@s.example") },
		{ MXA_STR("JUMPIN' JUPITER"), MXA_STR("a b@s.example") },
		{ MXA_STR(""), MXA_STR("ann@s.example") },
		{ many,
		    mxa_str_from(mxa_arena_printf(
			a, "%.*s@s.example", MXA_STR_ARG(many))) },
		{ MXA_STR("mx.example.org"), MXA_STR("a@b@c@s.example") },
		{ MXA_STR("mx.example.org"), MXA_STR("\"a b\"@s.example") },
		{ MXA_STR("%{S}%{H}"), MXA_STR("%s%n%{P}@s.example") },
	};

	open_guarded(MXA_STR(
	    "s.example TXT \"v=spf1 exists:%{S}.%{H}.x.example "
	    "exists:%{l1r-+}.%{h100r.}.%{P}.x.example ip4:192.0.2.1 -all "
	    "exp=%{L}.%{H}.example\"\n"));
	for (size_t i = 0; i < MXA_ARRAY_LEN(rows); i++)
		ck_assert_int_eq(
		    spf2("192.0.2.1", rows[i].helo, rows[i].from).result,
		    MXA_SPF_PASS);
	mxa_arena_free(a);
}
END_TEST

/* Names out of the DNS come from whom the client's network belongs to. */
START_TEST(odd_names_from_the_dns)
{
	open_guarded(MXA_STR(
	    "s.example TXT \"v=spf1 exists:%{P}.x.example ptr mx -all\"\n"
	    "s.example MX 10 \\000\\255\\032.s.example\n"
	    "s.example MX 10 .\n"
	    "s.example MX 10 h.s.example\n"
	    "1.2.0.192.in-addr.arpa PTR \\128\\255\\000.s.example\n"
	    "1.2.0.192.in-addr.arpa PTR p.s.example\n"
	    "\\128\\255\\000.s.example A 192.0.2.1\n"
	    "p.s.example A 192.0.2.9\n"
	    "h.s.example A 192.0.2.1\n"));
	ck_assert_int_eq(spf2("192.0.2.1", MXA_STR("mx.example.org"),
			     MXA_STR("ann@s.example"))
			     .result,
	    MXA_SPF_PASS);
	ck_assert_int_eq(spf2("192.0.2.9", MXA_STR("mx.example.org"),
			     MXA_STR("ann@s.example"))
			     .result,
	    MXA_SPF_FAIL);
}
END_TEST

/* Two levels of nine includes are 90 terms: it would ask for all of them. */
START_TEST(limits_hold_across_includes)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_spf_verdict v;
	struct mxa_buf zone;

	mxa_buf_init(&zone, a, (size_t)1 << 20);
	mxa_buf_adds(&zone, "$TTL 300\n");
	for (int i = -1; i < 9; i++) {
		mxa_buf_printf(&zone, "s%.*d.example TXT \"v=spf1\"",
		    i < 0 ? 0 : 1, i < 0 ? 0 : i);
		for (int j = 0; j < 9; j++)
			mxa_buf_printf(&zone, " \" include:s%d%s.example\"", j,
			    i < 0 ? "" : "x");
		mxa_buf_adds(&zone, " \" ?all\"\n");
		mxa_buf_printf(
		    &zone, "s%dx.example TXT \"v=spf1 -all\"\n", i + 1);
	}
	open_guarded(mxa_buf_str(&zone));
	v = spf2(
	    "192.0.2.1", MXA_STR("mx.example.org"), MXA_STR("ann@s.example"));
	ck_assert_int_eq(v.result, MXA_SPF_PERMERROR);
	ck_assert_int_eq(v.cause, MXA_SPF_CAUSE_LOOKUPS);
	ck_assert_uint_le(mxa_budget_counts(guarded.budget).questions, 11);
	mxa_arena_free(a);
}
END_TEST

/* When it disagrees, its result counts and the words say so. */
START_TEST(its_own_reading)
{
	struct mxa_spf_verdict v;

	open_guarded(
	    MXA_STR("s.example TXT \"v=spf1 redirect=r.example ?all\"\n"
		    "r.example TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
		    "t.example TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n"));
	v = spf2(
	    "192.0.2.9", MXA_STR("mx.example.org"), MXA_STR("ann@s.example"));
	ck_assert_int_eq(v.result, MXA_SPF_FAIL);
	ck_str_is(v.reason.text,
	    "libspf2 finds fail for the record of s.example (native engine: "
	    "neutral)");
	ck_str_is(v.domain, "s.example");
	v = spf2(
	    "192.0.2.9", MXA_STR("mx.example.org"), MXA_STR("ann@t.example"));
	ck_str_is(v.reason.text,
	    "192.0.2.9 is listed in the SPF record of t.example "
	    "(ip4:192.0.2.0/24)");
	ck_str_is(v.mechanism, "ip4:192.0.2.0/24");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spf_engines");
	TCase *tc = tcase_create("spf_engines");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, both_engines_agree);
	tcase_add_test(tc, both_agree_over_our_zone);
	tcase_add_test(tc, threads_do_not_meet);
	suite_add_tcase(s, tc);
	tc = tcase_create("guards");
	tcase_add_checked_fixture(tc, NULL, close_guarded);
	tcase_add_test(tc, loopback_is_no_pass);
	tcase_add_test(tc, long_records_keep_their_terms);
	tcase_add_test(tc, odd_values);
	tcase_add_test(tc, odd_names_from_the_dns);
	tcase_add_test(tc, limits_hold_across_includes);
	tcase_add_test(tc, its_own_reading);
	suite_add_tcase(s, tc);
	return test_main(s);
}
