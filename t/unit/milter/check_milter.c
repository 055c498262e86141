/* check_milter.c - conversations with a real mxauthd, as MTAs hold them
 * (spec/milter.md section 11; the numbers are its rows). */
#include "t/support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "t/support/daemon.h"
#include "t/support/dnsd.h"
#include "t/support/milterclient.h"
#include "t/support/signer.h"

#define BASE                                \
	"authserv-id = \"mx.example.jp\"\n" \
	"trusted-networks = []\n"

/* 192.0.2.1 may send for all of them, nobody else. */
static const char zone_text[] =
    "example.com. 300 IN TXT \"v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all\"\n"
    "_dmarc.example.com. 300 IN TXT \"v=DMARC1; p=reject\"\n"
    "quarantine.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "_dmarc.quarantine.example. 300 IN TXT \"v=DMARC1; p=quarantine\"\n"
    "none.example. 300 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
    "_dmarc.none.example. 300 IN TXT \"v=DMARC1; p=none\"\n"
    "mail.example.com. 300 IN A 192.0.2.1\n"
    "mail.example.com. 300 IN TXT \"v=spf1 a -all\"\n"
    "1.2.0.192.in-addr.arpa. 300 IN PTR mail.example.com.\n";

#define GOOD_IP "192.0.2.1"
#define BAD_IP "198.51.100.7"

#define GOOD_TEXT                         \
	"From: Alice <a@example.com>\r\n" \
	"To: b@example.jp\r\n"            \
	"Subject: hello\r\n"              \
	"\r\n"                            \
	"Hello.\r\n"

static const struct mtc_message good = { .queue_id = "4XyZabc",
	.mail_from = "<a@example.com>",
	.rcpt = { "<b@example.jp>" },
	.text = GOOD_TEXT };

static struct daemon d;
static struct mtc *m;
static struct mtc_result r;
static struct mxa_arena *arena;
static EVP_PKEY *key;

/* The zone with the key of s1._domainkey.example.com. */
static const char *zone_with_key(void)
{
	struct mxa_str strings =
	    sign_key_strings(arena, sign_key_record(arena, key));

	return mxa_arena_printf(arena,
	    "%ss1._domainkey.example.com. 300 IN TXT %.*s\n", zone_text,
	    MXA_STR_ARG(strings));
}

static void setup(void)
{
	arena = mxa_arena_new();
	key = sign_key_load(test_path("keys/rsa2048.pem"));
	ck_assert_ptr_nonnull(key);
	daemon_init(&d);
	daemon_zone(&d, zone_with_key());
	daemon_config(&d, "", BASE);
	daemon_start(&d);
}

/* Every test ends with an orderly stop: under AddressSanitizer that is where
 * leaks are found. */
static void teardown(void)
{
	mtc_result_free(&r);
	mtc_close(m);
	m = NULL;
	if (d.pid > 0)
		daemon_stop(&d);
	daemon_done(&d);
	EVP_PKEY_free(key);
	mxa_arena_free(arena);
}

static void restart(const char *rest)
{
	daemon_stop(&d);
	daemon_config(&d, "", rest);
	daemon_start(&d);
}

/* --- the MTA --- */

static void open_mta(const struct mtc_offer *offer)
{
	m = mtc_open(d.socket);
	ck_assert_ptr_nonnull(m);
	ck_assert(mtc_negotiate(m, offer));
	mtc_macros(m, 'C', "j", "mta.example.jp", NULL);
}

/* What a step is answered with when nothing is to be said: nothing where that
 * was agreed. */
static void goes_on(enum mtc_reply reply)
{
	ck_assert_msg(
	    reply == MTC_NONE || reply == MTC_CONTINUE, "answered '%c'", reply);
}

static void open_client(const struct mtc_offer *offer, const char *ip)
{
	open_mta(offer);
	goes_on(mtc_connect(m, "mail.example.com", ip));
	goes_on(mtc_helo(m, "mail.example.com"));
}

static void send_message(const struct mtc_message *msg)
{
	mtc_result_free(&r);
	mtc_send(m, msg, &r);
}

static void send_text(const char *text)
{
	struct mtc_message msg = good;

	msg.text = text;
	send_message(&msg);
}

/* --- what came back --- */

static void is_delivered(void)
{
	ck_assert_msg(r.reply == MTC_CONTINUE, "answered '%c' %s; log: %s",
	    r.reply, r.text ? r.text : "", daemon_log_text(&d));
}

static const char *authres(void)
{
	const struct mtc_edit *e =
	    mtc_find(&r, 'i', "Authentication-Results", 0);

	ck_assert_msg(e != NULL, "no Authentication-Results; log: %s",
	    daemon_log_text(&d));
	ck_assert_uint_eq(e->index, 0);
	ck_assert_ptr_null(mtc_find(&r, 'i', "Authentication-Results", 1));
	return e->value;
}

/* Folds count as the space that they are. */
static void has(const char *folded, const char *what)
{
	char *text = mxa_arena_strdup(arena, folded, strlen(folded));
	char *to = text;

	for (const char *c = folded; *c != '\0'; c++)
		if (*c != '\n')
			*to++ = *c == '\t' ? ' ' : *c;
	*to = '\0';
	ck_assert_msg(strstr(text, what) != NULL, "no \"%s\" in: %s; log: %s",
	    what, text, daemon_log_text(&d));
}

static void logged(const char *what)
{
	ck_assert_msg(daemon_logged(&d, what, 2000), "no \"%s\" in: %s", what,
	    daemon_log_text(&d));
}

static void is_refused(void)
{
	ck_assert_msg(r.reply == MTC_REPLYCODE, "answered '%c'; log: %s",
	    r.reply, daemon_log_text(&d));
	ck_assert_msg(strncmp(r.text, "550-5.7.26 ", 11) == 0, "%s", r.text);
	ck_assert_uint_eq(r.n, 0);
}

