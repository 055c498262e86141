/* fuzz_bounce.c - any bytes are read as a bounce, in bounds, and what comes out
 * is consistent. */
#include "t/fuzz/fuzz.h"

#include "base/arena.h"
#include "bounce/bounce.h"

static void check_failure(const struct mxa_failure *f)
{
	require(f->recipient.p != NULL && f->domain.p != NULL);
	require(f->said.code[0] == '\0' || f->said.code[0] == '4' ||
	    f->said.code[0] == '5');
	require(f->said.text.len <= MXA_MAX_SAID);
	require(f->status.len == 0 || mxa_enhanced_len(f->status) > 0);
	require(f->refusal.provider != NULL);
	require(
	    mxa_refusal_is_auth(f->refusal.class) || f->refusal.methods == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_str bytes = mxa_str_make((const char *)data, size);
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_bounce b;

	mxa_bounce_read(a, bytes, &b);
	require(b.n <= MXA_MAX_FAILURES);
	require((b.kind == MXA_NOT_A_BOUNCE) == (b.reason != NULL));
	require(b.kind != MXA_NOT_A_BOUNCE || b.n == 0);
	for (size_t i = 0; i < b.n; i++)
		check_failure(&b.v[i]);
	mxa_arena_free(a);
	return 0;
}
