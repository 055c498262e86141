/* utf8.h - characters of UTF-8 text (RFC 3629 section 4): no overlong forms, no
 * surrogates, nothing beyond U+10FFFF. */
#ifndef MXA_BASE_UTF8_H
#define MXA_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Bytes of the character at s.p[at], which must exist; 0 if the bytes there
 * are not UTF-8. */
size_t mxa_utf8_len(struct mxa_str s, size_t at);

/* The same, and its code point in 'out'. */
size_t mxa_utf8_get(struct mxa_str s, size_t at, uint32_t *out);

/* Encode a code point; returns its bytes.  What is not a character (a
 * surrogate, beyond U+10FFFF) becomes U+FFFD. */
size_t mxa_utf8_put(char out[4], uint32_t c);

#endif