/* --- protocols --- */

static const struct {
	const char *name;
	const struct mtc_offer *offer;
	unsigned replies; /* of connection and one message: round trips */
	bool exact;
} offers[] = {
	{ "Postfix", &mtc_postfix, 1, true },
	{ "Sendmail", &mtc_sendmail, 1, true },
	/* connect helo mail rcpt 3 headers eoh body eom; DATA where it exists
	 * and cannot be turned off */
	{ "2", &mtc_version2, 10, false },
	{ "3", &mtc_version3, 10, false },
	{ "4", &mtc_version4, 10, false },
	{ "6 without NR", &mtc_no_noreply, 10, true },
};

START_TEST(speaks_protocol)
{
	open_client(offers[_i].offer, GOOD_IP);
	ck_assert_int_eq(
	    (mtc_agreed(m)->steps & MTC_LEADSPC) != 0, offers[_i].exact);
	send_message(&good);
	is_delivered();
	ck_assert_uint_eq(mtc_replies(m), offers[_i].replies);
	has(authres(), "mx.example.jp; spf=");
	has(authres(), "spf=pass smtp.mailfrom=example.com");
	has(authres(), "dmarc=pass");
	ck_assert_int_eq(authres()[0] == ' ', offers[_i].exact);
	logged("4XyZabc: ip=192.0.2.1 helo=mail.example.com "
	       "mfrom=a@example.com from=example.com spf=pass dkim=none");
}
END_TEST

/* Refusal works in each protocol as well. */
START_TEST(refuses_in_protocol)
{
	open_client(offers[_i].offer, BAD_IP);
	send_message(&good);
	is_refused();
	logged("action=reject");
}
END_TEST

START_TEST(asks_for_its_macros)
{
	open_client(&mtc_postfix, GOOD_IP);
	ck_assert_str_eq(mtc_symlist(m, 0), "j {daemon_name}");
	ck_assert_str_eq(
	    mtc_symlist(m, 2), "i {mail_addr} {auth_type} {auth_authen}");
	ck_assert_str_eq(mtc_symlist(m, 5), "i");
	ck_assert_str_eq(mtc_symlist(m, 6), "i");
}
END_TEST

/* A rule for one listener of the MTA. */
START_TEST(rule_by_daemon_name)
{
	daemon_stop(&d);
	daemon_config(&d, "",
	    mxa_arena_printf(arena, BASE "policy-file = \"%s\"\n", d.policy));
	daemon_write(d.policy,
	    "rules = ( { daemon-name = \"fetch\" profile = \"monitor\" } "
	    ");\n");
	daemon_start(&d);
	open_mta(&mtc_postfix);
	mtc_macros(
	    m, 'C', "j", "mta.example.jp", "{daemon_name}", "Fetch", NULL);
	goes_on(mtc_connect(m, "mail.example.com", BAD_IP));
	goes_on(mtc_helo(m, "mail.example.com"));
	send_message(&good);
	is_delivered();
	logged("rule=policy.conf:1");
	mtc_close(m);
	open_client(&mtc_postfix, BAD_IP);
	send_message(&good);
	is_refused();
}
END_TEST

START_TEST(unfit_mta_is_refused)
{
	struct mtc_offer no_change = mtc_postfix;

	no_change.actions &= ~(uint32_t)MTC_ACT_CHGHDRS;
	m = mtc_open(d.socket);
	ck_assert(!mtc_negotiate(m, &no_change));
	logged("connection refused: the MTA offers actions 0x1ef");
}
END_TEST

/* One TXT record of two is illegal: the policy counts all the same. */
START_TEST(illegal_txt_record)
{
	daemon_stop(&d);
	test_dnsd_stop(d.dns);
	daemon_zone(&d,
	    ";? empty-txt _dmarc.odd.example\n"
	    "odd.example. TXT \"v=spf1 -all\"\n"
	    "_dmarc.odd.example. TXT \"v=DMARC1; p=reject\"\n");
	daemon_config(&d, "", BASE);
	daemon_start(&d);
	open_client(&mtc_postfix, BAD_IP);
	send_text("From: a@odd.example\r\n\r\n.\r\n");
	is_refused();
	logged("dmarc=fail policy=reject ");
}
END_TEST

/* QUIT_NC: the socket serves the MTA's next client, without negotiation. */
START_TEST(next_client_on_the_same_socket)
{
	open_client(&mtc_postfix, GOOD_IP);
	send_message(&good);
	is_delivered();
	mtc_packet(m, 'K', NULL, 0);
	mtc_macros(m, 'C', "j", "mta.example.jp", NULL);
	goes_on(mtc_connect(m, "mail.example.com", BAD_IP));
	goes_on(mtc_helo(m, "mail.example.com"));
	send_message(&good);
	is_refused();
}
END_TEST

/* --- several messages --- */

START_TEST(row_1_two_messages)
{
	struct mtc_message other = good;

	open_client(&mtc_postfix, BAD_IP);
	send_message(&good);
	is_refused();
	other.queue_id = "4XyZdef";
	other.mail_from = "<c@none.example>";
	other.text = "From: c@none.example\r\nSubject: x\r\n\r\nBody.\r\n";
	send_message(&other);
	is_delivered();
	has(authres(), "spf=fail");
	has(authres(), "smtp.mailfrom=none.example");
	has(authres(), "header.from=none.example");
	ck_assert_ptr_null(strstr(authres(), "example.com"));
	logged("4XyZdef: ");
}
END_TEST

