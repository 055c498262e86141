/* fuzz_phrase.c - a text is read back with the forms of a catalogue.  Their
 * translations say the same with the arguments by number: whatever was read,
 * its words are the text. */
#include "t/fuzz/fuzz.h"

#include "base/arena.h"
#include "base/phrase.h"
#include "t/support/catalogue.h"

static const char *const texts[][2] = {
	{ "key", "key" },
	{ "body", "body" },
	{ "from: %p", "from: %1$p" },
	{ "%s is not %p or %p", "%1$s is not %2$p or %3$p" },
	{ "%.*s is listed by %p (%.*s)",
	    "%2$.*1$s is listed by %3$p (%5$.*4$s)" },
	{ "%d of %u keys, %lu of %llu bytes, %zu%%",
	    "%1$d of %2$u keys, %3$lu of %4$llu bytes, %5$zu%%" },
	{ "the %s of %.*s has changed", "the %1$s of %3$.*2$s has changed" },
	{ "%s%s%s%s and no more", "%1$s%2$s%3$s%4$s and no more" },
	{ "100%% of them", "100%% of them" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct mxa_str text = mxa_str_make((const char *)data, size);
	struct mxa_arena *a;
	struct mxa_phrase p;

	if (!ready)
		use_catalogue(texts, sizeof(texts) / sizeof(texts[0]));
	ready = true;
	a = mxa_arena_new();
	require(mxa_phrase_read(a, text, &p) == (p.form != NULL));
	require(mxa_str_eq(p.text, text) && p.n <= MXA_PHRASE_ARGS);
	require(mxa_str_eq(mxa_phrase_words(a, &p), text));
	mxa_arena_free(a);
	return 0;
}
