/* check_maillog.c - deliveries that a mail log tells of. */
#include "t/support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "bounce/maillog.h"

static struct mxa_arena *arena;
static struct mxa_buf seen;

static void setup(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	arena = mxa_arena_new();
	mxa_buf_init(&seen, arena, 1 << 20);
}

static void teardown(void)
{
	mxa_arena_free(arena);
}

static void show_delivery(void *ctx, const struct mxa_delivery *d)
{
	static const char *const states[] = { "sent", "refused", "deferred" };
	char text[MXA_TIME_TEXT];

	(void)ctx;
	mxa_buf_printf(&seen, "%s %.*s %s%.*s%s > %.*s", states[d->state],
	    MXA_STR_ARG(d->id), d->sender_known ? "<" : "",
	    MXA_STR_ARG(d->sender), d->sender_known ? ">" : "?",
	    MXA_STR_ARG(d->recipient));
	if (d->original.len > 0)
		mxa_buf_printf(&seen, " (%.*s)", MXA_STR_ARG(d->original));
	mxa_buf_printf(&seen, " %.*s %.*s %s", MXA_STR_ARG(d->relay),
	    MXA_STR_ARG(d->status),
	    d->time > 0 ? mxa_time_format(d->time, text) : "-");
	if (d->state != MXA_DELIVERY_SENT)
		mxa_buf_printf(&seen, " %.*s", MXA_STR_ARG(d->words));
	mxa_buf_addc(&seen, '\n');
}

/* 2026-11-28T12:00:00Z */
#define NOW 1795867200

static void read_log(const char *text)
{
	struct mxa_maillog *log = mxa_maillog_new(NOW, show_delivery, NULL);

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		(void)mxa_maillog_line(log, mxa_str_make(text, len));
		text += len + (text[len] == '\n');
	}
	mxa_maillog_end(log);
	mxa_maillog_free(log);
}

#define QMGR "Nov 27 09:14:00 mx postfix/qmgr[9]: "
#define SMTP "Nov 27 09:14:01 mx postfix/smtp[10]: "
#define FROM "from=<a@shop.example>, size=900, nrcpt=1 (queue active)\n"
#define RELAY "relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/1/0, "

#define EXIM "2026-11-27 09:14:02 1tGabc-0001Ab-Xy "

