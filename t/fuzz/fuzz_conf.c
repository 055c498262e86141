/* fuzz_conf.c - both files of the configuration: loaded, looked up, shown, and
 * what was shown loaded again.
 *
 * The input is mxauth.conf; behind a line "====" the policy file follows.
 * What would open a file of the system is left out. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "policy/load.h"
#include "policy/rules.h"
#include "conf/schema.h"
#include "t/fuzz/fuzz.h"

#define MAX_INPUT 65536

static void ask_rules(const struct mxa_conf *c, struct mxa_arena *a)
{
	struct mxa_rule_hits hits;
	struct mxa_ruling ruling;
	struct mxa_str signer[] = { MXA_STR("vendor.example"),
		MXA_STR("mail.vendor.example") };
	struct mxa_str address = MXA_STR("ceo@www.bank.example");
	struct mxa_ip ip;
	struct mxa_rule_subject s = {
		.ip = &ip,
		.client_name = MXA_STR("mx.provider.example"),
		.helo = MXA_STR("mx.provider.example"),
		.daemon_name = MXA_STR("smtpd"),
		.mail_from = MXA_STR("bounce@vendor.example"),
		.signer = signer,
		.n_signers = 2,
		.sealer = MXA_STR("lists.example"),
		.rcpt = MXA_STR("u@lists.example.jp"),
		.author = MXA_STR("www.bank.example"),
		.author_address = &address,
		.n_author_addresses = 1,
		.now = 1800000000,
	};

	mxa_ip_parse(MXA_STR("192.0.2.1"), &ip);
	mxa_rules_match(c->rules, &s, &hits);
	mxa_ruling_from(c, &hits, &ruling);
	for (size_t i = 0; i < mxa_rules_count(c->rules) && i < 50; i++) {
		const struct mxa_rule *r = mxa_rules_get(c->rules, i);
		struct mxa_str why =
		    mxa_rules_why_not(c->rules, i, &s, &hits, a).text;

		require((why.len == 0) == (hits.rule[r->kind] == r));
	}
}

static void show_and_load(const struct mxa_conf *c, struct mxa_arena *a)
{
	struct mxa_buf once, twice;
	struct mxa_conf *again;

	mxa_buf_init(&once, a, 1 << 20);
	mxa_buf_init(&twice, a, 1 << 20);
	mxa_schema_effective(c, &once);
	again = mxa_policy_parse(
	    "again", mxa_buf_str(&once), MXA_STR_NONE, NULL, NULL);
	require(again != NULL);
	mxa_schema_effective(again, &twice);
	require(mxa_str_eq(mxa_buf_str(&once), mxa_buf_str(&twice)));
	mxa_conf_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_str text = mxa_str_make((const char *)data, size);
	size_t cut = mxa_str_casefind(text, MXA_STR("\n====\n"));
	struct mxa_str policy = MXA_STR_NONE;
	char *errors = NULL, *warnings = NULL;
	struct mxa_arena *a;
	struct mxa_conf *c;

	if (size > MAX_INPUT ||
	    mxa_str_casefind(text, MXA_STR("public-suffix")) < size ||
	    mxa_str_casefind(text, MXA_STR("organizational")) < size)
		return 0;
	if (cut < size)
		policy = mxa_str_sub(text, cut + 6, size);
	a = mxa_arena_new();
	c = mxa_policy_parse(
	    "fuzz.conf", mxa_str_sub(text, 0, cut), policy, &errors, &warnings);
	require((c == NULL) == (errors != NULL));
	if (c != NULL) {
		ask_rules(c, a);
		show_and_load(c, a);
	}
	mxa_conf_free(c);
	free(errors);
	free(warnings);
	mxa_arena_free(a);
	return 0;
}
