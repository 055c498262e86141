/* run_daemon.c - t/cases/NAME.case through a real mxauthd: the message is sent
 * as an MTA does, over a name server that serves the zone.
 *
 * Of [expect] what an MTA sees is compared: action, code, reply, header, dmarc.
 * run_cases.c looks at the rest.
 *
 * usage: run_daemon FILE... */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "mail/authres.h"
#include "t/cases/case.h"
#include "t/support/daemon.h"
#include "t/support/milterclient.h"
#include "t/support/testing.h"

struct run {
	struct mxa_arena *a;
	struct case_file file;
	struct mtc_result result;
	const char *error;
};

static const char *envelope(struct run *r, const char *key)
{
	struct mxa_str v =
	    case_value(r->file.envelope, r->file.n_envelope, key);

	return v.p ? mxa_str_cstr(r->a, v) : NULL;
}

/* The recipients of the case, at most 'most', ended by NULL. */
static void set_recipients(struct run *r, const char **rcpt, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < r->file.n_envelope && n + 1 < most; i++)
		if (mxa_str_is(r->file.envelope[i].key, "rcpt"))
			rcpt[n++] =
			    mxa_str_cstr(r->a, r->file.envelope[i].value);
	rcpt[n] = NULL;
}

static struct mtc_offer mta_of(struct run *r)
{
	struct mtc_offer mta = mtc_postfix;

	if (envelope(r, "no-quarantine") != NULL)
		mta.actions &= ~(uint32_t)MTC_ACT_QUARANTINE;
	return mta;
}

static void send_message(struct run *r, struct daemon *d, struct mxa_str text)
{
	struct mtc_message m = { .queue_id = "4XyZabc",
		.mail_from = envelope(r, "mail-from"),
		.text = text.p,
		.len = text.len };
	struct mtc_offer mta = mta_of(r);
	struct mtc *mtc = mtc_open(d->socket);

	set_recipients(r, m.rcpt, MXA_ARRAY_LEN(m.rcpt));
	if (mtc == NULL || !mtc_negotiate(mtc, &mta)) {
		r->error = "mxauthd does not answer";
		mtc_close(mtc);
		return;
	}
	mtc_macros(mtc, 'C', "j", "mx.example.org", NULL);
	mtc_connect(mtc, "client.invalid", envelope(r, "ip"));
	mtc_helo(mtc, envelope(r, "helo"));
	mtc_send(mtc, &m, &r->result);
	mtc_quit(mtc);
	mtc_close(mtc);
}

/* --- what came back --- */

static const char *action_word(const struct mtc_result *r)
{
	if (r->reply == MTC_REPLYCODE)
		return r->text[0] == '5' ? "reject" : "defer";
	if (mtc_find(r, 'q', NULL, 0) != NULL)
		return "quarantine";
	return r->reply == MTC_CONTINUE || r->reply == MTC_ACCEPT ? "deliver"
								  : "?";
}

/* "550 5.7.26" of "550-5.7.26 Mail from ..." */
static struct mxa_str code_of(struct run *r)
{
	char *text = mxa_str_cstr(r->a, mxa_str_from(r->result.text));

	if (r->result.text == NULL || strlen(text) < 5)
		return MXA_STR("");
	text[3] = ' ';
	return mxa_str_make(text, 4 + strcspn(text + 4, " "));
}

/* Lines joined, without their codes. */
static struct mxa_str reply_of(struct run *r, struct mxa_str code)
{
	struct mxa_str text = mxa_str_from(r->result.text);
	struct mxa_buf b;
	size_t at = 0;

	mxa_buf_init(&b, r->a, 8192);
	while (at + code.len < text.len) {
		size_t end = mxa_str_chr(text, '\n', at);

		mxa_buf_addstr(
		    &b, mxa_str_trim(mxa_str_sub(text, at + code.len, end)));
		mxa_buf_addc(&b, ' ');
		at = end + 1;
	}
	return mxa_buf_str(&b);
}

/* White space runs as one space, so that folding does not matter. */
static struct mxa_str header_of(struct run *r)
{
	const struct mtc_edit *field =
	    mtc_find(&r->result, 'i', "Authentication-Results", 0);
	struct mxa_buf b;

	mxa_buf_init(&b, r->a, 64 * 1024);
	for (const char *p = field ? field->value : ""; *p != '\0'; p++)
		if (!mxa_is_space(*p))
			mxa_buf_addc(&b, *p);
		else if (b.len > 0 && b.p[b.len - 1] != ' ')
			mxa_buf_addc(&b, ' ');
	return mxa_buf_str(&b);
}

