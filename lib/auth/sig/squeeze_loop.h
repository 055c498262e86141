/* squeeze_loop.h - what the ways of squeeze.h have in common: each gives the
 * inline functions that look at a block. */
#ifndef MXA_AUTH_SIG_SQUEEZE_LOOP_H
#define MXA_AUTH_SIG_SQUEEZE_LOOP_H

#include <stdint.h>
#include <string.h>

#include "auth/sig/squeezer.h"
#include "mail/headers.h"

/* The octets of a block, bit 0 for the first. */
struct mxa_octets {
	uint64_t tab, wsp, cr, lf;
};

/* Inlined where the functions that it gets are known, so that they are, too. */
#define MXA_SQUEEZE_INLINE static inline __attribute__((always_inline))

/* White space of the block at 'p' that goes; two more octets are there. */
MXA_SQUEEZE_INLINE uint64_t mxa_octets_dropped(
    struct mxa_octets o, const char *p)
{
	const char *behind = p + MXA_SQUEEZE_BLOCK;
	uint64_t wsp = o.wsp >> 1 | (uint64_t)mxa_is_wsp(behind[0]) << 63;
	uint64_t cr = o.cr >> 1 | (uint64_t)(behind[0] == '\r') << 63;
	uint64_t lf = o.lf >> 2 | (uint64_t)(behind[0] == '\n') << 62 |
	    (uint64_t)(behind[1] == '\n') << 63;

	return o.wsp & (wsp | (cr & lf));
}

typedef struct mxa_octets mxa_classify(const char *p);

/* A block that stays as it is may be called another, never the reverse. */
typedef bool mxa_block_stays(const char *p);

/* Writes the block at 'p' without what is dropped, TAB as SP; may write, and
 * read at 'p', MXA_SQUEEZE_BLOCK octets more. */
typedef size_t mxa_block_pack(
    const char *p, uint64_t drop, uint64_t tab, char *out);

MXA_SQUEEZE_INLINE size_t mxa_loop_clean(
    const char *p, size_t len, mxa_block_stays *stays)
{
	size_t i = 0;

	while (len - i >= MXA_SQUEEZE_LEAST && stays(p + i))
		i += MXA_SQUEEZE_BLOCK;
	return i;
}

MXA_SQUEEZE_INLINE size_t mxa_loop_squeeze(const char *p, size_t len, char *out,
    size_t *used, mxa_classify *classify, mxa_block_pack *pack)
{
	size_t i = 0, n = 0;

	while (len - i >= MXA_SQUEEZE_LEAST) {
		struct mxa_octets o = classify(p + i);

		n += pack(p + i, mxa_octets_dropped(o, p + i), o.tab, out + n);
		i += MXA_SQUEEZE_BLOCK;
	}
	*used = i;
	return n;
}

/* For processors that cannot shuffle octets: copies what is between those that
 * change, a block at a time. */
static inline size_t mxa_pack_pieces(
    const char *p, uint64_t drop, uint64_t tab, char *out)
{
	uint64_t odd = drop | tab;
	size_t from = 0, n = 0;

	for (; odd != 0; odd &= odd - 1) {
		size_t at = (size_t)__builtin_ctzll(odd);

		memcpy(out + n, p + from, MXA_SQUEEZE_BLOCK);
		n += at - from;
		out[n] = ' ';
		n += !(drop >> at & 1);
		from = at + 1;
	}
	memcpy(out + n, p + from, MXA_SQUEEZE_BLOCK);
	return n + MXA_SQUEEZE_BLOCK - from;
}

/* For each set of eight octets that stay, where they come from: what the
 * instructions that shuffle octets want. */
typedef unsigned char mxa_shuffles[256][8];

static inline void mxa_shuffles_fill(mxa_shuffles shuffles)
{
	for (unsigned keep = 0; keep < 256; keep++) {
		unsigned n = 0;

		for (unsigned char i = 0; i < 8; i++)
			if (keep >> i & 1)
				shuffles[keep][n++] = i;
	}
}

/* The ways there are: NULL where the processor has not what one wants. */
const struct mxa_squeezer *mxa_squeezer_avx2(void);
const struct mxa_squeezer *mxa_squeezer_sse2(void);
const struct mxa_squeezer *mxa_squeezer_neon(void);

#endif
