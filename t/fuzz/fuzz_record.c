/* fuzz_record.c - records of any bytes, repaired: an SPF record parses
 * afterwards, ends in one "-all" or "~all" or in a redirect, and a second
 * repair changes nothing; a DMARC record is one that receivers apply.
 *
 * The first byte chooses: SPF, DMARC, DMARC that is no record, a DKIM key. */
#include "t/fuzz/fuzz.h"

#include "auth/dmarc_record.h"
#include "auth/spf/grammar.h"
#include "base/arena.h"
#include "record/dkim_key.h"
#include "record/dmarc_edit.h"
#include "record/slips.h"

static bool parses(struct mxa_str text)
{
	struct mxa_spf_record r;

	mxa_spf_parse(&r, text, false);
	mxa_spf_record_done(&r);
	return r.ok;
}

static size_t count_all(const struct mxa_spf_words *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		char all = mxa_spf_word_all(w->v[i].text);

		require(all == '\0' || all == '-' || all == '~');
		n += all != '\0';
	}
	return n;
}

static void repair_spf(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_spf_words *w = mxa_arena_calloc(a, 1, sizeof(*w));
	struct mxa_slip slip[MXA_MAX_SLIPS];
	enum mxa_spf_ending ending;
	struct mxa_str meant = mxa_slips_spf_record(a, text);

	require(meant.len == 0 || mxa_spf_is_record(meant));
	mxa_spf_words_read(w, a, text);
	(void)mxa_slips_repair(w, slip);
	if (w->full)
		return;
	require(parses(mxa_spf_words_text(w)));
	require(mxa_slips_repair(w, slip) == 0);
	ending = mxa_spf_words_end(w);
	require(parses(mxa_spf_words_text(w)));
	require(count_all(w) == (ending != MXA_SPF_END_REDIRECT));
}

static void repair_dmarc(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_str record;

	if (!mxa_dmarc_record_is(text))
		return;
	record = mxa_dmarc_repair(a, text);
	require(record.len == 0 || mxa_dmarc_stands(record));
}

static void restore_dmarc(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_str record = mxa_dmarc_restore(a, text);

	(void)mxa_dmarc_was_meant(text);
	require(record.len == 0 || mxa_dmarc_stands(record));
}

static void judge_key(struct mxa_arena *a, struct mxa_str text)
{
	struct mxa_str record;
	struct mxa_dkim_key key;

	mxa_dkim_key_judge(a, text, &key);
	record = mxa_dkim_key_without(a, text, "t");
	if (record.len == 0)
		return;
	mxa_dkim_key_judge(a, record, &key);
	require(key.state == MXA_DKIM_KEY_OK && !key.testing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(struct mxa_arena *, struct mxa_str) = {
		repair_spf, repair_dmarc, restore_dmarc, judge_key
	};
	struct mxa_arena *a;

	if (size == 0 || size > 10000)
		return 0;
	a = mxa_arena_new();
	kinds[data[0] % 4](a, mxa_str_make((const char *)data + 1, size - 1));
	mxa_arena_free(a);
	return 0;
}
