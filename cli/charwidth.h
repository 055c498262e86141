/* charwidth.h - how a character behaves in a line of text: its width on a
 * terminal (Unicode Standard Annex 11) and where a line may break beside it
 * (the part of Unicode Standard Annex 14 that Chinese and Japanese need). */
#ifndef MXA_CLI_CHARWIDTH_H
#define MXA_CLI_CHARWIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 for marks that are set over the character before them, 2 for wide ones. */
size_t char_width(uint32_t c);

/* Ideographs, kana, full-width forms and their punctuation: lines break
 * between them without a space.  Hangul is not among them: Korean separates
 * words by spaces. */
bool char_is_ideographic(uint32_t c);

/* Must not stand at the beginning of a line: closing brackets and marks, small
 * kana, marks of repetition and lengthening. */
bool char_never_first(uint32_t c);

/* Must not stand at the end of a line: opening brackets and quotation marks,
 * signs of currency. */
bool char_never_last(uint32_t c);

#endif
