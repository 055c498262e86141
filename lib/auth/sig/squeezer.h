/* squeezer.h - one way to squeeze the white space of a relaxed body
 * (squeeze.h).
 */
#ifndef MXA_AUTH_SIG_SQUEEZER_H
#define MXA_AUTH_SIG_SQUEEZER_H

#include <stdbool.h>
#include <stddef.h>

#define MXA_SQUEEZE_BLOCK 64
/* Fewer octets than this are left to the caller. */
#define MXA_SQUEEZE_LEAST ((size_t)2 * MXA_SQUEEZE_BLOCK)

struct mxa_squeezer {
	const char *name;

	/* How many octets from 'p' on, in whole blocks, surely stay as they
	 * are, whatever follows. */
	size_t (*clean)(const char *p, size_t len);

	/* Writes to 'out', which has room for 'len', what the octets from 'p'
	 * on become and returns how many that are.  '*used': how many were
	 * read, in whole blocks; fewer than MXA_SQUEEZE_LEAST are left. */
	size_t (*squeeze)(const char *p, size_t len, char *out, size_t *used);
};

#endif
