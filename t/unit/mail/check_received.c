/* check_received.c - the client that a Received field names: the forms of each
 * MTA, and what a stranger can make of them. */
#include "t/support/testing.h"

#include "base/attr.h"
#include "mail/received.h"

struct row {
	const char *name, *value, *ip, *helo; /* ip NULL: not known */
};

/* As the MTAs write them, with what a client can honestly say. */
static const struct row real_forms[] = {
	{ "Postfix",
	    "from h.example.net (mail.example.net [203.0.113.5])\r\n"
	    "\tby relay.example.jp (Postfix) with ESMTPS id 4XyZ1k2Qw3z1\r\n"
	    "\tfor <bob@example.jp>; Sat, 21 Nov 2026 09:00:00 +0900 (JST)",
	    "203.0.113.5", "h.example.net" },
	{ "Postfix, as a milter has it",
	    "from h.example.net (mail.example.net [203.0.113.5])\n"
	    "\tby relay.example.jp (Postfix) with ESMTP id 4XyZ",
	    "203.0.113.5", "h.example.net" },
	{ "Postfix with TLS",
	    "from h.example.net (unknown [203.0.113.5])\r\n"
	    "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 "
	    "bits)\r\n"
	    "\t key-exchange X25519 server-signature RSA-PSS (2048 bits))\r\n"
	    "\t(No client certificate requested)\r\n"
	    "\tby relay.example.jp (Postfix) with ESMTPS id 4XyZ",
	    "203.0.113.5", "h.example.net" },
	{ "Postfix with a login",
	    "from [192.168.1.7] (pc.example.net [203.0.113.5])\r\n"
	    "\t(Authenticated sender: bob)\r\n"
	    "\tby relay.example.jp (Postfix) with ESMTPSA id 4XyZ",
	    "203.0.113.5", "[192.168.1.7]" },
	{ "Postfix, IPv6",
	    "from h.example.net (m.example.net [IPv6:2001:db8::5]) by r "
	    "(Postfix)",
	    "2001:db8::5", "h.example.net" },
	{ "Postfix, HELO with bytes that it replaced",
	    "from h?x?_y (unknown [203.0.113.5]) by r (Postfix)", "203.0.113.5",
	    "h?x?_y" },
	{ "OpenSMTPD",
	    "from h.example.net (m.example.net [203.0.113.5])\r\n"
	    "\tby relay.example.jp (OpenSMTPD) with ESMTPS id 1a2b3c4d "
	    "(TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO)\r\n"
	    "\tfor <bob@example.jp>;\r\n"
	    "\tSat, 21 Nov 2026 09:00:00 +0900 (JST)",
	    "203.0.113.5", "h.example.net" },
	{ "OpenSMTPD, no name",
	    "from h.example.net (<unknown> [203.0.113.5])\r\n"
	    "\tby relay.example.jp (OpenSMTPD) with ESMTP id 1a2b3c4d",
	    "203.0.113.5", "h.example.net" },
	{ "OpenSMTPD, IPv6",
	    "from h.example.net (m.example.net [IPv6:2001:db8::5]) by r "
	    "(OpenSMTPD) with ESMTP id 1",
	    "2001:db8::5", "h.example.net" },
	{ "Sendmail",
	    "from h.example.net (m.example.net [203.0.113.5])\r\n"
	    "\tby relay.example.jp (8.17.1/8.17.1) with ESMTPS id 4AL900x1\r\n"
	    "\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 "
	    "verify=NO)\r\n"
	    "\tfor <bob@example.jp>; Sat, 21 Nov 2026 09:00:00 +0900",
	    "203.0.113.5", "h.example.net" },
	{ "Sendmail, a name that is not confirmed",
	    "from h.example.net (m.example.net [203.0.113.5] (may be "
	    "forged)) by relay.example.jp (8.17.1/8.17.1) with ESMTP id x",
	    "203.0.113.5", "h.example.net" },
	{ "Sendmail, no name",
	    "from h.example.net ([203.0.113.5]) by relay.example.jp "
	    "(8.17.1/8.17.1) with ESMTP id x",
	    "203.0.113.5", "h.example.net" },
	{ "Sendmail with a login",
	    "from h.example.net (m.example.net [203.0.113.5])\r\n"
	    "\t(authenticated bits=0)\r\n"
	    "\tby relay.example.jp (8.17.1/8.17.1) with ESMTPSA id x",
	    "203.0.113.5", "h.example.net" },
	{ "Sendmail with ident",
	    "from h.example.net (IDENT:u42@m.example.net [203.0.113.5]) by r "
	    "(8.17.1/8.17.1) with ESMTP id x",
	    "203.0.113.5", "h.example.net" },
	{ "Sendmail with ident, no name",
	    "from h.example.net (IDENT:u42@[203.0.113.5]) by r (8.17.1/8.17.1)",
	    "203.0.113.5", "h.example.net" },
	{ "Exim",
	    "from m.example.net ([203.0.113.5] helo=h.example.net)\r\n"
	    "\tby relay.example.jp with esmtps  (TLS1.3) tls "
	    "TLS_AES_256_GCM_SHA384\r\n"
	    "\t(Exim 4.96)\r\n"
	    "\t(envelope-from <a@example.net>)\r\n"
	    "\tid 1vMabc-0001xy-2Z\r\n\tfor bob@example.jp",
	    "203.0.113.5", "h.example.net" },
	{ "Exim, HELO is the name",
	    "from m.example.net ([203.0.113.5])\r\n"
	    "\tby relay.example.jp with esmtp (Exim 4.96)",
	    "203.0.113.5", "m.example.net" },
	{ "Exim, no name",
	    "from [203.0.113.5] (helo=h.example.net)\r\n"
	    "\tby relay.example.jp with esmtp (Exim 4.96)",
	    "203.0.113.5", "h.example.net" },
	{ "Exim, no name and no HELO",
	    "from [203.0.113.5]\r\n\tby relay.example.jp with smtp (Exim)",
	    "203.0.113.5", "[203.0.113.5]" },
	{ "Exim with the port",
	    "from m.example.net ([203.0.113.5]:4711 helo=h.example.net) by r "
	    "with esmtp (Exim)",
	    "203.0.113.5", "h.example.net" },
	{ "Exim with the port, no name",
	    "from [203.0.113.5] (port=4711 helo=h.example.net) by r with esmtp "
	    "(Exim)",
	    "203.0.113.5", "h.example.net" },
	{ "Exim with ident",
	    "from m.example.net ([203.0.113.5] helo=h.example.net ident=u42) "
	    "by r with esmtp (Exim)",
	    "203.0.113.5", "h.example.net" },
	{ "Exim with ident alone",
	    "from [203.0.113.5] (ident=u42) by r with smtp (Exim)",
	    "203.0.113.5", "[203.0.113.5]" },
	{ "Exim with every byte of an ident",
	    "from m.example.net ([203.0.113.5] helo=h.example.net "
	    "ident=a.b-c_d+E9) by r with esmtp (Exim)",
	    "203.0.113.5", "h.example.net" },
	{ "Exim, IPv6",
	    "from m.example.net ([2001:db8::5] helo=h.example.net) by r with "
	    "esmtp (Exim)",
	    "2001:db8::5", "h.example.net" },
	{ "Exim, HELO is a literal of another address",
	    "from [203.0.113.5] (helo=[192.0.2.99]) by r with esmtp (Exim)",
	    "203.0.113.5", "[192.0.2.99]" },
	{ "qmail",
	    "from unknown (HELO h.example.net) (203.0.113.5)\n"
	    "  by relay.example.jp with SMTP; 21 Nov 2026 00:00:00 -0000",
	    "203.0.113.5", "h.example.net" },
	{ "qmail, HELO is the name",
	    "from m.example.net (203.0.113.5)\n"
	    "  by relay.example.jp with ESMTPS; 21 Nov 2026 00:00:00 -0000",
	    "203.0.113.5", "m.example.net" },
	{ "qmail with ident",
	    "from m.example.net (HELO h.example.net) (u42@203.0.113.5)\n"
	    "  by r with SMTP; x",
	    "203.0.113.5", "h.example.net" },
	{ "qmail, every byte of a HELO name",
	    "from unknown (HELO a.b@c%d+e/f=g:h-i?) (203.0.113.5)\n"
	    "  by r with SMTP",
	    "203.0.113.5", "a.b@c%d+e/f=g:h-i?" },
	{ "qmail, a literal as it writes it",
	    "from unknown (HELO ?192.0.2.99?) (203.0.113.5)\n  by r with SMTP",
	    "203.0.113.5", "?192.0.2.99?" },
	{ "qmail, IPv6",
	    "from unknown (HELO h.example.net) (2001:db8::5)\n  by r with SMTP",
	    "2001:db8::5", "h.example.net" },
	{ "Exchange",
	    "from h.example.net (203.0.113.5) by MX1.example.jp\r\n"
	    " (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2,\r\n"
	    " cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.2.1544.4 via "
	    "Frontend\r\n Transport; Sat, 21 Nov 2026 09:00:00 +0900",
	    "203.0.113.5", "h.example.net" },
	{ "Exchange, IPv6",
	    "from h.example.net (2001:db8::5) by MX1.example.jp "
	    "(2001:db8:1::1) with Microsoft SMTP Server id 15.2.1544.4; x",
	    "2001:db8::5", "h.example.net" },
	{ "amavis, inside a relay",
	    "from relay.example.jp ([127.0.0.1])\r\n"
	    "\tby localhost (relay.example.jp [127.0.0.1]) (amavis, port "
	    "10024)\r\n\twith ESMTP id x",
	    "127.0.0.1", "relay.example.jp" },
	{ "HELO by", "from by (unknown [203.0.113.5]) by relay.example.jp",
	    "203.0.113.5", "by" },
	{ "HELO from", "from from (unknown [203.0.113.5]) by relay.example.jp",
	    "203.0.113.5", "from" },
	{ "HELO is a literal of another address",
	    "from [192.0.2.99] (unknown [203.0.113.5]) by relay.example.jp",
	    "203.0.113.5", "[192.0.2.99]" },
	{ "a reverse name that looks like an address",
	    "from h.example.net (192.0.2.99 [203.0.113.5]) by r", "203.0.113.5",
	    "h.example.net" },
};

