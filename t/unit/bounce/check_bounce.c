/* check_bounce.c - whole bounces, and parts of some: what is read of each
 * recipient, and of the message that failed. */
#include "bounce/bounce.h"

#include <string.h>

#include "t/support/testing.h"

static struct mxa_arena *arena;
static struct mxa_buf seen;

static void open_arena(void)
{
	arena = mxa_arena_new();
	mxa_buf_init(&seen, arena, 1 << 20);
}

static void close_arena(void)
{
	mxa_arena_free(arena);
}

/* " NAME=VALUE" of what is there */
static void show(const char *name, struct mxa_str value)
{
	if (value.len > 0)
		mxa_buf_printf(&seen, " %s=%.*s", name, MXA_STR_ARG(value));
}

static void show_failure(const struct mxa_failure *f)
{
	char ip[MXA_IP_TEXT];

	mxa_buf_addstr(&seen, f->recipient);
	show("original", f->original);
	show("remote", f->remote_mta);
	show("code", mxa_str_from(f->said.code));
	show("status", f->status);
	show("stage", mxa_str_from(mxa_stage_name(f->said.stage)));
	show("class", mxa_str_from(mxa_refusal_class_name(f->refusal.class)));
	show("domain", f->domain);
	show("identity", mxa_str_from(mxa_identity_name(f->identity)));
	if (f->ip.family != 0)
		show("ip", mxa_str_from(mxa_ip_format(&f->ip, ip)));
	if (f->temporary)
		mxa_buf_adds(&seen, " temporary");
	mxa_buf_printf(&seen, ": %.*s\n", MXA_STR_ARG(f->said.text));
}

/* Everything of 'text' as lines: the message, then its recipients. */
static const char *read_text(const char *text)
{
	struct mxa_bounce b;

	mxa_bounce_read(arena, mxa_str_from(text), &b);
	mxa_buf_adds(&seen, mxa_bounce_kind_name(b.kind));
	show("by", b.reporting_mta);
	show("sender", b.returned.mail_from);
	show("author", b.returned.author);
	show("to", b.returned.to);
	show("received", b.returned.received_by);
	show("forwarded", b.returned.forwarded_by);
	for (size_t i = 0; i < b.returned.n_sigs; i++) {
		show("d", b.returned.sig[i].domain);
		show("s", b.returned.sig[i].selector);
	}
	if (b.returned.list)
		mxa_buf_adds(&seen, " list");
	if (b.returned.resent)
		mxa_buf_adds(&seen, " resent");
	if (b.returned.passed_before)
		mxa_buf_adds(&seen, " passed");
	mxa_buf_addc(&seen, '\n');
	for (size_t i = 0; i < b.n; i++)
		show_failure(&b.v[i]);
	return mxa_buf_cstr(&seen);
}

struct row {
	const char *name, *in, *want;
};

#define BY "Reporting-MTA: dns; mail.firm.example\n\n"
#define TO "Final-Recipient: rfc822; u@rcpt.example\n"
#define FAILED "Action: failed\n"
#define SAID "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
#define UNKNOWN                                                          \
	"u@rcpt.example remote=mail.firm.example code=550 status=5.1.1 " \
	"class=unknown-user: no such user\n"
#define BOUNCE "bounce by=mail.firm.example\n"

