/* encoded_word.h - encoded words (RFC 2047): "=?utf-8?q?caf=C3=A9?=".
 *
 * They have no place in an address, but some mail readers decode a field before
 * they look for addresses in it. */
#ifndef MXA_MAIL_ENCODED_WORD_H
#define MXA_MAIL_ENCODED_WORD_H

#include "base/str.h"

struct mxa_arena;

/* 'text' with the bytes of its encoded words in place of them, in 'a'; their
 * charset is not looked at.  What is none, or is not encoded as it says, stays.
 * Absent: there is no encoded word in 'text'. */
struct mxa_str mxa_encoded_words_decode(
    struct mxa_arena *a, struct mxa_str text);

#endif
