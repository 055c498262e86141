/* fuzz_taglist.c - what was read lies in the text, and reads the same again. */
#include "t/fuzz/fuzz.h"

#include "base/arena.h"
#include "base/buf.h"
#include "mail/taglist.h"

static void check_slices(struct mxa_str text, const struct mxa_taglist *t)
{
	require(t->n <= MXA_MAX_TAGS);
	require(t->error == NULL || t->error_at <= text.len);
	for (size_t i = 0; i < t->n; i++) {
		const struct mxa_tag *v = &t->v[i];

		require(v->name.p == text.p + v->at && v->name.len > 0);
		require(v->name.p + v->name.len <= v->value.p);
		require(v->value.p + v->value.len <= text.p + text.len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_str text = mxa_str_make((const char *)data, size);
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_taglist first, second;
	struct mxa_buf b;

	mxa_taglist_parse(text, &first);
	check_slices(text, &first);
	mxa_buf_init(&b, a, 2 * size + 2 * MXA_MAX_TAGS);
	for (size_t i = 0; i < first.n; i++) {
		mxa_buf_addstr(&b, first.v[i].name);
		mxa_buf_addc(&b, '=');
		mxa_buf_addstr(&b, first.v[i].value);
		mxa_buf_addc(&b, ';');
	}
	require(mxa_taglist_parse(mxa_buf_str(&b), &second) ==
	    (first.n > 0 ? MXA_OK : MXA_ESYNTAX));
	require(second.n == first.n);
	for (size_t i = 0; i < first.n; i++) {
		require(mxa_str_eq(first.v[i].name, second.v[i].name));
		require(mxa_str_eq(first.v[i].value, second.v[i].value));
	}
	mxa_arena_free(a);
	return 0;
}