/* Delivery-status fields (RFC 3464). */
static const struct row fields[] = {
	{ "all fields",
	    BY TO FAILED
	    "Status: 5.1.1\nRemote-MTA: dns; mx.rcpt.example\n" SAID,
	    BOUNCE "u@rcpt.example remote=mx.rcpt.example code=550 "
		   "status=5.1.1 class=unknown-user: no such user\n" },
	{ "nobody else answered: the reporting server did", BY TO FAILED SAID,
	    BOUNCE UNKNOWN },
	{ "in any order", BY SAID FAILED TO, BOUNCE UNKNOWN },
	{ "names in any case, white space before the colon",
	    BY "FINAL-RECIPIENT : RFC822;u@rcpt.example\n" FAILED SAID,
	    BOUNCE UNKNOWN },
	{ "without the type of the address",
	    BY "Final-Recipient: u@rcpt.example\n" FAILED SAID,
	    BOUNCE UNKNOWN },
	{ "folded",
	    BY TO FAILED "Diagnostic-Code: smtp; 550 5.1.1\n no such\n\tuser\n",
	    BOUNCE UNKNOWN },
	{ "pasted without its indentation",
	    BY TO FAILED "Diagnostic-Code: smtp; 550 5.1.1\nno such\nuser\n\n",
	    BOUNCE UNKNOWN },
	{ "only the diagnostic goes on in such lines",
	    BY TO SAID "Action: failed\nmore\nStatus: 5.1.2\n",
	    BOUNCE UNKNOWN },
	{ "a boundary ends it", BY TO FAILED SAID "--b\n", BOUNCE UNKNOWN },
	{ "another header field ends it", BY TO FAILED SAID "X-Mailer: x\n",
	    BOUNCE UNKNOWN },
	{ "words with a colon do not end it",
	    BY TO FAILED "Diagnostic-Code: smtp; 550 5.1.1 no\nIt: x\n",
	    BOUNCE "u@rcpt.example remote=mail.firm.example code=550 "
		   "status=5.1.1 class=unknown-user: no It: x\n" },
	{ "a blank line ends it", BY TO FAILED SAID "\nmore\n",
	    BOUNCE UNKNOWN },
	{ "a line of one letter does not", BY TO FAILED SAID "x\n",
	    BOUNCE "u@rcpt.example remote=mail.firm.example code=550 "
		   "status=5.1.1 class=unknown-user: no such user x\n" },
	{ "nor does a word with a colon, but without a value",
	    BY TO FAILED SAID "Reason:x\nhere: x\n",
	    BOUNCE "u@rcpt.example remote=mail.firm.example code=550 "
		   "status=5.1.1 class=unknown-user: no such user Reason:x "
		   "here: x\n" },
	{ "an action alone is no recipient's", BY FAILED "\n" TO FAILED SAID,
	    BOUNCE UNKNOWN },
	{ "the longer of two diagnostics",
	    BY TO FAILED "Diagnostic-Code: x-unix; 69\n" SAID, BOUNCE UNKNOWN },
	{ "the longer of two diagnostics, the other way round",
	    BY TO FAILED SAID "Diagnostic-Code: x-unix; 69\n", BOUNCE UNKNOWN },
	{ "comments right after the values",
	    BY TO "Action: failed(for good)\nStatus: 5.1.1(unknown)\n"
		  "Remote-MTA: dns; mx.rcpt.example(198.51.100.26)\n",
	    BOUNCE "u@rcpt.example remote=mx.rcpt.example status=5.1.1 "
		   "class=unknown-user: \n" },
	{ "two groups",
	    BY TO FAILED SAID "\nFinal-Recipient: rfc822; v@rcpt.example\n"
			      "Action: failed\nStatus: 5.2.2\n",
	    BOUNCE UNKNOWN "v@rcpt.example remote=mail.firm.example "
			   "status=5.2.2 class=mailbox-full: \n" },
	{ "two groups without a line between them",
	    BY TO FAILED SAID "Final-Recipient: rfc822; v@rcpt.example\n"
			      "Action: failed\nStatus: 5.2.2\n",
	    BOUNCE UNKNOWN "v@rcpt.example remote=mail.firm.example "
			   "status=5.2.2 class=mailbox-full: \n" },
	{ "such groups that begin with the original recipient",
	    BY "Original-Recipient: rfc822; o@old.example\n" TO FAILED SAID
	       "Original-Recipient: rfc822; p@old.example\n"
	       "Final-Recipient: rfc822; v@rcpt.example\n" FAILED
	       "Status: 5.2.2\n",
	    BOUNCE "u@rcpt.example original=o@old.example "
		   "remote=mail.firm.example code=550 status=5.1.1 "
		   "class=unknown-user: no such user\n"
		   "v@rcpt.example original=p@old.example "
		   "remote=mail.firm.example status=5.2.2 "
		   "class=mailbox-full: \n" },
	{ "the original recipient after the final one",
	    BY TO "Original-Recipient: rfc822; o@old.example\n" FAILED SAID,
	    BOUNCE "u@rcpt.example original=o@old.example "
		   "remote=mail.firm.example code=550 status=5.1.1 "
		   "class=unknown-user: no such user\n" },
	{ "an address as RFC 6533 escapes it",
	    BY "Final-Recipient: utf-8; j\\x{FC}r@\\x{5b}\\x{4F8B}.example\n"
	       "Action: failed\n" SAID,
	    BOUNCE "jür@[例.example remote=mail.firm.example code=550 "
		   "status=5.1.1 class=unknown-user: no such user\n" },
	{ "a delay is no end", BY TO "Action: delayed\nStatus: 4.4.1\n",
	    BOUNCE "u@rcpt.example remote=mail.firm.example status=4.4.1 "
		   "class=routing temporary: \n" },
	{ "a delay is no end, whatever the reply says",
	    BY TO "Action: delayed\n" SAID,
	    BOUNCE "u@rcpt.example remote=mail.firm.example code=550 "
		   "status=5.1.1 class=unknown-user temporary: no such "
		   "user\n" },
	{ "4yz is temporary",
	    BY TO FAILED "Diagnostic-Code: smtp; 452 4.2.2 mailbox full\n",
	    BOUNCE
	    "u@rcpt.example remote=mail.firm.example code=452 "
	    "status=4.2.2 class=mailbox-full temporary: mailbox full\n" },
	{ "the reply says whether it is temporary, not the field: it is",
	    BY TO FAILED "Status: 5.0.0\n"
			 "Diagnostic-Code: smtp; 452 mailbox full\n",
	    BOUNCE
	    "u@rcpt.example remote=mail.firm.example code=452 "
	    "status=5.0.0 class=mailbox-full temporary: mailbox full\n" },
	{ "the reply says whether it is temporary, not the field: it is not",
	    BY TO FAILED "Status: 4.0.0\n"
			 "Diagnostic-Code: smtp; 552 mailbox full\n",
	    BOUNCE "u@rcpt.example remote=mail.firm.example code=552 "
		   "status=4.0.0 class=mailbox-full: mailbox full\n" },
	{ "a status that is none",
	    BY TO FAILED "Status: unknown\n"
			 "Diagnostic-Code: smtp; 552 mailbox full\n",
	    BOUNCE "u@rcpt.example remote=mail.firm.example code=552 "
		   "class=mailbox-full: mailbox full\n" },
	{ "an address with a space, as blogs write it",
	    BY "Final-Recipient: rfc822; <u@ rcpt.example>\n" FAILED SAID,
	    BOUNCE UNKNOWN },
	{ "a host that only its own network knows",
	    "Reporting-MTA: dns; mail.local\n\n" TO FAILED SAID,
	    "bounce by=mail.local\nu@rcpt.example remote=mail.local code=550 "
	    "status=5.1.1 class=unknown-user: no such user\n" },
	{ "delivered is no failure",
	    BY TO "Action: delivered(to the mailbox)\nStatus: 2.0.0\n",
	    "not-a-bounce by=mail.firm.example\n" },
	{ "relayed is no failure", BY TO "Action: relayed\n",
	    "not-a-bounce by=mail.firm.example\n" },
	{ "expanded is no failure", BY TO "Action: expanded\n",
	    "not-a-bounce by=mail.firm.example\n" },
	{ "a success without an action", BY TO "Status: 2.0.0\n",
	    "not-a-bounce by=mail.firm.example\n" },
	{ "a failure without an action", BY TO "Status: 5.1.1\n",
	    BOUNCE "u@rcpt.example remote=mail.firm.example status=5.1.1 "
		   "class=unknown-user: \n" },
	{ "one was delivered, the other was not",
	    BY
	    "Final-Recipient: rfc822; v@rcpt.example\nAction: delivered\n\n" TO
		FAILED SAID,
	    BOUNCE UNKNOWN },
	{ "the sender as Postfix tells it",
	    "X-Postfix-Sender: rfc822; a@firm.example\n" TO FAILED
	    "Status: 5.1.1\n",
	    "bounce sender=a@firm.example\n"
	    "u@rcpt.example status=5.1.1 class=unknown-user: \n" },
	{ "a host's final dot and its capitals",
	    BY TO FAILED "Remote-MTA: dns; MX.rcpt.example.\nStatus: 5.1.1\n",
	    BOUNCE "u@rcpt.example remote=mx.rcpt.example status=5.1.1 "
		   "class=unknown-user: \n" },
};