/* What a stranger says, where the relay would let it through. */
static const struct row hostile_forms[] = {
	{ "quoted HELO with an address",
	    "from \"x (y [192.0.2.99])\" (unknown [203.0.113.5]) by r", NULL,
	    NULL },
	{ "a comment glued to HELO",
	    "from x(y [192.0.2.99]) (unknown [203.0.113.5]) by r", NULL, NULL },
	{ "HELO with a space and a comment",
	    "from x (y [192.0.2.99]) by z (unknown [203.0.113.5]) by r", NULL,
	    NULL },
	{ "HELO with a space, no by",
	    "from x (y [192.0.2.99]) (unknown [203.0.113.5])", NULL, NULL },
	{ "HELO with an at sign",
	    "from [192.0.2.99]@x.example (unknown [203.0.113.5]) by r", NULL,
	    NULL },
	{ "an address where the name is",
	    "from h (root@[192.0.2.99] [203.0.113.5]) by r", NULL, NULL },
	{ "two addresses", "from h ([192.0.2.99] [203.0.113.5]) by r", NULL,
	    NULL },
	{ "Sendmail's ident with an address",
	    "from h (IDENT:x@[192.0.2.99] [203.0.113.5]) by r", NULL, NULL },
	{ "Sendmail's ident with a whole form",
	    "from h (IDENT:x@y [192.0.2.99]) by z (m [203.0.113.5]) by r", NULL,
	    NULL },
	{ "a whole form before the real one",
	    "from x (y [192.0.2.99]) by z (Postfix) with ESMTP id 1 (unknown "
	    "[203.0.113.5]) by r (Postfix) with ESMTP id 2",
	    NULL, NULL },
	{ "a whole form and an open comment",
	    "from x (y [192.0.2.99]) by z (Postfix) with ESMTP id 1 ( (unknown "
	    "[203.0.113.5]) by r (Postfix) with ESMTP id 2",
	    NULL, NULL },
	{ "Sendmail's ident with spaces",
	    "from h (IDENT:x y@m.example.net [203.0.113.5]) by r", NULL, NULL },
	{ "Exim's ident with spaces",
	    "from m.example.net ([203.0.113.5] helo=h ident=x [192.0.2.99]) by "
	    "r with esmtp (Exim)",
	    NULL, NULL },
	{ "Exim's ident that ends the comment",
	    "from [203.0.113.5] (ident=x) (y [192.0.2.99]) by r", NULL, NULL },
	{ "Exim's HELO with spaces",
	    "from [203.0.113.5] (helo=x [192.0.2.99]) by r", NULL, NULL },
	{ "Exim's HELO that ends the comment",
	    "from m.example.net ([203.0.113.5] helo=x) ([192.0.2.99]) by r",
	    NULL, NULL },
	{ "qmail's form with bytes that it replaces",
	    "from unknown (HELO [192.0.2.99]) (203.0.113.5) by r with SMTP",
	    NULL, NULL },
	{ "qmail's ident with an address",
	    "from unknown (HELO h) (192.0.2.99@203.0.113.5) by r with SMTP",
	    "203.0.113.5", "h" },
	{ "qmail's ident that ends with nothing",
	    "from unknown (HELO h) (203.0.113.5@) by r with SMTP", NULL, NULL },
	{ "bare address of nobody's form",
	    "from h.example.net (203.0.113.5) by r with LMTP", NULL, NULL },
	{ "Exchange without its name",
	    "from h.example.net (203.0.113.5) by r (10.0.0.1) with Some Server",
	    NULL, NULL },
	{ "an address after by only", "from h.example.net by r ([203.0.113.5])",
	    NULL, NULL },
	{ "a second address in the comment",
	    "from h (m.example.net [203.0.113.5] [192.0.2.99]) by r", NULL,
	    NULL },
	{ "words after the address",
	    "from h (m.example.net [203.0.113.5] helo=x) by r", NULL, NULL },
	{ "written by a local submission",
	    "by relay.example.jp (Postfix, from userid 0) id 4XyZ", NULL,
	    NULL },
	{ "Sendmail, local",
	    "(from root@localhost) by relay.example.jp (8.17.1/8.17.1/Submit) "
	    "id x",
	    NULL, NULL },
	{ "qmail, local",
	    "(qmail 4711 invoked by uid 0); 21 Nov 2026 00:00:00 -0000", NULL,
	    NULL },
	{ "Exim, local", "from root by relay.example.jp with local (Exim 4.96)",
	    NULL, NULL },
	{ "a comment that never ends", "from h (m [203.0.113.5] and so on",
	    NULL, NULL },
	{ "a comment that never ends behind",
	    "from h (m [203.0.113.5]) (using by r", NULL, NULL },
	{ "nested without end", "from h ((((((((((", NULL, NULL },
	{ "nothing", "", NULL, NULL },
	{ "from alone", "from", NULL, NULL },
	{ "no by", "from h (m [203.0.113.5])", NULL, NULL },
	{ "by without a host", "from h (m [203.0.113.5]) by", NULL, NULL },
	{ "a broken address", "from h (m [203.0.113.555]) by r", NULL, NULL },
	{ "an address with leading zeros", "from h (m [203.0.113.005]) by r",
	    NULL, NULL },
	{ "an address with a zone", "from h (m [fe80::1%eth0]) by r", NULL,
	    NULL },
	{ "no literal", "from h (m 203.0.113.5) by r", NULL, NULL },
	{ "capitals", "FROM h (m [203.0.113.5]) BY r", NULL, NULL },
	{ "8-bit HELO", "from h\xc3\xa9 (m [203.0.113.5]) by r", NULL, NULL },
};

