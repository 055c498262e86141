/* str.h - slices of text that somebody else owns.
 *
 * A slice may hold NUL bytes and is not terminated.  An absent text has p ==
 * NULL, an empty one has p != NULL and len == 0. */
#ifndef MXA_BASE_STR_H
#define MXA_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mxa_arena;

struct mxa_str {
	const char *p;
	size_t len;
};

#define MXA_STR(lit) ((struct mxa_str){ "" lit, sizeof(lit) - 1 })
#define MXA_STR_INIT(lit)               \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}
#define MXA_STR_NONE ((struct mxa_str){ NULL, 0 })

/* printf("%.*s", MXA_STR_ARG(s)) */
#define MXA_STR_ARG(s) (int)(s).len, (s).len ? (s).p : ""

/* From a C string; NULL gives MXA_STR_NONE. */
struct mxa_str mxa_str_from(const char *s);
struct mxa_str mxa_str_make(const char *p, size_t len);

/* Copy into the arena; the copy is NUL-terminated behind its end. */
struct mxa_str mxa_str_dup(struct mxa_arena *a, struct mxa_str s);

/* The same as a C string.  NUL bytes inside stay: use only where they have
 * been excluded. */
char *mxa_str_cstr(struct mxa_arena *a, struct mxa_str s);

/* The pieces one after another, NUL-terminated as well. */
struct mxa_str mxa_str_join(
    struct mxa_arena *a, const struct mxa_str *v, size_t n);

/* ASCII lower-case copy. */
struct mxa_str mxa_str_lower(struct mxa_arena *a, struct mxa_str s);

/* Below 0, 0 or above: the order of the bytes; what ends first comes first. */
int mxa_str_order(struct mxa_str a, struct mxa_str b);

bool mxa_str_eq(struct mxa_str a, struct mxa_str b);
bool mxa_str_caseeq(struct mxa_str a, struct mxa_str b); /* ASCII */
bool mxa_str_is(struct mxa_str a, const char *b);
bool mxa_str_caseis(struct mxa_str a, const char *b);
bool mxa_str_starts(struct mxa_str s, struct mxa_str prefix);
bool mxa_str_casestarts(struct mxa_str s, struct mxa_str prefix);
bool mxa_str_ends(struct mxa_str s, struct mxa_str suffix);

/* Offset of the first 'c' at or behind 'from'; s.len when there is none. */
size_t mxa_str_chr(struct mxa_str s, char c, size_t from);

/* Offset of the first ASCII-case-less occurrence; s.len when there is none. */
size_t mxa_str_casefind(struct mxa_str s, struct mxa_str what);

/* Part [from, to), clipped to the slice. */
struct mxa_str mxa_str_sub(struct mxa_str s, size_t from, size_t to);

/* Without leading and trailing SP, TAB, CR, LF. */
struct mxa_str mxa_str_trim(struct mxa_str s);

/* The beginning of 's' in at most 'max' bytes, up to the end of a word: the
 * rest of a name that is cut would be another name.  Empty: not one word fits.
 */
struct mxa_str mxa_str_whole_words(struct mxa_str s, size_t max);

/* How many octets from 'from' on are printable ASCII and not in 'special'. */
size_t mxa_str_plain(struct mxa_str s, size_t from, const char *special);

/* No byte has its highest bit set. */
bool mxa_str_is_ascii(struct mxa_str s);

/* Decimal number without sign, at most 'max'; false when it is anything else
 * (empty, overflow, trailing text). */
bool mxa_str_u64(struct mxa_str s, uint64_t max, uint64_t *out);

/* ASCII classes that do not depend on a locale; inline, for they are asked for
 * every octet. */
static inline bool mxa_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool mxa_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool mxa_is_alnum(char c)
{
	return mxa_is_alpha(c) || mxa_is_digit(c);
}

static inline bool mxa_is_xdigit(char c)
{
	return mxa_is_digit(c) || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

/* SP, TAB */
static inline bool mxa_is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* SP, TAB, CR, LF */
static inline bool mxa_is_space(char c)
{
	return mxa_is_wsp(c) || c == '\r' || c == '\n';
}

static inline char mxa_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

#endif