static const struct {
	const char *name;
	const char *log;
	const char *want;
} rows[] = {
	{ "nothing", "", "" },
	{ "Exim: a sender with H= in it is no host",
	    EXIM "** b@example.net F=<SRS0=aBcH=TT=shop.example=a@fwd.example> "
		 "R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.9]: SMTP "
		 "error from remote mail server after end of data: 550 5.7.26 "
		 "no\n" EXIM "Completed\n",
	    "refused 1tGabc-0001Ab-Xy ? > b@example.net mx.example.net  "
	    "2026-11-27T09:14:02Z 550 5.7.26 no\n" },
	{ "Exim: a refusal after DATA, its lines as one",
	    EXIM "<= a@shop.example H=localhost [127.0.0.1] P=esmtp S=9\n" EXIM
		 "** b@example.net R=dnslookup T=remote_smtp "
		 "H=mx.example.net [192.0.2.9] X=TLS1.3:AES:256 CV=yes: SMTP "
		 "error from remote mail server after end of data: 550-5.7.26 "
		 "no\\n550 5.7.26 really\n" EXIM "Completed\n",
	    "refused 1tGabc-0001Ab-Xy <a@shop.example> > b@example.net "
	    "mx.example.net  2026-11-27T09:14:02Z 550-5.7.26 no 550 5.7.26 "
	    "really\n" },
	{ "Exim: deferred, then sent; long ids, a process, an alias",
	    "2026-11-27 09:14:02 [77] 1tGabc-000000001Ab-0Xyz == "
	    "b@example.net <c@shop.example> R=r T=t defer (-44) "
	    "H=mx.example.net [192.0.2.9]: SMTP error from remote mail server "
	    "after RCPT TO:<b@example.net>: 451 later\n"
	    "2026-11-27 10:14:02 [78] 1tGabc-000000001Ab-0Xyz => "
	    "b@example.net <c@shop.example> R=r T=t H=mx.example.net "
	    "[192.0.2.9] C=\"250 ok\"\n",
	    "sent 1tGabc-000000001Ab-0Xyz ? > b@example.net (c@shop.example) "
	    "mx.example.net  2026-11-27T10:14:02Z\n" },
	{ "Exim: the sender by MAIL FROM, where its line is gone",
	    EXIM "** b@example.net R=r T=t H=mx.example.net [192.0.2.9]: SMTP "
		 "error from remote mail server after MAIL "
		 "FROM:<a@shop.example> SIZE=1: 550 SPF fail\n",
	    "refused 1tGabc-0001Ab-Xy <a@shop.example> > b@example.net "
	    "mx.example.net  2026-11-27T09:14:02Z 550 SPF fail\n" },
	{ "Exim: a bounce's null sender, a local user, no host",
	    EXIM "<= <> R=1tGabb-0001Ab-Xx U=exim P=local S=9\n" EXIM
		 "** user <b@shop.example>: Unrouteable address\n",
	    "refused 1tGabc-0001Ab-Xy <> > b@shop.example   "
	    "2026-11-27T09:14:02Z Unrouteable address\n" },
	{ "Exim through syslog, with a time of its own and without",
	    "Nov 27 09:14:05 mx exim[9]: 2026-11-27 09:14:02 1tGabc-0001Ab-Xy "
	    "** b@example.net: Unrouteable address\n"
	    "Nov 27 09:14:05 mx exim4[9]: 1tGabc-0001Ab-Xz ** c@example.net: "
	    "Unrouteable address\n",
	    "refused 1tGabc-0001Ab-Xy ? > b@example.net   "
	    "2026-11-27T09:14:02Z Unrouteable address\n"
	    "refused 1tGabc-0001Ab-Xz ? > c@example.net   "
	    "2026-11-27T09:14:05Z Unrouteable address\n" },
	{ "Exim: no ids, no deliveries",
	    "2026-11-27 09:14:02 exim 4.96 daemon started: pid=9\n"
	    "2026-11-27 09:14:02 1tGabc-0001Ab ** b@example.net: no\n"
	    "2026-11-27 09:14:02 1tGabc-0001Ab-Xy *> b@example.net\n"
	    "2026-11-27 99:14:02 1tGabc-0001Ab-Xy ** b@example.net: no\n",
	    "" },
	{ "Exim: a host without a name, an error without a reply",
	    EXIM "** b@example.net R=r T=t H=[192.0.2.9]: SMTP error from "
		 "remote mail server after initial connection\n",
	    "refused 1tGabc-0001Ab-Xy ? > b@example.net   "
	    "2026-11-27T09:14:02Z SMTP error from remote mail server after "
	    "initial connection\n" },
	{ "Exim: one more recipient of the same connection",
	    EXIM "-> b@example.net R=r T=t H=mx.example.net [192.0.2.9] "
		 "C=\"250 ok\"\n",
	    "sent 1tGabc-0001Ab-Xy ? > b@example.net mx.example.net  "
	    "2026-11-27T09:14:02Z\n" },
	{ "Exim: the sender that arrived goes before MAIL FROM's",
	    EXIM "<= a@shop.example H=localhost [127.0.0.1] P=esmtp S=9\n" EXIM
		 "** b@example.net R=r T=t H=mx.example.net [192.0.2.9]: SMTP "
		 "error from remote mail server after MAIL "
		 "FROM:<c@shop.example>: 550 no\n",
	    "refused 1tGabc-0001Ab-Xy <a@shop.example> > b@example.net "
	    "mx.example.net  2026-11-27T09:14:02Z 550 no\n" },
	{ "the older name of the queue manager",
	    "Nov 27 09:14:00 mx postfix/nqmgr[9]: AAAAAA: " FROM SMTP
	    "AAAAAA: to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced "
	    "(no)\n",
	    "refused AAAAAA <a@shop.example> > b@x.example  5.0.0 "
	    "2026-11-27T09:14:01Z no\n" },
	{ "a refusal",
	    QMGR "4XyZabc: " FROM SMTP "4XyZabc: to=<b@example.net>, " RELAY
		 "dsn=5.7.26, status=bounced (host mx.example.net[192.0.2.9] "
		 "said: 550-5.7.26 no (in reply to end of DATA command))\n" QMGR
		 "4XyZabc: removed\n",
	    "refused 4XyZabc <a@shop.example> > b@example.net mx.example.net "
	    "5.7.26 2026-11-27T09:14:01Z host mx.example.net[192.0.2.9] said: "
	    "550-5.7.26 no (in reply to end of DATA command)\n" },
	{ "deferred, then sent: sent once",
	    QMGR "AAAAAA: " FROM SMTP "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=4.2.1, status=deferred (later)\n" SMTP
		 "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=2.0.0, status=sent (250 ok)\n" QMGR "AAAAAA: removed\n",
	    "sent AAAAAA <a@shop.example> > b@example.net mx.example.net 2.0.0 "
	    "2026-11-27T09:14:01Z\n" },
	{ "deferred until the end of the log",
	    QMGR "AAAAAA: " FROM SMTP "AAAAAA: to=<b@example.net>, relay=none, "
		 "delay=9, dsn=4.4.1, status=deferred (connect to "
		 "mx[192.0.2.9]:25: Connection timed out)\n",
	    "deferred AAAAAA <a@shop.example> > b@example.net  4.4.1 "
	    "2026-11-27T09:14:01Z connect to mx[192.0.2.9]:25: Connection "
	    "timed out\n" },
	{ "deferred, then expired: refused for the reason it had",
	    QMGR "AAAAAA: " FROM SMTP "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=4.7.26, status=deferred (421 4.7.26 no)\n"
		 "Nov 28 09:00:00 mx postfix/qmgr[9]: AAAAAA: "
		 "from=<a@shop.example>, status=expired, returned to sender\n"
		 "Nov 28 09:00:00 mx postfix/qmgr[9]: AAAAAA: removed\n",
	    "refused AAAAAA <a@shop.example> > b@example.net mx.example.net "
	    "4.7.26 2026-11-28T09:00:00Z 421 4.7.26 no\n" },
	{ "two recipients, two fates",
	    QMGR
	    "AAAAAA: " FROM SMTP "AAAAAA: to=<b@example.net>, " RELAY
	    "dsn=2.0.0, status=sent (250 ok)\n" SMTP
	    "AAAAAA: to=<c@example.net>, orig_to=<all@here.example>, " RELAY
	    "dsn=5.1.1, status=bounced (unknown)\n",
	    "sent AAAAAA <a@shop.example> > b@example.net mx.example.net 2.0.0 "
	    "2026-11-27T09:14:01Z\n"
	    "refused AAAAAA <a@shop.example> > c@example.net "
	    "(all@here.example) mx.example.net 5.1.1 2026-11-27T09:14:01Z "
	    "unknown\n" },
	{ "a new state of the last recipient, then another one",
	    SMTP "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=4.2.1, status=deferred (later)\n" SMTP
		 "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=2.0.0, status=sent (250 ok)\n" SMTP
		 "AAAAAA: to=<c@example.net>, " RELAY
		 "dsn=5.1.1, status=bounced (unknown)\n",
	    "sent AAAAAA ? > b@example.net mx.example.net 2.0.0 "
	    "2026-11-27T09:14:01Z\n"
	    "refused AAAAAA ? > c@example.net mx.example.net 5.1.1 "
	    "2026-11-27T09:14:01Z unknown\n" },
	{ "a new state of the first recipient, then another one",
	    SMTP "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=4.2.1, status=deferred (later)\n" SMTP
		 "AAAAAA: to=<c@example.net>, " RELAY
		 "dsn=5.1.1, status=bounced (unknown)\n" SMTP
		 "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=2.0.0, status=sent (250 ok)\n" SMTP
		 "AAAAAA: to=<d@example.net>, " RELAY
		 "dsn=2.0.0, status=sent (250 ok)\n",
	    "sent AAAAAA ? > b@example.net mx.example.net 2.0.0 "
	    "2026-11-27T09:14:01Z\n"
	    "refused AAAAAA ? > c@example.net mx.example.net 5.1.1 "
	    "2026-11-27T09:14:01Z unknown\n"
	    "sent AAAAAA ? > d@example.net mx.example.net 2.0.0 "
	    "2026-11-27T09:14:01Z\n" },
	{ "messages are told of in the order in which they came",
	    SMTP "CCCCCC: to=<b@x.example>, relay=none, dsn=5.0.0, "
		 "status=bounced (1)\n" SMTP
		 "AAAAAA: to=<b@x.example>, relay=none, dsn=5.0.0, "
		 "status=bounced (2)\n" SMTP
		 "BBBBBB: to=<b@x.example>, relay=none, dsn=5.0.0, "
		 "status=bounced (3)\n" QMGR "AAAAAA: removed\n",
	    "refused AAAAAA ? > b@x.example  5.0.0 2026-11-27T09:14:01Z 2\n"
	    "refused CCCCCC ? > b@x.example  5.0.0 2026-11-27T09:14:01Z 1\n"
	    "refused BBBBBB ? > b@x.example  5.0.0 2026-11-27T09:14:01Z 3\n" },
	{ "expired: what was sent stays sent",
	    SMTP "AAAAAA: to=<b@x.example>, relay=none, dsn=2.0.0, "
		 "status=sent (ok)\n" SMTP
		 "AAAAAA: to=<c@x.example>, relay=none, dsn=4.0.0, "
		 "status=deferred (later)\n"
		 "Nov 28 09:00:00 mx postfix/qmgr[9]: AAAAAA: "
		 "from=<a@shop.example>, status=force-expired, returned to "
		 "sender\n",
	    "sent AAAAAA <a@shop.example> > b@x.example  2.0.0 "
	    "2026-11-27T09:14:01Z\n"
	    "refused AAAAAA <a@shop.example> > c@x.example  4.0.0 "
	    "2026-11-28T09:00:00Z later\n" },
	{ "a quoted quote in a local part",
	    SMTP "AAAAAA: to=<\"x\\\">y\"@example.net>, relay=none, "
		 "dsn=5.0.0, status=bounced (no)\n",
	    "refused AAAAAA ? > \"x\\\">y\"@example.net  5.0.0 "
	    "2026-11-27T09:14:01Z no\n" },
	{ "a line without a queue id tells of nothing",
	    SMTP "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced "
		 "(no)\n" QMGR "from=<a@shop.example>, size=1\n" QMGR
		 "removed\n"
		 "Nov 27 09:14:01 mx sendmail[5]: to=b@x.example, dsn=5.1.1, "
		 "stat=User unknown\n",
	    "" },
	{ "long queue ids, and what is too short for one",
	    SMTP "4XyZab1c2d3e4f5: to=<b@x.example>, relay=none, dsn=5.0.0, "
		 "status=bounced (no)\n" SMTP
		 "AB1: to=<b@x.example>, relay=none, dsn=5.0.0, "
		 "status=bounced (no)\n",
	    "refused 4XyZab1c2d3e4f5 ? > b@x.example  5.0.0 "
	    "2026-11-27T09:14:01Z no\n" },
	{ "states and agents that are none",
	    SMTP "AAAAAA: to=<b@x.example>, relay=none, dsn=5.0.0, "
		 "status=thinking (no)\n"
		 "Nov 27 09:14:01 mx postfix/cleanup[1]: AAAAAA: "
		 "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced "
		 "(no)\n"
		 "Nov 27 09:14:01 mx postfix/smtp[1]: AAAAAA: "
		 "from=<b@x.example>, status=expired\n",
	    "" },
	{ "an id comes again after removed",
	    QMGR "AAAAAA: " FROM SMTP "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=2.0.0, status=sent (ok)\n" QMGR "AAAAAA: removed\n" QMGR
		 "AAAAAA: from=<>, size=2, nrcpt=1 (queue active)\n" SMTP
		 "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=5.0.0, status=bounced (no)\n",
	    "sent AAAAAA <a@shop.example> > b@example.net mx.example.net 2.0.0 "
	    "2026-11-27T09:14:01Z\n"
	    "refused AAAAAA <> > b@example.net mx.example.net 5.0.0 "
	    "2026-11-27T09:14:01Z no\n" },
	{ "the log begins in the middle: the sender is not known",
	    SMTP "AAAAAA: to=<b@example.net>, " RELAY
		 "dsn=5.0.0, status=bounced (no)\n",
	    "refused AAAAAA ? > b@example.net mx.example.net 5.0.0 "
	    "2026-11-27T09:14:01Z no\n" },
	{ "other instances, other agents",
	    "Nov 27 09:14:01 mx postfix-out/relay/smtp[1]: AAAAAA: to=<b@x.example>"
	    ", relay=none, dsn=5.4.4, status=bounced (Host not found)\n"
	    "Nov 27 09:14:01 mx postfix/local[1]: BBBBBB: to=<c@x.example>, "
	    "relay=local, dsn=2.0.0, status=sent (delivered)\n"
	    "Nov 27 09:14:01 mx postfix/lmtp[1]: CCCCCC: to=<d@x.example>, "
	    "relay=mx[private/dovecot], dsn=4.2.2, status=deferred (full)\n",
	    "refused AAAAAA ? > b@x.example  5.4.4 2026-11-27T09:14:01Z Host "
	    "not found\n"
	    "sent BBBBBB ? > c@x.example local 2.0.0 2026-11-27T09:14:01Z\n"
	    "deferred CCCCCC ? > d@x.example mx 4.2.2 2026-11-27T09:14:01Z "
	    "full\n" },
	{ "lines of others that quote ours",
	    "Nov 27 09:14:01 mx dovecot: lda: AAAAAA: to=<b@x.example>, "
	    "dsn=5.0.0, status=bounced (no)\n"
	    "Nov 27 09:14:01 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from "
	    "x[192.0.2.1]: 550 5.7.26 no; to=<b@x.example>, dsn=5.0.0, "
	    "status=bounced (no)\n"
	    "Nov 27 09:14:01 mx postfix/smtp[1]: warning: to=<b@x.example>, "
	    "status=bounced (no)\n",
	    "" },
	{ "a quoted local part holds what ends an address",
	    SMTP "AAAAAA: to=<\"x>, relay=y, status=sent\"@example.net>, " RELAY
		 "dsn=5.0.0, status=bounced (no)\n",
	    "refused AAAAAA ? > \"x>, relay=y, status=sent\"@example.net "
	    "mx.example.net 5.0.0 2026-11-27T09:14:01Z no\n" },
	{ "a date without a year is never after now",
	    "Dec 24 20:00:00 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Nov 28 12:30:00 mx postfix/smtp[1]: BBBBBB: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n",
	    "refused AAAAAA ? > b@x.example  5.0.0 2025-12-24T20:00:00Z no\n"
	    "refused BBBBBB ? > b@x.example  5.0.0 2025-11-28T12:30:00Z no\n" },
	{ "a leap day",
	    "Feb 29 10:00:00 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n",
	    "refused AAAAAA ? > b@x.example  5.0.0 2024-02-29T10:00:00Z no\n" },
	{ "time stamps of every form",
	    "2026-11-27T09:14:01.123456+09:00 mx postfix/smtp[1]: AAAAAA: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (1)\n"
	    "2026-11-27T09:14:01+0900 mx postfix/smtp[1]: BBBBBB: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (2)\n"
	    "2026-11-27T00:14:01Z mx postfix/smtp[1]: CCCCCC: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (3)\n"
	    "1795738441.000001 mx postfix/smtp[1]: DDDDDD: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (4)\n"
	    "Fri 2026-11-27 00:14:01 UTC mx postfix/smtp[1]: EEEEEE: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (5)\n"
	    "[    3.141592] mx postfix/smtp[1]: FFFFFF: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (6)\n"
	    "Nov  7 09:14:01.123456 mx postfix/smtp[1]: GGGGGG: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (7)\n"
	    "[3.141592] mx postfix/smtp[1]: HHHHHH: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (8)\n",
	    "refused AAAAAA ? > b@x.example  5.0.0 2026-11-27T00:14:01Z 1\n"
	    "refused BBBBBB ? > b@x.example  5.0.0 2026-11-27T00:14:01Z 2\n"
	    "refused CCCCCC ? > b@x.example  5.0.0 2026-11-27T00:14:01Z 3\n"
	    "refused DDDDDD ? > b@x.example  5.0.0 2026-11-27T00:14:01Z 4\n"
	    "refused EEEEEE ? > b@x.example  5.0.0 2026-11-27T00:14:01Z 5\n"
	    "refused FFFFFF ? > b@x.example  5.0.0 - 6\n"
	    "refused GGGGGG ? > b@x.example  5.0.0 2026-11-07T09:14:01Z 7\n"
	    "refused HHHHHH ? > b@x.example  5.0.0 - 8\n" },
	{ "Sendmail",
	    "Nov 27 09:14:00 mx sm-mta[5]: 3ARB1x012345: from=<a@shop.example>, "
	    "size=900, class=0, nrcpts=2, msgid=<1@x>, relay=localhost\n"
	    "Nov 27 09:14:01 mx sm-mta[5]: 3ARB1x012345: "
	    "to=<b@example.net>,<c@example.net>, ctladdr=<a@shop.example> "
	    "(1/1), delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=12, "
	    "relay=mx.example.net. [192.0.2.9], dsn=5.7.26, reply=550 5.7.26 "
	    "no SPF, stat=Service unavailable\n",
	    "refused 3ARB1x012345 <a@shop.example> > b@example.net "
	    "mx.example.net 5.7.26 2026-11-27T09:14:01Z 550 5.7.26 no SPF\n"
	    "refused 3ARB1x012345 <a@shop.example> > c@example.net "
	    "mx.example.net 5.7.26 2026-11-27T09:14:01Z 550 5.7.26 no SPF\n" },
	{ "Sendmail: a recipient without an address is none",
	    "Nov 27 09:14:01 mx sm-mta[5]: 3ARB1x1: to=<>,<b@x.example>, "
	    "dsn=5.1.1, stat=User unknown\n",
	    "refused 3ARB1x1 ? > b@x.example  5.1.1 2026-11-27T09:14:01Z User "
	    "unknown\n" },
	{ "Sendmail: queued is nothing, deferred waits, sent is sent",
	    "Nov 27 09:14:01 mx sendmail[5]: 3ARB1x1: to=b@x.example, dsn=2.0.0"
	    ", stat=queued\n"
	    "Nov 27 09:14:01 mx sendmail[5]: 3ARB1x1: to=c@x.example, dsn=4.0.0"
	    ", stat=Deferred: Connection refused by mx.x.example.\n"
	    "Nov 27 09:14:01 mx sendmail[5]: 3ARB1x2: to=d@x.example, dsn=2.0.0"
	    ", stat=Sent (ok)\n"
	    "Nov 27 09:14:01 mx sendmail[5]: 3ARB1x3: to=e@x.example, dsn=5.1.1"
	    ", stat=User unknown\n",
	    "deferred 3ARB1x1 ? > c@x.example  4.0.0 2026-11-27T09:14:01Z "
	    "Deferred: Connection refused by mx.x.example.\n"
	    "sent 3ARB1x2 ? > d@x.example  2.0.0 2026-11-27T09:14:01Z\n"
	    "refused 3ARB1x3 ? > e@x.example  5.1.1 2026-11-27T09:14:01Z User "
	    "unknown\n" },
	{ "Sendmail: what dsn= says where stat= says nothing known",
	    "Nov 27 09:14:01 mx sm-mta[5]: 3ARB1x1: to=<b@x.example>, "
	    "dsn=4.2.0, stat=I/O error\n"
	    "Nov 27 09:14:01 mx sm-mta[5]: 3ARB1x2: to=<c@x.example>, "
	    "dsn=2.0.0, stat=Ok\n"
	    "Nov 27 09:14:01 mx sm-mta[5]: 3ARB1x3: to=<d@x.example>, "
	    "stat=Cannot send\n",
	    "deferred 3ARB1x1 ? > b@x.example  4.2.0 2026-11-27T09:14:01Z I/O "
	    "error\n"
	    "sent 3ARB1x2 ? > c@x.example  2.0.0 2026-11-27T09:14:01Z\n"
	    "refused 3ARB1x3 ? > d@x.example   2026-11-27T09:14:01Z Cannot "
	    "send\n" },
	{ "the hour of now, earlier and later",
	    "Nov 28 11:59:59 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (1)\n"
	    "Nov 28 12:00:00 mx postfix/smtp[1]: BBBBBB: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (2)\n"
	    "Nov 28 12:00:01 mx postfix/smtp[1]: CCCCCC: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (3)\n"
	    "Nov 28 11:00:00 mx postfix/smtp[1]: DDDDDD: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (4)\n",
	    "refused AAAAAA ? > b@x.example  5.0.0 2026-11-28T11:59:59Z 1\n"
	    "refused BBBBBB ? > b@x.example  5.0.0 2026-11-28T12:00:00Z 2\n"
	    "refused CCCCCC ? > b@x.example  5.0.0 2025-11-28T12:00:01Z 3\n"
	    "refused DDDDDD ? > b@x.example  5.0.0 2026-11-28T11:00:00Z 4\n" },
	{ "every month",
	    "Jan  1 00:00:00 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (1)\n"
	    "Oct 31 23:59:60 mx postfix/smtp[1]: BBBBBB: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (2)\n"
	    "Dec 31 23:59:59 mx postfix/smtp[1]: CCCCCC: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (3)\n",
	    "refused AAAAAA ? > b@x.example  5.0.0 2026-01-01T00:00:00Z 1\n"
	    "refused BBBBBB ? > b@x.example  5.0.0 2026-11-01T00:00:00Z 2\n"
	    "refused CCCCCC ? > b@x.example  5.0.0 2025-12-31T23:59:59Z 3\n" },
	{ "no time stamps",
	    "Nov 27 24:14:01 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Nov 27 09:60:01 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Nov 27 09:14:61 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Now 27 09:14:01 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Nov x7 09:14:01 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Nov 27 09.14:01 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Nov 27 09:14.01 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "2026-11-27 09:14:01 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "12345678.5 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "1795738441 mx postfix/smtp[1]: AAAAAA: to=<b@x.example>, "
	    "relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Fri 2026-11-27 00:14.01 UTC mx postfix/smtp[1]: AAAAAA: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (no)\n"
	    "Fri 2026-13-27 00:14:01 UTC mx postfix/smtp[1]: AAAAAA: "
	    "to=<b@x.example>, relay=none, dsn=5.0.0, status=bounced (no)\n",
	    "" },
	{ "cut lines",
	    SMTP "AAAAAA: to=<b@exa\n" SMTP "AAAAAA: to=\n" SMTP
		 "AAAAAA:\n" SMTP
		 "AAAAAA: to=<b@x.example>, relay=none, dsn=5.0.0, "
		 "status=bounced (no\n"
		 "Nov 27 09:14:01 mx postfix/smtp[10\nNov 27\nNov\n",
	    "refused AAAAAA ? > b@x.example  5.0.0 2026-11-27T09:14:01Z (no\n" },
};

