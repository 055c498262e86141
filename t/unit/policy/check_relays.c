/* check_relays.c - the client behind our own relays. */
#include "t/support/testing.h"

#include <string.h>

#include "base/limits.h"
#include "conf/conf.h"
#include "policy/relays.h"

/* --- the chain: relays are 198.51.100.0/28 --- */

#define BY_RELAY(helo, ip) "from " helo " (x [" ip "]) by relay with ESMTP"

static const struct {
	const char *name, *peer;
	const char *received[4];
	const char *ip, *helo; /* ip "-": the client is unknown */
	unsigned hops;
	unsigned end; /* the field at which the walk ended */
	const char *note;
} chains[] = {
	{ "peer is no relay: nothing is read", "203.0.113.9",
	    { BY_RELAY("a.example", "192.0.2.7") }, "203.0.113.9",
	    "peer.example", 0, 0, NULL },
	{ "one relay", "198.51.100.1", { BY_RELAY("a.example", "192.0.2.7") },
	    "192.0.2.7", "a.example", 1, 1, NULL },
	{ "two relays", "198.51.100.1",
	    { BY_RELAY("r2.example.jp", "198.51.100.2"),
		BY_RELAY("a.example", "192.0.2.7") },
	    "192.0.2.7", "a.example", 2, 2, NULL },
	{ "what is below the client's field is the client's invention",
	    "198.51.100.1",
	    { BY_RELAY("a.example", "192.0.2.7"),
		BY_RELAY("bank.example", "192.0.2.8") },
	    "192.0.2.7", "a.example", 1, 1, NULL },
	{ "content filter's hop over loopback", "198.51.100.1",
	    { BY_RELAY("localhost", "127.0.0.1"),
		BY_RELAY("a.example", "192.0.2.7") },
	    "192.0.2.7", "a.example", 2, 2, NULL },
	{ "loopback is never the client", "198.51.100.1",
	    { BY_RELAY("localhost", "127.0.0.1") }, "-", "", 1, 1,
	    "the client is unknown: the Received fields lead to the trusted "
	    "relay itself" },
	{ "nor is a relay", "198.51.100.1",
	    { BY_RELAY("r2.example.jp", "198.51.100.2") }, "-", "", 1, 1,
	    "the client is unknown: the Received fields lead to the trusted "
	    "relay itself" },
	{ "no field at all", "198.51.100.1", { NULL }, "-", "", 0, 0,
	    "the client is unknown: the trusted relay wrote no Received "
	    "field" },
	{ "mail that the relay wrote itself", "198.51.100.1",
	    { "by relay (Postfix, from userid 0)" }, "-", "", 0, 1,
	    "the client is unknown: Received field 1, by a trusted relay, has "
	    "no form that is read: by relay (Postfix, from userid 0)" },
	{ "a stranger's form behind a relay's", "198.51.100.1",
	    { BY_RELAY("r2.example.jp", "198.51.100.2"),
		"from \"a (b [192.0.2.8])\" (x [192.0.2.7]) by relay" },
	    "-", "", 1, 2,
	    "the client is unknown: Received field 2, by a trusted relay, has "
	    "no form that is read: from \"a (b [192.0.2.8])\" (x "
	    "[192.0.2.7]) by relay" },
	{ "private client", "198.51.100.1",
	    { BY_RELAY("pc.example.jp", "10.0.0.7") }, "10.0.0.7",
	    "pc.example.jp", 1, 1, NULL },
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
	struct mxa_relays_end end;
	struct mxa_msg m;
	char text[MXA_IP_TEXT];

	conf_with_relays(&conf, &net);
	mxa_msg_init(&m, a);
	m.ip = m.peer = address(chains[_i].peer);
	m.helo = MXA_STR("peer.example");
	for (int i = 0; i < 4 && chains[_i].received[i] != NULL; i++)
		mxa_headers_add(&m.headers, MXA_STR("Received"),
		    mxa_str_from(chains[_i].received[i]), false);
	end = mxa_relays_walk(&conf, a, &m);
	ck_assert_uint_eq(end.field, chains[_i].end);
	ck_assert_pstr_eq(end.note, chains[_i].note);
	ck_assert(m.client_unknown == (chains[_i].ip[0] == '-'));
	if (m.client_unknown)
		ck_assert_int_eq(m.ip.family, 0);
	else
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
	ck_assert_str_eq(mxa_relays_walk(&conf, a, &m).note,
	    "the client is unknown: more trusted relays than are walked");
	ck_assert(m.client_unknown);
	ck_assert_uint_eq(m.relay_hops, MXA_MAX_RELAY_HOPS);
	mxa_arena_free(a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("relays");
	TCase *tc = tcase_create("relays");

	tcase_add_loop_test(
	    tc, chain_is_walked_to_the_client, 0, MXA_ARRAY_LEN(chains));
	tcase_add_test(tc, walk_is_bounded);
	suite_add_tcase(s, tc);
	return test_main(s);
}
