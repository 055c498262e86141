/* i18n.h - words for people in their language.
 *
 * _("text") is the text in the language of the process; N_("text") only marks
 * one that is translated where it is shown.  The catalogues are gettext's .mo
 * files, read here and not by the C library: glibc 2.39 and later translates
 * nothing under C.UTF-8, often the only locale of a server.
 *
 * The daemon speaks no language but English: what it writes into headers,
 * replies and logs is for other programs as well. */
#ifndef MXA_BASE_I18N_H
#define MXA_BASE_I18N_H

#include <stdbool.h>
#include <stddef.h>

#define MXA_TRANSLATED(n) __attribute__((format_arg(n)))

/* From now on the process speaks the language of 'file', a catalogue made by
 * msgfmt; NULL: English.  False: the file cannot be read, is no catalogue, or
 * has plural forms that mxa_words_plural does not know; nothing changes.
 * Call it before the first thread; the words stay until the process ends. */
bool mxa_words_use(const char *file);

/* The translation of 'english', or 'english' itself. */
const char *mxa_words_text(const char *english) MXA_TRANSLATED(1);

/* English text number 'i' of the catalogue, in its order; NULL: there are no
 * more, as in English.  Of a plural its first form. */
const char *mxa_words_english(size_t i);

/* The same for a text that depends on a number.  Languages with one form
 * (Japanese) and with two (n != 1, as in English). */
const char *mxa_words_plural(const char *one, const char *many, unsigned long n)
    MXA_TRANSLATED(1) MXA_TRANSLATED(2);

#define _(text) mxa_words_text(text)
#define N_(text) text
#define P_(one, many, n) mxa_words_plural(one, many, (unsigned long)(n))

#endif