START_TEST(a_log_tells_of_deliveries)
{
	read_log(rows[_i].log);
	ck_assert_msg(strcmp(mxa_buf_cstr(&seen), rows[_i].want) == 0,
	    "%s: got\n%s\nwant\n%s", rows[_i].name, mxa_buf_cstr(&seen),
	    rows[_i].want);
}
END_TEST

static unsigned counted;

static void count_delivery(void *ctx, const struct mxa_delivery *d)
{
	(void)ctx;
	(void)d;
	counted++;
}

START_TEST(open_messages_are_bounded)
{
	struct mxa_maillog *log = mxa_maillog_new(NOW, count_delivery, NULL);
	char line[200];

	counted = 0;
	for (int i = 0; i < MXA_MAILLOG_MAX_OPEN + 50; i++) {
		snprintf(line, sizeof(line),
		    SMTP "Z%07d: to=<b@x.example>, relay=none, dsn=4.0.0, "
			 "status=deferred (later)",
		    i);
		ck_assert(mxa_maillog_line(log, mxa_str_from(line)));
	}
	ck_assert_uint_eq(counted, 50);
	mxa_maillog_free(log);
	ck_assert_uint_eq(counted, 50);
}
END_TEST

START_TEST(recipients_of_a_message_are_bounded)
{
	struct mxa_maillog *log = mxa_maillog_new(NOW, count_delivery, NULL);
	char line[200];

	counted = 0;
	for (int i = 0; i < MXA_MAILLOG_MAX_RECIPIENTS + 50; i++) {
		snprintf(line, sizeof(line),
		    SMTP "AAAAAA: to=<u%d@x.example>, relay=none, dsn=4.0.0, "
			 "status=deferred (later)",
		    i);
		ck_assert(mxa_maillog_line(log, mxa_str_from(line)));
	}
	ck_assert_uint_eq(counted, 50);
	mxa_maillog_end(log);
	ck_assert_uint_eq(counted, MXA_MAILLOG_MAX_RECIPIENTS + 50);
	mxa_maillog_free(log);
}
END_TEST

