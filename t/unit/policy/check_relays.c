/* check_relays.c - the client behind our own relays. */
#include "t/support/testing.h"

#include <string.h>

#include "base/limits.h"
#include "conf/conf.h"
#include "policy/relays.h"

/* --- one field --- */

static const struct {
	const char *name, *value, *ip, *helo; /* ip NULL: none */
} fields[] = {
	{ "Postfix",
	    "from h.example.net (mail.example.net [203.0.113.5])\r\n"
	    "\tby relay.example.jp (Postfix) with ESMTPS id 4XyZ",
	    "203.0.113.5", "h.example.net" },
	{ "Postfix, TLS comments behind",
	    "from h.example.net (unknown [203.0.113.5])\r\n"
	    "\t(using TLSv1.3 with cipher AES (256/256 bits))\r\n"
	    "\t(No client certificate requested)\r\n"
	    "\tby relay.example.jp (Postfix)",
	    "203.0.113.5", "h.example.net" },
	{ "Postfix, IPv6",
	    "from h.example.net (m.example.net [IPv6:2001:db8::5]) by r",
	    "2001:db8::5", "h.example.net" },
	{ "HELO is a literal of another address",
	    "from [192.0.2.99] (unknown [203.0.113.5]) by relay.example.jp",
	    "203.0.113.5", "[192.0.2.99]" },
	{ "Sendmail",
	    "from h.example.net (m.example.net [203.0.113.5] (may be "
	    "forged)) by relay.example.jp (8.17/8.17) with ESMTP id x",
	    "203.0.113.5", "h.example.net" },
	{ "Sendmail with ident that imitates an address",
	    "from h (IDENT:x@[192.0.2.99] [203.0.113.5]) by r", "203.0.113.5",
	    "h" },
	{ "Exim, name known",
	    "from m.example.net ([203.0.113.5] helo=h.example.net) by r with "
	    "esmtp (Exim 4.96)",
	    "203.0.113.5", "h.example.net" },
	{ "Exim, no name, HELO imitates an address",
	    "from [203.0.113.5] (helo=[192.0.2.99]) by r with esmtp (Exim)",
	    "203.0.113.5", "[192.0.2.99]" },
	{ "Exim with a port",
	    "from [203.0.113.5]:4711 (helo=h.example.net) by r", "203.0.113.5",
	    "h.example.net" },
	{ "qmail",
	    "from unknown (HELO h.example.net) (203.0.113.5) by r with SMTP",
	    "203.0.113.5", "h.example.net" },
	{ "qmail, HELO imitates an address",
	    "from unknown (HELO [192.0.2.99]) (203.0.113.5) by r with SMTP",
	    "203.0.113.5", "[192.0.2.99]" },
	{ "Exchange",
	    "from h.example.net (203.0.113.5) by r.example.jp (10.0.0.1) "
	    "with Microsoft SMTP Server",
	    "203.0.113.5", "h.example.net" },
	{ "reverse name that looks like an address",
	    "from h.example.net (192.0.2.99 [203.0.113.5]) by r", "203.0.113.5",
	    "h.example.net" },
	{ "HELO by", "from by (unknown [203.0.113.5]) by relay.example.jp",
	    "203.0.113.5", "by" },
	{ "address only behind by", "from h.example.net by r ([203.0.113.5])",
	    NULL, NULL },
	{ "written by a local submission",
	    "by relay.example.jp (Postfix, from userid 0) id 4XyZ", NULL,
	    NULL },
	{ "comment that never ends", "from h (m [203.0.113.5] and so on", NULL,
	    NULL },
	{ "nested without end", "from h ((((((((((", NULL, NULL },
	{ "nothing", "", NULL, NULL },
	{ "from alone", "from", NULL, NULL },
	{ "broken address", "from h (m [203.0.113.555]) by r", NULL, NULL },
};

START_TEST(received_field_names_the_client)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	struct mxa_str helo;
	struct mxa_ip ip;
	char text[MXA_IP_TEXT];
	bool found;

	mxa_headers_init(&h, a);
	mxa_headers_add(
	    &h, MXA_STR("Received"), mxa_str_from(fields[_i].value), false);
	found = mxa_received_client(a, &h.v[0], &ip, &helo);
	ck_assert_msg(found == (fields[_i].ip != NULL), "%s", fields[_i].name);
	if (found) {
		ck_assert_str_eq(mxa_ip_format(&ip, text), fields[_i].ip);
		ck_str_is(helo, fields[_i].helo);
	}
	mxa_arena_free(a);
}
END_TEST

/* --- the chain: relays are 198.51.100.0/28 --- */

