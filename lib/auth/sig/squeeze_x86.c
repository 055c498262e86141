/* squeeze_x86.c - the ways of squeeze.h with AVX2 and with SSE2. */
#include "auth/sig/squeeze_loop.h"

#if defined(__x86_64__) || defined(__i386__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,popcnt")))
#define SSE2 __attribute__((target("sse2")))

/* --- AVX2 --- */

AVX2 static inline uint64_t equal_avx2(__m256i v, char c)
{
	return (uint32_t)_mm256_movemask_epi8(
	    _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)));
}

AVX2 static inline struct mxa_octets classify_avx2(const char *p)
{
	struct mxa_octets o = { 0, 0, 0, 0 };

	for (unsigned i = 0; i < MXA_SQUEEZE_BLOCK; i += 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(p + i));
		uint64_t tab = equal_avx2(v, '\t');

		o.tab |= tab << i;
		o.wsp |= (tab | equal_avx2(v, ' ')) << i;
		o.cr |= equal_avx2(v, '\r') << i;
		o.lf |= equal_avx2(v, '\n') << i;
	}
	return o;
}

/* No TAB, and no SP before anything up to SP: a little more than must be. */
AVX2 static inline bool block_stays_avx2(const char *p)
{
	const __m256i sp = _mm256_set1_epi8(' ');
	__m256i odd = _mm256_setzero_si256();

	for (unsigned i = 0; i < MXA_SQUEEZE_BLOCK; i += 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(p + i));
		__m256i next = _mm256_loadu_si256((const __m256i *)(p + i + 1));

		next = _mm256_cmpeq_epi8(_mm256_min_epu8(next, sp), next);
		odd = _mm256_or_si256(
		    odd, _mm256_and_si256(_mm256_cmpeq_epi8(v, sp), next));
		odd = _mm256_or_si256(
		    odd, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\t')));
	}
	return _mm256_testz_si256(odd, odd);
}

static mxa_shuffles shuffles;

/* The lower eight octets of 'v' that 'keep' says. */
AVX2 static inline size_t pack_eight(__m128i v, unsigned keep, char *out)
{
	__m128i from = _mm_loadl_epi64((const __m128i *)shuffles[keep]);

	_mm_storel_epi64((__m128i *)out, _mm_shuffle_epi8(v, from));
	return (size_t)__builtin_popcount(keep);
}

AVX2 static inline size_t pack_avx2(
    const char *p, uint64_t drop, uint64_t tab, char *out)
{
	uint64_t keep = ~drop;
	size_t n = 0;

	(void)tab;
	for (unsigned i = 0; i < MXA_SQUEEZE_BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(p + i));

		v = _mm_blendv_epi8(v, _mm_set1_epi8(' '),
		    _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));
		n += pack_eight(v, keep >> i & 0xff, out + n);
		n += pack_eight(
		    _mm_srli_si128(v, 8), keep >> (i + 8) & 0xff, out + n);
	}
	return n;
}

AVX2 static size_t clean_avx2(const char *p, size_t len)
{
	return mxa_loop_clean(p, len, block_stays_avx2);
}

AVX2 static size_t squeeze_by_avx2(
    const char *p, size_t len, char *out, size_t *used)
{
	return mxa_loop_squeeze(p, len, out, used, classify_avx2, pack_avx2);
}

const struct mxa_squeezer *mxa_squeezer_avx2(void)
{
	static const struct mxa_squeezer avx2 = { "AVX2", clean_avx2,
		squeeze_by_avx2 };

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") ||
	    !__builtin_cpu_supports("popcnt"))
		return NULL;
	mxa_shuffles_fill(shuffles);
	return &avx2;
}

/* --- SSE2 --- */

SSE2 static inline uint64_t equal_sse2(__m128i v, char c)
{
	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
}

SSE2 static inline struct mxa_octets classify_sse2(const char *p)
{
	struct mxa_octets o = { 0, 0, 0, 0 };

	for (unsigned i = 0; i < MXA_SQUEEZE_BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(p + i));
		uint64_t tab = equal_sse2(v, '\t');

		o.tab |= tab << i;
		o.wsp |= (tab | equal_sse2(v, ' ')) << i;
		o.cr |= equal_sse2(v, '\r') << i;
		o.lf |= equal_sse2(v, '\n') << i;
	}
	return o;
}

SSE2 static inline bool block_stays_sse2(const char *p)
{
	const __m128i sp = _mm_set1_epi8(' ');
	__m128i odd = _mm_setzero_si128();

	for (unsigned i = 0; i < MXA_SQUEEZE_BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(p + i));
		__m128i next = _mm_loadu_si128((const __m128i *)(p + i + 1));

		next = _mm_cmpeq_epi8(_mm_min_epu8(next, sp), next);
		odd = _mm_or_si128(
		    odd, _mm_and_si128(_mm_cmpeq_epi8(v, sp), next));
		odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));
	}
	return _mm_movemask_epi8(odd) == 0;
}

SSE2 static size_t clean_sse2(const char *p, size_t len)
{
	return mxa_loop_clean(p, len, block_stays_sse2);
}

SSE2 static size_t squeeze_by_sse2(
    const char *p, size_t len, char *out, size_t *used)
{
	return mxa_loop_squeeze(
	    p, len, out, used, classify_sse2, mxa_pack_pieces);
}

const struct mxa_squeezer *mxa_squeezer_sse2(void)
{
	static const struct mxa_squeezer sse2 = { "SSE2", clean_sse2,
		squeeze_by_sse2 };

	__builtin_cpu_init();
	return __builtin_cpu_supports("sse2") ? &sse2 : NULL;
}

#else

const struct mxa_squeezer *mxa_squeezer_avx2(void)
{
	return NULL;
}

const struct mxa_squeezer *mxa_squeezer_sse2(void)
{
	return NULL;
}

#endif
