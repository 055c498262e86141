/* check_verify.c - the core that DKIM and ARC share: header selection, body
 * hashes, one key in many threads; and both methods on one message. */
#include "auth/sig/verify.h"

#include <pthread.h>
#include <string.h>

#include "auth/evaluate.h"
#include "auth/sig/key.h"
#include "base/attr.h"
#include "dns/zone.h"
#include "mail/message.h"
#include "t/support/refcanon.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"

static struct sigcase c;

static void setup(void)
{
	sigcase_init(&c);
	sigcase_domain(&c, "example.com");
	sigcase_domain(&c, "list.example");
}

static void teardown(void)
{
	sigcase_done(&c);
}

/* --- which fields are picked --- */

static const struct {
	const char *names;
	const char *want; /* values in the order in which they are hashed */
} picks[] = {
	{ "a", "3" },
	{ "A", "3" },
	{ "a:a", "32" },
	{ "a:b:a", "342" },
	{ "a:a:a:a", "321" },
	{ "c", "" },
	{ "c:b : c\r\n\t: a", "43" },
	{ "a:sig:b", "34" },
};

static struct mxa_str digest_of(struct mxa_str text)
{
	struct mxa_hash *h = mxa_hash_new(c.arena);
	char *out = mxa_arena_alloc(c.arena, MXA_SHA256);

	mxa_hash_put(h, text.p, text.len);
	ck_assert(mxa_hash_final(h, (uint8_t *)out));
	mxa_hash_free(h);
	return mxa_str_make(out, MXA_SHA256);
}

static const struct mxa_headers *headers_of(const char *text)
{
	struct mxa_headers *h = mxa_arena_alloc(c.arena, sizeof(*h));
	size_t body;

	mxa_headers_init(h, c.arena);
	mxa_headers_split(h, mxa_str_from(text), &body);
	return h;
}

START_TEST(selection)
{
	const struct mxa_headers *h =
	    headers_of("Sig: x\r\nA: 1\r\na: 2\r\nA: 3\r\nB: 4\r\n\r\n");
	struct mxa_field_index *index = mxa_field_index_new(c.arena, h);
	struct mxa_header_hash what = { MXA_CANON_RELAXED,
		mxa_str_from(picks[_i].names), 0, 0, 0 };
	struct mxa_hash *hash = mxa_hash_new(c.arena);
	struct mxa_buf b;
	uint8_t got[MXA_SHA256];

	mxa_buf_init(&b, c.arena, 4096);
	for (const char *p = picks[_i].want; *p != '\0'; p++)
		mxa_buf_printf(&b, "%c:%c\r\n", *p == '4' ? 'b' : 'a', *p);
	mxa_buf_adds(&b, "sig:x");
	/* a second selection does not see where the first one was */
	for (int i = 0; i < 2; i++) {
		mxa_hash_start(hash);
		mxa_select_hash(index, &what, hash);
		ck_assert(mxa_hash_final(hash, got));
		ck_assert(mxa_str_eq(mxa_str_make((char *)got, sizeof(got)),
		    digest_of(mxa_buf_str(&b))));
	}
	mxa_hash_free(hash);
}
END_TEST

/* --- body hashes --- */

START_TEST(body_lengths)
{
	static const uint64_t lengths[] = { 5, 0, 1, MXA_BODY_WHOLE, 7, 8, 5 };
	struct mxa_str text = MXA_STR("ab \r\nc\r\n\r\n");
	struct mxa_str relaxed = ref_canon_body(c.arena, true, text);

	ck_assert_uint_eq(relaxed.len, 7);
	for (size_t chunk = 1; chunk <= text.len; chunk++) {
		struct mxa_bodies *b = mxa_bodies_new(c.arena);

		for (size_t i = 0; i < MXA_ARRAY_LEN(lengths); i++)
			mxa_bodies_want(b, MXA_CANON_RELAXED, lengths[i]);
		for (size_t at = 0; at < text.len; at += chunk) {
			struct mxa_str s = mxa_str_sub(text, at, at + chunk);

			mxa_bodies_feed(b, s.p, s.len);
		}
		mxa_bodies_finish(b);
		for (size_t i = 0; i < MXA_ARRAY_LEN(lengths); i++) {
			const struct mxa_body_digest *d =
			    mxa_bodies_get(b, MXA_CANON_RELAXED, lengths[i]);

			ck_assert_uint_eq(d->total, 7);
			ck_assert(!d->failed);
			ck_assert(d->reached == (lengths[i] != 8));
			if (d->reached)
				ck_assert(mxa_str_eq(
				    mxa_str_make(
					(const char *)d->digest, MXA_SHA256),
				    digest_of(
					mxa_str_sub(relaxed, 0, lengths[i]))));
		}
		ck_assert(mxa_bodies_get(b, MXA_CANON_SIMPLE, MXA_BODY_WHOLE) ==
		    NULL);
		mxa_bodies_free(b);
	}
}
END_TEST

/* --- one key, many threads --- */

#define THREADS 8
#define ROUNDS 50

static const char base[] = "From: ann@example.com\r\n"
			   "To: bob@example.net\r\n"
			   "Subject: threads\r\n"
			   "Date: Tue, 1 Sep 2026 00:00:00 +0000\r\n"
			   "\r\n"
			   "Hello.\r\n";

struct shared {
	const struct mxa_dns_answer *answer;
	struct mxa_str message;
};