START_TEST(lines_of_a_mail_system)
{
	struct mxa_maillog *log = mxa_maillog_new(NOW, count_delivery, NULL);

	ck_assert(mxa_maillog_line(log, MXA_STR(SMTP "x")));
	ck_assert(mxa_maillog_line(
	    log, MXA_STR("Nov 27 09:14:01 mx sendmail[5]: x")));
	ck_assert(mxa_maillog_line(
	    log, MXA_STR("Nov 27 09:14:01 mx sm-msp-queue[5]: x")));
	ck_assert(
	    mxa_maillog_line(log, MXA_STR("Nov 27 09:14:01 mx sendmail: x")));
	ck_assert(
	    mxa_maillog_line(log, MXA_STR("Nov 27 09:14:01 mx sendmail[5]:")));
	ck_assert(
	    !mxa_maillog_line(log, MXA_STR("Nov 27 09:14:01 mx sendmail[5]")));
	ck_assert(!mxa_maillog_line(
	    log, MXA_STR("Nov 27 09:14:01 mx sendmail[5] x: y")));
	ck_assert(!mxa_maillog_line(
	    log, MXA_STR("Nov 27 09:14:01 mx sendmail x: y")));
	ck_assert(!mxa_maillog_line(
	    log, MXA_STR("Nov 27 09:14:01 mx postfix[5]: x")));
	ck_assert(
	    !mxa_maillog_line(log, MXA_STR("Nov 27 09:14:01 mx cron[5]: x")));
	ck_assert(!mxa_maillog_line(log, MXA_STR("x")));
	ck_assert(!mxa_maillog_line(log, MXA_STR("")));
	mxa_maillog_free(log);
}
END_TEST

