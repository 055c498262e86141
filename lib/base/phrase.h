/* phrase.h - a sentence and what it was made of.
 *
 * The library says why a result is what it is, in English: header, log, journal
 * and JSON are for other programs as well.  A phrase keeps its form and its
 * arguments, so that a tool can show the same sentence in the language of its
 * reader. */
#ifndef MXA_BASE_PHRASE_H
#define MXA_BASE_PHRASE_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

struct mxa_arena;
struct mxa_phrase_arg;

struct mxa_phrase {
	struct mxa_str text; /* in English */
	const char *form;    /* marked with N_(); NULL: there is only the text,
				as in a phrase that was read back */
	const struct mxa_phrase_arg *arg;
	size_t n;
};

/* A phrase without arguments, of a literal that N_() marks. */
#define MXA_PHRASE(lit) \
	((struct mxa_phrase){ .text = MXA_STR(lit), .form = (lit) })
/* The same of a pointer to one. */
#define MXA_PHRASE_OF(s) \
	((struct mxa_phrase){ .text = mxa_str_from(s), .form = (s) })
/* One that is not ours, and stays as it is. */
#define MXA_PHRASE_QUOTED(str) ((struct mxa_phrase){ .text = (str) })

/* Like printf, in 'a'.  The conversions are %s, %d, %u and %p, %% is not one;
 * "l", "ll", "z" and the precision "*" are the only additions.  %s is a word of
 * ours, which is translated too where it is marked with N_(); %.*s is text from
 * outside and stays as it is; %p is a struct mxa_phrase within this one.  At
 * most MXA_PHRASE_ARGS arguments, a precision counting as one. */
struct mxa_phrase mxa_phrase(struct mxa_arena *a, const char *form, ...)
    MXA_PRINTF(2, 3);
struct mxa_phrase mxa_phrase_v(
    struct mxa_arena *a, const char *form, va_list ap) MXA_PRINTF(2, 0);

#define MXA_PHRASE_ARGS 12

/* The phrase that 'text' was, read back with the forms of the catalogue, in
 * 'a': of those that fit, the one with most words of its own.  Where a form
 * leaves open where an argument ends, it ends as soon as it can.  A phrase four
 * phrases deep stays as it is.  False: no form fits, and 'out' is a quoted one.
 * A process that speaks English needs no forms: always true. */
bool mxa_phrase_read(
    struct mxa_arena *a, struct mxa_str text, struct mxa_phrase *out);

/* The phrase in the language of the process (base/i18n.h), in 'a' or as it is
 * in 'p'. */
struct mxa_str mxa_phrase_words(
    struct mxa_arena *a, const struct mxa_phrase *p);

#endif