/* Of a refused message the last line of the reply says it; mail of a trusted
 * network gets no field of ours. */
static bool has_dmarc(struct run *r, struct mxa_str word)
{
	const char *pair =
	    mxa_arena_printf(r->a, "dmarc=%.*s", MXA_STR_ARG(word));
	struct mxa_str where =
	    r->result.text ? reply_of(r, code_of(r)) : header_of(r);

	if (mxa_str_is(case_value(r->file.expect, r->file.n_expect, "exempt"),
		"trusted-network"))
		return where.len == 0;
	return mxa_str_casefind(where, mxa_str_from(pair)) < where.len;
}

static bool has(struct mxa_str text, struct mxa_str what)
{
	return mxa_str_casefind(text, what) < text.len;
}

/* An MTA cannot tell a tag from acceptance. */
static bool action_is(struct run *r, struct mxa_str want)
{
	const char *got = action_word(&r->result);

	if (mxa_str_is(want, "accept") || mxa_str_is(want, "tag"))
		return strcmp(got, "deliver") == 0;
	return mxa_str_is(want, got);
}

static bool expectation_holds(struct run *r, const struct case_line *l)
{
	bool refused = r->result.text != NULL;

	if (mxa_str_is(l->key, "action"))
		return action_is(r, l->value);
	if (mxa_str_is(l->key, "dmarc"))
		return has_dmarc(r, l->value);
	if (mxa_str_is(l->key, "code"))
		return mxa_str_eq(code_of(r), l->value);
	if (mxa_str_is(l->key, "reply"))
		return has(reply_of(r, code_of(r)), l->value);
	/* no field is put on what is refused */
	if (mxa_str_is(l->key, "header"))
		return refused || has(header_of(r), l->value);
	return true;
}

/* --- a case --- */

/* Whether its zone has names that never answer. */
static bool is_silent(struct run *r)
{
	return has(case_zone(r->a, &r->file), MXA_STR(";! timeout "));
}

static void play(struct run *r, struct daemon *d)
{
	struct mxa_str message = case_message(r->a, &r->file, &r->error);
	struct mxa_buf b;

	if (r->error != NULL)
		return;
	daemon_zone(d, mxa_str_cstr(r->a, case_zone(r->a, &r->file)));
	mxa_buf_init(&b, r->a, 1 << 20);
	mxa_buf_adds(&b, "authserv-id = \"mx.example.org\"\n");
	mxa_buf_addstr(&b, case_config(r->a, &r->file));
	if (r->file.policy.len > 0) {
		mxa_buf_printf(&b, "\npolicy-file = \"%s\"\n", d->policy);
		daemon_write(d->policy, mxa_str_cstr(r->a, r->file.policy));
	}
	daemon_config(d, is_silent(r) ? "timeout = 10" : "", mxa_buf_cstr(&b));
	daemon_start(d);
	send_message(r, d, message);
	for (size_t i = 0; i < r->file.n_expect && r->error == NULL; i++)
		if (!expectation_holds(r, &r->file.expect[i]))
			r->error = mxa_arena_printf(r->a,
			    "want %.*s: %.*s, got %s %s %.*s",
			    MXA_STR_ARG(r->file.expect[i].key),
			    MXA_STR_ARG(r->file.expect[i].value),
			    action_word(&r->result),
			    r->result.text ? r->result.text : "",
			    MXA_STR_ARG(header_of(r)));
	daemon_stop(d);
}

static char **files;

START_TEST(through_the_daemon)
{
	struct run r = { .a = mxa_arena_new() };
	struct daemon d;
	struct mxa_str text;

	daemon_init(&d);
	ck_assert_msg(test_load(r.a, files[_i], &text), "%s", files[_i]);
	r.error = case_parse(r.a, text, &r.file);
	if (r.error == NULL)
		play(&r, &d);
	ck_assert_msg(r.error == NULL, "%s: %s", files[_i], r.error);
	mtc_result_free(&r.result);
	daemon_done(&d);
	mxa_arena_free(r.a);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *s = suite_create("cases through mxauthd");
	TCase *tc = tcase_create("cases");

	files = argv + 1;
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, through_the_daemon, 0, argc - 1);
	suite_add_tcase(s, tc);
	return argc < 2 || test_main(s);
}
