/* spf_edit.h - an SPF record as words that can be edited.
 *
 * Pure: asks no DNS.  A word is a term as it is published ("include:a.example",
 * "-all"), or anything else that stands between two spaces.  Words that are
 * not changed stay as their owner wrote them. */
#ifndef MXA_RECORD_SPF_EDIT_H
#define MXA_RECORD_SPF_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct mxa_arena;

#define MXA_MAX_SPF_WORDS 400

struct mxa_spf_word {
	struct mxa_str text;
	size_t at; /* offset in the published text; MXA_SPF_OURS: not there */
};
#define MXA_SPF_OURS ((size_t)-1)

struct mxa_spf_words {
	struct mxa_arena *arena;
	struct mxa_spf_word v[MXA_MAX_SPF_WORDS]; /* after "v=spf1" */
	size_t n;
	bool full; /* there are more: the record must not be proposed */
};

/* Split 'record'.  Its text must live as long as the words. */
void mxa_spf_words_read(
    struct mxa_spf_words *w, struct mxa_arena *a, struct mxa_str record);

/* The record that the words make, in the arena. */
struct mxa_str mxa_spf_words_text(const struct mxa_spf_words *w);

/* The index of a word that says the same ("mx" and "+MX"), from 'from' on;
 * w->n: there is none. */
size_t mxa_spf_words_find(
    const struct mxa_spf_words *w, struct mxa_str text, size_t from);

/* Put a word before the one at 'at'. */
void mxa_spf_words_insert(
    struct mxa_spf_words *w, size_t at, struct mxa_str text);

/* Put a word where a new term belongs: before "all" and the modifiers at the
 * end. */
void mxa_spf_words_add(struct mxa_spf_words *w, struct mxa_str text);

void mxa_spf_words_remove(struct mxa_spf_words *w, size_t at);

/* One record with the words of all 'n'.  With more than one, "redirect" becomes
 * "include" (it would be ignored), and the end is the mildest that one of them
 * had: the merged record must not fail what one of them let through. */
void mxa_spf_words_merge(struct mxa_spf_words *w, struct mxa_arena *a,
    const struct mxa_str *record, size_t n);

/* The qualifier of a word that is "all": + - ~ ?; '\0' for another word. */
char mxa_spf_word_all(struct mxa_str word);

/* Whether one of the words is "all". */
bool mxa_spf_words_have_all(const struct mxa_spf_words *w);

/* Whether the word is a modifier: "redirect=a.example". */
bool mxa_spf_word_is_modifier(struct mxa_str word);

/* How a record ends after mxa_spf_words_end. */
enum mxa_spf_ending {
	MXA_SPF_END_KEPT,     /* the owner's own "-all" or "~all" stood last */
	MXA_SPF_END_MOVED,    /* it stood before other terms */
	MXA_SPF_END_REDIRECT, /* no "all", but a redirect */
	MXA_SPF_END_ADDED,    /* there was none: now "~all" */
	MXA_SPF_END_REPLACED, /* "+all" or "?all": now "~all" */
};

/* Make the record end in one "-all" or "~all": the owner's own where there is
 * one, else "~all".  A redirect without "all" stays the end. */
enum mxa_spf_ending mxa_spf_words_end(struct mxa_spf_words *w);

#endif