START_TEST(row_2_rset)
{
	open_client(&mtc_postfix, BAD_IP);
	for (int i = 0; i < 3; i++) {
		mtc_mail(m, "<x@quarantine.example>", NULL);
		if (i > 0)
			mtc_rcpt(m, "<b@example.jp>", NULL);
		if (i > 1)
			mtc_header(m, "From", " x@quarantine.example");
		mtc_abort(m);
	}
	send_message(&good);
	is_refused();
	ck_assert_ptr_null(strstr(daemon_log_text(&d), "quarantine.example"));
	ck_assert_uint_eq(daemon_log_count(&d, "4XyZabc: "), 1);
}
END_TEST

/* EHLO in the middle, as after STARTTLS, and MAIL without an end before it. */
START_TEST(helo_and_mail_again)
{
	open_client(&mtc_postfix, GOOD_IP);
	mtc_mail(m, "<x@none.example>", NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	mtc_helo(m, "second.example.com");
	mtc_mail(m, "<y@none.example>", NULL);
	send_message(&good);
	is_delivered();
	logged("helo=second.example.com mfrom=a@example.com");
}
END_TEST

START_TEST(row_3_disconnect)
{
	const char *at[] = { "connect", "mail", "rcpt", "header", "eoh", "body",
		"eom" };

	for (size_t stop = 0; stop < MXA_ARRAY_LEN(at); stop++) {
		open_client(&mtc_postfix, GOOD_IP);
		if (stop > 0)
			mtc_mail(m, "<a@example.com>", NULL);
		if (stop > 1)
			mtc_rcpt(m, "<b@example.jp>", NULL);
		if (stop > 2)
			mtc_header(m, "From", " a@example.com");
		if (stop > 3)
			mtc_eoh(m);
		if (stop > 4)
			mtc_body(m, "Body.\r\n", 7);
		if (stop > 5)
			mtc_eom(m);
		mtc_flush(m);
		mtc_close(m);
		m = NULL;
	}
	open_client(&mtc_postfix, GOOD_IP);
	send_message(&good);
	is_delivered();
}
END_TEST

START_TEST(row_4_nothing_said)
{
	m = mtc_open(d.socket);
	mtc_close(m);
	m = mtc_open(d.socket);
	ck_assert(mtc_negotiate(m, &mtc_postfix));
	mtc_close(m);
	m = mtc_open(d.socket);
	mtc_packet(m, 'C', "x", 2); /* before negotiation */
	mtc_flush(m);
	mtc_close(m);
	m = mtc_open(d.socket);
	mtc_packet(m, 'O', "short", 5);
	mtc_flush(m);
	mtc_close(m);
	open_client(&mtc_postfix, GOOD_IP);
	send_message(&good);
	is_delivered();
	ck_assert_uint_eq(daemon_log_count(&d, " action="), 1);
}
END_TEST

/* --- header --- */

START_TEST(row_5_forged_fields)
{
	static const unsigned want[] = { 5, 4, 2, 1 };

	open_client(&mtc_postfix, GOOD_IP);
	send_text("Authentication-Results: mx.example.jp; spf=pass\r\n"
		  "AUTHENTICATION-RESULTS: (c) \"MX.Example.JP\" 1; none\r\n"
		  "From: a@example.com\r\n"
		  "Authentication-Results: other.example; spf=pass\r\n"
		  "Authentication-Results:\r\n\tmx.example.jp\r\n ; none\r\n"
		  "authentication-results : mx.example.jp\r\n"
		  "Authentication-Results: mx.example.jp.evil.example; none\r\n"
		  "\r\nBody.\r\n");
	is_delivered();
	for (size_t i = 0; i < MXA_ARRAY_LEN(want); i++) {
		const struct mtc_edit *e = &r.edit[i];

		ck_assert_int_eq(e->kind, 'm');
		ck_assert_str_eq(e->name, "Authentication-Results");
		ck_assert_str_eq(e->value, "");
		ck_assert_uint_eq(e->index, want[i]);
	}
	ck_assert_ptr_null(mtc_find(&r, 'm', NULL, MXA_ARRAY_LEN(want)));
	/* ours last, so that it stands on top */
	ck_assert_str_eq(r.edit[r.n - 1].name, "Authentication-Results");
	ck_assert_int_eq(r.edit[r.n - 1].kind, 'i');
	logged(" forged=4");
}
END_TEST

START_TEST(own_name_from_the_mta)
{
	restart("trusted-networks = []\n");
	open_client(&mtc_postfix, GOOD_IP);
	send_text("Authentication-Results: mta.example.jp; spf=pass\r\n"
		  "From: a@example.com\r\n\r\n.\r\n");
	is_delivered();
	has(authres(), "mta.example.jp;");
	ck_assert_ptr_nonnull(mtc_find(&r, 'm', "Authentication-Results", 0));
}
END_TEST

START_TEST(aliases_are_ours)
{
	restart(BASE "header: { aliases = [\"old.example.jp\"] }\n");
	open_client(&mtc_postfix, GOOD_IP);
	send_text("From: a@example.com\r\n"
		  "Authentication-Results: old.example.jp; spf=pass\r\n"
		  "\r\n.\r\n");
	is_delivered();
	ck_assert_ptr_nonnull(mtc_find(&r, 'm', "Authentication-Results", 0));
}
END_TEST

START_TEST(received_spf_below_ours)
{
	open_client(&mtc_postfix, GOOD_IP);
	send_message(&good);
	ck_assert_uint_eq(r.n, 2);
	ck_assert_str_eq(r.edit[0].name, "Received-SPF");
	ck_assert(strncmp(r.edit[0].value, " pass ", 6) == 0);
	ck_assert_str_eq(r.edit[1].name, "Authentication-Results");
}
END_TEST

/* A message signed by example.com; 'from' is the whole field. */
static const char *signed_text(const char *from, const char *canon)
{
	const char *text = mxa_arena_printf(arena,
	    "%s\r\nTo: b@example.jp\r\nSubject:no space\r\n\r\nBody.\r\n",
	    from);
	struct sign_options o = { .key = key,
		.domain = "example.com",
		.selector = "s1",
		.canon = canon,
		.headers = "from:to:subject" };
	struct mxa_str sig = sign_dkim(arena, mxa_str_from(text), &o);

	return mxa_arena_printf(arena, "%.*s%s", MXA_STR_ARG(sig), text);
}

static const struct {
	const char *name, *from;
} spaces[] = {
	{ "usual", "From: a@example.com" },
	{ "none", "From:a@example.com" },
	{ "two", "From:  a@example.com" },
	{ "tab", "From:\ta@example.com" },
	{ "fold at once", "From:\r\n a@example.com" },
	{ "fold and trailing space", "From: A\r\n\t <a@example.com> " },
};

START_TEST(row_10_exact_bytes)
{
	open_client(&mtc_postfix, BAD_IP);
	send_text(signed_text(spaces[_i].from, "simple/simple"));
	is_delivered();
	has(authres(), "dkim=pass");
	has(authres(), "header.d=example.com");
	has(authres(), "dmarc=pass");
}
END_TEST

/* An MTA that does not hand over the space: relaxed signatures do not care. */
START_TEST(space_not_handed_over)
{
	open_client(&mtc_version2, BAD_IP);
	send_text(signed_text(spaces[_i].from, "relaxed/relaxed"));
	is_delivered();
	has(authres(), "dkim=pass");
	has(authres(), "header.d=example.com");
}
END_TEST

/* The body arrives in chunks that split anywhere. */
START_TEST(body_in_pieces)
{
	const char *text = signed_text("From: a@example.com", "simple/simple");
	struct mxa_str body = MXA_STR("Body.\r\n");

	open_client(&mtc_postfix, BAD_IP);
	mtc_mail(m, good.mail_from, NULL);
	mtc_rcpt(m, good.rcpt[0], NULL);
	for (const char *p = text; *p != '\r';) {
		const char *colon = strchr(p, ':'), *end = colon;
		char *name, *value, *to;

		while (end[2] == ' ' || end[2] == '\t' || *end != '\r')
			end++;
		name = mxa_arena_strdup(arena, p, (size_t)(colon - p));
		value = mxa_arena_strdup(
		    arena, colon + 1, (size_t)(end - colon - 1));
		to = value; /* folds lose their CR on the way */
		for (char *c = value; *c != '\0'; c++)
			if (*c != '\r')
				*to++ = *c;
		*to = '\0';
		mtc_header(m, name, value);
		p = end + 2;
	}
	mtc_eoh(m);
	for (size_t i = 0; i < body.len; i++)
		mtc_body(m, body.p + i, 1);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_delivered();
	has(authres(), "dkim=pass");
}
END_TEST

/* --- refusal --- */

START_TEST(refusal_in_four_lines)
{
	open_client(&mtc_postfix, BAD_IP);
	send_message(&good);
	is_refused();
	has(r.text,
	    "Mail from example.com is refused: its DMARC policy is "
	    "reject");
	ck_assert_ptr_nonnull(strstr(r.text,
	    "\r\n550 5.7.26 ref=4XyZabc@mx.example.jp spf=fail "
	    "dkim=none dmarc=fail"));
}
END_TEST

START_TEST(row_6_percent)
{
	restart(BASE "texts: { reject = \"%{domain}: 100%% refused\" }\n");
	open_client(&mtc_postfix, BAD_IP);
	send_message(&good);
	is_refused();
	/* what the MTA makes one of */
	has(r.text, "example.com: 100%% refused");
	ck_assert_ptr_null(strstr(r.text, "100%%%"));
}
END_TEST

START_TEST(quarantine_in_strict)
{
	struct mtc_message msg = good;

	restart(BASE "profile = \"strict\"\n");
	msg.mail_from = "<a@quarantine.example>";
	msg.text = "From: a@quarantine.example\r\n\r\n.\r\n";
	open_client(&mtc_postfix, BAD_IP);
	send_message(&msg);
	is_delivered();
	ck_assert_ptr_nonnull(mtc_find(&r, 'q', NULL, 0));
	has(mtc_find(&r, 'q', NULL, 0)->value, "quarantine.example");
	has(authres(), "dmarc=fail");
	logged("action=quarantine");
}
END_TEST

START_TEST(row_13_no_quarantine)
{
	struct mtc_offer offer = mtc_postfix;
	struct mtc_message msg = good;

	restart(BASE "profile = \"strict\"\n");
	offer.actions &= ~(uint32_t)MTC_ACT_QUARANTINE;
	msg.mail_from = "<a@quarantine.example>";
	msg.text = "From: a@quarantine.example\r\n\r\n.\r\n";
	open_client(&offer, BAD_IP);
	for (int i = 0; i < 2; i++) {
		send_message(&msg);
		is_delivered();
		ck_assert_ptr_null(mtc_find(&r, 'q', NULL, 0));
		has(authres(), "dis=quarantine");
	}
	logged("action=tag");
	ck_assert_uint_eq(
	    daemon_log_count(&d, "does not let us quarantine"), 1);
}
END_TEST

START_TEST(monitor_never_refuses)
{
	restart(BASE "profile = \"monitor\"\n");
	open_client(&mtc_postfix, BAD_IP);
	send_message(&good);
	is_delivered();
	has(authres(), "dmarc=fail");
	logged("would=reject");
}
END_TEST

START_TEST(split_recipients)
{
	daemon_write(d.policy,
	    "rules = ( { recipient = \"lists.example.jp\" "
	    "profile = \"monitor\" } )\n");
	restart(mxa_arena_printf(arena,
	    BASE "recipients = \"split\"\npolicy-file = \"%s\"\n", d.policy));
	open_client(&mtc_postfix, BAD_IP);
	ck_assert_int_eq(mtc_agreed(m)->steps & MTC_NR_RCPT, 0);
	mtc_mail(m, "<a@example.com>", NULL);
	ck_assert_int_eq(mtc_rcpt(m, "<b@example.jp>", NULL), MTC_CONTINUE);
	ck_assert_int_eq(
	    mtc_rcpt(m, "<l@lists.example.jp>", NULL), MTC_REPLYCODE);
	ck_assert(strncmp(mtc_text(m), "452 4.5.3 ", 10) == 0);
	ck_assert_int_eq(mtc_rcpt(m, "<c@example.jp>", NULL), MTC_CONTINUE);
	mtc_header(m, "From", " a@example.com");
	mtc_eoh(m);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_refused();
}
END_TEST

/* --- who is not verified --- */

static void is_exempt(const char *why)
{
	is_delivered();
	ck_assert_ptr_null(mtc_find(&r, 'i', NULL, 0));
	logged(why);
}

#define FORGED                                                \
	"Authentication-Results: mx.example.jp; spf=pass\r\n" \
	"From: a@example.com\r\n\r\n.\r\n"

START_TEST(authenticated_client)
{
	struct mtc_message msg = good;

	msg.login = "alice";
	msg.text = FORGED;
	open_client(&mtc_postfix, BAD_IP);
	send_message(&msg);
	is_exempt("exempt=authenticated");
	ck_assert_uint_eq(r.n, 1); /* the forged field goes all the same */
	ck_assert_int_eq(r.edit[0].kind, 'm');
	/* the next one on this connection is not authenticated */
	msg = good;
	send_message(&msg);
	is_refused();
}
END_TEST

START_TEST(trusted_networks)
{
	restart("authserv-id = \"mx.example.jp\"\n"); /* loopback */
	open_client(&mtc_postfix, "127.0.0.1");
	send_text(FORGED);
	is_exempt("exempt=trusted-network");
	ck_assert_uint_eq(r.n, 1);
	mtc_close(m);
	open_client(&mtc_postfix, "::1");
	send_message(&good);
	is_exempt("exempt=trusted-network");
}
END_TEST

START_TEST(row_11_no_address)
{
	static const char *const ip[] = { NULL, "/run/x" };

	open_client(&mtc_postfix, ip[_i]);
	send_message(&good);
	is_exempt("exempt=local");
}
END_TEST

START_TEST(row_12_mapped_address)
{
	open_client(&mtc_postfix, "::ffff:192.0.2.1");
	send_message(&good);
	is_delivered();
	has(authres(), "spf=pass");
	logged("ip=192.0.2.1 ");
}
END_TEST

START_TEST(ipv6_client)
{
	open_client(&mtc_postfix, "2001:db8::1");
	send_message(&good);
	is_delivered();
	has(authres(), "spf=pass");
	logged("ip=2001:db8::1 ");
}
END_TEST

#define RELAYED                                                              \
	"Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n" \
	"\tby relay.example.jp (Postfix) with ESMTP id 4X;\r\n"              \
	"\tWed, 5 Nov 2026 10:00:00 +0000\r\n"

START_TEST(trusted_relay)
{
	restart(BASE "trusted-relays = [\"203.0.113.5\"]\n");
	open_client(&mtc_postfix, "203.0.113.5");
	send_text("Authentication-Results: mx.example.jp; none\r\n" RELAYED
		  "From: a@example.com\r\n\r\n.\r\n");
	is_delivered();
	ck_assert_ptr_null(mtc_find(&r, 'm', NULL, 0)); /* it may */
	has(authres(), "spf=pass");
	logged("ip=192.0.2.1 relay=203.0.113.5 ");
	/* the same field from a stranger names nobody */
	mtc_close(m);
	open_client(&mtc_postfix, BAD_IP);
	send_text(RELAYED "From: a@example.com\r\n\r\n.\r\n");
	is_refused();
}
END_TEST

/* Whether the field of that name and number (1: the topmost) was deleted. */
static bool deleted(const char *name, uint32_t index)
{
	const struct mtc_edit *e;

	for (size_t i = 0; (e = mtc_find(&r, 'm', name, i)) != NULL; i++)
		if (e->index == index && e->value[0] == '\0')
			return true;
	return false;
}

/* What stands below the relay's Received field, a stranger wrote; what stands
 * above it is the relay's. */
START_TEST(forged_behind_a_relay)
{
	restart(BASE "trusted-relays = [\"203.0.113.5\"]\n");
	open_client(&mtc_postfix, "203.0.113.5");
	send_text(
	    "Authentication-Results: mx.example.jp; arc=none\r\n"
	    "Received-SPF: pass (mx.example.jp: x) client-ip=192.0.2.1\r\n" RELAYED
	    "Authentication-Results: mx.example.jp; dmarc=pass\r\n"
	    "Authentication-Results: other.example; dmarc=pass\r\n"
	    "Received-SPF: pass receiver=MX.example.jp; helo=x\r\n"
	    "Received: from r (r [192.0.2.2]) by r (Postfix) with SMTP\r\n"
	    "Authentication-Results: (c) mx.example.jp; dmarc=pass\r\n"
	    "From: a@example.com\r\n\r\n.\r\n");
	is_delivered();
	ck_assert(!deleted("Authentication-Results", 1));
	ck_assert(deleted("Authentication-Results", 2));
	ck_assert(!deleted("Authentication-Results", 3));
	ck_assert(deleted("Authentication-Results", 4));
	ck_assert(!deleted("Received-SPF", 1));
	ck_assert(deleted("Received-SPF", 2));
	logged("forged=3");
}
END_TEST

/* A relay whose field does not fit: nobody knows the client. */
START_TEST(unknown_client_behind_a_relay)
{
	restart(BASE "trusted-relays = [\"203.0.113.5\"]\n");
	open_client(&mtc_postfix, "203.0.113.5");
	send_text("Received: from \"x (y [192.0.2.1])\" (z [198.51.100.7])\r\n"
		  "\tby relay.example.jp (Postfix) with ESMTP id 4X\r\n"
		  "Authentication-Results: mx.example.jp; dmarc=pass\r\n"
		  "From: a@example.com\r\n\r\n.\r\n");
	is_refused();
	logged("ip=- relay=203.0.113.5 ");
	logged("spf=none ");
	logged("trusted-relays: the client behind 203.0.113.5 is unknown");
	send_text("From: a@example.com\r\n\r\n.\r\n");
	is_refused();
}
END_TEST

/* Without a relay as well; the setting leaves them. */
START_TEST(forged_received_spf)
{
	static const char text[] =
	    "Received-SPF: pass receiver=other.example; helo=x\r\n"
	    "Received-SPF: pass (other.example: x) "
	    "receiver=\"mx.example.jp\"\r\n"
	    "From: a@example.com\r\n\r\n.\r\n";

	open_client(&mtc_postfix, GOOD_IP);
	send_text(text);
	is_delivered();
	ck_assert(!deleted("Received-SPF", 1));
	ck_assert(deleted("Received-SPF", 2));
	mtc_close(m);
	m = NULL;
	restart(BASE "header: { remove-received-spf = false }\n");
	open_client(&mtc_postfix, GOOD_IP);
	send_text(text);
	is_delivered();
	ck_assert_ptr_null(mtc_find(&r, 'm', NULL, 0));
}
END_TEST

/* A signature behind a relay: fields come before the client is known. */
START_TEST(relayed_signature)
{
	restart(BASE "trusted-relays = [\"203.0.113.5\"]\n");
	open_client(&mtc_postfix, "203.0.113.5");
	send_text(mxa_arena_printf(arena, "%s%s",
	    "Received: from x (x [198.51.100.7]) by relay.example.jp "
	    "(Postfix)\r\n",
	    signed_text("From: a@example.com", "relaxed/relaxed")));
	is_delivered();
	has(authres(), "dkim=pass");
	has(authres(), "header.d=example.com");
	has(authres(), "spf=fail");
}
END_TEST

/* --- odd messages --- */

START_TEST(row_7_no_queue_id)
{
	struct mtc_message msg = good;

	msg.queue_id = NULL;
	open_client(&mtc_postfix, GOOD_IP);
	send_message(&msg);
	is_delivered();
	logged("NOQUEUE: ip=");
}
END_TEST

START_TEST(queue_id_from_mail_on)
{
	struct mtc_message msg = good;

	msg.early_id = true;
	open_client(&mtc_sendmail, GOOD_IP);
	send_message(&msg);
	is_delivered();
	logged("4XyZabc: ip=");
}
END_TEST

START_TEST(null_sender)
{
	struct mtc_message msg = good;

	msg.mail_from = "<>";
	open_client(&mtc_postfix, GOOD_IP);
	send_message(&msg);
	is_delivered();
	has(authres(), "smtp.helo=mail.example.com");
}
END_TEST

/* Every step that can be absent is. */
/* A message without any author is refused by default (t/cases/daemon.sh). */
#define TAG_NO_AUTHOR "actions: { no-author = \"tag\" }\n"

START_TEST(only_end_of_message)
{
	restart(BASE TAG_NO_AUTHOR);
	open_client(&mtc_postfix, GOOD_IP);
	mtc_mail(m, "<a@example.com>", NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_delivered();
	has(authres(), "dmarc=none");
	mtc_result_free(&r);
	mtc_mail(m, "<a@example.com>", NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	mtc_header(m, "From", " a@example.com");
	mtc_eoh(m); /* libmilter takes no end of message without it */
	mtc_eom(m);
	mtc_finish(m, &r);
	is_delivered();
	has(authres(), "dmarc=pass");
}
END_TEST

START_TEST(end_without_message)
{
	open_client(&mtc_postfix, GOOD_IP);
	mtc_timeout(m, 500);
	mtc_eom(m);
	mtc_finish(m, &r);
	/* libmilter ignores it, or we defer: nothing is accepted unseen */
	ck_assert_msg(r.reply == MTC_GONE || r.reply == MTC_TEMPFAIL,
	    "answered '%c'", r.reply);
}
END_TEST

static const struct {
	const char *name, *text, *want;
} odd[] = {
	{ "no From", "Subject: x\r\n\r\n.\r\n", "dmarc=none" },
	{ "three From",
	    "From: a@example.com\r\nFrom: b@none.example\r\n"
	    "From: c@example.com\r\n\r\n.\r\n",
	    "dmarc=" },
	{ "empty From", "From:\r\n\r\n.\r\n", "dmarc=none" },
	{ "no body", "From: a@example.com\r\n\r\n", "dmarc=pass" },
	{ "eight-bit header",
	    "From: a@example.com\r\nSubject: \xff\xfe\x80"
	    "\r\n\r\n.\r\n",
	    "dmarc=pass" },
	{ "controls in From",
	    "From: \x01\x02\x1b[2J <a@example.com>"
	    "\r\n\r\n.\r\n",
	    "spf=pass" },
	{ "signature of rubbish",
	    "DKIM-Signature: \"\x80;;;==\r\nFrom: a@example.com\r\n\r\n.\r\n",
	    "dkim=neutral" },
};

START_TEST(odd_message)
{
	restart(BASE TAG_NO_AUTHOR);
	open_client(&mtc_postfix, GOOD_IP);
	send_text(odd[_i].text);
	is_delivered();
	has(authres(), odd[_i].want);
	for (const char *c = authres(); *c != '\0'; c++)
		ck_assert_msg((unsigned char)*c < 0x7f &&
			(*c >= ' ' || *c == '\n' || *c == '\t'),
		    "%s: byte 0x%02x in %s", odd[_i].name, (unsigned char)*c,
		    authres());
}
END_TEST

START_TEST(ten_thousand_fields)
{
	open_client(&mtc_postfix, GOOD_IP);
	mtc_mail(m, "<a@example.com>", NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	for (int i = 0; i < 5000; i++) {
		mtc_header(m, "X-Filler", " some text that says nothing");
		mtc_header(m, "Authentication-Results",
		    i % 100 ? " a.example; none" : " mx.example.jp; spf=pass");
	}
	mtc_header(m, "From", " a@example.com");
	mtc_eoh(m);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_delivered();
	has(authres(), "dmarc=pass");
	ck_assert_ptr_nonnull(mtc_find(&r, 'm', NULL, 49));
	ck_assert_ptr_null(mtc_find(&r, 'm', NULL, 50));
	ck_assert_uint_eq(mtc_find(&r, 'm', NULL, 0)->index, 4901);
	ck_assert_uint_eq(mtc_find(&r, 'm', NULL, 49)->index, 1);
}
END_TEST

/* More fields than are kept: the From behind them still counts. */
START_TEST(more_fields_than_kept)
{
	open_client(&mtc_postfix, BAD_IP);
	mtc_mail(m, "<a@example.com>", NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	for (int i = 0; i < 25000; i++)
		mtc_header(m, "X-Filler", " x");
	mtc_header(m, "From", " a@example.com");
	mtc_header(m, "Authentication-Results", " mx.example.jp; spf=pass");
	mtc_eoh(m);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_refused();
}
END_TEST

START_TEST(megabyte_in_one_field)
{
	size_t len = (size_t)3 << 19; /* 1.5 MiB: cut, with a note */
	char *value = mxa_arena_alloc(arena, len + 1);

	memset(value, 'x', len);
	for (size_t i = 0; i + 1 < len; i += 900)
		memcpy(value + i, "\n ", 2);
	value[len] = '\0';
	open_client(&mtc_postfix, GOOD_IP);
	mtc_mail(m, "<a@example.com>", NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	mtc_header(m, "X-Long", value);
	mtc_header(m, "From", " a@example.com");
	mtc_eoh(m);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_delivered();
	has(authres(), "dmarc=pass");
}
END_TEST

START_TEST(nul_bytes)
{
	static const char body[] = "a\0b\r\n\0\0\r\n";

	open_client(&mtc_postfix, GOOD_IP);
	mtc_mail(m, "<a@example.com>", NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	mtc_packet(m, 'L', "X-Nul\0 a\0b", 10 + 1);
	mtc_header(m, "From", " a@example.com");
	mtc_eoh(m);
	mtc_body(m, body, sizeof(body) - 1);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_delivered();
	has(authres(), "dmarc=pass");
}
END_TEST

START_TEST(thousand_recipients)
{
	char to[64];

	open_client(&mtc_postfix, GOOD_IP);
	mtc_mail(m, "<a@example.com>", NULL);
	for (int i = 0; i < 1500; i++) {
		snprintf(to, sizeof(to), "<user%d@example.jp>", i);
		mtc_rcpt(m, to, NULL);
	}
	mtc_header(m, "From", " a@example.com");
	mtc_eoh(m);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_delivered();
}
END_TEST

START_TEST(long_envelope)
{
	char *from = mxa_arena_alloc(arena, 60003);

	memset(from, 'a', 60000);
	from[0] = '<';
	memcpy(from + 59000, "@example.com>", 14);
	open_client(&mtc_postfix, GOOD_IP);
	mtc_mail(m, from, NULL);
	mtc_rcpt(m, "<b@example.jp>", NULL);
	mtc_header(m, "From", " a@example.com");
	mtc_eoh(m);
	mtc_eom(m);
	mtc_finish(m, &r);
	is_delivered();
	has(authres(), "header.from=example.com");
	ck_assert_uint_lt(strlen(daemon_log_text(&d)), 5000);
}
END_TEST

/* --- steps in any order --- */

static unsigned random_state;

static unsigned pick(unsigned n)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 16) % n;
}

static void random_header(struct mtc *c)
{
	static const char *const fields[][2] = {
		{ "From", " a@example.com" },
		{ "From", " <b@none.example>, c@quarantine.example" },
		{ "from", "" },
		{ "Authentication-Results", " mx.example.jp; none" },
		{ "Authentication-Results", "\n\tmx.example.jp" },
		{ "DKIM-Signature",
		    " v=1; a=rsa-sha256; d=example.com; s=s1; "
		    "h=from; bh=AAAA; b=AAAA" },
		{ "DKIM-Signature", ";;;" },
		{ "ARC-Seal", " i=1; cv=none; d=example.com; s=s1; b=" },
		{ "Received", " from x ([192.0.2.1]) by relay.example.jp" },
		{ "X", " y\n z" },
	};
	unsigned i = pick(MXA_ARRAY_LEN(fields));

	mtc_header(c, fields[i][0], fields[i][1]);
}

static void random_step(struct mtc *c)
{
	static const char *const from[] = { "<a@example.com>", "<>",
		"<x@none.example>", "garbage", "<@>" };
	static const char body[] = "\r\n.\r\r\n\0 \t\r\nBody.";

	switch (pick(12)) {
	case 0:
		mtc_helo(c, pick(2) ? "mail.example.com" : "");
		break;
	case 1:
	case 2:
		if (pick(8) == 0)
			mtc_macros(c, 'M', "{auth_authen}", "u", NULL);
		mtc_mail(c, from[pick(5)], pick(2) ? NULL : "SMTPUTF8", NULL);
		break;
	case 3:
	case 4:
		mtc_rcpt(c, pick(4) ? "<b@example.jp>" : "", NULL);
		break;
	case 5:
	case 6:
		random_header(c);
		break;
	case 7:
		mtc_eoh(c);
		break;
	case 8:
		mtc_body(c, body, 1 + pick(sizeof(body) - 1));
		break;
	case 9:
	case 10:
		mtc_macros(c, 'E', "i", "4XyZwalk", NULL);
		mtc_eom(c);
		break;
	default:
		mtc_abort(c);
	}
}

/* Answers are not awaited: what is out of order gets none. */
static void drop_answers(struct mtc *c)
{
	char scrap[4096];

	mtc_flush(c);
	while (recv(mtc_fd(c), scrap, sizeof(scrap), MSG_DONTWAIT) > 0)
		;
}

/* Whatever an MTA does in whatever order, on several connections at once, the
 * next message gets its verdict. */
START_TEST(random_walk)
{
	struct mtc *walker[4] = { NULL };

	random_state = (unsigned)_i + 1;
	for (int step = 0; step < 3000; step++) {
		unsigned i = pick(4);

		if (walker[i] == NULL) {
			open_client(&mtc_postfix, pick(8) ? GOOD_IP : NULL);
			walker[i] = m;
			m = NULL;
		}
		random_step(walker[i]);
		drop_answers(walker[i]);
		if (pick(100) == 0) {
			mtc_close(walker[i]);
			walker[i] = NULL;
		}
	}
	for (int i = 0; i < 4; i++)
		mtc_close(walker[i]);
	/* it did get somewhere */
	ck_assert_uint_gt(daemon_log_count(&d, "4XyZwalk: "), 5);
	open_client(&mtc_postfix, GOOD_IP);
	send_message(&good);
	is_delivered();
	has(authres(), "dmarc=pass");
}
END_TEST

/* --- suite --- */

static TCase *with_daemon(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	return tc;
}

static TCase *conversations(void)
{
	TCase *tc = with_daemon("conversation");

	tcase_add_loop_test(tc, speaks_protocol, 0, MXA_ARRAY_LEN(offers));
	tcase_add_loop_test(tc, refuses_in_protocol, 0, MXA_ARRAY_LEN(offers));
	tcase_add_test(tc, asks_for_its_macros);
	tcase_add_test(tc, rule_by_daemon_name);
	tcase_add_test(tc, illegal_txt_record);
	tcase_add_test(tc, unfit_mta_is_refused);
	tcase_add_test(tc, next_client_on_the_same_socket);
	tcase_add_test(tc, row_1_two_messages);
	tcase_add_test(tc, row_2_rset);
	tcase_add_test(tc, helo_and_mail_again);
	tcase_add_test(tc, row_3_disconnect);
	tcase_add_test(tc, row_4_nothing_said);
	tcase_add_loop_test(tc, random_walk, 0, 3);
	return tc;
}

static TCase *contents(void)
{
	TCase *tc = with_daemon("content");

	tcase_add_test(tc, row_5_forged_fields);
	tcase_add_test(tc, own_name_from_the_mta);
	tcase_add_test(tc, aliases_are_ours);
	tcase_add_test(tc, received_spf_below_ours);
	tcase_add_loop_test(tc, row_10_exact_bytes, 0, MXA_ARRAY_LEN(spaces));
	tcase_add_loop_test(
	    tc, space_not_handed_over, 0, MXA_ARRAY_LEN(spaces));
	tcase_add_test(tc, body_in_pieces);
	return tc;
}

static TCase *actions(void)
{
	TCase *tc = with_daemon("action");

	tcase_add_test(tc, refusal_in_four_lines);
	tcase_add_test(tc, row_6_percent);
	tcase_add_test(tc, quarantine_in_strict);
	tcase_add_test(tc, row_13_no_quarantine);
	tcase_add_test(tc, monitor_never_refuses);
	tcase_add_test(tc, split_recipients);
	tcase_add_test(tc, authenticated_client);
	tcase_add_test(tc, trusted_networks);
	tcase_add_loop_test(tc, row_11_no_address, 0, 2);
	tcase_add_test(tc, row_12_mapped_address);
	tcase_add_test(tc, ipv6_client);
	tcase_add_test(tc, trusted_relay);
	tcase_add_test(tc, relayed_signature);
	tcase_add_test(tc, forged_behind_a_relay);
	tcase_add_test(tc, unknown_client_behind_a_relay);
	tcase_add_test(tc, forged_received_spf);
	return tc;
}

static TCase *odd_messages(void)
{
	TCase *tc = with_daemon("odd");

	tcase_add_test(tc, row_7_no_queue_id);
	tcase_add_test(tc, queue_id_from_mail_on);
	tcase_add_test(tc, null_sender);
	tcase_add_test(tc, only_end_of_message);
	tcase_add_test(tc, end_without_message);
	tcase_add_loop_test(tc, odd_message, 0, MXA_ARRAY_LEN(odd));
	tcase_add_test(tc, ten_thousand_fields);
	tcase_add_test(tc, more_fields_than_kept);
	tcase_add_test(tc, megabyte_in_one_field);
	tcase_add_test(tc, nul_bytes);
	tcase_add_test(tc, thousand_recipients);
	tcase_add_test(tc, long_envelope);
	return tc;
}

int main(void)
{
	Suite *s = suite_create("milter");

	suite_add_tcase(s, conversations());
	suite_add_tcase(s, contents());
	suite_add_tcase(s, actions());
	suite_add_tcase(s, odd_messages());
	return test_main(s);
}
