/* fuzz_address.c - From: what is listed is a canonical domain, what is not
 * right is told. */
#include "t/fuzz/fuzz.h"

#include "base/arena.h"
#include "base/domain.h"
#include "mail/address.h"
#include "mail/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers h;
	struct mxa_authors w;
	struct mxa_str again;

	mxa_headers_init(&h, a);
	mxa_headers_add(
	    &h, MXA_STR("From"), mxa_str_make((const char *)data, size), true);
	mxa_authors_read(a, &h, &w);
	require(w.n <= MXA_MAX_AUTHORS && w.fields == 1);
	require(w.malformed == (w.reason.text.len > 0));
	require(w.n > 0 || w.malformed);
	require((w.damaged > 0) == (w.damage.len > 0));
	require(w.damaged == 0 || w.malformed);
	for (size_t i = 0; i < w.damage.len; i++)
		require(w.damage.p[i] > ' ' && w.damage.p[i] < 0x7f);
	require(w.n == MXA_MAX_AUTHORS || !w.more || w.malformed);
	for (size_t i = 0; i < w.n; i++) {
		require(mxa_domain_canonical(a, w.domain[i], &again) == MXA_OK);
		require(mxa_str_eq(again, w.domain[i]));
		for (size_t k = 0; k < i; k++)
			require(!mxa_str_eq(w.domain[i], w.domain[k]));
	}
	mxa_arena_free(a);
	return 0;
}
