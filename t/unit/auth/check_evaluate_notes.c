/* check_evaluate_notes.c - what is noted about a signature that passes. */
#include <string.h>

#include "auth/evaluate.h"
#include "base/limits.h"
#include "dns/zone.h"
#include "mail/message.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"

#define SIGNED "from:subject"
#define OF "dkim: the key of example.com "

static const struct {
	const char *name, *key, *headers;
	const char *tags; /* more of the key's record */
	const char *body; /* that arrives; "x" was signed */
	size_t copies;	  /* of the signature */
	const char *want; /* all notes */
} rows[] = {
	{ "nothing to say", "rsa2048", SIGNED, "", "x", 1, "" },
	{ "the smallest key that verifiers must take (RFC 8301)", "rsa1024",
	    SIGNED, "", "x", 1, OF "has only 1024 bits|" },
	{ "an Ed25519 key is as strong with 256 bits", "ed25519", SIGNED, "",
	    "x", 1, "" },
	{ "Subject is not signed", "rsa2048", "from:to", "", "x", 1,
	    "dkim: the signature of example.com does not cover the Subject|" },
	{ "a key that is tested", "rsa2048", SIGNED, "; t=y", "x", 1,
	    OF "is marked as a test|" },
	{ "nothing of a signature that fails", "rsa1024", "from:to", "; t=y",
	    "y", 1, "" },
	{ "as many signatures as are looked at", "rsa2048", SIGNED, "", "x",
	    MXA_MAX_SIGNATURES, "" },
	{ "one more", "rsa2048", SIGNED, "", "x", MXA_MAX_SIGNATURES + 1,
	    "dkim: 1 further signatures were not looked at|" },
};

static struct mxa_dns *open_zone(struct mxa_arena *a, size_t row, EVP_PKEY *key)
{
	struct mxa_str record = mxa_str_from(mxa_arena_printf(
	    a, "%.*s%s", MXA_STR_ARG(sign_key_record(a, key)), rows[row].tags));
	char *error = NULL;
	struct mxa_dns *dns = mxa_dns_zone_text("zone",
	    mxa_str_from(mxa_arena_printf(a,
		"s._domainkey.example.com. IN TXT %.*s\n"
		"_dmarc.example.com. IN TXT \"v=DMARC1; p=reject\"\n",
		MXA_STR_ARG(sign_key_strings(a, record)))),
	    NULL, &error);

	ck_assert_msg(dns != NULL, "%s", error);
	return dns;
}

/* The message as it arrives. */
static struct mxa_str message(struct mxa_arena *a, size_t row, EVP_PKEY *key)
{
	const char *fields = "From: a@example.com\r\nSubject: x\r\n\r\n";
	struct sign_options o = { .key = key,
		.domain = "example.com",
		.selector = "s",
		.headers = rows[row].headers };
	struct mxa_str field = sign_dkim(
	    a, mxa_str_from(mxa_arena_printf(a, "%sx\r\n", fields)), &o);
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	for (size_t i = 0; i < rows[row].copies; i++)
		mxa_buf_addstr(&b, field);
	mxa_buf_printf(&b, "%s%s\r\n", fields, rows[row].body);
	return mxa_buf_str(&b);
}

static struct mxa_str all_notes(
    struct mxa_arena *a, const struct mxa_verdict *v)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, 65536);
	for (const struct mxa_note *n = v->notes.first; n; n = n->next)
		mxa_buf_printf(&b, "%.*s|", MXA_STR_ARG(n->text));
	return mxa_buf_str(&b);
}

START_TEST(notes_of_signatures)
{
	struct mxa_arena *a = mxa_arena_new();
	EVP_PKEY *key = sigcase_key(rows[_i].key);
	struct mxa_dns *dns = open_zone(a, (size_t)_i, key);
	struct mxa_str text = message(a, (size_t)_i, key);
	struct mxa_auth_options options;
	struct test_clock clock;
	struct mxa_engine_env env = { .arena = a,
		.clock = &clock.clock,
		.options = &options,
		.budget = mxa_budget_open(dns, 2000) };
	struct mxa_verdict v;
	struct mxa_msg m = { .receiver = MXA_STR("mx.example.net") };
	size_t at;

	mxa_auth_options_default(&options);
	test_clock_init(&clock, SIGCASE_NOW);
	mxa_headers_init(&m.headers, a);
	mxa_headers_split(&m.headers, text, &at);
	mxa_evaluate(&env, &m, mxa_str_sub(text, at, text.len), &v);
	ck_assert_msg(mxa_str_is(all_notes(a, &v), rows[_i].want),
	    "%s: got \"%.*s\"", rows[_i].name, MXA_STR_ARG(all_notes(a, &v)));
	mxa_budget_close(env.budget);
	mxa_dns_free(dns);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("evaluate_notes");
	TCase *tc = tcase_create("evaluate_notes");

	tcase_add_loop_test(tc, notes_of_signatures, 0, MXA_ARRAY_LEN(rows));
	suite_add_tcase(s, tc);
	return test_main(s);
}