static void check_row(const struct row *r)
{
	const char *got = read_text(r->in);

	ck_assert_msg(strcmp(got, r->want) == 0, "%s: got\n%s\nwant\n%s",
	    r->name, got, r->want);
}

START_TEST(delivery_status_is_read)
{
	check_row(&fields[_i]);
}
END_TEST

#define GREETING "This is the mail system at host mail.firm.example.\n\n"
#define HOST "host mx.rcpt.example[198.51.100.26] said: "
#define NO_USER                                         \
	"remote=mx.rcpt.example code=550 status=5.1.1 " \
	"class=unknown-user: no such user\n"

/* Words for people. */
static const struct row words[] = {
	{ "Postfix",
	    GREETING "<u@rcpt.example>: " HOST "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "a mark of a list before the address",
	    GREETING "* <u@rcpt.example>: " HOST "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "a hyphen before it",
	    GREETING "- u@rcpt.example: " HOST "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "an address alone on its line begins the next one's",
	    GREETING "u@rcpt.example\n" HOST "550 5.1.1 no such user\n"
		     "v@rcpt.example\n" HOST "550 5.2.2 full\n",
	    BOUNCE "u@rcpt.example " NO_USER
		   "v@rcpt.example remote=mx.rcpt.example code=550 "
		   "status=5.2.2 class=mailbox-full: full\n" },
	{ "the reply is in the fields, its reason in the words",
	    GREETING "<u@rcpt.example>: mailbox is full\n\n" TO FAILED
		     "Diagnostic-Code: smtp; 552 5.0.0 no\n",
	    BOUNCE "u@rcpt.example code=552 "
		   "status=5.0.0 class=mailbox-full: no\n" },
	{ "the longer one of the same reply in both",
	    GREETING "<u@rcpt.example>: " HOST
		     "550 5.1.1 no such user\n\n" TO FAILED
		     "Diagnostic-Code: smtp; 550 5.1.1 no such\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "a reply that names nobody is the only recipient's",
	    GREETING HOST "550 5.1.1 no such user\n\n"
			  "From: a@firm.example\nTo: u@rcpt.example\n",
	    "bounce by=mail.firm.example author=firm.example "
	    "to=u@rcpt.example\nu@rcpt.example " NO_USER },
	{ "a reply and nothing else", "550 5.1.1 no such user\n",
	    "bounce\n code=550 status=5.1.1 class=unknown-user: no such user\n" },
	{ "no bounce: a code in some text", "At 550 people came.\n",
	    "not-a-bounce\n" },
	{ "a host that only its own network knows did not write it",
	    "Reporting-MTA: dns; mail.local\n\n" GREETING TO FAILED SAID,
	    "bounce by=mail.firm.example\nu@rcpt.example remote=mail.local "
	    "code=550 status=5.1.1 class=unknown-user: no such user\n" },
	{ "a host without a domain did not write it",
	    "Reporting-MTA: dns; mailhost\n\n" GREETING TO FAILED SAID,
	    "bounce by=mail.firm.example\nu@rcpt.example remote=mailhost "
	    "code=550 status=5.1.1 class=unknown-user: no such user\n" },
	{ "the words name the address before the alias",
	    GREETING "<w@rcpt.example>: " HOST "552 5.2.2 full\n"
		     "<o@old.example>: " HOST "550 5.1.1 no such user\n\n"
		     "Original-Recipient: rfc822; o@old.example\n" TO FAILED,
	    BOUNCE "u@rcpt.example original=o@old.example " NO_USER },
	{ "one in the words, one in the fields: they are the same",
	    GREETING "<o@old.example>: " HOST
		     "550 5.1.1 no such user\n\n" TO FAILED,
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "two addresses, two replies",
	    GREETING "<u@rcpt.example>: " HOST "550 5.1.1 no such user\n"
		     "<v@rcpt.example>: " HOST "550 5.2.2 full\n",
	    BOUNCE "u@rcpt.example " NO_USER
		   "v@rcpt.example remote=mx.rcpt.example code=550 "
		   "status=5.2.2 class=mailbox-full: full\n" },
	{ "two addresses, one reply after them",
	    GREETING "u@rcpt.example\nv@rcpt.example\n\n" HOST
		     "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER "v@rcpt.example " NO_USER },
	{ "the same address twice is one",
	    GREETING "u@rcpt.example\n<U@rcpt.example>\n\n" HOST
		     "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "an address after a reply waits for the next one",
	    GREETING "u@rcpt.example\n\n" HOST "550 5.1.1 no such user\n\n"
		     "v@rcpt.example\n\n" HOST "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER "v@rcpt.example " NO_USER },
	{ "an indented address belongs to the reply",
	    GREETING "<u@rcpt.example>: " HOST "550 5.1.1 no such user\n"
		     "    <list@rcpt.example> is closed\n",
	    BOUNCE "u@rcpt.example remote=mx.rcpt.example code=550 "
		   "status=5.1.1 class=unknown-user: no such user "
		   "<list@rcpt.example> is closed\n" },
	{ "MAIL FROM's address is the sender's",
	    GREETING "u@rcpt.example\n\nSMTP error after MAIL "
		     "FROM:<a@firm.example>:\n" HOST "550 5.1.1 no such user\n",
	    "bounce by=mail.firm.example sender=a@firm.example\n"
	    "u@rcpt.example remote=mx.rcpt.example code=550 "
	    "status=5.1.1 stage=mail class=unknown-user: no such user\n" },
	{ "a label before the address",
	    GREETING "Your message to U <u@rcpt.example> came back.\n\n" HOST
		     "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "an alias was expanded",
	    GREETING "<u@rcpt.example> (expanded from <o@old.example>): " HOST
		     "550 5.1.1 no such user\n",
	    "bounce by=mail.firm.example resent\nu@rcpt.example " NO_USER },
	{ "an alias of Exim",
	    GREETING "  u@rcpt.example\n    (generated from o@old.example)\n"
		     "    " HOST "550 5.1.1 no such user\n",
	    "bounce by=mail.firm.example resent\nu@rcpt.example " NO_USER },
	{ "a reason without any code",
	    GREETING "<u@rcpt.example>: Host or domain name not found\n",
	    BOUNCE "u@rcpt.example class=routing: Host or domain name not "
		   "found\n" },
	{ "what a host said, without any code",
	    GREETING "<u@rcpt.example>: " HOST "mailbox is full\n",
	    BOUNCE "u@rcpt.example remote=mx.rcpt.example "
		   "class=mailbox-full: mailbox is full\n" },
	{ "the same with a wide colon",
	    GREETING "<u@rcpt.example>：主机 mx.rcpt.example[198.51.100.26] "
		     "说：mailbox is full: 100%\n",
	    BOUNCE "u@rcpt.example remote=mx.rcpt.example "
		   "class=mailbox-full: mailbox is full: 100%\n" },
	{ "a reason in words for the address above it",
	    GREETING "u@rcpt.example\n\nThe mailbox is full.\n",
	    BOUNCE
	    "u@rcpt.example class=mailbox-full: The mailbox is full.\n" },
	{ "what is quoted",
	    ">"
	    "This is the mail system at host mail.firm.example.\n>\n"
	    "><u@rcpt.example>: " HOST "\n>    550 5.1.1 no such\n>> user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "entities of a page",
	    GREETING "&lt;u&#64;rcpt.example&gt;: " HOST
		     "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "nothing of the copy behind it",
	    GREETING "<u@rcpt.example>: " HOST "550 5.1.1 no such user\n\n"
		     "------ This is a copy of the message. ------\n\n"
		     "<v@rcpt.example>: 550 5.1.1 no\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "the host alone on its line",
	    GREETING "u@rcpt.example\n\nmx.rcpt.example\n"
		     "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "the host in the paragraph before",
	    GREETING "u@rcpt.example\n\nThe host mx.rcpt.example refused it.\n"
		     "\n550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "the host before what it did",
	    GREETING
	    "u@rcpt.example\n\nmx.rcpt.example [198.51.100.26] did not "
	    "like our RCPT:\n550 5.1.1 no such user\n",
	    BOUNCE
	    "u@rcpt.example remote=mx.rcpt.example code=550 "
	    "status=5.1.1 stage=rcpt class=unknown-user: no such user\n" },
};

START_TEST(words_are_read)
{
	check_row(&words[_i]);
}
END_TEST

#define SESSION "   ----- Transcript of session follows -----\n"

/* What Sendmail and Courier show of the session. */
static const struct row sessions[] = {
	{ "RCPT TO names the recipient",
	    SESSION "... while talking to mx.rcpt.example.:\n"
		    ">>> RCPT To:<u@rcpt.example>\n"
		    "<<< 550 5.1.1 no such user\n",
	    "bounce\nu@rcpt.example remote=mx.rcpt.example code=550 "
	    "status=5.1.1 stage=rcpt class=unknown-user: no such user\n" },
	{ "lines of one reply",
	    SESSION "... while talking to mx.rcpt.example.:\n"
		    ">>> RCPT To:<u@rcpt.example>\n"
		    "<<< 550-5.1.1 no such\n<<< 550 5.1.1 user\n",
	    "bounce\nu@rcpt.example remote=mx.rcpt.example code=550 "
	    "status=5.1.1 stage=rcpt class=unknown-user: no such user\n" },
	{ "answers that refuse nothing",
	    SESSION "... while talking to mx.rcpt.example.:\n"
		    "<<< 220 mx.rcpt.example ESMTP\n"
		    ">>> RCPT To:<u@rcpt.example>\n"
		    "<<< 550 5.1.1 no such user\n",
	    "bounce\nu@rcpt.example remote=mx.rcpt.example code=550 "
	    "status=5.1.1 stage=rcpt class=unknown-user: no such user\n" },
	{ "another code is another reply",
	    SESSION "... while talking to mx.rcpt.example.:\n"
		    ">>> RCPT To:<u@rcpt.example>\n"
		    "<<< 550 5.1.1 no such user\n>>> QUIT\n"
		    "<<< 421 4.7.0 bye\n",
	    "bounce\nu@rcpt.example remote=mx.rcpt.example code=550 "
	    "status=5.1.1 stage=rcpt class=unknown-user: no such user\n" },
	{ "Courier's host above the session",
	    GREETING "<u@rcpt.example>:\n  mx.rcpt.example [198.51.100.26]:\n"
		     ">>> DATA\n<<< 550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example remote=mx.rcpt.example code=550 "
		   "status=5.1.1 stage=data class=unknown-user: no such "
		   "user\n" },
};

START_TEST(sessions_are_read)
{
	check_row(&sessions[_i]);
}
END_TEST

#define WRITTEN "From: a@firm.example\nTo: u@rcpt.example\n"
#define KNOWN \
	"bounce by=mail.firm.example author=firm.example to=u@rcpt.example"
#define RETURNED BY TO FAILED "Status: 5.1.1\n\n"
#define USER                                                    \
	"u@rcpt.example remote=mail.firm.example status=5.1.1 " \
	"class=unknown-user: \n"

/* The header section of the message that failed. */
static const struct row headers[] = {
	{ "author, recipient, host, sender",
	    RETURNED "Return-Path: <a@firm.example>\n"
		     "Received: from pc by out.firm.example with SMTP\n"
		     "From: A <a@firm.example>\nTo: U <u@rcpt.example>\n",
	    "bounce by=mail.firm.example sender=a@firm.example "
	    "author=firm.example to=u@rcpt.example "
	    "received=out.firm.example\n" USER },
	{ "Cc, where there is no To",
	    RETURNED "From: a@firm.example\nSubject: x\nCc: v@rcpt.example\n",
	    "bounce by=mail.firm.example author=firm.example "
	    "to=v@rcpt.example\n" USER },
	{ "signatures with domain and selector",
	    RETURNED "From: a@firm.example\nTo: u@rcpt.example\n"
		     "DKIM-Signature: v=1; d=firm.example; s=s1; b=x\n"
		     "DKIM-Signature: v=1; d=nobody.example; b=x\n"
		     "DKIM-Signature: v=1; d=esp.example; s=s2; b=x\n",
	    "bounce by=mail.firm.example author=firm.example "
	    "to=u@rcpt.example d=firm.example s=s1 d=esp.example s=s2\n" USER },
	{ "a list", RETURNED WRITTEN "List-Id: <l.example>\n",
	    KNOWN " list\n" USER },
	{ "a list that only takes mail",
	    RETURNED WRITTEN "List-Post: <mailto:l@l.example>\n",
	    KNOWN " list\n" USER },
	{ "delivered before", RETURNED WRITTEN "Delivered-To: o@old.example\n",
	    KNOWN " forwarded=o@old.example\n" USER },
	{ "forwarded",
	    RETURNED WRITTEN "X-Forwarded-To: u@rcpt.example\n"
			     "Delivered-To: o@old.example\n",
	    KNOWN " forwarded=u@rcpt.example resent\n" USER },
	{ "forwarded for somebody",
	    RETURNED WRITTEN "X-Forwarded-For: o@old.example\n",
	    KNOWN " forwarded=o@old.example resent\n" USER },
	{ "resent by a person", RETURNED WRITTEN "Resent-From: o@old.example\n",
	    KNOWN " forwarded=o@old.example resent\n" USER },
	{ "somebody had accepted it: SPF",
	    RETURNED WRITTEN "Received-SPF: pass (x) "
			     "client-ip=192.0.2.1;\n",
	    KNOWN " passed\n" USER },
	{ "somebody had accepted it: DMARC",
	    RETURNED WRITTEN
	    "Authentication-Results: mx.old.example; dmarc=pass\n",
	    KNOWN " passed\n" USER },
	{ "a signature that passed does not say who sent it on",
	    RETURNED WRITTEN
	    "Authentication-Results: mx.old.example; dkim=pass\n",
	    KNOWN "\n" USER },
	{ "an SPF failure is no acceptance",
	    RETURNED WRITTEN
	    "Authentication-Results: mx.old.example; spf=fail\n",
	    KNOWN "\n" USER },
};

START_TEST(returned_headers_are_read)
{
	check_row(&headers[_i]);
}
END_TEST

#define DAEMON "From: MAILER-DAEMON@mail.firm.example\nTo: a@firm.example\n"
#define PERSON "From: u@rcpt.example\nTo: a@firm.example\n"
#define NULL_SENDER "Return-Path: <>\n"
#define REPORT                                                           \
	DAEMON "Content-Type: multipart/report; boundary=b\n\n"          \
	       "--b\nContent-Type: message/delivery-status\n\n" RETURNED \
	       "--b\n"
#define HEADER_PART "Content-Type: text/rfc822-headers\n\n"
#define MESSAGE_PART "Content-Type: message/rfc822\n\n"
#define NO_USER_HERE "\n550 5.1.1 no such user\n"
#define NOBODY "code=550 status=5.1.1 class=unknown-user: no such user\n"
#define FROM_PERSON "bounce by=rcpt.example sender=a@firm.example"
#define NOT_OF_PERSON "not-a-bounce by=rcpt.example author=rcpt.example\n"
#define BY_SENDER "bounce by=mail.firm.example sender=a@firm.example"

/* Whole mails: which of them are bounces, and which of their header sections
 * is that of the returned message. */
static const struct row mails[] = {
	{ "a returned header without From",
	    REPORT HEADER_PART "To: v@rcpt.example\n\n--b--\n",
	    BY_SENDER " to=v@rcpt.example\n" USER },
	{ "a header with From goes before one without",
	    REPORT HEADER_PART "X-Note: x\n\n--b\n" HEADER_PART WRITTEN
			       "\n--b--\n",
	    BY_SENDER " author=firm.example to=u@rcpt.example\n" USER },
	{ "a message that was attached to the returned one",
	    REPORT MESSAGE_PART WRITTEN
	    "Content-Type: multipart/mixed; boundary=c\n\n"
	    "--c\n" MESSAGE_PART "From: x@other.example\n\nx\n"
	    "--c--\n\n--b--\n",
	    BY_SENDER " author=firm.example to=u@rcpt.example\n" USER },
	{ "a bounce that was attached to the returned one",
	    REPORT MESSAGE_PART WRITTEN
	    "Content-Type: multipart/mixed; boundary=c\n\n"
	    "--c\nContent-Type: message/delivery-status\n\n"
	    "Final-Recipient: rfc822; w@else.example\nAction: failed\n"
	    "Status: 5.2.2\n\n--c--\n\n--b--\n",
	    BY_SENDER " author=firm.example to=u@rcpt.example\n" USER },
	{ "a bounce that somebody sent on",
	    PERSON "Content-Type: multipart/mixed; boundary=a\n\n"
		   "--a\n" MESSAGE_PART REPORT HEADER_PART WRITTEN
		   "\n--b--\n\n--a--\n",
	    BY_SENDER " author=firm.example to=u@rcpt.example\n" USER },
	{ "the recipients of X-Failed-Recipients, without any reply",
	    DAEMON "X-Failed-Recipients: u@rcpt.example,\n v@rcpt.example\n"
		   "\nSorry.\n",
	    BY_SENDER "\nu@rcpt.example class=other: \n"
		      "v@rcpt.example class=other: \n" },
	{ "the recipient of a reply, of X-Failed-Recipients",
	    DAEMON "X-Failed-Recipients: u@rcpt.example\n" NO_USER_HERE,
	    BY_SENDER "\nu@rcpt.example " NOBODY },
	{ "a null sender makes it a bounce", PERSON NULL_SENDER NO_USER_HERE,
	    FROM_PERSON "\n " NOBODY },
	{ "so does its Subject, which somebody sent on",
	    PERSON
	    "Subject: Undelivered Mail Returned to Sender\n" NO_USER_HERE,
	    "bounce\n " NOBODY },
	{ "a person's words do not", PERSON NO_USER_HERE,
	    "not-a-bounce author=rcpt.example\n" },
	{ "an automatic reply",
	    PERSON NULL_SENDER "Auto-Submitted: auto-replied\n" NO_USER_HERE,
	    NOT_OF_PERSON },
	{ "the same by an older field",
	    PERSON NULL_SENDER "X-Autoreply: yes\n" NO_USER_HERE,
	    NOT_OF_PERSON },
	{ "the same by its Subject",
	    PERSON NULL_SENDER "Subject: Out of Office: hello\n" NO_USER_HERE,
	    NOT_OF_PERSON },
	{ "a daemon does not go on holiday",
	    DAEMON "Auto-Submitted: auto-replied\n" NO_USER_HERE,
	    BY_SENDER "\n " NOBODY },
	{ "nor does whoever returns mail",
	    PERSON "Auto-Submitted: auto-replied\nSubject: Undeliverable: x\n"
		   "X-Failed-Recipients: u@rcpt.example\n" NO_USER_HERE,
	    FROM_PERSON "\nu@rcpt.example " NOBODY },
	{ "nor does whoever says whom he could not reach",
	    PERSON "Auto-Submitted: auto-replied\n"
		   "X-Failed-Recipients: u@rcpt.example\n" NO_USER_HERE,
	    FROM_PERSON "\nu@rcpt.example " NOBODY },
	{ "the words of a bounce tell more than its field",
	    PERSON "Auto-Submitted: auto-replied\n\n" GREETING
		   "<u@rcpt.example>: " HOST "550 5.1.1 no such user\n",
	    BOUNCE "u@rcpt.example " NO_USER },
	{ "a complaint",
	    DAEMON "Content-Type: multipart/report; "
		   "report-type=feedback-report; boundary=b\n" NO_USER_HERE,
	    "not-a-bounce by=mail.firm.example author=mail.firm.example\n" },
	{ "a receipt, its type quoted",
	    DAEMON
	    "Content-Type: multipart/report; "
	    "report-type=\"disposition-notification\"; boundary=b\n" NO_USER_HERE,
	    "not-a-bounce by=mail.firm.example author=mail.firm.example\n" },
	{ "a copy of a bounce as a file",
	    PERSON
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	    "Content-Type: application/octet-stream; name=x.eml\n"
	    "Content-Disposition: attachment; filename=x.eml\n\n" GREETING
	    "<u@rcpt.example>: " HOST "550 5.1.1 no such user\n\n--b--\n",
	    BOUNCE "u@rcpt.example " NO_USER },
};

START_TEST(mails_are_read)
{
	check_row(&mails[_i]);
}
END_TEST

/* Received-SPF (RFC 7208 section 9.1) and Authentication-Results (RFC 8601) of
 * a message that arrived. */
static const struct row results[] = {
	{ "Received-SPF",
	    "Received-SPF: fail (mx.rcpt.example: domain of a@firm.example "
	    "does not\n designate 203.0.113.7 as permitted sender) "
	    "receiver=mx.rcpt.example;\n client-ip=203.0.113.7; "
	    "envelope-from=\"a@firm.example\"; helo=pc.firm.example;\n",
	    "header sender=a@firm.example\n remote=mx.rcpt.example class=spf-fail "
	    "domain=firm.example identity=mailfrom ip=203.0.113.7: \n" },
	{ "nothing but the fields of Received-SPF",
	    "Received-SPF: softfail client-ip=203.0.113.7;\n "
	    "envelope-from=a@firm.example; helo=pc.firm.example\n",
	    "header sender=a@firm.example\n class=spf-fail domain=firm.example identity=mailfrom "
	    "ip=203.0.113.7: \n" },
	{ "HELO's",
	    "Received-SPF: fail identity=helo; client-ip=203.0.113.7;\n "
	    "envelope-from=a@firm.example; helo=pc.firm.example\n",
	    "header\n class=spf-fail domain=pc.firm.example identity=helo "
	    "ip=203.0.113.7: \n" },
	{ "HELO's, of which nothing else is told",
	    "Received-SPF: fail client-ip=203.0.113.7; helo=pc.firm.example\n",
	    "header\n class=spf-fail domain=pc.firm.example identity=helo "
	    "ip=203.0.113.7: \n" },
	{ "an error of SPF",
	    "Received-SPF: permerror envelope-from=a@firm.example;\n",
	    "header sender=a@firm.example\n class=spf-error domain=firm.example "
	    "identity=mailfrom: \n" },
	{ "a temporary one",
	    "Received-SPF: temperror envelope-from=a@firm.example;\n",
	    "header sender=a@firm.example\n class=spf-error domain=firm.example "
	    "identity=mailfrom temporary: \n" },
	{ "a pass", "Received-SPF: pass envelope-from=a@firm.example;\n",
	    "header\n" },
	{ "a comment in front of the result",
	    "Received-SPF: (checked) pass envelope-from=a@firm.example;\n",
	    "header\n" },
	{ "SPF as a result",
	    "Authentication-Results: mx.rcpt.example;\n spf=fail "
	    "smtp.mailfrom=a@firm.example smtp.helo=pc.firm.example\n"
	    "From: b@other.example\n",
	    "header sender=a@firm.example author=other.example\n remote=mx.rcpt.example "
	    "class=spf-fail domain=firm.example identity=mailfrom: \n" },
	{ "SPF as a result, and nothing else",
	    "Authentication-Results: mx.rcpt.example; spf=fail\n",
	    "header\n remote=mx.rcpt.example class=spf-fail "
	    "identity=mailfrom: \n" },
	{ "SPF of HELO as a result",
	    "Authentication-Results: mx.rcpt.example;\n spf=fail "
	    "smtp.helo=pc.firm.example\n",
	    "header\n remote=mx.rcpt.example class=spf-fail "
	    "domain=pc.firm.example identity=helo: \n" },
	{ "neutral is no pass",
	    "Authentication-Results: mx.rcpt.example;\n spf=neutral "
	    "smtp.mailfrom=a@firm.example\n",
	    "header sender=a@firm.example\n remote=mx.rcpt.example class=spf-fail "
	    "domain=firm.example identity=mailfrom: \n" },
	{ "a HELO that failed beside a sender that passed",
	    "Authentication-Results: mx.rcpt.example; spf=pass "
	    "smtp.mailfrom=a@firm.example;\n spf=fail "
	    "smtp.helo=pc.firm.example\n",
	    "header sender=a@firm.example\n" },
	{ "the client's address in another result",
	    "Authentication-Results: mx.rcpt.example; iprev=pass "
	    "policy.iprev=203.0.113.7;\n spf=fail "
	    "smtp.mailfrom=a@firm.example\n",
	    "header sender=a@firm.example\n remote=mx.rcpt.example class=spf-fail "
	    "domain=firm.example identity=mailfrom ip=203.0.113.7: \n" },
	{ "a private address is the receiver's",
	    "Authentication-Results: mx.rcpt.example; spf=fail "
	    "smtp.mailfrom=a@firm.example\n smtp.remote-ip=192.168.1.1\n",
	    "header sender=a@firm.example\n remote=mx.rcpt.example class=spf-fail "
	    "domain=firm.example identity=mailfrom: \n" },
	{ "DKIM",
	    "Authentication-Results: mx.rcpt.example; dkim=fail "
	    "header.d=firm.example header.s=s1\n",
	    "header d=firm.example s=s1\n remote=mx.rcpt.example "
	    "class=dkim-fail domain=firm.example identity=from: \n" },
	{ "DKIM, known by its identity",
	    "Authentication-Results: mx.rcpt.example; dkim=fail "
	    "header.i=@firm.example\n",
	    "header d=firm.example\n remote=mx.rcpt.example "
	    "class=dkim-fail domain=firm.example identity=from: \n" },
	{ "SPF and DKIM",
	    "Authentication-Results: mx.rcpt.example; spf=fail "
	    "smtp.mailfrom=a@firm.example;\n dkim=fail header.d=esp.example\n",
	    "header sender=a@firm.example d=esp.example\n remote=mx.rcpt.example class=no-auth "
	    "domain=firm.example identity=mailfrom: \n" },
	{ "DMARC",
	    "Authentication-Results: mx.rcpt.example; spf=fail "
	    "smtp.mailfrom=a@esp.example;\n dmarc=fail "
	    "header.from=firm.example\n",
	    "header sender=a@esp.example author=firm.example\n remote=mx.rcpt.example "
	    "class=dmarc-policy domain=firm.example identity=from: \n" },
	{ "other methods fail alone",
	    "Authentication-Results: mx.rcpt.example; iprev=fail\n",
	    "not-a-bounce\n" },
	{ "no result at all", "Authentication-Results: mx.rcpt.example; none\n",
	    "not-a-bounce\n" },
};

START_TEST(result_fields_are_read)
{
	check_row(&results[_i]);
}
END_TEST

/* Events of sending services. */
static const struct row events[] = {
	{ "SES, bare",
	    "{\"bounce\":{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{"
	    "\"emailAddress\":\"u@rcpt.example\",\"action\":\"failed\","
	    "\"status\":\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 no "
	    "such user\"}],\"reportingMTA\":\"dns; a8.ses.example\"},"
	    "\"mail\":{\"source\":\"a@firm.example\"}}",
	    "bounce by=a8.ses.example sender=a@firm.example\n"
	    "u@rcpt.example code=550 status=5.1.1 class=unknown-user: no such "
	    "user\n" },
	{ "SES, its host without a type",
	    "{\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":"
	    "\"u@rcpt.example\",\"status\":\"5.1.1\"}],\"reportingMTA\":"
	    "\"a8.ses.example\"}}",
	    "bounce by=a8.ses.example\n"
	    "u@rcpt.example status=5.1.1 class=unknown-user: \n" },
	{ "SES, its host with an empty type",
	    "{\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":"
	    "\"u@rcpt.example\",\"status\":\"5.1.1\"}],\"reportingMTA\":"
	    "\"; a8.ses.example\"}}",
	    "bounce by=a8.ses.example\n"
	    "u@rcpt.example status=5.1.1 class=unknown-user: \n" },
	{ "SES, still waiting",
	    "{\"bounce\":{\"bounceType\":\"Transient\",\"bouncedRecipients\":[{"
	    "\"emailAddress\":\"u@rcpt.example\",\"action\":\"delayed\","
	    "\"status\":\"4.2.2\"}]}}",
	    "bounce by=amazonses.com\n"
	    "u@rcpt.example status=4.2.2 class=mailbox-full temporary: \n" },
	{ "SES, given up after a transient failure",
	    "{\"bounce\":{\"bounceType\":\"Transient\",\"bouncedRecipients\":[{"
	    "\"emailAddress\":\"u@rcpt.example\",\"action\":\"failed\","
	    "\"status\":\"5.2.2\"}]}}",
	    "bounce by=amazonses.com\n"
	    "u@rcpt.example status=5.2.2 class=mailbox-full: \n" },
	{ "SendGrid, with the address that sent",
	    "[{\"sg_event_id\":\"x\",\"event\":\"deferred\",\"email\":"
	    "\"u@rcpt.example\",\"ip\":\"192.0.2.9\",\"response\":\"450 4.2.2 "
	    "full\"},{\"sg_event_id\":\"y\",\"event\":\"delivered\",\"email\":"
	    "\"v@rcpt.example\"}]",
	    "bounce by=sendgrid.net\n"
	    "u@rcpt.example code=450 status=4.2.2 class=mailbox-full "
	    "ip=192.0.2.9 temporary: full\n" },
	{ "SendGrid, dropped and blocked",
	    "[{\"sg_event_id\":\"x\",\"event\":\"dropped\",\"email\":"
	    "\"u@rcpt.example\",\"status\":\"5.1.1\",\"reason\":\"no such "
	    "user\",\"response\":\"x\"},{\"sg_event_id\":\"y\",\"event\":"
	    "\"blocked\",\"email\":\"v@rcpt.example\",\"reason\":\"552 5.2.2 "
	    "full\"}]",
	    "bounce by=sendgrid.net\n"
	    "u@rcpt.example status=5.1.1 class=unknown-user: no such user\n"
	    "v@rcpt.example code=552 status=5.2.2 class=mailbox-full: full\n" },
	{ "another service's event",
	    "[{\"event\":\"bounce\",\"email\":\"u@rcpt.example\",\"reason\":"
	    "\"full\"}]",
	    "not-a-bounce\n" },
	{ "SES, its From",
	    "{\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":"
	    "\"u@rcpt.example\",\"status\":\"5.1.1\"}]},\"mail\":{"
	    "\"commonHeaders\":{\"from\":[\"A <a@firm.example>\"]}}}",
	    "bounce by=amazonses.com author=firm.example\n"
	    "u@rcpt.example status=5.1.1 class=unknown-user: \n" },
	{ "SES through SNS",
	    "{\"Message\":\"{\\\"bounce\\\":{\\\"bouncedRecipients\\\":[{"
	    "\\\"emailAddress\\\":\\\"u@rcpt.example\\\",\\\"status\\\":"
	    "\\\"5.1.1\\\"}]}}\"}",
	    "bounce by=amazonses.com\n"
	    "u@rcpt.example status=5.1.1 class=unknown-user: \n" },
	{ "SNS with something else",
	    "{\"Message\":\"{\\\"notificationType\\\":\\\"Delivery\\\"}\"}",
	    "not-a-bounce\n" },
	{ "Mailgun, its header and envelope",
	    "{\"event-data\":{\"event\":\"failed\",\"severity\":\"permanent\","
	    "\"recipient\":\"u@rcpt.example\",\"envelope\":{\"sender\":"
	    "\"a@firm.example\",\"sending-ip\":\"192.0.2.9\"},\"message\":{"
	    "\"headers\":{\"from\":\"b@firm.example\",\"to\":\"u@rcpt.example"
	    "\"}},\"delivery-status\":{\"code\":550,\"message\":\"5.2.2 "
	    "full\"}}}",
	    "bounce by=mailgun.net sender=a@firm.example author=firm.example "
	    "to=u@rcpt.example\n"
	    "u@rcpt.example code=550 status=5.2.2 class=mailbox-full "
	    "ip=192.0.2.9: full\n" },
	{ "Mailgun, its code before its words",
	    "{\"event-data\":{\"event\":\"failed\",\"severity\":\"temporary\","
	    "\"recipient\":\"u@rcpt.example\",\"delivery-status\":{\"code\":450,"
	    "\"mx-host\":\"mx.rcpt.example\",\"message\":\"\",\"description\":"
	    "\"4.2.2 full\"}}}",
	    "bounce by=mailgun.net\n"
	    "u@rcpt.example remote=mx.rcpt.example code=450 status=4.2.2 "
	    "class=mailbox-full temporary: full\n" },
	{ "Mailgun, the code in its words, too",
	    "{\"event-data\":{\"event\":\"failed\",\"severity\":\"permanent\","
	    "\"recipient\":\"u@rcpt.example\",\"delivery-status\":{\"code\":550,"
	    "\"message\":\"550 5.2.2 full\"}}}",
	    "bounce by=mailgun.net\n"
	    "u@rcpt.example code=550 status=5.2.2 class=mailbox-full: full\n" },
	{ "Mailgun, something else than a failure",
	    "{\"event-data\":{\"event\":\"opened\",\"recipient\":"
	    "\"u@rcpt.example\",\"delivery-status\":{\"code\":250}}}",
	    "not-a-bounce\n" },
	{ "lists in lists, without an end",
	    "[[[[[[[[[[{\"sg_event_id\":\"x\",\"event\":\"bounce\",\"email\":"
	    "\"u@rcpt.example\"}]]]]]]]]]]",
	    "not-a-bounce\n" },
};

START_TEST(events_are_read)
{
	check_row(&events[_i]);
}
END_TEST

#define PASSED "Authentication-Results: mx.example; spf=pass\n"
#define FAILING \
	"Authentication-Results: mx.example; dkim=fail header.d=a.example"

/* The field that is shown is the first that tells of the failure. */
START_TEST(the_failing_field_is_the_evidence)
{
	struct mxa_bounce b;

	mxa_bounce_read(arena,
	    MXA_STR(PASSED FAILING "\n" FAILING " header.s=x\n" PASSED), &b);
	ck_assert_uint_eq(b.n, 1);
	ck_str_is(b.v[0].evidence, FAILING);
	mxa_bounce_read(arena, MXA_STR(PASSED), &b);
	ck_assert_uint_eq(b.n, 0);
	ck_assert(b.all_passed);
	ck_str_is(b.evidence, "Authentication-Results: mx.example; spf=pass");
}
END_TEST

#define N_ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("bounce/bounce");
	TCase *tc = tcase_create("bounce");

	tcase_add_checked_fixture(tc, open_arena, close_arena);
	tcase_add_loop_test(tc, delivery_status_is_read, 0, N_ROWS(fields));
	tcase_add_loop_test(tc, words_are_read, 0, N_ROWS(words));
	tcase_add_loop_test(tc, sessions_are_read, 0, N_ROWS(sessions));
	tcase_add_loop_test(tc, returned_headers_are_read, 0, N_ROWS(headers));
	tcase_add_loop_test(tc, mails_are_read, 0, N_ROWS(mails));
	tcase_add_loop_test(tc, result_fields_are_read, 0, N_ROWS(results));
	tcase_add_loop_test(tc, events_are_read, 0, N_ROWS(events));
	tcase_add_test(tc, the_failing_field_is_the_evidence);
	suite_add_tcase(s, tc);
	return test_main(s);
}
