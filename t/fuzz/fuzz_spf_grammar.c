/* fuzz_spf_grammar.c - a record is right or has one mistake with a position;
 * its terms lie in it, in order, and mean the same when read alone. */
#include "t/fuzz/fuzz.h"

#include "auth/spf/grammar.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

static void check_mistake(const struct mxa_spf_record *r)
{
	require(r->mistake.what != NULL);
	require(r->mistake.at <= r->text.len);
	if (r->text.len > MXA_MAX_RECORD)
		return;
	require(r->bad_term.p >= r->text.p + 6);
	require(r->bad_term.p + r->bad_term.len <= r->text.p + r->text.len);
	require(r->mistake.at >= (size_t)(r->bad_term.p - r->text.p));
	require(r->mistake.at <=
	    (size_t)(r->bad_term.p - r->text.p) + r->bad_term.len);
}

/* One term as a record of its own. */
static void check_alone(struct mxa_arena *a, const struct mxa_spf_record *r,
    const struct mxa_spf_term *t)
{
	struct mxa_spf_record one;
	struct mxa_buf b;

	mxa_buf_init(&b, a, MXA_MAX_RECORD);
	mxa_buf_adds(&b, "V=spf1   ");
	mxa_buf_addstr(&b, mxa_spf_term_text(r, t));
	mxa_spf_parse(&one, mxa_buf_str(&b), true);
	require(b.full || (one.ok && one.n == 1));
	if (!b.full) {
		require(one.term[0].kind == t->kind);
		require(one.term[0].qualifier == t->qualifier);
		require(mxa_str_eq(mxa_spf_term_arg(&one, &one.term[0]),
		    mxa_spf_term_arg(r, t)));
		require(one.term[0].bits4 == t->bits4);
		require(one.term[0].bits6 == t->bits6);
	}
	mxa_spf_record_done(&one);
}

static void check_terms(struct mxa_arena *a, const struct mxa_spf_record *r)
{
	size_t end = 6;

	for (size_t i = 0; i < r->n; i++) {
		const struct mxa_spf_term *t = &r->term[i];

		require(t->at > end && t->len > 0);
		end = (size_t)t->at + t->len;
		require(end <= r->text.len);
		require(t->arg_len == 0 ||
		    (t->arg > t->at && (size_t)t->arg + t->arg_len <= end));
		require(t->bits4 <= 32 && t->bits6 <= 128);
		if (i < 50)
			check_alone(a, r, t);
	}
	require(r->redirect < (long)r->n && r->exp < (long)r->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_spf_record whole, reached;
	struct mxa_buf b;

	mxa_buf_init(&b, a, (size_t)1 << 20);
	mxa_buf_adds(&b, "v=spf1 ");
	mxa_buf_add(&b, data, size);
	mxa_spf_parse(&whole, mxa_buf_str(&b), true);
	mxa_spf_parse(&reached, mxa_buf_str(&b), false);
	require(whole.ok == reached.ok);
	if (whole.ok) {
		check_terms(a, &whole);
		check_terms(a, &reached);
		require(reached.n <= whole.n);
		require(reached.cut == (reached.n < whole.n));
		require(whole.all == reached.all);
		require((whole.redirect < 0) == (reached.redirect < 0));
		require((whole.exp < 0) == (reached.exp < 0));
	} else {
		check_mistake(&whole);
		require(reached.n == 0);
		require(whole.mistake.at == reached.mistake.at);
	}
	mxa_spf_record_done(&whole);
	mxa_spf_record_done(&reached);
	mxa_arena_free(a);
	return 0;
}
