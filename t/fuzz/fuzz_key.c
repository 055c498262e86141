/* fuzz_key.c - key records. */
#include "t/fuzz/fuzz.h"

#include "auth/sig/key.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_key k;

	if (size > MXA_MAX_RECORD)
		return 0;
	mxa_key_parse(mxa_str_make((const char *)data, size), &k);
	switch (k.state) {
	case MXA_KEY_OK:
		require(k.problem == NULL && k.bits > 0);
		require(k.pkey != NULL ||
		    (k.type == MXA_KEY_RSA &&
			(k.bits < 1024 || k.bits > MXA_MAX_RSA_BITS)));
		break;
	case MXA_KEY_REVOKED:
		require(k.problem == NULL && k.pkey == NULL);
		break;
	case MXA_KEY_BAD:
		require(k.problem != NULL && k.pkey == NULL);
		break;
	}
	mxa_key_done(&k);
	return 0;
}
