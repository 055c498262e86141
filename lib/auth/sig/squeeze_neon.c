/* squeeze_neon.c - the way of squeeze.h with NEON, which every 64-bit ARM
 * has. */
#include "auth/sig/squeeze_loop.h"

#if defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#include <arm_neon.h>

struct block {
	uint8x16_t v[4];
};

static inline struct block load_block(const char *p)
{
	struct block b;

	for (unsigned i = 0; i < 4; i++)
		b.v[i] = vld1q_u8((const uint8_t *)p + 16 * i);
	return b;
}

/* A bit for each octet that is 'c': each gets its bit of eight, and pairs are
 * added three times. */
static inline uint64_t equal(struct block b, uint8_t c)
{
	static const uint8_t bits[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4,
		8, 16, 32, 64, 128 };
	uint8x16_t bit = vld1q_u8(bits), is = vdupq_n_u8(c), sum;

	for (unsigned i = 0; i < 4; i++)
		b.v[i] = vandq_u8(vceqq_u8(b.v[i], is), bit);
	sum = vpaddq_u8(vpaddq_u8(b.v[0], b.v[1]), vpaddq_u8(b.v[2], b.v[3]));
	sum = vpaddq_u8(sum, sum);
	return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}

static inline struct mxa_octets classify(const char *p)
{
	struct block b = load_block(p);
	uint64_t tab = equal(b, '\t');

	return (struct mxa_octets){ .tab = tab,
		.wsp = tab | equal(b, ' '),
		.cr = equal(b, '\r'),
		.lf = equal(b, '\n') };
}

/* No TAB, and no SP before anything up to SP: a little more than must be. */
static inline bool block_stays(const char *p)
{
	struct block b = load_block(p), next = load_block(p + 1);
	uint8x16_t sp = vdupq_n_u8(' '), odd = vdupq_n_u8(0);

	for (unsigned i = 0; i < 4; i++) {
		odd = vorrq_u8(odd, vceqq_u8(b.v[i], vdupq_n_u8('\t')));
		odd = vorrq_u8(odd,
		    vandq_u8(vceqq_u8(b.v[i], sp), vcleq_u8(next.v[i], sp)));
	}
	return vmaxvq_u8(odd) == 0;
}

static mxa_shuffles shuffles;

static inline size_t pack(const char *p, uint64_t drop, uint64_t tab, char *out)
{
	uint64_t keep = ~drop;
	size_t n = 0;

	(void)tab;
	for (unsigned i = 0; i < MXA_SQUEEZE_BLOCK; i += 8) {
		uint8x8_t v = vld1_u8((const uint8_t *)p + i);
		unsigned these = keep >> i & 0xff;

		v = vbsl_u8(vceq_u8(v, vdup_n_u8('\t')), vdup_n_u8(' '), v);
		vst1_u8(
		    (uint8_t *)out + n, vtbl1_u8(v, vld1_u8(shuffles[these])));
		n += (size_t)__builtin_popcount(these);
	}
	return n;
}

static size_t clean(const char *p, size_t len)
{
	return mxa_loop_clean(p, len, block_stays);
}

static size_t squeeze(const char *p, size_t len, char *out, size_t *used)
{
	return mxa_loop_squeeze(p, len, out, used, classify, pack);
}

const struct mxa_squeezer *mxa_squeezer_neon(void)
{
	static const struct mxa_squeezer neon = { "NEON", clean, squeeze };

	mxa_shuffles_fill(shuffles);
	return &neon;
}

#else

const struct mxa_squeezer *mxa_squeezer_neon(void)
{
	return NULL;
}

#endif