static void read_row(const struct row *row)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	struct mxa_str helo;
	struct mxa_ip ip;
	char text[MXA_IP_TEXT];
	bool found;

	mxa_headers_init(&h, a);
	mxa_headers_add(
	    &h, MXA_STR("Received"), mxa_str_from(row->value), false);
	found = mxa_received_client(a, &h.v[0], &ip, &helo);
	ck_assert_msg(found == (row->ip != NULL), "%s: %s", row->name,
	    found ? mxa_ip_format(&ip, text) : "not read");
	if (found) {
		ck_assert_msg(strcmp(mxa_ip_format(&ip, text), row->ip) == 0,
		    "%s: got %s", row->name, text);
		ck_str_is(helo, row->helo);
	}
	mxa_arena_free(a);
}

START_TEST(real_forms_are_read)
{
	read_row(&real_forms[_i]);
}
END_TEST

START_TEST(hostile_forms_are_not)
{
	read_row(&hostile_forms[_i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("received");
	TCase *tc = tcase_create("received");

	tcase_add_loop_test(
	    tc, real_forms_are_read, 0, MXA_ARRAY_LEN(real_forms));
	tcase_add_loop_test(
	    tc, hostile_forms_are_not, 0, MXA_ARRAY_LEN(hostile_forms));
	suite_add_tcase(s, tc);
	return test_main(s);
}
