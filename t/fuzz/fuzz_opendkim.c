/* fuzz_opendkim.c - whole messages through libopendkim as we drive it: it does
 * not end the process, and nothing passes that the native engine refuses. */
#include "t/fuzz/sigrun.h"

/* To libopendkim a CR alone is white space: known, and harmless.  An LF alone
 * ends a line of a file. */
static bool has_lone_cr(struct mxa_str m)
{
	for (size_t i = 0; i < m.len; i++)
		if (m.p[i] == '\r' && (i + 1 == m.len || m.p[i + 1] != '\n'))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str m = mxa_str_make((const char *)data, size);
	struct mxa_dkim_verdict native, other;
	bool odd = has_lone_cr(m);

	sigrun_dkim(a, m, SIZE_MAX, &native);
	sigrun_dkim_by(&mxa_dkim_libopendkim, a, m, 1 + size % 7, &other);
	require(native.n == other.n && native.untried == other.untried);
	for (size_t i = 0; i < other.n; i++)
		require(odd || other.sig[i].result != MXA_DKIM_PASS ||
		    native.sig[i].result == MXA_DKIM_PASS);
	mxa_arena_free(a);
	return 0;
}
