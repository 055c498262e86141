/* words.h - a text made ready to be searched for many fragments: ASCII lower
 * case, with an index of the three-byte runs in it, so that a fragment that is
 * not there costs one lookup. */
#ifndef MXA_BOUNCE_WORDS_H
#define MXA_BOUNCE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct mxa_arena;

#define MXA_WORDS_INDEX 64 /* 64-bit cells */

struct mxa_words {
	struct mxa_str text; /* lower case */
	uint64_t index[MXA_WORDS_INDEX];
};

/* All of 's'. */
void mxa_words_make(
    struct mxa_arena *a, struct mxa_str s, struct mxa_words *out);

/* What 's' says about authentication: without e-mail addresses, URLs, host
 * names and quoted header names, and without methods that passed ("spf=pass",
 * "DKIM: PASS").  The page of openspf.org stays, for it carries facts. */
void mxa_words_make_masked(
    struct mxa_arena *a, struct mxa_str s, struct mxa_words *out);

/* Offset of 'fragment' (lower case) in the text; text.len: not there.  A
 * fragment of at most four letters must not begin inside a longer word. */
size_t mxa_words_find(const struct mxa_words *w, const char *fragment);

static inline bool mxa_words_have(
    const struct mxa_words *w, const char *fragment)
{
	return mxa_words_find(w, fragment) < w->text.len;
}

#endif