START_TEST(a_log_is_recognised)
{
	ck_assert(mxa_maillog_is_log(MXA_STR(SMTP "AAAAAA: removed")));
	ck_assert(mxa_maillog_is_log(
	    MXA_STR("Nov 27 09:14:01 mx sendmail[5]: 3ARB1x1: to=b")));
	ck_assert(!mxa_maillog_is_log(MXA_STR("Nov 27 09:14:01 mx x[1]: y")));
	ck_assert(mxa_maillog_is_log(MXA_STR("x\n" SMTP "AAAAAA: to=<b@x>")));
	ck_assert(!mxa_maillog_is_log(MXA_STR("From: a@x.example\n\nbody\n")));
	ck_assert(!mxa_maillog_is_log(MXA_STR("")));
	ck_assert(!mxa_maillog_is_log(
	    MXA_STR("Nov 27 09:14:01 mx cron[1]: postfix/smtp\n")));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bounce/maillog");
	TCase *tc = tcase_create("maillog");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, a_log_tells_of_deliveries, 0, MXA_ARRAY_LEN(rows));
	tcase_add_test(tc, open_messages_are_bounded);
	tcase_add_test(tc, recipients_of_a_message_are_bounded);
	tcase_add_test(tc, lines_of_a_mail_system);
	tcase_add_test(tc, a_log_is_recognised);
	suite_add_tcase(s, tc);
	return test_main(s);
}