#define BY_RELAY(helo, ip) "from " helo " (x [" ip "]) by relay with ESMTP"

static const struct {
	const char *name, *peer;
	const char *received[4];
	const char *ip, *helo;
	unsigned hops;
	bool problem;
} chains[] = {
	{ "peer is no relay: nothing is read", "203.0.113.9",
	    { BY_RELAY("a.example", "192.0.2.7") }, "203.0.113.9",
	    "peer.example", 0, false },
	{ "one relay", "198.51.100.1", { BY_RELAY("a.example", "192.0.2.7") },
	    "192.0.2.7", "a.example", 1, false },
	{ "two relays", "198.51.100.1",
	    { BY_RELAY("r2.example.jp", "198.51.100.2"),
		BY_RELAY("a.example", "192.0.2.7") },
	    "192.0.2.7", "a.example", 2, false },
	{ "what is below the client's field is the client's invention",
	    "198.51.100.1",
	    { BY_RELAY("a.example", "192.0.2.7"),
		BY_RELAY("bank.example", "192.0.2.8") },
	    "192.0.2.7", "a.example", 1, false },
	{ "content filter's hop over loopback", "198.51.100.1",
	    { BY_RELAY("localhost", "127.0.0.1"),
		BY_RELAY("a.example", "192.0.2.7") },
	    "192.0.2.7", "a.example", 2, false },
	{ "loopback is never the client", "198.51.100.1",
	    { BY_RELAY("localhost", "127.0.0.1") }, "198.51.100.1",
	    "peer.example", 1, false },
	{ "mail that the relay wrote itself", "198.51.100.1", { NULL },
	    "198.51.100.1", "peer.example", 0, false },
	{ "field that cannot be read", "198.51.100.1",
	    { "by relay (Postfix, from userid 0)" }, "198.51.100.1",
	    "peer.example", 0, true },
	{ "private client", "198.51.100.1",
	    { BY_RELAY("pc.example.jp", "10.0.0.7") }, "10.0.0.7",
	    "pc.example.jp", 1, false },
};

static struct mxa_ip address(const char *text)
{
	struct mxa_ip ip;

	ck_assert(mxa_ip_parse(mxa_str_from(text), &ip));
	return ip;
}

static void conf_with_relays(struct mxa_conf *c, struct mxa_cidr *net)
{
	ck_assert(mxa_cidr_parse(MXA_STR("198.51.100.0/28"), net));
	*c = (struct mxa_conf){ .trusted_relays = net, .n_trusted_relays = 1 };
}

START_TEST(chain_is_walked_to_the_client)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_cidr net;
	struct mxa_conf conf;
	struct mxa_msg m;
	char text[MXA_IP_TEXT];

	conf_with_relays(&conf, &net);
	mxa_msg_init(&m, a);
	m.ip = m.peer = address(chains[_i].peer);
	m.helo = MXA_STR("peer.example");
	for (int i = 0; i < 4 && chains[_i].received[i] != NULL; i++)
		mxa_headers_add(&m.headers, MXA_STR("Received"),
		    mxa_str_from(chains[_i].received[i]), false);
	ck_assert_msg(
	    (mxa_relays_walk(&conf, a, &m) != NULL) == chains[_i].problem, "%s",
	    chains[_i].name);
	ck_assert_str_eq(mxa_ip_format(&m.ip, text), chains[_i].ip);
	ck_str_is(m.helo, chains[_i].helo);
	ck_assert_uint_eq(m.relay_hops, chains[_i].hops);
	mxa_arena_free(a);
}
END_TEST

START_TEST(walk_is_bounded)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_cidr net;
	struct mxa_conf conf;
	struct mxa_msg m;

	conf_with_relays(&conf, &net);
	mxa_msg_init(&m, a);
	m.ip = m.peer = address("198.51.100.1");
	for (int i = 0; i < 50; i++)
		mxa_headers_add(&m.headers, MXA_STR("Received"),
		    MXA_STR("from r (r [198.51.100.2]) by r"), false);
	ck_assert_ptr_nonnull(mxa_relays_walk(&conf, a, &m));
	ck_assert_uint_eq(m.relay_hops, MXA_MAX_RELAY_HOPS);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("relays");
	TCase *tc = tcase_create("relays");

	tcase_add_loop_test(
	    tc, received_field_names_the_client, 0, MXA_ARRAY_LEN(fields));
	tcase_add_loop_test(
	    tc, chain_is_walked_to_the_client, 0, MXA_ARRAY_LEN(chains));
	tcase_add_test(tc, walk_is_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
