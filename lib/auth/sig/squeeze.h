/* squeeze.h - the white space of a relaxed body (RFC 6376 section 3.4.4), 64
 * octets at a time, with the vector instructions of the processor.
 *
 * Which octet goes can be told from the two behind it: of white space only the
 * last octet of a run stays, as SP, and none before CRLF. */
#ifndef MXA_AUTH_SIG_SQUEEZE_H
#define MXA_AUTH_SIG_SQUEEZE_H

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

/* What this processor can do, the fastest first; the last one is portable.
 * NULL behind it. */
const struct mxa_squeezer *const *mxa_squeezers(void);

#endif
