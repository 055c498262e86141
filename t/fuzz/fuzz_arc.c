/* fuzz_arc.c - whole messages through ARC validation, and what their results
 * say to somebody who trusts the sealer. */
#include "t/fuzz/sigrun.h"

#include "auth/arc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mxa_str sealers[] = { MXA_STR_INIT("list.example") };
	const struct mxa_auth_options trusting = { .trusted_sealers = sealers,
		.n_trusted_sealers = 1 };
	const struct mxa_dmarc_domain author = {
		.author = MXA_STR_INIT("example.com"),
		.organizational = MXA_STR_INIT("example.com"),
	};
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str m = mxa_str_make((const char *)data, size);
	struct mxa_engine_env env = { .arena = a, .options = &trusting };
	struct mxa_arc_verdict whole, pieces;

	sigrun_arc(a, m, SIZE_MAX, &whole);
	sigrun_arc(a, m, 1 + size % 7, &pieces);
	require(whole.evaluated && !whole.trusted);
	require(whole.result == pieces.result && whole.n == pieces.n);
	require(whole.oldest_pass == pieces.oldest_pass);
	require(whole.oldest_pass <= whole.n && whole.n <= 50);
	require((whole.result == MXA_ARC_PASS) == (whole.reason.text.len == 0));
	for (size_t i = 0; i < whole.n; i++)
		require(whole.set[i].seal_domain.len > 0);
	mxa_arc_trust(&env, &whole, &author);
	require(!whole.trusted || whole.result == MXA_ARC_PASS);
	/* what an AAR says is read however it is written */
	whole.result = MXA_ARC_PASS;
	mxa_arc_trust(&env, &whole, &author);
	mxa_arena_free(a);
	return 0;
}
