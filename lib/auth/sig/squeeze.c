/* squeeze.c - see squeeze.h; the portable way, and which ways there are. */
#include "auth/sig/squeeze.h"

#include <pthread.h>

#include "auth/sig/squeeze_loop.h"

/* Eight octets in a number, the first lowest. */
static uint64_t eight(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

#define EACH(c) (UINT64_C(0x0101010101010101) * (c))

/* A bit for each of eight octets that is 'c'. */
static uint64_t equal(uint64_t v, unsigned char c)
{
	uint64_t x = v ^ EACH(c);
	/* the highest bit of each octet of x that is 0; no carry goes from one
	 * to the next */
	uint64_t zero = ~(((x & EACH(0x7f)) + EACH(0x7f)) | x | EACH(0x7f));

	return ((zero >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static struct mxa_octets classify(const char *p)
{
	struct mxa_octets o = { 0, 0, 0, 0 };

	for (unsigned i = 0; i < MXA_SQUEEZE_BLOCK; i += 8) {
		uint64_t v = eight(p + i), tab = equal(v, '\t');

		o.tab |= tab << i;
		o.wsp |= (tab | equal(v, ' ')) << i;
		o.cr |= equal(v, '\r') << i;
		o.lf |= equal(v, '\n') << i;
	}
	return o;
}

static bool block_stays(const char *p)
{
	struct mxa_octets o = classify(p);

	return (o.tab | mxa_octets_dropped(o, p)) == 0;
}

static size_t clean(const char *p, size_t len)
{
	return mxa_loop_clean(p, len, block_stays);
}

static size_t squeeze(const char *p, size_t len, char *out, size_t *used)
{
	return mxa_loop_squeeze(p, len, out, used, classify, mxa_pack_pieces);
}

static const struct mxa_squeezer portable = { "portable", clean, squeeze };

static const struct mxa_squeezer *ways[5];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_ways(void)
{
	const struct mxa_squeezer *all[] = { mxa_squeezer_avx2(),
		mxa_squeezer_neon(), mxa_squeezer_sse2(), &portable };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] != NULL)
			ways[n++] = all[i];
}

const struct mxa_squeezer *const *mxa_squeezers(void)
{
	pthread_once(&once, find_ways);
	return ways;
}
