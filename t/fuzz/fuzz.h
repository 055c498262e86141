/* fuzz.h - shared by the fuzz harnesses. */
#ifndef MXA_T_FUZZ_H
#define MXA_T_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold whatever came in. */
static inline void require(bool ok)
{
	if (!ok)
		abort();
}

#endif
