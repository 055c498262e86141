/* fuzz_received.c - the client that a Received field names. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "policy/relays.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str in = mxa_str_make((const char *)data, size);
	struct mxa_headers h;
	struct mxa_str helo;
	struct mxa_ip ip;

	mxa_headers_init(&h, a);
	mxa_headers_add(&h, MXA_STR("Received"), in, true);
	if (h.n > 0 && mxa_received_client(a, &h.v[0], &ip, &helo)) {
		require(ip.family == 4 || ip.family == 6);
		require(helo.len <= 255);
		for (size_t i = 0; i < helo.len; i++)
			require(!mxa_is_space(helo.p[i]));
	}
	mxa_arena_free(a);
	return 0;
}
