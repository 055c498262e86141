/* spf_daemon.c - the public RFC 7208 suite through mxauthd: each case is a
 * message that a milter client sends, its result the spf= of the
 * Authentication-Results that comes back. */
#include <stdio.h>
#include <string.h>

#include "mail/authres.h"
#include "t/support/daemon.h"
#include "t/support/milterclient.h"
#include "t/support/spfsuite.h"
#include "t/support/testing.h"

#define SKIPPED 77 /* automake */

#define CONFIG                                                      \
	"authserv-id = \"mx.example.org\"\ntrusted-networks = []\n" \
	"header: { received-spf = false }\n"

/* The spf= result in what the filter asked for; "" when there is none. */
static struct mxa_str spf_result(
    struct mxa_arena *a, const struct mtc_result *r)
{
	const struct mtc_edit *field =
	    mtc_find(r, 'i', "Authentication-Results", 0);
	struct mxa_authres ar;

	if (field == NULL ||
	    mxa_authres_parse(a, mxa_str_from(field->value), &ar) != MXA_OK)
		return MXA_STR("");
	for (size_t i = 0; i < ar.n; i++)
		if (mxa_str_is(ar.result[i].method, "spf"))
			return ar.result[i].result;
	return MXA_STR("");
}

/* One case in a connection of its own; whether the result is right. */
static bool run_case(
    struct daemon *d, struct mxa_arena *a, const struct spfsuite_case *c)
{
	struct mtc_message m = {
		.queue_id = "SUITE",
		.mail_from =
		    mxa_arena_printf(a, "<%.*s>", MXA_STR_ARG(c->mailfrom)),
		.rcpt = { "<postmaster@mx.example.org>", NULL },
		.text = "From: author@nobody.invalid\r\n\r\nhello\r\n",
	};
	struct mtc_result r = { .reply = MTC_GONE };
	struct mtc *mtc = mtc_open(d->socket);
	struct mxa_str got;
	bool right = false;

	ck_assert_ptr_nonnull(mtc);
	ck_assert(mtc_negotiate(mtc, &mtc_postfix));
	mtc_macros(mtc, 'C', "j", "mx.example.org", NULL);
	mtc_connect(mtc, "client.invalid", mxa_str_cstr(a, c->host));
	mtc_helo(mtc, mxa_str_cstr(a, c->helo));
	mtc_send(mtc, &m, &r);
	got = spf_result(a, &r);
	for (size_t i = 0; i < c->n_results; i++)
		right |= mxa_str_eq(got, c->result[i]);
	if (!right)
		printf("%.*s: got \"%.*s\", want %.*s\n", MXA_STR_ARG(c->name),
		    MXA_STR_ARG(got), MXA_STR_ARG(c->result[0]));
	mtc_result_free(&r);
	mtc_quit(mtc);
	mtc_close(mtc);
	return right;
}

START_TEST(daemon_passes_all)
{
	struct mxa_arena *a = mxa_arena_new();
	struct spfsuite_scenario *s = spfsuite_read(a, spfsuite_path());
	int passed = 0, cases = 0;

	for (; s != NULL; s = s->next) {
		struct daemon d;

		daemon_init(&d);
		daemon_zone(&d, mxa_str_cstr(a, s->zone));
		daemon_config(&d,
		    strstr(mxa_str_cstr(a, s->zone), "! timeout ") != NULL
			? "timeout = 3"
			: "",
		    CONFIG);
		daemon_start(&d);
		for (struct spfsuite_case *c = s->cases; c; c = c->next) {
			passed += run_case(&d, a, c);
			cases++;
		}
		daemon_stop(&d);
		daemon_done(&d);
	}
	printf("mxauthd: %d of %d cases passed\n", passed, cases);
	mxa_arena_free(a);
	ck_assert_int_eq(passed, 203);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rfc7208 through mxauthd");
	TCase *tc = tcase_create("suite");

	if (spfsuite_path() == NULL) {
		puts("no rfc7208-tests.yml in $SPF_SUITE: skipped");
		return SKIPPED;
	}
	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, daemon_passes_all);
	suite_add_tcase(s, tc);
	return test_main(s);
}
