/* fuzz_dkim.c - whole messages through the native DKIM engine.  However the
 * body comes in pieces, the verdict is the same. */
#include "t/fuzz/sigrun.h"

static void check(const struct mxa_dkim_sig *s)
{
	bool policy = s->result == MXA_DKIM_POLICY;

	require((s->result == MXA_DKIM_PASS) == (s->cause == MXA_DKIM_OK));
	require((s->result == MXA_DKIM_PASS) == (s->reason.text.len == 0));
	require(policy == (s->rules.len > 0));
	if (s->result == MXA_DKIM_PASS) {
		require(s->body == MXA_BODY_MATCHES);
		require(s->key_bits == 256 || s->key_bits >= 1024);
		require(s->domain.len > 0 && s->selector.len > 0);
		require(s->identity.len > 1 && s->b.len >= 8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str m = mxa_str_make((const char *)data, size);
	struct mxa_dkim_verdict whole, pieces;

	sigrun_dkim(a, m, SIZE_MAX, &whole);
	sigrun_dkim(a, m, 1 + size % 7, &pieces);
	require(whole.n == pieces.n && whole.untried == pieces.untried);
	require(whole.n <= 16);
	for (size_t i = 0; i < whole.n; i++) {
		check(&whole.sig[i]);
		require(whole.sig[i].result == pieces.sig[i].result);
		require(whole.sig[i].body == pieces.sig[i].body);
		require(i == 0 || whole.sig[i - 1].field < whole.sig[i].field);
	}
	mxa_arena_free(a);
	return 0;
}