/* Number of passes, as a pointer. */
static void *verify_often(void *arg)
{
	const struct shared *shared = arg;
	const struct mxa_sig_limits limits = { SIGCASE_NOW, 300 };
	struct mxa_arena *a = mxa_arena_new();
	size_t passes = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct mxa_verifier v = { .arena = a, .options = &c.options };
		struct mxa_bodies *bodies = mxa_bodies_new(a);
		struct mxa_sig_checked checked;
		struct mxa_headers h;
		struct mxa_sig sig;
		size_t body;

		mxa_headers_init(&h, a);
		mxa_headers_split(&h, shared->message, &body);
		mxa_sig_parse(a, MXA_SIG_DKIM, &h, 0, &limits, &sig);
		mxa_verify_want_body(bodies, &sig);
		mxa_bodies_feed(bodies, shared->message.p + body,
		    shared->message.len - body);
		mxa_bodies_finish(bodies);
		v.bodies = bodies;
		v.index = mxa_field_index_new(a, &h);
		v.hash = mxa_hash_new(a);
		mxa_verify_message(&v, &sig, shared->answer, &checked);
		passes += checked.outcome.result == MXA_DKIM_PASS;
		mxa_hash_free(v.hash);
		mxa_bodies_free(bodies);
		mxa_arena_reset(a);
	}
	mxa_arena_free(a);
	return (void *)passes;
}

static void run_threads(const char *key)
{
	struct sign_options o = { .key = sigcase_key(key),
		.domain = "example.com",
		.selector = key };
	struct mxa_str m = mxa_str_from(base);
	struct shared shared;
	pthread_t thread[THREADS];
	struct mxa_budget *budget;
	char *error = NULL;

	c.dns = mxa_dns_zone_text(
	    "zone", mxa_buf_str(&c.zone), &c.clock.clock, &error);
	budget = mxa_budget_open(c.dns, 1000);
	shared.message = sigcase_join(&c, sign_dkim(c.arena, m, &o), m);
	shared.answer = mxa_dns_lookup(budget, MXA_SHARE_OTHER,
	    mxa_str_from(
		mxa_arena_printf(c.arena, "%s._domainkey.example.com", key)),
	    MXA_DNS_TXT);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, verify_often, &shared), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *passes;

		pthread_join(thread[i], &passes);
		ck_assert_uint_eq((size_t)passes, ROUNDS);
	}
	mxa_budget_close(budget);
}

START_TEST(threads_rsa)
{
	run_threads("rsa2048");
}
END_TEST

START_TEST(threads_ed25519)
{
	run_threads("ed25519");
}
END_TEST

/* --- DKIM and ARC on one message, sharing their body hashes --- */

static void evaluate(struct mxa_str message, struct mxa_verdict *out)
{
	struct mxa_auth_options options;
	struct mxa_engine_env env = {
		.arena = c.arena, .clock = &c.clock.clock, .options = &options
	};
	struct mxa_msg msg = { .exempt = MXA_EXEMPT_NO };
	char *error = NULL;
	size_t body;

	mxa_auth_options_default(&options);
	options.arc = true;
	options.check_iprev = false;
	if (c.dns == NULL)
		c.dns = mxa_dns_zone_text(
		    "zone", mxa_buf_str(&c.zone), &c.clock.clock, &error);
	env.budget = mxa_budget_open(c.dns, 1000);
	mxa_headers_init(&msg.headers, c.arena);
	mxa_headers_split(&msg.headers, message, &body);
	mxa_evaluate(&env, &msg, mxa_str_sub(message, body, message.len), out);
	mxa_budget_close(env.budget);
}

START_TEST(both_methods)
{
	struct sign_options dkim = { .key = sigcase_key("rsa2048"),
		.domain = "example.com",
		.selector = "rsa2048",
		.canon = "relaxed/simple" };
	struct sign_options seal = { .key = sigcase_key("ed25519"),
		.domain = "list.example",
		.selector = "ed25519" };
	struct sign_arc arc = { 1, "none", "mx; none", NULL };
	struct mxa_str m = mxa_str_from(base);
	struct mxa_verdict v;

	evaluate(m, &v);
	ck_assert(v.arc.evaluated && v.arc.result == MXA_ARC_NONE);
	ck_assert_uint_eq(v.dkim.n, 0);
	m = sigcase_join(&c, sign_dkim(c.arena, m, &dkim), m);
	evaluate(m, &v);
	ck_assert(v.arc.result == MXA_ARC_NONE);
	ck_assert(v.dkim.sig[0].result == MXA_DKIM_PASS);
	m = sigcase_join(&c, sign_arc(c.arena, m, &seal, &arc), m);
	evaluate(m, &v);
	ck_assert(v.arc.result == MXA_ARC_PASS);
	ck_assert(v.dkim.sig[0].result == MXA_DKIM_PASS);
	evaluate(sigcase_replace(&c, m, "Hello.", "Jello."), &v);
	ck_assert(v.arc.result == MXA_ARC_FAIL);
	ck_assert(v.dkim.sig[0].cause == MXA_DKIM_BODY);
	/* a chain alone: DKIM has nothing to hash */
	m = sigcase_join(&c, sign_arc(c.arena, mxa_str_from(base), &seal, &arc),
	    mxa_str_from(base));
	evaluate(m, &v);
	ck_assert(v.arc.result == MXA_ARC_PASS);
	ck_assert_uint_eq(v.dkim.n, 0);
	m = sigcase_join(&c, MXA_STR("DKIM-Signature: v=1\r\n"), m);
	evaluate(m, &v);
	ck_assert(v.arc.result == MXA_ARC_PASS);
	ck_assert(v.dkim.sig[0].result == MXA_DKIM_PERMERROR);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("verify");
	TCase *tc = tcase_create("verify");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, selection, 0, MXA_ARRAY_LEN(picks));
	tcase_add_test(tc, body_lengths);
	tcase_add_test(tc, threads_rsa);
	tcase_add_test(tc, threads_ed25519);
	tcase_add_test(tc, both_methods);
	suite_add_tcase(s, tc);
	return test_main(s);
}
