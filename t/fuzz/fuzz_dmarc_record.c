/* fuzz_dmarc_record.c - DMARC records: what comes out of a text lies in it, and
 * an unusable policy is never more than none. */
#include "t/fuzz/fuzz.h"

#include "auth/dmarc_record.h"
#include "base/arena.h"

static void require_within(struct mxa_str part, struct mxa_str text)
{
	require(part.len == 0 ||
	    (part.p >= text.p && part.p + part.len <= text.p + text.len));
}

static void check_uris(
    const struct mxa_dmarc_uri *list, size_t n, struct mxa_str text)
{
	require(n <= MXA_MAX_DMARC_URIS);
	for (size_t i = 0; i < n; i++) {
		require_within(list[i].uri, text);
		require_within(list[i].address, list[i].uri);
		require(list[i].uri.len > 1);
		require(text.p + list[i].at == list[i].uri.p);
	}
}

static void check_mistakes(const struct mxa_dmarc_record *r)
{
	bool policy = false;

	require(r->n_mistakes <= MXA_MAX_DMARC_MISTAKES);
	for (size_t i = 0; i < r->n_mistakes; i++) {
		const struct mxa_dmarc_mistake *m = &r->mistake[i];

		require(m->at <= r->text.len && m->what != NULL);
		require(i == 0 || r->mistake[i - 1].at <= m->at);
		policy |= m->kind == MXA_DMARC_BAD_POLICY;
	}
	if (policy)
		require(r->p == MXA_POLICY_NONE && r->sp == MXA_POLICY_NONE &&
		    r->np == MXA_POLICY_NONE);
}

static void check(const struct mxa_dmarc_record *r, struct mxa_str text)
{
	check_uris(r->rua, r->n_rua, text);
	check_uris(r->ruf, r->n_ruf, text);
	check_mistakes(r);
	require(r->usable || !r->as_none);
	require(!r->as_none || r->n_rua > 0);
	require(r->has_p || r->p == MXA_POLICY_NONE);
	require(r->fo != 0 && r->pct >= -1 && r->pct <= 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_str text = mxa_str_make((const char *)data, size);
	struct mxa_dmarc_record r, *copy;

	if (mxa_dmarc_record_is(text)) {
		mxa_dmarc_record_parse(text, &r);
		check(&r, text);
		copy = mxa_dmarc_record_dup(a, &r);
		check(copy, copy->text);
		require(mxa_str_eq(copy->text, text));
		require(copy->n_rua == r.n_rua && copy->p == r.p);
	}
	mxa_arena_free(a);
	return 0;
}
