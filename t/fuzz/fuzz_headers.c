/* fuzz_headers.c - a message that was split and joined again splits into the
 * same parts. */
#include "t/fuzz/fuzz.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/headers.h"

static void check_field(struct mxa_arena *a, const struct mxa_field *f)
{
	struct mxa_str unfolded = mxa_field_unfold(a, f);

	require(f->name.len > 0 && f->name.p == f->raw.p);
	require(f->value.p + f->value.len == f->raw.p + f->raw.len);
	require(f->value.p[-1] == ':');
	require(unfolded.len <= f->value.len);
	require(mxa_str_chr(unfolded, '\n', 0) == unfolded.len);
	require(mxa_body_crlf(a, f->raw).p == f->raw.p);
}

static struct mxa_str joined(
    struct mxa_arena *a, const struct mxa_headers *h, struct mxa_str body)
{
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)256 << 20);
	for (size_t i = 0; i < h->n; i++) {
		check_field(a, &h->v[i]);
		mxa_buf_addstr(&b, h->v[i].raw);
		mxa_buf_adds(&b, "\r\n");
	}
	mxa_buf_adds(&b, "\r\n");
	mxa_buf_addstr(&b, mxa_body_crlf(a, body));
	return mxa_buf_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_str text = mxa_str_make((const char *)data, size);
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_headers first, second;
	struct mxa_str body, again;
	size_t at;

	mxa_headers_init(&first, a);
	mxa_headers_split(&first, text, &at);
	require(at <= text.len);
	body = mxa_body_crlf(a, mxa_str_sub(text, at, text.len));
	require(mxa_body_crlf(a, body).p == body.p);
	again = joined(a, &first, body);
	mxa_headers_init(&second, a);
	mxa_headers_split(&second, again, &at);
	require(mxa_str_eq(mxa_str_sub(again, at, again.len), body));
	require(second.n == first.n && second.bytes == first.bytes);
	for (size_t i = 0; i < first.n; i++)
		require(mxa_str_eq(first.v[i].raw, second.v[i].raw));
	mxa_arena_free(a);
	return 0;
}
