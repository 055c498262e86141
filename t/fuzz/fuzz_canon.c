/* fuzz_canon.c - canonicalisation, in pieces of any size, is what the slow
 * reference says, in every way there is.  First byte: size of the pieces; then
 * a field up to the first NUL, and a body. */
#include "t/fuzz/fuzz.h"

#include <string.h>

#include "auth/sig/canon.h"
#include "auth/sig/squeeze.h"
#include "base/arena.h"
#include "base/buf.h"
#include "mail/headers.h"
#include "t/support/refcanon.h"

static void collect(void *ctx, const char *p, size_t len)
{
	require(len > 0);
	mxa_buf_add(ctx, p, len);
}

static void body(struct mxa_arena *a, const struct mxa_squeezer *way,
    bool relaxed, struct mxa_str s, size_t chunk)
{
	struct mxa_canon_body b;
	struct mxa_buf out;

	mxa_buf_init(&out, a, (size_t)64 << 20);
	mxa_canon_body_init(&b, relaxed ? MXA_CANON_RELAXED : MXA_CANON_SIMPLE,
	    (struct mxa_canon_sink){ collect, &out });
	b.way = way;
	for (size_t at = 0; at < s.len; at += chunk) {
		/* its own block: a sanitizer sees what is read beyond it */
		struct mxa_str piece = mxa_str_sub(s, at, at + chunk);
		char *copy = mxa_xmalloc(piece.len);

		memcpy(copy, piece.p, piece.len);
		mxa_canon_body_feed(&b, copy, piece.len);
		free(copy);
	}
	mxa_canon_body_finish(&b);
	require(mxa_str_eq(mxa_buf_str(&out), ref_canon_body(a, relaxed, s)));
}

/* A field with bytes [from, to) left out canonicalises like a field that never
 * had them. */
static void field(struct mxa_arena *a, bool relaxed, const struct mxa_field *f,
    size_t from, size_t to)
{
	struct mxa_buf cut, out;
	struct mxa_canon_sink sink = { collect, &out };

	mxa_buf_init(&cut, a, (size_t)64 << 20);
	mxa_buf_addstr(&cut, mxa_str_sub(f->raw, 0, from));
	mxa_buf_addstr(&cut, mxa_str_sub(f->raw, to, f->raw.len));
	mxa_buf_init(&out, a, (size_t)64 << 20);
	mxa_canon_field(
	    relaxed ? MXA_CANON_RELAXED : MXA_CANON_SIMPLE, f, from, to, &sink);
	require(mxa_str_eq(mxa_buf_str(&out),
	    ref_canon_header(a, relaxed, mxa_buf_str(&cut))));
}

static void fields(struct mxa_arena *a, struct mxa_str s, size_t seed)
{
	struct mxa_headers h;
	size_t body_at;

	mxa_headers_init(&h, a);
	mxa_headers_split(&h, s, &body_at);
	for (size_t i = 0; i < h.n; i++) {
		const struct mxa_field *f = &h.v[i];
		size_t value = (size_t)(f->value.p - f->raw.p);
		size_t from = value + seed % (f->value.len + 1);
		size_t to = from + seed * 7 % (f->raw.len - from + 1);

		/* the value of b= begins behind its '=', never behind a CR */
		while (from > value && f->raw.p[from - 1] == '\r')
			from--;
		field(a, false, f, 0, 0);
		field(a, true, f, 0, 0);
		field(a, false, f, from, to);
		field(a, true, f, from, to);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a;
	struct mxa_str s;
	size_t nul, chunk;
	const struct mxa_squeezer *const *way = mxa_squeezers();

	if (size == 0)
		return 0;
	a = mxa_arena_new();
	s = mxa_str_make((const char *)data + 1, size - 1);
	nul = mxa_str_chr(s, '\0', 0);
	fields(a, mxa_str_sub(s, 0, nul), data[0]);
	s = mxa_str_sub(s, nul + 1, s.len);
	/* to 64, then by 16 to what vectors and long runs want */
	chunk = data[0] < 64 ? 1u + data[0] : (data[0] - 60u) * 16;
	body(a, *way, false, s, chunk);
	for (; *way != NULL; way++)
		body(a, *way, true, s, chunk);
	mxa_arena_free(a);
	return 0;
}
