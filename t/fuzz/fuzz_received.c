/* fuzz_received.c - the client that a Received field names, and the walk from a
 * trusted relay to the client.
 *
 * The input is the value of one field, and once more a header section behind a
 * relay. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "conf/conf.h"
#include "mail/received.h"
#include "policy/relays.h"

static void read_field(struct mxa_arena *a, struct mxa_str in)
{
	struct mxa_headers h;
	struct mxa_str helo;
	struct mxa_ip ip;

	mxa_headers_init(&h, a);
	mxa_headers_add(&h, MXA_STR("Received"), in, true);
	if (h.n == 0 || !mxa_received_client(a, &h.v[0], &ip, &helo))
		return;
	require(ip.family == 4 || ip.family == 6);
	require(helo.len <= 255);
	for (size_t i = 0; i < helo.len; i++)
		require(helo.p[i] > ' ' && helo.p[i] <= '~' &&
		    strchr("()\"\\<>;,", helo.p[i]) == NULL);
}

static void walk_section(struct mxa_arena *a, struct mxa_str in)
{
	struct mxa_cidr net;
	struct mxa_conf conf = { .trusted_relays = &net,
		.n_trusted_relays = 1 };
	struct mxa_relays_end end;
	struct mxa_msg m;
	size_t body;

	require(mxa_cidr_parse(MXA_STR("198.51.100.0/28"), &net));
	mxa_msg_init(&m, a);
	require(mxa_ip_parse(MXA_STR("198.51.100.1"), &m.peer));
	m.ip = m.peer;
	mxa_headers_split(&m.headers, in, &body);
	end = mxa_relays_walk(&conf, a, &m);
	require(m.relay_hops <= MXA_MAX_RELAY_HOPS);
	require(end.field == m.relay_hops || end.field == m.relay_hops + 1);
	require(m.client_unknown == (end.note != NULL));
	require(m.client_unknown == (m.ip.family == 0));
	require(!mxa_cidr_has(&net, &m.ip) && !mxa_ip_is_loopback(&m.ip));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str in = mxa_str_make((const char *)data, size);

	read_field(a, in);
	walk_section(a, in);
	mxa_arena_free(a);
	return 0;
}
