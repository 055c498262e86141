/* dump.c MODE N SEED: cases for other implementations, and what we say of them.
 *
 * spf:	case K / ip / helo / mailfrom / result / zone LINES, then the zone
 * dkim:	case K / result / name NAME / key RECORD / message BYTES, then
 *the message and a line end
 *
 * Messages are signed with keys of t/keys, then changed at a few places. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "t/support/sigcase.h"
#include "t/support/signer.h"
#include "t/support/spfgen.h"
#include "t/support/spftest.h"

/* --- SPF --- */

static void print_lines(struct mxa_str zone)
{
	unsigned n = 0;

	for (size_t i = 0; i < zone.len; i++)
		n += zone.p[i] == '\n';
	printf("zone %u\n%.*s", n, MXA_STR_ARG(zone));
}

static void dump_spf(unsigned n, uint32_t seed)
{
	for (unsigned k = 0; k < n; k++) {
		struct spfgen g = { .seed = seed * 2654435761u + k + 1 };
		struct mxa_arena *a = mxa_arena_new();
		struct spfgen_case c;
		struct mxa_spf_verdict v;
		struct mxa_spf_query q;
		struct spftest t;

		spfgen_case(&g, a, &c);
		spftest_open(&t, c.zone);
		q = spftest_query(c.ip, c.helo, c.mailfrom);
		spftest_check(&t, &mxa_spf_native, &q, &v);
		printf(
		    "case %u\nip %.*s\nhelo %.*s\nmailfrom %.*s\nresult %s\n",
		    k, MXA_STR_ARG(c.ip), MXA_STR_ARG(c.helo),
		    MXA_STR_ARG(c.mailfrom), mxa_spf_result_name(v.result));
		print_lines(c.zone);
		spftest_close(&t);
		mxa_arena_free(a);
	}
}

/* --- DKIM --- */

static uint64_t random_state;

static unsigned below(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(random_state >> 33) % n;
}

#define PICK(list) (list)[below(MXA_ARRAY_LEN(list))]

static struct mxa_str plain_message(struct mxa_arena *a)
{
	static const char *const subjects[] = { "Hello", " two  spaces ",
		"folded\r\n over\r\n\tlines", "", "=?utf-8?q?caf=C3=A9?=" };
	static const char *const bodies[] = { "", "\r\n", "One line.\r\n",
		"Two  words\t here \r\n\r\n\r\n", "no end",
		" leading\r\n\r\ntrailing \r\n \r\n", "a\r\n.\r\nb\r\n" };
	struct mxa_buf b;

	mxa_buf_init(&b, a, 8192);
	mxa_buf_printf(&b,
	    "From: A <a@example.com>\r\nTo: b@example.net\r\n"
	    "Subject:%s%s\r\nDate: Fri, 27 Nov 2026 09:14:01 +0000\r\n",
	    below(2) ? " " : "", PICK(subjects));
	if (below(3) == 0)
		mxa_buf_adds(&b, "X-Note: one\r\nX-Note: two\r\n");
	mxa_buf_printf(&b, "\r\n%s", PICK(bodies));
	return mxa_buf_str(&b);
}

/* A byte changed, taken away or doubled, at up to two places. */
static struct mxa_str changed(struct mxa_arena *a, struct mxa_str text)
{
	static const char bytes[] = " \t\r\n;=ab0";

	for (unsigned times = below(3); times > 0; times--) {
		size_t at = below((unsigned)text.len);
		struct mxa_buf b;

		mxa_buf_init(&b, a, text.len + 16);
		mxa_buf_addstr(&b, mxa_str_sub(text, 0, at));
		switch (below(3)) {
		case 0:
			mxa_buf_addc(&b, bytes[below(sizeof(bytes) - 1)]);
			break;
		case 1:
			mxa_buf_addc(&b, text.p[at]);
			mxa_buf_addc(&b, text.p[at]);
			break;
		default:
			break;
		}
		mxa_buf_addstr(&b, mxa_str_sub(text, at + 1, text.len));
		text = mxa_buf_str(&b);
	}
	return text;
}

/* Bare CR or LF is another matter: what an MTA hands over has none. */
static bool has_bare_ends(struct mxa_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r')) ||
		    (s.p[i] == '\r' && (i + 1 == s.len || s.p[i + 1] != '\n')))
			return true;
	return false;
}

static void dump_message(unsigned k, struct mxa_arena *a, struct sigcase *c)
{
	static const char *const keys[] = { "rsa2048", "rsa1024", "ed25519" };
	static const char *const canon[] = { "relaxed/relaxed", "simple/simple",
		"relaxed/simple", "simple/relaxed", "relaxed", "" };
	static const char *const fields[] = { "from:to:subject:date",
		"from:from:subject:x-note", "From : To", "from:x-note:x-note",
		"from:subject:subject:subject" };
	const char *key = PICK(keys);
	struct sign_options o = { .key = sigcase_key(key),
		.domain = "example.com",
		.selector = key,
		.canon = PICK(canon),
		.headers = PICK(fields) };
	struct mxa_str plain = plain_message(a), text;
	struct mxa_dkim_verdict v;

	if (below(4) == 0)
		o.identity = "x@sub.example.com";
	text = changed(a, sigcase_join(c, sign_dkim(a, plain, &o), plain));
	if (has_bare_ends(text))
		return;
	sigcase_dkim(c, text, "example.com", &v);
	printf("case %u\nresult %s\nname %s._domainkey.example.com\n", k,
	    v.n == 0 ? "none" : mxa_dkim_result_name(v.sig[0].result), key);
	printf("key %.*s\n", MXA_STR_ARG(sign_key_record(a, sigcase_key(key))));
	printf("message %zu\n%.*s\n", text.len, MXA_STR_ARG(text));
}

static void dump_dkim(unsigned n, uint64_t seed)
{
	struct sigcase c;

	random_state = seed;
	for (unsigned k = 0; k < n; k++) {
		struct mxa_arena *a = mxa_arena_new();

		sigcase_init(&c);
		sigcase_domain(&c, "example.com");
		dump_message(k, a, &c);
		sigcase_done(&c);
		mxa_arena_free(a);
	}
}

static const char *mode;
static unsigned number;
static uint32_t chance;

/* As a test, because the helpers of the tests may fail one. */
START_TEST(dump_cases)
{
	if (strcmp(mode, "spf") == 0)
		dump_spf(number, chance);
	else
		dump_dkim(number, chance);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("dump");
	TCase *tc = tcase_create("dump");
	SRunner *runner;
	int failed;

	if (argc != 4)
		return 64;
	mode = argv[1];
	number = (unsigned)strtoul(argv[2], NULL, 10);
	chance = (uint32_t)strtoul(argv[3], NULL, 10);
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, dump_cases);
	suite_add_tcase(s, tc);
	runner = srunner_create(s);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
